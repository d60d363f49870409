"""Edge form = path form = the max-margin programme of the reduction.

Gaps add along a path. Between two tokens of a component there is a path in its spanning tree, all of whose gaps are 0. If u =>
v some path leads from u to v; its edges are ties, gap 0, or cross edges, gap at least 1 (one edge per pair of components is
enough: other ends are tied to it), and at least one of them is a cross edge. So the edge form implies the path form, and
contains it. Where the Graph-SVM is feasible, the tied pairs of the recession cone are those inside components
(`attention-ntp.recession-cone`): the max-margin programme has the same constraints. Differences along the edges of a forest of
tokens are independent if the embeddings are: in a combination that vanishes the token at a leaf occurs once; and tensored with
independent queries they stay so.
"""

from __future__ import annotations

from fractions import Fraction

from ....exact.rational import rank
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, clause, derived
from ....logit.problem import Vector
from ..assumptions import graph_svm_feasible
from ..graph_programmes import Form, edge_form, graph_svm, path_form, solve_form
from ..priority_graph import PriorityEdge, priority_graphs, priority_orders
from ..problem import AttentionNTP
from ._exact import gaps, plus, zero
from ._flows import gaps_along_a_walk
from ._instances import anything, golden, partly_tied
from .graph_facts import components, relation

