"""Stored runs: an article can be written from the document of `verify --json` without verifying again."""

from __future__ import annotations

import json
from pathlib import Path

from ...checking.reports import StatementReport
from ...errors import InvalidInput
from ..runs import Run, read_reports, read_run

REMEDY = "write it with `ntpproofs verify --json > run.json`"


def stored_run(path: Path) -> tuple[dict[str, StatementReport], Run]:
    """The reports of a stored run, in its order, and how it was made.

    Raises `InvalidInput` for a file that cannot be read and for one that `verify --json` did not write.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be read ({error.strerror})", REMEDY) from None
    except ValueError:
        raise InvalidInput(str(path), "is no JSON", REMEDY) from None
    return read_reports(record), read_run(record)
