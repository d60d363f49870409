"""The registry: collects statements by walking modules (or a user's file) and checks that they fit together."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

from ..errors import InvalidInput, InvalidStatement
from ..language.statements import Draft, Statement
from .findings import RAISED, pass_on
from .kinds import brought_kinds
from .plugins import plugins, warn_of

# The order of areas in lists and documents; others follow by name.
AREAS = ("foundations", "linear-ntp", "attention-ntp", "mesa", "path-star", "multi-concept")


def _statements_in(module: ModuleType) -> list[Statement]:
    drafts: dict[int, Draft] = {id(value): value for value in vars(module).values() if isinstance(value, Draft)}
    return [draft.statement() for draft in drafts.values()]


def statement_modules() -> list[str]:
    """The dotted names of every statement file, `ntpproofs.papers.<paper>.theorems.<file>`, sorted (files starting with _ are not one)."""
    from .. import papers

    return _statement_files(papers)


def _statement_files(package: ModuleType) -> list[str]:
    walked = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    found = (module.name for module in walked if not module.ispkg and ".theorems." in module.name)
    return sorted(name for name in found if not name.rsplit(".", 1)[1].startswith("_"))


def collect() -> dict[str, Statement]:
    """Every statement of the library by label, in dependency order, and those that other packages bring.

    Raises `InvalidStatement` if a file does not define exactly one statement, a label occurs twice or is not made of the names of
    paper and file, `uses` names an unknown label, or the dependencies have a cycle. A package of somebody else in which any of this
    happens is left out with one warning.
    """
    found: dict[str, Statement] = {}
    for name in statement_modules():
        statement = _own_statement(name)
        found[statement.label] = statement
    found = {label: found[label] for label in dependency_order(found)}
    for entry in (entry for entry in plugins() if brought_kinds(entry)):
        try:
            every = found | _brought(entry, found)
            found = {label: every[label] for label in dependency_order(every)}
        except Exception as error:  # the code is somebody else's and may raise anything
            warn_of(entry, error)
    return found


def needed(names: Iterable[str]) -> dict[str, Statement]:
    """The statements with these labels and of these areas, and whatever they use, in the order of `collect`; no other file is imported.
    All statements for no names, and where one of the names is not of this package.

    >>> list(needed(["foundations.farkas"]))
    ['foundations.farkas']
    """
    files = {_label_of(name): name for name in statement_modules()}
    names = list(names)
    pending = [label for label in files if label in names or label.partition(".")[0] in names]
    if not names or {*names} - {*pending} - {label.partition(".")[0] for label in pending}:
        return collect()
    found: dict[str, Statement] = {}
    while pending:
        label = pending.pop()
        if label not in found:
            found[label] = _own_statement(files[label])
            pending += (used for used in found[label].uses if used in files)
    return {label: found[label] for label in dependency_order(found)}


def _own_statement(name: str) -> Statement:
    statement = _statement_of(name, {})
    if statement.label != _label_of(name):
        raise InvalidStatement(statement.label, f"is defined in the file of {_label_of(name)}", "give file and label one name")
    return statement


def _label_of(name: str) -> str:
    *_, paper, _, file = name.split(".")
    return f"{paper}.{file}".replace("_", "-")


def _statement_of(name: str, known: Mapping[str, Statement]) -> Statement:
    statements = _statements_in(importlib.import_module(name))
    if len(statements) != 1:
        raise InvalidStatement(name, f"defines {len(statements)} statements", "write one statement per file")
    (statement,) = statements
    if statement.label in known:
        raise InvalidStatement(statement.label, "is used by two files", "choose another label")
    return statement


def _brought(entry: EntryPoint, known: Mapping[str, Statement]) -> dict[str, Statement]:
    # The statements of somebody else's package, in areas of their own; a package need not have any.
    package = importlib.import_module(entry.value)
    taken = {statement.area for statement in known.values()}
    brought: dict[str, Statement] = {}
    for name in _statement_files(package):
        statement = _statement_of(name, {**known, **brought})
        if statement.area in taken:
            raise InvalidStatement(statement.label, f"is in the area {statement.area!r} of another paper", "choose an area of your own")
        brought[statement.label] = statement
    return brought


def dependency_order(statements: Mapping[str, Statement]) -> list[str]:
    """The labels so that each comes after everything it uses (ties by area, then label).

    Raises `InvalidStatement` for an unknown label in `uses` and for a cycle.
    """
    for label, statement in statements.items():
        for used in statement.uses:
            if used not in statements:
                raise InvalidStatement(label, f"uses the unknown label {used!r}", "correct the label or add the statement")
    import networkx as nx

    position = {area: i for i, area in enumerate(AREAS)}
    graph = nx.DiGraph()
    graph.add_nodes_from(statements)
    graph.add_edges_from((used, label) for label, statement in statements.items() for used in statement.uses)
    if not nx.is_directed_acyclic_graph(graph):
        inside = {label for part in nx.strongly_connected_components(graph) if len(part) > 1 for label in part} | set(nx.nodes_with_selfloops(graph))
        raise InvalidStatement(", ".join(sorted(inside)), "use one another in a cycle", "remove one dependency")
    return list(nx.lexicographical_topological_sort(graph, lambda label: (position.get(statements[label].area, len(AREAS)), label)))


def select(statements: Mapping[str, Statement], names: Iterable[str]) -> list[str]:
    """The labels named directly or by area, in dependency order; all of them for no names.

    Raises `InvalidInput` for a name that is neither, suggesting near ones.
    """
    names = list(names)
    chosen: set[str] = set()
    for name in names:
        matching = {label for label, entry in statements.items() if name in (label, entry.area)}
        if not matching:
            from difflib import get_close_matches

            known = [*sorted({entry.area for entry in statements.values()}), *statements]
            near = get_close_matches(name, known, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(near)}" if near else "see `ntpproofs list`"
            raise InvalidInput(name, "is no label and no area", hint)
        chosen |= matching
    return [label for label in statements if label in chosen or not names]


def load_file(path: str | Path) -> list[Statement]:
    """The statements of a user's Python file, in the order of their definition.

    Raises `InvalidInput` naming file and line for a syntax error, an exception at import, or a file without statements.
    """
    path = Path(path)
    name = f"ntpproofs_user_{path.stem}"
    if not path.is_file():
        raise InvalidInput(str(path), "is a directory" if path.is_dir() else "does not exist", "give a Python file")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InvalidInput(str(path), "is not a Python file", "give a file ending in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise InvalidInput(f"{path}:{error.lineno}", f"has a syntax error ({error.msg})", "correct the line") from None
    except RAISED as error:  # whatever a user's file raises becomes one message
        pass_on(error)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path.resolve()]
        where = f"{path}:{frames[-1].lineno}" if frames else str(path)
        raise InvalidInput(where, f"cannot be imported ({type(error).__name__}: {error})", "correct the line") from None
    found = _statements_in(module)
    if not found:
        raise InvalidInput(str(path), "defines no statement", "create a Conjecture and register claims on it")
    labels = [statement.label for statement in found]
    twice = next((label for i, label in enumerate(labels) if label in labels[:i]), None)
    if twice is not None:
        raise InvalidInput(str(path), f"uses the label {twice!r} twice", "give each statement its own label")
    return found
