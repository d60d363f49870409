"""Conjectures by machine: planted facts are found, the Dalmatian rule prunes, false bounds are refuted and teach, runs resume."""

from __future__ import annotations

import importlib.util
import io
import json
import time
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from rich.console import Console
from scipy.optimize import linprog
from typer.testing import CliRunner

from ntpproofs.checking.drawing import independent_draw
from ntpproofs.checking.invariants import discovery_of, instances_of, invariants_of
from ntpproofs.checking.kinds import kind_named, kinds
from ntpproofs.checking.registry import collect
from ntpproofs.commands.cli import app
from ntpproofs.commands.discover import _show
from ntpproofs.discover.attacking import attack
from ntpproofs.discover.conjecture_file import claim_name, conjecture_file
from ntpproofs.discover.facets import facet, small_fractions
from ntpproofs.discover.filling import Filling
from ntpproofs.discover.page import markdown_page, record_of, survivors_file, survivors_latex
from ntpproofs.discover.proposals import Proposal, choices, generalised, proposals, valid
from ntpproofs.discover.proposer import Proposer
from ntpproofs.discover.rounds import Discovered, Plan, _Rounds, discover, select
from ntpproofs.discover.rows import Row, row_of
from ntpproofs.discover.selection import closure_of, dalmatian, follows, ranked
from ntpproofs.discover.table import Table
from ntpproofs.errors import InvalidInput
from ntpproofs.exact.balls import Interval
from ntpproofs.language.forms import Bound, parse_form, read_bound
from ntpproofs.language.invariants import Known, ProblemInvariant, known
from ntpproofs.language.verdicts import Outcome
from ntpproofs.problems import AttentionNTP, LinearNTP

FAR = float("inf")


def quiet(doing: str) -> None:
    del doing


# A planted world: sizes a and b, a number t = 2a - b/2 + 1 exactly where `even` holds, and a number s <= (a^3 - a)/12, sometimes equal.
PLANTED = (
    ProblemInvariant("a", lambda problem: None, "a", "A size.", given=True, powers=3),
    ProblemInvariant("b", lambda problem: None, "b", "Another size.", given=True),
    ProblemInvariant("t", lambda problem: None, "t", "A target."),
    ProblemInvariant("s", lambda problem: None, "s", "Another target."),
    ProblemInvariant("k", lambda problem: None, "k", "A count that comes out of the solution: a + b."),
)


def planted_row(number: int, a: int, b: int, slack: int) -> Row:
    t = 2 * a - Fraction(b, 2) + 1 - (0 if b % 2 == 0 else slack)
    s = Fraction(a**3 - a, 12) - (slack if a > slack else 0)
    holds = frozenset({"even"} if b % 2 == 0 else ())
    return Row(
        str(number), {"kind": "planted", "a": a, "b": b}, {"a": a, "b": b, "t": t, "s": s, "k": a + b}, holds, frozenset({"even"}) - holds, "planted"
    )


@pytest.fixture(scope="module")
def planted() -> Table:
    table = Table(PLANTED, ["even"])
    table.add(planted_row(i, *triple) for i, triple in enumerate(product(range(1, 7), range(6), (0, 1, 2))))
    return table


def found_in(table: Table, target: str, *assuming: str) -> list[Proposal]:
    entry = next(entry for entry in table.invariants if entry.name == target)
    return list(proposals(table, target, assuming, choices(table.invariants, entry, sizes_only=True, units=True)))


def keys(bounds: list[Bound]) -> set[object]:
    return {bound.key for bound in bounds}


def test_the_programme_finds_the_closest_plane() -> None:
    random = np.random.default_rng(0)
    for width in (1, 2, 3):
        points = np.hstack([random.integers(0, 7, (60, width)).astype(float), np.ones((60, 1))])
        heights = random.integers(0, 9, 60) / 3
        mean = points.mean(axis=0)
        found = facet(points, heights, mean)
        best = linprog(mean, -points, -heights, bounds=[(None, None)] * (width + 1), method="highs-ds")
        assert found is not None and abs(mean @ found - best.fun) < 1e-7 and (points @ found - heights).min() > -1e-7


