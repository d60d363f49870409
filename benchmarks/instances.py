"""Seeded random datasets for the benchmarks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ntpproofs.problems import LinearNTP


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
