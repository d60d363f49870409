"""W*: the one solution of the log-odds equations in F, of least norm (Thrampoulidis 2024, Definition 1 and equation (5)).

The equations <g_i, W> = b_i see a decoder through its products with the generators g_i, and X = sum_i c_i g_i in F
has <X, U> = sum_i c_i <g_i, U>: so they see P_F W only, and U keeps them exactly if it is orthogonal to F.
Compatible data have a solution; its projection onto F is W*. Two solutions in F differ by a decoder that is in F
and orthogonal to F, hence zero. Any solution is W* + U with U orthogonal to F, at squared distance |P_F (W* -
W_0)|^2 + |U - P_perp W_0|^2 from W_0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.logarithms import LogVector
from ....exact.rational import dot, null_space, rank, row_space
from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Proposition, cite, clause
from ....logit.assemble import assemble
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..assumptions import ntp_compatible
from ..problem import LinearNTP
from ._decoders import apply, generators, log_entries, log_ratios, off_support, outer, plus, pseudo_inverse_decoder, size
from ._golden import anything, golden
from ._losses import in_support_space, point

proposition = Proposition(
    label="linear-ntp.log-odds-solution",
    title="W* is the least-norm solution of the log-odds equations",
    source=cite("thrampoulidis2024", "Definition 1 and equation (5)"),
    setup=r"Let the data be compatible, $\mathcal F=\mathrm{span}\{(e_z-e_{z'})h_j^\top:z,z'\in S_j\}$, and"
    r" (4) the equations $(e_z-e_{z'})^\top Wh_j=\log(p_{j,z}/p_{j,z'})$.",
    clauses=(
        clause(
            r"(4) has exactly one solution $W^\star$ in $\mathcal F$.",
            steps=("exchange_step",),
            claims=("solves_the_equations", "lies_in_support_space", "unique_in_support_space"),
        ),
        clause(
            r"The solutions are $W^\star+\mathcal F^\perp$.",
            steps=("exchange_step",),
            claims=("solutions_are_an_affine_space",),
        ),
        clause(
            r"$W^\star$ has the least norm of all, and the solution closest to $W_0$ is $W^\star+\mathcal"
            r" P_\perp W_0$.",
            steps=("exchange_step", "pythagoras_step"),
            claims=("closest_solution",),
        ),
    ),
    uses=("linear-ntp.compatibility",),
    assumptions=(ntp_compatible,),
    instances=anything,
    examples=golden,
)


@proposition.step("equations see F only", by="index calculus, normal form", scope="all sizes",
                  latex=r"\Bigl\langle\sum_ic_ig_i,U\Bigr\rangle=\sum_ic_i\langle g_i,U\rangle")  # fmt: skip
def exchange_step() -> Equal:
    """So U is orthogonal to F iff all equations vanish on it; one that also lies in F has <U, U> = 0."""
    c, g, move, i, k = sp.Function("c"), sp.Function("g"), sp.Function("U"), index("i"), index("k")
    left = total(total(c(i) * g(i, k), (i, "R")) * move(k), (k, "D"))
    return Equal(Formula(left), Formula(total(c(i) * total(g(i, k) * move(k), (k, "D")), (i, "R"))))


@proposition.step("least norm", by="index calculus, normal form", scope="all sizes",
                  latex=r"\|W^\star+U\|^2=\|W^\star\|^2+\|U\|^2+2\langle W^\star,U\rangle")  # fmt: skip
def pythagoras_step() -> Equal:
    """The last term vanishes for W* in F and U in F^perp."""
    x, y, k = sp.Function("x"), sp.Function("y"), index("k")
    squares = total(x(k) ** 2, (k, "D")) + total(y(k) ** 2, (k, "D")) + 2 * total(x(k) * y(k), (k, "D"))
    return Equal(Formula(total((x(k) + y(k)) ** 2, (k, "D"))), Formula(squares))


def solution(problem: LinearNTP) -> LogVector:
    """A^+ b on a maximal independent subset of the equations, exact: the solution of all of them if there is one."""
    system = log_odds(problem)
    parts = tuple(assemble(problem.conditional_logit(), coefficients) for coefficients in system.solution)
    return LogVector(system.base, parts, size(problem))


@proposition.claim(r"(e_z-e_{z'})^\top W^\star h_j=\log(p_{j,z}/p_{j,z'})")
def solves_the_equations(case: Case, sign: int = 1) -> Equal:
    """Equality of exact vectors of logarithms."""
    right = log_ratios(case.problem)
    signed = LogVector(right.base, tuple(tuple(sign * x for x in part) for part in right.parts), right.length)
    return Equal(apply(generators(case.problem), solution(case.problem)), signed)


@proposition.claim(r"W^\star\in\mathcal F")
def lies_in_support_space(case: Case) -> Equal:
    """Each rational part is fixed by the projection onto F."""
    parts, space = solution(case.problem).parts, in_support_space(case.problem)
    return Equal(tuple(space.project(part) for part in parts), parts)


@proposition.claim(r"\{\text{solutions}\}=W^\star+\mathcal F^\perp,\quad W^\star\perp\mathcal F^\perp")
def solutions_are_an_affine_space(case: Case, anywhere: bool = False) -> All:
    """F^perp is the null space of the equations, of dimension Vd - dim F, and moving along it (or, wrongly, anywhere) keeps them."""
    problem, rows, found = case.problem, generators(case.problem), solution(case.problem)
    kernel = null_space(rows, size(problem))
    moves = [point(problem)] if anywhere else list(kernel)
    return All(
        Equal(len(kernel), size(problem) - in_support_space(problem).dimension),
        Equal(apply(kernel, found), LogVector((), (), len(kernel))),
        *(Equal(apply(rows, plus(found, dyadic_decoder(u))), log_ratios(problem)) for u in moves),
    )


@proposition.claim(r"\text{the solution closest to } W_0\text{ is } W^\star+\mathcal P_\perp W_0")
def closest_solution(case: Case, without_start: bool = False) -> All:
    """It solves the equations, and its gap to W_0 lies in F, hence is orthogonal to all other solutions' gaps."""
    problem, found = case.problem, solution(case.problem)
    start = point(problem)
    nearest = found if without_start else plus(found, dyadic_decoder(off_support(problem, start)))
    gap = nearest.minus(dyadic_decoder(start))
    parts = tuple(in_support_space(problem).project(part) for part in gap.parts)
    return All(Equal(apply(generators(problem), nearest), log_ratios(problem)), Equal(parts, gap.parts))


