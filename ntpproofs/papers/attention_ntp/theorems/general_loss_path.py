"""Acyclic data: the regularisation path of every decreasing loss points along the Graph-SVM.

Let g_i = sum_v p_iv (gamma_{i,y_i} - gamma_iv) be what the score of the label misses and q_i = 1 - p_{i,y_i}. All gaps of head
scores are positive, so c q_i <= g_i <= C q_i. The scores stay in a compact interval; if l' < 0 on it, l(gamma_y - g) -
l(gamma_y) lies between m g and M g, and between m g^r and M g^r if l' has a zero of order r - 1 at every gamma_y, with
constants m, M > 0. The matrix R W^svm/|W^svm| has all margins at least R gamma*, gamma* = 1/|W^svm|, so q_i <= const exp(-R
gamma*) and the loss above its infimum is at most const exp(-r R gamma*). Let U be a unit matrix whose smallest margin is at
most (1 - eps) gamma*. Then some q_i at R U is at least const exp(-R (1 - eps) gamma*), and the loss above its infimum is at
least const exp(-r R (1 - eps) gamma*): for large R it is no minimiser. So the smallest margin of a minimiser over R tends to
gamma*, and by compactness and the uniqueness of the unit matrix with this margin the direction tends to W^svm/|W^svm|.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, interval
from ....language.relations import All, AtMost, Converges
from ....language.statements import Case, Theorem, cite, clause
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import softmax_balls
from ....symbolic import L, NonNegative
from ..assumptions import acyclic, some_cross_edge
from ._general_loss import BallMinimisers
from ._instances import chain, mixed, one_hot, pair, partly_tied, per_query, skew_chain, skew_per_query, unseen
from ._limits import svm, unit
from .tie_breaking import two_to_one

RADII = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
# The counts 3, 2, 1 of the golden triple, and a token below all of them.
triple_above = one_hot(4, *(([1, 2, 0], 0),) * 3, *(([1, 2, 0], 1),) * 2, ([1, 2, 0], 2), ([3, 0], 0))

theorem = Theorem(
    label="attention-ntp.general-loss-path",
    title="Acyclic data, any decreasing loss: the regularisation path has the Graph-SVM direction",
    source=cite(
        "li2024",
        "regularisation path for general losses on acyclic data (recalled from secondary sources, not checked against print)",
        "hypotheses as proved"
        r" here",
    ),
    setup=r"Acyclic data with a cross edge, independent embeddings, head scores with $\gamma_{i,y_i}>\gamma_{iv}$ for every other token of the"
    r" sequence, $\ell\in C^1$, $\overline W_R$ a minimiser of the loss in the ball $\|W\|\le R$.",
    clauses=(
        clause(
            r"If $\ell'<0$ on the interval of scores, $\overline W_R/R\to\widehat W$: tested for $-\log u$ and $-u$ and two heads.",
            argued="docstring",
            claims=("directions_converge", "head_does_not_matter", "missing_score", "masses_at_the_comparison_point"),
        ),
        clause(
            r"The same if $\ell'$ has a zero of one finite order at the label's score of every sequence: tested for $(1-u)^2$.",
            argued="docstring, with the order $r$",
            claims=("squared_loss_converges",),
        ),
        clause(
            r"For the logarithmic loss $g\le-\log(1-g)\le\tfrac g{1-g}$.",
            steps=("loss_from_above", "loss_from_below"),
        ),
    ),
    uses=("attention-ntp.regularization-path",),
    # Acyclic data without a cross edge have constant sequences only: the loss does not depend on W, and no direction is defined.
    assumptions=(acyclic, independent_embeddings, some_cross_edge),
    instances=(chain, per_query, unseen, skew_chain, skew_per_query, two_to_one),
    examples=(mixed, pair),
)


@theorem.claim(r"c_{\min}q_i\le\sum_vp_{iv}(\gamma_{i,y_i}-\gamma_{iv})\le c_{\max}q_i,\ q_i=1-p_{iy_i}")
def missing_score(case: Case) -> AtMost:
    """For rational attention masses and head scores that are nowhere special."""
    problem, lefts, rights = case.problem, [], []
    for tokens, y in zip(problem.choice_sets, problem.labels):
        masses = {v: Fraction(2 * v + 3, sum(2 * u + 3 for u in tokens)) for v in tokens}
        gaps = {v: Fraction(3 + v, 2 + y) for v in tokens if v != y}
        q = sum((masses[v] for v in gaps), Fraction(0))
        g = sum((masses[v] * gaps[v] for v in gaps), Fraction(0))
        lefts += [min(gaps.values(), default=Fraction(0)) * q, g]
        rights += [g, max(gaps.values(), default=Fraction(0)) * q]
    return AtMost(tuple(lefts), tuple(rights))


@theorem.step("S2 logarithmic loss from above", by="sign of a derivative", scope="all x >= 0", latex=r"-\log(1-g)=\log(1+x)\le x,\ x=\tfrac g{1-g}")
def loss_from_above() -> NonNegative:
    """The gap of the loss is at most a constant times g."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


