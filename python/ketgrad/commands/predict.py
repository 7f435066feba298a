"""``ketgrad predict``: what a trained model says about the rows of a CSV file."""

import argparse
import csv
from io import StringIO
from typing import Any

import numpy as np

from ketgrad._types import FloatArray
from ketgrad.commands.arguments import add_choice, file_name
from ketgrad.commands.features import (
    feature_matrix,
    have_gaps_as_features,
    note_unknown_texts,
    refuse_missing,
)
from ketgrad.commands.notices import note
from ketgrad.commands.outputs import STDOUT, Outputs
from ketgrad.commands.prediction import predict, predict_proba
from ketgrad.commands.table import FILE_HELP, Table, add_format_arguments, read_table
from ketgrad.estimators.loading import load

EPILOG = """\
examples:
  ketgrad predict out/model.json new.csv
  ketgrad predict out/model.json new.csv --output predictions.csv --probabilities

The file needs the columns that the model was trained on, in any order; others do no harm.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument(
        "model",
        metavar="MODEL",
        type=file_name,
        help="a model that ketgrad train or save() wrote",
    )
    parser.add_argument("data", metavar="DATA", type=file_name, help=FILE_HELP)
    add_format_arguments(parser)
    parser.add_argument(
        "--output",
        metavar="OUT",
        type=file_name,
        default=STDOUT,
        help="a CSV file to write instead of printing",
    )
    parser.add_argument(
        "--probabilities", action="store_true", help="a column for each class as well"
    )
    missing = (
        "what to do with missing values, unless the model was trained to indicate them: stop, or "
        "put in the mean of the training rows"
    )
    add_choice(parser, "--missing", "refuse", "mean", text=missing)


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    outputs = Outputs(args.output)
    model = load(args.model)
    table = read_table(args.data, args.sep, args.decimal)
    X = _features(args, model, table)
    header, rows = _predictions(model, X, probabilities=args.probabilities)
    outputs.write(args.output, _csv(header, rows))
    return 0


def _features(args: argparse.Namespace, model: Any, table: Table) -> FloatArray:
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        raise ValueError(f"{args.model} does not know its features by name; it was trained on none")
    names = names.tolist()
    note_unknown_texts(table, names)
    X = feature_matrix(table, names)
    if args.missing == "refuse":
        refuse_missing(table, names, np.where(have_gaps_as_features(table, names), 0.0, X))
    if np.isnan(X).any():
        if model.input_mean_ is None:
            raise ValueError(f"{args.model} has no means to put in for missing values")
        note(f"{np.isnan(X).sum()} missing value(s): the mean of the training rows put in")
        X = np.where(np.isnan(X), model.input_mean_, X)
    return X


def _predictions(
    model: Any, X: FloatArray, *, probabilities: bool
) -> tuple[list[str], list[list[str]]]:
    header, columns = ["prediction"], [[str(value) for value in predict(model, X).tolist()]]
    if probabilities:
        if not hasattr(model, "predict_proba"):
            raise ValueError(f"{type(model).__name__} has no probabilities")
        shares = predict_proba(model, X)
        for k, label in enumerate(model.classes_.tolist()):
            header.append(f"probability of {label}")
            columns.append([f"{share:.6g}" for share in shares[:, k]])
    return header, [list(row) for row in zip(*columns, strict=True)]


def _csv(header: list[str], rows: list[list[str]]) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
