"""`check`: start to first verdict, exact claims per second and core, refutation and reduction of false conjectures, one and two workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ntpproofs.search import Options, check_file

GALLERY = Path(__file__).parent.parent / "examples" / "conjectures"
FALSE = ("tied_iff_cyclic", "every_margin_is_tight", "distinct_embeddings_are_separable", "infimum_is_the_entropy", "residual_is_bounded")


@pytest.mark.parametrize("name", FALSE)
def test_refuted_and_reduced(benchmark: Any, name: str) -> None:
    (finding,) = benchmark.pedantic(lambda: check_file(GALLERY / f"{name}.py"), rounds=3)
    assert finding.counterexamples


def test_first_verdict(benchmark: Any) -> None:
    (finding,) = benchmark.pedantic(lambda: check_file(GALLERY / "cyclic_rows_are_tied.py", Options(examples=5)), rounds=3)
    assert finding.claims[0].verdict.holds


@pytest.mark.parametrize("workers", [1, 2])
def test_ten_thousand_instances(benchmark: Any, workers: int) -> None:
    options = Options(examples=10_000, workers=workers)
    (finding,) = benchmark.pedantic(lambda: check_file(GALLERY / "probabilities_do_not_turn_the_direction.py", options), rounds=1)
    assert finding.claims[0].verdict.holds
