"""Problems: the conditional logit every dataset reduces to, and the papers' own models with their reductions."""

from typing import TYPE_CHECKING

from .lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .logit.enclosures import loss_ball
    from .logit.problem import ConditionalLogit, Row
    from .logit.step_size import largest_step, smoothness
    from .papers.attention_ntp.problem import AttentionNTP
    from .papers.linear_ntp.problem import LinearNTP
    from .papers.mesa.problem import LinearAttentionAR
    from .papers.multi_concept.problem import MultiConcept
    from .papers.path_star.problem import PathStar

__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".logit.enclosures": "loss_ball",
            ".logit.problem": "ConditionalLogit Row",
            ".logit.step_size": "largest_step smoothness",
            ".papers.attention_ntp.problem": "AttentionNTP",
            ".papers.linear_ntp.problem": "LinearNTP",
            ".papers.path_star.problem": "PathStar",
            ".papers.mesa.problem": "LinearAttentionAR",
            ".papers.multi_concept.problem": "MultiConcept",
        }
    ),
)
__all__ = [
    "AttentionNTP", "ConditionalLogit", "LinearAttentionAR", "LinearNTP", "MultiConcept", "PathStar", "Row", "largest_step",
    "loss_ball", "smoothness",
]  # fmt: skip
