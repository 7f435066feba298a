"""From the bytes of a body to rows of features.

A body is CSV, as ``ketgrad predict`` reads it, or JSON: ``{"rows": [...]}``, of lists of numbers in
the order of the features, or of objects by column, where a category is its text. ``null`` is a
value that is missing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketgrad._types import FloatArray
from ketgrad._words import written
from ketgrad.commands.features import columns_of
from ketgrad.commands.notices import collected
from ketgrad.commands.prediction import features_of, with_means
from ketgrad.commands.table import LARGEST, Table, repeated, table_of
from ketgrad.serve.refusal import Refusal
from ketgrad.serve.served import Served

JSON, CSV = "application/json", "text/csv"
_WHAT = "the body"
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}


@dataclass(frozen=True)
class Rows:
    """Features of shape (rows, features), and what is to be said about them."""

    X: FloatArray
    notes: list[str]


def media_type(content_type: str) -> str:
    """Return which of the two a body is; Refusal where it is another.

    >>> media_type("text/csv; charset=utf-8")
    'text/csv'
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (JSON, CSV):
        given = f"content-type {kind!r}" if kind else "no content-type"
        raise Refusal(415, f"{_WHAT} has {given}; it must be {JSON} or {CSV}")
    return kind


def read_rows(served: Served, kind: str, body: bytes, most: int) -> Rows:
    """Read a body of at most `most` rows; Refusal for what the model does not take."""
    if kind == JSON:
        return _of_json(served, body, most)
    return _rows(served, lambda: table_of(_WHAT, body, served.separator, served.decimal), most)


def _of_json(served: Served, body: bytes, most: int) -> Rows:
    rows = _list_of_rows(body)
    _check_number(len(rows), most)
    if isinstance(rows[0], dict):
        return _rows(served, lambda: _table(rows, served.names or []), most)
    X = _matrix(rows, served.n_features)
    if np.abs(X).max() <= LARGEST:  # and no NaN
        return Rows(X, [])
    with collected() as notes:
        _check_size(X)
        return Rows(_filled(served, X), notes)


def _rows(served: Served, read: Callable[[], Table], most: int) -> Rows:
    with collected() as notes:
        try:
            table = read()
            _check_number(len(table), most)
            X = features_of(served.model, table, served.path, missing=served.missing)
        except ValueError as error:
            raise Refusal(422, str(error)) from None
        return Rows(X, notes)


def _list_of_rows(body: bytes) -> list[Any]:
    try:
        document = json.loads(
            body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{_WHAT} is not JSON: {_why_not(error)}") from None
    if not isinstance(document, dict) or list(document) != ["rows"]:
        raise Refusal(422, f'{_WHAT} must be {{"rows": [...]}} and no more')
    rows = document["rows"]
    if not isinstance(rows, list):
        raise Refusal(422, f"'rows' is {_kind(rows)}; it must be a list")
    return rows


def _refuse_constant(name: str) -> None:
    raise Refusal(400, f"{_WHAT} is not JSON: it holds {name}, which is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        twice = repeated([name for name, _ in pairs])
        raise Refusal(422, f"{_WHAT}: two members of an object are called {written(twice)}")
    return out


def _why_not(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return str(error)
    return "it holds an integer of too many digits"  # for Python


def _check_number(n_rows: int, most: int) -> None:
    if n_rows == 0:
        raise Refusal(422, f"{_WHAT} has no rows")
    if n_rows > most:
        raise Refusal(413, f"{_WHAT} has {n_rows} rows; the limit is {most}")


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "null" if value is None else "a number")


def _matrix(rows: list[Any], n_features: int) -> FloatArray:
    """Read lists of numbers, NaN for null."""
    for k, row in enumerate(rows):
        if not isinstance(row, list):
            raise Refusal(422, f"row {k} is {_kind(row)}; it must be a list, as row 0 is")
        if len(row) != n_features:
            raise Refusal(422, f"row {k} has {len(row)} values; the model takes {n_features}")
        for column, value in enumerate(row):
            if type(value) not in (float, int) and value is not None:
                raise Refusal(422, f"row {k}, column {column}: {_kind(value)} is not a number")
    try:
        return np.array(rows, dtype=np.float64)
    except OverflowError:
        raise Refusal(422, f"a number is beyond {LARGEST:g}") from None


def _check_size(X: FloatArray) -> None:
    beyond = np.argwhere(np.abs(X) > LARGEST)
    if len(beyond):
        k, column = beyond[0]
        raise Refusal(422, f"row {k}, column {column}: {X[k, column]:g} is beyond {LARGEST:g}")


def _filled(served: Served, X: FloatArray) -> FloatArray:
    gaps = np.argwhere(np.isnan(X))
    if len(gaps) and served.missing == "refuse":
        raise Refusal(422, f"row {gaps[0][0]}, column {gaps[0][1]}: the value is missing")
    try:
        return with_means(served.model, X, served.path)
    except ValueError as error:
        raise Refusal(422, str(error)) from None


def _table(rows: list[Any], names: list[str]) -> Table:
    """Make a table of objects; ValueError for columns that lack, or that no feature is made of."""
    columns = list(rows[0])
    for k, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ValueError(f"row {k} is {_kind(row)}; it must be an object, as row 0 is")
        if row.keys() != rows[0].keys():
            odd = sorted(row.keys() ^ rows[0].keys())[0]
            raise ValueError(
                f"row {k} and row 0 have not the same columns: one lacks {written(odd)}"
            )
    cells = {
        name: [_cell(k, name, row[name], number=name in names) for k, row in enumerate(rows)]
        for name in columns
    }
    table = Table(_WHAT, columns, cells, list(range(len(rows))), ".", "row")
    odd_ones = sorted(set(columns) - columns_of(table, names)) if names else []
    if odd_ones:
        odd = written(odd_ones[0])
        raise ValueError(f"{_WHAT} has a column {odd}, which the model does not take")
    return table


def _cell(row: int, name: str, value: Any, *, number: bool) -> str:
    """Write a value as a cell of CSV."""
    if value is None:
        return ""
    if isinstance(value, dict | list) or (number and type(value) not in (float, int)):
        wanted = "a number" if number else "a text or a number"
        raise ValueError(f"row {row}, column {written(name)}: {_kind(value)} is not {wanted}")
    return value.strip() if isinstance(value, str) else str(value)
