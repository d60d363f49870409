"""Where commands write: JSON, tables, progress, files."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import Any

from .wrapping import is_narrow


def print_json(value: Any) -> None:
    """Write a value as JSON to stdout; where that has no Unicode, with escapes."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=is_narrow()) + "\n")


def console(stderr: bool = False) -> Any:
    """A console as wide as the terminal or as COLUMNS says, 160 columns where there is neither."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # Rich would end the program with status 1

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 160
    return Piped(stderr=stderr, width=width, highlight=False)


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
