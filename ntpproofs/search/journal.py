"""The journal of a campaign: every finished job, so that an interrupted campaign goes on where it was.

`campaign.json` says what is being checked; it is replaced atomically, and a campaign on a file that was edited since is set aside in
`earlier/`. `journal.jsonl` has one line per finished job, with a
checksum; a line cut short by an interruption is dropped and its job runs again. Results are functions of their jobs, hence a
resumed campaign ends in the same report as an uninterrupted one.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from ..checking.processes import Job, Result
from ..errors import InvalidInput
from ..language.files import write_atomically

FORMAT = "ntpproofs-campaign/2"
# What a directory keeps across campaigns, and where a campaign goes whose conjecture file was edited since.
EARLIER = "earlier"
KEPT = ("corpus.jsonl", EARLIER)


class Journal:
    """Finished jobs of one campaign, in memory and, with a directory, on disk."""

    def __init__(self, directory: Path | None, header: dict[str, Any]) -> None:
        self._known: dict[str, Result] = {}
        self._file: BinaryIO | None = None
        if directory is None:
            return
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._open(directory, {"format": FORMAT, **header})
        except OSError as error:
            raise InvalidInput(str(directory), f"cannot be used ({error.strerror})", "give another directory") from None

    def _open(self, directory: Path, header: dict[str, Any]) -> None:
        head = directory / "campaign.json"
        if head.exists() and self._is_of_another_file(head, header):
            _set_aside(directory)
        if head.exists():
            self._compare(head, header)
        elif any(path.name not in KEPT for path in directory.iterdir()):
            raise InvalidInput(str(directory), "holds files, but no campaign", "give an empty or a new directory")
        else:
            write_atomically(head, json.dumps(header, indent=2) + "\n")
        path = directory / "journal.jsonl"
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        kept = b""
        for line in lines[:-1]:  # what follows the last newline was cut short
            entry = _read(line)
            if entry is None:
                break
            self._known[entry[0]] = entry[1]
            kept += line + b"\n"
        if path.exists() and path.read_bytes() != kept:
            write_atomically(path, kept)
        self._file = path.open("ab")

    @staticmethod
    def _is_of_another_file(head: Path, header: dict[str, Any]) -> bool:
        # The conjecture file was edited, and everything else is the same: a new campaign, which tries the old one's counterexamples first.
        try:
            known = json.loads(head.read_text(encoding="utf-8"))
        except ValueError:
            return False
        return isinstance(known, dict) and [key for key in {*known, *header} if known.get(key) != header.get(key)] == ["file"]

    @staticmethod
    def _compare(head: Path, header: dict[str, Any]) -> None:
        try:
            known = json.loads(head.read_text(encoding="utf-8"))
        except ValueError:
            known = None
        if not isinstance(known, dict) or known.get("format") != FORMAT:
            raise InvalidInput(str(head), "is not the head of a campaign", "give another directory")
        changed = sorted(key for key in {*known, *header} if known.get(key) != header.get(key))
        if changed:
            reason = f"belongs to another campaign (different: {', '.join(changed)})"
            raise InvalidInput(str(head.parent), reason, "give another directory, or the same file and options")

    def result(self, job: Job) -> Result | None:
        """The result of a job that was finished before."""
        return self._known.get(job.name)

    def keep(self, job: Job, result: Result) -> None:
        """Remember a finished job."""
        self._known[job.name] = result
        if self._file is not None:
            body = json.dumps([job.name, result], separators=(",", ":"))
            self._file.write(f"{_digest(body)} {body}\n".encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _set_aside(directory: Path) -> None:
    folder = directory / EARLIER
    folder.mkdir(exist_ok=True)
    target = folder / str(1 + max((int(path.name) for path in folder.iterdir() if path.name.isdigit()), default=0))
    target.mkdir()
    for path in sorted(directory.iterdir()):
        if path.name not in KEPT:
            os.replace(path, target / path.name)


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:12]


def _read(line: bytes) -> tuple[str, Result] | None:
    digest, _, body = line.decode("utf-8", "replace").partition(" ")
    if digest != _digest(body):
        return None
    name, result = json.loads(body)
    return name, result
