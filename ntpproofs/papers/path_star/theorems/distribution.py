"""The distribution of the released generator: how many prefixes there are, all equally likely.

Proof. A labelled graph with a goal is an injection of the nodes and a goal arm; permuting the other d - 1 arms changes neither the edge set
nor the goal, and nothing else identifies two of them. The E edges are distinct, so each order of them is another prefix.
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from math import factorial, perm

from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Proposition, clause, derived
from ..distribution import count_prefixes, reordered, shape_of, solve
from ..text import read_line, write_line
from ._samples import ENUMERABLE, enumerable_problems, samples_of

proposition = Proposition(
    "path-star.distribution",
    "Distinct prefixes are counted and equally likely; the text format and the oracle agree with the generator",
    derived("counting; the released code of the paper, read by us"),
    setup=r"$d$ arms of $l$ nodes, $n=1+d(l-1)$, $E=d(l-1)$ edges, $N\ge n$ labels.",
    clauses=(
        clause(
            r"There are $\frac{N!}{(N-n)!\,(d-1)!}\,E!$ distinct prefixes, all equally likely.",
            argued="docstring",
            claims=("graphs_are_counted", "prefixes_are_counted"),
        ),
        clause(r"The target is the path back from the goal, read off the edges alone.", argued="the definition", claims=("oracle_agrees",)),
        clause(
            r"Writing and reading a line of the published format gives the example back.", argued="the definition", claims=("lines_are_read_back",)
        ),
    ),
    examples=ENUMERABLE,
    instances=enumerable_problems,
)


@proposition.claim(r"\#\{(\text{edge set},t)\}=\tfrac{N!}{(N-n)!\,(d-1)!},\text{ equally likely}")
def graphs_are_counted(case: Case, divided: bool = True) -> Equal:
    """Edge sets with a goal, over the whole distribution."""
    problem = case.problem
    seen = Counter((frozenset(x.edges), x.start, x.goal) for x in samples_of(problem))
    expected = perm(problem.labels, problem.nodes)
    expected = expected // factorial(problem.arms - 1) if divided else expected * problem.arms
    return Equal((len(seen), len(set(seen.values()))), (expected, 1))


@proposition.claim(r"\#\text{prefixes}=\tfrac{N!}{(N-n)!\,(d-1)!}E!")
def prefixes_are_counted(case: Case) -> Equal | NotExercised:
    """With all orders of the edges, where there are at most 24 of them."""
    problem = case.problem
    if problem.nodes > 5:
        return NotExercised("the edges have more than 24 orders")
    orders = list(permutations(range(problem.nodes - 1)))
    found = {(reordered(x, order).edges, x.goal) for x in samples_of(problem) for order in orders}
    return Equal(len(found), count_prefixes(problem.arms, problem.length, problem.labels))


@proposition.claim(r"r=(s,\dots,B(t),t)")
def oracle_agrees(case: Case) -> All:
    """The predecessor map against the generator's own path, and the shape read from the edges."""
    problem, samples = case.problem, samples_of(case.problem)
    shapes = {shape_of(x.edges, x.start) for x in samples}
    return All(
        Equal(tuple(solve(x.edges, x.start, x.goal) for x in samples), tuple(x.path for x in samples)),
        Equal(shapes, {(problem.arms, problem.length)}),
    )


@proposition.claim(r"\text{read}(\text{write}(x))=x,\text{ forwards and backwards}")
def lines_are_read_back(case: Case) -> Equal:
    """A slice of the distribution."""
    samples = samples_of(case.problem)[::29]
    found = tuple((read_line(write_line(x)), read_line(write_line(x, reverse=True), reverse=True)) for x in samples)
    return Equal(found, tuple((x, x) for x in samples))


@proposition.mutant(of=graphs_are_counted, latex=r"\tfrac{N!}{(N-n)!}\,d")
def goal_arm_is_counted_twice(case: Case) -> Equal:
    """M25: the other arms are interchangeable, and the goal tells its arm (for one arm the variant is true)."""
    return graphs_are_counted(case, divided=False)


@proposition.mutant(of=oracle_agrees, latex=r"r=(t,B(t),\dots,s)")
def path_runs_backwards(case: Case) -> Equal:
    """The target starts at s."""
    samples = samples_of(case.problem)
    return Equal(tuple(solve(x.edges, x.start, x.goal)[::-1] for x in samples), tuple(x.path for x in samples))
