"""The command reference, from the command line itself, and the Python interface, one page per room of the package."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

import ntpproofs
from ntpproofs.commands import options
from ntpproofs.commands.cli import app

PACKAGE = Path(ntpproofs.__file__).parent
ROOMS = {
    "kernel": "The kernel: certificates, checked with the standard library alone",
    "exact": "Exact arithmetic: rationals, balls, linear programmes, logarithms",
    "symbolic": "Symbolic steps: formulas and index calculus",
    "language": "The language of statements: clauses, relations, verdicts, kinds",
    "logit": "Conditional logits: separation, finite part, margins",
    "dynamics": "Dynamics: flow and optimizers in log time",
    "limits": "Limits: what `limit` answers",
    "checking": "Checking: instances, claims, mutants",
    "search": "Search: counterexamples to conjectures",
    "discover": "Discovery: conjectures from instances",
    "rendering": "Rendering: reports, terminal, documents",
}
STATUSES = {"OK": "all as expected", "DIFFERS": "something differs, is refuted, or a mutant survives", "USAGE": "the input could not be used",
            "INCONCLUSIVE": "something is inconclusive or vacuous", "UNFORESEEN": "the program failed", "INTERRUPTED": "interrupted"}  # fmt: skip


def command_page() -> str:
    """Every command with its arguments and options, as the command line itself knows them."""
    group = typer.main.get_command(app)
    parts = [
        "# Commands\n",
        f"{group.help}\n",
        "Written from the command line when this page was built; `ntpproofs COMMAND --help` prints the same.\n",
    ]
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        parts.append(f"## {name}\n\n{inspect.cleandoc(command.help or '')}\n")
        parts += list(_parameters(name, command))
    parts.append("## Exit statuses\n\n| status | meaning |\n|---|---|")
    parts += [f"| {getattr(options, name)} | {meaning} |" for name, meaning in STATUSES.items()]
    return "\n".join([*parts, "| 3 | `check`: a counterexample seen in floats only |", ""])


def _parameters(name: str, command: Any) -> Iterator[str]:
    arguments = [entry for entry in command.params if entry.param_type_name == "argument"]
    usage = " ".join(["ntpproofs", name, *(entry.metavar or entry.name.upper() for entry in arguments), "[OPTIONS]"])
    yield f"```text\n{usage}\n```\n"
    yield "| option | default | meaning |\n|---|---|---|"
    for entry in command.params:
        words = ", ".join(f"`{word}`" for word in [*entry.opts, *entry.secondary_opts]) if entry not in arguments else f"`{entry.name.upper()}`"
        default = "" if entry.default is None or entry.default is False or callable(entry.default) else f"`{entry.default}`"
        default = "processors, at most 8" if entry.name == "workers" else default
        yield f"| {words} | {default} | {' '.join((entry.help or '').split()).replace('|', chr(92) + '|')} |"
    yield ""


def api_pages() -> dict[str, str]:
    """{path: text}: an overview, one page per room, one per paper."""
    rooms = {room: title for room, title in ROOMS.items() if (PACKAGE / room).is_dir()}
    papers = sorted(path.name for path in (PACKAGE / "papers").iterdir() if (path / "__init__.py").exists())
    pages = {f"api/{room}.md": _room(title, f"ntpproofs.{room}", PACKAGE / room) for room, title in rooms.items()}
    pages |= {
        f"api/papers-{paper}.md": _room(f"Paper: {paper.replace('_', ' ')}", f"ntpproofs.papers.{paper}", PACKAGE / "papers" / paper)
        for paper in papers
    }
    names = "\n".join(path.removeprefix("api/").removesuffix(".md") for path in pages)
    lines = "\n".join(f"* [{title}]({room}.md)" for room, title in rooms.items())
    public = ", ".join(f"`{name}`" for name in sorted(ntpproofs.__all__))
    overview = (
        "# Python interface\n\nWhat most scripts need is importable from `ntpproofs` itself: " + public + ".\n\n"
        "The package is a house of rooms; a module imports from its own room and from those below it. From the ground up:\n\n"
        f"{lines}\n\n```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{names}\n```\n"
    )
    return pages | {"api/index.md": overview}


def _room(title: str, dotted: str, folder: Path) -> str:
    # Modules and folders of the room; the theorems of a paper have pages of their own.
    inside = [path.relative_to(folder) for path in sorted(folder.rglob("*.py"))]
    shown = [path for path in inside if path.parts[0] != "theorems" and not any(part.startswith("_") for part in path.parts)]
    names = {".".join([dotted, *path.with_suffix("").parts]): _public(folder / path) for path in shown}
    body = "\n".join(f".. automodule:: {name}\n   :members: {', '.join(members)}\n" for name, members in names.items() if members)
    return f"# {title}\n\n```{{eval-rst}}\n{body}```\n"


def _public(path: Path) -> list[str]:
    # Classes and functions defined in the file that have a docstring and no leading underscore.
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.ClassDef, ast.FunctionDef)
    return [node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_") and ast.get_docstring(node)]
