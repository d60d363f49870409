r"""Rest states with regularisation: all of them, with a threshold, a necessary bound, and their stability.

Proof. At rest lambda v = g rho D (1 + theta)/(2 m K) and lambda = g (1 - rho^2) B mu v (1 +
theta)/(2 K), with theta in [0, 1] the weight of the second gate; u = rho v and lambda u = g C (1 - theta)/(2 m K)
give theta = (C - rho^2 D)/(C + rho^2 D) if that is non-negative (sliding), else theta = 0 (one-sided). Dividing the
first two equations gives v^2 = rho D / (m B mu (1 - rho^2)), and lambda is then a function of rho alone. Squaring the
second equation and inserting v, lambda^2 K^2 m = g^2 mu B D rho (1 - rho^2) h^2 with h = (1 + theta)/2, and g < 1/2 -
p is the necessary bound. Every drive is quadratic in (p, u, v), so zero is stable for every lambda > 0; stability
elsewhere by the reduced landscape R(p).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula
from ..assumptions import regularised
from ..forecast import forecast
from ..problem import MultiConcept
from ..recursion import Reduced, law_of, step
from ..stationary import SLIDING, RestState, necessary_bound, threshold
from ..strategies import multi_concepts
from ._instances import golden

F = Fraction
theorem = Theorem(
    label="multi-concept.rest-states",
    title="Rest states, threshold and collapse under regularisation",
    source=derived("the landscape of the reduced recursion", "several rest states occur, not two or none; flips by g = sigma(-F) - p"),
    setup=r"$M_a$ plus neurons alive per concept, $\mu=2M_a/m$, $\lambda>0$; $h=C/(C+\rho^2D)$ if $C\ge\rho^2D$, else $\tfrac12$.",
    clauses=(
        clause(
            r"Rest states with $\beta>0$ are the roots on $(0,1)$ of $\hat\lambda(\rho)=\lambda$, $\hat\lambda=g(F)(1-\rho^2)B\mu vh/K$ with"
            r" $v^2=\rho D/(mB\mu(1-\rho^2))$; they slide on $u=\rho v$ with weight $\theta=(C-\rho^2D)/(C+\rho^2D)$ where that is positive.",
            argued="docstring",
            steps=("elimination_step", "weight_step"),
            claims=("rest_states_rest",),
        ),
        clause(r"They exist iff $\lambda\le\lambda_c=\max\hat\lambda$.", argued="continuity", claims=("states_exist_up_to_the_threshold",)),
        clause(
            r"$\lambda_c^2K^2m\le(\tfrac12-p)^2\mu BD\max_\rho\rho(1-\rho^2)h^2$.",
            argued="$g<\\tfrac12-p$",
            steps=("square_step",),
            claims=("threshold_is_below_the_bound",),
        ),
        clause(r"A rest state is stable iff $\hat\lambda$ decreases through $\lambda$ there.", argued="reduced landscape, docstring",
               claims=("stability_is_seen_by_the_recursion",)),
        clause(r"There can be more than two.", witness=("at_most_two_rest_states",)),
        clause(r"Zero is stable for every $\lambda>0$: $\{v\le v_1,p\le p_1\}$ is a trap.", argued="docstring", claims=("small_starts_collapse",)),
        clause(r"$\lambda_c$ is of order $1/(K\sqrt m)$: $K\lambda_c$ depends on $m$, $\mu$, norms only.", argued="first clause",
               claims=("threshold_scales_with_concepts",)),
    ),
    uses=("multi-concept.reduced-recursion",),
    assumptions=(regularised,),
    instances=multi_concepts() | multi_concepts(max_concepts=2, one_sided=True),
    examples=golden,
    derive=forecast,
)  # fmt: skip

one, other, m, k, b, c, d, mu, v, rho, g = sp.symbols("lambda1 lambda2 m K B C D mu v r g", positive=True)


def _balances(h: sp.Symbol) -> dict[sp.Symbol, sp.Expr]:
    # lambda by each of the two balances.
    return {one: g * rho * d * h / (m * k * v), other: g * (1 - rho) * (1 + rho) * b * mu * v * h / k}


@theorem.step("theta", by="index calculus, normal form", scope="all sizes", latex=r"C(1-\theta)=\rho^2D(1+\theta)")
def weight_step() -> Equal:
    """theta = (C - rho^2 D)/(C + rho^2 D) inserted into the balance of u = rho v."""
    theta = sp.Symbol("theta")
    given = {theta: (c - rho**2 * d) / (c + rho**2 * d)}
    return Equal(Formula(c * (1 - theta), given=given), Formula(rho**2 * d * (1 + theta), given=given))


@theorem.step("elimination", by="index calculus, normal form", scope="all sizes", latex=r"v^2=\rho D/(mB\mu(1-\rho^2))")
def elimination_step() -> Equal:
    """Both balances give the same lambda, so v^2 is the right side: the quotient contains neither g nor K nor theta."""
    h = sp.Symbol("h", positive=True)
    spread = (1 - rho) * (1 + rho)
    return Equal(Formula(v**2 * one / other, given=_balances(h)), Formula(rho * d / (m * b * mu * spread)))


@theorem.step("square of lambda", by="index calculus, normal form", scope="all sizes", latex=r"\lambda^2K^2m=g^2\mu BD\rho(1-\rho^2)h^2")
def square_step() -> Equal:
    """The product of the two balances."""
    h = sp.Symbol("h", positive=True)
    spread = (1 - rho) * (1 + rho)
    return Equal(Formula(one * other * k**2 * m, given=_balances(h)), Formula(g**2 * mu * b * d * rho * spread * h**2))


def _ball(x: Interval) -> arb:
    return arb(exact_arb(x.center), exact_arb(x.radius))


def _residuals(problem: MultiConcept, state: RestState, weight: arb) -> tuple[arb, arb, arb]:
    # p'/p, u', v' divided by lambda, straight from the recursion of S5 with gate weight `weight`.
    r, u, w = _ball(state.beta).tanh(), _ball(state.gate), _ball(state.lift)
    a = exact_arb(F(problem.alive or 0, problem.neurons))
    margin = a * (u + r * w) - a * (u - r * w if state.regime == SLIDING else arb(0))
    pull = (1 / (1 + margin.exp()) - exact_arb(problem.flips)) / problem.concepts / exact_arb(problem.regularisation)
    return (
        -1 + pull * (1 - r * r) * a * w * (1 + weight) * exact_arb(problem.b),
        -u + pull * exact_arb(problem.c) * (1 - weight) / (2 * problem.neurons),
        -w + pull * r * exact_arb(problem.d) * (1 + weight) / (2 * problem.neurons),
    )


@theorem.claim(r"\dot p=\dot u=\dot v=0")
def rest_states_rest(case: Case, closed: bool | None = None) -> All | NotExercised:
    """Every enclosed rest state put into the recursion itself; `closed` fixes theta to 0 (True) or 1 (False) in the sliding regime."""
    problem, states = case.problem, case.derived.rest.states
    sliding = [state for state in states if state.regime == SLIDING]
    if not states or (closed is not None and not sliding):
        return NotExercised("no rest state beside zero")
    parts: list[Equal] = []
    with ctx.workprec(PRECISION):
        for state in states if closed is None else sliding:
            weight = _ball(state.weight) if closed is None else arb(0 if closed else 1)
            parts += [Equal(interval(x), F(0)) for x in _residuals(problem, state, weight)]
    return All(*parts)


@theorem.claim(r"\text{rest states exist iff }\lambda\le\lambda_c")
def states_exist_up_to_the_threshold(case: Case, always: bool = False, flips: bool = True) -> Equal | NotExercised:
    """Two independent searches, all roots and the maximum.

    `always` says that every lambda has one, `flips=False` takes lambda_c without flips (both false).
    """
    problem, found = case.problem, case.derived
    limit = found.threshold if flips else threshold(replace(problem.landscape, flips=F(0)))[0]
    if not found.rest.complete or limit.lower <= problem.regularisation <= limit.upper:
        return NotExercised("lambda cannot be told from the threshold")
    return Equal(bool(found.rest.states), always or problem.regularisation < limit.lower)


@theorem.claim(r"\lambda_c\le\text{the necessary bound}")
def threshold_is_below_the_bound(case: Case, one_sided: bool = True) -> AtMost:
    """Both enclosed."""
    return AtMost(case.derived.threshold, necessary_bound(case.problem.landscape, one_sided))


@theorem.claim(r"\text{stable iff }\hat\lambda\text{ decreases}")
def stability_is_seen_by_the_recursion(case: Case, reversed_: bool = False) -> Equal | NotExercised:
    """The eigenvalues of the recursion's own Jacobian, by differences, at one-sided states (where it is smooth), in floats."""
    states = [state for state in case.derived.rest.states if state.regime != SLIDING and float(state.weight.center) == 0]
    if not states:
        return NotExercised("no one-sided rest state")
    tops = [_growth(case.problem, state) for state in states]
    if any(abs(x) < 1e-3 for x in tops):
        return NotExercised("an eigenvalue is close to zero")
    return Equal(tuple(x < 0 for x in tops), tuple(state.stable is not reversed_ for state in states))


