"""ntpproofs: a proof-checking toolkit for the theory of next-token prediction.

Targets are certified, assumptions decided, trajectories are evidence. Importing this package imports nothing third-party;
names resolve on first use.
"""

from typing import TYPE_CHECKING

from .lazy import lazy_exports

if TYPE_CHECKING:
    from .checking import Laboratory, check
    from .geometry import decompose, max_margin, separation
    from .problems import AttentionNTP, ConditionalLogit, LinearNTP, Row
    from .registry import collect
    from .relations import All, AtMost, Bounded, Converges, Equal, Implies, Invariant, Less, Measured, Monotone, Path, Rate
    from .statements import (
        Assumption,
        Case,
        Conjecture,
        Definition,
        Erratum,
        Lemma,
        Proposition,
        Source,
        Theorem,
        assumption,
        cite,
        derived,
    )
    from .verdicts import Evidence, Outcome, Verdict

__version__ = "0.1.0"

_HOMES = {
    ".checking": ("Laboratory", "check"),
    ".geometry": ("decompose", "max_margin", "separation"),
    ".problems": ("AttentionNTP", "ConditionalLogit", "LinearNTP", "Row"),
    ".registry": ("collect",),
    ".relations": ("All", "AtMost", "Bounded", "Converges", "Equal", "Implies", "Invariant", "Less", "Measured", "Monotone", "Path", "Rate"),
    ".statements": (
        "Assumption", "Case", "Conjecture", "Definition", "Erratum", "Lemma", "Proposition", "Source", "Theorem", "assumption", "cite", "derived",
    ),
    ".verdicts": ("Evidence", "Outcome", "Verdict"),
}  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, {name: home for home, names in _HOMES.items() for name in names})
__all__ = [name for names in _HOMES.values() for name in names]
