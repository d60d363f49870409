"""`limit` on linear attention: laws given as atoms in a file, against an ODE written here from the definition; refusals of every field."""

from __future__ import annotations

import json
from fractions import Fraction as F
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from typer.testing import CliRunner

from ntpproofs.errors import NtpproofsError
from ntpproofs.language.answers import SimulationOptions
from ntpproofs.limits.answer import answer_of, load
from ntpproofs.papers.mesa.kind import kind
from ntpproofs.papers.mesa.problem import read

EXAMPLE = {
    "kind": "linear-attention-ar",
    "dimension": 2,
    "length": 5,
    "law": {"atoms": [["1", "0"], ["-1", "0"], ["0", "1"], ["0", "-1"]], "weights": ["1/4"] * 4},
    "initial": ["1/10", "1/10"],
}


def with_law(law: dict[str, Any], **more: Any) -> dict[str, Any]:
    return EXAMPLE | {"law": law} | more


def signs_and_swaps(*vectors: tuple[int, ...]) -> list[list[int]]:
    """All sign changes of all permutations, as a set."""
    from itertools import permutations

    found = {tuple(s * x for s, x in zip(signs, order)) for v in vectors for order in permutations(v) for signs in product((1, -1), repeat=len(v))}
    return [list(v) for v in sorted(found)]


def flow_from_the_definition(record: dict[str, Any], time: float) -> tuple[np.ndarray, np.ndarray]:
    """Gradient flow of B and A written out: expectations over atoms and roots of unity, residuals r = B S A x - x_next."""
    law, d, length = record["law"], record["dimension"], record["length"]
    weights = [float(F(w)) for w in law.get("weights", [F(1, len(law["atoms"]))] * len(law["atoms"]))]
    roots = max(2 * length - 3, 3 * length - 6)
    circle = np.exp(2j * np.pi * np.arange(roots) / roots)
    samples = []
    for atom, weight in zip(law["atoms"], weights):
        for phases in product(circle, repeat=d):
            x = [np.array([float(F(c)) for c in atom]) * np.array(phases) ** i for i in range(length)]
            for t in range(2, length):
                s = sum(np.outer(x[i], x[i - 1].conj()) for i in range(1, t)) / (t - 1)
                samples.append((weight / roots**d, s, x[t - 1], x[t]))
    mass = np.array([w for w, *_ in samples])
    stat, last, goal = (np.array([entry[k] for entry in samples]) for k in (1, 2, 3))

    def force(_: float, state: np.ndarray) -> np.ndarray:
        left, right = state[: d * d].reshape(d, d), state[d * d :].reshape(d, d)
        inner = np.einsum("nij,jk,nk->ni", stat, right, last)
        rest = (inner @ left.T - goal) * mass[:, None]
        to_left = np.einsum("ni,nj->ij", rest, inner.conj()).real
        back = np.einsum("nij,ni->nj", stat.conj(), rest @ left)
        return -np.concatenate([to_left.ravel(), np.einsum("ni,nj->ij", back, last.conj()).real.ravel()])

    a, b = (float(F(x)) for x in record["initial"])
    start = np.concatenate([b * np.eye(d).ravel(), a * np.eye(d).ravel()])
    run = solve_ivp(force, (0, time), start, "LSODA", rtol=1e-10, atol=1e-13)
    return run.y[: d * d, -1].reshape(d, d), run.y[d * d :, -1].reshape(d, d)


SATISFYING = [
    with_law({"atoms": signs_and_swaps((1, 2))}, length=4, initial=["1/2", "1/5"]),
    with_law({"atoms": signs_and_swaps((0, 3), (1, 1))}, length=5, initial=["-1/3", "1"]),
    with_law({"atoms": [[1], [-1], [2]], "weights": ["1/2", "1/4", "1/4"]}, dimension=1, length=6),
    with_law({"atoms": signs_and_swaps((1, 1, 2))}, dimension=3, length=3),
]
VIOLATING = [
    with_law({"atoms": [[1, 2], [2, 1]]}, length=4),
    with_law({"atoms": [[1, 0], [0, 2], [-1, 0], [0, -2]]}, length=4),
    with_law({"atoms": [[2, 2], [2, -1], [-1, 2], [-1, -1]], "weights": ["1/9", "2/9", "2/9", "4/9"]}, length=3),
]


