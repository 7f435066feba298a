"""What a device chooses of how PennyLane runs circuits: derivatives, and measurements inside."""

from dataclasses import replace
from typing import Any

from pennylane.devices import ExecutionConfig, MCMConfig
from pennylane.exceptions import DeviceError
from pennylane.math import Interface
from pennylane.tape import QuantumScript

from ketgrad.pennylane.preparation import is_traceable

METHODS = ("adjoint", "best", "device")
"""Those of derivatives that a user may ask for."""
INSIDE = ("deferred", "one-shot", "tree-traversal")
"""How measurements inside of circuits are done: the last two by branches, the same way."""


def mid_circuit(config: MCMConfig, *, shots: bool, mixed: bool) -> MCMConfig:
    """Choose how measurements inside of a circuit are done: exactly deferred, else by branches."""
    method = config.mcm_method
    if method in (None, "device"):
        method = "tree-traversal" if shots and not mixed else "deferred"
    allowed = INSIDE[:1] if mixed else INSIDE
    if method not in allowed:
        name = "ketgrad.mixed" if mixed else "ketgrad.qubit"
        raise DeviceError(f"mcm_method='{method}'; {name} has {', '.join(allowed)}")
    return replace(config, mcm_method=method)


def resolved(
    config: ExecutionConfig, circuit: QuantumScript | None, *, has_derivatives: bool, mixed: bool
) -> ExecutionConfig:
    """Choose, for a circuit that the device differentiates or not."""
    method = config.gradient_method
    if has_derivatives and method in METHODS:
        method = _method(config, circuit, mixed=mixed)
    adjoint = method == "adjoint"
    # From jitted JAX, PennyLane comes to vector-Jacobian products, the only ones that know
    # batches, where it need not convert; in its callbacks arrays are NumPy's anyway.
    jitted = config.interface == Interface.JAX_JIT
    shots = bool(circuit and circuit.shots)
    return replace(
        config,
        gradient_method=method,
        use_device_gradient=adjoint,
        use_device_jacobian_product=adjoint,
        grad_on_execution=False,
        convert_to_numpy=not (adjoint and jitted),
        mcm_config=mid_circuit(config.mcm_config, shots=shots, mixed=mixed),
    )


def _method(config: ExecutionConfig, circuit: QuantumScript | None, *, mixed: bool) -> Any:
    """Choose how derivatives are made: by JAX where it can trace the circuit, else adjoint."""
    if config.gradient_method != "best":
        return "adjoint"
    if config.interface == Interface.AUTO:
        return "best"  # PennyLane asks once more when it knows
    in_jax = config.interface in (Interface.JAX, Interface.JAX_JIT)
    if in_jax and circuit is not None and not mixed and is_traceable(circuit):
        return "backprop"  # PennyLane's word: JAX goes through the device
    return "adjoint"
