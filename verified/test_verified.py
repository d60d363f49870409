"""The kernel proved in Coq, as built by `verified/build.sh`: run by `tox -e verified` only."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ntpproofs.commands.second import prove, statuses
from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.kernel import digest, verify

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILD = HERE / "_build"


def module(name: str, path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    found = importlib.util.module_from_spec(specification)
    sys.modules[name] = found
    specification.loader.exec_module(found)
    return found


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NTPCHECK", str(BUILD / "ntpcheck"))


kernel_tests = module("kernel_tests", ROOT / "tests" / "test_kernel_certificates.py")
emit = module("emit", HERE / "emit.py")


def status(document: Any) -> int:
    try:
        verify(document)
    except VerificationFailed:
        return 1
    except InvalidInput:
        return 2
    return 0


def test_the_specification_is_short_enough_to_be_read_aloud() -> None:
    assert len((HERE / "Spec.v").read_text(encoding="utf-8").splitlines()) < 260


def test_nothing_is_admitted() -> None:
    for path in HERE.glob("*.v"):
        assert not re.search(r"\b(Admitted|admit|Axiom|Parameter|Conjecture|Unset Guard|bypass_check)\b", path.read_text(encoding="utf-8")), path


def test_the_main_theorem_rests_on_no_axiom() -> None:
    printed = (BUILD / "assumptions.txt").read_text(encoding="utf-8")
    assert printed.count("Closed under the global context") == 4 and printed.count("Axioms:") == 1
    names = set(re.findall(r"^(\S+\.\S+)(?: :|$)", printed, re.MULTILINE))
    assert {name.split(".")[0] for name in names} == {"ClassicalDedekindReals", "FunctionalExtensionality", "Classical_Prop"}


@pytest.mark.parametrize("name", kernel_tests.DOCUMENTS)
def test_both_kernels_give_the_same_status_to_every_change(name: str) -> None:
    body = kernel_tests.body_of(kernel_tests.DOCUMENTS[name])
    changed = [what[2] for what in kernel_tests.tampered(body) if isinstance(what[2], dict)]
    documents = [kernel_tests.DOCUMENTS[name], *(change | {"digest": digest(change)} for change in changed)]
    found = statuses("".join(json.dumps(document) + "\n" for document in documents))
    assert found[0] == 0 and found == [status(document) for document in documents]


def test_the_digest_is_sha_256() -> None:
    document = kernel_tests.DOCUMENTS["full support"]
    lines = []
    for length in [*range(60), 100, 1_000, 10_000]:
        weights = ["1/2", "1" * length + "/" + "2" * length] if length else ["1/2", "1/2"]
        body = {key: value for key, value in document.items() if key != "digest"} | {"instance": document["instance"] | {"weights": weights}}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        stamp = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        lines += [json.dumps(body | {"digest": stamp}), json.dumps(body | {"digest": stamp[:-1] + ("0" if stamp[-1] != "0" else "1")})]
    found = statuses("\n".join(lines) + "\n")
    # 11...1 / 22...2 is one half, so the first of each pair is accepted; under another digest nothing is.
    assert found == [0, 1] * (len(lines) // 2)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1.5]", "1e3", "NaN", "{'a': 1}", '{"a": 1,}', "// no\n{}", '"\u00e9"', "{} {}", "[" * 100 + "]" * 100, "01", '{"a": 1, "a": 1}'],
)
def test_what_is_not_json_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput):
        prove(path)


def test_the_command_line_asks_both_kernels() -> None:
    command = [sys.executable, "-m", "ntpproofs", "recheck", "examples/full.certificate.json", "--verified", "--instance", "examples/full.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.count("proved by both kernels") == 13


def test_verify_has_every_certificate_of_a_run_read_again() -> None:
    command = [sys.executable, "-m", "ntpproofs", "verify", "foundations.separation", "--verified", "--workers", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    counted = re.search(r"the verified kernel proves (\d+) of (\d+) certificates", done.stderr)
    assert done.returncode == 0 and counted is not None and counted[1] == counted[2] and int(counted[1]) >= 10


def test_a_certificate_is_checked_inside_coq(tmp_path: Path) -> None:
    document = json.loads((ROOT / "examples" / "full.certificate.json").read_text(encoding="utf-8"))
    for name, changed, expected in (("Accepted", document, 0), ("Rejected", document | {"digest": "sha256:0"}, 1)):
        source = emit.source(changed)
        if expected:
            source = source.replace('Definition digest : string := "sha256:0"', 'Definition digest : string := "sha256:1"')
        (tmp_path / f"{name}.v").write_text(source, encoding="utf-8")
        done = subprocess.run(["coqc", "-Q", str(BUILD), "NTP", f"{name}.v"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == (expected == 0), done.stderr
