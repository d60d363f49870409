"""Closed form of W^fin where components are trees of pairs: log of count ratios.

The moments of `attention-ntp.finite-part` have one solution. Give every pair {u, v} of the tree the gap log(n_u m_v / (n_v
m_u)): a tree has numbers with any given gaps along its edges. Each pair then contributes (n_u + n_v) p_u = n_u to the moment of
u and n_v to that of v, and adding up over the pairs at a token gives the number of its choices.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from ....exact.logarithms import LogVector, log_entries
from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Proposition, assumption, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....symbolic import E, Formula, L, index, total
from ..priority_graph import label_components
from ..problem import AttentionNTP
from ._exact import enclosed_gaps, enclosure
from ._instances import chain, mixed, one_hot, pair, pair_above, repeated, skew_mixed, skew_pair_above, three, two_pairs, uneven
from ._reduced_choice_sets import reduced_sets

Pair = tuple[int, int, int]


def pair_counts(problem: AttentionNTP) -> dict[Pair, list[tuple[int, int, int]]]:
    """{(k, u, v): [(label, m_u, m_v)]} over reduced choice sets {u < v}; other sizes above one are marked by u = v."""
    found: dict[Pair, list[tuple[int, int, int]]] = {}
    for k, y, tokens, m in zip(problem.queries, problem.labels, reduced_sets(problem), problem.multiplicities):
        if len(tokens) > 1:
            key = (k, tokens[0], tokens[-1]) if len(tokens) == 2 else (k, tokens[0], tokens[0])
            found.setdefault(key, []).append((y, m[tokens[0]], m[tokens[-1]]))
    return found


@assumption(r"\text{components are trees of pairs, one ratio of multiplicities per pair}", method="counting pairs and components")
def trees_of_pairs(problem: AttentionNTP) -> bool:
    """Reduced choice sets have at most two tokens, pairs form a tree on every component, m_v / m_u agrees per pair."""
    pairs = pair_counts(problem)
    sizes = {(k, c) for k, c in zip(problem.queries, label_components(problem))}
    tree = sum(len(c) - 1 for _, c in sizes) == len(pairs)
    same = all(len({Fraction(b, a) for _, a, b in rows}) == 1 for rows in pairs.values())
    return tree and same and all(u != v for _, u, v in pairs)


@st.composite
def trees(draw: Callable[[Any], Any]) -> AttentionNTP:
    """Pairs along a random tree of tokens 1, ..., K-1 above the query 0, each chosen both ways, with repetitions."""
    size = draw(st.integers(2, 4))
    samples: list[tuple[list[int], int]] = []
    for v in range(1, size):
        star = draw(st.booleans()) or v == 1
        u = 0 if star else draw(st.integers(1, v - 1))
        row = [u] * draw(st.integers(0 if u == 0 else 1, 2)) + [v] * draw(st.integers(1, 2)) + [0]
        samples += [(row, u)] * draw(st.integers(1, 2)) + [(row, v)] * draw(st.integers(1, 3))
    return one_hot(size, *samples)


trees_of_two = trees()

proposition = Proposition(
    label="attention-ntp.finite-part-of-pairs",
    title="Trees of pairs: gaps are logarithms of count ratios",
    source=derived("stationarity on a tree of pairs"),
    setup=r"Let the reduced choice sets inside a component be pairs that form a tree, with one ratio of multiplicities per pair, and $n_{u\succ v}$"
    r" the number of sequences that choose $u$ from the pair $u,v$; the embeddings are independent.",
    clauses=(
        clause(
            r"$(e_u-e_v)^\top W^{\mathrm{fin}}e_k=\log\frac{n_{u\succ v}\,m_v}{n_{v\succ u}\,m_u}$ on every pair.",
            steps=("pair_step", "tree_step"),
            by=("attention-ntp.finite-part",),
            claims=("gaps_are_log_ratios",),
        ),
    ),
    uses=("attention-ntp.finite-part",),
    assumptions=(independent_embeddings, trees_of_pairs),
    instances=trees_of_two,
    examples=(uneven, pair, repeated, mixed, pair_above, skew_mixed, skew_pair_above, two_pairs, chain),
)


@proposition.step("one pair", by="index calculus, normal form", scope="all positive reals",
                  latex=r"(n_u+n_v)\,\frac{m_ue^{\delta}}{m_ue^{\delta}+m_v}=n_u\text{ at }\delta=\log\tfrac{n_um_v}{n_vm_u}")  # fmt: skip
def pair_step() -> Equal:
    """Moment matching on a tree decouples into its pairs: a leaf appears in one of them only."""
    n_u, n_v, m_u, m_v = sp.symbols("n_u n_v m_u m_v", positive=True)
    odds = m_u * E(L(n_u * m_v / (n_v * m_u)))
    return Equal(Formula((n_u + n_v) * odds / (odds + m_v)), Formula(n_u))


@proposition.step("pairs add up", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_v(n_{uv}+n_{vu})\tfrac{n_{uv}}{n_{uv}+n_{vu}}=\sum_vn_{uv}")  # fmt: skip
def tree_step() -> Equal:
    """The moment of u is the sum over its pairs, each met by the step before: the number of sequences that choose u."""
    u, v, n = index("u"), index("v"), sp.Function("n")
    both = n(u, v) + n(v, u)
    odds = E(L(n(u, v) / n(v, u)))
    return Equal(Formula(total(both * odds / (odds + 1), (v, "K"))), Formula(total(n(u, v), (v, "K"))))


def predicted(problem: AttentionNTP, counted: bool = True, sign: int = 1) -> tuple[list[Pair], LogVector]:
    """The pairs and log(n_u m_v / (n_v m_u)); not `counted` leaves out multiplicities."""
    keys, values = [], []
    for (k, u, v), rows in sorted(pair_counts(problem).items()):
        above = sum(1 for y, _, _ in rows if y == u)
        ratio = Fraction(above, len(rows) - above) * (Fraction(rows[0][2], rows[0][1]) if counted else 1)
        keys.append((k, u, v))
        values.append(ratio**sign)
    return keys, log_entries(values)


@proposition.claim(r"(e_u-e_v)^\top W^{\mathrm{fin}}e_k=\log\frac{n_{u\succ v}m_v}{n_{v\succ u}m_u}")
def gaps_are_log_ratios(case: Case, counted: bool = True, sign: int = 1) -> All | NotExercised:
    """The enclosure of W^fin against exact logarithms."""
    keys, logs = predicted(case.problem, counted, sign)
    found = enclosed_gaps(case.problem, enclosure(case.derived.finite_part), keys)
    values = logs.enclose()
    exact = [type(values)((center,), values.radius) for center in values.center]
    return All(*(Equal(x, z) for x, z in zip(found, exact))) if keys else NotExercised("no component has two tokens")


@proposition.mutant(of=gaps_are_log_ratios, latex=r"\text{gap}=\log(n_{u\succ v}/n_{v\succ u})")
def multiplicities_are_ignored(case: Case) -> All | NotExercised:
    """L0-a: a repeated token wins more often at equal scores, so its score is lower: -log 2 in the golden instance."""
    return gaps_are_log_ratios(case, counted=False)


@proposition.mutant(of=gaps_are_log_ratios, latex=r"\text{gap}=\log\frac{n_{v\succ u}m_u}{n_{u\succ v}m_v}")
def ratio_upside_down(case: Case) -> All | NotExercised:
    """The token chosen more often has the larger score."""
    return gaps_are_log_ratios(case, sign=-1)


# The pair {0, 1} is chosen evenly by itself and 3 : 1 inside the larger choice set.
triangle = one_hot(3, *(([1, 2, 0], 0),) * 3, ([1, 2, 0], 1), ([1, 2, 0], 2), ([1, 0], 0), ([1, 0], 1))


@proposition.mutant(of=gaps_are_log_ratios, without=trees_of_pairs, instances=(triangle, three))
def pairs_beside_larger_sets(case: Case) -> All:
    """A pair that also occurs inside a larger choice set has no gap of its own counts."""
    pairs = {key: rows for key, rows in pair_counts(case.problem).items() if key[1] != key[2]}
    found = enclosed_gaps(case.problem, enclosure(case.derived.finite_part), sorted(pairs))
    ratios = [Fraction(sum(y == u for y, _, _ in pairs[k, u, v]), sum(y == v for y, _, _ in pairs[k, u, v])) for k, u, v in sorted(pairs)]
    return All(*(Equal(x, log_entries([ratio])) for x, ratio in zip(found, ratios)))


# Counts 2 and 1 on a pair of tokens with one embedding.
uneven_twins = uneven.with_embeddings([[1, 0], [1, 0]])


@proposition.mutant(of=gaps_are_log_ratios, without=independent_embeddings, instances=(uneven_twins,), latex=r"\text{the same for all embeddings}")
def counts_decide_always(case: Case) -> All | NotExercised:
    """Two tokens with one embedding have the gap 0 whatever the counts, not log 2."""
    return gaps_are_log_ratios(case)
