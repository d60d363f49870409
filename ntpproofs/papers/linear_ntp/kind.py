"""The kind "linear-ntp": fixed context embeddings and a trained decoder (2402.18551), from instance files and from texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import InvalidInput
from ...kernel.instances import decode_dataset
from ...language.answers import Request
from ...language.kinds import Kind, Loaded, Option
from ...limits.exact_answer import LimitAnswer, exact_answer
from ...logit.assumptions import LOGIT_ASSUMPTIONS
from ...logit.finite_part import log_odds
from . import assumptions as library
from . import growth, moves
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


def read(record: Mapping[str, Any]) -> LinearNTP:
    """The dataset of an instance record."""
    # Two slips for which the kernel, which stays small, has only the message for any other object.
    embeddings, rows = record.get("embeddings"), record.get("probabilities")
    if isinstance(embeddings, str) and embeddings != "one-hot":
        raise InvalidInput("embeddings", f"is the word {embeddings[:60]!r}", 'give a matrix, or for linear-ntp the word "one-hot"')
    if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) and "vocabulary_size" not in record:
        raise InvalidInput("probabilities[0]", "is sparse, and vocabulary_size is missing", 'add "vocabulary_size": V')
    return LinearNTP.from_dataset(decode_dataset(record))


def read_text(path: Path, options: Mapping[str, str]) -> Loaded[LinearNTP]:
    """The counts of a text: `context` tokens of context, `embedding` one-hot, gaussian:D[:SEED] or a file."""
    from .corpus import embeddings_for, load_corpus

    context = options.get("context", CONTEXT)
    if not context.lstrip("-").isdecimal():
        raise InvalidInput("--context", f"is {context!r}", "give the number of tokens of a context")
    corpus = load_corpus(path, int(context))
    embeddings, how = embeddings_for(corpus, options.get("embedding", EMBEDDING))
    return Loaded(corpus.problem(embeddings), (how,), {j: corpus.words(j) for j in range(len(corpus.contexts))})


def answer(problem: LinearNTP, request: Request) -> LimitAnswer:
    """The closed form for one-hot embeddings, which has no largest size; for all others the exact route."""
    facts = (
        ("contexts", f"{len(problem.supports):,}"),
        ("vocabulary", f"{problem.vocabulary_size:,}"),
        ("embedding dimension", f"{problem.dimension:,}"),
        ("entropy", f"{float(problem.entropy):.9g} nats"),
    )
    if problem.one_hot:
        from .one_hot_answer import one_hot_answer

        return one_hot_answer(problem, ASSUMPTIONS, request, facts=facts)
    return exact_answer(kind.name, problem, ASSUMPTIONS, request, facts=facts, records=lambda: [log_odds(problem).certificate])


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
    strategy=strategy,
    domain=moves.belongs,
    enumerate=moves.enumerated,
    simplify=moves.simplifications,
    neighbours=moves.neighbours,
    measure=moves.measure,
    describe=LinearNTP.view,
    assumptions=ASSUMPTIONS,
    answer=answer,
    derived=frozenset({"ntp_separable", *(entry.name for entry in LOGIT_ASSUMPTIONS)}),
    options=(
        Option("context", "Tokens of context, for texts.", "N", reading=True),
        Option("embedding", "one-hot, gaussian:D[:SEED] or FILE.npy, for texts.", reading=True),
    ),
    files={".txt": read_text, ".md": read_text},
    outline=growth.outline,
    vary=growth.vary,
    generators=growth.GENERATORS,
)
