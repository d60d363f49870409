"""`ntpproofs latex`: documents from verdicts of a run made now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import CPUS, Profile, Seed, Workers
from .output import progress


def latex(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LABEL or AREA]...", help="Labels or areas (default: everything).")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Directory to write.")] = Path("latex"),
    pdf: Annotated[bool, typer.Option("--pdf", help="Compile main.tex with pdfLaTeX.")] = False,
    profile: Profile = "quick",
    seed: Seed = 0,
    workers: Workers = CPUS,
) -> None:
    """Write LaTeX of statements, steps, evidence and mutants, rendered from verdicts of a run made now."""
    from ..checking.registry import collect, select
    from ..checking.verifying import verify as run
    from ..errors import InvalidInput
    from ..rendering.documents import compile_pdf, write_latex

    if output.exists() and not output.is_dir():
        raise InvalidInput(str(output), "is a file", "give a directory")
    statements = collect()
    labels = select(statements, names or [])
    with progress(len(labels)) as advance:
        reports = run(labels, profile, seed, workers, advance)
    written = write_latex(reports, statements, output, seed=seed, profile=profile)
    sys.stdout.write(f"{len(written)} files in {output}\n")
    if pdf:
        sys.stdout.write(f"{compile_pdf(output)}\n")
