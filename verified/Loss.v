(** The loss: Gibbs' inequality with a remainder, the infimum and the finite part of an instance. Nothing is computed here. *)
Require Import List NArith QArith Qreduction Reals Qreals Bool Lia Lra Setoid.
From NTP Require Import Spec Sums Theorems Exponential.
Import ListNotations.
Open Scope R_scope.
Notation Σ := (total reals).

(** ** Sums and logarithms *)
Lemma sum_ext {A} (f g : A -> R) l : (forall x, In x l -> f x = g x) -> Σ l f = Σ l g. Proof. apply (total_ext reals). Qed.
Lemma sum_add {A} (f g : A -> R) l : Σ l (fun x => f x + g x) = Σ l f + Σ l g. Proof. apply (total_add reals). Qed.
Lemma sum_sub {A} (f g : A -> R) l : Σ l (fun x => f x - g x) = Σ l f - Σ l g. Proof. apply (total_sub reals). Qed.
Lemma sum_scale {A} c (f : A -> R) l : Σ l (fun x => c * f x) = c * Σ l f. Proof. apply (total_scale reals). Qed.
Lemma sum_scale_r {A} c (f : A -> R) l : Σ l (fun x => f x * c) = Σ l f * c. Proof. apply (total_scale_r reals). Qed.
Lemma sum_nonneg {A} (f : A -> R) l : (forall x, In x l -> 0 <= f x) -> 0 <= Σ l f. Proof. apply (total_nonneg reals). Qed.
Lemma sum_map {A B} (h : A -> B) (f : B -> R) l : Σ (List.map h l) f = Σ l (fun x => f (h x)). Proof. apply (total_map reals). Qed.
Lemma sum_le {A} (f g : A -> R) l : (forall x, In x l -> f x <= g x) -> Σ l f <= Σ l g.
Proof. induction l as [|x l IH]; cbn; intro H; [lra|]. specialize (H x (or_introl Logic.eq_refl)) as Hx. assert (Σ l f <= Σ l g) by (apply IH; auto). lra. Qed.
Lemma sum_member {A} (f : A -> R) l x : In x l -> (forall y, In y l -> 0 <= f y) -> f x <= Σ l f.
Proof.
  induction l as [|y l IH]; cbn; intros I H; [easy|]. assert (0 <= Σ l f) by (apply sum_nonneg; auto). destruct I as [->|I]; [lra|].
  assert (f x <= Σ l f) by auto. assert (0 <= f y) by auto. lra.
Qed.
Lemma sum_pos {A} (f : A -> R) l x : In x l -> (forall y, In y l -> 0 < f y) -> 0 < Σ l f.
Proof. intros I H. eapply Rlt_le_trans; [apply (H x I)|]. apply sum_member; [exact I|]. intros y Hy. left. auto. Qed.
Lemma above_tangent x : 1 + x <= exp x. Proof. pose proof (taylor_below 1 x) as T. cbn in T. lra. Qed.
Lemma abs_bounds a r : Rabs a <= r -> - r <= a <= r. Proof. unfold Rabs. destruct (Rcase_abs a); lra. Qed.
Lemma ln_below y : 0 < y -> ln y <= y - 1.
Proof. intro H. pose proof (above_tangent (ln y)) as T. rewrite exp_ln in T by exact H. lra. Qed.
Lemma ln_le y z : 0 < y -> y <= z -> ln y <= ln z.
Proof. intros H [K| ->]; [left; now apply ln_increasing|right; reflexivity]. Qed.

(** ** Gibbs: for weights q and masses m = n e^s, log sum m - sum q s + sum q log(q / n) is the divergence of q from m / sum m *)
Section Gibbs.
Variables (t : list N) (q n s : N -> R).
Hypothesis q_pos : forall v, In v t -> 0 < q v.
Hypothesis n_pos : forall v, In v t -> 0 < n v.
Hypothesis q_total : Σ t q = 1.
Definition mass (v : N) : R := n v * exp (s v).
Definition divergence : R := ln (Σ t mass) - Σ t (fun v => q v * s v) + Σ t (fun v => q v * ln (q v / n v)).
Lemma mass_pos v : In v t -> 0 < mass v.
Proof. intro H. apply Rmult_lt_0_compat; [auto|apply exp_pos]. Qed.
Lemma masses_pos v : In v t -> 0 < Σ t mass.
Proof. intro H. apply (sum_pos _ _ v H). apply mass_pos. Qed.
Definition ratio (v : N) : R := sqrt (mass v / Σ t mass / q v).
Lemma ratio_square v : In v t -> 0 < ratio v /\ ratio v * ratio v = mass v / Σ t mass / q v.
Proof.
  intro H. assert (P : 0 < mass v / Σ t mass / q v).
  { unfold Rdiv. apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; [now apply mass_pos|apply Rinv_0_lt_compat; now apply (masses_pos v)]|apply Rinv_0_lt_compat; auto]. }
  split; [now apply sqrt_lt_R0|]. apply sqrt_sqrt. lra.