def _growth(problem: MultiConcept, state: RestState) -> float:
    # The largest real part of the flow's Jacobian in (log p, u, v), in units of lambda.
    norms = {"b": problem.b, "c": problem.c, "d": problem.d}
    law = law_of({name: float(x) for name, x in norms.items()}, problem.concepts, problem.neurons, float(problem.regularisation))
    law = replace(law, flips=float(problem.flips))
    one = np.ones(problem.concepts)
    size = 1.0 / float(problem.regularisation) * 1e-3
    base = np.array([(float(state.beta) / float(problem.b)) ** 0.5, float(state.gate), float(state.lift)])

    def field(y: np.ndarray) -> np.ndarray:
        alive = np.ones((problem.alive or 0, 1)) * one
        moved = step(Reduced(y[0] * one, y[0] * one, y[1] * alive, y[2] * alive), law, size)
        return np.array([moved.query[0] - y[0], moved.gate[0, 0] - y[1], moved.lift[0, 0] - y[2]]) / size / float(problem.regularisation)

    columns = []
    for i in range(3):
        h = 1e-6 * max(base[i], 1e-9)
        up, down = base.copy(), base.copy()
        up[i] += h
        down[i] -= h
        columns.append((field(up) - field(down)) / (2 * h))
    return float(np.linalg.eigvals(np.array(columns).T).real.max())


