"""The kind "multi-concept": attention and MLP trained on multi-concept prompts (2411.02199)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ...exact.balls import Interval
from ...language.answers import Comparison, Predicted, Predictions, Quantity, Request, SimulationOptions, decided
from ...language.kinds import Kind
from ...language.views import Part, Sentence, Table
from ...language.wanted import Wanted, refuse_all_but_the_flow
from . import assumptions as library
from . import growth, moves
from .forecast import UNBOUNDED, UNDECIDED, Forecast, forecast
from .problem import KIND, MultiConcept
from .stationary import COLLAPSED, RestState

ABOUT = "the recursion of gradient descent"
WORDS = {
    "beta": "beta at rest, b_k^T Gamma b_k",
    "margin": "margin F at rest",
    "rho": "rho = tanh beta, twice the correct attention minus one",
    "gate": "u at rest",
    "lift": "v at rest",
    "gate_weight": "theta, weight of the second gate",
    "regularisation_threshold": "largest lambda with a learned rest state",
    "regularisation_bound": "necessary bound on lambda",
    "loss": "cross-entropy at rest",
    "late_loss": "limit of t times the loss",
    "label_noise_error": "0-1 error from label noise",
    "label_noise_floor": "its floor at sharp attention",
    "word_noise_bound": "bound on wrong majorities from word noise",
    "iid_error": "0-1 error with fair independent signs",
    "irreducible_error": "its irreducible part",
}


def answer(problem: MultiConcept, request: Request) -> Predictions:
    """Every rest state with its stability, the one reached from the stated start, thresholds and error levels."""
    found = forecast(problem)
    values: dict[str, Predicted] = {name: _quantity(value) for name, value in found.predictions().items()}
    extra: dict[str, Any] = {"rest_states": [_record(state) for state in found.rest.states], "rest_states_complete": found.rest.complete}
    extra |= {"critical_regularisation": found.critical, "late_regime": found.late_regime, "start": _start(problem)}
    return Predictions(
        KIND, values, decided(library.ALL, problem), request.notes, WORDS, partial(compare, problem), extra, _parts(found), list, _pictures(found)
    )  # fmt: skip


def _pictures(found: Forecast) -> Any:
    from .pictures import answer_figures

    return answer_figures(found)


def _quantity(value: Any) -> Predicted:
    if not isinstance(value, Interval):
        return value
    return Quantity.enclosed(value) if value.radius else Quantity.rational(value.center)


def _start(problem: MultiConcept) -> dict[str, float]:
    return {"p": float(problem.initial_scale), "u": float(problem.initial_gate), "v": float(problem.initial_lift)}


def _record(state: RestState) -> dict[str, Any]:
    numbers = {name: Quantity.enclosed(getattr(state, name)).record() for name in ("beta", "rho", "gate", "lift", "margin", "weight")}
    return {**numbers, "regime": state.regime, "stable": state.stable}


def _parts(found: Forecast) -> tuple[Part, ...]:
    said = [Sentence(text) for text in _words(found)]
    if not found.rest.states:
        return tuple(said)
    columns = ("beta", "F", "u", "v", "regime", "stable")
    rows = []
    for state in found.rest.states:
        numbers = [f"{float(getattr(state, name)):.6g}" for name in ("beta", "margin", "gate", "lift")]
        rows.append((*numbers, state.regime, "yes" if state.stable else "no"))
    return Table("rest states besides 0", columns, tuple(rows)), *said


def _words(found: Forecast) -> list[str]:
    problem = found.problem
    if found.regime == UNBOUNDED:
        said = ["Without regularisation nothing comes to rest: beta and F grow, and the loss falls like 1/t (multi-concept.late-phase)."]
        return [*said, f"The gates end {found.late_regime}. A start with v < 0 can die (multi-concept.basin)."]
    said = [
        f"From p = {float(problem.initial_scale):g}, u = {float(problem.initial_gate):g}, v = {float(problem.initial_lift):g}"
        f" the answer is: {found.regime}."
    ]
    if found.regime == UNDECIDED:
        return ["The start lies on the border of two basins to within rounding; see the rest states."]
    if found.regime == COLLAPSED:
        reason = "no learned state exists at this lambda" if not found.rest.stable else "a learned state exists, but this start is outside its basin"
        said.append(f"f tends to 0, the error to 1/2, the loss to log 2: {reason}.")
    if found.critical is not None:
        said.append(
            f"This start is learned up to lambda = {found.critical:.4g} (followed in floats, small steps; large steps shift it by a few per cent)."
        )
    if not found.rest.complete:
        said.append("lambda is so close to the saddle-node that two rest states could not be told apart.")
    return said


def refuse(problem: MultiConcept, request: Request, wanted: Wanted) -> None:
    """What the simulation of this kind does not take."""
    from .simulation import refuse_long

    for options in wanted.simulations:
        refuse_all_but_the_flow(options, KIND, ABOUT)
        refuse_long(problem, options.log_time)


def compare(problem: MultiConcept, options: SimulationOptions) -> Comparison:
    """The recursion itself, step by step with all alive neurons, against the predictions. Raises `InvalidInput` for another optimizer."""
    from .simulation import simulate

    refuse_all_but_the_flow(options, KIND, ABOUT)
    return simulate(problem, options.log_time)


def strategy(**bounds: Any) -> Any:
    """`multi_concepts`, imported when somebody draws."""
    from .strategies import multi_concepts

    return multi_concepts(**bounds)


def read(record: Mapping[str, Any]) -> MultiConcept:
    """The problem of an instance record."""
    return MultiConcept.read(record)


kind = Kind(
    name=KIND,
    area="multi-concept",
    title="Multi-concept word semantics in context (2411.02199)",
    problem=MultiConcept,
    read=read,
    strategy=strategy,
    domain=moves.belongs,
    enumerate=moves.enumerate_problems,
    simplify=moves.simplifications,
    neighbours=moves.neighbours,
    measure=moves.measure,
    describe=MultiConcept.view,
    assumptions=library.ALL,
    answer=answer,
    refuse=refuse,
    derived=frozenset({"below_threshold"}),
    outline=growth.outline,
    vary=growth.vary,
    generators=growth.GENERATORS,
)
