"""Convex programmes: laws with prescribed moments (a linear programme over atoms), and the best block given the other (a convex QP).

cvxpy proposes; the answer is re-solved over the rationals on the support or active set that was proposed, and checked there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import cvxpy as cp
import numpy as np

from ...errors import InvalidInput
from ...exact.rational import fraction, to_flint
from .laws import AtomLaw, sign_symmetrised
from .model import Matrix
from .moments import positive_semidefinite
from .tensors import Tensors

Atom = tuple[Fraction, ...]
Statistic = Callable[[Atom], Fraction]

SUPPORT = 1e-9  # weights of a vertex below this are proposed as zero; the exact solution decides


def law_with_moments(atoms: Sequence[Atom], equal: Sequence[tuple[Statistic, Fraction]], largest: Statistic) -> AtomLaw | None:
    """A law on the given atoms with E s(u) = value for every (s, value) in `equal`, and the mean of `largest` as large as possible.

    The simplex method proposes a vertex; on its support the equations are solved exactly and the weights are checked to be positive.
    None if no law has these moments. Raises `InvalidInput` if the support cannot be solved exactly.

    >>> square = lambda u: u[0] ** 2
    >>> law = law_with_moments([(Fraction(x),) for x in (0, 1, 2)], [(square, Fraction(1))], lambda u: u[0] ** 4)
    >>> law.atoms, law.weights
    (((Fraction(0, 1),), (Fraction(2, 1),)), (Fraction(3, 4), Fraction(1, 4)))
    """
    rows = [[Fraction(1)] * len(atoms), *([s(atom) for atom in atoms] for s, _ in equal)]
    sides = [Fraction(1), *(value for _, value in equal)]
    weights = cp.Variable(len(atoms), nonneg=True)
    goal = np.array([float(largest(atom)) for atom in atoms])
    equations = np.array([[float(x) for x in row] for row in rows]) @ weights == np.array([float(x) for x in sides])
    programme = cp.Problem(cp.Maximize(goal @ weights), [equations])
    programme.solve(solver=cp.SCIPY, scipy_options={"method": "highs-ds"})  # a dual simplex method: its answer is a vertex
    if weights.value is None:
        return None
    support = [i for i, w in enumerate(weights.value) if w > SUPPORT]
    return AtomLaw([atoms[i] for i in support], _exact_weights([[row[i] for i in support] for row in rows], sides))


def _exact_weights(rows: list[list[Fraction]], sides: list[Fraction]) -> list[Fraction]:
    # A w = s by A^T A w = A^T s (columns of a vertex are independent), checked afterwards.
    matrix, right = to_flint(rows), to_flint([[side] for side in sides])
    try:
        found = (matrix.transpose() * matrix).solve(matrix.transpose() * right)
    except ZeroDivisionError:
        raise InvalidInput("law", "the proposed support is no vertex", "give other atoms") from None
    weights = [fraction(found[i, 0]) for i in range(found.nrows())]
    if matrix * found != right or min(weights) <= 0:
        raise InvalidInput("law", "the proposed support carries no law with these moments", "give other atoms")
    return weights


def unequal_columns_law(bound: int = 2) -> AtomLaw:
    """A sign-symmetric law in three dimensions whose k1, k2 and row sums do not depend on the coordinate while the column sums do.

    >>> from .slice import constants
    >>> found = constants(unequal_columns_law())
    >>> len(set(found.fourth)), len(set(found.sixth)), len(set(found.rows)), len(set(found.columns)) > 1
    (1, 1, 1, True)
    """
    atoms = [tuple(map(Fraction, atom)) for atom in product(range(bound + 1), repeat=3) if any(atom)]

    def difference(power: int) -> list[Statistic]:
        return [lambda u, j=j: u[j] ** power - u[0] ** power for j in (1, 2)]  # type: ignore[misc]

    def row(u: Atom, j: int) -> Fraction:
        return sum((u[j] ** 2 * u[r] ** 4 for r in range(3) if r != j), Fraction(0))

    def column(u: Atom, j: int) -> Fraction:
        return sum((u[r] ** 2 * u[j] ** 4 for r in range(3) if r != j), Fraction(0))

    rows: list[Statistic] = [lambda u, j=j: row(u, j) - row(u, 0) for j in (1, 2)]  # type: ignore[misc]
    equal = [(s, Fraction(0)) for s in (*difference(4), *difference(6), *rows)]
    law = law_with_moments(atoms, equal, lambda u: column(u, 0) - column(u, 1))
    if law is None:
        raise InvalidInput("bound", f"{bound} admits no such law", "give a larger bound")
    return sign_symmetrised(law)


@dataclass(frozen=True)
class BestBlock:
    """The exact minimiser of the loss in A for a fixed B, and whether the form is positive semidefinite (so that it is one)."""

    right: Matrix
    convex: bool


def _right_form(coefficients: Tensors, left: Matrix) -> tuple[list[list[Fraction]], list[Fraction]]:
    # L(B, A) = (1/2) a^T K a - c^T a + constant with a = vec(A).
    d = coefficients.dimension
    form = [[Fraction(0)] * (d * d) for _ in range(d * d)]
    linear = [Fraction(0)] * (d * d)
    for row in left:
        for (f, g), value in coefficients.quadratic.items():
            weight = row[f[0]] * row[g[0]]
            if weight:
                form[f[1] * d + f[2]][g[1] * d + g[2]] += weight * value
    for (j, f), value in coefficients.linear.items():
        linear[f[1] * d + f[2]] += left[j][f[0]] * value
    return form, linear


def best_right_block(coefficients: Tensors, left: Matrix) -> BestBlock:
    """The A that minimises L(B, A) for a fixed rational B, over the rationals.

    Raises `InvalidInput` where the minimiser is not unique (a singular form).

    >>> from .model import scalar_matrix
    >>> from .named_laws import IndependentLaw
    >>> from .tensors import tensors
    >>> law = IndependentLaw("gaussian", (Fraction(1), Fraction(1)))
    >>> best_right_block(tensors(law, 4), scalar_matrix(2, Fraction(1))).right
    ((Fraction(4, 23), Fraction(0, 1)), (Fraction(0, 1), Fraction(4, 23)))
    """
    d = coefficients.dimension
    form, linear = _right_form(coefficients, left)
    try:
        found = to_flint(form).solve(to_flint([[x] for x in linear]))
    except ZeroDivisionError:
        raise InvalidInput("left", "leaves directions of A undetermined", "give an invertible B") from None
    values = [fraction(found[i, 0]) for i in range(d * d)]
    return BestBlock(tuple(tuple(values[i * d : (i + 1) * d]) for i in range(d)), positive_semidefinite(form))


def right_block_programme(coefficients: Tensors, left: Matrix) -> np.ndarray:
    """The same minimiser by cvxpy, as a user would write it: a d x d array of doubles."""
    d = coefficients.dimension
    form, linear = _right_form(coefficients, left)
    matrix = np.array([[float(x) for x in row] for row in form])
    a = cp.Variable(d * d)
    goal: Any = cp.quad_form(a, cp.psd_wrap((matrix + matrix.T) / 2)) / 2 - np.array([float(x) for x in linear]) @ a
    cp.Problem(cp.Minimize(goal)).solve(solver=cp.CLARABEL)
    return np.asarray(a.value).reshape(d, d)
