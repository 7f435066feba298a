"""Circuits inside of what JAX traces: programs as functions of JAX (`ketgrad.jax`).

Their angles may be traced, so that PennyLane's callbacks and rules are not needed, and `jax.jit`,
`vmap`, `grad`, `jvp`, `jacfwd` and `hessian` go through a circuit as through any function of JAX.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from pennylane.exceptions import DeviceError

from ketgrad.jax import function
from ketgrad.pennylane.plan import Asked, Plan


class Traced:
    """A plan as a function of JAX. Compiled for itself, too, so that eager calls are one each."""

    def __init__(self, plan: Plan) -> None:
        self._measurements = plan.measurements
        self._functions: dict[Any, Callable[..., Any]] = {}
        for m in plan.measurements:
            if m.of not in ("expval", "probs"):
                raise DeviceError(
                    f"{m.mp} inside of what JAX traces: use diff_method='adjoint' of the QNode"
                )
            if self._key(m) not in self._functions:
                qubits = m.qubits if m.of == "probs" else None
                self._functions[self._key(m)] = function(plan.program, m.of, qubits)
        self._call = jax.jit(self._values)

    @staticmethod
    def _key(m: Asked) -> Any:
        return m.of, m.qubits

    def _values(self, angles: list[Any]) -> list[Any]:
        rows = [jnp.stack(jnp.broadcast_arrays(*angles), axis=-1)] if angles else []
        found = {key: f(*rows) for key, f in self._functions.items()}
        return [
            found[self._key(m)][..., m.place] if m.of == "expval" else found[self._key(m)]
            for m in self._measurements
        ]

    def __call__(self, angles: list[Any]) -> Any:
        """Answer every measurement, in the form of PennyLane."""
        found = self._call(angles)
        return tuple(found) if len(found) > 1 else found[0]
