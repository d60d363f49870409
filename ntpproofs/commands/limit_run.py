"""The work of `ntpproofs limit`: read, answer (within a time, if asked), simulate, show, and only then write files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, NtpproofsError
from ..language.answers import Effort, SimulationOptions
from ..language.figures import Figure
from ..language.files import write_atomically
from ..language.views import View
from ..language.wanted import Wanted
from ..limits.answer import Question, document
from ..limits.loading import from_standard_input, load
from .options import INCONCLUSIVE, INTERRUPTED, OK, USAGE
from .output import console, print_json
from .streams import shielded
from .waiting import told_to_wait, within

FLOW = SimulationOptions.optimizer


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; `run` holds the options of the simulation that were given."""

    file: str
    options: Mapping[str, str]
    contexts: bool
    everything: bool
    time_limit: float | None
    exact: bool
    save: Path | None
    simulate: bool
    run: Mapping[str, Any]
    certificate: Path | None
    plot: Path | None
    data: Path | None
    as_json: bool

    def simulations(self) -> list[SimulationOptions]:
        """One for each optimizer. Raises `InvalidInput` for options that would do nothing and for unknown names."""
        names = str(self.run.get("optimizer", FLOW)).split(",")
        if names != [FLOW]:
            from ..dynamics.optimizers.catalogue import choice

            for name in names:
                if name != FLOW:
                    choice(name)  # refuse an unknown name before the work
        if len(set(names)) < len(names):
            raise InvalidInput("--optimizer", f"names one twice: {','.join(names)}", "give each once")
        if not self.simulate:
            for name in self.run:
                raise InvalidInput(f"--{name.replace('_', '-')}", "does nothing without a simulation", "add --simulate, or drop it")
            return []
        if "log_time" in self.run and "steps" in self.run:
            raise InvalidInput("--steps", "and --log-time both say how far to go", "give one of them")
        if len(names) > 1 and "steps" in self.run and FLOW in names:
            raise InvalidInput("--steps", f"does not apply to {FLOW}", f"drop {FLOW}, or --steps")
        return [SimulationOptions(**{**self.run, "optimizer": name}) for name in names]


@dataclass
class Found:
    """What there is to show, as far as it is finished: plain data that a process can hand to another one."""

    record: dict[str, Any] | None = None
    view: View | None = None
    runs: list[tuple[str, dict[str, Any], View, tuple[Figure, ...]]] = field(default_factory=list)
    figures: tuple[Figure, ...] = ()
    certificate: dict[str, Any] | None = None
    failed: NtpproofsError | None = None
    complete: bool = False


def run_limit(asked: Asked) -> int:
    """Do what is asked, show it, and return the exit status."""
    simulations = asked.simulations()
    if asked.plot is not None:
        from ..rendering.plots import check_ending

        check_ending(asked.plot)
    read = from_standard_input if asked.file == "-" else load
    question = read(asked.file, asked.options)
    if asked.contexts:
        return _show_contexts(question, asked.as_json)
    found, interrupted, facts = Found(), False, dict[str, Any]()
    effort = Effort(asked.exact, asked.time_limit, asked.save)
    question.asking(asked.everything, effort).refuse(Wanted(tuple(simulations), asked.certificate is not None))
    try:
        with told_to_wait(question, asked.simulate or asked.certificate is not None) as said:
            question = question.asking(asked.everything, replace(effort, say=said))
            if asked.time_limit is None:
                found = _followed(question, simulations, asked, found)
            else:
                found, facts = within(asked.time_limit, lambda: _stages(question, simulations, asked), found, question)
    except KeyboardInterrupt:
        interrupted = True
    status = _show(question, asked, found, facts, interrupted)
    return INTERRUPTED if interrupted else status


def _followed(question: Question, simulations: list[SimulationOptions], asked: Asked, found: Found) -> Found:
    # An answer is shown even where what was asked for besides cannot be had.
    try:
        for stage in _stages(question, simulations, asked):
            found = stage
    except NtpproofsError as error:
        found.failed = error
    return found


def _stages(question: Question, simulations: list[SimulationOptions], asked: Asked) -> Any:
    # What is finished so far, again and again.
    found = question.answer()
    done = Found(found.record(), found.view())
    yield done
    if asked.certificate is not None:
        done.certificate = document(question.problem, found.certificates())
    for options in simulations:
        simulation = found.simulate(options)
        drawn = simulation.figures() if asked.plot is not None or asked.data is not None else ()
        done.runs.append((options.optimizer, simulation.record(), simulation.view(), drawn))
        yield done
    if asked.plot is not None:
        done.figures = found.figures()
    done.complete = True
    yield done


