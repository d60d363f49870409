r"""Rest states of the regularised recursion (S9): all of them, enclosed, with their stability; thresholds.

For one concept of frequency 1/K with M_a alive plus neurons out of m/2, all equal at rest, write mu = 2 M_a / m and g
= sigma(-F) - p (flips of probability p). A rest state other than 0 has attention rho = tanh(beta) in (0, 1) and

    v^2 = rho D / (m B mu (1 - rho^2)),    h = C / (C + rho^2 D) if C >= rho^2 D (sliding: u = rho v), else 1/2 (one-sided: u = v C / (rho D)),
    F = mu rho v (sliding),  F = mu v (C + rho^2 D) / (2 rho D) (one-sided),    lambda = lambda^(rho) := g(F) (1 - rho^2) B mu v h / K.

Derivation. At rest lambda v = g rho D (1 + theta) / (2 m K) and lambda = g (1 - rho^2) B mu v (1 + theta) / (2 K),
where theta in [0, 1] is the weight of the second gate; dividing gives v^2, and h = (1 + theta) / 2. So rest states at
lambda are the roots of lambda^ = lambda on (0, 1), a function of one variable without lambda in it, and there can be
none, two, four, ...; the largest lambda with a root is its maximum.

Stability. For rho > 0 the output is F = (2 M_a / m) min((u + rho v) / 2, rho v) where u + rho v >= 0, concave in (u,
v), so the penalised loss J(p, u, v) is strictly convex there in (u, v) and R(p) = min_{u, v} J is defined. The drive
of the minimiser gives R'(p) > 0 iff lambda > lambda^(rho). A root is therefore stable where lambda^ decreases through
lambda and unstable where it increases. Zero is stable for every lambda > 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import scipy
from flint import arb, ctx

from ...exact.balls import Interval, exact_arb, interval, lower, upper

BITS = 128
SLIDING, ONE_SIDED, COLLAPSED = "sliding", "one-sided", "collapsed"
# Intervals examined before the subdivision gives up: more than a hundred times what a generic problem needs.
BUDGET = 40_000


@dataclass(frozen=True)
class Landscape:
    """One concept: squared norms `b`, `c`, `d`, the number of concepts K (1 / frequency), `neurons` m, `alive` M_a, flip probability."""

    b: Fraction
    c: Fraction
    d: Fraction
    concepts: Fraction
    neurons: int
    alive: int
    flips: Fraction = Fraction(0)

    @property
    def share(self) -> Fraction:
        """mu = 2 M_a / m."""
        return Fraction(2 * self.alive, self.neurons)


@dataclass(frozen=True)
class RestState:
    """A rest state with beta > 0: attention, plus neurons (u, v), margin F, the gate weight theta (0 in the one-sided regime), and stability."""

    beta: Interval
    rho: Interval
    gate: Interval
    lift: Interval
    margin: Interval
    weight: Interval
    regime: str
    stable: bool


@dataclass(frozen=True)
class RestStates:
    """All rest states with beta > 0, by increasing beta; `complete` is False if a tangency could not be resolved.

    The origin (beta = 0, f = 0) is a stable rest state besides for every lambda > 0.
    """

    states: tuple[RestState, ...]
    complete: bool

    @property
    def stable(self) -> tuple[RestState, ...]:
        """The learned states: stable with beta > 0."""
        return tuple(state for state in self.states if state.stable)


@dataclass(frozen=True)
class _Point:
    # Everything at one ball of beta, in one regime; slope = d log lambda^ / d beta, None where g may vanish.
    rho: arb
    lift: arb
    margin: arb
    level: arb
    slope: arb | None


def _fields(land: Landscape) -> tuple[arb, arb, arb, arb, arb]:
    return exact_arb(land.b), exact_arb(land.c), exact_arb(land.d), exact_arb(land.share), exact_arb(land.concepts)


def _monotone(land: Landscape, beta: arb, regime: str) -> tuple[arb, arb, arb, arb, arb]:
    # rho, 1 - rho^2, v, F, sigma(-F): all monotone in beta within a regime (F too, since C <= rho^2 D in the one-sided one).
    b, c, d, mu, _ = _fields(land)
    decay = (-2 * beta).exp()
    rho, spread = (1 - decay) / (1 + decay), 4 * decay / (1 + decay) ** 2
    lift = (rho * d / (land.neurons * b * mu * spread)).sqrt()
    margin = mu * rho * lift if regime == SLIDING else mu * lift * (c + rho * rho * d) / (2 * rho * d)
    return rho, spread, lift, margin, 1 / (1 + margin.exp())


def _at(land: Landscape, beta: arb, regime: str) -> _Point:
    b, c, d, mu, k = _fields(land)
    low, high = arb(beta.lower()), arb(beta.upper())
    ends = zip(_monotone(land, low, regime), _monotone(land, high, regime)) if low < high else ((x, x) for x in _monotone(land, beta, regime))
    rho, spread, lift, margin, sigma = (x.union(y) for x, y in ends)
    total = c + rho * rho * d
    if regime == SLIDING:
        half, growth, bend = c / total, 3 / (2 * rho) + rho / spread, -2 * rho * d / total
    else:
        half, growth, bend = arb(1) / 2, rho / spread + 2 * rho * d / total - 1 / (2 * rho), arb(0)
    g = sigma - exact_arb(land.flips)
    level = g * spread * b * mu * lift * half / k
    # d log lambda^ / d rho = g'/g + 1/(2 rho) - rho / (1 - rho^2) + (log h)', and d rho / d beta = 1 - rho^2.
    share = (1 - sigma) * (sigma / g if land.flips else 1)
    slope = spread * (1 / (2 * rho) - rho / spread + bend - share * margin * growth) if g > 0 else None
    return _Point(rho, lift, margin, level, slope)


def level(land: Landscape, beta: float) -> float:
    """lambda^ at one beta > 0, in floats.

    >>> land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(2), 16, 6)
    >>> round(level(land, 2.4751), 6)
    0.002
    """
    kink = _kink_float(land)
    with ctx.workprec(BITS):
        return float(_at(land, arb(beta), SLIDING if beta <= kink else ONE_SIDED).level)


def levels(land: Landscape, betas: np.ndarray) -> np.ndarray:
    """lambda^ at many beta > 0, in floats."""
    b, c, d, mu, k, p = (float(x) for x in (land.b, land.c, land.d, land.share, land.concepts, land.flips))
    rho, spread = np.tanh(betas), 1 / np.cosh(betas) ** 2
    lift, total = np.sqrt(rho * d / (land.neurons * b * mu * spread)), c + rho**2 * d
    sliding = rho**2 * d <= c
    margin = np.where(sliding, mu * rho * lift, mu * lift * total / (2 * rho * d))
    return np.asarray((scipy.special.expit(-margin) - p) * spread * b * mu * lift * np.where(sliding, c / total, 0.5) / k)


def _kink_float(land: Landscape) -> float:
    return float(np.arctanh(np.sqrt(float(land.c / land.d)))) if land.c < land.d else np.inf


def _ball(low: arb, high: arb) -> arb:
    return low.union(high)


def _pieces(land: Landscape, low: arb, high: arb) -> list[tuple[arb, arb, tuple[str, ...]]]:
    # [low, high] cut where C = rho^2 D: sliding below, one-sided above, both on the tiny ball around the cut.
    if land.c >= land.d:
        return [(low, high, (SLIDING,))]
    cut = exact_arb(land.c / land.d).sqrt().atanh()
    left, right = arb(cut.lower()), arb(cut.upper())
    if high < left:
        return [(low, high, (SLIDING,))]
    if low > right:
        return [(low, high, (ONE_SIDED,))]
    return [(low, left, (SLIDING,)), (left, right, (SLIDING, ONE_SIDED)), (right, high, (ONE_SIDED,))]


def _ends(land: Landscape, regularisation: Fraction) -> tuple[arb, arb] | None:
    # Outside, lambda^ < lambda: (lambda^ K)^2 m <= (1/2 - p)^2 mu B D rho (1 - rho^2). None if that excludes everything.
    scale = (Fraction(1, 2) - land.flips) ** 2 * land.share * land.b * land.d
    floor = regularisation**2 * land.concepts**2 * land.neurons / scale
    if floor >= Fraction(2, 5):  # max of rho (1 - rho^2) is 2 / (3 sqrt 3) < 2/5
        return None
    # rho < floor, or 1 - rho^2 < floor, is excluded.
    return exact_arb(floor), arb((1 - exact_arb(floor)).sqrt().atanh().upper())


@lru_cache(maxsize=512)
def rest_states(land: Landscape, regularisation: Fraction) -> RestStates:
    """Every rest state with beta > 0 at lambda = `regularisation` > 0, by verified subdivision.

    >>> land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(2), 16, 6)
    >>> [(round(float(s.beta), 4), round(float(s.margin), 4), s.stable) for s in rest_states(land, Fraction(1, 500)).states]
    [(0.0014, 0.0, False), (2.4751, 1.2682, True)]
    """
    with ctx.workprec(BITS):
        ends = _ends(land, regularisation) if land.alive else None
        if ends is None:
            return RestStates((), True)
        target, found, complete, left = exact_arb(regularisation), list[RestState](), True, BUDGET
        for low, high, regimes in _pieces(land, *ends):
            pending = [(low, high)]
            while pending:
                left -= 1
                a, b = pending.pop()
                points = [_at(land, _ball(a, b), regime) for regime in regimes]
                gaps = [point.level - target for point in points]
                if all(gap < 0 for gap in gaps) or all(gap > 0 for gap in gaps):
                    continue
                signs = {_sign(point.slope) for point in points}
                narrow = (b - a) < arb(2) ** -60 * b
                if len(signs) == 1 and 0 not in signs:
                    state = _root(land, target, a, b, regimes[0], signs.pop())
                    found += [state] if state is not None else []
                elif narrow or left < 0:
                    complete = False
                else:
                    middle = _middle(a, b)
                    pending += [(middle, b), (a, middle)]
        return RestStates(tuple(sorted(found, key=lambda s: s.beta.center)), complete)


def _middle(a: arb, b: arb) -> arb:
    # Geometric for wide intervals: beta runs over many orders of magnitude.
    return arb((a * b).sqrt().mid()) if b > 2 * a else arb(((a + b) / 2).mid())


def _sign(x: arb | None) -> int:
    return 0 if x is None else 1 if x > 0 else -1 if x < 0 else 0


def _root(land: Landscape, target: arb, a: arb, b: arb, regime: str, slope: int) -> RestState | None:
    # On [a, b] the level is monotone: bisect its sign change until the ball is as narrow as the precision allows.
    def above(x: arb) -> int:
        return _sign(_at(land, x, regime).level - target)

    low, high = above(a), above(b)
    if low * high > 0:
        return None
    for _ in range(400):
        middle = arb(((a + b) / 2).mid())
        side = above(middle)
        if side == 0 or (b - a) < arb(2) ** -90 * b:
            break
        if side == low or (low == 0 and side != high):
            a = middle
        else:
            b = middle
    ball = _ball(a, b)
    point = _at(land, ball, regime)
    weight, gate = arb(0), point.lift * exact_arb(land.c / land.d) / point.rho
    if regime == SLIDING:
        swing = point.rho**2 * exact_arb(land.d)
        weight, gate = (exact_arb(land.c) - swing) / (exact_arb(land.c) + swing), point.rho * point.lift
    beta, rho, u, v, margin, theta = (interval(x) for x in (ball, point.rho, gate, point.lift, point.margin, weight))
    return RestState(beta, rho, u, v, margin, theta, regime, slope < 0)


@lru_cache(maxsize=512)
def threshold(land: Landscape) -> tuple[Interval, Interval]:
    """The largest lambda with a rest state, max of lambda^ (the saddle-node), and the beta where it is attained.

    Raises `ArithmeticError` if the maximiser cannot be isolated (two equal maxima).

    >>> land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(4), 64, 32)
    >>> round(float(threshold(land)[0].center), 5)
    0.00767
    """
    with ctx.workprec(BITS):
        betas = np.concatenate([np.geomspace(1e-9, 1.0, 200), np.linspace(1.0, 40.0, 400)])
        kink = _kink_float(land)
        betas = np.sort(np.append(betas, kink)) if np.isfinite(kink) else betas
        best = float(levels(land, betas).max()) * (1 - 1e-9)
        ends = _ends(land, Fraction(best))
        assert ends is not None
        record, pending = exact_arb(best), _pieces(land, *ends)
        kept: list[tuple[arb, arb, arb]] = []
        for _ in range(BUDGET):
            if not pending:
                break
            a, b, regimes = pending.pop()
            middle = _middle(a, b)
            here = [_at(land, middle, regime).level for regime in regimes]
            record = max([record, *(arb(x.lower()) for x in here)], key=lower)
            tops = _tops(land, a, b, regimes)
            if all(top < record for top in tops):
                continue
            if (b - a) < arb(2) ** -28 * b:  # the mean-value bound is quadratic: relative error about 2^-56
                kept.append((a, b, max(tops, key=upper)))
            else:
                pending += [(a, middle, regimes), (middle, b, regimes)]
        else:
            raise ArithmeticError("the maximum of the rest curve could not be isolated")
        kept = [entry for entry in kept if not entry[2] < record]
        place = _ball(min((a for a, _, _ in kept), key=lower), max((b for _, b, _ in kept), key=upper))
        high = max((top for _, _, top in kept), key=upper)
        return interval(_ball(record, arb(high.upper()))), interval(place)


def _tops(land: Landscape, a: arb, b: arb, regimes: tuple[str, ...]) -> list[arb]:
    # Upper bounds of the level on [a, b]: the value at an end where it is monotone, else value at the middle plus half width times slope.
    tops = []
    for regime in regimes:
        wide = _at(land, _ball(a, b), regime)
        sign = _sign(wide.slope)
        if sign:
            tops.append(_at(land, b if sign > 0 else a, regime).level)
            continue
        middle = arb(((a + b) / 2).mid())
        around = None if wide.slope is None else _at(land, middle, regime).level + abs(wide.level * wide.slope) * (b - a) / 2
        tops.append(wide.level if around is None or wide.level < around else around)
    return tops


def necessary_bound(land: Landscape, one_sided: bool = True) -> Interval:
    """The largest lambda the necessary condition allows: lambda^2 K^2 m <= (1/2 - p)^2 mu B D max_rho rho (1 - rho^2) h^2.

    It uses g < 1/2 - p only. The maximum is algebraic: for h = C/(C + rho^2 D) at D rho^4 - 3 (C + D) rho^2 + C = 0, for h = 1/2 at rho^2 = 1/3,
    or at C = rho^2 D between the two. `one_sided=False` leaves h = C/(C + rho^2 D) everywhere, which is no valid bound for small C / D.

    >>> unit = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(4), 64, 32)
    >>> round(float(necessary_bound(unit)) * 4 * 4 * 8, 12)
    1.0
    """
    with ctx.workprec(BITS):
        b, c, d, mu, k = _fields(land)
        first, peak = ((3 * (c + d) - (9 * (c + d) ** 2 - 4 * c * d).sqrt()) / (2 * d)).sqrt(), (arb(1) / 3).sqrt()
        best = _shape(land, first, SLIDING)
        # The sliding maximiser lies below 1/sqrt 3; past C = rho^2 D the one-sided curve continues, and it has its peak there iff D >= 3 C.
        if one_sided and land.d >= 3 * land.c:
            highest = _shape(land, peak, ONE_SIDED)
            best = best.max(highest) if first < (c / d).sqrt() else highest
        factor = exact_arb((Fraction(1, 2) - land.flips) ** 2) * mu * b * d / (k * k * land.neurons)
        return interval((factor * best).sqrt())


def _shape(land: Landscape, rho: arb, regime: str) -> arb:
    half = exact_arb(land.c) / (exact_arb(land.c) + rho * rho * exact_arb(land.d)) if regime == SLIDING else arb(1) / 2
    return rho * (1 - rho * rho) * half**2
