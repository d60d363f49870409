(** Soundness of the record [enclosure], and of the finite part of compatible data. *)
Require Import List NArith ZArith QArith Qreduction Bool Reals Qreals FMapPositive Lia Lra Setoid.
From NTP Require Import Spec Sums Theorems Logarithms Kernel Correct Exponential Loss Sound.
Import ListNotations.
Open Scope R_scope.

Ltac reals_in H := repeat first [rewrite Q2R_mult in H | rewrite Q2R_plus in H | rewrite Q2R_minus in H].
Section Instance.
Variable D : data.
Lemma pairs_second {A B} (l : list A) (m : list B) p : pairs l m = Some p -> List.map snd p = m.
Proof.
  revert m p. induction l as [|x l IH]; intros [|y m] p H; cbn in H; try discriminate; [now injection H as <-|].
  destruct (pairs l m) as [r|] eqn:E; [|discriminate]. injection H as <-. cbn. now rewrite (IH _ _ E).
Qed.
Lemma share_dual x v : (share_of x v == dual x v)%Q.
Proof. destruct x as [[[b t] c] [a n]]. unfold share_of, dual, prob, coefficient, blk, weight, block_of. cbn [fst snd]. rewrite qsub_ok, Qred_correct. reflexivity. Qed.
Lemma fitted_ok PM : forallb proper (List.map fst PM) = true -> forallb proper_set (List.map fst PM) = true -> forallb fitted PM = true -> forall x, In x PM -> fit x.
Proof.
  intros H1 H2 H3 x Hx. destruct (proper_ok _ H1) as [La Ba]. pose proof (proper_set_ok _ H2 (fst x) (in_map fst _ _ Hx)) as (N & B & L).
  specialize (La (fst x) (in_map fst _ _ Hx)). specialize (Ba (fst x) (in_map fst _ _ Hx)). rewrite forallb_forall in H3. specialize (H3 x Hx).
  destruct x as [[[b t] c] [a m]]. unfold block_of, set_of in *. cbn [fst snd] in *. unfold fitted in H3. cbv zeta in H3. rewrite !andb_true_iff in H3. destruct H3 as [[[[A W] Cn] Off] Du].
  destruct La as (y & Ly). constructor; unfold weight, set, blk, count, prob, coefficient, set_of, block_of; cbn [fst snd]; auto.
  - now apply qlt_ok.
  - exists y. auto.
  - apply Qeq_bool_eq in W. rewrite vsum_sound in W. exact W.
  - intros v Hv. apply qlt_ok. refine (all_below_sound _ _ _ _ _ Cn v Hv). clear. intros v H. apply support_none in H. now rewrite (entry_default _ _ H).
  - intros v Hv. rewrite forallb_forall in Du. specialize (Du v Hv). apply qlt_ok in Du. rewrite share_dual in Du. exact Du.
  - intros v Hv Nv. assert (K : member v (with_list t nothing) || (qzero (entry (share b) v) && qzero (entry c v)) = true).
    { refine (all_below_sound _ _ _ _ _ Off v Hv). clear. intros v H. rewrite lookup_with_list in H. destruct (in_dec N.eq_dec v t) as [I|I]; [discriminate|].
      apply with_keys_none in H as [H1 H2]. apply support_none in H2. rewrite (entry_default _ _ H1), (entry_default _ _ H2), (member_no t v I). reflexivity. }
    rewrite (member_no t v Nv) in K. apply andb_true_iff in K as [K1 K2]. split; now apply qzero_ok.
Qed.

Section Record.
Variables (PM : list measured) (center : columns).
Let P := List.map fst PM.
Hypothesis fits : forall x, In x PM -> fit x.
Hypothesis same_blocks : List.map block_of P = blocks D.
Notation sc x v := (score reals D (rational reals center) (blk x) v).
Lemma score_center x v : In x PM -> (v < size (blk x))%N -> sc x v = Q2R (entry (scores D center (blk x)) v).
Proof.
  intros Hx Hv. assert (I : In (blk x) (blocks D)) by (rewrite <- same_blocks; unfold P; rewrite map_map; now apply (in_map (fun x => block_of (fst x)))).
  pose proof (score_rational reals D center (blk x) v) as E. cbn [eq embed reals] in E. rewrite E. apply Qeq_eqR. symmetry. now apply scores_sound.
