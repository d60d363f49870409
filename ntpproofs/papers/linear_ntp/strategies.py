"""Linear NTP datasets: planted and raw, degenerate ones included."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from ...errors import InvalidInput
from ...language.draws import Draw
from ...language.strategy_arguments import check_bounds, described
from ...logit.context_draws import draw_contexts
from .problem import LinearNTP


@described("linear-ntp")
@cache
def linear_ntps(
    max_vocabulary: int = 4,
    max_contexts: int = 3,
    max_dimension: int = 3,
    separable: bool | None = None,
    *,
    compatible: bool | None = None,
    min_vocabulary: int = 2,
    independent: bool = False,
    partial: bool = False,
) -> st.SearchStrategy[LinearNTP]:
    """Linear NTP datasets with small integer embeddings and counts.

    `separable` and `compatible` restrict to NTP-separable (compatible) datasets or to the opposite; None mixes raw draws with
    planted ones. `independent` asks for linearly independent embeddings, `partial` for at least one support smaller than the
    vocabulary. Law: every value satisfies what was asked, by construction wherever a construction exists.

    Which datasets are *valid* is all this says; repeated, collinear and zero embeddings, full and single-token supports all
    occur. Raises `InvalidInput` for bounds that admit nothing.
    """
    check_bounds(min_vocabulary=(min_vocabulary, 1))
    check_bounds(max_vocabulary=(max_vocabulary, min_vocabulary), max_contexts=(max_contexts, 1), max_dimension=(max_dimension, 1))
    if (separable is False or compatible is False) and max_vocabulary < 2:
        raise InvalidInput("separable, compatible", "False needs two tokens", "raise max_vocabulary")
    if independent and (separable is False or compatible is False):
        raise InvalidInput("independent", "implies separable and compatible", "drop one of the requirements")

    @st.composite
    def datasets(draw: Draw) -> LinearNTP:
        sizes = ((min_vocabulary, max_vocabulary), max_contexts, max_dimension)
        found = draw_contexts(draw, *sizes, separable, compatible, independent, partial)
        return LinearNTP(found.embeddings, found.probabilities, found.weights, vocabulary_size=found.vocabulary)

    strategy = datasets()
    if compatible is False or (separable is True and partial):
        from ...logit.finite_part import log_odds

        if compatible is False:
            strategy = strategy.filter(lambda problem: not log_odds(problem).compatible)
    if separable is True and partial:
        from .assumptions import is_ntp_separable

        strategy = strategy.filter(is_ntp_separable)
    return strategy


__all__ = ["linear_ntps"]
