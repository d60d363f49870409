"""How fast the slope and the residual settle: t^-q with q read off the multipliers (linear brief, 2-R (v))."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ...assumptions import ntp_separable, orthogonal_embeddings, some_partial_support, strictly_complementary
from ...dynamics import GradientFlow
from ...exact.rational import dot
from ...geometry.asymptotics import asymptotics
from ...problems import LinearNTP
from ...relations import All, Equal, Implies, Rate
from ...statements import Case, Proposition, derived
from ...verdicts import Outcome
from ._golden import golden, separable
from ._losses import Vector, margins, plus, zero
from ._sharp import scalar, weak, weak_with_support

proposition = Proposition(
    label="linear-ntp.relaxation-exponent",
    title="The relaxation exponent of the slope",
    source=derived("asymptotic matching, 2-R (v); measured, not proved"),
    text=r"Without weak pairs the slope reaches $W^{\mathrm{mm}}$ like $t^{-q}$, $q=\min(\mu,m-1)$, with $\mu$ the smallest non-zero eigenvalue of"
    r" $\sum\lambda_{jv}x_{jv}x_{jv}^\top$ (one eigenvalue is $1$, with eigenvector $W^{\mathrm{mm}}$) and $m$ the smallest inactive"
    r" margin. For orthogonal"
    r" embeddings the eigenvalues are $1$ and $s_j/V$, the latter where $V-s_j\ge2$. This is the rate from a general start; symmetric"
    r" starts may be faster. Compatibility is not needed.",
    uses=("foundations.log-time-slope", "linear-ntp.log-time-slope"),
    assumptions=(ntp_separable, some_partial_support, strictly_complementary),
    instances=separable,
    examples=golden,
    simulate=lambda problem: GradientFlow(log_time=100.0, initial=start(problem), records=90)(problem),
)


def start(problem: LinearNTP) -> Vector:
    """A start off every symmetry: from zero, symmetric data do not excite their slowest mode (Ex-Full then shows t^-1 log t)."""
    return tuple(Fraction((5 * k + 1) % 7 - 3, 4) for k in range(len(zero(problem))))


def operator(case: Case, x: Vector, power: int = 1) -> Vector:
    """sum lambda_jv x_jv <x_jv, X>, exact; for X in the diverging subspace."""
    differences, combined = case.derived.problem.differences(), zero(case.problem)
    for pair, y in case.derived.max_margin.multipliers.items():
        combined = plus(combined, differences[pair], y**power * dot(differences[pair], x))
    found: Vector = case.derived.diverging.project(combined)
    return found


@proposition.claim(r"\textstyle\sum\lambda_{jv}x_{jv}\langle x_{jv},W^{\mathrm{mm}}\rangle=W^{\mathrm{mm}}")
def one_is_an_eigenvalue(case: Case, power: int = 1) -> Equal:
    """Exact: every constraint with a multiplier has margin 1, so the sum is W^mm itself."""
    return Equal(operator(case, case.derived.max_margin.direction, power), case.derived.max_margin.direction)


@proposition.claim(r"\text{orthogonal embeddings: }x_{jv}-x_{jv'}=(e_{v'}-e_v)h_j^\top\text{ is an eigenvector for }s_j/V")
def orthogonal_spectrum(case: Case, shift: int = 0) -> Implies:
    """Exact, for the first two tokens off each support that leaves out two."""
    problem, parts = case.problem, []
    for h, support in zip(problem.embeddings, problem.supports):
        off = [v for v in range(problem.vocabulary_size) if v not in support][:2]
        signs = dict(zip(off, (-1, 1)))
        y = tuple(signs.get(v, 0) * x for v in range(problem.vocabulary_size) for x in h)
        share = Fraction(len(support) + shift, problem.vocabulary_size)
        parts += [Equal(operator(case, y), tuple(share * x for x in y))] if len(off) == 2 else []
    orthogonal = orthogonal_embeddings(problem).outcome is Outcome.HOLDS
    return Implies(orthogonal and bool(parts), All(*parts))


def next_exponent(case: Case) -> float:
    """The second smallest rate: eigenvalues of the operator on the active span, and inactive margins less one."""
    predicted = asymptotics(case.derived)
    z = predicted.projected @ predicted.span
    gaps = [float(x) - 1 for x in margins(case.problem, case.derived.max_margin.direction).values() if x > 1]
    rates = [*np.linalg.eigvalsh((z.T * predicted.multipliers) @ z).tolist(), *gaps]
    return float(min((x for x in rates if x > predicted.exponent + 1e-9), default=2.0))


def slow_share(case: Case, index: int) -> float:
    """How much of the slope's error lies in the slowest eigenspace at a record; 1 where the rate is that of an inactive margin."""
    predicted = asymptotics(case.derived)
    z = predicted.projected @ predicted.span
    values, vectors = np.linalg.eigh((z.T * predicted.multipliers) @ z)
    slowest = vectors[:, np.abs(values - predicted.exponent) < 1e-9]
    error = case.trajectory.slope.values[index] - np.array([float(x) for x in case.derived.max_margin.direction])
    return float(np.linalg.norm(error @ predicted.span @ slowest) / np.linalg.norm(error)) if slowest.size else 1.0


