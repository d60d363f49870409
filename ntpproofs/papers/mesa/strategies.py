"""Laws of the first token for property tests: symmetric ones by construction, and every way to break the assumptions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any, Literal

from hypothesis import strategies as st

from ...errors import InvalidInput
from ...language.strategy_arguments import check_bounds, described
from .laws import AtomLaw, Law, independent_law, sign_symmetrised, symmetrised
from .named_laws import IndependentLaw, OnesLaw, SparseLaw
from .problem import KIND, LinearAttentionAR

Draw = Callable[[st.SearchStrategy[Any]], Any]
Family = Literal["any", "symmetric", "sign-symmetric", "atoms", "exchangeable"]
FAMILIES = ("any", "symmetric", "sign-symmetric", "atoms", "exchangeable")
SMALL = st.integers(-2, 2)


@described(KIND)
@cache
def autoregressive_laws(
    max_dimension: int = 3,
    max_length: int = 6,
    laws: Family = "any",
    *,
    min_dimension: int = 1,
    min_length: int = 3,
    masked: bool | None = False,
) -> st.SearchStrategy[LinearAttentionAR]:
    """Problems of linear attention on autoregressive data, with small integer atoms or named laws.

    `laws`: "symmetric" are invariant under signs and permutations (S and X), "sign-symmetric" under signs, "exchangeable" under
    permutations, "atoms" are raw atoms, "any" mixes all of these with skewed, shifted, constant and anisotropic ones. `masked` fixes
    the variant, None mixes. Law: every value satisfies what was asked, by construction. Raises `InvalidInput` for bounds that admit
    nothing and for another word.

    >>> autoregressive_laws(max_dimension=0)
    Traceback (most recent call last):
    ...
    ntpproofs.errors.InvalidInput: max_dimension: is 0. Remedy: give an integer of at least 1.
    """
    check_bounds(min_dimension=(min_dimension, 1), min_length=(min_length, 3))
    check_bounds(max_dimension=(max_dimension, min_dimension), max_length=(max_length, min_length))
    if laws not in FAMILIES:
        raise InvalidInput("laws", f"is {laws!r}", f"give one of {', '.join(FAMILIES)}")

    @st.composite
    def problems(draw: Draw) -> LinearAttentionAR:
        dimension = draw(st.integers(min_dimension, max_dimension))
        length = draw(st.integers(min_length, max_length))
        law = _drawn(draw, laws, dimension)
        start = Fraction(draw(st.integers(-20, 20)), 10), Fraction(draw(st.integers(-20, 20)), 10)
        return LinearAttentionAR(dimension, length, law, start, draw(st.booleans()) if masked is None else masked)

    return problems()


def _drawn(draw: Draw, family: str, dimension: int) -> Law:
    if family == "symmetric":
        return _symmetric(draw, dimension)
    if family == "sign-symmetric":
        return _anisotropic(draw, dimension) if draw(st.booleans()) else sign_symmetrised(_atoms(draw, dimension))
    if family == "exchangeable":
        return _exchangeable(draw, dimension)
    if family == "atoms":
        return _atoms(draw, dimension)
    return draw(st.sampled_from((_symmetric, _anisotropic, _exchangeable, _atoms, _coupled)))(draw, dimension)


def _weights(draw: Draw, count: int) -> list[Fraction]:
    counts = [draw(st.integers(1, 4)) for _ in range(count)]
    return [Fraction(c, sum(counts)) for c in counts]


def _atoms(draw: Draw, dimension: int) -> AtomLaw:
    atoms = [[draw(SMALL) for _ in range(dimension)] for _ in range(draw(st.integers(1, 3)))]
    if not any(map(any, atoms)):
        atoms[0][0] = 1
    return AtomLaw(atoms, _weights(draw, len(atoms)))


def _symmetric(draw: Draw, dimension: int) -> Law:
    name = draw(st.sampled_from(("closed", "sparse", "gaussian", "rademacher", "uniform", "laplace", "complex-gaussian", "independent")))
    if name == "closed":
        return symmetrised(_atoms(draw, dimension))
    if name == "independent":
        values = draw(st.lists(st.integers(0, 3), min_size=1, max_size=2, unique=True).filter(any))
        masses = _weights(draw, len(values))
        return independent_law([(s * x, w / 2) for x, w in zip(values, masses) for s in (1, -1)], dimension)
    scale = Fraction(draw(st.integers(1, 4)), draw(st.integers(1, 2)))
    return SparseLaw(dimension, scale) if name == "sparse" else IndependentLaw(name, (scale,) * dimension)


def _anisotropic(draw: Draw, dimension: int) -> Law:
    name = draw(st.sampled_from(("gaussian", "rademacher", "uniform")))
    return IndependentLaw(name, tuple(Fraction(draw(st.integers(1, 3))) for _ in range(dimension)))


def _exchangeable(draw: Draw, dimension: int) -> Law:
    # The constant vector, skewed zero-mean coordinates {2: 1/3, -1: 2/3}, and shifted ones.
    kind = draw(st.sampled_from(("ones", "skewed", "shifted")))
    if kind == "ones":
        return OnesLaw(dimension)
    if kind == "skewed":
        top, bottom = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        return independent_law([(top, Fraction(bottom, top + bottom)), (-bottom, Fraction(top, top + bottom))], dimension)
    return independent_law([(draw(st.integers(1, 2)), Fraction(1, 2)), (0, Fraction(1, 2))], dimension)


def _coupled(draw: Draw, dimension: int) -> Law:
    # Symmetric marginals, E u_1 u_2^3 = 0, and E u_1^3 u_2^3 != 0 in dimension 2.
    strength = Fraction(draw(st.sampled_from((1, -1))), 5 * 4 ** max(dimension - 2, 0))
    return coupled_law(dimension, strength)


def coupled_law(dimension: int, strength: Fraction) -> AtomLaw:
    """The law (1 + strength * prod_j g(u_j)) / 4^d on {+-1, +-2}^d, g odd with g(1) = 2 and g(2) = -1.

    >>> law = coupled_law(2, Fraction(1, 5))
    >>> law.moment((1, 3)), law.moment((3, 3))
    (Fraction(0, 1), Fraction(9, 5))
    """
    odd = {1: 2, 2: -1, -1: -2, -2: 1}
    atoms = list(product(odd, repeat=dimension))
    masses = []
    for atom in atoms:
        tilt = strength
        for x in atom:
            tilt *= odd[x]
        masses.append((1 + tilt) / 4**dimension)
    kept = [(atom, mass) for atom, mass in zip(atoms, masses) if mass]
    return AtomLaw([atom for atom, _ in kept], [mass for _, mass in kept])
