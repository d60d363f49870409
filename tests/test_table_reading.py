"""Tables as people have them: read rightly, or refused in words that name the file, the line, the reason and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.limits.answer import load
from ntpproofs.problems import ConditionalLogit

PLAIN = b"y,x\nno,1\nyes,2.5\nno,3\n"
COUNTS = {"context": "a", "next": "b", "count": "n"}
# The same table, written in other ways.
SAME = {
    "CRLF": PLAIN.replace(b"\n", b"\r\n"),
    "CR": PLAIN.replace(b"\n", b"\r"),
    "byte order mark": b"\xef\xbb\xbf" + PLAIN,
    "semicolons": PLAIN.replace(b",", b";"),
    "tabs": PLAIN.replace(b",", b"\t"),
    "separator named": b"sep=;\n" + PLAIN.replace(b",", b";"),
    "quoted": b'"y","x"\n"no","1"\n"yes","2.5"\n"no","3"\n',
    "spaces": b' y, "x"\nno , 1\nyes, "2.5" \nno,3e0\n'.replace(b'" \n', b'"\n'),
    "blank lines": b"\n\ny,x\n\nno,1\nyes,2.5\n,\nno,3",
    "fractions": b"y,x\nno,1\nyes,5/2\nno,+3.0\n",
    "columns that are not used": b"y,z,x\nno,,1\nyes,3,2.5\nno,a,3\n",
}


def read(folder: Path, data: bytes, **options: str) -> Any:
    """The question in a table."""
    path = folder / "a.csv"
    path.write_bytes(data)
    return load(path, options or {"choice": "y"})


@pytest.mark.parametrize("name", SAME)
def test_one_table_in_many_ways(tmp_path: Path, name: str) -> None:
    found, plain = (read(tmp_path, data, choice="y", covariates="x").problem for data in (SAME[name], PLAIN))
    assert found.rows == plain.rows


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    data = b'y,x,c\n"no",1,"a\nb"\n\nyes,2,d\n'
    assert read(tmp_path, data).request.names == {0: "line 2", 1: "line 5"}
    with pytest.raises(InvalidInput, match="'z' in line 8"):
        read(tmp_path, data + b"no,3,d\nno,4,d\nno,z,d\n")


@pytest.mark.parametrize("name", ["x, kg", "a,b", "x\nz"])
def test_names_of_columns_may_hold_delimiters(tmp_path: Path, name: str) -> None:
    data = f'y,"{name}",u\nno,1,5\nyes,2,5\n'.encode()
    assert read(tmp_path, data, choice="y", covariates=name).request.coordinates == (name,)
    assert read(tmp_path, data, choice="y", covariates=f'u, "{name}"').request.coordinates == ("u", name)
    assert read(tmp_path, f"y;{name};u\nno;1;5\nyes;2;5\n".encode() if "\n" not in name else data).request.coordinates == (name, "u")


MEANT = ["1,5", "1.000,5", "1,234,567", "1 000", "1'000", "5%", "$5", "5 €", "\u22121", "٣", "0x1f", "inf", "-Infinity", "1_000", "9" * 4001, "1,5e3"]


@pytest.mark.parametrize("cell", MEANT)
def test_what_is_meant_as_a_number_is_no_word(tmp_path: Path, cell: str) -> None:
    with pytest.raises(InvalidInput, match=r"a\.csv, column 'x', line 2.* is meant as a number.*decimal point"):
        read(tmp_path, f'y,x\nno,"{cell}"\nyes,"{cell}"\n'.encode())
    with pytest.raises(InvalidInput, match=r"a\.csv, column 'x': mixes numbers and words.* in line 2.*decimal point"):
        read(tmp_path, f'y,x\nno,"{cell}"\nyes,2\nno,3\n'.encode())
    with pytest.raises(InvalidInput, match="is meant as a number"):
        read(tmp_path, f'y,x,w\nno,1,"{cell}"\nyes,2,"{cell}"\n'.encode(), choice="y", weight="w")
    with pytest.raises(InvalidInput, match="is meant as a number"):
        ConditionalLogit.from_table({"y": ["no", "yes"], "x": [cell, cell]}, "y")


@pytest.mark.parametrize("cell", ["x1", "1.2.3", "<5", "10+", "5-9", "2020-01-31", "a b", "10:30", "-"])
def test_other_words_stay_words(tmp_path: Path, cell: str) -> None:
    assert read(tmp_path, f"y,x\nno,{cell}\nyes,b\n".encode()).request.coordinates == tuple(f"x={w}" for w in sorted((cell, "b")))


def test_tokens_are_words_whatever_they_look_like(tmp_path: Path) -> None:
    found = read(tmp_path, b'a,b,n\nthe,3,2\nnull,none,1\nnull,?,2\n1,1.0,2\n1,"1,000",1\n01,1,1\n', **COUNTS).request
    assert found.tokens == ("3", "none", "?", "1.0", "1,000", "1") and list(found.names.values()) == ["the", "null", "1", "01"]
    with pytest.raises(InvalidInput, match=r"a\.csv, column 'b', line 3: is empty"):
        read(tmp_path, b"a,b,n\nthe,3,2\nthe,,1\n", **COUNTS)


WRONG = {
    b"": "a.csv: is empty",
    b"\n \r\n": "a.csv: is empty",
    b"y,x\n": "a.csv: has no row below its header",
    b"y,x\nno,1\nyes\n": "line 3: has 1 cell under 2 columns.*give every row a cell",
    b"y,x\nno,1\nyes,2,5\n": "line 3: has 3 cells under 2 columns.*quote cells that hold commas, write decimals with a point",
    b"# by R\ny,x\nno,1\n": "line 2: has 2 cells under 1 column.*name all columns in the first line",
    b"y,x,\nno,1,\n": "line 1: has no name for column 3.*ends of lines",
    b",y,x\n1,no,1\n": "line 1: has no name for column 1.*row.names=FALSE",
    b"y,x,x\nno,1,2\n": "line 1: has two columns named 'x'",
    b"y,x,e\nno,1,\nyes,2,\n": "column 'e': is empty. Remedy: leave the column out",
    b"y,x\nno,1\n\nyes,\n": "column 'x', line 4: is missing",
    b'y,x\nno,1\n"yes,2\n': "line 3: opens a quote that nothing closes",
    b'y,x\n"n\\"o",1\n': "line 2: goes on behind a closing quote",
    b"y,x\nno," + b"a" * 200_000: "line 2: has a cell of more than 131,072 characters",
    b"y,x\nn\xe9,1\n": "is not UTF-8 text",
    "y,x\nno,1\n".encode("utf-16"): "is not UTF-8 text",
    b"y\nno\nyes\n": "give a column besides the choice",
}


@pytest.mark.parametrize("data, said", WRONG.items(), ids=WRONG.values())
def test_what_is_no_table_is_refused_by_line(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(tmp_path, data)


def test_covariates_are_named_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="names 'x' twice"):
        read(tmp_path, PLAIN, choice="y", covariates="x,x")
