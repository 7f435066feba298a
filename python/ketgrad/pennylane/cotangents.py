"""What vector-Jacobian products are asked for, in the shapes that PennyLane's interfaces have."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.measurements import MeasurementProcess, ProbabilityMP, StateMP
from pennylane.tape import QuantumScript

from ketgrad.pennylane.reading import Floats, Numbers, Read


@dataclass(frozen=True)
class Cotangents:
    """Of each measurement, a row a sample; of several sets, one set after the other."""

    rows: list[Numbers]
    sets: int | None
    """How many products of one circuit; None of one, without an axis for it."""
    apart: bool
    """Whether samples are circuits of their own, whose gradients are not summed."""

    def gradient(self, by_angles: Floats, column: int, given: Read) -> Floats:
        """Give what belongs to a parameter of the rows of gradients."""
        sets = () if self.sets is None else (self.sets,)
        own: Floats = by_angles.reshape(*sets, given.batch or 1, -1)[..., column]
        return own if self.apart or np.ndim(given.angles[column]) else own.sum(-1)


class Gradients(tuple[Any, ...]):
    """Gradients of parameters of unlike shapes, which PennyLane's PyTorch interface squeezes."""

    __slots__ = ()

    def squeeze(self, axis: int | None = None) -> Numbers:  # noqa: ARG002
        """Give what has the shape that the interface asks for: whether there are any."""
        return np.empty(len(self))


def cotangents_of(circuit: QuantumScript, cotangents: Any, given: Read) -> Cotangents:
    """Read what an interface gives.

    Jacobians of JAX ask for several products at once, on a first axis; `jax.vmap` over angles
    has a batch of them, and one cotangent for all, where that is the same.
    """
    each = cotangents if len(circuit.measurements) > 1 else (cotangents,)
    arrays = [
        np.asarray(qml.math.toarray(c), complex if isinstance(mp, StateMP) else float)
        for c, mp in zip(each, circuit.measurements, strict=True)
    ]
    first = circuit.measurements[0]
    n_values = 2 ** (len(first.wires) or len(circuit.wires)) if has_axis(first) else 1
    batch = given.batch or 1
    apart = batch > 1 and arrays[0].size == n_values
    if apart:
        arrays = [np.repeat(array.reshape(1, -1), batch, axis=0) for array in arrays]
    sets = (
        None if apart or arrays[0].ndim <= bool(given.batch) + has_axis(first) else len(arrays[0])
    )
    n = (sets or 1) * batch
    rows = [
        array.reshape((n, -1) if has_axis(mp) else (n,))
        for array, mp in zip(arrays, circuit.measurements, strict=True)
    ]
    return Cotangents(rows, sets, apart)


def has_axis(mp: MeasurementProcess) -> bool:
    """Whether what is measured has an axis: probabilities and amplitudes, no single number."""
    return isinstance(mp, ProbabilityMP | StateMP)
