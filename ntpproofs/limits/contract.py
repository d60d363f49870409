"""The laws of a kind, checked on its smallest instances and on drawn ones: what every kind must keep, whoever wrote it.

`violations(kind)` names each law that is broken and the instance that breaks it. This package runs it over all of its kinds; a package
that brings a kind runs it in its own tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import islice
from typing import Any

import numpy as np

from ..checking.laboratory import draw
from ..errors import NtpproofsError, TooLarge
from ..kernel import verify
from ..language.answers import Quantity
from ..language.kinds import Kind, Problem
from ..language.strategy_arguments import domains_of
from ..language.verdicts import Outcome
from ..language.views import View
from ..logit.protocols import Reducible
from .answer import answer_of, document

SMALLEST, LISTED, DRAWN = 3, 20, 15
# Simplifications and neighbours looked at per instance.
MOVES = 12
# Values that no field of an instance should take in silence.
WRONG: tuple[Any, ...] = (None, 0.5, "x", -1, [], {}, [[]], [None], True)


def violations(kind: Kind[Any], seed: int = 0) -> Iterator[str]:
    """Every broken law, in words; nothing for a kind that keeps them.

    >>> from ntpproofs.checking.kinds import kind_named
    >>> list(violations(kind_named("conditional-logit")))
    []
    """
    domains = domains_of(kind.strategy())
    if domains is None or [domain.kind for domain in domains] != [kind.name]:
        yield f"strategy(): carries no mark of the kind {kind.name!r}; use @described and a composite strategy"
        return
    bounds = domains[0].arguments
    listed = list(islice(kind.enumerate(bounds), LISTED))
    if not listed:
        yield "enumerate: lists nothing within the bounds that strategy() has by default"
    if len(set(listed)) != len(listed):
        yield "enumerate: lists an instance twice"
    for problem in (*listed, *draw(kind.strategy(), DRAWN, seed)):
        for law in (_reading, _membership, _simplifications, _neighbours, _description):
            yield from (f"{broken}, for {problem!r}" for broken in law(kind, problem, bounds))
    for problem in listed[:SMALLEST]:
        for last in (_answer, _certificates, _reduction):
            yield from (f"{broken}, for {problem!r}" for broken in last(kind, problem))
        yield from _refusals(kind, problem)


def _reading(kind: Kind[Any], problem: Problem, bounds: Mapping[str, Any]) -> Iterator[str]:
    record = kind.write(problem)
    again = kind.read(json.loads(json.dumps(record)))
    if record.get("kind") != kind.name:
        yield f"write: says kind {record.get('kind')!r}"
    if again != problem or hash(again) != hash(problem) or repr(again) != repr(problem):
        yield f"read: what was written comes back as {again!r}"
    if type(problem) is not kind.problem:
        yield f"problem: is {kind.problem.__name__}, and this is a {type(problem).__name__}"


def _membership(kind: Kind[Any], problem: Problem, bounds: Mapping[str, Any]) -> Iterator[str]:
    if kind.domain(problem, bounds) is not True:
        yield "domain: refuses what is listed or drawn within the same bounds"


def _simplifications(kind: Kind[Any], problem: Problem, bounds: Mapping[str, Any]) -> Iterator[str]:
    for simpler in islice(kind.simplify(problem), MOVES):
        if not kind.measure(simpler) < kind.measure(problem):
            yield f"simplify: {simpler!r} is not smaller by measure"
        yield from (f"simplify: {broken}" for broken in _reading(kind, simpler, bounds))


def _neighbours(kind: Kind[Any], problem: Problem, bounds: Mapping[str, Any]) -> Iterator[str]:
    for other in islice(kind.neighbours(problem), MOVES):
        if other == problem:
            yield "neighbours: has the instance itself"
        yield from (f"neighbours: {broken}" for broken in _reading(kind, other, bounds))


def _description(kind: Kind[Any], problem: Problem, bounds: Mapping[str, Any]) -> Iterator[str]:
    view: View = kind.describe(problem)
    if not view.parts:
        yield "describe: shows nothing"
    if not view.counts or any(not isinstance(count, int) or count < 0 for _, count in view.counts):
        yield "describe: counts nothing, or not by numbers from 0"


def _answer(kind: Kind[Any], problem: Problem) -> Iterator[str]:
    record = answer_of(problem).record()
    try:
        plain = json.loads(json.dumps(record, allow_nan=False))
    except (TypeError, ValueError) as error:
        yield f"answer: its record is no JSON ({error})"
        return
    if plain != record:
        yield "answer: its record changes on the way through JSON (tuples, numbers as keys?)"
    if record.get("kind") != kind.name:
        yield f"answer: its record says kind {record.get('kind')!r}"
    decisions = {outcome.value for outcome in (Outcome.HOLDS, Outcome.FAILS, Outcome.UNDECIDED)}
    if list(record.get("assumptions", ())) != [entry.name for entry in kind.assumptions] or not set(record["assumptions"].values()) <= decisions:
        yield "answer: its record does not decide the assumptions of the kind, in their order"
    yield from _predictions(record)


def _predictions(record: Mapping[str, Any]) -> Iterator[str]:
    # A word, yes or no, null, a list of "p/q" or of numbers, or the fields of a Quantity.
    if "predictions" not in record:
        keys = ("separation", "dimensions", "finite_part", "max_margin", "infimum")
        yield from (f"answer: its record has no {key!r}" for key in keys if key not in record)
        return
    names = {entry.name for entry in fields(Quantity)}
    for name, value in record["predictions"].items():
        entries = value if isinstance(value, list) else [value]
        if any(isinstance(entry, dict) and entry.keys() != names for entry in entries):
            yield f"answer: the prediction {name!r} is an object without exactly {', '.join(sorted(names))}"
        if any(isinstance(entry, (int, float)) and not isinstance(entry, bool) for entry in entries):
            yield f"answer: the prediction {name!r} is a bare number; give a Quantity"


def _certificates(kind: Kind[Any], problem: Problem) -> Iterator[str]:
    try:
        records = answer_of(problem).certificates()
    except TooLarge:
        return
    if records and len(verify(document(problem, records))) != len(records):
        yield "answer: the kernel does not prove every certificate"


def _reduction(kind: Kind[Any], problem: Problem) -> Iterator[str]:
    if isinstance(problem, Reducible):
        w = np.arange(1.0, 1.0 + problem.conditional_logit().dimension)
        if not np.array_equal(np.asarray(problem.lower(problem.lift(w))), w):
            yield "lower: is not the way back of lift"


def _refusals(kind: Kind[Any], problem: Problem) -> Iterator[str]:
    # Malformed files end in a message: nothing but the errors of this package may come out of `read`.
    record = kind.write(problem)
    broken: list[dict[str, Any]] = [record | {"no such field": 1}]
    broken += [{name: value for name, value in record.items() if name != gone} for gone in record if gone != "kind"]
    broken += [record | {name: value} for name in record if name != "kind" for value in WRONG]
    for number, malformed in enumerate(broken):
        try:
            kind.read(malformed)
        except NtpproofsError:
            continue
        except Exception as error:  # the law is that there is none
            yield f"read: {type(error).__name__} ({error}) for {malformed!r}"
            continue
        if number == 0:
            yield f"read: takes an unknown field in silence, in {malformed!r}"
