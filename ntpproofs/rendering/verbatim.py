"""Lines to be copied: printed as they stand, never wrapped, never cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


@dataclass(frozen=True)
class Verbatim:
    """Text that a console prints with its own line breaks only, when told not to crop (`print(part, crop=False)`).

    >>> from io import StringIO
    >>> from rich.console import Console
    >>> out = StringIO()
    >>> Console(file=out, width=10).print(Verbatim("a line longer than ten columns"), crop=False)
    >>> out.getvalue()
    'a line longer than ten columns\\n'
    """

    text: str
    language: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found = Text(self.text)
        if self.language:
            from rich.syntax import Syntax

            found = Syntax("", self.language, theme="ansi_dark", background_color="default").highlight(self.text)
            found.rstrip()
        found.no_wrap, found.overflow = True, "ignore"
        yield found
