r"""Which symbols a formula uses, and which of them no notation explains.

A symbol is a letter with its accent or alphabet (`\bar L`, `\mathcal P`, `\mathrm{CE}`); scripts in words (`W^{\mathrm{mm}}`) are part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...language.notation import Notation
from ...language.statements import Statement

_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho varrho sigma tau upsilon phi varphi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell nabla"
).split()
_ACCENTS = r"\\(?:mathcal|mathbb|mathsf|mathfrak|bar|hat|tilde|widetilde|overline|dot|widehat|check|mathrm|operatorname)(?![A-Za-z])"
_SYMBOL = re.compile(rf"{_ACCENTS}\*?\s*(?:\{{[^{{}}]*\}}|\\[A-Za-z]+|[A-Za-z])|\\[A-Za-z]+|[A-Za-z]")
_WORDS = re.compile(
    r"[_^]\s*\{?\\(?:mathrm|operatorname|text)\s*(?:\{[^{}]*\}|[A-Za-z])\}?|\\(?:text|mbox|textup|emph|label|begin|end)\*?\{(?:[^{}]|\{[^{}]*\})*\}"
)


def symbols_of(latex: str) -> set[str]:
    r"""The symbols of a formula.

    >>> sorted(symbols_of(r"\mathcal P_{\mathcal F}W_k\to W^{\mathrm{mm}}\text{ at } t"))
    ['W', '\\mathcal{F}', '\\mathcal{P}', 'k', 't']
    """
    return {symbol for match in _SYMBOL.finditer(_WORDS.sub(" ", latex)) if (symbol := _normal(match.group()))}


def _normal(token: str) -> str:
    if not token.startswith("\\"):
        return token
    if found := re.fullmatch(rf"({_ACCENTS})\*?\s*(.*)", token, re.DOTALL):
        inside = found[2].strip("{}").strip()
        return f"{found[1]}{{{inside}}}" if inside else ""
    return token if token[1:] in _GREEK else ""


def formulas_of(text: str) -> list[str]:
    r"""What stands between dollars.

    >>> formulas_of("so $x$ and $$y=1$$")
    ['x', 'y=1']
    """
    return re.findall(r"\$\$?(.*?)\$\$?", text, re.DOTALL)


def unexplained(statement: Statement, notation: Notation) -> set[str]:
    """The symbols of a statement (text, assumptions, claims) that its notation neither lists nor leaves to the place."""
    latex = [*formulas_of(statement.text), *(entry.latex for entry in statement.assumptions), *(claim.latex for claim in statement.claims)]
    return set().union(*map(symbols_of, latex), set()) - explained(notation)


def explained(notation: Notation) -> set[str]:
    """The symbols of a notation: those of its table and those bound where they stand."""
    return set().union(*(symbols_of(entry.latex) for entry in notation.symbols), *map(symbols_of, formulas_of(notation.local)), set())


def twice(notation: Notation) -> set[str]:
    """Symbols with two entries: a letter alone, listed again in another row or left to the place as well."""
    rows = [symbol for entry in notation.symbols for symbol in _leading(entry.latex)]
    local = set().union(*map(symbols_of, formulas_of(notation.local)), set())
    return {symbol for symbol in rows if rows.count(symbol) > 1 or symbol in local}


def _leading(latex: str) -> Iterable[str]:
    # What a row defines: the symbol at the head of each of its parts, if nothing but commas separates them.
    for part in re.split(r",\\ |,\s*", latex):
        bare = re.sub(r"^\\\|", "", part.strip())
        found = _SYMBOL.match(bare)
        if found is not None and bare[found.end() :].strip() == "":
            yield _normal(found.group())
