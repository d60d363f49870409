"""Class, margin and finite part of any conditional logit enclosed, from the matrix of its differences.

The statements are those of `enclosed_margin` and `enclosed_finite`, with rows d_r in place of e_anchor (x) h - e_label (x) h:

* For lambda >= 0 and any nu, |u| >= sum lambda / |A'lambda + C'nu|. A w that meets the ties up to |C w| is within |C w| / sigma of one that
  meets them; no margin falls by more than |d_r| times that. With a margin on every row of A, the tied sets are the labels.
* Then w* = C^+ o for the log-odds o, and |o - C w| / sigma bounds the error.
* Where everything is tied, the ball test: on the span T of the differences the Hessian is at least the least eigenvalue of H + N'N, for any
  N whose rows no difference sees. Columns are scaled by powers of two before, which changes w and its radius by at most those powers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np
from flint import arb, ctx

from ..exact.balls import PRECISION, Interval, upper
from ..exact.balls import lower as below
from ..exact.programme import multipliers as proposed_multipliers
from ..exact.rounding import UNIT, WIDER, gamma, least_eigenvalue, norm_above, total_below
from ..language.answers import Effort
from .enclosed_finite import EnclosedFinitePart
from .enclosed_margin import EnclosedMargin
from .row_data import LARGEST_WIDTH, PART, Blind, RowData
from .saved_run import Ended, Stages

NEWTON_STEPS = 100


@dataclass(frozen=True, eq=False)
class RowLoss:
    """Weights, shares and log-multiplicities in doubles, blocks x widest; `slack` bounds the errors of the logarithms."""

    data: RowData
    weights: np.ndarray
    shares: np.ndarray
    log_counts: np.ndarray
    slack: np.ndarray

    @classmethod
    def of(cls, data: RowData) -> RowLoss:
        """The loss of a problem."""
        a, blocks = data.anchored.problem.arrays, data.anchored.problem.data.blocks
        shares = np.zeros(a.items.shape)
        for b, block in enumerate(blocks):
            for z, share in block.labels.items():
                shares[b, z] = float(share)
        finite = np.where(a.mask, a.log_multiplicities, 0.0)
        return cls(data, a.weights, shares, a.log_multiplicities, 8 * UNIT * (1 + np.abs(finite).max(axis=1)))

    def softmax(self, margins: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probabilities, log of the normaliser, and the scores (anchor at 0; -inf on padding)."""
        scores = self.log_counts - self.data.by_place(margins)
        top = scores.max(axis=1, keepdims=True)
        masses = np.exp(scores - top)
        sums = masses.sum(axis=1, keepdims=True)
        return masses / sums, (top + np.log(sums))[:, 0], scores

    def doubt(self, scores: np.ndarray, error: np.ndarray) -> np.ndarray:
        """A bound of the relative error of every probability of a block, `error` being that of its scores."""
        finite = np.where(np.isfinite(scores), scores, scores.max(axis=1, keepdims=True))
        spread = finite.max(axis=1) - finite.min(axis=1) + np.abs(finite).max(axis=1)
        return np.asarray((np.expm1(2 * (error + self.slack + 2 * UNIT * spread)) + 32 * UNIT + gamma(scores.shape[1] + 2)) * WIDER)

    def worst(self, error: np.ndarray) -> np.ndarray:
        """The largest entry of every block."""
        return np.asarray(self.data.by_place(error).max(axis=1))

    def interval(self, w: np.ndarray) -> Interval:
        """The loss at w, rounding included."""
        margins, error = self.data.margins(w)
        _, normaliser, scores = self.softmax(margins)
        wide, shown = self.worst(error) + self.slack, np.where(self.shares > 0, scores, 0.0)
        size = np.abs(shown).max(axis=1) + np.abs(normaliser) + 1
        doubtful = self.weights * (2 * wide + self.doubt(scores, wide) + (8 * UNIT + gamma(scores.shape[1] + 4)) * size) * WIDER
        loss = self.weights * (normaliser - (self.shares * shown).sum(axis=1))
        return Interval(Fraction(math.fsum(loss)), Fraction(math.fsum(doubtful)) * Fraction(WIDER))

    def by_row(self, values: np.ndarray) -> np.ndarray:
        """Entries of blocks x widest, summed up by row of the matrix of differences (one entry each)."""
        found = np.zeros(len(self.data.rows) + 2)
        found[self.data.places.ravel()] = values.ravel()
        return found[1:-1]


