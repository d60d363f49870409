"""One next token per context: entropy zero and hard-margin multiclass support vectors (Thrampoulidis 2024, Remark 1).

With one token per support there are no in-support pairs: F is spanned by nothing, (4) and (6a) are empty, and W* =
0. (6b) asks for all pairwise margins, the hard-margin multiclass SVM. For V = 2 margins see w_1 - w_2 = w alone;
since |w_1|^2 + |w_2|^2 = |w|^2 / 2 + |w_1 + w_2|^2 / 2, the least norm for given w has w_1 = -w_2 = w / 2.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import sympy as sp

from ....exact.rational import rank
from ....language.relations import All, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Proposition, cite, clause
from ....logit.margin import max_margin
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..assumptions import ntp_separable, single_token_supports
from ..problem import LinearNTP
from ._decoders import cross_entropy, difference, dyadic, entropy, generators, least_norm_vector, masses, outer
from ._golden import anything, golden
from ._losses import in_support_space, point, risk

ex_cover = LinearNTP([[1, 0], [0, 1], [1, 1]], [[1, 0], [1, 0], [0, 1]])
ex_same_label = LinearNTP([[1], [2], [3]], [[1, 0], [1, 0], [1, 0]])


def first_token(problem: LinearNTP) -> LinearNTP:
    """The dataset in which every context is followed by the first token of its support."""
    rows: list[Any] = [{min(s): 1} for s in problem.supports]
    return LinearNTP(problem.embeddings, rows, problem.weights, vocabulary_size=problem.vocabulary_size)


proposition = Proposition(
    label="linear-ntp.one-token-supports",
    title="Single-token supports: entropy zero, never attained, and the multiclass SVM",
    source=cite("thrampoulidis2024", "Remark 1", "F is the zero space, the entropy an infimum, and Cover's ratio a law for random labels"),
    setup=r"Let every $|S_j|=1$ and $V\ge2$.",
    clauses=(
        clause(
            r"$\mathcal F=\{0\}$, $W^\star=0$ and $\mathcal H=0$.",
            claims=("entropy_vanishes",),
            argued="docstring",
        ),
        clause(
            r"$\mathrm{CE}(W)>0$ for every $W$, and $\inf\mathrm{CE}=0$ iff the data are linearly (multiclass)"
            r" separable.",
            by=("linear-ntp.entropy-identity", "linear-ntp.entropy-iff"),
            claims=("zero_is_an_infimum",),
        ),
        clause(
            r"Then the NTP-SVM is the hard-margin multiclass SVM with all pairwise margins.",
            by=("linear-ntp.ntp-svm",),
            claims=("margin_decoder_is_the_multiclass_svm",),
            argued="docstring",
        ),
        clause(
            r"For $V=2$ it is $\tfrac12[w;-w]$ with $w$ the hard-margin SVM of the labelled embeddings.",
            steps=("binary_step",),
            by=("linear-ntp.ntp-svm",),
            claims=("binary_reduction",),
        ),
        clause(
            r"No ratio $d/m$ decides separability of given data in general position: there are binary data"
            r" with $d/m=\tfrac23$ that are not separable, and some with $d/m=\tfrac13$ that are.",
            witness=("no_ratio_decides",),
        ),
    ),
    uses=("linear-ntp.entropy-limit", "linear-ntp.ntp-svm", "linear-ntp.entropy-iff"),
    assumptions=(single_token_supports,),
    instances=anything.map(first_token),
    examples=[*(p for p in golden if single_token_supports(p).holds), ex_cover, ex_same_label],
)


@proposition.step("two tokens, one vector", by="index calculus, normal form", scope="all sizes",
                  latex=r"\|w_1\|^2+\|w_2\|^2=\tfrac12\|w_1-w_2\|^2+\tfrac12\|w_1+w_2\|^2")  # fmt: skip
def binary_step() -> Equal:
    """Margins see w_1 - w_2 only, so the least norm has w_1 = -w_2 = w / 2 and |W|^2 = |w|^2 / 2."""
    x, y, c = sp.Function("x"), sp.Function("y"), index("c")
    squares = [total(z**2, (c, "D")) for z in (x(c), y(c), x(c) - y(c), x(c) + y(c))]
    return Equal(Formula(squares[0] + squares[1]), Formula((squares[2] + squares[3]) / 2))


@proposition.step(
    "two ratios", by="exact decisions", scope="two instances", latex=r"d/m=\tfrac23\text{ not separable},\quad d/m=\tfrac13\text{ separable}"
)
def no_ratio_decides() -> Equal:
    """(1,0) and (0,1) labelled +, (1,1) labelled -; three points of one label on a ray."""
    return Equal((ntp_separable(ex_cover).holds, ntp_separable(ex_same_label).holds), (False, True))


@proposition.claim(r"\mathcal F=\{0\},\ W^\star=0,\ \mathcal H=0")
def entropy_vanishes(case: Case) -> All:
    """Exactly: no generators, and log 1 = 0."""
    problem = case.problem
    return All(Equal(len(generators(problem)), 0), Equal(in_support_space(problem).dimension, 0), Equal(entropy(problem).is_zero(), True))


@proposition.claim(r"\mathrm{CE}(W)>0\text{ for all } W;\quad\inf\mathrm{CE}=0\iff\text{separable}")
def zero_is_an_infimum(case: Case) -> All:
    """The infimum is the tied loss at w*: exactly zero when every tied set is a single token, enclosed above zero otherwise."""
    problem, parts = case.problem, case.derived
    separable = all(len(tied) == 1 for tied in parts.separation.tied_sets)
    positive = [Less(Fraction(0), risk(problem, point(problem, salt))) for salt in (0, 1)]
    infimum = Equal(parts.infimum.center, Fraction(0)) if separable else Less(Fraction(0), parts.infimum)
    return All(*positive, infimum, Equal(ntp_separable(problem).holds, separable))


def multiclass_svm(problem: LinearNTP, one_versus_rest: bool = False) -> Vector | None:
    """argmin |W| with (w_y - w_v) . h_j >= 1 for v != y_j; `one_versus_rest`: w_y . h_j >= 1 and w_v . h_j <= -1."""
    height, rows = problem.vocabulary_size, list[Vector]()
    for j, support in enumerate(problem.supports):
        (y,) = support
        if one_versus_rest:
            rows += [outer(tuple(Fraction(int(v == k) * (1 if v == y else -1)) for k in range(height)), problem.embeddings[j]) for v in range(height)]
        else:
            rows += [difference(problem, j, y, v) for v in range(height) if v != y]
    return least_norm_vector(rows)


@proposition.claim(r"W^{\mathrm{mm}}\text{ is the hard-margin multiclass SVM, which is feasible iff the data are separable}")
def margin_decoder_is_the_multiclass_svm(case: Case, one_versus_rest: bool = False) -> All:
    """The textbook programme, written and solved on its own."""
    svm = multiclass_svm(case.problem, one_versus_rest)
    separable = all(len(tied) == 1 for tied in case.derived.separation.tied_sets)
    same = Equal(svm or (), case.derived.max_margin.direction)
    return All(Equal(svm is not None, separable), Implies(separable and svm is not None, same))


def labelled_by_a_plane(problem: LinearNTP) -> LinearNTP | None:
    """The embeddings with two tokens: 0 on one side of a plane, 1 on the other; None if an embedding lies in it."""
    sides = [sum((x * Fraction(7 * k + 5, 5 * k + 3) ** 3 for k, x in enumerate(h)), Fraction(0)) for h in problem.embeddings]
    rows: list[Any] = [{0 if side > 0 else 1: 1} for side in sides]
    return LinearNTP(problem.embeddings, rows, problem.weights, vocabulary_size=2) if all(sides) else None


@proposition.claim(r"V=2:\ W^{\mathrm{mm}}=\tfrac12[w;-w],\ w=\arg\min\|w\|:\ y_jw^\top h_j\ge1")
def binary_reduction(case: Case, half: Fraction = Fraction(1, 2)) -> Equal | NotExercised:
    """The signed embeddings y_j h_j as rows of a least-norm programme; labels by the sides of a plane, so that all are separable."""
    problem = labelled_by_a_plane(case.problem)
    if problem is None:
        return NotExercised("a context has the zero embedding")
    rows = [tuple(x if 0 in support else -x for x in h) for h, support in zip(problem.embeddings, problem.supports)]
    w = least_norm_vector(rows) or ()
    return Equal((*(half * x for x in w), *(-half * x for x in w)), max_margin(problem).direction)


@proposition.mutant(of=zero_is_an_infimum, latex=r"\text{the entropy } 0\text{ is attained where the data are separable}")
def zero_is_attained(case: Case) -> Implies:
    """A softmax never vanishes (exact, at a dyadic decoder)."""
    value = cross_entropy(case.problem, masses(case.problem, dyadic(case.problem)))
    return Implies(ntp_separable(case.problem).holds, Equal(value.is_zero(), True))


@proposition.mutant(of=margin_decoder_is_the_multiclass_svm, latex=r"W^{\mathrm{mm}}\text{ is the one-versus-rest SVM}")
def one_versus_rest_svm(case: Case) -> All:
    """Margins are between pairs of tokens, not against zero."""
    return margin_decoder_is_the_multiclass_svm(case, one_versus_rest=True)


@proposition.mutant(of=binary_reduction, latex=r"W^{\mathrm{mm}}=[w;-w]")
def without_the_half(case: Case) -> Equal | NotExercised:
    """Both rows share the margin."""
    return binary_reduction(case, half=Fraction(1))


def binary_in_general_position(problem: LinearNTP) -> bool:
    """V = 2, and any d embeddings (or all of them, if fewer) are linearly independent."""
    count = min(problem.dimension, len(problem.embeddings))
    return problem.vocabulary_size == 2 and all(rank(chosen) == count for chosen in combinations(problem.embeddings, count))


@proposition.mutant(of=zero_is_an_infimum, latex=r"V=2,\text{ general position, } d/m>\tfrac12\implies\text{separable}")
def half_the_contexts_suffice(case: Case) -> Implies:
    """(1,0) and (0,1) labelled +, (1,1) labelled -: d/m = 2/3."""
    wide = binary_in_general_position(case.problem) and 2 * case.problem.dimension > len(case.problem.supports)
    return Implies(wide, Equal(ntp_separable(case.problem).holds, True))


@proposition.mutant(of=zero_is_an_infimum, latex=r"V=2,\text{ general position, } d/m\le\tfrac12\implies\text{not separable}")
def half_the_contexts_are_needed(case: Case) -> Implies:
    """Equal labels on a ray are separable in one dimension, however many."""
    narrow = binary_in_general_position(case.problem) and 2 * case.problem.dimension <= len(case.problem.supports)
    return Implies(narrow, Equal(ntp_separable(case.problem).holds, False))


proposition.mutant(of=entropy_vanishes, without=single_token_supports, instances=anything, latex=r"\mathcal H=0\text{ for all supports}")
