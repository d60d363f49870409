"""Gradient descent never moves the component orthogonal to all differences."""

from __future__ import annotations

from fractions import Fraction

from ....dynamics.enclosed import EnclosedDescent
from ....exact.rational import dot
from ....language.relations import All, Equal, NotExercised, Relation
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import Formula, total
from ._instances import golden, logits
from ._symbols import a, gradient, i, margin, probability, v, weight, z

lemma = Lemma(
    label="foundations.invariant-part",
    title="The invariant part is frozen",
    source=derived("gradients lie in the span of the differences"),
    setup=r"Let $N$ be the orthogonal complement of all differences, and $w_{k+1}=w_k-\eta_k\nabla L(w_k)$ with any"
    r" step sizes.",
    clauses=(
        clause(
            r"Every gradient is orthogonal to $N$.",
            steps=("combination_step",),
            by=("foundations.convexity-and-smoothness",),
            claims=("differences_have_no_invariant_part",),
        ),
        clause(
            r"$P_Nw_k=P_Nw_0$ for all $k$.",
            steps=("combination_step",),
            by=("foundations.convexity-and-smoothness",),
            claims=("descent_keeps_the_invariant_part",),
        ),
    ),
    uses=("foundations.convexity-and-smoothness", "foundations.separation"),
    instances=logits(),
    examples=golden,
)


@lemma.step("the gradient is a combination of differences", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle\nabla L,e\rangle=-\sum_ia_i\sum_vp_{iv}\langle d_{iv},e\rangle")  # fmt: skip
def combination_step() -> Equal:
    """So a vector orthogonal to every difference is orthogonal to every gradient, whatever the step size."""
    projected = total(z(a) * gradient(a), (a, "D"))
    return Equal(Formula(projected), Formula(-total(weight(i) * probability(i, v) * margin(i, v, z), (i, "I"), (v, "C"))))


@lemma.claim(r"P_Nd_{iv}=0\text{ and }\dim T+\dim M+\dim N=p\text{, the number of parameters}")
def differences_have_no_invariant_part(case: Case) -> All:
    """Exact, for every difference."""
    parts, zero = case.derived, (Fraction(0),) * case.problem.dimension
    projections = [Equal(parts.invariant.project(d), zero) for d in case.problem.differences().values()]
    dimensions = parts.tied.dimension + parts.diverging.dimension + parts.invariant.dimension
    return All(Equal(dimensions, case.problem.dimension), *projections)


@lemma.claim(r"\langle w_k, e\rangle=\langle w_0,e\rangle\text{ for every basis vector }e\text{ of }N")
def descent_keeps_the_invariant_part(case: Case, subspace: str = "invariant") -> Relation:
    """Descent in balls, from a start with components everywhere."""
    if not getattr(case.derived, subspace).dimension:
        return NotExercised(f"the {subspace} subspace is trivial")
    initial = tuple(Fraction(1 + k % 2, 3) for k in range(case.problem.dimension))
    run = EnclosedDescent(steps=6, initial=initial)(case.problem)
    basis = getattr(case.derived, subspace).basis
    return All(*(Equal(run.component(6, e), dot(initial, e)) for e in basis))


@lemma.mutant(of=descent_keeps_the_invariant_part, latex=r"P_\perp w_k\text{ is frozen}")
def diverging_part_is_frozen(case: Case) -> Relation:
    """The diverging part moves at the first step."""
    return descent_keeps_the_invariant_part(case, "diverging")


@lemma.mutant(of=descent_keeps_the_invariant_part, latex=r"P_Tw_k\text{ is frozen}")
def tied_part_is_frozen(case: Case) -> Relation:
    """The tied part moves towards w*."""
    return descent_keeps_the_invariant_part(case, "tied")


@lemma.mutant(of=differences_have_no_invariant_part, latex=r"N=\{0\}")
def nothing_is_invariant(case: Case) -> Equal:
    """Adding a constant to all scores of a row changes nothing, so N is often large."""
    return Equal(case.derived.invariant.dimension, 0)
