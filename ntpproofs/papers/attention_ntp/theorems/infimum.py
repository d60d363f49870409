"""The infimum is the minimum of the reduced loss, attained iff there is no cross edge.

L >= Lbar by the split identity. Along W + t W^svm the reduced loss does not change and every ratio of a cross edge falls by e^t
at least, so the excess is at most sum rho e^-t / n: inf L = min Lbar. With a cross edge the excess is positive at every W;
without one L = Lbar.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Theorem, clause, derived
from ....logit.decomposition import decompose
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import loss_ball, outside_ratio
from ....symbolic import E, Formula, L, NonNegative, total
from ..graph_programmes import graph_svm, reduced_dataset
from ..priority_graph import dataset_class, priority_orders
from ._exact import plus, point, zero
from ._instances import dependent_golden, golden, independent
from ._reduced_choice_sets import reduced_alternatives
from ._symbols import m as counts
from ._symbols import utility, v

theorem = Theorem(
    label="attention-ntp.infimum",
    title="The infimum is the minimum of the reduced loss",
    source=derived("splitting each normaliser along the components"),
    setup=r"Let the embeddings be independent, $L^*=\min\bar L$ and $\bar\rho=\tfrac1n\sum_i\rho_i$.",
    clauses=(
        clause(
            r"$L(W+tW^{\mathrm{svm}})-\bar L(W)\le\bar\rho(W)e^{-t}$ for $t\ge0$.",
            steps=("squeeze_step", "ratio_step"),
            by=("attention-ntp.split-identity",),
            claims=("loss_along_the_direction",),
        ),
        clause(
            r"$\inf L=L^*$.",
            steps=("squeeze_step", "ratio_step"),
            by=("attention-ntp.split-identity", "attention-ntp.graph-svm-feasible", "foundations.finite-part"),
            claims=("infimum_is_that_of_the_reduced_dataset",),
        ),
        clause(
            r"It is attained if there is no cross edge, that is, if $W^{\mathrm{svm}}=0$,",
            by=("attention-ntp.split-identity", "foundations.finite-part"),
            claims=("attained_iff_no_cross_edge", "loss_stays_above"),
        ),
        clause(
            r"and only then.",
            steps=("positive_step",),
            by=("attention-ntp.split-identity",),
            claims=("attained_iff_no_cross_edge", "loss_stays_above"),
        ),
    ),
    uses=("attention-ntp.graph-svm", "foundations.infimum"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


@theorem.step("the excess is squeezed", by="sign of a derivative", scope="all x >= 0", latex=r"0\le\log(1+x)\le x,\ x=\rho e^{-t}")
def squeeze_step() -> All:
    """Along W + t W^svm the reduced loss is unchanged and every ratio falls by at least e^t."""
    x = sp.Symbol("x")
    return All(NonNegative(L(1 + x), x), NonNegative(x - L(1 + x), x))


@theorem.step("ratios fall", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_vm_ve^{s_v+t(u_y-1-b_v)}=e^{t(u_y-1)}\sum_vm_ve^{s_v}e^{-tb_v}\le e^{t(u_y-1)}\sum_vm_ve^{s_v}")  # fmt: skip
def ratio_step() -> Equal:
    """u_y - u_v = 1 + b_v with b_v >= 0 for a lower token; inside the component u is constant, so Z_in gains e^(t u_y) and rho loses e^-t or more."""
    t, top, slack = sp.Symbol("t"), sp.Symbol("u_y"), sp.Function("b")
    left = total(counts(v) * E(utility(v) + t * (top - 1 - slack(v))), (v, "Out"))
    right = E(t * (top - 1)) * total(counts(v) * E(utility(v)) * E(-t * slack(v)), (v, "Out"))
    return Equal(Formula(left), Formula(right))


@theorem.step("not attained", by="sign of a derivative", scope="all rho >= 0", latex=r"\log(1+\rho)-\tfrac{\rho}{1+\rho}\ge0")
def positive_step() -> NonNegative:
    """A cross edge has rho > 0 at every W."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / (1 + x), x)


