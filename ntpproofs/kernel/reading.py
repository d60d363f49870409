"""Reading untrusted JSON: exact numbers only, bounded size, one clear message for whatever is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import lcm
from pathlib import Path
from typing import Any

from ..errors import InvalidInput

INSTANCE_LIMIT = 64 * 2**20
CERTIFICATE_LIMIT = 512 * 2**20
QUOTE = 'write an integer or a "p/q" string such as "1/2"; in instance files a decimal in quotes will do too: "0.5"'
# Bits of the numerators of one vector over its common denominator, all together.
LARGEST_VECTOR = 2**26
_RATIONAL = re.compile(r"(-?[0-9]{1,200000})(?:/([0-9]{1,200000}))?")


def brief(value: Any) -> str:
    """At most 60 characters that show a value in a message (Python itself prints no integer beyond 4300 digits and nothing nested deeply)."""
    try:
        return (str(value) if isinstance(value, Fraction) else repr(value))[:60]
    except (ValueError, RecursionError):
        return "a value too long to print"


def require(condition: bool, subject: str, reason: str, remedy: str) -> None:
    """Refuse an input unless the condition holds."""
    if not condition:
        raise InvalidInput(subject, reason, remedy)


def _integer(digits: str) -> int:
    # int() refuses more than 4300 digits, a global limit that is left alone; splitting is also faster.
    if len(digits) <= 4_000:
        return int(digits)
    half, sign = len(digits) // 2, -1 if digits[0] == "-" else 1
    return _integer(digits[:-half]) * 10**half + sign * _integer(digits[-half:])


def ratio(value: Any, subject: str) -> tuple[int, int]:
    """The exact number written as an integer, a "p/q" string or a `Fraction`, as (p, q) with q > 0; floats are refused.

    >>> ratio("-3/6", "x")
    (-3, 6)
    """
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return value.numerator, value.denominator
    match = _RATIONAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInput(subject, f"{brief(value)} is not an exact number (floats are refused)", QUOTE)
    top, bottom = _integer(match[1]), _integer(match[2] or "1")
    require(bottom != 0, subject, f"{value[:60]!r} has denominator zero", "write a non-zero denominator")
    return top, bottom


def rational(value: Any, subject: str) -> Fraction:
    """`ratio` as a `Fraction`."""
    return value if isinstance(value, Fraction) else Fraction(*ratio(value, subject))


def index(value: Any, subject: str, bound: int) -> int:
    """`value` as an integer in 0..bound-1 (the keys of JSON objects arrive as strings)."""
    number = int(value) if isinstance(value, str) and re.fullmatch("0|[1-9][0-9]{0,17}", value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < bound:
        raise InvalidInput(subject, f"{brief(value)} is not an index in 0..{bound - 1}", "ids count from 0")
    return number


def listed(value: Any, subject: str, length: int | None = None) -> Sequence[Any]:
    """`value` if it is a list (or tuple), of exactly `length` entries if that is given."""
    require(isinstance(value, (list, tuple)), subject, f"is {type(value).__name__}, not a list", "see the page on file formats")
    require(length in (None, len(value)), subject, f"has {len(value)} entries where {length} are needed", f"give exactly {length}")
    return value


def field(record: Any, name: str, subject: str) -> Any:
    """`record[name]`, or a message naming the missing field."""
    require(isinstance(record, Mapping), subject, f"is {type(record).__name__}, not an object", "see the page on file formats")
    require(name in record, subject, f"has no field {name!r}", f"add {name!r}")
    return record[name]


def only(record: Mapping[str, Any], names: Sequence[str], subject: str) -> None:
    """Refuse fields a format does not have: a misspelt optional field must not pass in silence."""
    unknown = sorted(map(str, record.keys() - set(names)))
    require(not unknown, subject, f"has unknown fields: {brief(unknown)}", f"its fields are {', '.join(names)}")


def common_denominator(denominators: Iterable[int], entries: int) -> int:
    """The least common multiple, refused as soon as `entries` numbers over it would have more than `LARGEST_VECTOR` bits together."""
    common = 1
    for q in denominators:
        common = lcm(common, q)
        fits = common.bit_length() * entries <= LARGEST_VECTOR
        require(fits, "vector", f"has {entries:,} entries over a common denominator of {common.bit_length():,} bits or more", "reduce it")
    return common


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
        given = dict(enumerate(entries))
        return cls._overcommon_denominator(len(given), (0, 1), given)

    @classmethod
    def _overcommon_denominator(cls, length: int, default: tuple[int, int], given: Mapping[int, tuple[int, int]]) -> Vector:
        common = common_denominator(chain([default[1]], (q for _, q in given.values())), len(given))
        base = default[0] * (common // default[1])
        offsets = {i: p * (common // q) - base for i, (p, q) in given.items()}
        return cls(length, common, base, {i: x for i, x in offsets.items() if x})

    @classmethod
    def decode(cls, value: Any, subject: str, length: int) -> Vector:
        """Read either form; indices out of range and non-rational entries are refused."""
        if not isinstance(value, Mapping):
            return cls.dense(ratio(x, f"{subject}[{i}]") for i, x in enumerate(listed(value, subject, length)))
        proper = {"entries"} <= set(value) <= {"default", "entries"} and isinstance(value["entries"], Mapping)
        require(proper, subject, "is no sparse vector", 'write {"default": r, "entries": {"index": value}}')
        given = {index(k, f"{subject}.entries", length): ratio(x, f"{subject}.entries[{k}]") for k, x in value["entries"].items()}
        return cls._overcommon_denominator(length, ratio(value.get("default", 0), f"{subject}.default"), given)

    def __getitem__(self, i: int) -> int:
        return self.default + self.offsets.get(i, 0)

    def __iter__(self) -> Iterator[Fraction]:
        return (Fraction(self[i], self.denominator) for i in range(self.length))

    def vanishes(self) -> bool:
        """Whether every entry is zero."""
        return not any(map(self.__getitem__, self.offsets)) and (self.default == 0 or len(self.offsets) == self.length)

    def total(self) -> int:
        """The sum of all numerators."""
        return self.default * self.length + sum(self.offsets.values())

    def squared_norm(self) -> Fraction:
        """The sum of the squares of all entries."""
        squares = sum(self[i] ** 2 for i in self.offsets) + self.default**2 * (self.length - len(self.offsets))
        return Fraction(squares, self.denominator**2)

    def sizes(self) -> tuple[Fraction, Fraction]:
        """The sum of the sizes of all entries and the largest of them."""
        named, rest = [abs(self[i]) for i in self.offsets], self.length - len(self.offsets)
        largest = max([*named, *([abs(self.default)] if rest else [])], default=0)
        return Fraction(sum(named) + rest * abs(self.default), self.denominator), Fraction(largest, self.denominator)

    @staticmethod
    def combine(length: int, terms: Iterable[tuple[Fraction, Vector]]) -> Vector:
        """The linear combination sum of coefficient * vector."""
        terms = [(coefficient, vector) for coefficient, vector in terms if coefficient]
        bottom = common_denominator((c.denominator * v.denominator for c, v in terms), sum(len(v.offsets) for _, v in terms))
        default, offsets = 0, dict[int, int]()
        for coefficient, vector in terms:
            factor = coefficient.numerator * (bottom // (coefficient.denominator * vector.denominator))
            default += factor * vector.default
            for i, x in vector.offsets.items():
                offsets[i] = offsets.get(i, 0) + factor * x
        return Vector(length, bottom, default, {i: x for i, x in offsets.items() if x})


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    require(len(record) == len(pairs), "JSON", f"a key occurs twice in the object with keys {brief(list(record))}", "keep one")
    return record


def _number(text: str) -> int:
    return ratio(text, "JSON")[0]  # refuses floats, NaN and infinities


def parse(text: str, subject: str) -> Any:
    """Parse JSON without floats, without repeated keys, with integers of any length."""
    try:
        return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number, object_pairs_hook=_refuse_duplicates)
    except InvalidInput as error:
        raise InvalidInput(f"{subject}: {error.subject}", error.reason, error.remedy) from None
    except json.JSONDecodeError as error:
        reason = f"is not JSON ({error.msg} at line {error.lineno}, column {error.colno})"
        raise InvalidInput(subject, reason if text.strip() else "is empty", "see the page on file formats") from None
    except RecursionError:
        raise InvalidInput(subject, "is nested too deeply", "no format needs more than seven levels") from None


def content(path: str | Path, limit: int, remedy: str) -> str:
    """The text of a UTF-8 file of at most `limit` bytes, of a pipe or a device too, which do not say how large they are.

    Raises `InvalidInput` for a directory and for a missing, unreadable, oversized or non-UTF-8 file.
    """
    try:
        size = Path(path).stat().st_size
        require(size <= limit, str(path), f"has {size:,} bytes, the limit is {limit:,}", remedy)
        with open(path, "rb") as file:
            data = file.read(limit + 1)
        require(len(data) <= limit, str(path), f"has more than {limit:,} bytes, which is the limit", remedy)
        return data.decode("utf-8-sig")
    except InvalidInput:  # a ValueError itself
        raise
    except UnicodeDecodeError as error:
        raise InvalidInput(str(path), f"is not UTF-8 text ({error.reason} at byte {error.start})", "save it as UTF-8") from None
    except OSError as error:
        reason = "is a directory" if Path(path).is_dir() else f"cannot be read ({error.strerror})"
        raise InvalidInput(str(path), reason, "give the path of a readable file") from None
    except ValueError:  # a zero byte
        raise InvalidInput(repr(str(path))[:60], "is no path", "give the path of a readable file") from None


def read(path: str | Path, limit: int = INSTANCE_LIMIT) -> Any:
    """The parsed JSON of a file of at most `limit` bytes; `InvalidInput` says what is wrong with any other, and with malformed JSON."""
    return parse(content(path, limit, "give a smaller instance"), str(path))
