"""Golden instances of linear NTP with answers worked out by hand, exact to the last digit.

Decoders are written as V x d matrices; c = (2/3, -1/3, -1/3) is the first basis vector of R^3, centred.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from ntpproofs.exact.balls import Interval
from ntpproofs.exact.logarithms import LogVector
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.logit.asymptotics import asymptotics
from ntpproofs.logit.finite_part import log_odds
from ntpproofs.papers.linear_ntp.assumptions import is_ntp_separable
from ntpproofs.problems import LinearNTP

F = Fraction


def matrix(*rows: str) -> tuple[Fraction, ...]:
    """A flat row-major matrix from words."""
    return tuple(F(word) for row in rows for word in row.split())


def ntp(embeddings: str, probabilities: str, **more: Any) -> LinearNTP:
    """A dataset from rows separated by commas."""
    return LinearNTP([row.split() for row in embeddings.split(",")], [row.split() for row in probabilities.split(",")], **more)


@dataclass(frozen=True)
class Golden:
    """An instance with its answers: u, the multipliers per (context, token), W* as {g: matrix} with W* = sum log(g) W_g."""

    problem: LinearNTP
    kind: str
    dimensions: tuple[int, int, int]
    separable: bool
    compatible: bool
    direction: tuple[Fraction, ...]
    multipliers: dict[tuple[int, int], Fraction]
    finite_part: dict[int, tuple[Fraction, ...]] = field(default_factory=dict)
    weak: frozenset[tuple[int, int]] = frozenset()
    unique: bool = True


GOLDEN = {
    "Ex-1(1/2)": Golden(ntp("1", "1/2 1/2 0"), "quasi-complete", (1, 1, 1), True, True, matrix("1/3", "1/3", "-2/3"), {(0, 2): F(2, 3)}),
    "Ex-1(3/4)": Golden(
        ntp("1", "3/4 1/4 0"), "quasi-complete", (1, 1, 1), True, True, matrix("1/3", "1/3", "-2/3"), {(0, 2): F(2, 3)},
        {3: matrix("1/2", "-1/2", "0")},
    ),
    "Ex-1(1/5)": Golden(
        ntp("1", "1/5 4/5 0"), "quasi-complete", (1, 1, 1), True, True, matrix("1/3", "1/3", "-2/3"), {(0, 2): F(2, 3)},
        {2: matrix("-1", "1", "0")},
    ),
    # The full support of the first context levels everything along (1, 0): u = c x (0, 1), W* = log 2 c x (1, 0).
    "Ex-Full": Golden(
        ntp("1 0, 1 1", "1/2 1/4 1/4, 1 0 0"), "quasi-complete", (2, 2, 2), True, True,
        matrix("0 2/3", "0 -1/3", "0 -1/3"), {(1, 1): F(1, 3), (1, 2): F(1, 3)}, {2: matrix("2/3 0", "-1/3 0", "-1/3 0")},
    ),
    # The log-odds log 3 at h and log(2/3) at 2 h cannot both be met; the second context has margin 2.
    "Ex-Inc": Golden(
        ntp("1 0, 2 0", "3/4 1/4 0, 2/5 3/5 0"), "quasi-complete", (1, 1, 4), True, False, matrix("1/3 0", "1/3 0", "-2/3 0"), {(0, 2): F(2, 3)},
    ),
    "Ex-NonSep": Golden(ntp("1, 1", "1/2 1/2 0, 1/2 0 1/2"), "overlap", (2, 0, 1), False, True, matrix("0", "0", "0"), {}),
    # K = [[4, 2], [2, 2]], A = St K^-1 = ((1/2, -2/3), (-1/2, 5/6), (0, -1/6)): all constraints active, that of (0, 2) with multiplier 0.
    "all-active": Golden(
        ntp("2 0, 1 1", "1 0 0, 0 1 0"), "complete", (0, 4, 2), True, True, matrix("1/3 -2/3", "-1/6 5/6", "-1/6 -1/6"),
        {(0, 1): F(1, 2), (1, 0): F(2, 3), (1, 2): F(1, 6)}, weak=frozenset({(0, 2)}),
    ),
    # W^mm = sum (1_S - s/V) h'/|h|^2, multipliers s / (V |h|^2), W* = sum centred log-probabilities h'/|h|^2.
    "orthogonal": Golden(
        ntp("1 1, 1 -1", "3/4 1/4 0, 0 0 1"), "quasi-complete", (1, 3, 2), True, True, matrix("0 1/3", "0 1/3", "0 -2/3"),
        {(0, 2): F(1, 3), (1, 0): F(1, 6), (1, 1): F(1, 6)}, {3: matrix("1/4 1/4", "-1/4 -1/4", "0 0")},
    ),
    # W^mm = (1_S - s/V) u' with u = (1, 0) of least norm; the second context is active without a multiplier.
    # W* = U H^-1 with U = (0, log 2 (1, -1, 0)).
    "equal supports": Golden(
        ntp("1 0, 1 1", "1/2 1/2 0, 4/5 1/5 0"), "quasi-complete", (2, 2, 2), True, True, matrix("1/3 0", "1/3 0", "-2/3 0"),
        {(0, 2): F(2, 3)}, {2: matrix("0 1", "0 -1", "0 0")}, weak=frozenset({(1, 2)}),
    ),
    # w = argmin |w| with w (1, 1) = 0 and w (2, 0) >= 1 is (1/2, -1/2); W^mm = (w, -w) / 2.
    "binary": Golden(
        ntp("1 1, 2 0", "1/2 1/2, 1 0"), "quasi-complete", (1, 1, 2), True, True, matrix("1/4 -1/4", "-1/4 1/4"), {(1, 1): F(1, 4)},
    ),
    "binary, odds": Golden(
        ntp("1 1, 2 0", "1/3 2/3, 1 0"), "quasi-complete", (1, 1, 2), True, True, matrix("1/4 -1/4", "-1/4 1/4"), {(1, 1): F(1, 4)},
        {2: matrix("-1/4 -1/4", "1/4 1/4")},
    ),
    # Every support full: nothing to separate, the entropy is attained at W* = (1/2) log 3 (1, -1).
    "all full": Golden(ntp("1", "3/4 1/4"), "overlap", (1, 0, 1), True, True, matrix("0", "0"), {}, {3: matrix("1/2", "-1/2")}),
    "one-hot labels": Golden(
        ntp("1 0, 0 1", "1 0 0, 0 1 0"), "complete", (0, 4, 2), True, True, matrix("2/3 -1/3", "-1/3 2/3", "-1/3 -1/3"),
        {(0, 1): F(1, 3), (0, 2): F(1, 3), (1, 0): F(1, 3), (1, 2): F(1, 3)},
    ),
    "zero embedding": Golden(ntp("0", "1 0"), "overlap", (0, 0, 2), False, True, matrix("0", "0"), {}),
}  # fmt: skip


@pytest.fixture(params=GOLDEN, scope="module")
def golden(request: pytest.FixtureRequest) -> Golden:
    return GOLDEN[request.param]


def test_separation(golden: Golden) -> None:
    found = separation(golden.problem)
    assert found.kind == golden.kind
    assert is_ntp_separable(golden.problem) == golden.separable
    assert (set(found.tied_sets) == set(golden.problem.supports)) or not golden.separable


def test_dimensions(golden: Golden) -> None:
    parts = decompose(golden.problem)
    assert (parts.tied.dimension, parts.diverging.dimension, parts.invariant.dimension) == golden.dimensions
    assert parts.attained == (golden.kind == "overlap")


def per_context(problem: LinearNTP, pairs: Any) -> Any:
    """(row, token) as (context, token): rows of a context differ by a share of the multiplier only."""
    context = [j for j, support in enumerate(problem.supports) for _ in support]
    return {(context[i], v) for i, v in pairs}


def test_max_margin(golden: Golden) -> None:
    found = max_margin(golden.problem)
    assert found.direction == golden.direction
    assert found.squared_norm == sum((x * x for x in golden.direction), F(0)) == sum(golden.multipliers.values(), F(0))
    context = [j for j, support in enumerate(golden.problem.supports) for _ in support]
    sums: dict[tuple[int, int], Fraction] = {}
    for (i, v), x in found.multipliers.items():
        sums[context[i], v] = sums.get((context[i], v), F(0)) + x
    assert {pair: x for pair, x in sums.items() if x} == golden.multipliers
    assert per_context(golden.problem, found.support) == set(golden.multipliers) | golden.weak
    assert per_context(golden.problem, found.strong_support) == set(golden.multipliers)
    assert per_context(golden.problem, found.weak_support) == golden.weak
    assert found.strictly_complementary == (not golden.weak)
    assert found.unique_multipliers == golden.unique


def test_multipliers_are_shared_by_the_rows_of_a_context() -> None:
    found = max_margin(GOLDEN["Ex-1(3/4)"].problem)
    assert found.multipliers == {(0, 2): F(1, 2), (1, 2): F(1, 6)}


def test_finite_part(golden: Golden) -> None:
    system, part = log_odds(golden.problem), decompose(golden.problem).finite_part
    assert system.compatible == golden.compatible
    if not golden.compatible:
        assert system.closed_form is None and part.closed_form is None
        return
    exact = LogVector(tuple(golden.finite_part), tuple(golden.finite_part.values()), len(golden.direction))
    assert system.closed_form == exact
    if golden.separable:
        assert part.closed_form == exact
        gap = sum((x - y) ** 2 for x, y in zip(part.center, exact.enclose().center))
        assert gap <= (part.radius + exact.enclose().radius) ** 2 and part.radius < F(1, 10**14)
        assert part.infimum.lower <= golden.problem.entropy.upper and golden.problem.entropy.lower <= part.infimum.upper


def mp(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def contains(interval: Interval, value: Any) -> bool:
    with mpmath.workdps(60):
        return bool(mp(interval.lower) <= value <= mp(interval.upper))


def test_finite_part_without_separability() -> None:
    # Ex-NonSep: W* = 0 solves the log-odds system, but descent goes to log 2 c, where q = (1/2, 1/4, 1/4); the loss exceeds the
    # entropy log 2 by half of log 2.
    golden = GOLDEN["Ex-NonSep"]
    part = decompose(golden.problem).finite_part
    assert part.closed_form is None and golden.finite_part == {}
    with mpmath.workdps(60):
        target = [mpmath.log(2) * x for x in (mpmath.mpf(2) / 3, -mpmath.mpf(1) / 3, -mpmath.mpf(1) / 3)]
        assert mpmath.sqrt(sum((mp(x) - y) ** 2 for x, y in zip(part.center, target))) <= mp(part.radius)
        assert contains(part.infimum, mpmath.log(2) * 3 / 2) and contains(golden.problem.entropy, mpmath.log(2))
    assert part.radius < F(1, 10**14) and part.infimum.radius < F(1, 10**40)


def test_finite_part_without_compatibility() -> None:
    # Ex-Inc: W = b (e_0 - e_1) h_1' with b the root of the stationary equation, 0.02001 to four digits; the infimum is above the entropy.
    problem = GOLDEN["Ex-Inc"].problem
    part = decompose(problem).finite_part
    with mpmath.workdps(60):

        def sigma(x: Any) -> Any:
            return 1 / (1 + mpmath.exp(-x))

        b = mpmath.findroot(lambda x: (mpmath.mpf(1) / 2 - 2 * sigma(-2 * x)) + (mpmath.mpf(12) / 5 - 4 * sigma(-4 * x)), 0.02)
        target = [b, 0, -b, 0, 0, 0]
        assert mpmath.sqrt(sum((mp(x) - y) ** 2 for x, y in zip(part.center, target))) <= mp(part.radius)
        f = [mpmath.log(1 + mpmath.exp(-2 * s * b)) + share * 2 * s * b for s, share in ((1, mpmath.mpf(1) / 4), (2, mpmath.mpf(3) / 5))]
        assert contains(part.infimum, sum(f) / 2)
    assert float(part.center[0]) == pytest.approx(0.02001, abs=5e-6)
    assert part.infimum.lower > problem.entropy.upper


def test_pseudo_inverse_is_not_the_finite_part() -> None:
    # h = (1, 0), (3/5, 4/5), supports {0, 1} and {1, 2}: U H^+ solves the system with norm 1.777, W* has norm 1.490.
    problem = ntp("1 0, 3/5 4/5", "3/4 1/4 0, 0 4/5 1/5")
    exact = log_odds(problem).closed_form
    assert exact is not None
    w = np.array([float(x) for x in exact.enclose().center]).reshape(3, 2)
    h = np.array([[1.0, 0.6], [0.0, 0.8]])
    centred = np.array([[np.log(3) / 2, 0], [-np.log(3) / 2, np.log(4) / 2], [0, -np.log(4) / 2]])
    other = centred @ np.linalg.inv(h)
    assert np.linalg.norm(w) == pytest.approx(1.490, abs=5e-4) and np.linalg.norm(other) == pytest.approx(1.777, abs=5e-4)
    assert np.linalg.norm(w - other) == pytest.approx(0.968, abs=5e-4)
    logits = w @ h
    assert logits[0, 0] - logits[1, 0] == pytest.approx(np.log(3)) and logits[1, 1] - logits[2, 1] == pytest.approx(np.log(4))


# h_2 = c h_1 (section 3.4): for c > 0 separable iff S_1 = S_2, for c < 0 iff S_1 and S_2 are disjoint or both are the vocabulary;
# compatible iff c log(p_1z / p_1z') = log(p_2z / p_2z') on the intersection of the supports.
COLLINEAR = [
    ("1", "1/3 2/3 0", "1/3 2/3 0", True, True),
    ("1", "1/3 2/3 0", "2/3 1/3 0", True, False),
    ("1", "1/2 1/2 0", "1/2 0 1/2", False, True),
    ("1", "1/3 2/3 0", "1/4 1/2 1/4", False, True),
    ("1", "1/3 2/3 0", "1/2 1/4 1/4", False, False),
    ("1", "1 0 0", "0 1 0", False, True),
    ("2", "1/3 2/3 0", "1/5 4/5 0", True, True),
    ("2", "1/3 2/3 0", "1/3 2/3 0", True, False),
    ("2", "1/3 2/3 0", "0 1/2 1/2", False, True),
    ("1/2", "1/5 4/5 0", "1/3 2/3 0", True, True),
    ("-1", "1/3 2/3 0", "2/3 1/3 0", False, True),
    ("-1", "1/3 2/3 0", "1/3 2/3 0", False, False),
    ("-1", "1/3 2/3 0", "0 0 1", True, True),
    ("-1", "1 0 0", "0 1/3 2/3", True, True),
    ("-1", "1/4 1/4 1/2", "1/3 1/3 1/3", True, False),  # both supports full: nothing to rank, but opposite odds
    ("-1", "1/4 1/4 1/2", "2/5 2/5 1/5", True, True),
    ("-2", "1/4 1/4 1/2", "4/9 4/9 1/9", True, True),
    ("0", "1/3 2/3 0", "1/2 1/2 0", False, True),  # a zero embedding scores everything alike
    ("0", "1/3 2/3 0", "1/3 2/3 0", False, False),
    ("0", "1/3 2/3 0", "1/3 1/3 1/3", True, True),
]


@pytest.mark.parametrize(("factor", "first", "second", "separable", "compatible"), COLLINEAR, ids=range(len(COLLINEAR)))
def test_collinear_contexts(factor: str, first: str, second: str, separable: bool, compatible: bool) -> None:
    for h in ((F(1), F(0)), (F(2), F(-3))):
        problem = LinearNTP([h, [F(factor) * x for x in h]], [first.split(), second.split()])
        assert is_ntp_separable(problem) == separable
        assert log_odds(problem).compatible == compatible


@pytest.mark.parametrize("p", [F(1, 2), F(3, 4), F(9, 10)])
def test_finite_part_coefficient_of_one_context(p: Fraction) -> None:
    # t (W_F - W*) -> (2 p - 1) / (6 p (1 - p)) (1, -1, 0).
    found = asymptotics(decompose(LinearNTP([[1]], [[p, 1 - p, 0]])))
    c = float((2 * p - 1) / (6 * p * (1 - p)))
    assert found.finite_part_coefficient.value == pytest.approx([c, -c, 0], abs=1e-9)
    assert found.multipliers == pytest.approx([2 / 3])


def test_relaxation_exponents() -> None:
    # Ex-Full relaxes like t^-1/3; orthonormal embeddings like t^{-min s/V} over contexts with two tokens or more off the support.
    assert asymptotics(decompose(GOLDEN["Ex-Full"].problem)).exponent == pytest.approx(1 / 3)
    assert asymptotics(decompose(GOLDEN["Ex-1(3/4)"].problem)).exponent == pytest.approx(1)
    orthonormal = ntp("1 0, 0 1", "1/2 1/2 0 0, 1 0 0 0")
    assert asymptotics(decompose(orthonormal)).exponent == pytest.approx(1 / 4)
