"""CSV files as people have them.

Read are commas, semicolons, bars or tabs, UTF-8 with or without a byte order mark, UTF-16 with one,
Latin-1 (with a notice), blank lines, and the index that `DataFrame.to_csv` writes (it is left out).
What cannot be read is refused with its line and column.
"""

import argparse
import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ketgrad._files import read_stdin, read_whole
from ketgrad._words import written
from ketgrad.commands.columns import DECIMALS, POINT, Column, column_of
from ketgrad.commands.notices import note

FILE_HELP = "a CSV file; - reads standard input"
SEPARATORS = {",": ",", ";": ";", "|": "|", "tab": "\t"}
LARGEST = 1e100  # squares and their sums must not overflow
_SNIFFED = 100  # lines by which the separator is found
_NO_NAME = re.compile(r"(Unnamed: \d+(\.\d+)*)?")  # what pandas calls an index it reads again
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Table:
    """The cells of a file, stripped, by column; `lines` are the numbers of the rows' lines.

    What has no lines calls them something else, by `unit`.
    """

    path: str
    names: list[str]
    columns: dict[str, list[str]]
    lines: list[int]
    decimal: str | None = None
    unit: str = "line"
    _read: dict[str, Column] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Column:
        """Return a column; ValueError naming those there are if it is missing."""
        if name not in self.columns:
            has = _listed(self.names)
            raise ValueError(f"{self.path} has no column {written(name)}; it has {has}")
        if name not in self._read:
            self._read[name] = column_of(self.columns[name], self.decimal)
        return self._read[name]

    def place(self, row: int, name: str) -> str:
        """Say where a cell is."""
        return f"{self.path}, {self.unit} {self.lines[row]}, column {written(name)}"

    def number(self, row: int, name: str) -> float:
        """Read a cell as a number, NaN where it is missing; ValueError for anything else."""
        text = self.columns[name][row]
        try:
            value = self.column(name).number(row)
        except ValueError as error:
            raise ValueError(f"{self.place(row, name)}: {error}") from None
        if value is None:
            raise ValueError(f"{self.place(row, name)}: {written(text)} is not a number")
        if np.isinf(value):
            raise ValueError(f"{self.place(row, name)}: {written(text)} is not finite")
        if abs(value) > LARGEST:
            raise ValueError(f"{self.place(row, name)}: {written(text)} is beyond {LARGEST:g}")
        return value

    def label(self, row: int, name: str) -> str:
        """Read a cell as a class or a category; texts of one number are one label."""
        try:
            return self.column(name).label(row)
        except ValueError as error:
            raise ValueError(f"{self.place(row, name)}: {error}") from None

    def is_missing(self, row: int, name: str) -> bool:
        """Whether a cell lacks its value."""
        return self.column(name).is_missing(row)

    def is_numeric(self, name: str) -> bool:
        """Whether every cell that is not missing is a number."""
        return self.column(name).kind == "numbers"

    def present(self, name: str) -> list[int]:
        """Return the rows in which a column has a value."""
        column = self.column(name)
        return [row for row in range(len(self)) if not column.is_missing(row)]

    def keep(self, rows: Sequence[int]) -> "Table":
        """Return the table of some of its rows."""
        columns = {name: [cells[k] for k in rows] for name, cells in self.columns.items()}
        lines = [self.lines[k] for k in rows]
        return Table(self.path, self.names, columns, lines, self.decimal, self.unit)


def add_format_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how a file is written, for those whose form does not show."""
    parser.add_argument(
        "--sep", choices=tuple(SEPARATORS), help="what separates the columns; found if left out"
    )
    parser.add_argument(
        "--decimal", choices=DECIMALS, help="the decimal mark; found in every column if left out"
    )


def read_table(path: str, separator: str | None = None, decimal: str | None = None) -> Table:
    """Read a CSV file whose first line names the columns; None finds separator and decimal mark.

    Raises ValueError, with the line, for quotes that do not end, names that are missing or repeat,
    and lines of another length.
    """
    if path == "-":
        return table_of("standard input", read_stdin(), separator, decimal)
    return table_of(path, read_whole(path), separator, decimal)


def table_of(
    path: str, data: bytes, separator: str | None = None, decimal: str | None = None
) -> Table:
    """Read the bytes of such a file; `path` is what messages call it."""
    text = _decoded(path, data)
    delimiter = _delimiter(text) if separator is None else SEPARATORS[separator]
    rows, lines = _rows(path, text, delimiter)
    if not rows:
        raise ValueError(f"{path} is empty")
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{path}, line {line}: {len(row)} value(s), where the first line names "
                f"{len(rows[0])} column(s)"
            )
    rows = _without_nameless(path, rows)
    names = _names(path, rows[0])
    if len(rows) == 1:
        raise ValueError(f"{path} has no rows under its first line")
    columns = {name: [row[k] for row in rows[1:]] for k, name in enumerate(names)}
    return Table(path, names, columns, lines[1:], decimal)


def _decoded(path: str, data: bytes) -> str:
    if data.startswith(_UTF16):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise ValueError(f"{path} begins as UTF-16 text, and is not") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        if b"\0" in data:
            raise ValueError(f"{path}, line {line}: the file is not text") from None
        note(f"{path}, line {line}: the file is not UTF-8 text; read as Latin-1")
        return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """Find the one that cuts the first lines into the same number of pieces, and into most."""
    lines = [line for line in text.splitlines()[: 2 * _SNIFFED] if line.strip()][:_SNIFFED]

    def fitness(delimiter: str) -> tuple[bool, int]:
        # A quoted cell that goes on in the next line is not cut where it should be; no matter.
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:  # will be told with its line
            return False, 0
        return len(set(widths)) == 1 and widths[0] > 1, widths[0] if widths else 0

    return max(SEPARATORS.values(), key=fitness)


def _rows(path: str, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append(cells)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path}, line {line}: {error}") from None
    return rows, lines


def _without_nameless(path: str, rows: list[list[str]]) -> list[list[str]]:
    """Leave out an index, first and without a name, and columns of nothing at all."""
    left_out = set()
    for k, name in enumerate(rows[0]):
        cells = [row[k] for row in rows[1:]]
        if name == "" and not any(cells):
            left_out.add(k)
        elif k == len(left_out) and _NO_NAME.fullmatch(name) and len(set(cells)) == len(cells):
            which = "the first column" if k == 0 else f"column {k + 1}"
            note(f"{path}: {which} has no name, as an index that pandas writes: left out")
            left_out.add(k)
    return [[cell for k, cell in enumerate(row) if k not in left_out] for row in rows]


def _names(path: str, row: list[str]) -> list[str]:
    for k, name in enumerate(row, start=1):
        if not name:
            raise ValueError(f"{path}: column {k} has no name in the first line")
    if (twice := repeated(row)) is not None:
        raise ValueError(f"{path}: two columns are called {written(twice)}")
    if all(POINT.reads(name) for name in row):
        raise ValueError(f"{path}: the first line must name the columns; it is {_listed(row)}")
    return row


def repeated(names: list[str]) -> str | None:
    """Return the first name that has been there before.

    >>> repeated(["a", "b", "a", "b"])
    'a'
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _listed(names: list[str]) -> str:
    shown = ", ".join(written(name) for name in names[:12]) or "none"
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
