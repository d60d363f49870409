"""The generated pages of the site: statements, papers, conjectures, reference, and the output of real commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(arguments: Sequence[str], status: int = 0) -> str:
    """The stdout of an ntpproofs command, run from the repository root.

    Law: a page is not built from a run that ends with another status or prints nothing.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-m", "ntpproofs", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != status or not done.stdout.strip():
        what = f"status {done.returncode}, not {status}" if done.returncode != status else "nothing printed"
        raise RuntimeError(f"ntpproofs {' '.join(arguments)}: {what}: {done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def block(arguments: Sequence[str], status: int = 0) -> str:
    """A command and its output as a text block."""
    return f"```text\n$ ntpproofs {' '.join(arguments)}\n{run(arguments, status)}\n```\n"


def coq_statement(file: str, name: str) -> str:
    """A theorem or definition of the Coq sources, without its proof, as a block."""
    text = (ROOT / "verified" / file).read_text(encoding="utf-8")
    found = re.search(rf"^(?:Theorem|Definition) {name}\b.*?\.(?=\s*(?:Proof\.|$))", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise RuntimeError(f"verified/{file} states no {name}")
    return f"`{file}`\n\n```coq\n{found[0]}\n```\n"


THEOREMS = {
    "Main.v": ("check_sound", "check_sound_real", "system_rows", "system_equalities", "max_margin_record_sound"),
    "Sound.v": (
        "separation_sound",
        "qp_sound",
        "infeasible_record_sound",
        "solution_sound",
        "relation_sound",
        "rank_record_sound",
        "strict_record_sound",
        "norm_record_sound",
        "compatible_record_sound",
        "incompatible_record_sound",
    ),
    "Chains.v": ("directions_record_sound", "unique_record_sound"),
    "Enclosures.v": ("enclosed_record_sound", "finite_part_sound"),
    "Loss.v": ("infimum_below", "infimum_above", "log_odds_pinned_one"),
    "Exponential.v": ("exp_below_sound",),
    "Logarithms.v": ("independent",),
}


def write_generated_pages(directory: Path) -> None:
    """Write every page and piece that a run or the code itself can produce; what has not changed is not touched."""
    from conjecture_pages import conjecture_page
    from reference_pages import api_pages, command_page
    from statement_pages import Site

    site = Site()
    pages = {
        **site.pages(),
        **api_pages(),
        "commands.md": command_page(),
        "conjectures.md": conjecture_page(),
        "limit_file.md": block(["limit", "examples/full.json", "--simulate"]),
        "limit_path_star.md": block(["limit", "examples/path-star.json"]),
        "limit_linear_attention.md": block(["limit", "examples/linear-attention.json"]),
        "limit_multi_concept.md": block(["limit", "examples/multi-concept.json"]),
        "limit_corpus.md": block(["limit", "examples/tides.txt", "--context", "2"]),
        "show.md": block(["show", "foundations.max-margin"]),
        "check.md": block(["check", "examples/conjectures/tied_iff_cyclic.py", "--workers", "1"], status=1),
        "coq_specification.md": f"```coq\n{(ROOT / 'verified' / 'Spec.v').read_text(encoding='utf-8')}```\n",
        "coq_theorems.md": "\n".join(coq_statement(file, name) for file, names in THEOREMS.items() for name in names),
        "recheck.md": block(["recheck", "examples/full.certificate.json"]),
    }
    for name, text in pages.items():
        _write(directory / name, text)
    run(["limit", "examples/full.json", "--log-time", "1e4", "--plot", str(directory / "log_time.svg")])
    for name in ("parts.css", "parts.js"):
        _write(directory / "_static" / name, (ROOT / "ntpproofs" / "rendering" / "templates" / name).read_text(encoding="utf-8"))
    _remove_others(directory, set(pages))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _remove_others(directory: Path, names: set[str]) -> None:
    # A page of a statement that is gone would stay on the site.
    for path in directory.rglob("*.md"):
        if path.relative_to(directory).as_posix() not in names:
            path.unlink()
