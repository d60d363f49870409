"""The attention loss is convex and smooth; on the cyclic subspace it is strictly convex.

With d_v = e_v^T D e_k the curvature of a sequence is Var d = 1/2 sum p_u p_v (d_u - d_v)^2 >= 0. It is at most a quarter of the
squared range (Popoviciu), and |d_u - d_v| <= |e_u - e_v| |e_k| |D| by Cauchy and Schwarz. The mean over the sequences is at
most the maximum. If the curvature of the reduced loss along D vanishes, d is constant on every reduced choice set; every edge
inside a component joins two tokens of one, and along paths d is constant on components: D is orthogonal to the generators of
S_fin, so D = 0 for D in S_fin. The full loss has the larger choice sets, to which the same applies. Orthogonal to S_fin every
d_u - d_v of the reduced loss is 0, and so is its curvature. Adding one number to a column of scores changes no softmax, and the
curvature of a pair is at most exp(-gap).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot, row_space
from ....language.relations import All, AtMost, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....logit.problem import Vector
from ....logit.step_size import smoothness
from ....symbolic import E, Formula, NonNegative, derivative, index, total
from ..graph_programmes import cyclic_generators
from ..problem import AttentionNTP
from ._exact import Masses, dyadic, masses, plus, zero
from ._flows import gaps_along_a_walk
from ._instances import anything, golden
from ._reduced_choice_sets import combinations_of, curvature, projection, reduced_rows, reduced_sets, smoothness_constant
from ._symbols import COORDINATES, A, a, b, direction, e, probability, sequence_loss, t, u, utility, v, w, x, y

lemma = Lemma(
    label="attention-ntp.convexity",
    title="Convexity, smoothness, and strict convexity on the cyclic subspace",
    source=derived("curvature as a variance; a convexity lemma of arXiv 2403.08081 is recalled, its wording and constant not checked"),
    setup=r"Let $d_v=e_v^\top De_{k_i}$ and $L_s=\tfrac14\max_i\max_{u,v\in A_i}\|e_u-e_v\|^2\|e_{k_i}\|^2$. The embeddings may be dependent;"
    r" $\bar L$ is the loss of the reduced dataset.",
    clauses=(
        clause(
            r"$\nabla^2L(W)[D,D]=\tfrac1n\sum_i\operatorname{Var}_{v\sim p_i}(d_v)\ge0$: $L$ is convex.",
            steps=("variance_step",),
            claims=("curvature_is_bounded",),
        ),
        clause(
            r"$\nabla^2L(W)[D,D]\le L_s\|D\|^2$.",
            steps=("variance_step", "popoviciu_step", "square_step", "cauchy_step"),
            claims=("curvature_is_bounded",),
        ),
        clause(r"$L_s\le\tfrac12$ for orthonormal embeddings.", steps=("distance_step",), claims=("constant_of_orthonormal_rows",)),
        clause(
            r"The mean over the sequences in place of the first maximum is a smoothness constant $\beta\le L_s$ too.",
            steps=("mean_step",),
            by=("foundations.convexity-and-smoothness",),
            claims=("constant_of_the_foundations_is_smaller",),
        ),
        clause(
            r"$L$ and $\bar L$ are strictly convex on $S_{\mathrm{fin}}$.",
            steps=("variance_step", "walk_step"),
            claims=("strictly_convex_on_cycles", "reduced_differences_span_cycles"),
        ),
        clause(
            r"$\bar L$ has no curvature orthogonal to $S_{\mathrm{fin}}$.",
            steps=("variance_step",),
            claims=("reduced_loss_is_flat_off_cycles",),
        ),
        clause(r"$L$ is not strictly convex on all matrices.", steps=("shift_step",)),
        clause(
            r"$L$ is not strongly convex on $S_{\mathrm{fin}}$: on a two-cycle its curvature falls like $e^{-t}$ in the gap $t$.",
            steps=("pair_step",),
        ),
    ),
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


@lemma.step("Popoviciu, in numbers", by="rational normal form", scope="all reals",
            latex=r"\tfrac14(M-m)^2-(M-\bar d)(\bar d-m)=(\bar d-\tfrac{M+m}2)^2")  # fmt: skip
def square_step() -> Equal:
    """Hence Var <= (M - m)^2 / 4."""
    high, low, mean = sp.symbols("M m_0 x")
    return Equal(Formula((high - low) ** 2 / 4 - (high - mean) * (mean - low)), Formula((mean - (high + low) / 2) ** 2))


@lemma.step("Cauchy and Schwarz for e^T D x", by="index calculus, normal form", scope="all sizes",
            latex=r"\|D\|^2\|e\|^2\|x\|^2-(e^\top Dx)^2=\tfrac12\sum(D_{ab}e_cx_d-D_{cd}e_ax_b)^2")  # fmt: skip
def cauchy_step() -> Equal:
    """Lagrange's identity for D and e x^T, with e a difference of two embeddings: the right side is a sum of squares."""
    c, d = index("c"), index("d")
    norms = total(w(a, b) ** 2, (a, COORDINATES), (b, COORDINATES)) * total((e(v, c) * x(d)) ** 2, (c, COORDINATES), (d, COORDINATES))
    form = total(w(a, b) * e(v, a) * x(b), (a, COORDINATES), (b, COORDINATES))
    ranges = [(k, COORDINATES) for k in (a, b, c, d)]
    squares = total((w(a, b) * e(v, c) * x(d) - w(c, d) * e(v, a) * x(b)) ** 2, *ranges)
    return Equal(Formula(norms - form**2), Formula(squares / 2))


