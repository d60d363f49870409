r"""Erratum: the second case of the proof of Theorem 1 is empty at finite B (2402.18551, NeurIPS 2024, p. 26).

The proof rescales W_B - W* to the norm of W^mm and calls it $\widehat W$. Case (i): some in-support difference of
$\widehat W$ is at least delta. Case (ii) takes $\widehat W$ in F^perp, "since otherwise we are in case (i)". But
P_F(W_B) = W* holds in the limit only: for finite B the in-support differences of $\widehat W$ are in general
neither zero nor at least a fixed delta, and the argument of case (ii) does not apply as written. A false proof
step; the theorem survives (linear-ntp.regularization-path), and so does the case: $\|P_F\widehat W\|\to0$, so
display (29) can be used with delta/2 up to that error.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ....exact.balls import PRECISION, Enclosure, exact_arb, interval
from ....language.relations import Converges, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Erratum, cite, clause
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._decoders import gaps
from ._golden import ex_three_quarters, golden, well_posed
from ._losses import gap_constant, in_support_part, in_support_space, log_odds_solution, norm, plus, zero
from ._ridge import RIDGES, ridge_path, ridge_solution

DELTA = Fraction(1, 100)

erratum = Erratum(
    label="linear-ntp.erratum-theorem-1-second-case",
    title="At finite B the rescaled difference is in neither case of the proof",
    source=cite("thrampoulidis2024", "proof of Theorem 1, case (ii), NeurIPS 2024, p. 26"),
    setup=r"Let the data be compatible and separable with some $|S_j|<V$, and $\widehat W=\|W^{\mathrm{mm}}\|(W_B-W^*)/\|W_B-W^*\|$.",
    clauses=(
        clause(
            r"Printed: if no in-support difference of $\widehat W$ reaches $\delta$ (case (i)), then $\widehat W\in\mathcal F^\perp$ (case (ii))."
            r" This is false for finite $B$; here $\delta=\tfrac1{100}$.",
            witness=("printed",),
        ),
        clause(
            r"$\mathcal P_{\mathcal F}W_B\to W^*$, so $\|\mathcal P_{\mathcal F}\widehat W\|\to0$, and (29) can be used with $\delta/2$ up to"
            r" that error.",
            argued="linear-ntp.restricted-loss",
            by=("linear-ntp.restricted-loss",),
            claims=("repaired",),
        ),
        clause(r"Theorem 1 survives.", by=("linear-ntp.regularization-path",)),
    ),
    uses=("linear-ntp.erratum-single-term-kl",),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=(ex_three_quarters, *golden),
)


def largest_difference(case: Case, difference: Enclosure) -> arb:
    """The largest in-support difference of W-hat, at the current precision: W_B - W* is enclosed."""
    problem = case.problem
    length = arb(norm(difference.center), exact_arb(difference.radius))
    largest = exact_arb(max((abs(x) for x in gaps(problem, difference.center)), default=Fraction(0)))
    widened = arb(largest, gap_constant(problem) * exact_arb(difference.radius))
    return widened * norm(case.derived.max_margin.direction) / length


def difference_of(case: Case, ridge: Fraction) -> Enclosure:
    """W_B - W* for the ball solution that is the ridge solution."""
    solution, part = ridge_solution(case.problem, ridge), case.derived.finite_part
    return Enclosure(plus(solution.center, part.center, -1), solution.radius + part.radius)


@erratum.claim(
    r"\text{printed: no in-support difference of }\widehat W\text{ reaches }\delta\implies\mathcal P_{\mathcal F}\widehat W=0", expected="refuted"
)
def printed(case: Case) -> Implies | NotExercised:
    """At the ridge parameter 1e-6, enclosed; P_F W-hat and P_F (W_B - W*) vanish together."""
    space, difference = in_support_space(case.problem), difference_of(case, RIDGES[-1])
    if not space.dimension:
        return NotExercised("F is zero")
    with ctx.workprec(PRECISION):
        below = bool(largest_difference(case, difference) < exact_arb(DELTA))
    inside = Enclosure(space.project(difference.center), difference.radius)
    return Implies(below, Equal(inside, zero(case.problem)))


@erratum.claim(r"\text{repaired: }\mathcal P_{\mathcal F}W_B\to W^*\text{ along the path}")
def repaired(case: Case) -> Converges:
    """The ridge path down to 1e-12, at least like the root of its parameter."""
    return Converges(in_support_part(case.problem, ridge_path(case.problem).iterates), log_odds_solution(case.problem), rate=1)


@erratum.mutant(of=repaired, latex=r"\text{for every }B\text{ some in-support difference of }\widehat W\text{ reaches }\delta")
def always_the_first_case(case: Case) -> Less | NotExercised:
    """They tend to zero."""
    if not in_support_space(case.problem).dimension:
        return NotExercised("F is zero")
    with ctx.workprec(PRECISION):
        return Less(DELTA, interval(largest_difference(case, difference_of(case, RIDGES[-1]))))


@erratum.mutant(of=repaired, latex=r"\mathcal P_{\mathcal F}W_B\to0")
def tends_to_zero(case: Case) -> Converges:
    """Only where all laws are uniform on their supports."""
    return Converges(in_support_part(case.problem, ridge_path(case.problem).iterates), zero(case.problem), rate=1)
