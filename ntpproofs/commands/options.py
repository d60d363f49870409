"""Options that several commands share, and what exit statuses mean."""

from __future__ import annotations

import os
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Write machine-readable JSON to stdout.")]
Profile = Annotated[str, typer.Option("--profile", help="quick (24 instances per claim), standard (120) or thorough (1000).")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the drawn instances; the same seed gives the same report.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes; the report does not depend on their number.")]

CPUS = min(os.cpu_count() or 1, 8)

OK, DIFFERS, USAGE, INCONCLUSIVE, UNFORESEEN, INTERRUPTED = 0, 1, 2, 4, 5, 130
