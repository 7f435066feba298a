"""Calls of programs from compiled computations, by JAX's foreign function interface.

The module `_handler` (bindings/jax/handler.cc) is built where JAX is installed; without it, and on
other devices than the processor, `primitives` calls back to Python instead, with the same results.
"""

from importlib import import_module
from typing import Any

import jax
import numpy as np
from jax.interpreters import mlir

from ketgrad import _core


def _registered() -> Any:
    """Make the handlers known to JAX; None where there are none or this JAX is too old."""
    try:
        module = import_module("ketgrad.jax._handler")
        for name, target in module.targets().items():
            jax.ffi.register_ffi_target(f"ketgrad_{name}", target, platform="cpu")
    except (ModuleNotFoundError, jax.errors.JaxRuntimeError):
        return None
    return module


_handler = _registered()


def is_built() -> bool:
    """Tell whether there are handlers."""
    return _handler is not None


def handle(program: _core.Program, of: str, qubits: tuple[int, ...] | None) -> Any:
    """Give a program's quantity a number in computations, for as long as the handle lives."""
    return _handler.Handle(_core._measured(program, of, qubits))


def lower(
    name: str, context: mlir.LoweringRuleContext, *arrays: Any, handle: Any | None = None
) -> Any:
    """Write a call into a computation, which keeps the handle of what is called."""
    call = jax.ffi.ffi_lowering(f"ketgrad_{name}")
    if handle is None:
        return call(context, *arrays)
    context.module_context.add_keepalive(handle)
    return call(context, *arrays, measured=np.int64(handle.number))
