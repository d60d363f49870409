"""Rendering of verdicts: JSON, one offline HTML file, and tables for the terminal. Nothing is checked or printed here."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from .html_report import render_html
    from .json_report import statement_json, verify_json
    from .status import Status, statuses
    from .text import list_table, show_statement, verify_table
    from .wording import Badge, Finding, badges, findings

_HOMES = {
    ".wording": ("Badge", "Finding", "badges", "findings"),
    ".html_report": ("render_html",),
    ".json_report": ("statement_json", "verify_json"),
    ".status": ("Status", "statuses"),
    ".text": ("list_table", "show_statement", "verify_table"),
}
__all__ = [
    "Badge", "Finding", "Status", "badges", "findings", "list_table", "render_html", "show_statement",
    "statement_json", "statuses", "verify_json", "verify_table",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, {name: home for home, names in _HOMES.items() for name in names})
