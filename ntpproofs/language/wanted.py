"""What is asked for besides an answer: known before any work, so that a kind can refuse what it could not give."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidInput
from .answers import SimulationOptions


@dataclass(frozen=True)
class Wanted:
    """One entry of `simulations` per optimizer, and whether a certificate is to be written."""

    simulations: tuple[SimulationOptions, ...] = ()
    certificate: bool = False


def refuse_all_but_the_flow(options: SimulationOptions, kind: str, about: str) -> None:
    """Raise `InvalidInput` for another optimizer, for what is asked about steps, and for a log time that is no positive number.

    >>> refuse_all_but_the_flow(SimulationOptions(), "coin", "the gradient flow")
    """
    if options.optimizer != SimulationOptions.optimizer:
        raise InvalidInput("--optimizer", f"{options.optimizer} does not apply to {kind}, whose predictions are about {about}", "drop the option")
    options.refuse_steps(f"the simulation of {kind}")
    if not options.log_time > 0:
        raise InvalidInput("--log-time", f"is {options.log_time}", "give a positive number")


__all__ = ["Wanted", "refuse_all_but_the_flow"]
