"""Networks on path-star graphs at a tiny size; needs the extra `torch` and has its own tox environment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ntpproofs.errors import InvalidInput
from ntpproofs.papers.path_star.distribution import solve
from ntpproofs.papers.path_star.network.batches import draw_batch, inputs_of
from ntpproofs.papers.path_star.network.experiment import CONTRASTS, TINY, as_markdown, perform, plot, runs_of, table
from ntpproofs.papers.path_star.network.models import ARCHITECTURES, Model, causal_convolution, selective_scan
from ntpproofs.papers.path_star.network.training import Record, Run, train
from ntpproofs.papers.path_star.problem import PathStar
from ntpproofs.papers.path_star.text import read_line, tokens

TRAININGS = ("standard", "reversed", "teacherless")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("training", TRAININGS)
def test_batches_are_examples_of_the_distribution(training: str) -> None:
    problem = PathStar(3, 4, 12, training=training)
    batch = draw_batch(problem, 50, np.random.default_rng(1))
    for prefix, target in zip(batch.prefixes.tolist(), batch.targets.tolist()):
        edges = tuple((prefix[i], prefix[i + 1]) for i in range(0, len(prefix) - 4, 3))
        path = tuple(target[::-1] if training == "reversed" else target)
        assert solve(edges, prefix[-3], prefix[-2]) == path
        line = "|".join(f"{u},{v}" for u, v in edges) + f"/{prefix[-3]},{prefix[-2]}={','.join(map(str, path))}"
        assert tokens(line, 12)[: len(prefix)] == tuple(prefix) and read_line(line).path == path
    assert inputs_of(problem, batch).shape == (50, 3 * 9 + 3 + 3)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_models_are_causal(architecture: str) -> None:
    torch.manual_seed(0)
    model = Model(architecture, 14, 12, TINY).eval()
    first = torch.randint(0, 14, (2, 12))
    second = first.clone()
    second[:, 7:] = (second[:, 7:] + 1) % 14
    with torch.no_grad():
        a, b = model(first), model(second)
    assert torch.allclose(a[:, :7], b[:, :7], atol=1e-6) and not torch.allclose(a[:, 7:], b[:, 7:], atol=1e-3)


def test_the_scan_is_the_recursion() -> None:
    # Entry by entry: h[i, n, t] = exp(delta[i, t] rate[n, i]) h[i, n, t-1] + b[n, t] x[i, t], y[i, t] = sum_n c[n, t] h[i, n, t].
    delta, drive = torch.rand(2, 9, 3), torch.randn(2, 9, 3)
    rate, b, c = -torch.rand(4, 3), torch.randn(2, 9, 4), torch.randn(2, 9, 4)
    expected = torch.zeros(2, 9, 3)
    for row in range(2):
        for i in range(3):
            for n in range(4):
                hidden = torch.tensor(0.0)
                for t in range(9):
                    hidden = torch.exp(delta[row, t, i] * rate[n, i]) * hidden + b[row, t, n] * drive[row, t, i]
                    expected[row, t, i] += c[row, t, n] * hidden
    assert torch.allclose(selective_scan(delta, rate, drive, b, c), expected, atol=1e-5)


def test_the_convolution_is_causal_and_grouped() -> None:
    convolution = torch.nn.Conv1d(3, 3, kernel_size=4, groups=3, padding=3)
    x = torch.randn(2, 7, 3)
    expected = convolution(x.transpose(1, 2))[..., :7].transpose(1, 2)
    assert torch.allclose(causal_convolution(x, convolution.weight[:, 0], convolution.bias), expected, atol=1e-6)


def tiny(architecture: str = "transformer", training: str = "reversed", **options: object) -> Run:
    settings: dict[str, object] = {"steps": 6, "batch": 8, "every": 3, "examples": 16, "size": TINY}
    return Run(PathStar(2, 3, 6, training=training), architecture, **(settings | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("training", TRAININGS)
def test_runs_record_every_slot(architecture: str, training: str) -> None:
    records = train(tiny(architecture, training))
    assert [record.step for record in records] == [0, 3, 6]
    assert all(len(record.losses) == 3 and 0 <= record.accuracy <= 1 for record in records)


def test_an_interrupted_run_continues_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole = train(tiny(steps=9))
    train(tiny(steps=6), tmp_path)
    continued = train(tiny(steps=9), tmp_path)
    assert [record.losses for record in continued] == [record.losses for record in whole]


def test_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    run = tiny()
    train(run, tmp_path)
    with pytest.raises(InvalidInput, match="another run"):
        train(tiny(batch=4), tmp_path)
    (tmp_path / f"{run.name}.pt").write_bytes(b"nothing")
    with pytest.raises(InvalidInput, match="no checkpoint"):
        train(run, tmp_path)


def test_the_experiment_writes_table_and_figure(tmp_path: Path) -> None:
    told: list[int] = []

    def tell(run: Run, step: int, steps: int, record: Record) -> None:
        told.append(step)

    runs = runs_of("teacher", "transformer", range(2), steps=4, every=2, batch=8, examples=16, size=TINY)
    results = perform(runs, tmp_path, tell)
    assert len(results) == 2 * len(CONTRASTS["teacher"]) and told
    assert as_markdown(table(results)).count("\n") == len(results) + 2
    plot(results, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1_000


def test_learning_reduces_the_loss() -> None:
    records = train(tiny(steps=60, every=60, batch=32, rate=5e-3))
    assert sum(records[-1].losses) < sum(records[0].losses) - 0.5


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="architecture"):
        tiny("perceptron")
    with pytest.raises(InvalidInput, match="contrast"):
        runs_of("both", "transformer", range(1))
    with pytest.raises(InvalidInput, match="steps"):
        tiny(steps=0)
