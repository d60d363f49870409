"""The kind "attention-ntp": one layer of self-attention on fixed token embeddings (2403.08081)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ...errors import InvalidInput
from ...exact.numbers import exactly
from ...kernel.instances import decode_dataset
from ...language.answers import Request
from ...language.kinds import Kind, Loaded, Option
from ...language.naming import counted, split_names
from ...language.wanted import Wanted
from ...limits.enclosed_answer import EnclosedAnswer
from ...limits.exact_answer import LimitAnswer, exact_answer
from ...limits.refusals import refuse_beyond
from ...limits.rows_route import answer_by_size, too_long
from ...logit.assumptions import LOGIT_ASSUMPTIONS
from ...logit.embedding_assumptions import EMBEDDING_ASSUMPTIONS
from . import assumptions as library
from . import growth, moves
from .invariants import DISCOVERY
from .problem import AttentionNTP

_OWN = (
    library.acyclic,
    library.cyclic,
    library.graph_svm_feasible,
    library.no_repeated_tokens,
    library.one_query,
    library.orthonormal_embeddings,
    library.some_cross_edge,
    library.strongly_connected,
)
ASSUMPTIONS = (*sorted((*_OWN, *EMBEDDING_ASSUMPTIONS), key=lambda entry: entry.name), *LOGIT_ASSUMPTIONS)


def read(record: Mapping[str, Any]) -> AttentionNTP:
    """The dataset of an instance record, with the sequences as they were written."""
    return load(record).problem


def load(record: Mapping[str, Any]) -> Loaded[AttentionNTP]:
    """The dataset of an instance record; where it has the names of `tokens`, sequences and labels may be written in words."""
    plain, names = split_names(record, ("tokens",))
    ids = {name: v for v, name in enumerate(names.get("tokens", ()))}
    plain = exactly({field: _numbered(value, ids, field) if ids and field in ("sequences", "labels") else value for field, value in plain.items()})
    if isinstance(plain.get("embeddings"), str):
        word = plain["embeddings"][:60]
        raise InvalidInput("embeddings", f"is the word {word!r}", 'give a matrix, or for linear-ntp the word "one-hot"')
    decode_dataset(plain)  # the kernel's messages, unknown fields included
    problem = AttentionNTP(plain["embeddings"], plain["sequences"], plain["labels"])
    tokens = counted(names, "tokens", problem.vocabulary_size, "tokens")
    words = {i: " ".join(tokens[v] for v in sequence) for i, sequence in enumerate(problem.sequences)} if tokens else {}
    return Loaded(problem, names=words, tokens=tokens)


def _numbered(value: Any, ids: Mapping[str, int], subject: str, depth: int = 2) -> Any:
    # Names of tokens as their ids; what is no word is left to the kernel.
    if isinstance(value, list) and depth:
        return [_numbered(entry, ids, f"{subject}[{i}]", depth - 1) for i, entry in enumerate(value)]
    if isinstance(value, str) and value not in ids and not value.isdecimal():
        raise InvalidInput(subject, f"{value[:60]!r} is not among the tokens", "write one of the names in tokens, or an id")
    return ids.get(value, value) if isinstance(value, str) else value


def answer(problem: AttentionNTP, request: Request) -> LimitAnswer | EnclosedAnswer:
    """The exact route with graphs, Graph-SVM, and where attention goes on the training sequences and on another one; beyond its reach
    the enclosed one."""
    facts = (
        ("sequences", f"{len(problem.sequences):,}"),
        ("tokens", f"{problem.vocabulary_size:,}"),
        ("embedding dimension", f"{problem.dimension:,}"),
    )
    exact = partial(_exact, problem, facts)
    more = {"facts": facts, "unit": "sequence", "tokens": problem.choice_sets}
    return answer_by_size(kind.name, problem, ASSUMPTIONS, kind.derived, request, exact, **more)


def refuse(problem: AttentionNTP, request: Request, wanted: Wanted) -> None:
    """What the route that counting chooses does not have, and a sequence that is none."""
    from .report import attended_sequence

    if "attend" in request.options:
        attended_sequence(problem, request.options["attend"], request.tokens)
    refuse_beyond(problem.conditional_logit(), request, wanted, too_long(problem))


def _exact(problem: AttentionNTP, facts: tuple[tuple[str, str], ...], request: Request) -> LimitAnswer:
    from .pictures import graph_figures
    from .report import attend_record, attended_sequence, attention_record
    from .view import attention_parts

    attended = {}
    if "attend" in request.options:
        attended = {"attend": attend_record(problem, attended_sequence(problem, request.options["attend"], request.tokens))}
    extra = attention_record(problem) | attended
    more = {"facts": facts, "unit": "sequence", "extra": extra, "pictures": partial(graph_figures, problem), "tokens": problem.choice_sets}
    return exact_answer(kind.name, problem, ASSUMPTIONS, request, parts=tuple(attention_parts(extra, request.tokens)), **more)


def strategy(**bounds: Any) -> Any:
    """`attention_ntps`, imported when somebody draws."""
    from .strategies import attention_ntps

    return attention_ntps(**bounds)


kind = Kind(
    name="attention-ntp",
    area="attention-ntp",
    title="Self-attention (2403.08081)",
    problem=AttentionNTP,
    read=read,
    load=load,
    strategy=strategy,
    domain=moves.belongs,
    enumerate=moves.enumerated,
    simplify=moves.simplifications,
    neighbours=moves.neighbours,
    measure=moves.measure,
    describe=AttentionNTP.view,
    assumptions=ASSUMPTIONS,
    answer=answer,
    refuse=refuse,
    derived=frozenset({"graph_svm_feasible", *(entry.name for entry in LOGIT_ASSUMPTIONS)}),
    options=(Option("attend", "Limit of attention on a sequence of ids or names, the query last.", '"1,2,0"'),),
    outline=growth.outline,
    vary=growth.vary,
    generators=growth.GENERATORS,
    discovery=DISCOVERY,
)
