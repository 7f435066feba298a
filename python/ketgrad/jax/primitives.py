"""The calls of a program as primitives of JAX, with the rules of batches and derivatives.

Four of them run a program: its values, a vector-Jacobian product, its Jacobian (and the values,
from the same run) and its Hessian, each on a whole batch (`measured` says how that looks). A mapped
axis is folded into the batch, so that one call remains one.

Others are sums and products of these, which JAX maps and differentiates by itself. They are
primitives for what they become backwards: `pushforward`, the Jacobian times tangents, becomes the
vector-Jacobian product.

    values  --jvp--> forward, pushforward <--transpose--> vjp
    vjp, jacobian  --jvp--> hessian, contracted

`forward` are the values where a gradient may follow: the handlers hold the final states, and a
vjp of the same numbers goes back from them. It is the same function as `values`.

Of a single value of a program the Jacobian is as cheap as a vector-Jacobian product, so what is
differentiated computes it on its way forwards, and does not run the program once more to go back:

    values  --jvp--> jacobian, pushed <--transpose--> pulled
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from ketgrad.jax import handlers
from ketgrad.jax.measured import AnyMeasured

Arrays = Sequence[Any]  # of JAX, traced or not
Axes = Sequence[int | None]
Shape = tuple[int, ...]


def _primitive(name: str, abstract: Callable[..., Any]) -> Primitive:
    primitive = Primitive(f"ketgrad_{name}")
    primitive.multiple_results = True
    primitive.def_abstract_eval(abstract)
    return primitive


def _arrays_of(shapes: Sequence[Shape], dtype: Any) -> list[Any]:
    return [jax.core.ShapedArray(shape, dtype) for shape in shapes]


# What runs a program.


def _run(name: str, measured: AnyMeasured, *arrays: Any) -> list[np.ndarray[Any, Any]]:
    """Call the program; results are of the arguments' dtype."""
    given = [np.asarray(array) for array in arrays]
    results = getattr(measured, name)(*given)
    return [np.asarray(result, given[0].dtype) for result in results]


def _call(name: str, shapes: Callable[[AnyMeasured, Shape, Shape], list[Shape]]) -> Primitive:
    """Make a primitive of a method of Measured, given the shapes of what it returns."""

    def abstract(inputs: Any, weights: Any, *_: Any, measured: AnyMeasured) -> list[Any]:
        return _arrays_of(shapes(measured, inputs.shape, weights.shape), inputs.dtype)

    def eager(*arrays: Any, measured: AnyMeasured) -> list[Any]:
        return [jnp.asarray(result) for result in _run(name, measured, *arrays)]

    def by_callback(*arrays: Any, measured: AnyMeasured) -> Any:
        results = [
            jax.ShapeDtypeStruct(result.shape, result.dtype)
            for result in abstract(*arrays, measured=measured)
        ]
        return jax.pure_callback(partial(_run, name, measured), results, *arrays)

    def lower(context: mlir.LoweringRuleContext, *arrays: Any, measured: AnyMeasured) -> Any:
        if measured.handle is None:
            return lowered_callback(context, *arrays, measured=measured)
        return handlers.lower(name, context, *arrays, handle=measured.handle)

    primitive = _primitive(name, abstract)
    primitive.def_impl(eager)
    lowered_callback = mlir.lower_fun(by_callback, multiple_results=True)
    mlir.register_lowering(primitive, lowered_callback)
    mlir.register_lowering(primitive, lower, platform="cpu")
    return primitive


values_p = _call("values", lambda m, inputs, _: [(inputs[0], m.n_values)])
forward_p = _call("forward", lambda m, inputs, _: [(inputs[0], m.n_values)])
vjp_p = _call("vjp", lambda _, inputs, weights: [inputs, weights])
jacobian_p = _call(
    "jacobian",
    lambda m, inputs, _: [(inputs[0], m.n_values), (inputs[0], m.n_values, m.n_parameters)],
)
hessian_p = _call(
    "hessian", lambda m, inputs, _: [(inputs[0], m.n_values, m.n_parameters, m.n_parameters)]
)


# Batches of these: a mapped axis and that of the samples become one.


def _mapped_size(arrays: Arrays, axes: Axes) -> int:
    sizes = (array.shape[k] for array, k in zip(arrays, axes, strict=True) if k is not None)
    size = int(next(sizes))
    if size == 0:
        raise ValueError("the batch is empty")
    return size


def _batch_of(inputs: Any, axis: int | None) -> int:
    """Return the number of samples of one mapped element."""
    shape = list(inputs.shape)
    if axis is not None:
        del shape[axis]
    return int(shape[0])


def _rows(array: Any, axis: int | None, size: int, batch: int) -> Any:
    """Give every sample of every mapped element its row: (size * batch, n)."""
    array = array[None] if axis is None else jnp.moveaxis(array, axis, 0)
    if array.ndim == 2:  # one row for all samples
        array = array[:, None]
    return jnp.broadcast_to(array, (size, batch, array.shape[2])).reshape(size * batch, -1)


