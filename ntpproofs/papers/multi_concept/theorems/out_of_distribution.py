r"""Out of distribution: lengths, compositions, recombined concepts, and where it ends.

Proof. Words of the new concept have b*-score beta* = sum phi_k^2 beta_k (the P_{b_k} are orthogonal), whatever phi's
signs, and the a-part is common to all demonstrations; so attention is that of one concept at beta*. The pooled label
is c* + e_q rho* d*, and x -> (u + x)_+ - (u - x)_+ is odd, non-decreasing, and strictly increasing where u + |x| > 0;
so f = e_q sign(rho*) R(|rho*|). With theta', psi >= 0 and u, v >= 0 every term of R is non-negative and one is
positive. In the linear regime R(x) = 2 x sum psi_k w_k, whose sign is a half-space.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....exact.rational import Vector
from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Theorem, assumption, clause, derived
from ....symbolic import Formula, total
from ..out_of_distribution import (
    Recombination,
    Trained,
    conic_membership,
    new_attention,
    new_beta,
    response,
    worst_case_margin,
)

F = Fraction


@dataclass(frozen=True)
class NewTask:
    """A trained model, a new concept built from its concepts, and the composition of a prompt about it."""

    model: Trained
    new: Recombination
    matching: int
    opposite: int

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        names = ("theta", "phi", "gates", "psi")
        body = {name: [str(x) for x in getattr(self.new, name)] for name in names}
        model = {name: [[str(x) for x in row] for row in getattr(self.model, name)] for name in ("gate", "lift")}
        return {"kind": "new-task", "beta": [str(x) for x in self.model.beta], **model, **body, "matching": self.matching, "opposite": self.opposite}


def random_task(seed: int, concepts: int, half: int, signed: bool, outside: bool = False) -> NewTask:
    """A model with u, v >= 0 and a recombination with theta', psi >= 0 (psi of any sign if `signed`, phi = 0 if `outside`), fixed by its seed."""
    draw = Random(seed)

    def row(low: int, high: int) -> Vector:
        return tuple(F(draw.randint(low, high), draw.choice((1, 2, 3))) for _ in range(concepts))

    beta = tuple(F(draw.randint(1, 6), 4) for _ in range(concepts))
    model = Trained(beta, tuple(row(0, 4) for _ in range(half)), tuple(row(0, 3) for _ in range(half)))
    phi = (F(0),) * concepts if outside else row(-2, 2)
    new = Recombination(row(-2, 2), phi, row(0, 2), row(-2 if signed else 0, 2))
    return NewTask(model, new, draw.randint(1, 6), draw.randint(1, 40))


@assumption(r"\psi\ge0")
def conic_labels(x: NewTask) -> bool:
    """d* is a non-negative combination of the d_k: exact."""
    return min(x.new.psi) >= 0


@assumption(r"\exists i:\ v^*_i>0")
def some_lift(x: NewTask) -> bool:
    """Some plus neuron has sum psi_k v_ik > 0: exact."""
    return any(sum(p * v for p, v in zip(x.new.psi, row)) > 0 for row in x.model.lift)


theorem = Theorem(
    label="multi-concept.out-of-distribution",
    title="Recombined concepts, other lengths and compositions",
    source=derived("linearity of the output in the query", "the paper speaks of polysemous recombination of known concepts"),
    setup=r"$\Gamma=\sum\gamma_kP_{b_k}+\dots$, $\gamma_k>0$, mirrored MLP, $u_{ik},v_{ik}\ge0$; $a^*=\sum\theta_ka_k$, $b^*=\sum\phi_kb_k$,"
    r" $c^*=\sum\theta'_kc_k$, $d^*=\sum\psi_kd_k$ with $\theta',\psi\ge0$; $\beta^*=\sum\phi_k^2\beta_k$.",
    clauses=(
        clause(r"$b^{*\top}\Gamma b^*=\beta^*$, whatever the signs of $\phi$.", steps=("score_step",), claims=("signs_of_the_words_do_not_matter",)),
        clause(
            r"The prediction is right iff $n_-/n_+<e^{2\beta^*}$.",
            argued="docstring",
            claims=("right_below_the_ratio", "response_is_positive"),
        ),
        clause(r"For signed $\psi$ the criterion is $\mathrm{sign}(\rho^*)R(|\rho^*|)>0$.", argued="docstring", claims=("criterion_is_the_output",)),
        clause(
            r"Membership of $d^*$ in the cone is decided by its coefficients or by a Farkas vector,",
            claims=("membership_has_a_certificate",),
        ),
        clause(r"but it is not necessary: in the linear regime a half-space suffices.", witness=("cone_is_necessary",)),
        clause(
            r"The worst margin over convex $\psi$ is $\min_k\bar v_k$.", argued="a linear function on a simplex", claims=("worst_case_is_a_vertex",)
        ),
    ),
    uses=("multi-concept.attention",),
    assumptions=(conic_labels, some_lift),
    instances=st.builds(random_task, st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3), st.booleans()),
    examples=(random_task(1, 2, 2, False), random_task(2, 3, 2, False), random_task(3, 1, 1, False)),
)


