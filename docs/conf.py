"""Sphinx configuration. Pages under generated/ are written by runs when the site is built; nothing in them is typed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from generate import write_generated_pages  # noqa: E402

import ntpproofs  # noqa: E402

project = "ntpproofs"
author = "The ntpproofs developers"
copyright = "2026, the ntpproofs developers"
release = ntpproofs.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathematics", "navigation", "sphinx_gallery.gen_gallery"]
sphinx_gallery_conf = {
    "examples_dirs": "../examples/gallery",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "show_memory": False,
    "min_reported_time": 10_000,
    "write_computation_times": False,
    "show_signature": False,
    "download_all_examples": False,
}
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = [
    "_build",
    "guide/flow_table.md",
    "guide/flow_campaign.md",
    "guide/sizes_table.md",
    "generated/front.md",
    "generated/limit_*.md",
    "generated/show.md",
    "generated/check.md",
    "generated/recheck.md",
    "generated/coq_*.md",
    "gallery/GALLERY_HEADER.rst",
    "gallery/README.rst",
]
html_theme = "furo"
html_title = "ntpproofs"
html_static_path = ["_static", "generated/_static"]
html_css_files = ["parts.css", "site.css"]
html_js_files = [("parts.js", {"defer": "defer"})]
html_copy_source = False
nitpicky = True
# Annotations in signatures name third-party and builtin types; the prose of every docstring says the shapes.
autodoc_typehints = "none"
autodoc_mock_imports = ["torch"]  # an extra that the site does not need
autodoc_member_order = "bysource"
nitpick_ignore_regex = [("py:.*", ".*")]
suppress_warnings = ["config.cache", "ref.python"]

write_generated_pages(HERE / "generated")


def plain_docstring(app: object, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings are plain text with `code` and mathematics such as |u|^2 or w*: mark the code, escape the rest, and keep
    indented displays as they stand."""
    del app, what, name, obj, options
    result: list[str] = []
    for line in lines:
        display = line.startswith("    ") and not line.lstrip().startswith("* ")
        if display or line.lstrip().startswith((">>>", "...")):
            if display and result and not result[-1].strip() and not any(x.startswith("    ") for x in result[-2:-1]):
                result += ["::", ""]
            result.append(line)
            continue
        bullet, body = re.match(r"(\s*\* )?(.*)", line).groups()  # type: ignore[union-attr]
        parts = re.split(r"(``[^`]+``|`[^`]+`)", body)
        escaped = [f"``{p.strip('`')}``" if p.startswith("`") else re.sub(r"([|*\\_])", r"\\\1", p) for p in parts]
        # A letter after code ("`Fraction`s") needs the empty separator of reStructuredText.
        result.append((bullet or "") + re.sub(r"(``[^`]+``)(?=\w)", r"\1\\ ", "".join(escaped)))
    lines[:] = result


def setup(app: object) -> None:
    """Register the docstring filter."""
    app.connect("autodoc-process-docstring", plain_docstring)  # type: ignore[attr-defined]
