"""Hypothesis strategies: instances valid by construction, over all separation classes, shrinking to readable integers."""

from typing import TYPE_CHECKING

from .lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .logit.strategies import conditional_logits
    from .papers.attention_ntp.strategies import attention_ntps
    from .papers.linear_ntp.strategies import linear_ntps
    from .papers.mesa.strategies import autoregressive_laws
    from .papers.multi_concept.strategies import multi_concepts
    from .papers.path_star.strategies import path_stars

__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".logit.strategies": "conditional_logits",
            ".papers.attention_ntp.strategies": "attention_ntps",
            ".papers.linear_ntp.strategies": "linear_ntps",
            ".papers.path_star.strategies": "path_stars",
            ".papers.mesa.strategies": "autoregressive_laws",
            ".papers.multi_concept.strategies": "multi_concepts",
        }
    ),
)
__all__ = [
    "attention_ntps", "autoregressive_laws", "conditional_logits", "linear_ntps", "multi_concepts", "path_stars",
]  # fmt: skip
