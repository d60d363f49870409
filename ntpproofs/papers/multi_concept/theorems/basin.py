r"""The exact basin of the flow without regularisation.

Proof. w never decreases, and I is constant. If I < 0 then w cannot stay negative for ever: w^2 = I + c Shi(2
beta), c > 0, with beta -> 0 would make w^2 -> I < 0; so w crosses 0, after which beta grows and the concept is learned. If I
> 0 and w(0) < 0 then w^2 >= I for ever, so w <= -sqrt(I): beta' < 0, beta -> 0, and w -> -sqrt(I). The border is I =
0 with w(0) < 0, that is w(0) = -sqrt(c Shi(2 beta(0))).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, Converges, Equal, Less, NotExercised, ValuePath
from ....language.statements import Case, Theorem, clause, derived
from .first_integral import FLOWS, GOLDEN, FlowPoint

F = Fraction
Shape = Literal["shi", "sinh", "linear"]

theorem = Theorem(
    label="multi-concept.basin",
    title="Without regularisation the basin of learning has an exact border",
    source=derived("the first integral on the border"),
    setup=r"The flow of the first integral; $\theta=-\sqrt{\tfrac{ND}{4m^2B}\mathrm{Shi}(2\beta(0))}$.",
    clauses=(
        clause(r"$\bar v(0)=\theta$ is where $I$ vanishes.", argued="$I=0$ solved for $\\bar v<0$", claims=("integral_vanishes_on_the_border",)),
        clause(
            r"The concept is learned if $\bar v(0)>\theta$,",
            argued="docstring",
            claims=("integral_separates_the_starts",),
        ),
        clause(
            r"and below it $\beta\to0$ and $\bar v\to-\sqrt I$, a continuum of bad equilibria.",
            argued="docstring",
            claims=("dead_starts_converge",),
        ),
    ),
    uses=("multi-concept.first-integral",),
    instances=st.builds(FlowPoint, FLOWS, st.sampled_from([F(9, 10), F(98, 100), F(102, 100), F(11, 10)]), st.sampled_from([F(1, 4), F(1), F(3, 2)])),
    examples=tuple(FlowPoint(GOLDEN, factor, F(1)) for factor in (F(98, 100), F(102, 100))),
)


def start_of(x: FlowPoint) -> tuple[Fraction, Fraction]:
    """(w(0), beta(0)): `lift` is the multiple of the border at which this instance starts, rounded to 40 bits."""
    border = x.flow.basin_threshold(x.beta).center
    return Fraction(round(x.lift * border * 2**40), 2**40), x.beta


@theorem.claim(r"I(\theta,\beta(0))=0")
def integral_vanishes_on_the_border(case: Case, shape: Shape = "shi", doubled: bool = True) -> Equal:
    """The enclosed border inserted into the first integral."""
    x: FlowPoint = case.problem
    beta = x.beta if doubled else x.beta / 2
    border = x.flow.basin_threshold(beta, shape)
    with ctx.workprec(PRECISION):
        w = arb(exact_arb(border.center), exact_arb(border.radius))
        return Equal(interval(w * w - exact_arb(x.flow.factor) * exact_arb(2 * x.beta).shi()), F(0))


@theorem.claim(r"I<0\iff\bar v(0)>\theta\ (\bar v(0)<0)")
def integral_separates_the_starts(case: Case, always: bool = False) -> Less:
    """The sign of I at the start: negative above the border, positive below it; `always` claims that it is negative from any start (false)."""
    x: FlowPoint = case.problem
    value = x.flow.first_integral(*start_of(x))
    return Less(value, 0) if always or x.lift < 1 else Less(0, value)


def _followed(x: FlowPoint) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # Long enough for beta to have died: its rate is 4 g |w| B / K with |w| >= sqrt I.
    lift, beta = (float(value) for value in start_of(x))
    size = max(float(x.flow.first_integral(*start_of(x))), 1e-12) ** 0.5
    horizon = 60 * float(x.flow.concepts) / (2 * size * float(x.flow.b))
    return x.flow.follow(lift, beta, horizon)


@theorem.claim(r"\bar v\to-\sqrt I\text{ below the border}")
def dead_starts_converge(case: Case, opposite: bool = False) -> All | NotExercised:
    """w along the flow, in floats, against -sqrt(I) (its mirror image if `opposite`)."""
    x: FlowPoint = case.problem
    if x.lift < 1:
        return NotExercised("the start is above the border")
    times, w, _ = _followed(x)
    limit = -(float(x.flow.first_integral(*start_of(x))) ** 0.5) * (-1 if opposite else 1)
    # Clock: relaxation times of beta, so that the second half of the path shows where it rests.
    path = ValuePath(60 * times / times[-1], w, np.full(len(times), 1e-7 + 1e-6 * abs(limit)), "mean lift")
    return All(Converges(path, (limit,)))


@theorem.mutant(of=integral_vanishes_on_the_border, latex=r"\text{border with }\sinh(2\beta)")
def border_with_sinh(case: Case) -> Equal:
    """Shi grows more slowly than sinh."""
    return integral_vanishes_on_the_border(case, shape="sinh")


@theorem.mutant(of=integral_vanishes_on_the_border, latex=r"\text{border with }2\beta(0)")
def border_with_its_linear_part(case: Case) -> Equal:
    """They agree for small scores only."""
    return integral_vanishes_on_the_border(case, shape="linear")


@theorem.mutant(of=integral_separates_the_starts, latex=r"\text{without regularisation every start with }s_0>0\text{ is learned}")
def every_start_is_learned(case: Case) -> Less:
    """Below the border I > 0 and the lift stays negative."""
    return integral_separates_the_starts(case, always=True)


@theorem.mutant(of=dead_starts_converge, latex=r"\bar v\to+\sqrt I")
def dead_starts_recover(case: Case) -> All | NotExercised:
    """The lift never crosses zero there."""
    return dead_starts_converge(case, opposite=True)
