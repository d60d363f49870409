"""Write docs/guide/discovered.md from the JSON that `ntpproofs discover AREA --out FILE.py` leaves beside FILE.py.

python docs/discovered.py examples/discovered/attention_ntp.json examples/discovered/linear_ntp.json

A longer campaign against what survived, `ntpproofs check FILE.py --examples 100000 --time-budget 0 --json > campaigns/AREA.json`, is taken into
account where it lies there: what it refutes is listed as refuted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "guide" / "discovered.md"
HEAD = """# Conjectures found by the machine

Written by [`ntpproofs discover`](discover.md). **No conjecture on this page is proved**, and none is registered as a statement.
The conjecture files are in `examples/discovered/`; `ntpproofs check` tries to refute them again. *Sharp on* is the share of types of instances in the
table on which both sides agree, those with target zero left out.
"""


def withstood(record: dict[str, Any], campaign: dict[str, Any]) -> dict[str, Any]:
    """The record of a discovery after a campaign of `check` against its survivors, whose claims are in their order."""
    (conjecture,) = campaign["conjectures"]
    pairs = list(zip(record["survivors"], conjecture["claims"], strict=True))
    refuted = [{**entry, "instance": claim["counterexample"]["instance"]} for entry, claim in pairs if claim["outcome"] == "refuted"]
    survivors = [{**entry, "decided": claim["instances"]["satisfied"]} for entry, claim in pairs if claim["outcome"] != "refuted"]
    examined = sum(conjecture["phases"].values())
    note = f"A later campaign of `ntpproofs check` looked at {examined:,} different instances: it refuted {len(refuted)} of {len(pairs)}."
    numbers = " The numbers of decided instances are those of this campaign."
    return {**record, "survivors": survivors, "refuted": [*refuted, *record["refuted"]], "note": note + numbers}


def read(path: Path) -> dict[str, Any]:
    """The record of a discovery, with the later campaign beside it."""
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    campaign = path.parent / "campaigns" / path.name
    return withstood(record, json.loads(campaign.read_text(encoding="utf-8"))) if campaign.is_file() else record


def page(records: list[Path]) -> str:
    """The page of several runs."""
    sys.path.insert(0, str(ROOT))
    from ntpproofs.discover.page import markdown_page

    return "\n".join([HEAD, *(markdown_page(read(path)) for path in records)])


if __name__ == "__main__":
    PAGE.write_text(page([Path(name) for name in sys.argv[1:]]), encoding="utf-8")
