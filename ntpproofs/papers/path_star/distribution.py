"""Path-star graphs as the authors' generator draws them (2403.06963, released code), and an oracle that knows nothing of it.

`arms` paths leave a start node s; each has `length` nodes with s and ends in a leaf. So there are n = 1 + arms (length - 1)
nodes and arms (length - 1) directed edges, parent first. The goal t is one of the leaves, the target is the path s, ..., t.
Labels are a uniform injection of the nodes into 0..labels-1; the edges are listed in one uniform order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from math import factorial, perm
from random import Random

from ...errors import InvalidInput, TooLarge

Edge = tuple[int, int]

# Rows of an enumeration, about 3 microseconds each: beyond this an enumeration is refused with its size.
LARGEST_ENUMERATION = 2_000_000


@dataclass(frozen=True)
class Sample:
    """One training example: the edges in the order of the text, start, goal, and the target path (s, ..., t)."""

    edges: tuple[Edge, ...]
    start: int
    goal: int
    path: tuple[int, ...]


def node_count(arms: int, length: int) -> int:
    """n = 1 + arms (length - 1).

    >>> node_count(2, 5)
    9
    """
    return 1 + arms * (length - 1)


def check_size(arms: int, length: int, labels: int) -> None:
    """Refuse what the generator does not define: no arms, arms of one node, fewer labels than nodes.

    Raises `InvalidInput`; the released code loops for ever on too few labels and writes a target of two nodes for length 1.

    >>> check_size(2, 5, 9)
    """
    for name, value, least, why in (
        ("arms", arms, 1, "a path-star graph has at least one arm"),
        ("length", length, 2, "an arm has the start and at least one more node"),
        ("labels", labels, 1, "there is at least one label"),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidInput(name, f"is {value!r}, but {why}", f"give an integer of at least {least}")
    needed = node_count(arms, length)
    if labels < needed:
        raise InvalidInput("labels", f"is {labels}, fewer than the {needed} nodes of {arms} arms of length {length}", f"give at least {needed}")


def arm_nodes(arms: int, length: int, names: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The arms as paths from the start, for node names in the order s, first arm outwards, second arm, ...

    >>> arm_nodes(2, 3, (0, 1, 2, 3, 4))
    ((0, 1, 2), (0, 3, 4))
    """
    step = length - 1
    return tuple((names[0], *names[1 + a * step : 1 + (a + 1) * step]) for a in range(arms))


def sample_of(arms: Sequence[Sequence[int]], goal_arm: int) -> Sample:
    """The example of a graph given by its arms, edges arm by arm.

    >>> sample_of(((0, 1, 2), (0, 3, 4)), 1).path
    (0, 3, 4)
    """
    edges = tuple((u, v) for arm in arms for u, v in pairwise(arm))
    return Sample(edges, arms[0][0], arms[goal_arm][-1], tuple(arms[goal_arm]))


def draw_sample(arms: int, length: int, labels: int, random: Random) -> Sample:
    """One example from the distribution of the released generator.

    Law: labels are a uniform injection, the goal arm and the order of the edges are uniform, all independent.

    >>> draw_sample(2, 3, 10, Random(1)).path[0] < 10
    True
    """
    check_size(arms, length, labels)
    drawn = sample_of(arm_nodes(arms, length, random.sample(range(labels), node_count(arms, length))), random.randrange(arms))
    return replace(drawn, edges=tuple(random.sample(drawn.edges, len(drawn.edges))))


def count_samples(arms: int, length: int, labels: int) -> int:
    """The rows of `every_sample`: N!/(N-n)! injections times the goal arms.

    >>> count_samples(2, 3, 6)
    1440
    """
    return perm(labels, node_count(arms, length)) * arms


def count_prefixes(arms: int, length: int, labels: int) -> int:
    """The number of distinct prefixes, N!/(N-n)! / (arms-1)! * E!: all are equally likely.

    The goal arm is told apart from the others by the goal; the others are interchangeable, and so are not counted twice.

    >>> count_prefixes(2, 2, 50)
    235200
    """
    check_size(arms, length, labels)
    return perm(labels, node_count(arms, length)) // factorial(arms - 1) * factorial(arms * (length - 1))


def require_enumerable(rows: int, what: str) -> None:
    """Raise `TooLarge`, with the number of rows and the time they would take, beyond `LARGEST_ENUMERATION`."""
    if rows > LARGEST_ENUMERATION:
        reason = f"has {rows:.3g} equally likely rows, about {rows * 3e-6:.3g} s"
        raise TooLarge(what, reason, f"stay below {LARGEST_ENUMERATION} rows, or draw samples")


def every_sample(arms: int, length: int, labels: int) -> Iterator[Sample]:
    """All (injection, goal arm), each equally likely, edges arm by arm: the distribution up to the independent edge order.

    Raises `TooLarge` beyond `LARGEST_ENUMERATION` rows.

    >>> len(list(every_sample(2, 2, 3)))
    12
    """
    check_size(arms, length, labels)
    require_enumerable(count_samples(arms, length, labels), f"the distribution with {arms} arms of length {length} and {labels} labels")
    for names in permutations(range(labels), node_count(arms, length)):
        paths = arm_nodes(arms, length, names)
        for goal_arm in range(arms):
            yield sample_of(paths, goal_arm)


