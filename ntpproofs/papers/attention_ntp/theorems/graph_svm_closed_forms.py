"""Closed forms of the Graph-SVM: a component above incomparable tokens, and chains.

Star: the scores w given below are feasible, for their gap is 1. For every feasible x, equal to x_0 on the component, <w, x> is
c/(c+p) times the sum over the lower tokens of x_0 - x_v >= 1, so <w, x> >= cp/(c+p) = |w|^2, and |x| >= |w| with equality for x
= w only (Cauchy and Schwarz). Chain: lambda_j = j (m - j) / 2 > 0 on the edge from j to j - 1 has lambda_j - lambda_{j+1} = j -
(m - 1)/2, the score of token j: so w = sum lambda_j (e_j - e_{j-1}), all of whose margins are 1, and |w|^2 = sum lambda_j by
complementary slackness. The sums of j and of j^2 follow from their recursions by induction on m.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Proposition, clause, derived
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..assumptions import orthonormal_embeddings
from ..graph_programmes import graph_svm
from ..priority_graph import priority_orders
from ..problem import AttentionNTP
from ._exact import zero
from ._instances import one_hot, skew_chain, skew_pair_above


def star(c: int, p: int) -> AttentionNTP:
    """The component {0, ..., c-1} with the query 0 directly above p incomparable tokens.

    >>> star(1, 2).labels
    (0, 0, 0)
    """
    component = [*range(1, c), 0]
    return one_hot(c + p, *((component, v) for v in range(c)), *(([v, 0], 0) for v in range(c, c + p)))


def chain(m: int) -> AttentionNTP:
    """m - 1 over ... over 1 over the query 0.

    >>> chain(3).sequences
    ((1, 0), (2, 1, 0))
    """
    return one_hot(m, *(([v, *([v - 1] if v > 1 else []), 0], v) for v in range(1, m)))


STAR = {"C": 1, "P": 1}

proposition = Proposition(
    label="attention-ntp.graph-svm-closed-forms",
    title="A component above incomparable tokens, and chains",
    source=derived("optimality conditions in score space"),
    setup=r"Orthonormal embeddings, one query.",
    clauses=(
        clause(
            r"One component of $c$ tokens directly above $p$ incomparable tokens: the scores of $W^{\mathrm{svm}}$ are $p/(c+p)$ on"
            r" the component and"
            r" $-c/(c+p)$ below,",
            steps=("star_step",),
            by=("foundations.max-margin",),
            claims=("star_solution",),
        ),
        clause(r"and $\|W^{\mathrm{svm}}\|^2=cp/(c+p)$.", steps=("star_norm_step",), claims=("star_solution",)),
        clause(
            r"A chain of $m$ single tokens: scores equally spaced with gap $1$ and mean $0$, multipliers $j(m-j)/2$,",
            argued="docstring",
            steps=("chain_multiplier_step",),
            by=("foundations.max-margin",),
            claims=("chain_solution",),
        ),
        clause(
            r"and $\|W^{\mathrm{svm}}\|^2=m(m^2-1)/12$.",
            argued="docstring, by induction on $m$",
            steps=("chain_norm_step",),
            claims=("chain_solution",),
        ),
    ),
    uses=("attention-ntp.graph-svm",),
    assumptions=(orthonormal_embeddings,),
    examples=(star(1, 1), star(1, 3), star(2, 1), star(2, 2), star(3, 2), star(3, 1), chain(2), chain(3), chain(4), chain(5)),
)


def star_scores() -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]:
    """c, p (as sums of ones over the two ranges) and the scores on the component and below."""
    c, p = total(sp.Integer(1), (index("i"), "C")), total(sp.Integer(1), (index("j"), "P"))
    return c, p, p / (c + p), -c / (c + p)


@proposition.step("the star is optimal", by="index calculus, normal form", scope="all sizes, c and p at least 1",
                  latex=r"\sum_{i\in C}\tfrac p{c+p}x_0-\sum_{j\in P}\tfrac c{c+p}x_j=\tfrac c{c+p}\sum_{j\in P}(x_0-x_j)")  # fmt: skip
def star_step() -> Equal:
    """<w, x> for x equal to x_0 on the component: every term on the right is at least c / (c + p) for feasible x."""
    c, p, high, low = star_scores()
    top, x, i, j = sp.Symbol("x_0"), sp.Function("x"), index("i"), index("j")
    left = total(high * top, (i, "C")) + total(low * x(j), (j, "P"))
    right = c / (c + p) * total(top - x(j), (j, "P"))
    return Equal(Formula(left, sizes=STAR), Formula(right, sizes=STAR))


@proposition.step("norm of the star", by="index calculus, normal form", scope="all sizes, c and p at least 1",
                  latex=r"\sum_{i\in C}\bigl(\tfrac p{c+p}\bigr)^2+\sum_{j\in P}\bigl(\tfrac c{c+p}\bigr)^2=\tfrac{cp}{c+p}")  # fmt: skip
def star_norm_step() -> Equal:
    """c tokens with one score and p with the other."""
    c, p, high, low = star_scores()
    left = total(high**2, (index("i"), "C")) + total(low**2, (index("j"), "P"))
    return Equal(Formula(left, sizes=STAR), Formula(c * p / (c + p), sizes=STAR))


@proposition.step("norm of the chain", by="rational normal form", scope="all sizes (induction on m)",
                  latex=r"\textstyle\sum_{j<m}j^2-\tfrac{(\sum_{j<m}j)^2}m=\tfrac{m(m^2-1)}{12}")  # fmt: skip
def chain_norm_step() -> All:
    """The closed sums of j and j^2 satisfy their recursions, and the squares of centred scores follow."""
    m = sp.Symbol("m")
    first, second = m * (m - 1) / 2, m * (m - 1) * (2 * m - 1) / 6
    return All(
        Equal(Formula(first.subs(m, m + 1) - first), Formula(m)),
        Equal(Formula(second.subs(m, m + 1) - second), Formula(m**2)),
        Equal(Formula(second - first**2 / m), Formula(m * (m**2 - 1) / 12)),
    )


@proposition.step("multipliers of the chain", by="rational normal form", scope="all sizes",
                  latex=r"\lambda_j-\lambda_{j+1}=j-\tfrac{m-1}2,\quad\lambda_j=\tfrac{j(m-j)}2>0")  # fmt: skip
def chain_multiplier_step() -> Equal:
    """lambda_j on the edge from j to j - 1: positive for 0 < j < m, so every neighbouring edge is strongly active."""
    m, j = sp.symbols("m j")
    edge = j * (m - j) / 2
    return Equal(Formula(edge - edge.subs(j, j + 1)), Formula(j - (m - 1) / 2))


def column(problem: AttentionNTP) -> Vector:
    """The scores of the query 0 under W^svm."""
    return tuple(row[0] for row in problem.scores(graph_svm(problem).direction or zero(problem)))


def shape(problem: AttentionNTP) -> tuple[int, int]:
    """The size of the first component and the number of tokens after it."""
    order = priority_orders(problem)[0]
    return len(order.components[0]), len(order.tokens) - len(order.components[0])


def is_star(problem: AttentionNTP) -> bool:
    """Whether all later components are single tokens directly below the first and nothing else is ordered."""
    order = priority_orders(problem)[0]
    return len(order.generations) == 2 and len(order.generations[0]) == 1 and all(len(c) == 1 for c in order.generations[1])


def is_chain(problem: AttentionNTP) -> bool:
    """Whether the components are single tokens in one line."""
    order = priority_orders(problem)[0]
    return len(order.generations) == len(order.tokens)


@proposition.claim(r"\text{star: scores } p/(c+p)\text{ and } -c/(c+p),\ \|W^{\mathrm{svm}}\|^2=cp/(c+p)")
def star_solution(case: Case, squared: bool = True) -> All | NotExercised:
    """Against the exact solver."""
    if not is_star(case.problem):
        return NotExercised("no star")
    c, p = shape(case.problem)
    top = priority_orders(case.problem)[0].components[0]
    scores = tuple(Fraction(p, c + p) if v in top else Fraction(-c, c + p) for v in range(case.problem.vocabulary_size))
    norm = graph_svm(case.problem).squared_norm
    expected = Fraction(c * p, c + p) if squared else Fraction(c * p, (c + p) ** 2)
    return All(Equal(column(case.problem), scores), Equal(norm, expected))


@proposition.claim(r"\text{chain: scores } j-\tfrac{m-1}2,\ \|W^{\mathrm{svm}}\|^2=m(m^2-1)/12,\ \lambda_j=j(m-j)/2")
def chain_solution(case: Case, centred: bool = True) -> All | NotExercised:
    """Against the exact solver, multipliers included; not `centred`: scores from zero."""
    if not is_chain(case.problem):
        return NotExercised("no chain")
    m = case.problem.vocabulary_size
    order = [next(iter(c)) for c in reversed(priority_orders(case.problem)[0].components)]
    shift = Fraction(m - 1, 2) if centred else Fraction(0)
    scores = tuple(column(case.problem)[v] for v in order)
    values = {edge.upper: x for edge, x in graph_svm(case.problem).multipliers.items()}
    lam = tuple(values.get(order[j], Fraction(0)) for j in range(1, m))
    return All(
        Equal(scores, tuple(j - shift for j in range(m))),
        Equal(graph_svm(case.problem).squared_norm, Fraction(m * (m * m - 1), 12)),
        Equal(lam, tuple(Fraction(j * (m - j), 2) for j in range(1, m))),
    )


@proposition.mutant(of=star_solution, latex=r"\|W^{\mathrm{svm}}\|^2=cp/(c+p)^2")
def star_norm_with_another_power(case: Case) -> All | NotExercised:
    """The mean square of the scores is not their sum."""
    return star_solution(case, squared=False)


@proposition.mutant(of=chain_solution, latex=r"\text{chain: scores } 0,1,\dots,m-1")
def chain_from_zero(case: Case) -> All | NotExercised:
    """Shifting a column costs norm: the least norm has mean zero."""
    return chain_solution(case, centred=False)


proposition.mutant(of=star_solution, without=orthonormal_embeddings, instances=(skew_pair_above,), latex=r"\text{star, for all embeddings}")
proposition.mutant(of=chain_solution, without=orthonormal_embeddings, instances=(skew_chain,), latex=r"\text{chain, for all embeddings}")
