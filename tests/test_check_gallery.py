"""The gallery: every conjecture file says its outcome in comments, and that is what is found (`benchmarks/gallery.py`: at full settings)."""

from __future__ import annotations

from pathlib import Path

import pytest
from gallery import FILES, STATUS, announced, differences

from ntpproofs.search import Options


def test_there_are_at_least_twenty_of_both_kinds() -> None:
    outcomes = [announced(path)["outcome"] for path in FILES]
    assert len(FILES) >= 20 and set(outcomes) == set(STATUS) and 8 <= outcomes.count("holds") <= len(FILES) - 8


# True ones that cost seconds an instance, because they train.
COSTLY = {"speed_ratio_delays_the_first_hop", "omitting_a_layer_omits_everything"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_gallery_outcomes_are_as_written(path: Path) -> None:
    if announced(path)["outcome"].startswith("refuted"):
        examples = 400
    elif path.stem in COSTLY:
        examples = 3
    else:
        examples = 8 if "simulate=Gradient" in path.read_text(encoding="utf-8") else 30
    assert differences(path, Options(examples=examples)) == []
