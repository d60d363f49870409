"""Runs of the discrete optimizers in the decoder space, for the statements about optimisers other than gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ....language.relations import ValuePath
from ..problem import LinearNTP


@dataclass(frozen=True)
class Run:
    """Decoders (flat) at recorded steps; `previous` holds the decoder one step earlier."""

    steps: np.ndarray
    decoders: np.ndarray
    previous: np.ndarray

    def path(self, values: np.ndarray, error: float, name: str) -> ValuePath:
        """A quantity at the records as a path in log k."""
        return ValuePath(np.log(self.steps), values, np.full(len(self.steps), error), name)

    @property
    def direction(self) -> ValuePath:
        """W / |W|."""
        return self.path(self.decoders / np.linalg.norm(self.decoders, axis=1, keepdims=True), 1e-9, "direction")


def run_of(problem: LinearNTP, optimizer: Any) -> Run:
    """The records of one of the optimizers of `dynamics`, from W_0 = 0."""
    records = optimizer.iterate([problem])
    return Run(records.steps.astype(float), records.iterates[:, :, 0], records.previous[:, :, 0])
