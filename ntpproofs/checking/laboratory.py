"""One run's seed, budget and caches: what is drawn, derived and simulated once and shared by all statements of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..language.frozen_statements import Instance
from ..language.statements import Case, Statement
from .examining import derive_default
from .instances import identity


@dataclass(frozen=True)
class Profile:
    """How much is drawn: instances per claim, instances searched per mutant, candidates tried when minimising a witness."""

    name: str
    instances: int
    mutant_instances: int
    shrinking_budget: int


PROFILES = {
    "quick": Profile("quick", 24, 80, 60),
    "standard": Profile("standard", 120, 300, 200),
    "thorough": Profile("thorough", 1_000, 2_000, 600),
}


@dataclass(eq=False)
class Laboratory:
    """One run: seed, budget, and what has been drawn and simulated so far."""

    profile: Profile = PROFILES["quick"]
    seed: int = 0
    _pools: dict[int, tuple[Any, list[Any]]] = field(default_factory=dict, repr=False)
    _trajectories: dict[tuple[int, Any], tuple[Any, Any]] = field(default_factory=dict, repr=False)
    _same: dict[Any, Any] = field(default_factory=dict, repr=False)

    def pool(self, instances: Any, count: int) -> list[Any]:
        """The first `count` draws of a strategy or iterable; within one run a source is drawn once, equal problems are one
        object, and so whatever is derived from them is derived once."""
        if instances is None:
            return []
        key = id(instances)
        if key not in self._pools:
            drawn = draw(instances, self.profile.mutant_instances, self.seed)
            self._pools[key] = instances, [self._same.setdefault(identity(problem), problem) for problem in drawn]
        return self._pools[key][1][:count]

    def case(self, statement: Statement, problem: Instance) -> Case:
        """The case of a statement on one problem, with shared derived objects and trajectories."""
        simulate = statement.simulate
        return Case(problem, statement.derive or derive_default, None if simulate is None else self._simulator(simulate))

    def _simulator(self, simulate: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(problem: Instance) -> Any:
            key = id(problem), simulate
            if key not in self._trajectories:
                self._trajectories[key] = problem, simulate(problem)
            return self._trajectories[key][1]

        return run


def draw(instances: Any, count: int, seed: int) -> list[Any]:
    """Up to `count` different instances of a Hypothesis strategy, drawn deterministically from a seed, or the first ones of any iterable."""
    if instances is None:
        return []
    from hypothesis.strategies import SearchStrategy

    if not isinstance(instances, SearchStrategy):
        return list(islice(iter(instances), count))
    from .drawing import different

    return different(instances, seed, count)
