"""Where gradient descent takes one attention layer: finite part, direction, and the case without priorities.

The layer is a conditional logit (`attention-ntp.reduction`) whose tied pairs are those inside components, whose max-margin
direction is W^svm and whose finite part is W^fin (`attention-ntp.recession-cone`, `graph-svm`, `finite-part`): the theorems of
the foundations about gradient descent say the rest. Two inequalities of their proof are looked at here in the graphs' own
terms: along W^fin + s W^svm the excess is at most rho e^-s, and far out W^svm beats every direction of the same length up to a
factor 1 + eps.

Without a cross edge the gradient lies in S_fin, where the Hessian of Lbar at W^fin is positive, with eigenvalues in [lambda,
beta]: near W^fin a step multiplies the distance by at most 1 - eta lambda, up to higher order.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ....dynamics import GradientDescent, GradientFlow
from ....dynamics.enclosed import EnclosedDescent
from ....dynamics.trajectory import Trajectory
from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Converges, Interval, Monotone, NotExercised, Relation, ValuePath
from ....language.statements import Case, Theorem, cite, clause
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import loss_ball, outside_ratio
from ....logit.problem import ConditionalLogit, Vector
from ....logit.step_size import largest_step
from ...foundations.theorems import gradient_descent_bias as general
from ..graph_programmes import reduced_dataset, solve_form
from ..problem import AttentionNTP
from ._instances import between, cyclic_golden, golden, independent, mixed, pair, repeated, skew_mixed, uneven
from ._limits import FLOW, descent, fin, logit_case, margins_only, start, svm, unit, when

theorem = Theorem(
    label="attention-ntp.global-convergence",
    title="Gradient descent on one attention layer: W^fin on the cycles, the Graph-SVM direction across them",
    source=cite(
        "li2024", "global convergence of gradient descent (recalled from secondary sources, not checked against print)", "our proof, for every W(0)"
    ),
    setup=r"Logarithmic loss, $CE^\top=I$, independent embeddings, any $W(0)$; $W(\tau)$ is gradient descent with $0<\eta\le1/\beta$ or, at time"
    r" $t=\eta\tau$, the gradient flow.",
    clauses=(
        clause(
            r"$\mathcal L(W(\tau))$ is non-increasing.",
            by=("attention-ntp.reduction", "foundations.risk-bound"),
            claims=("risk_decreases",),
        ),
        clause(
            r"It tends to $\mathcal L^*=\min\bar{\mathcal L}$.",
            by=("attention-ntp.reduction", "attention-ntp.infimum", "foundations.risk-bound"),
            claims=("risk_converges", "excess_at_the_comparison_point"),
        ),
        clause(
            r"$\Pi_SW(\tau)\to W^{\mathrm{fin}}$, along the flow at least like $t^{-1/2}$.",
            by=("attention-ntp.finite-part", "foundations.finite-part-limit"),
            claims=("cyclic_part_converges", "descent_has_the_limits"),
        ),
        clause(
            r"If $W^{\mathrm{svm}}\ne0$ then $\|W(\tau)\|\to\infty$,",
            by=("attention-ntp.graph-svm", "foundations.direction"),
            claims=("norm_grows",),
        ),
        clause(
            r"and $W(\tau)/\|W(\tau)\|\to W^{\mathrm{svm}}/\|W^{\mathrm{svm}}\|$.",
            by=("attention-ntp.graph-svm", "foundations.gradient-descent-bias"),
            claims=("direction_converges", "descent_has_the_limits", "max_margin_wins_far_out"),
        ),
        clause(
            r"If $W^{\mathrm{svm}}=0$ then $W(\tau)\to W^{\mathrm{fin}}+\Pi_\perp W(0)$,",
            by=("attention-ntp.graph-svm", "attention-ntp.finite-part", "foundations.overlap-limit"),
            claims=("iterates_converge",),
        ),
        clause(
            r"at a linear rate: for gradient descent at least like $(1-\eta\lambda)^{\tau/2}$, $\lambda$ the smallest eigenvalue of"
            r" the Hessian of"
            r" $\bar{\mathcal L}$ on $S_{\mathrm{fin}}$ at $W^{\mathrm{fin}}$.",
            argued="last paragraph of the docstring",
            by=("foundations.overlap-limit",),
            claims=("descent_is_linear",),
        ),
    ),
    uses=("foundations.gradient-descent-bias", "foundations.overlap-limit", "foundations.risk-bound"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, *cyclic_golden, between),
    simulate=FLOW,
)

STEPS = 8


@theorem.claim(r"\mathcal L(W^{\mathrm{fin}}+sW^{\mathrm{svm}})-\mathcal L^*\le\bar\rho e^{-s},\ s=0,1,8,64")
def excess_at_the_comparison_point(case: Case) -> AtMost:
    """Scores inside components do not move along W^svm, every ratio across them shrinks by e^s or more (s = log tau)."""
    logit, part, best = case.problem.conditional_logit(), fin(case).finite_part, svm(case)
    sets = case.derived.separation.tied_sets
    lefts, rights = [], []
    for s in (0, 1, 8, 64):
        w = tuple(x + s * y for x, y in zip(part.center, best))
        value, inner = loss_ball(logit, w), loss_ball(logit, w, sets)
        lefts.append(Interval(value.center - inner.center, value.radius + inner.radius))
        with ctx.workprec(PRECISION):
            ratio = outside_ratio(logit, part.center, sets)
            rights.append(interval(arb(exact_arb(ratio.center), exact_arb(ratio.radius)) * arb(-s).exp()))
    return AtMost(tuple(lefts), tuple(Interval(x.center + Fraction(1, 2**100), x.radius) for x in rights))


@theorem.claim(r"\mathcal L(\Pi_SW+(1+\varepsilon)r\widehat W)\le\mathcal L(W)\text{ once }r=\|\Pi_\perp W\|\ge R(\varepsilon)")
def max_margin_wins_far_out(case: Case) -> Relation:
    """Along rational directions orthogonal to S_fin, in balls at the radius that the proof gives."""
    return when(any(svm(case)), lambda: general.compare(logit_case(case), general.EPSILON))


@theorem.claim(r"\Pi_SW(\tau)\to W^{\mathrm{fin}}")
def cyclic_part_converges(case: Case) -> Converges:
    """Against the enclosed minimiser of the reduced dataset; the flow is integrated without knowing it."""
    return Converges(case.trajectory.finite_part, fin(case).finite_part, rate=1)


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow W(\tau)/\|W(\tau)\|\to W^{\mathrm{svm}}/\|W^{\mathrm{svm}}\|")
def direction_converges(case: Case, rate: float | None = None) -> Relation:
    """The distance halves when log tau doubles."""
    return when(any(svm(case)), lambda: Converges(case.trajectory.direction.since(100.0), unit(svm(case)), rate))


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow\|W(\tau)\|\to\infty")
def norm_grows(case: Case) -> Relation:
    """The norm increases along the late records."""
    return when(any(svm(case)), lambda: Monotone(case.trajectory.norm.since(100.0), increasing=True, strict=True))


@theorem.claim(r"W^{\mathrm{svm}}=0\Rightarrow W(\tau)\to W^{\mathrm{fin}}+\Pi_\perp W(0)")
def iterates_converge(case: Case, keep_start: bool = True) -> Relation:
    """The whole matrix, from a start with components everywhere."""
    initial = start(case.problem)
    frozen = [float(x - y) for x, y in zip(initial, case.derived.tied.project(initial))]
    target = fin(case).finite_part.array + (np.array(frozen) if keep_start else 0.0)
    return when(not any(svm(case)), lambda: Converges(from_start(case.problem).iterates, target))


def from_start(problem: AttentionNTP) -> Trajectory:
    """The flow from `start` to t = e^24."""
    flow = GradientFlow(log_time=24.0, initial=start(problem))
    found: Trajectory = problem.conditional_logit().remember(flow, lambda: flow(problem))
    return found


# The rate is that of the end: records begin where the gradient has fallen to this part of the first one.
NEAR = 1e-3
MOST_STEPS = 20_000
FAR = NotExercised(f"the gradient is not small after {MOST_STEPS} steps")


def descended(logit: ConditionalLogit, initial: Vector, contraction: float, decay: float, bar: float) -> ValuePath | None:
    """Iterates of descent at 1/beta against the step, from where its gradient is small on, as many as shrink a distance by e^-decay at
    this contraction; `bar` is their rounding. None where the gradient stays large."""
    eta, steps = float(largest_step(logit)), int(np.ceil(decay / -np.log(contraction)))
    w = np.array([float(x) for x in initial])
    slope = logit.gradient(w)
    first, begun = float(np.linalg.norm(slope)), 0
    while np.linalg.norm(slope) > NEAR * first and begun < MOST_STEPS:
        w, begun = w - eta * slope, begun + 1
        slope = logit.gradient(w)
    if begun == MOST_STEPS:
        return None
    values = [w]
    for _ in range(min(steps, MOST_STEPS)):
        w = w - eta * logit.gradient(w)
        values.append(w)
    times = np.arange(begun, begun + len(values), dtype=float)
    return ValuePath(times, np.array(values), np.full(len(values), bar), "iterates of descent")


def contraction_on_cycles(case: Case, logit: ConditionalLogit) -> float:
    """1 - eta lambda at eta = 1/beta of a loss, at least e^-6 (where one step does it all); lambda is that of the reduced loss."""
    frame = case.derived.coordinates.tied_frame
    eigenvalues = np.linalg.eigvalsh(frame.T @ reduced_dataset(case.problem).hessian(fin(case).finite_part.array) @ frame)
    return max(1 - float(largest_step(logit)) * float(eigenvalues[0]), float(np.exp(-6)))


@theorem.claim(r"W^{\mathrm{svm}}=0:\ \|W(\tau)-\lim\|=O((1-\eta\lambda)^{\tau/2})")
def descent_is_linear(case: Case) -> Relation:
    """Gradient descent on the reduced dataset, which is the dataset where W^svm = 0, against the number of steps."""

    def decay() -> Relation:
        reduced, initial = reduced_dataset(case.problem), start(case.problem)
        contraction = contraction_on_cycles(case, reduced)
        frozen = np.array([float(x - y) for x, y in zip(initial, case.derived.tied.project(initial))])
        target = fin(case).finite_part.array + frozen
        bar = 1e-12 * (1 + float(np.linalg.norm(target)))
        path = descended(reduced, initial, contraction, 16.0, bar)
        return FAR if path is None else Converges(path, target, rate=-np.log(contraction))

    return when(case.derived.tied.dimension > 0, decay, "no component has two tokens")


@theorem.claim(r"\text{gradient descent: }\Pi_SW(\tau)\to W^{\mathrm{fin}},\ W(\tau)/\|W(\tau)\|\to\widehat W")
def descent_has_the_limits(case: Case) -> All:
    """3 000 steps at 1/beta from zero, in log time."""
    run = descent(case.problem)
    finite = Converges(run.finite_part, fin(case).finite_part, rate=1)
    return All(finite, when(any(svm(case)), lambda: Converges(run.direction.since(2.0), unit(svm(case)))))


@theorem.claim(r"\mathcal L(W(\tau))\to\mathcal L^*")
def risk_converges(case: Case, power: float = 1.0) -> Converges:
    """At least like t^(-1/2), from the records that a double can tell from zero."""
    path = case.trajectory.scaled_excess
    keep = path.log_times <= 30.0
    times = path.log_times[keep]
    scaled = np.exp(-power * times)
    return Converges(ValuePath(times, path.values[keep] * scaled, path.errors[keep] * scaled, "risk above its infimum"), (0.0,), rate=power)


@theorem.claim(r"\mathcal L(W(\tau+1))\le\mathcal L(W(\tau))\text{ for }\eta\le1/\beta")
def risk_decreases(case: Case, factor: int = 1) -> Monotone:
    """Descent in balls from a start off every subspace, the first steps."""
    run = EnclosedDescent(STEPS, factor * largest_step(case.problem.conditional_logit()), start(case.problem))
    losses = case.problem.conditional_logit().remember(run, lambda: run(case.problem)).losses
    # Losses that agree up to rounding (nothing moves) count as equal.
    return Monotone(tuple(Interval(x.center - k * Fraction(1, 2**150), x.radius + Fraction(1, 2**160)) for k, x in enumerate(losses)))


@theorem.mutant(of=iterates_converge, latex=r"W^{\mathrm{svm}}=0\Rightarrow W(\tau)\to W^{\mathrm{fin}}\text{ for every }W(0)")
def start_is_forgotten(case: Case) -> Relation:
    """A symmetric two-cycle: the part of W(0) orthogonal to S_fin never moves."""
    return iterates_converge(case, keep_start=False)


@theorem.mutant(of=risk_decreases, latex=r"\text{for any constant }\eta")
def any_step_size(case: Case) -> Monotone:
    """Sixty times the allowed step overshoots the cycle's minimiser."""
    return risk_decreases(case, factor=60)


