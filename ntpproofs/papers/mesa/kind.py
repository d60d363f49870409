"""The kind "linear-attention-ar": linear attention trained on autoregressive processes (2405.16845)."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from ...errors import TooLarge
from ...exact.balls import Interval
from ...exact.rational import written
from ...language.answers import Comparison, Predicted, Predictions, Quantity, Request, SimulationOptions, decided
from ...language.kinds import Kind
from ...language.views import Part, Sentence
from ...language.wanted import Wanted, refuse_all_but_the_flow
from . import assumptions as library
from . import growth, moves
from .matrices import LARGEST_DIMENSION
from .predictions import Expected, Value, expected, in_slice, reasons, recovery_ratio
from .problem import KIND, LinearAttentionAR, read
from .slice import SliceFlow, constants, slice_flow

ASSUMPTIONS = (library.sign_symmetric, library.exchangeable, library.slice_invariant)
WORDS = {
    "ab": "limit of ab",
    "a": "limit of a",
    "b": "limit of b",
    "loss": "loss at the limit",
    "relative_mse": "relative error over the training positions",
    "test_relative_mse": "relative error at the last position",
    "asymptotic_relative_mse": "relative error for long sequences",
    "mean_ratio": "mean of prediction over truth",
}
ABOUT = "the gradient flow"
# Flows of all blocks are followed up to this size; larger ones follow the live blocks, which is the same by block reduction.
ALL_BLOCKS = (2, 6)


def answer(problem: LinearAttentionAR, request: Request) -> Predictions:
    """The exact limits where the diagonal slice is invariant, why it is not otherwise, and what the trained model does."""
    found, flow = expected(problem), _flow(problem)
    values: dict[str, Predicted] = {name: _quantity(value) for name, value in found.items()}
    pictures = _pictures(problem, flow)
    return Predictions(
        KIND, values, decided(ASSUMPTIONS, problem), request.notes, WORDS, partial(compare, problem), {}, _parts(problem, found), list, pictures
    )  # fmt: skip


def _flow(problem: LinearAttentionAR) -> SliceFlow | None:
    return slice_flow(problem.law, problem.length) if in_slice(problem) else None


def _pictures(problem: LinearAttentionAR, flow: SliceFlow | None) -> Any:
    from .pictures import answer_figures

    return answer_figures(problem, flow) if flow is not None else ()


def _quantity(value: Value) -> Quantity | None:
    if value is None:
        return None
    return Quantity.enclosed(value) if isinstance(value, Interval) else Quantity.rational(value)


def _parts(problem: LinearAttentionAR, found: Expected) -> tuple[Part, ...]:
    said = [
        "Whatever the law, the trained model is one step of gradient descent on the least-squares loss of its context,"
        " preconditioned from both sides (mesa.one-gradient-step)."
    ]
    if found.ab is None:
        said += [f"Training leaves the diagonal slice: {why}." for why in reasons(problem)]
        said.append("There is no closed form for the limit then; --simulate follows the flow of full matrices.")
    elif not problem.start.escapes:
        said.append("a_0 + b_0 = 0: the flow runs into the saddle at 0 and nothing is learned.")
    else:
        said.append("Here it is the plain step with step size ab/(t-1).")
        said += _recovery(problem, found)
    return tuple(Sentence(text) for text in said)


def _recovery(problem: LinearAttentionAR, found: Expected) -> list[str]:
    if found.asymptotic_relative_mse is None:
        return []
    if found.asymptotic_relative_mse:
        ratio = written(recovery_ratio(constants(problem.law)))
        return [f"Long sequences are not recovered: R = k1^2/(k2 m2) = {ratio} < 1 (mesa.recovery)."]
    if found.relative_mse:
        return ["Long sequences are recovered (R = 1, mesa.recovery), this length is not yet."]
    return ["Sequences of every length are recovered exactly (mesa.recovery)."]


def refuse(problem: LinearAttentionAR, request: Request, wanted: Wanted) -> None:
    """What the simulation of this kind does not take, and matrices that would be too large for it."""
    for options in wanted.simulations:
        refuse_all_but_the_flow(options, KIND, ABOUT)
        if problem.dimension > LARGEST_DIMENSION:
            raise TooLarge("--simulate", f"would follow matrices of dimension {problem.dimension}", f"give at most {LARGEST_DIMENSION}, or drop it")


def compare(problem: LinearAttentionAR, options: SimulationOptions) -> Comparison:
    """The flow of full matrices against the predictions. Raises `InvalidInput` for another optimizer, `TooLarge` beyond dimension 8."""
    from .pictures import run_figures
    from .simulation import moves as is_moving
    from .simulation import simulate

    refuse_all_but_the_flow(options, KIND, ABOUT)
    full = problem.dimension <= ALL_BLOCKS[0] and problem.length <= ALL_BLOCKS[1]
    # The flow is at its limit long before e^50; the horizon of the problem is used then.
    run = simulate(problem, all_blocks=full, time=math.exp(options.log_time) if options.log_time < 50 else None)
    theory = expected(problem)
    d = problem.dimension
    values: dict[str, Any] = {"time": float(run.run.times[-1])}
    ends = {
        "ab": run.product,
        "a": float(sum(run.right[j, j] for j in range(d)).real / d),
        "b": float(sum(run.left[j, j] for j in range(d)).real / d),
        "loss": float(run.run.losses[-1]),
    }
    for name, end in ends.items():
        target = getattr(theory, name)
        centre = target.center if isinstance(target, Interval) else target
        values |= {name: end, f"{name}_error": None if centre is None else abs(end - float(centre))}
    values |= {"distance_from_slice": run.farthest, "leaves_slice": run.leaves, "conservation_drift": run.drift}
    values |= {"other_blocks": run.other_blocks if full else None, "left": run.left.tolist(), "right": run.right.tolist()}
    notes = [] if full else ["the two live blocks were followed; by block reduction the others stay zero"]
    if is_moving(problem) and options.log_time >= 50:
        values["agrees_with_criterion"] = run.leaves is not in_slice(problem)
    words = {"left": "B at the end", "right": "A at the end"}
    return Comparison(values, words, tuple(notes), run_figures(problem, _flow(problem), run))


def strategy(**bounds: Any) -> Any:
    """`autoregressive_laws`, imported when somebody draws."""
    from .strategies import autoregressive_laws

    return autoregressive_laws(**bounds)


kind = Kind(
    name=KIND,
    area="mesa",
    title="Linear attention on autoregressive processes (2405.16845)",
    problem=LinearAttentionAR,
    read=read,
    strategy=strategy,
    domain=moves.belongs,
    enumerate=moves.enumerated,
    simplify=moves.simplifications,
    neighbours=moves.neighbours,
    measure=moves.measure,
    describe=LinearAttentionAR.view,
    assumptions=ASSUMPTIONS,
    answer=answer,
    refuse=refuse,
    outline=growth.outline,
    vary=growth.vary,
    generators=growth.GENERATORS,
)
