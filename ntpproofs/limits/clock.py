"""A limit on the seconds of a computation that has no place of its own to look at the clock."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Seconds between two attempts to end a body.
AGAIN = 1.0


class TimeIsUp(Exception):
    """Raised in the middle of the computation, between two steps of the interpreter."""


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Raise `TimeIsUp` in the body after as many seconds; a call into a library ends first.

    Where the interpreter ignores what is raised (a finaliser), it is raised once more a second later.
    Without a limit, and outside of the main thread or on systems without timers of signals, the body runs to its end.

    >>> with within(60.0):
    ...     sum(range(10))
    45
    """
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), AGAIN)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
    finally:  # once more: time may have run out on the line above
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


__all__ = ["TimeIsUp", "within"]
