"""Prompts of in-context demonstrations (brief, section 1.2), drawn many at a time or enumerated with their probabilities.

Concept k by frequency, query sign e_q fair; demonstration l has word a_k + e_l b_k and label c_k + e_l d_k, plus the
vectors of other concepts that join with probability `polysemy` (the same ones in word and label), plus Gaussian
noise. The target is e_q, flipped with probability `flips`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np

from ...errors import InvalidInput
from .dictionary import Dictionary

COMPOSITIONS = ("balanced", "iid", "iid1", "frac")


@dataclass(frozen=True)
class PromptLaw:
    """How prompts are made.

    `length` demonstrations; `composition` of their signs: "balanced" (exactly half agree with the query), "iid" (fair signs), "iid1" (fair,
    conditioned on one that agrees), "frac" (exactly `matching` agree). `word_noise`, `label_noise` are standard deviations per coordinate.
    Raises `InvalidInput` naming what is wrong.

    >>> PromptLaw(length=5)
    Traceback (most recent call last):
        ...
    ntpproofs.errors.InvalidInput: length: is 5, and a balanced composition needs an even length. Remedy: give an even number or another composition.
    """

    length: int = 4
    composition: str = "balanced"
    matching: int | None = None
    word_noise: float = 0.0
    label_noise: float = 0.0
    polysemy: float = 0.0
    flips: float = 0.0
    frequencies: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.length < 1:
            raise InvalidInput("length", f"is {self.length}", "give at least one demonstration")
        if self.composition not in COMPOSITIONS:
            raise InvalidInput("composition", f"is {self.composition!r}", f"choose one of {', '.join(COMPOSITIONS)}")
        if self.composition == "balanced" and self.length % 2:
            raise InvalidInput(
                "length", f"is {self.length}, and a balanced composition needs an even length", "give an even number or another composition"
            )
        if (self.composition == "frac") != (self.matching is not None):
            raise InvalidInput(
                "matching", f"is {self.matching} with composition {self.composition!r}", "give it with composition 'frac', and only there"
            )
        if self.matching is not None and not 0 <= self.matching <= self.length:
            raise InvalidInput("matching", f"is {self.matching} of {self.length} demonstrations", f"give a number from 0 to {self.length}")
        for name in ("word_noise", "label_noise"):
            if not getattr(self, name) >= 0:
                raise InvalidInput(name, f"is {getattr(self, name)}", "give a standard deviation, at least 0")
        for name, most in (("polysemy", 1), ("flips", 0.5)):
            if not 0 <= getattr(self, name) <= most:
                raise InvalidInput(name, f"is {getattr(self, name)}", f"give a probability from 0 to {most}")
        if self.frequencies is not None and (min(self.frequencies) < 0 or abs(sum(self.frequencies) - 1) > 1e-12):
            raise InvalidInput("frequencies", f"are {self.frequencies}", "give one probability per concept, summing to 1")

    def matching_weights(self) -> dict[int, float]:
        """P(n_+ = n), the law of the number of demonstrations that agree with the query.

        >>> PromptLaw(length=2, composition="iid1").matching_weights()
        {1: 0.6666666666666666, 2: 0.3333333333333333}
        """
        if self.composition == "balanced":
            return {self.length // 2: 1.0}
        if self.matching is not None:
            return {self.matching: 1.0}
        least = int(self.composition == "iid1")
        counts = {n: comb(self.length, n) for n in range(least, self.length + 1)}
        return {n: count / sum(counts.values()) for n, count in counts.items()}


@dataclass(frozen=True, eq=False)
class Prompts:
    """n prompts: `words` (..., n, L, d_X), `labels` (..., n, L, d_Y), `query` (..., n, d_X), `target` (..., n) in {-1, 1}.

    `concept`, `query_sign` (..., n) and `signs` (..., n, L) say how they were made; `target` differs from `query_sign` where it was flipped.
    """

    words: np.ndarray
    labels: np.ndarray
    query: np.ndarray
    target: np.ndarray
    concept: np.ndarray
    query_sign: np.ndarray
    signs: np.ndarray

    def part(self, start: int, stop: int) -> Prompts:
        """Prompts start..stop-1 of one law (no leading axes are cut)."""
        axis = self.target.ndim - 1
        cut = (slice(None),) * axis + (slice(start, stop),)
        return Prompts(*(getattr(self, name)[cut] for name in _FIELDS))


_FIELDS = ("words", "labels", "query", "target", "concept", "query_sign", "signs")


def stacked(batches: list[Prompts]) -> Prompts:
    """Batches of one shape along a new first axis."""
    return Prompts(*(np.stack([getattr(batch, name) for batch in batches]) for name in _FIELDS))


def sample(law: PromptLaw, dictionary: Dictionary, count: int, generator: np.random.Generator) -> Prompts:
    """`count` independent prompts; the same generator state gives the same prompts.

    >>> from .dictionary import standard_dictionary
    >>> batch = sample(PromptLaw(length=4), standard_dictionary(2), 3, np.random.default_rng(0))
    >>> batch.words.shape, bool((batch.signs.sum(axis=1) == 0).all())
    ((3, 4, 4), True)
    """
    concepts, length = dictionary.concepts, law.length
    concept = generator.integers(concepts, size=count) if law.frequencies is None else generator.choice(concepts, size=count, p=law.frequencies)
    query_sign = _fair(generator, (count,))
    agree = _agreement(law, count, generator)
    signs = np.where(agree, query_sign[:, None], -query_sign[:, None])
    present = _presence(law, concept, concepts, signs, query_sign, generator)
    a, b, c, d = dictionary.a, dictionary.b, dictionary.c, dictionary.d
    if present is None:
        words = a[concept][:, None] + signs[..., None] * b[concept][:, None]
        labels = c[concept][:, None] + signs[..., None] * d[concept][:, None]
        query = a[concept] + query_sign[:, None] * b[concept]
    else:
        shown, oriented = np.abs(present), present
        words = shown[:, :length] @ a + oriented[:, :length] @ b
        labels = shown[:, :length] @ c + oriented[:, :length] @ d
        query = shown[:, length] @ a + oriented[:, length] @ b
    if law.word_noise:
        words = words + law.word_noise * generator.standard_normal(words.shape)
        query = query + law.word_noise * generator.standard_normal(query.shape)
    if law.label_noise:
        labels = labels + law.label_noise * generator.standard_normal(labels.shape)
    target = np.where(generator.random(count) < law.flips, -query_sign, query_sign) if law.flips else query_sign
    return Prompts(words, labels, query, target, concept, query_sign, signs)


def _fair(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return 2.0 * generator.integers(2, size=shape) - 1.0


def _agreement(law: PromptLaw, count: int, generator: np.random.Generator) -> np.ndarray:
    # Which demonstrations agree with the query, (count, L).
    if law.composition == "iid":
        return generator.random((count, law.length)) < 0.5
    weights = law.matching_weights()
    numbers = np.array(list(weights))
    matching = numbers[0] if len(numbers) == 1 else generator.choice(numbers, size=count, p=list(weights.values()))[:, None]
    ranks = generator.random((count, law.length)).argsort(axis=1).argsort(axis=1)
    return np.asarray(ranks < matching)


def _presence(
    law: PromptLaw, concept: np.ndarray, concepts: int, signs: np.ndarray, query_sign: np.ndarray, generator: np.random.Generator
) -> np.ndarray | None:
    # Signed presence of every concept in every word, the query last: (count, L + 1, K) with entries -1, 0, 1.
    if not law.polysemy:
        return None
    shape = (len(concept), law.length + 1, concepts)
    present = (generator.random(shape) < law.polysemy) * _fair(generator, shape)
    own = np.concatenate([signs, query_sign[:, None]], axis=1)
    np.put_along_axis(present, np.broadcast_to(concept[:, None, None], (*shape[:2], 1)), own[..., None], axis=2)
    return present


def population(law: PromptLaw, dictionary: Dictionary) -> tuple[Prompts, np.ndarray]:
    """Every noise-free single-concept prompt of a law, with its probability: concept x query sign x set of agreeing demonstrations x flip.

    Raises `InvalidInput` for noise or polysemy, whose prompts cannot be listed.

    >>> from .dictionary import standard_dictionary
    >>> prompts, weights = population(PromptLaw(length=2), standard_dictionary(1))
    >>> len(weights), float(weights.sum())
    (4, 1.0)
    """
    if law.word_noise or law.label_noise or law.polysemy:
        raise InvalidInput("population", "the law has noise or polysemy", "enumerate noise-free single-concept prompts only")
    concepts, length = dictionary.concepts, law.length
    frequencies = law.frequencies or (1 / concepts,) * concepts
    flips = ((1, 1 - law.flips), (-1, law.flips)) if law.flips else ((1, 1.0),)
    rows = []
    for n, share in law.matching_weights().items():
        subsets = list(combinations(range(length), n))
        for k, e, subset, (flip, chance) in product(range(concepts), (1, -1), subsets, flips):
            signs = [e if i in subset else -e for i in range(length)]
            rows.append((k, e, signs, e * flip, frequencies[k] * share * chance / (2 * len(subsets))))
    concept, query_sign = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    signs_ = np.array([[float(x) for x in r[2]] for r in rows])
    words = dictionary.a[concept][:, None] + signs_[..., None] * dictionary.b[concept][:, None]
    labels = dictionary.c[concept][:, None] + signs_[..., None] * dictionary.d[concept][:, None]
    query = dictionary.a[concept] + query_sign[:, None] * dictionary.b[concept]
    target = np.array([float(r[3]) for r in rows])
    return Prompts(words, labels, query, target, concept, query_sign, signs_), np.array([r[4] for r in rows])
