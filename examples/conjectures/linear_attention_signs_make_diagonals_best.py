"""Linear attention, laws symmetric under signs: off-diagonal weights never help, coordinates may differ in size (question Q4)."""

# outcome: holds
# A theorem by now: the first clause of mesa.global-optimality uses the symmetry under signs only.

from ntpproofs import AtMost, Case, Conjecture
from ntpproofs.papers.mesa.tensors import reduced_loss, tensors
from ntpproofs.papers.mesa.theorems._points import diagonal_of, live
from ntpproofs.strategies import autoregressive_laws

conjecture = Conjecture(
    label="signs-make-diagonals-best",
    title="Off-diagonal weights never help under symmetry of signs",
    instances=autoregressive_laws(max_dimension=3, max_length=5, laws="sign-symmetric"),
    expected="holds",
)


@conjecture.claim(r"L(B,A) \ge L(\mathrm{diag}\,B, \mathrm{diag}\,A)")
def diagonal_dominance(case: Case) -> AtMost:
    coefficients = tensors(case.problem.law, case.problem.length)
    left, right = live(case.problem, 3, complex_=True)
    return AtMost(reduced_loss(coefficients, diagonal_of(left), diagonal_of(right)), reduced_loss(coefficients, left, right))
