"""Theorem 4.1 in its safe form: under S and X, training from a diagonal start converges to one explicit point.

The slice is invariant, on it the flow is that of two scalars, and its limit is computed there.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, Equal
from ....language.statements import Case, Theorem, cite
from ....language.statements import clause as says
from ..assumptions import escapes_saddle, exchangeable, sign_symmetric
from ..coincidences import harmonic
from ..named_laws import IndependentLaw
from ..relations import Reaches
from ..simulation import Simulation, simulate
from ..slice import SliceFlow, constants, product_formula
from ..two_variables import Start, limit
from ._instances import anisotropic, anything, gaussian, problem, symmetric, symmetric_golden

BAR = 1e-9

theorem = Theorem(
    label="mesa.gradient-flow-limit",
    title="Training from a diagonal start converges, and to which point",
    source=cite("zheng2024", "Theorem 4.1 (recalled; with assumptions S and X in the place of Assumption 4.1)"),
    setup=r"$u$ invariant under signs (S) and permutations (X) of its coordinates, $a_0+b_0\ne0$, gradient flow on all weights from"
    r" $P=(b_0I,0)$, $Q=\begin{pmatrix}0&0\\a_0I&0\end{pmatrix}$.",
    clauses=(
        says(
            r"The flow converges to $P=(\tilde bI,0)$, $Q_{21}=\tilde aI$, all else zero, with"
            r" $\tilde a\tilde b=s=k_1/(k_2+\tfrac{k_3}{T-2}\sum_t\tfrac1{t-1})$,",
            by=("mesa.slice-invariance", "mesa.two-variable-flow"),
            argued="mesa.two-variable-flow: the logistic equation",
            claims=("product_converges", "matrices_stay_in_the_slice"),
        ),
        says(
            r"$\tilde a=\mathrm{sgn}(a_0+b_0)\sqrt{(\delta+\sqrt{\delta^2+4s^2})/2}$ and $\tilde b=s/\tilde a$, $\delta=a_0^2-b_0^2$.",
            by=("mesa.slice-invariance", "mesa.two-variable-flow"),
            argued="mesa.two-variable-flow: the logistic equation",
            claims=("both_converge",),
        ),
        says(
            r"The loss tends to $L^*=\tfrac d2T'(m_2-k_1s)$.",
            by=("mesa.restricted-loss",),
            argued="continuity of the loss",
            claims=("loss_converges",),
        ),
    ),
    assumptions=(sign_symmetric, exchangeable, escapes_saddle),
    instances=symmetric,
    examples=symmetric_golden,
    simulate=simulate,
)


def theory(case: Case) -> SliceFlow:
    """alpha = T' k1 and beta = T' k2 + H k3 of the first coordinate."""
    found, terms = constants(case.problem.law), case.problem.length - 2
    return SliceFlow(terms * found.fourth[0], terms * found.sixth[0] + harmonic(terms) * found.rows[0])


@theorem.claim(r"\tilde a\tilde b=s")
def product_converges(case: Case, scale: Fraction = Fraction(1)) -> All:
    """The simulated product against the exact rational, which is that of the formula."""
    found, p = constants(case.problem.law), case.problem
    s = product_formula(found.fourth[0], found.sixth[0], found.rows[0], p.length)
    return All(Equal(theory(case).product, s), Reaches([case.trajectory.product], [scale * s], BAR * max(1.0, float(s)), "ab"))


@theorem.claim(r"a\to\tilde a,\ b\to\tilde b")
def both_converge(case: Case, same: bool = False) -> Reaches:
    """Both live blocks, entry by entry at the end of the run."""
    run: Simulation = case.trajectory
    start = Start(abs(case.problem.initial[0]), abs(case.problem.initial[0])) if same else case.problem.start
    target = limit(theory(case), start)
    ends = [x for j in range(case.problem.dimension) for x in (run.right[j, j], run.left[j, j])]
    return Reaches(ends, [target.a, target.b] * case.problem.dimension, BAR * max(1.0, abs(run.left).max(), abs(run.right).max()), "a and b")


@theorem.claim(r"B\in\mathbb RI,\ A\in\mathbb RI")
def matrices_stay_in_the_slice(case: Case) -> Reaches:
    """The largest distance from multiples of the identity along the run."""
    return Reaches([case.trajectory.farthest], [0], BAR, "distance from the slice")


@theorem.claim(r"L\to L^*")
def loss_converges(case: Case, share: Fraction = Fraction(1)) -> Reaches:
    """The loss at the end of the run."""
    found, p, s = constants(case.problem.law), case.problem, theory(case).product
    best = p.dimension * (p.length - 2) * (found.second[0] - share * found.fourth[0] * s) / 2
    return Reaches([case.trajectory.run.losses[-1]], [best], BAR * max(1.0, float(p.length * sum(found.second))), "loss")


unequal = (problem(anisotropic, 4), problem(IndependentLaw("rademacher", (Fraction(2), Fraction(3))), 3))
theorem.mutant(of=product_converges, without=exchangeable, instances=unequal, latex=r"\text{coordinates of different size share one product}")
theorem.mutant(of=matrices_stay_in_the_slice, without=sign_symmetric, instances=anything, latex=r"\text{without symmetry under signs}")
on_the_line = [problem(gaussian(2), 4, (Fraction(1, 2), Fraction(-1, 2))), problem(gaussian(3), 5, (Fraction(-1), Fraction(1)))]
theorem.mutant(of=product_converges, without=escapes_saddle, instances=on_the_line, latex=r"\text{every non-zero start converges to }s")


@theorem.mutant(of=both_converge, latex=r"\tilde a=\tilde b=\sqrt s")
def both_are_equal(case: Case) -> Reaches:
    """Only if |a_0| = |b_0|."""
    return both_converge(case, same=True)


@theorem.mutant(of=loss_converges, latex=r"L\to\tfrac d2T'(m_2-2k_1s)")
def twice_the_gain(case: Case) -> Reaches:
    """The quadratic term pays half of it back."""
    return loss_converges(case, share=Fraction(2))


@theorem.mutant(of=product_converges, latex=r"ab\to2s")
def twice_the_product(case: Case) -> All:
    """A factor that a Wirtinger derivative could suggest."""
    return product_converges(case, scale=Fraction(2))
