"""Erratum: with one-token supports F is {0}, and the entropy 0 is an infimum that no decoder attains (2402.18551, Remark 1, NeurIPS 2024, p. 6).

A matter of wording: Remark 1 says that F reduces to the empty set and that the bound 0 is attained iff the data are
separable; section 3 itself says that every finite W has CE above the entropy. Along R W^mm every ratio is at most
(V - 1) e^{-R}, and log(1 + x) <= x.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Erratum, cite, clause
from ..assumptions import ntp_separable, single_token_supports, some_partial_support
from ..problem import LinearNTP
from ._golden import ex_one_hot_labels, golden, well_posed
from ._losses import excess, in_support_space, point, restricted_risk, risk, zero

REACHES = (1, 8, 32)
one_token = LinearNTP([[1]], [[1]])

erratum = Erratum(
    label="linear-ntp.erratum-empty-subspace",
    title="One-token supports: F is the zero subspace and the entropy is approached, not reached",
    source=cite("thrampoulidis2024", "Remark 1, NeurIPS 2024, p. 6"),
    setup=r"Let every support have one token, some of them partial ($V\ge2$), and the data be separable.",
    clauses=(
        clause(
            r"Printed: $\mathcal F=\emptyset$. A span is never empty.",
            witness=("printed_subspace",),
        ),
        clause(
            r"Printed: the entropy $0$ is attained. It is not, for instance at $8W^{\mathrm{mm}}$.",
            witness=("printed_entropy",),
        ),
        clause(
            r"$\mathcal F=\{0\}$, $\mathrm{CE}_{\mathcal F}=0$ and $\mathcal H=0$.",
            by=("linear-ntp.one-token-supports",),
            claims=("subspace_is_zero",),
        ),
        clause(
            r"$0<\mathrm{CE}(RW^{\mathrm{mm}})\le(V-1)e^{-R}$, so $0$ is the infimum, and no decoder attains"
            r" it.",
            by=("linear-ntp.entropy-identity",),
            claims=("entropy_is_approached",),
            argued="docstring",
        ),
    ),
    uses=("linear-ntp.one-token-supports", "linear-ntp.entropy-identity"),
    assumptions=(single_token_supports, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=(ex_one_hot_labels, *golden),
)


def along(case: Case, reach: int) -> tuple[Fraction, ...]:
    """R W^mm."""
    return tuple(reach * x for x in case.derived.max_margin.direction)


@erratum.claim(r"\text{printed: }\mathcal F=\emptyset", expected="refuted")
def printed_subspace(case: Case) -> Equal:
    """The projections of three decoders lie in F, which therefore has an element."""
    space = in_support_space(case.problem)
    return Equal(frozenset(space.project(point(case.problem, shift)) for shift in range(3)), frozenset())


@erratum.claim(r"\text{printed: }\mathrm{CE}(W)=0\text{ for some finite }W,\text{ here }8W^{\mathrm{mm}}", expected="refuted")
def printed_entropy(case: Case) -> Equal:
    """Enclosed away from zero; softmax is positive, so no decoder does better than approach."""
    return Equal(risk(case.problem, along(case, 8)), Fraction(0))


@erratum.claim(r"\mathcal F=\{0\},\ \mathrm{CE}_{\mathcal F}=0,\ \mathcal H=0")
def subspace_is_zero(case: Case, dimension: int = 0) -> All:
    """Exact dimension and projection; the restricted loss of one token is zero."""
    space, w = in_support_space(case.problem), point(case.problem)
    return All(Equal(space.dimension, dimension), Equal(space.project(w), zero(case.problem)), Equal(restricted_risk(case.problem, w), Fraction(0)),
               Equal(case.problem.entropy, Fraction(0)))  # fmt: skip


@erratum.claim(r"0<\mathrm{CE}(RW^{\mathrm{mm}})\le(V-1)e^{-R}\ (R=1,8,32)")
def entropy_is_approached(case: Case, rate: int = 1) -> All:
    """The excess keeps its relative accuracy however small."""
    values = [excess(case.problem, along(case, r)) for r in REACHES]
    with ctx.workprec(PRECISION):
        bounds = [interval((case.problem.vocabulary_size - 1) * arb(-rate * r).exp() * (1 + exact_arb(Fraction(1, 2**80)))) for r in REACHES]
    return All(Less(tuple([Fraction(0)] * len(values)), tuple(values)), AtMost(tuple(values), tuple(bounds)))


@erratum.mutant(of=entropy_is_approached, latex=r"\mathrm{CE}(RW^{\mathrm{mm}})\le(V-1)e^{-2R}")
def twice_the_rate(case: Case) -> All:
    """The margin of W^mm is one."""
    return entropy_is_approached(case, rate=2)


@erratum.mutant(of=subspace_is_zero, without=single_token_supports, latex=r"\mathcal F=\{0\}\text{ for any supports}")
def zero_for_any_supports(case: Case) -> All:
    """Two tokens on one support and a non-zero embedding span a line."""
    return subspace_is_zero(case)


@erratum.mutant(of=entropy_is_approached, without=ntp_separable, latex=r"0\text{ is the infimum for any data}")
def zero_for_any_data(case: Case) -> All:
    """Contradicting contexts keep the risk up; u is then zero or too short."""
    return entropy_is_approached(case)


@erratum.mutant(of=entropy_is_approached, without=some_partial_support, instances=[one_token], latex=r"0<\mathrm{CE}\text{ for }V=1\text{, too}")
def positive_with_one_token(case: Case) -> All:
    """A vocabulary of one token leaves nothing off the supports, and every decoder attains the entropy 0."""
    return entropy_is_approached(case)
