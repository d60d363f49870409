"""What the sharp laws G7-G9 predict: limiting multipliers, residual x*, finite-part coefficient, relaxation exponent.

These are targets derived by asymptotic matching, computed in floats from exact supports and certified u and w*, with an
error bar; statements that use them are graded tested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..language.relations import Measured
from .decomposition import Decomposition
from .shapes import Frame, OfSeparable, Point, SupportRows


@dataclass(frozen=True, eq=False)
class Asymptotics:
    """The predictions of the sharp laws for one decomposition (in the flat parameter space)."""

    parts: Decomposition

    @cached_property
    def _strong(self) -> list[int]:
        return list(self.parts.max_margin.strong)

    @cached_property
    def projected(self) -> SupportRows:
        """z = P_M d for the strong support, one row each."""
        anchored = self.parts.separation.anchored
        rows = anchored.rows.floats[self._strong] / anchored.scale
        frame = self.parts.diverging.frame
        return (rows @ frame) @ frame.T

    @cached_property
    def log_weights(self) -> OfSeparable:
        """log q for the strong support: q = a_i n_v e^{-<w*, d>} / Z_i^in(w*)."""
        anchored, problem = self.parts.separation.anchored, self.parts.problem
        arrays = problem.arrays
        scores = problem.scores(self.parts.finite_part.array) + arrays.log_multiplicities
        result = []
        for r in self._strong:
            b, v = anchored.blocks[r], anchored.alternatives[r]
            inside = scores[b, sorted(self.parts.separation.tied_sets[b])]
            top = inside.max()
            result.append(np.log(arrays.weights[b]) + scores[b, v] - top - np.log(np.exp(inside - top).sum()))
        return np.array(result)

    @cached_property
    def span(self) -> Frame:
        """Orthonormal columns spanning E, the span of the projected strong support."""
        if not len(self.projected):
            return np.zeros((self.parts.problem.dimension, 0))
        _, singular, right = np.linalg.svd(self.projected, full_matrices=False)
        return right[singular > 1e-9 * singular.max()].T

    @cached_property
    def residual(self) -> Measured:
        """x* = argmin over E of sum_strong q e^{-<z, x>} + <u, x>, where the residual of G8 settles."""
        z = self.projected @ self.span
        u = np.array([float(x) for x in self.parts.max_margin.direction]) @ self.span
        x = np.zeros(z.shape[1])
        if not len(x):
            return Measured(self.span @ x, 0.0)
        for _ in range(200):
            with np.errstate(over="ignore", invalid="ignore"):
                masses = np.exp(self.log_weights - z @ x)
                gradient = u - z.T @ masses
                hessian = (z.T * masses) @ z
                finite = np.isfinite(hessian).all() and np.isfinite(gradient).all()
                step = -np.linalg.solve(hessian + 1e-300 * np.eye(len(x)), gradient) if finite else gradient
                descent = float(-gradient @ step)
            if not (finite and math.isfinite(descent)):
                raise np.linalg.LinAlgError("multipliers further apart than doubles reach")
            value = masses.sum() + u @ x
            length = 1.0
            while length > 1e-12:
                trial = x + length * step
                with np.errstate(over="ignore", invalid="ignore"):  # a step too long gives infinity or nothing, and is halved
                    reached = np.exp(self.log_weights - z @ trial).sum() + u @ trial
                if reached <= value - 1e-4 * length * descent + 1e-15 * abs(value):
                    break
                length /= 2
            x = x + length * step
            if np.abs(step).max() < 1e-14 * (1 + np.abs(x).max()):
                break
        return Measured(self.span @ x, 1e-10 * (1 + float(np.abs(x).max())))

    @cached_property
    def multipliers(self) -> OfSeparable:
        """lambda = q e^{-<z, x*>} on the strong support: the multipliers the masses tend to."""
        return np.asarray(np.exp(self.log_weights - self.projected @ self.residual.value))

    @cached_property
    def finite_part_coefficient(self) -> Measured:
        """G9's vector H_T^{-1} sum_strong lambda P_T(d - dbar), where t (P_T w - w*) settles."""
        field = self.parts.coordinates
        anchored = self.parts.separation.anchored
        masses = np.zeros(field.is_separable.shape)
        for r, y in zip(self._strong, self.multipliers):
            masses[anchored.blocks[r], anchored.alternatives[r]] += y
        value = field.tied_frame @ field.displacement(masses)
        return Measured(value, 1e-9 * (1 + float(np.abs(value).max(initial=0.0))))

    @cached_property
    def modes(self) -> tuple[Point, Frame]:
        """The eigenvalues of sum lambda z z^T on E, increasing, and its eigenvectors as columns. One of them is 1, with eigenvector u."""
        z = self.projected @ self.span
        values, vectors = np.linalg.eigh((z.T * self.multipliers) @ z)
        return values, self.span @ vectors

    @cached_property
    def rates(self) -> Point:
        """The exponents with which slope and residual can relax, increasing: the eigenvalues, and m - 1 for every margin m > 1."""
        best = self.parts.max_margin
        gaps = [float(best.optimum.margins[r]) - 1.0 for r in best.separable_rows if best.optimum.margins[r] > 1]
        return np.sort(np.concatenate([self.modes[0], gaps]))

    @property
    def exponent(self) -> float:
        """q, the smallest rate and at most 1. Only meaningful without weak pairs; G7 and G8 relax like t^-q."""
        return float(min([*self.rates, 1.0]))


def asymptotics(parts: Any) -> Asymptotics:
    """The sharp predictions of a decomposition."""
    return Asymptotics(parts)
