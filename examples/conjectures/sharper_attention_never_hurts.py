"""Under polysemy sharper diagonal attention never raises the 0-1 error (Q2 on multi-concept prompts)."""

# outcome: holds
# Noise-free prompts, Gamma = beta sum_k P_{b_k}, equal lifts, every gate on. In trained models the error rises again
# after its minimum (see the guide), so the optimum of Q2 does not come from the sharpness of diagonal attention: it
# comes from the off-diagonal part that polysemy adds.

from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Monotone

conjecture = Conjecture(
    label="sharper-attention-never-hurts",
    title="Under polysemy sharper diagonal attention never raises the 0-1 error",
    instances=st.tuples(st.just(2), st.fractions("1/16", "1/2", max_denominator=16)),
    expected="holds",
)


def error(y: Fraction, polysemy: Fraction, concepts: int) -> Fraction:
    """Two demonstrations, one of each sign, by enumeration; y = e^beta. Ties count one half."""
    other = [(0, 1 - polysemy), (1, polysemy / 2), (-1, polysemy / 2)]
    total = Fraction(0)
    for extra in product(product(other, repeat=concepts - 1), repeat=3):
        chance = Fraction(1)
        for token in extra:
            for _, share in token:
                chance *= share
        query = [1, *(sign for sign, _ in extra[2])]
        output = Fraction(0)
        for own, token in zip((1, -1), extra):
            word = [own, *(sign for sign, _ in token)]
            output += y ** sum(a * b for a, b in zip(word, query)) * sum(word)
        total += chance * (1 if output < 0 else Fraction(1, 2) if output == 0 else 0)
    return total


@conjecture.claim(r"\beta\mapsto\mathrm{err}(\beta)\text{ does not increase}")
def never_hurts(case: Case) -> Monotone:
    concepts, polysemy = case.problem
    return Monotone(tuple(error(Fraction(y), polysemy, concepts) for y in (1, Fraction(5, 4), 2, 4)))
