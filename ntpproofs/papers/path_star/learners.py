"""The convex learners M(K) as conditional logits: candidates by type, so that a population loss is a finite sum.

Score of candidate v when r_i is predicted from the input token u (i = 2..l; the trivial copy of s is left out):

    z_v = alpha [u -> v] + sum_{k <= K} beta_k [v = B^k(t)]

with B the predecessor map and K the number of lookups from the goal minus one (K = -1: none). Every example has the same type
counts (C7), so the loss of one example is the population loss: the mean over the l - 1 steps, each row with weight 1/(l - 1).
`candidates` is the size C of the softmax: all further candidates have zero features. Forward and teacherless targets exclude s,
so C may be n - 1 there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from ...kernel.instances import Block, Dataset
from ...logit.problem import ConditionalLogit
from .distribution import Sample, node_count, predecessors

Features = tuple[int, ...]
TypeCounts = tuple[Features, dict[Features, int]]


def unit(size: int, *places: int) -> Features:
    """The 0/1 vector with ones at `places` (negative places are none).

    >>> unit(3, 0, -1)
    (1, 0, 0)
    """
    return tuple(int(k in places) for k in range(size))


def step_types(arms: int, length: int, lookback: int, candidates: int) -> tuple[TypeCounts, ...]:
    """Steps i = 2..l of teacher forcing: features of the true token and {features: number of the other candidates}.

    Features are (is a child of the last token, is B^0(t), ..., is B^K(t)).

    >>> step_types(2, 3, 0, 5)[0]
    ((1, 0), {(1, 0): 1, (0, 1): 1, (0, 0): 2})
    """
    size, rows = lookback + 2, []
    for left in range(length - 2, -1, -1):  # edges between the token that is predicted and the goal
        true = unit(size, 0, left + 1 if left <= lookback else -1)
        siblings = arms - 1 if left == length - 2 else 0
        looked = [k for k in range(lookback + 1) if k != left]
        others = Counter({unit(size, 0): siblings, **{unit(size, k + 1): 1 for k in looked}})
        others[unit(size)] += candidates - 1 - siblings - len(looked)
        rows.append((true, {features: count for features, count in others.items() if count}))
    return tuple(rows)


def reversed_types(length: int, candidates: int) -> tuple[TypeCounts, ...]:
    """Steps of the reversed target, from the goal to the start: features (candidate -> last token, last token -> candidate).

    >>> reversed_types(3, 5)[1]
    ((1, 0), {(0, 1): 1, (0, 0): 3})
    """
    rows: list[TypeCounts] = []
    for step in range(length - 1):
        successors = min(step, 1)  # the goal itself has none
        others: Counter[Features] = Counter({(0, 1): successors, (0, 0): candidates - 1 - successors})
        rows.append(((1, 0), {features: count for features, count in others.items() if count}))
    return tuple(rows)


def teacherless_types(
    arms: int, length: int, lookback: int, candidates: int, *, layers: int = 0, start: bool = False, shared: bool = False
) -> tuple[TypeCounts, ...]:
    """Slots r_2..r_l when every target input is the dummy token: no edge lookup exists.

    Features of a slot are (edge, always 0), then the lookups from the goal g_0..g_K, then [distance from s = j], j = 1..layers
    (J of C11), then [v = s] if `start`. Weights belong to a slot, unless they are `shared` by all slots. C must be at least n
    for `start`.

    >>> teacherless_types(2, 3, 0, 5, shared=True)[1]
    ((0, 1), {(0, 0): 4})
    """
    width = lookback + 1 + layers + start
    size = 1 + width * (1 if shared else length - 1)
    nodes, rows = node_count(arms, length), []
    for slot, left in enumerate(range(length - 2, -1, -1)):
        offset = 1 + (0 if shared else slot * width)
        kinds: Counter[tuple[int, ...]] = Counter()
        for depth in range(1, length):  # layer of the candidate: it is on the goal arm once
            place = offset + lookback + depth if depth <= layers else -1
            back = length - 1 - depth
            looked = offset + back if back <= lookback else -1
            kinds[unit(size, place, looked)] += 1
            kinds[unit(size, place)] += arms - 1
        rest = candidates - (nodes - 1)
        if start:
            kinds[unit(size, offset + lookback + 1 + layers)] += 1
        kinds[unit(size)] += rest - start
        depth = length - 1 - left
        true = unit(size, offset + lookback + depth if depth <= layers else -1, offset + left if left <= lookback else -1)
        kinds[true] -= 1
        rows.append((true, {features: count for features, count in kinds.items() if count}))
    return tuple(rows)


def logit_of(types: Sequence[TypeCounts]) -> ConditionalLogit:
    """The conditional logit of a list of steps with 0/1 features, each with the same weight, weights summing to 1.

    >>> logit_of(step_types(2, 3, -1, 5)).dimension
    1
    """
    numbers = (Fraction(0), Fraction(1))
    bank: list[tuple[Fraction, ...]] = []
    blocks = []
    for true, others in types:
        places = tuple(range(len(bank), len(bank) + 1 + len(others)))
        bank += [tuple(numbers[x] for x in features) for features in (true, *others)]
        counts = (numbers[1], *map(Fraction, others.values()))
        blocks.append(Block(Fraction(1, len(types)), {0: numbers[1]}, places, counts, 0))
    data = Dataset("conditional-logit", (len(bank[0]), 1), tuple(bank), ((numbers[1],),), tuple(blocks))
    return ConditionalLogit.from_dataset(data)


def sample_types(sample: Sample, lookback: int, candidates: Sequence[int]) -> tuple[TypeCounts, ...]:
    """The same type counts read from one example: features from its edges, candidates the given labels.

    Law (C7): for candidates that contain all nodes but s, they are `step_types`, whatever the example.

    >>> from .distribution import sample_of
    >>> sample_types(sample_of(((0, 1, 2), (0, 3, 4)), 1), 0, range(5)) == step_types(2, 3, 0, 5)
    True
    """
    before = predecessors(sample.edges)
    looked: list[int | None] = [sample.goal]
    while len(looked) < lookback + 1:
        looked.append(before.get(looked[-1]) if looked[-1] is not None else None)
    rows = []
    for last, true in pairwise(sample.path):
        features = {v: (int(before.get(v) == last), *(int(v == looked[k]) for k in range(lookback + 1))) for v in candidates}
        counts = Counter(features[v] for v in candidates if v != true)
        rows.append((features[true], dict(counts)))
    return tuple(rows)


def sample_reversed_types(sample: Sample, candidates: Sequence[int]) -> tuple[TypeCounts, ...]:
    """The type counts of the reversed target of one example, read from its edges.

    >>> from .distribution import sample_of
    >>> sample_reversed_types(sample_of(((0, 1, 2), (0, 3, 4)), 1), range(5)) == reversed_types(3, 5)
    True
    """
    before, back = predecessors(sample.edges), sample.path[::-1]
    rows: list[TypeCounts] = []
    for last, true in pairwise(back):
        features: dict[int, Features] = {v: (int(before.get(last) == v), int(before.get(v) == last)) for v in candidates}
        rows.append((features[true], dict(Counter(features[v] for v in candidates if v != true))))
    return tuple(rows)
