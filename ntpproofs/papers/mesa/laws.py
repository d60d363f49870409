"""Laws of the first token x_1 = u as exact objects: every mixed moment up to degree six is a rational number.

Finitely many rational atoms here; `named_laws` has the named laws, with independent coordinates (`sparse` and `ones` are not), and
independent coordinates known by their first six moments only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from itertools import permutations, product
from math import lcm, prod
from typing import Any, Protocol

import numpy as np

from ...errors import InvalidInput
from ...exact.numbers import exactly
from ...kernel.reading import brief, rational

Powers = tuple[int, ...]


class Law(Protocol):
    """What the calculus needs of a law on C^d: mixed moments, two symmetries decided exactly, and its record."""

    def __hash__(self) -> int: ...

    @property
    def dimension(self) -> int:
        """d."""
        ...

    @property
    def real(self) -> bool:
        """Whether u is real almost surely."""
        ...

    @property
    def sign_symmetric(self) -> bool:
        """u ~ D u for every diagonal matrix D of signs."""
        ...

    @property
    def exchangeable(self) -> bool:
        """u ~ Pi u for every permutation matrix Pi."""
        ...

    @property
    def never_zero(self) -> bool | None:
        """Whether no coordinate vanishes with positive probability; None if the moments do not tell."""
        ...

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """E prod_j u_j^{powers_j} conj(u_j)^{conjugates_j}."""
        ...

    def record(self) -> dict[str, Any]:
        """The `law` object of an instance file."""
        ...

    def sample(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """`count` independent draws, count x d (real or complex doubles)."""
        ...


@dataclass(frozen=True)
class AtomLaw:
    """A law on finitely many rational vectors. Equal atoms are merged and the order is canonical.

    Raises `InvalidInput` for no atom, atoms of unequal length, a weight that is not positive, and weights that do not sum to 1.

    >>> law = AtomLaw([[1, 0], [-1, 0], [0, 1], [0, -1]])
    >>> law.moment((2, 0)), law.sign_symmetric, law.exchangeable
    (Fraction(1, 2), True, True)
    """

    atoms: tuple[tuple[Fraction, ...], ...]
    weights: tuple[Fraction, ...]
    real: bool = field(default=True, init=False, repr=False)

    def __init__(self, atoms: Sequence[Sequence[Any]], weights: Sequence[Any] | None = None) -> None:
        atoms = exactly(atoms)
        if not isinstance(atoms, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in atoms):
            raise InvalidInput("law.atoms", f"is {brief(atoms)}, no list of lists", "give atoms, each a list of coordinates")
        if not atoms or not atoms[0]:
            raise InvalidInput("law.atoms", "has no coordinates", "give at least one atom with at least one coordinate")
        vectors = [tuple(rational(x, f"law.atoms[{i}][{j}]") for j, x in enumerate(row)) for i, row in enumerate(atoms)]
        for i, vector in enumerate(vectors):
            if len(vector) != len(vectors[0]):
                reason = f"has {len(vector)} coordinates, the first atom has {len(vectors[0])}"
                raise InvalidInput(f"law.atoms[{i}]", reason, "give all atoms the same length")
        masses = _weights(weights, len(vectors))
        merged: dict[tuple[Fraction, ...], Fraction] = {}
        for vector, mass in zip(vectors, masses):
            merged[vector] = merged.get(vector, Fraction(0)) + mass
        order = sorted(merged)
        object.__setattr__(self, "atoms", tuple(order))
        object.__setattr__(self, "weights", tuple(merged[vector] for vector in order))
        object.__setattr__(self, "real", True)

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.atoms[0])

    @cached_property
    def _masses(self) -> dict[tuple[Fraction, ...], Fraction]:
        return dict(zip(self.atoms, self.weights))

    def _invariant(self, move: Callable[[tuple[Fraction, ...]], tuple[Fraction, ...]]) -> bool:
        return all(self._masses.get(move(vector)) == mass for vector, mass in self._masses.items())

    @cached_property
    def sign_symmetric(self) -> bool:
        """Invariance under the flip of each coordinate; these generate all sign matrices."""
        return all(self._invariant(partial(_flipped, j)) for j in range(self.dimension))

    @cached_property
    def exchangeable(self) -> bool:
        """Invariance under swapping neighbours; these generate all permutations."""
        return all(self._invariant(partial(_swapped, j)) for j in range(self.dimension - 1))

    @property
    def never_zero(self) -> bool:
        """No atom has a zero coordinate."""
        return all(x != 0 for vector in self.atoms for x in vector)

    @cached_property
    def _integers(self) -> tuple[list[tuple[int, ...]], list[int], int, int]:
        # Atoms and weights over common denominators: moments are then integer sums.
        unit = lcm(*(x.denominator for vector in self.atoms for x in vector))
        whole = lcm(*(w.denominator for w in self.weights))
        rows = [tuple(int(x * unit) for x in vector) for vector in self.atoms]
        return rows, [int(w * whole) for w in self.weights], unit, whole

    @cached_property
    def _moments(self) -> dict[Powers, Fraction]:
        return {}

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """The weighted sum over the atoms."""
        total = tuple(p + q for p, q in zip(powers, conjugates or (0,) * len(powers), strict=True))
        if total not in self._moments:
            rows, masses, unit, whole = self._integers
            used = [(j, p) for j, p in enumerate(total) if p]
            top = sum(w * prod(row[j] ** p for j, p in used) for row, w in zip(rows, masses))
            self._moments[total] = Fraction(top, whole * unit ** sum(total))
        return self._moments[total]

    def __repr__(self) -> str:
        record = self.record()
        return f"AtomLaw({record['atoms']}, {record['weights']})"

    def record(self) -> dict[str, Any]:
        """Atoms and weights as "p/q" strings."""
        return {"atoms": [[str(x) for x in vector] for vector in self.atoms], "weights": [str(w) for w in self.weights]}

    def sample(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Atoms drawn by their weights, count x d."""
        vectors = np.array([[float(x) for x in vector] for vector in self.atoms])
        masses = np.array([float(w) for w in self.weights])
        return vectors[generator.choice(len(vectors), size=count, p=masses / masses.sum())]


