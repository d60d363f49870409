"""A counterexample to take away: the command that replays it, a pytest function, a LaTeX example."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from ..search.findings import Counterexample
from .instances import instance_latex
from .wording import readable, shorten


def replay_of(example: Counterexample) -> str | None:
    """The command that evaluates the claims on this instance again; None for the user's own kinds of object."""
    if example.instance is None:
        return None
    words = ["ntpproofs", "check", example.path, "--instance", json.dumps(example.instance, separators=(",", ":"))]
    return shlex.join(words)


def pytest_of(example: Counterexample) -> str | None:
    """A pytest function, ready to paste; None for the user's own kinds of object."""
    if example.instance is None:
        return None
    label = example.label.split(" + ")[0]
    name = re.sub(r"\W+", "_", f"{label}_{example.claim}").strip("_").lower()
    lines = [
        f"def test_{name}_is_refuted():",
        "    from ntpproofs.search import replay",
        "",
        f"    instance = {_literal(example.instance)}",
        f"    verdict = replay({example.path!r}, {label!r}, {example.claim!r}, instance)",
        f"    assert (verdict.outcome.value, verdict.evidence.word) == ('refuted', {_grade(example)!r})",
    ]
    return "\n".join(lines) + "\n"


def _grade(example: Counterexample) -> str:
    return "tested" if example.observed else example.evidence.word


def _literal(instance: Any) -> str:
    return repr(instance)


def latex_of(example: Counterexample) -> str:
    r"""A LaTeX example environment (amsthm, amsmath) with the exact data and the failing relation."""
    formulas = instance_latex(example.instance) if example.instance else ()
    data = "\\[\n  " + ",\\qquad ".join(formulas) + "\n\\]" if formulas else _verbatim(example.text)
    how = "seen in floating point only" if example.observed else example.evidence.word
    minimal = ", locally minimal" if example.locally_minimal else ""
    detail = _verbatim(shorten(readable(example.detail), 200))
    return (
        f"\\begin{{example}}[Counterexample, {how}{minimal}]\n{data}\n"
        f"Claim {_verbatim(example.claim)} of {_verbatim(example.label)} would need {detail}.\n\\end{{example}}\n"
    )


def _verbatim(text: str) -> str:
    line = " ".join(text.split())
    mark = next(c for c in "|!+/@;~" if c not in line)
    return f"\\verb{mark}{line}{mark}"
