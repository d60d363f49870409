"""Only two blocks of the weights are ever trained, for any law of the first token.

Proof. Turn all phases together, l_j -> e^{i phi} l_j. In P M_t Q e_t the product of the (p, q) entry of M_t with the r-th part of e_t
picks up the charge t - 1 - lag(p) + lag(q) - lag(r), where the lags are 0 for x_i and 1 for x_{i-1}; the target x_{t+1} picks up t. Of the
eight combinations only (0, 1, 0), that is P_1 S_t Q_21 x_t, has charge t. Characters of different charge are orthogonal, so with R the sum of
the seven other terms L(P, Q) = L(B, A) + sum_t E |R_t|^2 / 2. The second part is non-negative. Each product in R has a factor from another
block, so where those blocks vanish R is of first order in them and |R|^2 of second: its gradient vanishes.
"""

from __future__ import annotations

from itertools import product

import sympy as sp

from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Proposition, derived
from ....language.statements import clause as says
from ..matrices import charge
from ..model import Matrix, embedded, gradient, loss
from ..relations import AlongFlow, Settled
from ._instances import golden, short
from ._points import full_blocks, live, sequences

theorem = Proposition(
    label="mesa.block-reduction",
    title="Only the blocks B and A are trained, for any law of the first token",
    source=derived("the global phase of W"),
    setup=r"Let $\hat y_t=PM_tQe_t$, $e_t=(x_t;x_{t-1})$, $B=P_1$, $A=Q_{21}$; no assumption on $u$ but finite sixth moments.",
    clauses=(
        says(
            r"$L(P,Q)\ge L(B,A)$, the loss with all other blocks zero.",
            by=("mesa.character-calculus",),
            steps=("charges",),
            claims=("other_blocks_never_help",),
        ),
        says(
            r"Where all other blocks vanish, so do their gradients.",
            by=("mesa.character-calculus",),
            steps=("charges", "second_order"),
            claims=("other_gradients_vanish",),
        ),
    ),
    instances=short,
    examples=[p for p in golden if p.dimension * p.length <= 12],
)


@theorem.step("charges", by="exponents of the global phase, linear in t", scope="all d, T",
              latex=r"P_pM_{pq}Q_{qr}e_r\mapsto e^{i(t-1-p+q-r)\varphi}")  # fmt: skip
def charges() -> Settled:
    """Relative to the target's charge t: the eight products have charges -3, -2 (three), -1 (three) and 0, the last for (0, 1, 0) alone."""
    found = {(p, q, r): charge((p, q, r)) for p, q, r in product((0, 1), repeat=3)}
    expected = {(p, q, r): q - p - r - 1 for p, q, r in found}
    neutral = [lags for lags, value in found.items() if value == 0]
    return Settled((found, neutral, sorted(found.values())), (expected, [(0, 1, 0)], [-3, -2, -2, -2, -1, -1, -1, 0]), "eight exponents, linear in t")


@theorem.step("the rest is of second order", by="chain rule", scope="all reals", latex=r"\tfrac{d}{d\epsilon}|\epsilon R|^2\big|_{\epsilon=0}=0")
def second_order() -> All:
    """R has a factor from another block in each term; scaling those blocks by epsilon, |R|^2 = epsilon^2 (...)^2 has derivative 0 at 0."""
    scale, rest, more = sp.symbols("epsilon R S")
    whole = (scale * rest + scale**2 * more) ** 2
    slope = 2 * scale * (rest + scale * more) * (rest + 2 * scale * more)
    return All(AlongFlow(whole, {scale: 1}, slope), Settled(slope.subs(scale, 0), sp.Integer(0), "substitution"))


def without_live(p: Matrix, q: Matrix) -> tuple[Matrix, Matrix]:
    """B = P_1 and A = Q_21 of full blocks."""
    d = len(p)
    return tuple(row[:d] for row in p), tuple(row[:d] for row in q[d:])


@theorem.claim(r"L(P,Q)\ge L(B,A)")
def other_blocks_never_help(case: Case, reverse: bool = False) -> All:
    """Exactly, at two full real points."""
    parts = []
    for seed in (0, 3):
        p, q = full_blocks(case.problem, seed)
        whole = loss(sequences(case.problem), case.problem.law, p, q)
        reduced = loss(sequences(case.problem), case.problem.law, *embedded(*without_live(p, q)))
        parts.append(AtMost(whole, reduced) if reverse else AtMost(reduced, whole))
    return All(*parts)


@theorem.claim(r"\nabla L=0\text{ in every block but }B\text{ and }A")
def other_gradients_vanish(case: Case, modulus: int | None = None) -> Equal:
    """Exactly, at full complex B and A."""
    d = case.problem.dimension
    blocks = embedded(*live(case.problem, complex_=True))
    to_p, to_q = gradient(sequences(case.problem), case.problem.law, *blocks, modulus)
    others = [x for row in to_p for x in row[d:]] + [x for i, row in enumerate(to_q) for k, x in enumerate(row) if i < d or k >= d]
    return Equal(tuple(x == 0 for x in others), (True,) * len(others))


@theorem.mutant(of=other_blocks_never_help, latex=r"L(P,Q)\le L(B,A)")
def other_blocks_always_help(case: Case) -> All:
    """The rest of the prediction is orthogonal to the target and costs its own square."""
    return other_blocks_never_help(case, reverse=True)


@theorem.mutant(of=other_gradients_vanish, latex=r"\lambda_j=\pm1\text{ instead of the circle}")
def signs_only(case: Case) -> Equal:
    """With signs x_{t-1} = x_{t+1}: the global phase is lost, and the block that reads x_{t-1} has a gradient."""
    return other_gradients_vanish(case, modulus=2)
