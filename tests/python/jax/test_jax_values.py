"""Values of programs as functions of JAX: shapes, precisions, batches, compiled and not."""

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs_for_jax import data, layered, without_inputs, without_weights

import ketgrad as kg
from ketgrad.jax import function

X, W, WS = data()
BOTH_WAYS = pytest.mark.parametrize("compiled", [lambda f: f, jax.jit], ids=["eager", "jit"])


def by_program(program: kg.Program, of: str, *arguments: Any) -> np.ndarray:
    method = program.expval if of == "expval" else program.probs
    return method(*arguments)


@pytest.mark.parametrize("of", ["expval", "probs"])
@pytest.mark.parametrize(
    "arguments", [(X, W), (X[0], W), (X, WS), (X[0], WS)], ids=["X,w", "x,w", "X,W", "x,W"]
)
@BOTH_WAYS
def test_values_are_those_of_the_program(
    compiled: Callable[..., Any], arguments: tuple[Any, Any], of: str, via: str
) -> None:
    program = layered()
    values = compiled(function(program, of, via=via))(*arguments)
    assert values.dtype == jnp.float64
    np.testing.assert_array_equal(values, by_program(program, of, *arguments))


@BOTH_WAYS
@pytest.mark.parametrize("qubits", [0, [1], [1, 0]])
def test_probabilities_of_some_qubits(
    compiled: Callable[..., Any], qubits: int | list[int], via: str
) -> None:
    program = layered()
    f = compiled(function(program, "probs", qubits, via))
    np.testing.assert_array_equal(f(X, W), program.probs(X, W, qubits=qubits))
    gradient = jax.grad(lambda w: f(X, w)[:, 0].sum())(W)
    weight = np.eye(2 ** np.size(qubits))[:1].repeat(4, 0)
    expected = program.vjp(weight, X, W, of="probs", qubits=qubits)[1]
    np.testing.assert_allclose(gradient, expected, atol=1e-14)


@BOTH_WAYS
def test_programs_without_inputs(compiled: Callable[..., Any]) -> None:
    program = without_inputs()
    f = compiled(function(program))
    np.testing.assert_array_equal(f(W), program.expval(weights=W))
    np.testing.assert_array_equal(f(WS), program.expval(weights=WS))


@BOTH_WAYS
def test_programs_without_weights(compiled: Callable[..., Any]) -> None:
    program = without_weights()
    f = compiled(function(program))
    np.testing.assert_array_equal(f(X[:, :1]), program.expval(X[:, :1]))
    slope = jax.grad(lambda x: f(x)[0])(X[0, :1])
    np.testing.assert_allclose(slope, -np.sin(X[0, :1]), rtol=1e-12)


@BOTH_WAYS
def test_a_program_of_constants(compiled: Callable[..., Any]) -> None:
    f = compiled(function(kg.compile(kg.Circuit(1).x(0), "Z")))
    np.testing.assert_allclose(f(), [-1.0])


@pytest.mark.parametrize("precision", ["single", "double"])
@BOTH_WAYS
def test_float32_in_and_out(compiled: Callable[..., Any], precision: str, via: str) -> None:
    program = layered(precision)
    f = compiled(function(program, via=via))
    x, w = X.astype(np.float32), W.astype(np.float32)
    assert f(x, w).dtype == jnp.float32
    expected = program.expval(x, w).astype(np.float32)
    np.testing.assert_array_equal(f(x, w), expected)
    assert jax.grad(lambda w: f(x, w).sum())(w).dtype == jnp.float32
    assert f(x, W).dtype == jnp.float64  # the wider of the two
    with jax.enable_x64(False):
        values = f(X, W)
    assert values.dtype == jnp.float32
    np.testing.assert_array_equal(values, expected)


