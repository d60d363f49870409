"""A test of the tests: break one formula of the source by hand, and `verify` must exit with 1.

Each break is a sign, a factor or a subspace that a tired person could get wrong. It is made in a copy of the package, and the
command line of the copy is run on statements in which it must show.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Break:
    """Replace `old`, which occurs once in `file`, by `new`; some statement of `labels` must then differ from what is expected."""

    file: str
    old: str
    new: str
    labels: tuple[str, ...]


BREAKS = {
    "gradient with the opposite sign": Break(
        "papers/foundations/theorems/_symbols.py",
        "return -total(weight(i) * probability(i, v) * d(i, v, coordinate)",
        "return total(weight(i) * probability(i, v) * d(i, v, coordinate)",
        ("foundations.convexity-and-smoothness",),
    ),
    "variance without the square of the mean": Break(
        "papers/foundations/theorems/_symbols.py", '(v, "C")) - first**2', '(v, "C")) - first', ("foundations.convexity-and-smoothness",)
    ),
    "max-margin direction off by the square of the scale": Break(
        "logit/margin.py",
        "return {r: x * self._anchored.scale**2 for r, x in self.optimum.multipliers.items()}",
        "return {r: 2 * x * self._anchored.scale**2 for r, x in self.optimum.multipliers.items()}",
        ("foundations.max-margin", "linear-ntp.closed-form-orthogonal"),
    ),
    "margin 2 instead of 1": Break(
        "exact/programme.py",
        "[[0 if r in fixed else 1 for r in working]]",
        "[[0 if r in fixed else 2 for r in working]]",
        ("foundations.max-margin", "linear-ntp.ntp-svm"),
    ),
    "diverging subspace without projecting off the tied one": Break(
        "logit/decomposition.py",
        "return tuple(a - b for a, b in zip(onto_both, onto_outside))",
        "return tuple(a for a, b in zip(onto_both, onto_outside))",
        ("foundations.max-margin", "foundations.split-identity"),
    ),
    "log-odds with the opposite sign": Break(
        "logit/finite_part.py",
        "return [first.get(k, 0) - other.get(k, 0) for k in range(len(base))]",
        "return [other.get(k, 0) - first.get(k, 0) for k in range(len(base))]",
        ("linear-ntp.log-odds-solution", "foundations.finite-part"),
    ),
    "finite part in the wrong scale": Break(
        "logit/finite_part.py",
        "anchored.coefficients({r: a[k, 0] * anchored.scale for k, r in enumerate(basis)})",
        "anchored.coefficients({r: 2 * a[k, 0] * anchored.scale for k, r in enumerate(basis)})",
        ("foundations.finite-part", "foundations.finite-part-limit"),
    ),
    "shares and probabilities exchanged in the tied gradient": Break(
        "exact/minimiser.py",
        "residual[r] += weight * (exact_arb(share) - q)",
        "residual[r] += weight * (exact_arb(share) - 2 * q)",
        ("foundations.finite-part",),
    ),
    "Popoviciu with 1/8": Break(
        "logit/step_size.py",
        "tuple(block.alternatives)) / 4",
        "tuple(block.alternatives)) / 8",
        ("foundations.convexity-and-smoothness",),
    ),
    "entropy counted twice": Break(
        "papers/linear_ntp/problem.py",
        "parts = (exact_arb(b.weight) * entropy(b.labels.values()) for b in self._data.blocks)",
        "parts = (2 * exact_arb(b.weight) * entropy(b.labels.values()) for b in self._data.blocks)",
        ("linear-ntp.entropy-identity",),
    ),
    "flow with a force that is too strong": Break(
        "dynamics/flow/late.py",
        "1.0 - gram.dot(np.exp(np.minimum(r, LARGEST)))",
        "1.0 - 1.01 * gram.dot(np.exp(np.minimum(r, LARGEST)))",
        ("foundations.log-time-slope", "foundations.risk-constant"),
    ),
    "descent that climbs": Break(
        "dynamics/enclosed.py",
        "w = w - (transposed * coefficients) * step",
        "w = w + (transposed * coefficients) * step",
        ("foundations.risk-bound",),
    ),
    "displaced tied mass with the opposite sign": Break(
        "logit/coordinates.py", "- y.sum(axis=-1) @ means", "+ y.sum(axis=-1) @ means", ("linear-ntp.asymptotic-finite-part",)
    ),
    "every separation with something separable called complete": Break(
        "logit/recession.py", "complete = all(len(inside) == 1 for inside in sets)", "complete = True", ("foundations.separation",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_formula_is_noticed(name: str, tmp_path: Path) -> None:
    broken = BREAKS[name]
    shutil.copytree(ROOT / "ntpproofs", tmp_path / "ntpproofs", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "ntpproofs" / broken.file
    source = path.read_text(encoding="utf-8")
    assert source.count(broken.old) == 1, f"{broken.file} has {source.count(broken.old)} occurrences of {broken.old!r}"
    path.write_text(source.replace(broken.old, broken.new), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "ntpproofs", "verify", *broken.labels, "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
