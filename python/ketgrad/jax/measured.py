"""What a program measures, and its derivatives, of whole batches of NumPy arrays.

The one form of a batch here and in `primitives`: inputs of shape (batch, n_inputs), with no columns
where the program has none, and weights of shape (n_weights,) for all samples or (batch, n_weights).
P is the number of parameters, inputs first.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad._layer_rows import LayerRows

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)  # compared by identity, as the keys of compiled functions are
class Measured:
    """A quantity of a program."""

    program: kg.Program
    of: str
    qubits: tuple[int, ...] | None
    handle: Any = None  # of `handlers`, where computations call the program without Python

    is_program = True  # one run computes the Jacobian, too

    @property
    def n_inputs(self) -> int:
        """The number of inputs."""
        return len(self.program.inputs)

    @property
    def n_weights(self) -> int:
        """The number of weights."""
        return len(self.program.weights)

    @property
    def n_parameters(self) -> int:
        """The number of both."""
        return self.n_inputs + self.n_weights

    @property
    def n_values(self) -> int:
        """The number of values of a sample."""
        if self.of == "expval":
            return self.program.n_observables
        return 1 << (self.program.n_qubits if self.qubits is None else len(self.qubits))

    @property
    def _which(self) -> dict[str, Any]:
        return {} if self.qubits is None else {"qubits": self.qubits}

    def values(self, inputs: Array, weights: Array) -> tuple[Array]:
        """Return the values: (batch, n_values)."""
        method = self.program.expval if self.of == "expval" else self.program.probs
        return (method(inputs, weights, **self._which),)

    def forward(self, inputs: Array, weights: Array) -> tuple[Array]:
        """Return the values; of handlers, which hold the states until a vjp() of these rows."""
        return self.values(inputs, weights)

    def vjp(self, inputs: Array, weights: Array, cotangent: Array) -> tuple[Array, Array]:
        """Return the gradients of sum(cotangent * values), in the shapes of inputs and weights."""
        return self.program.vjp(cotangent, inputs, weights, of=self.of, **self._which)

    def jacobian(self, inputs: Array, weights: Array) -> tuple[Array, Array]:
        """Return values and their derivatives by all parameters: (batch, n_values, P)."""
        values, *by_both = self.program.jacobian(
            inputs, weights, of=self.of, return_values=True, **self._which
        )
        return values, np.concatenate(by_both, axis=-1)

    def require_second(self) -> None:
        """Raise NotImplementedError where there are no second derivatives: never."""

    def hessian(self, inputs: Array, weights: Array) -> tuple[Array]:
        """Return their second derivatives: (batch, n_values, P, P)."""
        return (self.program.hessian(inputs, weights, wrt="all", of=self.of, **self._which),)


@dataclass(frozen=True, eq=False)
class MeasuredLayer:
    """The outputs of a layer, whose parameters are the weights, by callbacks."""

    rows: LayerRows
    handle: None = None

    is_program = False

    @property
    def n_inputs(self) -> int:
        """The number of inputs."""
        return self.rows.n_inputs

    @property
    def n_weights(self) -> int:
        """The number of parameters of the layer."""
        return self.rows.n_weights

    @property
    def n_parameters(self) -> int:
        """The number of both."""
        return self.n_inputs + self.n_weights

    @property
    def n_values(self) -> int:
        """The number of outputs."""
        return self.rows.n_values

    def values(self, inputs: Array, weights: Array) -> tuple[Array]:
        """Return the outputs: (batch, n_values)."""
        return (self.rows.values(inputs, weights),)

    def vjp(self, inputs: Array, weights: Array, cotangent: Array) -> tuple[Array, Array]:
        """Return the gradients of sum(cotangent * values), in the shapes of inputs and weights."""
        return self.rows.vjp(cotangent, inputs, weights)

    def jacobian(self, inputs: Array, weights: Array) -> tuple[Array, Array]:
        """Return outputs and their derivatives by all parameters: (batch, n_values, P)."""
        return self.rows.values(inputs, weights), self.rows.jacobian(inputs, weights)

    def require_second(self) -> None:
        """Raise NotImplementedError, naming the layer, where there are no second derivatives."""
        _ = self.rows.curvature

    def hessian(self, inputs: Array, weights: Array) -> tuple[Array]:
        """Return second derivatives of the outputs: (batch, n_values, P, P)."""
        return (self.rows.hessian(inputs, weights),)


AnyMeasured = Measured | MeasuredLayer
