"""All or nothing: the decision token is a word problem in S_d, and without one layer of edges nothing is known.

Proof. Labels are a uniform injection: given the label set of every layer, the assignments inside the layers are independent uniform
bijections, and so are the sigma_j, with T uniform and independent. R = sigma_1^{-1} ... sigma_m^{-1}(T) by walking back. A product with
one independent uniform factor is uniform: without the edges of one layer R is uniform given everything else. If only the edges of c
arms are missing there, the walk meets one of them with probability c/d, and is then uniform among the c free ends.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import factorial

from ....exact.logarithms import LogVector
from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ..distribution import layers, predecessors
from ..information import conditional_entropy, logarithms
from ..problem import PathStar
from ._samples import ENUMERABLE, arms_of, enumerable_problems, samples_from_one_start, word_of

theorem = Theorem(
    "path-star.all-or-nothing",
    "The decision is a word problem in the symmetric group; no strict subset of layers carries information",
    derived("uniform factors of a product in a finite group"),
    setup=r"Sort the labels of each layer $j=1,\dots,l-1$. The edges from layer $j$ to $j+1$ are a permutation $\sigma_j\in S_d$,"
    r" $j=1,\dots,m=l-2$; $T$ is the index of $t$, $R$ that of $r_2$.",
    clauses=(
        clause(r"$r_2=B^{l-2}(t)$ and $R=\sigma_1^{-1}\cdots\sigma_m^{-1}(T)$.", argued="docstring", claims=("decision_is_a_word",)),
        clause(
            r"$(\sigma_1,\dots,\sigma_m,T)$ is uniform on $S_d^m\times[d]$ and independent of the label sets of the layers.",
            argued="docstring",
            claims=("words_are_uniform",),
        ),
        clause(
            r"$H(r_2\mid\text{layer sets},s,t,\text{all edges but those of layer }j\to j+1)=\log d$ for every $1\le j\le m$.",
            argued="docstring",
            claims=("one_layer_hides_everything",),
        ),
        clause(
            r"If the layer-$j$ edges of $c$ arms are hidden, chosen independently of the goal arm, the entropy is $(c/d)\log c$;"
            r" if the goal arm is always among them, $\log c$.",
            argued="docstring",
            claims=("some_arms_hide_a_share", "goal_arm_among_the_hidden"),
        ),
    ),
    examples=ENUMERABLE,
    instances=enumerable_problems,
)


@theorem.claim(r"r_2=B^{l-2}(t),\quad R=\sigma_1^{-1}\cdots\sigma_m^{-1}(T)")
def decision_is_a_word(case: Case, lookups: int | None = None) -> Equal:
    """Walking back along edges, and multiplying permutations."""
    count = case.problem.lookups if lookups is None else lookups
    walked, multiplied, truth = [], [], []
    for sample in samples_from_one_start(case.problem):
        node, before = sample.goal, predecessors(sample.edges)
        for _ in range(count):
            node = before.get(node, node)
        sigmas, place, first = word_of(sample)
        for sigma in reversed(sigmas):
            place = sigma.index(place)
        walked.append(node)
        multiplied.append(place)
        truth.append((sample.path[1], first))
    return Equal((tuple(walked), tuple(multiplied)), tuple(zip(*truth)))


@theorem.claim(r"(\sigma,T)\text{ uniform on }S_d^m\times[d]\text{ given the layer sets}")
def words_are_uniform(case: Case) -> Equal:
    """All cells of all layer sets are hit, and equally often."""
    problem = case.problem
    cells = Counter((layers(x), word_of(x)[:2]) for x in samples_from_one_start(problem))
    sets = len({found for found, _ in cells})
    count = factorial(problem.arms) ** problem.lookups * problem.arms * sets
    return Equal((len(cells), len(set(cells.values()))), (count, 1))


def entropy_without(problem: PathStar, layer: int) -> LogVector:
    """H(r_2 | layer sets, s, t, all edges but those of layer -> layer + 1)."""
    pairs = []
    for x in samples_from_one_start(problem):
        found = layers(x)
        visible = frozenset(edge for edge in x.edges if edge[0] not in found[layer])
        pairs.append(((found, x.goal, visible), x.path[1]))
    return conditional_entropy(pairs)


@theorem.claim(r"H(r_2|\text{all but layer }j)=\log d,\ 1\le j\le m")
def one_layer_hides_everything(case: Case) -> Equal | NotExercised:
    """Each layer in turn."""
    problem = case.problem
    if problem.lookups == 0:
        return NotExercised("an arm of length 2 has no edges between layers")
    found = tuple(entropy_without(problem, j) for j in range(1, problem.lookups + 1))
    return Equal(found, (logarithms({problem.arms: 1}),) * problem.lookups)


def entropy_without_arms(problem: PathStar, layer: int, hidden: int, with_goal: bool | None = None) -> LogVector:
    """The same with the layer's edges of `hidden` arms missing: all sets of arms equally likely, or only those with the goal arm."""
    pairs = []
    for x in samples_from_one_start(problem):
        found, arms = layers(x), arms_of(x)
        for chosen in combinations(arms, hidden):
            if with_goal is None or (x.path in chosen) == with_goal:
                missing = {(arm[layer], arm[layer + 1]) for arm in chosen}
                pairs.append(((found, x.goal, frozenset(x.edges) - missing), x.path[1]))
    return conditional_entropy(pairs)


