"""Stochastic gradient descent over rows: seeded minibatches without replacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Iterates, OfInstances, Whole
from ..arguments import require, require_decay, whole
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory, descent_step


@dataclass(frozen=True, kw_only=True)
class StochasticGradientDescent(AbstractOptimizer):
    """w_{k+1} = w_k - eta_k (n/b) sum over the minibatch of a_i grad loss_i, eta_k = eta k^-decay.

    A row is one observation (for linear NTP a context with one token of its support); every instance counts its own n rows.
    Every epoch visits all of them once, in an order that depends on `seed`, the epoch and n alone. `batch_size` b defaults to 1
    and is cut to n; every minibatch has b different rows. Where b does not divide n, the rows left over at the end of an epoch are
    filled up with the first rows of the next order that are not among them; the others of that order follow as they stand.
    `step_size` defaults to b/(n beta), so that an epoch of n/b steps moves like one step of gradient descent with step 1/beta.
    Effective time: the sum of eta_k. With constant steps the tied part keeps a noise of order eta; with decay in
    (1/2, 1] it converges. Raises `InvalidInput` for arguments out of range.
    """

    decay: float = 0.0
    batch_size: int = 1
    seed: int = 0

    def _check(self) -> None:
        require_decay(self.decay)
        require(whole(self.batch_size, 1), "batch_size", self.batch_size, "give an integer of at least 1")
        require(whole(self.seed, 0), "seed", self.seed, "give an integer of at least 0")

    @property
    def name(self) -> str:
        """The method in words."""
        return f"stochastic gradient descent, batches of {self.batch_size}"

    def _default_step(self, many: Ensemble) -> OfInstances:
        counts = many.row_counts
        return descent_step(many) * np.minimum(self.batch_size, counts) / counts

    def _may_amplify(self, many: Ensemble, step: OfInstances) -> bool:
        # A minibatch step is non-expansive for eta n/b <= 2/beta: the smoothness of a part is at most that of the whole.
        counts = many.row_counts
        longest = 2 * descent_step(many) * np.minimum(self.batch_size, counts) / counts
        return self.step_size is not None and bool((step > longest).any())

    def _start(self, w: Iterates) -> Memory:
        return (np.array(0.0), *(np.empty(0, dtype=np.int64) for _ in range(2 * w.shape[1])))

    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        clock, queues = memory[0], list(memory[1:])
        target = np.zeros_like(many.target)
        flat, whole_target = target.reshape(-1, len(many)), many.target.reshape(-1, len(many))
        for group, (count, columns, rows) in enumerate(many.row_groups):
            size = min(self.batch_size, count)
            queue, epoch = queues[2 * group], queues[2 * group + 1]
            if len(queue) < size:
                queue, epoch = self._next_epoch(queue, epoch, count, size)
            chosen = rows[queue[:size]]
            flat[chosen, columns] = whole_target[chosen, columns] * (count / size)
            queues[2 * group], queues[2 * group + 1] = queue[size:], epoch
        eta = k**-self.decay
        move = step * eta * many.gradient(w, target.sum(axis=0), target)
        return w - move, (np.asarray(clock + eta), *queues)

    def _next_epoch(self, left_over: Whole, epoch: Whole, count: int, size: int) -> tuple[Whole, Whole]:
        # The rows to come, and the number of epochs drawn. An epoch is drawn from (seed, its number): no other state.
        order = np.random.default_rng([int(self.seed), *epoch.tolist()]).permutation(count)
        filling = order[~np.isin(order, left_over)][: size - len(left_over)]
        rest = order[~np.isin(order, filling)]
        return np.concatenate([left_over, filling, rest]), np.array([epoch[0] + 1 if len(epoch) else 1])

    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        return np.log(step) + np.log(memory[0])
