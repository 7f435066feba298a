"""Models of layers beside the circuits in them.

    python benchmarks/layers.py

A training step (32 samples) of a dressed circuit, Dense(8, 4), 4 qubits of 6 re-uploading layers
and Dense(4, 2), beside one of the circuit alone; and the way forward and back of a recurrent layer
of 50 steps beside those of its cells. Medians of ratios in turns. The goals: 1.3 and 1.2.

A training step by a loss of the whole batch, of 4 and of 8 qubits, beside one by `squared`, which
has the same way forward and back, and a pass over what the loss reads: outputs and targets, of mmd
their product with its kernel, of an alignment the two kernels. The goal is 1.2: the parts are 1,
and logarithms and the centring of kernels have a fifth.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

import ketgrad as kg
from ketgrad.layers import Chain, CircuitLayer, Dense, Recurrent

Array = npt.NDArray[np.float64]

ROWS, STEPS, STEPS_OF_LOSSES = 32, 50, 20
GOAL_DRESSED, GOAL_RECURRENT, GOAL_LOSSES = 1.3, 1.2, 1.2


def program_of(n_inputs: int, n_qubits: int, n_layers: int) -> kg.Program:
    """Return a circuit with its inputs before every layer, and Z on every qubit."""
    layers = kg.ansatz_layers("strongly_entangling", n_qubits, n_layers=n_layers)
    circuit = kg.reupload(kg.angle_map(n_inputs), layers)
    x = [name for name in circuit.parameters if name.startswith("x")]
    observables = [kg.PauliSum(f"Z{q}", n_qubits=n_qubits) for q in range(n_qubits)]
    return kg.compile(circuit, observables, inputs=x)


def ratios(numerator: Callable[[], object], denominator: Callable[[], object]) -> list[float]:
    """Time both in turns; returns the ratio of each turn."""
    out = []
    for _ in range(15):
        times = []
        for call in (numerator, denominator):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        out.append(times[0] / times[1])
    return out


def trainer_of(layer: kg.layers.Layer, rng: np.random.Generator) -> Callable[[], object]:
    """Return an epoch of many steps of a model."""
    x = rng.normal(size=(ROWS * 100, layer.n_inputs))
    y = rng.normal(size=(ROWS * 100, layer.n_outputs))
    return epoch_of(layer, x, y, "squared")


def epoch_of(layer: kg.layers.Layer, x: Array, y: Array, loss: Any) -> Callable[[], object]:
    """Return an epoch of a model by a loss."""
    model = kg.Model(layer)
    model.initialize(seed=1)
    trainer = kg.Trainer(model, loss=loss, batch_size=ROWS, epochs=1000)
    return lambda: trainer.step_epoch(x, y)


def print_whole_batch_losses(n_qubits: int, rng: np.random.Generator) -> None:
    """Print what losses of distributions and of features add to a training step."""
    program = program_of(n_qubits, n_qubits, 6)
    features, born = CircuitLayer(program), CircuitLayer(program, of="probs")
    n_rows = ROWS * STEPS_OF_LOSSES
    frequencies = rng.dirichlet(np.ones(born.n_outputs), n_rows)
    labels = rng.choice([-1.0, 1.0], (n_rows, features.n_outputs))
    batch = frequencies[:ROWS].copy()
    kernel = np.ones((born.n_outputs, born.n_outputs))
    among_rows = np.ones((ROWS, ROWS))
    for name, loss, layer, targets, passes in (
        ("mmd", kg.losses.mmd(born.n_outputs), born, frequencies, [lambda: batch @ kernel]),
        ("likelihood", kg.losses.negative_log_likelihood, born, frequencies, [batch.sum] * 2),
        ("relative entropy", kg.losses.kl_divergence, born, frequencies, [batch.sum] * 2),
        ("kernel alignment", kg.losses.kernel_alignment(), features, labels, [among_rows.sum] * 2),
    ):
        inputs = rng.normal(size=(n_rows, layer.n_inputs))
        own, plain = (epoch_of(layer, inputs, targets, one) for one in (loss, "squared"))
        found = statistics.median(ratios(own, parts_of(plain, passes)))
        print(f"{n_qubits} qubits, step by {name} / its parts: {found:.3f} (goal {GOAL_LOSSES})")


def parts_of(epoch: Callable[[], object], passes: list[Callable[[], object]]) -> Callable[[], None]:
    """Return an epoch and, for each of its steps, the passes over what a loss reads."""

    def parts() -> None:
        epoch()
        for _ in range(STEPS_OF_LOSSES):
            for read in passes:
                read()

    return parts


def main() -> None:
    """Print all ratios beside their goals."""
    kg.set_num_threads(1)
    rng = np.random.default_rng(1)
    circuit = CircuitLayer(program_of(4, 4, 6))
    dressed = Chain([Dense(8, 4), circuit, Dense(4, 2)])
    found = statistics.median(ratios(trainer_of(dressed, rng), trainer_of(circuit, rng)))
    print(f"dressed circuit / circuit: {found:.3f} (goal {GOAL_DRESSED})")

    cell = Chain([Dense(5, 4), CircuitLayer(program_of(4, 4, 2))])
    layer = Recurrent(cell, 4, STEPS)
    w = layer.initialize(seed=1)
    x = rng.normal(size=(ROWS, layer.n_inputs))
    g = rng.normal(size=(ROWS, layer.n_outputs))
    x_cell = rng.normal(size=(ROWS, cell.n_inputs))
    g_cell = rng.normal(size=(ROWS, cell.n_outputs))

    def cells() -> None:
        for _ in range(STEPS):
            cell.value_and_vjp(g_cell, x_cell, w)

    found = statistics.median(ratios(lambda: layer.value_and_vjp(g, x, w), cells))
    print(f"recurrent layer / its cells: {found:.3f} (goal {GOAL_RECURRENT})")
    for n_qubits in (4, 8):
        print_whole_batch_losses(n_qubits, rng)


if __name__ == "__main__":
    main()
