"""Laws of the first token that have a name, and laws known by their moments only (`laws` has those on finitely many atoms)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import factorial, prod
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...kernel.reading import rational
from .laws import Powers
from .moments import hankel_defect

DEGREE = 6


@dataclass(frozen=True)
class Marginal:
    """A named law of one coordinate: its parameter's name, the even moments E|x|^{2n} for parameter c, and a sampler."""

    parameter: str
    even: Callable[[int, Fraction], Fraction]
    draw: Callable[[np.random.Generator, float, tuple[int, int]], np.ndarray]
    real: bool = True


def _double_factorial(n: int) -> int:
    return prod(range(2 * n - 1, 0, -2))


def _complex_normal(generator: np.random.Generator, variance: float, shape: tuple[int, int]) -> np.ndarray:
    scale = (variance / 2) ** 0.5
    return scale * (generator.standard_normal(shape) + 1j * generator.standard_normal(shape))


# Isserlis for the two Gaussians; the others by integration.
MARGINALS = {
    "gaussian": Marginal("variance", lambda n, v: _double_factorial(n) * v**n, lambda g, v, s: v**0.5 * g.standard_normal(s)),
    "complex-gaussian": Marginal("variance", lambda n, v: factorial(n) * v**n, _complex_normal, real=False),
    "rademacher": Marginal("scale", lambda n, c: c ** (2 * n), lambda g, c, s: c * g.choice((-1.0, 1.0), size=s)),
    "uniform": Marginal("bound", lambda n, c: c ** (2 * n) / (2 * n + 1), lambda g, c, s: g.uniform(-c, c, size=s)),
    "laplace": Marginal("scale", lambda n, c: factorial(2 * n) * c ** (2 * n), lambda g, c, s: g.laplace(scale=c, size=s)),
}


