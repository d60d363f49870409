"""The Graph-SVM solution: unique, certified by multipliers in score space, orthogonal to the cycles.

For independent embeddings the programme is that of the max-margin direction u of the reduction, because the tied pairs are
those inside components (`attention-ntp.recession-cone`), so existence, uniqueness and multipliers are those of u. u = sum
lambda P_M z over cross edges z, and P_M z = z - P_S z with P_S z in S_fin, a combination of ties with free coefficients: u =
sum lambda z + sum nu q, which is E^T Lambda E. The ties hold along trees and so on all pairs of a component: u is orthogonal to
S_fin, in which W^fin lies. 0 satisfies the constraints iff there is no cross edge.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..graph_programmes import GraphSVM, cyclic_generators, graph_svm
from ..priority_graph import dataset_class, priority_orders
from ._exact import Matrix, enclosed_gaps, enclosure, gaps, lifted, product, with_scores, zero
from ._flows import gaps_along_a_walk
from ._instances import golden, independent, same_embedding
from .graph_svm_feasible import reach_table

theorem = Theorem(
    label="attention-ntp.graph-svm",
    title="The Graph-SVM solution and its certificate",
    source=derived("multipliers in score space; the programme is that of arXiv 2403.08081"),
    setup=r"Let $W^{\mathrm{svm}}=\arg\min\|W\|_F$ subject to ties on components and margins $\ge1$ on cross edges, the embeddings being"
    r" independent, and $S_{\mathrm{fin}}=\mathrm{span}\{(e_u-e_v)e_k^\top: u\asymp v\}$.",
    clauses=(
        clause(
            r"$W^{\mathrm{svm}}$ exists, is unique, and is the max-margin direction of the reduction.",
            by=("attention-ntp.graph-svm-feasible", "attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("certificate_in_score_space",),
        ),
        clause(
            r"$W^{\mathrm{svm}}=E^\top\Lambda E$ with $\Lambda=\sum\lambda_{uvk}(\epsilon_u-\epsilon_v)\epsilon_k^\top$,"
            r" $\lambda\ge0$ on margins and"
            r" zero where the margin exceeds one, free on ties.",
            steps=("lift_step",),
            by=("attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("certificate_in_score_space",),
        ),
        clause(
            r"$\|W^{\mathrm{svm}}\|^2$ is the sum of the $\lambda$ on margins.",
            steps=("norm_step",),
            by=("attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("norm_is_the_sum_of_multipliers",),
        ),
        clause(
            r"It is orthogonal to $S_{\mathrm{fin}}$, hence to $W^{\mathrm{fin}}$, and adding a multiple of it changes no gap"
            r" inside a component.",
            steps=("walk_step",),
            claims=("solution_is_orthogonal_to_cycles", "direction_keeps_inner_gaps"),
        ),
        clause(
            r"It is zero if there is no cross edge,",
            by=("attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("zero_iff_no_cross_edge",),
        ),
        clause(
            r"and only then;",
            by=("attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("zero_iff_no_cross_edge",),
        ),
        clause(
            r"where there is one, $1/\|W^{\mathrm{svm}}\|$ is the largest margin of a unit matrix orthogonal to $S_{\mathrm{fin}}$,"
            r" attained by"
            r" $W^{\mathrm{svm}}/\|W^{\mathrm{svm}}\|$ only.",
            by=("attention-ntp.recession-cone", "foundations.max-margin"),
            claims=("largest_margin",),
        ),
    ),
    uses=(),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


@theorem.step("a combination of rows as a lifted table", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_{u,v,k}\lambda_{uvk}(e_u-e_v)e_k^\top=E^\top\Lambda E,\ \Lambda_{uk}=\sum_v(\lambda_{uvk}-\lambda_{vuk})")  # fmt: skip
def lift_step() -> Equal:
    """Entry (a, b); multipliers of margins and of ties alike."""
    lam, bank, q = sp.Function("lambda"), sp.Function("e"), index("q")
    i, j, first, second = index("i"), index("j"), index("a"), index("b")
    rows = total(lam(i, j, q) * (bank(i, first) - bank(j, first)) * bank(q, second), (i, "K"), (j, "K"), (q, "K"))
    table = total(lam(i, j, q) - lam(j, i, q), (j, "K"))
    return Equal(Formula(rows), Formula(total(bank(i, first) * table * bank(q, second), (i, "K"), (q, "K"))))


@theorem.step("gaps add along a walk", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum f_{uv}(s_u-s_v)=s_p-s_q\text{ for a walk from }p\text{ to }q")  # fmt: skip
def walk_step() -> All:
    """Ties along the tree of a component are ties of all its pairs."""
    return gaps_along_a_walk()


@theorem.step("multipliers sum to the squared norm", by="index calculus, normal form", scope="all sizes",
              latex=r"\|W\|^2-\sum_z\lambda_z=\sum_z\lambda_z(\langle W,z\rangle-1)+\sum_q\nu_q\langle W,q\rangle")  # fmt: skip
def norm_step() -> Equal:
    """With W = sum lambda z + sum nu q (ties q): complementary slackness kills the first sum, the equalities the second."""
    lam, nu, margin, tie = (sp.Function(name) for name in ("lambda", "nu", "z", "q"))
    r, s, p, c = (index(name) for name in ("r", "s", "p", "c"))

    def w(coordinate: sp.Expr) -> sp.Expr:
        return total(lam(s) * margin(s, coordinate), (s, "R")) + total(nu(p) * tie(p, coordinate), (p, "Q"))

    squared = total(w(c) ** 2, (c, "D"))
    slack = total(lam(r) * (total(w(c) * margin(r, c), (c, "D")) - 1), (r, "R"))
    ties = total(nu(r) * total(w(c) * tie(r, c), (c, "D")), (r, "Q"))
    return Equal(Formula(squared - total(lam(r), (r, "R"))), Formula(slack + ties))


def dual_table(svm: GraphSVM) -> Matrix:
    """Lambda: the multipliers as a K x K table."""
    size = svm.form.attention.vocabulary_size
    table = [[Fraction(0)] * size for _ in range(size)]
    for edge, x in svm.multipliers.items():
        table[edge.upper][edge.query] += x
        table[edge.lower][edge.query] -= x
    return tuple(map(tuple, table))


def direction(case: Case) -> Vector:
    """W^svm (zero if there is none)."""
    return graph_svm(case.problem).direction or zero(case.problem)


@theorem.claim(r"S=G\Lambda G:\ \text{ties }0,\ \text{margins}\ge1,\ \lambda\ge0,\ \lambda(\text{margin}-1)=0")
def certificate_in_score_space(case: Case, signs_on_ties: bool = False) -> All:
    """The Karush-Kuhn-Tucker conditions over the rationals from G and Lambda alone; `signs_on_ties` wants nu >= 0 as well."""
    problem, svm = case.problem, graph_svm(case.problem)
    form, values = svm.form, svm.multipliers
    scores = product(problem.gram, dual_table(svm), problem.gram)
    margins = tuple(scores[u][k] - scores[v][k] for k, u, v in form.margins)
    ties = tuple(scores[u][k] - scores[v][k] for k, u, v in form.ties)
    lam = tuple(values.get(edge, Fraction(0)) for edge in (form.edges if signs_on_ties else form.margins))
    slack = tuple(values.get(edge, Fraction(0)) * (x - 1) for edge, x in zip(form.margins, margins))
    parts: list[Equal | AtMost] = [Equal(ties, (Fraction(0),) * len(ties)), Equal(slack, (Fraction(0),) * len(slack))]
    parts += [AtMost((Fraction(1),) * len(margins), margins), AtMost((Fraction(0),) * len(lam), lam)]
    return All(*parts, Equal(lifted(problem, dual_table(svm)), direction(case)))


@theorem.claim(r"\|W^{\mathrm{svm}}\|^2=\textstyle\sum\lambda=\mathrm{tr}(\Lambda^\top G\Lambda G)")
def norm_is_the_sum_of_multipliers(case: Case, everything: bool = False) -> All:
    """On margins only; `everything` adds the multipliers of ties."""
    svm, w = graph_svm(case.problem), direction(case)
    edges = svm.form.edges if everything else svm.form.margins
    summed = sum((svm.multipliers.get(edge, Fraction(0)) for edge in edges), Fraction(0))
    return All(Equal(dot(w, w), summed), Equal(dot(w, w), case.derived.max_margin.squared_norm))


@theorem.claim(r"W^{\mathrm{svm}}\perp S_{\mathrm{fin}},\quad\langle W^{\mathrm{svm}},W^{\mathrm{fin}}\rangle=0")
def solution_is_orthogonal_to_cycles(case: Case) -> All:
    """Exactly against the generators; W^fin lies in their span up to its radius."""
    problem, w = case.problem, direction(case)
    part, rows = case.derived.finite_part, cyclic_generators(problem)
    inside = case.derived.tied.project(part.center)
    return All(Equal(tuple(dot(w, row) for row in rows), (Fraction(0),) * len(rows)), Equal(dot(w, inside), Fraction(0)))


@theorem.claim(r"W^{\mathrm{svm}}=0\iff\text{no cross edge}")
def zero_iff_no_cross_edge(case: Case, by_cycles: bool = False) -> Equal:
    """Exactly; `by_cycles` asks for a cycle instead."""
    problem = case.problem
    vanishes = not any(direction(case))
    absent = not any(order.cross_edges for order in priority_orders(problem).values())
    return Equal(vanishes, dataset_class(problem) != "acyclic" if by_cycles else absent)


@theorem.claim(r"U\perp S_{\mathrm{fin}}:\ \text{margin}(U)\|W^{\mathrm{svm}}\|\le\|U\|,\text{ equality only along } W^{\mathrm{svm}}")
def largest_margin(case: Case, strict: bool = False) -> Implies:
    """Against the numbers of tokens reached, the sum of the rows and kicks of the solution, all with margin one, exactly."""
    problem, svm, best = case.problem, graph_svm(case.problem), direction(case)
    rivals = [tuple(3 * x for x in best), with_scores(problem, reach_table(problem))]
    for k in range(3):
        kick = tuple(Fraction((5 * j * j + 3 * j + k) % 7 - 3, 16) for j in range(problem.dimension**2))
        rivals.append(tuple(x + y - z for x, y, z in zip(best, kick, case.derived.tied.project(kick))))
    parts: list[AtMost | Equal | Less] = []
    for rival in rivals:
        smallest = min(gaps(problem, rival, svm.form.margins), default=Fraction(0))
        if smallest > 0:
            unit = tuple(x / smallest for x in rival)
            parts.append(AtMost(dot(best, best), dot(unit, unit)))
            parts.append(Less(dot(best, best), dot(unit, unit)) if strict else Equal(dot(best, best) == dot(unit, unit), unit == best))
    return Implies(bool(svm.form.margins), All(*parts))


@theorem.claim(r"W^{\mathrm{fin}}+tW^{\mathrm{svm}}\text{ has the gaps of } W^{\mathrm{fin}}\text{ inside components}")
def direction_keeps_inner_gaps(case: Case) -> All | NotExercised:
    """Adding t W^svm to W^fin changes no gap inside a component."""
    problem, part = case.problem, enclosure(case.derived.finite_part)
    ties = graph_svm(problem).form.ties
    moved = type(part)(tuple(x + 7 * y for x, y in zip(part.center, direction(case))), part.radius)
    if not ties:
        return NotExercised("no component has two tokens")
    return All(*(Equal(x, y) for x, y in zip(enclosed_gaps(problem, part, ties), enclosed_gaps(problem, moved, ties))))


@theorem.mutant(of=certificate_in_score_space, latex=r"\text{all multipliers are non-negative, those of ties too}")
def multipliers_of_ties_are_signed(case: Case) -> All:
    """In the pair above a token the tie has multiplier -1/3."""
    return certificate_in_score_space(case, signs_on_ties=True)


@theorem.mutant(of=norm_is_the_sum_of_multipliers, latex=r"\|W^{\mathrm{svm}}\|^2=\text{sum of all multipliers}")
def norm_sums_ties_too(case: Case) -> All:
    """Ties have right side zero."""
    return norm_is_the_sum_of_multipliers(case, everything=True)


@theorem.mutant(of=zero_iff_no_cross_edge, latex=r"W^{\mathrm{svm}}=0\iff\text{the dataset has a cycle}")
def zero_iff_cyclic(case: Case) -> Equal:
    """L2-d: mixed data have a cycle and a non-zero solution."""
    return zero_iff_no_cross_edge(case, by_cycles=True)


@theorem.mutant(of=largest_margin, latex=r"\text{every other matrix with these margins is strictly longer, } W^{\mathrm{svm}}\text{ included}")
def strictly_longer(case: Case) -> Implies:
    """The solution itself attains the norm."""
    return largest_margin(case, strict=True)


@theorem.mutant(
    of=zero_iff_no_cross_edge,
    without=independent_embeddings,
    instances=(same_embedding,),
    latex=r"W^{\mathrm{svm}}=0\iff\text{no cross edge, for all embeddings}",
)
def zero_iff_no_cross_edge_always(case: Case) -> Equal:
    """A token above another one with the same embedding: no W gives the cross edge a margin, and the reduction has the direction 0."""
    return zero_iff_no_cross_edge(case)
