"""Compatible and separable data reach the entropy in the limit, and only there (Thrampoulidis 2024, Proposition 1).

In-support differences of W^p + gamma W^d are the log-odds for every gamma, so CE_F = H along the path and, by the
split identity, the loss exceeds the entropy by G = sum_j pi_j log(1 + rho_j). Each term of rho_j carries e^{-gamma
m} with a margin m >= 1: rho_j falls strictly and at least like e^{-gamma}, and log(1 + rho) <= rho. At gamma = 0 a
term off the support is at most e^{M |W^p|} times one on it, M |W| being the largest logit gap.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval, upper
from ....exact.logarithms import LogVector
from ....language.relations import All, AtMost, Equal, Less, Monotone
from ....language.statements import Case, Proposition, cite, clause
from ....logit.problem import Vector
from ....logit.step_size import smoothness
from ....symbolic import E, Formula, L, NonNegative, index, total
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._calculus import cauchy_schwarz, largest_gap
from ._decoders import apply, gaps, generators, log_ratios, margins_only
from ._golden import golden, well_posed
from ._losses import excess, gap_constant, norm, plus, point, risk
from ._symbols import decoder as decoder_
from ._symbols import h, inside, j, logit, p, score, u, v, z

proposition = Proposition(
    label="linear-ntp.entropy-limit",
    title="The entropy is the infimum, approached along W^p + gamma W^d and never attained",
    source=cite("thrampoulidis2024", "Proposition 1", "with the standing assumption |S_j| < V for some j written out, and a rate"),
    setup=r"Let $W^{\mathrm p}$ solve (4), $W^{\mathrm d}$ satisfy (6), some $|S_j|<V$, and"
    r" $M=\sqrt2\max_j\|h_j\|$.",
    clauses=(
        clause(
            r"$\mathrm{CE}(W)>\mathcal H$ for every $W$.",
            by=("linear-ntp.entropy-identity",),
            claims=("entropy_is_never_attained",),
        ),
        clause(
            r"$W^{\mathrm p}+\gamma W^{\mathrm d}$ meets the log-odds for every $\gamma$, so there"
            r" $\mathrm{CE}_{\mathcal F}=\mathcal H$.",
            steps=("restricted_step", "log_odds_step"),
            claims=("log_odds_are_kept",),
        ),
        clause(
            r"$\mathrm{CE}(W^{\mathrm p}+\gamma W^{\mathrm d})-\mathcal H\le"
            r" e^{-\gamma}\sum_j\pi_j\rho_j(W^{\mathrm p})$,",
            steps=("restricted_step", "path_step", "logarithm_step"),
            by=("linear-ntp.split-identity",),
            claims=("entropy_is_approached",),
        ),
        clause(
            r"which is at most $Ve^{M\|W^{\mathrm p}\|}e^{-\gamma}$,",
            steps=("largest_gap", "cauchy_schwarz"),
            claims=("entropy_is_approached",),
        ),
        clause(
            r"and decreases strictly to zero as $\gamma\to\infty$. So $\inf\mathrm{CE}=\mathcal H$.",
            steps=("path_step", "logarithm_step"),
            by=("linear-ntp.split-identity",),
            claims=("loss_decreases_along_the_path",),
        ),
    ),
    uses=("linear-ntp.entropy-identity", "linear-ntp.split-identity", "linear-ntp.log-odds-solution", "linear-ntp.ntp-svm"),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=golden,
)

gamma, level, margin = sp.Symbol("gamma"), sp.Function("c"), sp.Function("m")
SCALES = (Fraction(0), Fraction(1), Fraction(4), Fraction(16), Fraction(64))


@proposition.step("restricted loss at the log-odds", by="index calculus, normal form", scope="all sizes",
                  latex=r"\log\sum_{u\in S}e^{\log p_u-\log p_z}=-\log p_z,\quad p=n/\textstyle\sum n")  # fmt: skip
def restricted_step() -> Equal:
    """So CE_F = H where the in-support differences are the log-odds, for every gamma."""
    share = {k: p(j, k) / total(p(j, index("w")), (index("w"), "S")) for k in (u, z)}
    return Equal(Formula(L(total(E(L(share[u]) - L(share[z])), (u, "S")))), Formula(-L(share[z])))


@proposition.step("the excess along the path", by="index calculus, normal form", scope="all sizes",
                  latex=r"\rho_j(W^{\mathrm p}+\gamma W^{\mathrm d})=\sum_{v\notin S}e^{\ell_v-\gamma m_v}\big/\sum_{z\in S}e^{\ell_z}")  # fmt: skip
def path_step() -> Equal:
    """The logits of gamma W^d are gamma c_j on the support and gamma (c_j - m_jv) off it."""
    off = total(E(logit(j, v) + gamma * (level(j) - margin(j, v))), (v, "O"))
    on = total(E(logit(j, z) + gamma * level(j)), (z, "S"))
    return Equal(Formula(off / on), Formula(total(E(logit(j, v) - gamma * margin(j, v)), (v, "O")) / inside(j)))


@proposition.step("log(1 + x) <= x", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x,\quad\log(1+x)\ge0")
def logarithm_step() -> All:
    """So the excess lies between 0 and e^-gamma sum pi rho for margins of at least one."""
    x = sp.Symbol("x")
    return All(NonNegative(x - L(1 + x), x), NonNegative(L(1 + x), x))


proposition.step("logit gaps are at most M|W|", by="index calculus, normal form", scope="all sizes",
                 latex=r"2(a^2+b^2)-(a-b)^2=(a+b)^2,\quad a=\langle w_u,h\rangle,\ b=\langle w_v,h\rangle")(largest_gap)  # fmt: skip
proposition.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
                 latex=r"\|h\|^2\|x\|^2-\langle h,x\rangle^2=\tfrac12\sum_{c,e}(h_cx_e-h_ex_c)^2")(cauchy_schwarz)  # fmt: skip


@proposition.step("log-odds along the path", by="index calculus, normal form", scope="all sizes",
                  latex=r"(e_z-e_{z'})^\top(W^{\mathrm p}+\gamma W^{\mathrm d})h=\text{log-odds}+\gamma\cdot0")  # fmt: skip
def log_odds_step() -> Equal:
    """Logits are linear in the decoder; (6a) makes the second bracket zero."""
    other, c = sp.Function("D"), index("c")
    moved = total((decoder_(z, c) + gamma * other(z, c) - decoder_(u, c) - gamma * other(u, c)) * h(j, c), (c, "D"))
    tied = total(other(z, c) * h(j, c), (c, "D")) - total(other(u, c) * h(j, c), (c, "D"))
    return Equal(Formula(moved), Formula(score(j, z) - score(j, u) + gamma * tied))


def decoder(case: Case, scale: Fraction, direction: Vector | None = None) -> Vector:
    """W^p + gamma W^d with W^p the centre of the finite part (W* within its radius) and W^d = W^mm unless given."""
    way = case.derived.max_margin.direction if direction is None else direction
    return plus(case.derived.finite_part.center, way, scale)


@proposition.claim(r"(e_{z_j}-e_z)^\top(W^\star+\gamma W^{\mathrm d})h_j=\log(p_{j,z_j}/p_{j,z})\quad\forall\gamma")
def log_odds_are_kept(case: Case) -> All:
    """Exact: W* meets the log-odds, W^mm adds nothing to in-support differences."""
    closed: LogVector = case.derived.finite_part.closed_form
    rows = generators(case.problem)
    kept = Equal(gaps(case.problem, case.derived.max_margin.direction), (Fraction(0),) * len(rows))
    return All(Equal(apply(rows, closed), log_ratios(case.problem)), kept)


@proposition.claim(r"\mathrm{CE}(W^{\mathrm p}+\gamma W^{\mathrm d})-\mathcal H\le\min\bigl(\textstyle\sum_j\pi_j\rho_j(W^{\mathrm p}),"
                   r"Ve^{M\|W^{\mathrm p}\|}\bigr)e^{-\gamma}")  # fmt: skip
def entropy_is_approached(case: Case, rate: int = 1, direction: Vector | None = None) -> All:
    """In balls. The centre of W* costs at most beta r^2 / 2 in CE_F, which is minimal at W*."""
    problem, part = case.problem, case.derived.finite_part
    slack = smoothness(problem.conditional_logit()) * part.radius**2 / 2
    lefts, sharp, coarse, losses = [], [], [], []
    for scale in SCALES:
        w = decoder(case, scale, direction)
        with ctx.workprec(PRECISION):
            shrink = (exact_arb(-rate * scale)).exp()
            first = excess(problem, part.center, linear=True)
            constant = problem.vocabulary_size * (gap_constant(problem) * norm(part.center)).exp()
            sharp.append(interval(shrink * arb(exact_arb(first.center), exact_arb(first.radius))))
            coarse.append(problem.entropy.upper + slack + upper(shrink * constant))
        lefts.append(excess(problem, w))
        losses.append(risk(problem, w))
    return All(AtMost(tuple(lefts), tuple(sharp)), AtMost(tuple(losses), tuple(coarse)))


@proposition.claim(r"\gamma\mapsto\mathrm{CE}(W^{\mathrm p}+\gamma W^{\mathrm d})\text{ decreases strictly}")
def loss_decreases_along_the_path(case: Case, sign: int = 1) -> Monotone:
    """The excess, in balls of relative accuracy."""
    return Monotone(tuple(excess(case.problem, decoder(case, sign * scale)) for scale in SCALES), strict=True)


@proposition.claim(r"\mathrm{CE}(W)>\mathcal H\text{ for every } W")
def entropy_is_never_attained(case: Case) -> All:
    """At rational decoders by the loss; at W* by the excess, which is exactly zero only if no token is off its support."""
    problem = case.problem
    partial = any(len(s) < problem.vocabulary_size for s in problem.supports)
    at_solution: Interval | Fraction = excess(problem, decoder(case, Fraction(0))) if partial else Fraction(0)
    losses = tuple(risk(problem, point(problem, salt)) for salt in (0, 1))
    return All(Less(Fraction(0), at_solution), Less((problem.entropy,) * len(losses), losses))


@proposition.mutant(of=entropy_is_approached, latex=r"W^{\mathrm d}\text{ need satisfy only (6b)}")
def without_equalities(case: Case) -> All:
    """Unequal in-support logits, scaled up, ruin the log-odds."""
    return entropy_is_approached(case, direction=margins_only(case.problem))


@proposition.mutant(of=entropy_is_approached, latex=r"\mathrm{CE}(W^{\mathrm p}+\gamma W^{\mathrm d})-\mathcal H\le Ce^{-2\gamma}")
def twice_the_rate(case: Case) -> All:
    """Active margins decay at rate one."""
    return entropy_is_approached(case, rate=2)


@proposition.mutant(of=entropy_is_never_attained, latex=r"\mathrm{CE}(W)=\mathcal H\text{ at some finite } W^{\mathrm p}+\gamma W^{\mathrm d}")
def entropy_is_reached(case: Case) -> AtMost:
    """The excess is still positive at gamma = 64."""
    return AtMost(excess(case.problem, decoder(case, SCALES[-1])), Fraction(0))


@proposition.mutant(of=loss_decreases_along_the_path, latex=r"W^{\mathrm p}-\gamma W^{\mathrm d}\text{ does as well}")
def against_the_direction(case: Case) -> Monotone:
    """The other way the loss grows."""
    return loss_decreases_along_the_path(case, sign=-1)


proposition.mutant(of=entropy_is_never_attained, without=some_partial_support, latex=r"\mathrm{CE}(W)>\mathcal H\text{ if all supports are full}")
proposition.mutant(of=entropy_is_approached, without=ntp_separable, latex=r"\text{compatible data suffice}")


@proposition.mutant(of=entropy_is_approached, without=ntp_compatible, latex=r"\text{separable data suffice}")
def separable_data_suffice(case: Case) -> All:
    """The best in-support odds are not the observed ones: the loss stays above the entropy."""
    return entropy_is_approached(case)
