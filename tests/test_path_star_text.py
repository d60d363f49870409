"""The published text format: a round trip, the token counts of the paper, and one message for each way to be wrong."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.papers.path_star.distribution import draw_sample, node_count
from ntpproofs.papers.path_star.text import check_lines, read_file, read_line, tokens, write_line


def test_round_trip() -> None:
    random = Random(2)
    for _ in range(100):
        arms, length = random.randint(1, 5), random.randint(2, 6)
        labels = node_count(arms, length) + random.randint(0, 9)
        sample = draw_sample(arms, length, labels, random)
        for reverse in (False, True):
            line = write_line(sample, reverse=reverse)
            assert read_line(line, labels=labels, reverse=reverse) == sample
        edges = arms * (length - 1)
        assert len(tokens(write_line(sample), labels)) == 3 * edges + 3 + length
        assert max(tokens(write_line(sample), labels)) < labels + 4


def test_a_line_as_published() -> None:
    line = "3,4|0,3|0,1|1,2/0,4=0,3,4"
    assert read_line(line).path == (0, 3, 4)
    assert tokens(line, 10) == (3, 4, 10, 0, 3, 10, 0, 1, 10, 1, 2, 12, 0, 4, 11, 0, 3, 4)


@pytest.mark.parametrize(
    "line, why",
    [
        ("", "form"),
        ("0,1|0,2=0,2/0,2", "form"),
        ("0,1|0,2/0,2", "form"),
        ("0,x|0,2/0,2=0,2", "no node label"),
        ("0,1,2|0,2/0,2=0,2", "has 3 nodes"),
        ("0,1|0,2/0=0,2", "has 1 nodes"),
        ("0,1|0,2/0,2=0,1", "is not the path"),
        ("0,1|1,2/0,2=2,1,0", "reverse"),
        ("0,1|1,2/0,1=0,1", "not a leaf"),
        ("0,1|0,2|2,3/0,3=0,2,3", "different lengths"),
        ("0,1|0,60/0,60=0,60", "no label below 50"),
        ("0,1|0,-2/0,1=0,1", "no node label"),
        ("0,1|0,2/7,2=7,2", "two successors"),
        ("0,1|1,2/7,2=7,2", "no path"),
    ],
)
def test_wrong_lines_say_why(line: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        read_line(line, labels=50)
    assert caught.value.remedy


def test_a_file_is_checked_line_by_line(tmp_path: Path) -> None:
    random = Random(4)
    lines = [write_line(draw_sample(2, 3, 10, random)) for _ in range(300)]
    report = check_lines([*lines, "", lines[0], "0,1/0,1"])
    assert (report.lines, report.wrong, report.shapes) == (302, 1, ((2, 3),))
    assert report.distinct_prefixes == len({line.split("=")[0] for line in lines})
    assert 100 < report.first_listed < 200
    assert report.messages[0].startswith("line 303")
    path = tmp_path / "data.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [write_line(x) for x in read_file(path)] == lines
    path.write_text("0,1|0,2/0,2=0,2\nnonsense\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=":2"):
        list(read_file(path))
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_file(tmp_path / "missing.txt"))


def test_tokens_refuse_what_they_do_not_know() -> None:
    with pytest.raises(InvalidInput, match="character"):
        tokens("0;1", 5)
    with pytest.raises(InvalidInput, match="no label below 5"):
        tokens("0,7/0,7=0,7", 5)
