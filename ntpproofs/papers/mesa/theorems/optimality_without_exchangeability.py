"""With signs alone, diagonal dominance is a theorem; that training finds the best diagonal is what remains open.

Diagonal dominance is the first clause of mesa.global-optimality, whose proof uses S only: q^2 <= k2_r q' is Cauchy and Schwarz on (u_j^2 u_r)(u_r^3).
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, AtMost, NotExercised
from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..model import Matrix
from ..named_laws import IndependentLaw
from ..simulation import moves, simulate
from ..tensors import reduced_loss, tensors
from ._instances import anisotropic, problem, signed, unequal_columns
from ._points import block, diagonal_of, live

conjecture = Conjecture(
    label="mesa.optimality-without-exchangeability",
    title="Optimality without exchangeability",
    source=derived("an open question"),
    setup=r"Law with S.",
    clauses=(
        says(r"$L(B,A)\ge L(\mathrm{diag}B,\mathrm{diag}A)$.", by=("mesa.global-optimality",), claims=("diagonal_dominance",)),
        says(r"Training from a diagonal start with $a_0+b_0\ne0$ reaches the least loss over diagonal weights.", claims=("no_diagonal_is_better",)),
    ),
    instances=signed,
    examples=[problem(anisotropic, 4), problem(unequal_columns, 4), problem(IndependentLaw("gaussian", (Fraction(1), Fraction(9))), 5)],
)


@conjecture.claim(r"L(B,A)\ge L(\mathrm{diag}B,\mathrm{diag}A)")
def diagonal_dominance(case: Case, reverse: bool = False) -> All:
    """At two full complex points, exactly."""
    p = case.problem
    coefficients = tensors(p.law, p.length)
    pairs = [live(p, seed, complex_=True) for seed in (3, 8)]
    values = [(reduced_loss(coefficients, *map(diagonal_of, pair)), reduced_loss(coefficients, *pair)) for pair in pairs]
    return All(*(AtMost(*(value[::-1] if reverse else value)) for value in values))


@conjecture.claim(r"L(\text{end of training})\le L(\text{diagonal})")
def no_diagonal_is_better(case: Case, factor: Fraction = Fraction(1)) -> All | NotExercised:
    """The rounded end of the run against diagonal points near it and far from it, exactly; rounding costs less than 10^-9."""
    p, d = case.problem, case.problem.dimension
    if not moves(p) or not p.start.escapes:
        return NotExercised("the start flows into the saddle")
    coefficients, run = tensors(p.law, p.length), simulate(p)

    def rounded(entries: list[float]) -> Matrix:
        values = [Fraction(x).limit_denominator(10**6) for x in entries]
        return tuple(tuple(values[i] if i == j else Fraction(0) for j in range(d)) for i in range(d))

    ends = [rounded([float(m[j, j]) for j in range(d)]) for m in (run.left, run.right)]
    reached = factor * reduced_loss(coefficients, *ends)
    parts = []
    for seed in range(2):
        nudge = block(1, d, seed)[0]
        near = [tuple(tuple(x * (1 + nudge[i] / 50) if i == j else x for j, x in enumerate(row)) for i, row in enumerate(m)) for m in ends]
        far = [diagonal_of(m) for m in live(p, seed)]
        parts += [AtMost(reached, reduced_loss(coefficients, *point) + Fraction(1, 10**9)) for point in (near, far)]
    return All(*parts)


@conjecture.mutant(of=no_diagonal_is_better, latex=r"\text{with twice the loss}")
def twice_the_loss(case: Case) -> All | NotExercised:
    """Points near the end have nearly its loss."""
    return no_diagonal_is_better(case, factor=Fraction(2))


@conjecture.mutant(of=diagonal_dominance, latex=r"L(B,A)\le L(\mathrm{diag}B,\mathrm{diag}A)")
def off_diagonals_help(case: Case) -> All:
    """Turned round."""
    return diagonal_dominance(case, reverse=True)
