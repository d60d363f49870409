"""A Sphinx extension: formulas become MathML when the site is built, by the converter of the reports; no script, no font, no network.

A command that the converter does not know is a warning, and warnings fail the build.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.util import logging

from ntpproofs.rendering.mathml import UnknownCommand, to_html, to_mathml

LOGGER = logging.getLogger(__name__)


def inline(translator: Any, node: nodes.Element) -> None:
    """An inline formula; a long one may wrap after a relation."""
    translator.body.append(f'<span class="math">{converted(node, False)}</span>')
    raise nodes.SkipNode


def displayed(translator: Any, node: nodes.Element) -> None:
    """A displayed formula, scrolling by itself where it is wider than the page."""
    translator.body.append(f'<div class="math display">{converted(node, True)}</div>')
    raise nodes.SkipNode


def converted(node: nodes.Element, display: bool) -> str:
    """MathML of a formula, its source with a warning where that is not possible."""
    latex = node.astext().strip()
    try:
        return to_mathml(latex, display=True) if display else to_html(latex)
    except UnknownCommand as error:
        LOGGER.warning("formula %r: %s is unknown to the converter", latex, error, location=node)
        return f"<code>{latex}</code>"


def setup(app: Any) -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (displayed, None))
    app.config.html_math_renderer = "mathml"
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
