"""Records of strict complementarity and of margins in l1 and l-infinity: proved, held against linear programmes, refused when changed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.geometry import max_margin, norm_margin, separation
from ntpproofs.kernel import FORMAT, decode_dataset, digest, verify
from ntpproofs.problems import ConditionalLogit

FULL = {"kind": "linear-ntp", "embeddings": [["1", "0"], ["1", "1"]], "probabilities": [["1/2", "1/4", "1/4"], ["1", "0", "0"]]}
LOGIT = {
    "kind": "conditional-logit",
    "rows": [{"chosen": 0, "features": [["2", "1"], ["0", "0"]]}, {"chosen": 0, "features": [["0", "3"], ["1", "0"], ["0", "0"]]}],
}
ATTENTION = {
    "kind": "attention-ntp",
    "embeddings": [["1", "0"], ["0", "1"], ["1", "1"]],
    "sequences": [[1, 0], [0, 1, 0], [2, 2, 1]],
    "labels": [1, 0, 2],
}
# Margin exactly 1 on a pair that carries nothing: u = (1, 0), the row (1, 1) is weak.
WEAK = {
    "kind": "conditional-logit",
    "rows": [{"chosen": 0, "features": [[1, 0], [0, 0]]}, {"chosen": 0, "features": [[1, 1], [0, 0]]}, {"chosen": 0, "features": [[1, -1], [0, 0]]}],
}
INSTANCES = {"linear-ntp": FULL, "conditional-logit": LOGIT, "attention": ATTENTION}


def signed(instance: Any, *records: Any) -> dict[str, Any]:
    body = {"format": FORMAT, "instance": instance, "certificates": list(records)}
    return body | {"digest": digest(body)}


def problem_of(instance: Any) -> ConditionalLogit:
    return ConditionalLogit.from_dataset(decode_dataset(instance))


def least_norm(instance: Any, norm: str) -> float:
    """The least norm by HiGHS, from the raw pairs: <w, d> = 0 on tied, >= 1 on separable ones."""
    problem = problem_of(instance)
    tied = separation(problem).tied_sets
    equal, unequal = [], []
    for b, block in enumerate(problem.data.blocks):
        anchor = min(block.labels)
        for v in range(len(block.alternatives)):
            row = [float(x - y) for x, y in zip(problem.feature(b, anchor), problem.feature(b, v))]
            (equal if v in tied[b] else unequal).append(row)
    a, e, n = np.array(unequal), np.array(equal), problem.dimension
    eye, size = np.eye(n), n if norm == "l1" else 1
    bound = np.eye(n) if norm == "l1" else np.ones((n, 1))
    upper = np.vstack([np.hstack([-a, np.zeros((len(a), size))]), np.hstack([eye, -bound]), np.hstack([-eye, -bound])])
    sides = np.concatenate([-np.ones(len(a)), np.zeros(2 * n)])
    cost = np.concatenate([np.zeros(n), np.ones(size)])
    done = linprog(cost, upper, sides, np.hstack([e, np.zeros((len(e), size))]), np.zeros(len(e)), bounds=[(None, None)] * (n + size))
    return float(done.fun)


@pytest.mark.parametrize("norm", ["l1", "l-infinity"])
@pytest.mark.parametrize("name", INSTANCES)
def test_the_value_is_that_of_the_linear_programme(name: str, norm: Any) -> None:
    record = norm_margin(problem_of(INSTANCES[name]), norm).certificate
    proved = verify(signed(INSTANCES[name], separation(problem_of(INSTANCES[name])).certificate, record))
    assert proved[1].startswith(f"norm-margin: the solution has the least {norm} norm")
    assert float(Fraction(record["value"])) == pytest.approx(least_norm(INSTANCES[name], norm), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"solution": [["1/2", "1/4"]]}, "margin below 1"),
        ({"solution": [["1/3", "1"]]}, "the norm of the solution is not the value"),
        ({"multipliers": [["-1/7", "1/7"], ["2/7", "-2/7", "0"]]}, "wrong sign"),
        ({"multipliers": [["1", "-1"], ["0", "0", "0"]]}, "dual norm"),
        ({"value": "4/7"}, "do not sum to the value"),
        ({"norm": "l1"}, "is not the value"),
    ],
)
def test_each_check_fails_for_its_own_reason(change: Any, reason: str) -> None:
    record = norm_margin(problem_of(LOGIT), "l-infinity").certificate
    assert record["value"] == "3/7" and verify(signed(LOGIT, record))
    with pytest.raises(VerificationFailed, match=reason):
        verify(signed(LOGIT, record | change))


def test_other_norms_have_no_record() -> None:
    with pytest.raises(InvalidInput, match="norm: is 'l2'"):
        verify(signed(LOGIT, norm_margin(problem_of(LOGIT), "l1").certificate | {"norm": "l2"}))
    with pytest.raises(InvalidInput, match="certificate: there is none for the norm frobenius"):
        _ = norm_margin(problem_of(LOGIT), "frobenius").certificate
    system = {"kind": "system", "inequalities": [["1"]], "bounds": ["1"]}
    for kind in ("norm-margin", "strict-complementarity"):
        with pytest.raises(InvalidInput, match="does not apply to system"):
            verify(signed(system, {"type": kind}))


def test_strict_complementarity_needs_a_positive_multiplier_on_the_whole_support() -> None:
    best = max_margin(problem_of(FULL))
    assert best.strictly_complementary
    proved = verify(signed(FULL, best.certificate | {"type": "strict-complementarity"}))
    assert proved == [
        "strict-complementarity: the solution has the least norm among vectors with level scores on tied sets and margins of at least 1, "
        "and a multiplier is positive on every pair of margin 1"
    ]
    weak = max_margin(problem_of(WEAK)).certificate | {"multipliers": [["1", "-1"], ["0", "0"], ["0", "0"]]}
    assert verify(signed(WEAK, weak))
    with pytest.raises(VerificationFailed, match="vanishes on the support"):
        verify(signed(WEAK, weak | {"type": "strict-complementarity"}))
    third = [["1/3", "-1/3"]] * 3
    assert verify(signed(WEAK, weak | {"type": "strict-complementarity", "multipliers": third}))
