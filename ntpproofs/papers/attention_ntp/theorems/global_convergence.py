"""Where gradient descent takes one attention layer: finite part, direction, and the case without priorities (B-Thm1)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import GradientDescent, GradientFlow
from ....dynamics.enclosed import EnclosedDescent
from ....dynamics.trajectory import Trajectory
from ....exact.balls import PRECISION, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import AtMost, Converges, Equal, Implies, Interval, Monotone, Path
from ....language.statements import Case, Theorem, cite
from ....logit.decomposition import decompose
from ....logit.enclosures import loss_ball, outside_ratio
from ....logit.step_size import largest_step
from ....symbolic import Formula, L, NonNegative
from ...foundations.theorems import gradient_descent_bias as general
from ...linear_ntp.assumptions import independent_embeddings
from ..graph_programmes import cyclic_generators, solve_form
from ..problem import AttentionNTP
from ._instances import between, golden, independent, pair, repeated, uneven
from ._limits import FLOW, fin, late, logit_case, margins_only, start, svm, unit, when

theorem = Theorem(
    label="attention-ntp.global-convergence",
    title="Gradient descent on one attention layer: W^fin on the cycles, the Graph-SVM direction across them",
    source=cite("li2024", "global convergence of gradient descent (recalled, not checked against print)", "proved here for every W(0)"),
    text=r"Logarithmic loss, $CE^\top=I$, independent embeddings, $0<\eta\le1/\beta$, any $W(0)$. Then $\mathcal L(W(\tau))$ is"
    r" non-increasing and tends to $\mathcal L^*=\min\bar{\mathcal L}$; $\Pi_SW(\tau)\to W^{\mathrm{fin}}$; if"
    r" $W^{\mathrm{svm}}\ne0$ then $\|W(\tau)\|\to\infty$ and $W(\tau)/\|W(\tau)\|\to W^{\mathrm{svm}}/\|W^{\mathrm{svm}}\|$; if"
    r" $W^{\mathrm{svm}}=0$ then $W(\tau)\to W^{\mathrm{fin}}+\Pi_\perp W(0)$, linearly. Independence of the embeddings makes the graphs"
    r" decide; with dependent ones the same holds with the tied sets of the recession cone.",
    uses=("foundations.gradient-descent-bias", "foundations.overlap-limit", "foundations.risk-bound"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, between),
    simulate=FLOW,
)

STEPS = 8


@theorem.step(
    "S1 descent lemma", by="rational normal form", scope="all reals", latex=r"\eta-\tfrac{\beta\eta^2}2=\tfrac\eta2+\tfrac\eta2(1-\beta\eta)"
)
def descent_step() -> Equal:
    """So every step with eta beta <= 1 lowers the loss by at least eta/2 |gradient|^2; summing bounds sum |step|^2."""
    eta, beta = sp.symbols("eta beta")
    return Equal(Formula(eta - beta * eta**2 / 2), Formula(eta / 2 + eta * (1 - beta * eta) / 2))


@theorem.step("S1 telescoping", by="rational normal form", scope="all reals",
              latex=r"\|W-U\|^2-\|W-\eta G-U\|^2=2\eta\langle G,W-U\rangle-\eta^2\|G\|^2")  # fmt: skip
def telescoping_step() -> Equal:
    """Entrywise; with convexity the loss at step tau is at most L(U) + |U - W(0)|^2 / (2 eta tau) for every U."""
    w, u, g, eta = sp.symbols("W U G eta")
    return Equal(Formula((w - u) ** 2 - (w - eta * g - u) ** 2), Formula(2 * eta * g * (w - u) - eta**2 * g**2))


@theorem.step("S2 logarithm", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def logarithm_step() -> NonNegative:
    """The cross terms at U are at most their ratios."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


@theorem.step("S2 comparison point", by="balls", scope="",
              latex=r"\mathcal L(W^{\mathrm{fin}}+sW^{\mathrm{svm}})-\mathcal L^*\le\bar\rho e^{-s},\ s=0,1,8,64")  # fmt: skip
def comparison_point(case: Case) -> AtMost:
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


@theorem.step("S3 cyclic subspace", by="exact arithmetic", scope="", latex=r"\langle W^{\mathrm{svm}},(e_u-e_v)e_k^\top\rangle=0\ (u\asymp v)")
def direction_leaves_cycles(case: Case) -> Equal:
    """With the split identity the loss splits into a part on S_fin, coercive and strictly convex there, and the cross terms."""
    return Equal(tuple(dot(svm(case), row) for row in cyclic_generators(case.problem)), (Fraction(0),) * len(cyclic_generators(case.problem)))


@theorem.step("S4 small risk forces large margins", by="rational normal form", scope="all reals",
              latex=r"a\log(1+\kappa e^{-m})=\varepsilon\Rightarrow m=\log\kappa-\log(e^{\varepsilon/a}-1)")  # fmt: skip
def margin_step() -> Equal:
    """Cross margins tend to infinity with the risk, so the part of W off S_fin does."""
    return general.margin_step()


@theorem.step("S5 margin comparison", by="balls, at the radius the proof gives", scope="",
              latex=r"\mathcal L(\Pi_SW+(1+\varepsilon)r\widehat W)\le\mathcal L(W)\text{ once }r=\|\Pi_\perp W\|\ge R(\varepsilon)")  # fmt: skip
def comparison_step(case: Case) -> Implies:
    """Along rational directions orthogonal to S_fin."""
    return when(any(svm(case)), lambda: general.compare(logit_case(case), general.EPSILON))


