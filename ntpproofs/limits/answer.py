"""What gradient descent converges to on given data: the report behind `ntpproofs limit`.

Small problems go through the exact route (separation, finite part, max-margin direction, all certified); one-hot corpora of any
size through the closed form of orthogonal embeddings, whose answer the kernel certifies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from math import log10
from pathlib import Path
from typing import Any

import numpy as np

from .. import assumptions as library
from ..errors import InvalidInput, TooLarge
from ..exact.balls import Interval
from ..exact.rational import written
from ..kernel import FORMAT, decode_dataset, digest, read, verify
from ..kernel.instances import Dataset
from ..logit.decomposition import decompose
from ..logit.finite_part import log_odds
from ..logit.margin import max_margin
from ..logit.problem import ConditionalLogit
from ..papers.attention_ntp.problem import AttentionNTP
from ..papers.linear_ntp.corpus import Corpus, embeddings_for, load_corpus
from ..papers.linear_ntp.problem import LinearNTP

LARGEST_MATRIX = 10**6
LARGEST_EXPONENT = 250  # of two
TEXTS = (".txt", ".md")


@dataclass(frozen=True, eq=False)
class Loaded:
    """A problem read from a file, the corpus behind it if it was a text, and sentences on what was done while reading."""

    problem: Any
    kind: str
    corpus: Corpus | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Limit:
    """The answer: `record` is the JSON of `limit --json`, `certificates()` the kernel records behind it, `extras` facts for
    people that have no place in the JSON (sizes, margin, the contexts that decide it)."""

    loaded: Loaded
    record: dict[str, Any]
    certificates: Callable[[], list[dict[str, Any]]]
    extras: dict[str, Any] = field(default_factory=dict)

    def certificate(self) -> dict[str, Any]:
        """The certificate document: instance, records, digest."""
        return document(self.loaded.problem, self.certificates())


def document(problem: Any, records: list[dict[str, Any]]) -> dict[str, Any]:
    """A certificate file: the instance of a problem, records about it, and their digest."""
    body: dict[str, Any] = {"format": FORMAT, "instance": problem.instance(), "certificates": records}
    return body | {"digest": digest(body)}


def load(path: str | Path, context: int = 2, embedding: str = "one-hot") -> Loaded:
    """Read an instance file (.json) or a corpus (.txt, .md).

    Raises `InvalidInput` for anything else, and for malformed content.
    """
    path = Path(path)
    if path.suffix in TEXTS:
        corpus = load_corpus(path, context)
        embeddings, how = embeddings_for(corpus, embedding)
        return Loaded(corpus.problem(embeddings), "linear-ntp", corpus, (how,))
    if embedding != "one-hot":
        raise InvalidInput("--embedding", f"applies to texts, and {path} is none", "drop the option or give a .txt or .md file")
    if path.suffix not in ("", ".json") and path.is_file():
        raise InvalidInput(str(path), f"has the unknown ending {path.suffix!r}", "give a .json instance or a .txt or .md text")
    record = read(path)
    if not isinstance(record, Mapping):
        raise InvalidInput(str(path), f"holds {type(record).__name__}, not an object", "see the page on file formats")
    try:
        _check_spelling(record)
        data = decode_dataset(record)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.subject}", error.reason, error.remedy) from None
    if data.kind not in library.BY_KIND:
        raise InvalidInput(f"{path}: kind", f"{data.kind!r} has no limit to compute here", f"kinds: {', '.join(library.BY_KIND)}")
    _representable(data, str(path))
    return Loaded(_problem(data, record), data.kind)


def _check_spelling(record: Mapping[str, Any]) -> None:
    # Two slips for which the kernel, which stays small, has only the message for any other object.
    embeddings, rows = record.get("embeddings"), record.get("probabilities")
    if isinstance(embeddings, str) and (embeddings != "one-hot" or record.get("kind") != "linear-ntp"):
        raise InvalidInput("embeddings", f"is the word {embeddings[:60]!r}", 'give a matrix, or for linear-ntp the word "one-hot"')
    if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) and "vocabulary_size" not in record:
        raise InvalidInput("probabilities[0]", "is sparse, and vocabulary_size is missing", 'add "vocabulary_size": V')


def _representable(data: Dataset, path: str) -> None:
    # Features are products of two entries, and squared norms are shown and proposed in floats: 10^300 and 10^-300 still fit.
    entries = (x for bank in (data.left, data.right) if bank is not None for row in bank for x in row)
    others = (x for block in data.blocks for x in (block.weight, *block.labels.values(), *(block.multiplicities or ())))
    for x in chain(entries, others):
        size = abs(x.numerator).bit_length() - x.denominator.bit_length()
        if x and abs(size) > LARGEST_EXPONENT:
            digits = round(size * log10(2))
            reason = f"has a number near 10^{digits}; floats, which propose and display, reach as far as 10^75 and 10^-75 here"
            raise TooLarge(path, reason, "choose other units")


def _problem(data: Dataset, record: Mapping[str, Any]) -> Any:
    if data.kind == "attention-ntp":  # the kernel keeps counts of tokens; people want their sequences back as they wrote them
        return AttentionNTP(record["embeddings"], record["sequences"], record["labels"])
    return LinearNTP.from_dataset(data) if data.kind == "linear-ntp" else ConditionalLogit.from_dataset(data)


def limit(loaded: Loaded) -> Limit:
    """Compute the limit of gradient descent on a loaded problem.

    Raises `TooLarge` where the exact route does not reach, saying how large the problem is and what to do.
    """
    problem = loaded.problem
    if isinstance(problem, LinearNTP) and problem.one_hot:
        return _one_hot(loaded, problem)
    return _exact(loaded)


def _exact(loaded: Loaded) -> Limit:
    problem = loaded.problem
    parts = decompose(problem)
    best, part = parts.max_margin, parts.finite_part
    shape = problem.conditional_logit().shape
    flat = loaded.kind == "conditional-logit"
    record = {
        "kind": loaded.kind,
        "separation": {"class": parts.separation.kind},
        "dimensions": {"tied": parts.tied.dimension, "diverging": parts.diverging.dimension, "invariant": parts.invariant.dimension},
        "assumptions": {name: getattr(library, name)(problem).outcome.value for name in library.BY_KIND[loaded.kind]},
        "finite_part": {"matrix": _shaped([float(x) for x in part.center], shape, flat), "radius": upward(part.radius)},
        "max_margin": {
            "matrix": _shaped([written(x) for x in best.direction], shape, flat),
            "squared_norm": written(best.squared_norm),
            "strictly_complementary": best.strictly_complementary,
        },
        "infimum": _infimum(parts.infimum, parts.attained),
    }
    if isinstance(problem, AttentionNTP):
        from ..papers.attention_ntp.report import attention_record

        record |= attention_record(problem)

    def certificates() -> list[dict[str, Any]]:
        compatibility = [log_odds(problem).certificate] if isinstance(problem, LinearNTP) else []
        return [parts.separation.certificate, best.certificate, *compatibility]

    return Limit(loaded, record, certificates, _extras(loaded, part.array, best.squared_norm, _decisive(loaded)))


def _one_hot(loaded: Loaded, problem: LinearNTP) -> Limit:
    from ..papers.linear_ntp.closed_forms import one_hot_limit

    found = one_hot_limit(problem)
    height, width = problem.data.shape
    small = height * width <= LARGEST_MATRIX
    records = found.certificates
    verify(document(problem, records))  # the closed form is a proposal until the kernel has seen it
    partial = any(len(support) < height for support in problem.supports)
    single = all(len(support) == 1 for support in problem.supports)
    known = {
        "completely_separable": single and height > 1,
        "nothing_separable": not partial,
        "something_separable": partial,
        "strictly_complementary": True,
        "unique_multipliers": True,
    }
    names = library.BY_KIND["linear-ntp"]
    assumptions = {name: ("holds" if known[name] else "fails") if name in known else getattr(library, name)(problem).outcome.value for name in names}
    kind = "overlap" if not partial else "complete" if single else "quasi-complete"
    record = {
        "kind": "linear-ntp",
        "separation": {"class": kind},
        "dimensions": found.dimensions,
        "assumptions": assumptions,
        "finite_part": {
            "matrix": found.finite_part_rows() if small else None,
            "radius": upward(found.finite_part_radius) if small else None,
        },
        "max_margin": {
            "matrix": [[written(x) for x in row] for row in found.max_margin_rows()] if small else None,
            "squared_norm": written(found.squared_norm),
            "strictly_complementary": True,
        },
        "infimum": _infimum(problem.entropy, not partial),
    }
    extras = _extras(loaded, None, found.squared_norm, found.decisive_contexts())
    extras["finite part norm"] = found.finite_part_norm
    return Limit(loaded, record, lambda: records, extras)


def _infimum(value: Interval, attained: bool) -> dict[str, Any]:
    return {"lower": 0.0 - upward(-value.lower), "upper": upward(value.upper), "attained": attained}


def upward(x: Fraction) -> float:
    """The smallest double at least as large as a rational.

    >>> upward(Fraction(1, 3)) > 1 / 3 or Fraction(upward(Fraction(1, 3))) >= Fraction(1, 3)
    True
    """
    value = float(x)
    return value if Fraction(value) >= x else float(np.nextafter(value, np.inf))


def _shaped(entries: list[Any], shape: tuple[int, int], flat: bool) -> Any:
    if len(entries) > LARGEST_MATRIX:
        return None
    return entries if flat else [entries[i * shape[1] : (i + 1) * shape[1]] for i in range(shape[0])]


def _extras(loaded: Loaded, finite_part: np.ndarray | None, squared: Fraction, decisive: list[dict[str, Any]]) -> dict[str, Any]:
    problem = loaded.problem
    extras: dict[str, Any] = {"margin": float(squared) ** -0.5 if squared else None, "max-margin norm": float(squared) ** 0.5}
    if finite_part is not None:
        extras["finite part norm"] = float(np.linalg.norm(finite_part))
    if isinstance(problem, LinearNTP):
        extras |= {
            "contexts": len(problem.supports),
            "vocabulary": problem.vocabulary_size,
            "embedding dimension": problem.dimension,
            "entropy": float(problem.entropy),
        }
    elif isinstance(problem, AttentionNTP):
        extras |= {"sequences": len(problem.sequences), "tokens": problem.vocabulary_size, "embedding dimension": problem.dimension}
    else:
        extras |= {"rows": len(problem.row_labels), "parameters": problem.dimension}
    return extras | {"decisive": decisive}


def _decisive(loaded: Loaded) -> list[dict[str, Any]]:
    # The contexts (or rows) that carry the margin: the share of each in |u|^2.
    shares = decompose(loaded.problem).max_margin.block_shares
    ranked = sorted(shares, key=lambda block: (-round(shares[block], 12), block))
    return [{"context": block, "share": shares[block], "margin": _margin_alone(loaded.problem, block)} for block in ranked[:5]]


def _margin_alone(problem: Any, block: int) -> float:
    # What a decoder of unit norm could reach if this context (sequence, row) were the whole dataset.
    alone: Any
    if isinstance(problem, LinearNTP):
        alone = LinearNTP([problem.embeddings[block]], [problem.probabilities[block]])
    elif isinstance(problem, AttentionNTP):
        alone = AttentionNTP(problem.embeddings, [problem.sequences[block]], [problem.labels[block]])
    else:
        alone = ConditionalLogit([problem.rows[block]])
    return float(max_margin(alone).squared_norm) ** -0.5
