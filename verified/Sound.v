(** Soundness: whatever record the checker accepts, its claim holds. *)
Require Import List NArith ZArith Znumtheory QArith Qreduction Bool Reals Qreals FMapPositive Lia Setoid Lqa Sorted.
From NTP Require Import Spec Sums Theorems Logarithms Rank Kernel Correct.
Import ListNotations.
Open Scope N_scope.

(** ** Lists *)
Lemma zip_ok B T C P : zip B T C = Some P -> List.map block_of P = B /\ List.map set_of P = T.
Proof.
  revert T C P. induction B as [|b B IH]; intros [|t T] [|c C] P H; cbn in H; try discriminate.
  - injection H as <-. auto.
  - destruct (zip B T C) as [P'|] eqn:E; [|discriminate]. injection H as <-. destruct (IH _ _ _ E) as [<- <-]. auto.
Qed.
Lemma pairs_ok {A B} (l : list A) (m : list B) p : pairs l m = Some p -> p = combine l m /\ List.map fst p = l.
Proof.
  revert m p. induction l as [|x l IH]; intros [|y m] p H; cbn in H; try discriminate.
  - injection H as <-. auto.
  - destruct (pairs l m) as [q|] eqn:E; [|discriminate]. injection H as <-. destruct (IH _ _ E) as [-> F]. cbn. now rewrite F.
Qed.
Lemma increasing_head x l : increasing (x :: l) = true -> forall y, In y l -> x < y.
Proof.
  revert x. induction l as [|z l IH]; intros x H y Hy; [easy|]. cbn in H. apply andb_true_iff in H as [H1 H2]. apply N.ltb_lt in H1.
  destruct Hy as [<-|Hy]; [exact H1|]. specialize (IH z H2 y Hy). lia.
Qed.
Lemma increasing_tail x l : increasing (x :: l) = true -> increasing l = true.
Proof. destruct l; [reflexivity|]. cbn. intro H. now apply andb_true_iff in H. Qed.
Lemma increasing_nodup l : increasing l = true -> NoDup l.
Proof.
  induction l as [|x l IH]; intro H; constructor.
  - intro I. pose proof (increasing_head x l H x I). lia.
  - apply IH. exact (increasing_tail x l H).
Qed.
Lemma fold_qadd {A} (f : A -> Q) l : (fold_left (fun a x => qadd (f x) a) l 0%Q == Qtotal l f)%Q.
Proof.
  assert (H : forall a, (fold_left (fun a x => qadd (f x) a) l a == a + Qtotal l f)%Q); [|rewrite H; ring].
  induction l as [|x l IH]; intro a; [cbn; ring|]. cbn [fold_left]. rewrite IH, qadd_ok, Qt_cons. ring.
Qed.

Section Instance.
Variable D : data.
Notation from P := (List.map block_of P = blocks D).
Lemma from_block P x : from P -> In x P -> In (block_of x) (blocks D).
Proof. intros <- H. now apply in_map. Qed.
Lemma proper_ok P : forallb proper P = true -> (forall x, In x P -> labelled (block_of x)) /\ (forall x, In x P -> balanced x).
Proof.
  rewrite forallb_forall. intro H. split; intros x Hx; specialize (H x Hx); apply andb_true_iff in H as [A B].
  - apply has_label_ok, A.
  - unfold is_balanced in B. apply qzero_ok in B. rewrite vsum_sound in B. exact B.
Qed.
Lemma proper_set_ok P : forallb proper_set P = true -> forall x, In x P ->
  NoDup (set_of x) /\ (forall v, In v (set_of x) -> v < size (block_of x)) /\ (forall v, label (block_of x) v -> In v (set_of x)).
Proof.
  rewrite forallb_forall. intros H [[b t] c] Hx. specialize (H _ Hx). cbn in H. rewrite !andb_true_iff in H. destruct H as [[A B] C].
  unfold block_of, set_of. cbn [fst snd]. repeat split.
  - now apply increasing_nodup.
  - intros v I. rewrite forallb_forall in B. now apply N.ltb_lt, B.
  - intros v L. pose proof (every_sound _ _ _ _ _ C v (proj1 L)) as E. cbv beta in E. rewrite (proj2 (label_pos b v (proj1 L)) L) in E. now apply member_list.
Qed.
Lemma constant_free_ok : constant_free D = true -> forall b, In b (blocks D) -> (constant b == 0)%Q.
Proof. unfold constant_free. rewrite forallb_forall. intros H b I. now apply qzero_ok, H. Qed.
Lemma vanishing P : from P -> equal D (adjoint D P) nothing = true -> vanishes D P.
Proof.
  intros S H i k Hi Hk. rewrite <- (adjoint_sound D P) by (auto; intros; now apply from_block with P). rewrite (equal_sound D _ _ H i k Hi Hk).
  unfold element, row. now rewrite lookup_nothing, entry_null.
Qed.
Lemma member_no t v : ~ In v t -> member v (with_list t nothing) = false.
Proof. intro H. destruct (member v (with_list t nothing)) eqn:E; [|reflexivity]. now apply member_list in E. Qed.
Lemma separated_ok u x : In (block_of x) (blocks D) -> (forall v, label (block_of x) v -> In v (set_of x)) -> separated D u x = true -> separates D u x.
Proof.
  destruct x as [[b t] c]. unfold block_of, set_of, separates, coefficient. cbn [fst snd]. intros I Lt H. cbn in H. destruct t as [|a t']; [discriminate|]. set (t := a :: t') in *.
  exists (entry (scores D u b) a). intros v Hv. pose proof (every_sound _ _ _ _ _ H v Hv) as E. cbv beta in E. unfold block_of, set_of. cbn [fst snd]. rewrite <- (scores_sound D u b I v Hv).
  split; [apply Lt|]. split; [|split].
  - intro J. rewrite (proj2 (member_list v t) J) in E. apply andb_true_iff in E as [E _]. now apply Qeq_bool_eq.
  - intro J. rewrite (member_no t v J) in E. apply andb_true_iff in E as [E1 E2]. split; [now apply qlt_ok|now apply qzero_ok].
  - intros J N. rewrite (proj2 (member_list v t) J) in E. apply andb_true_iff in E as [_ E]. apply orb_true_iff in E as [E|E]; [|now apply qlt_ok].
    apply label_pos in E; [contradiction|exact Hv].
Qed.
Lemma supported_ok u x : In (block_of x) (blocks D) -> supported D u x = true -> supports D u x.
Proof.
  destruct x as [[b t] c]. unfold block_of, set_of, supports, coefficient. cbn [fst snd]. intros I H. cbv beta iota zeta delta [supported] in H. destruct t as [|a t']; [discriminate|]. set (t := a :: t') in *.
  exists (entry (scores D u b) a). intros v Hv. pose proof (every_sound _ _ _ _ _ H v Hv) as E. cbv beta zeta in E. unfold block_of, set_of. cbn [fst snd]. rewrite <- (scores_sound D u b I v Hv). split.
  - intro J. rewrite (proj2 (member_list v t) J) in E. now apply Qeq_bool_eq.
  - intro J. rewrite (member_no t v J), !andb_true_iff, orb_true_iff in E. destruct E as [[E1 E2] E3]. apply Qle_bool_iff in E1, E2. rewrite qadd_ok in E1. split; [exact E1|split; [exact E2|]].
    destruct E3 as [E3|E3]; [left; now apply qzero_ok|right]. apply Qeq_bool_eq in E3. now rewrite qadd_ok in E3.
Qed.
Lemma full_ok x : NoDup (set_of x) -> (forall v, In v (set_of x) -> v < size (block_of x)) -> full x = true <-> all_listed x.
Proof.
  destruct x as [[b t] c]. unfold set_of, block_of, full, all_listed. cbn [fst snd]. intros N B. rewrite N.leb_le, number_length. split.
  - intros H v Hv. assert (I : incl (below (size b)) t); [|now apply I, in_below].
    apply NoDup_length_incl; [exact N|rewrite length_below; lia|]. intros w Hw. now apply in_below, B.
  - intro H. assert (L : (length (below (size b)) <= length t)%nat); [|rewrite length_below in L; lia].
    apply NoDup_incl_length; [apply nodup_below|]. intros w Hw. now apply H, in_below.
Qed.
Lemma one_ok x : NoDup (set_of x) -> (forall v, In v (set_of x) -> v < size (block_of x)) -> (set_of x <> []) -> one x = true <-> one_listed x.
Proof.
  destruct x as [[b t] c]. unfold set_of, block_of, one, one_listed, set_of, block_of. cbn [fst snd]. intros N B E. destruct t as [|a [|a' t]]; [congruence| |]; split; try easy.
  - intros _ v v' _ _ [->|[]] [->|[]]. reflexivity.
  - intro H. exfalso. assert (Ea : a = a') by (apply H; try apply B; cbn; auto). inversion N; subst. apply H2. now left.
Qed.
Lemma one_listed_dec x : NoDup (set_of x) -> (forall v, In v (set_of x) -> v < size (block_of x)) -> set_of x <> [] -> one x = false -> ~ one_listed x.
Proof. intros A B C H K. apply (one_ok x A B C) in K. congruence. Qed.
Lemma class_ok k P : (forall x, In x P -> NoDup (set_of x) /\ (forall v, In v (set_of x) -> v < size (block_of x)) /\ set_of x <> []) -> class_eqb (class_of P) k = true ->
  match k with
  | Overlap => forall x, In x P -> all_listed x
  | Complete => (exists x, In x P /\ ~ all_listed x) /\ (forall x, In x P -> one_listed x)
  | QuasiComplete => (exists x, In x P /\ ~ all_listed x) /\ (exists x, In x P /\ ~ one_listed x)
  end.
Proof.
  intros H E. unfold class_of in E.
  assert (Fa : forall f : item -> bool, forallb f P = false -> exists x, In x P /\ f x = false).
  { intros f. clear. induction P as [|x P IH]; cbn; [discriminate|]. intro H. apply andb_false_iff in H as [H|H]; [exists x; auto|]. destruct (IH H) as (y & I & J). exists y. auto. }
  destruct (forallb full P) eqn:A; [|destruct (forallb one P) eqn:B]; destruct k; cbn in E; try discriminate.
  - rewrite forallb_forall in A. intros x Hx. destruct (H x Hx) as (N & L & _). now apply (full_ok x N L), A.
  - split.
    + destruct (Fa _ A) as (x & Hx & Fx). exists x. split; [exact Hx|]. destruct (H x Hx) as (N & L & _). intro K. apply (full_ok x N L) in K. congruence.
    + rewrite forallb_forall in B. intros x Hx. destruct (H x Hx) as (N & L & S). now apply (one_ok x N L S), B.
  - split.
    + destruct (Fa _ A) as (x & Hx & Fx). exists x. split; [exact Hx|]. destruct (H x Hx) as (N & L & _). intro K. apply (full_ok x N L) in K. congruence.
    + destruct (Fa _ B) as (x & Hx & Fx). exists x. split; [exact Hx|]. destruct (H x Hx) as (N & L & S). now apply one_listed_dec.
Qed.

(** ** Records over any ordered ring *)
Section Ring.
Variable F : ordered.
Theorem separation_sound k T u C c : check_separation D k T u C = Some c -> c = Partition T k /\ partition F D T /\ has_class F D k.
Proof.
  unfold check_separation. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S <-].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[[[[E1 E2] E3] E4] E5] E6].
  destruct (proper_ok P E1) as [La Ba]. pose proof (proper_set_ok P E2) as Ps.
  assert (Sep : forall x, In x P -> separates D u x).
  { intros x Hx. apply separated_ok; [now apply from_block with P|apply (Ps x Hx)|]. rewrite forallb_forall in E3. auto. }
  assert (Pt : partition F D (List.map set_of P)).
  { apply partition_sound with u; auto.
    - now apply vanishing.
    - intros x Hx. apply constant_free_ok; [exact E4|now apply from_block with P]. }
  split; [reflexivity|]. split; [exact Pt|]. apply (class_sound F D P S La k Pt). apply class_ok; [|exact E6].
  intros x Hx. destruct (Ps x Hx) as (N & L & M). repeat split; auto. destruct (La x Hx) as (y & Ly). intro Q. specialize (M y Ly). rewrite Q in M. easy.
Qed.
Theorem qp_sound T u C s c : check_qp D T u C s = Some c -> c = LeastNorm T u s /\ least F D (margins F D T) (rational F u) /\ eq F (norm2 F D (rational F u)) (embed F s).
Proof.
  unfold check_qp. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S <-].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[[[E1 E2] E3] E4] E5].
  destruct (proper_ok P E1) as [La Ba]. pose proof (proper_set_ok P E2) as Ps. split; [reflexivity|split].
  - apply least_norm_sound; auto.
    + intros x Hx. apply supported_ok; [now apply from_block with P|]. rewrite forallb_forall in E3. auto.
    + intros i k Hi Hk. rewrite <- (adjoint_sound D P) by (auto; intros; now apply from_block with P). now apply (equal_sound D).
    + intros x Hx. destruct (La x Hx) as (y & Ly). exists y. split; [apply Ly|]. now apply (Ps x Hx).
  - apply Qeq_bool_eq in E5. rewrite square_norm_sound in E5.
    transitivity (embed F (norm2 rationals D (rational rationals u))); [|now apply embed_eq]. unfold norm2. symmetry. rewrite total_embed. apply total_ext. intros i _.
    rewrite total_embed. apply total_ext. intros k _. apply embed_mul.
