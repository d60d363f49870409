"""One contract for every kind of problem: those of this package, one that `ntpproofs new paper` writes, and one defined here."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from rich.console import Console

import ntpproofs
from ntpproofs.checking import kinds as registry
from ntpproofs.checking.kinds import instance_view, kind_named, kind_of, kinds, known_kind
from ntpproofs.checking.plugins import plugins
from ntpproofs.checking.registry import collect
from ntpproofs.commands import cli
from ntpproofs.commands.new import write_template
from ntpproofs.errors import BrokenPlugin, InvalidInput
from ntpproofs.language.answers import Request
from ntpproofs.language.strategy_arguments import domains_of
from ntpproofs.language.views import Facts, Matrix, Sentence, Table, View, view_html, view_latex
from ntpproofs.limits.answer import answer_of
from ntpproofs.limits.contract import violations
from ntpproofs.limits.enclosed_answer import enclosed_answer
from ntpproofs.limits.schemas import answer_schema
from ntpproofs.rendering.documents import compile_pdf
from ntpproofs.rendering.views import view_text

Run = Callable[..., tuple[int, str, str]]

# A kind that reduces: n games between two players of unknown strength difference w. It brings no answer of its own.
DUEL = '''
"""Duels: a wins h games, b wins t; the chance of a is softmax of (w, 0)."""
from dataclasses import dataclass

from ntpproofs.kernel.reading import field, index, only, require
from ntpproofs.language.kinds import Kind, Option
from ntpproofs.language.strategy_arguments import described
from ntpproofs.language.views import Facts, View
from ntpproofs.logit.assumptions import LOGIT_ASSUMPTIONS
from ntpproofs.logit.problem import ConditionalLogit


@dataclass(frozen=True)
class Duel:
    h: int
    t: int

    def __post_init__(self):
        require(self.h + self.t > 0, "h, t", "are both zero", "play a game")

    def conditional_logit(self):
        rows = [(n, chosen, [[1], [0]]) for chosen, n in enumerate((self.h, self.t)) if n]
        return ConditionalLogit(rows)

    def lift(self, w):
        return w

    def lower(self, parameters):
        return parameters

    def instance(self):
        return {"kind": "duel", "h": self.h, "t": self.t}


def read(record):
    only(record, ("kind", "h", "t"), "instance")
    return Duel(*(index(field(record, name, "instance"), name, 100) for name in ("h", "t")))


@described("duel")
def duels(most=4):
    from hypothesis import strategies as st

    @st.composite
    def played(draw):
        h = draw(st.integers(0, most))
        return Duel(h, draw(st.integers(0 if h else 1, most)))

    return played()


kind = Kind(
    name="duel", area="duel", title="Duels", problem=Duel, read=read, strategy=duels,
    domain=lambda problem, bounds: max(problem.h, problem.t) <= bounds["most"],
    enumerate=lambda bounds: (Duel(n - t, t) for n in range(1, bounds["most"] + 1) for t in range(n + 1)),
    simplify=lambda p: [Duel(h, t) for h, t in ((p.h - 1, p.t), (p.h, p.t - 1)) if min(h, t) >= 0 and h + t],
    neighbours=lambda p: [Duel(p.h + 1, p.t), Duel(p.h, p.t + 1)],
    measure=lambda p: (p.h + p.t,),
    describe=lambda p: View("duel", (Facts((("won", str(p.h)), ("lost", str(p.t)))),), (("game", p.h + p.t),)),
    assumptions=LOGIT_ASSUMPTIONS,
)
'''
# A kind with an option of its own for `limit`.
SERIES = DUEL.replace('"duel"', '"series"').replace(
    "assumptions=LOGIT_ASSUMPTIONS,", "assumptions=LOGIT_ASSUMPTIONS, answer=answer, options=OPTIONS,"
)
SERIES = SERIES.replace(
    "\nkind = Kind(",
    """
