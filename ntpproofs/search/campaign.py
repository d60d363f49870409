"""A campaign against one conjecture: fixed examples, smallest instances, random ones, steered ones, walks from near misses.

Jobs run in any order and are absorbed in a fixed one; the rule that ends the search looks at absorbed results only. So the
report does not depend on the number of workers, nor on interruptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import isfinite
from time import monotonic
from typing import Any

from ..checking.processes import Executor, Job, LocalProcesses, Result
from .jobs import Bench
from .journal import Journal
from .tally import ClaimTally, Tally

# Instances examined also after a refutation, because suggested assumptions need contrast: enumerated ones, drawn ones, and
# drawn ones where each costs a simulation.
ENUMERATED, DRAWN, SIMULATED = 60, 100, 10
# Where refutations are rare, up to four times as many: a few of them have too much in common by accident.
RARE = 12
STARTS = 4
# Evaluations in a fresh process that must repeat an exact refutation.
TIMES = 3


@dataclass(frozen=True)
class Settings:
    """What a run was asked for. `examples` bounds the instances examined, `budget` the seconds of the search (None: no bound)."""

    path: str
    examples: int = 1_000
    budget: float | None = None
    seed: int = 0


class OutOfTime(Exception):
    """The time budget is used up."""


@dataclass
class Campaign:
    """The search for counterexamples to one statement of a file; `about` is its description from the `describe` job."""

    settings: Settings
    index: int
    about: dict[str, Any]
    executor: Executor
    journal: Journal
    deadline: float | None
    adding: tuple[str, ...] = ()
    watch: Callable[[Campaign], None] = lambda campaign: None
    limit: float = 10.0

    def __post_init__(self) -> None:
        self.tally = Tally({name: ClaimTally(name) for name, _ in self.about["claims"]})
        self.phase, self.notes = "", list[str]()
        self.ended_by_clock = False

    @property
    def label(self) -> str:
        """The statement's label, with the assumptions added to it."""
        return " + ".join([self.about["label"], *self.adding])

    def job(self, task: str, number: Any, **arguments: Any) -> Job:
        """A job of this campaign."""
        common = {"index": self.index, "adding": list(self.adding), "label": self.about["label"], "seed": self.settings.seed}
        return Job(f"{self.index}:{self.label}/{self.phase or task}/{number}", self.settings.path, task, common | arguments)

    def search(self) -> None:
        """Run the phases until every claim is settled, the examples are used up, or the time is."""
        if not self.about["instances"]:
            self.tally.failures.append(f"{self.settings.path}: {self.label}: no instances=. Remedy: give a strategy or a list of problems")
            return
        try:
            for phase, jobs in self._phases():
                self.phase = phase
                self._absorb(jobs)
                if phase == "random" and not self.tally.looked[phase] and not self.tally.failures:
                    self.notes.append(f"the strategy yielded nothing: {self.tally.refused:,} draws were refused by its filters")
                    break
                if self.tally.failures or (self.enough and phase != "enumeration" and phase != "examples") or self.broken:
                    break
        except OutOfTime:
            self.ended_by_clock = True
            self.executor.discard()

    @property
    def broken(self) -> bool:
        """Whether no claim gives verdicts."""
        return all(claim.broken for claim in self.tally.claims.values())

    @property
    def enough(self) -> bool:
        """Whether every claim is settled and this phase has shown enough instances for contrast (broken claims need none)."""
        claims, looked = self.tally.claims.values(), self.tally.looked[self.phase]
        wanted = SIMULATED if self.about["simulated"] else ENUMERATED if self.phase == "enumeration" else DRAWN
        if sum(len(claim.refuting) for claim in claims) < RARE and not self.about["simulated"]:
            wanted *= 4
        return self.broken or (all(claim.settled for claim in claims) and looked >= min(wanted, self.settings.examples // 2))

    def _phases(self) -> Iterator[tuple[str, Iterator[Job]]]:
        total, tally = self.settings.examples, self.tally
        yield "examples", iter([self.job("examples", 0)])
        if self.about["source"] == "none":
            return
        if self.about["source"] == "list":
            yield "listed", self._chunks("draw", total)
            return
        if self.about["enumerable"]:
            yield "enumeration", self._chunks("enumerate", (2 * total) // 5)
        else:
            self.notes.append("the strategy's bounds are unknown: no enumeration of the smallest instances")
        steered = total // 5
        yield "random", self._chunks("draw", max(total - steered - tally.phases["enumeration"], 1))
        if not tally.steerable:
            yield "random", self._chunks("draw", steered, start=10**9)
            return
        yield "steered", self._chunks("steer", steered // 2, least=50)
        yield "walk", self._walks(steered - steered // 2)

    def _chunks(self, task: str, total: int, start: int = 0, least: int = 20) -> Iterator[Job]:
        # Small batches first, so that a verdict comes soon; larger ones later, so that little time goes into handing over.
        done = 0
        while done < total:
            size = 10 if self.about["simulated"] else least if done < 100 else max(50, least)
            size = min(size, total - done)
            yield self.job(task, start + done, start=start + done, count=size, keep=done < 200)
            done += size

    def _walks(self, total: int) -> Iterator[Job]:
        if not self.about["kinds"]:
            return  # where the bounds of a strategy are not known, our moves could leave it
        starts = [
            (name, entry) for name, claim in self.tally.claims.items() for entry in claim.near[:STARTS] if entry["instance"] and not claim.settled
        ]
        for i, (name, entry) in enumerate(starts):
            count = total // len(starts)
            if count:
                yield self.job("walk", i, claim=name, slack=entry["slack"], count=count, **{"from": entry["instance"]})

    def _absorb(self, jobs: Iterator[Job]) -> None:
        pending = list(jobs)
        while pending:
            broken = self._without()
            now = [replace(job, name=f"{job.name}{broken}", arguments=job.arguments | {"skip": broken}) if broken else job for job in pending]
            for i, result in enumerate(in_order(self.executor, self.journal, iter(now), self.deadline)):
                self.tally.absorb(self.phase, result)
                self.watch(self)
                # An iterable that ran out, a strategy that refuses every draw, or enough seen: nothing more to come.
                if self.enough or result.get("exhausted") or "failed" in result or (result.get("refused") and not result["records"]):
                    self.executor.discard()
                    return
                self._confirm()
                if self._without() != broken:
                    # A claim that does not return or repeat is left out from here on, in whatever was already under way too.
                    self.executor.discard()
                    pending = pending[i + 1 :]
                    break
            else:
                return

    def _without(self) -> list[str]:
        return [name for name, claim in self.tally.claims.items() if claim.endless or claim.unrepeatable]

    def _confirm(self) -> None:
        # A refutation counts when it repeats; one that does not makes everything the claim said worthless.
        for name, claim in self.tally.claims.items():
            for entry in claim.doubtful[:1]:
                claim.confirmed = self.repeats(name, entry["instance"], bool(claim.refuting))
                if not claim.confirmed:
                    claim.forget()

    def repeats(self, claim: str, instance: dict[str, Any], exact: bool) -> bool:
        """Whether a claim is refuted again on a written instance, in a fresh process (exact claims three times)."""
        job = self.job("confirm", claim, claim=claim, instance=instance, exact=exact, times=TIMES if exact else 1)
        pool = LocalProcesses(Bench, 1, self.limit)
        try:
            pool.submit(job)
            ((_, result),) = pool.finished()
        finally:
            pool.close()
        return bool(result.get("repeats"))

    def run(self, jobs: Iterable[Job]) -> list[Result]:
        """Run further jobs (reductions, assessments); these are not bound by the time budget."""
        return list(in_order(self.executor, self.journal, iter(jobs), None))

    def reductions(self, claim: ClaimTally) -> list[Result]:
        """Reductions from several starts of the counterexamples to one claim, best result first."""
        self.phase = f"reduce {claim.name}"
        exact = bool(claim.refuting)
        kept = [entry for entry in (claim.refuting or claim.observed) if entry["instance"] is not None]
        starts = _spread(kept, STARTS if exact else 1)
        budget = 25 if not exact else 150 if self.about["simulated"] else 1_000
        jobs = [self.job("reduce", i, claim=claim.name, exact=exact, budget=budget, **{"from": entry["instance"]}) for i, entry in enumerate(starts)]
        results = self.run(jobs)
        self.notes += [f"a reduction of {claim.name} failed: {result['failed']}" for result in results if "failed" in result]
        found = [result for result in results if "failed" not in result and (result["verdict"] or {}).get("outcome") == "refuted"]
        found.sort(key=lambda result: (result["size"], result["text"]))
        # What is printed has been refuted once more, on the written instance, where nothing else had run before.
        repeated = (i for i, result in enumerate(found) if result["instance"] is None or self.repeats(claim.name, result["instance"], exact))
        first = next(repeated, None)
        return [] if first is None else found[first:]


def _spread(entries: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    # The smallest, and others evenly through the list, which is sorted by size.
    if len(entries) <= count:
        return entries
    return [entries[i * (len(entries) - 1) // max(count - 1, 1)] for i in range(count)]


def in_order(executor: Executor, journal: Journal, jobs: Iterator[Job], deadline: float | None) -> Iterator[Result]:
    """Results in the order of the jobs, which run concurrently. Results known to the journal are not computed again.

    Raises `OutOfTime` when the deadline passes. A consumer that stops early leaves jobs running: it discards them.
    """
    waiting: list[Job] = []
    results: dict[str, Result] = {}
    running: set[str] = set()
    exhausted = False
    while True:
        while executor.room and not exhausted and len(waiting) < 64:
            job = next(jobs, None)
            if job is None:
                exhausted = True
                break
            waiting.append(job)
            known = journal.result(job)
            if known is not None:
                results[job.name] = known
            else:
                executor.submit(job)
                running.add(job.name)
        while waiting and waiting[0].name in results:
            yield results.pop(waiting.pop(0).name)
        if not waiting and exhausted:
            return
        if (waiting and waiting[0].name in results) or not running:
            continue
        if deadline is not None and monotonic() >= deadline:
            raise OutOfTime
        for job, result in executor.finished(None if deadline is None else max(0.0, deadline - monotonic())):
            if job.name in running:
                running.discard(job.name)
                results[job.name] = result
                journal.keep(job, result)


def frequency_bound(draws: int) -> float | None:
    """With no failure in so many independent draws: the failure frequency is below this with confidence 95 %.

    >>> round(frequency_bound(299), 4)
    0.01
    """
    bound = 1 - 0.05 ** (1 / draws) if draws else None
    return bound if bound is not None and isfinite(bound) else None
