"""The direction converges like 1/log t, with a constant."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, Implies
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import something_separable, strictly_complementary
from ....logit.asymptotics import asymptotics
from ._asymptotic_instances import scalar, spare_token, weak, weak_with_support
from ._golden import anything, golden
from ._losses import as_floats

proposition = Proposition(
    label="linear-ntp.direction-rate",
    title="The direction converges like 1/log t",
    source=derived("asymptotic matching; measured, not proved"),
    setup=r"Let something be separable, without weak pairs, and $W_t$ the gradient flow from $W_0=0$."
    r" $W^{\mathrm{mm}}$ and $W^*$ stand for the direction $u$ and the finite part of the foundations,"
    r" where the data are not separable or not compatible; $\rho$ is the limit of the residual.",
    clauses=(
        clause(
            r"$\log t\,\bigl\|W_t/\|W_t\|-W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|\bigr\|\to\|(W^*+\rho)_{\perp"
            r" W^{\mathrm{mm}}}\|/\|W^{\mathrm{mm}}\|$ where the active constraints span the diverging"
            r" subspace.",
            claims=("scaled_angle_converges",),
        ),
        clause(
            r"$\|W_t\|/\log t\to\|W^{\mathrm{mm}}\|$.",
            claims=("norm_over_log_time",),
        ),
    ),
    uses=("linear-ntp.asymptotic-residual", "linear-ntp.gradient-descent-bias"),
    # Where nothing is separable, for instance with full supports only, W^mm = 0: the angle is not defined and the constant is 0/0.
    assumptions=(something_separable, strictly_complementary),
    instances=anything,
    examples=(*golden, spare_token),
    simulate=GradientFlow(log_time=1e4),
)


def predicted_constant(case: Case) -> float:
    """|(W* + x*) off W^mm| / |W^mm|: the whole residual where the active constraints span the diverging subspace and W_0 = 0."""
    u = np.array(as_floats(case.derived.max_margin.direction))
    left_over = np.array(as_floats(case.derived.finite_part.center)) + asymptotics(case.derived).residual.value
    return float(np.linalg.norm(left_over - (left_over @ u) / (u @ u) * u) / np.linalg.norm(u))


def spans(case: Case) -> bool:
    """Whether the active constraints span the diverging subspace, so that the residual is predicted in full."""
    return bool(asymptotics(case.derived).span.shape[1] == case.derived.diverging.dimension)


@proposition.claim(r"\log t\,\|W/\|W\|-\overline{W^{\mathrm{mm}}}\|\to\|(W^*+\rho)_{\perp W^{\mathrm{mm}}}\|/\|W^{\mathrm{mm}}\|")
def scaled_angle_converges(case: Case, scale: float = 1.0, power: float = 1.0) -> Implies:
    """From W_0 = 0; elsewhere the residual is not predicted in full."""
    path, u = case.trajectory.direction.since(100.0), np.array(as_floats(case.derived.max_margin.direction))
    angles = path.distance(u / np.linalg.norm(u)) * path.log_times**power
    return Implies(
        spans(case), Converges(scalar(path, angles, path.errors * path.log_times, "log t times the angle"), (scale * predicted_constant(case),))
    )


@proposition.claim(r"\|W\|/\log t\to\|W^{\mathrm{mm}}\|=1/\gamma")
def norm_over_log_time(case: Case, inverted: bool = False) -> Converges:
    """The error falls at least by a quarter while log t doubles."""
    path, size = case.trajectory.norm.since(100.0), float(case.derived.max_margin.squared_norm) ** 0.5
    ratio = scalar(path, path.values / path.log_times, path.errors / path.log_times, "norm over log t")
    return Converges(ratio, (1 / size if inverted else size,))


@proposition.mutant(of=scaled_angle_converges, latex=r"\text{the direction converges faster than }1/\log t")
def faster_than_logarithmic(case: Case) -> Implies:
    """The constant is positive as soon as W* or the residual leaves the line of W^mm."""
    return scaled_angle_converges(case, scale=0.0)


@proposition.mutant(of=scaled_angle_converges, latex=r"\text{the constant without its division by }\|W^{\mathrm{mm}}\|")
def undivided_constant(case: Case) -> Implies:
    """An angle, not a length."""
    return scaled_angle_converges(case, scale=float(case.derived.max_margin.squared_norm) ** 0.5)


@proposition.mutant(of=scaled_angle_converges, latex=r"\text{the direction converges like }1/t")
def algebraic_rate(case: Case) -> Converges:
    """It decays like 1/log t: no power of t."""
    u = np.array(as_floats(case.derived.max_margin.direction))
    return Converges(case.trajectory.direction.since(100.0), u / np.linalg.norm(u), rate=1)


@proposition.mutant(of=norm_over_log_time, latex=r"\|W\|/\log t\to\gamma")
def margin_instead_of_norm(case: Case) -> Converges:
    """Inverted growth."""
    return norm_over_log_time(case, inverted=True)


@proposition.mutant(
    of=scaled_angle_converges, without=strictly_complementary, instances=[weak, weak_with_support], latex=r"\text{with weak pairs too}"
)
def with_weak_pairs(case: Case) -> Converges:
    """The angle then decays like log log t / log t, so no constant fits: here the one of the first record is tried."""
    path, u = case.trajectory.direction.since(100.0), np.array(as_floats(case.derived.max_margin.direction))
    angles = path.distance(u / np.linalg.norm(u)) * path.log_times
    return Converges(scalar(path, angles, path.errors * path.log_times, "log t times the angle"), (float(angles[0]),))
