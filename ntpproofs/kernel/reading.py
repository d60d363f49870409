"""Reading untrusted JSON: exact numbers only, bounded size, one clear message for whatever is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

from ..errors import InvalidInput

INSTANCE_LIMIT = 64 * 2**20
CERTIFICATE_LIMIT = 512 * 2**20
_RATIONAL = re.compile(r"(-?)([0-9]{1,200000})(?:/([0-9]{1,200000}))?", re.ASCII)


def _integer(digits: str) -> int:
    # CPython refuses int() beyond 4300 digits; splitting leaves that global limit alone.
    if len(digits) <= 4_000:
        return int(digits)
    half = len(digits) // 2
    return _integer(digits[:-half]) * 10**half + _integer(digits[-half:])


def ratio(value: Any, subject: str) -> tuple[int, int]:
    """The exact number written as an integer, a "p/q" string or a `Fraction`, as (p, q) with q > 0; floats are refused.

    >>> ratio("-3/6", "x")
    (-3, 6)
    """
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return value.numerator, value.denominator
    remedy = 'write an integer or a "p/q" string'
    if isinstance(value, float):
        raise InvalidInput(subject, f"{value!r} is a float, and floats are not exact", remedy)
    match = _RATIONAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInput(subject, f"{repr(value)[:60]} is not a rational number", remedy)
    top, bottom = _integer(match[2]), _integer(match[3] or "1")
    if bottom == 0:
        raise InvalidInput(subject, f"{value[:60]!r} has denominator zero", "write a non-zero denominator")
    return (-top if match[1] else top), bottom


def rational(value: Any, subject: str) -> Fraction:
    """`ratio` as a `Fraction`."""
    return value if isinstance(value, Fraction) else Fraction(*ratio(value, subject))


def listed(value: Any, subject: str, length: int | None = None) -> Sequence[Any]:
    """`value` if it is a list, of exactly `length` entries if that is given."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidInput(subject, f"is {type(value).__name__}, not a list", "see the page on file formats")
    if length is not None and len(value) != length:
        raise InvalidInput(subject, f"has {len(value)} entries where {length} are needed", f"give exactly {length}")
    return value


def index(value: Any, subject: str, bound: int) -> int:
    """`value` as an integer in 0..bound-1 (the keys of JSON objects arrive as strings)."""
    number = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < bound:
        raise InvalidInput(subject, f"{value!r} is not an index in 0..{bound - 1}", "ids count from 0")
    return number


def field(record: Any, name: str, subject: str) -> Any:
    """`record[name]`, or a message naming the missing field."""
    if not isinstance(record, Mapping):
        raise InvalidInput(subject, f"is {type(record).__name__}, not an object", "see the page on file formats")
    if name not in record:
        raise InvalidInput(subject, f"has no field {name!r}", f"add {name!r}")
    return record[name]


