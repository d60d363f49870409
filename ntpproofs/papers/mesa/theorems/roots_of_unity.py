"""Enumerating W over N-th roots of unity: from which N on the averages are exact.

N-th roots of unity in the place of the circle identify exponents modulo N: averages of products of two characters are exact when no two
exponents of one l_j differ by N or more. At position t a feature of all blocks has the exponents
(i-1-p) e_m - (i-1-q) e_k + (t-1-r) e_l with lags p, q, r in {0, 1} and i <= t, between -(t-1) and 2t-2 in each coordinate, the target t between
them: differences are at most 3t-3 <= 3T-6. In the reduced problem p = 0, q = 1 and r = 0, so that i - 2 <= t - 2: between -(t-2) and 2t-2,
differences at most 3t-4 <= 3T-7, and 3T-6 >= 2T-3 from T = 3 on.
"""

from __future__ import annotations

from ....language.relations import All, Equal
from ....language.statements import Case, Lemma, derived
from ....language.statements import clause as says
from ..characters import spread
from ..model import embedded, loss
from ._instances import golden, problem, short, skewed
from ._points import full_blocks, live, sequences

theorem = Lemma(
    label="mesa.roots-of-unity",
    title="Enumeration over roots of unity is exact from a threshold on",
    source=derived("the spread of exponents"),
    setup=r"Replace the circle by the $N$-th roots of unity.",
    clauses=(
        says(
            r"Averages over $N$-th roots of unity give the same loss for $N\ge3T-5$, in the reduced problem for $N\ge\max(2T-3,3T-6)$.",
            argued="docstring: the range of exponents",
            claims=("roots_of_unity_are_exact", "exponents_stay_within"),
        ),
        says(r"$N=2T$ is not enough in the reduced problem at $T=7$.", witness=("twice_the_length_fails",)),
    ),
    uses=("mesa.character-calculus",),
    instances=short,
    examples=[p for p in golden if p.dimension * p.length <= 12],
)


@theorem.step("N = 2T fails", by="exact averages", scope="d = 2, T = 7")
def twice_the_length_fails() -> Equal:
    """The fourteenth roots of unity change the reduced loss of a skewed start."""
    case = problem(skewed, 7)
    blocks = embedded(*live(case))
    changed = loss(sequences(case), case.law, *blocks, modulus=14) != loss(sequences(case), case.law, *blocks)
    return Equal(changed, True)


@theorem.claim(r"\text{averages over }N\text{-th roots of unity are exact}")
def roots_of_unity_are_exact(case: Case, full: int | None = None, reduced: int | None = None) -> All:
    """At the stated thresholds, for full P and Q, and for full B and A."""
    p = case.problem
    t = p.length
    blocks, live_blocks = full_blocks(p), embedded(*live(p))
    n, m = full or 3 * t - 5, reduced or max(2 * t - 3, 3 * t - 6)
    return All(
        Equal(loss(sequences(p), p.law, *blocks, modulus=n), loss(sequences(p), p.law, *blocks)),
        Equal(loss(sequences(p), p.law, *live_blocks, modulus=m), loss(sequences(p), p.law, *live_blocks)),
    )


@theorem.claim(r"\text{exponents of one }\lambda_j\text{ differ by at most }3T-6")
def exponents_stay_within(case: Case, slack: int = 6) -> Equal:
    """Over all features and the target of each position; the bound is attained (in one dimension the spread is 3)."""
    p = case.problem
    s = sequences(p)
    spreads = []
    for t in s.times:
        statistic, embedding = s.statistic(t), s.embedding(t)
        products = [m * e for row in statistic for m in row for e in embedding]
        spreads.append(spread([*products, *s.token(t + 1)]))
    expected = 3 if p.dimension == 1 else 3 * p.length - slack
    return Equal(max(spreads), expected)


@theorem.mutant(of=roots_of_unity_are_exact, latex=r"N=T\text{ roots are enough}")
def as_many_roots_as_tokens(case: Case) -> All:
    """Distinct exponents fall together."""
    return roots_of_unity_are_exact(case, full=case.problem.length, reduced=case.problem.length)


@theorem.mutant(of=exponents_stay_within, latex=r"\text{exponents differ by at most }3T-7")
def smaller_spread(case: Case) -> Equal:
    """The spread is attained."""
    return exponents_stay_within(case, slack=7)
