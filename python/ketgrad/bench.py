"""`python -m ketgrad bench`: how time grows with the number of qubits on this machine.

Measures a layer of one-qubit gates, a variational circuit and its gradient, in both precisions and
on one to all cores, beside the limits of the machine: the bandwidth that an in-place scale reaches
and the peak of multiply-adds in registers; then the distance to the speed goals of the project.
Says so where other processes take cores meanwhile. Writes scaling.json and scaling.png.
"""

import argparse
import math
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad import _core
from ketgrad._arguments import UsageError, at_least
from ketgrad._bench_report import GRADIENT_GOAL, Goal, Point, Report, print_report
from ketgrad._files import check_writable, make_folder
from ketgrad._progress import terminal_bar

_AMPLITUDE_BYTES = {"single": 8, "double": 16}
_SMALLEST_STATE = 128  # bytes, with padding
_QUICK_MAX_QUBITS = 16
_WIDE_SIZES = (16, 30)  # of --wide
_WIDE_QUBITS = 25  # 512 MiB in double precision: beyond the caches of most machines
_POINT_SECONDS = 0.5  # what repeats of one measurement may take in all
_QUICK_POINT_SECONDS = 0.1
_SHORTEST_TIMING = 1e-4  # seconds for which shorter passes are repeated and averaged
_SEED = 1
_MOST_QUBITS = 40
_BUSY_QUBITS = 20  # wide enough to keep all threads at work
_FREE_SHARE = 0.85  # of the cores asked for, without a warning
_COMPANY = 0.3  # cores that other processes use besides ours, from which on it is said
_GATE_FLOPS = 16  # an amplitude: a complex 2x2 matrix is 8 multiply-adds

Seconds = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_GATE_GOAL = 0.7
_GATE_GOAL_QUBITS = 24
_GRADIENT_GOAL_SIZE = (16, 8)  # qubits, layers


class _Progress:
    """A bar that moves with the estimated work, or lines where tqdm is missing."""

    def __init__(self, total: float) -> None:
        form = "{percentage:3.0f}% |{bar}| {elapsed} {desc}"
        self._bar = terminal_bar(total, bar_format=form)

    def start(self, what: str) -> None:
        """Say what is being measured."""
        if self._bar is None:
            print(what, file=sys.stderr)
        else:
            self._bar.set_description_str(what)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if self._bar is None:
            print(text, file=sys.stderr)
        else:
            self._bar.write(text, file=sys.stderr)

    def advance(self, work: float) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(work)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()


