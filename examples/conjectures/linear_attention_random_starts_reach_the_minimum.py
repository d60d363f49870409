"""Linear attention, symmetric laws: random complex weights train to the global minimum (question Q1)."""

# outcome: holds

from fractions import Fraction

from ntpproofs import Case, Conjecture
from ntpproofs.papers.mesa.relations import Reaches
from ntpproofs.papers.mesa.slice import constants, slice_flow
from ntpproofs.papers.mesa.starts import random_run
from ntpproofs.strategies import autoregressive_laws

conjecture = Conjecture(
    label="random-starts-reach-the-minimum",
    title="Linear attention trained from random weights reaches the global minimum",
    instances=autoregressive_laws(max_dimension=2, max_length=4, laws="symmetric"),
    expected="holds",
)


@conjecture.claim(r"L \to L^*")
def global_minimum(case: Case) -> Reaches:
    problem, found = case.problem, constants(case.problem.law)
    product, terms = slice_flow(problem.law, problem.length).product, problem.length - 2
    best = terms * sum((m2 - k1 * product for m2, k1 in zip(found.second, found.fourth)), Fraction(0)) / 2
    return Reaches([random_run(problem, 7).losses[-1]], [best], 1e-6 * terms * float(sum(found.second)), "loss")