Qed.
Lemma divergence_terms : divergence = Σ t (fun v => q v * (ln (Σ t mass) - s v + ln (q v / n v)) - q v + mass v / Σ t mass).
Proof.
  assert (E : t = [] \/ exists v, In v t) by (destruct t as [|v l]; [left; reflexivity|right; exists v; now left]). destruct E as [E|[v0 H0]].
  - exfalso. rewrite E in q_total. cbn in q_total. lra.
  - pose proof (masses_pos v0 H0) as Z. unfold divergence.
    transitivity (Σ t (fun v => ((q v * ln (Σ t mass) - q v * s v) + (q v * ln (q v / n v) - q v)) + mass v * / Σ t mass)).
    2: { apply sum_ext. intros. cbv beta. unfold Rdiv. ring. }
    rewrite !sum_add, !sum_sub, !sum_scale_r, q_total. rewrite Rinv_r by lra. ring.
Qed.
Lemma term_bound v : In v t -> q v * ((ratio v - 1) * (ratio v - 1)) <= q v * (ln (Σ t mass) - s v + ln (q v / n v)) - q v + mass v / Σ t mass.
Proof.
  intro H. destruct (ratio_square v H) as [P E]. pose proof (masses_pos v H) as Z. pose proof (q_pos v H) as Q. pose proof (n_pos v H) as N.
  assert (L : ln (Σ t mass) - s v + ln (q v / n v) = - (2 * ln (ratio v))).
  { assert (K : ln (ratio v * ratio v) = ln (mass v / Σ t mass / q v)) by now rewrite E. rewrite ln_mult in K by exact P. unfold Rdiv in *.
    rewrite !ln_mult in K by (auto using mass_pos, Rinv_0_lt_compat, Rmult_lt_0_compat, exp_pos). rewrite !ln_Rinv in K by auto.
    rewrite !ln_mult by (auto using Rinv_0_lt_compat). rewrite ln_Rinv by auto. unfold mass at 1 in K. rewrite ln_mult, ln_exp in K by (auto using exp_pos). lra. }
  assert (M : mass v / Σ t mass = q v * (ratio v * ratio v)) by (rewrite E; field; lra). rewrite L, M.
  pose proof (ln_below (ratio v) P) as B. assert (0 <= q v * (ratio v - 1 - ln (ratio v))) by (apply Rmult_le_pos; lra). lra.
Qed.
Lemma divergence_bound v : In v t -> q v * ((ratio v - 1) * (ratio v - 1)) <= divergence.
Proof.
  intro H. rewrite divergence_terms. eapply Rle_trans; [apply (term_bound v H)|].
  apply (sum_member (fun v => q v * (ln (Σ t mass) - s v + ln (q v / n v)) - q v + mass v / Σ t mass)); [exact H|].
  intros y Hy. eapply Rle_trans; [|apply (term_bound y Hy)]. apply Rmult_le_pos; [left; auto|]. apply Rle_0_sqr.
Qed.
Lemma divergence_nonneg : 0 <= divergence.
Proof.
  rewrite divergence_terms. apply sum_nonneg. intros y Hy. eapply Rle_trans; [|apply (term_bound y Hy)]. apply Rmult_le_pos; [left; auto|]. apply Rle_0_sqr.
Qed.
(** a small divergence pins the scores up to a common shift, to first order *)
Lemma pinned v e : In v t -> 0 <= e <= 1 -> 8 * divergence <= q v * (e * e) -> (1 - e) * q v <= mass v / Σ t mass <= (1 + e) * q v.
Proof.
  intros H [E0 E1] D. pose proof (divergence_bound v H) as B. pose proof (q_pos v H) as Q. destruct (ratio_square v H) as [P E].
  assert (M : mass v / Σ t mass = q v * (ratio v * ratio v)) by (rewrite E; field; pose proof (masses_pos v H); lra). rewrite M.
  assert (K : 8 * ((ratio v - 1) * (ratio v - 1)) <= e * e).
  { apply Rmult_le_reg_l with (q v); [exact Q|]. lra. }
  set (r := ratio v) in *. clearbody r.
  assert (U : r - 1 <= 3 / 8 * e) by (destruct (Rle_lt_dec (r - 1) (3 / 8 * e)); [assumption|exfalso; nra]).
  assert (V : 1 - r <= 3 / 8 * e) by (destruct (Rle_lt_dec (1 - r) (3 / 8 * e)); [assumption|exfalso; nra]).
  assert (W1 : r * r <= 1 + e) by nra. assert (W2 : 1 - e <= r * r) by nra. split; nra.
