"""Online SGD on fresh prompts, several seeds at once, with the quantities the theory speaks of recorded on the way.

A seed fixes dictionary, initialisation, training prompts and test prompts, each from its own stream, so the results
of a seed do not depend on which other seeds run beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import InvalidInput
from .dictionary import UNIT_NORMS, Dictionary, random_dictionary
from .dictionary import stacked as stacked_dictionaries
from .model import Weights, forward, gradient, initial_weights
from .model import stacked as stacked_weights
from .prompts import PromptLaw, Prompts, sample
from .prompts import stacked as stacked_prompts

# Prompts of this many steps are drawn at once: part of the law of a seeded run, so it is fixed.
CHUNK = 50
GOLDEN_LAW = PromptLaw(length=4, word_noise=0.15, label_noise=0.2)


@dataclass(frozen=True)
class ConstantSteps:
    """eta_t = `size`."""

    size: float

    def __call__(self, t: int) -> float:
        """The step at time t."""
        del t
        return self.size


@dataclass(frozen=True)
class DecayingSteps:
    """eta_t = 2 / (lambda (t + gamma)), the schedule of S12.

    >>> DecayingSteps(regularisation=0.1, offset=20)(0)
    1.0
    """

    regularisation: float
    offset: float

    def __call__(self, t: int) -> float:
        """The step at time t."""
        return 2 / (self.regularisation * (t + self.offset))


@dataclass(frozen=True)
class Training:
    """A training run: everything but the seeds. The defaults are the golden configuration (brief, section 4)."""

    concepts: int = 4
    word_dimension: int = 24
    label_dimension: int = 24
    norms: Mapping[str, Any] = field(default_factory=lambda: dict(UNIT_NORMS))
    neurons: int = 64
    law: PromptLaw = GOLDEN_LAW
    batch: int = 16
    initial_scale: float = 0.5
    output_scale: float = 0.05
    regularisation: float = 1e-3
    steps: Callable[[int], float] = ConstantSteps(0.5)
    horizon: int = 700
    every: int = 20
    tests: int = 5000
    mirrored: bool = False
    key_sign: float = 1.0

    def __post_init__(self) -> None:
        for name, least in (("concepts", 1), ("neurons", 2), ("batch", 1), ("horizon", 1), ("every", 1), ("tests", 1)):
            if getattr(self, name) < least:
                raise InvalidInput(name, f"is {getattr(self, name)}", f"give an integer of at least {least}")
        if self.neurons % 2:
            raise InvalidInput("neurons", f"is {self.neurons}", "give an even number: half of the neurons have each sign")


@dataclass(frozen=True, eq=False)
class Run:
    """What was recorded: `times` (E,); `error`, `loss`, `off_diagonal`, `complement` (E, S); `matching`, `beta`, `alpha`, `response` (E, S, K).

    `error` is the 0-1 error against the query's sign, `loss` the cross-entropy on clean targets, `matching` the mean A_+ per concept, `beta`
    b_k^T Gamma b_k, `alpha` a_k^T Gamma a_k, `off_diagonal` the largest |entry| of [a; b] Gamma [a; b]^T off its diagonal, `response`
    r^T W_O d_k, `complement` |P_perp Gamma P_perp| (Frobenius). `weights` are the final ones, `dictionaries` the seeds' own.
    """

    seeds: tuple[int, ...]
    times: np.ndarray
    records: Mapping[str, np.ndarray]
    weights: Weights
    dictionaries: Dictionary

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_") or name not in self.records:
            raise AttributeError(name)
        return self.records[name]


def streams(seed: int) -> tuple[np.random.Generator, ...]:
    """The generators of a seed: dictionary, initialisation, training prompts, test prompts."""
    return tuple(np.random.default_rng([seed, purpose]) for purpose in range(4))


def start(training: Training, seeds: Sequence[int]) -> tuple[Dictionary, Weights]:
    """The dictionaries (S, K, d) and the initial weights of every seed."""
    books, models = [], []
    for seed in seeds:
        draw_book, draw_weights, _, _ = streams(seed)
        book = random_dictionary(draw_book, training.concepts, training.word_dimension, training.label_dimension, training.norms)
        model = initial_weights(draw_weights, book, training.neurons, training.initial_scale, training.output_scale, training.mirrored)
        books.append(book)
        models.append(Weights(model.query, training.key_sign * model.key, model.output, model.signs))
    return stacked_dictionaries(books), stacked_weights(models)


def _each(books: Dictionary) -> Iterator[Dictionary]:
    return (Dictionary(*rows) for rows in zip(books.a, books.b, books.c, books.d))


def train(training: Training, seeds: Sequence[int], progress: Callable[[int], None] | None = None) -> Run:
    """Run SGD for every seed. `progress(t)` is called at every record.

    >>> run = train(Training(horizon=40, tests=200), seeds=(0, 1))
    >>> run.times.tolist(), run.beta.shape
    ([0, 20, 40], (3, 2, 4))
    """
    books, weights = start(training, seeds)
    per_seed = list(_each(books))
    trainers, testers = [streams(seed)[2] for seed in seeds], [streams(seed)[3] for seed in seeds]
    held_out = stacked_prompts([sample(training.law, book, training.tests, g) for book, g in zip(per_seed, testers)])
    times: list[int] = []
    records: list[dict[str, np.ndarray]] = []
    chunk: Prompts | None = None
    for t in range(training.horizon + 1):
        if t % training.every == 0 or t == training.horizon:
            times.append(t)
            records.append(measure(weights, books, held_out))
            if progress is not None:
                progress(t)
        if t == training.horizon:
            break
        if t % CHUNK == 0:
            chunk = stacked_prompts([sample(training.law, book, training.batch * CHUNK, g) for book, g in zip(per_seed, trainers)])
        assert chunk is not None
        first = training.batch * (t % CHUNK)
        move = gradient(weights, chunk.part(first, first + training.batch), regularisation=training.regularisation)
        weights = weights.moved(move, training.steps(t))
    columns = {name: np.array([record[name] for record in records]) for name in records[0]}
    return Run(tuple(seeds), np.array(times), columns, weights, books)


def measure(weights: Weights, books: Dictionary, prompts: Prompts) -> dict[str, np.ndarray]:
    """The recorded quantities of every seed at one time (see `Run`)."""
    state = forward(weights, prompts)
    concepts = books.concepts
    mass, own = state.matching_mass(prompts), prompts.concept[..., None] == np.arange(concepts)
    counts = np.maximum(own.sum(axis=-2), 1)
    frame = np.concatenate([books.a, books.b], axis=-2)
    table = frame @ weights.score @ np.swapaxes(frame, -1, -2)
    diagonal = np.diagonal(table, axis1=-2, axis2=-1)
    units = frame / np.linalg.norm(frame, axis=-1, keepdims=True)
    outside = np.eye(books.word_dimension) - np.swapaxes(units, -1, -2) @ units
    return {
        "error": state.errors(prompts).mean(axis=-1),
        "loss": np.logaddexp(0.0, -prompts.query_sign * state.output).mean(axis=-1),
        "matching": (mass[..., None] * own).sum(axis=-2) / counts,
        "beta": diagonal[..., concepts:],
        "alpha": diagonal[..., :concepts],
        "off_diagonal": np.abs(table * (1 - np.eye(2 * concepts))).max(axis=(-1, -2)),
        "response": np.einsum("...y,...ky->...k", weights.signs @ weights.output, books.d),
        "complement": np.linalg.norm(outside @ weights.score @ outside, axis=(-1, -2)),
    }
