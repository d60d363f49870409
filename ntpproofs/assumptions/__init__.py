"""Decidable assumptions. Each is decided exactly; `method` says how."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
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
BY_KIND = {"conditional-logit": _LOGIT, "linear-ntp": _NTP + _LOGIT}
__all__ = [
    "BY_KIND", "binary_vocabulary", "completely_separable", "distinct_embeddings", "equal_supports", "independent_embeddings",
    "nonzero_embeddings", "nothing_separable", "ntp_compatible", "ntp_separable", "orthogonal_embeddings", "single_token_supports",
    "some_partial_support", "something_separable", "strictly_complementary", "unique_multipliers", "wide_embeddings",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, dict.fromkeys(_LOGIT, ".logit") | dict.fromkeys(_NTP, ".ntp"))