@theorem.step("score of a mixture", by="index calculus, normal form", scope="all sizes", latex=r"\sum_k\phi_k^2\beta_k\text{ from orthogonal }b_k")
def score_step() -> Equal:
    """(sum_k phi_k b_k)^T Gamma (sum_j phi_j b_j) with b_k^T Gamma b_j = delta_kj beta_k."""
    from ....symbolic import Delta, index

    phi, beta = sp.Function("phi"), sp.Function("beta")
    k, j = index("k"), index("j")
    left = total(phi(k) * phi(j) * Delta(k, j) * beta(k), (k, "K"), (j, "K"))
    return Equal(Formula(left, frozenset({"phi"})), Formula(total(phi(k) ** 2 * beta(k), (k, "K")), frozenset({"phi"})))


@theorem.claim(r"\text{changing the sign of one }\phi_k\text{ changes no output}")
def signs_of_the_words_do_not_matter(case: Case, labels: bool = False) -> Equal | NotExercised:
    """beta* and the output for flipped signs; `labels` flips those of psi instead (false)."""
    x: NewTask = case.problem
    flipped = replace(x.new, psi=tuple(-y for y in x.new.psi)) if labels else replace(x.new, phi=tuple(-y for y in x.new.phi))
    with ctx.workprec(PRECISION):
        rho = new_attention(x.model, x.new, x.matching, x.matching + x.opposite)
        other = new_attention(x.model, flipped, x.matching, x.matching + x.opposite)
        if not (rho > 0 or rho < 0):
            return NotExercised("rho* is zero")
        return Equal(interval(response(x.model, x.new, rho)), interval(response(x.model, flipped, other)))


@theorem.claim(r"\text{right}\iff n_-/n_+<e^{2\beta^*}")
def right_below_the_ratio(case: Case, always: bool = False, factor: int = 2) -> Equal | NotExercised:
    """The output of the mirrored network at rho* against the ratio, both in balls."""
    x: NewTask = case.problem
    with ctx.workprec(PRECISION):
        output = _network(x)
        gap = exact_arb(factor * new_beta(x.model, x.new)).exp() - exact_arb(F(x.opposite, x.matching))
        if not (output > 0 or output < 0) or not (gap > 0 or gap < 0):
            return NotExercised("the output or the gap is zero")
        return Equal(bool(output > 0), always or bool(gap > 0))


def _network(x: NewTask) -> arb:
    # e_q f for e_q = 1, from explicit softmax weights and all 2 M neurons, mirror images included.
    score = new_beta(x.model, x.new)
    up, down = exact_arb(score).exp() * x.matching, exact_arb(-score).exp() * x.opposite
    rho = (up - down) / (up + down)
    total_ = arb(0)
    for gates, lifts in zip(x.model.gate, x.model.lift):
        u = exact_arb(sum((p * q for p, q in zip(x.new.gates, gates)), F(0)))
        v = exact_arb(sum((p * q for p, q in zip(x.new.psi, lifts)), F(0)))
        total_ += (u + rho * v).max(arb(0)) - (u - rho * v).max(arb(0))
    return total_ / x.model.neurons


@theorem.claim(r"R(|\rho^*|)>0")
def response_is_positive(case: Case) -> Less | NotExercised:
    """At |rho*|, in balls."""
    x: NewTask = case.problem
    with ctx.workprec(PRECISION):
        rho = new_attention(x.model, x.new, x.matching, x.matching + x.opposite)
        if not (rho > 0 or rho < 0):
            return NotExercised("rho* is zero")
        return Less(0, interval(response(x.model, x.new, abs(rho))))


@theorem.claim(r"e_qf=\mathrm{sign}(\rho^*)R(|\rho^*|)")
def criterion_is_the_output(case: Case, signed: bool = True) -> Equal | NotExercised:
    """For psi and for its negative, which is signed."""
    x: NewTask = case.problem
    pairs = []
    with ctx.workprec(PRECISION):
        for psi in (x.new.psi, tuple(-y for y in x.new.psi)):
            task = replace(x, new=replace(x.new, psi=psi))
            rho = new_attention(task.model, task.new, task.matching, task.matching + task.opposite)
            if not (rho > 0 or rho < 0):
                return NotExercised("rho* is zero")
            sign = 1 if rho > 0 or not signed else -1
            pairs.append((interval(_network(task)), interval(sign * response(task.model, task.new, abs(rho)))))
        return Equal(tuple(p for p, _ in pairs), tuple(q for _, q in pairs))


