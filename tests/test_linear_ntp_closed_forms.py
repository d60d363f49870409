"""Closed forms of linear NTP against the exact programme, and their certificates against tampering."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from fractions import Fraction

import pytest

from ntpproofs.checking.laboratory import draw
from ntpproofs.errors import InvalidInput, NtpproofsError, VerificationFailed
from ntpproofs.exact.logarithms import LogVector
from ntpproofs.geometry import decompose
from ntpproofs.kernel import digest, verify
from ntpproofs.logit.finite_part import log_odds
from ntpproofs.papers.linear_ntp.closed_forms import (
    certify,
    closed_form,
    closed_form_all_active,
    closed_form_binary,
    closed_form_equal_supports,
    closed_form_orthogonal,
    is_certified,
    one_hot_limit,
    orthogonal_certificate,
)
from ntpproofs.papers.linear_ntp.theorems._golden import (
    anything,
    ex_adam,
    ex_figure_one,
    ex_full,
    ex_incompatible,
    ex_not_pseudo_inverse,
    ex_not_separable,
    ex_three_quarters,
    golden,
)
from ntpproofs.problems import LinearNTP

FORMS = (closed_form_all_active, closed_form_orthogonal, closed_form_equal_supports, closed_form_binary)
THIRD = Fraction(1, 3)


@pytest.fixture(scope="module")
def problems():
    return [*golden, *draw(anything, 120, 7)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_certified_proposals_equal_the_exact_answer(form, problems):
    seen = Counter()
    for problem in problems:
        proposal = form(problem)
        if proposal is None:
            seen["not applicable"] += 1
            continue
        best = decompose(problem).max_margin
        accepted = is_certified(proposal)
        seen[accepted] += 1
        assert accepted == (proposal.decoder == best.direction), problem
        if accepted:
            assert proposal.squared_norm == best.squared_norm == sum(proposal.multipliers.values()), problem
            assert all(x >= 0 for x in proposal.multipliers.values()), problem
    assert seen[True] >= 15 and seen["not applicable"] >= 15, seen


@pytest.mark.parametrize("form", FORMS[1:], ids=lambda form: form.__name__)
def test_only_the_all_active_form_can_be_wrong(form, problems):
    assert all(is_certified(proposal) for proposal in map(form, problems) if proposal is not None)
    assert any(not is_certified(p) for p in map(closed_form_all_active, problems) if p is not None)


@pytest.mark.parametrize("form", FORMS[1:], ids=lambda form: form.__name__)
def test_finite_parts_are_found_exactly_where_they_exist(form, problems):
    for problem in problems:
        proposal = form(problem)
        if proposal is not None:
            assert (proposal.logs is not None) == log_odds(problem).compatible, problem
            assert proposal.finite_part == log_odds(problem).closed_form, problem


def test_forms_without_an_answer_mean_inseparable_data(problems):
    for problem in problems:
        separable = decompose(problem).separation.tied_sets == problem.supports
        if len(set(problem.supports)) == 1:
            assert (closed_form_equal_supports(problem) is not None) == separable, problem
        if problem.vocabulary_size == 2:
            assert (closed_form_binary(problem) is not None) == separable, problem


def test_first_applicable_form(problems):
    for problem in problems:
        proposal = closed_form(problem)
        if proposal is not None:
            assert proposal.decoder == decompose(problem).max_margin.direction


def test_golden_answers():
    assert closed_form_orthogonal(ex_three_quarters).decoder == (THIRD, THIRD, -2 * THIRD)
    assert closed_form_orthogonal(ex_three_quarters).multipliers == {(0, 2): 2 * THIRD}
    # W* = (1/2) log 3 (1, -1, 0)
    half = Fraction(1, 2)
    assert closed_form_orthogonal(ex_three_quarters).finite_part == LogVector((3,), ((half, -half, Fraction(0)),))
    full = closed_form_all_active(ex_full)
    assert full.decoder == (0, 2 * THIRD, 0, -THIRD, 0, -THIRD) and full.squared_norm == 2 * THIRD
    assert set(full.multipliers.values()) == {THIRD}
    assert closed_form_equal_supports(ex_incompatible).decoder == (THIRD, 0, THIRD, 0, -2 * THIRD, 0)
    assert closed_form_equal_supports(ex_incompatible).logs is None
    fifth = Fraction(1, 15)
    assert closed_form_orthogonal(ex_adam).decoder == (2 * fifth, fifth, 2 * fifth, fifth, -4 * fifth, -2 * fifth)


def test_the_first_figure_needs_no_wide_embeddings():
    # d = 2 < m = 3 contexts, yet compatible and separable: d >= m is not necessary.
    assert ex_figure_one.dimension < len(ex_figure_one.supports)
    assert log_odds(ex_figure_one).compatible
    assert decompose(ex_figure_one).separation.tied_sets == ex_figure_one.supports


def test_all_active_is_not_wrong_without_notice():
    assert closed_form_all_active(ex_not_separable) is None
    acute = LinearNTP([[1, 0], [2, 1]], [[1, 0, 0], [1, 0, 0]])
    with pytest.raises(VerificationFailed):
        certify(closed_form_all_active(acute))


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from leaves(entry, (*path, key))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from leaves(entry, (*path, i))
    else:
        yield path, value


def changed(value):
    if isinstance(value, str):
        try:
            return str(Fraction(value) + 1)
        except ValueError:
            return value + "x"
    return value + 1


@pytest.mark.parametrize("problem", [LinearNTP("one-hot", [["1/4", "3/4", 0], [0, "1/2", "1/2"]]), ex_adam], ids=["one-hot", "one context"])
def test_every_single_field_tampering_is_rejected(problem):
    document = orthogonal_certificate(problem)
    assert len(verify(document)) == 3
    paths = [(path, value) for path, value in leaves(document["certificates"])]
    assert len(paths) > 20
    for path, value in paths:
        tampered = copy.deepcopy(document)
        place = tampered["certificates"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = changed(value)
        with pytest.raises(VerificationFailed):
            verify(tampered)  # the digest tells
        tampered["digest"] = digest(tampered)
        with pytest.raises((VerificationFailed, NtpproofsError)):
            verify(tampered)  # and so does the mathematics


def test_the_certificate_survives_json():
    document = orthogonal_certificate(LinearNTP("one-hot", [["1/4", "3/4", 0], [0, 0, 1]]))
    assert len(verify(json.loads(json.dumps(document)))) == 3


def test_orthogonal_certificate_refuses_other_embeddings():
    for problem in (ex_full, LinearNTP([[0]], [[1, 0]]), ex_not_pseudo_inverse):
        with pytest.raises(InvalidInput, match="orthogonal"):
            orthogonal_certificate(problem)
    with pytest.raises(InvalidInput, match="one-hot"):
        one_hot_limit(ex_full)


def test_one_hot_equals_the_identity_written_out():
    rows = [["1/2", "1/3", "1/6"], ["1/4", "3/4", 0], [0, 0, 1]]
    compact, dense = LinearNTP("one-hot", rows), LinearNTP([[1, 0, 0], [0, 1, 0], [0, 0, 1]], rows)
    first, second = closed_form_orthogonal(compact), closed_form_orthogonal(dense)
    assert first.decoder == second.decoder == decompose(dense).max_margin.direction
    assert first.finite_part == second.finite_part == log_odds(dense).closed_form
    parts, limit = decompose(dense), one_hot_limit(compact)
    assert limit.dimensions == {"tied": parts.tied.dimension, "diverging": parts.diverging.dimension, "invariant": parts.invariant.dimension}
    assert tuple(map(tuple, limit.max_margin_rows())) == dense.lift(parts.max_margin.direction)
    assert limit.squared_norm == parts.max_margin.squared_norm
    assert tuple(x for row in limit.finite_part_rows() for x in row) == tuple(map(float, parts.finite_part.center))
    assert limit.finite_part_norm == pytest.approx(sum(float(x) ** 2 for x in parts.finite_part.center) ** 0.5, rel=1e-12)
    assert [entry["context"] for entry in limit.decisive_contexts()] == [1, 2]
    assert sum(entry["share"] for entry in limit.decisive_contexts()) == pytest.approx(1.0)


def test_thousands_of_contexts_stay_compact():
    contexts, vocabulary = 2_000, 700
    generator = random.Random(0)
    rows = []
    for _ in range(contexts):
        tokens = generator.sample(range(vocabulary), 1 + min(40, int(generator.expovariate(0.3))))
        counts = [generator.randint(1, 30) for _ in tokens]
        rows.append({v: Fraction(n, sum(counts)) for v, n in zip(tokens, counts)})
    problem = LinearNTP("one-hot", rows, vocabulary_size=vocabulary)
    document = orthogonal_certificate(problem)
    assert len(verify(document)) == 3
    optimum = document["certificates"][1]
    sizes = [len(support) for support in problem.supports]
    assert Fraction(optimum["squared_norm"]) == sum(Fraction(s * (vocabulary - s), vocabulary) for s in sizes)
    # Compact: as many entries as there are observed pairs, far fewer than V m = 1 400 000.
    assert sum(len(column["entries"]) for column in optimum["solution"]) == sum(sizes) < contexts * vocabulary // 50
