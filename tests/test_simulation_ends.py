"""A simulation ends well, always: with its log time reached, at rest, or with the reason why it cannot go on; never with a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ntpproofs.checking.kinds import read_instance
from ntpproofs.errors import TooLarge
from ntpproofs.language.answers import SimulationOptions
from ntpproofs.limits.answer import answer_of

FIVE_THOUSAND = {
    "kind": "conditional-logit",
    "rows": [{"chosen": i, "features": [["0", "0"], ["1", str(5000 + i)]]} for i in range(2)],
}
CONTEXTS = {"kind": "linear-ntp", "embeddings": [["1", "5000"], ["1", "5001"]], "probabilities": [["1", "0"], ["0", "1"]]}
TIED = {"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1/2", "1/2"]]}


def run(record: dict[str, Any], log_time: float) -> dict[str, Any]:
    simulation = answer_of(read_instance(record)).simulate(SimulationOptions(log_time, "gradient-flow"))
    assert simulation.view()
    return dict(json.loads(json.dumps(simulation.record())))


@pytest.mark.parametrize("record", [FIVE_THOUSAND, CONTEXTS], ids=["rows", "contexts"])
def test_badly_scaled_data_say_why_they_end(record: dict[str, Any]) -> None:
    found = run(record, 200.0)
    assert found["stopped"] in ("reached", "cannot go on") and found["slope_error"] < 1e-5
    if found["stopped"] == "cannot go on":
        assert any("stopped early, at log time" in note for note in found["notes"]) and found["log_time"] < 200


def test_what_does_not_move_is_at_rest() -> None:
    found = run(TIED, 100.0)
    assert found["stopped"] == "at rest" and any("at rest" in note for note in found["notes"])
    assert run(TIED | {"probabilities": [["1/2", "1/2", "0"]]}, 100.0)["stopped"] == "reached"


def test_features_beyond_doubles_are_refused_in_words() -> None:
    huge = str(10**110)
    with pytest.raises(TooLarge, match="whose cube no double holds"):
        run({"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["0"], [huge]]}]}, 50.0)
