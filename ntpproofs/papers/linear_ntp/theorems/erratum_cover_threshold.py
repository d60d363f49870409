"""Erratum: Cover's d/m > 1/2 is a threshold for random labels, not a condition on data (2402.18551, Remark 1, NeurIPS 2024, p. 6).

A loose citation without consequence: Remark 1 calls d/m > 1/2 necessary and sufficient for data in general
position. Cover's theorem counts the separable labellings of m points in general position in R^d; more than half are
separable iff m < 2d, by the symmetry of the binomial coefficients of m - 1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from math import comb

from ....exact.rational import rank
from ....language.relations import All, Equal, Implies, Less
from ....language.statements import Case, Erratum, cite, clause
from ....language.verdicts import Outcome
from ..assumptions import ntp_separable
from ..problem import LinearNTP

# Labels +, +, - at (1,0), (0,1), (1,1): d/m = 2/3 and not separable. Points of a moment curve are in general position.
contradicting = LinearNTP([[1, 0], [0, 1], [1, 1]], [[1, 0], [1, 0], [0, 1]])
moment_curve = tuple(
    LinearNTP([[k**c for c in range(d)] for k in range(1, m + 1)], [[1, 0]] * m) for d, m in ((1, 2), (1, 3), (2, 3), (2, 4), (2, 5), (3, 4), (3, 5))
)

erratum = Erratum(
    label="linear-ntp.erratum-cover-threshold",
    title="d/m > 1/2 makes most labellings separable, not all",
    source=cite("thrampoulidis2024", "Remark 1, NeurIPS 2024, p. 6"),
    clauses=(
        clause(
            r"Printed for binary labels: data in general position are linearly separable iff $d/m>1/2$. This"
            r" is false: the points $(1,0),(0,1),(1,1)$ with labels $+,+,-$ have $d/m=2/3$ and are not"
            r" separable.",
            witness=("printed",),
        ),
        clause(
            r"Of the $2^m$ labellings of $m$ points in general position in $\mathbb R^d$ exactly"
            r" $2\sum_{k<d}\binom{m-1}k$ are separable by a hyperplane through the origin,",
            claims=("repaired",),
            cited="Cover 1965, function counting theorem",
        ),
        clause(
            r"more than half of them iff $d/m>1/2$.",
            claims=("majority",),
            argued="docstring",
        ),
    ),
    uses=("linear-ntp.one-token-supports",),
    instances=(contradicting, *moment_curve),
)


def in_general_position(problem: LinearNTP) -> bool:
    """Every d embeddings are independent, exactly."""
    size = min(problem.dimension, len(problem.embeddings))
    return all(rank(rows) == size for rows in combinations(problem.embeddings, size))


def separable_labellings(case: Case) -> int:
    """How many of the 2^m binary labellings are separable, each decided exactly; computed once per problem."""
    problem = case.problem

    def count() -> int:
        labellings = product(([1, 0], [0, 1]), repeat=len(problem.embeddings))
        return sum(ntp_separable(LinearNTP(problem.embeddings, rows)).outcome is Outcome.HOLDS for rows in labellings)

    found: int = problem.conditional_logit().remember("separable labellings", count)
    return found


def cover(dimension: int, points: int, extra: int = 0) -> int:
    """2 sum_{k < d} binom(m - 1, k)."""
    return 2 * sum(comb(points - 1, k) for k in range(dimension + extra))


@erratum.claim(r"\text{printed: general position and }d/m>1/2\Rightarrow\text{separable}", expected="refuted")
def printed(case: Case) -> Implies:
    """Decided exactly."""
    problem = case.problem
    premise = in_general_position(problem) and Fraction(problem.dimension, len(problem.embeddings)) > Fraction(1, 2)
    return Implies(premise, Equal(ntp_separable(problem).outcome is Outcome.HOLDS, True))


@erratum.claim(r"\text{repaired: }2\textstyle\sum_{k<d}\binom{m-1}k\text{ of the }2^m\text{ labellings are separable}")
def repaired(case: Case, extra: int = 0) -> Implies:
    """All labellings, one by one."""
    problem = case.problem
    expected = cover(problem.dimension, len(problem.embeddings), extra)
    return Implies(in_general_position(problem), Equal(separable_labellings(case), expected))


@erratum.claim(r"\text{more than half are separable iff }d/m>1/2")
def majority(case: Case, everything: bool = False) -> All:
    """The threshold for uniformly random labels."""
    problem = case.problem
    share = Fraction(separable_labellings(case), 2 ** len(problem.embeddings))
    ratio = Fraction(problem.dimension, len(problem.embeddings))
    most = Equal(share == 1, True) if everything else Less(Fraction(1, 2), share)
    above = Implies(ratio > Fraction(1, 2), most)
    return All(above, Implies(ratio <= Fraction(1, 2), Equal(share <= Fraction(1, 2), True)))


@erratum.mutant(of=repaired, latex=r"2\textstyle\sum_{k\le d}\binom{m-1}k")
def affine_count(case: Case) -> Implies:
    """That is the count for hyperplanes with an offset."""
    return repaired(case, extra=1)


@erratum.mutant(of=majority, latex=r"\text{all are separable iff }d/m>1/2")
def all_labellings(case: Case) -> All:
    """Certain only for m <= d."""
    return majority(case, everything=True)
