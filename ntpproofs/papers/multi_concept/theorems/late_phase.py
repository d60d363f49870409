r"""Without regularisation the cross-entropy falls like 1/t only, and the constant depends on how the gates end (ours).

Proof. In the linear regime F' = 2 rho w' + 2 w rho' and, once rho is near 1, F' ~ 2 N D g / (m^2 K) with g ~ e^-F: F
+ e^F grows like 2 N D t / (m^2 K) and the loss is ~ e^-F. From an ordinary start u stays bounded while v grows, so
the gates 1_- close: for C >= D the state slides on u = rho v with 1 + theta = 2 C / (C + rho^2 D), which gives F' = 2
N g C D / (m^2 K (C + D)); for C < D it is one-sided, F = (N/m)(u + rho v), F' = N g (C + D) / (2 m^2 K). Scalar
lemma: x + e^x is convex in time along x' = r / (1 + e^x), whose Euler steps overshoot by at most one first step.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Converges, Rate, ValuePath
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import NonNegative
from ..flow import late_constant
from ..problem import MultiConcept
from ..settling import follow

F = Fraction
theorem = Theorem(
    label="multi-concept.late-phase",
    title="The late cross-entropy is of order 1/t, with a constant for each regime of the gates",
    source=derived("the flow at large margins, for each regime of the gates"),
    setup=r"$\lambda=0$, $N$ alive plus neurons per concept, $\rho\to1$.",
    clauses=(
        clause(
            r"With gates forced open, $t\cdot\mathrm{loss}\to m^2K/(2ND)$.",
            argued="docstring",
            claims=("forced_gates_have_their_constant",),
        ),
        clause(
            r"From an ordinary start it tends to $m^2K(C+D)/(2NCD)$ if $C\ge D$ and to $2m^2K/(N(C+D))$ if $C<D$.",
            argued="docstring",
            claims=("ordinary_starts_have_their_constant",),
        ),
        clause(
            r"$x_{t+1}=x_t+r/(1+e^{x_t})$ lies between the root $\bar x_t$ of $\bar x+e^{\bar x}=x_0+e^{x_0}+rt$ and $\bar x_t+r/(1+e^{x_0})$.",
            argued="convexity, docstring",
            steps=("convexity_step",),
            claims=("euler_steps_overshoot_once",),
        ),
    ),
    uses=("multi-concept.reduced-recursion",),
    instances=st.builds(
        lambda k, c, d, half: MultiConcept(k, F(1), c, d, 2 * half, F(0)),
        st.integers(1, 2), st.sampled_from([F(1), F(1, 2), F(2)]), st.sampled_from([F(1), F(3, 2)]), st.integers(1, 4),
    ),
    examples=(MultiConcept(2, neurons=16, regularisation=F(0)), MultiConcept(1, c=F(1, 2), neurons=4, regularisation=F(0))),
)  # fmt: skip


@theorem.step("tangent below the exponential", by="sign of the derivative", scope="all sizes", latex=r"e^x\ge1+x")
def convexity_step() -> NonNegative:
    """e^x - 1 - x >= 0: the convexity the lemma rests on."""
    from ....symbolic import E

    x = sp.Symbol("x")
    return NonNegative(E(x) - 1 - x, x)


@lru_cache(maxsize=128)
def late_run(problem: MultiConcept, forced: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(log t, loss, 1 - A_+) of the flow with equal alive neurons, in floats; `forced` starts with a gate that stays open (u = 1000)."""
    gate = 1e3 if forced else float(problem.initial_gate)
    run = follow(problem.landscape, float(problem.initial_scale), gate, float(problem.initial_lift), 3e7)
    times, states = np.array([time for time, _ in run]), np.array([state for _, state in run])
    p, u, v = states.T
    beta = float(problem.b) * p**2
    rho = np.tanh(beta)
    margin = (problem.alive or 0) / problem.neurons * np.minimum(u + rho * v, 2 * rho * v)
    return np.log(np.maximum(times, 1e-3)), np.log1p(np.exp(-margin)), 1 / (1 + np.exp(2 * beta))


