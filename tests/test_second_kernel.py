"""How the command line finds and believes a second kernel; the real one is tested where Coq is (verified/test_verified.py)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ntpproofs.commands import second
from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.kernel import FORMAT, digest, verify

INSTANCE = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["2"], ["0"]]}]}
RECORD = {"type": "optimal-qp", "tied": [[0]], "solution": [["1/2"]], "multipliers": [["1/4", "-1/4"]], "squared_norm": "1/4"}
BODY = {"format": FORMAT, "instance": INSTANCE, "certificates": [RECORD]}
DOCUMENT = BODY | {"digest": digest(BODY)}


def stand_in(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = directory / "ntpcheck"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("NTPCHECK", str(path))


def test_a_missing_program_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NTPCHECK", str(tmp_path / "nothing"))
    with pytest.raises(InvalidInput, match=r"the verified kernel: is not at .*verified/build\.sh"):
        second.checker()
    monkeypatch.delenv("NTPCHECK")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(second, "BUILT", tmp_path / "nothing")
    with pytest.raises(InvalidInput, match="is not built here"):
        second.checker()


def test_the_program_on_the_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(tmp_path, monkeypatch, "exit 0")
    monkeypatch.delenv("NTPCHECK")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert second.checker() == tmp_path / "ntpcheck"


def test_its_status_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    stand_in(tmp_path, monkeypatch, 'echo "$1: proved: rank: the matrix has rank 1"')
    assert second.prove(path) == ["rank: the matrix has rank 1"]
    stand_in(tmp_path, monkeypatch, 'echo "$1: rejected: a check fails" >&2; exit 1')
    with pytest.raises(VerificationFailed, match="the verified kernel: rejected: a check fails"):
        second.prove(path)
    stand_in(tmp_path, monkeypatch, 'echo "$1: refused: has a float" >&2; exit 2')
    with pytest.raises(InvalidInput, match="has a float"):
        second.prove(path)


def test_the_journal_holds_what_was_accepted_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    stand_in(tmp_path, monkeypatch, f"tee {copy} | sed s/.*/0/")
    with second.journal(True) as found:
        verify(DOCUMENT)
        verify(DOCUMENT)
        with pytest.raises(VerificationFailed):
            verify(DOCUMENT | {"digest": ""})
    assert found == [0, 0] and second.JOURNAL not in os.environ
    assert [json.loads(line) for line in copy.read_text().splitlines()] == [DOCUMENT, DOCUMENT]
    with second.journal(False) as none:
        verify(DOCUMENT)
    assert none == [] and len(copy.read_text().splitlines()) == 2
