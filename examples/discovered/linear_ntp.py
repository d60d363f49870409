"""Bounds discovered for linear-ntp: bounds proposed by `ntpproofs discover linear-ntp`. Conjectures, not theorems.

Check them with: ntpproofs check linear_ntp.py

A claim says nothing about instances on which one of the assumptions named after its bound fails, or an invariant is not defined.
"""

from ntpproofs import Case, Conjecture
from ntpproofs.invariants import instances_of, invariants_of

conjecture = Conjecture(
    label="discovered-linear-ntp",
    title="Bounds discovered for linear-ntp",
    instances=instances_of("linear-ntp"),
    derive=invariants_of,
)


@conjecture.claim(r"\ell \le \operatorname{rk}H")
def bound_1_of_levels(case: Case):
    return case.derived.says("levels <= embedding_rank")


@conjecture.claim(r"\operatorname{rk}W^{\mathrm{mm}} - n_{\mathrm{weak}} \le r_{\mathrm{strong}}")
def bound_2_of_strong_rank(case: Case):
    return case.derived.says("decoder_rank - weak_pairs <= strong_rank")


@conjecture.claim(r"\text{nonzero embeddings} \Rightarrow -\dim\mathcal T + V - 1 \le r_{\mathrm{strong}}")
def bound_3_of_strong_rank(case: Case):
    return case.derived.says("-tied_dimension + vocabulary - 1 <= strong_rank", "nonzero_embeddings")


@conjecture.claim(r"\text{ntp separable} \Rightarrow n_{\mathrm{pat}} - n_{\mathrm{weak}} - 1 \le r_{\mathrm{strong}}")
def bound_4_of_strong_rank(case: Case):
    return case.derived.says("token_patterns - weak_pairs - 1 <= strong_rank", "ntp_separable")