Qed.
Lemma embed_injective a b : eq F (embed F a) (embed F b) -> (a == b)%Q.
Proof.
  intro H. destruct (Q_dec a b) as [[L|L]|L]; [| |exact L]; exfalso; apply (embed_lt F), lt_neq in L; apply L; [exact H|now symmetry].
Qed.
Lemma qp_items T u C s c : check_qp D T u C s = Some c -> exists P, zip (blocks D) T C = Some P /\ from P /\ List.map set_of P = T /\
  (forall x, In x P -> balanced x) /\ (forall x, In x P -> supports D u x) /\ forall i k, i < height D -> k < width D -> (combination P i k == element u i k)%Q.
Proof.
  unfold check_qp. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S E'].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros _. rewrite !andb_true_iff in E. destruct E as [[[[E1 E2] E3] E4] E5].
  exists P. repeat split; auto.
  - apply (proper_ok P E1).
  - intros x Hx. apply supported_ok; [now apply from_block with P|]. rewrite forallb_forall in E3. auto.
  - intros i k Hi Hk. rewrite <- (adjoint_sound D P) by (auto; intros; now apply from_block with P). now apply (equal_sound D).
Qed.
Lemma forall2_map {A B B'} (R : B -> B' -> Prop) (f : A -> B) (g : A -> B') l : (forall x, In x l -> R (f x) (g x)) -> Forall2 R (List.map f l) (List.map g l).
Proof. induction l; cbn; intro H; constructor; auto. Qed.
Lemma combine_map {A B B'} (f : A -> B) (g : A -> B') l : combine (List.map f l) (List.map g l) = List.map (fun x => (f x, g x)) l.
Proof. induction l; cbn; congruence. Qed.
Theorem strict_record_sound T u C s c : check_strict D T u C s = Some c -> c = StrictLeastNorm T u s /\ holds F D c.
Proof.
  unfold check_strict. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (check_qp D T u C s) as [c'|] eqn:K; [|discriminate].
  destruct (forallb (strict D u) P) eqn:St; [|discriminate]. intros [= <-]. split; [reflexivity|]. destruct (qp_sound _ _ _ _ _ K) as (_ & A & B).
  split; [exact A|split; [exact B|]]. destruct (qp_items _ _ _ _ _ K) as (P' & Z' & S & E & Ba & Su & Co). assert (P' = P) by congruence. subst P'. rewrite forallb_forall in St.
  exists (List.map (fun x v => embed F (coefficient x v)) P). split.
  - rewrite <- S, <- E, combine_map. apply forall2_map. intros x Hx. cbn [fst snd]. split.
    + rewrite <- total_embed. specialize (Ba x Hx). unfold balanced in Ba. rewrite (embed_eq F _ _ Ba). apply embed_zero.
    + intros a v Hv Ia N. destruct (Su x Hx) as (l & H). specialize (St x Hx). destruct x as [[b t] k]. unfold block_of, set_of, coefficient in *. cbn [fst snd] in *.
      destruct (H v Hv) as [_ Off]. unfold block_of, set_of, coefficient in Off. cbn [fst snd] in Off. destruct (Off N) as (Mg & Ng & Cs).
      assert (Hb : In b (blocks D)) by (rewrite <- S; now apply (in_map block_of) in Hx).
      assert (Ea : (a < size b)%N -> (qscore D u b a == l)%Q). { intro Ha. destruct (H a Ha) as [On _]. apply On, Ia. }
      assert (At : (a < size b)%N).
      { unfold check_qp in K. rewrite Z in K. match type of K with (if ?q then _ else _) = _ => destruct q eqn:Q; [|discriminate] end. rewrite !andb_true_iff in Q. destruct Q as [[[[_ Q2] _] _] _].
        destruct (proper_set_ok P Q2 _ Hx) as (_ & Bd & _). now apply Bd. }
      specialize (Ea At). rewrite !score_rational.
      assert (One : eq F (add F (embed F (qscore D u b v)) (Spec.one F)) (embed F (qscore D u b v + 1)%Q)).
      { symmetry. etransitivity; [apply embed_add|]. apply add_morphism; [reflexivity|apply embed_one]. }
      split; [|split].
      * rewrite <- embed_zero. now apply embed_le.
      * intro Q. assert (X : (qscore D u b v + 1 == l)%Q). { rewrite <- Ea. apply embed_injective. rewrite <- One. exact Q. }
        cbv beta iota zeta delta [strict] in St. destruct t as [|a0 t']; [contradiction|]. set (t := a0 :: t') in *.
        pose proof (every_sound _ _ _ _ _ St v Hv) as Ev. cbv beta in Ev. rewrite (member_no t v N) in Ev. cbn [orb] in Ev.
        assert (A0 : (a0 < size b)%N).
        { unfold check_qp in K. rewrite Z in K. match type of K with (if ?q then _ else _) = _ => destruct q eqn:Q'; [|discriminate] end. rewrite !andb_true_iff in Q'. destruct Q' as [[[[_ Q2] _] _] _].
          destruct (proper_set_ok P Q2 _ Hx) as (_ & Bd & _). apply Bd. now left. }
        assert (E0 : Qeq_bool (qadd (entry (scores D u b) v) 1) (entry (scores D u b) a0) = true).
        { apply Qeq_eq_bool. rewrite qadd_ok, !(scores_sound D u b Hb) by assumption. rewrite X. symmetry. destruct (H a0 A0) as [On _]. apply On. now left. }
        rewrite E0 in Ev. cbn [implb] in Ev. apply qlt_ok in Ev. rewrite <- embed_zero. now apply embed_lt.
      * intro Q. destruct Cs as [Cs|Cs]; [rewrite (embed_eq F _ _ Cs); apply embed_zero|]. exfalso. apply (lt_irrefl F (embed F l)).
        assert (Q' : lt F (embed F (qscore D u b v + 1)%Q) (embed F (qscore D u b a))) by (rewrite <- One; exact Q).
        now rewrite (embed_eq F _ _ Cs), (embed_eq F _ _ Ea) in Q'.
  - intros i k Hi Hk. rewrite <- S, combine_map. unfold rational. rewrite <- (embed_eq F _ _ (Co i k Hi Hk)). unfold combination. rewrite total_embed. etransitivity; [|symmetry; apply total_map].
    apply total_ext. intros x _. rewrite total_embed. apply total_ext. intros v _. cbn [fst snd]. apply embed_mul.
Qed.
Theorem norm_record_sound n T u C value c : check_norm D n T u C value = Some c -> c = LeastInNorm n T u value /\ holds F D c.
Proof.
  unfold check_norm. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S <-].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. split; [reflexivity|]. rewrite !andb_true_iff in E.
  destruct E as [[[[[[E1 E2] E3] E4] E5] E6] E7]. destruct (proper_ok P E1) as [La Ba]. pose proof (proper_set_ok P E2) as Ps. rewrite forallb_forall in E3.
  assert (Ap : forall x, In x P -> exists l, forall v, (v < size (block_of x))%N -> (In v (set_of x) -> (qscore D u (block_of x) v == l)%Q) /\
     (~ In v (set_of x) -> (qscore D u (block_of x) v + 1 <= l)%Q /\ (coefficient x v <= 0)%Q)).
  { intros x Hx. specialize (E3 x Hx). assert (I : In (block_of x) (blocks D)) by now apply from_block with P. destruct x as [[b t] k]. unfold block_of, set_of, coefficient in *. cbn [fst snd] in *.
    cbv beta iota zeta delta [apart] in E3. destruct t as [|a t']; [discriminate|]. set (t := a :: t') in *. exists (entry (scores D u b) a). intros v Hv.
    pose proof (every_sound _ _ _ _ _ E3 v Hv) as Q. cbv beta in Q. rewrite <- (scores_sound D u b I v Hv). split; intro J.
    - rewrite (proj2 (member_list v t) J) in Q. now apply Qeq_bool_eq.
    - rewrite (member_no t v J) in Q. apply andb_true_iff in Q as [Q1 Q2]. apply Qle_bool_iff in Q1, Q2. rewrite qadd_ok in Q1. now split. }
  assert (Ad : forall i k, (i < height D)%N -> (k < width D)%N -> (element (adjoint D P) i k == combination P i k)%Q).
  { apply adjoint_sound. intros. now apply from_block with P. }
  apply norm_margin_sound; auto.
  - intros x Hx. apply (Ps x Hx).
  - unfold margins. rewrite <- S. apply items_two. intros x Hx a v Ha Hv Ia. destruct (Ap x Hx) as (l & H). destruct (H a Ha) as [Oa _]. destruct (H v Hv) as [Ov Of]. rewrite !score_rational. split; intro I.
    + apply embed_eq. now rewrite (Ov I), (Oa Ia).
    + destruct (Of I) as [M _]. assert (One : eq F (add F (embed F (qscore D u (block_of x) v)) (Spec.one F)) (embed F (qscore D u (block_of x) v + 1)%Q)).
      { symmetry. etransitivity; [apply embed_add|]. apply add_morphism; [reflexivity|apply embed_one]. }
      rewrite One. apply embed_le. now rewrite (Oa Ia).
  - intros x Hx v Hv N. destruct (Ap x Hx) as (l & H). now apply (H v Hv).
  - intros x Hx. apply constants_zero with P; auto. intros y Hy. apply constant_free_ok; [exact E4|now apply from_block with P].
  - destruct n; cbn [dual norm_at_most within dual_within] in *.
    + destruct (sizes_at_most_sound D 1 _ E5) as [_ Q]. intros i k Hi Hk. destruct (Q i k Hi Hk) as [Q1 Q2]. rewrite (Ad i k Hi Hk) in Q1, Q2. now split.
    + exists (fun i k => qabs (element (adjoint D P) i k)). split.
      * intros i k Hi Hk. rewrite <- (Ad i k Hi Hk). apply qabs_ok.
      * apply Qle_bool_iff in E5. now rewrite sum_of_sizes_sound in E5.
  - destruct n; cbn [dual norm_at_most within dual_within] in *.
    + exists (fun i k => embed F (qabs (element u i k))). split.
      * intros i k _ _. unfold rational. rewrite <- embed_opp. split; apply embed_le, qabs_ok.
      * apply Qle_bool_iff in E6. rewrite sum_of_sizes_sound in E6. apply (embed_le F) in E6. eapply le_trans; [apply le_eq|exact E6]. rewrite total_embed. apply total_ext. intros. symmetry. apply total_embed.
    + destruct (sizes_at_most_sound D value _ E6) as [Q0 Q]. split; [rewrite <- embed_zero; now apply embed_le|]. intros i k Hi Hk. unfold rational. rewrite <- embed_opp. destruct (Q i k Hi Hk). split; now apply embed_le.
  - apply Qeq_bool_eq in E7. rewrite fold_qadd in E7. rewrite <- (embed_eq F _ _ E7), total_embed. apply total_ext. intros [[b t] k] Hx. unfold off_weight, block_of, set_of, coefficient. cbn [fst snd].
    rewrite (embed_eq F (weight (b, t, k)) (Qtotal (below (size b)) (fun v => if member v (with_list t nothing) then 0%Q else Qopp (entry k v)))).
    + rewrite total_embed. apply total_ext. intros v _. destruct (in_dec N.eq_dec v t) as [I|I].
      * rewrite (proj2 (member_list v t) I). symmetry. apply embed_zero.
      * rewrite (member_no t v I). symmetry. apply embed_opp.
    + cbv beta iota zeta delta [weight]. apply sum_below_sound. intros v _ H. apply with_keys_none in H as [H1 H2]. unfold member. now rewrite H2, entry_default.
Qed.
Theorem infeasible_record_sound C c : check_infeasible D C = Some c -> c = Infeasible /\ forall w, ~ feasible F D w.
Proof.
  unfold check_infeasible. destruct (zip (blocks D) (no_sets D) C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S _].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[[E1 E2] E3] E4].
  destruct (proper_ok P E1) as [La Ba]. split; [reflexivity|]. apply infeasible_sound with P; auto.
  - intros [[b t] k] Hx v Hv. unfold block_of, coefficient in *. cbn [fst snd] in *. rewrite forallb_forall in E2. specialize (E2 _ Hx). cbn in E2.
    pose proof (every_sound _ _ _ _ _ E2 v Hv) as E. cbv beta in E. apply orb_true_iff in E as [E|E]; [left; now apply label_pos|right; now apply Qle_bool_iff].
  - now apply vanishing.
  - apply qlt_ok in E4. rewrite fold_qadd in E4. apply (embed_lt F) in E4.
    assert (G : eq F (total F P (Theorems.gain F)) (embed F (Qtotal P gain))); [|pose proof (lt_morphism F _ _ (embed_zero F) _ _ (symmetry G)) as M; now apply M].
    rewrite total_embed. apply total_ext. intros [[b t] k] Hx. unfold Theorems.gain, block_of, coefficient. cbn [fst snd].
    rewrite (embed_eq F _ (Qtotal (below (size b)) (fun v => (if qpos (entry (share b) v) then 0%Q else - entry k v) - entry k v * offset b v)%Q)).
    + rewrite total_embed. apply total_ext. intros v Hv. apply in_below in Hv. symmetry. etransitivity; [apply embed_sub|]. destruct (label_dec b v) as [L|L].
      * rewrite (proj2 (label_pos b v Hv) L). pose proof (embed_zero F) as Ez. apply (sub_morphism_Proper F); [exact Ez|reflexivity].
      * destruct (qpos (entry (share b) v)) eqn:Q; [apply label_pos in Q; [contradiction|exact Hv]|]. apply (sub_morphism_Proper F); [apply embed_opp|reflexivity].
    + cbv beta iota delta [gain]. rewrite sum_below_sound.
      * apply Qt_ext. intros. rewrite qsub_ok, qmul_ok. reflexivity.
      * intros v Hv H. rewrite lookup_insert in H. destruct (N.eqb_spec v 1) as [->|N1]; [discriminate|]. apply with_keys_none in H as [H1 H2]. apply support_none in H2.
        rewrite qsub_ok, qmul_ok, !entry_default by assumption. unfold offset. destruct (N.eqb_spec v 1); [contradiction|]. ring.
Qed.
Lemma level_labels_ok b s e : level_labels b s e = true -> forall y z, label b y -> label b z -> (entry s y - entry s z == entry e y - entry e z)%Q.
Proof.
  unfold level_labels. destruct (first_label b) as [a|]; [|discriminate]. intros H.
  assert (L : forall y, label b y -> (entry s y - entry e y == entry s a - entry e a)%Q).
  { intros y Ly. pose proof (every_sound _ _ _ _ _ H y (proj1 Ly)) as E. cbv beta in E. rewrite (proj2 (label_pos b y (proj1 Ly)) Ly) in E. apply Qeq_bool_eq in E. now rewrite !qsub_ok in E. }
  intros y z Ly Lz. pose proof (L y Ly). pose proof (L z Lz). lra.
Qed.
Theorem solution_sound u c : check_solution D u = Some c -> c = Solved u /\ level F D (rational F u).
Proof.
  unfold check_solution. match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. split; [reflexivity|].
  rewrite forallb_forall in E. apply Forall_forall. intros b I y v Ly Lv. rewrite !score_rational. apply embed_eq.
  pose proof (level_labels_ok _ _ _ (E b I) v y Lv Ly) as H. rewrite !entry_null, !(scores_sound D u b I) in H by (apply Lv || apply Ly). lra.
Qed.
Theorem relation_sound C c : check_relation D C = Some c -> c = Unsolvable /\ forall w, ~ level F D w.
Proof.
  unfold check_relation. destruct (zip (blocks D) (no_sets D) C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S _].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in E. destruct E as [[[E1 E2] E3] E4].
  destruct (proper_ok P E1) as [La Ba]. split; [reflexivity|]. apply unsolvable_sound with P; auto.
  - intros [[b t] k] Hx v Hv. unfold block_of, coefficient in *. cbn [fst snd] in *. rewrite forallb_forall in E2. specialize (E2 _ Hx). cbn in E2.
    pose proof (every_sound _ _ _ _ _ E2 v Hv) as E. cbv beta in E. apply orb_true_iff in E as [E|E]; [left; now apply label_pos|right; now apply qzero_ok].
  - now apply vanishing.
  - apply negb_true_iff, qzero_no in E4. rewrite fold_qadd in E4. intro H.
    assert (G : eq F (total F P (Theorems.constants F)) (embed F (Qtotal P constants))).
    { rewrite total_embed. apply total_ext. intros [[b t] k] Hx. unfold Theorems.constants, block_of, coefficient. cbn [fst snd]. rewrite <- total_embed. apply embed_eq. symmetry. cbv beta iota delta [constants]. rewrite sum_below_sound.
      - apply Qt_ext. intros. apply qmul_ok.
      - intros v Hv K. rewrite lookup_insert in K. unfold offset. destruct (N.eqb_spec v 1); [discriminate|]. rewrite qmul_ok. ring. }
    rewrite H in G. destruct (Q_dec 0 (Qtotal P constants)) as [[L|L]|L].
    + apply (embed_lt F) in L. apply lt_neq in L. apply L. rewrite <- G. apply embed_zero.
    + apply (embed_lt F) in L. apply lt_neq in L. apply L. rewrite <- G. symmetry. apply embed_zero.
    + apply E4. now symmetry.
Qed.
Theorem rank_record_sound r L R c : check_rank D r L R = Some c -> c = Rank r /\ holds F D (Rank r).
Proof.
  unfold check_rank. set (A := system_matrix D). set (m := number (blocks D)). set (n := height D). set (B := over (fun x => image m x A) L).
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:E; [|discriminate] end. intros [= <-]. split; [reflexivity|]. apply andb_true_iff in E as [E1 E2]. rewrite forallb_forall in E1, E2.
  cbn. fold A m n. apply rank_sound with (B := fun a i => entry (row a null B) i) (L := fun a j => entry (row a null L) j) (R := fun i b => entry (row i null R) b)
    (C := fun j a => entry (image n (row j null A) R) a).
  - intros a i Ha Hi. unfold B, row at 1, lookup. rewrite find_map. unfold row at 1, lookup. destruct (PositiveMap.find (N.succ_pos a) L) as [x|]; cbn [option_map].
    + apply entry_image.
    + rewrite entry_null. symmetry. apply Qt_zero. intros. rewrite entry_null. ring.
  - intros j i Hj Hi. specialize (E2 j (proj2 (in_below j m) Hj)). pose proof (vequal_sound _ _ _ E2 i Hi) as H. rewrite entry_image in H. now symmetry.
  - intros a b Ha Hb. specialize (E1 a (proj2 (in_below a r) Ha)). pose proof (vequal_sound _ _ _ E1 b Hb) as H. rewrite entry_image in H. etransitivity; [exact H|].
    unfold entry. cbn [offsets default]. rewrite lookup_insert, lookup_nothing, N.eqb_sym. destruct (a =? b); [apply Qplus_0_l|reflexivity].
Qed.
End Ring.

(** ** Records about logarithms *)
Lemma coprime_product_ok l p : coprime_product l = Some p -> coprime l /\ Forall (fun g => 1 < g)%positive l /\ forall h, In h l -> (Z.pos h | p)%Z.
Proof.
  revert p. induction l as [|g l IH]; intros p H; cbn [coprime_product] in H; [split; [exact I|split; [constructor|easy]]|].
  destruct (coprime_product l) as [q|]; [|discriminate]. destruct (IH q Logic.eq_refl) as (C & G & V). destruct (Pos.leb g 1) eqn:E1; [discriminate|].
  destruct (Z.eqb (Z.gcd (Z.pos g) q) 1) eqn:E2; cbn [negb orb] in H; [|discriminate].
  assert (Hp : p = (Z.pos g * q)%Z) by congruence. subst p. clear H. apply Z.eqb_eq, Zgcd_1_rel_prime in E2. apply Pos.leb_gt in E1. cbn [coprime].
  split; [split; [|exact C]|split; [constructor; assumption|]].
  - intros h Hh. apply rel_prime_sym. apply rel_prime_div with q; [now apply rel_prime_sym|now apply V].
  - intros h [<-|Hh].
    + apply Z.divide_factor_l.
    + apply Z.divide_mul_r. now apply V.
Qed.
Lemma upper_raised l acc : raised (fun n => n) l acc = (upper l * acc)%Z.
Proof. revert acc. induction l as [|[g n] l IH]; intro acc; cbn [raised upper]; [lia|]. rewrite IH. lia. Qed.
Lemma lower_raised l acc : raised Z.opp l acc = (lower l * acc)%Z.
Proof. revert acc. induction l as [|[g n] l IH]; intro acc; cbn [raised lower]; [lia|]. rewrite IH. lia. Qed.
Lemma is_product_ok base p x : (0 < p)%Q -> is_product (table base) (number base) p x = true ->
  ln (Q2R p) = total reals (base_of base) (fun kg => (Q2R (entry x (fst kg)) * lnz (Z.pos (snd kg)))%R).
Proof.
  intros Hp H. unfold is_product in H. rewrite !andb_true_iff in H. destruct H as [[[H1 H2] H3] H4]. apply qzero_ok in H1. rewrite forallb_forall in H2, H3.
  set (g := fun k => row k 1%positive (table base)) in *. rewrite map_map in H4. cbn [fst snd] in H4.
  set (powers := List.map (fun k => (row k 1%positive (table base), Qnum (Qred (entry x k)))) (keys (offsets x))) in *.
  rewrite upper_raised, lower_raised, !Z.mul_1_r in H4. apply Z.eqb_eq in H4.
  rewrite <- (Qeq_eqR _ _ (Qred_correct p)). rewrite (Logarithms.factorised (Qred p) powers); [|now rewrite Qred_correct|exact H4].
  transitivity (total reals (keys (offsets x)) (fun k => (Q2R (entry x k) * lnz (Z.pos (g k)))%R)).
  - assert (Int : forall k, In k (keys (offsets x)) -> Q2R (entry x k) = IZR (Qnum (Qred (entry x k)))).
    { intros k Hk. specialize (H3 (g k, entry x k)). cbn [fst snd] in H3. assert (I : In (g k, entry x k) (List.map (fun k0 => (row k0 1%positive (table base), entry x k0)) (keys (offsets x)))).
      { apply in_map_iff. exists k. auto. }
      apply H3, andb_true_iff in I as [I _]. apply Pos.eqb_eq in I. rewrite <- (Qeq_eqR _ _ (Qred_correct (entry x k))). unfold Q2R. rewrite I. field. }
    unfold powers. clear - Int. induction (keys (offsets x)) as [|k l IH]; cbn; [reflexivity|]. rewrite IH by (intros; apply Int; now right). rewrite (Int k (or_introl Logic.eq_refl)). reflexivity.
  - unfold base_of. cbv zeta. symmetry. etransitivity; [apply (total_map reals)|]. cbn [fst snd]. apply (total_support reals).
    + apply nodup_below.
    + apply nodup_keys.
    + intros k Hk. apply in_below, N.ltb_lt, H2, Hk.
    + intros k _ Hk. apply not_in_keys in Hk. rewrite (entry_default x k Hk), (Qeq_eqR _ _ H1), RMicromega.Q2R_0. apply Rmult_0_l.
Qed.
Lemma is_factorised_ok base b X : is_factorised base b X = true -> forall v, label b v ->
  log_share b v = total reals (base_of base) (fun kg => (Q2R (entry (row v null X) (fst kg)) * lnz (Z.pos (snd kg)))%R).
Proof.
  intros H v L. unfold is_factorised in H. assert (K : implb (qpos (entry (share b) v)) (is_product (table base) (number base) (entry (share b) v) (row v null X)) = true).
  { refine (all_below_sound _ _ _ _ _ H v (proj1 L)). clear. intros v H. apply with_keys_none in H as [H1 H2]. apply support_none in H2. rewrite (entry_default _ _ H2). unfold row. now rewrite H1. }
  rewrite (proj2 (label_pos b v (proj1 L)) L) in K. apply is_product_ok; [apply L|exact K].
Qed.
Lemma entry_slice k X v : (entry (slice k X) v == entry (row v null X) k)%Q.
Proof.
  unfold slice, entry at 1. cbn [offsets default]. unfold row, lookup. rewrite find_map. destruct (PositiveMap.find (N.succ_pos v) X); cbn [option_map]; [apply Qplus_0_l|]. now rewrite entry_null.
Qed.
Lemma factorised_ok base E : factorised D base E = true ->
  coprime (List.map snd (base_of base)) /\ Forall (fun kg => 1 < snd kg)%positive (base_of base) /\ (forall b, In b (blocks D) -> (constant b == 0)%Q) /\
  forall b X, In (b, X) (combine (blocks D) E) -> is_factorised base b X = true.
Proof.
  unfold factorised. rewrite !andb_true_iff. intros [[H1 H2] H3]. unfold proper_base in H1. destruct (coprime_product (List.map snd (base_of base))) as [p|] eqn:C; [|discriminate].
  destruct (coprime_product_ok _ _ C) as (C1 & C2 & _). rewrite Forall_map in C2. repeat split; auto.
  - now apply constant_free_ok.
  - intros b X I. destruct (pairs (blocks D) E) as [q|] eqn:Q; [|discriminate]. apply pairs_ok in Q as [-> _]. rewrite forallb_forall in H3. exact (H3 _ I).
Qed.
Lemma labels_only_ok P : forallb labels_only P = true -> forall x, In x P -> on_labels x.
Proof.
  rewrite forallb_forall. intros H [[b t] k] Hx v Hv. unfold block_of, coefficient in *. cbn [fst snd] in *. specialize (H _ Hx). cbn in H.
  pose proof (every_sound _ _ _ _ _ H v Hv) as E. cbv beta in E. apply orb_true_iff in E as [E|E]; [left; now apply label_pos|right; now apply qzero_ok].
Qed.
Theorem incompatible_record_sound base E C c : check_incompatible D base E C = Some c -> c = Incompatible /\ forall w, ~ log_odds D w.
Proof.
  unfold check_incompatible. destruct (zip (blocks D) (no_sets D) C) as [P|] eqn:Z; [|discriminate]. destruct (zip_ok _ _ _ _ Z) as [S _].
  destruct (pairs P E) as [PX|] eqn:Q; [|discriminate]. apply pairs_ok in Q as [Qc Qf].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:K; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in K. destruct K as [[[[K1 K2] K3] K4] K5].
  destruct (factorised_ok base E K1) as (B1 & B2 & B3 & B4). destruct (proper_ok P K2) as [La Ba]. split; [reflexivity|].
  refine (incompatible_sound D B3 (map vector) PX (base_of base) (fun X v k => entry (row v null X) k) _ _ _ _ _ B1 B2 _ _); try (change (List.map fst PX) with (@List.map (item * map vector) item fst PX); rewrite Qf).
  - exact S.
  - exact La.
  - exact Ba.
  - now apply labels_only_ok.
  - now apply vanishing.
  - intros x X I v L. apply is_factorised_ok; [|exact L]. apply B4. rewrite <- S. rewrite Qc in I. clear - I. revert E I. induction P as [|y P IH]; intros [|e E] I; cbn in *; try easy.
    destruct I as [[= -> ->]|I]; [now left|right; auto].
  - apply existsb_exists in K5 as (kg & I & N). exists kg. split; [exact I|]. apply negb_true_iff, qzero_no in N. intro V. apply N. unfold Kernel.violation. rewrite fold_qadd.
    etransitivity; [|exact V]. unfold violation. apply Qt_ext. intros [[[b t] k] X] _. unfold block_of, coefficient. cbn [fst snd]. rewrite vdot_sound. apply Qt_ext. intros v _. rewrite entry_slice. ring.
Qed.
Lemma family_blocks C k q : pairs (blocks D) C = Some q -> List.map block_of (family D C k) = blocks D.
Proof. intro H. apply pairs_ok in H as [-> H]. unfold family. rewrite map_map. cbn. exact H. Qed.
Theorem compatible_record_sound base E C c : check_compatible D base E C = Some c ->
  exists terms, c = Compatible terms /\ least reals D (log_odds D) (logarithmic terms).
Proof.
  unfold check_compatible. destruct (pairs (blocks D) E) as [BE|] eqn:Q; [|discriminate]. destruct (pairs (blocks D) C) as [BC|] eqn:QC; [|discriminate].
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t eqn:K; [|discriminate] end. intros [= <-]. rewrite !andb_true_iff in K. destruct K as [[K1 K2] K3].
  rewrite forallb_forall in K2. eexists. split; [reflexivity|]. rewrite map_map. cbv beta zeta.
  destruct (factorised_ok base E K1) as (B1 & B2 & B3 & B4). pose proof (pairs_ok _ _ _ Q) as [-> Qf].
  assert (T : forall kg, In kg (base_of base) -> forallb proper (family D C (fst kg)) = true /\ forallb labels_only (family D C (fst kg)) = true /\
     (forall b X, In (b, X) (combine (blocks D) E) -> level_labels b (scores D (adjoint D (family D C (fst kg))) b) (slice (fst kg) X) = true)).
  { intros kg I. specialize (K2 (kg, family D C (fst kg), adjoint D (family D C (fst kg)))). rewrite !andb_true_iff, (forallb_forall _ (combine (blocks D) E)) in K2.
    destruct K2 as [[A B] F]; [apply in_map_iff; eauto|]. repeat split; auto. intros b X J. exact (F _ J). }
  apply (compatible_sound D B3 (N * positive) (base_of base) snd (fun kg => adjoint D (family D C (fst kg))) (fun kg => family D C (fst kg))).
  - intros kg _. now apply family_blocks with BC.
  - intros b I. apply has_label_ok. rewrite forallb_forall in K3. auto.
  - intros kg I. destruct (T kg I) as (A & _ & _). apply (proper_ok _ A).
  - intros kg I. destruct (T kg I) as (_ & A & _). now apply labels_only_ok.
  - intros kg I i k Hi Hk. symmetry. apply adjoint_sound; auto. intros x Hx. apply from_block with (family D C (fst kg)); [now apply family_blocks with BC|exact Hx].
  - intros b I y z Ly Lz. assert (X : exists X, In (b, X) (combine (blocks D) E)).
    { rewrite <- Qf in I. apply in_map_iff in I as ([b' X] & <- & I). eauto. }
    destruct X as [X IX]. rewrite !(is_factorised_ok base b X (B4 b X IX)) by assumption. etransitivity; [|apply (total_sub reals)]. apply (total_ext reals). intros kg Ik. destruct (T kg Ik) as (_ & _ & A).
    specialize (A b X IX). pose proof (level_labels_ok _ _ _ A y z Ly Lz) as H. rewrite !(scores_sound D _ b I), !entry_slice in H by (apply Ly || apply Lz).
    apply Qeq_eqR in H. rewrite H, Q2R_minus. real.
Qed.
End Instance.
