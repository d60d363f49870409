"""Masking each target input with probability x mixes the floors with and without teacher, so every x > 0 rewards every lookup."""

# outcome: holds
# Open question 8 of the notes on path-star graphs. Found: with weights per slot the floor is (1 - x) log d + x (l - 2 - K) log(C - K - 1).

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import decompose
from ntpproofs.papers.path_star.distribution import node_count
from ntpproofs.papers.path_star.floors import teacher_forced_floor, teacherless_floor
from ntpproofs.papers.path_star.information import add, enclosed, scaled
from ntpproofs.papers.path_star.learners import step_types
from ntpproofs.problems import ConditionalLogit


def masked(arms: int, length: int, lookback: int, share: Fraction) -> ConditionalLogit:
    """Each slot with weights of its own, once with the edge feature and once (weight x) without."""
    steps, width, rows = length - 1, lookback + 2, []
    for slot, (true, others) in enumerate(step_types(arms, length, lookback, node_count(arms, length))):
        for shown, weight in ((1, 1 - share), (0, share)):

            def place(kind: tuple[int, ...], shown: int = shown, slot: int = slot) -> list[int]:
                return [0] * (slot * width) + [shown * kind[0], *kind[1:]] + [0] * ((steps - 1 - slot) * width)

            rows.append((weight / steps, 0, [place(true), *map(place, others)], [1, *others.values()]))
    return ConditionalLogit(rows)


conjecture = Conjecture(
    label="masking-mixes-the-floors",
    title="Masking target inputs with probability x mixes the two floors",
    instances=st.tuples(st.integers(1, 3), st.integers(3, 5), st.integers(-1, 3), st.fractions("1/10", "9/10", max_denominator=10)).filter(
        lambda x: x[2] <= x[1] - 2
    ),
    expected="holds",
)


@conjecture.claim(r"\inf L = (1-x) L_{TF} + x L_{teacherless}")
def floor_is_the_mixture(case: Case) -> Equal:
    arms, length, lookback, share = case.problem
    with_teacher = teacher_forced_floor(arms, length, lookback)
    without = teacherless_floor(arms, length, lookback, node_count(arms, length))
    floor = add(scaled(with_teacher, 1 - share), scaled(without, share))
    return Equal(decompose(masked(*case.problem)).infimum, enclosed(scaled(floor, Fraction(1, length - 1))))
