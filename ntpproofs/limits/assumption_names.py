"""The names of the assumptions that apply to each kind of problem, in the order in which they are shown."""

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
