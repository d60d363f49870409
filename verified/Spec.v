(** Everything one must believe: what an instance is, and what each certified claim says of it.

    Numbers are taken in any ordered ring [F] that contains the rationals: Q itself, the real numbers, any ordered field.
    Indices count from 0. A matrix [w] has [height D] rows and [width D] columns. *)
Require Import List NArith QArith Reals Qreals FMapPositive Orders Mergesort.
Require Import Coq.micromega.OrderedRing.
Import ListNotations.
Open Scope N_scope.

(** * 1. Vectors: every entry is [default], but for finitely many *)
Definition map := PositiveMap.t.
Definition lookup {A} (i : N) (m : map A) : option A := PositiveMap.find (N.succ_pos i) m.
Definition insert {A} (i : N) (x : A) (m : map A) : map A := PositiveMap.add (N.succ_pos i) x m.
Definition nothing {A} : map A := PositiveMap.empty A.
Record vector := Vector { default : Q; offsets : map Q }.
Definition entry (x : vector) (i : N) : Q := match lookup i (offsets x) with Some a => (default x + a)%Q | None => default x end.
Definition null : vector := Vector 0 nothing.
Definition row {A} (i : N) (absent : A) (m : map A) : A := match lookup i m with Some x => x | None => absent end.

(** the list a_0, a_1, ... as a map from its indices *)
Fixpoint numbered {A} (i : N) (l : list A) : map A := match l with [] => nothing | x :: l => insert i x (numbered (N.succ i) l) end.
Definition table {A} (l : list A) : map A := numbered 0 l.
Definition listed (l : list Q) : vector := Vector 0 (table l).
(** 0, 1, ..., n - 1 *)
Fixpoint from (i : N) (n : nat) : list N := match n with O => [] | S n => i :: from (N.succ i) n end.
Definition below (n : N) : list N := from 0 (N.to_nat n).

(** * 2. Instances *)
Inductive data :=
| LinearNTP (vocabulary d : N) (contexts : list (vector * vector)) (weights : list Q)    (* embedding h_j in R^d, distribution p_j of the next token *)
| AttentionNTP (d : N) (embeddings : map vector) (sequences : list (list N * N))         (* tokens, the last one is the query; label *)
| ConditionalLogit (d : N) (observations : list (list vector * N)) (measures : list (Q * list Q))  (* features, the chosen one; weight, multiplicities *)
| System (n : N) (inequalities equalities : list (vector * Q)).                          (* a w >= b;  a w = e *)

(** A block is one choice among [size] alternatives. Alternative v has a left factor (the basis vector e_v if [left] is None), the block
    has a right factor, and the labels are the alternatives of positive share. Alternative 1 carries a constant (zero but in systems). *)
Record block := Block { size : N; left : option (map vector); right : vector; share : vector; constant : Q }.
Definition factor (b : block) (v i : N) : Q :=
  match left b with None => if v =? i then 1%Q else 0%Q | Some rows => entry (row v null rows) i end.
Definition offset (b : block) (v : N) : Q := if v =? 1 then constant b else 0%Q.
Definition label (b : block) (v : N) : Prop := v < size b /\ (0 < entry (share b) v)%Q.
Module Order <: TotalLeBool.
  Definition t := N. Definition leb := N.leb.
  Theorem leb_total : forall x y, leb x y = true \/ leb y x = true. Proof. intros x y. destruct (N.le_ge_cases x y); [left|right]; now apply N.leb_le. Qed.
