"""The flow in dense coordinates: both stages, the cross-check between them, and the trajectory they make.

Everything is computed in natural units (`Coordinates.natural`), where the longest difference is 1 and the weights sum to 1; log times
are the user's throughout, and lengths are converted at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import TooLarge
from .early import Early, EarlyRun, records
from .field import Field
from .late import Late
from .self_check import SlopeCheck, check_slope
from .trajectory import Moment, Stop, Trajectory

# Log times in natural units: where the flow starts, hands over, and hands over at the latest.
START, SWITCH, LATEST_SWITCH = -18.0, 24.0, 60.0
# Stage 2 is exact up to what stage 1 may neglect when it hands over; beyond the second value it is not entered at all.
NEGLIGIBLE, TOO_MUCH = 1e-9, 1e-3


def record_times(start: float, end: float, count: int) -> np.ndarray:
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
    initial: np.ndarray
    end: float
    count: int
    about: str

    @property
    def clock(self) -> float:
        """How far the log time of the natural units is ahead."""
        return self.field.frame.clock

    def trajectory(self, c: np.ndarray, start: float | None) -> Trajectory:
        """Simulate."""
        field, notes = self.field, []
        if start is None:
            start = min(START - self.clock, self.end - 1.0)
            c = c + np.exp(start + self.clock) * field.force(c)
        switch = SWITCH - self.clock
        times = np.linspace(start, min(self.end, switch), max(12, self.count // 2))
        run = Early(field).run(c, times)
        states, failed, times = run.states, run.failure, times[: len(run.states)]
        stopped = Stop.CANNOT_GO_ON if failed else Stop.REACHED
        if failed:
            notes.append(f"stage 1 stopped early, at log time {times[-1]:.6g}: {failed}")
        gap, refused, neglected = None, False, 0.0
        if not failed and self.end > switch:
            times, states, neglected = self._until_negligible(times, run)
            field, gap, refused, note = cross_check(field, times[-1], states[-1], neglected)
            notes.append(note)
        parts = [records(field, times, states)]
        if not failed and self.end > times[-1]:
            if neglected > TOO_MUCH:
                stopped = Stop.CANNOT_GO_ON
                notes.append(
                    f"not at rest: at log time {times[-1]:g} tied scores or masses outside the tied sets still move by {neglected:.2g},"
                    " so stage 2 is not entered and the records end there"
                )
            elif field.frame.is_separable.any():
                part, note = self._late(Late(field), times[-1], states[-1], max(float(parts[0]["score bar"][-1]), neglected))
                parts += [part] if len(part["times"]) else []
                notes, stopped = ([*notes, note], Stop.CANNOT_GO_ON) if note else (notes, stopped)
            else:
                stopped = Stop.AT_REST
                notes.append(f"nothing is separable: the flow is at rest, the records end at log time {times[-1]:g}")
        return self._assemble(field, parts, notes, stopped, {"reference gap": gap, "reference refused": refused, "neglected": neglected})

    def _late(self, late: Late, s: float, c: np.ndarray, size: float) -> tuple[dict[str, np.ndarray], str]:
        return late.with_twin(late.enter(s, c), record_times(s, self.end, self.count), size)

    def _until_negligible(self, times: np.ndarray, run: EarlyRun) -> tuple[np.ndarray, np.ndarray, float]:
        # The switch waits until what stage 2 leaves out is negligible. Most of it falls like e^-s, which tells how long to wait; tied
        # scores that are far from their limit first have to arrive, so no wait is longer than two.
        early, states = Early(self.field), run.states
        neglected, latest = early.neglected(states[-1]), min(LATEST_SWITCH - self.clock, self.end)
        while neglected > NEGLIGIBLE and times[-1] < latest:
            wait = np.ceil(4.0 * np.log(neglected / NEGLIGIBLE)) / 4.0 + 1.0  # in quarters: rounding does not move the records
            more = np.array([min(times[-1] + (wait if neglected < TOO_MUCH else min(wait, 2.0)), latest)])
            found, failed = run.go_on(more)
            if failed:
                break
            times, states = np.append(times, more), np.vstack([states, found])
            run = replace(run, states=states)
            neglected = early.neglected(states[-1])
        return times, states, neglected

    def _assemble(self, field: Field, parts: list[dict[str, np.ndarray]], notes: list[str], stopped: Stop, details: dict[str, Any]) -> Trajectory:
        joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0] if key != "states"}
        dense = Dense(field, self.initial, parts)
        found = in_user_units(field, joined)
        check = self._check(field, parts[-1], found["slopes"][-1])
        notes.append(f"slope within {check.bound:.2g} of the max-margin direction, proved in balls" if check.bound is not None else check.reason)
        times = joined["times"]
        return Trajectory(
            log_times=times,
            tied=found["tied"],
            diverging=found["diverging"],
            invariant=np.tile(dense.invariant, (len(times), 1)),
            slopes=found["slopes"],
            excess=found["excess"],
            displacement=found["alpha"],
            errors=self._errors(field, joined, found, details),
            simulator=f"gradient flow{self.about} to t = e^{times[-1]:g}",
            stopped=stopped,
            notes=tuple(notes),
            details={"measured": joined["measured"], "active": check.active, **details},
            slope_error_bound=check.bound,
            dense=dense,
        )

    def _check(self, field: Field, last: dict[str, np.ndarray], slope: np.ndarray) -> SlopeCheck:
        frame, state, s = field.frame, last["states"][-1], last["times"][-1]
        y = np.zeros(frame.is_separable.shape)
        if last["measured"][-1]:
            y[frame.is_separable] = np.exp(s + self.clock) * field.masses(state)[frame.is_separable]
        else:
            y[frame.is_separable] = np.exp(state)
        return check_slope(frame.parts, y / frame.length**2, slope)

    def _errors(self, field: Field, joined: dict[str, np.ndarray], found: dict[str, np.ndarray], details: dict[str, Any]) -> dict[str, np.ndarray]:
        # A reference that was refused leaves stage 1's own error in the constants of stage 2, and so does what was neglected.
        length, excess, alpha = scales(field)
        late = np.where(joined["measured"], 0.0, details["neglected"])
        score = (joined["score bar"] + 1e-14 * np.abs(joined["times"]) + (1e-8 if details["reference refused"] else 0.0) + late) / length
        distance = np.maximum(np.linalg.norm(found["tied"] + found["diverging"], axis=1), 1e-300)
        return {
            "slope": joined["bar"] / length,
            "finite part": (joined["tied bar"] + late) / length,
            "scaled excess": joined["excess bar"] / excess,
            "scaled finite part": joined["alpha bar"] / alpha,
            "diverging part": score,
            "residual": score,
            "iterate": score,
            "invariant part": np.full(len(score), 1e-13 * (1.0 + np.abs(self.initial).max(initial=0.0))),
            "direction": 2.0 * score / distance + 1e-14,
            "norm": score,
        }


def scales(field: Field) -> tuple[float, float, float]:
    """What coordinates and slopes, t (L - L*), and t (P_T w - w*) are divided by to leave the natural units."""
    length, mass = field.frame.length, field.frame.mass
    try:
        return length, length**2, mass * length**3
    except OverflowError:
        reason = f"have differences of length {length:.3g}, whose cube no double holds"
        raise TooLarge("the features", reason, "divide all features by a constant: it changes the units, and nothing else") from None


def in_user_units(field: Field, joined: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The quantities of records in the parameter space and the units of the problem."""
    (length, excess, alpha), t, m = scales(field), field.frame.tied_frame, field.frame.diverging_frame
    return {
        "tied": joined["tied"] @ t.T / length,
        "diverging": joined["diverging"] @ m.T / length,
        "slopes": joined["slopes"] @ m.T / length,
        "excess": joined["excess"] / excess,
        "alpha": joined["alpha"] @ t.T / alpha,
    }


