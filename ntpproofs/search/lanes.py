"""The lanes of a search take turns: of ten instances three are enumerated, four drawn, three steered, until time or examples end.

Jobs are formed in rounds. A round is formed when the one before the last has been absorbed, so what it asks is a function of absorbed
results, and while it is absorbed the next one is under way. Where a lane has nothing to offer its turns go to the draws.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..checking.processes import Job
from .elites import NEAR, TIGHT, Elite
from .listing import Listing
from .tally import Tally

# Turns out of ten.
WEIGHTS = {"enumeration": 3, "random": 4, "steered": 3}
# Instances per job: few at first, so that a verdict comes soon; where each costs a simulation, few always.
SIZES, SIMULATED = (20, 20, 50, 50, 100), 4
LARGEST = 200
# Jobs per round, which grow with the search: enough for many workers, few enough to steer by.
FIRST, LATER, MOST = 4, 10, 80
# Instances that travel for contrast: those of the first jobs of a lane.
CONTRAST = 200
# Walks per steered job, and the share of them that starts from the instances nearest to a violation instead of rare types.
PARENTS, NEAREST = 5, 2
# Draws other than independent ones.
SHAPED = ("generated", "habits")
# Every so many steered jobs, one solves for embeddings within a type.
PROGRAMME = 6

MakeJob = Callable[..., Job]


@dataclass
class Lanes:
    """Forms the jobs of one campaign. `job(task, lane, number, **arguments)` makes one."""

    about: dict[str, Any]
    tally: Tally
    job: MakeJob
    listing: Listing | None
    corpus: list[dict[str, Any]] = field(default_factory=list)
    examples: int | None = None
    allotted: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    closed: set[str] = field(default_factory=set)
    _queue: deque[Job] = field(default_factory=deque)
    _left: dict[int, int] = field(default_factory=dict)
    _round_of: dict[str, int] = field(default_factory=dict)
    _formed: int = 0

    def next(self) -> Job | None:
        """The next job; None where none is to be had before another result is absorbed."""
        while self._formed < 2:
            self._form()
        return self._queue.popleft() if self._queue else None

    def absorbed(self, job: Job) -> None:
        """Take note that the result of a job has been absorbed."""
        number = self._round_of.pop(job.arguments["turn"])
        self._left[number] -= 1
        if not self._left[number]:
            del self._left[number]
            self._form()

    def _form(self) -> None:
        number, self._formed = self._formed, self._formed + 1
        jobs = list(self._jobs(number))
        for job in jobs:
            self._round_of[job.arguments["turn"]] = number
        if jobs:
            self._left[number] = len(jobs)
            self._queue += jobs

    def _jobs(self, number: int) -> Iterator[Job]:
        if number == 0:
            yield self._made("examples", "examples")
            if self.corpus:
                yield self._made("given", "corpus", instances=self.corpus, keep=True)
        if self.about["source"] == "none":
            return
        for _ in range(FIRST if number < 2 else min(LATER * (1 + number // 8), MOST)):
            lane = self._turn(number)
            job = None if lane is None else self._offer(lane)
            if job is None:
                return
            yield job

    def _turn(self, number: int) -> str | None:
        if self.about["source"] == "list":
            return None if "listed" in self.closed else "listed"
        open_ = [lane for lane in WEIGHTS if lane not in self.closed and (lane != "steered" or number >= 2)]
        return min(open_, key=lambda lane: (self.allotted[lane] / WEIGHTS[lane], lane), default=None)

    def _offer(self, lane: str) -> Job | None:
        size = self._size(lane)
        if lane == "steered":
            found = self._steered(size)
        elif lane == "enumeration":
            found = self._enumerated(size)
        elif lane == "listed":
            found = self._made("listed", lane, start=self.allotted[lane], count=size, keep=self.allotted[lane] < CONTRAST)
        else:
            found = self._drawn(size)
        if found is None:  # nothing to offer in this turn; the others go on
            self.allotted[lane] += size
            return self._drawn(size) if "random" not in self.closed else None
        self.allotted[lane] += size
        return found

    def _drawn(self, size: int) -> Job:
        # Every other job of draws is shaped: it meets the assumptions by construction, where that is possible, or it has habits. Only the
        # others are independent draws of the strategy as it stands.
        number, self.numbers["random"] = self.numbers["random"], self.numbers["random"] + 1
        shaped = [lane for lane in SHAPED if self.about[lane] and lane not in self.closed]
        lane = shaped[number // 2 % len(shaped)] if number % 2 and shaped else "random"
        start = self.allotted["drawn as " + lane]
        self.allotted["drawn as " + lane] += size
        made = self.about["generated"] and "generated" not in self.closed and lane in SHAPED
        place = start + 10**12 * (1 + SHAPED.index(lane) if lane in SHAPED else 0)
        return self._made("draw", lane, start=place, count=size, keep=start < CONTRAST, generated=made, habits=lane == "habits")

    def _enumerated(self, size: int) -> Job | None:
        found = None if self.listing is None else self.listing.next(size)
        if found is None:
            self.closed.add("enumeration")
            return None
        start, instances = found
        return self._made("given", "enumeration", start=start, instances=instances, keep=start < CONTRAST, listed=True)

    def _steered(self, size: int) -> Job | None:
        if self.about["kinds"] and not self.about["simulated"] and self.numbers["steered"] % PROGRAMME == PROGRAMME - 1:
            return self._programme()
        count = max(size // PARENTS, 2)
        # Jobs of rare types and of near misses take turns: what a walk is after is one thing.
        nearest = self.numbers["steered"] % PARENTS < NEAREST
        parents = [self._parent(claim, elite) for claim, elite in self._chosen(nearest)]
        number, self.numbers["steered"] = self.numbers["steered"], self.numbers["steered"] + 1
        return self._made("steer", "walk" if nearest else "steered", number=number, parents=parents, count=count) if parents else None

    def _programme(self) -> Job | None:
        number, self.numbers["steered"] = self.numbers["steered"], self.numbers["steered"] + 1
        parents = [self._parent(claim, elite) for claim, elite in self._chosen(number // PROGRAMME % 2 == 0)]
        return self._made("solve", "programme", number=number, parents=parents) if parents else None

    def _chosen(self, nearest: bool) -> list[tuple[str, Elite]]:
        claims = [name for name, claim in self.tally.claims.items() if not claim.settled and not claim.endless and not claim.unrepeatable]
        elites, seen = self.tally.elites, self.tally.types.seen
        touching = {name: self.tally.claims[name].touching for name in claims}
        order = {name: elites.near(name, touching[name]) if nearest else elites.rare(name, seen) for name in claims}
        ranked = {name: [*order[name]] or [*elites.rare("", seen)] for name in claims}
        able = {name: [*islice(filter(self._able, found), PARENTS)] for name, found in ranked.items()}
        pairs = [(name, found[i]) for i in range(PARENTS) for name, found in able.items() if i < len(found)]
        return pairs[:PARENTS]

    def _able(self, elite: Elite) -> bool:
        return elite.entry.get("instance") is not None and (bool(self.about["kinds"]) or "choices" in elite.entry)

    def _parent(self, claim: str, elite: Elite) -> dict[str, Any]:
        elite.expanded += 1
        touching = self.tally.claims[claim].touching
        score = (NEAR, 0.0) if touching and elite.score[0] == TIGHT else elite.score
        return {**elite.entry["instance"], "choices": elite.entry.get("choices"), "score": list(score), "claim": claim, "touching": touching}

    def _size(self, lane: str) -> int:
        if self.about["simulated"]:
            return SIMULATED
        number = self.numbers["size of " + lane]
        self.numbers["size of " + lane] += 1
        size = SIZES[number] if number < len(SIZES) else min(LARGEST, 100 + 10 * (number - len(SIZES)))
        return size if self.examples is None else min(size, max(10, self.examples // 10))

    def _made(self, task: str, lane: str, **arguments: Any) -> Job:
        self.numbers["turns"] += 1
        return self.job(task, lane, self.numbers["turns"], turn=str(self.numbers["turns"]), **arguments)
