"""The calls of a program as primitives of JAX, with the rules of batches and derivatives.

Four of them run a program: its values, a vector-Jacobian product, its Jacobian and its Hessian,
each on a whole batch (`measured` says how that looks). A fifth, `pushforward`, the Jacobian times
tangents, is there for what it becomes backwards, the vector-Jacobian product; where JAX asks for
its numbers it is the Jacobian, contracted. A mapped axis is folded into the batch, so that one call
remains one.

    values  --jvp--> pushforward <--transpose--> vjp
    pushforward, vjp, jacobian  --jvp--> hessian, contracted
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from ketgrad.jax.measured import Measured

Arrays = tuple[Any, ...]  # of JAX, traced or not
Shape = tuple[int, ...]

_contract = partial(jnp.einsum, precision="highest")


def _run(name: str, measured: Measured, *arrays: Any) -> list[np.ndarray[Any, Any]]:
    """Call the program; results are of the arguments' dtype."""
    given = [np.asarray(array) for array in arrays]
    results = getattr(measured, name)(*given)
    return [np.asarray(result, given[0].dtype) for result in results]


def _call(name: str, shapes: Callable[[Measured, Shape, Shape], list[Shape]]) -> Primitive:
    """Make a primitive of a method of Measured, given the shapes of what it returns."""
    primitive = Primitive(f"ketgrad_{name}")
    primitive.multiple_results = True

    def results(*arrays: Any, measured: Measured) -> list[Any]:
        inputs, weights, *_ = arrays
        found = shapes(measured, inputs.shape, weights.shape)
        return [jax.ShapeDtypeStruct(shape, inputs.dtype) for shape in found]

    def abstract(*arrays: Any, measured: Measured) -> list[Any]:
        return [jax.core.ShapedArray(r.shape, r.dtype) for r in results(*arrays, measured=measured)]

    def eager(*arrays: Any, measured: Measured) -> list[Any]:
        return [jnp.asarray(result) for result in _run(name, measured, *arrays)]

    def by_callback(*arrays: Any, measured: Measured) -> Any:
        return jax.pure_callback(
            partial(_run, name, measured), results(*arrays, measured=measured), *arrays
        )

    primitive.def_impl(eager)
    primitive.def_abstract_eval(abstract)
    mlir.register_lowering(primitive, mlir.lower_fun(by_callback, multiple_results=True))
    return primitive


values_p = _call("values", lambda m, inputs, _: [(inputs[0], m.n_values)])
vjp_p = _call("vjp", lambda _, inputs, weights: [inputs, weights])
jacobian_p = _call("jacobian", lambda m, inputs, _: [(inputs[0], m.n_values, m.n_parameters)])
hessian_p = _call(
    "hessian", lambda m, inputs, _: [(inputs[0], m.n_values, m.n_parameters, m.n_parameters)]
)


# Batches: a mapped axis and that of the samples become one.


def _mapped_size(arrays: Sequence[Any], axes: Sequence[int | None]) -> int:
    return next(array.shape[k] for array, k in zip(arrays, axes, strict=True) if k is not None)


def _rows(array: Any, axis: int | None, size: int, batch: int, n_axes: int) -> Any:
    """Give every sample of every mapped element its row, (size * batch, ...).

    `n_axes` are those of the array as it would be for one element, with a row for every sample.
    """
    array = array[None] if axis is None else jnp.moveaxis(array, axis, 0)
    if array.ndim == n_axes:  # one row for all samples
        array = array[:, None]
    array = jnp.broadcast_to(array, (size, batch, *array.shape[2:]))
    return array.reshape(size * batch, *array.shape[2:])


def _unfold(array: Any, size: int) -> Any:
    return array.reshape(size, -1, *array.shape[1:])


def _batch_of(inputs: Any, axis: int | None) -> int:
    """Return the number of samples of one mapped element."""
    shape = list(inputs.shape)
    if axis is not None:
        del shape[axis]
    return shape[0]


