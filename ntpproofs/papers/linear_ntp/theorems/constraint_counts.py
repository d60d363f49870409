"""How many constraints of each context are independent, and what the paper's E^+ a is (Thrampoulidis 2024, running text).

Ranks. Every e_z - e_{z'} is a difference of two anchored rows, and anchored rows e_{z_j} - e_z are independent
because e_z occurs in one of them only; multiplying by h_j^T with h_j not zero keeps both facts. So (4) has rank s_j
- 1 in context j, and all constraints of (6), whose rows are e_{z_j} - e_v for v not z_j up to differences of
anchored ones, have rank V - 1.

Pseudo-inverse. E^+ a is the one solution of E u = a in the row space of E. Centred log-probabilities solve E u = a,
have sum zero, and a vector on S_j with sum zero is a combination of the rows; none of this mentions the anchor.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.logarithms import LogVector
from ....exact.rational import dot, rank
from ....language.relations import All, Equal, Implies, Less, NotExercised, Relation
from ....language.statements import Case, Lemma, cite, clause
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ....symbolic.index_calculus import Delta
from ..assumptions import nonzero_embeddings
from ..problem import LinearNTP
from ._decoders import centred_log_probabilities, difference, generators, log_entries
from ._golden import anything, golden
from ._losses import in_support_space

lemma = Lemma(
    label="linear-ntp.constraint-counts",
    title="Constraints of one context: counts, ranks and the pseudo-inverse of the log-odds",
    source=cite("thrampoulidis2024", "running text on the constraints (4) and (6)", "independence is claimed within a context only"),
    setup=r"Let $h_j\ne0$, $E_j$ the rows $e_{z_j}-e_z$ and $a_j$ the log-odds $\log(p_{z_j}/p_z)$, $z\in"
    r" S_j\setminus z_j$.",
    clauses=(
        clause(
            r"The $\binom{s_j}2$ equations of (4) in context $j$ have rank $s_j-1$, that of the anchored ones,"
            r" and all constraints of (6) have rank $V-1$.",
            claims=("ranks_of_one_context",),
            argued="docstring",
        ),
        clause(
            r"$E_j^+a_j$ is the vector of log-probabilities centred on $S_j$ and zero off it, whatever the"
            r" anchor.",
            steps=("differences_step", "sum_step", "row_space_step"),
            claims=("pseudo_inverse_is_centring",),
        ),
        clause(
            r"Across contexts the constraints may depend on one another.",
            witness=("dependent_across_contexts",),
        ),
        clause(
            r"$\mathcal F$ lies in the tied subspace, and is all of it for NTP-separable data:"
            r" $(e_z-e_{z'})h_j^\top$ is the difference of row $(j,z)$ and its negative that of row $(j,z')$,"
            r" which together are a circulation.",
            by=("foundations.separation",),
            claims=("support_space_is_tied",),
        ),
    ),
    uses=("linear-ntp.compatibility", "foundations.separation"),
    assumptions=(nonzero_embeddings,),
    instances=anything,
    examples=golden,
)

y, anchor, z, u, t = sp.Function("y"), index("a"), index("z"), index("u"), index("t")


def centred(token: sp.Expr) -> sp.Expr:
    """y_token - mean of y over the support."""
    return y(token) - total(y(u), (u, "S")) / total(sp.Integer(1), (u, "S"))


@lemma.step("centring keeps differences", by="index calculus, normal form", scope="all sizes", latex=r"u_a-u_z=\log p_a-\log p_z")
def differences_step() -> Equal:
    """So E u = a for y = log p."""
    u_ = sp.Function("u")
    given = {u_(token): centred(token) for token in (anchor, z)}
    return Equal(Formula(u_(anchor) - u_(z), signed=frozenset("y"), given=given), Formula(y(anchor) - y(z)))


@lemma.step("centring sums to zero", by="index calculus, normal form", scope="all sizes", latex=r"\sum_{z\in S}u_z=0")
def sum_step() -> Equal:
    """The mean is taken off as often as there are tokens."""
    return Equal(Formula(total(centred(z), (z, "S"))), Formula(sp.Integer(0)))


@lemma.step("vectors of sum zero are combinations of the rows", by="index calculus, normal form", scope="all sizes",
            latex=r"x=-\sum_zx_z(e_a-e_z)+\bigl(\textstyle\sum_zx_z\bigr)e_a")  # fmt: skip
def row_space_step() -> Equal:
    """So u lies in the row space of E, and E^+ a is the one solution there."""
    rows = -total(y(z) * (Delta(anchor, t) - Delta(z, t)), (z, "S"))
    return Equal(Formula(y(t)), Formula(rows + total(y(z), (z, "S")) * Delta(anchor, t)))


def pair_rows(problem: LinearNTP, j: int, anchored: bool) -> list[Vector]:
    """The generators of context j over all pairs of its support, or over the pairs with its first token."""
    support = sorted(problem.supports[j])
    firsts = support[:1] if anchored else support
    return [difference(problem, j, z_, x) for z_ in firsts for x in support if x > z_]


@lemma.step("two contexts on a ray", by="exact rank", scope="one instance", latex=r"h_2=2h_1,\ S_1=S_2:\ \text{two generators of rank one}")
def dependent_across_contexts() -> Less:
    """The second context repeats the equation of the first."""
    rows = generators(LinearNTP([[1], [2]], [["1/2", "1/2", "0"], ["1/2", "1/2", "0"]]))
    return Less(rank(rows), len(rows))


@lemma.claim(r"\text{rank of (4) in context } j = s_j-1\text{, with or without anchor; rank of (6)} = V-1")
def ranks_of_one_context(case: Case) -> All:
    """Exact ranks over the rationals."""
    problem, parts = case.problem, []
    for j, support in enumerate(problem.supports):
        everything = [difference(problem, j, min(support), v) for v in range(problem.vocabulary_size) if v != min(support)]
        ranks = tuple(rank(rows) for rows in (pair_rows(problem, j, False), pair_rows(problem, j, True), everything))
        parts.append(Equal(ranks, (len(support) - 1, len(support) - 1, problem.vocabulary_size - 1)))
    return All(*parts)


def pseudo_inverse(rows: list[Vector], right: LogVector) -> LogVector:
    """E^+ a = E^T (E E^T)^{-1} a for independent rows, by exact elimination."""
    width, n = len(rows[0]), len(rows)
    table = [[dot(x, z_) for z_ in rows] + [part[i] for part in right.parts] for i, x in enumerate(rows)]
    for i in range(n):
        pivot = next(k for k in range(i, n) if table[k][i])
        table[i], table[pivot] = table[pivot], table[i]
        table[i] = [x / table[i][i] for x in table[i]]
        table = [row if k == i else [a - row[i] * b for a, b in zip(row, table[i])] for k, row in enumerate(table)]
    parts = [[sum((table[i][n + k] * rows[i][c] for i in range(n)), Fraction(0)) for c in range(width)] for k in range(len(right.base))]
    return LogVector(right.base, tuple(map(tuple, parts)), width)


@lemma.claim(r"E_j^+a_j = \log p_j\text{ centred on }S_j,\text{ for every anchor}")
def pseudo_inverse_is_centring(case: Case, over_vocabulary: bool = False) -> Relation:
    """Exact vectors of logarithms."""
    problem, parts = case.problem, list[Relation]()
    for j, block in enumerate(problem.data.blocks):
        for first in sorted(block.labels) if len(block.labels) > 1 else ():
            rest = sorted(block.labels.keys() - {first})
            rows = [tuple(Fraction((v == first) - (v == x)) for v in range(problem.vocabulary_size)) for x in rest]
            odds = log_entries([block.labels[first] / block.labels[x] for x in rest])
            parts.append(Equal(pseudo_inverse(rows, odds), centred_log_probabilities(problem, j, over_vocabulary)))
    return All(*parts) if parts else NotExercised("every support has one token")


def support_space_is_tied_if(case: Case, always: bool) -> All:
    """Generators are fixed by the projection onto the tied subspace; bases agree for separable data (or, wrongly, `always`)."""
    tied, rows = case.derived.tied, generators(case.problem)
    separable = case.derived.separation.tied_sets == case.problem.supports
    same = Equal(in_support_space(case.problem).basis, tied.basis)
    return All(Equal(tuple(tied.project(row) for row in rows), rows), Implies(always or separable, same))


@lemma.claim(r"\mathcal F\subseteq\text{tied subspace, with equality if NTP-separable}")
def support_space_is_tied(case: Case) -> All:
    """Exact projections and exact bases."""
    return support_space_is_tied_if(case, always=False)


@lemma.mutant(of=support_space_is_tied, latex=r"\mathcal F=\text{tied subspace always}")
def support_space_is_everything_tied(case: Case) -> All:
    """Contexts that contradict each other tie off-support tokens too."""
    return support_space_is_tied_if(case, always=True)


@lemma.mutant(of=ranks_of_one_context, latex=r"\text{the anchored constraints of all contexts are independent}")
def independent_across_contexts(case: Case) -> Equal:
    """Collinear contexts repeat one another's constraints."""
    rows = generators(case.problem)
    return Equal(rank(rows), len(rows))


@lemma.mutant(of=ranks_of_one_context, latex=r"\text{the }\tbinom{s_j}2\text{ pairwise equations are independent}")
def pairs_are_independent(case: Case) -> All:
    """Three tokens already give three equations of rank two."""
    problem = case.problem
    counts = [(rank(rows), len(rows)) for rows in (pair_rows(problem, j, False) for j in range(len(problem.supports)))]
    return All(*(Equal(found, count) for found, count in counts))


@lemma.mutant(of=pseudo_inverse_is_centring, latex=r"E_j^+a_j=\log p_j\text{ centred over the whole vocabulary}")
def centred_over_the_vocabulary(case: Case) -> Relation:
    """The mean runs over the support."""
    return pseudo_inverse_is_centring(case, over_vocabulary=True)


lemma.mutant(of=ranks_of_one_context, without=nonzero_embeddings, latex=r"\text{also for } h_j=0")
