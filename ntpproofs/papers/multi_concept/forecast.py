r"""What training ends in, predicted for one problem: all rest states, the one reached from the stated start, thresholds and error levels.

Rest states, threshold and bound are enclosed. Which of them a start reaches is found by following the flow in floats;
a start on the border of two basins is undecided, not guessed. Without regularisation nothing comes to rest, and the
answer is the late law of the loss instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from flint import arb, ctx

from ...exact.balls import PRECISION, Interval, exact_arb, interval
from .error_levels import composition_error, irreducible_error, label_noise_error, label_noise_floor, pair_bound
from .flow import late_constant
from .problem import MultiConcept
from .settling import Settled, critical_regularisation, settle
from .stationary import COLLAPSED, ONE_SIDED, SLIDING, RestState, RestStates, necessary_bound, rest_states, threshold

UNBOUNDED, UNDECIDED = "unregularised", "undecided"
ZERO = Interval(Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Forecast:
    """The answer for one problem. `settled` is None exactly for lambda = 0.

    >>> found = forecast(MultiConcept(4, neurons=64, regularisation=Fraction(1, 1000)))
    >>> found.regime, round(float(found.beta.center), 3), round(float(found.margin.center), 3)
    ('sliding', 2.368, 0.656)
    """

    problem: MultiConcept
    rest: RestStates
    settled: Settled | None

    @property
    def regime(self) -> str:
        """sliding, one-sided, collapsed, unregularised, or undecided for a start on the border of two basins."""
        return UNBOUNDED if self.settled is None else self.settled.regime

    @property
    def reached(self) -> RestState | None:
        """The rest state reached; None for the origin and without regularisation."""
        return None if self.settled is None else self.settled.rest

    def _of_state(self, name: str) -> Interval | None:
        if self.settled is None or self.regime == UNDECIDED:
            return None
        return ZERO if self.reached is None else getattr(self.reached, name)

    @property
    def beta(self) -> Interval | None:
        """beta at rest."""
        return self._of_state("beta")

    @property
    def margin(self) -> Interval | None:
        """F at rest."""
        return self._of_state("margin")

    @property
    def rho(self) -> Interval | None:
        """rho = tanh beta: 1 in the limit without regularisation."""
        return Interval(Fraction(1), Fraction(0)) if self.settled is None else self._of_state("rho")

    @property
    def learned(self) -> bool:
        """Whether the concept is learned (False as well where it is undecided)."""
        return self.regime not in (COLLAPSED, UNDECIDED)

    @property
    def late_regime(self) -> str | None:
        """Without regularisation: sliding if C >= D, else one-sided."""
        if self.settled is not None:
            return None
        return SLIDING if self.problem.c >= self.problem.d else ONE_SIDED

    @cached_property
    def threshold(self) -> Interval:
        """The largest lambda with a learned rest state."""
        return threshold(self.problem.landscape)[0] if self.problem.alive else ZERO

    @cached_property
    def bound(self) -> Interval:
        """The necessary bound on lambda."""
        return necessary_bound(self.problem.landscape) if self.problem.alive else ZERO

    @cached_property
    def critical(self) -> float | None:
        """The largest lambda that is still learned from this start, in floats; None where it cannot be told."""
        p = self.problem
        try:
            return critical_regularisation(p.landscape, float(p.initial_scale), float(p.initial_gate), float(p.initial_lift)) if p.alive else None
        except ArithmeticError:
            return None

    def levels(self) -> dict[str, Interval | None]:
        """0-1 error levels: S10 and S11 with the noise given (None without noise), S15 for fair independent signs."""
        p, rho = self.problem, self.rho
        labels = words = floor = None
        if p.label_noise:
            labels = None if rho is None else label_noise_error(rho, p.d, p.length, p.label_noise, p.concepts)
            floor = label_noise_floor(p.d, p.length, p.label_noise, p.concepts)
        if p.word_noise:
            with ctx.workprec(PRECISION):
                size = interval(exact_arb(p.b).sqrt())
            words = pair_bound(p.length // 2, p.length // 2, size, p.word_noise)
        mixed: Interval | None = Interval(irreducible_error(p.length), Fraction(0))
        if self.settled is not None:
            mixed = None if self.beta is None else composition_error(p.length, self.beta)
        return {
            "label_noise_error": labels,
            "label_noise_floor": floor,
            "word_noise_bound": words,
            "iid_error": mixed,
            "irreducible_error": Interval(irreducible_error(p.length), Fraction(0)),
        }

    def predictions(self) -> dict[str, Any]:
        """Every predicted quantity: `Interval`s (None where it does not apply) and the string `regime`."""
        state = self.reached
        found: dict[str, Any] = {"beta": self.beta, "margin": self.margin, "rho": self.rho, "regime": self.regime}
        found |= {"gate": self._of_state("gate"), "lift": self._of_state("lift"), "gate_weight": state.weight if state else None}
        found |= {"regularisation_threshold": self.threshold, "regularisation_bound": self.bound}
        found |= {"loss": self.loss, "late_loss": self.late_loss, **self.levels()}
        return found

    @property
    def loss(self) -> Interval | None:
        """The cross-entropy at rest, with the flips: (1 - p) log(1 + e^-F) + p log(1 + e^F). None without regularisation."""
        if self.margin is None:
            return None
        with ctx.workprec(PRECISION):
            f, p = arb(exact_arb(self.margin.center), exact_arb(self.margin.radius)), exact_arb(self.problem.flips)
            return interval((1 + (-f).exp()).log() + p * f)

    @property
    def late_loss(self) -> Interval | None:
        """Without regularisation and flips: lim t * loss. None otherwise."""
        p = self.problem
        if self.late_regime is None or p.flips or not p.alive:
            return None
        value = late_constant(p.neurons, p.concepts, p.alive, p.c, p.d, self.late_regime)
        return Interval(value, Fraction(0))


@lru_cache(maxsize=512)
def forecast(problem: MultiConcept) -> Forecast:
    """Predict where training ends."""
    if not problem.regularisation:
        return Forecast(problem, RestStates((), True), None)
    rest = rest_states(problem.landscape, problem.regularisation)
    start = (float(problem.initial_scale), float(problem.initial_gate), float(problem.initial_lift))
    try:
        settled = settle(problem.landscape, problem.regularisation, *start)
    except ArithmeticError:  # the only one: not settled within the budget, so close to a border that floats cannot tell
        settled = Settled(UNDECIDED, start, 0.0, 0, None)
    return Forecast(problem, rest, settled)


def predictions(problem: MultiConcept) -> dict[str, Any]:
    """`forecast(problem).predictions()`.

    >>> predictions(MultiConcept(2, alive=6))["regime"]
    'sliding'
    """
    return forecast(problem).predictions()
