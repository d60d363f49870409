"""Token-priority graphs and Graph-SVM against independent routes: brute-force reachability, Clarabel, BFGS, the kernel."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import minimize

from ntpproofs import AttentionNTP
from ntpproofs.dynamics import GradientFlow
from ntpproofs.errors import InvalidInput
from ntpproofs.exact.rational import dot, rank, row_space
from ntpproofs.geometry import cyclic_rows, dataset_class, decompose, max_margin, priority_graphs, priority_orders, separation
from ntpproofs.kernel import verify
from ntpproofs.logit.programmes import solve_directly
from ntpproofs.papers.attention_ntp.graph_programmes import (
    assemble_form,
    cyclic_generators,
    edge_form,
    graph_svm,
    graph_svm_programme,
    local_form,
    locally_optimal,
    neighbours,
    path_form,
    reduced_dataset,
    selected_form,
    solve_form,
)
from ntpproofs.papers.attention_ntp.priority_graph import appearing_tokens, extra_ties, ford_condition, is_hub, label_components, selection_graphs

F = Fraction


def drawn(seed: int, tokens: int = 5, independent: bool = True, queries: int = 2, count: int = 8) -> AttentionNTP:
    """A dataset of the brief's generator: few queries, repeated tokens, integer embeddings (triangular ones are independent)."""
    rng = random.Random(seed)
    size = rng.randint(2, tokens)
    if independent:
        embeddings = [[rng.randint(-2, 2) if k > v else rng.choice([1, 1, 2, -1]) * (k == v) for k in range(size)] for v in range(size)]
    else:
        embeddings = [[rng.randint(-2, 2) for _ in range(1 + seed % 3)] for _ in range(size)]
    hubs = rng.sample(range(size), min(size, queries))
    sequences = [[*(rng.randrange(size) for _ in range(rng.randint(0, 4))), rng.choice(hubs)] for _ in range(rng.randint(1, count))]
    return AttentionNTP(embeddings, sequences, [rng.choice(sequence) for sequence in sequences])


def reachable(edges: set[tuple[int, int]], size: int) -> np.ndarray:
    """Reachability by repeated squaring of the adjacency matrix: no graph library."""
    table = np.eye(size, dtype=bool)
    for u, v in edges:
        table[u, v] = True
    for _ in range(size):
        table = table @ table
    return table


@pytest.mark.parametrize("seed", range(60))
def test_orders_agree_with_reachability(seed: int) -> None:
    problem = drawn(seed)
    size = problem.vocabulary_size
    graphs, orders = priority_graphs(problem), priority_orders(problem)
    assert sorted(graphs) == sorted(set(problem.queries))
    for query, graph in graphs.items():
        edges = {(y, v) for k, y, s in zip(problem.queries, problem.labels, problem.sequences) if k == query for v in s if v != y}
        assert set(graph.edges) == edges and list(graph) == list(range(size))
        table, order = reachable(edges, size), orders[query]
        seen = {v for k, s in zip(problem.queries, problem.sequences) if k == query for v in s}
        assert set(order.tokens) == set(appearing_tokens(graph)) == seen
        for u in seen:
            for v in seen - {u}:
                assert order.tied(u, v) == (table[u, v] and table[v, u])
                assert order.above(u, v) == (table[u, v] and not table[v, u])
        # A component comes after everything above it; what a generation holds is incomparable.
        place = {v: n for n, component in enumerate(order.components) for v in component}
        assert all(place[u] < place[v] for u in seen for v in seen if order.above(u, v))
        assert all(not order.above(min(a), min(b)) for layer in order.generations for a in layer for b in layer)
        assert {(e.upper, e.lower) for e in order.cross_edges} == {(u, v) for u, v in edges if not (table[u, v] and table[v, u])}
        assert {(e.upper, e.lower) for e in order.path_pairs} == {(u, v) for u in seen for v in seen if order.above(u, v)}
        assert len(order.component_edges) == order.condensation.number_of_edges()


@pytest.mark.parametrize("seed", range(60))
def test_hub_property_and_fords_condition(seed: int) -> None:
    problem = drawn(seed)
    for query, graph in priority_graphs(problem).items():
        order = priority_orders(problem)[query]
        assert is_hub(graph, query) and nx.is_weakly_connected(graph.subgraph(order.tokens))
        assert order.strongly_connected == (not order.cross_edges)
    assert ford_condition(problem) == (not separation(problem).separable)  # independent embeddings


@pytest.mark.parametrize("seed", range(60))
def test_classes_and_tied_rows_of_independent_embeddings(seed: int) -> None:
    problem = drawn(seed)
    found = separation(problem)
    assert found.tied == cyclic_rows(problem) and not extra_ties(problem)
    edges = any(order.edges for order in priority_orders(problem).values())
    names = {"acyclic": "complete" if edges else "overlap", "mixed": "quasi-complete", "all-cyclic": "overlap"}
    assert found.kind == names[dataset_class(problem)]
    parts, generators = decompose(problem), cyclic_generators(problem)
    assert rank(generators) == len(generators) if generators else parts.tied.dimension == 0
    assert parts.tied.basis == row_space(generators)
    assert all(not dot(row, parts.max_margin.direction) for row in generators)
    assert sum(a * b for a, b in zip(parts.finite_part.center, parts.max_margin.direction)) == pytest.approx(0, abs=1e-12)