def separated_rows(data: RowData, run: Stages | None = None, name: str = "margins") -> EnclosedMargin | None:
    """u where every alternative that is no label can be separated, and the ties are independent; None otherwise.

    The multipliers are a stage of the run, by its name.
    """
    off = np.flatnonzero(~data.is_tie)
    if not len(off) or data.tie_strength == 0 or not data.independent_ties:
        return None
    a, ties = data.rows[off], data.rows[data.ties]
    flat = a if not len(ties) else a - _coordinates(data, a @ ties.T) @ ties
    sizes = np.linalg.norm(flat, axis=1)
    if not (sizes > 1e-9 * data.lengths[off]).all():
        return None
    run = run or Stages(Effort(), lambda: "")
    watch = partial(run.step, f"{name} programme")
    y = run(name, f"{name} programme", lambda: proposed_multipliers(flat / sizes[:, None], sizes.min() / sizes, watch))
    if y is None or not (y > 0).any():
        return None
    z = np.zeros(len(data.rows))
    z[off] = y / sizes
    if len(ties):
        z[data.ties] = -data.tie_solution(ties @ (z[off] @ a))
    return _proved(data, z[off] @ a + z[data.ties] @ ties, z)


def _coordinates(data: RowData, products: np.ndarray) -> np.ndarray:
    return np.asarray(data.tie_solution(products.T).T)


def _proved(data: RowData, w: np.ndarray, z: np.ndarray) -> EnclosedMargin | None:
    # What w and the multipliers z (at least 0 off the ties) prove.
    if not (np.isfinite(w).all() and np.isfinite(z).all()):
        return None
    for _ in range(2 if len(data.ties) else 0):
        w = w - data.tie_solution(data.rows[data.ties] @ w) @ data.rows[data.ties]
    shift, margin = _measured(data, w)
    if not margin > 0:
        return None
    w = w / margin
    shift, margin = _measured(data, w)
    value, error = data.combined(z)
    size, total = norm_above((np.abs(value) + error)[None, :]), total_below(z[~data.is_tie])
    if not (margin > 0 and size > 0 and total > 0 and math.isfinite(size)):
        return None
    with ctx.workprec(PRECISION):
        long = arb(norm_above(w[None, :])) + arb(shift)
        most, least = (long / arb(margin)).upper(), (arb(total) / arb(size)).lower()
        excess = (most * most - least * least).upper()
        if excess < 0:
            raise ArithmeticError("a lower bound of the norm exceeds an upper bound")
        radius = arb(shift) + long * abs(1 - 1 / arb(margin)) + excess.sqrt()
        unit = arb(2) ** -data.exponent
        masses = np.zeros(len(data.places))
        np.add.at(masses, data.blocks, np.where(data.is_tie, 0.0, z))
        shares = masses / max(float(masses.sum()), 1e-300)
        return EnclosedMargin(np.ldexp(w, -data.exponent), upper(radius * unit), below(least * unit), upper(most * unit), shares)


def _measured(data: RowData, w: np.ndarray) -> tuple[float, float]:
    # How far the nearest vector with exact ties is, and a lower bound of its least margin.
    value, error = data.margins(w)
    residual = norm_above((np.abs(value) + error)[data.ties][None, :]) if len(data.ties) else 0.0
    shift = residual / data.tie_strength * (1 + 4 * UNIT) if residual else 0.0
    least = (value - (error + data.lengths * shift) * WIDER)[~data.is_tie]
    return shift, float(least.min(initial=math.inf)) * (1 - 4 * UNIT)


