"""Two tokens per sequence: attention NTP is logistic regression without separability.

The loss of a sequence {y, v} without repetition is log(1 + exp(-<W, z>)), z = (e_y - e_v) e_k^T, so the conditional logit of
the reduction is logistic regression on the z_i. The maximal separable subset of Ji and Telgarsky are the rows that the
recession cone does not tie; for independent embeddings these are the cross edges. The rest spans the tied subspace S_fin.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.rational import dot, row_space
from ....language.relations import All, Equal, Less
from ....language.statements import Case, Proposition, assumption, clause, derived
from ....logit.decomposition import decompose
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import loss_ball
from ....logit.problem import ConditionalLogit, Row, Vector
from ....symbolic import E, Formula, L
from ..assumptions import no_repeated_tokens
from ..graph_programmes import cyclic_generators, edge_form, graph_svm
from ..priority_graph import cyclic_rows
from ..problem import AttentionNTP
from ..strategies import attention_ntps
from ._exact import point, zero
from ._instances import chain, golden, mixed, pair, pair_above, per_query, repeated, same_embedding, skew_pair_above, three, uneven, unseen
from ._symbols import m as counts
from ._symbols import utility, v, y


@assumption(r"|A_i|\le2", method="counting tokens")
def at_most_two_tokens(problem: AttentionNTP) -> bool:
    """Every sequence has at most two distinct tokens."""
    return all(len(tokens) <= 2 for tokens in problem.choice_sets)


pairs_only = attention_ntps(max_tokens=4, max_dimension=4, max_sequences=4, max_length=2, independent=True, repeats=False)

proposition = Proposition(
    label="attention-ntp.logistic-regression",
    title="Two tokens per sequence: logistic regression on non-separable data",
    source=derived("the reduction; the decomposition of Ji and Telgarsky (2019) into a maximal separable subset and its complement is recalled"),
    setup=r"Let every sequence have at most two distinct tokens and no repeated one, $z_i=(e_{y_i}-e_{v_i})e_{k_i}^\top$; the embeddings are"
    r" independent.",
    clauses=(
        clause(
            r"$L(W)=\tfrac1n\sum_i\log(1+e^{-\langle W,z_i\rangle})$ over the sequences with two tokens.",
            steps=("logistic_step",),
            by=("attention-ntp.reduction",),
            claims=("loss_is_logistic",),
        ),
        clause(
            r"The sequences that some $W$ classifies correctly while it is non-negative on all are those with a cross edge; the"
            r" span of the others is"
            r" $S_{\mathrm{fin}}$,",
            by=("attention-ntp.recession-cone",),
            claims=("separable_subset_is_cross_edges",),
        ),
        clause(
            r"their minimiser is $W^{\mathrm{fin}}$, and the max-margin direction on the complement is $W^{\mathrm{svm}}$.",
            by=("attention-ntp.recession-cone", "attention-ntp.graph-svm", "foundations.finite-part"),
            claims=("limits_agree",),
        ),
        clause(
            r"With three tokens, or with multiplicities that differ, $L$ is not such a sum.",
            witness=("three_tokens", "multiplicities_differ"),
        ),
    ),
    uses=("attention-ntp.recession-cone", "attention-ntp.graph-svm", "attention-ntp.finite-part"),
    assumptions=(independent_embeddings, no_repeated_tokens, at_most_two_tokens),
    instances=pairs_only,
    examples=(pair, uneven, pair_above, chain, per_query, repeated, skew_pair_above, unseen),
)


@proposition.step("one sequence", by="index calculus, normal form", scope="all sizes",
                  latex=r"\log\frac{m_ye^{s_y}+m_ve^{s_v}}{m_ye^{s_y}}=\log\bigl(1+\tfrac{m_v}{m_y}e^{-(s_y-s_v)}\bigr)")  # fmt: skip
def logistic_step() -> Equal:
    """Multiplicities are an offset log(m_v / m_y) of the margin; without repetitions it vanishes."""
    top, other = counts(y) * E(utility(y)), counts(v) * E(utility(v))
    right = L(1 + counts(v) / counts(y) * E(-(utility(y) - utility(v))))
    return Equal(Formula(L((top + other) / top)), Formula(right))


def features(problem: AttentionNTP) -> list[Vector]:
    """z_i = (e_y - e_v) e_k^T for all v in A_i other than the label."""
    rows = zip(problem.queries, problem.labels, problem.choice_sets)
    return [problem.difference(y, v, k) for k, y, tokens in rows for v in tokens if v != y]


def logistic_loss(problem: AttentionNTP, w: Vector) -> Interval:
    """(1/n) sum_i log(1 + exp(-<W, z_i>)) in balls."""
    with ctx.workprec(PRECISION):
        terms = [(-exact_arb(dot(w, z))).exp().log1p() for z in features(problem)]
        return interval(sum(terms, arb(0)) / len(problem.sequences))


def logistic_problem(problem: AttentionNTP) -> ConditionalLogit:
    """Logistic regression on the z_i: every row chooses z against 0."""
    share, size = Fraction(1, len(problem.sequences)), problem.dimension**2
    rows = [Row(share, 0, (z, (Fraction(0),) * size)) for z in features(problem)]
    return ConditionalLogit(rows or [Row(share, 0, ((Fraction(0),) * size,))])


@proposition.step("three tokens", by="balls", scope="one instance", latex=r"\log3<2\log2\text{ at }W=0")
def three_tokens() -> Less:
    """One choice set of three tokens at W = 0: each of its two differences would cost log 2."""
    return Less(loss_ball(three.conditional_logit(), zero(three)), logistic_loss(three, zero(three)))


@proposition.step("different multiplicities", by="balls", scope="one instance", latex=r"\tfrac12(\log\tfrac32+\log3)\ne\log2\text{ at }W=0")
def multiplicities_differ() -> Less:
    """[1, 0, 0] -> 0 and -> 1 at W = 0."""
    return Less(logistic_loss(repeated, zero(repeated)), loss_ball(repeated.conditional_logit(), zero(repeated)))


@proposition.claim(r"L(W)=\tfrac1n\sum_i\log(1+e^{-\langle W,z_i\rangle})")
def loss_is_logistic(case: Case) -> All:
    """At W = 0 and at a rational W, in balls."""
    problem = case.problem
    return All(*(Equal(loss_ball(problem.conditional_logit(), w), logistic_loss(problem, w)) for w in (zero(problem), point(problem))))


@proposition.claim(r"\text{maximal separable subset}=\text{cross edges},\ \mathrm{span}\text{ of the rest}=S_{\mathrm{fin}}")
def separable_subset_is_cross_edges(case: Case, everything: bool = False) -> All:
    """The certified partition of the logistic problem, row by row; `everything` takes the span of all z_i."""
    problem, decided = case.problem, decompose(logistic_problem(case.problem))
    zs, inside = features(problem), cyclic_rows(problem)
    names = [(i, n) for i, (y, tokens) in enumerate(zip(problem.labels, problem.choice_sets)) for n, v in enumerate(tokens) if v != y]
    tied = frozenset(row for row, name in enumerate(names) if name in inside)
    rest = zs if everything else [zs[row] for row in sorted(tied)]
    return All(
        Equal(frozenset(row for row, _ in decided.separation.tied), tied),
        Equal(row_space(rest), row_space(cyclic_generators(problem))),
    )


@proposition.claim(r"\text{their offset}=W^{\mathrm{fin}},\text{ their direction}=W^{\mathrm{svm}}")
def limits_agree(case: Case, margins_only: bool = False) -> All:
    """The decomposition of the logistic problem against graph programme and finite part."""
    problem, other = case.problem, decompose(logistic_problem(case.problem))
    part, own = other.finite_part, case.derived.finite_part
    direction = graph_svm(problem).direction or zero(problem)
    offset = Equal(own, part)
    if margins_only:
        return All(Equal(len(edge_form(problem).ties), 0), offset)
    return All(Equal(other.max_margin.direction, direction), offset)


@proposition.mutant(of=separable_subset_is_cross_edges, latex=r"S_{\mathrm{fin}}=\mathrm{span}\text{ of all } z_i")
def span_of_all_features(case: Case) -> All:
    """Cross edges are outside."""
    return separable_subset_is_cross_edges(case, everything=True)


@proposition.mutant(of=limits_agree, latex=r"\text{the data are separable (Soudry et al.), so there is no offset}")
def always_separable(case: Case) -> All:
    """A two-cycle is not separable."""
    return limits_agree(case, margins_only=True)


proposition.mutant(of=loss_is_logistic, without=at_most_two_tokens, instances=(*golden, mixed), latex=r"\text{logistic for three tokens too}")
proposition.mutant(of=loss_is_logistic, without=no_repeated_tokens, instances=(repeated,), latex=r"\text{logistic with repeated tokens too}")


@proposition.mutant(
    of=separable_subset_is_cross_edges,
    without=independent_embeddings,
    instances=(same_embedding,),
    latex=r"\text{the cross edges are separable for all embeddings}",
)
def cross_edges_are_separable_always(case: Case) -> All:
    """A token above another one with the same embedding has z = 0: a cross edge that nothing separates."""
    return separable_subset_is_cross_edges(case)
