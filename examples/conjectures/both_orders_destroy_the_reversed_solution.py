"""Training on both orders with shared weights and no flag costs log 2 at every inner step of either order."""

# outcome: holds
# Open question 9 of the notes on path-star graphs (a published table has "reverse" fail). Found: the reversed part no longer has infimum zero;
# the floor of both orders is [log d] + 2 (l - 2) log 2 for any lookback, the first term gone for K = l - 2 only.

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import decompose
from ntpproofs.papers.path_star.floors import teacher_forced_floor
from ntpproofs.papers.path_star.information import add, enclosed, logarithms, scaled
from ntpproofs.problems import ConditionalLogit


def both_orders(arms: int, length: int, lookback: int) -> ConditionalLogit:
    """Features of a candidate after u: child of u, parent of u, B^0(t), ..., B^K(t). Candidates are all nodes."""
    path, rows = list(range(length)), []  # layer numbers of the goal arm; node n of another arm is (arm, layer)
    nodes = [(0, 0), *((a, j) for a in range(arms) for j in range(1, length))]

    def features(node: tuple[int, int], last: int) -> tuple[int, ...]:
        child = node[1] == last + 1 and (node[0] == 0 or last == 0)
        parent = node == (0, last - 1)
        return (int(child), int(parent), *(int(node == (0, length - 1 - k)) for k in range(lookback + 1)))

    for order in (path, path[::-1]):
        for last, true in pairwise(order):
            kinds = [features(node, last) for node in nodes if node != (0, true)]
            rows.append((Fraction(1, 2 * (length - 1)), 0, [features((0, true), last), *kinds], [1] * len(nodes)))
    return ConditionalLogit(rows)


conjecture = Conjecture(
    label="both-orders-destroy-the-reversed-solution",
    title="Both orders without a flag cost log 2 at every inner step of either order",
    instances=st.tuples(st.integers(1, 3), st.integers(3, 5), st.integers(-1, 3)).filter(lambda x: x[2] <= x[1] - 2),
    expected="holds",
)


@conjecture.claim(r"\inf L = [K \le l-3] \log d + 2 (l-2) \log 2")
def inner_steps_cost_log_two(case: Case) -> Equal:
    arms, length, lookback = case.problem
    floor = add(teacher_forced_floor(arms, length, lookback), logarithms({2: 2 * (length - 2)}))
    return Equal(decompose(both_orders(*case.problem)).infimum, enclosed(scaled(floor, Fraction(1, 2 * (length - 1)))))
