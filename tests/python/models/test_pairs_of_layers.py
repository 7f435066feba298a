"""Every layer behind every other, beside PyTorch's autograd."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ketgrad.layers import (
    Activation,
    Chain,
    Dense,
    Layer,
    Patches,
    Recurrent,
    ScaleShift,
    image_windows,
)

N = 8  # inputs and outputs of each: an image of 4 x 2 points, or 4 steps of 2 numbers
ROWS = 5


def dense(x: Tensor, w: Tensor, n_outputs: int) -> Tensor:
    split = n_outputs * x.shape[-1]
    return functional.linear(x, w[:split].reshape(n_outputs, -1), w[split:])


def convolution(x: Tensor, w: Tensor) -> Tensor:
    """Two windows of 2 x 2 points, in four channels."""
    kernel = w[:16].reshape(4, 2, 2, 1).permute(0, 3, 1, 2)
    image = x.reshape(-1, 4, 2, 1).permute(0, 3, 1, 2)
    found = functional.conv2d(image, kernel, w[16:], stride=2)
    return found.permute(0, 2, 3, 1).reshape(-1, N)


def unfolded(x: Tensor, w: Tensor) -> Tensor:
    """Windows with weights of their own: what unfold cuts out, each through its Dense layer."""
    image = x.reshape(-1, 4, 2, 1).permute(0, 3, 1, 2)
    windows = functional.unfold(image, kernel_size=2, stride=2).transpose(1, 2)
    each = [dense(windows[:, k], w[20 * k : 20 * k + 20], 4) for k in range(2)]
    return torch.cat(each, dim=1)


def recurrence(x: Tensor, w: Tensor) -> Tensor:
    """A cell without its activation: torch's RNNCell has one, so its sum is written out."""
    h = x.new_zeros(len(x), 2)
    out = []
    for step in x.reshape(-1, 4, 2).unbind(1):
        h = dense(torch.cat([step, h], 1), w, 2)
        out.append(h)
    return torch.cat(out, 1)


def elman(x: Tensor, w: Tensor) -> Tensor:
    """torch's own recurrent network, whose cell is tanh of a Dense layer."""
    weight = w[:8].reshape(2, 4)
    cell = nn.RNN(2, 2, batch_first=True).double()
    own = {
        "weight_ih_l0": weight[:, :2],
        "weight_hh_l0": weight[:, 2:],
        "bias_ih_l0": w[8:],
        "bias_hh_l0": torch.zeros_like(w[8:]),
    }
    outputs, _ = torch.func.functional_call(cell, own, (x.reshape(-1, 4, 2),))
    return outputs.reshape(-1, N)


WINDOWS = image_windows(4, 2, size=2, stride=2)
KINDS = {
    "dense": (Dense(N, N), lambda x, w: dense(x, w, N)),
    "tanh": (Activation("tanh", N), lambda x, _: torch.tanh(x)),
    "relu": (Activation("relu", N), lambda x, _: torch.relu(x)),
    "sigmoid": (Activation("sigmoid", N), lambda x, _: torch.sigmoid(x)),
    "softmax": (Activation("softmax", N), lambda x, _: torch.softmax(x, 1)),
    "scale and shift": (ScaleShift(N), lambda x, w: x * w[:N] + w[N:]),
    "convolution": (Patches(Dense(4, 4), N, WINDOWS), convolution),
    "patches, own": (Patches(Dense(4, 4), N, WINDOWS, shared=False), unfolded),
    "recurrent": (Recurrent(Dense(4, 2), 2, 4, outputs="all"), recurrence),
    "recurrent, tanh": (
        Recurrent(Chain([Dense(4, 2), Activation("tanh", 2)]), 2, 4, outputs="all"),
        elman,
    ),
}


@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("first", KINDS)
def test_derivatives_are_those_of_torch(first: str, second: str) -> None:
    (layer, same), (behind, same_behind) = KINDS[first], KINDS[second]
    chain: Layer = Chain([layer, behind])
    rng = np.random.default_rng(len(first) * 100 + len(second))
    x, g = rng.normal(size=(2, ROWS, N))
    w = rng.normal(size=chain.n_parameters)
    inputs, weights = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    split = layer.n_parameters
    expected = same_behind(same(inputs, weights[:split]), weights[split:])
    expected.backward(torch.tensor(g))
    values, by_inputs, by_parameters = chain.value_and_vjp(g, x, w)
    np.testing.assert_allclose(values, expected.detach().numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(by_inputs, inputs.grad.numpy(), rtol=0, atol=1e-10)
    by_weights = np.zeros(0) if weights.grad is None else weights.grad.numpy()
    np.testing.assert_allclose(by_parameters, by_weights, rtol=0, atol=1e-10)
