"""Every smallest instance first: tiny datasets up to symmetry, in order of size, within the bounds of a strategy.

Symmetries divided out: order of contexts, rows and sequences, names of tokens, order and signs of coordinates. One
representative of each orbit is kept, so a claim that is not invariant under them is tried on that representative only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations_with_replacement, permutations, product
from typing import Any

from ..errors import NtpproofsError
from ..language.strategy_arguments import Domain, domains_of
from ..logit.problem import ConditionalLogit
from ..papers.attention_ntp.problem import AttentionNTP
from ..papers.linear_ntp.problem import LinearNTP
from .moves import belongs

Vector = tuple[int, ...]
Signed = tuple[tuple[int, int], ...]


def enumerated(strategy: Any) -> Iterator[Any] | None:
    """The instances of a strategy, smallest first; None where its bounds are unknown or its kind has no enumeration."""
    domains = domains_of(strategy)
    if not domains or any(domain.kind not in ENUMERATIONS for domain in domains):
        return None
    return _merged(domains)


def _merged(domains: Iterable[Domain]) -> Iterator[Any]:
    seen: set[Any] = set()
    for domain in domains:
        for problem in ENUMERATIONS[domain.kind](domain.arguments):
            if problem not in seen and belongs(problem, domain):
                seen.add(problem)
                yield problem


def shapes(*ranges: tuple[int, int]) -> list[tuple[int, ...]]:
    """All shapes within inclusive ranges, by their sum, then in lexicographic order.

    >>> shapes((1, 2), (1, 2))
    [(1, 1), (1, 2), (2, 1), (2, 2)]
    """
    return sorted(product(*(range(least, most + 1) for least, most in ranges)), key=lambda shape: (sum(shape), shape))


@cache
def signed_permutations(dimension: int) -> tuple[Signed, ...]:
    """The symmetries of the coordinate cube, each as (source coordinate, sign) per coordinate."""
    orders, signs = permutations(range(dimension)), list(product((1, -1), repeat=dimension))
    return tuple(tuple(zip(order, sign)) for order in orders for sign in signs)


def moved(vector: Vector, symmetry: Signed) -> Vector:
    """A vector under a symmetry of the cube."""
    return tuple(sign * vector[k] for k, sign in symmetry)


@cache
def _vectors(dimension: int) -> tuple[Vector, ...]:
    # Non-negative entries first, so that representatives read well.
    return tuple(sorted(product((0, 1, -1), repeat=dimension), key=lambda v: (sum(map(abs, v)), [(x < 0, x) for x in v])))


@cache
def _masses(vocabulary: int) -> tuple[Vector, ...]:
    # Uniform on every support, then one token twice as likely as the others of a support.
    supports = [s for s in product((0, 1), repeat=vocabulary) if any(s)]
    skewed = [tuple(2 * x if v == heavy else x for v, x in enumerate(s)) for s in supports if sum(s) > 1 for heavy in range(vocabulary) if s[heavy]]
    return tuple(sorted(supports, key=lambda s: (sum(s), s))) + tuple(skewed)


def _representatives(candidates: Iterable[Any], orbit: Callable[[Any], Iterator[Any]]) -> Iterator[Any]:
    # The first member of every orbit.
    seen: set[Any] = set()
    for candidate in candidates:
        least = min(orbit(candidate))
        if least not in seen:
            seen.add(least)
            yield candidate


def _attempts(build: Callable[[Any], Any], candidates: Iterable[Any]) -> Iterator[Any]:
    return (problem for candidate in candidates for problem in _attempt(build, candidate))


def _attempt(build: Callable[[Any], Any], candidate: Any) -> tuple[Any, ...]:
    try:
        return (build(candidate),)
    except NtpproofsError:  # not a dataset
        return ()


def _linear(arguments: Mapping[str, Any]) -> Iterator[LinearNTP]:
    ranges = (1, arguments["max_contexts"]), (arguments["min_vocabulary"], arguments["max_vocabulary"]), (1, arguments["max_dimension"])
    for contexts, vocabulary, dimension in shapes(*ranges):
        masses, vectors = _masses(vocabulary), _vectors(dimension)
        options = [(mass, h) for mass in masses for h in vectors]
        least = _least_in_orbit(
            [_places(masses, [tuple(mass[v] for v in order) for mass in masses]) for order in permutations(range(vocabulary))],
            [_places(vectors, [moved(h, symmetry) for h in vectors]) for symmetry in signed_permutations(dimension)],
        )

        def build(places: Any, options: Any = options) -> LinearNTP:
            from fractions import Fraction

            chosen = [options[i] for i in places]
            return LinearNTP([h for _, h in chosen], [[Fraction(x, sum(mass)) for x in mass] for mass, _ in chosen])

        yield from _attempts(build, filter(least, combinations_with_replacement(range(len(options)), contexts)))


def _places(values: Sequence[Vector], images: Sequence[Vector]) -> list[int]:
    # Where each value goes under a symmetry that permutes them.
    place = {value: i for i, value in enumerate(values)}
    return [place[image] for image in images]


def _least_in_orbit(first: list[list[int]], second: list[list[int]]) -> Callable[[tuple[int, ...]], bool]:
    # Numbers stand for pairs; a sorted tuple of numbers represents its orbit iff no pair of symmetries gives a smaller one.
    count = len(second[0])

    def least(chosen: tuple[int, ...]) -> bool:
        pairs, own = [divmod(i, count) for i in chosen], list(chosen)
        return all(sorted([x[i] * count + y[j] for i, j in pairs]) >= own for x in first for y in second)

    return least


def _logits(arguments: Mapping[str, Any]) -> Iterator[ConditionalLogit]:
    # The chosen alternative is written first, at the origin: only differences to it enter.
    most = arguments["max_alternatives"]
    ranges = (1, arguments["max_rows"]), (min(2, most), most), (1, arguments["max_dimension"])
    for rows, alternatives, dimension in shapes(*ranges):
        sizes = range(min(2, alternatives), alternatives + 1)
        choices = [others for size in sizes for others in combinations_with_replacement(_vectors(dimension), size - 1)]
        chosen = (sets for sets in combinations_with_replacement(choices, rows) if max(map(len, sets)) == alternatives - 1)
        cube = signed_permutations(dimension)

        def orbit(sets: Any, cube: Any = cube) -> Iterator[Any]:
            for symmetry in cube:
                yield tuple(sorted(tuple(sorted(moved(x, symmetry) for x in others)) for others in sets))

        def build(sets: Any, dimension: int = dimension) -> ConditionalLogit:
            return ConditionalLogit([(1, 0, [(0,) * dimension, *others]) for others in sets])

        yield from _attempts(build, _representatives(chosen, orbit))


def _attention(arguments: Mapping[str, Any]) -> Iterator[AttentionNTP]:
    one_hot = arguments["embeddings"] == "one-hot"
    tokens, length = (2, arguments["max_tokens"]), (2, arguments["max_length"])
    for size, count, longest, dimension in shapes(tokens, (1, arguments["max_sequences"]), length, (1, 1 if one_hot else arguments["max_dimension"])):
        banks: list[tuple[Vector, ...]] = list(product(_vectors(dimension), repeat=size))
        if one_hot:
            banks = [tuple(tuple(int(u == v) for v in range(size)) for u in range(size))]
        observed = [x for x in _observations(size, longest)]
        data = (
            (bank, seen)
            for seen in combinations_with_replacement(observed, count)
            if max(len(prefix) for prefix, _, _ in seen) == longest - 1
            and {t for prefix, last, _ in seen for t in (*prefix, last)} == set(range(size))
            for bank in banks
        )
        cube, names = signed_permutations(1 if one_hot else dimension), list(permutations(range(size)))

        def orbit(pair: Any, one_hot: bool = one_hot, cube: Any = cube, names: Any = names) -> Iterator[Any]:
            bank, seen = pair
            for order in names:  # token v is renamed order[v]
                renamed = tuple(sorted((tuple(sorted(order[t] for t in prefix)), order[last], order[y]) for prefix, last, y in seen))
                if one_hot:
                    yield renamed
                    continue
                places = sorted(range(len(bank)), key=lambda v: order[v])
                for symmetry in cube:
                    yield renamed, tuple(moved(bank[v], symmetry) for v in places)

        def build(pair: Any) -> AttentionNTP:
            bank, seen = pair
            return AttentionNTP(bank, [(*prefix, last) for prefix, last, _ in seen], [y for _, _, y in seen])

        yield from _attempts(build, _representatives(data, orbit))


@cache
def _observations(size: int, longest: int) -> tuple[tuple[Vector, int, int], ...]:
    # (tokens before the query in any order, query, label) with at least two distinct tokens: others have no alternative.
    found = []
    for length in range(1, longest):
        for prefix in combinations_with_replacement(range(size), length):
            for last in range(size):
                present = sorted({*prefix, last})
                found += [(prefix, last, y) for y in present if len(present) > 1]
    return tuple(found)


ENUMERATIONS: dict[str, Callable[[Mapping[str, Any]], Iterator[Any]]] = {
    "linear-ntp": _linear,
    "conditional-logit": _logits,
    "attention-ntp": _attention,
}
