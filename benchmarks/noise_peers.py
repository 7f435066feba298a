"""Channels, counts and speed beside Qiskit Aer, which runs the same circuits and noise.

    python benchmarks/noise_peers.py [--check | --time]

Needs qiskit and qiskit-aer, which nothing else does. --check compares density matrices and
distributions of counts and exits 1 where they differ; --time prints medians in milliseconds.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit_aer import AerSimulator
from qiskit_aer import noise as aer

import ketgrad as kg

ROUNDING = 1e-10

# A channel here, and Aer's.
CHANNELS: dict[str, tuple[kg.Channel, Any]] = {
    "bit_flip": (kg.Channel.bit_flip(0.1), aer.pauli_error([("X", 0.1), ("I", 0.9)])),
    "phase_flip": (kg.Channel.phase_flip(0.1), aer.pauli_error([("Z", 0.1), ("I", 0.9)])),
    "bit_phase_flip": (kg.Channel.bit_phase_flip(0.1), aer.pauli_error([("Y", 0.1), ("I", 0.9)])),
    "depolarizing": (kg.Channel.depolarizing(0.2), aer.depolarizing_error(0.2, 1)),
    "depolarizing2": (kg.Channel.depolarizing2(0.2), aer.depolarizing_error(0.2, 2)),
    "amplitude_damping": (kg.Channel.amplitude_damping(0.3), aer.amplitude_damping_error(0.3)),
    "generalized_amplitude_damping": (
        kg.Channel.generalized_amplitude_damping(0.3, 0.2),
        aer.amplitude_damping_error(0.3, 0.2),
    ),
    "phase_damping": (kg.Channel.phase_damping(0.3), aer.phase_damping_error(0.3)),
    "thermal_relaxation": (
        kg.Channel.thermal_relaxation(50, 70, 10, 0.1),
        aer.thermal_relaxation_error(50, 70, 10, 0.1),
    ),
    "thermal_relaxation, t2 < t1": (
        kg.Channel.thermal_relaxation(50, 30, 10, 0.1),
        aer.thermal_relaxation_error(50, 30, 10, 0.1),
    ),
    "reset": (kg.Channel.reset(), aer.reset_error(1)),
    "pauli": (
        kg.Channel.pauli({"XI": 0.1, "ZY": 0.2}),
        aer.pauli_error([("XI", 0.1), ("ZY", 0.2), ("II", 0.7)]),
    ),
}


def check_channels() -> bool:
    """Density matrices of three entangled qubits behind every channel."""
    good = True
    for name, (ours, theirs) in CHANNELS.items():
        qubits = [2, 0][: ours.n_qubits]
        c = kg.Circuit(3).h(0).ry(0.7, 1).cx(0, 2).rx(0.3, 2).cx(1, 2).channel(ours, qubits)
        q = QuantumCircuit(3)
        q.h(0)
        q.ry(0.7, 1)
        q.cx(0, 2)
        q.rx(0.3, 2)
        q.cx(1, 2)
        q.append(theirs.to_instruction(), qubits)
        q.save_density_matrix()
        simulator = AerSimulator(method="density_matrix")
        expected = simulator.run(q).result().data()["density_matrix"].data
        error = np.abs(c.density_matrix().matrix() - expected).max()
        good &= error < ROUNDING
        print(f"{name:32} {error:.1e}")
    return good


def teleportation() -> tuple[kg.Circuit, QuantumCircuit]:
    """Make the same circuit here and there."""
    c = kg.Circuit([("q", 3)], [("c", 3)]).ry(0.7, 0).h(1).cx(1, 2).cx(0, 1).h(0)
    c.measure([0, 1], [0, 1]).when({1: 1}, kg.Circuit(3).x(2)).when({0: 1}, kg.Circuit(3).z(2))
    c.measure(2, 2)
    q = QuantumCircuit(3, 3)
    q.ry(0.7, 0)
    q.h(1)
    q.cx(1, 2)
    q.cx(0, 1)
    q.h(0)
    q.measure([0, 1], [0, 1])
    with q.if_test((q.clbits[1], 1)):
        q.x(2)
    with q.if_test((q.clbits[0], 1)):
        q.z(2)
    q.measure(2, 2)
    return c, q


def layers(n: int, depth: int) -> tuple[kg.Circuit, QuantumCircuit]:
    """Layers of ry on every qubit and a line of cx, all measured."""
    rng = np.random.default_rng(1)
    c, q = kg.Circuit(n, n), QuantumCircuit(n, n)
    for _ in range(depth):
        for k in range(n):
            angle = rng.uniform(0, 2 * np.pi)
            c.ry(angle, k)
            q.ry(angle, k)
        for k in range(n - 1):
            c.cx(k, k + 1)
            q.cx(k, k + 1)
    q.measure(range(n), range(n))
    return c.measure_all(), q


def noise(p: float) -> tuple[kg.NoiseModel, Any]:
    """Depolarising noise of strength p behind every gate, and misread measurements."""
    ours = kg.NoiseModel().add(kg.Channel.depolarizing(p), ["ry", "h", "x", "z"])
    ours.add(kg.Channel.depolarizing2(p), "cx").add_readout_error(0.01, 0.02)
    theirs = aer.NoiseModel()
    theirs.add_all_qubit_quantum_error(aer.depolarizing_error(p, 1), ["ry", "h", "x", "z"])
    theirs.add_all_qubit_quantum_error(aer.depolarizing_error(p, 2), ["cx"])
    theirs.add_all_qubit_readout_error(aer.ReadoutError([[0.99, 0.01], [0.02, 0.98]]))
    return ours, theirs


def distance(a: dict[str, int], b: dict[str, int]) -> tuple[float, int]:
    """χ² of two samples of one size having one distribution, and its degrees of freedom."""
    cells = [(a.get(k, 0), b.get(k, 0)) for k in {*a, *b}]
    common = [(x, y) for x, y in cells if x + y >= 20]
    return sum((x - y) ** 2 / (x + y) for x, y in common), max(len(common) - 1, 1)


def check_counts() -> bool:
    """Compare counts with noise and without, of trajectories and density matrices."""
    good = True
    ours, theirs = noise(0.02)
    for name, (c, q) in {"teleportation": teleportation(), "layers": layers(5, 4)}.items():
        for method in ("trajectories", "density_matrix"):
            for noisy in (False, True):
                shots = 50_000
                a = c.run(shots, seed=1, noise=ours if noisy else None, method=method).counts()
                simulator = AerSimulator(noise_model=theirs if noisy else None)
                run = simulator.run(q, shots=shots, seed_simulator=2)
                chi, freedom = distance(a, run.result().get_counts())
                good &= chi < freedom + 5 * np.sqrt(2 * freedom)
                print(f"{name:14} {method:15} noise {noisy!s:6} chi2 {chi:8.1f} of {freedom}")
    return good


def milliseconds(call: Callable[[], Any], repeats: int = 5) -> float:
    """Take the median of some runs, after one that is not counted."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def show(name: str, ours: float, theirs: float | None = None) -> None:
    """Print a line."""
    ratio = "" if theirs is None else f"   Aer {theirs:9.1f} ms   Aer/ours {theirs / ours:6.1f}"
    print(f"{name:58} {ours:9.1f} ms{ratio}", flush=True)


