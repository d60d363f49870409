"""The optimizers: one step against its definition, special cases that must coincide, batches, scales, bad parameters."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ntpproofs.dynamics import (
    Adam,
    CoordinateDescent,
    GradientDescent,
    MirrorDescent,
    MomentumGradientDescent,
    NormalizedGradientDescent,
    SignGradientDescent,
    SpectralDescent,
    StochasticGradientDescent,
)
from ntpproofs.dynamics.catalogue import CHOICES, choice
from ntpproofs.dynamics.ensemble import ensemble
from ntpproofs.dynamics.mirror import link, p_norm
from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import decompose
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP

FULL = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
COMPLETE = LinearNTP([[2, 1], [1, -1]], [[1, 0, 0], [0, 1, 0]])
LOGIT = ConditionalLogit([(1, 0, [[2, 1], [0, 0]], [1, 3]), (2, 1, [[1, -1], [0, 2], [1, 1]]), (1, 0, [[2, 1], [1, 0]])])
ATTENTION = AttentionNTP([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 2], [2, 1, 0], [1, 1, 2]], [1, 2, 1])
PROBLEMS = [FULL, COMPLETE, LOGIT, ATTENTION]
EVERY = [chosen.make for chosen in CHOICES.values()]


def first_steps(optimizer: Any, problem: Any) -> np.ndarray:
    return np.asarray(optimizer.iterate([problem]).iterates[:, :, 0])


@pytest.fixture(params=PROBLEMS, ids=["soft labels", "complete", "conditional logit", "attention"])
def problem(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_gradients_of_an_ensemble_are_those_of_its_members(problem: Any) -> None:
    logit = problem.conditional_logit()
    points = np.random.default_rng(0).normal(size=(logit.dimension, 3))
    many = ensemble([logit] * 3)
    expected = np.stack([logit.gradient(w) for w in points.T], axis=1)
    scaled, shift, _ = many.scaled_gradient(points)
    assert np.allclose(many.gradient(points), expected, rtol=0, atol=1e-14)
    assert np.allclose(scaled * np.exp(shift), expected, rtol=1e-12, atol=1e-14)
    single = ensemble([logit])
    assert np.allclose(single.gradient(points[:, :1])[:, 0], expected[:, 0], rtol=0, atol=1e-14)


def test_scaled_gradients_survive_where_plain_ones_vanish() -> None:
    u = np.array([float(x) for x in decompose(COMPLETE).max_margin.direction])
    many = ensemble([COMPLETE])
    scaled, shift, _ = many.scaled_gradient(2000.0 * u[:, None])
    assert not many.gradient(2000.0 * u[:, None]).any()
    assert np.isfinite(scaled).all() and shift[0] < -1900 and np.abs(scaled).max() > 0.1


def test_every_optimizer_runs_on_every_problem_without_warning(problem: Any) -> None:
    for make in EVERY:
        run = make(steps=40)(problem)
        assert np.isfinite(run.iterates.values).all() and (np.diff(run.log_times) >= 0).all() and len(run.log_times) == len(run.details["steps"])


def test_one_step_is_the_definition(problem: Any) -> None:
    logit = problem.conditional_logit()
    g, eta = logit.gradient(np.zeros(logit.dimension)), 0.25
    left, _, right = np.linalg.svd(g.reshape(logit.shape))
    rank = np.linalg.matrix_rank(g.reshape(logit.shape))
    largest = int(np.argmax(np.abs(g) > np.abs(g).max() * (1 - 1e-9)))
    coordinate = np.zeros_like(g)
    coordinate[largest] = np.sign(g[largest])
    steps = {
        GradientDescent: g,
        NormalizedGradientDescent: g / np.linalg.norm(g),
        MomentumGradientDescent: g,
        SignGradientDescent: np.where(np.abs(g) > 1e-12, np.sign(g), 0.0),
        SpectralDescent: (left[:, :rank] @ right[:rank]).ravel(),
        CoordinateDescent: coordinate,
    }
    for kind, step in steps.items():
        moved = first_steps(kind(steps=3, step_size=eta), problem)[0]
        assert np.allclose(moved, -eta * step, rtol=0, atol=1e-12), kind


def test_adam_against_its_textbook_recursion() -> None:
    w, m, v = np.zeros(6), np.zeros(6), np.zeros(6)
    run = first_steps(Adam(steps=20, step_size=0.1, decay=0.0, epsilon=1e-3), FULL)
    for k in range(1, 21):
        g = FULL.conditional_logit().gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
        w = w - 0.1 * (m / (1 - 0.9**k)) / (np.sqrt(v / (1 - 0.99**k)) + 1e-3)
        assert np.allclose(run[k - 1], w, rtol=0, atol=1e-13)


def test_momentum_against_its_two_term_recursion() -> None:
    for kind in ("heavy-ball", "nesterov", "accelerated"):
        previous = w = np.zeros(6)
        run = first_steps(MomentumGradientDescent(steps=20, step_size=0.5, momentum=0.8, kind=kind), FULL)
        for k in range(1, 21):
            coasting = ((k - 1) / (k + 2) if kind == "accelerated" else 0.8) * (w - previous)
            at = w if kind == "heavy-ball" else w + coasting
            previous, w = w, w + coasting - 0.5 * FULL.conditional_logit().gradient(at)
            assert np.allclose(run[k - 1], w, rtol=0, atol=1e-13)


def test_special_cases_coincide_with_gradient_descent() -> None:
    plain = first_steps(GradientDescent(steps=60, step_size=0.5), FULL)
    same = [
        MomentumGradientDescent(steps=60, step_size=0.5, momentum=0.0),
        MirrorDescent(steps=60, step_size=0.5, p=2.0, normalised=False, decay=0.0),
        NormalizedGradientDescent(steps=60, step_size=0.5, scaled=True, decay=0.0),
        StochasticGradientDescent(steps=60, step_size=0.5, batch_size=99),
    ]
    for optimizer in same:
        assert np.allclose(first_steps(optimizer, FULL), plain, rtol=0, atol=1e-12), optimizer.name


def test_spectral_descent_of_a_vector_is_normalised_descent() -> None:
    runs = [first_steps(kind(steps=50), LOGIT) for kind in (SpectralDescent, NormalizedGradientDescent)]
    assert np.allclose(runs[0], runs[1], rtol=0, atol=1e-12)


def test_a_batch_is_its_members_one_by_one() -> None:
    rng = np.random.default_rng(5)
    problems = [LinearNTP([[int(x) for x in h] for h in rng.integers(-3, 4, (3, 2))], [["1/3", "2/3", 0], [1, 0, 0], [0, 0, 1]]) for _ in range(4)]
    for make in EVERY:
        together = make(steps=50).iterate(problems).iterates
        for i, problem in enumerate(problems):
            alone = make(steps=50).iterate([problem]).iterates
            assert np.allclose(together[:, :, i], alone[:, :, 0], rtol=1e-9, atol=1e-9), make
    trajectories = GradientDescent(steps=50).batch(problems)
    assert np.allclose(trajectories[2].iterates.values, GradientDescent(steps=50)(problems[2]).iterates.values, rtol=0, atol=1e-12)


def test_a_batch_of_different_shapes_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2 shapes"):
        GradientDescent(steps=5).batch([FULL, LinearNTP([[1]], [[1, 0]])])
    with pytest.raises(InvalidInput, match="group instances by shape"):
        GradientDescent(steps=5).batch([])


def test_default_steps_scale_with_the_features() -> None:
    # Features times c: normalised iterates times 1/c, so that margins are the same; plain descent likewise.
    bigger = LinearNTP([[6, 3], [3, -3]], COMPLETE.probabilities)
    for make in (GradientDescent, SignGradientDescent, CoordinateDescent, SpectralDescent, NormalizedGradientDescent, MirrorDescent):
        assert np.allclose(3 * first_steps(make(steps=60), bigger), first_steps(make(steps=60), COMPLETE), rtol=1e-9, atol=1e-9), make


def test_stochastic_epochs_visit_every_row_and_depend_on_the_seed_only() -> None:
    run = [first_steps(StochasticGradientDescent(steps=24, seed=seed), FULL) for seed in (0, 0, 1)]
    assert np.array_equal(run[0], run[1]) and not np.array_equal(run[0], run[2])
    small = Fraction(1, 10**9)
    epoch = first_steps(StochasticGradientDescent(steps=4, step_size=small), FULL)[3]  # four rows, step too small to move the gradient
    g = FULL.conditional_logit().gradient(np.zeros(6))
    assert np.allclose(epoch, -4 * float(small) * g, rtol=1e-6, atol=0)


def test_scaled_steepest_descent_decreases_the_loss_at_its_default_step() -> None:
    for kind in (SignGradientDescent, CoordinateDescent, SpectralDescent, NormalizedGradientDescent):
        for problem in PROBLEMS:
            run = kind(steps=60, scaled=True, decay=0.0).iterate([problem])
            losses = [problem.conditional_logit().loss(w) for w in run.iterates[:, :, 0]]
            assert (np.diff(losses) <= 1e-14).all(), kind


@pytest.mark.parametrize("p", [1.1, 1.5, 2.0, 3.0, 7.0])
def test_links_invert_each_other(p: float) -> None:
    x = np.random.default_rng(0).normal(size=(5, 4)) * 10.0 ** np.arange(-2, 2)
    q = p / (p - 1)
    assert np.allclose(link(link(x, p), q), x, rtol=1e-9)
    # The gradient of |x|_p^2 / 2: <x, grad> = |x|_p^2 and its q-norm is |x|_p.
    assert np.allclose((x * link(x, p)).sum(axis=0), p_norm(x, p) ** 2) and np.allclose(p_norm(link(x, p), q), p_norm(x, p))


def test_a_point_at_rest_stays_at_rest() -> None:
    nothing = ConditionalLogit([(1, 0, [[1, 2], [1, 2]])])
    for make in EVERY:
        run = make(steps=10)(nothing)
        assert not run.iterates.values.any(), make


@pytest.mark.parametrize(
    ("make", "arguments", "name"),
    [
        (GradientDescent, {"steps": 2}, "steps"),
        (GradientDescent, {"steps": 10.5}, "steps"),
        (GradientDescent, {"step_size": 0}, "step_size"),
        (GradientDescent, {"step_size": float("nan")}, "step_size"),
        (GradientDescent, {"step_size": "1"}, "step_size"),
        (GradientDescent, {"spacing": 1.0}, "spacing"),
        (NormalizedGradientDescent, {"decay": -0.1}, "decay"),
        (SignGradientDescent, {"decay": float("nan")}, "decay"),
        (MomentumGradientDescent, {"momentum": 1.0}, "momentum"),
        (MomentumGradientDescent, {"kind": "polyak"}, "kind"),
        (Adam, {"averages": (0.9, 1.0)}, "averages"),
        (Adam, {"epsilon": -1e-8}, "epsilon"),
        (MirrorDescent, {"p": 1.0}, "p"),
        (MirrorDescent, {"p": float("inf")}, "p"),
        (StochasticGradientDescent, {"batch_size": 0}, "batch_size"),
        (StochasticGradientDescent, {"seed": -1}, "seed"),
    ],
)
def test_bad_parameters_name_themselves_and_the_remedy(make: Any, arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make(**arguments)
    assert caught.value.subject == name and repr(arguments[name]) in caught.value.reason and caught.value.remedy.startswith(("give", "write"))


def test_a_start_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(InvalidInput):
        SignGradientDescent(steps=5, initial=(1, 2, 3))(FULL)


def test_unknown_names_list_the_choices() -> None:
    with pytest.raises(InvalidInput, match=r"sign-descent.*mirror-descent"):
        choice("lion")
