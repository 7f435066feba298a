"""Models that a solver fits: kernels in a support vector machine, and their classical company.

Given the study's seed all are deterministic but the kitchen sinks, whose features are shots.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

import ketgrad as kg
from ketgrad.gallery.benchmark_study.circuits import iqp_embedding
from ketgrad.gallery.benchmark_study.data import Split
from ketgrad.gallery.benchmark_study.training import Run, angles

Grams = tuple[Any, Any]
"""Of the training samples, and of test and training samples."""


def iqp_grams(data: Split, run: Run, repeats: int) -> Grams:  # noqa: ARG001 - needs none
    """Give fidelities of IQP states."""
    train, test = angles(data)
    x = kg.ParameterVector("x", train.shape[1])
    program = kg.compile(iqp_embedding(x, repeats), inputs=x)
    return kg.fidelity_kernel(program, train), kg.fidelity_kernel(program, test, train)


def separable_grams(data: Split, run: Run, encoding_layers: int) -> Grams:  # noqa: ARG001
    """Give fidelities of states without entanglement."""
    train, test = angles(data)
    n = train.shape[1]
    x = kg.ParameterVector("x", n)
    circuit = kg.Circuit(n)
    for _ in range(encoding_layers):
        circuit.rx(np.pi / 4, range(n)).ry([x[k] for k in range(n)], range(n))
    program = kg.compile(circuit, inputs=x)
    return kg.fidelity_kernel(program, train), kg.fidelity_kernel(program, test, train)


def projected_grams(
    data: Split, run: Run, gamma_factor: float, t: float, trotter_steps: int
) -> Grams:
    """Give Gaussians of the distance of qubits' states, after a Heisenberg chain of the data."""
    train, test = angles(data)
    n = train.shape[1]
    run.rng.integers(100000)  # the seed of the support vector machine, which it does not use
    x = kg.ParameterVector("x", n)
    circuit = kg.Circuit(n + 1)
    for qubit, (first, second, third) in enumerate(2 * np.pi * run.rng.uniform(size=(n + 1, 3))):
        circuit.rz(first, qubit).ry(second, qubit).rz(third, qubit)
    time = t / trotter_steps * n
    for _ in range(trotter_steps):
        for k, pair in enumerate(pairwise(range(n + 1))):
            circuit.rxx(time * x[k], *pair).ryy(time * x[k], *pair).rzz(time * x[k], *pair)
    program = kg.compile(circuit, inputs=x)

    def gram(X: Any) -> Any:
        # The study scales by the variance of whatever the rows are, test samples too.
        gamma = gamma_factor / n / kg.bloch_vectors(program, X).var()
        return kg.projected_kernel(program, X, train, gamma=2 * gamma)

    return gram(train), gram(test)


def machine(grams: Callable[..., Grams]) -> Callable[..., float]:
    """Make a model of a kernel: a support vector machine's test accuracy."""

    def score(data: Split, run: Run, C: float, **settings: Any) -> float:
        train, test = grams(data, run, **settings)
        fitted = SVC(kernel="precomputed", C=C).fit(train, data.y_train)
        return float(fitted.score(test, data.y_test))

    return score


def svc(data: Split, run: Run, **settings: Any) -> float:  # noqa: ARG001 - needs none
    """Give the test accuracy of a Gaussian kernel."""
    return float(SVC(**settings).fit(data.X_train, data.y_train).score(data.X_test, data.y_test))


def mlp(data: Split, run: Run, **settings: Any) -> float:
    """Give the test accuracy of a perceptron with hidden layers."""
    network = MLPClassifier(max_iter=3000, random_state=run.seed, batch_size=32, **settings)
    return float(network.fit(data.X_train, data.y_train).score(data.X_test, data.y_test))


def kitchen_sinks(data: Split, run: Run, n_episodes: int, n_qubits: int) -> float:
    """Give the test accuracy of logistic regression on random circuits, measured once each."""
    n_episodes = min(n_episodes, run.steps)
    q = kg.ParameterVector("q", n_qubits)
    circuit = kg.Circuit(n_qubits).rx([q[k] for k in range(n_qubits)], range(n_qubits))
    for first in range(0, n_qubits - 1, 2):
        circuit.cx(first, first + 1)
    for first in range(n_qubits - 2):
        circuit.cx(first, first + 2)
    program = kg.compile(circuit, inputs=q)
    omegas = run.rng.normal(size=(n_episodes, n_qubits, data.X_train.shape[1]))
    betas = run.turns((n_episodes, n_qubits))

    def features(X: Any) -> Any:
        inputs = np.einsum("eqf,sf->seq", omegas, X) + betas
        shots = program.sample(1, inputs.reshape(-1, n_qubits), seed=run.draw_seed())
        return ((shots >> np.arange(n_qubits, dtype=np.uint64)) & 1).reshape(len(X), -1)

    train, test = angles(data, 1)
    model = LogisticRegression(C=np.inf, tol=1e-3).fit(features(train), data.y_train)
    return float(model.score(features(test), data.y_test))
