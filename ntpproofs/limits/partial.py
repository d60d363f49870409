"""What is known of a problem whose answer is not finished: bounds that every problem has, and what has been decided on the way."""

from __future__ import annotations

from typing import Any

from flint import arb, ctx

from ..exact.balls import PRECISION, exact_arb, interval, mean_entropy
from ..exact.rational import written
from ..language.views import Facts, Sentence, View
from ..logit.problem import ConditionalLogit
from ..logit.protocols import Reducible
from .answer import Question, answers_by_logit
from .exact_answer import upward

LARGEST_SUM = 5_000_000  # terms of the bounds


def known(question: Question) -> dict[str, Any]:
    """Facts as JSON: sizes, bounds of the infimum (entropy of the labels, loss of W = 0), the separation class and |u|^2 once they are decided.

    >>> from ntpproofs.limits.answer import question
    >>> from ntpproofs.checking.kinds import kind_of
    >>> from ntpproofs.language.kinds import Loaded
    >>> problem = ConditionalLogit([(1, 0, [["1"], ["0"]])])
    >>> known(question(kind_of(problem), Loaded(problem), {}))["infimum"]["lower"]
    0.0
    """
    if not isinstance(question.problem, Reducible) or not answers_by_logit(question.kind, question.problem):
        return {}
    logit = question.problem.conditional_logit()
    found: dict[str, Any] = {"sizes": sizes(logit), "separation": None, "infimum": None, "max_margin": None}
    if found["sizes"]["alternatives"] <= LARGEST_SUM:
        # Asked for several times a second while a run is watched.
        found["infimum"] = logit.remember("bounds of the infimum", lambda: _bounds(logit))
    decided = logit.memo.get("separation")
    if decided is not None:
        found["separation"] = {"class": decided.kind}
    best = logit.memo.get("max margin")
    if best is not None:
        found["max_margin"] = {"squared_norm": written(best.squared_norm)}
    return found


def sizes(logit: ConditionalLogit) -> dict[str, int]:
    """How large a problem is: rows (contexts, sequences), alternatives in all of them, parameters."""
    blocks = logit.data.blocks
    return {"rows": len(blocks), "alternatives": sum(len(block.alternatives) for block in blocks), "parameters": logit.dimension}


def _bounds(logit: ConditionalLogit) -> dict[str, float]:
    with ctx.workprec(PRECISION):
        most = arb(0)
        for block in logit.data.blocks:
            counts = block.multiplicities
            whole = exact_arb(sum(counts) if counts else len(block.alternatives)).log()
            chosen = sum((exact_arb(share) * exact_arb(counts[v]).log() for v, share in block.labels.items()), arb(0)) if counts else arb(0)
            most += exact_arb(block.weight) * (whole - chosen)
        least = mean_entropy((block.weight, block.labels.values()) for block in logit.data.blocks)
        return {"lower": max(0.0, -upward(-least.lower)), "upper": upward(interval(most).upper)}


def known_view(kind: str, facts: dict[str, Any], ended: str) -> View:
    """The same for people."""
    rows: list[tuple[str, str]] = []
    if facts:
        rows += [(name, f"{count:,}") for name, count in facts["sizes"].items()]
        rows.append(("separation class", facts["separation"]["class"] if facts["separation"] else "not decided yet"))
        bounds = facts["infimum"]
        rows += [("infimum of the loss", f"between {bounds['lower']:.9g} and {bounds['upper']:.9g} nats")] if bounds else []
        margin = facts["max_margin"]
        rows.append(("max-margin direction", f"squared norm {margin['squared_norm'][:40]}" if margin else "not decided yet"))
    return View(f"{kind}: {ended}; known so far", (Facts(tuple(rows)), Sentence("what is not shown is not known; give it more time", faint=True)))
