"""What the recession cone ties: the cycles, and more than them only for dependent embeddings (B-L4 of our notes)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import row_space
from ....language.relations import All, AtMost, Equal, Implies, Less
from ....language.statements import Case, Lemma, derived
from ....symbolic import Formula
from ...linear_ntp.assumptions import independent_embeddings
from ..graph_programmes import cyclic_generators, graph_svm
from ..priority_graph import cyclic_rows, dataset_class, edge_of, extra_ties, ford_condition, priority_graphs, priority_orders
from ..problem import AttentionNTP
from ._exact import gaps
from ._instances import anything, between, dependent_golden, golden, same_embedding

lemma = Lemma(
    label="attention-ntp.recession-cone",
    title="Tied alternatives are cycles, unless dependent embeddings tie more",
    source=derived("section B-L4 of our notes"),
    text=r"The recession cone of $L$ is $\{D:(e_u-e_v)^\top De_k\ge0\text{ for every edge } u\to v\text{ of every } G^{(k)}\}$. Alternatives of a"
    r" sequence in its label's component are tied, whatever the embeddings are. No others are tied iff the Graph-SVM is feasible, in"
    r" particular for independent embeddings; then the tied subspace is $S_{\mathrm{fin}}$ and complete, quasi-complete separation and overlap"
    r" are acyclic, mixed and all-cyclic data. Dependent embeddings can tie more, by a Farkas combination of cross edges and ties.",
    uses=("attention-ntp.graph-facts", "foundations.separation"),
    instances=anything,
    examples=(*golden, *dependent_golden),
)


@lemma.step("round a cycle", by="rational normal form", scope="all reals", latex=r"(s_u-s_v)+(s_v-s_x)+(s_x-s_u)=0")
def cycle_step() -> Equal:
    """Non-negative gaps that add up to zero vanish; a longer cycle adds more such terms."""
    s_u, s_v, s_x = sp.symbols("s_u s_v s_x")
    return Equal(Formula((s_u - s_v) + (s_v - s_x) + (s_x - s_u)), Formula(0))


@lemma.claim(r"\text{recession cone}=\text{cone of the edges of all graphs}")
def cone_is_that_of_the_edges(case: Case, reverse: bool = False) -> Equal:
    """The same set of half spaces: differences of rows against edges of graphs."""
    problem = case.problem
    graphs = priority_graphs(problem).values()
    edges = {problem.difference(*((v, u) if reverse else (u, v)), graph.graph["query"]) for graph in graphs for u, v in graph.edges}
    rows = {d for (i, n), d in problem.conditional_logit().differences().items() if problem.choice_sets[i][n] != problem.labels[i]}
    return Equal(frozenset(rows), frozenset(edges))


@lemma.claim(r"v\in A_i\cap C_i\Rightarrow(i,v)\text{ tied, for all embeddings}")
def cycles_tie(case: Case) -> All:
    """As a subset of the certified partition, and in the span of the tied subspace."""
    problem, tied = case.problem, case.derived.tied
    rows = cyclic_generators(problem)
    return All(Equal(cyclic_rows(problem) - case.derived.separation.tied, frozenset()), Equal(tuple(map(tied.project, rows)), rows))


@lemma.claim(r"\text{Ford's condition}\Rightarrow\text{nothing separable, for all embeddings}")
def strong_connectivity_ties_everything(case: Case) -> Implies:
    """Sufficient whatever the embeddings are; necessary for independent ones."""
    return Implies(ford_condition(case.problem), Equal(case.derived.separation.separable, frozenset()))


@lemma.claim(r"\text{independent embeddings: tied}\iff\text{in the label's component};\ S_{\mathrm{fin}}=\text{tied subspace}")
def independent_ties_are_cycles(case: Case, always: bool = False) -> Implies:
    """Exactly: equal sets and equal canonical bases."""
    problem = case.problem
    same = Equal(cyclic_rows(problem), case.derived.separation.tied)
    spaces = Equal(row_space(cyclic_generators(problem)), case.derived.tied.basis)
    return Implies(always or independent_embeddings(problem).holds, All(same, spaces))


CLASSES = {"acyclic": "complete", "mixed": "quasi-complete", "all-cyclic": "overlap"}


@lemma.claim(r"\text{acyclic, mixed, all-cyclic}=\text{complete, quasi-complete separation, overlap (independent, some edge)}")
def classes_agree(case: Case, always: bool = False) -> Implies:
    """A dataset without any edge is acyclic by definition and in the overlap class."""
    problem = case.problem
    some = any(graph.edges for graph in priority_graphs(problem).values())
    return Implies(some and (always or independent_embeddings(problem).holds), Equal(CLASSES[dataset_class(problem)], case.derived.separation.kind))


@lemma.claim(r"\text{nothing else is tied}\iff\text{the Graph-SVM is feasible}")
def feasible_iff_no_extra_ties(case: Case, always: bool = False) -> All:
    """If it is not, the solver's Farkas combination of rows vanishes although margins enter it positively; that pair is tied."""
    problem, svm = case.problem, graph_svm(case.problem)
    if svm.farkas is None or always:
        return All(Equal(svm.feasible, not extra_ties(problem)), Equal(svm.feasible, True))
    total = [Fraction(0)] * problem.dimension**2
    for edge, x in svm.farkas.items():
        total = [s + x * z for s, z in zip(total, svm.form.row(edge))]
    weights = [x for edge, x in svm.farkas.items() if edge in set(svm.form.margins)]
    zero = Equal(tuple(total), (Fraction(0),) * len(total))
    return All(zero, AtMost(tuple([Fraction(0)] * len(weights)), tuple(weights)), Less(Fraction(0), sum(weights)), Less(0, len(extra_ties(problem))))


