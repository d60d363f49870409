"""Following the flow of full matrices and comparing its end with the exact predictions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .matrices import MatrixRun, follow, full, reduced, settle
from .predictions import in_slice
from .problem import LinearAttentionAR
from .slice import SliceFlow, constants, slice_gradient
from .two_variables import Start, horizon

TOLERANCE = 1e-11


@dataclass(frozen=True, eq=False)
class Simulation:
    """A run from the problem's start: the two live blocks, what is off the slice, and what the theory conserves."""

    run: MatrixRun
    left: np.ndarray
    right: np.ndarray
    other_blocks: float

    @property
    def product(self) -> float:
        """The mean of B_jj A_jj."""
        return float(np.mean(np.diag(self.left) * np.diag(self.right)).real)

    @property
    def off_slice(self) -> float:
        """The largest distance of B and A from multiples of I at the end, relative to their largest entry."""
        size = max(abs(self.left).max(), abs(self.right).max(), 1e-300)
        return float(max(_from_slice(self.left), _from_slice(self.right)) / size)

    @property
    def leaves(self) -> bool:
        """Whether the run left the slice, by more than a thousand times the integrator's tolerance at its farthest record."""
        return self.farthest > 1e3 * TOLERANCE

    @property
    def farthest(self) -> float:
        """`off_slice` at the record where it is largest."""
        d = len(self.left)
        size = max(abs(self.run.lefts).max(), abs(self.run.rights).max(), 1e-300)
        blocks = [block for x, y in zip(self.run.lefts, self.run.rights) for block in (x[:, :d], y[-d:, :d])]
        return float(max(map(_from_slice, blocks)) / size)

    @property
    def drift(self) -> float:
        """How far |P|^2 - |Q|^2 moved, relative to the largest squared entry."""
        size = max(abs(self.run.lefts).max(), abs(self.run.rights).max()) ** 2
        return float(np.ptp(self.run.imbalance) / max(size, 1e-300))


def _from_slice(block: np.ndarray) -> float:
    return float(abs(block - np.mean(np.diag(block)) * np.eye(len(block))).max())


def flow_of(problem: LinearAttentionAR) -> SliceFlow:
    """The slowest diagonal entry's equation: the exact one on the slice, else the bound that sets the horizon."""
    found = slice_gradient(problem.law, problem.length)
    alphas = [found.left_linear[j][j] for j in range(problem.dimension) if found.left_linear[j][j]]
    betas = [matrix[j][j] for matrix in (found.left_cubic, found.right_cubic) for j in range(problem.dimension)]
    return SliceFlow(min(alphas), max(betas))


@lru_cache(maxsize=128)
def simulate(problem: LinearAttentionAR, *, all_blocks: bool = False, time: float | None = None) -> Simulation:
    """The flow of the live blocks (or of all blocks) from B = b_0 I, A = a_0 I, up to the horizon or a given time.

    Raises `TooLarge` beyond dimension 8 (all blocks: 3).
    """
    d, (a, b) = problem.dimension, map(float, problem.initial)
    end = horizon(flow_of(problem), problem.start) if time is None else time
    # Off the slice the slowest direction is not known beforehand: there the gradient decides when to stop.
    run_to = follow if time is not None or in_slice(problem) else settle
    one = np.eye(d)
    if not all_blocks:
        run = run_to(reduced(problem.law, problem.length), b * one, a * one, end, masked=problem.masked, tolerance=TOLERANCE)
        return Simulation(run, run.left, run.right, 0.0)
    p, q = np.hstack([b * one, np.zeros((d, d))]), np.zeros((2 * d, 2 * d))
    q[d:, :d] = a * one
    run = run_to(full(problem.law, problem.length), p, q, end, masked=problem.masked, tolerance=TOLERANCE)
    rest = run.right.copy()
    rest[d:, :d] = 0
    return Simulation(run, run.left[:, :d], run.right[d:, :d], float(max(abs(run.left[:, d:]).max(), abs(rest).max())))


def moves(problem: LinearAttentionAR) -> bool:
    """Whether the flow moves at all: not from the stationary start a_0 = b_0 = 0."""
    return problem.start != Start(*(type(problem.initial[0])(0),) * 2) and any(constants(problem.law).fourth)


def agrees(problem: LinearAttentionAR, found: Simulation) -> bool:
    """Whether a run does what the criterion says: stays in the slice, or leaves it."""
    return found.leaves != in_slice(problem)
