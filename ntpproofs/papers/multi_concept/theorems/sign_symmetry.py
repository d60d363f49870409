r"""The sign of W_K^T W_Q decides which demonstrations are attended, not whether the task is learned.

Proof. (i) Changing the signs of p_K and of all v changes the sign of beta and rho and keeps rho v; gates, F, g and
the u-drive stay, F' changes sign, so the drives of p_K and v change sign and those of p_Q and u do not: the map
commutes with every step. (ii) With beta >= 0 the v-drive g rho D (1_+ + 1_-) / (2mK) is non-negative and p_Q = p_K
stays of one sign because its drive is proportional to p. (iii) is (i) applied to (ii). For prompts with a fixed n_+
other than L/2, rho is not odd in beta and the symmetry fails.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Proposition, assumption, clause, derived
from ....symbolic import E, Formula
from ._algebra import AlgebraState, attention_of, random_state, reduced_drive

F = Fraction


@assumption(r"\text{balanced or iid composition}")
def symmetric_composition(state: AlgebraState) -> bool:
    """The law of n_+ is symmetric about L/2: exact."""
    return state.composition in ("balanced", "iid") or 2 * state.matching == state.length


proposition = Proposition(
    label="multi-concept.sign-symmetry",
    title="Matching and anti-matching solutions are mirror images",
    source=derived("the reflection of words and labels, for balanced and independent compositions only"),
    setup=r"The reduced recursion, $n_+$ symmetric about $L/2$.",
    clauses=(
        clause(
            r"$(p_K,v)\to(-p_K,-v)$ maps trajectories to trajectories with the same $F$.",
            steps=("odd_step",),
            argued="docstring (i)",
            claims=("mirror_image_has_the_same_drive",),
        ),
        clause(
            r"For balanced prompts $\beta\ge0$ implies that no $v_i$ decreases when $\lambda=0$.",
            argued="docstring (ii)",
            claims=("lifts_never_fall",),
        ),
        clause(
            r"A positive margin does not imply $A_+>\tfrac12$: anti-matching states have $F>0$ with $\rho<0$.",
            witness=("low_error_means_matching_attention",),
        ),
    ),
    uses=("multi-concept.reduced-recursion",),
    assumptions=(symmetric_composition,),
    instances=st.builds(
        random_state,
        st.integers(0, 10**6),
        st.integers(1, 2),
        st.integers(1, 3),
        st.sampled_from([2, 3, 4]),
        st.sampled_from(["iid", "frac", "frac"]),
    ).map(lambda x: replace(x, composition="balanced", matching=1) if x.length != 3 and x.composition == "frac" and x.matching == 2 else x),
    examples=(random_state(1), random_state(2, composition="iid", length=3), random_state(5, length=4)),
)

beta = sp.symbols("beta", positive=True)


@proposition.step("tanh is odd", by="index calculus, normal form", scope="all sizes", latex=r"\tanh(-\beta)=-\tanh\beta")
def odd_step() -> Equal:
    """(e^-2b - 1) / (e^-2b + 1) = -(e^2b - 1) / (e^2b + 1)."""
    return Equal(Formula((E(-2 * beta) - 1) / (E(-2 * beta) + 1)), Formula(-(E(2 * beta) - 1) / (E(2 * beta) + 1)))


def mirrored(state: AlgebraState, lifts: bool = True) -> AlgebraState:
    """(p_K, v) -> (-p_K, -v)."""
    key = tuple(-x for x in state.on_b[1])
    lift = tuple(tuple(-x for x in row) for row in state.lift) if lifts else state.lift
    return replace(state, on_b=(state.on_b[0], key), lift=lift)


def _vector(values: list[arb], sign: int = 1) -> tuple[object, ...]:
    return tuple(interval(sign * x) for x in values)


@proposition.claim(r"\text{the image has the same }F,\dot p_Q,\dot u\text{ and opposite }\dot p_K,\dot v")
def mirror_image_has_the_same_drive(case: Case, lifts: bool = True) -> All:
    """All drives in balls."""
    state = case.problem
    with ctx.workprec(PRECISION):
        here, there = reduced_drive(state), reduced_drive(mirrored(state, lifts))
        return All(
            Equal(_vector(here.margin), _vector(there.margin)),
            Equal(_vector(here.query), _vector(there.query)),
            Equal(_vector(here.key), _vector(there.key, -1)),
            *(Equal(_vector(x), _vector(y)) for x, y in zip(here.gate, there.gate)),
            *(Equal(_vector(x), _vector(y, -1)) for x, y in zip(here.lift, there.lift)),
        )


@proposition.claim(r"\beta\ge0\Rightarrow\dot v_i\ge0")
def lifts_never_fall(case: Case, always: bool = False) -> AtMost | NotExercised:
    """The drive of v for every concept with beta >= 0 (of all concepts if `always`, which is false)."""
    state = case.problem
    chosen = [k for k in range(state.concepts) if always or state.on_b[0][k] * state.on_b[1][k] >= 0]
    if not chosen or state.composition == "iid":
        return NotExercised("beta is negative, or the composition is random")
    with ctx.workprec(PRECISION):
        drive = reduced_drive(state)
        return AtMost(0, tuple(interval(row[k]) for row in drive.lift for k in chosen))


# Two demonstrations, W_K negative, v negative: rho v > 0 and every gate on.
ANTI_MATCHING = AlgebraState(
    ((F(1),), (F(1),), (F(1),), (F(1),)), ((F(1),), (F(1),)), ((F(3, 2),), (F(-3, 2),)), ((F(1),),), ((F(-1, 2),),)
)  # fmt: skip


@proposition.claim(r"F>0\Rightarrow A_+>\tfrac12", expected="refuted")
def low_error_means_matching_attention(case: Case) -> Implies:
    """Refuted by the anti-matching state with the mirrored numbers of this one."""
    state = case.problem if case.problem.composition == "balanced" else ANTI_MATCHING
    with ctx.workprec(PRECISION):
        values = [(reduced_drive(x), x) for x in (ANTI_MATCHING, mirrored(state))]
        wrong = [(drive, x, k) for drive, x in values for k in range(x.concepts) if drive.margin[k] > 0]
        rhos = tuple(interval(attention_of(x, k, x.length // 2)) for _, x, k in wrong)
        return Implies(Less(0, interval(exact_arb(F(len(wrong))))), Less(0, rhos))


@proposition.mutant(of=mirror_image_has_the_same_drive, latex=r"p_K\to-p_K\text{ alone}")
def attention_alone_may_change_sign(case: Case) -> All:
    """The MLP has to invert as well."""
    return mirror_image_has_the_same_drive(case, lifts=False)


proposition.mutant(of=mirror_image_has_the_same_drive, without=symmetric_composition, latex=r"\text{for any composition}")


@proposition.mutant(of=lifts_never_fall, latex=r"\dot v_i\ge0\text{ for every }\beta")
def lifts_rise_for_any_sign(case: Case) -> AtMost | NotExercised:
    """In the anti-matching half they fall."""
    return lifts_never_fall(case, always=True)
