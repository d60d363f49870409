"""Incomparable tokens that share their score under W^svm keep finite odds, and label counts set them.

(e_u - e_v) e_k^T is a combination of a tie part in S_fin and of z in E. Along the flow the tie part of W tends to that of W^fin
(`attention-ntp.global-convergence`), the part in E is W^svm log t plus what tends to the residual (`attention-ntp.residual`),
and W^svm contributes nothing, as the scores are equal. Tokens above one other, on orthonormal embeddings: by symmetry all
multipliers are equal, and q_v = c_v r_v / n, so q_v exp(-<z_v, W~>) = lambda gives gaps over the lower token of log(c_v r_v) up
to one constant.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from ....exact.rational import dot, rank
from ....language.relations import All, Converges, Equal, Relation
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.decomposition import decompose
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.problem import Vector
from ....symbolic import E, Formula, L
from ..priority_graph import edge_of, priority_orders
from ..problem import AttentionNTP
from ._instances import golden, one_hot
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


@st.composite
def tops_above_one(draw: Callable[[Any], Any]) -> AttentionNTP:
    """Two or three tokens above the query 0, with label counts 1 to 4 and one or two occurrences of the query; now and then a cycle below them."""
    samples: list[tuple[list[int], int]] = []
    for v in range(1, draw(st.integers(2, 3)) + 1):
        samples += [([v, *[0] * draw(st.integers(1, 2))], v)] * draw(st.integers(1, 4))
    size = max(label for _, label in samples) + 1
    if draw(st.integers(0, 3)) == 0:
        samples += [([size, 0], 0), ([size, 0], size)]
        size += 1
    return one_hot(size, *samples)


level_tops = tops_above_one()

proposition = Proposition(
    label="attention-ntp.tie-breaking",
    title="Label counts decide between incomparable tokens",
    source=derived("asymptotic matching; measured, a refinement given here"),
    setup=r"Independent embeddings, $W(t)$ the gradient flow. Let $u,v$ appear with the query $k$, on no common cycle, with equal scores under"
    r" $W^{\mathrm{svm}}$, let $(e_u-e_v)e_k^\top$ lie in the span of ties and supporting edges, and let no edge be weak.",
    clauses=(
        clause(
            r"The log-odds of $u$ against $v$ tend to $\langle W^{\mathrm{fin}}+\widetilde W,(e_u-e_v)e_k^\top\rangle$, at least"
            r" like $t^{-q/2}$ with the"
            r" exponent $q$ of the multipliers.",
            argued="docstring",
            by=("attention-ntp.residual", "attention-ntp.global-convergence"),
            claims=("odds_converge",),
        ),
        clause(
            r"Label counts and repetitions decide: tokens above one other with counts $c_v$, and $r_v$ occurrences of the lower"
            r" token, have odds"
            r" $c_ur_u:c_vr_v$.",
            argued="docstring",
            steps=("star_step",),
            claims=("counts_decide",),
        ),
        clause(r"$W^{\mathrm{svm}}$ does not see them.", by=("attention-ntp.invariances",), claims=("direction_does_not_see_counts",)),
    ),
    uses=("attention-ntp.residual",),
    assumptions=(independent_embeddings, strictly_complementary),
    instances=level_tops,
    examples=(two_to_one, one_to_one, repeated_below, three_to_one, *golden),
    simulate=FLOW,
)


@proposition.step("equal multipliers", by="index calculus, normal form", scope="all positive reals",
                  latex=r"q_ue^{-g_u}=q_ve^{-g_v}\text{ at }g=\log\tfrac q\lambda,\quad g_u-g_v=\log\tfrac{q_u}{q_v}")  # fmt: skip
def star_step() -> All:
    """The gaps over the lower token at which the masses are the common multiplier."""
    q_u, q_v, lam = sp.symbols("q_u q_v lambda", positive=True)
    upper, lower = L(q_u / lam), L(q_v / lam)
    return All(Equal(Formula(q_u * E(-upper)), Formula(q_v * E(-lower))), Equal(Formula(upper - lower), Formula(L(q_u / q_v))))


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
def odds_converge(case: Case, residual: bool = True) -> Relation:
    """Along the flow, for every level pair of the instance."""
    pairs = level_pairs(case)

    def limit() -> Converges:
        rows, predicted = difference_rows(case.problem, pairs), asymptotics(case.derived)
        target = rows @ (case.derived.finite_part.array + (np.asarray(predicted.residual.value) if residual else 0.0))
        return Converges(mapped(case.trajectory.iterates, rows, "log-odds of level tokens"), target, rate=predicted.exponent)

    return when(bool(pairs), limit)


def weight_of(problem: AttentionNTP, token: int) -> int:
    """Label count times occurrences of the query 0, over the sequences with this label."""
    return sum(m[0] for m, y in zip(problem.multiplicities, problem.labels) if y == token)


def is_a_star(problem: AttentionNTP) -> bool:
    """Whether the tokens 1, 2, ... are labels of pairs with the query 0 only, 1 and 2 among them."""
    pairs = all(k == 0 and y > 0 and set(tokens) == {0, y} for k, y, tokens in zip(problem.queries, problem.labels, problem.choice_sets))
    return pairs and {1, 2} <= set(problem.labels)


@proposition.claim(r"1,2,\dots\text{ above }0\text{ with counts }c_v\text{ and repetitions }r_v:\ \log\tfrac{p_1}{p_2}\to\log\tfrac{c_1r_1}{c_2r_2}")
def counts_decide(case: Case, even: bool = False) -> Relation:
    """The smallest example: odds 2 to 1 from label counts 2 to 1; `even` expects even odds."""

    def limit() -> Converges:
        path = mapped(case.trajectory.iterates, difference_rows(case.problem, [(1, 2, 0)]), "log-odds of 1 against 2")
        odds = 1.0 if even else weight_of(case.problem, 1) / weight_of(case.problem, 2)
        return Converges(path, (np.log(odds),), rate=asymptotics(case.derived).exponent)

    return when(is_a_star(case.problem), limit, "not tokens above one other")


@proposition.claim(r"W^{\mathrm{svm}}\text{ is the same with the first sequence three times}")
def direction_does_not_see_counts(case: Case) -> Equal:
    """Exact."""
    problem = case.problem
    sequences, labels = [*problem.sequences, *problem.sequences[:1] * 2], [*problem.labels, *problem.labels[:1] * 2]
    return Equal(svm(case), svm(Case(AttentionNTP(problem.embeddings, sequences, labels), decompose)))


@proposition.mutant(of=odds_converge, latex=r"\text{the log-odds tend to those of }W^{\mathrm{fin}}")
def finite_part_decides(case: Case) -> Relation:
    """The top components by a softmax with W^fin: false as soon as counts or repetitions differ."""
    return odds_converge(case, residual=False)


@proposition.mutant(of=counts_decide, latex=r"\text{incomparable tokens share attention equally}")
def equal_shares(case: Case) -> Relation:
    """Counts 2 to 1 give odds 2 to 1."""
    return counts_decide(case, even=True)


@proposition.mutant(of=odds_converge, latex=r"\text{level scores under }W^{\mathrm{svm}}\text{ mean that no odds are left: they diverge}")
def odds_diverge(case: Case) -> Relation:
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
def power_with_weak_edges(case: Case) -> Relation:
    """The mass of the weak edge falls like 1/(t log t), and the odds follow with an error of order 1/log t."""
    return odds_converge(case)
