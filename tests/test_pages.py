"""A page of the site is not built from a run that ends otherwise than announced, prints nothing, or from a formula nobody can draw."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_unexpected_status_or_silence_fails_the_build(generate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate.run(["--version"]).startswith("ntpproofs ")
    with pytest.raises(RuntimeError, match="status 2, not 0"):
        generate.run(["limit", "no-such-file.json"])
    with pytest.raises(RuntimeError, match="status 0, not 1"):
        generate.run(["--version"], status=1)
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(RuntimeError, match="nothing printed"):
        generate.run(["--version"])


def test_the_stored_run_has_no_finding_and_most_statements() -> None:
    sys.path.insert(0, str(DOCS))
    try:
        from store import load
    finally:
        sys.path.remove(str(DOCS))
    from ntpproofs.checking.registry import collect
    from ntpproofs.rendering import findings
    from ntpproofs.rendering.runs import read_reports, read_run

    document = load("verify")
    reports, run = read_reports(document), read_run(document)
    assert run.complete and run.date and run.command.startswith("ntpproofs verify")
    assert [entry for report in reports.values() for entry in findings(report) if entry.wanted] == []
    labels = set(collect())
    assert len(labels & set(reports)) > 0.7 * len(labels), "the stored run is old: python docs/store.py verify"
