"""The target is a function of the prefix, and without the goal the decision is a fair choice among d.

Proof. r_i = B^{l-i}(t). Given the labelled, ordered graph the goal arm is uniform: labels, goal arm and edge order are drawn
independently, and exchanging two arms maps the pairs (labels, goal arm) of a graph onto one another. So each child of s is the first
hop with probability 1/d, whatever picks it, as long as it does not look at the goal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations

from ....language.relations import All, Equal, Less, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula, L, index, total
from ..distribution import Sample, reordered
from ..information import ZERO_NATS, conditional_entropy, enclosed, logarithms
from ..problem import PathStar
from ._samples import ENUMERABLE, enumerable_problems, graph_of, samples_from_one_start

Rule = Callable[[Sample], int]


def children(sample: Sample) -> list[int]:
    """The children of s in the order of the edge list."""
    return [v for u, v in sample.edges if u == sample.start]


RULES: dict[str, Rule] = {
    "the smallest label": lambda sample: min(children(sample)),
    "the largest label": lambda sample: max(children(sample)),
    "the child nearest to s in label": lambda sample: min(children(sample), key=lambda v: (abs(v - sample.start), v)),
}

theorem = Theorem(
    "path-star.entropies",
    "Nothing is random given the goal, and nothing is known about the decision without it",
    derived("symmetry of the distribution"),
    setup=r"The distribution of the released generator with $d$ arms of $l$ nodes and any number of labels.",
    clauses=(
        clause(r"$H(r_i\mid p,r_{<i})=0$ for every $i$, forwards and backwards.", argued="docstring", claims=("targets_are_determined",)),
        clause(
            r"Given the graph, its edge order and $s$, each child of $s$ is the first hop equally often.",
            argued="docstring",
            claims=("children_are_equally_likely",),
        ),
        clause(
            r"Hence $H(r_2\mid\text{graph, edge order},s)=\log d$.",
            steps=("entropy_of_a_fair_choice",),
            claims=("decision_has_full_entropy",),
        ),
        clause(
            r"Every rule that picks a child of $s$ without the goal is right with probability $1/d$.",
            argued="docstring",
            claims=("rules_are_right_once_in_d", "first_listed_child_is_right_once_in_d"),
        ),
    ),
    examples=ENUMERABLE,
    instances=enumerable_problems,
)


@theorem.step("entropy of a fair choice", by="normal form of sums", scope="all sizes", latex=r"-\sum_a\tfrac1d\log\tfrac1d=\log d")
def entropy_of_a_fair_choice() -> Equal:
    """A range of any size d."""
    a, d = index("a"), total(1, (index("b"), "A"))
    return Equal(Formula(-total(L(1 / d) / d, (a, "A"))), Formula(L(d)))


@theorem.claim(r"H(r_i|p,r_{<i})=0")
def targets_are_determined(case: Case) -> All:
    """Conditional entropies given the start, one start for all by renaming; exact, in both directions."""
    samples = samples_from_one_start(case.problem)
    length, found = case.problem.length, []
    for order in (1, -1):
        for i in range(length):
            paths = [(x, x.path[::order]) for x in samples]
            found.append(Equal(conditional_entropy(((*graph_of(x), x.goal, path[:i]), path[i]) for x, path in paths), ZERO_NATS))
    return All(*found)


@theorem.claim(r"P(r_2=v|\text{graph},s)=1/d\text{ for every child }v")
def children_are_equally_likely(case: Case) -> Equal:
    """How often each child is the answer, for every graph."""
    samples = samples_from_one_start(case.problem)
    graphs = Counter(graph_of(x) for x in samples)
    answers = Counter((graph_of(x), x.path[1]) for x in samples)
    shares = {Fraction(count, graphs[graph]) for (graph, _), count in answers.items()}
    return Equal(shares, {Fraction(1, case.problem.arms)})


@theorem.claim(r"H(r_2|\text{graph},s)=\log d")
def decision_has_full_entropy(case: Case, base: int | None = None) -> Equal:
    """The exact conditional entropy."""
    problem = case.problem
    found = conditional_entropy((graph_of(x), x.path[1]) for x in samples_from_one_start(problem))
    return Equal(found, logarithms({base or problem.arms: 1}))


def accuracy(problem: PathStar, rule: Rule) -> Fraction:
    """How often a rule is right, over the whole distribution."""
    samples = samples_from_one_start(problem)
    return Fraction(sum(rule(x) == x.path[1] for x in samples), len(samples))


@theorem.claim(r"P(\text{rule}=r_2)=1/d")
def rules_are_right_once_in_d(case: Case) -> Equal:
    """Three rules that break ties by labels."""
    found = tuple(accuracy(case.problem, rule) for rule in RULES.values())
    return Equal(found, (Fraction(1, case.problem.arms),) * len(found))


@theorem.claim(r"P(\text{first listed child}=r_2)=1/d")
def first_listed_child_is_right_once_in_d(case: Case) -> Equal | NotExercised:
    """Over all edge orders, where there are at most 24 of them."""
    samples, edges = samples_from_one_start(case.problem), case.problem.nodes - 1
    if edges > 4:
        return NotExercised("the edges have more than 24 orders")
    orders = list(permutations(range(edges)))
    right = sum(children(reordered(x, order))[0] == x.path[1] for x in samples for order in orders)
    return Equal(Fraction(right, len(samples) * len(orders)), Fraction(1, case.problem.arms))


@theorem.mutant(of=rules_are_right_once_in_d, latex=r"P(\text{rule}=r_2)=1/n")
def right_once_in_n(case: Case) -> Equal:
    """M3: the children of s are d, not n."""
    return Equal(accuracy(case.problem, RULES["the smallest label"]), Fraction(1, case.problem.nodes))


@theorem.mutant(of=rules_are_right_once_in_d, latex=r"P(\text{rule}=r_2)=d^{-(l-1)}")
def right_at_every_hop(case: Case) -> Equal:
    """M3: only s branches (for length 2 and for one arm the variant is true)."""
    problem = case.problem
    return Equal(accuracy(problem, RULES["the smallest label"]), Fraction(1, problem.arms ** (problem.length - 1)))


@theorem.mutant(of=rules_are_right_once_in_d, latex=r"P(\text{rule}=r_2)=1/N")
def right_once_in_labels(case: Case) -> Equal:
    """M3: the number of labels does not matter."""
    return Equal(accuracy(case.problem, RULES["the smallest label"]), Fraction(1, case.problem.labels))


@theorem.mutant(of=targets_are_determined, latex=r"H(\text{reversed target}|p)<H(\text{target}|p)")
def reversing_lowers_the_entropy(case: Case) -> Less:
    """M17: both are zero; only the features a model needs change."""
    samples = samples_from_one_start(case.problem)
    forward, backward = (enclosed(conditional_entropy(((*graph_of(x), x.goal), x.path[::step]) for x in samples)) for step in (1, -1))
    return Less(backward, forward)


@theorem.mutant(of=decision_has_full_entropy, latex=r"H(r_2|\text{graph},s)=\log n")
def as_many_choices_as_nodes(case: Case) -> Equal:
    """Only children of s can be next."""
    return decision_has_full_entropy(case, base=case.problem.nodes)
