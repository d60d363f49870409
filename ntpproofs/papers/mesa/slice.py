"""The diagonal slice B = b I, A = a I: exact gradients off it, the exact criterion for its invariance, and the limit of ab.

All sums over positions are exact in T through H = H_{T-2}, G = sum 1/(t-1)^2 and T' = T - 2 (`coincidences`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from .coincidences import harmonic
from .laws import Law, unit_powers
from .model import Matrix
from .tensors import pair_moment, target_moment


@dataclass(frozen=True)
class Constants:
    """Moments per coordinate j: m2 = E|u_j|^2, k1 = E|u_j|^4, k2 = E|u_j|^6, and the sums k3 over r != j of
    E|u_j|^2|u_r|^4 (row) and E|u_r|^2|u_j|^4 (column)."""

    second: tuple[Fraction, ...]
    fourth: tuple[Fraction, ...]
    sixth: tuple[Fraction, ...]
    rows: tuple[Fraction, ...]
    columns: tuple[Fraction, ...]

    @property
    def uniform(self) -> bool:
        """Whether every moment is the same for all coordinates, rows and columns alike."""
        groups = (self.second, self.fourth, self.sixth, self.rows + self.columns)
        return all(len(set(group)) <= 1 for group in groups)


@lru_cache(maxsize=1024)
def constants(law: Law) -> Constants:
    """The constants of a law.

    >>> from .named_laws import IndependentLaw
    >>> found = constants(IndependentLaw("gaussian", (Fraction(1),) * 3))
    >>> found.fourth[0], found.sixth[0], found.rows[0], found.columns[0]
    (Fraction(3, 1), Fraction(15, 1), Fraction(6, 1), Fraction(6, 1))
    """
    d = law.dimension

    def modulus(*coordinates: int) -> Fraction:
        powers = unit_powers(d, coordinates)
        return law.moment(powers, powers)

    others = [[r for r in range(d) if r != j] for j in range(d)]
    return Constants(
        tuple(modulus(j) for j in range(d)),
        tuple(modulus(j, j) for j in range(d)),
        tuple(modulus(j, j, j) for j in range(d)),
        tuple(sum((modulus(j, r, r) for r in others[j]), Fraction(0)) for j in range(d)),
        tuple(sum((modulus(r, j, j) for r in others[j]), Fraction(0)) for j in range(d)),
    )


@dataclass(frozen=True)
class SliceGradient:
    """grad_B = a^2 b X_B - a Y_B and grad_A = a b^2 X_A - b Y_A at (bI, aI): four exact d x d matrices."""

    left_cubic: Matrix
    left_linear: Matrix
    right_cubic: Matrix
    right_linear: Matrix

    def at(self, a: Fraction, b: Fraction) -> tuple[Matrix, Matrix]:
        """(grad_B, grad_A) at B = bI, A = aI."""

        def combined(cubic: Matrix, linear: Matrix, p: Fraction, q: Fraction) -> Matrix:
            return tuple(tuple(p * x - q * y for x, y in zip(xs, ys)) for xs, ys in zip(cubic, linear))

        left = combined(self.left_cubic, self.left_linear, a * a * b, a)
        return left, combined(self.right_cubic, self.right_linear, a * b * b, b)


@lru_cache(maxsize=1024)
def slice_gradient(law: Law, length: int) -> SliceGradient:
    """The gradient on the slice for any law: by the formulas where u is real, from the counts of coincidences otherwise."""
    return real_slice_gradient(law, length) if law.real else counted_slice_gradient(law, length)


def counted_slice_gradient(law: Law, length: int) -> SliceGradient:
    """The gradient on the slice for any law (real or complex), from the counts of coincidences; d^4 terms.

    >>> from .laws import independent_law
    >>> skewed = independent_law([(2, "1/3"), (-1, "2/3")], 2)
    >>> counted_slice_gradient(skewed, 5).left_cubic[0][1]  # H_3 E u_1^3 u_2^3
    Fraction(22, 3)
    """
    d = law.dimension
    every = range(d)

    def square(entry: object) -> Matrix:
        return tuple(tuple(entry(j, k) for k in every) for j in every)  # type: ignore[operator]

    def pair(f: tuple[int, int, int], g: tuple[int, int, int]) -> Fraction:
        return pair_moment(law, f, g, length)

    def total(values: object) -> Fraction:
        return sum(values, Fraction(0))  # type: ignore[call-overload]

    return SliceGradient(
        square(lambda j, k: total(pair((j, p, p), (k, q, q)) for p in every for q in every)),
        square(lambda j, k: total(target_moment(law, j, (k, q, q), length) for q in every)),
        square(lambda p, q: total(pair((j, r, r), (j, p, q)) for j in every for r in every)),
        square(lambda p, q: total(target_moment(law, j, (j, p, q), length) for j in every)),
    )


def real_slice_gradient(law: Law, length: int) -> SliceGradient:
    """The gradient on the slice of a real law by closed formulas (d^3 terms).

    For j != k: grad_B[j,k] = a^2 b H E u_j^3 u_k^3 and
    grad_A[j,k] = b {ab (H (E u_j u_k^5 + E u_j^3 u_k^3) + G sum_{r != j,k} E u_j u_k^3 u_r^2) - H E u_j u_k^3};
    on the diagonal a {ab (T' k2 + H k3) - T' k1} with row sums for B, and with column sums for A.
    """
    d, terms = law.dimension, length - 2
    h, g = harmonic(terms), harmonic(terms, 2)
    found = constants(law)

    def mean(*coordinates: int) -> Fraction:
        return law.moment(unit_powers(d, coordinates))

    def cubic(j: int, k: int) -> Fraction:
        others = sum((mean(j, k, k, k, r, r) for r in range(d) if r not in (j, k)), Fraction(0))
        return h * (mean(j, k, k, k, k, k) + mean(j, j, j, k, k, k)) + g * others

    def entry(diagonal: Fraction, off: Fraction, j: int, k: int) -> Fraction:
        return diagonal if j == k else off

    square = [[(j, k) for k in range(d)] for j in range(d)]
    tops = [tuple(terms * x + h * y for x, y in zip(found.sixth, sums)) for sums in (found.rows, found.columns)]
    linear = [terms * x for x in found.fourth]
    return SliceGradient(
        tuple(tuple(entry(tops[0][j], h * mean(j, j, j, k, k, k), j, k) for j, k in row) for row in square),
        tuple(tuple(entry(linear[j], Fraction(0), j, k) for j, k in row) for row in square),
        tuple(tuple(entry(tops[1][j], cubic(j, k), j, k) for j, k in row) for row in square),
        tuple(tuple(entry(linear[j], h * mean(j, k, k, k), j, k) for j, k in row) for row in square),
    )


@dataclass(frozen=True)
class Criterion:
    """What decides whether the slice is invariant: off-diagonal gradients that do not vanish identically, unequal diagonals."""

    cubic_moments: tuple[tuple[int, int], ...]
    other_moments: tuple[tuple[int, int], ...]
    unequal_alpha: bool
    unequal_beta: bool

    @property
    def diagonal(self) -> bool:
        """Whether the off-diagonal gradients vanish: the matrices stay diagonal."""
        return not self.cubic_moments and not self.other_moments

    @property
    def uniform(self) -> bool:
        """Whether all diagonal entries obey one equation; this alone decides the masked variant."""
        return not self.unequal_alpha and not self.unequal_beta

    @property
    def invariant(self) -> bool:
        """Whether the flow from every (a0 I, b0 I) stays in the slice."""
        return self.diagonal and self.uniform


@lru_cache(maxsize=1024)
def criterion(law: Law, length: int) -> Criterion:
    """The exact criterion for the invariance of the slice.

    A gradient off the slice is a polynomial in a and b; it vanishes on the slice iff its coefficients do, and where it does not,
    some orbit of the slice leaves it.

    >>> from .named_laws import OnesLaw, SparseLaw
    >>> criterion(SparseLaw(2, Fraction(1)), 5).invariant, criterion(OnesLaw(2), 5).invariant, criterion(OnesLaw(2), 5).uniform
    (True, False, True)
    """
    found = slice_gradient(law, length)
    d = law.dimension
    off = [(j, k) for j in range(d) for k in range(d) if j != k]
    left = tuple((j, k) for j, k in off if found.left_cubic[j][k] or found.left_linear[j][k])
    right = tuple((j, k) for j, k in off if found.right_cubic[j][k] or found.right_linear[j][k])
    alphas = {matrix[j][j] for matrix in (found.left_linear, found.right_linear) for j in range(d)}
    betas = {matrix[j][j] for matrix in (found.left_cubic, found.right_cubic) for j in range(d)}
    return Criterion(left, right, len(alphas) > 1, len(betas) > 1)


@dataclass(frozen=True)
class SliceFlow:
    """a' = b (alpha - beta ab), b' = a (alpha - beta ab), with alpha = T' k1 and beta = T' k2 + H k3."""

    alpha: Fraction
    beta: Fraction

    @property
    def product(self) -> Fraction:
        """s = alpha / beta, the limit of ab."""
        return self.alpha / self.beta


def slice_flow(law: Law, length: int) -> SliceFlow:
    """The equation on the slice; needs `criterion(law, length).uniform` (unequal diagonals have no single equation).

    >>> from .named_laws import IndependentLaw
    >>> slice_flow(IndependentLaw("gaussian", (Fraction(1),) * 3), 6).product
    Fraction(24, 145)
    """
    found = slice_gradient(law, length)
    return SliceFlow(found.left_linear[0][0], found.left_cubic[0][0])


def product_formula(k1: Fraction, k2: Fraction, k3: Fraction, length: int) -> Fraction:
    """s = k1 / (k2 + k3 H_{T-2} / (T-2)).

    >>> product_formula(Fraction(3), Fraction(15), Fraction(3), 4)
    Fraction(4, 23)
    """
    return k1 / (k2 + k3 * harmonic(length - 2) / (length - 2))
