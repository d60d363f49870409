"""Erratum: squared norms of orthogonal parts add, norms do not (2402.18551, end of the proof of Lemma 4, NeurIPS 2024, p. 22).

A slip: the proof uses only that the norm is at most the sum of the norms of its parts, so that a bounded in-support
part and a diverging norm leave a diverging rest. Lemma 4 survives.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Erratum, cite, clause
from ....symbolic import Formula, index, total
from ._golden import anything, golden
from ._losses import in_support_space, plus, point, split

erratum = Erratum(
    label="linear-ntp.erratum-norm-split",
    title="Squared norms add over F and its complement",
    source=cite("thrampoulidis2024", "end of the proof of Lemma 4, NeurIPS 2024, p. 22"),
    clauses=(
        clause(
            r"Printed: $\|W\|=\|W_{\mathcal F}\|+\|W_\perp\|$. This is false unless one part vanishes.",
            witness=("printed",),
        ),
        clause(
            r"It is $\|W\|^2=\|W_{\mathcal F}\|^2+\|W_\perp\|^2$, and so $\|W\|\le\|W_{\mathcal"
            r" F}\|+\|W_\perp\|$, which is all the proof uses.",
            steps=("pythagoras",),
            claims=("repaired",),
        ),
    ),
    uses=("linear-ntp.restricted-loss",),
    instances=anything,
    examples=golden,
)


@erratum.step("Pythagoras", by="index calculus, normal form", scope="all sizes", latex=r"\|x+y\|^2=\|x\|^2+\|y\|^2+2\langle x,y\rangle")
def pythagoras() -> Equal:
    """The inner product of the two parts is zero."""
    x, y, c = sp.Function("x"), sp.Function("y"), index("c")
    parts = (total(f, (c, "D")) for f in (x(c) ** 2, y(c) ** 2, 2 * x(c) * y(c)))
    return Equal(Formula(total((x(c) + y(c)) ** 2, (c, "D"))), Formula(sum(parts, sp.Integer(0))))


def squares(case: Case, shift: int) -> tuple[Fraction, Fraction, Fraction]:
    """|W|^2, |W_F|^2, |W_perp|^2 at a decoder that is nowhere special."""
    w = point(case.problem, shift)
    inside, across = split(case.problem, w)
    return dot(w, w), dot(inside, inside), dot(across, across)


@erratum.claim(r"\text{printed: }\|W\|=\|W_{\mathcal F}\|+\|W_\perp\|", expected="refuted")
def printed(case: Case) -> Equal:
    """Without roots: (|W|^2 - a - b)^2 = 4ab with a, b the squared norms of the parts."""
    whole, a, b = squares(case, 0)
    return Equal((whole - a - b) ** 2, 4 * a * b)


@erratum.claim(r"\text{repaired: }\|W\|^2=\|W_{\mathcal F}\|^2+\|W_\perp\|^2,\ \langle W_{\mathcal F},W_\perp\rangle=0")
def repaired(case: Case) -> All:
    """Exact, at three decoders."""
    parts: list[Equal | AtMost] = []
    for shift in range(3):
        whole, a, b = squares(case, shift)
        inside, across = split(case.problem, point(case.problem, shift))
        # (|W|^2 - a - b)^2 <= 4 a b says |W| <= sqrt a + sqrt b without roots.
        parts += [Equal(whole, a + b), Equal(dot(inside, across), 0), AtMost((whole - a - b) ** 2, 4 * a * b)]
    return All(*parts)


@erratum.mutant(of=repaired, latex=r"\|W\|^2=\|W_{\mathcal F}\|^2+\|W_\perp\|^2\text{ for any two complementary parts}")
def oblique_parts(case: Case) -> Equal:
    """Splitting off twice the in-support part is no orthogonal splitting."""
    w = point(case.problem)
    inside = tuple(2 * x for x in in_support_space(case.problem).project(w))
    rest = plus(w, inside, -1)
    return Equal(dot(w, w), dot(inside, inside) + dot(rest, rest))


@erratum.mutant(of=repaired, latex=r"\|W\|=\max(\|W_{\mathcal F}\|,\|W_\perp\|)")
def maximum_of_the_parts(case: Case) -> Equal:
    """Only if one of them vanishes."""
    whole, a, b = squares(case, 0)
    return Equal(whole, max(a, b))
