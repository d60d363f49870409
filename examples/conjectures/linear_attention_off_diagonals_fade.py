"""Linear attention, independent coordinates without symmetry: off-diagonal entries are smaller at twice the length (question Q5)."""

# outcome: holds

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Less, Measured
from ntpproofs.papers.mesa.laws import independent_law
from ntpproofs.papers.mesa.problem import LinearAttentionAR
from ntpproofs.papers.mesa.simulation import simulate

conjecture = Conjecture(
    label="off-diagonals-fade",
    title="Off-diagonal entries of centred skewed coordinates fade with the length",
    instances=st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from((10, 20, 40, 80))).filter(lambda law: law[0] != law[1]),
    expected="holds",
)


@conjecture.claim(r"|A_{12}(2T)| < |A_{12}(T)|,\ u_j \in \{p: \tfrac{q}{p+q},\ -q: \tfrac{p}{p+q}\}")
def fading(case: Case) -> Less:
    top, bottom, length = case.problem
    law = independent_law([(top, Fraction(bottom, top + bottom)), (-bottom, Fraction(top, top + bottom))], 2)
    short, long = (abs(simulate(LinearAttentionAR(2, size, law)).right[0, 1]) for size in (length, 2 * length))
    return Less(Measured(long, 1e-9), Measured(short, 1e-9))
