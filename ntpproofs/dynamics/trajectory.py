"""Trajectories: what a simulator recorded, with its own error estimates, as paths in log time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..language.relations import ValuePath
from ..language.views import table_html
from ..logit.shapes import IsRecord, OfRecords, Parameter, Parameters, Times
from .arguments import require, vector, whole


class Stop(Enum):
    """Why the records of a run end: at the log time asked for, because nothing moves any more, or because it cannot go on (a note
    says why)."""

    REACHED = "reached"
    AT_REST = "at rest"
    CANNOT_GO_ON = "cannot go on"


@dataclass(frozen=True, eq=False)
class Moment:
    """A trajectory at one log time: the fields of `Trajectory`, without the index of the record."""

    log_time: float
    tied: Parameter
    diverging: Parameter
    invariant: Parameter
    slope: Parameter
    excess: float
    displacement: Parameter

    @property
    def iterate(self) -> Parameter:
        """w."""
        return self.tied + self.diverging + self.invariant


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """Records of a run at increasing log times (s = log t for the flow, log(eta k) for descent, log(1/mu) for ridge).

    Arrays have one row per record and live in the flat parameter space of the problem:

    * `tied`, `diverging`: P_T w and P_M w, kept apart because at s = 10^6 their sizes differ by as much; `invariant`: P_N w;
    * `slopes`: d P_M w / ds;  `excess`: t (L - L*);  `displacement`: t (P_T w - w*).

    `errors` holds the simulator's own estimate for each quantity, one number per record. `notes` says in words what was
    switched, refused or estimated, `stopped` why the records end. `slope_error_bound` is an upper bound, proved in balls without the max-margin
    direction, of the distance of the last slope from it (None where there is none; `notes` says why). `dense` continues
    the run from its records (the flow has it, descent does not).
    """

    log_times: Times
    tied: Parameters
    diverging: Parameters
    invariant: Parameters
    slopes: Parameters
    excess: Times
    displacement: Parameters
    errors: dict[str, Times]
    simulator: str = ""
    stopped: Stop = Stop.REACHED
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    slope_error_bound: float | None = None
    dense: Callable[[float], Moment] | None = None

    def __repr__(self) -> str:
        return f"Trajectory({self.simulator!r}, {len(self.log_times)} records up to log time {self.log_times[-1]:g}, {self.stopped.value})"

    def _repr_html_(self) -> str:
        rows = {
            "log time": f"{self.log_times[-1]:g}, {self.stopped.value}",
            "records": len(self.log_times),
            "last slope": self.slopes[-1].round(9).tolist(),
            "last P_T w": self.tied[-1].round(9).tolist(),
            "t (L - L*)": f"{self.excess[-1]:.9g}",
        }
        return table_html(f"trajectory of {self.simulator}", rows | {f"note {i}": note for i, note in enumerate(self.notes, 1)})

    def _path(self, values: OfRecords, name: str, keep: IsRecord | None = None) -> ValuePath:
        errors = self.errors.get(name, np.zeros(len(self.log_times)))
        chosen = np.ones(len(self.log_times), dtype=bool) if keep is None else keep
        return ValuePath(self.log_times[chosen], values[chosen], errors[chosen], name)

    @property
    def measured(self) -> IsRecord:
        """The records at which the tied part was integrated, not referred to w* (all of them for descent)."""
        return np.asarray(self.details.get("measured", np.ones(len(self.log_times), dtype=bool)))

    @property
    def iterates(self) -> ValuePath:
        """w."""
        return self._path(self.tied + self.diverging + self.invariant, "iterate")

    @property
    def finite_part(self) -> ValuePath:
        """P_T w, only where it was integrated without reference to w*."""
        return self._path(self.tied, "finite part", self.measured)

    @property
    def diverging_part(self) -> ValuePath:
        """P_M w."""
        return self._path(self.diverging, "diverging part")

    @property
    def invariant_part(self) -> ValuePath:
        """P_N w."""
        return self._path(self.invariant, "invariant part")

    @property
    def slope(self) -> ValuePath:
        """d P_M w / ds, the log-time slope."""
        return self._path(self.slopes, "slope")

    @property
    def extrapolated_slope(self) -> ValuePath:
        """2 slope(s) - slope(s/2), at the records s whose half and quarter are records too (the end of a flow and its halvings).

        Where support pairs are weak the law is w = u s + D log s + O(1), so the slope is off by D/s and cannot show u better;
        this combination cancels that term and leaves O(log s / s^2). The error is estimated, not proved: the distance to the
        same combination at s/2 (four times as far from u under that law), and the error bars of the slopes. No direction enters.
        Raises `InvalidInput` for runs with fewer than three such records.

        >>> from ntpproofs.dynamics import GradientFlow
        >>> from ntpproofs.problems import ConditionalLogit
        >>> run = GradientFlow(log_time=1e6)(ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])]))
        >>> off = [float(np.linalg.norm(path.values[-1] - [1.0, 0.0])) for path in (run.slope, run.extrapolated_slope)]
        >>> 0.9e-6 < off[0] < 1.1e-6, off[1] < float(run.extrapolated_slope.errors[-1]) < 1e-7
        (True, True)
        """
        kept, half, quarter, bars = self._halvings()
        values = 2 * self.slopes[kept] - self.slopes[half]
        distance = np.linalg.norm(values - (2 * self.slopes[half] - self.slopes[quarter]), axis=1)
        return ValuePath(self.log_times[kept], values, distance + 4 * bars[kept] + 3 * bars[half], "extrapolated slope")

    @property
    def log_log_drift(self) -> ValuePath:
        """The coefficient D of w = u s + D log s + O(1), read off slopes at s, s/2 and s/4: zero without weak pairs. u is not used.

        The slope is u + D/s + O(log s / s^2), so d(s) = s (slope(s/2) - slope(s)) tends to D, and 2 d(s) - d(s/2) cancels a term of
        order 1/s. Its error is estimated, not proved: four times what d changed by (enough for relaxations down to s^-0.3), and s times
        the bars of the slopes; the path ends where it is least. Where the second level is degenerate too the law is slower (1/log s)
        and the estimate too small. Raises `InvalidInput` for runs with fewer than three such records.

        >>> from ntpproofs.dynamics import GradientFlow
        >>> from ntpproofs.problems import ConditionalLogit
        >>> run = GradientFlow(log_time=1e6)(ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])]))
        >>> bool(np.linalg.norm(run.log_log_drift.values[-1] - [0.0, 1.0]) < run.log_log_drift.errors[-1] < 1e-3)
        True
        """
        kept, half, quarter, bars = self._halvings()
        times = self.log_times[kept]
        once = times[:, None] * (self.slopes[half] - self.slopes[kept])
        before = times[:, None] / 2 * (self.slopes[quarter] - self.slopes[half])
        errors = 4 * np.linalg.norm(once - before, axis=1) + times * (2 * bars[kept] + 3 * bars[half] + bars[quarter])
        end = max(3, int(np.argmin(errors)) + 1)
        return ValuePath(times[:end], (2 * once - before)[:end], errors[:end], "log log drift")

    def _halvings(self) -> tuple[list[int], list[int], list[int], Times]:
        # The records at s whose half and quarter are records too, as indices of s, s/2 and s/4; the bars of all slopes.
        index = {float(s): k for k, s in enumerate(self.log_times)}
        kept = [k for k, s in enumerate(self.log_times) if s > 0 and s / 2 in index and s / 4 in index]
        if len(kept) < 3:
            raise InvalidInput(self.simulator or "this trajectory", "has too few halvings of its end", "use GradientFlow with log_time 600 or more")
        half, quarter = ([index[float(self.log_times[k]) / n] for k in kept] for n in (2, 4))
        return kept, half, quarter, self.errors.get("slope", np.zeros(len(self.log_times)))

    @property
    def direction(self) -> ValuePath:
        """w / |w| (nan at w = 0, which has none)."""
        w = self.tied + self.diverging + self.invariant
        length = np.linalg.norm(w, axis=1, keepdims=True)
        return self._path(np.divide(w, length, out=np.full_like(w, np.nan), where=length > 0), "direction")

    @property
    def norm(self) -> ValuePath:
        """|w|."""
        return self._path(np.linalg.norm(self.tied + self.diverging + self.invariant, axis=1), "norm")

    @property
    def scaled_excess(self) -> ValuePath:
        """t (L - L*)."""
        return self._path(self.excess, "scaled excess")

    @property
    def scaled_finite_part(self) -> ValuePath:
        """t (P_T w - w*)."""
        return self._path(self.displacement, "scaled finite part")

    def residual(self, direction: Sequence[Any]) -> ValuePath:
        """P_M w - s u for a direction u supplied by whoever compares (the simulator does not know it)."""
        u = vector("direction", direction, self.tied.shape[1])
        return self._path(self.diverging - self.log_times[:, None] * u[None, :], "residual")

    def along(self, direction: Sequence[Any]) -> ValuePath:
        """<w, direction> as a scalar path."""
        v = vector("vector", direction, self.tied.shape[1])
        return self._path((self.tied + self.diverging + self.invariant) @ v, "component")

    def moment(self, record: int) -> Moment:
        """One record, by its index (negative ones count from the end). Raises `InvalidInput` for one that is not there."""
        count = len(self.log_times)
        require(whole(record, -count) and record < count, "record", record, f"give an index into {count} records")
        rows = (x[record] for x in (self.tied, self.diverging, self.invariant, self.slopes, self.excess, self.displacement))
        return Moment(float(self.log_times[record]), *rows)

    def at(self, log_time: float) -> Moment:
        """The run at any log time between its first and its last record, integrated from the record before it.

        Raises `InvalidInput` outside that range, and for simulators without dense output.
        """
        first, last = float(self.log_times[0]), float(self.log_times[-1])
        if self.dense is None:
            raise InvalidInput(self.simulator or "this trajectory", "has no dense output", "use GradientFlow, or read the records")
        require(isinstance(log_time, (int, float, Fraction, np.number)) and not isinstance(log_time, bool), "log_time", log_time, "give a number")
        if not first <= log_time <= last:
            raise InvalidInput("log_time", f"is {log_time!r}, outside [{first:g}, {last:g}]", "simulate further")
        return self.dense(float(log_time))

    def crossing(self, quantity: Callable[[Moment], float], level: float = 0.0) -> float | None:
        """The first log time at which quantity(moment) = level, or None if no two records lie on different sides of it.

        Raises `InvalidInput` for what is no function or no finite level, and as `at` does.

        >>> from ntpproofs.dynamics import GradientFlow
        >>> from ntpproofs.problems import ConditionalLogit
        >>> run = GradientFlow(log_time=100.0)(ConditionalLogit([(1, 0, [[1], [0]])]))
        >>> round(run.crossing(lambda moment: float(moment.iterate[0]), 50.0), 6)
        50.0
        """
        from scipy.optimize import brentq

        require(callable(quantity), "quantity", quantity, "give a function of a moment")
        require(isinstance(level, (int, float, Fraction, np.number)) and np.isfinite(float(level)), "level", level, "give a finite number")

        def gap(s: float) -> float:
            return quantity(self.at(min(s, float(self.log_times[-1])))) - level

        values = np.array([quantity(self.moment(i)) - level for i in range(len(self.log_times))])
        zeros, turns = np.flatnonzero(values == 0), np.flatnonzero(values[:-1] * values[1:] < 0)
        if len(zeros) and not (len(turns) and turns[0] < zeros[0]):
            return float(self.log_times[zeros[0]])
        if not len(turns):
            return None
        low, high = self.log_times[turns[0] : turns[0] + 2]
        return float(brentq(gap, low, high, xtol=1e-12 * max(1.0, abs(high))))
