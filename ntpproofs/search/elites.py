"""The best instance of every type for every claim: where the search goes on from.

Best means nearest to a violation. An equality that many instances show is not near to one, it holds identically: it ranks behind every
positive slack. A seldom one is where the claim touches its bound, and ranks first. An instance on which a premise fails ranks behind
those, by how much it fails, and one that an assumption rejects ranks last, by how many assumptions it satisfies first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

Score = tuple[int, float]
REFUTED, NEAR, TIGHT, SILENT, REJECTED, OPEN = range(6)
# Types kept per claim; later ones are counted, not kept.
KEPT = 2_000


def score_of(record: Mapping[str, Any], claim: str, touching: bool = False) -> Score:
    """How near a record is to refuting a claim: smaller is nearer. With `touching` equalities are nearest, else behind other slacks.

    >>> holds = {"failed": None, "claims": {"c": {"outcome": "holds", "slack": 0.5}}}
    >>> tight = {"failed": None, "claims": {"c": {"outcome": "holds", "slack": 0.0}}}
    >>> score_of(holds, "c") < score_of(tight, "c")
    True
    """
    found = record["claims"].get(claim)
    if found is None:
        return (REJECTED, -float(record.get("satisfied", 0))) if record["failed"] is not None else (OPEN, 0.0)
    slack = found["slack"] if found["slack"] is not None and isfinite(found["slack"]) else None
    if found["outcome"] == "refuted":
        return REFUTED, 0.0 if slack is None else slack
    if found["outcome"] == "holds":
        return (NEAR, 0.0 if slack is None else slack) if touching or slack is None or slack > 0 else (TIGHT, 0.0)
    if found["outcome"] == "vacuous":
        return SILENT, inf if slack is None else -slack
    return OPEN, 0.0


def kind_in(record: Mapping[str, Any]) -> str:
    """The type of a record's instance; of a rejected one, what rejects it."""
    return record.get("type") or f"rejected by {record['failed']}"


@dataclass
class Elite:
    """The best instance of a type, how often instances were sought around it, and how many of its type were seen."""

    kind: str
    score: Score
    entry: dict[str, Any]
    expanded: int = 0


@dataclass
class Elites:
    """One elite per claim and type. What is next to be expanded is a function of what was absorbed, in order."""

    best: dict[str, dict[str, Elite]] = field(default_factory=dict)

    def absorb(self, claim: str, record: Mapping[str, Any]) -> None:
        """Keep a record that carries its instance if it is better than its type's best."""
        kind = kind_in(record)
        score, types = score_of(record, claim), self.best.setdefault(claim, {})
        known = types.get(kind)
        if known is None and len(types) < KEPT:
            types[kind] = Elite(kind, score, _carried(record))
        elif known is not None and score < known.score:
            known.score, known.entry = score, _carried(record)

    def rare(self, claim: str, seen: Mapping[str, int]) -> Iterator[Elite]:
        """Elites by how seldom they were expanded, then how seldom their type was seen."""
        yield from sorted(self.best.get(claim, {}).values(), key=lambda elite: (elite.expanded, elite.score[0] >= SILENT, seen.get(elite.kind, 0)))

    def near(self, claim: str, touching: bool = False) -> Iterator[Elite]:
        """Elites by how near they are to a violation, those from which walks have started often behind others."""

        def rank(elite: Elite) -> tuple[float, float, int]:
            level, slack = elite.score
            return (NEAR if touching and level == TIGHT else level), slack * (1 + elite.expanded), elite.expanded

        yield from sorted(self.best.get(claim, {}).values(), key=rank)


def _carried(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in ("instance", "choices") if record.get(key) is not None}


__all__ = ["Elite", "Elites", "Score", "kind_in", "score_of"]
