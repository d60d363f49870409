"""Instances of a user's own kinds in writing, to take away and read again: as Python text, or as what a strategy chose.

    {"python": "Pair(left=1, right=(2, 3))"}     numbers, words, tuples, lists, sets, dictionaries, and classes the conjecture file knows
    {"choices": [3, true, 0]}                    what else a strategy draws: its own choices, made again

Text is read as data: constants, displays and calls of classes by name. Nothing else in it is evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis.strategies import SearchStrategy

from ..checking.drawing import drawn
from ..checking.instances import text_of
from ..checking.kinds import kind_of, read_instance
from ..errors import InvalidInput
from ..language.statements import Statement
from ..language.strategy_arguments import domains_of

# Longer texts are no instances to take away.
LONGEST = 20_000
_KNOWN: Mapping[str, Callable[..., Any]] = {"Fraction": Fraction, "frozenset": frozenset, "set": set, "bytearray": bytearray, "complex": complex}
_REMEDY = 'copy it from the report: an instance file, {"python": "..."}, or {"choices": [...]}'


def written(problem: object, statement: Statement, choices: tuple[Any, ...] | None = None) -> dict[str, Any] | None:
    """A record that `read_written` turns into an equal instance; None where neither form does."""
    text = text_of(problem)
    if len(text) <= LONGEST and _reads_back(problem, lambda: python(text, statement)):
        return {"python": text}
    if choices is not None and all(isinstance(x, (bool, int, str)) or (isinstance(x, float) and x - x == 0) for x in choices):
        if _reads_back(problem, lambda: _made(choices, statement)):
            return {"choices": list(choices)}
    return None


def read_written(record: Any, statement: Statement) -> Any:
    """The instance of a record: of a kind, or of a user's own. Raises `InvalidInput` for anything else.

    >>> from ntpproofs import Conjecture
    >>> from ntpproofs.language.statements import as_statement
    >>> read_written({"python": "(1, [Fraction(1, 2), 'a'])"}, as_statement(Conjecture("x", instances=[None])))
    (1, [Fraction(1, 2), 'a'])
    """
    if isinstance(record, Mapping) and isinstance(record.get("python"), str):
        return python(record["python"], statement)
    if isinstance(record, Mapping) and isinstance(record.get("choices"), list):
        return _made(tuple(record["choices"]), statement)
    problem = read_instance(record)
    taken = kinds_of(statement)
    if taken and record["kind"] not in taken:
        raise of_another_kind(record["kind"], statement.label, taken)
    return problem


def of_another_kind(kind: str, label: str, taken: Sequence[str]) -> InvalidInput:
    """The refusal of an instance whose kind a statement never meets."""
    return InvalidInput("instance", f"is of the kind {kind}; {label} is about {' and '.join(taken)}", "give an instance of that kind")


def kinds_of(statement: Statement) -> list[str]:
    """The kinds that a statement's instances have, by name; none where its strategy or list does not tell.

    >>> from ntpproofs import Conjecture
    >>> from ntpproofs.language.statements import as_statement
    >>> from ntpproofs.strategies import linear_ntps, path_stars
    >>> kinds_of(as_statement(Conjecture("x", instances=linear_ntps() | path_stars())))
    ['linear-ntp', 'path-star']
    """
    source = statement.instances
    if isinstance(source, SearchStrategy):
        return sorted({domain.kind for domain in domains_of(source) or ()})
    found = [kind_of(problem) for problem in source] if isinstance(source, (list, tuple)) else []
    return sorted({kind.name for kind in found if kind is not None}) if None not in found else []


def python(text: str, statement: Statement) -> Any:
    """The object a text describes, by the names that the statement's file knows. Raises `InvalidInput` where it describes none."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise InvalidInput("instance", f"{text[:60]!r} is no Python expression", _REMEDY) from None
    try:
        return _value(tree.body, {**_KNOWN, **_names(statement)})
    except InvalidInput as error:
        raise InvalidInput("instance", f"{text[:60]!r} makes no instance ({error.reason})", _REMEDY) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise InvalidInput("instance", f"{text[:60]!r} makes no instance ({error})", _REMEDY) from None


def _names(statement: Statement) -> dict[str, Callable[..., Any]]:
    # Classes at the top level of the file, imported ones included.
    functions = [claim.function for claim in statement.claims] + [entry.decide for entry in statement.assumptions]
    spaces = [getattr(function, "__globals__", {}) for function in functions]
    return {name: value for space in spaces for name, value in space.items() if isinstance(value, type)}


def _value(node: ast.expr, names: Mapping[str, Callable[..., Any]]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return float(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _value(node.operand, names)
        return -value if isinstance(node.op, ast.USub) else +value
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        kind = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
        return kind(_value(entry, names) for entry in node.elts)
    if isinstance(node, ast.Dict):
        return {_value(key, names): _value(value, names) for key, value in zip(node.keys, node.values) if key is not None}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
        arguments = [_value(entry, names) for entry in node.args]
        return names[node.func.id](*arguments, **{word.arg: _value(word.value, names) for word in node.keywords if word.arg})
    raise InvalidInput("instance", f"holds {ast.unparse(node)[:60]!r}, which is neither a constant nor a class of the file", _REMEDY)


def _made(choices: tuple[Any, ...], statement: Statement) -> Any:
    if not isinstance(statement.instances, SearchStrategy):
        raise InvalidInput("choices", f"mean nothing to {statement.label}, which has no strategy", _REMEDY)
    found = drawn(statement.instances, Random(0), choices)
    if found is None:
        raise InvalidInput("choices", "make no instance of the strategy", _REMEDY)
    return found.problem


def _reads_back(problem: object, read: Callable[[], Any]) -> bool:
    try:
        found = read()
    except InvalidInput:
        return False
    return type(found) is type(problem) and text_of(found) == text_of(problem)
