"""The character calculus three ways: counts, tokens multiplied out, and enumeration over roots of unity in floating point."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest

from ntpproofs.papers.mesa.coincidences import Count, canonical, counted, harmonic, pair_count, target_count
from ntpproofs.papers.mesa.gaussian import Gaussian
from ntpproofs.papers.mesa.laws import AtomLaw, Law, independent_law
from ntpproofs.papers.mesa.matrices import full, reduced
from ntpproofs.papers.mesa.model import Sequences, embedded, gradient, loss, scalar_matrix
from ntpproofs.papers.mesa.moments import hankel_defect, positive_semidefinite
from ntpproofs.papers.mesa.named_laws import IndependentLaw
from ntpproofs.papers.mesa.patterns import AtAllSizes, assignments, formal, pairs_sum
from ntpproofs.papers.mesa.relations import AlongFlow, Reaches, Settled, SumOfSquares
from ntpproofs.papers.mesa.slice import counted_slice_gradient, real_slice_gradient
from ntpproofs.papers.mesa.tensors import reduced_gradient, reduced_loss, tensors

three_atoms = AtomLaw([[1, 2], [3, -1], ["1/2", 1]], ["1/2", "1/3", "1/6"])
in_three = AtomLaw([[1, 2, 1], [3, -1, 0], ["1/2", 1, -2]], ["1/2", "1/3", "1/6"])
LAWS: list[Law] = [three_atoms, in_three, independent_law([(2, "1/3"), (-1, "2/3")], 2), IndependentLaw("complex-gaussian", (F(1), F(2)))]


def complex_blocks(d: int) -> tuple[tuple[tuple[Gaussian, ...], ...], tuple[tuple[Gaussian, ...], ...]]:
    left = tuple(tuple(Gaussian(F(i - j + 1, 2), F(j + 1, 3)) for j in range(d)) for i in range(d))
    return left, tuple(tuple(Gaussian(F(2 * i + j, 3), F(i - j, 2)) for j in range(d)) for i in range(d))


# Every pattern of six indices (203) and of four (15), counts against direct enumeration, settled polynomials included.
def test_counts_of_every_pattern() -> None:
    sixes, fours = ({canonical(p) for p in assignments(0, n)} for n in (6, 4))
    assert (len(sixes), len(fours)) == (203, 15)
    for t in range(2, 15):
        assert all(pair_count(p).at(t) == counted(p[:3], p[3:], t) for p in sixes)
        assert all(target_count(p).at(t) == counted(p[1:], None, t) for p in fours)
    kinds = Counter(pair_count(p).coefficients for p in sixes)
    assert kinds == {(0, 0, 0): 182, (0, 1, 0): 12, (1, 0, 0): 7, (0, 0, 1): 2}


def test_averages_include_the_early_corrections() -> None:
    count = Count((1, 2, 0), (7, 5))  # t = 2 and 3 differ from 1 + 2n = 3 and 5
    direct = sum(F(count.at(t), (t - 1) ** 2) for t in range(2, 9))
    assert count.averaged(9) == direct and harmonic(0) == 0 and harmonic(10_000).denominator > 10**4_000


@pytest.mark.parametrize("law", LAWS, ids=["atoms", "three", "skewed", "complex"])
@pytest.mark.parametrize("length", [3, 4])
def test_counts_agree_with_tokens_multiplied_out(law: Law, length: int) -> None:
    d = law.dimension
    left, right = complex_blocks(d)
    sequences, coefficients = Sequences(d, length), tensors(law, length)
    assert loss(sequences, law, *embedded(left, right)) == reduced_loss(coefficients, left, right)
    to_p, to_q = gradient(sequences, law, *embedded(left, right))
    to_left, to_right = reduced_gradient(coefficients, left, right)
    assert tuple(row[:d] for row in to_p) == to_left and tuple(row[:d] for row in to_q[d:]) == to_right


def enumerated_loss(law: AtomLaw, length: int, p: np.ndarray, q: np.ndarray, roots: int) -> float:
    """The loss from the definition in complex floats: every atom, every diagonal matrix of N-th roots of unity."""
    d, total = law.dimension, 0.0
    circle = np.exp(2j * np.pi * np.arange(roots) / roots)
    for atom, weight in zip(law.atoms, law.weights):
        for phases in product(circle, repeat=d):
            tokens = [np.zeros(d, complex)] + [np.array([float(x) for x in atom]) * np.array(phases) ** i for i in range(length)]
            embeddings = [None, *(np.concatenate([tokens[i], tokens[i - 1]]) for i in range(1, length + 1))]
            for t in range(2, length):
                statistic = sum(np.outer(e, e.conj()) for e in embeddings[1 : t + 1]) / (t - 1)
                total += float(weight) * np.sum(abs(p @ statistic @ q @ embeddings[t] - tokens[t + 1]) ** 2) / 2
    return float(total / roots**d)


# N = 3T - 5 is exact for all blocks; one less is not for every law.
def test_roots_of_unity_in_floats() -> None:
    generator = np.random.default_rng(0)
    for length in (3, 4):
        p, q = generator.standard_normal((2, 4)), generator.standard_normal((4, 4))
        exact = full(three_atoms, length).value(p, q)
        assert enumerated_loss(three_atoms, length, p, q, 3 * length - 5) == pytest.approx(exact, rel=1e-12)
        assert enumerated_loss(three_atoms, length, p, q, 2 * length - 3) != pytest.approx(exact, rel=1e-6)


def test_full_and_reduced_losses_in_doubles() -> None:
    generator = np.random.default_rng(1)
    left, right = (generator.standard_normal((2, 2)) + 1j * generator.standard_normal((2, 2)) for _ in range(2))
    p, q = np.hstack([left, np.zeros((2, 2))]), np.zeros((4, 4), complex)
    q[2:, :2] = right
    small, large = reduced(three_atoms, 5), full(three_atoms, 5)
    assert small.value(left, right) == pytest.approx(large.value(p, q), rel=1e-12)
    to_p, to_q = large.gradient(p, q)
    assert np.abs(to_p[:, 2:]).max() < 1e-10 * np.abs(to_p).max() and np.abs(to_q[:2]).max() < 1e-10 * np.abs(to_q).max()
    assert small.gradient(left, right)[0] == pytest.approx(to_p[:, :2], rel=1e-10)
    # against central differences, in the packing dL/dRe + i dL/dIm
    for direction in (1.0, 1j):
        step = 1e-6 * direction
        bump = np.zeros((2, 2), complex)
        bump[0, 1] = step
        slope = (small.value(left + bump, right) - small.value(left - bump, right)) / 2e-6
        gradient_entry = small.gradient(left, right)[0][0, 1]
        assert slope == pytest.approx((gradient_entry * np.conj(direction)).real, rel=1e-6)


@pytest.mark.parametrize("law", [three_atoms, in_three, LAWS[2]], ids=["atoms", "three", "skewed"])
def test_formulas_of_the_slice_agree_with_counts(law: Law) -> None:
    for length in (3, 5, 17):
        assert counted_slice_gradient(law, length) == real_slice_gradient(law, length)


def test_identities_at_all_sizes_can_fail() -> None:
    true = pairs_sum(2, 2, lambda p, q: ((0, p, p), (1, q, q)))
    assert AtAllSizes(true, formal(2, u33=(0, 1, 0))).decide().evidence.word == "proved"
    for claimed in ({}, formal(2, u33=(1, 0, 0)), formal(2, u33=(0, 1, 0), u15=(0, 1, 0)), formal(2, u24=(0, 1, 0))):
        assert AtAllSizes(true, claimed).decide().outcome.value == "refuted"


def test_relations_refute_what_is_false() -> None:
    import sympy as sp

    a, b = sp.symbols("a b", real=True)
    assert AlongFlow(a**2 + b**2, {a: b, b: a}, 0).decide().outcome.value == "refuted"
    assert SumOfSquares(a**2 - b**2, [(1, a), (-1, b)]).decide().outcome.value == "inconclusive"
    assert SumOfSquares(a**2 - b**2, [(1, a)]).decide().outcome.value == "refuted"
    assert Settled(1, 2, "nothing").decide().outcome.value == "refuted"
    assert Reaches([np.inf], [0], 1.0).decide().outcome.value == "refuted" and Reaches([np.nan], [0], 1.0).decide().outcome.value == "inconclusive"
    far = Reaches([1.0], [0], 0.1, away=True).decide()
    assert far.holds and far.on_path and Reaches([0.0], [0], 0.1, away=True).decide().outcome.value == "refuted"


@pytest.mark.parametrize(
    ("moments", "lawful"),
    [
        ((0, 1, 0, 3, 0, 15), True), ((0, 1, 0, 1, 0, 1), True), ((0, 0, 0, 0, 0, 0), True), ((0, 1, 0, 0, 0, 1), False),
        ((0, 1, 0, 1, 0, 2), False), ((0, 0, 0, 0, 0, 1), False), ((1, 1, 1, 1, 1, 1), True), ((0, -1, 0, 3, 0, 15), False),
    ],
)  # fmt: skip
def test_moments_of_some_law(moments: tuple[int, ...], lawful: bool) -> None:
    assert (hankel_defect((F(1), *map(F, moments))) == "") is lawful


def test_semidefinite_forms() -> None:
    assert positive_semidefinite([[F(2), F(-1)], [F(-1), F(2)]]) and not positive_semidefinite([[F(1), F(2)], [F(2), F(1)]])
    assert positive_semidefinite([[F(0), F(0)], [F(0), F(1)]]) and not positive_semidefinite([[F(0), F(1)], [F(1), F(1)]])


def test_gradient_on_the_slice_is_the_literal_one() -> None:
    a, b = F(2, 3), F(-1, 2)
    to_p, to_q = gradient(Sequences(3, 4), in_three, *embedded(scalar_matrix(3, b), scalar_matrix(3, a)))
    assert (tuple(r[:3] for r in to_p), tuple(r[:3] for r in to_q[3:])) == real_slice_gradient(in_three, 4).at(a, b)
