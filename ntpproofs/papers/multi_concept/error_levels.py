r"""0-1 error levels in closed form: label noise (S10), word noise (S11), irreducible and trivial levels (S15).

Ties (f = 0) count one half everywhere. Phi is the normal distribution function, enclosed through erfc.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from flint import arb, ctx

from ...errors import InvalidInput
from ...exact.balls import PRECISION, Interval, exact_arb, interval

Real = Interval | Fraction | int


def ball(x: Real) -> arb:
    """An exact or enclosed number as a ball at the current precision."""
    if isinstance(x, Interval):
        return arb(exact_arb(x.center), exact_arb(x.radius))
    return exact_arb(Fraction(x))


def normal_tail(x: arb) -> arb:
    """Phi(-x)."""
    return (x / arb(2).sqrt()).erfc() / 2


def label_noise_error(rho: Real, d: Real, length: int, noise: Real, concepts: int, power: Fraction = Fraction(1, 2)) -> Interval:
    """S10: Phi(-rho |d| sqrt L / (sigma_y sqrt(1 + rho^2) sqrt K)) with balanced, noise-free words, all gates on and equal concepts.

    `d` is the squared norm D, `noise` sigma_y; `power` is the power of L in the argument (1/2 is right).

    >>> round(float(label_noise_error(1, 1, 2, Fraction(1, 5), 4)), 4)
    0.0062
    """
    if float(ball(noise)) <= 0:
        return Interval(Fraction(0), Fraction(0))
    with ctx.workprec(PRECISION):
        r = ball(rho)
        signal = r * ball(d).sqrt() * exact_arb(length) ** exact_arb(power)
        return interval(normal_tail(signal / (ball(noise) * (1 + r * r).sqrt() * exact_arb(concepts).sqrt())))


def label_noise_floor(d: Real, length: int, noise: Real, concepts: int) -> Interval:
    """The limit of `label_noise_error` for rho -> 1: Phi(-|d| sqrt(L/2) / (sigma_y sqrt K)). More concepts need lower noise."""
    return label_noise_error(1, d, length, noise, concepts)


def pair_bound(matching: int, opposite: int, alignment: Real, noise: Real) -> Interval:
    """S11: P(A_+ <= 1/2 | x_q) <= n_- Phi(-sqrt 2 s / sigma_x) for n_+ >= n_- >= 1.

    `alignment` is s = e_q <b_k, g_q> / |g_q| with g_q = Gamma x_q. Pairing every opposite demonstration with its own matching one gives the factor
    n_-: if A_+ <= 1/2 then some pair is in the wrong order. Equality for L = 2.
    Raises `InvalidInput` unless n_+ >= n_- >= 1.
    """
    if not 1 <= opposite <= matching:
        raise InvalidInput("opposite", f"is {opposite} beside {matching} matching demonstrations", "the bound needs 1 <= n_- <= n_+")
    with ctx.workprec(PRECISION):
        return interval(opposite * normal_tail(arb(2).sqrt() * ball(alignment) / ball(noise)))


def composition_error(length: int, beta: Real) -> Interval:
    """S15: the noise-free 0-1 error for fair independent demonstration signs, sum over n of C(L, n) 2^-L [L - n > n e^{2 beta}], ties one half.

    Exact (radius 0) unless a tie cannot be told apart at the working precision.

    >>> composition_error(4, 0).center, composition_error(2, Fraction(5)).center
    (Fraction(1, 2), Fraction(1, 4))
    """
    total, doubt = Fraction(0), Fraction(0)
    with ctx.workprec(PRECISION):
        ratio = (2 * ball(beta)).exp()
        for n in range(length + 1):
            share = Fraction(comb(length, n), 2**length)
            gap = arb(length - n) - n * ratio
            if gap > 0:
                total += share
            elif gap == 0:
                total += share / 2
            elif not gap < 0:
                total, doubt = total + share / 2, doubt + share / 2
    return Interval(total, doubt)


def irreducible_error(length: int) -> Fraction:
    """The limit of `composition_error` for beta -> infinity: 2^-L, the chance that no demonstration agrees with the query.

    >>> irreducible_error(3)
    Fraction(1, 8)
    """
    return Fraction(1, 2**length)
