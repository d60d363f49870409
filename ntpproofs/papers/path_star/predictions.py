"""What training on a path-star graph leads to, in closed form: floors, accuracies, directions, finite weights, rates, plateaus."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ...exact.balls import logarithm
from ...exact.logarithms import LogVector
from ...language.answers import Predicted, Quantity
from . import closed_forms, floors
from .information import ZERO_NATS
from .problem import PathStar

LARGEST_LIST = 10**6


def nats(x: LogVector) -> Quantity:
    """A combination of logarithms as a number; zero is exact."""
    return Quantity.rational(0) if x == ZERO_NATS else Quantity.enclosed(x.balls()[0])


@dataclass(frozen=True)
class Forecast:
    """The predictions for one instance; None where a quantity does not apply, `notes` say why and with which limits.

    `loss_floor` is in nats per sequence (the copy of s costs nothing), `accuracy` that of whole sequences at the limit of
    training, decoded greedily, ties broken at random; `max_margin` is (alpha, beta_0, ..., beta_K), for reversed targets (w_B, w_F),
    without teacher the lookback weights slot by slot, r_2 first.
    """

    loss_floor: Quantity
    accuracy: Quantity
    max_margin: tuple[Fraction, ...] | None
    excess_constant: Quantity
    strictly_complementary: bool
    finite_lookback_weight: Quantity | None
    relaxation_exponent: Quantity | None
    edge_offset: Quantity | None
    forward_drift: Quantity | None
    plateaus: tuple[Quantity, ...]
    notes: tuple[str, ...]

    @property
    def values(self) -> dict[str, Predicted]:
        """The predictions by name, in the order in which they are shown."""
        names = ("loss_floor", "accuracy", "max_margin", "finite_lookback_weight", "relaxation_exponent", "edge_offset", "excess_constant")
        return {name: getattr(self, name) for name in (*names, "strictly_complementary", "forward_drift", "plateaus")}


def predictions(problem: PathStar) -> Forecast:
    """The closed forms for one instance, in milliseconds for any size.

    Laws: no minimisation, no sampling; exact numbers are exact, the others enclosed.

    >>> predictions(PathStar(2, 5, lookback=3)).accuracy.exact
    Fraction(1, 1)
    >>> predictions(PathStar(2, 5, lookback=2)).accuracy.exact
    Fraction(1, 2)
    """
    return {"standard": _standard, "reversed": _reversed, "teacherless": _teacherless}[problem.training](problem)


def _plateaus(problem: PathStar) -> tuple[Quantity, ...]:
    if problem.length > 10_000:
        return ()
    slots = floors.type_plateaus(problem.arms, problem.length, problem.training)
    known = {id(slot): nats(slot) for slot in {id(slot): slot for slot in slots}.values()}
    return tuple(known[id(slot)] for slot in slots)


def _standard(problem: PathStar) -> Forecast:
    size, notes = problem.size, []
    squared = closed_forms.standard_squared_norm(*size)
    direction = closed_forms.standard_direction(*size) if problem.lookback + 2 <= LARGEST_LIST else None
    truncated = problem.lookback <= problem.length - 3
    moving = truncated and squared > 0
    finite = moving and problem.lookback >= 0
    if not squared:
        notes.append("every candidate is a child of s: nothing is learned and no weight moves")
    if moving:
        notes.append("the direction is the edge lookup, the cheat; the lookups that are available get no partial credit")
    if problem.arms == 1:
        notes.append("one arm: the cheat is no mistake")
    if problem.full_lookback:
        notes.append("the decisive lookup is a feature, so gradient descent solves the task; the accuracy says nothing about finite budgets")
    return Forecast(
        loss_floor=nats(floors.teacher_forced_floor(*size[:3])),
        accuracy=Quantity.rational(Fraction(1, problem.arms) if truncated else Fraction(1)),
        max_margin=direction,
        excess_constant=Quantity.rational(squared),
        strictly_complementary=closed_forms.standard_strictly_complementary(*size),
        finite_lookback_weight=Quantity.enclosed(closed_forms.finite_lookback_weight(*size)) if finite else None,
        relaxation_exponent=Quantity.enclosed(closed_forms.relaxation_exponent(*size)) if finite else None,
        edge_offset=Quantity.enclosed(closed_forms.potential_minimum(*size).log()) if moving else None,
        forward_drift=None,
        plateaus=_plateaus(problem),
        notes=tuple(notes),
    )


def _reversed(problem: PathStar) -> Forecast:
    drifts = problem.length > 2
    notes = ["every step is one lookup of the predecessor of the last token: the lookback has no effect"]
    if drifts:
        notes.append("w_F falls without bound, but only like -log log t: the edge offset is reached with an error of order 1/log t")
    return Forecast(
        loss_floor=Quantity.rational(0),
        accuracy=Quantity.rational(1),
        max_margin=closed_forms.reversed_direction(),
        excess_constant=Quantity.rational(1),
        strictly_complementary=not drifts,
        finite_lookback_weight=None,
        relaxation_exponent=None,
        edge_offset=Quantity.enclosed(logarithm(closed_forms.reversed_potential(problem.length, problem.candidates))),
        forward_drift=Quantity.rational(closed_forms.forward_drift(problem.length, problem.candidates)) if drifts else None,
        plateaus=_plateaus(problem),
        notes=tuple(notes),
    )


def _teacherless(problem: PathStar) -> Forecast:
    arms, length, lookback, candidates = problem.size
    weights = (length - 1) * (lookback + 1) + 1
    direction = closed_forms.teacherless_direction(*problem.size) if weights <= LARGEST_LIST else None
    open_slots, rest = length - 2 - lookback, candidates - lookback - 1
    notes = ["without teacher the edge lookup does not exist; each slot has weights of its own"]
    if open_slots:
        notes.append(f"{open_slots} slots are out of reach and guess among {rest} candidates each, independently")
    return Forecast(
        loss_floor=nats(floors.teacherless_floor(arms, length, lookback, candidates)),
        accuracy=_power(rest, open_slots),
        max_margin=direction,
        excess_constant=Quantity.rational(closed_forms.teacherless_squared_norm(length, lookback, candidates)),
        strictly_complementary=closed_forms.teacherless_strictly_complementary(lookback, candidates),
        finite_lookback_weight=None,
        relaxation_exponent=None,
        edge_offset=None,
        forward_drift=None,
        plateaus=_plateaus(problem),
        notes=tuple(notes),
    )


def _power(base: int, exponent: int) -> Quantity:
    # base^-exponent; a double holds nothing below 10^-308, and an exact number of millions of digits helps nobody.
    if exponent * math.log10(max(base, 1)) > 300:
        return Quantity(None, 0.0, 1e-300)
    return Quantity.rational(Fraction(1, base**exponent))
