"""One page per statement, one per paper, and the graph of the front page, from the stored run and the registry."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from store import load

from ntpproofs.checking.kinds import kinds
from ntpproofs.checking.registry import collect
from ntpproofs.language.references import REFERENCES
from ntpproofs.language.statements import Statement
from ntpproofs.rendering.bars_svg import support_bars
from ntpproofs.rendering.graph_svg import named_svg, neighbourhood_svg, overview_svg
from ntpproofs.rendering.html_parts import Section, environment, section
from ntpproofs.rendering.runs import read_reports, read_run
from ntpproofs.rendering.snippets import bibtex_entry
from ntpproofs.rendering.status import statuses

TEMPLATES = Path(__file__).parent / "templates"


def raw(html: str) -> str:
    """HTML as a MyST block."""
    return f"``````{{raw}} html\n{html}\n``````\n"


def rendered(name: str, **values: Any) -> str:
    """A template of this folder, with the macros of the reports."""
    return environment().from_string((TEMPLATES / name).read_text(encoding="utf-8")).render(**values)


class Site:
    """The stored run beside today's statements. A statement that the run does not know is shown with its text alone, and said to be so."""

    def __init__(self) -> None:
        document = load("verify")
        self.run = read_run(document)
        self.statements: dict[str, Statement] = collect()
        self.reports = {label: report for label, report in read_reports(document).items() if label in self.statements}
        self.statuses = statuses(self.reports)
        self.sections = {label: section(report, self.statuses[label], self.statements[label]) for label, report in self.reports.items()}

    def pages(self) -> dict[str, str]:
        """{path below generated/: MyST text}."""
        found = {f"statements/{label}.md": self.statement(label) for label in self.statements}
        found |= {f"papers/{area}.md": self.paper(area) for area in self.areas()}
        return found | {"statements.md": self.index(), "front.md": self.front()}

    def areas(self) -> list[str]:
        """The areas in the order of the registry."""
        return list(dict.fromkeys(statement.area for statement in self.statements.values()))

    def link(self, to: str) -> Callable[[str], str]:
        """Addresses of statements from a page below generated/; a plain directory prefix."""
        return lambda label: f"{to}{label}.html" if label in self.statements else ""

    def statement(self, label: str) -> str:
        """The page of one statement."""
        title = self.statements[label].title
        head = f"---\norphan: true\n---\n\n# {title}\n\n`{label}` · [all statements of this part](../papers/{self.statements[label].area}.md)\n\n"
        if label not in self.sections or self.outdated(label):
            return head + self.unstored(label)
        link = self.link("")
        graph = neighbourhood_svg(label, self.reports, self.statuses, link)
        return head + raw(rendered("statement.html.j2", s=self.sections[label], link=link, graph=graph, run=self.run))

    def outdated(self, label: str) -> bool:
        """Whether the statement says something else today than in the stored run."""
        clauses = [clause.text for clause in self.statements[label].clauses]
        return clauses != [clause.text for clause in self.reports[label].clauses]

    def unstored(self, label: str) -> str:
        """The text of a statement that the stored run does not know in this form."""
        statement = self.statements[label]
        clauses = "\n".join(f"1. {clause.text}" for clause in statement.clauses)
        note = f"*Not part of the stored run of {self.run.date}: `ntpproofs show {label}` checks it.*"
        return "\n\n".join([statement.setup, clauses, note]) + "\n"

    def paper(self, area: str) -> str:
        """The page of one paper: counts, graph, statements with badges and claims, errata."""
        sections = [entry for label, entry in self.sections.items() if entry.area == area]
        reports = {entry.report.label: entry.report for entry in sections}
        title = paper_title(area)
        link = self.link("../statements/")
        body = rendered(
            "paper.html.j2",
            title=title,
            sections=sections,
            link=link,
            graph=named_svg(reports, self.statuses, link, f"{title}: what rests on what"),
            bibtex=self.bibtex(area),
            **totals(sections),
        )
        errata = [entry for entry in sections if entry.report.kind == "erratum"]
        parts = [f"# {title}\n", f"{introduction(area)}\n", raw(body)]
        if errata:
            parts.append("## Errata\n\nWhat is printed, or was recalled, and does not hold: each with an exact counterexample and what holds.\n")
        for entry in errata:
            parts += [f"### [{entry.report.title}](../statements/{entry.report.label}.md)\n", raw(rendered("erratum.html.j2", s=entry, link=link))]
        return "\n".join(parts)

    def bibtex(self, area: str) -> str:
        """The entry of the paper most statements of an area come from; "" for our own derivations."""
        sources = [statement.source.key for statement in self.statements.values() if statement.area == area and statement.source is not None]
        keys = Counter(key for key in sources if key in REFERENCES)
        return bibtex_entry(REFERENCES[keys.most_common(1)[0][0]]) if keys else ""

    def index(self) -> str:
        """All statements, by paper."""
        parts = ["# Statements\n", f"{len(self.statements)} statements, each with a page of its own. {self.made()}\n"]
        for area in self.areas():
            parts.append(f"## {paper_title(area)}\n\n[With badges, claims and errata](papers/{area}.md)\n")
            chosen = [statement for statement in self.statements.values() if statement.area == area]
            parts += [f"* [{entry.title}](statements/{entry.label}.md) (`{entry.label}`, {entry.kind})" for entry in chosen] + [""]
        return "\n".join(parts)

    def made(self) -> str:
        """When and how the stored run was made."""
        return f"Verdicts are those of `{self.run.command}` with version {self.run.version} on {self.run.date}."

    def front(self) -> str:
        """The status of everything, for the front page: every node of the graph is a link."""
        found = totals(list(self.sections.values()))
        words = (
            f"**{len(self.sections)} statements**, {found['established']} of {found['clauses']} clauses established, {found['claims']} claims on "
            f"instances, {found['killed']} of {found['mutants']} false variants refuted. {self.made()}\n"
        )
        graph = overview_svg(self.reports, self.statuses, self.link("generated/statements/"))
        named = " · ".join(f"[{paper_title(area)}](generated/papers/{area}.md)" for area in self.areas())
        return "\n".join([words, raw(graph), f"Each part with names: {named}.\n", raw(support_bars(self.reports, self.statuses))])


def totals(sections: list[Section]) -> Mapping[str, int]:
    """Counts over some statements."""
    proofs = [entry.status.proof for entry in sections]
    mutants = [mutant for entry in sections for mutant in entry.report.mutants]
    return {
        "established": sum(proof.established for proof in proofs),
        "clauses": sum(len(proof.supports) for proof in proofs),
        "claims": sum(len(entry.report.claims) for entry in sections),
        "killed": sum(mutant.killed for mutant in mutants),
        "mutants": len(mutants),
    }


def paper_title(area: str) -> str:
    """The heading of an area."""
    return next((kind.title for kind in kinds().values() if kind.area == area and area != "foundations"), area.capitalize())


def introduction(area: str) -> str:
    """The first paragraph of the package of an area."""
    package = importlib.import_module(f"ntpproofs.papers.{area.replace('-', '_')}")
    return (package.__doc__ or "").split("\n\n")[0].strip()
