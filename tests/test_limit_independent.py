"""`limit --json` against independent routes: golden answers, and 200 random instances solved by other means.

The other means share no code with the library: separability by linear programming, the max-margin direction by a general
non-linear solver (SLSQP) on the paper's own programme, the finite part by quasi-Newton descent on the restricted loss.
"""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.optimize import linprog, minimize

from ntpproofs.errors import TooLarge
from ntpproofs.kernel import verify
from ntpproofs.kernel.reading import rational
from ntpproofs.limits.answer import document, load
from ntpproofs.papers.linear_ntp.theorems import _golden as golden
from ntpproofs.problems import LinearNTP

COUNT = 200


def answer(problem: LinearNTP, directory: Path) -> dict[str, Any]:
    path = directory / "instance.json"
    path.write_text(json.dumps(problem.instance()), encoding="utf-8")
    record = load(path).answer().record()
    return json.loads(json.dumps(record))  # what a reader of the JSON sees


def random_dataset(rng: np.random.Generator) -> LinearNTP:
    vocabulary, contexts, dimension = int(rng.integers(2, 5)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
    embeddings = rng.integers(-2, 3, (contexts, dimension))
    if contexts > 1 and rng.random() < 0.3:
        embeddings[-1] = rng.choice([1, 2, -1]) * embeddings[0]
    rows = []
    for _ in range(contexts):
        size = int(rng.integers(1, vocabulary + 1))
        counts = rng.integers(1, 5, size)
        rows.append({int(z): Fraction(int(c), int(counts.sum())) for z, c in zip(rng.choice(vocabulary, size, replace=False), counts)})
    weights = rng.integers(1, 4, contexts)
    exact = [[int(x) for x in row] for row in embeddings]
    return LinearNTP(exact, rows, [Fraction(int(w), int(weights.sum())) for w in weights], vocabulary_size=vocabulary)


def difference(problem: LinearNTP, j: int, z: int, v: int) -> np.ndarray:
    row = np.zeros((problem.vocabulary_size, problem.dimension))
    h = np.array([float(x) for x in problem.embeddings[j]])
    row[z] += h
    row[v] -= h
    return row.ravel()


def tied_sets(problem: LinearNTP) -> list[set[int]]:
    # Maximise the sum of min(margin, 1) over the recession cone: at the optimum every margin is 0 or at least 1.
    rows, names, levels = [], [], []
    for j, support in enumerate(problem.supports):
        anchor, *others = sorted(support)
        levels += [difference(problem, j, anchor, z) for z in others]
        for v in set(range(problem.vocabulary_size)) - support:
            rows.append(difference(problem, j, anchor, v))
            names.append((j, v))
    size = problem.vocabulary_size * problem.dimension
    sets = [set(support) for support in problem.supports]
    if rows:
        count = len(rows)
        upper = np.hstack([-np.array(rows), np.eye(count)])
        equal = np.hstack([np.array(levels), np.zeros((len(levels), count))]) if levels else None
        found = linprog(
            np.concatenate([np.zeros(size), -np.ones(count)]), A_ub=upper, b_ub=np.zeros(count), A_eq=equal,
            b_eq=None if equal is None else np.zeros(len(levels)), bounds=[(None, None)] * size + [(0, 1)] * count, method="highs",
        )  # fmt: skip
        assert found.status == 0
        for (j, v), s in zip(names, found.x[size:]):
            assert min(s, 1 - s) < 1e-6
            if s < 0.5:
                sets[j].add(v)
    return sets


def direction(problem: LinearNTP, sets: list[set[int]]) -> np.ndarray:
    size = problem.vocabulary_size * problem.dimension
    level, above = [np.zeros(size)], []
    for j, tied in enumerate(sets):
        anchor = min(tied)
        level += [difference(problem, j, anchor, v) for v in tied - {anchor}]
        above += [difference(problem, j, anchor, v) for v in set(range(problem.vocabulary_size)) - tied]
    if not above:
        return np.zeros(size)
    frame = null_space(np.array(level))  # equalities are eliminated: SLSQP cannot cope with dependent ones
    rows = np.array(above) @ frame
    start = np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0]
    constraint = {"type": "ineq", "fun": lambda c: rows @ c - 1, "jac": lambda c: rows}
    found = minimize(lambda c: c @ c / 2, start, jac=lambda c: c, constraints=[constraint], method="SLSQP", options={"ftol": 1e-15, "maxiter": 500})
    return np.asarray(frame @ found.x)


