r"""A conservation law of gradient flow: W_Q W_Q^T - W_K W_K^T decays at exactly the rate 2 lambda.

Proof. d/dt(W_Q W_Q^T) = -(grad_Q) W_Q^T - W_Q (grad_Q)^T, and likewise for K. The data parts cancel by the balance
W_Q (grad_Q)^T = (grad_K) W_K^T of the gradient lemma and its transpose; the penalty leaves -2 lambda of each product.
For W^T W nothing cancels.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb
from ....language.relations import Equal
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import Formula, index, total
from ..balls import Rows, balls, flat, hand_gradient, multiply, random_layer, transpose
from ._instances import layers

proposition = Proposition(
    label="multi-concept.conservation",
    title="Query and key norms are tied by a conservation law",
    source=derived("the product rule along the flow", "gradient flow; for steps of size eta the drift is O(eta) at fixed horizon"),
    setup=r"Gradient flow on the penalised loss, any data.",
    clauses=(
        clause(
            r"$\tfrac{d}{dt}(W_QW_Q^\top-W_KW_K^\top)=-2\lambda(W_QW_Q^\top-W_KW_K^\top)$.",
            steps=("cancellation_step",),
            argued="docstring, with `multi-concept.gradients`",
            claims=("difference_decays",),
        ),
    ),
    uses=("multi-concept.gradients",),
    instances=layers(),
    examples=(random_layer(1), random_layer(2, ridge=Fraction(1, 10)), random_layer(7, words=3, ridge=Fraction(1, 10))),
)


@proposition.step("data parts cancel", by="index calculus, normal form", scope="all sizes", latex=r"W_QG^\top W_K^\top+W_KGW_Q^\top\text{ twice}")
def cancellation_step() -> Equal:
    """Entry (a, b): (W_K G) W_Q^T + W_Q (W_K G)^T equals (W_Q G^T) W_K^T + W_K (W_Q G^T)^T."""
    query, key, score = sp.Function("Q"), sp.Function("K"), sp.Function("G")
    a, b, i, j = (index(name) for name in "abij")

    def entry(x: sp.Symbol, y: sp.Symbol) -> sp.Expr:
        return total(key(x, i) * score(i, j) * query(y, j), (i, "D"), (j, "D"))

    def other(x: sp.Symbol, y: sp.Symbol) -> sp.Expr:
        return total(total(query(x, j) * score(i, j), (j, "D")) * key(y, i), (i, "D"))

    return Equal(Formula(entry(a, b) + entry(b, a)), Formula(other(b, a) + other(a, b)))


def _rate(value: Rows, gradient: Rows, left: bool) -> Rows:
    # d/dt of W W^T (left) or W^T W along W' = -gradient.
    pairs = ((gradient, value), (value, gradient))
    terms = [multiply(x, transpose(y)) if left else multiply(transpose(x), y) for x, y in pairs]
    return [[-(p + q) for p, q in zip(first, second)] for first, second in zip(*terms)]


def _minus(x: Rows, y: Rows) -> Rows:
    return [[a - b for a, b in zip(p, q)] for p, q in zip(x, y)]


@proposition.claim(r"\tfrac{d}{dt}(W_QW_Q^\top-W_KW_K^\top)=-2\lambda(\dots)")
def difference_decays(case: Case, left: bool = True, rate: int = 2) -> Equal:
    """Both sides in balls at rational weights."""
    layer = case.problem
    with ctx.workprec(PRECISION):
        found = hand_gradient(layer)
        query, key = balls(layer.query), balls(layer.key)
        moving = _minus(_rate(query, found.query, left), _rate(key, found.key, left))
        products = [multiply(w, transpose(w)) if left else multiply(transpose(w), w) for w in (query, key)]
        factor: arb = exact_arb(-rate * layer.regularisation)
        return Equal(flat(moving), flat([[factor * x for x in row] for row in _minus(*products)]))


@proposition.mutant(of=difference_decays, latex=r"W_Q^\top W_Q-W_K^\top W_K\text{ instead}")
def gram_on_the_other_side(case: Case) -> Equal:
    """Generic data move it."""
    return difference_decays(case, left=False)


@proposition.mutant(of=difference_decays, latex=r"\text{rate }\lambda")
def decay_at_half_the_rate(case: Case) -> Equal:
    """Both factors decay."""
    return difference_decays(case, rate=1)
