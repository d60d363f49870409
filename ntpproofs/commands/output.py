"""Where commands write: JSON, tables, progress, files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import InvalidInput


def print_json(value: Any) -> None:
    """Write a value as JSON to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def console(stderr: bool = False) -> Any:
    """A console as wide as the terminal or as COLUMNS says, 160 columns where there is neither."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 160
    return Console(stderr=stderr, width=width, highlight=False)


def progress(total: int) -> Any:
    """A context that yields what to call with each finished report; a bar is shown on a terminal only."""

    @contextmanager
    def silent() -> Any:
        yield lambda found: None

    @contextmanager
    def shown() -> Any:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[label]}"))
        with Progress(*columns, console=console(stderr=True), transient=True) as bar:
            task = bar.add_task("checking", total=total, label="")
            yield lambda found: bar.update(task, advance=1, label=found.label)

    return shown() if sys.stderr.isatty() else silent()


def said() -> Callable[[str], None] | None:
    """What shows the progress of a long computation, in one line of the terminal; None where there is no terminal."""
    if not sys.stderr.isatty():
        return None

    def write(text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()

    return write


def write_text(path: Path, text: str) -> None:
    """Write a text file; raises `InvalidInput` where that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be written ({error.strerror})", "give another path") from None