End Order.
Module Sorting := Sort Order.
Fixpoint once (l : list N) : list N := match l with x :: (y :: _) as m => if x =? y then once m else x :: once m | _ => l end.
(** the distinct tokens of a sequence, increasing *)
Definition distinct (tokens : list N) : list N := once (Sorting.sort tokens).
Definition unit_right : vector := listed [1%Q].
Definition number {A} (l : list A) : N := fold_left (fun n _ => N.succ n) l 0.
Definition blocks (D : data) : list block :=
  match D with
  | LinearNTP V _ contexts _ => List.map (fun hp => Block V None (fst hp) (snd hp) 0) contexts
  | AttentionNTP _ E sequences => List.map (fun s => let tokens := distinct (fst s) in
      Block (number tokens) (Some (table (List.map (fun t => row t null E) tokens))) (row (last (fst s) 0) null E)
            (listed (List.map (fun t => if t =? snd s then 1%Q else 0%Q) tokens)) 0) sequences
  | ConditionalLogit _ observations _ => List.map (fun o => Block (number (fst o)) (Some (table (fst o))) unit_right
            (Vector 0 (insert (snd o) 1%Q nothing)) 0) observations
  | System _ A C =>                                                                  (* a w against 0 w + b - 1;  a w and 0 w + e *)
      List.map (fun r => Block 2 (Some (table [fst r; null])) unit_right (listed [1%Q]) (snd r - 1)) A ++
      List.map (fun r => Block 2 (Some (table [fst r; null])) unit_right (listed [1%Q; 1%Q]) (snd r)) C
  end.
Definition height (D : data) : N := match D with LinearNTP V _ _ _ => V | AttentionNTP d _ _ => d | ConditionalLogit d _ _ => d | System n _ _ => n end.
Definition width (D : data) : N := match D with LinearNTP _ d _ _ => d | AttentionNTP d _ _ => d | _ => 1 end.

(** * 3. Ordered rings that contain the rationals *)
Record ordered := Ordered {
  carrier :> Type; zero : carrier; one : carrier;
  add : carrier -> carrier -> carrier; mul : carrier -> carrier -> carrier; sub : carrier -> carrier -> carrier; opp : carrier -> carrier;
  eq : carrier -> carrier -> Prop; le : carrier -> carrier -> Prop; lt : carrier -> carrier -> Prop;
  laws : SOR zero one add mul sub opp eq le lt;
  embed : Q -> carrier;
  embed_eq : forall a b, (a == b)%Q -> eq (embed a) (embed b); embed_zero : eq (embed 0) zero; embed_one : eq (embed 1) one;
  embed_add : forall a b, eq (embed (a + b)) (add (embed a) (embed b)); embed_mul : forall a b, eq (embed (a * b)) (mul (embed a) (embed b));
  embed_le : forall a b, (a <= b)%Q -> le (embed a) (embed b); embed_lt : forall a b, (a < b)%Q -> lt (embed a) (embed b) }.
Declare Scope ring_scope. Delimit Scope ring_scope with ring.
Notation "x + y" := (add _ x y) : ring_scope. Notation "x * y" := (mul _ x y) : ring_scope. Notation "x - y" := (sub _ x y) : ring_scope.
Notation "- x" := (opp _ x) : ring_scope. Notation "x == y" := (eq _ x y) : ring_scope. Notation "x <= y" := (le _ x y) : ring_scope.
Notation "x < y" := (lt _ x y) : ring_scope.
(** a rational matrix, given by its columns *)
Definition columns := map vector.
Definition element (W : columns) (i k : N) : Q := entry (row k null W) i.

Section Claims.
Variable F : ordered.
Local Open Scope ring_scope.
Fixpoint total {A} (l : list A) (f : A -> F) : F := match l with [] => zero F | x :: l => f x + total l f end.
Definition matrix := N -> N -> F.
Definition rational (W : columns) : matrix := fun i k => embed F (element W i k).

Section Instance.
Variable D : data.
(** left_v . (w right) + constant, and the squared Frobenius norm *)
Definition score (w : matrix) (b : block) (v : N) : F :=
  total (below (height D)) (fun i => total (below (width D)) (fun k => embed F (factor b v i * entry (right b) k)%Q * w i k)) + embed F (offset b v).
