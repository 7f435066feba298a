"""Times of gates, circuits and gradients, on the threads that are set."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

import ketgrad as kg
from ketgrad import _core

_AMPLITUDE_BYTES = {"single": 8, "double": 16}
_SMALLEST_STATE = 128  # bytes, with padding
_SHORTEST_TIMING = 1e-4  # seconds for which shorter passes are repeated and averaged
_SEED = 1
Seconds = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def state_bytes(n_qubits: int, precision: str) -> int:
    """Count the bytes of a state."""
    return max((1 << n_qubits) * _AMPLITUDE_BYTES[precision], _SMALLEST_STATE)


def fits(n_qubits: int, precision: str, n_states: int) -> bool:
    """Whether memory holds so many states."""
    return n_states * state_bytes(n_qubits, precision) <= int(_core.available_memory())


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """Set the number of threads for a while."""
    _core.set_num_threads(count)
    try:
        yield
    finally:
        _core.set_num_threads(0)


def median(values: Seconds) -> float:
    """Take the median, which one slow repeat does not move."""
    return float(np.median(values))


def gate_layer(n_qubits: int) -> kg.Circuit:
    """One dense gate on every qubit."""
    circuit = kg.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.u(0.1 + q, 0.2, 0.3, q)
    return circuit


def variational_program(n_qubits: int, n_layers: int, precision: str) -> kg.Program:
    """Compile the circuit whose gradient is measured."""
    circuit = kg.hardware_efficient(n_qubits, n_layers)
    return kg.compile(circuit, kg.PauliSum("Z0", n_qubits), precision=precision)


def measure_passes(n_qubits: int, precision: str, wanted: int, budget: float) -> Seconds:
    """Seconds of a scale and of a layer of gates, shape (repeats, 2)."""
    layer = [gate_layer(n_qubits)]
    start = time.perf_counter()
    seconds: Seconds = _core._pass_seconds(layer, n_qubits, precision, 1, _SHORTEST_TIMING)
    if time.perf_counter() - start < budget:
        row = sum(max(float(s), _SHORTEST_TIMING) for s in seconds[0])
        repeats = _repeats(row, wanted, budget)
        seconds = _core._pass_seconds(layer, n_qubits, precision, repeats, _SHORTEST_TIMING)
    return seconds


def measure_program(
    n_qubits: int, n_layers: int, precision: str, wanted: int, budget: float
) -> Seconds:
    """Seconds of a forward run, and of forward and gradient together, shape (repeats, 2)."""
    program = variational_program(n_qubits, n_layers, precision)
    weights = np.random.default_rng(_SEED).uniform(0, 2 * math.pi, len(program.weights))
    seconds: Seconds = _core._program_seconds(program, weights, repeats=1)
    first = float(seconds[0, 1])
    if first < budget:
        repeats = _repeats(first, wanted, budget)
        seconds = _core._program_seconds(program, weights, repeats=repeats)
    return seconds


def _repeats(seconds: float, wanted: int, budget: float) -> int:
    """More repeats of what is short, fewer than wanted of what is long."""
    return max(1, min(int(budget / seconds), max(wanted, int(0.1 * budget / seconds))))
