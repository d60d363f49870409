(** What the checker computes is what the specification says: quantifiers, sums, vectors, scores, the matrix of a family. *)
Require Import List NArith ZArith QArith Qreduction Bool FMapPositive Lia Setoid Lqa.
From NTP Require Import Spec Sums Theorems Kernel.
Import ListNotations.
Open Scope N_scope.

(** ** Sums over Q, with the operations of Q *)
Lemma Qt_ext {A} (f g : A -> Q) l : (forall x, In x l -> (f x == g x)%Q) -> (Qtotal l f == Qtotal l g)%Q. Proof. apply (total_ext rationals). Qed.
Lemma Qt_zero {A} (f : A -> Q) l : (forall x, In x l -> (f x == 0)%Q) -> (Qtotal l f == 0)%Q. Proof. apply (total_zero rationals). Qed.
Lemma Qt_add {A} (f g : A -> Q) l : (Qtotal l (fun x => f x + g x) == Qtotal l f + Qtotal l g)%Q. Proof. apply (total_add rationals). Qed.
Lemma Qt_scale {A} c (f : A -> Q) l : (Qtotal l (fun x => c * f x) == c * Qtotal l f)%Q. Proof. apply (total_scale rationals). Qed.
Lemma Qt_scale_r {A} c (f : A -> Q) l : (Qtotal l (fun x => f x * c) == Qtotal l f * c)%Q. Proof. apply (total_scale_r rationals). Qed.
Lemma Qt_swap {A B} (f : A -> B -> Q) l m : (Qtotal l (fun x => Qtotal m (f x)) == Qtotal m (fun y => Qtotal l (fun x => f x y)))%Q. Proof. apply (total_swap rationals). Qed.
Lemma Qt_cons {A} (f : A -> Q) x l : (Qtotal (x :: l) f == f x + Qtotal l f)%Q. Proof. reflexivity. Qed.
Lemma Qt_support (f : N -> Q) l m : NoDup l -> NoDup m -> (forall x, In x m -> In x l) -> (forall x, In x l -> ~ In x m -> (f x == 0)%Q) -> (Qtotal l f == Qtotal m f)%Q.
Proof. apply (total_support rationals). Qed.
Lemma Qt_delta n k (f : N -> Q) : k < n -> (Qtotal (below n) (fun i => if i =? k then f i else 0%Q) == f k)%Q. Proof. apply (total_delta rationals). Qed.

(** ** Arithmetic and booleans *)
Lemma qadd_ok x y : (qadd x y == x + y)%Q. Proof. apply Qred_correct. Qed.
Lemma qsub_ok x y : (qsub x y == x - y)%Q. Proof. apply Qred_correct. Qed.
Lemma qmul_ok x y : (qmul x y == x * y)%Q. Proof. apply Qred_correct. Qed.
Lemma qzero_ok x : qzero x = true -> (x == 0)%Q. Proof. apply Qeq_bool_eq. Qed.
Lemma qzero_no x : qzero x = false -> ~ (x == 0)%Q. Proof. apply Qeq_bool_neq. Qed.
Lemma qlt_ok x y : qlt x y = true <-> (x < y)%Q.
Proof.
  unfold qlt. rewrite negb_true_iff. split.
  - intro H. apply Qnot_le_lt. intro K. apply Qle_bool_iff in K. congruence.
  - intro H. destruct (Qle_bool y x) eqn:E; [|reflexivity]. apply Qle_bool_iff in E. exfalso. apply (Qle_not_lt _ _ E H).
Qed.

(** ** Maps *)
Lemma key_of i : Npos (N.succ_pos i) = N.succ i. Proof. apply N.succ_pos_spec. Qed.
Lemma key_inj i j : N.succ_pos i = N.succ_pos j -> i = j.
Proof. intro E. apply N.succ_inj. now rewrite <- !key_of, E. Qed.
Lemma lookup_insert {A} i j (x : A) m : lookup i (insert j x m) = if i =? j then Some x else lookup i m.
Proof.
  unfold lookup, insert. destruct (N.eqb_spec i j) as [->|N]; [apply PositiveMap.gss|]. apply PositiveMap.gso. intro E. apply N. now apply key_inj.
