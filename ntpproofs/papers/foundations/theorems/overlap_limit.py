"""In the overlap class gradient descent converges to w* plus the untouched part of its start (foundations, G4 with S8)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, Equal
from ....language.statements import Case, Theorem, derived
from ....logit.assumptions import nothing_separable
from ._instances import golden, logits

theorem = Theorem(
    label="foundations.overlap-limit",
    title="With nothing separable the iterates converge",
    source=derived("G4 with S8"),
    text=r"If $u=0$ then $M=\{0\}$ and $w_k\to w^*+(I-P_T)w_0$, linearly.",
    uses=("foundations.finite-part-limit", "foundations.max-margin"),
    assumptions=(nothing_separable,),
    instances=logits(),
    examples=golden,
    simulate=lambda problem: GradientFlow(log_time=24.0, initial=start(problem.dimension))(problem),
)


def start(dimension: int) -> tuple[Fraction, ...]:
    """An initial point off every subspace."""
    return tuple(Fraction(1 + k % 3, 2) for k in range(dimension))


@theorem.claim(r"M = \{0\}")
def diverging_subspace_is_trivial(case: Case, excess: int = 0) -> Equal:
    """Every difference is tied, so the tied ones span everything that moves."""
    return Equal(case.derived.diverging.dimension + excess * case.derived.invariant.dimension, 0)


@theorem.claim(r"w(t)\to w^*+(I-P_T)w_0")
def iterates_converge(case: Case, keep_start: bool = True) -> Converges:
    """The whole iterate, from a start that has components everywhere."""
    w0 = start(case.problem.dimension)
    rest = tuple(x - y for x, y in zip(w0, case.derived.tied.project(w0)))
    target = np.array([float(x) + (float(y) if keep_start else 0.0) for x, y in zip(case.derived.finite_part.center, rest)])
    return Converges(case.trajectory.iterates, target)


@theorem.mutant(of=iterates_converge, latex=r"w(t)\to w^*\text{ from every }w_0")
def start_is_forgotten(case: Case) -> Converges:
    """The part of the start orthogonal to T never moves."""
    return iterates_converge(case, keep_start=False)


@theorem.mutant(of=diverging_subspace_is_trivial, latex=r"T = \mathbb R^D")
def everything_is_tied(case: Case) -> Equal:
    """Directions orthogonal to all differences are left over."""
    return diverging_subspace_is_trivial(case, excess=1)


@theorem.mutant(of=diverging_subspace_is_trivial, without=nothing_separable, latex=r"M=\{0\}\text{ always}")
def diverging_subspace_is_always_trivial(case: Case) -> Equal:
    """A separable pair spans a diverging direction."""
    return diverging_subspace_is_trivial(case)


@theorem.mutant(of=iterates_converge, without=nothing_separable, latex=r"\text{the iterates always converge}")
def iterates_always_converge(case: Case) -> Converges:
    """With separable pairs they diverge like u log t."""
    return iterates_converge(case)
