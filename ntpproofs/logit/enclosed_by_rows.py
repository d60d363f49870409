"""The limit of gradient descent on any conditional logit, enclosed from its matrix of differences: tables and attention of every size that
fits in memory."""

from __future__ import annotations

import numpy as np

from ..exact.balls import Interval, mean_entropy
from ..language.answers import Effort
from .enclosed_finite import EnclosedFinitePart
from .enclosed_limit import EnclosedLimit
from .enclosed_rows import RowLoss, minimised_rows, odds_of_rows, separated_rows
from .enclosed_ties import ties
from .problem import ConditionalLogit
from .row_data import RowData
from .saved_run import Ended, Stages, digest_of


def enclosed_by_rows(logit: ConditionalLogit, effort: Effort | None = None) -> EnclosedLimit:
    """Class, margin and finite part, enclosed; what is open stays open.

    Law: the exact values lie in the intervals and balls, and the class is the exact one or "undecided" (where the
    tied part is itself beyond the exact route, or nearly dependent). The time limit acts between and within the stages, and what they
    have found is kept and taken up. Raises `TooLarge` where the differences do not fit, and `InvalidInput` for a saved run of other data.

    >>> from fractions import Fraction
    >>> found = enclosed_by_rows(ConditionalLogit([(1, 0, [["1"], ["0"]]), (1, 1, [["1"], ["0"]]), (2, 0, [["2"], ["0"]])]))
    >>> found.kind, found.finite.radius < Fraction(1, 10**12)
    ('overlap', True)
    """
    data = RowData.of(logit)
    loss, least = RowLoss.of(data), mean_entropy((block.weight, block.labels.values()) for block in logit.data.blocks)
    run, stopped = Stages(effort or Effort(), lambda: digest_of((data.rows, data.places, loss.weights, loss.shares))), "stalled"
    try:
        found = _decided(data, loss, least, run)
    except (Ended, KeyboardInterrupt) as ended:
        found, stopped = None, "time" if isinstance(ended, Ended) else "interrupted"
    run.write()
    if found is not None:
        return found
    width = data.rows.shape[1]
    points = [np.zeros(width), *(x for x in [run.found.get("best point")] if x is not None and x.shape == (width,))]
    lower, most = least.lower, min(loss.interval(w).upper for w in points)
    stopped = "time" if stopped == "stalled" and run.late() else stopped
    return EnclosedLimit(data, "undecided", None, None, Interval((lower + most) / 2, (most - lower) / 2), None, stopped, 1)


def _decided(data: RowData, loss: RowLoss, least: Interval, run: Stages) -> EnclosedLimit | None:
    margin = separated_rows(data, run)
    if margin is not None:
        finite = odds_of_rows(loss, least)
        kind = "quasi-complete" if len(data.ties) else "complete"
        return EnclosedLimit(data, kind, margin, finite, least, _split(data), "converged", 1)
    # With no more rows than parameters hardly ever everything is tied.
    first = len(data.rows) <= data.rows.shape[1]
    if first and (found := _partly_tied(data, run)) is not None:
        return found
    minimum, best = minimised_rows(loss, run)
    if minimum is not None:
        # The ball test found the invariant directions to be all there are.
        invariant = 0 if data.invariant is None else data.invariant.dimension
        total = data.rows.shape[1] - invariant
        return EnclosedLimit(data, "overlap", None, minimum, minimum.infimum, (total, 0, invariant), "converged", 1)
    run.keep({"best point": best})
    return None if first else _partly_tied(data, run)


def _partly_tied(data: RowData, run: Stages) -> EnclosedLimit | None:
    # Some alternatives beside the labels are tied, or ties are dependent: both are decided exactly, on what is tied.
    known = ties(data, run)
    margin = None if known is None else separated_rows(known.data, run, "margins beside the ties")
    if known is None or margin is None:
        return None
    part = known.parts.finite_part
    finite = EnclosedFinitePart(np.array([float(x) for x in part.center]), part.radius, part.infimum)
    kind = "quasi-complete" if known.data.is_tie.any() else "complete"
    return EnclosedLimit(known.data, kind, margin, finite, part.infimum, _split(known.data), "converged", 1)


def _split(data: RowData) -> tuple[int, int, int] | None:
    # T is spanned by the independent ties, M is the rest of the span.
    if data.dimensions is None:
        return None
    total, tied = data.dimensions
    return tied, total - tied, data.rows.shape[1] - total


__all__ = ["enclosed_by_rows"]
