"""Seeded random datasets for the benchmarks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP


def gaussian_free(vocabulary: int, dimension: int, contexts: int, support: int, bits: int, seed: int) -> LinearNTP:
    """A dataset with integer embeddings of up to `bits` bits, supports of one size and counts below 20."""
    rng = np.random.default_rng(seed)
    embeddings = [[Fraction(int(x)) for x in row] for row in rng.integers(-(2**bits), 2**bits + 1, (contexts, dimension))]
    rows = []
    for _ in range(contexts):
        tokens = rng.choice(vocabulary, support, replace=False)
        counts = rng.integers(1, 20, support)
        rows.append({int(z): Fraction(int(c), int(counts.sum())) for z, c in zip(tokens, counts)})
    return LinearNTP(embeddings, rows, vocabulary_size=vocabulary)


def gaussian(vocabulary: int, dimension: int, contexts: int, support: int, seed: int) -> LinearNTP:
    """A dataset with normal embeddings (multiples of 2^-16), supports of one size and counts below 20."""
    rng = np.random.default_rng(seed)
    embeddings = [[Fraction(round(x * 2**16), 2**16) for x in row] for row in rng.normal(size=(contexts, dimension))]
    rows = []
    for _ in range(contexts):
        tokens, counts = rng.choice(vocabulary, support, replace=False), rng.integers(1, 20, support)
        rows.append({int(z): Fraction(int(c), int(counts.sum())) for z, c in zip(tokens, counts)})
    return LinearNTP(embeddings, rows, vocabulary_size=vocabulary)


def small_integer(seed: int) -> ConditionalLogit:
    """A small-integer conditional logit: general rows for odd seeds, a linear NTP dataset for even ones. Often degenerate."""
    rng, bound = np.random.default_rng(seed), 1 if seed % 4 < 2 else 2
    if seed % 2:
        dimension, rows = int(rng.integers(1, 5)), []
        for _ in range(int(rng.integers(1, 6))):
            size = int(rng.integers(2, 5))
            weight = Fraction(int(rng.integers(1, 6)), int(rng.integers(1, 4)))
            features = [[int(x) for x in rng.integers(-bound, bound + 1, dimension)] for _ in range(size)]
            rows.append((weight, int(rng.integers(size)), features, [int(x) for x in rng.integers(1, 4, size)]))
        return ConditionalLogit(rows)
    contexts, dimension, vocabulary = (int(rng.integers(1, k)) for k in (5, 4, 4))
    embeddings = [[int(x) for x in rng.integers(-bound, bound + 1, dimension)] for _ in range(contexts)]
    probabilities = []
    for _ in range(contexts):
        size = int(rng.integers(1, vocabulary + 2))
        tokens, counts = rng.choice(vocabulary + 1, size, replace=False), rng.integers(1, 6, size)
        probabilities.append({int(z): Fraction(int(c), int(counts.sum())) for z, c in zip(tokens, counts)})
    return LinearNTP(embeddings, probabilities, vocabulary_size=vocabulary + 1).conditional_logit()


def attention_published(seed: int) -> AttentionNTP:
    """n = 6 sequences of T = 4 different tokens out of K = 6, unit Gaussian embeddings in d = 8 rounded to multiples of 2^-16."""
    rng = np.random.default_rng(seed)
    table = rng.standard_normal((6, 8))
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    embeddings = [[Fraction(round(x * 2**16), 2**16) for x in row] for row in table.tolist()]
    sequences = [rng.choice(6, 4, replace=False).tolist() for _ in range(6)]
    wished = rng.integers(6, size=6).tolist()
    labels = [y if y in sequence else int(rng.choice(sequence)) for y, sequence in zip(wished, sequences)]
    return AttentionNTP(embeddings, sequences, labels)


def attention_large(seed: int, constraints: int = 300) -> AttentionNTP:
    """17 one-hot tokens, sequences of 3 to 8 of them, noisy priorities, at least `constraints` margins."""
    rng = np.random.default_rng(seed)
    sequences: list[list[int]] = []
    while sum(len(sequence) - 1 for sequence in sequences) < constraints:
        sequences.append(rng.choice(17, int(rng.integers(3, 9)), replace=False).tolist())
    labels = [min(sequence, key=lambda v: v + 2 * rng.normal()) for sequence in sequences]
    return AttentionNTP.one_hot_tokens(17, sequences, labels)