@theorem.claim(r"\text{coefficients, or a Farkas vector}")
def membership_has_a_certificate(case: Case) -> All:
    """psi itself as target among unit vectors and one mixture, and the negative of its sum: each answer checked by arithmetic alone."""
    x: NewTask = case.problem
    size = len(x.new.psi)
    generators = [tuple(F(int(i == k)) for i in range(size)) for k in range(size)] + [x.new.psi]
    targets = (x.new.psi, tuple(-y for y in x.new.psi))
    found = [conic_membership(generators, target) for target in targets]
    inside = [min(target) >= 0 or (target == x.new.psi) for target in targets]
    return All(
        Equal(tuple(answer.verify(generators, target) for answer, target in zip(found, targets)), (True, True)),
        Equal(tuple(answer.inside for answer in found), tuple(inside)),
    )


# v = (1, 1), psi = (2, -1), every gate far open.
HALF_SPACE = NewTask(
    Trained((F(1), F(1)), ((F(10), F(10)),), ((F(1), F(1)),)), Recombination((F(1), F(1)), (F(1), F(1)), (F(1), F(1)), (F(2), F(-1))), 2, 2
)  # fmt: skip


@theorem.claim(r"\psi\notin\text{cone}\Rightarrow\text{wrong}", expected="refuted")
def cone_is_necessary(case: Case) -> Less:
    """Refuted by v = (1, 1), psi = (2, -1) in the linear regime, added to this instance's own output."""
    with ctx.workprec(PRECISION):
        size = abs(_network(case.problem)) + 1
        return Less(interval(_network(HALF_SPACE) / size), 0)


@theorem.claim(r"\min_{\psi\in\Delta}\sum\psi_k\bar v_k=\min_k\bar v_k")
def worst_case_is_a_vertex(case: Case, mean: bool = False) -> All | Equal:
    """The normalised psi of this instance does no worse than the vertex found; `mean` claims that the centre is the worst (false)."""
    x: NewTask = case.problem
    lifts = x.model.mean_lift()
    value, vertex = worst_case_margin(lifts)
    if mean:
        return Equal(value, sum(lifts, F(0)) / len(lifts))
    weight = sum(x.new.psi, F(0))
    mixed = sum((p * v for p, v in zip(x.new.psi, lifts)), F(0)) / weight
    return All(Equal(sum((p * v for p, v in zip(vertex, lifts)), F(0)), value), Less(value - 1, mixed), Equal(min(value, mixed), value))


SIGNED = st.builds(random_task, st.integers(0, 10**6), st.integers(2, 3), st.integers(1, 3), st.just(True))
theorem.mutant(of=response_is_positive, without=conic_labels, instances=SIGNED, latex=r"\text{signed mixtures of labels}")
theorem.mutant(of=response_is_positive, without=some_lift, latex=r"\text{no lift at all}")


@theorem.mutant(of=signs_of_the_words_do_not_matter, latex=r"\text{words have to be mixed conically as well, like labels}")
def label_signs_do_not_matter(case: Case) -> Equal | NotExercised:
    """Signs of phi are irrelevant, those of psi are not: demanding the same of both fails."""
    return signs_of_the_words_do_not_matter(case, labels=True)


@theorem.mutant(of=right_below_the_ratio, latex=r"\text{longer prompts are always safe}")
def any_composition_is_safe(case: Case) -> Equal | NotExercised:
    """Beyond n_-/n_+ = e^{2 beta*} every prediction is wrong."""
    return right_below_the_ratio(case, always=True)


@theorem.mutant(of=right_below_the_ratio, latex=r"n_-/n_+<e^{\beta^*}")
def ratio_without_the_two(case: Case) -> Equal | NotExercised:
    """The scores differ by twice beta*."""
    return right_below_the_ratio(case, factor=1)


@theorem.mutant(
    of=right_below_the_ratio,
    instances=st.builds(random_task, st.integers(0, 10**6), st.just(2), st.just(2), st.just(False), st.just(True)),
    latex=r"b^*\text{ outside the span works}",
)
def words_outside_the_span(case: Case) -> Equal | NotExercised:
    """With beta* = 0 attention is uniform and the majority decides."""
    return right_below_the_ratio(case, always=True)


@theorem.mutant(of=criterion_is_the_output, latex=r"e_qf=R(|\rho^*|)")
def criterion_without_the_sign(case: Case) -> Equal | NotExercised:
    """The old criterion: with rho* < 0 and a negative response the prediction is right."""
    return criterion_is_the_output(case, signed=False)


@theorem.mutant(of=worst_case_is_a_vertex, latex=r"\text{the centre is the worst}")
def centre_is_worst(case: Case) -> All | Equal:
    """Unless all lifts agree."""
    return worst_case_is_a_vertex(case, mean=True)