@pytest.mark.parametrize("record", SATISFYING)
def test_predicted_limits_are_those_of_an_ode_from_the_definition(record: dict[str, Any]) -> None:
    problem = read(record)
    found = answer_of(problem).record()
    assert found["assumptions"]["slice_invariant"] == "holds"
    k1 = float(sum(F(w) * F(v[0]) ** 4 for v, w in zip(problem.law.atoms, problem.law.weights)))
    left, right = flow_from_the_definition(record, 40.0 / k1)
    target = found["predictions"]["ab"]
    assert float(F(target["exact"])) == target["value"]
    d = record["dimension"]
    assert left @ right == pytest.approx(target["value"] * np.eye(d), abs=1e-7)
    assert np.diag(right) == pytest.approx(found["predictions"]["a"]["value"], abs=1e-6)


@pytest.mark.parametrize("record", [*SATISFYING, *VIOLATING])
def test_simulation_agrees_with_the_criterion(record: dict[str, Any]) -> None:
    answer = answer_of(read(record))
    run = answer.simulate(SimulationOptions()).record()
    assert run["agrees_with_criterion"] is True and run["seconds"] < 10
    if record in SATISFYING:
        assert run["ab_error"] < 1e-8 and run["a_error"] < 1e-8 and run["leaves_slice"] is False and run["conservation_drift"] < 1e-8
    else:
        assert answer.record()["predictions"]["ab"] is None and run["leaves_slice"] is True and run["distance_from_slice"] > 1e-3


@pytest.mark.parametrize("record", VIOLATING)
def test_violating_laws_leave_the_slice_in_the_ode_from_the_definition(record: dict[str, Any]) -> None:
    left, right = flow_from_the_definition(record, 5.0)
    run = answer_of(read(record)).simulate(SimulationOptions(log_time=np.log(5.0))).record()
    assert left == pytest.approx(np.array(run["left"]), abs=1e-7) and right == pytest.approx(np.array(run["right"]), abs=1e-7)


def test_command_line(tmp_path: Path) -> None:
    from ntpproofs.commands.cli import app

    path = tmp_path / "law.json"
    path.write_text(json.dumps(EXAMPLE), encoding="utf-8")
    found = CliRunner().invoke(app, ["limit", str(path), "--json", "--simulate"])
    assert found.exit_code == 0
    record = json.loads(found.stdout)
    assert record["predictions"]["ab"]["exact"] == "1" and record["predictions"]["mean_ratio"] is None
    assert record["assumptions"] == {"sign_symmetric": "holds", "exchangeable": "holds", "slice_invariant": "holds"}
    assert record["simulation"]["ab_error"] < 1e-8
    picture = tmp_path / "law.svg"
    assert CliRunner().invoke(app, ["limit", str(path), "--plot", str(picture), "--simulate"]).exit_code == 0 and picture.stat().st_size > 1_000
    shown = CliRunner().invoke(app, ["limit", str(path)])
    assert shown.exit_code == 0 and "recovered exactly" in shown.stdout.replace("\n", " ")


