"""The trusted kernel accepts valid certificates of every type on every kind of instance and rejects every tampered one.

A tampering changes one field of a document: every number, string, key and list entry, one after the other. With the old digest
it must always be rejected. With a new digest it must be rejected, unless the changed document is again a proof: where that is
possible the field is listed in FREE with the reason, and then the words proved must be the same and an independent route must
confirm them for the changed instance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import linprog

from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.geometry import max_margin, separation
from ntpproofs.kernel import FORMAT, decode_dataset, digest, verify, verify_file
from ntpproofs.logit.finite_part import log_odds
from ntpproofs.problems import ConditionalLogit

Document = dict[str, Any]
Key = str | int


def signed(instance: Any, *records: Any) -> Document:
    """The document of an instance and records, with its digest."""
    body = {"format": FORMAT, "instance": instance, "certificates": list(records)}
    return body | {"digest": digest(body)}


def geometry_of(instance: Any, *, odds: bool = False) -> Document:
    """The library's own separation and optimal-qp records (and the log-odds record) of an instance."""
    problem = ConditionalLogit.from_dataset(decode_dataset(instance))
    records = [separation(problem).certificate, max_margin(problem).certificate]
    return signed(instance, *records, *([log_odds(problem).certificate] if odds else []))


def ntp(embeddings: Any, *rows: str, weights: str = "", **more: Any) -> Document:
    """A linear-ntp instance from words."""
    record = {"kind": "linear-ntp", "embeddings": embeddings, "probabilities": [row.split() for row in rows], **more}
    return record | ({"weights": weights.split()} if weights else {})


FULL = ntp([["1", "0"], ["1", "1"]], "1/2 1/4 1/4", "1 0 0", weights="1/2 1/2")
INCOMPATIBLE = ntp([["1", "0"], ["2", "0"]], "3/4 1/4 0", "2/5 3/5 0", weights="1/2 1/2")
NOT_SEPARABLE = ntp([["1"], ["1"]], "1/2 1/2 0", "1/2 0 1/2")
ONE_HOT = {
    "kind": "linear-ntp",
    "embeddings": "one-hot",
    "vocabulary_size": 4,
    "probabilities": [{"entries": {"0": "1/3", "1": "2/3"}}, {"entries": {"2": 1}}],
}
ATTENTION = {
    "kind": "attention-ntp",
    "embeddings": [["1", "0"], ["0", "1"], ["1", "1"]],
    "sequences": [[1, 0], [0, 1, 0], [2, 2, 1]],
    "labels": [1, 0, 2],
}
LOGIT = {
    "kind": "conditional-logit",
    "rows": [
        {"weight": "1", "chosen": 0, "features": [["1", "0"], ["0", "0"]], "multiplicities": [1, 2]},
        {"weight": "1/2", "chosen": 0, "features": [["0", "1"], ["0", "0"], ["-1", "2"]]},
    ],
}
OVERLAP = {
    "kind": "conditional-logit",
    "rows": [{"chosen": 0, "features": [["1"], ["0"]]}, {"chosen": 1, "features": [["1"], ["0"]]}],
}
# min |w|^2 with w_1 >= 1, w_1 + w_2 >= 3/2 and w_1 = w_2: w = (1, 1), carried by the first row alone.
SYSTEM = {
    "kind": "system",
    "inequalities": [["1", "0"], ["1", "1"]],
    "bounds": ["1", "3/2"],
    "equalities": [["1", "-1"]],
    "values": ["0"],
}
CONTRADICTION = {"kind": "system", "inequalities": [["1"], ["-1"]], "bounds": ["1", "-1/2"]}
# x + y = 2, x - y = 1, 2 x = 3: dependent rows, solvable; with 2 x = 4 they are not.
EQUATIONS = {"kind": "system", "equalities": [["1", "1"], ["1", "-1"], ["2", "0"]], "values": ["2", "1", "3"]}
UNSOLVABLE = EQUATIONS | {"values": ["2", "1", "4"]}
MATRIX = {"kind": "system", "equalities": [["1", "2", "3"], ["2", "4", "6"], ["0", "1", "1"]], "values": ["0", "0", "0"]}
ZERO = {"kind": "system", "inequalities": [["0", "0"]], "bounds": ["0"]}

