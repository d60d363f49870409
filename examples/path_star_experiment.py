"""Real networks on path-star graphs: where they stall, and whether they stall on the predicted floors.

    python examples/path_star_experiment.py -o DIR [--contrast decision|teacher] [--architecture transformer|state-space] [--seeds 3]

Needs the extra `torch`. Without --contrast and --architecture everything runs: at most 10 minutes per contrast for the transformer and 15
for the state-space model on two cores. Checkpoints in DIR make it resumable: run the same command again. Writes
`path_star_experiment.md` (the table) and `path_star_experiment.png`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ntpproofs.papers.path_star.network.experiment import CONTRASTS, MINUTES, as_markdown, perform, plot, runs_of, table
from ntpproofs.papers.path_star.network.models import ARCHITECTURES, torch
from ntpproofs.papers.path_star.network.training import Record, Run


def main() -> None:
    """Train, then write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("path_star"), help="directory of checkpoints, table and figure")
    parser.add_argument("--contrast", choices=list(CONTRASTS), action="append")
    parser.add_argument("--architecture", choices=ARCHITECTURES, action="append")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--minutes", type=float, help=f"per contrast and architecture (default {MINUTES})")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    if torch is not None:
        torch.set_num_threads(chosen.threads)
    groups = [
        runs_of(contrast, architecture, range(chosen.seeds), minutes=chosen.minutes, steps=chosen.steps)
        for contrast in chosen.contrast or CONTRASTS
        for architecture in chosen.architecture or ARCHITECTURES
    ]
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
    with Progress(*columns) as bars:
        tasks = {run.name: bars.add_task(run.name, total=run.steps) for runs in groups for run in runs}

        def tell(run: Run, step: int, steps: int, record: Record) -> None:
            bars.update(tasks[run.name], completed=step, total=steps, description=f"{run.name}  accuracy {record.accuracy:.3f}")

        results = [result for runs in groups for result in perform(runs, chosen.output, tell)]
    (chosen.output / "path_star_experiment.md").write_text(as_markdown(table(results)), encoding="utf-8")
    plot(results, chosen.output / "path_star_experiment.png")


if __name__ == "__main__":
    main()
