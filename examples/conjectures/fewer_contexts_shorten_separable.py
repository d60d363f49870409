"""With NTP-separable data forgetting a context never lengthens the max-margin direction."""

# outcome: holds

from ntpproofs import AtMost, Case, Conjecture, Implies
from ntpproofs.assumptions import ntp_separable
from ntpproofs.geometry import max_margin
from ntpproofs.problems import LinearNTP
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="fewer-contexts-shorten-separable",
    title="With NTP-separable data forgetting a context never lengthens the max-margin direction",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    assumptions=(ntp_separable,),
    expected="holds",
)


@conjecture.claim(r"\|u\| \ge \|u \text{ without the last context}\|")
def shorter_without_a_context(case: Case) -> Implies:
    problem = case.problem
    rest = LinearNTP(problem.embeddings[:-1] or [[0]], problem.probabilities[:-1] or [problem.probabilities[0]])
    several = len(problem.supports) > 1
    return Implies(several, AtMost(max_margin(rest).squared_norm, max_margin(problem).squared_norm))
