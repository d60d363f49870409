"""The combinatorial type of an instance: what stays when its numbers move a little.

Separation class, dimensions, the numbers of tied, separable, support and weak pairs, the depth of the cascade, and what its kind
reads off the data (supports, graphs, ranks). Random draws meet the common types again and again; a search that spends where a type
is new reaches the rare ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ..checking.kinds import kind_of
from ..errors import NtpproofsError
from ..logit.decomposition import decompose
from ..logit.protocols import Reduces, reduces
from .moves import counts

# Entries of a list of one's own that enter its type.
ENTRIES = 8


def type_of(problem: object) -> str:
    """A short digest of the type; instances of equal type have equal digests.

    >>> from ntpproofs.problems import LinearNTP
    >>> doubled, other = LinearNTP([[2]], [["1/3", "2/3", 0]]), LinearNTP([[1]], [[1, 0, 0]])
    >>> type_of(LinearNTP([[1]], [["1/2", "1/2", 0]])) == type_of(doubled) != type_of(other)
    True
    """
    kind = kind_of(problem)
    if kind is None:
        seen = outline(problem)
    else:
        own = tuple(sorted(counts(problem).items())) if kind.outline is None else kind.outline(problem)
        seen = (kind.name, own, *(geometry(problem) if reduces(problem) else ()))
    return sha256(repr(seen).encode("utf-8", "replace")).hexdigest()[:12]


def geometry(problem: Reduces) -> tuple[Any, ...]:
    """Separation class, dimensions of the tied and diverging subspaces, and active and strong pairs of every level of the cascade.

    >>> from ntpproofs.problems import ConditionalLogit
    >>> geometry(ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])]))
    ('complete', 0, 2, ((2, 1), (1, 1)))
    """
    try:
        parts = decompose(problem)
        levels = tuple((len(level.active), len(level.strong)) for level in parts.max_margin.levels)
        return parts.separation.kind, parts.tied.dimension, parts.diverging.dimension, levels
    except NtpproofsError:  # beyond the size of the exact route
        return ("unknown",)


def outline(value: Any, depth: int = 3) -> tuple[Any, ...]:
    """The type of an object of one's own: classes, lengths, signs, and which entries of a list are larger than which.

    >>> outline([3, 1, 3]) == outline([5, 2, 5]) != outline([1, 3, 3])
    True
    """
    name = type(value).__name__
    if isinstance(value, (bool, str, bytes)) or value is None:
        return name, len(value) if isinstance(value, (str, bytes)) else value
    if isinstance(value, (int, float)):
        return name, (value > 0) - (value < 0), min(abs(int(value)).bit_length(), 8) if value == value and abs(value) < 2**64 else 9
    if isinstance(value, (list, tuple)):
        return name, len(value), _pattern(value) if depth else ()
    if isinstance(value, (set, frozenset, dict)):
        return name, len(value)
    parts = getattr(value, "__dict__", None)
    return (name, *((key, outline(part, depth - 1)) for key, part in sorted(parts.items()))) if parts and depth else (name,)


def _pattern(values: Sequence[Any]) -> tuple[Any, ...]:
    first = values[:ENTRIES]
    if all(isinstance(x, (int, float)) for x in first):
        ranks = sorted(set(first))
        return tuple((ranks.index(x), x == 0) for x in first)
    return tuple(outline(x, 1) for x in first)


@dataclass
class Types:
    """How often each type was seen, and how their number grew: (instances, types) at every doubling of the instances."""

    seen: Counter[str] = field(default_factory=Counter)
    growth: list[tuple[int, int]] = field(default_factory=list)
    looked: int = 0

    def absorb(self, kind: str) -> None:
        """Count an instance of a type."""
        self.seen[kind] += 1
        self.looked += 1
        if self.looked >= 100 and self.looked & (self.looked - 1) == 0:
            self.growth.append((self.looked, len(self.seen)))

    @property
    def once(self) -> int:
        """Types seen once: their share of the instances estimates the chance that the next one is of a new type (Good and Turing).

        >>> types = Types()
        >>> for kind in "aab":
        ...     types.absorb(kind)
        >>> types.once, len(types.seen)
        (1, 2)
        """
        return sum(count == 1 for count in self.seen.values())


__all__ = ["Types", "geometry", "outline", "type_of"]
