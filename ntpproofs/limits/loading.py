"""Questions from files and from standard input."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import InvalidInput, NtpproofsError
from ..kernel.reading import INSTANCE_LIMIT
from .answer import Question, load

STANDARD_INPUT = "standard input"


def from_standard_input(name: str, options: Mapping[str, str]) -> Question:
    """The question in standard input: an instance if it begins like JSON, a table if columns are named, else a text.

    Raises `InvalidInput` as `load` does, naming standard input.
    """
    stream = getattr(sys.stdin, "buffer", None)
    data = sys.stdin.read(INSTANCE_LIMIT + 1).encode() if stream is None else stream.read(INSTANCE_LIMIT + 1)
    if len(data) > INSTANCE_LIMIT:
        raise InvalidInput(STANDARD_INPUT, f"has more than {INSTANCE_LIMIT:,} bytes, which is the limit", "give a part of it")
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"input{_ending(data, options)}"
        path.write_bytes(data)
        try:
            return load(path, options)
        except NtpproofsError as error:
            said = (part.replace(str(path), STANDARD_INPUT) for part in (error.subject, error.reason, error.remedy))
            raise type(error)(*said) from None


def _ending(data: bytes, options: Mapping[str, str]) -> str:
    if "choice" in options or "next" in options:
        return ".tsv" if b"\t" in data.partition(b"\n")[0] else ".csv"
    return ".json" if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else ".txt"


__all__ = ["from_standard_input", "load"]
