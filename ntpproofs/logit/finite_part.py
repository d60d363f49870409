"""The finite part w*: the minimiser of the tied loss on the tied subspace T (`foundations`, F2).

Where the tied sets are the supports and the log-odds system is solvable (compatible linear NTP) w* is known in closed form
as a combination of logarithms; otherwise it is enclosed in a ball around a Newton point. Everything is written in the
Gram matrix of the tied differences, so the subspace T is never represented approximately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpz_mat

from ..errors import InvalidInput, TooLarge
from ..exact.balls import PRECISION, Enclosure, Interval, exact_arb, from_doubles, interval, mean_entropy, upper
from ..exact.logarithms import LogVector, coprime_base, exponents
from ..exact.minimiser import TiedChoice, minimise
from ..exact.rational import sub, total
from ..language.views import table_html
from .anchored import AnchoredRows, anchored_rows
from .assemble import assemble, assemble_balls, over_base, sparse
from .problem import Vector
from .protocols import Reduces, reduced
from .recession import Separation

if TYPE_CHECKING:
    from .shapes import Parameter

Coefficients = list[dict[int, Fraction]]


@dataclass(frozen=True, eq=False)
class FinitePart:
    """w* as an enclosure: `center` (doubles, written as `Fraction`s) and Frobenius `radius`, rounding included.

    `closed_form` is the exact value as a combination of logarithms where one exists, else None; `infimum` encloses
    L* = inf L = the tied loss at w*.
    """

    center: Vector
    radius: Fraction
    infimum: Interval
    log_odds: LogOdds | None = None

    @property
    def closed_form(self) -> LogVector | None:
        """The exact finite part, if the dataset is compatible and its tied sets are its supports."""
        return None if self.log_odds is None else self.log_odds.closed_form

    @cached_property
    def array(self) -> Parameter:
        """The centre as a float array."""
        return np.array([float(x) for x in self.center])

    def _repr_html_(self) -> str:
        exact = "yes" if self.closed_form is not None else "no"
        rows = {"w*": self.array.round(9).tolist(), "known to": f"{float(self.radius):.2g}", "infimum": f"{float(self.infimum.center):.12g}"}
        return table_html("finite part", rows | {"closed form in logarithms": exact})


@dataclass(frozen=True, eq=False)
class LogOdds:
    """The log-odds system of a dataset (equation (4) of 2402.18551), decided exactly.

    `base` and `powers` write every label share as a product of powers of pairwise coprime integers. If the system is
    solvable, the least-norm solution is sum_k log(base[k]) W_k with W_k = sum over `chosen` rows of the k-th column of
    `numerators` / `bottom` times the scaled difference; otherwise `relation` holds integer block coefficients whose
    combination of differences vanishes although that of the log-odds does not.
    """

    anchored: AnchoredRows = field(repr=False)
    base: tuple[int, ...]
    powers: tuple[dict[int, dict[int, int]], ...]
    chosen: tuple[int, ...]
    numerators: fmpz_mat
    bottom: int
    relation: Coefficients | None

    @property
    def compatible(self) -> bool:
        """Whether the system is solvable."""
        return self.relation is None

    @cached_property
    def solution(self) -> tuple[Coefficients, ...]:
        """Block coefficients of W_k for each element of the base (only if `compatible`)."""
        scale = self.anchored.scale**2  # one factor for the scaled rows, one because their log-odds are scaled too
        columns = ({r: Fraction(scale * int(self.numerators[i, k]), self.bottom) for i, r in enumerate(self.chosen)} for k in range(len(self.base)))
        return tuple(self.anchored.coefficients({r: x for r, x in column.items() if x}) for column in columns)

    @cached_property
    def closed_form(self) -> LogVector | None:
        """The least-norm solution W*, exact; None if there is none."""
        if not self.compatible:
            return None
        problem = self.anchored.problem
        parts = tuple(assemble(problem, coefficients) for coefficients in self.solution)
        return LogVector(self.base, parts, problem.dimension)

    def balls(self) -> list[arb]:
        """W* in Arb balls at the current precision, without assembling the exact W_k."""
        logs = arb_mat([[arb(g).log()] for g in self.base])
        y = arb_mat(self.numerators) * logs * (arb(self.anchored.scale) ** 2 / self.bottom)
        total = self.anchored.coefficients({r: y[i, 0] for i, r in enumerate(self.chosen)})
        return assemble_balls(self.anchored.problem, total)

    @property
    def certificate(self) -> dict[str, Any]:
        """The `linear-system` record of the kernel."""
        powers = [{str(v): {str(k): e for k, e in row.items()} for v, row in block.items() if row} for block in self.powers]
        record: dict[str, Any] = {"type": "linear-system", "base": list(self.base), "exponents": powers}
        blocks = self.anchored.problem.data.blocks
        if self.relation is None:
            record["coefficients"] = over_base((dict(enumerate(part)) for part in self.solution), len(blocks))
        else:
            sizes = [len(block.alternatives) for block in blocks]
            record["relation"] = [sparse(c, n) for c, n in zip(self.relation, sizes)]
        return record


def log_odds(problem: Reduces) -> LogOdds:
    """Decide exactly whether scores can meet the log-odds of the labels of every block (NTP-compatibility).

    >>> from ntpproofs.problems import ConditionalLogit
    >>> log_odds(ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])])).compatible
    True
    """
    logit = reduced(problem)
    system: LogOdds = logit.remember("log-odds", lambda: _decide(anchored_rows(logit)))
    return system


def _decide(anchored: AnchoredRows) -> LogOdds:
    # <w, x_anchor - x_v> = log p_anchor - log p_v for every label v; with w = sum y d this is a linear system in the Gram
    # matrix with one right side per element of the base.
    blocks = anchored.problem.data.blocks
    base = coprime_base(n for block in blocks for p in block.labels.values() for n in (p.numerator, p.denominator))
    powers = tuple({v: exponents(p, base) for v, p in sorted(block.labels.items())} for block in blocks)
    gram, equalities = anchored.rows.gram, anchored.equalities

    def odds(r: int) -> list[int]:
        row = powers[anchored.blocks[r]]
        first, other = row[anchored.anchors[anchored.blocks[r]]], row[anchored.alternatives[r]]
        return [first.get(k, 0) - other.get(k, 0) for k in range(len(base))]

    right = {r: odds(r) for r in equalities}
    chosen = anchored.rows.independent(equalities)
    numerators, bottom = fmpz_mat(len(chosen), len(base)), 1
    if chosen and base:
        solution = sub(gram, chosen, chosen).solve(fmpz_mat([right[r] for r in chosen]))
        numerators, divisor = solution.numer_denom()
        bottom = int(divisor)
    products = sub(gram, equalities, chosen) * numerators
    wrong = (r for i, r in enumerate(equalities) for k, e in enumerate(right[r]) if products[i, k] != bottom * e)
    broken = next(wrong, None)
    relation = None if broken is None else _relation(anchored, chosen, broken)
    return LogOdds(anchored, base, powers, tuple(chosen), numerators, bottom, relation)


def _relation(anchored: AnchoredRows, chosen: list[int], dependent: int) -> Coefficients:
    # d_dependent = sum x_r d_r over the independent rows: an integer relation between the generators.
    gram = anchored.rows.gram
    if not chosen:
        return anchored.coefficients({dependent: Fraction(1)})
    x = sub(gram, chosen, chosen).solve(sub(gram, chosen, [dependent]))
    numerators, bottom = x.numer_denom()
    values = {dependent: Fraction(int(bottom))} | {r: Fraction(-int(numerators[i, 0])) for i, r in enumerate(chosen)}
    return anchored.coefficients({r: value for r, value in values.items() if value})


def finite_part_of(decided: Separation) -> FinitePart:
    """The finite part of a problem whose separation has been decided. Raises `InvalidInput` for anything but a `Separation`."""
    if not isinstance(decided, Separation):
        raise InvalidInput("decided", f"is {type(decided).__name__}", "give what separation(problem) returns")
    logit = decided.anchored.problem
    blocks = logit.data.blocks
    supports_only = all(tied == frozenset(block.labels) for tied, block in zip(decided.tied_sets, blocks))
    if supports_only and all(block.multiplicities is None or len(block.labels) == 1 for block in blocks):
        system = log_odds(logit)
        if system.compatible:
            with ctx.workprec(PRECISION):
                enclosed = _doubles(system.balls(), arb(0))
            return FinitePart(enclosed.center, enclosed.radius, mean_entropy((b.weight, b.labels.values()) for b in blocks), system)
    return _enclosed(decided)


def _enclosed(decided: Separation) -> FinitePart:
    anchored, logit = decided.anchored, decided.anchored.problem
    gram = anchored.rows.gram
    every = [*anchored.equalities, *sorted(decided.partition.tied)]
    tied = anchored.rows.distinct(every)
    place = {int(anchored.classes[r]): k for k, r in enumerate(tied)}
    choices = merged(tied_choices(decided, {r: place[int(anchored.classes[r])] for r in every}))
    basis = anchored.rows.independent(tied)
    if not basis:
        with ctx.workprec(PRECISION):
            value = sum((exact_arb(c.weight) * _constant_loss(c) for c in choices), arb(0))
            return FinitePart((Fraction(0),) * logit.dimension, Fraction(0), interval(value))
    # w = sum a_k D_k with a = C b and C'GC close to a multiple of the identity: b are nearly orthogonal coordinates of T, in a
    # unit that brings the longest difference near 1. The design row of d_r = D_r / scale is then G[r, basis] C / scale.
    floats, units = _balanced(gram[np.ix_(basis, basis)].tolist())
    size = np.sqrt(np.diag(floats))
    whitening = np.linalg.inv(np.linalg.cholesky(floats / np.outer(size, size) + 1e-13 * np.eye(len(basis)))).T / size[:, None]
    longest = max(anchored.rows.squares[r].bit_length() for r in tied) // 2 - anchored.scale.bit_length()
    products = sub(gram, tied, basis)

    def coordinates() -> arb_mat:
        factors = [arb(2) ** -longest / unit for unit in units]
        return arb_mat([[arb(x) * factor for x in row] for row, factor in zip(whitening.tolist(), factors)])

    def design() -> arb_mat:
        return arb_mat(products) * coordinates() * (arb(1) / anchored.scale)

    found = minimise(design, choices)
    with ctx.workprec(found.precision):
        c = coordinates()
        stretch = c.transpose() * arb_mat(sub(gram, basis, basis)) * c
        norm = max(upper(sum((abs(x) for x in row), arb(0))) for row in stretch.tolist())
        a = c * found.center
        coefficients = anchored.coefficients({r: a[k, 0] * anchored.scale for k, r in enumerate(basis)})
        enclosed = _doubles(assemble_balls(logit, coefficients), found.radius * exact_arb(norm).sqrt())
        return FinitePart(enclosed.center, enclosed.radius, found.value)


def _doubles(balls: list[arb], radius: arb) -> Enclosure:
    # `from_doubles`, or a refusal where an entry is no double.
    if any(not np.isfinite(float(x.mid())) for x in balls):
        raise TooLarge("the finite part", "has entries of more than 1e308", "rescale the features")
    return from_doubles(balls, radius)


def _balanced(gram: list[list[int]]) -> tuple[np.ndarray, list[int]]:
    # G_ij / (t_i t_j) in floats, t_i powers of two, 1 unless the entries are too long for floats: D G D with D = diag(1 / t).
    lengths = [gram[i][i].bit_length() // 2 for i in range(len(gram))]
    units = [2**length if max(lengths) > 400 else 1 for length in lengths]
    return np.array([[x / (s * t) for x, t in zip(row, units)] for row, s in zip(gram, units)], dtype=float), units


def tied_choices(decided: Separation, position: dict[int, int]) -> list[TiedChoice]:
    """The tied loss as one choice per block over its tied set; `position` places anchored rows in the design."""
    anchored = decided.anchored
    choices = []
    for b, (block, inside) in enumerate(zip(anchored.problem.data.blocks, decided.tied_sets)):
        order = sorted(inside, key=lambda v: (v != anchored.anchors[b], v))
        rows = tuple(None if v == anchored.anchors[b] else position[anchored.index[b, v]] for v in order)
        shares = tuple(block.labels.get(v, Fraction(0)) for v in order)
        counts = tuple(Fraction(1) if block.multiplicities is None else block.multiplicities[v] for v in order)
        choices.append(TiedChoice(block.weight, rows, shares, counts))
    return choices


def merged(choices: Sequence[TiedChoice]) -> list[TiedChoice]:
    """Choices between the same rows as one: weights add up, and shares are averages by weight.

    >>> half = Fraction(1, 2)
    >>> one, two = (TiedChoice(Fraction(1), (None, 0), shares, (half, half)) for shares in ((Fraction(1), Fraction(0)), (half, half)))
    >>> merged([one, two])[0].weight, merged([one, two])[0].shares
    (Fraction(2, 1), (Fraction(3, 4), Fraction(1, 4)))
    """
    alike: dict[Any, list[TiedChoice]] = {}
    for choice in choices:
        alike.setdefault((choice.rows, choice.multiplicities), []).append(choice)
    found = []
    for (rows, counts), group in alike.items():
        weight = total(choice.weight for choice in group)
        if len(group) == 1:
            shares = group[0].shares
        else:
            shares = tuple(total(c.weight * share for c, share in zip(group, column)) / weight for column in zip(*(c.shares for c in group)))
        found.append(TiedChoice(weight, rows, shares, counts))
    return found


def _constant_loss(choice: TiedChoice) -> arb:
    # With no tied direction left every tied score vanishes: log of the total count minus the labels' log counts.
    total = exact_arb(sum(choice.multiplicities, Fraction(0))).log()
    return total - sum((exact_arb(s) * exact_arb(n).log() for s, n in zip(choice.shares, choice.multiplicities) if s), arb(0))


__all__ = ["FinitePart", "LogOdds", "finite_part_of", "log_odds", "merged", "tied_choices"]
