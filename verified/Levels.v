(** Programmes one below the other, and the uniqueness of multipliers: families of coefficients with values in the ring. *)
Require Import List NArith QArith Bool Lia Setoid Ring Morphisms.
Require Import Coq.micromega.OrderedRing.
From NTP Require Import Spec Sums Theorems.
Import ListNotations.
Open Scope N_scope.

Lemma forall2_combine {A B} (R : A -> B -> Prop) l m x y : Forall2 R l m -> In (x, y) (combine l m) -> R x y.
Proof. induction 1 as [|a b l m H _ IH]; cbn; [easy|]. intros [[= <- <-]|I]; auto. Qed.
Lemma forall2_length {A B} (R : A -> B -> Prop) l m : Forall2 R l m -> length l = length m.
Proof. induction 1; cbn; congruence. Qed.
Lemma forall2_impl {A B} (R S : A -> B -> Prop) l m : (forall x y, R x y -> S x y) -> Forall2 R l m -> Forall2 S l m.
Proof. intros H. induction 1; constructor; auto. Qed.

Section Proofs.
Variable F : ordered.
Open Scope ring_scope.
Notation "0" := (zero F) : ring_scope. Notation "1" := (one F) : ring_scope. Notation Σ := (total F). Notation φ := (embed F).
Add Ring ring_of_F : (SORrt (laws F)).
Add Morphism (sub F) with signature eq F ==> eq F ==> eq F as sub_morphism_here. Proof. apply sub_morphism_Proper. Qed.
Add Morphism (embed F) with signature Qeq ==> eq F as embed_morphism_here. Proof. apply embed_eq. Qed.
Variable D : data.
Notation grid f := (Σ (below (height D)) (fun i => Σ (below (width D)) (fun k => f i k))).
Hypothesis no_constant : forall b, In b (blocks D) -> (constant b == 0)%Q.

Lemma total_drop {A B C} (l : list A) (m : list B) (c : list C) (f : A -> C -> F) : length m = length l ->
  Σ (combine (combine l m) c) (fun x => f (fst (fst x)) (snd x)) == Σ (combine l c) (fun x => f (fst x) (snd x)).
Proof.
  revert m c. induction l as [|a l IH]; intros [|b m] c H; try discriminate; [reflexivity|]. destruct c as [|k c]; [reflexivity|]. cbn. rewrite IH by (now injection H). reflexivity.
Qed.
Definition family_matrix (c : list (N -> F)) (i k : N) : F :=
  Σ (combine (blocks D) c) (fun bc => Σ (below (size (fst bc))) (fun v => snd bc v * φ (factor (fst bc) v i * entry (right (fst bc)) k)%Q)).
Lemma offset_zero b v : In b (blocks D) -> φ (offset b v) == 0.
Proof. intro H. unfold offset. destruct (v =? 1)%N; [rewrite (no_constant b H)|]; apply embed_zero. Qed.
Lemma family_pairing c w : grid (fun i k => family_matrix c i k * w i k) ==
  Σ (combine (blocks D) c) (fun bc => Σ (below (size (fst bc))) (fun v => snd bc v * score F D w (fst bc) v)).
Proof.
  transitivity (Σ (combine (blocks D) c) (fun bc => grid (fun i k => Σ (below (size (fst bc))) (fun v => snd bc v * φ (factor (fst bc) v i * entry (right (fst bc)) k)%Q) * w i k))).
  - rewrite (grid_swap F D). apply grid_ext. intros i k _ _. unfold family_matrix. symmetry. apply total_scale_r.
  - apply total_ext. intros [b c0] H. cbn [fst snd]. apply in_combine_l in H.
    transitivity (Σ (below (size b)) (fun v => grid (fun i k => c0 v * (φ (factor b v i * entry (right b) k)%Q * w i k)))).
    + rewrite (grid_swap F D). apply grid_ext. intros i k _ _. rewrite <- total_scale_r. apply total_ext. intros. ring.
    + apply total_ext. intros v _. rewrite (grid_scale F D). unfold score. rewrite (offset_zero b v H). ring.
Qed.

