"""How fast the slope settles: t^-q, q read off the multipliers and the inactive margins."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from ....dynamics import GradientFlow
from ....dynamics.trajectory import Trajectory
from ....exact.rational import dot
from ....language.relations import Converges, Equal, NotExercised, Rate, Relation, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import Asymptotics, asymptotics
from ....logit.problem import ConditionalLogit, Vector
from ....logit.protocols import Reduces
from ....symbolic import Formula, index, total
from ._instances import golden, logits, weak_pair

# One margin of 3/2 off the support and no slower mode: q = 1/2 comes from the margin.
inactive_margin = ConditionalLogit([(1, 0, [[1], [0]]), (1, 0, [["3/2"], [0]])])
# Differences (1, 1/2) and (1, -1/2), multipliers 1/2 each: the eigenvalues of sum lambda z z^T are 1 and 1/4.
narrow = ConditionalLogit([(1, 0, [[1, "1/2"], [0, 0]]), (1, 0, [[1, "-1/2"], [0, 0]])])


def one_mode(weights: tuple[int, int], slow: str, by_margin: bool) -> ConditionalLogit:
    """One slow mode: q = slow - 1 from a margin off the support, or q = (slow - 1)^2 from an eigenvalue."""
    a, b = weights
    if by_margin:
        return ConditionalLogit([(a, 0, [[1], [0]]), (b, 0, [[slow], [0]])])
    spread = Fraction(slow) - 1
    return ConditionalLogit([(a, 0, [[1, spread], [0, 0]]), (b, 0, [[1, -spread], [0, 0]])])


WEIGHTS = st.tuples(st.integers(1, 3), st.integers(1, 3))
slow_margins = st.builds(one_mode, WEIGHTS, st.sampled_from(["6/5", "5/4", "4/3", "7/5", "3/2", "8/5"]), st.just(True))
slow_eigenvalues = st.builds(one_mode, WEIGHTS, st.sampled_from(["7/5", "3/2", "8/5", "5/3", "7/4"]), st.just(False))


def generic_start(problem: Reduces) -> tuple[float, ...]:
    """A start off every symmetry: from zero, symmetric data do not excite their slowest mode."""
    return tuple(((5 * k + 1) % 7 - 3) / 4 for k in range(problem.conditional_logit().dimension))


def from_generic_start(problem: Reduces) -> Trajectory:
    """The flow to t = e^200 from a generic start, densely recorded."""
    return GradientFlow(log_time=200.0, initial=generic_start(problem), records=150)(problem)


proposition = Proposition(
    label="foundations.relaxation-exponent",
    title="The relaxation exponent of the slope",
    source=derived("linearising the flow of the log masses at its rest point; measured"),
    setup=r"Assume that no pair is weak. Let $\lambda_{iv}=q_{iv}e^{-\langle z_{iv},x^*\rangle}$ be the limiting"
    r" multipliers (with $x^*$ of the residual; the multipliers of"
    r" the programme where those are unique), $\mu$ the smallest non-zero eigenvalue of $\sum\lambda zz^\top$,"
    r" $m$ the smallest separable margin off the support and"
    r" $q=\min(\mu,m-1)$; $w(t)$ is the gradient flow.",
    clauses=(
        clause(
            r"$\sum\lambda zz^\top u=u$ for any multipliers, so $q\le1$.",
            steps=("eigenvector_step",),
            by=("foundations.max-margin",),
            claims=("one_is_an_eigenvalue",),
        ),
        clause(r"The slope of $P_Mw(t)$ in $\log t$ reaches $u$ at least like $t^{-q/2}$, from every start.", claims=("slope_is_as_fast",)),
        clause(
            r"From a general start the exponent is $q$ to five per cent where $q<1$ and the next rate is at"
            r" least half as large again.",
            claims=("exponent_is_attained",),
        ),
    ),
    uses=("foundations.log-time-slope", "foundations.residual"),
    assumptions=(strictly_complementary,),
    instances=slow_margins | slow_eigenvalues | logits(),
    examples=(*golden, inactive_margin, narrow),
    simulate=from_generic_start,
)


def operator(case: Case, x: Vector, power: int = 1) -> Vector:
    """sum lambda z <z, x> for x in the diverging subspace, exact."""
    differences, total = case.problem.differences(), [0 * entry for entry in x]
    for pair, y in case.derived.max_margin.multipliers.items():
        weight = y**power * dot(differences[pair], x)
        total = [entry + weight * d for entry, d in zip(total, differences[pair])]
    found: Vector = case.derived.diverging.project(tuple(total))
    return found


@proposition.step("u is an eigenvector", by="index calculus, normal form", scope="all sizes",
                  latex=r"\textstyle\sum\lambda(1+s)z=\sum\lambda z+\sum\lambda sz")  # fmt: skip
def eigenvector_step() -> Equal:
    """With <z, u> = 1 + s and lambda s = 0 the left side is sum lambda z <z, u>, and the right side is u."""
    lam, slack, pair, r, c = *(sp.Function(name) for name in ("lambda", "s", "pair")), index("r"), index("c")
    left = total(lam(r) * (1 + slack(r)) * pair(r, c), (r, "R"))
    return Equal(Formula(left), Formula(total(lam(r) * pair(r, c), (r, "R")) + total(lam(r) * slack(r) * pair(r, c), (r, "R"))))


@proposition.claim(r"\textstyle\sum\lambda z\langle z,u\rangle=u")
def one_is_an_eigenvalue(case: Case, power: int = 1) -> Relation:
    """Exact: every pair with a multiplier has margin 1, so the sum is u itself. Hence q is at most 1."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0")
    u = case.derived.max_margin.direction
    return Equal(operator(case, u, power), u)


