"""What every command gets: `--out FILE` and `--quiet`, and errors that arrive at the last handler as they are."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import wraps
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from ..language.files import write_atomically

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write what would be shown to a file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing; the exit status says it, errors are still shown.")]


# Typer brings its own copy of click: what an error of the command line is, is read off one of its errors.
CommandLineError: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


class Stopped(Exception):
    """A command ended by an error that Typer would turn into a status of its own; `cause` is what it was."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


def wrapped(command: Callable[..., None]) -> Callable[..., Any]:
    """A command with `--out` and `--quiet`, whose interrupts and write errors arrive as `Stopped`.

    What was shown before an error or an interrupt is written to the file too.
    """

    signature = inspect.signature(command)
    # A command with an option of that name keeps its own.
    added = {name: option for name, option in (("out", Out), ("quiet", Quiet)) if name not in signature.parameters}

    @wraps(command)
    def run(*arguments: Any, **given: Any) -> Any:
        out, quiet = (given.pop(name, None) if name in added else None for name in ("out", "quiet"))
        try:
            if out is None and not quiet:
                return command(*arguments, **given)
            shown = StringIO()
            try:
                with redirect_stdout(shown):
                    return command(*arguments, **given)
            finally:
                if out is not None:
                    write_atomically(out, shown.getvalue())
        except (typer.Exit, typer.Abort, CommandLineError):
            raise
        except (Exception, KeyboardInterrupt) as error:
            raise Stopped(error) from error

    hints = get_type_hints(command, include_extras=True)
    own = [parameter.replace(annotation=hints.get(name, parameter.annotation)) for name, parameter in signature.parameters.items()]
    defaults = {"out": None, "quiet": False}
    more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=option) for name, option in added.items()]
    run.__signature__ = signature.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
    run.__annotations__ = {**hints, **added}
    return run


def error_record(subject: str, reason: str, remedy: str, status: int) -> str:
    """An error as JSON.

    >>> json.loads(error_record("a", "is wrong", "mend it", 2))["error"]["status"]
    2
    """
    return json.dumps({"error": {"subject": subject, "reason": reason, "remedy": remedy, "status": status}}, indent=2) + "\n"


def is_narrow() -> bool:
    """Whether standard output has no Unicode."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") not in ("utf8", "utf16", "utf32")
