"""Linear attention with noise in the tokens: circular noise leaves all other blocks without gradient (part of question Q7)."""

# outcome: holds

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.papers.mesa.theorems.noisy_sequences import other_gradients
from ntpproofs.strategies import autoregressive_laws

conjecture = Conjecture(
    label="circular-noise-is-harmless",
    title="Circular noise activates no other block",
    instances=autoregressive_laws(max_dimension=2, max_length=3),
    expected="holds",
)


@conjecture.claim(r"\nabla L = 0\text{ outside }B\text{ and }A")
def no_gradient(case: Case) -> Equal:
    found = other_gradients(case.problem, "complex-gaussian")
    return Equal(found, (True,) * len(found))
