"""The max-margin direction u: feasible, unique, rational, with multipliers that sum to its squared norm (foundations, F4)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....kernel import FORMAT, digest, verify
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Theorem, derived
from ....logit.margin import max_margin
from ....logit.problem import ConditionalLogit, Row
from ....symbolic import Formula, index, total
from ._instances import golden, logits
from ._margins_only import margins_only

theorem = Theorem(
    label="foundations.max-margin",
    title="The max-margin direction and its multipliers",
    source=derived("fact F4"),
    text=r"$u=\arg\min\|w\|$ subject to $\langle w,d_{iv}\rangle=0$ on tied and $\ge 1$ on separable pairs is feasible, unique, lies in $M$,"
    r" and $u=\sum\lambda_{iv}P_Md_{iv}$ with $\lambda\ge0$ supported on margin $1$ and $\sum\lambda=\|u\|^2$. $u=0$ iff nothing is separable;"
    r" otherwise $1/\|u\|$ is the largest margin of a unit vector orthogonal to $T$.",
    uses=("foundations.separation",),
    instances=logits(),
    examples=golden,
)


@theorem.step("multipliers sum to the squared norm", by="index calculus, normal form", scope="all sizes",
              latex=r"\|u\|^2-\sum_z\lambda_z=\sum_z\lambda_z(\langle u,z\rangle-1)")  # fmt: skip
def norm_step() -> Equal:
    """With u = sum lambda z, the gap is the complementary slackness sum, which vanishes."""
    lam, x = sp.Function("lambda"), sp.Function("z")
    r, s, c = index("r"), index("s"), index("c")

    def u(coordinate: sp.Expr) -> sp.Expr:
        return total(lam(s) * x(s, coordinate), (s, "R"))

    squared = total(u(c) ** 2, (c, "D"))
    slackness = total(lam(r) * (total(u(c) * x(r, c), (c, "D")) - 1), (r, "R"))
    return Equal(Formula(squared - total(lam(r), (r, "R"))), Formula(slackness))


@theorem.step("uniqueness by the midpoint", by="rational normal form", scope="all reals",
              latex=r"\|\tfrac{x+y}2\|^2=\tfrac{\|x\|^2+\|y\|^2}2-\|\tfrac{x-y}2\|^2")  # fmt: skip
def midpoint_step() -> Equal:
    """Coordinatewise: two optima of equal norm have a shorter feasible midpoint unless they agree."""
    x, y = sp.symbols("x y")
    return Equal(Formula(((x + y) / 2) ** 2), Formula((x**2 + y**2) / 2 - ((x - y) / 2) ** 2))


@theorem.claim(r"\langle u,d\rangle = 0 \text{ tied},\ \ge 1 \text{ separable}")
def direction_is_feasible(case: Case) -> All:
    """Every margin, exactly."""
    u, decided = case.derived.max_margin.direction, case.derived.separation
    margins = {pair: dot(u, d) for pair, d in case.problem.differences().items()}
    tied = Equal(tuple(margins[p] for p in sorted(decided.tied)), (Fraction(0),) * len(decided.tied))
    separable = sorted(decided.separable)
    return All(tied, AtMost((Fraction(1),) * len(separable), tuple(margins[p] for p in separable))) if separable else All(tied)


@theorem.claim(r"u = \sum\lambda_{iv}P_Md_{iv},\ \lambda\ge 0,\ \lambda_{iv}(\langle u,d_{iv}\rangle-1)=0,\ \sum\lambda=\|u\|^2")
def multipliers_certify(case: Case, power: int = 2) -> All:
    """KKT written out with the exact projection onto M."""
    best = case.derived.max_margin
    differences = case.problem.differences()
    combination = [Fraction(0)] * case.problem.dimension
    for pair, x in best.multipliers.items():
        combination = [c + x * y for c, y in zip(combination, differences[pair])]
    slack = [x * (dot(best.direction, differences[pair]) - 1) for pair, x in best.multipliers.items()]
    return All(
        Equal(case.derived.diverging.project(tuple(combination)), best.direction),
        AtMost(tuple([Fraction(0)] * len(slack)), tuple(best.multipliers.values())),
        Equal(tuple(slack), (Fraction(0),) * len(slack)),
        Equal(sum(best.multipliers.values(), Fraction(0)), best.squared_norm ** (power // 2)),
        Equal(dot(best.direction, best.direction), best.squared_norm),
    )


@theorem.claim(r"\text{the kernel accepts the certificate}")
def certificate_is_accepted(case: Case) -> Equal:
    """Separation and optimality, verified from the instance alone."""
    parts = case.derived
    records = [parts.separation.certificate, parts.max_margin.certificate]
    body: dict[str, object] = {"format": FORMAT, "instance": case.problem.instance(), "certificates": records}
    return Equal(len(verify(body | {"digest": digest(body)})), 2)


@theorem.claim(r"u \in M;\ u = 0 \iff \text{overlap}")
def direction_lies_in_diverging_subspace(case: Case) -> All:
    """The projection onto M leaves u alone; zero exactly in the overlap class."""
    u = case.derived.max_margin.direction
    return All(Equal(case.derived.diverging.project(u), u), Equal(not any(u), case.derived.separation.kind == "overlap"))


@theorem.claim(r"u \text{ does not depend on weights or multiplicities; features times } c \text{ give } u/c")
def direction_scales(case: Case, factor: Fraction = Fraction(3)) -> Equal:
    """Weights and multiplicities changed, features multiplied by 3."""
    rows = [
        Row(row.weight * (i + 2), row.chosen, tuple(tuple(3 * x for x in f) for f in row.features), tuple(n + 1 for n in row.multiplicities))
        for i, row in enumerate(case.problem.rows)
    ]
    scaled = max_margin(ConditionalLogit(rows)).direction
    return Equal(tuple(factor * x for x in scaled), case.derived.max_margin.direction)


@theorem.mutant(of=direction_is_feasible, latex=r"\text{drop the equalities on tied pairs}")
def without_equalities(case: Case) -> Equal:
    """The least-norm vector with margin 1 on separable pairs only is another one."""
    return Equal(margins_only(case), case.derived.max_margin.direction)


@theorem.mutant(of=multipliers_certify, latex=r"\sum\lambda = 1")
def multipliers_sum_to_one(case: Case) -> All:
    """They sum to |u|^2."""
    return multipliers_certify(case, power=0)


@theorem.mutant(of=direction_scales, latex=r"\text{features times } c \text{ give } c\,u")
def direction_grows_with_features(case: Case) -> Equal:
    """Larger features need smaller weights."""
    return direction_scales(case, Fraction(1, 3))


@theorem.mutant(of=direction_lies_in_diverging_subspace, latex=r"u \ne 0 \text{ always}")
def direction_never_vanishes(case: Case) -> Less:
    """Zero exactly in the overlap class."""
    return Less(Fraction(0), case.derived.max_margin.squared_norm)


@theorem.mutant(of=multipliers_certify, latex=r"\text{every support pair has a positive multiplier}")
def strict_complementarity_is_automatic(case: Case) -> Equal:
    """Weak pairs exist: margin 1, multiplier zero in every solution."""
    return Equal(case.derived.max_margin.support, case.derived.max_margin.strong_support)