def _map_call(
    primitive: Primitive, arrays: Arrays, axes: Sequence[int | None], measured: Measured
) -> tuple[list[Any], list[int]]:
    """Map a call that has a row of results for every sample, whosoever the weights are."""
    (inputs, weights), (inputs_axis, weights_axis) = arrays, axes
    size, batch = _mapped_size(arrays, axes), _batch_of(inputs, inputs_axis)
    inputs = _rows(inputs, inputs_axis, size, batch, 2)
    if weights_axis is not None or weights.ndim == 2:
        weights = _rows(weights, weights_axis, size, batch, 2)
    results = primitive.bind(inputs, weights, measured=measured)
    return [_unfold(result, size) for result in results], [0] * len(results)


def _map_vjp(
    arrays: Arrays, axes: Sequence[int | None], measured: Measured
) -> tuple[list[Any], list[int]]:
    """Map the vector-Jacobian product; weights that samples share get the sum over these."""
    inputs, weights, cotangent = arrays
    inputs_axis, weights_axis, cotangent_axis = axes
    size, batch = _mapped_size(arrays, axes), _batch_of(inputs, inputs_axis)
    if inputs_axis is None and weights_axis is None and size >= measured.n_values:
        pull = partial(_pull_by_jacobian, measured, inputs, weights)
        return list(jax.vmap(pull, cotangent_axis)(cotangent)), [0, 0]
    shared = weights.ndim - (weights_axis is not None) == 1
    by_inputs, by_weights = vjp_p.bind(
        _rows(inputs, inputs_axis, size, batch, 2),
        _rows(weights, weights_axis, size, batch, 2),
        _rows(cotangent, cotangent_axis, size, batch, 2),
        measured=measured,
    )
    by_weights = _unfold(by_weights, size)
    if shared:
        by_weights = by_weights.sum(1)
    return [_unfold(by_inputs, size), by_weights], [0, 0]


for _primitive in (values_p, jacobian_p, hessian_p):
    batching.primitive_batchers[_primitive] = partial(_map_call, _primitive)
batching.primitive_batchers[vjp_p] = _map_vjp


# Derivatives. Tangents of inputs and weights side by side are a row of P for every sample.


def _joined(inputs: Any, weights: Any) -> Any:
    rows = jnp.broadcast_to(weights, (inputs.shape[0], weights.shape[-1]))
    return jnp.concatenate([inputs, rows], axis=-1)


def _parted(measured: Measured, rows: Any, weights: Any) -> list[Any]:
    """Part rows of P into gradients of the shapes of inputs and weights: _joined(), transposed."""
    by_inputs, by_weights = jnp.split(rows, [measured.n_inputs], axis=-1)
    return [by_inputs, by_weights.sum(0) if weights.ndim == 1 else by_weights]


def _pull_by_jacobian(measured: Measured, inputs: Any, weights: Any, cotangent: Any) -> list[Any]:
    (jacobian,) = jacobian_p.bind(inputs, weights, measured=measured)
    return _parted(measured, _contract("bvp,bv->bp", jacobian, cotangent), weights)


def _push_by_jacobian(*arrays: Any, measured: Measured) -> list[Any]:
    inputs, weights, *tangents = arrays
    (jacobian,) = jacobian_p.bind(inputs, weights, measured=measured)
    return [_contract("bvp,bp->bv", jacobian, _joined(*tangents))]


def _curved(measured: Measured, inputs: Any, weights: Any, moved: Sequence[Any]) -> Any:
    """Return how the Jacobian changes where inputs and weights move: the Hessian times that."""
    (hessian,) = hessian_p.bind(inputs, weights, measured=measured)
    return _contract("bvpq,bq->bvp", hessian, _joined(*moved))


def _moves(*tangents: Any) -> bool:
    return not all(isinstance(tangent, ad.Zero) for tangent in tangents)


def _instantiated(*tangents: Any) -> list[Any]:
    return [ad.instantiate_zeros(tangent) for tangent in tangents]


def _sum(terms: list[list[Any]]) -> list[Any]:
    return [sum(parts[1:], start=parts[0]) for parts in zip(*terms, strict=True)]


