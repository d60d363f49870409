"""Max margins in other norms: min N(w) with level scores on tied pairs and margin 1 on separable ones.

    primal   min N(w)            <w, d> = 0 on tied,  <w, d> >= 1 on separable pairs
    dual     max sum y           N*( sum y d ) <= 1,  y >= 0 on separable, free on tied pairs

N is l1, l-infinity, Frobenius, spectral, nuclear or a p-norm. Weak duality needs one line, sum y <= <w, sum y d> <= N(w) N*(sum y d),
so *any* exactly feasible w and y >= 0 enclose the value. For l1 and l-infinity both come from exact vertices of a linear
programme and the two bounds agree as rationals; otherwise cvxpy proposes and upper bounds of N and N* are taken in balls. The
max-margin direction u = sum y d and its multipliers always enclose, if widely: |u|^2 / N*(u) <= tau <= N(u).
The optimal face is in general not a point: compare values and margins per unit norm, not vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from ..errors import InvalidInput
from ..exact.balls import Interval
from ..exact.rational import dot, fraction, rank, sub, written
from .assemble import columns, sparse
from .linear_programmes import Vertex, solve_exactly
from .margin import max_margin
from .norm_programmes import Constraints, NormProgramme, constraints, norm_programme, proposed, reduced, separated
from .norms import DUALS, NORMS, Norm, checked, dual_norm, norm_bound, norm_value
from .problem import ConditionalLogit, RowAlternative, Vector
from .protocols import Reduces
from .recession import separation

# Exact elimination at an exact vertex costs minutes beyond some hundred unknowns; larger programmes keep their enclosure.
LARGEST_VERTEX = 150
# A relative width beyond this asks for a second opinion.
WIDE = Fraction(1, 10**6)


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
    def width(self) -> Fraction:
        """How far the bounds are apart, as a part of the upper one."""
        return (self.upper - self.lower) / self.upper

    @property
    def least_norm(self) -> Fraction | Interval:
        """tau, exact or enclosed."""
        return self.lower if self.exact else Interval((self.lower + self.upper) / 2, (self.upper - self.lower) / 2)

    @property
    def margin(self) -> Fraction | Interval:
        """The max margin per unit norm, 1 / tau; raises `InvalidInput` where no lower bound of tau is proved."""
        if not self.lower:
            raise InvalidInput("multipliers", "are zero on every separable pair and prove no lower bound", "give positive ones")
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

    @property
    def certificate(self) -> dict[str, Any]:
        """The kernel's `norm-margin` record; raises `InvalidInput` unless the norm is l1 or l-infinity and the value is exact."""
        if self.norm not in ("l1", "l-infinity") or not self.exact:
            raise InvalidInput("certificate", f"there is none for the norm {self.norm} with this accuracy", "ask for l1 or l-infinity")
        problem = self.constraints.problem
        decided = separation(problem)
        pushed = max if self.norm == "l1" else sum
        dual = Fraction(pushed(abs(x) for x in combination(self.constraints, self.multipliers)))
        rows = {decided.anchored.index[pair]: y / dual for pair, y in self.multipliers.items()}
        coefficients = zip(decided.anchored.coefficients(rows), problem.data.blocks)
        return {
            "type": "norm-margin",
            "norm": self.norm,
            "tied": [sorted(tied) for tied in decided.tied_sets],
            "solution": columns(self.vector, problem.shape),
            "multipliers": [sparse(c, len(block.alternatives)) for c, block in coefficients],
            "value": written(self.lower),
        }


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


def norm_margin(problem: Reduces, norm: Norm) -> NormMargin:
    """The max margin of a problem in a norm: "l1", "l-infinity", "frobenius", "spectral", "nuclear" or an exponent p > 1.

    Raises `InvalidInput` for another norm, or if nothing is separable. Laws: tau does not depend on weights or multiplicities;
    scaling the features by c divides tau by c; tau(l-infinity) <= tau(2) <= tau(l1), tau(spectral) <= tau(2) <= tau(nuclear).

    See also: `max_margin`, exact with its multipliers. Reference: `foundations.normalised-descent`.

    >>> problem = ConditionalLogit([(1, 0, [["2", "1"], ["0", "0"]], [1, 1])])
    >>> [norm_margin(problem, norm).least_norm for norm in ("l1", "l-infinity")]
    [Fraction(1, 2), Fraction(1, 3)]
    """
    norm, logit = checked(norm), reduced(problem)
    found: NormMargin = logit.remember(("norm margin", norm), lambda: _solve(logit, norm))
    return found


