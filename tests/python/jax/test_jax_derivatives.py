"""Derivatives of programs as functions of JAX: of first and second order, forwards and back."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.test_util import check_grads
from programs_for_jax import data, layered, of_one_value, without_inputs

import ketgrad as kg
from ketgrad.jax import function

X, W, WS = data()
WAYS = ("ffi", "callback")
ONE_ROW = pytest.mark.parametrize(
    "arguments", [(X, W), (X[0], W), (X, WS), (X[0], WS)], ids=["X,w", "x,w", "X,W", "x,W"]
)


def loss(f: Callable[..., Any], x: Any, w: Any) -> Any:
    return jnp.sum(jnp.sin(f(x, w)) ** 2)


PROGRAMS = pytest.mark.parametrize(
    ("program", "of"),
    [(layered, "expval"), (layered, "probs"), (of_one_value, "expval")],
    ids=["expval", "probs", "one value"],
)


@PROGRAMS
@ONE_ROW
def test_derivatives_to_second_order(
    arguments: tuple[Any, Any], program: Callable[[], kg.Program], of: str
) -> None:
    f = jax.jit(function(program(), of))
    check_grads(f, arguments, order=2, modes=("fwd", "rev"))


@PROGRAMS
@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize(("weights", "axis"), [(W, None), (WS, 0)], ids=["w", "W"])
def test_both_ways_have_the_same_derivatives(
    program: Callable[..., kg.Program], of: str, precision: str, weights: Any, axis: int | None
) -> None:
    def derivatives(f: Callable[..., Any], x: Any, w: Any) -> Any:
        def value(x: Any, w: Any) -> Any:
            return loss(f, x, w)

        slopes = jax.grad(value, (0, 1))(x, w)
        of_each = jax.vmap(jax.grad(value), (0, axis))(x, w)
        return (
            slopes,
            of_each,
            jax.jacrev(f)(x, w),
            jax.jacfwd(f, 1)(x, w),
            jax.hessian(value)(x, w),
        )

    ways = [
        jax.jit(partial(derivatives, function(program(precision), of, via=way))) for way in WAYS
    ]
    ours, theirs = (jax.tree.leaves(way(X, weights)) for way in ways)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("program", [layered, of_one_value])
def test_derivatives_that_are_not_compiled(program: Callable[[], kg.Program]) -> None:
    check_grads(function(program()), (X, W), order=2, modes=("fwd", "rev"))


def test_derivatives_by_one_of_the_two() -> None:
    f = function(layered())
    check_grads(lambda w: f(X, w), (W,), order=2)
    check_grads(lambda x: f(x, W), (X,), order=2)
    check_grads(jax.jit(function(without_inputs())), (W,), order=2)


def test_gradients_are_those_of_the_program(via: str) -> None:
    program = layered()
    cotangent = np.random.default_rng(2).normal(size=(4, 2))
    values, pull = jax.vjp(function(program, via=via), X, W)
    expected = program.value_and_vjp(cotangent, X, W)
    for found, wanted in zip((values, *pull(cotangent)), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("program", "expected"),
    [(layered, {"expval": 1, "vjp": 1}), (of_one_value, {"jacobian": 1})],
)
@pytest.mark.parametrize("kind", ["jit", "vmap of grad", "scan"])
def test_a_training_step_is_one_call_forwards_and_one_back(
    calls: dict[str, int], program: Callable[[], kg.Program], expected: dict[str, int], kind: str
) -> None:
    """Of the batch, also where it is made by vmap; of one value both are the Jacobian's."""
    f = function(program(), via="callback")
    if kind == "jit":
        jax.jit(jax.value_and_grad(lambda w: loss(f, X, w)))(W)
    elif kind == "vmap of grad":
        jax.jit(jax.vmap(jax.grad(lambda x, w: loss(f, x, w)), (0, None)))(X, W)
    else:
        steps = lambda w, _: (w - jax.grad(lambda w: loss(f, X, w))(w), None)  # noqa: E731
        jax.jit(lambda w: jax.lax.scan(steps, w, None, 1)[0])(W)
    assert calls == expected


@pytest.mark.parametrize("axes", [(0, None), (None, 0), (0, 0)])
@pytest.mark.parametrize("by", [0, 1])
def test_vmap_of_grad_is_one_call_a_batch(
    calls: dict[str, int], axes: tuple[Any, Any], by: int
) -> None:
    f = function(layered(), via="callback")
    gradient = jax.grad(lambda x, w: loss(f, x, w), by)
    arguments = (X if axes[0] == 0 else X[0], WS if axes[1] == 0 else W)
    found = jax.jit(jax.vmap(gradient, axes))(*arguments)
    assert calls == {"expval": 1, "vjp": 1}
    for k in range(len(X)):
        one = [a[k] if axis == 0 else a for a, axis in zip(arguments, axes, strict=True)]
        np.testing.assert_allclose(found[k], gradient(*one), atol=1e-13)


@pytest.mark.parametrize("program", [layered, of_one_value])
def test_vmap_of_grad_of_batches(program: Callable[[], kg.Program], via: str) -> None:
    """Gradients by weights that a batch shares are sums over it, also where batches are mapped."""
    f = function(program(), via=via)
    batches = np.random.default_rng(3).normal(size=(3, 5, 2))
    by_both = jax.grad(lambda x, w: loss(f, x, w), (0, 1))
    found = jax.jit(jax.vmap(by_both, (0, None)))(batches, W)
    for k, batch in enumerate(batches):
        for whole, one in zip(found, by_both(batch, W), strict=True):
            np.testing.assert_allclose(whole[k], one, atol=1e-13)


