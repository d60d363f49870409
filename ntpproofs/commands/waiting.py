"""Waiting for an answer: a line that says for how long and on what, and a limit of time that ends with what is known."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from ..checking.processes import end_with
from ..errors import NtpproofsError
from ..limits.answer import Question, answers_by_logit
from ..limits.partial import known
from ..logit.protocols import Reducible

PAUSE, GRACE = 0.25, 0.5
STEPS = ("separation", "finite part", "assumptions, coordinates and margins")


def step(question: Question, further: bool) -> str:
    """The step of the exact route that is being taken, of how many; no time, because none can be told from sizes alone.

    `further` says that a simulation or files come after the answer.
    """
    if not isinstance(question.problem, Reducible) or not answers_by_logit(question.kind, question.problem):
        return "computing"
    parts = question.problem.conditional_logit().memo.get("decomposition")
    done = 0 if parts is None else 1 + ("finite_part" in vars(parts))
    names = (*STEPS, "simulation and files") if further else STEPS
    return f"step {done + 1} of {len(names)}: {names[done]}"


@contextmanager
def told_to_wait(question: Question, further: bool = False) -> Iterator[Callable[[str], None] | None]:
    """While the body runs, a terminal is shown how long it has run and its step, or what the body says itself through the function that is
    yielded."""
    if not sys.stderr.isatty():
        yield None
        return
    ended, started, told = threading.Event(), monotonic(), [""]

    def tell() -> None:
        while not ended.wait(1.0):
            seconds = monotonic() - started
            sys.stderr.write(f"\r{told[0] or step(question, further)}, {seconds:.0f} s  (Ctrl-C ends)\x1b[K")
            sys.stderr.flush()

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield lambda text: told.__setitem__(0, text)
    finally:
        ended.set()
        teller.join(2.0)
        sys.stderr.write("\r\x1b[K")


def within(seconds: float, stages: Callable[[], Iterable[Any]], nothing: Any, question: Question) -> tuple[Any, dict[str, Any]]:
    """The last stage that is finished within a time, and the facts known by then; the work is done by a process of its own."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(there, stages, question, os.getpid()), daemon=True)
    process.start()
    there.close()
    # Routes that keep to the time themselves end a little later than it, with more than nothing.
    found, facts, deadline = nothing, known(question), monotonic() + seconds + max(GRACE, seconds / 10)
    try:
        while here.poll(max(0.0, deadline - monotonic())):
            try:
                kind, content = here.recv()
            except EOFError:
                break
            if kind == "known":
                facts = content
            elif kind == "failed":
                found.failed = content
            elif kind == "raised":
                raise RuntimeError(content)
            else:
                found = content
    finally:
        process.kill()
        process.join()
        here.close()
    return found, facts


def _work(pipe: Connection, stages: Callable[[], Iterable[Any]], question: Question, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent)
    lock, seen = threading.Lock(), [known(question)]

    def send(kind: str, content: Any) -> None:
        with lock, suppress(OSError):
            pipe.send((kind, content))

    def watch() -> None:
        while True:
            threading.Event().wait(PAUSE)
            facts = known(question)
            if facts != seen[0]:
                seen[0] = facts
                send("known", facts)

    threading.Thread(target=watch, daemon=True).start()
    try:
        for stage in stages():
            send("stage", stage)
    except NtpproofsError as error:
        send("failed", error)
    except Exception as error:  # told to the parent, which has the last handler
        send("raised", f"{type(error).__name__}: {error}")
    os._exit(0)