Qed.
(** an entry of the table is what it says *)
Lemma table_ok x z e : In x PM -> In e (exponentials D center z x) -> bounded_exponentials (x, exponentials D center z x) = true ->
  let '(v, (y, (up, down))) := e in In v (set x) /\ Q2R y = sc x v - Q2R z /\ exp (Q2R y) <= Q2R up /\ exp (- Q2R y) <= Q2R down.
Proof.
  intros Hx He Bd. unfold bounded_exponentials in Bd. rewrite forallb_forall in Bd. specialize (Bd e He). unfold exponentials in He. cbv zeta in He. apply in_map_iff in He as (v & <- & I).
  apply andb_true_iff in Bd as [U V]. apply qlt_ok in U, V. change (In v (set x)) in I. split; [exact I|].
  split; [|split; [now apply exp_above_sound|rewrite <- Q2R_opp; now apply exp_above_sound]].
  rewrite qsub_real, (score_center x v Hx); [reflexivity|]. now apply (set_below x (fits x Hx)).
Qed.
Lemma add_all_real {A} (f : A -> Q) l : Q2R (add_all f l) = Σ l (fun x => Q2R (f x)).
Proof. unfold add_all. rewrite (Qeq_eqR _ _ (fold_qadd f l)). apply Q2R_sum. Qed.
Lemma table_sum x z (f : N * (Q * (Q * Q)) -> R) : Σ (exponentials D center z x) f = Σ (set x) (fun v => f (v, (qsub (entry (scores D center (blk x)) v) z,
  (exp_above (qsub (entry (scores D center (blk x)) v) z), exp_above (- qsub (entry (scores D center (blk x)) v) z))))).
Proof. unfold exponentials. cbv zeta. apply sum_map. Qed.
Lemma loss_bound_ok x z : In x PM -> bounded_exponentials (x, exponentials D center z x) = true ->
  Q2R (weight x) * value D (set x) (rational reals center) x <= Q2R (loss_bound (x, exponentials D center z x)).
