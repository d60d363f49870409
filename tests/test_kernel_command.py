"""`python -m ntpproofs.kernel FILE`, what importing the kernel loads, and how small it stays."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import ntpproofs.kernel
from ntpproofs.kernel import FORMAT, digest

INSTANCE = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["2"], ["0"]]}]}
RECORD = {"type": "optimal-qp", "tied": [[0]], "solution": [["1/2"]], "multipliers": [["1/4", "-1/4"]], "squared_norm": "1/4"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def document(**changes: object) -> dict[str, object]:
    body = {"format": FORMAT, "instance": INSTANCE, "certificates": [RECORD | changes]}
    return body | {"digest": digest(body)}


def test_status_zero_for_a_proof(tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(document()), encoding="utf-8")
    found = run("-m", "ntpproofs.kernel", str(path))
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith(f"{path}: proved: optimal-qp: the solution has the least norm")


def test_status_one_for_a_failing_check(tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(document(solution=[["1"]])), encoding="utf-8")
    found = run("-m", "ntpproofs.kernel", str(path))
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == f"{path}: rejected: block 0: a multiplier is positive off the support\n"


@pytest.mark.parametrize("text", [None, "", "{}", "[0.5]", '{"format": "other"}', "\xff", "directory", "no argument", "two arguments"])
def test_status_two_for_anything_else(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    arguments = {"directory": [str(tmp_path)], "no argument": [], "two arguments": [str(path), str(path)]}.get(str(text), [str(path)])
    found = run("-m", "ntpproofs.kernel", *arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert ". Remedy: " in found.stderr and "Traceback" not in found.stderr and found.stderr.count("\n") == 1


LOADED = """
import sys
before = set(sys.modules)
import {module}
names = {{name.split(".")[0] for name in set(sys.modules) - before}}
print(*sorted(name for name in names if name not in sys.stdlib_module_names))
"""


@pytest.mark.parametrize("module", ["ntpproofs", "ntpproofs.kernel", "ntpproofs.kernel.__main__", "ntpproofs.errors", "ntpproofs.language.verdicts"])
def test_importing_loads_nothing_third_party(module: str) -> None:
    found = run("-c", LOADED.format(module=module))
    assert (found.returncode, found.stdout.split(), found.stderr) == (0, ["ntpproofs"], "")


def test_the_probe_sees_third_party_modules() -> None:
    found = run("-c", LOADED.format(module="ntpproofs.exact.balls"))
    assert "flint" in found.stdout.split()


def code_lines(source: str) -> int:
    """Lines with code on them: no comments, no blank lines, no docstrings."""
    empty = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        if token.type not in empty and not docstring:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines)


def test_counting_code_lines() -> None:
    assert code_lines('"""Doc\n\nmore."""\n\n# comment\nx = (\n    1,  # one\n)\n\n\ndef f():\n    """Doc."""\n    return x\n') == 5


def test_the_kernel_stays_small() -> None:
    files = sorted(Path(ntpproofs.kernel.__file__).parent.glob("*.py"))
    assert len(files) == 11
    assert sum(code_lines(path.read_text(encoding="utf-8")) for path in files) < 800
