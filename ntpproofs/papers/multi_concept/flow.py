r"""The flow without regularisation in the linear regime (S7, S7b, S8): first integral, basin, escape time, late phase.

N plus neurons of the concept are in the linear regime u > rho |v| and the rest are dead; w = (1/m) sum of their v, p
= p_Q = p_K:

    p' = (2 / K) g (1 - rho^2) w B p,   w' = N D g rho / (m^2 K),   F = 2 rho w,   g = sigma(-F)

    I = w^2 - (N D / (4 m^2 B)) Shi(2 beta) is constant,   Shi(x) = int_0^x sinh(s)/s ds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import scipy
from flint import arb, ctx

from ...exact.balls import PRECISION, Interval, exact_arb, interval


@dataclass(frozen=True)
class LinearFlow:
    """Squared norms `b`, `d`, K `concepts`, m `neurons`, N `active` neurons in the linear regime.

    >>> LinearFlow(Fraction(1), Fraction(1), 2, 16, 8).factor
    Fraction(1, 128)
    """

    b: Fraction
    d: Fraction
    concepts: Fraction | int
    neurons: int
    active: int

    @property
    def factor(self) -> Fraction:
        """N D / (4 m^2 B), the factor of Shi in the first integral."""
        return self.active * self.d / (4 * self.neurons**2 * self.b)

    def first_integral(self, lift: Fraction, beta: Fraction, shape: Literal["shi", "sinh", "linear"] = "shi") -> Interval:
        """I at (w, beta); `shape` replaces Shi(2 beta) by sinh(2 beta) or 2 beta (both wrong)."""
        with ctx.workprec(PRECISION):
            return interval(exact_arb(lift) ** 2 - exact_arb(self.factor) * _shaped(exact_arb(2 * beta), shape))

    def basin_threshold(self, beta: Fraction, shape: Literal["shi", "sinh", "linear"] = "shi") -> Interval:
        """The w(0) above which, and only above which, the concept is learned from beta(0) = `beta` (S7b): -sqrt(factor Shi(2 beta)).

        >>> flow = LinearFlow(Fraction(1), Fraction(1), 2, 16, 8)
        >>> round(float(flow.basin_threshold(Fraction(1)).center), 4)
        -0.1398
        """
        with ctx.workprec(PRECISION):
            return interval(-(exact_arb(self.factor) * _shaped(exact_arb(2 * beta), shape)).sqrt())

    def field(self, lift: arb, beta: arb) -> tuple[arb, arb]:
        """(w', beta') at a ball, at the current precision."""
        rho = beta.tanh()
        spread = 1 / beta.cosh() ** 2
        g = 1 / (1 + (2 * rho * lift).exp())
        k = exact_arb(Fraction(self.concepts))
        rise = self.active * exact_arb(self.d) * g * rho / (self.neurons**2 * k)
        return rise, 4 * g * spread * lift * exact_arb(self.b) * beta / k

    def linear_escape(self, start: Fraction, end: Fraction) -> Interval:
        """T_lin from beta = `start` to `end`, with w(0) = 0: (K / (B sqrt(kappa q_0))) arctan sqrt(q_1/q_0 - 1), q = beta / B, kappa = N D / (2 m^2).

        Scales like 1 / s_0 for a start s_0^2 B = beta, not like log(1 / s_0).
        """
        with ctx.workprec(PRECISION):
            rate = exact_arb(self.active * self.d * start / (2 * self.neurons**2 * self.b)).sqrt() * exact_arb(self.b)
            return interval(exact_arb(Fraction(self.concepts)) / rate * exact_arb(end / start - 1).sqrt().atan())

    def escape_bounds(self, start: Fraction, end: Fraction) -> tuple[Interval, Interval]:
        """The sandwich T_lin <= T <= T_lin / (2 g_1 (1 - rho_1^2)), g_1 and rho_1 at the exit, w there from the first integral."""
        low = self.linear_escape(start, end)
        with ctx.workprec(PRECISION):
            beta = exact_arb(end)
            lift = (exact_arb(self.factor) * (exact_arb(2 * end).shi() - exact_arb(2 * start).shi())).sqrt()
            g = 1 / (1 + (2 * beta.tanh() * lift).exp())
            slow = 2 * g / beta.cosh() ** 2
            return low, interval(arb(exact_arb(low.center), exact_arb(low.radius)) / slow)

    def escape_time(self, start: Fraction, end: Fraction) -> float:
        """T itself in floats: with w(0) = 0 it is the integral of d beta / beta' along w^2 = factor (Shi(2 beta) - Shi(2 beta_0)).

        >>> flow = LinearFlow(Fraction(1), Fraction(1), 2, 16, 8)
        >>> round(flow.escape_time(Fraction(1, 100), Fraction(1, 4)), 1)
        220.0
        """
        from scipy.integrate import quad

        b0, b1, k, b = float(start), float(end), float(self.concepts), float(self.b)
        base = scipy.special.shichi(2 * b0)[0]

        def rate(x: float) -> float:
            # beta = b0 + x^2 removes the square-root singularity at the start.
            beta = b0 + x * x
            lift = np.sqrt(float(self.factor) * max(scipy.special.shichi(2 * beta)[0] - base, 1e-300))
            g = 1 / (1 + np.exp(2 * np.tanh(beta) * lift))
            return float(2 * x / (4 * g * lift * b * beta / np.cosh(beta) ** 2 / k))

        return float(quad(rate, 1e-9, np.sqrt(b1 - b0), limit=200)[0])

    def follow(self, lift: float, beta: float, time: float, records: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(times, w, beta) along the flow, in floats."""
        k, b, scale = float(self.concepts), float(self.b), float(self.active * self.d / self.neurons**2)

        def field(t: float, y: np.ndarray) -> list[float]:
            del t
            w, log_beta = y
            x = np.exp(log_beta)
            rho = np.tanh(x)
            g = 1 / (1 + np.exp(min(2 * rho * w, 700.0)))
            return [scale * g * rho / k, 4 * g * w * b / np.cosh(min(x, 300.0)) ** 2 / k]

        times = np.linspace(0, time, records)
        found = scipy.integrate.solve_ivp(field, (0, time), [lift, np.log(beta)], method="LSODA", rtol=1e-10, atol=1e-12, t_eval=times)
        return found.t, found.y[0], np.exp(found.y[1])


