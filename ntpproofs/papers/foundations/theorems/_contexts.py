"""Next-token contexts as conditional logits: soft labels over one vocabulary, read by the kernel's own reader of such datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....exact.numbers import exactly
from ....kernel.instances import decode_dataset
from ....logit.problem import ConditionalLogit


def contexts(embeddings: Sequence[Sequence[Any]], probabilities: Sequence[Sequence[Any]], weights: Sequence[Any] | None = None) -> ConditionalLogit:
    """One block per context with embedding h (m x d), labels in the given proportions (m x V) and weight (default 1/m).

    >>> contexts([[1]], [["1/2", "1/2", 0]]).dimension
    3
    """
    record: dict[str, Any] = {"kind": "linear-ntp", "embeddings": exactly(embeddings), "probabilities": exactly(probabilities)}
    if weights is not None:
        record["weights"] = exactly(weights)
    return ConditionalLogit.from_dataset(decode_dataset(record))
