"""Every file in `examples/` is what it says: instances are answered, certificates are proved, and nothing is left over."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ntpproofs.kernel import verify, verify_file
from ntpproofs.limits.answer import document, load
from ntpproofs.logit.protocols import reduces

EXAMPLES = Path(__file__).parent.parent / "examples"
CERTIFICATES = sorted(EXAMPLES.glob("*.certificate.json"))
INSTANCES = sorted(set(EXAMPLES.glob("*.json")) - set(CERTIFICATES)) + sorted(EXAMPLES.glob("*.txt"))
EXPERIMENTS = sorted(EXAMPLES.glob("*_experiment.py"))
# The conjectures are tested by test_check_files.py, the gallery by test_check_gallery.py and the site, tables by the sessions of the pages that
# show them, what was discovered by test_discover.py.
ELSEWHERE = {"conjectures", "gallery", "discovered", "relapse.csv", "matched.csv"}


def test_every_file_is_an_instance_a_certificate_or_tested_elsewhere() -> None:
    known = {path.name for path in (*CERTIFICATES, *INSTANCES, *EXPERIMENTS)} | ELSEWHERE
    assert {path.name for path in EXAMPLES.iterdir() if path.name != "__pycache__"} == known
    assert CERTIFICATES and len(INSTANCES) >= 6


@pytest.mark.parametrize("path", CERTIFICATES, ids=lambda path: path.name)
def test_certificates_are_proved_for_the_instance_of_their_name(path: Path) -> None:
    assert len(verify_file(path, path.with_name(path.name.replace(".certificate", "")))) >= 2


@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.name)
def test_instances_are_answered_with_a_certificate(path: Path) -> None:
    question = load(path)
    records = question.answer().certificates()
    assert bool(records) == reduces(question.problem)  # what is no conditional logit is answered by other means than records of a dataset
    assert not records or len(verify(document(question.problem, records))) == len(records)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.name)
def test_experiments_say_what_they_do(path: Path) -> None:
    command = [sys.executable, str(path), "--help"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0 and "--output" in done.stdout, done.stderr


def test_the_attention_experiment_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    specification = importlib.util.spec_from_file_location("attention_experiment", EXAMPLES / "attention_experiment.py")
    assert specification is not None and specification.loader is not None
    experiment = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(experiment)
    monkeypatch.setattr(experiment, "ITERATIONS", 200)
    for problem, initial in experiment.datasets(1, 1):
        found = experiment.measure(problem, "published", initial)
        assert found["steps"][-1] == 800 and np.all(np.abs(found["correlation"]) <= 1)
        assert found["correlation"][-1] > found["correlation"][0]
