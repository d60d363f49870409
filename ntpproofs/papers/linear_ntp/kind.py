"""The kind "linear-ntp": fixed context embeddings and a trained decoder (2402.18551), from instance files and from texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...errors import InvalidInput, OutOfTime
from ...exact.numbers import exactly
from ...kernel.instances import decode_dataset
from ...language.answers import Request
from ...language.kinds import Kind, Loaded, Option
from ...language.naming import counted, numbered, split_names
from ...language.tables import ENDINGS as TABLES
from ...language.wanted import Wanted
from ...limits.enclosed_answer import EnclosedAnswer
from ...limits.exact_answer import WITHIN, LimitAnswer, exact_answer
from ...limits.refusals import refuse_beyond
from ...logit.assumptions import LOGIT_ASSUMPTIONS
from ...logit.finite_part import log_odds
from . import assumptions as library
from . import growth, moves
from .counts import shares
from .enclosed import enclosed, is_open, too_long
from .invariants import DISCOVERY
from .problem import LinearNTP

ASSUMPTIONS = (
    library.binary_vocabulary,
    library.distinct_embeddings,
    library.equal_supports,
    library.independent_embeddings,
    library.nonzero_embeddings,
    library.ntp_compatible,
    library.ntp_separable,
    library.orthogonal_embeddings,
    library.single_token_supports,
    library.some_partial_support,
    library.wide_embeddings,
    *LOGIT_ASSUMPTIONS,
)
CONTEXT, EMBEDDING = "2", "one-hot"
TEXTS = (".txt", ".md")


def read(record: Mapping[str, Any]) -> LinearNTP:
    """The dataset of an instance record."""
    return load(record).problem


def load(record: Mapping[str, Any]) -> Loaded[LinearNTP]:
    """The dataset of an instance record, with `counts` in place of probabilities and weights, and names of `tokens` and `contexts`."""
    plain, names = split_names(record, ("tokens", "contexts"))
    plain, observations = _counted(exactly(plain)), None
    if "counts" in plain:
        plain["probabilities"], plain["weights"], observations = shares(plain.pop("counts"))
        plain["probabilities"] = [{"entries": row} if isinstance(row, dict) else row for row in plain["probabilities"]]
    # Two slips for which the kernel, which stays small, has only the message for any other object.
    embeddings, rows = plain.get("embeddings"), plain.get("probabilities")
    if isinstance(embeddings, str) and embeddings != "one-hot":
        raise InvalidInput("embeddings", f"is the word {embeddings[:60]!r}", 'give a matrix, or for linear-ntp the word "one-hot"')
    if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) and "vocabulary_size" not in plain:
        raise InvalidInput("probabilities[0]", "is sparse, and vocabulary_size is missing", 'add "vocabulary_size": V')
    problem = LinearNTP.from_dataset(decode_dataset(plain))
    tokens = counted(names, "tokens", problem.vocabulary_size, "tokens")
    contexts = counted(names, "contexts", len(problem.data.blocks), "contexts")
    return Loaded(problem, names=numbered(contexts), tokens=tokens, observations=observations)


def _counted(record: dict[str, Any]) -> dict[str, Any]:
    for other in ("probabilities", "weights") if "counts" in record else ():
        if other in record:
            raise InvalidInput(other, "stands beside counts, which determine it", "drop one of them")
    return record


def read_text(path: Path, options: Mapping[str, str]) -> Loaded[LinearNTP]:
    """The counts of a text: `context` tokens of context, `embedding` one-hot, gaussian:D[:SEED] or a file, `tokens` how to split."""
    from .corpus import load_corpus
    from .embeddings import embeddings_for

    context = options.get("context", CONTEXT)
    if not context.lstrip("-").isdecimal() or len(context) > 9:
        raise InvalidInput("--context", f"is {context[:60]!r}", "give the number of tokens of a context")
    corpus, split = load_corpus(path, int(context), options.get("tokens", ""))
    embeddings, how = embeddings_for(corpus, options.get("embedding", EMBEDDING), options.get("pool"))
    names = {j: corpus.words(j) for j in range(len(corpus.contexts))}
    return Loaded(corpus.problem(embeddings), (split, how), names, corpus.tokens, observations=Fraction(corpus.length))


def read_table(path: Path, options: Mapping[str, str]) -> Loaded[LinearNTP]:
    """The counts of a table: columns `context` and `next`, and `count` where rows are not single observations."""
    from ...language.tables import read_frame
    from .count_tables import count_table
    from .embeddings import embeddings_for

    if "context" not in options:
        raise InvalidInput("--context", "is missing", "name the column of contexts beside --next")
    found = count_table(read_frame(path, options.get("round-to")), options["context"], options["next"], options.get("count"))
    embeddings, how = embeddings_for(found, options.get("embedding", EMBEDDING))
    problem = LinearNTP.from_counts(embeddings, [dict(row) for row in found.counts], vocabulary_size=len(found.tokens))
    read = f"{len(found.contexts):,} contexts from {options['context']}, {len(found.tokens):,} tokens from {options['next']}"
    return Loaded(problem, (read, how), numbered(found.contexts), found.tokens, observations=found.length)


def refuse(problem: LinearNTP, request: Request, wanted: Wanted) -> None:
    """What the route that counting chooses does not have."""
    refuse_beyond(problem.conditional_logit(), request, wanted, "" if problem.one_hot else too_long(problem), closed=problem.one_hot)


def answer(problem: LinearNTP, request: Request) -> LimitAnswer | EnclosedAnswer:
    """The closed form for one-hot embeddings, which has no largest size; the exact route; beyond its reach the enclosed one."""
    facts = (
        ("contexts", f"{len(problem.supports):,}"),
        ("vocabulary", f"{problem.vocabulary_size:,}"),
        ("embedding dimension", f"{problem.dimension:,}"),
        ("entropy", f"{float(problem.entropy):.9g} nats"),
    )
    if problem.one_hot:
        from .one_hot_answer import one_hot_answer

        return one_hot_answer(problem, ASSUMPTIONS, request, facts=facts)
    seconds, why = request.effort.seconds, "" if request.effort.exact else too_long(problem)
    if why:
        found = enclosed(problem, ASSUMPTIONS, request, facts, why)
        return _exact(problem, request, facts, "the enclosed one left the class open") if seconds is None and is_open(problem, found) else found
    if seconds is None or request.effort.exact:
        return _exact(problem, request, facts, "insisted on" if request.effort.exact else WITHIN)
    # Half of the time is for the exact answer, the other half for an enclosed one where that was too little.
    half = replace(request, effort=replace(request.effort, seconds=seconds / 2))
    try:
        return _exact(problem, half, facts, WITHIN)
    except OutOfTime:
        return enclosed(problem, ASSUMPTIONS, half, facts, f"the exact route was not through after {seconds / 2:g} s")


def _exact(problem: LinearNTP, request: Request, facts: tuple[tuple[str, str], ...], why: str) -> LimitAnswer:
    return exact_answer(kind.name, problem, ASSUMPTIONS, request, facts=facts, why=why, records=lambda: [log_odds(problem).certificate])


def strategy(**bounds: Any) -> Any:
    """`linear_ntps`, imported when somebody draws."""
    from .strategies import linear_ntps

    return linear_ntps(**bounds)


kind = Kind(
    name="linear-ntp",
    area="linear-ntp",
    title="Linear next-token prediction (2402.18551)",
    problem=LinearNTP,
    read=read,
    load=load,
    strategy=strategy,
    domain=moves.belongs,
    enumerate=moves.enumerated,
    simplify=moves.simplifications,
    neighbours=moves.neighbours,
    measure=moves.measure,
    describe=LinearNTP.view,
    assumptions=ASSUMPTIONS,
    answer=answer,
    refuse=refuse,
    derived=frozenset({"ntp_separable", *(entry.name for entry in LOGIT_ASSUMPTIONS)}),
    options=(
        Option("context", "Tokens of context, for texts; the column of contexts, for tables.", "N", True, (*TEXTS, *TABLES)),
        Option("embedding", "one-hot, gaussian:D[:SEED] or FILE.npy, for texts and tables of counts.", reading=True),
        Option("pool", "For FILE.npy with one row per token: mean, last or sum over a context.", "RULE", True, TEXTS),
        Option("tokens", "How to split a text: words, characters, lines, whitespace, or FILE.json with ids.", "RULE", True, TEXTS),
        Option("next", "The column of next tokens.", "COLUMN", True, TABLES, True),
        Option("count", "The column of counts.", "COLUMN", True, TABLES),
        Option("round-to", "Step to which floats of a Parquet file are rounded.", "STEP", True, (".parquet",)),
    ),
    files=dict.fromkeys(TEXTS, read_text) | dict.fromkeys(TABLES, read_table),
    outline=growth.outline,
    vary=growth.vary,
    generators=growth.GENERATORS,
    discovery=DISCOVERY,
)
