"""Rows to train on and rows to test, from the columns of a table."""

import argparse

import numpy as np
from sklearn.model_selection import train_test_split

from ketgrad._types import Array, FloatArray
from ketgrad.commands.features import refuse_missing, refuse_typos
from ketgrad.commands.notices import note
from ketgrad.commands.table import Table

_MOST_CLASSES = 20  # of whole numbers as a target, to be taken for classes


def rows_with_target(table: Table, target: str) -> Table:
    """Keep the rows that have a target; ValueError for less than four."""
    kept = table.present(target)
    if len(kept) < len(table):
        first = next(k for k in range(len(table)) if table.is_missing(k, target))
        left = len(table) - len(kept)
        note(f"{table.place(first, target)}: the target is missing; {left} such row(s) left out")
    if len(kept) < 4:
        raise ValueError(
            f"{table.path} has {len(kept)} row(s) with a target; at least 4 are needed"
        )
    return table.keep(kept)


def target_of(table: Table, name: str, model: str) -> Array:
    """Class labels (text or whole numbers) or numbers, whichever the model takes."""
    if model == "regressor" or (model == "auto" and _is_measure(table, name)):
        return np.array([table.number(row, name) for row in range(len(table))])
    if model == "auto":
        refuse_typos(table, name, "say --model classifier")
    labels = [table.label(row, name) for row in range(len(table))]
    _refuse_many_classes(table, name, model, labels)
    try:
        return np.array([int(label) for label in labels], dtype=np.int64)
    except (ValueError, OverflowError):
        return np.array(labels)


def _refuse_many_classes(table: Table, name: str, model: str, labels: list[str]) -> None:
    kinds = len(set(labels))
    if model == "auto" and kinds > _MOST_CLASSES:
        row = (table.column(name).strays() or [0])[0]
        text = table.columns[name][row]
        raise ValueError(
            f"{table.place(row, name)}: {text!r} is not a number, and {kinds} different texts are "
            f"too many for classes (limit {_MOST_CLASSES}); mend it, or say --model classifier"
        )
    if 2 * kinds > len(labels):
        raise ValueError(
            f"the target {name!r} has {kinds} different values in {len(labels)} rows: too many "
            f"to be classes"
        )


def _is_measure(table: Table, name: str) -> bool:
    if not table.is_numeric(name):
        return False
    values = {table.number(row, name) for row in range(len(table))}
    return len(values) > _MOST_CLASSES or any(value != int(value) for value in values)


def without_gaps(
    table: Table, names: list[str], X: FloatArray, target: Array, missing: str
) -> tuple[Table, FloatArray, Array]:
    """Refuse or drop rows that lack values, or leave them for split_rows to fill."""
    gaps = np.isnan(X).any(axis=1)
    if missing == "refuse":
        refuse_missing(table, names, X)
    elif missing == "drop" and gaps.any():
        note(f"{gaps.sum()} row(s) with missing values dropped")
        kept = np.flatnonzero(~gaps).tolist()
        if len(kept) < 4:
            raise ValueError(f"{table.path} has {len(kept)} row(s) without missing values")
        return table.keep(kept), X[kept], target[kept]
    return table, X, target


def split_rows(X: FloatArray, target: Array, args: argparse.Namespace) -> list[Array]:
    """Training and test rows: X_train, X_test, y_train, y_test; gaps filled by training means."""
    stratify = None
    labels, counts = np.unique(target, return_counts=True)
    if len(labels) < 2:
        raise ValueError(f"the target {args.target!r} is always {str(labels[0])!r}")
    if target.dtype.kind != "f":
        rare = counts.min() < 2 or len(labels) > args.test_share * len(target)
        stratify = None if rare else target
    split = train_test_split(
        X, target, test_size=args.test_share, random_state=args.seed, stratify=stratify
    )
    _check_parts(split[2], split[3], args)
    means = np.nanmean(np.where(np.isnan(split[0]).all(axis=0), 0.0, split[0]), axis=0)
    for part in split[:2]:
        part[:] = np.where(np.isnan(part), means, part)
    return list(split)


def _check_parts(y_train: Array, y_test: Array, args: argparse.Namespace) -> None:
    if (y_train == y_train[0]).all():
        raise ValueError(
            f"the target {args.target!r} is {str(y_train[0])!r} in all rows to train, by --seed "
            f"{args.seed}: the others are too rare"
        )
    if y_test.dtype.kind == "f" and len(y_test) < 2:
        raise ValueError(f"--test-share {args.test_share} leaves one row to test; R² needs two")
