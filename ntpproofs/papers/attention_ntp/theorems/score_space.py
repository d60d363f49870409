"""Training in score space: one gradient step moves S by the Gram matrix on both sides.

E (E^T Gamma E) E^T = G Gamma G, and Gamma is a function of the scores and the data (`attention-ntp.reduction`); so S(0), G and the data fix
every later table of scores. Column k of G Gamma G is the sum over queries j that occur of <e_j, e_k> times column j of G Gamma, because the
other columns of Gamma vanish. With G = I it is column k of Gamma, which depends on column k of S and the sequences with query k only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import Delta, Formula, index, total
from ..problem import AttentionNTP
from ._exact import Matrix, dyadic, lifted, masses, plus, probabilities, product, residuals, transpose
from ._instances import anything, constant, golden, one_hot, unseen
from ._symbols import COORDINATES, a, b, e, u, v

TOKENS = "K"
gamma, p, q = sp.Function("Gamma"), index("p"), index("q")


def gram(first: Any, second: Any) -> Any:
    """<e_first, e_second>."""
    c = index("c")
    return total(e(first, c) * e(second, c), (c, COORDINATES))


# Queries that never occur and are orthogonal to those that do.
idle = one_hot(4, ([1, 0], 1), ([2, 1, 0], 2))
idle_pair = one_hot(4, ([1, 0], 0), ([1, 0], 1), ([0, 1], 0)).with_embeddings([[1, 1, 0, 0], [1, -1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 2]])

lemma = Lemma(
    label="attention-ntp.score-space",
    title="Embeddings enter training through their Gram matrix only",
    source=derived("the reduction to a conditional logit"),
    setup=r"Let $G=EE^\top$ and $\Gamma(S)$ as in the reduction.",
    clauses=(
        clause(
            r"The gradient step $W'=W-\eta E^\top\Gamma E$ moves the scores by $S'=S-\eta\,G\,\Gamma(S)\,G$.",
            steps=("score_step",),
            claims=("step_in_score_space",),
        ),
        clause(r"$\|E^\top\Lambda E\|_F^2=\mathrm{tr}(\Lambda^\top G\Lambda G)$.", steps=("norm_step",), claims=("norm_in_score_space",)),
        clause(
            r"So $S(0)$, $G$ and the data determine training.",
            steps=("score_step",),
            by=("attention-ntp.reduction",),
            claims=("only_the_gram_matrix_matters",),
        ),
        clause(r"With orthonormal embeddings $S'=S-\eta\Gamma(S)$: the columns of $S$ are independent choice models.", steps=("orthonormal_step",)),
        clause(
            r"The column of a query that never occurs is frozen if its embedding is orthogonal to those of the queries that occur.",
            steps=("column_step",),
            claims=("unseen_queries_are_frozen",),
        ),
        clause(r"Otherwise it can move.", witness=("moving_column",)),
    ),
    uses=("attention-ntp.reduction",),
    instances=anything,
    examples=(*golden, idle, idle_pair, constant, unseen),
)


@lemma.step("scores of a lifted table", by="index calculus, normal form", scope="all sizes",
            latex=r"(E\,(E^\top\Gamma E)\,E^\top)_{uv}=(G\Gamma G)_{uv}")  # fmt: skip
def score_step() -> Equal:
    """Both sides are one sum over two tokens and two coordinates, in different orders."""
    lift = total(e(p, a) * gamma(p, q) * e(q, b), (p, TOKENS), (q, TOKENS))
    left = total(e(u, a) * lift * e(v, b), (a, COORDINATES), (b, COORDINATES))
    return Equal(Formula(left), Formula(total(gram(u, p) * gamma(p, q) * gram(q, v), (p, TOKENS), (q, TOKENS))))


@lemma.step("norm of a lifted table", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_{a,b}\bigl(\sum_{p,q}e_{pa}\Lambda_{pq}e_{qb}\bigr)^2=\sum_{p,q,u,v}\Lambda_{pq}G_{pu}\Lambda_{uv}G_{vq}")  # fmt: skip
def norm_step() -> Equal:
    """The squares written out and summed over the coordinates first."""
    entry = total(e(p, a) * gamma(p, q) * e(q, b), (p, TOKENS), (q, TOKENS))
    trace = total(gamma(p, q) * gram(p, u) * gamma(u, v) * gram(v, q), (p, TOKENS), (q, TOKENS), (u, TOKENS), (v, TOKENS))
    return Equal(Formula(total(entry**2, (a, COORDINATES), (b, COORDINATES))), Formula(trace))


@lemma.step("orthonormal embeddings", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_{p,q}[u=p]\Gamma_{pq}[q=v]=\Gamma_{uv}")  # fmt: skip
def orthonormal_step() -> Equal:
    """G = I leaves Gamma alone."""
    return Equal(Formula(total(Delta(u, p) * gamma(p, q) * Delta(q, v), (p, TOKENS), (q, TOKENS))), Formula(gamma(u, v)))


@lemma.step("one column", by="index calculus, normal form", scope="all sizes",
            latex=r"(G\Gamma G)_{uv}=\sum_q\langle e_q,e_v\rangle(G\Gamma)_{uq}")  # fmt: skip
def column_step() -> Equal:
    """Gamma has a column for every query q that occurs, zero for the others: only their inner products with e_v enter."""
    lift = total(e(u, a) * total(e(p, a) * gamma(p, q) * e(q, b), (p, TOKENS), (q, TOKENS)) * e(v, b), (a, COORDINATES), (b, COORDINATES))
    return Equal(Formula(lift), Formula(total(gram(q, v) * total(gram(u, p) * gamma(p, q), (p, TOKENS)), (q, TOKENS))))


# One sequence with the query 0; token 1 has another direction, but not an orthogonal one.
leaning = one_hot(2, ([1, 0], 1)).with_embeddings([[1, 0], [1, 1]])


@lemma.step(
    "a column that moves", by="exact arithmetic", scope="one instance", latex=r"K=2,\ e_0=(1,0),\ e_1=(1,1),\ [1,0]\to1:\ G\Gamma G\,\epsilon_1\ne0"
)
def moving_column() -> Less:
    """No sequence ends in token 1, and its column of scores changes with the first step."""
    return Less(Fraction(0), sum((row[1] ** 2 for row in product(leaning.gram, gammas(leaning)[0], leaning.gram)), Fraction(0)))


def gammas(problem: AttentionNTP) -> list[Matrix]:
    """Gamma at two dyadic matrices."""
    return [residuals(problem, probabilities(masses(problem, dyadic(problem, salt)))) for salt in (0, 1)]


@lemma.claim(r"S(W-\eta E^\top\Gamma E)=S-\eta G\Gamma G")
def step_in_score_space(case: Case, metric: bool = True) -> All:
    """Exact; not `metric`: S - eta Gamma."""
    problem, eta, parts = case.problem, Fraction(1, 3), []
    for salt, gamma in enumerate(gammas(problem)):
        n = dyadic(problem, salt)
        moved = problem.scores(plus(n, lifted(problem, gamma), -eta))
        change = product(problem.gram, gamma, problem.gram) if metric else gamma
        parts.append(Equal(moved, tuple(plus(row, move, -eta) for row, move in zip(problem.scores(n), change))))
    return All(*parts)


@lemma.claim(r"\|E^\top\Lambda E\|_F^2=\mathrm{tr}(\Lambda^\top G\Lambda G)")
def norm_in_score_space(case: Case, metric: bool = True) -> All:
    """The Frobenius norm of W from the table of dual variables."""
    problem, parts = case.problem, []
    for table in gammas(problem):
        w = lifted(problem, table)
        right = product(transpose(table), problem.gram, table, problem.gram) if metric else product(transpose(table), table)
        parts.append(Equal(dot(w, w), sum((right[k][k] for k in range(len(right))), Fraction(0))))
    return All(*parts)


@lemma.claim(r"\text{tables of scores on two embeddings with one Gram matrix move alike}")
def only_the_gram_matrix_matters(case: Case) -> Equal:
    """Embeddings with a reversed, negated and padded set of coordinates have the same Gram matrix."""
    problem = case.problem
    other = problem.with_embeddings([[*(-x for x in reversed(row)), 0] for row in problem.embeddings])
    # At W = 0 both have the scores zero; the first step of size one decides.
    first, second = (p.scores(lifted(p, residuals(p, probabilities(masses(p, (Fraction(0),) * p.dimension**2))))) for p in (problem, other))
    return Equal(first, second)


@lemma.claim(r"\text{a query without sequences is frozen if its embedding is orthogonal to the queries that occur}")
def unseen_queries_are_frozen(case: Case, always: bool = False) -> Equal | NotExercised:
    """Column k of G Gamma G is a combination of the columns of G Gamma with coefficients <e_j, e_k>, j a query that occurs."""
    problem = case.problem
    absent = [k for k in range(problem.vocabulary_size) if k not in problem.queries]
    frozen = [k for k in absent if always or not any(problem.gram[j][k] for j in problem.queries)]
    change = product(problem.gram, gammas(problem)[0], problem.gram)
    moved = tuple(change[v][k] for v in range(problem.vocabulary_size) for k in frozen)
    return Equal(moved, (Fraction(0),) * len(moved)) if frozen else NotExercised("every query occurs or leans on one that does")


@lemma.mutant(of=step_in_score_space, latex=r"S'=S-\eta\,\Gamma")
def step_without_the_metric(case: Case) -> All:
    """W is updated, not S."""
    return step_in_score_space(case, metric=False)


@lemma.mutant(of=norm_in_score_space, latex=r"\|E^\top\Lambda E\|_F=\|\Lambda\|_F")
def norm_without_the_metric(case: Case) -> All:
    """Only for orthonormal embeddings."""
    return norm_in_score_space(case, metric=False)


@lemma.mutant(of=unseen_queries_are_frozen, latex=r"\text{a query without sequences is always frozen}")
def unseen_queries_never_move(case: Case) -> Equal | NotExercised:
    """Its column moves with every query whose embedding it overlaps."""
    return unseen_queries_are_frozen(case, always=True)
