"""Embeddings from arrays: rounding relative to their size, pooling over tokens, refusals."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import separation
from ntpproofs.limits.answer import load
from ntpproofs.papers.linear_ntp.corpus import read_corpus
from ntpproofs.papers.linear_ntp.embeddings import embeddings_for, pooled, rounded

CORPUS = read_corpus("a b a c b a c c a b", context=1)
PAIRS = read_corpus("a b a c b a c c a b", context=2)


def saved(path: Path, array: np.ndarray) -> str:
    np.save(path, array)
    return str(path)


@pytest.mark.parametrize("factor", [1.0, 7e-6, 2.0**-90, 1024.0])
def test_the_class_does_not_depend_on_the_unit(factor: float, tmp_path: Path) -> None:
    rows, _ = embeddings_for(CORPUS, saved(tmp_path / "h.npy", factor * np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])))
    assert separation(CORPUS.problem(rows)).kind == "quasi-complete"


def test_rounding_is_relative_in_small_rows_and_absolute_in_large_ones() -> None:
    rng = np.random.default_rng(0)
    array = rng.normal(size=(6, 3)) * np.array([1e-30, 1e-6, 1e-2, 1.0, 1e3, 1e6])[:, None]
    rows, how = rounded(array, "array")
    for row, given in zip(rows, array):
        step = Fraction(1, 2**16) * min(Fraction(1), Fraction(float(np.abs(given).max())))
        assert all(abs(x - Fraction(float(y))) <= step / 2 for x, y in zip(row, given))
    assert "row by row" in how and how.endswith("to 2^-16")
    integers = rng.integers(-(2**39), 2**39, size=(3, 3)).astype(float)
    assert rounded(integers, "array")[0] == [[Fraction(int(x)) for x in row] for row in integers]
    assert rounded(np.ones((1, 2)), "array")[1] == "rounded to multiples of 2^-16"
    assert "2 entries" in rounded(np.array([[1.0, 1e-9, 1e-9]]), "array")[1]


@pytest.mark.parametrize(("array", "reason"), [(np.full((3, 1), 2.0**40), "2\\^40 or more"), (np.full((3, 1), 1e-200), "below 2\\^-200")])
def test_entries_out_of_range_are_refused(array: np.ndarray, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=reason):
        embeddings_for(CORPUS, saved(tmp_path / "h.npy", array))


def test_pooling_is_exact(tmp_path: Path) -> None:
    path = saved(tmp_path / "e.npy", np.array([[1.0, 0.0], [0.0, 2.0], [0.5, 0.25]]))
    last, how = embeddings_for(PAIRS, path, "last")
    assert "last" in how and last == [[Fraction(x) for x in ([1, 0], [0, 2], [0.5, 0.25])[context[-1]]] for context in PAIRS.contexts]
    mean, total = (embeddings_for(PAIRS, path, rule)[0] for rule in ("mean", "sum"))
    assert [[2 * x for x in row] for row in mean] == total
    assert pooled(last, [(0,)], "sum") == [last[0]]


def test_pool_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("a b a c b a c c a b")
    path = saved(tmp_path / "e.npy", np.eye(3))
    question = load(tmp_path / "t.txt", {"embedding": path, "pool": "mean"})
    assert any("mean of the embeddings" in note for note in question.request.notes)
    assert question.answer().record()["kind"] == "linear-ntp"


def test_refusals_of_pool(tmp_path: Path) -> None:
    path = saved(tmp_path / "e.npy", np.eye(3))
    with pytest.raises(InvalidInput, match="write mean, last, sum"):
        embeddings_for(PAIRS, path, "median")
    with pytest.raises(InvalidInput, match="drop the option"):
        embeddings_for(PAIRS, "gaussian:2", "mean")
    with pytest.raises(InvalidInput, match="3 tokens"):
        embeddings_for(PAIRS, saved(tmp_path / "f.npy", np.eye(4)), "mean")
    with pytest.raises(InvalidInput, match="--pool mean, last or sum"):
        embeddings_for(PAIRS, path)
