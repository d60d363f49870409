"""Farkas' lemma by elimination, and the Goldman-Tucker pair it gives (foundations, section 2).

Take inequalities <w, A_r> >= b_r and eliminate the last coordinate x of w. A row with coefficient alpha > 0 reads x
>= (b - p) / alpha, one with -gamma < 0 reads x <= (q - c) / gamma, where p and q are what the other coordinates
contribute. An x between all lower and all upper bounds exists iff each lower bound is at most each upper one, that is
iff gamma (p - b) + alpha (q - c) >= 0 for each such pair: a new system in one coordinate less, whose rows are
non-negative combinations of old ones with last coefficient gamma alpha - alpha gamma = 0. Combinations of
combinations are combinations. After all coordinates are gone the rows read 0 >= b'. If every b' <= 0 the bounds are
put back one coordinate at a time and give a w; otherwise a row with b' > 0 is y >= 0 with sum y A = 0 and sum y b >
0. Not both: then 0 = <w, sum y A> >= sum y b > 0.

Apply this to <w, d_z> >= 0 for all pairs and <w, d_s> >= 1 for one of them. Either there is w in R with <w, d_s> > 0,
and s is separable, or y >= 0 with sum_z y_z d_z + y_s' d_s = 0 and y_s' > 0, and after division by y_s' the pair has
a circulation nu^s >= 0 with sum nu^s d = -d_s. The sum of nu^s + e_s over all tied s is positive on tied pairs, and
still a circulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp
from hypothesis import strategies as st

from ....exact.rational import dot
from ....exact.vectors import Vector, plus
from ....language.relations import All, AtMost, Equal, Less, NotExercised, Relation
from ....language.statements import Case, Lemma, cite, clause
from ....logit.problem import ConditionalLogit
from ....logit.strategies import conditional_logits
from ....symbolic import Delta, Formula, index, total
from ._instances import contradicting, golden
from ._symbols import inner

LARGEST = 6  # pairs with different directions; elimination squares the number of rows


def balance(vectors: list[tuple[int, int]]) -> ConditionalLogit:
    """Two-alternative rows with these differences and minus their sum: every pair is tied."""
    closing = tuple(-sum(entries) for entries in zip(*vectors))
    return ConditionalLogit([(1, 0, [list(d), [0, 0]]) for d in (*vectors, closing)])


balanced = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=4).map(balance)

lemma = Lemma(
    label="foundations.farkas",
    title="Farkas' lemma and the Goldman-Tucker pair",
    source=cite("goldman1956", "strict complementarity of homogeneous systems", "proved here by Fourier-Motzkin elimination"),
    setup=r"Let $\mathcal R=\{w:\langle w,d_z\rangle\ge0\ \forall z\}$ for finitely many vectors $d_z$.",
    clauses=(
        clause(
            r"Finitely many inequalities $\langle w,A_r\rangle\ge b_r$ have a solution $w$, or there is $y\ge0$"
            r" with $\sum y_rA_r=0$ and $\sum y_rb_r>0$.",
            steps=("elimination_step", "between_step", "combination_step"),
            claims=("alternatives_by_elimination",),
        ),
        clause(r"Not both.", steps=("exclusion_step",), claims=("alternatives_by_elimination",)),
        clause(
            r"For each $a$ some $w\in\mathcal R$ has $\langle w,d_a\rangle>0$, or $-d_a=\sum\nu_zd_z$ with $\nu\ge0$.",
            steps=("elimination_step", "between_step", "combination_step"),
            claims=("alternatives_by_elimination",),
        ),
        clause(
            r"If $S$ is the set of the second kind, there is $\lambda>0$ on $S$ with $\sum_S\lambda_zd_z=0$.",
            steps=("pair_step", "combination_step", "exclusion_step"),
            claims=("sum_of_farkas_pairs",),
        ),
    ),
    instances=balanced | conditional_logits(max_rows=4, max_alternatives=2, max_dimension=2),
    examples=(*contradicting, *golden),
)


@lemma.step("a lower and an upper bound", by="rational normal form", scope="all reals",
            latex=r"\tfrac{q-c}\gamma-\tfrac{b-p}\alpha=\tfrac{\gamma(p-b)+\alpha(q-c)}{\alpha\gamma}")  # fmt: skip
def between_step() -> Equal:
    """There is room for x iff the combined row holds."""
    p, q, b, c, alpha, gamma = sp.symbols("p q b c alpha gamma")
    return Equal(Formula((q - c) / gamma - (b - p) / alpha), Formula((gamma * (p - b) + alpha * (q - c)) / (alpha * gamma)))


@lemma.step("elimination", by="index calculus, normal form", scope="all sizes",
            latex=r"\gamma\langle w,(\alpha,A)\rangle+\alpha\langle w,(-\gamma,B)\rangle=\langle w',\gamma A+\alpha B\rangle")  # fmt: skip
def elimination_step() -> Equal:
    """The coordinate x drops out, for any number of others."""
    w, first, second, c = (*(sp.Function(name) for name in ("w", "A", "B")), index("c"))
    x, alpha, gamma = sp.symbols("x alpha gamma")
    left = gamma * (alpha * x + inner(w, first)) + alpha * (-gamma * x + inner(w, second))
    return Equal(Formula(left), Formula(total(w(c) * (gamma * first(c) + alpha * second(c)), (c, "D"))))


@lemma.step("combinations of combinations", by="index calculus, normal form", scope="all sizes",
            latex=r"\textstyle\sum_a\nu_a\sum_ry_{ar}A_r=\sum_r\bigl(\sum_a\nu_ay_{ar}\bigr)A_r")  # fmt: skip
def combination_step() -> Equal:
    """Non-negative weights multiply and add up to non-negative weights."""
    nu, y, vector, r, s, c = (*(sp.Function(name) for name in ("nu", "y", "A")), index("r"), index("s"), index("c"))
    left = total(nu(s) * total(y(s, r) * vector(r, c), (r, "R")), (s, "S"))
    return Equal(Formula(left), Formula(total(total(nu(s) * y(s, r), (s, "S")) * vector(r, c), (r, "R"))))


@lemma.step("not both", by="index calculus, normal form", scope="all sizes",
            latex=r"\textstyle\sum_ry_r(\langle w,A_r\rangle-b_r)=\langle w,\sum_ry_rA_r\rangle-\sum_ry_rb_r")  # fmt: skip
def exclusion_step() -> Equal:
    """The left side is not negative for a solution w and y >= 0, the right side would be -sum y b < 0."""
    w, y, vector, b, r, c = (*(sp.Function(name) for name in ("w", "y", "A", "b")), index("r"), index("c"))
    left = total(y(r) * (total(w(c) * vector(r, c), (c, "D")) - b(r)), (r, "R"))
    combined = total(w(c) * total(y(r) * vector(r, c), (r, "R")), (c, "D"))
    return Equal(Formula(left), Formula(combined - total(y(r) * b(r), (r, "R"))))


@lemma.step("the pair itself joins", by="index calculus, normal form", scope="all sizes",
            latex=r"\textstyle\sum_z(\nu_z+[z=a])d_z=\sum_z\nu_zd_z+d_a")  # fmt: skip
def pair_step() -> Equal:
    """Zero, with a positive weight on s; a sum of such circulations over the tied pairs is positive on each of them."""
    nu, d, r, s, c = sp.Function("nu"), sp.Function("d"), index("r"), index("s"), index("c")
    left = total((nu(r) + Delta(r, s)) * d(r, c), (r, "R"))
    return Equal(Formula(left), Formula(total(nu(r) * d(r, c), (r, "R")) + d(s, c)))


@dataclass(frozen=True)
class Inequality:
    """<w, vector> >= bound, and the non-negative combination of the given inequalities that it is."""

    vector: Vector
    bound: Fraction
    combination: Vector


def combined(one: Inequality, other: Inequality) -> Inequality:
    """The row of the proof: the last coordinate drops out."""
    s, t = -other.vector[-1], one.vector[-1]
    vector = plus(one.vector, other.vector, t, s)[:-1]
    return Inequality(vector, s * one.bound + t * other.bound, plus(one.combination, other.combination, t, s))


def eliminate(rows: list[Inequality]) -> tuple[Vector | None, Inequality | None]:
    """A solution, or a row 0 >= b' with b' > 0: the proof of the first clause, run."""
    if not rows[0].vector:
        return next(((None, row) for row in rows if row.bound > 0), ((), None))
    lower = [row for row in rows if row.vector[-1] > 0]
    upper = [row for row in rows if row.vector[-1] < 0]
    level = [Inequality(row.vector[:-1], row.bound, row.combination) for row in rows if not row.vector[-1]]
    level += [combined(one, other) for one, other in product(lower, upper)]
    level = list({(row.vector, row.bound): row for row in map(_primitive, level)}.values())
    w, refuted = eliminate(level) if level else ((Fraction(0),) * (len(rows[0].vector) - 1), None)
    if w is None:
        return None, refuted
    least = max(((row.bound - dot(w, row.vector[:-1])) / row.vector[-1] for row in lower), default=None)
    most = min(((row.bound - dot(w, row.vector[:-1])) / row.vector[-1] for row in upper), default=None)
    return (*w, next((x for x in (least, most) if x is not None), Fraction(0))), None


def _primitive(row: Inequality) -> Inequality:
    # Equal rows up to a positive factor are kept once.
    scale = max((abs(x) for x in (*row.vector, row.bound)), default=Fraction(0)) or Fraction(1)
    return Inequality(tuple(x / scale for x in row.vector), row.bound / scale, tuple(x / scale for x in row.combination))


def directions(case: Case) -> list[Vector]:
    """The non-zero differences, each once."""
    return sorted({d for d in case.problem.differences().values() if any(d)})


def alternative(vectors: list[Vector], s: int) -> tuple[Vector | None, Vector | None]:
    """w with all margins >= 0 and margin >= 1 at s, or y >= 0 on the vectors and once more on the s-th."""
    unit = [tuple(Fraction(int(r == k)) for k in range(len(vectors) + 1)) for r in range(len(vectors) + 1)]
    rows = [Inequality(d, Fraction(0), unit[r]) for r, d in enumerate(vectors)] + [Inequality(vectors[s], Fraction(1), unit[-1])]
    w, row = eliminate(rows)
    return w, None if row is None else row.combination


def small(case: Case) -> list[Vector] | NotExercised:
    """The directions, if elimination can handle them."""
    vectors = directions(case)
    if not vectors:
        return NotExercised("all differences vanish")
    return vectors if len(vectors) <= LARGEST else NotExercised(f"{len(vectors)} directions, and elimination is run on up to {LARGEST}")


@lemma.claim(r"\text{elimination finds }w\text{ or }y\text{, as the certified partition says}")
def alternatives_by_elimination(case: Case, positive: int = 1) -> Relation:
    """Each alternative is checked against its definition, and against the separation found by another algorithm."""
    vectors = small(case)
    if isinstance(vectors, NotExercised):
        return vectors
    separable = {d for pair, d in case.problem.differences().items() if pair in case.derived.separation.separable}
    parts: list[Relation] = []
    for s, d in enumerate(vectors):
        w, y = alternative(vectors, s)
        parts.append(Equal(w is not None, (d in separable) == bool(positive)))
        if w is not None:
            parts.append(AtMost(tuple(Fraction(int(r == s)) for r in range(len(vectors))), tuple(dot(w, x) for x in vectors)))
        if y is not None:
            parts += [AtMost(Fraction(0), min(y)), Less(Fraction(0), y[-1]), Equal(weighted((*vectors, d), y), (Fraction(0),) * len(d))]
    return All(*parts)


def weighted(vectors: tuple[Vector, ...], weights: Vector) -> Vector:
    """sum of weight times vector."""
    return tuple(sum((y * x for y, x in zip(weights, entries)), Fraction(0)) for entries in zip(*vectors))


@lemma.claim(r"\lambda=\textstyle\sum_a(\nu^a+e_a)>0\text{ on }S,\ \sum\lambda d=0,\ \lambda=0\text{ off }S")
def sum_of_farkas_pairs(case: Case, with_the_pair: bool = True) -> Relation:
    """The certificate of Goldman and Tucker, assembled from one Farkas pair per tied direction."""
    vectors = small(case)
    if isinstance(vectors, NotExercised):
        return vectors
    found = {s: y for s in range(len(vectors)) if (y := alternative(vectors, s)[1]) is not None}
    if not found:
        return NotExercised("every direction is separable")
    total_weight = [Fraction(0)] * len(vectors)
    for s, y in found.items():
        total_weight = [x + z / y[-1] + int(with_the_pair and r == s) for r, (x, z) in enumerate(zip(total_weight, y))]
    inside = tuple(total_weight[s] for s in found)
    outside = tuple(x for s, x in enumerate(total_weight) if s not in found)
    balance = Equal(weighted(tuple(vectors), tuple(total_weight)), (Fraction(0),) * len(vectors[0]))
    return All(Less((Fraction(0),) * len(inside), inside), balance, Equal(outside, (Fraction(0),) * len(outside)))


@lemma.mutant(of=alternatives_by_elimination, latex=r"\text{tied and separable exchanged}")
def exchanged(case: Case) -> Relation:
    """A pair with a circulation has no positive margin."""
    return alternatives_by_elimination(case, positive=0)


@lemma.mutant(of=sum_of_farkas_pairs, latex=r"\lambda=\textstyle\sum_a\nu^a")
def without_the_pair(case: Case) -> Relation:
    """The circulation closes only with the pair itself."""
    return sum_of_farkas_pairs(case, with_the_pair=False)
