"""Time a training epoch beside other simulators, each called through Python as its users call it.

    python benchmarks/training.py --peers PYTHON
    python benchmarks/training.py --redraw out/training.json

PYTHON is an interpreter of an environment of its own with any of pennylane (with its lightning
plugin), jax, qulacs, torchquantum and tensorcircuit-ng; what it lacks is left out and said so.
Every simulator runs in a process of its own, kept on one core; all take turns. What is measured is
the processor's time, all threads of a process together: on a core of its own that is the time that
passes, and on a busy machine it is that still.

The work: 512 samples, mini-batches of 32, Adam, squared loss on <Z_0>. The circuit encodes a
sample by RX on every qubit, then has layers of RX RY RZ on every qubit and a ring of CNOTs.
First every simulator trains two steps, which compiles what is to be compiled, and its weights are
checked against steps by ketgrad's gradient. ketgrad's figure is that of whole fits; slow simulators
run as many of the 16 steps of an epoch as a few seconds hold, scaled to 16. Medians of all turns.
Prints a Markdown table and the distance to the goals; writes training.json and training.png.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import peers
import training_report

SAMPLES, BATCH, LEARNING_RATE = 512, 32, 0.01
STEPS = SAMPLES // BATCH
LAYERS = {4: 4, 6: 6, 8: 6, 10: 6}
CHECKED_STEPS = 2
TOLERANCE = 1e-4  # of the weights after these: PennyLane adds its epsilon in another place
SECONDS = {"ketgrad": 0.3, "peers": 4.0}  # what one turn takes, about


@dataclass(frozen=True)
class Fit:
    """A training that has been set up."""

    step: Callable[[np.ndarray, np.ndarray], object]
    weights: Callable[[], np.ndarray]


def data(n: int) -> tuple[np.ndarray, np.ndarray]:
    """512 samples in (-1, 1) and targets of +1 or -1."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (SAMPLES, n))
    return x, np.sign(x.prod(axis=1))


