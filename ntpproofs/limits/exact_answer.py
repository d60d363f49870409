"""The answer of every kind that reduces to a conditional logit: separation, finite part and max-margin direction, all certified."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import OutOfTime
from ..exact.balls import Interval
from ..exact.rational import written
from ..language.answer_records import Infimum, LimitRecord
from ..language.answers import MARKS, Request, SimulationOptions, decided
from ..language.figures import Figure
from ..language.statements import Assumption
from ..language.verdicts import Outcome
from ..language.views import Facts, Matrix, Part, Sentence, Table, View
from ..logit.decomposition import Decomposition, decompose
from ..logit.margin import max_margin
from ..logit.problem import ConditionalLogit
from ..logit.protocols import Reducible
from ..logit.records import further_records
from .clock import TimeIsUp, within
from .coordinates import Coordinates, coefficients, logits
from .separated import Separations, separations
from .targets import ExactTargets, Targets

if TYPE_CHECKING:
    from .simulation import LimitSimulation

LARGEST_MATRIX = 10**6
WITHIN = "within its reach"  # why the exact route is taken, which is not worth a line
DECISIVE = 5
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Decisive:
    """A block (context, sequence, row) that carries a share of |u|^2, and the margin of a unit decoder if it were the whole dataset."""

    block: int
    share: float
    margin: float


@dataclass(frozen=True, eq=False)
class LimitAnswer:
    """An `Answer` about the limit of gradient descent, whatever route found it.

    `body` is the JSON, `records` the kernel's certificates, `facts` what people read first, `norms` the lengths of u and w*. `extra`
    and `parts` are what a kind adds to the JSON and to the view (behind the matrices), `unit` is what it calls a block; `weighted` where
    the loss is minus the log-likelihood itself, with the weights as given.
    """

    logit: Callable[[], ConditionalLogit]
    body: Mapping[str, Any]
    targets: Targets
    records: Callable[[], list[dict[str, Any]]]
    finite_part_norm: float
    decisive: tuple[Decisive, ...]
    request: Request = field(default_factory=Request)
    facts: Rows = ()
    unit: str = "context"
    extra: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    pictures: Callable[[], tuple[Figure, ...]] = tuple
    coordinates: Coordinates | None = None
    separated: Separations | None = None
    weighted: bool = False

    def record(self) -> dict[str, Any]:
        """The JSON of `limit --json`."""
        found = {**self.body, **self.extra}
        if self.coordinates is not None and self.separated is not None:
            found |= {"coordinates": self.coordinates.record(), "separated": self.separated.record(self.request)}
        notes = [*self.request.notes, *(() if self.coordinates is None else self.coordinates.notes())]
        return found | names_record(self.request) | ({"notes": notes} if notes else {})

    def certificates(self) -> list[dict[str, Any]]:
        """The kernel records behind it."""
        return self.records()

    def simulate(self, options: SimulationOptions) -> LimitSimulation:
        """Follow an optimizer and compare its end with the limit."""
        from .simulation import simulate  # a third of the time that a small answer takes

        return simulate(self.logit(), self.targets, options)

    def figures(self) -> tuple[Figure, ...]:
        """Pictures of the kind."""
        return self.pictures()

    def view(self) -> View:
        """Facts, matrices, the kind's own parts, assumptions, the blocks that decide."""
        record = self.body
        notes = tuple(Sentence(note, faint=True) for note in self.request.notes)
        parts: list[Part] = [*notes, Facts((*self.facts, *self._facts())), *_matrices(record)]
        if self.coordinates is not None and self.separated is not None:
            parts += [*self.coordinates.parts(self.request.everything), *self.separated.parts(self.request)]
        parts += self.parts
        rows = tuple((name, MARKS[Outcome(outcome)]) for name, outcome in record["assumptions"].items())
        parts.append(Table("assumptions, decided exactly", ("assumption", "decision"), rows))
        if self.decisive:
            named = ((f"{e.block}" + (f"  {self.request.names[e.block]!r}" if e.block in self.request.names else ""), e) for e in self.decisive)
            table = tuple((name, f"{e.share:.4%}", f"{e.margin:.6g}") for name, e in named)
            columns = self.unit, "share of |u|^2", "margin on its own, unit norm"
            parts.append(Table(f"{self.unit}s with the smallest margins", columns, table))
        return View(f"{record['kind']}: what gradient descent converges to", tuple(parts))

    def _facts(self) -> Rows:
        record, squared = self.body, self.targets.squared_norm
        best, infimum, radius = record["max_margin"], record["infimum"], record["finite_part"]["radius"]
        size = float(squared) ** 0.5
        exact = best["squared_norm"] if len(best["squared_norm"]) <= 40 else f"{size**2:.9g} (exact in --json)"
        weak = "no: some support pair is weak, expect log log t drift"
        route = record["route"]
        return (
            *(() if route["why"] == WITHIN else (("route", f"{route['name']}: {route['why']}"),)),
            ("separation class", record["separation"]["class"]),
            ("dimensions", ", ".join(f"{name} {count:,}" for name, count in record["dimensions"].items())),
            ("infimum of the loss", f"{infimum['lower']:.9g} nats, {'attained' if infimum['attained'] else 'not attained'}{self._likelihood()}"),
            ("margin", f"{float(squared) ** -0.5:.9g} (unit norm)" if squared else "none: nothing is separable"),
            ("max-margin direction", f"norm {size:.9g}, squared norm {exact}"),
            ("strictly complementary", "yes" if best["strictly_complementary"] else weak),
            ("finite part", f"norm {self.finite_part_norm:.9g}" + (f", known to {radius:.2g}" if radius is not None else "")),
        )

    def _likelihood(self) -> str:
        # Minus the log-likelihood at its supremum, where the weights of the loss are counts or known multiples of counts.
        count = Fraction(1) if self.weighted else self.request.observations
        if count is None:
            return ""
        among = ", weights as given" if self.weighted else f" of {float(count):,.6g} predictions"
        return f"; -log L = {self.body['infimum']['lower'] * float(count):.9g}{among}"


