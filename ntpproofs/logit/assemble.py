"""From block coefficients to vectors, exactly: w = sum_b sum_v c_bv left_v right_b^T, and its JSON forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from ..errors import InvalidInput
from ..exact.balls import exact_arb
from ..exact.rational import fraction, to_flint, written
from ..kernel.reading import brief
from .problem import ConditionalLogit, Vector

Coefficients = Sequence[Mapping[int, Fraction]]


def assemble(problem: ConditionalLogit, coefficients: Coefficients) -> Vector:
    """The flat vector sum_b sum_v c_bv x_bv, exact. Raises `InvalidInput` for anything but one mapping from alternatives to exact numbers
    per block.

    >>> problem = ConditionalLogit([(1, 0, [["2"], ["0"]], [1, 1])])
    >>> assemble(problem, [{0: Fraction(1, 2), 1: Fraction(-1, 2)}])
    (Fraction(1, 1),)
    """
    _check(problem, coefficients)
    data = problem.data
    height, width = data.shape
    bank: dict[tuple[int, int], Fraction] = {}
    for block, c in zip(data.blocks, coefficients):
        for v, x in c.items():
            key = block.alternatives[v], block.right
            bank[key] = bank.get(key, Fraction(0)) + x
    items, rights = _used(problem, bank)
    product = fmpq_mat(len(items), len(rights))
    for (i, k), x in bank.items():
        product[items[i], rights[k]] = fmpq(x.numerator, x.denominator)
    if data.left is not None:
        product = to_flint([data.left[i] for i in items]).transpose() * product if items else fmpq_mat(height, len(rights))
    if data.right is not None:
        product = product * to_flint([data.right[k] for k in rights]) if rights else fmpq_mat(height, width)
    return tuple(fraction(product[i, k]) for i in range(height) for k in range(width))


def _check(problem: ConditionalLogit, coefficients: Coefficients) -> None:
    if not isinstance(problem, ConditionalLogit):
        raise InvalidInput("problem", f"is {type(problem).__name__}", "give a ConditionalLogit")
    blocks = problem.data.blocks
    if not isinstance(coefficients, (list, tuple)) or len(coefficients) != len(blocks):
        raise InvalidInput("coefficients", f"are {brief(coefficients)}", f"give a list with one mapping for each of {len(blocks):,} blocks")
    for b, (block, c) in enumerate(zip(blocks, coefficients)):
        if not isinstance(c, Mapping):
            raise InvalidInput(f"coefficients[{b}]", f"is {type(c).__name__}", "map alternatives to exact numbers")
        for v, x in c.items():
            if type(v) is not int or not 0 <= v < len(block.alternatives):
                raise InvalidInput(f"coefficients[{b}]", f"names the alternative {brief(v)}", f"alternatives are 0..{len(block.alternatives) - 1}")
            if not isinstance(x, (int, Fraction)) or isinstance(x, bool):
                raise InvalidInput(f"coefficients[{b}][{v}]", f"is {brief(x)} ({type(x).__name__})", "give an integer or a Fraction")


def _used(problem: ConditionalLogit, keys: Iterable[tuple[int, int]]) -> tuple[dict[int, int], dict[int, int]]:
    # The place of every factor that occurs; of all basis vectors where the bank is the identity.
    data, pairs = problem.data, list(keys)
    height, width = data.shape
    items = range(height) if data.left is None else sorted({i for i, _ in pairs})
    rights = range(width) if data.right is None else sorted({k for _, k in pairs})
    return {i: place for place, i in enumerate(items)}, {k: place for place, k in enumerate(rights)}


def assemble_balls(problem: ConditionalLogit, coefficients: Sequence[Mapping[int, arb]]) -> list[arb]:
    """The same combination for ball coefficients."""
    data = problem.data
    height, width = data.shape
    items, rights = _used(problem, ((block.alternatives[v], block.right) for block, c in zip(data.blocks, coefficients) for v in c))
    product = arb_mat(len(items), len(rights))
    for block, c in zip(data.blocks, coefficients):
        for v, x in c.items():
            product[items[block.alternatives[v]], rights[block.right]] += x
    if data.left is not None:
        product = arb_mat([[exact_arb(x) for x in data.left[i]] for i in items]).transpose() * product if items else arb_mat(height, len(rights))
    if data.right is not None:
        product = product * arb_mat([[exact_arb(x) for x in data.right[k]] for k in rights]) if rights else arb_mat(height, width)
    return [product[i, k] for i in range(height) for k in range(width)]


def sparse(entries: Mapping[int, Fraction], length: int) -> Any:
    """The kernel's form of a vector: sparse when that is shorter, else a list.

    >>> sparse({1: Fraction(1, 2)}, 4)
    {'entries': {'1': '1/2'}}
    """
    kept = {v: x for v, x in sorted(entries.items()) if x}
    if 2 * len(kept) < length:
        return {"entries": {str(v): written(x) for v, x in kept.items()}}
    return [written(Fraction(kept.get(v, 0))) for v in range(length)]


def over_base(parts: Iterable[Mapping[int, Mapping[int, Fraction]]], contexts: int) -> list[dict[str, dict[str, str]]]:
    """The kernel's form of coefficients over a coprime base: per context and token, the non-zero values by base element.

    >>> over_base([{1: {0: Fraction(1, 2)}}, {}], 2)
    [{}, {'0': {'0': '1/2'}}]
    """
    found: list[dict[str, dict[str, str]]] = [{} for _ in range(contexts)]
    for k, part in enumerate(parts):
        for j, entries in part.items():
            for v, x in sorted(entries.items()):
                if x:
                    found[j].setdefault(str(v), {})[str(k)] = written(x)
    return found


def columns(flat: Vector, shape: tuple[int, int]) -> list[Any]:
    """The columns of a matrix in the kernel's vector form."""
    height, width = shape
    return [sparse({i: flat[i * width + k] for i in range(height)}, height) for k in range(width)]
