"""Decidable assumptions. Each is decided exactly; `method` says how."""

from typing import TYPE_CHECKING

from .lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .limits.assumption_names import BY_KIND
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

__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".limits.assumption_names": "BY_KIND",
            ".logit.assumptions": "completely_separable nothing_separable something_separable strictly_complementary unique_multipliers",
            ".papers.attention_ntp.assumptions": (
                "acyclic cyclic graph_svm_feasible no_repeated_tokens one_query orthonormal_embeddings some_cross_edge strongly_connected"
            ),
            ".papers.linear_ntp.assumptions": (
                "binary_vocabulary distinct_embeddings equal_supports independent_embeddings nonzero_embeddings "
                "ntp_compatible ntp_separable orthogonal_embeddings single_token_supports some_partial_support "
                "wide_embeddings"
            ),
        }
    ),
)
__all__ = [
    "BY_KIND", "acyclic", "binary_vocabulary", "completely_separable", "cyclic", "distinct_embeddings", "equal_supports",
    "graph_svm_feasible", "independent_embeddings", "no_repeated_tokens", "nonzero_embeddings", "nothing_separable", "ntp_compatible",
    "ntp_separable", "one_query", "orthogonal_embeddings", "orthonormal_embeddings", "single_token_supports", "some_cross_edge",
    "some_partial_support", "something_separable", "strictly_complementary", "strongly_connected", "unique_multipliers", "wide_embeddings",
]  # fmt: skip