Definition norm2 (w : matrix) : F := total (below (height D)) (fun i => total (below (width D)) (fun k => w i k * w i k)).
Definition same (w u : matrix) : Prop := forall i k, (i < height D)%N -> (k < width D)%N -> w i k == u i k.

(** the recession cone: no alternative above a label *)
Definition recession (w : matrix) : Prop := Forall (fun b => forall y v, label b y -> (v < size b)%N -> score w b v <= score w b y) (blocks D).
(** tied: level with the labels on the whole cone; separable: strictly below them somewhere *)
Definition tied (b : block) (v : N) : Prop := forall w y, recession w -> label b y -> score w b v == score w b y.
Definition separable (b : block) (v : N) : Prop := exists w, recession w /\ forall y, label b y -> score w b v < score w b y.

(** [T] lists the tied alternatives of every block, and one vector of the cone separates all others at once *)
Definition partition (T : list (list N)) : Prop :=
  Forall2 (fun b t => forall v, (v < size b)%N -> (In v t -> tied b v) /\ (~ In v t -> separable b v)) (blocks D) T /\
  exists w, recession w /\ Forall2 (fun b t => forall y v, label b y -> (v < size b)%N -> ~ In v t -> score w b v < score w b y) (blocks D) T.
Inductive class := Overlap | QuasiComplete | Complete.
Definition overlapping : Prop := Forall (fun b => forall v, (v < size b)%N -> tied b v) (blocks D).
Definition single : Prop := Forall (fun b => forall u v, (u < size b)%N -> (v < size b)%N -> tied b u -> tied b v -> u = v) (blocks D).
Definition has_class (k : class) : Prop :=
  match k with Overlap => overlapping | Complete => ~ overlapping /\ single | QuasiComplete => ~ overlapping /\ ~ single end.

(** alternatives of the listed sets level, all others at least 1 below them *)
Definition margins (T : list (list N)) (w : matrix) : Prop :=
  Forall2 (fun b t => forall u v, (u < size b)%N -> (v < size b)%N -> In u t ->
    (In v t -> score w b v == score w b u) /\ (~ In v t -> score w b v + one F <= score w b u)) (blocks D) T.
(** u is the only vector of least norm in a set *)
Definition least (S : matrix -> Prop) (u : matrix) : Prop :=
  S u /\ forall w, S w -> norm2 u <= norm2 w /\ (norm2 w <= norm2 u -> same w u).
(** u is the sum of c_bv left_v right_b^T with sum zero in every block, and c is non-positive off the sets, zero where the margin exceeds 1 and
    strictly negative wherever it is exactly 1 *)
Definition strict_multiplier (T : list (list N)) (u : matrix) (c : list (N -> F)) : Prop :=
  Forall2 (fun bt cb => total (below (size (fst bt))) cb == zero F /\ forall a v, (v < size (fst bt))%N -> In a (snd bt) -> ~ In v (snd bt) ->
     cb v <= zero F /\ (score u (fst bt) v + one F == score u (fst bt) a -> cb v < zero F) /\
     (score u (fst bt) v + one F < score u (fst bt) a -> cb v == zero F)) (combine (blocks D) T) c /\
  forall i k, (i < height D)%N -> (k < width D)%N ->
    u i k == total (combine (blocks D) c) (fun bc => total (below (size (fst bc))) (fun v => snd bc v * embed F (factor (fst bc) v i * entry (right (fst bc)) k)%Q)).
(** programmes: in every block a list of alternatives to be level, and a list of others to be at least 1 below them; the rest is free *)
Definition programme := list (list N * list N).
Definition first (T : list (list N)) : programme :=
  List.map (fun bt => (snd bt, filter (fun v => negb (existsb (N.eqb v) (snd bt))) (below (size (fst bt))))) (combine (blocks D) T).
Definition obeys (L : programme) (w : matrix) : Prop := Forall2 (fun b l => forall a v, In a (fst l) ->
  (In v (fst l) -> score w b v == score w b a) /\ (In v (snd l) -> score w b v + one F <= score w b a)) (blocks D) L.
