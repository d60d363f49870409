r"""One displayed line of a proof step, as a value: reports are read and rendered without SymPy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    r"""left, relation sign, right, all LaTeX; `rule` names what decided it, `where` the domain it needs.

    >>> Line("x", r"\ge", "0", "sign of a derivative").latex
    'x\\ge 0'
    """

    left: str
    sign: str
    right: str
    rule: str
    where: str = ""

    @property
    def latex(self) -> str:
        r"""The line as one formula."""
        return f"{self.left}{self.sign} {self.right}" if self.sign.startswith("\\") else f"{self.left}{self.sign}{self.right}"
