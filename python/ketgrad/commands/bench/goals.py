"""The distance to the speed goals of the project."""

import argparse
import math
from collections.abc import Iterator

import ketgrad as kg
from ketgrad import _core
from ketgrad.commands.bench.points import POINT_SECONDS
from ketgrad.commands.bench.progress import Progress
from ketgrad.commands.bench.report import GRADIENT_GOAL, Goal, Report
from ketgrad.commands.bench.timing import fits, measure_program, median, on_threads

_GATE_GOAL = 0.7
_GATE_GOAL_QUBITS = 24
_GRADIENT_GOAL_SIZE = (16, 8)  # qubits, layers


def measure_goals(args: argparse.Namespace, report: Report, progress: Progress) -> None:
    """Measure the goals whose sizes are within the range asked for."""
    if args.max_qubits >= _GRADIENT_GOAL_SIZE[0]:
        progress.start("goals: gradient")
        report.goals += [_gradient_goal(threads, args.repeats) for threads in args.threads]
    if args.max_qubits >= _GATE_GOAL_QUBITS and fits(_GATE_GOAL_QUBITS, "double", 2):
        progress.start("goals: every qubit")
        report.goals += _gate_goals(max(args.threads), args.repeats)


def _gate_goals(threads: int, repeats: int) -> Iterator[Goal]:
    """Dense and diagonal gates on every qubit against a scale measured beside each."""
    n_qubits = _GATE_GOAL_QUBITS
    worst: dict[str, tuple[float, int]] = {}
    for q in range(n_qubits):
        gates = {"dense": kg.Circuit(n_qubits).u(0.3, 0.4, 0.5, q)}
        gates["diagonal"] = kg.Circuit(n_qubits).rz(0.3, q)
        with on_threads(threads):
            seconds = _core._pass_seconds(
                list(gates.values()), n_qubits, "double", repeats=repeats, min_seconds=0.0
            )
        for column, name in enumerate(gates, start=1):
            fraction = median(seconds[:, 0] / seconds[:, column])
            worst[name] = min(worst.get(name, (math.inf, q)), (fraction, q))
    for name, (fraction, q) in worst.items():
        text = f"{name} gate / scale, {n_qubits} qubits, {threads} thread(s), worst qubit {q}"
        yield Goal(text, fraction, _GATE_GOAL, at_least=True)


def _gradient_goal(threads: int, repeats: int) -> Goal:
    n_qubits, n_layers = _GRADIENT_GOAL_SIZE
    with on_threads(threads):
        runs = measure_program(n_qubits, n_layers, "double", repeats, POINT_SECONDS)
    text = f"gradient / forward, {n_qubits} qubits, {n_layers} layers, {threads} thread(s)"
    return Goal(text, median(runs[:, 1] / runs[:, 0]), GRADIENT_GOAL, at_least=False)
