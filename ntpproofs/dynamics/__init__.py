"""Dynamics: gradient descent, gradient flow in log time, the regularisation path. Evidence, never targets.

Nothing here imports `geometry.margin`: a simulator that knew the max-margin direction could not testify for it.
"""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .descent import GradientDescent
    from .flow import GradientFlow
    from .path import RegularizationPath
    from .trajectory import Trajectory

_HOMES = {
    "GradientDescent": ".descent",
    "GradientFlow": ".flow",
    "RegularizationPath": ".path",
    "Trajectory": ".trajectory",
}
__all__ = ["GradientDescent", "GradientFlow", "RegularizationPath", "Trajectory"]
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
