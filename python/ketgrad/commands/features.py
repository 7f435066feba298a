"""From the columns of a table to features, and back to them in another table.

A numeric column is a feature of its name. A column of few different texts becomes a feature
"column=text" for each of them, 1 where it is that text. So the names say it all, and the model's
file, which has them, is enough to read other data.
"""

from collections.abc import Collection

import numpy as np

from ketgrad._types import FloatArray
from ketgrad.commands.columns import is_missing
from ketgrad.commands.notices import note
from ketgrad.commands.table import Table

MOST_TEXTS = 20


def feature_names(table: Table, left_out: Collection[str]) -> list[str]:
    """Names of the features of all columns but some; ValueError for text that is no category."""
    names = []
    for column in table.names:
        if column in left_out:
            continue
        if is_constant(table, column):
            rows = table.present(column)
            what = f"is always {table.columns[column][rows[0]]!r}" if rows else "has no values"
            note(f"column {column!r} {what}: left out")
        elif table.is_numeric(column):
            names.append(column)
        else:
            names += _categories(table, column)
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        raise ValueError(f"{table.path}: a column {twice!r} and a category are called the same")
    if not names:
        others = ", ".join(repr(name) for name in table.names if name not in left_out)
        raise ValueError(
            f"{table.path} has no columns to learn from: "
            + (f"{others} always have the same value" if others else "there is the target alone")
        )
    return names


def is_constant(table: Table, column: str) -> bool:
    """Whether a column tells nothing: it has no two different values."""
    return len({table.label(row, column) for row in table.present(column)}) < 2


def _categories(table: Table, column: str) -> list[str]:
    rows = table.present(column)
    if table.column(column).kind == "dates":
        raise ValueError(
            f"{table.place(rows[0], column)}: {table.columns[column][rows[0]]!r} is a date, which "
            f"is no number and no category; leave the column out with --ignore, or put what "
            f"matters of it (the hour, days since …) in a column of numbers"
        )
    texts = sorted({table.label(row, column) for row in rows})
    if len(texts) > MOST_TEXTS:
        row = next(k for k in rows if table.column(column).number(k) is None)
        raise ValueError(
            f"{table.place(row, column)}: {table.columns[column][row]!r} is not a number, and "
            f"{len(texts)} different texts are too many for a category (limit {MOST_TEXTS}); "
            f"mend it, or leave the column out with --ignore"
        )
    return [f"{column}={text}" for text in texts]


def feature_matrix(table: Table, names: list[str]) -> FloatArray:
    """Read features by name, shape (rows, features), NaN where a value is missing."""
    out = np.empty((len(table), len(names)))
    for k, name in enumerate(names):
        column, text = _source(table, name)
        if text is None:
            out[:, k] = [table.number(row, column) for row in range(len(table))]
        else:
            out[:, k] = [
                np.nan if is_missing(cell) else table.label(row, column) == text
                for row, cell in enumerate(table.columns[column])
            ]
    return out


def _source(table: Table, name: str) -> tuple[str, str | None]:
    """Find the column of a feature, and its text if it is a category."""
    if name in table.columns:
        return name, None
    for k, letter in enumerate(name):
        if letter == "=" and name[:k] in table.columns:
            return name[:k], name[k + 1 :]
    table.column(name.partition("=")[0])  # raises
    raise AssertionError(name)


def note_unknown_texts(table: Table, names: list[str]) -> None:
    """Say which categories of a table the features do not know."""
    known: dict[str, set[str]] = {}
    for name in names:
        column, text = _source(table, name)
        if text is not None:
            known.setdefault(column, set()).add(text)
    for column, texts in known.items():
        for row, cell in enumerate(table.columns[column]):
            if not is_missing(cell) and table.label(row, column) not in texts:
                note(f"{table.place(row, column)}: the model has never seen {cell!r}")
                break


def refuse_missing(table: Table, names: list[str], X: FloatArray) -> None:
    """Raise ValueError that names the first missing value."""
    rows, features = np.nonzero(np.isnan(X))
    if len(rows):
        row = int(rows[0])
        column, _ = _source(table, names[features[0]])
        cell = table.columns[column][row]
        raise ValueError(
            f"{table.place(row, column)}: the value is missing"
            + (f" ({cell!r} is no number)" if cell else "")
            + f" ({len(set(rows))} such row(s)); see --missing"
        )
