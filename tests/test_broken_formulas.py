"""A test of the tests: break one formula, and `verify` must exit with 1 and say what differs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from breaking import BREAKS

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_formula_is_noticed(name: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, str(ROOT / "tests" / "breaking.py"), name, "verify", *BREAKS[name][1], "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
