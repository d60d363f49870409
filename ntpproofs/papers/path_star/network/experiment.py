"""The two contrasts on real networks: what fails, what is learned, and whether the stalled slots sit on the type-class floors.

G(2, 5) standard against reversed, and G(2, 3) standard against teacherless, several seeds each. A run that stalls establishes
nothing about longer runs or larger networks; a plateau on a floor says which classes of tokens the network tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....errors import InvalidInput
from ..floors import type_plateaus
from ..information import enclosed
from ..problem import PathStar
from .models import ARCHITECTURES, Size
from .training import Record, Run, train

LABELS = 10
CONTRASTS = {
    "decision": (PathStar(2, 5, LABELS, training="reversed"), PathStar(2, 5, LABELS)),
    "teacher": (PathStar(2, 3, LABELS, training="teacherless"), PathStar(2, 3, LABELS)),
}
# Minutes for a whole contrast of one architecture on two cores, shared by its runs; what the first ones spare goes to the later ones.
MINUTES = {"transformer": 10.0, "state-space": 15.0}
# Where an architecture departs from the defaults of `Run`: the recursion learns at a higher rate, and a layer of it costs more.
SETTINGS: dict[str, dict[str, Any]] = {"transformer": {}, "state-space": {"size": Size(layers=2, state=8), "rate": 4e-3, "batch": 64}}
TINY = Size(layers=1, width=16, heads=2, state=4)


@dataclass(frozen=True)
class Result:
    """One run with its records."""

    run: Run
    records: tuple[Record, ...]

    @property
    def final(self) -> Record:
        """The last record."""
        return self.records[-1]

    @property
    def plateaus(self) -> tuple[float, ...]:
        """The floors predicted for r_1..r_l (the copy of s costs nothing)."""
        p = self.run.problem
        return (0.0, *(float(enclosed(x).center) for x in type_plateaus(p.arms, p.length, p.training)))


def runs_of(contrast: str, architecture: str, seeds: Iterable[int], *, minutes: float | None = None, **options: Any) -> list[Run]:
    """The runs of a contrast with the settings of the architecture; `options` are fields of `Run` and go before them.

    Raises `InvalidInput` for an unknown contrast or architecture.

    >>> len(runs_of("decision", "transformer", range(3)))
    6
    """
    if contrast not in CONTRASTS:
        raise InvalidInput("contrast", f"is {contrast!r}", f"give one of {', '.join(CONTRASTS)}")
    if architecture not in ARCHITECTURES:
        raise InvalidInput("architecture", f"is {architecture!r}", f"give one of {', '.join(ARCHITECTURES)}")
    seeds, options = list(seeds), SETTINGS[architecture] | options
    total = MINUTES[architecture] if minutes is None else minutes
    share = 60 * total / max(len(CONTRASTS[contrast]) * len(seeds), 1)
    return [Run(problem, architecture, seed, seconds=share, **options) for problem in CONTRASTS[contrast] for seed in seeds]


def perform(runs: Sequence[Run], directory: Path | None = None, progress: Callable[[Run, int, int, Record], None] | None = None) -> list[Result]:
    """Train all runs one after another, continuing from checkpoints where there are some; time that a run spares is shared by those that follow."""
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    total = sum(run.seconds for run in runs)
    for k, run in enumerate(runs):
        run = replace(run, seconds=max(total, 0.0) / (len(runs) - k))
        tell = None if progress is None else (lambda step, steps, record, run=run: progress(run, step, steps, record))
        results.append(Result(run, tuple(train(run, directory, tell))))
        total -= results[-1].final.seconds
    return results


def table(results: Sequence[Result]) -> list[list[str]]:
    """A row per run: what it was, how long, accuracy, losses per slot with the predicted plateaus."""
    rows = [["architecture", "graph", "training", "seed", "steps", "seconds", "accuracy", "loss per slot r_1..r_l (nats)", "predicted plateaus"]]
    for result in results:
        p, final = result.run.problem, result.final
        rows.append([
            result.run.architecture, f"G({p.arms},{p.length})", p.training, str(result.run.seed), str(final.step), f"{final.seconds:.0f}",
            f"{final.accuracy:.3f}", " ".join(f"{x:.3f}" for x in final.losses), " ".join(f"{x:.3f}" for x in result.plateaus),
        ])  # fmt: skip
    return rows


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table, the first as its head.

    >>> as_markdown([["a"], ["1"]])
    '| a |\\n|---|\\n| 1 |\\n'
    """
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"


def plot(results: Sequence[Result], path: Path) -> None:
    """Loss per slot against steps, a row per architecture and a column per problem, predicted plateaus dashed, accuracies in the title."""
    from matplotlib.figure import Figure

    rows = list(dict.fromkeys(result.run.architecture for result in results))
    columns = list(dict.fromkeys(result.run.problem for result in results))
    figure = Figure(figsize=(4.2 * len(columns), 3.3 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for i, architecture in enumerate(rows):
        grid[i, 0].set_ylabel(f"{architecture}\nloss (nats)")
        for j, problem in enumerate(columns):
            group = [result for result in results if (result.run.architecture, result.run.problem) == (architecture, problem)]
            grid[i, j].set_visible(bool(group))
            if group:
                _panel(grid[i, j], group)
    for axes in grid[-1]:
        axes.set_xlabel("step")
    figure.savefig(path, dpi=110)


def _panel(axes: Any, group: Sequence[Result]) -> None:
    p = group[0].run.problem
    for slot in range(p.length):
        for k, result in enumerate(group):
            steps = [record.step for record in result.records]
            losses = [max(record.losses[slot], 1e-4) for record in result.records]
            axes.plot(steps, losses, color=f"C{slot}", alpha=0.8, label=f"$r_{slot + 1}$" if k == 0 else None)
    for level in sorted({x for x in group[0].plateaus if x > 0}):
        axes.axhline(level, color="0.4", linestyle="--", linewidth=0.9)
    accuracies = " ".join(f"{result.final.accuracy:.2f}" for result in group)
    axes.set_title(f"G({p.arms},{p.length}) {p.training}, accuracy {accuracies}", fontsize=9)
    axes.set_yscale("log")
    axes.legend(fontsize=7, ncols=2)


__all__ = ["CONTRASTS", "TINY", "Result", "as_markdown", "perform", "plot", "runs_of", "table"]
