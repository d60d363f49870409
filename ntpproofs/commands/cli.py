"""The command line: `ntpproofs verify | list | show | limit | check | new | recheck | latex`.

Heavy modules are imported inside the commands, so `--help` answers at once. Every command has `--json`; progress goes to
stderr and only to a terminal; bad input is one message with object, reason and remedy, and status 2.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy loads: every matrix here is small, and workers must not fight

app = typer.Typer(
    name="ntpproofs",
    help="Check theorems about training by next-token prediction. Targets are certified, assumptions decided, trajectories are evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Write machine-readable JSON to stdout.")]
Profile = Annotated[str, typer.Option("--profile", help="quick (24 instances per claim), standard (120) or thorough (1000).")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the drawn instances; the same seed gives the same report.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes; the report does not depend on their number.")]

OK, DIFFERS, USAGE, INCONCLUSIVE, UNFORESEEN, INTERRUPTED = 0, 1, 2, 4, 5, 130


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _console(stderr: bool = False) -> Any:
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    return Console(stderr=stderr, width=width, highlight=False)


CPUS = min(os.cpu_count() or 1, 8)


def _show_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"ntpproofs {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")] = False,
) -> None:
    pass


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LABEL or AREA]...", help="Labels or areas (default: everything).")] = None,
    profile: Profile = "quick",
    seed: Seed = 0,
    workers: Workers = CPUS,
    time_limit: Annotated[float, typer.Option("--time-limit", min=0.1, help="Seconds one evaluation on one instance may take.")] = 120.0,
    report: Annotated[Path | None, typer.Option("--report", metavar="DIR", help="Write report.html and report.json there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check registered statements: symbolic steps, certificates, claims on instances, mutants.

    Status 1 if anything differs from what is expected or a mutant survives, 4 if anything is inconclusive or vacuous, else 0.
    """
    from time import perf_counter

    from ..checking.laboratory import PROFILES
    from ..checking.registry import collect, select
    from ..checking.verifying import verify as run
    from ..errors import InvalidInput
    from ..rendering.saving import save_last_run, write_report

    if profile not in PROFILES:
        raise InvalidInput("--profile", f"{profile!r} is unknown", f"write one of {', '.join(PROFILES)}")
    if report is not None and report.exists() and not report.is_dir():
        raise InvalidInput(str(report), "is a file", "give a directory for the report")
    statements = collect()
    labels = select(statements, names or [])
    started, finished = perf_counter(), dict[str, Any]()
    interrupted = False
    with _progress(len(labels)) as advance:

        def keep(found: Any) -> None:
            finished[found.label] = found
            advance(found)

        try:
            run(labels, profile, seed, workers, keep, time_limit)
        except KeyboardInterrupt:
            interrupted = True
    reports = {label: finished[label] for label in labels if label in finished}
    seconds = round(perf_counter() - started, 2)
    if report is not None:
        write_report(report, reports, statements, seconds, complete=not interrupted)
    if reports and not interrupted:
        save_last_run(reports, profile, seed)
    _show_verification(reports, seconds, as_json, complete=not interrupted)
    if interrupted:
        where = f", written to {report}" if report is not None else ""
        sys.stderr.write(f"interrupted after {len(reports)} of {len(labels)} statements{where}\n")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(verification_status(reports))


def _progress(total: int) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def silent() -> Any:
        yield lambda found: None

    @contextmanager
    def shown() -> Any:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[label]}"))
        with Progress(*columns, console=_console(stderr=True), transient=True) as progress:
            task = progress.add_task("checking", total=total, label="")
            yield lambda found: progress.update(task, advance=1, label=found.label)

    return shown() if sys.stderr.isatty() else silent()


def _show_verification(reports: dict[str, Any], seconds: float, as_json: bool, complete: bool) -> None:
    from ..rendering.json_report import verify_json
    from ..rendering.status import statuses

    if as_json:
        _print_json(verify_json(reports, statuses(reports), seconds, complete))
        return
    from ..rendering.text import verify_table

    console = _console()
    for part in verify_table(reports, statuses(reports)):
        console.print(part)
    console.print(f"{len(reports)} statements in {seconds:.1f} s", style="dim")


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


