"""What the jobs of a campaign work with: the loaded file, its statements and their enumerations, kept between jobs of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from itertools import islice
from typing import Any

from ..checking.examining import Tell
from ..checking.kinds import kinds
from ..checking.processes import Doing, Job, Mark
from ..checking.registry import load_file
from ..language.statements import Statement
from .enumeration import enumerated


class Workbench:
    """What jobs work with: keeps the loaded file and partly consumed enumerations between jobs of one process."""

    def __init__(self, mark: Tell = lambda mark: None, part: Callable[[Any], None] = lambda content: None) -> None:
        self.mark, self.part = mark, part
        self._files: dict[str, list[Statement]] = {}
        self._enumerations: dict[tuple[str, int], tuple[int, Iterator[Any]]] = {}

    def statements(self, path: str) -> list[Statement]:
        """The statements of a file, loaded once."""
        if path not in self._files:
            self.mark(Mark(Doing.LOADING))
            self._files[path] = load_file(path)
            if any(statement.simulate is not None for statement in self._files[path]):
                # Here loading has time for it; within the limit of the first evaluation it would not, and exact claims need none of it.
                for name in ("mpmath", "scipy.integrate"):
                    import_module(name)
        return self._files[path]

    def statement(self, job: Job) -> Statement:
        """The statement a job is about, with the assumptions it adds."""
        found = self.statements(job.path)[job.arguments["index"]]
        return with_assumptions(found, job.arguments.get("adding", []))

    def enumeration(self, job: Job, start: int, count: int) -> list[Any]:
        """`count` enumerated instances of a statement from number `start` on; cheap where the ones before were asked for before."""
        key = job.path, job.arguments["index"]
        at, iterator = self._enumerations.get(key, (0, None))
        if iterator is None or at > start:
            at, iterator = 0, enumerated(self.statement(job).instances) or iter(())
        found = list(islice(iterator, start - at, start - at + count))
        self._enumerations[key] = start + len(found), iterator
        return found


def drawing(number: int) -> Mark:
    """The mark of making an instance."""
    return Mark(Doing.DRAWING, str(number))


def with_assumptions(statement: Statement, names: list[str]) -> Statement:
    """The statement, assuming in addition the named assumptions of the kinds."""
    if not names:
        return statement
    known = {entry.name: entry for kind in kinds().values() for entry in kind.assumptions}
    return replace(statement, assumptions=(*statement.assumptions, *(known[name] for name in names)))