def test_points_in_a_common_plane_determine_nothing() -> None:
    points = np.array([[1.0, 2, 1], [2, 4, 1], [3, 6, 1]])
    assert facet(points, np.array([1.0, 2, 3]), points.mean(axis=0)) is None
    assert facet(np.zeros((3, 1)), np.ones(3), np.zeros(1)) is None


def test_small_fractions_are_small() -> None:
    assert small_fractions(np.array([1 / 12, -1 / 12]), 12) == (Fraction(1, 12), Fraction(-1, 12))
    assert small_fractions(np.array([1 / 12]), 4) is None and small_fractions(np.array([40.0]), 4) is None
    assert small_fractions(np.array([1 / 3, 1 / 4]), 4) is None  # over a common denominator they are not


def test_planted_bounds_are_found(planted: Table) -> None:
    cubic = read_bound("s <= (a^3 - a)/12")
    assert cubic.key in keys([proposal.bound for proposal in found_in(planted, "s")])
    plane = read_bound("t <= 2*a - b/2 + 1")
    (found,) = (proposal.bound for proposal in found_in(planted, "t") if proposal.bound.key == plane.key)
    judged = planted.judged(found)
    assert judged.holds and judged.touching.any() and not judged.touching.all()


def test_a_planted_equality_is_found_under_its_assumption(planted: Table) -> None:
    discovery = replace(discovery_of(kind_named("conditional-logit")), invariants=PLANTED)
    proposer = Proposer(planted, discovery, None)
    bounds, _ = proposer.propose(FAR, quiet)
    assert read_bound("2*t = 4*a - b + 2", "even").key in keys(bounds)
    assert read_bound("2*t = 4*a - b + 2").key not in keys(bounds)


def test_assumptions_nobody_needs_are_dropped(planted: Table) -> None:
    bound = Bound(parse_form("s"), "<=", parse_form("(a^3 - a)/12"), ("even",))
    proposal = Proposal("s", True, bound, planted.side(bound.right, bound.assuming))
    assert generalised(planted, proposal).bound.assuming == () and generalised(planted, proposal, frozenset({"even"})).bound.assuming == ("even",)
    narrow = Bound(parse_form("t"), "<=", parse_form("2*a - b/2 + 1"), ("even",))
    assert generalised(planted, Proposal("t", True, narrow, planted.side(narrow.right, ("even",)))).bound.assuming == ()


def test_a_counterexample_makes_a_bound_invalid(planted: Table) -> None:
    bound = read_bound("t <= 2*a")
    heights = planted.column("t")
    assert not valid(planted.side(bound.right, ()), heights, True) and not planted.judged(bound).holds


def proposal_of(table: Table, text: str, *assuming: str) -> Proposal:
    bound = read_bound(text, *assuming)
    return Proposal("s", True, bound, table.side(bound.right, assuming))


def test_the_dalmatian_rule_keeps_what_says_more_somewhere(planted: Table) -> None:
    sharp, weaker, elsewhere = "s <= (a^3 - a)/12", "s <= (a^3 - a)/12 + 1", "s <= 40 - 4*a"
    kept = dalmatian(planted, [proposal_of(planted, text) for text in (weaker, elsewhere, sharp)], ())
    texts = [proposal.bound.text for proposal in kept]
    assert read_bound(sharp).text in texts and read_bound(weaker).text not in texts
    # Known bounds count as kept before.
    assert dalmatian(planted, [proposal_of(planted, sharp)], (known(sharp),)) == []
    assert dalmatian(planted, [proposal_of(planted, sharp)], (known("s <= a^3"),)) != []


def test_what_follows_from_known_facts_is_recognised() -> None:
    facts = (known("x <= y"), known("y <= z + 1", source="area.lemma"), known("p = q", "even"))
    assert follows(read_bound("x <= z + 2"), facts, frozenset()) == ("definition", "area.lemma")
    assert follows(read_bound("x <= z"), facts, frozenset()) is None
    assert follows(read_bound("2*p = 2*q"), facts, frozenset()) is None
    assert follows(read_bound("2*p = 2*q"), facts, frozenset({"even"})) == ("definition",)


