"""What the cells of a column are: one rule for all of them.

A column holds numbers where every cell is one in the same notation, or lacks a value; otherwise it
holds dates, or texts. In a column of numbers a cell without letters and digits, such as "-", lacks
its value; in a column of texts it may be a category ("+" and "-" are classes of many a data set).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "?"})
DECIMALS = (".", ",")


@dataclass(frozen=True)
class Notation:
    """A way to write numbers."""

    name: str
    pattern: re.Pattern[str]
    plain: Callable[[str], str]  # to Python's own

    def reads(self, text: str) -> bool:
        """Whether a text is such a number."""
        return self.pattern.fullmatch(text) is not None


def _pattern(digits: str) -> re.Pattern[str]:
    return re.compile(rf"[+-]?(({digits})([eE][+-]?\d+)?|inf(inity)?)", re.ASCII | re.IGNORECASE)


POINT = Notation("", _pattern(r"\d+\.?\d*|\.\d+"), lambda text: text)
COMMA = Notation(
    "decimal commas",
    _pattern(r"(\d+|\d{1,3}(\.\d{3})+),?\d*|,\d+"),
    lambda text: text.replace(".", "").replace(",", "."),
)
THOUSANDS = Notation(
    "commas between thousands",
    _pattern(r"(\d+|[1-9]\d{0,2}(,\d{3})+)\.?\d*|\.\d+"),
    lambda text: text.replace(",", ""),
)
_NOTATIONS: dict[str | None, tuple[Notation, ...]] = {
    None: (POINT, COMMA, THOUSANDS),
    ".": (POINT, THOUSANDS),
    ",": (COMMA,),
}

_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
    r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Column:
    """The cells of a column, and what they are."""

    cells: Sequence[str]
    kind: str  # "numbers", "dates", "texts" or "nothing"
    notations: tuple[Notation, ...]  # by which its numbers read
    _labels: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def is_missing(self, row: int) -> bool:
        """Whether a cell lacks its value."""
        text = self.cells[row]
        return is_missing(text) or (self.kind == "numbers" and _is_mark(text))

    def strays(self) -> list[int]:
        """Return the rows of texts that stand among numbers; none where numbers are the fewer.

        >>> column_of(["1,5", "l,7", "2,0"]).strays(), column_of(["a", "b", "1"]).strays()
        ([1], [])
        """
        present = [row for row in range(len(self.cells)) if not self.is_missing(row)]
        texts = [
            row for row in present if not any(n.reads(self.cells[row]) for n in self.notations)
        ]
        return texts if 2 * len(texts) <= len(present) else []

    def number(self, row: int) -> float | None:
        """Read a cell as a number: NaN where it is missing, None where it is none.

        Raises ValueError where it could be one of two numbers.
        """
        text = self.cells[row]
        if is_missing(text) or _is_mark(text):
            return np.nan
        values = {float(n.plain(text)) for n in self.notations if n.reads(text)}
        if len(values) > 1:
            low, high = sorted(values)
            raise ValueError(f"{text!r} may be {low:g} or {high:g}; say which by --decimal")
        return values.pop() if values else None

    def label(self, row: int) -> str:
        """Read a cell as a class or a category; texts of one number are one label.

        >>> column = column_of(["1", "1.0", "2.50", "007", "x"])
        >>> [column.label(row) for row in range(5)]
        ['1', '1', '2.5', '7', 'x']
        """
        text = self.cells[row]
        if text not in self._labels:
            self._labels[text] = self._label(row, text)
        return self._labels[text]

    def _label(self, row: int, text: str) -> str:
        if not any(n.reads(text) for n in self.notations):
            return text
        value = self.number(row)
        if re.fullmatch(r"[+-]?\d+", text):  # of any size
            return str(int(text))
        return f"{value:.0f}" if value is not None and value.is_integer() else repr(value)


def is_missing(text: str) -> bool:
    """Whether a cell stands for no value, in any column.

    >>> is_missing("NA"), is_missing("0")
    (True, False)
    """
    return text.lower() in MISSING


def _is_mark(text: str) -> bool:
    return not any(letter.isalnum() for letter in text)


def column_of(cells: Sequence[str], decimal: str | None = None) -> Column:
    """Find what the cells of a column are; `decimal` is the mark in its numbers, if it is known.

    >>> column_of(["1", "-", "2.5"]).kind, column_of(["+", "-"]).kind, column_of(["1", "x"]).kind
    ('numbers', 'texts', 'texts')
    """
    present = {text for text in cells if not is_missing(text)}
    values = [text for text in present if not _is_mark(text)]
    notations = tuple(n for n in _NOTATIONS[decimal] if all(n.reads(text) for text in values))
    if values and notations:
        first = notations[:1] if notations[0] is POINT else notations
        return Column(cells, "numbers", first)
    best = max(_NOTATIONS[decimal], key=lambda n: sum(n.reads(text) for text in values))
    most_are_numbers = 2 * sum(best.reads(text) for text in values) >= len(values)
    others = (best,) if most_are_numbers else _NOTATIONS[decimal][:1]
    if values and all(_DATE.fullmatch(text) for text in present):
        return Column(cells, "dates", others)
    return Column(cells, "texts" if present else "nothing", others)
