"""The study's models of images: a convolutional network, quanvolution before it, and WeiNet."""

from typing import Any

import numpy as np
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn

import ketgrad as kg
from ketgrad.gallery.benchmark_study.data import SIDE, Split
from ketgrad.gallery.benchmark_study.training import WINDOW, Run, bits, right
from ketgrad.layers import Chain, CircuitLayer, Dense

CHANNELS, HIDDEN = (32, 64), 128
WINDOW_SIDE = 2  # of quanvolution: a qubit a pixel
LAYERS, ROTATIONS, CNOTS = 10, 20, 0.3  # of its random circuits; the share of CNOTs


def convolutions(n_channels: int, kernel_shape: int, seed: int) -> nn.Module:
    """Make two convolutions and two dense layers, weights as flax draws them."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(n_channels, CHANNELS[0], kernel_shape, padding="same"),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(CHANNELS[0], CHANNELS[1], kernel_shape, padding="same"),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(CHANNELS[1], HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 1),
    )
    for name, values in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(values)
        else:
            nn.init.normal_(values, std=values[0].numel() ** -0.5)
    return network


def stands_still(losses: list[float]) -> bool:
    """Say whether two windows of losses differ by no more than half a standard error."""
    if len(losses) < 2 * WINDOW:
        return False
    before, last = np.array(losses[-2 * WINDOW :]).reshape(2, WINDOW)
    return bool(abs(last.mean() - before.mean()) <= last.std() / np.sqrt(WINDOW) / 2)


def train(network: nn.Module, images: Any, y: Any, run: Run, learning_rate: float) -> None:
    """Train as `Run.train` does, by the optimizer that moves circuits too."""
    optimizer = kg.Optimizer("adam", learning_rate=learning_rate)
    loss, losses = nn.BCEWithLogitsLoss(), list[float]()
    inputs, targets = as_tensor(images), as_tensor(bits(y))
    weights = list(network.parameters())
    values = nn.utils.parameters_to_vector(weights).detach().double().numpy()
    while len(losses) < run.steps and not stands_still(losses):
        rows = torch.from_numpy(run.rng.integers(len(y), size=32))
        value = loss(network(inputs[rows])[:, 0], targets[rows])
        gradients = torch.autograd.grad(value, weights)
        gradient = torch.cat([gradient.flatten() for gradient in gradients])
        values = optimizer.step(values, gradient.double().numpy())
        nn.utils.vector_to_parameters(as_tensor(values), weights)
        losses.append(value.item())


def as_tensor(values: Any) -> torch.Tensor:
    """Give an array to PyTorch, in single precision."""
    return torch.from_numpy(np.asarray(values, np.float32))


def score(
    images: tuple[Any, Any], data: Split, run: Run, learning_rate: float, kernel_shape: int
) -> float:
    """Train a network on images, of shape (samples, channels, rows, columns); give its accuracy."""
    network = convolutions(images[0].shape[1], kernel_shape, run.draw_seed())
    train(network, images[0], data.y_train, run, learning_rate)
    with torch.no_grad():
        return right(network(as_tensor(images[1]))[:, 0].numpy(), data.y_test)


def cnn(data: Split, run: Run, learning_rate: float, kernel_shape: int) -> float:
    """Train the network on pixels."""
    scaler = StandardScaler().fit(data.X_train)
    images = [scaler.transform(X).reshape(-1, 1, SIDE, SIDE) for X in (data.X_train, data.X_test)]
    return score((images[0], images[1]), data, run, learning_rate, kernel_shape)


def random_filter(run: Run) -> Any:
    """Tell, for every window of dark and lit pixels, how many ones a random circuit has.

    In its likeliest outcome; shape (2,) * qubits.
    """
    n = WINDOW_SIDE**2
    x = kg.ParameterVector("x", n)
    circuit = kg.Circuit(n).ry([np.pi * x[k] for k in range(n)], range(n))
    turned = 0
    while turned < LAYERS * ROTATIONS:
        first, second = (int(k) for k in run.rng.permutation(n)[:2])
        if run.rng.uniform() < CNOTS:
            circuit.cx(first, second)
        else:
            gate = run.rng.choice(["rx", "ry", "rz"])
            getattr(circuit, gate)(float(run.turns(1)[0]), first)
            turned += 1
    windows = np.array(list(np.ndindex((2,) * n)))
    outcomes = kg.compile(circuit, inputs=x).probs(inputs=windows).argmax(axis=1)
    return np.array([int(outcome).bit_count() for outcome in outcomes]).reshape((2,) * n)


def quanvolution(
    data: Split, run: Run, learning_rate: float, kernel_shape: int, n_channels: int
) -> float:
    """Train the network on what random circuits make of every window."""
    scaler = MinMaxScaler((-1, 1)).fit(data.X_train)
    filters = [random_filter(run) for _ in range(n_channels)]

    def channels(X: Any) -> Any:
        lit = (scaler.transform(X) > 0).astype(int).reshape(-1, SIDE, SIDE)
        windows = np.lib.stride_tricks.sliding_window_view(lit, (WINDOW_SIDE,) * 2, axis=(1, 2))
        pixels = tuple(np.moveaxis(windows.reshape(*windows.shape[:3], -1), -1, 0))
        return np.stack([table[pixels] for table in filters], axis=1)

    images = channels(data.X_train), channels(data.X_test)
    return score(images, data, run, learning_rate, kernel_shape)


def weinet(data: Split, run: Run, learning_rate: float) -> float:
    """Train the linear layer behind Wei et al.'s filters.

    As it was run: all nine filters were the last one, which moves the image along both axes.
    """
    n = int(np.log2(SIDE**2))
    circuit = kg.amplitude_map(SIDE**2)
    # Bits of a row's number are the upper half of the qubits; the last bit of either is pooled.
    row, column = n - 1, n // 2 - 1
    read = [{f"Z{row}": 1.0}, {f"Z{column}": 1.0}, {f"Z{row} Z{column}": 1.0}]
    program = kg.compile(circuit, read, inputs="x")
    layer = Chain([CircuitLayer(program), Dense(len(read), 1)])

    def moved(X: Any) -> Any:
        return np.roll(X.reshape(-1, SIDE, SIDE), -1, axis=(1, 2)).reshape(len(X), -1)

    first = run.rng.normal(size=layer.n_parameters) / layer.n_parameters
    inputs, targets = moved(data.X_train), bits(data.y_train)
    model = run.train(layer, first, inputs, targets, "cross_entropy", learning_rate)
    return right(model.outputs(moved(data.X_test))[:, 0], data.y_test)
