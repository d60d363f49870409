"""Assumptions on attention NTP datasets, each decided exactly."""

from __future__ import annotations

from ...exact.rational import are_orthogonal, dot
from ...language.statements import assumption
from ...language.verdicts import Evidence, Outcome, Verdict
from .priority_graph import dataset_class, edge_of, extra_ties, ford_condition, priority_orders
from .problem import AttentionNTP


@assumption(r"\text{Graph-SVM feasible}", method="Goldman-Tucker partition of the recession cone against the cycles, certified")
def graph_svm_feasible(problem: AttentionNTP) -> Verdict:
    """Some W ties every component of every token-priority graph and ranks cross edges by margins of at least 1."""
    ties = extra_ties(problem)
    if not ties:
        return Verdict(Outcome.HOLDS, Evidence.CERTIFIED)
    edge = edge_of(problem, min(ties))
    detail = f"query {edge.query}: token {edge.lower} is tied to {edge.upper} although no cycle contains both"
    return Verdict(Outcome.FAILS, Evidence.CERTIFIED, detail=detail)


@assumption(r"\text{acyclic}", method="strongly connected components")
def acyclic(problem: AttentionNTP) -> bool:
    """Every component of every token-priority graph is a single token."""
    return dataset_class(problem) == "acyclic"


@assumption(r"\text{cyclic}", method="strongly connected components")
def cyclic(problem: AttentionNTP) -> bool:
    """Some token-priority graph has a component of several tokens."""
    return dataset_class(problem) != "acyclic"


@assumption(r"\exists \text{ cross edge}", method="strongly connected components")
def some_cross_edge(problem: AttentionNTP) -> bool:
    """Some token has strictly higher priority than another."""
    return any(order.cross_edges for order in priority_orders(problem).values())


@assumption(r"\text{Ford's condition}", method="strong connectivity of every token-priority graph")
def strongly_connected(problem: AttentionNTP) -> bool:
    """Every token-priority graph is strongly connected on the tokens it has seen: the choice models have finite estimates."""
    return ford_condition(problem)


@assumption(r"m_{iv} = 1", method="counting tokens")
def no_repeated_tokens(problem: AttentionNTP) -> bool:
    """No token occurs twice in a sequence."""
    return all(count == 1 for counts in problem.multiplicities for count in counts.values())


@assumption(r"k_1 = \dots = k_n", method="comparing last tokens")
def one_query(problem: AttentionNTP) -> bool:
    """All sequences end in the same token."""
    return len(set(problem.queries)) == 1


@assumption(r"E E^\top = I", method="exact inner products")
def orthonormal_embeddings(problem: AttentionNTP) -> bool:
    """The token embeddings are orthonormal."""
    return all(dot(e, e) == 1 for e in problem.embeddings) and are_orthogonal(problem.embeddings)
