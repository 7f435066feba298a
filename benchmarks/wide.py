"""Time wide circuits beside other simulators, called so that their Python does not count.

    python benchmarks/wide.py --peers PYTHON
    python benchmarks/wide.py --peers PYTHON --quick
    python benchmarks/wide.py --redraw out/wide.json

PYTHON is an interpreter of an environment of its own with any of qulacs, qsimcirq,
pennylane-lightning and qiskit-aer; what it lacks is left out and said so.
Every simulator runs in a process of its own. Its answer is checked against ketgrad's (overlap of
states behind random product states, every derivative, sums of expectation values, histograms);
every setting of its fusion is tried once and the best is kept; then all take turns, and medians
count. Prints each figure beside its goals; writes wide.json and wide.png.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import peers
from wide_peers import SIMULATORS, Operation, Pauli

DEPTH, LAYERS, STRINGS, SHOTS = 20, 8, 500, 1_000_000
QUICK_FEWER, QUICK_SHOTS = 8, 100_000  # qubits, shots of --quick
BINS = 64  # of the histograms of shots
TOLERANCE = {"double": 1e-9, "single": 2e-4}
TIMES_BEST_PEER = {"double": 2.5, "single": 1.5}
REFERENCE = {"bandwidth": 54e9, "peak": 226e9}  # of the machine that the absolute goals are for
LIMITS_QUBITS = 25
PACKAGES = ("qulacs", "qsimcirq", "pennylane-lightning", "qiskit-aer")


def random_circuit(n: int) -> list[Operation]:
    """Random rotations on all qubits, then CZ on every other pair, 20 times."""
    random = np.random.default_rng(1)
    out: list[Operation] = []
    for layer in range(DEPTH):
        axes, angles = random.integers(3, size=n), random.uniform(-math.pi, math.pi, n)
        out += [("r" + "xyz"[axes[q]], (q,), float(angles[q])) for q in range(n)]
        out += [("cz", (q, q + 1), None) for q in range(layer % 2, n - 1, 2)]
    return out


def fourier(n: int) -> list[Operation]:
    """Write the quantum Fourier transform, with its swaps."""
    out: list[Operation] = []
    for q in reversed(range(n)):
        out.append(("h", (q,), None))
        out += [("cp", (k, q), math.pi / 2 ** (q - k)) for k in reversed(range(q))]
    return out + [("swap", (q, n - 1 - q), None) for q in range(n // 2)]


def variational(n: int, layers: int = LAYERS) -> list[Operation]:
    """Layers of RX RY RZ on every qubit and a ring of CNOTs."""
    random = np.random.default_rng(2)
    out: list[Operation] = []
    for _ in range(layers):
        for q in range(n):
            out += [(axis, (q,), float(random.uniform(-3, 3))) for axis in ("rx", "ry", "rz")]
        out += [("cx", (q, (q + 1) % n), None) for q in range(n)]
    return out


def product_state(n: int) -> list[Operation]:
    """Rotations that tell permuted qubits and wrong phases apart."""
    random = np.random.default_rng(3)
    return [(axis, (q,), float(random.uniform(-3, 3))) for q in range(n) for axis in ("ry", "rz")]


def pauli_strings(n: int) -> list[Pauli]:
    """500 random strings with random coefficients."""
    random = np.random.default_rng(4)
    texts = ["".join(random.choice(list("IXYZ"), n)) for _ in range(STRINGS)]
    return [(float(c), text) for c, text in zip(random.normal(size=STRINGS), texts, strict=True)]


@dataclass(frozen=True)
class Work:
    """What is measured: a method of a simulator on a circuit."""

    name: str
    text: str
    method: str
    n: int
    circuit: Callable[[int], list[Operation]]
    goals: dict[str, float] = field(default_factory=dict)  # seconds on the machine above


def few_layers(n: int) -> list[Operation]:
    """Make some entangled state."""
    return variational(n, 2)


WORKS = {
    work.name: work
    for work in (
        Work("random", "random circuit", "forward", 24, random_circuit,
             {"double": 0.8, "single": 0.4}),
        Work("qft", "QFT", "forward", 24, fourier, {"double": 0.4, "single": 0.25}),
        Work("forward20", "variational", "forward", 20, variational,
             {"double": 0.025, "single": 0.013}),
        Work("gradient20", "variational gradient", "gradient", 20, variational, {"double": 0.12}),
        Work("forward16", "variational", "forward", 16, variational, {"double": 0.0013}),
        Work("gradient16", "variational gradient", "gradient", 16, variational, {"double": 0.005}),
        Work("paulis", f"{STRINGS} Pauli strings", "paulis", 20, few_layers, {"double": 0.15}),
        Work("shots", "shots", "sample", 20, few_layers, {"double": 0.025}),
    )
}  # fmt: skip


def size(work: Work, quick: bool) -> int:
    """Qubits of a work."""
    return work.n - QUICK_FEWER if quick else work.n


def shots(quick: bool) -> int:
    """Shots of the sampling."""
    return QUICK_SHOTS if quick else SHOTS


def histogram(states: np.ndarray, n: int) -> np.ndarray:
    """Count how often the highest qubits of basis states have each value, as shares."""
    bins = (states // np.uint64(2**n // BINS)).astype(np.int64)
    return np.bincount(bins, minlength=BINS) / len(states)


def prepare(case: peers.Case) -> tuple[Any, peers.Measure]:
    """Compute what is checked, choose the best setting, and make the timer."""
    work, n = WORKS[case["work"]], size(WORKS[case["work"]], case["quick"])
    simulator = SIMULATORS[case["simulator"]](n, case["precision"], case["threads"])
    operations = work.circuit(n)
    best = None
    if work.method == "forward":
        answer = simulator.state(product_state(n) + operations)
        timers = {s: simulator.forward(operations, s) for s in simulator.settings}
        tried = {s: timer() for s, timer in timers.items()}
        best = min(tried, key=tried.__getitem__)
        timer = timers[best]
    elif work.method == "gradient":
        slopes, timer = simulator.gradient(operations)
        answer = slopes()
    elif work.method == "paulis":
        value, timer = simulator.paulis(operations, pauli_strings(n))
        answer = np.asarray(value)
    else:
        draw, timer = simulator.sample(operations, shots(case["quick"]))
        answer = histogram(draw(), n)
    np.save(case["file"], answer)
    return best, timer


def reference(work: Work, n: int) -> np.ndarray:
    """Compute the answer, by ketgrad in double precision."""
    ours, operations = SIMULATORS["ketgrad"](n, "double", 2), work.circuit(n)
    if work.method == "forward":
        return ours.state(product_state(n) + operations)
    if work.method == "gradient":
        return ours.gradient(operations)[0]()
    if work.method == "paulis":
        return np.asarray(ours.paulis(operations, pauli_strings(n))[0])
    shares: np.ndarray = (np.abs(ours.state(operations)) ** 2).reshape(BINS, -1).sum(axis=1)
    return shares


def check(work: Work, precision: str, answer: np.ndarray, wanted: np.ndarray, drawn: int) -> None:
    """Raise WorkerError for an answer that is not the one wanted."""
    tolerance = TOLERANCE[precision]
    if work.method == "forward":
        error = abs(1 - abs(np.vdot(wanted, answer)))
    elif work.method == "sample":  # the distance of two distributions, eight standard errors
        error, tolerance = float(np.abs(answer - wanted).sum()), 2 * math.sqrt(BINS / drawn)
    else:
        scale = math.sqrt(STRINGS) if work.method == "paulis" else 1.0
        error = float(np.abs(answer - wanted).max()) / scale
    if not error < tolerance:
        raise peers.WorkerError(f"gives something else: off by {error:.1e}")


def limits(threads: int) -> dict[str, float]:
    """Measure the bytes a second of an in-place scale and the peak of the arithmetic."""
    from ketgrad import _core

    _core.set_num_threads(threads)
    seconds = _core._pass_seconds([], LIMITS_QUBITS, "double", repeats=5, min_seconds=0.0)
    traffic = 2 * 16 * 2**LIMITS_QUBITS
    return {
        "bandwidth": traffic / float(np.min(seconds)),
        "peak": float(_core._peak_flops(threads)),
    }


def start(
    name: str, work: Work, precision: str, wanted: np.ndarray, args: argparse.Namespace
) -> tuple[peers.Worker, Any] | None:
    """Start a simulator, check its answer and learn its best setting; None where it cannot."""
    python = sys.executable if name == "ketgrad" else args.peers
    title = f"{work.text}, {size(work, args.quick)} qubits, {precision}, {name}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer.npy"
        case = {
            "simulator": name,
            "work": work.name,
            "precision": precision,
            "threads": args.threads,
            "quick": args.quick,
            "file": str(file),
        }
        worker = peers.Worker(
            python, __file__, case, threads=args.threads, caches=args.out / "caches"
        )
        try:
            setting = worker.answer(args.timeout)
            check(work, precision, np.load(file), wanted, shots(args.quick))
        except peers.WorkerError as error:
            peers.say(f"{title}: {error}")
            worker.close()
            return None
    peers.say(f"{title}: checked" + (f", best fusion {setting}" if setting is not None else ""))
    return worker, setting


def measure(work: Work, precision: str, args: argparse.Namespace) -> dict[str, Any]:
    """Measure a work with every simulator that can do it."""
    wanted = reference(work, size(work, args.quick))
    able = [
        name
        for name, kind in SIMULATORS.items()
        if precision in kind.precisions and work.method in vars(kind)
    ]
    started = {
        name: found
        for name in able
        if (name == "ketgrad" or name in args.only)
        and (found := start(name, work, precision, wanted, args))
    }
    del wanted
    try:
        seconds = peers.in_turns(
            {name: worker for name, (worker, _) in started.items()}, args.repeats, args.timeout
        )
    finally:
        for worker, _ in started.values():
            worker.close()
    return {
        "work": work.name,
        "qubits": size(work, args.quick),
        "shots": shots(args.quick),
        "precision": precision,
        "seconds": seconds,
        "settings": {name: setting for name, (_, setting) in started.items()},
        "limits": limits(args.threads),
    }


Row = dict[str, Any]


def medians(row: Row) -> dict[str, float]:
    """Take the median of all turns."""
    return {name: float(np.median(turns)) for name, turns in row["seconds"].items() if turns}


def others(row: Row) -> dict[str, float]:
    """Take the medians of the peers."""
    return {name: time for name, time in medians(row).items() if name != "ketgrad"}


def title(row: Row) -> str:
    """Name a row."""
    work = WORKS[row["work"]]
    number = f"{row['shots']:,} " if work.method == "sample" else ""
    return f"{number}{work.text}, {row['qubits']} qubits"


def table(rows: list[Row]) -> str:
    """Milliseconds, in Markdown."""
    lines = ["| ms | " + " | ".join(SIMULATORS) + " | best peer / ketgrad |"]
    lines.append("|---" * (len(SIMULATORS) + 2) + "|")
    for row in rows:
        times, peer = medians(row), others(row)
        cells = [peers.digits(1e3 * times[name]) if name in times else "–" for name in SIMULATORS]
        ratio = f"{min(peer.values()) / times['ketgrad']:.1f}×" if peer else "–"
        what = f"{title(row)}, {row['precision']}"
        lines.append(f"| {what} | " + " | ".join([*cells, ratio]) + " |")
    return "\n".join(lines)


def machine(rows: list[Row]) -> dict[str, float]:
    """Take the best that was measured of each limit: other processes only make them worse."""
    return {kind: max(row["limits"][kind] for row in rows) for kind in REFERENCE}


def goals(rows: list[Row]) -> str:
    """Print every figure beside its goals."""
    best = machine(rows)
    shares = {kind: best[kind] / REFERENCE[kind] for kind in REFERENCE}
    scarce = min(shares, key=shares.__getitem__)
    lines = [
        f"memory {best['bandwidth'] / 1e9:.0f} GB/s, arithmetic {best['peak'] / 1e9:.0f} GFLOP/s: "
        f"goals in ms are for {1 / shares[scarce]:.2f} times theirs (by the {scarce})"
    ]
    for row in rows:
        times, peer = medians(row), others(row)
        precision, ours = row["precision"], times["ketgrad"]
        line = f"{title(row)}, {precision}: {1e3 * ours:.3g} ms"
        if peer:
            name = min(peer, key=peer.__getitem__)
            ratio, goal = peer[name] / ours, TIMES_BEST_PEER[precision]
            verdict = "met" if ratio >= goal else "MISSED"
            line += f"; {ratio:.1f} times {name}, goal {goal}: {verdict}"
        work = WORKS[row["work"]]
        if precision in work.goals and row["qubits"] == work.n:
            goal = work.goals[precision] / shares[scarce]
            verdict = "met" if ours <= goal else "MISSED"
            line += f"; goal {1e3 * goal:.3g} ms: {verdict}"
        lines.append(line)
    return "\n".join(lines)


COLOURS = {
    "ketgrad": "#1f5a99",
    "qulacs": "#2a9d6f",
    "qsim": "#8a63b8",
    "lightning": "#d9722b",
    "aer": "#b83b5e",
}
LABELS = {
    "ketgrad": "ketgrad",
    "qulacs": "Qulacs",
    "qsim": "qsim",
    "lightning": "PennyLane lightning.qubit",
    "aer": "Qiskit Aer",
}


def draw(axes: Any, rows: list[Row], precision: str) -> None:
    """Draw one row of marks for every work: times relative to ketgrad's."""
    for y, row in enumerate(rows):
        times = medians(row)
        axes.axhline(y, color="#e5e7eb", lw=1, zorder=1)
        for name, time in times.items():
            axes.plot(
                time / times["ketgrad"], y, "o", ms=9, color=COLOURS[name], label=LABELS[name]
            )
    goal = TIMES_BEST_PEER[precision]
    axes.axvline(1, color=COLOURS["ketgrad"], lw=1.5, zorder=1)
    axes.axvline(goal, color="#111827", lw=1.2, ls=":", zorder=1)
    axes.annotate(
        f"goal: {goal:g}", (goal, 1.0), xycoords=("data", "axes fraction"), ha="left", va="bottom"
    )
    axes.set_yticks(
        range(len(rows)),
        [f"{title(row)}\nketgrad {1e3 * medians(row)['ketgrad']:.3g} ms" for row in rows],
    )
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}×")
    axes.set_title(f"{precision} precision", loc="left", weight="bold", pad=18)
    axes.set_xlabel("time / ketgrad's time")


