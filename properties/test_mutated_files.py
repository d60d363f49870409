"""Mutated files, in process: whatever a file holds, reading and answering end in an answer that is JSON or in an error of this package.

10^3 files in CI, 10^5 in the nightly profile; every file is determined by its number, which a failure names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ntpproofs.errors import NtpproofsError
from ntpproofs.limits.answer import load
from ntpproofs.limits.partial import known, sizes
from ntpproofs.logit.protocols import Reducible

FILES = {"dev": 200, "ci": 1_000, "nightly": 100_000}
# Alternatives times parameters up to which an answer is asked for, too: a mutated number may ask for a large problem that is a valid one.
LARGEST = 400
SEEDS: list[tuple[str, str, dict[str, str]]] = [
    (".json", '{"kind": "linear-ntp", "embeddings": [["1","0"],["1","1"]], "probabilities": [["1/2","1/2"],[1,0]], "weights": ["1/2","1/2"]}', {}),
    (".json", '{"kind": "linear-ntp", "tokens": ["a","b"], "contexts": ["c"], "embeddings": "one-hot", "counts": [[3, 1]]}', {}),
    (".json", '{"kind": "linear-ntp", "vocabulary_size": 3, "embeddings": [["0.5"]], "probabilities": [{"entries": {"0": "1/3", "2": "2/3"}}]}', {}),
    (".json", '{"kind": "attention-ntp", "tokens": ["a","b"], "embeddings": [[1,0],[0,1]], "sequences": [["b","a"],[0,1,0]], "labels": [1,"a"]}', {}),
    (".json", '{"kind": "conditional-logit", "coordinates": ["x"], "rows": [{"weight": "1", "chosen": 0, '
     '"features": [["1"],[0]], "multiplicities": [1,2]}]}', {}),
    (".json", '{"kind": "path-star", "arms": 2, "length": 3, "labels": 9, "candidates": 5, "training": "standard", "lookback": 1}', {}),
    (".json", '{"kind": "multi-concept", "concepts": 2, "norms": {"b": 1, "c": 1, "d": 1}, "neurons": 4, '
     '"regularisation": "1/9", "initial_scale": "1/2"}', {}),
    (".json", '{"kind": "linear-attention-ar", "dimension": 2, "length": 4, "law": {"name": "rademacher", "scale": 1}, '
     '"initial": ["1/10","1/10"]}', {}),
    (".csv", "y,x,c,w\nno,1.5,red,1\nyes,2.5,blue,2\nyes,3e0,red,1\n", {"choice": "y", "weight": "w", "intercept": "yes"}),
    (".csv", "pair,case,x\n1,1,2\n1,0,1\n2,1,0\n2,0,1\n", {"choice": "case", "stratum": "pair"}),
    (".tsv", "before\tafter\tn\nthe cat\tsat\t3\nthe cat\tran\t1\na dog\tsat\t2\n", {"context": "before", "next": "after", "count": "n"}),
    (".txt", "The cat sat. The dog ran; नमस्ते the cat sat.", {"context": "1"}),
    (".txt", "one two one two three", {"context": "1", "embedding": "gaussian:2", "tokens": "whitespace"}),
]  # fmt: skip
JUNK: list[Any] = [
    None, True, False, 0, -1, 2, 10**9, 10**30, 0.5, "", "x", "1/0", "1/3", "-2", "1.5", "3e-2", "1e999999", "9" * 5000, "NaN", "one-hot",
    [], {}, [[]], [["1"]], {"entries": {}},
    {"default": "1"}, {"default": 0, "entries": {"0": "1"}}, ["a", "a"], [[1, 2], [3]], "\x00", "é", "٣",
]  # fmt: skip
PIECES = ["", "0", "-", ",", "\t", "\n", '"', "{", "]", "1e5", "\ufeff", "\x00", "nan", "\r", "é", " ", "/", "'"]


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of every node below a value."""
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from nodes(value[key])


def restructured(text: str, source: Random) -> bytes:
    """JSON with some nodes replaced, removed, doubled or renamed."""
    value = json.loads(text)
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        places = list(nodes(value))
        if not places:
            break
        holder, key = source.choice(places)
        match source.randrange(4):
            case 0:
                holder[key] = deepcopy(source.choice(JUNK))
            case 1 if isinstance(holder, dict):
                holder[source.choice(["kind", "labels", "x", "tokens", "counts"])] = holder.pop(key)
            case 1:
                del holder[key]
            case 2 if isinstance(holder, list):
                holder.insert(source.randrange(len(holder) + 1), deepcopy(holder[key]))
            case _:
                holder[key] = [holder[key]] if source.random() < 0.5 else deepcopy(source.choice(JUNK))
    return json.dumps(value).encode()


def scrambled(text: str, source: Random) -> bytes:
    """Bytes with some removed, changed, inserted or repeated."""
    data = bytearray(text.encode())
    for _ in range(source.choice([1, 1, 2, 4])):
        place = source.randrange(len(data) + 1)
        match source.randrange(4):
            case 0:
                del data[place : place + source.randint(1, 9)]
            case 1:
                data[place:place] = source.choice(PIECES).encode()
            case 2:
                data[place : place + 1] = bytes([source.randrange(256)])
            case _:
                data[place:place] = data[place : place + source.randint(1, 30)]
    return bytes(data)


def mutated(number: int) -> tuple[str, bytes, dict[str, str]]:
    """The file of a number: its ending, its bytes and the options it is read with."""
    source = Random(number)
    ending, text, options = SEEDS[number % len(SEEDS)]
    change: Callable[[str, Random], bytes] = restructured if ending == ".json" and source.random() < 0.7 else scrambled
    if options and source.random() < 0.1:
        options = {name: source.choice([value, "x", ""]) for name, value in options.items()}
    return ending, change(text, source), options


def answered(path: Path, options: dict[str, str]) -> str:
    """How a file ends: "refused", "read" (too large to ask on), or "answered"."""
    try:
        question = load(path, options)
        if not isinstance(question.problem, Reducible):
            size = 10**9 if len(path.read_bytes()) > 400 else 0
        else:
            found = sizes(question.problem.conditional_logit())
            size = found["alternatives"] * found["parameters"]
        if size > LARGEST:
            return "read"
        answer = question.answer()
        json.dumps(answer.record(), allow_nan=False)
        assert answer.view().parts
        json.dumps(known(question), allow_nan=False)
    except NtpproofsError as error:
        assert error.subject and error.reason and error.remedy, error
        return "refused"
    return "answered"


def test_mutated_files_end_in_an_answer_or_in_words(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    ends: dict[str, int] = {}
    for number in range(FILES[pytestconfig.getoption("--property-profile", default="dev")]):
        ending, data, options = mutated(number)
        path = tmp_path / f"a{ending}"
        path.write_bytes(data)
        try:
            end = answered(path, options)
        except Exception as error:
            raise AssertionError(f"file {number}: {type(error).__name__}: {error}; {options} {data!r}") from error
        ends[end] = ends.get(end, 0) + 1
    assert min(ends.get("refused", 0), ends.get("answered", 0)) >= 10, ends
