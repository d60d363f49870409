"""Invariants of linear NTP datasets (2402.18551) for `discover`, and the bounds on them that need no conjecture."""

from __future__ import annotations

from fractions import Fraction

from ...exact.balls import Interval, interval, logarithm
from ...exact.rational import dot, rank
from ...language.invariants import Discovery, invariant, known
from ...logit.decomposition import decompose
from ...logit.invariants import LOGIT_INVARIANTS, LOGIT_KNOWN, dimension, embedding_rank, scaled
from ...logit.recession import separation
from .problem import LinearNTP


@invariant("m", given=True, powers=2)
def contexts(problem: LinearNTP) -> int:
    """The number of contexts."""
    return len(problem.supports)


@invariant("V", given=True, powers=3)
def vocabulary(problem: LinearNTP) -> int:
    """The number of tokens."""
    return problem.vocabulary_size


@invariant(r"\textstyle\sum s_j", given=True)
def support_tokens(problem: LinearNTP) -> int:
    """The sizes of all supports together."""
    return sum(map(len, problem.supports))


@invariant(r"s_{\min}", given=True, powers=2)
def smallest_support(problem: LinearNTP) -> int:
    """The size of the smallest support."""
    return min(map(len, problem.supports))


@invariant(r"s_{\max}", given=True, powers=2)
def largest_support(problem: LinearNTP) -> int:
    """The size of the largest support."""
    return max(map(len, problem.supports))


@invariant(r"n_S", given=True)
def distinct_supports(problem: LinearNTP) -> int:
    """The number of different supports."""
    return len(set(problem.supports))


@invariant(r"n_{\mathrm{pat}}", given=True)
def token_patterns(problem: LinearNTP) -> int:
    """The number of different token patterns: the sets of contexts in whose support a token is."""
    return len({tuple(v in support for support in problem.supports) for v in range(problem.vocabulary_size)})


@invariant(r"m_{\mathrm{part}}", given=True)
def partial_contexts(problem: LinearNTP) -> int:
    """The number of contexts whose support is not the whole vocabulary."""
    return sum(len(support) < problem.vocabulary_size for support in problem.supports)


def _alone(problem: LinearNTP) -> list[Fraction] | None:
    # |u|^2 of each context with a partial support as the whole dataset; None where one has embedding zero.
    size, found = problem.vocabulary_size, list[Fraction]()
    for h, support in zip(problem.embeddings, problem.supports):
        square, s = dot(h, h), len(support)
        if s < size and not square:
            return None
        found += [Fraction(s * (size - s), size) / square] if s < size else []
    return found


@invariant(r"\textstyle\max_j\|u_j\|^2", given=True, scale=-2)
def largest_alone(problem: LinearNTP) -> Fraction | None:
    """The largest squared norm of u that a context alone needs, s(V - s) / (V |h|^2); not defined if one with h = 0 is partial."""
    found = _alone(problem)
    return None if found is None else max(found, default=Fraction(0))


@invariant(r"\textstyle\sum_j\|u_j\|^2", given=True, scale=-2)
def summed_alone(problem: LinearNTP) -> Fraction | None:
    """The sum of the squared norms of u that the contexts need alone."""
    found = _alone(problem)
    return None if found is None else sum(found, Fraction(0))


@invariant(r"h_{\max}^2", given=True, scale=2)
def largest_square(problem: LinearNTP) -> Fraction:
    """The largest squared length of an embedding."""
    return max(dot(h, h) for h in problem.embeddings)


@invariant(r"H", given=True)
def entropy(problem: LinearNTP) -> Interval:
    """The entropy of the next token, in nats, enclosed."""
    return problem.entropy


@invariant(r"\log s_{\max}", given=True)
def log_largest_support(problem: LinearNTP) -> Interval:
    """The logarithm of the size of the largest support, enclosed."""
    return interval(logarithm(Fraction(largest_support.compute(problem))))  # type: ignore[arg-type]


@invariant(r"n_{\mathrm{extra}}")
def extra_ties(problem: LinearNTP) -> int:
    """The number of (context, token) pairs that are tied although the token is off the support."""
    return sum(len(tied) - len(support) for tied, support in zip(separation(problem).tied_sets, problem.supports))


@invariant(r"\operatorname{rk}W^{\mathrm{mm}}")
def decoder_rank(problem: LinearNTP) -> int:
    """The rank of the max-margin decoder."""
    return rank(problem.lift(decompose(problem).max_margin.direction))


@invariant(r"h_{\max}^2\|u\|^2", unbounded=True)
def scaled_norm(problem: LinearNTP) -> Fraction:
    """The squared norm of u times the largest squared length of an embedding, which no scaling of the embeddings changes."""
    u = decompose(problem).max_margin.direction
    return dot(u, u) * max(dot(h, h) for h in problem.embeddings)


@invariant(r"\textstyle\sum_{j:s_j<V} h_j^2\,\|u\|^2", unbounded=True)
def pooled_norm(problem: LinearNTP) -> Fraction:
    """The squared norm of u times the summed squared lengths of the contexts with a partial support."""
    u = decompose(problem).max_margin.direction
    return dot(u, u) * sum((dot(h, h) for h, s in zip(problem.embeddings, problem.supports) if len(s) < problem.vocabulary_size), Fraction(0))


