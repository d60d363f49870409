"""No padding: a relation that a statement returns has an operand that depends on something, and no premise is a constant.

A claim with nothing to say about an instance returns `NotExercised`; `Equal(0, 0)` would count it as one more that holds. How
often claims say something is counted in `properties/test_exercised.py`, where they are evaluated.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ntpproofs import papers

ROOT = Path(papers.__file__).parent
FILES = sorted(ROOT.glob("*/theorems/**/*.py"))
RELATIONS = {"Equal", "AtMost", "Less", "Implies", "Monotone", "Invariant", "Converges", "Bounded", "Rate", "NonNegative"}
NUMBERS = {"Fraction", "Integer", "Rational", "Interval", "Measured", "Formula", "frozenset", "tuple", "int", "float", "bool"}


def is_literal(node: ast.expr) -> bool:
    """Whether an expression is built from literals alone, numbers made of literals included."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(map(is_literal, node.elts))
    if isinstance(node, ast.UnaryOp):
        return is_literal(node.operand)
    if isinstance(node, ast.BinOp):
        return is_literal(node.left) and is_literal(node.right)
    if isinstance(node, ast.Compare):
        return is_literal(node.left) and all(map(is_literal, node.comparators))
    if isinstance(node, ast.BoolOp):
        return all(map(is_literal, node.values))
    if isinstance(node, ast.Starred):
        return is_literal(node.value)
    if isinstance(node, ast.Call):
        arguments = [*node.args, *(entry.value for entry in node.keywords)]
        return name_of(node.func) in NUMBERS | RELATIONS and all(map(is_literal, arguments))
    return False


def name_of(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def padding(source: str) -> list[str]:
    """The relations of a file none of whose operands depends on anything, and implications with a constant premise."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or name_of(node.func) not in RELATIONS:
            continue
        premise = name_of(node.func) == "Implies" and node.args and is_literal(node.args[0])
        if premise or is_literal(node):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_relation_has_an_operand_that_depends_on_something(path: Path) -> None:
    assert padding(path.read_text(encoding="utf-8")) == []


BAD = [
    "Equal(0, 0)",
    "Equal(True, True)",
    "Equal((), ())",
    "Less(Fraction(0), Fraction(1, 2))",
    "AtMost(-1, sp.Integer(2))",
    "relations.Equal(Formula(sp.Integer(0)), Formula(sp.Integer(0)))",
    "Implies(True, Equal(left, right))",
    "Implies(False, Equal(0, 0))",
    "Monotone((1, 2, 3))",
    "Equal(frozenset(), frozenset([1, 2]) if False else 3) if False else Equal(1 + 1, 2)",
]
GOOD = [
    "Equal(case.problem.size, 0)",
    "Less(Fraction(0), value)",
    "Implies(premise, Equal(left, 0))",
    "AtMost(lower, Fraction(1, 2))",
    "Equal(len(rows), 3)",
    "Equal(Formula(left), Formula(sp.Integer(0)))",
    'NotExercised("every support has one token")',
    "All(*parts)",
]


@pytest.mark.parametrize("relation", BAD)
def test_padding_is_found(relation: str) -> None:
    source = f"def claim(case):\n    if case is None:\n        return {relation}\n    return All({relation}, Equal(case, 1))\n"
    assert len(padding(source)) >= 2


@pytest.mark.parametrize("relation", GOOD)
def test_relations_about_something_pass(relation: str) -> None:
    assert padding(f"def claim(case):\n    return {relation}\n") == []
