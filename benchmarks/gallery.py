"""The gallery of conjectures against what its files announce, at full settings: outcome, size, suggestion, seconds of processor time.

python benchmarks/gallery.py [NAME ...] [--seeds 0 1 2] [--examples 1000]

A file announces in comments: `outcome` (always), `at most` (parts of the counterexample), `found` (the counterexample itself),
`suggests` (the first suggested assumption). Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
from pathlib import Path

from ntpproofs.checking.kinds import read_instance
from ntpproofs.kernel import verify
from ntpproofs.kernel.instances import KINDS as DATASETS
from ntpproofs.search import ConjectureFinding, Counterexample, Options, check_file, exit_status
from ntpproofs.search.moves import counts

FILES = sorted((Path(__file__).parent.parent / "examples" / "conjectures").glob("*.py"))
STATUS = {"holds": 0, "refuted certified": 1, "refuted enclosed": 1, "refuted observed": 3}


def announced(path: Path) -> dict[str, str]:
    """What a file says about itself."""
    return dict(re.findall(r"^# (outcome|at most|found|suggests): (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def differences(path: Path, options: Options) -> list[str]:
    """What is found and not as announced, in words; empty if all is."""
    said = announced(path)
    (finding,) = check_file(path, options)
    return [*_outcome(finding, said), *(part for example in finding.counterexamples for part in _example(finding, example, said))]


def _outcome(finding: ConjectureFinding, said: dict[str, str]) -> list[str]:
    (claim,) = finding.claims
    grade = claim.verdict.evidence.word if claim.verdict.evidence is not None else ""
    found = claim.verdict.outcome.value + (f" {grade}" if claim.counterexample else "")
    pairs = {"outcome": (found, said["outcome"]), "status": (exit_status([finding]), STATUS[said["outcome"]])}
    pairs["expected"] = (finding.expected, said["outcome"].split()[0])
    return [f"{name} {left}, announced {right}" for name, (left, right) in pairs.items() if left != right]


def _example(finding: ConjectureFinding, example: Counterexample, said: dict[str, str]) -> list[str]:
    wrong = []
    if "found" in said and example.text != said["found"]:
        wrong.append(f"counterexample {example.text}, announced {said['found']}")
    if "at most" in said:
        count, noun = said["at most"].split()
        size = counts(read_instance(example.instance))[noun.removesuffix("s")]
        wrong += [f"{size} {noun}, announced at most {count}"] if size > int(count) else []
    suggested = finding.suggestions[0].names if finding.suggestions else ()
    if "suggests" in said and suggested != (said["suggests"],):
        wrong.append(f"suggests {suggested}, announced {said['suggests']}")
    # Values of no kind are shrunk through the choices of their strategy, which say nothing about neighbours.
    if isinstance(example.instance, dict) and "kind" in example.instance and not example.observed:
        wrong += [] if example.locally_minimal else ["not locally minimal"]
        if example.instance.get("kind") in DATASETS:  # the kernel knows nothing about other kinds
            wrong += [] if len(verify(example.certificate)) >= 2 else ["certificate incomplete"]
    return wrong


def seconds() -> float:
    """Processor time of this process and of the workers it has ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> int:
    """Print one line per file and seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--examples", type=int, default=1_000)
    given = parser.parse_args()
    failed = False
    for path in (path for path in FILES if not given.names or path.stem in given.names):
        for seed in given.seeds:
            before = seconds()
            wrong = differences(path, Options(examples=given.examples, seed=seed))
            failed |= bool(wrong)
            print(f"{path.stem:48} seed {seed} {seconds() - before:6.1f} s  {'; '.join(wrong) or announced(path)['outcome']}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
