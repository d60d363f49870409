(** The theorems of the alternative behind the records, on instances and families of coefficients as functions (nothing is computed here). *)
Require Import List NArith QArith Bool Lia Lqa Setoid Ring Morphisms.
Require Import Coq.micromega.OrderedRing.
From NTP Require Import Spec Sums.
Import ListNotations.
Open Scope N_scope.

(** a block with its listed set and its vector of coefficients *)
Definition item := (block * list N * vector)%type.
Definition block_of (x : item) : block := fst (fst x).
Definition set_of (x : item) : list N := snd (fst x).
Definition coefficient (x : item) (v : N) : Q := entry (snd x) v.
Notation Qtotal := (total rationals).
(** the matrix sum_b sum_v c_bv left_v right_b^T *)
Definition combination (P : list item) (i k : N) : Q :=
  Qtotal P (fun x => Qtotal (below (size (block_of x))) (fun v => coefficient x v * (factor (block_of x) v i * entry (right (block_of x)) k))%Q).
Definition balanced (x : item) : Prop := (Qtotal (below (size (block_of x))) (coefficient x) == 0)%Q.
Definition qscore (D : data) (u : columns) (b : block) (v : N) : Q := score rationals D (rational rationals u) b v.

(** ** What the kernel decides, over the rationals *)
Definition separates (D : data) (u : columns) (x : item) : Prop := exists l : Q, forall v, v < size (block_of x) ->
  (label (block_of x) v -> In v (set_of x)) /\
  (In v (set_of x) -> (qscore D u (block_of x) v == l)%Q) /\
  (~ In v (set_of x) -> (qscore D u (block_of x) v < l)%Q /\ (coefficient x v == 0)%Q) /\
  (In v (set_of x) -> ~ label (block_of x) v -> (coefficient x v < 0)%Q).
Definition supports (D : data) (u : columns) (x : item) : Prop := exists l : Q, forall v, v < size (block_of x) ->
  (In v (set_of x) -> (qscore D u (block_of x) v == l)%Q) /\
  (~ In v (set_of x) -> (qscore D u (block_of x) v + 1 <= l)%Q /\ (coefficient x v <= 0)%Q /\
     ((coefficient x v == 0)%Q \/ (qscore D u (block_of x) v + 1 == l)%Q)).
Definition refutes (x : item) : Prop := forall v, v < size (block_of x) -> label (block_of x) v \/ (coefficient x v <= 0)%Q.
Definition on_labels (x : item) : Prop := forall v, v < size (block_of x) -> label (block_of x) v \/ (coefficient x v == 0)%Q.
Definition labelled (b : block) : Prop := exists v, label b v.

Lemma label_dec b v : {label b v} + {~ label b v}.
Proof.
  unfold label. destruct (v <? size b) eqn:E; [apply N.ltb_lt in E|apply N.ltb_ge in E; right; lia].
  destruct (Qlt_le_dec 0 (entry (share b) v)) as [H1|H1]; [left; auto|right]. intros [_ K]. apply (Qle_not_lt _ _ H1 K).
Qed.

Section Proofs.
Variable F : ordered.
Open Scope ring_scope.
Notation "0" := (zero F) : ring_scope. Notation "1" := (one F) : ring_scope. Notation Σ := (total F). Notation φ := (embed F).
Add Ring ring_of_F : (SORrt (laws F)).
Add Morphism (sub F) with signature eq F ==> eq F ==> eq F as sub_morphism_here. Proof. apply sub_morphism_Proper. Qed.
Add Morphism (embed F) with signature Qeq ==> eq F as embed_morphism_here. Proof. apply embed_eq. Qed.
Variable D : data.
Notation grid f := (Σ (below (height D)) (fun i => Σ (below (width D)) (fun k => f i k))).

Lemma grid_ext (f g : N -> N -> F) : (forall i k, (i < height D)%N -> (k < width D)%N -> f i k == g i k) -> grid f == grid g.
Proof. intro H. apply total_ext. intros i Hi. apply total_ext. intros k Hk. apply H; now apply in_below. Qed.
Lemma grid_add (f g : N -> N -> F) : grid (fun i k => f i k + g i k) == grid f + grid g.
Proof. rewrite <- total_add. apply total_ext. intros. apply total_add. Qed.
Lemma grid_scale c (f : N -> N -> F) : grid (fun i k => c * f i k) == c * grid f.
Proof. rewrite <- total_scale. apply total_ext. intros. apply total_scale. Qed.
Lemma grid_swap {A} (l : list A) (f : A -> N -> N -> F) : Σ l (fun x => grid (f x)) == grid (fun i k => Σ l (fun x => f x i k)).
Proof. rewrite total_swap. apply total_ext. intros. apply total_swap. Qed.
Lemma grid_zero (f : N -> N -> F) : (forall i k, (i < height D)%N -> (k < width D)%N -> f i k == 0) -> grid f == 0.
Proof. intro H. apply total_zero. intros i Hi. apply total_zero. intros k Hk. apply H; now apply in_below. Qed.

