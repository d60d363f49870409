"""The checking loop: what counts as exercised, decided, refuted, killed; what survives is reported; witnesses are minimal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from ntpproofs.checking.laboratory import PROFILES, Laboratory, Profile, draw
from ntpproofs.checking.loop import admissible, check
from ntpproofs.checking.reports import StatementReport
from ntpproofs.checking.shrinking import simplifications
from ntpproofs.errors import InvalidInput, InvalidStatement
from ntpproofs.language.relations import AtMost, Converges, Equal, Implies, Less, Measured, ValuePath
from ntpproofs.language.statements import Assumption, Case, Conjecture, Draft, Erratum, Lemma, Theorem, assumption
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict
from ntpproofs.problems import ConditionalLogit, LinearNTP
from ntpproofs.strategies import conditional_logits, linear_ntps

HOLDS, REFUTED, INCONCLUSIVE, VACUOUS = Outcome.HOLDS, Outcome.REFUTED, Outcome.INCONCLUSIVE, Outcome.VACUOUS
SMALL = Profile("small", 10, 20, 50)


@assumption()
def even(problem: Any) -> bool:
    """The number is even."""
    return bool(problem % 2 == 0)


@assumption()
def small(problem: Any) -> bool:
    """The number is below six."""
    return bool(problem < 6)


def run(statement: Draft, profile: Profile = SMALL) -> StatementReport:
    return check(statement, Laboratory(profile))


def with_claim(function: Callable[[Case], Any], kind: Any = Theorem, **options: Any) -> StatementReport:
    """The report of a statement with one claim."""
    expected = options.pop("claim_expected", "holds")
    statement = kind("foundations.test", "Test", **options)
    statement.claim("x", expected=expected)(function)
    return run(statement)


def is_even(case: Case) -> Equal:
    return Equal(case.problem % 2, 0)


def test_a_claim_holds_on_the_instances_that_satisfy_the_assumptions() -> None:
    report = with_claim(is_even, instances=[0, 1, 2, 2, 3, 8, 9], assumptions=(even, small))
    (claim,) = report.claims
    assert claim.verdict == Verdict(HOLDS, Evidence.CERTIFIED, "2 instances", "0 = 0")
    assert claim.instances == {"satisfied": 2, "not_exercised": 0, "rejected": 4, "duplicate": 1, "degenerate": 0, "undecided": 0}
    assert claim.rejected == {"even": 3, "small": 1}
    assert report.outcome is HOLDS and report.evidence is Evidence.CERTIFIED and report.as_expected


def test_no_instance_is_vacuous_never_green() -> None:
    for instances, assumptions in (([], ()), ([1, 3], (even,)), ([8, 10], (even, small))):
        report = with_claim(is_even, instances=instances, assumptions=assumptions)
        assert report.claims[0].verdict.outcome is VACUOUS and report.outcome is VACUOUS and not report.as_expected
        assert report.claims[0].verdict.evidence is None and "no instance" in report.claims[0].verdict.detail
    report = with_claim(lambda case: Implies(case.problem > 100, Equal(0, 1)), instances=range(5))
    assert report.outcome is VACUOUS and report.claims[0].instances["satisfied"] == 0 and report.claims[0].instances["not_exercised"] == 5


def test_a_claim_about_no_problem_is_checked_once() -> None:
    report = with_claim(lambda case: Equal(case.problem, None))
    assert report.outcome is HOLDS and report.claims[0].instances["satisfied"] == 1


def test_one_refuted_instance_refutes() -> None:
    report = with_claim(is_even, instances=[2, 4, 7, 6, 9])
    (claim,) = report.claims
    assert claim.verdict == Verdict(REFUTED, Evidence.CERTIFIED, "2 of 5 instances", "1 = 0", slack=-1.0)
    assert claim.witness is not None and claim.witness.text == "7" and claim.witness.detail == "1 = 0" and claim.witness.instance is None
    assert not report.as_expected and not claim.as_expected


def test_the_strongest_refutation_is_the_witness() -> None:
    def claim(case: Case) -> Equal:
        return Equal(1.0, 2, 0.1) if case.problem == 1 else Equal(1, 2) if case.problem == 3 else Equal(0, 0)

    report = with_claim(claim, instances=range(5))
    assert report.claims[0].verdict.evidence is Evidence.CERTIFIED
    assert report.claims[0].witness is not None and report.claims[0].witness.text == "3"


def test_refutation_in_floats_is_graded_so() -> None:
    report = with_claim(lambda case: Equal(float(case.problem), 0, 0.5), instances=[0, 2])
    assert (report.claims[0].verdict.outcome, report.claims[0].verdict.evidence) == (REFUTED, Evidence.TESTED)
    assert not report.claims[0].witness.locally_minimal  # type: ignore[union-attr]


def test_the_grade_is_the_weakest_of_the_instances() -> None:
    report = with_claim(lambda case: Equal(Measured(0.0, 1.0), 0) if case.problem == 2 else Equal(0, 0), instances=range(4))
    assert report.claims[0].verdict.evidence is Evidence.TESTED and report.evidence is Evidence.TESTED


RAISING: list[tuple[Exception, str]] = [
    (ZeroDivisionError("x"), "raised ZeroDivisionError: x"), (ValueError("x"), "ValueError"), (KeyError("x"), "KeyError"),
    (NameError("x"), "NameError"), (AssertionError("x"), "AssertionError"), (np.linalg.LinAlgError("x"), "LinAlgError"),
    (RecursionError("x"), "RecursionError"), (OSError("x"), "OSError"),
    (InvalidInput("data", "is wrong", "fix it"), "data: is wrong. Remedy: fix it."),
]  # fmt: skip


@pytest.mark.parametrize(("error", "detail"), RAISING, ids=[type(error).__name__ for error, _ in RAISING])
def test_exceptions_are_inconclusive(error: Exception, detail: str) -> None:
    def claim(case: Case) -> Equal:
        if case.problem:
            raise error
        return Equal(0, 0)

    report = with_claim(claim, instances=[1])
    assert report.outcome is INCONCLUSIVE and not report.as_expected
    assert detail in report.claims[0].verdict.detail
    # Beside decided instances what was foreseen is counted, not hidden; what nobody foresaw is a defect and never passes.
    report = with_claim(claim, instances=[0, 1])
    foreseen = isinstance(error, InvalidInput)
    assert bool(report.defects) is not foreseen and report.claims[0].instances["undecided"] == 1 and not report.as_expected
    report = with_claim(lambda case: Equal(case.problem, case.problem) if case.problem < 5 else claim(case), instances=range(6))
    assert report.outcome is (HOLDS if foreseen else INCONCLUSIVE) and report.as_expected is foreseen
    if foreseen:
        assert report.claims[0].verdict.scope == "5 of 6 instances decided, 1 undecided"
    else:
        ((part, name, why),) = report.defects
        assert (part, name) == ("claim", "<lambda>") and "test_checking.py:" in why and "on 5" in why


def test_more_left_open_than_holding_is_inconclusive() -> None:
    report = with_claim(lambda case: Equal(1.0, 1) if case.problem else Equal(case.problem, 0), instances=range(3))
    assert report.outcome is INCONCLUSIVE and report.claims[0].verdict.scope == "2 of 3 instances left open" and not report.defects


def test_an_assumption_that_raises_is_a_defect_and_not_vacuous() -> None:
    def raising(problem: Any) -> bool:
        raise KeyError("bad")

    for decide, words in ((raising, "raised KeyError: 'bad' at "), (lambda problem: None, "no decision")):
        report = with_claim(is_even, instances=[2], assumptions=(Assumption("bad", decide),))
        assert report.outcome is INCONCLUSIVE and "assumption bad was not decided" in report.claims[0].verdict.detail
        ((part, name, why),) = report.defects
        assert (part, name) == ("assumption", "bad") and words in why


def test_a_claim_that_changes_the_instance_is_named_and_harms_no_other() -> None:
    theorem = Theorem("foundations.changing", "Changing", instances=[[1], [2, 3]])

    @theorem.claim("x")
    def clears(case: Case) -> Equal:
        case.problem.clear()
        return Equal(case.problem, [0])

    @theorem.claim("y")
    def not_empty(case: Case) -> AtMost:
        return AtMost(1, len(case.problem))

    report = run(theorem)
    assert [claim.verdict.outcome for claim in report.claims] == [INCONCLUSIVE, HOLDS]
    assert report.defects == (("claim", "clears", report.claims[0].verdict.detail),) and "changes the instance" in report.defects[0][2]
    # Also a frozen problem can be changed, by force.
    logit = ConditionalLogit([(1, 0, [["1"], ["0"]])])

    def forced(case: Case) -> Equal:
        case.problem._data = None
        return Equal(case.problem._data, None)

    kept = logit.data
    assert "changes the instance" in with_claim(forced, instances=[logit]).defects[0][2]
    logit._data = kept


def test_exceptions_while_deciding_are_inconclusive_too() -> None:
    report = with_claim(lambda case: AtMost((1, 2), (1, 2, 3)), instances=[1])
    assert report.outcome is INCONCLUSIVE and "test_checking.py" in report.claims[0].verdict.detail
    path = ValuePath(np.arange(3.0), np.ones((3, 2)), np.zeros(3))
    assert with_claim(lambda case: Converges(path, (1, 2, 3)), instances=[1]).outcome is INCONCLUSIVE


def test_exceptions_while_deriving_or_simulating_are_inconclusive() -> None:
    def broken(problem: Any) -> Any:
        raise ArithmeticError(f"no decomposition of {problem}")

    report = with_claim(lambda case: Equal(case.derived, 1), instances=[7], derive=broken)
    assert report.outcome is INCONCLUSIVE and "no decomposition of 7" in report.claims[0].verdict.detail
    report = with_claim(lambda case: Equal(case.trajectory, 1), instances=[7], simulate=broken)
    assert report.outcome is INCONCLUSIVE
    assert with_claim(lambda case: Equal(1, 1), instances=[7], derive=broken).outcome is HOLDS


def test_undecided_assumptions_leave_the_instance_out() -> None:
    unknown = Assumption("unknown", lambda problem: Outcome.UNDECIDED if problem == 3 else True)

    def too_large(problem: Any) -> bool:
        if problem == 4:
            raise InvalidInput("data", "is too large", "make it smaller")
        return True

    report = with_claim(lambda case: Equal(0, 0), instances=range(6), assumptions=(unknown, Assumption("large", too_large)))
    assert report.claims[0].instances == {"satisfied": 4, "not_exercised": 0, "rejected": 0, "duplicate": 0, "degenerate": 0, "undecided": 2}


@pytest.mark.parametrize("value", [True, None, 1.0, "holds", [], np.bool_(True)])
def test_a_claim_that_returns_no_relation_is_an_error_of_the_statement(value: Any) -> None:
    report = with_claim(lambda case: value, instances=[1])
    ((part, _, why),) = report.defects
    assert report.outcome is INCONCLUSIVE and part == "claim" and "not a relation" in why


def test_a_statement_needs_something_to_check() -> None:
    with pytest.raises(InvalidStatement, match="neither claims nor steps"):
        run(Lemma("foundations.empty", "Empty"))


def test_steps_run_once_or_on_every_instance() -> None:
    calls: list[Any] = []
    lemma = Lemma("foundations.steps", "Steps", instances=[1, 2, 3, 4], assumptions=(even,))

    @lemma.step("once", by="counting", scope="all sizes")
    def once() -> Equal:
        calls.append("once")
        return Equal(1, 1)

    @lemma.step("on instances", by="enumeration", scope="size 1")
    def each(case: Case) -> AtMost:
        calls.append(case.problem)
        return AtMost(case.problem, 3)

    report = run(lemma)
    assert calls == [2, 4, "once"]
    assert [(step.verdict.outcome, step.verdict.scope) for step in report.steps] == [(HOLDS, "all sizes"), (REFUTED, "size 1, 1 of 2 instances")]
    assert report.outcome is REFUTED and report.evidence is None


def mutated(mutant: Callable[[Case], Any], **options: Any) -> Any:
    """The report of the one mutant of a true claim about numbers."""
    without, instances = options.pop("without", None), options.pop("instances", range(12))
    theorem = Theorem("foundations.mutated", "Mutated", instances=range(12), assumptions=(even, small), **options)
    theorem.claim("x")(is_even)
    theorem.mutant(of=is_even, without=without, instances=None if instances == range(12) else instances)(mutant)
    return run(theorem)


def test_mutants_are_killed_by_exact_refutation() -> None:
    report = mutated(lambda case: Less(case.problem, 4))
    (mutant,) = report.mutants
    assert mutant.killed and mutant.evidence is Evidence.CERTIFIED and mutant.searched == 3 and mutant.witness.text == "4"
    assert report.as_expected and report.survivors == ()


def test_survivors_are_reported_and_fail_the_statement() -> None:
    report = mutated(lambda case: Less(case.problem, 100))
    (mutant,) = report.survivors
    assert not mutant.killed and mutant.searched == 3 and mutant.witness is None
    assert mutant.detail == "not refuted on 3 instances (3 holds)"
    assert report.outcome is HOLDS and not report.as_expected


@pytest.mark.parametrize(
    ("relation", "killed"),
    [
        (Equal(1.0, 2, 0.1), False),  # floats do not kill
        (Equal(Measured(1.0, 0.1), 2), False),
        (Equal(1.0, 2), False),
        (Implies(False, Equal(0, 1)), False),
        (Converges(ValuePath(np.linspace(1, 100, 50), np.ones(50), np.full(50, 1e-9)), (Fraction(2),)), True),  # except about limits of paths
        (Implies(Equal(1.0, 1, 0.1), Equal(0, 1)), False),
        (Equal(0, 1), True),
    ],
    ids=range(7),
)
def test_what_kills(relation: Any, killed: bool) -> None:
    assert mutated(lambda case: relation).mutants[0].killed == killed


def test_admissible_evidence() -> None:
    grades = {grade: admissible(Verdict(REFUTED, grade)) for grade in Evidence}
    assert [grade for grade, killed in grades.items() if killed] == [Evidence.ENCLOSED, Evidence.CERTIFIED, Evidence.PROVED]
    assert admissible(Verdict(REFUTED, Evidence.TESTED, on_path=True)) and not admissible(Verdict(REFUTED))


def test_dropping_an_assumption_searches_where_exactly_that_one_fails() -> None:
    seen: list[int] = []

    def spy(case: Case) -> Equal:
        seen.append(case.problem)
        return Equal(0, 0)

    assert mutated(spy, without=even).mutants[0].searched == 3 and seen == [1, 3, 5]
    seen.clear()
    mutated(spy, without=small)
    assert seen == [6, 8, 10]
    seen.clear()
    mutated(spy, instances=[20, 2, 2, 5])
    assert seen == [2]
    theorem = Theorem("foundations.dropped", "Dropped", instances=range(6), assumptions=(even,))
    theorem.claim("x")(is_even)
    theorem.mutant(of=is_even, without=even)
    report = run(theorem)
    assert report.mutants[0].killed and report.mutants[0].name == "is_even without even" and report.mutants[0].witness.text == "1"  # type: ignore[union-attr]


def test_mutants_that_raise_survive() -> None:
    def broken(case: Case) -> Equal:
        raise ValueError("x")

    report = mutated(broken)
    assert not report.mutants[0].killed and "3 inconclusive" in report.mutants[0].detail and report.defects[0][:2] == ("mutant", "broken")
    assert mutated(lambda case: Equal(0, 1), instances=[]).mutants[0].detail == "not refuted on 0 instances (none admitted)"


def test_errata_expect_the_printed_claim_to_be_refuted() -> None:
    def repaired(case: Case) -> AtMost:
        return AtMost(0, case.problem)

    def erratum(printed: Callable[[Case], Any]) -> StatementReport:
        statement = Erratum("foundations.erratum", "Erratum", instances=range(3))
        statement.claim("printed", expected="refuted")(printed)
        statement.claim("repaired")(repaired)
        return run(statement)

    good = erratum(lambda case: AtMost(case.problem, 1))
    assert good.outcome is HOLDS and good.as_expected and good.claims[0].as_expected
    bad = erratum(lambda case: AtMost(case.problem, 9))
    assert bad.outcome is REFUTED and not bad.as_expected
    open_ = erratum(lambda case: Equal(1.0, 1))
    assert open_.outcome is INCONCLUSIVE and not open_.as_expected


def test_conjectures_are_reported_as_found() -> None:
    assert with_claim(is_even, Conjecture, instances=[1]).outcome is REFUTED
    assert with_claim(is_even, Conjecture, instances=[1]).as_expected
    assert with_claim(is_even, Conjecture, instances=[1], expected="refuted").as_expected
    assert not with_claim(is_even, Conjecture, instances=[2], expected="refuted").as_expected
    assert not with_claim(is_even, Conjecture, instances=[1], expected="holds").as_expected


def test_examples_run_first_and_are_not_counted_twice() -> None:
    seen: list[int] = []

    def spy(case: Case) -> Equal:
        seen.append(case.problem)
        return Equal(0, 0)

    report = with_claim(spy, examples=(7, 3), instances=iter([3, 1, 7]))
    assert seen == [7, 3, 1] and report.claims[0].instances["duplicate"] == 2


def test_unhashable_instances_are_told_apart_by_their_text() -> None:
    report = with_claim(lambda case: Equal(len(case.problem), 1), instances=[[1], [1], [2]])
    assert report.claims[0].instances["satisfied"] == 2 and report.claims[0].instances["duplicate"] == 1


def test_budgets() -> None:
    def numbers() -> Iterator[int]:
        k = 0
        while True:
            k += 1
            yield k

    report = with_claim(lambda case: Equal(0, 0), instances=numbers())
    assert report.claims[0].instances["satisfied"] == SMALL.instances
    assert len(draw(range(100), 7, 0)) == 7 and draw(None, 5, 0) == [] and draw([], 5, 0) == []
    names = [profile.name for profile in PROFILES.values()]
    assert names == list(PROFILES) == ["quick", "standard", "thorough"]


def test_draws_are_deterministic_and_depend_on_the_seed() -> None:
    strategy = conditional_logits(max_rows=2, max_alternatives=2, max_dimension=2)
    first, again, other = draw(strategy, 30, 1), draw(strategy, 30, 1), draw(strategy, 30, 2)
    assert first == again and first != other and len(first) <= 30 and len(set(first)) > 10
    assert draw(st.nothing(), 5, 0) == []
    assert draw(st.integers().filter(lambda n: False), 5, 0) == []


def test_one_run_draws_and_derives_once() -> None:
    strategy = linear_ntps(max_vocabulary=3, max_contexts=2, max_dimension=2)
    laboratory, calls = Laboratory(SMALL), []
    pool = laboratory.pool(strategy, 10)
    assert all(a is b for a, b in zip(pool, laboratory.pool(strategy, 10))) and laboratory.pool(None, 5) == []
    equal = laboratory.pool([LinearNTP([[1]], [[1]]), LinearNTP([["2/2"]], [[1]])], 2)
    assert equal[0] is equal[1]

    def simulate(problem: Any) -> int:
        calls.append(problem)
        return len(calls)

    statement = Theorem("foundations.a", "a", simulate=simulate).statement()
    other = Theorem("foundations.b", "b", simulate=simulate).statement()
    assert laboratory.case(statement, pool[0]).trajectory == laboratory.case(other, pool[0]).trajectory == 1
    assert laboratory.case(statement, pool[1]).trajectory == (1 if pool[1] is pool[0] else 2)


def test_default_derivation_is_the_decomposition() -> None:
    problem = LinearNTP([[1]], [["1/2", "1/2", 0]])
    case = Laboratory(SMALL).case(Theorem("foundations.a", "a").statement(), problem)
    assert case.derived.max_margin.direction == (Fraction(1, 3), Fraction(1, 3), Fraction(-2, 3))
    assert Laboratory(SMALL).case(Theorem("foundations.a", "a").statement(), 7).derived is None


def test_degenerate_instances_are_counted() -> None:
    weak = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])])
    generic = ConditionalLogit([(1, 0, [[1, 0], [0, 0]])])
    report = with_claim(lambda case: Equal(0, 0), instances=[weak, generic])
    assert report.claims[0].instances["degenerate"] == 1


def test_witnesses_are_locally_minimal() -> None:
    # "No support vector has a multiplier of zero" is false; the witness cannot be simplified in any listed way.
    conjecture = Conjecture("user.strict", instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=3))

    @conjecture.claim()
    def strict(case: Case) -> Equal:
        best = case.derived.max_margin
        return Equal(best.support, best.strong_support)

    laboratory = Laboratory(Profile("search", 80, 80, 2_000))
    report = check(conjecture, laboratory)
    witness = report.claims[0].witness
    assert report.claims[0].verdict.outcome is REFUTED and witness is not None and witness.locally_minimal
    rows = [(row["weight"], row["chosen"], row["features"], row["multiplicities"]) for row in witness.instance["rows"]]
    problem = ConditionalLogit(rows)
    assert repr(problem) == witness.text

    def refuted(candidate: ConditionalLogit) -> bool:
        return strict(laboratory.case(conjecture.statement(), candidate)).decide().outcome is REFUTED

    assert refuted(problem) and not any(refuted(candidate) for candidate in simplifications(problem))
    assert witness.detail == strict(laboratory.case(conjecture.statement(), problem)).decide().detail


def test_witnesses_keep_the_side_of_every_assumption() -> None:
    @assumption()
    def two_contexts(problem: LinearNTP) -> bool:
        """At least two contexts."""
        return len(problem.supports) >= 2

    theorem = Theorem("foundations.two", "Two", instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2), assumptions=(two_contexts,))

    @theorem.claim()
    def claim(case: Case) -> AtMost:
        return AtMost(len(case.problem.supports), 1)

    theorem.mutant(of=claim, without=two_contexts)(lambda case: Less(len(case.problem.supports), 1))
    report = check(theorem, Laboratory(Profile("search", 30, 30, 500)))
    witness = report.claims[0].witness
    assert witness is not None and witness.locally_minimal and len(witness.instance["probabilities"]) == 2
    assert report.mutants[0].witness is not None and len(report.mutants[0].witness.instance["probabilities"]) == 1


def test_the_shrinking_budget_is_kept() -> None:
    theorem = Theorem("foundations.two", "Two", instances=linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3))
    theorem.claim()(lambda case: Equal(0, 1))
    witness = check(theorem, Laboratory(Profile("tight", 5, 5, 0))).claims[0].witness
    assert witness is not None and not witness.locally_minimal
    full = check(theorem, Laboratory(Profile("wide", 5, 5, 500))).claims[0].witness
    assert full is not None and full.locally_minimal and full.text == "LinearNTP(embeddings=[[0]], probabilities=[[1]])"
