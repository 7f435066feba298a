"""Layers, models of layers and programs under noise as functions of JAX."""

import copy
import pickle
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import ketgrad as kg
from ketgrad._layer_rows import LayerRows
from ketgrad.jax import function
from ketgrad.layers import Chain, CircuitLayer, Dense, RecurrentCircuit
from layered_functions import DRESSED, NOISY, PROGRAM, SOURCES


@pytest.fixture(params=SOURCES)
def pair(request: pytest.FixtureRequest) -> Any:
    return SOURCES[request.param]


def arguments(layer: Any, *batch: int) -> list[Any]:
    rng = np.random.default_rng(1)
    sizes = [(*batch, layer.n_inputs), (layer.n_parameters,)]
    return [jnp.array(rng.normal(size=size)) for size in sizes if size[-1]]


def test_values_are_those_of_the_layer(pair: Any) -> None:
    source, layer = pair
    given = arguments(layer, 4)
    plain = [np.asarray(t) for t in given] + [np.empty(0)] * (2 - len(given))
    expected = layer.forward(*plain)
    f = function(source)
    for g in (f, jax.jit(f)):
        assert np.array_equal(g(*given), expected)
    assert f(*arguments(layer)).shape == (layer.n_outputs,)


def test_first_derivatives(pair: Any) -> None:
    source, layer = pair
    for given in (arguments(layer, 3), arguments(layer)):
        check_grads(jax.jit(function(source)), given, order=1)


def test_vmap_of_grad(pair: Any) -> None:
    source, layer = pair
    f, given = function(source), arguments(layer, 3)
    axes = (0, *[None] * (len(given) - 1))
    gradient = jax.grad(lambda *t: (f(*t) ** 2).sum(), argnums=tuple(range(len(given))))
    mapped = jax.jit(jax.vmap(gradient, axes))(*given)
    loop = [gradient(row, *given[1:]) for row in given[0]]
    for k, found in enumerate(mapped):
        assert np.allclose(found, [one[k] for one in loop], rtol=0, atol=1e-12)


def test_a_training_step_is_one_call_forwards_and_one_back(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"values": 0, "vjp": 0, "jacobian": 0}

    def counted(name: str) -> Any:
        run = getattr(LayerRows, name)

        def call(self: Any, *arrays: Any) -> Any:
            calls[name] += 1
            return run(self, *arrays)

        return call

    for name in calls:
        monkeypatch.setattr(LayerRows, name, counted(name))
    for layer, _ in (SOURCES["layer"], SOURCES["one value"]):
        calls.update(values=0, vjp=0, jacobian=0)
        f, (x, w) = function(layer), arguments(layer, 8)
        jax.jit(jax.value_and_grad(lambda w, f=f, x=x: (f(x, w) ** 2).sum()))(w)
        assert calls == {"values": 1, "vjp": 1, "jacobian": 0}


def test_scan_over_steps_of_training() -> None:
    f, (x, w) = function(DRESSED), arguments(DRESSED, 16)
    target = jnp.stack([x[:, 0], x[:, 1] * x[:, 2]], axis=1)

    def step(w: Any, _: Any) -> Any:
        loss, gradient = jax.value_and_grad(lambda w: ((f(x, w) - target) ** 2).mean())(w)
        return w - 0.1 * gradient, loss

    _, losses = jax.jit(lambda w: jax.lax.scan(step, w, length=60))(w)
    assert losses[-1] < 0.6 * losses[0]


def test_second_derivatives() -> None:
    for layer in (DRESSED, SOURCES["recurrent"][1], SOURCES["without parameters"][1]):
        for given in (arguments(layer, 2), arguments(layer)):
            check_grads(jax.jit(function(layer)), given, order=2)


def test_hessians_by_vmap_are_those_of_a_loop() -> None:
    f, (x, w) = function(DRESSED), arguments(DRESSED, 3)
    hessian = jax.hessian(lambda x, w: (f(x, w) ** 2).sum(), argnums=(0, 1))
    mapped = jax.jit(jax.vmap(hessian, (0, None)))(x, w)
    for k, row in enumerate(x):
        jax.tree.map(
            lambda a, b, k=k: np.testing.assert_allclose(a[k], b, atol=1e-12),
            mapped,
            hessian(row, w),
        )


def test_layers_without_second_derivatives_are_named() -> None:
    shots = Chain([Dense(2, 2), CircuitLayer(PROGRAM, shots=10, seed=1)])
    for source, name in (
        (NOISY, "NoisyLayer: .*"),
        (shots, "CircuitLayer.* by shots"),
        (Chain([RecurrentCircuit(PROGRAM, 2), Dense(2, 2)]), "RecurrentCircuit.*"),
    ):
        layer = source if isinstance(source, kg.layers.Layer) else SOURCES["noisy program"][1]
        f, given = function(source), arguments(layer)
        for call in (jax.hessian, lambda g: jax.jit(jax.hessian(g))):
            hessian = call(lambda *t, f=f: f(*t)[0])
            with pytest.raises(NotImplementedError, match=f"{name} has first.*, but no") as caught:
                hessian(*given)
            assert "\n" not in str(caught.value)


def test_what_layers_do_not_take() -> None:
    with pytest.raises(ValueError, match="via='ffi': layers"):
        function(DRESSED, via="ffi")
    with pytest.raises(ValueError, match="via='x'; it must be one of"):
        function(DRESSED, via="x")
    with pytest.raises(ValueError, match=r"of='probs'.*CircuitLayer"):
        function(DRESSED, of="probs")
    with pytest.raises(ValueError, match=r"qubits=\[0\] \(list.*CircuitLayer"):
        function(DRESSED, qubits=[0])


def test_functions_pickle_and_say_what_they_are(pair: Any) -> None:
    source, layer = pair
    f, given = function(source), arguments(layer, 2)
    again = pickle.loads(pickle.dumps(f))
    assert np.array_equal(jax.jit(again)(*given), f(*given))
    assert copy.deepcopy(f) is f
    assert repr(f).startswith("<ketgrad.jax.Function: ")
    assert repr(f).endswith(f" -> {layer.n_outputs} values>")
