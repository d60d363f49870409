"""Ridge and ball solutions share both limits with gradient descent (foundations, section 3, last paragraph)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import RegularizationPath
from ....exact.balls import PRECISION, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, Converges, Equal, Less, Monotone
from ....language.statements import Case, Theorem, derived
from ....logit.assumptions import something_separable
from ....logit.enclosures import softmax_balls
from ....symbolic import Formula
from ._instances import golden, logits
from .direction import unit
from .split_identity import point

theorem = Theorem(
    label="foundations.regularization-path",
    title="The regularisation path has the same limits",
    source=derived("section 3; the comparison argument: Ji, Dudik, Schapire and Telgarsky 2020"),
    text=r"For $u\ne0$, $w_\mu=\arg\min L+\tfrac\mu2\|w\|^2$ satisfies $P_Tw_\mu\to w^*$ and $w_\mu/\|w_\mu\|\to u/\|u\|$ as $\mu\downarrow0$,"
    r" with direction error $O(1/\|w_\mu\|)$; every ridge solution is the ball solution of its norm.",
    uses=("foundations.split-identity", "foundations.finite-part", "foundations.max-margin"),
    assumptions=(something_separable,),
    instances=logits(),
    examples=golden,
    simulate=RegularizationPath(),
)


@theorem.step("comparison with w* + R u", by="rational normal form", scope="all reals", latex=r"\|w^*+Ru\|^2=\|w^*\|^2+R^2\|u\|^2")
def comparison_step() -> Equal:
    """Coordinatewise, with the cross term 2 R <w*, u> = 0: w* lies in T and u in M."""
    w, u, r = sp.symbols("w u R")
    return Equal(Formula((w + r * u) ** 2 - 2 * r * w * u), Formula(w**2 + r**2 * u**2))


@theorem.claim(r"P_Tw_\mu\to w^*")
def tied_part_converges(case: Case, scale: float = 1.0) -> Converges:
    """At a rate close to mu."""
    target = scale * case.derived.finite_part.array
    return Converges(case.trajectory.finite_part, target, rate=0.8)


@theorem.claim(r"\|w_\mu\|\to\infty,\ \langle w_\mu,u\rangle/(\|w_\mu\|\|u\|)\text{ increases to }1")
def direction_converges(case: Case, tilt: float = 0.0) -> All:
    """The distance to u/|u| times the norm stays bounded: it shrinks along the path."""
    u = np.array([float(x) for x in case.derived.max_margin.direction])
    tilted = u.copy()
    tilted[int(np.abs(u).argmin())] += tilt * np.linalg.norm(u)
    return All(Converges(case.trajectory.direction, unit(tilted)), Monotone(case.trajectory.norm, increasing=True))


@theorem.claim(r"\langle-\nabla L(w),u\rangle>0\text{ for every }w\ (\Rightarrow\text{ball solutions lie on the sphere})")
def gradient_points_along_u(case: Case) -> Less:
    """The inner product is sum a p <u, d> over separable pairs; enclosed at two rational points."""
    u, values = case.derived.max_margin.direction, []
    with ctx.workprec(PRECISION):
        for w in (point(case), tuple(-x for x in point(case))):
            total = arb(0)
            for b, (block, p) in enumerate(zip(case.problem.data.blocks, softmax_balls(case.problem, w))):
                label = dot(case.problem.feature(b, min(block.labels)), u)
                for v in set(p) - case.derived.separation.tied_sets[b]:
                    total += exact_arb(block.weight * (label - dot(case.problem.feature(b, v), u))) * p[v]
            values.append(interval(total))
    return Less((Fraction(0), Fraction(0)), tuple(values))


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw_\mu\to(1+10^{-3})w^*")
def slightly_larger_limit(case: Case) -> Converges:
    """A limit off by one part in a thousand stalls."""
    return tied_part_converges(case, 1.001)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction is the opposite one}")
def opposite_direction(case: Case) -> Converges:
    """A sign error never converges."""
    return Converges(case.trajectory.slope, [-float(x) for x in case.derived.max_margin.direction], rate=0.3)


@theorem.mutant(of=gradient_points_along_u, without=something_separable, latex=r"\text{ball solutions always lie on the sphere}")
def spheres_without_separation(case: Case) -> Less:
    """In the overlap class u = 0 and a large ball contains the minimiser."""
    return gradient_points_along_u(case)
