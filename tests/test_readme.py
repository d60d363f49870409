"""What the README shows is what the commands print; its two set-up commands are the ones that `.ci/run` and users run."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def sessions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sessions", ROOT / "docs" / "sessions.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_session_prints_what_is_shown(sessions: ModuleType) -> None:
    assert len(sessions.BLOCK.findall(README.read_text(encoding="utf-8"))) >= 3
    for shown, now in sessions.outdated(README):
        assert sessions.comparable(shown) == sessions.comparable(now), "run: python docs/sessions.py README.md"


def test_a_changed_session_is_noticed(sessions: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("```console\n$ echo 0.5 s and one\n0.7 s and one\n```\n\n```console\n$ echo two\nthree\n```\n", encoding="utf-8")
    assert sessions.outdated(path) == [("$ echo two\nthree\n", "$ echo two\ntwo\n")]
    sessions.rewrite(path)
    assert sessions.outdated(path) == []


def test_there_are_two_set_up_commands() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert [len(block.splitlines()) for block in blocks] == [1, 1]
    assert "venv" in blocks[0] and "ntpproofs verify" in blocks[0] and "venv" in blocks[1] and "tox" in blocks[1]
