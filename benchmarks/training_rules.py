"""Mixed precision beside double, and starts of minimize() side by side beside one by one.

    python benchmarks/training_rules.py

A training step (32 samples) of strongly entangling layers and a dense one, the circuit in double
and in single precision (parameters and optimizer are double in both), on 4 to 10 qubits; and 8
descents of 50 steps of Adam as one call with n_restarts=7, beside 8 calls. Medians of ratios in
turns, on one thread.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

import ketgrad as kg
from ketgrad.layers import Chain, CircuitLayer, Dense

ROWS, BATCHES, STARTS, STEPS, TURNS = 32, 20, 8, 50, 7


def ratio(numerator: Callable[[], object], denominator: Callable[[], object]) -> float:
    """Time both in turns; returns the median of the turns' ratios."""
    out = []
    for _ in range(TURNS):
        times = []
        for call in (numerator, denominator):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        out.append(times[0] / times[1])
    return statistics.median(out)


def epoch_of(n_qubits: int, precision: str) -> Callable[[], object]:
    """Return an epoch of a model."""
    circuit = kg.angle_map(n_qubits).compose(kg.strongly_entangling(n_qubits, 4))
    observables = [kg.PauliSum(f"Z{q}", n_qubits=n_qubits) for q in range(n_qubits)]
    program = kg.compile(circuit, observables, inputs="x", precision=precision)
    model = kg.Model(Chain([CircuitLayer(program), Dense(n_qubits, 1)]))
    model.initialize(seed=1)
    x = np.random.default_rng(0).normal(size=(ROWS * BATCHES, n_qubits))
    trainer = kg.Trainer(model, loss="squared", batch_size=ROWS, epochs=1000, seed=1)
    return lambda: trainer.step_epoch(x, np.sign(x[:, 0]))


def starts_of(n_qubits: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return all descents one by one, and side by side."""
    program = kg.compile(kg.strongly_entangling(n_qubits, 4), kg.library.heisenberg(n_qubits))
    places = np.random.default_rng(0).uniform(-np.pi, np.pi, (STARTS, len(program.weights)))

    def one_by_one() -> None:
        for place in places:
            kg.minimize(program, place, steps=STEPS, tolerance=0)

    def side_by_side() -> None:
        kg.minimize(program, places[0], steps=STEPS, tolerance=0, n_restarts=STARTS - 1, seed=1)

    return one_by_one, side_by_side


def main() -> None:
    """Print both for every number of qubits."""
    kg.set_num_threads(1)
    print("qubits   double / mixed   one by one / side by side")
    for n in (4, 6, 8, 10):
        mixed = ratio(epoch_of(n, "double"), epoch_of(n, "single"))
        print(f"{n:6}   {mixed:14.2f}   {ratio(*starts_of(n)):25.2f}")


if __name__ == "__main__":
    main()
