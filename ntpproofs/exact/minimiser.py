"""The unique minimiser of a tied conditional-logit loss, enclosed in a ball (`foundations`, section 5, last paragraph).

    f(b) = sum_i alpha_i [ log sum_v n_iv exp(-<x_iv, b>) + sum_z share_iz <x_iz, b> - sum_z share_iz log n_iz ]

Newton's method in floats proposes a point, Arb refines it and decides: curvature along a line changes by at most a factor
exp(R r) within distance r (R the largest distance between two alternatives of one row), so if g exp(R r) / mu < r, with g
the gradient norm and mu a verified lower bound of the Hessian's eigenvalues at the point, there is exactly one minimiser
within r. Where floats see no curvature (probabilities of 1e-19 beside 1) Newton goes on at growing precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, ctx

from ..errors import TooLarge
from .balls import PRECISION, Interval, exact_arb, lower, norm, upper

# Weights or counts whose ratio has a thousand digits still pass; beyond that a proof is refused.
LARGEST_PRECISION = 4096
# Damped steps that make no difference before a full one is tried, and up to which precision: it may also lead astray.
SLOW, BOLD = 5, 640


@dataclass(frozen=True)
class TiedChoice:
    """One row of the tied loss: `rows` index the design matrix, None is the alternative every difference refers to."""

    weight: Fraction
    rows: tuple[int | None, ...]
    shares: tuple[Fraction, ...]
    multiplicities: tuple[Fraction, ...]


@dataclass(frozen=True)
class Minimum:
    """The minimiser lies within `radius` of the point `center`; the minimum lies in `value`; shown at `precision` bits."""

    center: arb_mat
    radius: arb
    value: Interval
    precision: int


class _Arrays:
    # The tied loss in floats: every choice padded to the largest, index 0 of the padded design is the zero row.
    def __init__(self, design: np.ndarray, choices: Sequence[TiedChoice]) -> None:
        widest = max(len(choice.rows) for choice in choices)
        self.design = np.vstack([np.zeros((1, design.shape[1])), design])
        self.index = np.zeros((len(choices), widest), dtype=np.int64)
        self.log_counts = np.full(self.index.shape, -np.inf)
        self.target = np.zeros(self.index.shape)
        self.weights = np.array([float(choice.weight) for choice in choices])
        for i, choice in enumerate(choices):
            size = len(choice.rows)
            self.index[i, :size] = [0 if r is None else r + 1 for r in choice.rows]
            self.log_counts[i, :size] = [math.log(n.numerator) - math.log(n.denominator) for n in choice.multiplicities]
            self.target[i, :size] = [self.weights[i] * float(share) for share in choice.shares]

    def evaluate(self, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        products = (self.design @ b)[self.index]
        logits = self.log_counts - products
        top = logits.max(axis=1, keepdims=True)
        masses = np.exp(logits - top)
        totals = masses.sum(axis=1, keepdims=True)
        shares = masses / totals
        p = self.weights[:, None] * shares
        value = self.weights @ (top + np.log(totals))[:, 0] + (self.target * products).sum()
        gradient = np.bincount(self.index.ravel(), (self.target - p).ravel(), len(self.design)) @ self.design
        diagonal = np.bincount(self.index.ravel(), p.ravel(), len(self.design))
        means = np.einsum("iv,ivk->ik", shares, self.design[self.index])
        hessian = (self.design.T * diagonal) @ self.design - (means.T * self.weights) @ means
        return float(value), gradient, hessian

    def damping(self, step: np.ndarray) -> float:
        # log(1 + d) / d, d the largest change of a difference of scores of one row: see `_refine`.
        moves = (self.design @ step)[self.index]
        reach = float((moves.max(axis=1) - moves.min(axis=1)).max())
        return math.log1p(reach) / reach if reach else 1.0


def _newton(arrays: _Arrays, size: int) -> tuple[np.ndarray, np.ndarray]:
    # Damped Newton: the loss is convex and coercive on the tied subspace.
    b = np.zeros(size)
    value, gradient, hessian = arrays.evaluate(b)
    for _ in range(200):
        shift = 1e-14 * np.trace(hessian) / size + 1e-300
        step = -np.linalg.solve(hessian + shift * np.eye(size), gradient)
        decrement = float(-gradient @ step)
        if decrement <= 1e-22 * (1 + abs(value)):
            break
        # Where the curvature nearly vanishes the full step is too long by many orders of magnitude; the damped step always descends.
        for length in (1.0, arrays.damping(step)):
            trial = arrays.evaluate(b + length * step)
            if trial[0] <= value - 0.25 * length * decrement + 1e-15 * (1 + abs(value)):
                break
        else:
            break  # the slope is rounding: floats see no further
        b = b + length * step
        value, gradient, hessian = trial
    return b, hessian


def minimise(design: Callable[[], arb_mat], choices: Sequence[TiedChoice], precision: int = PRECISION) -> Minimum:
    """Enclose the minimiser of the tied loss; `design()` has one row per tied difference, at the working precision of the context.

    Coordinates should be scaled so that the largest entries are near 1. Raises `TooLarge` if the ball test cannot be met at
    4096 bits: weights or counts of extreme ratio, or a loss that is not strictly convex.
    """
    unit = _unit(max(choice.weight for choice in choices))
    if unit != 1:
        choices = [replace(choice, weight=choice.weight / unit) for choice in choices]
    with ctx.workprec(precision):
        rows = design()
        center, inverse = _proposal(rows, choices)
        found = _enclose(rows, choices, _polish(rows, choices, center, inverse), arb_mat([[arb(float(x)) for x in row] for row in inverse]))
    while (found is None or _wide(found)) and precision < LARGEST_PRECISION:
        precision = min(2 * precision, LARGEST_PRECISION)
        with ctx.workprec(precision):
            rows = design()
            center, approximate = _refine(rows, choices, center)
            if center is None:
                break
            found = found if approximate is None else _enclose(rows, choices, center, approximate) or found
            if found is None and precision <= BOLD:
                again, approximate = _refine(rows, choices, arb_mat(center.nrows(), 1), bold=True)
                found = None if again is None or approximate is None else _enclose(rows, choices, again, approximate)
                center = center if found is None or again is None else again
    if found is None:
        reason = f"could not be enclosed at {LARGEST_PRECISION} bits: the curvature of the tied loss nearly vanishes"
        raise TooLarge("the finite part", reason, "give weights, multiplicities and features of less unequal size")
    return replace(found, value=Interval(found.value.center * unit, found.value.radius * unit))


def _wide(found: Minimum) -> bool:
    # A true ball, but more bits give one below the rounding of doubles.
    return bool(found.radius > 2.0**-60 * (1 + norm(x for (x,) in found.center.tolist())))


def _unit(weight: Fraction) -> Fraction:
    # A power of two near the weight; 1 where the floats of `_newton` are at ease anyway.
    exponent = weight.numerator.bit_length() - weight.denominator.bit_length()
    return Fraction(2) ** (exponent if abs(exponent) > 30 else 0)


def _proposal(design: arb_mat, choices: Sequence[TiedChoice]) -> tuple[arb_mat, np.ndarray]:
    # The minimiser and the inverse Hessian there in floats, zeros where floats fail. Nothing here is believed.
    size = design.ncols()
    floats = np.array([[float(x.mid()) for x in row] for row in design.tolist()]).reshape(design.nrows(), size)
    try:
        with np.errstate(all="ignore"):
            arrays = _Arrays(floats, choices)
            point, hessian = _newton(arrays, size)
            inverse = np.linalg.pinv(hessian)
        if np.isfinite(point).all() and np.isfinite(inverse).all():
            return arb_mat([[arb(float(x))] for x in point]), inverse
    except (np.linalg.LinAlgError, OverflowError):
        pass
    return arb_mat(size, 1), np.zeros((size, size))


def _masses(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat) -> tuple[arb_mat, list[list[arb]], arb]:
    # The gradient, the in-row probabilities and the value at a point, as balls.
    products = design * center
    residual = [arb(0)] * design.nrows()
    probabilities, value = [], arb(0)
    for choice in choices:
        weight = exact_arb(choice.weight)
        logits = [-products[r, 0] if r is not None else arb(0) for r in choice.rows]
        counts = [exact_arb(n) for n in choice.multiplicities]
        masses = [n * x.exp() for n, x in zip(counts, logits)]
        total = sum(masses, arb(0))
        p = [mass / total for mass in masses]
        probabilities.append(p)
        value += weight * total.log()
        for r, q, share, x, n in zip(choice.rows, p, choice.shares, logits, counts):
            if share:
                value -= weight * exact_arb(share) * (x + n.log())
            if r is not None:
                residual[r] += weight * (exact_arb(share) - q)
    return design.transpose() * arb_mat([[x] for x in residual]), probabilities, value


def _polish(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat, inverse: np.ndarray) -> arb_mat:
    # Newton steps with the float inverse gain about ten digits each; midpoints carry the full precision.
    for _ in range(2 + ctx.prec // 40):
        gradient, _, _ = _masses(design, choices, center)
        size = max(abs(float(gradient[i, 0].mid())) for i in range(gradient.nrows()))
        if size == 0.0:
            break
        scaled = np.array([float((gradient[i, 0] / size).mid()) for i in range(gradient.nrows())])
        step = inverse @ scaled
        center = arb_mat([[(center[i, 0] - arb(float(step[i])) * size).mid()] for i in range(center.nrows())])
        if size < 2.0 ** (-0.8 * ctx.prec):
            break
    return center


def _refine(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat, bold: bool = False) -> tuple[arb_mat | None, arb_mat | None]:
    # Newton's method on midpoints. Along a step that moves no difference of scores of one row by more than d, f'' grows by at most
    # exp(t d): the minimum of the bound -t + (exp(t d) - 1 - t d) / d^2 is at t = log(1 + d) / d, which therefore always descends.
    # By that bound the loss falls by at least (t - (d - log(1 + d)) / d^2) g'Hg there; where it does not, gradient and loss disagree, which
    # no precision mends: then there is no centre. The one that is kept may be far out where all curvature is rounding: unless Newton
    # converged, the next attempt starts at 0.
    size = center.nrows()
    rounding = arb(2) ** (-ctx.prec // 2)
    identity = arb_mat(size, size, [int(i == k) for i in range(size) for k in range(size)])
    kept, least, approximate, close, promised = center, arb("inf"), None, False, arb(0)
    before, slow, evaluated = arb(0), 0, _masses(design, choices, center)
    for _ in range(100 + 2 * ctx.prec):
        gradient, probabilities, value = evaluated
        if promised > rounding and not least - value.mid() > promised / 2:
            return None, None
        if not close and not value.mid() < least:  # rounding decides: more bits are needed
            break
        kept, least = center, value.mid()
        try:
            approximate = _hessian(design, choices, probabilities).mid().solve(identity, algorithm="approx")
        except ZeroDivisionError:
            approximate = None
            break
        if close:
            break
        step = (approximate * gradient.mid()).mid()
        moves = (design * step).mid()
        reach = max(max(x) - min(x) for x in ([arb(0) if r is None else moves[r, 0] for r in choice.rows] for choice in choices))
        if not reach.is_finite():
            break
        close = bool(reach < arb(2) ** (-ctx.prec // 2))
        decrement = (gradient.mid().transpose() * step)[0, 0].mid()
        # The bound knows the worst curvature on both sides of the point. Where a saturated row only gets more saturated ahead, the full
        # step may go further by many orders of magnitude; it is tried once damped steps make no difference to the distance.
        slow = slow + 1 if 100 < 0.9 * before < reach else 0
        before = reach
        if close or (bold and slow >= SLOW):
            whole = (center - step).mid()
            evaluated = _masses(design, choices, whole)
            if close or evaluated[2].mid() <= least - decrement / 4:
                center, promised = whole, arb(0)
                continue
        length = (reach.log1p() / reach).mid()
        promised = ((length - (reach - reach.log1p()) / reach**2) * decrement).mid()
        center = (center - length * step).mid()
        evaluated = _masses(design, choices, center)
    return kept if close else arb_mat(size, 1), approximate


def _hessian(design: arb_mat, choices: Sequence[TiedChoice], probabilities: list[list[arb]]) -> arb_mat:
    # D' (diag(sum a p) - sum a p p') D, every row's mean weighted by the root of a. A choice of two has no mean to keep: its share of
    # the diagonal is a p (1 - p).
    rows = design.tolist()
    diagonal = [arb(0)] * design.nrows()
    means = []
    for choice, p in zip(choices, probabilities):
        weight, named = exact_arb(choice.weight), [(r, q) for r, q in zip(choice.rows, p) if r is not None]
        for r, q in named:
            diagonal[r] += weight * q * (1 - q if len(named) == 1 else 1)
        if len(named) > 1:
            root = weight.sqrt()
            terms = [(q * root, rows[r]) for r, q in named]
            means.append([sum((q * row[k] for q, row in terms), arb(0)) for k in range(design.ncols())])
    weighted = arb_mat([[diagonal[r] * x for x in row] for r, row in enumerate(rows)])
    found = design.transpose() * weighted
    if not means:
        return found
    averages = arb_mat(means)
    return found - averages.transpose() * averages


def _enclose(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat, approximate: arb_mat) -> Minimum | None:
    # The ball test at `center`, with mu >= (1 - |I - X H|) / |X| for an approximate inverse X of the Hessian.
    gradient, probabilities, value = _masses(design, choices, center)
    size = design.ncols()
    g = norm(gradient[i, 0] for i in range(size))
    product = approximate * _hessian(design, choices, probabilities)
    defect = _largest_row([[int(i == k) - product[i, k] for k in range(size)] for i in range(size)])
    inverse_norm = _largest_row(approximate.tolist())
    if not (g.is_finite() and defect < 1 and 0 < inverse_norm):
        return None
    mu = ((1 - defect) / inverse_norm).lower()
    reach = max((norm(row) for row in design.tolist()), default=arb(0))
    radius = (3 * g / mu).upper()
    if not g * (2 * reach * radius).exp() / mu < radius and g != 0:
        return None
    # Convexity: the minimum is between f(center) - g r and f(center).
    low = lower(value - g * radius)
    high = upper(value)
    return Minimum(center, radius, Interval((low + high) / 2, (high - low) / 2), ctx.prec)


def _largest_row(rows: Sequence[Sequence[arb]]) -> arb:
    # An upper bound of the max-row-sum norm, as an exact ball (NaN in, NaN out, and every comparison with it fails).
    sums = [sum((abs(x) for x in row), arb(0)).upper() for row in rows]
    return max(sums) if all(x.is_finite() for x in sums) else arb("nan")


__all__ = ["Minimum", "TiedChoice", "minimise"]
