"""The flow for problems that are wide but structured: both stages on a `Bank`, with fast implicit steps.

Up to `LARGEST_EXACT` margin constraints the tied sets come from the exact decomposition. Beyond the exact route they are read
off stage 1, which decides nothing exactly: an alternative is called tied if its probability has not fallen below e^{-s/2} at
log time s, and the notes say how clear the cut was. w* is then stage 1's own, polished by Newton steps on the tied loss.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import TooLarge
from ...logit.decomposition import Decomposition, decompose
from ...logit.problem import ConditionalLogit
from ...logit.shapes import IsToken, LateStates, LateTimes, Matrix, OfSeparable, Parameter, Point, States, Times
from ..trajectory import Moment, Stop, Trajectory
from .bank import Bank, TiedBank
from .handover import NEGLIGIBLE, TOO_MUCH, Handover, latest_switch, until_negligible
from .rosenbrock import Solution, integrate
from .self_check import check_slope
from .structured_systems import EarlyBank, LateBank

# Blocks times tokens from which the structured route is the faster one (measured), and up to which it is run more tightly.
SMALLEST_WIDE = 400
# Up to so many coordinates of T + M dense ones are as fast and more accurate; the second where some direction is narrow beside the others,
# which only they see to all digits.
FEW, MANY_NARROW = 64, 400
SMALL, MEDIUM = 1_000, 40_000


@dataclass(frozen=True, eq=False)
class WideRun:
    """One run on a bank in natural units; `parts` is the exact decomposition, None beyond its reach. Log times are the user's."""

    bank: Bank
    parts: Decomposition | None
    initial: Parameter
    start: float | None
    end: float
    count: int
    about: str
    accuracy: float | None = None

    @property
    def _records(self) -> int:
        # Every record is a time the integrator has to land on, so few are kept where a step takes a second.
        return max(12, self.count // 4) if self.bank.log_counts.size <= MEDIUM else max(6, self.count // 10)

    @property
    def tolerance(self) -> float:
        """Of the integrator, on scores and log masses; the slope ends at rounding whatever it is."""
        size = self.bank.log_counts.size
        if self.accuracy is not None:
            return self.accuracy
        return 1e-5 if size <= SMALL else 1e-4 if size <= MEDIUM else 3e-3

    @property
    def switch(self) -> float:
        """The log time from which stage 2 may take over: in natural units its relative error is e^-switch, and `negligible` then."""
        return (22.0 if self.bank.log_counts.size <= MEDIUM else 14.0) - self.bank.clock

    @property
    def negligible(self) -> float:
        """What may remain when stage 1 ends."""
        return NEGLIGIBLE if self.bank.log_counts.size <= MEDIUM else 1e-6

    def trajectory(self, w: Point) -> Trajectory:
        """Simulate from W (flat, in the coordinates of the bank) at `start` (default: near 0, by a Taylor step)."""
        early, notes = EarlyBank(self.bank, self.tolerance), list[str]()
        s, y = self._opening(w) if self.start is None else (self.start, w)
        times = np.linspace(s, min(self.end, self.switch), self._records)
        first = integrate(early, y, times, 0.5)
        handover = Handover(times[: len(first.states)], first.states, 0.0)
        stopped, ended = Stop.REACHED, ""
        if first.failure:
            stopped = Stop.CANNOT_GO_ON
            notes.append(f"stage 1 stopped early: {first.failure}")
        elif self.end > self.switch:
            handover = self._until_negligible(handover)
        s, y = float(handover.times[-1]), handover.states[-1]
        tied, refused, told = self._tied(s, y.reshape(self.bank.shape), handover.remaining)
        notes.extend(told)
        if self.end > self.switch and not first.failure:
            ended = handover.refusal(bool(tied.separable.any()), self.negligible)
        late, grid, second = LateBank(tied, self.tolerance), handover.times[-1:], Solution(handover.states[-1:], 0, "")
        if self.end > s and not first.failure and not ended and tied.separable.any():
            grid = self._grid(s)
            second = integrate(late, late.enter(s, y.reshape(self.bank.shape)), grid, 0.5)
            ended = f"stage 2 stopped early: {second.failure}" if second.failure else ""
        elif self.end > s and not first.failure and not ended:
            stopped = Stop.AT_REST
            notes.append(f"nothing is separable: the flow is at rest, the records end at log time {s:g}")
        if ended:
            stopped = Stop.CANNOT_GO_ON
            notes.append(ended)
        dense = _WideDense(early, late, self._invariant(), handover.times, handover.states, grid[: len(second.states)], second.states)
        return self._assemble(dense, refused, stopped, notes, first.steps + second.steps)

    def _until_negligible(self, reached: Handover) -> Handover:
        # At rest the state is off by what the tolerance allows: steps are long there, and e^s grows within them. Beside masses that still
        # fall nothing rests, and rounding of e^s times them allows no better.
        resting = self.parts is not None and not self.parts.separation.separable
        early = EarlyBank(self.bank, min(self.tolerance, self.negligible / 10) if resting else self.tolerance)

        def go_on(s: float, more: float, y: Point) -> Point | None:
            found = integrate(early, y, np.array([s, more]), 0.1)
            return None if found.failure else found.states[-1]

        def remaining(s: float, y: Point) -> float:
            w = y.reshape(self.bank.shape)
            return TiedBank(self.bank, self._tied_sets(s, w), w).neglected(w)

        latest = min(latest_switch(self.bank.clock, self.bank.narrowest), self.end)
        return until_negligible(reached.times, reached.states, remaining, go_on, latest, self.negligible)

    def _opening(self, w: Point) -> tuple[float, Point]:
        # w(t) = w0 + t f + O(t^2 D^2L f / 2): start where the second term is a tenth of the tolerance, for every score.
        shape = self.bank.shape
        f = self.bank.velocity(w.reshape(shape))
        speed = float(np.abs(f).max()) + 1e-300
        turn = (self.bank.velocity(w.reshape(shape) + 1e-4 / speed * f) - f) * (speed / 1e-4)
        bend = float(np.abs(np.where(self.bank.present, self.bank.spread_scores(turn), 0.0)).max()) + 1e-300
        s = min(0.5 * float(np.log(0.2 * self.tolerance / bend)), -1.0)
        return min(s - self.bank.clock, self.end - 1.0), w + float(np.exp(min(s, self.end - 1.0 + self.bank.clock))) * f.ravel()

    def _grid(self, start: float) -> Times:
        halvings = [self.end / 2**k for k in range(1, 5 if self.bank.log_counts.size <= MEDIUM else 3)]
        return np.unique(np.concatenate([np.geomspace(start, self.end, self._records), [x for x in halvings if x > start]]))

    def _tied_sets(self, s: float, w: Matrix) -> IsToken:
        # Blocks x tokens: exact where that is in reach, else read off the probabilities.
        bank = self.bank
        if self.parts is None:
            return np.asarray((np.where(bank.present, bank.log_shares(w), -np.inf) > -(s + bank.clock) / 2) | (bank.target > 0))
        tied, blocks = np.zeros(bank.present.shape, dtype=bool), self.parts.problem.data.blocks
        for b, inside in enumerate(self.parts.separation.tied_sets):
            tied[b, [blocks[b].alternatives[v] for v in inside]] = True
        return tied

    def _tied(self, s: float, w: Matrix, remaining: float) -> tuple[TiedBank, bool, list[str]]:
        bank, tied = self.bank, self._tied_sets(s, w)
        if self.parts is not None:
            return self._checked(TiedBank(bank, tied, bank.coordinates(self.parts.finite_part.array)), s, w, remaining)
        shares = np.where(bank.present, bank.log_shares(w), -np.inf)
        outside, inside = np.where(bank.present & ~tied, shares, -np.inf).max(), shares[tied].min()
        note = (
            "beyond the exact route: tied sets read off stage 1, not decided; "
            f"tied log probabilities at least {inside:.3g}, separable ones at most {outside:.3g} at log time {s:.3g}"
        )
        return TiedBank(bank, tied, w).polished(), False, [note]

    def _checked(self, tied: TiedBank, s: float, w: Matrix, remaining: float) -> tuple[TiedBank, bool, list[str]]:
        # The reference w* against stage 1's own value, in scores and in what lengths they allow: as `cross_check`.
        bank, t = self.bank, float(np.exp(s + self.bank.clock))
        own = tied.tied_part(w) - tied.displacement(t * np.where(tied.separable, bank.masses(w), 0.0)) / t
        apart = np.where(tied.tied, bank.spread_scores(own - tied.reference), 0.0)
        gap = float(np.abs(apart).max())
        rounding = float(np.finfo(float).eps * np.linalg.norm(bank.in_lengths(tied.reference)))
        largest = float(np.abs(np.where(tied.tied, bank.spread_scores(own), 0.0)).max())
        bar = 1e-8 + 10.0 * self.tolerance + 10.0 * (1 + largest) / t + 3.0 * remaining + rounding
        if s < self.switch or remaining > TOO_MUCH:
            return tied, False, []
        told = (np.linalg.norm(bank.in_lengths(own - tied.reference)) / bank.length, gap, bar)
        if gap > bar:
            words = "finite part refused: it is {:.2g} away from stage 1 (scores {:.2g}, bar {:.2g}), whose own value is used instead"
            return replace(tied, reference=own), True, [words.format(*told)]
        return tied, False, ["finite part agrees with stage 1: gap {:.2g} (scores {:.2g}, bar {:.2g})".format(*told)]

    def _invariant(self) -> Parameter:
        # P_N w is P_N w0; from w0 = 0 it vanishes, and no projection is needed.
        if not self.initial.any():
            return np.zeros(self.initial.size)
        w0 = self.initial.reshape(self.bank.shape[0], -1)
        inside = self.bank.frame
        if inside is None:
            basis, values, _ = np.linalg.svd(self.bank.right.T, full_matrices=False)
            inside = basis[:, values > 1e-12 * values.max()]
        if self.parts is not None:
            return np.asarray(self.parts.invariant.project(self.initial))
        within = w0 @ inside @ inside.T
        if self.bank.present.all():  # common choice set: a vector added to every row of W changes no difference
            within = within - within.mean(axis=0)
        return np.asarray((w0 - within).ravel())

    def _assemble(self, dense: _WideDense, refused: bool, stopped: Stop, notes: list[str], steps: int) -> Trajectory:
        late, first = dense.late, len(dense.times)
        natural = [dense.early_moment(s, y) for s, y in zip(dense.times, dense.states)]
        natural += [dense.late_moment(s, y) for s, y in zip(dense.grid[1:], dense.late_states[1:])]
        moments = [dense.in_user_units(m) for m in natural]
        times = np.array([m.log_time for m in moments])
        details: dict[str, Any] = {"measured": np.arange(len(times)) < first, "steps": steps}
        details |= {"reference refused": refused, "structured": True}
        errors = self._errors(natural, details)
        bound = None if late.count else float(np.linalg.norm(moments[-1].slope)) * (1.0 + 1e-9)
        if late.count:
            r = dense.masses()
            details |= kkt(late, np.exp(r))
            errors = self._errors(natural, details)
            details["slope error estimate"] /= self.bank.length
            notes.append(
                "KKT residual of the slope {kkt residual:.2g}, distance from u at most {slope error estimate:.2g} in floats".format(**details)
            )
            bound = self._bound(r, moments[-1].slope, late, notes) if self.parts is not None else None
        return Trajectory(
            log_times=times,
            tied=np.array([m.tied for m in moments]),
            diverging=np.array([m.diverging for m in moments]),
            invariant=np.tile(dense.invariant, (len(times), 1)),
            slopes=np.array([m.slope for m in moments]),
            excess=np.array([m.excess for m in moments]),
            displacement=np.array([m.displacement for m in moments]),
            errors=errors,
            simulator=f"gradient flow{self.about} to t = e^{times[-1]:g}, structured",
            stopped=stopped,
            notes=tuple(notes),
            details=details,
            slope_error_bound=bound,
            dense=dense,
        )

    def _errors(self, moments: list[Moment], details: dict[str, Any]) -> dict[str, Times]:
        # Measured against runs at 1e-8 on ten instances: scores are off by up to nine tolerances, tied ones as well; a hundred are given. Masses
        # are off in proportion. An error of the start changes the transient of stage 2 by its relative size, so it dies with the distance to go,
        # however slowly; a step ends up to two records after the point whose transient made its error.
        rough = 100 * self.tolerance
        times, slopes, excess = (np.array([getattr(m, name) for m in moments]) for name in ("log_time", "slope", "excess"))
        measured, own = details["measured"], details["reference refused"]
        length = np.linalg.norm(slopes, axis=1)
        remaining = details.get("slope error estimate", 0.0)  # what the last slope has still to go
        togo = remaining + np.maximum.accumulate(np.linalg.norm(slopes - slopes[-1], axis=1)[::-1])[::-1]
        togo = np.concatenate([togo[:1], togo[:1], togo])[: len(times)]
        bar = np.where(measured, rough * (1.0 + length), np.minimum(rough * (1.0 + length), 30 * rough * togo + 1e-10))
        score, t = rough + 1e-14 * np.maximum(np.abs(times), 1.0), np.exp(np.minimum(times, self.switch) + self.bank.clock)
        errors = {
            "slope": bar,
            # An error e of the tied part, ten tolerances at the most, costs t e^2 / 2.
            "scaled excess": np.maximum(bar, rough * excess * measured) + 0.5 * (10 * self.tolerance) ** 2 * measured * t,
            "direction": np.full(len(times), rough),
            "invariant part": np.full(len(times), 1e-12),
        }
        errors |= {name: score for name in ("diverging part", "residual", "iterate", "norm")}
        moved = rough * (1.0 + np.array([np.linalg.norm(m.displacement) for m in moments]))
        errors |= {
            "scaled finite part": np.where(measured, rough * t + 1e-12, moved),
            "finite part": np.where(measured | own, rough, 1e-8 + 1e-2 * self.tolerance),
        }
        unit, mass = self.bank.length, self.bank.mass
        units = {"scaled excess": unit**2, "direction": 1.0, "invariant part": 1.0, "scaled finite part": mass * unit**3}
        lengths = {name: 1.0 if name in ("scaled excess", "direction", "invariant part") else self.bank.narrowest for name in errors}
        return {name: values / (units.get(name, unit) * lengths[name]) for name, values in errors.items()}

    def _bound(self, r: OfSeparable, slope: Parameter, late: LateBank, notes: list[str]) -> float | None:
        assert self.parts is not None
        frame, blocks = self.parts.coordinates, self.parts.problem.data.blocks
        full = np.zeros(late.tied.separable.shape)
        full[late.tied.separable] = np.exp(r)
        masses = np.zeros(frame.is_separable.shape)
        for b, block in enumerate(blocks):
            masses[b, : len(block.alternatives)] = full[b, list(block.alternatives)]
        check = check_slope(self.parts, masses / self.bank.length**2, slope)
        notes.append(check.reason or f"slope within {check.bound:.2g} of the max-margin direction, proved in balls")
        return check.bound


@dataclass(frozen=True, eq=False)
class _WideDense:
    """The run at any log time, continued from the record before it; `grid[0]` is the switch."""

    early: EarlyBank
    late: LateBank
    invariant: Parameter
    times: Times
    states: States
    grid: LateTimes
    late_states: LateStates

    def __call__(self, s: float) -> Moment:
        if s <= self.times[-1]:
            i = int(np.searchsorted(self.times, s, side="right")) - 1
            found = integrate(self.early, self.states[i], np.array([self.times[i], s]), 0.1)
        else:
            i = int(np.searchsorted(self.grid, s, side="right")) - 1
            found = integrate(self.late, self.late_states[i], np.array([self.grid[i], s]), 0.1)
        if found.failure:
            raise ArithmeticError(f"the flow could not be continued to log time {s:g}: {found.failure}")
        return self.in_user_units((self.early_moment if s <= self.times[-1] else self.late_moment)(s, found.states[-1]))

    def in_user_units(self, moment: Moment) -> Moment:
        """A record in the units of the problem."""
        unit, mass = self.early.bank.length, self.early.bank.mass
        parts = (moment.tied / unit, moment.diverging / unit, self.invariant, moment.slope / unit)
        return Moment(moment.log_time, *parts, moment.excess / unit**2, moment.displacement / (mass * unit**3))

    def _moment(self, s: float, tied: Matrix, off: Matrix, slope: Matrix, excess: float, alpha: Matrix) -> Moment:
        # From coordinates to lengths, and without the invariant part.
        lengths = self.early.bank.in_lengths
        off = off - self.early.bank.coordinates(self.invariant)
        return Moment(s, lengths(tied), lengths(off), self.invariant, lengths(slope), excess, lengths(alpha))

    def masses(self) -> OfSeparable:
        """The log masses of the last record."""
        if len(self.grid) > 1:
            return np.asarray(self.late_states[-1][: self.late.count])
        return self.late.enter(self.times[-1], self.states[-1].reshape(self.early.bank.shape))[: self.late.count]

    def early_moment(self, s: float, y: Point) -> Moment:
        """A record of stage 1, in natural units."""
        bank, tied = self.early.bank, self.late.tied
        w, t = y.reshape(bank.shape), float(np.exp(s + bank.clock))
        inside, off, slope = tied.tied_part(w), tied.off_tied(w), np.zeros(bank.shape)
        if self.late.count:  # without anything separable M = 0
            slope = t * tied.off_tied(bank.velocity(w))
        return self._moment(s, inside, off, slope, t * tied.excess(w), t * (inside - tied.reference))

    def late_moment(self, s: float, y: Point) -> Moment:
        """A record of stage 2, in natural units."""
        bank, tied, count = self.early.bank, self.late.tied, self.late.count
        masses, off = np.exp(y[:count]), y[count:].reshape(bank.shape)
        full = np.zeros(tied.separable.shape)
        full[tied.separable] = masses
        alpha = tied.displacement(full)
        inside = tied.reference + np.exp(-s - bank.clock) * alpha
        return self._moment(s, inside, off, self.late.push(masses), float(masses.sum()), alpha)


def kkt(late: LateBank, y: Point) -> dict[str, Any]:
    """How well masses y satisfy the optimality conditions of the max-margin programme, and the bound of `self_check` in floats."""
    slope = late.push(y)
    margins = late.pull(slope)
    gamma = float(margins.min())
    residual = max(0.0, 1.0 - gamma, float((y * np.abs(margins - 1.0)).max()))
    if gamma <= 0:
        return {"kkt residual": residual, "slope error estimate": float("inf")}
    outer = float(np.sqrt(max(float(y @ (margins - gamma)), 0.0))) / gamma
    rounding = 1e-8 * float(np.sqrt(y.sum()))  # the root of the rounding of the margins
    return {
        "kkt residual": residual,
        "slope error estimate": outer + abs(1 / gamma - 1) * float(np.linalg.norm(late.tied.bank.in_lengths(slope))) + rounding,
    }


def wide_parts(logit: ConditionalLogit) -> tuple[Bank | None, Decomposition | None]:
    """The bank of a problem for which the structured route is to be used (else None), and its exact decomposition if in reach."""
    bank = Bank.of(logit) if logit.arrays.mask.size > SMALLEST_WIDE else None
    if bank is None:
        return None, None
    try:
        parts = decompose(logit)
    except TooLarge:
        return bank, None
    few = MANY_NARROW if bank.natural().spread_well(logit).spread is not None else FEW
    return (None if coordinates_of(parts) <= few else bank), parts


def coordinates_of(parts: Decomposition) -> int:
    """The dimension of T + M."""
    return parts.tied.dimension + parts.diverging.dimension
