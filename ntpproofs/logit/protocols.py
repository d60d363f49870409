"""What problems offer, as types: every one is a `Problem`; a `Reducible` one is a conditional logit seen through a linear map."""

from __future__ import annotations

from typing import Any, Protocol, TypeGuard, runtime_checkable

from ..errors import InvalidInput
from ..kernel.reading import brief
from ..language.kinds import Problem
from .problem import ConditionalLogit


class Reduces(Protocol):
    """Anything with a conditional logit: all that the geometry and the dynamics ask for."""

    def conditional_logit(self) -> ConditionalLogit:
        """The reduction."""


@runtime_checkable
class Reducible(Problem, Reduces, Protocol):
    """A problem that reduces there and back: the limit of training is that of its conditional logit. `isinstance` looks for the methods.

    Law: `lower(lift(w))` is w, up to rounding, for every vector w of the reduction.
    """

    def lift(self, w: Any) -> Any:
        """A flat vector of the reduction as parameters of the model: exact for exact entries, an array for an array."""

    def lower(self, parameters: Any) -> Any:
        """Parameters of the model as the flat float vector of the reduction."""


def reduced(problem: object) -> ConditionalLogit:
    """The conditional logit of anything that reduces to one. Raises `InvalidInput` for everything else.

    >>> reduced(ConditionalLogit([(1, 0, [["1"], ["0"]])])).dimension
    1
    """
    if not reduces(problem):
        raise InvalidInput("problem", f"is {brief(problem)} ({type(problem).__name__})", "give a ConditionalLogit, LinearNTP or AttentionNTP")
    return problem.conditional_logit()


def reduces(problem: object) -> TypeGuard[Reduces]:
    """Whether a problem reduces to a conditional logit.

    >>> reduces(ConditionalLogit([(1, 0, [[1], [0]])])), reduces(42), reduces(ConditionalLogit)
    (True, False, False)
    """
    return not isinstance(problem, type) and callable(getattr(problem, "conditional_logit", None))


__all__ = ["Problem", "Reduces", "Reducible", "reduced", "reduces"]
