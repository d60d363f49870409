"""Relations about the limit or the rate of a path. Decay and drift are compared, never an angle at a fixed time.

Always graded tested. A refutation here is accepted as the end of a mutant, because limits of trajectories cannot be certified.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .compared_values import ValuePath, is_enclosed
from .verdicts import Evidence, Outcome, Verdict, decided_html

# Rate times log time from which on transients have died.
SETTLED = 20.0
# A distance that dips is so many times smaller in between, and was as many times larger in the beginning, than it is at the end.
DIP = 4.0


@dataclass(frozen=True)
class Converges:
    """A path converges to `target` (a vector, or centre and radius).

    With e(s) the distance to the target at log time s and bar(s) the path's error plus the target's radius:

    * e(end) within three bars holds (the simulator cannot see any difference);
    * with `rate` q (e = O(t^-q) = O(e^{-q s})), the last half of log time must shrink e by at least exp(-q ds / 2) if q ds
      is at least 2, and refutes when it shrinks by less than exp(-q ds / 10);
    * without a rate (1/s is the slowest law in use) e must fall by a quarter while s doubles; it refutes when it changes by
      less than one part in a thousand there: it has stalled at a positive distance.

    Anything between is inconclusive, and so is a distance that dips and grows again, much below where it began, on a path that still moves
    and ends before q s = 20 (s = 20 without a rate): that says nothing against the limit (with a rate: where it decays again like the law
    at the end). Always graded tested. So what holds with a rate q is a decay at least like t^{-q/2}; where the exponent itself is claimed,
    use `Rate`.
    """

    path: ValuePath
    target: Any
    rate: Any = None

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Compare the decay of the distance with the law."""
        path = self.path
        e = path.distance(self.target)
        radius = float(self.target.radius) if is_enclosed(self.target) else 0.0
        bar = path.errors[-1] + radius
        middle = path.at(path.log_times[-1] / 2 if path.log_times[-1] > 0 else path.log_times[0])
        then, now = path.log_times[middle], path.log_times[-1]
        detail = f"{path.name}: distance {e[-1]:.3g} at log time {now:.6g}, {e[middle]:.3g} at {then:.6g}, error bar {bar:.2g}"
        if not np.isfinite(e).all():
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{path.name} is not finite")

        def verdict(outcome: Outcome, why: str = "") -> Verdict:
            grade = None if outcome is Outcome.INCONCLUSIVE else Evidence.TESTED
            said = f"{detail}; {why}" if why else detail
            return Verdict(outcome, grade, detail=said, slack=float(3 * bar - e[-1]), on_path=True)

        if e[-1] <= 3 * bar:
            return verdict(Outcome.HOLDS)
        steady = float(np.linalg.norm(path.values[-1] - path.values[middle])) <= 0.01 * e[-1]
        slow = "" if steady else self._dip(e)
        ratio = e[-1] / e[middle] if e[middle] > 0 else math.inf
        if self.rate is not None:
            span = path.log_times[-1] - path.log_times[middle]
            expected = float(self.rate) * span
            if expected < 2:
                needed = 2 / float(self.rate) * now / span if span > 0 and self.rate else math.inf
                return verdict(Outcome.INCONCLUSIVE, f"too short for this rate: log time {needed:.3g} would do")
            if ratio <= math.exp(-expected / 2):
                return verdict(Outcome.HOLDS)
            # The path stays where it is, away from the target: the limit is wrong. It still approaches the target: the rate is.
            stalled = ratio > 0.999 and steady
            what = "the limit fails: it stalls at this distance" if stalled else f"the rate fails: the decay is like t^{math.log(ratio) / span:.3g}"
            refuted = ratio > math.exp(-expected / 10) and e[-1] > 10 * bar and not slow
            return verdict(Outcome.REFUTED, what) if refuted else verdict(Outcome.INCONCLUSIVE, slow or "slower than the rate, not clearly")
        if ratio <= 0.75:
            return verdict(Outcome.HOLDS)
        if ratio > 0.999 and e[-1] > 10 * bar and not slow:
            return verdict(Outcome.REFUTED, "the limit fails: it stalls at this distance")
        return verdict(Outcome.INCONCLUSIVE, slow)

    def _dip(self, e: np.ndarray) -> str:
        # Where modes of both signs die at different speeds the distance dips and grows once more, far below where it began. With a rate
        # it must be seen to decay again, at half the rate or faster. Empty where that is not so, or the path is long enough.
        times, rate = self.path.log_times, float(self.rate or 1)
        now, late = times[-1], self.path.at(0.75 * times[-1])
        begin, since = e[times <= now / 4], e[times >= now / 8]
        early = float(begin.max()) if len(begin) else 0.0
        dips = e[-1] > DIP * float(since.min()) and DIP * e[-1] < early
        again = self.rate is None or e[-1] <= e[late] * math.exp(-float(self.rate) * (now - times[late]) / 2)
        if not (dips and again and now * rate < SETTLED):
            return ""
        return f"it was {early:.3g} early on and {since.min():.3g} since: log time {SETTLED / rate:.3g} would do"


