"""The programme min N(w) in cvxpy: as a person would write it, and in units of its own for proposals that do not depend on scale.

Any N and any factors s > 0 give the same programme in w' = w / c and y' = s y:

    min N(w')    <w', d / s> = 0 on tied,  <w', d / s> >= 1 / (s c) on separable pairs

With s near the largest entry of d and c near |u|, the Euclidean value, rows and solution are near 1 for features of any size. Both
are powers of two, so the way back is exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import numpy as np

from ..errors import InvalidInput
from ..exact.rational import dot, independent
from .assemble import assemble
from .decomposition import decompose
from .linear_programmes import Vertex, exponent, shifted
from .norms import Norm, checked
from .problem import ConditionalLogit, RowAlternative, Vector
from .protocols import Reduces, reduces

if TYPE_CHECKING:
    import cvxpy as cp

# Proposals are rounded to multiples of 2^-GRID, far below any accuracy of theirs.
GRID = 96


@dataclass(frozen=True, eq=False)
class Constraints:
    """The pairs of a problem by (block, alternative) with their exact differences: `tied` (independent ones) and `separable`."""

    problem: ConditionalLogit
    tied: dict[RowAlternative, Vector]
    separable: dict[RowAlternative, Vector]

    @cached_property
    def floats(self) -> tuple[np.ndarray, np.ndarray]:
        """Tied and separable differences as float rows; raises `InvalidInput` if one exceeds the range of floats."""
        size = self.problem.dimension
        try:
            tied, separable = ([[float(x) for x in d] for d in pairs.values()] for pairs in (self.tied, self.separable))
        except OverflowError:
            raise InvalidInput("the features", "exceed 1e308, the range of floats", "rescale them") from None
        return np.array(tied).reshape(-1, size), np.array(separable).reshape(-1, size)


def reduced(problem: object) -> ConditionalLogit:
    """The conditional logit of a problem; raises `InvalidInput` for anything that does not reduce to one."""
    if not reduces(problem):
        raise InvalidInput("problem", f"is a {type(problem).__name__}", "give a ConditionalLogit or anything with a `conditional_logit()`")
    logit: ConditionalLogit = problem.conditional_logit()
    return logit


def constraints(problem: Reduces) -> Constraints:
    """The constraints of every programme of this module, from the exact partition."""
    logit = reduced(problem)
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


def separated(problem: Reduces) -> Constraints:
    """The same; raises `InvalidInput` if nothing is separable."""
    pairs = constraints(problem)
    if not pairs.separable:
        raise InvalidInput("the problem", "has no separable pair, so every margin is zero", "give data that are not in the overlap class")
    return pairs


@dataclass(frozen=True, eq=False)
class NormProgramme:
    """The programme in cvxpy, as a person would write it; `level` and `separating` are its constraints (None where empty)."""

    problem: cp.Problem
    variable: cp.Variable
    level: Any
    separating: Any

    def solve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Solution and multipliers on separable and tied pairs, as Clarabel proposes them; `InvalidInput` where it fails."""
        import cvxpy as cp

        status = "failed"
        with catch_warnings(), np.errstate(all="ignore"):  # an inaccurate proposal is a wide enclosure, and nothing worse
            simplefilter("ignore", UserWarning)
            for tolerance, shift in ((1e-11, 1e-8), (1e-8, 1e-7)):  # the second is for degenerate semidefinite programmes
                tolerances = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tolerance)
                try:
                    self.problem.solve(solver=cp.CLARABEL, static_regularization_constant=shift, **tolerances)
                    status = self.problem.status
                    break
                except cp.error.SolverError:
                    continue
        values = [self.variable.value, self.separating.dual_value, *([] if self.level is None else [self.level.dual_value])]
        if status == "failed" or any(x is None or not np.isfinite(x).all() for x in values):
            raise InvalidInput("the norm programme", f"was left unsolved by Clarabel ({status})", "rescale the features")
        # cvxpy's multiplier of an equality enters the Lagrangian with a plus sign: minus its own free multiplier.
        w, y, tied = (np.atleast_1d(x) for x in (*values, np.zeros(0))[:3])
        return w, y, -tied


def norm_programme(problem: Reduces, norm: Norm) -> NormProgramme:
    """min N(W) subject to equal scores on tied pairs and margins of at least 1 on separable pairs; W row-major.

    A p-norm is the least tau with |w_j| <= t_j^(1/p) tau^(1-1/p), sum t = tau: power cones, for any exponent.

    >>> programme = norm_programme(ConditionalLogit([(1, 0, [["2", "1"], ["0", "0"]], [1, 1])]), "l1")
    >>> round(float(abs(programme.solve()[0]).sum()), 6)
    0.5
    """
    norm, pairs = checked(norm), separated(problem)
    tied, separable = pairs.floats
    return _programme(norm, pairs.problem.shape, tied, separable, np.ones(len(separable)))


