"""Without teacher: the cheat cannot be expressed, and every lookup pays.

Proof. All target inputs are the dummy token, so the edge feature is zero and each slot has weights of its own: the infimum is a sum over
slots, and in each the lemma on type classes applies. The slot of layer j with l - 1 - j <= K has its own lookup: a singleton. Otherwise,
if j <= J, the class is layer j with d members; if not, it is everything that no feature names. With J = 0 that is C - K - 1
candidates, so the floor falls strictly with each lookup, and C - K - 1 > d for K <= l - 3 and C >= n. If the slots share their weights,
the K + 1 lookups are chosen once per slot among l - 1: the optimum gives each the mass 1/(l-1), the rest shares what is left.
"""

from __future__ import annotations

from dataclasses import replace

from ....language.relations import All, AtMost, Equal, Less, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....logit.decomposition import decompose
from ..assumptions import without_teacher
from ..floors import shared_floor, slot_floor, teacher_forced_floor, teacherless_floor
from ..information import ZERO_NATS, enclosed, logarithms, scaled
from ..learners import logit_of, teacherless_types
from ..problem import PathStar
from ..strategies import path_stars

theorem = Theorem(
    "path-star.teacherless-floors",
    "Without teacher the floors are a staircase: every lookup is rewarded",
    derived("type classes slot by slot"),
    setup=r"Teacherless training with weights per slot, lookups $g_0,\dots,g_K$ from the goal, distances $1,\dots,J$ from $s$, optionally $[v=s]$.",
    clauses=(
        clause(
            r"The floor of the slot of layer $j$ is $0$ if $l-1-j\le K$; else $\log d$ if $j\le J$; else"
            r" $\log(d(l-1-J)-(K+1)+[\text{no }[v=s]]+C-n)$.",
            by=("path-star.type-class-floor",),
            argued="docstring",
            claims=("floors_of_all_feature_sets",),
        ),
        clause(r"With lookups only the floor is $(l-2-K)\log(C-K-1)$.", argued="docstring", claims=("staircase",)),
        clause(
            r"For $C\ge n$ it falls strictly with every lookup, and for $K\le l-3$ it exceeds $\log d$.",
            argued="docstring",
            claims=("every_lookup_pays",),
        ),
        clause(r"The slots come within reach from right to left.", argued="docstring", claims=("right_to_left",)),
        clause(
            r"If all slots share their weights the floor per token is"
            r" $\frac1{l-1}[(K+1)\log(l-1)+(l-2-K)\log\frac{(l-1)(C-K-1)}{l-2-K}]$.",
            argued="docstring",
            claims=("positions_are_needed",),
        ),
    ),
    assumptions=(without_teacher,),
    instances=path_stars(max_arms=3, max_length=5, trainings=("teacherless",)),
    examples=tuple(PathStar(2, 5, training="teacherless", lookback=k) for k in range(-1, 4)) + (PathStar(4, 4, 20, 20, "teacherless", 0),),
)


