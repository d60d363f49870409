"""Assumptions on the embeddings of a problem (of contexts, or of tokens), each decided exactly; they apply to every model that has some."""

from __future__ import annotations

from typing import Protocol

from ..exact.rational import Vector, are_orthogonal
from ..language.statements import assumption


class Embedded(Protocol):
    """A problem with embeddings, one row each. `one_hot` says that they are the standard basis."""

    @property
    def one_hot(self) -> bool:
        """Whether the embeddings are the standard basis."""

    @property
    def dimension(self) -> int:
        """d."""

    @property
    def embeddings(self) -> tuple[Vector, ...]:
        """The rows."""

    @property
    def embedding_rank(self) -> int:
        """Their rank, exactly."""


@assumption(r"\text{the embeddings are linearly independent}", method="exact rank over the rationals")
def independent_embeddings(problem: Embedded) -> bool:
    """The embeddings (of contexts, or of tokens) are linearly independent."""
    return problem.one_hot or problem.embedding_rank == len(problem.embeddings)


@assumption(r"d \ge m", method="counting")
def wide_embeddings(problem: Embedded) -> bool:
    """The embedding dimension is at least the number of embeddings."""
    return problem.one_hot or problem.dimension >= len(problem.embeddings)


@assumption(r"h_i^\top h_j = 0\ (i \ne j),\ h_j \ne 0", method="exact inner products")
def orthogonal_embeddings(problem: Embedded) -> bool:
    """The embeddings are non-zero and pairwise orthogonal."""
    return problem.one_hot or are_orthogonal(problem.embeddings)


@assumption(r"h_i \ne h_j\ (i \ne j)", method="comparing rows")
def distinct_embeddings(problem: Embedded) -> bool:
    """No two embeddings are equal."""
    if problem.one_hot:
        return True
    rows = {tuple((x.numerator, x.denominator) for x in row) for row in problem.embeddings}  # pairs hash faster than fractions
    return len(rows) == len(problem.embeddings)


@assumption(r"h_j \ne 0", method="comparing rows")
def nonzero_embeddings(problem: Embedded) -> bool:
    """No embedding vanishes."""
    return problem.one_hot or all(map(any, problem.embeddings))


EMBEDDING_ASSUMPTIONS = (distinct_embeddings, independent_embeddings, nonzero_embeddings, orthogonal_embeddings, wide_embeddings)
