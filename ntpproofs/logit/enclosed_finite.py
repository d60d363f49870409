"""The finite part of a linear next-token model, enclosed at sizes where nothing of the size of its Hessian can be formed.

With independent ties the log-odds of every support can be met exactly: w* = C^+ o for the log-odds o, and for any decoder w = C'y the
error is at most |o - C w| / sigma. Where every alternative is tied, w* minimises the cross-entropy itself, and the ball test of
`exact.minimiser` needs one number of its curvature: for x orthogonal to the ones, x'(diag p - p p')x = min_c sum p_v (x_v - c)^2 is at least
min p |x|^2, so the Hessian is at least the d x d matrix sum_j a_j min_v p_jv h_j h_j' (times the identity on tokens).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ..exact.balls import PRECISION, Interval, mean_entropy, upper
from ..exact.rounding import UNIT, WIDER, gamma, least_eigenvalue, norm_above, product
from .token_data import TokenData
from .token_system import TokenSystem

NEWTON_STEPS = 60


@dataclass(frozen=True, eq=False)
class EnclosedFinitePart:
    """w* lies within `radius` of `decoder` (for the embeddings as given); the infimum of the loss lies in `infimum`."""

    decoder: np.ndarray
    radius: Fraction
    infimum: Interval


def least_loss(data: TokenData) -> Interval:
    """The entropy of the labels given the embedding: no decoder can do better."""
    return mean_entropy((weight, shares.values()) for weight, shares in data.exact)


def met_log_odds(data: TokenData) -> EnclosedFinitePart | None:
    """w* where the tied sets are the supports and all ties are independent (verified); None otherwise."""
    context, anchor, label = data.ties
    infimum = least_loss(data)
    if not len(context):
        return EnclosedFinitePart(np.zeros((data.labels.shape[1], data.embeddings.shape[1])), Fraction(0), infimum)
    if data.tie_strength == 0 or not data.meets_all_odds:
        return None
    first, other = np.log(data.shares[context, anchor]), np.log(data.shares[context, label])
    odds = first - other
    # A share is off by a relative 2 u, a logarithm in doubles by less than 4 units in the last place.
    slack = 4 * UNIT + 8 * UNIT * (np.abs(first) + np.abs(other)) + 2 * UNIT * np.abs(odds)
    coefficients, decoder = data.tie_solution(odds)
    moved = off_the_ties(data, coefficients, decoder)  # from the decoder in doubles to the point C'y that it stands for
    _, residual = data.tie_residual(decoder, odds, slack)
    # C moves by at most |C| times that, and |C| is at most the root of the sum of its squared rows.
    size = math.sqrt(2 * float((data.lengths[context] ** 2).sum())) * WIDER
    with ctx.workprec(PRECISION):
        radius = (arb(residual) + arb(size) * arb(moved)) / arb(data.tie_strength) + arb(moved)
        return EnclosedFinitePart(np.ldexp(decoder, -data.exponent), upper(radius * arb(2) ** -data.exponent), infimum)


def off_the_ties(data: TokenData, coefficients: np.ndarray, decoder: np.ndarray) -> float:
    """An upper bound of the distance of a decoder from the span of the ties, by the combination that it is meant to be.

    The coefficients of a context sum to zero up to the rounding of the sums in them, and shifting one of them mends that.
    """
    value, error = data.combined(coefficients)
    missed = np.abs(coefficients).sum(axis=1) * (gamma(coefficients.shape[1] + 4) * WIDER)
    return norm_above(np.abs(value - decoder) + error) + float((missed * data.lengths).sum()) * WIDER


def minimised(data: TokenData, watch: Callable[[int, float], bool] = lambda step, size: True) -> EnclosedFinitePart | None:
    """w* where every alternative is tied, by the ball test; None where it does not pass.

    A result proves that the infimum is attained, so nothing can be separated.
    """
    decoder = newton(data, watch)
    return None if decoder is None else _tested(data, decoder)


def softmax(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and the logarithms of the sums, row by row."""
    top = logits.max(axis=1, keepdims=True)
    masses = np.exp(logits - top)
    total = masses.sum(axis=1, keepdims=True)
    return masses / total, (top + np.log(total))[:, 0]


def doubt_of(logits: np.ndarray, error: np.ndarray) -> np.ndarray:
    """A bound of the relative error of every probability of a row: logits, their difference to the largest, exp (below 8 units in the
    last place), sum and quotient."""
    spread = logits.max(axis=1) - logits.min(axis=1)
    inexact = np.expm1(2 * (error.max(axis=1) + 2 * UNIT * spread)) + 32 * UNIT + gamma(logits.shape[1] + 2)
    return np.asarray(inexact * WIDER)


