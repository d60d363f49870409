"""Decided assumptions of multi-concept statements."""

from __future__ import annotations

from ...language.statements import assumption
from ...language.verdicts import Outcome
from .forecast import forecast
from .problem import MultiConcept


@assumption(r"\lambda>0")
def regularised(problem: MultiConcept) -> bool:
    """There is regularisation: exact."""
    return problem.regularisation > 0


@assumption(r"p=0")
def clean_labels(problem: MultiConcept) -> bool:
    """No label is flipped: exact."""
    return problem.flips == 0


@assumption(r"\lambda\le\lambda_c")
def below_threshold(problem: MultiConcept) -> Outcome:
    """The regularisation is below the largest value with a learned rest state: enclosed saddle-node."""
    bound = forecast(problem).threshold
    if problem.regularisation <= bound.lower:
        return Outcome.HOLDS
    return Outcome.FAILS if problem.regularisation > bound.upper else Outcome.UNDECIDED


@assumption(r"C\ge D")
def gates_slide(problem: MultiConcept) -> bool:
    """C >= D, so that the state slides at every attention: exact."""
    return problem.c >= problem.d


ALL = (regularised, clean_labels, below_threshold, gates_slide)
