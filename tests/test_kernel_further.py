"""Records of uniqueness, next directions and enclosures: what they claim found by other routes, and every check seen to fail."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from scipy.optimize import minimize

from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.geometry import decompose
from ntpproofs.kernel import FORMAT, decode_dataset, digest, verify
from ntpproofs.kernel.enclosure import exp_below
from ntpproofs.logit.records import enclosure, further_records
from ntpproofs.problems import ConditionalLogit

FULL = {
    "kind": "linear-ntp",
    "embeddings": [["1", "0"], ["1", "1"]],
    "probabilities": [["1/2", "1/4", "1/4"], ["1", "0", "0"]],
    "weights": ["1/3", "2/3"],
}
OVERLAP = {"kind": "linear-ntp", "embeddings": [["1"], ["1"]], "probabilities": [["1/2", "1/2", "0"], ["1/2", "0", "1/2"]]}
ATTENTION = {
    "kind": "attention-ntp",
    "embeddings": [["1", "0"], ["0", "1"], ["1", "1"]],
    "sequences": [[1, 0], [0, 1, 0], [2, 2, 1]],
    "labels": [1, 0, 2],
}
LOGIT = {
    "kind": "conditional-logit",
    "rows": [
        {"weight": "1", "chosen": 0, "features": [["1", "0"], ["0", "0"]], "multiplicities": [1, 2]},
        {"weight": "1/2", "chosen": 1, "features": [["1", "0"], ["0", "0"], ["0", "-1"]], "multiplicities": ["3", "1/2", "1"]},
    ],
}
# u = (1, 0, 0), D = (0, 1, 0), D_3 = (0, 0, 1).
THREE = {
    "kind": "conditional-logit",
    "rows": [{"chosen": 0, "features": [d, [0, 0, 0]]} for d in ([1, 0, 0], [1, 1, 0], [1, 1, 1])],
}
DATASETS = {"linear": FULL, "overlap": OVERLAP, "attention": ATTENTION, "logit": LOGIT, "three": THREE}


def signed(instance: Any, *records: Any) -> dict[str, Any]:
    body = {"format": FORMAT, "instance": instance, "certificates": list(records)}
    return body | {"digest": digest(body)}


def problem_of(instance: Any) -> ConditionalLogit:
    return ConditionalLogit.from_dataset(decode_dataset(instance))


def record_of(instance: Any, kind: str) -> Any:
    return next(record for record in further_records(decompose(problem_of(instance))) if record["type"] == kind)


@pytest.mark.parametrize("x", ["0", "1", "-1", "1/3", "-255/2", "255", "-255", "7/1000000007", "100000001/3000000"])
def test_the_exponential_bound_is_a_bound_and_a_close_one(x: str) -> None:
    with ctx.workprec(2000):
        true = arb(fmpq(Fraction(x).numerator, Fraction(x).denominator)).exp()
        found = exp_below(Fraction(x))
        share = arb(fmpq(found.numerator, found.denominator)) / true
        assert share <= 1 and share > 1 - arb(2) ** -120
    assert found > 0


def test_beyond_its_range_the_bound_is_zero() -> None:
    assert exp_below(Fraction(256)) == exp_below(Fraction(-256)) == exp_below(Fraction(10**9)) == 0 < exp_below(Fraction(2559, 10))


@pytest.mark.parametrize("name", DATASETS)
def test_the_infimum_and_the_log_odds_are_those_that_a_minimiser_finds(name: str) -> None:
    problem, record = problem_of(DATASETS[name]), record_of(DATASETS[name], "enclosure")
    assert verify(signed(DATASETS[name], record))[0].startswith("enclosure: the infimum")
    lower, upper, radius = (Fraction(record[field]) for field in ("lower", "upper", "radius"))
    assert 0 <= upper - lower < Fraction(1, 10**28) and radius < Fraction(1, 10**12)
    parts = decompose(problem)
    # The loss far along u is the infimum up to exp(-60); BFGS sees nothing but the loss.
    far = 60 * np.array([float(x) for x in parts.max_margin.direction])
    found = minimize(lambda w: problem.loss(w + far), np.zeros(problem.dimension), method="BFGS", options={"gtol": 1e-9})
    assert found.fun == pytest.approx(float(lower), abs=1e-9)
    for b, tied in enumerate(record["tied"]):
        for v in tied[1:]:
            gap = np.array([float(x - y) for x, y in zip(problem.feature(b, v), problem.feature(b, tied[0]))])
            assert gap @ found.x == pytest.approx(gap @ parts.finite_part.array, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lower": "2"}, "below the lower bound"),
        ({"upper": "0"}, "above the upper bound"),
        ({"radius": "0"}, "not within the radius"),
        ({"radius": "9/4"}, "not in 0..2"),
        ({"radius": "-1"}, "not in 0..2"),
        ({"normalizers": ["9999", "0"]}, "no difference of log-probabilities"),
        ({"center": [["1", "0", "0"], ["0", "0", "0"]]}, "above the upper bound"),
        ({"circulation": [["1/100", "-1/100", "0"], ["0", "0", "0"]]}, "does not vanish"),
    ],
)
def test_each_check_of_an_enclosure_fails_for_its_own_reason(change: Any, reason: str) -> None:
    record = record_of(FULL, "enclosure")
    with pytest.raises(VerificationFailed, match=reason):
        verify(signed(FULL, record | change))


def test_a_share_below_zero_is_no_share() -> None:
    record = record_of(OVERLAP, "enclosure")
    three = [["1", "0", "-1"], ["-1", "0", "1"]]  # vanishes, but its shares are 1/2 - 2 and so on
    with pytest.raises(VerificationFailed, match=r"not negative on a tied pair|share of a tied alternative is not positive"):
        verify(signed(OVERLAP, record | {"circulation": three}))
    half = [["1/2", "1/4", "-3/4"], ["-1/2", "-1/4", "3/4"]]
    with pytest.raises(VerificationFailed, match=r"not negative|not positive"):
        verify(signed(OVERLAP, record | {"circulation": half}))


def test_a_wide_enclosure_is_accepted_and_a_narrow_one_needs_a_better_centre() -> None:
    record = record_of(OVERLAP, "enclosure")
    rounded = [[str(Fraction(x).limit_denominator(1000)) for x in record["center"][0]]]
    with pytest.raises(VerificationFailed):
        verify(signed(OVERLAP, record | {"center": rounded}))
    wide = record | {"center": rounded, "radius": "1"}
    wide |= {name: str(Fraction(record[name]) + sign * Fraction(1, 10**5)) for name, sign in (("lower", -1), ("upper", 1))}
    assert verify(signed(OVERLAP, wide))
    with pytest.raises(VerificationFailed, match="not within the radius"):
        verify(signed(OVERLAP, wide | {"radius": "1/20"}))


def test_weights_and_multiplicities_matter_to_an_enclosure() -> None:
    for instance, field in ((FULL | {"weights": ["1/2", "1/2"]}, FULL), (json.loads(json.dumps(LOGIT).replace('"1/2", "1"', '"1/3", "1"')), LOGIT)):
        with pytest.raises(VerificationFailed):
            verify(signed(instance, record_of(field, "enclosure")))


def test_data_that_are_too_large_have_no_enclosure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ntpproofs.logit.records.LARGEST_ENCLOSURE", 2)
    assert enclosure(decompose(problem_of(FULL))) is None


def test_three_directions_one_below_the_other() -> None:
    record = record_of(THREE, "next-directions")
    assert [level["solution"] for level in record["levels"]] == [[{"entries": {"0": "1"}}], [{"entries": {"1": "1"}}], [{"entries": {"2": "1"}}]]
    assert verify(signed(THREE, record))[0].startswith("next-directions: 3 directions")
    for changed, reason in (
        (record["levels"][:2], "weak at the last level"),
        ([*record["levels"], record["levels"][2]], "different scores|margin below"),
        ([record["levels"][0], record["levels"][2], record["levels"][1]], "margin below 1|different scores"),
        ([record["levels"][0] | {"squared_norm": "2"}, *record["levels"][1:]], "squared norm"),
    ):
        with pytest.raises(VerificationFailed, match=reason):
            verify(signed(THREE, record | {"levels": changed}))
    with pytest.raises(InvalidInput, match="unknown fields"):
        verify(signed(THREE, record | {"levels": [record["levels"][0] | {"tied": []}, *record["levels"][1:]]}))


def test_free_alternatives_carry_nothing() -> None:
    # Margin 2 at the third row: it is free on the second level, whose multipliers may not use it.
    instance = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [d, [0, 0]]} for d in ([1, 0], [1, 1], [2, 1])]}
    record = record_of(instance, "next-directions")
    assert len(record["levels"]) == 2 and verify(signed(instance, record))
    moved = record["levels"][1] | {"multipliers": [["-2", "2"], ["0", "0"], ["1", "-1"]]}
    with pytest.raises(VerificationFailed, match="a free alternative has a multiplier"):
        verify(signed(instance, record | {"levels": [record["levels"][0], moved]}))
    signless = record["levels"][1] | {"multipliers": [["1", "-1"], ["-1", "1"], ["0", "0"]]}
    with pytest.raises(VerificationFailed, match="wrong sign"):
        verify(signed(instance, record | {"levels": [record["levels"][0], signless]}))


def test_unique_multipliers_need_a_witness_for_every_strong_pair() -> None:
    record = record_of(FULL, "unique-multipliers")
    assert verify(signed(FULL, record))[0].endswith("and its multipliers are unique")
    for changed, reason in (
        ({"witnesses": record["witnesses"][1:]}, "has no witness"),
        ({"witnesses": [record["witnesses"][0] | {"alternative": record["witnesses"][1]["alternative"]}, *record["witnesses"][1:]]}, "meets block"),
        ({"next": record["witnesses"][0]["matrix"]}, "meets a pair with a multiplier"),
    ):
        with pytest.raises(VerificationFailed, match=reason):
            verify(signed(FULL, record | changed))
    with pytest.raises(InvalidInput, match="ids count from 0"):
        verify(signed(FULL, record | {"witnesses": [record["witnesses"][0] | {"block": 7}]}))


def test_weak_pairs_are_shown_by_the_next_direction() -> None:
    record = record_of(THREE, "unique-multipliers")
    assert verify(signed(THREE, record))
    with pytest.raises(VerificationFailed, match="not shown to be weak"):
        verify(signed(THREE, record | {"next": [["0", "0", "0"]]}))


def test_equal_pairs_share_a_multiplier_so_there_is_no_record() -> None:
    twice = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [[1], [0]]}] * 2}
    best = decompose(problem_of(twice)).max_margin
    assert best.unique_multipliers and [record["type"] for record in further_records(decompose(problem_of(twice)))][:2] == [
        "strict-complementarity",
        "norm-margin",
    ]


def test_every_strong_pair_is_positive_in_the_strict_record() -> None:
    # One dependent strong pair: the optimal multiplier may vanish on it, the strict one may not.
    instance = {
        "kind": "conditional-logit",
        "rows": [{"chosen": 0, "features": [[1], [0]]}, {"chosen": 0, "features": [[1], [0]]}, {"chosen": 1, "features": [[0], [1]]}],
    }
    record = record_of(instance, "strict-complementarity")
    assert all(Fraction(c[v]) != 0 for c in record["multipliers"] for v in range(2)) and verify(signed(instance, record))
