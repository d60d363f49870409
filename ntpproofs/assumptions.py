"""Decidable assumptions. Each is decided exactly; `method` says how."""

from typing import TYPE_CHECKING

from .lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .logit.assumptions import completely_separable, nothing_separable, something_separable, strictly_complementary, unique_multipliers
    from .papers.attention_ntp.assumptions import (
        acyclic,
        cyclic,
        graph_svm_feasible,
        no_repeated_tokens,
        one_query,
        orthonormal_embeddings,
        some_cross_edge,
        strongly_connected,
    )
    from .papers.linear_ntp.assumptions import (
        binary_vocabulary,
        distinct_embeddings,
        equal_supports,
        independent_embeddings,
        nonzero_embeddings,
        ntp_compatible,
        ntp_separable,
        orthogonal_embeddings,
        single_token_supports,
        some_partial_support,
        wide_embeddings,
    )
    from .papers.mesa.assumptions import (
        all_ones,
        balanced,
        escapes_saddle,
        exchangeable,
        isotropic_gaussian,
        masked_training,
        one_coordinate_at_a_time,
        plain_training,
        real_token,
        several_coordinates,
        sign_symmetric,
        slice_invariant,
        stays_diagonal,
        uniform_diagonal,
    )
    from .papers.multi_concept.assumptions import below_threshold, clean_labels, gates_slide, regularised
    from .papers.path_star.assumptions import (
        full_lookback,
        reversed_targets,
        several_arms,
        some_lookback,
        some_lookup_needed,
        start_is_candidate,
        teacher_forced,
        truncated_lookback,
        two_lookups_needed,
        without_teacher,
    )

__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".logit.assumptions": "completely_separable nothing_separable something_separable strictly_complementary unique_multipliers",
            ".papers.attention_ntp.assumptions": (
                "acyclic cyclic graph_svm_feasible no_repeated_tokens one_query orthonormal_embeddings some_cross_edge strongly_connected"
            ),
            ".papers.linear_ntp.assumptions": (
                "binary_vocabulary distinct_embeddings equal_supports independent_embeddings nonzero_embeddings "
                "ntp_compatible ntp_separable orthogonal_embeddings single_token_supports some_partial_support "
                "wide_embeddings"
            ),
            ".papers.multi_concept.assumptions": "below_threshold clean_labels gates_slide regularised",
            ".papers.path_star.assumptions": (
                "full_lookback reversed_targets several_arms some_lookback some_lookup_needed start_is_candidate teacher_forced "
                "truncated_lookback two_lookups_needed without_teacher"
            ),
            ".papers.mesa.assumptions": (
                "all_ones balanced escapes_saddle exchangeable isotropic_gaussian masked_training one_coordinate_at_a_time plain_training "
                "real_token several_coordinates sign_symmetric slice_invariant stays_diagonal uniform_diagonal"
            ),
        }
    ),
)
__all__ = [
    "acyclic", "all_ones", "balanced", "below_threshold", "binary_vocabulary", "clean_labels",
    "completely_separable", "cyclic", "distinct_embeddings", "equal_supports", "escapes_saddle", "exchangeable",
    "full_lookback", "gates_slide", "graph_svm_feasible", "independent_embeddings", "isotropic_gaussian",
    "masked_training", "no_repeated_tokens", "nonzero_embeddings", "nothing_separable", "ntp_compatible",
    "ntp_separable", "one_coordinate_at_a_time", "one_query", "orthogonal_embeddings", "orthonormal_embeddings",
    "plain_training", "real_token", "regularised", "reversed_targets", "several_arms", "several_coordinates",
    "sign_symmetric", "single_token_supports", "slice_invariant", "some_cross_edge", "some_lookback",
    "some_lookup_needed", "some_partial_support", "something_separable", "start_is_candidate", "stays_diagonal",
    "strictly_complementary", "strongly_connected", "teacher_forced", "truncated_lookback",
    "two_lookups_needed", "uniform_diagonal", "unique_multipliers", "wide_embeddings", "without_teacher",
]  # fmt: skip
