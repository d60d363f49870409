"""Tabular models: exact identities and bounds on random tables, by enumeration."""

from __future__ import annotations

from fractions import Fraction
from math import log
from random import Random

import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.papers.path_star.compounding import LawAndModel, Table, Task, chain_rule, divergence, prefixes, total_variation
from ntpproofs.papers.path_star.information import add, conditional_entropy, enclosed, entropy_of, logarithms


def table(random: Random, vocabulary: int, length: int, least: int = 1) -> Table:
    rows = []
    for _ in prefixes(vocabulary, length):
        counts = [random.randint(least, 5) for _ in range(vocabulary)]
        counts[0] += not any(counts)
        rows.append(tuple(Fraction(c, sum(counts)) for c in counts))
    return Table(vocabulary, length, tuple(rows))


def test_loss_is_entropy_plus_divergence() -> None:
    random = Random(0)
    for _ in range(20):
        pair = LawAndModel(table(random, 3, 3, 0), table(random, 3, 3))
        gap = divergence(pair.law.law, pair.model.law)
        assert pair.teacher_forced_loss == add(entropy_of(pair.law.law), gap)
        assert pair.step_divergences == gap
        assert chain_rule(pair.law.law, 3, 3).law == pair.law.law
        # the same number by floating point
        floats = sum(float(p) * log(p / q) for p, q in zip(pair.law.law, pair.model.law) if p)
        assert float(enclosed(gap).center) == pytest.approx(floats, abs=1e-12)
        assert 2 * total_variation(pair.law.law, pair.model.law) ** 2 <= enclosed(gap).upper


def test_the_cheat_on_two_arms_of_length_five() -> None:
    # One decision of five is a coin, so the mean forced error is 1/10 and the accuracy 1/2, not (9/10)^5.
    target = (1, 1, 1, 1, 1)
    right, wrong = (Fraction(0), Fraction(1)), (Fraction(1), Fraction(0))
    rows = [right for _ in prefixes(2, 5)]
    other = [wrong if len(prefix) == 1 else right for prefix in prefixes(2, 5)]
    task = Task((Fraction(1, 2),) * 2, (target, target), (Table(2, 5, tuple(rows)), Table(2, 5, tuple(other))))
    assert sum(task.forced_errors) / 5 == Fraction(1, 10)
    assert task.greedy_accuracy == task.forced_accuracy == Fraction(1, 2)


def test_conditional_entropy_by_hand() -> None:
    pairs = [(x, x % 2) for x in range(4)]
    assert conditional_entropy(pairs) == logarithms({})
    assert conditional_entropy([(0, y) for _, y in pairs]) == logarithms({2: 1})
    assert conditional_entropy([(0, 0), (0, 1), (1, 0), (1, 0)]) == logarithms({2: Fraction(1, 2)})


def test_tables_are_checked() -> None:
    with pytest.raises(InvalidInput, match="prefixes"):
        Table(2, 2, ((Fraction(1), Fraction(0)),))
    with pytest.raises(InvalidInput, match="distribution"):
        Table(2, 1, ((Fraction(1), Fraction(1)),))
