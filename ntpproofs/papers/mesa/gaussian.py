"""Gaussian rationals x + i y with rational x and y: exact complex parameters."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Gaussian:
    """An exact complex number.

    >>> z = Gaussian(Fraction(1), Fraction(2))
    >>> z * z.conjugate(), z - 1
    (Gaussian(real=Fraction(5, 1), imag=Fraction(0, 1)), Gaussian(real=Fraction(0, 1), imag=Fraction(2, 1)))
    """

    real: Fraction
    imag: Fraction = Fraction(0)

    def __add__(self, other: Gaussian | Fraction | int) -> Gaussian:
        z = as_gaussian(other)
        return Gaussian(self.real + z.real, self.imag + z.imag)

    __radd__ = __add__

    def __sub__(self, other: Gaussian | Fraction | int) -> Gaussian:
        z = as_gaussian(other)
        return Gaussian(self.real - z.real, self.imag - z.imag)

    def __mul__(self, other: Gaussian | Fraction | int) -> Gaussian:
        z = as_gaussian(other)
        return Gaussian(self.real * z.real - self.imag * z.imag, self.real * z.imag + self.imag * z.real)

    __rmul__ = __mul__

    def __neg__(self) -> Gaussian:
        return Gaussian(-self.real, -self.imag)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Gaussian, Fraction, int)):
            return NotImplemented
        z = as_gaussian(other)
        return self.real == z.real and self.imag == z.imag

    def __hash__(self) -> int:
        return hash((self.real, self.imag)) if self.imag else hash(self.real)

    def __complex__(self) -> complex:
        return complex(float(self.real), float(self.imag))

    def conjugate(self) -> Gaussian:
        """x - i y."""
        return Gaussian(self.real, -self.imag)

    def __str__(self) -> str:
        return str(self.real) if not self.imag else f"({self.real}) + ({self.imag})i"

    @property
    def squared_modulus(self) -> Fraction:
        """x^2 + y^2."""
        return self.real**2 + self.imag**2


def real_part(x: Gaussian | Fraction | int) -> Fraction:
    """The real part of an exact number."""
    return Fraction(x.real)


def as_gaussian(x: Gaussian | Fraction | int) -> Gaussian:
    """A real number as an exact complex one."""
    return x if isinstance(x, Gaussian) else Gaussian(Fraction(x))
