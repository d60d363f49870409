"""Every symbol of every statement is explained once; typed proof lines agree with the formulas that were checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sympy as sp

from ntpproofs.checking.notations import notations
from ntpproofs.checking.registry import collect
from ntpproofs.language.relations import All, Equal
from ntpproofs.language.statements import Statement
from ntpproofs.rendering.documents.symbols import twice, unexplained
from ntpproofs.rendering.documents.typed import typed_sides
from ntpproofs.symbolic.formula import Formula

STATEMENTS = collect()


@pytest.mark.parametrize("area", sorted({statement.area for statement in STATEMENTS.values()}))
def test_every_symbol_of_every_statement_is_in_the_table_of_its_paper(area: str) -> None:
    assert area in notations()
    missing = {label: unexplained(entry, notations()[area]) for label, entry in STATEMENTS.items() if entry.area == area}
    assert {label: sorted(symbols) for label, symbols in missing.items() if symbols} == {}


@pytest.mark.parametrize("area", sorted(notations()))
def test_no_symbol_is_listed_twice(area: str) -> None:
    assert twice(notations()[area]) == set()


def identities(relation: Any) -> Iterator[Equal]:
    """The identities between formulas that a relation decides."""
    if isinstance(relation, All):
        for part in relation.relations:
            yield from identities(part)
    elif isinstance(relation, Equal) and isinstance(relation.left, Formula):
        yield relation


def comparable(statement: Statement) -> Iterator[tuple[str, sp.Expr, sp.Expr]]:
    """Steps whose typed line can be read and uses the letters of its formula: name, typed gap, checked gap."""
    for step in statement.steps:
        typed = typed_sides(step.latex) if step.latex and not step.on_instances else None
        checked = list(identities(step.function())) if typed is not None else []
        if typed is None or len(checked) != 1:
            continue
        right = checked[0].right
        found = checked[0].left.expression - (right.expression if isinstance(right, Formula) else right)
        if {str(x) for x in (typed[0] - typed[1]).free_symbols} == {str(x) for x in found.free_symbols}:
            yield step.name, typed[0] - typed[1], found


def test_typed_lines_say_what_was_checked() -> None:
    both = [(label, *entry) for label, statement in STATEMENTS.items() for entry in comparable(statement)]
    assert len(both) >= 9
    for label, name, typed, _ in both:
        assert Equal(Formula(typed), Formula(0)).decide().holds, f"{label}, {name}: the typed line is no identity"
