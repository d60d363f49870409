"""How far the last slope is from the max-margin direction u, bounded in balls without knowing u.

For any y >= 0 on the separable alternatives put w = X' y, m = X w and gamma = min m. If gamma > 0 then

    |w / gamma - u|^2  <=  gamma^-2 sum_z y_z (m_z - gamma):

with u = X' lambda, lambda >= 0 supported where <u, x> = 1, expand <w - gamma u, X'(y - gamma lambda)>; both
sum y (gamma - gamma <u, x>) and -gamma sum lambda (m - gamma) are non-positive. This is a proof for every y, so y may be
chosen freely: the masses as they are, and the masses corrected by the least change that makes every margin of an active
set, read off the masses, equal to 1 (Newton's correction of a KKT point). Where the active set is right the bound falls to
the precision of the balls, and what is left is the distance between the recorded slope and w / gamma.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from flint import arb, arb_mat, ctx

from ...exact.balls import exact_arb, lower, norm, upper
from ...exact.rational import sub
from ...logit.assemble import assemble_balls
from ...logit.coordinates import Coordinates
from ...logit.decomposition import Decomposition
from ...logit.shapes import Active, OfActive, OfAlternatives, OfSeparable, Parameter, SeparableRows

BITS = 192
# Entries of the ball matrices: beyond these a check would take longer than the flow.
LARGEST_CHECK = 1_500_000
LARGEST_TIED = 250
SETS, ROUNDS = 6, 12


@dataclass(frozen=True)
class SlopeCheck:
    """`bound` on |slope - u| with the number of `active` alternatives it was proved with; without one, the `reason`."""

    bound: float | None
    active: int
    reason: str


def check_slope(parts: Decomposition, masses: OfAlternatives, slope: Parameter, frame: Coordinates | None = None) -> SlopeCheck:
    """Bound the distance of a slope from u, for masses y (blocks x alternatives, zero on tied ones).

    Corrections are proposed in the coordinates `frame`, by default the orthonormal ones.
    """
    frame = parts.coordinates if frame is None else frame
    y = masses[frame.is_separable]
    if not len(y):
        length = float(np.linalg.norm(slope)) * (1.0 + 2.0**-50 * (4 + len(slope)))  # rounding of a norm, with room
        return SlopeCheck(length, 0, "nothing is separable, so u = 0")
    if len(parts.tied.inside) > LARGEST_TIED or len(y) * len(parts.tied.inside) > LARGEST_CHECK:
        return SlopeCheck(None, 0, f"no error bound: {len(y)} alternatives and {len(parts.tied.inside)} tied directions are too many for balls")
    with ctx.workprec(BITS):
        checker = _Checker(parts, frame)
        best = SlopeCheck(None, 0, "no error bound: the masses do not separate the data yet (some margin of the slope is not positive)")
        for active in _active_sets(y):
            if len(y) * len(active) > LARGEST_CHECK:
                if best.bound is None:
                    best = SlopeCheck(None, 0, f"no error bound: {len(active)} active among {len(y)} alternatives are too many for balls")
                continue
            columns = checker.columns(active)
            for proposal in (checker.corrected(y, active), checker.plain(y, active)):
                bound, closed = checker.bound(proposal, columns, active, slope)
                if bound is not None and (best.bound is None or bound < best.bound):
                    best = SlopeCheck(bound, len(active), "")
                if closed:
                    return best
        return best


def _active_sets(y: OfSeparable) -> list[Active]:
    # Cut the sorted masses at their widest gaps (in logarithms), and take everything above 1e-16 of the largest as well.
    order = np.argsort(-y, kind="stable")
    if not y[order[0]] > 0:  # every mass underflows: nothing can be read off
        return []
    logs = np.log(np.maximum(y[order] / y[order[0]], 1e-300))
    reach = int((logs > np.log(1e-16)).sum())
    gaps = logs[:-1] - logs[1:]
    cuts = sorted(range(min(reach, len(gaps))), key=lambda k: -gaps[k])[:SETS]
    sizes = dict.fromkeys([*(k + 1 for k in cuts if gaps[k] > 1.0), reach])
    return [np.sort(order[:size]) for size in sizes]


class _Checker:
    """Ball arithmetic of one check: margins of X' y for y on a set of separable alternatives."""

    def __init__(self, parts: Decomposition, frame: Coordinates) -> None:
        self.parts = parts
        self.frame = frame
        self.anchored = parts.separation.anchored
        tied = parts.separation.partition.tied
        self.separable = [r for r in self.anchored.inequalities if r not in tied]
        self.tied = list(parts.tied.inside)
        self.scale = arb(1) / (arb(self.anchored.scale) ** 2)

    @cached_property
    def rows(self) -> SeparableRows:
        # In user units where the coordinates are orthonormal: natural lengths times the unit.
        return np.asarray(self.frame.rows[self.frame.is_separable][:, self.frame.split :])

    def _correction(self, active: Active) -> Callable[[OfActive], list[arb]]:
        # Multiplies by the pseudo-inverse of the Gram matrix X G X' of the active rows, for rows X in coordinates of metric G. Where G
        # spans many orders the result is X^+' times a vector of order 1/G, which doubles would round before it cancels: in balls.
        x, metric = self.rows[active], self.frame.metric[self.frame.split :] * self.frame.length**2
        if self.frame.basis is None:
            correct = np.linalg.pinv((x * metric) @ x.T, rcond=1e-12, hermitian=True)
            return lambda gaps: [exact_arb(float(y)) for y in correct @ gaps]
        inverse = np.linalg.pinv(x, rcond=1e-12)
        outer = arb_mat([[exact_arb(float(y)) for y in row] for row in inverse.T])

        def correction(gaps: OfActive) -> list[arb]:
            steps = outer * arb_mat([[exact_arb(float(y))] for y in (inverse @ gaps) / metric])
            return [steps[i, 0] for i in range(len(active))]

        return correction

    @cached_property
    def _tied_gram(self) -> arb_mat:
        return arb_mat(sub(self.anchored.rows.gram, self.tied, self.tied))

    @cached_property
    def _mixed(self) -> arb_mat:
        return arb_mat(sub(self.anchored.rows.gram, self.separable, self.tied))

    def columns(self, active: Active) -> arb_mat:
        """The Gram matrix of all separable rows with the active ones."""
        return arb_mat(sub(self.anchored.rows.gram, self.separable, [self.separable[k] for k in active]))

    @cached_property
    def _tied_inverse(self) -> arb_mat:
        return self._tied_gram.inv()

    def _margins(self, columns: arb_mat, mixed: arb_mat, chosen: arb_mat, y: arb_mat) -> tuple[arb_mat, arb_mat]:
        # w = sum y d + sum mu d_tied with mu making w orthogonal to the tied span; its scores with the rows that `columns` and
        # `mixed` have, where `chosen` holds the products of the active rows with the tied ones.
        margins = columns * y
        if not self.tied:
            return margins * self.scale, arb_mat(0, 1)
        mu = self._tied_inverse * (chosen.transpose() * y * arb(-1))
        return (margins + mixed * mu) * self.scale, mu

    def _among(self, active: Active) -> tuple[arb_mat, arb_mat]:
        # The Gram matrix of the active rows, and their products with the tied ones.
        names, gram = [self.separable[int(k)] for k in active], self.anchored.rows.gram
        return arb_mat(sub(gram, names, names)), arb_mat(sub(gram, names, self.tied))

    def plain(self, y: OfSeparable, active: Active) -> arb_mat:
        """The masses of the active set as they are."""
        return arb_mat([[exact_arb(float(y[k]))] for k in active])

    def corrected(self, y: OfSeparable, active: Active) -> arb_mat:
        """The masses of the active set, changed as little as possible until their margins are 1 to the precision of the balls."""
        correct = self._correction(active)
        current, (square, chosen) = self.plain(y, active), self._among(active)
        for _ in range(ROUNDS):
            margins, _ = self._margins(square, chosen, chosen, current)
            gaps = [arb(1) - margins[i, 0] for i in range(len(active))]
            size = max(abs(float(g.mid())) for g in gaps)
            if size < 1e-33 or not np.isfinite(size):  # right, or too far off for a double to say how far
                break
            # Corrections are rounded relative to their own size, so every round gains the digits of one float solve.
            unit = exact_arb(2.0 ** int(np.floor(np.log2(size))))
            step = correct(np.array([float((g / unit).mid()) for g in gaps]))
            current = arb_mat([[(current[i, 0] + step[i] * unit).mid()] for i in range(len(active))])
        return arb_mat([[current[i, 0] if current[i, 0] > 0 else arb(0)] for i in range(len(active))])

    def bound(self, y: arb_mat, columns: arb_mat, active: Active, slope: Parameter) -> tuple[float | None, bool]:
        """The proved bound for one y >= 0 (None where gamma is not positive), and whether y is a KKT point to 1e-14."""
        chosen = arb_mat(sub(self.anchored.rows.gram, [self.separable[int(k)] for k in active], self.tied))
        margins, mu = self._margins(columns, self._mixed, chosen, y)
        # Margins agree to 30 digits near a KKT point: the least is taken exactly, not after rounding to doubles.
        least = exact_arb(min(lower(margins[i, 0]) for i in range(margins.nrows())))
        if not least > 0:
            return None, False
        excess = sum((y[i, 0] * (margins[int(k), 0] - least) for i, k in enumerate(active)), arb(0))
        outer = exact_arb(max(upper(excess), Fraction(0))).sqrt() / least
        values = {self.separable[int(k)]: y[i, 0] / least for i, k in enumerate(active)}
        values |= {r: mu[i, 0] / least for i, r in enumerate(self.tied)}
        w = assemble_balls(self.anchored.problem, self.anchored.coefficients(values))
        distance = norm(x - exact_arb(float(s)) for x, s in zip(w, slope))
        return float(np.nextafter(float(upper(distance + outer)), np.inf)), bool(outer < exact_arb(1e-14))
