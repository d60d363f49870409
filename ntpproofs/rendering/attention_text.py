"""What `ntpproofs limit` says about attention: graphs and priorities, Graph-SVM, limits of attention. Rich renderables only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..papers.attention_ntp.report import combination

LARGEST_SHOWN = 24


def attention_view(record: dict[str, Any]) -> Iterator[Any]:
    """Graphs, Graph-SVM, limits of attention on the training sequences and on the one that was asked for."""
    yield from _graphs(record)
    yield _graph_svm(record["graph_svm"])
    yield from _limits("limits of attention on the training sequences", record["attention"])
    if "attend" in record:
        found = record["attend"]
        yield from _limits("limit of attention on the sequence asked for", [found])
        yield Text(("determined: " if found["determined"] else "NOT determined by the data: ") + found["reason"])


def _table(title: str, *columns: str) -> tuple[Text, Table]:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=True)
    for column in columns:
        table.add_column(column)
    return Text(f"\n{title}", style="bold"), table


def _graphs(record: dict[str, Any]) -> tuple[Text, Table]:
    title, table = _table(
        f"token-priority graphs, one per last token ({record['dataset_class']})", "query", "edges", "components by priority", "cross edges"
    )
    for graph in record["graphs"][:LARGEST_SHOWN]:
        edges = _few([f"{u}>{v}" for u, v in graph["edges"]])
        table.add_row(str(graph["query"]), edges, priorities(graph), _few([f"{u}>{v}" for u, v in graph["cross_edges"]]))
    return title, table


def priorities(graph: dict[str, Any]) -> str:
    """Components in layers, tied tokens in braces: a layer has no priority inside it, and nothing in it is below a later layer.

    >>> priorities({"generations": [[[0, 1]], [[2], [3]]]})
    '{0 = 1}  >  {2}, {3}'
    """
    layers = (", ".join("{" + " = ".join(map(str, component)) + "}" for component in layer) for layer in graph["generations"])
    return "  >  ".join(layers)


def _graph_svm(svm: dict[str, Any]) -> Text:
    size = f"{svm['ties']} ties, {svm['margins']} margins"
    if svm["feasible"]:
        return Text(f"Graph-SVM: feasible ({size}); its solution is the max-margin direction above")
    beyond = _few([f"{e['upper']} = {e['lower']} for query {e['query']}" for e in svm["tied_beyond_cycles"]])
    lines = [
        f"Graph-SVM: infeasible ({size}), because the embeddings are dependent; the recession cone decides",
        f"  Farkas certificate, margins with positive multipliers whose rows sum to zero: {combination(svm['farkas'])} = 0",
        f"  tied beyond the cycles: {beyond}",
    ]
    return Text("\n".join(lines))


def _limits(heading: str, entries: Sequence[dict[str, Any]]) -> tuple[Text, Table]:
    labelled = any("label" in entry for entry in entries)
    title, table = _table(heading, "sequence", *(["label"] if labelled else []), "token: attention", "how", "known")
    for entry in entries[:LARGEST_SHOWN]:
        masses = ", ".join(f"{token['token']}: {_mass(token)}" for token in entry["tokens"])
        how = "hard retrieval" if len(entry["top"]) == 1 else f"soft over {', '.join(map(str, entry['top']))} by {entry['basis']}"
        label = [str(entry["label"])] if labelled else []
        table.add_row(" ".join(map(str, entry["sequence"])), *label, masses, how, entry["grade"] if entry["determined"] else "not determined")
    if len(entries) > LARGEST_SHOWN:
        table.add_row(f"{len(entries) - LARGEST_SHOWN} more: see --json")
    return title, table


def _mass(token: dict[str, Any]) -> str:
    mass = token["mass"]
    if mass is None:
        return "?"
    return f"{mass['value']:g}" if not mass["radius"] else f"{mass['value']:.9f}"


def _few(words: list[str], limit: int = 12) -> str:
    return "  ".join(words[:limit]) + (f"  and {len(words) - limit} more" if len(words) > limit else "") if words else "none"
