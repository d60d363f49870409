r"""The layer in exact arithmetic: rational data and weights, values in Arb balls, directional derivatives as power series in balls.

It shares no code with `model.py`, so each is a check of the other. A derivative along a direction V is the first
coefficient of the loss at W + t V as a power series in t: no formula for the gradient is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from flint import arb, arb_series, ctx

from ...exact.balls import PRECISION, Interval, exact_arb, interval
from ...exact.rational import Vector

Matrix = tuple[Vector, ...]
Rows = list[list[Any]]


@dataclass(frozen=True)
class RationalPrompt:
    """One prompt: `words` L x d_X, `labels` L x d_Y, `query` d_X, `target` in {-1, 1}, and its probability `weight`."""

    words: Matrix
    labels: Matrix
    query: Vector
    target: int
    weight: Fraction = Fraction(1)


@dataclass(frozen=True)
class RationalLayer:
    """A layer with rational weights and a finite population of prompts; r = +-1/m, the first half of the rows of `output` positive."""

    prompts: tuple[RationalPrompt, ...]
    query: Matrix
    key: Matrix
    output: Matrix
    regularisation: Fraction = Fraction(0)

    @property
    def signs(self) -> Vector:
        """r."""
        m = len(self.output)
        return tuple(Fraction(1 if i < m // 2 else -1, m) for i in range(m))

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness: everything, as strings."""
        body: dict[str, Any] = {name: [[str(x) for x in row] for row in self.part(name)] for name in ("query", "key", "output")}
        data = [[[str(x) for x in row] for row in (*prompt.words, *prompt.labels, prompt.query)] for prompt in self.prompts]
        targets = [prompt.target for prompt in self.prompts]
        return {"kind": "layer", **body, "prompts": data, "targets": targets, "regularisation": str(self.regularisation)}

    def part(self, name: str) -> Matrix:
        """One of the three trained matrices by name."""
        return {"query": self.query, "key": self.key, "output": self.output}[name]


def multiply(x: Sequence[Sequence[Any]], y: Sequence[Sequence[Any]]) -> Rows:
    """The matrix product of nested sequences of rationals or balls, in balls."""
    left, right = ([[_number(entry) for entry in row] for row in rows] for rows in (x, y))
    columns = list(zip(*right))
    return [[sum((a * b for a, b in zip(row, column)), arb(0)) for column in columns] for row in left]


def _number(x: Any) -> Any:
    return exact_arb(x) if isinstance(x, Fraction) else x


def transpose(x: Sequence[Sequence[Any]]) -> Rows:
    """The transpose."""
    return [list(column) for column in zip(*x)]


def balls(x: Matrix) -> Rows:
    """A rational matrix in balls at the current precision."""
    return [[exact_arb(entry) for entry in row] for row in x]


def flat(x: Sequence[Sequence[arb]]) -> tuple[Interval, ...]:
    """The entries as intervals, row by row."""
    return tuple(interval(entry) for row in x for entry in row)


