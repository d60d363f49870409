"""The max-margin direction u: feasible, unique, with multipliers that sum to its squared norm.

Feasible: some w in R is positive on every separable pair and zero on tied ones; divide it by its smallest margin
there. The feasible set is closed and convex, so it has a point of least norm, and two of them would have a shorter
midpoint. Its part off M is orthogonal to T (tied margins vanish) and, where it lies in N, orthogonal to every
difference: leaving it out keeps all margins and shortens. If <v, d> = 0 on tied and >= 0 on support pairs, u + eps v
is feasible for small eps > 0, so 2 eps <u, v> + eps^2 |v|^2 >= 0 and <u, v> >= 0: no such v has <u, v> < 0, and by
Farkas u is a combination of tied differences and of support differences with weights lambda >= 0; project on M. Then
sum lambda = sum lambda <u, z> = |u|^2. Conversely these conditions give |w|^2 - |u|^2 = |w - u|^2 + 2 sum lambda (<w,
z> - 1) >= 0 for feasible w. A unit vector orthogonal to T with smallest margin m > 0 becomes feasible when divided by
m, so |u| <= 1/m.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....kernel import FORMAT, digest, verify
from ....language.relations import All, AtMost, Equal, Less, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.margin import max_margin
from ....logit.problem import ConditionalLogit, Row
from ....symbolic import Formula, index, total
from ._instances import golden, logits
from ._margins_only import margins_only
from ._symbols import inner

theorem = Theorem(
    label="foundations.max-margin",
    title="The max-margin direction and its multipliers",
    source=derived("the conditions of Karush, Kuhn and Tucker on the diverging subspace"),
    setup=r"Let $u=\arg\min\|w\|$ subject to $\langle w,d_{iv}\rangle=0$ on tied and $\ge 1$ on separable pairs.",
    clauses=(
        clause(
            r"The programme is feasible; $0$ is feasible, and then optimal, iff nothing is separable.",
            steps=("scaling_step",),
            by=("foundations.separation",),
            claims=("direction_is_feasible", "direction_lies_in_diverging_subspace"),
        ),
        clause(r"$u$ is unique.", steps=("midpoint_step", "midpoint_margin_step"), claims=("certificate_is_accepted",)),
        clause(r"$u\in M$.", steps=("pythagoras_step", "midpoint_margin_step"), claims=("direction_lies_in_diverging_subspace",)),
        clause(
            r"$u=\sum\lambda_{iv}P_Md_{iv}$ with $\lambda\ge0$ supported on margin $1$.",
            steps=("variation_step",),
            by=("foundations.farkas",),
            claims=("multipliers_certify",),
        ),
        clause(r"$\sum\lambda=\|u\|^2$.", steps=("norm_step",), claims=("multipliers_certify",)),
        clause(
            r"Conversely a feasible $w\in M$ with such $\lambda$ is $u$.",
            steps=("sufficiency_step",),
            claims=("certificate_is_accepted",),
        ),
        clause(
            r"For $u\ne0$ the largest margin of a unit vector orthogonal to $T$ is $1/\|u\|$.",
            steps=("scaling_step",),
            by=("foundations.separation",),
            claims=("no_vector_has_a_larger_margin",),
        ),
        clause(
            r"$u$ does not depend on weights or multiplicities; features times $c>0$ give $u/c$.",
            steps=("scaling_step",),
            by=("foundations.separation",),
            claims=("direction_scales",),
        ),
    ),
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


@theorem.step("uniqueness by the midpoint", by="index calculus, normal form", scope="all sizes",
              latex=r"\|\tfrac{x+y}2\|^2=\tfrac{\|x\|^2+\|y\|^2}2-\|\tfrac{x-y}2\|^2")  # fmt: skip
def midpoint_step() -> Equal:
    """Two optima of equal norm have a shorter midpoint unless they agree."""
    x, y = sp.Function("x"), sp.Function("y")
    half, gap = (lambda c: (x(c) + y(c)) / 2), (lambda c: (x(c) - y(c)) / 2)
    return Equal(Formula(inner(half, half)), Formula((inner(x, x) + inner(y, y)) / 2 - inner(gap, gap)))


@theorem.step("margins are linear", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle sx+ty,d\rangle=s\langle x,d\rangle+t\langle y,d\rangle")  # fmt: skip
def midpoint_margin_step() -> Equal:
    """The midpoint of feasible points is feasible; a part with zero margins can be left out."""
    (x, y, d), (s, t) = (sp.Function(name) for name in ("x", "y", "d")), sp.symbols("s t")
    return Equal(Formula(inner(lambda c: s * x(c) + t * y(c), d)), Formula(s * inner(x, d) + t * inner(y, d)))


@theorem.step("a part off M only lengthens", by="index calculus, normal form", scope="all sizes",
              latex=r"\|m+r\|^2=\|m\|^2+2\langle m,r\rangle+\|r\|^2")  # fmt: skip
def pythagoras_step() -> Equal:
    """With <m, r> = 0 for the part r off M."""
    m, r = sp.Function("m"), sp.Function("r")
    return Equal(Formula(inner(lambda c: m(c) + r(c), lambda c: m(c) + r(c))), Formula(inner(m, m) + 2 * inner(m, r) + inner(r, r)))


@theorem.step("a feasible variation", by="index calculus, normal form", scope="all sizes",
              latex=r"\|u+\varepsilon v\|^2-\|u\|^2=2\varepsilon\langle u,v\rangle+\varepsilon^2\|v\|^2")  # fmt: skip
def variation_step() -> Equal:
    """Not negative for all small epsilon > 0 only if <u, v> >= 0: what Farkas' lemma needs."""
    u, v, e = sp.Function("u"), sp.Function("v"), sp.Symbol("epsilon")
    moved = inner(lambda c: u(c) + e * v(c), lambda c: u(c) + e * v(c))
    return Equal(Formula(moved - inner(u, u)), Formula(2 * e * inner(u, v) + e**2 * inner(v, v)))


