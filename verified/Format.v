(** The file format: a JSON value is read as an instance and records. Reading text as a JSON value and SHA-256 are the only steps outside.
    [Malformed] is a document that is no certificate (status 2), [Failed] a check that fails (status 1). *)
Require Import List NArith ZArith QArith Qreduction Bool Ascii String.
From NTP Require Import Spec Kernel.
Import ListNotations.
Open Scope string_scope.
Open Scope N_scope.

Inductive json := Null | Truth (b : bool) | Number (z : Z) | Text (s : string) | Array (l : list json) | Object (l : list (string * json)).
Inductive outcome (A : Type) := Fine (x : A) | Failed | Malformed.
Arguments Fine {A}. Arguments Failed {A}. Arguments Malformed {A}.
Definition bind {A B} (x : outcome A) (f : A -> outcome B) : outcome B := match x with Fine a => f a | Failed => Failed | Malformed => Malformed end.
Notation "'do' x <- e ; f" := (bind e (fun x => f)) (at level 200, x pattern, e at level 100, f at level 200).
Definition guard (b : bool) : outcome unit := if b then Fine tt else Malformed.
Definition need (b : bool) : outcome unit := if b then Fine tt else Failed.
Definition wanted {A} (x : option A) : outcome A := match x with Some a => Fine a | None => Malformed end.
Fixpoint each {A B} (f : A -> outcome B) (l : list A) : outcome (list B) :=
  match l with [] => Fine [] | x :: l => do y <- f x; do m <- each f l; Fine (y :: m) end.
