r"""The sections of the article: one per paper with introduction, setting, notation, assumptions and its statements in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...checking.kinds import kinds
from ...language.notation import Notation
from ...language.statements import Statement
from .bibliography import cited
from .errata import heading
from .escaping import Tex, escape, formula, prose
from .graphs import DOWN, Graph, node_lines, placed
from .mathematics import typeset
from .names import identifier, words
from .pages import Page, assumption_id

# Headings of the groups of a section, by kind.
GROUPS = (
    (("definition", "lemma", "theorem", "proposition"), "Results"),
    (("conjecture",), "Open questions and conjectures"),
    (("erratum",), "Errata"),
)


@dataclass(frozen=True)
class AssumptionEntry:
    """A numbered assumption."""

    id: Tex
    text: Tex


@dataclass(frozen=True)
class Group:
    """Statements under one heading."""

    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Section:
    """One paper."""

    area: str
    title: Tex
    key: str
    introduction: Tex
    literature: tuple[tuple[Tex, str], ...]
    counted: Tex
    setting: Tex
    symbols: tuple[tuple[Tex, ...], ...]
    assumptions: tuple[AssumptionEntry, ...]
    groups: tuple[Group, ...]
    errata: bool

    @property
    def pages(self) -> tuple[Page, ...]:
        """Its statements, in the order in which they are printed."""
        return tuple(page for group in self.groups for page in group.pages)


def sections_of(pages: Iterable[Page], statements: Mapping[str, Statement], known: Mapping[str, Notation]) -> list[Section]:
    """The sections of the pages, in the order of their first page; an assumption is listed where it is first used."""
    pages = list(pages)
    areas = list(dict.fromkeys(page.report.label.split(".")[0] for page in pages))
    used: set[str] = set()
    return [_section(area, [page for page in pages if page.report.label.split(".")[0] == area], statements, known.get(area), used) for area in areas]


def _section(area: str, pages: list[Page], statements: Mapping[str, Statement], notation: Notation | None, used: set[str]) -> Section:
    keys = Counter(page.citation for page in pages if page.citation)
    titled = next((kind.title for kind in kinds().values() if kind.area == area), area.replace("-", " ").capitalize())
    groups = [Group(title, tuple(page for page in pages if _kind(page) in members)) for members, title in GROUPS]
    symbols = (
        [(Tex(rf"\ntpcell {_parts(symbol.latex)}"), Tex(rf"\ntpcell {prose(symbol.meaning)}")) for symbol in notation.symbols] if notation else []
    )
    if notation is not None and notation.local:
        symbols.append((Tex(rf"\ntpcell {prose(notation.local)}"), Tex(r"\ntpcell bound or fixed where they stand")))
    return Section(
        area=area,
        title=typeset(titled),
        key=keys.most_common(1)[0][0] if keys else "",
        introduction=prose(notation.introduction) if notation is not None else Tex(""),
        literature=tuple((Tex(f"{prose(what)} {cited(key)}"), key) for what, key in notation.literature) if notation is not None else (),
        counted=_counted(pages),
        setting=prose(notation.setting) if notation is not None else Tex(""),
        symbols=tuple(symbols),
        assumptions=tuple(_assumptions(pages, used)),
        groups=tuple(group for group in groups if group.pages),
        errata=any(_kind(page) == "erratum" and page.report.label in statements for page in pages) and bool(keys),
    )


def _parts(latex: str) -> str:
    # Symbols that share a row are formulas of their own, so that the cell can break.
    return ", ".join(f"${part}$" for part in latex.split(r",\ "))


def _kind(page: Page) -> str:
    return page.environment


def _assumptions(pages: Iterable[Page], used: set[str]) -> Iterable[AssumptionEntry]:
    for page in pages:
        for name, latex, method in page.report.assumptions:
            if name not in used:
                used.add(name)
                decided = rf" {{\footnotesize({typeset(method)})}}" if method else ""
                yield AssumptionEntry(Tex(assumption_id(name)), Tex(f"{formula(latex) if latex else words(name)}{decided}"))


def _counted(pages: list[Page]) -> Tex:
    complete = sum(all(support.establishes for support in page.status.proof.supports) for page in pages)
    claims = sum(len(page.report.claims) for page in pages)
    mutants = [mutant for page in pages for mutant in page.report.mutants]
    said = f"{_number(len(pages), 'statement')}, {complete} of them with every clause established; {_number(claims, 'claim')} tried on instances; "
    return escape(f"{said}{sum(mutant.killed for mutant in mutants)} of {_number(len(mutants), 'false variant')} refuted.")


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def abstract(pages: list[Page], command: str) -> Tex:
    """What the article is, in numbers, and how it is made again."""
    areas = len({page.report.label.split(".")[0] for page in pages})
    steps = sum(len(page.report.steps) for page in pages)
    lines = sum(len(step.lines) for page in pages for step in page.report.steps)
    said = [
        f"{_number(len(pages), 'statement')} on training by next-token prediction, in {_number(areas, 'section')}. Each was checked when this",
        f"article was made: {_number(steps, 'proof step')} by symbolic procedures or exact arithmetic ({_number(lines, 'line')} printed from the",
        "very formulas that were decided), claims on instances with exact or enclosed answers, and false variants that had to fail. What a",
        "check does not establish is marked as argued, cited or tested. Made again by",
    ]
    return Tex(rf"{escape(' '.join(said))} \texttt{{{escape(command)}}}.")


def framed(picture: Tex, caption: str) -> Tex:
    """A picture that fits its line and stays on one page, with words below it."""
    return Tex("\\begin{center}\n\\ntppicture{%\n" + picture + "}\\\\\n{\\footnotesize " + Tex(caption) + "}\n\\end{center}")


def between(whole: Graph, made: Iterable[Section]) -> Graph:
    """The statements that an arrow joins to another section, and those arrows."""
    home = {page.report.label: section.area for section in made for page in section.pages}
    edges = tuple(edge for edge in whole.edges if home[edge[0]] != home[edge[1]])
    joined = {label for used, user, _ in edges for label in (used, user)}
    return Graph({label: page for label, page in whole.pages.items() if label in joined}, edges)


def bridged(part: Graph, made: Iterable[Section]) -> Tex:
    """A picture of `between`: rows by section, the one with most arrows in the middle, the others sorted by where their arrows end."""
    ends = Counter(label for used, user, _ in part.edges for label in (used, user))
    blocks = [block for section in made if (block := [page.report.label for page in section.pages if page.report.label in part.pages])]
    hub = max(blocks, key=lambda block: sum(ends[label] for label in block))
    others = [block for block in blocks if block is not hub]
    half = len(others) // 2
    places = placed(hub, 0.0)
    top, bottom = 2.5 * DOWN, min(y for _, y in places.values()) - 2.5 * DOWN
    for number, block in enumerate(others):
        ordered = sorted(block, key=lambda label: (part.mean(places, label), block.index(label)))
        rows = placed(ordered, 0.0)
        depth = -min(y for _, y in rows.values())
        shift = top + depth if number < half else bottom
        places |= {label: (x, y + shift) for label, (x, y) in rows.items()}
        top, bottom = (top + depth + 1.5 * DOWN, bottom) if number < half else (top, bottom - depth - 1.5 * DOWN)
    return node_lines(part, places)


def sheet(section: Section, version: str, date: str) -> str:
    """The errata of one paper as a document of one page."""
    key = heading(section.key)
    made = f"{version}, {date}" if date else version
    return "\n".join([
        "% Generated by ntpproofs from verdicts; do not edit. Compile with pdflatex.",
        r"\documentclass[10pt,a4paper]{article}",
        r"\setlength{\textwidth}{17cm}\setlength{\oddsidemargin}{-0.5cm}\setlength{\textheight}{26cm}\setlength{\topmargin}{-2.2cm}\pagestyle{empty}",
        r"\usepackage{ntpproofs}",
        r"\ifdefined\pdftrailerid\pdftrailerid{}\fi",
        r"\begin{document}",
        rf"\noindent\textbf{{Errata, each with an exact counterexample}}\hfill{{\footnotesize checked by \texttt{{ntpproofs}} {made}}}\par\smallskip",
        rf"\input{{errata/{identifier(section.area)}.tex}}",
        r"\end{document}",
        "",
    ]) if key else ""  # fmt: skip
