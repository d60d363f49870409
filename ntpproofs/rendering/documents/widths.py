r"""How wide a formula will be, in characters, and what to do with one that is too wide for its line."""

from __future__ import annotations

import re

# Widths of commands that take more or less than one character.
_WIDE = {r"\sum": 2.0, r"\log": 2.2, r"\exp": 2.5, r"\max": 2.8, r"\min": 2.8, r"\operatorname": 0.0, r"\mathrm": 0.0, r"\left": 0.0, r"\right": 0.0,
         r"\text": 0.0, r"\qquad": 3.0, r"\quad": 2.0, r"\,": 0.3, r"\!": 0.0, r"\bar": 0.0, r"\hat": 0.0, r"\mathcal": 0.0, r"\mathbb": 0.0,
         r"\textstyle": 0.0, r"\displaystyle": 0.0, r"\sqrt": 1.0, r"\bigl": 0.0, r"\bigr": 0.0, r"\to": 2.0, r"\iff": 3.0}  # fmt: skip
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)


def width(latex: str) -> float:
    r"""An estimate of the width of a formula, in characters of running text.

    >>> width("a+b"), width(r"\frac{a+b+c}{d}") < width("a+b+cd"), width(r"\sum_{c\in D}w_c") < 8
    (4.0, True, True)
    """
    return _row(_TOKEN.findall(latex), 0)[0]


def _row(tokens: list[str], at: int) -> tuple[float, int]:
    # The width of what stands up to the closing brace, and the position behind it.
    total = 0.0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token == "}":
            break
        if token == "{":
            inner, at = _row(tokens, at)
            total += inner
        elif token in (r"\frac", r"\tfrac", r"\dfrac"):
            first, at = _argument(tokens, at)
            second, at = _argument(tokens, at)
            total += max(first, second) * (0.75 if token == r"\tfrac" else 1.0) + 0.5
        elif token in ("_", "^"):
            script, at = _argument(tokens, at)
            total += 0.7 * script
        elif not token.isspace():
            total += _WIDE.get(token, 2.0 if token in "=+-<>" or token in (r"\le", r"\ge") else 1.0)
    return total, at


def _argument(tokens: list[str], at: int) -> tuple[float, int]:
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    if at < len(tokens) and tokens[at] == "{":
        return _row(tokens, at + 1)
    return (1.0, at + 1) if at < len(tokens) else (0.0, at)


def terms(latex: str) -> list[str]:
    r"""The terms of a sum at its top level, each with its sign.

    >>> terms(r"a+\left(b-c\right)-d_{i+1}")
    ['a', '+\\left(b-c\\right)', '-d_{i+1}']
    """
    found, depth, current = [], 0, ""
    for token in _TOKEN.findall(latex):
        depth += (token in "{([" and len(token) == 1) - (token in "})]" and len(token) == 1)
        if depth == 0 and token in "+-" and current.strip():
            found.append(current)
            current = ""
        current += token
    return [*found, current]


def cut(latex: str, room: float) -> str:
    r"""The leading terms of a sum that fit, and dots for the rest; dots alone where not even the first one fits.

    >>> cut("a+b+c+d", 8.0), cut("abcdefgh", 4.0), cut("a+b", 20.0)
    ('a+b+\\cdots', '\\cdots', 'a+b')
    """
    if width(latex) <= room:
        return latex
    kept, used = [], 3.0
    for term in terms(latex):
        used += width(term)
        if used > room:
            break
        kept.append(term)
    return "".join(kept) + r"+\cdots" if kept else r"\cdots"


def broken(latex: str, room: float) -> list[str]:
    r"""A formula as rows: broken before its terms, and within its widest pair of brackets where a term alone is too wide.

    What has no place to break stays in one row.

    >>> broken("a+b+c", 5.0), broken("a+b", 5.0)
    (['a+b', '+c'], ['a+b'])
    >>> broken(r"2\left(aaaa+bbbb\right)c", 9.0)
    ['2\\Bigl(aaaa', '+bbbb\\Bigr)c']
    """
    rows = [""]
    for term in terms(latex):
        pieces = [term] if width(term) <= room else _opened(term, room)
        if rows[-1] and width(rows[-1]) + width(pieces[0]) <= room:
            rows[-1] += pieces[0]
        else:
            rows.append(pieces[0])
        rows += pieces[1:]
    return [row for row in rows if row]


def _opened(term: str, room: float) -> list[str]:
    # The term broken within the widest of its outermost brackets, whose sizes are then fixed: a pair cannot span rows.
    groups = _groups(term)
    if not groups:
        return [term]
    start, end = max(groups, key=lambda group: width(term[group[0] : group[1]]))
    before, inner, after = term[:start], term[start + len(r"\left(") : end - len(r"\right)")], term[end:]
    rows = broken(inner, room)
    if len(rows) == 1:
        return [term]
    return [rf"{before}\Bigl({rows[0]}", *rows[1:-1], rf"{rows[-1]}\Bigr){after}"]


def _groups(latex: str) -> list[tuple[int, int]]:
    # Where the outermost pairs of round brackets stand that are in no argument of a command.
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    braces, at = 0, 0
    for token in _TOKEN.findall(latex):
        if token in "{}" and not opened:
            braces += 1 if token == "{" else -1
        elif token == r"\left" and braces == 0:
            opened.append(at)
        elif token == r"\right" and opened:
            start = opened.pop()
            if not opened and latex.startswith(r"\left(", start) and latex.startswith(r"\right)", at):
                found.append((start, at + len(r"\right)")))
        at += len(token)
    return found
