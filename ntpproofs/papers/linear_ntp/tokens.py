"""From a text to its tokens: words by Unicode, characters, lines, whitespace, or ids that somebody else's tokenizer made.

Words are runs of letters, digits and underscores with the marks on them: combining accents and the vowel signs of Indic scripts belong to
their word, a joiner joins, and a mark or a joiner on a symbol stays with the symbol. Every other character that is no space is a token.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from ...errors import InvalidInput
from ...kernel.reading import INSTANCE_LIMIT, brief, content, parse

BYTE_ORDER_MARK = "\ufeff"
# Thai, Lao, Myanmar, Khmer, kana and Han.
RUNNING = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
SPACELESS = "most of it is in a script without spaces between words, which --tokens characters splits"
PLAIN = re.compile(r"\w+|[^\w\s]")


def words(text: str) -> list[str]:
    """The words and signs of a text.

    >>> words("It's 3.5!"), words("नमस्ते"), len(words("re\u0301sume\u0301"))
    (['It', "'", 's', '3', '.', '5', '!'], ['नमस्ते'], 1)
    """
    return (PLAIN if text.isascii() else _marked()).findall(text)


@cache
def _marked() -> re.Pattern[str]:
    # Python's \w leaves out the categories Mn, Mc and Me.
    codes = [code for code in range(0x300, sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == "M"]
    starts = [code for code, before in zip(codes, [-2, *codes]) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -2]) if code != after - 1]
    marks = "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends))
    joiners = "\u200c\u200d"
    return re.compile(rf"[\w{marks}](?:[\w{marks}]|[{joiners}]+(?=[\w{marks}]))*|[^\w\s{marks}](?:[{marks}]|\u200d[^\w\s])*")


RULES: dict[str, tuple[Callable[[str], list[str]], str]] = {
    "words": (words, "words by Unicode (letters, digits and underscores with their marks) and single signs"),
    "characters": (list, "characters (code points), spaces and line ends included"),
    "lines": (lambda text: [line for line in text.splitlines() if line.strip()], "lines, empty ones left out"),
    "whitespace": (str.split, "what stands between white space"),
}


def tokenised(text: str, rule: str, subject: str) -> tuple[list[str], str]:
    """The tokens of a text by `--tokens`, and a sentence on what was done.

    Raises `InvalidInput` for an unknown rule, for a file of ids that is none, and, where nothing was asked for, for a text that is plainly
    a table or an instance.

    >>> tokenised("a b\\nc", "lines", "text")[0]
    ['a b', 'c']
    """
    cleaned = text.replace(BYTE_ORDER_MARK, "")
    dropped = ", byte order marks dropped" if cleaned != text else ""
    if rule.endswith(".json"):
        found = _given(rule)
        return found, f"{len(found):,} tokens from {rule}; the text itself was not split"
    if not rule:
        _refuse_tables(cleaned, subject)
    if rule and rule not in RULES:
        raise InvalidInput("--tokens", f"{rule[:60]!r} is unknown", f"write {', '.join(RULES)}, or the path of a .json file with token ids")
    split, how = RULES[rule or "words"]
    found = split(cleaned)
    hint = f"; {SPACELESS}" if not rule and runs_on(found) else ""
    return found, f"{len(found):,} tokens: {how}{dropped}{hint}"


def runs_on(tokens: Sequence[str]) -> bool:
    """Whether most letters of what was split into words belong to scripts that write no spaces between them.

    >>> runs_on(["从前有座山"]), runs_on(["从", "前"]), runs_on(["the", "山"])
    (True, False, False)
    """
    runs = [token for token in tokens if len(token) > 1 and RUNNING.match(token)]
    return 2 * sum(map(len, runs)) > sum(map(len, tokens))


def _given(path: str) -> list[str]:
    # A list of ids (or words), or {"ids": [...], "tokens": [names]}.
    value = parse(content(path, INSTANCE_LIMIT, "give a part of the text"), path)
    names = value.get("tokens") if isinstance(value, dict) else None
    ids = value.get("ids") if isinstance(value, dict) else value
    if not isinstance(ids, list) or not all(isinstance(x, (int, str)) and not isinstance(x, bool) for x in ids):
        raise InvalidInput(path, f"holds {brief(value)}", 'give a list of token ids, or {"ids": [...], "tokens": [names by id]}')
    if names is None:
        return [str(x) for x in ids]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise InvalidInput(f"{path}: tokens", "is no list of different names", "give the names in the order of the ids")
    wrong = next((x for x in ids if not isinstance(x, int) or not 0 <= x < len(names)), None)
    if wrong is not None:
        raise InvalidInput(f"{path}: ids", f"{brief(wrong)} is not in 0..{len(names) - 1}", "ids count from 0 and index tokens")
    return [names[x] for x in ids]


def _refuse_tables(text: str, subject: str) -> None:
    if text.lstrip()[:1] == "{" and re.search(r'"kind"\s*:', text[:10_000]):
        raise InvalidInput(subject, "looks like an instance in JSON, not like prose", "rename it to .json, or give --tokens words to take it as text")
    found = table_like(text)
    if found:
        remedy = f"rename it to {found[1]} and name columns (--choice, or --context, --next and --count), or give --tokens words to take it as text"
        raise InvalidInput(subject, f"looks like a table ({found[0]}), not like prose", remedy)


def table_like(text: str) -> tuple[str, str] | None:
    """What kind of table a text looks like and the ending it should have; None for prose.

    Every line (of the first 50) has the same number of delimiters, and below the first line some column holds numbers only.

    >>> table_like("x,y\\n1,a\\n2,b"), table_like("yes, no\\nno, yes")
    (('2 columns separated by commas in each of its 3 lines', '.csv'), None)
    """
    lines = [line for line in text[:200_000].splitlines()[:50] if line.strip()]
    if len(lines) < 3:
        return None
    for sign, name, ending in ((",", "commas", ".csv"), ("\t", "tabs", ".tsv"), (";", "semicolons", ".csv")):
        rows = [line.split(sign) for line in lines]
        width = len(rows[0])
        if width > 1 and all(len(row) == width for row in rows):
            numeric = any(all(re.fullmatch(r'\s*"?[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"?\s*', row[k]) for row in rows[1:]) for k in range(width))
            if numeric:
                return f"{width} columns separated by {name} in each of its {len(lines)}{' first' if len(lines) == 50 else ''} lines", ending
    return None