def test_cycles_are_tied_whatever_the_embeddings() -> None:
    kinds = set()
    for seed in range(150):
        problem = drawn(seed, independent=False)
        assert cyclic_rows(problem) <= separation(problem).tied
        svm = graph_svm(problem)
        assert svm.feasible == (not extra_ties(problem)) == solve_form(path_form(problem)).feasible
        kinds.add(svm.feasible)
        if svm.form.edges:
            (proved,) = verify(svm.certificate())
            assert proved.startswith("optimal-qp" if svm.feasible else "infeasible-system")
        if svm.farkas is not None:
            total = [sum(x * svm.form.row(edge)[k] for edge, x in svm.farkas.items()) for k in range(problem.dimension**2)]
            assert not any(total) and all(svm.farkas.get(edge, F(0)) >= 0 for edge in svm.form.margins)
            assert sum(svm.farkas.get(edge, F(0)) for edge in svm.form.margins) > 0
    assert kinds == {True, False}


def score_loss(problem: AttentionNTP, query: int) -> tuple[Any, list[int]]:
    """The reduced choice model of one query in score space, written afresh: loss and gradient in the scores of all tokens."""
    rows = []
    for sequence, label, inside in zip(problem.sequences, problem.labels, label_components(problem)):
        if sequence[-1] == query:
            kept = sorted(set(sequence) & inside)
            rows.append((kept, [sequence.count(v) for v in kept], label))

    def value(s: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = 0.0, np.zeros_like(s)
        for kept, counts, label in rows:
            masses = np.array(counts) * np.exp(s[kept])
            total += np.log(masses.sum()) - s[label] - np.log(counts[kept.index(label)])
            gradient[kept] += masses / masses.sum()
            gradient[label] -= 1
        return total / len(problem.sequences), gradient / len(problem.sequences)

    return value, [label for _, _, label in rows]


def test_five_hundred_instances_agree_with_independent_solvers_and_with_the_flow() -> None:
    # The flow at t = e^(10^5), within its own proved bound of the slope (1e-3 where weak pairs or slow modes leave that much);
    # Clarabel on rows built from graphs (accuracy 1e-9 in its own residuals; degenerate programmes lose the root of it), and
    # BFGS on the choice model of every query. Independent and dependent embeddings in turn; every class must occur.
    seen = {"acyclic": 0, "mixed": 0, "all-cyclic": 0}
    for seed in range(700):
        if sum(seen.values()) == 500:
            break
        problem = drawn(1_000 + seed, independent=seed % 2 == 0, count=6)
        if extra_ties(problem):
            continue
        seen[dataset_class(problem)] += 1
        parts = decompose(problem)
        u = np.array([float(x) for x in parts.max_margin.direction])
        form = path_form(problem)
        assert form.margins or not u.any()
        run = GradientFlow(log_time=1e5)(problem)
        error = float(np.linalg.norm(run.slope.values[-1] - u))
        assert error <= max(run.slope_error_bound or 0.0, 1e-12) + 3 * run.slope.errors[-1] and error <= 1e-3 * (1 + np.linalg.norm(u))
        if form.margins:
            floats = solve_directly(assemble_form(form))
            assert np.allclose(floats, u, atol=2e-4 * (1 + np.abs(u).max()))
            assert floats @ floats == pytest.approx(float(parts.max_margin.squared_norm), rel=1e-5)
        finite, infimum = problem.scores(parts.finite_part.array), 0.0
        for query in set(problem.queries):
            value, _ = score_loss(problem, query)
            answer = minimize(value, np.zeros(problem.vocabulary_size), jac=True, method="BFGS", options={"gtol": 1e-9})
            infimum += answer.fun
            # Moment matching: for independent embeddings the gradient of the reduced loss in score space vanishes at w*.
            if seed % 2 == 0:
                assert np.abs(value(finite[:, query])[1]).max() < 1e-9
                for component in priority_orders(problem)[query].components:
                    tokens = sorted(component)
                    gaps = finite[tokens, query] - finite[tokens[0], query]
                    assert np.allclose(gaps, answer.x[tokens] - answer.x[tokens[0]], atol=1e-4)
        if seed % 2 == 0:
            assert float(parts.infimum.lower) == pytest.approx(infimum, abs=1e-9)
    assert sum(seen.values()) == 500 and min(seen.values()) >= 20


@pytest.mark.parametrize("seed", range(6))
def test_programmes_in_cvxpy_agree(seed: int) -> None:
    problem = drawn(seed, tokens=4)
    u = np.array([float(x) for x in max_margin(problem).direction]).reshape(problem.dimension, -1)
    for form in (edge_form(problem), path_form(problem)):
        if form.edges:
            w = graph_svm_programme(form).solve()
            assert w is not None and np.allclose(w, u, atol=1e-4 * (1 + np.abs(u).max()))
            rows = assemble_form(form)
            assert len(rows.equalities) == len(form.ties) and len(rows.inequalities) == len(form.margins)


def test_an_infeasible_programme_has_no_solution_in_cvxpy() -> None:
    problem = AttentionNTP([[1, 0], [0, 1], ["1/2", "1/2"]], [[0, 1, 2], [1, 0]], [2, 1])
    assert not graph_svm(problem).feasible and graph_svm(problem).direction is None and graph_svm(problem).squared_norm is None
    assert graph_svm_programme(edge_form(problem)).solve() is None


@pytest.mark.parametrize("seed", range(30))
def test_repetitions_and_counts_never_move_the_direction(seed: int) -> None:
    problem = drawn(seed)
    longer = AttentionNTP(problem.embeddings, [[*s[:1], *s] for s in problem.sequences], problem.labels)
    copies = AttentionNTP(problem.embeddings, [*problem.sequences, *problem.sequences[:1]], [*problem.labels, *problem.labels[:1]])
    twice = AttentionNTP(problem.embeddings, problem.sequences * 2, problem.labels * 2)
    directions = {max_margin(p).direction for p in (problem, longer, copies, twice)}
    assert len(directions) == 1 and cyclic_rows(problem) == cyclic_rows(longer)
    assert np.allclose(decompose(twice).finite_part.array, decompose(problem).finite_part.array, atol=1e-12)


def test_repetitions_move_the_finite_part() -> None:
    plain = AttentionNTP.one_hot_tokens(2, [[1, 0], [1, 0]], [0, 1])
    repeated = AttentionNTP.one_hot_tokens(2, [[1, 0, 0], [1, 0, 0]], [0, 1])
    assert np.linalg.norm(decompose(repeated).finite_part.array - decompose(plain).finite_part.array) > 0.1


@pytest.mark.parametrize("seed", range(30))
def test_reduced_dataset_has_the_finite_part(seed: int) -> None:
    problem = drawn(seed)
    reduced, parts = reduced_dataset(problem), decompose(problem)
    assert separation(reduced).kind == "overlap"
    assert np.allclose(decompose(reduced).finite_part.array, parts.finite_part.array, atol=1e-9)
    assert float(decompose(reduced).infimum.lower) == pytest.approx(float(parts.infimum.lower), abs=1e-12)
    assert verify_record(reduced)


def verify_record(problem: Any) -> bool:
    from ntpproofs.limits.answer import document

    return bool(verify(document(problem, [decompose(problem).separation.certificate])))


def test_local_programmes() -> None:
    problem = AttentionNTP.one_hot_tokens(3, [[1, 2, 0], [2, 0]], [1, 2])
    assert {tuple(e) for e in local_form(problem, [(0,), (0,)]).margins} == {(0, 0, 1), (0, 0, 2)}
    one, other = solve_form(local_form(problem, [(1,), (2,)])), solve_form(selected_form(problem, [1, 2]))
    assert one.direction == other.direction == graph_svm(problem).direction
    assert solve_form(local_form(problem, [(1, 2), (0, 2)])).form.ties  # several selected tokens: a cycle, ties instead of margins
    assert not solve_form(selected_form(AttentionNTP.one_hot_tokens(2, [[1, 0], [1, 0]], [1, 0]), [1, 0])).feasible
    with pytest.raises(InvalidInput, match="select at least one"):
        selection_graphs(problem, [(), (0,)])
    with pytest.raises(InvalidInput, match="2 sequences"):
        selection_graphs(problem, [(0,)])


def test_neighbours_and_local_optimality() -> None:
    problem = AttentionNTP.one_hot_tokens(3, [[2, 1, 0], [1, 0]], [2, 1])
    direction = graph_svm(problem).direction
    assert direction is not None and neighbours(problem, [2, 1], direction) == ((1,), (0,))
    identity = [[F(u == v) for v in range(3)] for u in range(3)]
    assert locally_optimal(problem, [2, 1], identity) and not locally_optimal(problem, [0, 0], identity)
    with pytest.raises(InvalidInput, match="infeasible"):
        locally_optimal(problem, [0, 1], identity)


def test_witnesses_reduce_in_domain_terms() -> None:
    from ntpproofs.checking.shrinking import shrink

    problem = AttentionNTP([[2, 1], [0, 3], [1, 2], [1, 1]], [[0, 1, 2], [1, 0, 3, 3], [2, 2, 0, 1, 2], [3, 0]], [2, 1, 2, 0])

    def still(candidate: AttentionNTP) -> bool:
        return bool(extra_ties(candidate)) and all(any(row) for row in candidate.embeddings) and len(set(candidate.embeddings)) > 2

    found = shrink(problem, still)
    assert found.locally_minimal and still(found.problem)
    assert len(found.problem.sequences) == 1 and found.problem.vocabulary_size == 3 and found.problem.dimension == 1
