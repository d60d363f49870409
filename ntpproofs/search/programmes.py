"""Exact search within a type: supports, graph, multipliers and direction are kept, and a small integer programme finds the embeddings.

With the max-margin direction u and the multipliers of a known instance held fixed, everything the optimality conditions ask is linear
in those embeddings that enter the differences z linearly (all but queries):

    sum lambda_i z_i = u,   <u, z_i> = 1 on active pairs,   <u, z_i> >= 1 on the other separable ones.

Making one more pair active, with multiplier zero, gives an instance with one more weak pair, which random draws seldom have. Among the
solutions the one is taken that lowers the claim's slack, as far as that is linear in the embeddings; else a random one. Along one
entry the slack is interpolated and its lowest point tried. HiGHS proposes; what it proposes is an instance like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from math import isfinite
from random import Random
from typing import Any

import numpy as np

from ..checking.drawing import seed_of
from ..checking.kinds import kind_of, read_instance
from ..checking.processes import Job
from ..errors import NtpproofsError
from ..language.entries import LARGEST_ENTRY
from ..language.strategy_arguments import domains_of
from ..logit.margin import max_margin
from ..logit.protocols import Reduces, reduces
from ..logit.recession import separation
from .moves import admitted
from .records import Records
from .transport import decode
from .workbench import Workbench, drawing

# Entries of an instance that are varied at most, their size, nodes of a programme (seconds would depend on the machine), and how many
# programmes per parent.
VARIABLES, SIZE, NODES, PROGRAMMES = 24, 3, 500, 4
# Points of a line at which the slack is interpolated.
POINTS = (-1, 1, 2)

Path = tuple[Any, ...]


def solve(bench: Workbench, job: Job) -> dict[str, Any]:
    """Instances of the types of the parents of a job that programmes propose."""
    records, domains = Records(bench, job), domains_of(bench.statement(job).instances)
    for number, parent in enumerate(job.arguments["parents"]):
        random = Random(seed_of(job.arguments["seed"], job.arguments["label"], "programme", job.arguments["number"], number))
        bench.mark(drawing(number))
        proposals = _proposals(decode(parent), random, records, parent["claim"], f"{number}")
        for place, problem in enumerate(proposals):
            if admitted(problem, domains):
                records.add(f"{number}.{place}", problem)
            bench.mark(drawing(number))
    return {"records": records.finished()}


def _proposals(problem: object, random: Random, records: Records, claim: str, place: str) -> Iterator[Any]:
    kind = kind_of(problem)
    if kind is None or not reduces(problem):
        return
    record = kind.write(problem)
    paths = [*_entries(record)][:VARIABLES]
    if not paths:
        return
    slack = _Slack(records, claim, place)
    yield from _lowest_on_a_line(record, random.choice(paths), slack)
    model = _model(problem, record, paths)
    if model is not None:
        gradient = _gradient(record, model.paths, slack)
        for _ in range(PROGRAMMES):
            yield from _solved(model, record, random, gradient)


@dataclass
class _Slack:
    # The slack of the claim on an instance, examined like any other; None where there is none.
    records: Records
    claim: str
    place: str
    asked: int = 0

    def of(self, record: Mapping[str, Any]) -> float | None:
        problem = _read(record)
        if problem is None:
            return None
        self.asked += 1
        seen = self.records.add(f"{self.place} probe {self.asked}", problem)["claims"].get(self.claim)
        slack = None if seen is None else seen["slack"]
        return slack if slack is not None and isfinite(slack) else None


def _entries(value: Any, path: Path = (), inside: bool = False) -> Iterator[Path]:
    # Where the entries of embeddings and features are in an instance record.
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _entries(part, (*path, key), inside or key in ("embeddings", "features"))
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            yield from _entries(part, (*path, i), inside)
    elif inside and str(value).lstrip("-").isdigit():
        yield path


def _at(record: Mapping[str, Any], path: Path) -> int:
    value: Any = record
    for key in path:
        value = value[key]
    return int(value)


def _changed(record: Mapping[str, Any], values: Mapping[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = deepcopy(dict(record))
    for path, x in values.items():
        holder: Any = found
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = str(x)
    return found


def _read(record: Mapping[str, Any]) -> Any | None:
    try:
        return read_instance(record)
    except NtpproofsError:
        return None


def _lowest_on_a_line(record: Mapping[str, Any], path: Path, slack: _Slack) -> Iterator[Any]:
    here = _at(record, path)
    points = [(0, slack.of(record)), *((t, slack.of(_changed(record, {path: here + t}))) for t in POINTS)]
    known = [(t, s) for t, s in points if s is not None]
    if len(known) < len(points) or len({s for _, s in known}) == 1:
        return
    cubic = np.polyfit([t for t, _ in known], [s for _, s in known], len(known) - 1)
    lowest = min(range(-LARGEST_ENTRY - here, LARGEST_ENTRY - here + 1), key=lambda t: (float(np.polyval(cubic, t)), abs(t)))
    found = _read(_changed(record, {path: here + lowest}))
    if found is not None:
        yield found


@dataclass(frozen=True)
class _Model:
    # z_i as an affine function of the entries at `paths`: `base` (pairs x D) and one derivative of that shape per entry.
    paths: tuple[Path, ...]
    here: np.ndarray
    base: np.ndarray
    slopes: np.ndarray
    direction: np.ndarray
    multipliers: np.ndarray
    active: np.ndarray


def _differences(record: Mapping[str, Any], pairs: list[tuple[int, int]]) -> np.ndarray | None:
    problem = _read(record)
    if problem is None:
        return None
    rows = problem.conditional_logit().rows
    if any(i >= len(rows) or v >= len(rows[i].features) for i, v in pairs):
        return None
    return np.array([[float(x - y) for x, y in zip(rows[i].features[rows[i].chosen], rows[i].features[v])] for i, v in pairs])


def _model(problem: Reduces, record: Mapping[str, Any], paths: list[Path]) -> _Model | None:
    # None where something is tied (u then depends on a projection), or no entry enters linearly.
    try:
        parts, best = separation(problem), max_margin(problem)
    except NtpproofsError:
        return None
    if parts.tied or not parts.separable:
        return None
    pairs = sorted(parts.separable)
    base = _differences(record, pairs)
    if base is None:
        return None
    free, slopes = list[Path](), list[np.ndarray]()
    for path in paths:
        slope = _slope(record, pairs, base, path)
        if slope is not None and all(_apart(record, pairs, base, (path, slope), other) for other in zip(free, slopes)):
            free.append(path)
            slopes.append(slope)
    if not free:
        return None
    multipliers = np.array([float(best.multipliers.get(pair, 0)) for pair in pairs])
    active = np.array([pair in best.support for pair in pairs])
    here, direction = np.array([float(_at(record, path)) for path in free]), np.array([float(x) for x in best.direction])
    return _Model(tuple(free), here, base, np.array(slopes), direction, multipliers, active)


def _slope(record: Mapping[str, Any], pairs: list[tuple[int, int]], base: np.ndarray, path: Path) -> np.ndarray | None:
    # The derivative, where two steps change as much as twice one step.
    once, twice = (_differences(_changed(record, {path: _at(record, path) + t}), pairs) for t in (1, 2))
    if once is None or twice is None or once.shape != base.shape or not np.array_equal(twice - once, once - base):
        return None
    return once - base


def _apart(
    record: Mapping[str, Any], pairs: list[tuple[int, int]], base: np.ndarray, one: tuple[Path, np.ndarray], other: tuple[Path, np.ndarray]
) -> bool:
    # Whether two entries together change what each changes alone: their product does not occur.
    moved = _differences(_changed(record, {path: _at(record, path) + 1 for path, _ in (one, other)}), pairs)
    return moved is not None and np.array_equal(moved, base + one[1] + other[1])


def _gradient(record: Mapping[str, Any], paths: tuple[Path, ...], slack: _Slack) -> np.ndarray | None:
    # The claim's slack as a linear function of the entries; None where it has none, or is not linear along their sum.
    base = slack.of(record)
    steps = [slack.of(_changed(record, {path: _at(record, path) + 1})) for path in paths] if base is not None else [None]
    known = [s for s in steps if s is not None]
    together = slack.of(_changed(record, {path: _at(record, path) + 1 for path in paths}))
    if base is None or len(known) < len(steps) or together is None:
        return None
    gradient = np.array(known) - base
    return gradient if abs(together - base - gradient.sum()) <= 1e-9 * (1 + abs(together)) and gradient.any() else None


def _solved(model: _Model, record: Mapping[str, Any], random: Random, gradient: np.ndarray | None) -> Iterator[Any]:
    from scipy.optimize import Bounds, LinearConstraint, milp

    margins = np.einsum("kpd,d->pk", model.slopes, model.direction)
    offset = model.base @ model.direction - margins @ model.here
    inactive = [i for i in range(len(model.active)) if not model.active[i]]
    wanted = model.active.copy()
    if inactive:
        wanted[random.choice(inactive)] = True
    sums = np.einsum("kpd,p->dk", model.slopes, model.multipliers)
    total = model.direction - model.multipliers @ model.base + sums @ model.here
    constraints = [
        LinearConstraint(sums, total, total),
        LinearConstraint(margins, 1 - offset, np.where(wanted, 1 - offset, np.inf)),
    ]
    cost = gradient if gradient is not None else np.array([random.randint(-3, 3) for _ in model.paths], dtype=float)
    size = random.randint(1, SIZE)
    found = milp(cost, constraints=constraints, integrality=np.ones(len(cost)), bounds=Bounds(-size, size), options={"node_limit": NODES})
    if found.x is not None:
        problem = _read(_changed(record, {path: round(x) for path, x in zip(model.paths, found.x)}))
        if problem is not None:
            yield problem


__all__ = ["solve"]