Definition inner (A : N -> N -> Q) (w : matrix F) : F := grid (fun i k => φ (A i k) * w i k).
Definition weighted (w : matrix F) (x : item) : F := Σ (below (size (block_of x))) (fun v => φ (coefficient x v) * score F D w (block_of x) v).
Definition constants (x : item) : F := Σ (below (size (block_of x))) (fun v => φ (coefficient x v * offset (block_of x) v)%Q).

Lemma weighted_inner w x : weighted w x == inner (combination [x]) w + constants x.
Proof.
  unfold weighted, inner, constants, score. rewrite grid_ext with (g := fun i k => Σ (below (size (block_of x)))
    (fun v => φ (coefficient x v) * (φ (factor (block_of x) v i * entry (right (block_of x)) k)%Q * w i k))).
  - rewrite <- grid_swap, <- total_add. apply total_ext. intros v _. rewrite grid_scale, embed_mul. ring.
  - intros i k _ _. unfold combination. cbn [total]. rewrite embed_add, total_embed, embed_zero.
    transitivity (Σ (below (size (block_of x))) (fun v => φ (coefficient x v * (factor (block_of x) v i * entry (right (block_of x)) k))%Q * w i k)).
    + rewrite total_scale_r. ring.
    + apply total_ext. intros. rewrite embed_mul. ring.
Qed.
Lemma combination_cons x P i k : (combination (x :: P) i k == combination [x] i k + combination P i k)%Q.
Proof. unfold combination. cbn [total]. cbn. rewrite Qplus_0_r. reflexivity. Qed.
Lemma inner_add A B C w : (forall i k, (A i k == B i k + C i k)%Q) -> inner A w == inner B w + inner C w.
Proof. intro H. unfold inner. rewrite <- grid_add. apply grid_ext. intros. rewrite H, embed_add. ring. Qed.
Lemma pairing w P : Σ P (weighted w) == inner (combination P) w + Σ P constants.
Proof.
  induction P as [|x P IH].
  - cbn [total]. unfold inner. rewrite grid_zero. ring. intros. unfold combination. cbn [total]. change (zero rationals) with 0%Q. rewrite embed_zero. ring.
  - cbn [total]. rewrite IH, weighted_inner, (inner_add (combination (x :: P)) (combination [x]) (combination P)); [ring|]. intros. apply combination_cons.
Qed.
Definition vanishes (P : list item) : Prop := forall i k, (i < height D)%N -> (k < width D)%N -> (combination P i k == 0)%Q.
Lemma pairing_zero w P : vanishes P -> Σ P (weighted w) == Σ P constants.
Proof.
  intro H. rewrite pairing. unfold inner. rewrite grid_zero; [ring|]. intros i k Hi Hk. rewrite (H i k Hi Hk), embed_zero. ring.
Qed.
Lemma deviation w l x : balanced x -> weighted w x == Σ (below (size (block_of x))) (fun v => φ (coefficient x v) * (score F D w (block_of x) v - l)).
Proof.
  intro H. unfold balanced in H. assert (E : Σ (below (size (block_of x))) (fun v => φ (coefficient x v)) == 0).
  { rewrite <- total_embed, H. apply embed_zero. }
  transitivity (weighted w x - Σ (below (size (block_of x))) (fun v => φ (coefficient x v)) * l); [rewrite E; ring|].
  unfold weighted. rewrite <- total_scale_r, <- total_sub. apply total_ext. intros. ring.
Qed.
Lemma score_rational u b v : score F D (rational F u) b v == φ (qscore D u b v).
Proof.
  unfold qscore, score. cbn [add rationals]. rewrite embed_add. cbn [embed rationals].
  setoid_replace (φ (total rationals (below (height D)) (fun i => total rationals (below (width D)) (fun k => mul rationals (factor b v i * entry (right b) k)%Q (rational rationals u i k)))))
    with (grid (fun i k => φ (factor b v i * entry (right b) k)%Q * rational F u i k)); [reflexivity|].
  rewrite total_embed. apply total_ext. intros i _. rewrite total_embed. apply total_ext. intros k _. apply embed_mul.
Qed.

(** ** From items to blocks *)
Lemma items_one (P : list item) (Pr : block -> Prop) : (forall x, In x P -> Pr (block_of x)) -> Forall Pr (List.map block_of P).
Proof. intro H. apply Forall_map, Forall_forall. exact H. Qed.
Lemma items_two (P : list item) (Pr : block -> list N -> Prop) : (forall x, In x P -> Pr (block_of x) (set_of x)) -> Forall2 Pr (List.map block_of P) (List.map set_of P).
Proof. induction P as [|x P IH]; cbn; intro H; constructor; auto. Qed.
Lemma items_one_back (P : list item) (Pr : block -> Prop) : Forall Pr (List.map block_of P) -> forall x, In x P -> Pr (block_of x).
Proof. intro H. rewrite Forall_map, Forall_forall in H. exact H. Qed.
Lemma items_two_back (P : list item) (Pr : block -> list N -> Prop) : Forall2 Pr (List.map block_of P) (List.map set_of P) -> forall x, In x P -> Pr (block_of x) (set_of x).
Proof.
  induction P as [|x P IH]; cbn; intros H y Hy; [easy|]. inversion H; subst. destruct Hy as [<-|Hy]; auto.
