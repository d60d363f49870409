"""Closed forms of W^mm and W* for linear NTP: structured datasets answered by a formula and certified by the kernel.

    all-active       rank H = m        A = (I - 11'/V) S (H'H)^{-1}: right iff no entry off the supports is positive
    orthogonal       h_i . h_j = 0     a_j = (1_{S_j} - (s_j/V) 1) / |h_j|^2
    equal-supports   S_j = S           A = (1_S - (s/V) 1) y', u = H y the least-norm vector with u . h_j >= 1
    binary           V = 2             rows a and -a, w = 2 H a the least-norm separator of the one-token contexts

In every form W^mm = sum_j a_j h_j' = A H', and the multiplier of (context j, token v off its support) is -A[v, j]. A proposal
is a guess: it says nothing until `certify` has handed it to the kernel, which shares no code with the formulas here.
Coefficients are kept as one vector per context in the kernel's default form, so that nothing of size V x m is built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...exact.logarithms import coprime_base, exponents
from ...exact.programme import Infeasible, Rows, least_norm
from ...exact.rational import are_orthogonal, clear_denominators, dot, independent, integer_array, scaled_floats
from ...exact.vectors import combination as combination
from ...exact.vectors import inverse_gram as inverse_gram
from ...logit.problem import Vector
from .problem import LinearNTP
from .proposals import Column, LogPart, OneHotLimit, Proposal, certify, column, is_certified


def closed_form(problem: LinearNTP) -> Proposal | None:
    """The first closed form that applies to a dataset, certified; None if none does.

    >>> closed_form(LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])).form
    'all-active'
    """
    forms: tuple[Callable[[LinearNTP], Proposal | None], ...] = (
        closed_form_orthogonal, closed_form_binary, closed_form_equal_supports, closed_form_all_active,
    )  # fmt: skip
    proposals = (form(problem) for form in forms)
    return next((proposal for proposal in proposals if proposal is not None and is_certified(proposal)), None)


def closed_form_orthogonal(problem: LinearNTP) -> Proposal | None:
    """Non-zero pairwise orthogonal embeddings (one-hot ones implicitly); None for others.

    Law: the contexts decouple, and the squared norm is sum_j s_j (V - s_j) / (V |h_j|^2).

    >>> closed_form_orthogonal(LinearNTP([[2, 0], [0, 1]], [[1, 0], ["1/2", "1/2"]])).squared_norm
    Fraction(1, 8)
    """
    squares = _orthogonal_squares(problem)
    if squares is None:
        return None
    height = problem.vocabulary_size
    coefficients = tuple(_centred(height, support, 1 / square) for support, square in zip(problem.supports, squares))
    sizes = (len(support) for support in problem.supports)
    squared = sum((Fraction(s * (height - s), height) / square for s, square in zip(sizes, squares)), Fraction(0))
    return Proposal("orthogonal", problem, coefficients, squared, _orthogonal_logs(problem, squares))


def closed_form_all_active(problem: LinearNTP) -> Proposal | None:
    """Linearly independent embeddings, every margin exactly 1; None for dependent ones.

    Law: this is W^mm iff A[v, j] <= 0 for all v off the support of j; W* is not given.

    >>> closed_form_all_active(LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])).squared_norm
    Fraction(2, 3)
    """
    if problem.embedding_rank < len(problem.supports):
        return None
    height, supports = problem.vocabulary_size, problem.supports
    inverse = inverse_gram(problem.embeddings)
    targets = [_centred(height, support, Fraction(1)) for support in supports]
    coefficients = tuple(Column.combine(height, zip(row, targets)) for row in inverse)
    overlaps = ((x * (len(a & b) - Fraction(len(a) * len(b), height))) for a, row in zip(supports, inverse) for b, x in zip(supports, row))
    return Proposal("all-active", problem, coefficients, sum(overlaps, Fraction(0)))


def closed_form_equal_supports(problem: LinearNTP) -> Proposal | None:
    """One support S for all contexts; None if supports differ or no u has u . h_j > 0 for all j (S proper).

    Law: W^mm = (1_S - (s/V) 1) u'; W* = U H^+ where the log-odds are linear in the embeddings.

    >>> closed_form_equal_supports(LinearNTP([[1], [2]], [[1, 0, 0], [1, 0, 0]])).decoder
    (Fraction(2, 3), Fraction(-1, 3), Fraction(-1, 3))
    """
    supports, height = problem.supports, problem.vocabulary_size
    if len(set(supports)) > 1:
        return None
    contexts = range(len(supports))
    shares = _least_norm(problem.embeddings, [], contexts) if len(supports[0]) < height else {}
    if shares is None:
        return None
    coefficients = tuple(_centred(height, support, shares.get(j, Fraction(0))) for j, support in enumerate(supports))
    size = len(supports[0])
    squared = Fraction(size * (height - size), height) * sum(shares.values(), Fraction(0))
    return Proposal("equal-supports", problem, coefficients, squared, _common_logs(problem, list(contexts)))


def closed_form_binary(problem: LinearNTP) -> Proposal | None:
    """Two tokens; None for other vocabularies and for data that are not separable.

    Law: W^mm = 1/2 [w; -w] with w = argmin |w| subject to w . h_j = 0 for two-token contexts and y_j w . h_j >= 1 for the others
    (y_j = 1 for token 0, -1 for token 1), and |W^mm|^2 = |w|^2 / 2.

    >>> closed_form_binary(LinearNTP([[1], [-2]], [[1, 0], [0, 1]])).decoder
    (Fraction(1, 2), Fraction(-1, 2))
    """
    if problem.vocabulary_size != 2:
        return None
    both = [j for j, support in enumerate(problem.supports) if len(support) == 2]
    single = [j for j, support in enumerate(problem.supports) if len(support) == 1]
    signs = [Fraction(1 if 0 in support else -1) for support in problem.supports]
    labelled = [tuple(sign * x for x in h) for sign, h in zip(signs, problem.embeddings)]
    shares = _least_norm(labelled, both, single)
    if shares is None:
        return None
    half = [signs[j] * shares.get(j, Fraction(0)) / 2 for j in range(len(signs))]
    coefficients = tuple(column(2, Fraction(0), {0: x, 1: -x}) for x in half)
    squared = sum((x for j, x in shares.items() if j in set(single)), Fraction(0)) / 2
    return Proposal("binary", problem, coefficients, squared, _common_logs(problem, both))


def orthogonal_certificate(problem: LinearNTP) -> dict[str, Any]:
    """The certificate file of the orthogonal closed form, in compact form for one-hot embeddings.

    Raises `InvalidInput` if the embeddings are not orthogonal.

    >>> [record["type"] for record in orthogonal_certificate(LinearNTP("one-hot", [[1, 0]]))["certificates"]]
    ['separation', 'optimal-qp', 'linear-system']
    """
    proposal = closed_form_orthogonal(problem)
    if proposal is None:
        raise InvalidInput("embeddings", "are not non-zero and pairwise orthogonal", "use the exact route, decompose(problem)")
    return proposal.document()


def one_hot_limit(problem: LinearNTP) -> OneHotLimit:
    """The limit of gradient descent for one-hot embeddings.

    Raises `InvalidInput` for other embeddings.

    >>> one_hot_limit(LinearNTP("one-hot", [["1/2", "1/2", 0]])).dimensions
    {'tied': 1, 'diverging': 1, 'invariant': 1}
    """
    proposal = closed_form_orthogonal(problem) if problem.one_hot else None
    if proposal is None:
        raise InvalidInput("embeddings", "are not one-hot", "use the exact route, decompose(problem)")
    return OneHotLimit(proposal)


def _least_norm(vectors: Sequence[Vector], equalities: Iterable[int], inequalities: Iterable[int]) -> dict[int, Fraction] | None:
    # Multipliers y with u = sum y_j x_j the least-norm vector with u . x_j = 0, respectively >= 1; None if there is none.
    integers, scale = clear_denominators(vectors)
    array = integer_array(integers, len(integers[0]))
    found = least_norm(Rows(array @ array.T, scaled_floats(integers)), list(equalities), list(inequalities))
    return None if isinstance(found, Infeasible) else {j: x * scale**2 for j, x in found.multipliers.items()}


def _orthogonal_squares(problem: LinearNTP) -> list[Fraction] | None:
    if problem.one_hot:
        return [Fraction(1)] * len(problem.supports)
    bank = problem.embeddings
    return [dot(h, h) for h in bank] if are_orthogonal(bank) else None


def _centred(length: int, support: Iterable[int], factor: Fraction) -> Column:
    # factor * (1_S - (s/V) 1)
    inside = list(support)
    level = -factor * Fraction(len(inside), length)
    return column(length, level, dict.fromkeys(inside, factor + level))


def _powers(problem: LinearNTP) -> tuple[tuple[int, ...], tuple[dict[int, dict[int, int]], ...]]:
    # The label shares over one coprime base; few distinct ones occur in a corpus, so each is factored once.
    blocks = problem.data.blocks
    distinct = {p for block in blocks for p in block.labels.values()}
    base = coprime_base(n for p in distinct for n in (p.numerator, p.denominator))
    known = {p: exponents(p, base) for p in distinct}
    return base, tuple({v: known[p] for v, p in sorted(block.labels.items())} for block in blocks)


def _centred_powers(length: int, row: Mapping[int, Mapping[int, int]], factor: Fraction) -> dict[int, Column]:
    # {k: factor * (exponents of base k, centred over the support)} for the k that occur in one context.
    size, result = len(row), dict[int, Column]()
    for k in sorted({k for powers in row.values() for k in powers}):
        mean = Fraction(sum(powers.get(k, 0) for powers in row.values()), size)
        entries = {v: factor * (powers.get(k, 0) - mean) for v, powers in row.items()}
        result[k] = column(length, Fraction(0), entries)
    return result


def _orthogonal_logs(problem: LinearNTP, squares: Sequence[Fraction]) -> LogPart:
    base, powers = _powers(problem)
    height = problem.vocabulary_size
    parts: list[dict[int, Column]] = [{} for _ in base]
    for j, (row, square) in enumerate(zip(powers, squares)):
        for k, centred in _centred_powers(height, row, 1 / square).items():
            parts[k][j] = centred
    return LogPart(base, powers, tuple(parts))


def _common_logs(problem: LinearNTP, contexts: list[int]) -> LogPart | None:
    # Contexts with one common support (the others have none to fit): W_k = U_k H^+, solvable iff it reproduces every U_k.
    base, powers = _powers(problem)
    height, bank = problem.vocabulary_size, problem.embeddings
    zero = column(height, Fraction(0), {})
    array = np.array(clear_denominators(bank)[0], dtype=object)
    chosen = independent(array @ array.T, contexts)
    inverse = inverse_gram([bank[c] for c in chosen]) if chosen else ()
    centred = [_centred_powers(height, row, Fraction(1)) for row in powers]
    parts = []
    for k in range(len(base)):
        wanted = {j: centred[j].get(k, zero) for j in contexts}
        part: dict[int, Column] = {}
        for j, weights in zip(chosen, inverse):
            part[j] = Column.combine(height, zip(weights, (wanted[c] for c in chosen)))
        for j in contexts:
            image = Column.combine(height, ((problem.gram[j][c], part[c]) for c in chosen))
            if not Column.combine(height, [(Fraction(1), image), (Fraction(-1), wanted[j])]).vanishes():
                return None
        parts.append(part)
    return LogPart(base, powers, tuple(parts))


__all__ = [
    "LogPart", "OneHotLimit", "Proposal", "certify", "closed_form", "closed_form_all_active", "closed_form_binary", "closed_form_equal_supports",
    "closed_form_orthogonal", "combination", "inverse_gram", "is_certified", "one_hot_limit", "orthogonal_certificate",
]  # fmt: skip