Qed.
End Gibbs.

(** ** Functions of time that become as small as one likes *)
Definition fades (f : R -> R) : Prop := forall e, 0 < e -> exists t0, forall t, t0 <= t -> f t <= e.
Lemma fades_zero : fades (fun _ => 0). Proof. intros e He. exists 0. intros. lra. Qed.
Lemma fades_scale c f : 0 <= c -> fades f -> fades (fun t => c * f t).
Proof.
  intros C H e He. destruct (H (e / (c + 1))) as (t0 & K); [apply Rdiv_lt_0_compat; lra|]. exists t0. intros t Ht.
  apply Rle_trans with (c * (e / (c + 1))); [apply Rmult_le_compat_l; auto|]. apply Rmult_le_reg_r with (c + 1); [lra|]. field_simplify; [nra|lra].
Qed.
Lemma fades_sum {A} (l : list A) (f : A -> R -> R) : (forall x, In x l -> fades (f x)) -> fades (fun t => Σ l (fun x => f x t)).
Proof.
  induction l as [|x l IH]; intro H; [apply fades_zero|]. intros e He. destruct (H x (or_introl Logic.eq_refl) (e / 2)) as (t1 & K1); [lra|].
  destruct (IH (fun y I => H y (or_intror I)) (e / 2)) as (t2 & K2); [lra|]. exists (Rmax t1 t2). intros t Ht. cbn [total add reals].
  specialize (K1 t (Rle_trans _ _ _ (Rmax_l _ _) Ht)). specialize (K2 t (Rle_trans _ _ _ (Rmax_r _ _) Ht)). cbv beta in K2. lra.
Qed.
Lemma fades_exp m : 0 < m -> fades (fun t => exp (- (t * m))).
Proof.
  intros M e He. exists (/ (m * e)). intros t Ht. assert (K : 0 < / (m * e)) by (apply Rinv_0_lt_compat, Rmult_lt_0_compat; assumption).
  pose proof (above_tangent (t * m)) as T. rewrite exp_Ropp. assert (B : / e <= exp (t * m)).
  { apply Rle_trans with (t * m); [|lra]. apply Rle_trans with (/ (m * e) * m); [right; field; lra|]. apply Rmult_le_compat_r; lra. }
  rewrite <- (Rinv_inv e). apply Rinv_le_contravar; [now apply Rinv_0_lt_compat|exact B].
Qed.

(** ** An instance with its families: items with weight and counts *)
Section Enclosure.
Variable D : data.
Definition measured := (item * (Q * vector))%type.
Definition weight (x : measured) : Q := fst (snd x).
Definition count (x : measured) (v : N) : Q := entry (snd (snd x)) v.
Definition blk (x : measured) : block := block_of (fst x).
Definition set (x : measured) : list N := set_of (fst x).
Definition prob (x : measured) (v : N) : Q := entry (share (blk x)) v.
(** the shares p - c / weight that the circulation c stands for *)
Definition dual (x : measured) (v : N) : Q := (prob x v - coefficient (fst x) v / weight x)%Q.
Record fit (x : measured) : Prop := Fit {
  weight_pos : (0 < weight x)%Q; set_once : NoDup (set x); set_below : forall v, In v (set x) -> (v < size (blk x))%N; set_some : exists v, In v (set x);
  even : balanced (fst x); whole : (Qtotal (below (size (blk x))) (prob x) == 1)%Q; count_pos : forall v, (v < size (blk x))%N -> (0 < count x v)%Q;
  dual_pos : forall v, In v (set x) -> (0 < dual x v)%Q;
  off_set : forall v, (v < size (blk x))%N -> ~ In v (set x) -> (prob x v == 0)%Q /\ (coefficient (fst x) v == 0)%Q }.
Notation sc w x v := (score reals D w (blk x) v).
Definition value (l : list N) (w : matrix reals) (x : measured) : R :=
  ln (Σ l (fun v => Q2R (count x v) * exp (sc w x v))) - Σ (below (size (blk x))) (fun v => Q2R (prob x v) * sc w x v).
