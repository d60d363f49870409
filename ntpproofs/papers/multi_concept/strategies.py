"""Multi-concept problems for Hypothesis, valid by construction."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ...language.strategy_arguments import check_bounds, described
from .problem import MultiConcept

Draw = Callable[[st.SearchStrategy[Any]], Any]
NORMS = [Fraction(x) for x in ("1", "1", "1", "1/2", "2", "3/4", "3/2", "1/10", "3")]
RATIOS = [Fraction(1, x) for x in (2, 4, 10, 100)]
RIDGES = [Fraction(1, x) for x in (1000, 500, 2000, 200, 100, 50, 20)]
SCALES = [Fraction(x) for x in ("1/2", "1", "1/4", "1/10", "2")]
FLIPS = [Fraction(0), Fraction(0), Fraction(1, 10), Fraction(1, 4), Fraction(9, 20)]


@described("multi-concept")
@cache
def multi_concepts(
    max_concepts: int = 4,
    max_neurons: int = 24,
    max_length: int = 6,
    regularised: bool | None = True,
    flips: bool = True,
    one_sided: bool = False,
) -> st.SearchStrategy[MultiConcept]:
    """Problems with small rational numbers; both learned and collapsed ones occur.

    `regularised` True or False fixes whether lambda > 0 (None: both), `flips=False` leaves label flips out, `one_sided=True`
    draws only problems with C < D, whose rest states can be one-sided. Raises `InvalidInput` for bounds that admit nothing.
    """
    check_bounds(max_concepts=(max_concepts, 1), max_neurons=(max_neurons, 2), max_length=(max_length, 2))
    ridges = ([] if regularised else [Fraction(0)]) + ([] if regularised is False else RIDGES)

    @st.composite
    def problems(draw: Draw) -> MultiConcept:
        half = draw(st.integers(1, max_neurons // 2))
        concepts = draw(st.integers(1, max_concepts))
        b, c, d = (draw(st.sampled_from(NORMS)) for _ in "bcd")
        if one_sided:
            c = d * draw(st.sampled_from(RATIOS))
        return MultiConcept(
            concepts,
            b,
            c,
            d,
            neurons=2 * half,
            regularisation=draw(st.sampled_from(ridges)),
            initial_scale=draw(st.sampled_from(SCALES)),
            alive=draw(st.integers(max(1, half // 2), half)),
            length=2 * draw(st.integers(1, max_length // 2)),
            flips=draw(st.sampled_from(FLIPS)) if flips else Fraction(0),
        )

    return problems()
