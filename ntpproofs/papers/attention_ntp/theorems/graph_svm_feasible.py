"""The Graph-SVM of independent embeddings is feasible: heights of components are scores (B-L2, part 1 of our notes)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from ....exact.rational import dot
from ....kernel import verify
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, derived
from ....symbolic import Delta, Formula, index, total
from ....symbolic.formula import Exhaustive
from ...linear_ntp.assumptions import independent_embeddings
from ..graph_programmes import graph_svm
from ..priority_graph import priority_orders
from ..problem import AttentionNTP
from ._exact import Matrix, gaps, with_scores
from ._instances import between, dependent_golden, golden, independent, one_hot
from ._symbols import COORDINATES, a, b, e, head, u, v
from .graph_facts import relation, small_datasets

lemma = Lemma(
    label="attention-ntp.graph-svm-feasible",
    title="Independent embeddings make the Graph-SVM feasible",
    source=derived("section B-L2 of our notes; a feasibility lemma of arXiv 2403.08081 is recalled, its wording not checked"),
    text=r"Let $h_k(v)$ be the length of the longest path of cross edges that starts in the component of $v$ in $G^{(k)}$. It is constant on"
    r" components and $h_k(u)\ge h_k(v)+1$ if $u\Rightarrow v$. For independent embeddings $W=E^+S(E^+)^\top$ with $S_{vk}=h_k(v)$ has"
    r" $EWE^\top=S$, so it satisfies every constraint of the Graph-SVM.",
    uses=("attention-ntp.graph-facts",),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


def heights(reach: dict[int, set[int]], choose: Callable[[Any], int] = max) -> dict[int, int]:
    """Longest descents by reachability: 1 + the longest of what lies strictly below; `choose` min gives the shortest.

    >>> heights({0: {0}, 1: {0, 1}, 2: {0, 1, 2}})
    {0: 0, 1: 1, 2: 2}
    """
    below = {token: [x for x in reach[token] if token not in reach[x]] for token in reach}
    known: dict[int, int] = {}
    for token in sorted(reach, key=lambda x: len(below[x])):
        known[token] = 1 + choose(known[x] for x in below[token]) if below[token] else 0
    return known


def height_table(problem: AttentionNTP, choose: Callable[[Any], int] = max) -> Matrix:
    """S with S_vk = h_k(v), zero for tokens not seen with the query k."""
    columns = {k: heights(relation(problem, k), choose) for k in set(problem.queries)}
    size = range(problem.vocabulary_size)
    return tuple(tuple(Fraction(columns.get(k, {}).get(v, 0)) for k in size) for v in size)


@lemma.step("scores of E^+ S E^+T", by="index calculus, normal form", scope="all sizes",
            latex=r"e_u^\top\bigl(\sum_{pq}c_pS_{pq}c_q^\top\bigr)e_v=\sum_{pq}[u=p]S_{pq}[q=v]=S_{uv}")  # fmt: skip
def score_step() -> All:
    """The rows c_p of the dual head are the columns of E^+: exchange the sums, then use <e_u, c_p> = [u = p]."""
    p, q, table = index("p"), index("q"), sp.Function("S")
    lift = total(head(p, a) * table(p, q) * head(q, b), (p, "K"), (q, "K"))
    left = total(e(u, a) * lift * e(v, b), (a, COORDINATES), (b, COORDINATES))
    first = total(e(u, a) * head(p, a), (a, COORDINATES))
    second = total(head(q, b) * e(v, b), (b, COORDINATES))
    right = total(first * table(p, q) * second, (p, "K"), (q, "K"))
    collapsed = total(Delta(u, p) * table(p, q) * Delta(q, v), (p, "K"), (q, "K"))
    return All(Equal(Formula(left), Formula(right)), Equal(Formula(collapsed), Formula(table(u, v))))


@lemma.step("heights respect the order", by="exhaustive", scope="three tokens, one query", latex=r"u\Rightarrow v\text{ implies } h(u)\ge h(v)+1")
def height_step() -> Exhaustive:
    """A longest path below v extends by a cross edge at the front: all labellings of at most three sequences."""
    return Exhaustive(tuple(heights_are_feasible(Case(problem)) for problem in small_datasets()))


@lemma.claim(r"W=E^+SE^{+\top}\text{ has } EWE^\top=S,\ \text{ties }0,\ \text{margins}\ge1\text{ on all pairs } u\Rightarrow v")
def heights_are_feasible(case: Case, choose: Callable[[Any], int] = max) -> All:
    """Exactly, on every tie and every ordered pair."""
    problem = case.problem
    table = height_table(problem, choose)
    w, orders = with_scores(problem, table), priority_orders(problem).values()
    ties = [edge for order in orders for edge in order.ties]
    pairs = [edge for order in orders for edge in order.path_pairs]
    margins = AtMost((Fraction(1),) * len(pairs), gaps(problem, w, pairs)) if pairs else Equal(0, 0)
    return All(Equal(problem.scores(w), table), Equal(gaps(problem, w, ties), (Fraction(0),) * len(ties)), margins)


@lemma.claim(r"\text{the Graph-SVM is feasible; its norm is at most that of the heights}")
def programme_is_feasible(case: Case) -> All:
    """The exact solver's answer, accepted by the kernel."""
    svm = graph_svm(case.problem)
    w = with_scores(case.problem, height_table(case.problem))
    best = AtMost(svm.squared_norm, dot(w, w)) if svm.squared_norm is not None else Equal(svm.feasible, True)
    accepted = Equal(len(verify(svm.certificate())), 1) if svm.form.edges else Equal(svm.feasible, True)
    return All(Equal(svm.feasible, True), best, accepted)


# 3 over 2 over 0 and 3 over 1 over 0, and 3 over 0 directly: the shortest descent from 3 is too short.
detour = one_hot(4, ([2, 0], 2), ([3, 2, 0], 3), ([1, 0], 1), ([3, 1, 0], 3))


@lemma.mutant(of=heights_are_feasible, instances=(detour,), latex=r"h_k(v)=\text{length of the shortest descent}")
def shortest_descent(case: Case) -> All:
    """A cross edge may lead to a token with a long descent although another one ends at once."""
    return heights_are_feasible(case, choose=min)


lemma.mutant(
    of=programme_is_feasible, without=independent_embeddings, instances=dependent_golden, latex=r"\text{the Graph-SVM is feasible for all embeddings}"
)
lemma.mutant(of=heights_are_feasible, without=independent_embeddings, instances=(between,), latex=r"\text{heights are scores of some } W")
