"""`ntpproofs limit`: what gradient descent converges to on your data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .options import INTERRUPTED, AsJson
from .output import console, print_json, said, write_text

OPTIMIZER_HELP = (
    "gradient-flow, gradient-descent, normalized-gradient-descent, heavy-ball, nesterov, accelerated, adam, sign-descent, spectral-descent, "
    "coordinate-descent, mirror-descent or stochastic-gradient-descent; discrete ones take e^S steps, at most 20000 (gradient descent 100000)."
)


def limit(
    file: Annotated[Path, typer.Argument(help="An instance (.json), a text (.txt, .md) or a table (.csv, .tsv, .parquet).")],
    context: Annotated[
        str | None, typer.Option("--context", metavar="N|COLUMN", help="Tokens of context (default 2); for tables its column.")
    ] = None,
    embedding: Annotated[str | None, typer.Option("--embedding", help="one-hot (default), gaussian:D[:SEED] or FILE.npy.")] = None,
    pool: Annotated[str | None, typer.Option("--pool", metavar="RULE", help="FILE.npy by token: mean, last or sum over a context.")] = None,
    tokens: Annotated[str | None, typer.Option("--tokens", metavar="RULE", help="words, characters, lines, whitespace or FILE.json.")] = None,
    choice: Annotated[str | None, typer.Option("--choice", metavar="COLUMN", help="Tables: the column of what was chosen.")] = None,
    covariates: Annotated[str | None, typer.Option("--covariates", metavar='"A,B"', help="Tables: columns of covariates; default all.")] = None,
    intercept: Annotated[bool, typer.Option("--intercept", help="Tables: a constant among the covariates.")] = False,
    weight: Annotated[str | None, typer.Option("--weight", metavar="COLUMN", help="Tables: the column of weights.")] = None,
    stratum: Annotated[str | None, typer.Option("--stratum", metavar="COLUMN", help="Tables: the column of matched sets.")] = None,
    following: Annotated[str | None, typer.Option("--next", metavar="COLUMN", help="Tables of counts: the column of next tokens.")] = None,
    count: Annotated[str | None, typer.Option("--count", metavar="COLUMN", help="Tables of counts: the column of counts.")] = None,
    round_to: Annotated[str | None, typer.Option("--round-to", metavar="STEP", help="Parquet: round floats to multiples of this.")] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Compare with a simulation.")] = False,
    log_time: Annotated[float, typer.Option("--log-time", help="Follow the flow to t = e^S.")] = 1e4,
    optimizer: Annotated[str, typer.Option("--optimizer", help=OPTIMIZER_HELP)] = "gradient-flow",
    attend: Annotated[str | None, typer.Option("--attend", metavar='"1,2,0"', help="Limit of attention on a sequence, the query last.")] = None,
    certificate: Annotated[Path | None, typer.Option("--certificate", metavar="FILE", help="Write the certificate there.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Plot the simulation (.png, .svg or .pdf).")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every coordinate and every separated observation.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Insist on the exact route, however long it takes.")] = False,
    time_limit: Annotated[float | None, typer.Option("--time-limit", metavar="SECONDS", min=0.0, help="Answer then with what is known.")] = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE.npz", help="Keep a long run there, and take it up from there.")] = None,
    as_json: AsJson = False,
) -> None:
    """What gradient descent converges to on your data.

    Separation class with certificate, finite part with radius, exact max-margin direction, assumptions of the theorems decided,
    infimum of the loss.
    """
    from ..language.answers import Effort, SimulationOptions
    from ..limits.answer import document, load

    if optimizer != "gradient-flow":
        from ..dynamics.optimizers.catalogue import choice as named

        named(optimizer)  # refuse an unknown name before the work, and without --simulate too
    given = {
        "context": context, "embedding": embedding, "pool": pool, "tokens": tokens, "attend": attend, "choice": choice, "covariates": covariates,
        "intercept": "yes" if intercept else None, "weight": weight, "stratum": stratum, "next": following, "count": count, "round-to": round_to,
    }  # fmt: skip
    question = load(file, {name: value for name, value in given.items() if value is not None})
    question = question.asking(everything, Effort(exact, time_limit, save, said()))
    found = question.answer()
    record, simulation = found.record(), None
    if simulate or plot is not None:
        simulation = found.simulate(SimulationOptions(log_time, optimizer))
        record = record | {"simulation": simulation.record()}
    if plot is not None and simulation is not None:
        from ..rendering.plots import plot as draw

        draw((*simulation.figures(), *found.figures()), plot)
    if certificate is not None:
        write_text(certificate, json.dumps(document(question.problem, found.certificates())) + "\n")
    if as_json:
        print_json(record)
        _end(record)
        return
    from ..rendering.views import view_text

    screen = console()
    for view in (found.view(), *(() if simulation is None else (simulation.view(),))):
        for part in view_text(view):
            screen.print(part)
    if certificate is not None:
        screen.print(f"certificate written to {certificate}; check it with: ntpproofs recheck {certificate}", style="dim")
    _end(record)


def _end(record: Mapping[str, Any]) -> None:
    # What was known when somebody pressed Ctrl-C has been shown; the status still says so.
    if record.get("stopped") == "interrupted":
        raise typer.Exit(INTERRUPTED)