def plot(report: dict[str, Any], path: Path) -> None:
    """Draw how many times ketgrad's time every simulator takes."""
    plt = importlib.import_module("matplotlib.pyplot")
    plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "font.size": 11})
    rows = [row for row in report["rows"] if others(row)]
    precisions = [p for p in TIMES_BEST_PEER if any(row["precision"] == p for row in rows)]
    if not precisions:
        return
    figure, panels = plt.subplots(
        1, len(precisions), figsize=(7 * len(precisions), 6), layout="constrained", squeeze=False
    )
    handles: dict[str, Any] = {}
    for axes, precision in zip(panels[0], precisions, strict=True):
        draw(axes, [row for row in rows if row["precision"] == precision], precision)
        found, labels = axes.get_legend_handles_labels()
        handles |= dict(zip(labels, found, strict=True))
    figure.legend(
        handles.values(), handles, loc="outside lower center", ncols=len(handles), frameon=False
    )
    figure.suptitle(
        f"Wide circuits, {report['threads']} threads of {report['processor']}; "
        "every peer with its best fusion",
        fontsize=11,
        color="#6b7280",
    )
    figure.savefig(path, dpi=150)


def show(report: dict[str, Any], out: Path) -> None:
    """Print the table and the goals, and draw the picture."""
    print(table(report["rows"]))
    print()
    print(goals(report["rows"]))
    plot(report, out / "wide.png")


def run(args: argparse.Namespace) -> None:
    """Measure work after work; the report is written after each."""
    report: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": peers.processor(),
        "threads": args.threads,
        "quick": args.quick,
        "versions": peers.versions(args.peers, PACKAGES) if args.peers else {},
        "rows": [],
    }
    for name in args.works:
        for precision in args.precision:
            row = measure(WORKS[name], precision, args)
            if "ketgrad" not in row["seconds"]:
                continue
            report["rows"].append(row)
            (args.out / "wide.json").write_text(json.dumps(report, indent=2) + "\n")
            print(goals([row]).splitlines()[1], flush=True)
    print()
    show(report, args.out)


def main() -> None:
    """Measure what was asked for."""
    names = [name for name in SIMULATORS if name != "ketgrad"]
    parser = peers.parser(__doc__, names, repeats=5, timeout=600.0)
    parser.add_argument("--works", nargs="+", default=list(WORKS), choices=list(WORKS))
    parser.add_argument("--precision", nargs="+", default=list(TOLERANCE), choices=list(TOLERANCE))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_FEWER} qubits fewer")
    peers.main(parser, names, prepare=prepare, run=run, show=show)


if __name__ == "__main__":
    main()