INVARIANTS = (
    contexts, vocabulary, dimension, embedding_rank, support_tokens, smallest_support, largest_support, distinct_supports, token_patterns,
    partial_contexts, largest_alone, summed_alone, largest_square, entropy, log_largest_support, *scaled(LOGIT_INVARIANTS, 2), extra_ties,
    decoder_rank, scaled_norm, pooled_norm,
)  # fmt: skip

KNOWN = (
    *LOGIT_KNOWN,
    known("tied_dimension + diverging_dimension = vocabulary*embedding_rank - embedding_rank", source="foundations.separation"),
    known("invariant_dimension = vocabulary*dimension - vocabulary*embedding_rank + embedding_rank", source="foundations.separation"),
    known("separable_pairs = contexts*vocabulary - support_tokens - extra_ties"),
    known("embedding_rank <= contexts"),
    known("embedding_rank <= dimension"),
    known("embedding_rank = contexts", "independent_embeddings"),
    known("dimension >= contexts", "wide_embeddings"),
    known("smallest_support >= 1"),
    known("smallest_support <= largest_support"),
    known("largest_support <= vocabulary"),
    known("largest_support <= vocabulary - 1", "equal_supports", "some_partial_support"),
    known("smallest_support = largest_support", "equal_supports"),
    known("largest_support = 1", "single_token_supports"),
    known("support_tokens = contexts", "single_token_supports"),
    known("tied_dimension = 0", "single_token_supports", "ntp_separable", source="linear-ntp.one-token-supports"),
    known("support_tokens >= contexts"),
    known("support_tokens >= contexts + largest_support - 1"),
    known("support_tokens <= contexts*largest_support"),
    known("support_tokens >= contexts*smallest_support"),
    known("support_tokens <= contexts*vocabulary - partial_contexts"),
    known("distinct_supports >= 1"),
    known("distinct_supports <= contexts"),
    known("distinct_supports <= partial_contexts + 1"),
    known("distinct_supports = 1", "equal_supports"),
    known("token_patterns >= 1"),
    known("token_patterns <= vocabulary"),
    known("token_patterns >= 2", "some_partial_support"),
    known("partial_contexts >= 0"),
    known("partial_contexts <= contexts"),
    known("partial_contexts >= 1", "some_partial_support"),
    known("largest_square >= 0"),
    known("largest_alone >= 0"),
    known("largest_alone <= summed_alone"),
    known("squared_norm >= largest_alone", "ntp_separable", source="linear-ntp.closed-form-orthogonal"),
    known("squared_norm = summed_alone", "orthogonal_embeddings", source="linear-ntp.closed-form-orthogonal"),
    known("largest_margin = 1", "orthogonal_embeddings", source="linear-ntp.closed-form-orthogonal"),
    known("support_pairs = separable_pairs", "orthogonal_embeddings", source="linear-ntp.closed-form-orthogonal"),
    known("weak_pairs = 0", "orthogonal_embeddings", source="linear-ntp.closed-form-orthogonal"),
    known("infimum <= log_largest_support", "ntp_separable", source="scores zero on the supports, -infinity off them"),
    known("strong_rank = support_pairs - weak_pairs", "independent_embeddings", source="linear-ntp.constraint-counts"),
    known("tied_dimension = support_tokens - contexts", "independent_embeddings", source="linear-ntp.constraint-counts"),
    known("diverging_dimension = contexts*vocabulary - support_tokens", "independent_embeddings", source="linear-ntp.constraint-counts"),
    known("invariant_dimension = vocabulary*dimension - vocabulary*contexts + contexts", "independent_embeddings", source="foundations.separation"),
    known("vocabulary = 2", "binary_vocabulary"),
    known("vocabulary >= 1"),
    known("contexts >= 1"),
    known("entropy >= 0"),
    known("entropy <= log_largest_support", source="Gibbs' inequality"),
    known("log_largest_support <= largest_support - 1", source="log s <= s - 1"),
    known("infimum >= entropy", source="linear-ntp.entropy-identity"),
    known("infimum = entropy", "ntp_compatible", "ntp_separable", source="linear-ntp.entropy-iff"),
    known("extra_ties >= 0"),
    known("extra_ties = 0", "ntp_separable"),
    known("diverging_dimension >= 1", "something_separable"),
    known("decoder_rank >= 0"),
    known("decoder_rank >= 1", "something_separable"),
    known("decoder_rank <= embedding_rank", source="linear-ntp.svm-duality"),
    known("decoder_rank <= vocabulary - 1", source="linear-ntp.svm-duality"),
    known("decoder_rank <= token_patterns - 1", source="linear-ntp.support-only"),
    known("scaled_norm >= 0"),
    known("pooled_norm >= scaled_norm", "single_token_supports", "some_partial_support"),
    known("pooled_norm >= 0"),
)

DISCOVERY = Discovery(
    INVARIANTS,
    KNOWN,
    (
        {"max_vocabulary": 4, "max_contexts": 3, "max_dimension": 3},
        {"max_vocabulary": 6, "max_contexts": 4, "max_dimension": 4},
        {"max_vocabulary": 5, "max_contexts": 4, "max_dimension": 4, "independent": True},
        {"max_vocabulary": 5, "max_contexts": 5, "max_dimension": 3, "separable": True, "partial": True},
        {"max_vocabulary": 8, "max_contexts": 6, "max_dimension": 5},
    ),
    premises=(("independent_embeddings",), ("ntp_separable",), ("orthogonal_embeddings",), ("ntp_separable", "single_token_supports")),
)
