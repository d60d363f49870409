"""The anti-matching branch persists when a value matrix is trained, too (Q7 on multi-concept prompts)."""

# outcome: holds
# With a value coefficient z on every P_{d_k} the label part of an output is rho z v. Changing the signs of p_K and v
# together changes no output and maps drives to drives: the mirror image of a learned state is a learned state. rho is
# odd in p_K, so it is a free rational number here.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import All, Case, Conjecture, Equal

RATIONAL = st.fractions(-2, 2, max_denominator=6)
conjecture = Conjecture(
    label="anti-matching-survives-a-value-matrix",
    title="Matching and anti-matching solutions stay mirror images with a trained value matrix",
    instances=st.tuples(st.fractions("-9/10", "9/10", max_denominator=10), RATIONAL, RATIONAL, RATIONAL, RATIONAL, RATIONAL),
    expected="holds",
)


def drives(rho: Fraction, query: Fraction, key: Fraction, gate: Fraction, lift: Fraction, value: Fraction) -> tuple[Fraction, ...]:
    """(F, p_Q', p_K', u', v', z') of one neuron pair without the common factor g(F) / K, B = C = D = 1, m = 2."""
    swing = rho * value * lift
    plus, minus = Fraction(gate + swing > 0), Fraction(gate - swing > 0)
    margin = (plus * (gate + swing) - minus * (gate - swing)) / 2
    slope = value * lift * (plus + minus) / 2
    pull = (1 - rho**2) * slope
    both = (plus + minus) / 4
    return margin, pull * key, pull * query, (plus - minus) / 4, rho * value * both, rho * lift * both


@conjecture.claim(r"(p_K,v)\to(-p_K,-v)\text{ maps drives to drives}")
def mirror_image(case: Case) -> All:
    rho, query, key, gate, lift, value = case.problem
    here, there = drives(rho, query, key, gate, lift, value), drives(-rho, query, -key, gate, -lift, value)
    signs = (1, 1, -1, 1, -1, 1)
    return All(*(Equal(x, sign * y) for x, y, sign in zip(here, there, signs)))
