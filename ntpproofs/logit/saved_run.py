"""A long run in a file: what has been found so far, by name, beside a digest of the data it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..language.answers import Effort

SAVE_EVERY = 10.0


class Ended(Exception):
    """Raised between two steps of a run whose time is over."""


def digest_of(parts: Iterable[np.ndarray]) -> str:
    """A digest of arrays, by their shapes and entries."""
    found = hashlib.sha256()
    for part in parts:
        found.update(repr(part.shape).encode())
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def write_run(path: Path, digest: str, found: Mapping[str, Any]) -> None:
    """Write a run beside the file, then rename. Raises `InvalidInput` where that fails."""
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            np.savez(file, **{"digest": np.array(digest), **found})
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InvalidInput(str(path), f"cannot be written ({error.strerror})", "give another path to --save") from None


def read_run(path: Path, digest: str) -> dict[str, np.ndarray]:
    """What a file holds by name, nothing where there is none. Raises `InvalidInput` for damaged files and for runs of other data."""
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as kept:
            found = {name: kept[name] for name in kept.files}
        stands = str(found.pop("digest"))
    except Exception as error:  # a damaged archive makes NumPy raise nearly anything
        raise InvalidInput(str(path), f"is no saved run ({type(error).__name__})", "give another path to --save, or remove the file") from None
    if stands != digest:
        raise InvalidInput(str(path), "holds a run of other data", "give another path to --save, or remove the file")
    return found


class Stages:
    """The stages of a run with its clock, its file and its voice: what a stage has found is kept, and not computed again.

    >>> run = Stages(Effort(), lambda: "")
    >>> run("first", "computing", lambda: np.ones(2)).tolist(), run("first", "computing", lambda: np.zeros(2)).tolist()
    ([1.0, 1.0], [1.0, 1.0])
    """

    def __init__(self, effort: Effort, digest: Callable[[], str]) -> None:
        self.effort = effort
        self.begun = self._kept = monotonic()
        self._digest = "" if effort.save is None else digest()
        self.found = {} if effort.save is None else read_run(effort.save, self._digest)

    def __call__(self, name: str, text: str, compute: Callable[[], np.ndarray | None]) -> np.ndarray | None:
        """What a stage finds (None: nothing). Raises `Ended` where the time is over before it begins."""
        if name not in self.found:
            self.step(text)
            result = compute()
            self.keep({name: np.zeros(0) if result is None else result}, now=True)
        kept = self.found[name]
        return kept if kept.size else None

    def step(self, text: str) -> None:
        """Say what is being done. Raises `Ended` where the time is over."""
        self.say(text)
        if self.late():
            raise Ended

    def say(self, text: str) -> None:
        """Say what is being done, to whoever listens."""
        if self.effort.say is not None:
            self.effort.say(text)

    def keep(self, found: Mapping[str, np.ndarray], now: bool = False) -> None:
        """Keep what a stage has so far, in the file at most every ten seconds unless `now`."""
        self.found.update(found)
        if now or monotonic() - self._kept > SAVE_EVERY:
            self.write()

    def write(self) -> None:
        """Bring the file up to date, where there is to be one."""
        if self.effort.save is not None and self.found:
            write_run(self.effort.save, self._digest, self.found)
            self._kept = monotonic()

    def late(self) -> bool:
        """Whether the time is over."""
        return self.effort.seconds is not None and monotonic() - self.begun > self.effort.seconds


__all__ = ["Ended", "Stages", "digest_of", "read_run", "write_run"]