Definition q (x : measured) (v : N) : R := Q2R (dual x v).
Definition n (x : measured) (v : N) : R := Q2R (count x v).
Definition entropy (x : measured) : R := Σ (set x) (fun v => q x v * ln (q x v / n x v)).
Definition gap (w : matrix reals) (x : measured) : R := divergence (set x) (q x) (n x) (fun v => sc w x v).
Lemma Q2R_pos a : (0 < a)%Q -> 0 < Q2R a. Proof. intro H. apply Qlt_Rlt in H. now rewrite RMicromega.Q2R_0 in H. Qed.
Lemma Q2R_null a : (a == 0)%Q -> Q2R a = 0. Proof. intro H. rewrite (Qeq_eqR _ _ H). apply RMicromega.Q2R_0. Qed.
Lemma Q2R_sum {A} (l : list A) f : Q2R (Qtotal l f) = Σ l (fun x => Q2R (f x)). Proof. apply (total_embed reals). Qed.
Lemma on_set x (f : N -> R) : fit x -> (forall v, (v < size (blk x))%N -> ~ In v (set x) -> f v = 0) -> Σ (below (size (blk x))) f = Σ (set x) f.
Proof.
  intros H Z. apply (total_support reals); [apply nodup_below|apply (set_once x H)| |].
  - intros v I. apply in_below, (set_below x H v I).
  - intros v I N. apply in_below in I. now apply Z.
Qed.
Lemma dual_off x v : fit x -> (v < size (blk x))%N -> ~ In v (set x) -> q x v = 0.
Proof. intros H Hv N. destruct (off_set x H v Hv N) as [E K]. apply Q2R_null. unfold dual. rewrite E, K. unfold Qdiv. ring. Qed.
Lemma dual_real x v : fit x -> q x v = Q2R (prob x v) - / Q2R (weight x) * Q2R (coefficient (fst x) v).
Proof.
  intro H. unfold q, dual, Qdiv. rewrite Q2R_minus, Q2R_mult, Q2R_inv; [ring|]. intro E. pose proof (weight_pos x H) as W. rewrite E in W. discriminate.
Qed.
Lemma dual_total x : fit x -> Σ (set x) (q x) = 1.
Proof.
  intro H. rewrite <- (on_set x (q x) H) by (intros; now apply dual_off).
  transitivity (Σ (below (size (blk x))) (fun v => Q2R (prob x v) - / Q2R (weight x) * Q2R (coefficient (fst x) v))); [apply sum_ext; intros; now apply dual_real|].
  rewrite sum_sub, sum_scale, <- !Q2R_sum. rewrite (Qeq_eqR _ _ (whole x H)). pose proof (even x H) as E. unfold balanced in E.
  unfold blk. rewrite (Q2R_null _ E), RMicromega.Q2R_1. lra.
Qed.
Lemma value_split w x : fit x -> Q2R (weight x) * value (set x) w x = Q2R (weight x) * gap w x - Q2R (weight x) * entropy x - weighted reals D w (fst x).
Proof.
  intro H. pose proof (Q2R_pos _ (weight_pos x H)) as W.
  assert (E : Σ (set x) (fun v => q x v * sc w x v) = Σ (below (size (blk x))) (fun v => Q2R (prob x v) * sc w x v) - / Q2R (weight x) * weighted reals D w (fst x)).
  { rewrite <- (on_set x (fun v => q x v * sc w x v) H) by (intros v Hv N; rewrite (dual_off x v H Hv N); ring).
    unfold weighted. rewrite <- (total_scale reals). cbn [mul reals eq]. rewrite <- sum_sub. apply sum_ext. intros v _. cbv beta. rewrite (dual_real x v H). cbn [mul embed reals].
    unfold blk. ring. }
  unfold gap, divergence, value, entropy, mass. rewrite E. unfold n. field. lra.
Qed.

