r"""The linear head on frozen features (S12): minimiser, constants of the exponential 0-1 bound, SGD, hard-margin limit.

Finitely many features phi_j with probabilities and Bayes signs y_j; labels are flipped with probability p < 1/2. The
penalised risk

    J(w) = sum_j pi_j [(1 - p) l(y_j <w, phi_j>) + p l(-y_j <w, phi_j>)] + (lambda / 2) |w|^2

is lambda-strongly convex with smoothness at most R^2/4 + lambda, R = max |phi_j|, so |w - w*| <= |grad J(w)| / lambda
encloses its minimiser.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import scipy
from flint import arb, ctx

from ...errors import InvalidInput
from ...exact.balls import PRECISION, Enclosure, Interval, exact_arb, from_doubles, interval
from ...exact.programme import Infeasible, Rows, least_norm
from ...exact.rational import Vector, clear_denominators, dot, fractions, integer_array


@dataclass(frozen=True)
class HeadProblem:
    """Rational `features` (one row each) with Bayes `signs` in {-1, 1}, `weights` summing to 1, `flips` p < 1/2 and `regularisation` lambda > 0.

    Raises `InvalidInput` naming what is wrong.

    >>> toy = concept_head(2, Fraction(9, 10))
    >>> toy.features[0], toy.signs[:2], toy.squared_radius
    ((Fraction(1, 1), Fraction(0, 1), Fraction(9, 10), Fraction(0, 1)), (1, -1), Fraction(181, 100))
    """

    features: tuple[Vector, ...]
    signs: tuple[int, ...]
    weights: Vector
    flips: Fraction
    regularisation: Fraction

    def __post_init__(self) -> None:
        if len(self.features) != len(self.signs) or len(self.features) != len(self.weights) or not self.features:
            raise InvalidInput(
                "features", f"are {len(self.features)} with {len(self.signs)} signs and {len(self.weights)} weights", "give one of each"
            )
        if any(s not in (-1, 1) for s in self.signs):
            raise InvalidInput("signs", f"are {self.signs}", "each is -1 or 1")
        if sum(self.weights) != 1 or min(self.weights) <= 0:
            raise InvalidInput("weights", f"sum to {sum(self.weights)}", "give positive rationals summing to 1")
        if not 0 <= self.flips < Fraction(1, 2):
            raise InvalidInput("flips", f"is {self.flips}", "give a probability below 1/2")
        if self.regularisation <= 0:
            raise InvalidInput("regularisation", f"is {self.regularisation}", "give a positive rational")

    @property
    def squared_radius(self) -> Fraction:
        """R^2 = max |phi_j|^2."""
        return max(dot(x, x) for x in self.features)

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        rows = [[str(x) for x in row] for row in self.features]
        pi, numbers = [str(x) for x in self.weights], {"flips": str(self.flips), "regularisation": str(self.regularisation)}
        return {"kind": "linear-head", "features": rows, "signs": list(self.signs), "weights": pi, **numbers}


def concept_head(
    concepts: int, rho: Fraction, c: int = 1, d: int = 1, regularisation: Fraction = Fraction(1, 10), flips: Fraction = Fraction(1, 10)
) -> HeadProblem:
    """The toy instance of S12: features c_k + e rho d_k, e = +-1, in the standard basis with |c_k| = `c`, |d_k| = `d`; Bayes sign e."""
    features, signs = [], []
    for k in range(concepts):
        for e in (1, -1):
            row = [Fraction(0)] * (2 * concepts)
            row[k], row[concepts + k] = Fraction(c), e * rho * d
            features.append(tuple(row))
            signs.append(e)
    weights = (Fraction(1, 2 * concepts),) * (2 * concepts)
    return HeadProblem(tuple(features), tuple(signs), weights, flips, regularisation)


def _sigmoid(x: arb) -> arb:
    return 1 / (1 + (-x).exp())


def _arrays(problem: HeadProblem) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[float(x) for x in row] for row in problem.features]), np.array(problem.signs, dtype=float)


@lru_cache(maxsize=256)
def minimiser(problem: HeadProblem) -> Enclosure:
    """w*, enclosed: Newton in floats proposes, |grad J| / lambda in balls is the radius.

    >>> found = minimiser(concept_head(4, Fraction(9, 10)))
    >>> found.radius < Fraction(1, 10**12)
    True
    """
    features, signs = _arrays(problem)
    pi, p, lam = np.array([float(x) for x in problem.weights]), float(problem.flips), float(problem.regularisation)
    w = np.zeros(features.shape[1])
    for _ in range(50):
        z = signs * (features @ w)
        slope = -scipy.special.expit(-z) + p
        grad = features.T @ (pi * slope * signs) + lam * w
        curvature = (features.T * (pi * scipy.special.expit(z) * scipy.special.expit(-z))) @ features + lam * np.eye(len(w))
        move = np.linalg.solve(curvature, grad)
        w = w - move
        if np.linalg.norm(move) < 1e-15 * max(1.0, float(np.linalg.norm(w))):
            break
    with ctx.workprec(PRECISION):
        balls = [arb(float(x)) for x in w]
        residual = gradient(problem, balls)
        size = sum((x * x for x in residual), arb(0)).sqrt() / exact_arb(problem.regularisation)
        return from_doubles(balls, arb(size.upper()))


def gradient(problem: HeadProblem, w: list[arb]) -> list[arb]:
    """grad J at a vector of balls, at the current precision."""
    entries = [exact_arb(problem.regularisation) * x for x in w]
    for row, sign, weight in zip(problem.features, problem.signs, problem.weights):
        z = sum((exact_arb(x) * y for x, y in zip(row, w) if x), arb(0)) * sign
        slope = exact_arb(weight) * sign * (exact_arb(problem.flips) - _sigmoid(-z))
        entries = [total + slope * exact_arb(x) if x else total for total, x in zip(entries, row)]
    return entries


def margin(problem: HeadProblem, w: Enclosure) -> Interval:
    """min_j y_j <w, phi_j>, enclosed."""
    values = [sign * dot(row, w.center) for row, sign in zip(problem.features, problem.signs)]
    with ctx.workprec(PRECISION):
        radius = interval(exact_arb(problem.squared_radius).sqrt() * exact_arb(w.radius)).upper
    return Interval(min(values), radius)


def scalar_margin(concepts: int, rho: Fraction, d: Fraction, regularisation: Fraction, flips: Fraction) -> Interval:
    """F of the toy instance, the root of lambda F = (rho^2 D / K)(sigma(-F) - p); enclosed by the sign at both ends of a bisected interval.

    >>> round(float(scalar_margin(4, Fraction(9, 10), Fraction(1), Fraction(1, 10), Fraction(1, 10))), 4)
    0.5421
    """
    factor = rho**2 * d / concepts
    low, high = Fraction(0), factor * (Fraction(1, 2) - flips) / regularisation
    with ctx.workprec(PRECISION):
        for _ in range(100):
            middle = (low + high) / 2
            ball = exact_arb(middle)
            if exact_arb(regularisation) * ball < exact_arb(factor) * (_sigmoid(-ball) - exact_arb(flips)):
                low = middle
            else:
                high = middle
    return Interval((low + high) / 2, (high - low) / 2)


@dataclass(frozen=True)
class Constants:
    """The constants of S12, at an offset gamma, with everything exact or enclosed. G = R.

    `nu` = max(gamma |w_0 - w*|^2, 16 G^2 / (3 lambda^2)) with w_0 = 0, `start` = T_0 = 4 R^2 nu / mu^2 - gamma.
    """

    squared_radius: Fraction
    regularisation: Fraction
    offset: Fraction
    margin: Interval
    nu: Interval
    start: Interval

    def variance(self, steps: int) -> Fraction:
        """V_T = 16 G^2 (T + gamma - 1) / (3 lambda^2 (T + gamma - 2)^2)."""
        end = steps + self.offset
        return 16 * self.squared_radius * (end - 1) / (3 * self.regularisation**2 * (end - 2) ** 2)

    def bound(self, steps: int) -> Interval:
        """2 exp(-mu^2 / (8 R^2 V_T)), a bound on the excess 0-1 error for T >= T_0."""
        with ctx.workprec(PRECISION):
            mu = arb(exact_arb(self.margin.center), exact_arb(self.margin.radius))
            return interval(2 * (-(mu * mu) / exact_arb(8 * self.squared_radius * self.variance(steps))).exp())

    def step(self, t: int) -> Fraction:
        """eta_t = 2 / (lambda (t + gamma))."""
        return 2 / (self.regularisation * (t + self.offset))


def least_offset(problem: HeadProblem) -> Fraction:
    """The least gamma the theorem allows: max(4, 2 (R^2/4 + lambda) / lambda). gamma >= 4 is needed by the induction of the second moment."""
    lam = problem.regularisation
    return max(Fraction(4), 2 * (problem.squared_radius / 4 + lam) / lam)


def constants(problem: HeadProblem, offset: Fraction | None = None) -> Constants:
    """The constants of S12 on a problem.

    Raises `InvalidInput` for an offset below the least one, and if the margin of w* is not certainly positive.

    >>> found = constants(concept_head(4, Fraction(9, 10)))
    >>> round(float(found.nu)), found.offset
    (965, Fraction(221, 20))
    """
    least = least_offset(problem)
    gamma = least if offset is None else offset
    if gamma < least:
        raise InvalidInput("offset", f"is {gamma}, below {least}", "give gamma >= max(4, 2 + R^2 / (2 lambda))")
    best = minimiser(problem)
    mu = margin(problem, best)
    if mu.lower <= 0:
        raise InvalidInput("margin", f"min y <w*, phi> is {float(mu.center):.4g}", "the theorem needs a positive margin of the minimiser")
    with ctx.workprec(PRECISION):
        size = sum((exact_arb(x) ** 2 for x in best.center), arb(0)).sqrt() + arb(0, exact_arb(best.radius))
        g = exact_arb(problem.squared_radius)
        nu = (exact_arb(gamma) * size**2).max(16 * g / (3 * exact_arb(problem.regularisation) ** 2))
        ball = arb(exact_arb(mu.center), exact_arb(mu.radius))
        start = 4 * g * nu / ball**2 - exact_arb(gamma)
        return Constants(problem.squared_radius, problem.regularisation, gamma, mu, interval(nu), interval(start))


@dataclass(frozen=True, eq=False)
class HeadRuns:
    """SGD on the head, many runs at once: `times` (E,), mean 0-1 `error` (E,) against the Bayes sign, mean squared `distance` (E,) to w*."""

    times: np.ndarray
    error: np.ndarray
    distance: np.ndarray
    offset: float


def run_head(problem: HeadProblem, runs: int, times: list[int], seed: int, offset: Fraction | None = None, constant: float | None = None) -> HeadRuns:
    """SGD from 0 with eta_t = 2 / (lambda (t + gamma)), or constant steps, one fresh sample per step.

    >>> found = run_head(concept_head(2, Fraction(9, 10)), 50, [5, 10], seed=0)
    >>> found.error.shape
    (2,)
    """
    features, signs = _arrays(problem)
    gamma = float(least_offset(problem) if offset is None else offset)
    lam, pi = float(problem.regularisation), np.array([float(x) for x in problem.weights])
    best = np.array([float(x) for x in minimiser(problem).center])
    generator = np.random.default_rng(seed)
    w = np.zeros((runs, features.shape[1]))
    edges, errors, distances = np.cumsum(pi)[:-1], [], []
    for t in range(max(times) + 1):
        if t in times:
            product = (w @ features.T) * signs
            errors.append(float(((product < 0) + 0.5 * (product == 0)) @ pi @ np.ones(runs) / runs))
            distances.append(float(((w - best) ** 2).sum(axis=1).mean()))
        drawn = np.searchsorted(edges, generator.random(runs), side="right")
        y = signs[drawn] * np.where(generator.random(runs) < float(problem.flips), -1.0, 1.0)
        x = features[drawn]
        slope = -scipy.special.expit(-y * np.einsum("rd,rd->r", w, x)) * y
        eta = 2 / (lam * (t + gamma)) if constant is None else constant
        w = (1 - eta * lam) * w - eta * slope[:, None] * x
    return HeadRuns(np.array(sorted(times)), np.array(errors), np.array(distances), gamma)


def hard_margin(features: tuple[Vector, ...], signs: tuple[int, ...]) -> Vector | None:
    """The limit direction for lambda -> 0: min |w| subject to y_j <w, phi_j> >= 1, exact; None if that is infeasible.

    >>> toy = concept_head(2, Fraction(1, 2))
    >>> hard_margin(toy.features, toy.signs)
    (Fraction(0, 1), Fraction(0, 1), Fraction(2, 1), Fraction(2, 1))
    """
    signed = [[s * x for x in row] for row, s in zip(features, signs)]
    integers, scale = clear_denominators(signed)
    table = integer_array(integers, products=len(integers[0]))
    answer = least_norm(Rows(table @ table.T, table.astype(float)), [], range(len(signed)))
    if isinstance(answer, Infeasible):
        return None
    # The rows were multiplied by `scale`: <w, scale phi> >= 1 is solved, so w is scaled back.
    w = [Fraction(0)] * len(integers[0])
    for r, y in answer.multipliers.items():
        w = [total + y * x for total, x in zip(w, integers[r])]
    return tuple(x * scale for x in w)


def head_programme(problem: HeadProblem, solver: str = "CLARABEL") -> np.ndarray:
    """w* by cvxpy, as the readable formulation `minimiser` is compared with."""
    import cvxpy as cp

    features, signs = _arrays(problem)
    w, p, pi = cp.Variable(features.shape[1]), float(problem.flips), np.array([float(x) for x in problem.weights])
    z = cp.multiply(signs, features @ w)
    risk = pi @ ((1 - p) * cp.logistic(-z) + p * cp.logistic(z))
    cp.Problem(cp.Minimize(risk + float(problem.regularisation) / 2 * cp.sum_squares(w))).solve(solver=solver)
    return np.asarray(w.value)


def margin_programme(features: tuple[Vector, ...], signs: tuple[int, ...], solver: str = "CLARABEL") -> np.ndarray:
    """The hard-margin programme by cvxpy, as the readable formulation `hard_margin` is compared with."""
    import cvxpy as cp

    rows = np.array([[float(x) for x in fractions(row)] for row in features])
    w = cp.Variable(rows.shape[1])
    cp.Problem(cp.Minimize(cp.sum_squares(w)), [cp.multiply(np.array(signs, dtype=float), rows @ w) >= 1]).solve(solver=solver)
    return np.asarray(w.value)
