"""What a discovery found as data, and that data as a page in Markdown and in LaTeX. Survivors are conjectures, and called so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..checking.invariants import discovery_of
from .conjecture_file import claim_latex, conjecture_file
from .rounds import Discovered
from .selection import Ranked

FAMILIAR, REFUTED = 12, 12
Record = dict[str, Any]


def record_of(found: Discovered, seconds: float | None) -> Record:
    """The JSON of `discover`: table, rounds, survivors with counts, familiar bounds with their sources, refuted bounds."""
    kind, filling = found.kind, found.filling
    survivors = [
        {**_bound(entry.ranked, found), "decided": entry.decided, "examined": entry.examined, "verdict": entry.verdict} for entry in found.survivors
    ]
    familiar = [{**_bound(entry.ranked, found), "sources": list(entry.sources)} for entry in found.familiar]
    refuted = [
        {"bound": entry.bound.text, "assuming": list(entry.bound.assuming), "latex": entry.bound.latex(found.symbols), "instance": entry.instance}
        for entry in found.refuted
    ]
    return {
        "area": kind.area,
        "kind": kind.name,
        "title": kind.title,
        "target": found.plan.target,
        "seed": found.plan.seed,
        "table": {"rows": len(found.table.rows), "types": found.table.types, "curve": [list(x) for x in filling.curve], "ended": filling.ended},
        "rounds": [dict(zip(("attacked", "instances", "refuted"), entry)) for entry in found.rounds],
        "ended": found.ended,
        "survivors": survivors,
        "familiar": familiar,
        "refuted": refuted,
        "invariants": [{"name": entry.name, "latex": entry.latex, "says": entry.says} for entry in discovery_of(kind).invariants],
        "seconds": seconds,
    }


def _bound(entry: Ranked, found: Discovered) -> Record:
    counts = {"instances": entry.instances, "types": entry.types, "touching": entry.touching, "sharpness": round(entry.sharpness, 4)}
    words = {"target": entry.target, "bound": entry.bound.text, "assuming": list(entry.bound.assuming), "latex": entry.bound.latex(found.symbols)}
    return words | counts


def survivors_file(found: Discovered, file: str) -> str:
    """The conjecture file of the survivors."""
    bounds = [(entry.ranked.target, entry.ranked.bound) for entry in found.survivors]
    title = f"Bounds discovered for {found.kind.area}"
    return conjecture_file(found.kind.name, found.kind.area, title, file, bounds, found.symbols, apart=True)


def survivors_latex(found: Discovered) -> str:
    """The survivors as LaTeX conjectures (amsthm, amsmath), to be included in a document that defines the environment `conjecture`."""
    lines = [f"% Proposed by `ntpproofs discover {found.kind.area}', not refuted; nothing here is proved."]
    for entry in found.survivors:
        ranked = entry.ranked
        lines += [r"\begin{conjecture}", rf"  \[ {claim_latex(ranked.bound, found.symbols)} \]"]
        lines += [f"  Not refuted on {entry.decided} instances; equality on {ranked.touching} of {ranked.instances} instances of the table."]
        lines += [r"\end{conjecture}"]
    return "\n".join(lines) + "\n"


def markdown_page(record: Record) -> str:
    """One area as Markdown, from its JSON; a `note` added to that is printed before the survivors."""
    table = record["table"]
    parts = [
        f"## {record['title']}\n",
        f"`ntpproofs discover {record['area']} --seed {record['seed']}`: a table of {table['rows']:,} instances of {table['types']:,} types, "
        f"{_count(len(record['rounds']), 'round')} of attacks, {_count(len(record['refuted']), 'bound')} refuted. "
        f"None of these **conjectures** is proved; each withstood the number of instances given. {_examined(record)}{_end(record)}\n",
        *([record["note"] + "\n"] if record.get("note") else []),
        *_survivors(record["survivors"]),
        "Symbols: " + "; ".join(_meaning(entry) for entry in _used(record)) + ".\n",
    ]
    if record["familiar"]:
        parts += ["Found again, although they need no conjecture:\n"]
        parts += [f"* ${_conditional(x)}$ ({', '.join(map(_source, x['sources']))})" for x in record["familiar"][:FAMILIAR]]
    if record["refuted"]:
        parts += ["\nProposed, and refuted:\n", *(f"* ${_conditional(x)}$" for x in record["refuted"][:REFUTED])]
    return "\n".join(parts) + "\n"


def _survivors(survivors: Sequence[Record]) -> Iterable[str]:
    yield "| | conjecture | sharp on | decided on |"
    yield "|---|---|---|---|"
    for number, entry in enumerate(survivors, 1):
        yield f"| {number} | ${_conditional(entry)}$ | {entry['sharpness']:.0%} of {entry['types']:,} types | {entry['decided']:,} instances |"
    yield ""


def _end(record: Record) -> str:
    if record["ended"] == "fixed point":
        return "The last campaign refuted nothing and was not cut short."
    return "The last campaign was cut short by the time limit, so that these numbers are smaller than what was asked for."


def _examined(record: Record) -> str:
    fewest = min((entry["examined"] for entry in record["survivors"]), default=0)
    if not fewest:
        return ""
    return (
        f"Campaigns tried each on at least {fewest:,} different instances; where an assumption fails or an invariant is not defined it says nothing. "
    )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _conditional(entry: Record) -> str:
    words = ", ".join(name.replace("_", " ") for name in entry["assuming"])
    return (rf"\text{{{words}}} \Rightarrow " if words else "") + entry["latex"]


def _source(source: str) -> str:
    return f"`{source}`" if "." in source and " " not in source else source


def _used(record: Record) -> list[Record]:
    shown = [*record["survivors"], *record["familiar"][:FAMILIAR], *record["refuted"][:REFUTED]]
    texts = " ".join(entry["bound"] for entry in shown)
    words = set(texts.replace("*", " ").replace("^", " ").split())
    return [entry for entry in record["invariants"] if entry["name"] in words]


def _meaning(entry: Record) -> str:
    says = entry["says"].rstrip(".")
    return f"${entry['latex']}$ (`{entry['name']}`): {says[:1].lower()}{says[1:]}"
