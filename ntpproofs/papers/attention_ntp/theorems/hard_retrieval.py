"""Attention in the limit: the top component of the sequence, mixed by W^fin.

Score gaps inside a component are gaps of the part of W in S_fin and tend to those of W^fin; a gap across a cross edge tends to
infinity, because the excess log(1 + rho_i) of its sequence tends to 0 with the risk. A softmax is continuous in finite gaps and
drops tokens at infinite ones. On a sequence never trained on, u => v still means that the gap of u over v tends to infinity:
along a path gaps inside components converge and cross edges diverge. The columns of W^svm are combinations of differences e_u -
e_v of tokens seen with the query; on orthonormal embeddings their scores add up to 0, and tokens not seen have none.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from ....exact.balls import PRECISION, Interval, as_interval, exact_arb, interval
from ....language.relations import All, AtMost, Converges, Equal, Implies, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....language.verdicts import Outcome
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import softmax_balls
from ....symbolic import Delta, Formula, index, total
from ..assumptions import orthonormal_embeddings
from ..attention_limits import AttentionLimit, attend, training_limits
from ..graph_programmes import reduced_dataset
from ..layer import AttentionLayer
from ..priority_graph import label_components, priority_orders
from ._instances import between, golden, independent, unseen
from ._limits import FLOW, fin, svm
from .tie_breaking import repeated_below, three_to_one, two_to_one

proposition = Proposition(
    label="attention-ntp.hard-retrieval",
    title="Hard retrieval of the top component, soft composition inside it",
    source=derived("a corollary of the limits of gradient descent"),
    setup=r"Independent embeddings; $W(t)$ follows the gradient flow and $s=EW^{\mathrm{fin}}e_{k_i}$.",
    clauses=(
        clause(
            r"On a training sequence $p_{iv}(W(t))\to0$ for $v\notin C_i$ and $\to"
            r" m_{iv}e^{s_v}/\sum_{u\in A_i\cap C_i}m_{iu}e^{s_u}$ for $v\in C_i$.",
            argued="docstring",
            by=("attention-ntp.global-convergence",),
            claims=("attention_converges",),
        ),
        clause(
            r"The limits are the masses of the reduced dataset at $W^{\mathrm{fin}}$, and over the sequences of a query they add up"
            r" to the numbers of"
            r" its labels.",
            by=("attention-ntp.finite-part",),
            claims=("masses_come_from_the_reduced_data",),
        ),
        clause(
            r"On another sequence with the query $k$ attention ends inside one component if that is above every other token in it.",
            argued="docstring",
            claims=("top_component_wins",),
        ),
        clause(
            r"A token never seen with $k$ is not out of the race: on orthonormal embeddings its score under $W^{\mathrm{svm}}$ is"
            r" the mean, $0$.",
            steps=("mean_step",),
            by=("attention-ntp.graph-svm",),
            claims=("unseen_tokens_are_average",),
        ),
    ),
    uses=("attention-ntp.global-convergence", "attention-ntp.tie-breaking"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(unseen, two_to_one, repeated_below, three_to_one, *golden, between),
    simulate=FLOW,
)


@proposition.step("scores of differences", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_x\sum_{u,v}\lambda_{uv}([x=u]-[x=v])=0")  # fmt: skip
def mean_step() -> Equal:
    """Orthonormal embeddings: the score of x is the sum of lambda ([x = u] - [x = v]), 0 for tokens in no difference and 0 on average."""
    lam, x, u, v = sp.Function("lambda"), index("x"), index("u"), index("v")
    scores = total(lam(u, v) * (Delta(x, u) - Delta(x, v)), (u, "K"), (v, "K"))
    return Equal(Formula(total(scores, (x, "K"))), Formula(0))


def attention_path(case: Case) -> ValuePath:
    """The attention of the layer itself on every training sequence, position by position, while the flow is followed without reference."""
    run, layer = case.trajectory, AttentionLayer(case.problem)
    path = run.iterates
    keep = run.measured & (path.log_times > 0)
    values = np.array([np.concatenate(layer.attention(w)) for w in path.values[keep]])
    reach = max(sum(float(x) ** 2 for x in row) for row in case.problem.embeddings)
    return ValuePath(path.log_times[keep], values, 2 * reach * path.errors[keep] + 1e-12, "attention on the training sequences")


def positions(case: Case, masses: list[dict[int, float]]) -> np.ndarray:
    """The mass of a token shared equally among its positions, in the order of the layer."""
    rows = zip(case.problem.sequences, masses)
    return np.array([mass[v] / sequence.count(v) for sequence, mass in rows for v in sequence])


def limits(case: Case) -> list[dict[int, float]]:
    """The limit masses of every training sequence in floats."""
    known = training_limits(case.problem)
    return [{v: float((m.lower + m.upper) / 2) for v, m in limit.masses.items() if m is not None} for limit in known]


@proposition.claim(r"p_{iv}(W)\to m_{iv}e^{s_v}/\textstyle\sum_{u\in A_i\cap C_i}m_{iu}e^{s_u}\text{ on }C_i,\ \to0\text{ off it}")
def attention_converges(case: Case) -> Converges:
    """The forward pass of the layer along the flow, at least like t^(-2/5)."""
    return Converges(attention_path(case), positions(case, limits(case)), rate=0.8)


@proposition.claim(
    r"\text{the masses are those of the reduced dataset at }W^{\mathrm{fin}}\text{, and }\sum_{i:k_i=k}p_{iv}=\#\{i:y_i=v\}\text{ in the limit}"
)
def masses_come_from_the_reduced_data(case: Case) -> All:
    """Two routes, enclosed; the sum over sequences is moment matching."""
    from flint import ctx

    problem, part = case.problem, fin(case).finite_part
    # A softmax moves by at most the largest change of a score gap, at most |e_u - e_v| |e_k| times the radius.
    reach = 4 * max(sum(x * x for x in row) for row in problem.embeddings)
    relations = []
    with ctx.workprec(PRECISION):
        balls = softmax_balls(reduced_dataset(problem), part.center)
        for limit, tokens, inside, masses in zip(training_limits(problem), problem.choice_sets, label_components(problem), balls):
            kept = [v for v in tokens if v in inside]
            wide = tuple(interval(masses[n]) for n in range(len(kept)))
            found = tuple(Interval(x.center, x.radius + reach * part.radius) for x in wide)
            known = tuple(as_interval(limit.masses[v] or Fraction(0)) for v in kept)
            relations.append(Equal(known, found))
        for query in priority_orders(problem):
            for v in range(problem.vocabulary_size):
                rows = [limit.masses.get(v) for limit, k in zip(training_limits(problem), problem.queries) if k == query]
                total = sum((exact_arb(m.center) for m in rows if m is not None), exact_arb(0))
                radius = sum((m.radius for m in rows if m is not None), Fraction(0))
                count = sum(y == v and k == query for y, k in zip(problem.labels, problem.queries))
                summed = interval(total)
                relations.append(Equal(Interval(summed.center, summed.radius + radius), Fraction(count)))
    return All(*relations)


def probes(case: Case) -> list[tuple[AttentionLimit, set[int], bool]]:
    """One unseen sequence per query, of all its tokens: its limit, the tokens of the top component, and whether one is above all others."""
    found = []
    for query, order in priority_orders(case.problem).items():
        first = order.components[0]
        above = all(order.above(min(first), v) for v in order.tokens if v not in first)
        found.append((attend(case.problem, (*order.tokens, query)), set(first), above))
    return found


@proposition.claim(r"\text{an unseen sequence with one component above all other tokens: attention ends inside it}")
def top_component_wins(case: Case, always: bool = False) -> All:
    """Exact: the tokens of the highest score under W^svm are those of the component."""
    return All(*(Implies(always or above, Equal(set(limit.top), top)) for limit, top, above in probes(case)))


@proposition.claim(r"E E^\top=I:\ v\text{ never seen with }k\Rightarrow s^{\mathrm{svm}}_v=0,\ \textstyle\sum_vs^{\mathrm{svm}}_v=0")
def unseen_tokens_are_average(case: Case) -> All:
    """Exact, for every query."""
    problem = case.problem
    plain = orthonormal_embeddings(problem).outcome is Outcome.HOLDS
    scores, relations = problem.scores(svm(case)), []
    for query, order in priority_orders(problem).items():
        column = tuple(scores[v][query] for v in range(problem.vocabulary_size))
        others = tuple(column[v] for v in range(problem.vocabulary_size) if v not in order.tokens)
        relations.append(Implies(plain, Equal((sum(column), *others), (Fraction(0),) * (1 + len(others)))))
    return All(*relations)


@proposition.mutant(of=attention_converges, latex=r"\text{attention ends on the label alone}")
def label_takes_all(case: Case) -> Converges:
    """Inside a cycle the composition stays soft."""
    masses = [{v: float(v == y) for v in sequence} for sequence, y in zip(case.problem.sequences, case.problem.labels)]
    return Converges(attention_path(case), positions(case, masses), rate=0.8)


@proposition.mutant(of=attention_converges, latex=r"\text{all tokens of the component share attention equally}")
def equal_shares(case: Case) -> Converges:
    """Counts of labels and of tokens set the shares."""
    masses = []
    for tokens, inside in zip(case.problem.choice_sets, label_components(case.problem)):
        kept = set(tokens) & inside
        masses.append({v: (v in kept) / len(kept) for v in tokens})
    return Converges(attention_path(case), positions(case, masses), rate=0.8)


@proposition.mutant(of=top_component_wins, latex=r"\text{on every unseen sequence one component takes all attention}")
def one_component_always(case: Case) -> All:
    """Two incomparable components at the top: both keep attention, in shares that label counts decide."""
    return top_component_wins(case, always=True)


@proposition.mutant(of=unseen_tokens_are_average, latex=r"\text{tokens never seen with the query are ignored: below every token seen}")
def unseen_tokens_are_ignored(case: Case) -> All:
    """With [1, 0] -> 0 and a third token the scores are (1/2, -1/2, 0): the unseen token beats token 1."""
    problem, relations = case.problem, []
    scores = problem.scores(svm(case))
    for query, order in priority_orders(problem).items():
        lowest = min(scores[v][query] for v in order.tokens)
        relations += [AtMost(scores[v][query], lowest) for v in range(problem.vocabulary_size) if v not in order.tokens]
    return All(*relations)


@proposition.mutant(of=attention_converges, without=independent_embeddings, latex=r"\text{with dependent embeddings, too}")
def components_decide_always(case: Case) -> Converges:
    """Tokens tied by the embeddings keep attention although no cycle contains them with the label."""
    masses = []
    for sequence, inside in zip(case.problem.sequences, label_components(case.problem)):
        kept = {v: sequence.count(v) for v in set(sequence) if v in inside}
        masses.append({v: kept.get(v, 0) / sum(kept.values()) for v in sequence})
    return Converges(attention_path(case), positions(case, masses), rate=0.8)
