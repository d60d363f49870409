"""What a public name raises is in its docstring: read off the syntax trees, for whatever refuses its arguments itself."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

DOORS = ("ntpproofs", *(f"ntpproofs.{door}" for door in ("problems", "geometry", "strategies", "assumptions", "invariants", "dynamics")))
# The functions that check arguments for others.
CHECKS = {"require", "require_decay", "require_switch", "check_bounds"}
ERRORS = {"InvalidInput", "TooLarge"}
INITIAL = ("__init__", "__post_init__", "_check")


def refuses(function: Any) -> bool:
    """Whether a function raises one of our errors in its own body, or has an argument checked."""
    if function.__code__.co_filename.startswith("<"):  # written by dataclasses
        return False
    calls = [node for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))) if isinstance(node, (ast.Raise, ast.Call))]
    raised = [node.exc.func for node in calls if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    called = [node.func for node in calls if isinstance(node, ast.Call)]
    return any(isinstance(name, ast.Name) and name.id in ERRORS for name in raised) or any(
        isinstance(name, ast.Name) and name.id in CHECKS for name in called
    )


def refusing(name: str, thing: Any) -> Iterator[tuple[str, str]]:
    """Names with their docstrings, of a public function or of a public class and its public methods."""
    if not inspect.isclass(thing):
        if inspect.isfunction(found := inspect.unwrap(thing)) and refuses(found):
            yield name, inspect.getdoc(thing) or ""
        return
    members = {key: inspect.unwrap(getattr(value, "__func__", value)) for key, value in vars(thing).items() if key in INITIAL or key[0] != "_"}
    own = {key: value for key, value in members.items() if inspect.isfunction(value) and value.__module__ == thing.__module__ and refuses(value)}
    if any(key in own for key in INITIAL):
        yield name, inspect.getdoc(thing) or ""
    yield from ((f"{name}.{key}", inspect.getdoc(value) or "") for key, value in own.items() if key not in INITIAL)


@pytest.mark.parametrize("door", DOORS)
def test_what_refuses_says_so(door: str) -> None:
    module = import_module(door)
    found = [pair for name in module.__all__ if callable(thing := getattr(module, name)) for pair in refusing(name, thing)]
    assert [name for name, text in found if not re.search(r"[Rr]aises\s+`", text)] == []


def test_the_probe_sees_what_refuses() -> None:
    found = [name for name, _ in refusing("GradientFlow", import_module("ntpproofs.dynamics").GradientFlow)]
    assert found == ["GradientFlow"]