def dyadic_decoder(vector: Vector) -> LogVector:
    """log 2 times a rational vector: a decoder in the same space that exact logarithms can carry."""
    return LogVector((2,), (vector,), len(vector))


@proposition.claim(r"\text{uniqueness in }\mathcal F:\ W\mapsto(\text{log-odds of }W)\text{ is injective on }\mathcal F")
def unique_in_support_space(case: Case) -> All:
    """The equations restricted to a basis of F have full rank."""
    basis = in_support_space(case.problem).basis
    rows = generators(case.problem)
    table = [tuple(dot(row, x) for x in basis) for row in rows]
    return All(Equal(rank(table), len(basis)), Equal(row_space(rows), basis))


@proposition.mutant(of=solves_the_equations, latex=r"(Wh_j)_z=\log p_{j,z}\text{ (logits, not differences)}")
def logits_equal_log_probabilities(case: Case) -> Equal:
    """Only differences of logits are determined: W* + 1 c^T solves the equations too."""
    problem = case.problem
    pairs = [(j, z, p) for j, block in enumerate(problem.data.blocks) for z, p in block.labels.items()]
    units = [outer(tuple(Fraction(v == z) for v in range(problem.vocabulary_size)), problem.embeddings[j]) for j, z, _ in pairs]
    return Equal(apply(units, solution(problem)), log_entries([p for _, _, p in pairs]))


@proposition.mutant(of=solves_the_equations, latex=r"(e_z-e_{z'})^\top W^\star h_j=\log(p_{j,z'}/p_{j,z})")
def ratio_upside_down(case: Case) -> Equal:
    """The more probable token has the larger logit."""
    return solves_the_equations(case, sign=-1)


@proposition.mutant(of=lies_in_support_space, latex=r"W^\star=UH^+,\ U\text{ the centred log-probabilities}")
def pseudo_inverse_of_embeddings(case: Case) -> Equal | NotExercised:
    """U H^+ solves the equations where H has full column rank, but need not lie in F."""
    if case.problem.embedding_rank < len(case.problem.supports):
        return NotExercised("U H^+ needs independent embeddings")
    return Equal(pseudo_inverse_decoder(case.problem), solution(case.problem))


@proposition.mutant(of=closest_solution, latex=r"W^\star\text{ is the solution closest to } W_0")
def closest_to_the_start(case: Case) -> All:
    """Only for starts in F."""
    return closest_solution(case, without_start=True)


@proposition.mutant(of=solutions_are_an_affine_space, latex=r"W^\star+U\text{ is a solution for every }U")
def any_shift_keeps_the_equations(case: Case) -> All:
    """Only F^perp is free."""
    return solutions_are_an_affine_space(case, anywhere=True)


proposition.mutant(of=solves_the_equations, without=ntp_compatible, latex=r"A^+b\text{ solves incompatible equations}")
