"""The verified kernel, run beside the Python one: a program extracted from Coq proofs, built by `verified/build.sh` and looked for on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import InvalidInput, VerificationFailed

BUILT = Path(__file__).parents[2] / "verified" / "_build" / "ntpcheck"
JOURNAL = "NTPPROOFS_JOURNAL"


def checker() -> Path:
    """The program: `$NTPCHECK`, or `ntpcheck` on the path, or the one built in the repository.

    Raises `InvalidInput` if there is none.
    """
    named = os.environ.get("NTPCHECK")
    found = named or shutil.which("ntpcheck") or (str(BUILT) if BUILT.is_file() else None)
    if found is None or not os.access(found, os.X_OK):
        remedy = "build it with verified/build.sh (Coq, OCaml and zarith), or set NTPCHECK to the program"
        raise InvalidInput("the verified kernel", f"is not at {named}" if named else "is not built here", remedy)
    return Path(found)


def prove(path: Path) -> list[str]:
    """What the verified kernel proves of a certificate file, in words.

    Raises `VerificationFailed` if a check fails, `InvalidInput` if the file is not a certificate.
    """
    done = subprocess.run([checker(), path], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return [line.split(": proved: ", 1)[1] for line in done.stdout.splitlines()]
    reason = done.stderr.strip().removeprefix(f"{path}: ")
    if done.returncode == 1:
        raise VerificationFailed(f"the verified kernel: {reason}")
    raise InvalidInput(str(path), f"the verified kernel: {reason}", "see the page on certificates")


def statuses(documents: str) -> list[int]:
    """The status of every document, one a line: 0 proved, 1 a check fails, 2 not a certificate."""
    done = subprocess.run([checker(), "--lines"], input=documents, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


@contextmanager
def journal(wanted: bool) -> Iterator[list[int]]:
    """While it is open every certificate that the Python kernel accepts, in this process and its children, is written down; on leaving,
    the verified kernel reads all of them and the list holds their statuses."""
    found: list[int] = []
    if not wanted:
        yield found
        return
    checker()
    with TemporaryDirectory() as directory:
        os.environ[JOURNAL] = directory
        try:
            yield found
        finally:
            del os.environ[JOURNAL]
        for path in sorted(Path(directory).iterdir()):
            found += statuses(path.read_text(encoding="ascii"))
