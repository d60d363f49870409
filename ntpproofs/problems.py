"""Problems: the conditional logit every dataset reduces to, and the papers' own models with their reductions."""

from .attention_ntp import AttentionNTP
from .conditional_logit import ConditionalLogit, Row
from .linear_ntp import LinearNTP
from .step_size import largest_step, smoothness

__all__ = ["AttentionNTP", "ConditionalLogit", "LinearNTP", "Row", "largest_step", "smoothness"]
