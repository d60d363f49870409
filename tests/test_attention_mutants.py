"""Every numbered false variant and every true look-alike of the attention notes is registered under the name the table gives."""

from __future__ import annotations

import pytest

from ntpproofs.checking.registry import collect
from ntpproofs.papers.attention_ntp.theorems._mutants import LOOK_ALIKES, MUTANTS


@pytest.mark.parametrize("number", MUTANTS)
def test_mutants_are_registered(number: str) -> None:
    statements = collect()
    for label, name in MUTANTS[number]:
        assert name in [mutant.name for mutant in statements[label].mutants]


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_are_claims(name: str) -> None:
    label, claim = LOOK_ALIKES[name]
    assert claim in [entry.name for entry in collect()[label].claims]
