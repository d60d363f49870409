"""Random multi-concept problems: what `limit` predicts against the recursion run step by step, until the time is up.

python benchmarks/multi_concept_campaign.py [--seconds 60] [--seed 5]

Prints every problem on which beta or F differ by more than two per cent, and how many were tried. A start that passes the ghost of a
saddle-node slowly is run four times longer before it counts. Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from fractions import Fraction
from random import Random

from ntpproofs.papers.multi_concept.forecast import Forecast, forecast
from ntpproofs.papers.multi_concept.problem import MultiConcept


def recursion(problem: MultiConcept, size: float, horizon: float) -> tuple[float, float]:
    """(beta, F) after descent with equal alive neurons, in plain Python: S5 once more, with a tenth of the time at a twentieth of the step."""
    b, c, d, lam, flips = (float(x) for x in (problem.b, problem.c, problem.d, problem.regularisation, problem.flips))
    k, m, a = problem.concepts, problem.neurons, (problem.alive or 0) / problem.neurons
    p, u, v = float(problem.initial_scale), float(problem.initial_gate), float(problem.initial_lift)
    for eta, count in ((size, int(horizon / size)), (size / 20, int(2 * horizon / size))):
        keep = 1 - eta * lam
        for _ in range(count):
            rho = math.tanh(p * p * b)
            up, down = u + rho * v, u - rho * v
            plus, minus = up > 0, down > 0
            margin = a * ((up if plus else 0.0) - (down if minus else 0.0))
            g, both = 1 / (1 + math.exp(min(margin, 700.0))) - flips, plus + minus
            p, u, v = (
                keep * p + eta / k * g * (1 - rho * rho) * a * v * both * b * p,
                keep * u + eta * g * c * (plus - minus) / (2 * m * k),
                keep * v + eta * g * rho * d * both / (2 * m * k),
            )
    rho = math.tanh(p * p * b)
    return p * p * b, a * (max(u + rho * v, 0.0) - max(u - rho * v, 0.0))


def random_problem(draw: Random) -> MultiConcept:
    """A problem with norms between .05 and 4, up to 80 neurons and starts on both sides of zero."""
    m = 2 * draw.randint(1, 40)
    return MultiConcept(
        draw.randint(1, 8), Fraction(draw.randint(1, 40), 10), Fraction(draw.randint(1, 40), 20), Fraction(draw.randint(1, 40), 10), m,
        Fraction(1, draw.choice((20, 50, 100, 200, 400, 800))), Fraction(draw.randint(1, 30), 15), draw.randint(max(1, m // 4), m // 2),
        flips=draw.choice((Fraction(0),) * 3 + (Fraction(1, 10), Fraction(3, 10))),
        initial_gate=Fraction(draw.randint(1, 20), 40), initial_lift=Fraction(draw.randint(-4, 12), 40),
    )  # fmt: skip


def agrees(problem: MultiConcept, found: Forecast, times: float) -> bool:
    """Whether beta and F at time `times` / lambda are as predicted."""
    if found.beta is None or found.margin is None:
        return False
    lam = float(problem.regularisation)
    pairs = zip(recursion(problem, min(0.3, 0.02 / lam), times / lam), (float(found.beta), float(found.margin)))
    return all(abs(x - y) < 0.02 * (1 + y) for x, y in pairs)


def main() -> None:
    """Draw until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=5)
    chosen = parser.parse_args()
    draw, end, tried, different = Random(chosen.seed), time.time() + chosen.seconds, 0, 0
    while time.time() < end:
        problem = random_problem(draw)
        found, tried = forecast(problem), tried + 1
        if not agrees(problem, found, 25) and not agrees(problem, found, 100):
            different += 1
            print(problem, found.regime)
    print(f"{tried} problems, {different} differ")
    sys.exit(int(different > 0))


if __name__ == "__main__":
    main()
