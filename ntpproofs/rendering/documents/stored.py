"""Stored runs: an article can be written from the document of `verify --json` without verifying again."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

from ...checking.reports import StatementReport
from ...errors import InvalidInput
from ..runs import Run, read_reports, read_run

GZIP = b"\x1f\x8b"
REMEDY = "write it with `ntpproofs verify --json > run.json`"


def stored_run(path: Path) -> tuple[dict[str, StatementReport], Run]:
    """The reports of a stored run, in its order, and how it was made; the file may be compressed with gzip.

    Raises `InvalidInput` for a file that cannot be read and for one that `verify --json` did not write.
    """
    try:
        found = path.read_bytes()
        record = json.loads(gzip.decompress(found) if found.startswith(GZIP) else found)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(str(path), f"cannot be read ({getattr(error, 'strerror', None) or error})", REMEDY) from None
    except ValueError:
        raise InvalidInput(str(path), "is no JSON", REMEDY) from None
    return read_reports(record), read_run(record)
