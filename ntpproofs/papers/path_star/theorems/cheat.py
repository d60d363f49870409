"""The numbers of the follow-the-child rule, the Clever Hans cheat.

Proof. Every node but s has one child, so the rule is right with probability 1 except at the decision, where it is uniform over d
children. The law of its output is uniform over the d arms, one of which is the target: KL = log d, TV = 1 - 1/d.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

from flint import ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.logarithms import LogVector
from ....language.relations import AtMost, Equal, Less
from ....language.statements import Case, Theorem, clause, derived
from ..compounding import divergence, total_variation
from ..distribution import Sample
from ..information import add, enclosed, logarithms, scaled
from ..problem import PathStar
from ..strategies import path_stars
from ._samples import ENUMERABLE, some_samples

theorem = Theorem(
    "path-star.cheat",
    "The cheat: loss log d per sequence, accuracy 1/d",
    derived("direct computation"),
    setup=r"The cheat predicts $r_1=s$, then a child of the previous token, uniformly among several. The released code reports the mean"
    r" loss over all $l$ target tokens.",
    clauses=(
        clause(r"Its teacher-forced loss is $\log d$ per sequence, $\log(d)/l$ per token.", argued="docstring", claims=("loss_is_log_d",)),
        clause(r"Its sequence accuracy is $1/d$ and its mean forced token accuracy $(l-1+1/d)/l$.", argued="docstring", claims=("accuracies",)),
        clause(r"$\mathrm{KL}(P\|q_{AR})=\log d$ and $\mathrm{TV}=1-1/d$.", argued="docstring", claims=("distances",)),
        clause(r"A small loss per token does not make the accuracy high.", witness=("long_arms_hide_the_error",)),
    ),
    examples=(*ENUMERABLE, PathStar(2, 20, 50), PathStar(10, 5, 50), PathStar(20, 5, 100), PathStar(5, 5, 21)),
    instances=path_stars(max_length=9, max_extra=10, trainings=("standard",)),
)


def steps(sample: Sample) -> tuple[Fraction, ...]:
    """The probabilities the cheat gives the target's tokens, read from the edges."""
    chances = [Fraction(1)]
    for last, true in zip(sample.path, sample.path[1:]):
        found = [v for u, v in sample.edges if u == last]
        chances.append(Fraction(found.count(true), len(found)))
    return tuple(chances)


def sequence_loss(sample: Sample) -> LogVector:
    """- sum log q(r_i | p, r_<i)."""
    return add(*(logarithms({q: Fraction(-1)}) for q in steps(sample)))


@theorem.claim(r"L=\log d")
def loss_is_log_d(case: Case, per_sequence: bool = True) -> Equal:
    """On single examples: it is the same for every one."""
    problem = case.problem
    found = [scaled(sequence_loss(x), Fraction(1) if per_sequence else Fraction(1, problem.length)) for x in some_samples(problem)]
    return Equal(tuple(found), (logarithms({problem.arms: 1}),) * len(found))


@theorem.claim(r"\text{sequence accuracy }1/d,\ \text{mean token accuracy }(l-1+1/d)/l")
def accuracies(case: Case) -> Equal:
    """Products and means of the step probabilities."""
    d, length = case.problem.arms, case.problem.length
    found = tuple((prod(q, start=Fraction(1)), sum(q, Fraction(0)) / length) for q in map(steps, some_samples(case.problem)))
    return Equal(found, ((Fraction(1, d), (length - 1 + Fraction(1, d)) / length),) * len(found))


@theorem.claim(r"\mathrm{KL}(P\|q_{AR})=\log d,\ \mathrm{TV}=1-1/d")
def distances(case: Case) -> Equal:
    """The law of the outputs over the arms of one graph, walked from the edges."""
    sample = some_samples(case.problem, 1)[0]
    after: dict[int, list[int]] = {}
    for u, v in sample.edges:
        after.setdefault(u, []).append(v)
    outputs: list[tuple[tuple[int, ...], Fraction]] = [((sample.start,), Fraction(1))]
    for _ in range(case.problem.length - 1):
        outputs = [((*path, v), q / len(after[path[-1]])) for path, q in outputs for v in after[path[-1]]]
    law, model = [Fraction(path == sample.path) for path, _ in outputs], [q for _, q in outputs]
    d = case.problem.arms
    return Equal((divergence(law, model), total_variation(law, model)), (logarithms({d: 1}), 1 - Fraction(1, d)))


def power(base: int, exponent: Fraction) -> Interval:
    """base^exponent, enclosed."""
    with ctx.workprec(PRECISION):
        return interval((exact_arb(base).log() * exact_arb(exponent)).exp())


@theorem.step("long arms hide the error", by="exact witness", scope="2 arms of length 20", latex=r"\log(2)/20<1/25,\ \text{accuracy }1/2")
def long_arms_hide_the_error() -> tuple[Less, Equal]:
    """0.035 nats per token, half of the sequences wrong."""
    sample = some_samples(PathStar(2, 20, 50), 1)[0]
    return Less(enclosed(scaled(sequence_loss(sample), Fraction(1, 20))), Fraction(1, 25)), Equal(prod(steps(sample)), Fraction(1, 2))


@theorem.mutant(of=loss_is_log_d, latex=r"\text{loss per token}=\log d")
def loss_per_token_is_log_d(case: Case) -> Equal:
    """M2: per sequence."""
    return loss_is_log_d(case, per_sequence=False)


@theorem.mutant(of=accuracies, latex=r"\text{accuracy}\ge1-L/l")
def small_loss_per_token_means_high_accuracy(case: Case) -> AtMost:
    """M4: two arms of length 20 have 0.035 nats per token and accuracy one half."""
    sample = some_samples(case.problem, 1)[0]
    loss = enclosed(scaled(sequence_loss(sample), Fraction(-1, case.problem.length)))
    return AtMost(Interval(1 + loss.center, loss.radius), prod(steps(sample), start=Fraction(1)))


@theorem.mutant(of=accuracies, latex=r"\text{accuracy}=d^{-1/l}")
def accuracy_is_the_inverse_perplexity(case: Case) -> Equal:
    """The perplexity per token d^(1/l) tends to 1 while the accuracy stays."""
    problem = case.problem
    return Equal(power(problem.arms, Fraction(-1, problem.length)), prod(steps(some_samples(problem, 1)[0]), start=Fraction(1)))


@theorem.mutant(of=distances, latex=r"\mathrm{TV}=1/d")
def distance_is_one_over_d(case: Case) -> Equal:
    """The cheat is right once in d, so the distance is the rest."""
    return Equal(1 - prod(steps(some_samples(case.problem, 1)[0]), start=Fraction(1)), Fraction(1, case.problem.arms))
