"""The loss splits into the loss of the reduced dataset and log(1 + rho).

log(Z_in + Z_out) = log Z_in + log(1 + Z_out / Z_in) in every sequence. The reduced loss sees differences of scores inside
components only; these are inner products of W with elements of S_fin, so W may be replaced by its projection. The last term is
0 where Z_out is an empty sum, and at least rho / (1 + rho) > 0 where it is not.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import ctx

from ....exact.balls import PRECISION, interval
from ....exact.logarithms import log_sum
from ....exact.logarithms import plus as sum_of_logs
from ....language.relations import All, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....logit.enclosures import loss_ball
from ....symbolic import Formula, L, NonNegative, index, total
from ..graph_programmes import cyclic_generators
from ._exact import dyadic, loss, masses, point, total_mass, zero
from ._instances import anything, golden
from ._reduced_choice_sets import projection, reduced_alternatives, reduced_sets
from ._symbols import COORDINATES, a, b, partition_sum, utility, w, y
from ._symbols import m as counts

lemma = Lemma(
    label="attention-ntp.split-identity",
    title="The loss of the reduced dataset plus the cost of lower components",
    source=derived("splitting each normaliser along the components"),
    setup=r"Let $Z_i^{\mathrm{in}}$, $Z_i^{\mathrm{out}}$ be the sums of $m_{iv}e^{S_{vk_i}}$ over $A_i\cap C_i$ and $A_i\setminus C_i$,"
    r" $\rho_i=Z_i^{\mathrm{out}}/Z_i^{\mathrm{in}}$, $\bar L$ the loss of the reduced dataset (same $n$, same queries) and $\Pi_S$"
    r" the projection"
    r" onto $S_{\mathrm{fin}}$. The embeddings may be dependent.",
    clauses=(
        clause(r"$L(W)=\bar L(W)+\tfrac1n\sum_i\log(1+\rho_i(W))$.", steps=("split_step",), claims=("loss_splits",)),
        clause(
            r"$\bar L(W)=\bar L(\Pi_SW)$.",
            steps=("difference_step", "projection_step"),
            claims=("reduced_loss_sees_the_cyclic_part",),
        ),
        clause(r"The last term is positive if some sequence has a cross edge.", steps=("positive_step",), claims=("excess_is_positive",)),
        clause(r"It is $0$ if none has.", steps=("empty_step",), claims=("excess_is_positive",)),
    ),
    uses=("attention-ntp.reduction", "attention-ntp.graph-facts", "foundations.split-identity"),
    instances=anything,
    examples=golden,
)


@lemma.step("splitting the logarithm", by="index calculus, normal form", scope="all sizes",
            latex=r"\log\frac{Z^{\mathrm{in}}+Z^{\mathrm{out}}}{m_ye^{s_y}}=\log\frac{Z^{\mathrm{in}}}{m_ye^{s_y}}+\log(1+\rho)")  # fmt: skip
def split_step() -> Equal:
    """In one sequence with its multiplicities."""
    inside, outside = partition_sum("In"), partition_sum("Out")
    rest = utility(y) + L(counts(y))
    return Equal(Formula(L(inside + outside) - rest), Formula(L(inside) - rest + L(1 + outside / inside)))


@lemma.step("the reduced loss sees differences inside components", by="index calculus, normal form", scope="all sizes",
            latex=r"\log\sum_v m_ve^{s_v}-s_y=\log\sum_v m_ve^{s_v-s_y}")  # fmt: skip
def difference_step() -> Equal:
    """And those are inner products with generators of the cyclic subspace."""
    shifted = partition_sum("In", lambda token: utility(token) - utility(y))
    return Equal(Formula(L(partition_sum("In")) - utility(y)), Formula(L(shifted)))


@lemma.step("inner products with S_fin see the projection", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle R,\textstyle\sum_jc_jg_j\rangle=\sum_jc_j\langle R,g_j\rangle=0\text{ for }R=W-\Pi_SW")  # fmt: skip
def projection_step() -> Equal:
    """R is orthogonal to the generators g_j, and the difference of two tokens of a component times the query is a combination of them."""
    c, g, j = sp.Function("c"), sp.Function("g"), index("j")
    plane = ((a, COORDINATES), (b, COORDINATES))
    left = total(w(a, b) * total(c(j) * g(j, a, b), (j, "J")), *plane)
    return Equal(Formula(left), Formula(total(c(j) * total(w(a, b) * g(j, a, b), *plane), (j, "J"))))


@lemma.step("a cross edge costs something", by="sign of a derivative", scope="all rho >= 0", latex=r"\log(1+\rho)\ge\tfrac\rho{1+\rho}")
def positive_step() -> NonNegative:
    """Positive for rho > 0, and rho is a quotient of sums of positive masses."""
    rho = sp.Symbol("rho")
    return NonNegative(L(1 + rho) - rho / (1 + rho), rho)


@lemma.step("no cross edge costs nothing", by="index calculus, normal form", scope="all sizes", latex=r"\log(1+0/Z^{\mathrm{in}})=0")
def empty_step() -> Equal:
    """Z_out is an empty sum."""
    return Equal(Formula(L(1 + 0 / partition_sum("In")) + L(partition_sum("In"))), Formula(L(partition_sum("In"))))


@lemma.claim(r"L(W)=\bar L(W)+\tfrac1n\sum_i\log(1+\rho_i)\text{ at } W=0\text{ and dyadic } W")
def loss_splits(case: Case, linear: bool = False, queries_kept: bool = True) -> All:
    """Exact logarithms; `linear` takes rho for log(1 + rho), not `queries_kept` drops sequences whose query is cut away."""
    problem, parts = case.problem, []
    for n in (zero(problem), dyadic(problem), dyadic(problem, 1)):
        whole, inner = masses(problem, n), masses(problem, n, reduced_sets(problem))
        ratios = [total_mass(x) / total_mass(z) - 1 for x, z in zip(whole, inner)]
        share = Fraction(1, len(ratios))
        kept = [(z, k) for z, k, row in zip(inner, problem.labels, zip(problem.queries, reduced_sets(problem))) if queries_kept or row[0] in row[1]]
        reduced = log_sum((share, total_mass(z) / z[k]) for z, k in kept)
        if linear:
            rest = sum((share * rho for rho in ratios), Fraction(0))
            parts.append(Equal(loss(problem, whole).minus(reduced).enclose(), (rest,)))
        else:
            parts.append(Equal(loss(problem, whole), sum_of_logs(reduced, log_sum((share, 1 + rho) for rho in ratios))))
    return All(*parts)


@lemma.claim(r"\bar L(W)=\bar L(\Pi_SW)")
def reduced_loss_sees_the_cyclic_part(case: Case, complement: bool = False) -> Equal | NotExercised:
    """At a rational W, in balls; the projection is exact."""
    logit, sets, w = case.problem.conditional_logit(), reduced_alternatives(case.problem), point(case.problem)
    inner = projection(cyclic_generators(case.problem), w)
    if inner == w:
        return NotExercised("the cyclic subspace contains every matrix")
    other = tuple(x - z for x, z in zip(w, inner)) if complement else inner
    return Equal(loss_ball(logit, w, sets), loss_ball(logit, other, sets))


@lemma.claim(r"\tfrac1n\sum_i\log(1+\rho_i)>0\iff\exists\text{ cross edge}")
def excess_is_positive(case: Case) -> All:
    """Exactly zero when every choice set lies inside its label's component."""
    problem, n = case.problem, dyadic(case.problem)
    whole, inner = masses(problem, n), masses(problem, n, reduced_sets(problem))
    value = log_sum((Fraction(1, len(inner)), total_mass(x) / total_mass(z)) for x, z in zip(whole, inner))
    cross = any(len(x) > len(z) for x, z in zip(whole, inner))
    with ctx.workprec(PRECISION):
        enclosed = interval(value.balls()[0])
    return All(Equal(value.is_zero(), not cross), Implies(cross, Less(Fraction(0), enclosed)))


@lemma.mutant(of=loss_splits, latex=r"L=\bar L+\tfrac1n\sum_i\rho_i")
def ratio_without_logarithm(case: Case) -> All:
    """log(1 + rho) < rho."""
    return loss_splits(case, linear=True)


@lemma.mutant(of=loss_splits, latex=r"\text{sequences that lose their query leave the reduced dataset}")
def sequences_without_query_are_dropped(case: Case) -> All:
    """They keep the query's embedding and count."""
    return loss_splits(case, queries_kept=False)


@lemma.mutant(of=reduced_loss_sees_the_cyclic_part, latex=r"\bar L(W)=\bar L(\Pi_\perp W)")
def reduced_loss_on_the_complement(case: Case) -> Equal:
    """Orthogonal to the cycles the reduced loss is constant."""
    return reduced_loss_sees_the_cyclic_part(case, complement=True)
