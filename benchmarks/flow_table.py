"""Error reached against processor seconds: the flow in log time and three usual ways to look for the same limits.

    python benchmarks/flow_table.py                 prints the tables
    python benchmarks/flow_table.py --write         and writes them to docs/guide/flow_table.md and flow_campaign.md
    python benchmarks/flow_table.py --large         adds V = 1000, d = 64, m = 200

Seconds are processor seconds of one thread, so a shared machine disturbs them less. Medians over instances.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import scipy
from instances import gaussian, small_integer
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from ntpproofs.checking.registry import collect
from ntpproofs.dynamics import GradientFlow
from ntpproofs.geometry import decompose
from ntpproofs.language.statements import Case
from ntpproofs.language.verdicts import Outcome
from ntpproofs.logit.step_size import largest_step

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
TABLES, CAMPAIGN = GUIDE / "flow_table.md", GUIDE / "flow_campaign.md"
Row = tuple[float, float, float, float]


class Limits:
    """The certified limits of one instance, and the errors of what a method returns."""

    def __init__(self, problem: Any) -> None:
        self.logit = problem.conditional_logit()
        self.parts = decompose(self.logit)
        self.u = np.array([float(x) for x in self.parts.max_margin.direction])
        self.size = float(np.linalg.norm(self.u))
        self.finite = self.parts.finite_part.array
        self.tied = self.parts.tied.frame
        _ = self.logit.arrays, self.parts.coordinates.log_odds_out

    def row(self, seconds: float, w: np.ndarray, slope: np.ndarray) -> Row:
        """Seconds, then relative slope error, direction error, finite part error."""
        direction = float(np.linalg.norm(w / np.linalg.norm(w) - self.u / self.size))
        finite = float(np.linalg.norm(self.tied @ (self.tied.T @ w) - self.finite))
        return seconds, float(np.linalg.norm(slope - self.u)) / self.size, direction, finite


def flow(log_time: float) -> Callable[[Limits], Row]:
    """Our flow. Its finite part is read where stage 1 integrated it."""

    def run(limits: Limits) -> Row:
        started = process_time()
        found = GradientFlow(log_time=log_time)(limits.logit)
        seconds = process_time() - started
        slope, direction = found.slope.distance(limits.u)[-1] / limits.size, found.direction.distance(limits.u / limits.size)[-1]
        return seconds, float(slope), float(direction), float(found.finite_part.distance(limits.finite)[-1])

    return run


def descent(steps: int) -> Callable[[Limits], Row]:
    """Plain gradient descent, one vectorised step at a time; the slope is the increment over the last halving of time."""

    def run(limits: Limits) -> Row:
        logit, eta = limits.logit, float(largest_step(limits.logit))
        h, target, weights = logit.arrays.right[logit.arrays.right_index], logit.arrays.target, logit.arrays.weights[:, None]
        w = half = np.zeros(logit.shape)
        started = process_time()
        for k in range(steps):
            p = np.exp(h @ w.T)
            w = w - eta * ((weights * p / p.sum(axis=1, keepdims=True) - target).T @ h)
            if k == steps // 2 - 1:
                half = w
        return limits.row(process_time() - started, w.ravel(), (w - half).ravel() / np.log(2))

    return run


def ridge(smallest: float) -> Callable[[Limits], Row]:
    """L-BFGS along the ridge path mu = 1, 1/10, ..., smallest; the slope is the increment over the last decade."""

    def run(limits: Limits) -> Row:
        w = before = np.zeros(limits.logit.dimension)
        started = process_time()
        for mu in 10.0 ** -np.arange(0.0, -np.log10(smallest) + 0.5):

            def objective(x: np.ndarray, mu: float = mu) -> tuple[float, np.ndarray]:
                return limits.logit.loss(x) + mu / 2 * float(x @ x), limits.logit.gradient(x) + mu * x

            before, w = w, minimize(objective, w, jac=True, method="L-BFGS-B", options={"maxiter": 20_000, "ftol": 0, "gtol": 1e-14}).x
        return limits.row(process_time() - started, w, (w - before) / np.log(10))

    return run


def plain_ode(end: float) -> Callable[[Limits], Row]:
    """dw/dt = -grad L by LSODA in t itself, with the analytic Jacobian; the slope is t dw/dt."""

    def run(limits: Limits) -> Row:
        logit = limits.logit
        started = process_time()
        found = solve_ivp(
            lambda t, w: -logit.gradient(w), (0.0, end), np.zeros(logit.dimension), method="LSODA", jac=lambda t, w: -logit.hessian(w),
            rtol=1e-8, atol=1e-10,
        )  # fmt: skip
        w = found.y[:, -1]
        slope = -end * logit.gradient(w)
        return limits.row(process_time() - started, w, slope - limits.tied @ (limits.tied.T @ slope))

    return run


METHODS: list[tuple[str, Callable[[Limits], Row], int]] = [
    *((f"flow to log t = {s:g}", flow(s), 20) for s in (28.0, 1e4, 1e6)),
    *((f"gradient descent, {k:,} steps", descent(k), n) for k, n in ((1_000, 20), (10_000, 20), (100_000, 20), (1_000_000, 3))),
    *((f"L-BFGS, ridge path to {mu:g}", ridge(mu), 20) for mu in (1e-4, 1e-8, 1e-12)),
    *((f"solve_ivp in t to {t:g}", plain_ode(t), n) for t, n in ((1e3, 20), (1e6, 20), (1e9, 20))),
]


def medians(rows: Iterable[Row]) -> np.ndarray:
    """Columnwise medians."""
    return np.median(np.array(list(rows)), axis=0)


def methods_table() -> list[str]:
    """Error against seconds, V = 6, d = 5, m = 5, supports of 2."""
    instances = [Limits(gaussian(6, 5, 5, 2, seed)) for seed in range(20)]
    flow(30.0)(instances[0])
    lines = ["| method | instances | seconds | slope error | direction error | finite part error |", "|---|---|---|---|---|---|"]
    for name, method, count in METHODS:
        found = medians(method(instance) for instance in instances[:count])
        lines.append(f"| {name} | {count} | {found[0]:.3g} | {found[1]:.1e} | {found[2]:.1e} | {found[3]:.1e} |")
    return lines


SIZES = [
    (6, 5, 5, 2, 1e2, 20), (6, 5, 5, 2, 1e4, 20), (6, 5, 5, 2, 1e6, 20), (6, 5, 5, 2, 1e8, 20), (12, 5, 5, 2, 1e6, 5), (24, 5, 5, 2, 1e6, 3),
    (24, 10, 5, 2, 1e6, 3), (24, 10, 10, 2, 1e6, 3), (50, 32, 24, 5, 1e4, 3), (50, 32, 24, 5, 1e6, 3), (200, 64, 60, 5, 1e6, 1),
]  # fmt: skip


def growth_table(large: bool) -> list[str]:
    """Cost against V, d, m and s, with the bound of the run itself and the KKT residual of the structured route."""
    lines = ["| V | d | m | support | log t | instances | seconds, median | seconds, worst | slope error bound, worst | KKT residual, worst |"]
    lines.append("|---|---|---|---|---|---|---|---|---|---|")
    for v, d, m, support, s, count in [*SIZES, *([(1000, 64, 200, 5, 1e4, 1)] if large else [])]:
        seconds, bounds, residuals = [], [], []
        for seed in range(count):
            logit = gaussian(v, d, m, support, seed).conditional_logit()
            if m * (v - 1) <= 2_000:
                Limits(logit)
            started = process_time()
            run = GradientFlow(log_time=s)(logit)
            seconds.append(process_time() - started)
            bounds.append(np.nan if run.slope_error_bound is None else run.slope_error_bound)
            residuals.append(run.details.get("kkt residual", np.nan))
        worst = [f"{max(x):.1e}" if np.isfinite(x).all() else "-" for x in (bounds, residuals)]
        lines.append(f"| {v} | {d} | {m} | {support} | {s:g} | {count} | {np.median(seconds):.3g} | {max(seconds):.3g} | {worst[0]} | {worst[1]} |")
    return lines


# The laws a run of the flow is compared with on every instance of the campaign that satisfies their assumptions.
LAWS = ("finite-part-limit", "direction", "log-time-slope", "residual", "degenerate-drift", "finite-part-coefficient", "risk-constant")


registry = cache(collect)


def laws(problem: Any, run: Any) -> Counter[str]:
    """The outcomes of the registered claims about limits of the flow on one run."""
    found: Counter[str] = Counter()
    case = Case(problem, decompose, lambda _: run)
    for law in LAWS:
        statement = registry()[f"foundations.{law}"]
        if all(assumption(problem).outcome is Outcome.HOLDS for assumption in statement.assumptions):
            for claim in statement.claims:
                verdict = claim.function(case).decide()
                found[verdict.outcome.value] += 1
                if verdict.outcome is not Outcome.HOLDS:
                    print(f"  {law}.{claim.name}: {verdict.outcome.value}, {verdict.detail}", file=sys.stderr)
    return found


def campaign(count: int, first: int = 0) -> list[str]:
    """Small-integer instances of every class to log t = 10^6: failures, absent bounds, bounds below the true error, laws."""
    failures, absent, below, refused, seconds, kinds, weak = 0, 0, 0, 0, [], dict.fromkeys(("overlap", "quasi-complete", "complete"), 0), 0
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + count):
        problem = small_integer(seed)
        parts = decompose(problem)
        u = parts.max_margin.direction
        kinds[parts.separation.kind] += 1
        weak += not parts.max_margin.strictly_complementary
        _ = parts.coordinates.finite_part
        initial = tuple(3 * np.random.default_rng(seed).normal(size=problem.dimension)) if seed % 3 == 0 else None
        started = process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            run = GradientFlow(log_time=1e6, initial=initial)(problem)
        seconds.append(process_time() - started)
        failures += any("stopped early" in note or "not at rest" in note for note in run.notes)
        refused += bool(run.details["reference refused"])
        squared = sum((Fraction(float(a)) - b) ** 2 for a, b in zip(run.slopes[-1], u, strict=True))
        absent += run.slope_error_bound is None
        below += run.slope_error_bound is not None and Fraction(run.slope_error_bound) ** 2 < squared  # exact, no rounding
        outcomes += laws(problem, run)
    classes = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    return [
        f"{count} small-integer instances, seeds {first} to {first + count - 1} ({classes}; {weak} with weak pairs; "
        f"every third from a normal start of scale 3) to log t = 1e6, warnings as errors: "
        f"{failures} failures, {refused} references refused, {absent} without an error bound, {below} bounds below the true error; "
        f"{np.median(seconds):.3g} s median, {max(seconds):.3g} s worst.",
        f"On the same runs the registered claims about limits ({', '.join(LAWS)}) wherever their assumptions hold: "
        f"{outcomes['holds']} hold, {outcomes['refuted']} refuted, {outcomes['inconclusive']} inconclusive.",
    ]


def main() -> None:
    """Measure and print; write the pages with `--write`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write docs/guide/flow_table.md and docs/guide/flow_campaign.md")
    parser.add_argument("--large", action="store_true", help="add V = 1000, d = 64, m = 200 (minutes)")
    parser.add_argument("--campaign", type=int, default=1000, help="number of small-integer instances")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first of them")
    parser.add_argument("--only", choices=["tables", "campaign"], help="measure one of the two pages")
    options = parser.parse_args()
    machine = f"{os.cpu_count()} cores (shared with other work), one thread used, {platform.machine()}"
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    head = (
        f"*Measured {date.today().isoformat()} on {machine}; {versions}. Generated by `python benchmarks/flow_table.py --write`; processor seconds.*"
    )
    if options.only != "campaign":
        size = "**Error reached against seconds** (V = 6, d = 5, m = 5, supports of 2; medians; slope error relative to |u|)"
        parts = [[head], [size], methods_table(), ["**Cost against size and time**"], growth_table(options.large)]
        publish(["\n".join(part) for part in parts], TABLES, options.write)
    if options.only != "tables":
        publish([head, *campaign(options.campaign, options.first_seed)], CAMPAIGN, options.write)


def publish(paragraphs: list[str], target: Path, write: bool) -> None:
    """Print a page, and write it where asked."""
    text = "\n\n".join(paragraphs) + "\n"
    print(text, flush=True)
    if write:
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