def _scaled(problem: MultiConcept, forced: bool) -> ValuePath:
    s, loss, _ = late_run(problem, forced)
    late = s > 2
    values = np.exp(s[late]) * loss[late]
    return ValuePath(s[late], values, 1e-4 * values, "t * loss")


def _constant(problem: MultiConcept, regime: str) -> float:
    return float(late_constant(problem.neurons, problem.concepts, problem.alive or 0, problem.c, problem.d, regime))


@theorem.claim(r"t\cdot\mathrm{loss}\to m^2K/(2ND)\text{ with forced gates}")
def forced_gates_have_their_constant(case: Case, factor: float = 1.0) -> Converges:
    """The flow in log time up to t = 3e7."""
    return Converges(_scaled(case.problem, True), (factor * _constant(case.problem, "linear"),), rate=F(1, 2))


@theorem.claim(r"t\cdot\mathrm{loss}\to\text{the constant of the regime}")
def ordinary_starts_have_their_constant(case: Case, regime: str = "") -> Converges:
    """Sliding for C >= D, one-sided below; gates decided along the flow."""
    problem = case.problem
    regime = regime or ("sliding" if problem.c >= problem.d else "one-sided")
    return Converges(_scaled(problem, False), (_constant(problem, regime),), rate=F(1, 2))


@theorem.claim(r"\bar x_t\le x_t\le\bar x_t+r/(1+e^{x_0})")
def euler_steps_overshoot_once(case: Case, slack: bool = True) -> All:
    """Twelve exact steps in balls with r = D / K and x_0 = s_0; both inequalities through the increasing function x + e^x."""
    problem = case.problem
    rate, first = problem.d / problem.concepts, problem.initial_scale
    with ctx.workprec(PRECISION):
        x = exact_arb(first)
        start, extra = x + x.exp(), exact_arb(rate) / (1 + x.exp())
        parts: list[AtMost] = []
        for t in range(1, 13):
            x = x + exact_arb(rate) / (1 + x.exp())
            target = start + exact_arb(rate) * t
            low = x - extra if slack else x
            parts += [AtMost(interval(target), interval(x + x.exp())), AtMost(interval(low + low.exp()), interval(target + arb(0, 2**-100)))]
        return All(*parts)


@theorem.mutant(of=forced_gates_have_their_constant, latex=r"t\cdot\mathrm{loss}\to m^2K/(ND)")
def twice_the_constant(case: Case) -> Converges:
    """F grows at twice the rate of w."""
    return forced_gates_have_their_constant(case, factor=2.0)


@theorem.mutant(of=ordinary_starts_have_their_constant, latex=r"\text{the forced constant holds from every start}")
def gates_stay_open(case: Case) -> Converges:
    """v outgrows u, and one gate closes."""
    return ordinary_starts_have_their_constant(case, regime="linear")


@theorem.mutant(of=forced_gates_have_their_constant, latex=r"\mathrm{loss}=O(t^{-2})\text{, let alone exponential}")
def loss_decays_faster(case: Case) -> Rate:
    """An exponential law would beat every power; the exponent stays 1."""
    s, loss, _ = late_run(case.problem, True)
    return Rate(ValuePath(s[s > 2], loss[s > 2], 1e-9 * loss[s > 2], "loss"), 2, 0.5)


@theorem.mutant(of=forced_gates_have_their_constant, latex=r"1-A_+\text{ decays faster than }t^{-1}")
def attention_gap_decays_faster(case: Case) -> Rate:
    """It vanishes like 1 / log^2 t."""
    s, _, gap = late_run(case.problem, True)
    return Rate(ValuePath(s[s > 2], gap[s > 2], 1e-9 * gap[s > 2], "1 - A_+"), 1, 0.5)


@theorem.mutant(of=euler_steps_overshoot_once, latex=r"x_t\le\bar x_t")
def euler_steps_do_not_overshoot(case: Case) -> All:
    """They do, by up to the first step."""
    return euler_steps_overshoot_once(case, slack=False)
