"""Time a training epoch beside other simulators, each called through Python as its users call it.

    python benchmarks/training.py --peers PYTHON

PYTHON is an interpreter of an environment of its own with any of pennylane (with its lightning
plugin), jax, qulacs, torchquantum and tensorcircuit-ng; what it lacks is left out and said so.
Every simulator runs in a process of its own on one thread.

The work: 512 samples, mini-batches of 32, Adam, squared loss on <Z_0>. The circuit encodes a
sample by RX on every qubit, then has layers of RX RY RZ on every qubit and a ring of CNOTs.
Compilation and a first step are not timed. Slow simulators run fewer of the 16 steps; their time is
scaled to 16.
Prints a Markdown table; writes training.json and training.png.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

SAMPLES, BATCH, LEARNING_RATE = 512, 32, 0.01
STEPS = SAMPLES // BATCH
LAYERS = {4: 4, 6: 6, 8: 6, 10: 6}
ENOUGH = 8.0  # seconds of steps that are measured at most, at least one step

Step = Callable[[np.ndarray, np.ndarray], object]


def data(n: int) -> tuple[np.ndarray, np.ndarray]:
    """512 samples in (-1, 1) and targets of +1 or -1."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (SAMPLES, n))
    return x, np.sign(x.prod(axis=1))


def first_weights(n: int) -> np.ndarray:
    """Angles by layer, qubit and axis."""
    return np.random.default_rng(1).uniform(-np.pi, np.pi, (LAYERS[n], n, 3))