def _caches() -> list[dict[str, Any]]:
    """List the data caches of core 0, the smallest first."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    out = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            kind = (index / "type").read_text().strip()
            size = (index / "size").read_text().strip()
            level = (index / "level").read_text().strip()
        except OSError:
            continue
        if kind != "Instruction" and size[-1:] in units:
            out.append({"level": int(level), "bytes": int(size[:-1]) * units[size[-1]]})
    return out


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _machine() -> dict[str, Any]:
    """Describe what the figures depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "caches": _caches(),
        "memory_available": _core.available_memory(),
        "simd_target": _core.simd_target(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": _core._libraries["compiler"],
        "ketgrad": _core.__version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@contextmanager
def _threads(count: int) -> Iterator[None]:
    _core.set_num_threads(count)
    try:
        yield
    finally:
        _core.set_num_threads(0)


def _state_bytes(n_qubits: int, precision: str) -> int:
    return max((1 << n_qubits) * _AMPLITUDE_BYTES[precision], _SMALLEST_STATE)


def _median(values: Seconds) -> float:
    return float(np.median(values))


def _repeats(seconds: float, wanted: int, budget: float) -> int:
    """More repeats of what is short, fewer than wanted of what is long."""
    return max(1, min(int(budget / seconds), max(wanted, int(0.1 * budget / seconds))))


def _gate_layer(n_qubits: int) -> kg.Circuit:
    """One dense gate on every qubit."""
    circuit = kg.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.u(0.1 + q, 0.2, 0.3, q)
    return circuit


def _measure_passes(n_qubits: int, precision: str, wanted: int, budget: float) -> Seconds:
    """Seconds of a scale and of a layer of gates, shape (repeats, 2)."""
    layer = [_gate_layer(n_qubits)]
    start = time.perf_counter()
    seconds: Seconds = _core._pass_seconds(layer, n_qubits, precision, 1, _SHORTEST_TIMING)
    if time.perf_counter() - start < budget:
        row = sum(max(float(s), _SHORTEST_TIMING) for s in seconds[0])
        repeats = _repeats(row, wanted, budget)
        seconds = _core._pass_seconds(layer, n_qubits, precision, repeats, _SHORTEST_TIMING)
    return seconds


def _variational(n_qubits: int, n_layers: int, precision: str) -> kg.Program:
    circuit = kg.hardware_efficient(n_qubits, n_layers)
    return kg.compile(circuit, kg.PauliSum("Z0", n_qubits), precision=precision)


def _measure_program(
    n_qubits: int, n_layers: int, precision: str, wanted: int, budget: float
) -> Seconds:
    """Seconds of a forward run, and of forward and gradient together, shape (repeats, 2)."""
    program = _variational(n_qubits, n_layers, precision)
    weights = np.random.default_rng(_SEED).uniform(0, 2 * math.pi, len(program.weights))
    seconds: Seconds = _core._program_seconds(program, weights, repeats=1)
    first = float(seconds[0, 1])
    if first < budget:
        repeats = _repeats(first, wanted, budget)
        seconds = _core._program_seconds(program, weights, repeats=repeats)
    return seconds


def measure(
    n_qubits: int, precision: str, n_layers: int, repeats: int, budget: float = _POINT_SECONDS
) -> Point:
    """Measure one size on the threads that are set.

    `budget` is how many seconds the repeats of a measurement may take; the first always runs. Where
    memory holds one state but not the two of a gradient, the variational circuit is left out (NaN).

    >>> point = measure(3, "double", n_layers=1, repeats=1, budget=0.01)
    >>> point.n_parameters, point.gradient_seconds > point.forward_seconds
    (9, True)
    """
    company = _Company()
    passes = _measure_passes(n_qubits, precision, repeats, budget)
    runs: Seconds = np.full((1, 2), math.nan)
    if _fits(n_qubits, precision, 2):
        runs = _measure_program(n_qubits, n_layers, precision, repeats, budget)
    traffic = 2 * _state_bytes(n_qubits, precision)
    gate_seconds = _median(passes[:, 1]) / n_qubits
    n_gates = len(kg.hardware_efficient(n_qubits, n_layers))
    return Point(
        n_qubits=n_qubits,
        precision=precision,
        threads=_core.num_threads(),
        scale_bytes_per_second=traffic / _median(passes[:, 0]),
        gate_seconds=gate_seconds,
        gate_bytes_per_second=traffic / gate_seconds,
        gate_flops_per_second=_GATE_FLOPS * 2.0**n_qubits / gate_seconds,
        forward_seconds=_median(runs[:, 0]),
        gradient_seconds=_median(runs[:, 1]),
        gradient_per_forward=_median(runs[:, 1] / runs[:, 0]),
        n_parameters=3 * n_qubits * n_layers,
        gates_per_pass=n_gates / _variational(n_qubits, n_layers, precision).n_passes,
        other_cores=company.cores(),
    )


def _fits(n_qubits: int, precision: str, n_states: int) -> bool:
    return n_states * _state_bytes(n_qubits, precision) <= int(_core.available_memory())


def _memory_bandwidth(threads: int, repeats: int) -> dict[str, Any]:
    """Bytes a second that an in-place scale of a big array reads and writes."""
    n_qubits = _WIDE_QUBITS
    while not _fits(n_qubits, "double", 2):
        n_qubits -= 1
    with _threads(threads):
        seconds = _core._pass_seconds([], n_qubits, "double", repeats=repeats, min_seconds=0.0)
    size = _state_bytes(n_qubits, "double")
    return {
        "threads": threads,
        "array_bytes": size,
        "bytes_per_second": 2 * size / _median(seconds),
    }


def _peak(threads: int) -> dict[str, Any]:
    """Multiply-adds in registers: operations a second in double precision (single: twice that)."""
    return {"threads": threads, "flops_per_second": _core._peak_flops(threads)}


def _gate_goals(threads: int, repeats: int) -> Iterator[Goal]:
    """Dense and diagonal gates on every qubit against a scale measured beside each."""
    n_qubits = _GATE_GOAL_QUBITS
    worst: dict[str, tuple[float, int]] = {}
    for q in range(n_qubits):
        gates = {"dense": kg.Circuit(n_qubits).u(0.3, 0.4, 0.5, q)}
        gates["diagonal"] = kg.Circuit(n_qubits).rz(0.3, q)
        with _threads(threads):
            seconds = _core._pass_seconds(
                list(gates.values()), n_qubits, "double", repeats=repeats, min_seconds=0.0
            )
        for column, name in enumerate(gates, start=1):
            fraction = _median(seconds[:, 0] / seconds[:, column])
            worst[name] = min(worst.get(name, (math.inf, q)), (fraction, q))
    for name, (fraction, q) in worst.items():
        text = f"{name} gate / scale, {n_qubits} qubits, {threads} thread(s), worst qubit {q}"
        yield Goal(text, fraction, _GATE_GOAL, at_least=True)


def _gradient_goal(threads: int, repeats: int) -> Goal:
    n_qubits, n_layers = _GRADIENT_GOAL_SIZE
    with _threads(threads):
        runs = _measure_program(n_qubits, n_layers, "double", repeats, _POINT_SECONDS)
    text = f"gradient / forward, {n_qubits} qubits, {n_layers} layers, {threads} thread(s)"
    return Goal(text, _median(runs[:, 1] / runs[:, 0]), GRADIENT_GOAL, at_least=False)


def _measure_goals(args: argparse.Namespace, report: Report, progress: _Progress) -> None:
    """Measure the goals whose sizes are within the range asked for."""
    if args.max_qubits >= _GRADIENT_GOAL_SIZE[0]:
        progress.start("goals: gradient")
        report.goals += [_gradient_goal(threads, args.repeats) for threads in args.threads]
    if args.max_qubits >= _GATE_GOAL_QUBITS and _fits(_GATE_GOAL_QUBITS, "double", 2):
        progress.start("goals: every qubit")
        report.goals += _gate_goals(max(args.threads), args.repeats)


def _work(n_qubits: int, precision: str, n_layers: int) -> float:
    """Roughly the seconds a point takes, for the progress bar."""
    return 0.5 + 1e-9 * (n_layers + 0.5) * n_qubits * _state_bytes(n_qubits, precision)


def _measure_all(args: argparse.Namespace, report: Report) -> None:
    """Fill the report, smallest sizes first, so that an interrupt leaves whole curves."""
    budget = _QUICK_POINT_SECONDS if args.quick else _POINT_SECONDS
    sizes = sorted({*range(args.min_qubits, args.max_qubits + 1, args.step), args.max_qubits})
    cases = [(n, p, t) for n in sizes for p in args.precision for t in args.threads]
    progress = _Progress(sum(_work(n, p, args.layers) for n, p, _ in cases))
    try:
        progress.start("free cores")
        _warn_of_company(max(args.threads), report, progress)
        progress.start("memory bandwidth")
        report.memory_bandwidth += [_memory_bandwidth(t, args.repeats) for t in args.threads]
        progress.start("arithmetic")
        report.peak += [_peak(t) for t in args.threads]
        for n_qubits, precision, threads in cases:
            what = f"{n_qubits} qubits, {precision}, {threads} thread(s)"
            progress.start(what)
            if _fits(n_qubits, precision, 1):
                with _threads(threads):
                    point = measure(n_qubits, precision, args.layers, args.repeats, budget)
                report.points.append(point)
            else:
                needed = _state_bytes(n_qubits, precision) / 2**30
                report.skipped.append(f"{what}: needs {needed:.1f} GiB")
            progress.advance(_work(n_qubits, precision, args.layers))
        _measure_goals(args, report, progress)
        _warn_of_company(max(args.threads), report, progress)
        _warn_of_disturbed(report, progress)
        report.complete = True
    finally:
        progress.close()


def _busy_seconds() -> float | None:
    """Sum the time that all cores have worked, for anybody; None where the system is silent."""
    try:
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _wait, irq, soft_irq, steal = map(int, fields[:8])
    ticks = user + nice + system + irq + soft_irq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


class _Company:
    """How many cores other processes use, from the making of this object on."""

    def __init__(self) -> None:
        self._wall, self._own = time.perf_counter(), time.process_time()
        self._busy = _busy_seconds()

    def cores(self) -> float:
        """Their mean number; 0 where it cannot be known."""
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return 0.0
        others = (busy - self._busy) - (time.process_time() - self._own)
        return max(0.0, others / (time.perf_counter() - self._wall))


def _warn_of_disturbed(report: Report, progress: _Progress) -> None:
    """Say how many measurements had to share their cores."""
    cores = os.cpu_count() or 1
    disturbed = [
        p for p in report.points if p.other_cores > max(_COMPANY, cores - p.threads + _COMPANY)
    ]
    if not disturbed:
        return
    most = max(p.other_cores for p in disturbed)
    text = (
        f"{len(disturbed)} of {len(report.points)} sizes were measured while other processes used "
        f"up to {most:.1f} of {cores} cores"
    )
    progress.say(f"warning: {text}")
    report.warnings.append(text)


def _free_cores(threads: int) -> float:
    """Measure how many cores this process gets while that many threads are at work."""
    layer = [_gate_layer(_BUSY_QUBITS)]
    with _threads(threads):
        _core._pass_seconds(layer, _BUSY_QUBITS, "double", repeats=1, min_seconds=0.0)  # warm up
        wall, cpu = time.perf_counter(), time.process_time()
        _core._pass_seconds(layer, _BUSY_QUBITS, "double", repeats=3, min_seconds=0.0)
        return (time.process_time() - cpu) / (time.perf_counter() - wall)


def _warn_of_company(threads: int, report: Report, progress: _Progress) -> None:
    """Say so where other processes take the cores: it explains times that look absurd."""
    free = _free_cores(threads)
    if free >= _FREE_SHARE * threads or report.warnings:
        return
    text = (
        f"{threads} thread(s) got {free:.1f} cores: other processes take the rest, "
        "and the times say more about them than about ketgrad"
    )
    progress.say(f"warning: {text}")
    report.warnings.append(text)


def _thread_counts(cores: int) -> list[int]:
    """Powers of two up to all cores, and these.

    >>> _thread_counts(6)
    [1, 2, 4, 6]
    """
    return sorted({*(2**k for k in range(cores.bit_length())), cores})


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
        "--output", type=Path, default=Path(), metavar="DIR", help="folder of the results"
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


def main(args: argparse.Namespace) -> int:
    """Run the bench command and return its exit status."""
    _check(args)
    make_folder(args.output)
    for name in ("scaling.json", "scaling.png"):
        check_writable(args.output / name)
    options = ("min_qubits", "max_qubits", "step", "layers", "threads", "precision", "repeats")
    report = Report(machine=_machine(), config={name: getattr(args, name) for name in options})
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
            from ketgrad._bench_plot import plot

            plot(report, args.output / "scaling.png")
            written.append(str(args.output / "scaling.png"))
        except ModuleNotFoundError as error:
            print(f"no picture: {error.name} is missing (pip install 'ketgrad[plot]')")
    print(f"\n{' and '.join(written)} in {time.perf_counter() - start:.0f} s")
    return status
