"""Stored runs: reports read back from the document of `verify --json`, so that an article can be written without verifying again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...checking.clauses import ClauseReport, Support
from ...checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ...errors import InvalidInput
from ...language.verdicts import Evidence, Outcome, Verdict
from ...symbolic.lines import Line

REMEDY = "write it with `ntpproofs verify --json > run.json`"


def read_run(path: Path) -> tuple[dict[str, StatementReport], dict[str, Any]]:
    """The reports of a stored run, in its order, and its `run` record (version, profile, seed, date; empty in old files).

    Raises `InvalidInput` for a file that cannot be read and for one that `verify --json` did not write.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be read ({error.strerror})", REMEDY) from None
    except ValueError:
        raise InvalidInput(str(path), "is no JSON", REMEDY) from None
    return reports_of(record, str(path)), dict(record.get("run") or {})


def reports_of(record: Any, name: str = "run") -> dict[str, StatementReport]:
    """The reports of a document of `verify --json`.

    Law: `reports_of(verify_json(reports, statuses(reports)))` renders like `reports`.
    """
    try:
        return {entry["label"]: _statement(entry) for entry in record["statements"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"is no run of `verify --json` ({type(error).__name__}: {error})"
        raise InvalidInput(name, reason, REMEDY) from None


def _statement(entry: Mapping[str, Any]) -> StatementReport:
    defects = {(found["part"], found["name"]): found["detail"] for found in entry.get("defects", ())}
    uses = tuple(entry["uses"])
    return StatementReport(
        label=entry["label"],
        kind=entry["kind"],
        title=entry["title"],
        source=entry["source"],
        expected=entry["expected"],
        uses=uses,
        assumptions=tuple((found["name"], found["latex"], found["method"]) for found in entry["assumptions"]),
        claims=tuple(_claim(found, defects.get(("claim", found["name"]), "")) for found in entry["claims"]),
        steps=tuple(_step(found, defects.get(("step", found["name"]), "")) for found in entry["steps"]),
        mutants=tuple(_mutant(found, defects.get(("mutant", found["name"]), "")) for found in entry["mutants"]),
        clauses=tuple(_clause(found, uses) for found in entry["clauses"]),
        broken=tuple((name, why) for (part, name), why in sorted(defects.items()) if part == "assumption"),
    )


def _clause(entry: Mapping[str, Any], uses: tuple[str, ...]) -> ClauseReport:
    named = tuple(entry["by"])
    return ClauseReport(entry["text"], named, tuple(name for name in named if name in uses), Support[entry["own"].upper()])


def _verdict(entry: Mapping[str, Any], algebra: bool = False) -> Verdict:
    return Verdict(Outcome(entry["outcome"]), _grade(entry["evidence"]), entry["scope"], entry["detail"], algebra=algebra)


def _grade(word: str | None) -> Evidence | None:
    return None if word is None else Evidence[word.upper()]


def _claim(entry: Mapping[str, Any], defect: str) -> ClaimReport:
    return ClaimReport(
        entry["name"], entry["latex"], entry["expected"], _verdict(entry), dict(entry["counts"]), dict(entry["rejected"]),
        _witness(entry["counterexample"]), defect,
    )  # fmt: skip


def _step(entry: Mapping[str, Any], defect: str) -> StepReport:
    lines = tuple(Line(**line) for line in entry.get("lines", ()))
    return StepReport(entry["name"], entry["by"], entry["latex"], _verdict(entry, entry["algebra"]), defect, lines)


def _mutant(entry: Mapping[str, Any], defect: str) -> MutantReport:
    return MutantReport(
        entry["name"], entry["of"], entry["latex"], entry["outcome"] == "killed", _grade(entry["evidence"]), entry["detail"],
        entry["searched"], _witness(entry["witness"]), defect,
    )  # fmt: skip


def _witness(entry: Mapping[str, Any] | None) -> Witness | None:
    return None if entry is None else Witness(entry["instance"], entry["text"], entry["detail"], entry["locally_minimal"])
