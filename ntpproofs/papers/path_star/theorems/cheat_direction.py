"""Truncated lookback: gradient descent goes to the edge lookup, the lookback weights stop at finite values.

Proof. At the decision alpha >= 1 against the candidates without the edge, or by the sum of alpha - beta_k >= 1 and alpha + beta_k >= 1; so
the edge axis, which is feasible, has least norm. Its margin is 1 on every constraint, hence L - inf L = e^{-alpha} Phi(beta)(1 + o(1)).
Along the flow alpha' = e^{-alpha} Phi and beta' = -e^{-alpha} grad Phi, so in the time log t the weights beta follow the gradient of
log Phi, a convex sum of exponentials that grows in every direction: they tend to its minimiser and e^alpha / t to the minimum. Phi is
symmetric and on the diagonal proportional to A/b + B b with A = C - 1 - K, B = l - 3 - K + 1/d: the minimiser is b^2 = A/B, and the
linearisation along (1, ..., 1), the slowest mode, is rho. The o(1) terms are matched, not bounded.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from ....dynamics import GradientFlow
from ....exact.balls import interval
from ....language.compared_values import ValuePath
from ....language.relations import All, Converges, Equal
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import NonNegative
from ..assumptions import truncated_lookback
from ..closed_forms import finite_lookback_weight, potential_minimum, relaxation_exponent, squared_lookback_factor
from ..potential import active_terms, at, on_the_diagonal, vanishes_at_root
from ..problem import PathStar
from ..strategies import path_stars
from ._decoding import accuracy

theorem = Theorem(
    "path-star.cheat-direction",
    "With a truncated lookback teacher forcing selects the edge lookup",
    derived("reduced potential"),
    setup=r"$M(K)$ under teacher forcing, $0\le K\le l-3$, any $d\ge1$, $C\ge n-1$ candidates, flow from $0$ on the mean over $l-1$ steps.",
    clauses=(
        clause(
            r"The max-margin direction is the edge axis $e_\alpha$; no constraint is weak.", argued="docstring", claims=("direction_is_the_edge",)
        ),
        clause(
            r"$A/b+Bb$, to which $\Phi$ on the diagonal is proportional up to a constant, has its minimum at"
            r" $b^2=A/B=\frac{C-1-K}{l-3-K+1/d}$.",
            steps=("minimum_from_above", "minimum_from_below"),
            claims=("finite_weight_is_stationary",),
        ),
        clause(
            r"$\beta_k(\mathsf t)\to\beta^*=\frac12\log\frac{C-1-K}{l-3-K+1/d}$ for every $k\le K$.",
            argued="docstring",
            claims=("lookback_weights_converge",),
        ),
        clause(
            r"$\alpha(t)=\log(t\,\Phi^*)+o(1)$ with $\Phi^*=\min\Phi$.",
            argued="docstring",
            claims=("edge_offset_converges", "minimum_of_the_potential"),
        ),
        clause(r"$|\beta-\beta^*|\sim t^{-\rho}$, $\rho=\frac{2\sqrt{AB}}{(l-1)\Phi^*}$.", argued="docstring", claims=("exponent_is_the_curvature",)),
        clause(r"$\mathsf t\,(L-\inf L)\to1$.", by=("foundations.risk-constant",), claims=("excess_constant_is_one",)),
        clause(r"Decoded greedily, the limit is right with probability $1/d$.", argued="docstring", claims=("limit_is_right_once_in_d",)),
    ),
    assumptions=(truncated_lookback,),
    instances=path_stars(max_arms=4, max_length=6, trainings=("standard",)).filter(lambda x: 0 <= x.lookback <= x.length - 3),
    examples=(
        PathStar(2, 5, lookback=0),
        PathStar(2, 5, lookback=1),
        PathStar(2, 5, lookback=2),
        PathStar(3, 7, lookback=3),
        PathStar(2, 3, lookback=0),
        PathStar(1, 5, lookback=1),
    ),
    simulate=GradientFlow(log_time=2e3),
)


def excess_on_the_diagonal(factor: sp.Expr) -> NonNegative:
    """A/b + B b minus its value 2 sqrt(AB) at the minimum, for b = factor sqrt(A/B) and A = p^2, B = q^2."""
    p, q, y = sp.symbols("p q y")
    b = factor * p / q
    return NonNegative(p**2 / b + q**2 * b - 2 * p * q, y)


@theorem.step("minimum from above", by="sign of coefficients", scope="all sizes", latex=r"\tfrac Ab+Bb\ge2\sqrt{AB},\ b\ge\sqrt{A/B}")
def minimum_from_above() -> NonNegative:
    """b = (1 + y) sqrt(A/B)."""
    return excess_on_the_diagonal(1 + sp.Symbol("y"))


@theorem.step("minimum from below", by="sign of coefficients", scope="all sizes", latex=r"\tfrac Ab+Bb\ge2\sqrt{AB},\ b\le\sqrt{A/B}")
def minimum_from_below() -> NonNegative:
    """b = sqrt(A/B) / (1 + y)."""
    return excess_on_the_diagonal(1 / (1 + sp.Symbol("y")))


@theorem.claim(r"u=(1,0,\dots,0),\text{ strictly complementary}")
def direction_is_the_edge(case: Case) -> All:
    """Against the exact solver."""
    best = case.derived.max_margin
    edge = (Fraction(1), *[Fraction(0)] * (case.problem.lookback + 1))
    return All(Equal(best.direction, edge), Equal(best.strictly_complementary, True))


def stationary(problem: PathStar, square: Fraction) -> Equal:
    """Every partial derivative of Phi vanishes at b = sqrt(square), from the type counts alone."""
    terms = active_terms(problem.types)
    found = tuple(vanishes_at_root(on_the_diagonal(terms, (k,)), square) for k in range(problem.lookback + 1))
    return Equal(found, (True,) * len(found))


@theorem.claim(r"\nabla\Phi(\beta^*,\dots,\beta^*)=0")
def finite_weight_is_stationary(case: Case) -> Equal:
    """Exact: the partial derivatives are Laurent polynomials in b."""
    return stationary(case.problem, squared_lookback_factor(*case.problem.size))


@theorem.claim(r"\Phi^*=\Phi(\beta^*,\dots,\beta^*)")
def minimum_of_the_potential(case: Case) -> Equal:
    """The printed formula against the sum over the types."""
    size = case.problem.size
    value = at(on_the_diagonal(active_terms(case.problem.types)), finite_lookback_weight(*size))
    return Equal(interval(potential_minimum(*size)), interval(value))


@theorem.claim(r"\partial_k(1,\dots,1)\cdot\nabla\Phi=\rho\,\Phi\text{ at }\beta^*")
def exponent_is_the_curvature(case: Case, power: int = 1) -> All:
    """The linearisation of the flow in log t along (1, ..., 1), every row."""
    problem = case.problem
    beta, terms = finite_lookback_weight(*problem.size), active_terms(problem.types)
    value = at(on_the_diagonal(terms), beta)
    rho = interval(relaxation_exponent(*problem.size) ** power)
    return All(*(Equal(interval(at(on_the_diagonal(terms, (k, None)), beta) / value), rho) for k in range(problem.lookback + 1)))


def weights(case: Case) -> ValuePath:
    """The lookback weights along the flow."""
    path = case.trajectory.iterates
    return ValuePath(path.log_times, path.values[:, 1:], path.errors + 1e-9, "lookback weights")


def target(case: Case) -> list[float]:
    """beta* in every coordinate."""
    return [float(finite_lookback_weight(*case.problem.size).mid())] * (case.problem.lookback + 1)


@theorem.claim(r"\beta_k(\mathsf t)\to\beta^*")
def lookback_weights_converge(case: Case) -> Converges:
    """In log time, at the rate rho."""
    return Converges(weights(case), target(case), rate=float(relaxation_exponent(*case.problem.size)))


@theorem.claim(r"\alpha(\mathsf t)-\log\mathsf t\to\log\Phi^*")
def edge_offset_converges(case: Case) -> Converges:
    """In log time."""
    path = case.trajectory.iterates
    offset = ValuePath(path.log_times, (path.values[:, 0] - path.log_times)[:, None], path.errors + 1e-9, "alpha - log t")
    return Converges(offset, [float(potential_minimum(*case.problem.size).log())], rate=float(relaxation_exponent(*case.problem.size)))


@theorem.claim(r"\|u\|^2=1")
def excess_constant_is_one(case: Case) -> Equal:
    """The constant of `foundations.risk-constant`."""
    return Equal(case.derived.max_margin.squared_norm, Fraction(1))


@theorem.claim(r"P(\text{greedy}=r)=1/d")
def limit_is_right_once_in_d(case: Case) -> Equal:
    """Along the exact direction."""
    return Equal(accuracy(case.problem, case.derived.max_margin.direction), Fraction(1, case.problem.arms))


@theorem.mutant(of=lookback_weights_converge, latex=r"\beta_k\to0")
def lookback_weights_vanish(case: Case) -> Converges:
    """M9: they stop at a positive value."""
    return Converges(weights(case), [0.0] * (case.problem.lookback + 1), rate=float(relaxation_exponent(*case.problem.size)))


@theorem.mutant(of=lookback_weights_converge, latex=r"1/\beta_k\to0")
def lookback_weights_diverge(case: Case) -> Converges:
    """M9: the inverse does not vanish."""
    path = weights(case)
    late = path.log_times > 1
    inverse = ValuePath(path.log_times[late], 1 / np.maximum(np.abs(path.values[late]), 1e-3), path.errors[late], "inverse lookback weights")
    return Converges(inverse, [0.0] * (case.problem.lookback + 1))


@theorem.mutant(of=finite_weight_is_stationary, latex=r"\beta^*=0")
def zero_is_stationary(case: Case) -> Equal:
    """M9: at zero the gradient of Phi does not vanish."""
    return stationary(case.problem, Fraction(1))


@theorem.mutant(of=finite_weight_is_stationary, latex=r"\beta^*\text{ does not depend on }C")
def candidates_do_not_matter(case: Case) -> Equal:
    """M10: the value for C = n at another C."""
    arms, length, lookback, _ = case.problem.size
    return stationary(case.problem, squared_lookback_factor(arms, length, lookback, case.problem.nodes))


@theorem.mutant(of=finite_weight_is_stationary, latex=r"\beta^*\text{ does not depend on }d\text{ at a fixed }C")
def arms_do_not_matter(case: Case) -> Equal:
    """M10: the value of two arms for more."""
    _, length, lookback, candidates = case.problem.size
    return stationary(case.problem, squared_lookback_factor(2, length, lookback, candidates))


@theorem.mutant(of=edge_offset_converges, latex=r"\Phi^*=1,\ \alpha=\log\mathsf t+o(1)")
def edge_weight_is_log_time(case: Case) -> Equal:
    """M12: the offset is not zero."""
    return Equal(interval(potential_minimum(*case.problem.size)), Fraction(1))


@theorem.mutant(of=excess_constant_is_one, latex=r"\mathsf t\,(L-\inf L)\to l-1")
def excess_constant_counts_steps(case: Case) -> Equal:
    """M12: the mean over the steps is in Phi, not in the constant."""
    return Equal(case.derived.max_margin.squared_norm, Fraction(case.problem.length - 1))


@theorem.mutant(of=exponent_is_the_curvature, latex=r"\rho^2\text{ for }\rho")
def exponent_squared(case: Case) -> All:
    """The exponent is linear in the curvature."""
    return exponent_is_the_curvature(case, power=2)


theorem.mutant(of=direction_is_the_edge, without=truncated_lookback, instances=(PathStar(2, 4, lookback=2), PathStar(2, 5, lookback=3)),
               latex=r"u=e_\alpha\text{ for }K=l-2")  # fmt: skip
theorem.mutant(of=limit_is_right_once_in_d, without=truncated_lookback, instances=(PathStar(2, 4, lookback=2), PathStar(3, 3, lookback=1)),
               latex=r"\text{accuracy }1/d\text{ for }K=l-2")  # fmt: skip