@theorem.claim(r"\inf L=\min\bar L")
def infimum_is_that_of_the_reduced_dataset(case: Case) -> Equal:
    """Two enclosures: of the tied loss of the reduction, and of the reduced dataset as a problem of its own."""
    return Equal(case.derived.infimum, decompose(reduced_dataset(case.problem)).infimum)


@theorem.claim(r"L(W+tW^{\mathrm{svm}})\le\bar L(W)+\bar\rho(W)2^{-t}\quad(t=0,4,16,64)")
def loss_along_the_direction(case: Case, sign: int = 1) -> AtMost:
    """At a rational W, in balls; e^-t <= 2^-t keeps the right side rational."""
    problem, w = case.problem, point(case.problem)
    logit, sets = problem.conditional_logit(), reduced_alternatives(problem)
    tied, rho = loss_ball(logit, w, sets), outside_ratio(logit, w, sets)
    u = graph_svm(problem).direction or zero(problem)
    times = (0, 4, 16, 64)
    lefts = tuple(loss_ball(logit, plus(w, u, sign * t)) for t in times)
    # log(1 + x) < x leaves room except where rho = 0; there both sides are one number, known to 2^-100.
    slack = Fraction(1, 2**100)
    return AtMost(lefts, tuple(tied.upper + rho.upper / 2**t + slack for t in times))


@theorem.claim(r"\text{attained}\iff\text{no cross edge}\iff W^{\mathrm{svm}}=0")
def attained_iff_no_cross_edge(case: Case, by_cycles: bool = False) -> All:
    """Exactly; `by_cycles` asks for a component of several tokens."""
    problem = case.problem
    absent = not any(order.cross_edges for order in priority_orders(problem).values())
    expected = dataset_class(problem) != "acyclic" if by_cycles else absent
    return All(Equal(case.derived.attained, expected), Equal(case.derived.attained, graph_svm(problem).squared_norm == 0))


@theorem.claim(r"L(W)>L^*\text{ where a cross edge exists};\ L(W^{\mathrm{fin}})=L^*\text{ otherwise}")
def loss_stays_above(case: Case, always: bool = False) -> All:
    """Strictly above at a rational W, or equal at the finite part up to beta r^2 / 2, far below the resolution."""
    lowest: Interval = case.derived.infimum
    logit = case.problem.conditional_logit()
    if not case.derived.attained and not always:
        return All(Less(lowest, loss_ball(logit, point(case.problem))))
    value = loss_ball(logit, case.derived.finite_part.center)
    return All(Equal(value, Interval(lowest.center, lowest.radius + Fraction(1, 2**60))))


@theorem.mutant(of=attained_iff_no_cross_edge, latex=r"\text{attained whenever some component has several tokens}")
def attained_iff_cyclic(case: Case) -> All:
    """L4-a: mixed data have a cycle and no minimiser."""
    return attained_iff_no_cross_edge(case, by_cycles=True)


@theorem.mutant(of=loss_stays_above, latex=r"L(W^{\mathrm{fin}})=L^*\text{ always}")
def finite_part_is_a_minimiser(case: Case) -> All:
    """It minimises the reduced loss only."""
    return loss_stays_above(case, always=True)


@theorem.mutant(of=loss_along_the_direction, latex=r"\text{the loss falls along } -W^{\mathrm{svm}}")
def wrong_way(case: Case) -> AtMost:
    """Against the direction every lower token is preferred."""
    return loss_along_the_direction(case, sign=-1)


theorem.mutant(of=attained_iff_no_cross_edge, without=independent_embeddings, instances=dependent_golden,
               latex=r"\text{attained}\iff\text{no cross edge, for all embeddings}")  # fmt: skip
theorem.mutant(of=infimum_is_that_of_the_reduced_dataset, without=independent_embeddings, instances=dependent_golden,
               latex=r"\inf L=\min\bar L\text{ for all embeddings}")  # fmt: skip
