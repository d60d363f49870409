"""The command `ntpproofs check`: progress, saving, rendering. The search itself is in `search`."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from ..checking.processes import Executor
from ..errors import InvalidInput
from ..language.files import write_atomically
from ..search.campaign import Campaign
from ..search.files import Options, check_file
from ..search.findings import ConjectureFinding, exit_status
from .options import INTERRUPTED, USAGE
from .output import live, print_json
from .streams import is_full, shielded

REFRESH = 0.1


def run_check(path: Path, options: Options, executor: Executor | None, as_json: bool, console: Any, errors: Any, report: Path | None = None) -> int:
    """Check a file, write the findings to stdout, and as documents into the directory `report`; return the exit status, 130 after an
    interrupt, with what was finished."""
    from ..rendering.check_json import check_json
    from ..search.corpus import remember
    from ..search.saving import save_counterexamples

    started, findings = perf_counter(), list[ConjectureFinding]()
    interrupted = False
    failed: InvalidInput | None = None
    with live(errors, progress_text, REFRESH) as watch:
        try:
            check_file(path, options, executor=executor, watch=watch, done=findings.append)
        except KeyboardInterrupt:
            interrupted = True
        except OSError as error:
            if not is_full(error) or options.save is None:
                raise
            failed = InvalidInput(str(options.save), f"cannot be written ({error.strerror})", "make room, and go on with the same command")
    certificates: dict[tuple[str, str], str] = {}
    seconds = perf_counter() - started
    with shielded() as interrupts:  # what is shown does not depend on whether files can be written
        try:
            if options.save is not None and not interrupted and failed is None:
                certificates = save_counterexamples(options.save, findings)
                remember(options.save, findings)
                record = check_json(findings, options.seed, None, certificates)
                write_atomically(options.save / "report.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
                certificates = {key: str(options.save / place) for key, place in certificates.items()}
            if report is not None:
                _write_report(report, path, options, findings, certificates, seconds, not interrupted)
        except InvalidInput as error:
            failed = error
    if as_json:
        print_json(check_json(findings, options.seed, seconds, certificates, complete=not interrupted))
    else:
        _show(console, findings, certificates, seconds)
    if failed is not None:
        sys.stderr.write(f"error: {failed}\n")
        return USAGE
    if interrupted or interrupts:
        where = f"; `--save {options.save}` goes on from there" if options.save else ""
        sys.stderr.write(f"interrupted after {len(findings)} statements{where}\n")
        return INTERRUPTED
    return exit_status(findings)


def _write_report(
    directory: Path, path: Path, options: Options, findings: list[ConjectureFinding], certificates: Any, seconds: float, complete: bool
) -> None:
    from ..rendering.check_json import check_json
    from ..rendering.html_check import render_check_html
    from ..rendering.runs import read_run
    from ..rendering.saving import run_record, write_documents

    words = ["ntpproofs", "check", str(path), "--seed", str(options.seed)]
    words += [] if options.examples is None else ["--examples", str(options.examples)]
    words += ["--try-assumptions"] if options.try_assumptions else []
    made = run_record("", options.seed, shlex.join(words))
    record = check_json(findings, options.seed, seconds, certificates, complete) | {"run": made}
    run = read_run({"run": made, "summary": {"seconds": round(seconds, 1), "complete": complete}})
    write_documents(directory, record, render_check_html(findings, run, certificates))


def run_replay(path: Path, given: str, options: Options, as_json: bool, console: Any) -> int:
    """Evaluate every claim of a file on one instance (JSON text or a file of it)."""
    from ..kernel import read
    from ..search.files import check_instance

    if given.lstrip().startswith("{"):
        try:
            record = json.loads(given)
        except ValueError as error:
            raise InvalidInput("--instance", f"is not JSON ({error})", "copy it from the report, in quotes") from None
    else:
        # A file of an instance, or an object of one's own in Python's notation.
        record = read(Path(given)) if Path(given).is_file() or given.endswith(".json") else {"python": given}
    verdicts = check_instance(path, record, options)
    if as_json:
        print_json({"instance": record, "claims": verdicts})
    else:
        for entry in verdicts:
            console.print(f"{entry['label']}: {entry['claim']}: {entry['outcome']}", entry["evidence"] or "", entry["detail"], markup=False)
    words = [(entry["outcome"], entry["evidence"]) for entry in verdicts]
    if any(outcome == "refuted" and evidence in ("enclosed", "certified", "proved") for outcome, evidence in words):
        return 1
    if any(outcome == "refuted" for outcome, _ in words):
        return 3
    return 0 if words and all(outcome == "holds" for outcome, _ in words) else 4


def _show(console: Any, findings: list[ConjectureFinding], certificates: dict[tuple[str, str], str], seconds: float) -> None:
    # What is to be copied comes last, each command on one line.
    from ..rendering.check_text import check_view, take_away

    for finding in findings:
        for part in check_view(finding, certificates):
            console.print(part)
        console.print()
    console.print(f"{len(findings)} statement{'' if len(findings) == 1 else 's'} in {seconds:.1f} s", style="dim")
    for part in take_away(findings, certificates):
        console.print(part, crop=False)


def progress_text(campaign: Campaign) -> str:
    """One line: phase, counts, rejections per assumption, and the best margin so far."""
    tally = campaign.tally
    wanted = "" if campaign.settings.examples is None else f" of {campaign.settings.examples:,}"
    words = [f"{campaign.label}: {campaign.phase}", f"{tally.examined:,} instances", f"{tally.decided:,}{wanted} decided"]
    words += [f"{len(tally.types.seen):,} types"]
    words += [f"{count:,} rejected by {name}" for name, count in tally.rejected.most_common(3)]
    counts = {"duplicates": tally.duplicates, "degenerate": tally.degenerate, "undecided": tally.undecided}
    words += [f"{count:,} {name}" for name, count in counts.items() if count]
    refuted = sum(bool(claim.refuting or claim.observed) for claim in tally.claims.values())
    words += [f"{refuted} of {len(tally.claims)} claims refuted"] if refuted else []
    margins = [claim.best_margin for claim in tally.claims.values() if claim.best_margin is not None and not claim.settled]
    words += [f"best margin {min(margins):.4g}"] if margins else []
    return ", ".join(words)
