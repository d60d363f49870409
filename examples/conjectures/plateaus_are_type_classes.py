"""A learner that tells s, leaves and other nodes apart stalls at log(d (l - 2)) in every inner slot."""

# outcome: holds
# Open question 2 of the notes on path-star graphs, the part a convex learner can decide; networks: the experiment in the guide.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import decompose
from ntpproofs.papers.path_star.floors import type_plateaus
from ntpproofs.papers.path_star.information import add, enclosed, scaled
from ntpproofs.problems import ConditionalLogit


def by_types(arms: int, length: int) -> ConditionalLogit:
    """Teacherless slots r_2, ..., r_l with weights of their own on: is s, is a leaf, is the goal."""
    rows, slots = [], length - 1
    for slot in range(slots):

        def features(*chosen: int, slot: int = slot) -> list[int]:
            return [int(k - 3 * slot in chosen) for k in range(3 * slots)]

        kinds = {"s": (features(0), 1), "goal": (features(1, 2), 1), "leaf": (features(1), arms - 1), "other": (features(), arms * (length - 2))}
        true = "goal" if slot == slots - 1 else "other"
        counts = {name: count - (name == true) for name, (_, count) in kinds.items()}
        others = [name for name in kinds if counts[name]]
        rows.append((Fraction(1, slots), 0, [kinds[true][0], *(kinds[name][0] for name in others)], [1, *(counts[name] for name in others)]))
    return ConditionalLogit(rows)


conjecture = Conjecture(
    label="plateaus-are-type-classes",
    title="Slots stall at the logarithm of the class of tokens that look alike",
    instances=st.tuples(st.integers(1, 5), st.integers(3, 6)),
    expected="holds",
)


@conjecture.claim(r"\inf L = \tfrac{l-2}{l-1} \log(d (l-2))")
def infimum_is_the_plateau(case: Case) -> Equal:
    arms, length = case.problem
    floors = add(*type_plateaus(arms, length, "teacherless"))
    return Equal(decompose(by_types(arms, length)).infimum, enclosed(scaled(floors, Fraction(1, length - 1))))
