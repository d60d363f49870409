(** Printed by the build, which fails unless the first four are closed and the last one rests on Coq's real numbers only. *)
From NTP Require Import Spec Sums Logarithms Main.
Print Assumptions check_sound.
Definition check_sound_Q := check_sound rationals.
Print Assumptions check_sound_Q.
Print Assumptions system_rows.
Print Assumptions system_equalities.
Print Assumptions check_sound_real.
