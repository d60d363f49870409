"""Gradient flow in log time, followed to t = e^s for s up to a million (`foundations`, sections 5 and 6).

Stage 1 (`early`) integrates dw/ds = -e^s grad L(w) in plain coordinates from t = e^-18, or from real gradient-descent
iterates; nothing of the theory enters. When the mass outside the tied sets is negligible, stage 2 (`late`) follows the log
masses. Neither the max-margin direction nor its programme is known here: the simulator reads the tied partition and w*, and
w* is cross-checked against stage 1 and refused if it disagrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..geometry.decomposition import Decomposition, decompose
from ..problems.conditional_logit import ConditionalLogit
from ..problems.step_size import largest_step
from .bank import Bank
from .early import Early, EarlyRun, records
from .field import Field
from .late import Late
from .self_check import SlopeCheck, check_slope
from .trajectory import Moment, Trajectory
from .wide_run import WideRun, wide_parts

START = -18.0
SWITCH = 24.0
LATEST_SWITCH = 36.0
# Stage 2 is exact up to what stage 1 may neglect when it hands over.
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class GradientFlow:
    """Gradient flow from `initial` (default 0) to t = e^`log_time`; calling it on a problem gives a `Trajectory`.

    With `after_descent` = K the flow starts at t = eta K from the K-th gradient-descent iterate (`step_size` eta defaults to
    1/beta). `records` log-spaced records are kept; `trajectory.at(s)` is the run at any s. `finite_part` replaces the
    reference w* of stage 2, to see a wrong one refused. `tolerance` is that of the integrator on the structured route, which wide
    problems take (the default grows with their size; the slope ends at rounding whatever it is). Raises `InvalidInput` for arguments out of range.

    >>> from ntpproofs.problems import LinearNTP
    >>> run = GradientFlow(log_time=200.0)(LinearNTP([[1]], [["1/2", "1/2", 0]]))
    >>> [round(float(x), 6) for x in run.slope.values[-1]], run.slope_error_bound < 1e-9
    ([0.333333, 0.333333, -0.666667], True)
    """

    log_time: float = 1e4
    initial: tuple[Any, ...] | None = None
    records: int = 60
    after_descent: int = 0
    step_size: Fraction | float | None = None
    finite_part: tuple[Any, ...] | None = None
    tolerance: float | None = None

    def __call__(self, problem: Any) -> Trajectory:
        """Simulate. Accepts a conditional logit or anything that reduces to one."""
        if not np.isfinite(self.log_time) or self.log_time <= 0:
            raise InvalidInput("log_time", f"is {self.log_time!r}", "give a finite number above 0")
        logit = problem.conditional_logit()
        bank, parts = (None, None) if self.finite_part is not None else wide_parts(logit)
        if bank is not None:
            return self._wide(logit, bank, parts)
        frame = decompose(logit).coordinates
        if self.finite_part is not None:
            frame = replace(frame, reference=frame.tied_frame.T @ starting_point(self.finite_part, logit.dimension))
        w0 = starting_point(self.initial, logit.dimension)
        field = Field(frame)
        start, c, about = self._hand_off(logit, field.force, frame.of(w0))
        if start is None:  # one Euler step from the initial point
            start, c = START, c + np.exp(START) * field.force(c)
        return _Run(field, w0, start, float(self.log_time), self.records, about).trajectory(c)

    def _wide(self, logit: ConditionalLogit, bank: Bank, parts: Decomposition | None) -> Trajectory:
        w0 = starting_point(self.initial, logit.dimension)
        start, w, about = self._hand_off(logit, lambda w: bank.force(w.reshape(bank.shape)).ravel(), w0)
        return WideRun(bank, parts, w0, start, float(self.log_time), self.records, about, self.tolerance).trajectory(w)

    def _hand_off(self, logit: ConditionalLogit, force: Callable[[np.ndarray], np.ndarray], c: np.ndarray) -> tuple[float | None, np.ndarray, str]:
        # Where the flow starts: at t = eta K from descent, or (None) at t close to 0.
        if not self.after_descent:
            return None, c, ""
        eta = float(largest_step(logit) if self.step_size is None else self.step_size)
        if self.after_descent < 0 or not np.isfinite(eta) or eta <= 0:
            raise InvalidInput("after_descent, step_size", f"are {self.after_descent} and {eta}", "give K >= 0 steps and a positive step")
        start = float(np.log(eta * self.after_descent))
        if start >= min(self.log_time, SWITCH):
            raise InvalidInput("after_descent", f"ends at log time {start:.4g}", f"take fewer steps or simulate beyond it (below {SWITCH:g})")
        for _ in range(self.after_descent):
            c = c + eta * force(c)
        return start, c, f" after {self.after_descent} steps of {eta:.6g}"


def starting_point(initial: Sequence[Any] | None, dimension: int) -> np.ndarray:
    """The initial point as floats; zero by default. Raises `InvalidInput` for a wrong length or a non-finite entry."""
    if initial is None:
        return np.zeros(dimension)
    w0 = np.array([float(x) for x in np.asarray(initial, dtype=object).ravel()])
    if len(w0) != dimension or not np.isfinite(w0).all():
        raise InvalidInput("initial", f"has {len(w0)} entries for {dimension} parameters, or one is not finite", "give a finite vector")
    return w0


def record_times(start: float, end: float, count: int) -> np.ndarray:
    """Log times from start to end: equally spaced in stage 1, log-spaced with every halving of `end` in stage 2."""
    if end <= LATEST_SWITCH or start <= 0:
        return np.linspace(start, end, count)
    halvings = [end / 2**k for k in range(1, 12) if end / 2**k > start]
    return np.unique(np.concatenate([[start], np.geomspace(start, end, count), halvings, [end]]))


@dataclass(frozen=True, eq=False)
class _Run:
    """One run: both stages, the cross-check between them, and the trajectory they make."""

    field: Field
    initial: np.ndarray
    start: float
    end: float
    count: int
    about: str

    def trajectory(self, c: np.ndarray) -> Trajectory:
        field, notes = self.field, []
        times = record_times(self.start, min(self.end, SWITCH), max(12, self.count // 2))
        run = Early(field).run(c, times)
        states, failed, times = run.states, run.failure, times[: len(run.states)]
        if failed:
            notes.append(f"stage 1 stopped early, at log time {times[-1]:.6g}: {failed}")
        gap, refused, parts = None, False, []
        if not failed and self.end > SWITCH:
            times, states = self._until_negligible(times, run)
            field, gap, refused, note = cross_check(field, times[-1], states[-1])
            notes.append(note)
        parts.append(records(field, times, states))
        if not failed and self.end > times[-1] and field.frame.is_separable.any():
            late, grid = Late(field), record_times(times[-1], self.end, self.count)
            parts.append(late.with_twin(late.enter(grid[0], states[-1]), grid, float(parts[0]["score bar"][-1])))
        elif self.end > times[-1] and not failed:
            notes.append(f"nothing is separable: the flow is at rest, the records end at log time {times[-1]:g}")
        return self._assemble(field, parts, notes, {"reference gap": gap, "reference refused": refused})

    def _until_negligible(self, times: np.ndarray, run: EarlyRun) -> tuple[np.ndarray, np.ndarray]:
        # The switch waits until what stage 2 leaves out is negligible; it falls like e^-s, which tells how long to wait.
        early, states = Early(self.field), run.states
        neglected, latest = early.neglected(times[-1], states[-1]), min(LATEST_SWITCH, self.end)
        while neglected > NEGLIGIBLE and times[-1] < latest:
            more = np.array([min(times[-1] + np.log(neglected / NEGLIGIBLE) + 1.0, latest)])
            found, failed = run.go_on(more)
            if failed:
                break
            times, states = np.append(times, more), np.vstack([states, found])
            run = replace(run, states=states)
            neglected = early.neglected(times[-1], states[-1])
        return times, states

    def _assemble(self, field: Field, parts: list[dict[str, np.ndarray]], notes: list[str], details: dict[str, Any]) -> Trajectory:
        joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0] if key != "states"}
        dense = _Dense(field, self.initial, parts)
        slopes = joined["slopes"] @ dense.m_frame.T
        check = self._check(field, parts[-1], slopes[-1])
        notes.append(f"slope within {check.bound:.2g} of the max-margin direction, proved in balls" if check.bound is not None else check.reason)
        times = joined["times"]
        return Trajectory(
            log_times=times,
            tied=joined["tied"] @ dense.t_frame.T,
            diverging=joined["diverging"] @ dense.m_frame.T,
            invariant=np.tile(dense.invariant, (len(times), 1)),
            slopes=slopes,
            excess=joined["excess"],
            displacement=joined["alpha"] @ dense.t_frame.T,
            errors=_errors(joined, details["reference refused"]),
            simulator=f"gradient flow{self.about} to t = e^{times[-1]:g}",
            notes=tuple(notes),
            details={"measured": joined["measured"], "active": check.active, **details},
            slope_error_bound=check.bound,
            dense=dense,
        )

    def _check(self, field: Field, last: dict[str, np.ndarray], slope: np.ndarray) -> SlopeCheck:
        frame, state, s = field.frame, last["states"][-1], last["times"][-1]
        y = np.zeros(frame.is_separable.shape)
        if last["measured"][-1]:
            y[frame.is_separable] = np.exp(s) * field.masses(state)[frame.is_separable]
        else:
            y[frame.is_separable] = np.exp(state)
        return check_slope(frame.parts, y, slope)


def cross_check(field: Field, s: float, c: np.ndarray) -> tuple[Field, float, bool, str]:
    """Compare the reference w* with stage 1 at log time s, where P_T w = w* + e^-s alpha.

    Returns the field to go on with: the given one, or one that refers to stage 1's own value if the given w* is off by more
    than the error bar of stage 1; then the gap, whether the reference was refused, and a note.
    """
    frame = field.frame
    if not frame.split:
        return field, 0.0, False, "no finite part to check: nothing is tied in any direction"
    y = np.exp(s) * np.where(frame.is_separable, field.masses(c), 0.0)
    shift = np.exp(-s) * frame.displacement(y)
    gap = float(np.linalg.norm(c[: frame.split] - frame.finite_part - shift))
    bar = 2e-9 * (1.0 + float(np.abs(c).max())) + float(np.linalg.norm(shift)) / 10
    if gap <= bar:
        return field, gap, False, f"finite part agrees with stage 1: gap {gap:.2g}, bar {bar:.2g}"
    own = Field(replace(frame, reference=c[: frame.split] - shift))
    return own, gap, True, f"finite part refused: it is {gap:.2g} away from stage 1 (bar {bar:.2g}), whose own value is used instead"


@dataclass(frozen=True, eq=False)
class _Dense:
    """The run at any log time, continued from the record before it."""

    field: Field
    initial: np.ndarray
    parts: list[dict[str, np.ndarray]]

    @property
    def t_frame(self) -> np.ndarray:
        return self.field.frame.tied_frame

    @property
    def m_frame(self) -> np.ndarray:
        return self.field.frame.diverging_frame

    @property
    def invariant(self) -> np.ndarray:
        w0 = self.initial
        return np.asarray(w0 - self.t_frame @ (self.t_frame.T @ w0) - self.m_frame @ (self.m_frame.T @ w0))

    def __call__(self, s: float) -> Moment:
        part = next(p for p in self.parts if s <= p["times"][-1])
        second = not part["measured"][0]
        before = int(np.searchsorted(part["times"], s, side="right")) - 1
        if second and before < 0:  # between the switch and the first record of stage 2
            switch, late = self.parts[0]["times"][-1], Late(self.field)
            origin, state = switch, late.enter(switch, self.parts[0]["states"][-1])
        else:
            origin, state = part["times"][before], part["states"][before]
        grid = np.array([origin, s])
        if s == origin:
            states = state[None, :]
        elif second:
            states = Late(self.field).integrate(state, grid)[0][1:]
        else:
            states = Early(self.field).continued(state, grid)[0]
        here = np.array([s])
        found = Late(self.field).records(here, states) if second else records(self.field, here, states)
        t, m = self.t_frame, self.m_frame
        tied, diverging, slope, alpha = t @ found["tied"][0], m @ found["diverging"][0], m @ found["slopes"][0], t @ found["alpha"][0]
        return Moment(s, tied, diverging, self.invariant, slope, float(found["excess"][0]), alpha)


def _errors(joined: dict[str, np.ndarray], refused: bool) -> dict[str, np.ndarray]:
    # A reference that was refused leaves stage 1's own error in the constants of stage 2.
    score = joined["score bar"] + 1e-14 * np.abs(joined["times"]) + (1e-8 if refused else 0.0)
    length = np.maximum(np.linalg.norm(np.hstack([joined["tied"], joined["diverging"]]), axis=1), 1e-300)
    return {
        "slope": joined["bar"],
        "finite part": joined["tied bar"],
        "scaled excess": joined["excess bar"],
        "scaled finite part": joined["alpha bar"],
        "diverging part": score,
        "residual": score,
        "iterate": score,
        "invariant part": np.full(len(score), 1e-13),
        "direction": 2.0 * score / length + 1e-14,
        "norm": score,
    }
