"""Edge form = path form = the max-margin programme of the reduction (B-L2, part 3 of our notes)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import rank
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, derived
from ....logit.problem import Vector
from ....symbolic import Formula
from ..assumptions import graph_svm_feasible
from ..graph_programmes import Form, edge_form, graph_svm, path_form, solve_form
from ..priority_graph import PriorityEdge, priority_graphs, priority_orders
from ..problem import AttentionNTP
from ._exact import gaps, plus, zero
from ._instances import anything, golden, partly_tied
from .graph_facts import components, relation

lemma = Lemma(
    label="attention-ntp.graph-svm-forms",
    title="The forms of the Graph-SVM agree",
    source=derived("section B-L2 of our notes; the edge form is that of the authors' published code"),
    text=r"The constraints $(e_u-e_v)^\top We_k=0$ for $u\asymp v$ and $\ge1$ for all pairs $u\Rightarrow v$ define the same set as the equalities"
    r" along a spanning tree of every component with $\ge1$ on one cross edge per pair of components. Where that set is not empty it is the"
    r" feasible set of the max-margin programme of the reduction, with the same solution.",
    uses=("attention-ntp.graph-facts", "foundations.max-margin"),
    assumptions=(graph_svm_feasible,),
    instances=anything,
    examples=golden,
)


@lemma.step("margins add along a path", by="rational normal form", scope="all reals",
            latex=r"s_u-s_v=(s_u-s_x)+(s_x-s_y)+(s_y-s_v)")  # fmt: skip
def path_step() -> Equal:
    """u, x tied (0), x -> y a cross edge (>= 1), y, v tied (0): one cross edge suffices, further ones only add."""
    s_u, s_v, s_x, s_y = sp.symbols("s_u s_v s_x s_y")
    return Equal(Formula(s_u - s_v), Formula((s_u - s_x) + (s_x - s_y) + (s_y - s_v)))


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
    parts: list[Equal | AtMost] = [Equal(0, 0)]
    for w in feasible_points(case):
        for form in (path_form(problem), sequence_form(problem)):
            margins = gaps(problem, w, form.margins)
            parts.append(Equal(gaps(problem, w, form.ties), (Fraction(0),) * len(form.ties)))
            parts += [AtMost((Fraction(1),) * len(margins), margins)] if margins else []
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
