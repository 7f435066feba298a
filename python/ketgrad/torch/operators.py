"""The values of a quantity and their derivatives, as operators of PyTorch.

x are inputs, w weights, g a cotangent of the values, (dx, dw) a direction; shapes are those of
`ketgrad.torch.quantity`. The derivatives of an operator are other operators:

    operator              by x, w      by g      by dx, dw
    values(x, w)          vjp
    vjp(g, x, w)          hvp          jvp
    jvp(x, w, dx, dw)     hvp                    vjp
    hvp(g, x, w, dx, dw)  third derivatives, which there are not
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ketgrad.torch.operator import Operator, are_plain
from ketgrad.torch.quantity import Array, quantity_of

Maybe = Tensor | None  # a cotangent or direction; None is zero


def _arrays(*tensors: Tensor) -> list[Array]:
    # The same memory, but for a tensor whose sign is still to be taken.
    return [tensor.numpy(force=True) for tensor in tensors]


def _tensor(array: Array, dtype: torch.dtype) -> Tensor:
    out = torch.from_numpy(array)
    return out if dtype == torch.float64 else out.to(dtype)


def _dtype(x: Tensor, w: Tensor) -> torch.dtype:
    return x.dtype if x.dtype == w.dtype else torch.promote_types(x.dtype, w.dtype)


def _or_zeros(tensor: Maybe, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if tensor is None else tensor


def _values(x: Tensor, w: Tensor, handle: int) -> Tensor:
    return _tensor(quantity_of(handle).values(*_arrays(x, w)), _dtype(x, w))


def _values_ahead(ctx: Any, x: Tensor, w: Tensor, handle: int) -> Tensor:
    """Compute one value with its derivatives, so that the program does not run again to go back."""
    if not ctx.quantity.has_slopes:
        return _values(x, w, handle)
    try:
        values, by_x, by_w = ctx.quantity.slopes(*_arrays(x, w))
    # Of a derivative, perhaps, that nobody will ask for; of a row of them for every sample.
    except (ValueError, MemoryError):
        return _values(x, w, handle)
    ctx.slopes = by_x, by_w
    return _tensor(values, _dtype(x, w))


def _values_backward(ctx: Any, g: Maybe) -> Any:
    x, w = ctx.saved_tensors
    if g is None:
        return None, None, None
    slopes = getattr(ctx, "slopes", None)
    # The operator is what can be differentiated in turn and mapped.
    if slopes is None or torch.is_grad_enabled() or not are_plain((g,)):
        return *vjp(g, x, w, ctx.handle), None
    factor = g.numpy()
    if not np.isfinite(factor).all():  # the operator says which
        return *vjp(g, x, w, ctx.handle), None
    # By NumPy, which takes a fraction of PyTorch's time for this few numbers.
    by_x, by_w = slopes
    of_x = _tensor(factor * by_x, x.dtype) if ctx.needs_input_grad[0] else None
    if not ctx.needs_input_grad[1]:
        return of_x, None, None
    summed = x.ndim == 2 and w.ndim == 1
    return of_x, _tensor((factor.T @ by_w)[0] if summed else factor * by_w, w.dtype), None


def _values_jvp(ctx: Any, dx: Maybe, dw: Maybe, _: None) -> Any:
    x, w = ctx.saved_tensors
    return jvp(x, w, _or_zeros(dx, x), _or_zeros(dw, w), ctx.handle)


def _vjp(g: Tensor, x: Tensor, w: Tensor, handle: int) -> tuple[Tensor, Tensor]:
    by_x, by_w = quantity_of(handle).vjp(*_arrays(g, x, w))
    return _tensor(by_x, x.dtype), _tensor(by_w, w.dtype)


def _vjp_backward(ctx: Any, dx: Maybe, dw: Maybe) -> Any:
    g, x, w = ctx.saved_tensors
    along = x, w, _or_zeros(dx, x), _or_zeros(dw, w), ctx.handle
    by_g = jvp(*along) if ctx.needs_input_grad[0] else None
    by_place = hvp(g, *along) if any(ctx.needs_input_grad[1:3]) else (None, None)
    return by_g, *by_place, None


def _vjp_jvp(ctx: Any, dg: Maybe, dx: Maybe, dw: Maybe, _: None) -> Any:
    g, x, w = ctx.saved_tensors
    by_x, by_w = vjp(_or_zeros(dg, g), x, w, ctx.handle)
    if dx is None and dw is None:
        return by_x, by_w
    moved_x, moved_w = hvp(g, x, w, _or_zeros(dx, x), _or_zeros(dw, w), ctx.handle)
    return by_x + moved_x, by_w + moved_w


def _jvp(x: Tensor, w: Tensor, dx: Tensor, dw: Tensor, handle: int) -> Tensor:
    out = quantity_of(handle).jvp(*_arrays(x, w, dx, dw))
    return _tensor(out, _dtype(x, w))


def _jvp_backward(ctx: Any, g: Maybe) -> Any:
    x, w, dx, dw = ctx.saved_tensors
    if g is None:
        return (None,) * 5
    nothing = None, None
    by_place = hvp(g, x, w, dx, dw, ctx.handle) if any(ctx.needs_input_grad[:2]) else nothing
    by_direction = vjp(g, x, w, ctx.handle) if any(ctx.needs_input_grad[2:4]) else nothing
    return *by_place, *by_direction, None


def _jvp_jvp(ctx: Any, *_: Any) -> Any:
    raise NotImplementedError(
        "ketgrad.torch: forward mode over forward mode, as in jacfwd(jacfwd(f)), has no rule; "
        "hessian(f), which is jacfwd(jacrev(f)), has the same second derivatives"
    )


def _hvp(
    g: Tensor, x: Tensor, w: Tensor, dx: Tensor, dw: Tensor, handle: int
) -> tuple[Tensor, Tensor]:
    by_x, by_w = quantity_of(handle).hvp(*_arrays(g, x, w, dx, dw))
    return _tensor(by_x, x.dtype), _tensor(by_w, w.dtype)


def _no_third(ctx: Any, *_: Any) -> Any:
    raise NotImplementedError("ketgrad.torch: third derivatives; there are first and second ones")


def _like_values(x: Tensor, w: Tensor, *args: Any) -> Tensor:
    return x.new_empty((*x.shape[:-1], quantity_of(args[-1]).n_values), dtype=_dtype(x, w))


def _like_both(_: Tensor, x: Tensor, w: Tensor, *__: Any) -> tuple[Tensor, Tensor]:
    return x.new_empty(x.shape), w.new_empty(w.shape)


values = Operator(
    _values,
    _like_values,
    _values_backward,
    _values_jvp,
    takes="rw",
    gives="r",
    sums=False,
    ahead=_values_ahead,
)
vjp = Operator(_vjp, _like_both, _vjp_backward, _vjp_jvp, takes="rrw", gives="rw", sums=True)
jvp = Operator(_jvp, _like_values, _jvp_backward, _jvp_jvp, takes="rwrw", gives="r", sums=False)
hvp = Operator(_hvp, _like_both, _no_third, _no_third, takes="rrwrw", gives="rw", sums=True)
