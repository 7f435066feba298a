"""What a training step through PennyLane costs on ketgrad, and on PennyLane's own devices.

    .venv/clients/pennylane/bin/python benchmarks/clients.py [--rounds N]

A step is the gradient of a squared loss over a batch of 32 by the weights of strongly entangling
layers, Z of qubit 0 measured, through a QNode with autograd and broadcast inputs; "one" are the
value and gradient of one circuit. The floor is null.qubit, a device that does nothing, with
derivatives of zero: PennyLane's own Python. All take turns; printed are medians in milliseconds.
"shots" are 1000 of 20 qubits: counts, and an energy of two bases, without a gradient.
The goals: a step 20 times faster than lightning.qubit's; one circuit of 4 qubits no slower; within
1.3 of the floor where that is most of it; 20 qubits 10 times faster.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp

DEVICES = ("null.qubit", "ketgrad.qubit", "lightning.qubit", "default.qubit")
BATCH = 32
STEPS = {4: 3, 6: 3, 8: 4, 10: 4}  # layers by qubits
ONES = {4: 3, 20: 2}


def model(device: str, n: int) -> Callable[..., Any]:
    """Make the QNode."""
    options = {"diff_method": "device"} if device == "null.qubit" else {}

    @qml.qnode(qml.device(device, wires=n), **options)
    def circuit(x: Any, w: Any) -> Any:
        qml.AngleEmbedding(x, wires=range(n))
        qml.StronglyEntanglingLayers(w, wires=range(n))
        return qml.expval(qml.Z(0))

    return circuit


def medians(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Time all in turn, once without looking."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for k in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if k > 0:
                seconds[name].append(time.perf_counter() - start)
    return {name: 1e3 * float(np.median(taken)) for name, taken in seconds.items()}


def steps(n: int, layers: int, batch: int | None) -> dict[str, Callable[[], Any]]:
    """Make the gradient of every device as a call."""
    rng = np.random.default_rng(0)
    x = pnp.array(rng.uniform(-1, 1, (batch, n) if batch else n), requires_grad=False)
    y = pnp.array(np.sign(rng.normal(size=batch)), requires_grad=False)
    w = pnp.array(rng.uniform(-np.pi, np.pi, (layers, n, 3)), requires_grad=True)

    def call(device: str) -> Callable[[], Any]:
        circuit = model(device, n)
        return lambda: qml.grad(lambda w: pnp.mean((circuit(x, w) - y) ** 2))(w)

    return {device: call(device) for device in DEVICES}


def shots(n: int, what: str) -> dict[str, Callable[[], Any]]:
    """Make a circuit with shots on every device but the one that does nothing."""
    words = [qml.X(k) @ qml.X((k + 1) % n) for k in range(n)] + [qml.Z(k) for k in range(n)]
    energy = qml.Hamiltonian([1.0] * len(words), words)
    w = np.random.default_rng(0).uniform(-np.pi, np.pi, (1, n, 3))

    def call(device: str) -> Callable[[], Any]:
        @qml.qnode(qml.device(device, wires=n), diff_method=None)
        def circuit() -> Any:
            qml.StronglyEntanglingLayers(w, wires=range(n))
            return qml.counts(wires=range(n)) if what == "counts" else qml.expval(energy)

        return qml.set_shots(circuit, 1000)

    return {device: call(device) for device in DEVICES[1:]}


def main() -> None:
    """Print a row for every size, and the distance to the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(f"{'what':>6} {'qubits':>6}" + "".join(f"{name:>17}" for name in DEVICES))
    for what, sizes, batch in (("step", STEPS, BATCH), ("one", ONES, None)):
        for n, layers in sizes.items():
            found = medians(steps(n, layers, batch), options.rounds)
            ours = found["ketgrad.qubit"]
            row = "".join(f"{found[name]:17.2f}" for name in DEVICES)
            against = found["lightning.qubit"] / ours
            floor = ours / found["null.qubit"]
            print(f"{what:>6} {n:6}{row}  lightning / ours {against:.1f}, ours / floor {floor:.2f}")
    for what in ("counts", "energy"):
        found = medians(shots(20, what), options.rounds)
        row = "".join(f"{found.get(name, 0):17.2f}" for name in DEVICES)
        against = found["lightning.qubit"] / found["ketgrad.qubit"]
        print(f"{what:>6} {20:6}{row}  lightning / ours {against:.1f}")


if __name__ == "__main__":
    main()
