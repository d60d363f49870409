"""Normalised gradient descent with a constant step ends in a cycle on F; with decaying steps all is well (derived)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import NormalizedGradientDescent
from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import AtMost, Converges, Equal, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import Formula, index, total
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._golden import ex_all_full, fractions, one_context
from ._losses import as_floats, gradient, in_support_space, plus, split
from ._normalised import Run, run_of

STEP, STEPS = 0.5, 4_000
instances = (one_context(Fraction(7, 10)), LinearNTP([[1, 0], [1, 1]], [fractions("2/3", "1/3", "0"), [0, 0, 1]]))
# One embedding, two contexts with disjoint supports: all tokens stay tied, and the risk has a minimiser.
attained = LinearNTP([[1], [1]], [fractions("1/2", "1/2", "0"), [0, 0, 1]])

proposition = Proposition(
    label="linear-ntp.normalised-descent",
    title="Normalised descent: a cycle of length eta at constant step, convergence at decaying steps",
    source=derived("the geometry of a step of fixed length; measured"),
    setup=r"Let $W_{k+1}=W_k-\eta_k\nabla\mathrm{CE}/\|\nabla\mathrm{CE}\|$ from $W_0=0$, on two separable"
    r" datasets with $\dim\mathcal F=1$.",
    clauses=(
        clause(
            r"Of two points $\eta$ apart one is at least $\eta/2$ away from $W^*$: so $\mathcal P_{\mathcal"
            r" F}W_k$ does not converge to $W^*$ while its steps keep the length $\eta$.",
            steps=("two_ends",),
        ),
        clause(
            r"At constant $\eta$, $\mathcal P_{\mathcal F}W_k$ jumps between two ends whose mean distance to"
            r" $W^*$ tends to $\eta/2$, and the direction still tends to $W^{\mathrm{mm}}$.",
            claims=("ends_are_half_a_step_away", "direction_converges"),
        ),
        clause(
            r"With $\eta_k=\eta_0/\sqrt k$, $\mathcal P_{\mathcal F}W_k\to W^*$, at least like $k^{-1/4}$, and"
            r" the direction tends to $W^{\mathrm{mm}}$.",
            claims=("decaying_steps_converge", "direction_converges_at_decaying_steps"),
        ),
    ),
    uses=("linear-ntp.gradient-descent-bias",),
    assumptions=(ntp_separable, some_partial_support),
    instances=instances,
)  # fmt: skip


@proposition.step("two ends of a step", by="index calculus, normal form", scope="all sizes", latex=r"2(\|x\|^2+\|y\|^2)-\|x-y\|^2=\|x+y\|^2")
def two_ends() -> Equal:
    """Points x, y (seen from W*) at distance eta satisfy |x|^2 + |y|^2 >= eta^2/2, so one of them is eta/2 away or farther."""
    x, y, c = sp.Function("x"), sp.Function("y"), index("c")
    squares = [total(z**2, (c, "D")) for z in (x(c), y(c), x(c) - y(c), x(c) + y(c))]
    return Equal(Formula(2 * (squares[0] + squares[1]) - squares[2]), Formula(squares[3]))


@proposition.step("the step turns into F", by="balls", scope="",
                  latex=r"\|\mathcal P_\perp\nabla\mathrm{CE}\|^2\le e^{-R}\|\mathcal P_{\mathcal"
                        r" F}\nabla\mathrm{CE}\|^2\text{ at }W^*+\tfrac1{10}D+RW^{\mathrm{mm}},\ R=40,80")  # fmt: skip
def step_turns(case: Case) -> AtMost:
    """Off W* on F the in-support gradient stays while the other part dies: the unit step ends in F."""
    lefts, rights = [], []
    (unit,) = in_support_space(case.problem).basis
    for reach in (40, 80):
        w = plus(plus(case.derived.finite_part.center, unit, Fraction(1, 10)), case.derived.max_margin.direction, reach)
        slope = gradient(case.problem, w)
        inside, across = split(case.problem, slope.center)
        with ctx.workprec(PRECISION):
            high = exact_arb(dot(across, across)).sqrt() + exact_arb(slope.radius)
            low = exact_arb(dot(inside, inside)).sqrt() - exact_arb(slope.radius)
            lefts.append(interval(high * high))
            rights.append(interval(low * low * arb(-reach).exp()))
    return AtMost(tuple(lefts), tuple(rights))


def constant_run(case: Case) -> Run:
    """4 000 steps of length 1/2 from zero, computed once per problem."""
    optimizer = NormalizedGradientDescent(steps=STEPS, step_size=STEP, decay=0.0)
    run: Run = case.problem.conditional_logit().remember("normalised, constant", lambda: run_of(case.problem, optimizer))
    return run


def decaying_run(case: Case) -> Run:
    """4 000 steps of length 1/(2 sqrt k) from zero."""
    optimizer = NormalizedGradientDescent(steps=STEPS, step_size=STEP, decay=0.5)
    run: Run = case.problem.conditional_logit().remember("normalised, decaying", lambda: run_of(case.problem, optimizer))
    return run


def in_support_errors(case: Case, decoders: np.ndarray) -> np.ndarray:
    """P_F W - W* as coordinates on an orthonormal frame of F."""
    return (decoders - case.derived.finite_part.array) @ in_support_space(case.problem).frame


@proposition.claim(r"\|\mathcal P_{\mathcal F}(W_{k+1}-W_k)\|\to\eta\text{ and the two ends are }\eta/2\text{ from }W^*\text{ on average}")
def ends_are_half_a_step_away(case: Case, share: float = 0.5) -> Converges:
    """Mean distance of consecutive iterates, in log k; W* lies between them."""
    run = constant_run(case)
    distances = [np.linalg.norm(in_support_errors(case, w), axis=1) for w in (run.decoders, run.previous)]
    return Converges(run.path((distances[0] + distances[1]) / 2, 1e-9, "mean distance from W* on F"), (share * STEP,), rate=1)


@proposition.claim(r"\text{the direction tends to }W^{\mathrm{mm}}\text{ at constant step}")
def direction_converges(case: Case) -> Converges:
    """At rate 1/log k, from step 20 on."""
    path, u = constant_run(case).direction, np.array(as_floats(case.derived.max_margin.direction))
    late = path.log_times >= 3
    return Converges(ValuePath(path.log_times[late], path.values[late], path.errors[late], path.name), u / (np.linalg.norm(u) or 1.0))


@proposition.claim(r"\mathcal P_{\mathcal F}W_k\to W^*\text{, at least like }k^{-1/4}\text{, for }\eta_k=\eta_0/\sqrt k")
def decaying_steps_converge(case: Case, constant: bool = False) -> Converges:
    """The cycle shrinks with the step."""
    run = constant_run(case) if constant else decaying_run(case)
    errors = in_support_errors(case, run.decoders)
    return Converges(run.path(errors, 1e-9, "P_F W - W*"), (0.0,) * errors.shape[1], rate=0.5)


@proposition.claim(r"\text{the direction tends to }W^{\mathrm{mm}}\text{ at decaying steps}")
def direction_converges_at_decaying_steps(case: Case) -> Converges:
    """At rate 1/log k."""
    path, u = decaying_run(case).direction, np.array(as_floats(case.derived.max_margin.direction))
    late = path.log_times >= 3
    return Converges(ValuePath(path.log_times[late], path.values[late], path.errors[late], path.name), u / (np.linalg.norm(u) or 1.0))


@proposition.mutant(of=decaying_steps_converge, latex=r"\mathcal P_{\mathcal F}W_k\to W^*\text{ at constant step}")
def constant_steps_converge(case: Case) -> Converges:
    """The error stays of the order of the step."""
    return decaying_steps_converge(case, constant=True)


@proposition.mutant(of=ends_are_half_a_step_away, latex=r"\text{the ends are }\eta\text{ away on average}")
def full_step_away(case: Case) -> Converges:
    """Half of it."""
    return ends_are_half_a_step_away(case, share=1.0)


@proposition.mutant(of=ends_are_half_a_step_away, latex=r"\mathrm{CE}(W_k)\to \mathcal H\text{ at constant step}")
def risk_converges(case: Case) -> Converges:
    """The cycle costs about lambda eta^2 / 8 with lambda the curvature on F."""
    run = constant_run(case)
    entropy: Interval = case.problem.entropy
    losses = np.array([max(case.problem.loss(w), case.problem.loss(v)) for w, v in zip(run.decoders, run.previous)]) - float(entropy)
    return Converges(run.path(losses, 1e-12, "CE - H"), (0.0,), rate=0.5)


@proposition.mutant(
    of=ends_are_half_a_step_away, without=ntp_separable, instances=[attained], latex=r"\text{half a step on }\mathcal F\text{ without separability}"
)
def cycle_without_separability(case: Case) -> Converges:
    """The risk then has a minimiser, and the steps end in a cycle around it along tied tokens off the supports, here orthogonal to F."""
    return ends_are_half_a_step_away(case)


@proposition.mutant(
    of=direction_converges,
    without=some_partial_support,
    instances=[ex_all_full],
    latex=r"\text{direction }W^{\mathrm{mm}}\text{ with full supports, too}",
)
def direction_with_full_supports(case: Case) -> Converges:
    """Then W^mm = 0 has no direction (read as zero), while the iterates cycle around W* and keep its direction."""
    return direction_converges(case)