def _programme(norm: Norm, shape: tuple[int, int], tied: np.ndarray, separable: np.ndarray, sides: np.ndarray) -> NormProgramme:
    import cvxpy as cp

    size = shape[0] * shape[1]
    w = cp.Variable(size, name="w")
    matrix = cp.reshape(w, shape, order="C")
    level = tied @ w == 0 if len(tied) else None
    separating = separable @ w >= sides
    rules = [rule for rule in (level, separating) if rule is not None]
    if isinstance(norm, str):
        objective = {
            "l1": cp.norm1(w),
            "l-infinity": cp.norm_inf(w),
            "frobenius": cp.norm2(w),
            "spectral": cp.sigma_max(matrix),
            "nuclear": cp.normNuc(matrix),
        }[norm]
    else:
        t, objective = cp.Variable(size, name="t"), cp.Variable(name="tau")
        share = min(max(1 / float(norm), 1e-12), 1 - 1e-12)  # the certificate, not the proposal, knows the exponent exactly
        rules += [cp.sum(t) == objective, cp.PowCone3D(t, objective * np.ones(size), w, np.full(size, share))]
    return NormProgramme(cp.Problem(cp.Minimize(objective), rules), w, level, separating)


def proposed(pairs: Constraints, norm: Norm) -> Vertex:
    """A level vector with margins near 1 and multipliers near the optimum, in rationals; `InvalidInput` where Clarabel fails."""
    best = decompose(pairs.problem).max_margin
    shift = exponent(best.squared_norm) // 2
    everything = [*pairs.tied.values(), *pairs.separable.values()]
    scales = [max((exponent(x) for x in d if x), default=0) for d in everything]
    rows = np.array([[shifted(x, -s) for x in d] for d, s in zip(everything, scales)])
    fixed, unit = len(pairs.tied), Fraction(2) ** shift
    sides = np.array([shifted(Fraction(1), -s - shift) for s in scales[fixed:]])
    w, on_separable, on_tied = _programme(norm, pairs.problem.shape, rows[:fixed], rows[fixed:], sides).solve()
    y = [max(x, 0.0) for x in on_separable.tolist()]
    values = [*map(_dyadic, on_tied.tolist()), *map(_dyadic, y)]
    multipliers = {pair: x / Fraction(2) ** s for pair, x, s in zip([*pairs.tied, *pairs.separable], values, scales)}
    vector = _level(pairs, tuple(_dyadic(x) * unit for x in w.tolist()))
    for _ in range(3):
        vector = _nearest(pairs, vector, rows, scales)
    return Vertex(vector, multipliers)


def _level(pairs: Constraints, vector: Vector) -> Vector:
    return tuple(a - b for a, b in zip(vector, decompose(pairs.problem).tied.project(vector)))


def _nearest(pairs: Constraints, vector: Vector, rows: np.ndarray, scales: list[int]) -> Vector:
    # One step of refinement: from exact margins, the least change that makes all of them 1 or more, in floats. A solver's absolute
    # tolerance can be a large part of a margin whose difference is short beside the others. Least-distance programming: the residual r
    # of min |[A'; b'] y - (0, ..., 0, 1)|, y >= 0, is that of min |x| with A x >= b, x_j = -r_j / r_last.
    from scipy.optimize import nnls

    fixed, size = len(pairs.tied), pairs.problem.dimension
    gaps = [1 - dot(vector, d) for d in pairs.separable.values()]
    if max(gaps) <= Fraction(1, 10**11):
        return vector
    unit = max(exponent(gap) - s for gap, s in zip(gaps, scales[fixed:]) if gap > 0)
    short = [max(shifted(gap, -s - unit), -1e9) for gap, s in zip(gaps, scales[fixed:])]
    a = np.vstack([rows[:fixed], -rows[:fixed], rows[fixed:]])
    system = np.vstack([a.T, [0.0] * (2 * fixed) + short])
    target = np.append(np.zeros(size), 1.0)
    try:
        residual = system @ nnls(system, target, maxiter=20 * len(a) + 100)[0] - target
    except RuntimeError:
        return vector
    if not residual[-1]:
        return vector
    change = tuple(_dyadic(x) * Fraction(2) ** unit for x in (-residual[:-1] / residual[-1]).tolist())
    better = _level(pairs, tuple(a + b for a, b in zip(vector, change)))
    return better if min(dot(better, d) for d in pairs.separable.values()) > 1 - max(gaps) else vector


def _dyadic(x: float) -> Fraction:
    return Fraction(round(math.ldexp(x, GRID)), 2**GRID)


__all__ = ["Constraints", "NormProgramme", "constraints", "norm_programme", "proposed", "reduced", "separated"]
