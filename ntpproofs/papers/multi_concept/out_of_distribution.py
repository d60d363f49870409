r"""Out of distribution (S14): new concepts built from known ones, other lengths and compositions, and the exact tests for them.

Gamma = sum_k gamma_k P_{b_k} + (anything on a and on the complement), plus neurons u_ik, v_ik. For a new concept a* =
sum theta_k a_k, b* = sum phi_k b_k, c* = sum theta'_k c_k, d* = sum psi_k d_k:

    beta* = sum phi_k^2 beta_k,  u*_i = sum theta'_k u_ik,  v*_i = sum psi_k v_ik,  rho* = tanh(beta* + log(n_+ / n_-) / 2)
    f = e_q sign(rho*) R(|rho*|),  R(x) = (1/m) sum_i [(u*_i + x v*_i)_+ - (u*_i - x v*_i)_+],

so the prediction is right iff sign(rho*) R(|rho*|) > 0. With theta', psi >= 0, u, v >= 0 and some v*_i > 0, R > 0 on
(0, 1]: right iff rho* > 0, that is n_- / n_+ < e^{2 beta*}. Whether d* lies in the cone of the d_k is decided
exactly, with the coefficients or a Farkas certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ...errors import InvalidInput
from ...exact.balls import PRECISION, Interval, exact_arb
from ...exact.cone import Rows, partition
from ...exact.programme import combine
from ...exact.rational import Vector, clear_denominators, dot, integer_array

Matrix = tuple[Vector, ...]


@dataclass(frozen=True)
class Membership:
    """Whether target = sum coefficients[k] generators[k] with coefficients >= 0.

    If not, `certificate` is a w with <w, generator> >= 0 for all of them and <w, target> < 0 (Farkas).
    """

    inside: bool
    coefficients: Vector | None
    certificate: Vector | None

    def verify(self, generators: Sequence[Vector], target: Vector) -> bool:
        """Check the witness by arithmetic alone."""
        if self.inside:
            assert self.coefficients is not None
            mixed = [sum((x * g[i] for x, g in zip(self.coefficients, generators)), Fraction(0)) for i in range(len(target))]
            return min(self.coefficients, default=Fraction(0)) >= 0 and tuple(mixed) == tuple(target)
        assert self.certificate is not None
        return all(dot(self.certificate, g) >= 0 for g in generators) and dot(self.certificate, target) < 0


def conic_membership(generators: Sequence[Vector], target: Vector) -> Membership:
    """Decide exactly whether `target` is a non-negative combination of the generators.

    The row -target of {w : <w, g> >= 0, <w, -target> >= 0} vanishes on the whole cone iff target lies in the cone of the generators (Goldman-Tucker),
    and the partition of the rows carries both witnesses.

    >>> e1, e2 = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))
    >>> conic_membership([e1, e2], (Fraction(2), Fraction(-1))).certificate
    (Fraction(1, 1), Fraction(3, 1))
    >>> conic_membership([e1, e2], (Fraction(2), Fraction(3))).coefficients
    (Fraction(2, 1), Fraction(3, 1))
    """
    if any(len(g) != len(target) for g in generators):
        raise InvalidInput("target", f"has {len(target)} entries", "give vectors of one length")
    if not any(target):
        return Membership(True, (Fraction(0),) * len(generators), None)
    rows, last = [*generators, tuple(-x for x in target)], len(generators)
    integers, scale = clear_denominators(rows)
    table = integer_array(integers, products=max(len(target), 1))
    system = Rows(table @ table.T, table.astype(float))
    live = [r for r, row in enumerate(integers) if any(row)]
    found = partition(system, [], live)
    if last in found.tied:
        weights = found.circulation
        return Membership(True, tuple(weights.get(k, Fraction(0)) / weights[last] for k in range(last)), None)
    w = [Fraction(0)] * len(target)
    for r, y in found.optimum.multipliers.items():
        w = [total + y * x for total, x in zip(w, integers[r])]
    assert combine(system, found.optimum.multipliers)[last] > 0
    return Membership(False, None, tuple(x * scale for x in w))


def conic_programme(generators: Sequence[Vector], target: Vector, solver: str = "CLARABEL") -> tuple[np.ndarray, float]:
    """(psi, residual) of min |sum psi_k g_k - target|, psi >= 0, by cvxpy: the readable formulation `conic_membership` is compared with."""
    import cvxpy as cp

    table = np.array([[float(x) for x in g] for g in generators])
    psi = cp.Variable(len(generators), nonneg=True)
    problem = cp.Problem(cp.Minimize(cp.norm(table.T @ psi - np.array([float(x) for x in target]))))
    problem.solve(solver=solver)
    return np.asarray(psi.value), float(problem.value)


@dataclass(frozen=True)
class Recombination:
    """Coefficients (theta, phi, theta', psi) of one new concept, one rational per known concept each."""

    theta: Vector
    phi: Vector
    gates: Vector
    psi: Vector


@dataclass(frozen=True)
class Trained:
    """A trained model in the algebra: `beta` (K,) > 0 and plus neurons `gate` u, `lift` v (M x K), rational; m = 2 M neurons."""

    beta: Vector
    gate: Matrix
    lift: Matrix

    @property
    def neurons(self) -> int:
        """m."""
        return 2 * len(self.gate)

    def mean_lift(self) -> Vector:
        """(1/m) sum_i v_ik for every concept: in the linear regime the response is 2 rho times their psi-combination."""
        return tuple(sum(column, Fraction(0)) / self.neurons for column in zip(*self.lift))


def new_beta(model: Trained, new: Recombination) -> Fraction:
    """beta* = sum phi_k^2 beta_k: the signs of phi do not matter, and theta does not occur."""
    return sum((x * x * b for x, b in zip(new.phi, model.beta)), Fraction(0))


def new_attention(model: Trained, new: Recombination, matching: int, length: int) -> arb:
    """rho* = tanh(beta* + log(n_+ / n_-) / 2) at the current precision."""
    if matching in (0, length):
        return arb(1 if matching else -1)
    return (exact_arb(new_beta(model, new)) + exact_arb(Fraction(matching, length - matching)).log() / 2).tanh()


def response(model: Trained, new: Recombination, x: arb) -> arb:
    """R(x), the output for a matching query at attention x, at the current precision."""
    total = arb(0)
    for gates, lifts in zip(model.gate, model.lift):
        u, v = exact_arb(dot(new.gates, gates)), exact_arb(dot(new.psi, lifts))
        total += _positive(u + x * v) - _positive(u - x * v)
    return total / model.neurons


def _positive(x: arb) -> arb:
    return x.max(arb(0))


def correct(model: Trained, new: Recombination, matching: int, length: int) -> bool | None:
    """Whether the prediction is right: sign(rho*) R(|rho*|) > 0, in balls; None if it is 0 or cannot be told from 0.

    >>> one = (Fraction(1),)
    >>> model = Trained((Fraction(1),), ((Fraction(1),),), ((Fraction(2),),))
    >>> new = Recombination(one, one, one, one)
    >>> correct(model, new, 1, 8), correct(model, new, 1, 9)
    (True, False)
    """
    with ctx.workprec(PRECISION):
        rho = new_attention(model, new, matching, length)
        value = response(model, new, rho)
        return True if value > 0 else False if value < 0 else None


def largest_ratio(model: Trained, new: Recombination) -> Interval:
    """e^{2 beta*}: in the cone the prediction is right exactly for n_- / n_+ below it."""
    from ...exact.balls import interval

    with ctx.workprec(PRECISION):
        return interval(exact_arb(2 * new_beta(model, new)).exp())


def worst_case_margin(lifts: Sequence[Fraction]) -> tuple[Fraction, Vector]:
    """min over the simplex of sum psi_k v_k, and a minimiser: a vertex, so the least v_k.

    >>> worst_case_margin([Fraction(2), Fraction(1)])
    (Fraction(1, 1), (Fraction(0, 1), Fraction(1, 1)))
    """
    least = min(lifts)
    place = list(lifts).index(least)
    return least, tuple(Fraction(int(k == place)) for k in range(len(lifts)))


def worst_case_programme(lifts: Sequence[Fraction], solver: str = "HIGHS") -> float:
    """The same by a linear programme in cvxpy."""
    import cvxpy as cp

    psi = cp.Variable(len(lifts), nonneg=True)
    problem = cp.Problem(cp.Minimize(np.array([float(x) for x in lifts]) @ psi), [cp.sum(psi) == 1])
    problem.solve(solver=solver)
    return float(problem.value)
