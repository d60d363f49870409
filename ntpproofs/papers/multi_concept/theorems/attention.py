r"""Attention of one concept in closed form.

All demonstrations share the a-part of their scores, so softmax does not see it, and the b-part is +-beta. With E =
e^beta the weights are E / (n_+ E + n_- / E) on matching demonstrations and (1/E) / (n_+ E + n_- / E) on the others;
everything else is the arithmetic of rational functions of E, and d/dbeta acts on them by dE/dbeta = E.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import E, Formula
from ._instances import Counts, balanced_counts, counts

lemma = Lemma(
    label="multi-concept.attention",
    title="Attention of one concept is a sigmoid of twice the score",
    source=derived("a softmax over scores $a+e\\beta$", "as recalled, softmax over the demonstrations, query excluded"),
    setup=r"Single-concept, noise-free prompt with $n_+\ge1$ demonstrations of the query's sign, $n_-\ge1$ others, and $b_k^\top\Gamma a_k=0$;"
    r" $\beta=b_k^\top\Gamma b_k$.",
    clauses=(
        clause(
            r"The mass on matching demonstrations is $A_+=\sigma(2\beta+\log(n_+/n_-))$,",
            steps=("mass_step",),
            claims=("mass_is_a_sigmoid",),
        ),
        clause(r"$\rho=2A_+-1=\tanh(\beta+\tfrac12\log(n_+/n_-))$,", steps=("rho_step",), claims=("rho_is_a_tanh",)),
        clause(r"$d\rho/d\beta=1-\rho^2$,", steps=("slope_step",), claims=("slope_is_one_minus_square",)),
        clause(r"and $\sum_lA_l^2=(1+\rho^2)/L$ for balanced prompts.", steps=("squares_step",), claims=("squares_of_balanced_attention",)),
        clause(r"$A_+>\tfrac12$ iff $n_-/n_+<e^{2\beta}$.", steps=("majority_step",), claims=("majority_iff_ratio",)),
    ),
    instances=counts() | balanced_counts(),
    # The last one lies between e and e^2: only the right exponent decides its majority.
    examples=(Counts(Fraction(1), 2, 2), Counts(Fraction(2), 1, 3), Counts(Fraction(-1), 2, 1, Fraction(3)), Counts(Fraction(1), 1, 5)),
)

n, m, beta = sp.symbols("n m beta", positive=True)


def _mass() -> sp.Expr:
    return n * E(beta) / (n * E(beta) + m / E(beta))


@lemma.step("softmax mass", by="index calculus, normal form", scope="all sizes", latex=r"A_+=\sigma(2\beta+\log(n_+/n_-))")
def mass_step() -> Equal:
    """n e^beta / (n e^beta + m e^-beta) = 1 / (1 + e^-(2 beta + log(n/m)))."""
    from ....symbolic import L

    return Equal(Formula(_mass()), Formula(1 / (1 + E(-(2 * beta + L(n) - L(m))))))


@lemma.step("rho", by="index calculus, normal form", scope="all sizes", latex=r"2A_+-1=\tanh(\beta+\tfrac12\log(n_+/n_-))")
def rho_step() -> Equal:
    """tanh x = (e^2x - 1) / (e^2x + 1) at 2x = 2 beta + log n - log m."""
    from ....symbolic import L

    x = E(2 * beta + L(n) - L(m))
    return Equal(Formula(2 * _mass() - 1), Formula((x - 1) / (x + 1)))


@lemma.step("slope of rho", by="index calculus, derivative", scope="all sizes", latex=r"d\rho/d\beta=1-\rho^2")
def slope_step() -> Equal:
    """The derivative of 2 A_+ - 1 in beta, by the rules of the calculus."""
    from ....symbolic import derivative

    score, k = sp.Function("s"), sp.Integer(0)
    rho = 2 * n * E(score(k)) / (n * E(score(k)) + m / E(score(k))) - 1
    return Equal(Formula(derivative(rho, score(k))), Formula(1 - rho**2))


@lemma.step("squares of balanced attention", by="index calculus, normal form", scope="all sizes", latex=r"\sum A_l^2=(1+\rho^2)/L")
def squares_step() -> Equal:
    """n_+ = n_- = L/2: both weights squared, counted, against (1 + rho^2) / L."""
    length = sp.Symbol("L_", positive=True)
    total = length / 2 * (E(beta) + E(-beta))
    rho = (E(2 * beta) - 1) / (E(2 * beta) + 1)
    squares = length / 2 * (E(2 * beta) + E(-2 * beta)) / total**2
    return Equal(Formula(squares), Formula((1 + rho**2) / length))


@lemma.step("distance from one half", by="index calculus, normal form", scope="all sizes", latex=r"A_+-\tfrac12=\tfrac{n_+e^{2\beta}-n_-}{2(\dots)}")
def majority_step() -> Equal:
    """A_+ - 1/2 is n_+ e^{2 beta} - n_- over a positive number, so it has its sign."""
    return Equal(Formula(_mass() - sp.Rational(1, 2)), Formula((n * E(2 * beta) - m) / (2 * (n * E(2 * beta) + m))))


def weights(x: Counts) -> list[arb]:
    """The softmax over scores shift + e beta, matching demonstrations first, at the current precision."""
    scores = [x.shift + x.beta] * x.matching + [x.shift - x.beta] * x.opposite
    exponentials = [exact_arb(s).exp() for s in scores]
    return [e / sum(exponentials, arb(0)) for e in exponentials]


def _mass_of(x: Counts) -> arb:
    return sum(weights(x)[: x.matching], arb(0))


@lemma.claim(r"A_+=\sigma(2\beta+\log(n_+/n_-))")
def mass_is_a_sigmoid(case: Case, factor: int = 2, ratio: bool = True) -> Equal:
    """The softmax itself against the formula, in balls."""
    x = case.problem
    with ctx.workprec(PRECISION):
        odds = exact_arb(Fraction(x.matching, x.opposite)) if ratio else arb(1)
        formula = 1 / (1 + (-exact_arb(factor * x.beta)).exp() / odds)
        return Equal(interval(_mass_of(x)), interval(formula))


@lemma.claim(r"\rho=\tanh(\beta+\tfrac12\log(n_+/n_-))")
def rho_is_a_tanh(case: Case, factor: int = 1) -> Equal:
    """2 A_+ - 1 from the softmax."""
    x = case.problem
    with ctx.workprec(PRECISION):
        formula = (exact_arb(factor * x.beta) + exact_arb(Fraction(x.matching, x.opposite)).log() / 2).tanh()
        return Equal(interval(2 * _mass_of(x) - 1), interval(formula))


@lemma.claim(r"d\rho/d\beta=1-\rho^2")
def slope_is_one_minus_square(case: Case, power: int = 2) -> All:
    """Central differences of the softmax with a step of 2^-30, whose error is below 2^-58: at most that far from 1 - rho^2."""
    x, h = case.problem, Fraction(1, 2**30)
    with ctx.workprec(PRECISION):
        up, down = (2 * _mass_of(Counts(x.beta + s * h, x.matching, x.opposite)) - 1 for s in (1, -1))
        rho = 2 * _mass_of(x) - 1
        gap = abs((up - down) / exact_arb(2 * h) - (1 - (rho * rho if power == 2 else rho)))
        return All(Less(interval(gap), Fraction(1, 2**55)))


@lemma.claim(r"\sum_lA_l^2=(1+\rho^2)/L")
def squares_of_balanced_attention(case: Case, sign: int = 1) -> Equal | NotExercised:
    """On balanced prompts only."""
    x = case.problem
    if x.matching != x.opposite:
        return NotExercised("the prompt is not balanced")
    with ctx.workprec(PRECISION):
        rho = 2 * _mass_of(x) - 1
        total: Interval = interval(sum((a * a for a in weights(x)), arb(0)))
        return Equal(total, interval((1 + sign * rho * rho) / (x.matching + x.opposite)))


@lemma.claim(r"A_+>\tfrac12\iff n_-/n_+<e^{2\beta}")
def majority_iff_ratio(case: Case, factor: int = 2) -> Equal | NotExercised:
    """Both sides decided in balls; exact ties are left out."""
    x = case.problem
    with ctx.workprec(PRECISION):
        mass, ratio = _mass_of(x) - exact_arb(Fraction(1, 2)), exact_arb(factor * x.beta).exp() - exact_arb(Fraction(x.opposite, x.matching))
        if not (mass > 0 or mass < 0) or not (ratio > 0 or ratio < 0):
            return NotExercised("the two masses are equal")
        return Equal(bool(mass > 0), bool(ratio > 0))


@lemma.mutant(of=rho_is_a_tanh, latex=r"\rho=\tanh(2\beta+\dots)")
def attention_of_twice_the_score(case: Case) -> Equal:
    """The scores differ by 2 beta, but tanh halves it."""
    return rho_is_a_tanh(case, factor=2)


@lemma.mutant(of=mass_is_a_sigmoid, latex=r"A_+=\sigma(\beta+\dots)")
def sigmoid_of_the_score(case: Case) -> Equal:
    """Matching and opposite scores are 2 beta apart."""
    return mass_is_a_sigmoid(case, factor=1)


@lemma.mutant(of=mass_is_a_sigmoid, latex=r"A_+=\sigma(2\beta)")
def composition_does_not_matter(case: Case) -> Equal:
    """For unequal numbers the odds enter."""
    return mass_is_a_sigmoid(case, ratio=False)


@lemma.mutant(of=slope_is_one_minus_square, latex=r"d\rho/d\beta=1-\rho")
def slope_without_the_square(case: Case) -> All:
    """1 - rho is not the derivative of tanh."""
    return slope_is_one_minus_square(case, power=1)


@lemma.mutant(of=squares_of_balanced_attention, latex=r"\sum_lA_l^2=(1-\rho^2)/L")
def squares_with_the_wrong_sign(case: Case) -> Equal | NotExercised:
    """Sharper attention averages over fewer demonstrations: the sum of squares grows."""
    return squares_of_balanced_attention(case, sign=-1)


@lemma.mutant(of=majority_iff_ratio, latex=r"A_+>\tfrac12\iff n_-/n_+<e^{\beta}")
def majority_at_the_wrong_ratio(case: Case) -> Equal | NotExercised:
    """The ratio that can be overcome is e^{2 beta}."""
    return majority_iff_ratio(case, factor=1)
