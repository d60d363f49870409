"""The orthogonal decomposition R^D = tied + diverging + invariant with everything gradient descent converges to (section 2).

T = span of tied differences        the finite part w* lives here
M = complement of T in their span   the max-margin direction u lives here and the iterates diverge along it
N = orthogonal to all differences   gradient descent never moves it
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq, fmpq_mat

from ..exact.balls import Interval
from ..exact.rational import fraction, null_space, row_space, sub
from ..language.views import Matrix, View, table_html, view_html
from .assemble import assemble
from .coordinates import Coordinates
from .finite_part import FinitePart, finite_part_of
from .parameters import array_of, exact_vector, like
from .problem import ConditionalLogit, Vector
from .protocols import Reduces, reduced
from .recession import AnchoredRows, Separation, separation

if TYPE_CHECKING:
    from .margin import MaxMargin
    from .shapes import Frame


@dataclass(frozen=True, eq=False)
class Subspace:
    """A subspace given by differences: the span of `inside` within the complement of the span of `outside`.

    `complement` True means the orthogonal complement of both (the invariant subspace).
    """

    anchored: AnchoredRows
    inside: tuple[int, ...]
    outside: tuple[int, ...]
    complement: bool = False

    @property
    def ambient(self) -> int:
        """The dimension of the whole parameter space."""
        return self.anchored.problem.dimension

    @cached_property
    def dimension(self) -> int:
        """The dimension, exact."""
        span = len(self.inside)
        return self.ambient - span - len(self.outside) if self.complement else span

    @cached_property
    def basis(self) -> tuple[Vector, ...]:
        """A canonical rational basis (reduced echelon form): equal subspaces have equal bases."""
        if self.complement:
            return null_space([self._difference(r) for r in (*self.outside, *self.inside)], self.ambient)
        if not self.outside:
            return row_space([self._difference(r) for r in self.inside])
        return row_space([self.project(self._difference(r)) for r in self.inside])

    @cached_property
    def frame(self) -> Frame:
        """An orthonormal float basis, as columns (ambient x dimension)."""
        floats = self.anchored.rows.floats
        outer, _ = np.linalg.qr(_unit(floats[list(self.outside)]).T)
        vectors = _unit(floats[list(self.inside)]).T
        for _ in range(2):  # twice is enough: one more pass removes what cancellation left
            vectors = vectors - outer @ (outer.T @ vectors)
        inner, _ = np.linalg.qr(vectors)
        if not self.complement:
            return inner
        both = np.hstack([outer, inner])
        full, _ = np.linalg.qr(np.hstack([both, np.eye(self.ambient)]))
        return full[:, both.shape[1] : self.ambient]

    def project(self, x: Any) -> Any:
        """The orthogonal projection of a vector: exact for a flat one of exact numbers, floats for an array, in the shape it came in."""
        if isinstance(x, np.ndarray) and x.dtype != object:
            shape = self.anchored.problem.shape
            return like(self.frame @ (self.frame.T @ array_of(x, shape).reshape(-1)), x, shape)
        x = exact_vector(x, self.ambient)
        onto_outside = self._onto(self.outside, x)
        onto_both = self._onto((*self.outside, *self.inside), x)
        if self.complement:
            return tuple(a - b for a, b in zip(x, onto_both))
        return tuple(a - b for a, b in zip(onto_both, onto_outside))

    def _difference(self, r: int) -> Vector:
        return assemble(self.anchored.problem, self.anchored.coefficients({r: Fraction(1)}))

    def _onto(self, rows: tuple[int, ...], x: Vector) -> Vector:
        if not rows:
            return (Fraction(0),) * len(x)
        products = [sum((a * b for a, b in zip(self._difference(r), x)), Fraction(0)) for r in rows]
        right = fmpq_mat([[fmpq(p.numerator, p.denominator)] for p in products])
        y = fmpq_mat(sub(self.anchored.rows.gram, rows, rows)).solve(right)
        factor = Fraction(self.anchored.scale) ** 2  # the Gram matrix is that of scale * difference
        values = {r: factor * fraction(y[i, 0]) for i, r in enumerate(rows)}
        return assemble(self.anchored.problem, self.anchored.coefficients(values))


def _unit(rows: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1.0)


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Everything gradient descent converges to, for one problem. Attributes are computed on first access.

    `tied`, `diverging`, `invariant`: the three subspaces. `finite_part`: w* with radius. `max_margin`: u of F4.
    `infimum`: inf L enclosed; `attained` iff nothing is separable.
    """

    problem: ConditionalLogit
    separation: Separation

    @cached_property
    def _bases(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        anchored, decided = self.separation.anchored, self.separation.partition
        tied = [*anchored.equalities, *sorted(decided.tied)]
        rest = [r for r in anchored.inequalities if r not in decided.tied]
        both = anchored.rows.independent([*tied, *rest])
        within = set(tied)
        return tuple(r for r in both if r in within), tuple(r for r in both if r not in within)

    @cached_property
    def tied(self) -> Subspace:
        """T."""
        return Subspace(self.separation.anchored, self._bases[0], ())

    @cached_property
    def diverging(self) -> Subspace:
        """M."""
        return Subspace(self.separation.anchored, self._bases[1], self._bases[0])

    @cached_property
    def invariant(self) -> Subspace:
        """N."""
        return Subspace(self.separation.anchored, self._bases[1], self._bases[0], complement=True)

    @cached_property
    def finite_part(self) -> FinitePart:
        """w*, enclosed."""
        return finite_part_of(self.separation)

    @cached_property
    def max_margin(self) -> MaxMargin:
        """u, exact, with its multipliers and support."""
        from .margin import max_margin

        return max_margin(self.problem)

    @cached_property
    def coordinates(self) -> Coordinates:
        """Orthonormal float coordinates of T + M, for numerical work."""
        return Coordinates(self)

    @property
    def infimum(self) -> Interval:
        """inf L = L*, enclosed."""
        return self.finite_part.infimum

    @property
    def attained(self) -> bool:
        """Whether the infimum is a minimum."""
        return not self.separation.separable

    def _rows(self, flat: Any) -> list[Any]:
        width = self.problem.shape[1]
        return [flat[i : i + width] for i in range(0, len(flat), width)]

    def _repr_html_(self) -> str:
        sizes = ", ".join(f"{name} {getattr(self, name).dimension}" for name in ("tied", "diverging", "invariant"))
        best = self.max_margin
        rows = {"separation": self.separation.kind, "dimensions": sizes, "squared norm of u": best.squared_norm}
        rows["infimum"] = f"{float(self.infimum.center):.9g}, {'attained' if self.attained else 'not attained'}"
        finite = [[float(x) for x in row] for row in self._rows(self.finite_part.center)]
        radius = f"max-margin direction u (times log t), exact; finite part w*, known to {float(self.finite_part.radius):.2g}"
        parts = (Matrix("max-margin direction u", self._rows(best.direction)), Matrix("finite part w*", finite))
        return table_html("decomposition", rows) + view_html(View(radius, parts))

    def _repr_latex_(self) -> str:
        finite = [[f"{float(x):.4g}" for x in row] for row in self._rows(self.finite_part.center)]
        return f"$$u={_matrix(self._rows(self.max_margin.direction))},\\quad w^\\star\\approx{_matrix(finite)}$$"


def _matrix(rows: Any) -> str:
    return r"\begin{pmatrix}" + r"\\".join("&".join(map(str, row)) for row in rows) + r"\end{pmatrix}"


def decompose(problem: Reduces) -> Decomposition:
    """Decompose a problem (or anything with a `conditional_logit()` reduction).

    Laws: relabelling alternatives permutes the decomposition; duplicating the dataset changes nothing; scaling features by
    c leaves the separation alone and divides u and w* by c. Raises `TooLarge` beyond the reach of the exact route.

    See also: `separation`, `max_margin`, `dynamics.GradientFlow`, which converges to these. Reference: `foundations.gradient-descent-bias`.

    >>> parts = decompose(ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])]))
    >>> parts.tied.dimension, parts.diverging.dimension, parts.attained
    (0, 1, False)
    """
    logit = reduced(problem)
    parts: Decomposition = logit.remember("decomposition", lambda: Decomposition(logit, separation(logit)))
    return parts
