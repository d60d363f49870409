"""Erratum: a divergence is not bounded below by one of its terms (2402.18551, display (30), NeurIPS 2024, p. 26).

The proof of Theorem 1, case (i), and its sketch keep one (j, z) of a sum of divergences as a lower bound; terms p
log(p/q) can be negative. A false step; the theorem survives (linear-ntp.regularization-path has another proof), and
so does the step with a constant less: group the outcomes other than z into one (Gibbs on the rest), KL >= p
log(p/q) + (1 - p) log((1 - p)/(1 - q)), drop (1 - p) log 1/(1 - q) >= 0, and use that the entropy of two outcomes
is at most log 2.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Interval
from ....exact.logarithms import LogVector, log_vector
from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Erratum, cite, clause
from ....symbolic import Formula, L, NonNegative
from ..problem import LinearNTP
from ._golden import anything, ex_one_half, fractions, golden

erratum = Erratum(
    label="linear-ntp.erratum-single-term-kl",
    title="A Kullback-Leibler divergence may be smaller than one of its terms",
    source=cite("thrampoulidis2024", "proof of Theorem 1, case (i), display (30), NeurIPS 2024, p. 26"),
    clauses=(
        clause(
            r"Printed: $\mathrm{KL}(p\|q)\ge p_z\log(p_z/q_z)$. This is false: for $p=(\frac12,\frac12)$,"
            r" $q=(\frac9{10},\frac1{10})$ the divergence is $0.5108$ and the term $0.8047$.",
            witness=("printed",),
        ),
        clause(
            r"What the proof needs holds: $\mathrm{KL}(p\|q)\ge p_z\log(1/q_z)-\log2$.",
            steps=("gibbs_step", "binary_step", "entropy_step"),
            claims=("repaired",),
        ),
        clause(
            r"Theorem 1 survives.",
            by=("linear-ntp.regularization-path",),
        ),
    ),
    uses=("linear-ntp.entropy-identity", "linear-ntp.regularization-path"),
    instances=anything,
    examples=(LinearNTP([[1]], [fractions("1/2", "1/2")]), ex_one_half, *golden),
)

WEIGHTS = (9, 1, 4, 2, 25)


def pairs(case: Case) -> list[tuple[tuple[Fraction, ...], tuple[Fraction, ...]]]:
    """Next-token laws p_j with rational q of full support; every such q is the softmax of some decoder where h_j is not zero."""
    size = case.problem.vocabulary_size
    q = tuple(Fraction(WEIGHTS[v % 5], sum(WEIGHTS[u % 5] for u in range(size))) for v in range(size))
    return [(p, x) for p in case.problem.probabilities for x in (q, q[::-1])]


def log_combination(terms: list[tuple[Fraction, Fraction]]) -> LogVector:
    """sum c log(x) for pairs (c, x), exact."""
    whole = log_vector({i: x for i, (_, x) in enumerate(terms)}, len(terms))
    parts = tuple((sum((c * e for (c, _), e in zip(terms, part)), Fraction(0)),) for part in whole.parts)
    return LogVector(whole.base, parts, 1)


def positive(x: LogVector) -> Less:
    """x > 0; an exact zero refutes exactly."""
    return Less(Fraction(0), Fraction(0) if x.is_zero() else Interval(x.enclose().center[0], x.enclose().radius))


def divergence(p: tuple[Fraction, ...], q: tuple[Fraction, ...]) -> list[tuple[Fraction, Fraction]]:
    """KL(p || q) as terms."""
    return [(a, a / b) for a, b in zip(p, q) if a]


@erratum.step("grouping to two outcomes", by="sign of a derivative", scope="all reals", latex=r"\log x\ge1-1/x\quad(x>0)")
def gibbs_step() -> All:
    """KL >= p log(p/q) + (1-p) log((1-p)/(1-q)) by Gibbs on the rest; at x = 1 + y and at x = 1 / (1 + y)."""
    y = sp.Symbol("y")
    return All(NonNegative(L(1 + y) - y / (1 + y), y), NonNegative(y - L(1 + y), y))


@erratum.step("the entropy of two outcomes is at most log 2", by="sign of a derivative", scope="all reals",
              latex=r"\log2-h(p)\ge0,\quad p=\tfrac1{2+x},\ x\ge0")  # fmt: skip
def entropy_step() -> NonNegative:
    """Times 2 + x; the other half by symmetry."""
    x = sp.Symbol("x")
    return NonNegative((2 + x) * (L(sp.Integer(2)) - L(2 + x)) + (1 + x) * L(1 + x), x)


@erratum.step(
    "two outcomes",
    by="index calculus, normal form",
    scope="all reals",
    latex=r"p\log\tfrac pq+(1-p)\log"
    r"\tfrac{1-p}{1-q}\ge p\log\tfrac1q-h(p)",
)
def binary_step() -> Equal:
    """Dropping (1-p) log 1/(1-q) >= 0 leaves p log(1/q) - h(p)."""
    p, q, r, s = sp.symbols("p q r s")
    left = p * L(p / q) + r * L(r / s)
    return Equal(Formula(left - r * L(1 / s)), Formula(p * L(1 / q) + p * L(p) + r * L(r)))


@erratum.claim(r"\text{printed: }\mathrm{KL}(p\|q)\ge p_z\log(p_z/q_z)", expected="refuted")
def printed(case: Case) -> All | NotExercised:
    """Strictly, on supports of at least two tokens; exact combinations of logarithms, signs enclosed."""
    relations = [positive(log_combination(divergence(p, q) + [(-a, a / b)])) for p, q in pairs(case) for a, b in zip(p, q) if 0 < a < 1]
    return All(*relations) if relations else NotExercised("every support has one token")


@erratum.claim(r"\text{repaired: }\mathrm{KL}(p\|q)\ge p_z\log(1/q_z)-\log2")
def repaired(case: Case, room: Fraction = Fraction(2)) -> All:
    """For every token of every support."""
    relations = [positive(log_combination([*divergence(p, q), (a, b), (Fraction(1), room)])) for p, q in pairs(case) for a, b in zip(p, q) if a]
    return All(*relations)


@erratum.mutant(of=repaired, latex=r"\mathrm{KL}(p\|q)\ge p_z\log(1/q_z)")
def without_log_two(case: Case) -> All:
    """The entropy of p is missing."""
    return repaired(case, Fraction(1))


@erratum.mutant(of=repaired, latex=r"\mathrm{KL}(p\|q)\ge p_z\log(1/q_z)-\tfrac14\log2")
def quarter_of_log_two(case: Case) -> All:
    """p = (1/2, 1/2) needs more than half of log 2."""
    relations = [
        positive(log_combination([*divergence(p, q), (a, b), (Fraction(1, 4), Fraction(2))])) for p, q in pairs(case) for a, b in zip(p, q) if a
    ]
    return All(*relations)
