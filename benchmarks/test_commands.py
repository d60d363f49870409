"""Whole commands, from a cold process: start-up, limit on a file and on a corpus."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "help": ["--help"],
    "limit of a file": ["limit", "examples/full.json", "--json"],
    "limit of a corpus": ["limit", "README.md", "--json"],
    "list": ["list", "--json"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_command(benchmark: Any, name: str) -> None:
    def run() -> int:
        return subprocess.run([sys.executable, "-m", "ntpproofs", *COMMANDS[name]], cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode

    assert benchmark.pedantic(run, rounds=5, warmup_rounds=1) == 0
