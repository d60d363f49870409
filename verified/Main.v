(** The main theorems: every claim in the report of an accepted document holds of the instance in it. *)
Require Import List NArith ZArith QArith Qreduction Bool Reals Qreals FMapPositive Lia Setoid String.
Require Import Coq.micromega.OrderedRing.
From NTP Require Import Spec Sums Theorems Logarithms Rank Kernel Correct Sound Chains Enclosures Format.
Import ListNotations.
Open Scope N_scope.

(** ** Reading *)
Lemma bind_fine {A B} (x : outcome A) (f : A -> outcome B) y : bind x f = Fine y -> exists a, x = Fine a /\ f a = Fine y.
Proof. destruct x; cbn; try discriminate. eauto. Qed.
Lemma every_one_fine {A B} (f : A -> outcome B) l m : every_one f l = Fine m -> forall y, In y m -> exists x, f x = Fine y.
Proof.
  unfold every_one. intro H. apply bind_fine in H as (m' & H & E). injection E as <-. unfold rev'. rewrite <- rev_alt.
  assert (G : forall acc, (forall a, acc = Fine a -> forall y, In y a -> exists x, f x = Fine y) ->
     forall m', fold_left (fun acc x => do m <- acc; do y <- f x; Fine (y :: m)) l acc = Fine m' -> forall y, In y m' -> exists x, f x = Fine y).
  { clear. induction l as [|x l IH]; intros acc Ha m' H; cbn [fold_left] in H; [now apply Ha|]. refine (IH _ _ m' H). clear - Ha.
    intros a E y Hy. apply bind_fine in E as (m & -> & E). apply bind_fine in E as (z & Ez & E). injection E as <-. destruct Hy as [<-|Hy]; [eauto|]. eapply Ha; eauto. }
  intros y Hy. apply in_rev in Hy. eapply G; [|exact H|exact Hy]. intros a [= <-] z [].
Qed.
Lemma accepted_fine x c : accepted x = Fine c -> x = Some c.
Proof. destruct x; cbn; congruence. Qed.
Ltac unbind := repeat match goal with H : bind _ _ = Fine _ |- _ => let E := fresh "E" in apply bind_fine in H as (? & E & H); clear E; cbv beta iota zeta in H end.

Section Document.
Variable D : data.

(** ** The programme of a system *)
Lemma margins_feasible F P : List.map block_of P = blocks D -> forallb proper P = true -> forallb proper_set P = true -> forallb label_set P = true ->
  forall w, margins F D (List.map set_of P) w <-> feasible F D w.
Proof.
  intros S H1 H2 H3 w. destruct (proper_ok P H1) as [La _]. pose proof (proper_set_ok P H2) as Ps.
  assert (E : forall x, In x P -> forall v, v < size (block_of x) -> (In v (set_of x) <-> label (block_of x) v)).
  { intros x Hx v Hv. split; [|apply (Ps x Hx)]. rewrite forallb_forall in H3. specialize (H3 x Hx). destruct x as [[b t] c]. unfold block_of, set_of in *. cbn [fst snd] in *. cbn in H3.
    intro I. pose proof (every_sound _ _ _ _ _ H3 v Hv) as K. cbv beta in K. rewrite (proj2 (member_list v t) I) in K. now apply label_pos in K. }
  unfold margins, feasible. rewrite <- S. split; intro H.
  - apply items_one. intros x Hx y v Ly Hv. destruct (items_two_back _ _ H x Hx y v (proj1 Ly) Hv (proj2 (E x Hx y (proj1 Ly)) Ly)) as [A B].
    split; intro I; [apply A|apply B]; rewrite E; auto.
  - apply items_two. intros x Hx a v Ha Hv Ia. destruct (items_one_back _ _ H x Hx a v (proj1 (E x Hx a Ha) Ia) Hv) as [A B].
    split; intro I; [apply A|apply B]; rewrite <- E; auto.
Qed.
Lemma solution_qp_sound F T u C s c : check_solution_qp D T u C s = Some c -> c = LeastSolution u s /\ holds F D c.
Proof.
  unfold check_solution_qp. destruct (zip (blocks D) T C) as [P|] eqn:Z; [|discriminate]. destruct (check_qp D T u C s) as [c'|] eqn:K; [|discriminate].
  destruct (forallb label_set P) eqn:L; [|discriminate]. intros [= <-]. split; [reflexivity|].
  destruct (qp_sound D F _ _ _ _ _ K) as (_ & A & B). split; [|exact B]. destruct (zip_ok _ _ _ _ Z) as [S E]. subst T.
  unfold check_qp in K. rewrite Z in K. match type of K with (if ?t then _ else _) = _ => destruct t eqn:Q; [|discriminate] end. rewrite !andb_true_iff in Q. destruct Q as [[[[Q1 Q2] _] _] _].
  eapply least_iff; [|exact A]. intro w. now apply margins_feasible.
Qed.

(** ** Records *)
Inductive checked (c : claim) : Prop :=
| Checked_separation k T u C : check_separation D k T u C = Some c -> checked c
| Checked_qp T u C s : check_qp D T u C s = Some c -> checked c
| Checked_solution_qp T u C s : check_solution_qp D T u C s = Some c -> checked c
| Checked_strict T u C s : check_strict D T u C s = Some c -> checked c
| Checked_norm n T u C s : check_norm D n T u C s = Some c -> checked c
| Checked_infeasible C : check_infeasible D C = Some c -> checked c
| Checked_solution u : check_solution D u = Some c -> checked c
| Checked_relation C : check_relation D C = Some c -> checked c
| Checked_rank r L R : check_rank D r L R = Some c -> checked c
| Checked_compatible b E C : check_compatible D b E C = Some c -> checked c
| Checked_incompatible b E C : check_incompatible D b E C = Some c -> checked c
| Checked_enclosed T u C m z lo up r : check_enclosed D T u C m z lo up r = Some c -> checked c
| Checked_directions T l : check_directions D T l = Some c -> checked c
| Checked_unique T u C s d W : check_unique D T u C s d W = Some c -> checked c.
Ltac leaf := match goal with H : accepted _ = Fine _ |- _ => apply accepted_fine in H end.
Ltac branches := repeat (unbind; match goal with H : match ?t with _ => _ end = Fine _ |- _ => destruct t; try discriminate end); unbind.
Lemma record_checked j c : record D j = Fine c -> checked c.
Proof.
  intro H. unfold record in H. branches.
  - unfold separation in H. branches; leaf; eapply Checked_separation; eassumption.
  - unfold optimal_qp in H. unbind. leaf. destruct (is_system D); [eapply Checked_solution_qp|eapply Checked_qp]; eassumption.
  - unfold strict_complementarity in H. unbind. leaf. eapply Checked_strict; eassumption.
  - unfold norm_margin in H. branches; leaf; eapply Checked_norm; eassumption.
  - unfold next_directions in H. unbind. leaf. eapply Checked_directions; eassumption.
  - unfold unique_multipliers in H. unbind. leaf. eapply Checked_unique; eassumption.
  - unfold enclosure in H. unbind. leaf. eapply Checked_enclosed; eassumption.
  - unfold infeasible_system in H. unbind. leaf. eapply Checked_infeasible; eassumption.
  - unfold linear_system in H. branches; leaf; [eapply Checked_incompatible|eapply Checked_compatible|eapply Checked_relation|eapply Checked_solution]; eassumption.
  - unfold rank in H. branches; leaf; eapply Checked_rank; eassumption.
Qed.
Lemma enclosed_claim T u C m z lo up r c : check_enclosed D T u C m z lo up r = Some c -> c = Enclosed T m lo up r.
Proof.
  unfold check_enclosed. destruct (zip (blocks D) T C) as [P|]; [|discriminate]. destruct (pairs P (measure D)) as [PM|]; [|discriminate].
  destruct (check_separation D (class_of P) T u C); [|discriminate]. destruct (pairs PM z) as [PMz|]; [|discriminate]. cbv zeta.
  match goal with |- (if ?t then _ else _) = _ -> _ => destruct t; [|discriminate] end. now intros [= <-].
Qed.
Lemma checked_holds F c : checked c -> holds F D c.
Proof.
  destruct 1 as [k T u C H|T u C s H|T u C s H|T u C s H|n T u C s H|C H|u H|C H|r L R H|b E C H|b E C H|T u C m z lo up r H|T l H|T u C s d W H].
  - destruct (separation_sound D F _ _ _ _ _ H) as (-> & A & B). now split.
  - destruct (qp_sound D F _ _ _ _ _ H) as (-> & A & B). now split.
  - now destruct (solution_qp_sound F _ _ _ _ _ H) as [_ A].
  - now destruct (strict_record_sound D F _ _ _ _ _ H) as (_ & A).
  - now destruct (norm_record_sound D F _ _ _ _ _ _ H) as (_ & A).
  - destruct (infeasible_record_sound D F _ _ H) as (-> & A). exact A.
  - destruct (solution_sound D F _ _ H) as (-> & A). exact A.
  - destruct (relation_sound D F _ _ H) as (-> & A). exact A.
  - now destruct (rank_record_sound D F _ _ _ _ H) as (-> & A).
  - unfold check_compatible in H. cbv zeta in H. destruct (pairs (blocks D) E); [|discriminate]. destruct (pairs (blocks D) C); [|discriminate].
    match type of H with (if ?t then _ else _) = _ => destruct t; [|discriminate] end. now injection H as <-.
  - unfold check_incompatible in H. destruct (zip (blocks D) (no_sets D) C) as [P|]; [|discriminate]. destruct (pairs P E); [|discriminate].
    match type of H with (if ?t then _ else _) = _ => destruct t; [|discriminate] end. now injection H as <-.
  - rewrite (enclosed_claim _ _ _ _ _ _ _ _ _ H). exact I.
  - exact (proj2 (directions_record_sound F D _ _ _ H)).
  - exact (proj2 (unique_record_sound F D _ _ _ _ _ _ _ H)).
Qed.
Lemma checked_holds_real c : checked c -> holds_real D c.
Proof.
  intro K. pose proof (checked_holds reals c K) as G. destruct K as [k T u C H|T u C s H|T u C s H|T u C s H|n T u C s H|C H|u H|C H|r L R H|b E C H|b E C H|T u C m z lo up r H|T l H|T u C s d W H].
  - destruct (separation_sound D reals _ _ _ _ _ H) as (-> & _). exact G.
  - destruct (qp_sound D reals _ _ _ _ _ H) as (-> & _). exact G.
  - destruct (solution_qp_sound reals _ _ _ _ _ H) as (-> & _). exact G.
  - destruct (strict_record_sound D reals _ _ _ _ _ H) as (-> & _). exact G.
  - destruct (norm_record_sound D reals _ _ _ _ _ _ H) as (-> & _). exact G.
  - destruct (infeasible_record_sound D reals _ _ H) as (-> & _). exact G.
  - destruct (solution_sound D reals _ _ H) as (-> & _). exact G.
  - destruct (relation_sound D reals _ _ H) as (-> & _). exact G.
  - destruct (rank_record_sound D reals _ _ _ _ H) as (-> & _). exact G.
  - destruct (compatible_record_sound D _ _ _ _ H) as (t & -> & A). exact A.
  - destruct (incompatible_record_sound D _ _ _ _ H) as (-> & A). exact A.
  - destruct (enclosed_record_sound D _ _ _ _ _ _ _ _ _ H) as (_ & A). exact A.
  - destruct (directions_record_sound reals D _ _ _ H) as (-> & _). exact G.
  - destruct (unique_record_sound reals D _ _ _ _ _ _ _ H) as (-> & _). exact G.
Qed.

(** ** Separation and optimal-qp together *)
Lemma same_list_ok {A} (f : A -> A -> bool) : (forall x y, f x y = true -> x = y) -> forall l m, same_list f l m = true -> l = m.
Proof.
  intros H. induction l as [|x l IH]; intros [|y m] E; cbn in E; try easy. apply andb_true_iff in E as [E1 E2]. f_equal; auto.
Qed.
Lemma same_sets_ok S T : same_sets S T = true -> S = T.
Proof. apply same_list_ok. intros x y. apply same_list_ok. intros a b. apply N.eqb_eq. Qed.
Lemma margins_iff F T : (forall b, In b (blocks D) -> labelled b) -> partition F D T -> forall w, margins F D T w <-> margin_one F D w.
Proof.
  intros La Pt.
  assert (Len : List.length (blocks D) = List.length T) by (destruct Pt as [Pt _]; clear - Pt; induction Pt; cbn; congruence).
  set (P := List.map (fun bt => (bt, null)) (combine (blocks D) T)).
  assert (S : List.map block_of P = blocks D /\ List.map set_of P = T).
  { unfold P. rewrite !map_map. clear - Len. revert T Len. induction (blocks D) as [|b B IH]; intros [|t T] Len; cbn in *; try discriminate; [auto|]. injection Len as Len. destruct (IH T Len) as [-> ->]. auto. }
  destruct S as [S E]. rewrite <- E in Pt |- *. apply (margins_margin_one F D P S); auto.
  - intros x Hx. apply La. rewrite <- S. now apply in_map.
  - intros x Hx v Lv. destruct (in_dec N.eq_dec v (set_of x)) as [I|I]; [exact I|exfalso]. destruct Pt as [Pt _]. rewrite <- S in Pt.
    destruct (items_two_back _ _ Pt x Hx v (proj1 Lv)) as [_ A]. destruct (A I) as (w & _ & W). exact (lt_irrefl F _ (W v Lv)).
Qed.
Theorem max_margin_record_sound F T k u s : (forall b, In b (blocks D) -> labelled b) -> holds F D (Partition T k) -> holds F D (LeastNorm T u s) -> holds F D (MaxMargin u s).
Proof. intros La [Pt _] [L N]. split; [|exact N]. apply (least_iff F D (margins F D T)); [now apply margins_iff|exact L]. Qed.
Theorem norm_margin_record_sound F T k n u s : (forall b, In b (blocks D) -> labelled b) -> holds F D (Partition T k) -> holds F D (LeastInNorm n T u s) -> holds F D (MarginInNorm n u s).
Proof. intros La [Pt _] (M & W & L). pose proof (margins_iff F T La Pt) as E. split; [now apply E|split; [exact W|]]. intros w r Hw. apply L. now apply E. Qed.
Lemma together_sound F l : (forall c, In c l -> holds F D c) -> forall c, In c (together D l) -> holds F D c.
Proof.
  intros H c I. unfold together in I. destruct (forallb has_label (blocks D)) eqn:La; [|easy]. apply in_flat_map in I as (p & Hp & I). destruct p; try easy.
  assert (Lb : forall b, In b (blocks D) -> labelled b). { intros b Hb. apply has_label_ok. rewrite forallb_forall in La. auto. }
  apply in_flat_map in I as (q & Hq & I). destruct q; try easy.
  1-3: destruct (same_sets T T0) eqn:E; try easy; destruct I as [<-|[]]; apply same_sets_ok in E; subst T0.
  - exact (max_margin_record_sound F T k u squared Lb (H _ Hp) (H _ Hq)).
  - destruct (H _ Hq) as (A & B & _). exact (max_margin_record_sound F T k u squared Lb (H _ Hp) (conj A B)).
  - exact (norm_margin_record_sound F T k n u value Lb (H _ Hp) (H _ Hq)).
  - destruct (plain D T); [|easy]. destruct I as [<-|[]]. exact Logic.I.
Qed.
Lemma together_sound_real l : (forall c, In c l -> holds_real D c) -> forall c, In c (together D l) -> holds_real D c.
Proof.
  intros H c I. assert (G : forall c, In c l -> holds reals D c) by (intros d Hd; specialize (H d Hd); destruct d; try exact H; exact Logic.I).
  pose proof (together_sound reals l G c I) as K. destruct c; try exact K; clear K; unfold together in I; destruct (forallb has_label (blocks D)); try easy;
    apply in_flat_map in I as (p & Hp & I); destruct p; try easy; apply in_flat_map in I as (q & Hq & I); destruct q; try easy.
  all: try (destruct (same_sets T _); [destruct I as [I|[]]; discriminate|easy]).
  all: try (destruct (same_sets T0 _); [destruct I as [I|[]]; discriminate|easy]).
  all: match goal with I : In _ (if plain D ?T then _ else _) |- _ => destruct (plain D T) eqn:E; [|easy]; destruct I as [I|[]]; try discriminate end.
  injection I as <- <-. split; [exact (proj1 (H _ Hp))|]. apply finite_part_sound; [exact E|exact (H _ Hq)].
Qed.
End Document.

Lemma verdict_claims digest j D l : verdict digest j = Fine (D, l) -> exists records, (forall c, In c records -> exists j, record D j = Fine c) /\ l = (records ++ together D records)%list.
Proof.
  intro H. unfold verdict in H. repeat (apply bind_fine in H as (? & ? & H); cbv beta iota zeta in H). injection H as <- <-. eexists. split; [|reflexivity].
  intros c Hc. match goal with E : every_one _ _ = Fine _ |- _ => now apply (every_one_fine _ _ _ E) end.
Qed.

(** over every ordered ring that contains the rationals: no axiom *)
Theorem check_sound (F : ordered) digest j D claims : check digest j = Some (D, claims) -> forall c, In c claims -> holds F D c.
Proof.
  unfold check. destruct (verdict digest j) as [[D' l]| |] eqn:V; try discriminate. intros [= -> ->]. apply verdict_claims in V as (r & R & ->).
  assert (H : forall c, In c r -> holds F D c). { intros c Hc. destruct (R c Hc) as (x & Hx). exact (checked_holds D F c (record_checked D x c Hx)). }
  intros c Hc. apply in_app_iff in Hc as [Hc|Hc]; [auto|]. now apply (together_sound D F r H).
Qed.
(** over the real numbers, with the claims about logarithms *)
Theorem check_sound_real digest j D claims : check digest j = Some (D, claims) -> forall c, In c claims -> holds_real D c.
Proof.
  unfold check. destruct (verdict digest j) as [[D' l]| |] eqn:V; try discriminate. intros [= -> ->]. apply verdict_claims in V as (r & R & ->).
  assert (H : forall c, In c r -> holds_real D c). { intros c Hc. destruct (R c Hc) as (x & Hx). exact (checked_holds_real D c (record_checked D x c Hx)). }
  intros c Hc. apply in_app_iff in Hc as [Hc|Hc]; [auto|]. now apply (together_sound_real D r H).
Qed.

(** ** What the programme of a system is *)
Section Systems.
Variable F : ordered.
Local Open Scope ring_scope.
Add Ring ring_of_F : (SORrt (laws F)).
Variables (n : N) (A C : list (vector * Q)).
Notation D := (System n A C).
Definition product (a : vector) (w : matrix F) : F := total F (below n) (fun i => embed F (entry a i) * w i 0%N).
Lemma below_one : below 1 = [0%N]. Proof. reflexivity. Qed.
Lemma score_first a s e w : score F D w (Block 2 (Some (table [a; null])) unit_right s e) 0 == product a w.
Proof.
  unfold score, product. cbn [height width]. unfold offset. cbn. rewrite embed_zero.
  transitivity (total F (below n) (fun i => embed F (entry a i * 1) * w i 0%N + zero F) + zero F); [|].
  - apply add_morphism; [|reflexivity]. apply total_ext. intros. apply add_morphism; [|reflexivity]. apply mul_morphism; [|reflexivity]. apply embed_eq. reflexivity.
  - transitivity (total F (below n) (fun i => embed F (entry a i * 1) * w i 0%N + zero F)); [ring|]. apply total_ext. intros. rewrite (embed_eq F (entry a x * 1)%Q (entry a x)) by ring. ring.
Qed.
Lemma score_second a s e w : score F D w (Block 2 (Some (table [a; null])) unit_right s e) 1 == embed F e.
Proof.
  unfold score. cbn [height width]. transitivity (zero F + embed F e); [|ring]. apply add_morphism; [|reflexivity]. apply total_zero. intros i _.
  change (total F (below (width D)) (fun k => embed F (factor (Block 2 (Some (table [a; null])) unit_right s e) 1 i * entry unit_right k)%Q * w i k) == zero F).
  apply total_zero. intros k _. rewrite (embed_eq F _ 0%Q); [rewrite embed_zero; ring|]. unfold factor. cbn [left]. change (row 1 null (table [a; null])) with null. rewrite entry_null. apply Qmult_0_l.
Qed.
Lemma label_first b : size b = 2%N -> share b = listed [1%Q] -> forall v, label b v <-> v = 0%N.
Proof.
  intros S E v. unfold label. rewrite S, E. split.
  - intros [H K]. assert (v = 0%N \/ v = 1%N) as [->| ->] by lia; [reflexivity|]. vm_compute in K. discriminate.
  - intros ->. split; [lia|reflexivity].
Qed.
Lemma label_both b : size b = 2%N -> share b = listed [1%Q; 1%Q] -> forall v, label b v <-> (v < 2)%N.
Proof.
  intros S E v. unfold label. rewrite S, E. split; [tauto|]. intro H. split; [exact H|]. assert (v = 0%N \/ v = 1%N) as [->| ->] by lia; reflexivity.
Qed.
Theorem system_rows w : feasible F D w <-> Forall (fun r => embed F (snd r) <= product (fst r) w) A /\ Forall (fun r => product (fst r) w == embed F (snd r)) C.
Proof.
  unfold feasible. cbn [blocks]. rewrite Forall_app, !Forall_map, !Forall_forall.
  split; intros [H K]; split; intros [a b] I; cbn [fst snd] in *.
  - specialize (H (a, b) I 0%N 1%N). cbn [fst snd] in H. rewrite !label_first in H by reflexivity. cbn [size] in H. destruct H as [_ H]; [reflexivity|lia|].
    assert (G := H ltac:(discriminate)). rewrite score_first, score_second in G. rewrite <- embed_one, <- embed_add in G. rewrite <- (embed_eq F (b - 1 + 1)%Q b) by ring. exact G.
  - specialize (K (a, b) I 1%N 0%N). cbn [fst snd] in K. rewrite !label_both in K by reflexivity. cbn [size] in K. destruct K as [K _]; [lia|lia|].
    rewrite <- (score_first a (listed [1%Q; 1%Q]) b w), <- (score_second a (listed [1%Q; 1%Q]) b w). apply K. lia.
  - intros y v Ly Hv. rewrite label_first in * by reflexivity. subst y. cbn [size] in Hv. split.
    + intros ->. reflexivity.
    + intro N. assert (v = 1%N) as -> by lia. rewrite score_first, score_second. rewrite <- embed_one, <- embed_add, (embed_eq F (b - 1 + 1)%Q b) by ring. exact (H (a, b) I).
  - intros y v Ly Hv. rewrite label_both in * by reflexivity. cbn [size] in Hv. specialize (K (a, b) I). cbn [fst snd] in K. split; [|intro N; contradiction]. intros _.
    assert (v = 0%N \/ v = 1%N) as [->| ->] by lia; assert (y = 0%N \/ y = 1%N) as [->| ->] by lia; rewrite ?score_first, ?score_second; try reflexivity; [exact K|symmetry; exact K].
Qed.
Theorem system_equalities w : level F D w <-> Forall (fun r => product (fst r) w == embed F (snd r)) C.
Proof.
  unfold level. cbn [blocks]. rewrite Forall_app, !Forall_map, !Forall_forall. split.
  - intros [_ K] [a b] I. specialize (K (a, b) I 1%N 0%N). cbn [fst snd] in K. rewrite !label_both in K by reflexivity.
    cbn [fst snd]. rewrite <- (score_first a (listed [1%Q; 1%Q]) b w), <- (score_second a (listed [1%Q; 1%Q]) b w). apply K; lia.
  - intro K. split; intros [a b] I y v Ly Lv; cbn [fst snd] in *.
    + rewrite label_first in * by reflexivity. subst. reflexivity.
    + rewrite label_both in * by reflexivity. specialize (K (a, b) I). cbn [fst snd] in K.
      assert (v = 0%N \/ v = 1%N) as [->| ->] by lia; assert (y = 0%N \/ y = 1%N) as [->| ->] by lia; rewrite ?score_first, ?score_second; try reflexivity; [exact K|symmetry; exact K].
Qed.
End Systems.
