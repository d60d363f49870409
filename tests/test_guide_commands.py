"""Commands that the pages of the guide show: blocks are run, and every option that is named anywhere exists."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))
BLOCKS = re.compile(r"^```(?:sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A whole area takes minutes: one of its statements stands for it. A search is stopped early, names of files stand for files.
INSTEAD = {
    "verify mesa": "verify mesa.restricted-loss",
    "verify path-star": "verify path-star.logarithm",
    "verify multi-concept": "verify multi-concept.word-noise",
    "discover attention-ntp": "discover attention-ntp --time-limit 10 --workers 1",
    "discover linear-ntp --target squared_norm --save DIR": "discover linear-ntp --target squared_norm --save DIR --time-limit 10 --workers 1",
}
# The reader's own file.
FILE = re.compile(r"(?<![\w./])data\.json\b")


def shown(text: str) -> list[str]:
    """The commands of the blocks of a page, without comments."""
    lines = [line.removeprefix("$ ").split("  #")[0].strip() for block in BLOCKS.findall(text) for line in block.splitlines()]
    return [line.removeprefix("ntpproofs ") for line in lines if re.match(r"ntpproofs [a-z]+", line)]


# The kernel in Coq is a build of its own, tested in the folder `verified`.
RUN = {page.name: commands for page in PAGES if (commands := [c for c in shown(page.read_text(encoding="utf-8")) if "--verified" not in c])}


def ntpproofs(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command, run in a folder."""
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    environment = os.environ | {"PYTHONPATH": paths, "MPLBACKEND": "Agg", "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, "-m", "ntpproofs", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", RUN)
def test_commands_of_a_page_run_as_shown(name: str, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for command in RUN[name]:
        done = ntpproofs(shlex.split(FILE.sub("examples/full.json", INSTEAD.get(command, command))), tmp_path)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert done.stdout.strip()


def test_blocks_are_found() -> None:
    assert {"attention.md", "certificates.md", "discover.md", "linear_attention.md", "multi_concept.md", "path_star.md"} <= set(RUN)


def test_every_option_that_a_page_names_exists(tmp_path: Path) -> None:
    named: dict[str, set[str]] = {}
    for page in PAGES:
        for command, rest in re.findall(r"\bntpproofs ([a-z]+)\b([^`\n]*)", page.read_text(encoding="utf-8")):
            if options := set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)):
                named.setdefault(command, set()).update(options)
    assert len(named) >= 4
    for command, options in named.items():
        known = set(re.findall(r"--[a-z][a-z-]*", ntpproofs([command, "--help"], tmp_path).stdout))
        assert options <= known, f"ntpproofs {command} has no {', '.join(sorted(options - known))}"


def test_sessions_of_the_guide_print_what_is_shown() -> None:
    spec = importlib.util.spec_from_file_location("sessions", ROOT / "docs" / "sessions.py")
    assert spec is not None and spec.loader is not None
    sessions = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sessions)
    pages = [page for page in PAGES if sessions.BLOCK.search(page.read_text(encoding="utf-8"))]
    assert pages
    for page in pages:
        for old, new in sessions.outdated(page):
            assert sessions.comparable(old) == sessions.comparable(new), f"run: python docs/sessions.py {page.relative_to(ROOT)}"
