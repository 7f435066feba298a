"""Bad input to programs as functions of JAX gets a line that names it."""

import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs_for_jax import data, layered, without_inputs

import ketgrad as kg
from ketgrad.jax import function, handlers
from traced_values import OF_MATRICES, OF_NUMBERS

X, W, WS = data()
CIRCUIT = kg.Circuit(1).rx(kg.Parameter("a"), 0)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            (CIRCUIT,),
            TypeError,
            "NoisyProgram, not Circuit; compile() makes one of a Circuit",
        ),
        ((None,), TypeError, "takes a Program, Model, layer or NoisyProgram, not NoneType"),
        ((kg.compile(CIRCUIT),), ValueError, "the program has no observables"),
        ((layered(), "state"), ValueError, "of='state'; it must be one of 'expval', 'probs'"),
        ((layered(), "expval", [0]), ValueError, "qubits go with of='probs', not with of='expval'"),
        ((layered(), "probs", [0, 2]), ValueError, "qubit 2 of a program with 2 qubits"),
        ((layered(), "probs", -1), ValueError, "qubit -1 of a program with 2 qubits"),
        ((layered(), "probs", [1, 1]), ValueError, "qubit 1 is given twice"),
        ((layered(), "probs", []), ValueError, "qubits is empty"),
        ((layered(), "probs", 0.5), TypeError, "integer"),
        ((layered(), "expval", None, "c"), ValueError, "via='c'; it must be one of 'ffi', 'call"),
    ],
)
def test_what_is_no_function(
    arguments: tuple[Any, ...], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        function(*arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((W,), TypeError, "takes (inputs, weights) of its program, got 1"),
        ((X, W, W), TypeError, "takes (inputs, weights) of its program, got 3"),
        ((X, W[:2]), ValueError, "weights must have shape (3,) or (batch, 3), got (2,)"),
        ((X[:, :1], W), ValueError, "inputs must have shape (2,) or (batch, 2), got (4, 1)"),
        ((X[None], W), ValueError, "inputs must have shape (2,) or (batch, 2), got (1, 4, 2)"),
        ((X, 0.5), ValueError, "weights must have shape (3,) or (batch, 3), got ()"),
        ((X, WS[:3]), ValueError, "inputs have 4 rows and weights 3"),
        ((X, W + 0j), TypeError, "weights must be real numbers, got an array of complex128"),
        ((X, "abc"), TypeError, "weights must be an array of real numbers"),
        ((X, None), TypeError, "weights must be an array of real numbers"),
        ((X, np.ma.masked_array(W)), TypeError, "weights is a masked array"),
        ((X, [np.ma.masked_array(W, mask=[1, 0, 0])] * 4), TypeError, "weights is a masked array"),
        (
            (X, jax.random.split(jax.random.key(0), 3)),
            TypeError,
            "got an array of key<fry>",
        ),
    ],
)
def test_arrays_that_do_not_fit(
    arguments: tuple[Any, ...], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        function(layered())(*arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_shapes_are_refused_while_jax_traces() -> None:
    with pytest.raises(ValueError, match=r"weights must have shape \(3,\)"):
        jax.jit(function(layered()))(X, W[:2])


def test_values_that_are_not_finite(via: str) -> None:
    f = function(layered(), via=via)
    broken = np.array([0.1, np.nan, 0.2])
    with pytest.raises(ValueError, match="parameter 'w\\[1\\]' is nan; it must be finite"):
        f(X, broken)
    with pytest.raises(jax.errors.JaxRuntimeError, match="'w\\[1\\]' is nan"):
        jax.block_until_ready(jax.jit(f)(X, broken))


def test_a_program_cannot_be_traced() -> None:
    with pytest.raises(TypeError, match="a program cannot be traced by JAX: compile it outside"):
        jax.jit(lambda program: function(program)(W))(W)


def mapped(call: Any) -> Any:
    return lambda value: jax.vmap(call)(jnp.stack([value, value]))


@pytest.mark.parametrize(
    "transform", [jax.jit, mapped, lambda f: jax.grad(lambda a: (f(a), jnp.sum(a))[1])]
)
@pytest.mark.parametrize(
    ("call", "value"),
    [
        *(pytest.param(call, 0.3, id=name) for name, call in OF_NUMBERS.items()),
        *(pytest.param(call, 0.7 * np.eye(2), id=name) for name, call in OF_MATRICES.items()),
    ],
)
def test_a_program_cannot_change_with_what_is_traced(transform: Any, call: Any, value: Any) -> None:
    def f(traced: Any) -> Any:
        call(traced)
        return traced

    with pytest.raises(TypeError) as caught:
        transform(f)(jnp.array(value))
    text = str(caught.value)
    assert "Tracer" in text
    assert ", which JAX traces: compile outside, and make it a weight or input of" in text
    assert "\n" not in text


def test_a_function_of_a_circuit_that_changes() -> None:
    def f(angle: Any) -> Any:
        return function(kg.compile(kg.Circuit(1).rx(angle, 0), "Z"))()

    with pytest.raises(TypeError, match=r"an angle must be .* not .*, which JAX traces: compile"):
        jax.jit(f)(0.5)


def test_programs_may_be_made_while_jax_traces() -> None:
    f = jax.jit(lambda w: function(without_inputs())(w))
    np.testing.assert_array_equal(f(W), without_inputs().expval(weights=W))


def test_ketgrad_does_not_import_jax() -> None:
    code = "import ketgrad, sys; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_jax_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['jax'] = None; import ketgrad.jax"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "ImportError: ketgrad.jax needs jax: pip install 'ketgrad[jax]'" in done.stderr


def test_empty_batches(via: str) -> None:
    f = function(layered(), via=via)
    for call in (f, jax.jit(f), jax.jit(jax.jacrev(f, 1))):
        with pytest.raises(ValueError, match="the batch is empty"):
            call(jnp.zeros((0, 2)), W)


def test_without_handlers_it_calls_back(
    monkeypatch: pytest.MonkeyPatch, calls: dict[str, int]
) -> None:
    monkeypatch.setattr(handlers, "_handler", None)
    expected = layered().expval(X, W)
    calls.clear()
    np.testing.assert_array_equal(jax.jit(function(layered()))(X, W), expected)
    assert calls == {"expval": 1}
    with pytest.raises(ValueError, match="via='ffi': ketgrad was built where JAX was not"):
        function(layered(), via="ffi")


def test_a_mapped_axis_without_elements_is_refused_as_a_batch_without_rows_is() -> None:
    x = kg.Parameter("x")
    f = function(kg.compile(kg.Circuit(1).ry(x, 0), "Z", inputs=x))
    empty = jax.numpy.zeros((0, 1))
    for of in (f, jax.vmap(f), jax.vmap(jax.grad(lambda row: f(row)[0]))):
        with pytest.raises(ValueError, match="the batch is empty"):
            of(empty)


def test_what_pytorch_follows_is_not_lost() -> None:
    torch = pytest.importorskip("torch")
    forward_ad = torch.autograd.forward_ad
    w = torch.from_numpy(np.array(W))
    with pytest.raises(TypeError, match=r"weights must be an array of JAX or NumPy, not .* grad"):
        function(layered())(X, w.clone().requires_grad_())
    with forward_ad.dual_level(), pytest.raises(TypeError, match=r"JAX or NumPy, not .* tangent"):
        function(layered())(X, forward_ad.make_dual(w, w))
    np.testing.assert_array_equal(function(layered())(X, w), function(layered())(X, W))
