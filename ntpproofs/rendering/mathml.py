r"""LaTeX mathematics as MathML, offline: the subset in which statements are written, and nothing guessed.

A command that is not in the tables raises `UnknownCommand`; the HTML report then shows the source. Alphabets become Unicode
letters, because browsers ignore `mathvariant` (MathML Core).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from ._symbols import (
    ACCENTS,
    ALPHABETS,
    BIG_OPERATORS,
    BIG_SIZES,
    DELIMITERS,
    FUNCTIONS,
    LETTERS,
    LIMIT_FUNCTIONS,
    OPERATORS,
    RELATIONS,
    SPACES,
    STACKS,
)

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)
_BLANK = re.compile(r"\s*")
_RAW = {r"\text", r"\textrm", r"\textit", r"\textbf", r"\texttt", r"\textsf", r"\mbox", r"\hbox", r"\begin", r"\end", r"\operatorname"}
_MATRICES = {"matrix": "", "smallmatrix": "", "pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "Vmatrix": "‖‖", "Bmatrix": "{}"}
_ALIGNED = {"aligned": "right left", "cases": "left", "gathered": "center", "array": "center", "split": "right left"}
# What a function name touches: \log(x) and \log\|x\| have no space, \log t and t \log s have.
_NO_SPACE = {"", "(", "[", "|", r"\{", r"\|", r"\langle", r"\lVert", r"\lvert", r"\left", r"\\", "&", "}", *BIG_SIZES, *OPERATORS, *SPACES}


# Relations and separators: a line may break after them.
_BREAKS = {OPERATORS[token] for token in (*RELATIONS, ",", ";")}


def _is_function(token: str) -> bool:
    return token in FUNCTIONS or token in LIMIT_FUNCTIONS or token == r"\operatorname"


class UnknownCommand(ValueError):
    """The LaTeX contains something outside the supported subset; the message names it."""


def to_mathml(latex: str, display: bool = False) -> str:
    r"""A `<math>` element. Raises `UnknownCommand` for anything unsupported, unbalanced braces included.

    >>> to_mathml(r"\tfrac12")
    '<math><mfrac displaystyle="false"><mn>1</mn><mn>2</mn></mfrac></math>'
    """
    body = "".join(_parts(latex))
    return f'<math display="block">{body}</math>' if display else f"<math>{body}</math>"


def to_html(latex: str) -> str:
    r"""Inline HTML in which a long formula can wrap: one `<math>` up to each relation or comma, words outside of them.

    >>> to_html(r"u \ne 0 \text{ always}")
    '<math><mi>u</mi><mo lspace="0.28em" rspace="0.28em">≠</mo></math><math><mn>0</mn></math><span> always</span>'
    """
    pieces: list[str] = []
    pending: list[str] = []
    for part in [*_parts(latex), ""]:
        words = part.removeprefix("<mtext>").removesuffix("</mtext>") if part.startswith("<mtext>") else ""
        pending += [] if words else [part]
        if (words or not part or part in _BREAKS) and any(pending):
            pieces.append(f"<math>{''.join(pending)}</math>")
            pending = []
        pieces += [f"<span>{words.replace(chr(160), ' ')}</span>"] if words else []
    return "".join(pieces)


def split_prose(text: str) -> Iterator[tuple[str, str]]:
    r"""LaTeX prose as pieces ("words", ...), ("inline", ...) and ("display", ...), formulas without their dollars.

    >>> list(split_prose(r"is $x$, 5\$"))
    [('words', 'is '), ('inline', 'x'), ('words', ', 5\\$')]
    """
    for piece in re.split(r"(\$\$.*?\$\$|(?<!\\)\$.*?(?<!\\)\$)", text, flags=re.DOTALL):
        if piece.startswith("$$") and len(piece) >= 4:
            yield "display", piece[2:-2]
        elif piece.startswith("$") and len(piece) >= 2:
            yield "inline", piece[1:-1]
        elif piece:
            yield "words", piece


def _parts(latex: str) -> list[str]:
    parser = _Parser(latex)
    parts = parser.row()
    if parser.peek():
        raise UnknownCommand(parser.peek())
    return parts


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _operator(text: str, attributes: str = "") -> str:
    return f"<mo{attributes}>{escape(text)}</mo>"


def _fence(text: str, stretchy: bool = False) -> str:
    return "" if text == "." else _operator(text, f' stretchy="{str(stretchy).lower()}"' + (' lspace="0" rspace="0"' if text in "|‖" else ""))


class _Parser:
    # Recursive descent over the source; `row` reads until something closes it, `nucleus` one symbol, `scripted` with scripts.

    def __init__(self, latex: str) -> None:
        self.latex, self.at = latex, 0

    def peek(self) -> str:
        self.at = _BLANK.match(self.latex, self.at).end()  # type: ignore[union-attr]
        found = _TOKEN.match(self.latex, self.at)
        return found.group() if found else ""

    def take(self) -> str:
        token = self.peek()
        self.at += len(token)
        return token

    def expect(self, token: str) -> None:
        found = self.take()
        if found != token:
            raise UnknownCommand(f"{token} expected, found {found or 'the end'}")

    def raw(self) -> str:
        # The group in braces as it stands.
        self.expect("{")
        start, depth = self.at, 1
        while depth:
            if self.at >= len(self.latex):
                raise UnknownCommand("unbalanced {")
            character = self.latex[self.at]
            self.at += 2 if character == "\\" else 1
            depth += {"{": 1, "}": -1}.get(character, 0)
        return self.latex[start : self.at - 1]

    def optional(self) -> str:
        if self.peek() != "[":
            return ""
        end = self.latex.find("]", self.at)
        if end < 0:
            raise UnknownCommand("unbalanced [")
        inside, self.at = self.latex[self.at + 1 : end], end + 1
        return inside

    def row(self) -> list[str]:
        parts: list[str] = []
        previous = "start"
        while (token := self.peek()) and token not in {"}", "&", r"\\", r"\end", r"\right"}:
            function = _is_function(token)
            if function and previous == "ordinary":
                parts.append('<mspace width="0.17em"></mspace>')
            parts.append(self.scripted())
            following = self.peek()
            if function and following not in _NO_SPACE and not _is_function(following):
                parts.append('<mspace width="0.17em"></mspace>')
            previous = "operator" if token in _NO_SPACE else "ordinary"
        return parts

    def group(self) -> str:
        # An argument: a braced group or one token.
        if self.peek() != "{":
            if self.peek()[:1].isdigit():  # one digit, not the whole number
                self.at += 1
                return f"<mn>{self.latex[self.at - 1]}</mn>"
            return self.nucleus()
        self.take()
        parts = self.row()
        self.expect("}")
        return _row(parts)

    def scripted(self) -> str:
        token = self.peek()
        base = "<mrow></mrow>" if token in {"_", "^"} else self.nucleus()
        while self.peek() in {r"\limits", r"\nolimits"}:
            self.take()
        lower, upper = "", ""
        while (mark := self.peek()) in {"_", "^", "'"}:
            if mark == "'":
                primes = ""
                while self.peek() == "'":
                    self.take()
                    primes += "′"
                upper = f"<mrow>{_operator(primes)}{upper}</mrow>" if upper else _operator(primes)
                continue
            if (mark == "_" and lower) or (mark == "^" and upper and "′" not in upper):
                raise UnknownCommand(f"double {mark}")
            self.take()
            argument = self.group()
            if mark == "_":
                lower = argument
            else:
                upper = f"<mrow>{upper}{argument}</mrow>" if upper else argument
        under = token in BIG_OPERATORS or token in LIMIT_FUNCTIONS or token in {r"\underbrace", r"\overbrace"}
        return _scripts(base, lower, upper, under)

    def nucleus(self) -> str:
        token = self.take()
        if token.startswith("\\") or token in "{}&_^$~#%'":
            return self.command(token)
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token in OPERATORS:
            return OPERATORS[token]
        if token in "()[]|":
            return _fence(token)
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token in '.!?"@':
            return f"<mi>{escape(token)}</mi>"
        raise UnknownCommand(token or "the end")

    def command(self, token: str) -> str:
        if token == "{":
            parts = self.row()
            self.expect("}")
            return _row(parts)
        for table in (LETTERS, OPERATORS, SPACES):
            if token in table:
                return table[token]
        if token in FUNCTIONS or token in LIMIT_FUNCTIONS:
            words = FUNCTIONS.get(token) or LIMIT_FUNCTIONS[token]
            return f"<mi>{words}</mi>" if token in FUNCTIONS else _operator(words, ' movablelimits="true"')
        if token in BIG_OPERATORS:
            return _operator(BIG_OPERATORS[token], ' movablelimits="true"')
        if token in DELIMITERS:
            return _fence(DELIMITERS[token])
        if token in ALPHABETS:
            return self.alphabet(token)
        if token in ACCENTS:
            return f'<mover accent="true">{self.group()}{_operator(ACCENTS[token])}</mover>'
        if token in STACKS:
            return self.stack(token)
        if token in BIG_SIZES:
            return _fence(self.delimiter())
        if token in _RAW:
            return self.word(token)
        return self.construction(token)

    def construction(self, token: str) -> str:
        if token in {r"\frac", r"\tfrac", r"\dfrac"}:
            style = {r"\frac": "", r"\tfrac": ' displaystyle="false"', r"\dfrac": ' displaystyle="true"'}[token]
            return f"<mfrac{style}>{self.group()}{self.group()}</mfrac>"
        if token in {r"\binom", r"\tbinom", r"\dbinom"}:
            return f'<mrow>{_fence("(", True)}<mfrac linethickness="0">{self.group()}{self.group()}</mfrac>{_fence(")", True)}</mrow>'
        if token == r"\sqrt":
            degree = self.optional()
            inside = self.group()
            return f"<mroot>{inside}{_row(_Parser(degree).row())}</mroot>" if degree else f"<msqrt>{inside}</msqrt>"
        if token == r"\left":
            left, parts = self.delimiter(), self.row()
            self.expect(r"\right")
            return f"<mrow>{_fence(left, True)}{''.join(parts)}{_fence(self.delimiter(), True)}</mrow>"
        if token == r"\middle":
            return _fence(self.delimiter(), True)
        if token == r"\not":
            return self.negated()
        if token == r"\pmod":
            return f'<mspace width="1em"></mspace>{_fence("(")}<mi>mod</mi><mspace width="0.33em"></mspace>{self.group()}{_fence(")")}'
        if token == r"\substack":
            self.expect("{")
            body = self.table("center")
            self.expect("}")
            return body
        if token in {r"\displaystyle", r"\textstyle", r"\scriptstyle"}:
            return ""
        raise UnknownCommand(token or "the end")

    def negated(self) -> str:
        body = self.nucleus()
        if not body.endswith("</mo>"):
            raise UnknownCommand(r"\not before no relation")
        return body.replace("</mo>", "\u0338</mo>")

    def alphabet(self, token: str) -> str:
        letters = re.sub(r"<[^>]*>", "", self.group())
        if not letters.isalnum():
            raise UnknownCommand(f"{token} of more than letters")
        upright = "".join(ALPHABETS[token].get(letter, letter) for letter in letters)
        return f'<mi mathvariant="normal">{upright}</mi>' if len(upright) == 1 and token == r"\mathrm" else f"<mi>{upright}</mi>"

    def stack(self, token: str) -> str:
        element, attributes, mark = STACKS[token]
        if mark:
            return f"<{element}>{self.group()}{_operator(mark, attributes)}</{element}>"
        over, base = self.group(), self.group()
        return f"<{element}>{base}{over}</{element}>"

    def delimiter(self) -> str:
        token = self.take()
        if token in {"(", ")", "[", "]", "|", ".", "/"}:
            return token
        if token not in DELIMITERS:
            raise UnknownCommand(f"delimiter {token}")
        return DELIMITERS[token]

    def word(self, token: str) -> str:
        if token == r"\begin":
            return self.environment(self.raw())
        if token == r"\end":
            raise UnknownCommand(r"\end without \begin")
        if token == r"\operatorname":
            self.at += self.latex.startswith("*", self.at)
            return f"<mi>{escape(self.raw())}</mi>"
        return _row([*_words(self.raw())] or ["<mrow></mrow>"])

    def environment(self, name: str) -> str:
        if name not in _MATRICES and name not in _ALIGNED:
            raise UnknownCommand(rf"\begin{{{name}}}")
        if name == "array":
            self.raw()
        body = self.table(_ALIGNED.get(name, "center"))
        self.expect(r"\end")
        if (end := self.raw()) != name:
            raise UnknownCommand(rf"\end{{{end}}}")
        fences = _MATRICES.get(name) or ("{." if name == "cases" else "..")
        return f"<mrow>{_fence(fences[0], True)}{body}{_fence(fences[1], True)}</mrow>"

    def table(self, alignment: str) -> str:
        # Alignment is by style: the attribute of MathML 3 is not in MathML Core.
        styles, rows = alignment.split(), [[self.cell()]]
        while self.peek() in {"&", r"\\"}:
            if self.take() == "&":
                rows[-1].append(self.cell())
            else:
                rows.append([self.cell()])
        if len(rows) > 1 and rows[-1] == [""]:
            rows.pop()
        cells = ["".join(f'<mtd style="text-align:{styles[k % len(styles)]}">{x}</mtd>' for k, x in enumerate(row)) for row in rows]
        return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in cells)}</mtable>"

    def cell(self) -> str:
        return "".join(self.row())


def _scripts(base: str, lower: str, upper: str, under: bool) -> str:
    if not lower and not upper:
        return base
    if lower and upper:
        return f"<munderover>{base}{lower}{upper}</munderover>" if under else f"<msubsup>{base}{lower}{upper}</msubsup>"
    element = {(True, True): "munder", (True, False): "mover", (False, True): "msub", (False, False): "msup"}[under, bool(lower)]
    return f"<{element}>{base}{lower or upper}</{element}>"


def _words(text: str) -> Iterator[str]:
    # The inside of \text: words, and formulas between dollars.
    for position, part in enumerate(re.split(r"(?<!\\)\$", text)):
        if position % 2:
            yield _row(_Parser(part).row())
        elif part:
            yield f"<mtext>{escape(plain_words(part)).replace(' ', chr(160))}</mtext>"


_WORDS = (
    ("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", "\u00a0"), (r"\,", "\u2009"), (r"\ ", " "), (r"\-", ""), ("\\\\", " "),
    *((f"\\{x}", x) for x in "%&#_{}$"),
)  # fmt: skip
_GROUPED = re.compile(r"\\(?:emph|textbf|textit|textrm|textsf|texttt|text)\{([^{}]*)\}")
_BRACES = re.compile(r"(?<!\\)[{}]")


def plain_words(text: str) -> str:
    r"""Prose in LaTeX without its markup.

    >>> plain_words(r"Goldman--Tucker, \emph{50}~\%")
    'Goldman–Tucker, 50\xa0%'
    """
    text = _BRACES.sub("", _GROUPED.sub(r"\1", re.sub(r"\s+", " ", text)))
    for source, target in _WORDS:
        text = text.replace(source, target)
    return text