REFUSED = [
    ({"dimension": 0}, "dimension"), ({"dimension": True}, "dimension"), ({"dimension": "2"}, "dimension"), ({"dimension": 10**6}, "dimension"),
    ({"length": 2}, "length"), ({"length": None}, "length"), ({"length": 10**9}, "length"), ({"law": []}, "law"), ({"law": {}}, "law"),
    ({"law": {"name": "cauchy"}}, "law.name"), ({"law": {"name": ["ones"]}}, "law.name"), ({"law": {"name": "ones", "scale": "1"}}, "law"),
    ({"law": {"name": "gaussian"}}, "law"), ({"law": {"name": "gaussian", "variance": "-1"}}, "law.variance"),
    ({"law": {"name": "gaussian", "variance": 0.5}}, "law.variance"), ({"law": {"name": "gaussian", "variance": ["1"]}}, "law.variance"),
    ({"law": {"name": "gaussian", "scale": "1"}}, "law"), ({"law": {"name": "sparse", "scale": ["1", "2"]}}, "law.scale"),
    ({"law": {"name": "gaussian", "variance": "1", "atoms": [[1, 0]]}}, "law"), ({"law": {"name": "moments", "moments": [0, 1]}}, "law.moments"),
    ({"law": {"name": "moments", "moments": [0, 1, 0, 0, 0, 1]}}, "law.moments"), ({"law": {"atoms": []}}, "law.atoms"),
    ({"law": {"atoms": [[1]]}}, "law.atoms[0]"), ({"law": {"atoms": [[1, 0.5]]}}, "law.atoms[0][1]"), ({"law": {"atoms": "11"}}, "law.atoms"),
    ({"law": {"atoms": [[1, 0]], "weights": ["1/2"]}}, "law.weights"), ({"law": {"atoms": [[1, 0]], "weights": []}}, "law.weights"),
    ({"law": {"atoms": [[1, 0], [0, 1]], "weights": ["3/2", "-1/2"]}}, "law.weights[1]"), ({"law": {"atoms": [[0, 0]]}}, "law"),
    ({"law": {"atoms": [[1, 0], [0, 1]], "weights": ["1", "0"]}}, "law.weights[1]"), ({"law": {"atoms": [["1" + "0" * 60, 0]]}}, "law.atoms[0]"),
    ({"initial": ["1"]}, "initial"), ({"initial": [1, 0.1]}, "initial[1]"), ({"initial": "1,2"}, "initial"), ({"initial": [1, "1/0"]}, "initial[1]"),
    ({"masked": 1}, "masked"), ({"lenght": 5}, "the instance"), ({"kind": "linear-attention"}, "kind"), ({"initial": ["1e3", "1"]}, "initial[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "subject"), REFUSED)
def test_every_field_is_refused_with_object_reason_and_remedy(change: dict[str, Any], subject: str) -> None:
    with pytest.raises(NtpproofsError) as refusal:
        read(EXAMPLE | change)
    assert refusal.value.subject == subject and refusal.value.reason and refusal.value.remedy


@pytest.mark.parametrize("missing", ["dimension", "length", "law"])
def test_missing_fields(missing: str) -> None:
    with pytest.raises(NtpproofsError, match=missing):
        read({key: value for key, value in EXAMPLE.items() if key != missing})


def test_records_come_back(tmp_path: Path) -> None:
    laws = [
        {"name": "gaussian", "variance": ["1", "4"]}, {"name": "complex-gaussian", "variance": "1/2"}, {"name": "rademacher", "scale": "2"},
        {"name": "uniform", "bound": "1"}, {"name": "laplace", "scale": "1"}, {"name": "sparse", "scale": "3"}, {"name": "ones"},
        {"name": "moments", "moments": ["0", "1", "0", "3", "0", "15"]}, {"atoms": [[1, "1/3"]]},
    ]  # fmt: skip
    for law in laws:
        for masked in (False, True):
            problem = read(with_law(law) | {"masked": masked})
            assert kind.read(kind.write(problem)) == problem and hash(kind.read(kind.write(problem))) == hash(problem)
            path = tmp_path / "law.json"
            path.write_text(json.dumps(kind.write(problem)), encoding="utf-8")
            assert load(path).problem == problem and kind.describe(problem).parts


def test_other_optimizers_and_large_sizes_are_refused() -> None:
    problem = read(with_law({"name": "gaussian", "variance": "1"}, dimension=9, length=10_000))
    answer = answer_of(problem)
    assert answer.record()["predictions"]["ab"]["value"] == pytest.approx(0.2, rel=2e-3)
    with pytest.raises(NtpproofsError, match="dimension"):
        answer.simulate(SimulationOptions())
    with pytest.raises(NtpproofsError, match="--optimizer"):
        answer_of(read(EXAMPLE)).simulate(SimulationOptions(optimizer="adam"))


def test_the_example_file_is_answered() -> None:
    path = Path(__file__).resolve().parent.parent / "examples" / "linear-attention.json"
    assert load(path).answer().record()["predictions"]["ab"]["exact"] == "17/65"