def odds_of_rows(loss: RowLoss, infimum: Interval) -> EnclosedFinitePart | None:
    """w* where the tied sets are the labels and the ties independent: the log-odds of shares over multiplicities are met."""
    data = loss.data
    if not len(data.ties):
        return EnclosedFinitePart(np.zeros(data.rows.shape[1]), Fraction(0), infimum)
    if data.tie_strength == 0 or not data.independent_ties:
        return None
    blocks = data.blocks[data.ties]
    others, anchors = np.asarray(data.anchored.alternatives)[data.ties], np.asarray(data.anchored.anchors)[blocks]
    with np.errstate(divide="ignore"):
        logs = np.log(loss.shares) - np.where(np.isfinite(loss.log_counts), loss.log_counts, 0.0)
    first, other = logs[blocks, anchors], logs[blocks, others]
    odds = first - other
    wide = 16 * UNIT * (2 + np.abs(np.log(loss.shares[blocks, anchors])) + np.abs(np.log(loss.shares[blocks, others])) + np.abs(odds))
    wide = wide + 2 * loss.slack[blocks]
    ties = data.rows[data.ties]
    y = np.zeros(len(data.rows))
    y[data.ties] = data.tie_solution(odds)
    value, error = data.combined(y)
    w = value
    margins, inexact = data.margins(w)
    residual = norm_above((np.abs(odds - margins[data.ties]) + inexact[data.ties] + wide + 4 * UNIT * np.abs(odds))[None, :])
    moved = norm_above(error[None, :])  # from w in doubles to the combination of ties that it stands for
    size = norm_above(ties) * (1 + data.error)
    with ctx.workprec(PRECISION):
        radius = (arb(residual) + arb(size) * arb(moved)) / arb(data.tie_strength) + arb(moved)
        return EnclosedFinitePart(np.ldexp(w, -data.exponent), upper(radius * arb(2) ** -data.exponent), infimum)


def minimised_rows(loss: RowLoss, run: Stages | None = None) -> tuple[EnclosedFinitePart | None, np.ndarray]:
    """w* where every alternative is tied, by the ball test (None where it does not pass), and the best point in any case.

    The points on the way are kept by the run, which may end it.
    """
    run = run or Stages(Effort(), lambda: "")
    data, blind = loss.data, loss.data.invariant
    width = data.rows.shape[1]
    if width > LARGEST_WIDTH:
        return None, np.zeros(width)
    if not len(data.rows):  # nothing to choose from
        return EnclosedFinitePart(np.zeros(width), Fraction(0), loss.interval(np.zeros(width))), np.zeros(width)
    # Units that bring columns near 1; where some directions are invariant the least norm has a say in w*, and units stay.
    largest = np.abs(data.rows).max(axis=0, initial=0.0)
    powers = np.where(largest > 0, np.frexp(largest)[1], 0) if blind is None else np.zeros(width, dtype=int)
    own = replace(loss, data=replace(data, rows=np.ldexp(data.rows, -powers)))
    w = _newton(own, run)
    if w is None:
        return None, np.zeros(width)
    w = w if blind is None else blind.without(w)
    return _tested(own, w, powers, blind), np.ldexp(w, -powers)