@proposition.claim(r"\|\tfrac{d}{d\log t}P_Mw-u\|\text{ decays at least like }t^{-q/2}")
def slope_is_as_fast(case: Case) -> Relation:
    """The decay over the last half of log time, from a general start."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: nothing diverges")
    target = [float(x) for x in case.derived.max_margin.direction]
    return Converges(case.trajectory.slope, target, rate=asymptotics(case.derived).exponent)


def clear_error(case: Case) -> ValuePath:
    """The distance of the slope from u, where it is above ten error bars and t^-q has passed e^-4; zero elsewhere."""
    path, q = case.trajectory.slope, asymptotics(case.derived).exponent
    errors = path.distance([float(x) for x in case.derived.max_margin.direction])
    clear = (errors > 10 * path.errors) & (errors > 1e-9) & (path.log_times > 4 / max(q, 1e-9))
    return ValuePath(path.log_times, np.where(clear, errors, 0.0), path.errors, "distance of the slope from u")


def slow_share(case: Case, index: int) -> float:
    """How much of the slope's error lies in the slowest modes at a record; 1 where the rate is that of an inactive margin."""
    predicted = asymptotics(case.derived)
    values, vectors = predicted.modes
    slowest = vectors[:, np.abs(values - predicted.exponent) < 1e-9]
    error = case.trajectory.slope.values[index] - np.array([float(x) for x in case.derived.max_margin.direction])
    return float(np.linalg.norm(error @ slowest) / np.linalg.norm(error)) if slowest.size else 1.0


def fitted_exponent(
    case: Case, claimed: Callable[[Asymptotics], float] = lambda found: found.exponent, largest: float = 0.9, excited: bool = True
) -> Relation:
    """The fit of log error against log t where one mode leads: the next rate half as large again, and the slowest mode excited.

    5 % of q is allowed for what is left of the next rate. At q = 1 two modes resonate and a factor log t bends the fit, so only
    smaller exponents are fitted.
    """
    predicted, path = asymptotics(case.derived), clear_error(case)
    q, seen = predicted.exponent, np.flatnonzero(path.values)
    others = predicted.rates[predicted.rates > q + 1e-9]
    usable = 0.1 < q < largest and len(seen) >= 8 and (not len(others) or float(others[0]) > 1.5 * q)
    usable = usable and (not excited or slow_share(case, int(seen[0])) > 0.3)
    if not usable:
        return NotExercised("no single mode leads, or the start does not excite the slowest one")
    return Rate(path, claimed(predicted), 0.05 * q)


@proposition.claim(r"\|\tfrac{d}{d\log t}P_Mw-u\|\approx t^{-q}\ (q<1)")
def exponent_is_attained(case: Case) -> Relation:
    """From a general start, where one mode leads."""
    return fitted_exponent(case)


@proposition.mutant(of=exponent_is_attained, latex=r"t^{-2q}")
def twice_the_exponent(case: Case) -> Relation:
    """The linearisation decides, not its square."""
    return fitted_exponent(case, lambda found: 2 * found.exponent)


@proposition.mutant(of=exponent_is_attained, latex=r"\mu\text{ the largest eigenvalue}")
def largest_eigenvalue(case: Case) -> Relation:
    """The slowest mode decides."""
    return fitted_exponent(case, lambda found: float(max(found.rates)))


@proposition.mutant(of=exponent_is_attained, latex=r"\mu\text{ of }\sum zz^\top\text{ (multipliers forgotten)}")
def multipliers_forgotten(case: Case) -> Relation:
    """The masses weigh the constraints."""

    def unweighted(found: Asymptotics) -> float:
        z = found.projected @ found.span
        return float(np.linalg.eigvalsh(z.T @ z)[0])

    return fitted_exponent(case, unweighted)


@proposition.mutant(of=exponent_is_attained, latex=r"q=\mu\text{ (inactive margins forgotten)}")
def margins_forgotten(case: Case) -> Relation:
    """A pair just off the support dies slowly."""
    return fitted_exponent(case, lambda found: float(found.modes[0][0]))


@proposition.mutant(of=one_is_an_eigenvalue, latex=r"\textstyle\sum\lambda^2z\langle z,u\rangle=u")
def squared_multipliers(case: Case) -> Relation:
    """Each multiplier enters once."""
    return one_is_an_eigenvalue(case, power=2)


@proposition.mutant(
    of=exponent_is_attained, without=strictly_complementary, instances=[weak_pair], latex=r"\text{a power of }t\text{ with weak pairs, too}"
)
def power_with_weak_pairs(case: Case) -> Relation:
    """The strong pairs alone would give t^-1; the distance decays like 1/log t."""
    return fitted_exponent(case, largest=2.0, excited=False)