@theorem.mutant(of=cyclic_part_converges, latex=r"\Pi_SW(\tau)\to W^{\mathrm{fin}}\text{ at }\eta=3/\beta", instances=[pair, repeated, uneven])
def settles_at_three_times_the_step(case: Case) -> Converges:
    """The score gap of a symmetric two-cycle then ends in the two-cycle delta = 3 tanh(delta/2) with sign change: +-2.5757."""
    step = 3 * float(largest_step(case.problem.conditional_logit()))
    run = GradientDescent(steps=600, step_size=step, initial=start(case.problem))(case.problem)
    return Converges(run.finite_part, fin(case).finite_part, rate=1)


@theorem.mutant(of=descent_is_linear, latex=r"\text{the finite part converges linearly on mixed data, too}", instances=[mixed, skew_mixed])
def linear_on_mixed_data(case: Case) -> Relation:
    """Lower tokens keep pulling: its distance falls like 1/tau."""

    def decay() -> Relation:
        logit, frame = case.problem.conditional_logit(), case.derived.coordinates.tied_frame
        contraction = contraction_on_cycles(case, logit)
        path = descended(logit, start(case.problem), contraction, 80.0, 1e-12)
        if path is None:
            return FAR
        inside = ValuePath(path.log_times, path.values @ frame @ frame.T, path.errors, "cyclic part of descent")
        return Converges(inside, fin(case).finite_part, rate=-np.log(contraction))

    return when(any(svm(case)) and case.derived.tied.dimension > 0, decay)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction converges like a power of }\tau")
