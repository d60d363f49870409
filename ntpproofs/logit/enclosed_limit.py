"""Class, margin and finite part of a linear next-token model enclosed, at every size that fits in memory; what is open stays open, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InvalidInput
from ..exact.balls import Interval
from ..exact.rational import rank
from ..language.answers import Effort
from .enclosed_finite import EnclosedFinitePart, least_loss, loss_interval, met_log_odds, minimised
from .enclosed_margin import EnclosedMargin, enclosed_margin
from .hard_margin import State, solve
from .problem import ConditionalLogit
from .row_data import RowData
from .saved_run import Stages, digest_of
from .tied_finite import tied_infimum, tied_minimum
from .tied_tokens import with_proposed_ties
from .token_data import TokenData
from .token_ties import with_independent_ties

# The arrays of a state of the interior point.
ARRAYS = ("decoder", "levels", "slacks", "multipliers")


@dataclass(frozen=True, eq=False)
class EnclosedLimit:
    """`kind` is the separation class or "undecided". `margin` encloses u (None: nothing separable, or undecided), `finite` encloses w*
    (None: undecided), `infimum` the infimum of the loss. `dimensions` are those of tied, diverging and invariant subspace where they
    are known. `stopped` says why the run ended: "converged", "time", "interrupted", "stalled"."""

    data: TokenData | RowData
    kind: str
    margin: EnclosedMargin | None
    finite: EnclosedFinitePart | None
    infimum: Interval
    dimensions: tuple[int, int, int] | None
    stopped: str
    steps: int

    @property
    def undecided(self) -> tuple[str, ...]:
        """The names of what could not be decided."""
        names = {
            "separation class": self.kind == "undecided",
            "max-margin direction": self.margin is None and self.kind != "overlap",
            "finite part": self.finite is None,
            "dimensions": self.dimensions is None,
        }
        return tuple(name for name, is_open in names.items() if is_open)


def enclosed_limit(logit: ConditionalLogit, effort: Effort | None = None) -> EnclosedLimit:
    """The limit of gradient descent, enclosed.

    Law: the exact u lies within the radius of the decoder, the exact margin in the interval, and the class is the exact one or
    "undecided". Raises `TooLarge` for problems that are no linear next-token model with embeddings, and `InvalidInput` for a saved
    run of other data.

    >>> from fractions import Fraction
    >>> from ntpproofs.problems import LinearNTP
    >>> found = enclosed_limit(LinearNTP([[1, 0], [1, 2]], [[1, 0], [0, 1]]).conditional_logit())
    >>> found.kind, abs(float(found.margin.least) - 1.0) < 1e-6
    ('complete', True)
    """
    effort = effort or Effort()
    data = TokenData.of(logit)
    if (~data.labels).any() and data.tie_strength == 0:
        data = with_independent_ties(data)
    run = _Run(data, effort)
    if (~data.labels).any() and data.tie_strength > 0:  # without independent ties no margin can be proved
        run.follow()
        margin = None if run.state is None else enclosed_margin(data, run.state.decoder, run.state.multipliers)
        if margin is not None:
            return _separable(data, margin, run)
    over = run.stopped in ("time", "interrupted")
    finite = None if over else minimised(data, run.newton)
    if finite is not None:
        total = _rank(data)
        return EnclosedLimit(data, "overlap", None, finite, finite.infimum, _split(data, total, total), "converged", run.steps)
    partly = None if over or run.late() else run.unless_interrupted(lambda: _partly_tied(data, run))
    if partly is not None:
        return partly
    lower, upper = least_loss(data).lower, loss_interval(data, np.zeros((data.labels.shape[1], data.embeddings.shape[1]))).upper
    infimum = Interval((lower + upper) / 2, (upper - lower) / 2)
    stopped = run.stopped if run.stopped in ("time", "interrupted") else "time" if run.late() else "stalled"
    return EnclosedLimit(data, "undecided", None, None, infimum, None, stopped, run.steps)


def _partly_tied(data: TokenData, run: _Run) -> EnclosedLimit | None:
    # With the tied sets as supports: their loss has a minimum, so that they are tied, and there is a margin to all other tokens.
    wider = with_proposed_ties(data, run.ridge)
    if wider is None:
        return None
    wider = wider if wider.tie_strength > 0 else with_independent_ties(wider)
    finite = tied_minimum(wider, run.newton) if wider.tie_strength > 0 else None
    if finite is None:
        return None
    if wider.labels.all():
        total = _rank(data)
        return EnclosedLimit(data, "overlap", None, finite, finite.infimum, _split(data, total, total), "converged", run.steps)
    beside = _Run(wider, replace(run.effort, save=None))
    beside.stages.begun = run.stages.begun
    beside.follow()
    margin = None if beside.state is None else enclosed_margin(wider, beside.state.decoder, beside.state.multipliers)
    if margin is None:
        run.stopped = beside.stopped
        return None
    steps, split = run.steps + beside.steps, _split(wider, len(wider.ties[0]), _rank(wider))
    return EnclosedLimit(wider, "quasi-complete", margin, finite, finite.infimum, split, beside.stopped, steps)


def _separable(data: TokenData, margin: EnclosedMargin, run: _Run) -> EnclosedLimit:
    ties = len(data.ties[0])
    if data.meets_all_odds:
        finite, stopped = met_log_odds(data), run.stopped
    else:
        finite = tied_minimum(data, run.newton) if run.stopped == "converged" else None
        stopped = "time" if finite is None and run.late() else run.stopped
    infimum = least_loss(data) if finite is None and data.meets_all_odds else tied_infimum(data, finite)
    return EnclosedLimit(
        data,
        "quasi-complete" if ties else "complete",
        margin,
        finite,
        infimum,
        _split(data, ties, _rank(data)),  # the ties are independent, or there would be no margin
        stopped,
        run.steps,
    )


def _rank(data: TokenData) -> int:
    # Every context meets every token, so the differences span (1)^perp (x) span(H).
    return (data.labels.shape[1] - 1) * rank(data.vectors)


def _split(data: TokenData, tied: int, total: int) -> tuple[int, int, int]:
    return tied, total - tied, data.labels.shape[1] * data.embeddings.shape[1] - total


class _Run:
    # A run of the interior point, whose last state is what its stages keep.
    def __init__(self, data: TokenData, effort: Effort) -> None:
        self.data, self.effort = data, effort
        self.stages = Stages(effort, lambda: digest_of((data.embeddings, data.labels)))
        self.state = _state(self.stages)
        self.stopped, self.steps = "converged", 0

    def follow(self) -> None:
        try:
            found = solve(self.data.embeddings, self.data.labels, self.state, self._watch)
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        else:
            if found is None:
                self.state, self.stopped = None, "stalled"
            else:
                self.state = found
        if self.state is not None:
            self.stages.keep(_parts(self.state), now=True)

    def _watch(self, state: State) -> bool:
        self.state, self.steps = state, state.step
        gap = f"relative gap {state.gap:.1e}" if np.isfinite(state.gap) else "no margin yet"
        self.stages.say(f"margin programme, step {state.step}: {gap}")
        self.stages.keep(_parts(state))
        if self.late():
            self.stopped = "time"
            return False
        return True

    def newton(self, step: int, size: float) -> bool:
        self.steps += 1
        self.stages.say(f"finite part, step {step}: gradient {size:.1e}")
        return not self.late()

    def ridge(self, step: int, size: float) -> bool:
        self.steps += 1
        self.stages.say(f"ties beside the labels, step {step}: gradient {size:.1e}")
        return not self.late()

    def unless_interrupted(self, compute: Callable[[], EnclosedLimit | None]) -> EnclosedLimit | None:
        try:
            return compute()
        except KeyboardInterrupt:
            self.stopped = "interrupted"
            return None

    def late(self) -> bool:
        return self.stages.late()


def _parts(x: State) -> dict[str, np.ndarray]:
    arrays = {name: getattr(x, name) for name in ARRAYS}
    return {**arrays, "step": np.array(x.step), "gap": np.array(x.gap)}


def _state(stages: Stages) -> State | None:
    found = stages.found
    if not found:
        return None
    if not found.keys() >= {*ARRAYS, "step", "gap"}:
        raise InvalidInput(str(stages.effort.save), "is no saved run of next-token contexts", "give another path to --save, or remove the file")
    return State(**{name: found[name] for name in ARRAYS}, step=int(found["step"]), gap=float(found["gap"]))


__all__ = ["EnclosedLimit", "enclosed_limit"]
