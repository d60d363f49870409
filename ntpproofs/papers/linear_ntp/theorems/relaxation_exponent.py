"""How fast the slope and the residual settle: t^-q with q read off the multipliers (linear brief, 2-R (v))."""

from __future__ import annotations

from fractions import Fraction

from ....dynamics import GradientFlow
from ....language.relations import All, Equal, Implies
from ....language.statements import Case, Proposition, derived
from ....language.verdicts import Outcome
from ....logit.assumptions import strictly_complementary
from ...foundations.theorems.relaxation_exponent import fitted_exponent, generic_start, operator
from ..assumptions import orthogonal_embeddings
from ._golden import anything, ex_every_token, golden
from ._sharp import spare_token, weak, weak_with_support

proposition = Proposition(
    label="linear-ntp.relaxation-exponent",
    title="The relaxation exponent of the slope",
    source=derived("asymptotic matching, 2-R (v); measured, not proved"),
    text=r"Without weak pairs the slope reaches $W^{\mathrm{mm}}$ like $t^{-q}$, $q=\min(\mu,m-1)$, with $\mu$ the smallest non-zero eigenvalue of"
    r" $\sum\lambda_{jv}x_{jv}x_{jv}^\top$ (one eigenvalue is $1$, with eigenvector $W^{\mathrm{mm}}$) and $m$ the smallest inactive"
    r" margin. For orthogonal"
    r" embeddings the eigenvalues are $1$ and $s_j/V$, the latter where $V-s_j\ge2$. This is the rate from a general start; symmetric"
    r" starts may be faster. Compatibility is not needed, nor is separability"
    r" with the $u$ of the foundations in the place of $W^{\mathrm{mm}}$ (for full supports it is zero, and there is no rate to fit).",
    uses=("foundations.relaxation-exponent", "foundations.log-time-slope", "linear-ntp.log-time-slope"),
    assumptions=(strictly_complementary,),
    instances=anything,
    examples=(*golden, ex_every_token, spare_token),
    simulate=lambda problem: GradientFlow(log_time=100.0, initial=generic_start(problem), records=90)(problem),
)


def in_rows(case: Case) -> Case:
    """The same case for the conditional logit of the data, whose parameters are the flat decoders."""
    return Case(case.problem.conditional_logit(), lambda _: case.derived)


@proposition.claim(r"\textstyle\sum\lambda_{jv}x_{jv}\langle x_{jv},W^{\mathrm{mm}}\rangle=W^{\mathrm{mm}}")
def one_is_an_eigenvalue(case: Case, power: int = 1) -> Equal:
    """Exact: every constraint with a multiplier has margin 1, so the sum is W^mm itself."""
    return Equal(operator(in_rows(case), case.derived.max_margin.direction, power), case.derived.max_margin.direction)


@proposition.claim(r"\text{orthogonal embeddings: }x_{jv}-x_{jv'}=(e_{v'}-e_v)h_j^\top\text{ is an eigenvector for }s_j/V")
def orthogonal_spectrum(case: Case, shift: int = 0) -> Implies:
    """Exact, for the first two tokens off each support that leaves out two."""
    problem, parts = case.problem, []
    for h, support in zip(problem.embeddings, problem.supports):
        off = [v for v in range(problem.vocabulary_size) if v not in support][:2]
        signs = dict(zip(off, (-1, 1)))
        y = tuple(signs.get(v, 0) * x for v in range(problem.vocabulary_size) for x in h)
        share = Fraction(len(support) + shift, problem.vocabulary_size)
        parts += [Equal(operator(in_rows(case), y), tuple(share * x for x in y))] if len(off) == 2 else []
    orthogonal = orthogonal_embeddings(problem).outcome is Outcome.HOLDS
    return Implies(orthogonal and bool(parts), All(*parts))


@proposition.claim(r"\|\tfrac{d}{d\log t}\mathcal P_\perp W-W^{\mathrm{mm}}\|\approx t^{-q}\ (q<1)")
def slope_relaxes(case: Case) -> Implies:
    """Fitted as in the foundations: from a general start, where one mode leads."""
    return fitted_exponent(case)


@proposition.mutant(of=slope_relaxes, latex=r"t^{-2q}")
def twice_the_exponent(case: Case) -> Implies:
    """The linearisation decides, not its square."""
    return fitted_exponent(case, lambda found: 2 * found.exponent)


@proposition.mutant(of=slope_relaxes, latex=r"t^{-1}\text{ whatever the multipliers}")
def always_one(case: Case) -> Implies:
    """Ex-Full: 1/3."""
    return fitted_exponent(case, lambda found: 1.0)


@proposition.mutant(of=orthogonal_spectrum, latex=r"(s_j+1)/V\text{ in the place of }s_j/V")
def one_token_more(case: Case) -> Implies:
    """The support is counted, no more."""
    return orthogonal_spectrum(case, shift=1)


@proposition.mutant(of=one_is_an_eigenvalue, latex=r"\textstyle\sum\lambda_{jv}^2\,x_{jv}x_{jv}^\top\text{ has eigenvalue }1")
def squared_multipliers(case: Case) -> Equal:
    """Each multiplier enters once."""
    return one_is_an_eigenvalue(case, power=2)


@proposition.mutant(
    of=slope_relaxes,
    without=strictly_complementary,
    instances=[weak, weak_with_support],
    latex=r"\text{a power of }t"
    r"\text{ with weak pairs, too}",
)
def power_with_weak_pairs(case: Case) -> Implies:
    """The strong pairs alone would give t^-1; the distance decays like 1/log t."""
    return fitted_exponent(case, largest=2.0, excited=False)
