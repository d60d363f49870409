"""How fast the slope and the residual settle: t^-q with q read off the limiting multipliers.

W^mm = sum lambda x over constraints of margin one, so it is an eigenvector of sum lambda x x^T for the eigenvalue
1. For orthogonal embeddings lambda_jv = s_j / (V |h_j|^2) and, with x_jv = P_perp (p_j - e_v) h_j^T, differences
x_jv - x_{jv'} = (e_{v'} - e_v) h_j^T of one context are orthogonal to the other contexts and see lambda_jv and
lambda_{jv'} only.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ....dynamics import GradientFlow
from ....dynamics.trajectory import Trajectory
from ....language.relations import All, Converges, Equal, NotExercised, Relation
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import Asymptotics, asymptotics
from ....logit.decomposition import decompose
from ....logit.protocols import Reduces
from ...foundations.theorems.relaxation_exponent import fitted_exponent, generic_start, operator
from ..problem import LinearNTP
from ._asymptotic_instances import lone_context, spare_token, weak, weak_with_support
from ._golden import anything, ex_every_token, golden
from ._losses import as_floats
from .closed_form_orthogonal import orthogonalised


def from_generic_start(problem: Reduces) -> Trajectory:
    """The flow to t = e^100 from a general start."""
    return GradientFlow(log_time=100.0, initial=generic_start(problem), records=90)(problem)


proposition = Proposition(
    label="linear-ntp.relaxation-exponent",
    title="The relaxation exponent of the slope",
    source=derived("asymptotic matching; measured, not proved"),
    setup=r"Let there be no weak pairs, $\lambda$ the limiting multipliers of descent (the unique ones, or"
    r" the projection of the weights on the multipliers where they are not unique), $x_{jv}=\mathcal"
    r" P_\perp(p_j-e_v)h_j^\top$, $\mu$ the smallest non-zero eigenvalue of"
    r" $\sum\lambda_{jv}x_{jv}x_{jv}^\top$, $m$ the smallest inactive margin and $q=\min(\mu,m-1)$."
    r" $W^{\mathrm{mm}}$ is the $u$ of the foundations where the data are not separable.",
    clauses=(
        clause(
            r"$1$ is an eigenvalue of $\sum\lambda_{jv}x_{jv}x_{jv}^\top$, with eigenvector $W^{\mathrm{mm}}$"
            r" (for any multipliers).",
            by=("foundations.max-margin",),
            claims=("one_is_an_eigenvalue",),
            argued="docstring",
        ),
        clause(
            r"For orthogonal embeddings the others are $s_j/V$, where $V-s_j\ge2$.",
            by=("linear-ntp.closed-form-orthogonal",),
            claims=("orthogonal_spectrum",),
            argued="docstring",
        ),
        clause(
            r"Along the flow from a general start the slope reaches $W^{\mathrm{mm}}$ at least like"
            r" $t^{-q/2}$.",
            claims=("slope_is_as_fast",),
        ),
        clause(
            r"For one context with $V-s\ge2$ it does like $t^{-s/V}=t^{-q}$.",
            claims=("one_context_relaxes",),
        ),
    ),
    uses=("foundations.relaxation-exponent", "foundations.log-time-slope", "linear-ntp.log-time-slope"),
    assumptions=(strictly_complementary,),
    instances=anything,
    examples=(*golden, ex_every_token, spare_token),
    simulate=from_generic_start,
)


def in_rows(case: Case) -> Case:
    """The same case for the conditional logit of the data, whose parameters are the flat decoders."""
    return Case(case.problem.conditional_logit(), lambda _: case.derived)


@proposition.claim(r"\textstyle\sum\lambda_{jv}x_{jv}\langle x_{jv},W^{\mathrm{mm}}\rangle=W^{\mathrm{mm}}")
def one_is_an_eigenvalue(case: Case, power: int = 1) -> Equal:
    """Exact: every constraint with a multiplier has margin 1, so the sum is W^mm itself."""
    return Equal(operator(in_rows(case), case.derived.max_margin.direction, power), case.derived.max_margin.direction)


@proposition.claim(r"\text{orthogonal embeddings: }x_{jv}-x_{jv'}=(e_{v'}-e_v)h_j^\top\text{ is an eigenvector for }s_j/V")
def orthogonal_spectrum(case: Case, shift: int = 0) -> All:
    """Exact, for the embeddings made orthogonal and two tokens more, and for the first two tokens off each support."""
    base, parts = orthogonalised(case.problem), []
    rows = [dict(block.labels) for block in base.data.blocks]
    problem = LinearNTP(base.embeddings, rows, base.weights, vocabulary_size=base.vocabulary_size + 2)
    twin = in_rows(Case(problem, decompose))
    for h, support in zip(problem.embeddings, problem.supports):
        off = [v for v in range(problem.vocabulary_size) if v not in support][:2]
        signs = dict(zip(off, (-1, 1)))
        y = tuple(signs.get(v, 0) * x for v in range(problem.vocabulary_size) for x in h)
        share = Fraction(len(support) + shift, problem.vocabulary_size)
        parts.append(Equal(operator(twin, y), tuple(share * x for x in y)))
    return All(*parts)


@proposition.claim(r"\tfrac{d}{d\log t}\mathcal P_\perp W\to W^{\mathrm{mm}}\text{ at least like }t^{-q/2}")
def slope_is_as_fast(case: Case) -> Converges:
    """From a general start."""
    return Converges(case.trajectory.slope, as_floats(case.derived.max_margin.direction), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\text{one context, }V-s\ge2:\ \|\tfrac{d}{d\log t}\mathcal P_\perp W-W^{\mathrm{mm}}\|\approx t^{-s/V}")
def one_context_relaxes(case: Case, claimed: Callable[[Asymptotics], float] = lambda found: found.exponent) -> Relation:
    """Fitted as in the foundations from a general start, for one context of the data and three tokens more."""
    problem = lone_context(case.problem, spare=3)
    if problem is None:
        return NotExercised("every embedding is zero")
    run = problem.conditional_logit().remember("relaxation of a lone context", lambda: from_generic_start(problem))
    return fitted_exponent(Case(problem, decompose, lambda _: run), claimed)


@proposition.mutant(of=one_context_relaxes, latex=r"t^{-2q}")
def twice_the_exponent(case: Case) -> Relation:
    """The linearisation decides, not its square."""
    return one_context_relaxes(case, lambda found: 2 * found.exponent)


@proposition.mutant(of=one_context_relaxes, latex=r"t^{-1}\text{ whatever the multipliers}")
def always_one(case: Case) -> Relation:
    """s/V < 1."""
    return one_context_relaxes(case, lambda found: 1.0)


@proposition.mutant(of=orthogonal_spectrum, latex=r"(s_j+1)/V\text{ in the place of }s_j/V")
def one_token_more(case: Case) -> All:
    """The support is counted, no more."""
    return orthogonal_spectrum(case, shift=1)


@proposition.mutant(of=one_is_an_eigenvalue, latex=r"\textstyle\sum\lambda_{jv}^2\,x_{jv}x_{jv}^\top\text{ has eigenvalue }1")
def squared_multipliers(case: Case) -> Equal:
    """Each multiplier enters once."""
    return one_is_an_eigenvalue(case, power=2)


@proposition.mutant(
    of=one_context_relaxes,
    without=strictly_complementary,
    instances=[weak, weak_with_support],
    latex=r"\text{a power of }t"
    r"\text{ with weak pairs, too}",
)
def power_with_weak_pairs(case: Case) -> Relation:
    """The strong pairs alone would give t^-1; the distance decays like 1/log t."""
    return fitted_exponent(case, largest=2.0, excited=False)
