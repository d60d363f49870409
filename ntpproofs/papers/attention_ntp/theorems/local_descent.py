"""Off the logarithmic loss and the dual head gradient descent can end in a local direction that misses labels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from ....errors import InvalidInput
from ....language.relations import All, Converges, Equal, Less, Measured, NotExercised, ValuePath
from ....language.statements import Case, Proposition, assumption, cite, clause
from ....logit.problem import Vector
from ..descent import LayerDescent
from ..graph_programmes import local_form, locally_optimal, selected_form, solve_form
from ..layer import LINEAR, LOG, SQUARED, AttentionLayer, Loss
from ..problem import AttentionNTP
from ._instances import chain, one_hot
from ._limits import unit


@dataclass(frozen=True)
class Selection:
    """A dataset with head scores gamma[y][v], a loss, and one selected token per sequence."""

    problem: AttentionNTP
    selected: tuple[int, ...]
    gamma: tuple[tuple[Fraction, ...], ...]
    loss: Loss
    steps: int = 1_600

    @cached_property
    def direction(self) -> Vector:
        """The solution of the local programme of the selection."""
        found = solve_form(selected_form(self.problem, self.selected)).direction
        if found is None:
            raise InvalidInput("selected", "has an infeasible local programme", "select tokens whose pseudo graphs are acyclic")
        return found

    @cached_property
    def layer(self) -> AttentionLayer:
        """The layer with this head and loss."""
        return AttentionLayer(self.problem, np.array([[float(x) for x in row] for row in self.gamma]), self.loss)

    @cached_property
    def run(self) -> Any:
        """Normalised descent from 12 times the local direction plus a perturbation inside the cone."""
        size = self.problem.dimension
        tilt = np.array([((7 * k) % 5 - 2) / 10 for k in range(size * size)])
        return LayerDescent(steps=self.steps, step_size=0.05, normalised=True)(self.layer, 12 * unit(self.direction) + tilt)

    def __repr__(self) -> str:
        return f"selection {list(self.selected)} of {self.problem!r}, loss {self.loss.latex}"


def head(*rows: tuple[str, ...]) -> tuple[tuple[Fraction, ...], ...]:
    """Rational head scores."""
    return tuple(tuple(map(Fraction, row)) for row in rows)


# The label of [2, 1, 0] is 0, but 2 is selected: its only neighbour is 1, which scores less; 0 lies two margins below.
ladder = one_hot(3, ([2, 1, 0], 0), ([1, 0], 1))
scores = head(("1", "1/5", "1/2"), ("0", "1", "0"), ("0", "0", "1"))
bad_scores = head(("1", "4/5", "1/2"), ("0", "1", "0"), ("0", "0", "1"))
dual = head(("1", "0", "0"), ("0", "1", "0"), ("0", "0", "1"))
skew_ladder = ladder.with_embeddings([[1, 0, 0], [1, 1, 0], [0, 0, 2]])
misled = Selection(ladder, (2, 1), scores, LINEAR)
misled_squared = Selection(ladder, (2, 1), head(("1", "1/5", "1/2"), ("0", "4/5", "0"), ("0", "0", "1")), SQUARED)
# Squared loss: flat at the score 1 of token 1, not at the score 1/2 of token 2.
unequal_orders = Selection(ladder, (2, 1), scores, SQUARED)
# The score 1 is reached to 12 digits after 500 steps; beyond, 1 - u has none left in doubles.
faithful = Selection(chain, (1, 2), dual, SQUARED, steps=500)
not_optimal = Selection(ladder, (2, 1), bad_scores, LINEAR)
under_the_theorem = Selection(ladder, (2, 1), dual, LOG)


@assumption(r"\hat y\text{ locally optimal}", method="exact local programme, exact head scores of its support")
def locally_optimal_selection(selection: Selection) -> bool:
    """Every selected token has a larger head score than each of its neighbours."""
    return locally_optimal(selection.problem, selection.selected, selection.gamma)


@assumption(r"\ell'(\gamma_{i\hat y_i})\text{ all zero or all non-zero}", method="derivative of the loss at the selected scores")
def equal_orders(selection: Selection) -> bool:
    """The loss is flat at the score of every selected token, or at none (losses here have simple zeros of the derivative)."""
    pairs = zip(selection.problem.labels, selection.selected)
    with np.errstate(divide="ignore"):  # the logarithmic loss is steepest at a score of 0
        slopes = [float(selection.loss.derivative(np.array([float(selection.gamma[y][token])]))[0]) for y, token in pairs]
    return len({slope == 0.0 for slope in slopes}) == 1


proposition = Proposition(
    label="attention-ntp.local-descent",
    title="Local directions: descent can settle on selected tokens that are not the labels",
    source=cite(
        "li2024",
        "local convergence for general losses and heads (recalled from secondary sources with low confidence, not checked against print)",
        "our form, after the templates"
        r" 2306.13596 and 2308.16898",
    ),
    setup=r"Select a token $\hat y_i$ per sequence, let $W_{\hat y}$ be the least-norm matrix that puts it $1$ above all others, and let it"
    r" score more than each of its neighbours (the tokens exactly $1$ below). Our form of a recalled theorem; tested by normalised"
    r" descent on"
    r" four instances.",
    clauses=(
        clause(r"$W_{\hat y}$ is the Graph-SVM of the pseudo graphs of the selection.", claims=("pseudo_graphs",)),
        clause(
            r"Far out in a narrow cone around $W_{\hat y}$ there is no stationary point (seen at six matrices for each instance),",
            claims=("no_stationary_point",),
        ),
        clause(
            r"and descent started there diverges in the direction $W_{\hat y}$, attention ending on the selected tokens, labels or not.",
            claims=("direction_converges", "attention_on_the_selected"),
        ),
        clause(
            r"With the dual head only the labels are locally optimal, wherever a selected token has a neighbour.",
            claims=("only_labels_under_the_dual_head",),
        ),
    ),
    uses=("attention-ntp.global-convergence",),
    assumptions=(locally_optimal_selection, equal_orders),
    instances=(misled, misled_squared, faithful, Selection(skew_ladder, (2, 1), scores, LINEAR)),
    examples=(not_optimal, under_the_theorem, unequal_orders),
    derive=lambda selection: selection.direction,
    simulate=lambda selection: selection.run,
)


def directions(case: Case) -> ValuePath:
    """W / |W| against the step."""
    run = case.trajectory
    flat = run.weights.reshape(len(run.steps), -1)
    values = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return ValuePath(run.steps.astype(float), values, np.full(len(run.steps), 1e-9), "direction")


@proposition.claim(r"\text{margins over all others}=\text{edge form of the pseudo graphs}")
def pseudo_graphs(case: Case) -> Equal:
    """An edge from every selected token to every token of its sequence: the same programme."""
    selection = case.problem
    return Equal(solve_form(local_form(selection.problem, [(token,) for token in selection.selected])).direction, case.derived)


@proposition.claim(r"\langle-\nabla\mathcal L(W),W_{\hat y}\rangle>0\text{ at }W=rW_{\hat y}/\|W_{\hat y}\|\text{ and near it, }r=12,24")
def no_stationary_point(case: Case) -> Less:
    """The inner product relative to the norm of the gradient; double precision, 13 digits of it."""
    selection, u = case.problem, unit(case.derived)
    values = []
    for radius in (12.0, 24.0):
        for shift in (0.0, 0.3, -0.3):
            tilt = shift * np.array([((3 * k) % 7 - 3) / 3 for k in range(len(u))])
            gradient = selection.layer.gradient((radius * u + tilt).reshape(selection.problem.dimension, -1)).ravel()
            values.append(-gradient @ u / np.linalg.norm(gradient))
    return Less(np.zeros(len(values)), Measured(np.array(values), np.full(len(values), 1e-6)))


@proposition.claim(r"W(\tau)/\|W(\tau)\|\to W_{\hat y}/\|W_{\hat y}\|")
def direction_converges(case: Case) -> Converges:
    """Normalised steps: the norm grows like the number of steps, and the angle falls like its inverse."""
    return Converges(directions(case), unit(case.derived))


@proposition.claim(r"p_{i\hat y_i}\to1")
def attention_on_the_selected(case: Case, labels: bool = False) -> Converges:
    """The forward pass, at every record."""
    selection, run = case.problem, case.trajectory
    wanted = selection.problem.labels if labels else selection.selected
    rows = []
    for w in run.weights:
        masses = selection.layer.attention(w)
        pairs = zip(selection.problem.sequences, masses, wanted)
        rows.append([sum(m for v, m in zip(sequence, mass) if v == token) for sequence, mass, token in pairs])
    path = ValuePath(run.steps.astype(float), np.array(rows), np.full(len(rows), 1e-9), "attention on the wanted token")
    return Converges(path, np.ones(len(wanted)))


@proposition.claim(r"\gamma=I:\ \text{locally optimal}\Rightarrow\hat y_i=y_i\text{ wherever }\hat y_i\text{ has a neighbour}")
def only_labels_under_the_dual_head(case: Case, gamma: tuple[tuple[Fraction, ...], ...] | None = None) -> All | NotExercised:
    """Every selection with a feasible local programme, exactly, for the data and for the data with the selected tokens as labels."""
    own, relations = case.problem.problem, []
    for problem in (own, AttentionNTP(own.embeddings, own.sequences, case.problem.selected)):
        for chosen in product(*problem.choice_sets):
            if solve_form(selected_form(problem, chosen)).feasible and locally_optimal(problem, chosen, dual if gamma is None else gamma):
                relations.append(Equal(chosen, problem.labels))
    return All(*relations) if relations else NotExercised("no selection is locally optimal")


@proposition.mutant(of=attention_on_the_selected, latex=r"\text{attention always ends on the label}")
def attention_on_the_label(case: Case) -> Converges:
    """The label of the first sequence lies two margins below the selected token."""
    return attention_on_the_selected(case, labels=True)


@proposition.mutant(of=only_labels_under_the_dual_head, latex=r"\text{for every head in which labels score highest}")
def only_labels_under_any_head(case: Case) -> All | NotExercised:
    """A head where 2 beats its neighbour although 0 is the label."""
    return only_labels_under_the_dual_head(case, scores)


@proposition.mutant(
    of=direction_converges,
    without=locally_optimal_selection,
    instances=[not_optimal, under_the_theorem],
    latex=r"\text{for"
    r" every selection}",
)
def every_selection(case: Case) -> Converges:
    """If a neighbour scores more than the selected token, or the loss is the logarithmic one, descent leaves the cone."""
    return direction_converges(case)


@proposition.mutant(of=direction_converges, without=equal_orders, latex=r"\text{also where the loss is flat at some selected scores only}")
def flat_at_some_scores(case: Case) -> Converges:
    """Squared loss with one score at 1: that sequence pulls with the square of its mass, and the margins settle at 2 to 1."""
    return direction_converges(case)