def finite_part(problem: LinearNTP, sets: list[set[int]]) -> np.ndarray:
    rows = [difference(problem, j, min(tied), v) for j, tied in enumerate(sets) for v in tied - {min(tied)}]
    size = problem.vocabulary_size * problem.dimension
    if not any(row.any() for row in rows):
        return np.zeros(size)
    _, singular, right = np.linalg.svd(np.array(rows), full_matrices=False)
    frame = right[singular > 1e-9].T
    h = np.array([[float(x) for x in row] for row in problem.embeddings])

    def loss(c: np.ndarray) -> tuple[float, np.ndarray]:
        w = (frame @ c).reshape(problem.vocabulary_size, problem.dimension)
        total, gradient = 0.0, np.zeros_like(w)
        for j, tied in enumerate(sets):
            inside = sorted(tied)
            scores = w[inside] @ h[j]
            p = np.exp(scores - scores.max())
            p /= p.sum()
            target = np.array([float(problem.probabilities[j][v]) for v in inside])
            weight = float(problem.weights[j])
            total -= weight * target @ np.log(p)
            gradient[inside] += weight * np.outer(p - target, h[j])
        return total, frame.T @ gradient.ravel()

    found = minimize(loss, np.zeros(frame.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-11, "maxiter": 2_000})
    return np.asarray(frame @ found.x)


