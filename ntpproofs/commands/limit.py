"""`ntpproofs limit`: what gradient descent converges to on your data."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson

OPTIMIZER_HELP = (
    "gradient-flow (default), gradient-descent, normalized-gradient-descent, heavy-ball, nesterov, accelerated, adam, sign-descent, "
    "spectral-descent, coordinate-descent, mirror-descent or stochastic-gradient-descent, or several separated by commas; discrete ones take "
    "e^S steps, at most 20000 (gradient descent 100000)."
)
FILE_HELP = "An instance (.json), a text (.txt, .md) or a table (.csv, .tsv, .parquet); - for standard input."


# Kinds of other packages may have options of their own, unknown before these are read: Typer hands on what it does not know.
OPEN = {"ignore_unknown_options": True, "allow_extra_args": True}


def limit(
    typed: typer.Context,
    file: Annotated[str, typer.Argument(help=FILE_HELP)],
    context: Annotated[str | None, typer.Option("--context", metavar="N|COLUMN", help="Tokens of context (default 2); tables: its column.")] = None,
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
    contexts: Annotated[bool, typer.Option("--contexts", help="Only print the contexts, in the order of the rows of an .npy file.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show every coordinate and every separated observation.")] = False,
    time_limit: Annotated[float | None, typer.Option("--time-limit", metavar="S", min=0.1, help="End after S seconds with what is known.")] = None,
    attend: Annotated[str | None, typer.Option("--attend", metavar='"1,2,0"', help="Limit of attention on a sequence, the query last.")] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Compare with a simulation.")] = False,
    log_time: Annotated[float | None, typer.Option("--log-time", metavar="S", help="Follow the flow to t = e^S (default 1e4).")] = None,
    optimizer: Annotated[str | None, typer.Option("--optimizer", metavar="NAME", help=OPTIMIZER_HELP)] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=3, help="Steps of a discrete optimizer.")] = None,
    step_size: Annotated[float | None, typer.Option("--step-size", help="Step size of a discrete optimizer.")] = None,
    batch_size: Annotated[int | None, typer.Option("--batch-size", min=1, help="Rows in a step of stochastic-gradient-descent.")] = None,
    certificate: Annotated[Path | None, typer.Option("--certificate", metavar="FILE", help="Write the certificate there.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Plot the simulation (.png, .svg or .pdf).")] = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="FILE", help="Write the curves of the plot as CSV.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Insist on the exact route, however long it takes.")] = False,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE.npz", help="Keep a long run there, and take it up from there.")] = None,
    as_json: AsJson = False,
) -> None:
    """What gradient descent converges to on your data.

    Separation class with certificate, fate of every coordinate, separated observations, finite part with radius, exact max-margin
    direction, assumptions of the theorems decided, infimum of the loss. Status 4 if --time-limit ended it before there was an answer.
    Kinds of installed packages may take further options, each with a value.
    """
    from .limit_run import Asked, run_limit

    file, brought = told_apart(typed, [file, *typed.args])

    given = {
        "context": context, "embedding": embedding, "pool": pool, "tokens": tokens, "attend": attend, "choice": choice, "covariates": covariates,
        "intercept": "yes" if intercept else None, "weight": weight, "stratum": stratum, "next": following, "count": count, "round-to": round_to,
    }  # fmt: skip
    run = {"log_time": log_time, "optimizer": optimizer, "steps": steps, "step_size": step_size, "batch_size": batch_size}
    asked = Asked(
        file=file,
        options={name: value for name, value in given.items() if value is not None} | brought,
        contexts=contexts,
        everything=everything,
        time_limit=time_limit,
        exact=exact,
        save=save,
        simulate=simulate or plot is not None or data is not None,
        run={name: value for name, value in run.items() if value is not None},
        certificate=certificate,
        plot=plot,
        data=data,
        as_json=as_json,
    )
    raise typer.Exit(run_limit(asked))


def told_apart(typed: typer.Context, words: list[str]) -> tuple[str, dict[str, str]]:
    """The file, and the options of kinds among the words that Typer does not know (`--name value` or `--name=value`).

    Raises the error of the command line for a name that no kind has, a value or file that is missing, and a second file.
    """
    given, files, rest = dict[str, str](), list[str](), iter(words)
    for word in rest:
        if word == "-" or not word.startswith("-"):
            files.append(word)
            continue
        option, sign, value = word.partition("=")
        if option.removeprefix("--") not in _names_of_kinds():
            known = [name for parameter in typed.command.params for name in parameter.opts if name.startswith("--")]
            near = get_close_matches(option, known, 1)
            typed.fail(f"No such option: {option}" + "".join(f" Did you mean {name}?" for name in near))
        found = value if sign else next(rest, None)
        if found is None:
            typed.fail(f"Option '{option}' requires an argument.")
        given[option.removeprefix("--")] = found
    if not files:
        typed.fail("Missing argument 'FILE'.")
    if files[1:]:
        typed.fail(f"Got unexpected extra argument{'s' * (len(files) > 2)} ({' '.join(files[1:])})")
    return files[0], given


def _names_of_kinds() -> set[str]:
    from ..checking.kinds import kinds

    return {option.name for kind in kinds().values() for option in kind.options}
