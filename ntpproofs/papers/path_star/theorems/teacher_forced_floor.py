"""Teacher forcing gives no partial credit: the loss of M(K) is bounded by log d until the decisive lookup is a feature.

Proof. In every example the candidates of each step have the same types: at the decision the true child and its d - 1 siblings, one
candidate per lookup k <= K other than the true one, the rest; later the true child, one candidate per other lookup, the rest. So the
population loss is a finite sum. For K <= l - 3 the decision's type class has d members, and the lemma on type classes gives log d; the
edge weight alone approaches it, since the true type has the edge at every step. For K = l - 2 all classes are singletons, and the
direction of `path-star.full-lookback` separates them.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....logit.decomposition import decompose
from ....symbolic import Formula
from ..floors import teacher_forced_floor
from ..information import enclosed, scaled
from ..learners import sample_types
from ..problem import PathStar
from ..strategies import path_stars
from ._samples import some_samples

theorem = Theorem(
    "path-star.teacher-forced-floor",
    "Teacher forcing pays log d for every truncated lookback and nothing for the full one",
    derived("type counts and type classes"),
    setup=r"$M(K)$ scores candidate $v$ after the token $u$ by $\alpha[u\to v]+\sum_{k\le K}\beta_k[v=B^k(t)]$, one set of weights for all steps"
    r" $i=2,\dots,l$, among $C\ge n-1$ candidates. Losses are per sequence, without the copy of $s$.",
    clauses=(
        clause(
            r"Every example has the same type counts, so its loss is the population loss.",
            argued="docstring",
            claims=("examples_have_the_same_types",),
        ),
        clause(r"The types of a step, the true one included, count $C$ candidates.", steps=("counts",), claims=("types_count_the_candidates",)),
        clause(r"$\inf L=\log d$ for $K\le l-3$.", by=("path-star.type-class-floor",), argued="docstring", claims=("infimum_is_the_floor",)),
        clause(r"$\inf L=0$ for $K=l-2$.", by=("path-star.full-lookback",), claims=("infimum_is_the_floor",)),
        clause(
            r"Lookups before the last do not lower the infimum.",
            by=("path-star.type-class-floor",),
            argued="docstring",
            claims=("no_partial_credit",),
        ),
    ),
    instances=path_stars(max_arms=4, max_length=6, trainings=("standard",)),
    examples=(PathStar(2, 5, lookback=3), PathStar(1, 4, lookback=2), PathStar(3, 2, lookback=0), PathStar(2, 3, lookback=0), PathStar(2, 2)),
)


@theorem.step("counts", by="rational normal form", scope="all sizes", latex=r"1+(d-1)+(K+1)+(C-d-K-1)=C,\quad1+K+(C-1-K)=C")
def counts() -> All:
    """The decision for K <= l - 3, and a later step whose own lookup is within reach."""
    d, k, c = sp.symbols("d K C")
    children, lookups, others = sp.symbols("n1 n2 n3")
    decision = {children: d - 1, lookups: k + 1, others: c - d - k - 1}
    later = {lookups: k, others: c - 1 - k}
    return All(
        Equal(Formula(1 + children + lookups + others, given=decision), Formula(c)),
        Equal(Formula(1 + lookups + others, given=later), Formula(c)),
    )


@theorem.claim(r"\text{types of a drawn example}=\text{types of the formula}")
def examples_have_the_same_types(case: Case) -> Equal:
    """Features read from the edges of three examples; labels stand for the candidates, or all nodes but s."""
    problem = case.problem
    found = []
    for sample in some_samples(problem):
        nodes = sorted({v for edge in sample.edges for v in edge} - {sample.start})
        others = [sample.start, *range(10**6, 10**6 + problem.candidates)]
        candidates = [*nodes, *others][: problem.candidates]
        found.append(sample_types(sample, problem.lookback, candidates))
    return Equal(tuple(found), (problem.types,) * len(found))


@theorem.claim(r"\sum_\tau n_\tau=C")
def types_count_the_candidates(case: Case) -> Equal:
    """At every step."""
    sums = tuple(1 + sum(others.values()) for _, others in case.problem.types)
    return Equal(sums, (case.problem.candidates,) * (case.problem.length - 1))


@theorem.claim(r"\inf L=\log d\ (K\le l-3),\quad0\ (K=l-2)")
def infimum_is_the_floor(case: Case, reach: int = 2) -> Equal:
    """The certified infimum of the conditional logit, per sequence."""
    problem = case.problem
    floor = teacher_forced_floor(problem.arms, problem.length, problem.lookback + 2 - reach)
    return Equal(case.derived.infimum, enclosed(scaled(floor, problem.one_step)))


@theorem.claim(r"\inf L_{M(K)}=\inf L_{M(-1)},\ K\le l-3")
def no_partial_credit(case: Case) -> Equal | NotExercised:
    """Two infima of the core."""
    if case.problem.full_lookback or case.problem.lookback < 0:
        return NotExercised("there is no lookup, or the decisive one is a feature")
    return Equal(case.derived.infimum, decompose(replace(case.problem, lookback=-1)).infimum)


@theorem.mutant(of=no_partial_credit, latex=r"\inf L_{M(K)}<\inf L_{M(-1)}")
def every_lookup_is_rewarded(case: Case) -> Less | NotExercised:
    """M7: a flat plateau, then a cliff."""
    if case.problem.full_lookback or case.problem.lookback < 0:
        return NotExercised("there is no lookup, or the decisive one is a feature")
    return Less(case.derived.infimum, decompose(replace(case.problem, lookback=-1)).infimum)


@theorem.mutant(of=infimum_is_the_floor, latex=r"\inf L=0\iff K\ge l-3")
def one_lookup_less_is_enough(case: Case) -> Equal:
    """M6: K = l - 2, not l - 3."""
    return infimum_is_the_floor(case, reach=1)


@theorem.mutant(of=infimum_is_the_floor, latex=r"\inf L=0\text{ never}")
def one_lookup_more_is_needed(case: Case) -> Equal:
    """M6: K = l - 2 is enough; for length 3 that is one lookup."""
    return infimum_is_the_floor(case, reach=3)
