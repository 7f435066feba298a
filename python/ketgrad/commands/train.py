"""``ketgrad train``: a quantum model of the rows of a CSV file, beside classical ones."""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import mean_absolute_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from ketgrad._files import make_folder
from ketgrad._types import Array, FloatArray
from ketgrad.commands.arguments import (
    UsageError,
    add_choice,
    at_least,
    between,
    file_name,
    folder_name,
)
from ketgrad.commands.column_report import column_report
from ketgrad.commands.features import feature_matrix, feature_names
from ketgrad.commands.notices import note
from ketgrad.commands.outputs import Outputs
from ketgrad.commands.progress import on_terminal
from ketgrad.commands.table import FILE_HELP, add_format_arguments, read_table
from ketgrad.commands.training_data import rows_with_target, split_rows, target_of, without_gaps
from ketgrad.estimators.classifier import VQClassifier
from ketgrad.estimators.regressor import VQRegressor

EPILOG = """\
examples:
  ketgrad train flowers.csv --target species
  ketgrad train houses.csv --target price --model regressor --layers 4 --epochs 200
  ketgrad train patients.csv --target outcome --ignore id name --missing mean --output study

The first line of the file names its columns; commas, semicolons, bars and tabs separate them. A
column in which all cells are numbers, or lack a value, is one of numbers; columns of text become
categories; the odd text among numbers is refused, with its line. What each column was read as, and
what is odd about it, is printed before the training. Features are scaled to angles, a share of the
rows is held out for the test, and the same rows train and test all models of the report: the
quantum model, the same without entangling gates, and classical ones. FOLDER gets model.json (for
ketgrad predict), report.json and the pictures.
"""

_DOCUMENTS = ("model.json", "report.json")
_PICTURES = ("training.png", "test.png")
_MANY_FEATURES = 3  # a qubit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument("data", metavar="DATA", type=file_name, help=FILE_HELP)
    add_format_arguments(parser)
    parser.add_argument("--target", required=True, metavar="COLUMN", help="what is to be predicted")
    model = "auto: a classifier for text and for few different whole numbers"
    add_choice(parser, "--model", "auto", "classifier", "regressor", text=model)
    add_choice(parser, "--feature-map", "angle", "iqp", "zz", text="how data enter")
    parser.add_argument("--layers", type=at_least(1), default=3, metavar="N", help="of the circuit")
    parser.add_argument(
        "--qubits", type=at_least(1, 30), metavar="N", help="one a feature, at most 8, if left out"
    )
    parser.add_argument("--epochs", type=at_least(1), default=100, metavar="N", help="of training")
    parser.add_argument(
        "--learning-rate", type=between(0, 10), default=0.05, metavar="RATE", help="largest step"
    )
    parser.add_argument(
        "--test-share", type=between(0, 0.9), default=0.2, metavar="SHARE", help="of rows held out"
    )
    parser.add_argument(
        "--seed", type=at_least(0, 2**32 - 1), default=0, metavar="N", help="of split and training"
    )
    parser.add_argument(
        "--ignore", nargs="+", default=[], metavar="COLUMN", help="columns to leave out"
    )
    parser.add_argument(
        "--categories",
        nargs="+",
        default=[],
        metavar="COLUMN",
        help="columns whose numbers are names, as of months",
    )
    missing = (
        "what to do with rows that lack values: stop, drop them, put in the column's mean, or "
        "(indicate) do that and make a feature of their being missing"
    )
    add_choice(parser, "--missing", "refuse", "drop", "mean", "indicate", text=missing)
    parser.add_argument(
        "--output",
        type=folder_name,
        default=Path("out"),
        metavar="FOLDER",
        help="everything goes here",
    )
    parser.add_argument("--no-plots", action="store_true", help="write no pictures")


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    if args.target in args.ignore:
        raise UsageError(f"--ignore leaves out the target {args.target!r}")
    if args.target in args.categories:
        raise UsageError("--categories is of features; --model classifier makes classes of targets")
    whole = read_table(args.data, args.sep, args.decimal)
    table = rows_with_target(whole, args.target)
    for column in (*args.ignore, *args.categories):
        table.column(column)
    target = target_of(table, args.target, args.model)
    names = feature_names(
        table,
        {args.target, *args.ignore},
        set(args.categories),
        of_gaps=args.missing == "indicate",
    )
    X = feature_matrix(table, names)
    table, X, target = without_gaps(table, names, X, target, args.missing)
    split = split_rows(X, target, args)
    make_folder(args.output)
    pictures = () if args.no_plots else _PICTURES
    outputs = Outputs(*(args.output / name for name in (*_DOCUMENTS, *pictures)))
    if pictures:
        import_module("matplotlib")  # what lacks is to be said before the training

    classes = target.dtype.kind != "f"
    print(
        column_report(whole, table, args.target, args.ignore, args.categories, classes=classes)
        + "\n"
    )
    model = _quantum(args, classes=classes)
    separable = clone(model).set_params(entangle=False, verbose=0)
    results = [_fitted("quantum", model, split), _fitted("quantum, separable", separable, split)]
    for name, baseline in _baselines(classes=classes, seed=args.seed).items():
        results.append(_fitted(name, baseline, split))
    model.feature_names_in_ = np.array(names, dtype=object)
    circuit = model.model_.circuit
    print(
        f"{len(split[0])} rows to train and {len(split[1])} to test, {len(names)} features; "
        f"{circuit.n_qubits} qubits, {circuit.depth()} gates deep, "
        f"{model.model_.n_parameters} parameters\n"
    )
    _note_many_features(len(names), circuit.n_qubits)
    print(_report(results))
    print()
    _write(outputs, args, model, results, split)
    return 0


