"""The minimiser is not unique: phases conjugate the learned step, and on diagonals the loss sees three quantities only.

On diagonal B and A the prediction is (yhat_t)_j = B_jj sum_p (S_t)_jp A_pp x_p, so E|yhat_j|^2 is sum over p of |B_jj A_pp|^2 times moments, and
only Re(B_jj A_jj) meets the target.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import Equal, Less
from ....language.statements import Case, Proposition, derived
from ....language.statements import clause as says
from ..assumptions import uniform_diagonal
from ..gaussian import Gaussian
from ..model import Matrix
from ..patterns import AtAllSizes, moment_key, pairs_sum, plus, polynomial
from ..slice import slice_flow
from ..tensors import reduced_loss, tensors
from ._instances import anything, golden

# Unit phases with rational coordinates, from Pythagorean triples, and a sign.
PHASES = (Gaussian(Fraction(3, 5), Fraction(4, 5)), Gaussian(Fraction(5, 13), Fraction(-12, 13)), Gaussian(Fraction(-1)))

theorem = Proposition(
    label="mesa.minimiser-orbit",
    title="Minimisers come in orbits under phases",
    source=derived("the loss on diagonal weights"),
    setup=r"Any law for which all coordinates obey one equation on the slice; $F=\mathrm{diag}(e^{i\varphi_1},\dots,e^{i\varphi_d})$, $ab=s$.",
    clauses=(
        says(
            r"On diagonal $B$, $A$ the loss depends on $|B_{jj}|$, $|A_{rr}|$ and $\mathrm{Re}(B_{jj}A_{jj})$ only.",
            steps=("only_moduli_in_the_second_moment",),
            by=("mesa.character-calculus",),
            claims=("orbit_has_one_loss",),
        ),
        says(
            r"Under S and X, $B=bF$, $A=aF^*$ has the minimal loss too: $\hat y_t=s\,FS_tF^*x_t$, a step conjugated by phases.",
            by=("mesa.global-optimality",),
            argued="the first clause",
            claims=("orbit_has_one_loss",),
        ),
        says(
            r"$B=bF$, $A=aF$ is not minimal unless $F^2=I$.",
            argued="Re(B_jj A_jj) = s cos(2 phi_j) < s",
            claims=("conjugation_is_needed",),
        ),
    ),
    assumptions=(uniform_diagonal,),
    instances=anything,
    examples=golden,
)


@theorem.step("cross terms of a diagonal prediction", by="patterns of equal indices", scope="all d, T",
              latex=r"\mathbb E(B_{jj}S_{jp}A_{pp}x_p)\overline{(B_{jj}S_{jr}A_{rr}x_r)}=0,\ p\ne r")  # fmt: skip
def only_moduli_in_the_second_moment() -> AtAllSizes:
    """Features (j, p, p) and (j, r, r) with p != r: j = 0 among them or not; no coincidence in any case."""
    pairs = [((0, 1, 1), (0, 2, 2)), ((0, 0, 0), (0, 1, 1)), ((0, 1, 1), (0, 0, 0))]
    found = {moment_key((), (i,), 3): polynomial(0, 0, 0) for i in range(3)}
    for i, (f, g) in enumerate(pairs):
        for count in pairs_sum(3, 0, lambda f=f, g=g: (f, g)).values():
            key = moment_key((), (i,), 3)
            found[key] = plus(found[key], count)
    return AtAllSizes(found, {})


def rotated(case: Case, conjugate: bool, scale: Fraction = Fraction(1)) -> tuple[Matrix, Matrix]:
    """B = F, A = s F^* (or s F), with b = 1 and a = s."""
    d, s = case.problem.dimension, slice_flow(case.problem.law, case.problem.length).product
    phases = [PHASES[j % len(PHASES)] for j in range(d)]

    def diagonal(values: list[Gaussian]) -> Matrix:
        return tuple(tuple(values[i] if i == j else Fraction(0) for j in range(d)) for i in range(d))

    return diagonal(phases), diagonal([scale * s * (z.conjugate() if conjugate else z) for z in phases])


def least(case: Case) -> Fraction:
    """The loss at B = I, A = sI."""
    d, p = case.problem.dimension, case.problem
    s = slice_flow(p.law, p.length).product

    def multiple(x: Fraction) -> Matrix:
        return tuple(tuple(x if i == j else Fraction(0) for j in range(d)) for i in range(d))

    return reduced_loss(tensors(p.law, p.length), multiple(Fraction(1)), multiple(s))


@theorem.claim(r"L(bF,aF^*)=L^*")
def orbit_has_one_loss(case: Case, conjugate: bool = True, scale: Fraction = Fraction(1)) -> Equal:
    """Exactly, with phases (3+4i)/5, (5-12i)/13 and -1."""
    p = case.problem
    return Equal(reduced_loss(tensors(p.law, p.length), *rotated(case, conjugate, scale)), least(case))


@theorem.claim(r"L(bF,aF)>L^*")
def conjugation_is_needed(case: Case, conjugate: bool = False) -> Less:
    """With the same phases."""
    p = case.problem
    return Less(least(case), reduced_loss(tensors(p.law, p.length), *rotated(case, conjugate)))


@theorem.mutant(of=orbit_has_one_loss, latex=r"L(bF,aF)=L^*")
def without_conjugation(case: Case) -> Equal:
    """The phases must cancel in B_jj A_jj."""
    return orbit_has_one_loss(case, conjugate=False)


@theorem.mutant(of=orbit_has_one_loss, latex=r"L(bF,2aF^*)=L^*")
def with_another_scale(case: Case) -> Equal:
    """The product ab is fixed."""
    return orbit_has_one_loss(case, scale=Fraction(2))


@theorem.mutant(of=conjugation_is_needed, latex=r"\text{the minimiser is unique up to }(b,a)\to(cb,a/c)")
def unique_up_to_scaling(case: Case) -> Less:
    """F and F^* give the same loss."""
    return conjugation_is_needed(case, conjugate=True)


@theorem.mutant(of=orbit_has_one_loss, without=uniform_diagonal, instances=[*golden], latex=r"ab=\alpha_1/\beta_1\text{ is the best product}")
def without_one_equation(case: Case) -> Equal:
    """With the product of the first coordinate the point B = F, A = sF^* is not stationary in s."""
    p, d = case.problem, case.problem.dimension
    flow, coefficients = slice_flow(p.law, p.length), tensors(p.law, p.length)
    return Equal(sum((coefficients.linear[j, (j, j, j)] for j in range(d)), Fraction(0)), d * flow.alpha)
