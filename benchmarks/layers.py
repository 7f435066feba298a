"""Models of layers beside the circuits in them.

    python benchmarks/layers.py

A training step (32 samples) of a dressed circuit, Dense(8, 4), 4 qubits of 6 re-uploading layers
and Dense(4, 2), beside one of the circuit alone; and the way forward and back of a recurrent layer
of 50 steps beside those of its cells. Medians of ratios in turns. The goals: 1.3 and 1.2.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

import ketgrad as kg
from ketgrad.layers import Chain, CircuitLayer, Dense, Recurrent

ROWS, STEPS = 32, 50
GOAL_DRESSED, GOAL_RECURRENT = 1.3, 1.2


def circuit_of(n_inputs: int, n_qubits: int, n_layers: int) -> CircuitLayer:
    """Return a circuit with its inputs before every layer, and Z on every qubit."""
    layers = kg.ansatz_layers("strongly_entangling", n_qubits, n_layers=n_layers)
    circuit = kg.reupload(kg.angle_map(n_inputs), layers)
    x = [name for name in circuit.parameters if name.startswith("x")]
    observables = [kg.PauliSum(f"Z{q}", n_qubits=n_qubits) for q in range(n_qubits)]
    return CircuitLayer(kg.compile(circuit, observables, inputs=x))


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
    model = kg.Model(layer)
    model.initialize(seed=1)
    x = rng.normal(size=(ROWS * 100, layer.n_inputs))
    y = rng.normal(size=(ROWS * 100, layer.n_outputs))
    trainer = kg.Trainer(model, loss="squared", batch_size=ROWS, epochs=1000)
    return lambda: trainer.step_epoch(x, y)


def main() -> None:
    """Print both ratios beside their goals."""
    kg.set_num_threads(1)
    rng = np.random.default_rng(1)
    circuit = circuit_of(4, 4, 6)
    dressed = Chain([Dense(8, 4), circuit, Dense(4, 2)])
    found = statistics.median(ratios(trainer_of(dressed, rng), trainer_of(circuit, rng)))
    print(f"dressed circuit / circuit: {found:.3f} (goal {GOAL_DRESSED})")

    cell = Chain([Dense(5, 4), circuit_of(4, 4, 2)])
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


if __name__ == "__main__":
    main()
