"""Bounds discovered for attention-ntp: bounds proposed by `ntpproofs discover attention-ntp`. Conjectures, not theorems.

Check them with: ntpproofs check attention_ntp.py

A claim says nothing about instances on which one of the assumptions named after its bound fails, or an invariant is not defined.
"""

from ntpproofs import Case, Conjecture
from ntpproofs.invariants import instances_of, invariants_of

conjecture = Conjecture(
    label="discovered-attention-ntp",
    title="Bounds discovered for attention-ntp",
    instances=instances_of("attention-ntp"),
    derive=invariants_of,
)


@conjecture.claim(r"\text{orthonormal embeddings} \Rightarrow \|D\|^2/\|u\|^2 + 1 \le \ell")
def bound_1_of_levels(case: Case):
    return case.derived.says("drift_ratio + 1 <= levels", "orthonormal_embeddings")


@conjecture.claim(r"-\dim\mathcal T + 2 \, \operatorname{rk}W^{\mathrm{svm}} \le 2 \, r_{\mathrm{strong}}")
def bound_2_of_strong_rank(case: Case):
    return case.derived.says("-tied_dimension + 2*weight_rank <= 2*strong_rank")


@conjecture.claim(r"\text{orthonormal embeddings} \Rightarrow -n_k + \textstyle\sum h_k \le r_{\mathrm{strong}}")
def bound_3_of_strong_rank(case: Case):
    return case.derived.says("-queries + total_height <= strong_rank", "orthonormal_embeddings")


@conjecture.claim(r"\text{orthonormal embeddings} \Rightarrow \operatorname{rk}W^{\mathrm{svm}} \le r_{\mathrm{strong}}")
def bound_4_of_strong_rank(case: Case):
    return case.derived.says("weight_rank <= strong_rank", "orthonormal_embeddings")


@conjecture.claim(r"\text{orthonormal embeddings} \Rightarrow m_{\max} \le n_C - w_{\max}")
def bound_5_of_largest_margin(case: Case):
    return case.derived.says("largest_margin <= components - width", "orthonormal_embeddings")


@conjecture.claim(r"\text{one query, orthonormal embeddings} \Rightarrow n_C - w_{\max} \le r_{\mathrm{strong}}")
def bound_6_of_strong_rank(case: Case):
    return case.derived.says("components - width <= strong_rank", "one_query", "orthonormal_embeddings")


@conjecture.claim(r"\text{orthonormal embeddings} \Rightarrow 2 \, m_{\max} \le n_{\to} - w_{\max} + 2")
def bound_7_of_largest_margin(case: Case):
    return case.derived.says("2*largest_margin <= priorities - width + 2", "orthonormal_embeddings")


@conjecture.claim(r"\text{orthonormal embeddings} \Rightarrow -n_a - 2 \, h + 10 \le 2 \, \gamma^2")
def bound_8_of_squared_margin(case: Case):
    return case.derived.says("-appearances - 2*height + 10 <= 2*squared_margin", "orthonormal_embeddings")
