"""Conditional logit problems: all separation classes, multiplicities, repeated rows, alternatives with equal features."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from ..language.draws import SMALL, Draw
from ..language.strategy_arguments import check_bounds, described
from .problem import ConditionalLogit


@described("conditional-logit")
@cache
def conditional_logits(max_rows: int = 4, max_alternatives: int = 3, max_dimension: int = 3) -> st.SearchStrategy[ConditionalLogit]:
    """Conditional logit problems with small integer features, weights and multiplicities.

    Half of the draws are raw; the others are planted: the best alternative of an integer vector is chosen in every row
    (complete or quasi-complete separation), or every alternative of a row is chosen in some copy of it (overlap).

    Raises `InvalidInput` for bounds that admit nothing.
    """
    check_bounds(max_rows=(max_rows, 1), max_alternatives=(max_alternatives, 1), max_dimension=(max_dimension, 1))

    @st.composite
    def problems(draw: Draw) -> ConditionalLogit:
        dimension = draw(st.integers(1, max_dimension))
        count = draw(st.integers(1, max_rows))
        choices = [_choice(draw, dimension, max_alternatives) for _ in range(count)]
        mode = draw(st.sampled_from(["raw", "planted", "copies"]))
        if mode == "planted":
            w = [draw(SMALL) for _ in range(dimension)]
            chosen = [_best(w, features) for features, _ in choices]
        elif mode == "copies":
            # As many copies of the first choice set as fit, each choosing another alternative.
            copies = min(count, len(choices[0][0]))
            choices = [choices[0]] * copies + choices[copies:]
            chosen = [*range(copies), *(draw(st.integers(0, len(x) - 1)) for x, _ in choices[copies:])]
        else:
            chosen = [draw(st.integers(0, len(x) - 1)) for x, _ in choices]
        weights = [draw(st.integers(1, 3)) for _ in choices]
        return ConditionalLogit({"weight": a, "chosen": y, "features": x, "multiplicities": n} for a, y, (x, n) in zip(weights, chosen, choices))

    return problems()


def _best(w: list[int], features: list[list[int]]) -> int:
    scores = [sum(a * b for a, b in zip(w, feature)) for feature in features]
    return scores.index(max(scores))


def _choice(draw: Draw, dimension: int, max_alternatives: int) -> tuple[list[list[int]], list[int]]:
    size = draw(st.integers(min(2, max_alternatives), max_alternatives))
    features: list[list[Any]] = [[draw(SMALL) for _ in range(dimension)] for _ in range(size)]
    return features, [draw(st.sampled_from([1, 1, 1, 2, 3])) for _ in range(size)]