def _solve(logit: ConditionalLogit, norm: Norm) -> NormMargin:
    pairs = separated(logit)
    if norm in ("l1", "l-infinity") and logit.dimension <= LARGEST_VERTEX:
        vertex = _vertex(pairs, norm)
        if vertex is not None:
            return certified(pairs, norm, vertex.point, vertex.multipliers)
    euclidean = _euclidean(pairs)
    if norm == "frobenius":
        return certified(pairs, norm, euclidean.point, euclidean.multipliers)
    found = [certified(pairs, norm, vertex.point, vertex.multipliers) for vertex in _proposals(pairs, norm)]
    if not found or _narrowest(found, pairs, norm).width > WIDE:
        found.append(certified(pairs, norm, euclidean.point, euclidean.multipliers))
        if isinstance(norm, float):  # l1 and l-infinity are the limits
            limit = norm_margin(logit, "l1" if norm < 2 else "l-infinity")
            found.append(certified(pairs, norm, limit.vector, limit.multipliers))
    return _narrowest(found, pairs, norm)


def _narrowest(found: list[NormMargin], pairs: Constraints, norm: Norm) -> NormMargin:
    # Every bound holds, so the best primal goes with the best dual.
    low, high = max(found, key=lambda best: best.lower), min(found, key=lambda best: best.upper)
    return NormMargin(pairs, norm, high.vector, low.multipliers, low.lower, high.upper)


def _proposals(pairs: Constraints, norm: Norm) -> list[Vertex]:
    try:
        vertex = proposed(pairs, norm)
    except InvalidInput:  # Clarabel failed
        return []
    return [vertex] if min(dot(vertex.point, d) for d in pairs.separable.values()) > 0 else []


def _euclidean(pairs: Constraints) -> Vertex:
    # u = sum y d. The multipliers z of independent tied pairs follow from those of the separable ones, because u is level:
    # <d_i, sum z d + sum y d> = 0 for every tied i.
    best = max_margin(pairs.problem)
    anchored = best.separation.anchored
    scale = anchored.scale**2
    y = {r: x for r, x in best.optimum.multipliers.items() if (anchored.blocks[r], anchored.alternatives[r]) in pairs.separable}
    multipliers = {(anchored.blocks[r], anchored.alternatives[r]): x * scale for r, x in y.items()}
    if pairs.tied:
        tied = [anchored.index[pair] for pair in pairs.tied]
        products = fmpq_mat(sub(anchored.rows.gram, tied, list(y))) * fmpq_mat(len(y), 1, [fmpq(x.numerator, x.denominator) for x in y.values()])
        z = fmpq_mat(sub(anchored.rows.gram, tied, tied)).solve(products)
        multipliers |= {pair: -scale * fraction(z[i, 0]) for i, pair in enumerate(pairs.tied)}
    return Vertex(best.direction, multipliers)


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


def achieved_margin(problem: Reduces, norm: Norm, w: np.ndarray) -> float:
    """The smallest separable margin of w per unit norm: at most 1 / tau for every w that is level on the tied pairs."""
    pairs = separated(problem)
    size = norm_value(checked(norm), w, pairs.problem.shape)
    return float((pairs.floats[1] @ w).min()) / size if size else 0.0


__all__ = [
    "DUALS", "NORMS", "Constraints", "Norm", "NormMargin", "NormProgramme", "achieved_margin", "certified", "checked", "combination",
    "constraints", "dual_norm", "norm_bound", "norm_margin", "norm_programme", "norm_value",
]  # fmt: skip
