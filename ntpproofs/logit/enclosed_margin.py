"""The max-margin direction of a linear next-token model, enclosed: true statements from any decoder and any multipliers.

u minimises |W|^2 / 2 subject to level logits on every support (C W = 0) and margins of at least 1 off it (A W >= 1). For multipliers
lambda >= 0 and any nu, weak duality and scaling give |u| >= sum lambda / |A'lambda + C'nu|, so g = |u|^2 / 2 from below without any
feasibility. For every feasible w, |w - u|^2 <= |w|^2 - |u|^2 (u is the projection of 0 on a convex set). A decoder in doubles misses
the ties by |C W|: the decoder W - C^+ C W meets them and is within |C W| / sigma, sigma a verified lower bound of the least singular
value of C; no margin falls by more than sqrt(2) |h_j| times that; what is left is divided by the least margin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ..exact.balls import PRECISION, upper
from ..exact.balls import lower as below
from ..exact.rounding import UNIT, WIDER, gamma, norm_above, total_below
from .token_data import TokenData


@dataclass(frozen=True, eq=False)
class EnclosedMargin:
    """u lies within `radius` of `decoder` (both for the embeddings as given), and `least` <= |u| <= `most`."""

    decoder: np.ndarray
    radius: Fraction
    least: Fraction
    most: Fraction
    shares: np.ndarray

    @property
    def gap(self) -> float:
        """The relative width of the interval of the margin 1 / |u|."""
        return float(1 - self.least / self.most)


def enclosed_margin(data: TokenData, decoder: np.ndarray, multipliers: np.ndarray) -> EnclosedMargin | None:
    """What a decoder W (V x d) and multipliers Z (m x V) prove, for `data` in its own unit; None if nothing.

    A result proves that every alternative off a support can be separated. `multipliers` may be anything on the supports; off them,
    negative entries count as zero.
    """
    if not (np.isfinite(decoder).all() and np.isfinite(multipliers).all()) or data.tie_strength == 0:
        return None
    decoder, shift, margin = _levelled(data, decoder)
    if not margin > 0:
        return None
    decoder = decoder / margin
    shift, margin = _measured(data, decoder)
    size, total = _dual(data, multipliers)
    if not (margin > 0 and size > 0 and total > 0 and math.isfinite(size)):
        return None
    with ctx.workprec(PRECISION):
        long = arb(norm_above(decoder)) + arb(shift)
        most = (long / arb(margin)).upper()
        least = (arb(total) / arb(size)).lower()
        moved = arb(shift) + long * abs(1 - 1 / arb(margin))
        excess = (most * most - least * least).upper()
        if excess < 0:  # the two bounds contradict each other: some rounding bound is wrong, and nothing may be said
            raise ArithmeticError("a lower bound of the norm exceeds an upper bound")
        radius = moved + excess.sqrt()
        unit = arb(2) ** -data.exponent
        shares = np.where(data.labels, 0.0, np.maximum(multipliers, 0.0)).sum(axis=1)
        return EnclosedMargin(
            np.ldexp(decoder, -data.exponent), upper(radius * unit), below(least * unit), upper(most * unit), shares / max(shares.sum(), 1e-300)
        )


def _levelled(data: TokenData, decoder: np.ndarray) -> tuple[np.ndarray, float, float]:
    # Two corrections towards the ties in floats, then the measures.
    for _ in range(2 if len(data.ties[0]) else 0):
        residual, _ = data.tie_residual(decoder)
        decoder = decoder + data.tie_solution(residual)[1]
    return decoder, *_measured(data, decoder)


def _measured(data: TokenData, decoder: np.ndarray) -> tuple[float, float]:
    # How far the nearest decoder with exact ties is, and a lower bound of its least margin.
    _, residual = data.tie_residual(decoder)
    shift = residual / data.tie_strength * (1 + 4 * UNIT) if residual else 0.0
    logits, error = data.logits(decoder)
    rows = np.arange(len(logits))
    first = logits[rows, data.anchors][:, None]
    wide = error + (error[rows, data.anchors] + 1.4143 * data.lengths * shift)[:, None] + 8 * UNIT * (np.abs(logits) + np.abs(first))
    margins = (first - logits - wide * WIDER)[~data.labels]
    return shift, float(margins.min(initial=math.inf))


def _dual(data: TokenData, multipliers: np.ndarray) -> tuple[float, float]:
    # An upper bound of |A'lambda + C'nu| and a lower bound of sum lambda. The multiplier of the first label is minus the exact sum of the
    # others of its context, which doubles miss by gamma_V times the sum of their sizes.
    z = np.where(data.labels, multipliers, np.maximum(multipliers, 0.0))
    rows = np.arange(len(z))
    z[rows, data.anchors] = 0.0
    total = total_below(z[~data.labels])
    z[rows, data.anchors] = -z.sum(axis=1)
    missed = np.abs(z).sum(axis=1) * gamma(z.shape[1] + 4) * WIDER
    value, error = data.combined(z)
    size = norm_above(np.abs(value) + error) + float((missed * data.lengths).sum()) * WIDER
    return math.nextafter(size, math.inf), total


__all__ = ["EnclosedMargin", "enclosed_margin"]