@pytest.mark.parametrize("part", range(4))
def test_random_instances_agree_with_independent_routes(part: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(part)
    kinds = set()
    for _ in range(COUNT // 4):
        problem = random_dataset(rng)
        found, sets = answer(problem, tmp_path), tied_sets(problem)
        supports = [set(support) for support in problem.supports]
        separable = any(len(tied) < problem.vocabulary_size for tied in sets)
        kind = "overlap" if not separable else "complete" if all(len(tied) == 1 for tied in sets) else "quasi-complete"
        kinds.add(kind)
        assert found["separation"]["class"] == kind, problem
        assert found["assumptions"]["ntp_separable"] == ("holds" if sets == supports else "fails"), problem
        u = np.array([[float(Fraction(x)) for x in row] for row in found["max_margin"]["matrix"]]).ravel()
        assert np.linalg.norm(u - direction(problem, sets)) <= 1e-5 * (1 + np.linalg.norm(u)), problem
        assert float(Fraction(found["max_margin"]["squared_norm"])) == pytest.approx(u @ u, abs=1e-12)
        w = np.array(found["finite_part"]["matrix"]).ravel()
        assert np.linalg.norm(w - finite_part(problem, sets)) <= 1e-5 * (1 + np.linalg.norm(w)), problem
        assert found["infimum"]["attained"] is (not separable)
    assert kinds == {"overlap", "complete", "quasi-complete"}


def flat(problem: LinearNTP, directory: Path) -> tuple[dict[str, Any], list[str], np.ndarray]:
    found = answer(problem, directory)
    return found, [x for row in found["max_margin"]["matrix"] for x in row], np.array(found["finite_part"]["matrix"]).ravel()


LOG2, LOG3 = np.log(2.0), np.log(3.0)

GOLDEN = {
    # name: (problem, class, squared norm, W^mm rows, W* in closed form, compatible, separable, CE infimum)
    "Ex-1(1/2)": (golden.ex_one_half, "quasi-complete", "2/3", ["1/3", "1/3", "-2/3"], [0, 0, 0], True, True, LOG2),
    "Ex-1(3/4)": (
        golden.ex_three_quarters, "quasi-complete", "2/3", ["1/3", "1/3", "-2/3"], [LOG3 / 2, -LOG3 / 2, 0], True, True, 2 * LOG2 - 0.75 * LOG3,
    ),
    "Ex-Full": (
        golden.ex_full, "quasi-complete", "2/3", ["0", "2/3", "0", "-1/3", "0", "-1/3"],
        [2 * LOG2 / 3, 0, -LOG2 / 3, 0, -LOG2 / 3, 0], True, True, 0.75 * LOG2,
    ),
    "Ex-NonSep": (golden.ex_not_separable, "overlap", "0", ["0", "0", "0"], [2 * LOG2 / 3, -LOG2 / 3, -LOG2 / 3], True, False, 1.5 * LOG2),
    "Adam's": (golden.ex_adam, "quasi-complete", "2/15", ["2/15", "1/15", "2/15", "1/15", "-4/15", "-2/15"], [0] * 6, True, True, LOG2),
    "one-hot labels": (golden.ex_one_hot_labels, "complete", "4/3", ["2/3", "-1/3", "-1/3", "2/3", "-1/3", "-1/3"], [0] * 6, True, True, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_answers(name: str, tmp_path: Path) -> None:
    problem, kind, squared, rows, finite, compatible, separable, infimum = GOLDEN[name]
    found, direction_rows, w = flat(problem, tmp_path)
    assert found["separation"]["class"] == kind
    assert found["max_margin"]["squared_norm"] == squared and direction_rows == rows
    assert np.linalg.norm(w - np.array(finite, dtype=float)) <= found["finite_part"]["radius"] + 1e-15
    assert found["assumptions"]["ntp_compatible"] == ("holds" if compatible else "fails")
    assert found["assumptions"]["ntp_separable"] == ("holds" if separable else "fails")
    assert found["infimum"]["lower"] - 1e-15 <= infimum <= found["infimum"]["upper"] + 1e-15


def test_incompatible_example(tmp_path: Path) -> None:
    found, rows, w = flat(golden.ex_incompatible, tmp_path)
    assert rows == ["1/3", "0", "1/3", "0", "-2/3", "0"] and found["max_margin"]["squared_norm"] == "2/3"
    assert found["assumptions"]["ntp_compatible"] == "fails" and found["assumptions"]["ntp_separable"] == "holds"
    assert w[0] == pytest.approx(0.0200090734564663, abs=1e-15) and w[2] == -w[0] and not w[[1, 3, 4, 5]].any()
    assert found["infimum"]["lower"] > float(golden.ex_incompatible.entropy)


def forty_digits(source: random.Random, rows: int, columns: int) -> list[list[str]]:
    """A matrix of random fractions whose numerators and denominators have forty digits."""
    return [[f"{source.randrange(-(10**40), 10**40)}/{source.randrange(10**39, 10**40)}" for _ in range(columns)] for _ in range(rows)]


@pytest.mark.parametrize("kind", ["linear-ntp", "attention-ntp", "conditional-logit"])
def test_rationals_of_forty_digits(kind: str, tmp_path: Path) -> None:
    # The common denominator has thousands of bits: no float holds the integer rows, and Python prints no integer of their products.
    source = random.Random(4)
    laws = [["1/3", "2/3", "0", "0"], ["0", "0", "1", "0"], ["1/4"] * 4]
    sequences = {"sequences": [[0, 1, 2], [3, 2, 1], [1, 0, 2], [2, 1, 0, 3]], "labels": [0, 3, 1, 2]}
    records: dict[str, dict[str, Any]] = {
        "linear-ntp": {"embeddings": forty_digits(source, 3, 2), "probabilities": laws},
        "attention-ntp": {"embeddings": forty_digits(source, 4, 3), **sequences},
        "conditional-logit": {"rows": [{"chosen": i % 2, "features": forty_digits(source, 3, 6)} for i in range(4)]},
    }
    path = tmp_path / "huge.json"
    path.write_text(json.dumps({"kind": kind} | records[kind]), encoding="utf-8")
    question = load(path)
    found, problem = question.answer(), question.problem.conditional_logit()
    record = found.record()
    verify(document(question.problem, found.certificates()))
    u = np.array([float(rational(x, "u")) for x in np.ravel(np.array(record["max_margin"]["matrix"], dtype=object))])
    margins = [u @ np.array([float(x) for x in row]) for row in problem.differences().values()]
    assert min(m for m in margins if abs(m) > 1e-9) == pytest.approx(1, rel=1e-9)
    assert float(rational(record["max_margin"]["squared_norm"], "norm")) == pytest.approx(u @ u, rel=1e-9)


def test_numbers_beyond_floats_are_refused_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "far.json"
    for number in (10**400, f"1/{10**400}"):
        row = {"chosen": 0, "features": [[number], [0]]}
        path.write_text(json.dumps({"kind": "conditional-logit", "rows": [row]}), encoding="utf-8")
        with pytest.raises(TooLarge, match=r"near 10\^-?400"):
            load(path)
