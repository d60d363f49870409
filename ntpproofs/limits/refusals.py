"""What an answer by a conditional logit could not give, refused before any work: the route is known from counting, and so is what it has."""

from __future__ import annotations

from ..errors import InvalidInput, TooLarge
from ..language.answers import Request
from ..language.wanted import Wanted
from ..logit.problem import ConditionalLogit

REMEDY = "add --exact, or drop the option"


def refuse_beyond(logit: ConditionalLogit, request: Request, wanted: Wanted, why: str, closed: bool = False) -> None:
    """Raise `TooLarge` for what the enclosed route does not have, `InvalidInput` for what would do nothing or that no simulator has.

    `why` says why the enclosed route will answer, and is empty for the exact one. Under a time limit the enclosed route may have to take
    over from the exact one, and `--save` is for it; not where a closed form answers (`closed`).

    >>> refuse_beyond(ConditionalLogit([(1, 0, [["1"], ["0"]])]), Request(), Wanted(certificate=True), "")
    """
    effort = request.effort
    encloses = bool(why) and not effort.exact
    if encloses and "attend" in request.options:
        raise TooLarge("--attend", f"follows answers of the exact route, and this one is enclosed: {why}", REMEDY)
    if encloses and wanted.certificate:
        raise no_certificate(why)
    if encloses and wanted.simulations:
        raise no_simulation(why)
    if effort.save is not None and not encloses and (effort.exact or closed or effort.seconds is None):
        raise InvalidInput("--save", "keeps runs of the enclosed route, and this answer is exact", "drop the option")
    if wanted.simulations:
        from .simulation import simulator

        for options in wanted.simulations:
            simulator(logit.dimension, options)


def no_certificate(why: str) -> TooLarge:
    """Why an enclosed answer has none."""
    return TooLarge("--certificate", f"holds rational numbers, and this answer is enclosed in floating point: {why}", REMEDY)


def no_simulation(why: str) -> TooLarge:
    """Why an enclosed answer has none."""
    return TooLarge("--simulate", f"follows answers of the exact route, and this one is enclosed: {why}", REMEDY)


__all__ = ["no_certificate", "no_simulation", "refuse_beyond"]
