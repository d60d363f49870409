"""The limit of gradient descent on any conditional logit, enclosed from its matrix of differences: tables and attention of every size that
fits in memory."""

from __future__ import annotations

from time import monotonic

import numpy as np

from ..exact.balls import Interval, mean_entropy
from ..language.answers import Effort
from .enclosed_finite import EnclosedFinitePart
from .enclosed_limit import EnclosedLimit
from .enclosed_rows import RowLoss, minimised_rows, odds_of_rows, separated_rows
from .enclosed_ties import ties
from .problem import ConditionalLogit
from .row_data import RowData


def enclosed_by_rows(logit: ConditionalLogit, effort: Effort | None = None) -> EnclosedLimit:
    """Class, margin and finite part, enclosed; what is open stays open.

    Law: the exact values lie in the intervals and balls, and the class is the exact one or "undecided" (where the
    tied part is itself beyond the exact route, or nearly dependent). Raises `TooLarge` where the differences do not fit.

    >>> from fractions import Fraction
    >>> found = enclosed_by_rows(ConditionalLogit([(1, 0, [["1"], ["0"]]), (1, 1, [["1"], ["0"]]), (2, 0, [["2"], ["0"]])]))
    >>> found.kind, found.finite.radius < Fraction(1, 10**12)
    ('overlap', True)
    """
    effort, begun = effort or Effort(), monotonic()
    data = RowData.of(logit)
    loss, least = RowLoss.of(data), mean_entropy((block.weight, block.labels.values()) for block in logit.data.blocks)

    def watch(step: int, size: float) -> bool:
        if effort.say is not None:
            effort.say(f"finite part, step {step}: gradient {size:.1e}")
        return effort.seconds is None or monotonic() - begun <= effort.seconds

    if effort.say is not None:
        effort.say("margin programme")
    margin = separated_rows(data)
    if margin is not None:
        finite = odds_of_rows(loss, least)
        kind = "quasi-complete" if len(data.ties) else "complete"
        return EnclosedLimit(data, kind, margin, finite, least, _split(data), "converged", 1)
    # With no more rows than parameters hardly ever everything is tied.
    first = len(data.rows) <= data.rows.shape[1]
    if first and (found := _partly_tied(data, effort)) is not None:
        return found
    minimum, best = minimised_rows(loss, watch)
    if minimum is not None:
        # The ball test found the invariant directions to be all there are.
        invariant = 0 if data.invariant is None else data.invariant.dimension
        total = data.rows.shape[1] - invariant
        return EnclosedLimit(data, "overlap", None, minimum, minimum.infimum, (total, 0, invariant), "converged", 1)
    if not first and (found := _partly_tied(data, effort)) is not None:
        return found
    least_lower, most = least.lower, min(loss.interval(w).upper for w in (best, np.zeros(len(best))))
    stopped = "stalled" if watch(0, 0.0) else "time"
    open_infimum = Interval((least_lower + most) / 2, (most - least_lower) / 2)
    return EnclosedLimit(data, "undecided", None, None, open_infimum, None, stopped, 1)


def _partly_tied(data: RowData, effort: Effort) -> EnclosedLimit | None:
    # Some alternatives beside the labels are tied, or ties are dependent: both are decided exactly, on what is tied.
    if effort.say is not None:
        effort.say("ties")
    known = ties(data)
    margin = None if known is None else separated_rows(known.data)
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
