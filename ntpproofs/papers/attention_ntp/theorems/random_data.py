"""How random datasets split into classes, and how |W^svm| moves with n.

Every sequence of four tokens with every label in it has a positive probability, so each of these finitely many samples occurs
sooner or later, with probability tending to 1 by a given n. Once all have, every token of a graph is chosen from a set with any
other: every graph is strongly connected.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np

from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Conjecture, clause, derived
from ..graph_programmes import graph_svm
from ..priority_graph import dataset_class
from ..problem import AttentionNTP
from ._instances import one_hot, pair_above

# An admissible draw of the authors' sampler (six sequences of four different tokens out of six) without any cross edge.
rare = one_hot(6, *(([1, 2, 3, 0], y) for y in (0, 1, 2, 3, 0, 1)))

conjecture = Conjecture(
    "attention-ntp.random-data",
    "Random datasets: mostly mixed at the published size, all-cyclic as n grows; |W^svm| is not monotone in n",
    derived("seeded counts and exact examples; conjecture on the rates"),
    setup=r"Draw $n$ sequences of four different tokens out of six with uniform labels as in the published experiment.",
    clauses=(
        clause(
            r"At $n=6$ between $45\%$ and $75\%$ of 120 seeded draws are mixed, the majority of the others acyclic.",
            claims=("published_size",),
        ),
        clause(r"All-cyclic data of this size exist.", witness=("never_all_cyclic",)),
        clause(
            r"For fixed tokens the share of all-cyclic datasets tends to $1$.",
            argued="docstring",
            claims=("all_cyclic_in_the_end",),
        ),
        clause(
            r"On the way a further sequence can raise $\|W^{\mathrm{svm}}\|$ or lower it.",
            witness=("norms_step",),
            claims=("norms_on_the_way",),
        ),
    ),
    uses=("attention-ntp.global-convergence",),
)


def draw(rng: np.random.Generator, sequences: int) -> AttentionNTP:
    """One dataset of the published sampler on orthonormal embeddings (the class does not depend on them)."""
    rows = [rng.choice(6, 4, replace=False).tolist() for _ in range(sequences)]
    wished = rng.integers(6, size=sequences).tolist()
    return AttentionNTP.one_hot_tokens(6, rows, [y if y in row else int(rng.choice(row)) for y, row in zip(wished, rows)])


@cache
def shares(sequences: int, draws: int = 120) -> dict[str, Fraction]:
    """The shares of the three classes among seeded draws."""
    rng = np.random.default_rng(1)
    found = [dataset_class(draw(rng, sequences)) for _ in range(draws)]
    return {kind: Fraction(found.count(kind), draws) for kind in ("acyclic", "mixed", "all-cyclic")}


@conjecture.claim(r"n=6:\ \text{between }45\%\text{ and }75\%\text{ mixed, fewer acyclic}")
def published_size(case: Case, mixed: bool = True) -> All:
    """120 seeded draws; three standard deviations of a share of 60 % are 13 %."""
    found = shares(6)
    kind = "mixed" if mixed else "acyclic"
    return All(Less(Fraction(45, 100), found[kind]), Less(found[kind], Fraction(75, 100)))


@conjecture.claim(r"\text{the share of all-cyclic datasets grows from }n=6\text{ over }60\text{ to }300\text{, where it exceeds }90\%")
def all_cyclic_in_the_end(case: Case) -> All:
    """Seeded draws."""
    few, some, many = (shares(n, draws)["all-cyclic"] for n, draws in ((6, 120), (60, 20), (300, 6)))
    return All(AtMost(few, some), AtMost(some, many), Less(Fraction(9, 10), many))


@conjecture.claim(r"\text{a further sequence: }\|W^{\mathrm{svm}}\|^2\ 1/2\to2\to0\text{ and }1/2\to2/3")
def norms_on_the_way(case: Case) -> Equal:
    """One priority; a chain of three; its closing into a cycle; a tie at the top of a priority. Exact."""
    chain = one_hot(3, ([1, 0], 1), ([2, 1, 0], 2))
    closed = one_hot(3, ([1, 0], 1), ([2, 1, 0], 2), ([2, 1, 0], 0))
    rows = (one_hot(3, ([1, 0], 1)), chain, closed, one_hot(3, ([2, 0], 0)), pair_above)
    half = Fraction(1, 2)
    return Equal(tuple(graph_svm(problem).squared_norm for problem in rows), (half, Fraction(2), Fraction(0), half, Fraction(2, 3)))


@conjecture.step(
    "up and down", by="exact programmes", scope="five instances", latex=r"\|W^{\mathrm{svm}}\|^2:\ \tfrac12\to2\to0,\ \tfrac12\to\tfrac23"
)
def norms_step() -> Equal:
    """The claim before, evaluated once."""
    return norms_on_the_way(Case(None))


@conjecture.claim(r"\text{no dataset of the published size is all-cyclic}", expected="refuted")
def never_all_cyclic(case: Case) -> Equal:
    """None among 2 000 draws of the brief; but six sequences with one query can be."""
    return Equal(dataset_class(rare) == "all-cyclic" and len(rare.sequences) == 6, False)


@conjecture.mutant(of=norms_on_the_way, latex=r"\|W^{\mathrm{svm}}\|\text{ never falls when a sequence is added}")
def norm_is_monotone(case: Case) -> AtMost:
    """Closing a chain of three into a cycle: 2 falls to 0."""
    chain = one_hot(3, ([1, 0], 1), ([2, 1, 0], 2))
    closed = one_hot(3, ([1, 0], 1), ([2, 1, 0], 2), ([2, 1, 0], 0))
    return AtMost(graph_svm(chain).squared_norm, graph_svm(closed).squared_norm)


@conjecture.mutant(of=published_size, latex=r"\text{the majority is acyclic}")
def mostly_acyclic(case: Case) -> All:
    """Fewer than 45 %."""
    return published_size(case, mixed=False)
