"""What the recession cone ties: the cycles, and more than them only for dependent embeddings.

<D, (e_u - e_v) e_k^T> = (e_u - e_v)^T D e_k, and the differences of a sequence are those of its edges. Round a cycle the gaps
of D add up to 0, and in the cone none is negative: they vanish. Every edge inside a component lies on a cycle, so its two ends
are tied; along paths all tokens of the component are. A matrix that is feasible for the Graph-SVM lies in the cone and is
positive on every cross edge: no cross edge is tied. Conversely some matrix of the cone is positive on all pairs that are not
tied (`foundations.separation`); if no cross edge is tied, a multiple of it is feasible. Then the tied differences are those of
edges inside components, and along paths these span S_fin. If a cross edge is tied, the circulation of the same theorem is a
combination of rows that vanishes, with a positive coefficient on that edge. With all alternatives tied, none but the labels, or
neither, separation is called overlap, complete, quasi-complete; data are called all-cyclic, acyclic, mixed.
"""

from __future__ import annotations

from fractions import Fraction

from ....exact.rational import row_space
from ....language.relations import All, AtMost, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....symbolic import Formula, total
from ..graph_programmes import cyclic_generators, graph_svm
from ..priority_graph import cyclic_rows, dataset_class, edge_of, extra_ties, ford_condition, priority_graphs
from ..problem import AttentionNTP
from ._exact import gaps
from ._flows import gaps_along_a_walk
from ._instances import anything, between, cyclic_golden, dependent_golden, golden, same_embedding, tied_beyond_cycles
from ._symbols import COORDINATES, a, b, e, score, u, v, w, x

lemma = Lemma(
    label="attention-ntp.recession-cone",
    title="Tied alternatives are cycles, unless dependent embeddings tie more",
    source=derived("splitting each normaliser along the components"),
    setup=r"Let $\mathcal R$ be the recession cone of the reduction: the $D$ with $\langle D,d_{iv}\rangle\ge0$ for all its differences.",
    clauses=(
        clause(
            r"$\mathcal R=\{D:(e_u-e_v)^\top De_k\ge0\text{ for every edge } u\to v\text{ of every } G^{(k)}\}$.",
            steps=("inner_step",),
            claims=("cone_is_that_of_the_edges",),
        ),
        clause(
            r"Alternatives of a sequence in its label's component are tied, whatever the embeddings are.",
            steps=("walk_step",),
            claims=("cycles_tie",),
        ),
        clause(
            r"So nothing is separable if Ford's condition holds.",
            steps=("walk_step",),
            claims=("strong_connectivity_ties_everything",),
        ),
        clause(
            r"No others are tied if the Graph-SVM is feasible,",
            steps=("inner_step",),
            claims=("feasible_iff_no_extra_ties", "extra_ties_have_no_gap"),
        ),
        clause(
            r"and only if it is.",
            steps=("inner_step",),
            by=("foundations.separation",),
            claims=("feasible_iff_no_extra_ties",),
        ),
        clause(
            r"For independent embeddings it is feasible: there the tied subspace is $S_{\mathrm{fin}}$,",
            steps=("inner_step", "walk_step"),
            by=("attention-ntp.graph-svm-feasible",),
            claims=("independent_ties_are_cycles",),
        ),
        clause(
            r"and complete, quasi-complete separation and overlap are acyclic, mixed and all-cyclic data, if there is an edge at all.",
            steps=("inner_step", "walk_step"),
            by=("attention-ntp.graph-svm-feasible",),
            claims=("classes_agree",),
        ),
        clause(r"Dependent embeddings can tie more.", witness=("more_is_tied",), claims=("feasible_iff_no_extra_ties",)),
    ),
    uses=(),
    instances=anything,
    examples=(*golden, *dependent_golden, *cyclic_golden, *tied_beyond_cycles),
)


