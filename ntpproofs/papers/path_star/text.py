"""The published text format: one example a line, `a,b|c,d|.../s,t=r1,...,rl`, with its tokens and a checker of whole files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InvalidInput
from .distribution import Sample, shape_of, solve

_NODE = re.compile(r"[0-9]{1,9}")


def write_line(sample: Sample, *, reverse: bool = False) -> str:
    """The line of an example (without the newline); `reverse` writes the target from the goal to the start.

    >>> write_line(Sample(((0, 1), (0, 2)), 0, 2, (0, 2)))
    '0,1|0,2/0,2=0,2'
    """
    edges = "|".join(f"{u},{v}" for u, v in sample.edges)
    path = sample.path[::-1] if reverse else sample.path
    return f"{edges}/{sample.start},{sample.goal}={','.join(map(str, path))}"


def _nodes(text: str, subject: str, count: int | None = None) -> tuple[int, ...]:
    words = text.split(",")
    wrong = next((word for word in words if not _NODE.fullmatch(word)), None)
    if wrong is not None:
        raise InvalidInput(subject, f"{wrong[:40]!r} is no node label", "write non-negative integers separated by commas")
    if count is not None and len(words) != count:
        raise InvalidInput(subject, f"has {len(words)} nodes where {count} are needed", f"write {count} labels separated by commas")
    return tuple(map(int, words))


def read_line(line: str, *, labels: int | None = None, reverse: bool = False, subject: str = "line") -> Sample:
    """The example of a line. The target is checked against the edges; law: `read_line(write_line(x)) == x`.

    Raises `InvalidInput` for anything that is no path-star example: separators, labels, two predecessors, a branch outside
    the start, unequal arms, a goal that is no leaf, a target that is not the path.

    >>> read_line("0,1|0,2/0,2=0,2").path
    (0, 2)
    """
    parts = re.split(r"[/=]", line.strip())
    if len(parts) != 3 or "/" not in line or line.find("/") > line.find("="):
        raise InvalidInput(subject, "is not of the form edges/start,goal=path", "write a,b|c,d/s,t=r1,r2")
    edges = tuple((pair[0], pair[1]) for pair in (_nodes(text, f"{subject}: edge {i}", 2) for i, text in enumerate(parts[0].split("|"))))
    start, goal = _nodes(parts[1], f"{subject}: query", 2)
    path = _nodes(parts[2], f"{subject}: target")
    path = path[::-1] if reverse else path
    try:
        _, length = shape_of(edges, start)
        expected = solve(edges, start, goal)
    except InvalidInput as error:
        raise InvalidInput(f"{subject}: {error.subject}", error.reason, error.remedy) from None
    if len(expected) != length:
        raise InvalidInput(f"{subject}: goal {goal}", "is not a leaf", "end the query in the last node of an arm")
    if path != expected:
        hint = "the path runs backwards: read it with reverse" if path == expected[::-1] else f"the path is {','.join(map(str, expected))}"
        raise InvalidInput(f"{subject}: target", f"{','.join(map(str, path))} is not the path from {start} to {goal}", hint)
    largest = max(max(edge) for edge in edges)
    if labels is not None and largest >= labels:
        raise InvalidInput(f"{subject}: node {largest}", f"is no label below {labels}", f"use labels 0..{labels - 1}")
    return Sample(edges, start, goal, path)


def tokens(line: str, labels: int) -> tuple[int, ...]:
    """The token ids of a line for models trained from scratch: a node is its label, then | = / $ are labels, ..., labels + 3.

    Commas are dropped. The prefix up to and including "=" has 3 E + 3 tokens for E edges, the whole line l more.

    >>> tokens("0,1|0,2/0,2=0,2", 50)
    (0, 1, 50, 0, 2, 52, 0, 2, 51, 0, 2)
    """
    separators = {"|": labels, "=": labels + 1, "/": labels + 2, "$": labels + 3}
    found = []
    for word in re.findall(r"[0-9]+|[^0-9,]", line.strip()):
        if word not in separators and not word.isdigit():
            raise InvalidInput("line", f"has the character {word!r}", "a line has digits, commas and the separators | / = only")
        if word.isdigit() and int(word) >= labels:
            raise InvalidInput(f"node {word}", f"is no label below {labels}", "raise `labels`")
        found.append(separators[word] if word in separators else int(word))
    return tuple(found)


@dataclass(frozen=True)
class FileReport:
    """What a data file holds: lines read, distinct prefixes, how often the first listed child of s is the answer, shapes,
    and the first messages about lines that are no example."""

    lines: int
    distinct_prefixes: int
    first_listed: int
    shapes: tuple[tuple[int, int], ...]
    wrong: int
    messages: tuple[str, ...]


@dataclass(eq=False)
class _Tally:
    lines: int = 0
    first_listed: int = 0
    wrong: int = 0
    prefixes: set[str] = field(default_factory=set)
    shapes: set[tuple[int, int]] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)


def check_lines(lines: Iterable[str], *, labels: int | None = None, reverse: bool = False) -> FileReport:
    """Read every line of a data file and report; empty lines are skipped, wrong ones counted, at most ten messages kept.

    >>> check_lines(["0,1|0,2/0,2=0,2", "0,1|0,2/0,2=0,1"]).wrong
    1
    """
    tally = _Tally()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        tally.lines += 1
        try:
            sample = read_line(line, labels=labels, reverse=reverse, subject=f"line {number}")
        except InvalidInput as error:
            tally.wrong += 1
            if len(tally.messages) < 10:
                tally.messages.append(str(error))
            continue
        first = next(child for parent, child in sample.edges if parent == sample.start)
        tally.first_listed += first == sample.path[1]
        tally.prefixes.add(line.split("=")[0])
        tally.shapes.add(shape_of(sample.edges, sample.start))
    shapes, messages = tuple(sorted(tally.shapes)), tuple(tally.messages)
    return FileReport(tally.lines, len(tally.prefixes), tally.first_listed, shapes, tally.wrong, messages)


def read_file(path: str | Path, *, labels: int | None = None, reverse: bool = False) -> Iterator[Sample]:
    """The examples of a published data file, line by line; the first line that is no example raises `InvalidInput` with its number."""
    try:
        with open(path, encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield read_line(line, labels=labels, reverse=reverse, subject=f"{path}:{number}")
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be read ({error.strerror})", "give a text file of examples") from None


__all__ = ["FileReport", "check_lines", "read_file", "read_line", "tokens", "write_line"]