def predecessors(edges: Sequence[Edge]) -> dict[int, int]:
    """B, the predecessor of every node but the start. Raises `InvalidInput` for a node with two.

    >>> predecessors(((0, 1), (1, 2)))
    {1: 0, 2: 1}
    """
    before: dict[int, int] = {}
    for parent, child in edges:
        if child in before:
            raise InvalidInput(f"node {child}", f"has two predecessors, {before[child]} and {parent}", "keep one edge into each node")
        before[child] = parent
    return before


def solve(edges: Sequence[Edge], start: int, goal: int) -> tuple[int, ...]:
    """The path from start to goal by walking back from the goal: the oracle. It reads edges only.

    Raises `InvalidInput` where the goal is not reached from the start.

    >>> solve(((3, 4), (0, 3), (0, 1), (1, 2)), 0, 4)
    (0, 3, 4)
    """
    before = predecessors(edges)
    path = [goal]
    while path[-1] != start:
        if path[-1] not in before or len(path) > len(edges):
            raise InvalidInput("edges", f"no path leads from {start} to {goal}", "connect the goal to the start")
        path.append(before[path[-1]])
    return tuple(reversed(path))


def shape_of(edges: Sequence[Edge], start: int) -> tuple[int, int]:
    """(arms, length) of an edge list, read from the edges. Raises `InvalidInput` where they are no path-star graph.

    >>> shape_of(((3, 4), (0, 3), (0, 1), (1, 2)), 0)
    (2, 3)
    """
    before = predecessors(edges)
    if start in before:
        raise InvalidInput(f"node {start}", f"is the start and has the predecessor {before[start]}", "let no edge lead into the start")
    children = Counter(parent for parent, _ in edges)
    crossing = next((u for u, count in children.items() if u != start and count > 1), None)
    if crossing is not None:
        raise InvalidInput(f"node {crossing}", "has two successors and is not the start", "only the start branches")
    lengths = Counter(len(solve(edges, start, leaf)) for leaf in before if leaf not in children)
    if not lengths:
        raise InvalidInput("edges", "have no leaf", "give each arm at least one edge")
    if len(lengths) > 1:
        raise InvalidInput("edges", f"make arms of different lengths {sorted(lengths)}", "give every arm the same number of nodes")
    arms, length = children[start], next(iter(lengths))
    if len(edges) != arms * (length - 1):
        reason = f"are {len(edges)} where {arms} arms of length {length} have {arms * (length - 1)}"
        raise InvalidInput("edges", reason, "remove the edges that are not connected to the start")
    return arms, length


def layers(sample: Sample) -> tuple[tuple[int, ...], ...]:
    """The nodes by distance from the start, each layer sorted by label.

    >>> layers(sample_of(((9, 5, 2), (9, 3, 4)), 0))
    ((9,), (3, 5), (2, 4))
    """
    found: list[tuple[int, ...]] = [(sample.start,)]
    after: dict[int, list[int]] = {}
    for parent, child in sample.edges:
        after.setdefault(parent, []).append(child)
    while any(u in after for u in found[-1]):
        found.append(tuple(sorted(v for u in found[-1] for v in after.get(u, ()))))
    return tuple(found)


def relabelled(sample: Sample, names: Mapping[int, int]) -> Sample:
    """The example with node v renamed names[v] (a symmetry of the distribution for a permutation of the labels).

    >>> relabelled(sample_of(((0, 1), (0, 2)), 0), {0: 5, 1: 6, 2: 7}).path
    (5, 6)
    """
    edges = tuple((names[u], names[v]) for u, v in sample.edges)
    return Sample(edges, names[sample.start], names[sample.goal], tuple(names[v] for v in sample.path))


def reordered(sample: Sample, order: Sequence[int]) -> Sample:
    """The example with its edges listed in another order (a symmetry of the distribution).

    >>> reordered(sample_of(((0, 1), (0, 2)), 0), (1, 0)).edges
    ((0, 2), (0, 1))
    """
    return replace(sample, edges=tuple(sample.edges[i] for i in order))


def with_tails_swapped(sample: Sample, other_leaf: int, layer: int) -> Sample:
    """The goal arm and the arm that ends in `other_leaf` exchange what follows layer `layer` (1 <= layer <= length - 2).

    The goal stays and its first hop becomes that of the other arm: a change of one layer's edges that changes the decision.

    >>> with_tails_swapped(sample_of(((0, 1, 2), (0, 3, 4)), 0), 4, 1).path
    (0, 3, 2)
    """
    mine, other = sample.path, solve(sample.edges, sample.start, other_leaf)
    exchanged = {(mine[layer], mine[layer + 1]): (mine[layer], other[layer + 1]), (other[layer], other[layer + 1]): (other[layer], mine[layer + 1])}
    edges = tuple(exchanged.get(edge, edge) for edge in sample.edges)
    return Sample(edges, sample.start, sample.goal, solve(edges, sample.start, sample.goal))