@app.command(name="list")
def list_statements(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LABEL or AREA]...", help="Labels or areas (default: everything).")] = None,
    as_json: AsJson = False,
) -> None:
    """List the registry: kind, source, and status and evidence as of the last complete verify of this code."""
    from ..checking.registry import collect, select
    from ..rendering.saving import last_run

    statements = collect()
    labels = select(statements, names or [])
    known = last_run()
    rows = [
        {
            "label": label,
            "kind": statements[label].kind,
            "title": statements[label].title,
            "source": source.text if (source := statements[label].source) else "",
            "uses": list(statements[label].uses),
            "status": known.get(label, {}).get("status", "unchecked"),
            "evidence": known.get(label, {}).get("evidence"),
            "proof": known.get(label, {}).get("proof"),
        }
        for label in labels
    ]
    if as_json:
        _print_json({"statements": rows})
        return
    from ..rendering.text import list_table

    _console().print(list_table(rows))


@app.command()
def show(
    label: Annotated[str, typer.Argument(help="The label of a statement.")],
    profile: Profile = "quick",
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Check one statement now and show it in full: assumptions, steps, claims, mutants with their witnesses."""
    from ..checking.laboratory import PROFILES, Laboratory
    from ..checking.loop import check
    from ..checking.registry import collect, select
    from ..errors import InvalidInput

    if profile not in PROFILES:
        raise InvalidInput("--profile", f"{profile!r} is unknown", f"write one of {', '.join(PROFILES)}")
    statements = collect()
    labels = select(statements, [label])
    if labels != [label]:
        raise InvalidInput(label, f"is an area of {len(labels)} statements", f"name one of them, such as {labels[0]}")
    found = check(statements[label], Laboratory(PROFILES[profile], seed))
    if as_json:
        from ..rendering.json_report import statement_json
        from ..rendering.status import statuses

        _print_json(statement_json(found, statuses({label: found})[label]))
        return
    from ..rendering.text import show_statement

    console = _console()
    for part in show_statement(found, statements[label]):
        console.print(part)


OPTIMIZER_HELP = (
    "gradient-flow, gradient-descent, normalized-gradient-descent, heavy-ball, nesterov, accelerated, adam, sign-descent, spectral-descent, "
    "coordinate-descent, mirror-descent or stochastic-gradient-descent; discrete ones take e^S steps, at most 20000 (gradient descent 100000)."
)


@app.command()
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
    as_json: AsJson = False,
) -> None:
    """What gradient descent converges to on your data.

    Separation class with certificate, finite part with radius, exact max-margin direction, assumptions of the theorems decided,
    infimum of the loss.
    """
    from ..language.answers import SimulationOptions
    from ..limits.answer import document, load

    if optimizer != "gradient-flow":
        from ..dynamics.catalogue import choice

        choice(optimizer)  # refuse an unknown name before the work, and without --simulate too
    given = {"context": None if context == 2 else str(context), "embedding": None if embedding == "one-hot" else embedding, "attend": attend}
    question = load(file, {name: value for name, value in given.items() if value is not None})
    found = question.answer()
    record, simulation = found.record(), None
    if simulate or plot is not None:
        simulation = found.simulate(SimulationOptions(log_time, optimizer))
        record = record | {"simulation": simulation.record()}
    if plot is not None and simulation is not None:
        from ..rendering.plots import plot as draw

        draw((*simulation.figures(), *found.figures()), plot)
    if certificate is not None:
        _write(certificate, json.dumps(document(question.problem, found.certificates())) + "\n")
    if as_json:
        _print_json(record)
        return
    from ..rendering.views import view_text

    console = _console()
    for view in (found.view(), *(() if simulation is None else (simulation.view(),))):
        for part in view_text(view):
            console.print(part)
    if certificate is not None:
        console.print(f"certificate written to {certificate}; check it with: ntpproofs recheck {certificate}", style="dim")


def _write(path: Path, text: str) -> None:
    from ..errors import InvalidInput

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be written ({error.strerror})", "give another path") from None


@app.command()
def recheck(
    file: Annotated[Path, typer.Argument(metavar="CERTIFICATE.json", help="A certificate file; it embeds its instance.")],
    as_json: AsJson = False,
) -> None:
    """Run the trusted kernel alone on a certificate. Status 0 valid, 1 verification fails, 2 not a certificate."""
    from ..errors import VerificationFailed
    from ..kernel import verify_file

    try:
        proved = verify_file(file)
    except VerificationFailed as failure:
        if as_json:
            _print_json({"valid": False, "reason": str(failure), "proved": []})
        else:
            sys.stderr.write(f"{file}: rejected: {failure}\n")
        raise typer.Exit(DIFFERS) from None
    if as_json:
        _print_json({"valid": True, "reason": None, "proved": proved})
    else:
        sys.stdout.write("".join(f"{file}: proved: {claim}\n" for claim in proved))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.py", help="A Python file that defines conjectures.")],
    examples: Annotated[int, typer.Option("--examples", min=1, help="Instances examined per conjecture, at most.")] = 1_000,
    time_budget: Annotated[float, typer.Option("--time-budget", metavar="S", min=0.0, help="Seconds of search per conjecture; 0: no bound.")] = 60.0,
    seed: Seed = 0,
    workers: Workers = CPUS,
    save: Annotated[Path | None, typer.Option("--save", metavar="DIR", help="Keep journal and report there; go on after an interrupt.")] = None,
    try_assumptions: Annotated[bool, typer.Option("--try-assumptions", help="Check again with the suggested assumptions added.")] = False,
    cluster: Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="dask: tcp://host:port or local:N.")] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", metavar="S", min=0.1, help="Seconds for one claim on one instance.")] = 10.0,
    instance: Annotated[str | None, typer.Option("--instance", help="Only this instance: JSON, or a file of it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a conjecture file: search for counterexamples, reduce them, suggest assumptions.

    Status 1 refuted on exact or enclosed evidence, 3 counterexample seen in floats only, 4 inconclusive or vacuous, 0 not refuted,
    2 if nothing could run.
    """
    from ..search.files import Options
    from .check import run_check, run_replay

    options = Options(examples, time_budget or None, seed, workers, time_limit, save, try_assumptions)
    if instance is not None:
        raise typer.Exit(run_replay(file, instance, options, as_json, _console()))
    executor = None
    if cluster is not None:
        from ..search.cluster import connect
        from ..search.files import readable_source

        readable_source(file)
        executor = connect(cluster, time_limit)
    raise typer.Exit(run_check(file, options, executor, as_json, _console(), _console(stderr=True)))


@app.command()
def new(
    kind: Annotated[str, typer.Argument(metavar="conjecture|theorem|paper", help="What to start.")],
    name: Annotated[str, typer.Argument(help="Its name; the file is NAME.py, for a paper the folder NAME, in the current directory.")],
) -> None:
    """Write a commented template that runs; for a paper a package with one kind, one theorem and tests. Nothing is overwritten."""
    from .new import write_template

    path = write_template(kind, name, Path())
    follow = f"install it with: pip install -e {path}; then: ntpproofs verify {path.name}" if path.is_dir() else f"check it with: ntpproofs check {path}"
    sys.stdout.write(f"{path} written; {follow}\n")


@app.command()
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
    with _progress(len(labels)) as advance:
        reports = run(labels, profile, seed, workers, advance)
    written = write_latex(reports, statements, output, seed=seed, profile=profile)
    sys.stdout.write(f"{len(written)} files in {output}\n")
    if pdf:
        sys.stdout.write(f"{compile_pdf(output)}\n")


def main() -> None:
    """Entry point: errors become one message and status 2, an interrupt status 130, what nobody foresaw status 5."""
    from ..errors import NtpproofsError

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _say_warning
            app()
    except NtpproofsError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except Exception as error:  # the last handler: a status that means a verdict is never an accident
        sys.stderr.write(traceback.format_exc() if os.environ.get("NTPPROOFS_TRACEBACK") else "")
        sys.stderr.write(unforeseen(error))
        sys.exit(UNFORESEEN)


def _say_warning(message: Warning | str, category: type[Warning], filename: str, line: int, *rest: Any) -> None:
    # What people should know is one line; what a library warns of shows where it comes from.
    from ..checking.plugins import BrokenPlugin

    where = "" if issubclass(category, BrokenPlugin) else f"{filename}:{line}: {category.__name__}: "
    sys.stderr.write(f"warning: {where}{message}\n")


def unforeseen(error: Exception) -> str:
    """The message for an error nobody foresaw: what and where it was, and how to report it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    command = " ".join(["ntpproofs", *sys.argv[1:]])
    return (
        f"error: ntpproofs failed in a way nobody foresaw ({what}{where}); this says nothing about your input. Remedy: report it with the "
        f"command ({command}), the file and the output of `ntpproofs --version`; NTPPROOFS_TRACEBACK=1 shows the full trace.\n"
    )
