"""The bibliography of a document, as BibTeX for papers and as a ready list for the document itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...language.references import REFERENCES, Reference
from .escaping import Tex, escape


def bibtex(keys: Iterable[str]) -> str:
    """BibTeX entries of the given keys, in alphabetical order.

    >>> print(bibtex(["ji2019"]).splitlines()[0])
    @misc{ji2019,
    """
    return "\n".join(_entry(REFERENCES[key]) for key in sorted(set(keys)))


def _entry(reference: Reference) -> str:
    fields = {
        "author": " and ".join(reference.authors.split(", ")),
        "title": f"{{{escape(reference.title)}}}",
        "howpublished": reference.venue,
        "year": str(reference.year),
    }
    fields |= {"eprint": reference.arxiv, "archivePrefix": "arXiv"} if reference.arxiv else {}
    plain = {"title", "eprint"}
    lines = [f"  {name} = {{{value if name in plain else escape(value)}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{reference.key},", *lines, "}", ""])


def mentioned(text: str) -> set[str]:
    """The references whose first author is named in a text, with the year or without.

    >>> sorted(mentioned("by Ford's condition and the identity of Ji and Telgarsky 2019"))
    ['ford1957', 'ji2019']
    """
    return {key for key, entry in REFERENCES.items() if _names(entry, text)}


def _names(entry: Reference, text: str) -> bool:
    # Two works of one author are told apart by the year; a single one is meant by the name alone.
    authors = [author.rsplit(". ", 1)[-1].rsplit(" ", 1)[-1] for author in entry.authors.split(", ")]
    if not re.search(rf"(?<![A-Za-z]){re.escape(authors[0])}(?![a-z])", text):
        return False
    rivals = [other for other in REFERENCES.values() if other.authors.split(", ")[0] == entry.authors.split(", ")[0]]
    return len(rivals) == 1 or re.search(rf"{re.escape(authors[0])}[^.]{{0,60}}{entry.year}", text) is not None


def cited(key: str, item: str = "") -> Tex:
    r"""A citation that names authors and year where the document has no bibliography."""
    reference = REFERENCES[key]
    return Tex(rf"\ntpcited{{{key}}}{{{item}}}{{{escape(reference.authors)} ({reference.year})}}")


def bibitems(keys: Iterable[str]) -> list[Tex]:
    r"""The `\bibitem`s of the given keys, in alphabetical order, so that no BibTeX run is needed."""
    return [_item(REFERENCES[key]) for key in sorted(set(keys))]


def _item(reference: Reference) -> Tex:
    arxiv = f" arXiv:{reference.arxiv}." if reference.arxiv else ""
    words = f"{escape(reference.authors)}. \\emph{{{escape(reference.title)}}}. {escape(reference.venue)}, {reference.year}.{arxiv}"
    return Tex(f"\\bibitem{{{reference.key}}} {words}")
