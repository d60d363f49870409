r"""Algebra of the dictionary and of its idempotents.

All identities are bilinear in the vectors: with mu^+- = a +- b, |mu^+|^2 - |mu^-|^2 = 4 <a, b> and <mu^+, mu^-> =
|a|^2 - |b|^2. For P_x = x x^T / |x|^2, P_x P_y = <x, y> x y^T / (|x|^2 |y|^2), which is P_x for y = x and 0 for y
orthogonal to x. If W_Q acts on b as the number beta_Q and W_K as beta_K then b^T W_K^T W_Q b = beta_K beta_Q |b|^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from ....exact.rational import Vector, dot
from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import Formula, index, total


@dataclass(frozen=True)
class WordPair:
    """The two words of a concept, and the numbers by which W_Q and W_K act on b."""

    plus: Vector
    minus: Vector
    on_query: Fraction = Fraction(2)
    on_key: Fraction = Fraction(3)

    @property
    def a(self) -> Vector:
        """Their half sum."""
        return tuple((x + y) / 2 for x, y in zip(self.plus, self.minus))

    @property
    def b(self) -> Vector:
        """Their half difference."""
        return tuple((x - y) / 2 for x, y in zip(self.plus, self.minus))

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        return {"kind": "word-pair", "plus": [str(x) for x in self.plus], "minus": [str(x) for x in self.minus]}


ENTRY = st.integers(-3, 3).map(Fraction)
GENERAL = st.integers(2, 4).flatmap(lambda n: st.builds(WordPair, st.tuples(*[ENTRY] * n), st.tuples(*[ENTRY] * n)))
# A signed rearrangement has the same norm, so a and b are orthogonal.
EQUAL = st.integers(2, 4).flatmap(lambda n: st.tuples(*[ENTRY] * n)).map(lambda x: WordPair(x, (-x[-1], *x[:-1])))

lemma = Lemma(
    label="multi-concept.dictionary",
    title="Words, labels and their idempotents",
    source=derived(
        "orthogonal projections of the word vectors", "in the paper inner products are positive inside a concept and zero across concepts"
    ),
    setup=r"$\mu^\pm=a\pm b$, $P_x=xx^\top/\|x\|^2$.",
    clauses=(
        clause(r"$a\perp b$ iff $\|\mu^+\|=\|\mu^-\|$.", steps=("norms_step",), claims=("orthogonal_iff_equal_norms",)),
        clause(
            r"$\langle\mu^+,\mu^-\rangle=\|a\|^2-\|b\|^2$, positive iff $\|a\|>\|b\|$.",
            steps=("inner_step",),
            claims=("inner_product_of_words",),
        ),
        clause(
            r"$P_x^2=P_x=P_x^\top$, and $P_xP_y=0$ iff $x\perp y$.", steps=("idempotent_step", "crossed_step"), claims=("projections_are_idempotent",)
        ),
        clause(
            r"If $W_Qb=\beta_Qb$ and $W_Kb=\beta_Kb$ then $b^\top W_K^\top W_Qb=\beta_Q\beta_K\|b\|^2$.",
            steps=("product_step",),
            claims=("coefficients_multiply",),
        ),
    ),
    instances=st.one_of(GENERAL, EQUAL),
    examples=(WordPair((Fraction(2), Fraction(1)), (Fraction(1), Fraction(2))), WordPair((Fraction(1), Fraction(0)), (Fraction(0), Fraction(0)))),
)

a, b = sp.Function("a"), sp.Function("b")
i, j = index("i"), index("j")


def _square(x: Any) -> Any:
    return total(x(i) * x(i), (i, "D"))


def _norm(sign: int) -> Any:
    return total((a(i) + sign * b(i)) ** 2, (i, "D"))


@lemma.step("norms of the two words", by="index calculus, normal form", scope="all sizes", latex=r"\|\mu^+\|^2-\|\mu^-\|^2=4\langle a,b\rangle")
def norms_step() -> Equal:
    """Expanded sums over the coordinates."""
    return Equal(Formula(_norm(1) - _norm(-1)), Formula(4 * total(a(i) * b(i), (i, "D"))))


@lemma.step("inner product", by="index calculus, normal form", scope="all sizes", latex=r"\langle\mu^+,\mu^-\rangle=\|a\|^2-\|b\|^2")
def inner_step() -> Equal:
    """Expanded sums over the coordinates."""
    return Equal(Formula(total((a(i) + b(i)) * (a(i) - b(i)), (i, "D"))), Formula(_square(a) - _square(b)))


@lemma.step("idempotents", by="index calculus, normal form", scope="all sizes", latex=r"P_x^2=P_x")
def idempotent_step() -> Equal:
    """Entry (i, k) of P_a P_a with P_a = a a^T / |a|^2; the matrix is symmetric as written."""
    k = index("k")
    product = total(a(i) * a(j) / _square(a) * a(j) * a(k) / _square(a), (j, "D"))
    return Equal(Formula(product), Formula(a(i) * a(k) / _square(a)))


@lemma.step("product of two", by="index calculus, normal form", scope="all sizes", latex=r"P_xP_y=\langle x,y\rangle xy^\top/(\|x\|^2\|y\|^2)")
def crossed_step() -> Equal:
    """Entry (i, k): it vanishes for all i, k iff <a, b> does, since neither vector is zero."""
    k = index("k")
    product = total(a(i) * a(j) / _square(a) * b(j) * b(k) / _square(b), (j, "D"))
    inner = total(a(j) * b(j), (j, "D"))
    return Equal(Formula(product), Formula(inner * a(i) * b(k) / (_square(a) * _square(b))))


@lemma.step("scores multiply", by="index calculus, normal form", scope="all sizes", latex=r"(\beta_Kb)^\top(\beta_Qb)=\beta_Q\beta_K\|b\|^2")
def product_step() -> Equal:
    """(W_K b)^T (W_Q b) with both images written as multiples of b."""
    query, key = sp.symbols("q k")
    return Equal(Formula(total(key * b(i) * query * b(i), (i, "D"))), Formula(query * key * _square(b)))


@lemma.claim(r"a\perp b\iff\|\mu^+\|=\|\mu^-\|")
def orthogonal_iff_equal_norms(case: Case) -> All:
    """Exact, with the factor 4."""
    x = case.problem
    gap = dot(x.plus, x.plus) - dot(x.minus, x.minus)
    return All(Equal(gap, 4 * dot(x.a, x.b)), Equal(dot(x.a, x.b) == 0, gap == 0))


@lemma.claim(r"\langle\mu^+,\mu^-\rangle=\|a\|^2-\|b\|^2")
def inner_product_of_words(case: Case, reversed_: bool = False) -> Equal:
    """The sign of the inner product, and its value."""
    x = case.problem
    larger = dot(x.b, x.b) - dot(x.a, x.a) if reversed_ else dot(x.a, x.a) - dot(x.b, x.b)
    return Equal((dot(x.plus, x.minus), dot(x.plus, x.minus) > 0), (larger, larger > 0))


def _projection(x: Vector, normalised: bool = True) -> tuple[Vector, ...]:
    size = dot(x, x) if normalised else Fraction(1)
    return tuple(tuple(p * q / size for q in x) for p in x)


def _times(x: tuple[Vector, ...], y: tuple[Vector, ...]) -> tuple[Vector, ...]:
    return tuple(tuple(dot(row, column) for column in zip(*y)) for row in x)


@lemma.claim(r"P_x^2=P_x,\ P_xP_y=0\iff x\perp y")
def projections_are_idempotent(case: Case, normalised: bool = True, always: bool = False) -> All | NotExercised:
    """P_a and P_b as exact matrices."""
    x = case.problem
    if not any(x.a) or not any(x.b):
        return NotExercised("a or b is zero")
    first, second = _projection(x.a, normalised), _projection(x.b, normalised)
    crossed = all(value == 0 for row in _times(first, second) for value in row)
    return All(Equal(_times(first, first), first), Equal(crossed, True if always else dot(x.a, x.b) == 0))


@lemma.claim(r"b^\top W_K^\top W_Qb=\beta_Q\beta_K\|b\|^2")
def coefficients_multiply(case: Case, added: bool = False) -> Equal | NotExercised:
    """With W_Q = beta_Q P_b + (I - P_b) and W_K likewise, as exact matrices."""
    x = case.problem
    if not any(x.b):
        return NotExercised("b is zero")
    projection = _projection(x.b)
    images = []
    for factor in (x.on_query, x.on_key):
        matrix = [[(factor - 1) * projection[p][q] + (p == q) for q in range(len(x.b))] for p in range(len(x.b))]
        images.append(tuple(dot(row, x.b) for row in map(tuple, matrix)))
    factor = x.on_query + x.on_key if added else x.on_query * x.on_key
    return Equal(dot(*images), factor * dot(x.b, x.b))


@lemma.mutant(of=inner_product_of_words, latex=r"\langle\mu^+,\mu^-\rangle>0\iff\|b\|>\|a\|")
def positive_when_b_is_longer(case: Case) -> Equal:
    """The common part a has to be the longer one."""
    return inner_product_of_words(case, reversed_=True)


@lemma.mutant(of=projections_are_idempotent, latex=r"(xx^\top)^2=xx^\top")
def projection_without_its_norm(case: Case) -> All | NotExercised:
    """Only for unit vectors."""
    return projections_are_idempotent(case, normalised=False)


@lemma.mutant(of=projections_are_idempotent, latex=r"P_aP_b=0\text{ always}")
def idempotents_always_annihilate(case: Case) -> All | NotExercised:
    """Words of unequal norms have a and b that are not orthogonal."""
    return projections_are_idempotent(case, always=True)


@lemma.mutant(of=coefficients_multiply, latex=r"b^\top\Gamma b=(\beta_Q+\beta_K)\|b\|^2")
def coefficients_add(case: Case) -> Equal | NotExercised:
    """They multiply: the sign of the product decides which tokens are matched."""
    return coefficients_multiply(case, added=True)


@lemma.mutant(of=orthogonal_iff_equal_norms, latex=r"\|\mu^+\|^2-\|\mu^-\|^2=2\langle a,b\rangle")
def half_of_the_cross_term(case: Case) -> Equal:
    """The cross term occurs four times."""
    x = case.problem
    return Equal(dot(x.plus, x.plus) - dot(x.minus, x.minus), 2 * dot(x.a, x.b))
