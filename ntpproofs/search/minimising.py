"""Shrinking of a counterexample from one start, with an account of which simplifications were tried at the end and failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from random import Random
from time import monotonic
from typing import Any

from hypothesis.strategies import SearchStrategy

from ..checking.drawing import drawn
from ..checking.examining import Examiner, Tell
from ..checking.findings import Finding
from ..checking.instances import shown, text_of
from ..checking.kinds import kind_of
from ..checking.processes import Job, Result
from ..checking.shrinking import simplifications
from ..errors import TooLarge
from ..language.frozen_statements import Instance
from ..language.strategy_arguments import domains_of
from ..language.verdicts import Outcome
from ..limits.answer import answer_of, document
from .joint import canonical, joint
from .moves import admitted, counts, measure
from .transport import decode, encode
from .workbench import Workbench, drawing
from .written import written


def minimise(bench: Workbench, job: Job) -> Result:
    """Shrink the instance of a job as long as it satisfies the assumptions, is admitted by the strategy and refutes the claim.

    Result: the shrunk `instance`, its `text`, `size`, verdict and `degenerate`; `locally_minimal`; `tried` counts every
    candidate; `lost` names the simplifications of the last round, all of which lost the counterexample.
    """
    statement = bench.statement(job)
    examiner = Examiner(statement, job.path, bench.mark, job.avoid)
    claim = next(entry for entry in statement.claims if entry.name == job.arguments["claim"])
    domains, exact, budget = domains_of(statement.instances), job.arguments["exact"], job.arguments["budget"]
    start, given, end = decode(job.arguments["from"]), job.arguments.get("choices"), monotonic() + job.arguments["seconds"]

    def refutes(problem: Instance, place: str) -> bool:
        if not admitted(problem, domains) or not examiner.admits(problem, place):
            return False
        found = examiner.evaluate(claim, examiner.case(problem), place, confirm=False)
        return found.disproof if exact else found.outcome is Outcome.REFUTED

    # Where the bounds of a strategy are not known (one's own, mapped, composite), our moves could leave it: there the
    # instance is shrunk through the choices that Hypothesis makes, which never do.
    if isinstance(statement.instances, SearchStrategy) and (domains is None or next(iter(simplifications(start)), None) is None):
        problem, tried, choices = shrunk(statement.instances, start, refutes, budget, bench.mark, end, given)
        last = None
    else:
        choices = None
        problem, tried, last = _descend(start, refutes, budget, end)
    found = _examined(bench, job, problem, "shrunk candidate")
    if not exact and (found is None or found.outcome is not Outcome.REFUTED):  # smaller, but an artefact
        problem, last, choices = start, None, given
        found = _examined(bench, job, problem, "original candidate")
    return {
        "instance": encode(problem),
        "written": problem.instance() if kind_of(problem) is not None else written(problem, statement, choices),
        "text": shown(problem),
        "size": list(measure(problem)),
        "verdict": None if found is None else found.plain(),
        "locally_minimal": last is not None,
        "tried": tried,
        "lost": dict(last or {}),
        "certificate": _certificate(problem),
    }


def _examined(bench: Workbench, job: Job, problem: Instance, place: str) -> Finding | None:
    # By a new examiner, which has given up nothing, with all the other claims before it.
    statement = bench.statement(job)
    return Examiner(statement, job.path, bench.mark, job.avoid).examine(problem, place).claims.get(job.arguments["claim"])


def _certificate(problem: Instance) -> dict[str, Any] | None:
    # The exact objects that claims compare with, for a kernel that knows nothing of claims; None where a kind has none, or not at this size.
    if kind_of(problem) is None:
        return None
    try:
        records = answer_of(problem).certificates()
        return document(problem, records) if records else None
    except TooLarge:
        return None


# Numbers up to here are tried one by one in the place of a larger choice.
SMALL = 60


class _Spent(Exception):
    """Budget or time are used up."""


def _descend(problem: Instance, refutes: Callable[[Any, str], bool], budget: int, end: float) -> tuple[Any, int, Counter[str] | None]:
    # The fixed order of preference is that of `simplifications`, then that of `joint`; None for the last round if budget or time ended
    # first. What is minimal is written in canonical form, if that refutes too.
    tried = 0

    def refuting(candidates: Iterable[tuple[str, Any]], lost: Counter[str]) -> Any | None:
        nonlocal tried
        for word, candidate in candidates:
            if tried >= budget or monotonic() > end:
                raise _Spent
            tried += 1
            if refutes(candidate, f"candidate {tried}"):
                return candidate
            lost[word] += 1
        return None

    try:
        while True:
            lost: Counter[str] = Counter()
            better = refuting(_candidates(problem), lost)
            better = refuting((("", found) for found in canonical(problem)), Counter()) if better is None else better
            if better is None:
                return problem, tried, lost
            problem = better
    except _Spent:
        return problem, tried, None


def _candidates(problem: object) -> Iterator[tuple[str, Any]]:
    yield from ((change(problem, candidate), candidate) for candidate in simplifications(problem))
    yield from (("change numbers together", candidate) for candidate in joint(problem))


def shrunk(
    strategy: Any, start: Any, refutes: Callable[[Any, str], bool], budget: int, mark: Tell, end: float, choices: Sequence[Any] | None = None
) -> tuple[Any, int, tuple[Any, ...] | None]:
    """For kinds of object nothing is known about: Hypothesis finds a refuting draw again and shrinks it. Where it finds none, because
    they are rare, the `choices` that made `start` are lowered, if they are known; else `start`.

    The third entry is what the strategy chose for it.
    """
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis.control import current_build_context
    from hypothesis.errors import NoSuchExample, Unsatisfiable

    tried, chosen = 0, dict[str, tuple[Any, ...]]()

    def condition(problem: Instance) -> bool:
        nonlocal tried
        if tried >= 5 * budget or monotonic() > end:
            return False
        tried += 1
        found = refutes(problem, f"candidate {tried}")
        if found:
            chosen[text_of(problem)] = tuple(current_build_context().data.choices)
        return found

    phases, checks = [Phase.generate, Phase.shrink], list(HealthCheck)
    how = settings(max_examples=budget, database=None, deadline=None, phases=phases, suppress_health_check=checks)
    mark(drawing(0))
    try:
        problem = find(strategy, condition, settings=how, random=Random(0))
    except (NoSuchExample, Unsatisfiable):
        return (start, tried, None) if choices is None else lowered(strategy, start, choices, refutes, tried + 2 * budget, end, tried)
    return problem, tried, chosen.get(text_of(problem))


def lowered(
    strategy: Any, start: Any, choices: Sequence[Any], refutes: Callable[[Any, str], bool], budget: int, end: float, tried: int = 0
) -> tuple[Any, int, tuple[Any, ...]]:
    """What is left of a refuting draw when its choices are deleted and lowered one by one for as long as that refutes.

    >>> from hypothesis import strategies as st
    >>> lists = st.lists(st.integers(0, 99), max_size=4)
    >>> lowered(lists, [71, 3, 88], (True, 71, True, 3, True, 88, False), lambda found, place: sum(found) > 90, 500, monotonic() + 60)[0]
    [3, 88]
    """
    problem, best, improving = start, tuple(choices), True
    while improving:
        improving = False
        for candidate in _lower(best):
            if tried >= budget or monotonic() > end:
                return problem, tried, best
            found, tried = drawn(strategy, Random(0), candidate), tried + 1
            if found is not None and _order(found.choices) < _order(best) and refutes(found.problem, f"candidate {tried}"):
                problem, best, improving = found.problem, found.choices, True
                break
    return problem, tried, best


def _lower(choices: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for length in (8, 4, 3, 2, 1):
        for i in range(len(choices) - length + 1):
            yield choices[:i] + choices[i + length :]
    for i, choice in enumerate(choices):
        yield from (choices[:i] + (smaller,) + choices[i + 1 :] for smaller in _smaller(choice))


def _smaller(choice: Any) -> list[Any]:
    if isinstance(choice, (str, bytes)):
        return [choice[:0], choice[:-1], choice[1:]]
    if isinstance(choice, bool):
        return [False]
    if isinstance(choice, float):
        return [0.0, float(round(choice))] if isfinite(choice) else [0.0]
    size, sign = abs(choice), -1 if choice < 0 else 1
    return [0, *(sign * x for x in (size // 2, size - size // 8, size - 10, size - 1) if 0 < x < size), size, *range(1, min(size, SMALL))]


def _order(choices: tuple[Any, ...]) -> tuple[Any, ...]:
    return len(choices), [(len(x), str(x)) if isinstance(x, (str, bytes)) else (abs(x), str(x)) for x in choices]


def change(before: object, after: object) -> str:
    """What a simplification did, in words.

    >>> from ntpproofs.problems import LinearNTP
    >>> change(LinearNTP([[1], [1]], [[1], [1]]), LinearNTP([[1]], [[1]]))
    'delete a context'
    """
    pairs = zip(counts(before).items(), counts(after).values())
    gone = next((name for (name, count), left in pairs if left < count), None)
    return f"delete {'an' if gone and gone[0] in 'ao' else 'a'} {gone}" if gone else "simplify a number"
