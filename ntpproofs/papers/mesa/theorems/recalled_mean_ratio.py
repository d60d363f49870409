"""Failure on Gaussian starts stated through the mean ratio: the mean is an average, exact at every length, and is not the error."""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import Equal, Less
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..slice import constants, product_formula
from ._instances import gaussian, problem
from .gaussian_prediction import gaussians

erratum = Erratum(
    label="mesa.recalled-mean-ratio",
    title="The mean ratio does not measure the error of a Gaussian start",
    source=cite("zheng2024", "Proposition 4.1 (recalled wording; a flag, not a quotation)"),
    setup=r"$u\sim N(0,\sigma^2I)$, $ab=s$, relative error $E_t=\mathbb E\|\hat y_t-x_{t+1}\|^2/\mathbb E\|x_{t+1}\|^2$ at position $t$,"
    r" mean ratio $\rho=s\sigma^2$.",
    clauses=(
        says(r"Read as $\hat y\approx\rho x$ it would say $E_t=(1-\rho)^2$, which is false at every $t$.", witness=("error_is_that_of_the_mean",)),
        says(
            r"In fact $E_t=(1-3\rho)^2+6\rho^2+3(d-1)\rho^2/(t-1)$, the first terms from $\mathbb Eu^4$ and $\mathbb Eu^6$;",
            claims=("error_with_its_variance",),
        ),
        says(r"and the error is smaller than that of $\rho x$.", claims=("smaller_than_that_of_the_mean",)),
    ),
    uses=("mesa.gaussian-prediction",),
    instances=gaussians,
    examples=[problem(gaussian(2), 30), problem(gaussian(3), 12), problem(gaussian(1), 5)],
)


def product(case: Case) -> Fraction:
    """s."""
    found, p = constants(case.problem.law), case.problem
    return product_formula(found.fourth[0], found.sixth[0], found.rows[0], p.length)


def error(case: Case) -> Fraction:
    """E_t at the last position: 1 - 2 s k1/m2 + s^2 (k2 + k3/(t-1))/m2."""
    found, s = constants(case.problem.law), product(case)
    return 1 - 2 * s * found.fourth[0] / found.second[0] + s * s * (found.sixth[0] + found.rows[0] / (case.problem.length - 2)) / found.second[0]


def mean(case: Case) -> Fraction:
    """rho."""
    return product(case) * constants(case.problem.law).second[0]


@erratum.claim(r"E_t=(1-\rho)^2", expected="refuted")
def error_is_that_of_the_mean(case: Case) -> Equal:
    """Refuted on every instance."""
    return Equal(error(case), (1 - mean(case)) ** 2)


@erratum.claim(r"E_t=(1-3\rho)^2+6\rho^2+3(d-1)\rho^2/(t-1)")
def error_with_its_variance(case: Case, six: int = 6) -> Equal:
    """15 = 9 + 6 is E u^6 / sigma^6."""
    rho, t = mean(case), case.problem.length - 1
    return Equal(error(case), (1 - 3 * rho) ** 2 + six * rho**2 + 3 * (case.problem.dimension - 1) * rho**2 / (t - 1))


@erratum.claim(r"E_t<(1-\rho)^2")
def smaller_than_that_of_the_mean(case: Case, reverse: bool = False) -> Less:
    """2/5 against 16/25 for long training and context; already at T = 3."""
    x, y = error(case), (1 - mean(case)) ** 2
    return Less(y, x) if reverse else Less(x, y)


@erratum.mutant(of=error_with_its_variance, latex=r"\text{without the sixth moment}")
def no_excess(case: Case) -> Equal:
    """Isserlis: 15, not 9."""
    return error_with_its_variance(case, six=0)


@erratum.mutant(of=smaller_than_that_of_the_mean, latex=r"E_t>(1-\rho)^2")
def larger(case: Case) -> Less:
    """Turned round."""
    return smaller_than_that_of_the_mean(case, reverse=True)
