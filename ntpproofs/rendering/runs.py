"""What a run was: the facts every document carries, and reports read back from the JSON of an earlier run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..checking.clauses import ClauseReport, Support
from ..checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ..errors import InvalidInput
from ..language.verdicts import Evidence, Outcome, Verdict
from ..symbolic.line import Line


@dataclass(frozen=True)
class Run:
    """The command that reproduces a run, the version of the code, seed and profile, the day, and how long it took.

    Fields that are unknown are "" or None and are left out of documents.
    """

    command: str = ""
    version: str = ""
    seed: int | None = None
    profile: str = ""
    date: str = ""
    seconds: float | None = None
    complete: bool = True

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Names and values for a title page, without the command.

        >>> Run(version="1.0", seed=0, seconds=2.0).facts
        (('version', '1.0'), ('seed', '0'), ('time', '2.0 s'))
        """
        seconds = "" if self.seconds is None else f"{self.seconds} s"
        seed = "" if self.seed is None else str(self.seed)
        found = (("version", self.version), ("date", self.date), ("profile", self.profile), ("seed", seed), ("time", seconds))
        return tuple((name, value) for name, value in found if value)


def read_run(document: Mapping[str, Any]) -> Run:
    """The facts of a stored run; empty where the document does not say.

    >>> read_run({"run": {"seed": 1}, "summary": {"seconds": 2.0}})
    Run(command='', version='', seed=1, profile='', date='', seconds=2.0, complete=True)
    """
    run, summary = document.get("run", {}), document.get("summary", {})
    known = {name: run[name] for name in ("command", "version", "seed", "profile", "date") if run.get(name) is not None}
    return Run(**known, seconds=summary.get("seconds"), complete=summary.get("complete", True))


def read_reports(document: Mapping[str, Any]) -> dict[str, StatementReport]:
    """The reports of a stored `verify --json`.

    Law: writing them as JSON again gives the same statements. Raises `InvalidInput` for any other document.
    """
    try:
        return {entry["label"]: _statement(entry) for entry in document["statements"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("stored run", f"is no report of verify ({error!r})", "write one with: ntpproofs verify --report DIR") from None


def _statement(entry: Mapping[str, Any]) -> StatementReport:
    defects = {(found["part"], found["name"]): found["detail"] for found in entry["defects"]}
    return StatementReport(
        label=entry["label"],
        kind=entry["kind"],
        title=entry["title"],
        source=entry["source"],
        expected=entry["expected"],
        uses=tuple(entry["uses"]),
        assumptions=tuple((found["name"], found["latex"], found["method"]) for found in entry["assumptions"]),
        claims=tuple(_claim(found, defects.get(("claim", found["name"]), "")) for found in entry["claims"]),
        steps=tuple(_step(found, defects.get(("step", found["name"]), "")) for found in entry["steps"]),
        mutants=tuple(_mutant(found, defects.get(("mutant", found["name"]), "")) for found in entry["mutants"]),
        clauses=tuple(ClauseReport(found["text"], tuple(found["by"]), _labels(found["by"]), Support[found["own"].upper()])
                      for found in entry["clauses"]),
        broken=tuple((name, why) for (part, name), why in defects.items() if part == "assumption"),
    )  # fmt: skip


def _labels(named: Sequence[str]) -> tuple[str, ...]:
    # What a clause names is "step x", "witness x", "argued: x", "cited: x", "instances: x", or a label, which has no blank in it.
    return tuple(name for name in named if " " not in name)


def _verdict(found: Mapping[str, Any]) -> Verdict:
    return Verdict(Outcome(found["outcome"]), _grade(found["evidence"]), found["scope"], found["detail"], algebra=found.get("algebra", False))


def _grade(word: str | None) -> Evidence | None:
    return None if word is None else Evidence[word.upper()]


def _claim(found: Mapping[str, Any], defect: str) -> ClaimReport:
    return ClaimReport(
        found["name"],
        found["latex"],
        found["expected"],
        _verdict(found),
        found["counts"],
        found["rejected"],
        _witness(found["counterexample"]),
        defect,
    )


def _step(found: Mapping[str, Any], defect: str) -> StepReport:
    lines = tuple(Line(**line) for line in found.get("lines", ()))
    return StepReport(found["name"], found["by"], found["latex"], _verdict(found), defect, lines)


def _mutant(found: Mapping[str, Any], defect: str) -> MutantReport:
    killed, witness = found["outcome"] == "killed", _witness(found["witness"])
    return MutantReport(
        found["name"], found["of"], found["latex"], killed, _grade(found["evidence"]), found["detail"], found["searched"], witness, defect
    )


def _witness(found: Mapping[str, Any] | None) -> Witness | None:
    return None if found is None else Witness(found["instance"], found["text"], found["detail"], found["locally_minimal"])
