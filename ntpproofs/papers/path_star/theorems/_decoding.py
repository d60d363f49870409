"""Greedy decoding along a direction, from the type counts."""

from __future__ import annotations

from fractions import Fraction

from ..problem import PathStar


def accuracy(problem: PathStar, direction: tuple[Fraction, ...]) -> Fraction:
    """The chance that greedy decoding along a direction is right, ties broken evenly, from the type counts."""
    chance = Fraction(1)
    for true, others in problem.types:
        scores = {f: sum((w * x for w, x in zip(direction, f)), Fraction(0)) for f in (true, *others)}
        if max(scores.values()) > scores[true]:
            return Fraction(0)
        chance /= 1 + sum(count for f, count in others.items() if scores[f] == scores[true])
    return chance
