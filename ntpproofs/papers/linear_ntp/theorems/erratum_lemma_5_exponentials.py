"""Erratum: Lemma 5 adds exponentials that multiply (2402.18551, displays (15) and (16), NeurIPS 2024, p. 23).

Printed for the loss of token z in context j: log(1 + sum over the rest of S_j of e^{-a} + sum over v off S_j of
e^{-a_v} + sum over v off S_j of e^{-b_v}), with a_v = (e_z - e_v)^T W_F h_j and b_v the same for the part off F,
which is (1 + alpha) R' W^mm in (15) and W_perp in (16). The exponent of one term off the support is a_v + b_v, so
the two weights multiply. A false step of the proof of Lemma 5 and so of Theorem 2; both survive with another
threshold (linear-ntp.margin-comparison).
"""

from __future__ import annotations

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, Equal
from ....language.statements import Case, Erratum, cite, clause
from ....logit.enclosures import exact_scores
from ....symbolic import E, Formula
from ._golden import anything, golden
from ._losses import Vector, plus, point, risk, split

erratum = Erratum(
    label="linear-ntp.erratum-lemma-5-exponentials",
    title="The mass off the support is a product of two exponentials, not their sum",
    source=cite("thrampoulidis2024", "Lemma 5, displays (15) and (16), NeurIPS 2024, p. 23"),
    setup=r"Let $a_v=(e_z-e_v)^\top W_{\mathcal F}h_j$ and $b_v=(e_z-e_v)^\top W_\perp h_j$,"
    r" $W_\perp=(1+\alpha)R'W^{\mathrm{mm}}$ in (15).",
    clauses=(
        clause(
            r"Printed: the loss of token $z$ is $\log\bigl(\sum_{z'\in S_j}e^{-a_{z'}}+\sum_{v\notin"
            r" S_j}e^{-a_v}+\sum_{v\notin S_j}e^{-b_v}\bigr)$. This is false.",
            witness=("printed",),
        ),
        clause(
            r"It is $\log\bigl(\sum_{z'\in S_j}e^{-a_{z'}}+\sum_{v\notin S_j}e^{-a_v}e^{-b_v}\bigr)$.",
            steps=("exponential_law",),
            by=("linear-ntp.split-identity",),
            claims=("repaired",),
        ),
        clause(
            r"The lemma survives.",
            by=("linear-ntp.margin-comparison",),
        ),
    ),
    uses=("linear-ntp.split-identity", "linear-ntp.margin-comparison"),
    instances=anything,
    examples=golden,
)


def decoders(case: Case) -> list[tuple[Vector, Vector]]:
    """(W_F, W_perp) of (15), with alpha = R' = 1, and of (16): a decoder that is nowhere special."""
    inside, across = split(case.problem, point(case.problem))
    return [(inside, tuple(2 * x for x in case.derived.max_margin.direction)), (inside, across)]


def expanded_risk(case: Case, parts: tuple[Vector, Vector], form: str) -> Interval:
    """CE from the two parts of a decoder; `form` says how they enter off the support."""
    problem = case.problem
    logit = problem.conditional_logit()
    inner, outer = (exact_scores(logit, part) for part in parts)
    with ctx.workprec(PRECISION):
        value = arb(0)
        for weight, p, support, x, y in zip(problem.weights, problem.probabilities, problem.supports, inner, outer):
            for z in support:
                mass = sum((exact_arb(x[u] - x[z]).exp() for u in support), arb(0))
                for v in set(range(problem.vocabulary_size)) - support:
                    a, b = exact_arb(x[v] - x[z]), exact_arb(y[v] - y[z])
                    mass += {"product": (a + b).exp(), "sum": a.exp() + b.exp(), "outer": b.exp()}[form]
                value += exact_arb(weight * p[z]) * mass.log()
        return interval(value)


@erratum.step("exponential of a sum", by="index calculus, normal form", scope="all reals", latex=r"e^{-a-b}=e^{-a}e^{-b}")
def exponential_law() -> Equal:
    """The identity the display needs."""
    a, b = sp.symbols("a b")
    return Equal(Formula(E(-a - b)), Formula(E(-a) * E(-b)))


@erratum.claim(
    r"\text{printed: }\mathrm{CE}=\sum\pi_jp_{jz}\log\bigl(\sum_{S_j}e^{-a_{z'}}+\sum_{v\notin"
    r" S_j}(e^{-a_v}+e^{-b_v})\bigr)",
    expected="refuted",
)
def printed(case: Case) -> All:
    """At rational decoders, enclosed."""
    return expansion(case, "sum")


def expansion(case: Case, form: str) -> All:
    """The expanded loss against the loss, at both decoders."""
    return All(*(Equal(expanded_risk(case, parts, form), risk(case.problem, plus(*parts))) for parts in decoders(case)))


@erratum.claim(r"\text{repaired: }\mathrm{CE}=\sum\pi_jp_{jz}\log\bigl(\sum_{S_j}e^{-a_{z'}}+\sum_{v\notin S_j}e^{-a_v}e^{-b_v}\bigr)")
def repaired(case: Case, form: str = "product") -> All:
    """On the support b vanishes, so nothing else changes."""
    return expansion(case, form)


@erratum.mutant(of=repaired, latex=r"\text{with }e^{-b_v}\text{ alone off the support}")
def inner_weight_forgotten(case: Case) -> All:
    """The in-support part also moves the scores off the support."""
    return repaired(case, "outer")


@erratum.mutant(of=repaired, latex=r"\mathcal P_\perp W\text{ does not change the loss}")
def outer_part_is_idle(case: Case) -> Equal:
    """Only P_F enters the restricted loss; the whole loss sees both."""
    problem = case.problem
    return Equal(risk(problem, split(problem, point(problem))[0]), risk(problem, point(problem)))
