"""K sqrt(m) times the largest learnable regularisation approaches 1/4 with an error of order m^(-1/2) (Q3 on multi-concept prompts)."""

# outcome: holds
# Quadrupling the width halves the gap, to within a tenth, for unit norms and all plus neurons alive: .0087, .0062,
# .0045, .0032 at m = 16, 32, 64, 128.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import All, Case, Conjecture, Less
from ntpproofs.language.relations import Interval
from ntpproofs.papers.multi_concept.stationary import Landscape, threshold

conjecture = Conjecture(
    label="threshold-approaches-a-quarter-like-root-m",
    title="The saddle-node of the regularisation tends to 1 / (4 K sqrt m) with a gap of order m^(-1/2)",
    instances=st.tuples(st.integers(1, 3), st.integers(2, 8)),
    expected="holds",
)


def gap(concepts: int, root: int) -> Interval:
    """1/4 - K sqrt(m) lambda_c at m = 4 root^2, enclosed; sqrt m = 2 root is an integer."""
    land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(concepts), 4 * root**2, 2 * root**2)
    found = threshold(land)[0]
    return Interval(Fraction(1, 4) - 2 * root * concepts * found.center, 2 * root * concepts * found.radius)


@conjecture.claim(r"\tfrac14-K\sqrt m\lambda_c=\Theta(m^{-1/2})")
def gap_halves(case: Case) -> All:
    narrow, wide = gap(*case.problem), gap(case.problem[0], 2 * case.problem[1])
    scaled = [Interval(factor * wide.center, abs(factor) * wide.radius) for factor in (Fraction(9, 5), Fraction(11, 5))]
    return All(Less(scaled[0], narrow), Less(narrow, scaled[1]))
