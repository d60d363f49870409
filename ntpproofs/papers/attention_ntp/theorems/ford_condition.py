"""Ford's condition: a finite estimate exists iff every graph is strongly connected on its appearing tokens (section 1.3 of our notes)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ....language.relations import All, Equal
from ....language.statements import Case, Proposition, derived
from ....symbolic.formula import Exhaustive
from ...linear_ntp.assumptions import independent_embeddings
from ..priority_graph import ford_condition, priority_graphs
from ..problem import AttentionNTP
from ._instances import between, golden, independent, orthonormal
from .graph_facts import joined, small_datasets

proposition = Proposition(
    label="attention-ntp.ford-condition",
    title="The choice models have finite estimates iff the graphs are strongly connected",
    source=derived("the reduction; the condition is Ford's (1957) for pairs and Hunter's (2004) for larger choice sets, recalled"),
    text=r"For independent embeddings the loss attains its infimum iff for every query $k$ and every split of its appearing tokens into two"
    r" non-empty classes some token of the second class is chosen from a set with a token of the first; equivalently iff every $G^{(k)}$ is"
    r" strongly connected on its appearing tokens. For dependent embeddings it is still sufficient (`attention-ntp.recession-cone`).",
    uses=("attention-ntp.reduction", "attention-ntp.graph-facts", "foundations.infimum"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


def splits(tokens: frozenset[int]) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """All ordered splits into two non-empty classes."""
    for size in range(1, len(tokens)):
        for first in combinations(sorted(tokens), size):
            yield frozenset(first), tokens - set(first)


def every_split_is_crossed(problem: AttentionNTP) -> bool:
    """Ford's condition as written, from the sequences alone."""
    for k in set(problem.queries):
        rows = [(set(tokens), y) for query, tokens, y in zip(problem.queries, problem.choice_sets, problem.labels) if query == k]
        appearing = frozenset[int]().union(*(tokens for tokens, _ in rows))
        if any(not any(y in second and tokens & first for tokens, y in rows) for first, second in splits(appearing)):
            return False
    return True


@proposition.step("splits and strong connectivity", by="exhaustive", scope="three tokens, one query",
                  latex=r"\text{every split crossed}\iff\text{strongly connected}")  # fmt: skip
def exhaustive_step() -> Exhaustive:
    """A set of tokens that no edge leaves is a split that no choice crosses."""
    return Exhaustive(tuple(Equal(every_split_is_crossed(problem), ford_condition(problem)) for problem in small_datasets()))


@proposition.claim(r"\text{every split is crossed}\iff\text{every } G^{(k)}\text{ is strongly connected}")
def splits_are_strong_connectivity(case: Case) -> Equal:
    """The condition as written, against components."""
    return Equal(every_split_is_crossed(case.problem), ford_condition(case.problem))


@proposition.claim(r"\inf L\text{ is attained}\iff\text{every split is crossed}")
def attained_iff_crossed(case: Case) -> Equal:
    """Attained iff the recession cone separates nothing (certified)."""
    return Equal(case.derived.attained, every_split_is_crossed(case.problem))


def weakly_connected(problem: AttentionNTP) -> bool:
    """Whether every graph is weakly connected on its appearing tokens."""
    return all(len(joined([frozenset({u, v}) for u, v in graph.edges])) <= 1 for graph in priority_graphs(problem).values())


@proposition.claim(r"\text{unique up to constants per column: the tied scores leave only } \mathbf 1c_k^\top\text{ free}")
def unique_up_to_constants(case: Case) -> All:
    """Where attained, the tied subspace has one dimension less than appearing tokens for every query."""
    problem = case.problem
    tokens = {k: {v for query, row in zip(problem.queries, problem.choice_sets) if query == k for v in row} for k in set(problem.queries)}
    expected = sum(len(row) - 1 for row in tokens.values())
    return All(Equal(0, 0), *([Equal(case.derived.tied.dimension, expected)] if case.derived.attained else []))


@proposition.mutant(of=attained_iff_crossed, latex=r"\inf L\text{ is attained}\iff\text{every } G^{(k)}\text{ is weakly connected}")
def weak_connectivity_suffices(case: Case) -> Equal:
    """L0-d: the hub makes every graph weakly connected, the chain has no minimiser."""
    return Equal(case.derived.attained, weakly_connected(case.problem))


@proposition.mutant(of=attained_iff_crossed, instances=orthonormal, latex=r"\inf L\text{ is attained}\iff\text{every appearing token is a label}")
def labels_suffice(case: Case) -> Equal:
    """A token may be chosen from the wrong sets: two two-cycles above each other."""
    problem = case.problem
    pairs = [(k, v) for k, row in zip(problem.queries, problem.choice_sets) for v in row]
    return Equal(case.derived.attained, set(pairs) <= set(zip(problem.queries, problem.labels)))


proposition.mutant(of=attained_iff_crossed, without=independent_embeddings, instances=(between,),
                   latex=r"\text{for all embeddings}")  # fmt: skip
