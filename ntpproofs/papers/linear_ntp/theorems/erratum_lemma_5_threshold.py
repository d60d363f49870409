"""Erratum: the explicit threshold of Lemma 5 lacks a constant in its exponent (2402.18551, display (23), NeurIPS 2024, p. 24).

Printed: R' >= (1/(delta + alpha)) log(n V (A_max + 1) / A_min) is replaced by (|W^mm|/alpha) log(2 n V e^{4 |W*|}), with A the weights
e^{-(e_z - e_v)^T W_F h_j} of tokens off the supports. That needs (A_max + 1) / A_min <= 2 e^{4 |W*|}. By display (22) |W_F| <= 2 |W*|, and a
logit gap is at most M |W_F|, M = sqrt(2) max |h_j|: A_max <= e^{2 M |W*|} and A_min >= e^{-2 M |W*|}, so the exponent is 4 M |W*|, and
A_max + 1 <= 2 e^{2 M |W*|} whether or not A_max exceeds one. For one context h = 10 with p = (3/4, 1/4, 0) and W_F = 2 W* the left side is 12 and the
printed right side 2.73. A false step with a numerical constant; Lemma 5 survives with its M, and in the form of linear-ntp.margin-comparison.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import AtMost, NotExercised
from ....language.statements import Case, Erratum, cite, clause
from ....logit.enclosures import exact_scores
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._calculus import cauchy_schwarz, largest_gap
from ._golden import fractions, golden, well_posed
from ._losses import finite_norm, gap_constant

long_embedding = LinearNTP([[10]], [fractions("3/4", "1/4", "0")])

erratum = Erratum(
    label="linear-ntp.erratum-lemma-5-threshold",
    title="The threshold of Lemma 5 needs the constant M",
    source=cite("thrampoulidis2024", "proof of Lemma 5, display (23), NeurIPS 2024, p. 24"),
    setup=r"Let the data be compatible and separable with some $|S_j|<V$, $M=\sqrt2\max_j\|h_j\|$, $\|W_{\mathcal F}\|\le2\|W^*\|$, and"
    r" $A_{j,z,v}=e^{-(e_z-e_v)^\top W_{\mathcal F}h_j}$ for $z\in S_j$, $v\notin S_j$.",
    clauses=(
        clause(
            r"Printed, by putting $\log(2nVe^{4\|W^*\|})$ for $\log\bigl(nV(A_{\max}+1)/A_{\min}\bigr)$: $(A_{\max}+1)/A_{\min}\le2e^{4\|W^*\|}$."
            r" This is false.",
            witness=("printed",),
        ),
        clause(
            r"$(A_{\max}+1)/A_{\min}\le2e^{4M\|W^*\|}$, whether or not $A_{\max}\ge1$.",
            steps=("largest_gap", "cauchy_schwarz"),
            claims=("repaired",),
        ),
        clause(r"Lemma 5 survives.", by=("linear-ntp.margin-comparison",)),
    ),
    uses=("linear-ntp.erratum-lemma-5-exponentials",),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=(long_embedding, *golden),
)

erratum.step("logit gaps are at most M|W|", by="index calculus, normal form", scope="all sizes",
             latex=r"2(a^2+b^2)-(a-b)^2=(a+b)^2,\quad a=\langle w_u,h\rangle,\ b=\langle w_v,h\rangle")(largest_gap)  # fmt: skip
erratum.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
             latex=r"\|h\|^2\|x\|^2-\langle h,x\rangle^2=\tfrac12\sum_{c,e}(h_cx_e-h_ex_c)^2")(cauchy_schwarz)  # fmt: skip


def weights(case: Case, times: int) -> list[arb]:
    """All A_jzv at W_F = `times` W*, at the current precision; the radius of W* widens the logits by M r."""
    problem, part, found = case.problem, case.derived.finite_part, list[arb]()
    widened = times * exact_arb(part.radius) * gap_constant(problem)
    for row, support in zip(exact_scores(problem.conditional_logit(), part.center), problem.supports):
        pairs = [(z, v) for z in support for v in range(problem.vocabulary_size) if v not in support]
        found += [arb(times * exact_arb(row[v] - row[z]), widened).exp() for z, v in pairs]
    return found


def bounded(case: Case, with_constant: bool = True, exponent: int = 4, factor: int = 2) -> AtMost | NotExercised:
    """(A_max + 1) / A_min against factor e^{exponent M |W*|} (or without M), at W_F = 2 W* and at -2 W*."""
    lefts, rights = [], []
    with ctx.workprec(PRECISION):
        size = finite_norm(case) * (gap_constant(case.problem) if with_constant else 1)
        for times in (2, -2):
            found = weights(case, times)
            if not found:
                return NotExercised("nothing is off the supports")
            largest, least = (pick(found, key=lambda x: float(x.mid())) for pick in (max, min))
            lefts.append(interval((largest + 1) / least))
            # Equality is approached where W* = 0: room for the last bits.
            rights.append(interval(factor * (exponent * size).exp() * (1 + exact_arb(Fraction(1, 2**60)))))
    return AtMost(tuple(lefts), tuple(rights))


@erratum.claim(r"\text{printed: }(A_{\max}+1)/A_{\min}\le2e^{4\|W^*\|}", expected="refuted")
def printed(case: Case) -> AtMost | NotExercised:
    """Enclosed."""
    return bounded(case, with_constant=False)


@erratum.claim(r"\text{repaired: }(A_{\max}+1)/A_{\min}\le2e^{4M\|W^*\|}")
def repaired(case: Case) -> AtMost | NotExercised:
    """Enclosed."""
    return bounded(case)


@erratum.mutant(of=repaired, latex=r"(A_{\max}+1)/A_{\min}\le e^{4M\|W^*\|}")
def without_the_two(case: Case) -> AtMost | NotExercised:
    """At W* = 0 all weights are one, and A_max + 1 is two."""
    return bounded(case, factor=1)


@erratum.mutant(of=repaired, latex=r"(A_{\max}+1)/A_{\min}\le2e^{M\|W^*\|}")
def one_gap_instead_of_four(case: Case) -> AtMost | NotExercised:
    """A_max and A_min are two gaps each away from one."""
    return bounded(case, exponent=1)
