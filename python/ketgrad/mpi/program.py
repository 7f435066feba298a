"""A program that runs on the processes of MPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad import _core
from ketgrad.mpi._communicators import duplicate, together
from ketgrad.mpi.state import State, _class_of

_Array = npt.NDArray[np.float64]


class Program:
    """A compiled program on the processes of a communicator, for one sample at a time.

    Every process makes the same program and calls the same methods with the same arguments:
    ValueError on all of them where one differs. Its precision is the program's.

    Parameters
    ----------
    program : ketgrad.Program
        What `ketgrad.compile` makes. It is planned anew, for the number of processes.
    comm : mpi4py.MPI.Intracomm, optional
        Of a power of two processes; the world where it is left out. Stays the caller's.
    qubits : sequence of int
        Whose outcomes `probs` are of; all where it is left out.

    Raises
    ------
    ValueError
        For gates that mix more qubits than a process has.

    Examples
    --------
    >>> import ketgrad as kg
    >>> from ketgrad import mpi
    >>> w = kg.Parameter("w")
    >>> program = kg.compile(kg.Circuit(30).rx(w, 29), "Z29")
    >>> ranks = mpi.Program(program)  # doctest: +SKIP
    >>> _, gradient = ranks.vjp([1.0], weights=[0.5])  # doctest: +SKIP

    """

    def __init__(
        self, program: _core.Program, comm: Any = None, *, qubits: Sequence[int] = ()
    ) -> None:
        self._comm = duplicate(comm)
        self.precision = program.precision
        capsule = _core._program_for_ranks(program, list(qubits))
        self._program = _class_of("Program", self.precision)(self._comm, capsule)
        self._n_inputs = len(program.inputs)
        self._n_weights = len(program.weights)

    def state(
        self, inputs: npt.ArrayLike | None = None, weights: npt.ArrayLike | None = None
    ) -> State:
        """Return the final state."""
        state = self._program.run(self._parameters(inputs, weights))
        return State._of(state, self._comm, self.precision)

    def apply(
        self,
        state: State,
        inputs: npt.ArrayLike | None = None,
        weights: npt.ArrayLike | None = None,
    ) -> None:
        """Do the program's gates on a state of the same communicator and precision."""
        self._program.apply(self._parameters(inputs, weights), state._state)

    def expval(
        self, inputs: npt.ArrayLike | None = None, weights: npt.ArrayLike | None = None
    ) -> _Array:
        """Return the observables' expectation values, shape (n_observables,)."""
        return self._values("expval", inputs, weights)

    def variance(
        self, inputs: npt.ArrayLike | None = None, weights: npt.ArrayLike | None = None
    ) -> _Array:
        """Return the observables' variances, shape (n_observables,)."""
        return self._values("variance", inputs, weights)

    def probs(
        self, inputs: npt.ArrayLike | None = None, weights: npt.ArrayLike | None = None
    ) -> _Array:
        """Return the distribution of the program's `qubits`, shape (2^len(qubits),)."""
        return self._values("probs", inputs, weights)

    def vjp(
        self,
        cotangent: npt.ArrayLike,
        inputs: npt.ArrayLike | None = None,
        weights: npt.ArrayLike | None = None,
        of: str = "expval",
        *,
        return_values: bool = False,
    ) -> tuple[_Array, ...]:
        """Return the derivatives of Σ_k cotangent[k] · values[k], as `of` says 'expval' or others.

        By the adjoint method (Jones & Gacon 2020, arXiv:2009.02823), which walks the plan back.

        Returns
        -------
        inputs, weights : ndarray
            Shapes (n_inputs,) and (n_weights,); return_values puts the (n_values,) in front.

        """
        parameters = self._parameters(inputs, weights)
        values, gradient = self._program.vjp(
            of, parameters, np.asarray(cotangent, float), return_values
        )
        split = (gradient[: self._n_inputs], gradient[self._n_inputs :])
        return (values, *split) if return_values else split

    def jacobian(
        self,
        inputs: npt.ArrayLike | None = None,
        weights: npt.ArrayLike | None = None,
        of: str = "expval",
        *,
        return_values: bool = False,
    ) -> tuple[_Array, ...]:
        """Return the derivatives of all values by all parameters, a way back for each value.

        Returns
        -------
        inputs, weights : ndarray
            Shapes (n_values, n_inputs) and (n_values, n_weights); return_values puts the values in
            front, (n_values,).

        """
        values, rows = self._program.jacobian(of, self._parameters(inputs, weights))
        table = rows.reshape(len(values), self._n_inputs + self._n_weights)
        split = (table[:, : self._n_inputs], table[:, self._n_inputs :])
        return (values, *split) if return_values else split

    def _values(
        self, quantity: str, inputs: npt.ArrayLike | None, weights: npt.ArrayLike | None
    ) -> _Array:
        values: _Array = self._program.values(quantity, self._parameters(inputs, weights))
        return values

    def _parameters(self, inputs: npt.ArrayLike | None, weights: npt.ArrayLike | None) -> _Array:
        # One process alone must not raise here, where the others do not: the shapes are checked
        # together.
        parts: list[_Array] = []

        def read() -> None:
            for values, count, name in (
                (inputs, self._n_inputs, "inputs"),
                (weights, self._n_weights, "weights"),
            ):
                array = np.asarray(() if values is None else values, float)
                if array.shape != (count,):
                    message = f"{name} have shape {array.shape}; it must be ({count},)"
                    raise ValueError(message)
                parts.append(array)

        together(self._comm, read)
        return np.concatenate(parts)
