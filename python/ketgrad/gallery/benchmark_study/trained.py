"""Models that gradients train: what goes into their circuits, and what comes out.

First parameters are drawn as the study drew them, from other random numbers.
"""

from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from ketgrad.gallery.benchmark_study import circuits
from ketgrad.gallery.benchmark_study.data import Split
from ketgrad.gallery.benchmark_study.training import Run, amplitudes, angles, bits, right

EXAMPLES = 32  # of either class that the metric learner compares with


def circuit_centric(
    data: Split, run: Run, learning_rate: float, n_input_copies: int, n_layers: int
) -> float:
    """Train Schuld et al.'s classifier."""
    n = data.X_train.shape[1]
    train, test = amplitudes(data, 2 ** int(np.ceil(np.log2(n))), n_input_copies)
    layer = circuits.circuit_centric(n, n_layers, n_input_copies)
    first = np.append(run.turns(layer.n_parameters - 1), 0.01)
    model = run.train(layer, first, train, data.y_train, "squared", learning_rate)
    return right(model.outputs(test)[:, 0], data.y_test)


def tree_tensor(data: Split, run: Run, learning_rate: float) -> float:
    """Train a tree."""
    layer = circuits.tree_tensor(data.X_train.shape[1])
    train, test = amplitudes(data, layer.n_inputs)
    first = np.append(run.turns(layer.n_parameters - 1), 0.1 * run.rng.normal())
    model = run.train(layer, first, train, data.y_train, "squared", learning_rate)
    return right(model.outputs(test)[:, 0], data.y_test)


def data_reuploading(
    data: Split, run: Run, learning_rate: float, n_layers: int, observable_type: str
) -> float:
    """Train Perez-Salinas et al.'s classifier on weighted fidelities; predict without weights."""
    train, test = angles(data)
    layer = circuits.data_reuploading(train.shape[1], n_layers, observable_type)
    half = layer.n_outputs // 2
    n_weights = layer.n_parameters - 2 * half
    first = np.append(run.rng.uniform(size=n_weights), np.ones(2 * half))
    # Z of 1 means the label 1: fidelities with 1 come first.
    targets = np.repeat(np.column_stack([bits(data.y_train), 1 - bits(data.y_train)]), half, axis=1)
    model = run.train(layer, first, train, targets, "squared", learning_rate)
    fidelities = model.outputs(test) / model.parameters[n_weights:]
    return right((fidelities[:, :half] - fidelities[:, half:]).mean(axis=1), data.y_test)


def dressed(data: Split, run: Run, learning_rate: float, n_layers: int) -> float:
    """Train Mari et al.'s circuit."""
    scaler = StandardScaler().fit(data.X_train)
    n = data.X_train.shape[1]
    layer = circuits.dressed(n, n_layers)
    draws = run.rng.normal(size=n * n) / n, run.turns(n * n_layers), run.rng.normal(size=2 * n) / n
    targets = np.column_stack([1 - bits(data.y_train), bits(data.y_train)])
    train = scaler.transform(data.X_train)
    model = run.train(layer, np.concatenate(draws), train, targets, "cross_entropy", learning_rate)
    outputs = model.outputs(scaler.transform(data.X_test))
    return right(outputs[:, 1] - outputs[:, 0], data.y_test)


def separable_variational(
    data: Split, run: Run, encoding_layers: int, learning_rate: float
) -> float:
    """Train qubits that never meet."""
    train, test = angles(data)
    layer = circuits.separable_variational(train.shape[1], encoding_layers)
    first, targets = run.turns(layer.n_parameters), bits(data.y_train)
    model = run.train(layer, first, train, targets, "cross_entropy", learning_rate)
    return right(model.outputs(test)[:, 0], data.y_test)


def iqp_variational(
    data: Split, run: Run, learning_rate: float, n_layers: int, repeats: int
) -> float:
    """Train entangling layers behind Havlicek's map, on the chance of being wrong."""
    train, test = angles(data)
    layer = circuits.iqp_variational(train.shape[1], n_layers, repeats)
    first = run.turns(layer.n_parameters)
    # Between -1 and 1, where 1 - t o is never negative, the hinge is linear.
    model = run.train(layer, first, train, data.y_train, "hinge", learning_rate)
    return right(model.outputs(test)[:, 0], data.y_test)


def metric_learner(data: Split, run: Run, learning_rate: float, n_layers: int) -> float:
    """Train Lloyd et al.'s map to part the classes; predict by the mean fidelity with examples.

    As it was run: sample i of a class met none but sample i of the other. Fidelities within a
    class were taken of a sample with itself, and so are left out.
    """
    train, test = angles(data)
    low, high = train[data.y_train == -1], train[data.y_train == 1]
    layer = circuits.metric_learner(train.shape[1], n_layers)
    first = 0.1 * run.rng.normal(size=layer.n_parameters)
    pairs = np.column_stack([low, high[np.minimum(np.arange(len(low)), len(high) - 1)]])
    apart = -np.ones(len(pairs))
    model = run.train(layer, first, pairs, apart, "hinge", learning_rate, batch_size=16)

    def closeness(side: Any) -> Any:
        examples = side[run.rng.choice(len(side), EXAMPLES, replace=False)]
        rows = np.column_stack([np.tile(examples, (len(test), 1)), test.repeat(EXAMPLES, axis=0)])
        return model.outputs(rows).reshape(len(test), EXAMPLES).mean(axis=1)

    return right(closeness(high) - closeness(low), data.y_test)
