"""Invariants of any problem that reduces to a conditional logit: dimensions, pairs, levels, norms, margins, the infimum, the exponent."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from flint import fmpq, fmpq_mat

from ..exact.balls import Interval, interval
from ..exact.rational import dot, fraction, sub, to_flint
from ..language.invariants import ProblemInvariant, invariant, known
from .decomposition import decompose
from .embedding_assumptions import Embedded
from .margin import MaxMargin
from .protocols import Reduces

# A root that is not known to be positive from this many bits is one at zero.
LEAST_EXPONENT = Fraction(1, 2**40)
# Rational exponents with denominators up to this one are recognised.
LARGEST_DENOMINATOR = 10_000


@invariant(r"\dim\mathcal T")
def tied_dimension(problem: Reduces) -> int:
    """The dimension of the tied subspace T, where the finite part lives."""
    return decompose(problem).tied.dimension


@invariant(r"\dim\mathcal M")
def diverging_dimension(problem: Reduces) -> int:
    """The dimension of the subspace M in which the iterates diverge."""
    return decompose(problem).diverging.dimension


@invariant(r"\dim\mathcal N")
def invariant_dimension(problem: Reduces) -> int:
    """The dimension of the subspace N that gradient descent never moves."""
    return decompose(problem).invariant.dimension


@invariant("n_{\\mathrm{sep}}")
def separable_pairs(problem: Reduces) -> int:
    """The number of (context or sequence, token) pairs whose score difference diverges, the labels of a context merged."""
    return len(decompose(problem).max_margin.separable_rows)


@invariant("n_{\\mathrm{sup}}")
def support_pairs(problem: Reduces) -> int:
    """The number of separable pairs with margin exactly 1."""
    return len(decompose(problem).max_margin.active)


@invariant("n_{\\mathrm{weak}}")
def weak_pairs(problem: Reduces) -> int:
    """The number of support pairs that are zero in every optimal multiplier."""
    best = decompose(problem).max_margin
    return len(best.active) - len(best.strong)


@invariant("r_{\\mathrm{strong}}")
def strong_rank(problem: Reduces) -> int:
    """The dimension of the span E of the projected strong support."""
    return to_flint(_gram(decompose(problem).max_margin)).rank() if decompose(problem).max_margin.strong else 0


@invariant(r"\ell")
def levels(problem: Reduces) -> int:
    """The number of programmes u, D, D_3, ... until no pair is weak; 0 where nothing is separable."""
    best = decompose(problem).max_margin
    return len(best.levels) if best.separable_rows else 0


@invariant(r"\|u\|^2", scale=-1)
def squared_norm(problem: Reduces) -> Fraction:
    """The squared norm of the max-margin direction u, summed over its entries."""
    u = decompose(problem).max_margin.direction
    return dot(u, u)


@invariant(r"\textstyle\sum\lambda", scale=-1)
def multipliers(problem: Reduces) -> Fraction:
    """The sum of the multipliers of the max-margin programme."""
    return sum(decompose(problem).max_margin.multipliers.values(), Fraction(0))


@invariant(r"\gamma^2", scale=1)
def squared_margin(problem: Reduces) -> Fraction | None:
    """The squared max margin 1 / |u|^2 of unit vectors; not defined where nothing is separable."""
    norm = decompose(problem).max_margin.squared_norm
    return 1 / norm if norm else None


@invariant(r"\|D\|^2", scale=-1)
def drift(problem: Reduces) -> Fraction:
    """The squared norm of the second-level direction D, along which weak pairs drift; 0 without weak pairs."""
    second = decompose(problem).max_margin.second_level_direction
    return dot(second, second)


def _margins(problem: Reduces) -> list[Fraction]:
    best = decompose(problem).max_margin
    return [Fraction(best.optimum.margins[r]) for r in best.separable_rows]


@invariant(r"\|D\|^2/\|u\|^2", unbounded=True)
def drift_ratio(problem: Reduces) -> Fraction | None:
    """The squared norm of D in units of that of u; not defined where nothing is separable."""
    second, norm = decompose(problem).max_margin.second_level_direction, decompose(problem).max_margin.squared_norm
    return dot(second, second) / norm if norm else None


@invariant("m_2", unbounded=True)
def next_margin(problem: Reduces) -> Fraction | None:
    """The least margin above 1; not defined where every separable pair is in the support."""
    return min((x for x in _margins(problem) if x > 1), default=None)


@invariant(r"m_{\max}", unbounded=True)
def largest_margin(problem: Reduces) -> Fraction | None:
    """The largest margin of a separable pair."""
    return max(_margins(problem), default=None)


@invariant(r"L^\star")
def infimum(problem: Reduces) -> Interval:
    """The infimum of the loss, enclosed, in nats."""
    return decompose(problem).infimum


def _gram(best: MaxMargin) -> list[list[Fraction]]:
    # <z, z'> of the projected strong support: that of the differences minus the part in the tied subspace.
    anchored, parts, strong = best.separation.anchored, decompose(best.separation.anchored.problem), list(best.strong)
    gram, base = anchored.rows.gram, list(parts.tied.inside)
    inner = fmpq_mat(sub(gram, strong, strong))
    if base:
        mixed = fmpq_mat(len(base), len(strong), [fmpq(int(gram[b, r])) for b in base for r in strong])
        inner = inner - mixed.transpose() * fmpq_mat(sub(gram, base, base)).solve(mixed)
    scale = Fraction(anchored.scale) ** 2
    return [[fraction(x) / scale for x in row] for row in inner.tolist()]


@invariant("q")
def exponent(problem: Reduces) -> Fraction | Interval | None:
    """The relaxation exponent of slope and residual: the least of 1, the nonzero eigenvalues of sum lambda z z' and m - 1.

    Not defined with weak pairs, without unique multipliers (then the lambda that count are no rational numbers) or with u = 0.
    """
    best = decompose(problem).max_margin
    if not best.strong or not best.strictly_complementary or not best.unique_multipliers:
        return None
    values = [Fraction(best.optimum.multipliers.get(r, 0)) * Fraction(best.separation.anchored.scale) ** 2 for r in best.strong]
    poly = to_flint([[value * x for x in row] for value, row in zip(values, _gram(best))]).charpoly()
    limit = min([Fraction(1), *(x - 1 for x in _margins(problem) if x > 1)])
    roots = [interval(root.real) for root, _ in poly.numer().complex_roots()]
    least = min((root for root in roots if root.lower > LEAST_EXPONENT), key=lambda root: root.center)
    # Distinct roots have disjoint balls: a rational in the ball at which the polynomial vanishes is the root.
    for x in (limit, least.center.limit_denominator(LARGEST_DENOMINATOR)):
        if least.lower <= x <= least.upper and not poly(fmpq(x.numerator, x.denominator)):
            return min(x, limit)
    return least if least.upper < limit else limit


@invariant("d", given=True)
def dimension(problem: Embedded) -> int:
    """The embedding dimension."""
    return problem.dimension


@invariant(r"\operatorname{rk}H", given=True)
def embedding_rank(problem: Embedded) -> int:
    """The rank of the embeddings."""
    return problem.embedding_rank


LOGIT_INVARIANTS = (
    tied_dimension, diverging_dimension, invariant_dimension, separable_pairs, support_pairs, weak_pairs, strong_rank, levels,
    squared_norm, multipliers, squared_margin, drift, drift_ratio, next_margin, largest_margin, infimum, exponent,
)  # fmt: skip

LOGIT_KNOWN = (
    known("multipliers = squared_norm", source="foundations.max-margin"),
    known("weak_pairs <= support_pairs"),
    known("support_pairs <= separable_pairs"),
    known("strong_rank <= support_pairs - weak_pairs"),
    known("strong_rank <= diverging_dimension"),
    known("diverging_dimension <= separable_pairs"),
    known("drift >= 0"),
    known("squared_norm >= 0"),
    known("weak_pairs >= 0"),
    known("levels >= 1", "something_separable"),
    known("levels <= weak_pairs + 1"),
    known("levels >= 0"),
    known("infimum >= 0"),
    known("next_margin >= 1"),
    known("largest_margin >= 1"),
    known("largest_margin >= next_margin"),
    known("exponent <= 1", source="foundations.relaxation-exponent"),
    known("exponent <= next_margin - 1", source="foundations.relaxation-exponent"),
    known("exponent >= 0"),
    known("tied_dimension >= 0"),
    known("diverging_dimension >= 0"),
    known("invariant_dimension >= 0"),
    known("weak_pairs = 0", "strictly_complementary"),
    known("drift = 0", "strictly_complementary"),
    known("drift_ratio >= 0"),
    known("drift_ratio = 0", "strictly_complementary"),
    known("levels <= 1", "strictly_complementary"),
    known("squared_norm = 0", "nothing_separable"),
    known("separable_pairs = 0", "nothing_separable"),
    known("diverging_dimension = 0", "nothing_separable"),
    known("levels = 0", "nothing_separable"),
    known("tied_dimension = 0", "completely_separable"),
    known("strong_rank >= 1", "something_separable"),
    known("strong_rank >= 0"),
    known("separable_pairs >= 0"),
    known("infimum = 0", "completely_separable", source="foundations.infimum"),
)


def scaled(invariants: tuple[ProblemInvariant, ...], power: int) -> tuple[ProblemInvariant, ...]:
    """The invariants of a model whose squared features scale like the embeddings to this power."""
    return tuple(replace(entry, scale=entry.scale * power) for entry in invariants)
