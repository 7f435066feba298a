"""Derivatives of programs as functions of JAX: of first and second order, forwards and back."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.test_util import check_grads
from programs_for_jax import data, layered, without_inputs

from ketgrad.jax import function

X, W, WS = data()
ONE_ROW = pytest.mark.parametrize(
    "arguments", [(X, W), (X[0], W), (X, WS), (X[0], WS)], ids=["X,w", "x,w", "X,W", "x,W"]
)


def loss(f: Callable[..., Any], x: Any, w: Any) -> Any:
    return jnp.sum(jnp.sin(f(x, w)) ** 2)


@pytest.mark.parametrize("of", ["expval", "probs"])
@ONE_ROW
def test_derivatives_to_second_order(arguments: tuple[Any, Any], of: str) -> None:
    check_grads(jax.jit(function(layered(), of)), arguments, order=2, modes=("fwd", "rev"))


def test_derivatives_that_are_not_compiled() -> None:
    check_grads(function(layered()), (X, W), order=2, modes=("fwd", "rev"))


def test_derivatives_by_one_of_the_two() -> None:
    f = function(layered())
    check_grads(lambda w: f(X, w), (W,), order=2)
    check_grads(lambda x: f(x, W), (X,), order=2)
    check_grads(jax.jit(function(without_inputs())), (W,), order=2)


def test_gradients_are_those_of_the_program() -> None:
    program = layered()
    cotangent = np.random.default_rng(2).normal(size=(4, 2))
    values, pull = jax.vjp(function(program), X, W)
    expected = program.value_and_vjp(cotangent, X, W)
    for found, wanted in zip((values, *pull(cotangent)), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_training_step_is_one_call_forwards_and_one_back(calls: dict[str, int]) -> None:
    f = function(layered())
    jax.jit(jax.value_and_grad(lambda w: loss(f, X, w)))(W)
    assert calls == {"expval": 1, "vjp": 1}


@pytest.mark.parametrize("axes", [(0, None), (None, 0), (0, 0)])
@pytest.mark.parametrize("by", [0, 1])
def test_vmap_of_grad_is_one_call_a_batch(
    calls: dict[str, int], axes: tuple[Any, Any], by: int
) -> None:
    f = function(layered())
    gradient = jax.grad(lambda x, w: loss(f, x, w), by)
    arguments = (X if axes[0] == 0 else X[0], WS if axes[1] == 0 else W)
    found = jax.jit(jax.vmap(gradient, axes))(*arguments)
    assert calls == {"expval": 1, "vjp": 1}
    for k in range(len(X)):
        one = [a[k] if axis == 0 else a for a, axis in zip(arguments, axes, strict=True)]
        np.testing.assert_allclose(found[k], gradient(*one), atol=1e-13)


def test_vmap_of_grad_of_batches() -> None:
    """Gradients by weights that a batch shares are sums over it, also where batches are mapped."""
    f = function(layered())
    batches = np.random.default_rng(3).normal(size=(3, 5, 2))
    by_both = jax.grad(lambda x, w: loss(f, x, w), (0, 1))
    found = jax.jit(jax.vmap(by_both, (0, None)))(batches, W)
    for k, batch in enumerate(batches):
        for whole, one in zip(found, by_both(batch, W), strict=True):
            np.testing.assert_allclose(whole[k], one, atol=1e-13)


def test_grad_of_vmap(calls: dict[str, int]) -> None:
    f = function(layered())
    found = jax.grad(lambda w: jnp.sum(jax.vmap(f, (0, None))(X, w) ** 2))(W)
    assert calls == {"expval": 1, "vjp": 1}
    np.testing.assert_allclose(found, jax.grad(lambda w: jnp.sum(f(X, w) ** 2))(W), atol=1e-13)


@pytest.mark.parametrize("of", ["expval", "probs"])
@pytest.mark.parametrize("jacobian", [jax.jacfwd, jax.jacrev])
def test_jacobians_are_one_call(
    calls: dict[str, int], jacobian: Callable[..., Any], of: str
) -> None:
    program = layered()
    expected = program.jacobian(X[0], W, of=of)
    calls.clear()
    found = jax.jit(jacobian(function(program, of), (0, 1)))(X[0], W)
    assert calls["jacobian"] <= 1
    assert sum(calls.values()) - calls[of] == 1  # the values may be left out
    for ours, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, wanted, atol=1e-13)


@pytest.mark.parametrize("of", ["expval", "probs"])
@pytest.mark.parametrize("hessian", [jax.hessian, lambda f: jax.jacrev(jax.jacrev(f))])
def test_hessians(calls: dict[str, int], hessian: Callable[..., Any], of: str) -> None:
    program = layered()
    expected = program.hessian(X, W, of=of)
    calls.clear()
    found = jax.jit(hessian(lambda w: function(program, of)(X, w)))(W)
    assert calls["hessian"] == 1
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_hessian_vector_products() -> None:
    f = function(layered())
    gradient = jax.grad(lambda w: f(X[0], w)[0])
    direction = np.array([0.3, -0.2, 0.5])
    _, found = jax.jvp(gradient, (W,), (direction,))
    expected = layered().hvp(direction, X[0], W, cotangent=[1.0, 0.0])
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_gradients_through_scan() -> None:
    f = function(layered())

    def trained(w: Any) -> Any:
        step = jax.grad(lambda w, x: loss(f, x, w))
        return jax.lax.scan(lambda w, x: (w - 0.1 * step(w, x), None), w, X)[0]

    def looped(w: Any) -> Any:
        for x in X:
            w = w - 0.1 * jax.grad(lambda w: loss(f, x, w))(w)  # noqa: B023 - called at once
        return w

    np.testing.assert_allclose(jax.jit(trained)(W), looped(W), atol=1e-13)
    check_grads(lambda w: jnp.sum(trained(w)), (W,), order=1, modes=("rev",))


def test_remat_and_linearize() -> None:
    f = function(layered())
    plain = jax.grad(lambda w: loss(f, X, w))(W)
    again = jax.grad(lambda w: loss(jax.checkpoint(f), X, w))(W)
    np.testing.assert_allclose(again, plain, atol=1e-13)
    _, push = jax.linearize(lambda w: f(X, w), W)
    _, expected = jax.jvp(lambda w: f(X, w), (W,), (WS[0],))
    np.testing.assert_allclose(push(WS[0]), expected, atol=1e-13)


def test_third_derivatives_say_that_there_are_none() -> None:
    f = function(without_inputs())
    with pytest.raises(NotImplementedError, match="up to the second order, not the third"):
        jax.jacfwd(jax.hessian(lambda w: f(w)[0]))(W)


def test_optax_learns() -> None:
    f = function(layered())
    x = np.random.default_rng(5).uniform(-1, 1, (16, 2))
    targets = f(x, W)
    optimizer = optax.adam(0.1)

    @jax.jit
    def step(w: Any, state: Any) -> tuple[Any, Any, Any]:
        value, slope = jax.value_and_grad(lambda w: jnp.mean((f(x, w) - targets) ** 2))(w)
        updates, state = optimizer.update(slope, state)
        return optax.apply_updates(w, updates), state, value

    w = jnp.array(W + 0.5)
    state = optimizer.init(w)
    losses = []
    for _ in range(60):
        w, state, value = step(w, state)
        losses.append(float(value))
    assert losses[-1] < 1e-3 * losses[0]
