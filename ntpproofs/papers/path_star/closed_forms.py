"""Closed forms of C8-C10: where gradient descent on M(K) goes, for any number of arms, length, lookback and candidates.

Once the edge weight is large the excess loss is e^{-alpha} Phi(beta), Phi a sum of exponentials over all active margin
constraints. Its minimiser is the finite limit of beta, its minimum the offset of alpha, its curvature the rate of approach.
Rationals are exact, irrational numbers Arb balls.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ...exact.balls import PRECISION, exact_arb

Vector = tuple[Fraction, ...]
ZERO, ONE = Fraction(0), Fraction(1)


def squared_lookback_factor(arms: int, length: int, lookback: int, candidates: int) -> Fraction:
    """b^2 with b = e^{beta*}: (C - 1 - K)/(l - 3 - K + 1/d), for 0 <= K <= l - 3 (C8.2).

    >>> squared_lookback_factor(2, 5, 0, 9)
    Fraction(16, 5)
    """
    return (candidates - 1 - lookback) / (length - 3 - lookback + Fraction(1, arms))


def finite_lookback_weight(arms: int, length: int, lookback: int, candidates: int, precision: int = PRECISION) -> arb:
    """beta* = log(b^2)/2, the common finite limit of the lookback weights for 0 <= K <= l - 3.

    >>> finite_lookback_weight(2, 5, 0, 9)
    [0.58157540490284...]
    """
    with ctx.workprec(precision):
        return exact_arb(squared_lookback_factor(arms, length, lookback, candidates)).log() / 2


def potential_minimum(arms: int, length: int, lookback: int, candidates: int, precision: int = PRECISION) -> arb:
    """Phi* = min Phi (C8.3), for -1 <= K <= l - 3: alpha = log(eta t Phi*) + o(1).

    >>> potential_minimum(2, 5, -1, 9)
    6.87500000000000
    """
    k, c, share = lookback + 1, candidates, Fraction(1, arms)
    open_steps = length - 2 - k
    with ctx.workprec(precision):
        b = finite_lookback_weight(arms, length, lookback, candidates, precision).exp() if k else arb(1)
        looked = k * ((k - 1) + (c - k) / b)
        elsewhere = open_steps * (k * b + (c - 1 - k))
        decision = exact_arb(share) * (k * b + (c - arms - k))
        return (looked + elsewhere + decision) / (length - 1)


def relaxation_exponent(arms: int, length: int, lookback: int, candidates: int, precision: int = PRECISION) -> arb:
    """rho with |beta - beta*| ~ t^-rho, for 0 <= K <= l - 3 (C8.5).

    >>> relaxation_exponent(2, 5, 0, 9)
    [0.344749389808...]
    """
    with ctx.workprec(precision):
        product = (candidates - 1 - lookback) * (length - 3 - lookback + Fraction(1, arms))
        steps = (length - 1) * potential_minimum(arms, length, lookback, candidates, precision)
        return 2 * exact_arb(product).sqrt() / steps


def standard_direction(arms: int, length: int, lookback: int, candidates: int) -> Vector:
    """The max-margin direction (alpha, beta_0, ..., beta_K) of teacher forcing in M(K), every case.

    K <= l - 3: the edge axis (C8). K = l - 2 = m: (2m, 2, ..., 2, m + 1)/(m + 1) for d >= 2 (C9); the edge axis for one arm of
    length 3 or more; (1/2, 1/2) for one arm of length 2. Zero where no candidate is left to beat.

    >>> [str(x) for x in standard_direction(2, 5, 3, 9)]
    ['3/2', '1/2', '1/2', '1/2', '1']
    """
    m, betas = length - 2, lookback + 1
    if lookback == m and arms >= 2:
        inner = [Fraction(2, m + 1)] * m
        return (Fraction(2 * m, m + 1), *inner, ONE)
    if m == 0 and candidates == arms:
        return (ZERO,) * (1 + betas)
    if m == 0 and lookback == 0:
        return (Fraction(1, 2), Fraction(1, 2))
    return (ONE, *[ZERO] * betas)


def standard_squared_norm(arms: int, length: int, lookback: int, candidates: int) -> Fraction:
    """|u|^2 of `standard_direction` without writing it out: 1 + 4m/(m + 1) for the full lookback and two arms or more.

    >>> standard_squared_norm(2, 5, 3, 9), standard_squared_norm(2, 5, 2, 9), standard_squared_norm(1, 2, 0, 2)
    (Fraction(4, 1), Fraction(1, 1), Fraction(1, 2))
    """
    m = length - 2
    if lookback == m and arms >= 2:
        return 1 + Fraction(4 * m, m + 1)
    return squared_norm(standard_direction(arms, length, lookback, candidates)) if m == 0 else ONE


def reversed_direction() -> Vector:
    """(w_B, w_F) = (1, 0) for reversed targets, every size (C10)."""
    return (ONE, ZERO)


def teacherless_direction(arms: int, length: int, lookback: int, candidates: int) -> Vector:
    """The max-margin direction without teacher: the edge weight (always 0), then the lookback weights slot by slot, r_2 first.

    A slot k = l - 1 - j within reach (k <= K) puts weight 1 on its own lookup; one out of reach puts -1 on every lookup. Where
    the lookups leave no other candidate (C = K + 1) only differences count: K/(K + 1) on the own lookup, -1/(K + 1) on the others.

    >>> [str(x) for x in teacherless_direction(2, 3, 0, 5)]
    ['0', '-1', '1']
    """
    betas = lookback + 1
    direction = [ZERO]
    for left in range(length - 2, -1, -1):
        if left > lookback:
            direction += [-ONE] * betas
        elif candidates > betas:
            direction += [ONE if k == left else ZERO for k in range(betas)]
        else:
            direction += [Fraction(k == left) - Fraction(1, betas) for k in range(betas)]
    return tuple(direction)


def teacherless_squared_norm(length: int, lookback: int, candidates: int) -> Fraction:
    """|u|^2 of `teacherless_direction`: K + 1 slots in reach at 1 (K/(K + 1) for C = K + 1), the others at K + 1.

    >>> teacherless_squared_norm(5, 1, 9)
    Fraction(6, 1)
    """
    betas = lookback + 1
    within = Fraction(1) if candidates > betas else Fraction(lookback, max(betas, 1))
    return betas * within + (length - 1 - betas) * betas


def teacherless_strictly_complementary(lookback: int, candidates: int) -> bool:
    """Whether no active margin constraint is weak without teacher: true for at most one lookup or C = K + 1.

    With more, the own lookup beats the zero candidates by 1 and the other lookups just as much, the latter at no cost.
    """
    return lookback < 1 or candidates == lookback + 1


def standard_strictly_complementary(arms: int, length: int, lookback: int, candidates: int) -> bool:
    """Whether no active margin constraint of teacher forcing is weak (zero in every multiplier).

    It fails only for K = l - 2: with two arms or more at length 2 (some candidate is no child of s) and at length 3, and with
    one arm of length 3 or more (some candidate is off the arm). Decided case by case; `max_margin` decides the same exactly.

    >>> standard_strictly_complementary(2, 3, 1, 5), standard_strictly_complementary(2, 4, 2, 7)
    (False, True)
    """
    if lookback < length - 2 or (arms == 1 and length == 2):
        return True
    if arms == 1:
        return candidates == length - 1
    return candidates == arms if length == 2 else length > 3


def forward_drift(length: int, candidates: int) -> Fraction:
    """lim e^{-w_F}/log t for reversed targets of length 3 or more: w_F falls like -log log t (C10).

    >>> forward_drift(5, 9)
    Fraction(3, 29)
    """
    return Fraction(length - 2, (candidates - 1) + (length - 2) * (candidates - 2))


def reversed_potential(length: int, candidates: int) -> Fraction:
    """Phi at w_F = -infinity: w_B = log(eta t Phi) + o(1) for reversed targets.

    >>> reversed_potential(5, 9)
    Fraction(29, 4)
    """
    return Fraction((candidates - 1) + (length - 2) * (candidates - 2), length - 1)


def squared_norm(direction: Vector) -> Fraction:
    """|u|^2, the limit of eta t (L - inf L).

    >>> squared_norm((Fraction(1, 2), Fraction(1, 2)))
    Fraction(1, 2)
    """
    return sum((x * x for x in direction), ZERO)
