"""An operator of PyTorch: a kernel on the processor, with rules of its derivatives and of vmap."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function, forward_ad

from ketgrad.torch.mapping import by_rows
from ketgrad.torch.quantity import quantity_of

_PLAIN = torch._C._dispatch_keys(torch.empty(0, device="cpu"))  # what has to know of a tensor
_TRANSFORMED = (
    "ketgrad.torch: a transform of torch.func inside of torch.compile, where PyTorch has none for "
    "custom operators: it stays uncompiled"
)


class Operator:
    """An operator that takes tensors and the handle of a quantity.

    It has three forms. A custom operator is what compilers and tracers see. It has no forward mode,
    which `torch.func.hessian` is made of: under transforms an `autograd.Function` of the same rules
    stands around it. Calls with plain tensors go to the kernel through a `Function` of a kind that
    transforms do not know, because PyTorch takes longer for the others than small circuits run.

    Parameters
    ----------
    kernel : callable
        Computes the results; its name and annotations are those of the custom operator.
    fake : callable
        Makes empty results of the right shapes and dtypes.
    backward, jvp : callable
        As of `autograd.Function`; the context has the handle and saved the tensors.
    takes, gives, sums : str, str, bool
        As of `by_rows`.
    ahead : callable, optional
        Computes the results of a call that is to be differentiated, and keeps in the context what
        `backward` is glad of.

    """

    def __init__(
        self,
        kernel: Callable[..., Any],
        fake: Callable[..., Any],
        backward: Callable[..., Any],
        jvp: Callable[..., Any],
        *,
        takes: str,
        gives: str,
        sums: bool,
        ahead: Callable[..., Any] | None = None,
    ) -> None:
        name = kernel.__name__.strip("_")
        vmap = by_rows(self, takes, gives, sums=sums)
        custom = torch.library.custom_op(
            f"ketgrad::{name}", kernel, mutates_args=(), device_types="cpu"
        )
        custom.register_fake(fake)
        custom.register_autograd(backward, setup_context=_keep)
        custom.register_vmap(vmap)

        def run_custom(*args: Any) -> Any:
            return custom(*args)

        def run_kernel(ctx: Any, *args: Any) -> Any:
            _keep(ctx, args)
            if ahead is not None and any(ctx.needs_input_grad):
                return ahead(ctx, *args)
            return kernel(*args)

        def function(**methods: Callable[..., Any]) -> type[Function]:
            rules = {"backward": backward, "jvp": jvp, **methods}
            return type(name, (Function,), {key: staticmethod(rules[key]) for key in rules})

        self._kernel = kernel
        self._custom = custom
        self._transformed = function(forward=run_custom, setup_context=_keep, vmap=vmap)
        # Of the base class: Function.apply adds what transforms need.
        plain: Any = super(Function, function(forward=run_kernel))
        self._apply_plain = plain.apply

    def __call__(self, *args: Any) -> Any:
        """Run it in the form that the call is for."""
        if torch.compiler.is_compiling():
            if torch._C._are_functorch_transforms_active():
                raise NotImplementedError(_TRANSFORMED)  # and PyTorch leaves it uncompiled
            return self._custom(*args)
        if torch._C._get_tracing_state() is not None:  # of torch.jit: it keeps arrays as constants
            return self._custom(*args)
        if not are_plain(args[:-1]):
            return self._transformed.apply(*args)
        if torch.is_grad_enabled() or forward_ad._current_level >= 0:
            return self._apply_plain(*args)
        return self._kernel(*args)


def are_plain(tensors: tuple[Tensor, ...]) -> bool:
    """Tell whether nothing but the processor and backward mode has to know of a call."""
    if torch._C._len_torch_dispatch_stack() > 0:
        return False
    for tensor in tensors:  # noqa: SIM110 - which takes twice as long as this
        if torch._C._dispatch_keys(tensor) != _PLAIN:
            return False
    return True


def _keep(ctx: Any, inputs: tuple[Any, ...], output: Any = None) -> None:  # noqa: ARG001
    """Save what derivatives need."""
    *tensors, ctx.handle = inputs
    ctx.save_for_backward(*tensors)
    ctx.save_for_forward(*tensors)
    ctx.quantity = quantity_of(ctx.handle)  # alive until then
    ctx.set_materialize_grads(False)
