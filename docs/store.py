"""The stored runs behind the pages of statements and conjectures: `python docs/store.py [verify] [conjectures]` makes them again.

`verify` runs everything with the quick profile (minutes), `conjectures` the gallery of examples/conjectures; the site itself is built from what
is stored in docs/run, and says of which day and version it is.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "docs" / "run"
GALLERY = ROOT / "examples" / "conjectures"
SECONDS = 20  # of search for a conjecture of the gallery


def write(name: str, record: Any) -> None:
    """A record as compressed JSON, equal bytes for equal records."""
    RUNS.mkdir(exist_ok=True)
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    (RUNS / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def load(name: str) -> Any:
    """A stored record."""
    return json.loads(gzip.decompress((RUNS / f"{name}.json.gz").read_bytes()))


def _unexpected(document: str) -> str:
    try:
        statements = json.loads(document)["statements"]
    except ValueError:
        return document
    return ", ".join(entry["label"] for entry in statements if not entry["as_expected"] or entry["defects"])


def verified() -> Any:
    """The document of `verify --json`."""
    command = [sys.executable, "-m", "ntpproofs", "verify", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"verify ends with status {done.returncode}, nothing is stored: {done.stderr} {_unexpected(done.stdout)}")
    return json.loads(done.stdout)


def gallery() -> dict[str, Any]:
    """{file name: what `check` found}, for every file of the gallery."""
    found: dict[str, Any] = {}
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(GALLERY.glob("*.py"))}
    # Counterexamples first: what was found before an interrupt is kept.
    for path, text in sorted(texts.items(), key=lambda entry: "# outcome: refuted" not in entry[1]):
        examples = 400 if "# outcome: refuted" in text else 40 if "simulate=Gradient" in text else 150
        bounds = ["--examples", str(examples), "--time-budget", str(SECONDS), "--workers", "1"]
        command = [sys.executable, "-m", "ntpproofs", "check", str(path.relative_to(ROOT)), *bounds, "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"{path.name}: status {done.returncode}, nothing is stored: {done.stderr}")
        found[path.name] = json.loads(done.stdout) | {"seconds": None, "examples": examples}
        write("conjectures", found)
        sys.stderr.write(f"{path.name}: status {done.returncode}\n")
    return found


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["verify", "conjectures"]
    for name in chosen:
        write(name, {"verify": verified, "conjectures": gallery}[name]())