Qed.
Lemma lookup_nothing {A} i : lookup i (@nothing A) = None. Proof. apply PositiveMap.gempty. Qed.
Lemma in_walk {A} (m : map A) : forall base w found ix, 0 < base + w ->
  In ix (walk m base w found) <-> In ix found \/ exists p, PositiveMap.find p m = Some (snd ix) /\ N.succ (fst ix) = base + w * Npos p.
Proof.
  induction m as [|l IHl x r IHr]; intros base w found [i a] H; cbn [walk snd fst].
  - split; [auto|]. intros [I|(p & E & _)]; [exact I|]. now rewrite PositiveMap.gleaf in E.
  - rewrite IHl by lia. cbn [snd fst].
    assert (M : In (i, a) (match x with Some a => (N.pred (base + w), a) :: walk r (base + w) (2 * w) found | None => walk r (base + w) (2 * w) found end) <->
                (x = Some a /\ N.succ i = base + w) \/ In (i, a) (walk r (base + w) (2 * w) found)).
    { destruct x as [a'|]; [|intuition discriminate]. cbn [In]. split; (intros [E|E]; [left|now right]).
      - injection E as K K'. subst. split; [reflexivity|lia].
      - destruct E as [K E]. injection K as ->. f_equal. lia. }
    rewrite M, IHr by lia. cbn [snd fst]. split.
    + intros [[[E K]|[I|(p & E & K)]]|(p & E & K)].
      * right. exists xH. split; [exact E|lia].
      * now left.
      * right. exists (xI p). split; [exact E|lia].
      * right. exists (xO p). split; [exact E|lia].
    + intros [I|([p|p|] & E & K)]; try cbn [PositiveMap.find] in E.
      * left. right. now left.
      * left. right. right. exists p. split; [exact E|lia].
      * right. exists p. split; [exact E|lia].
      * left. left. split; [exact E|lia].
Qed.
Lemma nodup_walk {A} (m : map A) : forall base w found, 0 < w -> NoDup (List.map fst found) ->
  (forall ix p, In ix found -> N.succ (fst ix) = base + w * Npos p -> PositiveMap.find p m = None) -> NoDup (List.map fst (walk m base w found)).
Proof.
  induction m as [|l IHl x r IHr]; intros base w found H Nf Hf; cbn [walk]; [exact Nf|].
  assert (Nr : NoDup (List.map fst (walk r (base + w) (2 * w) found))).
  { apply IHr; [lia|exact Nf|]. intros ix p I E. apply (Hf ix (xI p) I). lia. }
  assert (Ir : forall ix, In ix (walk r (base + w) (2 * w) found) -> In ix found \/ exists p, PositiveMap.find p r = Some (snd ix) /\ N.succ (fst ix) = base + w + 2 * w * Npos p).
  { intros ix I. apply in_walk in I; [exact I|lia]. }
  apply IHl; [lia| |].
  - destruct x as [a|]; [|exact Nr]. cbn [List.map fst]. constructor; [|exact Nr]. intro I. apply in_map_iff in I as (ix & E & I). destruct (Ir ix I) as [F|(p & Fp & K)].
    + pose proof (Hf ix xH F) as Z. cbn [PositiveMap.find] in Z. enough (Some a = None) by discriminate. apply Z. lia.
    + assert (0 < 2 * w * N.pos p) by (apply N.mul_pos_pos; lia). lia.
  - intros ix p I E.
    assert (I' : (x <> None /\ N.succ (fst ix) = base + w) \/ In ix (walk r (base + w) (2 * w) found)).
    { destruct x as [a|]; [|now right]. destruct I as [<-|I]; [left|now right]. split; [discriminate|]. cbn [fst]. lia. }
    assert (W : w <= w * N.pos p) by (rewrite <- (N.mul_1_r w) at 1; apply N.mul_le_mono_l; lia). destruct I' as [[_ K]|I']; [lia|]. destruct (Ir ix I') as [F|(q & _ & K)].
    2: { assert (X : w + 2 * w * N.pos q = 2 * w * N.pos p) by lia. assert (Y : w * (1 + 2 * N.pos q) = w * (2 * N.pos p)) by lia. apply N.mul_cancel_l in Y; lia. } apply (Hf ix (xO p) F). lia.
Qed.
Lemma in_items {A} i (a : A) m : In (i, a) (items m) <-> lookup i m = Some a.
Proof.
  unfold items, lookup. rewrite in_walk by lia. cbn [fst snd]. split.
  - intros [[]|(p & E & K)]. rewrite N.mul_1_l, N.add_0_l, <- key_of in K. injection K as ->. exact E.
  - intro H. right. exists (N.succ_pos i). split; [exact H|]. rewrite key_of. lia.
Qed.
Lemma nodup_keys {A} (m : map A) : NoDup (keys m).
Proof. unfold keys, items. apply nodup_walk; [lia|constructor|easy]. Qed.
Lemma in_keys {A} i (m : map A) : In i (keys m) <-> exists x, lookup i m = Some x.
Proof.
  unfold keys. rewrite in_map_iff. split.
  - intros ([j x] & <- & H). exists x. now apply in_items.
  - intros (x & H). exists (i, x). split; [reflexivity|now apply in_items].
Qed.
Lemma not_in_keys {A} i (m : map A) : ~ In i (keys m) <-> lookup i m = None.
Proof. rewrite in_keys. destruct (lookup i m) as [x|]; split; try easy; [intro H; exfalso; eauto|intros _ [y H]; discriminate]. Qed.
Lemma lookup_with_list i l s : lookup i (with_list l s) = if in_dec N.eq_dec i l then Some tt else lookup i s.
Proof.
  unfold with_list. revert s. induction l as [|j l IH]; intro s; cbn [fold_left]; [reflexivity|]. rewrite IH, lookup_insert.
  destruct (in_dec N.eq_dec i l) as [I|I]; destruct (in_dec N.eq_dec i (j :: l)) as [J|J]; auto.
  - exfalso. apply J. now right.
  - destruct (N.eqb_spec i j) as [->|N]; [reflexivity|]. destruct J as [E|J]; [congruence|contradiction].
  - destruct (N.eqb_spec i j) as [->|N]; [exfalso; apply J; now left|reflexivity].
Qed.
Lemma with_keys_none {A} i (m : map A) s : lookup i (with_keys m s) = None -> lookup i m = None /\ lookup i s = None.
Proof.
  change (with_keys m s) with (with_list (keys m) s). rewrite lookup_with_list. destruct (in_dec N.eq_dec i (keys m)) as [I|I]; [discriminate|].
  intro H. split; [now apply not_in_keys|exact H].
Qed.
Lemma support_none i x : lookup i (support x) = None -> lookup i (offsets x) = None. Proof. intro H. now apply with_keys_none in H. Qed.
Lemma entry_default x i : lookup i (offsets x) = None -> entry x i = default x. Proof. unfold entry. now intros ->. Qed.
Lemma member_list i l : member i (with_list l nothing) = true <-> In i l.
Proof. unfold member. rewrite lookup_with_list, lookup_nothing. destruct (in_dec N.eq_dec i l); intuition discriminate. Qed.
Lemma number_length {A} (l : list A) : number l = N.of_nat (length l).
Proof.
  unfold number. assert (H : forall n, fold_left (fun n (_ : A) => N.succ n) l n = n + N.of_nat (length l)); [|apply H].
  induction l as [|x l IH]; intro n; cbn [fold_left length]; [lia|]. rewrite IH. lia.
Qed.
Lemma find_map {A B} (f : A -> B) p (m : map A) : PositiveMap.find p (over f m) = option_map f (PositiveMap.find p m).
Proof. revert p. induction m as [|l IHl x r IHr]; intros [p|p|]; cbn; auto. Qed.
Lemma row_map {A B} (f : A -> B) i a m : row i (f a) (over f m) = f (row i a m).
Proof. unfold row, lookup. rewrite find_map. now destruct (PositiveMap.find (N.succ_pos i) m). Qed.

(** ** Quantifiers and sums below n *)
Definition inside (n : N) (s : set) : list N := filter (fun i => i <? n) (keys s).
Lemma in_inside n s i : In i (inside n s) <-> i < n /\ lookup i s <> None.
Proof.
  unfold inside. rewrite filter_In, N.ltb_lt, in_keys. split.
  - intros [(x & H) L]. split; [exact L|congruence].
  - intros [L H]. split; [|exact L]. destruct (lookup i s); [eauto|congruence].
Qed.
Lemma nodup_inside n s : NoDup (inside n s). Proof. apply NoDup_filter, nodup_keys. Qed.
Lemma all_below_sound n s test generic : (forall i, lookup i s = None -> test i = generic) -> all_below n s test generic = true -> forall i, i < n -> test i = true.
Proof.
  intros G H i Hi. unfold all_below in H. apply andb_true_iff in H as [H K]. rewrite forallb_forall in H.
  destruct (lookup i s) eqn:E.
  - apply H. apply in_keys. eauto.
  - rewrite (G i E). apply orb_true_iff in K as [K|K]; [exact K|exfalso].
    apply N.leb_le in K. fold (inside n s) in K. rewrite number_length in K.
    assert (I : incl (below n) (inside n s)).
    { apply NoDup_length_incl; [apply nodup_inside|rewrite length_below; lia|]. intros j Hj. apply in_below. now apply in_inside in Hj. }
    specialize (I i (proj2 (in_below i n) Hi)). apply in_inside in I as [_ I]. congruence.
Qed.
Lemma qsum_ok l f : (qsum l f == Qtotal l f)%Q.
Proof.
  unfold qsum. assert (H : forall a, (fold_left (fun a i => qadd (f i) a) l a == a + Qtotal l f)%Q).
  - induction l as [|x l IH]; intro a; [cbn; ring|]. cbn [fold_left]. rewrite IH, qadd_ok, Qt_cons. ring.
  - rewrite H. ring.
Qed.
Lemma qt_const n c : (Qtotal (below n) (fun _ => c) == qnat n * c)%Q.
Proof.
  assert (H : forall (l : list N), (Qtotal l (fun _ => c) == inject_Z (Z.of_nat (length l)) * c)%Q).
  - induction l as [|x l IH]; [cbn; ring|]. rewrite Qt_cons, IH. cbn [length]. rewrite Nat2Z.inj_succ. unfold Z.succ. rewrite inject_Z_plus. ring.
  - rewrite H, length_below. unfold qnat. now rewrite N_nat_Z.
Qed.
Lemma sum_below_sound n s f generic : (forall i, i < n -> lookup i s = None -> (f i == generic)%Q) -> (sum_below n s f generic == Qtotal (below n) f)%Q.
Proof.
  intro G. unfold sum_below. fold (inside n s).
  assert (H : (Qtotal (inside n s) (fun i => f i - generic) == Qtotal (below n) (fun i => f i - generic))%Q).
  { symmetry. apply Qt_support; [apply nodup_below|apply nodup_inside| |].
    - intros i Hi. apply in_inside in Hi. now apply in_below.
    - intros i Hi K. apply in_below in Hi. rewrite (G i Hi); [ring|]. destruct (lookup i s) eqn:E; [|reflexivity]. exfalso. apply K, in_inside. split; [exact Hi|congruence]. }
  assert (T : (Qtotal (below n) f == qnat n * generic + Qtotal (below n) (fun i => f i - generic))%Q).
  { rewrite <- qt_const, <- Qt_add. apply Qt_ext. intros. ring. }
  destruct (qzero generic) eqn:Z.
  - apply qzero_ok in Z. rewrite qsum_ok, T, <- H, Z, Qmult_0_r, Qplus_0_l. apply Qt_ext. intros. rewrite Z. ring.
  - rewrite qadd_ok, qmul_ok, qsum_ok, T, <- H. apply Qplus_comp; [reflexivity|]. apply Qt_ext. intros. apply qsub_ok.
Qed.

(** ** Vectors *)
Lemma entry_row x i : (entry x i == default x + row i 0%Q (offsets x))%Q.
Proof. unfold entry, row. destruct (lookup i (offsets x)); ring. Qed.
Lemma row_items (m : map Q) i : (row i 0%Q m == Qtotal (items m) (fun jx => if i =? fst jx then snd jx else 0%Q))%Q.
Proof.
  assert (H : forall l : list (N * Q), NoDup (List.map fst l) ->
    ((forall x, ~ In (i, x) l) -> (Qtotal l (fun jx => if i =? fst jx then snd jx else 0%Q) == 0)%Q) /\
    (forall x, In (i, x) l -> (Qtotal l (fun jx => if i =? fst jx then snd jx else 0%Q) == x)%Q)).
  { induction l as [|[j y] l IH]; cbn [List.map fst]; intro N; [split; [reflexivity|easy]|]. inversion N as [|? ? N1 N2]; subst. specialize (IH N2) as [A B]. split.
    - intro K. rewrite Qt_cons. cbn [fst snd]. destruct (N.eqb_spec i j) as [->|E]; [exfalso; apply (K y); now left|]. rewrite A; [ring|]. intros x I. apply (K x). now right.
    - intros x [E|I]; rewrite Qt_cons; cbn [fst snd].
      + injection E as -> ->. rewrite N.eqb_refl, A; [ring|]. intros z I. apply N1. apply in_map_iff. exists (i, z). auto.
      + destruct (N.eqb_spec i j) as [->|E]; [exfalso; apply N1, in_map_iff; exists (j, x); auto|]. rewrite (B x I). ring. }
  destruct (H _ (nodup_keys m)) as [A B]. unfold row. destruct (lookup i m) as [x|] eqn:E.
  - symmetry. apply B. now apply in_items.
  - symmetry. apply A. intros x I. apply in_items in I. congruence.
Qed.
Lemma entry_vadd c x y i : (entry (vadd c x y) i == c * entry x i + entry y i)%Q.
Proof.
  rewrite !entry_row. unfold vadd. cbn [default offsets]. rewrite qadd_ok, qmul_ok.
  assert (H : forall (l : list (N * Q)) m,
    (row i 0%Q (fold_left (fun m jx => insert (fst jx) (qadd (qmul c (snd jx)) (row (fst jx) 0%Q m)) m) l m)
     == row i 0%Q m + c * Qtotal l (fun jx => if i =? fst jx then snd jx else 0%Q))%Q).
  { induction l as [|[j z] l IH]; intro m; cbn [fold_left]; [cbn; ring|]. rewrite IH, Qt_cons. cbn [fst snd]. unfold row at 1. rewrite lookup_insert.
    destruct (N.eqb_spec i j) as [->|E].
    - rewrite qadd_ok, qmul_ok. ring.
    - fold (row i 0%Q m). ring. }
  rewrite H, <- row_items. ring.
Qed.
Lemma entry_null i : entry null i = 0%Q. Proof. unfold entry, null. cbn [offsets default]. now rewrite lookup_nothing. Qed.
Lemma active_sound n x (f : N -> Q) : (Qtotal (below n) (fun k => entry x k * f k) == Qtotal (active n x) (fun k => entry x k * f k))%Q.
Proof.
  unfold active. destruct (qzero (default x)) eqn:Z; [|reflexivity]. apply qzero_ok in Z. apply Qt_support; [apply nodup_below|apply NoDup_filter, nodup_keys| |].
  - intros i Hi. apply filter_In in Hi as [_ Hi]. apply N.ltb_lt in Hi. now apply in_below.
  - intros i Hi K. apply in_below in Hi. rewrite entry_default, Z; [ring|]. apply not_in_keys. intro I. apply K, filter_In. split; [exact I|now apply N.ltb_lt].
Qed.
Lemma entry_image n x M i : (entry (image n x M) i == Qtotal (below n) (fun k => entry x k * entry (row k null M) i))%Q.
Proof.
  rewrite active_sound. unfold image.
  assert (H : forall l a, (entry (fold_left (fun a k => vadd (entry x k) (row k null M) a) l a) i == entry a i + Qtotal l (fun k => entry x k * entry (row k null M) i))%Q).
  { induction l as [|k l IH]; intro a; cbn [fold_left]; [cbn; ring|]. rewrite IH, entry_vadd, Qt_cons. ring. }
  rewrite H, entry_null. ring.
Qed.
Lemma vsum_sound n x : (vsum n x == Qtotal (below n) (entry x))%Q.
Proof. apply sum_below_sound. intros i _ H. apply support_none in H. now rewrite entry_default. Qed.
Lemma vdot_sound n x y : (vdot n x y == Qtotal (below n) (fun i => entry x i * entry y i))%Q.
Proof.
  unfold vdot. destruct (qzero (default x)) eqn:Z; (rewrite sum_below_sound; [apply Qt_ext; intros; apply qmul_ok|]); intros i _ H; rewrite ?qmul_ok.
  - apply support_none in H. apply qzero_ok in Z. rewrite entry_default, Z by exact H. ring.
  - apply with_keys_none in H as [H1 H2]. apply support_none in H2. now rewrite !entry_default.
Qed.
Lemma vequal_sound n x y : vequal n x y = true -> forall i, i < n -> (entry x i == entry y i)%Q.
Proof.
  intros H i Hi. apply Qeq_bool_eq. unfold vequal in H. refine (all_below_sound _ _ _ _ _ H i Hi). clear.
  intros i H. apply with_keys_none in H as [H1 H2]. apply support_none in H2. now rewrite !entry_default.
Qed.

Section Instance.
Variable D : data.
(** the alternatives of a block without left factors are the rows *)
Lemma identity_block b : In b (blocks D) -> left b = None -> size b = height D.
Proof.
  destruct D; cbn; intros H E; try (apply in_app_iff in H as [H|H]); apply in_map_iff in H as (x & <- & _); cbn in E; try discriminate. reflexivity.
Qed.
Lemma factor_entry b v i : left b <> None -> factor b v i = entry (row v null match left b with Some rows => rows | None => nothing end) i.
Proof. unfold factor. now destruct (left b). Qed.
Lemma Q_grid_swap {A} (l : list A) (f : A -> N -> N -> Q) m n :
  (Qtotal l (fun x => Qtotal m (fun i => Qtotal n (fun k => f x i k))) == Qtotal m (fun i => Qtotal n (fun k => Qtotal l (fun x => f x i k))))%Q.
Proof. rewrite Qt_swap. apply Qt_ext. intros. apply Qt_swap. Qed.
Lemma scores_sound u b : In b (blocks D) -> forall v, v < size b -> (entry (scores D u b) v == qscore D u b v)%Q.
Proof.
  intros I v Hv. unfold scores.
  set (im := image (width D) (right b) u).
  set (s := match left b with None => im | Some rows => Vector 0 (over (fun x => vdot (height D) x im) rows) end).
  assert (S : (entry s v == Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (fun k => factor b v i * entry (right b) k * element u i k)))%Q).
  { assert (E : (Qtotal (below (height D)) (fun i => factor b v i * entry im i) == Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (fun k => factor b v i * entry (right b) k * element u i k)))%Q).
    { apply Qt_ext. intros i _. unfold im. rewrite entry_image, <- Qt_scale. apply Qt_ext. intros. unfold element. ring. }
    rewrite <- E. unfold s, factor. destruct (left b) as [rows|] eqn:L.
    - rewrite <- vdot_sound. unfold entry at 1. cbn [offsets default]. unfold lookup, row. rewrite find_map. fold (lookup v rows). unfold lookup.
      destruct (PositiveMap.find (N.succ_pos v) rows) as [x|]; cbn [option_map]; [apply Qplus_0_l|]. rewrite vdot_sound. symmetry. apply Qt_zero. intros. rewrite entry_null. ring.
    - rewrite (identity_block b I L) in Hv. rewrite <- (Qt_delta (height D) v (entry im) Hv). apply Qt_ext. intros i _. rewrite (N.eqb_sym v i). destruct (i =? v); ring. }
  assert (G : (qscore D u b v == entry s v + offset b v)%Q) by (rewrite S; reflexivity).
  rewrite G. unfold offset. destruct (qzero (constant b)) eqn:Z.
  - apply qzero_ok in Z. destruct (v =? 1); rewrite ?Z; ring.
  - rewrite entry_vadd. unfold entry at 1. cbn [offsets default]. rewrite lookup_insert, lookup_nothing. destruct (v =? 1); ring.