Qed.

Variable P : list item.
Hypothesis same_blocks : List.map block_of P = blocks D.
Let T := List.map set_of P.
Hypothesis all_balanced : forall x, In x P -> balanced x.
Hypothesis all_labelled : forall x, In x P -> labelled (block_of x).

(** ** separation (Goldman and Tucker) *)
Section Separation.
Variable u : columns.
Hypothesis separator : forall x, In x P -> separates D u x.
Hypothesis circulation : vanishes P.
Hypothesis no_constant : forall x, In x P -> (constant (block_of x) == 0)%Q.
Lemma separator_strict x : In x P -> forall y v, label (block_of x) y -> (v < size (block_of x))%N -> ~ In v (set_of x) ->
  score F D (rational F u) (block_of x) v < score F D (rational F u) (block_of x) y.
Proof.
  intros Hx y v Hy Hv N. destruct (separator x Hx) as (l & H).
  destruct (H v Hv) as (_ & _ & Sv & _). destruct (H y (proj1 Hy)) as (Ly & Ey & _ & _).
  rewrite !score_rational. apply embed_lt. rewrite (Ey (Ly Hy)). apply Sv, N.
Qed.
Lemma separator_recession : recession F D (rational F u).
Proof.
  unfold recession. rewrite <- same_blocks. apply items_one. intros x Hx y v Hy Hv.
  destruct (in_dec N.eq_dec v (set_of x)) as [I|N]; [|apply lt_le, separator_strict; auto].
  destruct (separator x Hx) as (l & H). destruct (H v Hv) as (_ & Ev & _ & _). destruct (H y (proj1 Hy)) as (Ly & Ey & _ & _).
  rewrite !score_rational. apply embed_le. rewrite (Ey (Ly Hy)), (Ev I). apply Qle_refl.
Qed.
Lemma constants_zero x : In x P -> constants x == 0.
Proof.
  intro Hx. apply total_zero. intros v _. unfold offset. destruct (v =? 1)%N.
  - rewrite (no_constant x Hx), Qmult_0_r. apply embed_zero.
  - rewrite Qmult_0_r. apply embed_zero.
