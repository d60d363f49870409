"""Where attention goes: hard retrieval of the best tokens, soft composition among them, and what the data leave open.

Gradient descent moves like W = u log t + w* + (a residual): tokens whose score under u is not the highest of the sequence
lose all attention. Among those that share the highest score the log-odds of v against r converge to <w* + x*, d>,
d = (e_v - e_r) e_k^T, if d lies in the span of the tied and the strongly supporting differences; x* is the residual of the
sharp law G8, so label counts that neither u nor w* shows decide these ties (B-D5). Otherwise the limit depends on the
initial matrix (a part of d is never moved), on the path taken (a part settles at a constant of no fixed value), or, with weak
support pairs, the log-odds drift like log log t (conjectured law G10). For a training sequence all of it is known from w*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx

from ...errors import InvalidInput
from ...exact.balls import PRECISION, Interval, exact_arb, interval
from ...exact.numbers import exactly
from ...exact.rational import dot, rank, written
from ...kernel.reading import brief
from ...logit.asymptotics import asymptotics
from ...logit.decomposition import Decomposition, decompose
from ...logit.problem import Vector
from .problem import AttentionNTP, of_attention

NOTHING, EVERYTHING = Interval(Fraction(0), Fraction(0)), Interval(Fraction(1), Fraction(0))
# What a share is known to be where the log-odds are not.
ANYTHING = Interval(Fraction(1, 2), Fraction(1, 2))
# From best to worst known: what the log-odds between two top tokens of a sequence depend on.
BASES = ("finite part", "label counts", "initial matrix", "path", "log log t drift")
REASONS = {
    "finite part": "the log-odds of the finite part decide among the tokens that keep attention",
    "label counts": "tokens that no priority compares share the highest score; the counts of labels decide between them (residual of the sharp law)",
    "initial matrix": "some difference of top tokens is never moved by training; the value given is that of a start at W = 0",
    "path": "some difference of top tokens settles at a constant that depends on initial matrix, step size and the whole path",
    "log log t drift": "weak support pairs let the log-odds of some top tokens drift like log log t (conjectured law)",
}


@dataclass(frozen=True)
class AttentionLimit:
    """The limit of attention on one sequence.

    `scores` are the exact scores under u (relative to the highest, so at most 0); `top` the tokens with the highest. `masses`
    maps tokens to their limiting attention (all occurrences together), None where it is not determined; tokens below the top
    have mass 0 exactly. `basis` names what decides among the top tokens, `grade` how the masses are known: "enclosed",
    "measured" where they rest on the residual of the sharp law, or "undetermined".
    """

    sequence: tuple[int, ...]
    scores: Mapping[int, Fraction]
    top: tuple[int, ...]
    masses: Mapping[int, Interval | None]
    basis: str
    grade: str

    @property
    def determined(self) -> bool:
        """Whether the data alone determine every mass (for every initial matrix and every small enough step)."""
        return self.basis in ("finite part", "label counts")

    @property
    def reason(self) -> str:
        """One sentence on what decides."""
        return "one token has the highest score: hard retrieval" if len(self.top) == 1 else REASONS[self.basis]

    def record(self) -> dict[str, Any]:
        """The limit as JSON."""
        tokens = [
            {"token": v, "score": written(self.scores[v]), "mass": None if (m := self.masses[v]) is None else _rounded(m)}
            for v in sorted(self.scores)
        ]
        return {
            "sequence": list(self.sequence),
            "query": self.sequence[-1],
            "top": list(self.top),
            "tokens": tokens,
            "determined": self.determined,
            "basis": self.basis,
            "grade": self.grade,
            "reason": self.reason,
        }


def _rounded(mass: Interval) -> dict[str, float]:
    # A double and a radius that covers the interval, rounding included.
    center = float((mass.lower + mass.upper) / 2)
    radius = max(mass.upper - Fraction(center), Fraction(center) - mass.lower)
    value = float(radius)
    return {"value": center, "radius": value if Fraction(value) >= radius else float(np.nextafter(value, np.inf))}


def training_limits(attention: AttentionNTP) -> tuple[AttentionLimit, ...]:
    """The limit of every training sequence: attention on the tied tokens only, mixed by the finite part. Always determined.

    >>> limits = training_limits(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0]))
    >>> [round(float(limits[0].masses[v]), 6) for v in (0, 1)], float(limits[2].masses[0])
    ([0.5, 0.5], 1.0)
    """
    return tuple(_limit(attention, sequence, training=True) for sequence in attention.sequences)


def attend(attention: AttentionNTP, sequence: Sequence[int]) -> AttentionLimit:
    """The limit of attention on any sequence of known tokens, the query last.

    Raises `InvalidInput` for an empty sequence or unknown tokens.

    >>> chain = AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 1, 0]], [1, 2])
    >>> attend(chain, (0, 2, 0)).top
    (2,)
    """
    return _limit(attention, check_sequence(attention, sequence), training=False)


def _limit(attention: AttentionNTP, sequence: tuple[int, ...], training: bool) -> AttentionLimit:
    parts, query = decompose(attention), sequence[-1]
    tokens = sorted(set(sequence))
    table = limit_scores(attention)[0]
    scores = {v: table.at(v, query) for v in tokens}
    highest = max(scores.values())
    relative = {v: score - highest for v, score in scores.items()}
    top = tuple(v for v in tokens if not relative[v])
    gaps = {v: attention.difference(v, top[0], query) for v in top[1:]}
    # The top tokens of a training sequence are its tied ones: nothing to decide there.
    bases = {v: "finite part" if training else _basis(attention, parts, gap) for v, gap in gaps.items()}
    basis = max(bases.values(), key=BASES.index, default="finite part")
    odds, measured = (None, False) if basis in BASES[3:] else _log_odds(attention, parts, query, top[0], gaps, bases)
    masses: dict[int, Interval | None] = dict.fromkeys(tokens, NOTHING)
    masses.update(dict.fromkeys(top, None) if odds is None else _softmax({v: sequence.count(v) for v in top}, odds))
    grade = "undetermined" if odds is None else "measured" if measured else "enclosed"
    return AttentionLimit(sequence, relative, top, masses, basis, grade)


def check_sequence(attention: AttentionNTP, sequence: Sequence[int]) -> tuple[int, ...]:
    """The sequence as a tuple; raises `InvalidInput` if it is none, is empty or has unknown tokens."""
    size = of_attention(attention).vocabulary_size
    sequence = exactly(sequence)
    if not isinstance(sequence, (list, tuple)):
        raise InvalidInput("sequence", f"is {brief(sequence)} ({type(sequence).__name__})", "give a list of token ids, the query last")
    if not len(sequence):
        raise InvalidInput("sequence", "is empty", "give at least the query")
    for token in sequence:
        if isinstance(token, bool) or not isinstance(token, int) or not 0 <= token < size:
            raise InvalidInput("sequence", f"{token!r} is not a token id in 0..{size - 1}", "ids count from 0")
    return tuple(sequence)


class Scores:
    """The scores e_v' W e_k of an exact W, token by token: tokens that nobody asks about cost nothing."""

    def __init__(self, attention: AttentionNTP, w: Vector) -> None:
        self._attention, self._matrix = attention, attention.lift(w)
        self._images: dict[int, Vector] = {}

    def at(self, token: int, query: int) -> Fraction:
        """The score of a token for a query.

        >>> Scores(AttentionNTP([[1, 0], [0, 1]], [[1, 0]], [1]), (1, 2, 3, 4)).at(1, 0)
        Fraction(3, 1)
        """
        embeddings = self._attention.embeddings
        if query not in self._images:
            self._images[query] = tuple(dot(row, embeddings[query]) for row in self._matrix)
        return dot(embeddings[token], self._images[query])


