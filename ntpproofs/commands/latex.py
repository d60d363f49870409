"""`ntpproofs latex`: an article from verdicts, of a run made now or of a stored one."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Annotated

import typer

from .options import CPUS, Profile, Seed, Workers
from .output import progress

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
    reports, made = _stored(stored, names) if stored is not None else _checked(names, profile, seed, workers)
    written = write_latex(reports, statements, output, made, guide)
    sys.stdout.write(f"{len(written)} files in {output}\n")
    if pdf:
        sys.stdout.write(f"{compile_pdf(output)}\n")


def _checked(names: list[str], profile: str, seed: int, workers: int) -> tuple[dict[str, StatementReport], Run]:
    from ..checking.registry import collect, select
    from ..checking.verifying import verify
    from ..rendering.runs import Run
    from ..rendering.saving import run_record

    labels = select(collect(), names)
    with progress(len(labels)) as advance:
        reports = verify(labels, profile, seed, workers, advance)
    return reports, Run(**run_record(profile, seed, _command(names, profile, seed)))


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
