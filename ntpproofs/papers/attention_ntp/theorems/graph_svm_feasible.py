"""The Graph-SVM of independent embeddings is feasible: the number of tokens that a token reaches is a score.

Let R_k(v) be the number of tokens that v reaches in G^(k), itself included. Tokens of one component reach the same tokens. If u
=> v, u reaches whatever v reaches, and also itself, which v does not: R_k(u) >= R_k(v) + 1. For independent embeddings every
table of scores belongs to a matrix, so these do. (Heights, the lengths of longest descents, serve as well;
counting is easier to check.)
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....kernel import verify
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....symbolic import Delta, Formula, index, total
from ..graph_programmes import graph_svm
from ..priority_graph import priority_orders
from ..problem import AttentionNTP
from ._exact import Matrix, gaps, with_scores
from ._flows import reach_shrinks
from ._instances import between, dependent_golden, golden, independent, one_hot
from ._symbols import COORDINATES, a, b, e, head, u, v
from .graph_facts import relation

lemma = Lemma(
    label="attention-ntp.graph-svm-feasible",
    title="Independent embeddings make the Graph-SVM feasible",
    source=derived("heights as scores; a feasibility lemma of arXiv 2403.08081 is recalled, its wording not checked"),
    setup=r"Let $R_k(v)$ be the number of tokens that $v$ reaches in $G^{(k)}$, itself included, and $C$ the dual head.",
    clauses=(
        clause(
            r"$R_k$ is constant on components, and $R_k(u)\ge R_k(v)+1$ if $u\Rightarrow v$.",
            steps=("reach_step",),
            claims=("reach_is_feasible",),
        ),
        clause(
            r"For independent embeddings $W=C^\top SC$ has $EWE^\top=S$ for every table $S$.",
            steps=("score_step",),
            by=("attention-ntp.reduction",),
            claims=("reach_is_feasible",),
        ),
        clause(
            r"So with $S_{vk}=R_k(v)$ it satisfies every constraint of the Graph-SVM.",
            steps=("reach_step", "score_step"),
            by=("attention-ntp.reduction",),
            claims=("programme_is_feasible", "reach_is_feasible"),
        ),
    ),
    uses=(),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


def reach_table(problem: AttentionNTP, edges_only: bool = False) -> Matrix:
    """S with S_vk the number of tokens that v reaches, zero for tokens not seen with the query k; `edges_only` counts edges out of v."""
    size = range(problem.vocabulary_size)
    table = [[Fraction(0)] * len(size) for _ in size]
    for k in set(problem.queries):
        for token, reached in relation(problem, k).items():
            table[token][k] = Fraction(len(successors(problem, k, token) if edges_only else reached))
    return tuple(map(tuple, table))


def successors(problem: AttentionNTP, query: int, token: int) -> set[int]:
    """The tokens to which edges of a token lead."""
    rows = zip(problem.queries, problem.labels, problem.choice_sets)
    return {lower for k, y, tokens in rows if (k, y) == (query, token) for lower in tokens}


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


@lemma.step("who reaches more", by="index calculus, normal form", scope="all sizes",
            latex=r"R_p-R_q=r_{pp}-r_{qp}+\sum_{x\ne p}(r_{px}-r_{qx})\ge1\quad(p\Rightarrow q)")  # fmt: skip
def reach_step() -> Equal:
    """r_px is 1 if p reaches x, else 0: no term of the sum is negative, r_pp = 1 and r_qp = 0."""
    return reach_shrinks()


@lemma.claim(r"W=C^\top SC\text{ has } EWE^\top=S,\ \text{ties }0,\ \text{margins}\ge1\text{ on all pairs } u\Rightarrow v")
def reach_is_feasible(case: Case, edges_only: bool = False) -> All:
    """Exactly, on every tie and every ordered pair."""
    problem = case.problem
    table = reach_table(problem, edges_only)
    w, orders = with_scores(problem, table), priority_orders(problem).values()
    ties = [edge for order in orders for edge in order.ties]
    pairs = [edge for order in orders for edge in order.path_pairs]
    margins = AtMost((Fraction(1),) * len(pairs), gaps(problem, w, pairs))
    return All(Equal(problem.scores(w), table), Equal(gaps(problem, w, ties), (Fraction(0),) * len(ties)), margins)


@lemma.claim(r"\text{the Graph-SVM is feasible; its norm is at most that of the counts}")
def programme_is_feasible(case: Case) -> All:
    """The exact solver's answer, accepted by the kernel."""
    svm = graph_svm(case.problem)
    w = with_scores(case.problem, reach_table(case.problem))
    best = AtMost(svm.squared_norm, dot(w, w)) if svm.squared_norm is not None else Equal(svm.feasible, True)
    accepted = Equal(len(verify(svm.certificate())), 1) if svm.form.edges else Equal(svm.feasible, True)
    return All(Equal(svm.feasible, True), best, accepted)


# 3 over 1 over 2 and 0: tokens 3 and 1 have two edges each, besides those to themselves.
two_edges_each = one_hot(4, ([2, 1, 0], 1), ([3, 1, 0], 3))


@lemma.mutant(of=reach_is_feasible, instances=(two_edges_each,), latex=r"R_k(v)=\text{number of edges out of }v")
def edges_are_counted(case: Case) -> All:
    """A token above another one may have no more edges than it: what counts is reached along paths."""
    return reach_is_feasible(case, edges_only=True)


lemma.mutant(
    of=programme_is_feasible, without=independent_embeddings, instances=dependent_golden, latex=r"\text{the Graph-SVM is feasible for all embeddings}"
)
lemma.mutant(of=reach_is_feasible, without=independent_embeddings, instances=(between,), latex=r"\text{the counts are scores of some } W")
