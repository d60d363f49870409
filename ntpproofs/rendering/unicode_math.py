r"""LaTeX mathematics as one line of Unicode for terminals, read off the MathML of `mathml`; what that does not know stays LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from .mathml import UnknownCommand, plain_words, split_prose, to_mathml

Element = ElementTree.Element

_RAISED = dict(zip("0123456789+−=()niTabcdefghjklmoprstuvwxyz⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", strict=True))
_RAISED |= {mark: mark for mark in "*∗⋆′†"}
_LOWERED = dict(zip("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_ACCENTS = {"¯": "\u0304", "^": "\u0302", "~": "\u0303", "˙": "\u0307", "¨": "\u0308", "→": "\u20d7", "ˇ": "\u030c", "˘": "\u0306"}
_CLOSING = set(")]}⟩⌋⌉|‖,;:.")
_OPENING = set("([{⟨⌊⌈|‖,;:=<>≤≥≠→+−⋅×")
# From this width on a space of the formula is a space of the line.
_WIDE = 0.25


def unicode_math(latex: str) -> str:
    r"""A formula as text.

    >>> unicode_math(r"\|w_k\|\to\infty"), unicode_math(r"\frac{1}{n+1}\sum_{i\le n} x_i^2"), unicode_math(r"\unknown{x}")
    ('‖wₖ‖ → ∞', '1/(n + 1) ∑_(i ≤ n) xᵢ²', '\\unknown{x}')
    """
    try:
        root = ElementTree.fromstring(to_mathml(latex))
    except UnknownCommand:
        return latex
    return " ".join(_row(root).replace("\u00a0", " ").split()).replace("( ", "(").replace(" )", ")")


def unicode_prose(text: str) -> str:
    """LaTeX prose with formulas between dollars as text.

    >>> unicode_prose("for $x<1$, 50~--~60")
    'for x < 1, 50 – 60'
    """
    pieces = (plain_words(words) if kind == "words" else unicode_math(words) for kind, words in split_prose(text))
    return "".join(pieces).replace("\u00a0", " ").strip()


def _row(element: Element) -> str:
    return "".join(_children(element))


def _children(element: Element) -> Iterator[str]:
    before, quotient = "", False
    for child in element:
        text = _text(child)
        opening = text in ("(", "[", "{", "⟨")
        if text[:1] not in ("", " ", *_CLOSING) and ((quotient and opening) or (child.tag != "mo" and _open_ended(before, quotient))):
            yield " "
        if child.tag == "mo" and text in "+−" and before.rstrip()[-1:] not in ("", *_OPENING):
            text = f" {text} "
        elif child.tag in ("munder", "mover", "munderover") and child[0].tag == "mo":
            text += " "
        yield text
        before, quotient = (text, child.tag == "mfrac") if text else (before, quotient)


def _open_ended(text: str, quotient: bool) -> bool:
    # A quotient or a script written with a mark would swallow what follows.
    return quotient or (text[-1:].isalnum() and any(mark in text[-3:] for mark in "_^"))


def _text(element: Element) -> str:
    tag = element.tag
    if tag == "mo":
        return _operator(element)
    if tag in ("mi", "mn", "mtext"):
        return element.text or ""
    if tag == "mspace":
        return " " if float(element.get("width", "0em").removesuffix("em")) >= _WIDE or element.get("width") == "0.17em" else ""
    if tag in ("mtable", "mtr"):
        return _table(element)
    if tag in ("mfrac", "msqrt", "mroot"):
        return _fraction(element)
    return _scripts(element) if tag[:4] in ("msub", "msup", "mund", "move") else _row(element)


def _operator(element: Element) -> str:
    text = element.text or ""
    if text in (",", ";"):
        return f"{text} "
    return f" {text} " if element.get("lspace", "0") not in ("0", "0.17em") else text


def _table(element: Element) -> str:
    return "; ".join(" ".join(_row(cell).strip() for cell in row) for row in element)


def _fraction(element: Element) -> str:
    if element.tag == "msqrt":
        inside = _row(element).strip()
        return f"√{inside}" if len(inside) == 1 or inside.isdigit() else f"√({inside})"
    if element.tag == "mroot":
        return f"{_script(_text(element[1]), _RAISED, '^')}√{_grouped(_text(element[0]))}"
    above, below = _text(element[0]), _text(element[1])
    bar = "" if element.get("linethickness") else "/"
    factor = element[1].tag == "mrow" and len(element[1]) > 1 and not _closed(below)
    return f"{_grouped(above)}{bar}{f'({below.strip()})' if factor else _grouped(below)}" if bar else f"{above} over {below}"


def _grouped(text: str) -> str:
    # Parentheses around a sum; what stands in parentheses already needs none.
    text = text.strip()
    outside, depth = "", 0
    for letter in text:
        depth += (letter in "([{⟨") - (letter in ")]}⟩")
        outside += letter if not depth else ""
    return f"({text})" if any(x in outside for x in " +−/⋅") else text


def _closed(text: str) -> bool:
    return text.startswith("(") and text.endswith(")") and text.count("(") == 1


def _scripts(element: Element) -> str:
    base, *scripts = (_text(child) for child in element)
    if element.get("accent"):
        return _accented(base.strip(), scripts[0].strip())
    if element.tag == "munder" and scripts[0].strip() == "_":
        return base
    tag = element.tag
    lower = scripts[0] if tag in ("msub", "msubsup", "munder", "munderover") else ""
    upper = scripts[-1] if tag in ("msup", "msubsup", "mover", "munderover") else ""
    return base.strip() + _script(lower, _LOWERED, "_") + _script(upper, _RAISED, "^")


def _accented(base: str, mark: str) -> str:
    # On the one letter where the rest are small letters above or below it.
    scripts = {*_RAISED.values(), *_LOWERED.values()}
    one = base[:1].isalpha() and all(letter in scripts for letter in base[1:])
    return base[0] + _ACCENTS[mark] + base[1:] if one and mark in _ACCENTS else f"{mark}({base})"


def _script(text: str, letters: dict[str, str], mark: str) -> str:
    text = text.strip()
    tight = text.replace(" ", "")
    if not text:
        return ""
    if all(letter in letters for letter in tight):
        return "".join(letters[letter] for letter in tight)
    return f"{mark}{text}" if len(text) == 1 or text.isalnum() or text[0] + text[-1] == "[]" else f"{mark}({text})"
