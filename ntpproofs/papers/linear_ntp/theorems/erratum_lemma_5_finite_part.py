"""Erratum: the in-support part need not stay within |W*| of W* (2402.18551, display (22), NeurIPS 2024, p. 24).

Printed: |W_{k,F} - W*| <= |W*| for all large k, hence |W_{k,F}| <= 2 |W*|. If W* = 0 (uniform laws on the supports, or one-token supports) that says
W_{k,F} = 0 from some k on. For one context h = 1 with p = (1/2, 1/2, 0) the difference x of the two logits obeys
x+ = x - eta (s_1 - s_2), and 0 < s_1 - s_2 <= tanh(x/2) <= x/2 for x > 0: with eta < 2 <= 1/L it shrinks and never vanishes. A slip: |W*| + 1 in the
place of |W*| serves the proof of Lemma 5, which survives.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....language.relations import Converges, Equal, NotExercised
from ....language.statements import Case, Erratum, cite, clause
from ....symbolic import E, Formula, NonNegative
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._asymptotic_instances import DESCENT_THEN_FLOW
from ._golden import ex_one_half, golden, well_posed
from ._losses import STEPS, enclosed, in_support_part, in_support_space, log_odds_solution, point, zero
from .no_compatibility import twin

erratum = Erratum(
    label="linear-ntp.erratum-lemma-5-finite-part",
    title="For W* = 0 the in-support part tends to zero without reaching it",
    source=cite("thrampoulidis2024", "proof of Lemma 5, display (22), NeurIPS 2024, p. 24"),
    setup=r"Let the data be compatible and separable with some $|S_j|<V$, and $W_k$ descent with $0<\eta\le1/L$.",
    clauses=(
        clause(
            r"Printed: $\|\mathcal P_{\mathcal F}W_k-W^*\|\le\|W^*\|$ for all large $k$. For $W^*=0$ this says $\mathcal P_{\mathcal F}W_k=0$,"
            r" which is false at $k=24$ for uniform laws,",
            witness=("printed",),
        ),
        clause(
            r"and for one context $h=1$, $p=(\tfrac12,\tfrac12,0)$, $\eta<2$ at every $k$: the difference $x_k$ of the two logits satisfies"
            r" $x_{k+1}\ge(1-\tfrac\eta2)x_k>0$.",
            steps=("difference_of_shares", "hyperbolic_tangent"),
        ),
        clause(
            r"$\mathcal P_{\mathcal F}W_k\to W^*$, so $\|\mathcal P_{\mathcal F}W_k\|\le2\|W^*\|+1$ for all large $k$, which serves the proof:"
            r" Lemma 5 survives.",
            argued="linear-ntp.restricted-loss",
            by=("linear-ntp.restricted-loss",),
            claims=("repaired",),
        ),
    ),
    uses=("linear-ntp.margin-comparison",),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=(ex_one_half, *golden),
    simulate=DESCENT_THEN_FLOW,
)


@erratum.step("difference of two shares", by="index calculus, normal form", scope="all reals",
              latex=r"\frac{e^{a+x}-e^a}{e^{a+x}+e^a+e^c}=\frac{e^x-1}{e^x+1+e^{c-a}}")  # fmt: skip
def difference_of_shares() -> Equal:
    """s_1 - s_2 for logits a + x, a, c; positive for x > 0, and at most (e^x - 1)/(e^x + 1)."""
    a, x, c = sp.symbols("a x c")
    whole = E(a + x) + E(a) + E(c)
    return Equal(Formula((E(a + x) - E(a)) / whole), Formula((E(x) - 1) / (E(x) + 1 + E(c - a))))


@erratum.step("a bound of the tangent", by="sign of a derivative", scope="all reals", latex=r"\tfrac x2(e^x+1)-(e^x-1)\ge0\quad(x\ge0)")
def hyperbolic_tangent() -> NonNegative:
    """So (e^x - 1)/(e^x + 1) <= x/2."""
    x = sp.Symbol("x")
    return NonNegative(x / 2 * (E(x) + 1) - E(x) + 1, x)


@erratum.claim(r"\text{printed, for uniform laws: }\mathcal P_{\mathcal F}W_k=0=W^*\text{ at }k=24", expected="refuted")
def printed(case: Case) -> Equal | NotExercised:
    """Half of the step 1/L from a start that is nowhere special, enclosed; the laws of the data are made uniform on their supports."""
    problem = twin(case.problem)
    basis = in_support_space(problem).basis
    if not basis:
        return NotExercised("F is zero")
    run = enclosed(problem, Fraction(1, 2), point(problem))
    return Equal(tuple(run.component(STEPS, way) for way in basis), (Fraction(0),) * len(basis))


@erratum.claim(r"\text{repaired: }\mathcal P_{\mathcal F}W_k\to W^*\text{, at least like }t^{-1/2}")
def repaired(case: Case, zero_instead: bool = False) -> Converges:
    """64 steps of descent, continued by the flow."""
    target = zero(case.problem) if zero_instead else log_odds_solution(case.problem)
    return Converges(in_support_part(case.problem, case.trajectory.finite_part), target, rate=1)


@erratum.mutant(of=repaired, latex=r"\mathcal P_{\mathcal F}W_k\to0")
def tends_to_zero(case: Case) -> Converges:
    """Only where all laws are uniform on their supports."""
    return repaired(case, zero_instead=True)


@erratum.mutant(of=repaired, latex=r"W_k\to W^*")
def whole_iterate(case: Case) -> Converges:
    """The part off F diverges."""
    return Converges(case.trajectory.iterates, log_odds_solution(case.problem), rate=1)