# The models.


def _quantum(args: argparse.Namespace, *, classes: bool) -> Any:
    options = {
        "feature_map": args.feature_map,
        "n_layers": args.layers,
        "n_qubits": args.qubits,
        "dressed": False,  # dense layers would tie the features of the separable model together
        "max_iter": args.epochs,
        "learning_rate": args.learning_rate,
        "schedule": "cosine",
        "tol": 0.0,  # the schedule says how long
        "random_state": args.seed,
        "verbose": int(on_terminal()),
    }
    return VQClassifier(**options) if classes else VQRegressor(**options)


def _baselines(*, classes: bool, seed: int) -> dict[str, Any]:
    if classes:
        return {
            "majority class": DummyClassifier(),
            "logistic regression": make_pipeline(
                StandardScaler(), LogisticRegression(max_iter=1000)
            ),
            "RBF-SVC": make_pipeline(StandardScaler(), SVC(random_state=seed)),
        }
    scaled = TransformedTargetRegressor(SVR(), transformer=StandardScaler())
    return {
        "mean": DummyRegressor(),
        "linear regression": make_pipeline(StandardScaler(), LinearRegression()),
        "RBF-SVR": make_pipeline(StandardScaler(), scaled),
    }


def _fitted(name: str, model: Any, split: list[Array]) -> dict[str, Any]:
    X_train, X_test, y_train, y_test = split
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(X_train, y_train)
    if caught:
        note(f"{name}: {str(caught[0].message).splitlines()[0]}")
    seconds = time.perf_counter() - start
    result = {
        "model": name,
        "train_score": float(model.score(X_train, y_train)),
        "test_score": float(model.score(X_test, y_test)),
        "seconds": seconds,
    }
    if y_test.dtype.kind == "f":
        result["test_mean_absolute_error"] = float(
            mean_absolute_error(y_test, model.predict(X_test))
        )
    return result


def _note_many_features(n_features: int, n_qubits: int) -> None:
    if n_features > _MANY_FEATURES * n_qubits:
        note(
            f"{n_features} features are many for {n_qubits} qubit(s); their main components often "
            f"do better (in Python, make_pipeline(StandardScaler(), PCA({n_qubits}), model)), or "
            f"fewer columns (--ignore)"
        )


# What comes out.


def _report(results: list[dict[str, Any]]) -> str:
    """Lay out the scores, a line a model."""
    is_regression = "test_mean_absolute_error" in results[0]
    what = "R²" if is_regression else "accuracy"
    rows = [["model", f"train {what}", f"test {what}", "time"]]
    rows += [
        [
            result["model"],
            f"{result['train_score']:.3f}",
            f"{result['test_score']:.3f}",
            f"{result['seconds']:.2f} s",
        ]
        for result in results
    ]
    if is_regression:
        rows[0].insert(3, "mean error")
        for row, result in zip(rows[1:], results, strict=True):
            row.insert(3, f"{result['test_mean_absolute_error']:.4g}")
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines.insert(1, "─" * len(lines[0]))
    return "\n".join(lines)


def _write(
    outputs: Outputs,
    args: argparse.Namespace,
    model: Any,
    results: list[dict[str, Any]],
    split: list[Array],
) -> None:
    folder = args.output
    model.save(folder / "model.json")
    outputs.wrote(folder / "model.json")
    document = {
        "data": args.data,
        "target": args.target,
        "features": list(model.feature_names_in_),
        "rows": {"train": len(split[0]), "test": len(split[1])},
        "results": results,
    }
    outputs.write(folder / "report.json", json.dumps(document, indent=1) + "\n")
    if not args.no_plots:
        _, X_test, _, y_test = split
        for name, picture in _pictures(model, X_test, y_test).items():
            outputs.write(folder / name, picture)


def _pictures(model: Any, X_test: FloatArray, y_test: Array) -> dict[str, bytes]:
    from matplotlib.figure import Figure

    from ketgrad import plots
    from ketgrad.commands.prediction import predict
    from ketgrad.plots.look import png

    def picture(width: float, height: float, title: str, draw: Callable[[Any], Any]) -> bytes:
        figure = Figure(figsize=(width, height), layout="constrained")
        ax = figure.subplots()
        draw(ax)
        ax.set_title(title)
        return png(figure)

    predicted = predict(model, X_test)
    beside = plots.confusion_matrix if isinstance(model, VQClassifier) else plots.predicted_vs_true
    training = picture(6.4, 4.2, "training", lambda ax: plots.loss_curve(model, ax))
    side = min(max(5.0, 2 + 0.45 * len(getattr(model, "classes_", ()))), 30)  # a row for a class
    test = picture(side, side, "test rows", lambda ax: beside(y_test, predicted, ax))
    return dict(zip(_PICTURES, (training, test), strict=True))
