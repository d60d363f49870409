"""Full lookback: teacher forcing separates, and gradient descent solves the task (with its degenerate table).

Proof. m = l - 2. Two arms or more, m >= 1: the constraints that bind are beta_m >= 1 (against the siblings at the decision) and
alpha + beta_j - beta_m >= 1 for j < m (against the decisive node at later steps). With multipliers mu_1 = 1 + m mu_2 on the first and
mu_2 = 2/(m+1) on each of the second, u = mu_1 e_m + mu_2 sum_j (e_alpha + e_j - e_m) has alpha = m mu_2, beta_j = mu_2, beta_m = 1 and both
kinds of margin are 1; every other margin is at least 1, with equality only for m = 1, at no cost: alpha + beta_1 - beta_0 >= 1 is then weak.
Length 2: only beta_0 >= 1 binds, alpha + beta_0 >= 1 is weak. One arm of length 3 or more: alpha + beta_j - beta_k >= 1 in both orders
gives alpha >= 1. One arm of length 2: the one constraint is alpha + beta_0 >= 1.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....dynamics import GradientFlow
from ....exact.balls import Interval
from ....language.relations import All, Converges, Equal, Less, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula, NonNegative, index, total
from ..assumptions import full_lookback
from ..closed_forms import standard_direction, standard_strictly_complementary
from ..problem import PathStar
from ..strategies import path_stars
from ._decoding import accuracy

ONE = Fraction(1)
theorem = Theorem(
    "path-star.full-lookback",
    "With the full lookback teacher forcing separates and solves the task",
    derived("optimality conditions of the margin programme"),
    setup=r"$M(l-2)$ under teacher forcing, $m=l-2$, any $d\ge1$, $l\ge2$, $C\ge n-1$.",
    clauses=(
        clause(
            r"$d\ge2$, $m\ge1$: the max-margin direction is $(\alpha;\beta_0,\dots,\beta_{m-1};\beta_m)=(\frac{2m}{m+1};\frac2{m+1},\dots;1)$.",
            steps=("pairing", "stationarity", "margins", "other_margins"),
            by=("foundations.max-margin",),
            claims=("direction_of_several_arms",),
        ),
        clause(
            r"Degenerate sizes: $(0;1)$ for $d\ge2,l=2$; $(\frac12;\frac12)$ for $d=1,l=2$ ($0$ if nothing is left to beat);"
            r" $(1;0,\dots,0)$ for $d=1,l\ge3$.",
            argued="docstring",
            claims=("directions_of_degenerate_sizes",),
        ),
        clause(
            r"A constraint is weak exactly for $d\ge2$, $l=3$, for $d\ge2$, $l=2$, $C>d$, and for $d=1$, $l\ge3$, $C\ge l$.",
            argued="docstring",
            claims=("weak_constraints",),
        ),
        clause(
            r"$\inf L=0$ and $t\,L(t)\to\|u\|^2$, which is $1+\frac{4m}{m+1}$ for $d\ge2$, $m\ge1$.",
            by=("foundations.risk-constant",),
            claims=("squared_norm", "infimum_is_zero", "risk_constant_is_reached"),
        ),
        clause(r"Decoded greedily, the limit is right with probability $1$.", argued="docstring", claims=("limit_is_always_right",)),
    ),
    assumptions=(full_lookback,),
    instances=path_stars(max_arms=4, max_length=6, trainings=("standard",)).filter(lambda x: x.full_lookback),
    examples=(
        PathStar(2, 3, lookback=1),
        PathStar(2, 4, lookback=2),
        PathStar(5, 5, lookback=3),
        PathStar(2, 7, lookback=5),
        PathStar(3, 2, lookback=0),
        PathStar(1, 2, lookback=0),
        PathStar(1, 2, 2, 1, lookback=0),
        PathStar(1, 3, lookback=1),
        PathStar(1, 5, 5, 4, lookback=3),
        PathStar(3, 2, 4, 3, lookback=0),
    ),
    simulate=GradientFlow(log_time=1e3),
)


@theorem.step("pairing", by="normal form of sums", scope="all sizes",
              latex=r"\langle u,w\rangle=\mu_1w_m+\mu_2\sum_{j<m}(w_\alpha+w_j-w_m)")  # fmt: skip
def pairing() -> Equal:
    """For every w, hence at least mu_1 + m mu_2 = |u|^2 on feasible ones. The range J holds the m lookups before the decisive one."""
    j, w = index("j"), sp.Function("w")
    alpha, last, m = sp.Symbol("a"), sp.Symbol("b"), total(1, (index("i"), "J"))
    second = 2 / (m + 1)
    left = m * second * alpha + total(second * w(j), (j, "J")) + last
    right = (1 + m * second) * last + second * total(alpha + w(j) - last, (j, "J"))
    return Equal(Formula(left), Formula(right))


@theorem.step("other margins", by="sign of coefficients", scope="all sizes", latex=r"\tfrac{3m-1}{m+1}\ge1,\ \tfrac{2m}{m+1}\ge1,\ m\ge1")
def other_margins() -> All:
    """m = 1 + x: the decisive node against the other lookups, those against one another, and both against candidates without features."""
    x = sp.Symbol("x")
    m = 1 + x
    alpha, inner = 2 * m / (m + 1), 2 / (m + 1)
    return All(*(NonNegative(margin - 1, x) for margin in (alpha + 1 - inner, alpha, alpha + inner, alpha + 1)))


@theorem.step("stationarity", by="rational normal form", scope="all sizes", latex=r"\mu_1-m\mu_2=1,\ m\mu_2=\tfrac{2m}{m+1},\ \mu_1+m\mu_2=\|u\|^2")
def stationarity() -> All:
    """u is the combination of the binding constraints; the multipliers sum to the squared norm."""
    m, first, second = sp.symbols("m mu1 mu2")
    given = {first: 1 + m * (2 / (m + 1)), second: 2 / (m + 1)}
    norm = (2 * m / (m + 1)) ** 2 + m * (2 / (m + 1)) ** 2 + 1
    return All(
        Equal(Formula(first - m * second, given=given), Formula(1)),
        Equal(Formula(first + m * second, given=given), Formula(norm)),
        Equal(Formula(norm), Formula(1 + 4 * m / (m + 1))),
    )


@theorem.step(
    "margins", by="rational normal form", scope="all sizes", latex=r"\alpha+\beta_j-\beta_m=1,\quad\alpha+\beta_m-\beta_j=\tfrac{3m-1}{m+1}"
)
def margins() -> All:
    """The binding margins, and the smallest of the others: 1 only for m = 1."""
    m = sp.Symbol("m")
    alpha, inner = 2 * m / (m + 1), 2 / (m + 1)
    return All(
        Equal(Formula(alpha + inner - 1), Formula(1)),
        Equal(Formula(alpha + 1 - inner), Formula((3 * m - 1) / (m + 1))),
    )


def several(problem: PathStar) -> bool:
    """Two arms or more, at least one lookup."""
    return problem.arms >= 2 and problem.lookups >= 1


@theorem.claim(r"u=(\tfrac{2m}{m+1};\tfrac2{m+1},\dots,\tfrac2{m+1};1)")
def direction_of_several_arms(case: Case) -> Equal | NotExercised:
    """Against the exact solver."""
    if not several(case.problem):
        return NotExercised("one arm, or no lookup")
    m = case.problem.lookups
    return Equal(case.derived.max_margin.direction, (Fraction(2 * m, m + 1), *[Fraction(2, m + 1)] * m, ONE))


@theorem.claim(r"\text{the degenerate table}")
def directions_of_degenerate_sizes(case: Case) -> Equal | NotExercised:
    """Against the exact solver."""
    if several(case.problem):
        return NotExercised("two arms or more and at least one lookup")
    return Equal(case.derived.max_margin.direction, standard_direction(*case.problem.size))


@theorem.claim(r"\text{strict complementarity fails exactly as listed}")
def weak_constraints(case: Case) -> Equal:
    """Decided by the exact solver, never by a slack and a multiplier that are both zero."""
    return Equal(case.derived.max_margin.strictly_complementary, standard_strictly_complementary(*case.problem.size))


@theorem.claim(r"\|u\|^2=1+\tfrac{4m}{m+1}")
def squared_norm(case: Case) -> Equal | NotExercised:
    """Exact."""
    if not several(case.problem):
        return NotExercised("one arm, or no lookup")
    m = case.problem.lookups
    return Equal(case.derived.max_margin.squared_norm, 1 + Fraction(4 * m, m + 1))


@theorem.claim(r"\inf L=0")
def infimum_is_zero(case: Case) -> Equal:
    """Complete separation: only the true tokens are tied."""
    return Equal(case.derived.infimum, Interval(Fraction(0), Fraction(0)))


@theorem.claim(r"t\,L(t)\to\|u\|^2")
def risk_constant_is_reached(case: Case) -> Converges:
    """Along the flow."""
    return Converges(case.trajectory.scaled_excess, (float(case.derived.max_margin.squared_norm),))


@theorem.claim(r"P(\text{greedy}=r)=1")
def limit_is_always_right(case: Case) -> Equal:
    """Along the exact direction."""
    return Equal(accuracy(case.problem, case.derived.max_margin.direction), ONE)


@theorem.mutant(of=infimum_is_zero, latex=r"\inf L>0\text{ under teacher forcing, for every learner}")
def teacher_forcing_always_fails(case: Case) -> Less:
    """M23: "gradient descent under teacher forcing cannot solve path-star" is false in a convex class with the right feature."""
    return Less(0, case.derived.infimum)


@theorem.mutant(of=limit_is_always_right, latex=r"P(\text{greedy}=r)=1/d")
def the_limit_is_the_cheat(case: Case) -> Equal:
    """M23: the accuracy of the limit is 1."""
    return Equal(accuracy(case.problem, case.derived.max_margin.direction), Fraction(1, case.problem.arms))


@theorem.mutant(of=direction_of_several_arms, latex=r"\alpha=\beta_m\text{ for every }l")
def equal_weights(case: Case) -> Equal | NotExercised:
    """M11: only for length 3."""
    if not several(case.problem):
        return NotExercised("one arm, or no lookup")
    direction = case.derived.max_margin.direction
    return Equal(direction[0], direction[-1])


@theorem.mutant(of=directions_of_degenerate_sizes, latex=r"u=(1;0)\text{ for }d=1,\ l=2")
def one_arm_of_length_two_is_the_edge(case: Case) -> Equal | NotExercised:
    """The two features always come together there, so the norm is shared."""
    if case.problem.arms > 1 or case.problem.length > 2:
        return NotExercised("not one arm of length 2")
    return Equal(case.derived.max_margin.direction, (ONE, Fraction(0)))


@theorem.mutant(of=weak_constraints, latex=r"\text{strict complementarity fails for }d=1\text{ always}")
def one_arm_is_always_degenerate(case: Case) -> Equal | NotExercised:
    """Not for one arm of length 2."""
    if case.problem.arms > 1:
        return NotExercised("several arms")
    return Equal(case.derived.max_margin.strictly_complementary, False)


@theorem.mutant(of=squared_norm, latex=r"\|u\|^2=1+\tfrac{4m}{m+1}\text{ divided by }l-1")
def norm_over_the_steps(case: Case) -> Equal | NotExercised:
    """M12: eta t L tends to the squared norm itself."""
    if not several(case.problem):
        return NotExercised("one arm, or no lookup")
    m = case.problem.lookups
    return Equal(case.derived.max_margin.squared_norm, (1 + Fraction(4 * m, m + 1)) / (m + 1))


theorem.mutant(of=infimum_is_zero, without=full_lookback, instances=(PathStar(2, 4, lookback=1), PathStar(2, 3, lookback=0)),
               latex=r"\inf L=0\text{ with one lookup less}")  # fmt: skip
