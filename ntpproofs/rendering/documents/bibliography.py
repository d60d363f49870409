"""The bibliography of a document, as BibTeX for papers and as a ready list for the document itself."""

from __future__ import annotations

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


def bibitems(keys: Iterable[str]) -> list[Tex]:
    r"""The `\bibitem`s of the given keys, in alphabetical order, so that no BibTeX run is needed."""
    return [_item(REFERENCES[key]) for key in sorted(set(keys))]


def _item(reference: Reference) -> Tex:
    arxiv = f" arXiv:{reference.arxiv}." if reference.arxiv else ""
    words = f"{escape(reference.authors)}. \\emph{{{escape(reference.title)}}}. {escape(reference.venue)}, {reference.year}.{arxiv}"
    return Tex(f"\\bibitem{{{reference.key}}} {words}")
