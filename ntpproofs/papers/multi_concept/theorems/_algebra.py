"""Weights in the idempotent algebra as a full layer, exactly, with every prompt it can meet; and the reduced drive in balls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import comb
from random import Random
from typing import Any

from flint import arb

from ....exact.balls import exact_arb
from ....exact.rational import Vector
from ..balls import Matrix, RationalLayer, RationalPrompt

F = Fraction
NONE = F(0)


@dataclass(frozen=True)
class AlgebraState:
    """K concepts with rational lengths |a_k|, |b_k|, |c_k|, |d_k|; P_a and P_b coefficients of W_Q and W_K; plus neurons (u, v), M x K.

    `composition` is balanced, iid, or frac with `matching` demonstrations of the query's sign; labels are flipped with probability `flips`.
    """

    lengths: tuple[Vector, Vector, Vector, Vector]
    on_a: tuple[Vector, Vector]
    on_b: tuple[Vector, Vector]
    gate: Matrix
    lift: Matrix
    length: int = 2
    composition: str = "balanced"
    matching: int = 1
    flips: Fraction = NONE

    @property
    def concepts(self) -> int:
        """K."""
        return len(self.on_b[0])

    @property
    def neurons(self) -> int:
        """m = 2 M."""
        return 2 * len(self.gate)

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        names = ("lengths", "on_a", "on_b", "gate", "lift")
        body = {name: [[str(x) for x in row] for row in getattr(self, name)] for name in names}
        return {"kind": "algebra-state", **body, "length": self.length, "composition": self.composition, "flips": str(self.flips)}

    def shares(self) -> dict[int, Fraction]:
        """P(n_+ = n)."""
        if self.composition == "iid":
            return {n: F(comb(self.length, n), 2**self.length) for n in range(self.length + 1)}
        return {self.length // 2 if self.composition == "balanced" else self.matching: F(1)}

    def layer(self) -> RationalLayer:
        """The full weights with mirrored neurons, and every prompt with its probability."""
        k, (a, b, c, d) = self.concepts, self.lengths
        rows = [tuple([u / x for u, x in zip(us, c)] + [v / x for v, x in zip(vs, d)]) for us, vs in zip(self.gate, self.lift)]
        mirrored = [(*row[:k], *(-x for x in row[k:])) for row in rows]
        query, key = (diagonal((*on_a, *on_b)) for on_a, on_b in zip(self.on_a, self.on_b))
        return RationalLayer(tuple(self._prompts(a, b, c, d)), query, key, (*rows, *mirrored))

    def _prompts(self, a: Vector, b: Vector, c: Vector, d: Vector) -> Iterator[RationalPrompt]:
        flips = [(1, 1 - self.flips), (-1, self.flips)] if self.flips else [(1, F(1))]
        for n, share in self.shares().items():
            subsets = list(combinations(range(self.length), n))
            for k, e, subset, (flip, chance) in product(range(self.concepts), (1, -1), subsets, flips):
                signs = [e if i in subset else -e for i in range(self.length)]
                words = tuple(self._vector(k, a[k], s * b[k]) for s in signs)
                labels = tuple(self._vector(k, c[k], s * d[k]) for s in signs)
                weight = share * chance / (2 * self.concepts * len(subsets))
                yield RationalPrompt(words, labels, self._vector(k, a[k], e * b[k]), e * flip, weight)

    def _vector(self, k: int, first: Fraction, second: Fraction) -> Vector:
        entries = [F(0)] * (2 * self.concepts)
        entries[k], entries[self.concepts + k] = first, second
        return tuple(entries)


def diagonal(entries: Vector) -> Matrix:
    """A diagonal matrix."""
    return tuple(tuple(x if i == j else F(0) for j in range(len(entries))) for i, x in enumerate(entries))


def random_state(seed: int, concepts: int = 2, half: int = 2, length: int = 2, composition: str = "balanced", flips: Fraction = NONE) -> AlgebraState:
    """A state with small rational numbers, fixed by its seed."""
    draw = Random(seed)

    def row(low: int, high: int, size: int = concepts) -> Vector:
        return tuple(F(draw.randint(low, high), draw.choice((3, 4, 5))) for _ in range(size))

    lengths = (row(2, 6), row(2, 6), row(2, 6), row(2, 6))
    # Sevenths against thirds, quarters and fifths: no neuron sits on its kink at a rational rho.
    gate = tuple(tuple(F(draw.choice((-2, -1, 1, 2, 3, 4, 5, 6)), 7) for _ in range(concepts)) for _ in range(half))
    lift = tuple(row(-4, 6) for _ in range(half))
    sides = (row(-4, 5), row(-4, 5)), (row(1, 5), row(-2, 5))
    matching = draw.randint(1, max(1, length - 1))
    return AlgebraState(lengths, *sides, gate, lift, length, composition, matching, flips)


@dataclass(frozen=True)
class Drive:
    """The drives of the reduced recursion in balls: d p_Q and d p_K (K), d u and d v (M x K), and the margins F (K)."""

    query: list[arb]
    key: list[arb]
    gate: list[list[arb]]
    lift: list[list[arb]]
    margin: list[arb]


def attention_of(state: AlgebraState, k: int, n: int, factor: int = 1) -> arb:
    """rho_n of concept k, at the current precision."""
    beta = state.on_b[0][k] * state.on_b[1][k] * state.lengths[1][k] ** 2 * factor
    if n in (0, state.length):
        return arb(1 if n else -1)
    return (exact_arb(beta) + exact_arb(F(n, state.length - n)).log() / 2).tanh()


def reduced_drive(state: AlgebraState, spread: bool = True, half: bool = True, noise: str = "subtract") -> Drive:
    """The formulas of S5; `spread=False` forgets 1 - rho^2, `half=False` uses 1/(mK) for the neurons, `noise="scale"` uses (1 - 2p) g."""
    kk, m, flips = state.concepts, state.neurons, exact_arb(state.flips)
    query, key, margins = ([arb(0)] * kk for _ in range(3))
    gate, lift = ([[arb(0)] * kk for _ in state.gate] for _ in range(2))
    for k, (n, share) in product(range(kk), state.shares().items()):
        rho = attention_of(state, k, n)
        b, c, d = (exact_arb(state.lengths[i][k] ** 2) for i in (1, 2, 3))
        up = [exact_arb(us[k]) + rho * exact_arb(vs[k]) for us, vs in zip(state.gate, state.lift)]
        down = [exact_arb(us[k]) - rho * exact_arb(vs[k]) for us, vs in zip(state.gate, state.lift)]
        plus, minus = ([_on(x) for x in side] for side in (up, down))
        margin = sum((x * p - y * q for x, p, y, q in zip(up, plus, down, minus)), arb(0)) / m
        slope = sum((exact_arb(vs[k]) * (p + q) for vs, p, q in zip(state.lift, plus, minus)), arb(0)) / m
        sigma = 1 / (1 + margin.exp())
        g = exact_arb(share) / kk * ((1 - 2 * flips) * sigma if noise == "scale" else sigma - flips)
        margins[k] = margins[k] + exact_arb(share) * margin
        attention = g * (1 - rho * rho if spread else 1) * slope * b
        query[k] = query[k] + attention * exact_arb(state.on_b[1][k])
        key[k] = key[k] + attention * exact_arb(state.on_b[0][k])
        for i, (p, q) in enumerate(zip(plus, minus)):
            gate[i][k] = gate[i][k] + g * c * (p - q) / ((2 if half else 1) * m)
            lift[i][k] = lift[i][k] + g * rho * d * (p + q) / ((2 if half else 1) * m)
    return Drive(query, key, gate, lift, margins)


def _on(x: arb) -> int:
    if x > 0:
        return 1
    if x < 0 or x.is_zero():
        return 0
    raise ArithmeticError("a neuron sits on its kink")