@lemma.step("distances from inner products", by="index calculus, normal form", scope="all sizes",
            latex=r"\|e_u-e_v\|^2=\|e_u\|^2+\|e_v\|^2-2\langle e_u,e_v\rangle")  # fmt: skip
def distance_step() -> Equal:
    """2 for different tokens of an orthonormal bank, and |e_k| = 1: a quarter of it is 1/2."""

    def inner(first: sp.Expr, second: sp.Expr) -> sp.Expr:
        return total(e(first, a) * e(second, a), (a, COORDINATES))

    return Equal(Formula(total((e(u, a) - e(v, a)) ** 2, (a, COORDINATES))), Formula(inner(u, u) + inner(v, v) - 2 * inner(u, v)))


@lemma.step("a mean is at most the maximum", by="index calculus, normal form", scope="all sizes",
            latex=r"M\sum_ia_i-\sum_ia_ir_i=\sum_ia_i(M-r_i)")  # fmt: skip
def mean_step() -> Equal:
    """The weights are 1/n and add up to 1; r_i is the squared range of a sequence and M the largest of them."""
    i, high, weight, extent = index("i"), sp.Symbol("M"), sp.Function("weight"), sp.Function("r")
    left = high * total(weight(i), (i, "I")) - total(weight(i) * extent(i), (i, "I"))
    return Equal(Formula(left), Formula(total(weight(i) * (high - extent(i)), (i, "I"))))


