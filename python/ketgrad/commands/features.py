"""From the columns of a table to features, and back to them in another table.

A numeric column is a feature of its name. A column of few different texts becomes a feature
"column=text" for each of them, 1 where it is that text. "column is missing", where it is wanted, is
1 where the column lacks its value. So the names say it all, and the model's file, which has them,
is enough to read other data.
"""

import shlex
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ketgrad._types import FloatArray
from ketgrad._words import written
from ketgrad.commands.columns import is_missing
from ketgrad.commands.notices import note
from ketgrad.commands.table import Table, repeated

MOST_TEXTS = 20
_MOST_LISTED = 5  # lines that lack values
_GAPS = " is missing"


def feature_names(
    table: Table, left_out: Collection[str], categories: Collection[str], *, of_gaps: bool
) -> list[str]:
    """Names of the features of all columns but some; ValueError for text that is no category.

    Columns of numbers are categories too where `categories` says so; with `of_gaps`, missing values
    make a feature of their own.
    """
    names = []
    for column in table.names:
        if column in left_out:
            continue
        if is_constant(table, column):
            rows = table.present(column)
            what = f"is always {table.columns[column][rows[0]]!r}" if rows else "has no values"
            note(f"column {column!r} {what}: left out")
            continue
        if column in categories:
            names += _categories(table, column)
        elif table.is_numeric(column):
            names.append(column)
        else:
            way_out = (
                f"say --categories {shlex.quote(column)}, or leave the column out with --ignore"
            )
            refuse_typos(table, column, way_out)
            names += _categories(table, column)
        if of_gaps and len(table.present(column)) < len(table):
            names.append(column + _GAPS)
    if (twice := repeated(names)) is not None:
        raise ValueError(
            f"{table.path}: a column {twice!r} and a category, or a column's gaps, are called the "
            f"same"
        )
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
        numeric = table.is_numeric(column)
        row = rows[0] if numeric else (table.column(column).strays() or rows)[0]
        raise ValueError(
            f"{table.place(row, column)}: "
            + ("" if numeric else f"{table.columns[column][row]!r} is not a number, and ")
            + f"{len(texts)} different values are too many for a category (limit {MOST_TEXTS}); "
            + ("do without --categories" if numeric else "mend it")
            + ", or leave the column out with --ignore"
        )
    return [f"{column}={text}" for text in texts]


def refuse_typos(table: Table, name: str, way_out: str) -> None:
    """Raise ValueError for the odd text among numbers: more likely a typo than a category."""
    column = table.column(name)
    rows = column.strays()
    n_present = len(table.present(name))
    if not rows or (20 * len(rows) > n_present and not (len(rows) == 1 and n_present >= 8)):
        return
    raise ValueError(
        f"{table.place(rows[0], name)}: {column.cells[rows[0]]!r} is not a number, as "
        f"{n_present - len(rows)} of the {n_present} values are{_also(table, rows)}; mend it, or "
        f"{way_out}"
    )


def _also(table: Table, rows: list[int]) -> str:
    """Name the lines of the rows but the first."""
    if len(rows) < 2:
        return ""
    lines = ", ".join(str(table.lines[row]) for row in rows[1:_MOST_LISTED])
    more = f" and {len(rows) - _MOST_LISTED} more" if len(rows) > _MOST_LISTED else ""
    return f"; likewise in {table.unit}{'s' if len(rows) > 2 else ''} {lines}{more}"


def feature_matrix(table: Table, names: list[str]) -> FloatArray:
    """Read features by name, shape (rows, features), NaN where a value is missing."""
    out = np.empty((len(table), len(names)))
    known = _known_texts(table, names)
    for k, name in enumerate(names):
        source = _source(table, name)
        column = source.column
        texts = known.get(column, set())
        if source.is_gap:
            out[:, k] = [_is_gap(table, row, column, texts) for row in range(len(table))]
        elif source.text is None:
            out[:, k] = [table.number(row, column) for row in range(len(table))]
        else:
            out[:, k] = [
                np.nan
                if _is_gap(table, row, column, texts)
                else table.label(row, column) == source.text
                for row in range(len(table))
            ]
    return out


def _is_gap(table: Table, row: int, column: str, texts: Collection[str]) -> bool:
    """Whether a value is missing; what is a mark among numbers may be one of the model's texts."""
    cell = table.columns[column][row]
    return is_missing(cell) or (table.is_missing(row, column) and cell not in texts)


def _known_texts(table: Table, names: list[str]) -> dict[str, set[str]]:
    """Return the categories that the features know, by column."""
    known: dict[str, set[str]] = {}
    for name in names:
        source = _source(table, name)
        if source.text is not None:
            known.setdefault(source.column, set()).add(source.text)
    return known


@dataclass(frozen=True)
class _Source:
    """The column of a feature, and its text if it is a category."""

    column: str
    text: str | None = None
    is_gap: bool = False


def _source(table: Table, name: str) -> _Source:
    if name in table.columns:
        return _Source(name)
    for k, letter in enumerate(name):
        if letter == "=" and name[:k] in table.columns:
            return _Source(name[:k], name[k + 1 :])
    of_gap = name.removesuffix(_GAPS)
    if of_gap != name and of_gap in table.columns:
        return _Source(of_gap, is_gap=True)
    table.column(of_gap.partition("=")[0])  # raises
    raise AssertionError(name)


def columns_of(table: Table, names: list[str]) -> set[str]:
    """Return the columns that features are read from; ValueError where one is missing."""
    return {_source(table, name).column for name in names}


def have_gaps_as_features(table: Table, names: list[str]) -> npt.NDArray[np.bool_]:
    """Say of every feature whether missing values of its column are a feature too."""
    sources = [_source(table, name) for name in names]
    known = {source.column for source in sources if source.is_gap}
    return np.array([source.column in known for source in sources])


def note_unknown_texts(table: Table, names: list[str]) -> None:
    """Say which categories of a table the features do not know."""
    for column, texts in _known_texts(table, names).items():
        for row, cell in enumerate(table.columns[column]):
            if not _is_gap(table, row, column, texts) and table.label(row, column) not in texts:
                note(f"{table.place(row, column)}: the model has never seen {written(cell)}")
                break


def refuse_missing(table: Table, names: list[str], X: FloatArray) -> None:
    """Raise ValueError that names the first missing values."""
    rows, features = np.nonzero(np.isnan(X))
    if len(rows):
        row = int(rows[0])
        column = _source(table, names[features[0]]).column
        cell = table.columns[column][row]
        raise ValueError(
            f"{table.place(row, column)}: the value is missing"
            + (f" ({cell!r} is no number)" if cell else "")
            + f"{_also(table, np.unique(rows).tolist())}; see --missing"
        )
