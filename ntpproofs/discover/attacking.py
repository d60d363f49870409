"""An attack: the bounds of a round written as a conjecture file and given to the campaign of `check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Protocol

from ..checking.invariants import discovery_of
from ..language.files import write_atomically
from ..language.forms import Bound
from ..language.kinds import Kind
from ..language.verdicts import Outcome
from ..search.campaign import Campaign
from ..search.files import Options, check_file
from .conjecture_file import claim_name, conjecture_file

FILE = "bounds.py"


class Asked(Protocol):
    """What an attack needs to know of a plan."""

    @property
    def seed(self) -> int:
        """Seed of the draws."""

    @property
    def workers(self) -> int:
        """Processes."""

    @property
    def save(self) -> Path | None:
        """Where journals are kept."""


@dataclass(frozen=True)
class Attack:
    """What a campaign said: refuted bounds with their instances; for the others the instances decided and the verdict in words.

    `examined` counts the distinct instances looked at; `complete` says that the clock did not end it.
    """

    refuted: tuple[tuple[Bound, Any], ...]
    decided: dict[Bound, int]
    verdicts: dict[Bound, str]
    examined: int
    complete: bool


def attack(
    kind: Kind[Any],
    plan: Asked,
    bounds: Sequence[tuple[str, Bound]],
    number: int,
    examples: int,
    deadline: float,
    watch: Callable[[str], None] = lambda doing: None,
) -> Attack:
    """Run the campaign of `check` against all bounds together, on this many different instances or until the deadline.

    The invariants of an instance are computed once for all bounds.
    """
    symbols = {entry.name: entry.latex for entry in discovery_of(kind).invariants}

    def say(campaign: Campaign) -> None:
        watch(f"round {number}: {sum(campaign.tally.looked.values()):,} instances against {len(bounds)} bounds, {examples:,} wanted")

    text = conjecture_file(kind.name, kind.area, f"Round {number}", FILE, bounds, symbols)
    with _place(plan.save, f"round-{number}-{sha256(text.encode()).hexdigest()[:8]}-{examples}") as directory:
        path = directory / FILE
        write_atomically(path, text)
        save = None if plan.save is None else directory / "campaign"
        budget = max(1.0, deadline - monotonic())
        options = Options(None, budget, plan.seed, plan.workers, save=save, explain=False, distinct=examples)
        (finding,) = check_file(path, options, watch=say)
    refuted, decided, verdicts = list[tuple[Bound, Any]](), dict[Bound, int](), dict[Bound, str]()
    by_name = {claim.name: claim for claim in finding.claims}
    for place, (target, bound) in enumerate(bounds, 1):
        claim = by_name[claim_name(place, target)]
        if claim.verdict.outcome is Outcome.REFUTED:
            refuted.append((bound, None if claim.counterexample is None else claim.counterexample.instance))
        else:
            decided[bound] = int(claim.instances.get("satisfied", 0))
            verdicts[bound] = claim.verdict.outcome.value
    return Attack(tuple(refuted), decided, verdicts, sum(finding.phases.values()), not finding.ended_by_clock)


@contextmanager
def _place(save: Path | None, name: str) -> Iterator[Path]:
    if save is not None:
        directory = save / name
        directory.mkdir(parents=True, exist_ok=True)
        yield directory
        return
    with TemporaryDirectory(prefix="ntpproofs-discover-") as temporary:
        yield Path(temporary)