Variable PM : list measured.
Let P := List.map fst PM.
Let T := List.map set PM.
Hypothesis fits : forall x, In x PM -> fit x.
Hypothesis same_blocks : List.map block_of P = blocks D.
Hypothesis same_measure : List.map snd PM = measure D.
Hypothesis no_constant : forall b, In b (blocks D) -> (constant b == 0)%Q.
Hypothesis circulation : vanishes D P.
Lemma combine_map {A B C} (f : A -> B) (g : A -> C) l : combine (List.map f l) (List.map g l) = List.map (fun x => (f x, g x)) l.
Proof. induction l as [|x l IH]; cbn; [reflexivity|now rewrite IH]. Qed.
Lemma blocks_measured : blocks D = List.map blk PM.
Proof. rewrite <- same_blocks. unfold P. now rewrite map_map. Qed.
Lemma loss_items (L : measured -> list N) w : loss D (List.map L PM) w = Σ PM (fun x => Q2R (weight x) * value (L x) w x).
Proof.
  unfold loss. rewrite blocks_measured, <- same_measure, !combine_map. rewrite sum_map. apply sum_ext. intros [x [a m]] _. reflexivity.
Qed.
Lemma everything_items : everything D = List.map (fun x => below (size (blk x))) PM.
Proof. unfold everything. rewrite blocks_measured, map_map. reflexivity. Qed.
Lemma in_blocks x : In x PM -> In (blk x) (blocks D).
Proof. intro H. rewrite blocks_measured. now apply in_map. Qed.
Lemma offset_zero x v : In x PM -> Q2R (offset (blk x) v) = 0.
Proof. intro H. unfold offset. destruct (v =? 1)%N; [apply Q2R_null, no_constant, in_blocks, H|apply RMicromega.Q2R_0]. Qed.
Lemma weighted_total w : Σ PM (fun x => weighted reals D w (fst x)) = 0.
Proof.
  transitivity (Σ P (weighted reals D w)); [unfold P; now rewrite sum_map|]. etransitivity; [apply (pairing_zero reals D w P circulation)|].
  unfold P. etransitivity; [apply sum_map|]. apply (total_zero reals). intros x Hx. apply (total_zero reals). intros v _. cbn [embed reals eq zero].
  rewrite Q2R_mult. change (block_of (fst x)) with (blk x). rewrite (offset_zero x v Hx). ring.
Qed.
Definition mean_entropy : R := Σ PM (fun x => Q2R (weight x) * entropy x).
Lemma tied_loss w : loss D T w = Σ PM (fun x => Q2R (weight x) * gap w x) - mean_entropy.
Proof.
  unfold T. rewrite loss_items. unfold mean_entropy. rewrite <- sum_sub.
  transitivity (Σ PM (fun x => (Q2R (weight x) * gap w x - Q2R (weight x) * entropy x) - weighted reals D w (fst x))).
  - apply sum_ext. intros x Hx. apply value_split. auto.
  - rewrite (sum_sub (fun x => Q2R (weight x) * gap w x - Q2R (weight x) * entropy x)), weighted_total. ring.
Qed.
Lemma gap_nonneg w x : In x PM -> 0 <= Q2R (weight x) * gap w x.
Proof.
  intro H. pose proof (fits x H) as F. apply Rmult_le_pos; [left; apply Q2R_pos, (weight_pos x F)|]. apply divergence_nonneg.
  - intros v I. apply Q2R_pos, (dual_pos x F v I).
  - intros v I. apply Q2R_pos, (count_pos x F v). now apply (set_below x F).
  - now apply dual_total.
Qed.
Lemma tied_below w : loss D T w <= loss D (everything D) w.
Proof.
  unfold T. rewrite everything_items, !loss_items. apply sum_le. intros x Hx. pose proof (fits x Hx) as F. apply Rmult_le_compat_l; [left; apply Q2R_pos, (weight_pos x F)|].
  unfold value. apply Rplus_le_compat_r. destruct (set_some x F) as (a & Ia).
  assert (Pos : forall v, (v < size (blk x))%N -> 0 < Q2R (count x v) * exp (sc w x v)).
  { intros v Hv. apply Rmult_lt_0_compat; [apply Q2R_pos, (count_pos x F v Hv)|apply exp_pos]. }
  apply ln_le.
  - apply (sum_pos _ _ a Ia). intros v I. apply Pos. now apply (set_below x F).
  - apply Rle_trans with (Σ (set x) (fun v => if in_dec N.eq_dec v (set x) then Q2R (count x v) * exp (sc w x v) else 0)).
    + right. apply sum_ext. intros v I. destruct (in_dec N.eq_dec v (set x)); [reflexivity|contradiction].
    + rewrite <- (on_set x _ F) by (intros v Hv N; destruct (in_dec N.eq_dec v (set x)); [contradiction|reflexivity]).
      apply sum_le. intros v I. apply in_below in I. destruct (in_dec N.eq_dec v (set x)); [apply Rle_refl|]. left. now apply Pos.