(** a matrix that is level on the level lists; [some]: these are not empty *)
Definition levelled (L : programme) (w : matrix F) : Prop := Forall2 (fun b l => forall a v, In a (fst l) -> In v (fst l) -> score F D w b v == score F D w b a) (blocks D) L.
Definition some (L : programme) : Prop := forall b l, In (b, l) (combine (blocks D) L) -> In (hd 0%N (fst l)) (fst l).
Definition inside (L : programme) : Prop := forall b l v, In (b, l) (combine (blocks D) L) -> In v (snd l) -> (v < size b)%N /\ ~ In v (fst l).
Lemma obeys_levelled L w : obeys F D L w -> levelled L w.
Proof. apply forall2_impl. intros b l H a v Ia Iv. now apply (H a v Ia). Qed.
Definition term (w : matrix F) (x : block * (list N * list N) * (N -> F)) : F :=
  Σ (below (size (fst (fst x)))) (fun v => snd x v * (score F D w (fst (fst x)) v - score F D w (fst (fst x)) (hd 0%N (fst (snd (fst x)))))).
Lemma pairing_terms L u c w : multiplier F D L u c -> length L = length (blocks D) -> grid (fun i k => u i k * w i k) == Σ (combine (combine (blocks D) L) c) (term w).
Proof.
  intros (_ & M & E) Len. transitivity (grid (fun i k => family_matrix c i k * w i k)); [apply grid_ext; intros i k Hi Hk; now rewrite (E i k Hi Hk)|]. rewrite family_pairing.
  rewrite <- (total_drop (blocks D) L c (fun b k => Σ (below (size b)) (fun v => k v * score F D w b v)) Len). apply total_ext. intros [[b [E0 A]] k] H. cbn [fst snd].
  rewrite Forall_forall in M. destruct (M _ H) as [B _]. unfold term. cbn [fst snd].
  transitivity (Σ (below (size b)) (fun v => k v * score F D w b v) - Σ (below (size b)) k * score F D w b (hd 0%N E0)); [rewrite B; ring|].
  rewrite <- total_scale_r, <- total_sub. apply total_ext. intros. ring.
Qed.
Lemma le_cases (x : F) : x <= 0 -> x < 0 \/ x == 0.
Proof. intro H. destruct (Rlt_trichotomy (laws F) x 0) as [K|[K|K]]; auto. exfalso. exact (le_not_lt F x 0 H K). Qed.

Theorem level_least L u c : some L -> multiplier F D L u c -> obeys F D L u -> least F D (obeys F D L) u.
Proof.
  intros So M O. pose proof (forall2_length _ _ _ O) as Len. symmetry in Len. apply norm2_least; [exact O|]. intros w W. apply le_minus. unfold norm2.
  rewrite !(pairing_terms L u c _ M Len), <- total_sub. apply total_nonneg. intros [[b [E A]] k] H. unfold term. cbn [fst snd]. rewrite <- total_sub. apply total_nonneg. intros v Hv. apply in_below in Hv.
  pose proof (in_combine_l _ _ _ _ H) as I. pose proof (So b (E, A) I) as Ia. cbn [fst] in Ia. set (a := hd 0%N E) in *.
  destruct (forall2_combine _ _ _ _ _ O I a v Ia) as [Oe _]. destruct (forall2_combine _ _ _ _ _ W I a v Ia) as [We Wa]. cbn [fst snd] in *.
  destruct M as (_ & M & _). rewrite Forall_forall in M. destruct (M _ H) as [_ C]. destruct (C v Hv) as [K|[K|(K & N & T)]].
  - rewrite (Oe K), (We K). apply le_eq. ring.
  - rewrite K. apply le_eq. ring.
  - specialize (T a Ia). specialize (Wa K). setoid_replace (k v * (score F D w b v - score F D w b a) - k v * (score F D u b v - score F D u b a)) with (k v * (score F D w b v + 1 - score F D w b a)).
    + apply mul_nonpos; [exact N|]. apply le_minus in Wa. apply le_minus. setoid_replace (0 - (score F D w b v + 1 - score F D w b a)) with (score F D w b a - (score F D w b v + 1)) by ring. exact Wa.
    + rewrite <- T. ring.
Qed.

(** what a direction shows to vanish in every multiplier *)
Definition weakens (x : block * (list N * list N) * (N -> F)) (u w : matrix F) : Prop := forall v, In v (snd (snd (fst x))) ->
  (snd x v < 0 -> score F D w (fst (fst x)) v == score F D w (fst (fst x)) (hd 0%N (fst (snd (fst x))))) /\
  (snd x v == 0 -> score F D u (fst (fst x)) v + 1 == score F D u (fst (fst x)) (hd 0%N (fst (snd (fst x)))) ->
   score F D w (fst (fst x)) v < score F D w (fst (fst x)) (hd 0%N (fst (snd (fst x))))).
