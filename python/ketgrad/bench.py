"""`python -m ketgrad bench`: how time grows with the number of qubits on this machine.

Measures a layer of one-qubit gates, a variational circuit and its gradient, in both precisions and
on several numbers of threads, beside the bandwidth that an in-place scale reaches; then the
distance to the speed goals of the project. Writes scaling.json and scaling.png.
"""

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ketgrad as kg
from ketgrad import _core

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_REPORT_VERSION = 1
_AMPLITUDE_BYTES = {"single": 8, "double": 16}
_SMALLEST_STATE = 128  # bytes, with padding
_QUICK_MAX_QUBITS = 16
_WIDE_QUBITS = 25  # 512 MiB in double precision: beyond the caches of most machines
_POINT_SECONDS = 0.5  # what repeats of one measurement may take in all
_QUICK_POINT_SECONDS = 0.1
_SHORTEST_TIMING = 1e-4  # seconds for which shorter passes are repeated and averaged
_SEED = 1

Seconds = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_GATE_GOAL = 0.7
_GATE_GOAL_QUBITS = 24
_GRADIENT_GOAL = 5.0
_GRADIENT_GOAL_SIZE = (16, 8)  # qubits, layers


@dataclass
class Point:
    """One measured size; seconds are medians. Bandwidths count a whole read and write a pass."""

    n_qubits: int
    precision: str
    threads: int
    scale_bytes_per_second: float
    gate_seconds: float
    gate_bytes_per_second: float
    forward_seconds: float
    gradient_seconds: float
    gradient_per_forward: float
    n_parameters: int


@dataclass
class Goal:
    """A speed goal, what was measured, and whether it is met."""

    name: str
    measured: float
    goal: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether the measured value reaches the goal."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    def line(self) -> str:
        """One line of text with the distance to the goal."""
        relation = ">=" if self.at_least else "<="
        verdict = f"{'met' if self.met else 'MISSED'} by {abs(self.measured - self.goal):.2f}"
        return f"{self.name:<62} {self.measured:5.2f}   goal {relation} {self.goal:g}   {verdict}"


@dataclass
class Report:
    """Everything that scaling.json holds."""

    machine: dict[str, Any]
    config: dict[str, Any]
    memory_bandwidth: list[dict[str, Any]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    complete: bool = False

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals]
        data = {"version": _REPORT_VERSION, **asdict(self), "goals": goals}
        path.write_text(json.dumps(data, indent=2) + "\n")


