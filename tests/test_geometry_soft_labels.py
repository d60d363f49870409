"""Soft labels: the rows of one context share their tied set, and what the finite part says about each class (foundations, section 1)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, given, settings

from ntpproofs.exact.balls import Interval, exact_arb, interval, upper
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.logit.enclosures import softmax_balls
from ntpproofs.logit.finite_part import log_odds
from ntpproofs.papers.linear_ntp.assumptions import is_ntp_separable
from ntpproofs.papers.linear_ntp.theorems import _golden
from ntpproofs.problems import ConditionalLogit, LinearNTP, smoothness
from ntpproofs.strategies import linear_ntps

F = Fraction
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def reference_shares(problem: LinearNTP) -> list[dict[int, Interval]]:
    """q*_j, the softmax on the tied set at the finite part: balls widened by the radius of the finite part.

    A probability moves by at most its row's diameter times the radius when w moves by the radius; |h| times 2 bounds it.
    """
    parts = decompose(problem)
    with ctx.workprec(160):
        rows = softmax_balls(problem.conditional_logit(), parts.finite_part.center, parts.separation.tied_sets)
        found = []
        for h, row in zip(problem.embeddings, rows):
            slack = parts.finite_part.radius * 2 * (1 + sum((x * x for x in h), F(0)))
            balls = {v: interval(q) for v, q in row.items()}
            found.append({v: Interval(x.center, x.radius + slack) for v, x in balls.items()})
    return found


def apart(x: Interval, y: Fraction) -> bool:
    return abs(x.center - y) > x.radius


def check_soft_labels(problem: LinearNTP) -> tuple[bool, bool]:
    separable, compatible = is_ntp_separable(problem), log_odds(problem).compatible
    decided, parts = separation(problem), decompose(problem)
    contexts = [j for j, support in enumerate(problem.supports) for _ in support]
    # All rows of a context have the same tied set; it contains the support, and equals it iff the data are separable.
    for i, (j, (_, z)) in enumerate(zip(contexts, problem.conditional_logit().row_labels, strict=True)):
        assert {v for r, v in decided.tied if r == i} | {z} == set(decided.tied_sets[j]) >= set(problem.supports[j])
    assert separable == all(tied == support for tied, support in zip(decided.tied_sets, problem.supports))
    # Projected features of two rows of one context agree, so only sums of their multipliers can be unique.
    differences = problem.conditional_logit().differences()
    for i, v in decided.separable:
        for k, u in decided.separable:
            if contexts[i] == contexts[k] and u == v:
                assert parts.diverging.project(differences[i, v]) == parts.diverging.project(differences[k, u])
    # q* against p, and the infimum against the entropy.
    shares = reference_shares(problem)
    equal = all(not apart(q[v], p[v]) for q, p in zip(shares, problem.probabilities) for v in q)
    different = any(apart(q[v], p[v]) for q, p in zip(shares, problem.probabilities) for v in q)
    if separable and compatible:
        assert equal and parts.finite_part.closed_form == log_odds(problem).closed_form
        assert parts.infimum.lower <= problem.entropy.upper and problem.entropy.lower <= parts.infimum.upper
    else:
        assert different and parts.infimum.lower > problem.entropy.upper
    # Stationarity in every class: sum_j pi_j (p_j - q*_j) h_j' = 0.
    with ctx.workprec(160):
        beta = exact_arb(smoothness(problem.conditional_logit()) * parts.finite_part.radius)
        rows = softmax_balls(problem.conditional_logit(), parts.finite_part.center, decided.tied_sets)
        for v in range(problem.vocabulary_size):
            for k in range(problem.dimension):
                gap = arb(0)
                for pi, p, q, h in zip(problem.weights, problem.probabilities, rows, problem.embeddings):
                    gap += exact_arb(pi * h[k]) * (exact_arb(p[v]) - q.get(v, arb(0)))
                assert upper(abs(gap) - beta) <= F(1, 10**40) or upper(abs(gap)) <= upper(beta)
    return separable, compatible


@pytest.mark.parametrize("problem", _golden.golden, ids=range(len(_golden.golden)))
def test_golden_instances(problem: LinearNTP) -> None:
    check_soft_labels(problem)


@SETTINGS
@given(linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=2))
def test_drawn_instances(problem: LinearNTP) -> None:
    check_soft_labels(problem)


def test_every_class_is_exercised() -> None:
    classes = {check_soft_labels(problem) for problem in _golden.golden}
    assert classes == {(True, True), (True, False), (False, True)}
    neither = LinearNTP([[1], [1]], [["1/3", "2/3", 0], ["1/2", "1/4", "1/4"]])
    assert check_soft_labels(neither) == (False, False)


def test_expanding_contexts_into_rows_changes_nothing() -> None:
    for problem in _golden.golden:
        grouped = problem.conditional_logit()
        expanded = ConditionalLogit(grouped.rows)
        assert separation(expanded).tied == separation(grouped).tied and separation(expanded).kind == separation(grouped).kind
        assert max_margin(expanded).direction == max_margin(grouped).direction
        assert max_margin(expanded).support == max_margin(grouped).support
        assert max_margin(expanded).strong_support == max_margin(grouped).strong_support
        assert max_margin(expanded).unique_multipliers == max_margin(grouped).unique_multipliers
        a, b = decompose(expanded), decompose(grouped)
        assert a.tied.basis == b.tied.basis and a.diverging.basis == b.diverging.basis
        gap = sum(((x - y) ** 2 for x, y in zip(a.finite_part.center, b.finite_part.center)), F(0))
        assert gap <= (a.finite_part.radius + b.finite_part.radius) ** 2
        assert abs(a.infimum.center - b.infimum.center) <= a.infimum.radius + b.infimum.radius
