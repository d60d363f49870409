"""The registry: no file is forgotten, labels are unique, dependencies are known and acyclic; users' files are loaded or refused in words."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ntpproofs import papers
from ntpproofs.checking import registry
from ntpproofs.checking.registry import collect, dependency_order, load_file, needed, select, statement_modules
from ntpproofs.errors import InvalidInput, InvalidStatement
from ntpproofs.language.statements import Draft, Statement, Theorem

ROOT = Path(papers.__file__).parent
FILES = sorted(path for path in ROOT.glob("*/theorems/**/*.py") if not path.name.startswith("_"))


def test_every_statement_file_is_walked() -> None:
    # By the file system, not by the package machinery: a folder without __init__.py would be forgotten in silence.
    dotted = sorted("ntpproofs.papers." + ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in FILES)
    assert statement_modules() == dotted and len(dotted) >= 7
    assert all((path.parent / "__init__.py").is_file() for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_each_file_defines_exactly_one_statement(path: Path) -> None:
    name = "ntpproofs.papers." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
    module = importlib.import_module(name)
    own = [value for value in vars(module).values() if isinstance(value, Draft)]
    assert len({id(value) for value in own}) == 1, f"{name} defines {len(own)} statements"
    (draft,) = {id(value): value for value in own}.values()
    statement = draft.statement()
    assert statement.area == path.parent.parent.name.replace("_", "-")
    assert path.stem == statement.label.split(".", 1)[1].replace("-", "_").replace(".", "_")
    assert statement.source is not None and statement.source.text
    assert statement.claims or statement.steps
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_collected_statements_come_after_what_they_use() -> None:
    statements = collect()
    assert len(statements) == len(FILES)
    seen: set[str] = set()
    for label, statement in statements.items():
        assert label == statement.label and set(statement.uses) <= seen
        seen.add(label)


def linked(**uses: str) -> dict[str, Statement]:
    names = {name: [f"foundations.{used}" for used in words.split()] for name, words in uses.items()}
    return {f"foundations.{name}": Theorem(f"foundations.{name}", name, uses=used).statement() for name, used in names.items()}


def test_dependency_order_is_stable() -> None:
    order = dependency_order(linked(a="c", b="", c="", d="a b"))
    assert order == ["foundations.b", "foundations.c", "foundations.a", "foundations.d"]
    mixed = linked(z="") | {label: Theorem(label, "a").statement() for label in ("linear-ntp.a", "unknown.a")}
    assert dependency_order(mixed) == ["foundations.z", "linear-ntp.a", "unknown.a"]


def test_unknown_labels_are_refused() -> None:
    with pytest.raises(InvalidStatement) as caught:
        dependency_order(linked(a="b"))
    assert caught.value.subject == "foundations.a" and "foundations.b" in caught.value.reason


@pytest.mark.parametrize("uses", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "a", "d": ""}])
def test_cycles_are_refused(uses: dict[str, str]) -> None:
    with pytest.raises(InvalidStatement, match="cycle") as caught:
        dependency_order(linked(**uses))
    assert "foundations.a" in caught.value.subject and "foundations.d" not in caught.value.subject


def fake_modules(monkeypatch: pytest.MonkeyPatch, **contents: list[Draft]) -> None:
    modules = {}
    for file, statements in contents.items():
        name = f"ntpproofs.papers.foundations.theorems.{file}"
        modules[name] = ModuleType(name)
        for i, statement in enumerate(statements):
            setattr(modules[name], f"statement_{i}", statement)
            setattr(modules[name], f"alias_{i}", statement)  # one object under two names counts once
    monkeypatch.setattr(registry, "statement_modules", lambda: list(modules))
    monkeypatch.setattr(registry.importlib, "import_module", modules.__getitem__)


def test_files_without_or_with_two_statements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = Theorem("foundations.one", "1"), Theorem("foundations.two", "2")
    fake_modules(monkeypatch, one=[one], two=[two])
    assert list(collect()) == ["foundations.one", "foundations.two"]
    fake_modules(monkeypatch, one=[one], empty=[])
    with pytest.raises(InvalidStatement, match="defines 0 statements") as caught:
        collect()
    assert caught.value.subject.endswith(".empty")
    fake_modules(monkeypatch, crowded=[one, two])
    with pytest.raises(InvalidStatement, match="defines 2 statements"):
        collect()


def test_labels_are_made_of_the_names_of_paper_and_file(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_modules(monkeypatch, b=[Theorem("foundations.one", "1")])
    with pytest.raises(InvalidStatement, match="is defined in the file of foundations") as caught:
        collect()
    assert caught.value.subject == "foundations.one"
    fake_modules(monkeypatch, one=[Theorem("elsewhere.one", "1")])
    with pytest.raises(InvalidStatement, match="the file of foundations"):
        collect()


def test_only_what_is_needed_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = Theorem("foundations.one", "1"), Theorem("foundations.two", "2", uses=["foundations.one"]), Theorem("foundations.three", "3")
    fake_modules(monkeypatch, one=[one], two=[two], three=[three])
    read: list[str] = []
    known = registry.importlib.import_module
    monkeypatch.setattr(registry.importlib, "import_module", lambda name: read.append(name.rsplit(".", 1)[1]) or known(name))
    assert list(needed(["foundations.two"])) == ["foundations.one", "foundations.two"] and sorted(read) == ["one", "two"]
    assert list(needed(["foundations"])) == list(needed([])) == list(needed(["foundations.two", "unknown"])) == list(collect())


def test_what_is_needed_comes_in_the_order_of_all() -> None:
    everything = list(collect())
    for area in ("linear-ntp", "path-star"):
        chosen = needed([area])
        assert list(chosen) == [label for label in everything if label in chosen] and {*select(collect(), [area])} <= {*chosen}


def test_selection() -> None:
    statements = linked(a="", b="a") | {"linear-ntp.a": Theorem("linear-ntp.a", "a").statement()}
    assert select(statements, []) == list(statements)
    assert select(statements, ["linear-ntp"]) == ["linear-ntp.a"]
    assert select(statements, ["foundations.b", "linear-ntp", "foundations.b"]) == ["foundations.b", "linear-ntp.a"]
    with pytest.raises(InvalidInput) as caught:
        select(statements, ["foundation.b"])
    assert caught.value.subject == "foundation.b" and "foundations.b" in caught.value.remedy
    with pytest.raises(InvalidInput, match="ntpproofs list"):
        select(statements, ["qqqq"])


GOOD = """
from ntpproofs import Conjecture, Equal
second = Conjecture(label="user.second")
first = Conjecture(label="user.first")
again = first
@first.claim()
def holds(case):
    return Equal(1, 1)
