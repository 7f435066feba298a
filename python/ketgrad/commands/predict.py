"""``ketgrad predict``: what a trained model says about the rows of a CSV file."""

import argparse
from typing import Any

from ketgrad._types import FloatArray
from ketgrad.commands.arguments import add_model, file_name
from ketgrad.commands.outputs import STDOUT, Outputs, csv_text
from ketgrad.commands.prediction import add_missing, features_of, predict, predict_proba
from ketgrad.commands.table import FILE_HELP, add_format_arguments, read_table
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
    add_model(parser)
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
    add_missing(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    outputs = Outputs(args.output, inputs=[args.model, args.data])
    model = load(args.model)
    table = read_table(args.data, args.sep, args.decimal)
    X = features_of(model, table, args.model, missing=args.missing)
    header, rows = _predictions(model, X, probabilities=args.probabilities)
    outputs.write(args.output, csv_text(header, rows))
    return 0


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
