"""Gradient descent on the slice: what each step does to a^2 - b^2, where its limit is stable, and what a balanced start does.

Balanced, a = b = x: x_+ = x (1 + eta (alpha - beta x^2)). The factor is positive iff eta beta 2x^2 < 2(1 + eta alpha), so the sign is kept
below this; |x_+| > |x| iff the factor exceeds 1 in size, and above eta beta 2x^2 = 2(2 + eta alpha) it is below -1, where |x| grows and the
excess with it.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....language.relations import All, AtMost, Equal, Less, Relation
from ....language.statements import Case, Lemma, derived
from ....language.statements import clause as says
from ..model import scalar_matrix
from ..relations import AlongFlow, Settled
from ..slice import SliceFlow, slice_flow
from ..tensors import reduced_gradient, tensors
from ..two_variables import descent_step
from ._instances import symmetric, symmetric_golden
from ._points import SLICE

theorem = Lemma(
    label="mesa.gradient-descent",
    title="Gradient descent on the slice",
    source=derived("the equations on the slice"),
    setup=r"One step of size $\eta$ on the slice: $a_+=a+\eta b\,g$, $b_+=b+\eta a\,g$, $g=\alpha-\beta ab$.",
    clauses=(
        says(r"$a_+^2-b_+^2=(a^2-b^2)(1-\eta^2g^2)$.", steps=("discrete_factor",), claims=("imbalance_shrinks",)),
        says(
            r"At a limit $ab=s$ the step has the multipliers $1$ and $1-\eta\beta(a^2+b^2)$: stable iff $\eta\beta(a^2+b^2)<2$.",
            steps=("multipliers",),
            claims=("linearisation",),
        ),
        says(
            r"From $a=b$ the sign is kept iff $\eta\beta(a^2+b^2)<2(1+\eta\alpha)$, and $|a|$ grows for ever if"
            r" $\eta\beta(a^2+b^2)>2(2+\eta\alpha)$.",
            argued="docstring: the factor of a balanced step",
            claims=("balanced_thresholds",),
        ),
    ),
    uses=("mesa.two-variable-flow",),
    instances=symmetric,
    examples=symmetric_golden,
)


@theorem.step("discrete factor", by="substitution, rational normal form", scope="all reals")
def discrete_factor() -> AlongFlow:
    """As functions of the step both sides vanish at 0 against a^2 - b^2, and have the same derivative."""
    a, b, eta, g = sp.symbols("a b eta g")
    after = (a + eta * b * g) ** 2 - (b + eta * a * g) ** 2
    return AlongFlow(after, {eta: 1}, -2 * eta * g**2 * (a**2 - b**2))


@theorem.step("multipliers at a limit", by="chain rule, rational normal form", scope="all reals with ab = alpha/beta")
def multipliers() -> Settled:
    """Trace and determinant of the Jacobian at b = alpha/(beta a)."""
    a, b, eta, alpha, beta = sp.symbols("a b eta alpha beta", positive=True)
    g = alpha - beta * a * b
    jacobian = sp.Matrix([a + eta * b * g, b + eta * a * g]).jacobian([a, b]).subs(alpha, beta * a * b)
    other = 1 - eta * beta * (a**2 + b**2)
    found = sp.expand(jacobian.trace() - 1 - other), sp.expand(jacobian.det() - other)
    return Settled(found, (sp.Integer(0), sp.Integer(0)), "Jacobian of the step: trace and determinant")


def flow_of(case: Case) -> SliceFlow:
    """alpha and beta of the problem."""
    return slice_flow(case.problem.law, case.problem.length)


def step_sizes(case: Case) -> tuple[Fraction, ...]:
    """A tenth of 1/alpha and 1/alpha."""
    return 1 / (10 * flow_of(case).alpha), 1 / flow_of(case).alpha


@theorem.claim(r"a_+^2-b_+^2=(a^2-b^2)(1-\eta^2g^2)")
def imbalance_shrinks(case: Case, conserved: bool = False) -> All:
    """A step of the exact gradient of the loss of full matrices, at slice points."""
    p, flow, parts = case.problem, flow_of(case), []
    for a, b in SLICE:
        for eta in step_sizes(case):
            to_b, to_a = reduced_gradient(tensors(p.law, p.length), scalar_matrix(p.dimension, b), scalar_matrix(p.dimension, a))
            after = (a - eta * to_a[0][0]) ** 2 - (b - eta * to_b[0][0]) ** 2
            factor = 1 if conserved else 1 - eta**2 * (flow.alpha - flow.beta * a * b) ** 2
            parts.append(Equal(after, (a * a - b * b) * factor))
    return All(*parts)


@theorem.claim(r"\text{multipliers }1,\ 1-\eta\beta(a^2+b^2)")
def linearisation(case: Case, factor: int = 1) -> All:
    """Along (b, a), at an exact limit: a step from a displaced point, to first order by an exact difference quotient of the quadratic part."""
    flow, parts = flow_of(case), []
    for a in (Fraction(1), Fraction(3, 2)):
        b = flow.product / a
        for eta in step_sizes(case):
            # The directional derivative of the gradient step along (b, a): g changes at the rate -beta (a^2 + b^2), and g = 0.
            h = Fraction(1, 10**6)
            moved = descent_step(flow, a + h * b, b + h * a, eta)
            back = descent_step(flow, a - h * b, b - h * a, eta)
            slope = (moved[0] - back[0]) / (2 * h)
            cubic = -eta * flow.beta * h**2 * a * b * a  # the odd part beyond first order: -eta beta h^3 (ab) a
            parts.append(Equal(slope - cubic, b * (1 - factor * eta * flow.beta * (a * a + b * b))))
    return All(*parts)


@theorem.claim(r"\text{sign and growth of a balanced start}")
def balanced_thresholds(case: Case, keep: Fraction = Fraction(1), grow: Fraction = Fraction(2)) -> All:
    """Just below and above each threshold in w = eta beta (a^2 + b^2), exactly, with a = b = 1."""
    flow, parts = flow_of(case), list[Relation]()
    for level in (Fraction(1, 2), Fraction(1), Fraction(3)):
        # eta alpha = level, and beta chosen through w: the map depends on these two numbers only.
        for w, below in ((2 * (keep + level) * Fraction(99, 100), True), (2 * (keep + level) * Fraction(101, 100), False)):
            image = _factor(flow, level, w)
            parts.append(Less(0, image) if below else Less(image, 0))
        w = 2 * (grow + level) * Fraction(101, 100)
        first = abs(_factor(flow, level, w))
        second = abs(_factor(flow, level, w * first**2))
        parts += [Less(1, first), AtMost(first, second), AtMost(abs(_factor(flow, level, 2 * (grow + level) * Fraction(99, 100))), 1)]
    return All(*parts)


def _factor(flow: SliceFlow, level: Fraction, w: Fraction) -> Fraction:
    # x_+ / x for x = 1 under a flow with the problem's alpha, step level/alpha, and beta with eta beta 2 = w.
    eta = level / flow.alpha
    changed = SliceFlow(flow.alpha, w / (2 * eta))
    return descent_step(changed, Fraction(1), Fraction(1), eta)[0]


@theorem.mutant(of=imbalance_shrinks, latex=r"\text{gradient descent conserves }a^2-b^2")
def conserved_by_descent(case: Case) -> All:
    """Only the flow does."""
    return imbalance_shrinks(case, conserved=True)


@theorem.mutant(of=linearisation, latex=r"\text{multiplier }1-2\eta\beta(a^2+b^2)")
def twice_the_curvature(case: Case) -> All:
    """Stability up to eta beta (a^2 + b^2) = 2, not 1."""
    return linearisation(case, factor=2)


@theorem.mutant(of=balanced_thresholds, latex=r"\text{the sign is kept iff }\eta\beta(a^2+b^2)<2")
def threshold_of_the_limit(case: Case) -> All:
    """The local condition at the limit is not the condition on the start."""
    return balanced_thresholds(case, keep=Fraction(0))


@theorem.mutant(of=balanced_thresholds, latex=r"\text{a balanced start diverges beyond }\eta\beta(a^2+b^2)=2(1+\eta\alpha)")
def diverges_with_the_sign(case: Case) -> All:
    """Between the two thresholds the sign flips and the iterates converge."""
    return balanced_thresholds(case, grow=Fraction(1))
