"""The generated pages of the site: the statement index and the output of real commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(arguments: Sequence[str], status: int = 0) -> str:
    """The stdout of an ntpproofs command, run from the repository root; a page is not built from a run that ends differently."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-m", "ntpproofs", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != status:
        raise RuntimeError(f"ntpproofs {' '.join(arguments)}: status {done.returncode}, not {status}: {done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def block(arguments: Sequence[str], status: int = 0) -> str:
    """A command and its output as a text block."""
    return f"```text\n$ ntpproofs {' '.join(arguments)}\n{run(arguments, status)}\n```\n"


def statement_index() -> str:
    """Every registered statement: label, kind, title, source, what it uses, its claims in LaTeX."""
    from ntpproofs.checking.kinds import kinds
    from ntpproofs.checking.registry import collect

    parts = ["# Statements\n", "Collected from the registry when this page was built. `ntpproofs show LABEL` checks one and prints its verdicts.\n"]
    statements = collect()
    headings = {kind.area: kind.title for kind in kinds().values()} | {"foundations": "Foundations"}
    for area in dict.fromkeys(statement.area for statement in statements.values()):
        chosen = [statement for statement in statements.values() if statement.area == area]
        parts.append(f"## {headings.get(area, area)}\n")
        for statement in chosen:
            source = statement.source.text if statement.source else ""
            parts.append(f"### {statement.title}\n\n`{statement.label}` · {statement.kind} · {source}\n")
            if statement.source is not None and statement.source.deviation:
                parts.append(f"*{statement.source.deviation}*\n")
            if statement.text:
                parts.append(f"{statement.text}\n")
            if statement.assumptions:
                names = ", ".join(f"`{entry.name}` (${entry.latex}$)" if entry.latex else f"`{entry.name}`" for entry in statement.assumptions)
                parts.append(f"Assumptions: {names}.\n")
            if statement.uses:
                parts.append(f"Uses: {', '.join(f'`{label}`' for label in statement.uses)}.\n")
            counts = f"{len(statement.claims)} claims, {len(statement.steps)} steps, {len(statement.mutants)} mutants"
            parts.append(f"{counts}.\n")
    return "\n".join(parts)


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
    """Write statements.md and the command outputs the guide includes."""
    directory.mkdir(exist_ok=True)
    pages = {
        "statements.md": statement_index(),
        "limit_file.md": block(["limit", "examples/full.json", "--simulate"]),
        "limit_path_star.md": block(["limit", "examples/path-star.json"]),
        "limit_linear_attention.md": block(["limit", "examples/linear-attention.json"]),
        "limit_multi_concept.md": block(["limit", "examples/multi-concept.json"]),
        "limit_corpus.md": block(["limit", "README.md", "--context", "2"]),
        "show.md": block(["show", "foundations.max-margin"]),
        "check.md": block(["check", "examples/conjectures/tied_iff_cyclic.py"], status=1),
        "coq_specification.md": f"```coq\n{(ROOT / 'verified' / 'Spec.v').read_text(encoding='utf-8')}```\n",
        "coq_theorems.md": "\n".join(coq_statement(file, name) for file, names in THEOREMS.items() for name in names),
        "recheck.md": block(["recheck", "examples/full.certificate.json"]),
    }
    for name, text in pages.items():
        path = directory / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
