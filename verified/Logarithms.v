(** Logarithms of pairwise coprime integers above 1 are linearly independent over Q; the log-odds system over such a base. *)
Require Import List NArith ZArith Znumtheory Zpow_facts QArith Reals Qreals Lia Lra.
From NTP Require Import Spec Sums Theorems.
Import ListNotations.

(** ** Independence *)
Definition powers := list (positive * Z).
Fixpoint upper (l : powers) : Z := match l with [] => 1 | (g, n) :: l => Z.pos g ^ Z.max n 0 * upper l end%Z.
Fixpoint lower (l : powers) : Z := match l with [] => 1 | (g, n) :: l => Z.pos g ^ Z.max (- n) 0 * lower l end%Z.
Definition lnz (x : Z) : R := ln (IZR x).
Fixpoint logsum (l : powers) : R := match l with [] => 0 | (g, n) :: l => IZR n * lnz (Z.pos g) + logsum l end%R.
Fixpoint coprime (l : list positive) : Prop := match l with [] => True | g :: l => (forall h, In h l -> rel_prime (Z.pos g) (Z.pos h)) /\ coprime l end.

Lemma upper_pos l : (0 < upper l)%Z.
Proof. induction l as [|[g n] l IH]; cbn [upper]; [lia|]. apply Z.mul_pos_pos; [apply Z.pow_pos_nonneg; lia|exact IH]. Qed.
Lemma lower_pos l : (0 < lower l)%Z.
Proof. induction l as [|[g n] l IH]; cbn [lower]; [lia|]. apply Z.mul_pos_pos; [apply Z.pow_pos_nonneg; lia|exact IH]. Qed.
Lemma lnz_mul a b : (0 < a)%Z -> (0 < b)%Z -> lnz (a * b) = (lnz a + lnz b)%R.
Proof. intros. unfold lnz. rewrite mult_IZR. apply ln_mult; now apply (IZR_lt 0). Qed.
Lemma lnz_pow g n : (0 <= n)%Z -> lnz (Z.pos g ^ n) = (IZR n * lnz (Z.pos g))%R.
Proof.
  intro H. pattern n. apply natlike_ind; [| |exact H].
  - unfold lnz. cbn. rewrite ln_1. lra.
  - intros x Hx IH. rewrite Z.pow_succ_r by exact Hx. rewrite lnz_mul, IH, succ_IZR; [lra|lia|]. apply Z.pow_pos_nonneg; lia.
Qed.
Lemma logsum_powers l : (lnz (upper l) - lnz (lower l) = logsum l)%R.
Proof.
  induction l as [|[g n] l IH]; cbn [upper lower logsum]; [lra|].
  rewrite !lnz_mul, !lnz_pow by (try apply upper_pos; try apply lower_pos; try (apply Z.pow_pos_nonneg; lia); lia).
  destruct (Z.le_ge_cases 0 n).
  - rewrite (Z.max_l n 0), (Z.max_r (- n) 0) by lia. lra.
  - rewrite (Z.max_r n 0), (Z.max_l (- n) 0) by lia. rewrite opp_IZR. lra.
Qed.
Lemma upper_prime g l : (forall h, In h (List.map fst l) -> rel_prime (Z.pos g) (Z.pos h)) -> rel_prime (Z.pos g) (upper l) /\ rel_prime (Z.pos g) (lower l).
Proof.
  induction l as [|[h n] l IH]; cbn [upper lower List.map fst]; intro H; [split; apply rel_prime_sym, rel_prime_1|].
  destruct IH as [A B]. { intros. apply H. now right. }
  assert (K : rel_prime (Z.pos g) (Z.pos h)) by (apply H; now left).
  assert (P : forall e, (0 <= e)%Z -> rel_prime (Z.pos g) (Z.pos h ^ e)).
  { intros e He. rewrite <- (Z.pow_1_r (Z.pos g)). apply rel_prime_Zpower; [lia|exact He|exact K]. }
  split; apply rel_prime_mult; auto; apply P; lia.