@theorem.claim(r"H=\tfrac cd\log c")
def some_arms_hide_a_share(case: Case) -> Equal | NotExercised:
    """Every number of hidden arms, at the first layer of edges."""
    if case.problem.lookups == 0:
        return NotExercised("an arm of length 2 has no edges between layers")
    d = case.problem.arms
    found = tuple(entropy_without_arms(case.problem, 1, c) for c in range(1, d + 1))
    return Equal(found, tuple(logarithms({c: Fraction(c, d)}) for c in range(1, d + 1)))


@theorem.claim(r"H=\log c\text{ if the goal arm is hidden}")
def goal_arm_among_the_hidden(case: Case) -> Equal | NotExercised:
    """The last layer of edges."""
    d, m = case.problem.arms, case.problem.lookups
    if m == 0:
        return NotExercised("an arm of length 2 has no edges between layers")
    found = tuple(entropy_without_arms(case.problem, m, c, with_goal=True) for c in range(1, d + 1))
    return Equal(found, tuple(logarithms({c: 1}) for c in range(1, d + 1)))


@theorem.mutant(of=decision_is_a_word, latex=r"r_2=B^{l-1}(t)")
def one_lookup_more(case: Case) -> Equal:
    """M6: l nodes, l - 1 edges, l - 2 lookups."""
    return decision_is_a_word(case, case.problem.lookups + 1)


@theorem.mutant(of=one_layer_hides_everything, latex=r"\text{hiding the goal arm's edge of one layer is enough}")
def the_goal_arm_is_enough(case: Case) -> Equal | NotExercised:
    """M15: the other edges reveal it by elimination."""
    if case.problem.lookups == 0:
        return NotExercised("an arm of length 2 has no edges between layers")
    return Equal(entropy_without_arms(case.problem, 1, 1, with_goal=True), logarithms({case.problem.arms: 1}))


@theorem.mutant(of=one_layer_hides_everything, latex=r"\text{hiding the edges }s\to v(a,1)\text{ is enough}")
def the_first_edges_are_enough(case: Case) -> Equal | NotExercised:
    """M16: later edges determine the first hop once the layers are known."""
    if case.problem.lookups == 0:
        return NotExercised("an arm of length 2 has no edges between layers")
    return Equal(entropy_without(case.problem, 0), logarithms({case.problem.arms: 1}))


@theorem.mutant(of=some_arms_hide_a_share, latex=r"H=\log c\text{ for any hidden arms}")
def hidden_arms_always_count(case: Case) -> Equal | NotExercised:
    """Only if the goal arm is among them."""
    if case.problem.arms < 3 or case.problem.lookups == 0:
        return NotExercised("c = 1 and c = d do not tell the two formulas apart")
    return Equal(entropy_without_arms(case.problem, 1, 2), logarithms({2: 1}))
