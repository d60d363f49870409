"""W^mm sees the embeddings and the supports only (Thrampoulidis 2024, running text and second figure).

The programme is written in the differences of features and in the supports; neither pi nor the values of P occur,
and the log-odds equations do not mention pi. W* lies in F, which is part of the tied subspace, and u is orthogonal
to that. Let a map of decoders preserve the norm and the feasible set (exchange of two tokens with one pattern, any
relabelling, reordering or rotation matched by the data). It maps the optimum to an optimum, and the average of the
two is feasible and shorter unless they agree: so it fixes the optimum, or carries it to that of the transformed
data.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from ....exact.logarithms import LogVector
from ....language.relations import All, Equal, Implies, NotExercised
from ....language.statements import Case, Proposition, cite, clause
from ....logit.finite_part import log_odds
from ....logit.margin import max_margin
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..problem import LinearNTP
from ._decoders import apply
from ._golden import anything, ex_three_quarters, golden
from ._losses import in_support_space

proposition = Proposition(
    label="linear-ntp.support-only",
    title="The max-margin decoder depends on embeddings and supports only",
    source=cite("thrampoulidis2024", "running text on the NTP-SVM and its figure", "stated for all data, with the direction u of the foundations"),
    setup=r"$W^{\mathrm{mm}}$ stands for the direction $u$ of the foundations where the data are not"
    r" separable.",
    clauses=(
        clause(
            r"$W^{\mathrm{mm}}$ does not depend on $\pi$ or on the values of $P$; $W^\star$ depends on $P$ but"
            r" not on $\pi$.",
            by=("foundations.separation", "foundations.max-margin"),
            claims=("only_supports_matter",),
            argued="docstring",
        ),
        clause(
            r"$\langle W^\star,W^{\mathrm{mm}}\rangle=0$.",
            by=("foundations.max-margin", "linear-ntp.log-odds-solution"),
            claims=("solutions_are_orthogonal",),
        ),
        clause(
            r"Tokens with one support pattern have equal rows in $W^{\mathrm{mm}}$,",
            steps=("averaging_step",),
            by=("foundations.max-margin",),
            claims=("equal_patterns_have_equal_rows",),
        ),
        clause(
            r"but in general not in $W^\star$.",
            witness=("rows_of_the_solution_differ",),
        ),
        clause(
            r"Permuting tokens permutes the rows, reordering contexts changes nothing, and $h_j\mapsto Qh_j$"
            r" with $Q$ orthogonal maps $W^{\mathrm{mm}}$ to $W^{\mathrm{mm}}Q^\top$.",
            steps=("averaging_step",),
            by=("foundations.max-margin",),
            claims=("symmetries_are_respected",),
        ),
    ),
    uses=("foundations.max-margin", "linear-ntp.log-odds-solution"),
    instances=anything,
    examples=golden,
)


@proposition.step("averaging over a symmetry", by="index calculus, normal form", scope="all sizes",
                  latex=r"\|\tfrac{X+Y}2\|^2=\tfrac{\|X\|^2+\|Y\|^2}2-\tfrac14\|X-Y\|^2")  # fmt: skip
def averaging_step() -> Equal:
    """A symmetry maps feasible decoders to feasible ones of equal norm; the average is shorter unless it fixes the optimum."""
    x, y, c = sp.Function("x"), sp.Function("y"), index("c")
    squares = [total(z**2, (c, "D")) for z in ((x(c) + y(c)) / 2, x(c), y(c), x(c) - y(c))]
    return Equal(Formula(squares[0]), Formula((squares[1] + squares[2]) / 2 - squares[3] / 4))


@proposition.step("rows of W*", by="exact logarithms", scope="one instance", latex=r"p=(\tfrac34,\tfrac14,0):\ w^\star_1\ne w^\star_2")
def rows_of_the_solution_differ() -> Equal:
    """Two tokens follow the one context, with unequal odds."""
    solution = log_odds(ex_three_quarters).closed_form
    assert solution is not None
    rows = [ex_three_quarters.lift(part) for part in solution.parts]
    return Equal(all(row[0] == row[1] for row in rows), False)


def rebuilt(problem: LinearNTP, rows: Sequence[Any] | None = None, embeddings: Sequence[Vector] | None = None, uniform: bool = False) -> LinearNTP:
    """The dataset with other distributions, embeddings or (uniform) weights."""
    labels = [dict(block.labels) for block in problem.data.blocks] if rows is None else rows
    return LinearNTP(embeddings or problem.embeddings, labels, None if uniform else problem.weights, vocabulary_size=problem.vocabulary_size)


def direction(problem: LinearNTP) -> Vector:
    """u of a dataset."""
    return max_margin(problem.conditional_logit()).direction


def stretched(problem: LinearNTP) -> list[dict[int, Fraction]]:
    """Probabilities 1 : 2 : 3 : ... on the supports of a dataset."""
    return [{z: Fraction(2 * (i + 1), len(s) * (len(s) + 1)) for i, z in enumerate(sorted(s))} for s in problem.supports]


@proposition.claim(r"W^{\mathrm{mm}}\text{ depends neither on }\pi\text{ nor on } P\text{ beyond its supports; } W^\star\text{ not on }\pi")
def only_supports_matter(case: Case) -> All:
    """Other weights, and other probabilities on the same supports."""
    problem = case.problem
    found, plain = direction(problem), log_odds(problem).closed_form
    other = log_odds(rebuilt(problem, uniform=True)).closed_form
    same = Implies(plain is not None, Equal(other or LogVector((), ()), plain))
    return All(Equal(direction(rebuilt(problem, uniform=True)), found), Equal(direction(rebuilt(problem, rows=stretched(problem))), found), same)


@proposition.claim(r"\langle W^\star,W^{\mathrm{mm}}\rangle=0")
def solutions_are_orthogonal(case: Case) -> Implies:
    """Exact, base element by base element."""
    solution = log_odds(case.problem).closed_form
    best = case.derived.max_margin.direction
    return Implies(solution is not None, Equal(apply([best], solution or LogVector((), ())), LogVector((), (), 1)))


def patterns(problem: LinearNTP) -> dict[tuple[bool, ...], list[int]]:
    """Tokens by their support pattern, the contexts that see them."""
    groups: dict[tuple[bool, ...], list[int]] = {}
    for v in range(problem.vocabulary_size):
        groups.setdefault(tuple(v in s for s in problem.supports), []).append(v)
    return groups


@proposition.claim(r"\text{equal support patterns}\implies\text{equal rows of } W^{\mathrm{mm}}")
def equal_patterns_have_equal_rows(case: Case, of_solution: bool = False) -> All | NotExercised:
    """Exact rows; `of_solution` asks the same of W*."""
    problem, parts = case.problem, list[Equal]()
    solution = log_odds(problem).closed_form if of_solution else None
    for flat in (solution.parts if solution else ()) if of_solution else (case.derived.max_margin.direction,):
        rows = problem.lift(flat)
        parts += [Equal(rows[v], rows[group[0]]) for group in patterns(problem).values() for v in group[1:]]
    return All(*parts) if parts else NotExercised("every token has a pattern of its own")


def rotated(h: Vector, back: bool = False) -> Vector:
    """Q h for a rational orthogonal Q: the 3-4-5 rotation of the first two coordinates, a sign in dimension one."""
    if len(h) == 1:
        return (-h[0],)
    c, s = Fraction(3, 5), Fraction(-4 if back else 4, 5)
    return (c * h[0] - s * h[1], s * h[0] + c * h[1], *h[2:])


@proposition.claim(r"\text{relabelled tokens, reordered contexts, rotated embeddings}")
def symmetries_are_respected(case: Case, transpose: bool = False) -> All:
    """Each transformation and its effect on W^mm; `transpose` rotates the rows the wrong way."""
    problem, rows = case.problem, case.problem.lift(case.derived.max_margin.direction)
    shift = [(v + 1) % problem.vocabulary_size for v in range(problem.vocabulary_size)]
    relabelled = problem.lift(direction(problem.relabelled(shift)))
    order = range(len(problem.supports))[::-1]
    turned = LinearNTP([problem.embeddings[j] for j in order], [dict(problem.data.blocks[j].labels) for j in order], vocabulary_size=len(rows))
    moved = rebuilt(problem, embeddings=[rotated(h) for h in problem.embeddings])
    return All(
        Equal(tuple(relabelled[shift[v]] for v in range(len(rows))), rows),
        Equal(direction(turned), case.derived.max_margin.direction),
        Equal(problem.lift(direction(moved)), tuple(rotated(row, transpose) for row in rows)),
    )


@proposition.mutant(of=only_supports_matter, latex=r"W^\star\text{ depends on the supports only}")
def solution_sees_supports_only(case: Case) -> Implies:
    """Uniform probabilities on the same supports have W* = 0."""
    solution = log_odds(case.problem).closed_form
    return Implies(solution is not None, Equal(solution is not None and solution.is_zero(), True))


@proposition.mutant(of=only_supports_matter, latex=r"\text{other probabilities on the same supports move } W^{\mathrm{mm}}")
def probabilities_matter(case: Case) -> Implies:
    """The constraints (6) do not mention them."""
    problem = case.problem
    other = rebuilt(problem, rows=stretched(problem))
    return Implies(other.probabilities != problem.probabilities, Equal(direction(other) == case.derived.max_margin.direction, False))


@proposition.mutant(of=solutions_are_orthogonal, latex=r"W^{\mathrm{mm}}\in\mathcal F")
def margin_decoder_in_support_space(case: Case) -> Equal:
    """It is orthogonal to F."""
    best = case.derived.max_margin.direction
    return Equal(in_support_space(case.problem).project(best), best)


@proposition.mutant(of=equal_patterns_have_equal_rows, latex=r"\text{equal support patterns}\implies\text{equal rows of } W^\star")
def equal_patterns_in_the_finite_part(case: Case) -> All | NotExercised:
    """The odds tell such tokens apart."""
    return equal_patterns_have_equal_rows(case, of_solution=True)


@proposition.mutant(of=symmetries_are_respected, latex=r"h_j\mapsto Qh_j\text{ maps } W^{\mathrm{mm}}\text{ to } W^{\mathrm{mm}}Q")
def rotated_the_wrong_way(case: Case) -> All:
    """Rows rotate with the embeddings."""
    return symmetries_are_respected(case, transpose=True)
