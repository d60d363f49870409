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
    RegularizationPath,
    SignGradientDescent,
    SpectralDescent,
    StochasticGradientDescent,
)
from ntpproofs.dynamics.optimizers.catalogue import CHOICES, choice
from ntpproofs.dynamics.optimizers.ensemble import Ensemble, ensemble
from ntpproofs.dynamics.optimizers.mirror import link, p_norm
from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import decompose
from ntpproofs.papers.attention_ntp.descent import LayerDescent, ScoreDescent
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP

FULL = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
COMPLETE = LinearNTP([[2, 1], [1, -1]], [[1, 0, 0], [0, 1, 0]])
LOGIT = ConditionalLogit([(1, 0, [[2, 1], [0, 0]], [1, 3]), (2, 1, [[1, -1], [0, 2], [1, 1]]), (1, 0, [[2, 1], [1, 0]])])
ATTENTION = AttentionNTP([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 2], [2, 1, 0], [1, 1, 2]], [1, 2, 1])
PROBLEMS = [FULL, COMPLETE, LOGIT, ATTENTION]
DECAYING = (NormalizedGradientDescent, SignGradientDescent, CoordinateDescent, SpectralDescent, Adam, MirrorDescent, StochasticGradientDescent)
EVERY = [chosen.make for chosen in CHOICES.values()]
# One entry of every feature is the same for all alternatives: no method may move it.
SHARED = ConditionalLogit([(2, 0, [[-1, 2], [0, 2], [1, 2]], [3, 2, 1])])
# Overlap: the normalised steps cross the valley around the minimiser for ever.
CROSSED = [(2, 0, [[2, 1], [0, 1], [-1, 0]], [1, 2, 1]), (1, 1, [[2, 0], [1, -2], [0, 1]], [3, 1, 1]), (3, 2, [[1, 1], [0, 2], [2, -1]], [1, 1, 2])]


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
        (StochasticGradientDescent, {"batch_size": "a"}, "batch_size"),
        (StochasticGradientDescent, {"seed": -1}, "seed"),
        (GradientDescent, {"steps": None}, "steps"),
        (GradientDescent, {"spacing": None}, "spacing"),
        (GradientDescent, {"spacing": np.array([1.5, 2.0])}, "spacing"),
        *((kind, {"decay": bad}, "decay") for kind in DECAYING for bad in ("a", None, [0.5], np.array([0.1, 0.2]))),
        (MomentumGradientDescent, {"momentum": "a"}, "momentum"),
        (MomentumGradientDescent, {"kind": np.array([1, 2])}, "kind"),
        (Adam, {"averages": 0.9}, "averages"),
        (Adam, {"averages": ("a", 0.9)}, "averages"),
        (Adam, {"epsilon": None}, "epsilon"),
        (Adam, {"epsilon": np.array([1.0, 2.0])}, "epsilon"),
        (MirrorDescent, {"p": "a"}, "p"),
        (MirrorDescent, {"p": (3.0,)}, "p"),
        (MirrorDescent, {"normalised": ()}, "normalised"),
        (SignGradientDescent, {"scaled": "a"}, "scaled"),
        (SignGradientDescent, {"scaled": float("nan")}, "scaled"),
        (RegularizationPath, {"ridges": None}, "ridges"),
        (RegularizationPath, {"ridges": (0.1, "a", 0.01)}, "ridges"),
        (RegularizationPath, {"ridges": (0.1, 0.01)}, "ridges"),
        (RegularizationPath, {"radii": (1, None, 3)}, "radii"),
        (RegularizationPath, {"radii": (1, 2, 3), "floor": 0}, "floor"),
        (RegularizationPath, {"floor": float("nan")}, "floor"),
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
    for name in ("lion", [], None):
        with pytest.raises(InvalidInput, match=r"sign-descent.*mirror-descent"):
            choice(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("problems", [None, 3, "abc", [None], [FULL, "abc"]])
def test_what_is_no_list_of_problems_is_refused(problems: Any) -> None:
    with pytest.raises(InvalidInput, match=r"batch|problem"):
        GradientDescent(steps=5).batch(problems)
    with pytest.raises(InvalidInput, match="problem"):
        GradientDescent(steps=5)(None)
    with pytest.raises(InvalidInput, match="problem"):
        RegularizationPath()(None)


@pytest.mark.parametrize("kind", [LayerDescent, ScoreDescent])
def test_descent_on_the_layer_checks_its_arguments(kind: Any) -> None:
    for bad in ({"steps": 2}, {"steps": "a"}, {"step_size": None}, {"spacing": 1}):
        with pytest.raises(InvalidInput, match=next(iter(bad))):
            kind(**{"steps": 5, "step_size": 1.0} | bad)
    with pytest.raises(InvalidInput):
        kind(steps=5, step_size=1.0)(None)


def test_an_entry_that_all_alternatives_share_never_moves() -> None:
    enormous = ConditionalLogit([(2, 0, [[-1, 10**9], [0, 10**9], [1, 10**9]], [3, 2, 1])])
    powers = [MirrorDescent(steps=1_000, p=p) for p in (3, 5, 20, 100)]
    for optimizer in (*(make(steps=200) for make in EVERY), Adam(steps=2_000, epsilon=0.0), *powers):
        for problem in (SHARED, enormous):
            assert not optimizer(problem).iterates.values[:, 1].any(), optimizer
    level = AttentionNTP([[1], [0], [1]], [[0, 2, 0], [2, 0], [0, 2, 0]], [2, 0, 0])  # labels and rivals have the same embedding
    assert not Adam(steps=400, epsilon=0.0)(level).iterates.values.any()


def test_entries_that_cancel_count_as_zero_for_signs() -> None:
    # The second entry cancels between two rows that mirror each other, with probabilities that were summed in another order.
    thirds = [[Fraction(1, 3), Fraction(2, 3)], [Fraction(1, 7), 0], [Fraction(1, 5), Fraction(1, 9)]]
    mirrored = ConditionalLogit([(1, 0, thirds, [1, 3, 5]), (1, 2, [[x, -y] for x, y in thirds[::-1]], [5, 3, 1])])
    for optimizer in (SignGradientDescent(steps=400), Adam(steps=400, epsilon=0.0), MirrorDescent(steps=400, p=20)):
        assert not optimizer(mirrored).iterates.values[:, 1].any(), optimizer


def test_rounding_of_a_gradient_covers_its_error() -> None:
    rng = np.random.default_rng(1)
    for problem in PROBLEMS:
        many = ensemble([problem])
        twins = [Ensemble(many.problems, k) for k in (1, 2)]
        for _ in range(50):
            w = rng.normal(size=(many.dimension, 1)) * 10.0 ** rng.integers(-2, 3)
            value, shift, rounding = many.scaled_gradient(w)
            for twin in twins:
                other, moved, _ = twin.scaled_gradient(w)
                assert (np.abs(value - other * np.exp(moved - shift)) <= 2 * rounding).all()
            assert (rounding <= 1e-10 * (1 + np.abs(value).max())).all()


def test_the_mass_off_equal_labels_is_known_however_small() -> None:
    problem = LinearNTP([[1]], [["1/2", "1/2", 0]])
    value, shift, rounding = ensemble([problem]).scaled_gradient(np.array([[50.0], [50.0], [-50.0]]))
    assert np.allclose(value[:, 0], [-0.5, -0.5, 1.0], rtol=1e-12) and abs(shift[0] + 100 + np.log(2)) < 1e-9 and rounding.max() < 1e-12


def test_adam_without_epsilon_does_not_stop_where_squares_underflow() -> None:
    short = Adam(steps=1_200, epsilon=0.0, decay=0.0, averages=(0.1, 0.1))
    assert short(ConditionalLogit([(1, 0, [[1], [0]])])).iterates.values[-1, 0] > 1_000  # g^2 is no double from 370 on


def test_minibatches_have_different_rows_and_epochs_have_all() -> None:
    rows = ConditionalLogit([(1, 0, [[int(i == j) for j in range(5)], [0] * 5]) for i in range(5)])
    small, starts = 1e-9, set()
    for size in (2, 3, 4):
        run = StochasticGradientDescent(steps=30, batch_size=size, step_size=small, seed=size).iterate((rows,))
        jumps = np.diff(run.iterates[:, :, 0], axis=0, prepend=0.0)[:30] / (small * 0.5 * 5 / size)
        visits = np.rint(jumps).astype(int)
        assert np.allclose(jumps, visits, atol=1e-6) and set(np.unique(visits)) == {0, 1} and (visits.sum(axis=1) == size).all()
        # 30 minibatches of b are 6 b whole epochs; after every five minibatches each row has been visited b times.
        assert (visits.reshape(6, 5, 5).sum(axis=1) == size).all()
        starts.add(tuple(visits[0]))
    assert len(starts) > 1


def test_stochastic_descent_in_a_batch_counts_the_rows_of_each_instance() -> None:
    first, second = ConditionalLogit([(1, 0, [[1], [0]])]), ConditionalLogit([(1, 1, [[1], [0]])])
    soft = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/2", 0], [0, 0, 1]])
    for problems in ((first, second), (FULL, COMPLETE, soft)):
        for size in (1, 2, 9):
            optimizer = StochasticGradientDescent(steps=20, batch_size=size)
            together = optimizer.iterate(problems)
            for i, problem in enumerate(problems):
                alone = optimizer.iterate((problem,))
                assert np.allclose(together.iterates[:, :, i], alone.iterates[:, :, 0], rtol=1e-12, atol=1e-12)
                assert together.step_sizes[i] == alone.step_sizes[0] and np.allclose(together.log_times[:, i], alone.log_times[:, 0])


def test_mirror_steps_are_one_over_the_largest_l1_norm() -> None:
    problem = ConditionalLogit([(1, 0, [[1, 1, 1, 1], [0, 0, 0, 0]])])
    for p in (1.5, 3.0):
        assert MirrorDescent(steps=3, p=p)(problem).details["step_size"] == 0.25


def test_bars_have_the_units_of_the_problem() -> None:
    heavy = GradientDescent(steps=200)(ConditionalLogit([(10**10, 0, [[1], [0]])]))
    light = GradientDescent(steps=200)(ConditionalLogit([(1, 0, [[1], [0]])]))
    assert np.spacing(heavy.excess[-1]) < heavy.errors["scaled excess"][-1] < 1e-11
    assert np.allclose(heavy.errors["scaled excess"], light.errors["scaled excess"], rtol=1e-2)
    tiny = Fraction(1, 10**70)
    for size in (tiny, 1, 1 / tiny):
        run = NormalizedGradientDescent(decay=0, steps=400)(ConditionalLogit([(1, 0, [[2 * size, size], [0, 0]])]))
        assert all(np.isfinite(error).all() for error in run.errors.values())
        assert np.allclose(run.errors["iterate"] * float(size), 1e-13, rtol=0, atol=1e-11) and run.errors["direction"][-1] < 1e-11


@pytest.mark.parametrize("make", [NormalizedGradientDescent, SpectralDescent, lambda steps: MirrorDescent(steps=steps, p=5)])
def test_bars_cover_what_the_order_of_rows_does(make: Any) -> None:
    rng, chaotic = np.random.default_rng(3), 0
    for trial in range(25):
        rows = CROSSED if not trial else drawn_rows(rng)
        order = rng.permutation(len(rows))
        turned = [(w, len(x) - 1 - c, x[::-1], n[::-1]) for w, c, x, n in (rows[i] for i in order)]
        run, other = (make(steps=300)(ConditionalLogit(data)) for data in (rows, turned))
        for name in ("iterates", "finite_part", "diverging_part", "slope", "scaled_excess", "scaled_finite_part"):
            one, two = getattr(run, name), getattr(other, name)
            apart = np.linalg.norm((one.values - two.values).reshape(len(one.values), -1), axis=1)
            assert (apart <= 2 * (one.errors + two.errors)).all(), (trial, name)
        chaotic += bool(run.errors["iterate"][-1] > 1e-6)
    assert chaotic  # otherwise nothing has been tested


def drawn_rows(rng: np.random.Generator) -> list[Any]:
    dimension, rows = int(rng.integers(1, 4)), []
    for _ in range(int(rng.integers(2, 5))):
        size = int(rng.integers(2, 4))
        features, counts = rng.integers(-2, 3, (size, dimension)).tolist(), rng.integers(1, 4, size).tolist()
        rows.append((int(rng.integers(1, 4)), int(rng.integers(size)), features, counts))
    return rows


def test_gradient_descent_needs_twins_beyond_two_over_beta_only() -> None:
    many = ensemble([LOGIT])
    longest = GradientDescent(steps=3)(LOGIT).details["step_size"]
    for factor, expected in ((1.9, False), (2.1, True)):
        optimizer = GradientDescent(steps=3, step_size=factor * longest)
        assert optimizer._may_amplify(many, np.array([factor * longest])) is expected
        mini = StochasticGradientDescent(steps=3, step_size=factor * longest / 3)
        assert mini._may_amplify(many, np.array([factor * longest / 3])) is expected


def test_twins_are_the_same_run_in_exact_arithmetic(problem: Any) -> None:
    many = ensemble([problem])
    for make in EVERY:
        runs = [make(steps=12)._run(Ensemble(many.problems, twin)).iterates for twin in (0, 1, 2)]
        assert np.allclose(runs[1], runs[0], rtol=0, atol=1e-10) and np.allclose(runs[2], runs[0], rtol=0, atol=1e-10), make


def test_what_doubles_cannot_carry_is_refused_in_words() -> None:
    pair = ConditionalLogit([(1, 0, [[2, 1], [0, 0]])])
    crossing = ConditionalLogit(CROSSED)
    assert np.isfinite(SignGradientDescent(steps=20, step_size=5e-324)(pair).log_times).all()
    with pytest.raises(InvalidInput, match="step_size: takes the iterates beyond"):
        GradientDescent(steps=40, step_size=1e300)(crossing)
    for size, weight in ((10**160, 1), (Fraction(1, 10**160), 1), (10**400, 1), (1, 10**400)):
        extreme = ConditionalLogit([(weight, 0, [[size, 0], [0, size]])])
        for make in EVERY:
            with pytest.raises(InvalidInput, match=r"features|weights"):
                make(steps=5)(extreme)
        with pytest.raises(InvalidInput, match=r"features|weights"):
            RegularizationPath()(extreme)
    with pytest.raises(InvalidInput, match="1/beta"):
        GradientDescent(steps=5)(ConditionalLogit([(10**100, 0, [[10**120], [0]])]))
    for size in (10**100, Fraction(1, 10**100)):
        for make in EVERY:
            assert np.isfinite(make(steps=5)(ConditionalLogit([(1, 0, [[size, 0], [0, size]])])).iterates.values).all()


def test_the_ridge_path_keeps_curvatures_apart() -> None:
    problem = ConditionalLogit([(1, 0, [[1, 0], [0, 1]], [1, 4]), (10**18, 0, [[1, 1], [0, -2]], [1, 2])])
    run = RegularizationPath()(problem)
    a, b = run.iterates.values.T
    light, heavy = 4 * np.exp(b - a), 2 * np.exp(-a - 3 * b)
    light, heavy = light / (1 + light), 1e18 * heavy / (1 + heavy)
    # mu w = sum of masses times differences, to the accuracy with which heavy masses are known from w.
    ridges = run.details["ridges"]
    assert np.allclose(ridges * a, light + heavy, rtol=1e-12, atol=0) and np.allclose(ridges * b, 3 * heavy - light, rtol=1e-11, atol=1e-26)
