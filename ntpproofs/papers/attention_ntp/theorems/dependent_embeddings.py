"""More tokens than dimensions: when the Graph-SVM is feasible, and where descent goes when it is not.

On a line W is a number: a tie asks for W (e_u - e_v) e_k = 0, a margin for W (e_u - e_v) e_k >= 1. Without margins W = 0 will do. With
margins W is not 0, so the ties must vanish by themselves, and the margins can be met iff their factors are non-zero of one sign.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, AtMost, Converges, Equal, Less, Relation
from ....language.statements import Case, Conjecture, clause, derived
from ..graph_programmes import edge_form, graph_svm
from ..priority_graph import extra_ties
from ._exact import gaps
from ._instances import between, dependent, on_a_line, one_hot, pair_above, same_embedding
from ._limits import FLOW, fin, floats, when

# On a line: 1 over 0 over 2 by position; then 0 over 1 and 0 over 2 with 0 in the middle; two queries of opposite signs.
middle_on_top = one_hot(3, ([1, 0], 0), ([2, 0], 0)).with_embeddings([[1], [2], [-1]])
opposite_queries = one_hot(3, ([1, 0], 1), ([0, 1, 2], 0)).with_embeddings([[1], [2], [-1]])
same_query_side = one_hot(3, ([1, 0], 1), ([0, 2, 1], 0)).with_embeddings([[1], [2], [-1]])
flat_pair = pair_above.with_embeddings([[1, 0], [1, 1], [0, 1]])
# Numbers as embeddings: chains up and down the line, ties of equal and of different numbers, a query at 0.
lines = tuple(
    one_hot(len(positions), *samples).with_embeddings([[x] for x in positions])
    for positions in ((1, 2, 3), (3, 1, 2), (1, 1, 2), (0, 1, 2))
    for samples in (
        [([1, 0], 1), ([2, 1, 0], 2)],
        [([1, 0], 0), ([1, 0], 1), ([2, 0], 2)],
        [([1, 0], 0), ([1, 0], 1)],
        [([1, 0], 1), ([0, 1], 0), ([1, 2], 2)],
    )
)

conjecture = Conjecture(
    "attention-ntp.dependent-embeddings",
    "Dependent embeddings: feasibility by position, and the limits when it fails",
    derived("Farkas certificates, the line solved exactly; a characterisation for general dimension is open"),
    setup=r"The embeddings are arbitrary; $W(t)$ follows the gradient flow. For $d>1$ a condition in terms of orders alone is open.",
    clauses=(
        clause(
            r"The Graph-SVM is feasible iff no cross edge is tied on the recession cone,",
            by=("attention-ntp.recession-cone",),
            claims=("feasible_without_extra_ties",),
        ),
        clause(
            r"that is, iff no combination of ties and cross edges, the latter with non-negative coefficients, not all zero, vanishes.",
            by=("attention-ntp.recession-cone", "foundations.separation"),
            claims=("farkas_combination_vanishes",),
        ),
        clause(
            r"For $d=1$: iff there is no cross edge, or all $(e_u-e_v)e_k$ of cross edges are non-zero of one sign and every tie is"
            r" between equal"
            r" embeddings or has $e_k=0$.",
            argued="docstring",
            claims=("line_criterion",),
        ),
        clause(
            r"Feasible or not, the slope of $W$ in $\log t$ tends to the max-margin direction of the reduction,",
            by=("foundations.log-time-slope",),
            claims=("slope_converges",),
        ),
        clause(
            r"and the finite part to the minimiser over all tied pairs, extra ties included.",
            by=("foundations.finite-part-limit",),
            claims=("finite_part_converges",),
        ),
    ),
    uses=("attention-ntp.global-convergence",),
    instances=dependent,
    examples=(between, same_embedding, on_a_line, middle_on_top, opposite_queries, same_query_side, flat_pair, *lines),
    simulate=FLOW,
)


def fits_the_line(case: Case) -> bool:
    """The criterion for d = 1, from positions only."""
    form = edge_form(case.problem)
    products = [form.row(edge)[0] for edge in form.margins]
    return all(form.row(edge)[0] == 0 for edge in form.ties) and (all(x > 0 for x in products) or all(x < 0 for x in products))


def with_ties_free(case: Case) -> bool:
    """Whether the ties are void on the line: then only signs count; with a real tie W = 0, and a cross edge makes it infeasible."""
    form = edge_form(case.problem)
    return not form.margins or fits_the_line(case)


@conjecture.claim(r"\text{feasible}\iff\text{no extra ties}")
def feasible_without_extra_ties(case: Case) -> Equal:
    """The exact programme against the partition of the recession cone."""
    return Equal(graph_svm(case.problem).feasible, not extra_ties(case.problem))


@conjecture.claim(r"\text{infeasible: a Farkas combination of rows vanishes}")
def farkas_combination_vanishes(case: Case) -> Relation:
    """Exact, with a positive sum on cross edges; a solution is positive on every cross edge and zero on ties, so no combination can vanish."""
    svm = graph_svm(case.problem)
    if svm.direction is not None:
        return AtMost(tuple(Fraction(1) for _ in svm.form.margins), gaps(case.problem, svm.direction, svm.form.margins))
    margins = set(svm.form.margins)
    values = svm.farkas or {}
    columns = zip(*(tuple(x * entry for entry in svm.form.row(edge)) for edge, x in values.items()))
    positive = sum((x for edge, x in values.items() if edge in margins), Fraction(0))
    return All(Equal(tuple(sum(column) for column in columns), (0,) * case.problem.dimension**2), Less(0, positive))


@conjecture.claim(r"d=1:\ \text{feasible}\iff\text{the cross edges have one sign and ties are void}")
def line_criterion(case: Case, signs: bool = True) -> Relation:
    """From positions against the exact programme."""
    found = with_ties_free(case) if signs else True
    return when(case.problem.dimension == 1, lambda: Equal(graph_svm(case.problem).feasible, found), "more than one dimension")


@conjecture.claim(r"\tfrac{dW}{d\log t}\to u\text{ of the recession cone, feasible or not}")
def slope_converges(case: Case) -> Converges:
    """Weak pairs included: no rate asked for."""
    return Converges(case.trajectory.slope, floats(case.derived.max_margin.direction))


@conjecture.claim(r"\text{the finite part is the minimiser over all tied pairs}")
def finite_part_converges(case: Case, graphs: bool = False) -> Converges:
    """Extra ties included."""
    target = fin(case).finite_part if graphs else case.derived.finite_part
    return Converges(case.trajectory.finite_part, target, rate=1)


@conjecture.mutant(of=line_criterion, latex=r"d=1:\ \text{every acyclic dataset is feasible}")
def always_feasible_on_a_line(case: Case) -> Relation:
    """The token in the middle cannot be on top."""
    return line_criterion(case, signs=False)


@conjecture.mutant(of=finite_part_converges, latex=r"\text{the finite part is that of the cycles}")
def cycles_decide(case: Case) -> Converges:
    """Extra ties have finite odds that no cycle shows."""
    return finite_part_converges(case, graphs=True)


@conjecture.mutant(of=feasible_without_extra_ties, latex=r"K>d\Rightarrow\text{infeasible}")
def never_feasible(case: Case) -> Equal:
    """Three tokens on a line in the order of their priorities."""
    return Equal(graph_svm(case.problem).feasible, case.problem.embedding_rank == case.problem.vocabulary_size)
