"""The attention loss is convex and smooth; on the cyclic subspace it is strictly convex (B-L3 of our notes)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot, row_space
from ....language.relations import All, AtMost, Equal, Implies, Less
from ....language.statements import Case, Lemma, derived
from ....logit.problem import Vector
from ....logit.step_size import smoothness
from ....symbolic import Delta, Formula, derivative, total
from ..assumptions import orthonormal_embeddings
from ..graph_programmes import cyclic_generators
from ._exact import Masses, dyadic, masses, plus, zero
from ._instances import anything, golden
from ._reduced import combinations_of, curvature, projection, reduced_rows, reduced_sets, smoothness_constant
from ._symbols import A, direction, probability, sequence_loss, t, u, utility, v, y

lemma = Lemma(
    label="attention-ntp.convexity",
    title="Convexity, smoothness, and strict convexity on the cyclic subspace",
    source=derived("section B-L3 of our notes; a convexity lemma of arXiv 2403.08081 is recalled, its wording and constant not checked"),
    text=r"$D^2L(W)[D,D]=\tfrac1n\sum_i\operatorname{Var}_{v\sim p_i}(e_v^\top De_{k_i})\in[0,L_s\|D\|^2]$ with"
    r" $L_s=\tfrac14\max_i\max_{u,v\in A_i}\|e_u-e_v\|^2\|e_{k_i}\|^2$ ($\le\tfrac12$ for orthonormal rows). $L$ and the loss $\bar L$ of the"
    r" reduced dataset are strictly convex on $S_{\mathrm{fin}}$, and $\bar L$ has no curvature orthogonal to it. $L$ is neither strictly convex on"
    r" all matrices nor strongly convex on $S_{\mathrm{fin}}$. The embeddings may be dependent.",
    uses=("attention-ntp.reduction", "attention-ntp.graph-facts", "foundations.convexity-and-smoothness"),
    instances=anything,
    examples=golden,
)


@lemma.step("curvature is a variance", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_{u,t}d_ud_t\,\partial_{s_u}\partial_{s_t}(-\log p_y)=\tfrac12\sum_{u,t}p_up_t(d_u-d_t)^2")  # fmt: skip
def variance_step() -> Equal:
    """In the scores of one sequence, contracted twice with d."""
    gradient = derivative(sequence_loss(y), utility(u))
    form = total(direction(u) * direction(t) * derivative(gradient, utility(t)), (u, A), (t, A))
    pairs = total(probability(u) * probability(t) * (direction(u) - direction(t)) ** 2, (u, A), (t, A))
    return Equal(Formula(form), Formula(pairs / 2))


@lemma.step("Popoviciu, in sums", by="index calculus, normal form", scope="all sizes",
            latex=r"(M-\bar d)(\bar d-m)-\operatorname{Var}=\sum_v p_v(M-d_v)(d_v-m)")  # fmt: skip
def popoviciu_step() -> Equal:
    """Non-negative for m <= d_v <= M; with (M - x)(x - m) <= (M - m)^2 / 4 this is Var <= range^2 / 4."""
    high, low = sp.symbols("M m_0")
    mean = total(probability(v) * direction(v), (v, A))
    variance = total(probability(v) * direction(v) ** 2, (v, A)) - mean**2
    right = total(probability(v) * (high - direction(v)) * (direction(v) - low), (v, A))
    return Equal(Formula((high - mean) * (mean - low) - variance), Formula(right))


@lemma.step("curvature of the squared loss", by="index calculus, normal form", scope="all sizes",
            latex=r"\partial_{s_t}p_y=p_y([t=y]-p_t)")  # fmt: skip
def mass_derivative_step() -> Equal:
    """The derivative of the attention mass, from which other losses of p_y are differentiated."""
    return Equal(Formula(derivative(probability(y), utility(t))), Formula(probability(y) * (Delta(t, y) - probability(t))))


@lemma.step("no curvature means constant on components", by="exact row reduction", scope="",
            latex=r"\mathrm{span}\{(e_y-e_v)e_k^\top: v\in A_i\cap C_i\}=S_{\mathrm{fin}}")  # fmt: skip
def components_are_spanned_step(case: Case) -> Equal:
    """The reduced choice sets connect every component, so their differences span its generators."""
    return Equal(row_space(reduced_rows(case.problem)), row_space(cyclic_generators(case.problem)))


def places(case: Case) -> tuple[Vector, ...]:
    """W = 0 and two dyadic matrices."""
    return zero(case.problem), dyadic(case.problem), dyadic(case.problem, 1)


def directions(case: Case) -> list[Vector]:
    """A dyadic matrix, a generic one, and the differences of the rows."""
    problem = case.problem
    rows = [problem.difference(y, v, k) for k, y, tokens in zip(problem.queries, problem.labels, problem.choice_sets) for v in tokens if v != y]
    return [dyadic(problem, 2), *combinations_of(rows[:4], problem.dimension**2)]


@lemma.claim(r"0\le D^2L(W)[D,D]\le L_s\|D\|^2")
def curvature_is_bounded(case: Case, scale: Fraction = Fraction(1), squared: bool = False) -> All:
    """Exactly; `squared` is the loss (1 - p_y)^2, `scale` multiplies the constant."""
    problem, top = case.problem, scale * smoothness_constant(case.problem)
    pairs = [(curvature(problem, masses(problem, n), d, squared), top * dot(d, d)) for n in places(case) for d in directions(case)]
    values = tuple(x for x, _ in pairs)
    upper = [] if squared else [AtMost(values, tuple(x for _, x in pairs))]
    return All(AtMost((Fraction(0),) * len(values), values), *upper)


@lemma.claim(r"L_s\le\tfrac12\text{ for orthonormal embeddings}")
def constant_of_orthonormal_rows(case: Case) -> Implies:
    """Two different rows are at distance sqrt 2."""
    return Implies(orthonormal_embeddings.decide(case.problem), AtMost(smoothness_constant(case.problem), Fraction(1, 2)))


@lemma.claim(r"\beta\le L_s:\text{ the mean of the ranges instead of the largest is a smoothness constant too}")
def constant_of_the_foundations_is_smaller(case: Case) -> AtMost:
    """1/4 of the mean over sequences of max |e_u - e_v|^2 |e_k|^2: longer steps are allowed."""
    return AtMost(smoothness(case.problem.conditional_logit()), smoothness_constant(case.problem))


def inner_directions(case: Case) -> list[Vector]:
    """Generators of the cyclic subspace and an alternating sum."""
    return combinations_of(cyclic_generators(case.problem), case.problem.dimension**2)


def both_losses(case: Case, place: Vector) -> tuple[Masses, Masses]:
    """Masses of the full and of the reduced dataset."""
    return masses(case.problem, place), masses(case.problem, place, reduced_sets(case.problem))


@lemma.claim(r"D^2L,\ D^2\bar L>0\text{ on } S_{\mathrm{fin}}\setminus0")
def strictly_convex_on_cycles(case: Case, strength: Fraction | None = None) -> Implies:
    """At zero, at dyadic points and far out along D itself; `strength` asks for a multiple of |D|^2."""
    problem, pairs = case.problem, []
    for d in inner_directions(case):
        far = tuple(32 * x for x in d) if all(x.denominator == 1 for row in problem.scores(d) for x in row) else zero(problem)
        pairs += [(curvature(problem, rows, d), dot(d, d)) for place in (*places(case), far) for rows in both_losses(case, place)]
    values = tuple(x for x, _ in pairs)
    bounded = AtMost(tuple(strength * x for _, x in pairs), values) if strength else Less((Fraction(0),) * len(values), values)
    return Implies(bool(pairs), bounded)


@lemma.claim(r"D^2\bar L[D,D]=0\text{ for } D\perp S_{\mathrm{fin}}")
def reduced_loss_is_flat_off_cycles(case: Case) -> Equal:
    """The part of a matrix orthogonal to the reduced rows, exactly."""
    problem, d = case.problem, dyadic(case.problem, 2)
    off = plus(d, projection(reduced_rows(problem), d), -1)
    found = tuple(curvature(problem, masses(problem, n, reduced_sets(problem)), off) for n in places(case))
    return Equal(found, (Fraction(0),) * len(found))


@lemma.mutant(of=curvature_is_bounded, latex=r"\text{the squared loss }(1-p_y)^2\text{ is convex too}")
def squared_loss_is_convex(case: Case) -> All:
    """L3-a: far on the wrong side it bends down."""
    return curvature_is_bounded(case, squared=True)


@lemma.mutant(of=curvature_is_bounded, latex=r"L_s/2\text{ is a smoothness constant}")
def half_the_constant(case: Case) -> All:
    """A pair of tokens at probability one half attains it."""
    return curvature_is_bounded(case, scale=Fraction(1, 2))


@lemma.mutant(of=curvature_is_bounded, latex=r"L\text{ is strictly convex on all matrices}")
def strictly_convex_everywhere(case: Case) -> Implies:
    """L3-b: a constant added to a column of scores changes nothing."""
    problem = case.problem
    # The scores of 1 e_k^T are (sum of the entries of e_v) |e_k|^2: one number for all tokens if E is orthonormal.
    shift = tuple(x for _ in range(problem.dimension) for x in problem.embeddings[problem.queries[0]])
    return Implies(any(map(any, directions(case)[1:])), Less(Fraction(0), curvature(problem, masses(problem, zero(problem)), shift)))


@lemma.mutant(of=strictly_convex_on_cycles, latex=r"L\text{ is strongly convex on } S_{\mathrm{fin}}")
def strongly_convex_on_cycles(case: Case) -> Implies:
    """L3-c: the curvature of a pair decays like the product of its probabilities."""
    return strictly_convex_on_cycles(case, strength=Fraction(1, 2**20))
