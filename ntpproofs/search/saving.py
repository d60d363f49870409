"""What `check --save DIR` leaves beside the journal: certificates, and counterexamples as instance files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ..language.files import write_atomically
from .findings import ConjectureFinding


def save_counterexamples(directory: Path, findings: Sequence[ConjectureFinding]) -> dict[tuple[str, str], str]:
    """Write the instance and the certificate of every counterexample; the certificate's path within `directory` by (label, claim)."""
    folder = directory / "counterexamples"
    written: dict[tuple[str, str], str] = {}
    for example in (example for finding in flat(findings) for example in finding.counterexamples):
        name = re.sub(r"[^\w.+-]+", "_", f"{example.label}.{example.claim}")
        folder.mkdir(exist_ok=True)
        if example.instance is not None:
            write_atomically(folder / f"{name}.json", json.dumps(example.instance) + "\n")
        if example.certificate is not None:
            write_atomically(folder / f"{name}.certificate.json", json.dumps(example.certificate) + "\n")
            written[example.label, example.claim] = f"counterexamples/{name}.certificate.json"
    return written


def flat(findings: Sequence[ConjectureFinding]) -> list[ConjectureFinding]:
    """The findings with those that suggested assumptions led to."""
    return [entry for finding in findings for entry in (finding, *finding.tried)]
