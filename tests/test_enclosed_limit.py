"""The enclosed route: its statements hold against the exact route, and an enclosure with a hole in it is caught."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from ntpproofs.errors import InvalidInput, OutOfTime, TooLarge
from ntpproofs.exact import rounding
from ntpproofs.geometry import decompose
from ntpproofs.language.answers import Effort, Request
from ntpproofs.language.views import Facts
from ntpproofs.limits import exact_answer
from ntpproofs.limits.enclosed_answer import enclosed_answer
from ntpproofs.limits.schemas import answer_schema
from ntpproofs.logit import enclosed_finite, enclosed_limit, enclosed_margin, tied_finite, tied_tokens, token_data, token_ties
from ntpproofs.papers.linear_ntp import enclosed
from ntpproofs.papers.linear_ntp import kind as linear
from ntpproofs.problems import ConditionalLogit, LinearNTP

F = Fraction
limit = enclosed_limit.enclosed_limit


def drawn(rng: random.Random, dense: bool = False) -> LinearNTP:
    tokens, contexts, width = rng.randint(2, 5), rng.randint(1, 7), rng.randint(1, 4)
    embeddings = [[F(rng.randint(-6, 6), rng.choice([1, 2, 3])) for _ in range(width)] for _ in range(contexts)]
    rows = []
    for _ in range(contexts):
        counts = {v: rng.randint(1, 4) for v in rng.sample(range(tokens), tokens if dense else rng.randint(1, min(3, tokens)))}
        rows.append({v: F(n, sum(counts.values())) for v, n in counts.items()})
    return LinearNTP(embeddings, rows, vocabulary_size=tokens)


def distance(exact: Any, decoder: np.ndarray) -> Fraction:
    """The squared distance of an exact flat vector from a decoder in doubles, exact."""
    return sum(((F(x) - F(float(y))) ** 2 for x, y in zip(exact, decoder.ravel())), F(0))


def holes(problem: LinearNTP, found: enclosed_limit.EnclosedLimit) -> list[str]:
    """What an enclosure says that the exact route denies."""
    parts, wrong = decompose(problem), []
    if found.kind not in ("undecided", parts.separation.kind):
        wrong.append(f"class {found.kind}")
    if found.margin is not None:
        squared = parts.max_margin.squared_norm
        wrong += [] if found.margin.least**2 <= squared <= found.margin.most**2 else ["norm"]
        wrong += [] if distance(parts.max_margin.direction, found.margin.decoder) <= found.margin.radius**2 else ["direction"]
    if found.finite is not None:
        apart = sum((x - F(float(y))) ** 2 for x, y in zip(parts.finite_part.center, found.finite.decoder.ravel()))
        wrong += [] if float(apart) ** 0.5 <= float(found.finite.radius + parts.finite_part.radius) * (1 + 1e-12) else ["finite part"]
    if not (found.infimum.lower <= parts.infimum.upper and parts.infimum.lower <= found.infimum.upper):
        wrong.append("infimum")
    if found.dimensions is not None and found.dimensions != (parts.tied.dimension, parts.diverging.dimension, parts.invariant.dimension):
        wrong.append("dimensions")
    return wrong


@pytest.mark.parametrize("seed", range(6))
def test_exact_answers_lie_in_their_enclosures(seed: int) -> None:
    rng, seen = random.Random(seed), []
    for k in range(12):
        problem = drawn(rng, dense=k % 6 == 0)
        found = limit(problem.conditional_logit())
        assert holes(problem, found) == [], repr(problem)
        seen.append((found.kind, found.margin is not None, found.finite is not None))
    kinds = {kind for kind, _, _ in seen}
    assert {"overlap", "undecided"} & kinds and {"complete", "quasi-complete"} & kinds
    assert sum(kind != "undecided" for kind, _, _ in seen) >= 5
    assert all(finite for kind, _, finite in seen if kind != "undecided")


def test_contexts_with_one_embedding_are_one_context() -> None:
    twice = LinearNTP([[1, 0], [1, 0], [0, 1]], [["1/2", "1/2", 0], [1, 0, 0], [0, 0, 1]], ["1/4", "1/4", "1/2"])
    found = limit(twice.conditional_logit())
    assert found.kind == "quasi-complete" and holes(twice, found) == []
    assert found.data.exact[0] == (F(1, 2), {0: F(3, 4), 1: F(1, 4)})


def test_too_many_ties_leave_the_class_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_ties, "LARGEST_TIES", 1)
    problem = LinearNTP([[k] for k in range(1, 6)], [["1/3", "2/3", 0]] * 5)
    found = limit(problem.conditional_logit())
    assert found.data.tie_strength == 0 and found.kind == "undecided" and holes(problem, found) == []
    assert found.undecided == ("separation class", "max-margin direction", "finite part", "dimensions")


def crowded(rng: random.Random) -> LinearNTP:
    """Contexts whose supports lie in one of two sets of tokens, more of them than dimensions: most have dependent ties."""
    tokens, contexts, width = rng.randint(3, 7), rng.randint(3, 9), rng.randint(1, 3)
    embeddings = [[F(rng.randint(1, 6), rng.choice([1, 2, 3])) for _ in range(width)] for _ in range(contexts)]
    rows = []
    for _ in range(contexts):
        pool = rng.choice([range(2), range(2, tokens)])
        counts = {v: rng.randint(1, 4) for v in rng.sample(pool, rng.randint(min(2, len(pool)), len(pool)))}
        rows.append({v: F(n, sum(counts.values())) for v, n in counts.items()})
    return LinearNTP(embeddings, rows, vocabulary_size=tokens)


def only_labels_are_tied(problem: LinearNTP) -> bool:
    return all(tied == support for tied, support in zip(decompose(problem).separation.tied_sets, problem.supports))


def test_dependent_ties_are_decided() -> None:
    # Five contexts on one line share two labels: one tie spans the others, and their log-odds agree.
    line = LinearNTP([[k] for k in range(1, 6)], [["1/3", "2/3", 0]] * 5)
    assert (found := limit(line.conditional_logit())).kind == "quasi-complete" and holes(line, found) == []
    dependent = 0
    for seed in range(60):
        problem = crowded(random.Random(seed))
        found = limit(problem.conditional_logit())
        assert holes(problem, found) == [], repr(problem)
        if only_labels_are_tied(problem):
            assert found.undecided == (), repr(problem)
            dependent += not found.data.meets_all_odds
    assert dependent >= 4


def test_compatible_data_are_told_from_others() -> None:
    """Dependent ties meet only log-odds that obey their dependency: 2 to 1 at both ends of a line, or not."""
    cases = {
        "holds": LinearNTP([[1, 0], [0, 1]], [["1/3", "2/3", 0], ["1/2", "1/2", 0]]),
        "fails": LinearNTP([[1], [2]], [["1/3", "2/3", 0], ["1/2", "1/2", 0]]),
        "undecided": LinearNTP([[1], [2]], [["1/3", "2/3", 0], ["1/5", "4/5", 0]]),
    }
    for word, problem in cases.items():
        assert enclosed.enclosed(problem, linear.ASSUMPTIONS, Request(), (), "").record()["assumptions"]["ntp_compatible"] == word
    seen = set()
    for problem in (draw(random.Random(seed)) for draw in (crowded, drawn) for seed in range(30)):
        said = enclosed.enclosed(problem, linear.ASSUMPTIONS, Request(), (), "").record()["assumptions"]
        exact = exact_answer.exact_answer("linear-ntp", problem, linear.ASSUMPTIONS, Request()).record()["assumptions"]
        for name in said:
            assert said[name] in ("undecided", exact[name]), (name, repr(problem))
        seen.add((said["ntp_compatible"], said["ntp_separable"]))
    assert {("holds", "holds"), ("fails", "holds"), ("undecided", "fails")} <= seen


# On the first axis the second token is tied without being a label, on the second it is separable.
BESIDE = LinearNTP([[1, 0], [-1, 0], [0, 1]], [[1, 0]] * 3)


def tied_beside() -> list[LinearNTP]:
    """Instances with tokens that are tied off the supports, and others that are not."""
    found = [BESIDE, *(drawn(random.Random(seed)) for seed in range(200))]
    return [problem for problem in found if decompose(problem).separation.kind == "quasi-complete" and not only_labels_are_tied(problem)]


def test_ties_beside_the_labels_are_decided() -> None:
    problems = tied_beside()
    answers = [limit(problem.conditional_logit()) for problem in problems]
    assert [holes(*pair) for pair in zip(problems, answers)] == [[]] * len(problems) and len(problems) >= 8
    assert sum(found.undecided == () for found in answers) >= 0.8 * len(problems)  # dependencies that no count proves leave two open
    said = enclosed_answer("linear-ntp", BESIDE, linear.ASSUMPTIONS, None, Request()).record()
    assert [(entry["observations"], entry["tied"], entry["separable"]) for entry in said["separated"]] == [([2], [], [1])]


def test_an_interrupt_on_the_path_of_ridges_leaves_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupts(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(enclosed_limit, "with_proposed_ties", interrupts)
    found = limit(BESIDE.conditional_logit())
    assert (found.kind, found.stopped) == ("undecided", "interrupted") and holes(BESIDE, found) == []


@pytest.mark.parametrize("between", [0.0, 1.5, 100.0])
def test_a_wrong_proposal_of_ties_is_never_believed(between: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few tokens leave no margin, too many no minimum; where the ball test is switched off, too many are believed."""
    problems = tied_beside()[:8]
    monkeypatch.setattr(tied_tokens, "BETWEEN", between)
    assert not any(map(caught, problems))
    if between == 100.0:
        monkeypatch.setattr(tied_finite, "_slope", lambda *given: 0.0)
        assert any(map(caught, problems))


