r"""How things are called in a document: files and labels of statements, references to them, names of claims in words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from .escaping import Tex, escape

# Kind to environment and printed name; anything else is printed as a proposition.
KINDS = ("theorem", "lemma", "proposition", "definition", "conjecture", "erratum")


def environment_of(kind: str) -> str:
    """The environment of a kind of statement."""
    return kind if kind in KINDS else "proposition"


def identifier(label: str) -> Tex:
    r"""A label as file name and as `\label`: itself if it is plain, else with a digest that keeps it unique.

    >>> identifier("linear-ntp.bias"), identifier("a_b")
    ('linear-ntp.bias', 'a-b-648fa9')
    """
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", label).strip("-.")[:60]
    return Tex(plain if plain and plain == label else f"{plain or 'x'}-{digest(label)[:6]}")


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def short_name(label: str) -> Tex:
    """The name of a statement without its area: what the file is found under.

    >>> short_name("linear-ntp.gradient-descent-bias")
    'gradient-descent-bias'
    """
    return escape(label.split(".", 1)[-1])


def words(name: str) -> Tex:
    """The name of a function in words.

    >>> words("half_margin without ntp_separable")
    'half margin without ntp separable'
    """
    return escape(name.replace("_", " "))


def references(kinds: Mapping[str, str]) -> dict[str, Tex]:
    """Label to a reference by kind and number, which prints the name where the statement is not in the document."""
    return {
        label: Tex(rf"\ntpref{{thm:{identifier(label)}}}{{{environment_of(kind).capitalize()}}}{{{short_name(label)}}}")
        for label, kind in kinds.items()
    }


def referenced(text: str, known: Mapping[str, Tex]) -> Tex:
    r"""Text with every `\ntplabel{label}` replaced by a reference."""
    return Tex(re.sub(r"\\ntplabel\{([^{}]*)\}", lambda match: known.get(match[1], rf"\textsf{{{short_name(match[1])}}}"), text))
