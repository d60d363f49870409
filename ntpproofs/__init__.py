"""ntpproofs: a proof-checking toolkit for the theory of next-token prediction.

Targets are certified, assumptions decided, trajectories are evidence. Importing this package imports nothing third-party;
names resolve on first use.
"""

from typing import TYPE_CHECKING

from .lazy import lazy_exports

if TYPE_CHECKING:
    from .checking.laboratory import Laboratory
    from .checking.loop import check
    from .checking.registry import collect
    from .exact.balls import Interval
    from .exact.elementary import exp, log, sqrt
    from .language.relations import (
        All,
        AtMost,
        Bounded,
        Converges,
        Equal,
        Implies,
        Invariant,
        Less,
        Measured,
        Monotone,
        NotExercised,
        Rate,
        ValuePath,
    )
    from .language.statements import (
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
        clause,
        derived,
    )
    from .language.verdicts import Evidence, Outcome, Verdict
    from .limits.schemas import answer_schema
    from .logit.decomposition import decompose
    from .logit.margin import max_margin
    from .logit.problem import ConditionalLogit, Row
    from .logit.recession import separation
    from .papers.attention_ntp.problem import AttentionNTP
    from .papers.linear_ntp.problem import LinearNTP
    from .papers.mesa.problem import LinearAttentionAR
    from .papers.multi_concept.problem import MultiConcept
    from .papers.path_star.problem import PathStar

__version__ = "0.1.0"

_HOMES = {
    ".checking.laboratory": ("Laboratory",),
    ".checking.loop": ("check",),
    ".geometry": ("decompose", "max_margin", "separation"),
    ".problems": ("AttentionNTP", "ConditionalLogit", "LinearAttentionAR", "LinearNTP", "MultiConcept", "PathStar", "Row"),
    ".checking.registry": ("collect",),
    ".exact.balls": ("Interval",),
    ".exact.elementary": ("exp", "log", "sqrt"),
    ".language.relations": (
        "All", "AtMost", "Bounded", "Converges", "Equal", "Implies", "Invariant", "Less", "Measured", "Monotone", "NotExercised", "ValuePath",
        "Rate",
    ),
    ".language.statements": (
        "Assumption", "Case", "Conjecture", "Definition", "Erratum", "Lemma", "Proposition", "Source", "Theorem", "assumption", "cite",
        "clause", "derived",
    ),
    ".language.verdicts": ("Evidence", "Outcome", "Verdict"),
    ".limits.schemas": ("answer_schema",),
}  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, {name: home for home, names in _HOMES.items() for name in names})
__all__ = [name for names in _HOMES.values() for name in names]
