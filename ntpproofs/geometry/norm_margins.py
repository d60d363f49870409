"""Max margins in other norms: min N(w) with level scores on tied pairs and margin 1 on separable ones.

    primal   min N(w)            <w, d> = 0 on tied,  <w, d> >= 1 on separable pairs
    dual     max sum y           N*( sum y d ) <= 1,  y >= 0 on separable, free on tied pairs

N is l1, l-infinity, Frobenius, spectral, nuclear or a p-norm. Weak duality needs one line, sum y <= <w, sum y d> <= N(w) N*(sum y d),
so *any* exactly feasible w and y >= 0 enclose the value. For l1 and l-infinity both come from exact vertices of a linear
programme and the two bounds agree as rationals; otherwise cvxpy proposes and upper bounds of N and N* are taken in balls.
The optimal face is in general not a point: compare values and margins per unit norm, not vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import numpy as np
from flint import arb, ctx

from ..errors import InvalidInput
from ..exact.balls import PRECISION, Interval, exact_arb, largest_eigenvalue, round_up, upper
from ..exact.rational import dot, independent, rank
from ..problems.conditional_logit import ConditionalLogit, RowAlternative, Vector
from .assemble import assemble
from .decomposition import decompose
from .linear_programmes import Vertex, solve_exactly
from .margin import max_margin

if TYPE_CHECKING:
    import cvxpy as cp

NORMS = ("l1", "l-infinity", "frobenius", "spectral", "nuclear")
DUALS = {"l1": "l-infinity", "l-infinity": "l1", "frobenius": "frobenius", "spectral": "nuclear", "nuclear": "spectral"}
# Exact elimination at an exact vertex costs minutes beyond some hundred unknowns; larger programmes keep their enclosure.
LARGEST_VERTEX = 150
Norm = str | float


def checked(norm: Norm) -> Norm:
    """The norm, if it is one of `NORMS` or an exponent above 1 (`InvalidInput` otherwise)."""
    if isinstance(norm, str) and norm in NORMS:
        return norm
    if isinstance(norm, (int, float)) and not isinstance(norm, bool) and np.isfinite(norm) and norm > 1:
        return float(norm)
    raise InvalidInput("norm", f"is {norm!r}", f"write one of {', '.join(NORMS)}, or a finite exponent above 1")


def dual_norm(norm: Norm) -> Norm:
    """The dual norm: l1 and l-infinity, spectral and nuclear, p and q with 1/p + 1/q = 1.

    >>> dual_norm("spectral"), dual_norm(1.5)
    ('nuclear', 3.0)
    """
    return norm / (norm - 1) if isinstance(norm, float) else DUALS[norm]


def norm_value(norm: Norm, w: np.ndarray, shape: tuple[int, int]) -> float:
    """N(w) in floats, for a flat vector of a parameter of the given shape.

    >>> norm_value("nuclear", np.array([3.0, 0.0, 0.0, 4.0]), (2, 2))
    7.0
    """
    if isinstance(norm, float):
        return float(np.linalg.norm(w, norm))
    if norm in ("spectral", "nuclear"):
        return float(np.linalg.norm(w.reshape(shape), 2 if norm == "spectral" else "nuc"))
    return float(np.linalg.norm(w, {"l1": 1, "l-infinity": np.inf, "frobenius": 2}[norm]))


def norm_bound(norm: Norm, x: Vector, shape: tuple[int, int]) -> Fraction:
    """A rational upper bound of N(x): exact for l1 and l-infinity, tight to about 1e-13 otherwise.

    >>> norm_bound("l1", (Fraction(1, 2), Fraction(-1)), (2, 1))
    Fraction(3, 2)
    """
    sizes = [abs(entry) for entry in x]
    if norm == "l1":
        return sum(sizes, Fraction(0))
    if norm == "l-infinity":
        return max(sizes, default=Fraction(0))
    if not any(sizes):
        return Fraction(0)
    with ctx.workprec(PRECISION):
        if norm == "frobenius":
            return round_up(upper(exact_arb(dot(x, x)).sqrt()))
        if norm == "spectral":
            return round_up(upper(exact_arb(largest_eigenvalue(_gram(_matrix(x, shape)))).sqrt()))
        if norm == "nuclear":
            return _nuclear_bound(_matrix(x, shape))
        exponent = exact_arb(float(norm))
        powers = [(exact_arb(size).log() * exponent).exp() for size in sizes if size]
        return round_up(upper((sum(powers, arb(0)).log() / exponent).exp()))


def _matrix(x: Vector, shape: tuple[int, int]) -> list[list[Fraction]]:
    rows = [list(x[i * shape[1] : (i + 1) * shape[1]]) for i in range(shape[0])]
    return rows if shape[0] <= shape[1] else [list(column) for column in zip(*rows)]


def _gram(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    return [[dot(a, b) for b in rows] for a in rows]


def _nuclear_bound(rows: list[list[Fraction]]) -> Fraction:
    # X = sum s u v' + E for float triplets (u, s, v): |X|_* <= sum s |u| |v| + sqrt(rank) |E|_F, everything in balls.
    left, values, right = np.linalg.svd(np.array([[float(x) for x in row] for row in rows]), full_matrices=False)
    total, squared = arb(0), arb(0)
    for k, value in enumerate(values):
        lengths = [sum((exact_arb(float(x)) * exact_arb(float(x)) for x in vector), arb(0)).sqrt() for vector in (left[:, k], right[k])]
        total += exact_arb(float(value)) * lengths[0] * lengths[1]
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            terms = (exact_arb(float(left[i, k])) * exact_arb(float(values[k])) * exact_arb(float(right[k, j])) for k in range(len(values)))
            gap = exact_arb(x) - sum(terms, arb(0))
            squared += gap * gap
    return round_up(upper(total + (exact_arb(len(values)) * squared.upper()).sqrt()))


@dataclass(frozen=True, eq=False)
class Constraints:
    """The pairs of a problem by (block, alternative) with their exact differences: `tied` (independent ones) and `separable`."""

    problem: ConditionalLogit
    tied: dict[RowAlternative, Vector]
    separable: dict[RowAlternative, Vector]

    @cached_property
    def floats(self) -> tuple[np.ndarray, np.ndarray]:
        """Tied and separable differences as float rows."""
        size = self.problem.dimension
        tied, separable = ([[float(x) for x in d] for d in pairs.values()] for pairs in (self.tied, self.separable))
        return np.array(tied).reshape(-1, size), np.array(separable).reshape(-1, size)


def constraints(problem: Any) -> Constraints:
    """The constraints of every programme of this module, from the exact partition."""
    logit = problem.conditional_logit()
    found: Constraints = logit.remember("norm constraints", lambda: _constraints(logit))
    return found


def _constraints(logit: ConditionalLogit) -> Constraints:
    decided = decompose(logit).separation
    anchored, inside = decided.anchored, decided.partition.tied
    chosen = independent(anchored.rows.gram, [*anchored.equalities, *sorted(inside)])
    rest = [r for r in anchored.inequalities if r not in inside]

    def differences(rows: Sequence[int]) -> dict[RowAlternative, Vector]:
        return {(anchored.blocks[r], anchored.alternatives[r]): assemble(logit, anchored.coefficients({r: Fraction(1)})) for r in rows}

    return Constraints(logit, differences(chosen), differences(rest))


@dataclass(frozen=True, eq=False)
class NormMargin:
    """The least norm tau = min N(w), enclosed by an exactly feasible `vector` and dual `multipliers` on (block, alternative).

    `lower` = sum y / N*(sum y d) and `upper` = N(vector) / (its smallest separable margin); equal iff `exact`.
    """

    constraints: Constraints
    norm: Norm
    vector: Vector
    multipliers: dict[RowAlternative, Fraction]
    lower: Fraction
    upper: Fraction

    @property
    def exact(self) -> bool:
        """Whether both bounds are the same rational."""
        return self.lower == self.upper

    @property
    def least_norm(self) -> Fraction | Interval:
        """tau, exact or enclosed."""
        return self.lower if self.exact else Interval((self.lower + self.upper) / 2, (self.upper - self.lower) / 2)

    @property
    def margin(self) -> Fraction | Interval:
        """The max margin per unit norm, 1 / tau."""
        high, low = 1 / self.lower, 1 / self.upper
        return high if self.exact else Interval((low + high) / 2, (high - low) / 2)

    @cached_property
    def face(self) -> dict[str, Any]:
        """What every minimiser has in common, by complementary slackness; for l1 and l-infinity only.

        `tight`: pairs whose margin is 1. `coordinates`: entry -> value (l-infinity: tau times the sign of the dual vector where
        that is not zero; l1: zero where the dual vector is below 1 in size). `unique`: these and the tied pairs determine w.
        """
        if self.norm not in ("l1", "l-infinity") or not self.exact:
            raise InvalidInput("face", f"is described for exact l1 and l-infinity margins, not for {self.norm}", "compare values instead")
        tight = [pair for pair, y in self.multipliers.items() if pair in self.constraints.separable and y > 0]
        g = combination(self.constraints, self.multipliers)
        if self.norm == "l-infinity":
            fixed = {j: self.lower * ((x > 0) - (x < 0)) for j, x in enumerate(g) if x}
        else:
            largest = max(abs(x) for x in g)
            fixed = {j: Fraction(0) for j, x in enumerate(g) if abs(x) < largest}
        size = self.constraints.problem.dimension
        rows = [[Fraction(int(i == j)) for i in range(size)] for j in fixed]
        rows += [list(self.constraints.separable[pair]) for pair in tight] + [list(d) for d in self.constraints.tied.values()]
        return {"tight": tight, "coordinates": fixed, "unique": bool(rows) and rank(rows) == size}


def combination(pairs: Constraints, multipliers: dict[RowAlternative, Fraction]) -> Vector:
    """sum y d, exact."""
    everything = {**pairs.tied, **pairs.separable}
    total = [Fraction(0)] * pairs.problem.dimension
    for pair, y in multipliers.items():
        for j, x in enumerate(everything[pair]):
            total[j] += y * x
    return tuple(total)


def certified(pairs: Constraints, norm: Norm, vector: Vector, multipliers: dict[RowAlternative, Fraction]) -> NormMargin:
    """The enclosure that a rational vector and multipliers prove, whoever proposed them.

    Raises `InvalidInput` if the vector is not feasible up to scale or a multiplier has the wrong sign: then nothing follows.
    """
    if any(dot(vector, d) for d in pairs.tied.values()):
        raise InvalidInput("vector", "is not level on a tied pair", "project it on the complement of the tied subspace")
    smallest = min(dot(vector, d) for d in pairs.separable.values())
    if smallest <= 0:
        raise InvalidInput("vector", f"has the margin {smallest}", "give a vector that separates")
    if any(y < 0 for pair, y in multipliers.items() if pair in pairs.separable):
        raise InvalidInput("multipliers", "are negative on a separable pair", "clip them at zero")
    shape = pairs.problem.shape
    pushed = norm_bound(dual_norm(norm), combination(pairs, multipliers), shape)
    total = sum((y for pair, y in multipliers.items() if pair in pairs.separable), Fraction(0))
    lower = total / pushed if pushed else Fraction(0)
    upper_bound = norm_bound(norm, vector, shape) / smallest
    return NormMargin(pairs, norm, tuple(x / smallest for x in vector), multipliers, lower, upper_bound)


def norm_margin(problem: Any, norm: Norm) -> NormMargin:
    """The max margin of a problem in a norm: "l1", "l-infinity", "frobenius", "spectral", "nuclear" or an exponent p > 1.

    Raises `InvalidInput` for another norm, or if nothing is separable. Laws: tau does not depend on weights or multiplicities;
    scaling the features by c divides tau by c; tau(l-infinity) <= tau(2) <= tau(l1), tau(spectral) <= tau(2) <= tau(nuclear).

    >>> problem = ConditionalLogit([(1, 0, [["2", "1"], ["0", "0"]], [1, 1])])
    >>> [norm_margin(problem, norm).least_norm for norm in ("l1", "l-infinity")]
    [Fraction(1, 2), Fraction(1, 3)]
    """
    norm, logit = checked(norm), problem.conditional_logit()
    found: NormMargin = logit.remember(("norm margin", norm), lambda: _solve(logit, norm))
    return found


def _solve(logit: ConditionalLogit, norm: Norm) -> NormMargin:
    pairs = constraints(logit)
    if not pairs.separable:
        raise InvalidInput("the problem", "has no separable pair, so every margin is zero", "give data that are not in the overlap class")
    if norm == "frobenius":
        best = max_margin(logit)
        anchored, exact = best.separation.anchored, {**pairs.tied, **pairs.separable}
        values = {(anchored.blocks[r], anchored.alternatives[r]): x * anchored.scale**2 for r, x in best.optimum.multipliers.items()}
        return certified(pairs, norm, best.direction, {pair: y for pair, y in values.items() if pair in exact})
    if norm in ("l1", "l-infinity") and logit.dimension <= LARGEST_VERTEX:
        vertex = _vertex(pairs, norm)
        if vertex is not None:
            return certified(pairs, norm, vertex.point, vertex.multipliers)
    return _enclosed(pairs, norm)


def _vertex(pairs: Constraints, norm: Norm) -> Vertex | None:
    # l1: x = (w+, w-) >= 0, cost 1.  l-infinity: x = (w, tau), tau - |w_j| >= 0, cost tau.
    size, one, zero = pairs.problem.dimension, Fraction(1), Fraction(0)
    unit = [[one if i == j else zero for i in range(size)] for j in range(size)]
    split = norm == "l1"

    def lift(d: Vector) -> list[Fraction]:
        return [*d, *(-x for x in d)] if split else [*d, zero]

    if split:
        bounds = [[*row, *[zero] * size] for row in unit] + [[*[zero] * size, *row] for row in unit]
        cost = [one] * (2 * size)
    else:
        bounds = [[*(-x for x in row), one] for row in unit] + [[*row, one] for row in unit]
        cost = [zero] * size + [one]
    rows = [lift(d) for d in pairs.separable.values()] + bounds
    sides = [one] * len(pairs.separable) + [zero] * len(bounds)
    found = solve_exactly(cost, rows, sides, [lift(d) for d in pairs.tied.values()])
    if found is None:
        return None
    x, y, z = found
    w = tuple(a - b for a, b in zip(x[:size], x[size:])) if split else tuple(x[:size])
    return Vertex(w, dict(zip(pairs.separable, y)) | dict(zip(pairs.tied, z)))


def _enclosed(pairs: Constraints, norm: Norm) -> NormMargin:
    programme = norm_programme(pairs.problem, norm)
    w, on_separable, on_tied = programme.solve()
    y = [_dyadic(max(float(x), 0.0)) for x in on_separable]
    multipliers = dict(zip(pairs.separable, y)) | dict(zip(pairs.tied, map(_dyadic, on_tied)))
    proposal = tuple(map(_dyadic, w))
    level = decompose(pairs.problem).tied.project(proposal)
    vector = tuple(a - b for a, b in zip(proposal, level))
    if min(dot(vector, d) for d in pairs.separable.values()) <= 0:
        vector = max_margin(pairs.problem).direction  # feasible, if not optimal: a wide but true enclosure
    return certified(pairs, norm, vector, multipliers)


def _dyadic(x: float) -> Fraction:
    return Fraction(round(x * 2**44), 2**44)


@dataclass(frozen=True, eq=False)
class NormProgramme:
    """The programme in cvxpy, as a person would write it; `level` and `separating` are its constraints (None where empty)."""

    problem: cp.Problem
    variable: cp.Variable
    level: Any
    separating: Any

    def solve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Solution and multipliers on separable and tied pairs, as Clarabel proposes them."""
        import cvxpy as cp

        with catch_warnings():  # an inaccurate proposal is a wide enclosure, and nothing worse
            simplefilter("ignore", UserWarning)
            self.problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11)
        if self.variable.value is None:
            raise InvalidInput("the norm programme", f"was left unsolved by Clarabel ({self.problem.status})", "rescale the features")
        # cvxpy's multiplier of an equality enters the Lagrangian with a plus sign: minus its own free multiplier.
        tied = np.zeros(0) if self.level is None else -np.atleast_1d(self.level.dual_value)
        return np.asarray(self.variable.value), np.atleast_1d(self.separating.dual_value), tied


