"""Random starts of full complex weights: the run, the orbit of minimisers, the member that is reached and the distance to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .matrices import MatrixRun, full, reduced, settle
from .problem import LinearAttentionAR
from .simulation import flow_of
from .slice import constants
from .two_variables import Start, horizon


@lru_cache(maxsize=64)
def random_run(problem: LinearAttentionAR, seed: int, *, size: float = 0.3, real: bool = False, all_blocks: bool = False) -> MatrixRun:
    """The flow from independent normal entries (complex unless `real`) of standard deviation `size` / sqrt(unit) in each part.

    The unit is the second moment of the first token, so that a law and a multiple of it get the same start in their own units.
    """
    generator = np.random.default_rng(seed)
    loss = full(problem.law, problem.length) if all_blocks else reduced(problem.law, problem.length)
    unit = float(sum(constants(problem.law).second)) / problem.dimension
    scale = size / max(unit, 1e-12) ** 0.5

    def block(shape: tuple[int, int]) -> np.ndarray:
        real_part = generator.standard_normal(shape)
        return scale * (real_part if real else real_part + 1j * generator.standard_normal(shape))

    left, right = (block(shape) for shape in loss.shapes)
    tenth = type(problem.initial[0])(1, 10)
    return settle(loss, left, right, 4 * horizon(flow_of(problem), Start(tenth, tenth)))


@dataclass(frozen=True, eq=False)
class Member:
    """The nearest point B = b F, A = a F^* of the orbit: the phases of F (radians), b > 0, a > 0, and the distance to it (Frobenius)."""

    phases: np.ndarray
    b: float
    a: float
    distance: float


def nearest_member(run: MatrixRun, product: float) -> Member:
    """The member of the orbit of minimisers with ab = `product` that is nearest to the end of a run of the live blocks.

    The phases are those of the diagonal of B - conj(A), which is where B = bF and A = aF^* put them; b/a is set by the conserved
    imbalance |B|^2 - |A|^2 = d (b^2 - a^2).

    >>> from .named_laws import SparseLaw
    >>> one = np.eye(1)
    >>> run = MatrixRun(np.zeros(1), np.array([-2 * one]), np.array([-3 * one]), np.zeros(1))
    >>> round(nearest_member(run, 6.0).distance, 12)
    0.0
    """
    left, right = run.left, run.right
    d = len(left)
    diagonal = np.diag(left) + np.conj(np.diag(right))
    phases = np.angle(diagonal)
    imbalance = float((np.sum(abs(left) ** 2) - np.sum(abs(right) ** 2)) / d)
    b = ((imbalance + (imbalance**2 + 4 * product**2) ** 0.5) / 2) ** 0.5
    a = product / b if b else 0.0
    turn = np.diag(np.exp(1j * phases))
    distance = (np.sum(abs(left - b * turn) ** 2) + np.sum(abs(right - a * turn.conj()) ** 2)) ** 0.5
    return Member(phases, b, a, float(distance))
