"""What `ntpproofs new` writes: commented files that run as they stand."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from ..errors import InvalidInput
from ..language.files import write_atomically

CONJECTURE = '''\
"""{title}. Check it with: ntpproofs check {file}"""

from ntpproofs import AtMost, Case, Conjecture
from ntpproofs.assumptions import some_partial_support
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="{label}",
    title="{title}",
    # Where to look. Other strategies: attention_ntps, conditional_logits; any Hypothesis strategy or list will do.
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    # Instances on which one of these fails are left out. Write your own with @assumption(r"LaTeX").
    assumptions=(some_partial_support,),
    # simulate=GradientFlow(log_time=1e3),  # from ntpproofs.dynamics; then case.trajectory is a run from zero
)


# A claim takes a case and returns a relation, or a list of them, never a bool: the relation knows both sides, so that a
# counterexample can be graded and explained. case.problem is the data, case.derived its exact decomposition.
@conjecture.claim(r"\\|W^{{\\mathrm{{mm}}}}\\|^2 \\ge 0")
def squared_norm_is_not_negative(case: Case) -> AtMost:
    return AtMost(0, case.derived.max_margin.squared_norm)
'''

THEOREM = '''\
"""{title}. Check it with: ntpproofs check {file}"""

from ntpproofs import AtMost, Case, Equal, Less, Theorem, derived
from ntpproofs.assumptions import something_separable
from ntpproofs.strategies import conditional_logits

theorem = Theorem(
    label="{label}",
    title="{title}",
    source=derived("where the proof is written"),
    assumptions=(something_separable,),
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
)


# A step of the proof: `by` names the procedure, `scope` the sizes it covers.
@theorem.step("the squared norm is the sum of the multipliers", by="exact arithmetic", scope="sizes of the instances")
def sum_of_multipliers(case: Case) -> Equal:
    best = case.derived.max_margin
    return Equal(best.squared_norm, sum(x * x for x in best.direction))


# A conclusion, checked on every instance that satisfies the assumptions.
@theorem.claim(r"u \\ne 0")
def direction_is_not_zero(case: Case) -> Less:
    return Less(0, case.derived.max_margin.squared_norm)


# False variants that must be refuted: they show that the claim can fail. The first drops the assumption.
theorem.mutant(of=direction_is_not_zero, without=something_separable)


@theorem.mutant(of=direction_is_not_zero)
def direction_is_short(case: Case) -> AtMost:
    return AtMost(case.derived.max_margin.squared_norm, 1)
'''

TEMPLATES = {"conjecture": CONJECTURE, "theorem": THEOREM}
PAPER = "paper"
# Where the files of a new paper go, and the templates they are made of.
PAPER_FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "{package}/__init__.py": "init.py.txt",
    "{package}/kind.py": "kind.py.txt",
    "{package}/theorems/__init__.py": "theorems/init.py.txt",
    "{package}/theorems/stationary_share.py": "theorems/stationary_share.py.txt",
    "tests/test_kind.py": "tests/test_kind.py.txt",
}


def write_template(kind: str, name: str, directory: Path) -> Path:
    """Write the template of a kind under a name, and return its path (for a paper the folder). Nothing is overwritten.

    Raises `InvalidInput` for an unknown kind, a name that cannot be a file and a label, and a file that exists.
    """
    if kind not in (*TEMPLATES, PAPER):
        raise InvalidInput(kind, "is no kind of file to start", f"write one of {', '.join((*TEMPLATES, PAPER))}")
    name = name.removesuffix(".py")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,79}", name):
        remedy = "start with a letter and use letters, digits, - and _ only, such as tied-iff-cyclic"
        raise InvalidInput(f"name {name!r}", "cannot be a file name and a label", remedy)
    stem = name.replace("-", "_")
    if keyword.iskeyword(stem):
        raise InvalidInput(f"name {name!r}", "is a word of the Python language", f"write {name}-conjecture or another name")
    if kind == PAPER:
        return _write_paper(stem.lower(), directory)
    path = directory / f"{stem}.py"
    title = stem.replace("_", " ").capitalize()
    _write_new(path, TEMPLATES[kind].format(title=title, label=name.replace("_", "-"), file=path.name))
    return path


def _write_paper(package: str, directory: Path) -> Path:
    # A package with one kind, one theorem and tests, which installs and verifies as it stands.
    if find_spec(package) is not None:
        raise InvalidInput(f"name {package!r}", "is the name of an installed package", "choose another name")
    name, words = package.replace("_", "-"), package.split("_")
    values = {"name": name, "package": package, "title": " ".join(words).capitalize(), "Class": "".join(word.capitalize() for word in words)}
    home = directory / name
    if home.exists():
        raise InvalidInput(str(home), "exists already", "choose another name, or remove the folder")
    templates = files("ntpproofs.commands") / "templates" / "paper"
    for target, source in PAPER_FILES.items():
        text = Template(templates.joinpath(source).read_text(encoding="utf-8")).substitute(values)
        _write_new(home / target.format(package=package), text, inside=directory)
    return home


def _write_new(path: Path, text: str, inside: Path | None = None) -> None:
    # Folders are made below `inside` only: a mistyped directory is no reason to make one.
    if path.exists():
        raise InvalidInput(str(path), "exists already", "choose another name, or remove the file")
    if not path.parent.is_dir() and not (inside is not None and inside.is_dir()):
        raise InvalidInput(str(path), "cannot be written (no such directory)", "choose another directory")
    write_atomically(path, text)


def new(
    kind: Annotated[str, typer.Argument(metavar="conjecture|theorem|paper", help="What to start.")],
    name: Annotated[str, typer.Argument(help="Its name; the file is NAME.py, for a paper the folder NAME, in the current directory.")],
) -> None:
    """Write a commented template that runs; for a paper a package with one kind, one theorem and tests. Nothing is overwritten."""
    path = write_template(kind, name, Path())
    follow = (
        f"install it with: pip install -e {path}; then: ntpproofs verify {path.name}" if path.is_dir() else f"check it with: ntpproofs check {path}"
    )
    sys.stdout.write(f"{path} written; {follow}\n")
