"""Erratum: (6a) alone does not make the restricted loss a limit of the loss (2402.18551, appendix D, after display (12), NeurIPS 2024, p. 21).

Printed: for all W in F and all W^d in F^perp that satisfy (6a), CE_F(W) = lim CE(W + R W^d) as R grows. F^perp is
(6a) already, so (6b) must be meant: W^d = 0 satisfies (6a), and CE(W) exceeds CE_F(W). A slip; with (6b) the limit
holds and the proofs that use it stand.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Erratum, cite, clause
from ..assumptions import ntp_separable, some_partial_support
from ._bounds import feasible_directions
from ._golden import ex_every_token, golden, separable
from ._losses import Vector, excess, gap, margins, plus, point, restricted_risk, risk, split, unconstrained_direction, zero
from .entropy_limit import logarithm_step, path_step

REACHES = (1, 8, 32)

erratum = Erratum(
    label="linear-ntp.erratum-in-support-direction",
    title="The restricted loss is a limit of the loss along directions that satisfy (6a) and (6b)",
    source=cite("thrampoulidis2024", "appendix D, after display (12), NeurIPS 2024, p. 21"),
    clauses=(
        clause(
            r"Printed: $\mathrm{CE}_{\mathcal F}(W)=\lim_R\mathrm{CE}(W+RW^{\mathrm d})$ for all $W\in\mathcal"
            r" F$ and all $W^{\mathrm d}\in\mathcal F^\perp$ that satisfy (6a). This is false for $W^{\mathrm"
            r" d}=0$.",
            witness=("printed",),
        ),
        clause(
            r"With (6b) as well, $0\le\mathrm{CE}(W+RW^{\mathrm d})-\mathrm{CE}_{\mathcal F}(W)\le"
            r" e^{-R}\sum_j\pi_j\rho_j(W)$, so the limit is right.",
            steps=("path_step", "logarithm_step"),
            by=("linear-ntp.split-identity",),
            claims=("repaired",),
        ),
    ),
    uses=("linear-ntp.restricted-loss", "linear-ntp.split-identity"),
    assumptions=(ntp_separable, some_partial_support),
    instances=separable,
    examples=golden,
)


def approaches(case: Case, directions: list[Vector]) -> AtMost:
    """The bound of the repaired form along the given directions, from a decoder on F."""
    problem, w = case.problem, split(case.problem, point(case.problem))[0]
    with ctx.workprec(PRECISION):
        ratio = exact_arb(excess(problem, w, linear=True).upper)
        bounds = [interval(ratio * arb(-r).exp()) for r in REACHES]
    value = restricted_risk(problem, w)
    lefts = tuple(gap(risk(problem, plus(w, d, r)), value) for d in directions for r in REACHES)
    return AtMost(lefts, tuple(bounds) * len(directions))


erratum.step("the excess along the path", by="index calculus, normal form", scope="all sizes",
             latex=r"\rho_j(W+RW^{\mathrm d})=\sum_{v\notin S}e^{\ell_v-Rm_v}\big/\sum_{z\in S}e^{\ell_z}")(path_step)  # fmt: skip
erratum.step("log(1 + x) <= x", by="sign of a derivative", scope="all reals", latex=r"0\le\log(1+x)\le x")(logarithm_step)


@erratum.claim(r"\text{printed: }\lim_R\mathrm{CE}(W+RW^{\mathrm d})=\mathrm{CE}_{\mathcal F}(W),\ W^{\mathrm d}=0", expected="refuted")
def printed(case: Case) -> All:
    """Zero satisfies (6a), exactly; CE(W + R 0) does not depend on R, so its limit is CE(W)."""
    problem, w = case.problem, split(case.problem, point(case.problem))[0]
    still = zero(problem)
    return All(Equal(split(problem, still)[0], still), Equal(risk(problem, plus(w, still)), restricted_risk(problem, w)))


@erratum.claim(
    r"\text{repaired: }0\le\mathrm{CE}(W+RW^{\mathrm d})-\mathrm{CE}_{\mathcal"
    r" F}(W)\le e^{-R}\textstyle\sum_j\pi_j\rho_j(W)\text{ under (6)}"
)
def repaired(case: Case) -> All:
    """Along W^mm and another solution of (6), whose conditions are checked exactly."""
    directions = feasible_directions(case)
    parts = [Equal(split(case.problem, d)[0], zero(case.problem)) for d in directions]
    margins_hold = [AtMost(Fraction(1), min(margins(case.problem, d).values())) for d in directions]
    return All(*parts, *margins_hold, approaches(case, directions))


@erratum.mutant(of=repaired, latex=r"\text{(6b) alone suffices}")
def without_equalities(case: Case) -> AtMost:
    """Ex-Full: the scores on a support are driven apart."""
    return approaches(case, [unconstrained_direction(case)])


@erratum.mutant(of=repaired, latex=r"\text{half of a solution of (6) decays at the same rate}")
def half_the_margin(case: Case) -> AtMost:
    """The rate is the margin."""
    return approaches(case, [tuple(x / 2 for x in case.derived.max_margin.direction)])


@erratum.mutant(of=repaired, without=ntp_separable, latex=r"\text{without separability, with }u\text{ of the foundations}")
def without_separability(case: Case) -> All:
    """No direction satisfies (6): some token off a support keeps margin zero."""
    return repaired(case)


@erratum.mutant(
    of=printed,
    without=some_partial_support,
    instances=[ex_every_token],
    latex=r"\mathrm{CE}(W)>\mathrm{CE}_{\mathcal F}(W)\text{ with full supports, too}",
)
def printed_fails_with_full_supports(case: Case) -> Less:
    """Then the two losses are the same and there is nothing to repair: CE - CE_F is the separable excess, an empty sum."""
    return Less(Fraction(0), excess(case.problem, point(case.problem)))
