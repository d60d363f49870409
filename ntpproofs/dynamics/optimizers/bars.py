"""Error bars of discrete runs: rounding carried to every quantity, and how far twins that round differently part from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...logit.shapes import Parameters, Times
from ..field import Field
from ..trajectory import Trajectory

# What one step loses, relative to the iterate and to the length that changes a score by 1.
ROUNDING = 1e-15
# The distance of two twins from the run is a sample of size two of what rounding does.
SAFETY = 3.0


def bars(field: Field, steps: Times, run: Trajectory, twins: Sequence[Trajectory]) -> dict[str, Times]:
    """Rounding, and `SAFETY` times the largest distance of a twin within a factor of two in the number of steps."""
    errors = rounding_bars(field, steps, run)
    near = (steps[:, None] <= 2 * steps) & (steps <= 2 * steps[:, None])
    for twin in twins:
        for name, apart in distances(run, twin).items():
            errors[name] = np.maximum(errors[name], SAFETY * np.where(near, apart, 0.0).max(axis=1))
    return errors


def rounding_bars(field: Field, steps: Times, run: Trajectory) -> dict[str, Times]:
    """What rounding of non-expansive steps does. It adds up like a random walk in w; d being the error of w, R the largest difference:

    * masses off the tied sets change by factors e^{R d}, and t (L - L*) with them;
    * the tied loss changes by at most a R^2 (|P_T w - w*| + d) d, a the sum of the weights, and is evaluated up to rounding of its terms;
    * slopes are differences of two records over their gap in log time.
    """
    frame = field.frame
    reach, mass = float(np.sqrt((frame.rows**2).sum(axis=2).max(initial=0.0))), float(frame.weights.sum())
    size, walk, s = np.linalg.norm(points(run), axis=1), ROUNDING * np.sqrt(steps), run.log_times
    d = (walk + 10 * ROUNDING) * ((1 / reach if reach else 0.0) + size)
    gaps = np.diff(s)
    slope = (d[1:] + d[:-1]) / np.where(gaps > 0, gaps, 1.0)
    slope = np.concatenate([slope[:1], slope])
    with np.errstate(over="ignore", invalid="ignore"):
        t = np.exp(np.minimum(s, 700.0))
        excess = run.excess * (np.expm1(np.minimum(2 * reach * d, 700.0)) + walk * (4 + np.abs(s)))
        displacement = np.zeros(len(s))
        if frame.split:
            off = reach * np.linalg.norm(run.tied @ frame.tied_frame - frame.finite_part, axis=1)
            excess = excess + t * (mass * ((off + reach * d) * (reach * d) + 4 * ROUNDING * off))
            displacement = t * (d + float(frame.parts.finite_part.radius))
    direction = np.minimum(2 * d / np.where(size > 0, size, 1.0), 2.0)
    residual = d + walk * np.abs(s) * np.linalg.norm(run.slopes, axis=1)
    same = dict.fromkeys(("finite part", "diverging part", "iterate", "invariant part", "norm"), d)
    return same | {"slope": slope, "residual": residual, "direction": direction, "scaled excess": excess, "scaled finite part": displacement}


def distances(run: Trajectory, twin: Trajectory) -> dict[str, Times]:
    """How far two runs are apart at every record, per quantity."""
    with np.errstate(over="ignore", invalid="ignore"):
        apart = {
            "finite part": _lengths(run.tied - twin.tied),
            "diverging part": _lengths(run.diverging - twin.diverging),
            "invariant part": _lengths(run.invariant - twin.invariant),
            "iterate": _lengths(points(run) - points(twin)),
            "slope": _lengths(run.slopes - twin.slopes),
            "scaled excess": np.abs(run.excess - twin.excess),
            "scaled finite part": _lengths(run.displacement - twin.displacement),
            "direction": _lengths(_directions(points(run)) - _directions(points(twin))),
        }
    apart["norm"] = apart["iterate"]
    apart["residual"] = apart["diverging part"] + np.abs(run.log_times - twin.log_times) * _lengths(run.slopes)
    return apart


def points(run: Trajectory) -> Parameters:
    """w at every record."""
    return run.tied + run.diverging + run.invariant


def _lengths(x: Parameters) -> Times:
    return np.asarray(np.linalg.norm(x, axis=1))


def _directions(w: Parameters) -> Parameters:
    length = _lengths(w)[:, None]
    return np.divide(w, length, out=np.zeros_like(w), where=length > 0)