DOCUMENTS: dict[str, Document] = {
    "full support": geometry_of(FULL, odds=True),
    "incompatible": geometry_of(INCOMPATIBLE, odds=True),
    "not separable": geometry_of(NOT_SEPARABLE, odds=True),
    "one-hot": geometry_of(ONE_HOT, odds=True),
    "attention": geometry_of(ATTENTION),
    "conditional logit": geometry_of(LOGIT),
    "overlap": geometry_of(OVERLAP),
    # (score_1 - score_2) of context 0 plus (score_2 - score_1) of context 1 vanishes, yet both must be at least 1.
    "farkas linear-ntp": signed(NOT_SEPARABLE, {"type": "infeasible-system", "coefficients": [["0", "1", "-1"], {"entries": {"1": "-1", "2": "1"}}]}),
    "farkas logit": signed(OVERLAP, {"type": "infeasible-system", "coefficients": [["1", "-1"], ["-1", "1"]]}),
    "farkas system": signed(CONTRADICTION, {"type": "infeasible-system", "coefficients": [["1", "-1"], ["1", "-1"]]}),
    "farkas attention": signed(ATTENTION, {"type": "infeasible-system", "coefficients": [["-1", "1"], ["1", "-1"], ["0", "0"]]}),
    "programme": signed(
        SYSTEM,
        {
            "type": "optimal-qp",
            "tied": [[0], [0], [0, 1]],
            "solution": [["1", "1"]],
            "multipliers": [["2", "-2"], ["0", "0"], ["-1", "1"]],
            "squared_norm": "2",
        },
    ),
    "equations solved": signed(EQUATIONS, {"type": "linear-system", "solution": [["3/2", "1/2"]]}),
    "equations contradict": signed(UNSOLVABLE, {"type": "linear-system", "relation": [["1", "-1"], ["1", "-1"], ["-1", "1"]]}),
    "rank two": signed(
        MATRIX,
        {"type": "rank", "rank": 2, "left": [["1", "0", "0"], ["0", "0", "1"]], "right": [["1", "-2"], ["0", "1"], ["0", "0"]]},
    ),
    "rank zero": signed(ZERO, {"type": "rank", "rank": 0}),
}


def changed_scalars(value: Any) -> Iterator[Any]:
    """Other values of one scalar: plus one, another sign, a fraction; other words; other types."""
    if isinstance(value, bool):
        raise TypeError("no format has booleans")
    if isinstance(value, int):
        yield from (value + 1, value - 1, f"{2 * value + 1}/2", None, True, str(value) + "x", 1_000_003)
        if value:
            yield -value
        return
    try:
        number = Fraction(value)
    except ValueError:
        yield from ("", value + "x", value.upper(), None, 0, [value])
        for words in (CLASSES, TYPES, KINDS):
            yield from (word for word in words if value in words and word != value)
        return
    yield from (str(number + 1), str(number - 1), str(number + Fraction(1, 2)), str(number / 3 + 1), None, value + "x", "1000003")
    if number:
        yield str(-number)


CLASSES = ("overlap", "quasi-complete", "complete")
TYPES = ("separation", "optimal-qp", "infeasible-system", "linear-system", "rank")
KINDS = ("linear-ntp", "attention-ntp", "conditional-logit", "system")


def tampered(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str, Any]]:
    """(path, what was done, changed copy) for every single change of a JSON value."""
    if isinstance(value, dict):
        for key in value:
            yield (*path, key), "removed", {k: v for k, v in value.items() if k != key}
            yield (*path, key), "renamed", {(f"{k}0" if k == key else k): v for k, v in value.items()}
            for inner, what, changed in tampered(value[key], (*path, key)):
                yield inner, what, value | {key: changed}
        yield path, "extended", value | {"unknown": 1}
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield (*path, i), "removed", value[:i] + value[i + 1 :]
            yield (*path, i), "doubled", value[: i + 1] + value[i:]
            for inner, what, changed in tampered(entry, (*path, i)):
                yield inner, what, [*value[:i], changed, *value[i + 1 :]]
        yield path, "emptied", []
        yield path, "replaced", {}
        yield path, "replaced", "x"
    else:
        for other in changed_scalars(value):
            yield path, f"{value!r} -> {other!r}", other


