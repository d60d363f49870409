"""The infimum of the cross-entropy is the entropy iff the data are compatible and separable (Thrampoulidis 2024, running text).

Sufficiency is Proposition 1 (for full supports: W* has the right softmax). Necessity is quantitative. CE - H is at
least pi_j [sum (sqrt s_z - sqrt p_z)^2 + mass off S_j] for every j.

If the data are incompatible some integer relation y between the equations A w = b has y^T b not zero. For every W,
sum_i y_i (b_i - (A W)_i) = y^T b, so for some row |b_i - (A W)_i| >= delta = |y^T b| / sum |y|: the ratios s/p of
its two tokens differ by a factor of at least e^delta. Roots of such ratios, r b and b with r >= e^{delta/2}, have p
(r b - 1)^2 + p' (b - 1)^2 >= p p' (r - 1)^2 / (p r^2 + p'), which increases in r and is positive.

If a token v off S_j is tied there is a circulation, sum lambda d = 0, with lambda > 0 on it and lambda >= 0. Then
sum lambda <W, d> = 0 for every W. But CE -> H would bring in-support differences to the log-odds and every margin
with mass s_v -> 0 off the supports to infinity, and the sum to infinity.
"""

from __future__ import annotations

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import All, Equal, Implies, Less
from ....language.statements import Case, Proposition, cite, clause
from ....logit.enclosures import loss_ball
from ....logit.finite_part import log_odds
from ....logit.step_size import smoothness
from ....symbolic import Formula, index, total
from ._golden import anything, golden

proposition = Proposition(
    label="linear-ntp.entropy-iff",
    title="inf CE = H iff compatible and separable",
    source=cite("thrampoulidis2024", "running text on the two conditions", "stated there without proof; the proof is ours"),
    clauses=(
        clause(
            r"If the data are NTP-compatible and NTP-separable, then $\inf_W\mathrm{CE}(W)=\mathcal H$ (full"
            r" supports included).",
            by=("linear-ntp.entropy-limit", "linear-ntp.entropy-identity"),
            claims=("infimum_is_the_entropy_iff",),
        ),
        clause(
            r"If they are not compatible, then $\inf\mathrm{CE}>\mathcal H$.",
            steps=("relation_step", "two_roots_step"),
            by=("linear-ntp.compatibility", "linear-ntp.entropy-identity"),
            claims=("infimum_is_the_entropy_iff",),
        ),
        clause(
            r"If they are not separable, then $\inf\mathrm{CE}>\mathcal H$.",
            steps=("circulation_step",),
            by=("foundations.separation", "linear-ntp.entropy-identity"),
            claims=("infimum_is_the_entropy_iff",),
        ),
    ),
    uses=("foundations.infimum",),
    instances=anything,
    examples=golden,
)


@proposition.step("relations see every decoder", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_iy_i(b_i-\sum_kA_{ik}w_k)=\sum_iy_ib_i-\sum_kw_k\sum_iy_iA_{ik}")  # fmt: skip
def relation_step() -> Equal:
    """With y^T A = 0 the mismatches add up to y^T b whatever W: one of them is at least |y^T b| / sum |y|."""
    y, a, b, w = (sp.Function(name) for name in ("y", "A", "b", "w"))
    i, k = index("i"), index("k")
    left = total(y(i) * (b(i) - total(a(i, k) * w(k), (k, "D"))), (i, "R"))
    right = total(y(i) * b(i), (i, "R")) - total(w(k) * total(y(i) * a(i, k), (i, "R")), (k, "D"))
    return Equal(Formula(left), Formula(right))


@proposition.step("two roots at a wrong ratio", by="completing the square", scope="all reals",
                  latex=r"p(rb-1)^2+p'(b-1)^2=\tfrac{pp'(r-1)^2}{pr^2+p'}+(pr^2+p')\bigl(b-\tfrac{pr+p'}{pr^2+p'}\bigr)^2")  # fmt: skip
def two_roots_step() -> Equal:
    """Square roots of s/p at two tokens whose ratio is at least r^2 > 1 cannot both be close to one."""
    p, q, r, b = sp.symbols("p q r b", positive=True)
    whole = p * r**2 + q
    return Equal(Formula(p * (r * b - 1) ** 2 + q * (b - 1) ** 2), Formula(p * q * (r - 1) ** 2 / whole + whole * (b - (p * r + q) / whole) ** 2))


@proposition.step("a circulation bounds the margins", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_i\lambda_i\langle W,d_i\rangle=\Bigl\langle W,\sum_i\lambda_id_i\Bigr\rangle")  # fmt: skip
def circulation_step() -> Equal:
    """With sum lambda d = 0 no margin in it can tend to infinity while the others stay bounded below."""
    lam, d, w = (sp.Function(name) for name in ("lambda", "d", "w"))
    i, k = index("i"), index("k")
    left = total(lam(i) * total(w(k) * d(i, k), (k, "D")), (i, "R"))
    return Equal(Formula(left), Formula(total(w(k) * total(lam(i) * d(i, k), (i, "R")), (k, "D"))))


def infimum(case: Case) -> Interval:
    """inf CE as the tied loss at w*, evaluated without using that it may be the entropy (beta r^2 / 2 for the radius of w*)."""
    part, sets = case.derived.finite_part, case.derived.separation.tied_sets
    logit = case.problem.conditional_logit()
    value = loss_ball(logit, part.center, sets)
    return Interval(value.center, value.radius + smoothness(logit) * part.radius**2 / 2)


def conditions(case: Case) -> tuple[bool, bool]:
    """(compatible, separable), decided exactly."""
    return log_odds(case.problem).compatible, case.derived.separation.tied_sets == case.problem.supports


@proposition.claim(r"\inf\mathrm{CE}=\mathcal H\iff\text{compatible and separable};\quad\inf\mathrm{CE}>\mathcal H\text{ otherwise}")
def infimum_is_the_entropy_iff(case: Case, compatible_needed: bool = True, separable_needed: bool = True) -> All:
    """Both directions, in balls. The mutants leave out one condition of the premise of sufficiency."""
    compatible, separable = conditions(case)
    sufficient = (compatible or not compatible_needed) and (separable or not separable_needed)
    own: Interval = case.problem.entropy
    return All(Implies(sufficient, Equal(infimum(case), own)), Implies(not sufficient, Less(own, infimum(case))))


@proposition.mutant(of=infimum_is_the_entropy_iff, latex=r"\text{separable suffices}")
def separable_suffices(case: Case) -> All:
    """Incompatible odds cannot all be met."""
    return infimum_is_the_entropy_iff(case, compatible_needed=False)


@proposition.mutant(of=infimum_is_the_entropy_iff, latex=r"\text{compatible suffices}")
def compatible_suffices(case: Case) -> All:
    """Tied off-support tokens keep their mass."""
    return infimum_is_the_entropy_iff(case, separable_needed=False)


@proposition.mutant(of=infimum_is_the_entropy_iff, latex=r"\inf\mathrm{CE}=\mathcal H\text{ always}")
def always(case: Case) -> All:
    """Neither condition is automatic."""
    return infimum_is_the_entropy_iff(case, False, False)
