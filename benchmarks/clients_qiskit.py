"""What training and shots through Qiskit cost on ketgrad, and on Qiskit's and Aer's own primitives.

    .venv/clients/qiskit/bin/python benchmarks/clients_qiskit.py [--rounds N] [--quick]

A step is the forward and backward pass of an EstimatorQNN over a batch of 100, a ZZ feature map and
3 layers of real amplitudes on 6 qubits, Z on all of them measured. Qiskit's primitives take the
parameter-shift gradient of qiskit-machine-learning, in one round, which takes minutes; --quick
leaves it out. The other rows are calls of an estimator and a sampler on 100 sets of angles. All
take turns; printed are medians in milliseconds. The goal: a step 50 times faster than on the
reference primitives.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit.circuit.library import real_amplitudes, zz_feature_map
from qiskit.primitives import StatevectorEstimator, StatevectorSampler
from qiskit_aer.primitives import EstimatorV2 as AerEstimator
from qiskit_aer.primitives import SamplerV2 as AerSampler
from qiskit_machine_learning.neural_networks import EstimatorQNN

from ketgrad.qiskit import Estimator, EstimatorGradient, Sampler

BATCH = 100
SIZES = {4: 3, 6: 3, 10: 3}  # layers by qubits
Calls = dict[str, Callable[[], Any]]


def medians(calls: Calls, rounds: int) -> dict[str, float]:
    """Time all in turn, once without looking."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for k in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if k > 0 or rounds == 0:
                seconds[name].append(time.perf_counter() - start)
    return {name: 1e3 * float(np.median(taken)) for name, taken in seconds.items()}


def network(n: int, layers: int, **options: Any) -> EstimatorQNN:
    """Make the network."""
    features, ansatz = zz_feature_map(n), real_amplitudes(n, reps=layers)
    return EstimatorQNN(
        circuit=features.compose(ansatz),
        input_params=features.parameters,
        weight_params=ansatz.parameters,
        default_precision=0.0,
        **options,
    )


def step(qnn: EstimatorQNN) -> Callable[[], Any]:
    """Make a step of training as a call."""
    rng = np.random.default_rng(0)
    x, w = rng.uniform(0, 1, (BATCH, qnn.num_inputs)), rng.uniform(-1, 1, qnn.num_weights)
    return lambda: (qnn.forward(x, w), qnn.backward(x, w))


def primitives(n: int, layers: int) -> dict[str, Calls]:
    """Make the calls of all estimators and samplers."""
    circuit = zz_feature_map(n).compose(real_amplitudes(n, reps=layers))
    values = np.random.default_rng(0).uniform(-1, 1, (BATCH, circuit.num_parameters))
    measured = circuit.copy()
    measured.measure_all()
    plain = circuit.decompose()
    plain_measured = measured.decompose()

    def estimate(kind: Any, of: Any = circuit) -> Callable[[], Any]:
        return lambda: kind.run([(of, "Z" * n, values)], precision=0.0).result()

    def sample(kind: Any, of: Any = measured) -> Callable[[], Any]:
        return lambda: kind.run([(of, values)], shots=1000).result()

    return {
        "estimator": {
            "ketgrad": estimate(Estimator()),
            "reference": estimate(StatevectorEstimator()),
            "aer": estimate(AerEstimator(), plain),
        },
        "sampler": {
            "ketgrad": sample(Sampler()),
            "reference": sample(StatevectorSampler()),
            "aer": sample(AerSampler(), plain_measured),
        },
    }


def row(what: str, n: int, found: dict[str, float]) -> None:
    """Print times, and how many times ketgrad's those of the others are."""
    times = "".join(f"{name:>11} {taken:10.2f}" for name, taken in found.items())
    ratios = [
        f"{name} / ours {taken / found['ketgrad']:.0f}"
        for name, taken in found.items()
        if name != "ketgrad"
    ]
    print(f"{what:>10} {n:3} qubits {times}   {', '.join(ratios)}", flush=True)


def main() -> None:
    """Print a row for every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for n, layers in SIZES.items():
        for what, calls in primitives(n, layers).items():
            row(what, n, medians(calls, options.rounds))
    ours = network(6, 3, estimator=Estimator(), gradient=EstimatorGradient())
    found = medians({"ketgrad": step(ours)}, options.rounds)
    if not options.quick:
        theirs = step(network(6, 3, estimator=StatevectorEstimator()))
        found |= medians({"reference": theirs}, 0)
    row("step", 6, found)


if __name__ == "__main__":
    main()
