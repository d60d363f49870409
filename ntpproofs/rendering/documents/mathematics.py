r"""Mathematics in plain text: `W^mm`, `log^2 k / k`, `<D, d_v> >= 0`, `e^-gamma / s_j` set as formulas, everything else as words.

Titles, sources and the arguments of docstrings are written so that a terminal can show them. Word by word it is decided what belongs to a
formula: scripts, operators, Greek names, functions and single letters do, words do not; neighbours make one formula. Text between dollars
is LaTeX already.
"""

from __future__ import annotations

import re

from .escaping import Tex, code, escape, is_sound

_GREEK = "alpha beta gamma delta eps epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi psi omega pi".split()
_GREEK_OF = {name: rf"\{'varepsilon' if name in ('eps', 'epsilon') else name}" for name in _GREEK} | {
    name: rf"\{name}" for name in ("Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega")
}
_FUNCTIONS = ("log", "exp", "sqrt", "min", "max", "sup", "sum", "rank", "tanh", "sinh", "cosh", "lim", "arctan", "inf")
_UPRIGHT = tuple("mm svm fin op in out max min sep tied label off KL CE TV Var tr AR lin Shi conj sign Re".split())
_ACCENTS = {name: name[0] for name in ("Lbar", "Gbar", "rbar", "dbar", "vbar", "xbar", "ybar", "pbar", "Wbar")} | {"rhobar": r"\rho"}
_KNOWN = (*_GREEK_OF, *_FUNCTIONS, *_UPRIGHT, *_ACCENTS, "yhat", "perp", "grad", "mod")
# Names that are words too: they join a formula that goes on behind them.
_NAMES = frozenset("min max sum inf lim log rank grad sup sign conj Re".split())
# Names of formulas' scripts that are words where they stand alone.
_ALONE = frozenset("in out tied label fin sep off".split())
_WORDS = frozenset("a A I is of in at to no by so if as an or be it we on do up us my am In At It By If As No On So To We An Is or".split())
_SIGNS = frozenset(["->", "<=", ">=", "!=", "=>", "<=>", "+/-", "*", "~", "=", "<", ">", "+", "-", "/", "|"])
_TOKEN = re.compile(r"\$[^$]+\$|`[^`]+`|\s+|[^\s`$]+")
_SCRIPT = re.compile(r"(?<=[A-Za-z0-9)\]}*'|])(?:_|\^)(?:\{[^{}]*\}|-?\d+\.\d+|-?[A-Za-z0-9*+<]+)")
_INSIDE = re.compile(r"(?<![\w./-])[a-z]{4,}(?:-[a-z]+)*\.[a-z]+(?:-[a-z0-9]+)*(?![\w/-])")
LABEL = re.compile(r"^[a-z]+(?:-[a-z]+)*\.[a-z][a-z0-9-]*$")


def typeset(text: str) -> Tex:
    r"""Plain text as LaTeX, its formulas set as formulas.

    >>> typeset("All margins active: W^mm is unique")
    'All margins active: $W^{\\mathrm{mm}}$ is unique'
    >>> typeset("decreases the risk at rate log^2 k / k, with constants")
    'decreases the risk at rate $\\log^{2} k/k$, with constants'
    >>> typeset("so <g, w - U> <= |w - U|^2 / 2 for a point w*")
    'so $\\langle g, w-U\\rangle \\le \\|w-U\\|^{2}/2$ for a point $w^{*}$'
    """
    if "$" in text and not is_sound(text):
        return escape(text)
    tokens = _TOKEN.findall(re.sub(r"\bbar ([A-Z])(?=[_^])", r"\1bar", text))
    kinds = [_kind(token) for token in tokens]
    pieces: list[str] = []
    i = 0
    while i < len(tokens):
        end = _end_of_formula(tokens, kinds, i)
        if end > i:
            pieces.append(_set("".join(tokens[i:end])))
            i = end
        else:
            pieces.append(_words(tokens[i]))
            i += 1
    return Tex("".join(pieces))


