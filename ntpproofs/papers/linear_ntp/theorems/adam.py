"""Adam is not biased to W^mm: an exact counterexample, and its general form (derived).

With mass sigma on each token of the support and tau off it, s sigma + (V - s) tau = 1 gives the gradient tau (1_off
- ((V - s)/s) 1_S) h^T: every entry is a fixed number times the one scalar tau_k > 0. As epsilon -> 0 an entry with
gradients a gamma_k moves by a length that does not depend on |a|, against the sign of a; zero entries stay. So from
W_0 = 0 all non-zero entries of A = (1_S - 1_off) sign(h)^T move alike, W_k is a multiple of A, and A h = |h|_1 (1_S
- 1_off) keeps the masses equal on the support and off it: induction. A has s entries of one sign in a column and V
- s of the other.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from ....dynamics import Adam
from ....exact.rational import dot
from ....language.relations import All, Converges, Equal
from ....language.statements import Case, Proposition, clause, derived
from ....logit.decomposition import decompose
from ....logit.enclosures import exact_scores
from ....symbolic import Formula, index, total
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._golden import ex_adam, fractions
from ._losses import Vector
from ._normalised import run_of

ADAM = Adam(steps=300, step_size=0.01, decay=0.0, epsilon=1e-30)

proposition = Proposition(
    label="linear-ntp.adam",
    title="Adam selects a sign direction, not the NTP-SVM direction",
    source=derived("one context with a uniform next-token law: all gradient entries stay proportional"),
    setup=r"One context $h\ne0$ with uniform law on $\kappa<V$ tokens, $W_0=0$, Adam with $\epsilon\to0$, and"
    r" $A=(\mathbf 1_S-\mathbf 1_{S^c})\operatorname{sign}(h)^\top$.",
    clauses=(
        clause(
            r"Adam moves along $A$ for every choice of its decay rates.",
            steps=("proportional_gradient", "scale_invariance"),
            claims=("simulation_follows_the_signs",),
            argued="docstring",
        ),
        clause(
            r"$\cos^2(A,W^{\mathrm{mm}})=\frac{4\kappa(V-\kappa)}{V^2}\cdot\frac{\|h\|_1^2}{\|h\|_0\|h\|_2^2}$,",
            steps=("overlap_step",),
            by=("linear-ntp.closed-form-orthogonal",),
            claims=("squared_cosine",),
        ),
        clause(
            r"which is $4/5$ (cosine $0.894427$) for $h=(2,1)$, $\kappa=2$, $V=3$: there Adam does not select"
            r" $W^{\mathrm{mm}}$.",
            witness=("counterexample",),
        ),
        clause(
            r"$\mathbf 1^\top A=(2\kappa-V)\operatorname{sign}(h)^\top$, so Adam leaves $\mathbf 1^\top W=0$ unless"
            r" $\kappa=V/2$.",
            claims=("column_sums",),
            argued="docstring",
        ),
    ),
    uses=("linear-ntp.ntp-svm",),
    # For one context, what violates these has h = 0 or a full support: then A = 0 or W^mm = 0, Adam stays at 0, and the cosine is 0/0.
    assumptions=(ntp_separable, some_partial_support),
    instances=(
        ex_adam,
        LinearNTP([[3, -1]], [fractions("1/2", "1/2", "0")]),
        LinearNTP([[1, 2, 0]], [fractions("1", "0", "0", "0")]),
        LinearNTP([[2, 1]], [fractions("1/3", "1/3", "1/3", "0")]),
        LinearNTP([[2, 1]], [fractions("1/2", "1/2", "0", "0")]),
    ),
)  # fmt: skip


def sign_direction(problem: LinearNTP) -> Vector:
    """A = (1 on the support, -1 off it) times the signs of the embedding."""
    ((h,), (support,)) = problem.embeddings, problem.supports
    return tuple(Fraction((1 if v in support else -1) * ((x > 0) - (x < 0))) for v in range(problem.vocabulary_size) for x in h)


@proposition.step("the gradient keeps its shape", by="rational normal form", scope="all reals",
                  latex=r"\sigma-\tfrac1\kappa=-\tfrac{V-\kappa}\kappa\tau\text{ when }\kappa\sigma+(V-\kappa)\tau=1")  # fmt: skip
def proportional_gradient() -> Equal:
    """With equal masses sigma on and tau off the support the gradient is tau (1_off - ((V-s)/s) 1_S) h^T: one scalar moves."""
    s, off, tau = sp.symbols("s r tau")
    sigma = (1 - off * tau) / s
    return Equal(Formula(sigma - 1 / s), Formula(-off / s * tau))


@proposition.step("the scores keep their shape", by="exact arithmetic", scope="", latex=r"Ah=\|h\|_1(\mathbf 1_S-\mathbf 1_{S^c})")
def scores_keep_their_shape(case: Case) -> Equal:
    """Along A the masses stay equal on the support and equal off it."""
    problem = case.problem
    size = sum(abs(x) for x in problem.embeddings[0])
    wanted = tuple(size if v in problem.supports[0] else -size for v in range(problem.vocabulary_size))
    return Equal(exact_scores(problem.conditional_logit(), sign_direction(problem))[0], wanted)


@proposition.step("a step depends on signs only", by="index calculus, normal form", scope="all sizes",
                  latex=r"\frac{(\sum_k\beta_ka\gamma_k)^2}{\sum_k\beta'_k(a\gamma_k)^2}="
                        r"\frac{(\sum_k\beta_k\gamma_k)^2}{\sum_k\beta'_k\gamma_k^2}")  # fmt: skip
def scale_invariance() -> Equal:
    """An entry that was a gamma_k at every step k moves by sign(a) times a length that does not depend on a (epsilon -> 0)."""
    beta, decay, gamma = (sp.Function(name) for name in ("beta", "b", "gamma"))
    k, a = index("k"), sp.Symbol("a")

    def squared(factor: sp.Expr) -> sp.Expr:
        mean = total(beta(k) * factor * gamma(k), (k, "K"))
        return mean**2 / total(decay(k) * (factor * gamma(k)) ** 2, (k, "K"))

    return Equal(Formula(squared(a)), Formula(squared(sp.Integer(1))))


@proposition.step("overlap with the centred indicator", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_{u\in S}(1-\tfrac\kappa V)+\sum_{u\notin S}\tfrac\kappa V=\tfrac{2\kappa(V-\kappa)}V")  # fmt: skip
def overlap_step() -> Equal:
    """<A, (1_S - s/V) h^T> = |h|_1 times this; |A|^2 = V |h|_0 and |1_S - s/V|^2 = s (V - s) / V."""
    u = index("u")
    s, o = total(sp.Integer(1), (u, "S")), total(sp.Integer(1), (u, "O"))
    left = total(1 - s / (s + o), (u, "S")) + total(s / (s + o), (u, "O"))
    return Equal(Formula(left), Formula(2 * s * o / (s + o)))


@proposition.claim(r"\cos^2(A,W^{\mathrm{mm}})=\frac{4\kappa(V-\kappa)}{V^2}\cdot\frac{\|h\|_1^2}{\|h\|_0\|h\|_2^2}")
def squared_cosine(case: Case, aligned: bool = False) -> Equal:
    """Exact, with the certified W^mm."""
    problem, u = case.problem, case.derived.max_margin.direction
    h, a = problem.embeddings[0], sign_direction(problem)
    size, vocabulary = len(problem.supports[0]), problem.vocabulary_size
    tokens = Fraction(4 * size * (vocabulary - size), vocabulary**2)
    entries = sum((abs(x) for x in h), Fraction(0)) ** 2 / (sum(1 for x in h if x) * dot(h, h))
    return Equal(dot(a, u) ** 2 / (dot(a, a) * dot(u, u)), Fraction(1) if aligned else tokens * entries)


@proposition.step("h = (2, 1)", by="exact arithmetic", scope="one instance", latex=r"\cos^2(A,W^{\mathrm{mm}})=\tfrac45")
def counterexample() -> Equal:
    """Against the certified W^mm."""
    a, u = sign_direction(ex_adam), decompose(ex_adam).max_margin.direction
    return Equal(dot(a, u) ** 2 / (dot(a, a) * dot(u, u)), Fraction(4, 5))


@proposition.claim(r"\mathbf 1^\top A=(2\kappa-V)\operatorname{sign}(h)^\top")
def column_sums(case: Case, frozen: bool = False) -> Equal:
    """What gradient descent never changes, Adam does."""
    problem, a = case.problem, sign_direction(case.problem)
    sums = tuple(sum((a[v * problem.dimension + c] for v in range(problem.vocabulary_size)), Fraction(0)) for c in range(problem.dimension))
    excess = 0 if frozen else 2 * len(problem.supports[0]) - problem.vocabulary_size
    return Equal(sums, tuple(Fraction(excess * ((x > 0) - (x < 0))) for x in problem.embeddings[0]))


@proposition.claim(r"\text{simulated Adam stays on the ray of }A\ (\epsilon=10^{-30},\ \beta=(0.9,0.99),\ 300\text{ steps})")
def simulation_follows_the_signs(case: Case, target: Vector | None = None) -> All:
    """The mass off the support stays above 1e-3 for these steps, so share minus law keeps thirteen digits."""
    run = case.problem.conditional_logit().remember("adam", lambda: run_of(case.problem, ADAM))
    path = run.path(run.direction.values, 1e-12, "direction of Adam")
    wanted = np.array([float(x) for x in (sign_direction(case.problem) if target is None else target)])
    return All(Converges(path, wanted / np.linalg.norm(wanted)))


@proposition.mutant(of=simulation_follows_the_signs, latex=r"W_k/\|W_k\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|\text{ for Adam}")
def adam_finds_the_margin(case: Case) -> All:
    """h = (2, 1): the cosine stays at 0.894427."""
    return simulation_follows_the_signs(case, case.derived.max_margin.direction)


@proposition.mutant(of=squared_cosine, latex=r"A\text{ is parallel to }W^{\mathrm{mm}}")
def parallel_to_the_margin(case: Case) -> Equal:
    """4/5 is not 1."""
    return squared_cosine(case, aligned=True)


@proposition.mutant(of=column_sums, latex=r"\mathbf 1^\top W=0\text{ is kept}")
def column_sums_are_frozen(case: Case) -> Equal:
    """Two tokens up, one down by the same amount."""
    return column_sums(case, frozen=True)
