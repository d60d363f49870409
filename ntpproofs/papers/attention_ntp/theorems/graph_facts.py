"""Token-priority graphs: components, hub property, and what the labels of a component do.

(a) In a component of two or more tokens every token has an edge to another one of it. Edges leave labels only, and the edge u
-> v comes from a sequence with label u whose choice set contains v: its reduced choice set contains both. (b) Such sequences
join the two ends of every edge inside the component, and edges connect it. (c) A cross edge u -> v goes from a token that
reaches more to one that reaches fewer tokens: what v reaches u reaches, and v does not reach u. So cross edges close no cycle.
(d) The query k is in every choice set, so every label y != k has the edge y -> k; a token that is no label is in a choice set,
with an edge from its label. So every appearing token is joined to k. (e) Without a cross edge every edge stays in a component;
the graph is connected, so there is one component. (f) With one component no edge leaves it. (g) Edges ask which tokens a
sequence has and what its label is, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic.formula import Exhaustive
from ..priority_graph import dataset_class, is_hub, label_components, priority_graphs, priority_orders
from ..problem import AttentionNTP
from ._flows import reach_shrinks
from ._instances import anything, cyclic_golden, golden, one_hot

lemma = Lemma(
    label="attention-ntp.graph-facts",
    title="Components, the hub property and the reduced choice sets",
    source=derived("the definition of the token-priority graphs in arXiv 2403.08081; own proofs"),
    setup=r"Let $y_i\in A_i$; $G^{(k)}$ has the edges $y_i\to v$, $v\in A_i$, of the sequences with query $k$, and $C_i$ is the component of $y_i$.",
    clauses=(
        clause(
            r"(a) In a component of at least two tokens every token is the label of a sequence whose $A_i\cap C_i$ has at least two"
            r" tokens.",
            argued="(a) of the docstring",
            claims=("members_are_labels", "components_are_mutual_reachability"),
        ),
        clause(
            r"(b) The $A_i\cap C_i$ of the sequences with $C_i=C$ connect $C$.",
            argued="(b) of the docstring",
            claims=("reduced_choice_sets_connect",),
        ),
        clause(
            r"(c) Components and cross edges form an acyclic graph.",
            steps=("reach_step",),
            claims=("condensation_is_acyclic",),
        ),
        clause(
            r"(d) Every label $y\ne k$ has an edge to $k$ (hub), and $G^{(k)}$ is weakly connected on its appearing tokens.",
            argued="(d) of the docstring",
            claims=("hub_property",),
        ),
        clause(
            r"(e) If $G^{(k)}$ has no cross edge, it is strongly connected on them.",
            argued="(e) of the docstring",
            claims=("hub_property", "classes_are_as_defined"),
        ),
        clause(
            r"(f) If it is strongly connected on them, it has no cross edge.",
            argued="(f) of the docstring",
            claims=("hub_property",),
        ),
        clause(
            r"(g) Embeddings, repetitions and counts do not enter.",
            argued="(g) of the docstring",
            claims=("graphs_ignore_counts",),
        ),
    ),
    instances=anything,
    examples=(*golden, *cyclic_golden),
)


def relation(problem: AttentionNTP, query: int, pooled: bool = False) -> dict[int, set[int]]:
    """Reachability {u: tokens that a path of at least zero edges reaches}, from the sequences alone (transitive closure)."""
    rows = zip(problem.queries, problem.choice_sets, problem.labels)
    kept = [(tokens, y) for k, tokens, y in rows if pooled or k == query]
    reach = {v: {v} for tokens, _ in kept for v in tokens}
    for tokens, y in kept:
        reach[y] |= set(tokens)
    for middle, first in product(reach, reach):
        if middle in reach[first]:
            reach[first] |= reach[middle]
    return reach


def components(reach: dict[int, set[int]]) -> frozenset[frozenset[int]]:
    """The classes of mutual reachability."""
    return frozenset(frozenset(v for v in reach[u] if u in reach[v]) for u in reach)


def joined(sets: list[frozenset[int]]) -> frozenset[frozenset[int]]:
    """The connected components of a hypergraph given by its edges.

    >>> sorted(map(sorted, joined([frozenset({0, 1}), frozenset({1, 2}), frozenset({3})])))
    [[0, 1, 2], [3]]
    """
    found: list[frozenset[int]] = []
    for edge in sets:
        touching = [part for part in found if part & edge]
        found = [part for part in found if not part & edge] + [edge.union(*touching)]
    return frozenset(found)


def small_datasets() -> Iterator[AttentionNTP]:
    """Every choice of labels for all sequences {u, 0} and {1, 2, 0} on three tokens, and every subset of them: query 0."""
    sequences = ([1, 0], [2, 0], [2, 1, 0])
    for labels in product(*([None, *sequence] for sequence in sequences)):
        samples = [(sequence, label) for sequence, label in zip(sequences, labels) if label is not None]
        if samples:
            yield one_hot(3, *samples)


@lemma.step("a cross edge goes down", by="index calculus, normal form", scope="all sizes",
            latex=r"R_p-R_q=r_{pp}-r_{qp}+\sum_{x\ne p}(r_{px}-r_{qx})\ge1\quad(p\to q\text{ a cross edge})")  # fmt: skip
def reach_step() -> Equal:
    """R_p is the number of tokens that p reaches, r_px is 1 if p reaches x; p reaches p and whatever q reaches, and q does not reach p."""
    return reach_shrinks()


@lemma.step("hub and connectivity", by="exhaustive", scope="three tokens, one query", latex=r"\text{no cross edge}\iff\text{strongly connected}")
def exhaustive_step() -> Exhaustive:
    """All labellings of at most three sequences over three tokens: the hub makes absence of cross edges strong connectivity."""
    found = [hub_property(Case(problem)) for problem in small_datasets()]
    return Exhaustive(tuple(found))


@lemma.claim(r"\text{components}=\text{classes of mutual reachability in the sequences, one graph per query}")
def components_are_mutual_reachability(case: Case, pooled: bool = False) -> All:
    """Second route: a transitive closure of the relation y -> v, without graphs; `pooled` puts all queries in one graph."""
    orders = priority_orders(case.problem)
    return All(*(Equal(frozenset(order.components), components(relation(case.problem, k, pooled))) for k, order in orders.items()))


@lemma.claim(r"|C|\ge2\Rightarrow\text{every }v\in C\text{ is a label with }|A_i\cap C|\ge2")
def members_are_labels(case: Case, large: int = 2) -> All | NotExercised:
    """The out-edge inside the component comes from a sequence with this label."""
    problem, parts = case.problem, list[Equal]()
    for k, order in priority_orders(problem).items():
        rows = list(zip(problem.queries, problem.choice_sets, problem.labels))
        for component in order.components:
            labelled = frozenset(y for query, tokens, y in rows if query == k and y in component and len(component & set(tokens)) >= 2)
            if len(component) >= large:
                parts.append(Equal(labelled, component))
    return All(*parts) if parts else NotExercised("no component has two tokens")


@lemma.claim(r"\{A_i\cap C_i: C_i=C\}\text{ connects } C")
def reduced_choice_sets_connect(case: Case, whole: bool = False) -> All | NotExercised:
    """As a hypergraph; `whole` uses uncut choice sets, whose unions leave the component."""
    problem, parts = case.problem, list[Equal]()
    inside = label_components(problem)
    for k, order in priority_orders(problem).items():
        for component in (c for c in order.components if len(c) > 1):
            rows = zip(problem.queries, problem.choice_sets, inside)
            sets = [frozenset(tokens) if whole else component & set(tokens) for query, tokens, c in rows if query == k and c == component]
            parts.append(Equal(joined(sets), frozenset({component})))
    return All(*parts) if parts else NotExercised("no component has two tokens")


@lemma.claim(r"\text{priorities between components form an acyclic graph}")
def condensation_is_acyclic(case: Case) -> All | NotExercised:
    """Cross edges only go down in the listed order, and `above` is antisymmetric."""
    parts: list[Equal] = []
    for order in priority_orders(case.problem).values():
        place = {v: n for n, component in enumerate(order.components) for v in component}
        parts += [Equal(place[edge.upper] < place[edge.lower], True) for edge in order.cross_edges]
        parts += [Equal(order.above(u, v) and order.above(v, u), False) for u, v in pairwise(order.tokens)]
    return All(*parts) if parts else NotExercised("one token")


@lemma.claim(r"k\text{ is a hub, } G^{(k)}\text{ is weakly connected, no cross edge}\iff\text{strongly connected}")
def hub_property(case: Case, cross_edges: bool = True) -> All:
    """On the appearing tokens of every query; not `cross_edges`: weak connectivity is taken for strong."""
    parts: list[Equal] = []
    for k, graph in priority_graphs(case.problem).items():
        order = priority_orders(case.problem)[k]
        weak = joined([frozenset(edge) for edge in graph.edges] + [frozenset({v}) for v in order.tokens])
        absent = not order.cross_edges if cross_edges else len(weak) == 1
        parts += [Equal(is_hub(graph, k), True), Equal(len(weak), 1), Equal(absent, order.strongly_connected)]
    return All(*parts)


@lemma.claim(r"\text{acyclic, mixed and all-cyclic are as defined}")
def classes_are_as_defined(case: Case) -> Equal:
    """By sizes of components and by cross edges of the transitive closures."""
    problem = case.problem
    found = [relation(problem, k) for k in set(problem.queries)]
    cyclic = any(len(c) > 1 for reach in found for c in components(reach))
    cross = any(u not in reach[v] for reach in found for u in reach for v in reach[u])
    return Equal(dataset_class(problem), "acyclic" if not cyclic else "mixed" if cross else "all-cyclic")


@lemma.claim(r"\text{graphs do not depend on embeddings, repetitions and counts}")
def graphs_ignore_counts(case: Case) -> Equal:
    """Tokens doubled, sequences tripled, embeddings replaced by ones."""
    problem = case.problem
    sequences = [(*s[:-1], *s) for s in problem.sequences] * 3
    other = AttentionNTP([[1]] * problem.vocabulary_size, sequences, [*problem.labels] * 3)
    first, second = ({k: frozenset(graph.edges) for k, graph in priority_graphs(p).items()} for p in (problem, other))
    return Equal(first, second)


@lemma.mutant(of=components_are_mutual_reachability, latex=r"\text{one graph for all queries}")
def one_pooled_graph(case: Case) -> All:
    """L0-c: opposite priorities for two queries are no cycle."""
    return components_are_mutual_reachability(case, pooled=True)


@lemma.mutant(of=hub_property, latex=r"\text{no cross edge}\iff\text{weakly connected}")
def weakly_connected_suffices(case: Case) -> All:
    """L0-d, on the graph: the hub makes every graph weakly connected."""
    return hub_property(case, cross_edges=False)


@lemma.mutant(of=members_are_labels, latex=r"\text{every appearing token is a label}")
def every_token_is_a_label(case: Case) -> All | NotExercised:
    """A token below everything never is."""
    return members_are_labels(case, large=1)


@lemma.mutant(of=reduced_choice_sets_connect, latex=r"\text{the whole choice sets connect } C\text{ and nothing more}")
def whole_choice_sets(case: Case) -> All | NotExercised:
    """They reach into lower components."""
    return reduced_choice_sets_connect(case, whole=True)


@lemma.mutant(of=classes_are_as_defined, latex=r"\text{every dataset has a cross edge}")
def some_cross_edge_always(case: Case) -> Less:
    """All-cyclic and constant datasets have none."""
    return Less(0, sum(len(order.cross_edges) for order in priority_orders(case.problem).values()))
