"""Programmes as cvxpy states them and as Clarabel solves them in bulk: values without any dataset in them.

These are for reading and for comparing; answers that count are exact. The solver is named every time, because cvxpy's default for a
quadratic programme can change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InvalidInput

if TYPE_CHECKING:
    import cvxpy as cp

TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Programme:
    """A cvxpy problem together with the variable that holds its answer."""

    problem: cp.Problem
    variable: cp.Variable

    def solve(self) -> np.ndarray | None:
        """The variable's value from Clarabel, or None if the programme is infeasible (or unbounded, for a dual)."""
        import cvxpy as cp

        self.problem.solve(solver=cp.CLARABEL, tol_gap_abs=TOLERANCE, tol_gap_rel=TOLERANCE, tol_feas=TOLERANCE)
        return None if self.variable.value is None else np.asarray(self.variable.value)


@dataclass(frozen=True, eq=False)
class QuadraticProgramme:
    """min 1/2 |x|^2 subject to equalities x = 0 and inequalities x >= 1, rows over the row-major entries of W."""

    equalities: np.ndarray
    inequalities: np.ndarray


def solve_directly(programme: QuadraticProgramme) -> np.ndarray:
    """The solution from one Clarabel call, about fifty times cheaper than a fresh cvxpy problem at small sizes.

    Raises `InvalidInput` if Clarabel finds the programme infeasible or gives up.
    """
    import clarabel
    from scipy import sparse

    size = programme.equalities.shape[1]
    rows = sparse.csc_matrix(np.vstack([programme.equalities, -programme.inequalities]))
    bounds = np.concatenate([np.zeros(len(programme.equalities)), -np.ones(len(programme.inequalities))])
    cones = [clarabel.ZeroConeT(len(programme.equalities)), clarabel.NonnegativeConeT(len(programme.inequalities))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = TOLERANCE
    solution = clarabel.DefaultSolver(sparse.eye(size, format="csc"), np.zeros(size), rows, bounds, cones, settings).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):
        raise InvalidInput("the programme", f"Clarabel answers {solution.status}", "decide separability exactly with `separation`")
    return np.array(solution.x)