def _show(question: Question, asked: Asked, found: Found, facts: dict[str, Any], interrupted: bool) -> int:
    if found.failed is not None and (found.record is None or _does_not_apply(found.failed)):
        raise found.failed
    ended = "interrupted" if interrupted else "" if found.complete or found.failed is not None else f"ended by --time-limit {asked.time_limit:g}"
    if found.record is None:
        return _show_known(question, asked, ended, facts)
    if asked.as_json:
        print_json(_record(found, ended))
    else:
        from ..rendering.views import view_text

        screen = console()
        for view in (found.view, *(view for _, _, view, _ in found.runs)):
            for part in view_text(view) if view is not None else ():
                screen.print(part)
    sys.stdout.flush()
    if ended:
        sys.stderr.write(f"{ended}: the answer above is complete, what else was asked for is missing\n" if not interrupted else "interrupted\n")
        return INCONCLUSIVE
    if found.failed is not None:
        sys.stderr.write(f"error: {found.failed}\n")
        return USAGE
    status = _write(asked, found)
    # What was known when somebody pressed Ctrl-C has been shown; the status still says so.
    return INTERRUPTED if found.record.get("stopped") == "interrupted" else status


def _does_not_apply(error: NtpproofsError) -> bool:
    # A kind that cannot tell before the work still gets its refusal shown alone.
    return isinstance(error, InvalidInput) and error.subject.startswith("--")


def _record(found: Found, ended: str) -> dict[str, Any]:
    record = dict(found.record or {})
    if found.runs:
        record["simulation"] = found.runs[0][1]
    if len(found.runs) > 1:
        record["simulations"] = [{"optimizer": name, **run} for name, run, _, _ in found.runs]
    why = ended or ("" if found.failed is None else str(found.failed))
    return record | ({"ended": why} if why else {})


def _write(asked: Asked, found: Found) -> int:
    # Files come after what is shown, so that a full disk loses nothing that was finished.
    status = OK
    with shielded() as interrupts:
        for path, write in _files(asked, found):
            try:
                write(path)
            except InvalidInput as error:
                sys.stderr.write(f"error: {error}\n")
                status = USAGE
    if asked.certificate is not None and status == OK and not asked.as_json:
        console().print(f"certificate written to {asked.certificate}; check it with: ntpproofs recheck {asked.certificate}", style="dim")
    if interrupts:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    return status


def _files(asked: Asked, found: Found) -> Iterator[tuple[Path, Callable[[Path], None]]]:
    from ..rendering.overlay import as_csv, overlaid

    runs = [(name, drawn) for name, _, _, drawn in found.runs]
    if asked.certificate is not None:
        yield asked.certificate, lambda path: write_atomically(path, json.dumps(found.certificate) + "\n")
    if asked.plot is not None:
        yield asked.plot, lambda path: _draw((*overlaid(runs), *found.figures), path)
    if asked.data is not None:
        yield asked.data, lambda path: write_atomically(path, as_csv(runs))


def _draw(figures: tuple[Figure, ...], path: Path) -> None:
    from ..rendering.plots import plot

    plot(figures, path)


def _show_contexts(question: Question, as_json: bool) -> int:
    names = question.request.names
    if not names:
        raise InvalidInput("--contexts", "has nothing to print: the file names no contexts", "give a text, a table of counts, or a file with names")
    if as_json:
        print_json({"contexts": [names.get(i) for i in range(max(names) + 1)]})
    else:
        sys.stdout.write("".join(f"{i}\t{name}\n" for i, name in sorted(names.items())))
    return OK


def _show_known(question: Question, asked: Asked, ended: str, facts: dict[str, Any]) -> int:
    # Nothing is finished: the class and bounds that are known, named as such.
    from ..limits.partial import known, known_view
    from ..rendering.views import view_text

    facts = facts or known(question)
    if asked.as_json:
        print_json({"kind": question.kind.name, "ended": ended, "known": facts})
    else:
        screen = console()
        for part in view_text(known_view(question.kind.name, facts, ended)):
            screen.print(part)
    return INCONCLUSIVE
