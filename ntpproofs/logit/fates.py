"""What becomes of a linear function c of the parameters when the likelihood is pushed to its supremum: decided exactly.

Let R be the recession cone, T the span of the tied differences and d_r the separable ones. R is { w : w orthogonal to T, <w, d_r> >= 0 }
and u lies in its relative interior, so

    c has a part orthogonal to all differences     not identified
    c in T                                         zero on R: finite, with the value <c, w*>
    c - sum y_r d_r in T for some y >= 0           c >= 0 on R and not zero: every likelihood maximiser sends c to +infinity
    otherwise, and likewise for -c                 both signs on R: unbounded, sign undetermined by the likelihood

A c that is >= 0 on R and not zero there is positive at u, so the sign of <c, u> says which of c and -c can lie in the dual cone. T is
divided out once, by its reduced echelon form; then every question is whether a vector lies in the cone of finitely many rays. Non-negative
least squares in floats proposes the face; exact arithmetic verifies a combination or a w in R with <c, w> < 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property

import numpy as np
from flint import fmpq_mat

from ..exact.nonnegative import clear_minimiser
from ..exact.programme import Infeasible, Rows, least_norm
from ..exact.rational import clear_denominators, dot, fraction, integer_array, primitive, rank, row_space, scaled_floats, to_flint, total
from .decomposition import Decomposition
from .problem import Vector


class Fate(Enum):
    """Where a linear function of the parameters goes along every sequence that maximises the likelihood."""

    NOT_IDENTIFIED = "not identified"
    FINITE = "finite"
    UP = "+infinity"
    DOWN = "-infinity"
    UNDETERMINED = "unbounded, sign undetermined"


@dataclass(frozen=True)
class Course:
    """The fate of one function c, and what gradient descent does with it.

    `log_t` and `log_log_t` are the exact coefficients <c, u> and <c, D> (D is law G10, conjectured in general); `value` and `radius`
    enclose <c, w*> where the fate is finite. `settles` says on what the remaining constant depends where c neither grows nor is
    finite: "data" (the residual of the sharp law) or "start"; empty otherwise. `deeper` where only a level below D moves it.
    """

    fate: Fate
    log_t: Fraction
    log_log_t: Fraction
    value: Fraction | None = None
    radius: Fraction | None = None
    settles: str = ""
    deeper: bool = False


class Fates:
    """The fates of functions of the parameters of one decomposed problem; functions are flat rational vectors.

    >>> from ntpproofs.geometry import decompose
    >>> from ntpproofs.problems import ConditionalLogit
    >>> rows = [(1, 0, [[1, 0], [0, 0]]), (1, 0, [[0, 1], [0, 0]]), (1, 0, [[0, 0], [0, 1]])]
    >>> fates = Fates(decompose(ConditionalLogit(rows)))
    >>> [fates.course(c).fate.value for c in ((1, 0), (0, 1), (-1, 7))]
    ['+infinity', 'finite', '-infinity']
    """

    def __init__(self, parts: Decomposition) -> None:
        self.parts = parts

    def course(self, function: Sequence[Fraction]) -> Course:
        """The fate of one function, exact."""
        return self.courses([function])[0]

    def growths(self, functions: Sequence[Sequence[Fraction]]) -> list[Fraction]:
        """The coefficients of log t alone, which need no cone."""
        return [row[0] for row in _products(functions, [self.parts.max_margin.direction])]

    def courses(self, functions: Sequence[Sequence[Fraction]]) -> list[Course]:
        """The fates of many functions; what is linear in them is done in one go."""
        if not functions:
            return []
        matrix = to_flint([tuple(map(Fraction, c)) for c in functions])
        left = self._tied.reduced(matrix)
        outside = _rows(self._span.reduced(left))
        products = _products(functions, [*self.parts.max_margin.directions, self.parts.finite_part.center])
        return [self._course(*entry) for entry in zip(functions, _rows(left), outside, products)]

    def _course(self, c: Sequence[Fraction], left: Vector, outside: Vector, products: Sequence[Fraction]) -> Course:
        *directions, value = products
        growth, drift = directions[0], directions[1] if len(directions) > 1 else Fraction(0)
        if not any(left):
            length = min(sum(map(abs, c), Fraction(0)), _root(sum((x * x for x in c), Fraction(0))))
            return Course(Fate.FINITE, growth, drift, value, length * self.parts.finite_part.radius)
        deeper = any(directions) and not growth and not drift
        if any(outside):
            return Course(Fate.NOT_IDENTIFIED, growth, drift, settles="start", deeper=deeper)
        settles = "" if any(directions) else self._constant(left)
        return Course(self._fate(left, growth), growth, drift, settles=settles, deeper=deeper)

    def _fate(self, left: Vector, growth: Fraction) -> Fate:
        # u is in the relative interior of R, so a function that vanishes at u but not on R takes both signs.
        if not growth:
            return Fate.UNDETERMINED
        sign = 1 if growth > 0 else -1
        if not self._in_cone(tuple(sign * x for x in left)):
            return Fate.UNDETERMINED
        return Fate.UP if sign > 0 else Fate.DOWN

    def _constant(self, left: Vector) -> str:
        return "data" if rank([*self._strong, left]) == self._strong_rank else "start"

    @cached_property
    def _strong(self) -> list[Vector]:
        return self._modulo(self.parts.max_margin.strong)

    @cached_property
    def _strong_rank(self) -> int:
        return rank(self._strong)

    @cached_property
    def _differences(self) -> list[Vector]:
        return differences(self.parts)

    @cached_property
    def _tied(self) -> _Echelon:
        return _Echelon([self._differences[r] for r in self.parts.tied.inside])

    @cached_property
    def _span(self) -> _Echelon:
        return _Echelon(self._modulo(self.parts.diverging.inside))

    def _modulo(self, rows: Sequence[int]) -> list[Vector]:
        return _rows(self._tied.reduced(to_flint([self._differences[r] for r in rows]))) if rows else []

    @cached_property
    def rays(self) -> list[Vector]:
        """The separable differences modulo T, up to positive factors."""
        return list(dict.fromkeys(map(primitive, self._modulo(self.parts.max_margin.separable_rows))))

    @cached_property
    def _floats(self) -> np.ndarray:
        array = scaled_floats([[int(x) for x in ray] for ray in self.rays])
        return array / np.linalg.norm(array, axis=1, keepdims=True)

    @cached_property
    def _witnesses(self) -> list[Vector]:
        # Functions that are >= 0 on all rays, found so far: one often settles the next question too.
        return []

    def _in_cone(self, c: Vector) -> bool:
        if any(dot(w, c) < 0 for w in self._witnesses):
            return False
        goal = np.array(scaled_floats([[int(x) for x in primitive(c)]])[0])
        face = _face(self._floats, goal / np.linalg.norm(goal))
        answer = self._verified(c, [self.rays[i] for i in face])
        return self._decided(c) if answer is None else answer

    def _verified(self, c: Vector, face: list[Vector]) -> bool | None:
        # The projection of c on the span of the face: either it is c with coefficients >= 0, or what is missing separates. None: neither.
        kept = _independent(face)
        if kept:
            a = to_flint(kept)
            y = (a * a.transpose()).solve(a * to_flint([[x] for x in c]))
            shadow = [fraction(x) for x in (a.transpose() * y).entries()]
            signs = all(x >= 0 for x in y.entries())
        else:
            shadow, signs = [Fraction(0)] * len(c), True
        witness = tuple(a - b for a, b in zip(shadow, c))
        if not any(witness):
            return True if signs else None
        if all(dot(witness, ray) >= 0 for ray in self.rays) and dot(witness, c) < 0:
            self._witnesses.append(witness)
            return False
        return None

    def _decided(self, c: Vector) -> bool:
        # The last word: is there a w with margin 1 on every ray and on -c? (u has margins, so a multiple of any separating w plus u will do.)
        vectors = [*self.rays, tuple(-x for x in primitive(c))]
        array = integer_array([[int(x) for x in row] for row in vectors], len(c))
        rows = Rows(array @ array.T, scaled_floats([[int(x) for x in row] for row in vectors]))
        return isinstance(least_norm(rows, [], list(range(len(vectors)))), Infeasible)


class _Echelon:
    """The reduced echelon form of some vectors; `reduced` subtracts what clears the pivots, so a row is zero exactly if it is in their span."""

    def __init__(self, vectors: Sequence[Vector]) -> None:
        basis = row_space(vectors) if vectors else ()
        self._pivots = [next(k for k, x in enumerate(row) if x) for row in basis]
        self._basis = to_flint(basis) if basis else None

    def reduced(self, matrix: fmpq_mat) -> fmpq_mat:
        if self._basis is None:
            return matrix
        factors = fmpq_mat([[matrix[i, k] for k in self._pivots] for i in range(matrix.nrows())])
        return matrix - factors * self._basis


def _rows(matrix: fmpq_mat) -> list[Vector]:
    return [tuple(map(fraction, row)) for row in matrix.tolist()]


def _products(functions: Sequence[Sequence[Fraction]], vectors: Sequence[Vector]) -> list[Vector]:
    # <c, x> for every function c (rows) and vector x.
    if not functions:
        return []
    return _rows(to_flint([tuple(map(Fraction, c)) for c in functions]) * to_flint(list(zip(*vectors))))


def differences(parts: Decomposition) -> list[Vector]:
    """The anchored differences x_anchor - x_v of a problem, each times one positive factor: integer vectors of length `dimension`."""
    anchored, data = parts.separation.anchored, parts.problem.data
    left, right = _integers(data.left), _integers(data.right)
    height, width = data.shape
    found = []
    for b, v in zip(anchored.blocks, anchored.alternatives):
        block = data.blocks[b]
        first, second = block.alternatives[anchored.anchors[b]], block.alternatives[v]
        rights = [(block.right, 1)] if right is None else [(k, x) for k, x in enumerate(right[block.right]) if x]
        lefts = [(first, 1), (second, -1)] if left is None else [(p, x - y) for p, (x, y) in enumerate(zip(left[first], left[second])) if x != y]
        vector = [Fraction(0)] * (height * width)
        for p, x in lefts:
            for k, y in rights:
                vector[p * width + k] = Fraction(x * y)
        found.append(tuple(vector))
    return found


def _integers(bank: Sequence[Vector] | None) -> list[list[int]] | None:
    return None if bank is None else clear_denominators(bank)[0]


def _face(rays: np.ndarray, goal: np.ndarray) -> list[int]:
    # The rays of the cone's face next to the goal, largest coefficient first; nothing here is believed.
    y = clear_minimiser(rays.T, goal)
    if y is None:
        from scipy.optimize import nnls

        try:
            y, _ = nnls(rays.T, goal, maxiter=20 * len(rays) + 100)
        except RuntimeError:
            return []
    return sorted((int(i) for i in np.flatnonzero(y > 1e-12)), key=lambda i: -y[i])


def _independent(vectors: list[Vector]) -> list[Vector]:
    # A maximal independent subset, first come first kept.
    if not vectors:
        return []
    columns = to_flint(list(zip(*vectors)))
    echelon, size = columns.rref()
    pivots = (next(k for k in range(echelon.ncols()) if echelon[i, k]) for i in range(size))
    return [vectors[k] for k in pivots]


def _root(x: Fraction) -> Fraction:
    # An upper bound of the square root, in doubles.
    root = Fraction(float(x) ** 0.5)
    while root * root < x:
        root = root * Fraction(1 + 2**40, 2**40) + Fraction(1, 2**1000)
    return root


def scores(parts: Decomposition, block: int) -> list[Vector]:
    """The functions <w, x_bv> less their mean over the alternatives of a block, in their order."""
    problem = parts.problem
    features = [problem.feature(block, v) for v in range(len(problem.data.blocks[block].alternatives))]
    mean = [total(column) / len(features) for column in zip(*features)]
    return [tuple(x - m for x, m in zip(feature, mean)) for feature in features]
