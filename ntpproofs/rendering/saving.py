"""Reports on disk: the directory `verify --report` writes, and the statuses `list` remembers from the last complete verify."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..checking.reports import StatementReport
from ..errors import InvalidInput
from ..language.files import write_atomically
from ..language.statements import Statement
from .html_report import render_html
from .json_report import verify_json
from .runs import read_run
from .status import statuses
from .wording import badges


def run_record(profile: str, seed: int, command: str = "") -> dict[str, Any]:
    """How a run is made: version, profile, seed, the command, and the day it ends (UTC; that of SOURCE_DATE_EPOCH where it is set)."""
    moment = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(moment), UTC) if moment.isdigit() else datetime.now(UTC)
    made = {"version": __version__, "profile": profile, "seed": seed, "date": now.date().isoformat()}
    return made | ({"command": command} if command else {})


def write_report(
    directory: Path,
    reports: Mapping[str, StatementReport],
    statements: Mapping[str, Statement],
    seconds: float,
    complete: bool,
    run: Mapping[str, Any] | None = None,
) -> None:
    """Write report.json and report.html; `complete` False marks a run that was interrupted, `run` says how it was made.

    Raises `InvalidInput` if the directory cannot be written.
    """
    found = statuses(reports)
    record = verify_json(reports, found, seconds, complete, run)
    write_documents(directory, record, render_html(reports, found, read_run(record), statements))


def write_documents(directory: Path, record: Mapping[str, Any], page: str) -> None:
    """Write report.json and report.html, each whole or not at all. Raises `InvalidInput` if the directory cannot be written."""
    write_atomically(directory / "report.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    write_atomically(directory / "report.html", page)


def _memory() -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "ntpproofs" / f"statuses-{code_digest()}.json"


def code_digest() -> str:
    """A digest of the package's source: statuses are remembered for this code only."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def save_last_run(reports: Mapping[str, StatementReport], profile: str, seed: int) -> None:
    """Remember the statuses of a finished verify; a cache that cannot be written is no error."""
    known = last_run()
    for label, status in statuses(reports).items():
        proof, evidence = badges(reports[label], status)
        known[label] = {
            "status": status.outcome.value,
            "evidence": evidence.word,
            "proof": proof.word,
            "profile": profile,
            "seed": seed,
        }
    path = _memory()
    try:
        write_atomically(path, json.dumps(known))
    except InvalidInput:
        return


def last_run() -> dict[str, dict[str, Any]]:
    """{label: status, evidence, proof, profile, seed} as of the last verify of exactly this code; empty if none."""
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
