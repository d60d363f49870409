"""The smoothness constant of a conditional logit, as an exact upper bound (`foundations`, section 1; A-D-L of linear NTP).

    beta = min( 1/4 sum_i a_i max_{u,v} |x_iu - x_iv|^2 ,  1/2 lambda_max( sum_i a_i sum_v (x_iv - c_i)(x_iv - c_i)^T ) )

The first is Popoviciu's inequality Var <= range^2 / 4, the second uses range^2 <= 2 sum (y_v - c)^2. Both bound D^2 L
everywhere, so gradient descent with step at most 1/beta decreases the loss.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from ..exact.balls import largest_eigenvalue
from ..exact.rational import dot
from .problem import ConditionalLogit, Vector
from .protocols import reduced


def smoothness(problem: ConditionalLogit) -> Fraction:
    """A rational beta with D^2 L(w) <= beta I for every w; zero iff the loss is constant.

    >>> smoothness(ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])]))
    Fraction(1, 4)
    """
    problem = reduced(problem)
    popoviciu = Fraction(0)
    data = problem.data
    for block in data.blocks:
        right = sum((x * x for x in data.right_factor(block).values()), Fraction(0))
        popoviciu += block.weight * right * _diameter(data.left, tuple(block.alternatives)) / 4
    return min(popoviciu, _second_moment(problem)) if popoviciu else popoviciu


def largest_step(problem: ConditionalLogit) -> Fraction:
    """The step 1/beta that every descent result allows (1 when the loss is constant: any step does nothing).

    >>> largest_step(ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])]))
    Fraction(4, 1)
    """
    beta = smoothness(problem)
    return 1 / beta if beta else Fraction(1)


def _diameter(bank: tuple[Vector, ...] | None, items: tuple[int, ...]) -> Fraction:
    if bank is None:
        return Fraction(2 if len(set(items)) > 1 else 0)
    rows = [bank[v] for v in items]
    squared = (dot(gap, gap) for x, y in combinations(rows, 2) for gap in [tuple(a - b for a, b in zip(x, y))])
    return max(squared, default=Fraction(0))


def _second_moment(problem: ConditionalLogit) -> Fraction:
    # With identity left factors the matrix is I (x) sum_j a_j h_j h_j^T: the eigenvalue of a d x d matrix. Centring each
    # choice set at its mean lowers the bound otherwise.
    data = problem.data
    height, width = data.shape
    if data.left is None and data.right is None:
        return max(block.weight for block in data.blocks) / 2
    size = width if data.left is None else height * width
    total = [[Fraction(0)] * size for _ in range(size)]
    for b, block in enumerate(data.blocks):
        if data.left is None:
            vectors = [tuple(data.right[block.right])] if data.right else []
        else:
            features = [problem.feature(b, v) for v in range(len(block.alternatives))]
            mean = tuple(sum(entries, Fraction(0)) / len(features) for entries in zip(*features))
            vectors = [tuple(x - y for x, y in zip(feature, mean)) for feature in features]
        for x in vectors:
            for i, a in enumerate(x):
                if a:
                    for k, c in enumerate(x):
                        total[i][k] += block.weight * a * c
    return largest_eigenvalue(total) / 2
