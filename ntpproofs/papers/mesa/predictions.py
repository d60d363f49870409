"""What training converges to: exact limits where the diagonal slice is invariant, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ...exact.balls import Interval
from .problem import LinearAttentionAR
from .slice import Constants, Criterion, constants, criterion, slice_flow
from .two_variables import limit

Value = Fraction | Interval | None


@dataclass(frozen=True)
class Expected:
    """The predictions for one problem; None where a quantity does not apply.

    `ab`, `a`, `b`: limits of the flow from the given start. `loss`: the population loss there. `relative_mse`: loss over the loss of
    predicting 0, positions 2..T-1. `test_relative_mse`: the same at the last predicted position T-1 only. `asymptotic_relative_mse`:
    the limit of both as T grows. `mean_ratio`: E of prediction over truth, per coordinate (undefined where a coordinate can be 0).
    """

    ab: Value
    a: Value
    b: Value
    loss: Value
    relative_mse: Value
    test_relative_mse: Value
    asymptotic_relative_mse: Value
    mean_ratio: Value

    def items(self) -> list[tuple[str, Value]]:
        """Names and values in the order above."""
        return [(name, getattr(self, name)) for name in self.__dataclass_fields__]


NOTHING = Expected(*(None,) * 8)


def in_slice(problem: LinearAttentionAR) -> bool:
    """Whether training stays in the diagonal slice: the exact criterion, of which masked gradients need the diagonal part only."""
    found = criterion(problem.law, problem.length)
    return found.uniform if problem.masked else found.invariant


def expected(problem: LinearAttentionAR) -> Expected:
    """The exact predictions.

    >>> from .named_laws import IndependentLaw
    >>> found = expected(LinearAttentionAR(2, 5, IndependentLaw("rademacher", (Fraction(1),) * 2)))
    >>> found.ab, found.relative_mse, found.asymptotic_relative_mse
    (Fraction(18, 29), Fraction(11, 29), Fraction(0, 1))
    """
    if not in_slice(problem):
        return NOTHING
    law, length, d = problem.law, problem.length, problem.dimension
    flow, found = slice_flow(law, length), constants(law)
    target = limit(flow, problem.start)
    p, energy = target.product, sum(found.second, Fraction(0))
    baseline = (length - 2) * energy / 2
    loss = baseline + d * (p * p * flow.beta - 2 * p * flow.alpha) / 2
    last = sum((_position_loss(found, j, p, length - 1) for j in range(d)), Fraction(0))
    ratio = p * found.second[0] if law.never_zero and len(set(found.second)) == 1 else None
    return Expected(p, target.a, target.b, loss, loss / baseline, last / energy, _asymptotic(problem), ratio)


def _position_loss(found: Constants, j: int, p: Fraction, t: int) -> Fraction:
    # E|yhat_j - x_{t+1,j}|^2 at position t: m2 - 2 p k1 + p^2 (k2 + k3/(t-1)).
    return found.second[j] - 2 * p * found.fourth[j] + p * p * (found.sixth[j] + found.rows[j] / (t - 1))


def _asymptotic(problem: LinearAttentionAR) -> Fraction | None:
    # 1 - R with R = k1^2 / (k2 m2), for laws whose slice is invariant at every length.
    law, found = problem.law, constants(problem.law)
    if not found.uniform or not (problem.masked or law.sign_symmetric):
        return None
    if not problem.start.escapes:
        return Fraction(1)
    return 1 - found.fourth[0] ** 2 / (found.sixth[0] * found.second[0])


def recovery_ratio(law_constants: Constants) -> Fraction:
    """R = k1^2 / (k2 m2) in (0, 1], by Cauchy and Schwarz for u and u^3; 1 iff |u_j| takes one value besides 0."""
    return law_constants.fourth[0] ** 2 / (law_constants.sixth[0] * law_constants.second[0])


def reasons(problem: LinearAttentionAR) -> tuple[str, ...]:
    """Why training leaves the slice, in words; empty where it does not.

    >>> from .named_laws import OnesLaw
    >>> reasons(LinearAttentionAR(2, 5, OnesLaw(2)))[0]
    'E u_1^3 u_2^3 is not 0: B leaves the multiples of I'
    """
    found: Criterion = criterion(problem.law, problem.length)
    said = []
    if found.cubic_moments and not problem.masked:
        j, k = found.cubic_moments[0]
        said.append(f"E u_{j + 1}^3 u_{k + 1}^3 is not 0: B leaves the multiples of I")
    if found.other_moments and not problem.masked:
        j, k = found.other_moments[0]
        said.append(f"moments of u_{j + 1} u_{k + 1}^3 and u_{j + 1} u_{k + 1}^5 do not vanish together: A leaves the multiples of I")
    if found.unequal_alpha:
        said.append("E u_j^4 depends on the coordinate j: the diagonal entries separate")
    if found.unequal_beta:
        said.append("T' E u_j^6 + H k3 depends on j, or its row sum differs from its column sum: the diagonal entries separate")
    return tuple(said)
