"""The shape of the house, read from the syntax trees: imports point downwards, and the habits the project excludes do not occur."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ntpproofs

ROOT = Path(ntpproofs.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

# From the ground up. A module imports from its own group and from groups below, at module level or inside a function alike.
LAYERS = [
    ("display",),
    ("errors", "verdicts", "lazy", "references"),
    ("kernel",),
    ("exact",),
    ("operands",),
    ("path_relations",),
    ("relations",),
    ("statements",),
    ("problems",),
    ("symbolic",),
    ("geometry",),
    ("dynamics",),
    ("assumptions",),
    ("strategies",),
    ("theorems", "papers"),
    ("registry",),
    ("reducing",),
    ("checking",),
    ("attention_report",),
    ("running", "limits"),
    ("simulating",),
    ("search",),
    ("reports",),
    ("latex",),
    ("checking_command", "starting"),
    ("cli",),
    ("__main__",),
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# (importing file, imported module) pairs that point upwards and are accepted, with the reason. None at present.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def group_of(dotted: str) -> str:
    """`geometry` for `geometry.margin`; the package itself (re-exports of public names) is `""`."""
    return dotted.split(".")[0]


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


@pytest.fixture(params=FILES, ids=relative)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_every_module_has_a_layer() -> None:
    groups = {relative(path).removesuffix(".py").split("/")[0] for path in FILES}
    assert groups - {"__init__"} == set(LEVEL)


def test_imports_point_downwards(path: Path) -> None:
    own = relative(path).removesuffix(".py").split("/")[0]
    if own == "__init__":
        return  # the package re-exports public names, lazily (see the kernel's import test)
    upwards = {
        name
        for name in internal_imports(path)
        if group_of(name) != own and LEVEL[group_of(name)] >= LEVEL[own] and (relative(path), name) not in EXCEPTIONS
    }
    assert upwards == set()


def test_the_probe_sees_imports_of_every_form() -> None:
    found = internal_imports(ROOT / "geometry" / "decomposition.py")
    assert {"geometry.margin", "geometry.recession", "exact.rational", "problems.conditional_logit"} <= found  # one of them inside a function
    assert "theorems" in internal_imports(ROOT / "registry.py")
    assert "assumptions" in internal_imports(ROOT / "limits.py")


def test_the_kernel_imports_the_standard_library_and_errors_only() -> None:
    for path in FILES:
        if relative(path).startswith("kernel/") or relative(path) in ("errors.py", "verdicts.py", "lazy.py", "__init__.py"):
            outside = {name.split(".")[0] for name in imports_of(path)} - set(sys.stdlib_module_names)
            assert outside <= {"ntpproofs"}, relative(path)
        if relative(path).startswith("kernel/"):
            assert {group_of(name) for name in internal_imports(path)} <= {"kernel", "errors"}, relative(path)


def test_dynamics_never_knows_the_answer() -> None:
    for path in FILES:
        if relative(path).startswith("dynamics/"):
            known = internal_imports(path) & {
                "geometry.margin",
                "geometry.norm_margins",
                "geometry.norm_programmes",
                "geometry.asymptotics",
                "geometry.closed_forms",
                "geometry.programmes",
            }
            assert known == set(), relative(path)


SIMULATE = """
import sys
sys.modules["ntpproofs.geometry.margin"] = None  # importing it would raise
from ntpproofs.dynamics import Adam, GradientDescent, GradientFlow, RegularizationPath, SignGradientDescent
from ntpproofs.problems import LinearNTP
problem = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
discrete = (GradientDescent(steps=40), Adam(steps=40), SignGradientDescent(steps=40))
for simulator in (GradientFlow(log_time=1e3), *discrete, RegularizationPath(ridges=(0.1, 0.01, 0.001))):
    print(len(simulator(problem).log_times) > 2, "ntpproofs.geometry.asymptotics" in sys.modules)
"""


def test_simulations_run_without_the_max_margin_module() -> None:
    found = subprocess.run([sys.executable, "-c", SIMULATE], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.split()) == (0, ["True", "False"] * 5), found.stderr


def test_solvers_are_proposers_inside_geometry() -> None:
    for path in FILES:
        solvers = {name.split(".")[0] for name in imports_of(path)} & {"cvxpy", "clarabel", "highspy", "ecos", "osqp", "scs", "quadprog"}
        assert not solvers or relative(path).startswith("geometry/"), (relative(path), solvers)
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
    assert [(name, line) for name, line in calls_of(path) if name in banned] == []


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
