"""Datasets as instance records: the way back of `decode_dataset`. No check rests on it; it stands here because the list of datasets does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from ..errors import InvalidInput
from .instances import ONE, Block, Dataset, Rows


def encode_dataset(data: Dataset) -> dict[str, Any]:
    """The instance record of a dataset. Raises `InvalidInput` for a system, which is no instance.

    Law: decoding the record gives an equal dataset.

    >>> from ntpproofs.kernel import decode_dataset
    >>> encode_dataset(decode_dataset({"kind": "linear-ntp", "embeddings": "one-hot", "probabilities": [[1, 0]]}))["probabilities"]
    [{'entries': {'0': '1'}}]
    """
    if data.kind not in _WRITERS:
        raise InvalidInput("kind", f"{data.kind!r} has no instance record", f"kinds: {', '.join(_WRITERS)}")
    return {"kind": data.kind, **_WRITERS[data.kind](data)}


def _linear_ntp(data: Dataset) -> Mapping[str, Any]:
    # One-hot embeddings and their sparse rows stay compact.
    height, weights = data.shape[0], [str(block.weight) for block in data.blocks]
    if data.right is None:
        rows = [{"entries": {str(v): str(p) for v, p in block.labels.items()}} for block in data.blocks]
        return {"embeddings": "one-hot", "vocabulary_size": height, "probabilities": rows, "weights": weights}
    dense = [[str(block.labels.get(v, Fraction(0))) for v in range(height)] for block in data.blocks]
    return {"embeddings": _written(data.right), "probabilities": dense, "weights": weights}


def _attention_ntp(data: Dataset) -> Mapping[str, Any]:
    labels = [block.alternatives[z] for block in data.blocks for z in block.labels]
    return {"embeddings": _written(data.left or ()), "sequences": [sequence(block) for block in data.blocks], "labels": labels}


def sequence(block: Block) -> list[int]:
    """One sequence with the counts of an attention block: every token as often as it occurs, by increasing id, the query last."""
    counts = dict(zip(block.alternatives, block.multiplicities or ()))
    return [v for v in block.alternatives for _ in range(int(counts[v]) - (v == block.right))] + [block.right]


def _conditional_logit(data: Dataset) -> Mapping[str, Any]:
    bank = data.left or ()
    rows = []
    for block in data.blocks:
        counts = block.multiplicities or (ONE,) * len(block.alternatives)
        for chosen, share in sorted(block.labels.items()):
            features = _written(tuple(bank[v] for v in block.alternatives))
            weight = str(block.weight * share)
            rows.append({"weight": weight, "chosen": chosen, "features": features, "multiplicities": [str(n) for n in counts]})
    return {"rows": rows}


def _written(rows: Rows) -> list[list[str]]:
    return [[str(x) for x in row] for row in rows]


_WRITERS: dict[str, Callable[[Dataset], Mapping[str, Any]]] = {
    "linear-ntp": _linear_ntp,
    "attention-ntp": _attention_ntp,
    "conditional-logit": _conditional_logit,
}
