"""W^fin: the minimiser of the reduced loss on the cyclic subspace, its moments and its gaps.

Every alternative of the reduced dataset is tied in it, so its tied subspace is S_fin and `foundations.finite-part` gives
existence and uniqueness; it is the finite part of the reduction, which ties nothing else (`attention-ntp.recession-cone`). The
gradient E^T Gbar E vanishes at W^fin; then G Gbar G = 0, and Gbar = 0 as G is invertible: the moments match token by token. The
reduced loss contains W through the gaps inside components alone (`attention-ntp.split-identity`) and is strictly convex in
them. For independent embeddings every table of scores belongs to a matrix (`attention-ntp.graph-svm-feasible`), whose
projection onto S_fin has the same gaps inside components: so the gaps of W^fin are the minimiser of one function over one set,
whatever the embeddings are. Adding U orthogonal to S_fin keeps the gaps and adds |U|^2 to the squared norm. The finite part
lies in S_fin, which is {0} for acyclic data.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Implies, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....logit.assemble import assemble_balls
from ....logit.decomposition import decompose
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import loss_ball, softmax_balls
from ....logit.problem import ConditionalLogit
from ....logit.step_size import smoothness
from ....symbolic import Delta, Formula, derivative, index, total
from ..graph_programmes import cyclic_generators, edge_form, reduced_dataset
from ..priority_graph import dataset_class
from ..problem import AttentionNTP
from ._exact import enclosed_gaps, enclosure, masses, probabilities, residuals, zero
from ._flows import gaps_along_a_walk
from ._instances import acyclic_golden, between, golden, independent, pair
from ._reduced_choice_sets import projection, reduced_alternatives, smoothness_constant
from ._symbols import direction, probability, sequence_loss, t, u, utility, v, y

theorem = Theorem(
    label="attention-ntp.finite-part",
    title="The finite part: existence, moment matching, and gaps that ignore the embeddings",
    source=derived("strict convexity on the cyclic subspace; the interpolation form was conjectured in 2308.16898 (recalled)"),
    setup=r"Let the embeddings be independent, $\bar L$ the loss of the reduced dataset, $\bar p_i$ the softmax over $A_i\cap C_i$ and"
    r" $W^{\mathrm{fin}}=\arg\min_{S_{\mathrm{fin}}}\bar L$.",
    clauses=(
        clause(
            r"$W^{\mathrm{fin}}$ exists, is unique and finite, and is the finite part of the reduction.",
            steps=("strict_convexity_step", "walk_step"),
            by=("attention-ntp.recession-cone", "foundations.finite-part"),
            claims=("finite_part_is_that_of_the_reduction", "finite_part_minimises", "nothing_is_separable_in_the_reduced_data"),
        ),
        clause(
            r"It matches moments: $\sum_{k_i=k}\bar p_{iv}=\#\{i:k_i=k,y_i=v\}$ for all $k,v$.",
            steps=("moment_step", "invertible_step"),
            by=("attention-ntp.reduction", "foundations.finite-part"),
            claims=("moments_match",),
        ),
        clause(
            r"Its gaps $(e_u-e_v)^\top W^{\mathrm{fin}}e_k$, $u\asymp v$, do not depend on the embeddings.",
            steps=("strict_convexity_step", "pythagoras_step"),
            by=("attention-ntp.graph-svm-feasible", "attention-ntp.split-identity"),
            claims=("gaps_ignore_embeddings",),
        ),
        clause(
            r"It is the only matrix of least Frobenius norm with these gaps.",
            steps=("pythagoras_step", "walk_step"),
            claims=("least_norm_with_its_gaps",),
        ),
        clause(
            r"Acyclic data have $S_{\mathrm{fin}}=\{0\}$ and $W^{\mathrm{fin}}=0$,",
            by=("attention-ntp.recession-cone", "foundations.finite-part"),
            claims=("acyclic_data_have_none",),
        ),
        clause(r"but data with cycles can have $W^{\mathrm{fin}}=0$ too.", witness=("symmetric_pair",)),
    ),
    uses=("attention-ntp.split-identity", "attention-ntp.convexity"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, *acyclic_golden),
)


@theorem.step("strict convexity", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_{u,t}d_ud_t\,\partial_{s_u}\partial_{s_t}\bar L=\tfrac12\sum_{u,t}\bar p_u\bar p_t(d_u-d_t)^2")  # fmt: skip
def strict_convexity_step() -> Equal:
    """No curvature along D makes d constant on reduced choice sets, hence on components: D is orthogonal to the subspace."""
    gradient = derivative(sequence_loss(y, "In"), utility(u))
    form = total(direction(u) * direction(t) * derivative(gradient, utility(t)), (u, "In"), (t, "In"))
    pairs = total(probability(u, "In") * probability(t, "In") * (direction(u) - direction(t)) ** 2, (u, "In"), (t, "In"))
    return Equal(Formula(form), Formula(pairs / 2))


@theorem.step("gaps along a walk", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum f_{uv}(s_u-s_v)=s_p-s_q\text{ for a walk from }p\text{ to }q,\ 0\text{ round a cycle}")  # fmt: skip
def walk_step() -> All:
    """Reduced choice sets join the ends of every edge inside a component: a recession direction of the reduced loss is constant on components."""
    return gaps_along_a_walk()


@theorem.step("the Gram matrix cancels", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_{p,q}H_{up}(G\Gamma G)_{pq}H_{qv}=\Gamma_{uv}\text{ with }HG=GH=I")  # fmt: skip
def invertible_step() -> All:
    """E (E^T Gamma E) E^T = 0 gives Gamma = 0: sums exchanged, then H G = I on both sides."""
    h, gram, gamma = sp.Function("H"), sp.Function("G"), sp.Function("Gamma")
    p, q, i, j = (index(name) for name in "pqij")
    whole = total(h(u, p) * total(gram(p, i) * gamma(i, j) * gram(j, q), (i, "K"), (j, "K")) * h(q, v), (p, "K"), (q, "K"))
    left, right = total(h(u, p) * gram(p, i), (p, "K")), total(gram(j, q) * h(q, v), (q, "K"))
    sorted_sum = total(left * gamma(i, j) * right, (i, "K"), (j, "K"))
    collapsed = total(Delta(u, i) * gamma(i, j) * Delta(j, v), (i, "K"), (j, "K"))
    return All(Equal(Formula(whole), Formula(sorted_sum)), Equal(Formula(collapsed), Formula(gamma(u, v))))


@theorem.step("Pythagoras", by="index calculus, normal form", scope="all sizes",
              latex=r"\|W+U\|^2=\|W\|^2+\|U\|^2+2\textstyle\sum_jc_j\langle U,g_j\rangle,\ W=\sum_jc_jg_j")  # fmt: skip
def pythagoras_step() -> Equal:
    """W = sum c_j g_j in S_fin, U orthogonal to the generators g_j; U has no gaps inside components."""
    c, g, move, i, j, k = sp.Function("c"), sp.Function("g"), sp.Function("U"), index("i"), index("j"), index("k")
    inside = total(c(j) * g(j, k), (j, "J"))
    cross = total(c(i) * total(move(k) * g(i, k), (k, "D")), (i, "J"))
    squares = total(inside**2, (k, "D")) + total(move(k) ** 2, (k, "D"))
    return Equal(Formula(total((inside + move(k)) ** 2, (k, "D"))), Formula(squares + 2 * cross))


@theorem.step("a symmetric two-cycle", by="exact arithmetic", scope="one instance", latex=r"[1,0]\to0,\ [1,0]\to1:\ \nabla\bar L(0)=0")
def symmetric_pair() -> All:
    """Both masses are 1/2 at W = 0 and both labels occur once: 0 is the minimiser, and the data have a cycle."""
    found = residuals(pair, probabilities(masses(pair, zero(pair))))
    return All(Equal(found, ((Fraction(0),) * 2,) * 2), Equal(dataset_class(pair), "all-cyclic"))


@theorem.step("the gradient in the scores is the moment gap", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_v d_v\,\partial_{s_v}\bar L=\sum_v\bar p_vd_v-d_y")  # fmt: skip
def moment_step() -> Equal:
    """E^T Gammabar E = 0 with E of full row rank gives Gammabar = 0: the moments match token by token."""
    left = total(direction(v) * derivative(sequence_loss(y, "In"), utility(v)), (v, "In"))
    return Equal(Formula(left), Formula(total(probability(v, "In") * direction(v), (v, "In")) - direction(y)))


def reduced_part(problem: AttentionNTP) -> Enclosure:
    """W^fin from the reduced dataset as a problem of its own."""
    return enclosure(decompose(reduced_dataset(problem)).finite_part)


def plain(problem: AttentionNTP) -> AttentionNTP:
    """The same sequences on orthonormal embeddings."""
    return AttentionNTP.one_hot_tokens(problem.vocabulary_size, problem.sequences, problem.labels)


@theorem.claim(r"\text{nothing is separable in the reduced dataset}")
def nothing_is_separable_in_the_reduced_data(case: Case) -> Equal | NotExercised:
    """A recession direction of the reduced loss has equal scores inside components; every alternative that is no label is tied."""
    reduced = reduced_dataset(case.problem)
    others = sum(len(row.features) - 1 for row in reduced.rows)
    return Equal(len(decompose(reduced).separation.tied), others) if others else NotExercised("no component has two tokens")


@theorem.claim(r"W^{\mathrm{fin}}=\arg\min_{S_{\mathrm{fin}}}\bar L=\text{finite part of the reduction},\quad W^{\mathrm{fin}}\in S_{\mathrm{fin}}")
def finite_part_is_that_of_the_reduction(case: Case) -> All:
    """Two enclosures of different problems; the part off the cyclic subspace vanishes within the radius."""
    part = case.derived.finite_part
    off = tuple(x - z for x, z in zip(part.center, projection(cyclic_generators(case.problem), part.center)))
    return All(Equal(enclosure(part), reduced_part(case.problem)), Equal(Enclosure(off, part.radius), (Fraction(0),) * len(off)))


def moments(problem: AttentionNTP, part: Enclosure, sets: Sequence[frozenset[int]] | None) -> dict[tuple[int, int], Interval]:
    """{(k, v): sum over the sequences with query k of pbar_iv} at an enclosed W.

    |d pbar_iv / dW| = pbar_iv |(e_v - ebar) e_k^T| <= 2 sqrt(L_s) <= 1 + L_s: the radius of W is multiplied by n (1 + L_s).
    """
    logit = problem.conditional_logit()
    spread = part.radius * len(problem.sequences) * (1 + smoothness_constant(problem))
    found: dict[tuple[int, int], arb] = {}
    with ctx.workprec(PRECISION):
        for tokens, k, row in zip(problem.choice_sets, problem.queries, softmax_balls(logit, part.center, sets)):
            for n, p in row.items():
                found[k, tokens[n]] = found.get((k, tokens[n]), arb(0)) + p
        entries = {pair: interval(x) for pair, x in found.items()}
    return {pair: Interval(x.center, x.radius + spread) for pair, x in entries.items()}


@theorem.claim(r"\sum_{k_i=k}\bar p_{iv}(W^{\mathrm{fin}})=\#\{i:k_i=k,\ y_i=v\}")
def moments_match(case: Case, whole: bool = False) -> All:
    """For every query and token; `whole` takes the softmax over the uncut choice sets."""
    problem = case.problem
    found = moments(problem, enclosure(case.derived.finite_part), None if whole else reduced_alternatives(problem))
    counts = list(zip(problem.queries, problem.labels))
    return All(*(Equal(x, Fraction(counts.count(pair))) for pair, x in sorted(found.items())))


@theorem.claim(r"\text{gaps inside components do not depend on the embeddings}")
def gaps_ignore_embeddings(case: Case, factor: int = 1) -> All | NotExercised:
    """Against orthonormal embeddings, and against all embeddings doubled; `factor` multiplies the gaps of the latter."""
    problem, parts = case.problem, []
    ties = edge_form(problem).ties
    if not ties:
        return NotExercised("no component has two tokens")
    doubled = problem.with_embeddings([[2 * x for x in row] for row in problem.embeddings])
    own = enclosed_gaps(problem, enclosure(case.derived.finite_part), ties)
    for other, scale in ((plain(problem), 1), (doubled, factor)):
        gaps = enclosed_gaps(other, enclosure(decompose(other).finite_part), ties)
        parts += [Equal(x, Interval(scale * z.center, scale * z.radius)) for x, z in zip(own, gaps)]
    return All(*parts)


@theorem.claim(r"W^{\mathrm{fin}}\text{ has the least norm of all matrices with its gaps}")
def least_norm_with_its_gaps(case: Case) -> All | NotExercised:
    """W^fin + U, U orthogonal to the generators, has the same gaps and squared norm larger by |U|^2 (up to the radius)."""
    problem, part = case.problem, enclosure(case.derived.finite_part)
    way = tuple(Fraction((5 * j * j + 3 * j) % 7 - 3) for j in range(len(part.center)))
    off = tuple(x - z for x, z in zip(way, projection(cyclic_generators(problem), way)))
    moved = Enclosure(tuple(x + z for x, z in zip(part.center, off)), part.radius)
    ties = edge_form(problem).ties
    if not ties or not any(off):
        return NotExercised("the cyclic subspace is trivial or contains every matrix")
    inner = sum((x * z for x, z in zip(part.center, off)), Fraction(0))
    same = [Equal(x, z) for x, z in zip(enclosed_gaps(problem, moved, ties), enclosed_gaps(problem, part, ties))]
    length = sum((abs(x) for x in off), Fraction(0))
    return All(Equal(Interval(inner, length * part.radius), Fraction(0)), *same)


@theorem.claim(r"\bar L(W)\ge\bar L(W^{\mathrm{fin}})\text{ on } S_{\mathrm{fin}}")
def finite_part_minimises(case: Case) -> Implies:
    """One generator away in both directions."""
    problem, part = case.problem, case.derived.finite_part
    logit, sets = problem.conditional_logit(), reduced_alternatives(problem)
    rows = [tuple(s * x for x in row) for row in cyclic_generators(problem) for s in (1, -1)]
    moved = tuple(loss_ball(logit, tuple(x + z for x, z in zip(part.center, row)), sets) for row in rows)
    return Implies(bool(rows), AtMost((case.derived.infimum,) * len(moved), moved))


@theorem.claim(r"\text{acyclic}\Rightarrow S_{\mathrm{fin}}=\{0\},\ W^{\mathrm{fin}}=0")
def acyclic_data_have_none(case: Case, converse: bool = False) -> Implies:
    """Exactly zero; `converse` also asks W^fin to be non-zero otherwise."""
    problem, part = case.problem, enclosure(case.derived.finite_part)
    vanishes = Equal(part, (Fraction(0),) * len(part.center))
    if converse:
        return Implies(vanishes, Equal(dataset_class(problem), "acyclic"))
    return Implies(dataset_class(problem) == "acyclic", All(vanishes, Equal(len(cyclic_generators(problem)), 0)))


@theorem.mutant(of=finite_part_is_that_of_the_reduction, latex=r"W^{\mathrm{fin}}=\arg\min_{S_{\mathrm{fin}}}L\text{ (the full loss)}")
def full_loss_on_cycles(case: Case) -> Equal:
    """L5-a: the gradient of the full loss has a part in the cyclic subspace at W^fin; lower tokens pull."""
    problem, part = case.problem, case.derived.finite_part
    logit: ConditionalLogit = problem.conditional_logit()
    with ctx.workprec(PRECISION):
        coefficients: list[dict[int, arb]] = []
        for block, row in zip(logit.data.blocks, softmax_balls(logit, part.center)):
            (chosen,) = block.labels
            coefficients.append({n: exact_arb(block.weight) * (p - int(n == chosen)) for n, p in row.items()})
        entries = [interval(x) for x in assemble_balls(logit, coefficients)]
    center = projection(cyclic_generators(problem), tuple(x.center for x in entries))
    radius = smoothness(logit) * part.radius + sum((x.radius for x in entries), Fraction(0))
    return Equal(Enclosure(center, radius), (Fraction(0),) * len(center))


@theorem.mutant(of=finite_part_is_that_of_the_reduction, latex=r"W^{\mathrm{fin}}\text{ ignores how often a sample occurs}")
def repeated_samples_are_dropped(case: Case) -> Equal:
    """L5-b: counts 2 and 1 on a pair give log 2, once each 0."""
    problem = case.problem
    kept = sorted({(sequence, label) for sequence, label in zip(problem.sequences, problem.labels)})
    other = AttentionNTP(problem.embeddings, [sequence for sequence, _ in kept], [label for _, label in kept])
    return Equal(enclosure(case.derived.finite_part), reduced_part(other))


@theorem.mutant(of=acyclic_data_have_none, latex=r"W^{\mathrm{fin}}=0\iff\text{acyclic}")
def zero_iff_acyclic(case: Case) -> Implies:
    """L5-c: a symmetric two-cycle has W^fin = 0."""
    return acyclic_data_have_none(case, converse=True)


@theorem.mutant(of=gaps_ignore_embeddings, latex=r"\text{gaps scale with the embeddings like } W^{\mathrm{fin}}\text{ does}")
def gaps_depend_on_embeddings(case: Case) -> All | NotExercised:
    """L5-d: doubled embeddings quarter W^fin and leave its gaps alone."""
    return gaps_ignore_embeddings(case, factor=4)


@theorem.mutant(of=moments_match, latex=r"\text{moments of the whole choice sets match at } W^{\mathrm{fin}}")
def whole_moments_match(case: Case) -> All:
    """Lower tokens have mass at W^fin and are never labels."""
    return moments_match(case, whole=True)


@theorem.mutant(
    of=acyclic_data_have_none,
    without=independent_embeddings,
    instances=(between,),
    latex=r"\text{acyclic}\Rightarrow W^{\mathrm{fin}}=0\text{ for all embeddings}",
)
def acyclic_data_have_none_always(case: Case) -> Implies:
    """A token halfway between two others and above both is tied to them without a cycle, and the odds it has to meet are not even."""
    return acyclic_data_have_none(case)
