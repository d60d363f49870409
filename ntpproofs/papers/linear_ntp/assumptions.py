"""Assumptions on linear NTP datasets, each decided exactly; those on embeddings apply to attention NTP too (one row per token)."""

from __future__ import annotations

from ...exact.rational import dot
from ...language.statements import assumption
from ...language.verdicts import Evidence, Outcome, Verdict
from ...logit.finite_part import log_odds
from ...logit.recession import separation
from ..attention_ntp.problem import AttentionNTP
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


@assumption(r"\operatorname{rank} H = m", method="exact rank over the rationals")
def independent_embeddings(problem: LinearNTP | AttentionNTP) -> bool:
    """The embeddings (of contexts, or of tokens) are linearly independent."""
    return problem.one_hot or problem.embedding_rank == len(problem.embeddings)


@assumption(r"d \ge m", method="counting")
def wide_embeddings(problem: LinearNTP | AttentionNTP) -> bool:
    """The embedding dimension is at least the number of embeddings."""
    return problem.one_hot or problem.dimension >= len(problem.embeddings)


@assumption(r"h_i^\top h_j = 0\ (i \ne j),\ h_j \ne 0", method="exact inner products")
def orthogonal_embeddings(problem: LinearNTP | AttentionNTP) -> bool:
    """The embeddings are non-zero and pairwise orthogonal."""
    if problem.one_hot:
        return True
    gram = problem.gram
    return all((x != 0) == (i == k) for i, row in enumerate(gram) for k, x in enumerate(row))


@assumption(r"h_i \ne h_j\ (i \ne j)", method="comparing rows")
def distinct_embeddings(problem: LinearNTP | AttentionNTP) -> bool:
    """No two embeddings are equal."""
    return problem.one_hot or len(set(problem.embeddings)) == len(problem.embeddings)


@assumption(r"h_j \ne 0", method="comparing rows")
def nonzero_embeddings(problem: LinearNTP | AttentionNTP) -> bool:
    """No embedding vanishes."""
    return problem.one_hot or all(dot(h, h) > 0 for h in problem.embeddings)
