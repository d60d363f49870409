"""Tables of the MathML converter: LaTeX command to element or character."""

from __future__ import annotations

from html import escape
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

_GREEK = dict(zip(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split(),
    "αβγδϵζηθικλμνξπρστυϕχψω",
)) | {"varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "varrho": "ϱ", "varsigma": "ς", "varpi": "ϖ"}  # fmt: skip
_CAPITALS = dict(zip("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(), "ΓΔΘΛΞΠΣΥΦΨΩ"))
_ORDINARY = {
    "infty": "∞", "ell": "ℓ", "partial": "∂", "nabla": "∇", "emptyset": "∅", "varnothing": "∅", "top": "⊤", "bot": "⊥", "hbar": "ℏ",
    "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "dagger": "†", "star": "⋆", "prime": "′", "square": "□", "Box": "□", "checkmark": "✓",
    "dots": "…", "ldots": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "dotsc": "…", "dotsb": "⋯", "angle": "∠", "degree": "°",
    "%": "%", "&": "&", "#": "#", "_": "_", "$": "$",
}  # fmt: skip
LETTERS = (
    {f"\\{name}": f"<mi>{letter}</mi>" for name, letter in _GREEK.items()}
    | {f"\\{name}": f'<mi mathvariant="normal">{letter}</mi>' for name, letter in (_CAPITALS | {k: escape(v) for k, v in _ORDINARY.items()}).items()}
)  # fmt: skip

# Operators whose spacing is that of the operator dictionary, and some whose spacing must be said.
_RELATIONS = {
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "in": "∈", "ni": "∋", "notin": "∉", "subset": "⊂", "subseteq": "⊆",
    "supset": "⊃", "supseteq": "⊇", "subsetneq": "⊊", "sim": "∼", "simeq": "≃", "approx": "≈", "cong": "≅", "equiv": "≡", "propto": "∝",
    "ll": "≪", "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "leqslant": "⩽", "geqslant": "⩾", "prec": "≺", "succ": "≻", "preceq": "⪯",
    "succeq": "⪰", "to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐",
    "Leftrightarrow": "⇔", "implies": "⟹", "impliedby": "⟸", "iff": "⟺", "mapsto": "↦", "longrightarrow": "⟶", "longmapsto": "⟼",
    "hookrightarrow": "↪", "uparrow": "↑", "downarrow": "↓", "nearrow": "↗", "searrow": "↘", "mid": "∣", "nmid": "∤", "parallel": "∥",
    "vdash": "⊢", "models": "⊨", "coloneqq": "≔", "colon": ":", "asymp": "≍", "perp": "⊥", "rightharpoonup": "⇀", "rightleftharpoons": "⇌",
}  # fmt: skip
_BINARY = {
    "cdot": "⋅", "times": "×", "pm": "±", "mp": "∓", "cup": "∪", "cap": "∩", "setminus": "∖", "circ": "∘", "otimes": "⊗", "oplus": "⊕",
    "odot": "⊙", "wedge": "∧", "land": "∧", "vee": "∨", "lor": "∨", "div": "÷", "ast": "∗", "bullet": "∙", "sqcup": "⊔", "bmod": "mod",
}  # fmt: skip
_PREFIX = {"forall": "∀", "exists": "∃", "nexists": "∄", "neg": "¬", "lnot": "¬"}
RELATIONS = frozenset({*(f"\\{name}" for name in _RELATIONS), "=", "<", ">", ":"})
_SPACED, _BESIDE = ' lspace="0.28em" rspace="0.28em"', ' lspace="0.22em" rspace="0.22em"'
OPERATORS = (
    {f"\\{name}": f"<mo{_SPACED}>{sign}</mo>" for name, sign in _RELATIONS.items()}
    | {f"\\{name}": f"<mo{_BESIDE}>{sign}</mo>" for name, sign in _BINARY.items()}
    | {f"\\{name}": f'<mo lspace="0" rspace="0.06em">{sign}</mo>' for name, sign in _PREFIX.items()}
    | {"=": f"<mo{_SPACED}>=</mo>", "<": f"<mo{_SPACED}>&lt;</mo>", ">": f"<mo{_SPACED}>&gt;</mo>", "+": "<mo>+</mo>", "-": "<mo>−</mo>"}
    | {"*": "<mo>*</mo>", "/": '<mo lspace="0" rspace="0" stretchy="false">/</mo>', ":": f"<mo{_SPACED}>:</mo>"}
    | {",": '<mo separator="true">,</mo>', ";": '<mo separator="true">;</mo>'}
)  # fmt: skip

BIG_OPERATORS = {
    r"\sum": "∑", r"\prod": "∏", r"\int": "∫", r"\bigcup": "⋃", r"\bigcap": "⋂", r"\bigoplus": "⨁", r"\bigwedge": "⋀", r"\bigvee": "⋁",
}  # fmt: skip
FUNCTIONS = {f"\\{name}": name for name in "log ln exp sin cos tan sinh cosh tanh arg deg dim ker rank hom lg sec cot arctan arcsin arccos".split()}
LIMIT_FUNCTIONS = {f"\\{name}": name for name in "min max inf sup lim det gcd Pr".split()} | {r"\limsup": "lim sup", r"\liminf": "lim inf"}

DELIMITERS = {
    r"\{": "{", r"\}": "}", r"\lbrace": "{", r"\rbrace": "}", r"\|": "‖", r"\lVert": "‖", r"\rVert": "‖", r"\Vert": "‖", r"\vert": "|",
    r"\lvert": "|", r"\rvert": "|", r"\langle": "⟨", r"\rangle": "⟩", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉",
    r"\lbrack": "[", r"\rbrack": "]",
}  # fmt: skip
BIG_SIZES = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}

_SPACES = {",": "0.17", ":": "0.22", ">": "0.22", ";": "0.28", "!": "-0.17", " ": "0.25", "quad": "1", "qquad": "2", "enspace": "0.5"}
SPACES = {f"\\{name}": f'<mspace width="{width}em"></mspace>' for name, width in _SPACES.items()} | {
    "~": '<mspace width="0.25em"></mspace>', r"\nobreak": "", r"\allowbreak": "", r"\mathstrut": "", r"\cr": "",
}  # fmt: skip

ACCENTS = {
    r"\bar": "¯", r"\overline": "¯", r"\hat": "^", r"\widehat": "^", r"\tilde": "~", r"\widetilde": "~", r"\dot": "˙", r"\ddot": "¨",
    r"\vec": "→", r"\check": "ˇ", r"\breve": "˘",
}  # fmt: skip
# Element, attributes of the mark, mark; without a mark the command has two arguments, the script first.
STACKS = {
    r"\underline": ("munder", "", "_"), r"\underbrace": ("munder", ' stretchy="true"', "⏟"), r"\overbrace": ("mover", ' stretchy="true"', "⏞"),
    r"\overset": ("mover", "", ""), r"\underset": ("munder", "", ""), r"\stackrel": ("mover", "", ""),
}  # fmt: skip


def _letters(capital: int, small: int, number: int = 0, exceptions: str = "") -> dict[str, str]:
    table = {letter: chr(capital + k) for k, letter in enumerate(ascii_uppercase)}
    table |= {letter: chr(small + k) for k, letter in enumerate(ascii_lowercase)}
    table |= {digit: chr(number + k) for k, digit in enumerate(digits)} if number else {}
    return table | {pair[0]: pair[1] for pair in exceptions.split()}


_DOUBLE = _letters(0x1D538, 0x1D552, 0x1D7D8, "Cℂ Hℍ Nℕ Pℙ Qℚ Rℝ Zℤ")
_SCRIPT = _letters(0x1D49C, 0x1D4B6, 0, "Bℬ Eℰ Fℱ Hℋ Iℐ Lℒ Mℳ Rℛ eℯ gℊ oℴ")
_BOLD = _letters(0x1D400, 0x1D41A, 0x1D7CE)
_BOLD_ITALIC = _letters(0x1D468, 0x1D482) | {letter: chr(0x1D736 + k) for k, letter in enumerate("αβγδεζηθικλμνξοπρςστυφχψω")}
_FRAKTUR = _letters(0x1D504, 0x1D51E, 0, "Cℭ Hℌ Iℑ Rℜ Zℨ")
_UPRIGHT = {letter: letter for letter in ascii_letters}
ALPHABETS = {
    r"\mathbb": _DOUBLE, r"\mathds": _DOUBLE, r"\mathcal": _SCRIPT, r"\mathscr": _SCRIPT, r"\mathbf": _BOLD, r"\boldsymbol": _BOLD_ITALIC,
    r"\bm": _BOLD_ITALIC, r"\mathfrak": _FRAKTUR, r"\mathrm": _UPRIGHT, r"\mathit": _UPRIGHT, r"\mathsf": _UPRIGHT, r"\mathtt": _UPRIGHT,
}  # fmt: skip
