(* ntpcheck FILE ...: status 0 if every file is proved, 1 if a check fails, 2 if a file is no certificate (the worst counts).
   ntpcheck --lines: one document a line on standard input, one status a line on standard output. *)
module Zint = Z
open Kernel

let judge source =
  match Lexer.read source with
  | document -> (
      match verdict (Lexer.explode (Lexer.digest document)) document with
      | Fine (_, claims) -> (0, claims, "")
      | Failed -> (1, [], "a check fails")
      | Malformed -> (2, [], "is no certificate"))
  | exception Lexer.Refused reason -> (2, [], reason)
  | exception Stack_overflow -> (2, [], "is too large for the stack (raise it: ulimit -s unlimited)")
  | exception Out_of_memory -> (2, [], "is too large for the memory")

let class_name = function Overlap -> "overlap" | QuasiComplete -> "quasi-complete" | Complete -> "complete"

let norm_name = function L1 -> "l1" | Linf -> "l-infinity"

let words = function
  | Partition (_, k) -> "separation: the separation class is " ^ class_name k ^ ", and the tied alternatives are exactly those listed"
  | LeastNorm _ -> "optimal-qp: the solution has the least norm among vectors with level scores on tied sets and margins of at least 1"
  | StrictLeastNorm _ ->
      "strict-complementarity: the solution has the least norm among vectors with level scores on tied sets and margins of at least 1, "
      ^ "and a multiplier is positive on every pair of margin 1"
  | UniqueMultiplier _ ->
      "unique-multipliers: the solution has the least norm among vectors with level scores on tied sets and margins of at least 1, "
      ^ "and its multipliers are unique"
  | Directions (_, l) ->
      "next-directions: " ^ Zint.to_string (number l) ^ " directions, each of least norm in the programme that the one before leaves, and no pair is weak at the last"
  | Enclosed _ ->
      "enclosure: the infimum of the loss and the score differences of the finite part on the tied sets lie within the bounds given"
  | FinitePart _ -> "together: the solution of least norm of the log-odds system is the finite part"
  | LeastInNorm (n, _, _, _) ->
      "norm-margin: the solution has the least " ^ norm_name n ^ " norm among vectors with level scores on tied sets and margins of at least 1"
  | MarginInNorm (n, _, _) ->
      "together: the solution has the least " ^ norm_name n ^ " norm with margin 0 on tied and at least 1 on separable alternatives"
  | LeastSolution _ -> "optimal-qp: the solution has the least norm among all solutions of the system"
  | MaxMargin _ -> "together: the solution is the max-margin direction: least norm with margin 0 on tied and at least 1 on separable alternatives"
  | Infeasible -> "infeasible-system: no vector levels the labels of every block and ranks the other alternatives at least 1 below them"
  | Solved _ -> "linear-system: the equalities are solved by the vector given"
  | Unsolvable -> "linear-system: the equalities have no solution"
  | Rank r -> "rank: the matrix has rank " ^ Zint.to_string r
  | Compatible _ -> "linear-system: the log-odds system is solvable, and the coefficients give its solution of least norm"
  | Incompatible -> "linear-system: the log-odds system has no solution: the dataset is not NTP-compatible"

let contents path =
  let channel = open_in_bin path in
  let text = really_input_string channel (in_channel_length channel) in
  close_in channel;
  text

let file path =
  match contents path with
  | exception Sys_error reason -> Printf.eprintf "%s: cannot be read (%s)\n" path reason; 2
  | source ->
      let status, claims, reason = judge source in
      List.iter (fun claim -> Printf.printf "%s: proved: %s\n" path (words claim)) claims;
      if status > 0 then Printf.eprintf "%s: %s: %s\n" path (if status = 1 then "rejected" else "refused") reason;
      status

let rec lines () =
  match input_line stdin with
  | line ->
      let status, _, _ = judge line in
      Printf.printf "%d\n%!" status;
      lines ()
  | exception End_of_file -> 0

let () =
  match List.tl (Array.to_list Sys.argv) with
  | [ "--lines" ] -> exit (lines ())
  | [] -> prerr_endline "ntpcheck FILE ... | ntpcheck --lines"; exit 2
  | paths -> exit (List.fold_left (fun worst path -> max worst (file path)) 0 paths)