def time_all() -> None:
    """Run and time what people run."""
    c, q = teleportation()
    simulator = AerSimulator()
    q = transpile(q, simulator, optimization_level=0)
    show(
        "teleportation, 10 000 shots",
        milliseconds(lambda: c.run(10_000, seed=1).counts()),
        milliseconds(lambda: simulator.run(q, shots=10_000).result().get_counts()),
    )
    c, q = layers(20, 4)
    show(
        "20 qubits, 4 layers, 10^6 shots measured at the end",
        milliseconds(lambda: c.run(1_000_000, seed=1), 3),
        milliseconds(lambda: simulator.run(q, shots=1_000_000).result(), 3),
    )
    bare = c.without_final_measurements()
    show("  of which the state alone", milliseconds(bare.state, 3))
    c, q = layers(10, 20)
    ours, theirs = noise(1e-3)
    trajectories = AerSimulator(method="statevector", noise_model=theirs)
    exact = AerSimulator(method="density_matrix", noise_model=theirs)
    result = c.run(10_000, seed=1, noise=ours)
    print(f"10 qubits, depth 20, depolarising 1e-3: {result.n_branches} branches")
    show(
        "  10 000 trajectories",
        milliseconds(lambda: c.run(10_000, seed=1, noise=ours), 3),
        milliseconds(lambda: trajectories.run(q, shots=10_000).result(), 3),
    )
    show(
        "  density matrix",
        milliseconds(lambda: c.run(10_000, seed=1, noise=ours, method="density_matrix"), 3),
        milliseconds(lambda: exact.run(q, shots=10_000).result(), 3),
    )


def main() -> int:
    """Check, or time, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--time", action="store_true")
    arguments = parser.parse_args()
    good = True
    if arguments.check or not arguments.time:
        good = check_channels()
        good = check_counts() and good
        print("all agree" if good else "DIFFERENT")
    if arguments.time or not arguments.check:
        time_all()
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