Proof.
  intros Hx Bd. pose proof (fits x Hx) as F. pose proof (Q2R_pos _ (weight_pos x F)) as W. unfold loss_bound. cbn [fst snd]. rewrite qmul_real. apply Rmult_le_compat_l; [left; exact W|].
  rewrite qsub_real, add_all_real, RMicromega.Q2R_1. set (ζ := Q2R z). set (Z := Σ (set x) (fun v => Q2R (count x v) * exp (sc x v))).
  destruct (set_some x F) as (a & Ia).
  assert (Zp : 0 < Z). { apply (sum_pos _ _ a Ia). intros v I. apply Rmult_lt_0_compat; [apply Q2R_pos, (count_pos x F), (set_below x F), I|apply exp_pos]. }
  assert (Mean : Σ (below (size (blk x))) (fun v => Q2R (prob x v) * sc x v) = Σ (set x) (fun v => Q2R (prob x v) * (sc x v - ζ)) + ζ).
  { rewrite (on_set x (fun v => Q2R (prob x v) * sc x v) F) by (intros v Hv N; destruct (off_set x F v Hv N) as [K _]; rewrite (Q2R_null _ K); apply Rmult_0_l).
    assert (S1 : Σ (set x) (fun v => Q2R (prob x v)) = 1).
    { rewrite <- (on_set x (fun v => Q2R (prob x v)) F) by (intros v Hv N; destruct (off_set x F v Hv N) as [K _]; exact (Q2R_null _ K)). rewrite <- Q2R_sum.
      rewrite (Qeq_eqR _ _ (whole x F)). apply RMicromega.Q2R_1. }
    transitivity (Σ (set x) (fun v => Q2R (prob x v) * (sc x v - ζ)) + ζ * Σ (set x) (fun v => Q2R (prob x v))); [|rewrite S1; lra].
    rewrite <- sum_scale, <- sum_add. apply sum_ext. intros v _. cbn [carrier reals]. ring. }
  unfold value. fold Z. rewrite Mean.
  assert (L : ln Z <= ζ + Z * exp (- ζ) - 1).
  { pose proof (ln_below (Z * exp (- ζ))) as K. rewrite ln_mult, ln_exp in K by (auto; apply exp_pos). assert (0 < Z * exp (- ζ)) by (apply Rmult_lt_0_compat; [exact Zp|apply exp_pos]). lra. }
  assert (M : Z * exp (- ζ) - Σ (set x) (fun v => Q2R (prob x v) * (sc x v - ζ)) <=
              Σ (exponentials D center z x) (fun e => Q2R (let '(v, (y, (up, _))) := e in qsub (qmul (count_of x v) up) (qmul (entry (share (fst (fst (fst x)))) v) y)))).
  { unfold Z. rewrite <- sum_scale_r, <- sum_sub, table_sum. apply sum_le. intros v I.
    pose proof (table_ok x z _ Hx (in_map (fun v => let y := qsub (entry (scores D center (blk x)) v) z in (v, (y, (exp_above y, exp_above (- y))))) _ _ I) Bd) as K. cbv beta iota zeta in K.
    destruct K as (_ & Y & U & _). set (y := qsub _ z) in *. set (up := exp_above y) in *. rewrite qsub_real, !qmul_real. unfold ζ. rewrite <- Y. apply Rplus_le_compat_r.
    rewrite Rmult_assoc, <- exp_plus. replace (sc x v + - Q2R z) with (Q2R y) by (rewrite Y; cbn [carrier reals]; ring).
    apply Rmult_le_compat_l; [left; apply Q2R_pos, (count_pos x F), (set_below x F), I|exact U]. }
  apply Rle_trans with (Z * exp (- ζ) - Σ (set x) (fun v => Q2R (prob x v) * (sc x v - ζ)) - 1); [lra|]. apply Rplus_le_compat_r. exact M.
Qed.
Lemma entropy_bound_ok x z : In x PM -> bounded_exponentials (x, exponentials D center z x) = true ->
  Q2R (weight x) * entropy x <= Q2R (entropy_bound (x, exponentials D center z x)).
Proof.
  intros Hx Bd. pose proof (fits x Hx) as F. pose proof (Q2R_pos _ (weight_pos x F)) as W. unfold entropy_bound. cbn [fst snd]. rewrite qmul_real. apply Rmult_le_compat_l; [left; exact W|].
  rewrite qsub_real, add_all_real, RMicromega.Q2R_1, <- (dual_total x F), table_sum, <- sum_sub. unfold entropy. apply sum_le. intros v I.
  pose proof (table_ok x z _ Hx (in_map (fun v => let y := qsub (entry (scores D center (blk x)) v) z in (v, (y, (exp_above y, exp_above (- y))))) _ _ I) Bd) as K. cbv beta iota zeta in K.
  destruct K as (_ & _ & _ & V). set (y := qsub _ z) in *. set (down := exp_above (- y)) in *.
  assert (Qp : 0 < q x v) by (apply Q2R_pos; now apply (dual_pos x F)). assert (Np : 0 < n x v) by (apply Q2R_pos, (count_pos x F); now apply (set_below x F)).
  assert (E : Q2R (share_of x v) = q x v) by apply Qeq_eqR, share_dual.
  assert (R1 : Q2R (Qred (share_of x v / count_of x v)) = q x v / n x v).
  { rewrite qred_real. unfold Qdiv. rewrite Q2R_mult, Q2R_inv, E; [reflexivity|]. intro K. pose proof (count_pos x F v (set_below x F v I)) as C. change (count x v) with (count_of x v) in C. rewrite K in C. discriminate. }
  rewrite qmul_real, qadd_real, qmul_real, E, R1.
  assert (Rp : 0 < q x v / n x v) by now apply Rdiv_lt_0_compat.
  pose proof (ln_below (q x v / n x v * exp (- Q2R y))) as L. rewrite ln_mult, ln_exp in L by (auto; apply exp_pos).
  assert (0 < q x v / n x v * exp (- Q2R y)) by (apply Rmult_lt_0_compat; [exact Rp|apply exp_pos]). specialize (L H).
  assert (B : q x v / n x v * exp (- Q2R y) <= q x v / n x v * Q2R down) by (apply Rmult_le_compat_l; lra).
  assert (G : q x v * ln (q x v / n x v) <= q x v * (Q2R y + q x v / n x v * Q2R down - 1)) by (apply Rmult_le_compat_l; lra). lra.
Qed.
End Record.
Lemma in_combine_map {A B} (f : A -> B) l x y : In (x, y) (combine l (List.map f l)) -> y = f x.
Proof. induction l as [|a l IH]; cbn; [easy|]. intros [[= <- <-]|H]; auto. Qed.
Theorem enclosed_record_sound T u C center z lower upper radius c : check_enclosed D T u C center z lower upper radius = Some c ->
  c = Enclosed T center lower upper radius /\ holds_real D c.
Proof.
  unfold check_enclosed. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (pairs P (measure D)) as [PM|] eqn:Q; [|discriminate].
  destruct (check_separation D (class_of P) T u C) as [k|] eqn:K; [|discriminate]. destruct (pairs PM z) as [PMz|] eqn:Qz; [|discriminate]. cbv zeta.
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[[[[[E1 E2] E3] E4] E5] E6] E7].
  split; [reflexivity|]. destruct (separation_sound D reals _ _ _ _ _ K) as (_ & Pt & _). split; [exact Pt|].
  destruct (zip_ok _ _ _ _ Z) as [S St]. pose proof (pairs_second _ _ _ Q) as Sm. apply pairs_ok in Q as [_ Sp]. pose proof (pairs_second _ _ _ Qz) as Sz. apply pairs_ok in Qz as [_ SM].
  unfold check_separation in K. rewrite Z in K. match type of K with (if ?t then _ else _) = _ => destruct t eqn:H; [|discriminate] end. rewrite !andb_true_iff in H. destruct H as [[[[[H1 H2] H3] H4] H5] _].
  pose proof (proper_set_ok P H2) as Ps. rewrite <- Sp in H1, H2. pose proof (fitted_ok PM H1 H2 E1) as Fit. rewrite Sp in H1, H2.
  assert (S' : List.map block_of (List.map fst PM) = blocks D) by (rewrite Sp; exact S).
  assert (Nc : forall b, In b (blocks D) -> (constant b == 0)%Q) by (apply constant_free_ok; exact H4).
  assert (V : vanishes D (List.map fst PM)) by (rewrite Sp; apply vanishing; assumption).
  assert (ST : List.map set PM = T) by (rewrite <- St, <- Sp, map_map; reflexivity).
  assert (Sep : forall x, In x PM -> separates D u (fst x)).
  { intros x Hx. assert (I : In (fst x) P) by (rewrite <- Sp; now apply in_map). apply separated_ok; [now apply from_block with P|apply (Ps _ I)|]. rewrite forallb_forall in H3. auto. }
  set (enc := fun xz : measured * Q => (fst xz, exponentials D center (snd xz) (fst xz))) in *.
  assert (Bd : forall xz, In xz PMz -> In (fst xz) PM /\ bounded_exponentials (enc xz) = true).
  { intros xz I. split; [rewrite <- SM; now apply in_map|]. rewrite forallb_forall in E2. apply E2, in_map, I. }
  assert (Up : loss D T (rational reals center) <= Q2R upper).
  { rewrite <- ST. rewrite (loss_items D PM S' Sm). apply Qle_bool_iff, Qle_Rle in E5. eapply Rle_trans; [|exact E5]. rewrite (add_all_real loss_bound). rewrite sum_map, <- SM, sum_map.
    apply sum_le. intros xz I. destruct (Bd xz I) as [I1 I2]. exact (loss_bound_ok PM center Fit S' (fst xz) (snd xz) I1 I2). }
  assert (Lo : Q2R lower <= - mean_entropy PM).
  { apply Qle_bool_iff, Qle_Rle in E6. eapply Rle_trans; [exact E6|]. rewrite Q2R_opp. apply Ropp_le_contravar. rewrite (add_all_real entropy_bound). unfold mean_entropy. rewrite sum_map, <- SM, sum_map.
    apply sum_le. intros xz I. destruct (Bd xz I) as [I1 I2]. exact (entropy_bound_ok PM center Fit S' (fst xz) (snd xz) I1 I2). }
  split; [|split].
  - intro w. eapply Rle_trans; [exact Lo|]. now apply (infimum_below D PM).
  - intros e He. destruct (infimum_above D PM Fit S' Sm Nc u Sep (rational reals center) e He) as (w & Hw). exists w. eapply Rle_trans; [exact Hw|]. rewrite ST. lra.
  - intros w M. rewrite <- S', <- ST, !map_map. apply Qle_bool_iff, Qle_Rle in E3, E4. rewrite RMicromega.Q2R_0 in E3.
    assert (Two : Q2R 2 = 2) by (unfold Q2R; cbn; lra). rewrite Two in E4.
    assert (Cz : forall x, In x PM -> exists ζ, In (x, ζ) PMz). { intros x I. rewrite <- SM in I. apply in_map_iff in I as ([y ζ] & <- & I). exists ζ. exact I. }
    assert (Pinned : forall x a b, In x PM -> In a (set x) -> In b (set x) -> Rabs ((score reals D w (blk x) a - score reals D w (blk x) b) -
        (score reals D (rational reals center) (blk x) a - score reals D (rational reals center) (blk x) b)) <= Q2R radius).
    { intros x a b Hx Ha Hb. destruct (Cz x Hx) as (ζ & Iz). pose proof (Bd _ Iz) as [_ B]. cbn [fst snd enc] in B. unfold enc in B. cbn [fst snd] in B.
      rewrite forallb_forall in E7. assert (Near : near (upper - lower) radius (enc (x, ζ)) = true) by (apply E7; now apply in_map). unfold enc, near in Near. cbn [fst snd] in Near. rewrite forallb_forall in Near.
      apply (log_odds_pinned_one D PM Fit S' Sm Nc V (rational reals center) (Q2R lower) (Q2R upper) (Q2R radius) (Q2R ζ) x Hx Lo); [now rewrite ST|split; [exact E3|exact E4]| |rewrite ST; exact M|exact Ha|exact Hb].
      intros v I. pose proof (in_map (fun v => let y := qsub (entry (scores D center (blk x)) v) ζ in (v, (y, (exp_above y, exp_above (- y))))) _ _ I) as J. cbv beta zeta in J.
      specialize (Near _ J). cbv beta iota zeta in Near. rewrite !andb_true_iff in Near. destruct Near as [[N1 N2] N3].
      pose proof (table_ok PM center Fit S' x ζ _ Hx J B) as Tk. cbv beta iota zeta in Tk. destruct Tk as (_ & Y & U & W). set (y := qsub _ ζ) in *. set (up := exp_above y) in *. set (down := exp_above (- y)) in *.
      clearbody y up down. clear J.
      assert (Qq : Q2R (share_of x v) = q x v) by apply Qeq_eqR, share_dual. assert (Qn : Q2R (count_of x v) = n x v) by reflexivity. assert (Qw : Q2R (fst (snd x)) = Q2R (weight x)) by reflexivity.
      apply Qle_bool_iff, Qle_Rle in N1, N2, N3. unfold Qdiv in N2, N3.
      reals_in N1. reals_in N2. reals_in N3. rewrite ?Qq, ?Qn, ?Qw in N1. rewrite ?Qq, ?Qn in N2. rewrite ?Qq, ?Qn in N3.
      assert (C128 : Q2R 128 = 128) by (unfold Q2R; cbn; lra). assert (C1 : Q2R 1 = 1) by apply RMicromega.Q2R_1.
      assert (C2 : Q2R (/ 2) = / 2) by (unfold Q2R; cbn; lra). assert (C4 : Q2R (/ 4) = / 4) by (unfold Q2R; cbn; lra). rewrite C128 in N1. rewrite ?C1, ?C2, ?C4 in N2. rewrite ?C1, ?C2, ?C4 in N3.
      assert (Np : 0 < n x v) by (apply Q2R_pos, (count_pos x (Fit x Hx)), (set_below x (Fit x Hx)), I). assert (Qp : 0 < q x v) by (apply Q2R_pos, (dual_pos x (Fit x Hx)), I).
      rewrite Y in U, W. split; [|split].
      - lra.
      - eapply Rle_trans; [apply Rmult_le_compat_l; [lra|exact U]|]. lra.
      - replace (Q2R ζ - score reals D (rational reals center) (blk x) v) with (- (score reals D (rational reals center) (blk x) v - Q2R ζ)) by (cbn [carrier reals]; ring).
        eapply Rle_trans; [apply Rmult_le_compat_l; [|exact W]|]; [|lra]. apply Rmult_le_pos; lra. }
    clear - Pinned Fit. induction PM as [|x l IH]; cbn [List.map]; constructor.
    + intros a b Ia Ib. apply Pinned; auto. now left.
    + apply IH; intros; [apply Fit|apply Pinned]; auto; now right.
Qed.

(** ** Compatible data: the solution of the log-odds system is the finite part *)
Section Plain.
Variables (T : list (list N)) (PM : list measured).
Hypothesis fits : forall x, In x PM -> fit x.
Hypothesis same_blocks : List.map block_of (List.map fst PM) = blocks D.
Hypothesis same_measure : List.map snd PM = measure D.
Hypothesis same_sets : List.map set PM = T.
Hypothesis no_constant : forall b, In b (blocks D) -> (constant b == 0)%Q.
Hypothesis no_coefficient : forall x, In x PM -> forall v, (coefficient (fst x) v == 0)%Q.
Hypothesis once_each : forall x, In x PM -> forall v, (count x v == 1)%Q.
Hypothesis supports_only : forall x, In x PM -> forall v, In v (set x) <-> label (blk x) v.
Notation sc w x v := (score reals D w (blk x) v).
Lemma vanishes_null : vanishes D (List.map fst PM).
Proof.
  intros i k _ _. unfold combination. apply Qt_zero. intros y I. apply in_map_iff in I as (x & <- & I). apply Qt_zero. intros v _. rewrite (no_coefficient x I). apply Qmult_0_l.
Qed.
Lemma q_plain x v : In x PM -> q x v = Q2R (prob x v).
Proof. intro H. unfold q. apply Qeq_eqR. unfold dual. rewrite (no_coefficient x H). unfold Qdiv. ring. Qed.
Lemma n_plain x v : In x PM -> n x v = 1.
Proof. intro H. unfold n. rewrite (Qeq_eqR _ _ (once_each x H v)). apply RMicromega.Q2R_1. Qed.
Lemma q_pos x v : In x PM -> In v (set x) -> 0 < q x v. Proof. intros H I. apply Q2R_pos, (dual_pos x (fits x H)), I. Qed.
Lemma gap_log_odds w x : In x PM -> log_odds D w -> gap D w x = 0.
Proof.
  intros Hx H. pose proof (fits x Hx) as F. destruct (set_some x F) as (a & Ia). unfold log_odds in H. rewrite Forall_forall in H.
  assert (I : In (blk x) (blocks D)) by (apply (in_blocks D PM same_blocks x Hx)). specialize (H _ I).
  set (κ := sc w x a - ln (q x a)).
  assert (S : forall v, In v (set x) -> sc w x v = ln (q x v) + κ).
  { intros v Iv. pose proof (H v a (proj1 (supports_only x Hx v) Iv) (proj1 (supports_only x Hx a) Ia)) as K. unfold κ. rewrite !(q_plain x _ Hx). unfold prob. cbn [carrier reals] in *. lra. }
  assert (Z : Σ (set x) (mass (n x) (fun v => sc w x v)) = exp κ).
  { transitivity (Σ (set x) (fun v => exp κ * q x v)).
    - apply sum_ext. intros v Iv. unfold mass. rewrite (n_plain x v Hx), (S v Iv), exp_plus, exp_ln by (now apply q_pos). ring.
    - rewrite sum_scale, (dual_total x F). cbn [carrier reals]. lra. }
  unfold gap, divergence. rewrite Z, ln_exp.
  assert (E : Σ (set x) (fun v => q x v * sc w x v) = Σ (set x) (fun v => q x v * ln (q x v / n x v)) + κ).
  { transitivity (Σ (set x) (fun v => q x v * ln (q x v / n x v)) + κ * Σ (set x) (q x)); [|rewrite (dual_total x F); cbn [carrier reals]; lra].
    rewrite <- sum_scale, <- sum_add. apply sum_ext. intros v Iv. cbv beta. rewrite (S v Iv), (n_plain x v Hx). unfold Rdiv. rewrite Rinv_1, Rmult_1_r. cbn [carrier reals]. ring. }
  rewrite E. cbn [carrier reals]. lra.
Qed.
Theorem minimal_log_odds W : log_odds D W -> forall w, minimal D T w <-> log_odds D w.
Proof.
  intros HW w. pose proof (tied_loss D PM fits same_blocks same_measure no_constant vanishes_null) as L. rewrite same_sets in L. 
  assert (Zero : forall w, log_odds D w -> loss D T w = - mean_entropy PM).
  { intros w0 H0. rewrite L. assert (E : Σ PM (fun x => Q2R (weight x) * gap D w0 x) = 0); [|rewrite E; lra].
    apply (total_zero reals). intros x Hx. cbn [eq zero reals]. rewrite (gap_log_odds w0 x Hx H0). apply Rmult_0_r. }
  assert (Pos : forall w x, In x PM -> 0 <= Q2R (weight x) * gap D w x) by (intros; now apply (gap_nonneg D PM fits)).
  split; intro H.
  - apply Forall_forall. intros b Ib y z Ly Lz. rewrite (blocks_measured D PM same_blocks) in Ib. apply in_map_iff in Ib as (x & <- & Hx). pose proof (fits x Hx) as F.
    pose proof (H W) as M. rewrite (Zero W HW), L in M. pose proof (sum_member (fun x => Q2R (weight x) * gap D w x) PM x Hx (fun y Hy => Pos w y Hy)) as S. cbv beta in S.
    assert (G : gap D w x <= 0). { pose proof (Q2R_pos _ (weight_pos x F)) as Wp. apply Rmult_le_reg_l with (Q2R (weight x)); [exact Wp|]. rewrite Rmult_0_r. lra. }
    assert (V : forall v, label (blk x) v -> sc w x v = ln (Q2R (entry (share (blk x)) v)) + ln (Σ (set x) (mass (n x) (fun v => sc w x v)))).
    { intros v Lv. apply (supports_only x Hx) in Lv.
      assert (Np : forall v, In v (set x) -> 0 < n x v) by (intros; rewrite (n_plain x _ Hx); lra).
      pose proof (pinned (set x) (q x) (n x) (fun v => sc w x v) (fun v I => q_pos x v Hx I) Np (dual_total x F) v 0 Lv ltac:(lra)) as B. change (divergence (set x) (q x) (n x) (fun v => sc w x v)) with (gap D w x) in B.
      destruct B as [B1 B2]; [lra|]. pose proof (masses_pos _ _ (fun v => sc w x v) Np v Lv) as Zp. set (Z := Σ (set x) (mass (n x) (fun v => sc w x v))) in *.
      assert (E : exp (sc w x v) / Z = q x v). { unfold mass in B1, B2. rewrite (n_plain x v Hx) in B1, B2. replace (1 * exp (sc w x v) / Z) with (exp (sc w x v) / Z) in * by (unfold Rdiv; ring). lra. }
      assert (E' : exp (sc w x v) = q x v * Z) by (rewrite <- E; field; lra). apply (f_equal ln) in E'. rewrite ln_exp, ln_mult in E' by (auto; now apply q_pos). rewrite (q_plain x v Hx) in E'. exact E'. }
    rewrite (V y Ly), (V z Lz). cbn [carrier reals]. lra.
  - intro w'. rewrite (Zero w H), L. assert (0 <= Σ PM (fun x => Q2R (weight x) * gap D w' x)) by (apply sum_nonneg; intros; now apply Pos). lra.
Qed.
End Plain.
Theorem finite_part_sound T terms : plain D T = true -> least reals D (log_odds D) (logarithmic terms) -> least reals D (minimal D T) (logarithmic terms).
Proof.
  unfold plain. destruct (zip (blocks D) T (List.map (fun _ => null) (blocks D))) as [P|] eqn:Z; [|discriminate]. destruct (pairs P (measure D)) as [PM|] eqn:Q; [|discriminate].
  rewrite !andb_true_iff. intros [[[[[H1 H2] H3] H4] H5] H6] Lst.
  assert (Nl : forall x, In x P -> snd x = null).
  { clear - Z. revert T P Z. induction (blocks D) as [|b B IH]; intros [|t T] P Z; cbn in Z; try discriminate; [injection Z as <-; easy|].
    destruct (zip B T (List.map (fun _ => null) B)) as [P'|] eqn:E; [|discriminate]. injection Z as <-. intros x [<-|I]; [reflexivity|]. eapply IH; eauto. }
  destruct (zip_ok _ _ _ _ Z) as [S St]. pose proof (pairs_second _ _ _ Q) as Sm. apply pairs_ok in Q as [_ Sp].
  pose proof (proper_set_ok P H2) as Ps. assert (Lb : forall x, In x P -> label_set x = true) by (now apply forallb_forall). rewrite <- Sp in H1, H2. pose proof (fitted_ok PM H1 H2 H3) as Fit.
  apply (least_iff reals D (log_odds D)); [|exact Lst]. intro w. symmetry. refine (minimal_log_odds T PM Fit _ Sm _ _ _ _ _ (logarithmic terms) (proj1 Lst) w).
  - exact (eq_trans (f_equal (List.map block_of) Sp) S).
  - rewrite <- St, <- Sp, map_map. reflexivity.
  - now apply constant_free_ok.
  - intros x Hx v. unfold coefficient. rewrite (Nl (fst x)); [now rewrite entry_null|]. rewrite <- Sp. now apply in_map.
  - intros x Hx v. rewrite forallb_forall in H6. specialize (H6 x Hx). apply andb_true_iff in H6 as [A B]. apply Qeq_bool_eq in A. unfold count, entry, lookup.
    destruct x as [y [a m]]. cbn [fst snd] in *. destruct (offsets m); [|discriminate]. rewrite PositiveMap.gleaf. exact A.
  - intros x Hx v. assert (I : In (fst x) P) by (rewrite <- Sp; exact (in_map fst PM x Hx)). destruct (Ps _ I) as (_ & Bw & L). split; [|apply L]. intro Iv. specialize (Lb _ I).
    destruct x as [[[b t] c] m]. unfold blk, set, block_of, set_of in *. cbn [fst snd] in *. cbn in Lb. pose proof (every_sound _ _ _ _ _ Lb v (Bw v Iv)) as K. cbv beta in K.
    rewrite (proj2 (member_list v t) Iv) in K. apply label_pos in K; [exact K|exact (Bw v Iv)].
Qed.
End Instance.
