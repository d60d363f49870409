"""Closed forms of the Graph-SVM: a component above incomparable tokens, and chains (B-L2 of our notes)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....language.relations import All, Equal, Implies
from ....language.statements import Case, Proposition, derived
from ....logit.problem import Vector
from ....symbolic import Formula
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


proposition = Proposition(
    label="attention-ntp.graph-svm-closed-forms",
    title="A component above incomparable tokens, and chains",
    source=derived("section B-L2 of our notes"),
    text=r"Orthonormal embeddings, one query. One component of $c$ tokens directly above $p$ incomparable tokens: the scores of"
    r" $W^{\mathrm{svm}}$ are $p/(c+p)$ on the component and $-c/(c+p)$ below, $\|W^{\mathrm{svm}}\|^2=cp/(c+p)$. A chain of $m$ single tokens:"
    r" scores equally spaced with gap $1$ and mean $0$, $\|W^{\mathrm{svm}}\|^2=m(m^2-1)/12$.",
    uses=("attention-ntp.graph-svm",),
    assumptions=(orthonormal_embeddings,),
    examples=(star(1, 1), star(1, 3), star(2, 1), star(2, 2), star(3, 2), star(3, 1), chain(2), chain(3), chain(4), chain(5)),
)


@proposition.step("norm of the star", by="rational normal form", scope="all sizes",
                  latex=r"c\bigl(\tfrac p{c+p}\bigr)^2+p\bigl(\tfrac c{c+p}\bigr)^2=\tfrac{cp}{c+p}")  # fmt: skip
def star_norm_step() -> All:
    """c tokens with one score and p with the other; the gap is one and the mean zero."""
    c, p = sp.symbols("c p")
    high, low = p / (c + p), -c / (c + p)
    return All(
        Equal(Formula(c * high**2 + p * low**2), Formula(c * p / (c + p))),
        Equal(Formula(high - low), Formula(1)),
        Equal(Formula(c * high + p * low), Formula(0)),
    )


@proposition.step("multipliers of the star", by="rational normal form", scope="all sizes",
                  latex=r"\text{edge to each lower token: } \tfrac c{c+p},\quad p\cdot\tfrac c{c+p}=c\cdot\tfrac p{c+p}")  # fmt: skip
def star_multiplier_step() -> All:
    """c/(c+p) on one edge to each lower token; ties move what arrives at the upper end evenly over the component."""
    c, p = sp.symbols("c p")
    each = c / (c + p)
    return All(Equal(Formula(p * each), Formula(c * (p / (c + p)))), Equal(Formula(p * each), Formula(c * p / (c + p))))


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
def star_solution(case: Case, squared: bool = True) -> Implies:
    """Against the exact solver."""
    c, p = shape(case.problem)
    top = priority_orders(case.problem)[0].components[0]
    scores = tuple(Fraction(p, c + p) if v in top else Fraction(-c, c + p) for v in range(case.problem.vocabulary_size))
    norm = graph_svm(case.problem).squared_norm
    expected = Fraction(c * p, c + p) if squared else Fraction(c * p, (c + p) ** 2)
    return Implies(is_star(case.problem), All(Equal(column(case.problem), scores), Equal(norm, expected)))


@proposition.claim(r"\text{chain: scores } j-\tfrac{m-1}2,\ \|W^{\mathrm{svm}}\|^2=m(m^2-1)/12,\ \lambda_j=j(m-j)/2")
def chain_solution(case: Case, centred: bool = True) -> Implies:
    """Against the exact solver, multipliers included; not `centred`: scores from zero."""
    m = case.problem.vocabulary_size
    order = [next(iter(c)) for c in reversed(priority_orders(case.problem)[0].components)] if is_chain(case.problem) else list(range(m))
    shift = Fraction(m - 1, 2) if centred else Fraction(0)
    scores = tuple(column(case.problem)[v] for v in order)
    values = {edge.upper: x for edge, x in graph_svm(case.problem).multipliers.items()}
    lam = tuple(values.get(order[j], Fraction(0)) for j in range(1, m))
    return Implies(
        is_chain(case.problem),
        All(
            Equal(scores, tuple(j - shift for j in range(m))),
            Equal(graph_svm(case.problem).squared_norm, Fraction(m * (m * m - 1), 12)),
            Equal(lam, tuple(Fraction(j * (m - j), 2) for j in range(1, m))),
        ),
    )


@proposition.mutant(of=star_solution, latex=r"\|W^{\mathrm{svm}}\|^2=cp/(c+p)^2")
def star_norm_with_another_power(case: Case) -> Implies:
    """The mean square of the scores is not their sum."""
    return star_solution(case, squared=False)


@proposition.mutant(of=chain_solution, latex=r"\text{chain: scores } 0,1,\dots,m-1")
def chain_from_zero(case: Case) -> Implies:
    """Shifting a column costs norm: the least norm has mean zero."""
    return chain_solution(case, centred=False)


proposition.mutant(of=star_solution, without=orthonormal_embeddings, instances=(skew_pair_above,), latex=r"\text{star, for all embeddings}")
proposition.mutant(of=chain_solution, without=orthonormal_embeddings, instances=(skew_chain,), latex=r"\text{chain, for all embeddings}")
