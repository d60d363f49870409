"""The flow in dense coordinates: both stages, the cross-check between them, and the trajectory they make.

Everything is computed in natural units (`Coordinates.natural`), where the longest difference is 1 and the weights sum to 1; log times
are the user's throughout, and lengths are converted at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...logit.shapes import IsRecord, Parameter, Point, States, Times
from ..field import Field
from ..trajectory import Moment, Stop, Trajectory
from .early import Early, EarlyRun, first_stage
from .handover import START, SWITCH, TOO_MUCH, Handover, latest_switch, until_negligible
from .late import Late
from .records import Quantities, Stage, Units, joined_bars, joined_quantities
from .self_check import SlopeCheck, check_slope


def record_times(start: float, end: float, count: int) -> Times:
    """Log times from start to end: equally spaced up to the switch, beyond it log-spaced and with every halving of `end`."""
    if end <= max(2 * start, 1.0):
        return np.linspace(start, end, count)
    halvings = [end / 2**k for k in range(1, 12) if end / 2**k > start]
    # Units can put the switch before log time 1, where logarithms of log time have no meaning: spaced from there by their distance.
    spaced = np.geomspace(start, end, count) if start >= 1 else start - 1 + np.geomspace(1.0, end - start + 1, count)
    return np.unique(np.concatenate([[start], spaced[spaced < end], halvings, [end]]))


@dataclass(frozen=True, eq=False)
class NarrowRun:
    """One run from coordinates c at log time `start` (None: near t = 0, by an Euler step) to log time `end`."""

    field: Field
    initial: Parameter
    end: float
    count: int
    about: str

    @property
    def clock(self) -> float:
        """How far the log time of the natural units is ahead."""
        return self.field.frame.clock

    def trajectory(self, c: Point, start: float | None) -> Trajectory:
        """Simulate."""
        field, notes = self.field, []
        if start is None:
            start = min(START - self.clock, self.end - 1.0)
            c = c + np.exp(start + self.clock) * field.velocity(c)
        switch = SWITCH - self.clock
        times = np.linspace(start, min(self.end, switch), max(12, self.count // 2))
        run = Early(field).run(c, times)
        states, failed, times = run.states, run.failure, times[: len(run.states)]
        stopped = Stop.CANNOT_GO_ON if failed else Stop.REACHED
        if failed:
            notes.append(f"stage 1 stopped early, at log time {times[-1]:.6g}: {failed}")
        gap, refused, neglected, ended = None, False, 0.0, ""
        if not failed and self.end > switch:
            handover = self._until_negligible(run, times)
            times, states, neglected = handover.times, handover.states, handover.remaining
            ended = handover.refusal(bool(field.frame.is_separable.any()))
            field, gap, refused, note = cross_check(field, times[-1], states[-1], neglected)
            notes.append(note)
        parts = [first_stage(field, times, states)]
        if not failed and self.end > times[-1]:
            if ended:
                stopped, note = Stop.CANNOT_GO_ON, ended
            elif field.frame.is_separable.any():
                off = float(parts[0].bars.score[-1]) * float(field.frame.spread.min())
                part, note = self._late(Late(field), times[-1], states[-1], max(off, neglected))
                parts += [part] if len(part.times) else []
                stopped = Stop.CANNOT_GO_ON if note else stopped
            else:
                stopped, note = Stop.AT_REST, f"nothing is separable: the flow is at rest, the records end at log time {times[-1]:g}"
            notes += [note] if note else []
        return self._assemble(field, parts, notes, stopped, {"reference gap": gap, "reference refused": refused, "neglected": neglected})

    def _late(self, late: Late, s: float, c: Point, size: float) -> tuple[Stage, str]:
        return late.with_twin(late.enter(s, c), record_times(s, self.end, self.count), size)

    def _until_negligible(self, run: EarlyRun, times: Times) -> Handover:
        early = Early(self.field)

        def go_on(_: float, more: float, __: Point) -> Point | None:
            found, failed = run.go_on(np.array([more]))
            return None if failed else found[-1]

        latest = min(latest_switch(self.clock, float(self.field.frame.spread.min(initial=1.0))), self.end)
        return until_negligible(times, run.states, lambda _, c: early.neglected(c), go_on, latest)

    def _assemble(self, field: Field, parts: list[Stage], notes: list[str], stopped: Stop, details: dict[str, Any]) -> Trajectory:
        dense = Dense(field, self.initial, parts)
        found = joined_quantities(parts).in_user_units(field)
        check = self._check(field, parts[-1], found.slopes[-1])
        notes.append(f"slope within {check.bound:.2g} of the max-margin direction, proved in balls" if check.bound is not None else check.reason)
        times, measured = (np.concatenate(x) for x in ([p.times for p in parts], [np.full(len(p.times), p.measured) for p in parts]))
        return Trajectory(
            log_times=times,
            tied=found.tied,
            diverging=found.diverging,
            invariant=np.tile(dense.invariant, (len(times), 1)),
            slopes=found.slopes,
            excess=found.excess,
            displacement=found.displacement,
            errors=self._errors(field, parts, np.linalg.norm(found.tied + found.diverging, axis=1), measured, details),
            simulator=f"gradient flow{self.about} to t = e^{times[-1]:g}",
            stopped=stopped,
            notes=tuple(notes),
            details={"measured": measured, "active": check.active, **details},
            slope_error_bound=check.bound,
            dense=dense,
        )

    def _check(self, field: Field, last: Stage, slope: Parameter) -> SlopeCheck:
        frame, state, s = field.frame, last.states[-1], last.times[-1]
        y = np.zeros(frame.is_separable.shape)
        if last.measured:
            y[frame.is_separable] = np.exp(s + self.clock) * field.masses(state)[frame.is_separable]
        else:
            y[frame.is_separable] = np.exp(state)
        return check_slope(frame.parts, y / frame.length**2, slope, frame)

    def _errors(self, field: Field, parts: list[Stage], length: Times, measured: IsRecord, details: dict[str, Any]) -> dict[str, Times]:
        # A reference that was refused leaves stage 1's own error in the constants of stage 2, and so does what was neglected.
        units, bars, times = Units.of(field), joined_bars(parts), np.concatenate([p.times for p in parts])
        late = np.where(measured, 0.0, details["neglected"]) / float(field.frame.spread.min(initial=1.0))
        fallen = late * np.exp(np.minimum(parts[0].times[-1] - times, 0.0))  # what shifts the tied part falls like e^-s
        score = (bars.score + 1e-14 * np.abs(times) + (1e-8 if details["reference refused"] else 0.0) + late) / units.length
        with np.errstate(over="ignore"):  # a bar that no double holds is infinite: nothing is known
            return {
                "slope": bars.slopes / units.length,
                "finite part": (bars.tied + fallen) / units.length,
                "scaled excess": bars.excess / units.excess,
                "scaled finite part": bars.displacement / units.displacement,
                "diverging part": score,
                "residual": score,
                "iterate": score,
                "invariant part": np.full(len(score), 1e-13 * (1.0 + np.abs(self.initial).max(initial=0.0))),
                "direction": 2.0 * score / np.maximum(length, 1e-300) + 1e-14,
                "norm": score,
            }


def cross_check(field: Field, s: float, c: Point, neglected: float = 0.0) -> tuple[Field, float, bool, str]:
    """Compare the reference w* with stage 1 at log time s, where P_T w = w* + e^-s alpha.

    Returns the field to go on with: the given one, or one that refers to stage 1's own value if the given w* is off by more
    than the error bar of stage 1 and what the tied part had still to go; then the gap, whether the reference was refused, and a note.
    Nothing is refused while more is `neglected` than stage 2 may start with.
    """
    frame = field.frame
    if not frame.split:
        return field, 0.0, False, "no finite part to check: nothing is tied in any direction"
    y = np.exp(s + frame.clock) * np.where(frame.is_separable, field.masses(c), 0.0)
    shift = np.exp(-s - frame.clock) * frame.displacement(y)
    apart = c[: frame.split] - frame.finite_part - shift
    gap, togo = float(np.linalg.norm(apart)), float(np.linalg.norm(Early(field).unrelaxed(c)))
    bar = 2e-9 * (1.0 + float(np.abs(c).max())) + float(np.linalg.norm(shift)) / 10 + 3.0 * togo + rounding(field)
    inner = frame.spread[: frame.split]
    far, allowed = float(np.linalg.norm(apart / inner)) / frame.length, bar / float(inner.min()) / frame.length
    if gap <= bar or neglected > TOO_MUCH:
        how = "agrees with stage 1" if gap <= bar else "not reached by stage 1"
        return field, far, False, f"finite part {how}: gap {far:.2g}, bar {allowed:.2g}"
    own = Field(replace(frame, reference=(c[: frame.split] - shift) / inner / frame.length))
    return own, far, True, f"finite part refused: it is {far:.2g} away from stage 1 (bar {allowed:.2g}), whose own value is used instead"


def rounding(field: Field) -> float:
    """How far scores move when every entry of w* is rounded to a double: features far from zero make that more than rounding of the scores."""
    return float(np.finfo(float).eps * np.linalg.norm(field.frame.parts.finite_part.array) * field.frame.length)


@dataclass(frozen=True, eq=False)
class Dense:
    """The run at any log time, continued from the record before it."""

    field: Field
    initial: Parameter
    parts: list[Stage]

    @property
    def invariant(self) -> Parameter:
        """P_N w0."""
        w0, t, m = self.initial, self.field.frame.tied_frame, self.field.frame.diverging_frame
        return np.asarray(w0 - t @ (t.T @ w0) - m @ (m.T @ w0))

    def __call__(self, s: float) -> Moment:
        """The run at log time s."""
        part = next(p for p in self.parts if s <= p.times[-1])
        before = int(np.searchsorted(part.times, s, side="right")) - 1
        if not part.measured and before < 0:  # between the switch and the first record of stage 2
            origin, late = self.parts[0].times[-1], Late(self.field)
            state = late.enter(origin, self.parts[0].states[-1])
        else:
            origin, state = part.times[before], part.states[before]
        found = self._quantities(part.measured, s, self._continued(part.measured, state, float(origin), s)).in_user_units(self.field)
        return Moment(s, found.tied[0], found.diverging[0], self.invariant, found.slopes[0], float(found.excess[0]), found.displacement[0])

    def _continued(self, first: bool, state: Point, origin: float, s: float) -> States:
        if s == origin:
            return state[None, :]
        grid = np.array([origin, s])
        states = Early(self.field).continued(state, grid)[0] if first else Late(self.field).integrate(state, grid).states[1:]
        if not len(states):
            raise ArithmeticError(f"the flow could not be continued from log time {origin:g} to {s:g}")
        return states

    def _quantities(self, first: bool, s: float, states: States) -> Quantities:
        here = np.array([s])
        return first_stage(self.field, here, states).quantities if first else Late(self.field).quantities(here, states)[0]
