(** Finite sums and order in an ordered ring; the ring of rationals. *)
Require Import List NArith QArith Bool Lia Setoid Ring Morphisms Permutation.
Require Import Coq.micromega.OrderedRing Coq.micromega.QMicromega.
From NTP Require Import Spec.
Import ListNotations.
Open Scope N_scope.

Definition rationals : ordered.
  refine (Ordered Q 0%Q 1%Q Qplus Qmult Qminus Qopp Qeq Qle Qlt Qsor (fun x => x) _ _ _ _ _ _ _); intros; try assumption; reflexivity.
Defined.

Lemma in_from i j n : In j (from i n) <-> i <= j < i + N.of_nat n.
Proof. revert i. induction n as [|n IH]; intro i; cbn [from In]; [lia|]. rewrite IH. lia. Qed.
Lemma in_below i n : In i (below n) <-> i < n.
Proof. unfold below. rewrite in_from, N2Nat.id. lia. Qed.
Lemma nodup_below n : NoDup (below n).
Proof.
  unfold below. generalize 0. induction (N.to_nat n) as [|m IH]; intro i; cbn [from]; constructor; [|apply IH]. rewrite in_from. lia.
Qed.
Lemma length_below n : length (below n) = N.to_nat n.
Proof. unfold below. generalize 0. induction (N.to_nat n) as [|m IH]; intro i; cbn [from length]; [reflexivity|]. now rewrite IH. Qed.

Section Ring.
Variable F : ordered.
Open Scope ring_scope.
Notation "0" := (zero F) : ring_scope. Notation "1" := (one F) : ring_scope.
Notation sor := (laws F).

Global Add Parametric Relation (G : ordered) : (carrier G) (eq G)
  reflexivity proved by (@Equivalence_Reflexive _ _ (SORsetoid (laws G)))
  symmetry proved by (@Equivalence_Symmetric _ _ (SORsetoid (laws G)))
  transitivity proved by (@Equivalence_Transitive _ _ (SORsetoid (laws G))) as ring_setoid.
Global Add Parametric Morphism (G : ordered) : (add G) with signature eq G ==> eq G ==> eq G as add_morphism. Proof. exact (SORplus_wd (laws G)). Qed.
Global Add Parametric Morphism (G : ordered) : (mul G) with signature eq G ==> eq G ==> eq G as mul_morphism. Proof. exact (SORtimes_wd (laws G)). Qed.
Global Add Parametric Morphism (G : ordered) : (opp G) with signature eq G ==> eq G as opp_morphism. Proof. exact (SORopp_wd (laws G)). Qed.
Global Add Parametric Morphism (G : ordered) : (le G) with signature eq G ==> eq G ==> iff as le_morphism. Proof. exact (SORle_wd (laws G)). Qed.
Global Add Parametric Morphism (G : ordered) : (lt G) with signature eq G ==> eq G ==> iff as lt_morphism. Proof. exact (SORlt_wd (laws G)). Qed.
Add Ring ring_of_F : (SORrt sor).
Lemma sub_def (x y : F) : x - y == x + - y. Proof. ring. Qed.
Add Morphism (sub F) with signature eq F ==> eq F ==> eq F as sub_morphism.
Proof. intros a b H c d K. rewrite !sub_def, H, K. reflexivity. Qed.
Add Morphism (embed F) with signature Qeq ==> eq F as embed_morphism. Proof. apply embed_eq. Qed.