def test_integers_and_lists_are_numbers() -> None:
    program = layered()
    expected = program.expval([1.0, 2.0], [1.0, 0.0, 2.0])
    f = function(program)
    np.testing.assert_array_equal(f([1, 2], np.array([1, 0, 2])), expected)
    np.testing.assert_array_equal(f((1.0, 2.0), [1.0, jnp.float64(0), 2]), expected)
    half = f(jnp.array([1, 2], jnp.bfloat16), jnp.array([1, 0, 2], jnp.float16))
    assert half.dtype == jnp.float32
    np.testing.assert_allclose(half, expected, rtol=1e-6)


@pytest.mark.parametrize("of", ["expval", "probs"])
@pytest.mark.parametrize("axes", [(0, None), (None, 0), (0, 0), (1, 0), (0, 1)])
@pytest.mark.parametrize("per_element", ["sample", "batch", "weights of each"])
def test_vmap_is_one_call(
    calls: dict[str, int], axes: tuple[Any, Any], of: str, per_element: str
) -> None:
    """Over either or both, of what may itself be a batch, is as a loop."""
    program, size = layered(), 3
    rng = np.random.default_rng(1)
    shapes = {
        "sample": [(2,), (3,)],
        "batch": [(5, 2), (3,)],
        "weights of each": [(5, 2), (5, 3)],
    }[per_element]
    whole = [
        rng.normal(size=shape if axis is None else np.insert(shape, axis, size))
        for shape, axis in zip(shapes, axes, strict=True)
    ]
    for compiled in (lambda f: f, jax.jit):
        calls.clear()
        found = compiled(jax.vmap(function(program, of, via="callback"), axes))(*whole)
        assert calls == {of: 1}
        for k in range(size):
            one = [
                array if axis is None else np.take(array, k, axis)
                for array, axis in zip(whole, axes, strict=True)
            ]
            np.testing.assert_allclose(found[k], by_program(program, of, *one), atol=1e-13)


def test_nested_vmaps_are_one_call(calls: dict[str, int]) -> None:
    f = function(layered(), via="callback")
    table = jax.jit(jax.vmap(jax.vmap(f, (None, 0)), (0, None)))(X, WS)
    assert calls == {"expval": 1}
    for k, x in enumerate(X):
        np.testing.assert_allclose(table[k], layered().expval(x, WS), atol=1e-13)


def test_scan(via: str) -> None:
    f = function(layered(), via=via)

    def step(w: Any, x: Any) -> tuple[Any, Any]:
        values = f(x, w)
        return w + 0.1 * values.sum(), values

    last, values = jax.jit(lambda w: jax.lax.scan(step, w, X))(W)
    w = W
    for x, found in zip(X, values, strict=True):
        expected = layered().expval(x, w)
        np.testing.assert_allclose(found, expected, atol=1e-13)
        w = w + 0.1 * expected.sum()
    np.testing.assert_allclose(last, w, atol=1e-13)


def test_wide_batches_do_not_stall(via: str) -> None:
    """Calls that take and give megabytes, many of them in one computation."""
    f = jax.jit(function(layered(), "probs", via=via))
    x = np.random.default_rng(0).normal(size=(200_000, 2))

    @jax.jit
    def several(x: Any) -> Any:
        return sum(f(x + k, W)[0] for k in range(4))

    expected = sum(layered().probs(x[0] + k, W) for k in range(4))
    np.testing.assert_allclose(several(x), expected, atol=1e-12)


def test_many_threads_at_once(via: str) -> None:
    program = layered()
    f = jax.jit(function(program, via=via))
    expected = program.expval(X, W)
    with ThreadPoolExecutor(4) as pool:
        for values in pool.map(lambda _: np.asarray(f(X, W)), range(200)):
            np.testing.assert_array_equal(values, expected)


def test_computations_keep_their_program() -> None:
    """Also compiled ahead of time, when nothing else does."""
    expected = layered().expval(X, W)
    compiled = jax.jit(function(layered())).lower(X, W).compile()
    jax.clear_caches()
    gc.collect()
    np.testing.assert_array_equal(compiled(X, W), expected)
