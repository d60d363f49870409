"""A concept of frequency pi has a learned state iff lambda is at most pi / (4 sqrt m) (Q8 on multi-concept prompts)."""

# outcome: refuted enclosed
# Necessary, but not sufficient: the saddle-node lies a few per cent lower, and depends on the norms. Frequency enters
# as 1 / K, so the corrected threshold is pi times that of a single concept. Found: two neurons, frequency 1.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.language.relations import Interval
from ntpproofs.papers.multi_concept.stationary import Landscape, threshold

conjecture = Conjecture(
    label="rare-concepts-collapse-at-the-bound",
    title="A concept of frequency pi is learnable iff lambda is at most pi / (4 sqrt m)",
    instances=st.tuples(st.fractions("1/20", 1, max_denominator=20), st.integers(1, 8)),
    expected="refuted",
)


@conjecture.claim(r"\lambda_c(\pi)=\pi/(4\sqrt m)")
def threshold_is_the_bound(case: Case) -> Equal:
    """At m = 4 root^2, so that sqrt m is an integer; unit norms, every plus neuron alive."""
    frequency, root = case.problem
    found = threshold(Landscape(Fraction(1), Fraction(1), Fraction(1), 1 / frequency, 4 * root**2, 2 * root**2))[0]
    scale = 2 * root / frequency
    return Equal(Interval(scale * found.center, scale * found.radius), Fraction(1, 4))
