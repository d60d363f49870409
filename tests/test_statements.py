"""Statements are data: registration order, names, mutants of claims, decided assumptions, lazy cases."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import ntpproofs
from ntpproofs.errors import InvalidStatement
from ntpproofs.language.references import REFERENCES, cite, derived
from ntpproofs.language.relations import Equal
from ntpproofs.language.statements import (
    Assumption,
    Case,
    Conjecture,
    Definition,
    Draft,
    Erratum,
    Lemma,
    Proposition,
    Theorem,
    assumption,
    clause,
)
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict


@assumption(r"n > 0", method="comparing")
def positive(problem: Any) -> bool:
    """The number is positive."""
    return bool(problem > 0)


@assumption()
def even(problem: Any) -> Any:
    """The number is even."""
    return Outcome.HOLDS if problem % 2 == 0 else Verdict(Outcome.FAILS, Evidence.CERTIFIED)


def statement(**options: Any) -> Draft:
    return Theorem("test.statement", "A statement", assumptions=(positive, even), instances=range(6), **options)


def test_claims_steps_and_mutants_keep_their_order() -> None:
    theorem = statement()

    @theorem.step("first", by="counting", scope="all sizes", latex="a")
    def first() -> Equal:
        return Equal(1, 1)

    @theorem.claim("b")
    def claim(case: Case, scale: int = 1) -> Equal:
        return Equal(scale * case.problem, case.problem)

    @theorem.step("second", by="enumeration", scope="size 2")
    def second(case: Case) -> Equal:
        return Equal(case.problem, case.problem)

    @theorem.mutant(of=claim, latex="c")
    def doubled(case: Case) -> Equal:
        return claim(case, scale=2)

    theorem.mutant(of=claim, without=even)

    @theorem.mutant(of=claim, without=positive, instances=[-2])
    def negative(case: Case) -> Equal:
        return claim(case, scale=3)

    frozen = theorem.statement()
    assert [entry.name for entry in frozen.claims] == ["claim"] and frozen.claims[0].latex == "b"
    assert [(entry.name, entry.by, entry.scope, entry.on_instances) for entry in frozen.steps] == [
        ("first", "counting", "all sizes", False), ("second", "enumeration", "size 2", True),
    ]  # fmt: skip
    assert [(entry.name, entry.of, entry.without) for entry in frozen.mutants] == [
        ("doubled", "claim", None), ("claim without even", "claim", even), ("negative", "claim", positive),
    ]  # fmt: skip
    assert frozen.mutants[1].function is claim and frozen.mutants[2].function is negative and frozen.mutants[2].instances == [-2]
    with pytest.raises(AttributeError):
        frozen.label = "other"  # type: ignore[misc]
    # Decorated functions stay usable, and keep their own names.
    assert claim(Case(3), scale=1) == Equal(3, 3) and first() == Equal(1, 1)


def test_names_are_registered_once() -> None:
    theorem = statement()

    @theorem.claim()
    def claim(case: Case) -> Equal:
        return Equal(1, 1)

    theorem.step("step", by="x", scope="y")(lambda: Equal(1, 1))
    theorem.mutant(of=claim, without=even)
    theorem.mutant(of=claim)(even_mutant)
    for again in (
        lambda: theorem.claim()(claim),
        lambda: theorem.step("step", by="x", scope="y")(lambda: Equal(1, 1)),
        lambda: theorem.mutant(of=claim, without=even),
        lambda: theorem.mutant(of=claim)(even_mutant),
    ):
        with pytest.raises(InvalidStatement, match="registered twice") as caught:
            again()
        assert caught.value.subject.startswith("test.statement: ")


def even_mutant(case: Case) -> Equal:
    return Equal(0, 1)


def test_mutants_need_a_claim_and_an_assumption_of_the_statement() -> None:
    theorem = statement()
    with pytest.raises(InvalidStatement, match="not a claim of this statement"):
        theorem.mutant(of=even_mutant)
    theorem.claim()(even_mutant)
    with pytest.raises(InvalidStatement, match="other is not assumed here"):
        theorem.mutant(of=even_mutant, without=Assumption("other", bool))


def a_step() -> Equal:
    return Equal(1, 1)


def with_clauses(*clauses: Any) -> Draft:
    theorem = statement(setup="Let $n$ be even.", clauses=clauses)
    theorem.claim("x")(even_mutant)
    theorem.step("a title", by="x", scope="y")(a_step)
    return theorem


def test_the_text_is_the_setting_and_the_clauses() -> None:
    first = clause("$n$ is even.", steps=("a title",), by=("a.b",), claims=("even_mutant",))
    second = clause("$n$ is small.", steps=("a_step",), argued="docstring")
    found = with_clauses(first, second).statement()
    assert found.text == "Let $n$ be even. $n$ is even. $n$ is small." and found.uses == ("a.b",)
    assert found.clauses[0].named == ("step a title", "a.b") and found.clauses[1].named == ("step a_step", "argued: docstring")


def test_without_clauses_each_claim_is_one_tested_on_instances() -> None:
    theorem = statement()
    theorem.claim(r"n \ge 0")(even_mutant)
    (found,) = theorem.statement().clauses
    assert (found.text, found.claims, found.named) == (r"$n \ge 0$.", ("even_mutant",), ("instances: even_mutant",))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (lambda: clause("x", steps=("nothing",)), "unknown step 'nothing'"),
        (lambda: clause("x", claims=("nothing",)), "unknown claim 'nothing'"),
        (lambda: clause("x", witness=("nothing",)), "unknown witness 'nothing'"),
        (lambda: clause("x", argued="docstring"), "belongs to no clause"),
        (lambda: clause("x"), "nothing that establishes"),
        (lambda: clause("", argued="docstring"), "no text"),
        (lambda: clause("x", steps="a_step"), "is the string"),
        (lambda: "x", "is no Clause"),
    ],
)
def test_clauses_name_what_there_is(entry: Any, reason: str) -> None:
    with pytest.raises(InvalidStatement, match=reason):
        with_clauses(entry()).statement()


def test_a_mutant_needs_a_function_or_an_assumption() -> None:
    theorem = statement()
    theorem.claim()(even_mutant)
    theorem.mutant(of=even_mutant, latex="never decorated")
    with pytest.raises(InvalidStatement, match="has no function"):
        theorem.statement()


def test_assumptions_must_be_decorated() -> None:
    with pytest.raises(InvalidStatement) as caught:
        Theorem("a.b", "t", assumptions=(positive, lambda problem: True))  # type: ignore[arg-type]
    assert caught.value.subject == "a.b: assumptions[1]" and "@assumption" in caught.value.remedy


def test_assumptions_are_decided() -> None:
    assert (positive.name, positive.latex, positive.method) == ("positive", "n > 0", "comparing")
    assert even.method == "The number is even."  # the docstring, where no method is named
    assert positive(3) == Verdict(Outcome.HOLDS) and positive(-1) == Verdict(Outcome.FAILS)
    assert even(4).outcome is Outcome.HOLDS and even(3) == Verdict(Outcome.FAILS, Evidence.CERTIFIED)
    assert Assumption("open", lambda problem: Outcome.UNDECIDED)(1).outcome is Outcome.UNDECIDED
    assert assumption(name="other")(lambda problem: True).name == "other"


@pytest.mark.parametrize("value", [None, 1, "yes", Outcome.REFUTED, Outcome.VACUOUS, Verdict(Outcome.INCONCLUSIVE), [True]])
def test_anything_else_is_no_decision(value: Any) -> None:
    with pytest.raises(InvalidStatement, match="no decision") as caught:
        Assumption("strange", lambda problem: value)(None)
    assert caught.value.subject == "assumption strange"


def test_cases_compute_on_first_access() -> None:
    calls: list[str] = []

    def derive(problem: int) -> int:
        calls.append("derive")
        return problem + 1

    def simulate(problem: int) -> int:
        calls.append("simulate")
        return problem * 10

    case = Case(3, derive, simulate)
    assert calls == [] and (case.derived, case.derived, case.trajectory, case.trajectory) == (4, 4, 30, 30)
    assert calls == ["derive", "simulate"]
    assert Case(3).derived is None and Case(3).trajectory is None
    assert Case(3) == Case(3, derive) and Case(3) != Case(4) and repr(case) == "Case(problem=3)"


@pytest.mark.parametrize(
    ("cls", "kind"),
    [
        (Theorem, "theorem"),
        (Lemma, "lemma"),
        (Proposition, "proposition"),
        (Definition, "definition"),
        (Erratum, "erratum"),
    ],
)
def test_kinds(cls: Any, kind: str) -> None:
    draft = cls("area.name.more", "Title", derived("here"), setup="x", uses=["a.b"])
    entry = draft.statement()
    assert (entry.kind, entry.area, entry.expected, entry.uses, entry.text) == (kind, "area", "holds", ("a.b",), "x")
    assert repr(draft) == f"{cls.__name__}('area.name.more')" and entry.source is not None and entry.source.text == "derived here, here"


def test_conjectures_expect_nothing_by_default() -> None:
    entry = Conjecture("a.b").statement()
    assert entry.expected is None and entry.title == "a.b" and Conjecture("a.b", expected="refuted").statement().expected == "refuted"


def test_sources() -> None:
    assert cite("thrampoulidis2024", "Theorem 2").text == "C. Thrampoulidis (NeurIPS 2024), Theorem 2"
    assert cite("ji2019", "Lemma 1", "our wording").deviation == "our wording"
    with pytest.raises(KeyError, match="known: thrampoulidis2024"):
        cite("nobody1999", "Theorem 1")
    assert all(key == entry.key and entry.authors and entry.title and entry.venue and 1900 < entry.year < 2100 for key, entry in REFERENCES.items())


def test_public_names_resolve_lazily() -> None:
    for name in dir(ntpproofs):
        assert getattr(ntpproofs, name).__name__ == name or name == "__version__"
    assert {"Theorem", "Case", "Equal", "decompose", "LinearNTP", "check"} <= set(dir(ntpproofs))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = ntpproofs.Nothing


def test_verdicts_and_outcomes_travel_between_processes() -> None:
    verdict = Verdict(Outcome.HOLDS, Evidence.PROVED, "all sizes", "detail", 1.0, True)
    assert pickle.loads(pickle.dumps(verdict)) == verdict
