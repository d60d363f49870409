"""Notebooks: every public object shows itself, and nothing prints a memory address."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import ntpproofs
from ntpproofs import (
    All,
    AtMost,
    Bounded,
    Case,
    Converges,
    Equal,
    Implies,
    Invariant,
    Laboratory,
    Less,
    LinearNTP,
    Measured,
    Monotone,
    NotExercised,
    Outcome,
    Rate,
    Theorem,
    check,
    clause,
    collect,
    decompose,
)  # fmt: skip
from ntpproofs.checking.kinds import read_instance
from ntpproofs.dynamics import GradientFlow

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
# Values of one line, for which text is the display.
PLAIN = {"Outcome", "Evidence", "Source", "Measured", "Laboratory", "Row"}


def objects() -> dict[str, Any]:
    problem = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
    parts, run = decompose(problem), GradientFlow(log_time=40)(problem)
    statement = collect()["foundations.farkas"]
    files = ("attention", "path-star", "linear-attention", "multi-concept")
    found = {name: read_instance(json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))) for name in files}
    logit = problem.conditional_logit()
    return found | {
        "problem": problem, "logit": logit, "row": logit.rows[0], "parts": parts, "separation": parts.separation, "margin": parts.max_margin,
        "finite part": parts.finite_part, "statement": statement, "claim": statement.claims[0], "step": statement.steps[0],
        "mutant": statement.mutants[0], "assumption": collect()["linear-ntp.ntp-svm"].assumptions[0], "source": statement.source,
        "case": Case(problem), "verdict": Equal(1, 2).decide(), "report": check(statement, Laboratory()), "trajectory": run, "path": run.slope,
        "draft": Theorem(label="a.b", title="T", clauses=(clause("$x$.", claims=("c",)),)), "outcome": Outcome.HOLDS, "measured": Measured(1.0, 0.1),
        "equal": Equal(1, 1), "at most": AtMost(1, 2), "less": Less(1, 2), "implies": Implies(Outcome.HOLDS, Equal(1, 1)),
        "all": All(Equal(1, 1)), "silent": NotExercised("nothing to say"), "converges": Converges(run.slope, parts.max_margin.direction),
        "bounded": Bounded(run.residual(parts.max_margin.direction)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def everything() -> dict[str, Any]:
    return objects()


def test_nothing_prints_an_address(everything: dict[str, Any]) -> None:
    printed = {name: repr(thing) + getattr(thing, "_repr_html_", str)() for name, thing in everything.items()}
    assert [name for name, text in printed.items() if ADDRESS.search(text)] == []


def test_everything_with_content_shows_itself(everything: dict[str, Any]) -> None:
    missing = [name for name, thing in everything.items() if type(thing).__name__ not in PLAIN and not hasattr(thing, "_repr_html_")]
    assert missing == []
    tables = [thing._repr_html_() for thing in everything.values() if hasattr(thing, "_repr_html_")]
    assert all("<table>" in text or "<p>" in text for text in tables)


def test_every_public_relation_shows_its_verdict() -> None:
    for relation in (All, AtMost, Bounded, Converges, Equal, Implies, Invariant, Less, Monotone, NotExercised, Rate):
        assert hasattr(relation, "_repr_html_") and relation.__name__ in ntpproofs.__all__


def test_a_decomposition_shows_u_and_the_finite_part(everything: dict[str, Any]) -> None:
    shown = everything["parts"]._repr_html_()
    assert "max-margin direction u" in shown and "<td>2/3</td>" in shown and "finite part w*" in shown and "<td>0.462098</td>" in shown


def test_datasets_name_their_contexts_and_tokens(everything: dict[str, Any]) -> None:
    shown = everything["problem"]._repr_html_()
    assert "<td>context 1</td>" in shown and "<td>token 2</td>" in shown
    assert "<td>token 1</td>" in everything["attention"]._repr_html_()