def _unfold(array: Any, size: int, batch: int) -> Any:
    return array.reshape(size, batch, *array.shape[1:])


def _map_call(
    primitive: Primitive, arrays: Arrays, axes: Axes, measured: AnyMeasured
) -> tuple[list[Any], list[int]]:
    """Map a call that has a row of results for every sample, whosoever the weights are."""
    (inputs, weights), (inputs_axis, weights_axis) = arrays, axes
    size, batch = _mapped_size(arrays, axes), _batch_of(inputs, inputs_axis)
    if weights_axis is not None or weights.ndim == 2:
        weights = _rows(weights, weights_axis, size, batch)
    inputs = _rows(inputs, inputs_axis, size, batch)
    results = primitive.bind(inputs, weights, measured=measured)
    return [_unfold(result, size, batch) for result in results], [0] * len(results)


def _map_vjp(arrays: Arrays, axes: Axes, measured: AnyMeasured) -> tuple[list[Any], list[int]]:
    """Map the vector-Jacobian product; weights that samples share get the sum over these."""
    inputs, weights, cotangent = arrays
    inputs_axis, weights_axis, cotangent_axis = axes
    size, batch = _mapped_size(arrays, axes), _batch_of(inputs, inputs_axis)
    repeated = inputs_axis is None and weights_axis is None
    if repeated and size >= measured.n_values and measured.is_program:
        _, jacobian = jacobian_p.bind(inputs, weights, measured=measured)
        pull = partial(_pulled, jacobian, measured=measured, summed=weights.ndim == 1)
        return jax.vmap(pull, cotangent_axis)(cotangent), [0, 0]
    summed = weights.ndim - (weights_axis is not None) == 1
    rows = [_rows(array, axis, size, batch) for array, axis in zip(arrays, axes, strict=True)]
    by_inputs, by_weights = (
        _unfold(result, size, batch) for result in vjp_p.bind(*rows, measured=measured)
    )
    return [by_inputs, by_weights.sum(1) if summed else by_weights], [0, 0]


for _called in (values_p, forward_p, jacobian_p, hessian_p):
    batching.primitive_batchers[_called] = partial(_map_call, _called)
batching.primitive_batchers[vjp_p] = _map_vjp


# Sums and products. Tangents of inputs and weights side by side are a row of P for every sample.


def _joined(inputs: Any, weights: Any) -> Any:
    rows = jnp.broadcast_to(weights, (inputs.shape[0], weights.shape[-1]))
    return jnp.concatenate([inputs, rows], axis=-1)


def _pushed(
    jacobian: Any,
    by_inputs: Any,
    by_weights: Any,
    measured: AnyMeasured,  # noqa: ARG001 - for the transposed
) -> list[Any]:
    """Multiply a Jacobian and tangents."""
    return [(jacobian * _joined(by_inputs, by_weights)[:, None, :]).sum(-1)]


def _pulled(jacobian: Any, cotangent: Any, measured: AnyMeasured, summed: bool) -> list[Any]:
    """Multiply a cotangent and a Jacobian: gradients as those of the vector-Jacobian product."""
    rows = (jacobian * cotangent[:, :, None]).sum(1)
    by_inputs, by_weights = jnp.split(rows, [measured.n_inputs], axis=-1)
    return [by_inputs, by_weights.sum(0) if summed else by_weights]


def _pushforward(
    inputs: Any, weights: Any, by_inputs: Any, by_weights: Any, measured: AnyMeasured
) -> list[Any]:
    _, jacobian = jacobian_p.bind(inputs, weights, measured=measured)
    return _pushed(jacobian, by_inputs, by_weights, measured)


def _derived(function: Callable[..., list[Any]]) -> Primitive:
    """Make a primitive of a function of JAX, by which it is mapped, differentiated and compiled."""

    def abstract(*arrays: Any, **options: Any) -> list[Any]:
        results = jax.eval_shape(partial(function, **options), *arrays)
        return _arrays_of([result.shape for result in results], results[0].dtype)

    def map_(arrays: Arrays, axes: Axes, **options: Any) -> tuple[list[Any], list[int]]:
        results = jax.vmap(partial(function, **options), axes)(*arrays)
        return results, [0] * len(results)

    def differentiate(primals: Arrays, tangents: Arrays, **options: Any) -> Any:
        moved = _instantiated(tangents)
        _, results = jax.jvp(partial(function, **options), tuple(primals), tuple(moved))
        return primitive.bind(*primals, **options), results

    primitive = _primitive(function.__name__.removeprefix("_"), abstract)
    primitive.def_impl(function)
    mlir.register_lowering(primitive, mlir.lower_fun(function, multiple_results=True))
    batching.primitive_batchers[primitive] = map_
    ad.primitive_jvps[primitive] = differentiate
    return primitive


def _instantiated(tangents: Arrays) -> list[Any]:
    return [ad.instantiate_zeros(tangent) for tangent in tangents]


pushforward_p = _derived(_pushforward)
pushed_p = _derived(_pushed)
pulled_p = _derived(_pulled)