Lemma combine_twice {A B C} (l : list A) (k : list B) (k' : list C) x y y' : In (x, y, y') (combine (combine l k) k') -> In (x, y) (combine l k) /\ In (x, y') (combine l k').
Proof.
  intro H. split; [now apply in_combine_l in H|]. revert k k' H. induction l as [|a l IH]; intros [|b k] [|b' k'] H; cbn in H; try easy. destruct H as [[= <- <- <-]|H]; [now left|right; eauto].
Qed.
Lemma combine_again {A B C} (l : list A) (k : list B) (k' : list C) x y' : length k = length l -> In (x, y') (combine l k') -> exists y, In (x, y, y') (combine (combine l k) k').
Proof.
  revert k k'. induction l as [|a l IH]; intros [|b k] [|b' k'] L H; cbn in *; try easy. destruct H as [[= <- <-]|H]; [exists b; now left|]. destruct (IH k k' ltac:(congruence) H) as (y & K). exists y. now right.
Qed.
Lemma combine_thrice {A B C G} (l : list A) (k : list B) (c1 : list C) (c2 : list G) x y z : length k = length l -> In (x, y, z) (combine (combine l c1) c2) ->
  exists a, In (x, a, y) (combine (combine l k) c1) /\ In (x, a, z) (combine (combine l k) c2).
Proof.
  revert k c1 c2. induction l as [|a l IH]; intros [|b k] [|b1 c1] [|b2 c2] L H; cbn in *; try easy. destruct H as [[= <- <- <-]|H]; [exists b; split; now left|].
  destruct (IH k c1 c2 ltac:(congruence) H) as (e & K1 & K2). exists e. split; now right.
Qed.
Theorem level_weak L u c w : some L -> inside L -> length L = length (blocks D) -> multiplier F D L u c -> levelled L w ->
  (forall x, In x (combine (combine (blocks D) L) c) -> weakens x u w) ->
  forall c', multiplier F D L u c' -> forall b E A k k', In (b, (E, A), k, k') (combine (combine (combine (blocks D) L) c) c') ->
  forall v, In v A -> k v == 0 -> score F D u b v + 1 == score F D u b (hd 0%N E) -> k' v == 0.
Proof.
  intros So Ins Len M Lw Wk c' M'. 
  assert (Lc : length c = length (combine (blocks D) L)) by (rewrite combine_length, Len, Nat.min_id; apply M).
  assert (Z : Σ (combine (combine (blocks D) L) c) (term w) == 0).
  { apply total_zero. intros [[b [E A]] k] H. apply total_zero. intros v Hv. apply in_below in Hv. unfold term. cbn [fst snd]. pose proof (in_combine_l _ _ _ _ H) as I. pose proof (So b (E, A) I) as Ia. cbn [fst] in Ia.
    destruct M as (_ & M & _). rewrite Forall_forall in M. destruct (M _ H) as [_ C]. destruct (C v Hv) as [K|[K|(K & N & T)]].
    - rewrite (forall2_combine _ _ _ _ _ Lw I _ v Ia K). ring.
    - rewrite K. ring.
    - destruct (le_cases _ N) as [S|S]; [|rewrite S; ring]. destruct (Wk _ H v K) as [W _]. cbn [fst snd] in W. rewrite (W S). ring. }
  rewrite <- (pairing_terms L u c w M Len), (pairing_terms L u c' w M' Len) in Z.
  assert (T0 : forall x, In x (combine (combine (blocks D) L) c') -> forall v, In v (below (size (fst (fst x)))) -> 0 <= snd x v * (score F D w (fst (fst x)) v - score F D w (fst (fst x)) (hd 0%N (fst (snd (fst x)))))).
  { intros [[b [E A]] k'] H v Hv. apply in_below in Hv. cbn [fst snd] in *. pose proof (in_combine_l _ _ _ _ H) as I. pose proof (So b (E, A) I) as Ia. cbn [fst] in Ia.
    destruct (combine_again _ c _ _ _ Lc H) as (k & H4). apply combine_twice in H4 as [Hk _].
    destruct M' as (_ & M' & _). rewrite Forall_forall in M'. destruct (M' _ H) as [_ C]. destruct (C v Hv) as [K|[K|(K & N & T)]].
    - rewrite (forall2_combine _ _ _ _ _ Lw I _ v Ia K). apply le_eq. ring.
    - rewrite K. apply le_eq. ring.
    - destruct (Wk _ Hk v K) as [W1 W2]. cbn [fst snd] in W1, W2. destruct M as (_ & M & _). rewrite Forall_forall in M. destruct (M _ Hk) as [_ C0].
      assert (Cases : k v < 0 \/ k v == 0). { destruct (C0 v Hv) as [K0|[K0|(_ & N0 & _)]]; [destruct (Ins b (E, A) v I K) as [_ X]; contradiction|now right|now apply le_cases]. }
      destruct Cases as [S|S]; [rewrite (W1 S); apply le_eq; ring|]. apply mul_nonpos; [exact N|]. apply lt_le in W2; [|exact S|now apply T]. apply le_minus in W2. apply le_minus.
      setoid_replace (0 - (score F D w b v - score F D w b (hd 0%N E))) with (score F D w b (hd 0%N E) - score F D w b v) by ring. exact W2. }
  intros b E A k k' H v Iv S T. pose proof (combine_twice _ _ _ _ _ _ H) as [Hk Hk']. pose proof (in_combine_l _ _ _ _ Hk) as I. destruct (Ins b (E, A) v I Iv) as [Hv _].
  assert (Tx : term w (b, (E, A), k') == 0).
  { apply (total_nonneg_zero F (term w) (combine (combine (blocks D) L) c')); auto. intros x Hx. apply total_nonneg. now apply T0. }
  assert (Tv : k' v * (score F D w b v - score F D w b (hd 0%N E)) == 0) by (apply (total_nonneg_zero F _ _ (T0 _ Hk') Tx); now apply in_below).
  destruct (Wk _ Hk v Iv) as [_ W]. cbn [fst snd] in W. specialize (W S T). apply mul_zero with (score F D w b v - score F D w b (hd 0%N E)).
  - rewrite <- Tv. ring.
  - intro X. apply sub_zero in X. rewrite X in W. now apply lt_irrefl in W.
Qed.

(** a matrix for every negative coefficient that sees it alone: the multipliers are unique *)
Lemma total_first {A B} (l : list A) (m : list B) (f : A -> F) : length m = length l -> Σ (combine l m) (fun x => f (fst x)) == Σ l f.
Proof. revert m. induction l as [|a l IH]; intros [|b m] H; try discriminate; [reflexivity|]. cbn. rewrite IH by (now injection H). reflexivity. Qed.
Lemma total_second {A B} (l : list A) (m : list B) (f : B -> F) : length l = length m -> Σ (combine l m) (fun x => f (snd x)) == Σ m f.
Proof. revert m. induction l as [|a l IH]; intros [|b m] H; try discriminate; [reflexivity|]. cbn. rewrite IH by (now injection H). reflexivity. Qed.
Lemma total_single {A} (l : list (N * A)) j x (h : N * A -> F) : NoDup (List.map fst l) -> In (j, x) l -> (forall y, In y l -> fst y <> j -> h y == 0) -> Σ l h == h (j, x).
Proof.
  induction l as [|[i y] l IH]; cbn; intros Nd I Z; [easy|]. inversion Nd as [|? ? N1 N2]; subst. destruct I as [E|I].
  - injection E as -> ->. rewrite (total_zero F h l); [ring|]. intros y' I'. apply Z; [now right|]. intros <-. apply N1. now apply in_map.
  - rewrite IH; auto. rewrite (Z (i, y)); [ring|now left|]. cbn. intros ->. apply N1. exact (in_map fst l (j, x) I).
Qed.
Definition numbered {A} (l : list A) : list (N * A) := combine (from 0 (length l)) l.
Lemma length_from i n : length (from i n) = n. Proof. revert i. induction n as [|n IH]; intro i; cbn; [reflexivity|now rewrite IH]. Qed.
Lemma nodup_numbered {A} (l : list A) : NoDup (List.map fst (numbered l)).
Proof.
  unfold numbered. generalize 0%N. induction l as [|a l IH]; intro i; cbn; constructor; [|apply IH]. intro H. apply in_map_iff in H as ([j x] & <- & H). apply in_combine_l, in_from in H. cbn in H. lia.
Qed.
Lemma numbered_in {A} (l : list A) x : In x l -> exists j, In (j, x) (numbered l).
Proof.
  unfold numbered. generalize 0%N. induction l as [|a l IH]; intros i H; [easy|]. destruct H as [->|H]; [exists i; now left|]. destruct (IH (N.succ i) H) as (j & K). exists j. now right.
Qed.
Lemma numbered_first {A B} (l : list A) (m : list B) i x y : length m = length l -> In (i, (x, y)) (numbered (combine l m)) -> In (i, x) (numbered l).
Proof.
  unfold numbered. generalize 0%N. revert m. induction l as [|a l IH]; intros [|b m] s H K; try discriminate; [easy|]. cbn in *. destruct K as [[= <- <- _]|K]; [now left|right; eauto].
Qed.
Definition sees (L : programme) (c : list (N -> F)) (j v : N) (w : matrix F) : Prop := levelled L w /\
  forall i b E A k, In (i, (b, (E, A), k)) (numbered (combine (combine (blocks D) L) c)) -> forall v', In v' A -> k v' < 0 ->
    score F D w b v' + (if (i =? j)%N && (v' =? v)%N then 1 else 0) == score F D w b (hd 0%N E).
Theorem level_unique L u c : some L -> inside L -> length L = length (blocks D) -> multiplier F D L u c ->
  (forall c', multiplier F D L u c' -> forall b E A k k', In (b, (E, A), k, k') (combine (combine (combine (blocks D) L) c) c') ->
    forall v, In v A -> k v == 0 -> score F D u b v + 1 == score F D u b (hd 0%N E) -> k' v == 0) ->
  (forall j b E A k, In (j, (b, (E, A), k)) (numbered (combine (combine (blocks D) L) c)) -> forall v, In v A -> k v < 0 -> exists w, sees L c j v w) ->
  forall c', multiplier F D L u c' -> forall b E A k k', In (b, (E, A), k, k') (combine (combine (combine (blocks D) L) c) c') -> forall v, In v A -> k v == k' v.
Proof.
  intros So Ins Len M Wk Wit c' M'. assert (Lc : length c = length (combine (blocks D) L)) by (rewrite combine_length, Len, Nat.min_id; apply M).
  assert (Lc' : length c' = length (combine (combine (blocks D) L) c)) by (rewrite combine_length, Lc, Nat.min_id, combine_length, Len, Nat.min_id; apply M').
  (* off the support, and at weak alternatives, both vanish *)
  assert (Zero : forall b E A k k', In (b, (E, A), k, k') (combine (combine (combine (blocks D) L) c) c') -> forall v, In v A -> k v == 0 -> k' v == 0).
  { intros b E A k k' H v Iv S. pose proof (combine_twice _ _ _ _ _ _ H) as [Hk Hk']. pose proof (in_combine_l _ _ _ _ Hk) as I. destruct (Ins b (E, A) v I Iv) as [Hv Nv]. pose proof (So b (E, A) I) as Ia.
    pose proof M' as (_ & C & _). rewrite Forall_forall in C. destruct (C _ Hk') as [_ C']. destruct (C' v Hv) as [K|[K|(_ & _ & T)]]; [contradiction|exact K|]. apply (Wk c' M' b E A k k' H v Iv S). now apply T. }
  intros b E A k k' H v Iv. pose proof (combine_twice _ _ _ _ _ _ H) as [Hk Hk']. pose proof (in_combine_l _ _ _ _ Hk) as I. destruct (Ins b (E, A) v I Iv) as [Hv Nv].
  assert (Cases : k v < 0 \/ k v == 0).
  { pose proof M as (_ & C & _). rewrite Forall_forall in C. destruct (C _ Hk) as [_ C']. destruct (C' v Hv) as [K|[K|(_ & K & _)]]; [contradiction|now right|now apply le_cases]. }
  destruct Cases as [S|S]; [|rewrite S, (Zero b E A k k' H v Iv S); reflexivity].
  destruct (numbered_in _ _ H) as (j & J). pose proof (numbered_first _ _ _ _ _ Lc' J) as J3. destruct (Wit j b E A k J3 v Iv S) as (w & Lw & W).
  set (g := fun x : block * (list N * list N) * (N -> F) * (N -> F) => Σ (below (size (fst (fst (fst x))))) (fun v => (snd (fst x) v - snd x v) *
     (score F D w (fst (fst (fst x))) v - score F D w (fst (fst (fst x))) (hd 0%N (fst (snd (fst (fst x)))))))).
  set (Z4 := combine (combine (combine (blocks D) L) c) c') in *.
  assert (G : Σ Z4 g == 0).
  { transitivity (Σ Z4 (fun x => term w (fst x)) - Σ Z4 (fun x => term w (fst (fst x), snd x))).
    - rewrite <- total_sub. apply total_ext. intros [[[b0 [E0 A0]] k0] k0'] _. unfold g, term. cbn [fst snd]. rewrite <- total_sub. apply total_ext. intros. ring.
    - unfold Z4. rewrite (total_first (combine (combine (blocks D) L) c) c' (term w) Lc').
      rewrite (total_drop (combine (blocks D) L) c c' (fun x k => term w (x, k)) Lc).
      setoid_replace (Σ (combine (combine (blocks D) L) c') (fun x => term w (fst x, snd x))) with (Σ (combine (combine (blocks D) L) c') (term w)) by (apply total_ext; intros [x y] _; reflexivity).
      rewrite <- (pairing_terms L u c w M Len), <- (pairing_terms L u c' w M' Len). ring. }
  assert (Vanish : forall b0 E0 A0 k0 k0' i v0, In (i, (b0, (E0, A0), k0, k0')) (numbered Z4) -> (v0 < size b0)%N -> ~ (i = j /\ v0 = v) ->
     (k0 v0 - k0' v0) * (score F D w b0 v0 - score F D w b0 (hd 0%N E0)) == 0).
  { intros b0 E0 A0 k0 k0' i v0 Hi Hv0 Ne. pose proof (numbered_first _ _ _ _ _ Lc' Hi) as Hi3. pose proof (in_combine_r _ _ _ _ Hi) as H0. pose proof (combine_twice _ _ _ _ _ _ H0) as [K0 K0'].
    pose proof (in_combine_l _ _ _ _ K0) as I0. pose proof (So b0 (E0, A0) I0) as Ia. cbn [fst] in Ia.
    pose proof M as (_ & C & _). rewrite Forall_forall in C. destruct (C _ K0) as [_ C1]. pose proof M' as (_ & C' & _). rewrite Forall_forall in C'. destruct (C' _ K0') as [_ C2].
    assert (Lev : In v0 E0 -> score F D w b0 v0 - score F D w b0 (hd 0%N E0) == 0) by (intro K; rewrite (forall2_combine _ _ _ _ _ Lw I0 _ v0 Ia K); ring).
    assert (InA : In v0 A0 -> (k0 v0 - k0' v0) * (score F D w b0 v0 - score F D w b0 (hd 0%N E0)) == 0).
    { intro KA. destruct (Ins b0 (E0, A0) v0 I0 KA) as [_ NE]. destruct (C1 v0 Hv0) as [K|[K|(_ & K & _)]]; [contradiction| |destruct (le_cases _ K) as [S0|S0]].
      - rewrite K, (Zero b0 E0 A0 k0 k0' H0 v0 KA K). ring.
      - pose proof (W i b0 E0 A0 k0 Hi3 v0 KA S0) as X. destruct (N.eqb_spec i j) as [->|Nij]; destruct (N.eqb_spec v0 v) as [->|Nv0]; cbn [andb] in X; [exfalso; apply Ne; auto| | |]; rewrite <- X; ring.
      - rewrite S0, (Zero b0 E0 A0 k0 k0' H0 v0 KA S0). ring. }
    destruct (C1 v0 Hv0) as [K|[K|(K & _)]]; [rewrite (Lev K); ring| |auto]. destruct (C2 v0 Hv0) as [K'|[K'|(K' & _)]]; [rewrite (Lev K'); ring|rewrite K, K'; ring|auto]. }
  rewrite <- (total_second (from 0 (length Z4)) Z4 g) in G by apply length_from.
  rewrite (total_single (numbered Z4) j (b, (E, A), k, k') (fun x => g (snd x)) (nodup_numbered Z4) J) in G.
  2: { intros [i [[[b0 [E0 A0]] k0] k0']] Hy Ne. cbn [fst snd] in *. unfold g. cbn [fst snd]. apply total_zero. intros v0 Hv0. apply in_below in Hv0. apply (Vanish b0 E0 A0 k0 k0' i v0 Hy Hv0). intros [-> _]. now apply Ne. }
  cbn [snd] in G. unfold g in G. cbn [fst snd] in G.
  rewrite (total_support F _ (below (size b)) [v]) in G.
  - cbn [total] in G. pose proof (W j b E A k J3 v Iv S) as X. rewrite !N.eqb_refl in X. cbn [andb] in X. rewrite <- X in G. apply sub_zero.
    transitivity (0 - ((k v - k' v) * (score F D w b v - (score F D w b v + 1)) + 0)); [ring|rewrite G; ring].
  - apply nodup_below.
  - repeat constructor. easy.
  - intros x [<-|[]]. now apply in_below.
  - intros v0 Hv0 Nv0. apply in_below in Hv0. apply (Vanish b E A k k' j v0 J Hv0). intros [_ ->]. apply Nv0. now left.
Qed.
End Proofs.