@dataclass(frozen=True)
class IndependentLaw:
    """Independent coordinates of one named symmetric law, with one parameter per coordinate.

    >>> IndependentLaw("gaussian", (Fraction(1), Fraction(4))).moment((2, 4))
    Fraction(48, 1)
    >>> IndependentLaw("complex-gaussian", (Fraction(1),)).moment((1,), (1,))
    Fraction(1, 1)
    """

    name: str
    parameters: tuple[Fraction, ...]

    @property
    def marginal(self) -> Marginal:
        """The law of one coordinate."""
        return MARGINALS[self.name]

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.parameters)

    @property
    def real(self) -> bool:
        """False for the complex Gaussian only."""
        return self.marginal.real

    @property
    def sign_symmetric(self) -> bool:
        """Each coordinate is symmetric and they are independent."""
        return True

    @property
    def exchangeable(self) -> bool:
        """Identically distributed, that is, equal parameters."""
        return len(set(self.parameters)) == 1

    @property
    def never_zero(self) -> bool:
        """Continuous, or of constant modulus."""
        return True

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """The product over the coordinates; a circular coordinate needs as many conjugates as plain factors."""
        result = Fraction(1)
        for p, q, c in zip(powers, conjugates or (0,) * len(powers), self.parameters, strict=True):
            if (p + q) % 2 or (not self.real and p != q):
                return Fraction(0)
            result *= self.marginal.even((p + q) // 2, c)
        return result

    def record(self) -> dict[str, Any]:
        """The name and the parameter, a list where it differs between coordinates."""
        values = [str(c) for c in self.parameters]
        return {"name": self.name, self.marginal.parameter: values[0] if self.exchangeable else values}

    def sample(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Coordinate by coordinate, count x d."""
        columns = [self.marginal.draw(generator, float(c), (count, 1)) for c in self.parameters]
        return np.concatenate(columns, axis=1)


@dataclass(frozen=True)
class MomentLaw:
    """Independent, identically distributed real coordinates of which the first six moments are given.

    A law with these moments must exist: the Hankel matrix of (1, m_1, ..., m_6) is positive semidefinite and, where it is singular,
    a flat extension (Curto and Fialkow 1991, Theorem 3.9). Symmetry means here that the odd moments vanish, which is all the theory uses.

    >>> MomentLaw(2, (0, 1, 0, 3, 0, 15)).moment((2, 4))
    Fraction(3, 1)
    """

    dimension: int
    moments: tuple[Fraction, ...]
    real: bool = field(default=True, init=False, repr=False)

    def __init__(self, dimension: int, moments: Sequence[Any]) -> None:
        values = tuple(rational(m, f"law.moments[{i}]") for i, m in enumerate(moments))
        if len(values) != DEGREE:
            raise InvalidInput("law.moments", f"has {len(values)} entries", "give E x, E x^2, ..., E x^6 of one coordinate")
        defect = hankel_defect((Fraction(1), *values))
        if defect:
            raise InvalidInput("law.moments", f"are those of no law: {defect}", "give the moments of a law on the real line")
        object.__setattr__(self, "dimension", dimension)
        object.__setattr__(self, "moments", values)
        object.__setattr__(self, "real", True)

    @property
    def sign_symmetric(self) -> bool:
        """The odd moments vanish."""
        return not any(self.moments[::2])

    @property
    def exchangeable(self) -> bool:
        """Identically distributed."""
        return True

    @property
    def never_zero(self) -> bool | None:
        """Six moments do not tell, unless they force a law without mass at zero (not looked into)."""
        return None

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """The product over the coordinates (degree at most six)."""
        total = (p + q for p, q in zip(powers, conjugates or (0,) * len(powers), strict=True))
        return prod((self.moments[n - 1] for n in total if n), start=Fraction(1))

    def record(self) -> dict[str, Any]:
        """The six moments."""
        return {"name": "moments", "moments": [str(m) for m in self.moments]}

    def sample(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Not possible: many laws have these moments. Raises `InvalidInput`."""
        del generator, count
        raise InvalidInput("law", "is known by six moments only, which do not say how to draw", "give atoms or a named law")


@dataclass(frozen=True)
class SparseLaw:
    """Uniform on the 2d vectors +-c e_j (Example 4.1 of the paper).

    >>> SparseLaw(4, Fraction(2)).moment((0, 4, 0, 0)), SparseLaw(4, Fraction(2)).moment((2, 2, 0, 0))
    (Fraction(4, 1), Fraction(0, 1))
    """

    dimension: int
    scale: Fraction
    real: bool = field(default=True, init=False, repr=False)
    sign_symmetric: bool = field(default=True, init=False, repr=False)
    exchangeable: bool = field(default=True, init=False, repr=False)

    @property
    def never_zero(self) -> bool:
        """All coordinates but one vanish."""
        return self.dimension == 1

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """c^n / d for an even power of one coordinate, zero for any other that is not constant."""
        used = [p + q for p, q in zip(powers, conjugates or (0,) * len(powers), strict=True) if p + q]
        if not used:
            return Fraction(1)
        return self.scale ** used[0] / self.dimension if len(used) == 1 and used[0] % 2 == 0 else Fraction(0)

    def record(self) -> dict[str, Any]:
        """Name and scale."""
        return {"name": "sparse", "scale": str(self.scale)}

    def sample(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """A signed multiple of a random basis vector, count x d."""
        signs = generator.choice((-1.0, 1.0), size=(count, 1))
        return float(self.scale) * signs * np.eye(self.dimension)[generator.integers(self.dimension, size=count)]


@dataclass(frozen=True)
class OnesLaw:
    """The constant vector (1, ..., 1): exchangeable, not symmetric.

    >>> OnesLaw(3).moment((1, 2, 3))
    Fraction(1, 1)
    """

    dimension: int
    real: bool = field(default=True, init=False, repr=False)
    sign_symmetric: bool = field(default=False, init=False, repr=False)
    exchangeable: bool = field(default=True, init=False, repr=False)
    never_zero: bool = field(default=True, init=False, repr=False)

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """One."""
        del powers, conjugates
        return Fraction(1)

    def record(self) -> dict[str, Any]:
        """The name alone."""
        return {"name": "ones"}

    def sample(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Ones, count x d."""
        del generator
        return np.ones((count, self.dimension))
