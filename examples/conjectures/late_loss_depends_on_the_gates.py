"""Without regularisation t * loss has a limit that depends on how the gates end (Q5 on multi-concept prompts)."""

# outcome: holds
# Forced gates m^2 K / (2 N D); sliding (C >= D) m^2 K (C + D) / (2 N C D); one-sided (C < D) 2 m^2 K / (N (C + D)):
# constants that are explicit when gates die.

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Converges, ValuePath
from ntpproofs.papers.multi_concept.flow import late_constant
from ntpproofs.papers.multi_concept.settling import follow
from ntpproofs.papers.multi_concept.stationary import Landscape

NORMS = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2), Fraction(3, 2)])
conjecture = Conjecture(
    label="late-loss-depends-on-the-gates",
    title="The late cross-entropy is const / t, with the constant of the regime in which the gates end",
    instances=st.tuples(st.integers(1, 2), NORMS, NORMS, st.integers(1, 3)),
    expected="holds",
)


@conjecture.claim(r"t\cdot\mathrm{loss}\to\text{the constant of the regime}")
def late_constant_is_reached(case: Case) -> Converges:
    concepts, c, d, alive = case.problem
    land = Landscape(Fraction(1), c, d, Fraction(concepts), 2 * alive, alive)
    run = [(t, state) for t, state in follow(land, 0.5, 0.05, 0.0, 3e7) if t > 10]
    times, (p, u, v) = np.array([t for t, _ in run]), np.array([state for _, state in run]).T
    rho = np.tanh(p**2)
    scaled = times * np.log1p(np.exp(-0.5 * np.minimum(u + rho * v, 2 * rho * v)))
    target = late_constant(2 * alive, concepts, alive, c, d, "sliding" if c >= d else "one-sided")
    return Converges(ValuePath(np.log(times), scaled, 1e-4 * scaled, "t * loss"), (float(target),), rate=Fraction(1, 2))
