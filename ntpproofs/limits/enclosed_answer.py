"""The answer of the enclosed route: intervals and balls instead of exact numbers, for problems of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..exact.balls import Interval
from ..language.answer_records import Bounds, Dimensions, EnclosedMaxMargin, EnclosedRecord, GapBounds, Infimum
from ..language.answers import MARKS, Request, Simulation, SimulationOptions
from ..language.figures import Figure
from ..language.statements import Assumption
from ..language.verdicts import Outcome
from ..language.views import Facts, Matrix, Part, Sentence, Table, View
from ..logit.enclosed_by_rows import enclosed_by_rows
from ..logit.enclosed_limit import EnclosedLimit, enclosed_limit
from ..logit.protocols import Reducible
from .enclosed_coordinates import EnclosedCoordinates, enclosed_coordinates, enclosed_separations
from .exact_answer import DECISIVE, LARGEST_MATRIX, infimum_record, names_record, upward
from .refusals import no_certificate, no_simulation
from .separated import Separations

ENDS = {
    "converged": "",
    "time": "stopped at the time limit: what is shown holds, more time narrows it",
    "interrupted": "interrupted: what is shown holds, more time narrows it",
    "stalled": "ended without progress: what is shown holds",
}
# Matrices of more entries are no use on a screen; the JSON has them up to a million.
LARGEST_SHOWN = 2_000


@dataclass(frozen=True, eq=False)
class EnclosedAnswer:
    """An `Answer` of grade enclosed. `body` is the JSON, `decisive` the contexts with the largest shares of |u|^2."""

    body: Mapping[str, Any]
    decisive: tuple[tuple[int, float], ...]
    request: Request = field(default_factory=Request)
    facts: tuple[tuple[str, str], ...] = ()
    coordinates: EnclosedCoordinates | None = None
    separated: Separations | None = None
    unit: str = "context"

    def record(self) -> dict[str, Any]:
        """The JSON of `limit --json`; `coordinates` and `separated` are null where they are undecided."""
        found, pairs, groups = dict(self.body), self.coordinates, self.separated
        found |= {"coordinates": pairs and pairs.record(), "separated": None if groups is None else groups.record(self.request)}
        notes = [*self.request.notes, *(() if pairs is None else pairs.notes())]
        return found | names_record(self.request) | ({"notes": notes} if notes else {})

    def certificates(self) -> list[dict[str, Any]]:
        """None the kernel could check: its certificates are rational. Raises `TooLarge`."""
        raise no_certificate(self.body["route"]["why"])

    def simulate(self, options: SimulationOptions) -> Simulation:
        """Not at these sizes. Raises `TooLarge`."""
        raise no_simulation(self.body["route"]["why"])

    def figures(self) -> tuple[Figure, ...]:
        """None."""
        return ()

    def view(self) -> View:
        """Facts, matrices that fit on a screen, assumptions, the contexts that decide."""
        record = self.body
        parts: list[Part] = [Sentence(note, faint=True) for note in self.request.notes]
        parts.append(Facts((*self.facts, *_facts(record))))
        for name, title in (("finite_part", "finite part (the log-odds the iterates keep)"), ("max_margin", "max-margin direction (times log t)")):
            matrix = record[name]["matrix"]
            matrix = [matrix] if matrix and not isinstance(matrix[0], list) else matrix
            if matrix is not None and len(matrix) * len(matrix[0]) <= LARGEST_SHOWN:
                parts.append(Matrix(f"{title}, centre of its ball", matrix))
            elif matrix is not None:
                parts.append(Sentence(f"{title}: {len(matrix):,} x {len(matrix[0]):,}, in --json", faint=True))
        parts += [] if self.coordinates is None else self.coordinates.parts(self.request.everything)
        parts += [] if self.separated is None else self.separated.parts(self.request)
        rows = tuple((name, MARKS[Outcome(outcome)]) for name, outcome in record["assumptions"].items())
        parts.append(Table("assumptions, decided exactly or by the enclosure", ("assumption", "decision"), rows))
        if self.decisive:
            named = tuple(
                (f"{j}" + (f"  {self.request.names[j]!r}" if j in self.request.names else ""), f"{share:.4%}") for j, share in self.decisive
            )
            parts.append(Table(f"{self.unit}s with the largest multipliers", (self.unit, "share of |u|^2"), named))
        if record["undecided"]:
            parts.append(Sentence(f"undecided: {', '.join(record['undecided'])}"))
        if ENDS[record["stopped"]]:
            parts.append(Sentence(ENDS[record["stopped"]]))
        return View(f"{record['kind']}: what gradient descent converges to", tuple(parts))


def _facts(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    best, finite, infimum, sizes = record["max_margin"], record["finite_part"], record["infimum"], record["dimensions"]
    found = [("grade", "enclosed: every number is a centre with a verified radius"), ("route", f"enclosed: {record['route']['why']}")]
    found.append(("separation class", record["separation"]["class"]))
    if sizes is not None:
        found.append(("dimensions", ", ".join(f"{name} {count:,}" for name, count in sizes.items())))
    low, high = infimum["lower"], infimum["upper"]
    attained = {True: ", attained", False: ", not attained", None: ""}[infimum["attained"]]
    narrow = high - low <= 1e-9 * (1 + abs(high))
    found.append(("infimum of the loss", (f"{low:.9g} nats" if narrow else f"between {low:.9g} and {high:.9g} nats") + attained))
    margin = best["margin"]
    if margin is not None:
        found.append(("margin", f"between {margin['lower']:.12g} and {margin['upper']:.12g} (unit norm), relative gap {margin['gap']:.1e}"))
        found.append(("max-margin direction", f"norm {1 / margin['upper']:.9g}, known to {best['radius']:.2g}"))
    elif record["separation"]["class"] == "overlap":
        found.append(("margin", "none: nothing is separable"))
    if finite["radius"] is not None:
        found.append(("finite part", f"norm {finite['norm']:.9g}, known to {finite['radius']:.2g}"))
    return tuple(found)


def enclosed_answer(
    name: str, problem: Reducible, assumptions: Sequence[Assumption], decide: Mapping[str, Outcome] | None, request: Request, **more: Any
) -> EnclosedAnswer:
    """The answer of the enclosed route. `decide` has the assumptions that the data themselves decide; the others follow from the enclosure."""
    logit = problem.conditional_logit()
    found = enclosed_limit(logit, request.effort) if logit.data.left is None else enclosed_by_rows(logit, request.effort)
    known = {**_decisions(found), **(decide or {})}
    finite = found.finite
    body: EnclosedRecord = {
        "kind": name,
        "grade": "enclosed",
        "route": {"name": "enclosed", "why": more.pop("why", "asked for")},
        "separation": {"class": found.kind},
        "dimensions": None if found.dimensions is None else _dimensions(*found.dimensions),
        "assumptions": {entry.name: known.get(entry.name, Outcome.UNDECIDED).value for entry in assumptions},
        "finite_part": {
            "matrix": None if finite is None else _shaped(problem, finite.decoder),
            "radius": None if finite is None else upward(finite.radius),
            "norm": None if finite is None else float(np.linalg.norm(finite.decoder)),
        },
        "max_margin": _margin_record(problem, found),
        "infimum": _infimum(found.infimum, {"overlap": True, "undecided": None}.get(found.kind, False)),
        "undecided": list(found.undecided),
        "stopped": found.stopped,
    }
    unit, tokens = more.setdefault("unit", "context"), more.pop("tokens", None)
    pairs, groups = enclosed_coordinates(logit, found, request, unit, tokens), enclosed_separations(logit, found, unit, tokens)
    return EnclosedAnswer(body, _decisive(found), request, coordinates=pairs, separated=groups, **more)


def _dimensions(tied: int, diverging: int, invariant: int) -> Dimensions:
    return {"tied": tied, "diverging": diverging, "invariant": invariant}


def _margin_record(problem: Reducible, found: EnclosedLimit) -> EnclosedMaxMargin:
    best = found.margin
    if best is not None:
        squared: Bounds = {"lower": 0.0 - upward(-(best.least**2)), "upper": upward(best.most**2)}
        margin: GapBounds = {"lower": 0.0 - upward(-1 / best.most), "upper": upward(1 / best.least), "gap": upward(1 - best.least / best.most)}
        return {"matrix": _shaped(problem, best.decoder), "radius": upward(best.radius), "squared_norm": squared, "margin": margin}
    nothing = found.kind == "overlap"
    zero: Bounds | None = {"lower": 0.0, "upper": 0.0} if nothing else None
    return {"matrix": None, "radius": 0.0 if nothing else None, "squared_norm": zero, "margin": None}


def _infimum(value: Interval, attained: bool | None) -> Infimum:
    return {**infimum_record(value, bool(attained)), "attained": attained}


def _shaped(problem: Reducible, decoder: np.ndarray) -> list[list[float]] | list[float] | None:
    # A decoder is a matrix already; a flat vector becomes what the parameters of the model are.
    if decoder.size > LARGEST_MATRIX:
        return None
    found: list[list[float]] | list[float] = (decoder if decoder.ndim == 2 else np.asarray(problem.lift(decoder))).tolist()
    return found


def _decisive(found: EnclosedLimit) -> tuple[tuple[int, float], ...]:
    # The first block of every merged context speaks for it.
    if found.margin is None:
        return ()
    shares = found.margin.shares
    order = sorted(range(len(shares)), key=lambda g: (-float(shares[g]), g))[:DECISIVE]
    return tuple((found.data.groups.index(g), float(shares[g])) for g in order if shares[g] > 0)


def _decisions(found: EnclosedLimit) -> dict[str, Outcome]:
    # What class and margin say about the assumptions that are derived from the solution.
    if found.kind == "undecided":
        return {}

    def outcome(value: bool) -> Outcome:
        return Outcome.HOLDS if value else Outcome.FAILS

    decided = {
        "completely_separable": outcome(found.kind == "complete"),
        "nothing_separable": outcome(found.kind == "overlap"),
        "something_separable": outcome(found.kind != "overlap"),
    }
    if found.kind == "overlap":  # there is no support, and nothing on it to be weak
        decided |= {"strictly_complementary": Outcome.HOLDS, "unique_multipliers": Outcome.HOLDS}
    return decided


__all__ = ["EnclosedAnswer", "enclosed_answer"]
