"""How errors compound, exactly: the snowball formula needs equal conditional errors, greedy decoding needs nothing.

Proof. (a) Telescoping of P(the first i are right). (c) With x_i = a_i / mean, sum log x_i <= sum (x_i - 1) = 0. (d) By induction over
i: as long as the fed-back tokens are the true ones, the model sees the true prefix; at the first wrong forced argmax the output
differs. A tie is broken by the same rule in both readings. (e) The probability of the target is the product of the q(r_i | r_<i), which is
e^{-L}; the mean of an exponential is at least the exponential of the mean by log x <= x - 1. (f) All right means that none of the
events "wrong at i" happens: the union bound from below, the largest single event from above.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import prod

import sympy as sp
from flint import ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula, index, total
from ..compounding import Table, Task, prefixes
from ..information import enclosed
from ..tables import tasks

ONE, ZERO = Fraction(1), Fraction(0)


def forced_task(mistakes: tuple[tuple[int, ...], ...], length: int) -> Task:
    """Equally likely prefixes with target 1, 1, ..., 1; on the true path the argmax of the i-th is wrong at the listed steps."""

    def table(wrong: tuple[int, ...]) -> Table:
        strong, weak = Fraction(3, 4), Fraction(1, 4)
        return Table(2, length, tuple((strong, weak) if len(p) in wrong else (weak, strong) for p in prefixes(2, length)))

    count = len(mistakes)
    return Task((Fraction(1, count),) * count, ((1,) * length,) * count, tuple(map(table, mistakes)))


# The cheat on two arms of length 5: the decision is wrong for one goal of two. Errors on different prefixes; errors on the same.
cheat = forced_task(((), (1,)), 5)
scattered = forced_task(((0,), (1,), (), ()), 2)
together = forced_task(((0, 1), (), ()), 2)

theorem = Theorem(
    "path-star.compounding",
    "Exact compounding of errors: greedy decoding is right exactly where every forced step is",
    derived("telescoping, union bound and Jensen"),
    setup=r"For a prefix $p$ with target $r$ let $a_i=P(\hat r_i=r_i\mid\hat r_{<i}=r_{<i})$ when sampling, and $e_i$ the probability over"
    r" prefixes that the argmax at step $i$ is wrong when the true prefix is given.",
    clauses=(
        clause(r"$P(\hat r=r\mid p)=\prod_ia_i$, without any independence.", argued="docstring, (a)", claims=("probabilities_multiply",)),
        clause(
            r"$\prod_ia_i\le(\frac1T\sum_ia_i)^T$.",
            steps=("centred",),
            by=("path-star.logarithm",),
            claims=("product_is_at_most_the_power_of_the_mean",),
        ),
        clause(
            r"The greedy output is the target exactly if every forced argmax is right (ties broken by one rule): exact match under greedy"
            r" decoding equals forced exact match.",
            argued="docstring, (d)",
            claims=("greedy_accuracy_is_forced_accuracy",),
        ),
        clause(
            r"$P(\text{sample}=r\mid p)=e^{-L(p,r)}$, and the mean accuracy of sampling is at least $e^{-\mathbb EL}$.",
            argued="docstring, (e)",
            claims=("sampling_accuracy_is_the_exponential_of_the_loss",),
        ),
        clause(r"$1-\sum_ie_i\le P(\text{all right})\le1-\max_ie_i$.", argued="docstring, (f)", claims=("marginal_errors_bound_the_accuracy",)),
        clause(r"Both bounds are attained.", witness=("bounds_are_attained",)),
        clause(r"$(1-\frac1T\sum_ie_i)^T$ is no bound in either direction.", witness=("mean_error_bounds_nothing",)),
    ),
    instances=tasks(),
    examples=(cheat, scattered, together),
)


@theorem.step("centred", by="normal form of sums", scope="all sizes", latex=r"\sum_i(a_i/A-1)=0,\ A=\tfrac1T\sum_ia_i")
def centred() -> Equal:
    """The right sides of log x_i <= x_i - 1 sum to zero."""
    i, a = index("i"), sp.Function("a")
    count = total(1, (i, "T"))
    mean = total(a(i), (i, "T")) / count
    return Equal(Formula(total(a(i) / mean - 1, (i, "T"))), Formula(0))


@theorem.step("bounds are attained", by="exact witness", scope="two tasks")
def bounds_are_attained() -> All:
    """Errors on different prefixes, and errors on the same."""
    low, high = scattered, together
    return All(Equal(1 - sum(low.forced_errors), low.forced_accuracy), Equal(1 - max(high.forced_errors), high.forced_accuracy))


@theorem.step("mean error bounds nothing", by="exact witness", scope="two tasks", latex=r"(9/10)^5>1/2;\ (2/3)^2<2/3")
def mean_error_bounds_nothing() -> All:
    """The cheat on two arms of length 5 has (9/10)^5 > 1/2; errors on the same prefix have (2/3)^2 < 2/3."""
    return All(Less(cheat.forced_accuracy, snowball(cheat)), Less(snowball(together), together.forced_accuracy))


def snowball(task: Task) -> Fraction:
    """(1 - mean forced error)^T."""
    return (1 - sum(task.forced_errors, ZERO) / task.length) ** task.length


def conditionals(table: Table, target: tuple[int, ...]) -> tuple[Fraction, ...]:
    """a_i from the law of the samples alone, as ratios of the probabilities of prefixes."""
    law = dict(zip(table.sequences(), table.law))
    mass = [sum((p for r, p in law.items() if r[:i] == target[:i]), ZERO) for i in range(len(target) + 1)]
    return tuple(after / before for before, after in pairwise(mass))


@theorem.claim(r"P(\hat r=r|p)=\prod_ia_i")
def probabilities_multiply(case: Case) -> Equal:
    """The a_i from the law of the samples against the product of the model's own conditionals."""
    task = case.problem
    products = tuple(prod(conditionals(table, r), start=ONE) for table, r in zip(task.tables, task.targets))
    return Equal(products, task.sampling_accuracies)


