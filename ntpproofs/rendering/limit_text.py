"""The answer of `ntpproofs limit` for people: Rich renderables, nothing printed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..limits.answer import Limit

LARGEST_SHOWN = 12
MARKS = {"holds": "✓ holds", "fails": "✗ fails", "undecided": "? undecided"}


def limit_view(found: Limit, record: dict[str, Any], laws: Sequence[tuple[str, str]] = ()) -> Iterator[Any]:
    """The parts of the view, in reading order; `laws` are further rows for the table of the simulation."""
    for note in found.loaded.notes:
        yield Text(note, style="dim")
    yield from _facts(found, record)
    yield from _matrices(record)
    if "graphs" in record:
        from .attention_text import attention_view

        yield from attention_view(record)
    yield from _assumptions(record["assumptions"])
    if found.extras["decisive"]:
        yield from _decisive(found)
    if "simulation" in record:
        yield from _simulation(record["simulation"], laws)


def _table(title: str, *columns: str) -> tuple[Text, Table]:
    table = Table(box=box.SIMPLE_HEAD if columns else None, show_header=bool(columns), pad_edge=True)
    for column in columns:
        table.add_column(column)
    return Text(f"\n{title}", style="bold"), table


def _facts(found: Limit, record: dict[str, Any]) -> tuple[Text, Table]:
    extras, best, infimum = found.extras, record["max_margin"], record["infimum"]
    title, table = _table(f"{found.loaded.kind}: what gradient descent converges to")
    table.add_column(style="bold")
    table.add_column()
    for name in ("contexts", "vocabulary", "sequences", "tokens", "embedding dimension", "rows", "parameters"):
        if name in extras:
            table.add_row(name, f"{extras[name]:,}")
    if "entropy" in extras:
        table.add_row("entropy", f"{extras['entropy']:.9g} nats")
    table.add_row("separation class", record["separation"]["class"])
    table.add_row("dimensions", ", ".join(f"{name} {size:,}" for name, size in record["dimensions"].items()))
    attained = "attained" if infimum["attained"] else "not attained"
    table.add_row("infimum of the loss", f"{infimum['lower']:.9g} nats, {attained}")
    margin = "none: nothing is separable" if extras["margin"] is None else f"{extras['margin']:.9g} (unit norm)"
    table.add_row("margin", margin)
    exact = best["squared_norm"] if len(best["squared_norm"]) <= 40 else f"{extras['max-margin norm'] ** 2:.9g} (exact in --json)"
    table.add_row("max-margin direction", f"norm {extras['max-margin norm']:.9g}, squared norm {exact}")
    table.add_row("strictly complementary", "yes" if best["strictly_complementary"] else "no: some support pair is weak, expect log log t drift")
    radius = record["finite_part"]["radius"]
    table.add_row("finite part", f"norm {extras['finite part norm']:.9g}" + (f", known to {radius:.2g}" if radius is not None else ""))
    return title, table


def _matrices(record: dict[str, Any]) -> Iterator[Any]:
    for name, title in (("finite_part", "finite part (the log-odds the iterates keep)"), ("max_margin", "max-margin direction (times log t), exact")):
        matrix = record[name]["matrix"]
        if matrix is None:
            yield Text(f"{title}: more than a million entries, not shown", style="dim")
            continue
        rows = matrix if matrix and isinstance(matrix[0], list) else [matrix]
        if len(rows) > LARGEST_SHOWN or len(rows[0]) > LARGEST_SHOWN or any(len(str(x)) > 24 for row in rows for x in row):
            yield Text(f"{title}: {len(rows)} x {len(rows[0])} entries, see --json", style="dim")
            continue
        heading, table = _table(title)
        for _ in rows[0]:
            table.add_column(justify="right")
        for row in rows:
            table.add_row(*(f"{round(x, 6) + 0.0:.6f}" if isinstance(x, float) else str(x) for x in row))
        yield heading
        yield table


def _assumptions(assumptions: dict[str, str]) -> tuple[Text, Table]:
    title, table = _table("assumptions, decided exactly", "assumption", "decision")
    for name, outcome in assumptions.items():
        table.add_row(name, MARKS[outcome])
    return title, table


def _decisive(found: Limit) -> tuple[Text, Table]:
    corpus = found.loaded.corpus
    what = "sequence" if found.loaded.kind == "attention-ntp" else "context"
    title, table = _table(f"{what}s with the smallest margins", what, "share of |u|^2", "margin on its own, unit norm")
    for entry in found.extras["decisive"]:
        name = f"{entry['context']}" + (f"  {corpus.words(entry['context'])!r}" if corpus is not None else "")
        table.add_row(name, f"{entry['share']:.4%}", f"{entry['margin']:.6g}")
    return title, table


def _simulation(simulation: dict[str, Any], laws: Sequence[tuple[str, str]]) -> tuple[Text, Table]:
    title, table = _table("simulation against the limit", "quantity", "value")
    slope, direction = simulation["slope_error"], simulation["direction_error"]
    table.add_row("log time reached", f"{simulation['log_time']:g}")
    if "optimizer" in simulation:
        table.add_row("optimizer", f"{simulation['optimizer']}, {simulation['steps']:,} steps")
    if slope is not None:
        table.add_row("slope error", f"{slope:.3g}")
        table.add_row("direction error", "no direction (u = 0)" if direction is None else f"{direction:.3g}")
    if simulation.get("margin") is not None:
        norm = simulation["norm"] if isinstance(simulation["norm"], str) else f"{simulation['norm']:g}"
        reached, largest = simulation["margin"], simulation["max_margin"]
        table.add_row(f"margin per unit {norm} norm", f"{reached:.6g} of at most {largest:.6g} ({reached / largest:.2%})")
    table.add_row("finite part error", f"{simulation['finite_part_error']:.3g}")
    for quantity, sentence in laws:
        table.add_row(quantity, sentence)
    if "notes" in simulation:
        table.add_row("route", "structured, for wide problems; " + "; ".join(simulation["notes"]))
    table.add_row("seconds", f"{simulation['seconds']:.2f}")
    return title, table