(** ** Order *)
Lemma le_eq (x y : F) : x == y -> x <= y. Proof. intros ->. apply (SORle_refl sor). Qed.
Lemma le_refl (x : F) : x <= x. Proof. apply (SORle_refl sor). Qed.
Lemma le_trans (x y z : F) : x <= y -> y <= z -> x <= z. Proof. apply (SORle_trans sor). Qed.
Lemma le_antisym (x y : F) : x <= y -> y <= x -> x == y. Proof. apply (SORle_antisymm sor). Qed.
Lemma lt_le (x y : F) : x < y -> x <= y. Proof. intro H. now apply (SORlt_le_neq sor) in H. Qed.
Lemma lt_neq (x y : F) : x < y -> ~ x == y. Proof. intro H. now apply (SORlt_le_neq sor) in H. Qed.
Lemma lt_irrefl (x : F) : ~ x < x. Proof. intro H. apply lt_neq in H. apply H. reflexivity. Qed.
Lemma le_not_lt (x y : F) : x <= y -> ~ y < x. Proof. apply (Rle_ngt sor). Qed.
Lemma le_minus (x y : F) : x <= y <-> 0 <= y - x. Proof. apply (Rle_le_minus sor). Qed.
Lemma lt_plus_one (x : F) : x < x + 1. Proof. apply (Rlt_lt_minus sor). setoid_replace (x + 1 - x) with 1 by ring. apply (Rlt_0_1 sor). Qed.
Lemma plus_one_lt (x y : F) : x + 1 <= y -> x < y. Proof. intro H. apply (Rlt_le_trans sor) with (x + 1); [apply lt_plus_one|exact H]. Qed.
Lemma mul_nonpos (x y : F) : x <= 0 -> y <= 0 -> 0 <= x * y.
Proof.
  intros H K. setoid_replace (x * y) with ((0 - x) * (0 - y)) by ring.
  apply (Rtimes_nonneg_nonneg sor); apply -> le_minus; assumption.
Qed.
Lemma add_nonneg (x y : F) : 0 <= x -> 0 <= y -> 0 <= x + y. Proof. apply (Rplus_nonneg_nonneg sor). Qed.
Lemma square_nonneg (x : F) : 0 <= x * x. Proof. apply (Rtimes_square_nonneg sor). Qed.
Lemma square_zero (x : F) : x * x == 0 -> x == 0.
Proof.
  intro H. destruct (Req_em sor x 0) as [E|N]; [exact E|exfalso]. apply (Rtimes_neq_0 sor x x); auto.
Qed.
Lemma mul_zero (x y : F) : x * y == 0 -> ~ x == 0 -> y == 0.
Proof. intros H N. destruct (Req_em sor y 0) as [E|M]; [exact E|]. exfalso. apply (Rtimes_neq_0 sor x y); auto. Qed.
Lemma sub_zero (x y : F) : x - y == 0 -> x == y.
Proof. intro H. transitivity (x - y + y); [ring|]. rewrite H. ring. Qed.
Lemma embed_opp a : embed F (- a) == - embed F a.
Proof.
  assert (H : embed F a + embed F (- a) == 0) by (rewrite <- embed_add, <- embed_zero; apply embed_eq, Qplus_opp_r).
  transitivity (embed F a + embed F (- a) - embed F a); [ring|]. rewrite H. ring.
Qed.
Lemma embed_sub a b : embed F (a - b)%Q == embed F a - embed F b.
Proof. unfold Qminus. rewrite embed_add, embed_opp. ring. Qed.

(** ** Sums *)
Notation Σ := (total F).
Section Index.
Context {A : Type}.
Implicit Types (l : list A) (f g : A -> F).
Lemma total_ext f g l : (forall x, In x l -> f x == g x) -> Σ l f == Σ l g.
Proof. induction l as [|x l IH]; cbn; intro H; [reflexivity|]. rewrite H, IH; auto. reflexivity. Qed.
Lemma total_zero f l : (forall x, In x l -> f x == 0) -> Σ l f == 0.
Proof. induction l as [|x l IH]; cbn; intro H; [reflexivity|]. rewrite H, IH; auto. ring. Qed.
Lemma total_add f g l : Σ l (fun x => f x + g x) == Σ l f + Σ l g.
Proof. induction l as [|x l IH]; cbn; [ring|rewrite IH; ring]. Qed.
Lemma total_sub f g l : Σ l (fun x => f x - g x) == Σ l f - Σ l g.
Proof. induction l as [|x l IH]; cbn; [ring|rewrite IH; ring]. Qed.
Lemma total_scale c f l : Σ l (fun x => c * f x) == c * Σ l f.
Proof. induction l as [|x l IH]; cbn; [ring|rewrite IH; ring]. Qed.
Lemma total_scale_r c f l : Σ l (fun x => f x * c) == Σ l f * c.
Proof. induction l as [|x l IH]; cbn; [ring|rewrite IH; ring]. Qed.
Lemma total_app f l m : Σ (l ++ m) f == Σ l f + Σ m f.
Proof. induction l as [|x l IH]; cbn; [ring|rewrite IH; ring]. Qed.
Lemma total_nonneg f l : (forall x, In x l -> 0 <= f x) -> 0 <= Σ l f.
Proof. induction l as [|x l IH]; cbn; intro H; [apply le_refl|]. apply add_nonneg; auto. Qed.
Lemma total_nonneg_zero f l : (forall x, In x l -> 0 <= f x) -> Σ l f == 0 -> forall x, In x l -> f x == 0.
Proof.
  induction l as [|y l IH]; cbn; intros H E x K; [easy|].
  assert (Hy : 0 <= f y) by auto. assert (Hl : 0 <= Σ l f) by (apply total_nonneg; auto).
  assert (Ey : f y == 0).
  { apply le_antisym; auto. apply le_minus. setoid_replace (0 - f y) with (Σ l f); auto. rewrite <- E. ring. }
  destruct K as [<-|K]; auto. apply IH; auto. rewrite <- E, Ey. ring.
