"""Whatever is read off all edges but those of some layers, and off the label sets of the layers, the decision still costs log d."""

# outcome: holds
# Open question 3 of the notes on path-star graphs asks for equivariant classes. Found: no symmetry is needed. A learner whose scores are
# functions of what is visible pays at least H(r_2 | visible), which is log d for any non-empty set of omitted layers (C5).

from functools import cache
from itertools import combinations

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.papers.path_star.distribution import Sample, every_sample, layers, node_count
from ntpproofs.papers.path_star.information import conditional_entropy, logarithms

SHAPES = [(2, 3, 1), (3, 3, 0), (2, 4, 0)]
GRAPHS = [(shape, hidden) for shape in SHAPES for size in range(1, shape[1] - 1) for hidden in combinations(range(1, shape[1] - 1), size)]


@cache
def samples(arms: int, length: int, extra: int) -> list[Sample]:
    """The examples whose start is 0: one start stands for all, by renaming."""
    return [sample for sample in every_sample(arms, length, node_count(arms, length) + extra) if sample.start == 0]


conjecture = Conjecture(
    label="omitting-a-layer-omits-everything",
    title="Without the edges of one layer every learner pays log d at the decision",
    instances=st.sampled_from(GRAPHS),
    expected="holds",
)


@conjecture.claim(r"H(r_2 \mid \text{visible edges, layer sets}, s, t) = \log d")
def entropy_is_full(case: Case) -> Equal:
    (arms, length, extra), hidden = case.problem
    pairs = []
    for sample in samples(arms, length, extra):
        found = layers(sample)
        dark = {node for layer in hidden for node in found[layer]}
        pairs.append(((found, sample.goal, frozenset(edge for edge in sample.edges if edge[0] not in dark)), sample.path[1]))
    return Equal(conditional_entropy(pairs), logarithms({arms: 1}))
