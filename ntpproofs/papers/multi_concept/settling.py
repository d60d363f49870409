r"""Where the recursion of one concept comes to rest from a stated start: learned or collapsed.

The flow (the recursion for small steps) of p = p_Q = p_K and of equal alive neurons (u, v), with a = M_a / m:

    p' = p (-lambda + (B / K) g (1 - rho^2) a v (1_+ + 1_-))
    u' = -lambda u + g C (1_+ - 1_-) / (2 m K),   v' = -lambda v + g rho D (1_+ + 1_-) / (2 m K)

It is the (metric) subgradient flow of the penalised loss, so it settles. Between gate changes the field is smooth and
is followed by an embedded Runge-Kutta pair; on u = rho v both sides can push back, and then the state slides with the
gate weight theta in [0, 1] that keeps it there.

Collapse has a certificate of its own: with f the flip probability, v_1 = lambda K / (2 a B (1 - 2 f)) and p_1^2 = 2 m
K lambda v_1 / ((1 - 2 f) D B), the box {v <= v_1, p <= p_1} cannot be left, and p shrinks at least like e^{-lambda t
/ 2} in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import exp, inf, sqrt, tanh

from ...errors import InvalidInput
from .stationary import COLLAPSED, Landscape, RestState, rest_states

LINEAR, SLIDES, UPPER, LOWER, OFF = "linear", "slides", "upper", "lower", "off"
State = tuple[float, float, float]
# Steps before a start counts as undecided; ordinary ones take a few hundred.
STEPS = 20_000


@dataclass(frozen=True)
class Settled:
    """Where it ended: `regime` (sliding, one-sided or collapsed), the final (p, u, v), the time it took, and the `rest` state reached.

    `rest` is None for the origin.
    """

    regime: str
    state: State
    time: float
    steps: int
    rest: RestState | None

    @property
    def learned(self) -> bool:
        """Whether the concept was learned."""
        return self.regime != COLLAPSED


@dataclass(frozen=True)
class _Flow:
    # The constants of the field in floats.
    b: float
    c: float
    d: float
    k: float
    m: int
    a: float
    decay: float
    flips: float

    def gates(self, mode: str) -> tuple[float, float]:
        return {LINEAR: (1.0, 1.0), UPPER: (1.0, 0.0), LOWER: (0.0, 1.0), OFF: (0.0, 0.0)}[mode]

    def field(self, state: State, mode: str) -> State:
        p, u, v = state
        rho = tanh(p * p * self.b)
        if mode == SLIDES:
            u = rho * v
            theta = self.weight(p, v, rho)
            plus, minus = 1.0, theta
            margin = 2 * self.a * rho * v
        else:
            plus, minus = self.gates(mode)
            margin = self.a * (plus * (u + rho * v) - minus * (u - rho * v))
        g = self.pull(margin)
        scale = g / (2 * self.m * self.k)
        dp = p * (-self.decay + self.b / self.k * g * (1 - rho * rho) * self.a * v * (plus + minus))
        dv = -self.decay * v + scale * rho * self.d * (plus + minus)
        if mode == SLIDES:
            return dp, rho * dv + 2 * p * dp * self.b * (1 - rho * rho) * v, dv
        return dp, -self.decay * u + scale * self.c * (plus - minus), dv

    def pull(self, margin: float) -> float:
        return (exp(-margin) / (1 + exp(-margin)) if margin > 0 else 1 / (1 + exp(margin))) - self.flips

    def weight(self, p: float, v: float, rho: float) -> float:
        # theta with d(u - rho v)/dt = 0 on u = rho v; both sides are linear in theta.
        g = self.pull(2 * self.a * rho * v)
        scale, spread = g / (2 * self.m * self.k), (1 - rho * rho) * 2 * p * p * self.b
        turn = spread * self.b / self.k * g * (1 - rho * rho) * self.a * v * v
        fixed = scale * self.c - scale * rho * rho * self.d - turn + spread * self.decay * v
        slope = -scale * self.c - scale * rho * rho * self.d - turn
        return -fixed / slope if slope else 0.0

    def mode(self, state: State) -> str:
        p, u, v = state
        swing = tanh(p * p * self.b) * v
        up, down = u + swing > 0, u - swing > 0
        return LINEAR if up and down else UPPER if up else LOWER if down else OFF

    def gap(self, state: State, mode: str) -> float:
        # Positive inside the mode; a zero is a gate change.
        p, u, v = state
        swing = tanh(p * p * self.b) * v
        if mode == SLIDES:
            theta = self.weight(p, v, tanh(p * p * self.b))
            return min(theta, 1 - theta)
        if mode == LINEAR:
            return u - abs(swing)
        return {UPPER: min(u + swing, swing - u), LOWER: min(u - swing, -swing - u), OFF: -u - abs(swing)}[mode]

    def normal(self, state: State, mode: str) -> float:
        # d(u - rho v)/dt in one mode.
        p, _, v = state
        dp, du, dv = self.field(state, mode)
        rho = tanh(p * p * self.b)
        return du - rho * dv - 2 * p * dp * self.b * (1 - rho * rho) * v

    def after(self, state: State, mode: str) -> tuple[State, str]:
        # The mode beyond a gate change at `state`, which lies on the border of `mode`.
        p, u, v = state
        rho = tanh(p * p * self.b)
        if mode == SLIDES:
            return state, (UPPER if self.weight(p, v, rho) < 0.5 else LINEAR)
        if mode in (LINEAR, UPPER) and v > 0 and abs(u - rho * v) <= abs(u + rho * v):
            state = (p, rho * v, v)
            into, out = self.normal(state, LINEAR), self.normal(state, UPPER)
            if into < 0 < out:
                return state, SLIDES
            return state, (UPPER if into < 0 else LINEAR)
        forward = tuple(x + 1e-9 * y for x, y in zip(state, self.field(state, mode)))
        found = self.mode((forward[0], forward[1], forward[2]))
        return state, found


def _combine(state: State, step: float, *terms: tuple[float, State]) -> State:
    p, u, v = state
    return (
        p + step * sum(w * k[0] for w, k in terms),
        u + step * sum(w * k[1] for w, k in terms),
        v + step * sum(w * k[2] for w, k in terms),
    )


def _attempt(flow: _Flow, state: State, mode: str, step: float) -> tuple[State, float]:
    # Bogacki-Shampine: third order, with the second-order solution for the error.
    k1 = flow.field(state, mode)
    k2 = flow.field(_combine(state, step, (0.5, k1)), mode)
    k3 = flow.field(_combine(state, step, (0.75, k2)), mode)
    after = _combine(state, step, (2 / 9, k1), (1 / 3, k2), (4 / 9, k3))
    k4 = flow.field(after, mode)
    error = _combine((0.0, 0.0, 0.0), step, (-5 / 72, k1), (1 / 12, k2), (1 / 9, k3), (-1 / 8, k4))
    # Relative per component; u and v enter together as u +- rho v, so neither asks for more than a fraction of the other.
    scales = (abs(state[0]), abs(state[1]) + 1e-6 * abs(state[2]), abs(state[2]) + 1e-3 * abs(state[1]))
    return after, max(abs(x) / scale if scale else 0.0 for x, scale in zip(error, scales))


def settle(
    land: Landscape,
    regularisation: Fraction,
    initial_scale: float,
    gate: float = 0.05,
    lift: float = 0.0,
    tolerance: float = 1e-6,
) -> Settled:
    """Follow the flow from p = `initial_scale`, u = `gate`, v = `lift` until it is within a thousandth of a stable rest state or trapped at 0.

    `tolerance` is the local error per step, relative to the state.
    Raises `InvalidInput` for lambda = 0 (there is no rest state then) and `ArithmeticError` if it does not settle.

    >>> land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(2), 16, 6)
    >>> found = settle(land, Fraction(1, 500), 0.5)
    >>> found.regime, round(float(found.rest.beta), 4), abs(found.state[0] ** 2 - 2.4751) < 0.005
    ('sliding', 2.4751, True)
    """
    if regularisation <= 0:
        raise InvalidInput("regularisation", f"is {regularisation}", "give lambda > 0: without regularisation nothing comes to rest")
    flow = _flow(land, float(regularisation))
    goals = rest_states(land, regularisation).stable
    trap = _trap(flow)
    start: State = (float(initial_scale), float(gate), float(lift))
    for count, (time, state, mode) in enumerate(_steps(flow, start, tolerance)):
        if count > STEPS:
            break
        if (state[2] <= trap[0] and state[0] <= trap[1]) or state[0] == 0 or mode == OFF:
            return Settled(COLLAPSED, state, time, count, None)
        goal = next((rest for rest in goals if _near(state, rest, flow)), None)
        if goal is not None:
            return Settled(goal.regime, state, time, count, goal)
    raise ArithmeticError("the recursion did not settle: the start lies on the border of two basins to within rounding")


def follow(land: Landscape, initial_scale: float, gate: float, lift: float, horizon: float, tolerance: float = 1e-6) -> list[tuple[float, State]]:
    """(time, (p, u, v)) along the flow without regularisation, up to `horizon`.

    >>> land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(2), 16, 8)
    >>> time, (p, u, v) = follow(land, 0.5, 0.05, 0.0, 1e5)[-1]
    >>> time >= 1e5 and 0 < u < v
    True
    """
    flow = _flow(land, 0.0)
    found: list[tuple[float, State]] = []
    for time, state, _ in _steps(flow, (initial_scale, gate, lift), tolerance):
        found.append((time, state))
        if time >= horizon or len(found) > STEPS:
            break
    return found


def _flow(land: Landscape, decay: float) -> _Flow:
    b, c, d, k = (float(x) for x in (land.b, land.c, land.d, land.concepts))
    return _Flow(b, c, d, k, land.neurons, land.alive / land.neurons, decay, float(land.flips))


def _steps(flow: _Flow, state: State, tolerance: float) -> Iterator[tuple[float, State, str]]:
    # Accepted and rejected steps alike yield where the state is, so that a caller can count them.
    longest = 0.5 / flow.decay if flow.decay else inf
    mode, time, step = flow.mode(state), 0.0, min(longest, 1.0)
    while True:
        yield time, state, mode
        after, error = _attempt(flow, state, mode, step)
        factor = 0.9 * (tolerance / error) ** (1 / 3) if error > 0 else 5.0
        if error > tolerance:
            step *= max(0.2, factor)
            continue
        if flow.gap(after, mode) >= 0 or step < 1e-13 * min(longest, time + 1.0):
            state, time, step = after, time + step, min(step * min(5.0, factor), longest)
            if flow.gap(state, mode) < 0:
                state, mode = flow.after(state, mode)
            continue
        landing = _landing(flow, state, mode, step)
        state, time = _attempt(flow, state, mode, landing)[0], time + landing
        state, mode = flow.after(state, mode)
        step = max(landing, 1e-3 * step)


def _landing(flow: _Flow, state: State, mode: str, step: float) -> float:
    # The time to the first gate change within a step, by bisection, ending just beyond it.
    low, high = 0.0, step
    for _ in range(60):
        middle = (low + high) / 2
        if flow.gap(_attempt(flow, state, mode, middle)[0], mode) >= 0:
            low = middle
        else:
            high = middle
        if high - low < 1e-12 * max(step, 1e-300):
            break
    return high


def _trap(flow: _Flow) -> tuple[float, float]:
    # (v_1, p_1) of the module's docstring.
    force = 1 - 2 * flow.flips
    if flow.a == 0 or force <= 0:
        return inf, inf
    v = flow.decay * flow.k / (2 * flow.a * flow.b * force)
    return v, sqrt(2 * flow.m * flow.k * flow.decay * v / (force * flow.d * flow.b))


def _near(state: State, rest: RestState, flow: _Flow) -> bool:
    # Within a thousandth of a stable rest state: there the flow contracts.
    p, u, v = sqrt(float(rest.beta) / flow.b), float(rest.gate), float(rest.lift)
    return max(abs(state[0] - p) / p, abs(state[1] - u) / (u + v / 100), abs(state[2] - v) / v) < 1e-3


def critical_regularisation(land: Landscape, initial_scale: float, gate: float = 0.05, lift: float = 0.0, digits: int = 5) -> float:
    """The largest lambda from which this start is still learned, by bisection between 0 and the saddle-node (floats; 0.0 if none is).

    >>> land = Landscape(Fraction(1), Fraction(1), Fraction(1), Fraction(4), 64, 32)
    >>> round(critical_regularisation(land, 0.5), 5)
    0.0049
    """
    from .stationary import threshold

    high = threshold(land)[0].upper
    low, high = Fraction(0), Fraction(float(high))
    for _ in range(int(digits * 3.4) + 1):
        middle = Fraction(float((low + high) / 2))
        if settle(land, middle, initial_scale, gate, lift, tolerance=1e-5).learned:
            low = middle
        else:
            high = middle
    return float((low + high) / 2) if low else 0.0
