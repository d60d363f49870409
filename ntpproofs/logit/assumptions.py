"""Assumptions on any problem that reduces to a conditional logit, each decided exactly."""

from __future__ import annotations

from ..language.statements import assumption
from .margin import max_margin
from .protocols import Reduces
from .recession import separation


@assumption(r"u \ne 0", method="Goldman-Tucker partition of the recession cone, certified")
def something_separable(problem: Reduces) -> bool:
    """Some pair is separable: the max-margin direction is not zero and the infimum is not attained."""
    return bool(separation(problem).separable)


@assumption(r"u = 0", method="Goldman-Tucker partition of the recession cone, certified")
def nothing_separable(problem: Reduces) -> bool:
    """Every pair is tied (overlap): the infimum is attained."""
    return not separation(problem).separable


@assumption(r"\text{only label pairs are tied}", method="Goldman-Tucker partition of the recession cone, certified")
def completely_separable(problem: Reduces) -> bool:
    """Complete separation: the tied subspace is trivial."""
    return separation(problem).kind == "complete"


@assumption(r"\exists\,\lambda > 0 \text{ on the support}", method="second-level Goldman-Tucker partition on the support")
def strictly_complementary(problem: Reduces) -> bool:
    """Some multiplier of the max-margin programme is positive on its whole support: no pair is weak."""
    return max_margin(problem).strictly_complementary


@assumption(r"\lambda \text{ unique}", method="exact rank of the projected strong support")
def unique_multipliers(problem: Reduces) -> bool:
    """The multipliers of the max-margin programme are unique once equal constraints are merged."""
    return max_margin(problem).unique_multipliers


LOGIT_ASSUMPTIONS = (completely_separable, nothing_separable, something_separable, strictly_complementary, unique_multipliers)