(** u is the sum of c_bv left_v right_b^T, where c sums to zero in every block and is, off the level list, non-positive on the other list and zero
    unless the margin is 1 *)
Definition multiplier (L : programme) (u : matrix) (c : list (N -> F)) : Prop :=
  length c = length (blocks D) /\ Forall (fun x => let '(b, (E, A), k) := x in total (below (size b)) k == zero F /\
    forall v, (v < size b)%N -> In v E \/ k v == zero F \/ (In v A /\ k v <= zero F /\ forall a, In a E -> score u b v + one F == score u b a))
    (combine (combine (blocks D) L) c) /\
  forall i k, (i < height D)%N -> (k < width D)%N -> u i k == total (combine (blocks D) c) (fun bc =>
    total (below (size (fst bc))) (fun v => snd bc v * embed F (factor (fst bc) v i * entry (right (fst bc)) k)%Q)).
(** the next programme: what is negative in some multiplier becomes level, what has margin 1 and vanishes in all of them is to be below *)
Definition next (L M : programme) (u : matrix) : Prop :=
  (exists c, multiplier L u c /\ Forall (fun x => let '(b, (E, A), (E', A'), k) := x in forall v,
     (In v E' <-> In v E \/ (In v A /\ k v < zero F)) /\
     (In v A' <-> In v A /\ k v == zero F /\ forall a, In a E -> score u b v + one F == score u b a)) (combine (combine (combine (blocks D) L) M) c)) /\
  forall c, multiplier L u c -> Forall (fun x => let '(b, (E', A'), k) := x in forall v, In v A' -> k v == zero F) (combine (combine (blocks D) M) c).
(** u, D, D_3, ...: each of least norm in the programme the one before leaves, until none is left *)
Fixpoint directions (L : programme) (l : list (columns * Q)) : Prop :=
  match l with
  | [] => Forall (fun EI => snd EI = []) L
  | (u, s) :: l => least (obeys L) (rational u) /\ norm2 (rational u) == embed F s /\ exists M, next L M (rational u) /\ directions M l
  end.
Definition unique_multiplier (L : programme) (u : matrix) : Prop := forall c c', multiplier L u c -> multiplier L u c' ->
  Forall (fun x => let '(b, (E, A), k, k') := x in forall v, In v A -> k v == k' v) (combine (combine (combine (blocks D) L) c) c').
(** N(w) <= r: the sum of the sizes of the entries (l1), the largest of them (l-infinity) *)
Inductive norm := L1 | Linf.
Definition within (n : norm) (w : matrix) (r : F) : Prop :=
  match n with
  | L1 => exists b : matrix, (forall i k, (i < height D)%N -> (k < width D)%N -> w i k <= b i k /\ - w i k <= b i k) /\
                             total (below (height D)) (fun i => total (below (width D)) (b i)) <= r
  | Linf => zero F <= r /\ forall i k, (i < height D)%N -> (k < width D)%N -> w i k <= r /\ - w i k <= r
  end.
Definition least_in (n : norm) (S : matrix -> Prop) (u : matrix) (s : F) : Prop := S u /\ within n u s /\ forall w r, S w -> within n w r -> s <= r.
(** margin exactly 0 on tied and at least 1 on all other alternatives: no list of sets enters *)
Definition margin_one (w : matrix) : Prop :=
  Forall (fun b => forall y v, label b y -> (v < size b)%N ->
    (tied b v -> score w b v == score w b y) /\ (~ tied b v -> score w b v + one F <= score w b y)) (blocks D).
(** labels level, all other alternatives at least 1 below them: for a system its rows (theorem [system_rows]) *)
Definition feasible (w : matrix) : Prop :=
  Forall (fun b => forall y v, label b y -> (v < size b)%N ->
    (label b v -> score w b v == score w b y) /\ (~ label b v -> score w b v + one F <= score w b y)) (blocks D).
