"""A further embedding coordinate never lengthens the max-margin direction."""

# outcome: holds

from ntpproofs import AtMost, Case, Conjecture, Implies
from ntpproofs.geometry import max_margin, separation
from ntpproofs.problems import LinearNTP
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="more-coordinates-shorten",
    title="A further embedding coordinate never lengthens the max-margin direction",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    expected="holds",
)


@conjecture.claim(r"\text{same separable pairs} \Rightarrow \|u(H)\| \le \|u(H')\|")
def longer_without_a_coordinate(case: Case) -> Implies:
    problem = case.problem
    shorter = LinearNTP([h[:-1] or (0,) for h in problem.embeddings], problem.probabilities, problem.weights)
    same = separation(problem).separable == separation(shorter).separable
    return Implies(same, AtMost(max_margin(problem).squared_norm, max_margin(shorter).squared_norm))
