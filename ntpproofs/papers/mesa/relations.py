"""Relations of this paper's proofs and runs: what a chain rule, a sum of squares or the end of a trajectory says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy as sp

from ...exact.balls import Interval
from ...language.compared_values import flatten
from ...language.verdicts import Evidence, Outcome, Verdict
from ...symbolic.line import Line
from ...symbolic.printing import latex_of


def _vanishes(expression: Any) -> bool:
    """Whether a rational function is zero: numerator of the cancelled fraction, expanded."""
    numerator, _ = sp.fraction(sp.cancel(sp.together(sp.sympify(expression))))
    return bool(sp.expand(numerator) == 0)


@dataclass(frozen=True, eq=False)
class AlongFlow:
    """d/dtau of `expression` equals `claimed` when each variable moves with the given velocity (chain rule, then `cancel`).

    >>> a, b = sp.symbols("a b")
    >>> AlongFlow(a**2 - b**2, {a: b, b: a}, 0).decide().evidence.word
    'proved'
    """

    expression: Any
    velocity: Mapping[sp.Symbol, Any]
    claimed: Any

    def decide(self) -> Verdict:
        """PROVED for all values, or REFUTED with the difference."""
        found = sum((sp.diff(self.expression, x) * v for x, v in self.velocity.items()), sp.Integer(0))
        if _vanishes(found - self.claimed):
            return Verdict(Outcome.HOLDS, Evidence.PROVED, "all reals", "chain rule, then rational normal form")
        return Verdict(Outcome.REFUTED, Evidence.CERTIFIED, detail=f"the derivative is {sp.expand(found)}, not {self.claimed}")

    def lines(self) -> tuple[Line, ...]:
        """The derivative along the flow and what it equals."""
        inside, [first, *others] = latex_of(self.expression), list(self.velocity)
        along = latex_of(first) if not others and self.velocity[first] == 1 else r"\tau"
        moving = rf"\tfrac{{d}}{{d{along}}}\left({inside}\right)"
        return (Line(moving, "=", latex_of(self.claimed), "derivative"),)


@dataclass(frozen=True, eq=False)
class SumOfSquares:
    """expression = sum of weight * square, with weights that are products and sums of the positive symbols: hence expression >= 0.

    >>> x, y = sp.symbols("x y", real=True)
    >>> SumOfSquares(x**2 + y**2 - 2 * x * y, [(1, x - y)]).decide().outcome.value
    'holds'
    """

    expression: Any
    squares: Sequence[tuple[Any, Any]]

    def decide(self) -> Verdict:
        """PROVED if the identity holds and every weight is a sum of positive terms."""
        whole = sum((sp.sympify(w) * sp.sympify(q) ** 2 for w, q in self.squares), sp.Integer(0))
        if not _vanishes(self.expression - whole):
            return Verdict(Outcome.REFUTED, Evidence.CERTIFIED, detail=f"the squares add up to {sp.expand(whole)}")
        for weight, _ in self.squares:
            if not all(_positive(term) for term in sp.Add.make_args(sp.expand(weight))):
                return Verdict(Outcome.INCONCLUSIVE, detail=f"the weight {weight} is not visibly non-negative")
        return Verdict(Outcome.HOLDS, Evidence.PROVED, "all reals", f"a sum of {len(self.squares)} squares with non-negative weights")

    def lines(self) -> tuple[Line, ...]:
        """The expression as the weighted squares it was compared with."""
        squares = sp.Add(*(sp.Mul(w, sp.Pow(q, 2, evaluate=False), evaluate=False) for w, q in self.squares), evaluate=False)
        return (Line(latex_of(self.expression), "=", latex_of(squares), "algebra"),)


def _positive(term: Any) -> bool:
    return bool(term.is_nonnegative)


@dataclass(frozen=True, eq=False)
class Settled:
    """left = right for two objects that a finite case analysis over all sizes has produced.

    >>> Settled({1: 2}, {1: 2}, "case analysis").decide().scope
    'all sizes'
    """

    left: Any
    right: Any
    procedure: str
    scope: str = "all sizes"

    def decide(self) -> Verdict:
        """PROVED by the named procedure, or REFUTED (certified)."""
        if self.left == self.right:
            return Verdict(Outcome.HOLDS, Evidence.PROVED, self.scope, self.procedure)
        return Verdict(Outcome.REFUTED, Evidence.CERTIFIED, detail=f"{self.left} is not {self.right}")


@dataclass(frozen=True, eq=False)
class Reaches:
    """The end of a run agrees with an exact or enclosed limit, to the absolute `error` the run states for itself. A run that has diverged
    (infinite) reaches nothing."""

    found: Any
    target: Any
    error: float
    name: str = "the end of the run"
    away: bool = field(default=False)

    def decide(self) -> Verdict:
        """TESTED, about the limit of a trajectory; with `away` the run must end farther away than the error."""
        targets = np.array([float(x.center) if isinstance(x, Interval) else float(x) for x in flatten(self.target)])
        radius = max((float(x.radius) for x in flatten(self.target) if isinstance(x, Interval)), default=0.0)
        gap = float(abs(np.ravel(self.found) - targets).max())
        bar = self.error + radius
        detail = f"{self.name}: distance {gap:.3g}, error bar {bar:.2g}"
        if np.isnan(gap):
            return Verdict(Outcome.INCONCLUSIVE, detail=detail)
        holds = (gap > bar) if self.away else (gap <= bar)
        return Verdict(Outcome.HOLDS if holds else Outcome.REFUTED, Evidence.TESTED, detail=detail, slack=bar - gap, on_path=True)


@dataclass(frozen=True)
class OfRuns:
    """A relation between the ends of several runs: what it finds is about limits of trajectories.

    >>> from ...language.relations import Less
    >>> OfRuns(Less(1.0, 2.0)).decide().on_path
    True
    """

    relation: Any

    def decide(self) -> Verdict:
        """The verdict of the relation, marked as one about trajectories."""
        found: Verdict = self.relation.decide()
        return replace(found, on_path=True)
