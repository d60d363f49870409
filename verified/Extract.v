(** Extraction. Trusted beside Coq: that zarith's integers are positive, N and Z with the operations named here
    ([Zint] is zarith's module Z, named so by the build because the extracted file has a module Z of its own). [Z.ggcd] reduces every fraction. *)
Require Import Extraction ExtrOcamlBasic ExtrOcamlNatInt ExtrOcamlZBigInt ExtrOcamlString ZArith.
From NTP Require Import Spec Kernel Format.
Extract Inductive positive => "Zint.t" ["(fun p -> Zint.succ (Zint.shift_left p 1))" "(fun p -> Zint.shift_left p 1)" "Zint.one"]
  "(fun odd even one p -> if Zint.leq p Zint.one then one () else let q = Zint.shift_right p 1 in if Zint.is_odd p then odd q else even q)".
Extract Constant Pos.eqb => "Zint.equal".
Extract Constant N.eqb => "Zint.equal".
Extract Constant N.ltb => "Zint.lt".
Extract Constant N.leb => "Zint.leq".
Extract Constant Z.eqb => "Zint.equal".
Extract Constant Z.leb => "Zint.leq".
Extract Constant Z.log2 => "(fun z -> if Zint.sign z <= 0 then Zint.zero else Zint.of_int (Zint.numbits z - 1))".
Extract Constant Z.pow => "(fun z n -> if Zint.sign n < 0 then Zint.zero else Zint.pow z (Zint.to_int n))".
Extract Constant Z.gcd => "Zint.gcd".
Extract Constant Z.ggcd =>
  "(fun a b -> let g = Zint.gcd a b in if Zint.equal g Zint.zero then (Zint.zero, (Zint.zero, Zint.zero)) else (g, (Zint.divexact a g, Zint.divexact b g)))".
Extraction "kernel.ml" verdict.
