"""A Sphinx extension: the navigation at the side of a page is made from titles, as it shows nothing else.

Sphinx copies the contents of every page for the navigation of every page and then drops all but the titles; with some thousand
functions in the reference that was half of the time of a build. Here they are dropped once. The pages are the same.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes


def titles(contents: nodes.Element) -> nodes.Element:
    """What Sphinx keeps of the contents of a page where only titles are asked for."""
    kept = contents.deepcopy()
    for entry in kept.children:
        if isinstance(entry, nodes.Element) and len(entry) > 1:
            below = list(entry.findall(addnodes.toctree))
            if below:
                entry[1][:] = below
            else:
                entry.pop(1)
    return kept


def setup(app: Any) -> dict[str, Any]:
    """Ask for titles in place of contents before the theme makes the navigation (its handler has priority 500)."""
    kept: dict[str, nodes.Element] = {}

    def prepare(app: Any, env: Any) -> None:
        kept.update({name: titles(contents) for name, contents in env.tocs.items()})

    def serve(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        make = context["toctree"]

        def navigation(**options: Any) -> str:
            if not options.get("titles_only"):
                return make(**options)
            contents, app.env.tocs = app.env.tocs, kept
            try:
                return make(**options)
            finally:
                app.env.tocs = contents

        context["toctree"] = navigation

    app.connect("env-updated", prepare)
    app.connect("html-page-context", serve, priority=400)
    return {"version": "1", "parallel_read_safe": True}
