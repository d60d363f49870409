"""On path-star graphs every available lookup from the goal enters the direction that teacher forcing selects."""

# outcome: refuted certified
# found: (2, 3, 0)
# The notes on path-star graphs (C8) say that a truncated lookback K <= l - 3 leaves the pure edge lookup, the cheat, for every d >= 2.
# Found: two arms of length 3, no smaller graph has a truncated lookback.

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Less
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
    label="partial-lookback-turns-the-direction",
    title="Every available lookup from the goal enters the direction that teacher forcing selects",
    instances=st.tuples(st.integers(2, 5), st.integers(3, 6), st.integers(0, 4)).filter(lambda x: x[2] <= x[1] - 2),
    expected="refuted",
)


@conjecture.claim(r"u_{\beta_0} > 0 \text{ for every } 0 \le K \le l - 2")
def lookups_count(case: Case) -> Less:
    return Less(0, max_margin(teacher_forced(*case.problem)).direction[1])
