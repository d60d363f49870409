"""With independent symmetric entries of W_Q and W_K the signs of attention to two concepts are independent (Q1 on multi-concept prompts)."""

# outcome: holds
# beta_k = <W_K b_k, W_Q b_k> for orthonormal b_k looks at column k only, so the independence is exact at every
# dimension, not just in the limit. For Gaussian entries the same holds for any orthonormal b_k, because their law
# does not change under rotations.

from collections import Counter
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from ntpproofs import All, Case, Conjecture, Equal

conjecture = Conjecture(
    label="same-signs-of-attention-are-independent",
    title="Signs of attention to two concepts are independent under symmetric initialisation",
    instances=st.lists(st.integers(0, 2), min_size=2, max_size=2).filter(any).map(tuple),
    expected="holds",
)


def sign(x: int) -> int:
    return (x > 0) - (x < 0)


@conjecture.claim(r"P(\mathrm{sgn}\,\beta_1=s,\mathrm{sgn}\,\beta_2=t)=P(s)P(t),\ P(+)=P(-)")
def independent(case: Case) -> All:
    """Every pair of 2 x 2 matrices with entries -1, 0, 1 in the given proportions (zero : either sign)."""
    zero, one = case.problem
    weight = {0: zero, 1: one, -1: one}
    joint: Counter[tuple[int, int]] = Counter()
    for q1, q2, q3, q4, k1, k2, k3, k4 in product((-1, 0, 1), repeat=8):
        chance = 1
        for x in (q1, q2, q3, q4, k1, k2, k3, k4):
            chance *= weight[x]
        joint[sign(q1 * k1 + q3 * k3), sign(q2 * k2 + q4 * k4)] += chance
    total = sum(joint.values())
    first = {s: Fraction(sum(joint[s, t] for t in (-1, 0, 1)), total) for s in (-1, 0, 1)}
    parts = [Equal(Fraction(joint[s, t], total), first[s] * first[t]) for s, t in product((-1, 0, 1), repeat=2)]
    return All(*parts, Equal(first[1], first[-1]))