Qed.
Lemma listed_tied x : In x P -> forall v, (v < size (block_of x))%N -> In v (set_of x) -> tied F D (block_of x) v.
Proof.
  intros Hx v Hv Iv w y R Ly. unfold recession in R. rewrite <- same_blocks in R. pose proof (items_one_back _ _ R) as Rx. clear R. cbv beta in Rx.
  destruct (label_dec (block_of x) v) as [Lv|Lv].
  { apply le_antisym; [apply (Rx x Hx); auto; apply Lv|]. apply (Rx x Hx); auto. apply Ly. }
  assert (Z : Σ P (weighted w) == 0).
  { rewrite pairing_zero by exact circulation. apply total_zero. intros. now apply constants_zero. }
  assert (NN : forall z, In z P -> forall y', label (block_of z) y' -> forall v', In v' (below (size (block_of z))) ->
     0 <= φ (coefficient z v') * (score F D w (block_of z) v' - score F D w (block_of z) y')).
  { intros z Hz y' Ly' v' Hv'. apply in_below in Hv'. destruct (separator z Hz) as (l & H). destruct (H v' Hv') as (_ & _ & Off & Neg).
    destruct (label_dec (block_of z) v') as [L'|L'].
    - apply le_eq. setoid_replace (score F D w (block_of z) v') with (score F D w (block_of z) y'); [ring|].
      apply le_antisym; apply (Rx z Hz); auto. apply Ly'.
    - destruct (in_dec N.eq_dec v' (set_of z)) as [I|I].
      + apply mul_nonpos.
        * rewrite <- embed_zero. apply embed_le, Qlt_le_weak, Neg; auto.
        * apply le_minus. setoid_replace (0 - (score F D w (block_of z) v' - score F D w (block_of z) y')) with (score F D w (block_of z) y' - score F D w (block_of z) v') by ring.
          apply -> le_minus. apply (Rx z Hz); auto.
      + destruct (Off I) as [_ ->]. rewrite embed_zero. apply le_eq. ring. }
  assert (Wn : forall z, In z P -> 0 <= weighted w z).
  { intros z Hz. destruct (all_labelled z Hz) as (y' & Ly'). rewrite (deviation w (score F D w (block_of z) y') z (all_balanced z Hz)).
    apply total_nonneg. intros. now apply NN. }
  assert (Wx : weighted w x == 0) by (apply (total_nonneg_zero F (weighted w) P); auto).
  rewrite (deviation w (score F D w (block_of x) y) x (all_balanced x Hx)) in Wx.
  assert (E : φ (coefficient x v) * (score F D w (block_of x) v - score F D w (block_of x) y) == 0).
  { apply (total_nonneg_zero F _ _ (NN x Hx y Ly) Wx). now apply in_below. }
  apply sub_zero. apply mul_zero in E; [exact E|]. destruct (separator x Hx) as (l & H). destruct (H v Hv) as (_ & _ & _ & Neg).
  intro K. apply (lt_neq F (φ (coefficient x v)) 0); [|exact K]. rewrite <- embed_zero. apply embed_lt. auto.
Qed.
Theorem partition_sound : partition F D T.
Proof.
  unfold partition, T. rewrite <- same_blocks. split; [|exists (rational F u); split; [apply separator_recession|]]; apply items_two; intros x Hx.
  - intros v Hv. split; [now apply listed_tied|]. intro N. exists (rational F u). split; [apply separator_recession|].
    intros y Ly. now apply separator_strict.
  - intros y v Ly Hv N. now apply separator_strict.
Qed.
End Separation.

(** ** The class *)
Lemma separable_not_tied b v : (exists y, label b y) -> separable F D b v -> ~ tied F D b v.
Proof.
  intros (y & Ly) (w & R & S) E. apply (lt_irrefl F (score F D w b y)). rewrite <- (E w y R Ly) at 1. apply S, Ly.
Qed.
Lemma tied_iff : partition F D T -> forall x, In x P -> forall v, (v < size (block_of x))%N -> (tied F D (block_of x) v <-> In v (set_of x)).
Proof.
  intros [H _] x Hx v Hv. unfold T in H. rewrite <- same_blocks in H. pose proof (items_two_back _ _ H x Hx v Hv) as [A B]. split; [|exact A].
  intro E. destruct (in_dec N.eq_dec v (set_of x)) as [I|I]; [exact I|]. exfalso. exact (separable_not_tied _ _ (all_labelled x Hx) (B I) E).
Qed.
Definition all_listed (x : item) : Prop := forall v, (v < size (block_of x))%N -> In v (set_of x).
Definition one_listed (x : item) : Prop := forall v v', (v < size (block_of x))%N -> (v' < size (block_of x))%N -> In v (set_of x) -> In v' (set_of x) -> v = v'.
Theorem class_sound k : partition F D T ->
  match k with
  | Overlap => forall x, In x P -> all_listed x
  | Complete => (exists x, In x P /\ ~ all_listed x) /\ (forall x, In x P -> one_listed x)
  | QuasiComplete => (exists x, In x P /\ ~ all_listed x) /\ (exists x, In x P /\ ~ one_listed x)
  end -> has_class F D k.
Proof.
  intros Hp. pose proof (tied_iff Hp) as E.
  assert (A : overlapping F D <-> forall x, In x P -> all_listed x).
  { unfold overlapping. rewrite <- same_blocks. split.
    - intros H x Hx v Hv. apply (E x Hx v Hv). exact (items_one_back _ _ H x Hx v Hv).
    - intro H. apply items_one. intros x Hx v Hv. apply (E x Hx v Hv), H; auto. }
  assert (B : single F D <-> forall x, In x P -> one_listed x).
  { unfold single. rewrite <- same_blocks. split.
    - intros H x Hx v v' Hv Hv' I I'. apply (items_one_back _ _ H x Hx); auto; apply (E x Hx); auto.
    - intro H. apply items_one. intros x Hx v v' Hv Hv' I I'. apply (H x Hx); auto; apply (E x Hx); auto. }
  destruct k; cbn; intro H.
  - apply A, H.
  - destruct H as [(x & Hx & N) (x' & Hx' & N')]. split; intro K.
    + apply N. now apply (proj1 A K).
    + apply N'. now apply (proj1 B K).
  - destruct H as [(x & Hx & N) H]. split; [intro K; apply N; now apply (proj1 A K)|]. apply B, H.
Qed.

(** ** optimal-qp (Karush, Kuhn and Tucker) *)
Lemma norm2_least (S : matrix F -> Prop) (u : matrix F) :
  S u -> (forall w, S w -> norm2 F D u <= grid (fun i k => u i k * w i k)) -> least F D S u.
Proof.
  intros Su H. split; [exact Su|]. intros w Sw. specialize (H w Sw).
  assert (E : grid (fun i k => (w i k - u i k) * (w i k - u i k)) ==
              norm2 F D w - norm2 F D u - ((1 + 1) * (grid (fun i k => u i k * w i k) - norm2 F D u))).
  { rewrite grid_ext with (g := fun i k => (w i k * w i k + u i k * u i k) + (- (1 + 1)) * (u i k * w i k)) by (intros; ring).
    rewrite grid_add, grid_add, grid_scale. unfold norm2. ring. }
  assert (G : 0 <= grid (fun i k => u i k * w i k) - norm2 F D u) by (apply -> le_minus; exact H).
  assert (N : 0 <= grid (fun i k => (w i k - u i k) * (w i k - u i k))).
  { apply total_nonneg. intros. apply total_nonneg. intros. apply square_nonneg. }
  assert (X : norm2 F D w - norm2 F D u == grid (fun i k => (w i k - u i k) * (w i k - u i k)) +
      ((grid (fun i k => u i k * w i k) - norm2 F D u) + (grid (fun i k => u i k * w i k) - norm2 F D u))) by (rewrite E; ring).
  split.
  - apply le_minus. rewrite X. apply add_nonneg; [exact N|apply add_nonneg; exact G].
  - intros L i k Hi Hk.
    assert (Z : grid (fun i k => (w i k - u i k) * (w i k - u i k)) == 0).
    { apply le_antisym; [|exact N]. apply le_minus.
      setoid_replace (0 - grid (fun i k => (w i k - u i k) * (w i k - u i k))) with ((norm2 F D u - norm2 F D w) +
         ((grid (fun i k => u i k * w i k) - norm2 F D u) + (grid (fun i k => u i k * w i k) - norm2 F D u))).
      - apply add_nonneg; [apply -> le_minus; exact L|apply add_nonneg; exact G].
      - rewrite E. ring. }
    apply sub_zero, square_zero.
    assert (Zi : Σ (below (width D)) (fun k => (w i k - u i k) * (w i k - u i k)) == 0).
    { apply (total_nonneg_zero F (fun i => Σ (below (width D)) (fun k => (w i k - u i k) * (w i k - u i k))) (below (height D))); [|exact Z|now apply in_below].
      intros. apply total_nonneg. intros. apply square_nonneg. }
    apply (total_nonneg_zero F (fun k => (w i k - u i k) * (w i k - u i k)) (below (width D))); [|exact Zi|now apply in_below].
    intros. apply square_nonneg.
Qed.
Section LeastNorm.
Variable u : columns.
Hypothesis supported : forall x, In x P -> supports D u x.
Hypothesis stationary : forall i k, (i < height D)%N -> (k < width D)%N -> (combination P i k == element u i k)%Q.
Lemma inner_stationary w : inner (combination P) w == grid (fun i k => rational F u i k * w i k).
Proof. apply grid_ext. intros i k Hi Hk. rewrite (stationary i k Hi Hk). reflexivity. Qed.
(** the first member of a listed set, if it has one that is an alternative *)
Lemma first_listed x : (exists v, (v < size (block_of x))%N /\ In v (set_of x)) \/ (forall v, (v < size (block_of x))%N -> ~ In v (set_of x)).
Proof.
  destruct (List.Exists_dec (fun v => In v (set_of x)) (below (size (block_of x))) (fun v => in_dec N.eq_dec v (set_of x))) as [E|E].
  - left. apply Exists_exists in E as (v & Hv & I). apply in_below in Hv. eauto.
  - right. intros v Hv I. apply E, Exists_exists. exists v. split; [now apply in_below|exact I].
Qed.
Hypothesis some_listed : forall x, In x P -> exists v, (v < size (block_of x))%N /\ In v (set_of x).
Lemma solution_margins : margins F D T (rational F u).
Proof.
  unfold margins, T. rewrite <- same_blocks. apply items_two. intros x Hx a v Ha Hv Ia. destruct (supported x Hx) as (l & H).
  destruct (H a Ha) as [Ea _]. destruct (H v Hv) as [Ev Ov]. rewrite !score_rational. split; intro I.
  - apply embed_eq. now rewrite (Ev I), (Ea Ia).
  - rewrite <- embed_one, <- embed_add. apply embed_le. rewrite (Ea Ia). now apply Ov.
Qed.
Theorem least_norm_sound : least F D (margins F D T) (rational F u).
Proof.
  apply norm2_least; [apply solution_margins|]. intros w M. unfold margins, T in M. rewrite <- same_blocks in M. pose proof (items_two_back _ _ M) as Mx. clear M. cbv beta in Mx.
  setoid_replace (norm2 F D (rational F u)) with (inner (combination P) (rational F u)) by (rewrite inner_stationary; reflexivity).
  rewrite <- inner_stationary. apply le_minus.
  assert (E : inner (combination P) w - inner (combination P) (rational F u) == Σ P (fun x => weighted w x - weighted (rational F u) x)).
  { rewrite total_sub, !pairing. ring. }
  rewrite E. apply total_nonneg. intros x Hx. destruct (supported x Hx) as (l & H). destruct (some_listed x Hx) as (a & Ha & Ia).
  rewrite (deviation w (score F D w (block_of x) a) x (all_balanced x Hx)), (deviation (rational F u) (φ l) x (all_balanced x Hx)), <- total_sub.
  apply total_nonneg. intros v Hv. apply in_below in Hv. destruct (Mx x Hx a v Ha Hv Ia) as [Mt Mo]. destruct (H v Hv) as [St So]. rewrite score_rational.
  destruct (in_dec N.eq_dec v (set_of x)) as [I|I].
  - rewrite (St I), (Mt I). apply le_eq. ring.
  - destruct (So I) as (_ & Neg & [Z|Z]).
    + rewrite Z, embed_zero. apply le_eq. ring.
    + rewrite <- Z, embed_add, embed_one.
      setoid_replace (φ (coefficient x v) * (score F D w (block_of x) v - score F D w (block_of x) a) - φ (coefficient x v) * (φ (qscore D u (block_of x) v) - (φ (qscore D u (block_of x) v) + 1)))
        with (φ (coefficient x v) * (score F D w (block_of x) v + 1 - score F D w (block_of x) a)) by ring.
      apply mul_nonpos; [rewrite <- embed_zero; now apply embed_le|]. apply le_minus.
      setoid_replace (0 - (score F D w (block_of x) v + 1 - score F D w (block_of x) a)) with (score F D w (block_of x) a - (score F D w (block_of x) v + 1)) by ring.
      apply -> le_minus. auto.
Qed.
End LeastNorm.

(** ** Both records on the same sets: the max-margin direction *)
Lemma least_iff (S S' : matrix F -> Prop) u : (forall w, S w <-> S' w) -> least F D S u -> least F D S' u.
Proof. intros H [A B]. split; [now apply H|]. intros w K. apply B. now apply H. Qed.
Theorem margins_margin_one : partition F D T -> (forall x, In x P -> forall v, label (block_of x) v -> In v (set_of x)) ->
  forall w, margins F D T w <-> margin_one F D w.
Proof.
  intros Hp L w. pose proof (tied_iff Hp) as E. unfold margins, margin_one, T. rewrite <- same_blocks. split; intro H.
  - apply items_one. intros x Hx y v Ly Hv. destruct (items_two_back _ _ H x Hx y v (proj1 Ly) Hv (L x Hx y Ly)) as [A B]. split; intro I.
    + apply A, (E x Hx v Hv), I.
    + apply B. intro K. apply I, (E x Hx v Hv), K.
  - apply items_two. intros x Hx a v Ha Hv Ia. destruct (all_labelled x Hx) as (y & Ly).
    destruct (items_one_back _ _ H x Hx y a Ly Ha) as [Aa _]. destruct (items_one_back _ _ H x Hx y v Ly Hv) as [Av Bv].
    assert (Ea : score F D w (block_of x) a == score F D w (block_of x) y) by (apply Aa, (E x Hx a Ha), Ia).
    rewrite Ea. split; intro I.
    + apply Av, (E x Hx v Hv), I.
    + apply Bv. intro K. apply I, (E x Hx v Hv), K.
Qed.

Theorem max_margin_sound u : partition F D T -> (forall x, In x P -> forall v, label (block_of x) v -> In v (set_of x)) ->
  least F D (margins F D T) u -> least F D (margin_one F D) u.
Proof. intros Hp L. apply least_iff. now apply margins_margin_one. Qed.

(** ** norm-margin (weak duality) *)
Definition off_weight (x : item) : F := Σ (below (size (block_of x))) (fun v => if in_dec N.eq_dec v (set_of x) then 0 else - φ (coefficient x v)).
Lemma weight_bound w x : balanced x -> (exists a, (a < size (block_of x))%N /\ In a (set_of x)) ->
  (forall v, (v < size (block_of x))%N -> ~ In v (set_of x) -> (coefficient x v <= 0)%Q) ->
  (forall a v, (a < size (block_of x))%N -> (v < size (block_of x))%N -> In a (set_of x) ->
    (In v (set_of x) -> score F D w (block_of x) v == score F D w (block_of x) a) /\ (~ In v (set_of x) -> score F D w (block_of x) v + 1 <= score F D w (block_of x) a)) ->
  off_weight x <= weighted w x.
Proof.
  intros B (a & Ha & Ia) Neg M. rewrite (deviation w (score F D w (block_of x) a) x B). unfold off_weight. apply le_minus. rewrite <- total_sub. apply total_nonneg.
  intros v Hv. apply in_below in Hv. destruct (M a v Ha Hv Ia) as [Mt Mo]. destruct (in_dec N.eq_dec v (set_of x)) as [I|I].
  - rewrite (Mt I). apply le_eq. ring.
  - setoid_replace (φ (coefficient x v) * (score F D w (block_of x) v - score F D w (block_of x) a) - - φ (coefficient x v))
      with (φ (coefficient x v) * (score F D w (block_of x) v + 1 - score F D w (block_of x) a)) by ring.
    apply mul_nonpos; [rewrite <- embed_zero; apply embed_le, Neg; auto|]. apply le_minus.
    setoid_replace (0 - (score F D w (block_of x) v + 1 - score F D w (block_of x) a)) with (score F D w (block_of x) a - (score F D w (block_of x) v + 1)) by ring.
    apply -> le_minus. auto.
Qed.
Lemma mul_nonneg (x y : F) : 0 <= x -> 0 <= y -> 0 <= x * y. Proof. apply (Rtimes_nonneg_nonneg (laws F)). Qed.
Lemma size_nonneg (w b : F) : w <= b -> - w <= b -> 0 <= b.
Proof.
  intros W W'. apply le_minus in W, W'. assert (S : 0 <= b + b) by (setoid_replace (b + b) with ((b - w) + (b - - w)) by ring; now apply add_nonneg).
  destruct (Rlt_trichotomy (laws F) b 0) as [H|[H|H]]; [exfalso|rewrite H; apply le_refl|now apply lt_le].
  pose proof (Rplus_lt_mono (laws F) b 0 b 0 H H) as K. apply (le_not_lt F 0 (b + b) S). now setoid_replace (0 : F) with (0 + 0) by ring.
Qed.
Lemma le_add (x y z t : F) : x <= y -> z <= t -> x + z <= y + t.
Proof. intros H K. apply le_minus in H, K. apply le_minus. setoid_replace (y + t - (x + z)) with ((y - x) + (t - z)) by ring. now apply add_nonneg. Qed.
Lemma total_le {A} (f g : A -> F) l : (forall x, In x l -> f x <= g x) -> Σ l f <= Σ l g.
Proof. induction l as [|x l IH]; cbn; intro H; [apply le_refl|]. apply le_add; auto. Qed.
(** |a| <= m, |w| <= b: a w <= m b *)
Lemma product_bound (a m : Q) (w b : F) : (a <= m)%Q -> (- a <= m)%Q -> w <= b -> - w <= b -> φ a * w <= φ m * b.
Proof.
  intros A A' W W'. pose proof (size_nonneg w b W W') as B. apply le_minus in W, W'.
  assert (M : 0 <= φ (m - a)%Q) by (rewrite <- embed_zero; apply embed_le; clear - A; lra).
  assert (M' : 0 <= φ (m + a)%Q) by (rewrite <- embed_zero; apply embed_le; clear - A'; lra).
  (* 2 (m b - a w) = (m - a)(b + w) + (m + a)(b - w) *)
  assert (E : 0 <= (φ m * b - φ a * w) + (φ m * b - φ a * w)).
  { setoid_replace ((φ m * b - φ a * w) + (φ m * b - φ a * w)) with (φ (m - a)%Q * (b - - w) + φ (m + a)%Q * (b - w)).
    - apply add_nonneg; now apply mul_nonneg.
    - rewrite embed_sub, embed_add. ring. }
  apply le_minus. destruct (Rlt_trichotomy (laws F) (φ m * b - φ a * w) 0) as [H|[H|H]]; [exfalso|rewrite H; apply le_refl|now apply lt_le].
  pose proof (Rplus_lt_mono (laws F) _ 0 _ 0 H H) as K. apply (le_not_lt F 0 _ E). now setoid_replace (0 : F) with (0 + 0) by ring.
Qed.
Definition dual_within (n : norm) (A : N -> N -> Q) : Prop :=
  match n with
  | L1 => forall i k, (i < height D)%N -> (k < width D)%N -> (A i k <= 1)%Q /\ (- A i k <= 1)%Q
  | Linf => exists B : N -> N -> Q, (forall i k, (i < height D)%N -> (k < width D)%N -> (A i k <= B i k)%Q /\ (- A i k <= B i k)%Q) /\
                                    (Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (B i)) <= 1)%Q
  end.
Lemma duality n A w r : dual_within n A -> within F D n w r -> inner A w <= r.
Proof.
  destruct n; cbn.
  - intros H (b & Hb & R). eapply le_trans; [|exact R]. apply total_le. intros i Hi. apply total_le. intros k Hk. apply in_below in Hi, Hk.
    destruct (H i k Hi Hk) as [A1 A2]. destruct (Hb i k Hi Hk) as [W1 W2]. eapply le_trans; [apply (product_bound (A i k) 1 (w i k) (b i k)); auto|].
    rewrite embed_one. apply le_eq. ring.
  - intros (B & HB & S) [R W]. apply le_trans with (grid (fun i k => φ (B i k) * r)).
    + apply total_le. intros i Hi. apply total_le. intros k Hk. apply in_below in Hi, Hk. destruct (HB i k Hi Hk) as [A1 A2]. destruct (W i k Hi Hk) as [W1 W2].
      now apply product_bound.
    + assert (E : grid (fun i k => φ (B i k) * r) == φ (Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (B i))) * r).
      { rewrite total_embed, <- total_scale_r. apply total_ext. intros i _. rewrite total_embed, <- total_scale_r. reflexivity. }
      rewrite E. apply (embed_le F) in S. rewrite embed_one in S. apply le_minus in S. apply le_minus.
      setoid_replace (r - φ (Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (B i))) * r)
        with ((1 - φ (Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (B i)))) * r) by ring.
      now apply mul_nonneg.
Qed.
Theorem norm_margin_sound n u value : (forall x, In x P -> forall v, label (block_of x) v -> In v (set_of x)) -> margins F D T (rational F u) ->
  (forall x, In x P -> forall v, (v < size (block_of x))%N -> ~ In v (set_of x) -> (coefficient x v <= 0)%Q) -> (forall x, In x P -> constants x == 0) ->
  dual_within n (combination P) -> within F D n (rational F u) value -> Σ P off_weight == value ->
  least_in F D n (margins F D T) (rational F u) value.
Proof.
  intros L M Neg C Dn Wn E. split; [exact M|split; [exact Wn|]]. intros w r Mw Wr. rewrite <- E.
  eapply le_trans; [|apply (duality n (combination P) w r Dn Wr)].
  assert (Pr : inner (combination P) w == Σ P (weighted w)). { rewrite pairing, (total_zero F constants P) by exact C. ring. }
  rewrite Pr. apply total_le. intros x Hx. apply weight_bound; auto.
  - destruct (all_labelled x Hx) as (y & Ly). exists y. split; [apply Ly|now apply (L x Hx)].
  - intros a v Ha Hv Ia. unfold margins, T in Mw. rewrite <- same_blocks in Mw. apply (items_two_back _ _ Mw x Hx a v Ha Hv Ia).
Qed.

(** ** infeasible-system (Farkas) *)
Definition gain (x : item) : F := Σ (below (size (block_of x))) (fun v =>
  (if label_dec (block_of x) v then 0 else - φ (coefficient x v)) - φ (coefficient x v * offset (block_of x) v)%Q).
Theorem infeasible_sound : (forall x, In x P -> refutes x) -> vanishes P -> 0 < Σ P gain -> forall w, ~ feasible F D w.
Proof.
  intros R V G w H. unfold feasible in H. rewrite <- same_blocks in H. pose proof (items_one_back _ _ H) as Hx. clear H. cbv beta in Hx.
  revert G. apply le_not_lt. assert (E : Σ P (fun x => weighted w x - (gain x + constants x)) == 0 - Σ P gain).
  { rewrite total_sub, total_add, pairing_zero by exact V. ring. }
  apply le_minus. rewrite <- E. apply total_nonneg. intros x Ix. destruct (all_labelled x Ix) as (y & Ly).
  rewrite (deviation w (score F D w (block_of x) y) x (all_balanced x Ix)). unfold gain, constants. rewrite <- total_add, <- total_sub. apply total_nonneg.
  intros v Hv. apply in_below in Hv. destruct (Hx x Ix y v Ly Hv) as [A B]. destruct (label_dec (block_of x) v) as [Lv|Lv].
  - rewrite (A Lv). apply le_eq. ring.
  - setoid_replace (φ (coefficient x v) * (score F D w (block_of x) v - score F D w (block_of x) y) -
        (- φ (coefficient x v) - φ (coefficient x v * offset (block_of x) v)%Q + φ (coefficient x v * offset (block_of x) v)%Q))
      with (φ (coefficient x v) * (score F D w (block_of x) v + 1 - score F D w (block_of x) y)) by ring.
    apply mul_nonpos.
    + rewrite <- embed_zero. apply embed_le. destruct (R x Ix v Hv); [contradiction|assumption].
    + apply le_minus. setoid_replace (0 - (score F D w (block_of x) v + 1 - score F D w (block_of x) y)) with (score F D w (block_of x) y - (score F D w (block_of x) v + 1)) by ring.
      apply -> le_minus. auto.
Qed.

(** ** linear-system: equalities *)
Theorem unsolvable_sound : (forall x, In x P -> on_labels x) -> vanishes P -> ~ Σ P constants == 0 -> forall w, ~ level F D w.
Proof.
  intros R V G w H. unfold level in H. rewrite <- same_blocks in H. pose proof (items_one_back _ _ H) as Hx. clear H. cbv beta in Hx.
  apply G. rewrite <- (pairing_zero w P V). apply total_zero. intros x Ix. destruct (all_labelled x Ix) as (y & Ly).
  rewrite (deviation w (score F D w (block_of x) y) x (all_balanced x Ix)). apply total_zero. intros v Hv. apply in_below in Hv.
  destruct (R x Ix v Hv) as [Lv|Z].
  - rewrite (Hx x Ix y v Ly Lv). ring.
  - rewrite Z, embed_zero. ring.
Qed.
End Proofs.
