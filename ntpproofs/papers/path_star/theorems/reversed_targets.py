"""Reversed targets: every step is one lookup, and the other weight drifts like log log t.

Proof. From the goal to the start every token is the unique predecessor of the one before. With w_B on [v -> u] and w_F on [u -> v] the
constraints are w_B >= 1 and, inside an arm, w_B - w_F >= 1; the direction is (1, 0), where the second is weak for l >= 3. Then the
excess is e^{-w_B} Phi(w_F) with Phi = [(C-1) + (l-2)(C-2) + (l-2) e^{w_F}]/(l-1), whose infimum is at minus infinity: in log time
w_F' = -(l-2) e^{w_F} / ((l-1) Phi), so e^{-w_F}/log t tends to (l-2)/((C-1) + (l-2)(C-2)). If edges have no direction the two
neighbours of an inner node look alike and each inner step costs log 2.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np

from ....dynamics import GradientFlow
from ....exact.balls import Interval
from ....language.compared_values import ValuePath
from ....language.relations import All, Bounded, Converges, Equal, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....logit.decomposition import decompose
from ..assumptions import reversed_targets
from ..closed_forms import forward_drift
from ..distribution import Sample
from ..floors import undirected_floor
from ..information import ZERO_NATS, enclosed, scaled
from ..learners import TypeCounts, logit_of, sample_reversed_types
from ..problem import PathStar
from ..strategies import path_stars
from ._decoding import accuracy
from ._samples import some_samples

ONE, ZERO = Fraction(1), Fraction(0)
theorem = Theorem(
    "path-star.reversed-targets",
    "Reversed targets need one lookup a step; the idle weight drifts like log log t",
    derived("reduced potential without a minimiser"),
    setup=r"Targets run from $t$ to $s$. Score of candidate $v$ after $u$: $w_B[v\to u]+w_F[u\to v]$, $C\ge n$.",
    clauses=(
        clause(r"Every example has the same type counts, whatever $d$.", argued="docstring", claims=("examples_have_the_same_types",)),
        clause(
            r"$\inf L=0$, the max-margin direction is $(1,0)$, greedy decoding is right with probability $1$.",
            argued="docstring",
            claims=("separates",),
        ),
        clause(r"A constraint is weak exactly for $l\ge3$.", argued="docstring", claims=("weak_for_inner_steps",)),
        clause(
            r"$e^{-w_F}/\log\mathsf t\to\frac{l-2}{(C-1)+(l-2)(C-2)}$ for $l\ge3$; $w_F$ stays $0$ for $l=2$.",
            argued="docstring",
            claims=("idle_weight_drifts", "idle_weight_occurs"),
        ),
        clause(
            r"If only undirected edges and the last token are seen, the infima are $\log d+(l-2)\log2$ forwards and $(l-2)\log2$ backwards.",
            by=("path-star.type-class-floor",),
            argued="docstring",
            claims=("direction_is_needed",),
        ),
    ),
    assumptions=(reversed_targets,),
    instances=path_stars(max_arms=4, max_length=6, trainings=("reversed",)),
    examples=tuple(PathStar(d, length, training="reversed") for d, length in ((2, 5), (5, 5), (2, 3), (3, 2), (1, 2), (1, 4))),
    simulate=GradientFlow(log_time=1e4),
)


@theorem.claim(r"\text{types of a drawn example}=\text{types of the formula}")
def examples_have_the_same_types(case: Case) -> Equal:
    """Features read from the edges; spare labels stand for further candidates."""
    problem = case.problem
    found = []
    for sample in some_samples(problem):
        nodes = sorted({v for edge in sample.edges for v in edge})
        candidates = [*nodes, *range(10**6, 10**6 + problem.candidates)][: problem.candidates]
        found.append(sample_reversed_types(sample, candidates))
    return Equal(tuple(found), (problem.types,) * len(found))


@theorem.claim(r"\inf L=0,\ u=(1,0),\ P(\text{greedy}=r)=1")
def separates(case: Case) -> All:
    """The certified infimum and direction."""
    parts = case.derived
    return All(
        Equal(parts.infimum, Interval(ZERO, ZERO)),
        Equal(parts.max_margin.direction, (ONE, ZERO)),
        Equal(accuracy(case.problem, parts.max_margin.direction), ONE),
    )


@theorem.claim(r"\text{strictly complementary}\iff l=2")
def weak_for_inner_steps(case: Case) -> Equal:
    """Decided by the exact solver."""
    return Equal(case.derived.max_margin.strictly_complementary, case.problem.length == 2)


def drift(case: Case) -> ValuePath:
    """e^{-w_F} / log t along the flow, from log t = 10 on."""
    path = case.trajectory.iterates
    late = path.log_times > 10
    times, values = path.log_times[late], np.exp(-path.values[late, 1:])
    return ValuePath(times, values / times[:, None], path.errors[late] * values[:, 0] / times + 1e-12, "exp(-w_F) / log t")


@theorem.claim(r"e^{-w_F}/\log\mathsf t\to\tfrac{l-2}{(C-1)+(l-2)(C-2)}")
def idle_weight_drifts(case: Case) -> Converges | NotExercised:
    """In log time; the error is of order log log t / log t."""
    problem = case.problem
    if problem.length == 2:
        return NotExercised("length 2 has no successor term")
    return Converges(drift(case), [float(forward_drift(problem.length, problem.candidates))])


@theorem.claim(r"w_F\text{ occurs in the loss}\iff l\ge3")
def idle_weight_occurs(case: Case) -> Equal:
    """For length 2 no candidate has the feature, and w_F stays where it starts."""
    found = {features[1] for true, others in case.problem.types for features in (true, *others)}
    return Equal(found, {0} if case.problem.length == 2 else {0, 1})


def undirected_types(sample: Sample, reverse: bool) -> tuple[TypeCounts, ...]:
    """Features of a candidate: is it a neighbour of the last token."""
    path = sample.path[::-1] if reverse else sample.path
    nodes = {v for edge in sample.edges for v in edge}
    pairs = {frozenset(edge) for edge in sample.edges}
    rows = []
    for last, true in pairwise(path):
        features: dict[int, tuple[int, ...]] = {v: (int(frozenset((last, v)) in pairs),) for v in nodes}
        rows.append((features[true], dict(Counter(features[v] for v in nodes if v != true))))
    return tuple(rows)


@theorem.claim(r"\inf L=[\log d+]\,(l-2)\log2\text{ without directions}")
def direction_is_needed(case: Case, free: bool = False) -> All:
    """Certified infima of the learner that sees neighbours, per step."""
    problem, sample = case.problem, some_samples(case.problem, 1)[0]
    found = []
    for reverse in (False, True):
        floor = ZERO_NATS if free and reverse else undirected_floor(problem.arms, problem.length, reverse=reverse)
        found.append(Equal(decompose(logit_of(undirected_types(sample, reverse))).infimum, enclosed(scaled(floor, problem.one_step))))
    return All(*found)


@theorem.mutant(of=direction_is_needed, latex=r"\text{reversed targets work with undirected edges}")
def neighbours_are_enough(case: Case) -> All:
    """M14: every inner step costs log 2."""
    return direction_is_needed(case, free=True)


@theorem.mutant(of=weak_for_inner_steps, latex=r"\text{strictly complementary always}")
def never_weak(case: Case) -> Equal:
    """M13: then both residuals would be bounded."""
    return Equal(case.derived.max_margin.strictly_complementary, True)


@theorem.mutant(of=idle_weight_drifts, latex=r"w_F\text{ is bounded}")
def idle_weight_is_bounded(case: Case) -> Bounded | NotExercised:
    """M13: it falls like log log t."""
    if case.problem.length == 2:
        return NotExercised("length 2 has no successor term")
    path = case.trajectory.iterates
    return Bounded(ValuePath(path.log_times, path.values[:, 1:], path.errors + 1e-12, "w_F"))


@theorem.mutant(of=idle_weight_drifts, latex=r"e^{-w_F}/\log\mathsf t\to\tfrac{l-2}{l-1}")
def drift_without_candidates(case: Case) -> Converges | NotExercised:
    """The constant knows C."""
    if case.problem.length == 2:
        return NotExercised("length 2 has no successor term")
    return Converges(drift(case), [(case.problem.length - 2) / (case.problem.length - 1)])


theorem.mutant(of=separates, without=reversed_targets, instances=(PathStar(2, 4), PathStar(3, 3)), latex=r"\text{forward targets, too}")
