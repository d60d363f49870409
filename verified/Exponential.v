(** Rational lower bounds of the exponential function: partial sums of odd degree of its series, after halving the argument. *)
Require Import Bool ZArith QArith Qreduction Qround Qabs Reals Qreals Lra Lia.
From NTP Require Import Spec Kernel.
Open Scope R_scope.

Fixpoint taylor (n : nat) (x : R) : R := match n with O => 0 | S n => taylor n x + x ^ n / INR (fact n) end.
Lemma taylor_derivative n x : derivable_pt_lim (taylor (S n)) x (taylor n x).
Proof.
  induction n as [|n IH].
  - intros eps He. exists (mkposreal 1 Rlt_0_1). intros h Hh _. cbn [taylor pow]. replace ((0 + 1 / INR (fact 0) - (0 + 1 / INR (fact 0))) / h - 0) with 0 by (unfold Rdiv; ring). now rewrite Rabs_R0.
  - change (taylor (S (S n))) with (fun x => taylor (S n) x + x ^ S n / INR (fact (S n))). cbn [taylor]. apply (derivable_pt_lim_plus (taylor (S n))); [exact IH|].
    replace (x ^ n / INR (fact n)) with (/ INR (fact (S n)) * (INR (S n) * x ^ pred (S n))).
    + apply (derivable_pt_lim_ext (fun y => / INR (fact (S n)) * y ^ S n) (fun y => y ^ S n / INR (fact (S n)))); [intro; unfold Rdiv; apply Rmult_comm|].
      apply (derivable_pt_lim_scal (fun y => y ^ S n)). apply derivable_pt_lim_pow.
    + cbn [pred]. rewrite fact_simpl, mult_INR. field. split; [apply INR_fact_neq_0|apply not_0_INR; lia].
Qed.
Lemma taylor_zero n : taylor (S n) 0 = 1.
Proof. induction n as [|n IH]; [cbn; field|]. cbn [taylor] in *. rewrite IH. rewrite pow_ne_zero by lia. unfold Rdiv. ring. Qed.
Lemma defect_derivative n c : derivable_pt_lim (fun x => exp x - taylor (S n) x) c (exp c - taylor n c).
Proof. apply (derivable_pt_lim_minus exp (taylor (S n))); [apply derivable_pt_lim_exp|apply taylor_derivative]. Qed.
Lemma taylor_step n : (forall x, taylor n x <= exp x) -> forall x, taylor (S (S n)) x <= exp x.
Proof.
  intros H. set (f := fun x => exp x - taylor (S (S n)) x). set (g := fun x => exp x - taylor (S n) x).
  assert (F0 : f 0 = 0) by (unfold f; rewrite taylor_zero, exp_0; ring). assert (G0 : g 0 = 0) by (unfold g; rewrite taylor_zero, exp_0; ring).
  assert (Gp : forall x, 0 < x -> 0 <= g x).
  { intros x Hx. destruct (MVT_cor2 g (fun c => exp c - taylor n c) 0 x Hx) as (c & E & _); [intros; apply defect_derivative|].
    rewrite G0, !Rminus_0_r in E. rewrite E. apply Rmult_le_pos; [|lra]. specialize (H c). lra. }
  assert (Gn : forall x, x < 0 -> g x <= 0).
  { intros x Hx. destruct (MVT_cor2 g (fun c => exp c - taylor n c) x 0 Hx) as (c & E & _); [intros; apply defect_derivative|].
    rewrite G0 in E. assert (0 <= (exp c - taylor n c) * (0 - x)) by (apply Rmult_le_pos; specialize (H c); lra). lra. }
  intro x. cut (0 <= f x); [unfold f; lra|]. destruct (Rtotal_order x 0) as [Hx|[->|Hx]].
  - destruct (MVT_cor2 f g x 0 Hx) as (c & E & B); [intros; apply defect_derivative|]. rewrite F0 in E.
    assert (0 <= - g c * (0 - x)) by (apply Rmult_le_pos; [specialize (Gn c); lra|lra]). lra.
  - rewrite F0. lra.
  - destruct (MVT_cor2 f g 0 x Hx) as (c & E & B); [intros; apply defect_derivative|]. rewrite F0 in E.
    assert (0 <= g c * (x - 0)) by (apply Rmult_le_pos; [specialize (Gp c); lra|lra]). lra.
