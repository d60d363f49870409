"""`ntpproofs latex`: documents from verdicts of a run made now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .options import CPUS, INTERRUPTED, Profile, Seed, Workers
from .output import progress
from .streams import shielded


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
    statements, finished = collect(), dict[str, Any]()
    labels = select(statements, names or [])
    interrupted = False
    with progress(len(labels)) as advance:

        def keep(found: Any) -> None:
            finished[found.label] = found
            advance(found)

        try:
            run(labels, profile, seed, workers, keep)
        except KeyboardInterrupt:
            interrupted = True
    reports = {label: finished[label] for label in labels if label in finished}
    with shielded() as interrupts:
        written = write_latex(reports, statements, output, seed=seed, profile=profile) if reports else []
    sys.stdout.write(f"{len(written)} files in {output}\n")
    if interrupted or interrupts:
        sys.stderr.write(f"interrupted after {len(reports)} of {len(labels)} statements; what was finished is in {output}\n")
        raise typer.Exit(INTERRUPTED)
    if pdf:
        sys.stdout.write(f"{compile_pdf(output)}\n")
