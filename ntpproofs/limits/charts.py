"""Charts of a run against its limit: distances with the predicted rates beside them, and the smallest margins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..dynamics import Trajectory
from ..language.figures import Chart, Curve, Scale
from ..logit.norm_margins import achieved_margin, norm_margin
from ..logit.problem import ConditionalLogit
from .targets import Targets, direction

SHOWN = 8  # margins


def errors_chart(logit: ConditionalLogit, targets: Targets, trajectory: Trajectory, norm: str | float) -> Chart:
    """Slope, direction and finite-part errors against log10 t, with the predicted rates drawn.

    The rates are t^-q for the slope and 1/log t for the direction (with weak pairs 1/log t and log log t / log t), 1/t for the finite
    part. For a method of another norm the margin per unit norm is compared with its maximum instead of slope and direction with u.
    """
    u = direction(targets)
    length = float(np.linalg.norm(u))
    begin, scale = _begin(trajectory)
    late, tied = trajectory.log_times > begin, trajectory.finite_part
    times, shown = trajectory.log_times[late], tied.log_times > begin
    curves: list[Curve] = []
    _add(curves, tied.log_times[shown], tied.distance(targets.finite_part)[shown], "finite part", "1 / t", lambda s: -s)
    if length and norm == "frobenius":
        exponent = targets.exponent if targets.strictly_complementary else None
        law, rate = ("1 / log t", lambda s: -np.log(s)) if exponent is None else (f"t^-{float(exponent):.3g}", lambda s: -float(exponent) * s)
        _add(curves, times, trajectory.slope.distance(u)[late] / length, "log-time slope", law, rate)
        drifts = exponent is None  # w = u log t + D log log t: the angle falls like log log t / log t
        told = ("log log t / log t", lambda s: np.log(np.log1p(s)) - np.log(s)) if drifts else ("1 / log t", lambda s: -np.log(s))
        _add(curves, times, trajectory.direction.distance(u / length)[late], "direction", *told)
    elif length:
        largest = float(norm_margin(logit, norm).margin)
        reached = np.array([achieved_margin(logit, norm, w) for w in (trajectory.diverging + trajectory.invariant)[late]])
        _add(curves, times, np.abs(1 - reached / largest), f"margin missing, {norm} norm", "1 / log t", lambda s: -np.log(s))
    return Chart("distance to the certified limit", "log10 t", "error", tuple(curves), scale, "log" if curves else "linear")


def _begin(trajectory: Trajectory) -> tuple[float, Scale]:
    # The log time from which records are drawn, and the scale of the axis. A run that ends before log t = 1.5 (few steps, or small ones)
    # has no decades to show: all of it is drawn, evenly.
    return (0.5, "log") if trajectory.log_times[-1] > 1.5 else (float(trajectory.log_times[0]) - 1.0, "linear")


def _add(curves: list[Curve], times: np.ndarray, errors: np.ndarray, label: str, law: str, log_rate: Callable[[np.ndarray], np.ndarray]) -> None:
    # The measured curve, and its law drawn through the middle of what stands clear of rounding. An error that is zero has no logarithm.
    if not errors.any():
        return
    curves.append(Curve(times / np.log(10), errors, label))
    clear = np.flatnonzero(errors > 1e-13)
    if len(clear) < 3 or times[0] <= 0:  # the laws are about large t
        return
    anchor = clear[len(clear) // 2]
    drawn = np.exp(np.clip(np.log(errors[anchor]) + log_rate(times) - log_rate(times[anchor]), -700.0, 700.0))
    kept = (drawn > 1e-17) & (drawn < 1e3)
    curves.append(Curve(times[kept] / np.log(10), drawn[kept], law, ":", 1.0, len(curves) - 1))


def margins_chart(targets: Targets, trajectory: Trajectory) -> Chart:
    """The smallest margins against log10 t, over log t where the run is long enough to show that the support tends to 1."""
    begin, scale = _begin(trajectory)
    late = trajectory.log_times > begin
    margins = np.sort(targets.margins(trajectory.diverging[late]), axis=1)[:, :SHOWN]
    decades = trajectory.log_times[late] / np.log(10)
    if scale == "linear":
        curves = tuple(Curve(decades, column, width=1.0) for column in margins.T)
        return Chart("smallest margins", "log10 t", "margin", curves)
    curves = tuple(Curve(decades, column / trajectory.log_times[late], width=1.0) for column in margins.T)
    return Chart("smallest margins: the support tends to 1", "log10 t", "margin / log t", curves, "log", levels=(1.0,))
