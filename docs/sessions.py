"""Re-run the console sessions of Markdown files: `python docs/sessions.py README.md` rewrites them, `--check` only compares.

A session is a ```console block of lines `$ command`, each followed by what it printed. Timings and rounding errors are not compared.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Seconds, and measured errors: a distance of 1.1e-16 is another rounding error on another processor.
MEASURED = re.compile(r"\b\d+(\.\d+)? s\b|\b\d+(\.\d+)?e-\d+\b|(?<=  seconds) +[0-9.]+$|(?<= error) +[0-9.e-]+$", re.MULTILINE)


def printed(command: str) -> str:
    """What a command prints in the root of the repository, in a window of 120 columns, without trailing blanks."""
    scripts = str(Path(sys.executable).parent)
    environment = os.environ | {"COLUMNS": "120", "PATH": scripts + os.pathsep + os.environ["PATH"], "NO_COLOR": "1"}
    run = subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = [line.rstrip() for line in (run.stdout + run.stderr).strip("\n").splitlines()]
    return "\n".join(lines) + "\n"


def rerun(block: str) -> str:
    """The same commands with what they print now."""
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "\n".join(f"$ {command}\n{printed(command)}" for command in commands)


def comparable(text: str) -> str:
    """A session without what a machine measures."""
    return MEASURED.sub("_", text)


def outdated(path: Path) -> list[tuple[str, str]]:
    """(what the file shows, what is printed now) for every session that differs."""
    pairs = [(block, rerun(block)) for block in BLOCK.findall(path.read_text(encoding="utf-8"))]
    return [(old, new) for old, new in pairs if comparable(old) != comparable(new)]


def rewrite(path: Path) -> None:
    """Put what is printed now into the file."""
    text = path.read_text(encoding="utf-8")
    path.write_text(BLOCK.sub(lambda match: f"```console\n{rerun(match[1])}```", text), encoding="utf-8")


if __name__ == "__main__":
    names = [Path(name) for name in sys.argv[1:] if name != "--check"]
    if "--check" in sys.argv:
        differing = [str(name) for name in names if outdated(name)]
        sys.exit(f"outdated sessions in {', '.join(differing)}" if differing else 0)
    for name in names:
        rewrite(name)
