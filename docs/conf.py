"""Sphinx configuration. Pages under generated/ are written by runs when the site is built; nothing in them is typed."""

from __future__ import annotations

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

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "ntpproofs"
nitpicky = True
# Annotations in signatures name third-party and builtin types; the prose of every docstring says the shapes.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
nitpick_ignore_regex = [("py:.*", ".*")]
suppress_warnings = ["config.cache"]

write_generated_pages(HERE / "generated")
