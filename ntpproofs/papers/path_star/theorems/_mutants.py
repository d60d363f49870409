"""The false variants by number, each as (label, mutant); a test checks that they are registered."""

from __future__ import annotations

Entry = tuple[str, str]

MUTANTS: dict[str, tuple[Entry, ...]] = {
    "M1": (
        ("path-star.compounding", "accuracy_is_the_snowball"),
        ("path-star.compounding", "snowball_is_a_lower_bound"),
        ("path-star.compounding", "snowball_is_an_upper_bound"),
    ),
    "M2": (("path-star.cheat", "loss_per_token_is_log_d"),),
    "M3": (
        ("path-star.entropies", "right_once_in_n"),
        ("path-star.entropies", "right_at_every_hop"),
        ("path-star.entropies", "right_once_in_labels"),
    ),
    "M4": (("path-star.cheat", "small_loss_per_token_means_high_accuracy"),),
    "M5": (("path-star.compounding", "greedy_is_worse_than_forced"),),
    "M6": (
        ("path-star.all-or-nothing", "one_lookup_more"),
        ("path-star.teacher-forced-floor", "one_lookup_less_is_enough"),
        ("path-star.teacher-forced-floor", "one_lookup_more_is_needed"),
    ),
    "M7": (("path-star.teacher-forced-floor", "every_lookup_is_rewarded"),),
    "M8": (("path-star.teacherless-floors", "floor_is_log_d"),),
    "M9": (
        ("path-star.cheat-direction", "lookback_weights_vanish"),
        ("path-star.cheat-direction", "lookback_weights_diverge"),
        ("path-star.cheat-direction", "zero_is_stationary"),
    ),
    "M10": (("path-star.cheat-direction", "candidates_do_not_matter"), ("path-star.cheat-direction", "arms_do_not_matter")),
    "M11": (("path-star.full-lookback", "equal_weights"),),
    "M12": (
        ("path-star.cheat-direction", "edge_weight_is_log_time"),
        ("path-star.cheat-direction", "excess_constant_counts_steps"),
        ("path-star.full-lookback", "norm_over_the_steps"),
    ),
    "M13": (("path-star.reversed-targets", "never_weak"), ("path-star.reversed-targets", "idle_weight_is_bounded")),
    "M14": (("path-star.reversed-targets", "neighbours_are_enough"),),
    "M15": (("path-star.all-or-nothing", "the_goal_arm_is_enough"),),
    "M16": (("path-star.all-or-nothing", "the_first_edges_are_enough"),),
    "M17": (("path-star.entropies", "reversing_lowers_the_entropy"),),
    "M18": (("path-star.residual-gradients", "residual_vanishes"), ("path-star.residual-gradients", "no_feature_sees_it")),
    "M19": (("path-star.teacherless-floors", "teacherless_is_never_worse"), ("path-star.independent-heads", "teacherless_costs_nothing")),
    "M20": (("path-star.teacherless-floors", "works_without_positions"),),
    "M21": (("path-star.multiplicative-toy", "exponent_is_the_number_of_hops"),),
    "M22": (("path-star.speed-ratio", "always_exponentially_slow"),),
    "M23": (("path-star.full-lookback", "teacher_forcing_always_fails"), ("path-star.full-lookback", "the_limit_is_the_cheat")),
    "M24": (("path-star.compounding", "largest_error_is_a_lower_bound"),),
    "M25": (("path-star.distribution", "goal_arm_is_counted_twice"),),
    "M26": (("path-star.parity", "the_family_bound_for_the_fixed_target"),),
}