Qed.
Lemma upper_lower_prime l : coprime (List.map fst l) -> rel_prime (upper l) (lower l).
Proof.
  induction l as [|[g n] l IH]; cbn [upper lower List.map fst coprime]; [intros _; apply rel_prime_1|]. intros [H K].
  destruct (upper_prime g l H) as [A B]. specialize (IH K).
  assert (Pu : forall e, (0 <= e)%Z -> rel_prime (Z.pos g ^ e) (lower l)).
  { intros e He. rewrite <- (Z.pow_1_r (lower l)). apply rel_prime_Zpower; auto; lia. }
  assert (Pl : forall e, (0 <= e)%Z -> rel_prime (Z.pos g ^ e) (upper l)).
  { intros e He. rewrite <- (Z.pow_1_r (upper l)). apply rel_prime_Zpower; auto; lia. }
  destruct (Z.le_ge_cases 0 n) as [L|L].
  - rewrite (Z.max_r (- n) 0) by lia. rewrite Z.pow_0_r, Z.mul_1_l. apply rel_prime_sym, rel_prime_mult; apply rel_prime_sym; [apply Pu; lia|exact IH].
  - rewrite (Z.max_r n 0) by lia. rewrite Z.pow_0_r, Z.mul_1_l. apply rel_prime_mult; [apply rel_prime_sym, Pl; lia|exact IH].
Qed.
Lemma rel_prime_self x : (0 < x)%Z -> rel_prime x x -> x = 1%Z.
Proof. intros H K. destruct K as [_ _ K]. specialize (K x (Z.divide_refl x) (Z.divide_refl x)). apply Z.divide_1_r_nonneg; [lia|exact K]. Qed.
Lemma upper_one l : Forall (fun gn => 1 < fst gn)%positive l -> upper l = 1%Z -> Forall (fun gn => snd gn <= 0)%Z l.
Proof.
  induction 1 as [|[g n] l G _ IH]; cbn [upper]; intro E; constructor; pose proof (upper_pos l); pose proof (Z.pow_pos_nonneg (Z.pos g) (Z.max n 0)); cbn [fst snd] in *.
  - destruct (Z.le_gt_cases n 0) as [L|L]; [exact L|exfalso]. rewrite Z.max_l in * by lia. pose proof (Z.pow_gt_1 (Z.pos g) n). nia.
  - apply IH. nia.
Qed.
Lemma lower_one l : Forall (fun gn => 1 < fst gn)%positive l -> lower l = 1%Z -> Forall (fun gn => 0 <= snd gn)%Z l.
Proof.
  induction 1 as [|[g n] l G _ IH]; cbn [lower]; intro E; constructor; pose proof (lower_pos l); pose proof (Z.pow_pos_nonneg (Z.pos g) (Z.max (- n) 0)); cbn [fst snd] in *.
  - destruct (Z.le_gt_cases 0 n) as [L|L]; [exact L|exfalso]. rewrite Z.max_l in * by lia. pose proof (Z.pow_gt_1 (Z.pos g) (- n)). nia.
  - apply IH. nia.
Qed.
Theorem independent_Z l : coprime (List.map fst l) -> Forall (fun gn => 1 < fst gn)%positive l -> logsum l = 0%R -> Forall (fun gn => snd gn = 0%Z) l.
Proof.
  intros C G E. rewrite <- logsum_powers in E.
  assert (U : upper l = lower l).
  { apply eq_IZR, ln_inv; [apply (IZR_lt 0), upper_pos|apply (IZR_lt 0), lower_pos|]. unfold lnz in E. lra. }
  pose proof (upper_lower_prime l C) as P. rewrite <- U in P. apply rel_prime_self in P; [|apply upper_pos].
  pose proof (upper_one l G P) as A. rewrite U in P. pose proof (lower_one l G P) as B. rewrite Forall_forall in *. intros gn I. specialize (A gn I). specialize (B gn I). lia.
