"""Marks: what a worker process is at, noted in memory that it shares with its pool before whatever may never return."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from mmap import mmap
from struct import Struct
from time import monotonic, process_time

# A note of what a worker is at: its number (native, so that its bytes are written at once); seconds on the clock, processor time and
# length; the mark. And the bytes all of it may have.
NUMBER, HEADER, BOARD = Struct("@Q"), Struct("@ddI"), 2**14
TEXT = NUMBER.size + HEADER.size
# Whether the system tells the processor time of other processes.
TELLS = os.path.exists("/proc/self/stat")


class Doing(Enum):
    """What a worker may be at; the value says it in words."""

    STARTING = "the file"
    LOADING = "loading the file"
    ENUMERATING = "the enumeration"
    DRAWING = "the strategy"
    EVALUATING = "an evaluation"


@dataclass(frozen=True)
class Mark:
    """What comes next: `place` and `subject` tell one evaluation on one instance from all others, `label` one statement's from
    another's."""

    doing: Doing
    place: str = ""
    subject: str = ""
    label: str = ""


STARTING = Mark(Doing.STARTING)
SLOW = (Doing.STARTING, Doing.LOADING, Doing.ENUMERATING)


def evaluating(place: str, subject: str) -> Mark:
    """The mark of an evaluation: only these can be avoided when a job starts again."""
    return Mark(Doing.EVALUATING, place, subject)


class Board:
    """What a worker is at, in memory shared with its parent: number of the note, seconds on the clock, processor time used, the mark.

    A note costs a hundredth of a message, and nobody is woken by it. The number is odd while a note is written, and written last: what is
    read between two equal even numbers is one note.
    """

    def __init__(self) -> None:
        self._memory, self._number = mmap(-1, BOARD), 0

    def write(self, mark: Mark) -> None:
        """Note what comes next."""
        text = "\0".join((mark.doing.name, mark.place, mark.subject, mark.label)).encode("utf-8", "replace")[: BOARD - TEXT]
        self._number += 2
        NUMBER.pack_into(self._memory, 0, self._number - 1)
        HEADER.pack_into(self._memory, NUMBER.size, monotonic(), own_time(), len(text))
        self._memory[TEXT : TEXT + len(text)] = text
        NUMBER.pack_into(self._memory, 0, self._number)

    def read(self) -> tuple[int, float, float, Mark] | None:
        """The last note; None where there is none, or one is being written."""
        (number,) = NUMBER.unpack_from(self._memory)
        since, used, length = HEADER.unpack_from(self._memory, NUMBER.size)
        text = bytes(self._memory[TEXT : TEXT + length])
        if number == 0 or number % 2 or NUMBER.unpack_from(self._memory) != (number,):
            return None
        doing, *words = text.decode("utf-8", "replace").split("\0", 3)
        return number, since, used, Mark(Doing[doing], *words)


def processor_time(pid: int | None) -> float:
    """Seconds of processor time a process has used; the time that passes where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError):
        return monotonic()


def own_time() -> float:
    """`processor_time` of this process."""
    return process_time() if TELLS else monotonic()


__all__ = ["SLOW", "STARTING", "Board", "Doing", "Mark", "evaluating", "processor_time"]
