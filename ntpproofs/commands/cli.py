"""The command line: `ntpproofs verify | list | show | limit | check | discover | new | recheck | latex`.

Heavy modules are imported inside the commands, so `--help` answers at once. Every command has `--json`; progress goes to
stderr and only to a terminal; bad input is one message with object, reason and remedy, and status 2.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from ..errors import BrokenPlugin, NtpproofsError
from .check import check
from .discover import discover
from .latex import latex
from .limit import OPEN, limit
from .listing import list_statements, show
from .new import new
from .options import INTERRUPTED, OK, UNFORESEEN, USAGE
from .recheck import recheck
from .streams import interruptible, is_full, prepare, silence
from .verify import verify
from .wrapping import CommandLineError, Stopped, error_record, wrapped

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy loads: every matrix here is small, and workers must not fight
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ntpproofs"
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(_CACHE / "hypothesis"))  # else it leaves a folder where the command runs

app = typer.Typer(
    name="ntpproofs",
    help="Check theorems about training by next-token prediction. Targets are certified, assumptions decided, trajectories are evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"ntpproofs {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")] = False,
) -> None:
    pass


_COMMANDS: dict[str, Callable[..., None]] = {
    "verify": verify, "list": list_statements, "show": show, "limit": limit, "check": check, "discover": discover, "new": new,
    "recheck": recheck, "latex": latex,
}  # fmt: skip
for _name, _command in _COMMANDS.items():
    app.command(name=_name, context_settings=OPEN if _command is limit else None)(wrapped(_command))


def main() -> None:
    """Entry point: errors become one message and status 2, an interrupt status 130, what nobody foresaw status 5."""
    prepare()
    with interruptible():
        status = _status()
    sys.exit(status)


def _status() -> int:
    # Typer would make statuses of its own out of interrupts and closed pipes: commands are wrapped, and what they raise arrives here.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("once", BrokenPlugin)
            warnings.showwarning = _say_warning
            status = app(standalone_mode=False)
            sys.stdout.flush()
            return status if isinstance(status, int) else OK
    except Stopped as stopped:
        return _after(stopped.cause)
    except typer.Abort:
        return _after(KeyboardInterrupt())
    except (Exception, KeyboardInterrupt) as error:
        return _after(error)


def _after(error: BaseException) -> int:
    """What is said about an error, and the exit status."""
    if isinstance(error, CommandLineError):
        fault: Any = error
        fault.show()
        return _said(error_record("command line", fault.format_message(), "see --help", USAGE), USAGE)
    if isinstance(error, NtpproofsError):
        sys.stderr.write(f"error: {' '.join(str(error).split(chr(10)))}\n")  # names of columns may hold ends of lines
        return _said(error_record(error.subject, error.reason, error.remedy, USAGE), USAGE)
    if isinstance(error, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        silence()
        return OK
    if is_full(error):
        silence()
        sys.stderr.write(f"error: standard output: cannot be written ({getattr(error, 'strerror', error)}). Remedy: make room, or write elsewhere.\n")
        return USAGE
    # The last handler: a status that means a verdict is never an accident.
    sys.stderr.write("".join(traceback.format_exception(error)) if os.environ.get("NTPPROOFS_TRACEBACK") else "")
    message = unforeseen(error)
    sys.stderr.write(message)
    return _said(error_record("ntpproofs", f"failed in a way nobody foresaw ({type(error).__name__})", "report it", UNFORESEEN), UNFORESEEN)


def _said(record: str, status: int) -> int:
    # Under --json an error is JSON too, on standard output.
    if "--json" in sys.argv[1:]:
        try:
            sys.stdout.write(record)
            sys.stdout.flush()
        except OSError:
            silence()
    return status


def _say_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None, line: str | None = None
) -> None:
    # What people should know is one line; what a library warns of shows where it comes from.
    where = "" if issubclass(category, BrokenPlugin) else f"{filename}:{lineno}: {category.__name__}: "
    sys.stderr.write(f"warning: {where}{message}\n")


def unforeseen(error: BaseException) -> str:
    """The message for an error nobody foresaw: what and where it was, and how to report it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    command = " ".join(["ntpproofs", *sys.argv[1:]])
    return (
        f"error: ntpproofs failed in a way nobody foresaw ({what}{where}); this says nothing about your input. Remedy: report it with the "
        f"command ({command}), the file and the output of `ntpproofs --version`; NTPPROOFS_TRACEBACK=1 shows the full trace.\n"
    )
