(** Soundness of the records [next-directions] and [unique-multipliers]. *)
Require Import List NArith ZArith QArith Qreduction Bool FMapPositive Lia Lqa Setoid Ring Morphisms.
Require Import Coq.micromega.OrderedRing.
From NTP Require Import Spec Sums Theorems Levels Kernel Correct Sound.
Import ListNotations.
Open Scope N_scope.

Section Instance.
Variables (F : ordered) (D : data).
Notation φ := (embed F).
Add Ring ring_of_F : (SORrt (laws F)).
Add Morphism (sub F) with signature eq F ==> eq F ==> eq F as sub_morphism_here. Proof. apply sub_morphism_Proper. Qed.
Add Morphism (embed F) with signature Qeq ==> eq F as embed_morphism_here. Proof. apply embed_eq. Qed.
Hypothesis no_constant : forall b, In b (blocks D) -> (constant b == 0)%Q.
Definition real_family (P : list piece) : list (N -> F) := List.map (fun x v => φ (entry (snd x) v)) P.
Lemma combine_maps {A B C} (f : A -> B) (g : A -> C) l : combine (List.map f l) (List.map g l) = List.map (fun x => (f x, g x)) l.
Proof. induction l as [|x l IH]; cbn; [reflexivity|now rewrite IH]. Qed.
Lemma pieces_ok L C P : pieces D L C = Some P -> combine (blocks D) L = List.map fst P /\ length L = length (blocks D) /\ blocks D = List.map (fun x => fst (fst x)) P /\ L = List.map (fun x => snd (fst x)) P.
Proof.
  unfold pieces. destruct (pairs (blocks D) L) as [BL|] eqn:E; [|discriminate]. intro H. apply pairs_ok in H as [_ H].
  assert (G : BL = combine (blocks D) L /\ List.map fst BL = blocks D /\ List.map snd BL = L).
  { pose proof (pairs_ok _ _ _ E) as [A B]. repeat split; auto. clear - E. revert L BL E. induction (blocks D) as [|b B IH]; intros [|l L] BL E; cbn in E; try discriminate; [now injection E as <-|].
    destruct (pairs B L) eqn:K; [|discriminate]. injection E as <-. cbn. now rewrite (IH _ _ K). }
  destruct G as (-> & G1 & G2). split; [auto|]. split; [|split].
  - rewrite <- G1, map_length, <- H, map_length. rewrite <- G2 at 1. rewrite <- H. now rewrite !map_length.
  - rewrite <- G1, <- H, map_map. reflexivity.
  - rewrite <- G2, <- H, map_map. reflexivity.
Qed.
Lemma margin_of_ok s E v : (margin_of s E v == entry s (hd 0%N E) - entry s v)%Q. Proof. apply qsub_ok. Qed.

Section Level.
Variables (L : programme) (C : list vector) (P : list piece) (u : columns).
Hypothesis given : pieces D L C = Some P.
Hypothesis held : forallb (holding D u) P = true.
Hypothesis stands : stationary D P u = true.
Notation BL := (combine (blocks D) L).
Notation c := (real_family P).
Lemma with_family : combine BL c = List.map (fun x => (fst x, fun v => φ (entry (snd x) v))) P.
Proof. destruct (pieces_ok _ _ _ given) as (-> & _). apply combine_maps. Qed.
Lemma block_in x : In x P -> In (fst (fst x)) (blocks D).
Proof. intro H. destruct (pieces_ok _ _ _ given) as (_ & _ & -> & _). now apply (in_map (fun x => fst (fst x))). Qed.
(** one piece in words; the margin is taken against the first level alternative *)
Lemma piece_ok b E A k : In (b, (E, A), k) P -> E <> [] /\ (forall v, In v E -> v < size b) /\ (forall v, In v A -> v < size b /\ ~ In v E) /\ (Qtotal (below (size b)) (entry k) == 0)%Q /\
  forall v, v < size b -> let m := (qscore D u b (hd 0%N E) - qscore D u b v)%Q in
    (In v E -> (m == 0)%Q) /\ (In v A -> (1 <= m)%Q /\ (entry k v <= 0)%Q /\ ((entry k v == 0)%Q \/ (m == 1)%Q)) /\ (~ In v E -> ~ In v A -> (entry k v == 0)%Q).