def body_of(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "digest"}


# Where another value is a proof again, and why. Everything else must be rejected whatever the digest says.
SEPARATOR = "certificates.0.separator"  # any vector with the right signs of all margins separates
FREE: dict[str, tuple[str, ...]] = {
    # No certificate type looks at weights or multiplicities; without the field they take their defaults.
    "full support": ("instance.weights", SEPARATOR),
    "incompatible": ("instance.weights", SEPARATOR),
    "not separable": (),
    "one-hot": (SEPARATOR,),
    # A token's coordinates, repetitions inside a sequence: another dataset with the same geometry.
    "attention": ("instance.embeddings", "instance.sequences", SEPARATOR),
    "conditional logit": (
        "instance.rows.0.weight",
        "instance.rows.1.weight",
        "instance.rows.0.multiplicities",
        "instance.rows.0.features",  # a row off the support: only its sign matters
        SEPARATOR,
    ),
    "overlap": (),
    "farkas linear-ntp": (),
    "farkas logit": (),
    "farkas system": ("instance.bounds",),  # tighter bounds stay contradictory
    "farkas attention": ("instance.embeddings", "instance.sequences", "instance.labels.2"),  # the third sequence is not used
    "programme": ("instance.inequalities.1", "instance.bounds.1"),  # the second inequality is slack
    "equations solved": (),
    "equations contradict": ("instance.values",),  # almost every right side contradicts the relation
    "rank two": ("instance.equalities.2.2", "instance.values"),  # the two factors avoid this entry; right sides are not used
    "rank zero": ("instance.inequalities", "instance.bounds"),
}


@pytest.fixture(params=DOCUMENTS, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_valid_documents_are_accepted(name: str) -> None:
    document = DOCUMENTS[name]
    proved = verify(document)
    assert [claim.split(":")[0] for claim in proved] == [record["type"] for record in document["certificates"]]
    assert verify(json.loads(json.dumps(document))) == proved


def test_documents_survive_a_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(DOCUMENTS[name], indent=2), encoding="utf-8")
    assert verify_file(path) == verify(DOCUMENTS[name])


def rejected(document: Any) -> bool:
    try:
        verify(document)
    except (VerificationFailed, InvalidInput) as error:
        assert str(error)
        return True
    return False


def test_every_change_is_rejected_under_the_old_digest(name: str) -> None:
    document = DOCUMENTS[name]
    changes = [what for what in tampered(document) if json.dumps(what[2]) != json.dumps(document)]
    assert len(changes) > 100
    assert [(path, what) for path, what, changed in changes if not rejected(changed)] == []


def test_every_change_of_the_digest_is_rejected(name: str) -> None:
    document = DOCUMENTS[name]
    stamp = document["digest"]
    others = ["", stamp[:-1], stamp + "0", stamp.upper(), stamp[:-1] + ("0" if stamp[-1] != "0" else "1"), None, 0, [stamp], stamp[7:]]
    assert all(rejected(document | {"digest": other}) for other in others)
    assert rejected(body_of(document))


def test_every_change_is_rejected_under_a_new_digest_or_proves_a_true_statement(name: str, least_norm_by_enumeration: Callable[..., Any]) -> None:
    body = body_of(DOCUMENTS[name])
    proved = verify(DOCUMENTS[name])
    used = set()
    for path, what, changed in tampered(body):
        if json.dumps(changed) == json.dumps(body) or not isinstance(changed, dict):
            continue
        document = changed | {"digest": digest(changed)}
        if rejected(document):
            continue
        dotted = ".".join(map(str, path))
        if len(path) == 2 and path[0] == "certificates":
            # One record fewer, or one of them twice: what remains proves what it proved.
            assert what in ("removed", "doubled") and set(verify(document)) <= set(proved)
            continue
        matching = [prefix for prefix in FREE[name] if dotted.startswith(prefix)]
        assert matching, (dotted, what)
        assert verify(document) == proved, (dotted, what)
        touched = [path[1]] if path[0] == "certificates" else range(len(document["certificates"]))
        assert confirmed(document, least_norm_by_enumeration, touched), (dotted, what)
        used.update(matching)
    assert used == set(FREE[name])


