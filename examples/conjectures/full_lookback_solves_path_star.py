"""With the full lookback teacher forcing on path-star graphs separates, in a direction that knows no number of arms."""

# outcome: holds
# From the notes on path-star graphs (C9): arms d, arm length l, m = l - 2 lookups before the decisive one.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import max_margin
from ntpproofs.problems import ConditionalLogit


def teacher_forced(arms: int, length: int, lookback: int) -> ConditionalLogit:
    """Steps 2, ..., l of one path: candidates by type, features (is a child of the last token, is B^0(goal), ..., is B^K(goal))."""

    def features(edge: int, looked: int) -> list[int]:
        return [edge, *(int(k == looked) for k in range(lookback + 1))]

    rows, nodes = [], 1 + arms * (length - 1)
    for left in range(length - 2, -1, -1):  # edges between the next token and the goal
        siblings = arms - 1 if left == length - 2 else 0
        elsewhere = [k for k in range(lookback + 1) if k != left]
        rest = nodes - 1 - siblings - len(elsewhere)
        kinds = [features(1, left), *(features(0, k) for k in elsewhere), features(0, -1)] + [features(1, -1)] * bool(siblings)
        rows.append((1, 0, kinds, [1, *(1 for _ in elsewhere), rest] + [siblings] * bool(siblings)))
    return ConditionalLogit(rows)


conjecture = Conjecture(
    label="full-lookback-solves-path-star",
    title="With the full lookback teacher forcing separates, in a direction that knows no number of arms",
    instances=st.tuples(st.integers(2, 5), st.integers(3, 7)),
    expected="holds",
)


@conjecture.claim(r"u = (2m, 2, \dots, 2, m + 1)/(m + 1)")
def closed_form(case: Case) -> Equal:
    arms, length = case.problem
    m = length - 2
    return Equal(max_margin(teacher_forced(arms, length, m)).direction, (Fraction(2 * m, m + 1), *[Fraction(2, m + 1)] * m, Fraction(1)))
