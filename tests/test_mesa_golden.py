"""Linear attention on autoregressive data: numbers of the theory notes, corrected ones included, and exact values worked out by hand."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest

from ntpproofs.papers.mesa.laws import AtomLaw, Law, independent_law, sign_symmetrised, symmetrised
from ntpproofs.papers.mesa.named_laws import IndependentLaw, MomentLaw, OnesLaw, SparseLaw
from ntpproofs.papers.mesa.predictions import expected, in_slice, recovery_ratio
from ntpproofs.papers.mesa.problem import LinearAttentionAR
from ntpproofs.papers.mesa.programmes import best_right_block, right_block_programme, unequal_columns_law
from ntpproofs.papers.mesa.simulation import simulate
from ntpproofs.papers.mesa.slice import constants, criterion, slice_flow, slice_gradient
from ntpproofs.papers.mesa.starts import nearest_member, random_run
from ntpproofs.papers.mesa.strategies import coupled_law
from ntpproofs.papers.mesa.tensors import tensors
from ntpproofs.papers.mesa.two_variables import descent


def gaussian(d: int, variance: F | int = 1) -> IndependentLaw:
    return IndependentLaw("gaussian", (F(variance),) * d)


def rademacher(d: int) -> IndependentLaw:
    return IndependentLaw("rademacher", (F(1),) * d)


def problem(law: Law, length: int, start: tuple[F, F] = (F(1, 10), F(1, 10)), masked: bool = False) -> LinearAttentionAR:
    return LinearAttentionAR(law.dimension, length, law, start, masked)


skewed = independent_law([(2, "1/3"), (-1, "2/3")], 2)


# law, T: s and the least loss (section 2.6; complex Gaussian without a loss there).
@pytest.mark.parametrize(
    ("law", "length", "product", "loss"),
    [
        (gaussian(2), 3, F(1, 6), F(1, 2)),
        (gaussian(2), 4, F(4, 23), F(22, 23)),
        (SparseLaw(2, F(2)), 5, F(1, 4), F(0)),
        (rademacher(2), 5, F(18, 29), F(33, 29)),
        (gaussian(3), 4, F(2, 13), F(21, 13)),
        (gaussian(3), 6, F(24, 145), F(438, 145)),
        (IndependentLaw("complex-gaussian", (F(1),) * 2), 4, F(4, 15), None),
        (IndependentLaw("complex-gaussian", (F(1),) * 2), 6, F(48, 169), None),
    ],
)
def test_exact_products_and_losses(law: Law, length: int, product: F, loss: F | None) -> None:
    found = expected(problem(law, length))
    assert found.ab == product
    if loss is not None:
        assert found.loss == loss


@pytest.mark.parametrize(
    ("law", "length", "product", "loss"),
    [
        (gaussian(2, F(49, 100)), 4, 0.3549245785, 0.468695652),
        (gaussian(2), 10, 0.1872753114, 3.505392526),
        (rademacher(3), 8, 0.5504587156, 4.045871560),
        (rademacher(2), 50, 0.9150038237, 4.079816464),
    ],
)
def test_products_and_losses_in_decimals(law: Law, length: int, product: float, loss: float) -> None:
    found = expected(problem(law, length))
    assert float(found.ab) == pytest.approx(product, abs=5e-11)
    assert float(found.loss) == pytest.approx(loss, abs=5e-10)


# Tables of moments (section 1, and 0a for the further laws): k1/k2, R and the mean ratio for infinite length.
@pytest.mark.parametrize(
    ("law", "quotient", "ratio", "mean"),
    [
        (gaussian(2, 4), F(1, 20), F(3, 5), F(1, 5)),
        (IndependentLaw("complex-gaussian", (F(4),)), F(1, 12), F(2, 3), F(1, 3)),
        (IndependentLaw("rademacher", (F(3),)), F(1, 9), F(1), F(1)),
        (IndependentLaw("laplace", (F(2),)), F(1, 120), F(2, 5), F(1, 15)),
        (IndependentLaw("uniform", (F(3),)), F(7, 45), F(21, 25), F(7, 15)),
        (SparseLaw(4, F(2)), F(1, 4), F(1), F(1, 4)),
    ],
)
def test_moment_tables(law: Law, quotient: F, ratio: F, mean: F) -> None:
    found = constants(law)
    k1, k2, m2 = found.fourth[0], found.sixth[0], found.second[0]
    assert (k1 / k2, recovery_ratio(found), k1 * m2 / k2) == (quotient, ratio, mean)


def test_moments_alone_agree_with_the_named_law() -> None:
    by_moments = MomentLaw(3, (0, 1, 0, 3, 0, 15))
    assert constants(by_moments) == constants(gaussian(3))
    assert expected(problem(by_moments, 6)).loss == F(438, 145)


def test_training_and_test_errors_differ() -> None:
    # Rademacher, T = 50, d = 2: .0850 over the training positions; (1 - s)^2 = .0072 only for long contexts.
    found = expected(problem(rademacher(2), 50))
    assert float(found.relative_mse) == pytest.approx(0.0850, abs=5e-5)
    s = float(found.ab)
    assert float(found.test_relative_mse) == pytest.approx((1 - s) ** 2 + s * s / 48, rel=1e-12)
    assert (1 - s) ** 2 == pytest.approx(0.0072, abs=5e-5)
    assert expected(problem(rademacher(2), 5)).relative_mse == F(11, 29)


def test_two_magnitudes_one_coordinate_at_a_time() -> None:
    law = symmetrised(AtomLaw([[1, 0], [2, 0]]))
    assert recovery_ratio(constants(law)) == F(289, 325)


# Section 5.1: i.i.d. with mean zero is not enough.
def test_skewed_law_leaves_the_slice() -> None:
    found = constants(skewed)
    assert (found.second[0], found.fourth[0], found.sixth[0], found.rows[0]) == (2, 6, 22, 12)
    assert skewed.moment((3, 3)) == 4 and skewed.moment((1, 3)) == 0 and skewed.moment((1, 5)) == 0
    gradient, _ = slice_gradient(skewed, 5).at(F(3, 10), F(3, 10))
    assert gradient[0][1] == F(99, 500)
    assert not criterion(skewed, 5).invariant and expected(problem(skewed, 5)).ab is None


# The start (.3, .3) of the notes for T = 5; lengths 3 and 20, and three dimensions, for A12 alone.
def test_limits_of_the_skewed_law() -> None:
    run = simulate(problem(skewed, 5, (F(3, 10), F(3, 10))))
    found = [run.right[0, 0], run.right[0, 1], run.left[0, 0], run.left[0, 1], run.left[0, 0] * run.right[0, 0], run.run.losses[-1]]
    assert found == pytest.approx([0.453786, -0.046133, 0.455872, -0.015185, 0.206869, 2.276365], abs=6e-7)
    for law, length, entry in ((skewed, 3, -0.066528), (skewed, 20, -0.0232315), (independent_law([(2, "1/3"), (-1, "2/3")], 3), 4, -0.034918)):
        assert simulate(problem(law, length)).right[0, 1] == pytest.approx(entry, abs=1e-6)


def test_symmetric_marginals_do_not_suffice() -> None:
    law = coupled_law(2, F(1, 5))
    assert law.moment((3, 3)) == F(9, 5) and law.moment((1, 3)) == law.moment((1, 5)) == 0
    assert simulate(problem(law, 4)).right[0, 1] == pytest.approx(-0.011925, abs=1e-6)


# Section 5.2 and 0a: the witness for row sums against column sums, over 229.
def test_row_sums_agree_and_column_sums_do_not() -> None:
    atoms, weights = [(0, 2, 0), (0, 2, 2), (1, 0, 1), (2, 1, 2), (2, 2, 0)], [F(w, 229) for w in (27, 37, 64, 64, 37)]
    law = sign_symmetrised(AtomLaw(atoms, weights))
    found = constants(law)
    assert {x * 229 for x in found.fourth} == {1680} and {x * 229 for x in found.sixth} == {6528} and {x * 229 for x in found.rows} == {6784}
    assert tuple(x * 229 for x in found.columns) == (7552, 5248, 7552)
    assert criterion(law, 4).diagonal and not criterion(law, 4).uniform
    run = simulate(problem(law, 4))
    products = [run.left[j, j] * run.right[j, j] for j in range(3)]
    assert products == pytest.approx([0.136079, 0.164068, 0.136079], abs=1e-6)
    assert slice_flow(law, 4).product == pytest.approx(F(1680 * 2, 6528 * 2 + 6784 * 3 // 2)) == pytest.approx(0.144628, abs=1e-6)


def test_a_linear_programme_finds_such_a_law() -> None:
    found = constants(unequal_columns_law())
    assert len(set(found.fourth)) == len(set(found.sixth)) == len(set(found.rows)) == 1 < len(set(found.columns))


# Section 2.11, with the corrections of 0a: the masked product at (T, d), N(1/2, 1) at T = 5, d = 2.
@pytest.mark.parametrize(
    ("law", "length", "product"),
    [
        (OnesLaw(2), 3, 0.5), (OnesLaw(2), 5, 18 / 29), (OnesLaw(2), 10, 0.7464178607), (OnesLaw(2), 60, 0.9258334816),
        (OnesLaw(3), 4, 0.4), (OnesLaw(3), 10, 0.5954279638), (OnesLaw(5), 100, 0.825826),
        # m_1..m_6 of N(1/2, 1)
        (MomentLaw(2, ("1/2", "5/4", "13/8", "73/16", "281/32", "1741/64")), 5, 0.148671966),
        (skewed, 5, 9 / 44),
    ],
)  # fmt: skip
def test_masked_products(law: Law, length: int, product: float) -> None:
    assert float(expected(problem(law, length, masked=True)).ab) == pytest.approx(product, abs=5e-7 if length == 100 else 6e-10)


def test_masking_costs_a_sixth_of_the_loss_at_three_tokens() -> None:
    masked, free = expected(problem(OnesLaw(2), 3, masked=True)), simulate(problem(OnesLaw(2), 3))
    assert masked.relative_mse == F(1, 2) and free.run.losses[-1] == pytest.approx(1 / 3, abs=1e-9)


def test_different_sizes_conserve_only_the_sum() -> None:
    # T = 4, from (.1, .1): each coordinate's difference of squares ends at +-.05102.
    run = simulate(problem(IndependentLaw("gaussian", (F(1), F(4))), 4))
    gaps = [run.right[j, j] ** 2 - run.left[j, j] ** 2 for j in range(2)]
    assert sorted(gaps) == pytest.approx([-0.05102, 0.05102], abs=5e-6) and sum(gaps) == pytest.approx(0, abs=1e-9)


# 0a: balanced gradient descent from (2, 2) on N(0, 4 I_5) at T = 100, by eta beta (a0^2 + b0^2).
def test_balanced_descent_keeps_its_sign_up_to_the_threshold_and_then_diverges() -> None:
    flow = slice_flow(gaussian(5, 4), 100)
    start = np.array([[2.0, 2.0]])
    ends = {}
    for level in (2.04, 3.92, 4.08):
        (end,) = descent(flow, start, level / (float(flow.beta) * 8), 20_000)
        ends[level] = end
    assert ends[2.04] == pytest.approx([-0.219, -0.219], abs=5e-4)
    assert abs(ends[3.92][0] * ends[3.92][1] - float(flow.product)) < 1e-9 and np.isinf(ends[4.08]).all()


# Section 4: population values at d = 5, T = 100, and gradient descent with the step sizes of the released code.
def test_population_values_of_the_published_setting() -> None:
    for variance, product in ((F(1, 4), 0.767620), (F(1), 0.191905), (F(4), 0.047976)):
        found = expected(problem(gaussian(5, variance), 100))
        assert float(found.ab) == pytest.approx(product, abs=6e-7) and float(found.mean_ratio) == pytest.approx(0.191905, abs=6e-7)
    runs = (
        (gaussian(5, F(1, 4)), 1e-3, 200, 0.73256),
        (gaussian(5, 4), 2e-6, 200, 0.04414),
        (SparseLaw(5, F(1)), 1e-3, 200, 0.9632),
    )
    for law, step, epochs, product in runs:
        (end,) = descent(slice_flow(law, 100), np.array([[0.1, 0.1]]), step, epochs)
        assert end[0] * end[1] == pytest.approx(product, abs=6e-5)
    assert 2e-6 * float(slice_flow(gaussian(5, 4), 100).beta) * 8 == pytest.approx(1.57, abs=5e-3)


def test_signs_for_phases_change_the_product() -> None:
    from ntpproofs.papers.mesa.theorems.general_phases import literal

    assert (literal(problem(rademacher(2), 4), 2), expected(problem(rademacher(2), 4)).ab) == (F(5, 9), F(4, 7))
    assert float(literal(problem(rademacher(2), 10), 2)) == pytest.approx(0.5902781, abs=5e-8)


def test_random_starts_end_on_the_orbit_and_not_at_the_identity() -> None:
    p = problem(gaussian(2), 4)
    run = random_run(p, 1)
    member = nearest_member(run, 4 / 23)
    assert member.distance < 1e-6 and np.ptp(member.phases) > 0.1
    assert abs(run.left[0, 0] * run.right[1, 1]) == pytest.approx(4 / 23, abs=1e-7) and run.losses[-1] == pytest.approx(22 / 23, abs=1e-9)


def test_best_block_given_the_other() -> None:
    coefficients = tensors(skewed, 5)
    left = ((F(1), F(1, 3)), (F(-1, 2), F(1)))
    exact = best_right_block(coefficients, left)
    proposed = right_block_programme(coefficients, left)
    assert exact.convex and np.array([[float(x) for x in row] for row in exact.right]) == pytest.approx(proposed, abs=1e-6)


def test_opposite_signs_are_fine_unless_they_cancel() -> None:
    p = problem(gaussian(2), 4, (F(1, 2), F(-5001, 10000)))
    found = expected(p)
    assert in_slice(p) and found.ab == F(4, 23) and float(found.a) < 0 and float(found.b) < 0
    assert expected(problem(gaussian(2), 4, (F(1, 2), F(-1, 2)))).ab == 0


def test_sampled_losses_approach_the_exact_one() -> None:
    from ntpproofs.papers.mesa.experiments import Setting, evaluate, population_loss, sampled_loss, sampled_tokens, train

    law, length = rademacher(2), 6
    generator = np.random.default_rng(0)
    sample, exact = sampled_loss(law, length, generator, 4_000), population_loss(law, length)
    left, right = np.array([[1.0, 0.2], [0.1, 0.8]]), np.array([[0.5, 0.1], [-0.3, 0.7]])
    assert sample.value(left, right) == pytest.approx(exact.value(left, right), rel=0.05)
    tokens = sampled_tokens(law, length, generator, 3)
    assert np.abs(tokens[:, 2] * tokens[:, 0] - tokens[:, 1] ** 2).max() < 1e-12  # x_3 x_1 = x_2^2 entrywise
    run = train(exact, Setting(law, length, 0.02, 400, (0.1, 0.1)))
    assert run.products[-1] == pytest.approx(float(expected(problem(law, length)).ab), abs=1e-6)
    _, error = evaluate(law, length, run.left, run.right, generator, 4_000)
    assert error == pytest.approx(float(expected(problem(law, length)).test_relative_mse), abs=0.03)


def test_literal_feature_is_the_prediction() -> None:
    from ntpproofs.papers.mesa.experiments import features

    generator = np.random.default_rng(3)
    tokens = np.array([[np.array([1.0, 2.0]) * np.exp(1j * generator.random(2)) ** i for i in range(5)]])
    found, goal = features(tokens)
    x = tokens[0]
    for place, t in enumerate(range(2, 5)):  # x[i] is x_{i+1}
        statistic = sum(np.outer(x[i], x[i - 1].conj()) for i in range(1, t)) / (t - 1)
        assert found[0, place].reshape(2, 2, 2) == pytest.approx(statistic[:, :, None] * x[t - 1])
        assert goal[0, place] == pytest.approx(x[t])
