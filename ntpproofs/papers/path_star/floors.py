"""Loss floors in nats, as exact combinations of logarithms, for any size: no data and no minimisation."""

from __future__ import annotations

from fractions import Fraction

from ...exact.logarithms import LogVector
from .distribution import node_count
from .information import ZERO_NATS, add, logarithms, scaled


def cheat_loss(arms: int) -> LogVector:
    """log d per sequence: the loss of the follow-the-child rule (C4), the floor of teacher forcing for K <= l - 3 (C7).

    Per target token of the released code it is log(d)/l, over the l - 1 tokens that are no copy of s log(d)/(l - 1).

    >>> cheat_loss(2) == logarithms({2: 1})
    True
    """
    return logarithms({arms: 1})


def teacher_forced_floor(arms: int, length: int, lookback: int) -> LogVector:
    """inf L per sequence in M(K): log d for K <= l - 3, 0 for K = l - 2 (C7). No partial credit in between.

    >>> teacher_forced_floor(2, 5, 2) == logarithms({2: 1}), teacher_forced_floor(2, 5, 3) == ZERO_NATS
    (True, True)
    """
    return cheat_loss(arms) if lookback <= length - 3 else ZERO_NATS


def slot_floor(arms: int, length: int, lookback: int, candidates: int, layer: int, *, layers: int = 0, start: bool = False) -> LogVector:
    """The teacherless floor of the slot of layer j (C11): with the features g_0..g_K, [distance from s = 1..J] and [v = s].

    0 if l - 1 - j <= K; else log d if j <= J; else log( d (l - 1 - J) - (K + 1) + [no v = s] + C - n ). In the last case all
    lookups reach layers beyond J, so nothing is counted twice.

    >>> slot_floor(2, 5, 0, 9, 1) == logarithms({8: 1})
    True
    """
    if length - 1 - layer <= lookback:
        return ZERO_NATS
    if layer <= layers:
        return logarithms({arms: 1})
    rest = arms * (length - 1 - layers) - (lookback + 1) + (not start) + candidates - node_count(arms, length)
    return logarithms({rest: 1})


def teacherless_floor(arms: int, length: int, lookback: int, candidates: int, *, layers: int = 0, start: bool = False) -> LogVector:
    """The sum of the slot floors over layers 1..l-1: (l - 2 - K) log(C - K - 1) with lookups from the goal only.

    >>> teacherless_floor(2, 5, 2, 9) == logarithms({6: 1})
    True
    """
    out_of_reach = length - 2 - lookback  # the first layers; in those beyond J a slot guesses among the rest
    guessed = max(out_of_reach - layers, 0)
    rest = arms * (length - 1 - layers) - (lookback + 1) + (not start) + candidates - node_count(arms, length)
    terms = {arms: out_of_reach - guessed}
    if guessed:
        terms[rest] = terms.get(rest, 0) + guessed
    return logarithms(terms)


def shared_floor(length: int, lookback: int, candidates: int) -> LogVector:
    """The teacherless floor per token (mean over l - 1 slots) when all slots share their weights (no positions).

    ((K+1) log(l-1) + (l-2-K) log((l-1)(C-K-1)/(l-2-K))) / (l-1), with 0 log(x/0) = 0.

    >>> shared_floor(5, 3, 9) == logarithms({4: 1})
    True
    """
    steps, open_slots = length - 1, length - 2 - lookback
    terms: dict[Fraction, Fraction] = {Fraction(steps): Fraction(lookback + 1, steps)}
    if open_slots:
        inside = Fraction(steps * (candidates - lookback - 1), open_slots)
        terms[inside] = terms.get(inside, Fraction(0)) + Fraction(open_slots, steps)
    return logarithms(terms)


def undirected_floor(arms: int, length: int, *, reverse: bool) -> LogVector:
    """The floor per sequence when edges have no direction and only the last token is seen (C10): two neighbours inside an arm.

    >>> undirected_floor(2, 3, reverse=True) == logarithms({2: 1})
    True
    """
    inside = scaled(logarithms({2: 1}), length - 2)
    return inside if reverse else add(logarithms({arms: 1}), inside)


def hidden_goal_floors(arms: int, length: int) -> tuple[LogVector, LogVector]:
    """(teacherless, next-token) Bayes losses per sequence when the goal is hidden: (l - 1) log d and log d (C12).

    >>> hidden_goal_floors(2, 4)[0] == logarithms({8: 1})
    True
    """
    return scaled(logarithms({arms: 1}), length - 1), logarithms({arms: 1})


def type_plateaus(arms: int, length: int, training: str) -> tuple[LogVector, ...]:
    """The plateaus predicted for a real network, slot by slot r_2..r_l (C6 with the types s, leaf, other; open question 2).

    A network that sees that a node is a leaf, s, or neither but has composed no lookup stops at the logarithm of its type
    class: log d at the decision token under teacher forcing, log(d (l - 2)) at the inner slots without it, 0 elsewhere.

    >>> type_plateaus(2, 5, "teacherless")[0] == logarithms({6: 1})
    True
    """
    slots = [ZERO_NATS] * (length - 1)
    if training == "standard" and length > 2:
        slots[0] = logarithms({arms: 1})
    if training == "teacherless" and length > 2:
        slots[:-1] = [logarithms({arms * (length - 2): 1})] * (length - 2)
    return tuple(slots)