def limit_scores(attention: AttentionNTP) -> tuple[Scores, Scores]:
    """The scores E u E^T under the max-margin direction and E c E^T under the centre c of the finite part, exact; once per problem."""

    def compute() -> tuple[Scores, Scores]:
        parts = decompose(attention)
        return Scores(attention, parts.max_margin.direction), Scores(attention, parts.finite_part.center)

    tables: tuple[Scores, Scores] = attention.conditional_logit().remember("limit scores", compute)
    return tables


def _log_odds(
    attention: AttentionNTP, parts: Decomposition, query: int, first: int, gaps: Mapping[int, Vector], bases: Mapping[int, str]
) -> tuple[dict[int, arb], bool]:
    # The limiting log-odds of every top token against the first one, and whether the measured residual enters them.
    center, measured = limit_scores(attention)[1], False
    with ctx.workprec(PRECISION):
        odds = {first: arb(0)}
        for v, gap in gaps.items():
            slack = exact_arb(dot(gap, gap)).sqrt() * exact_arb(parts.finite_part.radius)
            odds[v] = exact_arb(center.at(v, query) - center.at(first, query)) + arb(0, 1) * slack
            if bases[v] == "finite part" or _in_span(_differences(attention, parts, parts.tied.inside), _moved(parts, gap)):
                continue
            residual, floats, measured = asymptotics(parts).residual, np.array([float(x) for x in gap]), True
            spread = float(np.max(residual.error)) * float(np.abs(floats).sum())
            odds[v] += exact_arb(float(np.asarray(residual.value) @ floats)) + arb(0, 1) * exact_arb(spread)
        return odds, measured


def _moved(parts: Decomposition, gap: Vector) -> Vector:
    # The part of a difference that training moves.
    return tuple(a - b for a, b in zip(gap, parts.invariant.project(gap)))


def _basis(attention: AttentionNTP, parts: Decomposition, gap: Vector) -> str:
    # Decided exactly, by ranks: is the gap in T, in T + E, in T + E + N? Otherwise a part of it lies in M off E.
    tied = _differences(attention, parts, parts.tied.inside)
    if _in_span(tied, gap):
        return "finite part"
    strong = tied + _differences(attention, parts, parts.max_margin.strong)
    if _in_span(strong, gap):
        return "label counts"
    if _in_span(strong, _moved(parts, gap)):
        return "initial matrix"
    return "log log t drift" if dot(parts.max_margin.second_level_direction, gap) else "path"


def _differences(attention: AttentionNTP, parts: Decomposition, rows: Sequence[int]) -> list[Vector]:
    anchored = parts.separation.anchored
    pairs = ((b, anchored.anchors[b], anchored.alternatives[r]) for r in rows for b in [anchored.blocks[r]])
    return [attention.difference(attention.choice_sets[b][u], attention.choice_sets[b][v], attention.queries[b]) for b, u, v in pairs]


def _in_span(rows: list[Vector], vector: Vector) -> bool:
    if not any(vector):
        return True
    return bool(rows) and rank([*rows, vector]) == rank(rows)


def _softmax(counts: Mapping[int, int], odds: Mapping[int, arb]) -> dict[int, Interval]:
    if len(counts) == 1:
        return dict.fromkeys(counts, EVERYTHING)
    with ctx.workprec(PRECISION):
        weights = {v: odds[v].exp() * counts[v] for v in counts}
        # 1 / (1 + the others over v) keeps the enclosure inside [0, 1] and tight.
        shares = {v: 1 / (1 + sum((weights[u] for u in counts if u != v), arb(0)) / weights[v]) for v in counts}
        return {v: interval(share) if share.is_finite() else ANYTHING for v, share in shares.items()}


__all__ = ["AttentionLimit", "attend", "check_sequence", "training_limits"]
