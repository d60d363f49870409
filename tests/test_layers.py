"""The shape of the house, read from the syntax trees: imports point downwards, and the habits the project excludes do not occur."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

import ntpproofs

ROOT = Path(ntpproofs.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

# From the ground up. A module imports from its own room and from floors below, at module level or inside a function alike.
# Verdicts are words of the language that exact arithmetic already answers in, so they lie on the ground floor.
LAYERS = [
    ("errors", "lazy", "language.views"),
    ("language.verdicts",),
    ("kernel",),
    ("exact",),
    ("symbolic", "language"),
    ("logit",),
    ("dynamics",),
    ("checking",),
    ("limits",),
    ("papers",),
    ("search",),
    ("discover",),
    ("rendering",),
    ("commands",),
    ("__main__",),
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Doors re-export public names, lazily, and hold no code; nothing inside the house goes through one.
DOORS = ("__init__", "problems", "geometry", "strategies", "assumptions", "invariants")
# The registry walks the papers; it names none.
WALKS = {("checking/registry.py", "papers"), ("checking/kinds.py", "papers"), ("checking/notations.py", "papers")}


def room_of(dotted: str) -> str:
    """`logit` for `logit.margin`, and `language.verdicts` for itself."""
    return dotted if dotted in LEVEL else dotted.split(".")[0]


def paper_of(dotted: str) -> str:
    """`linear_ntp` for `papers.linear_ntp.theorems.ntp_svm`; empty outside the papers."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == "papers" and len(parts) > 1 else ""


def is_downwards(own: str, name: str) -> bool:
    """Whether the module `own` may import the module `name`."""
    if room_of(name) in DOORS:
        return False
    if paper_of(name):
        return room_of(own) == "papers" and paper_of(name) in (paper_of(own), "foundations")
    return room_of(own) == room_of(name) or LEVEL[room_of(name)] < LEVEL[room_of(own)]


