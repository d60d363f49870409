"""Fates of coordinates and separated observations of an enclosed answer: what the balls around u and w* say of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..exact.rounding import WIDER, above, gamma
from ..language.answers import Request
from ..language.naming import visibly
from ..language.views import Part, Sentence, Table
from ..logit.enclosed_finite import EnclosedFinitePart
from ..logit.enclosed_limit import EnclosedLimit
from ..logit.enclosed_margin import EnclosedMargin
from ..logit.fates import Fate
from ..logit.problem import ConditionalLogit
from ..logit.row_data import RowData
from ..logit.token_data import TokenData
from .coordinates import LISTED, LOGITS, SHOWN, pair_name
from .separated import Separations, separations

OPEN = "undecided"
LARGEST = 5_000  # pairs that are listed one by one


@dataclass(frozen=True)
class EnclosedCoordinate:
    """The logit of a token in a context: its value under w* where it is finite, else its coefficient of log t; each within its radius."""

    name: str
    pair: tuple[int, int] | None
    finite: bool
    center: float
    radius: float

    def record(self) -> dict[str, Any]:
        """The entry of `coordinates` in the JSON: `log_t` is an object with `center` and `radius` where it is not the exact 0."""
        growth = {"center": self.center, "radius": self.radius}
        where = {} if self.pair is None else {"context": self.pair[0], "token": self.pair[1]}
        return {
            "name": self.name, **where, "fate": Fate.FINITE.value if self.finite else OPEN,
            "value": self.center if self.finite else None, "radius": self.radius if self.finite else None,
            "log_t": "0" if self.finite else growth, "log_log_t": "0" if self.finite else None,
            "settles": "data" if self.finite else None,
        }  # fmt: skip

    def row(self) -> tuple[str, str, str]:
        """The same for people."""
        name = visibly(self.name)
        if self.finite:
            return name, f"finite: {self.center:.9g}, known to {self.radius:.2g}", "tends to that value"
        sure = abs(self.center) > self.radius
        return name, OPEN, f"like {self.center:.9g} log t, known to {self.radius:.2g}" if sure else f"slower than {self.radius:.2g} log t"


@dataclass(frozen=True)
class EnclosedCoordinates:
    """The pairs with the largest numbers of `total`, or all of them."""

    entries: tuple[EnclosedCoordinate, ...]
    total: int
    title: str = LOGITS

    def record(self) -> list[dict[str, Any]]:
        """The value of the JSON key `coordinates`."""
        return [entry.record() for entry in self.entries]

    def notes(self) -> list[str]:
        """What to know about pairs that are missing."""
        short = len(self.entries) < self.total
        return [f"coordinates: the {len(self.entries)} largest of {self.total:,}; --all works out every one"] if short else []

    def parts(self, everything: bool) -> list[Part]:
        """A table, the largest first."""
        ranked = sorted(self.entries, key=lambda entry: -abs(entry.center))
        shown = ranked if everything else ranked[:SHOWN]
        columns = "name", "along every maximiser of the likelihood", "under gradient descent"
        found: list[Part] = [Table(f"the fate of every coordinate: {self.title}", columns, tuple(entry.row() for entry in shown))]
        if len(shown) < self.total:
            found.append(Sentence(f"the largest {len(shown)} of {self.total:,}; --all shows every one", faint=True))
        if any(not entry.finite for entry in shown):
            found.append(Sentence("which signs an unbounded coordinate may have is decided by the exact route only (--exact)", faint=True))
        return found


def enclosed_coordinates(
    logit: ConditionalLogit, found: EnclosedLimit, request: Request, unit: str = "context", tokens: Sequence[Sequence[int]] | None = None
) -> EnclosedCoordinates | None:
    """The coefficients of a table, or the logits of every context, each less its mean; None where neither ball is known.

    A decoder within r of the centre has centred logits within r |h_j| of those of the centre, because the centring of a unit vector is no
    longer than it; rounding adds what the products may lose. `tokens` names the alternatives of every block of an attention problem.
    """
    finite = found.kind == "overlap" and found.finite is not None
    ball = found.finite if finite else found.margin
    if ball is None:
        return None
    if isinstance(found.data, RowData):
        center, radius = np.asarray(ball.decoder), math.nextafter(float(ball.radius), math.inf)
        if tokens is None:
            return _coefficients(logit, found.data, center, radius, finite, request)
        return _row_logits(found.data, center, radius, finite, request, unit, tokens)
    return _logits(found.data, ball, finite, request)


def _coefficients(
    logit: ConditionalLogit, data: RowData, center: np.ndarray, radius: float, finite: bool, request: Request
) -> EnclosedCoordinates | None:
    # A coordinate has a finite value where nothing is separable and no direction is invariant.
    if finite and data.invariant is not None:
        return None
    names = request.coordinates or logit.coordinate_names or tuple(f"w[{k}]" for k in range(len(center)))
    chosen = _largest(center, request.everything)
    entries = (EnclosedCoordinate(names[k], None, finite, float(center[k]), radius) for k in chosen)
    return EnclosedCoordinates(tuple(entries), len(center), "coefficients")


def _row_logits(
    data: RowData, center: np.ndarray, radius: float, finite: bool, request: Request, unit: str, tokens: Sequence[Sequence[int]]
) -> EnclosedCoordinates:
    # The score of an alternative less the mean is the mean of the margins of its block less its own; a mean of rows is no longer than
    # the longest, so the difference is at most twice that.
    value, error = data.margins(np.ldexp(center, data.exponent))
    padded = data.by_place(value)
    real = data.places >= 0
    sizes = real.sum(axis=1, keepdims=True)
    centred = (np.where(real, padded, 0.0).sum(axis=1, keepdims=True) / sizes) - padded
    longest = data.by_place(data.lengths).max(axis=1)
    lost = 2 * data.by_place(error).max(axis=1) + 2 * gamma(real.shape[1] + 4) * np.abs(padded).max(axis=1)
    radii = (2 * longest * math.ldexp(radius, data.exponent) + lost) * WIDER
    pairs = [(b, k) for b in range(len(tokens)) for k in range(len(tokens[b]))]
    values = np.array([centred[b, k] for b, k in pairs])
    entries = []
    for i in _largest(values, request.everything):
        b, k = pairs[i]
        token = tokens[b][k]
        entries.append(EnclosedCoordinate(pair_name(request, b, token, unit), (b, token), finite, float(values[i]), float(radii[b])))
    return EnclosedCoordinates(tuple(entries), len(pairs))


def _largest(values: np.ndarray, everything: bool) -> list[int]:
    if len(values) <= LARGEST or everything:
        return list(range(len(values)))
    found: list[int] = np.sort(np.argsort(-np.abs(values), kind="stable")[:LISTED]).tolist()
    return found


def _logits(data: TokenData, ball: EnclosedFinitePart | EnclosedMargin, finite: bool, request: Request) -> EnclosedCoordinates:
    contexts = np.ldexp(data.embeddings, data.exponent)[list(data.groups)]
    decoder = np.asarray(ball.decoder)
    logits = contexts @ decoder.T
    centred = logits - logits.mean(axis=1, keepdims=True)
    # Rounding of products, means and differences.
    lengths = above(contexts) * (1 + data.error)
    lost = lengths * float(above(decoder).max()) * 4 * (gamma(decoder.shape[1] + decoder.shape[0] + 6) + data.error)
    radii = (lengths * float(ball.radius) + lost) * WIDER
    chosen = np.arange(centred.size)
    if centred.size > LARGEST and not request.everything:
        chosen = np.sort(np.argsort(-np.abs(centred).ravel(), kind="stable")[:LISTED])
    pairs = [divmod(int(k), centred.shape[1]) for k in chosen]
    entries = (
        EnclosedCoordinate(pair_name(request, j, v, "context"), (j, v), finite, float(centred[j, v]), math.nextafter(float(radii[j]), math.inf))
        for j, v in pairs
    )
    return EnclosedCoordinates(tuple(entries), centred.size)


def enclosed_separations(
    logit: ConditionalLogit, found: EnclosedLimit, unit: str = "context", tokens: Sequence[Sequence[int]] | None = None
) -> Separations | None:
    """The separated observations; None where the class is undecided. Where anything is separable the tied sets are the supports, taken
    together over contexts with one embedding."""
    if found.kind == "undecided":
        return None
    if isinstance(found.data, RowData):
        every = [frozenset(range(len(block.alternatives))) for block in logit.data.blocks]
        sets = every if found.kind == "overlap" else found.data.tied_sets
        return separations(logit.data, sets, unit, lambda b, v: v if tokens is None else tokens[b][v])
    size = found.data.labels.shape[1]
    supports = [frozenset(np.flatnonzero(row).tolist()) if found.kind != "overlap" else frozenset(range(size)) for row in found.data.labels]
    return separations(logit.data, [supports[g] for g in found.data.groups], unit, lambda b, v: v)


__all__ = ["EnclosedCoordinates", "enclosed_coordinates", "enclosed_separations"]
