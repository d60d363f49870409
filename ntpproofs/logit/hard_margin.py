"""The margin programme of a linear next-token model in floats: a primal-dual interior point that is feasible for memory at any size.

    min |W|^2 / 2   with   <w_v, h_j> = t_j  for v in S_j,   <w_v, h_j> <= t_j - 1  for the others

Multipliers Z (m x V), at least 0 off the supports and free on them, give W = -Z' H and rows of Z that sum to 0. Nothing here is believed:
`enclosed_margin` turns any W and Z into true statements, so a run may stop wherever it likes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .token_system import TokenSystem

STEPS = 80
TARGET = 1e-10
# A tie is a proximal step of this weight: the multipliers converge whatever it is, and a larger one costs digits.
STIFF = 1e6


@dataclass(frozen=True)
class State:
    """An iterate: decoder, levels, slacks and multipliers (slacks on the supports mean nothing), and how far it is."""

    decoder: np.ndarray
    levels: np.ndarray
    slacks: np.ndarray
    multipliers: np.ndarray
    step: int = 0
    gap: float = np.inf


def start(embeddings: np.ndarray, labels: np.ndarray) -> State:
    """Zero with slacks and multipliers of size one."""
    count, tokens = labels.shape
    size = 1.0 / float(np.sqrt(tokens * count))
    multipliers = np.where(labels, 0.0, size)
    multipliers[labels] = (-multipliers.sum(axis=1) / labels.sum(axis=1))[np.nonzero(labels)[0]]
    return State(np.zeros((tokens, embeddings.shape[1])), np.zeros(count), np.ones(labels.shape), multipliers)


def solve(
    embeddings: np.ndarray,
    labels: np.ndarray,
    begin: State | None = None,
    watch: Callable[[State], bool] = lambda state: True,
    target: float = TARGET,
) -> State | None:
    """Follow the central path until the relative gap is below `target`, or `watch` says no more; None if the programme seems infeasible.

    `watch` is called with every iterate. Embeddings should have lengths near 1.
    """
    state, best = begin or start(embeddings, labels), np.inf
    stalled = 0
    while state.step < STEPS:
        try:
            state = _step(embeddings, labels, state)
        except np.linalg.LinAlgError:
            return state if np.isfinite(state.gap) else None
        if not np.isfinite(state.decoder).all() or np.abs(state.multipliers).max() > 1e14:
            return None
        stalled = 0 if state.gap < 0.7 * best else stalled + 1
        best = min(best, state.gap)
        if not watch(state) or state.gap < target or (stalled >= 8 and best < 1e-3):
            break
        if stalled >= 25:
            return None
    return state


def _step(h: np.ndarray, labels: np.ndarray, x: State) -> State:
    off = ~labels
    count = int(off.sum())
    logits = h @ x.decoder.T
    balance = float((x.slacks * x.multipliers)[off].sum()) / count
    stiff = STIFF
    weights = np.where(labels, stiff, np.abs(x.multipliers) / x.slacks)
    system = TokenSystem(h, weights, 1.0)
    loose = np.where(labels, logits - x.levels[:, None], x.slacks - (x.levels[:, None] - 1 - logits))

    def direction(centred: np.ndarray) -> tuple[np.ndarray, ...]:
        constant = np.where(labels, loose * stiff, (centred + x.multipliers * loose) / x.slacks)
        f = -(x.decoder + x.multipliers.T @ h) - constant.T @ h
        dw, dt = system.solve(f, x.multipliers.sum(axis=1) + constant.sum(axis=1))
        moved = h @ dw.T - dt[:, None]
        return dw, dt, -moved - loose, constant + weights * moved

    def length(ds: np.ndarray, dz: np.ndarray) -> tuple[float, float]:
        found = []
        for value, change in ((x.slacks[off], ds[off]), (x.multipliers[off], dz[off])):
            falling = change < 0
            found.append(min(1.0, 0.995 * float((-value[falling] / change[falling]).min())) if falling.any() else 1.0)
        return found[0], found[1]

    _, _, ds, dz = direction(-x.slacks * x.multipliers)
    primal, dual = length(ds, dz)
    after = float(((x.slacks + primal * ds) * (x.multipliers + dual * dz))[off].sum()) / count
    centring = (max(after, 0.0) / balance) ** 3
    dw, dt, ds, dz = direction(centring * balance - x.slacks * x.multipliers - ds * dz)
    primal, dual = length(ds, dz)
    primal = dual = min(primal, dual)  # one length for both: W and Z are coupled
    found = State(
        x.decoder + primal * dw,
        x.levels + primal * dt,
        np.where(labels, 1.0, x.slacks + primal * ds),
        x.multipliers + dual * dz,
        x.step + 1,
    )
    return replace(found, gap=_gap(h, labels, found))


def _gap(h: np.ndarray, labels: np.ndarray, x: State) -> float:
    # 1 - (lower bound / upper bound) of |u|, both after scaling: zero only at the optimum.
    logits = h @ x.decoder.T
    inside = np.where(labels, logits, np.inf).min(axis=1)
    margin = float((inside[:, None] - logits)[~labels].min())
    carried = x.multipliers.copy()
    anchors = labels.argmax(axis=1)
    rows = np.arange(len(anchors))
    carried[rows, anchors] -= carried.sum(axis=1)
    size, total = float(np.linalg.norm(carried.T @ h)), float(carried[~labels].sum())
    if margin <= 0 or size == 0:
        return np.inf
    return max(0.0, 1.0 - total / size * margin / float(np.linalg.norm(x.decoder)))


__all__ = ["State", "solve", "start"]
