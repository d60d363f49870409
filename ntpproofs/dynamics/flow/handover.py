"""When stage 1 may end, on both routes: what remains is negligible.

Stage 2, or rest where nothing is separable, is right up to the mass outside the tied sets, the shift of the tied scores it causes, and
what the tied part has still to go. Each is measured at the state itself, so a run never says that it rests before it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Point, States, Times

# Log times in natural units: where the flow starts, hands over, and hands over at the latest.
START, SWITCH, LATEST_SWITCH = -18.0, 24.0, 60.0
# Up to which e^s is a double, with room for what it is multiplied by.
LARGEST_EXPONENT = 650.0
# Stage 2 is exact up to what stage 1 may neglect when it hands over; beyond the second value it is not entered at all.
NEGLIGIBLE, TOO_MUCH = 1e-9, 1e-3


@dataclass(frozen=True, eq=False)
class Handover:
    """The records of stage 1 with those added while it waited, and what remains at the last of them."""

    times: Times
    states: States
    remaining: float

    def refusal(self, anything_separable: bool, negligible: float = NEGLIGIBLE) -> str:
        """Why the run cannot go on from here, "" if it can."""
        if self.remaining <= (TOO_MUCH if anything_separable else negligible):
            return ""
        follows = "stage 2 is not entered and the records end there" if anything_separable else "the records end there"
        what = "tied scores or masses outside the tied sets still move by" if anything_separable else "tied scores still have to go"
        return f"not at rest: at log time {self.times[-1]:g} {what} {self.remaining:.2g}, so {follows}"


def until_negligible(
    times: Times,
    states: States,
    remaining: Callable[[float, Point], float],
    go_on: Callable[[float, float, Point], Point | None],
    latest: float,
    negligible: float = NEGLIGIBLE,
) -> Handover:
    """Go on from the last record until what remains is negligible, or to the latest switch; `go_on(s, next, state)` is None where it fails.

    Most of what remains falls like e^-s, which tells how long to wait; tied scores that are far from their limit first have to arrive, so
    no wait is longer than two.
    """
    left = remaining(float(times[-1]), states[-1])
    while left > negligible and times[-1] < latest:
        wait = np.ceil(4.0 * np.log(left / negligible)) / 4.0 + 1.0  # in quarters: rounding does not move the records
        more = min(float(times[-1] + (wait if left < TOO_MUCH else min(wait, 2.0))), latest)
        found = go_on(float(times[-1]), more, states[-1])
        if found is None:
            break
        times, states = np.append(times, more), np.vstack([states, found])
        left = remaining(more, found)
    return Handover(times, states, left)


def latest_switch(clock: float, narrowest: float) -> float:
    """The user's log time at which stage 1 ends at the latest: what is slow along a narrow direction gets the time it needs."""
    return min(LATEST_SWITCH - 2.0 * float(np.log(min(narrowest, 1.0))), LARGEST_EXPONENT) - clock
