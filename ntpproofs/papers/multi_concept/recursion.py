r"""The exact reduced recursion (S5): full-population gradient descent on single-concept, noise-free prompts with a mirrored MLP.

With W_Q, W_K in the span of the P_{a_k}, P_{b_k}, P_perp every concept follows its own few numbers, p_Q, p_K and
(u_i, v_i) for the plus neurons i = 1..M (u_i = <w_i, c_k>, v_i = <w_i, d_k>):

    beta = p_Q p_K B,  rho_n = tanh(beta + log(n / (L - n)) / 2),  1_+- = 1[u_i +- rho_n v_i > 0]
    F_n = (1/m) sum_i [(u_i + rho_n v_i)_+ - (u_i - rho_n v_i)_+],   F'_n = (1/m) sum_i v_i (1_+ + 1_-)
    p_Q <- (1 - eta lambda) p_Q + (eta / K) E_n[g (1 - rho^2) F'] B p_K                    (p_K likewise)
    u_i <- (1 - eta lambda) u_i + eta C E_n[g (1_+ - 1_-)] / (2 m K)
    v_i <- (1 - eta lambda) v_i + eta D E_n[g rho (1_+ + 1_-)] / (2 m K)

with g = sigma(-F_n) - p under label flips of probability p, and the mean over the number n of agreeing demonstrations
(rho = tanh beta for balanced prompts, rho = -1 and 1 at n = 0 and L). Every other coefficient shrinks by 1 - eta
lambda.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from .dictionary import Dictionary
from .model import Weights
from .prompts import PromptLaw


@dataclass(frozen=True, eq=False)
class Reduced:
    """The state: `query`, `key` p_Q, p_K (K,), plus neurons `gate` u and `lift` v (M, K), and the factor `rest` of all other coefficients.

    Leading axes stack independent runs.
    """

    query: np.ndarray
    key: np.ndarray
    gate: np.ndarray
    lift: np.ndarray
    rest: float = 1.0


@dataclass(frozen=True, eq=False)
class Law:
    """What drives the recursion: squared norms B, C, D (K,), the neurons m, regularisation, flips, frequencies (K,), and (log odds, weight) of n."""

    b: np.ndarray
    c: np.ndarray
    d: np.ndarray
    neurons: int
    regularisation: float
    flips: float
    frequencies: np.ndarray
    odds: tuple[tuple[float, float], ...]


def law_of(norms: dict[str, Any], concepts: int, neurons: int, regularisation: float = 0.0, prompts: PromptLaw | None = None) -> Law:
    """The law of the recursion for squared norms (a number or K of them), and a prompt law without noise (default: balanced).

    >>> law_of({"b": 1, "c": 1, "d": 1}, 2, 8, prompts=PromptLaw(length=2, composition="iid")).odds
    ((-inf, 0.25), (0.0, 0.5), (inf, 0.25))
    """
    prompts = prompts or PromptLaw()
    spread = {name: np.broadcast_to(np.asarray(norms.get(name, 1.0), dtype=float), (concepts,)) for name in "bcd"}
    frequencies = np.asarray(prompts.frequencies or (1 / concepts,) * concepts, dtype=float)
    odds = tuple((half_log_odds(n, prompts.length), share) for n, share in prompts.matching_weights().items())
    return Law(spread["b"], spread["c"], spread["d"], neurons, regularisation, prompts.flips, frequencies, odds)


def half_log_odds(matching: int, length: int) -> float:
    """log(n_+ / n_-) / 2, infinite at the ends."""
    if matching in (0, length):
        return np.inf if matching else -np.inf
    return float(0.5 * np.log(matching / (length - matching)))


def margins(state: Reduced, law: Law) -> np.ndarray:
    """F_k for every concept, averaged over the composition."""
    total = np.zeros_like(state.query)
    for shift, share in law.odds:
        rho = np.tanh(state.query * state.key * law.b + shift)
        swing = rho[..., None, :] * state.lift
        total += share * (np.maximum(state.gate + swing, 0) - np.maximum(state.gate - swing, 0)).sum(axis=-2) / law.neurons
    return total


def step(state: Reduced, law: Law, size: float) -> Reduced:
    """One step of gradient descent on the population loss."""
    attention, gate, lift = (np.zeros_like(x) for x in (state.query, state.gate, state.lift))
    beta = state.query * state.key * law.b
    for shift, share in law.odds:
        rho = np.tanh(beta + shift)
        swing = rho[..., None, :] * state.lift
        up, down = state.gate + swing, state.gate - swing
        plus, minus = (up > 0).astype(float), (down > 0).astype(float)
        margin = (np.maximum(up, 0) - np.maximum(down, 0)).sum(axis=-2) / law.neurons
        slope = (state.lift * (plus + minus)).sum(axis=-2) / law.neurons
        drive = share * (scipy.special.expit(-margin) - law.flips) * law.frequencies
        attention += drive * (1 - rho**2) * slope * law.b
        gate += (drive * law.c / (2 * law.neurons))[..., None, :] * (plus - minus)
        lift += (drive * rho * law.d / (2 * law.neurons))[..., None, :] * (plus + minus)
    keep = 1 - size * law.regularisation
    return Reduced(
        keep * state.query + size * attention * state.key,
        keep * state.key + size * attention * state.query,
        keep * state.gate + size * gate,
        keep * state.lift + size * lift,
        keep * state.rest,
    )


def run(state: Reduced, law: Law, size: float, steps: int, watch: Callable[[int, Reduced], None] | None = None) -> Reduced:
    """`steps` steps of constant size; `watch(t, state)` sees every state, the first included."""
    for t in range(steps):
        if watch is not None:
            watch(t, state)
        state = step(state, law, size)
    if watch is not None:
        watch(steps, state)
    return state


def reduce(weights: Weights, dictionary: Dictionary) -> Reduced:
    """The reduced state of full weights in the algebra (plus neurons are the first half)."""
    b = dictionary.b / np.linalg.norm(dictionary.b, axis=-1, keepdims=True)
    plus = weights.output[: weights.output.shape[0] // 2]
    query, key = (np.einsum("kx,xy,ky->k", b, w, b) for w in (weights.query, weights.key))
    return Reduced(query, key, plus @ dictionary.c.T, plus @ dictionary.d.T)


def distance_to_algebra(weights: Weights, dictionary: Dictionary) -> float:
    """How far W_Q and W_K are from span{P_{a_k}, P_{b_k}, P_perp}, and W_O from mirrored pairs (Frobenius norms, the largest)."""
    from .model import mirror

    frame = np.concatenate([dictionary.a, dictionary.b])
    units = frame[np.linalg.norm(frame, axis=1) > 0]
    units = units / np.linalg.norm(units, axis=1, keepdims=True)
    outside = np.eye(dictionary.word_dimension) - units.T @ units
    rank = dictionary.word_dimension - len(units)
    gaps = []
    for w in (weights.query, weights.key):
        inside = (units.T * np.einsum("kx,xy,ky->k", units, w, units)) @ units
        inside = inside + (np.trace(outside @ w) / rank * outside if rank else 0)
        gaps.append(float(np.linalg.norm(w - inside)))
    half = weights.output.shape[0] // 2
    return max(*gaps, float(np.linalg.norm(weights.output[half:] - mirror(weights.output[:half], dictionary))))
