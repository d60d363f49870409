"""The finite part w* exists, is unique and is where the tied loss is stationary.

Strict convexity. The curvature of a row along D is half the mean of (y_u - y_v)^2, y_v = <D, d_v>, over tied u and v;
if it vanishes, y is constant on the tied alternatives, and 0 at the label. Then D is orthogonal to all tied
differences t_b, and for D = sum c_b t_b in T, |D|^2 = sum c_b <D, t_b> = 0.

Growth. For 0 != D in T some tied d has <D, d> < 0: else w + eps D, with w in R positive on all separable pairs and
eps small, is in R, so by definition <w + eps D, d> = eps <D, d> = 0 for every tied d, and D = 0 as before. The
largest -<D, d> over tied d is continuous and positive on the unit sphere of T; let c > 0 be its minimum. Each row has
log Z_in >= log n_label, and the row with the worst pair has log Z_in >= log n_v + c |w|, since log(A + B) >= log A.

So a minimiser w* exists (a continuous function that grows attains its minimum), and is the only one. There grad Lbar,
a combination of tied differences, is orthogonal to T, so it is zero; with sum_v q*_v = 1 this is the moment
condition. Copies of the data multiply the loss.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....language.relations import AtMost, Equal, Less, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.assemble import assemble_balls
from ....logit.enclosures import loss_ball, softmax_balls
from ....logit.problem import ConditionalLogit, Row
from ....logit.step_size import smoothness
from ....symbolic import E, Formula, L, NonNegative, derivative, index, total
from ._instances import golden, logits
from ._symbols import inner

theorem = Theorem(
    label="foundations.finite-part",
    title="The tied loss has exactly one minimiser on the tied subspace",
    source=derived("strict convexity and coercivity on the tied subspace"),
    setup=r"Let $\bar L$ be the loss restricted to tied alternatives and $T$ the span of the tied differences.",
    clauses=(
        clause(
            r"$\bar L$ is strictly convex on $T$.",
            steps=("strict_convexity_step", "orthogonal_step"),
            by=("foundations.convexity-and-smoothness",),
        ),
        clause(
            r"For some $c>0$, $\bar L(w)\ge a_{\min}\bigl(c\|w\|-\log\tfrac{n_{\max}}{n_{\min}}\bigr)$ for all"
            r" $w\in T$.",
            steps=("perturbed_cone_step", "orthogonal_step", "one_term_step", "logarithm_step"),
            by=("foundations.separation",),
            claims=("tied_loss_grows",),
        ),
        clause(
            r"$w^*=\arg\min_T\bar L$ exists and is unique.",
            steps=("strict_convexity_step", "orthogonal_step", "perturbed_cone_step", "one_term_step", "logarithm_step"),
            by=("foundations.separation", "foundations.convexity-and-smoothness"),
            claims=("finite_part_lies_in_tied_subspace", "finite_part_minimises"),
        ),
        clause(
            r"$\sum_i a_i\bigl(\sum_{v\ \mathrm{tied}} q^*_{iv}x_{iv} - x_{i,y_i}\bigr)=0$ with $q^*_i$ the"
            r" in-row softmax at $w^*$.",
            steps=("orthogonal_step", "moment_step"),
            by=("foundations.convexity-and-smoothness",),
            claims=("finite_part_is_stationary",),
        ),
        clause(r"$w^*$ does not change when the data are repeated.", steps=("repetition_step",), claims=("finite_part_ignores_duplication",)),
    ),
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


@theorem.step("orthogonal to all of T", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle h,\textstyle\sum_bc_bt_b\rangle=\sum_bc_b\langle h,t_b\rangle")  # fmt: skip
def orthogonal_step() -> Equal:
    """With h = sum c_b t_b the left side is |h|^2, and the right side vanishes if h is orthogonal to every tied difference."""
    vector, coefficient, basis, t, c = sp.Function("h"), sp.Function("c"), sp.Function("t"), index("t"), index("c")
    left = inner(vector, lambda entry: total(coefficient(t) * basis(t, entry), (t, "B")))
    return Equal(Formula(left), Formula(total(coefficient(t) * total(vector(c) * basis(t, c), (c, "D")), (t, "B"))))


@theorem.step("the cone perturbed", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle w+\varepsilon h,d\rangle=\langle w,d\rangle+\varepsilon\langle h,d\rangle")  # fmt: skip
def perturbed_cone_step() -> Equal:
    """On tied d the first term is 0, on separable d it is positive and wins for small epsilon."""
    w, vector, d, epsilon = sp.Function("w"), sp.Function("h"), sp.Function("d"), sp.Symbol("epsilon")
    left = inner(lambda entry: w(entry) + epsilon * vector(entry), d)
    return Equal(Formula(left), Formula(inner(w, d) + epsilon * inner(vector, d)))


@theorem.step("one term of a sum", by="index calculus, normal form", scope="all sizes",
              latex=r"\log(ne^{y}+A)=\log n+y+\log(1+A/(ne^{y}))")  # fmt: skip
def one_term_step() -> Equal:
    """A is the sum of the other masses; the last logarithm is not negative."""
    n, y, others = sp.symbols("n y A")
    return Equal(Formula(L(n * E(y) + others)), Formula(L(n) + y + L(1 + others / (n * E(y)))))


@theorem.step("a logarithm above 0", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\ge0")
def logarithm_step() -> NonNegative:
    """So log Z_in is at least the logarithm of each of its terms."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x), x)


@theorem.step("moments", by="index calculus, normal form", scope="all sizes",
              latex=r"\textstyle\sum_vq_v(x_y-x_v)=x_y-\sum_vq_vx_v,\ q=\operatorname{softmax}")  # fmt: skip
