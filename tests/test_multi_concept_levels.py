"""Error levels, the linear head, and cones: the brief's numbers, and two routes to each answer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.papers.multi_concept.error_levels import composition_error, irreducible_error, label_noise_error, label_noise_floor, pair_bound
from ntpproofs.papers.multi_concept.head import (
    HeadProblem,
    concept_head,
    constants,
    hard_margin,
    head_programme,
    least_offset,
    margin,
    margin_programme,
    minimiser,
    run_head,
    scalar_margin,
)
from ntpproofs.papers.multi_concept.out_of_distribution import (
    Recombination,
    Trained,
    conic_membership,
    correct,
    largest_ratio,
    worst_case_margin,
    worst_case_programme,
)

F = Fraction
TOY = concept_head(4, F(9, 10))


def test_label_noise_levels_of_the_golden_run() -> None:
    rho = F(9859, 10_000)
    levels = [float(label_noise_error(rho, 1, n, F(1, 5), 4)) for n in (2, 4, 8)]
    assert levels == pytest.approx([0.0065, 2.24e-4, 3.4e-7], rel=0.03)
    assert float(label_noise_floor(1, 2, F(1, 5), 4)) == pytest.approx(0.0062, abs=5e-5)


def test_levels_no_training_removes() -> None:
    assert composition_error(4, 0).center == F(1, 2) and composition_error(2, 3).center == F(1, 4) == irreducible_error(2)
    assert composition_error(3, F(1, 4)).center == F(1, 2)
    with pytest.raises(InvalidInput, match="opposite"):
        pair_bound(1, 2, 1, 1)


def test_the_toy_head() -> None:
    best = minimiser(TOY)
    value = float(margin(TOY, best).center)
    assert value == pytest.approx(0.5421, abs=5e-5)
    assert float(scalar_margin(4, F(9, 10), F(1), F(1, 10), F(1, 10))) == pytest.approx(value, abs=1e-12)
    assert np.abs(head_programme(TOY) - [float(x) for x in best.center]).max() < 1e-5
    found = constants(TOY)
    assert float(found.nu) == pytest.approx(965.3, abs=0.1) and float(found.start) == pytest.approx(2.4e4, rel=0.02)


def test_the_head_learns_exponentially() -> None:
    run = run_head(TOY, 4000, list(range(40, 281, 40)), seed=0)
    kept = run.error > 0
    slope = np.polyfit(run.times[kept], np.log(run.error[kept]), 1)[0]
    assert slope == pytest.approx(-0.0264, abs=0.003)
    assert ((run.times + run.offset) * run.distance).max() < 26 < float(constants(TOY).nu)


def test_offsets_and_margins_are_refused() -> None:
    assert least_offset(concept_head(1, F(1, 10), regularisation=F(10))) == 4
    with pytest.raises(InvalidInput, match="offset"):
        constants(TOY, F(5))
    with pytest.raises(InvalidInput, match="margin"):
        constants(HeadProblem(((F(1),), (F(1),)), (1, -1), (F(3, 4), F(1, 4)), F(0), F(1)))
    with pytest.raises(InvalidInput, match="weights"):
        HeadProblem(((F(1),),), (1,), (F(1, 2),), F(0), F(1))


def test_the_hard_margin_limit() -> None:
    found = hard_margin(TOY.features, TOY.signs)
    assert found == (F(0),) * 4 + (F(10, 9),) * 4
    assert np.abs(margin_programme(TOY.features, TOY.signs) - [float(x) for x in found]).max() < 1e-5
    assert hard_margin(((F(1),), (F(1),)), (1, -1)) is None
    small = minimiser(concept_head(4, F(9, 10), regularisation=F(1, 10**6), flips=F(0)))
    direction = np.array([float(x) for x in small.center])
    assert direction[4:] / direction[4] == pytest.approx(np.ones(4)) and np.abs(direction[:4]).max() < 1e-12 * direction[4]


def test_cones() -> None:
    e1, e2 = (F(1), F(0)), (F(0), F(1))
    outside = conic_membership([e1, e2], (F(2), F(-1)))
    assert not outside.inside and outside.verify([e1, e2], (F(2), F(-1)))
    assert conic_membership([e1, (F(1), F(1))], (F(3), F(1))).coefficients == (F(2), F(1))
    assert conic_membership([e1], (F(0), F(0))).inside and not conic_membership([(F(0), F(0))], e1).inside
    with pytest.raises(InvalidInput, match="target"):
        conic_membership([e1], (F(1),))
    lifts = [F(3, 2), F(1, 2), F(2)]
    assert float(worst_case_margin(lifts)[0]) == pytest.approx(worst_case_programme(lifts), abs=1e-7)


def test_signed_mixtures_can_be_right_beyond_the_ratio() -> None:
    # E4: rho* < 0 and a negative response give the right sign, so the ratio is no criterion for signed psi.
    one = (F(1), F(1))
    model = Trained((F(1), F(1)), ((F(10), F(10)),), (one,))
    signed = Recombination(one, one, one, (F(1), F(-2)))
    ratio = largest_ratio(model, signed)
    assert float(ratio) == pytest.approx(np.exp(4))
    assert correct(model, signed, 1, 61) is True and correct(model, signed, 1, 50) is False
    conic = Recombination(one, one, one, one)
    assert correct(model, conic, 1, 50) is True and correct(model, conic, 1, 61) is False
