"""From the columns of a table to features, and back to them in another table.

A numeric column is a feature of its name. A column of few different texts becomes a feature
"column=text" for each of them, 1 where it is that text. So the names say it all, and the model's
file, which has them, is enough to read other data.
"""

from collections.abc import Collection

import numpy as np

from ketgrad._commands.notices import note
from ketgrad._commands.table import FloatArray, Table, is_missing

MOST_TEXTS = 20


def feature_names(table: Table, left_out: Collection[str]) -> list[str]:
    """Names of the features of all columns but some; ValueError for text that is no category."""
    names = []
    for column in table.names:
        if column in left_out:
            continue
        present = [text for text in table.columns[column] if not is_missing(text)]
        if len(set(present)) < 2:
            what = f"is always {present[0]!r}" if present else "has no values"
            note(f"column {column!r} {what}: left out")
        elif table.is_numeric(column):
            names.append(column)
        else:
            names += _categories(table, column, sorted(set(present)))
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        raise ValueError(f"{table.path}: a column {twice!r} and a category are called the same")
    if not names:
        raise ValueError(f"{table.path} has no columns to learn from")
    return names


def _categories(table: Table, column: str, texts: list[str]) -> list[str]:
    if len(texts) > MOST_TEXTS:
        row = next(k for k in range(len(table)) if not table.reads(k, column))
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
            cells = table.columns[column]
            out[:, k] = [np.nan if is_missing(cell) else cell == text for cell in cells]
    return out


def _source(table: Table, name: str) -> tuple[str, str | None]:
    """Find the column of a feature, and its text if it is a category."""
    if name in table.columns:
        return name, None
    for k, letter in enumerate(name):
        if letter == "=" and name[:k] in table.columns:
            return name[:k], name[k + 1 :]
    table.require(name.partition("=")[0])  # raises
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
            if not is_missing(cell) and cell not in texts:
                note(f"{table.place(row, column)}: the model has never seen {cell!r}")
                break


def refuse_missing(table: Table, names: list[str], X: FloatArray) -> None:
    """Raise ValueError that names the first missing value."""
    rows, features = np.nonzero(np.isnan(X))
    if len(rows):
        column, _ = _source(table, names[features[0]])
        raise ValueError(
            f"{table.place(int(rows[0]), column)}: the value is missing ({len(set(rows))} such "
            f"row(s)); see --missing"
        )
