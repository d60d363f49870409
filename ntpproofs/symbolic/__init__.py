"""Symbolic derivation with named decision procedures: never `simplify` as a proof, never `equals`."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .formula import Formula, NonNegative, latex_of
    from .index_calculus import Delta, E, L, Sigma, derivative, evaluate, index, normal_form, total

__all__ = ["Delta", "E", "Formula", "L", "NonNegative", "Sigma", "derivative", "evaluate", "index", "latex_of", "normal_form", "total"]
__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".formula": "Formula NonNegative latex_of",
            ".index_calculus": "Delta E L Sigma derivative evaluate index normal_form total",
        }
    ),
)