def _kind(token: str) -> str:
    """sure, open (a number, which belongs to a formula beside one), sign, space or word."""
    if token.isspace():
        return "space"
    if token.startswith(("$", "`")) or not token.isprintable() or LABEL.match(token.rstrip(".,;:")):
        return "word"
    bare = token.rstrip(",.;:")
    if re.fullmatch(r"[A-Zp]\.,?", token):
        return "word"
    if bare in _SIGNS:
        return "sign"
    if re.fullmatch(r"[()\[\]]+", bare):
        return "name"
    if (
        bare in _WORDS
        or bare in _ALONE
        or not bare
        or re.fullmatch(r"[A-Za-z]{2,}'s?|\(?\d{4}\.\d{5}", bare)
        or re.fullmatch(r"\((?:[a-z]|[ivx]+|\d)\)|[A-Z]\d\.?|'?[A-Za-z]+-[A-Za-z-]+|\d+-\d+|l\d|l-infinity", bare)
    ):
        return "word"
    if re.fullmatch(r"\(?-?\d+(?:[./]\d+)*\)?", bare):
        return "open"
    rest = re.sub(r"(?<![A-Za-z])(?:" + "|".join(sorted(_KNOWN, key=len, reverse=True)) + r")(?![A-Za-z])", "", _SCRIPT.sub("", bare))
    if re.search(r"[A-Za-z]{3}|[^\x00-\x7f]|[#&%@\"\\]", rest) or (bare.isalpha() and len(bare) == 2 and bare not in _KNOWN):
        return "word"
    if bare in _NAMES:
        return "name"
    return "sure"


def _end_of_formula(tokens: list[str], kinds: list[str], start: int) -> int:
    if kinds[start] not in ("sure", "open", "sign", "name"):
        return start
    end, at, sure = start, start, False
    while at < len(tokens) and kinds[at] in ("sure", "open", "sign", "name", "space"):
        if kinds[at] in ("sure", "open") or (kinds[at] == "sign" and sure):
            end = at + 1
        sure = sure or kinds[at] == "sure"
        stop = kinds[at] in ("sure", "open") and tokens[at].endswith((",", ";", ":", ".")) and _balance("".join(tokens[start : at + 1])) <= 0
        at += 1
        if stop:
            break
    while end > start and kinds[end - 1] in ("space", "name"):
        end -= 1
    return end if sure else start


def _balance(text: str) -> int:
    text = re.sub(r"<=>|<=|>=|->|=>| < | > ", "", text)
    return sum(text.count(mark) for mark in "([{<") - sum(text.count(mark) for mark in ")]}>")


def _words(token: str) -> str:
    if token.startswith("$"):
        return token
    if token.startswith("`"):
        name = token[1:-1]
        return rf"\ntplabel{{{name}}}" if LABEL.match(name) else str(code(name.replace("_", " ")))
    if found := _INSIDE.search(token):
        return f"{escape(token[: found.start()])}\\ntplabel{{{found.group()}}}{escape(token[found.end() :])}"
    if (found := re.fullmatch(r"([A-Za-z]+)(-[A-Za-z-]+[.,;:]?)", token)) and found[1] in _GREEK_OF:
        return f"${_GREEK_OF[found[1]]}${found[2]}"
    if found := re.fullmatch(r"l(-infinity|1|2)([,.;:]?)", token):
        return rf"$\ell_{{{found[1].replace('-infinity', chr(92) + 'infty')}}}${found[2]}"
    return str(escape(token))


