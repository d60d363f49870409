"""The infimum is the minimum of the reduced loss, attained iff there is no cross edge (B-L4 of our notes)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Theorem, derived
from ....logit.decomposition import decompose
from ....logit.enclosures import loss_ball, outside_ratio
from ....symbolic import L, NonNegative
from ...linear_ntp.assumptions import independent_embeddings
from ..graph_programmes import graph_svm, reduced_dataset
from ..priority_graph import dataset_class, priority_orders
from ._exact import plus, point, zero
from ._instances import dependent_golden, golden, independent
from ._reduced import reduced_alternatives

theorem = Theorem(
    label="attention-ntp.infimum",
    title="The infimum is the minimum of the reduced loss",
    source=derived("section B-L4 of our notes"),
    text=r"For independent embeddings $\inf L=\min\bar L=:L^*$, attained iff there is no cross edge (iff $W^{\mathrm{svm}}=0$);"
    r" $L(W+tW^{\mathrm{svm}})-\bar L(W)\le\bar\rho(W)e^{-t}$ with $\bar\rho=\tfrac1n\sum_i\rho_i$.",
    uses=("attention-ntp.split-identity", "attention-ntp.graph-svm", "foundations.infimum"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


@theorem.step("the excess is squeezed", by="sign of a derivative", scope="all reals", latex=r"0\le\log(1+\rho e^{-t})\le\rho e^{-t}")
def squeeze_step() -> All:
    """Along W + t W^svm the reduced loss is unchanged and every ratio falls by at least e^t."""
    x = sp.Symbol("x")
    return All(NonNegative(L(1 + x), x), NonNegative(x - L(1 + x), x))


@theorem.step("not attained", by="sign of a derivative", scope="all reals", latex=r"\log(1+\rho)-\tfrac{\rho}{1+\rho}\ge0")
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