def test_grad_of_vmap(calls: dict[str, int]) -> None:
    f = function(layered(), via="callback")
    found = jax.grad(lambda w: jnp.sum(jax.vmap(f, (0, None))(X, w) ** 2))(W)
    assert calls == {"expval": 1, "vjp": 1}
    np.testing.assert_allclose(found, jax.grad(lambda w: jnp.sum(f(X, w) ** 2))(W), atol=1e-13)


@PROGRAMS
@pytest.mark.parametrize("jacobian", [jax.jacfwd, jax.jacrev])
def test_jacobians_are_one_call(
    calls: dict[str, int], jacobian: Callable[..., Any], program: Callable[[], kg.Program], of: str
) -> None:
    expected = program().jacobian(X[0], W, of=of)
    calls.clear()
    found = jax.jit(jacobian(function(program(), of, via="callback"), (0, 1)))(X[0], W)
    assert calls["jacobian"] == 1
    assert calls["vjp"] == 0
    for ours, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, wanted, atol=1e-13)


@PROGRAMS
@pytest.mark.parametrize("hessian", [jax.hessian, lambda f: jax.jacrev(jax.jacrev(f))])
def test_hessians(
    calls: dict[str, int], hessian: Callable[..., Any], program: Callable[[], kg.Program], of: str
) -> None:
    expected = program().hessian(X, W, of=of)
    calls.clear()
    f = function(program(), of, via="callback")
    found = jax.jit(hessian(lambda w: f(X, w)))(W)
    assert calls["hessian"] == 1
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_hessian_vector_products() -> None:
    f = function(layered())
    gradient = jax.grad(lambda w: f(X[0], w)[0])
    direction = np.array([0.3, -0.2, 0.5])
    _, found = jax.jvp(gradient, (W,), (direction,))
    expected = layered().hvp(direction, X[0], W, cotangent=[1.0, 0.0])
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("program", [layered, of_one_value])
def test_gradients_through_scan(program: Callable[[], kg.Program]) -> None:
    f = function(program())

    def trained(w: Any) -> Any:
        step = jax.grad(lambda w, x: loss(f, x, w))
        return jax.lax.scan(lambda w, x: (w - 0.1 * step(w, x), None), w, X)[0]

    def looped(w: Any) -> Any:
        for x in X:
            w = w - 0.1 * jax.grad(lambda w: loss(f, x, w))(w)  # noqa: B023 - called at once
        return w

    np.testing.assert_allclose(jax.jit(trained)(W), looped(W), atol=1e-13)
    check_grads(lambda w: jnp.sum(trained(w)), (W,), order=1, modes=("rev",))


@pytest.mark.parametrize("program", [layered, of_one_value])
def test_remat_linearize_and_transpose(program: Callable[[], kg.Program]) -> None:
    f = function(program())
    plain = jax.grad(lambda w: loss(f, X, w))(W)
    again = jax.grad(lambda w: loss(jax.checkpoint(f), X, w))(W)
    np.testing.assert_allclose(again, plain, atol=1e-13)
    _, push = jax.linearize(lambda w: f(X, w), W)
    _, expected = jax.jvp(lambda w: f(X, w), (W,), (WS[0],))
    np.testing.assert_allclose(push(WS[0]), expected, atol=1e-13)
    values, pull = jax.vjp(lambda w: f(X, w), W)
    (again,) = jax.linear_transpose(lambda g: pull(g)[0], values)(jnp.asarray(WS[0]))
    np.testing.assert_allclose(again, expected, atol=1e-13)


def test_third_derivatives_say_that_there_are_none() -> None:
    f = function(without_inputs())
    with pytest.raises(NotImplementedError, match="up to the second order, not the third"):
        jax.jacfwd(jax.hessian(lambda w: f(w)[0]))(W)


@pytest.mark.parametrize("program", [layered, of_one_value])
def test_optax_learns(program: Callable[[], kg.Program], via: str) -> None:
    f = function(program(), via=via)
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


@pytest.mark.parametrize("precision", ["double", "single"])
def test_ways_back_are_from_the_states_of_their_own_forward_runs(precision: str, via: str) -> None:
    program = layered(precision)
    f = jax.jit(function(program, via=via))
    points = [tuple(map(jnp.asarray, data(3, seed)[:2])) for seed in (1, 2, 3)]
    runs = [jax.vjp(f, *point) for point in points]
    rng = np.random.default_rng(4)
    for k in (2, 0, 0, 1, 2):  # also twice, and in another order
        values, pull = runs[k]
        cotangent = rng.normal(size=values.shape)
        expected = program.vjp(cotangent, *map(np.asarray, points[k]))
        for ours, theirs in zip(pull(jnp.asarray(cotangent)), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    # No step leaves anything to the next: the same numbers with another cotangent.
    step = jax.jit(jax.value_and_grad(lambda w, x, c: (f(x, w) * c).sum()))
    x, w = points[0]
    for scale in (1.0, -2.0):
        c = jnp.full((3, program.n_observables), scale)
        value, by_w = step(w, x, c)
        values, _, theirs = program.value_and_vjp(np.asarray(c), np.asarray(x), np.asarray(w))
        np.testing.assert_allclose(value, (values * scale).sum(), rtol=1e-6)
        np.testing.assert_array_equal(by_w, theirs)