def _dot(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum((a * b for a, b in zip(x, y)), arb(0))


def _series(base: Rows, direction: Matrix | None) -> Rows:
    if direction is None:
        return [[arb_series([x], prec=2) for x in row] for row in base]
    return [[arb_series([x, exact_arb(y)], prec=2) for x, y in zip(row, way)] for row, way in zip(base, direction)]


@dataclass(frozen=True)
class _State:
    attention: list[Any]
    pooled: list[Any]
    hidden: list[Any]
    gates: list[int]
    output: Any


def _forward(layer: RationalLayer, prompt: RationalPrompt, query: Rows, key: Rows, output: Rows) -> _State:
    # Entries are balls or power series; gates are decided on the constant term.
    xq = [exact_arb(x) for x in prompt.query]
    moved = [_dot(row, xq) for row in query]
    weights = []
    for word in prompt.words:
        image = [_dot(row, [exact_arb(x) for x in word]) for row in key]
        weights.append(_dot(image, moved).exp())
    total = sum(weights, arb(0))
    attention = [w / total for w in weights]
    pooled = [_dot(attention, [exact_arb(x) for x in column]) for column in zip(*prompt.labels)]
    hidden = [_dot(row, pooled) for row in output]
    gates = [_gate(h) for h in hidden]
    value = sum((h * exact_arb(r) for h, r, g in zip(hidden, layer.signs, gates) if g), arb(0))
    return _State(attention, pooled, hidden, gates, value)


def _gate(h: Any) -> int:
    constant = h[0] if isinstance(h, arb_series) else h
    if constant > 0:
        return 1
    if constant < 0 or constant.is_zero():
        return 0
    raise ArithmeticError("a neuron sits on its kink")


def loss_derivative(layer: RationalLayer, name: str, direction: Matrix) -> Interval:
    """d/dt of the penalised loss along W_name + t `direction`, from power series alone."""
    with ctx.workprec(PRECISION):
        cap, ctx.cap = ctx.cap, 2
        try:
            parts = {part: _series(balls(layer.part(part)), direction if part == name else None) for part in ("query", "key", "output")}
            total = arb(0)
            for prompt in layer.prompts:
                z = _forward(layer, prompt, **parts).output
                z = z if isinstance(z, arb_series) else arb_series([z], prec=2)
                value = (arb_series([1], prec=2) + (z * (-prompt.target)).exp()).log()
                total += exact_arb(prompt.weight) * value[1]
        finally:
            ctx.cap = cap
        ridge = sum((x * y for row, way in zip(layer.part(name), direction) for x, y in zip(row, way)), Fraction(0))
        return interval(total + exact_arb(layer.regularisation * ridge))


@dataclass(frozen=True)
class Gradient:
    """The hand-derived gradient in balls: of W_Q, W_K, W_O, the score gradient G, and the mean of delta f (homogeneity)."""

    query: Rows
    key: Rows
    output: Rows
    score: Rows
    pairing: arb


def hand_gradient(layer: RationalLayer, centred: bool = True, swapped: bool = False) -> Gradient:
    """The formulas of S1 in balls at the current precision; `centred=False` and `swapped=True` are the two classical slips."""
    q, k, o = (balls(layer.part(name)) for name in ("query", "key", "output"))
    score = [[arb(0)] * len(q[0]) for _ in q[0]]
    output = [[arb(0)] * len(o[0]) for _ in o]
    pairing = arb(0)
    for prompt in layer.prompts:
        state = _forward(layer, prompt, q, k, o)
        z = state.output * prompt.target
        delta = -exact_arb(prompt.weight) * prompt.target / (1 + z.exp())
        pairing += delta * state.output
        gated = [exact_arb(r) * g for r, g in zip(layer.signs, state.gates)]
        back = [_dot(gated, column) for column in transpose(o)]
        values = [_dot(back, [exact_arb(x) for x in label]) for label in prompt.labels]
        mean = _dot(state.attention, values) if centred else arb(0)
        t = [a * (v - mean) for a, v in zip(state.attention, values)]
        pull = [_dot(t, [exact_arb(x) for x in column]) for column in zip(*prompt.words)]
        score = [[x + delta * y * exact_arb(w) for x, w in zip(row, prompt.query)] for row, y in zip(score, pull)]
        output = [[x + delta * g * y for x, y in zip(row, state.pooled)] for row, g in zip(output, gated)]
    first, second = (q, k) if swapped else (k, q)
    gq, gk = multiply(first, score), multiply(second, transpose(score))
    ridge = exact_arb(layer.regularisation)
    return Gradient(_plus(gq, q, ridge), _plus(gk, k, ridge), _plus(output, o, ridge), score, pairing)


def _plus(x: Rows, y: Rows, factor: arb) -> Rows:
    return [[a + factor * b for a, b in zip(p, q)] for p, q in zip(x, y)]


def paired(x: Rows, direction: Matrix) -> Interval:
    """<x, direction>."""
    return interval(sum((a * exact_arb(b) for row, way in zip(x, direction) for a, b in zip(row, way)), arb(0)))


def random_layer(seed: int, words: int = 3, labels: int = 3, length: int = 3, neurons: int = 4, ridge: Fraction = Fraction(0)) -> RationalLayer:
    """A dense layer with small rational entries, fixed by its seed.

    >>> random_layer(1).query == random_layer(1).query
    True
    """
    draw = Random(seed)

    def matrix(rows: int, columns: int) -> Matrix:
        return tuple(tuple(Fraction(draw.randint(-6, 6), draw.choice((3, 4, 5))) for _ in range(columns)) for _ in range(rows))

    prompts = []
    for _ in range(2):
        prompts.append(RationalPrompt(matrix(length, words), matrix(length, labels), matrix(1, words)[0], draw.choice((-1, 1)), Fraction(1, 2)))
    return RationalLayer(tuple(prompts), matrix(words, words), matrix(words, words), matrix(neurons, labels), ridge)


def off_kinks(layer: RationalLayer) -> bool:
    """Whether every neuron is certainly on, certainly off, or exactly zero on every prompt.

    >>> off_kinks(random_layer(1))
    True
    """
    try:
        with ctx.workprec(PRECISION):
            hand_gradient(layer)
    except ArithmeticError:
        return False
    return True


def transformed(layer: RationalLayer, words: Matrix, labels: Matrix, head: bool = True) -> RationalLayer:
    """The layer in other orthonormal frames: x -> U x, y -> V y, W -> U W U^T, W_O -> W_O V^T (the last only if `head`)."""

    def rotate(x: Matrix, u: Matrix) -> Matrix:
        return tuple(tuple(sum((a * b for a, b in zip(row, column)), Fraction(0)) for column in u) for row in x)

    def both(w: Matrix) -> Matrix:
        return rotate(tuple(zip(*rotate(tuple(zip(*w)), words))), words)

    prompts = tuple(
        replace(prompt, words=rotate(prompt.words, words), labels=rotate(prompt.labels, labels), query=rotate((prompt.query,), words)[0])
        for prompt in layer.prompts
    )
    output = rotate(layer.output, labels) if head else layer.output
    return replace(layer, prompts=prompts, query=both(layer.query), key=both(layer.key), output=output)


def rational_rotation(seed: int, size: int) -> Matrix:
    """A rational orthogonal matrix: products of Pythagorean plane rotations and a reflection.

    >>> u = rational_rotation(3, 3)
    >>> [sum(a * b for a, b in zip(u[0], u[i])) for i in range(3)]
    [Fraction(1, 1), Fraction(0, 1), Fraction(0, 1)]
    """
    draw = Random(seed)
    u = [[Fraction(int(i == j) * (-1 if i == 0 and seed % 2 else 1)) for j in range(size)] for i in range(size)]
    for i in range(size):
        for j in range(i):
            c, s = draw.choice(((Fraction(3, 5), Fraction(4, 5)), (Fraction(5, 13), Fraction(12, 13)), (Fraction(-8, 17), Fraction(15, 17))))
            u[i], u[j] = [c * x - s * y for x, y in zip(u[i], u[j])], [s * x + c * y for x, y in zip(u[i], u[j])]
    return tuple(map(tuple, u))
