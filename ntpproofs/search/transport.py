"""Instances on their way between processes and files: exact records for kinds of problem, pickles for anything else.

A pickle is read only from the journal of a campaign on the same conjecture file, which is executed anyway.
"""

from __future__ import annotations

import base64
import pickle
from collections.abc import Mapping
from typing import Any

from ..checking.kinds import kind_of, read_instance


def encode(problem: object) -> dict[str, Any] | None:
    """A problem as plain data; None for an object that cannot be pickled."""
    kind = kind_of(problem)
    if kind is not None:
        return {"instance": kind.write(problem)}
    try:
        return {"pickle": base64.b64encode(pickle.dumps(problem)).decode("ascii")}
    except Exception:  # pickling runs the object's own code
        return None


def decode(encoded: Mapping[str, Any]) -> Any:
    """The problem of `encode`."""
    if "instance" in encoded:
        return read_instance(encoded["instance"])
    return pickle.loads(base64.b64decode(encoded["pickle"]))
