"""Assumptions on linear NTP datasets, each decided exactly; those on embeddings apply to every model that has some."""

from __future__ import annotations

from ...language.statements import assumption
from ...language.verdicts import Evidence, Outcome, Verdict
from ...logit.embedding_assumptions import (
    distinct_embeddings,
    independent_embeddings,
    nonzero_embeddings,
    orthogonal_embeddings,
    wide_embeddings,
)
from ...logit.finite_part import log_odds
from ...logit.recession import separation
from .problem import LinearNTP


def is_ntp_separable(problem: LinearNTP) -> bool:
    """Whether the tied sets of the recession cone are exactly the supports (A-Def2 of 2402.18551)."""
    if problem.one_hot:
        return True
    return all(tied == support for tied, support in zip(separation(problem).tied_sets, problem.supports))


@assumption(r"\text{$\mathrm{NTP}_H$-compatible}", method="rational solvability of the log-odds system over a coprime base")
def ntp_compatible(problem: LinearNTP) -> Verdict:
    """Some decoder meets every in-support log-odds exactly (A-Def1)."""
    if problem.one_hot or log_odds(problem).compatible:
        return Verdict(Outcome.HOLDS, Evidence.CERTIFIED)
    return Verdict(Outcome.FAILS, Evidence.CERTIFIED, detail="an integer relation between the generators is broken by the log-odds")


@assumption(r"\text{NTP-separable}", method="Goldman-Tucker partition of the recession cone, certified")
def ntp_separable(problem: LinearNTP) -> Verdict:
    """Some decoder ties the support of every context and ranks all other tokens strictly below (A-Def2)."""
    if is_ntp_separable(problem):
        return Verdict(Outcome.HOLDS, Evidence.CERTIFIED)
    pairs = enumerate(zip(separation(problem).tied_sets, problem.supports))
    j, token = next((j, min(tied - support)) for j, (tied, support) in pairs if tied != support)
    return Verdict(Outcome.FAILS, Evidence.CERTIFIED, detail=f"token {token} is tied in context {j} although it is off the support")


@assumption(r"\exists j:\ |S_j| < V", method="counting supports")
def some_partial_support(problem: LinearNTP) -> bool:
    """At least one context does not see the whole vocabulary (the paper's standing implicit assumption)."""
    return any(len(support) < problem.vocabulary_size for support in problem.supports)


@assumption(r"|S_j| = 1\ \forall j", method="counting supports")
def single_token_supports(problem: LinearNTP) -> bool:
    """Every context has one next token only."""
    return all(len(support) == 1 for support in problem.supports)


@assumption(r"S_1 = \dots = S_m", method="comparing supports")
def equal_supports(problem: LinearNTP) -> bool:
    """All contexts have the same support."""
    return len(set(problem.supports)) == 1


@assumption(r"V = 2", method="counting tokens")
def binary_vocabulary(problem: LinearNTP) -> bool:
    """The vocabulary has two tokens."""
    return problem.vocabulary_size == 2


__all__ = [
    "binary_vocabulary", "distinct_embeddings", "equal_supports", "independent_embeddings", "is_ntp_separable", "nonzero_embeddings",
    "ntp_compatible", "ntp_separable", "orthogonal_embeddings", "single_token_supports", "some_partial_support", "wide_embeddings",
]  # fmt: skip
