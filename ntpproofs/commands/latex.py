"""`ntpproofs latex`: an article from verdicts, of a run made now or of a stored one."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Annotated

import typer

from .options import CPUS, INTERRUPTED, Profile, Seed, Workers
from .output import progress
from .streams import shielded

if TYPE_CHECKING:
    from ..checking.reports import StatementReport
    from ..rendering.runs import Run


def latex(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LABEL or AREA]... | docs", help="Labels or areas (default: everything); docs: the guide too."),
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Directory to write.")] = Path("latex"),
    pdf: Annotated[bool, typer.Option("--pdf", help="Compile with latexmk, or pdfLaTeX where there is none.")] = False,
    stored: Annotated[Path | None, typer.Option("--run", metavar="FILE", help="Render this output of `verify --json` instead of verifying.")] = None,
    profile: Profile = "quick",
    seed: Seed = 0,
    workers: Workers = CPUS,
) -> None:
    """Write an article: statements, proofs printed from what was checked, evidence, errata, graphs.

    `ntpproofs latex docs` typesets the pages of the guide and every statement together.
    """
    from ..checking.registry import collect
    from ..errors import InvalidInput
    from ..rendering.documents import compile_pdf, guide_directory, guide_files, write_latex

    if output.exists() and not output.is_dir():
        raise InvalidInput(str(output), "is a file", "give a directory")
    names, guide = names or [], None
    if "docs" in names:
        names, guide = [name for name in names if name != "docs"], guide_files(guide_directory())
    statements = collect()
    total = None
    if stored is not None:
        reports, made = _stored(stored, names)
    else:
        reports, made, total = _checked(names, profile, seed, workers)
    with shielded() as interrupts:
        written = write_latex(reports, statements, output, made, guide) if reports else []
    sys.stdout.write(f"{len(written)} files in {output}\n")
    if interrupts or (total is not None and len(reports) < total):
        sys.stderr.write(f"interrupted after {len(reports)} of {total or len(reports)} statements; what was finished is in {output}\n")
        raise typer.Exit(INTERRUPTED)
    if pdf:
        sys.stdout.write(f"{compile_pdf(output)}\n")


def _checked(names: list[str], profile: str, seed: int, workers: int) -> tuple[dict[str, StatementReport], Run, int]:
    from ..checking.registry import collect, select
    from ..checking.verifying import verify
    from ..rendering.runs import Run
    from ..rendering.saving import run_record

    labels = select(collect(), names)
    finished: dict[str, StatementReport] = {}
    with progress(len(labels)) as advance:

        def keep(found: StatementReport) -> None:
            finished[found.label] = found
            advance(found)

        with suppress(KeyboardInterrupt):  # what was finished is written, and the caller sees that some are missing
            verify(labels, profile, seed, workers, keep)
    reports = {label: finished[label] for label in labels if label in finished}
    return reports, Run(**run_record(profile, seed, _command(names, profile, seed))), len(labels)


def _stored(path: Path, names: list[str]) -> tuple[dict[str, StatementReport], Run]:
    from ..errors import InvalidInput
    from ..rendering.documents import stored_run

    reports, run = stored_run(path)
    areas = dict.fromkeys(label.split(".")[0] for label in reports)
    unknown = next((name for name in names if name not in reports and name not in areas), None)
    if unknown is not None:
        raise InvalidInput(unknown, f"is no label and no area of {path}", f"areas: {', '.join(areas)}")
    chosen = {label: report for label, report in reports.items() if not names or label in names or label.split(".")[0] in names}
    return chosen, replace(run, command=_command(names, run.profile, run.seed))


def _command(names: list[str], profile: str, seed: int | None) -> str:
    # What makes the same article again, without the stored run.
    options = [*(["--profile", profile] if profile else []), *(["--seed", str(seed)] if seed is not None else []), "--pdf"]
    return join(["ntpproofs", "latex", *names, *options])
