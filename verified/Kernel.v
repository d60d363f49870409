(** The checker. Everything is computed over the rationals; what is said of all indices below n costs the entries that are written down. *)
Require Import List NArith ZArith QArith Qreduction Qround Qabs Bool FMapPositive.
From NTP Require Import Spec.
Import ListNotations.
Open Scope N_scope.

(** * 1. Rationals, sets of indices, quantifiers and sums below n *)
Definition qadd (x y : Q) : Q := Qred (x + y).
Definition qsub (x y : Q) : Q := Qred (x - y).
Definition qmul (x y : Q) : Q := Qred (x * y).
Definition qzero (x : Q) : bool := Qeq_bool x 0.
Definition qlt (x y : Q) : bool := negb (Qle_bool y x).
Definition qpos (x : Q) : bool := qlt 0 x.
Definition qnat (n : N) : Q := inject_Z (Z.of_N n).

(** the entries of a map with their indices (those below a node are base + w p - 1 for the keys p of the subtree) *)
Fixpoint walk {A} (m : map A) (base w : N) (found : list (N * A)) : list (N * A) :=
  match m with
  | PositiveMap.Leaf _ => found
  | PositiveMap.Node l x r =>
      let found := walk r (base + w) (2 * w) found in
      let found := match x with Some a => (N.pred (base + w), a) :: found | None => found end in
      walk l base (2 * w) found
  end.
Fixpoint over {A B} (f : A -> B) (m : map A) : map B :=
  match m with PositiveMap.Leaf _ => PositiveMap.Leaf _ | PositiveMap.Node l x r => PositiveMap.Node (over f l) (option_map f x) (over f r) end.
Definition items {A} (m : map A) : list (N * A) := walk m 0 1 [].
Definition keys {A} (m : map A) : list N := List.map fst (items m).
Definition set := map unit.
Definition with_keys {A} (m : map A) (s : set) : set := fold_left (fun s i => insert i tt s) (keys m) s.
Definition with_list (l : list N) (s : set) : set := fold_left (fun s i => insert i tt s) l s.
Definition member (i : N) (s : set) : bool := match lookup i s with Some _ => true | None => false end.

(** for all i < n: [test] on the members of s, and [generic] for the others if there are any *)
Definition all_below (n : N) (s : set) (test : N -> bool) (generic : bool) : bool :=
  forallb test (keys s) && (generic || (n <=? number (filter (fun i => i <? n) (keys s)))).
(** the sum of f over i < n, where f is [generic] outside s *)
Definition qsum (l : list N) (f : N -> Q) : Q := fold_left (fun a i => qadd (f i) a) l 0%Q.
Definition sum_below (n : N) (s : set) (f : N -> Q) (generic : Q) : Q :=
  let l := filter (fun i => i <? n) (keys s) in
  if qzero generic then qsum l f else qadd (qmul (qnat n) generic) (qsum l (fun i => qsub (f i) generic)).

