r"""What is LaTeX on purpose and what is not.

A `Tex` string goes into a document as it stands; every other string is escaped, so that a title with a percent sign or a
witness with braces cannot break it. Sources are ASCII: letters beyond are written with the commands of plain LaTeX.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from .._symbols import DELIMITERS, LETTERS, OPERATORS, RELATIONS, SPACES


class Tex(str):
    """LaTeX on purpose."""

    __slots__ = ()


_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    '"': r"\ntpquote{}", "`": r"\textasciigrave{}", "'": "'",
}  # fmt: skip
_LETTERS = {
    "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}",
    "ı": r"\i{}", "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''",
    "…": r"\ldots{}", "\u00a0": "~", "§": r"\S{}", "©": r"\copyright{}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".", "\u0308": '"', "\u030a": "r",
    "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip


@cache
def _symbols() -> dict[str, str]:
    # The converter's tables the other way round: a character to the first command that gives it.
    table: dict[str, str] = {}
    for command, element in (LETTERS | OPERATORS).items():
        character = re.sub(r"<[^>]*>", "", element)
        if len(character) == 1 and not character.isascii():
            table.setdefault(character, rf"\ensuremath{{{command}}}")
    return table


def _character(character: str) -> str:
    if character.isascii():
        return _SPECIAL.get(character, character if character.isprintable() else " ")
    if character in _LETTERS:
        return _LETTERS[character]
    if character in _symbols():
        return _symbols()[character]
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return f"\\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    return rf"\ntpunicode{{{ord(character):04X}}}"


def escape(text: str) -> Tex:
    r"""Plain text as LaTeX in ASCII; a `Tex` string is returned as it is.

    >>> escape("50% of {a_1} -- \\input")
    '50\\% of \\{a\\_1\\} -{}- \\textbackslash{}input'
    """
    if isinstance(text, Tex):
        return text
    characters = [_character(character) for character in text]
    pairs = zip(characters, ["", *characters], strict=False)
    return Tex("".join(f"{{}}{now}" if now == before == "-" else now for now, before in pairs))


_BREAKS = set(",_([=/.:+")
_SHORT, _LONGEST = 14, 16


def breakable(text: str) -> Tex:
    r"""Plain text whose words of more than fourteen characters may break after punctuation, and after sixteen characters
    without any: names, code, long numbers.

    >>> breakable("certificate_is_accepted")
    'certificate\\_\\allowbreak{}is\\_\\allowbreak{}accepted'
    """
    return Tex("".join(escape(word) if len(word) <= _SHORT else _with_breaks(word) for word in re.split(r"(\s+)", text)))


def _with_breaks(word: str) -> Tex:
    parts, run = [], 0
    for character in word:
        run += 1
        parts.append(str(escape(character)))
        if character in _BREAKS or run >= _LONGEST:
            parts.append(r"\allowbreak{}")
            run = 0
    return Tex("".join(parts).replace("--", "-{}-"))


def code(text: str) -> Tex:
    """Plain text in typewriter type that may break."""
    return Tex(rf"\texttt{{{breakable(text)}}}")


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)


def is_sound(latex: str) -> bool:
    r"""Whether LaTeX cannot damage what follows it: braces, dollars, environments and \left \right are balanced, nothing is
    commented out, and no paragraph ends inside.

    >>> is_sound(r"\frac{1}{2}"), is_sound(r"\frac{1}{2"), is_sound("50%")
    (True, False, False)
    """
    depth, dollars, left = 0, 0, 0
    tokens = _TOKEN.findall(latex)
    for token in tokens:
        depth += {"{": 1, "}": -1}.get(token, 0)
        left += {r"\left": 1, r"\right": -1}.get(token, 0)
        dollars += token == "$"
        if depth < 0 or left < 0 or token in {"%", "#", "\\"}:
            return False
    environments = re.findall(r"\\(begin|end)\{([^{}]*)\}", latex)
    opened: list[str] = []
    for which, name in environments:
        if which == "begin":
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    stray = "&" in tokens and not environments and r"\substack" not in tokens
    return not (depth or left or dollars % 2 or opened or stray or re.search(r"\n\s*\n", latex))


def formula(latex: str) -> Tex:
    r"""A formula between dollars, with the words at its top level outside of them so that lines can break there.

    Unsound LaTeX is shown as code.

    >>> formula(r"u \ne 0 \text{ always}")
    '$u \\ne 0$ always'
    """
    if not latex.strip():
        return Tex("")
    if not is_sound(latex) or "$" in _without_words(latex):
        return code(latex)
    latex = "".join(character if character.isascii() else _character(character) for character in latex)
    return Tex("".join(_words_outside(latex)))


_WORDS = re.compile(r"\\text\{((?:[^{}]|\{[^{}]*\})*)\}")


def _without_words(latex: str) -> str:
    return _WORDS.sub("", latex).replace(r"\$", "")


def _words_outside(latex: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for match in _WORDS.finditer(latex):
        before, after = latex[start : match.start()], latex[match.end() :]
        if is_sound(latex[: match.start()]) and is_sound(after) and not _is_argument(before) and not re.match(r"\s*[_^']", after):
            pieces += [_mathematics(before), match.group(1)]
            start = match.end()
    return [*pieces, _mathematics(latex[start:])]


def _is_argument(before: str) -> bool:
    # Whether what follows is a script or the argument of a command, as in x_\text{in} and \bar\text{x}.
    found = re.search(r"([_^]|\\[A-Za-z]+)\s*$", before)
    return found is not None and not any(found.group(1) in table for table in (LETTERS, OPERATORS, SPACES, DELIMITERS))


def _mathematics(latex: str) -> str:
    # A relation at the edge keeps its space only with something, be it empty, on the other side.
    latex = latex.strip()
    if not latex:
        return ""
    tokens = re.findall(r"\\[A-Za-z]+|\\.|\S", latex)
    first, last = ("{}" if tokens[i] in RELATIONS else "" for i in (0, -1))
    trailing = " " if tokens[-1] == "\\" else ""
    return f"${first}{latex}{trailing}{last}$"


def prose(text: str) -> Tex:
    r"""A statement's text: LaTeX with $...$ and $$...$$; unsound text is escaped.

    >>> prose("so that $$x = 1.$$ Always.")
    'so that \\[x = 1.\\] Always.'
    """
    if not is_sound(text):
        return escape(text)
    displayed = re.sub(r"\s*\$\$(.*?)\$\$\s*", lambda match: rf" \[{match.group(1).strip()}\] ", text, flags=re.DOTALL)
    return Tex("".join(character if character.isascii() else _character(character) for character in displayed).strip())