@theorem.step("S6 convexity", by="rational normal form", scope="all reals",
              latex=r"\langle-\nabla\mathcal L(W),\widehat W\rangle\ge\langle-\nabla\mathcal L(W),\Pi_\perp W\rangle/((1+\varepsilon)r)")  # fmt: skip
def convexity_step() -> Equal:
    """The first-order inequality between W and the comparison point, solved for the inner product."""
    return general.convexity_step()


@theorem.step("S7 polarisation", by="rational normal form", scope="all reals",
              latex=r"2\langle W,\Delta\rangle=\|W+\Delta\|^2-\|W\|^2-\|\Delta\|^2")  # fmt: skip
def polarisation_step() -> Equal:
    """Entrywise, for the step of the part off S_fin."""
    return general.polarisation_step()


@theorem.step("S7 radii", by="rational normal form", scope="all reals", latex=r"\tfrac{r'^2-r^2}{2r}-(r'-r)=\tfrac{(r'-r)^2}{2r}\ge0")
def radius_step() -> Equal:
    """Summed up: the component along the direction is at least r/(1+epsilon) minus a constant."""
    return general.radius_step()


@theorem.step("S8 no priorities", by="exact arithmetic", scope="", latex=r"\text{no cross edge}\Rightarrow\nabla\mathcal L\in S_{\mathrm{fin}}")
def gradient_stays(case: Case) -> Implies:
    """Every difference of a label and another token of its sequence lies in S_fin, and the gradient is a combination of them."""
    problem, space = case.problem, decompose(case.problem).tied
    rows = zip(problem.choice_sets, problem.labels, problem.queries)
    gaps = [problem.difference(y, v, k) for tokens, y, k in rows for v in tokens]
    return Implies(not any(svm(case)), Equal(tuple(space.project(gap) for gap in gaps), tuple(gaps)))


@theorem.claim(r"\Pi_SW(\tau)\to W^{\mathrm{fin}}")
def cyclic_part_converges(case: Case) -> Converges:
    """Against the enclosed minimiser of the reduced dataset; the flow is integrated without knowing it."""
    return Converges(case.trajectory.finite_part, fin(case).finite_part, rate=1)


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow W(\tau)/\|W(\tau)\|\to W^{\mathrm{svm}}/\|W^{\mathrm{svm}}\|")
def direction_converges(case: Case, rate: float | None = None) -> Implies:
    """The distance halves when log tau doubles."""
    return when(any(svm(case)), lambda: Converges(late(case.trajectory.direction, 100.0), unit(svm(case)), rate))


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow\|W(\tau)\|\to\infty")
def norm_grows(case: Case) -> Implies:
    """The norm increases along the late records."""
    return when(any(svm(case)), lambda: Monotone(late(case.trajectory.norm, 100.0), increasing=True, strict=True))


@theorem.claim(r"W^{\mathrm{svm}}=0\Rightarrow W(\tau)\to W^{\mathrm{fin}}+\Pi_\perp W(0)")
def iterates_converge(case: Case, keep_start: bool = True) -> Implies:
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


@theorem.claim(r"\mathcal L(W(\tau))\to\mathcal L^*")
def risk_converges(case: Case, power: float = 1.0) -> Converges:
    """L - L* = O(1/t), from the records that a double can tell from zero."""
    path = case.trajectory.scaled_excess
    keep = path.log_times <= 30.0
    times = path.log_times[keep]
    scaled = np.exp(-power * times)
    return Converges(Path(times, path.values[keep] * scaled, path.errors[keep] * scaled, "risk above its infimum"), (0.0,), rate=power)


@theorem.claim(r"\mathcal L(W(\tau+1))\le\mathcal L(W(\tau))\text{ for }\eta\le1/\beta")
def risk_decreases(case: Case, factor: int = 1) -> Monotone:
    """Descent in balls from a start off every subspace, the first steps."""
    run = EnclosedDescent(STEPS, factor * largest_step(case.problem.conditional_logit()), start(case.problem))
    losses = case.problem.conditional_logit().remember(run, lambda: run(case.problem)).losses
    # Losses that agree up to rounding (nothing moves) count as equal.
    return Monotone(tuple(Interval(x.center - k * Fraction(1, 2**150), x.radius + Fraction(1, 2**160)) for k, x in enumerate(losses)))


@theorem.mutant(of=iterates_converge, latex=r"W^{\mathrm{svm}}=0\Rightarrow W(\tau)\to W^{\mathrm{fin}}\text{ for every }W(0)")
def start_is_forgotten(case: Case) -> Implies:
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


@theorem.mutant(of=direction_converges, latex=r"\text{the direction converges like a power of }\tau")
def algebraic_rate(case: Case) -> Implies:
    """The angle decays like 1/log tau."""
    return direction_converges(case, rate=1.0)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction of the programme without ties}")
def without_ties(case: Case) -> Implies:
    """A two-cycle above a token: cosine .866 with the truth."""
    target = margins_only(case)
    return when(any(target), lambda: Converges(late(case.trajectory.direction, 100.0), unit(target)))


@theorem.mutant(of=direction_converges, latex=r"\text{edges point from the other tokens to the label}")
def reversed_edges(case: Case) -> Implies:
    """The sign of the direction would change."""
    return when(any(svm(case)), lambda: Converges(late(case.trajectory.direction, 100.0), unit([-x for x in svm(case)])))


@theorem.mutant(of=direction_converges, latex=r"\text{one graph pooled over all queries}")
def pooled_graph(case: Case) -> Implies:
    """Opposite priorities for two queries: pooled they form a cycle, and nothing would diverge."""
    target = pooled_direction(case.problem)
    return when(any(svm(case)), lambda: Converges(late(case.trajectory.direction, 100.0), unit(target)))


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