(** the same in constant stack *)
Definition every_one {A B} (f : A -> outcome B) (l : list A) : outcome (list B) :=
  do m <- fold_left (fun acc x => do m <- acc; do y <- f x; Fine (y :: m)) l (Fine []); Fine (rev' m).

(** * 1. Numbers: an integer, or "p/q" and "p" as text with at most 200 000 digits each *)
Definition digit (c : ascii) : option Z := let n := N_of_ascii c in if (48 <=? n) && (n <=? 57) then Some (Z.of_N n - 48)%Z else None.
Fixpoint digits (s : string) (acc : Z) (count : N) : option (Z * N * string) :=
  match s with
  | String c r => match digit c with Some d => digits r (acc * 10 + d)%Z (N.succ count) | None => Some (acc, count, s) end
  | EmptyString => Some (acc, count, s)
  end.
Definition natural (s : string) : option (Z * string) :=
  match digits s 0 0 with Some (z, n, r) => if (1 <=? n) && (n <=? 200000) then Some (z, r) else None | None => None end.
Definition ratio (s : string) : option Q :=
  let '(negative, s) := match s with String "-" r => (true, r) | _ => (false, s) end in
  match natural s with
  | Some (p, r) =>
      let p := if negative then (- p)%Z else p in
      match r with
      | EmptyString => Some (inject_Z p)
      | String "/" r => match natural r with Some (Zpos q, EmptyString) => Some (Qred (p # q)) | _ => None end
      | _ => None
      end
  | None => None
  end.
Definition scalar (j : json) : outcome Q := match j with Number z => Fine (inject_Z z) | Text s => wanted (ratio s) | _ => Malformed end.
Definition positive_scalar (j : json) : outcome Q := do x <- scalar j; do _ <- guard (qpos x); Fine x.
(** an index below n: an integer, or its decimal text without leading zeros and with at most 18 digits (keys are text) *)
Definition canonical (s : string) : option N :=
  match s with
  | String "0" EmptyString => Some 0
  | String "0" _ => None
  | _ => match digits s 0 0 with Some (z, n, EmptyString) => if (1 <=? n) && (n <=? 18) then Some (Z.to_N z) else None | _ => None end
  end.
Definition index_text (n : N) (s : string) : outcome N := do i <- wanted (canonical s); do _ <- guard (i <? n); Fine i.
Definition index_below (n : N) (j : json) : outcome N :=
  match j with Number z => do _ <- guard (0 <=? z)%Z; do _ <- guard (Z.to_N z <? n); Fine (Z.to_N z) | Text s => index_text n s | _ => Malformed end.

(** * 2. Lists, objects, vectors, matrices *)
Definition array (j : json) : outcome (list json) := match j with Array l => Fine l | _ => Malformed end.
Definition array_of (n : N) (j : json) : outcome (list json) := do l <- array j; do _ <- guard (number l =? n); Fine l.
Definition object (j : json) : outcome (list (string * json)) := match j with Object l => Fine l | _ => Malformed end.
Fixpoint find (name : string) (l : list (string * json)) : option json :=
  match l with [] => None | (k, x) :: l => if String.eqb k name then Some x else find name l end.
Definition field (name : string) (l : list (string * json)) : outcome json := wanted (find name l).
(** no field twice, none that is not in the list; every document has few names, so this is linear *)
Definition only (names : list string) (l : list (string * json)) : outcome unit :=
  guard (forallb (fun kx => existsb (String.eqb (fst kx)) names) l &&
         forallb (fun name => number (filter (fun kx => String.eqb (fst kx) name) l) <=? 1) names).

Definition dense (l : list Q) : vector :=
  Vector 0 (snd (fold_left (fun im x => (N.succ (fst im), if qzero x then snd im else insert (fst im) x (snd im))) l (0, nothing))).
(** {"index": value}: every index once *)
Definition entries {A} (n : N) (value : json -> outcome A) (l : list (string * json)) : outcome (map A) :=
  fold_left (fun acc kx => do m <- acc; do i <- index_text n (fst kx); do _ <- guard (match lookup i m with None => true | _ => false end);
                           do x <- value (snd kx); Fine (insert i x m)) l (Fine nothing).
Definition shifted (d : Q) (m : map Q) : map Q := if qzero d then m else over (fun x => qsub x d) m.
(** entries times the bits of their common denominator, as the Python kernel bounds them: sums of such numbers cost minutes *)
Fixpoint common (amount d : Z) (l : list Q) : bool :=
  match l with
  | [] => true
  | x :: l => let d := Z.lcm d (Zpos (Qden x)) in ((Z.log2 d + 1) * amount <=? 67108864)%Z && common amount d l
  end.
Definition bounded (l : list Q) : outcome unit := guard (common (Z.of_N (number l)) 1 l).
Definition vector_of (n : N) (j : json) : outcome vector :=
  match j with
  | Object l =>
      do _ <- only ["default"; "entries"] l;
      do e <- field "entries" l; do e <- object e; do m <- entries n scalar e;
      do d <- match find "default" l with Some d => scalar d | None => Fine 0%Q end;
      do _ <- bounded (List.map snd (items m)); Fine (Vector d (shifted d m))
  | _ => do l <- array_of n j; do l <- every_one scalar l; do _ <- bounded l; Fine (dense l)
  end.
(** rows of one positive length; without a given length the first one is a list that shows it *)
Definition rows_of (width : option N) (j : json) : outcome (list vector * N) :=
  do l <- array j;
  match l with
  | [] => Malformed
  | first :: _ =>
      do n <- match width with Some n => Fine n | None => do l <- array first; Fine (number l) end;
      do _ <- guard (0 <? n); do rows <- every_one (vector_of n) l; Fine (rows, n)
  end.

(** * 3. Instances *)
Definition largest_vocabulary : N := 10000000.
Definition distribution (n : N) (j : json) : outcome vector :=
  do p <- vector_of n j;
  do _ <- guard (all_below n (support p) (fun v => Qle_bool 0 (entry p v)) (Qle_bool 0 (default p)) && Qeq_bool (vsum n p) 1);
  Fine p.
Definition linear_ntp (l : list (string * json)) : outcome data :=
  do _ <- only ["kind"; "embeddings"; "probabilities"; "weights"; "vocabulary_size"] l;
  do p <- field "probabilities" l; do p <- array p;
  match p with
  | [] => Malformed
  | first :: _ =>
      let m := number p in
      do V <- match find "vocabulary_size" l with
              | Some (Number z) => do _ <- guard ((1 <=? z)%Z && (Z.to_N z <=? largest_vocabulary)); Fine (Z.to_N z)
              | Some _ => Malformed
              | None => do f <- array first; do _ <- guard (0 <? number f); Fine (number f)
              end;
      do w <- match find "weights" l with
              | Some w => do w <- array_of m w; do w <- every_one positive_scalar w; do _ <- guard (Qeq_bool (fold_left qadd w 0%Q) 1); Fine w
              | None => Fine (List.map (fun _ => Qred (1 / qnat m)) p)
              end;
      do e <- field "embeddings" l;
      do hd <- match e with
               | Text s => do _ <- guard (String.eqb s "one-hot"); Fine (List.map (fun j => Vector 0 (insert j 1%Q nothing)) (below m), m)
               | _ => do _ <- array_of m e; rows_of None e
               end;
      do p <- every_one (distribution V) p;
      Fine (LinearNTP V (snd hd) (combine (fst hd) p) w)
  end.
Definition attention_ntp (l : list (string * json)) : outcome data :=
  do _ <- only ["kind"; "embeddings"; "sequences"; "labels"] l;
  do e <- field "embeddings" l; do ed <- rows_of None e;
  let K := number (fst ed) in
  do s <- field "sequences" l; do s <- array s; do y <- field "labels" l; do y <- array_of (number s) y;
  do _ <- guard (0 <? number s);
  do s <- every_one (fun sy => do t <- array (fst sy); do t <- every_one (index_below K) t; do y <- index_below K (snd sy);
                               do _ <- guard (existsb (N.eqb y) t); Fine (t, y)) (combine s y);
  Fine (AttentionNTP (snd ed) (table (fst ed)) s).
Definition conditional_logit (l : list (string * json)) : outcome data :=
  do _ <- only ["kind"; "rows"] l;
  do r <- field "rows" l; do r <- array r;
  do sd <- fold_left (fun acc j => do sd <- acc; do o <- object j; do f <- field "features" o;
      do fd <- rows_of (snd sd) f;
      do _ <- only ["weight"; "chosen"; "features"; "multiplicities"] o;
      let n := number (fst fd) in
      do m <- match find "multiplicities" o with Some m => do m <- array_of n m; every_one positive_scalar m | None => Fine (List.map (fun _ => 1%Q) (fst fd)) end;
      do c <- field "chosen" o; do c <- index_below n c;
      do w <- match find "weight" o with Some w => positive_scalar w | None => Fine 1%Q end;
      Fine ((fst fd, c, (w, m)) :: fst sd, Some (snd fd))) r (Fine ([], None));
  match sd with (s, Some d) => Fine (ConditionalLogit d (List.map fst (rev' s)) (List.map snd (rev' s))) | _ => Malformed end.
Definition system_rows (width : option N) (rows values : string) (l : list (string * json)) : outcome (list (vector * Q) * option N) :=
  match find rows l with
  | None => do _ <- guard (match find values l with None => true | _ => false end); Fine ([], width)
  | Some r =>
      do ad <- rows_of width r; do b <- field values l; do b <- vector_of (number (fst ad)) b;
      Fine (combine (fst ad) (List.map (entry b) (below (number (fst ad)))), Some (snd ad))
  end.
Definition system (l : list (string * json)) : outcome data :=
  do _ <- only ["kind"; "inequalities"; "bounds"; "equalities"; "values"] l;
  do A <- system_rows None "inequalities" "bounds" l; do C <- system_rows (snd A) "equalities" "values" l;
  match snd C with Some n => Fine (System n (fst A) (fst C)) | None => Malformed end.
Definition instance (j : json) : outcome data :=
  do l <- object j; do k <- field "kind" l;
  match k with
  | Text k => if String.eqb k "linear-ntp" then linear_ntp l else if String.eqb k "attention-ntp" then attention_ntp l
              else if String.eqb k "conditional-logit" then conditional_logit l else if String.eqb k "system" then system l else Malformed
  | _ => Malformed
  end.

(** * 4. Records *)
Section Records.
Variable D : data.
Definition is_system : bool := match D with System _ _ _ => true | _ => false end.
Definition is_linear : bool := match D with LinearNTP _ _ _ _ => true | _ => false end.
Definition per_block {A} (f : block -> json -> outcome A) (j : json) : outcome (list A) :=
  do l <- array j; do p <- wanted (pairs (blocks D) l); every_one (fun bj => f (fst bj) (snd bj)) p.
Definition read_tied (l : list (string * json)) : outcome (list (list N)) :=
  do t <- field "tied" l; per_block (fun b j => do t <- array j; every_one (index_below (size b)) t) t.
Definition read_columns (name : string) (l : list (string * json)) : outcome columns :=
  do c <- field name l; do c <- array_of (width D) c; do c <- every_one (vector_of (height D)) c; Fine (table c).
Definition read_coefficients (name : string) (l : list (string * json)) : outcome (list vector) :=
  do c <- field name l; per_block (fun b => vector_of (size b)) c.
Definition accepted (c : option claim) : outcome claim := match c with Some c => Fine c | None => Failed end.

Definition separation (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "class"; "tied"; "separator"; "circulation"] l;
  do t <- read_tied l; do u <- read_columns "separator" l; do c <- read_coefficients "circulation" l; do k <- field "class" l;
  match k with
  | Text k => if String.eqb k "overlap" then accepted (check_separation D Overlap t u c)
              else if String.eqb k "quasi-complete" then accepted (check_separation D QuasiComplete t u c)
              else if String.eqb k "complete" then accepted (check_separation D Complete t u c) else Failed
  | _ => Failed
  end.
Definition optimal_qp (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "tied"; "solution"; "multipliers"; "squared_norm"] l;
  do t <- read_tied l; do u <- read_columns "solution" l; do c <- read_coefficients "multipliers" l; do s <- field "squared_norm" l; do s <- scalar s;
  accepted (if is_system then check_solution_qp D t u c s else check_qp D t u c s).
(** the same fields: the multipliers are strictly positive on every pair of margin 1 *)
Definition strict_complementarity (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "tied"; "solution"; "multipliers"; "squared_norm"] l;
  do t <- read_tied l; do u <- read_columns "solution" l; do c <- read_coefficients "multipliers" l; do s <- field "squared_norm" l; do s <- scalar s;
  accepted (check_strict D t u c s).
Definition norm_margin (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "norm"; "tied"; "solution"; "multipliers"; "value"] l;
  do t <- read_tied l; do u <- read_columns "solution" l; do c <- read_coefficients "multipliers" l; do s <- field "value" l; do s <- scalar s; do n <- field "norm" l;
  match n with
  | Text n => if String.eqb n "l1" then accepted (check_norm D L1 t u c s) else if String.eqb n "l-infinity" then accepted (check_norm D Linf t u c s) else Malformed
  | _ => Malformed
  end.
(** a separation record with a centre, normalisers and bounds *)
Definition enclosure (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "tied"; "separator"; "circulation"; "center"; "normalizers"; "lower"; "upper"; "radius"] l;
  do t <- read_tied l; do u <- read_columns "separator" l; do c <- read_coefficients "circulation" l; do m <- read_columns "center" l;
  do z <- field "normalizers" l; do z <- per_block (fun _ => scalar) z;
  do lo <- field "lower" l; do lo <- scalar lo; do up <- field "upper" l; do up <- scalar up; do r <- field "radius" l; do r <- scalar r;
  accepted (check_enclosed D t u c m z lo up r).
(** u, D, D_3, ...: an optimal-qp for every level *)
Definition next_directions (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "tied"; "levels"] l;
  do t <- read_tied l; do v <- field "levels" l; do v <- array v;
  do v <- every_one (fun j => do o <- object j; do _ <- only ["solution"; "multipliers"; "squared_norm"] o;
    do u <- read_columns "solution" o; do c <- read_coefficients "multipliers" o; do s <- field "squared_norm" o; do s <- scalar s; Fine (u, c, s)) v;
  accepted (check_directions D t v).
(** optimal-qp with a direction that shows what is weak, and a matrix for every positive multiplier that sees it alone *)
Definition unique_multipliers (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "tied"; "solution"; "multipliers"; "squared_norm"; "next"; "witnesses"] l;
  do t <- read_tied l; do u <- read_columns "solution" l; do c <- read_coefficients "multipliers" l; do s <- field "squared_norm" l; do s <- scalar s;
  do d <- read_columns "next" l; do w <- field "witnesses" l; do w <- array w;
  do w <- every_one (fun j => do o <- object j; do _ <- only ["block"; "alternative"; "matrix"] o;
    do b <- field "block" o; do b <- index_below (number (blocks D)) b; do x <- wanted (nth_error (blocks D) (N.to_nat b));
    do v <- field "alternative" o; do v <- index_below (size x) v; do m <- read_columns "matrix" o; Fine (b, v, m)) w;
  accepted (check_unique D t u c s d w).
Definition infeasible_system (l : list (string * json)) : outcome claim :=
  do _ <- only ["type"; "coefficients"] l; do c <- read_coefficients "coefficients" l; accepted (check_infeasible D c).
Definition read_base (l : list (string * json)) : outcome (list positive) :=
  do b <- field "base" l; do b <- array b; do b <- every_one scalar b;
  every_one (fun g => match Qred g with (Zpos p # 1)%Q => Fine p | _ => Failed end) b.
(** one object per block, from tokens of the support to vectors over the base, written as {"index": value} and not zero *)
Definition read_over_base (name : string) (n : N) (l : list (string * json)) : outcome (list (map vector)) :=
  do x <- field name l;
  per_block (fun b j => match j with
    | Object o =>
        do _ <- need (forallb (fun kx => match canonical (fst kx) with Some v => is_label b v | None => false end) o);
        entries (size b) (fun e => do e <- object e; do m <- entries n scalar e; do _ <- need (existsb (fun k => negb (qzero (entry (Vector 0 m) k))) (keys m)); Fine (Vector 0 m)) o
    | _ => Failed
    end) x.
Definition linear_system (l : list (string * json)) : outcome claim :=
  match is_linear, find "relation" l with
  | false, Some _ => do _ <- only ["type"; "relation"] l; do c <- read_coefficients "relation" l; accepted (check_relation D c)
  | false, None => do _ <- only ["type"; "solution"] l; do u <- read_columns "solution" l; accepted (check_solution D u)
  | true, relation =>
      do b <- read_base l; do e <- read_over_base "exponents" (number b) l;
      match relation with
      | Some _ => do _ <- only ["type"; "base"; "exponents"; "relation"] l; do c <- read_coefficients "relation" l; accepted (check_incompatible D b e c)
      | None => do _ <- only ["type"; "base"; "exponents"; "coefficients"] l; do c <- read_over_base "coefficients" (number b) l; accepted (check_compatible D b e c)
      end
  end.
Definition rank (l : list (string * json)) : outcome claim :=
  let m := number (blocks D) in let n := height D in
  do r <- field "rank" l; do r <- index_below (N.succ (N.min m n)) r;
  if r =? 0 then do _ <- only ["type"; "rank"] l; accepted (check_rank D 0 nothing nothing)
  else do _ <- only ["type"; "rank"; "left"; "right"] l;
       do L <- field "left" l; do L <- rows_of (Some m) L; do R <- field "right" l; do R <- rows_of (Some r) R;
       do _ <- need ((number (fst L) =? r) && (number (fst R) =? n));
       accepted (check_rank D r (table (fst L)) (table (fst R))).
Definition record (j : json) : outcome claim :=
  do l <- object j; do k <- field "type" l;
  match k with
  | Text k =>
      if String.eqb k "separation" then if is_system then Malformed else separation l
      else if String.eqb k "optimal-qp" then optimal_qp l
      else if String.eqb k "strict-complementarity" then if is_system then Malformed else strict_complementarity l
      else if String.eqb k "norm-margin" then if is_system then Malformed else norm_margin l
      else if String.eqb k "next-directions" then if is_system then Malformed else next_directions l
      else if String.eqb k "unique-multipliers" then if is_system then Malformed else unique_multipliers l
      else if String.eqb k "enclosure" then if is_system then Malformed else enclosure l
      else if String.eqb k "infeasible-system" then infeasible_system l
      else if String.eqb k "linear-system" then if is_linear || is_system then linear_system l else Malformed
      else if String.eqb k "rank" then if is_system then rank l else Malformed
      else Malformed
  | _ => Malformed
  end.
End Records.

(** * 5. Documents *)
Definition sets_of (j : json) : option json := match j with Object l => find "tied" l | _ => None end.
Fixpoint same_list {A} (f : A -> A -> bool) (l m : list A) : bool :=
  match l, m with [], [] => true | x :: l, y :: m => f x y && same_list f l m | _, _ => false end.
Definition same_sets : list (list N) -> list (list N) -> bool := same_list (same_list N.eqb).
Definition sets_in (c : claim) : list (list (list N)) := match c with Partition T _ | LeastNorm T _ _ | StrictLeastNorm T _ _ | LeastInNorm _ T _ _ | Enclosed T _ _ _ _ | Directions T _ | UniqueMultiplier T _ _ => [T] | _ => [] end.
Definition agree (l : list claim) : bool := match flat_map sets_in l with [] => true | T :: rest => forallb (same_sets T) rest end.
(** separation and another record on the same sets: a statement in which no list of sets occurs *)
Definition together (D : data) (l : list claim) : list claim :=
  if forallb has_label (blocks D) then
    flat_map (fun c => match c with
      | Partition T _ => flat_map (fun d => match d with
          | Compatible terms => if plain D T then [FinitePart T terms] else []
          | LeastNorm T' u s | StrictLeastNorm T' u s => if same_sets T T' then [MaxMargin u s] else []
          | LeastInNorm n T' u s => if same_sets T T' then [MarginInNorm n u s] else []
          | _ => []
          end) l
      | _ => []
      end) l
  else [].
Definition format : string := "ntpproofs-certificate/3".
(** the verdict on a document whose digest, computed outside, is [digest] *)
Definition verdict (digest : string) (j : json) : outcome (data * list claim) :=
  do l <- object j; do f <- field "format" l;
  do _ <- guard (match f with Text s => String.eqb s format | _ => false end);
  do i <- field "instance" l; do c <- field "certificates" l; do d <- field "digest" l;
  do _ <- only ["format"; "instance"; "certificates"; "digest"] l;
  do _ <- need (match d with Text s => String.eqb s digest | _ => false end);
  do D <- instance i; do c <- array c; do claims <- every_one (record D) c;
  do _ <- need (0 <? number claims); do _ <- need (agree claims);
  Fine (D, (claims ++ together D claims)%list).
(** what is proved of the instance in the document *)
Definition check (digest : string) (j : json) : option (data * list claim) := match verdict digest j with Fine r => Some r | _ => None end.