@proposition.claim(r"\|\tfrac{d}{d\log t}\mathcal P_\perp W-W^{\mathrm{mm}}\|\approx t^{-q}\ (q<1)")
def slope_relaxes(case: Case, factor: float = 1.0, largest: float = 0.9, excited: bool = True) -> Implies:
    """Where the slowest mode is excited and the next rate is half as large again, after t^-q has passed e^-4.

    5 % of q is allowed for what is left of the next rate; the integrator's errors are below 1e-8, the fit stays above 1e-6.
    """
    path, q = case.trajectory.slope, asymptotics(case.derived).exponent
    errors = path.distance(case.derived.max_margin.direction)
    clear = (errors > 1e-6) & (path.log_times > 4 / max(q, 1e-9))
    # At q = 1 two modes resonate and a factor log t bends the fit, so only smaller exponents are fitted.
    fitted = scalar(path, np.where(clear, errors, 0.0), 1e-8, "distance of the slope from W^mm")
    usable = 0.1 < q < largest and next_exponent(case) > 1.5 * q and int(clear.sum()) >= 8
    if usable and excited:
        usable = slow_share(case, int(clear.argmax())) > 0.3
    return Implies(usable, Rate(fitted, factor * q, 0.05 * q))


@proposition.mutant(of=slope_relaxes, latex=r"t^{-2q}")
def twice_the_exponent(case: Case) -> Implies:
    """The linearisation decides, not its square."""
    return slope_relaxes(case, 2.0)


@proposition.mutant(of=slope_relaxes, latex=r"t^{-1}\text{ whatever the multipliers}")
def always_one(case: Case) -> Implies:
    """Ex-Full: 1/3."""
    return slope_relaxes(case, 1.0 / asymptotics(case.derived).exponent)


@proposition.mutant(of=orthogonal_spectrum, latex=r"(s_j+1)/V\text{ in the place of }s_j/V")
def one_token_more(case: Case) -> Implies:
    """The support is counted, no more."""
    return orthogonal_spectrum(case, shift=1)


@proposition.mutant(of=one_is_an_eigenvalue, latex=r"\textstyle\sum\lambda_{jv}^2\,x_{jv}x_{jv}^\top\text{ has eigenvalue }1")
def squared_multipliers(case: Case) -> Equal:
    """Each multiplier enters once."""
    return one_is_an_eigenvalue(case, power=2)


@proposition.mutant(
    of=slope_relaxes,
    without=strictly_complementary,
    instances=[weak, weak_with_support],
    latex=r"\text{a power of }t"
    r"\text{ with weak pairs, too}",
)
def power_with_weak_pairs(case: Case) -> Implies:
    """The strong pairs alone would give t^-1; the distance decays like 1/log t."""
    return slope_relaxes(case, largest=2.0, excited=False)
