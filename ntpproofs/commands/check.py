"""`ntpproofs check`: search for counterexamples to the conjectures of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import CPUS, AsJson, Seed, Workers
from .output import console


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.py", help="A Python file that defines conjectures.")],
    examples: Annotated[int | None, typer.Option("--examples", metavar="N", min=1, help="End when N instances are decided (per conjecture).")] = None,
    time_budget: Annotated[float, typer.Option("--time-budget", metavar="S", min=0.0, help="Seconds of search per conjecture; 0: no bound.")] = 60.0,
    seed: Seed = 0,
    workers: Workers = CPUS,
    save: Annotated[Path | None, typer.Option("--save", metavar="DIR", help="Keep journal and report there; go on after an interrupt.")] = None,
    try_assumptions: Annotated[bool, typer.Option("--try-assumptions", help="Check again with the suggested assumptions added.")] = False,
    cluster: Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="dask: tcp://host:port or local:N.")] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", metavar="S", min=0.1, help="Seconds for one claim on one instance.")] = 10.0,
    memory_limit: Annotated[float, typer.Option("--memory-limit", metavar="GB", min=0.1, help="Memory a worker may use.")] = 2.0,
    instance: Annotated[str | None, typer.Option("--instance", help="Only this instance: JSON, or a file of it.")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="DIR", help="Write report.html and report.json there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a conjecture file: search for counterexamples, shrink them, suggest assumptions.

    The search uses its whole time budget, unless everything is refuted before or --examples instances are decided.

    Status 1 refuted on exact or enclosed evidence, 3 counterexample seen in floats only, 4 inconclusive or vacuous, 0 not refuted,
    2 if nothing could run.
    """
    from ..errors import InvalidInput
    from ..search.files import Options
    from .check_run import run_check, run_replay

    if report is not None and report.exists() and not report.is_dir():
        raise InvalidInput(str(report), "is a file", "give a directory for the report")
    for name, given in (("--save", save), ("--try-assumptions", try_assumptions), ("--cluster", cluster), ("--report", report)):
        if instance is not None and given:
            raise InvalidInput(name, "does nothing with --instance, which evaluates every claim on one instance", "drop one of them")
    options = Options(examples, time_budget or None, seed, workers, time_limit, save, try_assumptions, int(memory_limit * 2**30))
    if instance is not None:
        raise typer.Exit(run_replay(file, instance, options, as_json, console()))
    executor = None
    if cluster is not None:
        from ..search.cluster import connect
        from ..search.files import readable_source

        readable_source(file)
        executor = connect(cluster, time_limit)
    raise typer.Exit(run_check(file, options, executor, as_json, console(), console(stderr=True), report))
