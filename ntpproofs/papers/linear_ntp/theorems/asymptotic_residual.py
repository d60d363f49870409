"""What is left of the diverging part after W^mm log t solves a log-odds equation of its own."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Bounded, Converges, Implies, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ..assumptions import ntp_compatible, ntp_separable
from ._asymptotic_instances import limiting_multipliers, spare_token, weak, weak_with_support
from ._golden import ex_every_token, golden, well_posed
from ._losses import as_floats
from .no_compatibility import clash, plane, stretched

proposition = Proposition(
    label="linear-ntp.asymptotic-residual",
    title="The residual W_k - W^mm log t and its log-odds",
    source=derived("asymptotic matching; measured, not proved"),
    setup=r"Let the data be compatible and separable without weak pairs, $W_t$ the gradient flow, $\lambda$"
    r" the limiting multipliers (the unique ones, or the projection of the weights where they are not"
    r" unique) and $\rho_t=\mathcal P_\perp W_t-W^{\mathrm{mm}}\log t$.",
    clauses=(
        clause(
            r"$\rho_t$ stays bounded.",
            claims=("residual_is_bounded",),
        ),
        clause(
            r"For every active $(j,v)$ and $z\in S_j$, $(e_v-e_z)^\top(W^*+\rho_t)h_j+\log"
            r" p_{jz}\to\log(\lambda_{jv}/\pi_j)$, at least like $t^{-q/2}$ with $q$ the relaxation exponent.",
            claims=("residual_meets_its_odds",),
        ),
    ),
    uses=("foundations.residual", "linear-ntp.gradient-descent-bias"),
    assumptions=(ntp_compatible, ntp_separable, strictly_complementary),
    instances=well_posed,
    examples=(*golden, ex_every_token),
    simulate=GradientFlow(log_time=1e4),
)


def odds_defect(case: Case, weighted: bool = True, frequency: bool = True, residual: bool = True) -> ValuePath:
    """(e_v - e_z)^T (W* + rho) h_j + log p_jz - log(lambda_jv / pi_j) for all active (j, v), z the first support token."""
    problem, path = case.problem, case.trajectory.residual(case.derived.max_margin.direction)
    constant = np.array(as_floats(case.derived.finite_part.center))
    rows, offsets = [], []
    for (j, v), y in limiting_multipliers(case).items():
        z = min(problem.supports[j])
        row = np.zeros((problem.vocabulary_size, problem.dimension))
        row[v] += as_floats(problem.embeddings[j])
        row[z] -= as_floats(problem.embeddings[j])
        rows.append(row.ravel())
        odds = np.log(float(problem.probabilities[j][z])) if frequency else 0.0
        offsets.append(odds - np.log(y / (float(problem.weights[j]) if weighted else 1.0)))
    design = np.array(rows).reshape(-1, len(constant))
    values = (constant + (path.values if residual else 0 * path.values)) @ design.T + np.array(offsets)
    return ValuePath(path.log_times, values, path.errors * float(np.linalg.norm(design)) + 1e-9, "log-odds defect of the active constraints")


@proposition.claim(r"\log(\lambda_{jv}/\pi_j)=(e_v-e_z)^\top(W^*+\rho)h_j+\log p_{jz}\text{ in the limit}")
def residual_meets_its_odds(case: Case, **changes: bool) -> Implies:
    """Every active constraint, tested at half the relaxation exponent; full supports leave none."""
    path = odds_defect(case, **changes)
    count = path.values.shape[1]
    return Implies(count > 0, Converges(path, np.zeros(count), rate=asymptotics(case.derived).exponent))


@proposition.claim(r"\mathcal P_\perp W_k-W^{\mathrm{mm}}\log t=O(1)")
def residual_is_bounded(case: Case, scale: float = 1.0) -> Bounded:
    """Its increments over doublings of log t shrink."""
    u = [scale * x for x in as_floats(case.derived.max_margin.direction)]
    return Bounded(case.trajectory.residual(u), rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=residual_meets_its_odds, latex=r"\log\lambda_{jv}=\dots\text{ (without }\pi_j\text{)}")
def weights_forgotten(case: Case) -> Implies:
    """Context weights scale the masses."""
    return residual_meets_its_odds(case, weighted=False)


@proposition.mutant(of=residual_meets_its_odds, latex=r"\dots\text{ without }\log p_{jz}")
def frequencies_forgotten(case: Case) -> Implies:
    """Odds against one token of the support need its share of it."""
    return residual_meets_its_odds(case, frequency=False)


@proposition.mutant(of=residual_meets_its_odds, latex=r"\rho=0")
def residual_vanishes(case: Case) -> Implies:
    """W_k - W^mm log k does not tend to W*."""
    return residual_meets_its_odds(case, residual=False)


@proposition.mutant(of=residual_is_bounded, latex=r"\mathcal P_\perp W_k-\tfrac9{10}W^{\mathrm{mm}}\log t=O(1)")
def tenth_of_the_slope_left(case: Case) -> Bounded:
    """The drift is seen at once."""
    return residual_is_bounded(case, 0.9)


@proposition.mutant(
    of=residual_is_bounded, without=strictly_complementary, instances=[weak, weak_with_support], latex=r"\text{bounded with weak pairs too}"
)
def bounded_with_weak_pairs(case: Case) -> Bounded:
    """Then it drifts like log log t."""
    return Bounded(case.trajectory.residual(case.derived.max_margin.direction))


@proposition.mutant(
    of=residual_meets_its_odds, without=ntp_compatible, instances=[clash, stretched, plane], latex=r"\text{with }p_{jz}\text{, without compatibility}"
)
def law_of_the_data(case: Case) -> Implies:
    """The limiting law q_j on the support takes the place of p_j."""
    return residual_meets_its_odds(case)


@proposition.mutant(
    of=residual_meets_its_odds, without=ntp_separable, instances=[spare_token], latex=r"\text{with }p_{jz}\text{, without separability}"
)
def law_of_the_context(case: Case) -> Implies:
    """Tokens that stay tied to the support take part of its mass, so the share of z tends to less than p_jz."""
    return residual_meets_its_odds(case)