"""


def test_users_files_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "my_conjecture.py"
    path.write_text(GOOD, encoding="utf-8")
    found = load_file(path)
    assert [statement.label for statement in found] == ["user.second", "user.first"]
    assert all(statement.kind == "conjecture" for statement in found)
    assert [statement.label for statement in load_file(str(path))] == ["user.second", "user.first"]


REFUSALS: list[tuple[Any, str, str]] = [
    ("x = 1\ndef f(:\n    pass\n", ":2", "syntax error"),
    ("x = 1\n\ny = 1 / 0\n", ":3", "ZeroDivisionError: division by zero"),
    ("import no_such_module\n", ":1", "ModuleNotFoundError: No module named 'no_such_module'"),
    ("from ntpproofs import NoSuchName\n", ":1", "ImportError"),
    ("def f():\n    raise ValueError('inner')\n\nf()\n", ":2", "ValueError: inner"),
    ("from ntpproofs import Theorem\nTheorem('a.b', 't', assumptions=[1])\n", ":2", "InvalidStatement"),
    ("from ntpproofs import Theorem\na, b = Theorem('a.b'), Theorem('a.b')\n", "", "uses the label 'a.b' twice"),
    ("x = 1\n", "", "defines no statement"),
    ("", "", "defines no statement"),
    (b"x = 1\ny = '\xff'\n", ":2", "'utf-8' codec can't decode byte 0xff"),
    ("if True:\nx = 1\n", ":2", "syntax error"),
    ("raise SystemExit(3)\n", ":1", "SystemExit"),
]


@pytest.mark.parametrize(("text", "line", "reason"), REFUSALS, ids=[reason for _, _, reason in REFUSALS])
def test_broken_files_are_refused_with_file_and_line(text: Any, line: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput) as caught:
        load_file(path)
    assert caught.value.subject == f"{path}{line}" and reason in caught.value.reason and caught.value.remedy


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "missing.py", "does not exist"), (tmp_path, "is a directory"), (tmp_path / "text.txt", "is not a Python file")):
        if path.suffix == ".txt":
            path.write_text("x", encoding="utf-8")
        with pytest.raises(InvalidInput) as caught:
            load_file(path)
        assert caught.value.subject == str(path) and caught.value.reason == reason
