"""Training in score space: one gradient step moves S by the Gram matrix on both sides (B-L0 of our notes)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, Equal, Implies
from ....language.statements import Case, Lemma, derived
from ....symbolic import Formula, index, total
from ..problem import AttentionNTP
from ._exact import Matrix, dyadic, lifted, masses, plus, probabilities, product, residuals, transpose
from ._instances import anything, golden
from ._symbols import COORDINATES, a, b, e, u, v

lemma = Lemma(
    label="attention-ntp.score-space",
    title="Embeddings enter training through their Gram matrix only",
    source=derived("the reduction (section 1.3 of our notes)"),
    text=r"Let $G=EE^\top$. The gradient step $W'=W-\eta E^\top\Gamma E$ moves the scores by $S'=S-\eta\,G\,\Gamma(S)\,G$, and"
    r" $\|E^\top\Lambda E\|_F^2=\mathrm{tr}(\Lambda^\top G\Lambda G)$. So training is determined by $G$ and the data. With orthonormal embeddings"
    r" the columns of $S$ are independent choice models; otherwise a query that never occurs can move.",
    uses=("attention-ntp.reduction",),
    instances=anything,
    examples=golden,
)


@lemma.step("scores of a lifted table", by="index calculus, normal form", scope="all sizes",
            latex=r"(E\,(E^\top\Gamma E)\,E^\top)_{uv}=(G\Gamma G)_{uv}")  # fmt: skip
def score_step() -> Equal:
    """Both sides are one sum over two tokens and two coordinates, in different orders."""
    gamma, tokens = sp.Function("Gamma"), "K"
    p, q = index("p"), index("q")

    def gram(first: Any, second: Any) -> Any:
        c = index("c")
        return total(e(first, c) * e(second, c), (c, COORDINATES))

    lift = total(e(p, a) * gamma(p, q) * e(q, b), (p, tokens), (q, tokens))
    left = total(e(u, a) * lift * e(v, b), (a, COORDINATES), (b, COORDINATES))
    return Equal(Formula(left), Formula(total(gram(u, p) * gamma(p, q) * gram(q, v), (p, tokens), (q, tokens))))


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
def unseen_queries_are_frozen(case: Case, always: bool = False) -> Implies:
    """Column k of G Gamma G is a combination of the columns of G Gamma with coefficients <e_j, e_k>, j a query that occurs."""
    problem = case.problem
    absent = [k for k in range(problem.vocabulary_size) if k not in problem.queries]
    frozen = [k for k in absent if always or not any(problem.gram[j][k] for j in problem.queries)]
    change = product(problem.gram, gammas(problem)[0], problem.gram)
    moved = tuple(change[v][k] for v in range(problem.vocabulary_size) for k in frozen)
    return Implies(bool(frozen), Equal(moved, (Fraction(0),) * len(moved)))


@lemma.mutant(of=step_in_score_space, latex=r"S'=S-\eta\,\Gamma")
def step_without_the_metric(case: Case) -> All:
    """W is updated, not S."""
    return step_in_score_space(case, metric=False)


@lemma.mutant(of=norm_in_score_space, latex=r"\|E^\top\Lambda E\|_F=\|\Lambda\|_F")
def norm_without_the_metric(case: Case) -> All:
    """Only for orthonormal embeddings."""
    return norm_in_score_space(case, metric=False)


@lemma.mutant(of=unseen_queries_are_frozen, latex=r"\text{a query without sequences is always frozen}")
def unseen_queries_never_move(case: Case) -> Implies:
    """Its column moves with every query whose embedding it overlaps."""
    return unseen_queries_are_frozen(case, always=True)
