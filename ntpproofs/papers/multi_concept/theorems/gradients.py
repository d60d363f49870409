r"""The gradients of the layer, and three identities they satisfy on any data.

Proof. The softmax Jacobian is diag(A) - A A^T, so df/ds_l = A_l (q_l - A^T q) = t_l with q_l = <h, y_l>, h the
gradient of f in the pooled label, and sum_l t_l = 0. The chain rule through s_l = x_l^T Gamma x_q gives G = delta
(sum_l t_l x_l) x_q^T, and Gamma = W_K^T W_Q gives grad W_Q = W_K G, grad W_K = W_Q G^T. Therefore W_Q (grad W_Q)^T
= W_Q G^T W_K^T = (grad W_K) W_K^T; its trace is the second identity. f is homogeneous of degree one in W_O, so
<W_O, grad W_O> = delta f (data parts throughout).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy as sp
from flint import ctx

from ....exact.balls import PRECISION, interval
from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import E, Formula, derivative, index, total
from ..balls import Matrix, RationalLayer, flat, hand_gradient, loss_derivative, multiply, paired, random_layer, transpose
from ._instances import layers

lemma = Lemma(
    label="multi-concept.gradients",
    title="Gradients of attention and MLP, and the identities between them",
    source=derived("the chain rule", "the block structure of the model is recalled: attention pools labels, ReLU network on top, logistic loss"),
    setup=r"$s_l=(W_Kx_l)^\top W_Qx_q$, $A=\mathrm{softmax}(s)$, $o=\sum_lA_ly_l$, $f=r^\top\mathrm{ReLU}(W_Oo)$, logistic loss of $yf$;"
    r" $\delta=-\sigma(-yf)y$, $q_l=\langle W_O^\top(r\odot\mathbf 1[W_Oo>0]),y_l\rangle$, $t=A\odot(q-A^\top q)$, $G=\delta(\sum_lt_lx_l)x_q^\top$.",
    clauses=(
        clause(
            r"$\nabla_{W_O}=\delta(r\odot\mathbf 1)o^\top$, $\nabla_{W_Q}=W_KG$, $\nabla_{W_K}=W_QG^\top$, plus $\lambda W$ each.",
            argued="chain rule in the docstring",
            steps=("softmax_step", "chain_step"),
            claims=("gradients_are_derivatives",),
        ),
        clause(r"$\sum_lt_l=0$.", steps=("centred_step",), claims=("scores_shift_freely",)),
        clause(
            r"Data parts: $W_Q\nabla_{W_Q}^\top=\nabla_{W_K}W_K^\top$ and $\langle W_Q,\nabla_{W_Q}\rangle=\langle W_K,\nabla_{W_K}\rangle$.",
            steps=("balance_step",),
            claims=("query_and_key_balance",),
        ),
        clause(
            r"$\langle W_O,\nabla_{W_O}\rangle=\mathbb E\,\delta f$.",
            argued="homogeneity, docstring",
            claims=("output_is_homogeneous",),
        ),
    ),
    instances=layers(),
    examples=(random_layer(1), random_layer(2, ridge=Fraction(1, 10)), random_layer(3, words=2, length=4)),
)

s, q, x, y = (sp.Function(name) for name in ("s", "q", "x", "y"))
i, j, a, b, c = (index(name) for name in "ijabc")


@lemma.step("softmax Jacobian", by="index calculus, derivative", scope="all sizes", latex=r"\partial_{s_j}\sum_lA_lq_l=A_j(q_j-A^\top q)")
def softmax_step() -> Equal:
    """d/ds_j of sum_l A_l q_l."""
    normal = total(E(s(i)), (i, "L"))
    mean = total(E(s(i)) * q(i), (i, "L")) / normal
    return Equal(Formula(derivative(mean, s(j))), Formula(E(s(j)) / normal * (q(j) - mean)))


@lemma.step("centring", by="index calculus, normal form", scope="all sizes", latex=r"\sum_lt_l=0")
def centred_step() -> Equal:
    """sum_j A_j (q_j - A^T q), with the softmax written out."""
    normal = total(E(s(i)), (i, "L"))
    mean = total(E(s(i)) * q(i), (i, "L")) / normal
    return Equal(Formula(total(E(s(j)) / normal * (q(j) - mean), (j, "L"))), Formula(sp.Integer(0)))


@lemma.step("chain rule through the scores", by="index calculus, derivative", scope="all sizes", latex=r"\partial s/\partial W_Q=W_Kxx_q^\top")
def chain_step() -> Equal:
    """d/d(W_Q)_ab of (W_K x)^T W_Q x_q with W_Q as one flat function of two indices, for a fixed row a: (W_K x)_a (x_q)_b."""
    row, key = sp.Function("w"), sp.Function("k")
    score = total(key(c) * x(c), (c, "D")) * total(row(b) * y(b), (b, "D"))
    return Equal(Formula(derivative(score, row(a))), Formula(total(key(c) * x(c), (c, "D")) * y(a)))


@lemma.step("balance of query and key", by="index calculus, normal form", scope="all sizes", latex=r"W_Q(W_KG)^\top=(W_QG^\top)W_K^\top")
def balance_step() -> Equal:
    """Entry (a, b) of both sides, as sums over two ranges in either order."""
    query, key, score = sp.Function("Q"), sp.Function("K"), sp.Function("G")
    left = total(query(a, c) * total(key(b, i) * score(i, c), (i, "D")), (c, "D"))
    right = total(total(query(a, c) * score(i, c), (c, "D")) * key(b, i), (i, "D"))
    return Equal(Formula(left), Formula(right))


def _direction(layer: RationalLayer, name: str) -> Matrix:
    # A fixed direction of the right shape that is nowhere special.
    part = layer.part(name)
    return tuple(tuple(Fraction((7 * r + 3 * k + 2) % 11 - 5, 3) for k in range(len(row))) for r, row in enumerate(part))


@lemma.claim(r"\nabla_{W_Q},\nabla_{W_K},\nabla_{W_O}\text{ as stated}")
def gradients_are_derivatives(case: Case, centred: bool = True, swapped: bool = False) -> All:
    """Directional derivatives by power series in balls against the formulas."""
    layer = case.problem
    with ctx.workprec(PRECISION):
        found = hand_gradient(layer, centred, swapped)
        parts = {name: (getattr(found, name), _direction(layer, name)) for name in ("query", "key", "output")}
        return All(*(Equal(loss_derivative(layer, name, way), paired(value, way)) for name, (value, way) in parts.items()))


@lemma.claim(r"\text{adding one vector to all words leaves the gradient of }W_O\text{ and shifts no score difference}")
def scores_shift_freely(case: Case, centred: bool = True) -> Equal:
    """With sum t = 0 the score gradient G does not change when all words of the prompts move by one vector."""
    layer = case.problem
    moved = tuple(replace(prompt, words=tuple(tuple(v + Fraction(1, 2) for v in word) for word in prompt.words)) for prompt in layer.prompts)
    with ctx.workprec(PRECISION):
        first, second = hand_gradient(layer, centred), hand_gradient(replace(layer, prompts=moved), centred)
        return Equal(flat(first.score), flat(second.score))


@lemma.claim(r"W_Q\nabla_{W_Q}^\top=\nabla_{W_K}W_K^\top")
def query_and_key_balance(case: Case, plain: bool = False) -> All:
    """Matrix identity and its trace, for the data parts; `plain` transposes nothing (false)."""
    layer = replace(case.problem, regularisation=Fraction(0))
    with ctx.workprec(PRECISION):
        found = hand_gradient(layer)
        if plain:
            return All(Equal(flat(multiply(transpose(layer.query), found.query)), flat(multiply(transpose(found.key), layer.key))))
        left, right = multiply(layer.query, transpose(found.query)), multiply(found.key, transpose(layer.key))
        return All(Equal(flat(left), flat(right)), Equal(paired(found.query, layer.query), paired(found.key, layer.key)))


@lemma.claim(r"\langle W_O,\nabla_{W_O}\rangle=\mathbb E\,\delta f")
def output_is_homogeneous(case: Case, factor: int = 1) -> Equal | NotExercised:
    """The data part against the mean of delta f."""
    layer = replace(case.problem, regularisation=Fraction(0))
    with ctx.workprec(PRECISION):
        found = hand_gradient(layer)
        if found.pairing.is_zero():
            return NotExercised("every neuron is off")
        return Equal(paired(found.output, layer.output), interval(factor * found.pairing))


@lemma.mutant(of=gradients_are_derivatives, latex=r"\nabla_{W_Q}=W_QG,\ \nabla_{W_K}=W_KG^\top")
def query_gradient_from_the_query(case: Case) -> All:
    """Each matrix is moved by the other one."""
    return gradients_are_derivatives(case, swapped=True)


@lemma.mutant(of=gradients_are_derivatives, latex=r"t=A\odot q")
def without_centring(case: Case) -> All:
    """The softmax Jacobian has a second term."""
    return gradients_are_derivatives(case, centred=False)


@lemma.mutant(of=scores_shift_freely, latex=r"t=A\odot q\text{ sums to zero}")
def uncentred_scores_shift(case: Case) -> Equal:
    """Without centring a common part of all words, the a-direction, gets a gradient."""
    return scores_shift_freely(case, centred=False)


@lemma.mutant(of=query_and_key_balance, latex=r"W_Q^\top\nabla_{W_Q}=\nabla_{W_K}^\top W_K")
def balance_on_the_other_side(case: Case) -> All:
    """The product in the other order does not balance."""
    return query_and_key_balance(case, plain=True)


@lemma.mutant(of=output_is_homogeneous, latex=r"\langle W_O,\nabla_{W_O}\rangle=2\,\mathbb E\,\delta f")
def degree_two(case: Case) -> Equal | NotExercised:
    """f has degree one in the output layer, not two."""
    return output_is_homogeneous(case, factor=2)
