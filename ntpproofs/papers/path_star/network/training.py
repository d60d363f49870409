"""Training of one network on one path-star problem, with resumable checkpoints, and what it measures slot by slot."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import InvalidInput
from ..problem import PathStar
from .batches import Batch, draw_batch, inputs_of
from .models import ARCHITECTURES, F, Model, Size, require_torch, torch

Progress = Callable[[int, int, "Record"], None]


@dataclass(frozen=True)
class Run:
    """One run: problem, architecture, seed, size, steps, batch, rate; `seconds` ends it earlier, `accuracy` when it is reached."""

    problem: PathStar
    architecture: str = "transformer"
    seed: int = 0
    size: Size = field(default_factory=Size)
    steps: int = 2_000
    batch: int = 128
    rate: float = 1e-3
    every: int = 100
    examples: int = 1_000
    seconds: float = float("inf")
    accuracy: float = 0.99

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise InvalidInput("architecture", f"is {self.architecture!r}", f"give one of {', '.join(ARCHITECTURES)}")
        for name in ("steps", "batch", "every", "examples"):
            if getattr(self, name) < 1:
                raise InvalidInput(name, f"is {getattr(self, name)}", "give a positive integer")

    @property
    def name(self) -> str:
        """A file name that tells runs apart."""
        p = self.problem
        return f"{self.architecture}-G{p.arms}-{p.length}-N{p.labels}-{p.training}-seed{self.seed}"


@dataclass(frozen=True)
class Record:
    """At one step: loss per slot r_1..r_l in nats, whole-sequence accuracy decoded greedily, seconds so far."""

    step: int
    losses: tuple[float, ...]
    accuracy: float
    seconds: float


def slot_losses(model: Any, run: Run, batch: Batch) -> Any:
    """The mean loss of each target slot (a tensor of l entries), one forward pass."""
    inputs = torch.from_numpy(inputs_of(run.problem, batch)).to(device_of(model))
    targets = torch.from_numpy(batch.targets).to(device_of(model))
    logits = model(inputs)[:, -run.problem.length :]
    return F.cross_entropy(logits.transpose(1, 2), targets, reduction="none").mean(0)


def device_of(model: Any) -> Any:
    """Where a model lives."""
    return next(model.parameters()).device


def sequence_accuracy(model: Any, run: Run, batch: Batch) -> float:
    """How often the whole target is produced: fed back token by token, or in one parallel pass without teacher."""
    device, length = device_of(model), run.problem.length
    with torch.no_grad():
        if run.problem.training == "teacherless":
            inputs = torch.from_numpy(inputs_of(run.problem, batch)).to(device)
            produced = model(inputs)[:, -length:].argmax(-1)
        else:
            known = torch.from_numpy(batch.prefixes).to(device)
            for _ in range(length):
                known = torch.cat([known, model(known)[:, -1:].argmax(-1)], dim=1)
            produced = known[:, -length:]
        return float((produced == torch.from_numpy(batch.targets).to(device)).all(1).float().mean())


def measure(model: Any, run: Run, step: int, seconds: float) -> Record:
    """Losses and accuracy on fresh examples, the same at every step."""
    batch = draw_batch(run.problem, run.examples, np.random.default_rng((run.seed, 1)))
    model.eval()
    with torch.no_grad():
        losses = tuple(float(x) for x in slot_losses(model, run, batch))
    found = Record(step, losses, sequence_accuracy(model, run, batch), seconds)
    model.train()
    return found


@dataclass(eq=False)
class State:
    """A run on its way: model, optimiser, records, the generator of the data."""

    model: Any
    optimizer: Any
    records: list[Record]
    rng: np.random.Generator

    @property
    def step(self) -> int:
        """Steps done."""
        return self.records[-1].step if self.records else 0

    @property
    def seconds(self) -> float:
        """Seconds spent so far, over all sessions."""
        return self.records[-1].seconds if self.records else 0.0


def start(run: Run) -> State:
    """A fresh run: weights and data from the seed; on a GPU where there is one."""
    require_torch()
    torch.manual_seed(run.seed)
    p = run.problem
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Model(run.architecture, p.labels + 4, 3 * (p.nodes - 1) + 3 + p.length, run.size).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=run.rate, weight_decay=0.01)
    return State(model, optimizer, [], np.random.default_rng((run.seed, 0)))


def save(state: State, run: Run, path: Path) -> None:
    """Write a checkpoint: everything the next session needs, replaced at once so that an interruption leaves the old one."""
    about = {"run": describe(run), "records": [asdict(record) for record in state.records], "rng": state.rng.bit_generator.state}
    kept = {"model": state.model.state_dict(), "optimizer": state.optimizer.state_dict(), "about": json.dumps(about)}
    partial = path.with_suffix(".partial")
    torch.save(kept, partial)
    partial.replace(path)


def describe(run: Run) -> dict[str, Any]:
    """What must agree for a checkpoint to be continued."""
    return {"problem": run.problem.instance(), "architecture": run.architecture, "seed": run.seed, "size": asdict(run.size),
            "batch": run.batch, "rate": run.rate, "examples": run.examples}  # fmt: skip


def resume(run: Run, path: Path) -> State:
    """The state of a checkpoint, or a fresh one where there is none.

    Raises `InvalidInput` for a checkpoint of another run, or a file that is none.
    """
    state = start(run)
    if not path.exists():
        return state
    try:
        kept = torch.load(path, map_location=device_of(state.model), weights_only=True)
        about = json.loads(kept["about"])
    except Exception as error:  # torch raises many kinds for a file that is no checkpoint
        raise InvalidInput(str(path), f"is no checkpoint ({type(error).__name__})", "remove it or choose another directory") from None
    if about["run"] != describe(run):
        raise InvalidInput(str(path), "belongs to another run", "remove it or choose another directory")
    state.model.load_state_dict(kept["model"])
    state.optimizer.load_state_dict(kept["optimizer"])
    state.records[:] = [Record(**{**record, "losses": tuple(record["losses"])}) for record in about["records"]]
    state.rng.bit_generator.state = about["rng"]
    return state


def train(run: Run, directory: Path | None = None, progress: Progress | None = None) -> list[Record]:
    """Train until the steps, the seconds or the accuracy of the run are reached; records every `run.every` steps.

    With a directory the run is continued from its checkpoint there and checkpointed at every record. Law: an interrupted and
    continued run makes the same steps as an uninterrupted one (on one device and one number of threads).
    """
    path = None if directory is None else directory / f"{run.name}.pt"
    state = start(run) if path is None else resume(run, path)
    if not state.records:
        state.records.append(measure(state.model, run, 0, 0.0))
    spent, begun = state.seconds, time.perf_counter()
    step = state.step
    if progress is not None:
        progress(step, run.steps, state.records[-1])
    while step < run.steps and state.records[-1].accuracy < run.accuracy and state.records[-1].seconds < run.seconds:
        for _ in range(min(run.every, run.steps - step)):
            loss = slot_losses(state.model, run, draw_batch(run.problem, run.batch, state.rng)).mean()
            state.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
            state.optimizer.step()
            step += 1
        state.records.append(measure(state.model, run, step, spent + time.perf_counter() - begun))
        if path is not None:
            save(state, run, path)
        if progress is not None:
            progress(step, run.steps, state.records[-1])
    return state.records
