"""Trajectories: what a simulator recorded, with its own error estimates, as paths in log time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..relations import Path


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Records of a run at increasing log times (s = log t for the flow, log(eta k) for descent, log(1/mu) for ridge).

    Arrays have one row per record and live in the flat parameter space of the problem:

    * `tied`, `diverging`: P_T w and P_M w, kept apart because at s = 10^6 their sizes differ by as much; `invariant`: P_N w;
    * `slopes`: d P_M w / ds;  `excess`: t (L - L*);  `displacement`: t (P_T w - w*).

    `errors` holds the simulator's own estimate for each quantity, one number per record. `notes` says in words what was
    switched, refused or estimated.
    """

    log_times: np.ndarray
    tied: np.ndarray
    diverging: np.ndarray
    invariant: np.ndarray
    slopes: np.ndarray
    excess: np.ndarray
    displacement: np.ndarray
    errors: dict[str, np.ndarray]
    simulator: str = ""
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def _path(self, values: np.ndarray, name: str, keep: np.ndarray | None = None) -> Path:
        errors = self.errors.get(name, np.zeros(len(self.log_times)))
        chosen = np.ones(len(self.log_times), dtype=bool) if keep is None else keep
        return Path(self.log_times[chosen], values[chosen], errors[chosen], name)

    @property
    def measured(self) -> np.ndarray:
        """The records at which the tied part was integrated, not referred to w* (all of them for descent)."""
        return np.asarray(self.details.get("measured", np.ones(len(self.log_times), dtype=bool)))

    @property
    def iterates(self) -> Path:
        """w."""
        return self._path(self.tied + self.diverging + self.invariant, "iterate")

    @property
    def finite_part(self) -> Path:
        """P_T w, only where it was integrated without reference to w*."""
        return self._path(self.tied, "finite part", self.measured)

    @property
    def diverging_part(self) -> Path:
        """P_M w."""
        return self._path(self.diverging, "diverging part")

    @property
    def invariant_part(self) -> Path:
        """P_N w."""
        return self._path(self.invariant, "invariant part")

    @property
    def slope(self) -> Path:
        """d P_M w / ds, the log-time slope."""
        return self._path(self.slopes, "slope")

    @property
    def direction(self) -> Path:
        """w / |w|."""
        w = self.tied + self.diverging + self.invariant
        return self._path(w / np.linalg.norm(w, axis=1, keepdims=True), "direction")

    @property
    def norm(self) -> Path:
        """|w|."""
        return self._path(np.linalg.norm(self.tied + self.diverging + self.invariant, axis=1), "norm")

    @property
    def scaled_excess(self) -> Path:
        """t (L - L*)."""
        return self._path(self.excess, "scaled excess")

    @property
    def scaled_finite_part(self) -> Path:
        """t (P_T w - w*)."""
        return self._path(self.displacement, "scaled finite part")

    def residual(self, direction: Sequence[Any]) -> Path:
        """P_M w - s u for a direction u supplied by whoever compares (the simulator does not know it)."""
        u = np.array([float(x) for x in direction])
        return self._path(self.diverging - self.log_times[:, None] * u[None, :], "residual")

    def along(self, vector: Sequence[Any]) -> Path:
        """<w, vector> as a scalar path."""
        v = np.array([float(x) for x in vector])
        return self._path((self.tied + self.diverging + self.invariant) @ v, "component")
