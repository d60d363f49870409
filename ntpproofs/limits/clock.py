"""A limit on the seconds of a computation that has no place of its own to look at the clock."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TimeIsUp(Exception):
    """Raised in the middle of the computation, between two steps of the interpreter."""


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Raise `TimeIsUp` in the body after as many seconds; a call into a library ends first.

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
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


__all__ = ["TimeIsUp", "within"]