Qed.
Theorem infimum_below w : - mean_entropy <= loss D (everything D) w.
Proof.
  eapply Rle_trans; [|apply tied_below]. rewrite tied_loss. assert (0 <= Σ PM (fun x => Q2R (weight x) * gap w x)) by (apply sum_nonneg; intros; now apply gap_nonneg). lra.
Qed.

(** *** along the separator the loss falls to the tied loss *)
Variable sep : columns.
Hypothesis separator : forall x, In x PM -> separates D sep (fst x).
Notation grid f := (Σ (below (height D)) (fun i => Σ (below (width D)) (fun k => f i k))).
Definition moved (w : matrix reals) (t : R) : matrix reals := fun i k => w i k + t * rational reals sep i k.
Lemma score_moved w t x v : In x PM -> sc (moved w t) x v = sc w x v + t * Q2R (qscore D sep (blk x) v).
Proof.
  intro Hx. pose proof (score_rational reals D sep (blk x) v) as S. cbn [eq embed reals] in S. rewrite <- S. unfold score. cbn [add mul embed reals]. rewrite (offset_zero x v Hx), !Rplus_0_r.
  transitivity (grid (fun i k => Q2R (factor (blk x) v i * entry (right (blk x)) k) * w i k + t * (Q2R (factor (blk x) v i * entry (right (blk x)) k) * rational reals sep i k))).
  - apply (grid_ext reals D). intros i k _ _. unfold moved. cbn [eq reals]. ring.
  - etransitivity; [apply (grid_add reals D (fun i k => Q2R (factor (blk x) v i * entry (right (blk x)) k) * w i k) (fun i k => t * (Q2R (factor (blk x) v i * entry (right (blk x)) k) * rational reals sep i k)))|].
    cbn [add reals eq]. f_equal. apply (grid_scale reals D).
Qed.
Lemma block_limit w x : In x PM -> exists f, fades f /\ forall t, value (below (size (blk x))) (moved w t) x <= value (set x) w x + f t.
Proof.
  intro Hx. pose proof (fits x Hx) as F. destruct (separator x Hx) as (l & S). set (B := below (size (blk x))). destruct (set_some x F) as (a & Ia).
  set (Z := Σ (set x) (fun v => Q2R (count x v) * exp (sc w x v))).
  assert (Zp : 0 < Z). { apply (sum_pos _ _ a Ia). intros v I. apply Rmult_lt_0_compat; [apply Q2R_pos, (count_pos x F), (set_below x F), I|apply exp_pos]. }
  set (g := fun v t => if in_dec N.eq_dec v (set x) then 0 else / Z * (Q2R (count x v) * exp (sc w x v)) * exp (- (t * (Q2R l - Q2R (qscore D sep (blk x) v))))).
  exists (fun t => Σ B (fun v => g v t)). split.
  - apply fades_sum. intros v I. apply in_below in I. unfold g. destruct (in_dec N.eq_dec v (set x)) as [J|J]; [apply fades_zero|].
    apply (fades_scale (/ Z * (Q2R (count x v) * exp (sc w x v))) (fun t => exp (- (t * (Q2R l - Q2R (qscore D sep (blk x) v)))))).
    + left. apply Rmult_lt_0_compat; [now apply Rinv_0_lt_compat|]. apply Rmult_lt_0_compat; [apply Q2R_pos, (count_pos x F v I)|apply exp_pos].
    + apply fades_exp. destruct (S v I) as (_ & _ & O & _). destruct (O J) as [K _]. apply Qlt_Rlt in K. unfold blk. lra.
  - intro t. unfold value. fold B. fold Z.
    assert (E : Σ B (fun v => Q2R (prob x v) * sc (moved w t) x v) = Σ B (fun v => Q2R (prob x v) * sc w x v) + t * Q2R l).
    { transitivity (Σ B (fun v => Q2R (prob x v) * sc w x v) + (t * Q2R l) * Σ B (fun v => Q2R (prob x v))).
      - rewrite <- sum_scale, <- sum_add. apply sum_ext. intros v I. apply in_below in I. cbv beta. rewrite (score_moved w t x v Hx).
        destruct (in_dec N.eq_dec v (set x)) as [J|J].
        + destruct (S v I) as (_ & L & _). specialize (L J). apply Qeq_eqR in L. unfold blk. rewrite L. cbn [carrier reals]. ring.
        + destruct (off_set x F v I J) as [K _]. rewrite (Q2R_null _ K). cbn [carrier reals]. ring.
      - rewrite <- Q2R_sum. unfold B. rewrite (Qeq_eqR _ _ (whole x F)), RMicromega.Q2R_1. lra. }
    assert (M : Σ B (fun v => Q2R (count x v) * exp (sc (moved w t) x v)) = exp (t * Q2R l) * (Z * (1 + Σ B (fun v => g v t)))).
    { transitivity (Σ B (fun v => exp (t * Q2R l) * ((if in_dec N.eq_dec v (set x) then Q2R (count x v) * exp (sc w x v) else 0) + Z * g v t))).
      - apply sum_ext. intros v I. apply in_below in I. cbv beta. rewrite (score_moved w t x v Hx). unfold g. destruct (in_dec N.eq_dec v (set x)) as [J|J].
        + destruct (S v I) as (_ & L & _). specialize (L J). apply Qeq_eqR in L. unfold blk. rewrite L, exp_plus. cbn [carrier reals]. ring.
        + replace (sc w x v + t * Q2R (qscore D sep (blk x) v)) with (t * Q2R l + sc w x v + - (t * (Q2R l - Q2R (qscore D sep (blk x) v)))) by (cbn [carrier reals]; ring).
          rewrite !exp_plus. field. lra.
      - rewrite sum_scale. f_equal. rewrite sum_add, (sum_scale Z). rewrite (on_set x _ F) by (intros v Hv N; destruct (in_dec N.eq_dec v (set x)); [contradiction|reflexivity]).
        assert (EZ : Σ (set x) (fun v => if in_dec N.eq_dec v (set x) then Q2R (count x v) * exp (sc w x v) else 0) = Z).
        { apply sum_ext. intros v I. destruct (in_dec N.eq_dec v (set x)); [reflexivity|contradiction]. }
        etransitivity; [apply (f_equal2 Rplus EZ Logic.eq_refl)|]. change (Σ B (fun v => g v t)) with (Σ B (fun v => g v t) : R). unfold carrier, reals. ring. }
    assert (G : 0 <= Σ B (fun v => g v t)).
    { apply sum_nonneg. intros v I. apply in_below in I. unfold g. destruct (in_dec N.eq_dec v (set x)); [lra|]. left. apply Rmult_lt_0_compat; [|apply exp_pos].
      apply Rmult_lt_0_compat; [now apply Rinv_0_lt_compat|]. apply Rmult_lt_0_compat; [apply Q2R_pos, (count_pos x F v I)|apply exp_pos]. }
    rewrite E, M. set (s := Σ B (fun v => g v t)) in *. clearbody s. rewrite ln_mult by (apply exp_pos || (apply Rmult_lt_0_compat; lra)). rewrite ln_exp, ln_mult by lra.
    pose proof (ln_below (1 + s)) as L. lra.