class Adam:
    """The optimizer for simulators that bring none."""

    def __init__(self) -> None:
        self.m = self.v = 0.0
        self.t = 0

    def step(self, weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the weights after one update."""
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * gradient
        self.v = 0.999 * self.v + 0.001 * gradient**2
        m, v = self.m / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)
        return weights - LEARNING_RATE * m / (np.sqrt(v) + 1e-8)


def ketgrad(n: int) -> Step:
    """Train by a Trainer; a step is an epoch over one mini-batch."""
    import ketgrad as kg

    x, w = kg.ParameterVector("x", n), kg.ParameterVector("w", LAYERS[n] * n * 3)
    circuit = kg.Circuit(n)
    for q in range(n):
        circuit.rx(x[q], q)
    angle = iter(w)
    for _ in range(LAYERS[n]):
        for q in range(n):
            circuit.rx(next(angle), q).ry(next(angle), q).rz(next(angle), q)
        for q in range(n):
            circuit.cx(q, (q + 1) % n)
    model = kg.Model(circuit, [kg.PauliSum("Z0", n)], inputs=x)
    model.initialize(seed=0)
    trainer = kg.Trainer(
        model, loss="squared", learning_rate=LEARNING_RATE, epochs=1, batch_size=BATCH, seed=0
    )
    return lambda xs, ys: trainer.fit(xs, ys[:, None])


def pennylane_circuit(qml, n: int):  # type: ignore[no-untyped-def]
    """Return the circuit as PennyLane's users write it."""

    def circuit(w, x):  # type: ignore[no-untyped-def]
        for q in range(n):
            qml.RX(x[..., q], wires=q)
        for layer in range(LAYERS[n]):
            for q in range(n):
                qml.RX(w[layer, q, 0], wires=q)
                qml.RY(w[layer, q, 1], wires=q)
                qml.RZ(w[layer, q, 2], wires=q)
            for q in range(n):
                qml.CNOT(wires=[q, (q + 1) % n])
        return qml.expval(qml.PauliZ(0))

    return circuit


def lightning(n: int) -> Step:
    """PennyLane lightning.qubit, adjoint differentiation, PennyLane's Adam."""
    import pennylane as qml
    from pennylane import numpy as pnp

    device = qml.device("lightning.qubit", wires=n)
    node = qml.QNode(pennylane_circuit(qml, n), device, diff_method="adjoint")
    optimizer = qml.AdamOptimizer(LEARNING_RATE)
    state = {"w": pnp.array(first_weights(n), requires_grad=True)}

    def step(xs: np.ndarray, ys: np.ndarray) -> None:
        def cost(w):  # type: ignore[no-untyped-def]
            return pnp.mean((node(w, pnp.array(xs, requires_grad=False)) - ys) ** 2)

        state["w"] = optimizer.step(cost, state["w"])

    return step


def backprop(n: int) -> Step:
    """PennyLane default.qubit, backpropagation by JAX with jit and vmap, in double precision."""
    import jax
    import jax.numpy as jnp
    import pennylane as qml

    jax.config.update("jax_enable_x64", True)
    device = qml.device("default.qubit", wires=n)
    node = qml.QNode(pennylane_circuit(qml, n), device, diff_method="backprop", interface="jax")
    batched = jax.vmap(node, in_axes=(None, 0))
    gradient = jax.jit(jax.grad(lambda w, x, y: jnp.mean((batched(w, x) - y) ** 2)))
    adam, state = Adam(), {"w": first_weights(n)}

    def step(xs: np.ndarray, ys: np.ndarray) -> None:
        state["w"] = adam.step(state["w"], np.asarray(gradient(state["w"], xs, ys)))

    return step


def qulacs(n: int) -> Step:
    """Qulacs: a parametric circuit, backprop a sample."""
    from qulacs import Observable, ParametricQuantumCircuit, QuantumState

    circuit = ParametricQuantumCircuit(n)
    for q in range(n):
        circuit.add_parametric_RX_gate(q, 0.0)
    for _ in range(LAYERS[n]):
        for q in range(n):
            circuit.add_parametric_RX_gate(q, 0.0)
            circuit.add_parametric_RY_gate(q, 0.0)
            circuit.add_parametric_RZ_gate(q, 0.0)
        for q in range(n):
            circuit.add_CNOT_gate(q, (q + 1) % n)
    observable = Observable(n)
    observable.add_operator(1.0, "Z 0")
    adam, weights = Adam(), {"w": first_weights(n).ravel()}
    quantum_state = QuantumState(n)

    def step(xs: np.ndarray, ys: np.ndarray) -> None:
        total = np.zeros_like(weights["w"])
        for k, angle in enumerate(weights["w"]):
            circuit.set_parameter(n + k, -angle)  # its rotations turn the other way
        for x, y in zip(xs, ys, strict=True):
            for q in range(n):
                circuit.set_parameter(q, -x[q])
            quantum_state.set_zero_state()
            circuit.update_quantum_state(quantum_state)
            value = observable.get_expectation_value(quantum_state)
            total -= 2 * (value - y) / len(ys) * np.asarray(circuit.backprop(observable))[n:]
        weights["w"] = adam.step(weights["w"], total)

    return step


def tensorcircuit(n: int) -> Step:
    """TensorCircuit on JAX with jit and vmap, in double precision."""
    import tensorcircuit as tc

    backend = tc.set_backend("jax")
    tc.set_dtype("complex128")

    def value(w, x):  # type: ignore[no-untyped-def]
        circuit = tc.Circuit(n)
        for q in range(n):
            circuit.rx(q, theta=x[q])
        for layer in range(LAYERS[n]):
            for q in range(n):
                circuit.rx(q, theta=w[layer, q, 0])
                circuit.ry(q, theta=w[layer, q, 1])
                circuit.rz(q, theta=w[layer, q, 2])
            for q in range(n):
                circuit.cnot(q, (q + 1) % n)
        return backend.real(circuit.expectation_ps(z=[0]))

    batched = backend.vmap(value, vectorized_argnums=1)
    gradient = backend.jit(backend.grad(lambda w, x, y: backend.mean((batched(w, x) - y) ** 2)))
    adam, state = Adam(), {"w": first_weights(n)}

    def step(xs: np.ndarray, ys: np.ndarray) -> None:
        w, x, y = (backend.convert_to_tensor(a) for a in (state["w"], xs, ys))
        state["w"] = adam.step(state["w"], np.asarray(gradient(w, x, y)))

    return step


def torchquantum(n: int) -> Step:
    """TorchQuantum: a batched device, autograd, torch's Adam (single precision only)."""
    import torch
    import torchquantum as tq

    w = torch.nn.Parameter(torch.tensor(first_weights(n), dtype=torch.float32))
    optimizer = torch.optim.Adam([w], lr=LEARNING_RATE)
    measure = tq.MeasureAll(tq.PauliZ)

    def step(xs: np.ndarray, ys: np.ndarray) -> None:
        x, y = (torch.tensor(a, dtype=torch.float32) for a in (xs, ys))
        device = tq.QuantumDevice(n_wires=n, bsz=len(xs))
        for q in range(n):
            device.rx(wires=q, params=x[:, q])
        for layer in range(LAYERS[n]):
            for q in range(n):
                device.rx(wires=q, params=w[layer, q, 0])
                device.ry(wires=q, params=w[layer, q, 1])
                device.rz(wires=q, params=w[layer, q, 2])
            for q in range(n):
                device.cnot(wires=[q, (q + 1) % n])
        optimizer.zero_grad()
        torch.mean((measure(device)[:, 0] - y) ** 2).backward()
        optimizer.step()

    return step


# Name, module that must be there, label.
PEERS: dict[str, tuple[Callable[[int], Step], str, str]] = {
    "ketgrad": (ketgrad, "ketgrad", "ketgrad"),
    "lightning": (lightning, "pennylane_lightning", "PennyLane lightning.qubit, adjoint"),
    "backprop": (backprop, "jax", "PennyLane default.qubit, JAX jit + vmap"),
    "qulacs": (qulacs, "qulacs", "Qulacs, backprop"),
    "tensorcircuit": (tensorcircuit, "tensorcircuit", "TensorCircuit, JAX jit + vmap"),
    "torchquantum": (torchquantum, "torchquantum", "TorchQuantum"),
}


def measure(name: str, n: int) -> float:
    """Seconds an epoch: the median of the steps that fit into the time, times 16."""
    make, module, _ = PEERS[name]
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(module)
    step = make(n)
    x, y = data(n)
    batches = [(x[k : k + BATCH], y[k : k + BATCH]) for k in range(0, SAMPLES, BATCH)]
    step(*batches[0])  # compiles
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < 10 * STEPS and (not times or time.perf_counter() - begin < ENOUGH):
        start = time.perf_counter()
        step(*batches[len(times) % STEPS])
        times.append(time.perf_counter() - start)
    return STEPS * float(np.median(times))


def run(python: str, name: str, n: int, timeout: float) -> float | None:
    """Measure in a process of its own; None where it cannot run here."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    }
    command = [python, __file__, "--worker", name, "--qubits", str(n)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{name}, {n} qubits: not done after {timeout:g} s", file=sys.stderr)
        return None
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"{name}, {n} qubits: {reason}", file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])


def table(results: dict[str, dict[int, float | None]], sizes: list[int]) -> str:
    """Milliseconds an epoch, and how many times ketgrad's, in Markdown."""
    lines = ["| epoch, ms | " + " | ".join(f"{n} qubits" for n in sizes) + " |"]
    lines.append("|---" * (len(sizes) + 1) + "|")
    for name, times in results.items():
        cells = []
        for n in sizes:
            seconds, ours = times.get(n), results["ketgrad"][n]
            if seconds is None or ours is None:
                cells.append("–")
            elif name == "ketgrad":
                cells.append(f"{1e3 * seconds:.3g}")
            else:
                cells.append(f"{1e3 * seconds:.3g} ({seconds / ours:.0f}×)")
        lines.append(f"| {PEERS[name][2]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def goals(results: dict[str, dict[int, float | None]], sizes: list[int]) -> str:
    """Tell the distance to the goals: 100 times lightning; 30 (at 10 qubits 10) times the best."""
    lines = []
    for n in sizes:
        ours = results["ketgrad"][n]
        others = {k: t[n] for k, t in results.items() if k != "ketgrad" and t[n] is not None}
        if ours is None or not others:
            continue
        fastest = min(others, key=lambda k: others[k] or 0.0)
        wanted = [(fastest, 10.0 if n >= 10 else 30.0)]
        if "lightning" in others:
            wanted.insert(0, ("lightning", 100.0))
        for name, goal in wanted:
            ratio = (others[name] or 0.0) / ours
            verdict = "met" if ratio >= goal else "MISSED"
            lines.append(f"{n:>2} qubits, {name}: {ratio:.1f} times, goal {goal:g}: {verdict}")
    return "\n".join(lines)


def plot(results: dict[str, dict[int, float | None]], sizes: list[int], path: Path) -> None:
    """Time an epoch over the number of qubits, on a logarithmic scale."""
    plt = importlib.import_module("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
    for name, times in results.items():
        shown = [(n, t) for n in sizes if (t := times[n]) is not None]
        if not shown:
            continue
        own = name == "ketgrad"
        axes.plot(
            *zip(*shown, strict=True),
            marker="o",
            linewidth=3 if own else 1.5,
            label=PEERS[name][2],
            zorder=3 if own else 2,
        )
    axes.set_yscale("log")
    axes.set_xticks(sizes)
    axes.set(
        xlabel="qubits",
        ylabel="seconds an epoch",
        title=f"Training: {SAMPLES} samples, mini-batches of {BATCH}, Adam, one thread",
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter of the peers' environment")
    parser.add_argument("--qubits", type=int, nargs="+", default=list(LAYERS), choices=list(LAYERS))
    parser.add_argument("--only", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.add_argument(
        "--timeout", type=float, default=400.0, help="seconds a measurement may take"
    )
    parser.add_argument("--worker", choices=list(PEERS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        print(measure(args.worker, args.qubits[0]))
        return
    names = ["ketgrad", *(n for n in args.only if n != "ketgrad")] if args.peers else ["ketgrad"]
    results: dict[str, dict[int, float | None]] = {name: {} for name in names}
    args.out.mkdir(parents=True, exist_ok=True)
    for n in args.qubits:
        for name in names:
            python = sys.executable if name == "ketgrad" else args.peers
            results[name][n] = run(python, name, n, args.timeout)
            print(f"{name}, {n} qubits: {results[name][n]} s an epoch", file=sys.stderr)
            report = {"samples": SAMPLES, "batch": BATCH, "layers": LAYERS, "seconds": results}
            (args.out / "training.json").write_text(json.dumps(report, indent=2) + "\n")
    print(table(results, args.qubits))
    print()
    print(goals(results, args.qubits))
    plot(results, args.qubits, args.out / "training.png")


if __name__ == "__main__":
    main()
