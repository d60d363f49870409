"""The smoothness constant of the cross-entropy, which the paper leaves open (derived).

The variance of y = U h_j under any law is at most (max y - min y)^2 / 4 (Popoviciu) and so at most |y|^2 / 2; the
mean of |U h_j|^2 over the contexts is tr(U (sum_j pi_j h_j h_j^T) U^T), at most lambda_max |U|^2 by the definition
of lambda_max. By Cauchy and Schwarz lambda_max is at most max |h_j|^2.

Beyond 2/L: with V = 2, p = (1/2, 1/2), h = 1 and W = (a, -a) one step gives (a - (eta/2) tanh a)(1, -1), which is
-W iff f(a) = 2 a - (eta/2) tanh a vanishes. For eta = 5 > 4 = 2/L, f is negative at 1/2 and positive at 1.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval, largest_eigenvalue
from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Lemma, clause, derived
from ....logit.enclosures import exact_scores, softmax_balls
from ....logit.step_size import smoothness
from ....symbolic import Formula, total
from ...foundations.theorems._symbols import i, k, margin, probability, v, variance, z
from ..problem import LinearNTP
from ._calculus import cauchy_schwarz
from ._decoders import hessian_form, masses
from ._golden import anything, golden
from ._losses import Vector, point, zero

lemma = Lemma(
    label="linear-ntp.smoothness",
    title="The cross-entropy is smooth with half the largest eigenvalue of the second moment",
    source=derived("the variance form of the Hessian"),
    setup=r"Let $L=\tfrac12\lambda_{\max}\bigl(\sum_j\pi_jh_jh_j^\top\bigr)$.",
    clauses=(
        clause(
            r"$\nabla^2\mathrm{CE}(W)[U,U]=\sum_j\pi_j\operatorname{Var}_{\mathrm{sm}(Wh_j)}(Uh_j)\le L\|U\|^2$.",
            steps=("popoviciu", "quarter_of_the_range", "range_to_norm"),
            by=("linear-ntp.gradient",),
            claims=("curvature_is_bounded",),
        ),
        clause(
            r"$L\le\tfrac12\max_j\|h_j\|^2=M^2/4$.",
            steps=("cauchy_schwarz",),
            claims=("eigenvalue_is_bounded",),
        ),
        clause(
            r"The constant is attained: $V=2$, $h=1$, $p=(\tfrac12,\tfrac12)$ has"
            r" $\nabla^2\mathrm{CE}(0)[U,U]=L\|U\|^2$ at $U=(1,-1)$.",
            witness=("attained",),
        ),
        clause(
            r"Beyond $2/L$ descent may cycle: there, with $\eta=5$ and $2/L=4$, between $\pm(a,-a)$ for some"
            r" $a$ between $\tfrac12$ and $1$.",
            witness=("cycle",),
        ),
    ),
    uses=("foundations.convexity-and-smoothness",),
    instances=anything,
    examples=golden,
)


def second_moment(problem: LinearNTP) -> list[list[Fraction]]:
    """sum_j pi_j h_j h_j^T."""
    width = range(problem.dimension)
    pairs = list(zip(problem.weights, problem.embeddings))
    return [[sum((a * h[p] * h[q] for a, h in pairs), Fraction(0)) for q in width] for p in width]


def curvature(problem: LinearNTP, w: Vector, direction: Vector) -> Interval:
    """D^2 CE(W)[U, U] as a weighted sum of variances, enclosed."""
    logit = problem.conditional_logit()
    with ctx.workprec(PRECISION):
        value = arb(0)
        for a, shares, y in zip(problem.weights, softmax_balls(logit, w), exact_scores(logit, direction)):
            mean = sum((q * exact_arb(y[v]) for v, q in shares.items()), arb(0))
            gaps = [(q, exact_arb(y[v]) - mean) for v, q in shares.items()]
            value += exact_arb(a) * sum((q * gap * gap for q, gap in gaps), arb(0))
        return interval(value)


def directions(problem: LinearNTP) -> list[Vector]:
    """(e_0 - e_1) x^T for every embedding and coordinate x, and a decoder that is nowhere special."""
    units = [tuple(Fraction(c == k) for c in range(problem.dimension)) for k in range(problem.dimension)]
    signs = [1, -1] + [0] * problem.vocabulary_size
    gaps = [tuple(signs[v] * y for v in range(problem.vocabulary_size) for y in x) for x in (*problem.embeddings, *units)]
    return [*gaps, point(problem)]


def decoders(problem: LinearNTP) -> list[Vector]:
    """Zero, nowhere special, and one that leaves tokens 0 and 1 of context 0 with half the mass each (up to e^-100)."""
    h = problem.embeddings[0]
    scale = Fraction(100) / (dot(h, h) or 1)
    pair = tuple((0 if v < 2 else -scale) * x for v in range(problem.vocabulary_size) for x in h)
    return [zero(problem), point(problem), pair]


@lemma.step("Popoviciu, in sums", by="index calculus, normal form", scope="all sizes",
            latex=r"(b-\bar y)(\bar y-a)-\operatorname{Var}=\sum_v s_v(b-y_v)(y_v-a)")  # fmt: skip
def popoviciu() -> Equal:
    """With a <= y_v <= b the right side is non-negative, so the variance is at most (b - mean)(mean - a)."""
    high, low = sp.symbols("b a")
    mean = total(probability(i, k) * margin(i, k, z), (k, "C"))
    y = margin(i, v, z)
    right = total(probability(i, v) * (high - y) * (y - low), (v, "C"))
    return Equal(Formula((high - mean) * (mean - low) - variance(i)), Formula(right))


@lemma.step("variance to range", by="rational normal form", scope="all reals", latex=r"\tfrac14(b-a)^2-(b-x)(x-a)=(x-\tfrac{a+b}2)^2")
def quarter_of_the_range() -> Equal:
    """Hence Var <= (b - a)^2 / 4."""
    high, low, x = sp.symbols("b a x")
    return Equal(Formula((high - low) ** 2 / 4 - (high - x) * (x - low)), Formula((x - (low + high) / 2) ** 2))


@lemma.step("range to norm", by="rational normal form", scope="all reals", latex=r"\tfrac12(a^2+b^2)-\tfrac14(b-a)^2=\tfrac14(a+b)^2")
def range_to_norm() -> Equal:
    """Hence Var of U h is at most |U h|^2 / 2, and sum_j pi_j |U h_j|^2 <= lambda_max |U|^2."""
    a, b = sp.symbols("a b")
    return Equal(Formula((a**2 + b**2) / 2 - (b - a) ** 2 / 4), Formula((a + b) ** 2 / 4))


lemma.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
           latex=r"\|h\|^2\|x\|^2-\langle h,x\rangle^2=\tfrac12\sum_{c,e}(h_cx_e-h_ex_c)^2")(cauchy_schwarz)  # fmt: skip

two_tokens = LinearNTP([[1]], [["1/2", "1/2"]])


@lemma.step(
    "the constant is attained", by="exact arithmetic", scope="one instance", latex=r"\nabla^2\mathrm{CE}(0)[U,U]=1=\tfrac12\|U\|^2,\ U=(1,-1)"
)
def attained() -> Equal:
    """Two tokens with half the mass each; lambda_max = 1."""
    way = (Fraction(1), Fraction(-1))
    return Equal(hessian_form(two_tokens, masses(two_tokens, zero(two_tokens)), way), Fraction(1, 2) * dot(way, way))


@lemma.step("a cycle beyond 2/L", by="balls, a change of sign", scope="one instance", latex=r"2a-\tfrac52\tanh a<0\ (a=\tfrac12),\ >0\ (a=1)")
def cycle() -> Less:
    """A zero in between is a decoder that one step with eta = 5 maps to its negative, and the next one back."""
    with ctx.workprec(PRECISION):
        low, high = (interval(2 * exact_arb(a) - exact_arb(Fraction(5, 2)) * exact_arb(a).tanh()) for a in (Fraction(1, 2), Fraction(1)))
    return Less((low, Fraction(0)), (Fraction(0), high))


@lemma.claim(r"\nabla^2\mathrm{CE}(W)[U,U]\le\tfrac12\lambda_{\max}\bigl(\textstyle\sum_j\pi_jh_jh_j^\top\bigr)\|U\|^2")
def curvature_is_bounded(case: Case, factor: Fraction = Fraction(1, 2), moment: list[list[Fraction]] | None = None) -> AtMost:
    """At three decoders along several directions; the eigenvalue is a rational upper bound, tight to 1e-14."""
    problem = case.problem
    top = factor * largest_eigenvalue(second_moment(problem) if moment is None else moment)
    pairs = [(w, u) for w in decoders(problem) for u in directions(problem)]
    # Equality is approached to within e^-100, closer than the balls resolve: 2^-70 of room.
    return AtMost(
        tuple(curvature(problem, w, u) for w, u in pairs), tuple(Interval(top * dot(u, u) + Fraction(1, 2**70), Fraction(0)) for _, u in pairs)
    )


@lemma.claim(r"\tfrac12\lambda_{\max}\le\tfrac12\max_j\|h_j\|^2=M^2/4;\ \text{the constant of this library is at most }\tfrac12\lambda_{\max}")
def eigenvalue_is_bounded(case: Case, share: Fraction = Fraction(1, 2)) -> All:
    """Rayleigh quotients of the second moment along embeddings and coordinates, exact."""
    problem, moment = case.problem, second_moment(case.problem)
    longest = max(dot(h, h) for h in problem.embeddings)
    units = [tuple(Fraction(c == k) for c in range(problem.dimension)) for k in range(problem.dimension)]
    quotients = [(sum((x[p] * dot(row, x) for p, row in enumerate(moment)), Fraction(0)), dot(x, x)) for x in (*problem.embeddings, *units)]
    rayleigh = AtMost(tuple(q / 2 for q, _ in quotients), tuple(share * longest * n for _, n in quotients))
    return All(rayleigh, AtMost(smoothness(problem.conditional_logit()), largest_eigenvalue(moment) / 2))


@lemma.mutant(of=curvature_is_bounded, latex=r"L\le\tfrac14\lambda_{\max}")
def quarter_of_the_eigenvalue(case: Case) -> AtMost:
    """Two tokens with half the mass each attain lambda_max/2."""
    return curvature_is_bounded(case, Fraction(1, 4))


@lemma.mutant(of=curvature_is_bounded, latex=r"L\le\tfrac12\|\sum_j\pi_jh_j\|^2")
def mean_embedding(case: Case) -> AtMost:
    """Opposite embeddings have mean zero and curvature none the less."""
    problem = case.problem
    mean = [sum((a * h[p] for a, h in zip(problem.weights, problem.embeddings)), Fraction(0)) for p in range(problem.dimension)]
    return curvature_is_bounded(case, moment=[[x * y for y in mean] for x in mean])


@lemma.mutant(of=eigenvalue_is_bounded, latex=r"\tfrac12\lambda_{\max}\le\tfrac14\max_j\|h_j\|^2")
def quarter_of_the_longest(case: Case) -> All:
    """One context alone has lambda_max = |h|^2."""
    return eigenvalue_is_bounded(case, Fraction(1, 4))
