"""The flow started from a gradient-descent iterate stays within O(1/K) of gradient descent (foundations, hand-off)."""

from __future__ import annotations

from functools import partial

import numpy as np
import sympy as sp

from ....dynamics import GradientDescent, GradientFlow
from ....language.compared_values import ValuePath
from ....language.relations import Converges, Equal, Rate
from ....language.statements import Case, Proposition, clause, derived
from ....logit.problem import ConditionalLogit
from ....symbolic import Formula
from ._instances import single_pair, three_quarters, weak_pair
from ._optimizers import off_support, one_token

STARTS = (4, 8, 16, 32, 64, 128, 256)
FACTORS = (2, 8)

proposition = Proposition(
    label="foundations.hand-off",
    title="The flow can take over from gradient descent after K steps, with an error of order 1/K",
    source=derived("one step differs from the flow by a term of order 1/k^2; measured"),
    setup=r"Let $w_k$ be gradient descent with $\eta=1/\beta$ from $w_0=0$ and $w(t)$ the gradient flow with $w(\eta"
    r" K)=w_K$.",
    clauses=(
        clause(
            r"$\max_{k=2K,8K}\|w(\eta k)-w_k\|$ decays like $1/K$, the exponent to a tenth.",
            claims=("hand_off",),
        ),
        clause(
            r"Descent and flow that start together from $w_0$ approach each other along $u$, at least like"
            r" $k^{-1/2}$ (but not off the span of the support).",
            claims=("together",),
        ),
    ),
    uses=("foundations.log-time-slope",),
    instances=(single_pair, three_quarters, one_token, weak_pair, off_support),
)


@proposition.step("the error of one step", by="rational normal form", scope="all reals", latex=r"\sum_{k>K}\tfrac1{k(k-1)}=\tfrac1K")
def telescoping() -> Equal:
    """1/(k(k-1)) = 1/(k-1) - 1/k: local errors of order 1/k^2 sum to order 1/K."""
    k = sp.Symbol("k")
    return Equal(Formula(1 / (k * (k - 1))), Formula(1 / (k - 1) - 1 / k))


def descent(logit: ConditionalLogit, steps: int = STARTS[-1] * FACTORS[-1]) -> tuple[dict[int, np.ndarray], float]:
    """Iterates of gradient descent at powers of two, and eta."""
    run = GradientDescent(steps=steps, spacing=2.0)(logit)
    return dict(zip(run.details["steps"].tolist(), run.iterates.values)), run.details["step_size"]


def flowed(logit: ConditionalLogit, start: np.ndarray, time: float) -> np.ndarray:
    """The flow from `start` after a time."""
    run = GradientFlow(log_time=float(np.log(time)), initial=tuple(start.tolist()))(logit)
    return np.asarray(run.iterates.values[-1])


def distances(logit: ConditionalLogit, late: int = 1) -> ValuePath:
    """max over k = 2K, 8K of |w(eta k) - w_k| against log K; `late` = 0 forgets that the clock reads eta K at the start."""
    iterates, eta = descent(logit)
    gaps = [
        max(float(np.linalg.norm(flowed(logit, iterates[start], eta * (f - late) * start) - iterates[f * start])) for f in FACTORS)
        for start in STARTS
    ]
    return ValuePath(np.log(STARTS), np.array(gaps), np.full(len(gaps), 1e-8), "distance of flow and descent")


@proposition.claim(r"\max_{k=2K,8K}\|w(\eta k)-w_k\|\sim K^{-1}\text{, exponent to }0.1")
def hand_off(case: Case, late: int = 1) -> Rate:
    """The distance against log K, K = 4, 8, ..., 256."""
    path = case.problem.remember(("hand-off", late), partial(distances, case.problem, late))
    return Rate(path, 1, 0.1)


@proposition.claim(r"\|w(\eta k)-w_k\|\to0\text{ on the support when both start from }w_0")
def together(case: Case, everywhere: bool = False) -> Converges:
    """Along u, where the two forget the start; `everywhere` compares all of the parameter space."""
    iterates, eta = case.problem.remember("descent from zero", partial(descent, case.problem))
    zero, counts = np.zeros(case.problem.dimension), [4, 16, 64, 256, 1024, 2048]
    gaps = np.array([flowed(case.problem, zero, eta * k) - iterates[k] for k in counts])
    u = np.array([float(x) for x in case.derived.max_margin.direction])
    values = np.linalg.norm(gaps, axis=1) if everywhere else np.abs(gaps @ u) / np.linalg.norm(u)
    return Converges(ValuePath(np.log(counts), values, np.full(len(counts), 1e-8), "distance from a common start"), (0.0,), rate=1)


@proposition.mutant(of=hand_off, latex=r"w(0)=w_K:\ \|w(\eta k)-w_k\|=O(1/K)")
def clock_starts_at_zero(case: Case) -> Rate:
    """The flow is then ahead by the factor k / (k - K) in time: by u log 2 at k = 2K, whatever K."""
    return hand_off(case, late=0)


@proposition.mutant(of=together, latex=r"\|w(\eta k)-w_k\|=O(1/k)\text{ when both start from }w_0")
def same_start(case: Case) -> Converges:
    """A constant difference stays outside the span of the support."""
    return together(case, everywhere=True)
