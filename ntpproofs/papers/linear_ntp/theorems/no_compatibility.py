"""Without compatibility the direction is the same; only the finite part and the infimum change (derived).

For separable data the tied sets are the supports, so the tied subspace is F, the tied loss is CE_F, and u is W^mm:
every clause but the second's "iff" is a statement of the foundations, which do not mention compatibility. NTP-SVM
has no probabilities in it.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....exact.balls import Enclosure
from ....language.relations import All, Converges, Equal, Implies, Less
from ....language.statements import Case, Theorem, clause, derived
from ....logit.decomposition import decompose
from ....logit.finite_part import log_odds
from ....logit.margin import max_margin
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._asymptotic_instances import DESCENT_THEN_FLOW
from ._golden import ex_every_token, fractions, golden, separable
from ._losses import as_floats, gradient, in_support_part, in_support_space, log_odds_solution, zero
from ._ridge import ridge_path

# More incompatible data: one embedding with two laws, opposite embeddings that share a support pair, a plane with three contexts.
clash = LinearNTP([[1], [1]], [fractions("9/10", "1/10", "0"), fractions("1/10", "9/10", "0")])
stretched = LinearNTP([[1], [3]], [fractions("2/3", "1/3", "0"), fractions("1/3", "2/3", "0")], fractions("1/4", "3/4"))
plane = LinearNTP([[1, 0], [0, 1], [1, 1]], [fractions("3/4", "1/4", "0"), fractions("1/2", "1/2", "0"), fractions("1/5", "4/5", "0")])

theorem = Theorem(
    label="linear-ntp.no-compatibility",
    title="The direction does not need compatibility",
    source=derived("the proof of the bias theorem, where compatibility only names the finite part and the infimum"),
    setup=r"Let the data be separable with some $|S_j|<V$, compatible or not, $W_k$ the iterates of descent"
    r" with $0<\eta\le1/L$ (simulated by 64 steps continued by the flow), and $W_B$ the ball"
    r" solutions.",
    clauses=(
        clause(
            r"$\mathrm{CE}_{\mathcal F}$ has exactly one minimiser $W^\circ$ on $\mathcal F$.",
            by=("foundations.finite-part", "foundations.separation"),
            claims=("minimiser_is_stationary",),
        ),
        clause(
            r"$\inf\mathrm{CE}=\mathrm{CE}_{\mathcal F}(W^\circ)\ge \mathcal H$ with equality iff the data are"
            r" compatible.",
            by=("foundations.infimum", "linear-ntp.entropy-iff"),
            claims=("infimum_exceeds_the_entropy",),
        ),
        clause(
            r"$\mathcal P_{\mathcal F}W_k\to W^\circ$.",
            by=("foundations.finite-part-limit",),
            claims=("finite_part_converges",),
        ),
        clause(
            r"$W_k/\|W_k\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|$, tested by the slope in log time,",
            by=("foundations.gradient-descent-bias",),
            claims=("slope_converges",),
        ),
        clause(
            r"and $W_B$ has the same direction and finite part.",
            by=("foundations.regularization-path",),
            claims=("path_converges",),
        ),
        clause(
            r"$W^{\mathrm{mm}}$ is the same for any other probabilities on the same supports.",
            by=("linear-ntp.ntp-svm",),
            claims=("direction_ignores_probabilities",),
        ),
    ),
    uses=("foundations.gradient-descent-bias", "foundations.finite-part", "foundations.regularization-path", "linear-ntp.ntp-svm"),
    assumptions=(ntp_separable, some_partial_support),
    instances=separable,
    examples=(clash, stretched, plane, *golden),
    simulate=DESCENT_THEN_FLOW,
)


def compatible(case: Case) -> bool:
    """Whether the log-odds equations are solvable, decided exactly."""
    return log_odds(case.problem).compatible


def twin(problem: LinearNTP) -> LinearNTP:
    """The same contexts and supports with uniform probabilities: always compatible, with W* = 0."""
    rows = [dict.fromkeys(sorted(support), Fraction(1, len(support))) for support in problem.supports]
    return LinearNTP(problem.embeddings, rows, problem.weights, vocabulary_size=problem.vocabulary_size)


@theorem.claim(r"W^{\mathrm{mm}}\text{ is that of the compatible twin with uniform probabilities}")
def direction_ignores_probabilities(case: Case) -> Equal:
    """Exact."""
    return Equal(max_margin(twin(case.problem)).direction, case.derived.max_margin.direction)


@theorem.claim(r"\tfrac d{d\log t}\mathcal P_\perp W\to W^{\mathrm{mm}}")
def slope_converges(case: Case) -> Converges:
    """Compatible or not: against the direction of the twin."""
    return Converges(case.trajectory.slope, as_floats(max_margin(twin(case.problem)).direction))


@theorem.claim(r"W_B/\|W_B\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|,\quad\mathcal P_{\mathcal F}W_B\to W^\circ")
def path_converges(case: Case) -> All:
    """The ridge path down to 1e-12."""
    run, u = ridge_path(case.problem), np.array(as_floats(case.derived.max_margin.direction))
    limit = Converges(in_support_part(case.problem, run.iterates), case.derived.finite_part, rate=1)
    return All(Converges(run.direction, u / (np.linalg.norm(u) or 1.0)), limit)


@theorem.claim(r"\mathcal P_{\mathcal F}W_k\to W^\circ=\arg\min_{\mathcal F}\mathrm{CE}_{\mathcal F}")
def finite_part_converges(case: Case, least_squares: bool = False) -> Converges:
    """Against the enclosed minimiser."""
    target = log_odds_solution(case.problem) if least_squares else case.derived.finite_part
    return Converges(in_support_part(case.problem, case.trajectory.finite_part), target, rate=1)


@theorem.claim(r"\mathcal P_{\mathcal F}\nabla\mathrm{CE}_{\mathcal F}(W^\circ)=0,\ W^\circ\in\mathcal F")
def minimiser_is_stationary(case: Case) -> All:
    """Enclosed; the gradient is Lipschitz with constant max |h|^2."""
    space, part = in_support_space(case.problem), case.derived.finite_part
    slope = gradient(case.problem, part.center, supports_only=True)
    radius = slope.radius + part.radius * (1 + max(sum(x * x for x in h) for h in case.problem.embeddings))
    off = tuple(x - y for x, y in zip(part.center, space.project(part.center)))
    return All(Equal(Enclosure(space.project(slope.center), radius), zero(case.problem)), Equal(Enclosure(off, part.radius), zero(case.problem)))


@theorem.claim(r"\inf\mathrm{CE}>\mathcal H\text{ if the data are incompatible, }=\mathcal H\text{ else}")
def infimum_exceeds_the_entropy(case: Case) -> All:
    """Both certified or enclosed."""
    infimum, entropy = case.derived.infimum, case.problem.entropy
    return All(Implies(not compatible(case), Less(entropy, infimum)), Implies(compatible(case), Equal(infimum, entropy)))


@theorem.mutant(of=infimum_exceeds_the_entropy, latex=r"\inf\mathrm{CE}=\mathcal H")
def infimum_is_the_entropy(case: Case) -> Equal:
    """Ex-Inc and one embedding with two laws: the risk stays above."""
    return Equal(case.derived.infimum, case.problem.entropy)


@theorem.mutant(of=finite_part_converges, latex=r"\mathcal P_{\mathcal F}W_k\to\text{the least-squares solution of the log-odds}")
def least_squares_limit(case: Case) -> Converges:
    """Ex-Inc: 0.0124 away from the limit."""
    return finite_part_converges(case, least_squares=True)


@theorem.mutant(of=direction_ignores_probabilities, latex=r"\text{the finite part ignores the probabilities, too}")
def finite_part_ignores_probabilities(case: Case) -> Equal:
    """It is the maximum-likelihood estimate on the supports."""
    return Equal(decompose(twin(case.problem)).finite_part, case.derived.finite_part)


@theorem.mutant(of=minimiser_is_stationary, latex=r"W^\circ\text{ minimises CE on }\mathcal F")
def minimiser_of_the_whole_loss(case: Case) -> Equal:
    """Mass off the supports pulls at it."""
    slope = gradient(case.problem, case.derived.finite_part.center)
    radius = slope.radius + case.derived.finite_part.radius * max(sum(x * x for x in h) for h in case.problem.embeddings)
    return Equal(Enclosure(in_support_space(case.problem).project(slope.center), radius), zero(case.problem))


@theorem.mutant(
    of=infimum_exceeds_the_entropy, without=ntp_separable, latex=r"\text{compatible data have infimum }\mathcal H\text{ without separability}"
)
def entropy_without_separability(case: Case) -> All:
    """Ex-NonSep is compatible and its risk stays half of log 2 above the entropy."""
    return infimum_exceeds_the_entropy(case)


@theorem.mutant(
    of=path_converges,
    without=some_partial_support,
    instances=[ex_every_token],
    latex=r"\text{direction }W^{\mathrm{mm}}\text{ with full supports, too}",
)
def direction_with_full_supports(case: Case) -> All:
    """Then W^mm = 0 has no direction (read as zero), while the path ends at the finite part with its own."""
    return path_converges(case)
