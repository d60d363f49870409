"""What a simulation is compared with: direction, finite part, relaxation, margins. The route that finds them is decided once, by the answer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from ..exact.rational import Vector
from ..logit.asymptotics import asymptotics
from ..logit.decomposition import Decomposition


class Targets(Protocol):
    """The certified limit of gradient descent in the flat parameter space of the conditional logit."""

    @property
    def exact(self) -> Vector:
        """u, exact."""

    @property
    def squared_norm(self) -> Fraction:
        """|u|^2."""

    @property
    def finite_part(self) -> Any:
        """w*, as `ValuePath.distance` takes it: an enclosure or an array."""

    @property
    def strictly_complementary(self) -> bool:
        """Whether no support pair is weak."""

    @property
    def exponent(self) -> float:
        """q of the sharp laws: slope and residual relax like t^-q. Only meaningful without weak pairs."""

    @property
    def drifts(self) -> tuple[Vector, ...]:
        """The directions of levels two and deeper, which weak pairs drift along."""

    def margins(self, diverging: np.ndarray) -> np.ndarray:
        """The margins of the separable pairs (records x pairs) for the diverging parts of records, in any order."""


def direction(targets: Targets) -> np.ndarray:
    """u in floating point."""
    return np.array([float(x) for x in targets.exact])


@dataclass(frozen=True, eq=False)
class ExactTargets:
    """The targets of a decomposition."""

    parts: Decomposition

    @property
    def exact(self) -> Vector:
        """u."""
        return self.parts.max_margin.direction

    @property
    def squared_norm(self) -> Fraction:
        """|u|^2."""
        return self.parts.max_margin.squared_norm

    @property
    def finite_part(self) -> Any:
        """w* with its radius."""
        return self.parts.finite_part

    @property
    def strictly_complementary(self) -> bool:
        """Whether no support pair is weak."""
        return self.parts.max_margin.strictly_complementary

    @cached_property
    def exponent(self) -> float:
        """The smallest rate of the sharp laws."""
        return asymptotics(self.parts).exponent

    @property
    def drifts(self) -> tuple[Vector, ...]:
        """Levels two and deeper."""
        return self.parts.max_margin.directions[1:]

    def margins(self, diverging: np.ndarray) -> np.ndarray:
        """From the coordinates of M, in which tied pairs have no component."""
        frame = self.parts.coordinates
        rows = frame.rows[frame.is_separable][:, frame.split :]
        return np.asarray((diverging @ frame.diverging_frame) @ rows.T)
