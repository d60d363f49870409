"""Tables: columns of exact numbers or of words, from CSV, TSV and Parquet files, data frames and mappings.

A cell is a number if it is written as one ("5.1", "3e-2", "1/3"); a column is of numbers or of words, and a mixture is refused because one
of them is a slip. Missing cells are refused too: what to do about them is a decision about the data. Both are said of columns that are
used: the others may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from ..exact.numbers import exactly, number
from ..exact.rational import written
from ..kernel.reading import INSTANCE_LIMIT, brief, content
from .delimited import records

Cell = Fraction | str
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
ENDINGS = (".csv", ".tsv", ".parquet")
# Numbers as people write them too: 1,5 and 1,000 and 1 000, 5%, $5, a typesetter's minus, digits of other scripts, 0x10, inf.
NUMBERLIKE = re.compile(
    r"[-+\u2212\u2013]?[$\u20ac\u00a3]?\s?(?:\d{1,3}(?:[.,'\u2019_\s]\d{3})+(?:[.,]\d*)?|\d*[.,]?\d+|\d+[.,]|0x[0-9a-f]+|inf(?:inity)?|\u221e)"
    r"(?:e[-+\u2212]?\d+)?\s?[%$\u20ac\u00a3]?",
    re.IGNORECASE,
)
PLAINLY = "write 1234.5: a decimal point, no separators and no units; or a word (x1)"


@dataclass(frozen=True)
class Column:
    """A column by name: every cell a number, or every cell a word, else `fault` says what is wrong; `given` are the cells as they came."""

    name: str
    cells: tuple[Cell, ...]
    fault: InvalidInput | None = None
    given: Sequence[Any] = ()

    @property
    def numeric(self) -> bool:
        """Whether the cells are numbers."""
        return not self.cells or isinstance(self.cells[0], Fraction)

    @property
    def levels(self) -> tuple[Cell, ...]:
        """The different cells, in their order (numbers by size, words by the alphabet)."""
        return tuple(sorted(set(self.cells)))


@dataclass(frozen=True)
class Frame:
    """A table: columns of equal length, `lines` where its rows stand (lines of a file from 1, else rows from 0), `subject` the file if any."""

    columns: tuple[Column, ...]
    lines: Sequence[int]
    subject: str = ""

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str, option: str) -> Column:
        """The column of a name. Raises `InvalidInput` for an unknown one, naming the option that asked, and for one with a fault."""
        found = self._named(name, option)
        if found.fault is not None:
            raise found.fault
        return found

    def words(self, name: str, option: str) -> tuple[str, ...]:
        """The cells of a column as words, whatever they look like: names of tokens, of which "3" and "none" are two.

        >>> parse_frame("next\\n3\\nnone\\n1.0", ",", "a.csv").words("next", "--next")
        ('3', 'none', '1.0')
        """
        found = self._named(name, option)
        if not all(isinstance(value, str) for value in found.given):
            return tuple(map(say, self.column(name, option).cells))
        if "" in found.given:
            raise InvalidInput(self._cell(name, list(found.given).index("")), "is empty", "leave the row out, or fill the cell in")
        return tuple(found.given)

    def _cell(self, name: str, row: int) -> str:
        return f"{self.subject}, " * bool(self.subject) + f"column {name!r}, {self.place(row)}"

    def _named(self, name: str, option: str) -> Column:
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            names = ", ".join(column.name for column in self.columns[:20])
            raise InvalidInput(option, f"names no column of the table: {brief(name)}", f"the columns are {names}")
        return found

    def place(self, row: int) -> str:
        """A row as people find it.

        >>> parse_frame("y\\n\\n1", ",", "a.csv").place(0)
        'line 3'
        """
        return f"{'line' if self.subject else 'row'} {self.lines[row]}"

    def require_words(self, column: Column) -> None:
        """Raises `InvalidInput` where all cells of a column are meant as numbers, but written as words to this reader: 1,5 or 1 000 or 5%."""
        if not column.numeric and all(NUMBERLIKE.fullmatch(str(level)) for level in column.levels):
            raise InvalidInput(
                self._cell(column.name, 0), f"{brief(column.cells[0])} is meant as a number, and is not written as one that is read here", PLAINLY
            )


def say(cell: Cell) -> str:
    """A cell as people write it.

    >>> say(Fraction(3, 2)), say("red")
    ('3/2', 'red')
    """
    return written(cell) if isinstance(cell, Fraction) else cell


def read_frame(path: Path, round_to: str | None = None) -> Frame:
    """The table of a file with a header line; `round_to` rounds the floats of a Parquet file.

    Raises `InvalidInput` naming the line and the column of what is wrong.
    """
    if path.suffix.lower() == ".parquet":
        return frame_of(_parquet(path), round_to)
    return parse_frame(content(path, INSTANCE_LIMIT, "give a part of the table"), "\t" if path.suffix.lower() == ".tsv" else "", str(path))


def parse_frame(text: str, delimiter: str, subject: str) -> Frame:
    """The table of a text; without a delimiter it is the first of comma, semicolon and tab that gives every row as many cells as the header.

    >>> parse_frame("dose,colour\\n1.5,red\\n2,blue\\n", "", "x").columns[1].cells
    ('red', 'blue')
    """
    (head, names), *rows = records(text, delimiter, subject)
    _check_names(names, f"{subject}, line {head}")
    lines = tuple(line for line, _ in rows)
    cells = zip(*(row for _, row in rows))
    return Frame(
        tuple(_column(name, list(column), f"{subject}, column {name!r}", lines, "line") for name, column in zip(names, cells)), lines, subject
    )


def frame_of(frame: Any, round_to: Any = None) -> Frame:
    """The table of a pandas data frame, a mapping from names to columns, or a list of mappings.

    >>> [column.numeric for column in frame_of({"dose": [1, "2.5"], "colour": ["red", "blue"]}).columns]
    [True, False]
    """
    if isinstance(frame, Frame):
        return frame
    columns = _columns(frame)
    lists = {str(name): _listed(values, str(name)) for name, values in columns.items()}
    if not lists or len(set(map(len, lists.values()))) != 1 or not min(map(len, lists.values())):
        raise InvalidInput("frame", "has no rows, or columns of different lengths", "give at least one row and a cell in every column")
    _check_names(list(lists), "frame")
    lines = range(len(next(iter(lists.values()))))
    return Frame(tuple(_column(name, values, f"column {name!r}", lines, "row", round_to) for name, values in lists.items()), lines)


def _columns(frame: Any) -> Mapping[Any, Any]:
    if isinstance(frame, Mapping):
        return frame
    if isinstance(frame, (list, tuple)) and frame and all(isinstance(row, Mapping) for row in frame):
        if any(row.keys() != frame[0].keys() for row in frame):
            raise InvalidInput("frame", "has rows with different columns", "give every row the same keys")
        return {name: [row[name] for row in frame] for name in frame[0]}
    if callable(getattr(frame, "to_dict", None)) and hasattr(frame, "columns"):
        found: Mapping[Any, Any] = frame.to_dict("list")
        return found
    raise InvalidInput("frame", f"is {type(frame).__name__}, not a table", "give a pandas data frame, {name: column}, or a list of mappings")


def _listed(values: Any, name: str) -> list[Any]:
    if isinstance(values, (str, bytes, Mapping)) or not (isinstance(values, Iterable) or hasattr(values, "tolist")):
        raise InvalidInput(f"column {name!r}", f"is {type(values).__name__}, not a list of cells", "give a list")
    found = values.tolist() if hasattr(values, "tolist") else list(values)
    return found if isinstance(found, list) else [found]


def _check_names(names: Sequence[str], subject: str) -> None:
    if "" in names:
        remedy = "name it, or leave it out: row numbers (row.names=FALSE in R, index=False in pandas) and delimiters at the ends of lines"
        raise InvalidInput(subject, f"has no name for column {names.index('') + 1}", remedy)
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise InvalidInput(subject, f"has two columns named {brief(twice)}", "name them differently")


def _column(name: str, values: Sequence[Any], subject: str, lines: Sequence[int], unit: str, round_to: Any = None) -> Column:
    try:
        return Column(name, _cells(values, subject, lines, unit, round_to), None, values)
    except InvalidInput as error:
        return Column(name, (), error, values)


def _cells(values: Sequence[Any], subject: str, lines: Sequence[int], unit: str, round_to: Any) -> tuple[Cell, ...]:
    if all(type(value) is str and not value for value in values):
        raise InvalidInput(subject, "is empty", "leave the column out, or fill it in")
    known: dict[str, Cell] = {}  # a cell is read once, however often it stands there
    cells: list[Cell] = []
    for n, value in zip(lines, values):
        found = known.get(value) if type(value) is str else None
        if found is None:
            found = _cell(value, f"{subject}, {unit} {n}", round_to)
            if type(value) is str:
                known[value] = found
        cells.append(found)
    numbers = sum(isinstance(cell, Fraction) for cell in cells)
    if 0 < numbers < len(cells):
        n, cell = next((n, cell) for n, cell in zip(lines, cells) if isinstance(cell, Fraction) == (numbers < len(cells) / 2))
        remedy = PLAINLY if NUMBERLIKE.fullmatch(str(cell)) and isinstance(cell, str) else "correct the cell, or write the numbers as words (x1, x2)"
        raise InvalidInput(subject, f"mixes numbers and words: {say(cell)[:40]!r} in {unit} {n}", remedy)
    return tuple(cells)


def _cell(value: Any, subject: str, round_to: Any) -> Cell:
    if getattr(value, "shape", ()) or isinstance(value, (list, tuple, Mapping)):
        raise InvalidInput(subject, f"is a {type(value).__name__}", "give one number or word in a cell")
    missing = value is None or value != value or (isinstance(value, str) and value.strip().lower() in MISSING)
    if missing or type(value).__name__ in ("NAType", "NaTType"):
        raise InvalidInput(subject, "is missing", "leave the row out, or fill the cell in")
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return Fraction(int(value))
    if isinstance(value, float) and round_to is None:
        remedy = 'give strings such as "0.5", or round_to="1/1000" (--round-to)'
        raise InvalidInput(subject, f"is the float {value!r}, and floats are not exact", remedy)
    found = number(exactly(value, round_to))
    if found is not None:
        return found
    if not isinstance(value, str):
        raise InvalidInput(subject, f"is {brief(value)} ({type(value).__name__})", "give numbers or words")
    return value


def _parquet(path: Path) -> Any:
    try:
        pandas: Any = import_module("pandas")
    except ImportError:
        raise InvalidInput(str(path), "needs pandas to be read", "pip install 'ntpproofs[tables]', or save it as .csv") from None
    if not path.is_file():
        raise InvalidInput(str(path), "is no file", "give the path of a readable file")
    if path.stat().st_size > INSTANCE_LIMIT:
        raise InvalidInput(str(path), f"has {path.stat().st_size:,} bytes, the limit is {INSTANCE_LIMIT:,}", "give a part of the table")
    try:
        return pandas.read_parquet(path)
    except ImportError:
        raise InvalidInput(str(path), "needs pyarrow to be read", "pip install pyarrow, or save it as .csv") from None
    except Exception as error:  # a damaged file makes the reader raise nearly anything
        raise InvalidInput(str(path), f"is no Parquet file that pandas reads ({type(error).__name__})", "save it again, or as .csv") from None
