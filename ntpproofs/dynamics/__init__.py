"""Dynamics: gradient descent and its relatives, gradient flow in log time, the regularisation path. Evidence, never targets.

Nothing here imports `logit.margin`: a simulator that knew the max-margin direction could not testify for it.
"""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .adaptive import Adam
    from .descent import GradientDescent
    from .flow import GradientFlow
    from .mirror import MirrorDescent
    from .momentum import MomentumGradientDescent
    from .path import RegularizationPath
    from .steepest import CoordinateDescent, NormalizedGradientDescent, SignGradientDescent, SpectralDescent
    from .stochastic import StochasticGradientDescent
    from .trajectory import Trajectory

_HOMES = {
    "Adam": ".adaptive",
    "CoordinateDescent": ".steepest",
    "GradientDescent": ".descent",
    "GradientFlow": ".flow",
    "MirrorDescent": ".mirror",
    "MomentumGradientDescent": ".momentum",
    "NormalizedGradientDescent": ".steepest",
    "RegularizationPath": ".path",
    "SignGradientDescent": ".steepest",
    "SpectralDescent": ".steepest",
    "StochasticGradientDescent": ".stochastic",
    "Trajectory": ".trajectory",
}
__all__ = [
    "Adam", "CoordinateDescent", "GradientDescent", "GradientFlow", "MirrorDescent", "MomentumGradientDescent", "NormalizedGradientDescent",
    "RegularizationPath", "SignGradientDescent", "SpectralDescent", "StochasticGradientDescent", "Trajectory",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