def batches(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cut the data into mini-batches."""
    x, y = data(n)
    return [(x[k : k + BATCH], y[k : k + BATCH]) for k in range(0, SAMPLES, BATCH)]


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


def ketgrad_model(n: int) -> Any:
    """Make the model, at the first weights."""
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
    model.parameters = np.concatenate([first_weights(n).ravel(), [1.0], [0.0]])
    return model


def ketgrad_epochs(n: int) -> peers.Measure:
    """Time a fit over as many epochs as a turn holds; seconds of one."""
    import ketgrad as kg

    model, (x, y) = ketgrad_model(n), data(n)

    def seconds(epochs: int) -> float:
        trainer = kg.Trainer(
            model,
            loss="squared",
            learning_rate=LEARNING_RATE,
            epochs=epochs,
            batch_size=BATCH,
            seed=0,
        )
        start = time.process_time()
        trainer.fit(x, y)
        return (time.process_time() - start) / epochs

    epochs = max(1, round(SECONDS["ketgrad"] / seconds(3)))
    return lambda: seconds(epochs)


def trained_weights(n: int) -> np.ndarray:
    """Weights after the steps that are checked, by ketgrad's gradient and the Adam above."""
    model, adam = ketgrad_model(n), Adam()
    for x, y in batches(n)[:CHECKED_STEPS]:
        _, gradient = model.loss_and_gradient("squared", x, y[:, None])
        gradient[-2:] = 0.0  # the others have no trainable scale and bias
        model.parameters = adam.step(model.parameters, gradient)
    return np.asarray(model.parameters[:-2])


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


def lightning(n: int) -> Fit:
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

    return Fit(step, lambda: state["w"])


def backprop(n: int) -> Fit:
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

    return Fit(step, lambda: state["w"])


def qulacs(n: int) -> Fit:
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

    return Fit(step, lambda: weights["w"])


def tensorcircuit(n: int) -> Fit:
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

    return Fit(step, lambda: state["w"])


def torchquantum(n: int) -> Fit:
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

    return Fit(step, lambda: w.detach().numpy())


# Name, module that must be there, label.
PEERS: dict[str, tuple[Callable[[int], Fit], str, str]] = {
    "lightning": (lightning, "pennylane_lightning", "PennyLane lightning.qubit, adjoint"),
    "backprop": (backprop, "jax", "PennyLane default.qubit, JAX jit + vmap"),
    "qulacs": (qulacs, "qulacs", "Qulacs, backprop"),
    "tensorcircuit": (tensorcircuit, "tensorcircuit", "TensorCircuit, JAX jit + vmap"),
    "torchquantum": (torchquantum, "torchquantum", "TorchQuantum"),
}
LABELS = {"ketgrad": "ketgrad", **{name: label for name, (_, _, label) in PEERS.items()}}
PACKAGES = ("pennylane", "pennylane-lightning", "jax", "qulacs", "tensorcircuit-ng", "torchquantum")


def prepare(case: peers.Case) -> tuple[Any, peers.Measure]:
    """Compile and train the steps that are checked; the answer is the weights after them."""
    name, n = case["name"], case["qubits"]
    if name == "ketgrad":
        import ketgrad as kg

        kg.set_num_threads(1)
        peers.pin(1)
        return None, ketgrad_epochs(n)
    make, module, _ = PEERS[name]
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(f"No module named {module!r}")
    fit, rows = make(n), batches(n)
    for batch in rows[:CHECKED_STEPS]:
        fit.step(*batch)
    peers.pin(1)  # only now: a compiler may take all cores

    def seconds() -> float:
        done, start = 0, time.process_time()
        while done < STEPS and time.process_time() - start < SECONDS["peers"]:
            fit.step(*rows[done])
            done += 1
        return (time.process_time() - start) * STEPS / done

    return np.asarray(fit.weights()).ravel().tolist(), seconds


def check(n: int, weights: list[float]) -> None:
    """Raise WorkerError for weights that are not those of the same training."""
    error = float(np.abs(np.array(weights) - trained_weights(n)).max())
    if error > TOLERANCE:
        raise peers.WorkerError(f"trained something else: weights differ by {error:.1e}")


def launch(name: str, n: int, args: argparse.Namespace) -> peers.Worker:
    """Start a simulator."""
    python = sys.executable if name == "ketgrad" else args.peers
    case = {"name": name, "qubits": n}
    return peers.Worker(python, __file__, case, threads=1, caches=args.out / "caches")


def is_ready(name: str, n: int, worker: peers.Worker, timeout: float) -> bool:
    """Wait until a simulator has compiled; False, said, where it cannot run here."""
    begin = time.perf_counter()
    try:
        weights = worker.answer(timeout)
        if weights is not None:
            check(n, weights)
    except peers.WorkerError as error:
        peers.say(f"{name}, {n} qubits: {error}")
        return False
    peers.say(f"{name}, {n} qubits: ready after {time.perf_counter() - begin:.1f} s more")
    return True


def measure(n: int, args: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds an epoch of every simulator that can run, a figure a turn."""
    workers = {name: launch(name, n, args) for name in ("ketgrad", *args.only)}
    try:
        ready = {
            name: worker
            for name, worker in workers.items()
            if is_ready(name, n, worker, args.timeout)
        }
        return peers.in_turns(ready, args.repeats, args.timeout)
    finally:
        for worker in workers.values():
            worker.close()


def show(report: dict[str, Any], out: Path) -> None:
    """Print the table and the goals, and draw the picture."""
    seconds = training_report.medians(report)
    print(training_report.table(seconds, LABELS))
    print()
    print(training_report.goals(seconds))
    training_report.plot(report, LABELS, out / "training.png")


def run(args: argparse.Namespace) -> None:
    """Measure size after size; the report is written after each."""
    report: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": peers.processor(),
        "versions": peers.versions(args.peers, PACKAGES) if args.peers else {},
        "samples": SAMPLES,
        "batch": BATCH,
        "layers": LAYERS,
        "seconds": {},
    }
    file = args.out / "training.json"
    if args.keep and file.exists():
        report["seconds"] = {int(n): s for n, s in json.loads(file.read_text())["seconds"].items()}
    for n in args.qubits:
        report["seconds"][n] = measure(n, args)
        report["seconds"] = dict(sorted(report["seconds"].items()))
        file.write_text(json.dumps(report, indent=2) + "\n")
        newest = training_report.medians({"seconds": {n: report["seconds"][n]}})
        print(training_report.table(newest, LABELS), end="\n\n", flush=True)
    show(report, args.out)


def main() -> None:
    """Measure what was asked for."""
    parser = peers.parser(__doc__, PEERS, repeats=7, timeout=900.0)
    parser.add_argument("--qubits", type=int, nargs="+", default=list(LAYERS), choices=list(LAYERS))
    parser.add_argument("--keep", action="store_true", help="add to the report in --out")
    peers.main(parser, PEERS, prepare=prepare, run=run, show=show)


if __name__ == "__main__":
    main()