def _set(text: str) -> str:
    body, tail = re.fullmatch(r"(.*?)([,.;:]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    formula = _formula(re.sub(r"\s+", " ", body))
    twice = re.search(r"([_^])(?:\{[^{}]*\}|\\[A-Za-z]+|\w)'*\s*\1", formula)
    return f"${formula}${tail}" if is_sound(f"${formula}$") and not twice else f"{escape(body)}{tail}"


def _formula(text: str) -> str:
    text = re.sub(r"(?<![_^])\{([^{}]*)\}", r"\\{\1\\}", text)
    text = re.sub(r"(?<![A-Za-z\s{^_])\*|\s\*\s", r"\\cdot ", re.sub(r"([A-Za-z])\*(?![A-Za-z0-9])", r"\1^{*}", text))
    text = re.sub(r"<(?=\S)((?:[^<>=]|_\{<[^{}]*\})*, (?:[^<>=])*)(?<=\S)(?<!-)>", r"\\langle \1\\rangle ", text)
    text = _rooted(text)
    text = re.sub(r"([_^])\{([^{}]*)\}", lambda m: f"{m[1]}{{{_greek(m[2])}}}", text)
    text = re.sub(r"\^\(([^()]*[-+/^*][^()]*)\)", lambda m: "^{" + _greek(m[1]) + "}", text)
    text = re.sub(r"([_^])\(([A-Za-z0-9]+)\)", r"\1{(\2)}", re.sub(r"_<([A-Za-z0-9])", r"_{<\1}", text))
    for plain, sign in (
        ("<=>", r"\iff "),
        ("->", r"\to "),
        ("=>", r"\Rightarrow "),
        ("<=", r"\le "),
        (">=", r"\ge "),
        ("!=", r"\ne "),
        ("+/-", r"\pm "),
    ):
        text = text.replace(f" {plain} ", sign).replace(plain, sign)
    text = re.sub(r"\b([a-z])(\d)\b", r"\1_\2", re.sub(r"\b([a-z])(\d)('?)_([a-z])\b", r"\1_{\2\4}\3", text))
    text = re.sub(r"_([A-Za-z0-9]+|\*)(?![A-Za-z0-9{])", lambda m: _script("_", m[1]), text)
    text = re.sub(r"\^(-?\d+\.\d+|-?[A-Za-z0-9]+|\*|\+)", lambda m: _script("^", m[1]), text)
    text = re.sub(r" ([-+/=<>]) ", r"\1", text)
    if text.count("|") % 2 == 0:
        text = re.sub(r"\|([^|]*)\|", r"\\|\1\\|", text)
    text = re.sub(r"(?<![A-Za-z\\{])(" + "|".join(sorted(_KNOWN, key=len, reverse=True)) + r")(?![A-Za-z])", lambda m: _name(m[1]), text)
    text = re.sub(r"\\sqrt(?: ([A-Za-z0-9])|\(([a-z])\))", lambda m: rf"\sqrt{{{m[1] or m[2]}}}", text)
    return re.sub(r" +(?=[-+/=<>,)}_^]|$)", "", re.sub(r"  +", " ", text))


def _greek(text: str) -> str:
    return re.sub("|".join(rf"(?<![A-Za-z\\]){name}(?![A-Za-z])" for name in _GREEK_OF), lambda m: f"{_GREEK_OF[m[0]]} ", text)


def closing(text: str, start: int) -> int | None:
    """The index behind the parenthesis that closes the one open at `start`; None where none does.

    >>> closing("f(a(b))c", 2), closing("f(a", 2)
    (7, None)
    """
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if not depth:
            return index + 1
    return None


def _rooted(text: str) -> str:
    # sqrt(...) with everything up to the parenthesis that closes it.
    while (found := re.search(r"(?<![A-Za-z\\])sqrt\(", text)) is not None:
        end = closing(text, found.end())
        if end is None:
            return text
        text = rf"{text[: found.start()]}\sqrt{{{_greek(text[found.end() : end - 1])}}}{text[end:]}"
    return text


def _name(name: str) -> str:
    if name in _GREEK_OF:
        return f"{_GREEK_OF[name]} "
    if name in _ACCENTS:
        return rf"\bar{{{_ACCENTS[name]}}} "
    if name == "yhat":
        return r"\hat{y} "
    if name in ("perp", "grad", "mod"):
        return {"perp": r"\perp ", "grad": r"\nabla ", "mod": r"\bmod "}[name]
    if name in _FUNCTIONS and name != "rank":
        return f"\\{name}"
    return rf"\operatorname{{{name}}}" if name in ("rank", "Var", "tr", "sign", "conj", "Re", "Shi") else rf"\mathrm{{{name}}}"


def _script(mark: str, body: str) -> str:
    sign, word = ("-", body[1:]) if body.startswith("-") else ("", body)
    inner = _GREEK_OF.get(word) or (r"\perp" if word == "perp" else rf"\mathrm{{{word}}}" if word in _UPRIGHT else word)
    return f"{mark}{{{sign}{inner}}}" if len(inner) > 1 or sign or mark == "^" else f"{mark}{inner}"
