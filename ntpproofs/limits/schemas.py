"""JSON schema of what `limit --json` writes, made from the types of `language.answer_records`: nothing is said twice."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from ..language.answer_records import ComparisonRecord, EnclosedRecord, LimitRecord, PredictionsRecord

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
# Where a kind may add keys of its own.
OPEN = (LimitRecord, PredictionsRecord, ComparisonRecord)


def answer_schema() -> dict[str, Any]:
    """The schema that every answer of `limit --json` satisfies, whatever its kind.

    See also: `language.answer_records`, where every key is explained; `limits.contract`, the laws of a kind.

    >>> schema = answer_schema()
    >>> [form["title"] for form in schema["anyOf"]]
    ['LimitRecord', 'EnclosedRecord', 'PredictionsRecord']
    >>> schema["anyOf"][0]["properties"]["dimensions"]["required"]
    ['tied', 'diverging', 'invariant']
    """
    forms = [schema_of(form) for form in (LimitRecord, EnclosedRecord, PredictionsRecord)]
    return {"$schema": DIALECT, "title": "ntpproofs limit --json", "anyOf": forms}


def schema_of(form: Any) -> dict[str, Any]:
    """The schema of a type: TypedDict, list, dict with string keys, union, words, pattern, or one of JSON's own.

    Raises `TypeError` for any other.

    >>> schema_of(dict[str, list[int | None]])
    {'type': 'object', 'additionalProperties': {'type': 'array', 'items': {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}}}
    """
    origin, parts = get_origin(form), get_args(form)
    if form in PLAIN:
        return {"type": PLAIN[form]}
    if is_typeddict(form):
        return _object(form)
    if origin is Annotated:
        return {"enum": list(parts[1])} if isinstance(parts[1], tuple) else schema_of(parts[0]) | {"pattern": parts[1]}
    if origin in (Union, UnionType):
        return {"anyOf": [schema_of(part) for part in parts]}
    if origin is list:
        return {"type": "array", "items": schema_of(parts[0])}
    if origin is dict and parts[0] is str:
        return {"type": "object", "additionalProperties": schema_of(parts[1])}
    raise TypeError(f"{form!r} has no JSON schema")


def _object(form: Any) -> dict[str, Any]:
    hints = get_type_hints(form, include_extras=True)
    optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
    properties = {name: schema_of(get_args(hint)[0] if name in optional else hint) for name, hint in hints.items()}
    found = {"title": form.__name__, "type": "object", "properties": properties, "required": [name for name in hints if name not in optional]}
    return found if form in OPEN else found | {"additionalProperties": False}
