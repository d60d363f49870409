"""Two scalars a and b under a' = b (alpha - beta ab), b' = a (alpha - beta ab): closed form, limit, rates, and gradient descent.

With z = (a+b)^2, delta = a^2 - b^2 (conserved) and s = alpha/beta one has 4ab = z - delta^2/z, hence z' = 2 z (alpha - beta ab), that is

    z' = -(beta/2) (z - z_+)(z - z_-),    z_+- = 2 s +- sqrt(4 s^2 + delta^2),

a logistic equation. So for every start with a + b != 0, with kappa = beta sqrt(4 s^2 + delta^2),

    (z - z_+)/(z - z_-) = e^{-kappa tau} (z_0 - z_+)/(z_0 - z_-),   a + b = sign(a_0 + b_0) sqrt(z),   a - b = delta/(a + b).

If a_0 + b_0 = 0 then a + b stays 0 and y = (a-b)^2 obeys y' = -2 y (alpha + beta y/4): the flow ends in the saddle (0, 0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ...exact.balls import PRECISION, Interval, exact_arb, interval
from .slice import SliceFlow


def exact_root(x: Fraction) -> Fraction | None:
    """The square root of a non-negative rational, None if it is irrational.

    >>> exact_root(Fraction(9, 4)), exact_root(Fraction(2))
    (Fraction(3, 2), None)
    """
    top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
    return Fraction(top, bottom) if top * top == x.numerator and bottom * bottom == x.denominator else None


@dataclass(frozen=True)
class Start:
    """The initial values a_0 and b_0."""

    a: Fraction
    b: Fraction

    @property
    def delta(self) -> Fraction:
        """a_0^2 - b_0^2, conserved by the flow."""
        return self.a**2 - self.b**2

    @property
    def escapes(self) -> bool:
        """Whether the flow leaves the saddle: a_0 + b_0 != 0."""
        return self.a + self.b != 0


@dataclass(frozen=True)
class Limit:
    """The limit of the flow: ab exactly, a and b exactly where they are rational and enclosed otherwise."""

    product: Fraction
    a: Fraction | Interval
    b: Fraction | Interval


def limit(flow: SliceFlow, start: Start) -> Limit:
    """lim a, lim b and lim ab: a~ = sg sqrt((delta + sqrt(delta^2 + 4 s^2))/2), b~ = s / a~, sg = sign(a_0 + b_0); the saddle
    (0, 0) if a_0 + b_0 = 0.

    >>> limit(SliceFlow(Fraction(1), Fraction(4)), Start(Fraction(-1, 10), Fraction(-1, 10))).a
    Fraction(-1, 2)
    >>> limit(SliceFlow(Fraction(1), Fraction(4)), Start(Fraction(1), Fraction(-1))).product
    Fraction(0, 1)
    """
    zero = Fraction(0)
    if not start.escapes:
        return Limit(zero, zero, zero)
    s, delta = flow.product, start.delta
    sign = 1 if start.a + start.b > 0 else -1
    inner = exact_root(delta**2 + 4 * s**2)
    outer = None if inner is None else exact_root((abs(delta) + inner) / 2)
    if outer is not None:
        larger: Fraction | Interval = sign * outer
        smaller: Fraction | Interval = s / (sign * outer)
    else:
        with ctx.workprec(PRECISION):
            ball = sign * ((exact_arb(abs(delta)) + exact_arb(delta**2 + 4 * s**2).sqrt()) / 2).sqrt()
            larger, smaller = interval(ball), interval(exact_arb(s) / ball)
    return Limit(s, *((larger, smaller) if delta >= 0 else (smaller, larger)))


def solution(flow: SliceFlow, start: Start, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a(tau) and b(tau) by the closed form, in doubles, for an array of times tau >= 0.

    >>> a, b = solution(SliceFlow(Fraction(1), Fraction(4)), Start(Fraction(1, 10), Fraction(1, 10)), np.array([0.0, 50.0]))
    >>> bool(abs(a[0] - 0.1) < 1e-15 and abs(a[1] * b[1] - 0.25) < 1e-15)
    True
    """
    alpha, beta, s = float(flow.alpha), float(flow.beta), float(flow.product)
    a0, b0, delta = float(start.a), float(start.b), float(start.delta)
    if not start.escapes:
        y0 = (a0 - b0) ** 2
        decay = np.exp(-2 * alpha * times)
        y = y0 * decay / (1 + (y0 / (4 * s)) * (1 - decay)) if y0 else 0 * times
        half = math.copysign(0.5, a0 - b0) * np.sqrt(y)
        return half, -half
    sums, products = _squares(start, s, delta, beta, times)
    differences = np.divide(abs(delta), sums, out=np.zeros_like(sums), where=sums > 0)
    sign = math.copysign(1, start.a + start.b)
    larger, smaller = sign * (sums + differences) / 2, sign * (sums - differences) / 2
    # The difference is right to a rounding of the larger one, the product to one of s.
    smaller = np.divide(products, larger, out=smaller, where=larger**2 > s)
    return (larger, smaller) if delta >= 0 else (smaller, larger)