@lemma.step("gaps are inner products", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle D,(e_u-e_v)e_k^\top\rangle=e_u^\top De_k-e_v^\top De_k")  # fmt: skip
def inner_step() -> Equal:
    """The differences of a row are those of the edges y_i -> v of its sequence, times its query."""
    left = total(w(a, b) * (e(u, a) - e(v, a)) * x(b), (a, COORDINATES), (b, COORDINATES))
    return Equal(Formula(left), Formula(score(u) - score(v)))


@lemma.step("gaps along a walk", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum f_{uv}(s_u-s_v)=\sum_us_u(\mathrm{out}_u-\mathrm{in}_u)=s_p-s_q\text{ for a walk from }p\text{ to }q")  # fmt: skip
def walk_step() -> All:
    """Round a cycle out = in, the sum is 0, and gaps that are not negative vanish; along a path of ties the ends are tied."""
    return gaps_along_a_walk()


@lemma.step("a tie without a cycle", by="exact arithmetic", scope="one instance", latex=r"e_2=\tfrac12(e_0+e_1):\ (e_2-e_0)+(e_2-e_1)=0")  # fmt: skip
def more_is_tied() -> All:
    """A token halfway between two others and above both: its gaps add up to 0 in every direction, although the data are acyclic."""
    upper, lower = between.difference(2, 0, 2), between.difference(2, 1, 2)
    vanishes = Equal(tuple(p + q for p, q in zip(upper, lower)), (Fraction(0),) * len(upper))
    edges = priority_graphs(between)[2].edges
    return All(vanishes, Equal({(2, 0), (2, 1)} <= set(edges), True), Equal(dataset_class(between), "acyclic"))


@lemma.claim(r"\text{recession cone}=\text{cone of the edges of all graphs}")
def cone_is_that_of_the_edges(case: Case, reverse: bool = False) -> Equal:
    """The same set of half spaces: differences of rows against edges of graphs."""
    problem = case.problem
    graphs = priority_graphs(problem).values()
    edges = {problem.difference(*((v, u) if reverse else (u, v)), graph.graph["query"]) for graph in graphs for u, v in graph.edges}
    rows = {d for (i, n), d in problem.conditional_logit().differences().items() if problem.choice_sets[i][n] != problem.labels[i]}
    return Equal(frozenset(rows), frozenset(edges))


@lemma.claim(r"v\in A_i\cap C_i\Rightarrow(i,v)\text{ tied, for all embeddings}")
def cycles_tie(case: Case) -> All | NotExercised:
    """As a subset of the certified partition, and in the span of the tied subspace."""
    problem, tied = case.problem, case.derived.tied
    rows = cyclic_generators(problem)
    if not rows:
        return NotExercised("no component has two tokens")
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
    combined = [Fraction(0)] * problem.dimension**2
    for edge, value in svm.farkas.items():
        combined = [s + value * z for s, z in zip(combined, svm.form.row(edge))]
    weights = [value for edge, value in svm.farkas.items() if edge in set(svm.form.margins)]
    zero = Equal(tuple(combined), (Fraction(0),) * len(combined))
    return All(zero, AtMost(tuple([Fraction(0)] * len(weights)), tuple(weights)), Less(Fraction(0), sum(weights)), Less(0, len(extra_ties(problem))))


@lemma.claim(r"\text{cross edges with gap }0\text{ in the max-margin direction}=\text{extra ties}")
def extra_ties_have_no_gap(case: Case) -> Equal:
    """The max-margin direction lies in the cone and is positive on everything separable."""
    problem, cyclic, extra = case.problem, cyclic_rows(case.problem), extra_ties(case.problem)
    rows = zip(problem.choice_sets, problem.labels)
    pairs = [(i, n) for i, (tokens, y) in enumerate(rows) for n, v in enumerate(tokens) if v != y and (i, n) not in cyclic]
    found = gaps(problem, case.derived.max_margin.direction, [edge_of(problem, pair) for pair in pairs])
    return Equal(tuple(gap == 0 for gap in found), tuple(pair in extra for pair in pairs))


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
