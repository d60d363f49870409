"""The verifiers: each certificate type is a theorem of the alternative, checked in exact arithmetic.

A certificate file is {"format", "instance", "certificates", "digest"}; the page "Exact certificates" of the documentation
restates every check below so that an independent verifier can be written from that page alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from .conditions import need
from .enclosure import enclosure
from .instances import Dataset, decode_dataset
from .levels import next_directions, unique_multipliers
from .programmes import norm_margin, optimal_qp, separation, strict_complementarity
from .reading import CERTIFICATE_LIMIT, brief, field, listed, only, read, require
from .systems import infeasible_system, linear_system, rank

FORMAT = "ntpproofs-certificate/3"
FIELDS = ("format", "instance", "certificates", "digest")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document without its digest, written as JSON with sorted keys and no spaces."""
    text = _text({key: value for key, value in document.items() if key != "digest"})
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _text(value: Any, depth: int = 16) -> str:
    # json.dumps refuses integers of more than 4300 digits; Decimal prints any.
    require(depth > 0, "certificate", "is nested too deeply", "no format needs more than seven levels")
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        pass
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_text(value[key], depth - 1)}" for key in sorted(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(entry, depth - 1) for entry in value) + "]"
    return str(Decimal(value)) if type(value) is int else json.dumps(value)


DATASETS = ("linear-ntp", "attention-ntp", "conditional-logit")
# Certificate types: the check, the kinds of instance it applies to, the fields beside "type".
TYPES: dict[str, tuple[Callable[[Any, Dataset], str], tuple[str, ...], tuple[str, ...]]] = {
    "separation": (separation, DATASETS, ("class", "tied", "separator", "circulation")),
    "optimal-qp": (optimal_qp, (*DATASETS, "system"), ("tied", "solution", "multipliers", "squared_norm")),
    "strict-complementarity": (strict_complementarity, DATASETS, ("tied", "solution", "multipliers", "squared_norm")),
    "norm-margin": (norm_margin, DATASETS, ("norm", "tied", "solution", "multipliers", "value")),
    "next-directions": (next_directions, DATASETS, ("tied", "levels")),
    "unique-multipliers": (unique_multipliers, DATASETS, ("tied", "solution", "multipliers", "squared_norm", "next", "witnesses")),
    "enclosure": (enclosure, DATASETS, ("tied", "separator", "circulation", "center", "normalizers", "lower", "upper", "radius")),
    "infeasible-system": (infeasible_system, (*DATASETS, "system"), ("coefficients",)),
    "linear-system": (linear_system, ("linear-ntp", "system"), ("base", "exponents", "coefficients", "relation", "solution")),
    "rank": (rank, ("system",), ("rank", "left", "right")),
}


def verify(document: Any) -> list[str]:
    """Check every certificate of a document and return, in words, what has been proved.

    Raises `InvalidInput` if the document is not a certificate, `VerificationFailed` if a check fails.
    """
    require(field(document, "format", "certificate") == FORMAT, "format", f"is not {FORMAT!r}", "write it again with this version")
    given = {name: field(document, name, "certificate") for name in FIELDS}
    only(document, FIELDS, "certificate")
    need(given["digest"] == digest(document), "the digest does not match: the file was changed")
    data = decode_dataset(given["instance"])
    proved, partitions = [], []
    for record in listed(given["certificates"], "certificates"):
        kind = field(record, "type", "certificate")
        known = isinstance(kind, str) and kind in TYPES and data.kind in TYPES[kind][1]
        require(known, "type", f"{brief(kind)} does not apply to {data.kind}", f"types: {', '.join(TYPES)}")
        check, _, fields = TYPES[kind]
        only(record, ("type", *fields), kind)
        proved.append(f"{kind}: {check(record, data)}")
        partitions += [[[int(v) for v in named] for named in record["tied"]]] if "tied" in record else []
    need(bool(proved), "there is nothing to verify")
    need(all(tied == partitions[0] for tied in partitions), "the certificates use different tied sets")
    if journal := os.environ.get("NTPPROOFS_JOURNAL"):  # what was accepted, one document a line, for another kernel to read
        with Path(journal, f"{os.getpid()}.jsonl").open("a", encoding="ascii") as lines:
            lines.write(_text(document) + "\n")
    return proved


def verify_file(path: str | Path, instance: str | Path | None = None) -> list[str]:
    """`verify` on a certificate file, which must be about the instance in the other file if one is given; reading errors are `InvalidInput`."""
    document = read(path, CERTIFICATE_LIMIT)
    proved = verify(document)
    if instance is not None:
        same = decode_dataset(read(instance)) == decode_dataset(document["instance"])
        need(same, f"the certificate is about another instance than {instance}")
    return proved
