"""The finite part of a linear next-token model whose ties are dependent: w* minimises the loss of the supports alone over their span T.

The log-odds of dependent ties cannot all be met in general, so w* is proved by the ball test on T. With weights a_j and trees of ties
along the supports, |S_j| |P z|^2 >= sum over the edges of (z_a - z_l)^2 (the Laplacian of a graph on s points is at most s), and
z' (diag p - p p') z >= min p |P z|^2. So on T the Hessian is at least the least eigenvalue of D C C' D for C the independent ties
and D^2 = a_j min p_j / |S_j| on those of context j.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ..exact.balls import PRECISION, Interval, upper
from ..exact.rounding import UNIT, WIDER, gamma, least_eigenvalue, norm_above
from .enclosed_finite import EnclosedFinitePart, doubt_of, least_loss, newton, off_the_ties, softmax
from .token_data import TokenData


def tied_minimum(data: TokenData, watch: Callable[[int, float], bool] = lambda step, size: True) -> EnclosedFinitePart | None:
    """w* where the tied sets are the supports, by the ball test on the span of the ties; None where it does not pass."""
    found = newton(data, watch, data.labels) if data.tie_strength > 0 else None
    if found is None:
        return None
    coefficients, decoder = data.tie_solution(-data.tie_residual(found)[0])
    off = off_the_ties(data, coefficients, decoder)
    logits, error = data.logits(decoder)
    # Off a support the first label stands for a token: nothing is read there.
    anchors = np.arange(len(logits)), data.anchors
    logits, error = (np.where(data.labels, table, table[anchors][:, None]) for table in (logits, error))
    p, normaliser = softmax(np.where(data.labels, logits, -np.inf))
    doubt = doubt_of(logits, error)
    slope = _slope(data, p, doubt)
    curvature = _curvature(data, p, doubt)
    if not (curvature > 0 and math.isfinite(slope)):
        return None
    loss = _loss(data, logits, normaliser, error, doubt)
    with ctx.workprec(PRECISION):
        g, mu, reach = arb(slope), arb(curvature), arb(2).sqrt().upper() * arb(float(data.lengths.max()))
        radius = (3 * g / mu).upper()
        if not (g * (reach * radius).exp() / mu < radius or g == 0):
            return None
        bottom, top = loss.lower - upper(g * radius), loss.upper
        whole = upper((radius + arb(off)) * arb(2) ** -data.exponent)
        return EnclosedFinitePart(np.ldexp(decoder, -data.exponent), whole, Interval((bottom + top) / 2, (top - bottom) / 2))


def tied_infimum(data: TokenData, finite: EnclosedFinitePart | None) -> Interval:
    """The infimum of the loss where the tied sets are the supports: that of the finite part, or between the entropy and the loss of the
    supports at zero, which is a mean of logarithms of their sizes."""
    if finite is not None:
        return finite.infimum
    zero = np.zeros(data.labels.shape)
    _, normaliser = softmax(np.where(data.labels, 0.0, -np.inf))
    lower, top = least_loss(data).lower, _loss(data, zero, normaliser, zero, doubt_of(zero, zero)).upper
    return Interval((lower + top) / 2, (top - lower) / 2)


def _slope(data: TokenData, p: np.ndarray, doubt: np.ndarray) -> float:
    # An upper bound of the norm of the gradient.
    weighted = data.masses[:, None] * (p - data.shares)
    missed = data.masses[:, None] * (p * (doubt + 8 * UNIT)[:, None] + 8 * UNIT * data.shares)
    value, rounding = data.combined(weighted)
    moved = np.sqrt((missed**2).sum(axis=1)) * (1 + gamma(p.shape[1] + 4)) * data.lengths
    return norm_above(np.abs(value) + rounding) + float(moved.sum()) * WIDER


def _curvature(data: TokenData, p: np.ndarray, doubt: np.ndarray) -> float:
    # A lower bound of the least eigenvalue of D C C' D.
    context, _, _ = data.ties
    least = np.where(data.labels, p, np.inf).min(axis=1) * (1 - doubt) * data.masses * (1 - 16 * UNIT) / data.labels.sum(axis=1)
    if not (least[context] > 0).all():
        return 0.0
    scale = np.sqrt(least[context]) * (1 - 4 * UNIT)
    size = float((least[context] * data.lengths[context] ** 2).sum()) * WIDER
    inexact = 2 * (gamma(data.embeddings.shape[1] + 1) + 3 * data.error + 8 * UNIT) * size
    return least_eigenvalue(data.tie_gram * np.outer(scale, scale), inexact * WIDER) * (1 - 4 * UNIT)


def _loss(data: TokenData, logits: np.ndarray, normaliser: np.ndarray, error: np.ndarray, doubt: np.ndarray) -> Interval:
    # The loss of the supports alone, rounding included.
    size = np.abs(logits).max(axis=1) + np.abs(normaliser) + 1
    wide = data.masses * (2 * error.max(axis=1) + doubt + (8 * UNIT + gamma(logits.shape[1] + 2)) * size) * WIDER
    loss = data.masses * (normaliser - (data.shares * logits).sum(axis=1))
    return Interval(Fraction(math.fsum(loss)), Fraction(math.fsum(wide)) * Fraction(WIDER))


__all__ = ["tied_infimum", "tied_minimum"]
