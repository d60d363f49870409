"""The published experiments: full-batch gradient descent on sampled sequences, and its population counterpart, on the two live blocks.

The loss is the same quadratic form as in `tensors`, with empirical means over sampled first tokens and phases in the place of exact
moments. The released code trains all entries of the live blocks from B = b0 I, A = a0 I, and averages the loss over sequences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .laws import Law
from .matrices import Loss, reduced

BATCH = 128


@dataclass(frozen=True)
class Setting:
    """Dimension, length, sequences and epochs of an experiment, its law, step size and start (a0, b0)."""

    law: Law
    length: int
    step: float
    epochs: int
    start: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Training:
    """Records after each epoch: the mean of B_jj A_jj (epochs + 1), and the last blocks."""

    products: np.ndarray
    left: np.ndarray
    right: np.ndarray


def sampled_tokens(law: Law, length: int, generator: np.random.Generator, count: int) -> np.ndarray:
    """`count` sequences x_1, ..., x_T with independent phases: count x T x d, complex."""
    first = law.sample(generator, count)
    phases = np.exp(2j * np.pi * generator.random(first.shape))
    return first[:, None, :] * phases[:, None, :] ** np.arange(length)[None, :, None]


def features(tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S_t x_t as features (m, k, l) and the targets x_{t+1}, for t = 2, ..., T-1: n x (T-2) x d^3 and n x (T-2) x d."""
    now, following = tokens[:, :-1], tokens[:, 1:]
    moments = np.cumsum(following[..., :, None] * now[..., None, :].conj(), axis=1)
    last = tokens.shape[1] - 1
    positions = np.arange(2, last + 1)
    statistic = moments[:, positions - 2] / (positions - 1)[None, :, None, None]
    found = statistic[..., None] * tokens[:, positions - 1][:, :, None, None, :]
    return found.reshape(*found.shape[:2], -1), tokens[:, positions]


def sampled_loss(law: Law, length: int, generator: np.random.Generator, count: int) -> Loss:
    """The empirical loss of `count` sequences, as a quadratic form."""
    d = law.dimension
    quadratic, linear, constant = np.zeros((d**3, d**3), complex), np.zeros((d, d**3), complex), 0.0
    for begin in range(0, count, BATCH):
        found, goal = features(sampled_tokens(law, length, generator, min(BATCH, count - begin)))
        flat, targets = found.reshape(-1, d**3), goal.reshape(-1, d)
        quadratic += flat.T @ flat.conj() / count
        linear += targets.T @ flat.conj() / count
        constant += float(np.sum(abs(targets) ** 2)) / (2 * count)
    return Loss(quadratic, linear, constant, ((d, d), (d, d)))


def population_loss(law: Law, length: int) -> Loss:
    """The exact loss, rounded once."""
    return reduced(law, length)


def train(loss: Loss, setting: Setting, masked: bool = False) -> Training:
    """Full-batch gradient descent, all entries of both blocks (the diagonal alone if `masked`)."""
    d = setting.law.dimension
    mask = np.eye(d) if masked else np.ones((d, d))
    right, left = (x * np.eye(d, dtype=complex) for x in setting.start)
    products = [float(np.mean(np.diag(left) * np.diag(right)).real)]
    for _ in range(setting.epochs):
        to_left, to_right = loss.gradient(left, right)
        left, right = left - setting.step * mask * to_left, right - setting.step * mask * to_right
        products.append(float(np.mean(np.diag(left) * np.diag(right)).real))
    return Training(np.array(products), left, right)


def evaluate(law: Law, length: int, left: np.ndarray, right: np.ndarray, generator: np.random.Generator, count: int) -> tuple[float, float]:
    """On fresh sequences, at the last position: the mean of prediction over truth (as the released code takes it), and the relative error."""
    tokens = sampled_tokens(law, length, generator, count)
    found, goal = features(tokens)
    d = law.dimension
    prediction = np.einsum("jm,kl,nmkl->nj", left, right, found[:, -1].reshape(count, d, d, d))
    target = goal[:, -1]
    ratio = float(np.mean(prediction / (target + 1e-5)).real)
    return ratio, float(np.sum(abs(prediction - target) ** 2) / np.sum(abs(target) ** 2))
