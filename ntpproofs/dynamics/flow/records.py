"""What the two stages of the dense flow record: quantities with their units, and their error bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from ...errors import TooLarge
from ...logit.shapes import DivergingStates, States, TiedStates, Times
from ..field import Field


@dataclass(frozen=True, eq=False)
class Quantities:
    """One row per record, in the orthonormal frames of T and M and in natural units (`Coordinates.natural`), or as `in_user_units` says.

    `tied`, `diverging`: P_T w and P_M w; `slopes`: d P_M w / ds; `excess`: t (L - L*); `displacement`: t (P_T w - w*).
    """

    tied: TiedStates
    diverging: DivergingStates
    slopes: DivergingStates
    excess: Times
    displacement: TiedStates

    def in_user_units(self, field: Field) -> Quantities:
        """The same in the parameter space and the units of the problem."""
        units, t, m = Units.of(field), field.frame.tied_frame, field.frame.diverging_frame
        return Quantities(
            self.tied @ t.T / units.length,
            self.diverging @ m.T / units.length,
            self.slopes @ m.T / units.length,
            self.excess / units.excess,
            self.displacement @ t.T / units.displacement,
        )


@dataclass(frozen=True, eq=False)
class ErrorBars:
    """One number per record for each of the `Quantities`, in their units; `score` is that of w itself."""

    slopes: Times
    excess: Times
    score: Times
    displacement: Times
    tied: Times


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of a run: user log times, the states from which it goes on (coordinates, later log masses), what they mean, and bars.

    `measured`: whether the tied part was integrated (stage 1), not referred to w* (stage 2).
    """

    times: Times
    states: States
    quantities: Quantities
    bars: ErrorBars
    measured: bool


@dataclass(frozen=True)
class Units:
    """What natural lengths and slopes, t (L - L*), and t (P_T w - w*) are divided by to become the user's."""

    length: float
    excess: float
    displacement: float

    @classmethod
    def of(cls, field: Field) -> Units:
        """The units of one field; raises `TooLarge` where they leave the range of doubles."""
        length, mass = field.frame.length, field.frame.mass
        try:
            return cls(length, length**2, mass * length**3)
        except OverflowError:
            reason = f"have differences of length {length:.3g}, whose cube no double holds"
            raise TooLarge("the features", reason, "divide all features by a constant: it changes the units, and nothing else") from None


def joined_quantities(stages: Sequence[Stage]) -> Quantities:
    """The records of all stages in order."""
    return Quantities(*(np.concatenate([getattr(x.quantities, f.name) for x in stages]) for f in fields(Quantities)))


def joined_bars(stages: Sequence[Stage]) -> ErrorBars:
    """The error bars of all stages in order."""
    return ErrorBars(*(np.concatenate([getattr(x.bars, f.name) for x in stages]) for f in fields(ErrorBars)))