(** labels level: for a system its equalities *)
Definition level (w : matrix) : Prop := Forall (fun b => forall y v, label b y -> label b v -> score w b v == score w b y) (blocks D).
End Instance.

(** rank r: the row space has a basis of r vectors (rows of B: combinations of rows of A, independent, and every row of A is one of them) *)
Definition has_rank (m n : N) (A : matrix) (r : N) : Prop := exists B L C : matrix,
  (forall a i, (a < r)%N -> (i < n)%N -> B a i == total (below m) (fun j => L a j * A j i)) /\
  (forall j i, (j < m)%N -> (i < n)%N -> A j i == total (below r) (fun a => C j a * B a i)) /\
  (forall x, (forall i, (i < n)%N -> total (below r) (fun a => x a * B a i) == zero F) -> forall a, (a < r)%N -> x a == zero F).
End Claims.
(** the matrix of a system: the first row of every block *)
Definition system_matrix (D : data) : map vector := table (List.map (fun b => match left b with Some rows => row 0 null rows | None => null end) (blocks D)).

(** * 4. Log-odds, over the real numbers *)
Definition reals : ordered.
  refine (Ordered R 0%R 1%R Rplus Rmult Rminus Ropp Logic.eq Rle Rlt RMicromega.Rsor Q2R Qeq_eqR RMicromega.Q2R_0 _ Q2R_plus Q2R_mult Qle_Rle Qlt_Rlt).
  unfold Q2R. cbn. field.
Defined.
Definition log_odds (D : data) (w : matrix reals) : Prop := Forall (fun b => forall y z, label b y -> label b z ->
  (score reals D w b y - score reals D w b z = ln (Q2R (entry (share b) y)) - ln (Q2R (entry (share b) z)))%R) (blocks D).
(** sum over k of log(g_k) W_k *)
Definition logarithmic (terms : list (positive * columns)) : matrix reals :=
  fun i k => total reals terms (fun t => (ln (IZR (Zpos (fst t))) * rational reals (snd t) i k)%R).

(** * 5. The loss, over the real numbers *)
Definition times (t : N) (l : list N) : Q := inject_Z (Z.of_N (number (filter (N.eqb t) l))).
(** the weight of every block, and how often its alternatives count relative to the label (in linear-ntp all count once) *)
Definition measure (D : data) : list (Q * vector) :=
  match D with
  | LinearNTP _ _ _ weights => List.map (fun a => (a, Vector 1 nothing)) weights
  | AttentionNTP _ _ sequences => List.map (fun s => (1 / inject_Z (Z.of_N (number sequences)),
      listed (List.map (fun t => times t (fst s) / times (snd s) (fst s)) (distinct (fst s)))))%Q sequences
  | ConditionalLogit _ observations measures => List.map (fun om => (fst (snd om),
      listed (List.map (fun n => n / List.nth (N.to_nat (snd (fst om))) (snd (snd om)) 1) (snd (snd om)))))%Q (combine observations measures)
  | System _ _ _ => []
  end.
(** the loss if every block chooses from a list of its alternatives: the sum of weight (log sum n_v exp(score_v) - sum p_v score_v) *)
Definition loss (D : data) (T : list (list N)) (w : matrix reals) : R :=
  total reals (combine (combine (blocks D) T) (measure D)) (fun x => let '(b, t, (a, n)) := x in
    (Q2R a * (ln (total reals t (fun v => Q2R (entry n v) * exp (score reals D w b v))%R) -
              total reals (below (size b)) (fun v => Q2R (entry (share b) v) * score reals D w b v)%R))%R).
