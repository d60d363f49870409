"""What a campaign has seen so far: counts, verdicts, near misses, refutations. Absorbing results in order gives the same tally always."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from ..checking.findings import Finding, Findings, Trouble
from ..language.verdicts import Evidence, Outcome, Verdict
from .elites import Elites
from .novelty import Types

# How many near misses and refutations are kept with their instances, and per phase how many instances for contrast.
NEAR, REFUTING, VARIED = 5, 20, 40
# A violation in floats is sought this often, or on this many further instances after the first, before the search for it ends; a
# broken claim is tried this often.
OBSERVED, FURTHER, BROKEN = 3, 25, 40
# The share of equalities among the instances on which a claim holds, up to which they count as near misses for walks.
SELDOM = 0.2


@dataclass
class ClaimTally:
    """Counts and the instances worth keeping for one claim."""

    name: str
    found: Findings = field(default_factory=Findings)
    refuting: list[dict[str, Any]] = field(default_factory=list)
    observed: list[dict[str, Any]] = field(default_factory=list)
    near: list[dict[str, Any]] = field(default_factory=list)
    equalities: int = 0
    equality: dict[str, Any] | None = None
    degenerate: int = 0
    draws: int = 0
    draws_refuted: int = 0
    further: int = 0
    confirmed: bool = False
    unrepeatable: bool = False

    def absorb(self, record: dict[str, Any], plain: dict[str, Any]) -> None:
        """Count one finding on a new instance."""
        found = Finding.of(plain)
        self.further += bool(self.observed) and found.outcome is not Outcome.VACUOUS
        self.found.absorb(found)
        if found.outcome is not Outcome.VACUOUS:
            self.degenerate += record["degenerate"]
        if found.outcome is Outcome.REFUTED:
            kept = self.refuting if found.disproof else self.observed
            kept.append(_brief(record, plain))
            kept.sort(key=lambda entry: entry["size"])
            del kept[REFUTING:]
        elif found.outcome is Outcome.HOLDS and found.verdict.slack is not None and isfinite(found.verdict.slack):
            self._close(record, plain)

    def forget(self) -> None:
        """What a claim said that does not repeat is worth nothing: no count, no instance of it is kept."""
        self.unrepeatable, self.found, self.equality = True, Findings(), None
        self.refuting, self.observed, self.near = [], [], []
        self.equalities = self.degenerate = self.draws = self.draws_refuted = self.further = 0

    @property
    def doubtful(self) -> list[dict[str, Any]]:
        """Refuting instances, smallest first, none of which has been confirmed yet."""
        return [] if self.confirmed else [entry for entry in self.refuting or self.observed if entry["instance"] is not None]

    def _close(self, record: dict[str, Any], found: dict[str, Any]) -> None:
        if found["slack"] <= 0:
            self.equalities += 1
            if "text" in record and (self.equality is None or record["size"] < self.equality["size"]):
                self.equality = _brief(record, found)
        if "text" not in record:  # its job had a nearer one of this type
            return
        self.near.append(_brief(record, found))
        self.near.sort(key=lambda entry: (entry["slack"], entry["size"]))
        del self.near[NEAR:]

    @property
    def settled(self) -> bool:
        """Whether searching on would tell nothing new: disproved, seen in floats often enough, or broken."""
        seen = len(self.observed) >= OBSERVED or self.further >= FURTHER
        return (bool(self.refuting) or seen or self.broken) and not self.unrepeatable

    @property
    def touching(self) -> bool:
        """Whether equalities are seldom: then the claim touches its bound there, and does not hold identically."""
        return self.equalities <= SELDOM * self.found.holding

    @property
    def endless(self) -> bool:
        """Whether it did not return twice, or twice used up the memory it is allowed."""
        return self.found.troubles[Trouble.LIMIT] + self.found.troubles[Trouble.MEMORY] >= 2

    @property
    def broken(self) -> bool:
        """Whether the claim never returned or never gave a verdict."""
        failed = sum(count for trouble, count in self.found.troubles.items() if trouble.defect or trouble is Trouble.REFUSED)
        return self.endless or (failed >= BROKEN and self.found.decided == 0)

    @property
    def best_margin(self) -> float | None:
        """The smallest slack seen on a surviving instance."""
        return self.near[0]["slack"] if self.near else None

    def verdict(self, undecided: dict[str, str]) -> Verdict:
        """The verdict over all instances; violations seen in floats only are *observed*, what does not repeat is inconclusive."""
        if self.unrepeatable:
            return Verdict(Outcome.INCONCLUSIVE, None, "no instance was decided", UNREPEATABLE)
        verdict = self.found.verdict(undecided)
        if verdict.outcome is not Outcome.REFUTED:
            return verdict
        grade = verdict.evidence if self.refuting else Evidence.OBSERVED
        return replace(verdict, evidence=grade, detail=(self.refuting or self.observed)[0]["detail"])


UNREPEATABLE = "not reproducible: refuted in one evaluation, not in another of the same instance in a fresh process"


def _brief(record: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    keys = ("slack", "detail", "evidence", "on_path")
    carried = {"instance": record.get("instance"), "text": record.get("text", ""), "choices": record.get("choices")}
    return {"size": record["size"], **carried, **{key: found[key] for key in keys}}


@dataclass
class Tally:
    """Counts over instances, whatever the claim. `looked` counts examinations by lane, `phases` distinct instances, `types` those that
    satisfy the assumptions by combinatorial type."""

    claims: dict[str, ClaimTally]
    phases: Counter[str] = field(default_factory=Counter)
    admitted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    undecided: int = 0
    undecided_by: dict[str, str] = field(default_factory=dict)
    degenerate: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)
    survivors: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refuting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)
    enumerated: set[int] = field(default_factory=set)
    types: Types = field(default_factory=Types)
    elites: Elites = field(default_factory=Elites)
    stale: int = 0

    def absorb(self, phase: str, result: dict[str, Any], enough: Callable[[], bool] = lambda: False) -> None:
        """Add the records of one finished job, up to the one that is enough."""
        if "failed" in result:
            if result["failed"] not in self.failures:
                self.failures.append(result["failed"])
            return
        self.refused += result.get("refused", 0)
        for record in result["records"]:
            self.looked[phase] += 1
            if phase == "random":
                self._draw(record)
            key, self.stale = int(record["key"], 16), self.stale + 1
            if phase == "enumeration":
                self.enumerated.add(key)
            if key in self.seen:
                self.duplicates += 1
                continue
            self.stale = 0
            self.seen.add(key)
            self.phases[phase] += 1
            self._fresh(phase, record)
            if enough():
                return

    def _draw(self, record: dict[str, Any]) -> None:
        # Repeated instances count here: a frequency is over draws.
        for name, found in record["claims"].items():
            if found["outcome"] in ("holds", "refuted"):
                self.claims[name].draws += 1
                self.claims[name].draws_refuted += found["outcome"] == "refuted"

    def _fresh(self, phase: str, record: dict[str, Any]) -> None:
        if record.get("instance") is not None:
            for name in record["claims"] or ("",):
                self.elites.absorb(name, record)
        if record["failed"] is not None:
            self.rejected[record["failed"]] += 1
            return
        if record["undecided"]:
            self.undecided += 1
            self.undecided_by = record["undecided"] | self.undecided_by
            return
        self.admitted += 1
        if record["type"] is not None:
            self.types.absorb(record["type"])
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
    def decided(self) -> int:
        """Distinct instances on which every claim still searched was decided: the fewest over those claims."""
        left = [claim.found.decided for claim in self.claims.values() if not (claim.settled or claim.endless or claim.unrepeatable)]
        return min(left, default=0)

    def counts(self, name: str) -> dict[str, int]:
        """satisfied, not_exercised, rejected, duplicate, degenerate, undecided for one claim."""
        claim = self.claims[name]
        return {
            "satisfied": claim.found.decided + claim.found.open,
            "not_exercised": claim.found.not_exercised,
            "rejected": sum(self.rejected.values()),
            "duplicate": self.duplicates,
            "degenerate": claim.degenerate,
            "undecided": self.undecided + claim.found.open,
        }