def norm_programme(problem: Any, norm: Norm) -> NormProgramme:
    """min N(W) subject to equal scores on tied pairs and margins of at least 1 on separable pairs; W row-major.

    >>> programme = norm_programme(ConditionalLogit([(1, 0, [["2", "1"], ["0", "0"]], [1, 1])]), "l1")
    >>> round(float(abs(programme.solve()[0]).sum()), 6)
    0.5
    """
    import cvxpy as cp

    norm, logit = checked(norm), problem.conditional_logit()
    tied, separable = constraints(logit).floats
    w = cp.Variable(logit.dimension, name="w")
    matrix = cp.reshape(w, logit.shape, order="C")
    objective = {
        "l1": cp.norm1(w),
        "l-infinity": cp.norm_inf(w),
        "frobenius": cp.norm2(w),
        "spectral": cp.sigma_max(matrix),
        "nuclear": cp.normNuc(matrix),
    }.get(str(norm)) if isinstance(norm, str) else cp.pnorm(w, norm)  # fmt: skip
    level = tied @ w == 0 if len(tied) else None
    separating = separable @ w >= 1
    return NormProgramme(cp.Problem(cp.Minimize(objective), [c for c in (level, separating) if c is not None]), w, level, separating)


def achieved_margin(problem: Any, norm: Norm, w: np.ndarray) -> float:
    """The smallest separable margin of w per unit norm: at most 1 / tau for every w that is level on the tied pairs."""
    pairs = constraints(problem)
    size = norm_value(checked(norm), w, pairs.problem.shape)
    return float((pairs.floats[1] @ w).min()) / size if size else 0.0
