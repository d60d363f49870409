"""Erratum: Lemma 5 adds exponentials that multiply (2402.18551, equations (15) and (16))."""

from __future__ import annotations

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import Equal
from ....language.statements import Case, Erratum, cite
from ....logit.enclosures import exact_scores
from ....symbolic import E, Formula
from ._golden import anything, golden
from ._losses import point, risk, split

erratum = Erratum(
    label="linear-ntp.erratum-lemma-5-exponentials",
    title="The mass off the support is a product of two exponentials, not their sum",
    source=cite("thrampoulidis2024", "Lemma 5, eqs (15)-(16)"),
    text=r"With $a_v=(e_z-e_v)^\top\mathcal P_{\mathcal F}Wh_j$ and $b_v=(e_z-e_v)^\top\mathcal P_\perp Wh_j$ the loss of token $z$ is"
    r" $\log\bigl(\sum_{z'\in S_j}e^{-a_{z'}}+\sum_{v\notin S_j}e^{-a_v-b_v}\bigr)$. The proof of Lemma 5 prints $e^{-a_v}+e^{-b_v}$"
    r" instead; the lemma survives with"
    r" another threshold (linear-ntp.margin-comparison). With full supports only, nothing is off them and the two forms agree.",
    uses=("linear-ntp.split-identity", "linear-ntp.margin-comparison"),
    instances=anything,
    examples=golden,
)


def expanded_risk(case: Case, form: str) -> Interval:
    """CE at a decoder that is nowhere special, from the two parts of its scores; `form` says how they enter off the support."""
    problem = case.problem
    logit = problem.conditional_logit()
    inner, outer = (exact_scores(logit, part) for part in split(problem, point(problem)))
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
def printed(case: Case) -> Equal:
    """At a rational decoder, enclosed."""
    return Equal(expanded_risk(case, "sum"), risk(case.problem, point(case.problem)))


@erratum.claim(r"\text{repaired: }\mathrm{CE}=\sum\pi_jp_{jz}\log\bigl(\sum_{S_j}e^{-a_{z'}}+\sum_{v\notin S_j}e^{-a_v}e^{-b_v}\bigr)")
def repaired(case: Case, form: str = "product") -> Equal:
    """On the support b vanishes, so nothing else changes."""
    return Equal(expanded_risk(case, form), risk(case.problem, point(case.problem)))


@erratum.mutant(of=repaired, latex=r"\text{with }e^{-b_v}\text{ alone off the support}")
def inner_weight_forgotten(case: Case) -> Equal:
    """The in-support part also moves the scores off the support."""
    return repaired(case, "outer")


@erratum.mutant(of=repaired, latex=r"\mathcal P_\perp W\text{ does not change the loss}")
def outer_part_is_idle(case: Case) -> Equal:
    """Only P_F enters the restricted loss; the whole loss sees both."""
    problem = case.problem
    return Equal(risk(problem, split(problem, point(problem))[0]), risk(problem, point(problem)))