def cross_check(field: Field, s: float, c: np.ndarray, neglected: float = 0.0) -> tuple[Field, float, bool, str]:
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
    gap = float(np.linalg.norm(c[: frame.split] - frame.finite_part - shift))
    togo = float(np.linalg.norm(Early(field).unrelaxed(c)))
    bar = 2e-9 * (1.0 + float(np.abs(c).max())) + float(np.linalg.norm(shift)) / 10 + 3.0 * togo
    if gap <= bar or neglected > TOO_MUCH:
        how = "agrees with stage 1" if gap <= bar else "not reached by stage 1"
        return field, gap / frame.length, False, f"finite part {how}: gap {gap / frame.length:.2g}, bar {bar / frame.length:.2g}"
    own = Field(replace(frame, reference=(c[: frame.split] - shift) / frame.length))
    note = f"finite part refused: it is {gap / frame.length:.2g} away from stage 1 (bar {bar / frame.length:.2g}), whose own value is used instead"
    return own, gap / frame.length, True, note


@dataclass(frozen=True, eq=False)
class Dense:
    """The run at any log time, continued from the record before it."""

    field: Field
    initial: np.ndarray
    parts: list[dict[str, np.ndarray]]

    @property
    def invariant(self) -> np.ndarray:
        """P_N w0."""
        w0, t, m = self.initial, self.field.frame.tied_frame, self.field.frame.diverging_frame
        return np.asarray(w0 - t @ (t.T @ w0) - m @ (m.T @ w0))

    def __call__(self, s: float) -> Moment:
        """The run at log time s."""
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
            states = Late(self.field).integrate(state, grid).states[1:]
        else:
            states = Early(self.field).continued(state, grid)[0]
        if not len(states):
            raise ArithmeticError(f"the flow could not be continued from log time {origin:g} to {s:g}")
        here = np.array([s])
        found = in_user_units(self.field, Late(self.field).records(here, states) if second else records(self.field, here, states))
        return Moment(s, found["tied"][0], found["diverging"][0], self.invariant, found["slopes"][0], float(found["excess"][0]), found["alpha"][0])
