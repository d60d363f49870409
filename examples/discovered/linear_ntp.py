"""Bounds discovered for linear-ntp: bounds proposed by `ntpproofs discover linear-ntp`. Conjectures, not theorems.

Check them with: ntpproofs check linear_ntp.py

A claim says nothing about instances on which an invariant is not defined, or an assumption named after its bound fails.
"""

from ntpproofs import Case, Conjecture
from ntpproofs.invariants import assumptions_of, instances_of, invariants_of

conjecture = Conjecture(
    label="discovered-linear-ntp",
    title="Bounds discovered for linear-ntp",
    instances=instances_of("linear-ntp"),
    derive=invariants_of,
)


@conjecture.claim(r"\ell \le d")
def bound_1_of_levels(case: Case):
    return case.derived.says("levels <= dimension")


orthogonal_embeddings = Conjecture(
    label="discovered-linear-ntp-orthogonal-embeddings",
    title="Bounds discovered for linear-ntp, orthogonal embeddings",
    instances=instances_of("linear-ntp"),
    assumptions=assumptions_of("linear-ntp", "orthogonal_embeddings"),
    derive=invariants_of,
)


@orthogonal_embeddings.claim(r"\text{orthogonal embeddings} \Rightarrow \ell + n_{\mathrm{pat}} - 1 \le 2 \, \operatorname{rk}W^{\mathrm{mm}}")
def bound_2_of_decoder_rank(case: Case):
    return case.derived.says("levels + token_patterns - 1 <= 2*decoder_rank")


@orthogonal_embeddings.claim(r"\text{orthogonal embeddings} \Rightarrow -q + 2 \, m_{\mathrm{part}} - 1 \le \textstyle\sum_{j:s_j<V} h_j^2\,\|u\|^2")
def bound_3_of_pooled_norm(case: Case):
    return case.derived.says("-exponent + 2*partial_contexts - 1 <= pooled_norm")


@orthogonal_embeddings.claim(r"\text{orthogonal embeddings} \Rightarrow -q + 3 \le 4 \, h_{\max}^2\|u\|^2")
def bound_4_of_scaled_norm(case: Case):
    return case.derived.says("-exponent + 3 <= 4*scaled_norm")


@orthogonal_embeddings.claim(
    r"\text{orthogonal embeddings} \Rightarrow "
    r"8 \, \operatorname{rk}W^{\mathrm{mm}} - q - 5 \le 4 \, \textstyle\sum_{j:s_j<V} h_j^2\,\|u\|^2"
)
def bound_5_of_pooled_norm(case: Case):
    return case.derived.says("8*decoder_rank - exponent - 5 <= 4*pooled_norm")
