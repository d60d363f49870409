"""The gallery: every conjecture file says its outcome in comments (`# outcome:`, `# at most:`, `# suggests:`), and that is what is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ntpproofs.kernel import verify
from ntpproofs.search import Options, check_file, exit_status
from ntpproofs.search.minimising import parts
from ntpproofs.search.transport import problem_of

FILES = sorted((Path(__file__).parent.parent / "examples" / "conjectures").glob("*.py"))
STATUS = {"holds": 0, "refuted certified": 1, "refuted enclosed": 1, "refuted observed": 3}


def announced(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^# (outcome|at most|suggests): (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_there_are_at_least_twenty_of_both_kinds() -> None:
    outcomes = [announced(path)["outcome"] for path in FILES]
    assert len(FILES) >= 20 and set(outcomes) == set(STATUS) and 8 <= outcomes.count("holds") <= len(FILES) - 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_gallery_outcomes_are_as_written(path: Path) -> None:
    said = announced(path)
    examples = 400 if said["outcome"].startswith("refuted") else 40 if "simulate=Gradient" in path.read_text(encoding="utf-8") else 150
    (finding,) = check_file(path, Options(examples=examples))
    (claim,) = finding.claims
    grade = claim.verdict.evidence.word if claim.verdict.evidence is not None else ""
    found = claim.verdict.outcome.value + (f" {grade}" if claim.counterexample else "")
    assert found == said["outcome"], claim.verdict
    assert exit_status([finding]) == STATUS[said["outcome"]] and finding.expected == said["outcome"].split()[0]
    if claim.counterexample is None:
        return
    example = claim.counterexample
    if "at most" in said:
        count, noun = said["at most"].split()
        assert parts(problem_of(example.instance))[noun.removesuffix("s")] <= int(count)
    if "suggests" in said:
        assert finding.suggestions[0].names == (said["suggests"],)
    if not example.observed:
        assert example.locally_minimal and len(verify(example.certificate)) >= 2
