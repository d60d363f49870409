"""The iterates diverge in the direction of u, at rate 1/log t (foundations, G3 with S4 to S7)."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, Monotone, Path
from ....language.statements import Case, Theorem, derived
from ....logit.assumptions import something_separable
from ._instances import golden, incompatible, logits
from ._margins_only import margins_only

theorem = Theorem(
    label="foundations.direction",
    title="Gradient descent diverges in the max-margin direction",
    source=derived("G3"),
    text=r"If $u\ne0$ then $\|w_k\|\to\infty$ and $w_k/\|w_k\|\to u/\|u\|$; $1-\cos$ decays like $1/\log^2k$, so the limit is read off in log time.",
    uses=("foundations.risk-bound", "foundations.finite-part-limit", "foundations.max-margin"),
    assumptions=(something_separable,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


def unit(vector: object) -> np.ndarray:
    """A vector of any exact kind as a float unit vector; zero stays zero."""
    x = np.array([float(entry) for entry in vector])  # type: ignore[attr-defined]
    return np.asarray(x / (np.linalg.norm(x) or 1.0))


def late(path: Path) -> Path:
    """The records from a hundredth of the last log time on."""
    keep = path.log_times >= path.log_times[-1] / 100
    return Path(path.log_times[keep], path.values[keep], path.errors[keep], path.name)


@theorem.claim(r"w(t)/\|w(t)\|\to u/\|u\|")
def direction_converges(case: Case) -> Converges:
    """The distance halves when log t doubles."""
    return Converges(late(case.trajectory.direction), unit(case.derived.max_margin.direction))


@theorem.claim(r"\|w(t)\|\to\infty")
def norm_grows(case: Case, increasing: bool = True) -> Monotone:
    """The norm increases along the late records."""
    return Monotone(late(case.trajectory.norm), increasing=increasing, strict=True)


@theorem.mutant(of=norm_grows, latex=r"\|w(t)\|\text{ decreases}")
def norm_shrinks(case: Case) -> Monotone:
    """It grows like |u| log t."""
    return norm_grows(case, increasing=False)


@theorem.mutant(of=direction_converges, latex=r"\text{direction of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """Ex-Full: the two directions enclose an angle of 45 degrees."""
    return Converges(late(case.trajectory.direction), unit(margins_only(case)))


@theorem.mutant(of=direction_converges, latex=r"w(t)/\|w(t)\|\to (u + 10^{-2}\|u\| e_1)/\|\cdot\|")
def tilted_direction(case: Case) -> Converges:
    """A direction tilted by one percent is told apart although both have cosine 0.9999 with the iterate."""
    u = np.array([float(x) for x in case.derived.max_margin.direction])
    tilted = u.copy()
    tilted[int(np.abs(u).argmin())] += 0.01 * np.linalg.norm(u)
    return Converges(late(case.trajectory.direction), unit(tilted))


@theorem.mutant(of=direction_converges, without=something_separable, instances=[incompatible], latex=r"w(t)/\|w(t)\|\to u/\|u\|\text{ for }u=0")
def direction_without_separation(case: Case) -> Converges:
    """The iterates converge, and their direction is that of a finite vector."""
    return direction_converges(case)
