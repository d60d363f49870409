"""Teacherless training is not free: independent heads pay the total correlation.

Proof. Heads that see the prefix only have loss at least sum_i H(r_i | p), which exceeds H(r | p) by the total correlation. If the goal is
hidden each r_i, i >= 2, is uniform over layer i - 1 of the graph, and all are functions of one uniform arm.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from ....exact.logarithms import LogVector
from ....language.relations import AtMost, Equal
from ....language.statements import Case, Proposition, clause, derived
from ..floors import hidden_goal_floors
from ..information import add, conditional_entropy, enclosed, logarithms
from ..problem import PathStar
from ._samples import ENUMERABLE, enumerable_problems, graph_of, samples_from_one_start

proposition = Proposition(
    "path-star.independent-heads",
    "With the goal hidden, independent heads pay (l - 1) log d, next-token prediction log d",
    derived("total correlation"),
    setup=r"Teacherless training predicts all targets in parallel, independently given the prefix $p$. Here $p$ is the graph and $s$, without $t$.",
    clauses=(
        clause(
            r"$\sum_iH(r_i\mid p)=(l-1)\log d\ge H(r\mid p)=\log d$.", argued="docstring", claims=("sums_of_entropies", "correlation_is_not_negative")
        ),
        clause(
            r"Parallel samples from the exact marginals are some arm of the graph with probability $d^{-(l-2)}$; next-token samples always are.",
            argued="docstring",
            claims=("parallel_samples_are_seldom_arms",),
        ),
    ),
    examples=ENUMERABLE,
    instances=enumerable_problems,
)


def marginal_entropies(problem: PathStar) -> tuple[LogVector, LogVector]:
    """(sum_i H(r_i | p), H(r | p)) over the whole distribution."""
    samples = samples_from_one_start(problem)
    single = [conditional_entropy((graph_of(x), x.path[i]) for x in samples) for i in range(problem.length)]
    return add(*single), conditional_entropy((graph_of(x), x.path) for x in samples)


@proposition.claim(r"\sum_iH(r_i|p)=(l-1)\log d,\ H(r|p)=\log d")
def sums_of_entropies(case: Case) -> Equal:
    """Exact conditional entropies."""
    return Equal(marginal_entropies(case.problem), hidden_goal_floors(case.problem.arms, case.problem.length))


@proposition.claim(r"\sum_iH(r_i|p)\ge H(r|p)")
def correlation_is_not_negative(case: Case, flip: bool = False) -> AtMost | Equal:
    """Enclosed, and exact where the two agree (one arm, or length 2)."""
    heads, joint = marginal_entropies(case.problem)
    if heads == joint:
        return Equal(heads, joint)
    return AtMost(enclosed(heads), enclosed(joint)) if flip else AtMost(enclosed(joint), enclosed(heads))


@proposition.claim(r"P(\text{parallel sample is an arm})=d^{-(l-2)}")
def parallel_samples_are_seldom_arms(case: Case, certain: bool = False) -> Equal:
    """The product of the marginals of one graph, summed over its arms: the same for every graph."""
    problem = case.problem
    by_graph: dict[object, list[tuple[int, ...]]] = {}
    for x in samples_from_one_start(problem):
        by_graph.setdefault(graph_of(x), []).append(x.path)
    chances = set()
    for paths in by_graph.values():
        marginals = [Counter(path[i] for path in paths) for i in range(problem.length)]
        chance = Fraction(0)
        for path in set(paths):
            term = Fraction(1)
            for i, v in enumerate(path):
                term *= Fraction(marginals[i][v], len(paths))
            chance += term
        chances.add(chance)
    return Equal(chances, {Fraction(1) if certain else Fraction(1, problem.arms ** (problem.length - 2))})


@proposition.mutant(of=correlation_is_not_negative, latex=r"\sum_iH(r_i|p)\le H(r|p)")
def teacherless_costs_nothing(case: Case) -> AtMost | Equal:
    """M19: with the goal hidden the heads pay l - 1 times as much."""
    return correlation_is_not_negative(case, flip=True)


@proposition.mutant(of=parallel_samples_are_seldom_arms, latex=r"P(\text{parallel sample is an arm})=1")
def parallel_samples_are_arms(case: Case) -> Equal:
    """Only next-token samples are."""
    return parallel_samples_are_seldom_arms(case, certain=True)


@proposition.mutant(of=sums_of_entropies, latex=r"\sum_iH(r_i|p)=l\log d")
def the_copy_of_the_start_costs(case: Case) -> Equal:
    """r_1 is s."""
    heads, _ = marginal_entropies(case.problem)
    return Equal(heads, logarithms({case.problem.arms: case.problem.length}))
