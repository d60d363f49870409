"""Incomparable tokens that share their score under W^svm keep finite odds, and label counts set them (B-D5)."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ....exact.rational import dot, rank
from ....language.relations import Converges, Equal, Implies
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.problem import Vector
from ...linear_ntp.assumptions import independent_embeddings
from ..priority_graph import edge_of, priority_orders
from ..problem import AttentionNTP
from ._instances import golden, independent, one_hot
from ._limits import FLOW, difference_rows, mapped, svm, when

# 1 and 2 are above 0 and not comparable: counts 2 and 1, then 1 and 1; last with a cycle below them.
two_to_one = one_hot(3, ([1, 0], 1), ([1, 0], 1), ([2, 0], 2))
one_to_one = one_hot(3, ([1, 0], 1), ([2, 0], 2))
repeated_below = one_hot(3, ([1, 0, 0], 1), ([2, 0], 2))
three_to_one = one_hot(4, *(([1, 0], 1),) * 3, ([2, 0], 2), ([3, 0], 0), ([3, 0], 3))
# Tokens 1 and 2 of the first dataset with one embedding.
same_tops = two_to_one.with_embeddings([[1], [2], [2]])
# 0 and 4 above 1 above 2 and 5, and the edge 3 -> 2 is weak: it has margin 1 without a multiplier.
weak_beside = one_hot(6, ([0, 1, 2], 0), ([4, 1, 2], 4), ([1, 5, 2], 1), ([3, 2], 3))

proposition = Proposition(
    label="attention-ntp.tie-breaking",
    title="Label counts decide between incomparable tokens",
    source=derived("asymptotic matching; measured, a refinement of this project"),
    text=r"Let $u,v$ appear with the query $k$, on no common cycle, with equal scores under $W^{\mathrm{svm}}$, and let $(e_u-e_v)e_k^\top$ lie"
    r" in the"
    r" span of ties and supporting edges. Then the log-odds of $u$ against $v$ tend to $\langle W^{\mathrm{fin}}+\widetilde W,(e_u-e_v)e_k^\top"
    r"\rangle$: label counts and repetitions decide, which neither $W^{\mathrm{svm}}$ nor $W^{\mathrm{fin}}$ shows. Without weak edges the error is"
    r" $t^{-q}$ with the exponent of the multipliers.",
    uses=("attention-ntp.residual",),
    assumptions=(independent_embeddings, strictly_complementary),
    instances=independent,
    examples=(two_to_one, one_to_one, repeated_below, three_to_one, *golden),
    simulate=FLOW,
)


def level_pairs(case: Case) -> list[tuple[int, int, int]]:
    """(u, v, k): equal scores under W^svm, not on a common cycle, the difference in the span of ties and supporting edges."""
    problem, best, parts = case.problem, svm(case), case.derived
    anchored = parts.separation.anchored
    rows = [tied_or_strong(problem, (anchored.blocks[r], anchored.alternatives[r])) for r in parts.max_margin.strong]
    rows += [tied_or_strong(problem, pair) for pair in sorted(parts.separation.tied)]
    found = []
    for k, order in priority_orders(problem).items():
        for u, v in combinations(order.tokens, 2):
            gap = problem.difference(u, v, k)
            if not order.tied(u, v) and not dot(best, gap) and rank([*rows, gap]) == rank(rows):
                found.append((u, v, k))
    return found


def tied_or_strong(problem: AttentionNTP, pair: tuple[int, int]) -> Vector:
    """The difference behind a (row, alternative)."""
    edge = edge_of(problem, pair)
    return problem.difference(edge.upper, edge.lower, edge.query)


@proposition.claim(r"\log\frac{p_u/m_u}{p_v/m_v}\to\langle W^{\mathrm{fin}}+\widetilde W,(e_u-e_v)e_k^\top\rangle")
def odds_converge(case: Case, residual: bool = True) -> Implies:
    """Along the flow, for every level pair of the instance."""
    pairs = level_pairs(case)

    def limit() -> Converges:
        rows, predicted = difference_rows(case.problem, pairs), asymptotics(case.derived)
        target = rows @ (case.derived.finite_part.array + (np.asarray(predicted.residual.value) if residual else 0.0))
        return Converges(mapped(case.trajectory.iterates, rows, "log-odds of level tokens"), target, rate=predicted.exponent)

    return when(bool(pairs), limit)


@proposition.claim(r"1,2\text{ above }0\text{ with counts }c_1,c_2:\ \log\tfrac{p_1}{p_2}\to\log\tfrac{c_1}{c_2}")
def counts_decide(case: Case) -> Implies:
    """The smallest example: odds 2 to 1 from label counts 2 to 1."""

    def limit() -> Converges:
        path = mapped(case.trajectory.iterates, difference_rows(case.problem, [(1, 2, 0)]), "log-odds of 1 against 2")
        return Converges(path, (np.log(2.0) if case.problem == two_to_one else 0.0,), rate=0.3)

    return when(case.problem in (two_to_one, one_to_one), limit)


@proposition.claim(r"\langle W^{\mathrm{svm}},(e_u-e_v)e_k^\top\rangle=0\text{ with counts }2,1\text{ as with }1,1")
def direction_does_not_see_counts(case: Case) -> Implies:
    """Exact: the same Graph-SVM, and W^fin = 0, for both data sets."""
    twin = Case(one_to_one)
    return Implies(case.problem == two_to_one, Equal(svm(case), svm(twin)))


@proposition.mutant(of=odds_converge, latex=r"\text{the log-odds tend to those of }W^{\mathrm{fin}}")
def finite_part_decides(case: Case) -> Implies:
    """The top components by a softmax with W^fin: false as soon as counts or repetitions differ."""
    return odds_converge(case, residual=False)


@proposition.mutant(of=counts_decide, latex=r"\text{incomparable tokens share attention equally}")
def equal_shares(case: Case) -> Implies:
    """Counts 2 to 1 give odds 2 to 1."""
    return when(
        case.problem == two_to_one,
        lambda: Converges(mapped(case.trajectory.iterates, difference_rows(case.problem, [(1, 2, 0)]), "log-odds of 1 against 2"), (0.0,), rate=0.3),
    )


@proposition.mutant(of=odds_converge, latex=r"\text{level scores under }W^{\mathrm{svm}}\text{ mean that no odds are left: they diverge}")
def odds_diverge(case: Case) -> Implies:
    """Every gap of scores would have to grow with log t; the gap stays put."""
    pairs = level_pairs(case)
    return when(
        bool(pairs),
        lambda: Converges(mapped(case.trajectory.slope, difference_rows(case.problem, pairs), "growth of level gaps"), np.ones(len(pairs)), rate=0.3),
    )


@proposition.mutant(
    of=counts_decide, without=independent_embeddings, instances=[same_tops], latex=r"\text{counts }2,1\text{ decide for all embeddings}"
)
def counts_decide_always(case: Case) -> Converges:
    """Tokens with one embedding have even odds whatever the counts."""
    path = mapped(case.trajectory.iterates, difference_rows(case.problem, [(1, 2, 0)]), "log-odds of 1 against 2")
    return Converges(path, (np.log(2.0),), rate=0.3)


@proposition.mutant(
    of=odds_converge, without=strictly_complementary, instances=[weak_beside], latex=r"\text{error }t^{-q}\text{ with weak edges, too}"
)
def power_with_weak_edges(case: Case) -> Implies:
    """The mass of the weak edge falls like 1/(t log t), and the odds follow with an error of order 1/log t."""
    return odds_converge(case)