def test_sharpness_does_not_count_zeros(planted: Table) -> None:
    entry = ranked(planted, "s", read_bound("s <= (a^3 - a)/12"))
    assert entry is not None and 0 < entry.touching < entry.instances < len(planted.rows)
    assert ranked(planted, "s", read_bound("s <= a^3")) is None  # touches nothing


def test_forms_are_read_written_and_evaluated() -> None:
    bound = read_bound("12*u >= (K^3 - K)/2 - 3/4*m*K", "p")
    assert read_bound(bound.text, "p") == bound
    values = {"K": 3, "m": 2, "u": Interval(Fraction(1), Fraction(1, 8))}
    found = bound.gap.evaluate(values)
    assert isinstance(found, Interval) and found.lower <= 12 - Fraction(12) + Fraction(9, 2) <= found.upper
    assert bound.latex({"u": r"\|u\|^2"}).count(r"\le ") == 1
    for text in ("a <=", "a", "f(a) <= 1", "a/b <= 1", "a^b <= 1", "1.5*a <= b", "a^99 <= 1"):
        with pytest.raises(InvalidInput, match=r"formula|bound"):
            read_bound(text)


CHAIN = AttentionNTP.one_hot_tokens(4, [[1, 0], [2, 1, 0], [3, 2, 0]], [1, 2, 3])


def test_invariants_of_a_chain() -> None:
    found = invariants_of(CHAIN)
    assert found["squared_norm"] == 5 == found["multipliers"] == found["chain_norm"] and found["height"] == 4
    assert found.says("12*squared_norm = tokens^3 - tokens", "one_query", "orthonormal_embeddings").decide().outcome is Outcome.HOLDS
    assert found.says("squared_norm <= tokens").decide().outcome is Outcome.REFUTED
    assert found.says("squared_norm <= tokens", "cyclic").decide().outcome is Outcome.VACUOUS
    assert found.says("next_margin <= 2").decide().outcome is Outcome.HOLDS
    with pytest.raises(InvalidInput, match="invariants: tokens, sequences"):
        found["girth"]
    with pytest.raises(InvalidInput, match="assumptions: "):
        found.says("tokens <= 4", "planar")


def test_an_undefined_invariant_says_nothing() -> None:
    found = invariants_of(LinearNTP([[1]], [["1/2", "1/2"]]))
    assert found["squared_margin"] is None and found.says("squared_margin <= 1").decide().outcome is Outcome.VACUOUS


def test_rows_travel() -> None:
    row = row_of(CHAIN, "planted")
    assert Row.of(json.loads(json.dumps(row.plain()))) == row


@pytest.mark.parametrize("name", ["linear-ntp", "attention-ntp"])
def test_known_bounds_hold_and_name_statements_that_exist(name: str) -> None:
    discovery, labels = discovery_of(kind_named(name)), set(collect())
    names, predicates = {entry.name for entry in discovery.invariants}, {entry.name for entry in kind_named(name).assumptions}
    for fact in discovery.known:
        assert fact.bound.names <= names and set(fact.bound.assuming) <= predicates, fact
        assert " " in fact.source or fact.source == "definition" or fact.source in labels, fact
    strategy = instances_of(name)
    for seed in range(60):
        found = invariants_of(independent_draw(strategy, seed)[1])
        refuted = [fact for fact in discovery.known if found.relation(fact.bound).decide().outcome is Outcome.REFUTED]
        assert refuted == [], (found.problem, refuted)


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kind_has_invariants(name: str) -> None:
    discovery = discovery_of(kind_named(name))
    assert any(entry.given for entry in discovery.invariants) and all(entry.says and entry.latex for entry in discovery.invariants)
    assert len({entry.name for entry in discovery.invariants}) == len(discovery.invariants)


