"""The main job of the quick start: quantum classifiers on real data, beside classical ones.

``python -m ketgrad demo --output out`` trains, for each of three data sets that scikit-learn ships
and for several seeds (a stratified 80/20 split each), a variational quantum classifier, the same
circuit without entangling gates, an RBF-SVC, an MLP and a random forest, all on the same splits,
with preprocessing fitted to the training side alone. It prints one table and writes pictures.

Both quantum models read sums over all qubits, as estimators do by themselves. The usual readout, Z
on one qubit, would show the separable model a single feature and make entanglement look better than
it is (Bowles, Ahmed, Schuld 2024, arXiv:2403.07059).
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sklearn.model_selection import train_test_split

from ketgrad._core import __version__
from ketgrad._files import check_writable, make_folder, write_whole
from ketgrad.commands.arguments import at_least, folder_name
from ketgrad.commands.demo.models import Result, models_of, result_of
from ketgrad.commands.demo.pictures import boundary_figure, circuit_picture, loss_figure
from ketgrad.commands.demo.results import table
from ketgrad.commands.demo.tasks import QUICK_EPOCHS, TASKS, TEST_SHARE
from ketgrad.commands.progress import terminal_bar
from ketgrad.plots.look import png


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.add_argument(
        "--output",
        type=folder_name,
        default=Path("out"),
        metavar="FOLDER",
        help="pictures and results go here",
    )
    parser.add_argument(
        "--seeds", type=at_least(1), default=5, metavar="N", help="splits a data set"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one seed and a few epochs: a trial run"
    )


def main(args: argparse.Namespace) -> int:
    """Run the demo; returns the exit code."""
    make_folder(args.output)
    check_writable(args.output / "results.json")
    seeds = range(1 if args.quick else args.seeds)
    start = time.perf_counter()
    results = run(seeds, quick=args.quick)
    seconds = time.perf_counter() - start
    print(table(results))
    accuracy = "mean ± standard deviation over the seeds" if len(seeds) > 1 else "one split"
    print(
        f"\nTest accuracy: {accuracy}. Time: training one model."
        "\nParameters: trained numbers (SVC: dual coefficients; forest: nodes)."
        f"\n{len(results)} models trained and tested in {seconds:.1f} s.\n"
    )
    for path in write_files(results, args.output, quick=args.quick):
        print(f"wrote {path}")
    return 0


def run(seeds: range, *, quick: bool = False) -> list[Result]:
    """Train and test every model on every split."""
    results = []
    total = len(TASKS) * len(seeds) * len(models_of(TASKS[0], 0, 1))
    with _progress(total) as advance:
        for task in TASKS:
            X, y = task.load()
            epochs = QUICK_EPOCHS if quick else task.epochs
            for seed in seeds:
                split = train_test_split(X, y, test_size=TEST_SHARE, stratify=y, random_state=seed)
                for name, model in models_of(task, seed, epochs).items():
                    results.append(result_of(task.name, name, seed, model, split))
                    advance(f"{task.name}: {name}")
    return results


def write_files(results: list[Result], folder: Path, *, quick: bool = False) -> list[Path]:
    """Write the pictures and the results; returns their paths."""
    figures = {
        "loss_curves.png": loss_figure(results),
        "decision_boundary.png": boundary_figure(quick=quick),
    }
    for name, figure in figures.items():
        write_whole(folder / name, png(figure))
    write_whole(folder / "circuit.svg", circuit_picture())
    document = {"ketgrad": __version__, "quick": quick, "results": [asdict(r) for r in results]}
    write_whole(folder / "results.json", json.dumps(document, indent=1) + "\n")
    return [folder / name for name in ("circuit.svg", *figures, "results.json")]


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show a progress bar, where tqdm is installed."""
    bar = terminal_bar(total, unit="model")
    if bar is None:
        yield lambda _: None
        return
    with bar:

        def advance(label: str) -> None:
            bar.set_description_str(label.ljust(34), refresh=False)
            bar.update()

        yield advance
