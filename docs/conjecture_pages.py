"""The gallery of conjectures with what `check` found, from the stored run."""

from __future__ import annotations

import re
from typing import Any

from statement_pages import raw, rendered
from store import GALLERY, SECONDS, load

from ntpproofs.rendering.documents.evidence import plain
from ntpproofs.rendering.html_parts import formula, prose
from ntpproofs.rendering.instances import instance_latex


def conjecture_page() -> str:
    """Every file of examples/conjectures: claim, outcome, smallest counterexample, suggested assumption."""
    stored = load("conjectures")
    entries = [_entry(path.name, path.read_text(encoding="utf-8"), stored.get(path.name)) for path in sorted(GALLERY.glob("*.py"))]
    refuted = sum(entry["outcome"].startswith("refuted") for entry in entries)
    searched = sum(entry["stored"] for entry in entries)
    shown = "all of them" if searched == len(entries) else f"{searched} of them"
    others = "" if searched == len(entries) else "; the other outcomes are those that the files announce and the tests compare"
    head = (
        f"# Conjectures and what became of them\n\n{len(entries)} files of ten to forty lines in `examples/conjectures/`: {refuted} are false and "
        f"refuted by a counterexample, {len(entries) - refuted} survive the search, which is no proof. Counterexamples and scopes are shown for "
        f"{shown}, from at most {SECONDS} seconds of search each on one processor{others}. `ntpproofs check FILE` searches for a minute.\n"
    )
    return head + "\n" + raw(rendered("conjectures.html.j2", entries=entries))


def _entry(name: str, text: str, stored: Any) -> dict[str, Any]:
    announced = re.search(r"^# outcome: (.+)$", text, re.MULTILINE)
    found = stored["conjectures"][0] if stored else None
    # Without a stored run the page says what the file announces, which the tests compare with what is found.
    title = re.search(r'title="(.+?)",$', text, re.MULTILINE)
    claims = [_claim(claim) for claim in found["claims"]] if found else [_written(latex) for latex in re.findall(r'\.claim\(r?"(.*?)"', text)]
    return {
        "name": name,
        "stored": found is not None,
        "title": found["title"] if found else title[1] if title else name,
        "announced": announced[1] if announced else "",
        "outcome": announced[1] if announced else "",
        "assumptions": found["assumptions"] if found else [],
        "claims": claims,
        "suggested": found["suggested_assumptions"][:1] if found else [],
        "command": f"ntpproofs check examples/conjectures/{name}",
    }


def _written(latex: str) -> dict[str, Any]:
    return {"latex": latex, "name": "", "outcome": "", "evidence": "", "scope": "", "formulas": [], "text": "", "words": "", "detail": ""}


def _claim(claim: Any) -> dict[str, Any]:
    example = claim["counterexample"]
    return {
        "latex": claim["latex"],
        "name": claim["name"],
        "outcome": claim["outcome"],
        "evidence": claim["evidence"] or "",
        "scope": claim["scope"],
        "formulas": [formula(latex) for latex in instance_latex(example["instance"])] if example else [],
        "text": example["text"] if example else "",
        "words": prose(plain(example["text"]).rstrip(":")) if example else "",
        "detail": example["detail"] if example else "",
    }