@theorem.step("S2 logarithmic loss from below", by="sign of a derivative", scope="all x >= 0", latex=r"\log(1+x)\ge\tfrac x{1+x}=g")
def loss_from_below() -> NonNegative:
    """And at least g itself."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / (1 + x), x)


@theorem.claim(r"q_i(sW^{\mathrm{svm}})\le\textstyle\sum_{v\ne y_i}\tfrac{m_{iv}}{m_{iy_i}}e^{-s},\ s=0,1,8,64")
def masses_at_the_comparison_point(case: Case) -> AtMost:
    """All margins of W^svm are at least 1; a direction of smaller margin m keeps q of order e^{-sm}, and compactness does the rest."""
    problem, lefts, rights = case.problem, [], []
    with ctx.workprec(PRECISION):
        for s in (0, 1, 8, 64):
            balls = softmax_balls(problem.conditional_logit(), tuple(s * x for x in svm(case)))
            for tokens, counts, y, masses in zip(problem.choice_sets, problem.multiplicities, problem.labels, balls):
                lefts.append(interval(sum((masses[n] for n, v in enumerate(tokens) if v != y), arb(0))))
                rights.append(interval(arb(sum(counts[v] for v in tokens if v != y)) / counts[y] * arb(-s).exp()))
    return AtMost(tuple(lefts), tuple(rights))


def path(case: Case, loss: str, gamma: object = None, rate: float | None = None) -> Converges:
    """The directions of ball minimisers against the Graph-SVM direction, in the radius: the error is O(1/R)."""
    minimisers = BallMinimisers(case.problem, loss, gamma)
    found = case.problem.conditional_logit().remember((loss, repr(gamma)), lambda: minimisers.directions(RADII))
    return Converges(found, unit(svm(case)), rate)


@theorem.claim(r"\overline W_R/R\to\widehat W\text{ for }\ell(u)=-\log u,\ -u")
def directions_converge(case: Case) -> All:
    """The dual head, two losses with negative slope everywhere."""
    return All(*(path(case, loss) for loss in ("logarithmic", "linear")))


@theorem.claim(r"\overline W_R/R\to\widehat W\text{ for }\ell(u)=(1-u)^2")
def squared_loss_converges(case: Case) -> Converges:
    """With the dual head its slope has a simple zero at the score 1 of every label."""
    return path(case, "squared")


@theorem.claim(r"\text{the same for a head with unequal scores, the label's the highest}")
def head_does_not_matter(case: Case, best: float = 1.0) -> Converges:
    """gamma_{y,v} = v/10 below gamma_{yy} = 1."""
    size = case.problem.vocabulary_size
    gamma = [[best if v == y else (v + 1) / 10 for v in range(size)] for y in range(size)]
    return path(case, "linear", gamma)


@theorem.mutant(of=directions_converge, latex=r"\text{an increasing loss has the same path}")
def increasing_loss(case: Case) -> Converges:
    """It pushes attention away from the label."""
    return path(case, "increasing")


@theorem.mutant(of=directions_converge, latex=r"\overline W_R/R-\widehat W=O(e^{-R})")
def exponentially_fast(case: Case) -> Converges:
    """The error is of order 1/R."""
    return path(case, "linear", rate=1.0)


@theorem.mutant(of=squared_loss_converges, without=acyclic, instances=[triple_above], latex=r"\text{on cyclic data, squared loss}")
def squared_loss_on_cycles(case: Case) -> Converges:
    """Counts 3, 2, 1 on a cycle: the optimal masses are (3/5, 2/5, 0), so the cycle itself is torn apart."""
    return path(case, "squared")


@theorem.mutant(
    of=directions_converge,
    without=independent_embeddings,
    instances=[partly_tied],
    latex=r"\text{for all embeddings, along the reduction's direction}",
)
def reduction_decides_always(case: Case) -> Converges:
    """A token tied by its embedding: the Graph-SVM has no solution, and the linear loss tears the tie as it would a cycle."""
    return Converges(path(case, "linear").path, unit(case.derived.max_margin.direction))