def imports_of(path: Path) -> Iterator[str]:
    """The absolute dotted names a file imports anywhere in it; `from p import n` gives `p` and `p.n`."""
    package = ("ntpproofs", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            home = ".".join(part for part in (base, node.module or "") if part)
            yield home
            yield from (f"{home}.{alias.name}" for alias in node.names)


def is_module(dotted: str) -> bool:
    place = ROOT.parent.joinpath(*dotted.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()


def internal_imports(path: Path) -> set[str]:
    """The modules of this package a file imports, without the leading `ntpproofs.`."""
    names = {name for name in imports_of(path) if name.startswith("ntpproofs.") and is_module(name)}
    return {name.removeprefix("ntpproofs.") for name in names}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted_of(path: Path) -> str:
    """`logit.margin` for a module, `logit` for the room's own file, `__init__` for the package's."""
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.fixture(params=FILES, ids=relative)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_every_module_has_a_layer() -> None:
    assert {room_of(dotted_of(path)) for path in FILES} == {*LEVEL, *DOORS}


def arrows_against_the_order(path: Path) -> set[tuple[str, str]]:
    """The (file, module) pairs of imports that do not point downwards."""
    own = dotted_of(path)
    if own in DOORS:
        return set()
    found = {(relative(path), name) for name in internal_imports(path) if not is_downwards(own, name)}
    return found - WALKS


def test_imports_point_downwards(path: Path) -> None:
    assert arrows_against_the_order(path) == set()


def edges_of(path: Path) -> set[tuple[str, str]]:
    """(module, module it imports anywhere in it), imports for types only left out."""
    own = relative(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    typed = {
        inner
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    package = ("ntpproofs", *path.relative_to(ROOT).parts[:-1])
    known = {relative(other).removesuffix(".py").replace("/", ".").removesuffix(".__init__") for other in FILES}
    found = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.ImportFrom) and node not in typed and node.level:
            base = ".".join([*package[: len(package) - node.level + 1][1:], *([node.module] if node.module else [])])
            for alias in node.names:
                name = f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base
                if name in known and name != own:
                    found.add((own, name))
    return found


def test_no_modules_import_one_another_in_a_circle() -> None:
    graph = nx.DiGraph()
    for path in FILES:
        graph.add_edges_from(edges_of(path))
    assert graph.number_of_edges() > 500
    assert [sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1] == []


def test_the_order_refuses_what_it_should() -> None:
    assert is_downwards("papers.mesa.kind", "papers.foundations.theorems.separation") and is_downwards("checking.loop", "logit.margin")
    refused = [
        ("papers.mesa.kind", "papers.linear_ntp.problem"),
        ("papers.mesa.kind", "search.moves"),
        ("rendering.plots", "papers.mesa.kind"),
        ("checking.loop", "papers.mesa.kind"),
        ("logit.margin", "geometry"),
        ("papers.mesa.kind", "rendering.views"),
        ("limits.answer", "search.moves"),
        ("exact.balls", "language.relations"),
    ]
    assert not any(is_downwards(own, name) for own, name in refused)


@pytest.mark.parametrize("door", [*DOORS, "dynamics.__init__"])
def test_doors_hold_no_code(door: str) -> None:
    tree = TREES[ROOT / f"{door.replace('.', '/')}.py"]
    assert all(isinstance(node, (ast.Expr, ast.ImportFrom, ast.If, ast.Assign)) for node in tree.body)
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = [alias.name for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    module = importlib.import_module(f"ntpproofs.{door}".removesuffix(".__init__"))
    assert sorted(imported) == sorted(module.__all__) and set(module.__all__) <= set(dir(module))
    assert all(getattr(module, name) is not None for name in module.__all__)


def test_no_module_bears_the_name_of_a_public_function() -> None:
    public = {name for door in DOORS for name in importlib.import_module(f"ntpproofs.{door}".removesuffix(".__init__")).__all__}
    named = {relative(path) for path in FILES if path.stem in public}
    # A theorem is called by its subject, a command by its word.
    assert {name for name in named if "/theorems/" not in name and not name.startswith("commands/")} == set()


def test_the_probe_sees_imports_of_every_form() -> None:
    found = internal_imports(ROOT / "logit" / "decomposition.py")
    assert {"logit.margin", "logit.recession", "exact.rational", "logit.problem"} <= found  # one of them inside a function
    assert "papers" in internal_imports(ROOT / "checking" / "registry.py")
    assert "checking.kinds" in internal_imports(ROOT / "limits" / "answer.py")


def test_the_kernel_imports_the_standard_library_and_errors_only() -> None:
    for path in FILES:
        if relative(path).startswith("kernel/") or relative(path) in ("errors.py", "language/verdicts.py", "lazy.py", "__init__.py"):
            outside = {name.split(".")[0] for name in imports_of(path)} - set(sys.stdlib_module_names)
            assert outside <= {"ntpproofs"}, relative(path)
        if relative(path).startswith("kernel/"):
            assert {room_of(name) for name in internal_imports(path)} <= {"kernel", "errors"}, relative(path)


def test_dynamics_never_knows_the_answer() -> None:
    for path in FILES:
        if relative(path).startswith("dynamics/"):
            known = internal_imports(path) & {
                "logit.margin",
                "logit.norm_margins",
                "logit.norm_programmes",
                "logit.asymptotics",
                "logit.programmes",
            }
            assert known == set(), relative(path)


SIMULATE = """
import sys
sys.modules["ntpproofs.logit.margin"] = None  # importing it would raise
from ntpproofs.dynamics import Adam, GradientDescent, GradientFlow, RegularizationPath, SignGradientDescent
from ntpproofs.problems import LinearNTP
problem = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
discrete = (GradientDescent(steps=40), Adam(steps=40), SignGradientDescent(steps=40))
for simulator in (GradientFlow(log_time=1e3), *discrete, RegularizationPath(ridges=(0.1, 0.01, 0.001))):
    print(len(simulator(problem).log_times) > 2, "ntpproofs.logit.asymptotics" in sys.modules)
"""


def test_simulations_run_without_the_max_margin_module() -> None:
    found = subprocess.run([sys.executable, "-c", SIMULATE], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.split()) == (0, ["True", "False"] * 5), found.stderr


def test_solvers_are_proposers_of_the_logit_and_of_papers() -> None:
    for path in FILES:
        solvers = {name.split(".")[0] for name in imports_of(path)} & {"cvxpy", "clarabel", "highspy", "ecos", "osqp", "scs", "quadprog"}
        assert not solvers or relative(path).startswith(("logit/", "papers/")), (relative(path), solvers)
    assert any("cvxpy" in set(imports_of(path)) for path in FILES)


def calls_of(path: Path) -> Iterator[tuple[str, int]]:
    """The names a file calls, the last part of a dotted one, with their lines."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            yield node.func.id if isinstance(node.func, ast.Name) else f".{node.func.attr}", node.lineno


def test_library_code_does_not_print(path: Path) -> None:
    assert [line for name, line in calls_of(path) if name == "print"] == []


def test_no_heuristic_decides(path: Path) -> None:
    # `equals` draws random numbers and `simplify` is no procedure; `nsimplify`, `doit` and friends are as little proof.
    banned = {"simplify", ".simplify", ".equals", ".nsimplify", "nsimplify", ".trigsimp", "trigsimp"}
    # A kind's `simplify` gives smaller instances.
    allowed = {".simplify"} if relative(path) in ("checking/shrinking.py", "limits/contract.py") else set()
    assert [(name, line) for name, line in calls_of(path) if name in banned - allowed] == []


def test_no_randomness_without_a_seed(path: Path) -> None:
    nodes = list(ast.walk(TREES[path]))
    # The generator class with a seed, never the module's hidden global one.
    assert not any(isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names) for node in nodes)
    taken = [alias.name for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "random" for alias in node.names]
    assert set(taken) <= {"Random"}
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Random"]
    assert [node.lineno for node in calls if not node.args] == []
    assert [line for name, line in calls_of(path) if name in (".seed", ".rand", ".randn", ".RandomState")] == []


def test_modules_say_what_they_are(path: Path) -> None:
    assert ast.get_docstring(TREES[path])


HERE = Path(__file__).resolve().parent
SUITES = sorted([*HERE.glob("*.py"), *(HERE.parent / "properties").glob("*.py")])


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: f"{suite.parent.name}/{suite.name}")
def test_nothing_is_skipped_or_expected_to_fail(suite: Path) -> None:
    tree = ast.parse(suite.read_text(encoding="utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert used & {"skip", "skipif", "xfail", "importorskip"} == set()


def test_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from ntpproofs import *", names)
    assert {"Conjecture", "Equal", "Case", "LinearNTP", "decompose", "cite"} <= set(names)


def test_a_small_answer_loads_no_library_that_it_does_not_use() -> None:
    # Half of the time of a command on small data is its start: graph libraries, simulators, solvers and SymPy wait until they are used.
    code = """
import sys
from ntpproofs.commands import cli
sys.argv = ["ntpproofs", "limit", "examples/attention.json", "--json"]
try:
    cli.main()
except SystemExit as ended:
    assert not ended.code
heavy = ("networkx", "sympy", "cvxpy", "hypothesis", "matplotlib", "ntpproofs.dynamics.flow", "ntpproofs.limits.simulation")
print([name for name in heavy if name in sys.modules], file=sys.stderr)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).resolve().parent.parent)
    assert (run.returncode, run.stderr.strip()) == (0, "[]"), run.stdout[-300:] + run.stderr
