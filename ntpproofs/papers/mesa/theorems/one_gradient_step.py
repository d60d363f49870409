"""Whatever the law, the trained model is one step of preconditioned gradient descent on the least-squares loss of its context.

By uniqueness of solutions the flow stays where the gradients of the other blocks vanish, so they stay zero (block reduction). What is left
of the prediction is yhat_t = B S_t A x_t with S_t = (1/(t-1)) sum_{i<t} x_{i+1} x_i^*, and - sum_{i<t} x_{i+1} x_i^* is the gradient at 0 of the
loss (1/2) sum_{i<t} |x_{i+1} - W x_i|^2. In the slice B = bI, A = aI the step is vanilla, with the step size ab/(t-1): a constant step ab on
the mean loss.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, Equal
from ....language.statements import Case, Theorem, cite
from ....language.statements import clause as says
from ..characters import Characters
from ..model import applied, embedded, scalar_matrix
from ..model import product as times
from ..steps import least_squares_gradient
from ._instances import golden, short
from ._points import SLICE, live, sequences

theorem = Theorem(
    label="mesa.one-gradient-step",
    title="The trained model performs one step of gradient descent in context",
    source=cite("zheng2024", "Corollary 4.1 (recalled; the identity is derived here)"),
    setup=r"Train from $P=(b_0I,0)$, $Q_{21}=a_0I$, all else zero; $L_t(W)=\tfrac12\sum_{i<t}\|x_{i+1}-Wx_i\|^2$.",
    clauses=(
        says(
            r"All other blocks stay zero, for any law.",
            by=("mesa.block-reduction",),
            argued="docstring: uniqueness of solutions of the flow",
        ),
        says(
            r"Then $\hat y_t=-\tfrac1{t-1}B\,\nabla L_t(0)\,A\,x_t$: one step from zero, preconditioned by $B$ and $A$.",
            argued="docstring: the definition of the prediction",
            claims=("prediction_is_a_preconditioned_step",),
        ),
        says(
            r"In the diagonal slice it is the plain step with step size $\eta_t=ab/(t-1)$, and no step size that does not depend on $t$.",
            argued="docstring: the definition of the prediction",
            claims=("plain_step_on_the_slice",),
        ),
    ),
    instances=short,
    examples=[p for p in golden if p.dimension * p.length <= 12],
)


def same(left: list[Characters], right: list[Characters]) -> Equal:
    """Two vectors of characters have the same coefficients."""
    return Equal(tuple(x.terms for x in left), tuple(x.terms for x in right))


@theorem.claim(r"\hat y_t=\tfrac1{t-1}B\sum_ix_{i+1}x_i^*Ax_t")
def prediction_is_a_preconditioned_step(case: Case, preconditioned: bool = True) -> Equal:
    """Both sides multiplied out as characters, at the last position."""
    s, (left, right) = sequences(case.problem), live(case.problem)
    t, d = case.problem.length - 1, case.problem.dimension
    p, q = embedded(left, right)
    prediction = times(p, applied(s.statistic(t), times(q, s.embedding(t))))
    inner = times(right, s.token(t)) if preconditioned else s.token(t)
    step = applied([[x.scaled(-1 / s.normalisation(t)) for x in row] for row in least_squares_gradient(s, t)], inner)
    claimed = times(left, step)
    return same(prediction[:d], claimed)


@theorem.claim(r"\hat y_t=-\tfrac{ab}{t-1}\nabla L_t(0)\,x_t")
def plain_step_on_the_slice(case: Case, constant: bool = False) -> All:
    """At every position, for three pairs (a, b)."""
    s, d = sequences(case.problem), case.problem.dimension
    parts = []
    for a, b in SLICE:
        p, q = embedded(scalar_matrix(d, b), scalar_matrix(d, a))
        for t in s.times:
            eta = a * b * (1 if constant else Fraction(1, t - 1))
            step = applied([[x.scaled(-eta) for x in row] for row in least_squares_gradient(s, t)], s.token(t))
            parts.append(same(times(p, applied(s.statistic(t), times(q, s.embedding(t)))), step))
    return All(*parts)


@theorem.mutant(of=prediction_is_a_preconditioned_step, latex=r"\text{preconditioned from the left only}")
def left_preconditioner_only(case: Case) -> Equal:
    """A is not the identity."""
    return prediction_is_a_preconditioned_step(case, preconditioned=False)


@theorem.mutant(of=plain_step_on_the_slice, latex=r"\eta\text{ does not depend on }t")
def constant_step_size(case: Case) -> All:
    """On the sum of the losses the step size falls like 1/(t-1)."""
    return plain_step_on_the_slice(case, constant=True)
