"""General losses on cyclic data: limits are Graph-SVMs of pseudo graphs, if no loss is flat at some scores only."""

from __future__ import annotations

from itertools import chain as concatenated
from itertools import combinations, product

import numpy as np

from ....language.relations import Converges, ValuePath
from ....language.statements import Case, Conjecture, clause, derived
from ....logit.problem import Vector
from ..descent import LayerDescent, LayerRun
from ..graph_programmes import local_form, solve_form
from ..layer import LINEAR
from ..problem import AttentionNTP
from ._instances import mixed, three, uneven
from ._limits import floats, unit
from .general_loss_path import triple_above
from .local_descent import Selection, dual, equal_orders, head, ladder, misled, unequal_orders

# Token 3 occurs in one sequence only, whose label 1 is lost to 0: both score 0 there, so nothing pushes 3 down.
level_rivals = Selection(mixed, (0,) * 6, head(("1", "0", "0", "0"), ("0", "1", "0", "0"), ("0", "0", "1", "0"), ("0", "0", "0", "1")), LINEAR)

conjecture = Conjecture(
    "attention-ntp.pseudo-graph-limits",
    "Which pseudo graphs are limits for a general loss on cyclic data",
    derived("evidence: normalised descent on the layer; the general claim is refuted"),
    setup=r"Read the selected tokens off the attention that is left in the end (more than a hundredth), build the pseudo graphs, and let no"
    r" loss be flat at some selected scores only.",
    clauses=(
        clause(
            r"For the loss $-u$ on cyclic data descent from zero goes to the Graph-SVM direction of these graphs: the most frequent"
            r" label of a cycle takes"
            r" all.",
            claims=("limit_is_a_graph_svm",),
        ),
        clause(
            r"It is not so that every limit for every decreasing loss is the Graph-SVM of some pseudo graph: squared loss with a"
            r" score of $1$ on one"
            r" sequence only has margins $2:1$ (seen in floating point).",
            claims=("some_pseudo_graph_fits",),
        ),
    ),
    uses=("attention-ntp.local-descent", "attention-ntp.general-loss-path"),
    assumptions=(equal_orders,),
    instances=(misled,),
    examples=(
        Selection(triple_above, (0,) * 7, head(("1", "0", "0", "0"), ("0", "1", "0", "0"), ("0", "0", "1", "0"), ("0", "0", "0", "1")), LINEAR),
        Selection(three, (0,) * 6, dual, LINEAR),
        Selection(uneven, (0,) * 3, head(("1", "0"), ("0", "1")), LINEAR),
        unequal_orders,
    ),
    derive=lambda selection: selection,
    simulate=lambda selection: from_zero(selection),
    expected="refuted",
)

THRESHOLD = 1e-2


def from_zero(selection: Selection) -> LayerRun:
    """Normalised descent: from zero, or from far out along the local direction of a selection that misses a label."""
    if selection.problem == ladder:
        run: LayerRun = selection.run
        return run
    return LayerDescent(steps=1_000, step_size=0.05, normalised=True)(selection.layer)


def selected(case: Case) -> list[tuple[int, ...]]:
    """The tokens with more than a hundredth of the attention at the end (the published rule), per sequence."""
    masses = case.problem.layer.attention(case.trajectory.weights[-1])
    found = []
    for sequence, mass in zip(case.problem.problem.sequences, masses):
        totals = {v: sum(m for u, m in zip(sequence, mass) if u == v) for v in sequence}
        found.append(tuple(sorted(v for v, m in totals.items() if m > THRESHOLD)))
    return found


def directions(case: Case) -> ValuePath:
    """W / |W| against the step."""
    run = case.trajectory
    flat = run.weights.reshape(len(run.steps), -1)
    late = run.steps >= 20
    values = flat[late] / np.linalg.norm(flat[late], axis=1, keepdims=True)
    return ValuePath(run.steps[late].astype(float), values, np.full(int(late.sum()), 1e-9), "direction")


def pseudo_direction(problem: AttentionNTP, chosen: list[tuple[int, ...]]) -> Vector | None:
    """The Graph-SVM of the pseudo graphs of a selection; None if infeasible or zero."""
    found = solve_form(local_form(problem, chosen)).direction
    return found if found is not None and any(found) else None


@conjecture.claim(r"\text{descent goes to the Graph-SVM direction of the pseudo graphs it selects}")
def limit_is_a_graph_svm(case: Case) -> Converges:
    """The selection comes from the run, the programme is exact."""
    target = pseudo_direction(case.problem.problem, selected(case))
    return Converges(directions(case), unit(target) if target is not None else np.zeros(case.problem.problem.dimension**2))


def nearest(case: Case) -> np.ndarray:
    """The unit direction nearest to the end of the run among the Graph-SVMs of all selections (several tokens allowed)."""
    problem, end = case.problem.problem, directions(case).values[-1]
    choices = [list(concatenated.from_iterable(combinations(tokens, k) for k in range(1, len(tokens) + 1))) for tokens in problem.choice_sets]
    found = [pseudo_direction(problem, list(chosen)) for chosen in product(*choices)]
    units = [unit(direction) for direction in found if direction is not None]
    return min(units, key=lambda u: float(np.linalg.norm(u - end)))


@conjecture.claim(r"\text{every limit, for every decreasing loss, is the Graph-SVM direction of some pseudo graphs}", expected="refuted")
def some_pseudo_graph_fits(case: Case) -> Converges:
    """On the same data with squared loss, flat at one selected score only: all selections are tried."""
    if case.problem == misled:
        flat = Case(unequal_orders, simulate=from_zero)
        return Converges(directions(flat), nearest(flat))
    return limit_is_a_graph_svm(case)


@conjecture.mutant(of=limit_is_a_graph_svm, latex=r"\text{the limit is the Graph-SVM direction of the data, as for the logarithmic loss}")
def limit_of_the_data(case: Case) -> Converges:
    """The cycle is torn apart: its most frequent label takes all."""
    found = solve_form(local_form(case.problem.problem, [(y,) for y in case.problem.problem.labels])).direction
    return Converges(directions(case), unit(found) if found is not None else floats(()))


@conjecture.mutant(of=limit_is_a_graph_svm, without=equal_orders, latex=r"\text{also where the loss is flat at some selected scores only}")
def flat_at_some_scores(case: Case) -> Converges:
    """Margins 2 to 1 instead of 1 to 1."""
    return limit_is_a_graph_svm(case)


@conjecture.mutant(of=limit_is_a_graph_svm, instances=[level_rivals], latex=r"\text{also where a selected token scores no more than its rivals}")
def level_scores(case: Case) -> Converges:
    """A token that competes only in sequences whose label is lost feels no force."""
    return limit_is_a_graph_svm(case)
