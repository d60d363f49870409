"""Names in instance files: words for tokens, contexts, coordinates, that go through to every answer and change nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidInput
from ..kernel.reading import brief, listed

LONGEST_NAME = 1_000


def split_names(record: Mapping[str, Any], fields: Sequence[str]) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    """A record without its fields of names, and the names; each field is a list of different words.

    >>> split_names({"kind": "coin", "tokens": ["heads", "tails"]}, ("tokens",))
    ({'kind': 'coin'}, {'tokens': ('heads', 'tails')})
    """
    rest = {name: value for name, value in record.items() if name not in fields}
    return rest, {name: _words(record[name], name) for name in fields if name in record}


def _words(value: Any, subject: str) -> tuple[str, ...]:
    words = listed(value, subject)
    seen: set[str] = set()
    for i, word in enumerate(words):
        if not isinstance(word, str) or not word or len(word) > LONGEST_NAME:
            raise InvalidInput(f"{subject}[{i}]", f"is {brief(word)}, not a name", f"give words of 1 to {LONGEST_NAME:,} characters")
        if word in seen:
            raise InvalidInput(f"{subject}[{i}]", f"{brief(word)} is the name of two of them", "give each a name of its own")
        seen.add(word)
    return tuple(words)


def counted(names: Mapping[str, tuple[str, ...]], field: str, size: int, what: str) -> tuple[str, ...]:
    """The names of one field, one for each of `size` things; none where the file has none.

    >>> counted({"tokens": ("a",)}, "tokens", 1, "tokens"), counted({}, "tokens", 3, "tokens")
    (('a',), ())
    """
    found = names.get(field, ())
    if found and len(found) != size:
        raise InvalidInput(field, f"has {len(found)} names for {size} {what}", "give one name for each, in their order")
    return found


def numbered(names: Sequence[str]) -> dict[int, str]:
    """Names by number, as `Loaded.names` has them.

    >>> numbered(("a", "b"))
    {0: 'a', 1: 'b'}
    """
    return dict(enumerate(names))


def visibly(name: str) -> str:
    """A name as a terminal may print it: in quotes, with escapes, where it holds what is not seen.

    >>> visibly("the cat"), visibly("\\x1b[31m")
    ('the cat', "'\\\\x1b[31m'")
    """
    return name if name.isprintable() else repr(name)


def plainly(name: str) -> str:
    """A name as it can stand in a table and in a list with commas: in quotes, with escapes, where it would break either or not be seen.

    >>> plainly("the cat"), plainly("\\n"), plainly(" "), plainly(","), plainly("\\x1b[31m")
    ('the cat', "'\\\\n'", "' '", "','", "'\\\\x1b[31m'")
    """
    return visibly(name) if name == name.strip() and name and "," not in name else repr(name)
