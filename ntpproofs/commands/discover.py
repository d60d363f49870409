"""`ntpproofs discover`: conjectures proposed by the machine, attacked before anybody reads them."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InvalidInput
from ..language.files import write_atomically
from .options import CPUS, AsJson, Seed, Workers
from .output import console, live, print_json

if TYPE_CHECKING:
    from ..discover.rounds import Discovered

REFRESH = 0.2


def discover(
    area: Annotated[str, typer.Argument(metavar="AREA", help="The area whose instances to conjecture about, such as attention-ntp.")],
    target: Annotated[str | None, typer.Option("--target", metavar="INVARIANT", help="Only bounds on this invariant.")] = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="DIR", help="Keep rows, campaigns and results there; go on from them.")] = None,
    seed: Seed = 0,
    time_limit: Annotated[float, typer.Option("--time-limit", metavar="S", min=10.0, help="Seconds for everything.")] = 600.0,
    examples: Annotated[int, typer.Option("--examples", min=100, help="Instances that survivors must withstand.")] = 100_000,
    workers: Workers = CPUS,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.py", help="Write survivors there, and FILE.tex and FILE.md beside.")] = None,
    as_json: AsJson = False,
) -> None:
    """Propose conjectures about an area: bounds between invariants that a table of instances obeys and no campaign refutes.

    Survivors are conjectures, not theorems. Status 0 whatever was found; 130 after an interrupt.
    """
    from rich.text import Text

    from ..discover.page import record_of
    from ..discover.rounds import Plan
    from ..discover.rounds import discover as run

    if out is not None and (out.suffix != ".py" or not out.parent.is_dir()):
        raise InvalidInput(str(out), "is no place for a Python file", "give FILE.py in a directory that exists")
    plan = Plan(area, target, seed, time_limit, workers, save, campaign=examples, skirmish=min(2_000, examples))
    started = perf_counter()
    with live(console(stderr=True), Text, REFRESH) as watch:
        found = run(plan, watch)
    record = record_of(found, perf_counter() - started)
    places = [place for place in (out, None if save is None else save / "discovered.py") if place is not None]
    for place in places:
        _write(place, found, record)
    if as_json:
        print_json(record)
    else:
        _show(console(), record, places)


def _write(place: Path, found: Discovered, record: dict[str, Any]) -> None:
    from ..discover.page import markdown_page, survivors_file, survivors_latex

    write_atomically(place, survivors_file(found, place.name))
    write_atomically(place.with_suffix(".tex"), survivors_latex(found))
    write_atomically(place.with_suffix(".md"), markdown_page(record))
    write_atomically(place.with_suffix(".json"), json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def _show(console: Any, record: dict[str, Any], places: list[Path]) -> None:
    from rich.table import Column, Table

    # Names of assumptions stay whole, one a line, whatever the width; the rest wraps.
    columns = Column(""), Column("conjecture", overflow="fold"), Column("given", no_wrap=True), Column("sharp"), Column("decided on", overflow="fold")
    grid = Table(*columns, title=f"{record['title']}: conjectures, not theorems", title_justify="left")
    for number, entry in enumerate(record["survivors"], 1):
        given = "\n".join(entry["assuming"])
        decided = f"{entry['decided']:,}" + ("" if entry["verdict"] == "holds" else f" ({entry['verdict']})")
        grid.add_row(str(number), entry["bound"], given, f"{entry['sharpness']:.0%}", decided)
    console.print(grid)
    table, rounds = record["table"], record["rounds"]
    words = [f"{table['rows']:,} instances of {table['types']:,} types ({table['ended']})", f"{len(rounds)} rounds"]
    words += [f"{len(record['refuted'])} bounds refuted", f"{len(record['familiar'])} known ones found again"]
    console.print(f"{', '.join(words)}; ended: {record['ended']}; {record['seconds']:.1f} s", style="dim", markup=False)
    for place in places:
        console.print(f"written: {place}", style="dim", markup=False)
