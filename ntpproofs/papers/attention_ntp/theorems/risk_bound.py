"""An explicit bound on the risk of one attention layer at every step of gradient descent.

It is the bound of `foundations.risk-bound`, whose u is W^svm and whose w* is W^fin: gradient descent from W(0) is compared with
the fixed matrix U = W^fin + (log tau) W^svm. There scores inside components are those of W^fin, every ratio is at most
rho_i(W^fin) / tau, and log(1 + x) <= x.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....dynamics.enclosed import BITS, EnclosedDescent, EnclosedRun
from ....exact.balls import Interval, exact_arb, interval, norm
from ....language.relations import AtMost
from ....language.statements import Case, Theorem, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import outside_ratio
from ....logit.step_size import largest_step
from ....symbolic import L, NonNegative
from ._instances import between, golden, independent
from ._limits import fin, start, svm

theorem = Theorem(
    label="attention-ntp.risk-bound",
    title="The risk of the layer is at most rho/tau plus a squared distance over 2 eta tau, at every step",
    source=derived("descent lemma, telescoping and the comparison point W^fin + (log tau) W^svm; a refinement given here"),
    setup=r"Independent embeddings, $0<\eta\le1/\beta$, any $W(0)$, $\bar\rho=\tfrac1n\sum_i\rho_i(W^{\mathrm{fin}})$.",
    clauses=(
        clause(
            r"For every $\tau\ge1$: $$\mathcal L(W(\tau))-\mathcal L^*\le\frac{\bar\rho}\tau"
            r"+\frac{\|W^{\mathrm{fin}}+(\log\tau)W^{\mathrm{svm}}-W(0)\|^2}{2\eta\tau}.$$",
            steps=("cross_terms",),
            by=("foundations.risk-bound", "attention-ntp.graph-svm", "attention-ntp.finite-part"),
            claims=("risk_is_bounded", "risk_is_bounded_from_zero"),
        ),
    ),
    uses=("foundations.risk-bound",),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, between),
)

STEPS = 8


@theorem.step("cross terms at the comparison point", by="sign of a derivative", scope="all x >= 0", latex=r"\log(1+x)\le x")
def cross_terms() -> NonNegative:
    """Each ratio is at most rho_i(W^fin) / tau there."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


def run(case: Case, moved: bool = True) -> EnclosedRun:
    """The first steps in balls, from the generic start or from zero; once per problem."""
    logit = case.problem.conditional_logit()
    descent = EnclosedDescent(STEPS, largest_step(logit), start(case.problem) if moved else None)
    found: EnclosedRun = logit.remember(descent, lambda: descent(case.problem))
    return found


def right_sides(case: Case, made: EnclosedRun, initial: tuple[Fraction, ...], **parts: bool) -> tuple[Interval, ...]:
    """The bound at tau = 1, 2, ..., in balls; `parts` leaves terms out for the mutants."""
    finite, best, logit = fin(case).finite_part, svm(case), case.problem.conditional_logit()
    rho = outside_ratio(logit, finite.center, case.derived.separation.tied_sets)
    result = []
    with ctx.workprec(BITS):
        for k in range(1, STEPS + 1):
            log = arb(k).log() if parts.get("moving", True) else arb(0)
            length = norm(exact_arb(x) + log * exact_arb(y) - exact_arb(z) for x, y, z in zip(finite.center, best, initial))
            distance = (length + exact_arb(finite.radius)) ** 2 / (2 * exact_arb(made.step_size) * k)
            ratio = exact_arb(rho.upper) / k if parts.get("ratio", True) else arb(0)
            result.append(interval(ratio + (distance if parts.get("distance", True) else arb(0))))
    # Where nothing moves both sides are zero up to rounding.
    return tuple(Interval(x.center + Fraction(1, 2**60), x.radius) for x in result)


def bound(case: Case, moved: bool = True, **parts: bool) -> AtMost:
    """Both sides at tau = 1, ..., enclosed."""
    made, lowest = run(case, moved), fin(case).infimum
    initial = start(case.problem) if moved else (Fraction(0),) * case.problem.dimension**2
    lefts = tuple(Interval(x.center - lowest.center, x.radius + lowest.radius) for x in made.losses[1:])
    return AtMost(lefts, right_sides(case, made, initial, **parts))


@theorem.claim(r"\text{the bound at }\tau=1,\dots,8\text{, from a start off every subspace}")
def risk_is_bounded(case: Case) -> AtMost:
    """Descent in balls against the bound in balls."""
    return bound(case)


@theorem.claim(r"\text{the bound at }\tau=1,\dots,8\text{, from }W(0)=0")
def risk_is_bounded_from_zero(case: Case) -> AtMost:
    """The same from zero."""
    return bound(case, moved=False)


@theorem.mutant(of=risk_is_bounded, latex=r"\mathcal L(W(\tau))-\mathcal L^*\le\bar\rho/\tau")
def without_the_distance(case: Case) -> AtMost:
    """In a two-cycle the ratios vanish, and still descent needs time."""
    return bound(case, distance=False)


@theorem.mutant(of=risk_is_bounded_from_zero, latex=r"\text{without }\bar\rho/\tau")
def without_the_ratio(case: Case) -> AtMost:
    """From zero on acyclic data the distance vanishes at the first step, the risk does not."""
    return bound(case, moved=False, ratio=False)


@theorem.mutant(of=risk_is_bounded, latex=r"\|W^{\mathrm{fin}}-W(0)\|\text{ from }W(0)=0")
def start_is_ignored(case: Case) -> AtMost:
    """The start enters the distance."""
    made, lowest = run(case), fin(case).infimum
    lefts = tuple(Interval(x.center - lowest.center, x.radius + lowest.radius) for x in made.losses[1:])
    return AtMost(lefts, right_sides(case, made, (Fraction(0),) * case.problem.dimension**2))


@theorem.mutant(of=risk_is_bounded, without=independent_embeddings, latex=r"\text{with }\mathcal L^*\text{ of the reduced dataset, always}")
def infimum_of_the_graphs(case: Case) -> AtMost:
    """Tokens tied by the embeddings alone raise the infimum, and no time makes up for it."""
    lowest, best = fin(case).infimum, case.derived.infimum
    return AtMost(Interval(best.center - lowest.center, best.radius + lowest.radius), Fraction(1, 2**60))