@pytest.fixture(scope="module")
def one_hot() -> Table:
    """One-hot tokens and one query: small datasets by draws, and the chains."""
    kind = kind_named("attention-ntp")
    table = Table(discovery_of(kind).invariants, [entry.name for entry in kind.assumptions])
    strategy = kind.strategy(max_tokens=5, max_dimension=5, max_sequences=4, max_length=3, embeddings="one-hot", single_query=True)
    table.add(row_of(independent_draw(strategy, seed)[1], "draw") for seed in range(160))
    for size in range(2, 7):
        sequences = [[1, 0], *([v, v - 1, 0] for v in range(2, size))]
        table.add([row_of(AttentionNTP.one_hot_tokens(size, sequences, list(range(1, size))), "chain")])
    return table


def test_known_facts_are_found_again(one_hot: Table) -> None:
    discovery = discovery_of(kind_named("attention-ntp"))
    proposer = Proposer(one_hot, discovery, None)
    proposer._premises = [()]
    bounds, _ = proposer.propose(FAR, quiet)
    # Here both are the generation norm, a size: on a table this small that is an equality too.
    assert follows(read_bound("multipliers = squared_norm"), [Known(bound, "found") for bound in bounds], frozenset()) is not None
    entry = next(entry for entry in discovery.invariants if entry.name == "squared_norm")
    terms = [choice for choice in choices(discovery.invariants, entry, True, True) if all(name == "tokens" for m in choice for name, _ in m)]
    found = list(proposals(one_hot, "squared_norm", ("one_query", "orthonormal_embeddings"), terms))
    cubic = read_bound("12*squared_norm <= tokens^3 - tokens", "one_query", "orthonormal_embeddings")
    assert cubic.key in keys([proposal.bound for proposal in found])
    touching = one_hot.judged(cubic).touching
    assert all(touching[i] for i, row in enumerate(one_hot.rows) if row.origin == "chain")
    opened, familiar = select(
        one_hot,
        discovery.known,
        [*bounds, read_bound("multipliers = squared_norm")],
        [proposal for proposal in found if proposal.bound.key == cubic.key],
    )
    sources = {source for entry in familiar for source in entry.sources}
    assert {"foundations.max-margin", "a linear extension of the order is feasible"} <= sources
    assert cubic.key not in keys([entry.bound for entry in opened])


def test_a_false_bound_is_refuted_and_its_counterexample_enters_the_table(tmp_path: Path, one_hot: Table) -> None:
    kind = kind_named("attention-ntp")
    false, true = read_bound("squared_norm <= 1"), read_bound("multipliers = squared_norm")
    result = attack(kind, Plan("attention-ntp", save=tmp_path), [("squared_norm", false), ("multipliers", true)], 1, 100, FAR)
    ((bound, instance),) = result.refuted
    assert bound == false and result.verdicts[true] == "holds" and result.decided[true] >= 50
    table = Table(one_hot.invariants, one_hot.predicates)
    before = len(table.rows)
    table.add([row_of(kind.read(instance), "counterexample")])
    assert len(table.rows) == before + 1 and not table.judged(false).holds and table.judged(true).holds


def test_a_broken_proposal_is_proposed_anew(planted: Table) -> None:
    table = Table(PLANTED, ["even"])
    table.add(row for row in planted.rows if int(row.instance["a"]) <= 3)
    proposer = Proposer(table, replace(discovery_of(kind_named("conditional-logit")), invariants=PLANTED), "s")
    _, first = proposer.propose(FAR, quiet)
    table.add(planted.rows)
    proposer.learn()
    _, second = proposer.propose(FAR, quiet)
    assert any(not planted.judged(proposal.bound).holds for proposal in first)
    assert second and all(planted.judged(proposal.bound).holds for proposal in second)


