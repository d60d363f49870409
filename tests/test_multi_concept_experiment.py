"""The experiment script: one command, resumable, the same tables from saved runs."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "examples" / "multi_concept_experiment.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("multi_concept_experiment", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    short = {name: replace(training, horizon=120, every=10, tests=300) for name, training in module.RUNS.items()}
    monkeypatch.setattr(module, "RUNS", short)
    monkeypatch.setattr(module, "PROMPTS", 200)
    return module


def test_a_second_call_takes_up_what_is_there(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["experiment", "-o", str(tmp_path), "--seeds", "2"])
    script.main()
    first = capsys.readouterr()
    assert first.err.count("training") == 6 and len(list((tmp_path / "runs").glob("*.npz"))) == 6
    for name in ("multi_concept.png", "multi_concept.txt", "multi_concept.csv"):
        assert (tmp_path / name).stat().st_size > 100
    (tmp_path / "runs" / "fit-1.npz").unlink()
    script.main()
    second = capsys.readouterr()
    assert second.err.count("training") == 1 and second.out == first.out
    assert "| labels negated |" in first.out
