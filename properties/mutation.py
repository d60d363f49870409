"""Mutation of the code that verdicts rest on: every small change of it must be noticed by the tests named for it.

    python properties/mutation.py [AREA ...] [--sample N] [--seed S] [--results FILE] [--minutes M]

Cosmic Ray's operators make the changes; nothing is changed on disk. Each mutant is tested in a fork of a process that has imported the libraries
but nothing of ntpproofs: the fork reads the changed module instead of the file. Results are appended to a file, and what stands there under
the same source is not run again, so an interrupted run goes on where it stopped. Changes of annotations alone are left out.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import itertools
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Seconds of processor time for the tests of one mutant, and how often as many a busy machine may take by the clock.
TIMEOUT, PATIENCE = 120, 10
# The kernel's thorough tests change every entry of a document and minimise the loss anew: minutes for every mutant.
QUICK = "not every_change and not minimiser and not megabyte"
# Area: modules, and the tests that have to notice (pytest arguments).
KERNEL = ("certificates", "conditions", "enclosure", "instances", "levels", "programmes", "reading", "systems")
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "kernel": (
        tuple(f"ntpproofs/kernel/{name}.py" for name in KERNEL),
        (*(f"tests/test_kernel_{name}.py" for name in ("reading", "instances", "limits", "norms", "further", "certificates")), "-k", QUICK),
    ),
    "relations": (("ntpproofs/language/relations.py",), ("tests/test_relations.py", "tests/test_mutation_examples.py", "tests/test_findings.py")),
    "verdicts": (
        tuple(f"ntpproofs/checking/{name}.py" for name in ("findings", "clauses", "examining")),
        ("tests/test_findings.py", "tests/test_checking.py", "tests/test_verifying.py", "tests/test_clauses.py"),
    ),
    "symbolic": (
        tuple(f"ntpproofs/symbolic/{name}" for name in ("formula.py", "signs.py", "index_calculus.py")),
        ("tests/test_symbolic_formula.py", "tests/test_symbolic_signs.py", "tests/test_symbolic_index_calculus.py"),
    ),
    "exact": (
        tuple(f"ntpproofs/exact/{name}.py" for name in ("cone", "programme", "rational", "balls", "logarithms", "minimiser")),
        tuple(f"tests/test_exact_{name}.py" for name in ("cone", "programme", "rational", "balls", "logarithms", "minimiser")),
    ),
    "moves": (("ntpproofs/papers/attention_ntp/moves.py",), ("tests/test_mutation_examples.py", "tests/test_kinds.py")),
}
LIBRARIES = ("numpy", "scipy.optimize", "scipy.integrate", "sympy", "flint", "hypothesis", "networkx", "mpmath", "pytest")


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    module: str
    operator: str
    occurrence: int
    source: str

    @property
    def diff(self) -> str:
        """The changed lines."""
        lines = difflib.unified_diff((ROOT / self.module).read_text(encoding="utf-8").splitlines(), self.source.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if line[:2] not in ("--", "++"))


def bare(source: str) -> str:
    """The syntax tree without annotations and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def places(module: str) -> list[tuple[str, str, int]]:
    """(module, operator, occurrence) for every change that Cosmic Ray knows of a module."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast((ROOT / module).read_text(encoding="utf-8"))))
    found = []
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if not operator.arguments():
            amount = sum(len(list(operator().mutation_positions(node))) for node in nodes)
            found += [(module, name, occurrence) for occurrence in range(amount)]
    return found


def mutant_at(place: tuple[str, str, int]) -> Mutant | None:
    """The mutant of a place; None where the change is none, or is of annotations alone."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    module, name, occurrence = place
    code = (ROOT / module).read_text(encoding="utf-8")
    changed = mutate_code(code, get_operator(name)(), occurrence)
    try:
        return None if changed is None or bare(changed) == bare(code) else Mutant(module, name, occurrence, changed)
    except SyntaxError:
        return None


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed source where the module of a mutant is imported."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.module.removesuffix(".py").replace("/", ".")

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """The module of the mutant, and no other."""
        return importlib.util.spec_from_file_location(fullname, ROOT / self.mutant.module, loader=self) if fullname == self.name else None

    def create_module(self, spec: Any) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self.mutant.source, str(ROOT / self.mutant.module), "exec"), module.__dict__)


def tested(mutant: Mutant, tests: Sequence[str]) -> str:
    """The outcome of the tests on one mutant: killed, survived or timeout (which counts as noticed)."""
    child = os.fork()
    if child == 0:
        os.setpgrp()
        sys.meta_path.insert(0, Changed(mutant))
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT))
        import pytest

        try:
            status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", *tests]))
        except BaseException:  # a mutant may raise anything while it is collected
            status = 1
        os._exit(0 if status == 0 else 1)
    end = time.monotonic() + PATIENCE * TIMEOUT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done and os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGXCPU):
            return "timeout"
        if done:
            return "survived" if status == 0 else "killed"
        time.sleep(0.05)
    os.killpg(child, 9)
    os.waitpid(child, 0)
    return "timeout"


def key_of(mutant: Mutant) -> str:
    """What a result stands for: the changed source."""
    return hashlib.sha256(f"{mutant.module}\n{mutant.source}".encode()).hexdigest()[:16]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and print the survivors. Status 1 if there are any."""
    parser = argparse.ArgumentParser(description="mutants of the trusted code")
    parser.add_argument("areas", nargs="*", choices=[*AREAS, []], default=list(AREAS))
    parser.add_argument("--sample", type=int, help="mutants of each area, drawn at random; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--results", type=Path, default=ROOT / ".mutation" / "results.jsonl")
    options = parser.parse_args(arguments)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "properties")]
    known = {}
    if options.results.exists():
        known = {entry["key"]: entry for entry in map(json.loads, io.StringIO(options.results.read_text(encoding="utf-8")))}
    for library in LIBRARIES:
        importlib.import_module(library)
    end, survivors, counts = time.monotonic() + 60 * options.minutes, [], dict.fromkeys(("killed", "survived", "timeout"), 0)
    for area in options.areas:
        modules, tests = AREAS[area]
        found = [place for module in modules for place in places(module)]
        random.Random(options.seed).shuffle(found)
        original = Mutant(modules[0], "none", 0, (ROOT / modules[0]).read_text(encoding="utf-8"))
        if (outcome := tested(original, tests)) != "survived":
            raise SystemExit(f"the tests of {area} fail on the code as it is ({outcome}), so they say nothing about mutants")
        for mutant in itertools.islice(filter(None, map(mutant_at, found)), options.sample):
            key = key_of(mutant)
            if key not in known:
                if time.monotonic() > end:
                    break
                entry = {
                    "key": key,
                    "area": area,
                    "module": mutant.module,
                    "operator": mutant.operator,
                    "diff": mutant.diff,
                    "outcome": tested(mutant, tests),
                }
                known[key] = entry
                with options.results.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(entry) + "\n")
            counts[known[key]["outcome"]] += 1
            survivors += [known[key]] if known[key]["outcome"] == "survived" else []
    for entry in survivors:
        sys.stdout.write(f"{entry['module']} {entry['operator']}\n{entry['diff']}\n\n")
    sys.stdout.write(", ".join(f"{amount} {outcome}" for outcome, amount in counts.items()) + "\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
