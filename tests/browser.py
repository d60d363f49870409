"""A page in headless Chromium, driven over a pipe with the DevTools protocol: standard library only, and no network for the browser."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Names resolve to nothing, so whatever a page asks for from elsewhere fails and is seen.
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars",
         "--force-device-scale-factor=1", "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking")  # fmt: skip

STILL = 200
"""Frames within which an element that is to be pressed has to come to rest."""


def executable() -> str:
    """The system's Chromium; the tests fail without one (`.ci/run` installs it)."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium on the path: apt-get install chromium"
    return found


class Page:
    """One tab. `requests` are the addresses it asked for outside of files, `errors` what the console and scripts complained about."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write, self._number, self._rest = read, write, 0, b""
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._events: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """A command to the page and its result."""
        return self._call(method, self._session, **parameters)

    def _call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def _next(self) -> Any:
        while b"\0" not in self._rest:
            found = os.read(self._read, 1 << 16)
            assert found, "Chromium ended"
            self._rest += found
        raw, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(raw)
        self._keep(message)
        return message

    def _keep(self, message: Any) -> None:
        method, found = message.get("method", ""), message.get("params", {})
        self._events.append(method)
        if method == "Network.requestWillBeSent" and not found["request"]["url"].startswith(("file:", "data:", "about:", "blob:")):
            self.requests.append(found["request"]["url"])
        if method == "Runtime.exceptionThrown":
            self.errors.append(found["exceptionDetails"].get("exception", {}).get("description", "exception"))
        if method == "Log.entryAdded" and found["entry"]["level"] == "error":
            self.errors.append(f"{found['entry']['text']} {found['entry'].get('url', '')}")
        if method == "Runtime.consoleAPICalled" and found["type"] == "error":
            self.errors.append(str(found["args"]))

    def open(self, path: Path, width: int, fragment: str = "", height: int = 900) -> None:
        """Load a file in a window of the given width and wait until it is there."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700)
        for address in ("about:blank", path.resolve().as_uri() + fragment):
            self._events.clear()
            self.call("Page.navigate", url=address)
            while "Page.loadEventFired" not in self._events:
                self._next()

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def settle(self) -> None:
        """Wait until events that scripts sent to themselves have been handled and the page is drawn."""
        self.ask("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")

    def press(self, selector: str) -> None:
        """Click an element as a user does, which counts as a gesture, once it stands still and nothing lies over it."""
        find = f"const e = document.querySelector({selector!r}); const b = e.getBoundingClientRect();"
        self.ask(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        before = None
        for _ in range(STILL):
            self.settle()
            x, y, free = self.ask(f"(() => {{ {find} const x = b.x + b.width / 2, y = b.y + b.height / 2;"
                                  " const top = document.elementFromPoint(x, y); return [x, y, top !== null && e.contains(top)]; })()")  # fmt: skip
            if free and before == (x, y):
                break
            before = (x, y)
        else:
            raise AssertionError(f"{selector} moves or is covered, last at {before}")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(self.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def screenshot(self, path: Path) -> None:
        """The window as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextlib.contextmanager
def chromium() -> Iterator[Page]:
    """A browser with one page, closed at the end."""
    to_browser, to_us = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        arguments = [executable(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        silent = os.open(os.devnull, os.O_WRONLY)
        # Descriptors 3 and 4 are those of the protocol; copies above 10 keep them apart from ours.
        high = [os.dup2(fd, number) for fd, number in ((to_browser[0], 103), (to_us[1], 104))]
        actions = [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4), (os.POSIX_SPAWN_DUP2, silent, 2)]
        child = os.posix_spawn(arguments[0], arguments, dict(os.environ), file_actions=actions, setpgroup=0)
        for fd in (*high, to_browser[0], to_us[1], silent):
            os.close(fd)
        try:
            yield Page(to_us[0], to_browser[1])
        finally:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            for fd in (to_us[0], to_browser[1]):
                os.close(fd)
