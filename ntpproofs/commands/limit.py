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
    file: Annotated[Path, typer.Argument(help="An instance (.json) or a text (.txt, .md).")],
    context: Annotated[int, typer.Option("--context", help="Tokens of context, for texts.")] = 2,
    embedding: Annotated[str, typer.Option("--embedding", help="one-hot, gaussian:D[:SEED] or FILE.npy, for texts.")] = "one-hot",
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
        from ..dynamics.catalogue import choice

        choice(optimizer)  # refuse an unknown name before the work, and without --simulate too
    given = {"context": None if context == 2 else str(context), "embedding": None if embedding == "one-hot" else embedding, "attend": attend}
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