Proof.
  intro Hx. pose proof (block_in _ Hx) as I. cbn [fst] in I. rewrite forallb_forall in held. specialize (held _ Hx). cbv beta iota zeta delta [holding] in held. rewrite !andb_true_iff in held. destruct held as [[[[H1 H2] H3] H4] H5].
  assert (Ne : E <> []) by (destruct E; [discriminate|easy]). rewrite forallb_forall in H2, H3, H5. apply qzero_ok in H4. rewrite vsum_sound in H4.
  assert (Eb : forall v, In v E -> v < size b) by (intros v Hv; now apply N.ltb_lt, H2).
  assert (Ab : forall v, In v A -> v < size b /\ ~ In v E).
  { intros v Hv. specialize (H3 v Hv). apply andb_true_iff in H3 as [X Y]. split; [now apply N.ltb_lt|]. intro K. apply member_list in K. rewrite K in Y. discriminate. }
  assert (Ih : In (hd 0%N E) E) by (destruct E; [easy|now left]).
  split; [exact Ne|]. split; [exact Eb|]. split; [exact Ab|]. split; [exact H4|]. intros v Hv. cbv zeta. specialize (H5 v (proj2 (in_below v _) Hv)). cbv beta in H5.
  assert (M : (margin_of (scores D u b) E v == qscore D u b (hd 0%N E) - qscore D u b v)%Q).
  { rewrite margin_of_ok, (scores_sound D u b I v Hv), (scores_sound D u b I _ (Eb _ Ih)). reflexivity. }
  split; [|split].
  - intro K. rewrite (proj2 (member_list v E) K) in H5. apply qzero_ok in H5. now rewrite <- M.
  - intro K. destruct (Ab v K) as [_ N]. rewrite (member_no E v N), (proj2 (member_list v A) K), !andb_true_iff, orb_true_iff in H5. destruct H5 as [[X Y] W]. apply Qle_bool_iff in X, Y.
    split; [now rewrite <- M|]. split; [exact Y|]. destruct W as [W|W]; [left; now apply qzero_ok|right]. apply Qeq_bool_eq in W. now rewrite <- M.
  - intros K K'. rewrite (member_no E v K), (member_no A v K') in H5. now apply qzero_ok.
Qed.
Lemma in_pieces b l : In (b, l) BL -> exists k, In (b, l, k) P.
Proof. destruct (pieces_ok _ _ _ given) as (-> & _). intro H. apply in_map_iff in H as ([y k] & E & H). cbn in E. subst y. now exists k. Qed.
Lemma level_some : some D L.
Proof. intros b [E A] H. destruct (in_pieces _ _ H) as (k & K). destruct (piece_ok b E A k K) as (Ne & _). cbn. destruct E; [easy|now left]. Qed.
Lemma level_inside : Levels.inside D L.
Proof. intros b [E A] v H Hv. destruct (in_pieces _ _ H) as (k & K). destruct (piece_ok b E A k K) as (_ & _ & X & _). now apply X. Qed.
Lemma equal_scores b v a q0 : (q0 == qscore D u b a - qscore D u b v)%Q -> (q0 == 0)%Q -> eq F (score F D (rational F u) b v) (score F D (rational F u) b a).
Proof. intros H K. rewrite !score_rational. apply embed_eq. lra. Qed.
Lemma scores_one b v a : (qscore D u b a - qscore D u b v == 1)%Q <-> eq F (add F (score F D (rational F u) b v) (Spec.one F)) (score F D (rational F u) b a).
Proof.
  rewrite !score_rational, <- embed_one, <- embed_add. split; intro H; [apply embed_eq; lra|]. apply embed_injective in H. lra.