def _squares(start: Start, s: float, delta: float, beta: float, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # |a + b| = sqrt(z) and ab, in sums of positive terms and in logarithms, so that no start is too small and nothing cancels. With
    # E = e^{-kappa tau} the logistic law is z = (z_0 z_+ + z_0 |z_-| E + z_+ |z_-| (1 - E)) / (z_0 (1 - E) + z_+ E + |z_-|), and
    # ab - s = (z - z_+)(z - z_-) / 4z = (a_0 b_0 - s) E (z_0 / z) ((z + |z_-|) / (z_0 + |z_-|))^2.
    root = math.hypot(2 * s, delta)
    e = -beta * root * times
    with np.errstate(divide="ignore"):
        rest = np.log(-np.expm1(e))
        lower = 2 * np.log(abs(delta)) - math.log(2 * s + root)
    first, upper = 2 * _log(abs(start.a + start.b)), math.log(2 * s + root)
    top = np.logaddexp(first + upper, np.logaddexp(first + lower + e, upper + lower + rest))
    z = top - np.logaddexp(first + rest, np.logaddexp(upper + e, lower))
    left = np.exp(e + first - z + 2 * (np.logaddexp(z, lower) - np.logaddexp(first, lower)))
    return np.exp(z / 2), s + (float(start.a * start.b) - s) * left


def _log(x: Fraction) -> float:
    # Of a positive rational of any size.
    return math.log(x.numerator) - math.log(x.denominator)


def solution_ball(flow: SliceFlow, start: Start, time: Fraction, precision: int = PRECISION) -> tuple[Interval, Interval]:
    """a(tau) and b(tau) by the closed form at a rational time, enclosed; for starts with a_0 + b_0 != 0.

    >>> a, b = solution_ball(SliceFlow(Fraction(1), Fraction(4)), Start(Fraction(1, 10), Fraction(1, 10)), Fraction(0))
    >>> abs(a.center - Fraction(1, 10)) < Fraction(1, 10**30)
    True
    """
    delta, first = start.delta, start.a + start.b
    with ctx.workprec(precision):
        root = exact_arb(4 * flow.product**2 + delta**2).sqrt()
        upper, lower = exact_arb(2 * flow.product) + root, -exact_arb(delta**2) / (exact_arb(2 * flow.product) + root)
        z0 = exact_arb(first**2)
        ratio = (z0 - upper) / (z0 - lower) * (-exact_arb(flow.beta * time) * root).exp()
        z = (upper - lower * ratio) / (1 - ratio)
        sums = (1 if first > 0 else -1) * z.sqrt()
        differences = exact_arb(delta) / sums
        return interval((sums + differences) / 2), interval((sums - differences) / 2)


def balanced_product(flow: SliceFlow, first: arb, time: arb) -> arb:
    """p(tau) = s / (1 + (s/p_0 - 1) e^{-2 alpha tau}) for a_0 = b_0, p_0 = a_0 b_0 > 0, as a ball."""
    s = exact_arb(flow.product)
    return s / (1 + (s / first - 1) * (-2 * exact_arb(flow.alpha) * time).exp())


def surrogate(flow: SliceFlow, a: Fraction, b: Fraction) -> Fraction:
    """l(a, b) = (alpha - beta ab)^2 / (2 beta); the loss is d l + L*.

    >>> surrogate(SliceFlow(Fraction(1), Fraction(4)), Fraction(1, 2), Fraction(1, 2))
    Fraction(0, 1)
    """
    return (flow.alpha - flow.beta * a * b) ** 2 / (2 * flow.beta)


def surrogate_gradient(flow: SliceFlow, a: Fraction, b: Fraction) -> tuple[Fraction, Fraction]:
    """(dl/da, dl/db) = -(alpha - beta ab) (b, a)."""
    force = flow.alpha - flow.beta * a * b
    return -force * b, -force * a


def rate(flow: SliceFlow, start: Start) -> Interval:
    """m of the bound l(tau) <= l(0) exp(-2 beta m tau), as an enclosure.

    m is a lower bound of a^2 + b^2 = sqrt(delta^2 + 4p^2) along the flow: p moves monotonically from p_0 to s, so the least value is at
    an end, min(a_0^2 + b_0^2, sqrt(delta^2 + 4 s^2)), unless p passes through 0 (a_0 b_0 <= 0), where it is |delta|.
    """
    delta = start.delta
    if start.a * start.b <= 0:
        return Interval(abs(delta), Fraction(0))
    first, last = start.a**2 + start.b**2, delta**2 + 4 * flow.product**2
    if first**2 <= last:
        return Interval(first, Fraction(0))
    with ctx.workprec(PRECISION):
        return interval(exact_arb(last).sqrt())


def descent_step(flow: SliceFlow, a: Fraction, b: Fraction, step: Fraction) -> tuple[Fraction, Fraction]:
    """One step of gradient descent on the slice, exactly.

    Law: a_+^2 - b_+^2 = (a^2 - b^2)(1 - step^2 g^2) with g = alpha - beta ab.

    >>> descent_step(SliceFlow(Fraction(1), Fraction(1)), Fraction(2), Fraction(1), Fraction(1, 2))
    (Fraction(3, 2), Fraction(0, 1))
    """
    force = flow.alpha - flow.beta * a * b
    return a + step * b * force, b + step * a * force


def descent(flow: SliceFlow, starts: np.ndarray, step: float, steps: int) -> np.ndarray:
    """The last iterates (a, b) of gradient descent from n starts (n x 2) in doubles; a diverging run ends in infinities.

    >>> descent(SliceFlow(Fraction(1), Fraction(4)), np.array([[0.3, 0.3], [9.0, 9.0]]), 0.1, 2000).round(6)
    array([[0.5, 0.5],
           [inf, inf]])
    """
    alpha, beta = float(flow.alpha), float(flow.beta)
    a, b = np.array(starts, dtype=float).T
    for _ in range(steps):
        force = step * (alpha - beta * a * b)
        a, b = a + b * force, b + a * force
        diverged = abs(a * b) > 1e30
        a[diverged] = b[diverged] = np.nan  # stays so
    lost = np.isnan(a)
    a[lost] = b[lost] = np.inf
    return np.stack([a, b], axis=1)


def horizon(flow: SliceFlow, start: Start) -> float:
    """A time by which the flow is at its limit to rounding: the escape from the saddle, then 20/alpha (local rate at least 2 alpha)."""
    alpha, s = float(flow.alpha), float(flow.product)
    gap = abs(float(start.a + start.b))
    escape = max(0.0, math.log(2 * math.sqrt(s) / gap)) if gap else 0.0
    return (escape + 20.0) / alpha
