"""CSV files as people have them.

Read are commas, semicolons or tabs, a byte order mark, decimal commas where commas separate
nothing, and blank lines. What cannot be read is refused with its line and column.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ketgrad._files import read_stdin, read_whole

FloatArray = npt.NDArray[np.float64]

FILE_HELP = "a CSV file; - reads standard input"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
_LARGEST = 1e100  # squares and their sums must not overflow
_DELIMITERS = ",;\t"
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Table:
    """The cells of a file, stripped, by column; `lines` are the numbers of the rows' lines."""

    path: str
    names: list[str]
    columns: dict[str, list[str]]
    lines: list[int]
    delimiter: str

    def __len__(self) -> int:
        return len(self.lines)

    def require(self, name: str) -> list[str]:
        """Return a column; ValueError naming those there are if it is missing."""
        if name not in self.columns:
            raise ValueError(f"{self.path} has no column {name!r}; it has {_listed(self.names)}")
        return self.columns[name]

    def place(self, row: int, name: str) -> str:
        """Say where a cell is."""
        return f"{self.path}, line {self.lines[row]}, column {name!r}"

    def number(self, row: int, name: str) -> float:
        """Read a cell as a number, NaN where it is missing; ValueError for anything else."""
        text = self.columns[name][row]
        value = self._parsed(text)
        if value is None:
            raise ValueError(f"{self.place(row, name)}: {text!r} is not a number")
        if not np.isfinite(value) and not is_missing(text):
            raise ValueError(f"{self.place(row, name)}: {text!r} is not finite")
        if abs(value) > _LARGEST:
            raise ValueError(f"{self.place(row, name)}: {text!r} is beyond {_LARGEST:g}")
        return value

    def reads(self, row: int, name: str) -> bool:
        """Whether a cell is a number, or missing."""
        return self._parsed(self.columns[name][row]) is not None

    def is_numeric(self, name: str) -> bool:
        """Whether every cell that is not missing is a number."""
        return all(self._parsed(text) is not None for text in self.columns[name])

    def keep(self, rows: Sequence[int]) -> "Table":
        """Return the table of some of its rows."""
        columns = {name: [cells[k] for k in rows] for name, cells in self.columns.items()}
        return Table(self.path, self.names, columns, [self.lines[k] for k in rows], self.delimiter)

    def _parsed(self, text: str) -> float | None:
        if is_missing(text):
            return np.nan
        if self.delimiter != "," and _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return None


def is_missing(text: str) -> bool:
    """Whether a cell stands for no value.

    >>> is_missing("NA"), is_missing("0")
    (True, False)
    """
    return text.lower() in MISSING


def read_table(path: str) -> Table:
    """Read a CSV file whose first line names the columns.

    Raises ValueError, with the line, for text that is not UTF-8, quotes that do not end, names that
    are missing or repeat, and lines of another length.
    """
    data = read_stdin() if path == "-" else read_whole(path)
    path = "standard input" if path == "-" else path
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"{path}, line {line}: the file is not UTF-8 text") from None
    try:
        delimiter = _delimiter(text)
    except csv.Error as error:
        raise ValueError(f"{path}, line 1: {error}") from None
    rows, lines = _rows(path, text, delimiter)
    if not rows:
        raise ValueError(f"{path} is empty")
    names = _names(path, rows[0])
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(names):
            raise ValueError(
                f"{path}, line {line}: {len(row)} value(s), where the first line names "
                f"{len(names)} column(s)"
            )
    if len(rows) == 1:
        raise ValueError(f"{path} has no rows under its first line")
    columns = {name: [row[k] for row in rows[1:]] for k, name in enumerate(names)}
    return Table(path, names, columns, lines[1:], delimiter)


def _delimiter(text: str) -> str:
    """Find the one that cuts the first line into most pieces."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=lambda c: len(next(csv.reader([first], delimiter=c), [])))


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


def _names(path: str, row: list[str]) -> list[str]:
    for k, name in enumerate(row, start=1):
        if not name:
            raise ValueError(f"{path}: column {k} has no name in the first line")
        if row.index(name) != k - 1:
            raise ValueError(f"{path}: two columns are called {name!r}")
    if all(_is_number(name) for name in row):
        raise ValueError(f"{path}: the first line must name the columns; it is {_listed(row)}")
    return row


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
