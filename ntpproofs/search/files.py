"""Check every statement of a file: campaign, shrinking, suggested assumptions. This is `ntpproofs check` without its printing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from ..checking.kinds import read_instance
from ..checking.processes import MEMORY, Executor, Job, LocalProcesses, Result
from ..errors import InvalidInput, InvalidStatement
from ..language.verdicts import Evidence, Outcome, Verdict
from .campaign import Campaign, Settings, frequency_bound
from .corpus import tried_first
from .findings import ClaimFinding, ConjectureFinding, Counterexample, NearMiss, ProofFinding, TypesFinding
from .jobs import Bench
from .journal import Journal
from .schedule import Parts
from .suggesting import Suggestion, suggestions
from .tally import ClaimTally
from .workbench import Workbench
from .written import of_another_kind, read_written

# Larger files are no conjectures; reading one by mistake (a corpus, a binary) should not take minutes.
LARGEST_FILE = 2**20
# Decided instances where neither their number nor the time is bounded; suggestions tried again; suggestions tested on fresh instances.
EXAMPLES, TRIES, OFFERED = 1_000, 3, 4


@dataclass(frozen=True)
class Options:
    """How a file is checked; the command line's options.

    `examples` instances are to be decided per statement, within `budget` seconds (None: no such bound; without either, 1 000 examples).
    `distinct` ends the search after that many different instances, whatever each claim says of them.
    `limit` is in seconds per evaluation, `memory` in bytes per worker. `save` keeps journal, corpus and report in a directory.
    Without `explain` counterexamples stay as they were found, and no assumptions are suggested.
    """

    examples: int | None = 1_000
    budget: float | None = None
    seed: int = 0
    workers: int = 1
    limit: float = 10.0
    save: Path | None = None
    try_assumptions: bool = False
    memory: int = MEMORY
    explain: bool = True
    distinct: int | None = None


def check_file(
    path: str | Path,
    options: Options | None = None,
    *,
    executor: Executor | None = None,
    watch: Callable[[Campaign], None] = lambda campaign: None,
    done: Callable[[ConjectureFinding], None] = lambda finding: None,
) -> list[ConjectureFinding]:
    """The findings about every statement of a file, in the order of definition.

    `executor` replaces the local processes; `watch` is called as results are absorbed, `done` with each finding. Raises
    `InvalidInput` for a file that cannot be read or defines nothing. Law: with the number of examples ending the run, findings
    depend on the file, the seed and the number of examples only.
    """
    options = options or Options()
    if options.examples is None and options.budget is None and options.distinct is None:
        options = replace(options, examples=EXAMPLES)
    readable_source(path)
    header = {"file": sha256(Path(path).read_bytes()).hexdigest(), "seed": options.seed, "examples": options.examples}
    header |= {} if options.distinct is None else {"distinct": options.distinct}
    journal, parts = Journal(options.save, header), Parts()
    with _running(executor or LocalProcesses(Bench, options.workers, options.limit, options.memory, parts.keep)) as running:
        try:
            run = _Run(str(path), options, running, journal, watch, parts, tried_first(options.save))
            findings = []
            for index, about in enumerate(run.described()):
                findings.append(run.finding(index, about))
                done(findings[-1])
            return findings
        finally:
            journal.close()


@contextmanager
def _running(executor: Executor) -> Iterator[Executor]:
    try:
        yield executor
    finally:
        executor.close()


def readable_source(path: str | Path) -> None:
    """Raise `InvalidInput` unless a path is a text file of reasonable size."""
    path = Path(path)
    try:
        if not path.is_file():
            raise InvalidInput(str(path), "is a directory" if path.is_dir() else "does not exist", "give a Python file")
        if path.suffix != ".py":
            raise InvalidInput(str(path), "is not a Python file", "give a file ending in .py")
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidInput(str(path), f"has {path.stat().st_size:,} bytes, above {LARGEST_FILE:,}", "give a conjecture file")
        content = path.read_bytes()
        if b"\0" in content:
            raise InvalidInput(str(path), "is a binary file", "give a Python file")
        content.decode("utf-8")
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be read ({error.strerror})", "check its permissions") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(str(path), f"is not UTF-8 text (byte {error.start})", "save it as UTF-8") from None


@dataclass
class _Run:
    path: str
    options: Options
    executor: Executor
    journal: Journal
    watch: Callable[[Campaign], None]
    parts: Parts = field(default_factory=Parts)
    corpus: list[dict[str, Any]] = field(default_factory=list)

    def described(self) -> list[dict[str, Any]]:
        self.executor.submit(Job("describe", self.path, "describe"))
        ((_, result),) = self.executor.finished()
        if "failed" in result:
            raise InvalidInput(*result["error"])
        return list(result["statements"])

    def finding(self, index: int, about: dict[str, Any], adding: tuple[str, ...] = ()) -> ConjectureFinding:
        deadline = None if self.options.budget is None else monotonic() + self.options.budget
        campaign = self._campaign(index, about, deadline, adding)
        campaign.search()
        tally = campaign.tally
        explained = tally.claims.items() if self.options.explain else ()
        shrunk = {name: campaign.shrunk(claim) for name, claim in explained if claim.refuting or claim.observed}
        claims = tuple(self._claim(campaign, tally.claims[name], latex, shrunk.get(name, [])) for name, latex in about["claims"])
        found = ConjectureFinding(
            label=campaign.label,
            kind=about["kind"],
            title=about["title"],
            expected=about["expected"],
            assumptions=(*(name for name, _, _ in about["assumptions"]), *adding),
            claims=claims,
            phases=dict(tally.phases),
            rejected=dict(sorted(tally.rejected.items())),
            suggestions=self._suggestions(campaign, shrunk) if self.options.explain else (),
            notes=tuple(campaign.notes),
            failures=(*tally.failures, *(() if about["claims"] or about["proof"] else (f"{campaign.label}: has no claims",))),
            proof=self._proof(campaign) if about["proof"] and not adding else (),
            ended_by_clock=campaign.ended_by_clock,
            duplicates=tally.duplicates,
            undecided=tally.undecided,
            types=TypesFinding(len(tally.types.seen), tally.types.once, tally.types.looked, tuple(tally.types.growth), campaign.whole),
        )
        return self._with_tries(found, index, about) if self.options.try_assumptions and not adding else found

    def _campaign(self, index: int, about: dict[str, Any], deadline: float | None, adding: tuple[str, ...] = ()) -> Campaign:
        options = self.options
        settings = Settings(self.path, options.examples, options.budget, options.seed, options.distinct)
        corpus = [entry for entry in self.corpus if entry["instance"]["kind"] in about["kinds"]]
        return Campaign(
            settings,
            index,
            about,
            self.executor,
            self.journal,
            deadline,
            adding,
            self.watch,
            limit=options.limit,
            memory=options.memory,
            parts=self.parts,
            corpus=corpus,
        )

    def _with_tries(self, found: ConjectureFinding, index: int, about: dict[str, Any]) -> ConjectureFinding:
        tried: list[ConjectureFinding] = []
        for suggestion in found.suggestions[:TRIES]:
            tried.append(self.finding(index, about, suggestion.names))
            if all(claim.verdict.outcome is not Outcome.REFUTED for claim in tried[-1].claims):
                break
        return replace(found, tried=tuple(tried))

    def _claim(self, campaign: Campaign, tally: ClaimTally, latex: str, shrunk: list[Result]) -> ClaimFinding:
        verdict, survived = tally.verdict(campaign.tally.undecided_by), not tally.refuting and not tally.observed
        if campaign.tally.failures and verdict.outcome is Outcome.VACUOUS:
            verdict = Verdict(Outcome.INCONCLUSIVE, None, "0 instances", campaign.tally.failures[0])
        if campaign.ended_by_clock and verdict.outcome is Outcome.VACUOUS:
            verdict = Verdict(Outcome.INCONCLUSIVE, None, "0 instances", "the search ended before anything was decided")
        return ClaimFinding(
            name=tally.name,
            latex=latex,
            verdict=verdict,
            instances=campaign.tally.counts(tally.name),
            counterexample=self._counterexample(campaign, tally, shrunk),
            near_misses=tuple(NearMiss(entry["text"], entry["slack"], entry["detail"]) for entry in tally.near if survived and entry["slack"] > 0),
            equalities=tally.equalities,
            equality=tally.equality["text"] if tally.equality else "",
            margin=tally.best_margin if survived else None,
            draws=tally.draws,
            draws_refuted=tally.draws_refuted,
            bound=frequency_bound(tally.draws) if verdict.outcome is Outcome.HOLDS and not (tally.draws_refuted or campaign.whole) else None,
            errors=dict(sorted(tally.found.errors.items())),
        )

    def _counterexample(self, campaign: Campaign, tally: ClaimTally, shrunk: list[Result]) -> Counterexample | None:
        kept = tally.refuting or tally.observed
        if not kept:
            return None
        names: dict[str, Any] = {"claim": tally.name, "label": campaign.label, "path": self.path}
        first, observed = kept[0], not tally.refuting
        if not shrunk:  # an object that cannot travel between processes, or a shrinking that failed
            grade = Evidence.OBSERVED if observed else Evidence[first["evidence"].upper()]
            record = (first["instance"] or {}).get("instance")
            return Counterexample(**names, instance=record, text=first["text"], detail=first["detail"], evidence=grade, locally_minimal=False)
        best = shrunk[0]
        return Counterexample(
            **names,
            instance=best["written"],
            text=best["text"],
            detail=best["verdict"]["detail"],
            evidence=Evidence.OBSERVED if observed else Evidence[best["verdict"]["evidence"].upper()],
            locally_minimal=best["locally_minimal"],
            tried=sum(result["tried"] for result in shrunk),
            failed=best["lost"],
            starts=len(shrunk),
            found=first["text"],
            within_strategy=campaign.about["source"] == "strategy",
            certificate=best.get("certificate"),
        )

    def _suggestions(self, campaign: Campaign, shrunk: dict[str, list[Result]]) -> tuple[Suggestion, ...]:
        tally, kinds = campaign.tally, campaign.about["kinds"]
        if not any(claim.refuting or claim.observed for claim in tally.claims.values()):
            return ()
        found = [result["instance"] for results in shrunk.values() for result in results]
        found += [entry["instance"] for claim in tally.claims.values() for entry in claim.refuting or claim.observed]
        found += [entry for entries in tally.refuting.values() for entry in entries]
        refuting = [entry for i, entry in enumerate(found) if entry is not None and entry not in found[:i]]
        kind = next((entry["instance"]["kind"] for entry in refuting if "instance" in entry), None)
        if not refuting or kind is None or any("instance" not in entry for entry in refuting) or len(kinds) > 1:
            return ()
        campaign.phase = "assess"
        survivors = [entry for entries in tally.survivors.values() for entry in entries if "instance" in entry]
        (result,) = campaign.run([campaign.job("assess", "assess", 0, instances=[*refuting, *survivors], kind=kind)])
        if "failed" in result:
            campaign.notes.append(f"no assumption is suggested: {result['failed']}")
            return ()
        offered = suggestions(result["table"], result["classes"], len(refuting))
        return tuple(entry for entry in offered[:OFFERED] if campaign.withstands(entry.names, refuting))

    def _proof(self, campaign: Campaign) -> tuple[ProofFinding, ...]:
        campaign.phase = "proof"
        (result,) = campaign.run([campaign.job("prove", "prove", 0)])
        if "failed" in result:
            return (ProofFinding("proof", campaign.label, "inconclusive", result["failed"], False),)
        return tuple(ProofFinding(**entry) for entry in result["parts"])


def replay(path: str | Path, label: str, claim: str, instance: Any) -> Verdict:
    """The verdict of one claim of a file on one instance record: what a pasted counterexample test calls.

    Raises `InvalidInput` for an unknown label or claim.
    """
    readable_source(path)
    bench = Workbench()
    statement = next((entry for entry in bench.statements(str(path)) if entry.label == label), None)
    if statement is None:
        raise InvalidInput(str(path), f"has no statement {label!r}", "check the label")
    chosen = next((entry for entry in statement.claims if entry.name == claim), None)
    if chosen is None:
        raise InvalidInput(label, f"has no claim {claim!r}", f"claims: {', '.join(entry.name for entry in statement.claims)}")
    from ..checking.examining import Examiner

    examiner = Examiner(statement, str(path))
    problem = read_written(instance, statement)
    if not examiner.admits(problem, "replay"):
        raise InvalidStatement(label, "does not assume this instance: an assumption fails on it", "give an instance that satisfies its assumptions")
    found = examiner.evaluate(chosen, examiner.case(problem), "replay")
    return replace(found.verdict, scope="1 instance")


def check_instance(path: str | Path, instance: Any, options: Options | None = None, executor: Executor | None = None) -> list[dict[str, Any]]:
    """The verdict of every claim of a file on one instance: label, claim, outcome, evidence, detail (also where an assumption fails).

    Conjectures about other kinds than the instance's are left out. Raises `InvalidInput` where all are, and for what is no instance.
    """
    options = options or Options()
    readable_source(path)
    kind = instance["kind"] if isinstance(instance, dict) and "kind" in instance else None
    if kind is not None:
        read_instance(instance)
    verdicts = []
    with _running(executor or LocalProcesses(Bench, 1, options.limit)) as running:
        run = _Run(str(path), options, running, Journal(None, {}), lambda campaign: None)
        described = run.described()
        fitting = [index for index, about in enumerate(described) if kind is None or not about["takes"] or kind in about["takes"]]
        if described and not fitting:
            raise of_another_kind(str(kind), described[0]["label"], described[0]["takes"])
        for index in fitting:
            about = described[index]
            campaign = Campaign(Settings(str(path)), index, about, running, run.journal, None)
            (result,) = campaign.run([campaign.job("replay", "replay", 0, instance=instance)])
            if result.get("unreadable"):
                raise InvalidInput(*result["error"])
            record = {"failed": None, "claims": {}} if "failed" in result else result["records"][0]
            for name, _ in about["claims"]:
                found = record["claims"].get(name)
                why = result.get("failed") or (f"assumption {record['failed']} fails here" if record["failed"] else "an assumption is undecided here")
                outside = {"outcome": "inconclusive" if "failed" in result else "vacuous", "evidence": None, "detail": why}
                chosen = found or outside
                verdicts.append({"label": about["label"], "claim": name, **{key: chosen[key] for key in ("outcome", "evidence", "detail")}})
    return verdicts
