"""With noise x_{t+1} = W x_t + e_t. What is kept of the theory when the noise is circular; the rest is open.

Let e_t be independent with circular coordinates. The joint law is unchanged under l -> e^{i phi} l, e_t -> e^{i t phi} e_t, under which x_t is
multiplied by e^{i (t-1) phi}: the charges are those without noise, so that other blocks have no gradient where only B and A are nonzero. Real
noise breaks this. Multi-layer and softmax models are not treated.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ....language.relations import Equal
from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..characters import Characters, expectation, inner, total
from ..laws import Law, Powers
from ..model import Matrix, Sequences, adjoint, applied, embedded, product
from ..named_laws import IndependentLaw
from ..problem import LinearAttentionAR
from ._instances import gaussian, problem, rademacher
from ._points import live


@dataclass(frozen=True)
class NoisySequences(Sequences):
    """Tokens with noise: coordinates d, 2d, ... of the randomness are e_1, e_2, ..., on top of u."""

    def token(self, t: int) -> list[Characters]:
        """x_t = W^{t-1} u + sum_{i<t} W^{t-1-i} e_i."""
        d, size = self.dimension, self.dimension * self.length
        parts = []
        for j in range(d):
            terms = {}
            for i in range(t):
                character = tuple((t - 1 - i) * (k == j) for k in range(size))
                variable = tuple(int(k == i * d + j) for k in range(size))
                terms[character, variable, (0,) * size] = Fraction(1)
            parts.append(Characters(terms))
        return parts


@dataclass(frozen=True)
class WithNoise:
    """Moments of the first token and of independent noise of one law."""

    law: Law
    noise: Law

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """The product of both."""
        d = self.law.dimension
        mean = self.law.moment(powers[:d], conjugates[:d])
        return mean * self.noise.moment(powers[d:], conjugates[d:]) if mean else mean


conjecture = Conjecture(
    label="mesa.noisy-sequences",
    title="Circular noise does not activate other blocks",
    source=derived("an open question"),
    setup=r"$x_{t+1}=Wx_t+e_t$, $e_t$ independent of everything, with independent coordinates of variance 1.",
    clauses=(
        says(
            r"If the noise is circular, gradients of all blocks but $B$ and $A$ vanish where only these are nonzero.",
            argued="docstring: the charges are those without noise",
            claims=("other_gradients_vanish",),
        ),
        says(r"Real noise gives them a gradient.", witness=("real_noise_activates",)),
    ),
    uses=("mesa.block-reduction",),
    instances=[problem(gaussian(1), 3), problem(gaussian(1), 4), problem(rademacher(2), 3)],
)


def other_gradients(p: LinearAttentionAR, name: str, live_too: bool = False) -> tuple[bool, ...]:
    """Whether each entry of the other blocks' gradients vanishes, at full B and A; those of B and A follow if asked for."""
    d = p.dimension
    s = NoisySequences(d, p.length)
    law = WithNoise(p.law, IndependentLaw(name, (Fraction(1),) * (d * (p.length - 1))))
    left, right = embedded(*live(p, seed=1))
    zeros: list[list[Fraction]] = [[Fraction(0)] * (2 * d) for _ in range(3 * d)]
    for t in s.times:
        statistic, embedding = s.statistic(t), s.embedding(t)
        features = applied(statistic, product(right, embedding))
        rest = [y + x.scaled(-1) for y, x in zip(product(left, features), s.token(t + 1))]
        back = product(_transposed(left), rest)
        pulled = [total(row[k].conjugate() * b for row, b in zip(statistic, back)) for k in range(2 * d)]
        for row, (first, seconds) in enumerate([*((r, features) for r in rest), *((x, embedding) for x in pulled)]):
            for k in range(2 * d):
                zeros[row][k] += expectation(inner(first, seconds[k]), law)
    others = [x for row in zeros[:d] for x in row[d:]] + [x for i, row in enumerate(zeros[d:]) for k, x in enumerate(row) if i < d or k >= d]
    if live_too:
        others += [x for row in zeros[:d] for x in row[:d]] + [x for row in zeros[2 * d :] for x in row[:d]]
    return tuple(x == 0 for x in others)


def _transposed(weights: Matrix) -> Matrix:
    return adjoint(weights)


@conjecture.claim(r"\nabla L=0\text{ in all other blocks}")
def other_gradients_vanish(case: Case, noise: str = "complex-gaussian", live_too: bool = False) -> Equal:
    """Exactly, Gaussian circular noise."""
    found = other_gradients(case.problem, noise, live_too)
    return Equal(found, (True,) * len(found))


@conjecture.step("real noise", by="exact evaluation", scope="d = 1, T = 3")
def real_noise_activates() -> Equal:
    """Gaussian real noise, Gaussian start."""
    return Equal(all(other_gradients(problem(gaussian(1), 3), "gaussian")), False)


@conjecture.mutant(of=other_gradients_vanish, latex=r"\text{real noise}")
def real_noise(case: Case) -> Equal:
    """The charges are lost."""
    return other_gradients_vanish(case, noise="gaussian")


@conjecture.mutant(of=other_gradients_vanish, latex=r"\nabla L=0\text{ in all blocks}")
def live_gradients_vanish_too(case: Case) -> Equal:
    """B and A do move: their features have the charges of the target."""
    return other_gradients_vanish(case, live_too=True)
