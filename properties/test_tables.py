"""A table and the instance written by hand from it have the same answer: CSV against JSON, choices and counts."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ntpproofs.limits.answer import load

numbers = st.builds(Fraction, st.integers(-3, 3), st.sampled_from([1, 2, 4]))
SAME = ("kind", "separation", "dimensions", "assumptions", "finite_part", "max_margin", "infimum", "separated")


def written(x: Fraction, decimal: bool) -> str:
    """A number as a fraction or as a decimal; denominators are powers of two, so that both are exact."""
    return str(float(x)) if decimal else str(x)


def answers(table: list[list[str]], options: dict[str, str], instance: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON of the table and of the instance; names are the table's alone."""
    buffer = StringIO()
    csv.writer(buffer).writerows(table)
    with TemporaryDirectory() as folder:
        paths = Path(folder) / "a.csv", Path(folder) / "a.json"
        paths[0].write_text(buffer.getvalue(), encoding="utf-8")
        paths[1].write_text(json.dumps(instance), encoding="utf-8")
        records = load(paths[0], options).answer().record(), load(paths[1]).answer().record()
    for entry in (entry for record in records for entry in record["separated"]):
        entry.pop("names", None)
    return records


@given(st.lists(st.tuples(st.integers(0, 2), numbers, numbers, st.integers(1, 3)), min_size=2, max_size=6), st.booleans())
def test_choices(rows: list[tuple[int, Fraction, Fraction, int]], decimal: bool) -> None:
    classes = sorted({c for c, *_ in rows})
    if len(classes) < 2:
        rows = [(i % 2, *rest) for i, (_, *rest) in enumerate(rows)]
        classes = [0, 1]
    table = [["y", "a", "b", "n"], *([f"c{c}", written(a, decimal), written(b, decimal), str(n)] for c, a, b, n in rows)]
    blank = ["0", "0", "0"]

    def features(a: Fraction, b: Fraction) -> list[list[str]]:
        vector = ["1", str(a), str(b)]
        return [[x for k in range(1, len(classes)) for x in (vector if k == v else blank)] for v in range(len(classes))]

    instance = {
        "kind": "conditional-logit",
        "rows": [{"weight": n, "chosen": classes.index(c), "features": features(a, b)} for c, a, b, n in rows],
    }
    found, plain = answers(table, {"choice": "y", "weight": "n", "intercept": "yes"}, instance)
    assert {key: found[key] for key in SAME} == {key: plain[key] for key in SAME}
    assert [{**entry, "name": ""} for entry in found["coordinates"]] == [{**entry, "name": ""} for entry in plain["coordinates"]]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=8))
def test_counts(rows: list[tuple[int, int, int]]) -> None:
    if not any(n for *_, n in rows):
        rows = [(0, 0, 1), *rows]
    contexts = list(dict.fromkeys(c for c, _, n in rows if n))
    tokens = list(dict.fromkeys(t for _, t, _ in rows))
    counts = [[sum(n for c, t, n in rows if (c, t) == (context, token)) for token in tokens] for context in contexts]
    table = [["before", "after", "n"], *([f"c{c}", f"t{t}", str(n)] for c, t, n in rows)]
    instance = {"kind": "linear-ntp", "embeddings": "one-hot", "counts": counts}
    found, plain = answers(table, {"context": "before", "next": "after", "count": "n"}, instance)
    assert {key: found[key] for key in SAME} == {key: plain[key] for key in SAME}


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_matched_pairs(pairs: list[tuple[Fraction, Fraction]]) -> None:
    table = [["pair", "case", "x"]]
    for i, (x, y) in enumerate(pairs):
        table += [[f"p{i}", "1", str(x)], [f"p{i}", "0", str(y)]]
    instance = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [[str(x)], [str(y)]]} for x, y in pairs]}
    found, plain = answers(table, {"choice": "case", "stratum": "pair"}, instance)
    assert {key: found[key] for key in SAME} == {key: plain[key] for key in SAME}
