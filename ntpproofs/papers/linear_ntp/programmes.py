"""The NTP-SVM as a person would write it: primal, margin and dual form in cvxpy, and the direct solver call in bulk.

These are for reading and for comparing; answers that count come from `max_margin`. The solver is named every time, because
cvxpy's default for a quadratic programme can change. Sources: A-Def3 of linear NTP for the three forms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...logit.programmes import Programme, QuadraticProgramme
from .problem import LinearNTP


def _data(problem: LinearNTP) -> tuple[np.ndarray, list[list[int]], list[list[int]]]:
    embeddings = np.array([[float(x) for x in h] for h in problem.embeddings])
    inside = [sorted(support) for support in problem.supports]
    outside = [[v for v in range(problem.vocabulary_size) if v not in support] for support in problem.supports]
    return embeddings, inside, outside


def _constraints(w: Any, problem: LinearNTP, margin: Any) -> list[Any]:
    # (6a): equal scores on the support.  (6b): every other token at least `margin` below.
    embeddings, inside, outside = _data(problem)
    result = []
    for h, support, rest in zip(embeddings, inside, outside):
        scores = w @ h
        result += [scores[support[0]] == scores[z] for z in support[1:]]
        result += [scores[support[0]] - scores[v] >= margin for v in rest]
    return result


def ntp_svm(problem: LinearNTP) -> Programme:
    """min 1/2 |W|^2 subject to (6a) and (6b) with margin 1.

    >>> w = ntp_svm(LinearNTP([[1]], [["1/2", "1/2", 0]])).solve()
    >>> [round(float(x), 6) for x in w[:, 0]]
    [0.333333, 0.333333, -0.666667]
    """
    import cvxpy as cp

    w = cp.Variable((problem.vocabulary_size, problem.dimension), name="W")
    return Programme(cp.Problem(cp.Minimize(cp.sum_squares(w) / 2), _constraints(w, problem, 1.0)), w)


def ntp_svm_margin(problem: LinearNTP) -> Programme:
    """max gamma subject to (6a), margins of at least gamma and |W| <= 1: the unit direction, with margin 1 / |W^mm|."""
    import cvxpy as cp

    w, gamma = cp.Variable((problem.vocabulary_size, problem.dimension), name="W"), cp.Variable(name="gamma")
    constraints = [*_constraints(w, problem, gamma), cp.norm(w, "fro") <= 1]
    return Programme(cp.Problem(cp.Maximize(gamma), constraints), w)


def ntp_svm_dual(problem: LinearNTP) -> Programme:
    """max sum_j 1_{S_j}' a_j - 1/2 tr(A K A') over columns with sum 0 and entries <= 0 off the support; W^mm = A H^T."""
    import cvxpy as cp

    embeddings, inside, outside = _data(problem)
    a = cp.Variable((problem.vocabulary_size, len(inside)), name="A")
    gain = sum(cp.sum(a[support, j]) for j, support in enumerate(inside))
    constraints = [cp.sum(a, axis=0) == 0, *(a[rest, j] <= 0 for j, rest in enumerate(outside) if rest)]
    return Programme(cp.Problem(cp.Maximize(gain - cp.sum_squares(a @ embeddings) / 2), constraints), a)


def assemble_ntp_svm(problem: LinearNTP) -> QuadraticProgramme:
    """The rows of the NTP-SVM, in the order of `ntp_svm`'s constraints."""
    embeddings, inside, outside = _data(problem)
    height, width = problem.vocabulary_size, problem.dimension
    equalities: list[np.ndarray] = []
    inequalities: list[np.ndarray] = []
    for h, support, rest in zip(embeddings, inside, outside):
        for rows, others in ((equalities, support[1:]), (inequalities, rest)):
            for v in others:
                row = np.zeros((height, width))
                row[support[0]] += h
                row[v] -= h
                rows.append(row.ravel())
    size = height * width
    return QuadraticProgramme(np.array(equalities).reshape(-1, size), np.array(inequalities).reshape(-1, size))