@lemma.step("constant along edges means constant on components", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum f_{uv}(d_u-d_v)=d_p-d_q\text{ for a walk from }p\text{ to }q")  # fmt: skip
def walk_step() -> All:
    """Every edge inside a component joins two tokens of a reduced choice set."""
    return gaps_along_a_walk()


@lemma.step("a constant added to a column", by="index calculus, normal form", scope="all sizes",
            latex=r"\log\sum_vm_ve^{s_v+c}-(s_y+c)-\log m_y=-\log p_y")  # fmt: skip
def shift_step() -> Equal:
    """With orthonormal embeddings every table of scores is that of some W, and along such a shift L is constant."""
    c = sp.Symbol("c")
    return Equal(Formula(sequence_loss(y, of=lambda token: utility(token) + c)), Formula(sequence_loss(y)))


@lemma.step("curvature of a pair", by="sign of a derivative", scope="all t >= 0", latex=r"p(1-p)=\tfrac{e^{-t}}{(1+e^{-t})^2}\le e^{-t}\quad(t\ge0)")
def pair_step() -> NonNegative:
    """[1, 0] -> 0 and [1, 0] -> 1 at the gap t: along S_fin the curvature is |D|^2 p (1 - p) up to a constant factor."""
    gap = sp.Symbol("t")
    return NonNegative(E(-gap) - E(-gap) / (1 + E(-gap)) ** 2, gap)


@lemma.claim(r"\mathrm{span}\{(e_y-e_v)e_k^\top: v\in A_i\cap C_i\}=S_{\mathrm{fin}}")
def reduced_differences_span_cycles(case: Case) -> Equal | NotExercised:
    """The reduced choice sets connect every component, so their differences span its generators: equal canonical bases."""
    rows = reduced_rows(case.problem)
    return Equal(row_space(rows), row_space(cyclic_generators(case.problem))) if rows else NotExercised("no component has two tokens")


def places(case: Case) -> tuple[Vector, ...]:
    """W = 0 and two dyadic matrices."""
    return zero(case.problem), dyadic(case.problem), dyadic(case.problem, 1)


def directions(case: Case) -> list[Vector]:
    """A dyadic matrix, a generic one, and the differences of the rows."""
    problem = case.problem
    rows = [problem.difference(y, v, k) for k, y, tokens in zip(problem.queries, problem.labels, problem.choice_sets) for v in tokens if v != y]
    return [dyadic(problem, 2), *combinations_of(rows[:4], problem.dimension**2)]


@lemma.claim(r"0\le \nabla^2L(W)[D,D]\le L_s\|D\|^2")
def curvature_is_bounded(case: Case, scale: Fraction = Fraction(1), squared: bool = False) -> All:
    """Exactly; `squared` is the loss (1 - p_y)^2, `scale` multiplies the constant."""
    problem, top = case.problem, scale * smoothness_constant(case.problem)
    pairs = [(curvature(problem, masses(problem, n), d, squared), top * dot(d, d)) for n in places(case) for d in directions(case)]
    values = tuple(x for x, _ in pairs)
    upper = [] if squared else [AtMost(values, tuple(x for _, x in pairs))]
    return All(AtMost((Fraction(0),) * len(values), values), *upper)


@lemma.claim(r"L_s\le\tfrac12\text{ for orthonormal embeddings}")
def constant_of_orthonormal_rows(case: Case) -> AtMost:
    """The sequences of the instance on orthonormal embeddings: two different rows are at distance sqrt 2."""
    problem = case.problem
    plain = AttentionNTP.one_hot_tokens(problem.vocabulary_size, problem.sequences, problem.labels)
    return AtMost(smoothness_constant(plain), Fraction(1, 2))


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


@lemma.claim(r"\nabla^2L,\ \nabla^2\bar L>0\text{ on } S_{\mathrm{fin}}\setminus0")
def strictly_convex_on_cycles(case: Case, strength: Fraction | None = None) -> AtMost | Less | NotExercised:
    """At zero, at dyadic points and far out along D itself; `strength` asks for a multiple of |D|^2."""
    problem, pairs = case.problem, []
    for d in inner_directions(case):
        far = tuple(32 * x for x in d) if all(x.denominator == 1 for row in problem.scores(d) for x in row) else zero(problem)
        pairs += [(curvature(problem, rows, d), dot(d, d)) for place in (*places(case), far) for rows in both_losses(case, place)]
    values = tuple(x for x, _ in pairs)
    if not pairs:
        return NotExercised("no component has two tokens")
    return AtMost(tuple(strength * x for _, x in pairs), values) if strength else Less((Fraction(0),) * len(values), values)


@lemma.claim(r"\nabla^2\bar L[D,D]=0\text{ for } D\perp S_{\mathrm{fin}}")
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
def strongly_convex_on_cycles(case: Case) -> AtMost | Less | NotExercised:
    """L3-c: the curvature of a pair decays like the product of its probabilities."""
    return strictly_convex_on_cycles(case, strength=Fraction(1, 2**20))