@lemma.claim(r"\text{extra ties are cross edges with gap }0\text{ in every recession direction}")
def extra_ties_have_no_gap(case: Case) -> Implies:
    """At the separator of the certificate, the max-margin direction, which is positive on everything separable."""
    problem, extra = case.problem, sorted(extra_ties(case.problem))
    orders = priority_orders(problem)
    edges = [edge_of(problem, pair) for pair in extra]
    found = gaps(problem, case.derived.max_margin.direction, edges)
    crossing = tuple(not orders[k].tied(u, v) for k, u, v in edges)
    return Implies(bool(extra), All(Equal(found, (Fraction(0),) * len(found)), Equal(all(crossing), True)))


@lemma.mutant(of=cone_is_that_of_the_edges, latex=r"\text{edges go from tokens to labels}")
def reversed_edges(case: Case) -> Equal:
    """L0-b, on the cone: the label's score must not be the smaller one."""
    return cone_is_that_of_the_edges(case, reverse=True)


@lemma.mutant(of=independent_ties_are_cycles, latex=r"\text{tied}\iff\text{in the label's component, for all embeddings}")
def ties_are_cycles_always(case: Case) -> Implies:
    """A token halfway between two others cannot be above both."""
    return independent_ties_are_cycles(case, always=True)


@lemma.mutant(of=classes_agree, instances=(same_embedding,), latex=r"\text{acyclic data are separable for all embeddings}")
def classes_agree_always(case: Case) -> Implies:
    """Tokens with one embedding have one score."""
    return classes_agree(case, always=True)


@lemma.mutant(of=feasible_iff_no_extra_ties, instances=(between,), latex=r"\text{the Graph-SVM is feasible for any embeddings}")
def feasible_for_any_embeddings(case: Case) -> All:
    """L2-b: a Farkas combination shows the contrary."""
    return feasible_iff_no_extra_ties(case, always=True)


def distinct(problem: AttentionNTP) -> bool:
    """Whether all embeddings differ."""
    return len(set(problem.embeddings)) == problem.vocabulary_size


@lemma.mutant(of=independent_ties_are_cycles, instances=(between,), latex=r"\text{different non-zero embeddings suffice}")
def distinct_embeddings_suffice(case: Case) -> Implies:
    """The token between two others has its own embedding."""
    good = distinct(case.problem) and all(map(any, case.problem.embeddings))
    return Implies(good, Equal(cyclic_rows(case.problem), case.derived.separation.tied))


@lemma.mutant(of=feasible_iff_no_extra_ties, latex=r"\text{feasible only for independent embeddings}")
def independence_is_necessary(case: Case) -> Equal:
    """Three collinear tokens in the right order are ranked by one number."""
    return Equal(graph_svm(case.problem).feasible, independent_embeddings(case.problem).holds)