def test_the_file_of_survivors_is_one_that_check_takes(tmp_path: Path) -> None:
    bounds = [("squared_norm", read_bound("12*squared_norm <= tokens^3 - tokens", "one_query", "orthonormal_embeddings"))]
    text = conjecture_file("attention-ntp", "attention-ntp", "A title", "found.py", bounds, {"squared_norm": r"\|u\|^2", "tokens": "K"})
    path = tmp_path / "found.py"
    path.write_text(text, encoding="utf-8")
    run = CliRunner().invoke(app, ["check", str(path), "--examples", "60", "--workers", "1", "--json"])
    assert run.exit_code == 0, run.output
    (claim,) = json.loads(run.stdout)["conjectures"][0]["claims"]
    assert claim["outcome"] == "holds" and claim["instances"]["satisfied"] > 0
    bounds.append(("tokens", read_bound("tokens <= tokens^2")))
    path.write_text(conjecture_file("attention-ntp", "attention-ntp", "A title", "found.py", bounds, {}, apart=True), encoding="utf-8")
    run = CliRunner().invoke(app, ["check", str(path), "--examples", "60", "--workers", "1", "--json"])
    assert run.exit_code == 0, run.output
    apart, free = json.loads(run.stdout)["conjectures"]
    # Where premises are assumptions, what fails them is rejected instead of not exercised, and draws are made to meet them.
    assert apart["assumptions"] and apart["claims"][0]["instances"]["satisfied"] >= 60 and not free["assumptions"]
    assert apart["claims"][0]["instances"]["not_exercised"] == 0 and free["claims"][0]["instances"]["satisfied"] >= 60


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A whole run on a kind without invariants of its own, kept in a directory."""
    save = tmp_path_factory.mktemp("discover") / "kept"
    found = discover(Plan("path-star", "accuracy", limit=900.0, save=save, campaign=200, skirmish=100))
    record = record_of(found, None)
    text = survivors_file(found, "found.py")
    compile(text, "found.py", "exec")
    assert survivors_latex(found).count(r"\begin{conjecture}") == len(found.survivors)
    assert "conjecture" in markdown_page(record)
    return save, record


def test_every_paper_can_be_discovered(small_run: tuple[Path, dict[str, object]]) -> None:
    _, record = small_run
    assert record["kind"] == "path-star" and record["table"]["rows"] > 50  # type: ignore[index]
    assert all("accuracy" in entry["bound"] for entry in record["survivors"])  # type: ignore[attr-defined]


def test_a_run_resumes_and_repeats(small_run: tuple[Path, dict[str, object]]) -> None:
    save, record = small_run
    journal = save / "table" / "journal.jsonl"
    before = journal.read_bytes()
    again = record_of(discover(Plan("path-star", "accuracy", limit=900.0, save=save, campaign=200, skirmish=100)), None)
    assert again == record and journal.read_bytes() == before
    with pytest.raises(InvalidInput, match="another"):
        discover(Plan("path-star", "accuracy", seed=1, limit=60.0, save=save))


FOUND = Path(__file__).resolve().parent.parent / "examples" / "discovered"


@pytest.mark.parametrize("path", sorted(FOUND.glob("*.json")), ids=lambda path: path.stem)
def test_what_the_page_says_of_refuted_and_surviving_bounds(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    kind = kind_named(record["kind"])
    problems = [invariants_of(kind.read(entry["instance"])) for entry in record["refuted"]]
    for entry, found in zip(record["refuted"], problems):
        assert found.says(entry["bound"], *entry["assuming"]).decide().outcome is Outcome.REFUTED, entry
    for entry in record["survivors"]:
        assert all(found.says(entry["bound"], *entry["assuming"]).decide().outcome is not Outcome.REFUTED for found in problems), entry
    text = path.with_suffix(".py").read_text(encoding="utf-8")
    assert all(f'"{entry["bound"]}"' in text for entry in record["survivors"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-area"], "areas: "),
        (["foundations-x"], "foundations"),
        (["attention-ntp", "--target", "girth"], "invariants: tokens, sequences"),
        (["attention-ntp", "--out", "found.txt"], "FILE.py"),
        (["attention-ntp", "--out", "no/such/place/found.py"], "a directory that exists"),
    ],
)
def test_bad_input_is_one_message(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from ntpproofs.commands import cli

    monkeypatch.setattr("sys.argv", ["ntpproofs", "discover", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and "Traceback" not in error and len(error.splitlines()) == 1


def test_a_directory_that_cannot_be_used(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("a file", encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be used"):
        discover(Plan("path-star", save=place))


def test_types_and_closures(one_hot: Table) -> None:
    assert 0 < one_hot.types <= len(one_hot.rows) and one_hot.representatives.sum() == one_hot.types
    assert one_hot.add(one_hot.rows) == 0
    assert {"independent_embeddings", "one_query"} <= closure_of(one_hot, ["orthonormal_embeddings"])


def test_a_later_campaign_moves_what_it_refutes(tmp_path: Path) -> None:
    name = "discovered_page"
    spec = importlib.util.spec_from_file_location(name, FOUND.parent.parent / "docs" / "discovered.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    record = json.loads((FOUND / "linear_ntp.json").read_text(encoding="utf-8"))
    names = [claim_name(number, entry["target"]) for number, entry in enumerate(record["survivors"], 1)]
    claims = [{"name": name, "outcome": "holds", "instances": {"satisfied": 1_000 + i}} for i, name in enumerate(names)]
    claims[1] = {"name": names[1], "outcome": "refuted", "instances": {"satisfied": 5}, "counterexample": {"instance": {"kind": "linear-ntp"}}}
    two = [{"claims": claims[:1], "phases": {"random": 700}}, {"claims": claims[1:], "phases": {"random": 1_000, "steered": 50}}]
    found = module.withstood(record, {"conjectures": two})
    assert len(found["survivors"]) == len(claims) - 1 and [entry["decided"] for entry in found["survivors"]][:2] == [1_000, 1_002]
    assert found["refuted"][0]["bound"] == record["survivors"][1]["bound"] and found["refuted"][1:] == record["refuted"]
    assert f"1,750 different instances: it refuted 1 of {len(claims)}" in found["note"]
    with pytest.raises(SystemExit, match="other bounds: bound_1_of"):
        module.withstood(record, {"conjectures": [{"claims": claims[1:], "phases": {}}]})
    written, campaign = tmp_path / "linear_ntp.json", tmp_path / "campaign.json"
    for refuted in (False, True):
        written.write_text(json.dumps(record), encoding="utf-8")
        claims[1]["outcome"] = "refuted" if refuted else "holds"
        campaign.write_text(json.dumps({"conjectures": [{"claims": claims, "phases": {"random": 9}}]}), encoding="utf-8")
        module.take(campaign, written)
        text = written.with_suffix(".py").read_text(encoding="utf-8")
        assert (record["survivors"][1]["bound"] not in text) is refuted
        assert (text == (FOUND / "linear_ntp.py").read_text(encoding="utf-8")) is not refuted


def test_time_that_ends_the_proposals_is_no_fixed_point(planted: Table) -> None:
    class Slow:
        def propose(self, deadline: float, watch: object) -> tuple[list[object], list[object]]:
            time.sleep(max(0.0, deadline - time.monotonic()))
            return [], []

    found = Discovered(kind_named("linear-ntp"), Plan("linear-ntp", limit=0.5), planted, Filling((), "time"))
    _Rounds(found, cast(Any, Slow()), cast(Any, None), time.monotonic(), lambda text: None).run()
    assert found.ended == "time" and not found.survivors


@pytest.mark.parametrize("width", [60, 80])
def test_the_table_of_survivors_crops_nothing(width: int) -> None:
    bound, given = "6*squared_norm = appearances - 3*queries + 2*total_height", ["one_query", "orthonormal_embeddings"]
    survivor = {"bound": bound, "assuming": given, "decided": 0, "verdict": "inconclusive", "sharpness": 1.0}
    record = {"title": "T", "survivors": [survivor], "table": {"rows": 4, "types": 3, "ended": "time"}, "rounds": [], "refuted": [], "familiar": []}
    console = Console(file=io.StringIO(), width=width)
    _show(console, record | {"ended": "time", "seconds": 1.0}, [])
    shown = cast(io.StringIO, console.file).getvalue()
    assert "…" not in shown and all(name in shown for name in given)