def loss_interval(data: TokenData, decoder: np.ndarray) -> Interval:
    """The loss of a decoder (V x d, for `data` in its own unit), rounding included."""
    logits, error = data.logits(decoder)
    _, normaliser = softmax(logits)
    size = np.abs(logits).max(axis=1) + np.abs(normaliser) + 1
    doubtful = data.masses * (2 * error.max(axis=1) + doubt_of(logits, error) + (8 * UNIT + gamma(logits.shape[1] + 2)) * size) * WIDER
    loss = data.masses * (normaliser - (data.shares * logits).sum(axis=1))
    center, radius = Fraction(math.fsum(loss)), Fraction(math.fsum(doubtful)) * Fraction(WIDER)
    return Interval(center, radius)


def newton(data: TokenData, watch: Callable[[int, float], bool], among: np.ndarray | None = None) -> np.ndarray | None:
    """The minimiser of the cross-entropy in doubles, or of that among some tokens of every context; None where it runs away.

    Damped as in `exact.minimiser`: the step log(1 + reach) / reach always descends.
    """
    among = np.ones_like(data.labels) if among is None else among
    decoder = np.zeros((data.labels.shape[1], data.embeddings.shape[1]))
    best, kept = math.inf, decoder
    for step in range(NEWTON_STEPS):
        p, _ = softmax(np.where(among, data.embeddings @ decoder.T, -np.inf))
        gradient = (data.masses[:, None] * (p - data.shares)).T @ data.embeddings
        size = float(np.linalg.norm(gradient))
        if size < best:
            best, kept = size, decoder
        if not watch(step, size) or not np.isfinite(size) or size > 1e3 * best or (step > 5 and size < 1e-13 and size > 0.5 * best):
            break
        weights = data.masses[:, None] * p
        try:
            move, _ = damped_step(data, weights, gradient, 1e-14 * float(weights.sum()), among)
        except np.linalg.LinAlgError:
            return None
        decoder = decoder + move
        decoder = decoder - decoder.mean(axis=0)
        if np.abs(data.embeddings @ decoder.T)[among].max() > 200:
            return None
    return kept


def damped_step(
    data: TokenData, weights: np.ndarray, gradient: np.ndarray, ridge: float, among: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """The Newton step of a loss with masses `weights` of the tokens (m x V) and a ridge, damped, and how far it moves logits apart undamped.

    Raises `numpy.linalg.LinAlgError` where the system is singular in doubles.
    """
    move, _ = TokenSystem(data.embeddings, weights, ridge).solve(-gradient, np.zeros(len(weights)))
    moves = data.embeddings @ move.T
    inside = True if among is None else among
    reach = float((np.where(inside, moves, -np.inf).max(axis=1) - np.where(inside, moves, np.inf).min(axis=1)).max())
    return (math.log1p(reach) / reach if reach > 0.1 else 1.0) * move, reach


def _tested(data: TokenData, decoder: np.ndarray) -> EnclosedFinitePart | None:
    tokens = decoder.shape[0]
    logits, error = data.logits(decoder)
    p, _ = softmax(logits)
    doubt = doubt_of(logits, error)
    weighted = data.masses[:, None] * (p - data.shares)
    missed = data.masses[:, None] * (p * (doubt + 8 * UNIT)[:, None] + 8 * UNIT * data.shares)
    value, rounding = data.combined(weighted)
    moved = np.sqrt((missed**2).sum(axis=1)) * (1 + gamma(tokens + 4)) * data.lengths
    slope = norm_above(np.abs(value) + rounding) + float(moved.sum()) * WIDER
    least = p.min(axis=1) * (1 - doubt) * data.masses * (1 - 8 * UNIT)
    if not (least > 0).all():
        return None
    scaled = np.sqrt(least)[:, None] * (1 - 8 * UNIT) * data.embeddings
    matrix, inexact = product(scaled.T, scaled, data.error + 2 * UNIT)
    curvature = least_eigenvalue((matrix + matrix.T) / 2, norm_above(inexact) * WIDER)
    if not curvature > 0:
        return None
    with ctx.workprec(PRECISION):
        g, mu, reach = arb(slope), arb(curvature), arb(2).sqrt().upper() * arb(float(data.lengths.max()))
        radius = (3 * g / mu).upper()
        if not g * (reach * radius).exp() / mu < radius:
            return None
        # By convexity the minimum is at most g r below; and the decoder's columns do not quite sum to zero.
        loss = loss_interval(data, decoder)
        sums = np.abs(decoder.sum(axis=0)) + np.abs(decoder).sum(axis=0) * gamma(tokens + 2)
        off = arb(norm_above(sums[None, :])) / arb(tokens).sqrt()
        bottom, top = loss.lower - upper(g * radius), loss.upper
        found = Interval((bottom + top) / 2, (top - bottom) / 2)
        return EnclosedFinitePart(np.ldexp(decoder, -data.exponent), upper((radius + off) * arb(2) ** -data.exponent), found)


__all__ = ["EnclosedFinitePart", "doubt_of", "least_loss", "loss_interval", "met_log_odds", "minimised", "newton", "off_the_ties", "softmax"]
