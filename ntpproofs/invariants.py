"""Invariants of problems by name, as conjecture files of `ntpproofs discover` use them; what a paper of your own declares to be discovered."""

from typing import TYPE_CHECKING

from .lazy import lazy_exports, names_by_module

if TYPE_CHECKING:
    from .checking.invariants import assumptions_of, instances_of, invariants_of
    from .language.invariants import Discovery, Known, ProblemInvariant, invariant, known

__getattr__, __dir__ = lazy_exports(
    __name__,
    names_by_module(
        {
            ".checking.invariants": "assumptions_of instances_of invariants_of",
            ".language.invariants": "Discovery Known ProblemInvariant invariant known",
        }
    ),
)
__all__ = ["Discovery", "Known", "ProblemInvariant", "assumptions_of", "instances_of", "invariant", "invariants_of", "known"]