@theorem.step("the conditions suffice", by="index calculus, normal form", scope="all sizes",
              latex=r"\|w\|^2-\|u\|^2-\|w-u\|^2=2\textstyle\sum\lambda(\langle w,z\rangle-1)-2\sum\lambda(\langle u,z\rangle-1)")  # fmt: skip
def sufficiency_step() -> Equal:
    """For u = sum lambda z with complementary slackness the last sum vanishes, and the one before is not negative."""
    lam, x, w, r, s = *(sp.Function(name) for name in ("lambda", "z", "w")), index("r"), index("s")

    def u(c: sp.Expr) -> sp.Expr:
        return total(lam(s) * x(s, c), (s, "R"))

    def slack(vector: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
        return total(lam(r) * (inner(vector, lambda c: x(r, c)) - 1), (r, "R"))

    left = inner(w, w) - inner(u, u) - inner(lambda c: w(c) - u(c), lambda c: w(c) - u(c))
    return Equal(Formula(left), Formula(2 * slack(w) - 2 * slack(u)))


@theorem.step("scaling", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle w,d\rangle=m\Rightarrow\langle w/m,d\rangle=1,\ \|w/m\|^2=\|w\|^2/m^2")  # fmt: skip
def scaling_step() -> All:
    """Margins scale like the vector, and <w/c, c d> = <w, d>."""
    w, d, divided, multiple = map(sp.Function, ("w", "d", "w'", "d'"))
    m, c = sp.Symbol("m", positive=True), index("c")
    given = {divided(c): w(c) / m}
    margin = Equal(Formula(inner(divided, d), given=given), Formula(inner(w, d) / m))
    rescaled = Equal(Formula(inner(divided, multiple), given=given | {multiple(c): m * d(c)}), Formula(inner(w, d)))
    return All(margin, rescaled, Equal(Formula(inner(divided, divided), given=given), Formula(inner(w, w) / m**2)))


@theorem.claim(r"\langle u,d\rangle = 0 \text{ tied},\ \ge 1 \text{ separable}")
def direction_is_feasible(case: Case) -> Relation:
    """Every margin, exactly."""
    u, decided = case.derived.max_margin.direction, case.derived.separation
    margins = {pair: dot(u, d) for pair, d in case.problem.differences().items()}
    tied = Equal(tuple(margins[p] for p in sorted(decided.tied)), (Fraction(0),) * len(decided.tied))
    separable = sorted(decided.separable)
    if not margins:
        return NotExercised("there is no alternative")
    return All(tied, AtMost((Fraction(1),) * len(separable), tuple(margins[p] for p in separable))) if separable else tied


@theorem.claim(r"u = \sum\lambda_{iv}P_Md_{iv},\ \lambda\ge 0,\ \lambda_{iv}(\langle u,d_{iv}\rangle-1)=0,\ \sum\lambda=\|u\|^2")
def multipliers_certify(case: Case, power: int = 2) -> Relation:
    """KKT written out with the exact projection onto M."""
    best = case.derived.max_margin
    if not case.derived.separation.separable:
        return NotExercised("nothing is separable: there are no multipliers")
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


@theorem.claim(r"\gamma(x)^2\|u\|^2\le\|x\|^2\text{ for }x\in M\text{ with smallest separable margin }\gamma(x)>0")
def no_vector_has_a_larger_margin(case: Case, factor: Fraction = Fraction(1)) -> Relation:
    """u itself, where both sides agree, tilted versions of it, and sums of projected differences."""
    parts, differences = case.derived, case.problem.differences()
    separable = sorted(parts.separation.separable)
    if not separable:
        return NotExercised("nothing is separable")
    u, projected = parts.max_margin.direction, [parts.diverging.project(differences[pair]) for pair in separable]
    everything = tuple(sum(entries, Fraction(0)) for entries in zip(*projected))
    tilted = [tuple(4 * x + s * y for x, y in zip(u, z)) for z in projected[:6] for s in (1, -1)]
    lefts, rights = [], []
    for x in (u, everything, *tilted):
        smallest = min(dot(x, differences[pair]) for pair in separable)
        if smallest > 0:
            lefts.append(factor * smallest**2 * parts.max_margin.squared_norm)
            rights.append(dot(x, x))
    return AtMost(tuple(lefts), tuple(rights))


@theorem.claim(r"u \text{ does not depend on weights or multiplicities; features times } c \text{ give } u/c")
def direction_scales(case: Case, factor: Fraction = Fraction(3)) -> Relation:
    """Weights and multiplicities changed, features multiplied by 3."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0")
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
def multipliers_sum_to_one(case: Case) -> Relation:
    """They sum to |u|^2."""
    return multipliers_certify(case, power=0)


@theorem.mutant(of=direction_scales, latex=r"\text{features times } c \text{ give } c\,u")
def direction_grows_with_features(case: Case) -> Relation:
    """Larger features need smaller weights."""
    return direction_scales(case, Fraction(1, 3))


@theorem.mutant(of=no_vector_has_a_larger_margin, latex=r"\text{the largest margin is below }1/\|u\|")
def smaller_margin(case: Case) -> Relation:
    """u/|u| attains 1/|u|."""
    return no_vector_has_a_larger_margin(case, Fraction(3, 2))


@theorem.mutant(of=direction_lies_in_diverging_subspace, latex=r"u \ne 0 \text{ always}")
def direction_never_vanishes(case: Case) -> Less:
    """Zero exactly in the overlap class."""
    return Less(Fraction(0), case.derived.max_margin.squared_norm)


@theorem.mutant(of=multipliers_certify, latex=r"\text{every support pair has a positive multiplier}")
def strict_complementarity_is_automatic(case: Case) -> Equal:
    """Weak pairs exist: margin 1, multiplier zero in every solution."""
    return Equal(case.derived.max_margin.support, case.derived.max_margin.strong_support)
