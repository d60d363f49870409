"""Linear attention, symmetric laws: random complex weights train to the global minimum (question Q1)."""

# outcome: holds

from fractions import Fraction

from ntpproofs import Case, Conjecture
from ntpproofs.papers.mesa.laws import AtomLaw, symmetrised
from ntpproofs.papers.mesa.named_laws import IndependentLaw
from ntpproofs.papers.mesa.problem import LinearAttentionAR
from ntpproofs.papers.mesa.relations import Reaches
from ntpproofs.papers.mesa.slice import constants, slice_flow
from ntpproofs.papers.mesa.starts import random_run

laws = [IndependentLaw(name, (Fraction(1),) * 2) for name in ("gaussian", "complex-gaussian", "rademacher", "uniform", "laplace")]
laws += [symmetrised(AtomLaw(atoms)) for atoms in ([[1, 2]], [[3, 0], [0, 0], [3, 3]], [[1, 0], [2, 1]])]

conjecture = Conjecture(
    label="random-starts-reach-the-minimum",
    title="Linear attention trained from random weights reaches the global minimum",
    instances=[LinearAttentionAR(2, length, law) for law in laws for length in (3, 4)],
    expected="holds",
)


@conjecture.claim(r"L \to L^*")
def global_minimum(case: Case) -> Reaches:
    problem, found = case.problem, constants(case.problem.law)
    product, terms = slice_flow(problem.law, problem.length).product, problem.length - 2
    best = terms * sum((m2 - k1 * product for m2, k1 in zip(found.second, found.fourth)), Fraction(0)) / 2
    return Reaches([random_run(problem, 7).losses[-1]], [best], 1e-6 * terms * float(sum(found.second)), "loss")
