"""Training key and query matrices: the nuclear norm takes the place of the Frobenius norm."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ....exact.balls import Interval
from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Less, Measured, Monotone, ValuePath
from ....language.statements import Case, Conjecture, clause, derived
from ....logit.assumptions import something_separable
from ....logit.decomposition import decompose
from ....logit.norm_margins import achieved_margin, norm_bound, norm_margin
from ..problem import AttentionNTP
from ._instances import on_a_line, one_hot, partly_tied, per_query
from ._limits import floats, svm_or_reduction, when

# Priorities of two queries that compete for singular directions: the nuclear and the Frobenius solution differ.
competing = one_hot(3, ([1, 0], 1), ([2, 1, 0], 2), ([0, 1], 0))

# Here the margin per unit nuclear norm passes 1.594 at step 100 and falls to 1.571 by step 200, below the largest 1.615.
slipping = AttentionNTP([[1, 1, 2, 0], [0, 1, -1, -1], [0, 0, 1, 2], [0, 0, 0, 2]], [[2, 3], [2, 2, 3], [3, 1, 3], [1, 2]], [2, 3, 1, 2])

conjecture = Conjecture(
    "attention-ntp.factorised-training",
    "Training W = K Q' by descent on both factors: nuclear-norm margins",
    derived("evidence: normalised descent on the factors from a small start; the convergence is not proved"),
    setup=r"Let $W=KQ^\top$ with both factors trained by normalised descent from a small start, and $\varrho_*$ the least nuclear norm under the"
    r" constraints of the Graph-SVM. Where dependent embeddings leave it without a solution, the constraints are those of the"
    r" reduction, and its"
    r" max-margin direction takes the place of $W^{\mathrm{svm}}$. Whether the limit is global for all data is open.",
    clauses=(
        clause(
            r"The margin per unit nuclear norm stays below $1/\varrho_*$ and comes within a tenth of it,",
            claims=("margin_approaches",),
        ),
        clause(
            r"and is not below that of $W^{\mathrm{svm}}$ by a tenth; where the two programmes differ it exceeds it.",
            claims=("exceeds_the_frobenius_solution",),
        ),
        clause(r"It does not always increase (seen in floating point).", claims=("margin_increases",)),
        clause(r"$\varrho_*\le\|W^{\mathrm{svm}}\|_*$,", by=("foundations.norm-margin",), claims=("programmes_differ",)),
        clause(r"and the two can differ.", witness=("strictly_smaller",)),
    ),
    uses=("foundations.norm-margin", "foundations.sign-descent", "foundations.spectral-descent", "attention-ntp.global-convergence"),
    # Where nothing is separable the programme has no constraint and every margin is zero: no claim can be evaluated without it.
    assumptions=(something_separable,),
    instances=(competing, per_query, partly_tied, on_a_line, slipping),
    simulate=lambda problem: FACTORS(problem),
)


@dataclass(frozen=True)
class FactorDescent:
    """Normalised descent on two d x d factors from a small multiple of the identity with a small seeded perturbation."""

    steps: int = 800
    step: float = 0.02

    def __call__(self, problem: AttentionNTP) -> list[tuple[int, np.ndarray]]:
        """(step, W) at doubling steps."""
        d, rng, logit = problem.dimension, np.random.default_rng(0), problem.conditional_logit()
        k, q = (0.02 * np.eye(d) + 0.002 * rng.normal(size=(d, d)) for _ in range(2))
        found = []
        for i in range(1, self.steps + 1):
            gradient = logit.gradient((k @ q.T).ravel()).reshape(d, d)
            for_k, for_q = gradient @ q, gradient.T @ k
            length = np.sqrt((for_k**2).sum() + (for_q**2).sum()) or 1.0  # a vanishing gradient is no step
            k, q = k - self.step * for_k / length, q - self.step * for_q / length
            if i in (100, 200, 400, self.steps):
                found.append((i, (k @ q.T).ravel()))
        return found


FACTORS: FactorDescent = FactorDescent()


def nuclear_path(case: Case) -> ValuePath:
    """The margin per unit nuclear norm along the run."""
    values = np.array([achieved_margin(case.problem, "nuclear", w) for _, w in case.trajectory])
    return ValuePath(np.log([i for i, _ in case.trajectory]), values, np.full(len(values), 1e-9), "margin per unit nuclear norm")


@conjecture.claim(r"\text{the nuclear margin of }KQ^\top\text{ stays below }1/\varrho_*\text{ and comes within a tenth of it}")
def margin_approaches(case: Case) -> All:
    """Never above the enclosed maximum; 800 steps suffice for nine tenths of it."""
    best = norm_margin(case.problem, "nuclear").margin
    top = float(best.upper if isinstance(best, Interval) else best)
    path = nuclear_path(case)
    below = AtMost(Measured(path.values, path.errors), np.full(len(path.values), top + 1e-9))
    return All(below, AtMost(0.9 * top, Measured(path.values[-1], 1e-9)))


@conjecture.claim(r"\text{the nuclear margin of }KQ^\top\text{ increases}", expected="refuted")
def margin_increases(case: Case) -> Monotone:
    """Refuted by four tokens in general position; it does on the other instances."""
    return Monotone(nuclear_path(case), increasing=True)


@conjecture.claim(r"\text{it is at least nine tenths of that of }W^{\mathrm{svm}}\text{, and exceeds it for the competing queries}")
def exceeds_the_frobenius_solution(case: Case) -> All:
    """At the last record."""
    reached = nuclear_path(case).values[-1]
    frobenius = achieved_margin(case.problem, "nuclear", floats(svm_or_reduction(case)))
    differ = [Less(Measured(frobenius, 1e-9), Measured(reached, 1e-9))] if case.problem == competing else []
    return All(AtMost(Measured(0.9 * frobenius, 1e-9), Measured(reached, 1e-9)), *differ)


def nuclear_lower_bound(case: Case) -> Fraction:
    """A rational lower bound of |W^svm|_*: <W, Y> / |Y|_op for a rational Y near its polar factor."""
    left, _, right = np.linalg.svd(floats(svm_or_reduction(case)).reshape(case.problem.dimension, -1))
    y = tuple(Fraction(round(x * 2**40), 2**40) for x in (left @ right).ravel())
    return dot(svm_or_reduction(case), y) / norm_bound("spectral", y, (case.problem.dimension,) * 2)


@conjecture.claim(r"\varrho_*\le\|W^{\mathrm{svm}}\|_*,\text{ strictly for the competing queries}")
def programmes_differ(case: Case) -> All:
    """Weak duality on both sides, in rationals; a rank-one solution serves both norms."""
    best, slack = norm_margin(case.problem, "nuclear"), Fraction(1, 10**6)
    strict = case.problem == competing
    return All(AtMost(best.lower, nuclear_lower_bound(case) + slack), when(strict, lambda: Less(best.upper, nuclear_lower_bound(case))))


@conjecture.step("competing queries", by="weak duality in rationals", scope="one instance", latex=r"\varrho_*<\|W^{\mathrm{svm}}\|_*")
def strictly_smaller() -> Less:
    """A feasible matrix of smaller nuclear norm than any lower bound of W^svm's."""
    case = Case(competing, decompose)
    return Less(norm_margin(competing, "nuclear").upper, nuclear_lower_bound(case))


@conjecture.mutant(of=programmes_differ, latex=r"W^{\mathrm{svm}}\text{ has the least nuclear norm, too}")
def frobenius_serves_both(case: Case) -> AtMost:
    """For the competing queries it is more than 6 % longer."""
    return AtMost(nuclear_lower_bound(case), norm_margin(case.problem, "nuclear").upper + Fraction(1, 10**6))


@conjecture.mutant(of=programmes_differ, latex=r"\varrho_*=\|W^{\mathrm{svm}}\|_F")
def norms_agree(case: Case) -> Equal:
    """Compared as squares: only for solutions of rank one."""
    best = norm_margin(case.problem, "nuclear")
    low, high = best.lower**2, best.upper**2
    return Equal(Interval((low + high) / 2, (high - low) / 2), case.derived.max_margin.squared_norm)