@theorem.claim(r"\inf L=\text{the sum of the slot floors, all }J\text{ and }[v=s]")
def floors_of_all_feature_sets(case: Case) -> All:
    """Certified infima of the core, for the first, the middle and the last J."""
    problem = case.problem
    found = []
    for layers in sorted({0, problem.length // 2, problem.length - 1}):
        for start in (False, True) if problem.candidates >= problem.nodes else (False,):
            infimum = decompose(logit_of(teacherless_types(*problem.size, layers=layers, start=start))).infimum
            floor = teacherless_floor(*problem.size, layers=layers, start=start)
            found.append(Equal(infimum, enclosed(scaled(floor, problem.one_step))))
    return All(*found)


@theorem.claim(r"\inf L=(l-2-K)\log(C-K-1)")
def staircase(case: Case, goal: int = 1) -> Equal:
    """With lookups only."""
    problem = case.problem
    slots, rest = problem.length - 2 - problem.lookback, problem.candidates - problem.lookback - goal
    floor = logarithms({rest: slots}) if slots else ZERO_NATS
    return Equal(case.derived.infimum, enclosed(scaled(floor, problem.one_step)))


@theorem.claim(r"\text{floor}(K)<\text{floor}(K-1);\quad>\log d\text{ for }K\le l-3")
def every_lookup_pays(case: Case) -> All | NotExercised:
    """Certified infimum against the one with a lookup less, and against log d."""
    problem = case.problem
    if problem.candidates < problem.nodes:
        return NotExercised("without the start one candidate may be left: one arm of length 3 pays nothing for K = 0 and K = 1")
    found = []
    if problem.lookback >= 0:
        found.append(Less(case.derived.infimum, decompose(replace(problem, lookback=problem.lookback - 1)).infimum))
    if not problem.full_lookback:
        found.append(Less(enclosed(scaled(logarithms({problem.arms: 1}), problem.one_step)), case.derived.infimum))
    return All(*found) if found else NotExercised("no lookup less to compare with, and the floor is zero")


@theorem.claim(r"\text{slot of layer }j\text{ has floor }0\iff l-1-j\le K")
def right_to_left(case: Case, mirrored: bool = False) -> Equal | NotExercised:
    """The number of slots with floor zero, from the right; a class of one candidate costs nothing either."""
    problem: PathStar = case.problem
    if problem.candidates - problem.lookback - 1 <= 1 and not problem.full_lookback:
        return NotExercised("a single candidate is left, and every slot is free")
    layers = range(1, problem.length)
    free = tuple(slot_floor(*problem.size, j) == ZERO_NATS for j in layers)
    expected = tuple((j if mirrored else problem.length - j) <= problem.lookback + 1 for j in layers)
    return Equal(free, expected)


@theorem.claim(r"\text{shared weights: the floor above}")
def positions_are_needed(case: Case, free: bool = False) -> Equal:
    """Certified infimum of the learner whose slots share their weights, mean over the slots."""
    problem = case.problem
    infimum = decompose(logit_of(teacherless_types(*problem.size, shared=True))).infimum
    floor = ZERO_NATS if free and problem.full_lookback else shared_floor(problem.length, problem.lookback, problem.candidates)
    return Equal(infimum, enclosed(floor))


@theorem.mutant(of=staircase, latex=r"\inf L=\log d\text{ for }K\le l-3")
def floor_is_log_d(case: Case) -> Equal:
    """M8: the guess is among the rest of the graph."""
    problem = case.problem
    return Equal(case.derived.infimum, enclosed(scaled(teacher_forced_floor(*problem.size[:3]), problem.one_step)))


@theorem.mutant(of=staircase, latex=r"\inf L=(l-2-K)\log(C-K)")
def looked_up_nodes_stay_candidates(case: Case) -> Equal:
    """A node that a lookup names is ruled out."""
    return staircase(case, goal=0)


@theorem.mutant(of=every_lookup_pays, latex=r"\text{teacherless}\le\text{teacher-forced}")
def teacherless_is_never_worse(case: Case) -> AtMost:
    """M19: at the same K the floor without teacher is higher."""
    problem = case.problem
    return AtMost(case.derived.infimum, enclosed(scaled(teacher_forced_floor(*problem.size[:3]), problem.one_step)))


@theorem.mutant(of=positions_are_needed, latex=r"\inf L=0\text{ for }K=l-2\text{ without positions}")
def works_without_positions(case: Case) -> Equal:
    """M20: log(l - 1) per token."""
    return positions_are_needed(case, free=True)


@theorem.mutant(of=right_to_left, latex=r"\text{slot of layer }j\text{ has floor }0\iff j\le K+1")
def left_to_right(case: Case) -> Equal | NotExercised:
    """The first target needs most lookups."""
    return right_to_left(case, mirrored=True)


theorem.mutant(of=staircase, without=without_teacher, instances=(PathStar(2, 5, lookback=0), PathStar(2, 4, lookback=1)),
               latex=r"\text{the staircase with teacher}")  # fmt: skip
