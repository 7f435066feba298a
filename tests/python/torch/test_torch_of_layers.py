"""Layers, models of layers and programs under noise as functions and modules of PyTorch."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from programs_for_torch import point
from torch import Tensor, nn

import ketgrad as kg
from ketgrad.layers import (
    Activation,
    Chain,
    CircuitLayer,
    Dense,
    NoisyLayer,
    RecurrentCircuit,
)
from ketgrad.torch import Layer, function
from layered_functions import DRESSED, NOISY, PROGRAM, SOURCES


@pytest.fixture(params=SOURCES)
def pair(request: pytest.FixtureRequest) -> Any:
    return SOURCES[request.param]


def arguments(layer: Any, *batch: int, dtype: torch.dtype = torch.double) -> list[Tensor]:
    sizes = [(*batch, layer.n_inputs), (layer.n_parameters,)]
    return point(*[size for size in sizes if size[-1]], dtype=dtype)


def test_values_are_those_of_the_layer(pair: Any) -> None:
    source, layer = pair
    given = arguments(layer, 4)
    plain = [t.detach().numpy() for t in given] + [np.empty(0)] * (2 - len(given))
    f = function(source)
    assert np.array_equal(f(*given).detach(), layer.forward(*plain))
    single = [t.detach().float() for t in given]
    assert f(*single).dtype == torch.float
    assert f(*[t.detach()[:0] if t.ndim == 2 else t for t in given]).shape == (0, layer.n_outputs)


def test_first_derivatives(pair: Any) -> None:
    source, layer = pair
    f, given = function(source), arguments(layer, 3)
    assert torch.autograd.gradcheck(f, given, check_forward_ad=True, check_batched_grad=True)


def test_transforms(pair: Any) -> None:
    source, layer = pair
    f, given = function(source), [t.detach() for t in arguments(layer, 3)]
    jacobian = torch.func.jacrev(f)(*given)
    assert torch.allclose(jacobian, torch.func.jacfwd(f)(*given))
    each = torch.func.vmap(torch.func.jacrev(f), in_dims=(0, *[None] * (len(given) - 1)))(*given)
    assert torch.allclose(each, jacobian[torch.arange(3), :, torch.arange(3)])


def test_each_sample_may_have_weights_of_its_own() -> None:
    f = function(DRESSED)
    x, w = (t.detach() for t in point((3, 3), (3, DRESSED.n_parameters)))
    by_rows = torch.stack([f(a, b) for a, b in zip(x, w, strict=True)])
    assert torch.equal(f(x, w), by_rows)
    assert torch.autograd.gradcheck(f, (x.requires_grad_(), w.requires_grad_()))


def test_second_derivatives() -> None:
    for layer in (DRESSED, SOURCES["recurrent"][1]):
        f, given = function(layer), arguments(layer, 2)
        assert torch.autograd.gradgradcheck(f, given)
        assert torch.autograd.gradgradcheck(f, given, check_fwd_over_rev=True)
    module = Layer(kg.Model(DRESSED), weights=given[1].new_ones(DRESSED.n_parameters).numpy())
    (x,) = point((2, 3))
    assert torch.autograd.gradgradcheck(module.double(), (x,))


def test_hessians_of_samples_with_weights_of_their_own() -> None:
    f = function(DRESSED)
    x, w = (t.detach() for t in point((3, 3), (3, DRESSED.n_parameters)))
    hessian = torch.func.hessian(f, argnums=(0, 1))
    mapped = torch.func.vmap(hessian)(x, w)
    for k in range(3):
        for a, b in zip(mapped, hessian(x[k], w[k]), strict=True):
            for own, alone in zip(a, b, strict=True):
                assert torch.allclose(own[k], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid", "softmax"])
def test_hessians_of_dense_layers_are_those_of_torch(name: str) -> None:
    f = function(Chain([Dense(2, 3), Activation(name, 3), Dense(3, 2)]))
    activation = {"softmax": lambda y: torch.softmax(y, -1)}.get(name, getattr(torch, name))

    def same(x: Tensor, w: Tensor) -> Tensor:
        first = activation(w[:6].reshape(3, 2) @ x + w[6:9])
        return w[9:15].reshape(2, 3) @ first + w[15:]

    given = [t.detach() for t in point((2,), (17,))]
    ours, theirs = (torch.func.hessian(g, argnums=(0, 1))(*given) for g in (f, same))
    for row, expected in zip(ours, theirs, strict=True):
        for a, b in zip(row, expected, strict=True):
            assert torch.allclose(a, b, rtol=0, atol=1e-12)


def test_layers_without_second_derivatives_are_named() -> None:
    for layer, name in (
        (NoisyLayer(NOISY), "NoisyLayer"),
        (Chain([Dense(2, 2), CircuitLayer(PROGRAM, shots=10, seed=1)]), "CircuitLayer.* by shots"),
        (Chain([RecurrentCircuit(PROGRAM, 2), Dense(2, 2)]), "RecurrentCircuit"),
    ):
        f, given = function(layer), [t.detach() for t in arguments(layer)]
        with pytest.raises(NotImplementedError, match=f"{name}.* has first derivatives, but no"):
            torch.func.hessian(f)(*given)
        for t in given:
            t.requires_grad_()
        (slope,) = torch.autograd.grad(f(*given).sum(), given[:1], create_graph=True)
        with pytest.raises(NotImplementedError, match=f"{name}.* but no second ones") as caught:
            slope.square().sum().backward()
        assert "\n" not in str(caught.value)


def test_it_is_compiled_without_graph_breaks() -> None:
    f = function(DRESSED)
    given = arguments(DRESSED, 4)
    step = torch.compile(lambda x, w: f(x, w).square().sum(), fullgraph=True, backend="aot_eager")
    expected = torch.autograd.grad(f(*given).square().sum(), given)
    for a, b in zip(torch.autograd.grad(step(*given), given), expected, strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-12)


def test_a_dense_layer_is_linear() -> None:
    layer, linear = Layer(Dense(3, 2), dtype=torch.double), nn.Linear(3, 2).double()
    with torch.no_grad():
        linear.weight.copy_(layer.weights[:6].reshape(2, 3))
        linear.bias.copy_(layer.weights[6:])
    (x,) = point((5, 3))
    assert torch.allclose(layer(x), linear(x), rtol=0, atol=1e-12)


def test_modules(pair: Any) -> None:
    source, layer = pair
    torch.manual_seed(1)
    module = Layer(source, dtype=torch.double)
    torch.manual_seed(1)
    again = Layer(source, dtype=torch.double)
    (x,) = point((4, layer.n_inputs))
    assert torch.equal(module(x), again(x))
    assert "outputs" in repr(module)
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(copied(x), module(x))
    again.reset_parameters()
    again.load_state_dict(module.state_dict())
    assert torch.equal(module(x), again(x))


def test_a_model_gives_its_parameters() -> None:
    model = kg.Model(DRESSED)
    model.initialize(seed=3)
    module = Layer(model, dtype=torch.double)
    (x,) = point((4, 3))
    assert np.array_equal(module(x).detach(), model.outputs(x.detach().numpy()))
    assert np.array_equal(
        Layer(DRESSED, weights=model.parameters).weights.double().detach(),
        model.parameters.astype(np.float32).astype(float),
    )


def test_it_learns() -> None:
    torch.manual_seed(0)
    module = Layer(DRESSED, dtype=torch.double)
    x = 2 * torch.rand(64, 3, dtype=torch.double) - 1
    target = torch.stack([x[:, 0] * x[:, 1], x[:, 2]], dim=1)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = (module(x) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_values_that_are_not_finite() -> None:
    f = function(Dense(2, 2))
    with pytest.raises(ValueError, match=r"inputs\[1, 0\] is nan; it must be finite"):
        f(torch.tensor([[0.0, 0.0], [float("nan"), 0.0]]), torch.ones(6))
    with pytest.raises(ValueError, match=r"weights\[2\] is inf; it must be finite"):
        f(torch.zeros(2), torch.tensor([0.0, 0.0, float("inf"), 0.0, 0.0, 0.0]))
    with pytest.raises(TypeError, match="which has an imaginary part"):
        Layer(Dense(2, 2), weights=np.ones(6) * 1j)
