"""Stochastic gradient descent over rows: seeded minibatches without replacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arguments import require
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory, descent_step


@dataclass(frozen=True, kw_only=True)
class StochasticGradientDescent(AbstractOptimizer):
    """w_{k+1} = w_k - eta_k (n/b) sum over the minibatch of a_i grad loss_i, eta_k = eta k^-decay.

    A row is one observation (for linear NTP a context with one token of its support). Every epoch visits all n rows once,
    in an order drawn from `seed` and shared by the instances of a batch; `batch_size` b defaults to 1 and is cut to n.
    `step_size` defaults to b/(n beta), so that an epoch of n/b steps moves like one step of gradient descent with step 1/beta.
    Effective time: the sum of eta_k. With constant steps the tied part keeps a noise of order eta; with decay in
    (1/2, 1] it converges.
    """

    decay: float = 0.0
    batch_size: int = 1
    seed: int = 0

    def _check(self) -> None:
        require(0 <= self.decay <= 1, "decay", self.decay, "give a number from 0 (constant steps) to 1")
        require(isinstance(self.batch_size, int) and self.batch_size >= 1, "batch_size", self.batch_size, "give an integer of at least 1")
        require(isinstance(self.seed, int) and self.seed >= 0, "seed", self.seed, "give an integer of at least 0")

    @property
    def name(self) -> str:
        """The method in words."""
        return f"stochastic gradient descent, batches of {self.batch_size}"

    def _rows(self, many: Ensemble) -> np.ndarray:
        # Rows as (alternative, block) positions of labels; instances of a batch share the order of the longest list.
        return np.argwhere((many.target > 0).any(axis=2))

    def _default_step(self, many: Ensemble) -> np.ndarray:
        count = len(self._rows(many))
        return descent_step(many) * min(self.batch_size, count) / count

    def _start(self, w: np.ndarray) -> Memory:
        return (np.array([], dtype=np.int64), np.array([self.seed]), np.array(0.0))

    def _advance(self, k: int, w: np.ndarray, memory: Memory, many: Ensemble, step: np.ndarray) -> tuple[np.ndarray, Memory]:
        queue, state, clock = memory
        rows = self._rows(many)
        size = min(self.batch_size, len(rows))
        while len(queue) < size:
            # Epoch e is drawn from (seed, e): the run is a function of its arguments alone.
            order = np.random.default_rng([*state.tolist()]).permutation(len(rows))
            queue, state = np.concatenate([queue, order]), np.array([self.seed, *(state[1:] + 1 if len(state) > 1 else [1])])
        chosen = rows[queue[:size]]
        target = np.zeros_like(many.target)
        target[chosen[:, 0], chosen[:, 1]] = many.target[chosen[:, 0], chosen[:, 1]]
        target *= len(rows) / size
        eta = k**-self.decay
        move = step * eta * many.gradient(w, target.sum(axis=0), target)
        return w - move, (queue[size:], state, clock + eta)

    def _log_time(self, k: int, memory: Memory, step: np.ndarray) -> np.ndarray:
        return np.log(step * memory[2])
