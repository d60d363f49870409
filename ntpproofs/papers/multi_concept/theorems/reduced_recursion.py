r"""The reduced recursion is exact: the idempotent algebra is closed under population gradients of single-concept prompts.

Proof. (1) sum_l t_l = 0, so sum_l t_l x_l = b_k sum_l t_l e_l. (2) q_l - mean = (e_l - mean(e)) <h, d_k>, h the
gradient of f in the pooled label, mean(e) = e_q rho, and the variance of a sign with mean rho is 1 - rho^2. (3)
Mirrored pairs make <h, d_k> = F' even and f odd in e_q. (4) Averaging over e_q kills the part b a^T of the query.
(5) Projecting on P_b, c_k and d_k gives the displays. A flipped label changes -delta y from sigma(-F) to sigma(-F)
- p in the mean; random compositions average the three drives over n_+.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb
from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import E, Formula
from ..balls import Rows, flat, hand_gradient
from ._algebra import AlgebraState, Drive, random_state, reduced_drive

F = Fraction
theorem = Theorem(
    label="multi-concept.reduced-recursion",
    title="Population descent is a recursion of a few numbers per concept",
    source=derived("the idempotent algebra of the word vectors", "the paper names an idempotent operator technique; its form is recalled"),
    setup=r"Single-concept, noise-free prompts, mirrored MLP, $W_Q,W_K\in\mathrm{span}\{P_{a_k},P_{b_k},P_\perp\}$; $\beta=p_Qp_KB$,"
    r" $\rho=\tanh\beta$, $F=\tfrac1m\sum_i[(u_i+\rho v_i)_+-(u_i-\rho v_i)_+]$, $F'=\tfrac1m\sum_iv_i(\mathbf 1_++\mathbf 1_-)$, $g=\sigma(-F)-p$.",
    clauses=(
        clause(
            r"The data gradient of $W_Q$, $W_K$ is $-\tfrac1Kg(1-\rho^2)F'Bp_{K,Q}$ on $P_{b_k}$ and zero elsewhere:"
            r" every other coefficient only decays.",
            argued="docstring (1)-(5)",
            steps=("variance_step",),
            claims=("attention_gradient",),
        ),
        clause(
            r"$\dot u_i=gC(\mathbf 1_+-\mathbf 1_-)/(2mK)$, $\dot v_i=g\rho D(\mathbf 1_++\mathbf 1_-)/(2mK)$, and mirrored pairs stay mirrored.",
            argued="docstring (3), (5)",
            claims=("output_gradient",),
        ),
        clause(
            r"For random compositions the drives are averaged over $n_+$ with $\rho_n=\tanh(\beta+\tfrac12\log(n/(L-n)))$; label flips replace"
            r" $\sigma(-F)$ by $\sigma(-F)-p$.",
            argued="docstring, last sentence",
            claims=("attention_gradient", "output_gradient"),
        ),
    ),
    uses=("multi-concept.gradients", "multi-concept.attention"),
    instances=st.builds(
        random_state, st.integers(0, 10**6), st.integers(1, 2), st.integers(1, 3), st.sampled_from([2, 4]),
        st.sampled_from(["balanced", "iid", "frac"]), st.sampled_from([F(0), F(0), F(1, 5)]),
    ),
    examples=(
        random_state(1), random_state(2, composition="iid", length=3), random_state(3, flips=F(1, 10)),
        random_state(4, composition="frac", length=3),
    ),
)  # fmt: skip

beta, n, m = sp.symbols("beta n m", positive=True)


@theorem.step("variance of a sign", by="index calculus, normal form", scope="all sizes", latex=r"\sum_lA_l(e_l-\rho)e_l=1-\rho^2")
def variance_step() -> Equal:
    """n matching and m opposite demonstrations with softmax weights; rho is their mean sign."""
    total = n * E(beta) + m * E(-beta)
    plus, minus = n * E(beta) / total, m * E(-beta) / total
    rho = (n * E(2 * beta) - m) / (n * E(2 * beta) + m)
    return Equal(Formula(plus * (1 - rho) - minus * (-1 - rho)), Formula(1 - rho**2))


def _diagonal(entries: list[arb]) -> Rows:
    return [[x if i == j else arb(0) for j in range(len(entries))] for i, x in enumerate(entries)]


def _rows(state: AlgebraState, drive: Drive) -> Rows:
    # -grad W_O: (d u) c / C + (d v) d / D per plus neuron, the d-part negated for its mirror image.
    found: list[list[arb]] = []
    for sign in (1, -1):
        for us, vs in zip(drive.gate, drive.lift):
            first = [x / exact_arb(c) for x, c in zip(us, state.lengths[2])]
            found.append(first + [sign * x / exact_arb(d) for x, d in zip(vs, state.lengths[3])])
    return found


def _negated(x: Rows) -> Rows:
    return [[-y for y in row] for row in x]


@theorem.claim(r"-\nabla_{W_Q}=\tfrac1Kg(1-\rho^2)F'Bp_KP_{b_k}")
def attention_gradient(case: Case, **wrong: object) -> All:
    """The whole matrices, off-diagonal and a-entries included, over the whole population in balls."""
    state: AlgebraState = case.problem
    with ctx.workprec(PRECISION):
        found, drive = hand_gradient(state.layer()), reduced_drive(state, **wrong)  # type: ignore[arg-type]
        zero = [arb(0)] * state.concepts
        return All(
            Equal(flat(_negated(found.query)), flat(_diagonal([*zero, *drive.query]))),
            Equal(flat(_negated(found.key)), flat(_diagonal([*zero, *drive.key]))),
        )


@theorem.claim(r"-\nabla_{W_O}=\dot u_i\,c_k/C+\dot v_i\,d_k/D,\text{ mirrored}")
def output_gradient(case: Case, **wrong: object) -> Equal:
    """All rows of the output layer, mirror images included."""
    state: AlgebraState = case.problem
    with ctx.workprec(PRECISION):
        found, drive = hand_gradient(state.layer()), reduced_drive(state, **wrong)  # type: ignore[arg-type]
        return Equal(flat(_negated(found.output)), flat(_rows(state, drive)))


@theorem.mutant(of=attention_gradient, latex=r"\text{without }1-\rho^2")
def attention_without_its_variance(case: Case) -> All:
    """Sharp attention has little to gain: the factor cannot be left out."""
    return attention_gradient(case, spread=False)


@theorem.mutant(of=output_gradient, latex=r"\dot u_i=gC(\mathbf 1_+-\mathbf 1_-)/(mK)")
def neurons_at_twice_the_speed(case: Case) -> Equal:
    """Both signs of the query are averaged."""
    return output_gradient(case, half=False)


@theorem.mutant(of=output_gradient, latex=r"\text{flips only rescale: }(1-2p)\sigma(-F)")
def flips_rescale_time(case: Case) -> Equal:
    """A flipped label pulls back: sigma(-F) - p, not a multiple of sigma(-F)."""
    return output_gradient(case, noise="scale")


@theorem.mutant(of=attention_gradient, latex=r"\text{the }a\text{-coefficients grow}")
def concept_detection(case: Case) -> All | NotExercised:
    """The claim that a-coefficients get the drive of the b-coefficients."""
    state: AlgebraState = case.problem
    with ctx.workprec(PRECISION):
        found, drive = hand_gradient(state.layer()), reduced_drive(state)
        if any(x.contains(arb(0)) for x in drive.query):
            return NotExercised("the drive vanishes")
        k = state.concepts
        return All(Equal(flat([[-found.query[i][i] for i in range(k)]]), flat([drive.query])))
