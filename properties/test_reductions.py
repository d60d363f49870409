"""Linear NTP to conditional logit and back: the same loss, the same gradient, the same geometry."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given

from ntpproofs.geometry import decompose, separation
from ntpproofs.kernel import FORMAT, digest, verify
from ntpproofs.language.relations import Equal
from ntpproofs.language.verdicts import Outcome
from ntpproofs.problems import ConditionalLogit, LinearNTP, smoothness
from ntpproofs.strategies import conditional_logits, linear_ntps

DATASETS = linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3)


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=0, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=0, keepdims=True))


@given(DATASETS)
def test_loss_and_gradient_are_those_of_the_paper(problem: LinearNTP) -> None:
    logit = problem.conditional_logit()
    w = np.sin(np.arange(logit.dimension) + 1.0).reshape(logit.shape)
    h = np.array([[float(x) for x in row] for row in problem.embeddings]).T
    p = np.array([[float(x) for x in row] for row in problem.probabilities]).T
    pi = np.array([float(x) for x in problem.weights])
    s = softmax(w @ h)
    positive = p > 0
    assert np.isclose(problem.loss(w), -(pi * np.where(positive, p * np.log(np.where(positive, s, 1.0)), 0.0).sum(axis=0)).sum(), rtol=1e-12)
    assert np.allclose(logit.gradient(w).reshape(logit.shape), (s - p) @ np.diag(pi) @ h.T, atol=1e-12)


@given(DATASETS)
def test_lift_and_lower_are_inverse(problem: LinearNTP) -> None:
    logit = problem.conditional_logit()
    exact = tuple(Fraction(k, 7) for k in range(logit.dimension))
    assert sum(problem.lift(exact), ()) == exact
    floats = np.arange(logit.dimension, dtype=float)
    assert (problem.lower(problem.lift(floats)) == floats).all()


@given(DATASETS)
def test_grouped_and_expanded_problems_have_the_same_geometry(problem: LinearNTP) -> None:
    # One block with soft labels against one row per (context, token): tied sets, both limits and the infimum agree.
    logit = problem.conditional_logit()
    expanded = ConditionalLogit(logit.rows)
    one, two = decompose(logit), decompose(expanded)
    assert separation(expanded).tied == separation(logit).tied
    assert one.max_margin.direction == two.max_margin.direction
    assert one.max_margin.support == two.max_margin.support
    assert one.max_margin.strong_support == two.max_margin.strong_support
    assert one.tied.basis == two.tied.basis and one.diverging.basis == two.diverging.basis and one.invariant.basis == two.invariant.basis
    assert Equal(one.finite_part, two.finite_part).decide().outcome is Outcome.HOLDS
    assert Equal(one.infimum, two.infimum).decide().outcome is Outcome.HOLDS


@given(DATASETS)
def test_one_hot_embeddings_may_stay_implicit(problem: LinearNTP) -> None:
    rows = [dict(block.labels) for block in problem.data.blocks]
    implicit = LinearNTP("one-hot", rows, problem.weights, vocabulary_size=problem.vocabulary_size)
    explicit = LinearNTP(implicit.embeddings, implicit.probabilities, implicit.weights)
    assert decompose(implicit).max_margin.direction == decompose(explicit).max_margin.direction
    assert smoothness(implicit.conditional_logit()) <= smoothness(explicit.conditional_logit())


@given(conditional_logits())
def test_every_decomposition_carries_a_certificate(problem: ConditionalLogit) -> None:
    parts = decompose(problem)
    body = {"format": FORMAT, "instance": problem.instance(), "certificates": [parts.separation.certificate, parts.max_margin.certificate]}
    assert len(verify(body | {"digest": digest(body)})) == 2