def _shaped(x: arb, shape: str) -> arb:
    return {"shi": x.shi, "sinh": x.sinh, "linear": lambda: x}[shape]()


def late_constant(neurons: int, concepts: Fraction | int, alive: int, c: Fraction, d: Fraction, regime: str) -> Fraction:
    """lim t * (loss of the concept) without regularisation, by the regime in which the gates end.

    "linear" (gates forced open, u > rho |v| for ever): m^2 K / (2 N D), S8. From an ordinary start v outgrows u: then the state slides on
    u = rho v if C >= D, with F' = 2 N g C D / (m^2 K (C + D)), or is one-sided if C < D, with F' = N g (C + D) / (2 m^2 K).

    >>> late_constant(16, 2, 8, Fraction(1), Fraction(1), "linear")
    Fraction(32, 1)
    >>> late_constant(16, 2, 8, Fraction(1), Fraction(1), "sliding"), late_constant(16, 2, 8, Fraction(1), Fraction(1), "one-sided")
    (Fraction(64, 1), Fraction(64, 1))
    """
    scale = Fraction(neurons**2 * Fraction(concepts), 2 * alive)
    if regime == "linear":
        return scale / d
    return scale * (c + d) / (c * d) if regime == "sliding" else 4 * scale / (c + d)


def log_growth(start: float, rate: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """x_{t+1} = x_t + rate / (1 + e^{x_t}) and its continuous bound, the root of x + e^x = x_0 + e^{x_0} + rate t, for t = 0..steps.

    Law (the scalar lemma of S8): bound_t <= x_t <= bound_t + rate / (1 + e^{x_0}).

    >>> x, bound = log_growth(0.0, 1.0, 50)
    >>> bool((x >= bound - 1e-12).all() and (x <= bound + 0.5 + 1e-12).all())
    True
    """
    from scipy.special import wrightomega

    x = np.empty(steps + 1)
    x[0] = start
    for t in range(steps):
        x[t + 1] = x[t] + rate / (1 + np.exp(x[t]))
    # x + e^x = s has the root s - omega(s) with Wright's omega, which never overflows.
    total = start + np.exp(start) + rate * np.arange(steps + 1)
    return x, total - np.real(wrightomega(total))