Definition everything (D : data) : list (list N) := List.map (fun b => below (size b)) (blocks D).
Definition minimal (D : data) (T : list (list N)) (w : matrix reals) : Prop := forall w', (loss D T w <= loss D T w')%R.
(** the infimum of the loss lies in [lower, upper]; wherever the loss on the sets is minimal, differences of scores on a set are those of c up to radius *)
Definition enclosed (D : data) (T : list (list N)) (c : matrix reals) (lower upper radius : R) : Prop :=
  (forall w, (lower <= loss D (everything D) w)%R) /\ (forall e, (0 < e)%R -> exists w, (loss D (everything D) w <= upper + e)%R) /\
  forall w, minimal D T w -> Forall2 (fun b t => forall u v, In u t -> In v t ->
    (Rabs ((score reals D w b u - score reals D w b v) - (score reals D c b u - score reals D c b v)) <= radius)%R) (blocks D) T.

(** * 6. Claims *)
Inductive claim :=
| Partition (T : list (list N)) (k : class) | LeastNorm (T : list (list N)) (u : columns) (squared : Q) | MaxMargin (u : columns) (squared : Q)
| StrictLeastNorm (T : list (list N)) (u : columns) (squared : Q) | LeastInNorm (n : norm) (T : list (list N)) (u : columns) (value : Q)
| MarginInNorm (n : norm) (u : columns) (value : Q) | LeastSolution (u : columns) (squared : Q) | Infeasible | Solved (u : columns) | Unsolvable | Rank (r : N) | Compatible (terms : list (positive * columns)) | Incompatible
| FinitePart (T : list (list N)) (terms : list (positive * columns)) | Enclosed (T : list (list N)) (center : columns) (lower upper radius : Q)
| Directions (T : list (list N)) (l : list (columns * Q)) | UniqueMultiplier (T : list (list N)) (u : columns) (squared : Q).
Definition holds (F : ordered) (D : data) (c : claim) : Prop :=
  match c with
  | Partition T k => partition F D T /\ has_class F D k
  | LeastNorm T u s => least F D (margins F D T) (rational F u) /\ eq F (norm2 F D (rational F u)) (embed F s)
  | MaxMargin u s => least F D (margin_one F D) (rational F u) /\ eq F (norm2 F D (rational F u)) (embed F s)
  | StrictLeastNorm T u s => least F D (margins F D T) (rational F u) /\ eq F (norm2 F D (rational F u)) (embed F s) /\
                             exists c, strict_multiplier F D T (rational F u) c
  | Directions T l => directions F D (first D T) l
  | UniqueMultiplier T u s => least F D (obeys F D (first D T)) (rational F u) /\ eq F (norm2 F D (rational F u)) (embed F s) /\
                              unique_multiplier F D (first D T) (rational F u)
  | LeastInNorm n T u s => least_in F D n (margins F D T) (rational F u) (embed F s)
  | MarginInNorm n u s => least_in F D n (margin_one F D) (rational F u) (embed F s)
  | LeastSolution u s => least F D (feasible F D) (rational F u) /\ eq F (norm2 F D (rational F u)) (embed F s)
  | Infeasible => forall w, ~ feasible F D w
  | Solved u => level F D (rational F u)
  | Unsolvable => forall w, ~ level F D w
  | Rank r => has_rank F (number (blocks D)) (height D) (fun j i => embed F (entry (row j null (system_matrix D)) i)) r
  | Compatible _ | Incompatible | FinitePart _ _ | Enclosed _ _ _ _ _ => True         (* these speak of logarithms: see [holds_real] *)
  end.
Definition holds_real (D : data) (c : claim) : Prop :=
  match c with
  | Compatible terms => least reals D (log_odds D) (logarithmic terms)
  | Incompatible => forall w, ~ log_odds D w
  | FinitePart T terms => partition reals D T /\ least reals D (minimal D T) (logarithmic terms)
  | Enclosed T c lower upper radius => partition reals D T /\ enclosed D T (rational reals c) (Q2R lower) (Q2R upper) (Q2R radius)
  | c => holds reals D c
  end.
