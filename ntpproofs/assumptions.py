"""Decidable assumptions. Each is decided exactly; `method` says how."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .attention import (
        acyclic,
        cyclic,
        graph_svm_feasible,
        no_repeated_tokens,
        one_query,
        orthonormal_embeddings,
        some_cross_edge,
        strongly_connected,
    )
    from .logit import completely_separable, nothing_separable, something_separable, strictly_complementary, unique_multipliers
    from .ntp import (
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

_LOGIT = ("completely_separable", "nothing_separable", "something_separable", "strictly_complementary", "unique_multipliers")
_NTP = (
    "binary_vocabulary", "distinct_embeddings", "equal_supports", "independent_embeddings", "nonzero_embeddings", "ntp_compatible",
    "ntp_separable", "orthogonal_embeddings", "single_token_supports", "some_partial_support", "wide_embeddings",
)  # fmt: skip
_ATTENTION = (
    "acyclic", "cyclic", "graph_svm_feasible", "no_repeated_tokens", "one_query", "orthonormal_embeddings", "some_cross_edge",
    "strongly_connected",
)  # fmt: skip
_EMBEDDINGS = ("distinct_embeddings", "independent_embeddings", "nonzero_embeddings", "orthogonal_embeddings", "wide_embeddings")
BY_KIND = {"conditional-logit": _LOGIT, "linear-ntp": _NTP + _LOGIT, "attention-ntp": tuple(sorted(_ATTENTION + _EMBEDDINGS)) + _LOGIT}
__all__ = [
    "BY_KIND", "acyclic", "binary_vocabulary", "completely_separable", "cyclic", "distinct_embeddings", "equal_supports", "graph_svm_feasible",
    "independent_embeddings", "no_repeated_tokens", "nonzero_embeddings", "nothing_separable", "ntp_compatible", "ntp_separable", "one_query",
    "orthogonal_embeddings", "orthonormal_embeddings", "single_token_supports", "some_cross_edge", "some_partial_support",
    "something_separable", "strictly_complementary", "strongly_connected", "unique_multipliers", "wide_embeddings",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, dict.fromkeys(_LOGIT, ".logit") | dict.fromkeys(_NTP, ".ntp") | dict.fromkeys(_ATTENTION, ".attention"))