from fractions import Fraction

from ntpproofs.errors import InvalidInput
from ntpproofs.language.answers import Predictions, Quantity, decided
from ntpproofs.language.kinds import Option

OPTIONS = (Option("horizon", "How many games are to come.", "N"),)


def answer(problem, request):
    horizon = request.options.get("horizon", "1")
    if not horizon.isdigit():
        raise InvalidInput("--horizon", f"is {horizon!r}", "give a number of games")
    wins = int(horizon) * Fraction(problem.h, problem.h + problem.t)
    return Predictions("series", {"wins": Quantity.rational(wins)}, decided(kind.assumptions, problem), request.notes)


kind = Kind(""",
)
OURS = sorted(kinds())
NAMES = [*OURS, "duel", "two-coins"]


def announce(site: Path, name: str, value: str) -> None:
    """What an installer leaves behind for a distribution that brings a paper."""
    home = site / f"{name.replace('-', '_')}-0.1.0.dist-info"
    home.mkdir(parents=True)
    (home / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n", encoding="utf-8")
    (home / "entry_points.txt").write_text(f"[ntpproofs.papers]\n{name} = {value}\n", encoding="utf-8")


def forget(*packages: str) -> None:
    for function in (plugins, kinds, known_kind, registry.brought_kinds):
        function.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] in packages]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    site = tmp_path_factory.mktemp("site")
    home = write_template("paper", "two-coins", site)
    announce(site, "two-coins", "two_coins")
    for name, source in (("duel", DUEL), ("series", SERIES)):
        (site / name).mkdir()
        (site / name / "__init__.py").write_text('"""Games."""\n', encoding="utf-8")
        (site / name / "kind.py").write_text(source, encoding="utf-8")
        announce(site, name, name)
    sys.path[:0] = [str(site), str(home)]
    forget()
    yield site
    sys.path[:2] = []
    forget("duel", "series", "two_coins")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ntpproofs", *map(str, arguments)])
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def smallest(name: str, count: int = 3) -> list[Any]:
    kind = kind_named(name)
    (domain,) = domains_of(kind.strategy()) or ()
    return list(islice(kind.enumerate(domain.arguments), count))


@pytest.mark.parametrize("name", NAMES)
def test_the_laws_are_kept(name: str, papers: Path) -> None:
    assert list(violations(kind_named(name))) == []


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_views_fit_without_cropping(name: str, width: int, papers: Path) -> None:
    for problem in smallest(name):
        for view in (kind_named(name).describe(problem), answer_of(problem).view()):
            paper = StringIO()
            console = Console(file=paper, width=width, highlight=False)
            for part in view_text(view):
                console.print(part)
            assert "…" not in paper.getvalue() and max(map(len, paper.getvalue().splitlines())) <= width
        assert view_html(kind_named(name).describe(problem)).startswith(("<table>", "<p>"))


def test_latex_of_instances_compiles(papers: Path, tmp_path: Path) -> None:
    views = [kind_named(name).describe(problem) for name in NAMES for problem in smallest(name)]
    formulas = [found for view in views if (found := view_latex(view))]
    assert len(formulas) >= 3 * (len(NAMES) - 1)  # duels have no formula
    text = "\n\n".join(formulas)
    (tmp_path / "main.tex").write_text(rf"\documentclass{{article}}\usepackage{{amsmath}}\begin{{document}}{text}\end{{document}}", encoding="utf-8")
    assert compile_pdf(tmp_path).is_file()


SCHEMA = Draft202012Validator(answer_schema())


def test_the_schema_is_one_and_refuses_what_is_no_answer(papers: Path) -> None:
    Draft202012Validator.check_schema(answer_schema())
    for name in NAMES:
        record = answer_of(smallest(name, 1)[0]).record()
        SCHEMA.validate(record)
        wrong = [record | {"assumptions": {"a": "perhaps"}}, record | {"notes": "one"}]
        wrong += [{key: value for key, value in record.items() if key != gone} for gone in ("kind", "assumptions")]
        if "max_margin" in record:
            wrong += [record | {"max_margin": record["max_margin"] | {"squared_norm": 0.5}}, record | {"dimensions": {"tied": 1}}]
            wrong.append(record | {"max_margin": record["max_margin"] | {"another": 1}})
        else:
            wrong += [record | {"predictions": {"x": 0.5}}, record | {"predictions": {"x": {"exact": "1/0", "value": 1.0, "radius": 0.0}}}]
        for broken in wrong:
            with pytest.raises(ValidationError):
                SCHEMA.validate(broken)


def test_enclosed_answers_and_optimizers_keep_the_schema(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    path.write_text('{"kind": "linear-ntp", "embeddings": [[1, 0], [1, 1]], "probabilities": [["1/2", "1/2"], [1, 0]]}', encoding="utf-8")
    for optimizer in ("gradient-descent", "sign-descent"):
        status, out, _ = run("limit", path, "--json", "--simulate", "--optimizer", optimizer, "--steps", "40")
        record = json.loads(out)
        assert status == 0 and record["simulation"]["optimizer"] == optimizer
        SCHEMA.validate(record)
    problem = kind_named("linear-ntp").read(json.loads(path.read_text(encoding="utf-8")))
    record = enclosed_answer("linear-ntp", problem, kind_named("linear-ntp").assumptions, None, Request()).record()
    assert record["grade"] == "enclosed"
    SCHEMA.validate(json.loads(json.dumps(record)))


@pytest.mark.parametrize("name", NAMES)
def test_limit_answers_on_the_smallest_instances(name: str, papers: Path, run: Run, tmp_path: Path) -> None:
    for number, problem in enumerate(smallest(name)):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(problem.instance()), encoding="utf-8")
        status, out, err = run("limit", path)
        assert (status, err) == (0, "") and name in out and "what" in out and "converges to" in out
        status, out, err = run("limit", path, "--json", "--simulate", "--log-time", "20", "--plot", tmp_path / "plot.png")
        record = json.loads(out)
        assert (status, err) == (0, "") and record["kind"] == name and record["simulation"]["seconds"] >= 0
        SCHEMA.validate(record)
        assert (tmp_path / "plot.png").stat().st_size > 5_000


CONJECTURE = """
from ntpproofs import AtMost, Conjecture
from ntpproofs.checking.kinds import kind_named
kind = kind_named({name!r})
conjecture = Conjecture("small.everything", instances=kind.strategy())
@conjecture.claim("size at most")
def small(case):
    return AtMost(kind.measure(case.problem)[0], kind.measure(next(iter(kind.enumerate({{**bounds}}))))[0] + 1)
from ntpproofs.language.strategy_arguments import domains_of
bounds = domains_of(kind.strategy())[0].arguments
"""


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_shrinks_and_replays(name: str, papers: Path, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "conjecture.py"
    path.write_text(CONJECTURE.format(name=name), encoding="utf-8")
    status, out, err = run("check", path, "--json", "--examples", "60", "--workers", "1", "--time-budget", "0")
    example = json.loads(out)["conjectures"][0]["claims"][0]["counterexample"]
    assert status == 1, err
    found, least = kind_named(name).read(example["instance"]), smallest(name, 1)[0]
    measure = kind_named(name).measure
    assert example["locally_minimal"] and measure(found)[0] == measure(least)[0] + 2
    status, out, _ = run("check", path, "--instance", json.dumps(example["instance"]))
    assert status == 1 and "refuted" in out
    assert run("check", path, "--instance", json.dumps(least.instance()))[0] == 0


def test_papers_of_others_are_seen(papers: Path, run: Run, tmp_path: Path) -> None:
    status, out, err = run("list", "--json")
    assert status == 0 and err == ""
    assert json.loads(out)["statements"][-1]["label"] == "two-coins.stationary-share"
    status, out, _ = run("verify", "two-coins", "--workers", "1", "--json")
    (entry,) = json.loads(out)["statements"]
    assert status == 0 and entry["status"] == "holds" and [mutant["outcome"] for mutant in entry["mutants"]] == ["killed"] * 2
    assert run("latex", "two-coins", "-o", tmp_path / "latex")[0] == 0 and list((tmp_path / "latex").glob("**/*stationary-share*"))


def test_options_of_other_kinds_are_refused(papers: Path, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "coins.json"
    path.write_text('{"kind": "two-coins", "heads": 1, "tails": 2}', encoding="utf-8")
    for arguments, words in (
        (("--attend", "1,0"), "applies to attention-ntp, and this is two-coins"),
        (("--embedding", "gaussian:2"), "is about files of other formats"),
        (("--context", "3"), "is about files of other formats"),
        (("--simulate", "--optimizer", "adam"), "is not simulated"),
        (("--certificate", str(tmp_path / "c.json")), "has nothing to hold"),
    ):
        status, out, err = run("limit", path, *arguments)
        assert (status, out) == (2, "") and words in err and err.count("\n") == 1
    path.write_text('{"kind": "two-coins", "heads": 0, "tails": 0}', encoding="utf-8")
    assert "coins.json: heads, tails: are both zero" in run("limit", path)[2]
    path.write_text('{"kind": "three-coins"}', encoding="utf-8")
    assert "'three-coins' is not a kind of problem. Remedy: kinds: conditional-logit" in run("limit", path)[2]


def test_an_option_that_a_package_brings_is_taken(papers: Path, run: Run, tmp_path: Path) -> None:
    path, coins = tmp_path / "series.json", tmp_path / "coins.json"
    path.write_text('{"kind": "series", "h": 1, "t": 2}', encoding="utf-8")
    coins.write_text('{"kind": "two-coins", "heads": 1, "tails": 2}', encoding="utf-8")
    for arguments in ((path, "--horizon", "5"), ("--horizon", "5", path), ("--horizon=5", path)):
        status, out, err = run("limit", *arguments, "--json")
        assert (status, err) == (0, "") and json.loads(out)["predictions"]["wins"]["exact"] == "5/3"
    for arguments, words in (
        ((path, "--horizon", "far"), "--horizon: is 'far'. Remedy: give a number of games"),
        ((coins, "--horizon", "5"), "--horizon: applies to series, and this is two-coins"),
        ((path, "--attend", "1,0"), "applies to attention-ntp, and this is series"),
        ((path, "--horizn", "5"), "No such option: --horizn"),
        ((path, "--optimzer", "adam"), "Did you mean --optimizer?"),
        ((path, "--horizon"), "requires an argument"),
        (("--horizon", "5"), "Missing argument"),
        ((path, coins), "unexpected extra argument"),
    ):
        status, out, err = run("limit", *arguments)
        assert (status, out) == (2, "") and words in err


BROKEN = {
    "missing": None,
    "raising": "1 / 0\n",
    "empty": "x = 1\n",
    "taken": DUEL.replace('"duel"', '"linear-ntp"'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_paper_is_one_warning(name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, source = f"broken_{name}", BROKEN[name]
    if source is not None:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("", encoding="utf-8")
        (tmp_path / package / "kind.py").write_text(source, encoding="utf-8")
    announce(tmp_path, f"broken-{name}", package)
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    try:
        with pytest.warns(BrokenPlugin, match=rf"the paper 'broken-{name}' of broken-{name} \({package}\) is left out") as warned:
            assert set(OURS) <= kinds().keys()
            assert not any(kind.problem.__module__.startswith(package) for kind in kinds().values())
        assert len(warned) == 1
        forget(package)
        status, out, err = run("list", "--json")
        assert status == 0 and json.loads(out)["statements"] and "Traceback" not in err
        assert err == "" if name == "taken" else err.count("warning: the paper 'broken-") == 1 and err.count("\n") == 1
    finally:
        monkeypatch.undo()
        forget(package)


def test_broken_statements_are_left_out_with_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = write_template("paper", "three-coins", tmp_path)
    file = home / "three_coins" / "theorems" / "stationary_share.py"
    text = file.read_text(encoding="utf-8")
    announce(tmp_path, "three-coins", "three_coins")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(home))
    try:
        for broken, words in (
            (text.replace("three-coins.st", "linear-ntp.st"), "another paper"),
            (text.replace("clauses=(", 'uses=("three-coins.nothing",),\n    clauses=('), "unknown label"),
            ("import nothing_of_this_name", "No module named"),
            ("x = 1", "defines 0 statements"),
        ):
            file.write_text(broken, encoding="utf-8")
            forget("three_coins")
            with pytest.warns(BrokenPlugin, match=words) as warned:
                assert not any(label.startswith("three-coins") for label in collect())
            assert len(warned) == 1
    finally:
        monkeypatch.undo()
        forget("three_coins")


def test_new_paper_refuses_what_cannot_be_a_package(tmp_path: Path) -> None:
    assert write_template("paper", "my_coins", tmp_path) == tmp_path / "my-coins"
    for name, words in (
        ("my-coins", "exists already"),
        ("json", "installed package"),
        ("1st", "cannot be a file name"),
        ("class", "word of the Python"),
    ):
        with pytest.raises(InvalidInput, match=words):
            write_template("paper", name, tmp_path)


def test_kinds_are_found_by_class_and_by_name() -> None:
    assert kind_of(42) is None and instance_view({"kind": "nothing"}) is None
    assert all(kind_of(problem) is kinds()[name] for name in OURS for problem in smallest(name))
    with pytest.raises(InvalidInput, match="is no kind of problem"):
        answer_of(42)  # type: ignore[arg-type]
    # Where several kinds read one ending, the options that each needs tell them apart.
    for ending in {ending for kind in kinds().values() for ending in kind.files}:
        needs = [
            {option.name for option in kind.options if option.needed and option.applies(ending)} for kind in kinds().values() if ending in kind.files
        ]
        assert not any(one <= other for one, other in permutations(needs, 2)), ending


def test_views_say_everything_in_every_medium() -> None:
    parts = (Facts((("heads", "3"),), "counts"), Matrix("bank", ((1, 0.5),), "H"), Table("pairs", ("a", "b"), (("1", "2"),)), Sentence("so", "x=1"))
    view = View("coin", parts)
    assert view.formulas == (r"H=\begin{pmatrix}1&0.500000\end{pmatrix}", "x=1")
    html = view_html(view)
    assert all(f"coin: {title}" in html for title in ("counts", "bank", "pairs")) and "<p>so</p>" in html
    large = View("large", (Matrix("bank", ((1,) * 9,), "H"),))
    assert large.formulas == () and view_html(large) == "<p>large</p>" and view_latex(large) is None


ROOT = Path(ntpproofs.__file__).parent
# The order of areas in lists and documents names them; nothing is decided by it.
ORDER = "AREAS"


def words_of(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == ORDER for target in node.targets):
            continue
        if isinstance(node, ast.Constant):
            yield node
        yield from words_of(node)


OUTSIDE = [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in ("papers", "kernel", "logit")]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_outside_the_papers_switches_on_kinds(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.lineno for node in words_of(tree) if node.value in OURS] == []
    classes = {kind_named(name).problem.__name__ for name in OURS}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"]
    named = {name.id for call in calls for name in ast.walk(call.args[1]) if isinstance(name, ast.Name)}
    registered = {name for name in re.findall(r"\.register\n\s*def _\(problem: (\w+)\)", path.read_text(encoding="utf-8"))}
    assert (named | registered) & classes == set()
