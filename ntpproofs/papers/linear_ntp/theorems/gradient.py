"""Gradient and Hessian form of the cross-entropy in the decoder, and the pairwise identity."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, Equal
from ....language.statements import Case, Lemma, cite, clause
from ....logit.enclosures import exact_scores, loss_ball, softmax_balls
from ....symbolic import Formula, derivative, total
from ._calculus import ALL, D, c, direction, e, gradient_formula, loss_formula, move, probability, r, t
from ._decoders import dyadic, gradient, hessian_form, logits, masses, outer, row_gradient, softmax
from ._golden import anything, golden
from ._losses import point
from ._symbols import decoder, h, j, p, u, v, z

lemma = Lemma(
    label="linear-ntp.gradient",
    title="Gradient, Hessian form and the pairwise identity",
    source=cite("thrampoulidis2024", "equation (24)", "the gradient and the Hessian form are ours; the sum over u runs over the whole vocabulary"),
    setup=r"Let $s_j=\mathrm{softmax}(Wh_j)$; $P$, $\pi$ and $H$ hold the next-token laws, weights and"
    r" embeddings.",
    clauses=(
        clause(
            r"$\nabla\mathrm{CE}(W)=(\mathrm{softmax}(WH)-P)\,\mathrm{diag}(\pi)\,H^\top$.",
            steps=("gradient_step", "normalisation_step"),
            claims=("gradient_is_as_claimed", "gradient_is_the_derivative"),
        ),
        clause(
            r"$\nabla^2\mathrm{CE}(W)[U,U]=\sum_j\pi_j\operatorname{Var}_{u\sim s_j}\bigl((Uh_j)_u\bigr)$.",
            steps=("hessian_step",),
            claims=("hessian_form_is_as_claimed",),
        ),
        clause(
            r"$\langle-\nabla\mathrm{CE}(W),U\rangle=\sum_j\pi_j\sum_{z\in S_j}p_{j,z}\sum_u"
            r" s_{j,u}(e_z-e_u)^\top Uh_j$.",
            steps=("gradient_step", "pairwise_step"),
            claims=("pairwise_identity",),
        ),
        clause(
            r"The gradient is orthogonal to every $\mathbf 1c^\top$ and to every $au^\top$ with $H^\top u=0$:"
            r" gradient descent never moves these.",
            steps=("gradient_step", "frozen_step"),
            claims=("gradient_leaves_the_invariant_part",),
        ),
    ),
    uses=("foundations.convexity-and-smoothness",),
    instances=anything,
    examples=golden,
)


@lemma.step("gradient", by="index calculus, normal form", scope="all sizes",
            latex=r"\partial_{W_{tc}}\mathrm{CE}=\sum_j\pi_j(s_{j,t}-p_{j,t})h_{j,c}")  # fmt: skip
def gradient_step() -> Equal:
    """By the chain rule of the index calculus."""
    return Equal(Formula(derivative(loss_formula(), decoder(t, c))), Formula(gradient_formula(t, c)))


@lemma.step("probabilities sum to one", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_z p_{j,z}=1,\ p_{j,z}=n_{j,z}/\textstyle\sum_u n_{j,u}")  # fmt: skip
def normalisation_step() -> Equal:
    """So the sum over z leaves the softmax alone."""
    share = p(j, z) / total(p(j, u), (u, ALL))
    return Equal(Formula(total(share * probability(j, t), (z, ALL))), Formula(probability(j, t)))


@lemma.step("Hessian form", by="index calculus, normal form", scope="all sizes",
            latex=r"\nabla^2\mathrm{CE}[U,U]=\sum_j\pi_j\operatorname{Var}_{s_j}\bigl((Uh_j)_u\bigr)")  # fmt: skip
def hessian_step() -> Equal:
    """In one context: the derivative of the gradient entry s_t h_c, contracted twice with U."""
    again = derivative(probability(j, t), decoder(r, e))
    form = total(move(j, t) * direction(r, e) * again, (t, ALL), (r, ALL), (e, D))
    first = total(probability(j, v) * move(j, v), (v, ALL))
    return Equal(Formula(form), Formula(total(probability(j, v) * move(j, v) ** 2, (v, ALL)) - first**2))


@lemma.step("pairwise identity", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_z p_z\sum_u s_u(y_z-y_u)=\sum_z\bigl(\textstyle\sum_u s_u\bigr)p_zy_z-\sum_u\bigl(\sum_z p_z\bigr)s_uy_u")  # fmt: skip
def pairwise_step() -> Equal:
    """In one context, with sum s = 1 written in: <-grad, U> in pairs of an observed and a predicted token."""
    pairs = total(p(j, z) * probability(j, u) * (move(j, z) - move(j, u)), (z, ALL), (u, ALL))
    observed = total(p(j, z) * move(j, z), (z, ALL))
    predicted = total(p(j, z), (z, ALL)) * total(probability(j, u) * move(j, u), (u, ALL))
    return Equal(Formula(pairs), Formula(observed - predicted))


@lemma.step("what the gradient does not see", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_t\delta_t=0,\quad\sum_c\delta_th_{j,c}x_c=\delta_t\langle h_j,x\rangle,\quad\delta=s_j-p_j")  # fmt: skip
def frozen_step() -> All:
    """In one context, whose gradient is delta h_j^T: columns sum to zero, and along x orthogonal to h_j nothing is left."""
    x = sp.Function("x")

    def delta(token: sp.Expr) -> sp.Expr:
        return total(p(j, z), (z, ALL)) * probability(j, token) - p(j, token)

    along = total(delta(t) * h(j, c) * x(c), (c, D))
    return All(
        Equal(Formula(total(delta(t), (t, ALL))), Formula(sp.Integer(0))),
        Equal(Formula(along), Formula(delta(t) * total(h(j, c) * x(c), (c, D)))),
    )


@lemma.claim(r"\nabla\mathrm{CE}(W)=(\mathrm{softmax}(WH)-P)\mathrm{diag}(\pi)H^\top\text{ at }W=0\text{ and at dyadic decoders}")
def gradient_is_as_claimed(case: Case, weighted: bool = True, sign: int = 1) -> Equal:
    """Against the gradient of the conditional logit, row by row."""
    problem = case.problem
    points = [masses(problem, x) for x in ((Fraction(0),) * len(point(problem)), dyadic(problem), dyadic(problem, 1))]
    left = tuple(tuple(sign * x for x in gradient(problem, weights, weighted)) for weights in points)
    return Equal(left, tuple(row_gradient(problem, weights) for weights in points))


@lemma.claim(r"\langle\nabla\mathrm{CE}(W),U\rangle = \lim_{t\to0}\tfrac1{2t}\bigl(\mathrm{CE}(W+tU)-\mathrm{CE}(W-tU)\bigr)")
def gradient_is_the_derivative(case: Case) -> Equal:
    """In balls, t = 2^-24: the remainder is at most t^2/6 sum_j pi_j range_j^3, since a third cumulant is at most range^3."""
    problem, logit, step = case.problem, case.problem.conditional_logit(), Fraction(1, 2**24)
    w, way = point(problem), point(problem, 1)
    ahead, behind = (loss_ball(logit, tuple(x + s * step * y for x, y in zip(w, way))) for s in (1, -1))
    moves = exact_scores(logit, way)
    spread = sum((a * (max(y) - min(y)) ** 3 for a, y in zip(problem.weights, moves)), Fraction(0))
    quotient = Interval((ahead.center - behind.center) / (2 * step), (ahead.radius + behind.radius) / (2 * step) + step**2 * spread / 6)
    with ctx.workprec(PRECISION):
        value = arb(0)
        for block, s, y in zip(problem.data.blocks, softmax_balls(logit, w), moves):
            terms = (exact_arb(y[token]) * (q - exact_arb(block.labels.get(token, Fraction(0)))) for token, q in s.items())
            value += exact_arb(block.weight) * sum(terms, arb(0))
        return Equal(quotient, interval(value))


@lemma.claim(r"\nabla^2\mathrm{CE}(W)[U,U]=\sum_j\pi_j\operatorname{Var}_{s_j}(Uh_j),\text{ invariant under } U\mapsto U+\mathbf 1c^\top")
def hessian_form_is_as_claimed(case: Case, centred: bool = True) -> All:
    """Against half the sum of squared pairwise gaps of the rows of the reduction; a shift of the vocabulary changes nothing."""
    problem, way = case.problem, point(case.problem, 2)
    weights, logit = masses(problem, dyadic(problem)), problem.conditional_logit()
    pairs = Fraction(0)
    for b, row in enumerate(weights):
        s = softmax(row)
        y = [dot(logit.feature(b, token), way) for token in range(len(s))]
        pairs += problem.weights[b] * sum((q * x * (f - g) ** 2 for q, f in zip(s, y) for x, g in zip(s, y)), Fraction(0)) / 2
    shift = outer((Fraction(1),) * problem.vocabulary_size, point(problem)[: problem.dimension])
    moved = tuple(x + y for x, y in zip(way, shift))
    own = hessian_form(problem, weights, way, centred)
    return All(Equal(own, pairs), Equal(own, hessian_form(problem, weights, moved, centred)))


@lemma.claim(r"\langle-\nabla\mathrm{CE}(W),U\rangle=\sum_j\pi_j\sum_{z\in S_j}p_{j,z}\sum_us_{j,u}(e_z-e_u)^\top Uh_j")
def pairwise_identity(case: Case, uniform: bool = False) -> Equal:
    """Exact at a dyadic decoder; `uniform` weighs the observed tokens equally instead of by p."""
    problem, way = case.problem, point(case.problem, 1)
    weights, value = masses(problem, dyadic(problem)), Fraction(0)
    for block, row, y in zip(problem.data.blocks, weights, logits(problem, way)):
        s = softmax(row)
        for token, q in block.labels.items():
            share = Fraction(1, len(block.labels)) if uniform else q
            value += block.weight * share * sum((x * (y[token] - f) for x, f in zip(s, y)), Fraction(0))
    return Equal(value, -dot(gradient(problem, weights), way))


@lemma.claim(r"\nabla\mathrm{CE}(W)\perp\text{the invariant subspace}")
def gradient_leaves_the_invariant_part(case: Case) -> Equal:
    """Vocabulary shifts and everything orthogonal to the embeddings: gradient descent never moves them."""
    found = gradient(case.problem, masses(case.problem, dyadic(case.problem)))
    return Equal(case.derived.invariant.project(found), (Fraction(0),) * len(found))


@lemma.mutant(of=gradient_is_as_claimed, latex=r"\nabla\mathrm{CE}=(P-\mathrm{softmax}(WH))\mathrm{diag}(\pi)H^\top")
def gradient_with_the_wrong_sign(case: Case) -> Equal:
    """That is the negative gradient."""
    return gradient_is_as_claimed(case, sign=-1)


@lemma.mutant(of=gradient_is_as_claimed, latex=r"\nabla\mathrm{CE}=(\mathrm{softmax}(WH)-P)H^\top")
def gradient_without_context_weights(case: Case) -> Equal:
    """Contexts count in proportion to their frequency."""
    return gradient_is_as_claimed(case, weighted=False)


@lemma.mutant(of=hessian_form_is_as_claimed, latex=r"\nabla^2\mathrm{CE}[U,U]=\sum_j\pi_j\,\mathbb E_{s_j}(Uh_j)_u^2")
def hessian_as_second_moment(case: Case) -> All:
    """The mean must be taken off, or vocabulary shifts would be seen."""
    return hessian_form_is_as_claimed(case, centred=False)


@lemma.mutant(of=pairwise_identity, latex=r"\text{observed tokens weighed equally}")
def pairs_weighed_equally(case: Case) -> Equal:
    """The weight of an observed token is its probability."""
    return pairwise_identity(case, uniform=True)
