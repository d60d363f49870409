"""The gallery: every conjecture file says its outcome in comments, and that is what is found (`benchmarks/gallery.py`: at full settings)."""

from __future__ import annotations

from pathlib import Path

import pytest
from gallery import FILES, STATUS, announced, differences

from ntpproofs.search import Options


def test_there_are_at_least_twenty_of_both_kinds() -> None:
    outcomes = [announced(path)["outcome"] for path in FILES]
    assert len(FILES) >= 20 and set(outcomes) == set(STATUS) and 8 <= outcomes.count("holds") <= len(FILES) - 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_gallery_outcomes_are_as_written(path: Path) -> None:
    refuted, simulated = announced(path)["outcome"].startswith("refuted"), "simulate=Gradient" in path.read_text(encoding="utf-8")
    assert differences(path, Options(examples=400 if refuted else 8 if simulated else 30)) == []
