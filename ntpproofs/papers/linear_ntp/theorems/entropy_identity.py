"""The cross-entropy is the conditional entropy of the data plus a mean Kullback-Leibler divergence (Thrampoulidis 2024, A-Id0).

With phi(x) = x - 1 - log x a divergence is sum p phi(s/p) over the support plus the mass off it (sum p = 1). phi(x)
>= (sqrt x - 1)^2, so it is at least sum (sqrt s - sqrt p)^2 plus the mass off the support: the quantitative form of
Gibbs' inequality, from which the case of equality is read.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.logarithms import LogVector
from ....language.relations import All, Equal, Implies, Less, NotExercised, Relation
from ....language.statements import Case, Proposition, cite, clause
from ....logit.enclosures import loss_ball, softmax_balls
from ....logit.problem import Vector
from ....symbolic import E, Formula, L, NonNegative, total
from ..problem import LinearNTP
from ._decoders import Matrix, cross_entropy, dyadic, entropy, log_sum, logits, masses, plus, softmax
from ._golden import anything, golden
from ._losses import gap, point, risk
from ._symbols import cross_entropy as cross_entropy_formula
from ._symbols import everything, j, log_softmax, logit, p, pi, z

ex_uniform = LinearNTP([[1]], [["1/2", "1/2"]])  # met exactly at W = 0

proposition = Proposition(
    label="linear-ntp.entropy-identity",
    title="Cross-entropy is entropy plus divergence",
    source=cite("thrampoulidis2024", "the entropy lower bound of the cross-entropy (running text)"),
    setup=r"Let $s_j=\mathrm{softmax}(Wh_j)$ and $\mathcal H=-\sum_j\pi_j\sum_zp_{j,z}\log p_{j,z}$.",
    clauses=(
        clause(
            r"$\mathrm{CE}(W)=\mathcal H+\sum_j\pi_j\,\mathrm{KL}(p_j\,\|\,s_j)$.",
            steps=("divergence_step",),
            claims=("loss_is_entropy_plus_divergence", "loss_is_entropy_plus_divergence_in_balls"),
        ),
        clause(
            r"$\mathrm{CE}(W)-\mathcal H\ge\sum_j\pi_j\bigl[\sum_{z\in"
            r" S_j}(\sqrt{s_{j,z}}-\sqrt{p_{j,z}})^2+\sum_{v\notin S_j}s_{j,v}\bigr]\ge0$.",
            steps=("divergence_step", "gibbs_step", "hellinger_step", "mass_step"),
            claims=("gap_bounds_the_distance",),
        ),
        clause(
            r"So $\mathrm{CE}(W)=\mathcal H$ only if $s_j=p_j$ for every $j$, off the support too,",
            steps=("gibbs_step", "hellinger_step", "mass_step"),
            claims=("equality_iff_the_softmax_is_right",),
        ),
        clause(
            r"and then it is: every term of the divergence is zero.",
            steps=("divergence_step",),
            claims=("equality_iff_the_softmax_is_right", "entropy_is_attained"),
        ),
        clause(
            r"A softmax is positive, so some $|S_j|<V$ excludes equality.",
            steps=("mass_step",),
            claims=("partial_supports_exclude_equality",),
        ),
    ),
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


@proposition.step("phi bounds a squared distance", by="sign of a derivative", scope="all reals",
                  latex=r"x-1-\log x\ge(\sqrt x-1)^2\quad(x>0)")  # fmt: skip
def hellinger_step() -> All:
    """For x = (1 + t)^2 and for x = (1 + t)^-2; with x = s_z / p_z, summed with weights p_z."""
    t = sp.Symbol("t")
    above = (1 + t) ** 2 - 1 - 2 * L(1 + t) - t**2
    below = 1 / (1 + t) ** 2 - 1 + 2 * L(1 + t) - (1 / (1 + t) - 1) ** 2
    return All(NonNegative(above, t), NonNegative(below, t))


@proposition.step("mass off the support is positive", by="index calculus, normal form", scope="all sizes",
                  latex=r"1-\sum_{z\in S}s_z=\sum_{v\notin S}s_v > 0")  # fmt: skip
def mass_step() -> Equal:
    """The shares of a softmax sum to one, and those off the support are exponentials over a sum of exponentials."""
    on = total(E(logit(j, z)) / everything(j), (z, "S"))
    return Equal(Formula(1 - on), Formula(total(E(logit(j, z)) / everything(j), (z, "O"))))


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


def observed_softmax(problem: LinearNTP, exponent: Vector, on_support: bool) -> LinearNTP:
    """The dataset whose next-token laws are the softmax of the decoder log 2 * N, or its restriction to the supports."""
    rows = []
    for row, support in zip(masses(problem, exponent), problem.supports):
        kept = [v for v in range(len(row)) if v in support or not on_support]
        rows.append({v: row[v] / sum((row[u] for u in kept), Fraction(0)) for v in kept})
    return LinearNTP(problem.embeddings, rows, problem.weights, vocabulary_size=problem.vocabulary_size)


@proposition.claim(r"p_j=\mathrm{softmax}(Wh_j)\ \forall j:\ \mathrm{CE}(W)=\mathcal H")
def entropy_is_attained(case: Case, on_support: bool = False) -> All:
    """The laws are replaced by the softmax of a decoder; exact. `on_support` restricts them to the supports."""
    parts = []
    for exponent in (dyadic(case.problem), dyadic(case.problem, 1)):
        twin = observed_softmax(case.problem, exponent, on_support)
        parts.append(Equal(cross_entropy(twin, masses(twin, exponent)), entropy(twin)))
    return All(*parts)


@proposition.claim(r"|S_j|<V\text{ for some }j:\ 1-\textstyle\sum_{z\in S_j}s_{j,z}>0,\ \mathrm{CE}(W)>\mathcal H")
def partial_supports_exclude_equality(case: Case) -> Relation:
    """The mass off such a support is exact; the loss exceeds the entropy by an enclosed amount."""
    problem, parts = case.problem, list[Relation]()
    weights = masses(problem, dyadic(problem))
    for row, support in zip(map(softmax, weights), problem.supports):
        if len(support) < len(row):
            parts.append(Less(Fraction(0), 1 - sum((row[z] for z in support), Fraction(0))))
    if not parts:
        return NotExercised("every support is the whole vocabulary")
    return All(*parts, Less(Fraction(0), _number(cross_entropy(problem, weights).minus(entropy(problem)))))


def softmax_is_right(problem: LinearNTP, w: Vector) -> bool:
    """Whether softmax(W h_j) = p_j for all j at a rational decoder: e^x is irrational for rational x != 0, so both must be uniform."""
    uniform = Fraction(1, problem.vocabulary_size)
    return all(len(set(row)) == 1 and set(p) == {uniform} for row, p in zip(logits(problem, w), problem.probabilities))


@proposition.claim(r"\mathrm{CE}(W)-\mathcal H\ge\sum_j\pi_j\bigl[\sum_{z\in S_j}(\sqrt{s_z}-\sqrt{p_z})^2+\sum_{v\notin S_j}s_v\bigr]")
def gap_bounds_the_distance(case: Case, factor: Fraction = Fraction(1)) -> All:
    """At rational decoders, strictly unless the softmax is right: closeness of the loss is closeness of the probabilities."""
    problem, parts = case.problem, list[Relation]()
    for salt in (0, 1, 2):
        w = point(problem, salt)
        with ctx.workprec(PRECISION):
            value = arb(0)
            for block, s in zip(problem.data.blocks, softmax_balls(problem.conditional_logit(), w)):
                gaps = [s[z].sqrt() - exact_arb(q).sqrt() for z, q in block.labels.items()]
                off = sum((x for v, x in s.items() if v not in block.labels), arb(0))
                value += exact_arb(factor * block.weight) * (sum((x * x for x in gaps), arb(0)) + off)
            right = gap(risk(problem, w), problem.entropy)
            parts.append(Implies(not softmax_is_right(problem, w), Less(interval(value), right)))
    return All(*parts)


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


@proposition.mutant(of=entropy_is_attained, latex=r"p_j=\mathrm{softmax}(Wh_j)\text{ on }S_j\text{ alone}:\ \mathrm{CE}(W)=\mathcal H")
def entropy_is_attained_on_partial_supports(case: Case) -> All:
    """Off-support mass keeps the loss above the entropy."""
    return entropy_is_attained(case, on_support=True)


@proposition.mutant(of=gap_bounds_the_distance, latex=r"\mathrm{CE}-\mathcal H\ge4\sum_j\pi_j[\dots]")
def four_times_the_distance(case: Case) -> All:
    """The constant is one on the mass off the support."""
    return gap_bounds_the_distance(case, Fraction(4))
