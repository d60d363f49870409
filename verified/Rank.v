(** A rational matrix with left A right = 1 and A right left A = A has rank r. *)
Require Import List NArith QArith Lia Setoid Ring Morphisms.
Require Import Coq.micromega.OrderedRing.
From NTP Require Import Spec Sums.
Import ListNotations.
Open Scope N_scope.
Notation Qtotal := (total rationals).

Section Rank.
Variable F : ordered.
Open Scope ring_scope.
Notation Σ := (total F). Notation φ := (embed F).
Add Ring ring_of_F : (SORrt (laws F)).
Add Morphism (embed F) with signature Qeq ==> eq F as embed_morphism_here. Proof. apply embed_eq. Qed.
Variables (m n r : N) (A B L R C : N -> N -> Q).
Hypothesis rows_of_B : forall a i, (a < r)%N -> (i < n)%N -> (B a i == Qtotal (below m) (fun j => L a j * A j i))%Q.
Hypothesis rows_of_A : forall j i, (j < m)%N -> (i < n)%N -> (A j i == Qtotal (below r) (fun a => C j a * B a i))%Q.
Hypothesis inverse : forall a b, (a < r)%N -> (b < r)%N -> (Qtotal (below n) (fun i => B a i * R i b) == if (a =? b)%N then 1 else 0)%Q.
Theorem rank_sound : has_rank F m n (fun j i => φ (A j i)) r.
Proof.
  exists (fun a i => φ (B a i)), (fun a j => φ (L a j)), (fun j a => φ (C j a)). repeat split.
  - intros a i Ha Hi. rewrite (rows_of_B a i Ha Hi), total_embed. apply total_ext. intros. apply embed_mul.
  - intros j i Hj Hi. rewrite (rows_of_A j i Hj Hi), total_embed. apply total_ext. intros. apply embed_mul.
  - intros x H b Hb.
    assert (E : Σ (below n) (fun i => Σ (below r) (fun a => x a * φ (B a i)) * φ (R i b)) == zero F).
    { apply total_zero. intros i Hi. apply in_below in Hi. rewrite (H i Hi). ring. }
    rewrite <- E. symmetry.
    transitivity (Σ (below r) (fun a => x a * Σ (below n) (fun i => φ (B a i) * φ (R i b)))).
    + transitivity (Σ (below n) (fun i => Σ (below r) (fun a => x a * (φ (B a i) * φ (R i b))))).
      * apply total_ext. intros i _. rewrite <- total_scale_r. apply total_ext. intros. ring.
      * rewrite total_swap. apply total_ext. intros. apply total_scale.
    + transitivity (Σ (below r) (fun a => if (a =? b)%N then x a else zero F)); [|now apply total_delta].
      apply total_ext. intros a Ha. apply in_below in Ha.
      setoid_replace (Σ (below n) (fun i => φ (B a i) * φ (R i b))) with (φ (if (a =? b)%N then 1 else 0)%Q).
      * destruct (a =? b)%N; [rewrite embed_one|rewrite embed_zero]; ring.
      * rewrite <- (inverse a b Ha Hb), total_embed. apply total_ext. intros. symmetry. apply embed_mul.
Qed.
End Rank.