def names_record(asked: Request) -> dict[str, Any]:
    """The `names` of the JSON: in the order of their ids, those of observations by id, because not every one need have one."""
    named = {"tokens": list(asked.tokens), "coordinates": list(asked.coordinates), "observations": {str(i): x for i, x in asked.names.items()}}
    kept = {field: names for field, names in named.items() if names}
    return {"names": kept} if kept else {}


def _matrices(record: Mapping[str, Any]) -> list[Part]:
    found: list[Part] = []
    for name, title in (("finite_part", "finite part (the log-odds the iterates keep)"), ("max_margin", "max-margin direction (times log t), exact")):
        matrix = record[name]["matrix"]
        if matrix is None:
            found.append(Sentence(f"{title}: more than a million entries, not shown", faint=True))
        else:
            found.append(Matrix(title, matrix if matrix and isinstance(matrix[0], list) else [matrix]))
    return found


def exact_answer(name: str, problem: Reducible, assumptions: Sequence[Assumption], request: Request, **more: Any) -> LimitAnswer:
    """The answer of the exact route; `more` are the further fields of `LimitAnswer` that a kind sets.

    Raises `TooLarge` where the exact route does not reach, saying how large the problem is and what to do, and `OutOfTime` at the time
    limit of the request, saying what was known by then.
    """
    try:
        with within(request.effort.seconds):
            return _exact(name, problem, assumptions, request, **more)
    except TimeIsUp:
        decided_by_then = problem.conditional_logit().memo.get("separation")
        known = "nothing was decided" if decided_by_then is None else f"decided by then: the separation class, {decided_by_then.kind}"
        raise OutOfTime("--time-limit", f"ended before the exact answer was complete ({known})", "give more seconds") from None


def _exact(name: str, problem: Reducible, assumptions: Sequence[Assumption], request: Request, **more: Any) -> LimitAnswer:
    logit = problem.conditional_logit()
    parts = decompose(logit)
    best, part = parts.max_margin, parts.finite_part
    body: LimitRecord = {
        "kind": name,
        "route": {"name": "exact", "why": more.pop("why", WITHIN)},
        "separation": {"class": parts.separation.kind},
        "dimensions": {"tied": parts.tied.dimension, "diverging": parts.diverging.dimension, "invariant": parts.invariant.dimension},
        "assumptions": {entry: outcome.value for entry, outcome in decided(assumptions, problem).items()},
        "finite_part": {"matrix": _shaped(problem, [float(x) for x in part.center]), "radius": upward(part.radius)},
        "max_margin": {
            "matrix": _shaped(problem, [written(x) for x in best.direction]),
            "squared_norm": written(best.squared_norm),
            "strictly_complementary": best.strictly_complementary,
        },
        "infimum": infimum_record(parts.infimum, parts.attained),
    }
    further, unit = more.pop("records", list), more.setdefault("unit", "row" if problem is logit else "context")
    more.setdefault("facts", (("rows", f"{len(logit.row_labels):,}"), ("coefficients", f"{logit.dimension:,}")))
    tokens = more.pop("tokens", [block.alternatives for block in logit.data.blocks] if logit.data.left is None else None)
    return LimitAnswer(
        logit=problem.conditional_logit,
        body=body,
        targets=ExactTargets(parts),
        records=lambda: [parts.separation.certificate, best.certificate, *further(), *further_records(parts)],
        finite_part_norm=float(np.linalg.norm(part.array)),
        decisive=_decisive(parts),
        request=request,
        weighted=problem is logit,
        coordinates=coefficients(parts, request) if tokens is None else logits(parts, request, tokens, unit),
        separated=separations(logit.data, parts.separation.tied_sets, unit, lambda b, v: v if tokens is None else tokens[b][v]),
        **more,
    )


def _shaped(problem: Reducible, entries: list[Any]) -> Any:
    # As the parameters of the model: rows of lists, or a flat list where the model has a vector.
    if len(entries) > LARGEST_MATRIX:
        return None
    lifted = problem.lift(tuple(entries))
    return [list(row) if isinstance(row, (tuple, list)) else row for row in lifted]


def infimum_record(value: Interval, attained: bool) -> Infimum:
    """The `infimum` object: an enclosed value with bounds rounded outward."""
    return {"lower": 0.0 - upward(-value.lower), "upper": upward(value.upper), "attained": attained}


def upward(x: Fraction) -> float:
    """The smallest double at least as large as a rational.

    >>> upward(Fraction(1, 3)) > 1 / 3 or Fraction(upward(Fraction(1, 3))) >= Fraction(1, 3)
    True
    """
    value = float(x)
    return value if Fraction(value) >= x else float(np.nextafter(value, np.inf))


def _decisive(parts: Decomposition) -> tuple[Decisive, ...]:
    # The blocks that carry the margin: the share of each in |u|^2, the largest first.
    shares = parts.max_margin.block_shares
    ranked = sorted(shares, key=lambda block: (-round(shares[block], 12), block))
    return tuple(Decisive(block, shares[block], _margin_alone(parts.problem, block)) for block in ranked[:DECISIVE])


def _margin_alone(logit: ConditionalLogit, block: int) -> float:
    # What a decoder of unit norm could reach if this block were the whole dataset.
    alone = ConditionalLogit.from_dataset(replace(logit.data, blocks=(logit.data.blocks[block],)))
    return float(max_margin(alone).squared_norm) ** -0.5
