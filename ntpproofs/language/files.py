"""Files are written beside their place and renamed, so that a reader sees the old content or the new one and a full disk leaves no half."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import InvalidInput


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a whole file. Raises `InvalidInput` where that is not possible; nothing is left behind then."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    write_with(path, lambda beside: _write(beside, data))


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """The same for what only a library can write: `write` gets a path beside the right one, with the same ending.

    A path that is a device or a pipe is written to itself: nothing can be renamed to it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file() and not path.is_dir():
            write(path)
            return
        beside = path.with_name(f".{path.stem[:100]}.{os.getpid()}{path.suffix}")
        try:
            write(beside)
            os.replace(beside, path)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be written ({error.strerror or error})", "give another path, or make room") from None
    except InvalidInput:
        raise
    except ValueError:  # a zero byte
        raise InvalidInput(repr(str(path))[:60], "is no path", "give another path") from None


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
