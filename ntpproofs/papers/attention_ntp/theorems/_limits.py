"""What the statements about limits share: targets computed from the graphs alone, starts off every subspace, paths in log time.

The max-margin direction and the finite part are taken from the Graph-SVM and from the reduced dataset, not from the
decomposition of the reduction: two routes meet in every statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ....dynamics import GradientDescent, GradientFlow
from ....dynamics.trajectory import Trajectory
from ....language.relations import NotExercised, Relation, ValuePath
from ....language.statements import Case
from ....logit.decomposition import Decomposition, decompose
from ....logit.problem import Vector
from ..graph_programmes import Form, edge_form, graph_svm, reduced_dataset, solve_form
from ..problem import AttentionNTP

FLOW = GradientFlow(log_time=1e4)


def svm(case: Case) -> Vector:
    """W^svm, flat: the exact Graph-SVM (zero without cross edges); dependent embeddings may have none, then zero stands for it."""
    direction = graph_svm(case.problem).direction
    return (Fraction(0),) * case.problem.dimension**2 if direction is None else direction


def svm_or_reduction(case: Case) -> Vector:
    """W^svm; where dependent embeddings leave the Graph-SVM without a solution, the max-margin direction of the reduction."""
    direction = graph_svm(case.problem).direction
    found: Vector = case.derived.max_margin.direction if direction is None else direction
    return found


def fin(case: Case) -> Decomposition:
    """The decomposition of the reduced dataset; its finite part is W^fin."""
    logit = case.problem.conditional_logit()
    found: Decomposition = logit.remember("reduced parts", lambda: decompose(reduced_dataset(case.problem)))
    return found


def logit_case(case: Case) -> Case:
    """The same instance as a conditional logit, for steps proved in the foundations."""
    return Case(case.problem.conditional_logit(), decompose)


def start(problem: AttentionNTP) -> Vector:
    """An initial matrix with components in every subspace, flat."""
    return tuple(Fraction(1 + k % 3 - k % 2, 2) for k in range(problem.dimension**2))


def flow_from_start(problem: AttentionNTP) -> Trajectory:
    """The flow from `start` to t = e^10000: one simulator for every statement that claims independence of W(0)."""
    return GradientFlow(log_time=1e4, initial=start(problem))(problem)


def margins_only(case: Case) -> Vector:
    """The programme with the ties dropped: the plausible mistake several mutants make."""
    direction = solve_form(Form(case.problem, (), edge_form(case.problem).margins)).direction
    assert direction is not None  # the Graph-SVM satisfies these constraints
    return direction


def floats(vector: Sequence[Any]) -> np.ndarray:
    """Exact entries as floats."""
    return np.array([float(x) for x in vector])


def unit(vector: Sequence[Any]) -> np.ndarray:
    """A vector of any exact kind as a float unit vector (zero stays zero)."""
    x = floats(vector)
    return np.asarray(x / (np.linalg.norm(x) or 1.0))


def mapped(path: ValuePath, rows: np.ndarray, name: str) -> ValuePath:
    """Linear functionals of a path: one row each."""
    return ValuePath(path.log_times, path.values @ rows.T, path.errors * float(np.linalg.norm(rows)) + 1e-12, name)


def difference_rows(problem: AttentionNTP, triples: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """(e_u - e_v) e_k^T for (u, v, k), one float row each."""
    return np.array([floats(problem.difference(u, v, k)) for u, v, k in triples]).reshape(len(triples), problem.dimension**2)


def when(premise: bool, conclusion: Callable[[], Relation], reason: str = "its premise fails") -> Relation:
    """The conclusion where the premise holds, formed only there (a direction needs late records); not exercised elsewhere."""
    return conclusion() if premise else NotExercised(reason)


def descent(problem: AttentionNTP, steps: int = 3_000) -> Trajectory:
    """Gradient descent at the largest step of the descent lemma from zero: the runs that the flow stands for, once per problem."""
    run = GradientDescent(steps=steps)
    found: Trajectory = problem.conditional_logit().remember(run, lambda: run(problem))
    return found
