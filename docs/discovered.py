"""Write docs/guide/discovered.md from the JSON that `ntpproofs discover AREA --out FILE.py` leaves beside FILE.py.

python docs/discovered.py examples/discovered/attention_ntp.json examples/discovered/linear_ntp.json

python docs/discovered.py --campaign CHECK.json examples/discovered/linear_ntp.json

The second takes a longer campaign against the survivors into account, `ntpproofs check examples/discovered/linear_ntp.py --examples 100000
--time-budget 0 --json > CHECK.json`: in the record and in the conjecture file beside it what was refuted is one no more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ntpproofs.discover.conjecture_file import claim_name, conjecture_file  # noqa: E402
from ntpproofs.discover.page import markdown_page  # noqa: E402
from ntpproofs.language.forms import read_bound  # noqa: E402

PAGE = ROOT / "docs" / "guide" / "discovered.md"
HEAD = """# Conjectures found by the machine

Written by [`ntpproofs discover`](discover.md). **No conjecture on this page is proved**, and none is registered as a statement.
The conjecture files are in `examples/discovered/`; `ntpproofs check` tries to refute them again. *Sharp on* is the share of types of instances in the
table on which both sides agree, those with target zero left out.
"""


def withstood(record: dict[str, Any], campaign: dict[str, Any]) -> dict[str, Any]:
    """The record of a discovery after a campaign of `check` against its survivors, whose claims bear their numbers."""
    claims = {claim["name"]: claim for conjecture in campaign["conjectures"] for claim in conjecture["claims"]}
    names = [claim_name(number, entry["target"]) for number, entry in enumerate(record["survivors"], 1)]
    if set(names) != set(claims):
        raise SystemExit(f"the campaign is about other bounds: {', '.join(sorted(set(names) ^ set(claims)))}")
    pairs = [(entry, claims[name]) for name, entry in zip(names, record["survivors"])]
    refuted = [{**entry, "instance": claim["counterexample"]["instance"]} for entry, claim in pairs if claim["outcome"] == "refuted"]
    survivors = [{**entry, "decided": claim["instances"]["satisfied"]} for entry, claim in pairs if claim["outcome"] != "refuted"]
    examined = sum(sum(conjecture["phases"].values()) for conjecture in campaign["conjectures"])
    note = f"A later campaign of `ntpproofs check` looked at {examined:,} different instances: it refuted {len(refuted)} of {len(pairs)}."
    numbers = " The numbers of decided instances are those of this campaign."
    return {**record, "survivors": survivors, "refuted": [*refuted, *record["refuted"]], "note": note + numbers}


def take(campaign: Path, path: Path) -> None:
    """Rewrite a record and its conjecture file after a campaign."""
    record = withstood(json.loads(path.read_text(encoding="utf-8")), json.loads(campaign.read_text(encoding="utf-8")))
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    bounds = [(entry["target"], read_bound(entry["bound"], *entry["assuming"])) for entry in record["survivors"]]
    symbols = {entry["name"]: entry["latex"] for entry in record["invariants"]}
    file, area = path.with_suffix(".py"), record["area"]
    text = conjecture_file(record["kind"], area, f"Bounds discovered for {area}", file.name, bounds, symbols, apart=True)
    file.write_text(text, encoding="utf-8")


def page(records: list[Path]) -> str:
    """The page of several runs."""
    return "\n".join([HEAD, *(markdown_page(json.loads(path.read_text(encoding="utf-8"))) for path in records)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--campaign"]:
        take(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        PAGE.write_text(page([Path(name) for name in sys.argv[1:]]), encoding="utf-8")
