"""From a file to an answer: read an instance or a text, ask its kind what training converges to, write the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from math import log10
from pathlib import Path
from typing import Any

from ..checking.kinds import kind_named, kind_of, kinds
from ..errors import InvalidInput, TooLarge
from ..kernel import FORMAT, digest, read
from ..kernel.instances import KINDS as DATASETS
from ..kernel.reading import field as key
from ..language.answers import Answer, Effort, Request
from ..language.kinds import Kind, Loaded, Problem
from ..language.wanted import Wanted
from ..logit.protocols import Reducible, reduces
from .exact_answer import exact_answer
from .refusals import refuse_beyond
from .rows_route import answer_by_size, too_long

LARGEST_EXPONENT = 250  # of two


@dataclass(frozen=True, eq=False)
class Question:
    """A problem, its kind, and what is asked besides."""

    kind: Kind[Any]
    problem: Problem
    request: Request = field(default_factory=Request)

    def asking(self, everything: bool, effort: Effort | None = None) -> Question:
        """The same question, about every coordinate where `everything` is true, with as much `effort` as is given."""
        return replace(self, request=replace(self.request, everything=everything, effort=effort or self.request.effort))

    def refuse(self, wanted: Wanted) -> None:
        """Raise `InvalidInput` or `TooLarge` for what the answer could not give of this request and of what is wanted besides.

        From counting alone: an option that does not apply is refused before any work and before anything is shown.
        """
        kind, save = self.kind, self.request.effort.save
        if wanted.certificate and kind.name not in DATASETS and not reduces(self.problem):
            raise _no_dataset(kind.name)
        if kind.refuse is not None:
            kind.refuse(self.problem, self.request, wanted)
        elif kind.answer is None and isinstance(self.problem, Reducible):
            logit = self.problem.conditional_logit()
            refuse_beyond(logit, self.request, wanted, too_long(self.problem))
        if save is not None and not answers_by_logit(kind, self.problem):
            raise InvalidInput("--save", f"keeps runs of the enclosed route, which {kind.name} does not have", "drop the option")

    def answer(self) -> Answer:
        """What training converges to.

        Raises `TooLarge` where the kind's route does not reach, saying how large the problem is and what to do.
        """
        return answer_of(self.problem, self.request)


def answer_of(problem: Problem, request: Request | None = None) -> Answer:
    """The answer of a problem's kind; a kind that reduces and adds nothing has that of its conditional logit.

    Raises `InvalidInput` for a class that belongs to no kind.

    >>> from ntpproofs import ConditionalLogit
    >>> answer_of(ConditionalLogit([(1, 0, [["1"], ["0"]])])).record()["separation"]
    {'class': 'complete'}
    """
    kind, request = kind_of(problem), request or Request()
    if kind is None:
        raise InvalidInput("problem", f"is a {type(problem).__name__}, which is no kind of problem", f"kinds: {', '.join(kinds())}")
    if kind.answer is not None:
        found: Answer = kind.answer(problem, request)
        return found
    if not isinstance(problem, Reducible):
        raise InvalidInput(f"kind {kind.name}", "neither reduces to a conditional logit nor has an answer", "set `answer`")
    plain = partial(exact_answer, kind.name, problem, kind.assumptions)
    logit = problem.conditional_logit()
    facts = (("rows", f"{len(logit.row_labels):,}"), ("coefficients", f"{logit.dimension:,}"))
    return answer_by_size(kind.name, problem, kind.assumptions, kind.derived, request, plain, facts=facts, unit="row")


def document(problem: Problem, records: list[dict[str, Any]]) -> dict[str, Any]:
    """A certificate file: an instance that the kernel reads, records about it, and their digest.

    Raises `InvalidInput` for a problem of which the kernel knows no dataset.
    """
    instance = problem.instance()
    if instance.get("kind") not in DATASETS:
        if not reduces(problem):
            raise _no_dataset(str(instance.get("kind")))
        instance = problem.conditional_logit().instance()
    body: dict[str, Any] = {"format": FORMAT, "instance": instance, "certificates": records}
    return body | {"digest": digest(body)}


def _no_dataset(kind: str) -> InvalidInput:
    return InvalidInput("--certificate", f"has nothing to hold for {kind}", "drop the option")


def load(path: str | Path, options: Mapping[str, str] | None = None) -> Question:
    """Read an instance file (.json), or a file of another format that some kind reads (a text, a table).

    `options` are those of kinds, by name. Raises `InvalidInput` for anything else, for malformed content, and for options that do
    not apply.
    """
    path, options = Path(path), options or {}
    ending = path.suffix.lower()
    readers = [] if ending == ".json" else [kind for kind in kinds().values() if ending in kind.files]  # JSON is an instance of some kind
    if readers:
        kind = _reader(readers, path, options)
        _refuse(options, kind, ending)
        found = kind.files[ending](path, options)
        _representable(kind, found.problem, str(path))
        return question(kind, found, options)
    if ending not in ("", ".json") and path.is_file():
        raise InvalidInput(str(path), f"has the unknown ending {path.suffix!r}", f"give a .json instance, or one of {_endings()}")
    for name in options:
        _refuse_reading(name, str(path))
    return _instance(path, options)


def _instance(path: Path, options: Mapping[str, str]) -> Question:
    record = read(path)
    if not isinstance(record, Mapping):
        raise InvalidInput(str(path), f"holds {type(record).__name__}, not an object", "see the page on file formats")
    try:
        kind = kind_named(key(record, "kind", "instance"))
        found = kind.loaded(record)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.subject}", error.reason, error.remedy) from None
    _representable(kind, found.problem, str(path))
    _refuse(options, kind, "")
    return question(kind, found, options)


def question(kind: Kind[Any], found: Loaded[Any], options: Mapping[str, str]) -> Question:
    """A problem as it was read, with its names, and what is asked about it."""
    return Question(kind, found.problem, Request(options, found.notes, found.names, found.tokens, found.coordinates, False, found.observations))


def _endings() -> str:
    return ", ".join(sorted({ending for kind in kinds().values() for ending in kind.files}))


def _needed(kind: Kind[Any], ending: str) -> list[str]:
    return [option.name for option in kind.options if option.needed and option.applies(ending)]


def _reader(readers: list[Kind[Any]], path: Path, options: Mapping[str, str]) -> Kind[Any]:
    # The kind whose needed options are given; where one kind reads the ending and needs nothing there is no choice.
    ending = path.suffix.lower()
    meant = [kind for kind in readers if all(name in options for name in _needed(kind, ending))]
    if len(meant) == 1:
        return meant[0]
    ways = " or ".join(" and ".join(f"--{name} {_metavar(kind, name)}" for name in _needed(kind, ending)) + f" ({kind.name})" for kind in readers)
    if meant:
        raise InvalidInput(" and ".join(f"--{name}" for kind in meant for name in _needed(kind, ending)), "ask for two kinds at once", f"give {ways}")
    raise InvalidInput(str(path), "can be read in several ways", f"give {ways}")


def _metavar(kind: Kind[Any], name: str) -> str:
    return next(option.metavar for option in kind.options if option.name == name)


def _refuse_reading(name: str, path: str) -> None:
    # An option about reading files of other formats, given with an instance file: it would do nothing.
    found = [option for kind in kinds().values() for option in kind.options if option.name == name]
    if found and all(option.reading for option in found):
        endings = sorted({ending for kind in kinds().values() for o in kind.options if o.name == name for ending in (o.endings or kind.files)})
        raise InvalidInput(f"--{name}", f"is about files of other formats, and {path} is an instance", f"drop it or give {', '.join(endings)}")


def _refuse(options: Mapping[str, str], kind: Kind[Any], ending: str) -> None:
    # An option that is not about this kind of problem, or not about this kind of file.
    for name in options:
        if any(option.name == name and option.applies(ending) for option in kind.options):
            continue
        owners = [other for other in kinds().values() if any(option.name == name for option in other.options)]
        if not owners:
            raise InvalidInput(f"--{name}", "is no option of any kind of problem", "see `ntpproofs limit --help`")
        if kind in owners:
            endings = sorted({e for option in kind.options if option.name == name for e in (option.endings or kind.files)})
            raise InvalidInput(f"--{name}", f"does nothing with {ending} files", f"drop it; it is about {', '.join(endings)}")
        names = [other.name for other in owners]
        article = "an" if names[0][0] in "aeiou" else "a"
        raise InvalidInput(
            f"--{name}", f"applies to {' and '.join(names)}, and this is {kind.name}", f"drop the option or give {article} {names[0]} file"
        )


def answers_by_logit(kind: Kind[Any], problem: Problem) -> bool:
    """Whether an answer writes the conditional logit out: of the kernel's own datasets and of kinds with no closed forms of their own."""
    return isinstance(problem, Reducible) and (kind.answer is None or kind.name in DATASETS)


def _representable(kind: Kind[Any], problem: Problem, path: str) -> None:
    # Features are products of two entries, and squared norms are shown and proposed in floats: 10^300 and 10^-300 still fit.
    if not answers_by_logit(kind, problem) or not isinstance(problem, Reducible):
        return
    data = problem.conditional_logit().data
    entries = (x for bank in (data.left, data.right) if bank is not None for row in bank for x in row)
    others = (x for block in data.blocks for x in (block.weight, *block.labels.values(), *(block.multiplicities or ())))
    for x in chain(entries, others):
        size = abs(x.numerator).bit_length() - x.denominator.bit_length()
        if x and abs(size) > LARGEST_EXPONENT:
            digits = round(size * log10(2))
            reason = f"has a number near 10^{digits}; floats, which propose and display, reach as far as 10^75 and 10^-75 here"
            raise TooLarge(path, reason, "choose other units")