Qed.
Lemma taylor_below m x : taylor (2 * m) x <= exp x.
Proof.
  revert x. induction m as [|m IH]; intro x; [cbn; left; apply exp_pos|]. replace (2 * S m)%nat with (S (S (2 * m))) by lia. now apply taylor_step.
Qed.

(** ** What the checker computes *)
Lemma qred_real x : Q2R (Qred x) = Q2R x. Proof. apply Qeq_eqR, Qred_correct. Qed.
Lemma qadd_real x y : Q2R (qadd x y) = Q2R x + Q2R y. Proof. unfold qadd. rewrite qred_real. apply Q2R_plus. Qed.
Lemma qsub_real x y : Q2R (qsub x y) = Q2R x - Q2R y. Proof. unfold qsub. rewrite qred_real. apply Q2R_minus. Qed.
Lemma qmul_real x y : Q2R (qmul x y) = Q2R x * Q2R y. Proof. unfold qmul. rewrite qred_real. apply Q2R_mult. Qed.
Lemma inject_real z : Q2R (inject_Z z) = IZR z. Proof. unfold Q2R, inject_Z. cbn. field. Qed.
Lemma power_of_two p : Z.pos (power_two p) = (2 ^ Z.of_nat p)%Z.
Proof. induction p as [|p IH]; [reflexivity|]. cbn [power_two]. rewrite Pos2Z.inj_xO, IH, Nat2Z.inj_succ, Z.pow_succ_r by lia. reflexivity. Qed.
Lemma rounded_below p x : Q2R (rounded p x) <= Q2R x.
Proof.
  unfold rounded. rewrite qred_real. set (d := power_two p).
  assert (E : (Qfloor (x * inject_Z (Z.pos d)) # d == inject_Z (Qfloor (x * inject_Z (Z.pos d))) * / inject_Z (Z.pos d))%Q) by (unfold Qeq; cbn; lia).
  rewrite (Qeq_eqR _ _ E), Q2R_mult, Q2R_inv by (unfold Qeq; cbn; lia). rewrite inject_real.
  assert (P : 0 < IZR (Z.pos d)) by (apply (IZR_lt 0); lia).
  apply Rmult_le_reg_r with (IZR (Z.pos d)); [exact P|]. rewrite inject_real, Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  replace (Q2R x * IZR (Z.pos d)) with (Q2R (x * inject_Z (Z.pos d))) by (rewrite Q2R_mult, inject_real; reflexivity).
  rewrite <- (inject_real (Qfloor _)). apply Qle_Rle, Qfloor_le.
Qed.
Lemma over_integer_real x d : Q2R (over_integer x d) = Q2R x / IZR (Z.pos d).
Proof.
  change (Q2R (over_integer x d)) with (IZR (Qnum x) * / IZR (Z.pos (Qden x * d))). change (Q2R x) with (IZR (Qnum x) * / IZR (Z.pos (Qden x))).
  rewrite Pos2Z.inj_mul, mult_IZR. field. split; apply not_0_IZR; lia.
Qed.
Lemma series_sound n : forall j t y, Q2R t = Q2R y ^ j / INR (fact j) -> Q2R (series n (Pos.of_succ_nat j) t y) = taylor (j + n) (Q2R y) - taylor j (Q2R y).
Proof.
  induction n as [|n IH]; intros j t y H; cbn [series].
  - rewrite Nat.add_0_r. rewrite RMicromega.Q2R_0. ring.
  - rewrite qadd_real. replace (Pos.succ (Pos.of_succ_nat j)) with (Pos.of_succ_nat (S j)) by reflexivity. rewrite (IH (S j)).
    + replace (S j + n)%nat with (j + S n)%nat by lia. cbn [taylor]. rewrite H. ring.
    + rewrite qmul_real, over_integer_real, H. rewrite fact_simpl, mult_INR.
      replace (IZR (Z.pos (Pos.of_succ_nat j))) with (INR (S j)) by (rewrite INR_IZR_INZ; f_equal; lia). cbn [pow]. field. split; [apply INR_fact_neq_0|apply not_0_INR; lia].
Qed.
Lemma rounded_nonneg p x : 0 <= Q2R x -> 0 <= Q2R (rounded p x).
Proof.
  intro H. unfold rounded. rewrite qred_real. unfold Q2R at 1. cbn [Qnum Qden]. apply Rmult_le_pos; [|left; apply Rinv_0_lt_compat, (IZR_lt 0); lia].
  apply (IZR_le 0). assert (K : (0 <= x * inject_Z (Z.pos (power_two p)))%Q).
  { apply Rle_Qle. rewrite RMicromega.Q2R_0, Q2R_mult, inject_real. apply Rmult_le_pos; [exact H|apply (IZR_le 0); lia]. }
  apply Qfloor_resp_le in K. exact K.
Qed.
Lemma squared_below k p : forall x z, 0 <= Q2R x -> Q2R x <= exp z -> Q2R (squared k p x) <= exp (z * 2 ^ k).
Proof.
  induction k as [|k IH]; intros x z H K; cbn [squared pow]; [rewrite Rmult_1_r; exact K|].
  replace (z * (2 * 2 ^ k)) with ((z + z) * 2 ^ k) by ring. apply IH.
  - apply rounded_nonneg. rewrite qmul_real. now apply Rmult_le_pos.
  - eapply Rle_trans; [apply rounded_below|]. rewrite qmul_real, exp_plus. apply Rmult_le_compat; assumption.
Qed.
Lemma exp_le x y : x <= y -> exp x <= exp y.
Proof. intros [H| ->]; [left; now apply exp_increasing|right; reflexivity]. Qed.
Theorem exp_below_sound x : Q2R (exp_below x) <= exp (Q2R x).
Proof.
  assert (Z : Q2R 0 <= exp (Q2R x)) by (rewrite RMicromega.Q2R_0; left; apply exp_pos).
  unfold exp_below. cbv zeta. destruct (256 <? _)%N; [exact Z|]. set (p := N.to_nat _). set (k := N.to_nat _). set (y := rounded p (over_integer x (power_two k))).
  destruct (Qle_bool 0 (rounded p (series 24 1 1 y))) eqn:E; [|exact Z]. apply Qle_bool_iff, Qle_Rle in E. rewrite RMicromega.Q2R_0 in E.
  assert (P : IZR (Z.pos (power_two k)) = 2 ^ k) by (rewrite power_of_two, <- pow_IZR; reflexivity).
  assert (Pk : 0 < 2 ^ k) by (apply pow_lt; lra).
  eapply Rle_trans; [apply (squared_below k p _ (Q2R y)); [exact E|]|].
  - eapply Rle_trans; [apply rounded_below|]. rewrite (series_sound 24 0); [|rewrite RMicromega.Q2R_1; cbn; field]. cbn [Nat.add]. change (taylor 0 (Q2R y)) with 0. rewrite Rminus_0_r. apply (taylor_below 12).
  - apply exp_le. apply Rle_trans with (Q2R x / 2 ^ k * 2 ^ k); [|right; field; lra]. apply Rmult_le_compat_r; [lra|]. unfold y. eapply Rle_trans; [apply rounded_below|].
    rewrite over_integer_real, P. right. reflexivity.
Qed.
(** so its inverse at -x bounds exp x from above *)
Theorem exp_above_sound x : (0 < exp_above x)%Q -> exp (Q2R x) <= Q2R (exp_above x).
Proof.
  unfold exp_above. cbv zeta. set (b := exp_below (- x)). destruct (qpos b) eqn:P; [intros _|intro H; now apply Qlt_irrefl in H].
  assert (B : (0 < b)%Q). { unfold qpos, qlt in P. apply negb_true_iff in P. apply Qnot_le_lt. intro K. apply Qle_bool_iff in K. congruence. }
  pose proof (Qlt_Rlt _ _ B) as Bp. rewrite RMicromega.Q2R_0 in Bp. pose proof (exp_below_sound (- x)) as L. fold b in L. rewrite Q2R_opp, exp_Ropp in L.
  pose proof (rounded_below 448 (- (/ b))) as R. rewrite Q2R_opp. rewrite Q2R_opp, Q2R_inv in R by (intro K; rewrite K in B; discriminate).
  apply Rle_trans with (/ Q2R b); [|lra]. rewrite <- (Rinv_inv (exp (Q2R x))). apply Rinv_le_contravar; assumption.
Qed.
