"""Dependent ties of a linear next-token model: an independent part that spans them all, proposed in doubles and proved by counting.

A tie of context j is a row (e_a - e_l) (x) h_j for two of its labels; along a spanning tree of every support they span the tied subspace T.
The equations <w_a - w_l, h_j> = 0 are homogeneous, so those that depend on others may be dropped. Which ones do is proved like this:
rows whose token pairs connect the set K and whose contexts have the embeddings H lie in (1_K)^perp (x) span H, of dimension
(|K| - 1) rank H. Where a group of rows keeps as many independent ones as that for its sets K, they span all rows of the group. Groups
are the rows that proposed dependencies connect. For embeddings in general position every dependency is of this form (Tay 1984), if the
trees stay inside the sets K; trees of pairs that often occur together do. A small group that is not of this form has its rank worked out exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..exact.rational import rank
from .token_data import LARGEST_TIES, TieRows, TokenData

# Relative size of what is left of a row that is proposed as dependent, and of a coefficient of a dependency that is proposed as zero.
VANISHING, ABSENT = 1e-9, 1e-6
# Entries of a group of rows up to which its rank is worked out exactly.
LARGEST_RANK = 100_000


def with_independent_ties(data: TokenData) -> TokenData:
    """The data with an independent part of the ties that spans them all; unchanged where none was found and proved.

    Law: the null space of the ties of the result is that of all ties.

    >>> from ntpproofs.problems import LinearNTP
    >>> half = [["1/2", "1/2", 0]] * 3
    >>> data = TokenData.of(LinearNTP([[1, 0], [0, 1], [1, 1]], half).conditional_logit())
    >>> len(data.ties[0]), data.tie_strength, len(with_independent_ties(data).ties[0])
    (3, 0.0, 2)
    """
    if int(data.labels.sum()) - len(data.labels) > LARGEST_TIES:
        return data
    every = _trees(data)
    candidate = replace(data, chosen=every)
    kept, dropped, shares = _proposed(candidate.tie_gram)
    groups = _joined(len(every[0]), ((int(dropped[k]), *map(int, kept[np.abs(shares[:, k]) > ABSENT])) for k in range(len(dropped))))
    is_kept = np.zeros(len(every[0]), dtype=bool)
    is_kept[kept] = True
    for group in groups:
        rows = np.array(group)
        part, count = (every[0][rows], every[1][rows], every[2][rows]), int(is_kept[rows].sum())
        if count != _dimension(data, part) and count != _rank(data, part):
            return data
    order = np.sort(kept)
    found = replace(data, chosen=(every[0][order], every[1][order], every[2][order]))
    return found if found.tie_strength > 0 else data


def _trees(data: TokenData) -> TieRows:
    # For every context a spanning tree of its support along the pairs that share most contexts.
    together = data.labels.T.astype(np.float32) @ data.labels.astype(np.float32)
    rows: list[tuple[int, int, int]] = []
    for j, marks in enumerate(data.labels):
        support = np.flatnonzero(marks)
        table = together[np.ix_(support, support)]
        best, nearest, outside = table[0].copy(), np.zeros(len(support), dtype=np.int64), np.ones(len(support), dtype=bool)
        outside[0] = False
        for _ in range(len(support) - 1):
            v = int(np.argmax(np.where(outside, best, -1.0)))
            rows.append((j, int(support[nearest[v]]), int(support[v])))
            outside[v] = False
            closer = outside & (table[v] > best)
            best[closer], nearest[closer] = table[v][closer], v
    found = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2]


def _proposed(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # Rows to keep, the others, and the coefficients of each of those in terms of the kept ones: Cholesky with pivots, in doubles.
    from scipy.linalg import solve_triangular
    from scipy.linalg.lapack import dpstrf

    sizes = np.sqrt(np.diag(gram))
    sizes = np.where(sizes > 0, sizes, 1.0)
    factor, pivots, count, _ = dpstrf(gram / np.outer(sizes, sizes), tol=VANISHING, lower=0)
    order, top = pivots.astype(np.int64) - 1, np.triu(factor)[:count]
    shares = solve_triangular(top[:, :count], top[:, count:]) if count else np.zeros((0, len(gram)))
    return order[:count], order[count:], shares


def _joined(count: int, sets: Iterable[tuple[int, ...]]) -> list[list[int]]:
    # The classes of 0..count-1 that the sets connect, those of a single element left out.
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    touched = set[int]()
    for members in sets:
        touched.update(members)
        for i in members[1:]:
            parent[root(i)] = root(members[0])
    classes: dict[int, list[int]] = {}
    for i in sorted(touched):
        classes.setdefault(root(i), []).append(i)
    return list(classes.values())


def _dimension(data: TokenData, rows: tuple[np.ndarray, ...]) -> int:
    # The sum over connected token sets K of (|K| - 1) rank H, exact; the rank is counted where that is enough.
    context, first, label = rows
    total = 0
    for tokens in _joined(data.labels.shape[1], zip(first.tolist(), label.tolist())):
        contexts = sorted(set(context[np.isin(first, tokens)].tolist()))
        total += (len(tokens) - 1) * rank([data.vectors[j] for j in contexts])
    return total


def _rank(data: TokenData, rows: tuple[np.ndarray, ...]) -> int | None:
    # The exact rank of a group whose sets are not of that form, where it is small: token pairs of one set may meet different embeddings.
    context, first, label = (part.tolist() for part in rows)
    place = {v: k for k, v in enumerate(sorted({*first, *label}))}
    width = data.embeddings.shape[1]
    if len(context) * len(place) * width > LARGEST_RANK:
        return None
    matrix = [[Fraction(0)] * (len(place) * width) for _ in context]
    for row, j, a, v in zip(matrix, context, first, label):
        for k, x in enumerate(data.vectors[j]):
            row[place[a] * width + k], row[place[v] * width + k] = x, -x
    return rank(matrix)


__all__ = ["with_independent_ties"]
