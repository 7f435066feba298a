"""Layers do what modules of PyTorch do."""

import copy
import io
import math
import multiprocessing
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from programs_for_torch import PROGRAM, WITHOUT_INPUTS, W, point
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

import ketgrad as kg
from ketgrad.torch import Layer, function
from long_calls import interrupted


def test_it_is_called_with_inputs_or_with_nothing() -> None:
    (x,) = point((5, 4, 2))
    layer = Layer(PROGRAM, dtype=torch.double)
    assert torch.equal(layer(x), function(PROGRAM)(x, layer.weights))
    layer = Layer(WITHOUT_INPUTS, of="probs", qubits=[1])
    assert torch.equal(layer(), function(WITHOUT_INPUTS, of="probs", qubits=[1])(layer.weights))


def test_it_says_what_it_is() -> None:
    assert repr(Layer(PROGRAM)) == "Layer(2 qubits, inputs=2, weights=3, outputs=2 expval)"
    layer = Layer(WITHOUT_INPUTS, of="probs", qubits=[0])
    assert repr(layer) == "Layer(2 qubits, inputs=0, weights=3, outputs=2 probs)"
    assert repr(layer.function) == "<ketgrad.torch.Function: 3 weights -> 2 probs>"


def test_first_weights_are_drawn_by_torch() -> None:
    wide = kg.compile(kg.hardware_efficient(4, 10), "ZZZZ")

    def draw() -> torch.Tensor:
        torch.manual_seed(3)
        return Layer(wide).weights.detach()

    weights = draw()
    assert torch.equal(weights, draw())
    assert weights.dtype == torch.float
    assert 0.9 * math.pi < weights.abs().max() <= math.pi
    assert weights.min() < -2.5 < 2.5 < weights.max()
    layer = Layer(wide)
    before = layer.weights.detach().clone()
    layer.reset_parameters()
    assert not torch.equal(layer.weights, before)


@pytest.mark.parametrize(
    "weights",
    [
        [0.1, 0.2, 0.3],
        torch.tensor([0.1, 0.2, 0.3]).double(),
        {"w": [0.1, 0.2, 0.3]},
        {W[2]: 0.3, "w[0]": 0.1, "w[1]": torch.tensor(0.2).double()},
    ],
)
def test_first_weights_in_order_and_by_name(weights: Any) -> None:
    layer = Layer(PROGRAM, weights=weights, dtype=torch.double)
    assert np.allclose(layer.weights.detach(), [0.1, 0.2, 0.3], rtol=0, atol=1e-7)
    assert layer.weights.dtype == torch.double
    named = PROGRAM.by_name(layer.weights.detach())
    assert np.allclose(named["w"], [0.1, 0.2, 0.3], rtol=0, atol=1e-7)


def test_weights_by_name_come_in_the_order_of_the_program() -> None:
    a, b = kg.Parameter("a"), kg.ParameterVector("b", 2)
    program = kg.compile(kg.Circuit(1).rx(b[1], 0).ry(a, 0).rx(b[0], 0), "Z", weights=[a, b])
    layer = Layer(program, weights={"b": [2.0, 3.0], "a": 1.0})
    assert program.weights == ["a", "b[0]", "b[1]"]
    assert layer.weights.tolist() == [1.0, 2.0, 3.0]


def test_first_weights_are_a_copy() -> None:
    first = torch.zeros(3)
    layer = Layer(PROGRAM, weights=first)
    with torch.no_grad():
        layer.weights += 1.0
    assert first.abs().max() == 0.0


def test_a_model_is_its_outputs() -> None:
    model = kg.Model(PROGRAM.circuit, [{"ZI": 0.5, "XX": 1.0}, "IZ"], inputs="x")
    model.initialize(seed=1)
    parameters = np.array(model.parameters)
    parameters[-4:] = [1.5, -2.0, 0.25, 0.5]  # scales and biases
    model.parameters = parameters
    layer = Layer(model, dtype=torch.double)
    assert [name for name, _ in layer.named_parameters()] == ["weights", "scale", "bias"]
    (x,) = point((6, 2))
    assert np.allclose(layer(x).detach(), model.outputs(x.detach()), rtol=0, atol=1e-14)
    y = torch.zeros(6, 2)
    value, gradient = model.loss_and_gradient("squared", x.detach(), y)
    loss = nn.functional.mse_loss(layer(x), y)
    assert math.isclose(loss.item(), value, rel_tol=1e-12)
    ours = torch.cat(torch.autograd.grad(loss, list(layer.parameters())))
    assert np.allclose(ours.numpy(), gradient, rtol=0, atol=1e-13)
    back = torch.cat([p.detach() for p in layer.parameters()])
    assert (back.numpy() == model.parameters).all()
    layer.reset_parameters()
    assert layer.scale.tolist() == [1.0, 1.0]
    assert layer.bias.tolist() == [0.0, 0.0]