def algebraic_rate(case: Case) -> Relation:
    """The angle decays like 1/log tau."""
    return direction_converges(case, rate=1.0)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction of the programme without ties}")
def without_ties(case: Case) -> Relation:
    """A two-cycle above a token: cosine .866 with the truth."""
    target = margins_only(case)
    return when(any(target), lambda: Converges(case.trajectory.direction.since(100.0), unit(target)))


@theorem.mutant(of=direction_converges, latex=r"\text{edges point from the other tokens to the label}")
def reversed_edges(case: Case) -> Relation:
    """The sign of the direction would change."""
    return when(any(svm(case)), lambda: Converges(case.trajectory.direction.since(100.0), unit([-x for x in svm(case)])))


@theorem.mutant(of=direction_converges, latex=r"\text{one graph pooled over all queries}")
def pooled_graph(case: Case) -> Relation:
    """Opposite priorities for two queries: pooled they form a cycle, and nothing would diverge."""
    target = pooled_direction(case.problem)
    return when(any(svm(case)), lambda: Converges(case.trajectory.direction.since(100.0), unit(target)))


def pooled_direction(problem: AttentionNTP) -> tuple[Fraction, ...]:
    """The Graph-SVM with every query given the union of all graphs; zero where that is infeasible or empty."""
    import networkx as nx

    from ..graph_programmes import edge_form
    from ..priority_graph import priority_graphs

    graphs = priority_graphs(problem)
    union = nx.compose_all(graphs.values())
    for query, graph in graphs.items():
        graph.add_nodes_from((v for v in union if any(g.nodes[v]["appears"] for g in graphs.values())), appears=True)
        graph.add_edges_from(union.edges, sequences=())
        graph.graph["query"] = query
    found = solve_form(edge_form(problem, graphs)).direction
    return (Fraction(0),) * problem.dimension**2 if found is None else found


@theorem.mutant(of=cyclic_part_converges, latex=r"\Pi_SW(\tau)\to\text{the estimate that counts every distinct sample once}")
def blind_to_counts(case: Case) -> Converges:
    """Label counts 2 and 1 on one pair: the gap is log 2, not 0."""
    problem = case.problem
    samples = sorted(set(zip(problem.sequences, problem.labels)))
    distinct = AttentionNTP(problem.embeddings, [sequence for sequence, _ in samples], [label for _, label in samples])
    return Converges(case.trajectory.finite_part, fin(Case(distinct)).finite_part, rate=1)


@theorem.mutant(of=cyclic_part_converges, without=independent_embeddings, latex=r"\text{with dependent embeddings, too}")
def cycles_decide_always(case: Case) -> Converges:
    """A token halfway between two others and above both is tied to them although no cycle contains it."""
    return cyclic_part_converges(case)
