"""Where commands write: JSON, tables, progress, files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
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


@contextmanager
def live(errors: Any, line: Callable[[Any], Any], every: float) -> Iterator[Callable[[Any], None]]:
    """What to call with the state of long work: `line` of it is shown on a terminal only, renewed at most once in `every` seconds."""
    if not sys.stderr.isatty():
        yield lambda state: None
        return
    from rich.live import Live

    # No refresh thread: worker processes are forked while this is shown.
    with Live(console=errors, auto_refresh=False, transient=True) as shown:
        last = 0.0

        def watch(state: Any) -> None:
            nonlocal last
            if monotonic() - last >= every:
                last = monotonic()
                shown.update(line(state), refresh=True)

        yield watch


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