def _push(
    measured: Measured, inputs: Any, weights: Any, by_inputs: Any, by_weights: Any
) -> list[Any]:
    found: list[Any] = pushforward_p.bind(inputs, weights, by_inputs, by_weights, measured=measured)
    return found


pushforward_p = Primitive("ketgrad_pushforward")
pushforward_p.multiple_results = True
pushforward_p.def_impl(_push_by_jacobian)
pushforward_p.def_abstract_eval(
    lambda inputs, *_, measured: [
        jax.core.ShapedArray((inputs.shape[0], measured.n_values), inputs.dtype)
    ]
)
mlir.register_lowering(pushforward_p, mlir.lower_fun(_push_by_jacobian, multiple_results=True))


def _map_pushforward(
    arrays: Arrays, axes: Sequence[int | None], measured: Measured
) -> tuple[list[Any], list[int]]:
    return jax.vmap(partial(_push_by_jacobian, measured=measured), axes)(*arrays), [0]


batching.primitive_batchers[pushforward_p] = _map_pushforward


def _values_jvp(primals: Arrays, tangents: Arrays, measured: Measured) -> tuple[Any, Any]:
    values = values_p.bind(*primals, measured=measured)
    return values, _push(measured, *primals, *_instantiated(*tangents))


def _pushforward_jvp(primals: Arrays, tangents: Arrays, measured: Measured) -> tuple[Any, Any]:
    inputs, weights, *pushed = primals
    terms = []
    if _moves(*tangents[2:]):
        terms.append(_push(measured, inputs, weights, *_instantiated(*tangents[2:])))
    if _moves(*tangents[:2]):
        change = _curved(measured, inputs, weights, _instantiated(*tangents[:2]))
        terms.append([_contract("bvp,bp->bv", change, _joined(*pushed))])
    return _push(measured, *primals), _sum(terms)


def _vjp_jvp(primals: Arrays, tangents: Arrays, measured: Measured) -> tuple[Any, Any]:
    inputs, weights, cotangent = primals
    terms = []
    if _moves(tangents[2]):
        terms.append(vjp_p.bind(inputs, weights, tangents[2], measured=measured))
    if _moves(*tangents[:2]):
        change = _curved(measured, inputs, weights, _instantiated(*tangents[:2]))
        rows = _contract("bvp,bv->bp", change, cotangent)
        terms.append(_parted(measured, rows, weights))
    return vjp_p.bind(*primals, measured=measured), _sum(terms)


def _jacobian_jvp(primals: Arrays, tangents: Arrays, measured: Measured) -> tuple[Any, Any]:
    change = _curved(measured, *primals, _instantiated(*tangents))
    return jacobian_p.bind(*primals, measured=measured), [change]


def _hessian_jvp(primals: Arrays, tangents: Arrays, measured: Measured) -> tuple[Any, Any]:
    raise NotImplementedError("ketgrad.jax has derivatives up to the second order, not the third")


def _pushforward_transpose(
    cotangents: Sequence[Any], *arrays: Any, measured: Measured
) -> list[Any]:
    inputs, weights, *pushed = arrays
    cotangent = ad.instantiate_zeros(cotangents[0])
    pulled = vjp_p.bind(inputs, weights, cotangent, measured=measured)
    asked = [ad.is_undefined_primal(tangent) for tangent in pushed]
    return [None, None, *(by if wanted else None for by, wanted in zip(pulled, asked, strict=True))]


def _vjp_transpose(
    cotangents: Sequence[Any], inputs: Any, weights: Any, _: Any, measured: Measured
) -> list[Any]:
    return [None, None, *_push(measured, inputs, weights, *_instantiated(*cotangents))]


ad.primitive_jvps.update(
    {
        values_p: _values_jvp,
        pushforward_p: _pushforward_jvp,
        vjp_p: _vjp_jvp,
        jacobian_p: _jacobian_jvp,
        hessian_p: _hessian_jvp,
    }
)
ad.primitive_transposes[pushforward_p] = _pushforward_transpose
ad.primitive_transposes[vjp_p] = _vjp_transpose