@dataclass(frozen=True)
class Bounded:
    """A path stays bounded as log time goes to infinity.

    The increments over the last two doublings of log time are compared: a convergent path has shrinking increments, a
    log log t drift equal ones, a drift in log t doubling ones. With `rate` q (the slowest relaxation) nothing is concluded
    before q s = 20, when the transient has died.
    """

    path: ValuePath
    rate: Any = None

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Tested by the ratio of the increments."""
        path, end = self.path, self.path.log_times[-1]
        i, j = path.at(end / 4), path.at(end / 2)
        first = float(np.linalg.norm(path.values[j] - path.values[i]))
        second = float(np.linalg.norm(path.values[-1] - path.values[j]))
        bar = path.errors[-1] + path.errors[j]
        detail = f"{path.name} moves by {first:.3g}, then {second:.3g} over the last doublings of log time, error bar {bar:.2g}"
        early = self.rate is not None and float(self.rate) * end < SETTLED
        outcome = Outcome.INCONCLUSIVE
        if second <= 3 * bar or (second <= 0.75 * first and not early):
            outcome = Outcome.HOLDS
        elif second >= 0.95 * first and second > 10 * bar and not early:
            outcome = Outcome.REFUTED
        grade = None if outcome is Outcome.INCONCLUSIVE else Evidence.TESTED
        return Verdict(outcome, grade, detail=detail, slack=0.95 * first - second, on_path=True)


@dataclass(frozen=True)
class Rate:
    """A positive scalar path decays like t^-exponent: the fitted slope of its logarithm against log time.

    `tolerance` is the allowed absolute error of the fitted exponent, chosen by whoever states the law and printed with it.
    The fit uses the last half of the records that stand clear of the error bars.
    """

    path: ValuePath
    exponent: Any
    tolerance: float
    minimum_records: int = field(default=4)

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Tested by least squares; the 95 % half-width widens the tolerance; an exponent that still drifts refutes nothing."""
        path = self.path
        values = np.abs(path.values.reshape(len(path.values), -1)).max(axis=1)
        clear = np.flatnonzero((values > 10 * path.errors) & (values > 0))
        clear = clear[len(clear) // 2 :]
        if len(clear) < self.minimum_records:
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{path.name}: too few records above the error bars to fit a rate; {self._remedy(values)}")
        s, y = path.log_times[clear], np.log(values[clear])
        slope, intercept = np.polyfit(s, y, 1)
        residual = y - slope * s - intercept
        spread = np.sqrt((residual @ residual) / max(len(s) - 2, 1) / ((s - s.mean()) @ (s - s.mean())))
        # Where a faster mode has not died yet, the exponent still drifts between the two halves of the fit.
        half = len(s) // 2
        drift = abs(np.polyfit(s[: half + 1], y[: half + 1], 1)[0] - np.polyfit(s[half:], y[half:], 1)[0])
        gap = abs(-slope - float(self.exponent))
        claimed = f"claimed {float(self.exponent):.5g} to {float(self.tolerance):.2g}"
        detail = f"{path.name}: fitted exponent {-slope:.5g} +/- {2 * spread:.2g}, drift {drift:.2g}, {claimed}"
        outcome = Outcome.HOLDS if gap <= self.tolerance else Outcome.REFUTED
        if outcome is Outcome.REFUTED and (gap <= self.tolerance + 2 * spread or drift > self.tolerance):
            why = f"; the exponent has not settled: log time {2 * path.log_times[-1]:.3g} would do" if drift > self.tolerance else ""
            return Verdict(Outcome.INCONCLUSIVE, detail=detail + why)
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=float(self.tolerance - gap), on_path=True)

    def _remedy(self, values: np.ndarray) -> str:
        # The last record that stands clear says when the path sank into its error bars; where all of them do, it is too short.
        path = self.path
        clear = np.flatnonzero((values > 10 * path.errors) & (values > 0))
        if len(clear) == len(values) or (len(clear) and clear[-1] == len(values) - 1):
            return f"the path is too short: log time {4 * path.log_times[-1]:.3g}, or more records, would do"
        if not len(clear):
            return "the path never stands clear of them: start the fit earlier, with log time below that of the first record"
        return f"the path is too long: log time {path.log_times[clear[-1]]:.3g} with as many records would do"
