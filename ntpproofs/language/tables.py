"""Tables: columns of exact numbers or of words, from CSV, TSV and Parquet files, data frames and mappings.

A cell is a number if it is written as one ("5.1", "3e-2", "1/3"); a column is of numbers or of words, and a mixture is refused because one
of them is a slip. Missing cells are refused too: what to do about them is a decision about the data.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from ..exact.numbers import exactly, number
from ..exact.rational import written
from ..kernel.reading import INSTANCE_LIMIT, brief, content

Cell = Fraction | str
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
ENDINGS = (".csv", ".tsv", ".parquet")


@dataclass(frozen=True)
class Column:
    """A column by name: every cell a number, or every cell a word."""

    name: str
    cells: tuple[Cell, ...]

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
    """A table: columns of equal length, `first` the line of its first row (2 for a file with a header)."""

    columns: tuple[Column, ...]
    first: int = 0

    def __len__(self) -> int:
        return len(self.columns[0].cells) if self.columns else 0

    def column(self, name: str, option: str) -> Column:
        """The column of a name. Raises `InvalidInput` for an unknown one, naming the option that asked."""
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            names = ", ".join(column.name for column in self.columns[:20])
            raise InvalidInput(option, f"names no column of the table: {brief(name)}", f"the columns are {names}")
        return found


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
    """The table of a text; without a delimiter it is the comma, or the semicolon where the header has no comma.

    >>> parse_frame("dose,colour\\n1.5,red\\n2,blue\\n", "", "x").columns[1].cells
    ('red', 'blue')
    """
    head = text.lstrip("\n").partition("\n")[0]
    sign = delimiter or ("," if "," in head or ";" not in head else ";")
    try:
        rows = [(n, row) for n, row in enumerate(csv.reader(StringIO(text, newline=""), delimiter=sign, strict=True), 1) if any(map(str.strip, row))]
    except csv.Error as error:
        raise InvalidInput(subject, f"is no table ({error})", "close the quotes") from None
    if len(rows) < 2:
        raise InvalidInput(subject, "has no row below its header", "give a line of column names and a line for each row")
    names = [name.strip() for name in rows[0][1]]
    _check_names(names, subject)
    wrong = next(((n, row) for n, row in rows if len(row) != len(names)), None)
    if wrong is not None:
        raise InvalidInput(f"{subject}, line {wrong[0]}", f"has {len(wrong[1])} cells under {len(names)} columns", "quote cells with commas")
    cells = zip(*([cell.strip() for cell in row] for _, row in rows[1:]))
    return Frame(tuple(_column(name, list(column), f"{subject}, column {name!r}", 2) for name, column in zip(names, cells)), 2)


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
    return Frame(tuple(_column(name, values, f"column {name!r}", 0, round_to) for name, values in lists.items()))


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
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None or "" in names:
        what = "a column without a name" if "" in names else f"two columns named {twice!r}"
        raise InvalidInput(subject, f"has {what}", "name every column, differently")


def _column(name: str, values: Sequence[Any], subject: str, first: int, round_to: Any = None) -> Column:
    known: dict[str, Cell] = {}  # a cell is read once, however often it stands there
    cells: list[Cell] = []
    for n, value in enumerate(values, first):
        found = known.get(value) if type(value) is str else None
        if found is None:
            found = _cell(value, f"{subject}, {'line' if first else 'row'} {n}", round_to)
            if type(value) is str:
                known[value] = found
        cells.append(found)
    numbers = sum(isinstance(cell, Fraction) for cell in cells)
    if 0 < numbers < len(cells):
        wrong = next((n, cell) for n, cell in enumerate(cells, first) if isinstance(cell, Fraction) == (numbers < len(cells) / 2))
        reason = f"mixes numbers and words: {say(wrong[1])[:40]!r} in {'line' if first else 'row'} {wrong[0]}"
        raise InvalidInput(subject, reason, "correct the cell, or write the numbers as words (x1, x2)")
    return Column(name, tuple(cells))


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
