"""Instances on their way between processes and files: exact records for this package's problems, pickles for anything else.

A pickle is read only from the journal of a campaign on the same conjecture file, which is executed anyway.
"""

from __future__ import annotations

import base64
import pickle
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from ..kernel import decode_dataset
from ..logit.problem import ConditionalLogit
from ..papers.attention_ntp.problem import AttentionNTP
from ..papers.linear_ntp.problem import LinearNTP

KINDS: dict[str, Any] = {"linear-ntp": LinearNTP, "attention-ntp": AttentionNTP, "conditional-logit": ConditionalLogit}


def encode(problem: Any) -> dict[str, Any] | None:
    """A problem as plain data; None for an object that cannot be pickled."""
    if type(problem) in KINDS.values():
        return {"instance": problem.instance()}
    try:
        return {"pickle": base64.b64encode(pickle.dumps(problem)).decode("ascii")}
    except Exception:  # pickling runs the object's own code
        return None


def decode(encoded: Mapping[str, Any]) -> Any:
    """The problem of `encode`."""
    if "instance" in encoded:
        return problem_of(encoded["instance"])
    return pickle.loads(base64.b64decode(encoded["pickle"]))


def problem_of(record: Any) -> Any:
    """The problem of an instance record (see the page on file formats). Raises `InvalidInput` for anything else.

    >>> problem_of({"kind": "linear-ntp", "embeddings": [[1]], "probabilities": [["1/2", "1/2"]]}).dimension
    1
    """
    data = decode_dataset(record)
    if data.kind not in KINDS:
        raise InvalidInput("kind", f"{data.kind!r} has no problem class", f"kinds: {', '.join(KINDS)}")
    return KINDS[data.kind].from_dataset(data)
