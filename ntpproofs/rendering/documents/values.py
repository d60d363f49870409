r"""What a verdict says about numbers, as a mathematician writes it.

A detail such as `2/3 <= ~0.65 +/- 1e-9` is read by a small grammar (numbers, enclosures, tuples, sets, finite maps, truth values, words) and
printed again: fractions displayed, decimals no longer than their radius allows, equal rows as a matrix, a violated relation as violated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import floor, log10

from .escaping import Tex, escape

# Digits of a decimal whose radius is smaller than anybody reads.
DIGITS = 8
# Entries of a tuple, set or map that are printed; rows and columns of a matrix.
ENTRIES, MATRIX = 9, 8
SIGNS = {"=": ("=", r"\ne"), "<=": (r"\le", ">"), "<": ("<", r"\ge")}


@dataclass(frozen=True)
class Value:
    """A printed value; `truth` where it is a truth value, `words` where the grammar does not know it."""

    latex: str
    truth: bool | None = None
    words: bool = False


@dataclass(frozen=True)
class Relation:
    """left sign right with what was found about it; `note` are the words behind."""

    left: Value
    sign: str
    right: Value
    note: str


_NUMBER = r"~?-?(?:\d+(?:/\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?|inf)"
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})(?![\w.])|(?P<mark>\+/-|\.\.\.|[(){{}}\[\]:,])|(?P<word>[^\s(){{}}\[\],:]+))")


def relation_of(detail: str) -> Relation | None:
    """The relation a detail line states; None where it is a sentence (or anything this grammar does not know)."""
    for sign in (" <= ", " < ", " = "):
        left, found, right = detail.partition(sign)
        if found:
            first, rest = _read(left)
            second, note = _read(right)
            if first is None or second is None or rest.strip():
                return None
            return Relation(first, sign.strip(), second, note.strip(" ,:"))
    return None


def detail_latex(detail: str, violated: bool) -> Tex:
    r"""A detail line as LaTeX; `violated` prints the relation negated, with its sides named as they were compared.

    >>> detail_latex("2/3 <= 1/2", violated=True)
    'left side $\\tfrac{2}{3}$ $>$ right side $\\tfrac{1}{2}$'
    >>> detail_latex("1 = 1", violated=False), detail_latex("False = True", violated=True)
    ('$1=1$', 'the condition fails')
    """
    if re.match(r"[A-Z][A-Za-z]+\(.*\) = [A-Z][A-Za-z]+\(", detail):
        return Tex("the two instances differ" if violated else "the two instances are equal")
    found = relation_of(detail)
    if found is None:
        return _sentence(detail)
    note = f" ({_sentence(found.note)})" if found.note and not re.match(r"to within|difference", found.note) else ""
    if found.left.truth is not None and found.right.truth is not None:
        return Tex(_truth(found, violated) + note)
    sign = SIGNS[found.sign][violated]
    spaced = f"{sign} " if sign.startswith("\\") else sign
    if violated:
        whole = f"left side ${found.left.latex}$ ${sign}$ right side ${found.right.latex}$"
    else:
        whole = f"${found.left.latex}{spaced}{found.right.latex}$"
    return Tex(breaking(whole) + note)


def breaking(latex: str) -> str:
    r"""A value whose tuples may go on in the next line; the entries of a matrix may not.

    >>> breaking(r"(1,2),\begin{pmatrix}(3,4)\end{pmatrix}")
    '(1,\\allowbreak 2),\\allowbreak \\begin{pmatrix}(3,4)\\end{pmatrix}'
    """
    pieces = re.split(r"(\\begin\{pmatrix\}.*?\\end\{pmatrix\})", latex)
    return "".join(piece if i % 2 else re.sub(r"(?<!\\),(?! )", r",\\allowbreak ", piece) for i, piece in enumerate(pieces))


def roomy(latex: str) -> str:
    """Matrices of fractions with room between their rows."""
    return re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", lambda m: m[0].replace(r"\\", r"\\[2pt]") if "frac" in m[0] else m[0], latex)


def value_latex(text: str) -> str:
    """One value as LaTeX; empty for words."""
    value, rest = _read(text)
    return "" if value is None or value.words or rest.strip() else value.latex


def _truth(found: Relation, violated: bool) -> str:
    if violated:
        return "the condition fails" if found.right.truth else "the condition holds, where it must fail"
    return "the condition holds" if found.left.truth else "the condition fails, as it must"


def _sentence(text: str) -> Tex:
    # Words with numbers in them: the numbers are set as numbers.
    pieces = re.split(rf"((?<![\w.^|*+/(-]){_NUMBER}(?: \+/- {_NUMBER})?(?![\w.*/|]))", text)
    return Tex("".join(f"${_enclosure(piece)}$" if i % 2 else _plain(piece) for i, piece in enumerate(pieces)))


def _plain(text: str) -> str:
    signs = {" <= ": r" $\le$ ", " +/- ": r" $\pm$ ", " < ": " $<$ ", "~": r"$\approx$"}
    from .mathematics import typeset

    return "".join(signs[piece] if piece in signs else typeset(piece) for piece in re.split(r"( <= | \+/- | < |~)", text))


def _enclosure(text: str) -> str:
    center, _, radius = text.partition(" +/- ")
    return number_latex(center, radius)


def number_latex(text: str, radius: str = "") -> str:
    r"""A number: a fraction, an integer, or a decimal with as many digits as its radius leaves.

    >>> number_latex("1/2"), number_latex("~0.6931471805599453", "7.7e-49"), number_latex("1.76e+04"), number_latex("~0.4051", "0.03")
    ('\\tfrac{1}{2}', '0.69314718\\ldots', '1.76\\cdot10^{4}', '0.41\\pm0.03')
    """
    text, radius = text.lstrip("~"), radius.lstrip("~")
    if text in ("inf", "-inf"):
        return text.replace("inf", r"\infty")
    if found := re.fullmatch(r"(-?)(\d+)/(\d+)", text):
        sign, p, q = found.groups()
        return rf"{sign}\tfrac{{{p}}}{{{q}}}" if len(p) + len(q) <= 12 else _scientific(f"{int(sign + p) / int(q):.{DIGITS}g}", r"\ldots")
    if re.fullmatch(r"-?\d+", text):
        return text if len(text) <= 14 else rf"{text[:6]}\ldots\ (\text{{{len(text.lstrip('-'))} digits}})"
    if not radius or radius == "0":
        digits = len(re.sub(r"[eE].*", "", text).replace("-", "").replace(".", "").lstrip("0"))
        return _scientific(text) if digits <= DIGITS else _scientific(f"{float(text):.{DIGITS}g}", r"\ldots")
    size, value = float(radius), float(text)
    if not value or size <= abs(value) * 10.0**-DIGITS:
        if abs(value) <= size:
            return rf"0\pm{_scientific(f'{size:.1g}')}"
        return _scientific(f"{value:.{DIGITS}g}", r"\ldots")
    if size < 1e-6 and abs(value) < 1e-4:
        return rf"{_scientific(f'{value:.3g}')}\pm{_scientific(f'{size:.1g}')}"
    places = max(0, -floor(log10(size)))
    return rf"{value:.{places}f}\pm{_scientific(f'{size:.1g}')}"


def _scientific(text: str, dots: str = "") -> str:
    mantissa, mark, exponent = text.lower().partition("e")
    if not mark:
        return text + dots
    lead = "" if (mantissa, dots) == ("1", "") else "-" if (mantissa, dots) == ("-1", "") else rf"{mantissa}{dots}\cdot"
    return rf"{lead}10^{{{int(exponent)}}}"


@dataclass
class _Reader:
    # Recursive descent over the tokens of one side.
    text: str
    at: int = 0

    def peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.at)

    def takes(self, mark: str) -> bool:
        token = self.peek()
        if token is None or token["mark"] != mark:
            return False
        self.at = token.end()
        return True

    def value(self) -> Value | None:
        token = self.peek()
        if token is None:
            return None
        if token["number"] is not None:
            return self.logarithms() or self.number(token)
        if self.takes("("):
            return self.collected(")", self.sequence)
        if self.takes("{"):
            return self.collected("}", _set)
        return self.logarithms() or self.word(token)

    def number(self, token: re.Match[str]) -> Value:
        self.at = token.end()
        return Value(number_latex(token["number"], self.radius()))

    def radius(self) -> str:
        if not self.takes("+/-"):
            return ""
        token = self.peek()
        if token is None or token["number"] is None:
            return ""
        self.at = token.end()
        return token["number"]

    def logarithms(self) -> Value | None:
        found = re.compile(r"\s*-?(?:\d+(?:/\d+)? )?log \d+(?: [+-] (?:\d+(?:/\d+)? )?log \d+)*").match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        spaced = re.sub(r"(\d+)/(\d+) log", r"\\tfrac{\1}{\2}log", found.group().strip())
        return Value(re.sub(r"log (\d+)", r"\\log \1", spaced))

    def word(self, token: re.Match[str]) -> Value | None:
        if token["word"] is None:
            return None
        self.at = token.end()
        word = token["word"]
        if word in ("True", "False"):
            return Value(rf"\text{{{word.lower()}}}", word == "True")
        if word == "None":
            return Value(r"\text{no value}", words=True)
        return Value(rf"\text{{{escape(word)}}}", words=True)

    def collected(self, end: str, printed: Callable[[list[tuple[Value, Value | None]], bool], Value]) -> Value | None:
        entries: list[tuple[Value, Value | None]] = []
        cut = False
        while not self.takes(end):
            if self.takes(","):
                continue
            if self.takes("..."):
                cut = True
                continue
            key = self.value()
            if key is None:
                return None
            image = self.value() if self.takes(":") else None
            entries.append((key, image))
        return printed(entries, cut)

    def sequence(self, entries: list[tuple[Value, Value | None]], cut: bool) -> Value:
        values = [key for key, _ in entries]
        radius = self.radius()
        if len(values) == 1 and not cut:
            return values[0]
        truths = [value.truth for value in values]
        if truths and None not in truths:
            return Value(_tuple([value.latex for value in values], cut), all(truths))
        matrix = _matrix([value.latex for value in values]) if not cut else None
        return Value((matrix or _tuple([value.latex for value in values], cut)) + (rf"\pm{number_latex(radius)}" if radius else ""))


def _tuple(words: list[str], cut: bool) -> str:
    return "(" + ",".join(words[:ENTRIES]) + (r",\dots" if cut or len(words) > ENTRIES else "") + ")"


def _matrix(rows: list[str]) -> str | None:
    # Tuples of tuples of one length are the rows of a matrix.
    split = [row[1:-1].split(",") for row in rows if re.fullmatch(r"\([^()]*\)", row)]
    if len(split) != len(rows) or len({len(row) for row in split}) != 1 or len(split) > MATRIX or len(split[0]) > MATRIX or not split[0][0]:
        return None
    return roomy(r"\begin{pmatrix}" + r"\\".join("&".join(row) for row in split) + r"\end{pmatrix}")


def _set(entries: list[tuple[Value, Value | None]], cut: bool) -> Value:
    if not entries and not cut:
        return Value(r"\emptyset")
    words = [key.latex if image is None else rf"{key.latex}\mapsto {image.latex}" for key, image in entries]
    return Value(r"\{" + ",".join(words[:ENTRIES]) + (r",\dots" if cut or len(words) > ENTRIES else "") + r"\}")


def _read(text: str) -> tuple[Value | None, str]:
    reader = _Reader(text)
    value = reader.value()
    rest = reader.text[reader.at :]
    if value is None or (rest.strip() and not re.match(r"\s*[,(:]", rest)):
        return None, text
    return value, rest
