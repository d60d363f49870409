"""Path-star problems: every training, degenerate shapes included (one arm, length 2 and 3, N = n, C = n - 1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ...errors import InvalidInput
from ...language.strategy_arguments import check_bounds, described
from .distribution import count_samples, node_count
from .problem import TRAININGS, PathStar

Draw = Callable[..., Any]


@described("path-star")
@cache
def path_stars(
    max_arms: int = 4, max_length: int = 6, max_extra: int = 4, trainings: tuple[str, ...] = TRAININGS, max_rows: int | None = None
) -> st.SearchStrategy[PathStar]:
    """Path-star problems with up to `max_arms` arms of up to `max_length` nodes; labels and candidates exceed n by up to `max_extra`.

    `max_rows` keeps the enumeration of the distribution (labelled graphs times goals) within that many rows. Raises
    `InvalidInput` for bounds that admit nothing.
    """
    check_bounds(max_arms=(max_arms, 1), max_length=(max_length, 2), max_extra=(max_extra, 0))
    if max_rows is not None:
        check_bounds(max_rows=(max_rows, 1))
    if not isinstance(trainings, tuple) or not trainings or not set(trainings) <= set(TRAININGS):
        raise InvalidInput("trainings", f"is {trainings!r}", f"choose some of {', '.join(TRAININGS)}")
    shapes = [
        (arms, length, extra)
        for arms in range(1, max_arms + 1)
        for length in range(2, max_length + 1)
        for extra in range(max_extra + 1)
        if max_rows is None or count_samples(arms, length, node_count(arms, length) + extra) <= max_rows
    ]
    if not shapes:
        raise InvalidInput("max_rows", f"is {max_rows}: no distribution is that small", "give at least 2")

    @st.composite
    def problems(draw: Draw) -> PathStar:
        arms, length, extra = draw(st.sampled_from(shapes))
        nodes = node_count(arms, length)
        training = draw(st.sampled_from(trainings))
        least = nodes - (training != "reversed")
        candidates = draw(st.sampled_from([nodes, nodes + extra, least, nodes + max_extra]))
        return PathStar(arms, length, nodes + extra, candidates, training, draw(st.integers(-1, length - 2)))

    return problems()


__all__ = ["path_stars"]
