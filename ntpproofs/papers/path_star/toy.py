"""The multiplicative toy learner (C15): learnable hop strengths, a saddle of order m, and escape times.

Hop strengths theta_1..theta_m, S_k = theta_1 ... theta_k; the score of candidate v at the slot that is k = l - i edges before
the goal is alpha [u -> v] + rho S_k [v = B^k(t)] (no alpha without teacher). rho is fixed, C = n, the loss is the mean over the
l - 1 slots, alpha(0) = 0 and alpha' = -kappa^2 dL/dalpha; the first hop is read from the full softmax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from operator import mul
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ...errors import InvalidInput
from ...exact.balls import PRECISION, exact_arb

Array = np.ndarray


@dataclass(frozen=True)
class Toy:
    """A toy learner on G(arms, length) with fixed gain `rho` and balanced start theta_i = `start`."""

    arms: int
    length: int
    gain: Fraction = Fraction(4)
    start: Fraction = Fraction(3, 100)

    def __post_init__(self) -> None:
        for name, least in (("arms", 2), ("length", 3)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InvalidInput(name, f"is {value!r}", f"give an integer of at least {least}: the toy has a decision and a lookup")
        for name in ("gain", "start"):
            if Fraction(getattr(self, name)) <= 0:
                raise InvalidInput(name, f"is {getattr(self, name)}, not positive", "give a positive rational")

    @property
    def hops(self) -> int:
        """m = length - 2."""
        return self.length - 2

    def escape_integral(self, target: Fraction, precision: int = PRECISION) -> arb:
        """The time at which all theta reach `target` after the cheat is learned, enclosed (C15.1).

        T = (l-1)/rho * integral from the start to the target of x^{1-m} (1 + e^{rho x^m}/(d-1)) dx.

        >>> Toy(2, 7, start=Fraction(3, 100)).escape_integral(Fraction(1)) < 5e4
        True
        """
        m, rho, others = self.hops, Fraction(self.gain), self.arms - 1
        with ctx.workprec(precision):
            gain = acb(exact_arb(rho))

            def speed(x: acb, _: bool) -> acb:
                return x ** (1 - m) * (1 + (gain * x**m).exp() / others)

            total = acb.integral(speed, acb(exact_arb(self.start)), acb(exact_arb(target)))
            return total.real * (self.length - 1) / exact_arb(rho)

    def leading_order(self, precision: int = PRECISION) -> arb:
        """((l-1) d / (rho (d-1))) times eps^{-(m-2)}/(m-2), or log(1/eps) for m = 2: the escape time as eps -> 0.

        Raises `InvalidInput` for m = 1, where the time stays bounded.
        """
        m, d = self.hops, self.arms
        if m < 2:
            raise InvalidInput("length", f"is {self.length}: one hop has no saddle", "give a length of at least 4")
        front = Fraction((self.length - 1) * d, d - 1) / Fraction(self.gain)
        with ctx.workprec(precision):
            eps = exact_arb(Fraction(self.start))
            tail = -eps.log() if m == 2 else eps ** (2 - m) / (m - 2)
            return exact_arb(front) * tail

    def target_strength(self, accuracy: Fraction, precision: int = PRECISION) -> arb:
        """theta* at which P(first hop) after the cheat is `accuracy`: rho theta*^m = log((d-1) a/(1-a))."""
        with ctx.workprec(precision):
            odds = exact_arb((self.arms - 1) * accuracy / (1 - accuracy))
            return (odds.log() / exact_arb(Fraction(self.gain))).root(self.hops)


def products(theta: Array) -> Array:
    """S_0..S_m, with S_0 = 1."""
    return np.array(list(accumulate(theta.tolist(), mul, initial=1.0)))


def loss_and_gradients(toy: Toy, theta: Array, alpha: float, *, teacherless: bool = False) -> tuple[float, float, Array, float]:
    """(L, dL/dalpha, dL/dtheta, P(first hop)) over the full softmax with C = n candidates, in floating point.

    At the slot with k edges left the true token has score alpha + rho S_k, every other lookup B^j(t) does not appear (each slot
    looks up its own distance), d - 1 siblings have alpha at the decision, all others 0.
    """
    d, m, rho = toy.arms, toy.hops, float(toy.gain)
    nodes, steps = 1 + d * (toy.length - 1), toy.length - 1
    strengths = products(theta)
    edge = 0.0 if teacherless else alpha
    total, by_edge, by_strength, first = 0.0, 0.0, np.zeros(m + 1), 0.0
    for k in range(m + 1):
        siblings = d - 1 if k == m and not teacherless else 0
        scores = np.array([edge + rho * strengths[k], edge, 0.0])
        counts = np.array([1.0, siblings, nodes - 1 - siblings])
        top = scores.max()
        masses = counts * np.exp(scores - top)
        p = masses / masses.sum()
        total += np.log(masses.sum()) + top - scores[0]
        missing = p[1] + p[2]
        by_edge -= 0.0 if teacherless else p[2]
        by_strength[k] = -rho * missing
        first = p[0] if k == m else first
    gradient = np.zeros(m)
    for i in range(m):
        # dS_k / dtheta_i is the product of the others among the first k.
        rest = products(np.where(np.arange(m) == i, 1.0, theta))
        gradient[i] = (by_strength[i + 1 :] * rest[i + 1 :]).sum()
    return total / steps, by_edge / steps, gradient / steps, float(first)


def time_to_first_hop(toy: Toy, accuracy: float = 0.9, *, speed_ratio: float = 1.0, teacherless: bool = False, tolerance: float = 1e-9) -> float:
    """The time until P(first hop) reaches `accuracy` when edge and hops are trained together (C15.3), by integration in floats.

    `speed_ratio` is kappa^2. Tested evidence only.
    """
    from scipy.integrate import solve_ivp

    def field(_: float, state: Array) -> Array:
        _, by_edge, by_theta, _ = loss_and_gradients(toy, state[1:], state[0], teacherless=teacherless)
        return np.concatenate([[-speed_ratio * by_edge], -by_theta])

    def reached(_: float, state: Array) -> float:
        return loss_and_gradients(toy, state[1:], state[0], teacherless=teacherless)[3] - accuracy

    reached.terminal = True  # type: ignore[attr-defined]
    start = np.concatenate([[0.0], np.full(toy.hops, float(toy.start))])
    found: Any = solve_ivp(field, (0.0, 1e12), start, method="LSODA", events=reached, rtol=tolerance, atol=tolerance * 1e-3)
    return float(found.t_events[0][0]) if len(found.t_events[0]) else float("inf")


def first_hop_path(
    toy: Toy, *, speed_ratio: float = 1.0, until: float = 3_000.0, records: int = 60, tolerance: float = 1e-9
) -> tuple[Array, Array, float]:
    """(times, P(first hop) at them, error bar) of joint training from the balanced start; times are spaced evenly in log t.

    The error bar is the largest difference to a run with a hundred times the tolerance.
    """
    from scipy.integrate import solve_ivp

    def field(_: float, state: Array) -> Array:
        _, by_edge, by_theta, _ = loss_and_gradients(toy, state[1:], state[0])
        return np.concatenate([[-speed_ratio * by_edge], -by_theta])

    start = np.concatenate([[0.0], np.full(toy.hops, float(toy.start))])
    times = np.geomspace(2.0, until, records)
    runs = []
    for accuracy in (tolerance, 100 * tolerance):
        found = solve_ivp(field, (0.0, until), start, method="LSODA", t_eval=times, rtol=accuracy, atol=accuracy * 1e-3)
        runs.append(np.array([loss_and_gradients(toy, state[1:], state[0])[3] for state in found.y.T]))
    return times, runs[0], float(np.abs(runs[0] - runs[1]).max())


def speed_ratio_table(rows: Iterable[tuple[int, int, Fraction]], ratios: Sequence[float], accuracy: Fraction = Fraction(9, 10)) -> list[list[float]]:
    """The table of C15: for (arms, length, start) the times after the cheat, together at each kappa^2, and without teacher."""
    table = []
    for arms, length, start in rows:
        toy = Toy(arms, length, start=start)
        after = float(toy.escape_integral(Fraction(float(toy.target_strength(accuracy).mid()))).mid())
        together = [time_to_first_hop(toy, float(accuracy), speed_ratio=ratio) for ratio in ratios]
        table.append([after, *together, time_to_first_hop(toy, float(accuracy), teacherless=True)])
    return table
