"""Test-time ties in closed form: a product of label counts and multipliers.

At the residual W~ of `attention-ntp.residual` q_z exp(-<z, W~>) = lambda_z on every supporting edge, the multipliers being
unique: <z, W~> = log(q_z / lambda_z), and W^fin = 0 on acyclic data. On cyclic data q_z contains W^fin (a mutant shows it).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import Converges, Equal, Measured, Relation
from ....language.statements import Case, Conjecture, clause, derived
from ....logit.assumptions import strictly_complementary, unique_multipliers
from ....logit.asymptotics import asymptotics
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.problem import Vector
from ..assumptions import acyclic
from ..priority_graph import edge_of
from ..problem import AttentionNTP
from ._instances import between, chain, one_hot, per_query, skew_chain
from ._limits import FLOW, difference_rows, mapped, svm, when
from .tie_breaking import level_pairs, one_to_one, repeated_below, two_to_one, weak_beside

# Counts 3, 2 and 1 of three incomparable tokens above one; two levels with a tie on each; a skew bank.
three_tops = one_hot(4, *(([1, 0], 1),) * 3, *(([2, 0], 2),) * 2, ([3, 0], 3))
one_to_three = one_hot(3, ([1, 0], 1), *(([2, 0], 2),) * 3)
skew_tops = two_to_one.with_embeddings([[1, 0, 0], [0, 1, 1], [0, 1, -1]])
crossed = one_hot(4, ([1, 0], 1), ([1, 0], 1), ([1, 3, 0], 1), ([2, 3, 0], 2), ([3, 0], 3))
# The cycle {0, 1} above 2 and 3: its token 1 is seen with 3 only.
cycle_above = one_hot(4, ([1, 0], 0), ([1, 0], 1), ([2, 0], 0), ([3, 1, 0], 0))
# Two ways from 1 down to 0, through 2 (twice) and through 3: any split of 1 between them is an optimal multiplier.
two_ways = one_hot(4, ([1, 2, 0], 1), ([1, 2, 0], 1), ([1, 3, 0], 1), ([2, 0], 2), ([3, 0], 3))

conjecture = Conjecture(
    "attention-ntp.tie-odds",
    "Acyclic data with unique multipliers: the odds of level tokens in closed form",
    derived("the stationarity of the residual, solved edge by edge; rests on the measured residual law"),
    setup=r"Independent embeddings, acyclic data, unique multipliers $\lambda_z>0$; $(e_u-e_v)e_k^\top=\sum_zc_zz$ over supporting edges and"
    r" $q_z=\frac1n\sum_im_{iv}/m_{iy_i}$ over the sequences behind $z$; $W(t)$ is the gradient flow.",
    clauses=(
        clause(
            r"The log-odds of level tokens tend to $\sum_zc_z\log(q_z/\lambda_z)$ (rational powers of label counts, repetitions and"
            r" multipliers), at least"
            r" like $t^{-q/2}$ with the exponent of the multipliers.",
            by=("attention-ntp.tie-breaking",),
            claims=("odds_converge", "closed_form_is_the_residual"),
        ),
        clause(r"Counts $3,2,1$ of tokens above one token give odds $3:2:1$.", claims=("odds_are_counts",)),
    ),
    uses=("attention-ntp.tie-breaking",),
    assumptions=(independent_embeddings, acyclic, strictly_complementary, unique_multipliers),
    instances=(two_to_one, one_to_one, one_to_three, repeated_below, three_tops, skew_tops, crossed),
    examples=(chain, per_query, skew_chain),
    simulate=FLOW,
)


def edge_weights(case: Case) -> tuple[dict[Vector, Fraction], dict[Vector, Fraction]]:
    """q and lambda per supporting difference, edges with equal differences merged; exact."""
    problem, parts = case.problem, case.derived
    q: dict[Vector, Fraction] = {}
    multiplier: dict[Vector, Fraction] = {}
    anchored = parts.separation.anchored
    for r in parts.max_margin.strong:
        i, n = anchored.blocks[r], anchored.alternatives[r]
        edge, counts = edge_of(problem, (i, n)), problem.multiplicities[i]
        z = problem.difference(edge.upper, edge.lower, edge.query)
        q[z] = q.get(z, Fraction(0)) + Fraction(counts[edge.lower], counts[edge.upper]) * parts.problem.data.blocks[i].weight
        multiplier[z] = multiplier.get(z, Fraction(0)) + parts.max_margin.multipliers[(i, n)]
    return q, multiplier


def coordinates(rows: list[Vector], target: Vector) -> tuple[Fraction, ...]:
    """c with target = sum c_z z for independent rows, exact."""
    gram = fmpq_mat(len(rows), len(rows), [_dot(x, y) for x in rows for y in rows])
    solution = gram.solve(fmpq_mat(len(rows), 1, [_dot(x, target) for x in rows]))
    return tuple(Fraction(int(x.p), int(x.q)) for x in (solution[k, 0] for k in range(len(rows))))


def _dot(x: Vector, y: Vector) -> fmpq:
    total = dot(x, y)
    return fmpq(total.numerator, total.denominator)


def closed_form(case: Case, query_row: Vector, counts: bool = True) -> Interval:
    """sum c_z log(q_z / lambda_z), enclosed."""
    q, multiplier = edge_weights(case)
    rows = list(q)
    with ctx.workprec(PRECISION):
        total = arb(0)
        for c, z in zip(coordinates(rows, query_row), rows):
            weight = q[z] if counts else Fraction(1, len(case.problem.labels))
            total += exact_arb(c) * (exact_arb(weight) / exact_arb(multiplier[z])).log()
        return interval(total)


def targets(case: Case, **changes: bool) -> list[Interval]:
    """The closed forms of all level pairs."""
    return [closed_form(case, case.problem.difference(*pair), **changes) for pair in level_pairs(case)]


@conjecture.claim(r"\log\frac{p_u/m_u}{p_v/m_v}\to\sum_zc_z\log\frac{q_z}{\lambda_z}")
def odds_converge(case: Case, **changes: bool) -> Relation:
    """Along the flow; at the smallest rate of the multipliers."""
    pairs = level_pairs(case)

    def limit() -> Converges:
        path = mapped(case.trajectory.iterates, difference_rows(case.problem, pairs), "log-odds of level tokens")
        return Converges(path, [float(x.center) for x in targets(case, **changes)], rate=asymptotics(case.derived).exponent)

    return when(bool(pairs), limit)


@conjecture.claim(r"\text{counts }3,2,1\text{ of tokens above one token: odds }3:2:1")
def odds_are_counts(case: Case) -> Relation:
    """The closed form against logarithms of counts, enclosed; all multipliers are equal there."""
    known: Mapping[AttentionNTP, tuple[int, ...]] = {three_tops: (3, 2, 1), two_to_one: (2, 1), one_to_one: (1, 1), one_to_three: (1, 3)}
    counts = known.get(case.problem, ())

    def relation() -> Equal:
        with ctx.workprec(PRECISION):
            logs = [interval((arb(counts[u - 1]) / counts[v - 1]).log()) for u, v, _ in level_pairs(case)]
        return Equal(tuple(targets(case)), tuple(logs))

    return when(bool(counts), relation)


@conjecture.claim(r"\sum_zc_z\log\tfrac{q_z}{\lambda_z}\text{ agrees with the Newton minimiser }\widetilde W")
def closed_form_is_the_residual(case: Case) -> Relation:
    """Two routes to one number."""
    pairs = level_pairs(case)

    def relation() -> Equal:
        residual = asymptotics(case.derived).residual
        rows = difference_rows(case.problem, pairs)
        error = 1e-9 * (1 + float(np.linalg.norm(rows)))
        return Equal(Measured(rows @ np.asarray(residual.value), error), np.array([float(x.center) for x in targets(case)]))

    return when(bool(pairs), relation)


@conjecture.mutant(of=odds_converge, latex=r"\text{every edge counts once}")
def edges_count_once(case: Case) -> Relation:
    """Label counts 2 and 1 give odds 2 to 1."""
    return odds_converge(case, counts=False)


@conjecture.mutant(of=odds_are_counts, latex=r"\text{odds }1:1")
def equal_odds(case: Case) -> Relation:
    """Enclosed: log 2 is not zero."""
    pairs = level_pairs(case)
    return when(bool(pairs), lambda: Equal(tuple(targets(case)), (Fraction(0),) * len(pairs)))


@conjecture.mutant(of=odds_converge, without=independent_embeddings, instances=[between], latex=r"\text{the same for all embeddings}")
def closed_form_always(case: Case) -> Relation:
    """A token halfway between two others and above both is tied to them: no edge supports, and W^fin alone sets the odds."""
    return odds_converge(case)


@conjecture.mutant(of=odds_converge, without=acyclic, instances=[cycle_above], latex=r"\text{the same }q_z\text{ on cyclic data}")
def closed_form_on_cycles(case: Case) -> Relation:
    """Token 3 is weighed against the whole cycle and 2 against one token of it: W^fin enters q, and the odds change by 2/3."""
    return odds_converge(case)


@conjecture.mutant(
    of=odds_converge, without=strictly_complementary, instances=[weak_beside], latex=r"\text{the error is a power of }t\text{ with weak edges, too}"
)
def power_with_weak_edges(case: Case) -> Relation:
    """The mass of the weak edge falls like 1/(t log t), and the odds follow with an error of order 1/log t."""
    return odds_converge(case)


@conjecture.mutant(of=odds_converge, without=unique_multipliers, instances=[two_ways], latex=r"\text{any optimal multipliers will do}")
def any_multipliers(case: Case) -> Relation:
    """Halves on all four edges are optimal, too, and make tokens 2 and 3 even; counts 2 and 1 make the odds 1 to the root of 2."""
    problem, half = case.problem, Fraction(1, 2)
    rows = [problem.difference(u, v, 0) for u, v in ((1, 2), (1, 3), (2, 0), (3, 0))]
    optimal = tuple(half * sum(entries, Fraction(0)) for entries in zip(*rows)) == svm(case)

    def limit() -> Converges:
        # e_2 - e_3 is the difference of the last two rows, which count one sequence each.
        q, _ = edge_weights(case)
        odds = np.log(float(q[rows[2]] / half)) - np.log(float(q[rows[3]] / half))
        return Converges(mapped(case.trajectory.iterates, difference_rows(problem, [(2, 3, 0)]), "log-odds of 2 against 3"), (odds,), rate=0.3)

    return when(optimal, limit)
