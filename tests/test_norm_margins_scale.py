"""Norm margins do not depend on the size of the features, on rows that repeat, or on the exponent as long as doubles have it."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.commands.cli import main
from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import norm_margin
from ntpproofs.problems import ConditionalLogit

NORMS: tuple[Any, ...] = ("l1", "l-infinity", "frobenius", "spectral", "nuclear", 3.0, 50.0, 1.01)
PAIR = ConditionalLogit([(1, 0, [[2, 1], [0, 0]])])


def scaled(size: Fraction) -> ConditionalLogit:
    return ConditionalLogit([(1, 0, [[2 * size, size], [0, 0]]), (1, 0, [[size, -size], [0, 0]])])


@pytest.mark.parametrize("size", [Fraction(10**9), Fraction(10**20), Fraction(1, 10**9), Fraction(1, 10**12)])
@pytest.mark.parametrize("norm", NORMS)
def test_the_margin_scales_with_the_features(norm: Any, size: Fraction) -> None:
    # Features times c divide the least norm by c; the programme is homogeneous, so no accuracy is lost either.
    plain, other = norm_margin(scaled(Fraction(1)), norm), norm_margin(scaled(size), norm)
    assert other.exact == plain.exact
    assert other.lower * size <= plain.upper and plain.lower <= other.upper * size
    assert other.upper - other.lower <= Fraction(1, 10**10) * other.upper


def test_rows_of_mixed_size_are_exact() -> None:
    mixed = ConditionalLogit([(1, 0, [[10**8, 1], [0, 0]]), (1, 0, [[-1, 1], [0, 0]])])
    assert norm_margin(mixed, "l-infinity").exact and norm_margin(mixed, "l1").exact


def test_repeated_tied_rows_keep_their_multipliers() -> None:
    repeated = ConditionalLogit([(1, 1, [[-1, 0], [1, -1], [-1, 0]]), (1, 0, [[-1, 0], [1, -1]]), (1, 0, [[-1, 1], [0, 1]])])
    found = norm_margin(repeated, "frobenius")
    assert found.lower**2 <= 5 <= found.upper**2 and found.upper - found.lower < Fraction(1, 10**12)


@pytest.mark.parametrize("norm", [1.0001, 1000.0, 1e4])
def test_exponents_near_the_ends_are_enclosed(norm: float) -> None:
    # d = (2, 1): the least p-norm with <w, d> = 1 is 1 over the dual norm of d.
    q = norm / (norm - 1)
    found, expected = norm_margin(PAIR, norm), (1 + 2.0**-q) ** (-1 / q) / 2
    assert float(found.lower) <= expected * (1 + 1e-9) and expected <= float(found.upper) * (1 + 1e-9)
    assert found.upper - found.lower <= Fraction(1, 10**8) * found.upper


@pytest.mark.parametrize(("problem", "norm"), [(PAIR, 10**400), (PAIR, 1), (PAIR, 0.5), (PAIR, "l3"), (PAIR, None), (None, "l1"), (5, 2.0)])
def test_what_is_no_norm_or_no_problem_is_refused_in_words(problem: Any, norm: Any) -> None:
    with pytest.raises(InvalidInput, match="Remedy"):
        norm_margin(problem, norm)


@pytest.mark.parametrize("size", ["1000000000", "1/1000000000000"])
@pytest.mark.parametrize("optimizer", ["sign-descent", "spectral-descent", "coordinate-descent", "mirror-descent", "adam"])
def test_the_command_line_compares_at_every_scale(
    optimizer: str, size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "scaled.json"
    half = str(Fraction(size) / 2)
    file.write_text(json.dumps({"kind": "linear-ntp", "embeddings": [[size, half]], "probabilities": [["1", "0", "0"]]}), encoding="utf-8")
    arguments = ["limit", str(file), "--simulate", "--optimizer", optimizer, "--log-time", "5", "--json"]
    monkeypatch.setattr(sys, "argv", ["ntpproofs", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    found = json.loads(capsys.readouterr().out)["simulation"]
    assert ended.value.code in (0, None) and 0 < found["margin"] <= found["max_margin"] * (1 + 1e-6)
