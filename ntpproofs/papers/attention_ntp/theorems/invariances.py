"""Look-alikes that are true: what leaves W^svm and W^fin alone, and how they scale.

Losses are means over the sequences: taking all twice changes none. Attention does not know positions before the last. A
constant sequence has loss 0 and no edge, so only n changes, and with it every weight by one factor: the minimiser of the
reduced loss and the graphs stay. Graphs do not see repetitions and counts, and W^svm is made from graphs and embeddings. With
cE every score of W/c^2 is that of W: the same constraints and losses, and norms divided by c^2, so least norms correspond.
Rotations of the embeddings, and new names, carry W along and keep norms and scores. Where the Graph-SVM is infeasible all this
is so for the max-margin direction of the reduction, whose constraints are those of scores too.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Enclosure
from ....language.relations import All, Equal
from ....language.statements import Case, Proposition, clause, derived
from ....logit.decomposition import decompose
from ....logit.enclosures import loss_ball
from ....logit.problem import Vector
from ....symbolic import E, Formula, L, index, total
from ..graph_programmes import graph_svm
from ..problem import AttentionNTP
from ..strategies import attention_ntps
from ._exact import enclosure, masses, point, probabilities, zero
from ._instances import (
    between,
    chain,
    constant,
    mixed,
    on_a_line,
    pair,
    pair_above,
    partly_tied,
    query_below,
    repeated,
    same_embedding,
    skew_chain,
    uneven,
)
from ._symbols import COORDINATES, a, b, e, r, u, v, w, x

# Every claim solves other problems too, so these are smaller than elsewhere.
small = attention_ntps(max_tokens=3, max_dimension=3, max_sequences=3, max_length=3)

proposition = Proposition(
    label="attention-ntp.invariances",
    title="Duplication, permutation, repetition, constant sequences and scale",
    source=derived("substitution in the optimality conditions"),
    setup=r"For all embeddings; where dependent ones leave the Graph-SVM without a solution they do so after each of these changes, and the"
    r" max-margin direction of the reduction takes the place of $W^{\mathrm{svm}}$.",
    clauses=(
        clause(
            r"The dataset twice has the same $W^{\mathrm{svm}}$ and $W^{\mathrm{fin}}$.",
            argued="docstring",
            steps=("duplication_step",),
            claims=("duplication_changes_nothing",),
        ),
        clause(
            r"Permuting the tokens before the last one changes nothing.",
            by=("attention-ntp.reduction",),
            claims=("order_does_not_matter",),
        ),
        clause(
            r"A constant sequence $[k,k]\to k$ multiplies $L$ by $n/(n+1)$ and leaves $W^{\mathrm{svm}}$ and $W^{\mathrm{fin}}$ alone.",
            argued="docstring",
            steps=("constant_step",),
            claims=("constant_sequences_change_n",),
        ),
        clause(
            r"Repeated tokens and sequences never change $W^{\mathrm{svm}}$,",
            argued="docstring, by (g) of `attention-ntp.graph-facts`",
            claims=("repetitions_leave_the_direction",),
        ),
        clause(r"and can change $W^{\mathrm{fin}}$.", witness=("repetition_changes_gaps",)),
        clause(
            r"$E\to cE$ divides $W^{\mathrm{svm}}$ and $W^{\mathrm{fin}}$ by $c^2$ and leaves their scores alone.",
            steps=("scale_step", "norm_step"),
            claims=("scale_divides_by_its_square",),
        ),
        clause(
            r"Renaming tokens renames the scores, rotating the embeddings keeps them.",
            argued="docstring",
            claims=("relabelling_permutes", "scores_ignore_rotations"),
        ),
        clause(
            r"The scores of $W^{\mathrm{svm}}$ do depend on $E$ beyond its scale.",
            witness=("scores_on_two_banks",),
        ),
    ),
    uses=("attention-ntp.graph-svm", "attention-ntp.finite-part"),
    instances=small,
    examples=(chain, pair_above, mixed, repeated, uneven, constant, query_below, skew_chain, between, same_embedding, on_a_line, partly_tied),
)


@proposition.step("scores under a scale", by="index calculus, normal form", scope="all sizes",
                  latex=r"(ce_u)^\top(W/c^2)(ce_k)=e_u^\top We_k")  # fmt: skip
def scale_step() -> Equal:
    """So constraints, losses and gaps are those of W."""
    c, e_, w_, x_ = sp.Symbol("c"), *map(sp.Function, ("e'", "W'", "x'"))
    given = {e_(v, a): c * e(v, a), x_(b): c * x(b), w_(a, b): w(a, b) / c**2}
    scaled = total(e_(v, a) * w_(a, b) * x_(b), (a, COORDINATES), (b, COORDINATES))
    return Equal(Formula(scaled, given=given), Formula(total(e(v, a) * w(a, b) * x(b), (a, COORDINATES), (b, COORDINATES))))


@proposition.step("norms under a scale", by="index calculus, normal form", scope="all sizes", latex=r"\|W/c^2\|^2=\|W\|^2/c^4")
def norm_step() -> Equal:
    """The least norm stays the least."""
    c = sp.Symbol("c")
    left = total((w(u, r) / c**2) ** 2, (u, COORDINATES), (r, COORDINATES))
    return Equal(Formula(left), Formula(total(w(u, r) ** 2, (u, COORDINATES), (r, COORDINATES)) / c**4))


@proposition.step("every sequence twice", by="index calculus, normal form", scope="all sizes",
                  latex=r"\tfrac1{2n}\sum_i(l_i+l_i)=\tfrac1n\sum_il_i")  # fmt: skip
def duplication_step() -> Equal:
    """The loss is the same function of W, and so is the reduced loss."""
    loss, i, n = sp.Function("l"), index("i"), sp.Symbol("n", positive=True)
    return Equal(Formula(total(loss(i) + loss(i), (i, "I")) / (2 * n)), Formula(total(loss(i), (i, "I")) / n))


@proposition.step("the loss of a constant sequence", by="index calculus, normal form", scope="all sizes",
                  latex=r"\log(2e^{s_k})-s_k-\log2=0")  # fmt: skip
def constant_step() -> Equal:
    """[k, k] -> k: one token with multiplicity 2."""
    s = sp.Symbol("s")
    return Equal(Formula(L(2 * E(s)) - s - L(2)), Formula(0))


@proposition.step("a repetition changes a gap", by="exact arithmetic", scope="one instance",
                  latex=r"[1,0,0]\to0,1:\ p=(\tfrac12,\tfrac12)\text{ at the gap }-\log2,\text{ not at }0")  # fmt: skip
def repetition_changes_gaps() -> All:
    """W^fin of [1, 0] -> 0, 1 is zero; with the query repeated the moments match at odds 1/2, and not at even ones."""
    rows = [(exponent, probabilities(masses(repeated, exponent))[0][0]) for exponent in (zero(repeated), table(-1))]
    found = tuple(p for _, p in rows)
    return All(Equal(found, (Fraction(2, 3), Fraction(1, 2))), Equal(probabilities(masses(pair, zero(pair)))[0][0], Fraction(1, 2)))


def table(gap: int) -> Vector:
    """Scores (gap, 0) in column 0 of two tokens on orthonormal embeddings, as a flat matrix."""
    return (Fraction(gap), Fraction(0), Fraction(0), Fraction(0))


@proposition.step("scores on two banks", by="exact programme", scope="one instance", latex=r"(-1,0,1)\text{ and }(-\tfrac12,\tfrac12,\tfrac32)")
def scores_on_two_banks() -> Equal:
    """The chain of three tokens on orthonormal embeddings and on others."""
    columns = tuple(tuple(row[0] for row in problem.scores(answers(problem)[0])) for problem in (chain, skew_chain))
    half = Fraction(1, 2)
    return Equal(columns, ((-1, 0, 1), (-half, half, 3 * half)))


def answers(problem: AttentionNTP) -> tuple[Vector, Enclosure]:
    """W^svm (the max-margin direction of the reduction where the Graph-SVM is infeasible) and W^fin."""
    parts = decompose(problem)
    return graph_svm(problem).direction or parts.max_margin.direction, enclosure(parts.finite_part)


def same(first: AttentionNTP, second: AttentionNTP, finite: bool = True) -> list[Equal]:
    """Equality of W^svm, of its existence and, if asked, of W^fin."""
    (s, f), (t, g) = answers(first), answers(second)
    return [Equal(graph_svm(first).feasible, graph_svm(second).feasible), Equal(s, t), *([Equal(f, g)] if finite else [])]


def rebuilt(problem: AttentionNTP, sequences: list[tuple[int, ...]], labels: list[int]) -> AttentionNTP:
    """Other sequences and labels on the same embeddings."""
    return AttentionNTP(problem.embeddings, sequences, labels)


@proposition.claim(r"\text{the dataset twice: the same } W^{\mathrm{svm}}, W^{\mathrm{fin}}")
def duplication_changes_nothing(case: Case) -> All:
    """Weights relative to n stay."""
    problem = case.problem
    return All(*same(problem, rebuilt(problem, [*problem.sequences] * 2, [*problem.labels] * 2)))


@proposition.claim(r"\text{permuting tokens before the last one changes nothing}")
def order_does_not_matter(case: Case, whole: bool = False) -> Equal:
    """The same problem, hence the same everything; `whole` reverses the last token too."""
    problem = case.problem
    turned = [tuple(reversed(s)) if whole else (*reversed(s[:-1]), s[-1]) for s in problem.sequences]
    return Equal(rebuilt(problem, turned, [*problem.labels]), problem)


@proposition.claim(r"[k,k]\to k\text{ added: only } n\text{ changes}")
def constant_sequences_change_n(case: Case, loss_too: bool = False) -> All:
    """(n + 1) times the new loss is n times the old one; not so `loss_too`: the loss itself."""
    problem = case.problem
    k, n = problem.queries[0], len(problem.sequences)
    other = rebuilt(problem, [*problem.sequences, (k, k)], [*problem.labels, k])
    first, second = (loss_ball(p.conditional_logit(), point(problem)) for p in (problem, other))
    factor = Fraction(1) if loss_too else Fraction(n + 1, n)
    scaled = type(second)(second.center * factor, second.radius * factor)
    return All(*same(problem, other), Equal(first, scaled))


def stretched(problem: AttentionNTP) -> AttentionNTP:
    """The first token of every sequence of several positions three times, and the first sequence twice."""
    sequences = [(s[0], s[0], *s) if len(s) > 1 else s for s in problem.sequences]
    return rebuilt(problem, [*sequences, sequences[0]], [*problem.labels, problem.labels[0]])


@proposition.claim(r"\text{repeated tokens and sequences leave } W^{\mathrm{svm}}\text{ alone}")
def repetitions_leave_the_direction(case: Case, finite: bool = False) -> All:
    """Against a dataset with other multiplicities and counts; `finite` wants W^fin unchanged too."""
    return All(*same(case.problem, stretched(case.problem), finite))


@proposition.claim(r"E\to cE:\ W^{\mathrm{svm}},W^{\mathrm{fin}}\to W/c^2,\text{ scores unchanged}")
def scale_divides_by_its_square(case: Case, power: int = 2) -> All:
    """c = 3, exactly for the direction, enclosed for the finite part."""
    problem, factor = case.problem, Fraction(3) ** power
    other = problem.with_embeddings([[3 * x for x in row] for row in problem.embeddings])
    (s, f), (t, g) = answers(problem), answers(other)
    back = Enclosure(tuple(factor * x for x in g.center), factor * g.radius)
    same_scores = [Equal(problem.scores(s), other.scores(t))] if power == 2 else []
    return All(Equal(s, tuple(factor * x for x in t)), Equal(f, back), *same_scores)


@proposition.claim(r"\text{renaming tokens renames scores}")
def relabelling_permutes(case: Case) -> All:
    """Token v becomes v + 1; W itself does not change, as it acts on embeddings."""
    problem, size = case.problem, case.problem.vocabulary_size
    return All(*same(problem, problem.relabelled([(v + 1) % size for v in range(size)])))


@proposition.claim(r"\text{scores of } W^{\mathrm{svm}}\text{ stay under rotations of the embeddings}")
def scores_ignore_rotations(case: Case, orthonormal: bool = False) -> Equal:
    """Coordinates reversed and negated; `orthonormal` replaces the embeddings by orthonormal ones."""
    problem = case.problem
    other = problem.with_embeddings([[-x for x in reversed(row)] for row in problem.embeddings])
    if orthonormal:
        other = AttentionNTP.one_hot_tokens(problem.vocabulary_size, problem.sequences, problem.labels)
    return Equal(problem.scores(answers(problem)[0]), other.scores(answers(other)[0]))


@proposition.mutant(of=scores_ignore_rotations, latex=r"\text{the scores of } W^{\mathrm{svm}}\text{ do not depend on } E")
def scores_ignore_embeddings(case: Case) -> Equal:
    """L2-e: the norm of W in terms of scores is that of the inverse Gram matrix."""
    return scores_ignore_rotations(case, orthonormal=True)


@proposition.mutant(of=repetitions_leave_the_direction, latex=r"\text{repetitions leave } W^{\mathrm{fin}}\text{ alone}")
def repetitions_leave_the_finite_part(case: Case) -> All:
    """L0-a, L5-b: multiplicities and counts shift log-odds inside components."""
    return repetitions_leave_the_direction(case, finite=True)


@proposition.mutant(of=scale_divides_by_its_square, latex=r"E\to cE\text{ divides } W\text{ by } c")
def scale_divides_once(case: Case) -> All:
    """Key and query both carry the scale."""
    return scale_divides_by_its_square(case, power=1)


@proposition.mutant(of=order_does_not_matter, latex=r"\text{permuting all tokens changes nothing}")
def last_token_may_move(case: Case) -> Equal:
    """The last token is the query."""
    return order_does_not_matter(case, whole=True)


@proposition.mutant(of=constant_sequences_change_n, latex=r"\text{a constant sequence does not change } L")
def constant_sequences_change_nothing(case: Case) -> All:
    """It counts in n."""
    return constant_sequences_change_n(case, loss_too=True)
