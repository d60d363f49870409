"""Text with delimiters as records: comma, semicolon or tab, quotes that may hold line ends, and the line on which every record begins."""

from __future__ import annotations

import csv
import re
from io import StringIO

from ..errors import InvalidInput

SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs"}
Record = tuple[int, list[str]]


def records(text: str, delimiter: str, subject: str) -> list[Record]:
    """Line and stripped cells of every record that is not blank, the header first; all have as many cells as the header.

    Without a delimiter it is the first of comma, semicolon and tab that gives them so many. Raises `InvalidInput` naming the line.

    >>> records('y;"weight, kg"\\n\\nno;1,5\\n', "", "a.csv")
    [(1, ['y', 'weight, kg']), (3, ['no', '1,5'])]
    """
    asked = re.match(r"sep=([,;|\t])\r?\n", text)  # as spreadsheets say it above a table
    above, body = (1, text[asked.end() :]) if asked else (0, text)
    signs = [delimiter] if delimiter else [asked[1]] if asked else _signs(body)
    refused = list[InvalidInput]()
    for sign in signs:
        try:
            return _read(body, sign, subject, above)
        except InvalidInput as error:
            refused.append(error)
    raise refused[0]


def listed(text: str) -> list[str]:
    """The names in a list with commas; a name that has one itself is quoted.

    >>> listed('"a,b", c')
    ['a,b', 'c']
    """
    return [name.strip() for row in csv.reader(StringIO(text, newline=""), skipinitialspace=True) for name in row]


def _signs(text: str) -> list[str]:
    # The delimiters that the header may mean.
    head = text.lstrip("\r\n").partition("\n")[0].partition("\r")[0]
    bare = re.sub(r'"[^"]*"', "", head)
    return [sign for sign in SIGNS if sign in bare] or [","]


def _read(text: str, sign: str, subject: str, above: int) -> list[Record]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=sign, strict=True, skipinitialspace=True)
    found, line = list[Record](), 1 + above
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                found.append((line, cells))
            line = reader.line_num + above + 1
    except csv.Error as error:
        raise InvalidInput(f"{subject}, line {line}", *_broken(str(error))) from None
    if len(found) < 2:
        reason = "has no row below its header" if found else "is empty"
        raise InvalidInput(subject, reason, "give a line of column names and a line for each row")
    width = len(found[0][1])
    for line, cells in found:
        if len(cells) != width:
            reason = f"has {_counted(len(cells), 'cell')} under {_counted(width, 'column')}"
            many = f"quote cells that hold {SIGNS.get(sign, repr(sign))}, write decimals with a point, and name all columns in the first line"
            raise InvalidInput(f"{subject}, line {line}", reason, many if len(cells) > width else "give every row a cell for every column")
    return found


def _counted(amount: int, what: str) -> str:
    return f"{amount} {what}{'s' * (amount != 1)}"


def _broken(error: str) -> tuple[str, str]:
    if "unexpected end" in error:
        return "opens a quote that nothing closes", "close the quote"
    if "expected after" in error:
        return "goes on behind a closing quote", 'write a quote within quotes twice ("")'
    if "field limit" in error:
        return f"has a cell of more than {csv.field_size_limit():,} characters", "close the quotes, or shorten the cell"
    return f"is no line of a table ({error})", "correct it"
