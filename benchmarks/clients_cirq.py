"""What Cirq's circuits cost on ketgrad, and on qsim through qsimcirq.

    .venv/clients/cirq/bin/python benchmarks/clients_cirq.py [--rounds N]

needs qsimcirq beside Cirq. Circuits are layers of general one-qubit gates and of CZ (or FSim) gates
between neighbours, in single precision on one thread: "new", a circuit with other numbers each
time; "again", the same; "values", Z of every qubit; "run", 1000 shots; "sweep", the values at 50
points. Both take turns; printed are medians in milliseconds. The goals: no slower at 4 and 12
qubits, 1.5 times faster at 22.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cirq
import numpy as np
import qsimcirq
import sympy

from ketgrad.cirq import Simulator

SIZES = {4: 6, 12: 10, 22: 10}  # layers by qubits
GOALS = {4: 1.0, 12: 1.0, 22: 1.5}


def circuit(n: int, layers: int, seed: int, pair: cirq.Gate = cirq.CZ) -> cirq.Circuit:
    """Make a circuit of random numbers."""
    qubits, rng = cirq.LineQubit.range(n), np.random.default_rng(seed)
    operations: list[cirq.Operation] = []
    for layer in range(layers):
        for q, (x, z, axis) in zip(qubits, rng.uniform(size=(n, 3)), strict=True):
            gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=axis)
            operations.append(gate.on(q))
        operations += [pair(*qubits[k : k + 2]) for k in range(layer % 2, n - 1, 2)]
    return cirq.Circuit(operations)


def tasks(n: int, layers: int) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Give what is measured, as functions of a simulator."""
    seeds = count(1)
    qubits, same = cirq.LineQubit.range(n), circuit(n, layers, 0)
    fsim = circuit(n, layers, 0, cirq.FSimGate(np.pi / 2, np.pi / 6))
    asked = [cirq.Z(q) for q in qubits]
    measured = same + cirq.Circuit(cirq.measure(*qubits, key="m"))
    yield "new", lambda simulator: simulator.simulate(circuit(n, layers, next(seeds)))
    yield "again", lambda simulator: simulator.simulate(same)
    yield "fsim", lambda simulator: simulator.simulate(fsim)
    yield "values", lambda simulator: simulator.simulate_expectation_values(same, asked)
    yield "run", lambda simulator: simulator.run(measured, repetitions=1000)
    if n < 20:
        angles = [sympy.Symbol(f"t{k}") for k in range(n)]
        swept = same + cirq.Circuit(cirq.rx(t).on(q) for t, q in zip(angles, qubits, strict=True))
        points = [dict.fromkeys(angles, 0.1 * k) for k in range(50)]
        yield (
            "sweep",
            lambda simulator: simulator.simulate_expectation_values_sweep(swept, asked, points),
        )


def medians(call: Callable[[Any], Any], simulators: list[Any], rounds: int) -> list[float]:
    """Time all in turn, once without looking."""
    seconds: list[list[float]] = [[] for _ in simulators]
    for k in range(rounds + 1):
        for taken, simulator in zip(seconds, simulators, strict=True):
            start = time.perf_counter()
            call(simulator)
            if k > 0:
                taken.append(time.perf_counter() - start)
    return [1e3 * float(np.median(taken)) for taken in seconds]


def main() -> None:
    """Print a row for every size and task, and the distance to the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    theirs = qsimcirq.QSimSimulator(qsimcirq.QSimOptions(cpu_threads=1), seed=1)
    simulators = [Simulator(seed=1), theirs]
    print(f"{'qubits':>6} {'what':>7} {'ketgrad':>10} {'qsimcirq':>10} {'ratio':>7} {'goal':>5}")
    for n, layers in SIZES.items():
        for name, call in tasks(n, layers):
            ours, other = medians(call, simulators, options.rounds)
            ratio = other / ours
            print(f"{n:6} {name:>7} {ours:10.3f} {other:10.3f} {ratio:7.2f} {GOALS[n]:5.1f}")


if __name__ == "__main__":
    main()
