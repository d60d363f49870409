(* JSON text to the JSON values of Format.v, and back to the text whose digest a certificate carries. Strict: no floats, no comments,
   no text outside ASCII (no field of the format has any), at most 64 levels. *)
module Zint = Z
open Kernel

exception Refused of string

let refuse reason = raise (Refused reason)
let explode text = List.init (String.length text) (String.get text)

type cursor = { text : string; mutable at : int }

let peek c = if c.at < String.length c.text then c.text.[c.at] else '\000'
let next c = let x = peek c in c.at <- c.at + 1; x
let rec space c = match peek c with ' ' | '\t' | '\n' | '\r' when c.at < String.length c.text -> c.at <- c.at + 1; space c | _ -> ()
let expect c x = if c.at >= String.length c.text || next c <> x then refuse (Printf.sprintf "is not JSON (byte %d)" c.at)

let hex4 c =
  let digits = if c.at + 4 <= String.length c.text then String.sub c.text c.at 4 else "" in
  let digit x = match x with '0' .. '9' | 'a' .. 'f' | 'A' .. 'F' -> true | _ -> false in
  if digits = "" || not (List.for_all digit (explode digits)) then refuse "has a bad escape";
  c.at <- c.at + 4;
  let code = int_of_string ("0x" ^ digits) in
  if code > 127 then refuse "has text outside ASCII";
  Char.chr code

let text c =
  expect c '"';
  let b = Buffer.create 16 in
  let rec go () =
    if c.at >= String.length c.text then refuse "ends inside a text";
    match next c with
    | '"' -> ()
    | '\\' ->
        Buffer.add_char b
          (match next c with
          | ('"' | '\\' | '/') as x -> x
          | 'b' -> '\b' | 'f' -> '\012' | 'n' -> '\n' | 'r' -> '\r' | 't' -> '\t'
          | 'u' -> hex4 c
          | _ -> refuse "has a bad escape");
        go ()
    | x when x < ' ' -> refuse "has a control character inside a text"
    | x when x > '\127' -> refuse "has text outside ASCII"
    | x -> Buffer.add_char b x; go ()
  in
  go ();
  Buffer.contents b

let number c =
  let start = c.at in
  if peek c = '-' then c.at <- c.at + 1;
  let first = c.at in
  while match peek c with '0' .. '9' -> true | _ -> false do c.at <- c.at + 1 done;
  let n = c.at - first in
  if n = 0 || (n > 1 && c.text.[first] = '0') then refuse "is not JSON (a number)";
  if n > 200_000 then refuse "has a number of more than 200000 digits";
  (match peek c with '.' | 'e' | 'E' -> refuse "has a float" | _ -> ());
  Zint.of_string (String.sub c.text start (c.at - start))

let rec value depth c =
  if depth > 64 then refuse "is nested too deeply";
  space c;
  match peek c with
  | '"' -> Text (explode (text c))
  | '[' -> Array (sequence depth c ']' (value (depth + 1)))
  | '{' -> Object (sequence depth c '}' (member (depth + 1)))
  | '-' | '0' .. '9' -> Number (number c)
  | _ -> word c [ ("null", Null); ("true", Truth true); ("false", Truth false) ]

and word c = function
  | [] -> refuse (Printf.sprintf "is not JSON (byte %d)" c.at)
  | (name, found) :: rest ->
      let n = String.length name in
      if c.at + n <= String.length c.text && String.sub c.text c.at n = name then (c.at <- c.at + n; found) else word c rest

and member depth c =
  space c;
  let key = text c in
  space c; expect c ':';
  (explode key, value depth c)

and sequence : 'a. int -> cursor -> char -> (cursor -> 'a) -> 'a list = fun _ c close item ->
  expect c (if close = ']' then '[' else '{');
  space c;
  if peek c = close then (expect c close; [])
  else
    let rec go found =
      let found = item c :: found in
      space c;
      if peek c = close then (expect c close; List.rev found) else (expect c ','; go found)
    in
    go []

let read source =
  let c = { text = source; at = 0 } in
  let found = value 0 c in
  space c;
  if c.at <> String.length source then refuse "has text after the end";
  found

let implode chars = let b = Buffer.create 16 in List.iter (Buffer.add_char b) chars; Buffer.contents b

let print_text b chars =
  Buffer.add_char b '"';
  List.iter (function
    | '"' -> Buffer.add_string b "\\\"" | '\\' -> Buffer.add_string b "\\\\"
    | '\n' -> Buffer.add_string b "\\n" | '\r' -> Buffer.add_string b "\\r" | '\t' -> Buffer.add_string b "\\t"
    | '\b' -> Buffer.add_string b "\\b" | '\012' -> Buffer.add_string b "\\f"
    | x when x < ' ' || x > '~' -> Buffer.add_string b (Printf.sprintf "\\u%04x" (Char.code x))
    | x -> Buffer.add_char b x) chars;
  Buffer.add_char b '"'

(* sorted keys, separators "," and ":" *)
let rec print b = function
  | Null -> Buffer.add_string b "null"
  | Truth x -> Buffer.add_string b (string_of_bool x)
  | Number z -> Buffer.add_string b (Zint.to_string z)
  | Text s -> print_text b s
  | Array l -> Buffer.add_char b '['; List.iteri (fun i x -> if i > 0 then Buffer.add_char b ','; print b x) l; Buffer.add_char b ']'
  | Object l ->
      Buffer.add_char b '{';
      List.iteri (fun i (k, x) -> if i > 0 then Buffer.add_char b ','; print_text b k; Buffer.add_char b ':'; print b x)
        (List.sort (fun (k, _) (l, _) -> compare k l) l);
      Buffer.add_char b '}'

let digest document =
  let body = match document with Object l -> Object (List.filter (fun (k, _) -> implode k <> "digest") l) | x -> x in
  let b = Buffer.create 65536 in
  print b body;
  "sha256:" ^ Sha256.hex (Buffer.contents b)
