"""Which tokens of a linear next-token model are tied beside the labels, proposed along the path of a ridge that goes to zero.

The minimiser of L(w) + rho |w|^2 / 2 is w* + u log(1 / rho) up to smaller terms: the probability of a token with margin c falls
like rho^c, c at least 1, that of a tied one tends to a positive number. So the exponent between two small ridges is near 0 or above 1.
Nothing here is believed: with the tied sets in place of the supports, the ball test on the span of the ties proves that all of them are
tied (a loss that has a minimum leaves nothing to separate), and a decoder with level ties and margins at the others that no more are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .enclosed_finite import damped_step, softmax
from .token_data import TokenData

# Ridges in units of the total mass and embeddings of length near 1: the exponent is read between the last two.
RIDGES = tuple(10.0**-k for k in range(2, 13))
STEPS = 40
# Exponents of tied and separable alternatives are 0 and at least 1 in the limit.
BETWEEN = 0.5


def with_proposed_ties(data: TokenData, watch: Callable[[int, float], bool] = lambda step, size: True) -> TokenData | None:
    """The data with the tokens proposed as tied beside the labels; None where there are none.

    >>> from ntpproofs.problems import LinearNTP
    >>> problem = LinearNTP([[1, 0], [-1, 0], [0, 1]], [[1, 0]] * 3)
    >>> with_proposed_ties(TokenData.of(problem.conditional_logit())).labels.tolist()
    [[True, True], [True, True], [True, False]]
    """
    decoder = np.zeros((data.labels.shape[1], data.embeddings.shape[1]))
    before = after = np.zeros(data.labels.shape)
    last = decoder
    for ridge in RIDGES:
        # The path is a line in log(1 / rho), nearly.
        found = _minimiser(data, 2 * decoder - last, ridge * float(data.masses.sum()), watch)
        if found is None:
            return None
        last, decoder, before = decoder, found, after
        p, _ = softmax(data.embeddings @ decoder.T)
        after = np.log(np.maximum(p, 1e-300))
    tied = data.labels | ((before - after) < BETWEEN * math.log(RIDGES[-2] / RIDGES[-1]))
    if (tied == data.labels).all():
        return None
    return replace(data, labels=tied, chosen=None, wider=True)


def _minimiser(data: TokenData, decoder: np.ndarray, ridge: float, watch: Callable[[int, float], bool]) -> np.ndarray | None:
    # Damped Newton steps from the minimiser of the ridge before.
    for step in range(STEPS):
        p, _ = softmax(data.embeddings @ decoder.T)
        gradient = (data.masses[:, None] * (p - data.shares)).T @ data.embeddings + ridge * decoder
        size = float(np.linalg.norm(gradient))
        if not watch(step, size) or not np.isfinite(size):
            return None
        try:
            move, reach = damped_step(data, data.masses[:, None] * p, gradient, ridge)
        except np.linalg.LinAlgError:
            return None
        decoder = decoder + move
        if reach < 1e-3:
            break
    return decoder


__all__ = ["with_proposed_ties"]
