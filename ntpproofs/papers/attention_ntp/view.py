"""What people see of the answer about attention: graphs and priorities, Graph-SVM, limits of attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...language.naming import plainly
from ...language.views import Part, Sentence, Table
from .report import combination

LARGEST_SHOWN = 24


def attention_parts(record: dict[str, Any], names: Sequence[str] = ()) -> Iterator[Part]:
    """Graphs, Graph-SVM, limits of attention on the training sequences and on the one that was asked for; tokens by name where they have some."""
    yield _graphs(record, names)
    yield _graph_svm(record["graph_svm"])
    yield _limits("limits of attention on the training sequences", record["attention"], names)
    if "attend" in record:
        found = record["attend"]
        yield _limits("limit of attention on the sequence asked for", [found], names)
        yield Sentence(("determined: " if found["determined"] else "NOT determined by the data: ") + found["reason"])


def _said(token: int, names: Sequence[str]) -> str:
    return plainly(names[token]) if names else str(token)


def _graphs(record: dict[str, Any], names: Sequence[str]) -> Table:
    title = f"token-priority graphs, one per last token ({record['dataset_class']})"
    rows = []
    for graph in record["graphs"][:LARGEST_SHOWN]:
        edges, cross = (_few([f"{_said(u, names)}>{_said(v, names)}" for u, v in graph[which]]) for which in ("edges", "cross_edges"))
        rows.append((_said(graph["query"], names), edges, priorities(graph, names), cross))
    return Table(title, ("query", "edges", "components by priority", "cross edges"), tuple(rows))


def priorities(graph: dict[str, Any], names: Sequence[str] = ()) -> str:
    """Components in layers, tied tokens in braces: a layer has no priority inside it, and nothing in it is below a later layer.

    >>> priorities({"generations": [[[0, 1]], [[2], [3]]]})
    '{0 = 1}  >  {2}, {3}'
    """
    layers = (", ".join("{" + " = ".join(_said(v, names) for v in component) + "}" for component in layer) for layer in graph["generations"])
    return "  >  ".join(layers)


def _graph_svm(svm: dict[str, Any]) -> Sentence:
    size = f"{svm['ties']} ties, {svm['margins']} margins"
    if svm["feasible"]:
        return Sentence(f"Graph-SVM: feasible ({size}); its solution is the max-margin direction above")
    beyond = _few([f"{e['upper']} = {e['lower']} for query {e['query']}" for e in svm["tied_beyond_cycles"]])
    lines = [
        f"Graph-SVM: infeasible ({size}), because the embeddings are dependent; the recession cone decides",
        f"  Farkas certificate, margins with positive multipliers whose rows sum to zero: {combination(svm['farkas'])} = 0",
        f"  tied beyond the cycles: {beyond}",
    ]
    return Sentence("\n".join(lines))


def _limits(title: str, entries: Sequence[dict[str, Any]], names: Sequence[str]) -> Table:
    labelled = any("label" in entry for entry in entries)
    columns = "sequence", *(("label",) if labelled else ()), "token: attention", "how", "known"
    rows: list[tuple[str, ...]] = []
    for entry in entries[:LARGEST_SHOWN]:
        masses = ", ".join(f"{_said(token['token'], names)}: {_mass(token)}" for token in entry["tokens"])
        how = "hard retrieval" if len(entry["top"]) == 1 else f"soft over {', '.join(_said(v, names) for v in entry['top'])} by {entry['basis']}"
        label = [_said(entry["label"], names)] if labelled else []
        known = entry["grade"] if entry["determined"] else "not determined"
        rows.append((" ".join(_said(v, names) for v in entry["sequence"]), *label, masses, how, known))
    if len(entries) > LARGEST_SHOWN:
        rows.append((f"{len(entries) - LARGEST_SHOWN} more: see --json",))
    return Table(title, columns, tuple(rows))


def _mass(token: dict[str, Any]) -> str:
    mass = token["mass"]
    if mass is None:
        return "?"
    return f"{mass['value']:g}" if not mass["radius"] else f"{mass['value']:.9f}"


def _few(words: list[str], limit: int = 12) -> str:
    return "  ".join(words[:limit]) + (f"  and {len(words) - limit} more" if len(words) > limit else "") if words else "none"