(** ** a lower bound of exp x: halve x until it is small, 24 terms of the series, square as often; everything rounded down to p bits *)
Fixpoint power_two (p : nat) : positive := match p with O => 1%positive | S p => xO (power_two p) end.
Definition rounded (p : nat) (x : Q) : Q := let d := power_two p in Qred (Qfloor (x * inject_Z (Zpos d)) # d).
Definition over_integer (x : Q) (d : positive) : Q := Qnum x # (Qden x * d).
Fixpoint series (n : nat) (j : positive) (term y : Q) : Q :=
  match n with O => 0%Q | S n => qadd term (series n (Pos.succ j) (qmul term (over_integer y j)) y) end.
Fixpoint squared (k p : nat) (x : Q) : Q := match k with O => x | S k => squared k p (rounded p (qmul x x)) end.
Definition exp_below (x : Q) : Q :=
  let c := Z.to_N (Qfloor (Qabs x) + 1) in
  if 256 <? c then 0%Q else
  let p := N.to_nat (192 + 2 * c) in let k := N.to_nat (N.log2 c + 4) in
  let s := rounded p (series 24 1 1 (rounded p (over_integer x (power_two k)))) in
  if Qle_bool 0 s then squared k p s else 0%Q.
(** an upper bound with 448 bits behind the point; 0 if there is none *)
Definition exp_above (x : Q) : Q := let b := exp_below (- x) in if qpos b then Qopp (rounded 448 (Qopp (/ b))) else 0%Q.

(** * 2. Vectors *)
Definition support (x : vector) : set := with_keys (offsets x) nothing.
Definition vadd (c : Q) (x y : vector) : vector :=
  Vector (qadd (qmul c (default x)) (default y))
    (fold_left (fun m ix => insert (fst ix) (qadd (qmul c (snd ix)) (row (fst ix) 0%Q m)) m) (items (offsets x)) (offsets y)).
Definition vsum (n : N) (x : vector) : Q := sum_below n (support x) (entry x) (default x).
Definition vdot (n : N) (x y : vector) : Q :=
  if qzero (default x) then sum_below n (support x) (fun i => qmul (entry x i) (entry y i)) 0
  else sum_below n (with_keys (offsets y) (support x)) (fun i => qmul (entry x i) (entry y i)) (qmul (default x) (default y)).
Definition vequal (n : N) (x y : vector) : bool :=
  all_below n (with_keys (offsets y) (support x)) (fun i => Qeq_bool (entry x i) (entry y i)) (Qeq_bool (default x) (default y)).
(** indices below n at which a vector may not vanish *)
Definition active (n : N) (x : vector) : list N := if qzero (default x) then filter (fun i => i <? n) (keys (offsets x)) else below n.
(** sum over k < n of x_k M_k *)
Definition image (n : N) (x : vector) (M : map vector) : vector := fold_left (fun a k => vadd (entry x k) (row k null M) a) (active n x) null.

Section Instance.
Variable D : data.
(** * 3. Scores of a block, the matrix of a family, equality of matrices *)
Definition scores (u : columns) (b : block) : vector :=
  let image_b := image (width D) (right b) u in
  let s := match left b with None => image_b | Some rows => Vector 0 (over (fun x => vdot (height D) x image_b) rows) end in
  if qzero (constant b) then s else vadd 1 (Vector 0 (insert 1 (constant b) nothing)) s.
Definition item := (block * list N * vector)%type.
Definition adjoint (P : list item) : columns := fold_left (fun W x =>
  let b := fst (fst x) in
  let c := match left b with None => snd x | Some rows => image (size b) (snd x) rows end in
  fold_left (fun W k => insert k (vadd (entry (right b) k) c (row k null W)) W) (active (width D) (right b)) W) P nothing.
Definition equal (V W : columns) : bool := all_below (width D) (with_keys W (with_keys V nothing)) (fun k => vequal (height D) (row k null V) (row k null W)) true.
Definition square_norm (W : columns) : Q := sum_below (width D) (with_keys W nothing) (fun k => vdot (height D) (row k null W) (row k null W)) 0.

(** * 4. Conditions on one block *)
(** f (score) (coefficient) (listed) (label) for every alternative *)
Definition every (b : block) (s c : vector) (t : set) (f : Q -> Q -> bool -> bool -> bool) : bool :=
  all_below (size b) (with_keys (offsets s) (with_keys (offsets c) (with_keys (offsets (share b)) t)))
    (fun v => f (entry s v) (entry c v) (member v t) (qpos (entry (share b) v)))
    (f (default s) (default c) false (qpos (default (share b)))).
Definition is_label (b : block) (v : N) : bool := (v <? size b) && qpos (entry (share b) v).
Definition first_label (b : block) : option N :=
  match List.find (is_label b) (keys (offsets (share b))) with
  | Some v => Some v
  | None => if qpos (default (share b)) then List.find (is_label b) (below (N.succ (number (keys (offsets (share b)))))) else None
  end.
Definition has_label (b : block) : bool := match first_label b with Some v => is_label b v | None => false end.
Definition is_balanced (x : item) : bool := qzero (vsum (size (fst (fst x))) (snd x)).
Definition proper (x : item) : bool := has_label (fst (fst x)) && is_balanced x.

Fixpoint increasing (l : list N) : bool := match l with x :: (y :: _) as m => (x <? y) && increasing m | _ => true end.
Definition proper_set (x : item) : bool :=
  let '(b, t, _) := x in
  increasing t && forallb (fun v => v <? size b) t && every b null null (with_list t nothing) (fun _ _ i y => implb y i).
Definition separated (u : columns) (x : item) : bool :=
  let '(b, t, c) := x in let s := scores u b in
  match t with
  | [] => false
  | a :: _ => let l := entry s a in every b s c (with_list t nothing) (fun s c i y => if i then Qeq_bool s l && (y || qlt c 0) else qlt s l && qzero c)
  end.
Definition supported (u : columns) (x : item) : bool :=
  let '(b, t, c) := x in let s := scores u b in
  match t with
  | [] => false
  | a :: _ => let l := entry s a in every b s c (with_list t nothing) (fun s c i y =>
      if i then Qeq_bool s l else let s1 := qadd s 1 in Qle_bool s1 l && Qle_bool c 0 && (qzero c || Qeq_bool s1 l))
  end.
Definition refuting (x : item) : bool := let '(b, _, c) := x in every b null c nothing (fun _ c _ y => y || Qle_bool c 0).
Definition labels_only (x : item) : bool := let '(b, _, c) := x in every b null c nothing (fun _ c _ y => y || qzero c).
Definition gain (x : item) : Q :=
  let '(b, _, c) := x in
  sum_below (size b) (insert 1 tt (with_keys (offsets c) (support (share b))))
    (fun v => qsub (if qpos (entry (share b) v) then 0%Q else Qopp (entry c v)) (qmul (entry c v) (offset b v)))
    (if qpos (default (share b)) then 0%Q else Qopp (default c)).
Definition constants (x : item) : Q := let '(b, _, c) := x in sum_below (size b) (insert 1 tt nothing) (fun v => qmul (entry c v) (offset b v)) 0.
(** the difference of two vectors is the same on all labels *)
Definition level_labels (b : block) (s e : vector) : bool :=
  match first_label b with
  | None => false
  | Some a => let l := qsub (entry s a) (entry e a) in every b s e nothing (fun s e _ y => implb y (Qeq_bool (qsub s e) l))
  end.

(** * 5. Records *)
Fixpoint zip (B : list block) (T : list (list N)) (C : list vector) : option (list item) :=
  match B, T, C with
  | [], [], [] => Some []
  | b :: B, t :: T, c :: C => match zip B T C with Some P => Some ((b, t, c) :: P) | None => None end
  | _, _, _ => None
  end.
Definition no_sets : list (list N) := List.map (fun _ => []) (blocks D).
Definition constant_free : bool := forallb (fun b => qzero (constant b)) (blocks D).
Definition full (x : item) : bool := let '(b, t, _) := x in size b <=? number t.
Definition one (x : item) : bool := match snd (fst x) with [_] => true | _ => false end.
Definition class_of (P : list item) : class := if forallb full P then Overlap else if forallb one P then Complete else QuasiComplete.
Definition class_eqb (k l : class) : bool := match k, l with Overlap, Overlap | QuasiComplete, QuasiComplete | Complete, Complete => true | _, _ => false end.

Definition check_separation (k : class) (T : list (list N)) (u : columns) (C : list vector) : option claim :=
  match zip (blocks D) T C with
  | Some P => if forallb proper P && forallb proper_set P && forallb (separated u) P && constant_free && equal (adjoint P) nothing && class_eqb (class_of P) k
              then Some (Partition T k) else None
  | None => None
  end.
Definition check_qp (T : list (list N)) (u : columns) (C : list vector) (squared : Q) : option claim :=
  match zip (blocks D) T C with
  | Some P => if forallb proper P && forallb proper_set P && forallb (supported u) P && equal (adjoint P) u && Qeq_bool (square_norm u) squared
              then Some (LeastNorm T u squared) else None
  | None => None
  end.
(** the same with a strictly positive multiplier on every pair of margin 1 *)
Definition strict (u : columns) (x : item) : bool :=
  let '(b, t, c) := x in let s := scores u b in
  match t with
  | [] => false
  | a :: _ => let l := entry s a in every b s c (with_list t nothing) (fun s c i y => i || implb (Qeq_bool (qadd s 1) l) (qlt c 0))
  end.
Definition check_strict (T : list (list N)) (u : columns) (C : list vector) (squared : Q) : option claim :=
  match zip (blocks D) T C, check_qp T u C squared with
  | Some P, Some _ => if forallb (strict u) P then Some (StrictLeastNorm T u squared) else None
  | _, _ => None
  end.
(** least norm in l1 or l-infinity, by weak duality: a matrix of dual norm at most 1 whose multipliers sum to the norm of u *)
Definition apart (u : columns) (x : item) : bool :=
  let '(b, t, c) := x in let s := scores u b in
  match t with
  | [] => false
  | a :: _ => let l := entry s a in every b s c (with_list t nothing) (fun s c i y => if i then Qeq_bool s l else Qle_bool (qadd s 1) l && Qle_bool c 0)
  end.
Definition weight (x : item) : Q :=
  let '(b, t, c) := x in let s := with_list t nothing in
  sum_below (size b) (with_keys (offsets c) s) (fun v => if member v s then 0%Q else Qopp (entry c v)) (Qopp (default c)).
Definition qabs (x : Q) : Q := if Qle_bool 0 x then x else Qopp x.
Definition sum_of_sizes (W : columns) : Q :=
  sum_below (width D) (with_keys W nothing) (fun k => let x := row k null W in sum_below (height D) (support x) (fun i => qabs (entry x i)) (qabs (default x))) 0.
Definition sizes_at_most (r : Q) (W : columns) : bool :=
  Qle_bool 0 r && all_below (width D) (with_keys W nothing) (fun k => let x := row k null W in
    all_below (height D) (support x) (fun i => Qle_bool (qabs (entry x i)) r) (Qle_bool (qabs (default x)) r)) true.
Definition norm_at_most (n : norm) (W : columns) (r : Q) : bool := match n with L1 => Qle_bool (sum_of_sizes W) r | Linf => sizes_at_most r W end.
Definition dual (n : norm) : norm := match n with L1 => Linf | Linf => L1 end.
Definition check_norm (n : norm) (T : list (list N)) (u : columns) (C : list vector) (value : Q) : option claim :=
  match zip (blocks D) T C with
  | Some P => if forallb proper P && forallb proper_set P && forallb (apart u) P && constant_free && norm_at_most (dual n) (adjoint P) 1 && norm_at_most n u value
                 && Qeq_bool (fold_left (fun a x => qadd (weight x) a) P 0%Q) value
              then Some (LeastInNorm n T u value) else None
  | None => None
  end.
(** on the label sets themselves: the programme of a system *)
Definition label_set (x : item) : bool := let '(b, t, _) := x in every b null null (with_list t nothing) (fun _ _ i y => implb i y).
Definition check_solution_qp (T : list (list N)) (u : columns) (C : list vector) (squared : Q) : option claim :=
  match zip (blocks D) T C with
  | Some P => match check_qp T u C squared with Some _ => if forallb label_set P then Some (LeastSolution u squared) else None | None => None end
  | None => None
  end.
Definition check_infeasible (C : list vector) : option claim :=
  match zip (blocks D) no_sets C with
  | Some P => if forallb proper P && forallb refuting P && equal (adjoint P) nothing && qpos (fold_left (fun a x => qadd (gain x) a) P 0%Q)
              then Some Infeasible else None
  | None => None
  end.
Definition check_solution (u : columns) : option claim := if forallb (fun b => level_labels b (scores u b) null) (blocks D) then Some (Solved u) else None.
Definition check_relation (C : list vector) : option claim :=
  match zip (blocks D) no_sets C with
  | Some P => if forallb proper P && forallb labels_only P && equal (adjoint P) nothing && negb (qzero (fold_left (fun a x => qadd (constants x) a) P 0%Q))
              then Some Unsolvable else None
  | None => None
  end.

(** ** linear-system over a base: exponents and coefficients are vectors over the base, one for each token of a support *)
Definition base_of (base : list positive) : list (N * positive) :=
  let g := table base in List.map (fun k => (k, row k 1%positive g)) (below (number base)).
(** pairwise coprime integers above 1; the product of all that stand behind *)
Fixpoint coprime_product (l : list positive) : option Z :=
  match l with
  | [] => Some 1%Z
  | g :: l => match coprime_product l with
              | Some p => if (Pos.leb g 1 || negb (Z.eqb (Z.gcd (Zpos g) p) 1)) then None else Some (Zpos g * p)%Z
              | None => None
              end
  end.
Definition proper_base (base : list positive) : bool := match coprime_product (List.map snd (base_of base)) with Some _ => true | None => false end.
Definition slice (k : N) (X : map vector) : vector := Vector 0 (over (fun x => entry x k) X).
Fixpoint raised (side : Z -> Z) (l : list (positive * Z)) (acc : Z) : Z := match l with [] => acc | (g, n) :: l => raised side l (Z.pos g ^ Z.max (side n) 0 * acc)%Z end.
(** p is the product of g^e over the base. A power divides the numerator or the denominator, which bounds it before it is computed. *)
Definition is_product (g : map positive) (size : N) (p : Q) (x : vector) : bool :=
  let p := Qred p in
  let bits := (Z.max (Z.log2 (Qnum p)) (Z.log2 (Z.pos (Qden p))) + 1)%Z in
  let l := List.map (fun k => (row k 1%positive g, entry x k)) (keys (offsets x)) in
  qzero (default x) && forallb (fun k => k <? size) (keys (offsets x)) &&
  forallb (fun ge => Pos.eqb (Qden (Qred (snd ge))) 1 && (Z.abs (Qnum (Qred (snd ge))) * Z.log2 (Z.pos (fst ge)) <=? bits)%Z) l &&
  let powers := List.map (fun ge => (fst ge, Qnum (Qred (snd ge)))) l in
  (Qnum p * raised Z.opp powers 1 =? Z.pos (Qden p) * raised (fun n => n) powers 1)%Z.
Definition is_factorised (base : list positive) (b : block) (X : map vector) : bool :=
  let g := table base in
  all_below (size b) (with_keys X (support (share b)))
    (fun v => implb (qpos (entry (share b) v)) (is_product g (number base) (entry (share b) v) (row v null X)))
    (implb (qpos (default (share b))) (is_product g (number base) (default (share b)) null)).
Fixpoint pairs {A B} (l : list A) (m : list B) : option (list (A * B)) :=
  match l, m with
  | [], [] => Some []
  | x :: l, y :: m => match pairs l m with Some p => Some ((x, y) :: p) | None => None end
  | _, _ => None
  end.
Definition factorised (base : list positive) (E : list (map vector)) : bool :=
  proper_base base && constant_free &&
  match pairs (blocks D) E with Some p => forallb (fun bx => is_factorised base (fst bx) (snd bx)) p | None => false end.
Definition family (C : list (map vector)) (k : N) : list item := List.map (fun bx => (fst bx, [], slice k (snd bx))) (combine (blocks D) C).
Definition check_compatible (base : list positive) (E C : list (map vector)) : option claim :=
  let terms := List.map (fun kg => (kg, family C (fst kg), adjoint (family C (fst kg)))) (base_of base) in
  match pairs (blocks D) E, pairs (blocks D) C with
  | Some BE, Some _ =>
      if factorised base E && forallb (fun t =>
           let '(kg, P, W) := t in
           forallb proper P && forallb labels_only P && forallb (fun bx => level_labels (fst bx) (scores W (fst bx)) (slice (fst kg) (snd bx))) BE) terms
         && forallb has_label (blocks D)
      then Some (Compatible (List.map (fun t => let '(kg, _, W) := t in (snd kg, W)) terms)) else None
  | _, _ => None
  end.
(** sum over the blocks and alternatives of c_bv e_k(b, v) *)
Definition violation (k : N) (PX : list (item * map vector)) : Q :=
  fold_left (fun a px => qadd (vdot (size (fst (fst (fst px)))) (slice k (snd px)) (snd (fst px))) a) PX 0%Q.
Definition check_incompatible (base : list positive) (E : list (map vector)) (C : list vector) : option claim :=
  match zip (blocks D) no_sets C with
  | Some P => match pairs P E with
      | Some PX => if factorised base E && forallb proper P && forallb labels_only P && equal (adjoint P) nothing
                      && existsb (fun kg => negb (qzero (violation (fst kg) PX))) (base_of base)
                   then Some Incompatible else None
      | None => None
      end
  | None => None
  end.

(** ** programmes one below the other *)
Definition piece := (block * (list N * list N) * vector)%type.
Definition pieces (L : programme) (C : list vector) : option (list piece) := match pairs (blocks D) L with Some BL => pairs BL C | None => None end.
Definition margin_of (s : vector) (E : list N) (v : N) : Q := qsub (entry s (hd 0 E)) (entry s v).
Definition holding (u : columns) (x : piece) : bool :=
  let '(b, (E, A), c) := x in let s := scores u b in let e := with_list E nothing in let a := with_list A nothing in
  match E with [] => false | _ => true end && forallb (fun v => v <? size b) E && forallb (fun v => (v <? size b) && negb (member v e)) A && qzero (vsum (size b) c) &&
  forallb (fun v => let m := margin_of s E v in
    if member v e then qzero m
    else if member v a then Qle_bool 1 m && Qle_bool (entry c v) 0 && (qzero (entry c v) || Qeq_bool m 1) else qzero (entry c v)) (below (size b)).
Definition following (u : columns) (x : piece) : list N * list N :=
  let '(b, (E, A), c) := x in let s := scores u b in
  ((E ++ filter (fun v => qlt (entry c v) 0) A)%list, filter (fun v => qzero (entry c v) && Qeq_bool (margin_of s E v) 1) A).
Definition stationary (P : list piece) (u : columns) : bool := equal (adjoint (List.map (fun x => (fst (fst x), [], snd x)) P)) u.
Fixpoint check_chain (L : programme) (l : list (columns * list vector * Q)) : bool :=
  match l with
  | [] => forallb (fun EA => match snd EA with [] => true | _ => false end) L
  | (u, C, s) :: l => match pieces L C with
      | Some P => forallb (holding u) P && stationary P u && Qeq_bool (square_norm u) s && check_chain (List.map (following u) P) l
      | None => false
      end
  end.
Definition proper_sets (T : list (list N)) : bool :=
  match zip (blocks D) T (List.map (fun _ => null) (blocks D)) with Some P => forallb proper_set P | None => false end.
Definition check_directions (T : list (list N)) (l : list (columns * list vector * Q)) : option claim :=
  if proper_sets T && constant_free && check_chain (first D T) l then Some (Directions T (List.map (fun x => (fst (fst x), snd x)) l)) else None.
(** d is level on the level lists, level where c is negative, and below wherever c vanishes although the margin of u is 1 *)
Definition weakening (d u : columns) (x : piece) : bool :=
  let '(b, (E, A), c) := x in let s := scores d b in let t := scores u b in
  forallb (fun v => qzero (margin_of s E v)) E &&
  forallb (fun v => let m := margin_of s E v in if qlt (entry c v) 0 then qzero m else implb (Qeq_bool (margin_of t E v) 1) (qpos m)) A.
(** w has margin 1 at alternative v of block j and 0 wherever else c is negative *)
Definition dual_to (w : columns) (j v : N) (y : N * piece) : bool :=
  let '(i, (b, (E, A), c)) := y in let s := scores w b in
  forallb (fun v => qzero (margin_of s E v)) E &&
  forallb (fun v' => implb (qlt (entry c v') 0) (Qeq_bool (margin_of s E v') (if (i =? j) && (v' =? v) then 1 else 0))) A.
Definition check_unique (T : list (list N)) (u : columns) (C : list vector) (squared : Q) (d : columns) (W : list (N * N * columns)) : option claim :=
  match pieces (first D T) C with
  | Some P =>
      let Y := combine (from 0 (length P)) P in
      if proper_sets T && constant_free && forallb (holding u) P && stationary P u && Qeq_bool (square_norm u) squared && forallb (weakening d u) P
         && forallb (fun w => forallb (dual_to (snd w) (fst (fst w)) (snd (fst w))) Y) W
         && forallb (fun y => let '(j, (_, (_, A), c)) := y in forallb (fun v => implb (qlt (entry c v) 0) (existsb (fun w => (fst (fst w) =? j) && (snd (fst w) =? v)) W)) A) Y
      then Some (UniqueMultiplier T u squared) else None
  | None => None
  end.

(** ** enclosure: the circulation stands for shares p - c / weight, whose entropy bounds the loss from below; the centre bounds it from above *)
Definition measured := (item * (Q * vector))%type.
Definition share_of (x : measured) (v : N) : Q := let '((b, _, c), (a, _)) := x in qsub (entry (share b) v) (Qred (entry c v / a)).
Definition count_of (x : measured) (v : N) : Q := entry (snd (snd x)) v.
Definition fitted (x : measured) : bool :=
  let '((b, t, c), (a, n)) := x in let s := with_list t nothing in
  qpos a && Qeq_bool (vsum (size b) (share b)) 1 && all_below (size b) (support n) (fun v => qpos (entry n v)) (qpos (default n)) &&
  all_below (size b) (with_list t (with_keys (offsets c) (support (share b))))
    (fun v => member v s || (qzero (entry (share b) v) && qzero (entry c v))) (qzero (default (share b)) && qzero (default c)) &&
  forallb (fun v => qpos (share_of x v)) t.
(** at every alternative of the set: y, the score of the centre minus the normaliser, and upper bounds of exp y and exp -y (0 if there is none) *)
Definition exponentials (center : columns) (z : Q) (x : measured) : list (N * (Q * (Q * Q))) :=
  let b := fst (fst (fst x)) in let s := scores center b in
  List.map (fun v => let y := qsub (entry s v) z in (v, (y, (exp_above y, exp_above (- y))))) (snd (fst (fst x))).
Definition enclosing := (measured * list (N * (Q * (Q * Q))))%type.
Definition bounded_exponentials (x : enclosing) : bool := forallb (fun e => let '(v, (y, (up, down))) := e in qpos up && qpos down) (snd x).
Definition add_all {A} (f : A -> Q) (l : list A) : Q := fold_left (fun a x => qadd (f x) a) l 0%Q.
(** bounds of the block's loss at the centre, and of the relative entropy of its shares *)
Definition loss_bound (x : enclosing) : Q :=
  qmul (fst (snd (fst x))) (qsub (add_all (fun e => let '(v, (y, (up, down))) := e in
    qsub (qmul (count_of (fst x) v) up) (qmul (entry (share (fst (fst (fst (fst x))))) v) y)) (snd x)) 1).
Definition entropy_bound (x : enclosing) : Q :=
  qmul (fst (snd (fst x))) (qsub (add_all (fun e => let '(v, (y, (up, down))) := e in let q := share_of (fst x) v in
    qmul q (qadd y (qmul (Qred (q / count_of (fst x) v)) down))) (snd x)) 1).
Definition near (gap radius : Q) (x : enclosing) : bool :=
  forallb (fun e => let '(v, (y, (up, down))) := e in let q := share_of (fst x) v in let n := count_of (fst x) v in
    Qle_bool (128 * gap) (fst (snd (fst x)) * q * (radius * radius)) &&
    Qle_bool (n * up) ((1 + radius / 2) * ((1 - radius / 4) * q)) && Qle_bool ((1 + radius / 4) * q * down) ((1 + radius / 2) * n)) (snd x).
Definition check_enclosed (T : list (list N)) (u : columns) (C : list vector) (center : columns) (z : list Q) (lower upper radius : Q) : option claim :=
  match zip (blocks D) T C with
  | Some P => match pairs P (measure D) with
      | Some PM => match check_separation (class_of P) T u C, pairs PM z with
          | Some _, Some PMz =>
              let E := List.map (fun xz => (fst xz, exponentials center (snd xz) (fst xz))) PMz in
              if forallb fitted PM && forallb bounded_exponentials E && Qle_bool 0 radius && Qle_bool radius 2
                 && Qle_bool (add_all loss_bound E) upper && Qle_bool lower (- add_all entropy_bound E) && forallb (near (upper - lower) radius) E
              then Some (Enclosed T center lower upper radius) else None
          | _, _ => None
          end
      | None => None
      end
  | None => None
  end.
(** a dataset whose sets are its supports, every token counted once: the solution of its log-odds system is the finite part *)
Definition plain (T : list (list N)) : bool :=
  match zip (blocks D) T (List.map (fun _ => null) (blocks D)) with
  | Some P => match pairs P (measure D) with
      | Some PM => forallb proper P && forallb proper_set P && forallb fitted PM && forallb label_set P && constant_free
          && forallb (fun x => Qeq_bool (default (snd (snd x))) 1 && match offsets (snd (snd x)) with PositiveMap.Leaf _ => true | _ => false end) PM
      | None => false
      end
  | None => false
  end.

(** ** rank: left is r x m, right is n x r, both by rows *)
Definition check_rank (r : N) (L R : map vector) : option claim :=
  let A := system_matrix D in let m := number (blocks D) in let n := height D in
  let B := over (fun x => image m x A) L in
  if forallb (fun a => vequal r (image n (row a null B) R) (Vector 0 (insert a 1%Q nothing))) (below r) &&
     forallb (fun j => let x := row j null A in vequal n (image r (image n x R) B) x) (below m)
  then Some (Rank r) else None.
End Instance.
