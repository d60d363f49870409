"""The notation of a paper: its symbols, each with one meaning, and the setting in which its statements stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..errors import InvalidStatement
from .references import REFERENCES

__all__ = ["Notation", "Symbol"]


@dataclass(frozen=True)
class Symbol:
    r"""A symbol with its one meaning; several that are read together stand in one `latex` (`b,\ d`)."""

    latex: str
    meaning: str


@dataclass(frozen=True)
class Notation:
    r"""What a reader is told before the first statement of a paper.

    `introduction` says what the paper asks and what is found here, `setting` fixes the objects (LaTeX prose), `symbols` is the table, `local`
    the letters that are bound where they stand, `literature` pairs (what, key of a reference). Raises `InvalidStatement` for a symbol that is
    listed twice and for an unknown reference.

    >>> Notation("", "", (Symbol("x", "a point"), Symbol("x", "a length")))
    Traceback (most recent call last):
        ...
    ntpproofs.errors.InvalidStatement: notation: lists x twice. Remedy: choose another letter for one of them.
    """

    introduction: str
    setting: str
    symbols: tuple[Symbol, ...]
    local: str = ""
    literature: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        unknown = [key for _, key in self.literature if key not in REFERENCES]
        if unknown:
            raise InvalidStatement("notation", f"names the unknown reference {unknown[0]!r}", "add it to `ntpproofs.language.references`")
        seen: set[str] = set()
        for symbol in self.symbols:
            if symbol.latex in seen:
                raise InvalidStatement("notation", f"lists {symbol.latex} twice", "choose another letter for one of them")
            seen.add(symbol.latex)

    def with_symbols(self, more: Iterable[Symbol]) -> Notation:
        """The notation with the symbols of another one that it does not list itself."""
        own = {symbol.latex for symbol in self.symbols}
        return replace(self, symbols=(*self.symbols, *(entry for entry in more if entry.latex not in own)))