def moment_step() -> Equal:
    """The probabilities on the tied alternatives add up to 1."""
    m, x, u, v, c = sp.Function("m"), sp.Function("x"), index("u"), index("v"), index("c")
    label, whole = sp.Function("label"), total(m(u), (u, "In"))
    left = total(m(v) * (label(c) - x(v, c)), (v, "In")) / whole
    return Equal(Formula(left, sizes={"In": 1}), Formula(label(c) - total(m(v) * x(v, c), (v, "In")) / whole, sizes={"In": 1}))


@theorem.step("repeated data", by="index calculus, normal form", scope="all sizes",
              latex=r"\textstyle\sum_{k\le K}\sum_ia_if_i=K\sum_ia_if_i")  # fmt: skip
def repetition_step() -> Equal:
    """A positive multiple of the loss has the same minimiser."""
    a, f, i, k = sp.Function("a"), sp.Function("f"), index("i"), index("k")
    return Equal(Formula(total(a(i) * f(i), (k, "K"), (i, "I"))), Formula(sp.Function("size")(sp.Symbol("K")) * total(a(i) * f(i), (i, "I"))))


@theorem.claim(r"\bar L(40h)>\bar L(0)\text{ along a basis of }T\text{, both ways}")
def tied_loss_grows(case: Case) -> Relation:
    """No direction of T is a direction of recession."""
    if not case.derived.tied.dimension:
        return NotExercised("nothing is tied but the labels")
    sets = case.derived.separation.tied_sets
    lowest = loss_ball(case.problem, (Fraction(0),) * case.problem.dimension, sets)
    far = [tuple(40 * s * x for x in basis) for basis in case.derived.tied.basis for s in (1, -1)]
    return Less(tuple([lowest] * len(far)), tuple(loss_ball(case.problem, w, sets) for w in far))


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
def finite_part_is_stationary(case: Case, everything: bool = False) -> Relation:
    """The moment condition at w*, enclosed (the gradient is beta-Lipschitz, so the radius of w* carries over)."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    gap = mean_gap(case, None if everything else case.derived.separation.tied_sets)
    return Equal(gap, (Fraction(0),) * case.problem.dimension)


@theorem.claim(r"w^* \in T")
def finite_part_lies_in_tied_subspace(case: Case) -> Relation:
    """The components off T vanish within the radius."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    part = case.derived.finite_part
    off = tuple(x - y for x, y in zip(part.center, case.derived.tied.project(part.center)))
    return Equal(Enclosure(off, part.radius), (Fraction(0),) * case.problem.dimension)


@theorem.claim(r"\bar L(w) \ge \bar L(w^*) \text{ at other points of } T")
def finite_part_minimises(case: Case) -> Relation:
    """Moving by each basis vector of T raises the tied loss."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    part, sets = case.derived.finite_part, case.derived.separation.tied_sets
    lowest: Interval = case.derived.infimum
    moved = [tuple(x + s * y for x, y in zip(part.center, basis)) for basis in case.derived.tied.basis for s in (1, -1)]
    return AtMost(tuple([lowest] * len(moved)), tuple(loss_ball(case.problem, w, sets) for w in moved))


@theorem.claim(r"w^* \text{ is unchanged when the dataset is duplicated}")
def finite_part_ignores_duplication(case: Case, deduplicate: bool = False) -> Relation:
    """Twice every row: the same minimiser."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    rows = list(case.problem.rows)
    seen = list({(row.chosen, row.features, row.multiplicities): row for row in rows}.values())
    other = [Row(Fraction(1), row.chosen, row.features, row.multiplicities) for row in seen] if deduplicate else rows + rows
    return Equal(case.derived.finite_part, _finite_part(ConditionalLogit(other)))


def _finite_part(problem: ConditionalLogit) -> Enclosure:
    from ....logit.decomposition import decompose

    part = decompose(problem).finite_part
    return Enclosure(part.center, part.radius)


@theorem.mutant(of=tied_loss_grows, latex=r"\bar L(\tfrac1{10}h)>\bar L(0)")
def zero_is_the_minimiser(case: Case) -> Relation:
    """Near 0 one of the two ways leads down, unless w* = 0."""
    sets, step = case.derived.separation.tied_sets, Fraction(1, 10)
    lowest = loss_ball(case.problem, (Fraction(0),) * case.problem.dimension, sets)
    near = [tuple(step * s * x for x in basis) for basis in case.derived.tied.basis for s in (1, -1)]
    return Less(tuple([lowest] * len(near)), tuple(loss_ball(case.problem, w, sets) for w in near)) if near else NotExercised("T is a point")


@theorem.mutant(of=finite_part_is_stationary, latex=r"w^* = \arg\min_T L \text{ (the full loss)}")
def full_loss_is_stationary(case: Case) -> Equal:
    """The tied projection of the full gradient does not vanish at w*: separable mass pulls."""
    gap = mean_gap(case, None)
    projected = case.derived.tied.project(gap.center)
    return Equal(Enclosure(projected, gap.radius), (Fraction(0),) * case.problem.dimension)


@theorem.mutant(of=finite_part_ignores_duplication, latex=r"w^* \text{ ignores how often a row occurs}")
def weights_do_not_matter(case: Case) -> Relation:
    """Dropping repetitions and weights moves the minimiser."""
    return finite_part_ignores_duplication(case, deduplicate=True)


@theorem.mutant(of=finite_part_is_stationary, latex=r"w^* \text{ ignores multiplicities}")
def multiplicities_do_not_matter(case: Case) -> Equal:
    """log n_v shifts the logits."""
    plain = [Row(row.weight, row.chosen, row.features, (Fraction(1),) * len(row.features)) for row in case.problem.rows]
    return Equal(case.derived.finite_part, _finite_part(ConditionalLogit(plain)))
