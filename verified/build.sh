#!/bin/sh
# Compiles the proofs, prints the axioms they rest on, extracts the checker and links it: verified/_build/ntpcheck.
# Needs (Debian): coq ocaml ocaml-findlib libzarith-ocaml-dev. With CHECK=1, coqchk goes over the compiled proofs once more.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for tool in coqc coqchk ocamlfind ocamlopt; do
    command -v "$tool" >/dev/null || { echo "verified: $tool is missing: apt-get install coq ocaml ocaml-findlib libzarith-ocaml-dev" >&2; exit 3; }
done
ocamlfind query zarith >/dev/null 2>&1 || { echo "verified: zarith is missing: apt-get install libzarith-ocaml-dev" >&2; exit 3; }
mkdir -p "$here/_build"
cd "$here/_build"
cp "$here"/*.v "$here"/*.ml .
for file in Spec Sums Theorems Levels Rank Logarithms Kernel Exponential Loss Correct Sound Chains Enclosures Format Main; do coqc -q -Q . NTP "$file.v"; done
# coqchk reads, with the proofs, those of Coq's own library that they use; meanwhile the checker is extracted.
[ -z "${CHECK:-}" ] || coqchk -silent -Q . NTP NTP.Main &
checking=$!
coqc -q -Q . NTP Assumptions.v >assumptions.txt
# Four statements are closed; the one over the real numbers rests on what Coq's Reals rest on.
[ "$(grep -c '^Closed under the global context$' assumptions.txt)" = 4 ] || { cat assumptions.txt >&2; exit 1; }
expected="ClassicalDedekindReals.sig_forall_dec ClassicalDedekindReals.sig_not_dec Classical_Prop.classic FunctionalExtensionality.functional_extensionality_dep "
[ "$(grep '^[A-Za-z]' assumptions.txt | grep -v '^Closed\|^Axioms:' | sed 's/ .*//' | sort | tr '\n' ' ')" = "$expected" ] || { echo "verified: unexpected axioms" >&2; cat assumptions.txt >&2; exit 1; }
coqc -q -Q . NTP Extract.v 2>extract.txt || { cat extract.txt >&2; exit 1; }
{ echo "module Zint = Z"; cat kernel.ml; } >extracted.ml
mv extracted.ml kernel.ml
rm -f kernel.mli
ocamlfind ocamlopt -O3 -w -a -package zarith -linkpkg sha256.ml kernel.ml lexer.ml main.ml -o ntpcheck 2>ocaml.txt || { cat ocaml.txt >&2; exit 1; }
wait "$checking" || { echo "verified: coqchk does not accept the compiled proofs" >&2; exit 1; }
echo "verified: built $here/_build/ntpcheck; axioms of the statement over the reals: $expected"
