"""LaTeX documents of statements, rendered from verdicts; every file can be input into a paper on its own."""

from typing import TYPE_CHECKING

from ...lazy import lazy_exports

if TYPE_CHECKING:
    from .document import write_latex
    from .escaping import Tex, breakable, escape, formula, prose
    from .guide import guide_directory, guide_files
    from .pdf import compile_pdf
    from .stored import stored_run

_HOMES = {
    ".document": ("write_latex",),
    ".escaping": ("Tex", "breakable", "escape", "formula", "prose"),
    ".guide": ("guide_directory", "guide_files"),
    ".pdf": ("compile_pdf",),
    ".stored": ("stored_run",),
}
__all__ = [
    "Tex", "breakable", "compile_pdf", "escape", "formula", "guide_directory", "guide_files", "prose", "stored_run", "write_latex",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, {name: home for home, names in _HOMES.items() for name in names})
