"""Write docs/guide/discovered.md from the JSON that `ntpproofs discover AREA --out FILE.py` leaves beside FILE.py.

python docs/discovered.py examples/discovered/attention_ntp.json examples/discovered/linear_ntp.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "guide" / "discovered.md"
HEAD = """# Conjectures found by the machine

Written by [`ntpproofs discover`](discover.md). **No conjecture on this page is proved**, and none is registered as a statement.
The conjecture files are in `examples/discovered/`; `ntpproofs check` tries to refute them again. *Sharp on* is the share of types of instances in the
table on which both sides agree, those with target zero left out.
"""


def page(records: list[Path]) -> str:
    """The page of several runs."""
    sys.path.insert(0, str(ROOT))
    from ntpproofs.discover.page import markdown_page

    return "\n".join([HEAD, *(markdown_page(json.loads(path.read_text(encoding="utf-8"))) for path in records)])


if __name__ == "__main__":
    PAGE.write_text(page([Path(name) for name in sys.argv[1:]]), encoding="utf-8")
