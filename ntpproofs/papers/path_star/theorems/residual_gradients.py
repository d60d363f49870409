"""After the cheat the gradient at the decision does not vanish, but no arm-exchangeable feature sees it.

Proof. With e^alpha = y and no lookback weight the true token of a later step has probability y/(y + C - 1), so the residual p - e there has
norm 2(1 - p) of order 1/y. At the decision the d children share their mass: p tends to 1/d on each, the squared residual to
(1 - 1/d)^2 + (d - 1)/d^2 = 1 - 1/d. Its population average against a feature phi is its mean on the child minus its mean on the true child, which
vanishes if phi has the same mean on all arms, and is -(1 - 1/d) for the decisive lookup.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from ....language.relations import All, AtMost, Equal, NotExercised
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import Formula, NonNegative, index, total
from ..distribution import Sample, layers, predecessors
from ..learners import TypeCounts
from ..problem import PathStar
from ._samples import ENUMERABLE, enumerable_problems, samples_of

Feature = Callable[[Sample, int], int]
ODDS = (10, 10**3, 10**6)


def before_last(sample: Sample, node: int, count: int) -> int:
    """B^count(node), staying at the start."""
    known = predecessors(sample.edges)
    for _ in range(count):
        node = known.get(node, node)
    return node


# Features whose mean is the same on every arm: of labels, of the neighbourhood.
EXCHANGEABLE: dict[str, Feature] = {
    "label": lambda sample, v: v,
    "label is even": lambda sample, v: int(v % 2 == 0),
    "smallest label of its layer": lambda sample, v: int(v == min(layers(sample)[1])),
    "first listed": lambda sample, v: int(v == next(child for parent, child in sample.edges if parent == sample.start)),
}

proposition = Proposition(
    "path-star.residual-gradients",
    "The residual at the decision survives the cheat, and averages out over every arm-exchangeable feature",
    derived("softmax residuals"),
    setup=r"Weights $\alpha=\log y$ on the edge, $0$ on the rest; $p$ are the predicted probabilities, $e$ the true token, $y\to\infty$.",
    clauses=(
        clause(
            r"At steps after the decision $\|p-e\|_1=2(1-p_{r_i})\le\frac{2(C-1)}y$.",
            steps=("later_residuals", "sum_of_the_residual"),
            claims=("later_residuals_vanish",),
        ),
        clause(
            r"At the decision $\|p-e\|_2^2\to1-\frac1d$ and $\|p-e\|_1\to2(1-\frac1d)$.",
            steps=("limit_of_the_residual",),
            argued="docstring",
            claims=("decision_residual_stays",),
        ),
        clause(
            r"For $\phi$ with the same mean on all arms $E\sum_v(p_v-e_v)\phi(v)=0$ in the limit; for the decisive lookup it is $-(1-\frac1d)$.",
            argued="docstring",
            claims=("exchangeable_features_see_nothing", "the_decisive_feature_sees_it"),
        ),
    ),
    examples=ENUMERABLE[:6],
    instances=enumerable_problems,
)


@proposition.step("later residuals", by="sign of coefficients", scope="all sizes", latex=r"\tfrac{2c}y-2\bigl(1-\tfrac y{y+c}\bigr)\ge0,\ c=C-1")
def later_residuals() -> NonNegative:
    """The true token has odds y against c candidates of odds 1."""
    c, y = sp.symbols("c y")
    return NonNegative(2 * c / y - 2 * (1 - y / (y + c)), c)


@proposition.step("sum of the residual", by="normal form of sums", scope="all sizes", latex=r"(1-p)+\sum_vq_v=2(1-p)\text{ if }p=1-\sum_vq_v")
def sum_of_the_residual() -> Equal:
    """Odds z(v) of the candidates that are not true, y of the true one: what the true token misses is what the others have."""
    v, z, y = index("v"), sp.Function("z"), sp.Symbol("y")
    mass = y + total(z(v), (v, "V"))
    return Equal(Formula((1 - y / mass) + total(z(v) / mass, (v, "V"))), Formula(2 * (1 - y / mass)))


@proposition.step("limit of the residual", by="rational normal form", scope="all sizes", latex=r"(1-\tfrac1d)^2+\tfrac{d-1}{d^2}=1-\tfrac1d")
def limit_of_the_residual() -> All:
    """1/d on each of d children."""
    d = sp.Symbol("d")
    return All(
        Equal(Formula((1 - 1 / d) ** 2 + (d - 1) / d**2), Formula(1 - 1 / d)), Equal(Formula((1 - 1 / d) + (d - 1) / d), Formula(2 * (1 - 1 / d)))
    )


def residual(step: TypeCounts, odds: int) -> tuple[Fraction, Fraction]:
    """(squared 2-norm, 1-norm) of p - e at alpha = log odds, from the type counts."""
    true, others = step
    masses = [(odds ** true[0], 1), *((odds ** f[0], count) for f, count in others.items())]
    total = sum(y * count for y, count in masses)
    parts = [(Fraction(y, total), count) for y, count in masses]
    missing = 1 - parts[0][0]
    return missing**2 + sum(q * q * count for q, count in parts[1:]), missing + sum(q * count for q, count in parts[1:])


@proposition.claim(r"\|p-e\|_1\le2(C-1)/y,\ i\ge3")
def later_residuals_vanish(case: Case) -> AtMost | NotExercised:
    """Exact, at three values of y."""
    problem = case.problem
    if problem.length == 2:
        return NotExercised("there is no step after the decision")
    found = [(residual(step, y)[1], Fraction(2 * (problem.candidates - 1), y)) for y in ODDS for step in problem.types[1:]]
    return AtMost(tuple(x for x, _ in found), tuple(bound for _, bound in found))


@proposition.claim(r"\bigl|\|p-e\|_2^2-(1-\tfrac1d)\bigr|\le\tfrac{2C}y,\quad\bigl|\|p-e\|_1-2(1-\tfrac1d)\bigr|\le\tfrac{2C}y")
def decision_residual_stays(case: Case, squared: Fraction | None = None) -> AtMost:
    """Exact, at three values of y."""
    d, c = case.problem.arms, case.problem.candidates
    limit = 1 - Fraction(1, d) if squared is None else squared
    gaps = []
    for y in ODDS:
        two, one = residual(case.problem.types[0], y)
        gaps += [abs(two - limit) * y, abs(one - 2 * (1 - Fraction(1, d))) * y]
    return AtMost(tuple(gaps), (Fraction(2 * c),) * len(gaps))


def average(problem: PathStar, feature: Feature) -> Fraction:
    """E sum_v (p_v - e_v) phi(v) at the decision with p uniform over the children of s."""
    samples = samples_of(problem)
    total = Fraction(0)
    for x in samples:
        children = [v for u, v in x.edges if u == x.start]
        total += Fraction(sum(feature(x, v) for v in children), len(children)) - feature(x, x.path[1])
    return total / len(samples)


@proposition.claim(r"E\sum_v(p_v-e_v)\phi(v)=0,\ \phi\text{ arm-exchangeable}")
def exchangeable_features_see_nothing(case: Case) -> Equal:
    """Four features, over the whole distribution."""
    return Equal(tuple(average(case.problem, phi) for phi in EXCHANGEABLE.values()), (Fraction(0),) * len(EXCHANGEABLE))


def decisive(sample: Sample, v: int) -> int:
    """[v = B^{l-2}(t)]."""
    return int(v == before_last(sample, sample.goal, len(sample.path) - 2))


@proposition.claim(r"E\sum_v(p_v-e_v)[v=B^{l-2}(t)]=-(1-\tfrac1d)")
def the_decisive_feature_sees_it(case: Case, blind: bool = False) -> Equal:
    """The lookup that the truncated class does not have."""
    return Equal(average(case.problem, decisive), Fraction(0) if blind else Fraction(1, case.problem.arms) - 1)


@proposition.mutant(of=decision_residual_stays, latex=r"\|p-e\|_2\to0")
def residual_vanishes(case: Case) -> AtMost:
    """M18: "no gradient" means no usable gradient in the class."""
    return decision_residual_stays(case, Fraction(0))


@proposition.mutant(of=the_decisive_feature_sees_it, latex=r"E\sum_v(p_v-e_v)[v=B^{l-2}(t)]=0")
def no_feature_sees_it(case: Case) -> Equal:
    """M18: the decisive lookup does."""
    return the_decisive_feature_sees_it(case, blind=True)


@proposition.mutant(of=later_residuals_vanish, latex=r"\|p-e\|_1\le\tfrac1{y^2}")
def residuals_fall_twice_as_fast(case: Case) -> AtMost | NotExercised:
    """They fall like 1/y, that is 1/t."""
    if case.problem.length == 2:
        return NotExercised("there is no step after the decision")
    return AtMost(residual(case.problem.types[-1], 10**3)[1], Fraction(1, 10**6))