@theorem.claim(r"\text{at most two rest states}", expected="refuted")
def at_most_two_rest_states(case: Case) -> AtMost:
    """Refuted by (B, C, D, lambda, m, K, M_a) = (1.073, .165, 1.372, .0140535, 24, 1, 2), which has four."""
    return AtMost(len(case.derived.rest.states), 2)


@theorem.claim(r"\text{the trap at zero is not left}")
def small_starts_collapse(case: Case, factor: int = 1) -> All:
    """At the corner (p_1, v_1) of the box both drives are at most the decay, with g <= 1/2 - p and rho <= beta; `factor` enlarges it."""
    problem = case.problem
    force, a = 1 - 2 * problem.flips, F(problem.alive or 0, problem.neurons)
    v1 = factor * problem.regularisation * problem.concepts / (2 * a * problem.b * force)
    p1 = 2 * problem.neurons * problem.concepts * problem.regularisation * v1 / (force * problem.d * problem.b)
    growth = problem.b / problem.concepts * force / 2 * 2 * a * v1
    rise = force * problem.b * p1 * problem.d / (2 * problem.neurons * problem.concepts)
    return All(AtMost(growth, problem.regularisation / 2), AtMost(rise, problem.regularisation * v1))


@theorem.claim(r"K\lambda_c\text{ does not depend on }K")
def threshold_scales_with_concepts(case: Case, width: bool = False) -> Equal:
    """K lambda_c against twice as many concepts; `width` claims instead that m lambda_c does not depend on m (false)."""
    land = case.problem.landscape
    wider = replace(land, neurons=2 * land.neurons, alive=2 * land.alive) if width else replace(land, concepts=2 * land.concepts)
    factor = F(2)
    other = threshold(wider)[0]
    return Equal(case.derived.threshold, Interval(factor * other.center, factor * other.radius))


@theorem.mutant(of=rest_states_rest, latex=r"\theta=0")
def second_gate_closed(case: Case) -> All | NotExercised:
    """The sliding state is held by a fraction of the second gate."""
    return rest_states_rest(case, closed=True)


@theorem.mutant(of=rest_states_rest, latex=r"\theta=1")
def second_gate_open(case: Case) -> All | NotExercised:
    """With both gates open nothing pushes u."""
    return rest_states_rest(case, closed=False)


@theorem.mutant(of=states_exist_up_to_the_threshold, latex=r"\text{every small }\lambda>0\text{ has a learned state}")
def every_regularisation_learns(case: Case) -> Equal | NotExercised:
    """Above the saddle-node there is only zero."""
    return states_exist_up_to_the_threshold(case, always=True)


@theorem.mutant(of=states_exist_up_to_the_threshold, latex=r"\text{label flips do not move the threshold}")
def flips_leave_the_threshold(case: Case) -> Equal | NotExercised:
    """At p = .45 the golden run collapses."""
    return states_exist_up_to_the_threshold(case, flips=False)


@theorem.mutant(of=threshold_is_below_the_bound, latex=r"\text{the bound with }h=C/(C+\rho^2D)\text{ everywhere}")
def bound_of_the_sliding_regime(case: Case) -> AtMost:
    """For small C/D the learned state is one-sided and beats it."""
    return threshold_is_below_the_bound(case, one_sided=False)


@theorem.mutant(of=stability_is_seen_by_the_recursion, latex=r"\text{stable iff }\hat\lambda\text{ increases}")
def stable_where_it_increases(case: Case) -> Equal | NotExercised:
    """The branches exchanged."""
    return stability_is_seen_by_the_recursion(case, reversed_=True)


@theorem.mutant(of=small_starts_collapse, latex=r"\text{four times the box is a trap}")
def larger_trap(case: Case) -> All:
    """There the drive of p is twice the decay."""
    return small_starts_collapse(case, factor=4)


@theorem.mutant(of=threshold_scales_with_concepts, latex=r"\lambda_c\propto1/m")
def threshold_scales_with_width(case: Case) -> Equal:
    """It scales like 1/sqrt m."""
    return threshold_scales_with_concepts(case, width=True)


@theorem.mutant(of=states_exist_up_to_the_threshold, without=regularised, instances=multi_concepts(regularised=False), latex=r"\text{also }\lambda=0")
def rest_without_regularisation(case: Case) -> Equal | NotExercised:
    """lambda = 0 is below every threshold, and has no rest state."""
    return states_exist_up_to_the_threshold(case)
