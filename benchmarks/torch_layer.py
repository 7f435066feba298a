"""Time a training step through PyTorch beside the program's own gradient.

    python benchmarks/torch_layer.py [--peers PYTHON] [--seconds S]

The step: a batch of 32 through a `ketgrad.torch.Layer`, mean squared error, `backward`. Beside it
`Program.value_and_vjp` of the same batch, and the same step with a `Linear` layer of as many
inputs, which is what PyTorch takes by itself. The circuit encodes a sample by RX on every qubit,
then has layers of RX RY RZ on every qubit and a ring of CNOTs; <Z_0> is measured. All take turns;
what is measured is the processor's time of one thread, because that is the time that passes on a
core of its own; medians of all turns. Prints the distance to the goal of at most 150 µs above
`value_and_vjp`.

With PYTHON, an interpreter of an environment of its own with pennylane, its lightning plugin and
torch, a step of PennyLane's TorchLayer on lightning.qubit (adjoint) as well; goal: 100 times.
"""

import argparse
import json
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

BATCH = 32
LAYERS = {4: 4, 8: 6}
GOAL_US, GOAL_RATIO = 150, 100
CALLS = 20  # of each in a turn, so that it finds its own code in the cache


def first_weights(n: int) -> np.ndarray:
    """Angles by layer, qubit and axis."""
    return np.random.default_rng(1).uniform(-np.pi, np.pi, (LAYERS[n], n, 3))


def samples(n: int) -> np.ndarray:
    """One batch."""
    return np.random.default_rng(0).uniform(-1, 1, (BATCH, n))


def medians(calls: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Take turns for some seconds; microseconds of a call."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(times[next(iter(times))]) < 3:
        for name, call in calls.items():
            call()
            start = time.process_time()
            for _ in range(CALLS):
                call()
            times[name].append(1e6 * (time.process_time() - start) / CALLS)
    return {name: statistics.median(t) for name, t in times.items()}


def step(model: torch.nn.Module, n: int) -> Callable[[], Any]:
    """Return a step without the optimizer's part."""
    x, y = torch.tensor(samples(n)), torch.zeros(BATCH, 1, dtype=torch.double)
    parameters = list(model.parameters())

    def run() -> None:
        for parameter in parameters:
            parameter.grad = None
        torch.nn.functional.mse_loss(model(x), y).backward()

    return run


def ours(n: int, seconds: float) -> dict[str, float]:
    """Time everything of ours."""
    import ketgrad as kg
    from ketgrad.torch import Layer

    kg.set_num_threads(1)
    x, w = kg.ParameterVector("x", n), kg.ParameterVector("w", LAYERS[n] * n * 3)
    circuit = kg.Circuit(n).rx(list(x), range(n))
    angle = iter(w)
    for _ in range(LAYERS[n]):
        for q in range(n):
            circuit.rx(next(angle), q).ry(next(angle), q).rz(next(angle), q)
        circuit.cx(range(n), [(q + 1) % n for q in range(n)])
    program = kg.compile(circuit, kg.PauliSum("Z0", n), inputs=x)
    weights, batch, ones = first_weights(n).ravel(), samples(n), np.ones((BATCH, 1))
    layer = Layer(program, weights=weights, dtype=torch.double)
    calls = {
        "value_and_vjp": lambda: program.value_and_vjp(ones, batch, weights),
        "expval": lambda: program.expval(batch, weights),
        "step": step(layer, n),
        "linear": step(torch.nn.Linear(n, 1, dtype=torch.double), n),
    }
    return medians(calls, seconds)


def pennylane(n: int) -> float:
    """Time a step of PennyLane's layer."""
    import pennylane as qml

    @qml.qnode(qml.device("lightning.qubit", wires=n), interface="torch", diff_method="adjoint")
    def circuit(inputs, w):  # type: ignore[no-untyped-def]
        for q in range(n):
            qml.RX(inputs[..., q], wires=q)
        for layer in range(LAYERS[n]):
            for q in range(n):
                qml.RX(w[layer, q, 0], wires=q)
                qml.RY(w[layer, q, 1], wires=q)
                qml.RZ(w[layer, q, 2], wires=q)
            for q in range(n):
                qml.CNOT(wires=[q, (q + 1) % n])
        return qml.expval(qml.PauliZ(0))

    layer = qml.qnn.TorchLayer(circuit, {"w": (LAYERS[n], n, 3)}).double()
    run = step(torch.nn.Sequential(layer, torch.nn.Unflatten(0, (BATCH, 1))), n)
    run()
    times = []
    for _ in range(5):
        start = time.process_time()
        run()
        times.append(1e6 * (time.process_time() - start))
    return statistics.median(times)


def main() -> None:
    """Print a row for every number of qubits, and the distance to the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="an interpreter that has PennyLane and PyTorch")
    parser.add_argument("--seconds", type=float, default=5.0, help="of turns for each circuit")
    parser.add_argument("--only-peer", type=int, metavar="QUBITS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.only_peer:
        print(json.dumps(pennylane(options.only_peer)))
        return
    print(f"{'qubits':>6} {'value_and_vjp':>13} {'expval':>8} {'step':>8} {'linear':>8}  µs")
    for n in LAYERS:
        found = ours(n, options.seconds)
        print(
            f"{n:6} {found['value_and_vjp']:13.1f} {found['expval']:8.1f} {found['step']:8.1f} "
            f"{found['linear']:8.1f}"
        )
        above = found["step"] - found["value_and_vjp"]
        print(f"       {above:.0f} µs above value_and_vjp; goal: at most {GOAL_US}", end="")
        print(f" ({above - GOAL_US:+.0f})")
        if options.peers:
            command = [options.peers, __file__, "--only-peer", str(n)]
            peer = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            ratio = peer / found["step"]
            print(f"       PennyLane {peer:.0f} µs: {ratio:.0f} times; goal: {GOAL_RATIO}", end="")
            print(f" ({ratio / GOAL_RATIO - 1:+.0%})")


if __name__ == "__main__":
    main()
