"""Hypothesis strategies: instances valid by construction, over all separation classes, shrinking to readable integers."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .attention import attention_ntps
    from .logits import conditional_logits
    from .ntp import linear_ntps

_HOMES = {"attention_ntps": ".attention", "conditional_logits": ".logits", "linear_ntps": ".ntp"}
__all__ = ["attention_ntps", "conditional_logits", "linear_ntps"]
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