def _newton(loss: RowLoss, run: Stages) -> np.ndarray | None:
    # Damped as in `exact.minimiser`: the step log(1 + reach) / reach always descends.
    data, width = loss.data, loss.data.rows.shape[1]
    begin = run.found.get("finite part", np.zeros(0))
    w = kept = begin if begin.shape == (width,) else np.zeros(width)
    best = math.inf
    for step in range(NEWTON_STEPS):
        p, _, _ = loss.softmax(data.rows @ w)
        gradient, _ = data.combined(loss.by_row(loss.weights[:, None] * (loss.shares - p)))
        size = float(np.linalg.norm(gradient))
        if not math.isfinite(size):
            break
        improved = size < best
        if improved:
            best, kept = size, w
            run.keep({"finite part": w})
        if _is_over(run, f"finite part, step {step}: gradient {size:.1e}"):
            break
        if not improved and step > 5 and (size > 1e3 * best or size < 1e-12):
            break
        hessian = _hessian(loss, p)[0]
        shift = 1e-14 * float(np.trace(hessian)) / width + 1e-300
        try:
            move = -np.linalg.solve(hessian + shift * np.eye(width), gradient)
        except np.linalg.LinAlgError:
            break
        moves = data.by_place(data.rows @ move)
        reach = float((moves.max(axis=1) - moves.min(axis=1)).max())
        w = w + (math.log1p(reach) / reach if reach > 0.1 else 1.0) * move
        if float(np.abs(data.rows @ w).max(initial=0.0)) > 300:
            return None
    return kept


def _is_over(run: Stages, text: str) -> bool:
    # The point so far may pass the test although the time is over.
    try:
        run.step(text)
    except Ended:
        return True
    return False


def _hessian(loss: RowLoss, p: np.ndarray) -> tuple[np.ndarray, float]:
    # sum_b a_b Cov(d) in doubles, and the trace of its two parts, to which every rounding error is relative.
    data = loss.data
    places = data.places
    weighted = np.sqrt(loss.by_row(loss.weights[:, None] * p))[:, None] * data.rows
    parts = [weighted[k : k + PART] for k in range(0, len(weighted), PART)]
    total = np.sum([part.T @ part for part in parts], axis=0)
    means = np.zeros((len(places), data.rows.shape[1]))
    np.add.at(means, data.blocks, loss.by_row(p)[:, None] * data.rows)
    means *= np.sqrt(loss.weights)[:, None]
    pieces = [means[k : k + PART] for k in range(0, len(means), PART)]
    return total - np.sum([piece.T @ piece for piece in pieces], axis=0), 2 * float(np.trace(total))


def _tested(loss: RowLoss, w: np.ndarray, powers: np.ndarray, blind: Blind | None) -> EnclosedFinitePart | None:
    data, count = loss.data, len(loss.data.rows)
    margins, error = data.margins(w)
    p, _, scores = loss.softmax(margins)
    doubt = loss.doubt(scores, loss.worst(error))
    missed = loss.weights[:, None] * (p * (doubt + 8 * UNIT)[:, None] + 8 * UNIT * loss.shares)
    value, wide = data.combined(loss.by_row(loss.weights[:, None] * (loss.shares - p)), loss.by_row(missed))
    slope = norm_above((np.abs(value) + wide)[None, :])
    hessian, trace = _hessian(loss, p)
    sums = gamma(min(PART, count) + count // PART + 8) + gamma(data.places.shape[1] + 8)
    inexact = 4 * (sums + 2 * float(doubt.max()) + 4 * data.error + 32 * UNIT) * trace
    off = 0.0
    if blind is not None:
        hessian, extra = blind.added(hessian, trace)
        inexact, off = inexact + extra, blind.part_above(w)
    curvature = least_eigenvalue((hessian + hessian.T) / 2, inexact * WIDER)
    if not curvature > 0 or not math.isfinite(off):
        return None
    with ctx.workprec(PRECISION):
        g, mu, reach = arb(slope), arb(curvature), arb(data.reach)
        radius = (3 * g / mu).upper()
        if not (g * (reach * radius).exp() / mu < radius or g == 0):
            return None
        # By convexity the minimum is at most g r below the value at w.
        found = loss.interval(w)
        bottom, top = found.lower - upper(g * radius), found.upper
        around = radius * arb(2) ** -int(powers.min(initial=0)) + arb(off)
        infimum = Interval((bottom + top) / 2, (top - bottom) / 2)
        center = np.ldexp(w, -powers - data.exponent)
        return EnclosedFinitePart(center, upper(around * arb(2) ** -data.exponent), infimum)


__all__ = ["RowLoss", "minimised_rows", "odds_of_rows", "separated_rows"]
