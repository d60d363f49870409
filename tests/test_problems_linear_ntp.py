"""Linear NTP: the reduction there and back, the order of its rows, relabelling, one-hot embeddings, bad input."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.kernel import decode_dataset
from ntpproofs.papers.linear_ntp.theorems import _golden
from ntpproofs.problems import LinearNTP, smoothness

F = Fraction
THREE = LinearNTP([[1, 2], [0, -1], ["1/3", 0]], [["1/2", "1/4", "1/4"], [0, 1, 0], ["1/3", 0, "2/3"]], ["1/2", "1/3", "1/6"])


def cross_entropy(problem: LinearNTP, decoder: np.ndarray) -> float:
    """CE(W) = - sum_j pi_j sum_z p_jz log softmax_z(W h_j), from the definition."""
    total = 0.0
    for pi, p, h in zip(problem.weights, problem.probabilities, problem.embeddings):
        logits = decoder @ np.array([float(x) for x in h])
        log_softmax = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        total -= float(pi) * sum(float(q) * log_softmax[z] for z, q in enumerate(p) if q)
    return total


@pytest.mark.parametrize("problem", [THREE, *_golden.golden], ids=range(1 + len(_golden.golden)))
def test_loss_and_gradient_are_those_of_the_paper(problem: LinearNTP) -> None:
    rng = np.random.default_rng(0)
    for _ in range(3):
        decoder = rng.normal(size=(problem.vocabulary_size, problem.dimension))
        assert problem.loss(decoder) == pytest.approx(cross_entropy(problem, decoder), rel=1e-12)
        # grad CE = (softmax(W H) - P) diag(pi) H'.
        h = np.array([[float(x) for x in row] for row in problem.embeddings])
        p = np.array([[float(x) for x in row] for row in problem.probabilities])
        logits = h @ decoder.T
        softmax = np.exp(logits - logits.max(axis=1, keepdims=True))
        softmax /= softmax.sum(axis=1, keepdims=True)
        pi = np.array([float(x) for x in problem.weights])
        expected = ((softmax - p) * pi[:, None]).T @ h
        found = problem.lift(problem.conditional_logit().gradient(problem.lower(decoder)))
        assert found == pytest.approx(expected, abs=1e-13)


def test_there_and_back() -> None:
    flat = tuple(F(k, 2) for k in range(6))
    lifted = THREE.lift(flat)
    assert lifted == ((F(0), F(1, 2)), (F(1), F(3, 2)), (F(2), F(5, 2)))
    assert THREE.lower(lifted).tolist() == [float(x) for x in flat]
    array = np.arange(6.0)
    assert (THREE.lower(THREE.lift(array)) == array).all() and THREE.lift(array).shape == (3, 2)


def test_rows_are_contexts_and_support_tokens_in_lexicographic_order() -> None:
    logit = THREE.conditional_logit()
    expected = [(j, z) for j, support in enumerate(THREE.supports) for z in sorted(support)]
    assert list(logit.row_labels) == expected == [(0, 0), (0, 1), (0, 2), (1, 1), (2, 0), (2, 2)]
    for row, (j, z) in zip(logit.rows, expected, strict=True):
        assert row.weight == THREE.weights[j] * THREE.probabilities[j][z] and row.chosen == z
        assert len(row.features) == THREE.vocabulary_size and row.multiplicities == (1, 1, 1)
        for v, feature in enumerate(row.features):  # e_v h_j', row-major
            assert THREE.lift(feature) == tuple(THREE.embeddings[j] if u == v else (F(0), F(0)) for u in range(3))


def test_the_reduction_reduces_to_itself() -> None:
    logit = THREE.conditional_logit()
    assert logit.conditional_logit() is logit and THREE.conditional_logit() is logit


@pytest.mark.parametrize("tokens", list(permutations(range(3))))
def test_relabelling_tokens_permutes_everything(tokens: tuple[int, ...]) -> None:
    other = THREE.relabelled(tokens)
    assert [{v: p for v, p in enumerate(row) if p} for row in other.probabilities] == [
        {tokens[v]: p for v, p in enumerate(row) if p} for row in THREE.probabilities
    ]
    decoder = np.random.default_rng(1).normal(size=(3, 2))
    moved = np.empty_like(decoder)
    moved[list(tokens)] = decoder
    assert other.loss(moved) == pytest.approx(THREE.loss(decoder), rel=1e-14)
    u, moved_u = THREE.lift(max_margin(THREE).direction), other.lift(max_margin(other).direction)
    assert all(moved_u[tokens[v]] == u[v] for v in range(3))
    inverse = [tokens.index(v) for v in range(3)]
    assert other.relabelled(inverse) == THREE


def test_facts_about_the_data() -> None:
    assert (THREE.vocabulary_size, THREE.dimension, THREE.embedding_rank) == (3, 2, 2)
    assert THREE.supports == (frozenset({0, 1, 2}), frozenset({1}), frozenset({0, 2}))
    assert THREE.gram == ((5, -2, F(1, 3)), (-2, 1, 0), (F(1, 3), 0, F(1, 9)))
    p = [[1 / 2, 1 / 4, 1 / 4], [1], [1 / 3, 2 / 3]]
    expected = -sum(w * sum(q * np.log(q) for q in row) for w, row in zip((1 / 2, 1 / 3, 1 / 6), p))
    assert float(THREE.entropy) == pytest.approx(expected, rel=1e-14) and THREE.entropy.radius < F(1, 10**40)


def test_one_hot_equals_explicit_identity_embeddings() -> None:
    rows = [{0: "1/2", 3: "1/2"}, {1: 1}, {0: "1/3", 1: "1/3", 2: "1/3"}]
    weights = ["1/2", "1/4", "1/4"]
    implicit = LinearNTP("one-hot", rows, weights, vocabulary_size=4)
    explicit = LinearNTP([[1, 0, 0], [0, 1, 0], [0, 0, 1]], rows, weights, vocabulary_size=4)
    assert implicit.one_hot and not explicit.one_hot
    for name in ("embeddings", "probabilities", "weights", "supports", "embedding_rank", "gram", "dimension", "vocabulary_size"):
        assert getattr(implicit, name) == getattr(explicit, name)
    a, b = implicit.conditional_logit(), explicit.conditional_logit()
    assert a.rows == b.rows and a.differences() == b.differences() and a.row_labels == b.row_labels
    w = np.random.default_rng(2).normal(size=12)
    assert a.loss(w) == pytest.approx(b.loss(w), rel=1e-14)
    assert a.gradient(w) == pytest.approx(b.gradient(w), abs=1e-15) and a.hessian(w) == pytest.approx(b.hessian(w), abs=1e-15)
    assert float(smoothness(a)) == pytest.approx(float(smoothness(b)), rel=1e-12)
    assert separation(a).tied == separation(b).tied and max_margin(a).direction == max_margin(b).direction
    assert max_margin(a).multipliers == max_margin(b).multipliers
    assert decompose(a).tied.basis == decompose(b).tied.basis
    assert decompose(a).finite_part.closed_form == decompose(b).finite_part.closed_form


@pytest.mark.parametrize("problem", [THREE, *_golden.golden, LinearNTP("one-hot", [{0: 1}, {1: 1}], vocabulary_size=3)], ids=range(15))
def test_instance_pickle_and_repr_come_back(problem: LinearNTP) -> None:
    record = json.loads(json.dumps(problem.instance()))
    again = LinearNTP.from_dataset(decode_dataset(record))
    assert again == problem and hash(again) == hash(problem)
    assert pickle.loads(pickle.dumps(problem)) == problem
    pasted = eval(repr(problem), {"LinearNTP": LinearNTP})
    assert pasted.conditional_logit().rows == problem.conditional_logit().rows


def test_equality() -> None:
    assert LinearNTP([[1]], [["1/2", "1/2"]]) == LinearNTP([["2/2"]], [["2/4", "1/2"]], [1])
    assert LinearNTP([[1]], [["1/2", "1/2"]]) != LinearNTP([[1]], [["1/3", "2/3"]])
    assert LinearNTP([[1]], [[1, 0]]) != LinearNTP([[1]], [[1]]) and LinearNTP([[1]], [[1]]) != [[1]]
    assert len({LinearNTP([[1]], [[1, 0]]), LinearNTP([[1]], [[1, 0]]), LinearNTP([[2]], [[1, 0]])}) == 2


def test_large_datasets_print_short() -> None:
    rows = [{j % 30: 1} for j in range(30)]
    assert repr(LinearNTP("one-hot", rows, vocabulary_size=30)) == "LinearNTP(30 contexts, 30 tokens, dimension 30)"


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"embeddings": [], "probabilities": []}, "probabilities", "no row, so there is no context"),
    ({"embeddings": [[1]], "probabilities": [["1/2", "1/3"]]}, "probabilities[0]", "sums to 5/6, not to 1"),
    ({"embeddings": [[1]], "probabilities": [["3/2", "-1/2"]]}, "probabilities[0]", "negative entry -1/2"),
    ({"embeddings": [[1]], "probabilities": [[0, 0]]}, "probabilities[0]", "empty support"),
    ({"embeddings": [[1]], "probabilities": [{}], "vocabulary_size": 2}, "probabilities[0]", "empty support"),
    ({"embeddings": [[1]], "probabilities": [[0.5, 0.5]]}, "probabilities[0][0]", "floats are refused"),
    ({"embeddings": [[0.1]], "probabilities": [[1]]}, "embeddings[0][0]", "floats are refused"),
    ({"embeddings": [[1], [2]], "probabilities": [[1]]}, "embeddings", "2 entries where 1"),
    ({"embeddings": [[1], [1, 2]], "probabilities": [[1], [1]]}, "embeddings[1]", "2 entries where 1"),
    ({"embeddings": [[], []], "probabilities": [[1], [1]]}, "embeddings", "without entries"),
    ({"embeddings": "one hot", "probabilities": [[1]]}, "embeddings", "is str, not a list"),
    ({"embeddings": [[1]], "probabilities": [[1], [1]], "weights": ["1/2", "1/2"]}, "embeddings", "1 entries where 2"),
    ({"embeddings": [[1], [1]], "probabilities": [[1, 0], [1]]}, "probabilities[1]", "1 entries where 2"),
    ({"embeddings": [[1]], "probabilities": [[1]], "weights": ["1/2"]}, "weights", "sum to 1/2, not to 1"),
    ({"embeddings": [[1]], "probabilities": [[1]], "weights": []}, "weights", "0 entries where 1"),
    ({"embeddings": [[1], [1]], "probabilities": [[1], [1]], "weights": [2, -1]}, "weights[1]", "is -1, not positive"),
    ({"embeddings": [[1]], "probabilities": [{2: 1}], "vocabulary_size": 2}, "probabilities[0].entries", "not an index in 0..1"),
    ({"embeddings": [[1]], "probabilities": [{0: 1}]}, "probabilities[0]", "is dict, not a list"),
    ({"embeddings": [[1]], "probabilities": [{0: 1}], "vocabulary_size": 0}, "vocabulary_size", "is 0"),
    ({"embeddings": [[1]], "probabilities": [{0: 1}], "vocabulary_size": 2.0}, "vocabulary_size", "is 2.0"),
]


@pytest.mark.parametrize(("arguments", "subject", "reason"), REFUSALS, ids=[f"{s}-{r}" for _, s, r in REFUSALS])
def test_bad_data_is_refused(arguments: dict[str, Any], subject: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        LinearNTP(**arguments)
    assert caught.value.subject == subject and reason in caught.value.reason and caught.value.remedy
