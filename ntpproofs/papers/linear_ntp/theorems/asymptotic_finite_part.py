"""The in-support part approaches W* like a fixed matrix over t.

The two formulas of the coefficient agree because, for compatible and separable data, the tied set of context j is
its support and the in-row softmax at W* is p_j: the mean tied difference is dbar_i = e_z h_j^T - p_j h_j^T for row
i = (j, z), so d_iv - dbar_i = (p_j - e_v) h_j^T, whatever z; and the tied loss is CE_F.
"""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, Equal, Measured, NotExercised, Rate
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.decomposition import decompose
from ..assumptions import ntp_compatible, ntp_separable
from ._asymptotic_instances import limiting_multipliers, lone_context, scalar, spare_token, weak_with_support
from ._golden import ex_every_token, golden, well_posed
from ._losses import as_floats, in_support_space
from .no_compatibility import clash, plane, stretched

FLOW = GradientFlow(log_time=1e4)

proposition = Proposition(
    label="linear-ntp.asymptotic-finite-part",
    title="The coefficient of 1/t in the in-support part",
    source=derived("asymptotic matching; measured, not proved"),
    setup=r"Let the data be compatible and separable without weak pairs, $W_t$ the gradient flow, and"
    r" $\lambda$ the limiting multipliers (the unique ones, or the projection of the weights where"
    r" they are not unique).",
    clauses=(
        clause(
            r"$t\,(\mathcal P_{\mathcal F}W_t-W^*)\to\bigl(\nabla^2\mathrm{CE}_{\mathcal F}(W^*)|_{\mathcal"
            r" F}\bigr)^{-1}\mathcal P_{\mathcal F}\bigl[\sum\lambda_{jv}(p_j-e_v)h_j^\top\bigr]$, at least"
            r" like $t^{-q/2}$ with $q$ the relaxation exponent.",
            claims=("scaled_part_converges",),
        ),
        clause(
            r"This is the coefficient of the foundations, written in decoders.",
            argued="docstring",
            claims=("formulas_agree",),
        ),
        clause(
            r"Where it does not vanish, $\|\mathcal P_{\mathcal F}W_t-W^*\|$ decays like $1/t$: so for one"
            r" context with unequal probabilities.",
            claims=("error_is_first_order",),
        ),
    ),
    uses=("foundations.finite-part-coefficient", "linear-ntp.gradient-descent-bias"),
    assumptions=(ntp_compatible, ntp_separable, strictly_complementary),
    instances=well_posed,
    examples=(*golden, ex_every_token),
    simulate=FLOW,
)


def coefficient(case: Case, displaced: bool = True) -> np.ndarray:
    """The right side, written in decoders: Hessian and right side on an orthonormal frame of F."""
    problem, frame = case.problem, in_support_space(case.problem).frame
    p = np.array([as_floats(x) for x in problem.probabilities])
    h = np.array([as_floats(x) for x in problem.embeddings])
    hessian = np.zeros((frame.shape[0], frame.shape[0]))
    for a, q, x in zip(as_floats(problem.weights), p, h):
        hessian += a * np.kron(np.diag(q) - np.outer(q, q), np.outer(x, x))
    right = np.zeros((problem.vocabulary_size, problem.dimension))
    for (j, v), y in limiting_multipliers(case).items():
        start = p[j] if displaced else np.eye(len(p[j]))[min(problem.supports[j])]
        right += y * np.outer(start - np.eye(len(p[j]))[v], h[j])
    inner = np.linalg.lstsq(frame.T @ hessian @ frame, frame.T @ right.ravel(), rcond=None)[0]
    return np.asarray(frame @ inner)


@proposition.claim(
    r"t\,(\mathcal P_{\mathcal F}W-W^*)\to(\nabla^2\mathrm{CE}_{\mathcal F}|_{\mathcal"
    r" F})^{-1}\mathcal P_{\mathcal F}[\textstyle\sum\lambda_{jv}(p_j-e_v)h_j^\top]"
)
def scaled_part_converges(case: Case, scale: float = 1.0, displaced: bool = True) -> Converges:
    """Tested at half the relaxation exponent q of the multipliers."""
    return Converges(case.trajectory.scaled_finite_part, scale * coefficient(case, displaced), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\text{two formulas of the coefficient agree}")
def formulas_agree(case: Case) -> Equal:
    """Written in decoders here, in rows of the conditional logit in the foundations."""
    value = coefficient(case)
    return Equal(Measured(value, 1e-9 * (1 + float(np.abs(value).max()))), asymptotics(case.derived).finite_part_coefficient)


@proposition.claim(r"\text{one context, }p\propto(1,\dots,\kappa):\ \|\mathcal P_{\mathcal F}W-W^*\|\approx1/t")
def error_is_first_order(case: Case, exponent: float = 1.0) -> Rate | NotExercised:
    """Fitted on the records integrated without reference to W*; 0.1 covers the relaxation t^-q of the coefficient."""
    problem = lone_context(case.problem, spare=1, least=2)
    if problem is None:
        return NotExercised("every embedding is zero")
    path = problem.conditional_logit().remember("flow of a lone context", lambda: FLOW(problem)).finite_part
    errors = path.distance(decompose(problem).finite_part)
    return Rate(scalar(path, errors, 1e-9, "|P_F W - W*|"), exponent, 0.1)


@proposition.mutant(of=scaled_part_converges, latex=r"\text{the coefficient vanishes}")
def faster_than_one_over_t(case: Case) -> Converges:
    """Ex-1(3/4): 0.444 (1, -1, 0)."""
    return scaled_part_converges(case, scale=0.0)


@proposition.mutant(of=scaled_part_converges, latex=r"(e_z-e_v)\text{ in the place of }(p_j-e_v)")
def anchored_instead_of_mean(case: Case) -> Converges:
    """The displaced mass is taken from the whole support, not from one token."""
    return scaled_part_converges(case, displaced=False)


@proposition.mutant(of=error_is_first_order, latex=r"\|\mathcal P_{\mathcal F}W-W^*\|\approx1/t^2")
def second_order(case: Case) -> Rate | NotExercised:
    """First order, as the mass off the supports is."""
    return error_is_first_order(case, 2.0)


@proposition.mutant(of=error_is_first_order, latex=r"\|\mathcal P_{\mathcal F}W-W^*\|\approx t^{-1/2}")
def half_order(case: Case) -> Rate | NotExercised:
    """Faster than a square root."""
    return error_is_first_order(case, 0.5)


@proposition.mutant(
    of=scaled_part_converges, without=ntp_compatible, instances=[clash, stretched, plane], latex=r"\text{with }p_j\text{, without compatibility}"
)
def law_of_the_data(case: Case) -> Converges:
    """The limiting law q_j on the support then differs from p_j and takes its place."""
    return scaled_part_converges(case)


@proposition.mutant(of=scaled_part_converges, without=ntp_separable, instances=[spare_token], latex=r"\text{the same without separability}")
def laws_of_the_contexts(case: Case) -> Converges:
    """Contexts whose tokens stay tied across their supports tend to a common law on the union, which is none of the p_j."""
    return scaled_part_converges(case)


@proposition.mutant(
    of=scaled_part_converges, without=strictly_complementary, instances=[weak_with_support], latex=r"\text{error }t^{-q}\text{ with weak pairs, too}"
)
def power_with_weak_pairs(case: Case) -> Converges:
    """The limit is the same, but the masses of weak pairs die like powers of 1/log t."""
    return scaled_part_converges(case)
