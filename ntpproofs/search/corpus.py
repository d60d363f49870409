"""The corpus of a directory: instances that refuted something, kept across campaigns and tried first by the next one.

`corpus.jsonl` grows with every finished campaign. A campaign keeps what it tried first in `tried_first.jsonl`, so that a resumed one
tries the same. Only instances of kinds are kept; the strategy of a conjecture decides which of them it tries.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from ..language.files import write_atomically
from .findings import ConjectureFinding

CORPUS, TRIED = "corpus.jsonl", "tried_first.jsonl"
# Instances kept: the latest of each campaign first.
KEPT = 500


def tried_first(directory: Path | None) -> list[dict[str, Any]]:
    """What a campaign in this directory tries first: the corpus as it was when the campaign began."""
    if directory is None:
        return []
    snapshot = directory / TRIED
    try:
        if not snapshot.exists():
            write_atomically(snapshot, "".join(json.dumps(entry) + "\n" for entry in _read(directory / CORPUS)))
        return [{"instance": entry} for entry in _read(snapshot)]
    except OSError as error:
        raise InvalidInput(str(directory), f"cannot be used ({error.strerror})", "give another directory") from None


def remember(directory: Path, findings: Sequence[ConjectureFinding]) -> None:
    """Add the counterexamples of a finished campaign to the corpus."""
    new = [example.instance for finding in findings for example in finding.counterexamples if _of_a_kind(example.instance)]
    known = _read(directory / CORPUS)
    lines = dict.fromkeys(json.dumps(entry) for entry in (*new, *known))
    write_atomically(directory / CORPUS, "".join(line + "\n" for line in [*lines][:KEPT]))


def _of_a_kind(instance: Any) -> bool:
    return isinstance(instance, dict) and "kind" in instance


def _read(path: Path) -> list[dict[str, Any]]:
    # A line that is no instance of a kind (cut short, written by hand) is passed over.
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if _of_a_kind(entry):
            found.append(entry)
    return found
