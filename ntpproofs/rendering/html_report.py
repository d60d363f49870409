"""One offline HTML file of a verification: what needs attention, what rests on what, and every statement, folded."""

from __future__ import annotations

from collections.abc import Mapping

from ..checking.reports import StatementReport
from ..language.statements import Statement
from ..language.verdicts import Outcome
from .bars_svg import support_bars
from .graph_svg import overview_svg
from .html_parts import anchor, environment, section
from .json_report import verify_json
from .runs import Run
from .status import Status
from .wording import findings


def render_html(
    reports: Mapping[str, StatementReport],
    statuses: Mapping[str, Status],
    run: Run | None = None,
    statements: Mapping[str, Statement] | None = None,
) -> str:
    """The HTML document; `statements` adds each statement's setting and deviation from its source, `run` what was run and when.

    Law: equal arguments give equal bytes, and nothing in the file is loaded from elsewhere.
    """
    run = run or Run()
    options = (f" --profile {run.profile}" if run.profile else "") + (f" --seed {run.seed}" if run.seed is not None else "")
    sections = [section(report, statuses[label], (statements or {}).get(label), options) for label, report in reports.items()]
    ordered = sorted(sections, key=lambda entry: (entry.fine, entry.status.outcome is Outcome.HOLDS))
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            sections=ordered,
            link=lambda label: f"#{anchor(label)}" if label in reports else "",
            run=run,
            summary=verify_json(reports, statuses)["summary"],
            urgent=[found for entry in ordered for found in findings(entry.report)],
            kinds=sorted({entry.report.kind for entry in sections}),
            areas=sorted({entry.area for entry in sections if entry.area}),
            graph=overview_svg(reports, statuses, lambda label: f"#{anchor(label)}") if len(reports) > 1 else "",
            bars=support_bars(reports, statuses),
        )
    )