@dataclass(frozen=True)
class Vector:
    """A rational vector of `length` entries over one `denominator`: v[i] = default + offsets.get(i, 0) is a numerator.

    Written as a list, or as {"default": r, "entries": {"i": value}} when almost all entries are equal; the second form
    is what lets a closed form on thousands of one-hot contexts be written down and checked.
    """

    length: int
    denominator: int
    default: int
    offsets: Mapping[int, int]

    @classmethod
    def dense(cls, entries: Iterable[tuple[int, int]]) -> Vector:
        """The vector with the given entries (p, q)."""
        pairs = list(entries)
        bottom = lcm(*(q for _, q in pairs))
        return cls(len(pairs), bottom, 0, {i: p * (bottom // q) for i, (p, q) in enumerate(pairs) if p})

    @classmethod
    def decode(cls, value: Any, subject: str, length: int) -> Vector:
        """Read either form; indices out of range and non-rational entries are refused."""
        if not isinstance(value, Mapping):
            return cls.dense(ratio(x, f"{subject}[{i}]") for i, x in enumerate(listed(value, subject, length)))
        if not {"entries"} <= set(value) <= {"default", "entries"} or not isinstance(value["entries"], Mapping):
            raise InvalidInput(subject, "is no sparse vector", 'write {"default": r, "entries": {"index": value}}')
        top, bottom = ratio(value.get("default", 0), f"{subject}.default")
        given = {index(k, f"{subject}.entries", length): ratio(x, f"{subject}.entries[{k}]") for k, x in value["entries"].items()}
        if len(given) != len(value["entries"]):
            raise InvalidInput(f"{subject}.entries", "names an index twice", "write each index once, without leading zeros")
        common = lcm(bottom, *(q for _, q in given.values()))
        default = top * (common // bottom)
        offsets = {i: p * (common // q) - default for i, (p, q) in given.items()}
        return cls(length, common, default, {i: x for i, x in offsets.items() if x})

    def __getitem__(self, i: int) -> int:
        return self.default + self.offsets.get(i, 0)

    def __iter__(self) -> Iterator[Fraction]:
        return (Fraction(self[i], self.denominator) for i in range(self.length))

    def vanishes(self) -> bool:
        """Whether every entry is zero."""
        return not self.default and not self.offsets

    def total(self) -> int:
        """The sum of all numerators."""
        return self.default * self.length + sum(self.offsets.values())

    @staticmethod
    def combine(length: int, terms: Iterable[tuple[Fraction, Vector]]) -> Vector:
        """The linear combination sum of coefficient * vector."""
        terms = [(coefficient, vector) for coefficient, vector in terms if coefficient]
        bottom = lcm(*(c.denominator * v.denominator for c, v in terms))
        default, offsets = 0, dict[int, int]()
        for coefficient, vector in terms:
            factor = coefficient.numerator * (bottom // (coefficient.denominator * vector.denominator))
            default += factor * vector.default
            for i, x in vector.offsets.items():
                offsets[i] = offsets.get(i, 0) + factor * x
        return Vector(length, bottom, default, {i: x for i, x in offsets.items() if x})


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise InvalidInput("JSON", f"a key occurs twice in the object with keys {sorted(record)[:9]}", "keep one")
    return record


def _refuse_float(text: str) -> Any:
    return rational(float(text), "JSON")


def parse(text: str, subject: str) -> Any:
    """Parse JSON without floats, without repeated keys, without Python's limit on the digits of an integer."""
    hooks: dict[str, Any] = {"object_pairs_hook": _refuse_duplicates, "parse_float": _refuse_float}
    try:
        integers = lambda digits: rational(digits, "JSON").numerator  # noqa: E731
        return json.loads(text, parse_constant=_refuse_float, parse_int=integers, **hooks)
    except InvalidInput as error:
        raise InvalidInput(f"{subject}: {error.subject}", error.reason, error.remedy) from None
    except json.JSONDecodeError as error:
        reason = f"is not JSON ({error.msg} at line {error.lineno}, column {error.colno})"
        raise InvalidInput(subject, reason if text.strip() else "is empty", "see the page on file formats") from None
    except RecursionError:
        raise InvalidInput(subject, "is nested too deeply", "no format needs more than six levels") from None


def read(path: str | Path, limit: int = INSTANCE_LIMIT) -> Any:
    """The parsed JSON of a file of at most `limit` bytes.

    Raises `InvalidInput` for a directory, a missing, unreadable, oversized or non-UTF-8 file, and for malformed JSON.
    """
    try:
        size = Path(path).stat().st_size
        if size > limit:
            raise InvalidInput(str(path), f"has {size:,} bytes, the limit is {limit:,}", "give a smaller instance")
        return parse(Path(path).read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 text ({error.reason} at byte {error.start})"
        raise InvalidInput(str(path), reason, "save it as UTF-8") from None
    except OSError as error:
        reason = "is a directory" if Path(path).is_dir() else f"cannot be read ({error.strerror})"
        raise InvalidInput(str(path), reason, "give the path of a readable file") from None