lemma = Lemma(
    label="attention-ntp.graph-svm-forms",
    title="The forms of the Graph-SVM agree",
    source=derived("gaps add along walks; the edge form is that of the authors' published code"),
    setup=r"The edge form asks for $(e_u-e_v)^\top We_k=0$ along a spanning tree of every component and $\ge1$ on one cross edge per pair of"
    r" components that has one, the path form for $0$ on all pairs $u\asymp v$ and $\ge1$ on all pairs $u\Rightarrow v$.",
    clauses=(
        clause(r"Both define the same set.", steps=("walk_step",), claims=("feasible_sets_agree", "forms_agree")),
        clause(
            r"Where it is not empty it is the feasible set of the max-margin programme of the reduction, with the same solution.",
            steps=("walk_step",),
            by=("attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("forms_agree",),
        ),
        clause(
            r"For independent embeddings the equalities along the trees are independent.",
            argued="last sentence of the docstring",
            claims=("tree_equalities_are_independent",),
        ),
    ),
    uses=(),
    assumptions=(graph_svm_feasible,),
    instances=anything,
    examples=golden,
)


@lemma.step("gaps add along a walk", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum f_{uv}(s_u-s_v)=\sum_us_u(\mathrm{out}_u-\mathrm{in}_u)=s_p-s_q\text{ for a walk from }p\text{ to }q")  # fmt: skip
def walk_step() -> All:
    """f counts the edges of the walk, with sign along a tree; ties add 0, and every cross edge at least 1."""
    return gaps_along_a_walk()


def sequence_form(attention: AttentionNTP) -> Form:
    """Nothing merged: an equality for every tied pair of a component and a margin for every cross edge of every sequence."""
    ties, margins = [], []
    for k, order in priority_orders(attention).items():
        ties += [PriorityEdge(k, u, v) for c in order.components for u in sorted(c) for v in sorted(c) if u < v]
    for k, y, tokens in zip(attention.queries, attention.labels, attention.choice_sets):
        order = priority_orders(attention)[k]
        margins += [PriorityEdge(k, y, v) for v in tokens if not order.tied(y, v)]
    return Form(attention, tuple(ties), tuple(margins))


def solution(form: Form) -> Vector:
    """The solution of a form, zero if it is infeasible."""
    return solve_form(form).direction or zero(form.attention)


@lemma.claim(r"\text{edge form, path form and unmerged form have the same solution, that of the reduction}")
def forms_agree(case: Case) -> Equal:
    """Four exact programmes; the last knows rows of a conditional logit only."""
    problem = case.problem
    found = (solution(edge_form(problem)), solution(path_form(problem)), solution(sequence_form(problem)))
    return Equal(found, (case.derived.max_margin.direction,) * 3)


def feasible_points(case: Case) -> list[Vector]:
    """Points of the edge form: its solution, and what a non-negative combination of feasible directions adds."""
    problem = case.problem
    base = graph_svm(problem).direction or zero(problem)
    moved = [tuple(2 * x for x in base)]
    for k in range(3):
        off = tuple(Fraction((5 * j * j + 3 * j + k) % 7 - 3) for j in range(problem.dimension**2))
        free = plus(off, case.derived.tied.project(off), -1)
        lowest = min(gaps(problem, free, edge_form(problem).margins), default=Fraction(0))
        moved.append(plus(free, base, max(Fraction(1), 1 - lowest)))
    return [base, *moved]


@lemma.claim(r"\text{every point of the edge form satisfies the path form and the unmerged form}")
def feasible_sets_agree(case: Case) -> All:
    """At the solution, its double and three random feasible points, exactly."""
    problem = case.problem
    parts: list[Equal | AtMost] = []
    for w in feasible_points(case):
        for form in (path_form(problem), sequence_form(problem)):
            margins = gaps(problem, w, form.margins)
            parts.append(Equal(gaps(problem, w, form.ties), (Fraction(0),) * len(form.ties)))
            parts.append(AtMost((Fraction(1),) * len(margins), margins))
    return All(*parts)


@lemma.claim(r"\text{the spanning trees give independent equalities that span all of them (independent embeddings)}")
def tree_equalities_are_independent(case: Case) -> All:
    """Ranks over the rationals; de-duplicated cross edges are one per pair of components."""
    problem = case.problem
    tree, full = edge_form(problem), sequence_form(problem)
    rows = [[form.row(edge) for edge in form.ties] for form in (tree, full)]
    orders = priority_orders(problem)
    pairs = {(k, orders[k].component_of[u], orders[k].component_of[v]) for k, u, v in full.margins}
    same = [Equal(rank(rows[0]), len(tree.ties))] if problem.embedding_rank == problem.vocabulary_size else []
    return All(Equal(rank(rows[0]), rank(rows[1])), Equal(len(tree.margins), len(pairs)), *same)


def pooled_form(attention: AttentionNTP) -> Form:
    """The edge form of one graph pooled over all queries, imposed for every query."""
    reach = relation(attention, 0, pooled=True)
    ties, margins = [], []
    for k in sorted(set(attention.queries)):
        ties += [PriorityEdge(k, min(c), v) for c in components(reach) for v in sorted(c - {min(c)})]
        edges = {edge for graph in priority_graphs(attention).values() for edge in graph.edges}
        margins += [PriorityEdge(k, u, v) for u, v in sorted(edges) if u not in reach[v]]
    return Form(attention, tuple(ties), tuple(margins))


@lemma.mutant(of=forms_agree, latex=r"\text{the equalities can be dropped}")
def without_equalities(case: Case) -> Equal:
    """L2-a: margins alone do not carry a component along."""
    form = edge_form(case.problem)
    return Equal(solution(Form(form.attention, (), form.margins)), case.derived.max_margin.direction)


@lemma.mutant(of=forms_agree, latex=r"\text{edges go from tokens to labels}")
def reversed_edges(case: Case) -> Equal:
    """L0-b: the solution flips its sign."""
    form = edge_form(case.problem)
    margins = tuple(PriorityEdge(k, v, u) for k, u, v in form.margins)
    return Equal(solution(Form(form.attention, form.ties, margins)), case.derived.max_margin.direction)


@lemma.mutant(of=forms_agree, latex=r"\text{one graph for all queries}")
def one_pooled_graph(case: Case) -> Equal:
    """L0-c: opposite priorities of two queries become a cycle, and the solution zero."""
    return Equal(solution(pooled_form(case.problem)), case.derived.max_margin.direction)


@lemma.mutant(of=feasible_sets_agree, latex=r"\text{every pair } u\Rightarrow v\text{ has margin exactly }1\text{ at the solution}")
def every_pair_is_active(case: Case) -> Equal:
    """Margins add along paths of several cross edges."""
    problem = case.problem
    found = gaps(problem, graph_svm(problem).direction or zero(problem), path_form(problem).margins)
    return Equal(found, (Fraction(1),) * len(found))


lemma.mutant(
    of=forms_agree, without=graph_svm_feasible, instances=(partly_tied,), latex=r"\text{the reduction solves the Graph-SVM for all embeddings}"
)
