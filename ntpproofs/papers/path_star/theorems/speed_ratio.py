"""Hops and cheat together: the toy fails only if the cheat is faster.

The first hop is learned at equal speeds, long before the escape time after the cheat. How the time grows with kappa^2 is open;
the table is in the guide. Integration in floats, limits of trajectories only.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....language.compared_values import ValuePath
from ....language.relations import Converges, Less
from ....language.statements import Case, Conjecture, clause, derived
from ..toy import Toy, first_hop_path

conjecture = Conjecture(
    "path-star.speed-ratio",
    "Trained together with the cheat at equal speed, the hops are learned",
    derived("integration of the toy"),
    setup=r"The multiplicative toy; $\alpha'=-\kappa^2\partial_\alpha L$, $\theta'=-\partial_\theta L$, $\alpha(0)=0$, $\theta_i(0)=\varepsilon$.",
    clauses=(
        clause(r"$\kappa=1$: $P(\text{first hop})\to1$.", claims=("learned_together",)),
        clause(
            r"The first hop is likelier than $0.9$ before a tenth of the escape time after the cheat.",
            claims=("long_before_the_escape",),
        ),
    ),
    uses=("path-star.multiplicative-toy",),
    examples=(Toy(2, 7), Toy(2, 6), Toy(3, 7, start=Fraction(1, 50)), Toy(2, 7, Fraction(5), Fraction(1, 20))),
    expected="holds",
)


def first_hop(toy: Toy) -> ValuePath:
    """P(first hop) against log t, with its error bar."""
    times, values, error = first_hop_path(toy)
    return ValuePath(np.log(times), values[:, None], np.full(len(times), error), "P(first hop)")


@conjecture.claim(r"P(\text{first hop})\to1,\ \kappa=1")
def learned_together(case: Case, limit: Fraction = Fraction(1)) -> Converges:
    """By integration, up to the time 3000."""
    return Converges(first_hop(case.problem), [float(limit)])


@conjecture.claim(r"T_{\kappa=1}<\tfrac1{10}T_{\text{post-cheat}}")
def long_before_the_escape(case: Case, share: int = 10) -> Less:
    """The integrated time against the enclosed one."""
    toy: Toy = case.problem
    path = first_hop(toy)
    reached = float(np.exp(path.log_times[np.flatnonzero(path.values[:, 0] > 0.9)[0]]))
    escape = float(toy.escape_integral(Fraction(float(toy.target_strength(Fraction(9, 10)).mid()))))
    return Less(reached, escape / share)


@conjecture.mutant(of=learned_together, latex=r"P(\text{first hop})\to1/d,\ \kappa=1")
def always_exponentially_slow(case: Case) -> Converges:
    """M22: at equal speed the hops are learned before the cheat hides them."""
    return learned_together(case, limit=Fraction(1, case.problem.arms))


@conjecture.mutant(of=learned_together, latex=r"P(\text{first hop})\to0.9")
def stops_at_nine_tenths(case: Case) -> Converges:
    """It goes on to 1."""
    return learned_together(case, limit=Fraction(9, 10))
