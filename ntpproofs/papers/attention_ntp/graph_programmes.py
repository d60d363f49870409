"""The Graph-SVM (2403.08081): min |W| with ties inside components and margins of at least 1 between them.

    edge form   ties on a spanning tree of every component, margins on one cross edge per pair of components
    path form   the same ties, margins on every pair u => v

Both have the same feasible set, because margins add along paths. The exact solution here is a second route to the
max-margin direction of the reduction: it builds its rows from graphs, not from sequences. The programmes in cvxpy are for
reading and comparing. A *selection* of tokens instead of the labels gives the local programme on pseudo graphs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InvalidInput
from ...exact.programme import Infeasible, Optimal, Rows, least_norm
from ...exact.rational import clear_denominators, dot, integer_array, scaled_floats, written
from ...kernel.instances import Block, Dataset
from ...logit.problem import ConditionalLogit, Vector
from ...logit.programmes import Programme, QuadraticProgramme
from .priority_graph import PriorityEdge, PriorityOrder, label_components, priority_order, priority_orders, selection_graphs
from .problem import AttentionNTP, of_attention

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Form:
    """The constraints of a Graph-SVM: `ties` (equal scores) and `margins` (upper at least 1 above lower), as priority edges."""

    attention: AttentionNTP
    ties: tuple[PriorityEdge, ...]
    margins: tuple[PriorityEdge, ...]

    @property
    def edges(self) -> tuple[PriorityEdge, ...]:
        """Ties, then margins: the order of rows."""
        return (*self.ties, *self.margins)

    def row(self, edge: PriorityEdge) -> Vector:
        """(e_upper - e_lower) e_query^T as a flat vector."""
        return self.attention.difference(edge.upper, edge.lower, edge.query)


def edge_form(attention: AttentionNTP, graphs: Mapping[int, nx.DiGraph] | None = None) -> Form:
    """The edge form: independent ties, de-duplicated cross edges (of the token-priority graphs unless others are given).

    >>> form = edge_form(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0]))
    >>> [tuple(edge) for edge in form.ties], [tuple(edge) for edge in form.margins]
    ([(0, 0, 1)], [(0, 0, 2)])
    """
    orders = _orders(attention, graphs)
    return Form(attention, _collect(order.ties for order in orders), _collect(order.component_edges for order in orders))


def path_form(attention: AttentionNTP, graphs: Mapping[int, nx.DiGraph] | None = None) -> Form:
    """The path form: the same ties, a margin for every pair u => v.

    >>> form = path_form(AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 1, 0]], [1, 2]))
    >>> [edge[1:] for edge in form.margins]
    [(1, 0), (2, 0), (2, 1)]
    """
    orders = _orders(attention, graphs)
    return Form(attention, _collect(order.ties for order in orders), _collect(order.path_pairs for order in orders))


def local_form(attention: AttentionNTP, selected: Sequence[Collection[int]]) -> Form:
    """The edge form on the pseudo graphs of a selection (one collection of tokens per sequence).

    >>> [tuple(edge) for edge in local_form(AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]), [(0,)]).margins]
    [(0, 0, 1)]
    """
    return edge_form(attention, selection_graphs(attention, selected))


def selected_form(attention: AttentionNTP, selected: Sequence[int]) -> Form:
    """One selected token per sequence, a margin over every other token of the sequence and no ties (the local SVM as it stands).

    Law: feasible only if the pseudo graphs are acyclic, and then it has the solution of `local_form`.
    """
    graphs = selection_graphs(attention, [(token,) for token in selected])
    edges = (PriorityEdge(query, u, v) for query, graph in graphs.items() for u, v in sorted(graph.edges))
    return Form(attention, (), tuple(edges))


def _orders(attention: AttentionNTP, graphs: Mapping[int, nx.DiGraph] | None) -> list[PriorityOrder]:
    return list(priority_orders(attention).values()) if graphs is None else [priority_order(graph) for graph in graphs.values()]


def _collect(parts: Any) -> tuple[PriorityEdge, ...]:
    return tuple(edge for part in parts for edge in part)


@dataclass(frozen=True, eq=False)
class GraphSVM:
    """The exact answer of a form: the optimum with its multipliers, or a Farkas combination that shows infeasibility.

    `multipliers` maps edges to their multipliers: W = sum of multiplier times row, at least 0 on margins, free on ties; for
    an infeasible form they are a combination of rows that vanishes although margins enter it positively.
    """

    form: Form
    answer: Optimal | Infeasible
    scale: int

    @property
    def feasible(self) -> bool:
        """Whether some W satisfies the form."""
        return isinstance(self.answer, Optimal)

    @property
    def multipliers(self) -> dict[PriorityEdge, Fraction]:
        """Edge -> multiplier, zeros left out."""
        factor = Fraction(self.scale) ** 2 if self.feasible else Fraction(1)
        return {self.form.edges[r]: factor * x for r, x in sorted(self.answer.multipliers.items()) if x}

    @property
    def direction(self) -> Vector | None:
        """The solution W as a flat rational vector; None if there is none."""
        if not self.feasible:
            return None
        return _combine(self.form, self.multipliers)

    @property
    def squared_norm(self) -> Fraction | None:
        """|W|^2, the sum of the multipliers on margins; None if infeasible."""
        if not self.feasible:
            return None
        values, margins = self.multipliers, set(self.form.margins)
        return sum((x for edge, x in values.items() if edge in margins), Fraction(0))

    @property
    def farkas(self) -> dict[PriorityEdge, Fraction] | None:
        """The Farkas combination of an infeasible form; None for a feasible one."""
        return None if self.feasible else self.multipliers

    def system(self) -> dict[str, Any]:
        """The form as an explicit `system` instance of the kernel."""
        record: dict[str, Any] = {"kind": "system"}
        for edges, rows, values, side in ((self.form.margins, "inequalities", "bounds", "1"), (self.form.ties, "equalities", "values", "0")):
            if edges:
                record[rows] = [[written(x) for x in self.form.row(edge)] for edge in edges]
                record[values] = [side] * len(edges)
        return record

    def certificate(self) -> dict[str, Any]:
        """The kernel's document about the form as an explicit system: infeasible (Farkas), or optimal (KKT)."""
        from ...kernel import FORMAT, digest

        margins = [self.multipliers.get(edge, Fraction(0)) for edge in self.form.margins]
        ties = [self.multipliers.get(edge, Fraction(0)) for edge in self.form.ties]
        # Alternative 0 of a row is the row itself, alternative 1 the constant: coefficients (y, -y).
        coefficients = [[written(x), written(-x)] for x in (*margins, *ties)]
        record: dict[str, Any] = {"type": "infeasible-system", "coefficients": coefficients}
        body: dict[str, Any] = {"format": FORMAT, "instance": self.system(), "certificates": [record]}
        squared = self.squared_norm
        if self.direction is not None and squared is not None:
            tied = [[0]] * len(margins) + [[0, 1]] * len(ties)
            solution = [[written(x) for x in self.direction]]
            norm = written(squared)
            body["certificates"] = [{"type": "optimal-qp", "tied": tied, "solution": solution, "multipliers": coefficients, "squared_norm": norm}]
        return body | {"digest": digest(body)}


