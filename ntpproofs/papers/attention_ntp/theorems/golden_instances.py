"""The golden instances with their exact answers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ....exact.logarithms import LogVector, log_entries, log_sum
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Proposition, clause, derived
from ....logit.decomposition import decompose
from ....logit.problem import Vector
from ....symbolic.formula import Exhaustive
from ..graph_programmes import graph_svm
from ..priority_graph import PriorityEdge, dataset_class
from ..problem import AttentionNTP
from ._exact import enclosed_gaps, enclosure, zero
from ._instances import chain, mixed, pair, pair_above, per_query, repeated, skew_chain, three, uneven, weak

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


@dataclass(frozen=True)
class Answer:
    """Class, scores of W^svm per query that moves, gaps inside components as exponentials, L* as (coefficient, logarithm of)."""

    problem: AttentionNTP
    kind: str
    svm: dict[int, tuple[Fraction | int, ...]]
    gaps: dict[tuple[int, int, int], Fraction]
    infimum: tuple[tuple[Fraction, Fraction], ...] = ()


ANSWERS = {
    "GI-1": Answer(chain, "acyclic", {0: (-1, 0, 1)}, {}),
    "GI-2": Answer(pair_above, "mixed", {0: (THIRD, THIRD, -2 * THIRD)}, {(0, 0, 1): Fraction(1)}, ((2 * THIRD, Fraction(2)),)),
    "GI-3": Answer(
        mixed,
        "mixed",
        {0: (HALF, HALF, -HALF, -HALF)},
        {(0, 0, 1): Fraction(3, 2)},
        ((HALF, Fraction(5, 3)), (THIRD, Fraction(5, 2))),
    ),
    "GI-4": Answer(repeated, "all-cyclic", {}, {(0, 0, 1): HALF}, ((Fraction(1), Fraction(2)),)),
    "GI-5": Answer(weak, "acyclic", {2: (1, 0, -1, 0)}, {}),
    "GI-7": Answer(pair, "all-cyclic", {}, {(0, 0, 1): Fraction(1)}, ((Fraction(1), Fraction(2)),)),
    "GI-10": Answer(
        three,
        "all-cyclic",
        {},
        {(0, 0, 1): Fraction(3, 2), (0, 1, 2): Fraction(2)},
        ((HALF, Fraction(2)), (THIRD, Fraction(3)), (Fraction(1, 6), Fraction(6))),
    ),
    "GI-11": Answer(per_query, "acyclic", {0: (HALF, -HALF), 1: (-HALF, HALF)}, {}),
    "counts 2 and 1": Answer(uneven, "all-cyclic", {}, {(0, 0, 1): Fraction(2)}, ((2 * THIRD, Fraction(3, 2)), (THIRD, Fraction(3)))),
}

proposition = Proposition(
    label="attention-ntp.golden-instances",
    title="Golden instances: graphs, Graph-SVM, finite part and infimum",
    source=derived("worked by hand"),
    setup=r"Small datasets on orthonormal embeddings whose answers are known by hand. They are instances: what holds in general is said elsewhere.",
    clauses=(
        clause(r"Classes: acyclic, mixed or all-cyclic as listed.", claims=("classes",)),
        clause(
            r"The scores of $W^{\mathrm{svm}}$ are as listed, $\|W^{\mathrm{svm}}\|^2=2,\tfrac23,1,2,1$ for GI-1, 2, 3, 5 and 11.",
            claims=("directions", "norms"),
        ),
        clause(
            r"The gaps of $W^{\mathrm{fin}}$ are logarithms of ratios of counts as listed;"
            r" $\|W^{\mathrm{fin}}\|=\log\tfrac32/\sqrt2$ in the mixed"
            r" dataset GI-3.",
            claims=("finite_parts", "norms"),
        ),
        clause(
            r"The infima are as listed, $L^*=\tfrac12\log\tfrac53+\tfrac13\log\tfrac52$ in GI-3.",
            claims=("infima",),
        ),
        clause(r"GI-2 has the multipliers $\tfrac23$ on its margin and $-\tfrac13$ on its tie.", claims=("multipliers",)),
        clause(
            r"A margin can be tight with multiplier zero: $3\to2$ in GI-5.",
            witness=("weak_edge_step",),
            claims=("multipliers",),
        ),
        clause(
            r"Scores of $W^{\mathrm{svm}}$ depend on the embeddings beyond their scale: GI-1 on another independent bank.",
            witness=("skew_step",),
            claims=("skew_scores",),
        ),
        clause(
            r"With the squared loss there need not be a finite minimiser: in GI-10 its infimum over the masses is at"
            r" $p=(\tfrac35,\tfrac25,0)$.",
            witness=("squared_loss_step",),
            claims=("squared_loss_of_three",),
        ),
    ),
    uses=("attention-ntp.graph-svm", "attention-ntp.finite-part", "attention-ntp.infimum"),
)


def table(problem: AttentionNTP, columns: dict[int, tuple[Fraction | int, ...]]) -> tuple[Vector, ...]:
    """The score table with these columns, zero elsewhere."""
    size = range(problem.vocabulary_size)
    return tuple(tuple(Fraction(columns[k][v]) if k in columns else Fraction(0) for k in size) for v in size)


@proposition.claim(r"\text{classes}")
def classes(case: Case) -> Exhaustive:
    """Acyclic, mixed or all-cyclic."""
    return Exhaustive(tuple(Equal(dataset_class(answer.problem), answer.kind) for answer in ANSWERS.values()))


@proposition.claim(r"EW^{\mathrm{svm}}E^\top,\text{ exactly}")
def directions(case: Case, sign: int = 1) -> Exhaustive:
    """The whole table of scores, which with orthonormal embeddings is W^svm itself."""
    parts = []
    for answer in ANSWERS.values():
        problem = answer.problem
        expected = table(problem, answer.svm)
        scores = problem.scores(graph_svm(problem).direction or zero(problem))
        parts.append(Equal(scores, tuple(tuple(sign * x for x in row) for row in expected)))
    return Exhaustive(tuple(parts))


@proposition.claim(r"\text{gaps of } W^{\mathrm{fin}}\text{ and all other scores}")
def finite_parts(case: Case, counted: bool = True) -> Exhaustive:
    """Enclosed gaps against exact logarithms; not `counted`: gaps zero for repeated tokens."""
    parts: list[Equal] = []
    for name, answer in ANSWERS.items():
        part = enclosure(decompose(answer.problem).finite_part)
        for edge, ratio in answer.gaps.items():
            (gap,) = enclosed_gaps(answer.problem, part, [PriorityEdge(*edge)])
            parts.append(Equal(gap, log_entries([ratio if counted or name != "GI-4" else Fraction(1)])))
        if not answer.gaps:
            parts.append(Equal(part, (Fraction(0),) * len(part.center)))
    return Exhaustive(tuple(parts))


@proposition.claim(r"L^*")
def infima(case: Case) -> Exhaustive:
    """Enclosed, against exact logarithms."""
    values: list[tuple[AttentionNTP, LogVector]] = [(answer.problem, log_sum(answer.infimum)) for answer in ANSWERS.values()]
    return Exhaustive(tuple(Equal(decompose(problem).infimum, value if value.base else 0) for problem, value in values))


@proposition.claim(
    r"\text{GI-2: }\lambda_{02}=\tfrac23,\ \nu_{01}=-\tfrac13;\quad\text{GI-5: the edge }3\to2\text{ has margin }1\text{ and multiplier }0"
)
def multipliers(case: Case, weak_edge: Fraction = Fraction(0)) -> All:
    """The certificate of the pair above a token, and the weak pair of the degenerate instance."""
    first, second = graph_svm(pair_above), graph_svm(weak)
    edge = PriorityEdge(2, 3, 2)
    scores = weak.scores(second.direction or zero(weak))
    return All(
        Equal(first.multipliers, {PriorityEdge(0, 0, 2): 2 * THIRD, PriorityEdge(0, 0, 1): -THIRD}),
        Equal(second.multipliers.get(edge, Fraction(0)), weak_edge),
        Equal(scores[3][2] - scores[2][2], Fraction(1)),
    )


@proposition.claim(r"\|W^{\mathrm{fin}}\|=\log\tfrac32/\sqrt2\text{ in GI-3};\quad\|W^{\mathrm{svm}}\|^2=2,\tfrac23,1,2,1")
def norms(case: Case) -> All:
    """W^fin of GI-3 is log(3/2)/2 times (1, -1) in column 0."""
    part = enclosure(decompose(mixed).finite_part)
    exact = LogVector(log_entries([Fraction(3, 2)]).base, tuple(_column(x[0]) for x in log_entries([Fraction(3, 2)]).parts))
    found = tuple(graph_svm(problem).squared_norm for problem in (chain, pair_above, mixed, weak, per_query))
    return All(Equal(part, exact), Equal(found, (2, 2 * THIRD, 1, 2, 1)))


def _column(power: Fraction) -> Vector:
    # power / 2 times (e_0 - e_1) e_0^T as a flat 4 x 4 matrix.
    entries = {0: power / 2, 4: -power / 2}
    return tuple(entries.get(k, Fraction(0)) for k in range(16))


@proposition.claim(r"\text{GI-1 on other independent embeddings has other scores}")
def skew_scores(case: Case) -> All:
    """Margins one and one, but no longer scores (-1, 0, 1)."""
    scores = skew_chain.scores(graph_svm(skew_chain).direction or zero(skew_chain))
    column = tuple(row[0] for row in scores)
    return All(Equal(column, (-HALF, HALF, 3 * HALF)), Equal((column[1] - column[0], column[2] - column[1]), (1, 1)))


@proposition.claim(r"\text{GI-10 with the squared loss }(1-p_y)^2:\ p=(\tfrac35,\tfrac25,0),\text{ on the boundary, value }\tfrac{11}5")
def squared_loss_of_three(case: Case, p: tuple[Fraction, ...] = (Fraction(3, 5), Fraction(2, 5), Fraction(0))) -> All:
    """The loss is convex in p; on the simplex a minimiser has equal slopes where p > 0 and no smaller ones where p = 0.

    All softmaxes are positive, so no finite W attains it: with this loss W^fin does not exist.
    """
    counts = (3, 2, 1)
    slopes = tuple(-2 * n * (1 - x) for n, x in zip(counts, p))
    inner = {slope for slope, x in zip(slopes, p) if x}
    value = sum((n * (1 - x) ** 2 for n, x in zip(counts, p)), Fraction(0))
    return All(Equal(sum(p), Fraction(1)), Equal(len(inner), 1), AtMost((min(inner),) * 3, slopes), Equal(value, Fraction(11, 5)))


@proposition.step("a weak edge", by="exact multipliers", scope="one instance", latex=r"\text{GI-5: }\lambda_{32}=0,\ s_3-s_2=1")
def weak_edge_step() -> All:
    """And in every optimal multiplier: some pair of the support is not strong."""
    best = decompose(weak).max_margin
    return All(multipliers(Case(None)), Less(len(best.strong_support), len(best.support)))


@proposition.step("other scores on another bank", by="exact programme", scope="one instance", latex=r"(-\tfrac12,\tfrac12,\tfrac32)\ne(-1,0,1)")
def skew_step() -> All:
    """The same sequences on embeddings that are not orthogonal."""
    return skew_scores(Case(None))


@proposition.step("a minimiser on the boundary", by="exact stationarity on the simplex", scope="one instance", latex=r"p=(\tfrac35,\tfrac25,0)")
def squared_loss_step() -> All:
    """The loss is strictly convex in p, so this is the only minimiser; softmaxes are positive and come as near as one likes."""
    return squared_loss_of_three(Case(None))


@proposition.mutant(of=squared_loss_of_three, latex=r"\text{the squared loss also ends at the label frequencies}")
def squared_loss_matches_moments(case: Case) -> All:
    """Pairs suggest it; three tokens refute it."""
    return squared_loss_of_three(case, (HALF, THIRD, Fraction(1, 6)))


@proposition.mutant(of=directions, latex=r"\text{GI-1 with edges from tokens to labels}")
def flipped_directions(case: Case) -> Exhaustive:
    """L0-b: the sign flips."""
    return directions(case, sign=-1)


@proposition.mutant(of=finite_parts, latex=r"\text{GI-4: gap }0")
def repeated_query_is_ignored(case: Case) -> Exhaustive:
    """L0-a: the gap is -log 2."""
    return finite_parts(case, counted=False)


@proposition.mutant(of=multipliers, latex=r"\text{GI-5: the edge }3\to2\text{ has a positive multiplier}")
def weak_edge_is_strong(case: Case) -> All:
    """The multipliers are unique: one on 0 -> 1, one on 1 -> 2, none on 3 -> 2."""
    return multipliers(case, weak_edge=HALF)