def _lower_pulled(
    context: mlir.LoweringRuleContext, *arrays: Any, measured: AnyMeasured, summed: bool
) -> Any:
    if measured.handle is None:
        by_jax = mlir.lower_fun(_pulled, multiple_results=True)
        return by_jax(context, *arrays, measured=measured, summed=summed)
    return handlers.lower("pulled", context, *arrays)


mlir.register_lowering(pulled_p, _lower_pulled, platform="cpu")


# Derivatives.


def _curved(primals: Arrays, tangents: Arrays, measured: AnyMeasured) -> Any:
    """Return how the Jacobian changes where inputs and weights move: the Hessian times that."""
    measured.require_second()
    (hessian,) = hessian_p.bind(*primals, measured=measured)
    moved = _joined(*_instantiated(tangents))
    return jnp.einsum("bvpq,bq->bvp", hessian, moved, precision="highest")


def _values_jvp(primals: Arrays, tangents: Arrays, measured: AnyMeasured) -> tuple[Any, Any]:
    moved = _instantiated(tangents)
    if measured.n_values == 1 and measured.is_program:
        values, jacobian = jacobian_p.bind(*primals, measured=measured)
        return [values], pushed_p.bind(jacobian, *moved, measured=measured)
    run = forward_p if measured.is_program else values_p
    values = run.bind(*primals, measured=measured)
    return values, pushforward_p.bind(*primals, *moved, measured=measured)


def _vjp_jvp(primals: Arrays, tangents: Arrays, measured: AnyMeasured) -> tuple[Any, Any]:
    inputs, weights, cotangent = primals
    by_cotangent = ad.instantiate_zeros(tangents[2])
    results = vjp_p.bind(inputs, weights, by_cotangent, measured=measured)
    if not all(isinstance(tangent, ad.Zero) for tangent in tangents[:2]):
        change = _curved(primals[:2], tangents[:2], measured)
        curved = _pulled(change, cotangent, measured, summed=weights.ndim == 1)
        results = [a + b for a, b in zip(results, curved, strict=True)]
    return vjp_p.bind(*primals, measured=measured), results


def _jacobian_jvp(primals: Arrays, tangents: Arrays, measured: AnyMeasured) -> tuple[Any, Any]:
    moved = _instantiated(tangents)
    values, jacobian = jacobian_p.bind(*primals, measured=measured)
    (by_values,) = pushed_p.bind(jacobian, *moved, measured=measured)
    return [values, jacobian], [by_values, _curved(primals, tangents, measured)]


def _hessian_jvp(primals: Arrays, tangents: Arrays, measured: AnyMeasured) -> tuple[Any, Any]:
    raise NotImplementedError("ketgrad.jax has derivatives up to the second order, not the third")


ad.primitive_jvps[values_p] = _values_jvp
ad.primitive_jvps[forward_p] = _values_jvp
ad.primitive_jvps[vjp_p] = _vjp_jvp
ad.primitive_jvps[jacobian_p] = _jacobian_jvp
ad.primitive_jvps[hessian_p] = _hessian_jvp


# Transposition: every rule is given cotangents, and which arguments are asked for.


def _pulled_to(tangents: Arrays, gradients: Arrays) -> list[Any]:
    asked = [ad.is_undefined_primal(tangent) for tangent in tangents]
    return [by if wanted else None for by, wanted in zip(gradients, asked, strict=True)]


def _pushforward_transpose(
    cotangents: Arrays, inputs: Any, weights: Any, *tangents: Any, measured: AnyMeasured
) -> list[Any]:
    pulled = vjp_p.bind(inputs, weights, *_instantiated(cotangents), measured=measured)
    return [None, None, *_pulled_to(tangents, pulled)]


def _vjp_transpose(
    cotangents: Arrays, inputs: Any, weights: Any, _: Any, measured: AnyMeasured
) -> list[Any]:
    moved = _instantiated(cotangents)
    return [None, None, *pushforward_p.bind(inputs, weights, *moved, measured=measured)]


def _pushed_transpose(
    cotangents: Arrays, jacobian: Any, *tangents: Any, measured: AnyMeasured
) -> list[Any]:
    summed = _shape(tangents[1]).ndim == 1
    (cotangent,) = _instantiated(cotangents)
    pulled = pulled_p.bind(jacobian, cotangent, measured=measured, summed=summed)
    return [None, *_pulled_to(tangents, pulled)]


def _pulled_transpose(
    cotangents: Arrays, jacobian: Any, _: Any, measured: AnyMeasured, **__: bool
) -> list[Any]:
    return [None, *pushed_p.bind(jacobian, *_instantiated(cotangents), measured=measured)]


def _shape(array: Any) -> Any:
    return array.aval if ad.is_undefined_primal(array) else array


ad.primitive_transposes[pushforward_p] = _pushforward_transpose
ad.primitive_transposes[vjp_p] = _vjp_transpose
ad.primitive_transposes[pushed_p] = _pushed_transpose
ad.primitive_transposes[pulled_p] = _pulled_transpose