Qed.
Lemma items_limit l w : (forall x, In x l -> In x PM) -> exists f, fades f /\
  forall t, Σ l (fun x => Q2R (weight x) * value (below (size (blk x))) (moved w t) x) <= Σ l (fun x => Q2R (weight x) * value (set x) w x) + f t.
Proof.
  induction l as [|x l IH]; intro H; [exists (fun _ => 0); split; [apply fades_zero|intros; cbn; lra]|].
  destruct IH as (f & Ff & Hf); [intros; apply H; now right|]. assert (Hx : In x PM) by (apply H; now left). destruct (block_limit w x Hx) as (g & Fg & Hg).
  pose proof (Q2R_pos _ (weight_pos x (fits x Hx))) as W. exists (fun t => Σ [fun t => Q2R (weight x) * g t; f] (fun h => h t)). split.
  - apply (fades_sum [fun t => Q2R (weight x) * g t; f] (fun h => h)). intros h [<-|[<-|[]]]; [apply fades_scale; [lra|exact Fg]|exact Ff].
  - intro t. cbn [total add zero reals]. specialize (Hf t). specialize (Hg t). apply (Rmult_le_compat_l _ _ _ (Rlt_le _ _ W)) in Hg. lra.
Qed.
Theorem infimum_above w e : 0 < e -> exists w', loss D (everything D) w' <= loss D T w + e.
Proof.
  intro He. destruct (items_limit PM w) as (f & Ff & Hf); [auto|]. destruct (Ff e He) as (t & Ht). exists (moved w t). unfold T. rewrite everything_items, !loss_items.
  eapply Rle_trans; [apply Hf|]. specialize (Ht t (Rle_refl t)). lra.
Qed.

