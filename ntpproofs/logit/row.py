"""One observation of a conditional logit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..exact.vectors import Vector


@dataclass(frozen=True)
class Row:
    """One observation: the alternative `chosen` out of those with the given `features`, counted with `weight`.

    No `multiplicities` at all stand for ones.
    """

    weight: Fraction
    chosen: int
    features: tuple[Vector, ...]
    multiplicities: tuple[Fraction, ...] = ()
