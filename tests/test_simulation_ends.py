"""A simulation ends well, always: with its log time reached, at rest, or with the reason why it cannot go on; never with a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ntpproofs.checking.kinds import read_instance
from ntpproofs.errors import InvalidInput, TooLarge
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


@pytest.mark.parametrize("log_time", [1e4, 3.0])
def test_a_note_is_shown_once(log_time: float) -> None:
    """On a run that ends early (entries of 10^30) the notes stand in rows of their own; a run that is only short says that it is."""
    far = {"kind": "linear-ntp", "embeddings": [["1e30", 0], [1, 1]], "counts": [[1, 1, 0], [0, 0, 1]]}
    simulation = answer_of(read_instance(far if log_time > 9 else CONTEXTS)).simulate(SimulationOptions(log_time, "gradient-flow"))
    shown = [value for part in simulation.view().parts for _, value in part.rows if "no slope is near u before" in value]
    assert len(shown) == 1 and shown[0] in simulation.record()["notes"]


def test_the_remedy_for_a_step_size_is_one_of_the_command_line() -> None:
    with pytest.raises(InvalidInput, match="give a positive number, or drop the option") as refused:
        answer_of(read_instance(CONTEXTS)).simulate(SimulationOptions(1.0, "adam", step_size=-1.0))
    assert refused.value.subject == "--step-size"


def test_features_beyond_doubles_are_refused_in_words() -> None:
    huge = str(10**110)
    with pytest.raises(TooLarge, match="whose cube no double holds"):
        run({"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["0"], [huge]]}]}, 50.0)


# Found by drawing entries between 10^-74 and 10^74: each ended in an error of the mathematical library, or in a warning of it.
FAR_APART = (
    {"kind": "linear-ntp", "embeddings": [["-3e-16"], [0]], "probabilities": [["1/3", "1/3", "1/3"], ["1/3", "1/3", "1/3"]]},
    {
        "kind": "linear-ntp",
        "embeddings": [["-9e-3", "5e38", -2], ["-5e6", "1e-24", "-3e-41"], ["1e37", "-7e-48", 3]],
        "probabilities": [["1/4", "1/4", "1/4", "1/4"], ["1/4", "1/4", "1/4", "1/4"], [0, 0, 0, 1]],
        "weights": ["1/3", "1/3", "1/3"],
    },
    {
        "kind": "linear-ntp",
        "embeddings": [[-3, "-5e-54", "7e-12"], ["-4e61", 3, 1]],
        "probabilities": [["5e-1", "5e-1"], [1, 0]],
        "weights": ["5e-1", "5e-1"],
    },
    {
        "kind": "conditional-logit",
        "rows": [
            {"weight": 20, "chosen": 0, "features": [[-2, 3, "-4e-3"], ["-9e-23", "5e-25", "-4e-15"]], "multiplicities": [1, 1]},
            {"weight": "1e6", "chosen": 1, "features": [["-8e14", -3, "2e9"], ["3e8", 2, "-7e-5"]], "multiplicities": [1, 1]},
            {"weight": "4e11", "chosen": 1, "features": [["-3e-25", 700000, "-4e21"], ["-4e-20", "-3e-6", 900]], "multiplicities": [1, 1]},
            {"weight": "4e22", "chosen": 0, "features": [["-2e11", "-5e-10", "3e8"], [-2, "-5e-23", -3]], "multiplicities": [1, 1]},
            {"weight": 7, "chosen": 0, "features": [["-5e-19", 1, "-9e-16"], ["-8e-14", "-5e-16", "-2e-5"]], "multiplicities": [1, 1]},
        ],
    },
    {
        "kind": "linear-ntp",
        "embeddings": [[8, "8e23", 0], [1, "-2e-15", 1], ["5e14", "-4e-11", "9e-14"], [-2, "-7e-5", "-9e22"]],
        "probabilities": [[0, 0, 1, 0], [0, 0, 1, 0], ["1/4", "1/4", "1/4", "1/4"], [0, 0, 0, 1]],
        "weights": ["1/4", "1/4", "1/4", "1/4"],
    },
    {"kind": "attention-ntp", "embeddings": [["-1e34"], ["-9e-46"], [-2]], "sequences": [[0, 2, 1], [2, 2], [1, 2]], "labels": [1, 2, 1]},
)


@pytest.mark.parametrize("record", FAR_APART, ids=range(len(FAR_APART)))
@pytest.mark.parametrize("log_time", [50.0, 1e4])
def test_numbers_far_apart_end_in_a_run_or_in_words(record: dict[str, Any], log_time: float) -> None:
    found = run(record, log_time)
    assert found["stopped"] == "reached" or found["notes"]
