"""Geometry of a conditional logit: separation, subspaces, finite part, max margins.

Separation, subspaces and the max-margin direction are exact. The finite part and the infimum are enclosed (centre and proved
radius), and so are max margins in norms other than l1, l2 and l-infinity; `basis` of a subspace is exact, its `frame` floats.
"""

from typing import TYPE_CHECKING

from .lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .logit.decomposition import Decomposition, Subspace, decompose
    from .logit.finite_part import FinitePart, finite_part_of
    from .logit.margin import MaxMargin, max_margin
    from .logit.norm_margins import NormMargin, norm_margin
    from .logit.recession import Separation, separation
    from .papers.attention_ntp.attention_limits import attend
    from .papers.attention_ntp.graph_programmes import graph_svm
    from .papers.attention_ntp.priority_graph import cyclic_rows, dataset_class, priority_graphs, priority_orders

__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".logit.decomposition": "Decomposition Subspace decompose",
            ".logit.finite_part": "FinitePart finite_part_of",
            ".logit.margin": "MaxMargin max_margin",
            ".logit.norm_margins": "NormMargin norm_margin",
            ".logit.recession": "Separation separation",
            ".papers.attention_ntp.attention_limits": "attend",
            ".papers.attention_ntp.graph_programmes": "graph_svm",
            ".papers.attention_ntp.priority_graph": "cyclic_rows dataset_class priority_graphs priority_orders",
        }
    ),
)
__all__ = [
    "Decomposition", "FinitePart", "MaxMargin", "NormMargin", "Separation", "Subspace", "attend", "cyclic_rows", "dataset_class",
    "decompose", "finite_part_of", "graph_svm", "max_margin", "norm_margin", "priority_graphs", "priority_orders", "separation",
]  # fmt: skip