Qed.
Lemma total_permutation f l m : Permutation l m -> Σ l f == Σ m f.
Proof. induction 1; cbn; [reflexivity|now rewrite IHPermutation|ring|etransitivity; eassumption]. Qed.
Lemma total_filter f (p : A -> bool) l : (forall x, In x l -> p x = false -> f x == 0) -> Σ l f == Σ (filter p l) f.
Proof.
  induction l as [|x l IH]; cbn; intro H; [reflexivity|]. destruct (p x) eqn:E; cbn; rewrite IH by auto; [reflexivity|].
  rewrite H by auto. ring.
Qed.
End Index.
Lemma total_swap {A B} (f : A -> B -> F) l m : Σ l (fun x => Σ m (f x)) == Σ m (fun y => Σ l (fun x => f x y)).
Proof.
  induction l as [|x l IH]; cbn.
  - symmetry. now apply total_zero.
  - rewrite IH. symmetry. apply (total_add (f x)).
Qed.
Lemma total_map {A B} (h : A -> B) (f : B -> F) l : Σ (List.map h l) f == Σ l (fun x => f (h x)).
Proof. induction l as [|x l IH]; cbn; [reflexivity|now rewrite IH]. Qed.
Lemma total_embed {A} (f : A -> Q) l : embed F (total rationals l f) == Σ l (fun x => embed F (f x)).
Proof. induction l as [|x l IH]; [apply embed_zero|]. cbn [total]. rewrite <- IH. apply (embed_add F). Qed.
(** a sum over one list without repetition is the sum over another one that holds all its non-zero terms *)
Lemma total_support (f : N -> F) l m : NoDup l -> NoDup m -> (forall x, In x m -> In x l) -> (forall x, In x l -> ~ In x m -> f x == 0) -> Σ l f == Σ m f.
Proof.
  intros Nl Nm I Z. set (p := fun x => if in_dec N.eq_dec x m then true else false).
  rewrite (total_filter f p l).
  - apply total_permutation, NoDup_Permutation; [now apply NoDup_filter|exact Nm|].
    intro x. rewrite filter_In. unfold p. destruct (in_dec N.eq_dec x m); intuition (auto; discriminate).
  - intros x Hx. unfold p. destruct (in_dec N.eq_dec x m); [discriminate|auto].
Qed.
Lemma total_delta n (k : N) (f : N -> F) : (k < n)%N -> Σ (below n) (fun i => if (i =? k)%N then f i else 0) == f k.
Proof.
  intro H. rewrite (total_support _ (below n) [k]).
  - cbn. rewrite N.eqb_refl. ring.
  - apply nodup_below.
  - repeat constructor. easy.
  - intros x [<-|[]]. now apply in_below.
  - intros x _ Hx. destruct (N.eqb_spec x k) as [->|_]; [|reflexivity]. exfalso. apply Hx. now left.
Qed.
End Ring.
