"""What a search knows about these problems: which ones a strategy admits, the smallest ones, simpler ones, and those next to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from ...language.entries import are_small, attempt, cost, replaced, smaller, steps, without
from ...language.orbits import moved, representatives, shapes, signed_permutations, small_vectors
from .laws import AtomLaw, Law, sign_symmetrised, symmetrised
from .named_laws import IndependentLaw, MomentLaw, OnesLaw, SparseLaw
from .problem import LinearAttentionAR

Vectors = tuple[tuple[int, ...], ...]
TENTH = Fraction(1, 10)
MOST_ATOMS = 3


def belongs(problem: LinearAttentionAR, bounds: Mapping[str, Any]) -> bool:
    """Whether a problem is within the bounds of `autoregressive_laws`."""
    if not bounds["min_dimension"] <= problem.dimension <= bounds["max_dimension"]:
        return False
    if not bounds["min_length"] <= problem.length <= bounds["max_length"]:
        return False
    if bounds["masked"] is not None and problem.masked is not bounds["masked"]:
        return False
    law = problem.law
    asked = {
        "symmetric": law.sign_symmetric and law.exchangeable,
        "sign-symmetric": law.sign_symmetric,
        "exchangeable": law.exchangeable,
        "atoms": isinstance(law, AtomLaw),
    }
    small = are_small(law.atoms) if isinstance(law, AtomLaw) else True
    return small and asked.get(bounds["laws"], True)


def enumerated(bounds: Mapping[str, Any]) -> Iterator[LinearAttentionAR]:
    """Uniform laws on up to three vectors of entries -1, 0, 1, up to symmetries of the cube; closed under what the family asks for."""
    close: dict[str, Callable[[AtomLaw], AtomLaw]] = {"symmetric": symmetrised, "sign-symmetric": sign_symmetrised}
    variants = (False, True) if bounds["masked"] is None else (bounds["masked"],)
    ranges = (bounds["min_dimension"], bounds["max_dimension"]), (bounds["min_length"], bounds["max_length"]), (1, MOST_ATOMS)
    seen: set[LinearAttentionAR] = set()
    for dimension, length, count in shapes(*ranges):
        cube = signed_permutations(dimension)

        def orbit(atoms: Vectors, cube: Any = cube) -> Iterator[Any]:
            return (tuple(sorted(moved(atom, symmetry) for atom in atoms)) for symmetry in cube)

        for atoms in representatives(combinations(small_vectors(dimension), count), orbit):
            law = close.get(bounds["laws"], _unchanged)(AtomLaw(atoms))
            for masked in variants:
                for problem in attempt(LinearAttentionAR, dimension, length, law, (TENTH, TENTH), masked):
                    if belongs(problem, bounds) and problem not in seen:
                        seen.add(problem)
                        yield problem


def _unchanged(law: AtomLaw) -> AtomLaw:
    return law


def measure(problem: LinearAttentionAR) -> tuple[int, ...]:
    """Dimension, length, atoms, their entries or the parameters, the weights, the start, the variant."""
    return problem.dimension, problem.length, *_law_measure(problem.law), cost(problem.initial), int(problem.masked)


def _law_measure(law: Law) -> tuple[int, int, int]:
    if isinstance(law, AtomLaw):
        return len(law.atoms), cost(x for atom in law.atoms for x in atom), sum(w.denominator for w in law.weights)
    if isinstance(law, IndependentLaw):
        return 0, cost(law.parameters), 0
    if isinstance(law, SparseLaw):
        return 0, cost([law.scale]), 0
    return 0, cost(law.moments) if isinstance(law, MomentLaw) else 0, 0


def simplifications(problem: LinearAttentionAR) -> Iterator[LinearAttentionAR]:
    """One coordinate fewer, a shorter sequence, fewer atoms (alone or with their mirror images), smaller entries, simpler weights, a
    simpler start, no mask."""
    for law in _projected(problem.law):
        yield from _with(problem, law)
    if problem.length > 3:
        for length in dict.fromkeys((3, problem.length - 1)):
            yield replace(problem, length=length)
    for law in _simpler(problem.law):
        yield from _with(problem, law)
    for i, x in enumerate(problem.initial):
        for y in smaller(x):
            yield replace(problem, initial=_start(problem, i, y))
    if problem.masked:
        yield replace(problem, masked=False)


def _start(problem: LinearAttentionAR, i: int, x: Fraction) -> tuple[Fraction, Fraction]:
    a, b = problem.initial
    return (x, b) if i == 0 else (a, x)


def _with(problem: LinearAttentionAR, law: Law) -> Iterator[LinearAttentionAR]:
    for made in attempt(LinearAttentionAR, law.dimension, problem.length, law, problem.initial, problem.masked):
        if measure(made) < measure(problem):
            yield made


def _projected(law: Law) -> Iterator[Law]:
    # The law without one coordinate.
    if law.dimension == 1:
        return
    if isinstance(law, AtomLaw):
        for k in range(law.dimension):
            yield AtomLaw([without(atom, k) for atom in law.atoms], law.weights)
    elif isinstance(law, IndependentLaw):
        for k in range(law.dimension):
            yield replace(law, parameters=tuple(without(law.parameters, k)))
    elif isinstance(law, SparseLaw):
        yield SparseLaw(law.dimension - 1, law.scale)
    elif isinstance(law, MomentLaw):
        yield MomentLaw(law.dimension - 1, law.moments)
    else:
        yield OnesLaw(law.dimension - 1)


def _simpler(law: Law) -> Iterator[Law]:
    if isinstance(law, AtomLaw):
        yield from _fewer_atoms(law)
        yield from _smaller_atoms(law)
        if len(set(law.weights)) > 1:
            yield AtomLaw(law.atoms)
    elif isinstance(law, IndependentLaw):
        for x in sorted(set(law.parameters)):
            for y in smaller(x):
                if y > 0:
                    yield replace(law, parameters=tuple(y if p == x else p for p in law.parameters))
    elif isinstance(law, SparseLaw):
        yield from (SparseLaw(law.dimension, y) for y in smaller(law.scale) if y > 0)


def _fewer_atoms(law: AtomLaw) -> Iterator[AtomLaw]:
    # Without one atom, or without all its images under signs and permutations, which keeps a law symmetric.
    def orbit(atom: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        return tuple(sorted(map(abs, atom)))

    groups = [[i] for i in range(len(law.atoms))]
    groups += [[i for i, atom in enumerate(law.atoms) if orbit(atom) == key] for key in sorted(set(map(orbit, law.atoms)))]
    for group in groups:
        kept = [i for i in range(len(law.atoms)) if i not in group]
        if kept:
            mass = sum((law.weights[i] for i in kept), Fraction(0))
            yield AtomLaw([law.atoms[i] for i in kept], [law.weights[i] / mass for i in kept])


def _smaller_atoms(law: AtomLaw) -> Iterator[AtomLaw]:
    # One size lowered everywhere, which keeps a law symmetric; or one entry.
    for size in sorted({abs(x) for atom in law.atoms for x in atom}):
        for y in smaller(size):
            lowered = [[y * (1 if x > 0 else -1) if abs(x) == size else x for x in atom] for atom in law.atoms]
            yield AtomLaw(lowered, law.weights)
    for i, atom in enumerate(law.atoms):
        for k, x in enumerate(atom):
            for y in smaller(x):
                yield AtomLaw(replaced(law.atoms, i, tuple(replaced(atom, k, y))), law.weights)


def neighbours(problem: LinearAttentionAR) -> Iterator[LinearAttentionAR]:
    """One entry of an atom raised or lowered by one, another length, a parameter or the start moved by one, the other variant."""
    law = problem.law
    laws: list[Law] = []
    if isinstance(law, AtomLaw):
        laws += [made for atoms in steps(law.atoms) for made in attempt(AtomLaw, atoms, law.weights)]
    elif isinstance(law, IndependentLaw):
        moved_ = [tuple(replaced(law.parameters, k, p + s)) for k, p in enumerate(law.parameters) for s in (-1, 1) if p + s > 0]
        laws += [replace(law, parameters=parameters) for parameters in moved_]
    for made in laws:
        yield from attempt(LinearAttentionAR, problem.dimension, problem.length, made, problem.initial, problem.masked)
    for length in (problem.length - 1, problem.length + 1):
        yield from attempt(LinearAttentionAR, problem.dimension, length, law, problem.initial, problem.masked)
    for i, x in enumerate(problem.initial):
        for step in (-TENTH, TENTH):
            yield replace(problem, initial=_start(problem, i, x + step))
    yield replace(problem, masked=not problem.masked)
