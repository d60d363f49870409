"""The finite part w* exists, is unique and is where the tied loss is stationary (foundations, F2 and the soft-label notes)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....language.relations import AtMost, Equal, Less
from ....language.statements import Case, Theorem, derived
from ....logit.assemble import assemble_balls
from ....logit.enclosures import loss_ball, softmax_balls
from ....logit.problem import ConditionalLogit, Row
from ....logit.step_size import smoothness
from ....symbolic import E, Formula, L, derivative, index, total
from ._instances import golden, logits

theorem = Theorem(
    label="foundations.finite-part",
    title="The tied loss has exactly one minimiser on the tied subspace",
    source=derived("fact F2"),
    text=r"$\bar L$ restricted to $T$ is strictly convex and coercive; $w^*=\arg\min_T\bar L$ exists, is unique and finite, and"
    r" $\sum_i a_i\bigl(\sum_{v\ \mathrm{tied}} q^*_{iv}x_{iv} - x_{i,y_i}\bigr)=0$ with $q^*_i$ the in-row softmax at $w^*$.",
    uses=("foundations.split-identity", "foundations.convexity-and-smoothness"),
    instances=logits(),
    examples=golden,
)


@theorem.step("strict convexity", by="index calculus, normal form", scope="all sizes",
              latex=r"\tfrac{d^2}{ds^2}\log\sum_u n_ue^{y_us}=\tfrac12\sum_{u,v}p_up_v(y_u-y_v)^2")  # fmt: skip
def strict_convexity_step() -> Equal:
    """Zero curvature along D forces <D, d> to be constant on the tied alternatives of every row; the label has d = 0."""
    n, y = sp.Function("n"), sp.Function("y")
    u, v, slope = index("u"), index("v"), sp.Function("x")(sp.Integer(0))

    def mass(alternative: sp.Expr) -> sp.Expr:
        return n(alternative) * E(y(alternative) * slope)

    whole = total(mass(u), (u, "In"))
    second = derivative(derivative(L(whole), slope), slope).replace(sp.Function("Delta"), lambda p, q: sp.Integer(int(p == q)))
    pairs = total(mass(u) * mass(v) * (y(u) - y(v)) ** 2, (u, "In"), (v, "In")) / (2 * whole**2)
    return Equal(Formula(second), Formula(pairs))


@theorem.step("coercivity", by="balls, along the tied basis", scope="", latex=r"\bar L(tD)\to\infty\text{ for }0\ne D\in T")
def coercivity_step(case: Case) -> Less:
    """A recession direction of the tied loss in T would separate a tied pair. Here: the loss at 40 D exceeds the loss at 0."""
    sets = case.derived.separation.tied_sets
    lowest = loss_ball(case.problem, (Fraction(0),) * case.problem.dimension, sets)
    far = [tuple(40 * s * x for x in basis) for basis in case.derived.tied.basis for s in (1, -1)]
    values = tuple(loss_ball(case.problem, w, sets) for w in far)
    return Less(tuple([lowest] * len(far)) or (Fraction(0),), values or (Fraction(1),))


def mean_gap(case: Case, subsets: tuple[frozenset[int], ...] | None) -> Enclosure:
    """sum_i a_i (E_{q_i} x_i - x_{i,y_i}) with q_i the softmax over `subsets` at w*: centre evaluated, radius by smoothness."""
    problem: ConditionalLogit = case.problem
    part = case.derived.finite_part
    with ctx.workprec(PRECISION):
        coefficients: list[dict[int, arb]] = []
        for block, q in zip(problem.data.blocks, softmax_balls(problem, part.center, subsets)):
            c = {v: exact_arb(block.weight) * x for v, x in q.items()}
            for z, share in block.labels.items():
                c[z] = c[z] - exact_arb(block.weight * share)
            coefficients.append(c)
        entries = [interval(x) for x in assemble_balls(problem, coefficients)]
    radius = smoothness(problem) * part.radius + sum((x.radius for x in entries), Fraction(0))
    return Enclosure(tuple(x.center for x in entries), radius)


@theorem.claim(r"\sum_i a_i\bigl(\mathbb E_{q^*_i}x_i - x_{i,y_i}\bigr) = 0")
def finite_part_is_stationary(case: Case, everything: bool = False) -> Equal:
    """The moment condition at w*, enclosed (the gradient is beta-Lipschitz, so the radius of w* carries over)."""
    gap = mean_gap(case, None if everything else case.derived.separation.tied_sets)
    return Equal(gap, (Fraction(0),) * case.problem.dimension)


@theorem.claim(r"w^* \in T")
def finite_part_lies_in_tied_subspace(case: Case) -> Equal:
    """The components off T vanish within the radius."""
    part = case.derived.finite_part
    off = tuple(x - y for x, y in zip(part.center, case.derived.tied.project(part.center)))
    return Equal(Enclosure(off, part.radius), (Fraction(0),) * case.problem.dimension)


@theorem.claim(r"\bar L(w) \ge \bar L(w^*) \text{ at other points of } T")
def finite_part_minimises(case: Case) -> AtMost:
    """Moving by each basis vector of T raises the tied loss."""
    part, sets = case.derived.finite_part, case.derived.separation.tied_sets
    lowest: Interval = case.derived.infimum
    moved = [tuple(x + s * y for x, y in zip(part.center, basis)) for basis in case.derived.tied.basis for s in (1, -1)]
    return AtMost(tuple([lowest] * len(moved)) or (lowest.lower,), tuple(loss_ball(case.problem, w, sets) for w in moved) or (lowest.upper,))


@theorem.claim(r"w^* \text{ is unchanged when the dataset is duplicated}")
def finite_part_ignores_duplication(case: Case, deduplicate: bool = False) -> Equal:
    """Twice every row: the same minimiser."""
    rows = list(case.problem.rows)
    seen = list({(row.chosen, row.features, row.multiplicities): row for row in rows}.values())
    other = [Row(Fraction(1), row.chosen, row.features, row.multiplicities) for row in seen] if deduplicate else rows + rows
    return Equal(case.derived.finite_part, _finite_part(ConditionalLogit(other)))


def _finite_part(problem: ConditionalLogit) -> Enclosure:
    from ....logit.decomposition import decompose

    part = decompose(problem).finite_part
    return Enclosure(part.center, part.radius)


@theorem.mutant(of=finite_part_is_stationary, latex=r"w^* = \arg\min_T L \text{ (the full loss)}")
def full_loss_is_stationary(case: Case) -> Equal:
    """The tied projection of the full gradient does not vanish at w*: separable mass pulls."""
    gap = mean_gap(case, None)
    projected = case.derived.tied.project(gap.center)
    return Equal(Enclosure(projected, gap.radius), (Fraction(0),) * case.problem.dimension)


@theorem.mutant(of=finite_part_ignores_duplication, latex=r"w^* \text{ ignores how often a row occurs}")
def weights_do_not_matter(case: Case) -> Equal:
    """Dropping repetitions and weights moves the minimiser."""
    return finite_part_ignores_duplication(case, deduplicate=True)


@theorem.mutant(of=finite_part_is_stationary, latex=r"w^* \text{ ignores multiplicities}")
def multiplicities_do_not_matter(case: Case) -> Equal:
    """log n_v shifts the logits."""
    plain = [Row(row.weight, row.chosen, row.features, (Fraction(1),) * len(row.features)) for row in case.problem.rows]
    return Equal(case.derived.finite_part, _finite_part(ConditionalLogit(plain)))
