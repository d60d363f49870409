"""The part of `limit` that is about attention: graphs, Graph-SVM, limits of attention on training and on other sequences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...errors import InvalidInput
from ...exact.rational import written
from ...logit.decomposition import decompose
from .attention_limits import attend, check_sequence, limit_scores, training_limits
from .graph_programmes import edge_form, graph_svm
from .priority_graph import PriorityEdge, dataset_class, describe, edge_of, extra_ties, priority_orders
from .problem import AttentionNTP


def attention_record(problem: AttentionNTP) -> dict[str, Any]:
    """What `limit --json` adds for attention: `dataset_class`, `graphs`, `graph_svm`, `attention`."""
    return {
        "dataset_class": dataset_class(problem),
        "graphs": _graphs(problem),
        "graph_svm": _graph_svm(problem),
        "attention": [found.record() | {"label": label} for found, label in zip(training_limits(problem), problem.labels)],
    }


def _graphs(problem: AttentionNTP) -> list[dict[str, Any]]:
    # Every graph with the scores of its tokens: exact under the max-margin direction, centres under the finite part.
    margin, finite = limit_scores(problem)
    result = []
    for query, order in priority_orders(problem).items():
        record = describe(order)
        scores = {
            "max_margin": {str(v): written(margin.at(v, query)) for v in record["tokens"]},
            "finite_part": {str(v): float(finite.at(v, query)) for v in record["tokens"]},
        }
        result.append(record | {"scores": scores})
    return result


def _graph_svm(problem: AttentionNTP) -> dict[str, Any]:
    # Where it is feasible its solution is the max-margin direction of the record; where not, Farkas says why.
    beyond = sorted({edge_of(problem, pair) for pair in extra_ties(problem)})
    form = edge_form(problem)
    multipliers: dict[PriorityEdge, Fraction] = {}
    if not beyond:
        for pair, x in decompose(problem).max_margin.multipliers.items():
            if x:
                edge = edge_of(problem, pair)
                multipliers[edge] = multipliers.get(edge, Fraction(0)) + x
    return {
        "feasible": not beyond,
        "ties": len(form.ties),
        "margins": len(form.margins),
        "multipliers": None if beyond else _weighted(multipliers),
        "farkas": _weighted(graph_svm(problem).multipliers) if beyond else None,
        "tied_beyond_cycles": [{"query": e.query, "upper": e.upper, "lower": e.lower} for e in beyond],
    }


def _short(value: str) -> str:
    return value if len(value) <= 40 else "a number of many digits"


def _weighted(multipliers: dict[PriorityEdge, Fraction]) -> list[dict[str, Any]]:
    return [{"query": e.query, "upper": e.upper, "lower": e.lower, "value": written(x)} for e, x in sorted(multipliers.items())]


def attended_sequence(problem: AttentionNTP, text: str, names: Sequence[str] = ()) -> tuple[int, ...]:
    """The sequence of `--attend "1,2,0"`, or of `--attend "the,cat"` where tokens have names.

    Raises `InvalidInput` for anything that is no list of ids or names, and for ids out of range.

    >>> attended_sequence(AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]), "the, cat", ("cat", "the"))
    (1, 0)
    """
    words, ids = text.split(","), {name: v for v, name in enumerate(names)}
    trimmed = [word if word in ids else word.strip() for word in words]
    if all(word in ids for word in trimmed):
        return check_sequence(problem, [ids[word] for word in trimmed])
    if not all(re.fullmatch(r"\s*\d{1,9}\s*", word, re.ASCII) for word in words):
        unknown = next((word for word in trimmed if word not in ids), text)
        if ids:
            raise InvalidInput("--attend", f"{unknown[:60]!r} is no token of the file", "write names of its tokens, or ids, separated by commas")
        remedy = 'write ids separated by commas, the query last: --attend "1,2,0"; for names give the file "tokens"'
        raise InvalidInput("--attend", f"{text[:60]!r} is not a list of token ids", remedy)
    try:
        return check_sequence(problem, [int(word) for word in words])
    except InvalidInput as error:
        raise InvalidInput("--attend", error.reason, error.remedy) from None


def attend_record(problem: AttentionNTP, sequence: tuple[int, ...]) -> dict[str, Any]:
    """The `attend` object of `limit --json`.

    >>> attend_record(AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 1, 0]], [1, 2]), (2, 0))["top"]
    [2]
    """
    return attend(problem, sequence).record()


def combination(entries: list[dict[str, Any]], limit: int = 8) -> str:
    """A Farkas combination in words: multiplier times (upper over lower for the query), summing to zero.

    >>> combination([{"query": 0, "upper": 1, "lower": 2, "value": "1"}])
    '1 (1 over 2 | 0)'
    """
    shown = [f"{_short(e['value'])} ({e['upper']} over {e['lower']} | {e['query']})" for e in entries[:limit]]
    return " + ".join(shown) + (f" + {len(entries) - limit} more" if len(entries) > limit else "")
