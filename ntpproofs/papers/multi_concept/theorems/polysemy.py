r"""With several concepts per prompt the diagonal algebra is not closed: an exact counterexample.

What survives is the symmetry under permutations of concepts and a common flip of all signs. E[G] lies in span{sum
P_a, 1 1^T on a, sum P_b, 1 1^T on b} for equal norms: a-b entries vanish, diagonal entries agree, off-diagonal
entries agree. The off-diagonal b entry is negative: a query with sign e in one concept is pushed to attend to that
sign in any concept. Every prompt is enumerated with its probability, so there is no sampling error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

from flint import ctx

from ....exact.balls import PRECISION, Interval, interval
from ....language.relations import All, Equal, Less
from ....language.statements import Case, Proposition, clause, derived
from ..balls import RationalLayer, RationalPrompt, hand_gradient
from ._algebra import diagonal

F = Fraction


@dataclass(frozen=True)
class Polysemous:
    """Two concepts of unit norms, two demonstrations (balanced), Gamma = `score` I, plus neurons u = `gate`, v = `lift` on their own concept."""

    polysemy: Fraction
    score: Fraction
    gate: Fraction
    lift: Fraction

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        names = ("polysemy", "score", "gate", "lift")
        return {"kind": "polysemous-prompts", "concepts": 2, "length": 2, **{name: str(getattr(self, name)) for name in names}}

    def layer(self) -> RationalLayer:
        """All prompts with their probabilities, and the weights; one plus neuron per concept with its mirror image."""
        rows = [(self.gate, F(0), self.lift, F(0)), (F(0), self.gate, F(0), self.lift)]
        mirrored = [(*row[:2], *(-x for x in row[2:])) for row in rows]
        eye = diagonal((F(1),) * 4)
        query = tuple(tuple(self.score * x for x in row) for row in eye)
        return RationalLayer(tuple(self._prompts()), query, eye, (*rows, *mirrored))

    def _prompts(self) -> Iterator[RationalPrompt]:
        p = self.polysemy
        # The other concept in one word: absent, or present with either sign.
        other = [(0, 1 - p), (1, p / 2), (-1, p / 2)] if p else [(0, F(1))]
        for k, e, first, *extra in product((0, 1), (1, -1), (1, -1), other, other, other):
            signs = (first, -first, e)
            vectors = []
            weight = F(1, 8)
            for sign, (joined, chance) in zip(signs, extra):
                weight *= chance
                entries = [F(0)] * 4
                entries[k], entries[2 + k] = F(1), F(sign)
                entries[1 - k], entries[3 - k] = F(abs(joined)), F(joined)
                vectors.append(tuple(entries))
            yield RationalPrompt((vectors[0], vectors[1]), (vectors[0], vectors[1]), vectors[2], e, weight)


@lru_cache(maxsize=64)
def expected_gradient(x: Polysemous) -> tuple[tuple[Interval, ...], ...]:
    """E[G] in the basis a_1, a_2, b_1, b_2, enclosed."""
    with ctx.workprec(PRECISION):
        return tuple(tuple(interval(entry) for entry in row) for row in hand_gradient(x.layer()).score)


INSTANCES = tuple(
    Polysemous(p, s, u, v)
    for p in (F(1, 4), F(1, 16))
    for s, u, v in ((F(16, 25), F(1, 2), F(3, 5)), (F(1), F(1, 3), F(2, 5)), (F(1, 4), F(1), F(1, 5)))
)

proposition = Proposition(
    label="multi-concept.polysemy",
    title="Polysemy opens the idempotent algebra",
    source=derived("symmetry of law and weights", "as recalled, the paper's concept-joining rate is about 1/K"),
    setup=r"Two concepts of unit norms, balanced prompts of length two, other concepts joining a word with probability"
    r" $p_{\mathrm{oth}}>0$, mirrored MLP.",
    clauses=(
        clause(
            r"$\mathbb E[G]$ commutes with permutations of concepts: equal diagonals, equal off-diagonals, no $a$--$b$ entries.",
            argued="symmetry of law and weights, docstring",
            claims=("gradient_has_the_symmetry",),
        ),
        clause(r"Its off-diagonal $b$ entries are not zero.", witness=("diagonal_algebra_is_closed",)),
        clause(r"They are negative here, like the diagonal ones.", claims=("off_diagonals_pull_together",)),
    ),
    uses=("multi-concept.gradients",),
    instances=INSTANCES,
)


@proposition.claim(r"\mathbb E[G]\in\mathrm{span}\{\textstyle\sum P_a,\mathbf 1\mathbf 1^\top_a,\sum P_b,\mathbf 1\mathbf 1^\top_b\}")
def gradient_has_the_symmetry(case: Case, blocks: bool = False) -> All:
    """Entries related by a symmetry, enclosed; `blocks` claims that a- and b-blocks agree as well (false)."""
    g = expected_gradient(case.problem)
    parts = [Equal(g[i][i], g[i + 1][i + 1]) for i in (0, 2)] + [Equal(g[i][i + 1], g[i + 1][i]) for i in (0, 2)]
    parts += [Equal(g[i][j], F(0)) for i in (0, 1) for j in (2, 3)] + [Equal(g[j][i], F(0)) for i in (0, 1) for j in (2, 3)]
    return All(*parts, *([Equal(g[0][0], g[2][2])] if blocks else []))


@proposition.claim(r"\mathbb E[G]\text{ is diagonal in }b", expected="refuted")
def diagonal_algebra_is_closed(case: Case) -> Equal:
    """False for every p_oth > 0 tried."""
    return Equal(expected_gradient(case.problem)[2][3], F(0))


@proposition.claim(r"b_i^\top\mathbb E[G]b_j<0")
def off_diagonals_pull_together(case: Case, sign: int = 1) -> Less:
    """All four b entries."""
    g = expected_gradient(case.problem)
    entries = tuple(Interval(sign * g[i][j].center, g[i][j].radius) for i in (2, 3) for j in (2, 3))
    return Less(entries, F(0))


@proposition.mutant(of=gradient_has_the_symmetry, latex=r"\text{the }a\text{- and }b\text{-blocks agree}")
def blocks_agree(case: Case) -> All:
    """Only the b-block feels the labels."""
    return gradient_has_the_symmetry(case, blocks=True)


@proposition.mutant(of=off_diagonals_pull_together, latex=r"b_i^\top\mathbb E[G]b_j>0")
def off_diagonals_push_apart(case: Case) -> Less:
    """The opposite sign."""
    return off_diagonals_pull_together(case, sign=-1)