def confirmed(document: Document, least_norm_by_enumeration: Callable[..., Any], records: Any) -> bool:
    """Whether routes that share no code with the kernel's checks find what the given records claim true."""
    chosen = [document["certificates"][i] for i in records]
    return all(ORACLES[record["type"]](document["instance"], record, least_norm_by_enumeration) for record in chosen)


def problem_of(instance: Any) -> ConditionalLogit:
    return ConditionalLogit.from_dataset(decode_dataset(instance))


def constraints_of(instance: Any, tied: Any = None) -> tuple[list[Any], list[Any]]:
    """(inequalities, equalities) as pairs (row, bound): the programme a record speaks about, read from the raw instance."""
    if instance["kind"] == "system":
        pairs = [zip(instance.get(rows, []), instance.get(sides, [])) for rows, sides in (("inequalities", "bounds"), ("equalities", "values"))]
        unequal, equal = ([([Fraction(x) for x in row], Fraction(side)) for row, side in entries] for entries in pairs)
        return unequal, equal
    problem = problem_of(instance)
    unequal, equal = [], []
    for b, block in enumerate(problem.data.blocks):
        labels = set(block.labels)
        anchor = min(labels)
        level = labels if tied is None else set(tied[b])
        for v in range(len(block.alternatives)):
            row = [x - y for x, y in zip(problem.feature(b, anchor), problem.feature(b, v))]
            if v != anchor:
                (equal if v in level else unequal).append((row, Fraction(v not in level)))
    return unequal, equal


def true_separation(instance: Any, record: Any, _: Any) -> bool:
    found = separation(problem_of(instance))
    return [sorted(inside) for inside in found.tied_sets] == record["tied"] and found.kind == record["class"]


