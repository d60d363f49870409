"""Symbolic derivation with named decision procedures: never `simplify` as a proof, never `equals`."""

from .formula import Formula, NonNegative, latex_of
from .index_calculus import Delta, E, L, Sigma, derivative, evaluate, index, normal_form, total

__all__ = ["Delta", "E", "Formula", "L", "NonNegative", "Sigma", "derivative", "evaluate", "index", "latex_of", "normal_form", "total"]