def solve_form(form: Form) -> GraphSVM:
    """Solve a form exactly.

    >>> svm = solve_form(edge_form(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0])))
    >>> [str(x) for x in svm.direction[::3]], str(svm.squared_norm)
    (['1/3', '1/3', '-2/3'], '2/3')
    """
    # <(e_u - e_v) e_k', (e_s - e_t) e_l'> = <e_u - e_v, e_s - e_t> <e_k, e_l>: the Gram matrix of the embeddings is enough.
    used = sorted({t for edge in form.edges for t in edge}) or [0]
    bank, scale = clear_denominators([form.attention.embeddings[t] for t in used])
    table = integer_array(bank, len(bank[0]))
    gram, upper, lower, query = _index(table @ table.T, form.edges, {t: k for k, t in enumerate(used)})
    lefts = gram[np.ix_(upper, upper)] - gram[np.ix_(upper, lower)] - gram[np.ix_(lower, upper)] + gram[np.ix_(lower, lower)]
    places = scaled_floats(bank)
    floats = np.einsum("rp,rq->rpq", places[upper] - places[lower], places[query])
    rows = Rows(lefts * gram[np.ix_(query, query)], floats.reshape(len(form.edges), form.attention.dimension**2))
    ties = list(range(len(form.ties)))
    return GraphSVM(form, least_norm(rows, ties, list(range(len(ties), len(form.edges)))), scale**2)