def test_a_tie_that_is_dropped_without_proof_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> bool:
        return any(caught(crowded(random.Random(seed))) for seed in range(40))

    monkeypatch.setattr(token_ties, "VANISHING", 0.9)  # proposes to drop rows that are independent: counting sees it
    assert not wrong()
    monkeypatch.setattr(token_ties, "_dimension", lambda data, rows: 0)
    assert not wrong()
    monkeypatch.setattr(token_ties, "_joined", lambda count, sets: [])
    assert wrong()


@pytest.mark.parametrize("part", ["_slope", "_curvature"])
def test_a_wrong_ball_on_the_span_of_the_ties_is_caught(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = getattr(tied_finite, part)
    factor = 1e-9 if part == "_slope" else 1e9
    monkeypatch.setattr(enclosed_finite, "NEWTON_STEPS", 3)  # a point that is not quite the minimum
    monkeypatch.setattr(tied_finite, part, lambda *given: factor * original(*given))
    assert any(caught(crowded(random.Random(seed))) for seed in range(40))


# Mutants. Each leaves one term out of the enclosure; on small instances the exact answer then falls out of it.


def forgets_the_ties(data: token_data.TokenData, decoder: np.ndarray, right: Any = 0.0, slack: Any = 0.0) -> tuple[np.ndarray, float]:
    return np.zeros(len(data.ties[0])), 0.0


def counts_multipliers_twice(original: Callable[..., Any]) -> Callable[..., Any]:
    def dual(data: token_data.TokenData, multipliers: np.ndarray) -> tuple[float, float]:
        size, total = original(data, multipliers)
        return size, 1.001 * total

    return dual


def forgets_the_first_label(data: token_data.TokenData, multipliers: np.ndarray) -> tuple[float, float]:
    z = np.where(data.labels, multipliers, np.maximum(multipliers, 0.0))
    z[np.arange(len(z)), data.anchors] = 0.0
    return rounding.norm_above(data.combined(z)[0]), rounding.total_below(z[~data.labels])


def caught(problem: LinearNTP) -> bool:
    try:
        return bool(holes(problem, limit(problem.conditional_logit())))
    except ArithmeticError:  # two bounds that contradict each other
        return True


SOFT = LinearNTP([[2, 1, 0], [1, -1, 1], [-1, 3, 1]], [["1/2", "1/2", 0], [0, 1, 0], [0, "1/3", "2/3"]])


@pytest.mark.parametrize("mutant", [counts_multipliers_twice(enclosed_margin._dual), forgets_the_first_label])
def test_a_wrong_lower_bound_is_caught(mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert not caught(SOFT)
    monkeypatch.setattr(enclosed_margin, "_dual", mutant)
    assert caught(SOFT)


def test_a_decoder_that_breaks_ties_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    # The least-norm decoder with margins but without level logits is shorter than u: whoever forgets the distance to the ties is caught.
    def feature(v: int, h: tuple[Fraction, ...]) -> list[Fraction]:
        return [x * (u == v) for u in range(3) for x in h]

    ordered = [(min(labels), *sorted({0, 1, 2} - labels)) for labels in SOFT.supports]
    relaxed = ConditionalLogit([(1, 0, [feature(v, h) for v in tokens]) for tokens, h in zip(ordered, SOFT.embeddings)])
    decoder = np.array([float(x) for x in decompose(relaxed).max_margin.direction]).reshape(3, 3)
    data = token_data.TokenData.of(SOFT.conditional_logit())
    multipliers = np.where(data.labels, 0.0, 1.0)
    honest = enclosed_margin.enclosed_margin(data, decoder * 2.0**data.exponent, multipliers)
    assert honest is None or honest.most**2 >= decompose(SOFT).max_margin.squared_norm
    monkeypatch.setattr(token_data.TokenData, "tie_residual", forgets_the_ties)
    mutant = enclosed_margin.enclosed_margin(data, decoder * 2.0**data.exponent, multipliers)
    assert mutant is not None and mutant.most**2 < decompose(SOFT).max_margin.squared_norm


def one_context(k: int) -> tuple[LinearNTP, np.ndarray, np.ndarray]:
    # h = 1/k with two tokens: u = (k/2, -k/2) and the multiplier k^2 / 2 are known, so nothing but rounding separates the bounds.
    return LinearNTP([[F(1, k)]], [[1, 0]]), np.array([[k / 2], [-k / 2]]), np.array([[0.0, k * k / 2]])


def broken_norms() -> int:
    wrong = 0
    for k in range(3, 90):
        problem, decoder, multipliers = one_context(k)
        data = token_data.TokenData.of(problem.conditional_logit())
        try:
            found = enclosed_margin.enclosed_margin(data, np.ldexp(decoder, data.exponent), np.ldexp(multipliers, 2 * data.exponent))
        except ArithmeticError:
            wrong += 1
            continue
        assert found is not None
        exact = F(k * k, 2)
        wrong += not (found.least**2 <= exact <= found.most**2 and distance([F(k, 2), -F(k, 2)], found.decoder) <= found.radius**2)
    return wrong


def test_an_enclosure_without_rounding_errors_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    assert broken_norms() == 0
    monkeypatch.setattr(enclosed_margin, "gamma", lambda n: 0.0)
    monkeypatch.setattr(token_data, "gamma", lambda n: 0.0)
    monkeypatch.setattr(token_data, "above", lambda x: np.sqrt((x * x).sum(axis=1)))
    monkeypatch.setattr(token_data, "product", lambda x, y, data=0.0: (x @ y, np.zeros((len(x), y.shape[1]))))
    monkeypatch.setattr(enclosed_margin, "norm_above", lambda x: float(np.sqrt((x * x).sum())))
    monkeypatch.setattr(enclosed_margin, "total_below", lambda x: float(x.sum()))
    for module in (enclosed_margin, token_data):
        monkeypatch.setattr(module, "UNIT", 0.0)
        monkeypatch.setattr(module, "WIDER", 1.0)
    assert broken_norms() > 0


@pytest.mark.parametrize("seed", range(3))
def test_the_ball_test_needs_its_terms(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A curvature a hundred times too large gives balls that miss w* when Newton is stopped early.
    rng = random.Random(seed)
    problems = [drawn(rng, dense=True) for _ in range(8)]

    def early(data: token_data.TokenData, watch: Any) -> np.ndarray:
        decoder = np.zeros((data.labels.shape[1], data.embeddings.shape[1]))
        p, _ = enclosed_finite.softmax(data.embeddings @ decoder.T)
        return decoder - 1e-3 * (data.masses[:, None] * (p - data.shares)).T @ data.embeddings

    def wrong(problem: LinearNTP) -> bool:
        found = enclosed_finite._tested(data := token_data.TokenData.of(problem.conditional_logit()), early(data, None))
        if found is None:
            return False
        exact = decompose(problem).finite_part
        return float(np.linalg.norm(exact.array - found.decoder.ravel())) > float(found.radius + exact.radius) * (1 + 1e-9)

    assert not any(map(wrong, problems))
    original = enclosed_finite.least_eigenvalue
    monkeypatch.setattr(enclosed_finite, "least_eigenvalue", lambda matrix, error: 1e4 * original(matrix, error))
    assert any(map(wrong, problems))


# A run that is kept, stopped, taken up; who is refused.


def test_a_time_limit_ends_with_what_is_known(tmp_path: Path) -> None:
    problem = drawn(random.Random(8))
    found = limit(SOFT.conditional_logit(), Effort(seconds=0.0))
    assert found.stopped == "time" and holes(SOFT, found) == []
    assert found.kind == "undecided" or found.margin is not None
    lower, upper = found.infimum.lower, found.infimum.upper
    assert lower < upper and holes(problem, limit(problem.conditional_logit(), Effort(seconds=0.0))) == []


def test_a_saved_run_is_taken_up(tmp_path: Path) -> None:
    path, heard = tmp_path / "run.npz", list[str]()
    limit(SOFT.conditional_logit(), Effort(seconds=0.0, save=path))
    found = limit(SOFT.conditional_logit(), Effort(save=path, say=heard.append))
    assert found.stopped == "converged" and "step 2" in heard[0] and found.margin is not None and found.margin.gap < 1e-9
    with pytest.raises(InvalidInput, match="run of other data"):
        limit(one_context(3)[0].conditional_logit(), Effort(save=path))
    path.write_text("nothing")
    with pytest.raises(InvalidInput, match="no saved run"):
        limit(SOFT.conditional_logit(), Effort(save=path))


def test_an_interrupted_run_answers_with_what_it_has() -> None:
    def interrupt(text: str) -> None:
        if "step 5" in text:
            raise KeyboardInterrupt

    found = limit(SOFT.conditional_logit(), Effort(say=interrupt))
    assert found.stopped == "interrupted" and found.margin is not None and holes(SOFT, found) == []


def test_other_problems_are_refused() -> None:
    with pytest.raises(TooLarge, match="conditional-logit"):
        limit(ConditionalLogit([(1, 0, [[1], [0]])]))


@pytest.mark.parametrize("seed", range(3))
def test_answers_of_both_routes_say_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(100 + seed)
    for _ in range(6):
        problem = drawn(rng)
        exact = linear.kind.answer(problem, Request()).record()
        monkeypatch.setattr(enclosed, "LARGEST_RANK", -1)
        found = linear.kind.answer(problem, Request())
        insisted = linear.kind.answer(problem, Request(effort=Effort(exact=True))).record()
        monkeypatch.undo()
        said = found.record()
        assert insisted | {"route": exact["route"]} == exact and said["grade"] == "enclosed" and found.view().parts
        for name, outcome in said["assumptions"].items():
            assert outcome in ("undecided", exact["assumptions"][name]), name
        assert said["separation"]["class"] in ("undecided", exact["separation"]["class"])
        assert ("separation class" in said["undecided"]) == (said["separation"]["class"] == "undecided")
        if said["max_margin"]["margin"] is not None:
            squared = said["max_margin"]["squared_norm"]
            assert squared["lower"] <= float(F(exact["max_margin"]["squared_norm"])) <= squared["upper"]
        _same_pairs(exact, said)
        for refused in (found.certificates, lambda found=found: found.simulate(None)):
            with pytest.raises(TooLarge):
                refused()


def _same_pairs(exact: dict[str, Any], said: dict[str, Any]) -> None:
    # Where the class is known the separated contexts are the same, and the exact coefficients lie in their balls.
    if said["separation"]["class"] == "undecided":
        assert said["separated"] is None and said["coordinates"] is None
        return
    assert said["separated"] == exact["separated"]
    for one, other in zip(exact["coordinates"], said["coordinates"], strict=True):
        assert (one["name"], one["context"], one["token"]) == (other["name"], other["context"], other["token"])
        if other["fate"] == "finite":
            assert one["fate"] == "finite" and abs(one["value"] - other["value"]) <= one["radius"] + other["radius"]
        else:
            assert abs(F(one["log_t"]) - F(other["log_t"]["center"])) <= F(other["log_t"]["radius"])


def test_the_route_and_its_reason_are_said() -> None:
    said = linear.kind.answer(SOFT, Request()).record()
    assert said["route"] == {"name": "exact", "why": "within its reach"}
    rng = np.random.default_rng(0)
    crowded = LinearNTP(
        rng.integers(-9, 10, size=(90, 4)).tolist(),
        [{int(v): F(1, 2) for v in rng.choice(90, 2, replace=False)} for _ in range(90)],
        vocabulary_size=90,
    )
    assert "crowd" in enclosed.too_long(crowded)
    found = linear.kind.answer(crowded, Request())
    assert found.record()["route"]["name"] == "enclosed" and found.record()["separation"]["class"] == "overlap"
    assert any("crowd" in value for part in found.view().parts if isinstance(part, Facts) for _, value in part.entries)


def test_what_the_enclosed_route_leaves_open_the_exact_one_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    # On the first axis the second token is tied without being a label, on the second it is separable.
    problem = LinearNTP([[1, 0], [-1, 0], [0, 1]], [[1, 0]] * 3)
    monkeypatch.setattr(enclosed, "LARGEST_WORK", 0)
    monkeypatch.setattr(enclosed_limit, "with_proposed_ties", lambda *given: None)
    said = linear.kind.answer(problem, Request()).record()
    assert said["route"] == {"name": "exact", "why": "the enclosed one left the class open"} and said["separation"]["class"] != "undecided"


def test_enclosed_answers_are_json() -> None:
    import json

    found = enclosed_answer("linear-ntp", SOFT, linear.ASSUMPTIONS, None, Request()).record()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    schema = Draft202012Validator(answer_schema()["anyOf"][1])
    open_class = LinearNTP([[k] for k in range(1, 6)], [["1/3", "2/3", 0]] * 5)
    overlap = LinearNTP([[1], [2]], [["1/3", "2/3"], ["1/2", "1/2"]])
    for problem in (SOFT, open_class, overlap):
        schema.validate(enclosed_answer("linear-ntp", problem, linear.ASSUMPTIONS, None, Request()).record())


# Rounding.


@pytest.mark.parametrize("seed", range(5))
def test_products_lie_within_their_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(3, 40)) * 10.0 ** rng.integers(-8, 8, size=(3, 40)), rng.normal(size=(40, 2))
    value, error = rounding.product(x, y)
    for i in range(3):
        for k in range(2):
            exact = sum((F(float(a)) * F(float(b)) for a, b in zip(x[i], y[:, k])), F(0))
            assert abs(exact - F(float(value[i, k]))) <= F(float(error[i, k]))
    assert rounding.norm_above(x) ** 2 >= float(sum((F(float(a)) ** 2 for a in x.ravel()), F(0)))


@pytest.mark.parametrize("seed", range(5))
def test_least_eigenvalues_are_lower_bounds(seed: int) -> None:
    rng = random.Random(seed)
    roots = [[rng.randint(-3, 3) for _ in range(5)] for _ in range(5)]
    matrix = np.array(roots) @ np.array(roots).T
    bound = F(rounding.least_eigenvalue(matrix.astype(float), 0.0))
    shifted = [[F(int(matrix[i, k])) - bound * (i == k) for k in range(5)] for i in range(5)]
    assert definite(shifted)
    least = float(np.linalg.eigvalsh(matrix.astype(float))[0])
    assert least < 1e-9 or 0.9 * least < float(bound)
    assert rounding.least_eigenvalue(matrix.astype(float), 100.0) == 0.0


def definite(matrix: list[list[Fraction]]) -> bool:
    """Whether a rational symmetric matrix is positive semidefinite, by elimination."""
    rows = [list(row) for row in matrix]
    for k in range(len(rows)):
        if rows[k][k] < 0:
            return False
        if rows[k][k] == 0:
            if any(rows[k][k:]):
                return False
            continue
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    return True


def test_at_the_time_limit_an_enclosed_answer_stands_in_for_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: Any, **more: Any) -> None:
        while True:
            pass

    monkeypatch.setattr(exact_answer, "_exact", slow)
    said = linear.kind.answer(SOFT, Request(effort=Effort(seconds=2.0))).record()
    assert said["grade"] == "enclosed" and said["separation"]["class"] == "quasi-complete" and said["stopped"] == "converged"
    fresh = LinearNTP(SOFT.embeddings, SOFT.probabilities)
    for known in ("nothing was decided", "the separation class, quasi-complete"):
        with pytest.raises(OutOfTime, match=known):
            linear.kind.answer(fresh, Request(effort=Effort(exact=True, seconds=0.2)))
        decompose(fresh)
