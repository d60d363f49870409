"""Further features, of any kind, do not keep teacher forcing from solving path-star once the decisive lookup is among them."""

# outcome: holds
# Open question 4 of the notes on path-star graphs: M(l - 2) with random further features of the types. Excess: |u|^2 / (eta t).

from random import Random

from hypothesis import strategies as st

from ntpproofs import All, Case, Conjecture, Equal, Less
from ntpproofs.geometry import decompose
from ntpproofs.papers.path_star.distribution import node_count
from ntpproofs.papers.path_star.learners import step_types
from ntpproofs.problems import ConditionalLogit


def with_noise(arms: int, length: int, seed: int) -> ConditionalLogit:
    """M(l - 2) with two more features per candidate type and step, small random integers."""
    random, rows = Random(seed), []
    for true, others in step_types(arms, length, length - 2, node_count(arms, length)):
        features = [[*kind, random.randint(-2, 2), random.randint(-2, 2)] for kind in (true, *others)]
        rows.append((1, 0, features, [1, *others.values()]))
    return ConditionalLogit(rows)


conjecture = Conjecture(
    label="convex-classes-are-safe",
    title="In a convex class that contains the decisive lookup teacher forcing separates",
    instances=st.tuples(st.integers(1, 4), st.integers(3, 6), st.integers(0, 10**6)),
    expected="holds",
)


@conjecture.claim(r"\text{completely separable},\ \langle u, x_{true} - x_v \rangle \ge 1 \text{ for every other candidate}")
def limit_is_right(case: Case) -> All:
    problem = with_noise(*case.problem)
    parts = decompose(problem)
    u = parts.max_margin.direction
    margins = [sum(a * b for a, b in zip(u, gap)) for gap in problem.differences().values()]
    return All(Equal(parts.separation.kind, "complete"), Less(0, min(margins)))
