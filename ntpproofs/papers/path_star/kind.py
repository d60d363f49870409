"""The kind "path-star": path-star graphs, a training and a convex learner (2403.06963), answered in closed form."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ...errors import TooLarge
from ...language.answers import Predictions, Request, decided
from ...language.figures import Chart, Curve, Figure
from ...language.kinds import Kind
from ...language.wanted import Wanted
from ...logit.margin import max_margin
from ...logit.recession import separation
from . import assumptions as library
from . import growth, moves
from .distribution import node_count
from .floors import teacher_forced_floor, teacherless_floor
from .information import enclosed
from .predictions import predictions
from .problem import PathStar, problem_of
from .simulation import compared, refuse_run

ASSUMPTIONS = tuple(getattr(library, name) for name in library.NAMES)
WORDS = {
    "loss_floor": "infimum of the loss, nats per sequence",
    "accuracy": "accuracy of the limit, whole sequences",
    "max_margin": "max-margin direction, exact",
    "finite_lookback_weight": "finite lookback weight beta*",
    "relaxation_exponent": "relaxation exponent rho",
    "edge_offset": "edge offset log Phi*",
    "excess_constant": "limit of eta t (L - inf L)",
    "forward_drift": "limit of exp(-w_F) / log t",
    "plateaus": "plateaus predicted for networks, r_2 to r_l",
}
# Alternatives of the written-out learner beyond which no certificate is made; and lookbacks drawn in the figure.
LARGEST_CERTIFICATE, LARGEST_STAIRCASE = 2_000, 200


def certificates(problem: PathStar) -> list[dict[str, Any]]:
    """Separation and max-margin direction of the learner's conditional logit, for the kernel."""
    _refuse_certificate(problem)
    logit = problem.conditional_logit()
    return [separation(logit).certificate, max_margin(logit).certificate]


def _refuse_certificate(problem: PathStar) -> None:
    size = (problem.length - 1) * (problem.lookback + 4)
    if size > LARGEST_CERTIFICATE:
        raise TooLarge("--certificate", f"would have about {size} alternatives", "give a shorter length or a smaller lookback")


def refuse(problem: PathStar, request: Request, wanted: Wanted) -> None:
    """A certificate or a simulation that would be too large, and what the simulation does not take."""
    if wanted.certificate:
        _refuse_certificate(problem)
    for options in wanted.simulations:
        refuse_run(problem, options)


def staircase(problem: PathStar) -> tuple[Figure, ...]:
    """The floors of both trainings against the lookback: a plateau with a cliff, and a staircase."""
    arms, length = problem.arms, problem.length
    if length > LARGEST_STAIRCASE:
        return ()
    lookbacks = list(range(-1, length - 1))
    candidates = max(problem.candidates, node_count(arms, length))
    standard = [float(enclosed(teacher_forced_floor(arms, length, k))) for k in lookbacks]
    without = [float(enclosed(teacherless_floor(arms, length, k, candidates))) for k in lookbacks]
    curves = (Curve(lookbacks, standard, "standard", "o-"), Curve(lookbacks, without, "teacherless", "s-"))
    return (Figure((Chart("no partial credit under teacher forcing", "lookback $K$, tokens", "floor, nats per sequence", curves),)),)


def answer(problem: PathStar, request: Request) -> Predictions:
    """The closed forms, for any size; the simulation follows the learner's flow."""
    found = predictions(problem)
    return Predictions(
        kind=kind.name,
        values=found.values,
        assumptions=decided(ASSUMPTIONS, problem),
        notes=(*request.notes, *found.notes),
        words=WORDS,
        run=partial(compared, problem, found),
        parts=(replace(problem.facts, title="instance"),),
        records=partial(certificates, problem),
        pictures=staircase(problem),
    )


def strategy(**bounds: Any) -> Any:
    """`path_stars`, imported when somebody draws."""
    from .strategies import path_stars

    return path_stars(**bounds)


kind = Kind(
    name="path-star",
    area="path-star",
    title="Path-star graphs (2403.06963)",
    problem=PathStar,
    read=problem_of,
    strategy=strategy,
    domain=moves.belongs,
    enumerate=moves.small_problems,
    simplify=moves.simplifications,
    neighbours=moves.neighbours,
    measure=moves.measure,
    describe=PathStar.view,
    assumptions=ASSUMPTIONS,
    answer=answer,
    refuse=refuse,
    outline=growth.outline,
    vary=growth.vary,
    generators=growth.GENERATORS,
)
