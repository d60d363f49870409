"""Assumptions on the law of the first token, on the start and on the length, all decided exactly."""

from __future__ import annotations

from ...language.statements import assumption
from .predictions import in_slice
from .problem import LinearAttentionAR
from .slice import constants, criterion


@assumption(r"u \sim Du\text{ for every diagonal sign matrix }D", method="atoms: equal masses under each flip; named laws: by their form")
def sign_symmetric(problem: LinearAttentionAR) -> bool:
    """S: the law is invariant under flipping signs of coordinates."""
    return problem.law.sign_symmetric


@assumption(r"u \sim \Pi u\text{ for every permutation }\Pi", method="atoms: equal masses under each swap; named laws: equal parameters")
def exchangeable(problem: LinearAttentionAR) -> bool:
    """X: the law is invariant under permuting coordinates."""
    return problem.law.exchangeable


@assumption(r"\text{the criterion for the invariance of the diagonal slice}", method="coefficients of the gradient off the slice")
def slice_invariant(problem: LinearAttentionAR) -> bool:
    """Training from every diagonal start stays in the slice (masked: from every diagonal start, its diagonal stays constant)."""
    return in_slice(problem)


@assumption(r"\text{the gradient off the diagonal vanishes on the slice}", method="coefficients of the gradient off the slice")
def stays_diagonal(problem: LinearAttentionAR) -> bool:
    """The off-diagonal part of the criterion."""
    return criterion(problem.law, problem.length).diagonal


@assumption(r"\text{the diagonal gradients do not depend on the coordinate}", method="exact moments")
def uniform_diagonal(problem: LinearAttentionAR) -> bool:
    """The diagonal part of the criterion: one equation for all coordinates, rows and columns alike."""
    return criterion(problem.law, problem.length).uniform


@assumption(r"a_0+b_0\ne0", method="the two rationals")
def escapes_saddle(problem: LinearAttentionAR) -> bool:
    """The start is not on the line that flows into the saddle."""
    return problem.start.escapes


@assumption(r"|a_0|=|b_0|", method="the two rationals")
def balanced(problem: LinearAttentionAR) -> bool:
    """a_0^2 = b_0^2."""
    return problem.start.delta == 0


@assumption(r"u\in\mathbb R^d", method="the form of the law")
def real_token(problem: LinearAttentionAR) -> bool:
    """The first token is real."""
    return problem.law.real


@assumption(r"k_3=0", method="exact moments")
def one_coordinate_at_a_time(problem: LinearAttentionAR) -> bool:
    """At most one coordinate of the first token is not zero: k3 vanishes."""
    return not any(constants(problem.law).rows)


@assumption(r"u\sim N(0,\sigma^2I_d)", method="the name of the law")
def isotropic_gaussian(problem: LinearAttentionAR) -> bool:
    """The first token is a centred Gaussian with equal variances."""
    record = problem.law.record()
    return record.get("name") == "gaussian" and problem.law.exchangeable


@assumption(r"u=\mathbf 1_d", method="the name of the law or its atom")
def all_ones(problem: LinearAttentionAR) -> bool:
    """The first token is the constant vector of ones."""
    record = problem.law.record()
    return record.get("name") == "ones" or (record.get("atoms") == [["1"] * problem.dimension])


@assumption(r"d\ge2", method="the dimension")
def several_coordinates(problem: LinearAttentionAR) -> bool:
    """There are at least two coordinates."""
    return problem.dimension >= 2


@assumption(r"\text{off-diagonal gradients are masked}", method="the field `masked`")
def masked_training(problem: LinearAttentionAR) -> bool:
    """Training sets the off-diagonal gradients of the two live blocks to zero."""
    return problem.masked


@assumption(r"\text{gradients are not masked}", method="the field `masked`")
def plain_training(problem: LinearAttentionAR) -> bool:
    """Training uses the whole gradient."""
    return not problem.masked
