"""Ford's condition: a finite estimate exists iff every graph is strongly connected on its appearing tokens.

If a split is not crossed, no edge leads from its second class to its first, so a token of the first is not reached from the
second: the graph is not strongly connected. If it is not, let the first class be the tokens that some token u does not reach
and the second those it reaches: no edge leads from the second to the first, since u would reach its end, so this split is not
crossed. Strong connectivity of every graph means that no alternative lies outside its label's component; then the infimum is
attained, and for independent embeddings only then (`attention-ntp.infimum`, `attention-ntp.graph-facts`). A column of scores
then has one gap less than tokens that appear: the differences of a spanning tree are a basis of the tied subspace, since the
embeddings are independent.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Proposition, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....symbolic.formula import Exhaustive
from ..priority_graph import ford_condition, priority_graphs
from ..problem import AttentionNTP
from ._instances import between, cyclic_golden, golden, independent, orthonormal
from .graph_facts import joined, small_datasets

proposition = Proposition(
    label="attention-ntp.ford-condition",
    title="The choice models have finite estimates iff the graphs are strongly connected",
    source=derived("the reduction; the condition is Ford's (1957) for pairs and Hunter's (2004) for larger choice sets, recalled"),
    setup=r"A split of the tokens that appear with the query $k$ into two non-empty classes is crossed if some token of the second class is"
    r" chosen from a set with a token of the first. The embeddings are independent.",
    clauses=(
        clause(
            r"Every split is crossed iff every $G^{(k)}$ is strongly connected on its appearing tokens.",
            argued="docstring",
            claims=("splits_are_strong_connectivity",),
        ),
        clause(
            r"$\inf L$ is attained if every split is crossed,",
            argued="docstring, with the statements named",
            by=("attention-ntp.infimum", "attention-ntp.graph-facts"),
            claims=("attained_iff_crossed",),
        ),
        clause(
            r"and only then.",
            argued="docstring, with the statements named",
            by=("attention-ntp.infimum", "attention-ntp.graph-facts"),
            claims=("attained_iff_crossed",),
        ),
        clause(
            r"Scores are then determined up to one constant per column: $\dim S_{\mathrm{fin}}$ is the number of appearing tokens"
            r" less one, summed over"
            r" the queries.",
            argued="last sentence of the docstring",
            claims=("unique_up_to_constants",),
        ),
        clause(
            r"For dependent embeddings the condition is still sufficient.",
            by=("attention-ntp.recession-cone", "foundations.infimum"),
        ),
    ),
    uses=("attention-ntp.reduction",),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, *cyclic_golden),
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


@proposition.claim(r"\text{attained}\Rightarrow\dim S_{\mathrm{fin}}=\textstyle\sum_k(\#\{\text{tokens that appear with }k\}-1)")
def unique_up_to_constants(case: Case) -> Equal | NotExercised:
    """Where attained, the tied subspace has one dimension less than appearing tokens for every query."""
    problem = case.problem
    if not case.derived.attained:
        return NotExercised("the infimum is not attained")
    tokens = {k: {v for query, row in zip(problem.queries, problem.choice_sets) if query == k for v in row} for k in set(problem.queries)}
    expected = sum(len(row) - 1 for row in tokens.values())
    return Equal(case.derived.tied.dimension, expected)


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
