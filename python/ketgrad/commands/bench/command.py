"""`python -m ketgrad bench`: how time grows with the number of qubits on this machine.

Measures a layer of one-qubit gates, a variational circuit and its gradient, in both precisions and
on one to all cores, beside the limits of the machine: the bandwidth that an in-place scale reaches
and the peak of multiply-adds in registers; then the distance to the speed goals of the project.
Says so where other processes take cores meanwhile. Writes scaling.json and scaling.png.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from ketgrad._files import check_writable, make_folder
from ketgrad.commands.arguments import UsageError, at_least, folder_name
from ketgrad.commands.bench.company import warn_of_company, warn_of_disturbed
from ketgrad.commands.bench.goals import measure_goals
from ketgrad.commands.bench.limits import memory_bandwidth, peak_arithmetic
from ketgrad.commands.bench.machine import describe_machine
from ketgrad.commands.bench.points import POINT_SECONDS, measure
from ketgrad.commands.bench.progress import Progress
from ketgrad.commands.bench.report import Report, print_report
from ketgrad.commands.bench.timing import fits, on_threads, state_bytes

_QUICK_MAX_QUBITS = 16
_WIDE_SIZES = (16, 30)  # of --wide
_QUICK_POINT_SECONDS = 0.1
_MOST_QUBITS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the bench command."""
    parser.description = "Measure how time grows with qubits; write scaling.json and scaling.png."
    for name, kind, default, text in (
        ("--min-qubits", at_least(1, _MOST_QUBITS), 4, "smallest size"),
        ("--max-qubits", at_least(1, _MOST_QUBITS), 26, "largest size"),
        ("--step", at_least(1), 2, "qubits from one size to the next"),
        ("--layers", at_least(1), 2, "layers of the variational circuit"),
        ("--repeats", at_least(1), 7, "repeats of each measurement"),
    ):
        parser.add_argument(name, type=kind, default=default, metavar="N", help=text)
    parser.add_argument(
        "--threads",
        type=at_least(1),
        nargs="+",
        default=_thread_counts(os.cpu_count() or 1),
        metavar="N",
        help="numbers of threads",
    )
    parser.add_argument(
        "--precision",
        nargs="+",
        choices=["single", "double"],
        default=["single", "double"],
        help="floating-point types",
    )
    parser.add_argument(
        "--output", type=folder_name, default=Path(), metavar="DIR", help="folder of the results"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"at most {_QUICK_MAX_QUBITS} qubits, and shorter measurements",
    )
    parser.add_argument(
        "--wide",
        action="store_true",
        help="{} to {} qubits, as far as memory goes: may take an hour".format(*_WIDE_SIZES),
    )


def main(args: argparse.Namespace) -> int:
    """Run the bench command and return its exit status."""
    _check(args)
    make_folder(args.output)
    for name in ("scaling.json", "scaling.png"):
        check_writable(args.output / name)
    options = ("min_qubits", "max_qubits", "step", "layers", "threads", "precision", "repeats")
    report = Report(
        machine=describe_machine(), config={name: getattr(args, name) for name in options}
    )
    status = 0
    start = time.perf_counter()
    try:
        _measure_all(args, report)
    except KeyboardInterrupt:
        print("interrupted; keeping what was measured", file=sys.stderr)
        status = 130
    print_report(report)
    report.write(args.output / "scaling.json")
    written = [str(args.output / "scaling.json")]
    if report.points:
        try:
            from ketgrad.commands.bench.picture import plot

            plot(report, args.output / "scaling.png")
            written.append(str(args.output / "scaling.png"))
        except ModuleNotFoundError as error:
            print(f"no picture: {error.name} is missing (pip install 'ketgrad[plot]')")
    print(f"\n{' and '.join(written)} in {time.perf_counter() - start:.0f} s")
    return status


def _check(args: argparse.Namespace) -> None:
    """Raise UsageError for options that do not go together."""
    if args.wide and args.quick:
        raise UsageError("--wide and --quick contradict each other")
    if args.wide:
        args.min_qubits, args.max_qubits = _WIDE_SIZES
    if args.quick:
        args.max_qubits = min(args.max_qubits, _QUICK_MAX_QUBITS)
    if args.min_qubits > args.max_qubits:
        limit = f"{args.max_qubits}{' of --quick' if args.quick else ''}"
        raise UsageError(f"--min-qubits {args.min_qubits} is more than --max-qubits {limit}")
    args.threads = sorted(set(args.threads))
    args.precision = sorted(set(args.precision))


def _measure_all(args: argparse.Namespace, report: Report) -> None:
    """Fill the report, smallest sizes first, so that an interrupt leaves whole curves."""
    budget = _QUICK_POINT_SECONDS if args.quick else POINT_SECONDS
    sizes = sorted({*range(args.min_qubits, args.max_qubits + 1, args.step), args.max_qubits})
    cases = [(n, p, t) for n in sizes for p in args.precision for t in args.threads]
    progress = Progress(sum(_work(n, p, args.layers) for n, p, _ in cases))
    try:
        progress.start("free cores")
        warn_of_company(max(args.threads), report, progress)
        progress.start("memory bandwidth")
        report.memory_bandwidth += [memory_bandwidth(t, args.repeats) for t in args.threads]
        progress.start("arithmetic")
        report.peak += [peak_arithmetic(t) for t in args.threads]
        for n_qubits, precision, threads in cases:
            what = f"{n_qubits} qubits, {precision}, {threads} thread(s)"
            progress.start(what)
            if fits(n_qubits, precision, 1):
                with on_threads(threads):
                    point = measure(n_qubits, precision, args.layers, args.repeats, budget)
                report.points.append(point)
            else:
                needed = state_bytes(n_qubits, precision) / 2**30
                report.skipped.append(f"{what}: needs {needed:.1f} GiB")
            progress.advance(_work(n_qubits, precision, args.layers))
        measure_goals(args, report, progress)
        warn_of_company(max(args.threads), report, progress)
        warn_of_disturbed(report, progress)
        report.complete = True
    finally:
        progress.close()


def _work(n_qubits: int, precision: str, n_layers: int) -> float:
    """Roughly the seconds a point takes, for the progress bar."""
    return 0.5 + 1e-9 * (n_layers + 0.5) * n_qubits * state_bytes(n_qubits, precision)


def _thread_counts(cores: int) -> list[int]:
    """Powers of two up to all cores, and these.

    >>> _thread_counts(6)
    [1, 2, 4, 6]
    """
    return sorted({*(2**k for k in range(cores.bit_length())), cores})
