"""Dynamics: gradient descent and its relatives, gradient flow in log time, the regularisation path. Evidence, never targets.

Nothing here imports `logit.margin`: a simulator that knew the max-margin direction could not testify for it.
"""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .flow.gradient_flow import GradientFlow
    from .optimizers.adaptive import Adam
    from .optimizers.descent import GradientDescent
    from .optimizers.mirror import MirrorDescent
    from .optimizers.momentum import MomentumGradientDescent
    from .optimizers.steepest import CoordinateDescent, NormalizedGradientDescent, SignGradientDescent, SpectralDescent
    from .optimizers.stochastic import StochasticGradientDescent
    from .path import RegularizationPath
    from .trajectory import Trajectory

_HOMES = {
    "Adam": ".optimizers.adaptive",
    "CoordinateDescent": ".optimizers.steepest",
    "GradientDescent": ".optimizers.descent",
    "GradientFlow": ".flow.gradient_flow",
    "MirrorDescent": ".optimizers.mirror",
    "MomentumGradientDescent": ".optimizers.momentum",
    "NormalizedGradientDescent": ".optimizers.steepest",
    "RegularizationPath": ".path",
    "SignGradientDescent": ".optimizers.steepest",
    "SpectralDescent": ".optimizers.steepest",
    "StochasticGradientDescent": ".optimizers.stochastic",
    "Trajectory": ".trajectory",
}
__all__ = [
    "Adam", "CoordinateDescent", "GradientDescent", "GradientFlow", "MirrorDescent", "MomentumGradientDescent", "NormalizedGradientDescent",
    "RegularizationPath", "SignGradientDescent", "SpectralDescent", "StochasticGradientDescent", "Trajectory",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