@theorem.claim(r"\prod_ia_i\le(\tfrac1T\sum_ia_i)^T")
def product_is_at_most_the_power_of_the_mean(case: Case, flip: bool = False) -> AtMost:
    """Exact rationals."""
    task = case.problem
    found = [conditionals(table, r) for table, r in zip(task.tables, task.targets)]
    products = tuple(prod(a, start=ONE) for a in found)
    powers = tuple((sum(a, ZERO) / len(a)) ** len(a) for a in found)
    return AtMost(powers, products) if flip else AtMost(products, powers)


@theorem.claim(r"P(\text{greedy}=r)=P(\text{all forced argmaxes right})")
def greedy_accuracy_is_forced_accuracy(case: Case) -> Equal:
    """Feeding tokens back against reading the true prefixes."""
    return Equal(case.problem.greedy_accuracy, case.problem.forced_accuracy)


def exponential(x: Interval) -> Interval:
    """e^{-x} of an interval."""
    with ctx.workprec(PRECISION):
        return interval((-exact_arb(x.lower)).exp().union((-exact_arb(x.upper)).exp()))


@theorem.claim(r"\mathbb E\,P(\text{sample}=r)\ge e^{-\mathbb EL}")
def sampling_accuracy_is_the_exponential_of_the_loss(case: Case) -> All:
    """With one prefix the two sides agree."""
    task = case.problem
    mean = sum((w * a for w, a in zip(task.weights, task.sampling_accuracies)), ZERO)
    bound = exponential(enclosed(task.loss))
    return All(AtMost(bound, mean + Fraction(1, 2**140)), *([Equal(bound, mean)] if len(task.weights) == 1 else []))


@theorem.claim(r"1-\sum_ie_i\le P(\text{all right})\le1-\max_ie_i")
def marginal_errors_bound_the_accuracy(case: Case) -> All:
    """Exact."""
    task = case.problem
    accuracy = task.forced_accuracy
    return All(AtMost(1 - sum(task.forced_errors, ZERO), accuracy), AtMost(accuracy, 1 - max(task.forced_errors)))


@theorem.mutant(of=product_is_at_most_the_power_of_the_mean, latex=r"\prod_ia_i\ge(\tfrac1T\sum_ia_i)^T")
def product_is_at_least_the_power(case: Case) -> AtMost:
    """Equality only for equal a_i."""
    return product_is_at_most_the_power_of_the_mean(case, flip=True)


@theorem.mutant(of=greedy_accuracy_is_forced_accuracy, latex=r"P(\text{greedy}=r)<P(\text{all forced argmaxes right})")
def greedy_is_worse_than_forced(case: Case) -> Less:
    """M5: exposure bias does not lower exact match."""
    return Less(case.problem.greedy_accuracy, case.problem.forced_accuracy)


@theorem.mutant(of=greedy_accuracy_is_forced_accuracy, latex=r"P(\text{greedy}=r)=(1-\bar e)^T")
def accuracy_is_the_snowball(case: Case) -> Equal:
    """M1: one half is not (9/10)^5."""
    return Equal(case.problem.greedy_accuracy, snowball(case.problem))


@theorem.mutant(of=greedy_accuracy_is_forced_accuracy, latex=r"P(\text{greedy}=r)\ge(1-\bar e)^T")
def snowball_is_a_lower_bound(case: Case) -> AtMost:
    """M1: the cheat falls below."""
    return AtMost(snowball(case.problem), case.problem.greedy_accuracy)


@theorem.mutant(of=greedy_accuracy_is_forced_accuracy, latex=r"P(\text{greedy}=r)\le(1-\bar e)^T")
def snowball_is_an_upper_bound(case: Case) -> AtMost:
    """M1: errors on the same prefix stay above."""
    return AtMost(case.problem.greedy_accuracy, snowball(case.problem))


@theorem.mutant(of=marginal_errors_bound_the_accuracy, latex=r"P(\text{all right})\ge1-\max_ie_i")
def largest_error_is_a_lower_bound(case: Case) -> AtMost:
    """M24: errors on different prefixes add up."""
    return AtMost(1 - max(case.problem.forced_errors), case.problem.forced_accuracy)