(** *** the differences of scores where the tied loss is minimal *)
Theorem log_odds_pinned_one c lower upper radius z x : In x PM -> lower <= - mean_entropy -> loss D T c <= upper -> 0 <= radius <= 2 ->
  (forall v, In v (set x) -> 128 * (upper - lower) <= Q2R (weight x) * q x v * (radius * radius) /\
     n x v * exp (sc c x v - z) <= (1 + radius / 2) * ((1 - radius / 4) * q x v) /\ (1 + radius / 4) * q x v * exp (z - sc c x v) <= (1 + radius / 2) * n x v) ->
  forall w, minimal D T w -> forall u v, In u (set x) -> In v (set x) -> Rabs ((sc w x u - sc w x v) - (sc c x u - sc c x v)) <= radius.
Proof.
  intros Hx HL HU HR H w M u v Hu Hv. pose proof (fits x Hx) as F. set (Z := Σ (set x) (mass (n x) (fun v => sc w x v))).
  assert (Qp : forall v, In v (set x) -> 0 < q x v) by (intros; apply Q2R_pos; now apply (dual_pos x F)).
  assert (Np : forall v, In v (set x) -> 0 < n x v) by (intros; apply Q2R_pos, (count_pos x F); now apply (set_below x F)).
  assert (Zp : 0 < Z) by (now apply (masses_pos _ _ _ Np u)).
  assert (W : 0 < Q2R (weight x)) by apply Q2R_pos, (weight_pos x F).
  assert (G : Q2R (weight x) * gap w x <= upper - lower).
  { pose proof (M c) as L. rewrite (tied_loss w) in L. pose proof (sum_member (fun x => Q2R (weight x) * gap w x) PM x Hx (fun y Hy => gap_nonneg w y Hy)) as S. cbv beta in S. lra. }
  assert (B : forall v, In v (set x) -> Rabs (sc w x v - ln Z - (sc c x v - z)) <= radius / 2).
  { intros i Hi. destruct (H i Hi) as (H1 & H2 & H3). specialize (Qp i Hi) as Qi. specialize (Np i Hi) as Ni.
    assert (Pin : (1 - radius / 4) * q x i <= mass (n x) (fun v => sc w x v) i / Z <= (1 + radius / 4) * q x i).
    { apply (pinned (set x) (q x) (n x) (fun v => sc w x v)); auto; [now apply dual_total|lra|]. change (8 * gap w x <= q x i * (radius / 4 * (radius / 4))).
      apply Rmult_le_reg_l with (Q2R (weight x)); [exact W|]. lra. }
    unfold mass in Pin. set (s := sc w x i) in *. set (y := sc c x i) in *. set (ζ := z) in *.
    assert (E : n x i * exp s / Z = n x i * exp (s - ln Z)) by (unfold Rminus, Rdiv; rewrite exp_plus, exp_Ropp, exp_ln by exact Zp; ring). rewrite E in Pin. clear E.
    set (d := s - ln Z) in *. clearbody d. destruct Pin as [P1 P2].
    apply Rabs_le. split.
    - (* n e^y' <= (1 + r/2) (1 - r/4) q <= (1 + r/2) n e^d *)
      assert (K : exp (y - ζ - d) <= 1 + radius / 2).
      { apply Rmult_le_reg_l with (n x i * exp d); [apply Rmult_lt_0_compat; [exact Ni|apply exp_pos]|].
        replace (n x i * exp d * exp (y - ζ - d)) with (n x i * exp (y - ζ)) by (rewrite Rmult_assoc, <- exp_plus; f_equal; f_equal; ring).
        eapply Rle_trans; [exact H2|]. rewrite Rmult_comm. apply Rmult_le_compat_r; [lra|exact P1]. }
      pose proof (above_tangent (y - ζ - d)). lra.
    - assert (K : exp (d - (y - ζ)) <= 1 + radius / 2).
      { apply Rmult_le_reg_l with (n x i); [exact Ni|].
        replace (n x i * exp (d - (y - ζ))) with (n x i * exp d * exp (ζ - y)) by (rewrite Rmult_assoc, <- exp_plus; f_equal; f_equal; ring).
        apply Rle_trans with ((1 + radius / 4) * q x i * exp (ζ - y)); [apply Rmult_le_compat_r; [left; apply exp_pos|exact P2]|]. rewrite (Rmult_comm (n x i)). exact H3. }
      pose proof (above_tangent (d - (y - ζ))). lra. }
  pose proof (B u Hu) as Bu. pose proof (B v Hv) as Bv. apply abs_bounds in Bu, Bv. apply Rabs_le. lra.
Qed.
End Enclosure.
