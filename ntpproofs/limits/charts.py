"""Charts of a run against its limit: distances with the predicted rates beside them, and the smallest margins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..dynamics import Trajectory
from ..language.figures import Chart, Curve, Scale
from ..logit.norm_margins import achieved_margin, norm_margin
from ..logit.problem import ConditionalLogit
from .targets import Targets, direction

SHOWN = 8  # margins
DECADES = r"$\log_{10} t$ (decades)"
# In the clock of the flow these approach the finite part like 1/t; the others take steps that do not shrink with the gradient.
DESCENTS = ("gradient-flow", "gradient-descent", "heavy-ball", "nesterov", "accelerated")
# A run that ends this many times below its law, drawn through the first half, is said to be faster.
FASTER = 3.0


@dataclass(frozen=True)
class _Law:
    # An upper bound up to a constant: what it is called, and its logarithm at a log time.
    name: str
    log_rate: Callable[[np.ndarray], np.ndarray]


_INVERSE = _Law("$1/t$", lambda s: -s)
_INVERSE_LOG = _Law(r"$1/\log t$", lambda s: -np.log(s))
_DRIFT = _Law(r"$\log\log t/\log t$", lambda s: np.log(np.log1p(s)) - np.log(s))


def errors_chart(logit: ConditionalLogit, targets: Targets, trajectory: Trajectory, norm: str | float, optimizer: str = "gradient-flow") -> Chart:
    """Slope, direction and finite-part errors against log10 t, with the laws that bound them.

    The laws are t^-q for the slope and 1/log t for the direction (with weak pairs 1/log t and log log t / log t), 1/t for the finite part of
    methods whose steps shrink with the gradient. For a method of another norm the margin per unit norm is compared with its maximum
    instead of slope and direction with u. Where a run is faster than its law a note says why, where no law is known that.
    """
    u = direction(targets)
    length = float(np.linalg.norm(u))
    begin, scale = _begin(trajectory)
    late, tied = trajectory.log_times > begin, trajectory.finite_part
    times, shown = trajectory.log_times[late], tied.log_times > begin
    drawn = _Drawn([], [])
    drawn.add(tied.log_times[shown], tied.distance(targets.finite_part)[shown], "finite part", _INVERSE if optimizer in DESCENTS else None)
    if length and norm == "frobenius":
        exponent = targets.exponent if targets.strictly_complementary else None
        slope = _INVERSE_LOG if exponent is None else _Law(f"$t^{{-{float(exponent):.3g}}}$", lambda s: -float(exponent) * s)
        drawn.add(times, trajectory.slope.distance(u)[late] / length, "log-time slope", slope)
        # With weak pairs w = u log t + D log log t: the angle falls like log log t / log t.
        drawn.add(times, trajectory.direction.distance(u / length)[late], "direction", _DRIFT if exponent is None else _INVERSE_LOG)
    elif length:
        largest = float(norm_margin(logit, norm).margin)
        reached = np.array([achieved_margin(logit, norm, w) for w in (trajectory.diverging + trajectory.invariant)[late]])
        drawn.add(times, np.abs(1 - reached / largest), f"margin missing, {norm} norm", _INVERSE_LOG)
    y_scale: Scale = "log" if drawn.curves else "linear"
    return Chart("distance to the certified limit", DECADES, "distance (no unit)", tuple(drawn.curves), scale, y_scale, notes=tuple(drawn.notes))


def _begin(trajectory: Trajectory) -> tuple[float, Scale]:
    # The log time from which records are drawn, and the scale of the axis. A run that ends before log t = 1.5 (few steps, or small ones)
    # has no decades to show: all of it is drawn, evenly.
    return (0.5, "log") if trajectory.log_times[-1] > 1.5 else (float(trajectory.log_times[0]) - 1.0, "linear")


@dataclass(frozen=True)
class _Drawn:
    # The curves and remarks of a chart as they come together.
    curves: list[Curve]
    notes: list[str]

    def add(self, times: np.ndarray, errors: np.ndarray, label: str, law: _Law | None) -> None:
        """The measured curve, and its law as a bound: with the least constant for which it lies above the first half of what stands clear of
        rounding. An error that is zero has no logarithm and no curve."""
        if not errors.any():
            return
        self.curves.append(Curve(times / np.log(10), errors, label))
        clear = np.flatnonzero(errors > 1e-13)
        if len(clear) < 3 or times[0] <= 0:  # the laws are about large t
            return
        if law is None:
            self.notes.append(f"{label}: no law is known for steps that do not shrink with the gradient")
            return
        excess = np.log(errors[clear]) - law.log_rate(times[clear])
        half = len(clear) // 2
        constant = float(excess[: half + 1].max() if half else excess[0])
        bound = np.exp(np.clip(constant + law.log_rate(times), -700.0, 700.0))
        kept = (bound > 1e-17) & (bound < 1e3)
        if kept.any():
            self.curves.append(Curve(times[kept] / np.log(10), bound[kept], f"at most like {law.name}", ":", 1.0, len(self.curves) - 1))
        if excess[-1] < constant - np.log(FASTER):
            self.notes.append(f"{label}: faster than its law; a start at zero need not excite the slowest mode")


def margins_chart(targets: Targets, trajectory: Trajectory) -> Chart:
    """The smallest margins against log10 t, over log t where the run is long enough to show that the support tends to 1."""
    begin, scale = _begin(trajectory)
    late = trajectory.log_times > begin
    margins = np.sort(targets.margins(trajectory.diverging[late]), axis=1)[:, :SHOWN]
    decades = trajectory.log_times[late] / np.log(10)
    if scale == "linear":
        curves = tuple(Curve(decades, column, width=1.0) for column in margins.T)
        return Chart("smallest margins", DECADES, "margin (no unit)", curves)
    curves = tuple(Curve(decades, column / trajectory.log_times[late], width=1.0) for column in margins.T)
    return Chart("smallest margins: the support tends to 1", DECADES, r"margin / $\log t$", curves, "log", levels=(1.0,))
