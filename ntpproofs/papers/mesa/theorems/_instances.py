"""Instances the statements share: strategies, and fixed problems with known answers."""

from __future__ import annotations

from fractions import Fraction

from ..laws import AtomLaw, independent_law, sign_symmetrised
from ..named_laws import IndependentLaw, OnesLaw, SparseLaw
from ..problem import LinearAttentionAR
from ..strategies import autoregressive_laws, coupled_law

TENTH = (Fraction(1, 10), Fraction(1, 10))
WIDE = (Fraction(1, 2), Fraction(3, 2))

# One coordinate hides k3 and the off-diagonal entries: strategies start at two, and one example of each kind has one.
anything = autoregressive_laws(max_dimension=3, max_length=6, min_dimension=2)
short = autoregressive_laws(max_dimension=2, max_length=4, min_dimension=2)  # multiplied out with all blocks
modest = autoregressive_laws(max_dimension=3, max_length=4, min_dimension=2)  # multiplied out on the slice
symmetric = autoregressive_laws(max_dimension=3, max_length=6, laws="symmetric", min_dimension=2)
signed = autoregressive_laws(max_dimension=3, max_length=6, laws="sign-symmetric", min_dimension=2)
exchanged = autoregressive_laws(max_dimension=3, max_length=6, laws="exchangeable", min_dimension=2)
masked = autoregressive_laws(max_dimension=3, max_length=6, laws="exchangeable", min_dimension=2, masked=True)


def gaussian(dimension: int, variance: int | Fraction = 1) -> IndependentLaw:
    """N(0, variance I)."""
    return IndependentLaw("gaussian", (Fraction(variance),) * dimension)


def rademacher(dimension: int) -> IndependentLaw:
    """Independent signs."""
    return IndependentLaw("rademacher", (Fraction(1),) * dimension)


def problem(law: object, length: int, initial: tuple[Fraction, Fraction] = TENTH, masked: bool = False) -> LinearAttentionAR:
    """The problem of a law at a length."""
    return LinearAttentionAR(law.dimension, length, law, initial, masked)  # type: ignore[attr-defined, arg-type]


# {2: 1/3, -1: 2/3}: mean zero, E u_1^3 u_2^3 = 4.
skewed = independent_law([(2, "1/3"), (-1, "2/3")], 2)
# Independent coordinates on {+-1, +-2}: k1, k2, k3 all different, in three dimensions.
four_points = independent_law([(1, "1/4"), (-1, "1/4"), (2, "1/4"), (-2, "1/4")], 3)
coupled = coupled_law(2, Fraction(1, 5))
# Row sums of E u_j^2 u_r^4 agree, column sums do not (a linear programme found the weights).
unequal_columns = sign_symmetrised(AtomLaw([(0, 2, 0), (0, 2, 2), (1, 0, 1), (2, 1, 2), (2, 2, 0)], [Fraction(w, 229) for w in (27, 37, 64, 64, 37)]))
anisotropic = IndependentLaw("gaussian", (Fraction(1), Fraction(4)))
# One non-zero coordinate of modulus 1 or 2: k3 = 0, and not recovered.
two_magnitudes = AtomLaw([[s * c, 0] for s in (1, -1) for c in (1, 2)] + [[0, s * c] for s in (1, -1) for c in (1, 2)])

symmetric_golden = (
    problem(gaussian(2), 4),
    problem(gaussian(3), 6, WIDE),
    problem(rademacher(2), 5, (Fraction(-1, 10), Fraction(2, 5))),
    problem(SparseLaw(2, Fraction(2)), 5, WIDE),
    problem(four_points, 5),
    problem(independent_law([(1, "1/2"), (-1, "1/2")], 1), 4),
)
golden = (
    *symmetric_golden,
    problem(IndependentLaw("complex-gaussian", (Fraction(1), Fraction(1))), 4),
    problem(skewed, 5, (Fraction(3, 10), Fraction(3, 10))),
    problem(coupled, 4),
    problem(OnesLaw(3), 5),
    problem(unequal_columns, 4),
    problem(anisotropic, 4),
)