class _Progress:
    """A bar that moves with the estimated work, or lines where tqdm is missing."""

    def __init__(self, total: float) -> None:
        try:
            from tqdm import tqdm
        except ModuleNotFoundError:
            self._bar = None
            return
        form = "{percentage:3.0f}% |{bar}| {elapsed} {desc}"
        self._bar = tqdm(total=total, bar_format=form, leave=False, file=sys.stderr)

    def start(self, what: str) -> None:
        """Say what is being measured."""
        if self._bar is None:
            print(what, file=sys.stderr)
        else:
            self._bar.set_description_str(what)

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

    `budget` is how many seconds the repeats of a measurement may take; the first always runs.

    >>> point = measure(3, "double", n_layers=1, repeats=1, budget=0.01)
    >>> point.n_parameters, point.gradient_seconds > point.forward_seconds
    (9, True)
    """
    passes = _measure_passes(n_qubits, precision, repeats, budget)
    runs = _measure_program(n_qubits, n_layers, precision, repeats, budget)
    traffic = 2 * _state_bytes(n_qubits, precision)
    gate_seconds = _median(passes[:, 1]) / n_qubits
    return Point(
        n_qubits=n_qubits,
        precision=precision,
        threads=_core.num_threads(),
        scale_bytes_per_second=traffic / _median(passes[:, 0]),
        gate_seconds=gate_seconds,
        gate_bytes_per_second=traffic / gate_seconds,
        forward_seconds=_median(runs[:, 0]),
        gradient_seconds=_median(runs[:, 1]),
        gradient_per_forward=_median(runs[:, 1] / runs[:, 0]),
        n_parameters=3 * n_qubits * n_layers,
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
    return Goal(text, _median(runs[:, 1] / runs[:, 0]), _GRADIENT_GOAL, at_least=False)


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
        progress.start("memory bandwidth")
        report.memory_bandwidth += [_memory_bandwidth(t, args.repeats) for t in args.threads]
        for n_qubits, precision, threads in cases:
            what = f"{n_qubits} qubits, {precision}, {threads} thread(s)"
            progress.start(what)
            if _fits(n_qubits, precision, 2):
                with _threads(threads):
                    point = measure(n_qubits, precision, args.layers, args.repeats, budget)
                report.points.append(point)
            else:
                needed = 2 * _state_bytes(n_qubits, precision) / 2**30
                report.skipped.append(f"{what}: needs {needed:.1f} GiB")
            progress.advance(_work(n_qubits, precision, args.layers))
        _measure_goals(args, report, progress)
        report.complete = True
    finally:
        progress.close()


def _duration(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _print(report: Report) -> None:
    """Print the report as text."""
    for row in report.memory_bandwidth:
        rate, size = row["bytes_per_second"] / 1e9, row["array_bytes"] / 2**20
        threads = f"{row['threads']} thread(s)"
        print(f"memory, {threads}: {rate:.1f} GB/s (scaling {size:.0f} MiB in place)")
    heads = ("scale GB/s", "gates GB/s", "gate", "forward", "gradient", "per forward")
    print("\nqubits precision threads" + "".join(f"{head:>13}" for head in heads))
    for p in report.points:
        cells = (
            f"{p.scale_bytes_per_second / 1e9:.1f}",
            f"{p.gate_bytes_per_second / 1e9:.1f}",
            _duration(p.gate_seconds),
            _duration(p.forward_seconds),
            _duration(p.gradient_seconds),
            f"{p.gradient_per_forward:.2f}",
        )
        case = f"{p.n_qubits:>6} {p.precision:<9} {p.threads:>7}"
        print(case + "".join(f"{cell:>13}" for cell in cells))
    for line in report.skipped:
        print(f"skipped {line}")
    if report.goals:
        print("\nGoals")
    for goal in report.goals:
        print(f"  {goal.line()}")


_COLOURS = {"double": "#1f5a99", "single": "#d9722b"}
_GREY = "#6b7280"
_INK = "#111827"


def _draw_curves(ax: "Axes", report: Report, value: str, scale: float = 1.0) -> None:
    """One curve for each precision and number of threads."""
    most = max(report.config["threads"])
    for precision in report.config["precision"]:
        for threads in report.config["threads"]:
            points = [p for p in report.points if (p.precision, p.threads) == (precision, threads)]
            wide = threads == most
            ax.plot(
                [p.n_qubits for p in points],
                [scale * getattr(p, value) for p in points],
                color=_COLOURS[precision],
                linestyle="-" if wide else (0, (4, 2)),
                linewidth=2.2 if wide else 1.6,
                marker="o",
                markersize=5,
                markerfacecolor=_COLOURS[precision] if wide else "white",
                label=f"{precision}, {threads} thread{'s' if threads > 1 else ''}",
            )


def _draw_caches(ax: "Axes", report: Report) -> None:
    """Bands for the sizes at which a state in double precision fits a cache."""
    left, right = ax.get_xlim()
    edges = [(f"L{c['level']}", math.log2(c["bytes"] / 16)) for c in report.machine["caches"]]
    low = left
    for k, (name, high) in enumerate([*edges, ("memory", right)]):
        start, end = max(low, left), min(high, right)
        if end > start:
            ax.axvspan(start, end, color=_GREY, alpha=0.05 + 0.05 * (k % 2), linewidth=0)
        if end - start > 0.08 * (right - left):
            ax.annotate(
                name,
                ((start + end) / 2, 0.975),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="top",
                fontsize=10,
                color=_GREY,
            )
        low = high
    ax.set_xlim(left, right)


def _draw_line(ax: "Axes", value: float, text: str, x: float, above: bool = True) -> None:
    """Draw a dotted line across with its name above or below it."""
    ax.axhline(value, color=_INK, linewidth=1.2, linestyle=":")
    ax.annotate(
        text,
        (x, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3 if above else -4),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        fontsize=10,
        color=_INK,
        zorder=1.5,  # behind the curves
    )


def _draw_bandwidth(ax: "Axes", report: Report) -> None:
    """Draw lines at the measured memory bandwidths; the largest has its name above."""
    rows = sorted(report.memory_bandwidth, key=lambda row: -float(row["bytes_per_second"]))
    for k, row in enumerate(rows):
        rate, threads = row["bytes_per_second"] / 1e9, row["threads"]
        text = f"memory, {threads} thread{'s' if threads > 1 else ''}: {rate:.0f} GB/s"
        _draw_line(ax, rate, text, x=0.66, above=k == 0)


def plot(report: Report, path: Path) -> None:
    """Draw the report as a picture of four panels. Needs matplotlib."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    style: Any = {
        "font.size": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 14,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": "#e5e7eb",
    }
    with rc_context(style):
        figure = Figure(figsize=(14, 9), layout="constrained")
        FigureCanvasAgg(figure)
        (gates, forward), (gradient, ratio) = figure.subplots(2, 2)

        layers = report.config["layers"]
        _draw_curves(gates, report, "gate_bytes_per_second", 1e-9)
        gates.set_yscale("log")
        gates.set(title="One-qubit gates against the memory", ylabel="GB/s read and written")
        gates.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        _draw_bandwidth(gates, report)
        gates.set_ylim(top=1.5 * gates.get_ylim()[1])
        _draw_caches(gates, report)

        plural = "s" if layers > 1 else ""
        _draw_curves(forward, report, "forward_seconds")
        forward.set_title(f"Variational circuit, {layers} layer{plural}: forward")
        _draw_curves(gradient, report, "gradient_seconds")
        gradient.set_title(f"Gradient of all {3 * layers}n angles")
        for ax in (forward, gradient):
            ax.set_yscale("log")
            ax.set_ylabel("time")
            ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _duration(y)))

        _draw_curves(ratio, report, "gradient_per_forward")
        ratio.set(title="Price of a gradient", ylabel="forward passes")
        _draw_line(ratio, _GRADIENT_GOAL, f"goal: {_GRADIENT_GOAL:g}", x=0.985)
        ratio.set_ylim(0, max(6.5, 1.1 * max(p.gradient_per_forward for p in report.points)))

        sizes = sorted({p.n_qubits for p in report.points})
        for ax in (gates, forward, gradient, ratio):
            ax.set_xlabel("qubits" if ax is not gates else "qubits (bands: a state in double fits)")
            ax.set_xticks(sizes[:: 1 + len(sizes) // 15])
        handles, labels = forward.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
        m = report.machine
        figure.suptitle(
            f"ketgrad {m['ketgrad']} on {m['processor']}, {m['cores']} cores, {m['simd_target']}",
            fontsize=16,
        )
        figure.savefig(path, dpi=150)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the bench command."""
    parser.description = "Measure how time grows with qubits; write scaling.json and scaling.png."
    parser.add_argument("--min-qubits", type=int, default=4, metavar="N")
    parser.add_argument("--max-qubits", type=int, default=None, metavar="N", help="default 26")
    parser.add_argument("--step", type=int, default=2, metavar="N", help="default 2 qubits")
    parser.add_argument("--layers", type=int, default=2, metavar="N", help="default 2")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument(
        "--precision", nargs="+", choices=["single", "double"], default=["single", "double"]
    )
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="of each measurement")
    parser.add_argument("--output", type=Path, default=Path(), metavar="DIR")
    parser.add_argument("--quick", action="store_true", help=f"up to {_QUICK_MAX_QUBITS} qubits")


def _check(args: argparse.Namespace) -> None:
    if args.max_qubits is None:
        args.max_qubits = _QUICK_MAX_QUBITS if args.quick else 26
    if not 1 <= args.min_qubits <= args.max_qubits <= 40:
        raise ValueError(f"qubits {args.min_qubits} to {args.max_qubits} are outside 1 to 40")
    for name in ("step", "layers", "repeats"):
        if getattr(args, name) < 1:
            raise ValueError(f"--{name} is {getattr(args, name)}; it must be at least 1")
    if min(args.threads) < 1:
        raise ValueError(f"--threads is {min(args.threads)}; it must be at least 1")
    args.threads = sorted(set(args.threads))
    args.precision = sorted(set(args.precision))


def main(args: argparse.Namespace) -> int:
    """Run the bench command and return its exit status."""
    try:
        _check(args)
    except ValueError as error:
        print(f"ketgrad bench: {error}", file=sys.stderr)
        return 2
    options = ("min_qubits", "max_qubits", "step", "layers", "threads", "precision", "repeats")
    report = Report(machine=_machine(), config={name: getattr(args, name) for name in options})
    status = 0
    start = time.perf_counter()
    try:
        _measure_all(args, report)
    except KeyboardInterrupt:
        print("interrupted; keeping what was measured", file=sys.stderr)
        status = 130
    _print(report)
    args.output.mkdir(parents=True, exist_ok=True)
    report.write(args.output / "scaling.json")
    written = [str(args.output / "scaling.json")]
    if report.points:
        try:
            plot(report, args.output / "scaling.png")
            written.append(str(args.output / "scaling.png"))
        except ModuleNotFoundError as error:
            print(f"no picture: {error.name} is missing (pip install 'ketgrad[plot]')")
    print(f"\n{' and '.join(written)} in {time.perf_counter() - start:.0f} s")
    return status