def _flipped(j: int, v: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return (*v[:j], -v[j], *v[j + 1 :])


def _swapped(j: int, v: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return (*v[:j], v[j + 1], v[j], *v[j + 2 :])


def _weights(weights: Sequence[Any] | None, count: int) -> list[Fraction]:
    if weights is None:
        return [Fraction(1, count)] * count
    weights = exactly(weights)
    if not isinstance(weights, (list, tuple)):
        raise InvalidInput("law.weights", f"is {brief(weights)}, no list", "give one weight per atom")
    if len(weights) != count:
        raise InvalidInput("law.weights", f"has {len(weights)} entries for {count} atoms", "give one weight per atom")
    masses = [rational(w, f"law.weights[{i}]") for i, w in enumerate(weights)]
    for i, mass in enumerate(masses):
        if mass <= 0:
            raise InvalidInput(f"law.weights[{i}]", f"is {mass}", "give positive weights, and leave out atoms that have none")
    if sum(masses) != 1:
        raise InvalidInput("law.weights", f"sum to {sum(masses)}, not to 1", "divide each weight by their sum")
    return masses


def symmetrised(law: AtomLaw) -> AtomLaw:
    """The mixture of a law over all signs and permutations of its coordinates: it satisfies S and X.

    >>> len(symmetrised(AtomLaw([[1, 2]])).atoms)
    8
    """
    return _mixed(law, [(s, p) for s in product((1, -1), repeat=law.dimension) for p in permutations(range(law.dimension))])


def sign_symmetrised(law: AtomLaw) -> AtomLaw:
    """The mixture over all signs of the coordinates: it satisfies S.

    >>> len(sign_symmetrised(AtomLaw([[1, 2]])).atoms)
    4
    """
    return _mixed(law, [(s, tuple(range(law.dimension))) for s in product((1, -1), repeat=law.dimension)])


def _mixed(law: AtomLaw, moves: Iterable[tuple[tuple[int, ...], tuple[int, ...]]]) -> AtomLaw:
    group = list(moves)
    atoms = [tuple(s * v[p] for s, p in zip(signs, order)) for v in law.atoms for signs, order in group]
    return AtomLaw(atoms, [w / len(group) for w in law.weights for _ in group])


def independent_law(points: Sequence[tuple[Any, Any]], dimension: int) -> AtomLaw:
    """Independent coordinates, each on the given (value, weight) pairs.

    >>> independent_law([(2, "1/3"), (-1, "2/3")], 2).moment((3, 3))
    Fraction(4, 1)
    """
    pairs = [(rational(x, "value"), rational(w, "weight")) for x, w in points]
    atoms = list(product(pairs, repeat=dimension))
    return AtomLaw([[x for x, _ in atom] for atom in atoms], [prod((w for _, w in atom), start=Fraction(1)) for atom in atoms])


@lru_cache(maxsize=4096)
def unit_powers(dimension: int, coordinates: tuple[int, ...]) -> Powers:
    """The exponent vector of a product of coordinates.

    >>> unit_powers(3, (0, 2, 2))
    (1, 0, 2)
    """
    return tuple(coordinates.count(j) for j in range(dimension))
