"""Erratum: Lemma 1 asks for d > m; linearly independent embeddings suffice, and are not necessary (2402.18551, Lemma 1)."""

from __future__ import annotations

from ....exact.rational import rank
from ....language.relations import All, Equal, Implies, Less
from ....language.statements import Assumption, Case, Erratum, cite
from ....language.verdicts import Outcome
from ..assumptions import ntp_compatible, ntp_separable
from ..problem import LinearNTP
from ._golden import anything, fractions, golden

erratum = Erratum(
    label="linear-ntp.erratum-wide-embeddings",
    title="Independent embeddings suffice for compatibility and separability; d > m is not needed",
    source=cite("thrampoulidis2024", "Lemma 1 and the discussion of d > m"),
    text=r"The paper asks for $d>m$ and $\operatorname{rank}H=m$. $d>m$ plays no part: $\operatorname{rank}H=m$, possible from $d=m$ on, makes"
    r" $\{(e_{z_j}-e_u)^\top Wh_j=c_{ju}\}$ solvable for every right side, because the system has $m(V-1)$ rows and rank $(V-1)\operatorname{rank}H$."
    r" Neither is $d\ge m$ necessary: data with the supports of the paper's first figure are separable and compatible at $d=2<m=3$.",
    uses=("linear-ntp.overparameterised", "linear-ntp.constraint-counts"),
    instances=anything,
    examples=(*golden, LinearNTP([[1], [-1]], [fractions("1/2", "1/2", "0"), fractions("1/2", "1/2", "0")])),
)


def holds(entry: Assumption, problem: LinearNTP) -> bool:
    """Whether an assumption is decided to hold."""
    return entry(problem).outcome is Outcome.HOLDS


def solvable(case: Case) -> All:
    """Compatible and separable, both decided exactly."""
    return All(Equal(holds(ntp_compatible, case.problem), True), Equal(holds(ntp_separable, case.problem), True))


@erratum.step("rank of the anchored system", by="exact rank", scope="", latex=r"\operatorname{rank}=(V-1)\operatorname{rank}H")
def system_rank(case: Case) -> Equal:
    """All rows (e_z - e_u) h_j^T, u not z, written out."""
    problem = case.problem
    rows = []
    for h, support in zip(problem.embeddings, problem.supports):
        z = min(support)
        for u in range(problem.vocabulary_size):
            if u != z:
                signs = {z: 1, u: -1}
                rows.append([signs.get(v, 0) * x for v in range(problem.vocabulary_size) for x in h])
    return Equal(rank(rows), (problem.vocabulary_size - 1) * problem.embedding_rank)


@erratum.claim(r"\text{printed: }d>m\text{ is needed for compatible and separable data}", expected="refuted")
def printed(case: Case) -> Implies:
    """Among compatible and separable data; d = m = 1 already refutes."""
    problem = case.problem
    premise = holds(ntp_compatible, problem) and holds(ntp_separable, problem)
    return Implies(premise, Less(len(problem.supports), problem.dimension))


@erratum.claim(r"\text{repaired: }\operatorname{rank}H=m\text{ suffices}")
def repaired(case: Case) -> Implies:
    """d = m included."""
    return Implies(case.problem.embedding_rank == len(case.problem.supports), solvable(case))


@erratum.mutant(of=repaired, latex=r"d>m\text{ suffices, whatever the rank}")
def width_without_rank(case: Case) -> Implies:
    """Two equal contexts with different supports in three dimensions."""
    return Implies(case.problem.dimension > len(case.problem.supports), solvable(case))


@erratum.mutant(of=repaired, latex=r"\operatorname{rank}H\ge m-1\text{ suffices}")
def rank_one_less(case: Case) -> Implies:
    """Opposite embeddings with the same support, or two laws on one line."""
    return Implies(case.problem.embedding_rank >= len(case.problem.supports) - 1, solvable(case))


@erratum.mutant(of=repaired, latex=r"d\ge m\text{ is necessary}")
def width_is_necessary(case: Case) -> Implies:
    """Three contexts in the plane are compatible and separable."""
    premise = holds(ntp_compatible, case.problem) and holds(ntp_separable, case.problem)
    return Implies(premise, Equal(case.problem.dimension >= len(case.problem.supports), True))
