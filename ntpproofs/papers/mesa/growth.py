"""What a search for rare problems of linear attention uses: their type as far as the law tells it, random ones next to one, and how to
meet assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from ...language.entries import attempt, combined, varied_rows
from .laws import AtomLaw, Law, sign_symmetrised, symmetrised
from .named_laws import IndependentLaw, OnesLaw, SparseLaw
from .problem import LinearAttentionAR

STEPS = (Fraction(1, 10), Fraction(-1, 10), Fraction(1, 2), Fraction(1), Fraction(-1))
# Laws with more atoms are not symmetrised further.
FEW = 8
FACTORS = (Fraction(1, 2), Fraction(2), Fraction(3), Fraction(1, 3))


def outline(problem: LinearAttentionAR) -> tuple[Any, ...]:
    """Dimension, length and variant, symmetries of the law, its form with the number of atoms or of different parameters, and the start.

    >>> from .laws import AtomLaw
    >>> outline(LinearAttentionAR(1, 3, AtomLaw([[1], [-1]]), (Fraction(1), Fraction(-1))))
    (1, 3, False, True, True, ('AtomLaw', 2), (1, -1, True))
    """
    a, b = problem.initial
    law, start = problem.law, (_sign(a), _sign(b), abs(a) == abs(b))
    return problem.dimension, problem.length, problem.masked, law.sign_symmetric, law.exchangeable, _form(law), start


def _sign(x: Fraction) -> int:
    return (x > 0) - (x < 0)


def _form(law: Law) -> tuple[Any, ...]:
    if isinstance(law, AtomLaw):
        return "AtomLaw", len(law.atoms)
    if isinstance(law, IndependentLaw):
        return law.name, len(set(law.parameters))
    return (type(law).__name__,)


def vary(problem: LinearAttentionAR, random: Random) -> Iterator[LinearAttentionAR]:
    """A random problem next to this one: law, start, length or variant changed. Nothing where the change makes none."""
    law, length, (a, b), masked = problem.law, problem.length, problem.initial, problem.masked
    way = random.randrange(10)
    if way < 5:
        for changed in _laws(law, random):
            yield from attempt(LinearAttentionAR, changed.dimension, length, changed, (a, b), masked)
        return
    if way == 5:
        length += random.choice((-1, 1))
    elif way == 6:
        a, b = random.choice(((a + random.choice(STEPS), b), (a, b + random.choice(STEPS))))
    elif way == 7:
        a, b = random.choice(((b, a), (-a, b), (a, a), (a, -a), (Fraction(0), b), (a, Fraction(0))))
    elif way == 8:
        a, b = random.choice(FACTORS) * a, b
    else:
        masked = not masked
    yield from attempt(LinearAttentionAR, problem.dimension, length, law, (a, b), masked)


def _laws(law: Law, random: Random) -> Iterator[Law]:
    if isinstance(law, AtomLaw):
        yield from _atoms(law, random)
    elif isinstance(law, IndependentLaw):
        yield from _independent(law, random)
    elif isinstance(law, SparseLaw):
        yield from attempt(SparseLaw, max(1, law.dimension + random.choice((-1, 0, 1))), law.scale * random.choice(FACTORS))


def _independent(law: IndependentLaw, random: Random) -> Iterator[Law]:
    # One parameter changed, or equal to another, or one coordinate more.
    parameters = list(law.parameters)
    k, other = random.randrange(len(parameters)), random.choice(parameters)
    parameters[k] = random.choice((other, parameters[k] * random.choice(FACTORS), parameters[k] + 1))
    yield from attempt(IndependentLaw, law.name, (*parameters, *random.choice(((), (), (other,)))))


def _atoms(law: AtomLaw, random: Random) -> Iterator[Law]:
    atoms, weights = list(law.atoms), list(law.weights)
    way = random.randrange(7)
    if way < 2:
        atoms = varied_rows(atoms, random)
    elif way == 2:
        k = random.randrange(len(weights))
        weights[k] *= random.choice(FACTORS)
    elif way == 3:
        atoms, weights = [*atoms, combined(atoms, random)], [*weights, random.choice(weights)]
    elif way == 4:  # one coordinate more: another one again, its opposite, or small numbers
        k, sign = random.randrange(law.dimension), random.choice((1, -1, 0))
        atoms = [(*atom, sign * atom[k] if sign else Fraction(random.randint(-1, 1))) for atom in atoms]
    elif len(atoms) <= FEW:
        yield random.choice((symmetrised, sign_symmetrised))(law)
        return
    total = sum(weights, Fraction(0))
    yield from attempt(AtomLaw, atoms, [w / total for w in weights])


def _balanced(problem: LinearAttentionAR) -> LinearAttentionAR:
    a = problem.initial[0] or Fraction(1, 10)
    return replace(problem, initial=(a, a if problem.initial[1] >= 0 else -a))


def _moving(problem: LinearAttentionAR) -> LinearAttentionAR:
    a, b = problem.initial
    return problem if a + b else replace(problem, initial=(a + Fraction(1, 10), b))


def _with(law: Callable[[int], Law]) -> Callable[[LinearAttentionAR], LinearAttentionAR]:
    return lambda problem: replace(problem, law=law(problem.dimension))


GENERATORS: Mapping[str, Mapping[str, Any] | Callable[[LinearAttentionAR], LinearAttentionAR]] = {
    "sign_symmetric": {"laws": "sign-symmetric"},
    "exchangeable": {"laws": "exchangeable"},
    "slice_invariant": {"laws": "symmetric"},
    "masked_training": {"masked": True},
    "plain_training": {"masked": False},
    "several_coordinates": {"min_dimension": 2},
    "isotropic_gaussian": _with(lambda dimension: IndependentLaw("gaussian", (Fraction(1),) * dimension)),
    "all_ones": _with(OnesLaw),
    "balanced": _balanced,
    "escapes_saddle": _moving,
}

__all__ = ["GENERATORS", "outline", "vary"]
