"""The attention model: validation, the reduction against the softmax layer itself and finite differences, score space."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ntpproofs import AttentionNTP, ConditionalLogit
from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import decompose, max_margin
from ntpproofs.kernel import decode_dataset
from ntpproofs.papers.attention_ntp.descent import LayerDescent, ScoreDescent, score_gradient
from ntpproofs.papers.attention_ntp.layer import LINEAR, LOG, SQUARED, AttentionLayer, dual_head, head_scores, label_mass_scores

F = Fraction


def drawn(seed: int, tokens: int = 4, dimension: int = 4, count: int = 4, length: int = 5) -> AttentionNTP:
    """A dataset with integer embeddings, repeated tokens and different lengths."""
    rng = random.Random(seed)
    size, width = rng.randint(2, tokens), rng.randint(1, dimension)
    embeddings = [[rng.randint(-2, 2) for _ in range(width)] for _ in range(size)]
    sequences = [[rng.randrange(size) for _ in range(rng.randint(1, length))] for _ in range(rng.randint(1, count))]
    return AttentionNTP(embeddings, sequences, [rng.choice(sequence) for sequence in sequences])


def weights_for(problem: AttentionNTP, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(problem.dimension, problem.dimension))


BAD = {
    "label not in its sequence": (([[1], [2]], [[0]], [1]), "labels[0]", "not in sequence"),
    "token out of range": (([[1], [2]], [[0, 2]], [0]), "sequences[0]", "not an index in 0..1"),
    "negative token": (([[1]], [[-1, 0]], [0]), "sequences[0]", "-1"),
    "label out of range": (([[1], [2]], [[0]], [5]), "labels[0]", "0..1"),
    "empty sequence": (([[1]], [[0], []], [0, 0]), "sequences[1]", "is empty"),
    "no sequences": (([[1]], [], []), "sequences", "is empty"),
    "too few labels": (([[1]], [[0], [0]], [0]), "labels", "1 entries where 2"),
    "ragged embeddings": (([[1], [1, 2]], [[0]], [0]), "embeddings[1]", "2 entries"),
    "float": (([[0.5]], [[0]], [0]), "embeddings[0]", "not an exact number"),
    "float token": (([[1]], [[0.0]], [0]), "sequences[0]", "0.0"),
    "truth value as token": (([[1], [1]], [[True, 0]], [0]), "sequences[0]", "True"),
    "sequence is a word": (([[1]], ["0"], [0]), "sequences[0]", "not a list"),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_datasets_are_named(name: str) -> None:
    arguments, subject, reason = BAD[name]
    with pytest.raises(InvalidInput) as caught:
        AttentionNTP(*arguments)
    assert subject in caught.value.subject and reason in caught.value.reason and caught.value.remedy


@pytest.mark.parametrize("seed", range(30))
def test_the_reduction_is_the_layer(seed: int) -> None:
    # Two routes that share nothing: positions and softmax over them, against choice sets with multiplicities.
    problem = drawn(seed)
    layer, logit = AttentionLayer(problem), problem.conditional_logit()
    w = weights_for(problem, seed)
    assert layer.loss(w) == pytest.approx(logit.loss(w.ravel()), rel=1e-12, abs=1e-12)
    assert layer.loss(w) == pytest.approx(problem.loss(w), rel=1e-12, abs=1e-12)
    assert np.allclose(layer.gradient(w).ravel(), logit.gradient(w.ravel()), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("criterion", [LOG, LINEAR, SQUARED], ids=lambda loss: loss.latex)
def test_gradients_agree_with_finite_differences(criterion: Any) -> None:
    for seed in range(8):
        problem = drawn(seed)
        gamma = np.random.default_rng(seed).uniform(0.2, 1.0, size=(problem.vocabulary_size,) * 2)
        layer = AttentionLayer(problem, gamma, criterion)
        w, step = weights_for(problem, seed), 1e-5
        gradient = layer.gradient(w)
        for i in range(problem.dimension):
            for k in range(problem.dimension):
                shift = np.zeros_like(w)
                shift[i, k] = step
                slope = (layer.loss(w + shift) - layer.loss(w - shift)) / (2 * step)
                assert gradient[i, k] == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_the_dual_head_reads_the_label_mass() -> None:
    problem = AttentionNTP([[1, 2, 0], [0, 1, 1]], [[1, 0, 0], [0, 1]], [1, 0])
    assert np.allclose(head_scores(problem, dual_head(problem)), label_mass_scores(problem))
    outputs, scores = AttentionLayer(problem).outputs(np.eye(3)), AttentionLayer(problem).label_scores(np.eye(3))
    assert np.allclose([dual_head(problem)[y] @ f for y, f in zip(problem.labels, outputs)], scores)
    with pytest.raises(InvalidInput, match="rank 1"):
        dual_head(AttentionNTP([[1], [2]], [[0]], [0]))


def test_repeated_tokens_share_attention_by_position() -> None:
    problem = AttentionNTP.one_hot_tokens(2, [[1, 0, 0]], [0])
    (positions,) = AttentionLayer(problem).attention(np.zeros((2, 2)))
    assert positions.tolist() == [1 / 3] * 3 and AttentionLayer(problem).label_scores(np.zeros((2, 2)))[0] == pytest.approx(2 / 3)


@pytest.mark.parametrize("seed", range(6))
def test_score_space_follows_weight_space(seed: int) -> None:
    problem = drawn(seed, dimension=3)
    e, start = problem.embedding_array, weights_for(problem, seed)
    direct = LayerDescent(steps=60, step_size=0.2)(AttentionLayer(problem), start)
    free = ScoreDescent(steps=60, step_size=0.2)(problem, e @ start @ e.T)
    assert direct.steps.tolist() == free.steps.tolist()
    assert np.allclose([e @ w @ e.T for w in direct.weights], free.scores, rtol=1e-9, atol=1e-9)
    moved = np.linalg.norm((direct.weights - start).reshape(len(direct.weights), -1), axis=1) ** 2
    assert np.allclose(free.squared_movement(e @ e.T), moved, rtol=1e-8, atol=1e-10)
    assert np.allclose(e.T @ score_gradient(problem, e @ start @ e.T) @ e, AttentionLayer(problem).gradient(start))
    assert np.allclose(score_gradient(problem, e @ start @ e.T).sum(axis=0), 0)


def test_normalised_descent_moves_by_its_step() -> None:
    problem = AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 1, 0]], [1, 2])
    run = LayerDescent(steps=5, step_size=0.25, normalised=True)(AttentionLayer(problem))
    assert np.linalg.norm(np.diff(run.weights, axis=0), axis=(1, 2)) == pytest.approx(0.25)
    assert (np.diff(run.losses) < 0).all()
    with pytest.raises(InvalidInput, match="positive step"):
        LayerDescent(steps=5, step_size=0.0)(AttentionLayer(problem))


def test_only_the_last_position_matters() -> None:
    one = AttentionNTP([[1, 0], [0, 1], [1, 1]], [[0, 1, 2, 0], [1, 2]], [1, 2])
    other = AttentionNTP([[1, 0], [0, 1], [1, 1]], [[2, 0, 1, 0], [1, 2]], [1, 2])
    assert one == other and hash(one) == hash(other) and one.sequences != other.sequences
    assert one != AttentionNTP(one.embeddings, [[0, 1, 0, 2], [1, 2]], [1, 2])
    assert decompose(one).max_margin.direction == decompose(other).max_margin.direction


@pytest.mark.parametrize("seed", range(12))
def test_records_come_back(seed: int) -> None:
    problem = drawn(seed)
    record = problem.instance()
    assert AttentionNTP(record["embeddings"], record["sequences"], record["labels"]).sequences == problem.sequences
    assert AttentionNTP.from_dataset(decode_dataset(record)) == problem
    assert problem.conditional_logit().instance()["kind"] == "attention-ntp"
    assert AttentionNTP.from_dataset(problem.data).multiplicities == problem.multiplicities
    assert [tuple(s[-1:]) for s in AttentionNTP.from_dataset(problem.data).sequences] == [s[-1:] for s in problem.sequences]
    assert eval(repr(problem)) == problem
    assert ConditionalLogit(problem.conditional_logit().rows).loss(np.ones(problem.dimension**2)) == pytest.approx(
        problem.loss(np.ones((problem.dimension,) * 2))
    )


@pytest.mark.parametrize("seed", range(12))
def test_relabelling_permutes_the_scores(seed: int) -> None:
    problem = drawn(seed)
    order = random.Random(seed).sample(range(problem.vocabulary_size), problem.vocabulary_size)
    renamed = problem.relabelled(order)
    scores, other = (p.scores(max_margin(p).direction) for p in (problem, renamed))
    size = range(problem.vocabulary_size)
    assert max_margin(renamed).direction == max_margin(problem).direction  # W lives in embedding space: names do not matter
    assert all(scores[u][v] == other[order[u]][order[v]] for u in size for v in size)
    with pytest.raises(InvalidInput, match="permutation"):
        problem.relabelled([0] * (problem.vocabulary_size + 1))


@pytest.mark.parametrize("seed", range(10))
def test_scaling_the_embeddings(seed: int) -> None:
    problem = drawn(seed)
    doubled = problem.with_embeddings([[2 * x for x in row] for row in problem.embeddings])
    one, two = decompose(problem), decompose(doubled)
    assert two.max_margin.direction == tuple(x / 4 for x in one.max_margin.direction)
    assert doubled.scores(two.max_margin.direction) == problem.scores(one.max_margin.direction)
    assert np.allclose(4 * two.finite_part.array, one.finite_part.array, atol=1e-12)


def test_lift_and_lower() -> None:
    problem = AttentionNTP([[1, 0], [1, 1]], [[1, 0]], [1])
    flat = max_margin(problem).direction
    assert problem.lift(flat) == ((F(0), F(0)), (F(1), F(0))) and problem.lower(problem.lift(flat)).tolist() == [0, 0, 1, 0]
    assert problem.difference(1, 0, 1) == (0, 0, 1, 1)
    floats = problem.scores(np.array([float(x) for x in flat]))
    assert floats.tolist() == [[float(x) for x in row] for row in problem.scores(flat)]
