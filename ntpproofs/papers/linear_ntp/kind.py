"""The kind "linear-ntp": fixed context embeddings and a trained decoder (2402.18551), from instance files and from texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...errors import InvalidInput
from ...kernel.instances import decode_dataset
from ...language.answers import Request, decided
from ...language.kinds import Kind, Loaded, Option
from ...language.verdicts import Outcome
from ...limits.enclosed_answer import EnclosedAnswer, enclosed_answer
from ...limits.exact_answer import LimitAnswer, exact_answer
from ...logit.anchored import reach
from ...logit.assumptions import LOGIT_ASSUMPTIONS
from ...logit.finite_part import log_odds
from . import assumptions as library
from . import moves
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
# The exact route takes minutes above: numerators grow with the rank, its linear programme with rank times rows.
LARGEST_RANK = 1_500
LARGEST_WORK = 30_000_000


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
    names = {j: corpus.words(j) for j in range(len(corpus.contexts))}
    return Loaded(corpus.problem(embeddings), (how,), names, corpus.tokens, observations=Fraction(corpus.length))


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
    logit = problem.conditional_logit()
    if not request.effort.exact and (reach(logit) > LARGEST_RANK or reach(logit) * len(problem.supports) * problem.vocabulary_size > LARGEST_WORK):
        return _enclosed(problem, request, facts)
    return exact_answer(kind.name, problem, ASSUMPTIONS, request, facts=facts, records=lambda: [log_odds(problem).certificate])


def _enclosed(problem: LinearNTP, request: Request, facts: tuple[tuple[str, str], ...]) -> EnclosedAnswer:
    # What the data decide themselves; separability and compatibility follow from the enclosure where no two contexts are one.
    solved = {"ntp_separable", "ntp_compatible", *(entry.name for entry in LOGIT_ASSUMPTIONS)}
    known = decided([entry for entry in ASSUMPTIONS if entry.name not in solved], problem)
    found = enclosed_answer(kind.name, problem, ASSUMPTIONS, known, request, facts=facts)
    return replace(found, body=found.body | {"assumptions": found.body["assumptions"] | _separability(problem, found.body, known)})


def _separability(problem: LinearNTP, body: Mapping[str, Any], known: Mapping[str, Outcome]) -> dict[str, str]:
    word, distinct = body["separation"]["class"], known["distinct_embeddings"] is Outcome.HOLDS
    if word == "overlap":
        separable = known["some_partial_support"] is Outcome.FAILS
        return {"ntp_separable": (Outcome.HOLDS if separable else Outcome.FAILS).value}
    if word == "undecided" or not distinct:
        return {}
    # Independent ties: some decoder has any differences of logits on the supports, the log-odds among them.
    return {"ntp_separable": Outcome.HOLDS.value, "ntp_compatible": Outcome.HOLDS.value}


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
)
