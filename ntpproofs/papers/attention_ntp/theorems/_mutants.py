"""The false variants and true look-alikes that concern graphs, programmes and the reduction, by number.

Each entry names (label, mutant) or, for look-alikes, (label, claim); a test checks that they are registered under these names.
"""

from __future__ import annotations

Entry = tuple[str, str]

MUTANTS: dict[str, tuple[Entry, ...]] = {
    "L0-a": (
        ("attention-ntp.reduction", "multiplicities_are_ignored"),
        ("attention-ntp.finite-part-of-pairs", "multiplicities_are_ignored"),
        ("attention-ntp.golden-instances", "repeated_query_is_ignored"),
    ),
    "L0-b": (
        ("attention-ntp.graph-svm-forms", "reversed_edges"),
        ("attention-ntp.recession-cone", "reversed_edges"),
        ("attention-ntp.golden-instances", "flipped_directions"),
    ),
    "L0-c": (("attention-ntp.graph-svm-forms", "one_pooled_graph"), ("attention-ntp.graph-facts", "one_pooled_graph")),
    "L0-d": (("attention-ntp.ford-condition", "weak_connectivity_suffices"), ("attention-ntp.graph-facts", "weakly_connected_suffices")),
    "L2-a": (("attention-ntp.graph-svm-forms", "without_equalities"),),
    "L2-b": (
        ("attention-ntp.graph-svm-feasible", "programme_is_feasible without independent_embeddings"),
        ("attention-ntp.recession-cone", "feasible_for_any_embeddings"),
    ),
    "L2-d": (("attention-ntp.graph-svm", "zero_iff_cyclic"),),
    "L2-e": (("attention-ntp.invariances", "scores_ignore_embeddings"),),
    "L3-a": (("attention-ntp.convexity", "squared_loss_is_convex"),),
    "L3-b": (("attention-ntp.convexity", "strictly_convex_everywhere"),),
    "L3-c": (("attention-ntp.convexity", "strongly_convex_on_cycles"),),
    "L4-a": (("attention-ntp.infimum", "attained_iff_cyclic"),),
    "L5-a": (("attention-ntp.finite-part", "full_loss_on_cycles"),),
    "L5-b": (("attention-ntp.finite-part", "repeated_samples_are_dropped"), ("attention-ntp.invariances", "repetitions_leave_the_finite_part")),
    "L5-c": (("attention-ntp.finite-part", "zero_iff_acyclic"),),
    "L5-d": (("attention-ntp.finite-part", "gaps_depend_on_embeddings"),),
}

LOOK_ALIKES: dict[str, Entry] = {
    "edge form = path form": ("attention-ntp.graph-svm-forms", "forms_agree"),
    "duplicating the dataset": ("attention-ntp.invariances", "duplication_changes_nothing"),
    "permuting tokens before the last": ("attention-ntp.invariances", "order_does_not_matter"),
    "adding a constant sequence": ("attention-ntp.invariances", "constant_sequences_change_n"),
    "scaling the embeddings": ("attention-ntp.invariances", "scale_divides_by_its_square"),
    "repetitions never change the direction": ("attention-ntp.invariances", "repetitions_leave_the_direction"),
}
