"""The cross-entropy is the conditional entropy of the data plus a mean Kullback-Leibler divergence (Thrampoulidis 2024, A-Id0)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.logarithms import LogVector
from ....language.relations import All, Equal, Implies, Less, Relation
from ....language.statements import Case, Proposition, cite
from ....logit.enclosures import loss_ball, softmax_balls
from ....logit.finite_part import log_odds
from ....logit.step_size import smoothness
from ....symbolic import E, Formula, L, NonNegative, total
from ..problem import LinearNTP
from ._decoders import Matrix, cross_entropy, dyadic, entropy, log_sum, masses, plus, softmax
from ._golden import anything, golden
from ._losses import point
from ._symbols import cross_entropy as cross_entropy_formula
from ._symbols import everything, inside, j, log_softmax, logit, outside, p, pi, z

ex_uniform = LinearNTP([[1]], [["1/2", "1/2"]])  # met exactly at W = 0

proposition = Proposition(
    label="linear-ntp.entropy-identity",
    title="Cross-entropy is entropy plus divergence",
    source=cite("thrampoulidis2024", "the entropy lower bound of the cross-entropy (running text)"),
    text=r"With $s_j = \mathrm{softmax}(W h_j)$: $\mathrm{CE}(W) = \mathcal H + \sum_j\pi_j\,\mathrm{KL}(p_j\,\|\,s_j) \ge \mathcal H$,"
    r" with equality iff $s_j = p_j$ for every $j$, off the support too. A softmax is positive, so some $|S_j|<V$ excludes equality.",
    instances=anything,
    examples=(*golden, ex_uniform),
)


@proposition.step("entropy plus divergence", by="index calculus, normal form", scope="all sizes",
                  latex=r"-\sum_z p_z\log s_z = -\sum_z p_z\log p_z + \sum_z p_z\log\tfrac{p_z}{s_z}")  # fmt: skip
def divergence_step() -> Equal:
    """Summed over the contexts with their weights, for free logits."""
    own = -total(pi(j) * p(j, z) * L(p(j, z)), (j, "J"), (z, "S"))
    divergence = total(pi(j) * p(j, z) * (L(p(j, z)) - log_softmax(j, z)), (j, "J"), (z, "S"))
    return Equal(Formula(cross_entropy_formula()), Formula(own + divergence))


@proposition.step("divergence as a sum of non-negative terms", by="index calculus, normal form", scope="all sizes",
                  latex=r"\mathrm{KL}(p\|s)=\sum_{z\in S}p_z\,\varphi(s_z/p_z)+\sum_{z\in S}(p_z-s_z),\quad \varphi(x)=x-1-\log x")  # fmt: skip
def gibbs_step() -> Equal:
    """With sum p = 1 the last sum is the mass off the support."""
    s = E(logit(j, z)) / everything(j)
    phi = s / p(j, z) - 1 - (log_softmax(j, z) - L(p(j, z)))
    left = total(p(j, z) * (L(p(j, z)) - log_softmax(j, z)), (z, "S"))
    return Equal(Formula(left), Formula(total(p(j, z) * phi, (z, "S")) + total(p(j, z) - s, (z, "S"))))


@proposition.step("phi is non-negative", by="sign of a derivative", scope="all reals", latex=r"\log x \le x - 1 \quad (x > 0)")
def phi_step() -> All:
    """For x = 1 + t and for x = 1 / (1 + t)."""
    t = sp.Symbol("t")
    return All(NonNegative(t - L(1 + t), t), NonNegative(1 / (1 + t) - 1 + L(1 + t), t))


@proposition.step("mass off the support is positive", by="index calculus, normal form", scope="all sizes",
                  latex=r"1-\sum_{z\in S}s_z=\sum_{v\notin S}s_v > 0")  # fmt: skip
def mass_step() -> Equal:
    """A sum of exponentials over a sum of exponentials."""
    return Equal(Formula(1 - inside(j) / everything(j)), Formula(outside(j) / everything(j)))


def divergence(problem: LinearNTP, weights: Matrix, reverse: bool = False) -> LogVector:
    """sum_j pi_j KL(p_j || s_j), exactly; `reverse` is sum_j pi_j sum_{z in S_j} s_z log(s_z / p_z)."""
    terms = []
    for block, row in zip(problem.data.blocks, weights):
        s = softmax(row)
        terms += [(block.weight * (s[z] if reverse else q), s[z] / q if reverse else q / s[z]) for z, q in block.labels.items()]
    return log_sum(terms)


@proposition.claim(r"\mathrm{CE}(W) = \mathcal H + \textstyle\sum_j\pi_j\mathrm{KL}(p_j\|s_j)\text{ exactly, at dyadic decoders}")
def loss_is_entropy_plus_divergence(case: Case, keep_entropy: bool = True, reverse: bool = False) -> All:
    """At W = log 2 * N every term is a rational combination of logarithms of rationals."""
    parts = []
    for salt in (0, 1):
        weights = masses(case.problem, dyadic(case.problem, salt))
        right = divergence(case.problem, weights, reverse)
        parts.append(Equal(cross_entropy(case.problem, weights), plus(entropy(case.problem), right) if keep_entropy else right))
    return All(*parts)


@proposition.claim(r"\mathrm{CE}(W) = \mathcal H + \textstyle\sum_j\pi_j\mathrm{KL}(p_j\|s_j)\text{ at rational decoders}")
def loss_is_entropy_plus_divergence_in_balls(case: Case) -> Equal:
    """The loss from log-sum-exp, the divergence from the probabilities."""
    problem, w = case.problem, point(case.problem)
    logit_problem = problem.conditional_logit()
    with ctx.workprec(PRECISION):
        value = arb(0)
        for block, s in zip(problem.data.blocks, softmax_balls(logit_problem, w)):
            value += exact_arb(block.weight) * sum((exact_arb(q) * (exact_arb(q) / s[z]).log() for z, q in block.labels.items()), arb(0))
        right = interval(value)
    own: Interval = problem.entropy
    return Equal(loss_ball(logit_problem, w), Interval(own.center + right.center, own.radius + right.radius))


def matches(problem: LinearNTP, weights: Matrix) -> bool:
    """Whether softmax(W h_j) = p_j for all j, over the whole vocabulary."""
    return all(softmax(row) == q for row, q in zip(weights, problem.probabilities))


@proposition.claim(r"\mathrm{CE}(W) = \mathcal H \iff s_j = p_j\ \forall j;\quad \mathrm{CE}(W) > \mathcal H \text{ otherwise}")
def equality_iff_the_softmax_is_right(case: Case) -> All:
    """Decided exactly at W = 0 and at dyadic decoders."""
    zero = (Fraction(0),) * len(point(case.problem))
    parts: list[Relation] = []
    for exponent in (zero, dyadic(case.problem), dyadic(case.problem, 1)):
        weights = masses(case.problem, exponent)
        gap = cross_entropy(case.problem, weights).minus(entropy(case.problem))
        right = matches(case.problem, weights)
        parts += [Equal(gap.is_zero(), right), Implies(not right, Less(Fraction(0), _number(gap)))]
    return All(*parts)


def _number(value: LogVector) -> Interval:
    with ctx.workprec(PRECISION):
        return interval(value.balls()[0])


@proposition.claim(r"|S_j|=V\ \forall j,\ \text{compatible}:\ \mathrm{CE}(W^\star)=\mathcal H")
def entropy_is_attained_on_full_supports(case: Case, always: bool = False) -> Implies:
    """There the finite part has the right softmax (within radius r of it the loss rises by at most beta r^2 / 2)."""
    problem, part = case.problem, case.derived.finite_part
    full = all(len(s) == problem.vocabulary_size for s in problem.supports)
    slack = smoothness(problem.conditional_logit()) * part.radius**2 / 2
    own = Interval(problem.entropy.center, problem.entropy.radius + slack)
    premise = log_odds(problem).compatible and (full or always)
    return Implies(premise, Equal(loss_ball(problem.conditional_logit(), part.center), own))


@proposition.mutant(of=loss_is_entropy_plus_divergence, latex=r"\mathrm{CE}(W) = \sum_j\pi_j\mathrm{KL}(p_j\|s_j)")
def without_entropy(case: Case) -> All:
    """The entropy is the part training cannot remove."""
    return loss_is_entropy_plus_divergence(case, keep_entropy=False)


@proposition.mutant(of=loss_is_entropy_plus_divergence, latex=r"\mathrm{CE}(W) = \mathcal H + \sum_j\pi_j\mathrm{KL}(s_j\|p_j)")
def reversed_divergence(case: Case) -> All:
    """The divergence is taken from the data to the model (here restricted to the support, so that it is finite)."""
    return loss_is_entropy_plus_divergence(case, reverse=True)


@proposition.mutant(of=equality_iff_the_softmax_is_right, latex=r"\mathrm{CE}(W) > \mathcal H \text{ for all } W")
def equality_never_happens(case: Case) -> Equal:
    """Uniform full supports meet the entropy at W = 0."""
    weights = masses(case.problem, (Fraction(0),) * len(point(case.problem)))
    return Equal(cross_entropy(case.problem, weights) == entropy(case.problem), False)


@proposition.mutant(of=entropy_is_attained_on_full_supports, latex=r"\text{compatible}:\ \mathrm{CE}(W^\star)=\mathcal H")
def entropy_is_attained_on_partial_supports(case: Case) -> Implies:
    """Off-support mass keeps the loss above the entropy."""
    return entropy_is_attained_on_full_supports(case, always=True)