def test_state_dicts() -> None:
    layer, other = Layer(PROGRAM), Layer(PROGRAM)
    state = layer.state_dict()
    assert list(state) == ["weights"]
    other.load_state_dict(state)
    assert torch.equal(other.weights, layer.weights)
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    other.load_state_dict(torch.load(buffer, weights_only=True))
    with pytest.raises(RuntimeError, match="size mismatch for weights"):
        other.load_state_dict({"weights": torch.zeros(4)})


def saved(layer: Layer) -> Layer:
    buffer = io.BytesIO()
    torch.save(layer, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=False)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, saved, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies(again: Any) -> None:
    (x,) = point((5, 2), dtype=torch.float)
    layer = Layer(PROGRAM, of="probs", qubits=[1])
    other = again(layer)
    assert torch.equal(other(x), layer(x))
    assert repr(other) == repr(layer)
    if again is not copy.copy:
        with torch.no_grad():
            other.weights += 1.0
        assert not torch.equal(other(x), layer(x))
    f = again(layer.function)
    assert torch.equal(f(x, layer.weights), layer(x))


def test_another_process_reads_a_pickle() -> None:
    (x,) = point((5, 2), dtype=torch.float)
    layer = Layer(PROGRAM)
    y = torch.compile(layer, backend="aot_eager", fullgraph=True)(x).detach()
    code = (
        "import pickle, sys, torch\n"
        "layer, x, handle = pickle.load(sys.stdin.buffer)\n"
        "assert layer.function.quantity.handle == handle\n"
        "layer(x).sum().backward()\n"
        "sys.stdout.buffer.write(pickle.dumps((layer(x).detach(), layer.weights.grad)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps((layer, x.detach(), layer.function.quantity.handle)),
        capture_output=True,
        check=True,
    )
    theirs, gradient = pickle.loads(run.stdout)
    torch.testing.assert_close(theirs, y)
    layer(x).sum().backward()
    torch.testing.assert_close(gradient, layer.weights.grad)


class Encoded(Dataset):
    """Samples that a circuit has gone over, in the worker."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def __len__(self) -> int:
        return 6

    def __getitem__(self, k: int) -> Any:
        with torch.no_grad():
            return k, self.layer(torch.full((2,), float(k)))


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_workers_of_data_loaders(how: str) -> None:
    layer = Layer(PROGRAM)
    layer(torch.zeros(64, 2))  # has run here before
    context = multiprocessing.get_context(how)
    loader = DataLoader(
        Encoded(layer), batch_size=2, num_workers=2, multiprocessing_context=context
    )
    for numbers, values in loader:
        expected = layer(numbers[:, None].float().expand(-1, 2)).detach()
        torch.testing.assert_close(values, expected)


def test_a_hybrid_learns() -> None:
    torch.manual_seed(0)
    x = 2 * torch.rand(64, 2) - 1
    y = (x[:, :1] * x[:, 1:] > 0).float()  # XOR
    model = nn.Sequential(nn.Linear(2, 2), Layer(PROGRAM), nn.Linear(2, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    loss = nn.BCEWithLogitsLoss()
    first = loss(model(x), y).item()
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True, num_workers=2)
    before = model[1].weights.detach().clone()
    for samples, targets in [batch for _ in range(2) for batch in loader] * 15:
        optimizer.zero_grad()
        loss(model(samples), targets).backward()
        optimizer.step()
    assert not torch.equal(model[1].weights, before)
    assert loss(model(x), y).item() < 0.5 * first
    assert ((model(x) > 0) == (y > 0)).float().mean() > 0.9


def test_single_and_double_weights() -> None:
    (x,) = point((5, 2))
    layer = Layer(PROGRAM)
    assert layer.weights.dtype == torch.get_default_dtype() == torch.float
    assert layer(x.float()).dtype == torch.float
    assert layer.double()(x).dtype == torch.double
    assert Layer(PROGRAM, dtype=torch.double).weights.dtype == torch.double


def test_weights_may_be_shared_and_fixed() -> None:
    (x,) = point((5, 2), dtype=torch.float)
    one, two = Layer(PROGRAM), Layer(PROGRAM, of="probs")
    two.weights = one.weights
    (one(x).sum() + two(x)[:, 0].sum()).backward()
    assert one.weights.grad is two.weights.grad
    fixed = Layer(PROGRAM).requires_grad_(False)
    fixed(x).sum().backward()
    assert fixed.weights.grad is None
    assert x.grad is not None


def test_ctrl_c_ends_a_pass_forwards_or_back() -> None:
    layer = Layer(kg.compile(kg.hardware_efficient(20, 60), ["Z" * 20, "X" * 20]))
    for call in (layer, layer().sum().backward):
        late = interrupted(call)
        assert late is not None
        assert late < 0.5
    assert layer.weights.grad is None