def _index(gram: np.ndarray, edges: tuple[PriorityEdge, ...], place: dict[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    # Products of two inner products of differences must fit; otherwise Python's integers do.
    largest = max((abs(int(x)) for x in gram.flat), default=0)
    places = np.array([[place[t] for t in edge] for edge in edges], dtype=np.int64).reshape(-1, 3)
    return gram if 4 * largest**2 < 2**62 else gram.astype(object), places[:, 1], places[:, 2], places[:, 0]


def graph_svm(attention: AttentionNTP) -> GraphSVM:
    """The Graph-SVM of a dataset in edge form, solved exactly; computed once per problem.

    Laws: feasible for independent embeddings; where feasible it is the max-margin direction of the reduction; scaling the
    embeddings by c divides it by c^2; repetitions and counts do not matter.
    """
    found: GraphSVM = of_attention(attention).conditional_logit().remember("graph svm", lambda: solve_form(edge_form(attention)))
    return found


def _combine(form: Form, multipliers: Mapping[PriorityEdge, Fraction]) -> Vector:
    total = [Fraction(0)] * form.attention.dimension**2
    for edge, x in multipliers.items():
        for k, entry in enumerate(form.row(edge)):
            if entry:
                total[k] += x * entry
    return tuple(total)


def graph_svm_programme(form: Form) -> Programme:
    """A form as a person would write it: min 1/2 |W|^2, (e_u - e_v)' W e_k = 0 on ties and >= 1 on margins.

    >>> attention = AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0])
    >>> w = graph_svm_programme(path_form(attention)).solve()
    >>> [round(float(x), 6) for x in w[:, 0]]
    [0.333333, 0.333333, -0.666667]
    """
    import cvxpy as cp

    e, d = form.attention.embedding_array, form.attention.dimension
    w = cp.Variable((d, d), name="W")
    ties = [(e[u] - e[v]) @ w @ e[k] == 0 for k, u, v in form.ties]
    margins = [(e[u] - e[v]) @ w @ e[k] >= 1 for k, u, v in form.margins]
    return Programme(cp.Problem(cp.Minimize(cp.sum_squares(w) / 2), [*ties, *margins]), w)


def assemble_form(form: Form) -> QuadraticProgramme:
    """The rows of a form in floating point, in the order of `graph_svm_programme`'s constraints, for `solve_directly`."""
    size = form.attention.dimension**2
    tables = [np.array([[float(x) for x in form.row(edge)] for edge in edges]).reshape(-1, size) for edges in (form.ties, form.margins)]
    return QuadraticProgramme(*tables)


def cyclic_generators(attention: AttentionNTP) -> tuple[Vector, ...]:
    """(e_u - e_v) e_k^T along a spanning tree of every component: they span the cyclic subspace.

    Law: a basis of it for independent embeddings, and then it is the tied subspace of the decomposition.
    """
    form = edge_form(attention)
    return tuple(form.row(edge) for edge in form.ties)


def reduced_dataset(attention: AttentionNTP) -> ConditionalLogit:
    """The reduced dataset as a conditional logit: choice sets A_i cut down to the label's component, all else as it was.

    Multiplicities, the query's embedding and the weight 1/n stay, also where the query itself is cut away; so this is no
    attention dataset in general. Law: for independent embeddings nothing is separable in it, and its minimiser is the finite part.

    >>> reduced = reduced_dataset(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0]))
    >>> [len(row.features) for row in reduced.rows]
    [2, 2, 1]
    """
    data, blocks = attention.data, []
    for block, inside in zip(data.blocks, label_components(attention)):
        kept = [n for n, v in enumerate(block.alternatives) if v in inside]
        (chosen,) = block.labels
        counts = tuple(block.multiplicities[n] for n in kept) if block.multiplicities is not None else None
        alternatives = tuple(block.alternatives[n] for n in kept)
        blocks.append(Block(block.weight, {kept.index(chosen): Fraction(1)}, alternatives, counts, block.right))
    # Rows written out: an instance of its own, whose certificates speak about flat vectors.
    return ConditionalLogit(ConditionalLogit.from_dataset(Dataset("conditional-logit", data.shape, data.left, data.right, tuple(blocks))).rows)


def neighbours(attention: AttentionNTP, selected: Sequence[int], direction: Sequence[Fraction]) -> tuple[tuple[int, ...], ...]:
    """For every sequence, the tokens exactly 1 below the selected token in the direction W (the support of the local SVM)."""
    result = []
    for query, tokens, chosen in zip(attention.queries, attention.choice_sets, selected):
        rows = ((v, attention.difference(chosen, v, query)) for v in tokens if v != chosen)
        result.append(tuple(v for v, row in rows if dot(row, tuple(direction)) == 1))
    return tuple(result)


def locally_optimal(attention: AttentionNTP, selected: Sequence[int], scores: Sequence[Sequence[Fraction]]) -> bool:
    """Whether every selected token has a larger head score than each of its neighbours; `scores[y][v]` = c_y' e_v, exact.

    Raises `InvalidInput` if the local SVM of the selection is infeasible.
    """
    svm = solve_form(selected_form(attention, selected))
    if svm.direction is None:
        raise InvalidInput("selected", "has an infeasible local programme", "select tokens whose pseudo graphs are acyclic")
    around = neighbours(attention, selected, svm.direction)
    return all(scores[y][chosen] > scores[y][v] for y, chosen, near in zip(attention.labels, selected, around) for v in near)


__all__ = [
    "Form", "GraphSVM", "assemble_form", "cyclic_generators", "edge_form", "graph_svm", "graph_svm_programme", "local_form", "locally_optimal",
    "neighbours", "path_form", "reduced_dataset", "selected_form", "solve_form",
]  # fmt: skip
