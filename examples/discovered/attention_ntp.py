"""Bounds discovered for attention-ntp: bounds proposed by `ntpproofs discover attention-ntp`. Conjectures, not theorems.

Check them with: ntpproofs check attention_ntp.py

A claim says nothing about instances on which an invariant is not defined, or an assumption named after its bound fails.
"""

from ntpproofs import Case, Conjecture
from ntpproofs.invariants import assumptions_of, instances_of, invariants_of

orthonormal_embeddings = Conjecture(
    label="discovered-attention-ntp-orthonormal-embeddings",
    title="Bounds discovered for attention-ntp, orthonormal embeddings",
    instances=instances_of("attention-ntp"),
    assumptions=assumptions_of("attention-ntp", "orthonormal_embeddings"),
    derive=invariants_of,
)


@orthonormal_embeddings.claim(
    r"\text{orthonormal embeddings} \Rightarrow "
    r"\operatorname{rk}W^{\mathrm{svm}} \le 2 \, \textstyle\sum (h_k^3-h_k)/12 - 3 \, h + 6"
)
def bound_1_of_weight_rank(case: Case):
    return case.derived.says("weight_rank <= 2*chain_norm - 3*height + 6")


@orthonormal_embeddings.claim(r"\text{orthonormal embeddings} \Rightarrow m_{\max} + n_{\mathrm{sup}} - 1 \le n_{\mathrm{sep}}")
def bound_2_of_separable_pairs(case: Case):
    return case.derived.says("largest_margin + support_pairs - 1 <= separable_pairs")


@orthonormal_embeddings.claim(r"\text{orthonormal embeddings} \Rightarrow m_2 \le 2")
def bound_3_of_next_margin(case: Case):
    return case.derived.says("next_margin <= 2")


@orthonormal_embeddings.claim(r"\text{orthonormal embeddings} \Rightarrow 2 \, \operatorname{rk}W^{\mathrm{svm}} \le -h + \textstyle\sum h_k + 2")
def bound_4_of_weight_rank(case: Case):
    return case.derived.says("2*weight_rank <= -height + total_height + 2")


@orthonormal_embeddings.claim(r"\text{orthonormal embeddings} \Rightarrow m_{\max} \le n_{\to} - r_{\mathrm{strong}} + 1")
def bound_5_of_largest_margin(case: Case):
    return case.derived.says("largest_margin <= priorities - strong_rank + 1")


@orthonormal_embeddings.claim(r"\text{orthonormal embeddings} \Rightarrow -n_k + \textstyle\sum h_k \le r_{\mathrm{strong}}")
def bound_6_of_strong_rank(case: Case):
    return case.derived.says("-queries + total_height <= strong_rank")
