"""Gradients under noise beside PennyLane: adjoint, parameter shift, and automatic differentiation.

    python benchmarks/noise_gradients.py [QUBITS ...]

Needs pennylane, which nothing else does. Layers of RY, RZ and a ring of CX, with amplitude damping
after every gate; all derivatives of one expectation value. Prints medians in milliseconds, and the
largest difference between the gradients.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp

import ketgrad as kg

DAMPING = 0.02
LAYERS = 3
MOST_SHIFTED_QUBITS = 8  # above, parameter shift takes minutes


def ours(n: int) -> kg.NoisyProgram:
    """Compile the circuit here."""
    w = kg.ParameterVector("w", 2 * n * LAYERS)
    angles = iter(w)
    circuit = kg.Circuit(n)
    for _ in range(LAYERS):
        for q in range(n):
            circuit.ry(next(angles), q).rz(next(angles), q)
        for q in range(n):
            circuit.cx(q, (q + 1) % n)
    noise = kg.NoiseModel().add(kg.Channel.amplitude_damping(DAMPING))
    return kg.compile_noisy(circuit, "Z" * n, noise)


def theirs(n: int) -> Callable[[Any], Any]:
    """Make the same with PennyLane."""
    device = qml.device("default.mixed", wires=n)

    def damp(*wires: int) -> None:
        for q in wires:
            qml.AmplitudeDamping(DAMPING, wires=q)

    @qml.qnode(device, interface="autograd", diff_method="backprop")
    def value(w: Any) -> Any:
        k = 0
        for _ in range(LAYERS):
            for q in range(n):
                qml.RY(w[k], wires=q)
                damp(q)
                qml.RZ(w[k + 1], wires=q)
                damp(q)
                k += 2
            for q in range(n):
                qml.CNOT(wires=[q, (q + 1) % n])
                damp(q, (q + 1) % n)
        return qml.expval(qml.prod(*(qml.PauliZ(q) for q in range(n))))

    return qml.grad(value)


def milliseconds(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Time a call: the median, after one to warm up, and what it returned."""
    result = call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times), result


def main() -> None:
    """Print a row for every number of qubits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("qubits", type=int, nargs="*", default=[2, 4, 6])
    print("qubits  angles  adjoint    shift  PennyLane  peer/adjoint  difference")
    for n in parser.parse_args().qubits:
        noisy = ours(n)
        w = np.random.default_rng(n).uniform(-1, 1, len(noisy.weights))
        adjoint, gradient = milliseconds(lambda: noisy.jacobian(weights=w)[1][0], 7)  # noqa: B023
        shift = float("nan")
        if n <= MOST_SHIFTED_QUBITS:
            shift, _ = milliseconds(
                lambda: noisy.jacobian(weights=w, diff_method="parameter-shift"),  # noqa: B023
                3,
            )
        by_peer = theirs(n)
        angles = pnp.array(w, requires_grad=True)
        peer, expected = milliseconds(lambda: by_peer(angles), 3)  # noqa: B023
        difference = np.abs(gradient - np.asarray(expected)).max()
        print(
            f"{n:6}  {len(w):6}  {adjoint:7.3f}  {shift:7.2f}  {peer:9.1f}"
            f"  {peer / adjoint:12.0f}  {difference:10.1e}"
        )


if __name__ == "__main__":
    main()