def true_programme(instance: Any, record: Any, least_norm_by_enumeration: Callable[..., Any]) -> bool:
    solution = least_norm_by_enumeration(*constraints_of(instance, record["tied"]))
    width = len(record["solution"])
    written = [[Fraction(x) for x in _dense(column, len(solution) // width)] for column in record["solution"]]
    return solution == [written[k][i] for i in range(len(solution) // width) for k in range(width)]


def _dense(column: Any, length: int) -> list[Any]:
    return column if isinstance(column, list) else [column["entries"].get(str(i), column.get("default", 0)) for i in range(length)]


def true_infeasibility(instance: Any, record: Any, _: Any) -> bool:
    unequal, equal = constraints_of(instance)
    a, b = np.array([row for row, _ in unequal], dtype=float), np.array([bound for _, bound in unequal], dtype=float)
    e = np.array([row for row, _ in equal], dtype=float) if equal else None
    found = linprog(np.zeros(a.shape[1]), A_ub=-a, b_ub=-b, A_eq=e, b_eq=[float(x) for _, x in equal] if equal else None, bounds=(None, None))
    return bool(found.status == 2)


def true_linear_system(instance: Any, record: Any, _: Any) -> bool:
    if instance["kind"] == "linear-ntp":
        return log_odds(problem_of(instance)).compatible == ("coefficients" in record)
    matrix, sides = sp.Matrix(_rationals(instance["equalities"])), sp.Matrix(_rationals([[x] for x in instance["values"]]))
    solvable = matrix.rank() == matrix.row_join(sides).rank()
    return bool(solvable == ("solution" in record))


def _rationals(rows: Any) -> Any:
    return [[sp.Rational(x) for x in row] for row in rows]


def true_rank(instance: Any, record: Any, _: Any) -> bool:
    return bool(sp.Matrix(_rationals([*instance.get("inequalities", []), *instance.get("equalities", [])])).rank() == record["rank"])


ORACLES = {
    "separation": true_separation,
    "optimal-qp": true_programme,
    "infeasible-system": true_infeasibility,
    "linear-system": true_linear_system,
    "rank": true_rank,
}


def test_oracles_confirm_the_valid_documents(name: str, least_norm_by_enumeration: Callable[..., Any]) -> None:
    assert confirmed(DOCUMENTS[name], least_norm_by_enumeration, range(len(DOCUMENTS[name]["certificates"])))


def test_oracles_can_deny(least_norm_by_enumeration: Callable[..., Any]) -> None:
    # A wrong claim about the same instances, one per oracle.
    full, logit = DOCUMENTS["full support"], DOCUMENTS["conditional logit"]
    assert not true_separation(full["instance"], full["certificates"][0] | {"class": "complete"}, None)
    record = logit["certificates"][1]
    assert not true_programme(logit["instance"], record | {"solution": [["3", "1"]]}, least_norm_by_enumeration)
    assert not true_infeasibility(LOGIT, {}, None)
    assert not true_linear_system(EQUATIONS, {"relation": []}, None)
    assert not true_rank(MATRIX, {"rank": 3}, None)


def replaced(document: Document, path: str, value: Any) -> Document:
    """The document with one field replaced and a new digest."""
    body = json.loads(json.dumps(body_of(document)))
    *parents, last = path.split(".")
    target: Any = body
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target[key]
    target[int(last) if isinstance(target, list) else last] = value
    return signed(body["instance"], *body["certificates"])


# (document, field, value, what the kernel says): every check of every verifier, seen to fail for its own reason.
REASONS = [
    ("full support", "certificates.0.tied.0", [1, 0, 2], "not a strictly increasing list"),
    ("full support", "certificates.0.tied.0", [0, 1, 1, 2], "not a strictly increasing list"),
    ("full support", "certificates.0.tied.0", [0, 1], "misses a label"),
    ("full support", "certificates.0.separator", [["1", "0", "0"], ["2/3", "-1/3", "-1/3"]], "different scores"),
    ("full support", "certificates.0.separator", [["0", "0", "0"], ["0", "0", "0"]], "no positive margin"),
    ("full support", "certificates.0.circulation", [["0", "0", "0"], ["1", "-1", "0"]], "does not vanish"),
    ("full support", "certificates.0.circulation", [["1", "0", "0"], ["0", "0", "0"]], "do not sum to zero"),
    ("full support", "certificates.0.class", "complete", "the class is quasi-complete"),
    ("overlap", "certificates.0.circulation", [["0", "0"], ["0", "0"]], "not negative on a tied"),
    ("overlap", "certificates.0.circulation", [["-1", "1"], ["1", "-1"]], "not negative on a tied"),
    ("overlap", "certificates.0.class", "quasi-complete", "the class is overlap"),
    ("full support", "certificates.1.tied.1", [0, 1], "different scores"),
    ("full support", "certificates.1.solution", [["0", "0", "0"], ["0", "0", "0"]], "margin below 1"),
    ("full support", "certificates.1.solution", [["0", "0", "0"], ["4/3", "-2/3", "-2/3"]], "positive off the support"),
    ("full support", "certificates.1.multipliers.1", ["-2/3", "1/3", "1/3"], "wrong sign"),
    ("full support", "certificates.1.multipliers.1", ["1/2", "-1/2", "0"], "not sum c x"),
    ("full support", "certificates.1.squared_norm", "1", "the squared norm is wrong"),
    ("conditional logit", "certificates.1.multipliers.0", ["1", "-1"], "positive off the support"),
    ("programme", "certificates.0.tied.0", [0, 1], "ties its equalities only"),
    ("farkas logit", "certificates.0.coefficients", [["-1", "1"], ["1", "-1"]], "wrong sign"),
    ("farkas logit", "certificates.0.coefficients", [["0", "0"], ["0", "0"]], "combination of bounds is not positive"),
    ("farkas system", "instance.bounds", ["1", "-1"], "combination of bounds is not positive"),
    ("farkas logit", "certificates.0.coefficients", [["1", "-1"], ["0", "0"]], "does not vanish"),
    ("equations contradict", "instance.values", ["2", "1", "3"], "satisfied by the right side"),
    ("equations contradict", "certificates.0.relation", [["1", "-1"], ["0", "0"], ["0", "0"]], "does not vanish"),
    ("equations solved", "certificates.0.solution", [["3/2", "1/3"]], "the equality is not met"),
    ("incompatible", "certificates.2.relation.0", ["0", "1", "-1"], "not on a label"),
    ("incompatible", "certificates.2.relation", [["0", "0", "0"], ["0", "0", "0"]], "satisfied by the log-probabilities"),
    ("incompatible", "certificates.2.exponents.0", {"2": {}}, "not on the support"),
    ("incompatible", "certificates.2.exponents.0.0", {"0": 1, "1": 1}, "gives another probability"),
    ("incompatible", "certificates.2.exponents.0", {}, "gives another probability"),
    ("incompatible", "certificates.2.base", [2, 6, 5], "pairwise coprime"),
    ("incompatible", "certificates.2.base", [2, "9/3", "5/2"], "pairwise coprime"),
    ("incompatible", "certificates.2.base", [2, 3, -5], "pairwise coprime"),
    ("incompatible", "certificates.2.base", [2, 3, 5, 1], "pairwise coprime"),
    ("full support", "certificates.2.coefficients.0", {"0": {"0": "1/3"}, "1": {"0": "-1/3"}}, "the log-odds are not met"),
    ("full support", "certificates.2.exponents.1", {"0": {}}, "must be left out"),
    ("full support", "certificates.2.coefficients.0", {"0": {"0": "1"}}, "do not sum to zero"),
    ("full support", "certificates.2.coefficients.1", {"1": {"0": "1"}}, "not on the support"),
    ("rank two", "certificates.0.left", [["1", "0", "0"]], "wrong shape"),
    ("rank two", "certificates.0.right", [["1", "-2"], ["0", "1"]], "wrong shape"),
    ("rank two", "certificates.0.left", [["1", "0", "0"], ["0", "0", "2"]], "left A right is not the identity"),
    ("rank two", "instance.equalities.1", ["2", "4", "7"], "A right left A is not A"),
    ("rank zero", "instance.inequalities", [["0", "1"]], "A right left A is not A"),
    ("rank zero", "certificates", [], "there is nothing to verify"),
]


@pytest.mark.parametrize(("document", "path", "value", "reason"), REASONS, ids=[f"{row[0]}-{row[3]}-{i}" for i, row in enumerate(REASONS)])
def test_each_check_fails_for_its_own_reason(document: str, path: str, value: Any, reason: str) -> None:
    with pytest.raises(VerificationFailed, match=reason):
        verify(replaced(DOCUMENTS[document], path, value))


def test_a_circulation_through_separable_alternatives_proves_nothing() -> None:
    # d_1 = d_2 - d_3 with everything separable: w = (1, 0) levels alternative 1, and -d_1 + d_2 - d_3 = 0 looks like a circulation.
    instance = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["0", "0"], ["0", "-1"], ["-1", "-1"], ["-1", "0"]]}]}
    assert separation(problem_of(instance)).kind == "complete"
    record = {"type": "separation", "class": "quasi-complete", "tied": [[0, 1]], "separator": [["1", "0"]], "circulation": [["1", "-1", "1", "-1"]]}
    with pytest.raises(VerificationFailed, match="circulation is not zero on a separable"):
        verify(signed(instance, record))


def test_records_of_one_document_must_agree_on_the_tied_sets() -> None:
    # Both records are valid alone; a separation and a programme about different tied sets prove nothing together.
    instance = LOGIT | {"rows": LOGIT["rows"][:1]}
    separated = geometry_of(instance)["certificates"][0]
    levelled = {"type": "optimal-qp", "tied": [[0, 1]], "solution": [["0", "0"]], "multipliers": [["0", "0"]], "squared_norm": "0"}
    assert verify(signed(instance, separated)) and verify(signed(instance, levelled))
    with pytest.raises(VerificationFailed, match="different tied sets"):
        verify(signed(instance, separated, levelled))


@pytest.mark.parametrize("kind", [record for record in TYPES if record != "separation"])
def test_types_apply_to_their_kinds_only(kind: str) -> None:
    wrong = {"rank": FULL, "linear-system": LOGIT, "optimal-qp": MATRIX, "infeasible-system": MATRIX}[kind]
    applies = kind in ("optimal-qp", "infeasible-system")
    with pytest.raises(InvalidInput) as caught:
        verify(signed(wrong, {"type": kind}))
    assert caught.value.subject == ("certificate" if applies else "type")


def test_unknown_types_and_fields_are_refused() -> None:
    for record, subject in (({"type": "magic"}, "type"), ({"type": ["rank"]}, "type"), ({}, "certificate"), ([], "certificate")):
        with pytest.raises(InvalidInput) as caught:
            verify(signed(MATRIX, record))
        assert caught.value.subject == subject
    with pytest.raises(InvalidInput, match="unknown field"):
        verify(signed(ZERO, {"type": "rank", "rank": 0, "ranks": 1}))
    with pytest.raises(InvalidInput, match="unknown field"):
        verify(signed(ZERO | {"weights": []}, {"type": "rank", "rank": 0}))


@pytest.mark.parametrize("factor", ["2", "1/3", "1000000007", "1" + "0" * 300])
def test_a_separator_may_be_scaled(factor: str) -> None:
    document = DOCUMENTS["full support"]
    scaled = [[str(Fraction(x) * Fraction(factor)) for x in _dense(column, 3)] for column in document["certificates"][0]["separator"]]
    assert verify(replaced(document, "certificates.0.separator", scaled)) == verify(document)
    with pytest.raises(VerificationFailed, match="no positive margin"):
        verify(replaced(document, "certificates.0.separator", [[f"-{x}".replace("--", "") for x in column] for column in scaled]))


def test_sparse_forms_with_defaults_prove_the_same() -> None:
    # The same vectors written with other defaults; a default that is used by several alternatives counts for each of them.
    document = DOCUMENTS["full support"]
    proved = verify(document)
    column = {"default": "-1/3", "entries": {"0": "2/3"}}
    document = replaced(document, "certificates.0.separator.1", column)
    document = replaced(document, "certificates.1.solution.1", column)
    document = replaced(document, "certificates.1.solution.0", {"default": 1, "entries": {"0": 0, "1": 0, "2": 0}})
    document = replaced(document, "certificates.1.multipliers.1", {"default": "-1/3", "entries": {"0": "2/3"}})
    assert verify(document) == proved
    instance = {"kind": "conditional-logit", "rows": [{"chosen": y, "features": [["1"], ["0"], ["0"]]} for y in (0, 1)]}
    record = {"type": "infeasible-system", "coefficients": [{"default": "-1", "entries": {"0": 2}}, {"entries": {"0": "-2", "1": "2"}}]}
    assert verify(signed(instance, record))


@pytest.mark.parametrize("depth", [17, 300, 900, 3000])
def test_deep_nesting_is_refused(depth: int, tmp_path: Path) -> None:
    document = DOCUMENTS["rank zero"]
    path = tmp_path / "certificate.json"
    for field in ("format", "instance", "certificates"):
        path.write_text(json.dumps(document | {field: None}).replace("null", "[" * depth + "]" * depth), encoding="utf-8")
        with pytest.raises((InvalidInput, VerificationFailed)) as caught:
            verify_file(path)
        assert depth < 1000 or "nested too deeply" in str(caught.value)


def test_short_documents_cannot_ask_for_endless_work() -> None:
    with pytest.raises(VerificationFailed, match="gives another probability"):
        verify(replaced(DOCUMENTS["incompatible"], "certificates.2.exponents.0.0", {"0": 10**12, "1": -(10**12)}))
    with pytest.raises(InvalidInput, match="vocabulary_size"):
        verify(signed(ONE_HOT | {"vocabulary_size": 10**15}, {"type": "separation"}))


@pytest.mark.parametrize("quote", ['"', ""], ids=["strings", "integers"])
def test_numbers_of_five_thousand_digits_are_verified(quote: str, tmp_path: Path) -> None:
    huge = "9" * 5_000
    path = tmp_path / "certificate.json"
    # Written by hand in the canonical form (sorted keys, no spaces), so that its hash needs no JSON library.
    records, row, side = '[{"solution":[["-1"]],"type":"linear-system"}]', f"{quote}-{huge}{quote}", f"{quote}{huge}{quote}"
    instance = f'{{"equalities":[[{row}]],"kind":"system","values":[{side}]}}'
    body = f'{{"certificates":{records},"format":"{FORMAT}","instance":{instance}}}'
    stamp = "sha256:" + hashlib.sha256(body.encode()).hexdigest()
    path.write_text(f'{body[:-1]},"digest":"{stamp}"}}', encoding="utf-8")
    assert verify_file(path) == ["linear-system: the equalities are solved by the vector given"]
    path.write_text(path.read_text().replace("9" * 5_000, "9" * 4_999 + "8", 1))
    with pytest.raises(VerificationFailed, match="digest"):
        verify_file(path)
