"""Standard output and error as they are: closed ones are replaced, narrow alphabets get words for signs, what arrives is taken down on request."""

from __future__ import annotations

import codecs
import errno
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Words for the signs that tables and sentences use, for terminals that have only Latin letters.
SIGNS = dict(
    pair.split(" ")
    for pair in (
        "✓ +|✗ -|→ ->|← <-|↦ =>|⇒ =>|⇔ <=>|≤ <=|≥ >=|≠ !=|∞ infinity|· *|× x|− -|– -|— -|… ...|∈ in|√ sqrt|∑ sum|∇ grad|‖ //"
        "|′ '|⊤ '|⟨ <|⟩ >|█ #|━ -|─ -|│ !"
    ).split("|")
    if pair.count(" ") == 1
)
# Seconds after which an interrupt that got lost is sent again.
AGAIN = 0.05
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)


def in_words(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding does not have: a word for a sign, the name of a Greek letter, else its number.

    >>> in_words(UnicodeEncodeError("ascii", "≤λ", 0, 2, ""))
    ('<=lamda', 2)
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_word, error.object[error.start : error.end])), error.end


def _word(sign: str) -> str:
    if sign in SIGNS:
        return SIGNS[sign]
    name = unicodedata.name(sign, "")
    if name.startswith("GREEK"):
        letter = name.partition(" LETTER ")[2].partition(" WITH ")[0].lower()
        return letter.capitalize() if "CAPITAL" in name else letter
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or f"\\u{ord(sign):04x}"


def prepare() -> None:
    """Make standard streams usable: a closed one is replaced by nothing (standard error says so), and no character stops a line."""
    codecs.register_error("ntpproofs.in_words", in_words)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:  # closed: the next file opened would take its number, and get what is printed
            taken = os.open(os.devnull, os.O_RDWR)
            if taken != number:
                os.dup2(taken, number)
                os.close(taken)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))
            if name == "stdout" and sys.stderr is not None:
                sys.stderr.write("standard output is closed: nothing is shown\n")
    for stream in (sys.stdout, sys.stderr):
        if callable(getattr(stream, "reconfigure", None)):
            stream.reconfigure(errors="ntpproofs.in_words")  # type: ignore[union-attr]


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that a disk or a device takes no more."""
    return isinstance(error, OSError) and error.errno in FULL


def silence() -> None:
    """Send what is still buffered for standard output nowhere: nobody reads it, or it cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextmanager
def shielded() -> Iterator[list[int]]:
    """While files are written an interrupt waits; it stands in the list that is yielded. A second one is not held up.

    >>> with shielded() as interrupts:
    ...     interrupts
    []
    """
    seen: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.signal(number, before[number])

    try:
        before: dict[int, Any] = {number: signal.signal(number, wait) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread, where no signal arrives
        yield seen
        return
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt(number: int, frame: FrameType | None) -> None:
    """The handler of SIGTERM: what Ctrl-C does, so that workers end and what was finished is kept."""
    raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """In the body SIGTERM does what Ctrl-C does, and neither gets lost.

    The handler raises wherever the interpreter stands. In a callback of a fork or a finaliser it ignores what is raised, and the
    command would run on: there the signal is sent once more, a moment later. Outside of the main thread nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    main, others = threading.get_ident(), sys.unraisablehook

    def again(lost: sys.UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            return others(lost)
        sender = threading.Timer(AGAIN, signal.pthread_kill, (main, signal.SIGTERM))
        sender.daemon = True
        sender.start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = others
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