Qed.

Definition rsum (l : list (positive * Q)) : R := total reals l (fun t => (Q2R (snd t) * lnz (Z.pos (fst t)))%R).
Lemma common_denominator (l : list (positive * Q)) : exists (M : positive) (z : powers), List.map fst z = List.map fst l /\
  Forall2 (fun t gn => (snd t * inject_Z (Z.pos M) == inject_Z (snd gn))%Q) l z.
Proof.
  induction l as [|[g s] l (M & z & E & K)]; [exists 1%positive, []; split; [reflexivity|constructor]|].
  exists (M * Qden s)%positive, ((g, Qnum s * Z.pos M)%Z :: List.map (fun gn => (fst gn, snd gn * Z.pos (Qden s))%Z) z). split.
  - cbn. f_equal. rewrite map_map. cbn. exact E.
  - constructor.
    + cbn. unfold Qeq. cbn. lia.
    + clear E. induction K as [|t gn l' z' H _ IH]; cbn; constructor; auto. cbn. unfold Qeq in *. cbn in *. nia.
Qed.
Lemma Q2R_inject z : Q2R (inject_Z z) = IZR z.
Proof. unfold Q2R. cbn. field. Qed.
Theorem independent (l : list (positive * Q)) : coprime (List.map fst l) -> Forall (fun t => 1 < fst t)%positive l -> rsum l = 0%R -> Forall (fun t => snd t == 0)%Q l.
Proof.
  intros C G E. destruct (common_denominator l) as (M & z & Ez & K).
  assert (S : logsum z = (rsum l * IZR (Z.pos M))%R).
  { clear C G E. revert Ez. induction K as [|[g s] [g' n] l z H _ IH]; cbn; intro Ez; [unfold rsum; cbn; lra|].
    injection Ez as <- Ez. rewrite (IH Ez). unfold rsum. cbn. cbn in H. apply Qeq_eqR in H. rewrite Q2R_mult, !Q2R_inject in H. rewrite <- H. lra. }
  rewrite E, Rmult_0_l in S.
  assert (Gz : Forall (fun gn => 1 < fst gn)%positive z). { rewrite <- Forall_map with (P := fun g => (1 < g)%positive) in *. now rewrite Ez. }
  rewrite <- Ez in C. pose proof (independent_Z z C Gz S) as Z. clear - K Z. induction K as [|t gn l z H _ IH]; constructor; inversion Z; subst; auto.
  rewrite H2 in H. unfold Qeq in *. cbn in *. nia.
Qed.
(** ** A rational as a product of powers *)
Lemma factorised (p : Q) l : (0 < p)%Q -> (Qnum p * lower l = Z.pos (Qden p) * upper l)%Z -> ln (Q2R p) = logsum l.
Proof.
  intros H E. rewrite <- logsum_powers. pose proof (upper_pos l). pose proof (lower_pos l).
  assert (N : (0 < Qnum p)%Z) by (unfold Qlt in H; cbn in H; lia).
  assert (X : ln (Q2R p) = (lnz (Qnum p) - lnz (Z.pos (Qden p)))%R).
  { unfold Q2R, lnz, Rdiv. rewrite ln_mult, ln_Rinv; [lra| | |]; try apply Rinv_0_lt_compat; apply (IZR_lt 0); lia. }
  assert (Y : (lnz (Qnum p) + lnz (lower l) = lnz (Z.pos (Qden p)) + lnz (upper l))%R) by (rewrite <- !lnz_mul by lia; now rewrite E).
  lra.
Qed.

(** ** linear-system: log-odds *)
Notation score_R := (score reals).
Ltac real := cbn [carrier add mul sub opp zero one eq reals embed]; match goal with |- Logic.eq ?a ?b => change (@Logic.eq R a b) end; try ring.
Lemma Q2R_total {A} (f : A -> Q) l : Q2R (Qtotal l f) = total reals l (fun x => Q2R (f x)).
Proof. apply (total_embed reals). Qed.
Section LogOdds.
Variable D : data.
Hypothesis no_constant : forall b, In b (blocks D) -> (constant b == 0)%Q.
Definition log_share (b : block) (v : N) : R := ln (Q2R (entry (share b) v)).
Lemma constants_vanish x : In (block_of x) (blocks D) -> constants reals x = 0%R.
Proof.
  intro H. apply (total_zero reals). intros v _. unfold offset. destruct (v =? 1)%N.
  - cbn. rewrite (Qeq_eqR _ _ (Qeq_trans _ _ _ (Qmult_comp _ _ (Qeq_refl _) _ _ (no_constant _ H)) (Qmult_0_r _))). apply RMicromega.Q2R_0.
  - cbn. rewrite (Qeq_eqR _ _ (Qmult_0_r _)). apply RMicromega.Q2R_0.
Qed.
(** what a family on the labels gives on a solution of the log-odds system depends on the probabilities only *)
Lemma weighted_log w x : log_odds D w -> In (block_of x) (blocks D) -> labelled (block_of x) -> balanced x -> on_labels x ->
  weighted reals D w x = total reals (below (size (block_of x))) (fun v => (Q2R (coefficient x v) * log_share (block_of x) v)%R).
Proof.
  intros H I (y & Ly) Bx Ox. unfold log_odds in H. rewrite Forall_forall in H. specialize (H _ I).
  rewrite (deviation reals D w (score_R D w (block_of x) y) x Bx).
  assert (Z : total reals (below (size (block_of x))) (fun v => Q2R (coefficient x v)) = 0%R).
  { rewrite <- Q2R_total. unfold balanced in Bx. rewrite (Qeq_eqR _ _ Bx). apply RMicromega.Q2R_0. }
  transitivity (total reals (below (size (block_of x))) (fun v => (Q2R (coefficient x v) * log_share (block_of x) v - Q2R (coefficient x v) * log_share (block_of x) y)%R)).
  - apply (total_ext reals). intros v Hv. apply in_below in Hv. cbn [mul sub reals embed eq]. destruct (Ox v Hv) as [Lv|E].
    + pose proof (H v y Lv Ly) as K. unfold log_share. rewrite K. ring.
    + rewrite (Qeq_eqR _ _ E), RMicromega.Q2R_0. ring.
  - etransitivity; [apply (total_sub reals)|]. rewrite (total_scale_r reals (log_share (block_of x) y)), Z. cbn. ring.
Qed.

(** *** a relation: the dataset is not compatible *)
Section Relation.
Variables (E : Type) (PX : list (item * E)) (base : list (N * positive)) (exponent : E -> N -> N -> Q).
Let P := List.map fst PX.
Hypothesis same_blocks : List.map block_of P = blocks D.
Hypothesis all_labelled : forall x, In x P -> labelled (block_of x).
Hypothesis all_balanced : forall x, In x P -> balanced x.
Hypothesis labels_only : forall x, In x P -> on_labels x.
Hypothesis relation : vanishes D P.
Hypothesis base_coprime : coprime (List.map snd base).
Hypothesis base_large : Forall (fun kg => 1 < snd kg)%positive base.
Hypothesis factorisation : forall x e, In (x, e) PX -> forall v, label (block_of x) v ->
  log_share (block_of x) v = total reals base (fun kg => (Q2R (exponent e v (fst kg)) * lnz (Z.pos (snd kg)))%R).
Definition violation (k : N) : Q := Qtotal PX (fun xe => Qtotal (below (size (block_of (fst xe)))) (fun v => coefficient (fst xe) v * exponent (snd xe) v k)%Q).
Hypothesis violated : exists kg, In kg base /\ ~ (violation (fst kg) == 0)%Q.
Theorem incompatible_sound : forall w, ~ log_odds D w.
Proof.
  intros w H. assert (S0 : rsum (List.map (fun kg => (snd kg, violation (fst kg))) base) = 0%R).
  { unfold rsum. etransitivity; [apply (total_map reals)|]. cbn [fst snd].
    transitivity (total reals P (weighted reals D w)).
    - transitivity (total reals base (fun kg => total reals PX (fun xe => total reals (below (size (block_of (fst xe)))) (fun v => (Q2R (coefficient (fst xe) v * exponent (snd xe) v (fst kg)) * lnz (Z.pos (snd kg)))%R)))).
      + apply (total_ext reals). intros [k g] _. cbn [fst snd]. unfold violation. rewrite Q2R_total.
        etransitivity; [symmetry; apply (total_scale_r reals)|]. apply (total_ext reals). intros x _. cbn [mul reals eq]. rewrite Q2R_total. symmetry. apply (total_scale_r reals).
      + etransitivity; [apply (total_swap reals)|]. unfold P. etransitivity; [|symmetry; apply (total_map reals)]. apply (total_ext reals). intros [x e] Hxe. cbn [fst snd].
        assert (Hx : In x P) by (apply in_map_iff; now exists (x, e)).
        assert (I : In (block_of x) (blocks D)) by (rewrite <- same_blocks; now apply in_map).
        rewrite (weighted_log w x H I (all_labelled x Hx) (all_balanced x Hx) (labels_only x Hx)).
        etransitivity; [apply (total_swap reals)|]. apply (total_ext reals). intros v Hv. apply in_below in Hv. cbn.
        destruct (labels_only x Hx v Hv) as [Lv|Z].
        * rewrite (factorisation x e Hxe v Lv). etransitivity; [|apply (total_scale reals)]. apply (total_ext reals). intros. cbn. rewrite Q2R_mult. ring.
        * rewrite (Qeq_eqR _ _ Z), RMicromega.Q2R_0. transitivity 0%R; [|ring]. apply (total_zero reals). intros. cbn. rewrite Q2R_mult, (Qeq_eqR _ _ Z), RMicromega.Q2R_0. ring.
    - etransitivity; [apply (pairing_zero reals D w P relation)|]. apply (total_zero reals). intros x Hx. apply constants_vanish. rewrite <- same_blocks. now apply in_map. }
  apply independent in S0.
  - destruct violated as (kg & I & N). apply N. rewrite Forall_map, Forall_forall in S0. exact (S0 kg I).
  - rewrite map_map. cbn. exact base_coprime.
  - apply Forall_map. cbn. exact base_large.
Qed.
End Relation.

(** *** a family for every member of the base: the solution of least norm *)
Section Solution.
Variables (I : Type) (terms : list I) (g : I -> positive) (U : I -> columns) (family : I -> list item).
Hypothesis same_blocks : forall t, In t terms -> List.map block_of (family t) = blocks D.
Hypothesis all_labelled : forall b, In b (blocks D) -> labelled b.
Hypothesis all_balanced : forall t, In t terms -> forall x, In x (family t) -> balanced x.
Hypothesis labels_only : forall t, In t terms -> forall x, In x (family t) -> on_labels x.
Hypothesis generated : forall t, In t terms -> forall i k, (i < height D)%N -> (k < width D)%N -> (combination (family t) i k == element (U t) i k)%Q.
Hypothesis solves : forall b, In b (blocks D) -> forall y z, label b y -> label b z ->
  total reals terms (fun t => (lnz (Z.pos (g t)) * Q2R (qscore D (U t) b y - qscore D (U t) b z))%R) = (log_share b y - log_share b z)%R.
Notation W := (logarithmic (List.map (fun t => (g t, U t)) terms)).
Lemma logarithmic_terms i k : W i k = total reals terms (fun t => (lnz (Z.pos (g t)) * rational reals (U t) i k)%R).
Proof. apply (total_map reals). Qed.
Notation grid f := (total reals (below (height D)) (fun i => total reals (below (width D)) (fun k => f i k))).
Lemma score_logarithmic b v : In b (blocks D) -> score_R D W b v = total reals terms (fun t => (lnz (Z.pos (g t)) * Q2R (qscore D (U t) b v))%R).
Proof.
  intro Ib. unfold score at 1. assert (O : Q2R (offset b v) = 0%R).
  { unfold offset. destruct (v =? 1)%N; [rewrite (Qeq_eqR _ _ (no_constant b Ib))|]; apply RMicromega.Q2R_0. }
  cbn [add reals embed]. rewrite O, Rplus_0_r.
  transitivity (total reals terms (fun t => grid (fun i k => (lnz (Z.pos (g t)) * (Q2R (factor b v i * entry (right b) k) * rational reals (U t) i k))%R))).
  - symmetry. etransitivity; [apply (grid_swap reals D)|]. apply (grid_ext reals D). intros i k _ _. rewrite logarithmic_terms. cbn.
    symmetry. etransitivity; [symmetry; apply (total_scale reals)|]. apply (total_ext reals). intros. unfold lnz. real.
  - apply (total_ext reals). intros t _. etransitivity; [apply (grid_scale reals D)|]. cbn. f_equal.
    pose proof (score_rational reals D (U t) b v) as S. cbn in S. rewrite <- S. unfold score. cbn [add reals embed]. rewrite O. symmetry. apply Rplus_0_r.
Qed.
Lemma solution_log_odds : log_odds D W.
Proof.
  apply Forall_forall. intros b Ib y z Ly Lz. rewrite !score_logarithmic by exact Ib. fold (log_share b y). fold (log_share b z). rewrite <- (solves b Ib y z Ly Lz).
  etransitivity; [symmetry; apply (total_sub reals)|]. apply (total_ext reals). intros t _. cbn. rewrite Q2R_minus. ring.
Qed.
Theorem compatible_sound : least reals D (log_odds D) W.
Proof.
  apply norm2_least; [apply solution_log_odds|]. intros w Hw.
  assert (E : forall w', log_odds D w' -> grid (fun i k => (W i k * w' i k)%R) =
     total reals terms (fun t => (lnz (Z.pos (g t)) * total reals (family t) (fun x => total reals (below (size (block_of x))) (fun v => Q2R (coefficient x v) * log_share (block_of x) v)))%R)).
  { intros w' H'. transitivity (total reals terms (fun t => grid (fun i k => (lnz (Z.pos (g t)) * (rational reals (U t) i k * w' i k))%R))).
    - symmetry. etransitivity; [apply (grid_swap reals D)|]. apply (grid_ext reals D). intros i k _ _. rewrite logarithmic_terms. cbn.
      etransitivity; [|apply (total_scale_r reals)]. apply (total_ext reals). intros. unfold lnz. real.
    - apply (total_ext reals). intros t Ht. etransitivity; [apply (grid_scale reals D)|]. cbn. f_equal.
      transitivity (inner reals D (combination (family t)) w').
      + apply (grid_ext reals D). intros i k Hi Hk. cbn. unfold rational. cbn. now rewrite (Qeq_eqR _ _ (generated t Ht i k Hi Hk)).
      + pose proof (pairing reals D w' (family t)) as Pr. cbn in Pr.
        assert (C : total reals (family t) (constants reals) = 0%R).
        { apply (total_zero reals). intros x Hx. apply constants_vanish. rewrite <- (same_blocks t Ht). now apply in_map. }
        rewrite C, Rplus_0_r in Pr. rewrite <- Pr. apply (total_ext reals). intros x Hx.
        assert (Ix : In (block_of x) (blocks D)) by (rewrite <- (same_blocks t Ht); now apply in_map).
        apply weighted_log; auto; eauto. }
  cbn. rewrite (E w Hw). unfold norm2. rewrite <- (E W solution_log_odds). apply Rle_refl.
Qed.
End Solution.
End LogOdds.
