"""Arguments of simulators, checked before anything runs: each message names the argument, what is wrong with it and what to give."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..logit.problem import ConditionalLogit
from ..logit.protocols import reduces
from ..logit.shapes import Parameter

# Squares of larger entries are no doubles.
LARGEST_ENTRY = 1e150


def require(condition: Any, name: str, value: Any, remedy: str) -> None:
    """Raise `InvalidInput` naming the parameter unless the condition is met."""
    if not condition:
        raise InvalidInput(name, f"is {value!r}", remedy)


def positive(x: Any) -> bool:
    """Whether x is a finite number above 0, as a double.

    >>> positive(Fraction(1, 3)), positive(np.float64(2)), positive(0), positive("1"), positive(float("nan")), positive(10**400)
    (True, True, False, False, False, False)
    """
    return number(x) and float(x) > 0


def whole(x: Any, least: int) -> bool:
    """Whether x is an integer of at least `least`."""
    return isinstance(x, (int, np.integer)) and not isinstance(x, bool) and int(x) >= least


def number(x: Any) -> bool:
    """Whether x is a finite real number, as a double.

    >>> number(0), number(Fraction(-1, 2)), number("a"), number(None), number(True), number(float("nan")), number(np.array([1.0]))
    (True, True, False, False, False, False, False)
    """
    if isinstance(x, bool) or not isinstance(x, (int, float, Fraction, np.integer, np.floating)):
        return False
    try:
        return bool(np.isfinite(float(x)))
    except OverflowError:
        return False


def unit_interval(x: Any) -> bool:
    """Whether x is a number from 0 to 1."""
    return number(x) and 0 <= x <= 1


def boolean(x: Any) -> bool:
    """Whether x is True or False."""
    return isinstance(x, (bool, np.bool_))


def require_decay(decay: Any) -> None:
    """Refuse what is no exponent of a step size k^-decay."""
    require(unit_interval(decay), "decay", decay, "give a number from 0 (constant steps) to 1")


def require_switch(name: str, value: Any) -> None:
    """Refuse what is neither True nor False."""
    require(boolean(value), name, value, "write True or False")


def positives(xs: Any, least: int) -> bool:
    """Whether xs is a sequence of at least `least` positive numbers."""
    return isinstance(xs, (tuple, list, np.ndarray)) and np.asarray(xs, dtype=object).size >= least and all(map(positive, xs))


def conditional_logit(problem: object) -> ConditionalLogit:
    """The conditional logit of a problem; `InvalidInput` for what is none."""
    if not reduces(problem):
        raise InvalidInput("problem", f"is {problem!r}", "give a ConditionalLogit or a problem that reduces to one")
    return problem.conditional_logit()


def vector(name: str, entries: Any, dimension: int) -> Parameter:
    """A vector of finite floats of the given length, from any nesting of numbers in row-major order; raises `InvalidInput`."""
    try:
        flat = np.asarray(entries, dtype=object).ravel()
        if any(isinstance(x, (str, bytes)) for x in flat):
            raise TypeError
        found = np.array([float(x) for x in flat])
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(name, "has entries that are no finite numbers", f"give {dimension} numbers") from None
    if len(found) != dimension or not (np.abs(found) <= LARGEST_ENTRY).all():
        reason = f"has {len(found)} entries for {dimension} parameters, or one is not finite or above {LARGEST_ENTRY:g}"
        raise InvalidInput(name, reason, "give a finite vector of that length")
    return found


def starting_point(initial: Any, dimension: int) -> Parameter:
    """The initial point as floats; zero by default. Raises `InvalidInput` for a wrong length or a non-finite entry."""
    return np.zeros(dimension) if initial is None else vector("initial", initial, dimension)
