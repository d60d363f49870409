"""`ntpproofs verify`: check registered statements."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..checking.time_limits import VERIFYING
from .options import CPUS, DIFFERS, INCONCLUSIVE, INTERRUPTED, OK, USAGE, AsJson, Profile, Seed, Workers
from .output import console, print_json, progress
from .streams import shielded


def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LABEL or AREA]...", help="Labels or areas (default: everything).")] = None,
    profile: Profile = "quick",
    seed: Seed = 0,
    workers: Workers = CPUS,
    time_limit: Annotated[float, typer.Option("--time-limit", min=0.1, help="Seconds one evaluation on one instance may take.")] = VERIFYING,
    report: Annotated[Path | None, typer.Option("--report", metavar="DIR", help="Write report.html and report.json there.")] = None,
    verified: Annotated[bool, typer.Option("--verified", help="Have every certificate of the run read by the kernel proved in Coq too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check registered statements: symbolic steps, certificates, claims on instances, mutants.

    Status 1 if anything differs from what is expected or a mutant survives, 4 if anything is inconclusive or vacuous, else 0.
    """
    from shlex import join
    from time import perf_counter

    from ..checking.laboratory import PROFILES
    from ..checking.registry import collect, needed, select
    from ..checking.verifying import verify as run
    from ..errors import InvalidInput
    from ..rendering.saving import run_record, save_last_run, write_report
    from .second import journal

    if profile not in PROFILES:
        raise InvalidInput("--profile", f"{profile!r} is unknown", f"write one of {', '.join(PROFILES)}")
    if report is not None and report.exists() and not report.is_dir():
        raise InvalidInput(str(report), "is a file", "give a directory for the report")
    statements = needed(names or []) if report is None else collect()
    labels = select(statements, names or [])
    started, finished = perf_counter(), dict[str, Any]()
    interrupted = False
    with journal(verified) as second, progress(len(labels)) as advance:

        def keep(found: Any) -> None:
            finished[found.label] = found
            advance(found)

        try:
            run(labels, profile, seed, workers, keep, time_limit)
        except KeyboardInterrupt:
            interrupted = True
    reports = {label: finished[label] for label in labels if label in finished}
    seconds = round(perf_counter() - started, 2)
    made = run_record(profile, seed, join(["ntpproofs", "verify", *(names or []), "--profile", profile, "--seed", str(seed)]))
    failed: InvalidInput | None = None
    with shielded() as interrupts:  # a report is written whole, and a disk that is full loses nothing of what is shown
        if report is not None:
            try:
                write_report(report, reports, statements, seconds, not interrupted, made)
            except InvalidInput as error:
                failed = error
        if reports and not interrupted:
            save_last_run(reports, profile, seed)
    _show_verification(reports, seconds, as_json, not interrupted, made)
    if failed is not None:
        sys.stderr.write(f"error: {failed}\n")
        raise typer.Exit(USAGE)
    if interrupted or interrupts:
        where = f", written to {report}" if report is not None else ""
        sys.stderr.write(f"interrupted after {len(reports)} of {len(labels)} statements{where}\n")
        raise typer.Exit(INTERRUPTED)
    if verified:
        sys.stderr.write(f"the verified kernel proves {second.count(0)} of {len(second)} certificates of this run\n")
    raise typer.Exit(DIFFERS if any(second) else verification_status(reports))


def _show_verification(reports: dict[str, Any], seconds: float, as_json: bool, complete: bool, made: dict[str, Any]) -> None:
    from ..rendering.json_report import verify_json
    from ..rendering.status import statuses

    if as_json:
        print_json(verify_json(reports, statuses(reports), seconds, complete, made))
        return
    from ..rendering.text import verify_table

    screen = console()
    for part in verify_table(reports, statuses(reports)):
        screen.print(part)
    screen.print(f"{len(reports)} statements in {seconds:.1f} s", style="dim")


def verification_status(reports: dict[str, Any]) -> int:
    """The exit status of verify: 1 something differs or a mutant survives, 4 something is open, 0 all as expected."""
    from ..language.verdicts import Outcome

    if not all(found.as_expected for found in reports.values() if found.outcome not in (Outcome.INCONCLUSIVE, Outcome.VACUOUS)):
        return DIFFERS
    if any(found.survivors or found.defects for found in reports.values()):
        return DIFFERS
    open_ = (Outcome.INCONCLUSIVE, Outcome.VACUOUS)
    verdicts = [entry.verdict.outcome for found in reports.values() for entry in (*found.claims, *found.steps)]
    return INCONCLUSIVE if any(outcome in open_ for outcome in verdicts) or not reports else OK
