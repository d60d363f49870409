"""What a campaign has seen so far: counts, verdicts, near misses, refutations. Absorbing results in order gives the same tally always."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from ..language.verdicts import Evidence, Outcome, Verdict, meet_evidence
from .examining import disproof

# How many near misses and refutations are kept with their instances, and per phase how many instances for contrast.
NEAR, REFUTING, VARIED = 5, 20, 40
# A violation in floats is sought this often, or on this many further instances after the first, before the search for it ends; a
# broken claim is tried this often.
OBSERVED, FURTHER, BROKEN = 3, 25, 40


@dataclass
class ClaimTally:
    """Counts and the instances worth keeping for one claim."""

    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    errors: dict[str, str] = field(default_factory=dict)
    refuting: list[dict[str, Any]] = field(default_factory=list)
    observed: list[dict[str, Any]] = field(default_factory=list)
    near: list[dict[str, Any]] = field(default_factory=list)
    equalities: int = 0
    equality: dict[str, Any] | None = None
    degenerate: int = 0
    draws: int = 0
    draws_refuted: int = 0
    further: int = 0

    def absorb(self, record: dict[str, Any], found: dict[str, Any]) -> None:
        """Count one verdict on a new instance."""
        self.further += bool(self.observed) and found["outcome"] != "vacuous"
        self.outcomes[found["outcome"]] += 1
        if found["evidence"] is not None:
            self.grades[f"{found['outcome']} {found['evidence']}"] += 1
        if found["problem"] is not None:
            self.problems[found["problem"]] += 1
        if found["problem"] is not None or found["outcome"] == "inconclusive":
            self.errors.setdefault(found["problem"] or "undecided", found["detail"])
        if found["outcome"] != "vacuous":
            self.degenerate += record["degenerate"]
        if found["outcome"] == "refuted":
            kept = self.refuting if disproof(found) else self.observed
            kept.append(_brief(record, found))
            kept.sort(key=lambda entry: entry["size"])
            del kept[REFUTING:]
        elif found["outcome"] == "holds" and found["slack"] is not None and isfinite(found["slack"]):
            self._close(record, found)

    def _close(self, record: dict[str, Any], found: dict[str, Any]) -> None:
        if found["slack"] <= 0:
            self.equalities += 1
            if self.equality is None or record["size"] < self.equality["size"]:
                self.equality = _brief(record, found)
        self.near.append(_brief(record, found))
        self.near.sort(key=lambda entry: (entry["slack"], entry["size"]))
        del self.near[NEAR:]

    @property
    def settled(self) -> bool:
        """Whether searching on would tell nothing new: disproved, seen in floats often enough, or broken."""
        seen = len(self.observed) >= OBSERVED or self.further >= FURTHER
        return bool(self.refuting) or seen or self.broken

    @property
    def endless(self) -> bool:
        """Whether it did not return twice."""
        return self.problems["limit"] >= 2

    @property
    def broken(self) -> bool:
        """Whether the claim never returned or never gave a verdict."""
        decided = self.outcomes["holds"] + self.outcomes["refuted"]
        failed = self.problems["raised"] + self.problems["invalid"]
        return self.endless or (failed >= BROKEN and decided == 0)

    @property
    def best_margin(self) -> float | None:
        """The smallest slack seen on a surviving instance."""
        return self.near[0]["slack"] if self.near else None

    def verdict(self) -> Verdict:
        """The verdict over all instances. With more left open than decided the claim is inconclusive."""
        holding, open_ = self.outcomes["holds"], self.outcomes["inconclusive"]
        decided = holding + self.outcomes["refuted"]
        for kept, observed in ((self.refuting, False), (self.observed, True)):
            if kept:
                grade = Evidence.OBSERVED if observed else max(Evidence[entry["evidence"].upper()] for entry in kept)
                scope = f"{self.outcomes['refuted']} of {decided} instances"
                return Verdict(Outcome.REFUTED, grade, scope, kept[0]["detail"])
        detail = next(iter(self.errors.values()), "")
        if open_ and open_ >= max(holding, 1):
            return Verdict(Outcome.INCONCLUSIVE, None, f"{open_} of {decided + open_} instances left open", detail)
        if holding:
            grades = [Evidence[word.split()[1].upper()] for word in self.grades if word.startswith("holds")]
            return Verdict(Outcome.HOLDS, meet_evidence(grades), f"{holding} instances" + (f", {open_} undecided" if open_ else ""))
        if self.errors:
            return Verdict(Outcome.INCONCLUSIVE, None, "no instance was decided", detail)
        return Verdict(Outcome.VACUOUS, None, "0 instances", "no instance satisfies the assumptions and the premises")


def _brief(record: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    keys = ("slack", "detail", "evidence", "on_path")
    return {"size": record["size"], "instance": record.get("instance"), "text": record.get("text", ""), **{key: found[key] for key in keys}}


@dataclass
class Tally:
    """Counts over instances, whatever the claim."""

    claims: dict[str, ClaimTally]
    phases: Counter[str] = field(default_factory=Counter)
    admitted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    undecided: int = 0
    degenerate: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)
    survivors: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refuting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def absorb(self, phase: str, result: dict[str, Any]) -> None:
        """Add the records of one finished job."""
        if "failed" in result:
            if result["failed"] not in self.failures:
                self.failures.append(result["failed"])
            return
        self.refused += result.get("refused", 0)
        self.looked[phase] += len(result["records"])
        for record in result["records"]:
            if phase == "random":
                self._draw(record)
            if record["key"] in self.seen:
                self.duplicates += 1
                continue
            self.seen.add(record["key"])
            self.phases[phase] += 1
            self._fresh(phase, record)

    def _draw(self, record: dict[str, Any]) -> None:
        # Repeated instances count here: a frequency is over draws.
        for name, found in record["claims"].items():
            if found["outcome"] in ("holds", "refuted"):
                self.claims[name].draws += 1
                self.claims[name].draws_refuted += found["outcome"] == "refuted"

    def _fresh(self, phase: str, record: dict[str, Any]) -> None:
        if record["failed"] is not None:
            self.rejected[record["failed"]] += 1
            return
        if record["undecided"]:
            self.undecided += 1
            return
        self.admitted += 1
        self.degenerate += record["degenerate"]
        for name, found in record["claims"].items():
            self.claims[name].absorb(record, found)
        outcomes = {found["outcome"] for found in record["claims"].values()}
        kept = self.refuting if "refuted" in outcomes else self.survivors if outcomes <= {"holds", "vacuous"} else {}
        if record.get("instance") is not None and len(kept.setdefault(phase, [])) < VARIED:
            kept[phase].append(record["instance"])

    @property
    def examined(self) -> int:
        """Distinct instances looked at."""
        return sum(self.phases.values())

    @property
    def steerable(self) -> bool:
        """Whether some verdict came with a slack: otherwise nothing tells how near an instance is to a violation."""
        return any(tally.near for tally in self.claims.values())

    def counts(self, name: str) -> dict[str, int]:
        """satisfied, not_exercised, rejected, duplicate, degenerate, undecided for one claim."""
        claim = self.claims[name]
        open_ = claim.outcomes["inconclusive"]
        return {
            "satisfied": claim.outcomes["holds"] + claim.outcomes["refuted"] + open_,
            "not_exercised": claim.outcomes["vacuous"],
            "rejected": sum(self.rejected.values()),
            "duplicate": self.duplicates,
            "degenerate": claim.degenerate,
            "undecided": self.undecided + open_,
        }
