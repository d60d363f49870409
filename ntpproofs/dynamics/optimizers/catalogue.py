"""The optimizers by name, for the command line: how each is made, and the norm whose max margin it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ...errors import InvalidInput
from .adaptive import Adam
from .descent import GradientDescent
from .loop import AbstractOptimizer
from .mirror import MirrorDescent
from .momentum import MomentumGradientDescent
from .steepest import CoordinateDescent, NormalizedGradientDescent, SignGradientDescent, SpectralDescent
from .stochastic import StochasticGradientDescent

FLOW = "gradient-flow"


@dataclass(frozen=True)
class Choice:
    """`make(steps=...)` is the simulator; `norm` names its max-margin programme; at most `most_steps` are taken."""

    make: Callable[..., AbstractOptimizer]
    norm: str | float = "frobenius"
    most_steps: int = 20_000


CHOICES = {
    "gradient-descent": Choice(GradientDescent, most_steps=100_000),
    "normalized-gradient-descent": Choice(NormalizedGradientDescent),
    "heavy-ball": Choice(MomentumGradientDescent),
    "nesterov": Choice(partial(MomentumGradientDescent, kind="nesterov")),
    "accelerated": Choice(partial(MomentumGradientDescent, kind="accelerated")),
    "adam": Choice(Adam, "l-infinity"),
    "sign-descent": Choice(SignGradientDescent, "l-infinity"),
    "spectral-descent": Choice(SpectralDescent, "spectral"),
    "coordinate-descent": Choice(CoordinateDescent, "l1"),
    "mirror-descent": Choice(MirrorDescent, 1.5),
    "stochastic-gradient-descent": Choice(StochasticGradientDescent),
}
NAMES = (FLOW, *CHOICES)


def choice(name: str) -> Choice:
    """The discrete optimizer of a name; `InvalidInput` with the list of names for an unknown one.

    >>> choice("sign-descent").norm
    'l-infinity'
    """
    if not isinstance(name, str) or name not in CHOICES:
        raise InvalidInput("--optimizer", f"{name!r} is unknown", f"write one of {', '.join(NAMES)}")
    return CHOICES[name]
