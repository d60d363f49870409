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
from typing import Annotated, TextIO

import typer

from ..errors import BrokenPlugin, NtpproofsError
from .check import check
from .discover import discover
from .latex import latex
from .limit import limit
from .listing import list_statements, show
from .new import new
from .options import INTERRUPTED, OK, UNFORESEEN, USAGE
from .recheck import recheck
from .verify import verify

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy loads: every matrix here is small, and workers must not fight

app = typer.Typer(
    name="ntpproofs",
    help="Check theorems about training by next-token prediction. Targets are certified, assumptions decided, trajectories are evidence.",
    no_args_is_help=True,
    add_completion=False,
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
    app.command(name=_name)(_command)


def main() -> None:
    """Entry point: errors become one message and status 2, an interrupt status 130, what nobody foresaw status 5."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("once", BrokenPlugin)
            warnings.showwarning = _say_warning
            app()
    except NtpproofsError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except Exception as error:  # the last handler: a status that means a verdict is never an accident
        sys.stderr.write(traceback.format_exc() if os.environ.get("NTPPROOFS_TRACEBACK") else "")
        sys.stderr.write(unforeseen(error))
        sys.exit(UNFORESEEN)


def _say_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None, line: str | None = None
) -> None:
    # What people should know is one line; what a library warns of shows where it comes from.
    where = "" if issubclass(category, BrokenPlugin) else f"{filename}:{lineno}: {category.__name__}: "
    sys.stderr.write(f"warning: {where}{message}\n")


def unforeseen(error: Exception) -> str:
    """The message for an error nobody foresaw: what and where it was, and how to report it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    command = " ".join(["ntpproofs", *sys.argv[1:]])
    return (
        f"error: ntpproofs failed in a way nobody foresaw ({what}{where}); this says nothing about your input. Remedy: report it with the "
        f"command ({command}), the file and the output of `ntpproofs --version`; NTPPROOFS_TRACEBACK=1 shows the full trace.\n"
    )
