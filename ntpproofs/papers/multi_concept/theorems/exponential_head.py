r"""Exponential 0-1 convergence of SGD on the linear head: the provable kernel of the paper's headline.

Proof. (1) For eta_t <= 2/(M + lambda), M = R^2/4 + lambda, one step contracts by the factor 1 - eta_t lambda. (2) The
product of 1 - 2/(s + gamma) over s = t+1..T-1 is (t+gamma-1)(t+gamma)/((T+gamma-2)(T+gamma-1)). (3) Two samples at
time t move the iterate apart by at most 2 G eta_t, so the Doob differences obey |D_t| <= 2 G eta_t times the product,
and their squares sum to at most V_T because sum_{t<T} (t+gamma-1)^2 <= (T+gamma-1)^3/3. (4) Pinelis' inequality for
martingales in Hilbert space. (5) |w_t| <= G/lambda, so the second moment of a stochastic gradient is at most (2G)^2,
and e_{t+1} <= (1 - 4/s) e_t + 16 G^2/(lambda^2 s^2), s = t + gamma; with gamma >= 4 the bound e_t <= nu/s reproduces
itself, with slack nu/(s^2 (s+1)). (6) Hence |E w_T - w*| <= mu/(2R) for T >= T_0. (7) The sign is Bayes' where |w -
w*| < mu/R.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import product

import numpy as np
import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import AtMost, Equal, Less, Measured, NotExercised
from ....language.statements import Case, Theorem, assumption, clause, derived
from ....symbolic import Formula, NonNegative
from ..head import HeadProblem, concept_head, constants, least_offset, margin, minimiser, run_head

F = Fraction
ONE, ALMOST = F(1), F(999, 1000)
RUNS, TIMES = 400, (20, 60, 120, 200)


@assumption(r"\min_jy_j\langle w^*,\phi_j\rangle>0")
def minimiser_has_a_margin(problem: HeadProblem) -> bool:
    """The enclosed minimiser classifies every feature like Bayes."""
    return margin(problem, minimiser(problem)).lower > 0


# Mostly one concept: all sample paths can be listed there.
HEADS = st.builds(
    concept_head, st.sampled_from([1, 1, 1, 2, 3]), st.sampled_from([F(1, 2), F(3, 4), F(9, 10)]), st.integers(1, 2), st.integers(1, 2),
    st.sampled_from([F(1, 10), F(1, 4), F(1)]), st.sampled_from([F(0), F(1, 10), F(1, 4)]),
)  # fmt: skip
# The second feature contradicts the first one: no linear head has a margin.
CONTRADICTION = HeadProblem(((F(1),), (F(1),)), (1, -1), (F(3, 4), F(1, 4)), F(0), F(1, 2))

theorem = Theorem(
    label="multi-concept.exponential-head",
    title="SGD on the linear head: the 0-1 error converges exponentially",
    source=derived(
        "martingale differences and Doob's decomposition, with gamma >= 4",
        "after the template of Nitanda and Suzuki 2019; the paper's theorem is about all layers",
    ),
    setup=r"$\|\phi\|\le R=G$, $w_0=0$, $\eta_t=2/(\lambda(t+\gamma))$, $\gamma\ge\max(4,2+R^2/(2\lambda))$,"
    r" $\nu=\max(\gamma\|w^*\|^2,16G^2/(3\lambda^2))$,"
    r" $T_0=4R^2\nu/\mu^2-\gamma$, $V_T=\frac{16G^2(T+\gamma-1)}{3\lambda^2(T+\gamma-2)^2}$.",
    clauses=(
        clause(
            r"$\prod_{s=t+1}^{T-1}(1-\tfrac2{s+\gamma})=\frac{(t+\gamma-1)(t+\gamma)}{(T+\gamma-2)(T+\gamma-1)}$.",
            steps=("telescoping_step",), argued="telescoping", claims=("product_telescopes",),
        ),
        clause(
            r"The Doob differences of $\mathbb E[w_T\mid\mathcal F_t]$ obey $\|\Delta_t\|\le2G\eta_t\prod$ and $\sum\|\Delta_t\|^2\le V_T$.",
            steps=("cube_step",), argued="docstring (1)-(3)", claims=("doob_differences_are_bounded", "variances_sum_below"),
        ),
        clause(r"$\mathbb E\|w_t-w^*\|^2\le\nu/(t+\gamma)$.", steps=("induction_step", "positive_step"), argued="docstring (5)",
               claims=("second_moment_is_bounded",)),
        clause(r"The sign of $w$ is Bayes' where $\|w-w^*\|<\mu/R$.", argued="Cauchy and Schwarz", claims=("signs_are_right_near_the_minimiser",)),
        clause(
            r"For $T\ge T_0$ the expected excess 0-1 error is at most $2\exp(-\mu^2/(8R^2V_T))$.",
            argued="docstring (4), (6), (7)", cited="Pinelis 1994 for the martingale tail", claims=("error_is_below_the_bound",),
        ),
    ),
    assumptions=(minimiser_has_a_margin,),
    instances=HEADS,
    examples=(concept_head(4, F(9, 10)), concept_head(1, F(1, 2), flips=F(0))),
)  # fmt: skip

s, nu, c = sp.symbols("s nu c", positive=True)


@theorem.step("one factor of the product", by="index calculus, normal form", scope="all sizes", latex=r"\tfrac{s-2}s=\tfrac{(s-2)(s-1)}{(s-1)s}")
def telescoping_step() -> Equal:
    """With h(s) = (s-2)(s-1), 1 - 2/s = h(s)/h(s+1), written for s = 3 + x."""
    x = sp.Symbol("x", positive=True)
    return Equal(Formula(1 - 2 / (3 + x)), Formula((1 + x) * (2 + x) / ((2 + x) * (3 + x))))


@theorem.step("squares below the cube", by="sign of the derivative", scope="all sizes", latex=r"\tfrac{(x+1)^3-x^3}3\ge x^2")
def cube_step() -> NonNegative:
    """Summed over t = 0..T-1 at x = t + gamma - 1 this gives sum (t+gamma-1)^2 <= (T+gamma-1)^3 / 3."""
    x = sp.Symbol("x")
    return NonNegative(((x + 1) ** 3 - x**3) / 3 - x**2, x)


@theorem.step(
    "slack of the induction", by="index calculus, normal form", scope="all sizes", latex=r"\tfrac\nu{s+1}-(1-\tfrac4s)\tfrac\nu s-\tfrac{3\nu}{s^2}"
)
def induction_step() -> Equal:
    """With 16 G^2 / lambda^2 <= 3 nu: nu/(s+1) minus the right-hand side is nu / (s^2 (s+1))."""
    return Equal(Formula(nu / (s + 1) - (1 - 4 / s) * nu / s - 3 * nu / s**2), Formula(nu / (s**2 * (s + 1))))


@theorem.step("the factor is not negative", by="sign of the derivative", scope="all sizes", latex=r"1-4/s\ge0\ (s\ge4)")
def positive_step() -> NonNegative:
    """At s = 4 + x: without it e_t <= nu/s says nothing about (1 - 4/s) e_t."""
    x = sp.Symbol("x")
    return NonNegative(1 - 4 / (4 + x), x)


def _product(gamma: Fraction, t: int, end: int) -> Fraction:
    value = F(1)
    for u in range(t + 1, end):
        value *= 1 - 2 / (u + gamma)
    return value


@theorem.claim(r"\prod_{s=t+1}^{T-1}(1-\tfrac2{s+\gamma})=\dots")
def product_telescopes(case: Case, single: bool = False) -> Equal:
    """Exact at gamma of this instance, for all t < T <= 8."""
    gamma = least_offset(case.problem)
    pairs = [(t, end) for end in range(1, 9) for t in range(end)]
    if single:
        closed = [(t + gamma) / (end + gamma) for t, end in pairs]
    else:
        closed = [(t + gamma - 1) * (t + gamma) / ((end + gamma - 2) * (end + gamma - 1)) for t, end in pairs]
    return Equal(tuple(_product(gamma, t, end) for t, end in pairs), tuple(closed))


@theorem.claim(r"\sum_t(2G\eta_t\prod)^2\le V_T")
def variances_sum_below(case: Case, constant: bool = False) -> AtMost:
    """Exact, at T = 1, 2, 5, 20, 60, 200; `constant` keeps the first step size for ever (false)."""
    problem = case.problem
    found = constants(problem)
    sums, bounds = [], []
    for end in (1, 2, 5, 20, 60, 200):
        total = F(0)
        for t in range(end):
            if constant:
                step = found.step(0)
                factor = (1 - step * problem.regularisation) ** (end - 1 - t)
            else:
                step = found.step(t)
                factor = (t + found.offset - 1) * (t + found.offset) / ((end + found.offset - 2) * (end + found.offset - 1))
            total += 4 * problem.squared_radius * (step * factor) ** 2
        sums.append(total)
        bounds.append(found.variance(end))
    return AtMost(tuple(sums), tuple(bounds))


@lru_cache(maxsize=64)
def _tree(problem: HeadProblem, depth: int) -> tuple[dict[tuple[int, ...], list[arb]], list[Fraction]]:
    # All sample paths: w after each prefix of outcomes. An outcome is (feature, flipped or not); probabilities alongside.
    found = constants(problem)
    outcomes = [(j, y) for j in range(len(problem.features)) for y in ((1, -1) if problem.flips else (1,))]
    chances = [problem.weights[j] * (1 - problem.flips if y == 1 else problem.flips) for j, y in outcomes]
    states: dict[tuple[int, ...], list[arb]] = {(): [arb(0)] * len(problem.features[0])}
    with ctx.workprec(PRECISION):
        for t in range(depth):
            eta = found.step(t)
            for path in product(range(len(outcomes)), repeat=t):
                w = states[path]
                for o, (j, y) in enumerate(outcomes):
                    label, row = problem.signs[j] * y, problem.features[j]
                    z = sum((exact_arb(a) * b for a, b in zip(row, w) if a), arb(0)) * label
                    pull = exact_arb(eta * label) / (1 + z.exp())
                    keep = exact_arb(1 - eta * problem.regularisation)
                    states[(*path, o)] = [keep * b + pull * exact_arb(a) for a, b in zip(row, w)]
    return states, chances


DEPTH = 3


@theorem.claim(r"\|\Delta_t\|\le2G\eta_t\prod\text{ on every path}")
def doob_differences_are_bounded(case: Case, factor: Fraction = ONE) -> AtMost | NotExercised:
    """All paths of three steps, conditional expectations in balls; problems with few features only."""
    problem = case.problem
    if len(problem.features) * (2 if problem.flips else 1) > 4:
        return NotExercised("too many sample paths")
    found = constants(problem)
    states, chances = _tree(problem, DEPTH)
    with ctx.workprec(PRECISION):
        means = {path: w for path, w in states.items() if len(path) == DEPTH}
        worst: list[Interval] = []
        bounds: list[Interval] = []
        for t in reversed(range(DEPTH)):
            earlier = {}
            for path in product(range(len(chances)), repeat=t):
                rows = [means[(*path, o)] for o in range(len(chances))]
                earlier[path] = [sum((exact_arb(q) * row[i] for q, row in zip(chances, rows)), arb(0)) for i in range(len(rows[0]))]
                gaps = [sum(((x - y) * (x - y) for x, y in zip(row, earlier[path])), arb(0)) for row in rows]
                step = found.step(t) * _product(found.offset, t, DEPTH)
                worst += [interval(gap) for gap in gaps]
                bounds += [interval(exact_arb(factor * 4 * problem.squared_radius * step**2))] * len(gaps)
            means = earlier
        return AtMost(tuple(worst), tuple(bounds))


@lru_cache(maxsize=64)
def _runs(problem: HeadProblem, seed: int) -> tuple[np.ndarray, np.ndarray]:
    found = run_head(problem, RUNS, list(TIMES), seed)
    return found.error, found.distance


@theorem.claim(r"\mathbb E\|w_t-w^*\|^2\le\nu/(t+\gamma)\ (\text{mean of 400 runs})")
def second_moment_is_bounded(case: Case, seed: int = 0) -> AtMost:
    """The sample mean with a bar of six standard errors at most (|w - w*| <= 2 G / lambda bounds one term): chance of a false alarm below 1e-8."""
    problem = case.problem
    found, distance = constants(problem), _runs(problem, seed)[1]
    bounds = np.array([float(found.nu) / (t + float(found.offset)) for t in TIMES])
    return AtMost(Measured(distance, 6 * distance / RUNS**0.5), Measured(bounds))


@theorem.claim(r"\text{excess error}\le2e^{-\mu^2/(8R^2V_T)}")
def error_is_below_the_bound(case: Case, seed: int = 0) -> AtMost:
    """Mean excess error of 400 runs at T = 200 against the bound there; before T_0 nothing but 1 is claimed."""
    problem = case.problem
    found, error = constants(problem), _runs(problem, seed)[0]
    bound = 1.0 if found.start.lower > TIMES[-1] else float(found.bound(TIMES[-1]))
    return AtMost(Measured(error[-1], 6 * (max(error[-1], 1 / RUNS) / RUNS) ** 0.5), Measured(min(bound, 1.0)))


@theorem.claim(r"\|w-w^*\|<\mu/R\Rightarrow\text{Bayes' sign}")
def signs_are_right_near_the_minimiser(case: Case, factor: Fraction = ALMOST) -> Less:
    """At distance `factor` mu / R in the worst direction of every feature, its margin is still positive."""
    problem = case.problem
    best = minimiser(problem)
    mu = margin(problem, best)
    with ctx.workprec(PRECISION):
        radius = exact_arb(factor) * arb(exact_arb(mu.center), exact_arb(mu.radius)) / exact_arb(problem.squared_radius).sqrt()
        left = []
        for row, sign in zip(problem.features, problem.signs):
            size = exact_arb(sum((x * x for x in row), F(0))).sqrt()
            value = arb(exact_arb(sign * sum((x * w for x, w in zip(row, best.center)), F(0))), exact_arb(mu.radius))
            left.append(interval(value - size * radius))
        return Less(0, tuple(left))


@theorem.mutant(of=product_telescopes, latex=r"\prod=(t+\gamma)/(T+\gamma)")
def product_with_exponent_one(case: Case) -> Equal:
    """Each factor is 1 - 2/s, so the product falls like a square."""
    return product_telescopes(case, single=True)


@theorem.mutant(of=variances_sum_below, latex=r"\text{constant step }\eta_0")
def constant_steps_average_out(case: Case) -> AtMost:
    """Their variance stays of order eta."""
    return variances_sum_below(case, constant=True)


@theorem.mutant(of=doob_differences_are_bounded, latex=r"\|\Delta_t\|\le\tfrac1{10}\cdot2G\eta_t\prod")
def doob_differences_a_tenth(case: Case) -> AtMost | NotExercised:
    """The bound is of the right order."""
    return doob_differences_are_bounded(case, factor=F(1, 100))


theorem.mutant(of=signs_are_right_near_the_minimiser, without=minimiser_has_a_margin, instances=(CONTRADICTION,), latex=r"\text{without a margin}")


@theorem.mutant(of=signs_are_right_near_the_minimiser, latex=r"\|w-w^*\|<2\mu/R\text{ suffices}")
def twice_the_radius(case: Case) -> Less:
    """The worst feature is misclassified on the way."""
    return signs_are_right_near_the_minimiser(case, factor=F(2))


@theorem.mutant(of=second_moment_is_bounded, latex=r"\text{the induction works from }s=3")
def induction_from_three(case: Case) -> AtMost:
    """With s = 3 the factor 1 - 4/s is negative: e_t = 0 gives the recursion a right-hand side above nu/(s+1)."""
    value = constants(case.problem).nu.lower
    return AtMost(F(3) * value / 9, value / 4)
