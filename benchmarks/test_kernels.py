"""Both kernels on the certificates of every example: the verified one is not to be slower. Needs `sh verified/build.sh`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.commands.second import statuses
from ntpproofs.kernel import verify
from ntpproofs.limits.answer import document, load

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module")
def certificates() -> list[Any]:
    """The certificate that `limit` writes for every example that has one, each twenty times."""
    found = []
    for path in sorted(EXAMPLES.glob("*.json")):
        if ".certificate" not in path.name:
            question = load(path)
            records = question.answer().certificates()
            found += [document(question.problem, records)] * 20 if records else []
    return found


def test_the_python_kernel(benchmark: Any, certificates: list[Any]) -> None:
    """Every certificate of the examples, twenty times."""
    benchmark.pedantic(lambda: [verify(certificate) for certificate in certificates], rounds=3)


def test_the_verified_kernel_is_not_slower(benchmark: Any, certificates: list[Any]) -> None:
    """The same on one stream, reading and starting included."""
    lines = "".join(json.dumps(certificate) + "\n" for certificate in certificates)
    start = time.perf_counter()
    for line in lines.splitlines():
        verify(json.loads(line))
    python = time.perf_counter() - start
    found = benchmark.pedantic(lambda: statuses(lines), rounds=3)
    assert set(found) == {0}
    start = time.perf_counter()
    statuses(lines)
    assert time.perf_counter() - start <= python
