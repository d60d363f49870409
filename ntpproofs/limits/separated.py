"""Which observations are separated: rows, contexts or sequences with their tied and separable alternatives, equal ones together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, cast

from ..kernel.instances import Dataset
from ..language.answer_records import SeparatedRecord
from ..language.answers import Request
from ..language.naming import plainly
from ..language.views import Part, Sentence, Table

# Alternatives in the JSON, and rows and alternatives in the view.
LARGEST_LIST, SHOWN, NAMED = 1_000_000, 12, 6


@dataclass(frozen=True)
class Others:
    """The alternatives of a block that are not tied, by what they are called: of 50 000 tokens in as many contexts nobody keeps a list."""

    count: int
    tied: frozenset[int]
    name: Callable[[int], int]

    def __len__(self) -> int:
        return self.count - len(self.tied)

    def __contains__(self, alternative: object) -> bool:
        return any(alternative == other for other in self)

    def __iter__(self) -> Iterator[int]:
        return (self.name(v) for v in range(self.count) if v not in self.tied)


@dataclass(frozen=True)
class Separated:
    """Equal observations, by their numbers, with the alternatives that were chosen, those tied to them and those that can be separated."""

    observations: tuple[int, ...]
    chosen: tuple[int, ...]
    tied: tuple[int, ...]
    separable: Others

    def record(self, request: Request, full: bool) -> SeparatedRecord:
        """The entry of `separated` in the JSON; `names` where the file had some, ids left out (null) where there are too many."""
        names = [request.names[i] for i in self.observations if i in request.names]
        found: dict[str, Any] = {
            "observations": list(self.observations),
            **({"names": names} if names else {}),
            "chosen": list(self.chosen),
            "tied": list(self.tied),
            "separable": list(self.separable) if full else None,
            "separable_count": len(self.separable),
        }
        return cast(SeparatedRecord, found)


@dataclass(frozen=True)
class Separations:
    """Every group of equal observations with something separable, in their order; `count` is how many observations there are in all."""

    groups: tuple[Separated, ...]
    count: int
    unit: str

    def record(self, request: Request) -> list[SeparatedRecord]:
        """The value of the JSON key `separated`."""
        full = sum(len(group.separable) for group in self.groups) <= LARGEST_LIST
        return [group.record(request, full) for group in self.groups]

    def parts(self, request: Request) -> list[Part]:
        """A table of the groups."""
        if not self.groups:
            return [Sentence(f"no {self.unit} is separated", faint=True)]
        shown = self.groups if request.everything else self.groups[:SHOWN]
        rows = tuple((self._who(g, request), *(_words(ids, request.tokens) for ids in (g.chosen, g.tied, g.separable))) for g in shown)
        several = sum(len(group.observations) for group in self.groups)
        title = f"separated {self.unit}s: {several:,} of {self.count:,}"
        found: list[Part] = [Table(title, (self.unit, "chosen", "tied with it", "separable from it"), rows)]
        if len(shown) < len(self.groups):
            found.append(Sentence(f"the first {len(shown)} of {len(self.groups):,} different ones; --all shows every one", faint=True))
        return found

    def _who(self, group: Separated, request: Request) -> str:
        ids = [f"{i}" + (f" {request.names[i]!r}" if i in request.names else "") for i in group.observations[:NAMED]]
        return ", ".join(ids) + (f" and {len(group.observations) - NAMED:,} equal ones" if len(group.observations) > NAMED else "")


def _words(ids: Collection[int], names: Sequence[str]) -> str:
    said = [plainly(names[i]) if i < len(names) else str(i) for i in islice(ids, NAMED)]
    return ", ".join(said) + (f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else "") if ids else "none"


def separations(data: Dataset, tied_sets: Sequence[frozenset[int]], unit: str, token: Callable[[int, int], int]) -> Separations:
    """Group the blocks of a dataset; `token(b, v)` is what alternative v of block b is called."""
    groups: dict[Any, list[int]] = {}
    for b, block in enumerate(data.blocks):
        if len(tied_sets[b]) < len(block.alternatives):
            groups.setdefault(_content(data, b, token), []).append(b)
    return Separations(tuple(_group(data, tied_sets, blocks, token) for blocks in groups.values()), len(data.blocks), unit)


def _group(data: Dataset, tied_sets: Sequence[frozenset[int]], blocks: list[int], token: Callable[[int, int], int]) -> Separated:
    first = blocks[0]
    block, tied = data.blocks[first], tied_sets[first]
    chosen, level = (tuple(token(first, v) for v in sorted(ids)) for ids in (block.labels, tied - block.labels.keys()))
    return Separated(tuple(blocks), chosen, level, Others(len(block.alternatives), frozenset(tied), partial(token, first)))


def _content(data: Dataset, b: int, token: Callable[[int, int], int]) -> Any:
    # Two blocks with equal content are separated alike: same alternatives by features and name, labels, right factor; weights do not matter.
    block, left = data.blocks[b], data.left
    right: Any = block.right if data.right is None else data.right[block.right]
    if left is None:
        return right, block.alternatives, frozenset(block.labels)
    return right, tuple((token(b, v), left[k]) for v, k in enumerate(block.alternatives)), frozenset(block.labels)
