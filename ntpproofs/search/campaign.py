"""A campaign against one conjecture: lanes take turns until every claim is settled, the examples are decided, or the time is used up.

Jobs run in any order and are absorbed in a fixed one; what is asked next and the rule that ends the search look at absorbed results
only. So the report does not depend on the number of workers, nor on interruptions, as long as it is not the clock that ends the run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from math import isfinite
from time import monotonic
from typing import Any

from ..checking.processes import MEMORY, Executor, Job, LocalProcesses, Result
from .elites import REJECTED
from .jobs import Bench
from .journal import Journal
from .lanes import Lanes
from .listing import Listing
from .schedule import Parts, Schedule, run_all
from .tally import ClaimTally, Tally

# Instances examined also after a refutation, because suggested assumptions need contrast; fewer where each costs a simulation.
CONTRAST, SIMULATED = 160, 10
# Where refutations are rare, four times as many: a few of them have too much in common by accident.
RARE = 12
STARTS = 4
# Evaluations in a fresh process that must repeat an exact refutation.
TIMES = 3
# Instances looked at per decided one before a search without a clock gives up; repeated ones in a row after which nothing new is to come.
LOOKED, STALE = 20, 3_000
# Seconds of shrinking from one start, and of testing a suggested assumption; the number of its first draw, beyond those of any search.
SHRINKING, AGAIN, FRESH = 60.0, 120.0, 5 * 10**12


@dataclass(frozen=True)
class Settings:
    """What a run was asked for. `examples` instances are to be decided by every claim, `distinct` ones examined, `budget` seconds searched
    (None: no bound)."""

    path: str
    examples: int | None = 1_000
    budget: float | None = None
    seed: int = 0
    distinct: int | None = None


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
    memory: int = MEMORY
    parts: Parts = field(default_factory=Parts)
    corpus: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.phase, self.notes = "", list[str]()
        self.ended_by_clock = False
        self._begin(())

    @property
    def label(self) -> str:
        """The statement's label, with the assumptions added to it."""
        return " + ".join([self.about["label"], *self.adding])

    def job(self, task: str, phase: str, place: Any, **arguments: Any) -> Job:
        """A job of this campaign."""
        common = {"index": self.index, "adding": list(self.adding), "label": self.about["label"], "seed": self.settings.seed, "phase": phase}
        return Job(f"{self.index}:{self.label}/{phase}/{place}", self.settings.path, task, common | arguments)

    def _begin(self, unrepeatable: Collection[str]) -> None:
        self.tally = Tally({name: ClaimTally(name, unrepeatable=name in unrepeatable) for name, _ in self.about["claims"]})
        self._skipped = self._without()
        self._again = self.whole = False

    def search(self) -> None:
        """Let the lanes take turns until every claim is settled, enough is decided, or the time is used up.

        When a claim turns out not to repeat, what it said has steered the search: the search begins again without it.
        """
        self._search()
        while self._again:
            self._begin({name for name, claim in self.tally.claims.items() if claim.unrepeatable})
            if not all(claim.unrepeatable for claim in self.tally.claims.values()):
                self._search()

    def _search(self) -> None:
        if not self.about["instances"]:
            self.tally.failures.append(f"{self.settings.path}: {self.label}: no instances=. Remedy: give a strategy or a list of problems")
            return
        listing = self._listing()
        lanes = Lanes(self.about, self.tally, self.job, listing, self.corpus, self.settings.examples)
        schedule = Schedule(self.executor, self.journal, self.deadline, self.parts)
        try:
            for job, result in schedule.results(lambda: self._skipping(lanes.next())):
                self._absorb(job, result, lanes)
                self.whole = listing is not None and self.tally.looked["enumeration"] == listing.whole
                self._leave_out(schedule)
                if self.over or self._again:
                    self.executor.discard()
                    break
        finally:
            if listing is not None:
                listing.close()
        if self._again:
            return
        self.ended_by_clock = schedule.cut and not self.over
        self._remark(listing)

    def _listing(self) -> Listing | None:
        if not self.about["enumerable"]:
            if self.about["source"] == "strategy":
                self.notes.append("the strategy's bounds are unknown: no enumeration of the smallest instances")
            return None
        return Listing(lambda start, count: self.job("list", "list", start, start=start, count=count), self.limit, self.deadline)

    def _absorb(self, job: Job, result: Result, lanes: Lanes) -> None:
        self.phase = job.arguments["phase"]
        self.tally.absorb(self.phase, result, lambda: self.reached)
        if result.get("exhausted") or (result.get("refused") and not result["records"]):
            lanes.closed.add(self.phase)
        lanes.absorbed(job)
        self.watch(self)

    def _leave_out(self, schedule: Schedule) -> None:
        # A claim that does not return is left out from here on, in whatever was already under way too.
        self._confirm()
        skip = self._without()
        if skip != self._skipped and not self._again:
            self._skipped = skip
            schedule.revise(self._skipping)

    def _skipping(self, job: Job | None) -> Job | None:
        # A job under another name, because its result is another one.
        if job is None or not self._skipped:
            return job
        return replace(job, name=f"{job.name.partition(' without ')[0]} without {self._skipped}", arguments=job.arguments | {"skip": self._skipped})

    def _remark(self, listing: Listing | None) -> None:
        tally, looked = self.tally, self.tally.looked.total()
        if listing is not None and listing.why:
            self.notes.append(f"the enumeration ended early: {listing.why}")
        if tally.refused and not looked and not tally.failures:
            self.notes.append(f"the strategy yielded nothing: {tally.refused:,} draws were refused by its filters")
        if self.patience_ended and not self.settled and not self.reached:
            self.notes.append(f"ended after {looked:,} instances looked at, with {tally.decided:,} of {self.settings.examples:,} decided")
        if self.whole and not self.settled:
            count = len(tally.enumerated)
            self.notes.append(f"ended because every instance of the strategy was tried: {count:,}" if count else "the strategy has no instance")
        elif tally.stale >= STALE and not self.settled:
            self.notes.append(f"ended because the last {tally.stale:,} instances were all seen before")

    @property
    def broken(self) -> bool:
        """Whether no claim gives verdicts."""
        return all(claim.broken or claim.unrepeatable for claim in self.tally.claims.values())

    @property
    def settled(self) -> bool:
        """Whether searching on would tell nothing new about any claim."""
        return all(claim.settled or claim.unrepeatable for claim in self.tally.claims.values())

    @property
    def enough(self) -> bool:
        """Whether every claim is settled and enough instances were seen for contrast (broken claims need none)."""
        claims, looked = self.tally.claims.values(), self.tally.looked.total()
        wanted = SIMULATED if self.about["simulated"] else CONTRAST
        if sum(len(claim.refuting) for claim in claims) < RARE and not self.about["simulated"]:
            wanted *= 4
        return self.broken or (self.settled and looked >= (wanted if self.settings.examples is None else min(wanted, self.settings.examples)))

    @property
    def reached(self) -> bool:
        """Whether the examples asked for are decided, or as many instances examined as were asked for."""
        if self.settings.distinct is not None and self.tally.examined >= self.settings.distinct:
            return True
        return self.settings.examples is not None and not self.settled and self.tally.decided >= self.settings.examples

    @property
    def patience_ended(self) -> bool:
        """Whether so many instances were looked at that the examples asked for will not be decided."""
        return self.settings.examples is not None and self.tally.looked.total() >= LOOKED * (self.settings.examples + 50)

    @property
    def over(self) -> bool:
        """Whether the search ends here. `whole` says that every instance there is was looked at."""
        return bool(self.tally.failures) or self.whole or self.enough or self.reached or self.patience_ended or self.tally.stale >= STALE

    def _without(self) -> list[str]:
        return [name for name, claim in self.tally.claims.items() if claim.endless or claim.unrepeatable]

    def _confirm(self) -> None:
        # A refutation counts when it repeats; one that does not makes everything the claim said worthless.
        for name, claim in self.tally.claims.items():
            for entry in claim.doubtful[:1]:
                claim.confirmed = self.repeats(name, entry["instance"], bool(claim.refuting))
                if not claim.confirmed:
                    claim.forget()
                    self._again = True

    def repeats(self, claim: str, instance: dict[str, Any], exact: bool) -> bool:
        """Whether a claim is refuted again on a written instance, in a fresh process (exact claims three times)."""
        job = self.job("confirm", "confirm", claim, claim=claim, instance=instance, exact=exact, times=TIMES if exact else 1)
        pool = LocalProcesses(Bench, 1, self.limit, self.memory)
        try:
            pool.submit(job)
            ((_, result),) = pool.finished()
        finally:
            pool.close()
        return bool(result.get("repeats"))

    def run(self, jobs: list[Job]) -> list[Result]:
        """Run further jobs (shrinking, assessments); these are not bound by the time budget."""
        return run_all(self.executor, self.journal, jobs)

    def withstands(self, names: tuple[str, ...], refuting: list[dict[str, Any]]) -> bool:
        """Whether no claim is refuted with assumptions added, on fresh draws and on instances around those that refuted one without."""
        draws, size, near = (1, SIMULATED, 2) if self.about["simulated"] else (4, 50, 10)
        phase, added = f"again with {' and '.join(names)}", {"adding": [*self.adding, *names]}
        fresh = [self.job("draw", phase, i, start=FRESH + i * size, count=size, keep=False, generated=bool(i % 2)) for i in range(draws)]
        parents = [{**entry, "score": [REJECTED, 0.0], "claim": self.about["claims"][0][0]} for entry in refuting[:near]]
        around = [self.job("steer", phase, f"near {i}", number=i, parents=[parent], count=size // 2) for i, parent in enumerate(parents)]
        jobs = iter([replace(job, arguments=job.arguments | added) for job in (*fresh, *around)])
        schedule = Schedule(self.executor, self.journal, monotonic() + AGAIN)
        for _, result in schedule.results(lambda: next(jobs, None)):
            found = [found for record in result.get("records", ()) for found in record["claims"].values()]
            if any(entry["outcome"] == "refuted" for entry in found):
                self.executor.discard()
                return False
        return True

    def shrunk(self, claim: ClaimTally) -> list[Result]:
        """Counterexamples to one claim shrunk from several starts, best result first."""
        phase = self.phase = f"shrink {claim.name}"
        exact = bool(claim.refuting)
        kept = [entry for entry in (claim.refuting or claim.observed) if entry["instance"] is not None]
        starts = _spread(kept, STARTS if exact else 1)
        budget = 25 if not exact else 150 if self.about["simulated"] else 1_000
        bounds = {"claim": claim.name, "exact": exact, "budget": budget, "seconds": SHRINKING}
        jobs = [self.job("shrink", phase, i, **bounds, choices=entry["choices"], **{"from": entry["instance"]}) for i, entry in enumerate(starts)]
        results = self.run(jobs)
        self.notes += [f"shrinking a counterexample to {claim.name} failed: {result['failed']}" for result in results if "failed" in result]
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


def frequency_bound(draws: int) -> float | None:
    """With no failure in so many independent draws: the failure frequency is below this with confidence 95 %.

    >>> round(frequency_bound(299), 4)
    0.01
    """
    bound = 1 - 0.05 ** (1 / draws) if draws else None
    return bound if bound is not None and isfinite(bound) else None