Qed.
Lemma adjoint_sound P : (forall x, In x P -> In (block_of x) (blocks D)) -> forall i k, i < height D -> k < width D -> (element (adjoint D P) i k == combination P i k)%Q.
Proof.
  intros HP i k Hi Hk. unfold adjoint.
  set (part := fun x : item => match left (fst (fst x)) with None => snd x | Some rows => image (size (fst (fst x))) (snd x) rows end).
  assert (Pt : forall x, In x P -> (entry (part x) i == Qtotal (below (size (block_of x))) (fun v => coefficient x v * factor (block_of x) v i))%Q).
  { intros [[b t] c] Hx. specialize (HP _ Hx). unfold block_of in *. cbn [fst snd] in *. unfold part, coefficient, factor. cbn [fst snd]. destruct (left b) as [rows|] eqn:L.
    - rewrite entry_image. reflexivity.
    - rewrite (identity_block b HP L). rewrite <- (Qt_delta (height D) i (entry c) Hi). apply Qt_ext. intros v _. destruct (v =? i); ring. }
  set (inner := fun (W : columns) (b : block) (c : vector) => fold_left (fun W k => insert k (vadd (entry (right b) k) c (row k null W)) W) (active (width D) (right b)) W).
  assert (In_ : forall b c W, (element (inner W b c) i k == element W i k + entry (right b) k * entry c i)%Q).
  { intros b c W. unfold inner.
    assert (H : forall l W, NoDup l -> (element (fold_left (fun W k => insert k (vadd (entry (right b) k) c (row k null W)) W) l W) i k ==
        element W i k + (if in_dec N.eq_dec k l then entry (right b) k * entry c i else 0))%Q).
    { induction l as [|q l IH]; intros W0 N; cbn [fold_left]; [cbn; ring|]. inversion N as [|? ? N1 N2]; subst. rewrite (IH _ N2). unfold element at 1, row at 1. rewrite lookup_insert.
      destruct (N.eqb_spec k q) as [->|E].
      - rewrite entry_vadd. destruct (in_dec N.eq_dec q l) as [J|J]; [contradiction|]. destruct (in_dec N.eq_dec q (q :: l)) as [J'|J']; [|exfalso; apply J'; now left].
        unfold element. ring.
      - fold (row k null W0). fold (element W0 i k). destruct (in_dec N.eq_dec k l) as [J|J]; destruct (in_dec N.eq_dec k (q :: l)) as [J'|J']; try reflexivity.
        + exfalso. apply J'. now right.
        + destruct J' as [J'|J']; [congruence|contradiction]. }
    rewrite H.
    - destruct (in_dec N.eq_dec k (active (width D) (right b))) as [J|J]; [reflexivity|].
      assert (Z : (entry (right b) k == 0)%Q); [|rewrite Z; ring]. unfold active in J. destruct (qzero (default (right b))) eqn:Z.
      + apply qzero_ok in Z. rewrite entry_default; [exact Z|]. apply not_in_keys. intro Q. apply J, filter_In. split; [exact Q|now apply N.ltb_lt].
      + exfalso. apply J. now apply in_below.
    - unfold active. destruct (qzero (default (right b))); [apply NoDup_filter, nodup_keys|apply nodup_below]. }
  assert (H : forall W, (element (fold_left (fun W x => inner W (fst (fst x)) (part x)) P W) i k == element W i k + combination P i k)%Q).
  { clear - Pt In_. induction P as [|x P IH]; intro W; cbn [fold_left]; [unfold combination; cbn; ring|].
    rewrite IH, In_ by (intros; apply Pt; now right). rewrite combination_cons. rewrite (Pt x (or_introl Logic.eq_refl)). unfold combination at 2. rewrite Qt_cons. cbn [total].
    change (zero rationals) with 0%Q. rewrite <- Qt_scale. unfold block_of.
    assert (E : (Qtotal (below (size (fst (fst x)))) (fun v => entry (right (fst (fst x))) k * (coefficient x v * factor (fst (fst x)) v i)) ==
                 Qtotal (below (size (fst (fst x)))) (fun v => coefficient x v * (factor (fst (fst x)) v i * entry (right (fst (fst x))) k)))%Q) by (apply Qt_ext; intros; ring).
    rewrite E. ring. }
  etransitivity; [apply (H nothing)|]. unfold element, row. rewrite lookup_nothing, entry_null. ring.
Qed.
Lemma equal_sound V W : equal D V W = true -> forall i k, i < height D -> k < width D -> (element V i k == element W i k)%Q.
Proof.
  intros H i k Hi Hk. unfold element. apply vequal_sound with (n := height D); [|exact Hi]. unfold equal in H.
  refine (all_below_sound _ _ _ _ _ H k Hk). clear. intros k H. apply with_keys_none in H as [H1 H2]. apply with_keys_none in H2 as [H2 _].
  unfold row. now rewrite H1, H2.
Qed.
Lemma square_norm_sound W : (square_norm D W == norm2 rationals D (rational rationals W))%Q.
Proof.
  unfold square_norm, norm2. rewrite sum_below_sound.
  - etransitivity; [|apply Qt_swap]. apply Qt_ext. intros k _. apply vdot_sound.
  - intros k _ H. apply with_keys_none in H as [H _]. rewrite vdot_sound. apply Qt_zero. intros. unfold row. rewrite H, entry_null. ring.
Qed.

Lemma qabs_ok x : (x <= qabs x)%Q /\ (- x <= qabs x)%Q.
Proof. unfold qabs. destruct (Qle_bool 0 x) eqn:E; [apply Qle_bool_iff in E; split; lra|]. assert (x < 0)%Q; [|split; lra]. apply Qnot_le_lt. intro K. apply Qle_bool_iff in K. congruence. Qed.
Lemma sum_of_sizes_sound W : (sum_of_sizes D W == Qtotal (below (height D)) (fun i => Qtotal (below (width D)) (fun k => qabs (element W i k))))%Q.
Proof.
  unfold sum_of_sizes. cbv zeta.
  assert (R : forall x, (sum_below (height D) (support x) (fun i => qabs (entry x i)) (qabs (default x)) == Qtotal (below (height D)) (fun i => qabs (entry x i)))%Q).
  { intro x. apply sum_below_sound. intros i _ H. apply support_none in H. now rewrite entry_default. }
  rewrite sum_below_sound.
  - etransitivity; [|apply Qt_swap]. apply Qt_ext. intros k _. apply R.
  - intros k _ H. apply with_keys_none in H as [H _]. rewrite R. apply Qt_zero. intros. unfold row. rewrite H, entry_null. reflexivity.
Qed.
Lemma sizes_at_most_sound r W : sizes_at_most D r W = true -> (0 <= r)%Q /\ forall i k, i < height D -> k < width D -> (element W i k <= r)%Q /\ (- element W i k <= r)%Q.
Proof.
  unfold sizes_at_most. intro H. apply andb_true_iff in H as [R H]. split; [now apply Qle_bool_iff|]. intros i k Hi Hk.
  assert (C : all_below (height D) (support (row k null W)) (fun i => Qle_bool (qabs (entry (row k null W) i)) r) (Qle_bool (qabs (default (row k null W))) r) = true).
  { refine (all_below_sound _ _ _ _ _ H k Hk). intros j K. apply with_keys_none in K as [K _]. unfold row. rewrite K. unfold all_below. cbn. now rewrite R. }
  assert (E : Qle_bool (qabs (entry (row k null W) i)) r = true).
  { refine (all_below_sound _ _ _ _ _ C i Hi). clear. intros i K. apply support_none in K. now rewrite entry_default. }
  apply Qle_bool_iff in E. pose proof (qabs_ok (element W i k)) as [A B]. unfold element in *. split; eapply Qle_trans; eassumption.
Qed.

(** ** Blocks *)
Lemma every_sound b s c t f : every b s c t f = true -> forall v, v < size b -> f (entry s v) (entry c v) (member v t) (qpos (entry (share b) v)) = true.
Proof.
  intros H v Hv. unfold every in H. refine (all_below_sound _ _ _ _ _ H v Hv). clear. intros v H.
  apply with_keys_none in H as [H1 H]. apply with_keys_none in H as [H2 H]. apply with_keys_none in H as [H3 H4].
  unfold member. now rewrite H4, !entry_default.
Qed.
Lemma is_label_ok b v : is_label b v = true <-> label b v.
Proof. unfold is_label, label, qpos. rewrite andb_true_iff, N.ltb_lt, qlt_ok. reflexivity. Qed.
Lemma label_pos b v : v < size b -> qpos (entry (share b) v) = true <-> label b v.
Proof. intro H. unfold label, qpos. rewrite qlt_ok. tauto. Qed.
Lemma has_label_ok b : has_label b = true -> labelled b.
Proof. unfold has_label. destruct (first_label b) as [v|]; [|discriminate]. intro H. exists v. now apply is_label_ok. Qed.
End Instance.