Qed.
Lemma level_multiplier : multiplier F D L (rational F u) c.
Proof.
  destruct (pieces_ok _ _ _ given) as (B & Len & Bl & _). split; [|split].
  - unfold real_family. now rewrite map_length, Bl, map_length.
  - apply Forall_forall. intros x Hx. rewrite with_family in Hx. apply in_map_iff in Hx as ([[b [E A]] k] & <- & Hx). cbn [fst snd]. destruct (piece_ok b E A k Hx) as (Ne & Eb & Ab & Z & M). split.
    + rewrite <- total_embed, Z. apply embed_zero.
    + intros v Hv. destruct (M v Hv) as (M1 & M2 & M3). cbv zeta in *. destruct (in_dec N.eq_dec v E) as [K|K]; [now left|right]. destruct (in_dec N.eq_dec v A) as [K'|K'].
      * destruct (M2 K') as (_ & X & [Y|Y]); [left; rewrite Y; apply embed_zero|right]. split; [exact K'|]. split; [rewrite <- embed_zero; now apply embed_le|].
        intros a Ia. destruct (M a (Eb a Ia)) as (Ma & _). specialize (Ma Ia). apply scores_one. lra.
      * left. rewrite (M3 K K'). apply embed_zero.
  - intros i k Hi Hk. unfold stationary in stands.
    set (items := List.map (fun x : piece => (fst (fst x), @nil N, snd x)) P) in *.
    assert (S : List.map block_of items = blocks D) by (unfold items; rewrite map_map, Bl; reflexivity).
    assert (E : (element u i k == combination items i k)%Q).
    { symmetry. rewrite <- (adjoint_sound D items) by (auto; intros; now apply from_block with items). now apply (equal_sound D). }
    unfold rational. rewrite E. unfold combination. rewrite total_embed. unfold items, real_family. rewrite Bl, combine_maps, !total_map. apply total_ext. intros [[b l] k0] _. cbn [fst snd]. rewrite total_embed.
    apply total_ext. intros v _. unfold coefficient. cbn [snd]. apply embed_mul.
Qed.
Lemma level_obeys : obeys F D L (rational F u).
Proof.
  destruct (pieces_ok _ _ _ given) as (_ & _ & Bl & Ll). unfold obeys. rewrite Bl. rewrite Ll at 1. apply forall2_map. intros [[b [E A]] k] Hx a v Ia. cbn [fst snd] in *. destruct (piece_ok b E A k Hx) as (Ne & Eb & Ab & Z & M).
  destruct (M a (Eb a Ia)) as (Ma & _). specialize (Ma Ia). split; intro Iv.
  - destruct (M v (Eb v Iv)) as (Mv & _). specialize (Mv Iv). rewrite !score_rational. apply embed_eq. lra.
  - destruct (M v (proj1 (Ab v Iv))) as (_ & Mv & _). destruct (Mv Iv) as (X & _). rewrite !score_rational, <- embed_one, <- embed_add. apply embed_le. lra.
Qed.
Lemma level_norm s : Qeq_bool (square_norm D u) s = true -> eq F (norm2 F D (rational F u)) (φ s).
Proof.
  intro H. apply Qeq_bool_eq in H. rewrite square_norm_sound in H. transitivity (φ (norm2 rationals D (rational rationals u))); [|now apply embed_eq].
  unfold norm2. symmetry. rewrite total_embed. apply total_ext. intros i _. rewrite total_embed. apply total_ext. intros k _. apply embed_mul.
Qed.
Lemma level_is_least : least F D (obeys F D L) (rational F u).
Proof. apply level_least with c; auto using level_some, level_multiplier, level_obeys. Qed.
Lemma active_ok b E A k v : In (b, (E, A), k) P -> In v A -> (Qeq_bool (margin_of (scores D u b) E v) 1 = true <-> forall a, In a E -> eq F (add F (score F D (rational F u) b v) (Spec.one F)) (score F D (rational F u) b a)).
Proof.
  intros Hx Iv. pose proof (block_in _ Hx) as I. cbn [fst] in I. destruct (piece_ok b E A k Hx) as (Ne & Eb & Ab & Z & M).
  assert (Ih : In (hd 0%N E) E) by (destruct E; [easy|now left]).
  assert (Mg : (margin_of (scores D u b) E v == qscore D u b (hd 0%N E) - qscore D u b v)%Q) by (rewrite margin_of_ok, (scores_sound D u b I v (proj1 (Ab v Iv))), (scores_sound D u b I _ (Eb _ Ih)); reflexivity).
  split.
  - intros H a Ia. apply Qeq_bool_eq in H. destruct (M a (Eb a Ia)) as (Ma & _). specialize (Ma Ia). cbv zeta in Ma. apply scores_one. lra.
  - intro H. specialize (H _ Ih). apply scores_one in H. apply Qeq_bool_iff. now rewrite Mg.
Qed.
Lemma sign_ok a : (qlt a 0 = true <-> lt F (φ a) (zero F)) /\ (qzero a = true <-> eq F (φ a) (zero F)).
Proof.
  assert (S : (a < 0)%Q -> lt F (φ a) (zero F)) by (intro H; rewrite <- embed_zero; now apply embed_lt). assert (Z : (a == 0)%Q -> eq F (φ a) (zero F)) by (intro H; rewrite H; apply embed_zero).
  split; split; intro H.
  - apply S. now apply qlt_ok.
  - apply qlt_ok. destruct (Qlt_le_dec a 0) as [K|K]; [exact K|exfalso]. apply (embed_le F) in K. rewrite embed_zero in K. exact (le_not_lt F _ _ K H).
  - apply Z. now apply qzero_ok.
  - apply Qeq_bool_iff. apply embed_injective with F. now rewrite embed_zero.
Qed.
Lemma next_families : Forall (fun x => let '(b, (E, A), (E', A'), k) := x in forall v,
     (In v E' <-> In v E \/ (In v A /\ lt F (k v) (zero F))) /\
     (In v A' <-> In v A /\ eq F (k v) (zero F) /\ forall a, In a E -> eq F (add F (score F D (rational F u) b v) (Spec.one F)) (score F D (rational F u) b a)))
   (combine (combine BL (List.map (following D u) P)) c).
Proof.
  destruct (pieces_ok _ _ _ given) as (-> & _). unfold real_family. rewrite !combine_maps. apply Forall_map, Forall_forall. intros [[b [E A]] k] Hx. cbn. intro v. split.
  - rewrite in_app_iff, filter_In. now rewrite (proj1 (sign_ok (entry k v))).
  - rewrite filter_In, andb_true_iff, (proj2 (sign_ok (entry k v))). split.
    + intros (Iv & Y & W). repeat split; auto. now apply (active_ok b E A k v Hx Iv).
    + intros (Iv & Y & W). repeat split; auto. now apply (active_ok b E A k v Hx Iv).
Qed.
(** whatever direction levels the lists and what is negative, and stays below what is weak, shows that the weak ones vanish in every multiplier *)
Lemma weak_vanish w : levelled F D L w -> (forall x, In x (combine BL c) -> weakens F D x (rational F u) w) -> forall c', multiplier F D L (rational F u) c' ->
  forall b E A k k', In (b, (E, A), k, k') (combine (combine BL c) c') -> forall v, In v A -> eq F (k v) (zero F) ->
  eq F (add F (score F D (rational F u) b v) (Spec.one F)) (score F D (rational F u) b (hd 0%N E)) -> eq F (k' v) (zero F).
Proof.
  intros Lw Wk. destruct (pieces_ok _ _ _ given) as (_ & Len & _). exact (level_weak F D no_constant L (rational F u) c w level_some level_inside Len level_multiplier Lw Wk).
Qed.
Lemma next_from_following : (List.Forall (fun EA => snd EA = []) (List.map (following D u) P) \/ exists w, obeys F D (List.map (following D u) P) w) ->
  next F D L (List.map (following D u) P) (rational F u).
Proof.
  intro H. set (M := List.map (following D u) P) in *. split; [exists c; split; [apply level_multiplier|apply next_families]|]. intros c' Mc'. apply Forall_forall. intros [[b [E' A']] k'] Hx v Iv.
  pose proof (pieces_ok _ _ _ given) as (BLe & Len & Bl & Ll).
  assert (Lm : length M = length (blocks D)) by (unfold M; rewrite Bl, !map_length; reflexivity).
  destruct H as [H|(w & O)].
  { pose proof (in_combine_l _ _ _ _ Hx) as K. apply in_combine_r in K. rewrite Forall_forall in H. specialize (H _ K). cbn in H. subst A'. easy. }
  (* the piece behind this entry *)
  assert (Q1 : exists E A k, In (b, (E, A), k) P /\ following D u (b, (E, A), k) = (E', A') /\ In (b, (E, A), (fun v => φ (entry k v)), k') (combine (combine BL c) c')).
  { unfold M in Hx. rewrite Bl, combine_maps in Hx. rewrite with_family. clear - Hx. revert c' Hx. induction P as [|[[b0 [E0 A0]] k0] l IH]; intros [|d c'] Hx; try easy. cbn [List.map combine] in Hx |- *. destruct Hx as [Hx|Hx].
    - assert (X1 : fst (fst (b0, (E0, A0), k0)) = b) by congruence. assert (X2 : following D u (b0, (E0, A0), k0) = (E', A')) by congruence. assert (X3 : d = k') by congruence. cbn in X1. subst b0 d.
      exists E0, A0, k0. split; [now left|]. split; [exact X2|]. now left.
    - destruct (IH c' Hx) as (E & A & k & I1 & I2 & I3). exists E, A, k. split; [now right|]. split; [exact I2|]. now right. }
  destruct Q1 as (E & A & k & Hp & Hf & H4). cbv beta iota zeta delta [following] in Hf. injection Hf as HE HA. rewrite <- HA in Iv. apply filter_In in Iv as [IA Iv]. apply andb_true_iff in Iv as [Z1 Z2].
  destruct (piece_ok b E A k Hp) as (Ne & Eb & Ab & _). assert (Ih : In (hd 0%N E) E) by (destruct E; [easy|now left]).
  apply (weak_vanish w) with (c' := c') (b := b) (E := E) (A := A) (k := fun v => φ (entry k v)); auto.
  - (* level on the lists of L *)
    unfold levelled. unfold obeys in O. rewrite Bl in O |- *. rewrite Ll. unfold M in O. apply forall2_map. intros [[b0 [E0 A0]] k0] H0 a v0 Ia Iv0. cbn [fst snd] in *.
    assert (R : forall a v, In a (fst (following D u (b0, (E0, A0), k0))) -> In v (fst (following D u (b0, (E0, A0), k0))) -> eq F (score F D w b0 v) (score F D w b0 a)).
    { clear - O H0. induction P as [|x l IH]; [easy|]. cbn [List.map] in O. inversion O; subst. destruct H0 as [->|H0]; [|now apply IH]. intros a v Ia Iv. match goal with X : forall a v, _ |- _ => now apply (X a v Ia) end. }
    apply R; unfold following; cbn [fst snd]; apply in_app_iff; now left.
  - intros x Hx0. rewrite with_family in Hx0. apply in_map_iff in Hx0 as ([[b0 [E0 A0]] k0] & <- & H0). intros v0 I0. cbn [fst snd] in *.
    destruct (piece_ok b0 E0 A0 k0 H0) as (Ne0 & _). assert (Ih0 : In (hd 0%N E0) E0) by (destruct E0; [easy|now left]).
    assert (R : forall a v, In a (fst (following D u (b0, (E0, A0), k0))) -> (In v (fst (following D u (b0, (E0, A0), k0))) -> eq F (score F D w b0 v) (score F D w b0 a)) /\
       (In v (snd (following D u (b0, (E0, A0), k0))) -> le F (add F (score F D w b0 v) (Spec.one F)) (score F D w b0 a))).
    { unfold obeys in O. rewrite Bl in O. unfold M in O. clear - O H0. induction P as [|x l IH]; [easy|]. cbn [List.map] in O. inversion O; subst. destruct H0 as [->|H0]; [|now apply IH]. assumption. }
    split.
    + intro S. apply R; unfold following; cbn [fst snd]; apply in_app_iff; [now left|right]. apply filter_In. split; [exact I0|]. now apply (proj1 (sign_ok _)).
    + intros S T. apply plus_one_lt. apply R; unfold following; cbn [fst snd]; [apply in_app_iff; now left|]. apply filter_In. split; [exact I0|]. apply andb_true_iff. split; [now apply (proj2 (sign_ok _))|].
      apply (active_ok b0 E0 A0 k0 v0 H0 I0). intros a Ia. rewrite T. destruct (piece_ok b0 E0 A0 k0 H0) as (_ & Eb0 & _ & _ & Mm). destruct (Mm a (Eb0 a Ia)) as (Ma & _). specialize (Ma Ia). cbv zeta in Ma.
      rewrite !score_rational. apply embed_eq. lra.
  - now apply (proj2 (sign_ok (entry k v))).
  - exact (proj1 (active_ok b E A k v Hp IA) Z2 _ Ih).
Qed.
End Level.

(** ** The chain of directions *)
Lemma chain_obeys L l : check_chain D L l = true -> List.Forall (fun EA => snd EA = []) L \/ exists w, obeys F D L w.
Proof.
  destruct l as [|[[u C] s] l]; cbn [check_chain]; intro H.
  - left. apply Forall_forall. intros EA I. rewrite forallb_forall in H. specialize (H EA I). destruct (snd EA); [reflexivity|discriminate].
  - right. destruct (pieces D L C) as [P|] eqn:E; [|discriminate]. rewrite !andb_true_iff in H. destruct H as [[[H1 H2] _] _]. exists (rational F u). now apply (level_obeys L C P u E H1).
Qed.
Theorem chain_sound l : forall L, check_chain D L l = true -> directions F D L (List.map (fun x => (fst (fst x), snd x)) l).
Proof.
  induction l as [|[[u C] s] l IH]; intros L H.
  - cbn. destruct (chain_obeys L [] H) as [K|_]; [exact K|]. cbn in H. apply Forall_forall. intros EA I. rewrite forallb_forall in H. specialize (H EA I). destruct (snd EA); [reflexivity|discriminate].
  - cbn [check_chain] in H. cbn [List.map fst snd directions]. destruct (pieces D L C) as [P|] eqn:E; [|discriminate]. rewrite !andb_true_iff in H. destruct H as [[[H1 H2] H3] H4].
    split; [now apply (level_is_least L C P u E H1 H2)|]. split; [now apply (level_norm u)|]. exists (List.map (following D u) P). split; [|now apply IH].
    apply (next_from_following L C P u E H1 H2). now apply chain_obeys with l.
Qed.

(** ** Uniqueness *)
Theorem unique_sound L C P u d (W : list (N * N * columns)) : pieces D L C = Some P -> forallb (holding D u) P = true -> stationary D P u = true ->
  forallb (weakening D d u) P = true -> forallb (fun w => forallb (dual_to D (snd w) (fst (fst w)) (snd (fst w))) (combine (from 0 (length P)) P)) W = true ->
  forallb (fun y => let '(j, (_, (_, A), c)) := y in forallb (fun v => implb (qlt (entry c v) 0) (existsb (fun w => (fst (fst w) =? j) && (snd (fst w) =? v)) W)) A) (combine (from 0 (length P)) P) = true ->
  unique_multiplier F D L (rational F u).
Proof.
  intros G H1 H2 H3 H4 H5. pose proof (pieces_ok _ _ _ G) as (BL & Len & Bl & Ll).
  pose proof (level_multiplier L C P u G H1 H2) as M. pose proof (level_some L C P u G H1) as So. pose proof (level_inside L C P u G H1) as Ins. set (c := real_family P) in *.
  assert (Hd : forall b E A k, In (b, (E, A), k) P -> In b (blocks D) /\ In (hd 0%N E) E /\ (forall v, In v E -> v < size b) /\ (forall v, In v A -> v < size b)).
  { intros b E A k I. destruct (piece_ok L C P u G H1 b E A k I) as (Ne & Eb & Ab & _). split; [exact (block_in L C P G _ I)|]. split; [destruct E; [easy|now left]|]. split; [exact Eb|]. intros v Iv. now apply Ab. }
  (* matrices that level the level lists *)
  assert (Lev : forall w, (forall b E A k, In (b, (E, A), k) P -> forallb (fun v => qzero (margin_of (scores D w b) E v)) E = true) -> levelled F D L (rational F w)).
  { intros w K. unfold levelled. rewrite Bl, Ll. apply forall2_map. intros [[b [E A]] k] I a v Ia Iv. cbn [fst snd] in *. destruct (Hd b E A k I) as (Ib & Ih & Eb & _). specialize (K b E A k I). rewrite forallb_forall in K.
    assert (X : forall v, In v E -> (qscore D w b v == qscore D w b (hd 0%N E))%Q).
    { intros v0 I0. specialize (K v0 I0). apply qzero_ok in K. rewrite margin_of_ok, (scores_sound D w b Ib _ (Eb _ I0)), (scores_sound D w b Ib _ (Eb _ Ih)) in K. lra. }
    rewrite !score_rational. apply embed_eq. now rewrite (X v Iv), (X a Ia). }
  assert (Mg : forall w b E A k v, In (b, (E, A), k) P -> In v A -> (margin_of (scores D w b) E v == qscore D w b (hd 0%N E) - qscore D w b v)%Q).
  { intros w b E A k v I Iv. destruct (Hd b E A k I) as (Ib & Ih & Eb & Ab). now rewrite margin_of_ok, (scores_sound D w b Ib _ (Ab _ Iv)), (scores_sound D w b Ib _ (Eb _ Ih)). }
  rewrite forallb_forall in H3, H4, H5.
  assert (Wk : forall c', multiplier F D L (rational F u) c' -> forall b E A k k', In (b, (E, A), k, k') (combine (combine (combine (blocks D) L) c) c') ->
    forall v, In v A -> eq F (k v) (zero F) -> eq F (add F (score F D (rational F u) b v) (Spec.one F)) (score F D (rational F u) b (hd 0%N E)) -> eq F (k' v) (zero F)).
  { apply (weak_vanish L C P u G H1 H2 (rational F d)).
    - apply Lev. intros b E A k I. specialize (H3 _ I). cbv beta iota zeta delta [weakening] in H3. now apply andb_true_iff in H3.
    - intros x Hx. rewrite (with_family L C P G) in Hx. apply in_map_iff in Hx as ([[b [E A]] k] & <- & I). intros v Iv. cbn [fst snd] in *. specialize (H3 _ I). cbv beta iota zeta delta [weakening] in H3.
      apply andb_true_iff in H3 as [_ H3]. rewrite forallb_forall in H3. specialize (H3 v Iv). split.
      + intro S. apply (proj1 (sign_ok (entry k v))) in S. rewrite S in H3. apply qzero_ok in H3. rewrite (Mg d b E A k v I Iv) in H3. rewrite !score_rational. apply embed_eq. lra.
      + intros S T. apply (proj2 (sign_ok (entry k v))) in S. apply qzero_ok in S.
        assert (Ng : qlt (entry k v) 0 = false) by (destruct (qlt (entry k v) 0) eqn:X; [apply qlt_ok in X; rewrite S in X; discriminate|reflexivity]). rewrite Ng in H3.
        assert (Ac : Qeq_bool (margin_of (scores D u b) E v) 1 = true).
        { apply Qeq_bool_iff. rewrite (Mg u b E A k v I Iv). apply scores_one. exact T. }
        rewrite Ac in H3. cbn [implb] in H3. apply qlt_ok in H3. rewrite (Mg d b E A k v I Iv) in H3. rewrite !score_rational. apply embed_lt. lra. }
  assert (Num : combine (from 0 (length P)) (combine (combine (blocks D) L) c) = List.map (fun y => (fst y, (fst (snd y), fun v => φ (entry (snd (snd y)) v)))) (combine (from 0 (length P)) P)).
  { unfold c. rewrite (with_family L C P G). generalize 0%N. clear. induction P as [|x l IH]; intro i; cbn; [reflexivity|now rewrite IH]. }
  assert (Lc : length (combine (combine (blocks D) L) c) = length P) by (unfold c; rewrite (with_family L C P G); apply map_length).
  assert (Wit : forall j b E A k, In (j, (b, (E, A), k)) (numbered (combine (combine (blocks D) L) c)) -> forall v, In v A -> lt F (k v) (zero F) -> exists w, sees F D L c j v w).
  { intros j b E A k Hj v Iv S. unfold numbered in Hj. rewrite Lc, Num in Hj. apply in_map_iff in Hj as ([j' [[b' [E' A']] k']] & Eq & Hj). cbn [fst snd] in Eq.
    assert (X1 : j' = j) by congruence. assert (X2 : b' = b) by congruence. assert (X3 : E' = E) by congruence. assert (X4 : A' = A) by congruence. assert (X5 : (fun v => φ (entry k' v)) = k) by congruence. subst j' b' E' A' k. clear Eq.
    apply (proj1 (sign_ok (entry k' v))) in S. specialize (H5 _ Hj). cbv beta iota in H5. rewrite forallb_forall in H5. specialize (H5 v Iv). rewrite S in H5. cbn [implb] in H5. apply existsb_exists in H5 as ([[j0 v0] m] & Iw & X). cbn [fst snd] in X.
    apply andb_true_iff in X as [X Y]. apply N.eqb_eq in X, Y. subst j0 v0. specialize (H4 _ Iw). cbn [fst snd] in H4. rewrite forallb_forall in H4. exists (rational F m). split.
    - apply Lev. intros b0 E0 A0 k0 I0. destruct (numbered_in P _ I0) as (i & Hi). specialize (H4 _ Hi). cbv beta iota zeta delta [dual_to] in H4. now apply andb_true_iff in H4.
    - intros i b0 E0 A0 k0 Hi v' Iv' S'. unfold numbered in Hi. rewrite Lc, Num in Hi. apply in_map_iff in Hi as ([i' [[b1 [E1 A1]] k1]] & Eq & Hi). cbn [fst snd] in Eq.
      assert (X1 : i' = i) by congruence. assert (X2 : b1 = b0) by congruence. assert (X3 : E1 = E0) by congruence. assert (X4 : A1 = A0) by congruence. assert (X5 : (fun v => φ (entry k1 v)) = k0) by congruence. subst i' b1 E1 A1 k0. clear Eq.
      apply (proj1 (sign_ok (entry k1 v'))) in S'. specialize (H4 _ Hi). cbv beta iota zeta delta [dual_to] in H4. apply andb_true_iff in H4 as [_ H4]. rewrite forallb_forall in H4. specialize (H4 v' Iv'). rewrite S' in H4. cbn [implb] in H4.
      apply Qeq_bool_eq in H4. rewrite (Mg m b0 E0 A0 k1 v' (in_combine_r _ _ _ _ Hi) Iv') in H4. rewrite !score_rational.
      destruct ((i =? j) && (v' =? v)); [rewrite <- embed_one, <- embed_add; apply embed_eq; lra|]. transitivity (φ (qscore D m b0 v')); [ring|]. apply embed_eq. lra. }
  intros c1 c2 M1 M2. pose proof (level_unique F D no_constant L (rational F u) c So Ins Len M Wk Wit) as U.
  assert (Lc1 : length c = length (combine (blocks D) L)) by (rewrite combine_length, Len, Nat.min_id; apply M).
  apply Forall_forall. intros [[[b [E A]] k1] k2] Hx v Iv. destruct (combine_thrice _ c c1 c2 _ _ _ Lc1 Hx) as (k & Q1 & Q2).
  rewrite <- (U c1 M1 b E A k k1 Q1 v Iv). exact (U c2 M2 b E A k k2 Q2 v Iv).
Qed.
End Instance.
Section Records.
Variables (F : ordered) (D : data).
Theorem directions_record_sound T l c : check_directions D T l = Some c -> c = Directions T (List.map (fun x => (fst (fst x), snd x)) l) /\ holds F D c.
Proof.
  unfold check_directions. match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[_ E1] E2].
  split; [reflexivity|]. apply chain_sound; [now apply constant_free_ok|exact E2].
Qed.
Theorem unique_record_sound T u C s d W c : check_unique D T u C s d W = Some c -> c = UniqueMultiplier T u s /\ holds F D c.
Proof.
  unfold check_unique. destruct (pieces D (first D T) C) as [P|] eqn:G; [|discriminate]. cbv zeta.
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[[[[[[_ E1] E2] E3] E4] E5] E6] E7].
  pose proof (constant_free_ok D E1) as N. split; [reflexivity|]. split; [|split].
  - now apply (level_is_least F D N _ C P u G E2 E3).
  - now apply level_norm.
  - now apply (unique_sound F D N _ C P u d W).
Qed.
End Records.
