"""What users call: a program as a function of arrays of JAX."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

import ketgrad as kg
from ketgrad._core import _qubits as listed_qubits
from ketgrad._layer_rows import LayerRows, layer_of, refuse_options
from ketgrad._numbers import refuse_masked
from ketgrad._words import first_traced, kind, shown
from ketgrad.jax import handlers
from ketgrad.jax.measured import AnyMeasured, Measured, MeasuredLayer
from ketgrad.jax.primitives import values_p

QUANTITIES = ("expval", "probs")
WAYS = ("ffi", "callback")

Source = kg.Program | kg.Model | kg.layers.Layer | kg.NoisyProgram


class Function:
    """What `function` makes: `f(inputs, weights)`. It pickles, and copies are itself."""

    def __init__(
        self, program: Source, of: str, qubits: int | Sequence[int] | None, via: str | None
    ) -> None:
        self._arguments = (program, of, qubits, via)
        self._measured = _measured(*self._arguments)
        both = ("inputs", self._measured.n_inputs), ("weights", self._measured.n_weights)
        self._takes = [(name, n) for name, n in both if n > 0]
        self.__name__ = f"ketgrad_{of}"  # in JAX's own messages and profiles

    def __call__(self, *arrays: Any) -> jax.Array:
        """Compute the values; arguments and errors as `function` has them."""
        if len(arrays) != len(self._takes):
            names = ", ".join(name for name, _ in self._takes)
            raise TypeError(f"the function takes ({names}) of its program, got {len(arrays)}")
        given = {
            name: _array(name, n, array)
            for (name, n), array in zip(self._takes, arrays, strict=True)
        }
        return _values(self._measured, **given)

    def __reduce__(self) -> Any:
        return Function, self._arguments

    def __deepcopy__(self, memo: Any) -> "Function":
        return self

    def __repr__(self) -> str:
        takes = ", ".join(f"{size} {name}" for name, size in self._takes)
        return f"<ketgrad.jax.Function: {takes or 'nothing'} -> {self._measured.n_values} values>"


def function(
    program: Source,
    of: str = "expval",
    qubits: int | Sequence[int] | None = None,
    via: str | None = None,
) -> Function:
    """Make a function of JAX of a program: `f(inputs, weights)`.

    It takes those of the two that the program has, `f(weights)` where it has no inputs: inputs of
    shape (n_inputs,) or (batch, n_inputs) and weights of shape (n_weights,), for all samples, or
    (batch, n_weights). It returns values of shape (n_values,), with the batch in front where there
    is one. `jax.jit`, `jax.vmap`, `jax.grad`, `jax.jvp`, `jax.hessian` and `jax.lax.scan` take it
    as they take functions of JAX's own; derivatives are exact, by inputs and weights, up to the
    second order. A batch, by an axis or by `jax.vmap`, is one call of the program, and so is that
    of its gradient.

    Arrays of float32 give values of float32, and without `jax_enable_x64` all are; the program
    runs in its own precision all the same.

    Parameters
    ----------
    program : Program, Model, ketgrad.layers.Layer or NoisyProgram
        Made outside of what JAX traces. Of all but a program of `ketgrad.compile` the values are
        the outputs, the weights all parameters in their order; they are called back, fastest in
        reverse and where samples share the weights. `NoisyLayer`, `RecurrentCircuit` and circuits
        by shots have first derivatives alone.
    of : {'expval', 'probs'}
        Expectation values of the program's observables, or probabilities of basis states.
    qubits : int or sequence of int, optional
        The qubits whose probabilities are meant, as in `Program.probs`; None for all.
    via : {'ffi', 'callback'}, optional
        How compiled computations call the program: by JAX's foreign function interface, without
        Python and without copies, or by `jax.pure_callback`, with the same results. None takes the
        first where it was built and the computation runs on the processor, else the second.

    Returns
    -------
    Function
        It raises TypeError for values that are not real and for another number of
        arguments, ValueError for shapes that do not fit, and NotImplementedError where a third
        derivative is asked for. Values that are not finite raise ValueError, under `jax.jit` JAX's
        own error with its message.

    Raises
    ------
    TypeError
        For anything but what is named above.
    ValueError
        For another `of` or `via`, for 'ffi' where it cannot be, for a program without observables,
        and for qubits that it lacks.

    Examples
    --------
    >>> import jax, jax.numpy as jnp
    >>> from ketgrad.jax import function
    >>> x, w = ParameterVector("x", 2), ParameterVector("w", 2)
    >>> circuit = Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
    >>> f = function(compile(circuit, ["ZI", "IZ"], inputs=x))
    >>> inputs, weights = jnp.array([[0.1, 0.2], [0.3, 0.4]]), jnp.array([0.5, 0.6])
    >>> f(inputs, weights).shape
    (2, 2)
    >>> jax.jit(jax.grad(lambda w: f(inputs, w).sum()))(weights).shape
    (2,)

    """
    return Function(program, of, qubits, via)


def _values(
    measured: AnyMeasured, inputs: jax.Array | None = None, weights: jax.Array | None = None
) -> jax.Array:
    """Bring both into the form of `measured`, and the values back into that of the arguments."""
    inputs = jnp.zeros(0, jnp.float32) if inputs is None else inputs
    weights = jnp.zeros(0, jnp.float32) if weights is None else weights
    dtype = jnp.promote_types(inputs.dtype, weights.dtype)
    rows = {len(array) for array in (inputs, weights) if array.ndim == 2}
    if len(rows) == 2:
        raise ValueError(
            f"inputs have {len(inputs)} rows and weights {len(weights)}; give a row of each for "
            "every sample, or one without a batch axis"
        )
    (batch,) = rows or {1}
    if batch == 0:  # which compiled code would not run at all
        raise ValueError("the batch is empty")
    inputs = jnp.broadcast_to(inputs, (batch, measured.n_inputs))
    values: jax.Array
    (values,) = values_p.bind(inputs.astype(dtype), weights.astype(dtype), measured=measured)
    return values if rows else values[0]


def _array(name: str, columns: int, value: Any) -> jax.Array:
    """Read inputs or weights: an array of float32 or float64."""
    refuse_masked(name, value)
    found = first_traced(value)
    if found is not None and not isinstance(found, jax.core.Tracer):  # PyTorch follows it
        raise TypeError(f"{name} must be an array of JAX or NumPy, not {shown(found)}")
    try:
        array = jnp.asarray(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be an array of real numbers: {_line(error)}") from None
    is_key = jnp.issubdtype(array.dtype, jax.dtypes.prng_key)
    if is_key or jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise TypeError(f"{name} must be real numbers, got an array of {array.dtype}")
    if array.ndim not in (1, 2) or array.shape[-1] != columns:
        raise ValueError(
            f"{name} must have shape ({columns},) or (batch, {columns}), got {array.shape}"
        )
    if not jnp.issubdtype(array.dtype, jnp.floating):
        return array.astype(float)
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _measured(program: Any, of: Any, qubits: Any, via: Any) -> AnyMeasured:
    if isinstance(program, jax.core.Tracer):
        raise TypeError(
            "a program cannot be traced by JAX: compile it outside, and give what changes as its "
            "inputs or weights"
        )
    layer = layer_of(program)
    if layer is not None:
        return _measured_layer(layer, of, qubits, via)
    if not isinstance(program, kg.Program):
        hint = "; compile() makes one of a Circuit" if isinstance(program, kg.Circuit) else ""
        raise TypeError(
            f"function takes a Program, Model, layer or NoisyProgram, not {kind(program)}{hint}"
        )
    if of not in QUANTITIES:
        raise ValueError(f"of={of!r}; it must be one of {', '.join(map(repr, QUANTITIES))}")
    if of == "expval" and program.n_observables == 0:
        raise ValueError(
            "the program has no observables: compile(circuit, observables) gives it some"
        )
    if qubits is not None:
        qubits = _qubits(program, of, qubits)
    handle = handlers.handle(program, of, qubits) if _by_handler(via) else None
    return Measured(program, of, qubits, handle)


def _measured_layer(layer: kg.layers.Layer, of: Any, qubits: Any, via: Any) -> MeasuredLayer:
    refuse_options(of, qubits)
    if via == "ffi":
        raise ValueError("via='ffi': layers and programs under noise are called back")
    _by_handler(via)
    return MeasuredLayer(LayerRows(layer))


def _by_handler(via: Any) -> bool:
    if via not in (None, *WAYS):
        raise ValueError(f"via={via!r}; it must be one of {', '.join(map(repr, WAYS))}, or None")
    if via == "ffi" and not handlers.is_built():
        raise ValueError("via='ffi': ketgrad was built where JAX was not installed")
    return via != "callback" and handlers.is_built()


def _qubits(program: kg.Program, of: str, qubits: Any) -> tuple[int, ...]:
    if of != "probs":
        raise ValueError(f"qubits go with of='probs', not with of={of!r}")
    listed = tuple(listed_qubits(qubits))
    if not listed:
        raise ValueError("qubits is empty; there must be one at least")
    for k, qubit in enumerate(listed):
        if not 0 <= qubit < program.n_qubits:
            raise ValueError(f"qubit {qubit} of a program with {program.n_qubits} qubits")
        if qubit in listed[:k]:
            raise ValueError(f"qubit {qubit} is given twice")
    return listed
