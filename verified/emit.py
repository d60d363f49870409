"""A certificate as a Coq file whose theorem is proved by computation inside Coq: nothing extracted, no OCaml, no digest program.

python verified/emit.py CERTIFICATE.json > verified/_build/Certificate.v
cd verified/_build && coqc -Q . NTP Certificate.v
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HEADER = """Require Import List ZArith String.
From NTP Require Import Spec Format Main.
Import ListNotations.
Open Scope string_scope.
"""
FOOTER = """Lemma accepted : match check digest certificate with Some _ => true | None => false end = true.
Proof. vm_cast_no_check (eq_refl true). Qed.
Theorem proved : exists D claims, check digest certificate = Some (D, claims) /\\ forall c, In c claims -> holds_real D c.
Proof.
  pose proof accepted as H. destruct (check digest certificate) as [[D claims]|] eqn:E; [|discriminate].
  exists D, claims. split; [reflexivity|]. exact (check_sound_real digest certificate D claims E).
Qed.
"""


def term(value: Any) -> str:
    """A JSON value as a term of the type `json` of Format.v."""
    if value is None or isinstance(value, bool):
        return "Null" if value is None else f"(Truth {str(value).lower()})"
    if isinstance(value, int):
        return f"(Number ({value})%Z)"
    if isinstance(value, str):
        return "(Text " + quoted(value) + ")"
    if isinstance(value, list):
        return "(Array [" + "; ".join(map(term, value)) + "])"
    return "(Object [" + "; ".join(f"({quoted(key)}, {term(entry)})" for key, entry in value.items()) + "])"


def quoted(text: str) -> str:
    """A Coq string literal."""
    return '"' + text.replace('"', '""') + '"'


def source(document: Any) -> str:
    """The Coq file of a document."""
    definitions = f"Definition digest : string := {quoted(document['digest'])}.\nDefinition certificate : json := {term(document)}.\n"
    return HEADER + definitions + FOOTER


if __name__ == "__main__":
    sys.stdout.write(source(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
