"""Geometry of a conditional logit: separation, subspaces, finite part, max-margin direction. All of it exact."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .decomposition import Decomposition, Subspace, decompose
    from .finite_part import FinitePart, finite_part_of
    from .margin import MaxMargin, max_margin
    from .norm_margins import NormMargin, norm_margin
    from .priority_graph import cyclic_rows, dataset_class, priority_graphs, priority_orders
    from .recession import Separation, separation

_HOMES = {
    "Decomposition": ".decomposition",
    "FinitePart": ".finite_part",
    "MaxMargin": ".margin",
    "NormMargin": ".norm_margins",
    "Separation": ".recession",
    "Subspace": ".decomposition",
    "cyclic_rows": ".priority_graph",
    "dataset_class": ".priority_graph",
    "decompose": ".decomposition",
    "finite_part_of": ".finite_part",
    "max_margin": ".margin",
    "norm_margin": ".norm_margins",
    "priority_graphs": ".priority_graph",
    "priority_orders": ".priority_graph",
    "separation": ".recession",
}
__all__ = [
    "Decomposition", "FinitePart", "MaxMargin", "NormMargin", "Separation", "Subspace", "cyclic_rows", "dataset_class", "decompose", "finite_part_of",
    "max_margin", "norm_margin", "priority_graphs", "priority_orders", "separation",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
